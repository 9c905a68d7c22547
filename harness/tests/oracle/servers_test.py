# SPDX-License-Identifier: MIT
"""The servers themselves (servers.py): that they are what the other tests take them for. Asked by Python and curl only."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import servers
import sigv4
from support import expect, Scratch


def signed(method, url, service, body=b"", secret=servers.KEY["secret"], **headers):
    """By another program than refold, and than the signer that the servers check with."""
    made = sigv4.headers_for({**servers.KEY, "secret": secret}, servers.REGION, service, method, url, body, **headers)
    return urllib.request.Request(url, data=body or None, method=method, headers=made)


def ask(request):
    """(status, body, headers)"""
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def test_s3_lets_in_what_is_signed_and_nothing_else():
    server = servers.s3()
    server.put("signatures", {"a/%04d" % n: b"x" for n in range(1001)})
    server.put("signatures", {"a+b c/\u00e9~!*'()=.gz": b"odd"})
    odd = server.base + "/signatures/a%2Bb%20c/%C3%A9~%21%2A%27%28%29%3D.gz"
    expect(ask(signed("GET", odd, "s3"))[:2], (200, b"odd"), "an odd key")
    page = server.base + "/signatures?encoding-type=url&list-type=2&prefix=a%2F"
    status, body, _ = ask(signed("GET", page, "s3"))
    expect((status, body.count(b"<Key>")), (200, 1000), "a page")
    token = re.search(b"<NextContinuationToken>(.*?)</", body).group(1).decode()
    status, body, _ = ask(signed("GET", page + "&continuation-token=" + urllib.parse.quote(token, safe=""), "s3"))
    expect((status, re.findall(b"<Key>(.*?)</", body)), (200, [b"a/1000"]), "the next page")
    expect(ask(odd)[0], 403, "no signature")
    before = len(server.refused())
    for what, request, code in (
            ("another secret", signed("GET", odd, "s3", secret="x"), b"SignatureDoesNotMatch"),
            ("another service", signed("GET", odd, "sts"), b"AuthorizationHeaderMalformed"),
            ("an unsigned header", signed("GET", odd, "s3"), b"AccessDenied")):
        if what == "an unsigned header":
            request.add_header("x-amz-request-payer", "requester")
        status, body, _ = ask(request)
        expect((status >= 400, code in body), (True, True), "%s: %d %s" % (what, status, body))
    expect(len(server.refused()) - before, 3, "refusals in the log")
    server.put(servers.OPEN, {"k": b"open"})
    expect(ask(server.base + "/open/k")[:2], (200, b"open"), "a bucket that is open")


def test_dynamodb_lets_in_what_is_signed_and_nothing_else():
    server = servers.dynamodb()

    def call(action, what, **more):
        body = json.dumps(what).encode()
        status, answer, _ = ask(signed("POST", server.base + "/", "dynamodb", body, **more, Content_Type="application/x-amz-json-1.0",
                                       X_Amz_Target="DynamoDB_20120810." + action))
        return status, json.loads(answer)

    name = "table-%d" % os.getpid()
    schema = {"TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
              "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}]}
    expect(call("CreateTable", schema)[0], 200, "a table")
    for _ in range(100):
        if call("DescribeTable", {"TableName": name})[1]["Table"]["TableStatus"] == "ACTIVE":
            break
        time.sleep(0.02)
    item = {"k": {"S": "one"}, "v": {"B": "AAE="}}
    expect(call("PutItem", {"TableName": name, "Item": item})[0], 200, "an item")
    query = {"TableName": name, "KeyConditionExpression": "k = :k", "ExpressionAttributeValues": {":k": {"S": "one"}}}
    expect(call("Query", query)[1]["Items"], [item], "a query")
    expect(call("Query", query, secret="x")[0], 403, "another secret")


def test_nginx_is_a_cdn():
    server, origin = servers.nginx(), servers.s3()
    packed = gzip.compress(b"{}", mtime=0)
    origin.put(servers.OPEN, {"2026/a.gz": packed})
    server.put({"2026/a.gz": packed})
    asked = urllib.request.Request(server.base + "/plain/2026/a.gz", headers={"Range": "bytes=2-5"})
    expect(ask(asked)[:2], (206, packed[2:6]), "a range")
    expect(ask(server.base + "/encoded/2026/a.gz")[2]["Content-Encoding"], "gzip", "passed through")
    expect([ask(server.base + "/cdn/2026/a.gz")[2]["X-Cache"] for _ in range(2)], ["MISS", "HIT"], "cache")
    expect(ask(server.base + "/signed/2026/a.gz?" + server.signature())[:2], (200, packed), "a signed address")
    expect(ask(server.base + "/signed/2026/a.gz?" + server.signature(1000))[0], 403, "one that has expired")
    expect(ask(server.base + "/signed/2026/a.gz")[0], 403, "one that is none")
    status, page, _ = ask(server.base + "/pages/none")
    expect((status, page[:9]), (200, b"<!DOCTYPE"), "a page for an error")
    expect([ask(server.base + at)[0] for at in ("/forbidden/x", "/busy/x", "/plain/none")], [403, 503, 404], "statuses")
    done = subprocess.run(["curl", "-sS", "--http2", "--cacert", server.certificate, "-o", "/dev/null", "-w", "%{http_version}",
                           server.tls_base + "/plain/2026/a.gz"], stdout=subprocess.PIPE, check=True)
    expect(done.stdout, b"2", "HTTP/2 over TLS")


def test_servers_end_with_the_test_however_it_ends():
    servers.s3(), servers.nginx()  # skip where there are none
    for how in ("raise ValueError", "os.kill(os.getpid(), 9)"):
        with Scratch() as scratch:
            code = ("import os, sys\nsys.path.insert(0, %r)\nimport servers\n"
                    "print(servers.s3().process.running.pid, servers.nginx().process.running.pid, flush=True)\n%s\n" % (
                        os.path.dirname(os.path.abspath(__file__)), how))
            done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                                  env={**os.environ, "TMPDIR": scratch})
            expect(done.returncode != 0, True, how)
            for pid in map(int, done.stdout.split()):
                for _ in range(200):
                    try:
                        os.kill(pid, 0)
                    except ProcessLookupError:
                        break
                    time.sleep(0.01)
                else:
                    os.kill(pid, signal.SIGKILL)
                    raise AssertionError("%s: a server is left" % how)
            expect(os.listdir(scratch) == [] or "kill" in how, True, how + ": files are left")

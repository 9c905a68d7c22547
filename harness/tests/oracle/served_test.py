# SPDX-License-Identifier: MIT
"""One history from a folder, from an S3 server that checks signatures, and through nginx as its CDN: the same states, digest
and counts. And what nginx does that a CDN does: caches, signed addresses, pages for errors, TLS with HTTP/2, throttling."""

import json
import os

import servers
from scripted import keys_of, PATIENT, small_history, small_order
from support import \
    aggregate, check_sums, comparable, expect, expect_status, FIXTURES, merged, objects, read_bytes, refold, \
    run_json, Scratch, slow, write_bytes

FILE = aggregate("file")
ORDER = aggregate("order")


def members_of(folder):
    return {os.path.relpath(p, folder): read_bytes(p) for p in objects(folder)}


class Blessed:
    """What a source gives: its goldens, and the report."""

    def __init__(self, scratch, name, plugin, *words, **env):
        golden, report = os.path.join(scratch, name), os.path.join(scratch, name + ".json")
        result = refold("bless", "-q", "-a", plugin, "-g", golden, "-r", "json=" + report, *words, env=env)
        expect_status(result, 0, name)
        self.report = json.loads(read_bytes(report))
        check_sums(self.report, name)
        self.goldens = members_of(golden)
        self.proof = self.report["proof"]

    def expect(self, other, what):
        expect(other.goldens, self.goldens, what + ": states")
        expect(other.proof, self.proof, what + ": digest")
        expect(comparable(other.report, "\0"), comparable(self.report, "\0"), what + ": counts")


def test_odd_keys_are_signed_as_aws_signs_them():
    server = servers.s3()
    keys = ["a b", "a+b", "a%41", "&amp;<b>", "caf\u00e9/\u6d4b\u8bd5", "=(x)!*'~,;:@", "?x=1#y", "\U0001f600", "a=b%2Bc", "."]
    server.put("odd", {"p q/2017/03/01/00/%s.json" % k: small_order(b"o%d" % n, 1) for n, k in enumerate(keys)})
    result = run_json("--no-compare", "-a", ORDER, "s3://odd/p q/", env={**PATIENT, **server.environment()})
    expect_status(result, 0, repr(server.refused()))
    expect((result.report["history"]["folded"], [r for r in server.refused() if "/odd" in r["url"]]), (len(keys), []), "odd keys")
    # And a wrong secret is said once, and not tried again.
    before = len(server.requests())
    result = run_json("--no-compare", "-a", ORDER, "s3://odd/", env={**PATIENT, **server.environment(AWS_SECRET_ACCESS_KEY="wrong")})
    expect_status(result, 4, "a wrong secret")
    expect([r["refused"] for r in server.requests()[before:]], ["SignatureDoesNotMatch"], "requests")
    expect("the signature is not what" in result.stderr and "wrong" not in result.stderr, True, result.stderr)


def check_served(folder, name):
    members = members_of(folder)
    cdn, origin = servers.nginx(), servers.s3()
    origin.put(servers.OPEN, {name + "/" + key: data for key, data in members.items()})
    with Scratch() as scratch:
        wanted = Blessed(scratch, "folder", FILE, folder)
        expect(wanted.report["history"]["events"], 9750, "events")
        # Of the bucket itself each request is signed, and accepted by a server that checks that.
        before = len(origin.requests())
        wanted.expect(Blessed(scratch, "bucket", FILE, "s3://%s/%s/" % (servers.OPEN, name), **origin.environment()), "bucket")
        asked = origin.requests()[before:]
        expect([r for r in asked if r["refused"] or r["status"] != 200], [], "requests that AWS's own signer signs otherwise")
        gets = [r for r in asked if "list-type" not in r["url"]]
        expect((len(gets), len(asked) - len(gets) < 100), (len(members), True), "requests")
        # The CDN asks the bucket for each object once.
        keys = ["--keys", keys_of(scratch, members)]
        for what, base, env in (("first", cdn.base, {}), ("cached", cdn.tls_base, {"SSL_CERT_FILE": cdn.certificate})):
            before = len(cdn.requests())
            wanted.expect(Blessed(scratch, what, FILE, *keys, "%s/cdn/%s/" % (base, name), **env), what)
            asked = cdn.requests()[before:]
            expect((len(asked), {r[4] for r in asked}), (len(members), {"MISS" if what == "first" else "HIT"}), what)
        expect({r[3] for r in asked}, {"HTTP/2.0"}, "protocol over TLS")
        connections = len({r[5] for r in asked})
        expect(connections < 40 + len(members) // 50, True, "%d connections for %d objects" % (connections, len(members)))


def test_a_bucket_and_its_cdn_give_the_history_of_the_folder():
    """One object a month: the same events in fewer requests."""
    check_served(merged("git-zlib-ng"), "months")


@slow
def test_a_bucket_and_its_cdn_give_the_history_of_the_folder_object_by_object():
    check_served(os.path.join(FIXTURES, "git-zlib-ng", "events"), "zlib-ng")


def test_what_a_cdn_does_beside():
    members = small_history()
    victim = sorted(members)[2]
    cdn = servers.nginx()
    cdn.put(members)
    with Scratch() as scratch:
        folder = os.path.join(scratch, "folder")
        for key, data in members.items():
            write_bytes(os.path.join(folder, key), data)
        keys = keys_of(scratch, members)
        wanted = Blessed(scratch, "wanted", ORDER, folder)
        query = "?" + cdn.signature()
        for name, address in (("plain", "plain/"), ("encoded", "encoded/"), ("signed", "signed/" + query),
                              ("throttled", "throttled/"), ("pages", "pages/")):
            wanted.expect(Blessed(scratch, name, ORDER, "--keys", keys, cdn.base + "/" + address), name)
        for address, status, says in (("signed/", 4, "403"), ("signed/?" + cdn.signature(1000), 4, "403"), ("forbidden/", 4, "403"),
                                      ("busy/", 4, "503"), ("plain/none/", 4, "404"), ("pages/none/", 4, "text/html")):
            result = run_json("--no-compare", "-a", ORDER, "--keys", keys, cdn.base + "/" + address, env=PATIENT)
            expect_status(result, status, address)
            expect(says in result.stderr, True, "%s: %s" % (address, result.stderr))
            expect("Signature" in result.stderr, False, "%s: %s" % (address, result.stderr))
        # An object that is away becomes a page with status 200: never the same.
        os.remove(os.path.join(cdn.folder, victim))
        result = run_json("-a", ORDER, "-g", os.path.join(scratch, "wanted"), "--keys", keys, cdn.base + "/pages/", env=PATIENT)
        expect_status(result, 4, "a page for an object")
        expect(victim in result.stderr, True, result.stderr)
        cdn.put(members)

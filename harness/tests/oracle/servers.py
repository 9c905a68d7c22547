# SPDX-License-Identifier: MIT
"""Real servers on loopback, each on a free port: s3rver as S3 and dynalite as DynamoDB (both let in only what AWS's own
signer signs the same way: harness/tests/servers/serve.js), nginx as the CDN.

`s3()`, `dynamodb()` and `nginx(...)` start theirs at the first call in a process and give the same one ever after: a test
takes a bucket, a table or a folder of its own. Where one is not installed the test is skipped (unittest.SkipTest; run.py
counts it and says why). They end with the process that started them, however it ends."""

import atexit
import ctypes
import functools
import json
import multiprocessing.util
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

from support import ROOT, write_bytes

MODULES = os.path.join(ROOT, "build", "test-servers")
PR_SET_PDEATHSIG = 1
REGION = "us-east-1"  # s3rver knows no other
KEY = {"id": "AKIDREFOLDTESTS00001", "secret": "canary/secret+of/the+tests/0123456789abc", "token": ""}
OPEN = "open"  # a bucket that asks for no signature
LINK_SECRET = "canary-of-nginx"


def credentials(endpoint, **more):
    """The environment in which AWS's tools, and refold, find a server's key."""
    return {"AWS_ACCESS_KEY_ID": KEY["id"], "AWS_SECRET_ACCESS_KEY": KEY["secret"], "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", **more}


# ---- processes that never outlive the test ------------------------------------------------------------


def at_end(function):
    """atexit, in a process of a pool too."""
    atexit.register(function)
    multiprocessing.util.Finalize(None, function, exitpriority=1)


class Process:
    """A server's process: killed when this one ends, by exit or in any other way."""

    def __init__(self, command, **keywords):
        # The kernel kills it with the thread that made it.
        assert threading.current_thread() is threading.main_thread(), "servers are started by the main thread"
        libc = ctypes.CDLL(None)
        mother = os.getpid()

        def die_with_mother():
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != mother:
                os._exit(1)

        self.running = subprocess.Popen(command, start_new_session=True, preexec_fn=die_with_mother, **keywords)
        at_end(self.stop)

    def stop(self):
        if self.running.poll() is None:
            os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()


def scratch_folder():
    folder = tempfile.mkdtemp(prefix="refold-servers-")
    mother = os.getpid()
    at_end(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == mother else None)
    return folder


def once_a_process(start):
    """The same server at each call, but in a forked process one of its own; and where it cannot be had, that again."""
    found = {}

    @functools.wraps(start)
    def get():
        mine = os.getpid()
        if mine not in found:
            try:
                found[mine] = start()
            except unittest.SkipTest as skip:
                found[mine] = skip
        if isinstance(found[mine], unittest.SkipTest):
            raise found[mine]
        return found[mine]

    return get


# ---- S3 and DynamoDB ----------------------------------------------------------------------------------


class Checked:
    """A server behind serve.js."""

    def __init__(self, kind):
        if not shutil.which("node"):
            raise unittest.SkipTest("node is not installed")
        if not os.path.exists(os.path.join(MODULES, "installed")):
            raise unittest.SkipTest("s3rver and dynalite are not installed (scripts/setup test-servers)")
        self.scratch = scratch_folder()
        self.log = os.path.join(self.scratch, "log")
        self.folder = os.path.join(self.scratch, "buckets")
        os.mkdir(self.folder)
        places = {"modules": MODULES, "folder": self.folder, "log": self.log, "key": KEY, "region": REGION, "open": OPEN}
        # s3rver makes its continuation tokens with DES, which OpenSSL 3 has among what is old.
        self.process = Process(["node", "--openssl-legacy-provider", os.path.join(ROOT, "harness", "tests", "servers", "serve.js"),
                                kind, json.dumps(places)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=open(os.path.join(self.scratch, "stderr"), "wb"))
        port = self.process.running.stdout.readline().strip()
        if not port:
            with open(os.path.join(self.scratch, "stderr"), encoding="utf-8", errors="replace") as f:
                raise unittest.SkipTest("%s does not start: %s" % (kind, f.read()[-300:].strip().replace("\n", " | ")))
        self.base = "http://127.0.0.1:%d" % int(port)

    def requests(self):
        """[{method, url, status, refused}] of all that it has answered."""
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def refused(self):
        return [r for r in self.requests() if r["refused"]]

    def environment(self, **more):
        return credentials(self.base, **more)


class S3(Checked):
    def __init__(self):
        super().__init__("s3")

    def put(self, bucket, members):
        """key -> bytes, into a bucket that is made where it is not there. As s3rver lies on disk: thousands of PUTs
        would take the tests' time, and prove nothing about refold."""
        os.makedirs(os.path.join(self.folder, bucket), exist_ok=True)
        for key, data in members.items():
            write_bytes(os.path.join(self.folder, bucket, key + "._S3rver_object"), data)

    def remove(self, bucket):
        shutil.rmtree(os.path.join(self.folder, bucket), ignore_errors=True)


@once_a_process
def s3():
    return S3()


@once_a_process
def dynamodb():
    return Checked("dynamodb")


# ---- nginx --------------------------------------------------------------------------------------------

NGINX = """
daemon off;
master_process off;
pid %(scratch)s/pid;
error_log %(scratch)s/error.log;
events { worker_connections 512; }
http {
    log_format plain '$request_method\\t$request_uri\\t$status\\t$server_protocol\\t$upstream_cache_status\\t$connection';
    access_log %(scratch)s/access.log plain;
    client_body_temp_path %(scratch)s/body;
    proxy_temp_path %(scratch)s/proxy;
    fastcgi_temp_path %(scratch)s/fastcgi;
    uwsgi_temp_path %(scratch)s/uwsgi;
    scgi_temp_path %(scratch)s/scgi;
    proxy_cache_path %(scratch)s/cache keys_zone=cdn:1m;
    limit_req_zone $server_name zone=slow:64k rate=50r/s;
    default_type application/octet-stream;
    keepalive_requests 100; # then GOAWAY, or close: as real ones do after some
    sendfile on;
    server {
        listen 127.0.0.1:%(port)d;
        listen 127.0.0.1:%(tls_port)d ssl http2;
        ssl_certificate %(scratch)s/server.crt;
        ssl_certificate_key %(scratch)s/server.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        root %(folder)s;
        location /plain/ { alias %(folder)s/; }
        location /listed/ { alias %(folder)s/; autoindex on; }
        # As CloudFront hands on what S3 has: the objects' own Content-Encoding.
        location /encoded/ { alias %(folder)s/; add_header Content-Encoding gzip; }
        location /signed/ {
            alias %(folder)s/;
            secure_link $arg_Signature,$arg_Expires;
            secure_link_md5 "$secure_link_expires %(secret)s";
            if ($secure_link = "") { return 403; }
            if ($secure_link = "0") { return 403; }
        }
        # A distribution that makes pages of errors.
        location /pages/ { alias %(folder)s/; error_page 403 404 =200 /page.html; }
        location = /page.html { return 200 "<!DOCTYPE html><title>sorry</title>"; }
        location /forbidden/ { return 403; }
        location /busy/ { return 503; }
        location /throttled/ { alias %(folder)s/; limit_req zone=slow burst=20 nodelay; limit_req_status 503; }
        # The CDN in front of a bucket that is open to it.
        location /cdn/ {
            proxy_pass %(origin)s/%(open)s/;
            proxy_cache cdn;
            proxy_cache_valid 200 206 1h;
            proxy_cache_valid any 10s;
            add_header X-Cache $upstream_cache_status;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_certificate(folder, name, san, days=2):
    """A certificate that vouches for itself, with its key: paths of both. Made by openssl; of -1 day it has expired."""
    key, asked, extra, crt = (os.path.join(folder, name + end) for end in (".key", ".csr", ".ext", ".crt"))
    write_bytes(extra, b"subjectAltName=" + san.encode())
    for words in (["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                   "-out", asked, "-subj", "/CN=" + name],
                  ["x509", "-req", "-in", asked, "-signkey", key, "-out", crt, "-extfile", extra, "-days", str(days)]):
        subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return key, crt


def tls_context(key, crt):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(crt, key)
    return context


class Nginx:
    """Serves `folder` below /plain/, /encoded/, /signed/, /pages/, /throttled/, and an origin's open bucket below /cdn/."""

    def __init__(self, origin="http://127.0.0.1:9"):
        binary = shutil.which("nginx") or (os.path.exists("/usr/sbin/nginx") and "/usr/sbin/nginx")
        if not binary:
            raise unittest.SkipTest("nginx is not installed (scripts/setup test-servers)")
        self.scratch, self.marks = scratch_folder(), 0
        self.folder = os.path.join(self.scratch, "objects")
        os.mkdir(self.folder)
        os.chmod(self.scratch, 0o755)
        self.port, self.tls_port = free_port(), free_port()
        self.base, self.tls_base = "http://127.0.0.1:%d" % self.port, "https://127.0.0.1:%d" % self.tls_port
        _, self.certificate = make_certificate(self.scratch, "server", "IP:127.0.0.1")
        config = os.path.join(self.scratch, "nginx.conf")
        write_bytes(config, (NGINX % {
            "scratch": self.scratch, "port": self.port, "tls_port": self.tls_port, "folder": self.folder, "origin": origin,
            "open": OPEN, "secret": LINK_SECRET}).encode())
        self.process = Process([binary, "-p", self.scratch, "-e", os.path.join(self.scratch, "error.log"), "-c", config],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait()

    def wait(self):
        for _ in range(500):
            if self.process.running.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.01)
        self.process.stop()
        with open(os.path.join(self.scratch, "error.log"), encoding="utf-8") as f:
            raise unittest.SkipTest("nginx does not start: " + f.read()[-300:].strip().replace("\n", " | "))

    def put(self, members):
        """key -> bytes"""
        for key, data in members.items():
            write_bytes(os.path.join(self.folder, key), data)

    def requests(self):
        """[(method, address, status, protocol, cache status, number of the connection)] of all that it has answered."""
        self.marks += 1
        mark = "/page.html?mark=%d" % self.marks
        urllib.request.urlopen(self.base + mark, timeout=10).read()
        while True:  # it logs behind its answers, in their order
            with open(os.path.join(self.scratch, "access.log"), encoding="utf-8") as f:
                lines = [tuple(line.rstrip("\n").split("\t")) for line in f if line.endswith("\n")]
            if any(line[1] == mark for line in lines):
                return [line for line in lines if not line[1].startswith("/page.html?mark=")]
            time.sleep(0.01)

    def signature(self, expires=4102444800):
        """A query that /signed/ lets in, by the rule of nginx's secure_link."""
        made = subprocess.run(["openssl", "md5", "-binary"], input=b"%d %s" % (expires, LINK_SECRET.encode()), check=True,
                              stdout=subprocess.PIPE).stdout
        text = subprocess.run(["openssl", "base64"], input=made, check=True, stdout=subprocess.PIPE).stdout.decode().strip()
        return "Expires=%d&Signature=%s" % (expires, text.replace("+", "-").replace("/", "_").rstrip("="))


@once_a_process
def nginx():
    """In front of s3(), where there is one."""
    try:
        return Nginx(s3().base)
    except unittest.SkipTest:
        return Nginx()

# SPDX-License-Identifier: MIT
"""AWS as far as refold's signing and credentials are concerned: Signature Version 4 from its description, and a server
that does what a script says. It shares nothing with refold."""

import hashlib
import hmac
import http.server
import threading
import urllib.parse

# What servers in between change is not signed.
UNSIGNED = {"authorization", "user-agent", "accept-encoding", "connection", "expect", "te", "transfer-encoding",
            "x-amzn-trace-id", "accept", "content-length"}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def quote(data, keep=""):
    return urllib.parse.quote(data, safe=keep + "-._~")


def canonical_path(path, service):
    """Both as bytes of the address; S3's is encoded once and not normalised."""
    if service == "s3":
        return quote(urllib.parse.unquote_to_bytes(path), "/") or "/"
    kept = []
    for step in path.split(b"/"):
        if step == b"..":
            kept = kept[:-1]
        elif step not in (b"", b"."):
            kept.append(step)
    ends = path.endswith(b"/") or path.rsplit(b"/", 1)[-1] in (b".", b"..")
    return quote(b"/" + b"/".join(kept) + (b"/" if ends and kept else b""), "/")


def canonical_query(query):
    pairs = []
    for part in query.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            pairs.append((quote(urllib.parse.unquote_to_bytes(name)), quote(urllib.parse.unquote_to_bytes(value))))
    return "&".join("%s=%s" % pair for pair in sorted(pairs))


def canonical(method, path, query, headers, names, body, service):
    """The canonical request; headers by lower-case name, as they arrived."""
    lines = [method, canonical_path(path, service), canonical_query(query)]
    lines += ["%s:%s" % (name, " ".join(headers[name].replace("\t", " ").split())) for name in names]
    return "\n".join(lines + ["", ";".join(names), sha256(body)])


def signature(secret, text, stamp, region, service):
    """@text  the canonical request"""
    scope = "%s/%s/%s/aws4_request" % (stamp[:8], region, service)
    key = ("AWS4" + secret).encode()
    for step in scope.split("/"):
        key = hmac.digest(key, step.encode(), "sha256")
    string = "AWS4-HMAC-SHA256\n%s\n%s\n%s" % (stamp, scope, sha256(text.encode("utf-8", "surrogateescape")))
    return hmac.new(key, string.encode(), "sha256").hexdigest()


class Request:
    """What arrived."""

    def __init__(self, handler):
        self.method = handler.command
        self.target = handler.path
        path, _, query = handler.path.partition("?")
        self.path, self.query = path, query
        self.headers = {}
        for name, value in handler.headers.items():
            self.headers.setdefault(name.lower(), value)
        self.body = handler.rfile.read(int(self.headers.get("content-length", 0)))
        self.form = dict(urllib.parse.parse_qsl(self.body.decode("latin-1")))

    def scope(self):
        """Key id, day, region, service of what is signed; None: it is not."""
        header = self.headers.get("authorization", "")
        if not header.startswith("AWS4-HMAC-SHA256 Credential="):
            return None
        return header.split("Credential=")[1].split(",")[0].split("/")[:4]

    def canonical(self):
        names = self.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        service = self.scope()[3]
        return canonical(self.method, self.path.encode("latin-1"), self.query.encode("latin-1"), self.headers, names,
                         self.body, service)

    def is_signed_by(self, secret):
        scope = self.scope()
        if scope is None or "x-amz-date" not in self.headers:
            return False
        wanted = signature(secret, self.canonical(), self.headers["x-amz-date"], scope[2], scope[3])
        names = self.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        must = {"host", "x-amz-date"} | {n for n in self.headers if n.startswith("x-amz-")}
        if scope[3] == "s3" and self.headers.get("x-amz-content-sha256") != sha256(self.body):
            return False
        return must <= set(names) and self.headers["authorization"].endswith("Signature=" + wanted)


class Server:
    """Answers as `script(request)` says: (status, headers, body); None: as one that is not there. Remembers all."""

    def __init__(self, script):
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                request = Request(self)
                outer.requests.append(request)
                status, headers, body = script(request) or (404, {}, b"")
                body = body.encode() if isinstance(body, str) else body
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Date" not in headers:
                    self.send_header("Date", self.date_time_string())
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_POST = answer

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.handle_error = lambda *_: None  # who asked has gone
        self.url = "http://127.0.0.1:%d" % self.http.server_port

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

# SPDX-License-Identifier: MIT
"""A server that does what a test tells it: it serves objects, as a plain base or as S3 does, and in their place whatever can
go wrong on a network. It runs within the test (asyncio in a thread), so it ends with it.

A fault is `async def fault(answer, data)`: `answer` is the request and the connection, `data` the object's bytes, None where
there is none. The functions below make them."""

import asyncio
import bisect
import collections
import datetime
import gzip
import hashlib
import os
import re
import socket
import struct
import threading
import urllib.parse
import xml.sax.saxutils

import sigv4
from support import write_bytes

PATIENT = {"REFOLD_PATIENCE": "0.02"}  # a factor on all of refold's waits
STALL_SECONDS = 20
DAY = "Wed, 01 Mar 2017 00:00:00 GMT"


class Answer:
    """To one request."""

    def __init__(self, server, method, path, headers, writer):
        self.server, self.method, self.path, self.headers, self.writer = server, method, path, headers, writer
        self.close = False

    def head(self, status, length=None, **headers):
        """@length  of the body, or None: says nothing of it"""
        lines = ["HTTP/1.1 %d Said" % status]
        if length is not None:
            lines.append("Content-Length: %d" % length)
        lines += ["%s: %s" % (name.replace("_", "-"), value) for name, value in headers.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def whole(self, data, status=200, **headers):
        if data is None:
            data, status = b"<Error>no such key</Error>", 404
        self.head(status, len(data), **headers)
        await self.send(b"" if status in (204, 304) else data)

    async def ranged(self, data, **headers):
        """What is asked for of it, as a server does that can."""
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        at = int(found.group(1)) if found else 0
        if found and self.headers.get("If-Range", headers.get("ETag")) == headers.get("ETag") and at < len(data):
            await self.whole(data[at:], 206, Content_Range="bytes %d-%d/%d" % (at, len(data) - 1, len(data)), **headers)
        else:
            await self.whole(data, **headers)

    def reset(self):
        """As a crash of the server does: with RST."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        self.close = True


class Server:
    """Serves path -> bytes; `faults` has for a path a list of faults, one for each request, the last one for all further
    ones. `every(answer)` gives a fault for any request, or None. @delay  seconds in front of each answer"""

    def __init__(self, members, faults=None, tls=None, delay=0, every=None):
        self.members, self.faults, self.delay, self.every = members, faults or {}, delay, every
        self.requests, self.connections, self.seen, self.problems = [], 0, collections.Counter(), []
        self.loop, self.tasks = asyncio.new_event_loop(), set()
        self.http = self.loop.run_until_complete(asyncio.start_server(self.connected, "127.0.0.1", 0, ssl=tls, backlog=512))
        self.port = self.http.sockets[0].getsockname()[1]
        self.base = "%s://127.0.0.1:%d" % ("https" if tls else "http", self.port)
        self.loop.set_exception_handler(lambda *_: None)  # connections that break are what this is for

    def __enter__(self):
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        asyncio.run_coroutine_threadsafe(self.end(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        if self.problems and kind is None:
            raise self.problems[0]

    async def end(self):
        self.http.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def count(self, path):
        return self.seen[path]

    async def connected(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        self.connections += 1
        try:
            while await self.one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        except Exception as problem:  # of the test's own
            self.problems.append(problem)
        finally:
            self.tasks.discard(task)
            writer.close()

    async def one(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        await reader.readexactly(int(headers.get("Content-Length", 0)))
        self.requests.append((path, headers))
        self.seen[path] += 1
        answer = Answer(self, method, path, headers, writer)
        if self.delay:
            await asyncio.sleep(self.delay)
        await self.respond(answer)
        await writer.drain()
        return not answer.close

    def fault_for(self, answer):
        faults = self.faults.get(answer.path)
        if faults:
            return faults[min(self.seen[answer.path], len(faults)) - 1]
        return self.every(answer) if self.every else None

    async def respond(self, answer):
        await (self.fault_for(answer) or whole)(answer, self.members.get(answer.path))


# ---- faults -------------------------------------------------------------------------------------------


async def whole(answer, data):
    await answer.whole(data)


async def tagged(answer, data):
    """As a server does that knows its objects."""
    await answer.ranged(data, ETag=etag_of(data))


def with_headers(**headers):
    async def send(answer, data):
        await answer.whole(data, **headers)
    return send


def body_of(body, status=200, **headers):
    async def send(answer, data):
        await answer.whole(body(data) if callable(body) else body, status, **headers)
    return send


def status_of(status, **headers):
    return body_of(b"<html>an error page</html>", status, **headers)


def s3_error(status, code, **headers):
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>%s</Code><Message>so it was scripted</Message>' \
           '<RequestId>R1</RequestId></Error>' % code
    return body_of(text.encode(), status, Content_Type="application/xml", **headers)


def part(data_bytes, length=None, pause=0, **headers):
    """Sends this many bytes under a Content-Length of `length` (None: all; "none": no such header), then hangs up, `pause`
    seconds later."""
    async def send(answer, data):
        answer.head(200, None if length == "none" else len(data) if length is None else length, **headers)
        await answer.send(data[:data_bytes])
        await asyncio.sleep(pause)
        answer.close = True
    return send


def reset_at(data_bytes, **headers):
    """Breaks the connection with RST behind this many bytes, which have been sent."""
    async def send(answer, data):
        answer.head(200, len(data), **headers)
        await answer.send(data[:data_bytes])
        await asyncio.sleep(0.02)  # what is not read yet is lost with the RST, and so it may be
        answer.reset()
    return send


async def reset(answer, _):
    answer.reset()


async def close(answer, _):
    answer.close = True


def chunked(end=True, **headers):
    async def send(answer, data):
        answer.head(200, None, Transfer_Encoding="chunked", **headers)
        for at in range(0, len(data), 50):
            piece = data[at:at + 50]
            answer.writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        await answer.send(b"0\r\n\r\n" if end else b"")
        answer.close = not end
    return send


def stall_at(data_bytes, **headers):
    async def send(answer, data):
        answer.head(200, len(data), **headers)
        await answer.send(data[:data_bytes])
        await asyncio.sleep(STALL_SECONDS)
        answer.close = True
    return send


stall = stall_at(10, ETag='"1"')


async def silence(answer, _):
    """No answer at all."""
    await asyncio.sleep(STALL_SECONDS)
    answer.close = True


def redirect(location, status=302):
    return status_of(status, Location=location)


# ---- S3 -----------------------------------------------------------------------------------------------


def etag_of(data):
    return '"%s"' % hashlib.md5(data).hexdigest()


class Keys:
    """A bucket's keys in S3's order, as a list that may be made up: `bytes_of(n)` and len() are all that is wanted."""

    def __init__(self, members):
        self.members = members
        self.sorted = sorted(members, key=lambda k: k.encode())

    def __len__(self):
        return len(self.sorted)

    def __getitem__(self, n):
        return self.sorted[n]

    def size_and_etag(self, key):
        if key not in self.members:  # a page that was changed
            return 1, '"0"'
        return len(self.members[key]), etag_of(self.members[key])

    def position(self, key, behind=False):
        """Of the first key that is not before this one."""
        find = bisect.bisect_right if behind else bisect.bisect_left
        return find(self, key.encode(), key=lambda k: k.encode())


class Page:
    """Of a listing, as it is about to be sent; a test changes it."""

    def __init__(self, keys, prefixes, token, prefix, is_encoded):
        self.keys, self.prefixes, self.next, self.prefix, self.is_encoded = keys, prefixes, token, prefix, is_encoded
        self.is_truncated = token is not None
        self.extra = ""

    def text(self, about):
        def shown(text):
            return xml.sax.saxutils.escape(urllib.parse.quote(text, safe="/-_.~") if self.is_encoded else text)

        out = ['<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
               "<Name>history</Name><Prefix>%s</Prefix><KeyCount>%d</KeyCount><MaxKeys>1000</MaxKeys>" % (
                   shown(self.prefix), len(self.keys) + len(self.prefixes))]
        if self.is_encoded:
            out.append("<EncodingType>url</EncodingType>")
        out.append("<IsTruncated>%s</IsTruncated>" % ("true" if self.is_truncated else "false"))
        if self.next is not None:
            out.append("<NextContinuationToken>%s</NextContinuationToken>" % xml.sax.saxutils.escape(self.next))
        for key in self.keys:
            size, etag = about(key)
            out.append("<Contents><Key>%s</Key><LastModified>2017-03-01T00:00:00.000Z</LastModified><ETag>%s</ETag>"
                       "<Size>%d</Size><StorageClass>STANDARD</StorageClass></Contents>" % (
                           shown(key), etag.replace('"', "&quot;"), size))
        out += ["<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>" % shown(p) for p in self.prefixes]
        return ("".join(out) + self.extra + "</ListBucketResult>").encode()


class Bucket(Server):
    """A bucket `history`, path style, that lets in only what is signed with its key.

    Faults are by key; `on_page(answer, page)` may change a page of the listing, `on_list(answer)` gives a fault in place
    of one, or None; `about(key)` is the size and ETag that are listed."""

    KEY = {"id": "AKIDSCRIPTED00000001", "secret": "canary/of+the/scripted=server/0123456789", "token": ""}
    REGION = "eu-central-1"

    def __init__(self, members, faults=None, on_page=None, on_list=None, about=None, keys=None, max_keys=1000, **more):
        super().__init__(members, {"/history/" + sigv4.encoded(k, "/"): f for k, f in (faults or {}).items()}, **more)
        self.keys = Keys(members) if keys is None else keys
        self.on_page, self.on_list, self.max_keys = on_page, on_list, max_keys
        self.about = about or self.keys.size_and_etag
        self.refused, self.listed, self.told = [], [], []  # requests, listings' queries, keys that these told

    def environment(self, **more):
        return {"AWS_ACCESS_KEY_ID": self.KEY["id"], "AWS_SECRET_ACCESS_KEY": self.KEY["secret"], "AWS_REGION": self.REGION,
                "AWS_ENDPOINT_URL_S3": self.base, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", **more}

    def gets(self):
        """Paths of the requests for objects."""
        return [path for path, _ in self.requests if path.startswith("/history/") and not path.startswith("/history/?")]

    async def respond(self, answer):
        lower = {name.lower(): value for name, value in answer.headers.items()}
        refusal = sigv4.refusal(self.KEY, self.REGION, "s3", answer.method, answer.path, lower)
        if refusal:
            self.refused.append((answer.path, *refusal))
            await s3_error(*refusal)(answer, None)
            return
        path, query = sigv4.split(answer.path)
        if path in ("/history", "/history/"):
            await self.list(answer, dict(query))
        else:
            await self.get(answer, urllib.parse.unquote(path[len("/history/"):]), lower)

    async def get(self, answer, key, headers):
        data = self.members.get(key)
        fault = self.fault_for(answer)
        if fault:
            await fault(answer, data)
        elif data is None:
            await s3_error(404, "NoSuchKey")(answer, None)
        elif headers.get("if-match", etag_of(data)) != etag_of(data):
            await s3_error(412, "PreconditionFailed")(answer, None)
        else:
            await answer.ranged(data, ETag=etag_of(data), Last_Modified=DAY)

    async def list(self, answer, query):
        self.listed.append(query)
        fault = self.on_list and self.on_list(answer)
        if fault:
            await fault(answer, None)
            return
        if query.get("list-type") != "2":
            await s3_error(400, "InvalidArgument")(answer, None)
            return
        page = self.page(query)
        if self.on_page:
            self.on_page(answer, page)
        self.told += page.keys
        await answer.whole(page.text(self.about), Content_Type="application/xml", Date=now())

    def page(self, query):
        prefix, delimiter, token = query.get("prefix", ""), query.get("delimiter", ""), query.get("continuation-token")
        at = self.keys.position(prefix)
        if token is not None:
            at = max(at, self.keys.position(bytes.fromhex(token[3:-2]).decode()))
        elif "start-after" in query:
            at = max(at, self.keys.position(query["start-after"], behind=True))
        most = min(int(query.get("max-keys", 1000)), self.max_keys)
        keys, prefixes = [], []
        while at < len(self.keys) and self.keys[at].startswith(prefix):
            if len(keys) + len(prefixes) == most:
                return Page(keys, prefixes, token_of(self.keys[at]), prefix, query.get("encoding-type") == "url")
            key = self.keys[at]
            end = key.find(delimiter, len(prefix)) if delimiter else -1
            if end < 0:
                keys.append(key)
                at += 1
            else:
                prefixes.append(key[:end + len(delimiter)])
                at = self.keys.position(prefixes[-1][:-1] + chr(ord(prefixes[-1][-1]) + 1))
        return Page(keys, prefixes, None, prefix, query.get("encoding-type") == "url")


def token_of(key):
    """Of the page that begins here. Opaque to refold, with characters that are to be encoded."""
    return "at+%s/=" % key.encode().hex()


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")


# ---- what tests serve ---------------------------------------------------------------------------------


def small_order(identity, versions):
    out = b'{"t":"OrderCreated","d":{"ID":"%s","Version":1,"At":"2017-03-01T00:00:00Z"}}\n' % identity
    for version in range(2, versions + 1):
        out += b'{"t":"OrderItemAdded","d":{"ID":"%s","Version":%d,"At":"2017-03-01T00:00:%02dZ","Qty":%d,' \
               b'"PriceCents":7}}\n' % (identity, version, version, version)
    return out


def small_history(packed=True):
    """key -> bytes of six objects in two days, one order each."""
    found = {}
    for n in range(6):
        day, hour = 1 + n // 3, n % 3
        key = "2017/03/%02d/%02d/orders-1-2017-03-%02d-%02d-00-00-00000000-0000-4000-8000-%012d" % (
            day, hour, day, hour, n)
        text = small_order(b"o%d" % n, 3)
        found[key + (".gz" if packed else "")] = gzip.compress(text, mtime=0) if packed else text
    return found


def keys_of(folder, members):
    path = os.path.join(folder, "keys")
    write_bytes(path, b"".join(os.fsencode(k) + b"\n" for k in members))
    return path


def serve(members, prefix="/p/", **keywords):
    return Server({prefix + k: v for k, v in members.items()}, **keywords)

# SPDX-License-Identifier: MIT
"""Signing and credentials at AWS, held against Signature Version 4 written anew (aws_model.py) and against servers that
answer as AWS's do, or do not."""

import datetime
import json
import os
import random
import subprocess
import time

import aws_model
from support import BUILD, ROOT, Scratch

TOOL = os.path.join(BUILD, "tests", "aws_tool")
CANARY = "CanarySecret"


# ---- signatures --------------------------------------------------------------------------------------------------------

def hexed(data):
    data = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    return data.hex() or "-"


class Case:
    """A random request: keys and queries with odd bytes, encoded or as they are."""

    # No address holds these as they are: they end it, or one of its parts.
    RAW = bytes(set(range(1, 256)) - set(b"?#&= \n\r\t%"))

    def __init__(self, chance):
        self.method = chance.choice(["GET", "GET", "PUT", "POST"])
        self.service = chance.choice(["s3", "s3", "dynamodb", "service"])
        self.host = chance.choice(["h", "b.s3.eu-west-1.amazonaws.com", "127.0.0.1:9000", "[::1]:8080", "UPPER.example:443"])
        steps = [self.piece(chance) for _ in range(chance.randrange(5))]
        self.path = b"".join(b"/" + step for step in steps) + chance.choice([b"", b"/"])
        parts = []
        for _ in range(chance.choice([0, 0, 1, 2, 5])):
            name = self.piece(chance) or b"n"
            parts.append(chance.choice([name, name + b"=" + self.piece(chance), name + b"=", name + b"=a=b"]))
        parts += parts[:1] if chance.random() < 0.2 else []
        chance.shuffle(parts)
        self.query = b"&".join(parts) + chance.choice([b"", b"", b"&"])
        self.body = chance.choice(["", "", "{}", "Welcome to Amazon S3.", "a=%20&b"])
        self.id = "AKIDEXAMPLE"
        self.secret = "".join(chance.choice("abcXYZ019/+=") for _ in range(chance.choice([1, 40, 100])))
        self.token = chance.choice(["", "", "FwoGZXIvYXdzE//+=" * chance.randrange(1, 60)])
        self.region = chance.choice(["us-east-1", "eu-west-1", "r"])
        self.time = chance.randrange(0, 4102444800)
        self.headers = {}
        for name in chance.sample(["Range", "If-Match", "X-Amz-Meta-A", "x-amz-meta", "content-type", "User-Agent", "a-b", "a"],
                                  chance.randrange(5)):
            self.headers[name] = chance.choice(["v", " v  w ", '"q  r"', "", "bytes=0-9", "é\udc80".encode(
                "utf-8", "surrogateescape").decode("utf-8", "surrogateescape")])

    def piece(self, chance):
        out = b""
        for _ in range(chance.choice([0, 1, 3, 9])):
            kind = chance.randrange(8)
            if kind < 2:
                out += b"%%%02x" % chance.randrange(256)
            elif kind == 2:
                out += b"%%%02X" % chance.randrange(256)
            elif kind == 3:
                out += bytes([chance.choice(self.RAW)]).replace(b"/", b"+")
            elif kind == 4:
                out += chance.choice([b"%", b"%2", b"%zz", b"%%41", b"..", b".", b"+", b"~", b"*", b"'", b"\xe1\x88\xb4"])
            else:
                out += bytes([chance.choice(b"abzAZ09-_.~")])
        return out

    @property
    def scheme(self):
        return "http" if "127.0.0.1" in self.host or "::1" in self.host else "https"

    def line(self):
        url = (self.scheme + "://" + self.host).encode() + self.path + (b"?" + self.query if self.query else b"")
        fields = [self.method, url, self.region, self.service, self.id, self.secret, self.token, str(self.time), self.body]
        for name, value in self.headers.items():
            fields += [name, value]
        return " ".join(map(hexed, fields))

    def wanted(self):
        stamp = datetime.datetime.fromtimestamp(self.time, datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        host = self.host[:-4] if self.scheme == "https" and self.host.endswith(":443") else self.host
        headers = {name.lower(): value for name, value in self.headers.items() if name.lower() not in aws_model.UNSIGNED}
        headers.update({"host": host, "x-amz-date": stamp})
        if self.service == "s3":
            headers["x-amz-content-sha256"] = aws_model.sha256(self.body.encode())
        if self.token:
            headers["x-amz-security-token"] = self.token
        names = sorted(headers)
        text = aws_model.canonical(self.method, self.path, self.query, headers, names, self.body.encode(), self.service)
        return "AWS4-HMAC-SHA256 Credential=%s/%s/%s/%s/aws4_request, SignedHeaders=%s, Signature=%s" % (
            self.id, stamp[:8], self.region, self.service, ";".join(names),
            aws_model.signature(self.secret, text, stamp, self.region, self.service))


def test_signatures_are_those_of_another_signer():
    chance = random.Random(4711)
    cases = [Case(chance) for _ in range(5000)]
    done = subprocess.run([TOOL, "sign"], input="\n".join(case.line() for case in cases).encode(), stdout=subprocess.PIPE,
                          check=True)
    lines = done.stdout.split(b"\n")[:-1]
    assert len(lines) == len(cases)
    for case, line in zip(cases, lines):
        url, header = line.split(b"\t")
        assert header.decode() == case.wanted(), (case.line(), header, case.wanted())
        # What is sent is what was signed: its query is canonical already, and S3's path.
        path, _, query = url.split(b"://", 1)[1].partition(b"?")
        assert query.decode() == aws_model.canonical_query(case.query), (case.line(), url)
        if case.service == "s3":
            path = path[len(case.host):]
            assert path.decode() == aws_model.canonical_path(case.path, "s3"), (case.line(), url)


def test_the_model_makes_the_published_signatures():
    """The oracle itself: the examples of S3's documentation and of AWS's test suite."""
    text = aws_model.canonical("GET", b"/test.txt", b"", {
        "host": "examplebucket.s3.amazonaws.com", "range": "bytes=0-9", "x-amz-content-sha256": aws_model.sha256(b""),
        "x-amz-date": "20130524T000000Z"}, ["host", "range", "x-amz-content-sha256", "x-amz-date"], b"", "s3")
    assert aws_model.sha256(text.encode()) == "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972"
    assert aws_model.signature("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", text, "20130524T000000Z", "us-east-1", "s3") == \
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    text = aws_model.canonical("GET", b"/example/..", b"", {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"},
                               ["host", "x-amz-date"], b"", "service")
    assert aws_model.signature("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", text, "20150830T123600Z", "us-east-1",
                               "service") == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"

# SPDX-License-Identifier: MIT
"""Signing and credentials at AWS, held against Signature Version 4 written anew (aws_model.py) and against servers that
answer as AWS's do, or do not."""

import datetime
import hashlib
import json
import os
import random
import subprocess
import threading
import time

import aws_model
from support import BUILD, ROOT, Scratch, lines_of, refold

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
        headers.update({"host": host.lower(), "x-amz-date": stamp})
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


# ---- credentials -------------------------------------------------------------------------------------------------------

class Home:
    """A home of its own, and refold's part that looks for credentials there. Whatever is a secret in these tests has CANARY
    in it, and is printed nowhere."""

    def __init__(self, folder, config="", credentials=""):
        self.folder = folder
        os.makedirs(os.path.join(folder, ".aws", "sso", "cache"), exist_ok=True)
        self.write(".aws/config", config)
        self.write(".aws/credentials", credentials)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(text)
        return path

    def tool(self, *arguments, env=None):
        """The exit status, and all that was printed."""
        whole = {"PATH": os.environ["PATH"], "HOME": self.folder, "AWS_EC2_METADATA_DISABLED": "true"}
        whole.update(env or {})
        done = subprocess.run([TOOL, *arguments], env=whole, cwd=self.folder, stdin=subprocess.DEVNULL, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        text = done.stdout.decode("utf-8")
        assert CANARY not in text, text
        return done.returncode, text

    def key(self, *arguments, env=None):
        """What was found: a dict of from, id, secret, token, expires."""
        status, text = self.tool("key", *arguments, env=env)
        assert status == 0, (status, text)
        return dict(line.split(" ", 1) for line in text.splitlines())

    def fails(self, wanted, *arguments, status=2, env=None):
        got, text = self.tool("key", *arguments, env=env)
        assert got == status and wanted in text, (got, text, wanted)
        assert len(text.splitlines()) == 1, text
        return text


def shown(secret):
    return aws_model.sha256(secret.encode())[:16]


def keys(name, token=None):
    """Variables with a key."""
    env = {"AWS_ACCESS_KEY_ID": "AK" + name, "AWS_SECRET_ACCESS_KEY": CANARY + name}
    return {**env, "AWS_SESSION_TOKEN": CANARY + token} if token else env


def key_json(name, token="t", expires="2099-01-01T00:00:00Z", **more):
    return json.dumps({"AccessKeyId": "AK" + name, "SecretAccessKey": CANARY + name, "Token": CANARY + token,
                       "Expiration": expires, **more})


def section(name):
    return "aws_access_key_id = AK%s\naws_secret_access_key = %s\n" % (name, CANARY + name)


def test_the_order_of_places():
    both = "[default]\n" + section("default") + "[one]\n" + section("one") + "aws_session_token=%s\n" % (CANARY + "session")
    with Scratch() as folder:
        home = Home(folder, "[profile two]\n" + section("two") + "[one]\n" + section("bare"), both)
        assert home.key()["id"] == "AKdefault"
        found = home.key(env=keys("env", "token"))
        assert (found["id"], found["secret"], found["token"]) == ("AKenv", shown(CANARY + "env"), shown(CANARY + "token"))
        assert found["from"] == "the environment (AWS_ACCESS_KEY_ID)"
        assert home.key(env={**keys("env"), "AWS_PROFILE": "one"})["id"] == "AKenv", "the environment's key goes first"
        found = home.key("one", env=keys("env"))
        assert found["id"] == "AKone" and found["from"] == "profile 'one'", "but --profile means that one"
        assert found["token"] == shown(CANARY + "session")
        assert home.key(env={"AWS_PROFILE": "two"})["secret"] == shown(CANARY + "two")
        assert home.key(env={"AWS_DEFAULT_PROFILE": "two"})["id"] == "AKtwo"
        assert home.key("two", env={"AWS_PROFILE": "one"})["id"] == "AKtwo"
        other = home.write("other", "[default]\n" + section("other"))
        assert home.key(env={"AWS_SHARED_CREDENTIALS_FILE": other})["id"] == "AKother"
        assert home.key(env={"AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_CONFIG_FILE": other})["id"] == "AKother"
        home.fails("there are none", env={"AWS_SHARED_CREDENTIALS_FILE": "/dev/null"})
        home.fails("there are none", env={"AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_ACCESS_KEY_ID": ""})
        home.fails("there are none", env={"HOME": ""})


def test_files_as_aws_reads_them():
    config = ("\ufeff# c\r\n; c\r\n[default]\r\n\r\nREGION=eu-west-1\r\naws_access_key_id=AKx  # why\r\n"
              "aws_secret_access_key\t=\t" + CANARY + "x#y\r\n[ profile \"with blank\" ]\r\n"
              + section("blank").replace("\n", "\r\n") + "[plugins]\r\nanything at all\r\n[services s]\r\ns3 =\r\n  endpoint_url = u\r\n")
    with Scratch() as folder:
        home = Home(folder, config)
        found = home.key()
        assert found["id"] == "AKx" and found["secret"] == shown(CANARY + "x#y")
        assert home.key("with blank")["id"] == "AKblank"
        home.fails("there is no profile 's'", "s")
        for text, wanted in (("[default\n", "line 1: a section's name ends in ]"),
                             ("\n[default]\n%s\n" % CANARY, "line 3: is neither [section] nor key = value"),
                             ("[default]\n=%s\n" % CANARY, "line 2: is neither"),
                             ("aws_secret_access_key=%s" % CANARY, "line 1: a setting stands in front of the first [section]"),
                             ("[default]\naws_secret_access_key=%s\0\n" % CANARY, "line 2: holds a NUL byte")):
            home.write(".aws/config", text)
            assert os.path.join(folder, ".aws/config") in home.fails(wanted)
            home.fails(wanted, env={"AWS_CONFIG_FILE": ".aws/config"})
        home.write(".aws/config", "#" * (5 << 20))
        home.fails("is no file of AWS profiles: it has more than 4096 KiB")
        os.unlink(os.path.join(folder, ".aws/config"))
        os.mkdir(os.path.join(folder, ".aws/config"))
        home.fails(".aws/config")


def test_what_is_named_and_broken_is_said():
    with Scratch() as folder:
        home = Home(folder, "[profile half]\naws_access_key_id=AK\n[profile none]\nregion=eu-west-1\n"
                            "[profile role]\nrole_arn=arn\nsource_profile=default\n[profile machine]\nrole_arn=arn\n"
                            "credential_source=Ec2InstanceMetadata\n[profile login]\nlogin_session=arn\n"
                            "[profile web]\nweb_identity_token_file=t\n", "[default]\n" + section("default"))
        home.fails("has aws_access_key_id without aws_secret_access_key", "half")
        home.fails("this AWS profile has no credentials", "none")
        home.fails("this AWS profile has no credentials", env={"AWS_PROFILE": "none"})
        for name, key in (("role", "source_profile"), ("machine", "credential_source"), ("login", "login_session")):
            text = home.fails("has %s, which refold does not read" % key, name)
            assert "aws configure export-credentials --profile " + name in text
        home.fails("has web_identity_token_file without role_arn", "web")
        home.fails("--profile: there is no profile 'nobody'", "nobody", env=keys("env"))
        home.fails("AWS_PROFILE: there is no profile 'nobody'", env={"AWS_PROFILE": "nobody", **keys("env")})
        home.fails("AWS_SECRET_ACCESS_KEY: is not set, but", env={"AWS_ACCESS_KEY_ID": "AK"})
        home.fails("AWS_ACCESS_KEY_ID: is not set, but", env={"AWS_SECRET_ACCESS_KEY": CANARY})
        home.fails("its secret access key has a blank", env={"AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": CANARY + "\n"})
        home.fails("its session token has a blank", env={**keys("e"), "AWS_SESSION_TOKEN": CANARY + "\r\nX: y"})
        home.fails("AWS_ROLE_ARN: is not set, but", env={"AWS_WEB_IDENTITY_TOKEN_FILE": "x"})
        home.fails("'Mars' is no region", env={"AWS_REGION": "Mars", **keys("e")})
        home.fails("'eu-west-1.evil.example' is no region", env={"AWS_REGION": "eu-west-1.evil.example"})
        for url in ("s3.example", "ftp://h", "https://user:word@h/", "https://h/?x=1", "https://h/#f"):
            home.fails("h" if url != "s3.example" else "s3.example", env={"AWS_ENDPOINT_URL": url, **keys("e")})
        home.fails("http:// is read from this machine only", env={"AWS_ENDPOINT_URL_STS": "http://sts.example", **keys("e")})


def test_a_program_gives_credentials():
    with Scratch() as folder:
        home = Home(folder)
        program = home.write("give me", "#!/bin/sh\nenv > seen\nprintf '%s\\n' \"$@\" >> seen\necho CanarySecret >&2\ncat answer\n")
        os.chmod(program, 0o755)
        home.write(".aws/config", "[profile p]\ncredential_process = \"%s\" one 'two  words' a\\ b \"c\\\"d\" $HOME *\n" % program)
        home.write("answer", json.dumps({"Version": 1, "AccessKeyId": "AKp", "SecretAccessKey": CANARY + "p",
                                         "SessionToken": CANARY + "t", "Expiration": "2099-01-01T00:00:00+01:00"}))
        found = home.key("p", env={**keys("env", "token"), "AWS_CONTAINER_AUTHORIZATION_TOKEN": CANARY,
                                   "ACTIONS_ID_TOKEN_REQUEST_TOKEN": CANARY})
        assert (found["id"], found["secret"], found["token"]) == ("AKp", shown(CANARY + "p"), shown(CANARY + "t"))
        assert found["expires"] == "4070905200"
        with open(os.path.join(folder, "seen"), encoding="utf-8") as f:
            seen = f.read()
        assert CANARY not in seen, "the program finds no secrets in its environment"
        assert seen.splitlines()[-6:] == ["one", "two  words", "a b", 'c"d', "$HOME", "*"], "and there is no shell"
        for answer, wanted in (("", "gave no JSON"), ("{", "gave no JSON"), ("[]", "gave JSON without credentials"),
                               ('{"AccessKeyId":"AK"}', "has no secret access key"),
                               ('{"AccessKeyId":"AK","SecretAccessKey":"%s\\n"}' % CANARY, "its secret access key has a blank"),
                               ('{"AccessKeyId":"AK","SecretAccessKey":"%s","Expiration":"soon"}' % CANARY,
                                'its "Expiration" is no time'), ("x" * 300000, "prints more than credentials take")):
            home.write("answer", answer)
            home.fails(wanted, "p", status=4)
        home.write("give me", "#!/bin/sh\necho CanarySecret\nexit 3\n")
        home.fails("ended with exit status 3; run it by hand to see why", "p", status=4)
        home.write(".aws/config", "[profile p]\ncredential_process = /nowhere/at/all\n")
        home.fails("/nowhere/at/all: cannot be started", "p", status=4)
        home.write(".aws/config", "[profile p]\ncredential_process = 'open\n")
        home.fails("its credential_process has an open quote", "p")



def test_no_program_that_refold_starts_finds_a_secret():
    """A compiler reads what a pull request's source names, /proc/self/environ too."""
    env = {**keys("env", "token"), "AWS_CONTAINER_AUTHORIZATION_TOKEN": CANARY, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": CANARY,
           "AWS_SECURITY_TOKEN": CANARY}
    with Scratch() as folder:
        compiler = os.path.join(folder, "cc")
        with open(compiler, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nenv >> %s/seen\nexec cc \"$@\"\n" % folder)
        os.chmod(compiler, 0o755)
        with open(os.path.join(folder, "a.json"), "w", encoding="utf-8") as f:
            f.write("{}\n")
        refold("run", "--no-compare", os.path.join(folder, "a.json"), "-a", os.path.join(ROOT, "aggregates", "order.c"),
               env={**env, "CC": compiler})
        with open(os.path.join(folder, "seen"), encoding="utf-8") as f:
            seen = f.read()
        assert "AWS_ACCESS_KEY_ID=AKenv" in seen and CANARY not in seen, seen


STS = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><SessionToken>%s</SessionToken><SecretAccessKey>%s</SecretAccessKey>
<Expiration>2099-01-01T00:00:00Z</Expiration><AccessKeyId>AKsts</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>""" % (CANARY + "&amp;t", CANARY + "sts")
ROLE = "arn:aws:iam::123456789012:role/ci+a b"


def test_a_web_identity_becomes_a_role():
    answers = [(200, {}, STS)]
    with Scratch() as folder, aws_model.Server(lambda request: answers[0]) as server:
        home = Home(folder, "[profile w]\nweb_identity_token_file=token\nrole_arn=%s\nrole_session_name=ci\n" % ROLE)
        home.write("token", CANARY + "+/=token\n")
        env = {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "token", "AWS_ENDPOINT_URL_STS": server.url + "/"}
        found = home.key(env=env)
        assert (found["id"], found["secret"], found["token"]) == ("AKsts", shown(CANARY + "sts"), shown(CANARY + "&t"))
        assert found["from"] == "web identity as " + ROLE and found["expires"] == "4070908800"
        asked = server.requests[-1]
        assert asked.method == "POST" and asked.target == "/" and "authorization" not in asked.headers
        assert asked.form == {"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": ROLE,
                              "RoleSessionName": "refold", "WebIdentityToken": CANARY + "+/=token"}, asked.form
        home.key("w", env={"AWS_ENDPOINT_URL": server.url})
        assert server.requests[-1].form["RoleSessionName"] == "ci"
        home.write("token", "two\nlines")
        home.fails("token: holds no token", env=env)
        home.fails("nowhere", env={**env, "AWS_WEB_IDENTITY_TOKEN_FILE": "nowhere"})
        home.write("token", CANARY + "token")
        before = len(server.requests)
        for answer, wanted in (((400, {}, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>no such provider"
                                          "</Message></Error></ErrorResponse>"), "(InvalidIdentityToken, HTTP 400): no such provider"),
                               ((403, {}, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not %stoken</Message></Error>"
                                          "</ErrorResponse>" % CANARY), "(AccessDenied, HTTP 403)\n"),
                               ((404, {}, "gone"), "(no reason told, HTTP 404)"),
                               ((200, {}, STS[:200]), "web identity as"), ((200, {}, "<a/>"), "does not say until when"),
                               ((200, {}, STS.replace("AKsts", "A\nB")), "its access key id has a blank"),
                               ((200, {}, "<!DOCTYPE a [<!ENTITY b 'c'>]>" + STS), "web identity as")):
            answers[0] = answer
            home.fails(wanted, env={**env, **{"AWS_PROFILE": "w"}}, status=4)
        assert len(server.requests) == before + 7, "credentials that are refused are not asked for again"
        answers[0] = (302, {"Location": "http://169.254.169.254/latest"}, "")
        home.fails("web identity as", env=env, status=4)


def test_github_gives_the_token_of_a_workflow():
    def script(request):
        if request.target.startswith("/token"):
            return answers[0] if request.headers.get("authorization") == "bearer " + CANARY else (401, {}, "")
        return (200, {}, STS) if request.form["WebIdentityToken"] == CANARY + ".jwt" else (400, {}, "")
    answers = [(200, {}, json.dumps({"value": CANARY + ".jwt"}))]
    with Scratch() as folder, aws_model.Server(script) as server:
        home = Home(folder)
        env = {"AWS_ROLE_ARN": ROLE, "ACTIONS_ID_TOKEN_REQUEST_URL": server.url + "/token?api=1",
               "ACTIONS_ID_TOKEN_REQUEST_TOKEN": CANARY, "AWS_ENDPOINT_URL_STS": server.url}
        assert home.key(env=env)["id"] == "AKsts"
        assert server.requests[0].target == "/token?api=1&audience=sts.amazonaws.com"
        for answers[0] in ((200, {}, "{}"), (200, {}, ""), (403, {}, ""), (200, {}, '{"value":1}')):
            home.fails("'permissions: id-token: write'", env=env, status=4)
        home.fails("is no https:// address", env={**env, "ACTIONS_ID_TOKEN_REQUEST_URL": "http://evil.example/"})
        home.fails("there are none", env={**env, "AWS_ROLE_ARN": ""})


def test_a_container_gives_credentials():
    def script(request):
        if request.headers.get("authorization") != CANARY + "proof":
            return (403, {}, "")
        return answers[0]
    answers = [(200, {}, key_json("box"))]
    with Scratch() as folder, aws_model.Server(script) as server:
        home = Home(folder)
        env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/v1?a=b", "AWS_CONTAINER_AUTHORIZATION_TOKEN": CANARY + "proof"}
        found = home.key(env=env)
        assert (found["id"], found["token"]) == ("AKbox", shown(CANARY + "t"))
        assert server.requests[0].target == "/v1?a=b"
        home.write("proof", CANARY + "proof\n")
        file = {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "proof"}
        assert home.key(env={**env, **file})["id"] == "AKbox", "the file goes first"
        home.fails("gives no credentials (HTTP 403)", env={**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong"}, status=4)
        home.fails("holds the end of a line", env={**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN": CANARY + "\r\nX: y"})
        answers[0] = (200, {}, json.dumps({"AccessKeyId": "AK", "SecretAccessKey": CANARY}))
        home.fails('has no session token ("Token")', env=env, status=4)
        answers[0] = (302, {"Location": "http://evil.example/"}, "")
        home.fails("AWS_CONTAINER", env=env, status=4)
        before = len(server.requests)
        for url in ("http://evil.example/", "http://169.254.170.2@evil.example/", "http://169.254.170.2:80@evil.example/",
                    "http://169.254.170.25/",
                    "http://169.254.170.2.evil.example/", "ftp://127.0.0.1/", "/relative", "http://169.254.169.254/"):
            home.fails("is no address that is asked for credentials", env={**env, "AWS_CONTAINER_CREDENTIALS_FULL_URI": url})
        home.fails("is no path", env={"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "@evil.example/"})
        assert len(server.requests) == before
        named = {**env, "AWS_PROFILE": "bare"}
        home.write(".aws/config", "[profile bare]\nregion=eu-west-1\n")
        home.fails("this AWS profile has no credentials", env=named)


class Instance:
    """Instance metadata, version 2."""

    def __init__(self, role="a role/x", key=None):
        self.role, self.answer = role, key or (200, {}, key_json("box", Code="Success"))

    def __call__(self, request):
        if request.method == "PUT" and request.target == "/latest/api/token":
            wanted = request.headers.get("x-aws-ec2-metadata-token-ttl-seconds") == "21600"
            return (200, {}, CANARY + "metadata") if wanted else (400, {}, "")
        if request.headers.get("x-aws-ec2-metadata-token") != CANARY + "metadata":
            return (401, {}, "")
        if request.target == "/latest/meta-data/iam/security-credentials/":
            return (200, {}, self.role + "\nother") if self.role else (404, {}, "")
        return self.answer if request.target.endswith("/a%20role%2Fx") else (404, {}, "")


def test_an_instance_gives_credentials():
    service = Instance()
    with Scratch() as folder, aws_model.Server(lambda request: service(request)) as server:
        home = Home(folder)
        env = {"AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url + "/"}
        found = home.key(env=env)
        assert found["id"] == "AKbox" and found["from"] == "the instance's role a role/x"
        home.fails("there are none", env={**env, "AWS_EC2_METADATA_DISABLED": "TRUE"})
        service.answer = (200, {}, json.dumps({"Code": "Failed"}))
        home.fails("the instance's role a role/x: has no session token", env=env, status=4)
        service.answer = (500, {}, "")
        before = len(server.requests)
        home.fails("has no credentials (HTTP 500)", env=env, status=4)
        assert len(server.requests) == before + 3, "what is near is asked once"
        service.role = ""
        home.fails("there are none", env=env)
        service = lambda request: (403, {}, "")  # version 1 only
        home.fails("there are none", env=env)
        assert server.requests[-1].method == "PUT", "version 1 is not spoken"

        def late(_):
            time.sleep(8)
        service = late
        begin = time.monotonic()
        home.fails("there are none", env=env)
        assert time.monotonic() - begin < 6, "nobody waits for what is not there"
    begin = time.monotonic()
    with Scratch() as folder:
        Home(folder).fails("there are none", env=env)
        assert time.monotonic() - begin < 6


def test_sso_takes_the_token_of_aws_sso_login():
    def script(request):
        if request.headers.get("x-amz-sso_bearer_token") != CANARY + "sso":
            return (401, {}, "")
        return answers[0]
    def role(expires=4070908800000):
        return json.dumps({"roleCredentials": {"accessKeyId": "AKsso", "secretAccessKey": CANARY + "s",
                                               "sessionToken": CANARY + "t", "expiration": expires}})
    answers = [(200, {}, role())]
    config = ("[profile new]\nsso_session = corp\nsso_account_id = 123\nsso_role_name = Read Only\n[sso-session corp]\n"
              "sso_region = eu-west-1\nsso_start_url = https://corp.example/start\n"
              "[profile old]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\nsso_account_id = 123\n"
              "sso_role_name = R\n[profile half]\nsso_session = corp\nsso_account_id=1\n[profile lost]\nsso_session=nobody\n"
              "sso_account_id=1\nsso_role_name=R\n")
    with Scratch() as folder, aws_model.Server(script) as server:
        home = Home(folder, config)
        env = {"AWS_ENDPOINT_URL_SSO": server.url}
        new = ".aws/sso/cache/%s.json" % hashlib.sha1(b"corp").hexdigest()
        old = ".aws/sso/cache/%s.json" % hashlib.sha1(b"https://corp.example/start").hexdigest()
        home.fails("nobody has logged in to its SSO session: aws sso login --profile new", "new", env=env)
        good = {"accessToken": CANARY + "sso", "expiresAt": "2099-01-01T00:00:00Z", "region": "eu-west-1"}
        home.write(new, json.dumps(good))
        found = home.key("new", env=env)
        assert (found["id"], found["token"], found["expires"]) == ("AKsso", shown(CANARY + "t"), "4070908800")
        assert server.requests[-1].target == "/federation/credentials?account_id=123&role_name=Read%20Only"
        home.write(old, json.dumps({**good, "expiresAt": "2099-01-01T00:00:00UTC"}))
        assert home.key(env={**env, "AWS_PROFILE": "old"})["id"] == "AKsso"
        home.fails("lacks sso_role_name; 'aws configure sso' writes it", "half", env=env)
        home.fails("lacks sso_start_url", "lost", env=env)
        for token in ({**good, "expiresAt": "2020-01-01T00:00:00Z"}, {**good, "expiresAt": "?"}, {"accessToken": CANARY}, {}):
            home.write(new, json.dumps(token))
            home.fails("its SSO token has expired: aws sso login --profile new", "new", env=env)
        home.write(new, "{" + CANARY)
        home.fails("the file with its SSO token is damaged: aws sso login", "new", env=env)
        home.write(new, json.dumps({**good, "accessToken": "stale"}))
        home.fails("its SSO token is accepted no more: aws sso login", "new", env=env, status=4)
        home.write(new, json.dumps(good))
        answers[0] = (403, {}, "")
        home.fails("SSO does not give role Read Only of account 123 (HTTP 403)", "new", env=env, status=4)
        answers[0] = (200, {}, role(expires="x"))
        home.fails('its "expiration" is no time', "new", env=env, status=4)


# ---- the signer --------------------------------------------------------------------------------------------------------

def error(code, more="", message="no"):
    return "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>%s</Message>%s</Error>" % (code, message, more)


class Bucket:
    """An S3 that checks signatures. `first` are answers that it gives before; the secret and region are those that count."""

    def __init__(self, secret=CANARY + "env", region="us-east-1", skew=0):
        self.secret, self.region, self.skew, self.first = secret, region, skew, []

    def date(self):
        return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + self.skew))

    def __call__(self, request):
        headers = {"Date": self.date()}
        if self.first:
            status, body = self.first.pop(0)
            return (status, headers, body(request) if callable(body) else body)
        if not request.is_signed_by(self.secret):
            return (403, headers, error("SignatureDoesNotMatch"))
        if request.scope()[2] != self.region:
            return (400, headers, error("AuthorizationHeaderMalformed", "<Region>%s</Region>" % self.region))
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + self.skew))
        if request.headers["x-amz-date"][:11] != stamp[:11]:
            return (403, headers, error("RequestTimeTooSkewed"))
        return (200, headers, "whole")


def with_bucket(test):
    """test(bucket, server, get): get(*options, key, env) asks for an object, and gives status and text."""
    bucket = Bucket()
    with Scratch() as folder, aws_model.Server(lambda request: bucket(request)) as server:
        home = Home(folder)

        def get(*options, key="a/k=1+2 é//..", env=None, service="s3"):
            return home.tool("get", service, "bucket", key, *options,
                             env={**keys("env"), "AWS_ENDPOINT_URL": server.url, **(env or {})})
        test(bucket, server, get)


def test_a_server_that_checks_signatures_believes_it():
    def test(bucket, server, get):
        for key in ("k", "a b+c=d,e(f)@:;&?#", "%41%zz", "é\u4e16//x/../y/./", "'\"*!~-._", "x" * 900):
            for token in (None, "session/+="):
                assert get(key=key, env=keys("env", token)) == (0, "status 200\nwhole\n"), key
                request = server.requests[-1]
                assert request.path == "/bucket/" + aws_model.quote(key.encode(), "/"), request.path
                assert ("x-amz-security-token" in request.headers) == (token is not None)
                assert "x-amz-request-payer" not in request.headers
        assert get("payer") == (0, "status 200\nwhole\n")
        assert server.requests[-1].headers["x-amz-request-payer"] == "requester"
        assert get("region=eu-west-1")[1].startswith("status 200"), "the region is learnt"
        assert get(env={"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_S3": server.url})[0] == 0
        assert get("endpoint=" + server.url, env={"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"})[0] == 0
        assert get("no-sign")[1].startswith("status 403")
        asked = server.requests[-1].headers
        assert not [name for name in asked if name == "authorization" or name.startswith("x-amz-")]
    with_bucket(test)


def test_what_refuses_teaches_once():
    def count(server, get, wanted, *options, **more):
        before = len(server.requests)
        status, text = get(*options, **more)
        assert status == 0 and text.startswith("status 200"), text
        assert len(server.requests) - before == wanted, [r.target for r in server.requests[before:]]

    def test(bucket, server, get):
        bucket.region = "ap-southeast-2"
        count(server, get, 3, "twice")  # refused, then right at once for all that follow
        bucket.region = "us-east-1"
        for hours in (-5, 5):
            bucket.skew = hours * 3600
            count(server, get, 3, "twice")
        bucket.skew = 0
        bucket.first = [(301, error("PermanentRedirect", "<Endpoint>x</Endpoint><Region>eu-north-1</Region>"))]
        bucket.region = "eu-north-1"
        count(server, get, 2)
    with_bucket(test)


def test_a_region_that_is_none_is_not_taken():
    def test(bucket, server, get):
        for region in ("eu-west-1.evil.example/", "", "EU", "x" * 80, "us-east-1"):
            bucket.first = [(400, error("AuthorizationHeaderMalformed", "<Region>%s</Region>" % region))] * 9
            before = len(server.requests)
            assert get()[1].startswith("status 400"), region
            assert len(server.requests) == before + 1, region
        bucket.first = [(400, error("AuthorizationHeaderMalformed", "<Region>r-%d</Region>" % i)) for i in range(9)]
        before = len(server.requests)
        assert "name it with --region" in get()[1]
        assert len(server.requests) <= before + 3, "a server that changes its mind is not followed for ever"
    with_bucket(test)


def test_credentials_that_are_refused_are_not_tried_again():
    def test(bucket, server, get):
        for code, status, wanted in (
                ("InvalidAccessKeyId", 403, "the server does not know the key AKenv of the environment (AWS_ACCESS_KEY_ID)"),
                ("AccessDenied", 403, "the key AKenv of the environment (AWS_ACCESS_KEY_ID) may not do that"),
                ("SignatureDoesNotMatch", 403, "the secret access key is another one than the id's"),
                ("ExpiredToken", 400, "has expired: log in again, or renew it"),
                ("InvalidToken", 400, "the session token that goes with the key AKenv"),
                ("RequestTimeTooSkewed", 403, "this machine's clock differs too much")):
            bucket.first = [(status, error(code))] * 9
            before = len(server.requests)
            text = get(env=keys("env", "token"))[1]
            assert text.startswith("status %d\n" % status) and wanted in text, text
            assert len(server.requests) == before + 1, (code, len(server.requests) - before)
        for code, wanted in (("UnrecognizedClientException", "does not know the key"), ("AccessDeniedException", "may not do that"),
                             ("InvalidSignatureException", "the secret access key is another one")):
            bucket.first = [(400, json.dumps({"__type": "com.amazon.coral.service#" + code, "message": "no"}))] * 9
            before = len(server.requests)
            text = get(service="dynamodb")[1]
            assert wanted in text and len(server.requests) == before + 1, text
    with_bucket(test)


def test_an_expired_session_is_renewed():
    state = {"key": 0}

    def box(request):
        state["key"] += 1
        return (200, {}, key_json("box%d" % state["key"], token="t%d" % state["key"]))

    def test(bucket, server, get):
        with aws_model.Server(box) as agent:
            env = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": agent.url}
            bucket.secret = CANARY + "box2"
            bucket.first = [(400, error("ExpiredToken"))]
            assert get(env=env)[1].startswith("status 200"), "refused, renewed, accepted"
            assert len(server.requests) == 2 and server.requests[1].scope()[0] == "AKbox2"
            bucket.first = [(400, error("ExpiredToken"))] * 9
            before = len(server.requests)
            assert "has expired" in get(env=env)[1]
            assert len(server.requests) <= before + 3, "and not for ever"
            before = len(server.requests)
            bucket.first = [(400, json.dumps({"__type": "x#ExpiredTokenException", "message": "no"}))]
            get(env=env, service="dynamodb")
            assert len(server.requests) == before + 2
            for code in ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken"):
                before, given = len(server.requests), len(agent.requests)
                bucket.first = [(403, error(code))] * 9
                assert get(env=env)[1].startswith("status 403")
                assert len(server.requests) == before + 1 and len(agent.requests) == given + 1, code
    with_bucket(test)


def test_the_servers_canonical_request_is_shown_without_its_token():
    def test(bucket, server, get):
        def canonical(request):
            text = request.canonical().replace("&", "&amp;").replace("<", "&lt;")
            return error("SignatureDoesNotMatch", "<CanonicalRequest>%s</CanonicalRequest><SignatureProvided>%sSig"
                                                  "</SignatureProvided>" % (text, CANARY))

        def changed(request):
            return canonical(request).replace("/bucket/k", "/bucket/other").replace("b%2B", "b%20")
        bucket.first = [(403, canonical)]
        text = get(key="k", env=keys("env", "token"))[1]
        assert "the secret access key is another one than the id's: the server signs the same request otherwise" in text, text
        assert "x-amz-security-token:…\n" in text and "\nhost:127.0.0.1" in text, text
        bucket.first = [(403, changed)]
        text = get(key="k", env=keys("env", "token"))[1]
        assert "line 2 that the server signs is '/bucket/other', and was sent as '/bucket/k'" in text, text
    with_bucket(test)


def test_nobody_else_is_shown_credentials():
    """Not by a redirect to another place."""
    def test(_bucket, _server, get):
        with aws_model.Server(lambda _: (200, {}, "stolen")) as thief:
            for status in (301, 302, 307, 308):
                answer = (status, {"Location": thief.url + "/k"}, error("TemporaryRedirect"))
                with aws_model.Server(lambda _, answer=answer: answer) as other:
                    text = get("endpoint=" + other.url, env=keys("env", "token"))[1]
                    assert other.requests and "stolen" not in text and not thief.requests, text
    with_bucket(test)


def test_a_key_that_expires_amid_many_transfers_is_renewed_for_all_of_them():
    """Every transfer under way is refused at once; who asks for another key, and who waits for it, are threads of one run."""
    count = 200
    bodies = {"h/2026/07/01/%02d/o-%03d" % (i % 24, i): lines_of([{"t": "Seen", "d": {
        "ID": "i%d" % i, "Version": 1, "At": "2026-07-01T00:00:00Z"}}]) for i in range(count)}
    state = {"gets": 0}
    lock = threading.Lock()

    def bucket(request):
        with lock:
            state["gets"] += "list-type" not in request.query
            wanted = CANARY + ("box1" if state["gets"] <= count // 2 else "box2")
        if not request.is_signed_by(wanted):
            return (400, {}, error("ExpiredToken"))
        if "list-type" in request.query:
            return (200, {}, "<ListBucketResult><IsTruncated>false</IsTruncated>%s</ListBucketResult>" % "".join(
                "<Contents><Key>%s</Key><Size>%d</Size></Contents>" % (key, len(body)) for key, body in sorted(bodies.items())))
        time.sleep(0.005)
        return (200, {}, bodies[request.path[len("/bucket/"):]])

    def box(_request):
        with lock:
            state["key"] = state.get("key", 0) + 1
            number = state["key"]
        time.sleep(0.1)
        return (200, {}, key_json("box%d" % number))

    with Scratch() as folder, aws_model.Server(bucket) as server, aws_model.Server(box) as agent:
        done = refold("types", "--json", "s3://bucket/h/", cwd=folder, env={
            "HOME": folder, "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_S3": server.url,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": agent.url})
        assert done.status == 0, (done.status, done.stderr)
        assert [t["events"] for t in done.report["types"]] == [count], done.report
        assert len(agent.requests) == 2, len(agent.requests)
        assert CANARY not in done.stderr + done.stdout.decode()


# ---- what reading takes ------------------------------------------------------------------------------------------------

def test_the_policy_allows_reading_one_prefix_and_nothing_else():
    with open(os.path.join(ROOT, "harness", "ci", "refold-read-only-policy.json"), encoding="utf-8") as f:
        policy = json.load(f)
    assert policy["Version"] == "2012-10-17"
    statements = {statement["Action"]: statement for statement in policy["Statement"]}
    assert sorted(statements) == ["kms:Decrypt", "s3:GetObject", "s3:ListBucket"]
    assert len(statements) == len(policy["Statement"])
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow" and set(statement) <= {"Sid", "Effect", "Action", "Resource", "Condition"}
    assert statements["s3:ListBucket"]["Resource"] == "arn:aws:s3:::BUCKET"
    assert statements["s3:ListBucket"]["Condition"] == {"StringLike": {"s3:prefix": ["PREFIX/*"]}}
    assert statements["s3:GetObject"]["Resource"] == "arn:aws:s3:::BUCKET/PREFIX/*"
    assert "*" not in statements["kms:Decrypt"]["Resource"]
    assert statements["kms:Decrypt"]["Condition"] == {"StringEquals": {"kms:ViaService": "s3.REGION.amazonaws.com"}}

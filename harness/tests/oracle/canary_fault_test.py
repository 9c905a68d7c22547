# SPDX-License-Identifier: MIT
"""Row 23 of harness/docs/faults.md: what refold is let in with is shown nowhere. Each way to hand it a secret is tried with a
canary in it, the server says whether the canary was used, and then it is looked for in all that a run leaves behind or
shows meanwhile: outputs, reports, goldens, files on their way, the process list, the workers' environment, and a core."""

import contextlib
import glob
import json
import os
import resource
import signal
import subprocess
import time

from scripted import Bucket, keys_of, s3_error, serve, silence, small_history, status_of, tagged
from support import aggregate, cases, expect, expect_status, fault, objects, parallel, read_bytes, refold, REFOLD, Scratch, write_bytes

ORDER = aggregate("order")
CANARY = "canary7f3a"
HASTY = {"REFOLD_PATIENCE": "0.002"}  # whatever is tried again, and how long, is the same
FORMATS = ("text", "json", "junit", "markdown", "tap", "github")


class Way:
    """One way to hand over a secret."""

    def __init__(self, name, scratch):
        self.name, self.scratch = name, scratch
        self.members = small_history()
        self.victim = sorted(self.members)[-1]
        self.environment, self.faults, self.giver = {}, {}, None
        getattr(self, name)()

    # Each sets `server`, `arguments`, and what tells that the secret was used.

    def user_and_password_of_a_base(self):
        self.base("http://user:%s@%s/p/")
        self.used = lambda headers, _: "Authorization" in headers

    def query_of_a_base(self):
        self.base("http://%.0s%s/p/?Policy=p&Signature=" + CANARY, "?Policy=p&Signature=" + CANARY)
        self.used = lambda _, path: CANARY in path

    def base_in_the_config(self):
        self.base("http://user:%s@%s/p/?Signature=" + CANARY, "?Signature=" + CANARY)
        config = os.path.join(self.scratch, "refold.json")
        write_bytes(config, json.dumps({"source": [self.arguments[-1]]}).encode())
        self.arguments = ["-C", config, *self.arguments[:-1]]
        self.used = lambda headers, path: "Authorization" in headers and CANARY in path

    def cookies(self):
        """As CloudFront's signed cookies are handed over."""
        self.base("http://%.0s%s/p/")
        path = os.path.join(self.scratch, "cookies")
        write_bytes(path, b"CloudFront-Policy=p; CloudFront-Signature=" + CANARY.encode() + b"\n")
        os.chmod(path, 0o600)
        self.arguments = ["--cookie-file", path, *self.arguments]
        self.used = lambda headers, _: CANARY in headers.get("Cookie", "")

    def base(self, address, query=""):
        self.server = serve({k + query: v for k, v in self.members.items()}, every=self.fault)
        self.key = "/p/" + self.victim + query
        host = self.server.base[len("http://"):]
        self.arguments = ["--keys", keys_of(self.scratch, self.members), address % (CANARY, host)]

    # What the test does with the server.

    def fault(self, answer):
        return self.faults.get(answer.path) or self.usual(answer)

    @staticmethod
    def usual(_):
        return tagged

    def run(self, *words, golden="golden", **env):
        return refold(*words, "-a", ORDER, "-g", os.path.join(self.scratch, golden), *self.arguments,
                      env={**self.environment, **env})

    def check_used(self):
        expect(len(self.server.requests) > 0, True, self.name + ": nothing was asked")
        expect([self.used(headers, path) for path, headers in self.server.requests].count(False), 0,
               self.name + ": the secret was not used")


class OfBucket(Way):
    """Secrets that sign."""

    def bucket(self):
        self.server = Bucket(self.members, every=self.fault)
        self.server.KEY = {"id": "AKIDCANARY0000000001", "secret": CANARY + "/secret", "token": ""}
        self.key = "/history/" + self.victim
        self.arguments = ["s3://history/"]
        self.environment = {**self.server.environment(), "HOME": self.scratch}
        self.used = lambda headers, _: "Authorization" in headers and not self.server.refused

    @staticmethod
    def usual(_):
        return None

    def secret_in_the_environment(self):
        self.bucket()

    def token_in_the_environment(self):
        self.bucket()
        self.server.KEY["token"] = self.environment["AWS_SESSION_TOKEN"] = CANARY + "/token"

    def without_key(self):
        self.bucket()
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            del self.environment[name]

    def credentials_file(self):
        self.without_key()
        path = self.environment["AWS_SHARED_CREDENTIALS_FILE"] = os.path.join(self.scratch, "aws", "credentials")
        write_bytes(path, b"[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (
            self.server.KEY["id"].encode(), self.server.KEY["secret"].encode()))

    def profile_of_the_config(self):
        self.without_key()
        path = self.environment["AWS_CONFIG_FILE"] = os.path.join(self.scratch, "aws", "config")
        write_bytes(path, b"[profile odd]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (
            self.server.KEY["id"].encode(), self.server.KEY["secret"].encode()))
        self.environment["AWS_PROFILE"] = "odd"

    def container(self):
        """As ECS and EKS hand them over: by a server, which wants a token."""
        self.without_key()
        given = json.dumps({"AccessKeyId": self.server.KEY["id"], "SecretAccessKey": self.server.KEY["secret"],
                            "Token": CANARY + "/token", "Expiration": "2099-01-01T00:00:00Z"}).encode()
        self.server.KEY["token"] = CANARY + "/token"
        self.giver = serve({"credentials": given}, "/")
        self.environment.update(AWS_CONTAINER_CREDENTIALS_FULL_URI=self.giver.base + "/credentials",
                                AWS_CONTAINER_AUTHORIZATION_TOKEN=CANARY + "-authorization")

    def web_identity(self):
        """As GitHub's OIDC does: a token for credentials that last an hour."""
        self.without_key()
        token = os.path.join(self.scratch, "aws", "web-token")
        write_bytes(token, (CANARY + "-web").encode())
        self.server.KEY["token"] = CANARY + "/token"
        answer = ("<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>%s</AccessKeyId>"
                  "<SecretAccessKey>%s</SecretAccessKey><SessionToken>%s</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
                  "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>" % (
                      self.server.KEY["id"], self.server.KEY["secret"], self.server.KEY["token"])).encode()
        self.giver = serve({"": answer}, "/")
        self.environment.update(AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ROLE_ARN="arn:aws:iam::123456789012:role/reader",
                                AWS_ROLE_SESSION_NAME="test", AWS_ENDPOINT_URL_STS=self.giver.base)


def look(way, what, *texts):
    for text in texts:
        at = text.find(CANARY.encode())
        expect(text[max(0, at - 100):at + 60] if at >= 0 else b"", b"", "%s: %s" % (way.name, what))


def look_in_files(way, what, folder):
    for path in objects(folder):
        look(way, "%s: %s" % (what, path), read_bytes(path))


def outputs(way):
    """A run that goes well, and one that is refused: all they say and write."""
    written = os.path.join(way.scratch, "written")
    reports = [word for name in FORMATS for word in ("-r", "%s=%s" % (name, os.path.join(written, name)))]
    os.makedirs(written)
    for verb, status, faults, env in (("bless", 0, {}, {}), ("run", 0, {}, {}),
                                      ("run", 4, {way.key: s3_error(403, "SignatureDoesNotMatch")}, {}),
                                      ("run", 4, {way.key: status_of(503)}, HASTY)):
        way.faults = faults
        result = way.run(verb, "-v", "--stats", *reports, **env)
        expect_status(result, status, way.name)
        look(way, "standard error", result.stderr_bytes)
        look(way, "standard output", result.stdout)
        look_in_files(way, "reports", written)
        look_in_files(way, "goldens", os.path.join(way.scratch, "golden"))
    # A command that is proposed has none either.
    way.faults = {}
    result = way.run("run", golden="none")
    expect_status(result, 2, way.name)
    expect("refold bless" in result.stderr, True, result.stderr)
    look(way, "a proposed command", result.stderr_bytes)


def read_if_there(path):
    try:
        return read_bytes(path)
    except OSError:
        return b""


def processes_of(pid):
    """It and all below it."""
    found = [pid]
    for name in found:
        for path in glob.glob("/proc/%d/task/*/children" % name):
            found += map(int, read_if_there(path).split())
    return found


def in_the_midst(way):
    """While it waits for an object: processes, files on their way; and then a core, where it makes one."""
    scratch = os.path.join(way.scratch, "midst")
    os.makedirs(os.path.join(scratch, "tmp"))
    way.faults = {way.key: silence}
    env = {k: v for k, v in os.environ.items() if not k.startswith(("REFOLD_", "AWS_"))}
    env.update(way.environment, TMPDIR=os.path.join(scratch, "tmp"), REFOLD_MEMORY="1")
    seen = way.server.count(way.key)
    running = subprocess.Popen([REFOLD, "run", "-q", "-a", ORDER, "-g", os.path.join(way.scratch, "golden"), *way.arguments],
                               cwd=scratch, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (-1, -1)))
    try:
        for _ in range(1000):
            if way.server.count(way.key) > seen:
                break
            time.sleep(0.01)
        time.sleep(0.1)
        expect(running.poll(), None, way.name + ": it waits")
        of_all = processes_of(running.pid)
        for pid in of_all:
            # What the user himself wrote into the command or its environment, he has shown.
            if pid != running.pid:
                look(way, "a worker's environment", read_if_there("/proc/%d/environ" % pid))
            if pid != running.pid or not any(CANARY in word for word in way.arguments):
                look(way, "the process list", read_if_there("/proc/%d/cmdline" % pid))
            for path in glob.glob("/proc/%d/fd/*" % pid):
                if os.path.isfile(path):
                    look(way, "an open file", read_if_there(path))
        look_in_files(way, "TMPDIR", scratch)
        os.kill(running.pid, signal.SIGSEGV)
        _, status, _ = os.wait4(running.pid, 0)
        running.returncode = -signal.SIGSEGV
        expect((os.WTERMSIG(status), os.WCOREDUMP(status)), (signal.SIGSEGV, False), way.name + ": its end")
        look_in_files(way, "left behind", scratch)
    finally:
        if running.returncode is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def try_ways(kind, names):
    def one(name):
        with Scratch() as scratch, contextlib.ExitStack() as running:
            way = kind(name, scratch)
            running.enter_context(way.server)
            if way.giver:
                running.enter_context(way.giver)
            outputs(way)
            in_the_midst(way)
            way.check_used()
            expect(way.giver is None or len(way.giver.requests) > 0, True, name + ": credentials were asked for")
        cases(23, 1)

    parallel(one, names)


@fault(23)
def test_secrets_of_bases_are_found_nowhere():
    try_ways(Way, ("user_and_password_of_a_base", "query_of_a_base", "base_in_the_config", "cookies"))


@fault(23)
def test_secrets_that_sign_are_found_nowhere():
    try_ways(OfBucket, ("secret_in_the_environment", "token_in_the_environment", "credentials_file", "profile_of_the_config",
                        "container", "web_identity"))

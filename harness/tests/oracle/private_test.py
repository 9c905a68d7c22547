# SPDX-License-Identifier: MIT
"""Private values: the hashes in goldens are those of another hand (HMAC of Python's), and canaries on private paths and
in the environment are found in nothing that refold leaves or prints, whatever happens to the run."""

import base64
import gzip
import hashlib
import hmac
import json
import os
import pty
import random
import re
import resource
import select
import shutil
import signal
import struct
import subprocess
import time

from support import (
    aggregate, expect, expect_status, in_full, lines_of, patched, plugin, REFOLD, refold, ROOT, sampled, Scratch, slow,
    without_timing, write_bytes)

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
KEEPER = os.path.join(ROOT, "harness", "tests", "worker", "plugins", "keeper.c")
FORMATS = ("text", "json", "junit", "tap", "markdown", "github")


# ---- by another hand ---------------------------------------------------------------------------------------------


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def mac(front, text, key=KEY):
    return hmac.new(key.encode(), front + text, hashlib.sha256)


def hashed(value, use="refold value", aggregate="keeper", key=KEY):
    text = canonical(value) if use == "refold value" else value
    return "hmac:" + mac(b"%s\0%s\0" % (use.encode(), aggregate.encode()), text.encode(), key).hexdigest()[:32]


def keyed_digest(hexadecimal):
    """A golden line's `events`, which without a key is a number in hex."""
    raw = mac(b"refold digest\0keeper\0", struct.pack("<Q", int(hexadecimal, 16))).digest()
    return "%016x" % struct.unpack("<Q", raw[:8])


def masked(value, rules):
    """rules: (steps, shows_keys) that begin here."""
    if any(not steps for steps, _ in rules):
        return hashed(value)
    if isinstance(value, dict):
        ret = {}
        for key, inner in value.items():
            step = key.replace("~", "~0").replace("/", "~1")
            fitting = [(steps, shows) for steps, shows in rules if steps[0] in ("*", step)]
            hide = any(steps[0] == "*" and not shows for steps, shows in fitting)
            ret[hashed(key) if hide else key] = masked(inner, [(steps[1:], shows) for steps, shows in fitting])
        return ret
    if isinstance(value, list):
        return [masked(inner, [(steps[1:], shows) for steps, shows in rules if steps[0] in ("*", str(index))])
                for index, inner in enumerate(value)]
    return value


def rules_of(private):
    return [(p.split("/")[1:], False) if isinstance(p, str) else (p["path"].split("/")[1:], p.get("keys") == "shown")
            for p in private]


# ---- histories ---------------------------------------------------------------------------------------------------


def record(ident, version, kind, data):
    return {"aggregateType": "keeper", "aggregateId": ident, "version": version, "type": kind,
            "at": "2026-07-01T00:00:%02dZ" % version, "data": data}


def write_history(folder, records, hour=0):
    name = "keepers-1-2026-07-01-%02d-00-00-00000000-0000-4000-8000-000000000000" % hour
    write_bytes(os.path.join(folder, "2026", "07", "01", "%02d" % hour, name), lines_of(records))


def write_config(folder, private, more=None, top=None):
    settings = {"plugin": plugin("keeper"), "private": private}
    settings.update(more or {})
    config = {"source": ["history"], "envelope": "flat", "aggregates": {"keeper": settings}}
    config.update(top or {})
    with open(os.path.join(folder, "refold.json"), "w", encoding="utf-8") as f:
        json.dump(config, f)


def golden_lines(folder):
    with open(os.path.join(folder, "golden", "keeper.ndjson"), encoding="utf-8", newline="\n") as f:
        return [json.loads(line) for line in f]


def random_value(rng, depth):
    luck = rng.random()
    if depth > 3 or luck < 0.5:
        return rng.choice([None, True, False, 0, -7, 2 ** 53, 18446744073709551615, 1.5, -0.25, "", "a", "é\u2028~/",
                           "q\"\\\n\u0001", "hmac:0", {}, []])
    keys = rng.sample(["a", "b", "c", "~", "/", "*", "0", "1", "é", "hmac:x", ""], rng.randint(1, 5))
    if luck < 0.75:
        return {key: random_value(rng, depth + 1) for key in keys}
    return [random_value(rng, depth + 1) for _ in range(rng.randint(1, 4))]


def random_rule(rng):
    steps = [rng.choice(["a", "b", "c", "~0", "~1", "*", "*", "0", "1", "é", ""]) for _ in range(rng.randint(1, 4))]
    path = "/kept/" + "/".join(steps)
    return path if rng.random() < 0.7 else {"path": path, "keys": rng.choice(["shown", "hidden"])}


def test_known_damage_tells_of_events_by_the_key_too():
    env = {"REFOLD_PRIVATE_KEY": KEY}
    whole = [record("i%d" % i, version, "Set", {"a": i, "b": version}) for i in range(3) for version in (1, 2)]
    with Scratch() as folder:
        write_history(os.path.join(folder, "history"), whole[:1] + whole[2:])
        write_config(folder, [])
        expect_status(refold("bless", cwd=folder), 0, "a bless with nothing private")
        events = golden_lines(folder)[0]["events"]
        shutil.rmtree(os.path.join(folder, "golden"))
        write_history(os.path.join(folder, "history"), whole)
        write_config(folder, ["/kept/a"])
        expect_status(refold("bless", cwd=folder, env=env), 0, "a bless")
        write_history(os.path.join(folder, "history"), whole[:1] + whole[2:])
        for told, status in (keyed_digest(events), 0), (events, 3):
            entry = {"aggregate": "keeper", "events": told, "golden": 2, "id": "i0", "kind": "cut-short", "reason": "lost",
                     "version": 1}
            write_bytes(os.path.join(folder, "golden", "known-damage.json"),
                        json.dumps({"damage": [entry], "format": 1}).encode())
            expect_status(refold("run", cwd=folder, env=env), status, "a run that knows the end by " + told)


def test_a_digest_golden_tells_of_events_by_the_key_too():
    env = {"REFOLD_PRIVATE_KEY": KEY}
    with Scratch() as folder:
        write_history(os.path.join(folder, "history"), [record("i%d" % i, 1, "Set", {"a": i, "b": i}) for i in range(9)])

        def proof(*words):
            return refold("run", "-r", "json", *words, cwd=folder, env=env).report["proof"]["history"]

        write_config(folder, [])
        open_to_all = proof("--no-compare")
        write_config(folder, ["/kept/a"])
        expect_status(refold("bless", "-g", "plain", cwd=folder, env=env), 0, "a bless")
        expect_status(refold("bless", "-g", "digest", "--digest", cwd=folder, env=env), 0, "a bless --digest")
        keyed = proof("-g", "plain")
        assert keyed != open_to_all, "nothing is keyed"
        expect(proof("-g", "digest"), keyed, "proof of a run with a digest golden, all of it the same")
        expect(proof("-g", "digest", "--id", "i3"), proof("-g", "plain", "--id", "i3"), "proof of one instance")


@sampled
def test_hashes_are_those_of_another_hand():
    rng = random.Random(5)
    for _ in range(12 if in_full() else 4):
        private = [random_rule(rng) for _ in range(rng.randint(1, 6))]
        states = {"i%02d" % i: {key: random_value(rng, 0) for key in "abc"} for i in range(60)}
        with Scratch() as folder:
            write_history(os.path.join(folder, "history"), [record(i, 1, "Set", data) for i, data in states.items()])
            write_config(folder, [])
            expect_status(refold("bless", cwd=folder), 0, "a bless with nothing private")
            plain = {line["id"]: line for line in golden_lines(folder)}
            shutil.rmtree(os.path.join(folder, "golden"))
            write_config(folder, private)
            env = {"REFOLD_PRIVATE_KEY": KEY}
            expect_status(refold("bless", cwd=folder, env=env), 0, "a bless")
            expect_status(refold("run", cwd=folder, env=env), 0, "a run behind it")
            for line in golden_lines(folder):
                state = plain[line["id"]]["state"]
                expect(canonical(line["state"]), canonical(masked(state, rules_of(private))), canonical(private))
                expect(line["events"], keyed_digest(plain[line["id"]]["events"]), "events of " + line["id"])
            text = open(os.path.join(folder, "golden", "keeper.ndjson"), encoding="utf-8", newline="\n").read()
            expect(text, "".join(canonical(line) + "\n" for line in golden_lines(folder)), "the golden's form")


def test_refusals_and_the_meta_file_are_those_of_another_hand():
    with Scratch() as folder:
        data = {"email": "a@example.org"}
        write_history(os.path.join(folder, "history"), [record("r", 1, "Refuse", data), record("u", 1, "Unknown", data)])
        write_config(folder, ["/kept/email"])
        expect_status(refold("bless", "--purity=off", cwd=folder, env={"REFOLD_PRIVATE_KEY": KEY}), 0, "a bless")
        messages = [line["rejected"]["message"] for line in golden_lines(folder)]
        words = "not with %s " % json.dumps(data, separators=(",", ":"))
        expect(messages, ["Refuse: " + hashed(words, "refold words"), "unhandled type Unknown"], "refusals")
        with open(os.path.join(folder, "golden", "keeper.meta.json"), encoding="utf-8") as f:
            meta = json.load(f)
        check = "%016x" % struct.unpack("<Q", mac(b"refold key check\0", b"").digest()[:8])
        expect(meta["private"], {"check": check, "paths": ["/kept/email"]}, "private of the meta file")


# ---- canaries ----------------------------------------------------------------------------------------------------

LONG = "CanaryLong5Qx" + "".join(chr(97 + (i * 7 + i // 26) % 26) for i in range(70000))
STRINGS = {
    "email": "CanaryMail7Kw@example.org",
    "unicode": "CanaryÜñí4Tz🐤日本",
    "escaped": "CanaryEsc\"9\\Lm\n\t\u0001</script>&'",
    "long": LONG,
    "deep": "CanaryDeep2Rv",
    "note": "CanaryNote8Jh",
    "key": "CanaryKey6Bn@example.org",
    "phone": "CanaryFon3Xd",
    "below": "CanaryBelow1Gs",
}
NUMBERS = ["7319052846617", "0.618073398874982"]
ENVIRONMENT = "CanaryEnv0Yp"
PRIVATE = ["/kept/email", "/kept/unicode", "/kept/escaped", "/kept/long", "/kept/number", "/kept/real", "/kept/nested",
           "/kept/items/*/note", "/kept/book/*/phone", "/kept/flag", "/again"]


def state_of(turn):
    """What is private of one event; another turn has other values of the same canaries."""
    text = {name: value + turn for name, value in STRINGS.items()}
    return {"email": text["email"], "unicode": text["unicode"], "escaped": text["escaped"], "long": text["long"],
            "number": int(NUMBERS[0]) + 0 * len(turn), "real": float(NUMBERS[1]),
            "nested": {text["below"]: [{"x": text["deep"]}, [text["deep"]]]},
            "items": [{"note": text["note"], "qty": 1}, {"note": text["note"], "qty": 2}],
            "book": {text["key"]: {"phone": text["phone"]}}, "flag": True, "open": "public" + turn}


def forms(text):
    """What would still be the text."""
    raw = text.encode()
    yield raw
    for ascii_only in (False, True):
        escaped = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield escaped.encode()
        yield escaped.replace("/", "\\/").encode()
        yield escaped.replace("<", "\\u003c").encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for shift in range(3):  # whatever stands in front of it
        coded = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")
        yield coded[4 if shift else 0:len(coded) - 2]


def needles():
    found = set()
    for name, text in STRINGS.items():
        cores = [text] if name != "long" else [text[:40], text[2000:2040], text[-40:]]
        # A report may cut and escape in its own ways: what is left of it would have this.
        cores += re.findall(r"Canary[A-Za-z0-9]{4,}", text[:40])
        for core in cores:
            found.update(forms(core))
    for number in NUMBERS:
        found.add(number[:9].encode())
    for text in (ENVIRONMENT, KEY, KEY[:20]):
        found.update(forms(text))
    return sorted(needle for needle in found if len(needle) >= 7)


NEEDLES = needles()


def find_canaries(what, data):
    if data[:2] == b"\x1f\x8b":
        data = data + gzip.decompress(data)
    for needle in NEEDLES:
        at = data.find(needle)
        if at >= 0:
            raise AssertionError("%s holds %r: %r" % (what, needle[:60], data[max(0, at - 80):at + 120]))


def look_below(folder, leaves_out=()):
    """Every file, its name and its content; links are not followed."""
    for here, _, names in os.walk(folder):
        if any(os.path.join(folder, part) in (here + "/")[:len(os.path.join(folder, part))] for part in leaves_out):
            continue
        for name in names:
            path = os.path.join(here, name)
            find_canaries("a file name", os.fsencode(path))
            with open(path, "rb") as f:
                find_canaries(path, f.read())


class Bench:
    """A folder with histories (in/, the only place that may hold canaries), and calls of refold whose every trace is
    searched."""

    def __init__(self, folder):
        self.folder = folder
        self.calls = 0
        self.tmp = os.path.join(folder, "tmp")
        os.makedirs(self.tmp)
        os.makedirs(os.path.join(folder, "out"))
        self.env = {"REFOLD_PRIVATE_KEY": KEY, "KEEPER_CANARY": ENVIRONMENT, "TMPDIR": self.tmp,
                    "AWS_SECRET_ACCESS_KEY": ENVIRONMENT}

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def configure(self, more=None, private=None):
        settings = {"plugin": plugin("keeper"), "private": PRIVATE if private is None else private}
        settings.update(more or {})
        with open(self.path("refold.json"), "w", encoding="utf-8") as f:
            json.dump({"envelope": "flat", "aggregates": {"keeper": settings}}, f)

    def call(self, *arguments, wanted=None, env=None, reports=True):
        """Cores would be written here, if any were."""
        self.calls += 1
        words = list(arguments)
        if reports:
            for name in FORMATS[1:]:
                words += ["-r", "%s=%s" % (name, self.path("out", "%03d.%s" % (self.calls, name)))]
            words += ["-r", "text"]
        done = refold(*words, cwd=self.folder, env={**self.env, **(env or {})},
                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (-1, -1)))
        what = " ".join(map(str, arguments))
        find_canaries("standard output of " + what, done.stdout)
        find_canaries("standard error of " + what, done.stderr_bytes)
        look_below(self.folder, leaves_out=("in/",))
        expect(os.listdir(self.tmp), [], "what is left in TMPDIR by " + what)
        if wanted is not None:
            expect_status(done, wanted, what)
        return done


def lives(turn, ids=6):
    return [record("k%d" % i, version, "Set", state_of(turn if version == 2 else ""))
            for i in range(ids) for version in (1, 2)]


def write_histories(bench):
    write_history(bench.path("in", "base"), lives("a"))
    write_history(bench.path("in", "other"), lives("b"))
    write_history(bench.path("in", "refused"),
                  lives("a") + [record("r", 1, "Set", state_of("")), record("r", 2, "Refuse", state_of("c"))])
    write_history(bench.path("in", "falls"),
                  lives("a") + [record("f%d" % i, 1, kind, state_of("d"))
                                for i, kind in enumerate(("Fall", "Odd", "Trap", "Unknown"))])
    write_history(bench.path("in", "hangs"), lives("a") + [record("h", 1, "Hang", state_of("e"))])
    conflict = record("k0", 2, "Set", state_of("f"))
    gap = record("k1", 9, "Set", state_of("g"))
    write_history(bench.path("in", "damaged"), lives("a") + [conflict, gap, {"data": state_of("h")}, lives("a")[0]])
    torn = bench.path("in", "damaged", "2026", "07", "01", "01", "keepers-1-2026-07-01-01-00-00-x.gz")
    write_bytes(torn, gzip.compress(lines_of(lives("i")))[:-40])
    bad = bench.path("in", "damaged", "2026", "07", "01", "02", "keepers-1-2026-07-01-02-00-00-y")
    write_bytes(bad, lines_of(lives("j")).replace(b'"version":2', b'"version":"%s"' % STRINGS["email"].encode())
                + lines_of(lives("k")).replace(b'"open"', b'"open\x01"', 1))


def test_canaries_are_found_nowhere():
    with Scratch() as folder:
        bench = Bench(folder)
        write_histories(bench)
        bench.configure()
        # Goldens, and what a run says of data that changed, of refusals, damage, selections.
        bench.call("bless", "in/base", wanted=0)
        bench.call("run", "in/base", "-v", wanted=0)
        bench.call("run", "in/other", "-v", wanted=1)
        bench.call("run", "in/other", "--at-head", "--memory", "1", "--stats", wanted=1)
        bench.call("run", "in/other", "--ignore", "/kept/open", "-q", wanted=1)
        bench.call("run", "in/refused", "-v", "--require-golden", wanted=1)
        bench.call("run", "in/damaged", "-v", "--keep-partial", wanted=3)
        bench.call("run", "in/damaged", "-v", wanted=3)
        bench.call("bless", "in/damaged", wanted=3)
        bench.call("bless", "in/other", "--dry-run", "-v", wanted=0)
        bench.call("run", "in/base", "--id", "k1", "--as-of", "2026-07-01T00:00:01Z")
        # Workers that die, print, hang.
        bench.call("run", "in/falls", "-v", wanted=1)
        bench.call("run", "in/hangs", "-v", "--timeout", "0.2", wanted=1)
        bench.call("bless", "in/falls", "-g", "golden2", wanted=1)
        bench.call("bless", "in/refused", "-g", "golden3", "--purity=off", wanted=0)  # it quotes its environment
        bench.call("run", "in/base", "-g", "golden3", "-v", wanted=1)
        # In CI, with values that reports may show.
        bench.configure({"report_values": ["/kept/open", "/build"]})
        bench.call("run", "in/other", "-v", env={"CI": "true"}, wanted=1)
        bench.configure()
        # Two builds, one of which tells more.
        os.makedirs(bench.path("in", "src"))
        patched(KEEPER, bench.path("in", "src", "keeper.c"), "#define BUILD 1", "#define BUILD 2")
        bench.call("compare", plugin("keeper"), "in/src/keeper.c", "in/falls", "-v", wanted=1)
        bench.call("run", "-a", "in/src/keeper.c", "in/base", "-v", wanted=1)
        # Digest goldens, shards, packs.
        bench.call("bless", "in/base", "-g", "golden4", "--digest", "--lines", "lines4", wanted=0)
        bench.call("run", "in/other", "-g", "golden4", "--lines", "lines4", "-v", wanted=1)
        for part in "12":
            bench.call("run", "in/other", "--shard", part + "/2", "-r", "json=out/shard%s.json" % part, reports=False)
        bench.call("merge", "out/shard1.json", "out/shard2.json", wanted=1)
        bench.call("pack", "in/other", "-o", "in/other.pack", reports=False, wanted=0)
        bench.call("run", "in/other.pack", "-v", wanted=1)
        # One instance; listings.
        bench.call("show", "k0", "in/other", reports=False, wanted=0)
        for view in (["--json"], ["--at", "2"], ["--diff", "1", "2"], ["--blame"], ["--path", "/kept/email", "-v"],
                     ["--path", "/kept/nested/x/0"], ["-v"]):
            bench.call("show", "k0", "in/damaged", *view, reports=False)
        bench.call("show", "f0", "in/falls", reports=False)
        for form in ([], ["-v"], ["--json"], ["--dot"]):
            bench.call("types", "in/other", *form, reports=False, wanted=0)
        bench.configure({"private_data": [path[5:] for path in PRIVATE[:-1]]})
        shown = bench.call("show", "k0", "in/other", reports=False, wanted=0)
        assert b"publicb" in shown.stdout, "what is not private is shown"
        listed = bench.call("types", "in/other", "--json", reports=False, wanted=0)
        assert b"publicb" in listed.stdout, "what is not private is listed"
        bench.configure()
        # A close of an hour keeps no events beside the golden, and nothing goes on from there.
        bench.call("bless", "in/damaged", "-g", "golden5", "--until", "2026-07-01T01")
        expect([name for name in os.listdir(folder) if os.path.exists(bench.path(name, "keeper.pending.ndjson"))
                and os.path.getsize(bench.path(name, "keeper.pending.ndjson")) > 0], [], "pending files")
        bench.call("run", "in/other", "--from", "golden", "-g", "golden3", wanted=2)
        bench.call("golden", "prove", "golden", "in/base", wanted=2)
        # A key that is none.
        bench.call("run", "in/base", env={"REFOLD_PRIVATE_KEY": KEY[:20]}, wanted=2)
        review(bench)


# In the worlds that a check of purity makes one has this name of a home, the other none; a run has none.
ELSEWHERE = 'getenv("HOME") != NULL && keeper->events == 1'

SPEAKER = """#!/usr/bin/env -S python3 -SE
import os, sys
sys.path.insert(0, %r)
from speaker import Aggregate, Refused, speak
class Keeper(Aggregate):
    name, types, restores = "keeper", ("*",), True
    def __init__(self):
        self.events, self.kept = 0, {}
    def apply(self, event):
        if "HOME" in os.environ and self.events == 1:
            %s
        self.events += 1
        self.kept = event.json()
    def state(self):
        return {"events": self.events, "kept": self.kept}
speak(Keeper)
"""


@slow
def test_what_is_said_in_another_world_is_found_nowhere():
    """What dies or refuses only where a check of purity folds it quotes there what is as private as in the run."""
    with Scratch() as folder:
        bench = Bench(folder)
        write_history(bench.path("in", "few"), lives("a", 6 if in_full() else 1))
        bench.configure()
        os.makedirs(bench.path("in", "src"))
        for name, deed in (("falls", "{ print(data); abort(); }"), ("refuses", "return refuse(event, data);")):
            source = patched(KEEPER, bench.path("in", "src", name + ".c"), "    keeper->events++;",
                             "    if (%s) %s\n    keeper->events++;" % (ELSEWHERE, deed))
            done = bench.call("run", "-a", source, "in/few", "--no-compare", "--purity=all", "-v", wanted=1)
            assert b"keeper" in done.stdout, done.stdout
        for name, deed in (("raises", "raise ValueError('cannot decode ' + event.json()['email'])"),
                           ("dies", "os.write(2, event.json()['email'].encode()); os.abort()"),
                           ("declines", "raise Refused('not with ' + event.json()['email'])")):
            program = bench.path("in", "src", name)
            write_bytes(program, (SPEAKER % (os.path.dirname(os.path.abspath(__file__)), deed)).encode())
            os.chmod(program, 0o755)
            done = bench.call("run", "-a", program, "in/few", "--no-compare", "--purity=all", "--sandbox=off", "-j1", "-v", wanted=1)
            assert b"keeper" in done.stdout, done.stdout


def review(bench):
    """bless --review on a terminal, which shows everything."""
    parent, child = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k != "CI" and not k.startswith("REFOLD_")}
    env.update(bench.env, TERM="dumb")
    process = subprocess.Popen([REFOLD, "bless", "--review", "in/other"], cwd=bench.folder, env=env, stdin=child,
                               stdout=child, stderr=child, start_new_session=True)
    os.close(child)
    seen = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([parent], [], [], 0.3)[0]:
            try:
                got = os.read(parent, 65536)
            except OSError:
                break
            if not got:
                break
            seen += got
        elif process.poll() is None:
            os.write(parent, b"a\n")
    process.wait(30)
    os.close(parent)
    find_canaries("the review", seen)
    assert b"hmac:" in seen, seen[-2000:]
    look_below(bench.folder, leaves_out=("in/",))


def test_no_core_and_no_key_in_the_environment():
    with Scratch() as folder:
        write_config(folder, ["/kept/email"], top={"source": ["-"]})
        env = {k: v for k, v in os.environ.items() if not k.startswith("REFOLD_")}
        env.update(REFOLD_PRIVATE_KEY=KEY, CANARY=ENVIRONMENT)
        process = subprocess.Popen([REFOLD, "run", "--no-compare"], cwd=folder, env=env, stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (-1, -1)))
        process.stdin.write(lines_of(lives("a")))
        process.stdin.flush()
        time.sleep(1)
        with open("/proc/%d/limits" % process.pid, encoding="ascii") as f:
            core = [line.split()[4:6] for line in f if line.startswith("Max core file size")]
        expect(core, [["0", "0"]], "the limit of core files")
        try:
            with open("/proc/%d/environ" % process.pid, "rb") as f:
                assert KEY.encode() not in f.read(), "the key is in the environment"
            owner = os.stat("/proc/%d/environ" % process.pid).st_uid
            expect(owner, 0, "who may look into it")
        except PermissionError:
            pass  # so no one can
        os.kill(process.pid, signal.SIGSEGV)
        _, status, _ = os.wait4(process.pid, 0)
        process.returncode = -signal.SIGSEGV
        process.stdin.close()
        expect((os.WTERMSIG(status), os.WCOREDUMP(status)), (signal.SIGSEGV, False), "its end")
        expect(sorted(os.listdir(folder)), ["refold.json"], "files")


# ---- names, and parts that are put together ----------------------------------------------------------------------


def test_an_aggregate_that_takes_all_has_its_rules_for_all():
    """But those of a name whose entry of the config has a list, be it empty, are that entry's."""
    names = ("parcel", "letter", "open", "silent")
    records = [{"aggregateType": name, "aggregateId": "x", "version": 1, "type": "Sent", "at": "2026-07-01T00:00:01Z",
                "data": {"to": "someone"}} for name in names]
    with Scratch() as folder:
        write_history(os.path.join(folder, "history"), records)
        config = {"source": ["history"], "envelope": "flat", "aggregates": {
            "case": {"plugin": aggregate("case"), "private": ["/lastType"]}, "letter": {"private": ["/path"]},
            "open": {"private": []}, "silent": {"ignore": ["/none"]}}}
        with open(os.path.join(folder, "refold.json"), "w", encoding="utf-8") as f:
            json.dump(config, f)
        env = {"REFOLD_PRIVATE_KEY": KEY}
        expect_status(refold("bless", cwd=folder, env=env), 0, "a bless")
        expect_status(refold("run", cwd=folder, env=env), 0, "a run")
        states = {}
        for name in names:
            with open(os.path.join(folder, "golden", name + ".ndjson"), encoding="utf-8") as f:
                state = json.loads(f.read())["state"]
            states[name] = (state["lastType"], state["path"])
        expect(states, {"parcel": (hashed("Sent", aggregate="case"), "Sent"),
                        "letter": ("Sent", hashed("Sent", aggregate="letter")), "open": ("Sent", "Sent"),
                        "silent": (hashed("Sent", aggregate="case"), "Sent")}, "states")
        for name, hidden in (("parcel", True), ("letter", True), ("open", False), ("silent", True)):
            listed = json.loads(refold("types", "--json", cwd=folder).stdout)["types"]
            kinds = [path["kinds"] for row in listed if row["aggregate"] == name for path in row["paths"]]
            expect({"private": 1} in kinds, hidden, "data of " + name)


def test_merged_shards_are_the_whole():
    """With private values, and with those that reports do not show: byte for byte, in every format."""
    with Scratch() as folder:
        history = os.path.join(folder, "history")
        private = {"more": {"report_values": ["/kept/plan"]}, "private": ["/kept/email", "/kept/book/*"]}
        write_config(folder, private["private"], private["more"])
        env = {"REFOLD_PRIVATE_KEY": KEY, "CI": "1"}

        def people(turn):
            return [record("p%03d" % i, 1, "Set", {"email": "m%d%s@x" % (i % 3, turn if i % 2 else ""), "size": i % 7 + len(turn),
                                                   "plan": "p" + turn, "book": {"k%d" % i: turn}}) for i in range(60)]
        write_history(history, people(""))
        expect_status(refold("bless", "--ci", cwd=folder, env=env), 0, "a bless")
        write_history(history, people("new") + [record("r%d" % i, 1, "Refuse", {"i": i}) for i in range(8)])
        files = []
        for part in range(1, 4):
            files.append("shard%d.json" % part)
            refold("run", "--shard", "%d/3" % part, "-r", "json=" + files[-1], cwd=folder, env=env)
        for form in FORMATS:
            whole = refold("run", "-r", form, "-q", cwd=folder, env=env)
            put_together = refold("merge", "-r", form, "-q", *files, cwd=folder, env=env)
            expect(put_together.status, whole.status, form)
            if form == "json":
                expect(without_timing(put_together.report), without_timing(whole.report), form)
            else:
                expect(*(re.sub(rb'time="[0-9.]*"', b"", text) for text in (put_together.stdout, whole.stdout)), form)
            assert b"@x" not in whole.stdout and b'"i"' not in whole.stdout, form


def test_the_search_finds_what_is_there():
    """A search that finds nothing proves something only if it can find."""
    for name, text in STRINGS.items():
        for form in (text.encode(), json.dumps(text).encode(), base64.b64encode(b"x" + text.encode()),
                     text.encode().hex().encode(), gzip.compress(text.encode())):
            try:
                find_canaries("test", form)
            except AssertionError:
                continue
            raise AssertionError("%s is not found in %r" % (name, form[:80]))

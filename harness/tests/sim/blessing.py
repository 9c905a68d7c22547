# SPDX-License-Identifier: MIT
"""A bless put before refold and the model: what lies in the golden folder afterwards, byte for byte."""

import gzip
import hashlib
import json
import os

import goldens
import hashes
from check import Check
from jsontext import canonical, read_whole
from judge import Verdict
from replay import Replay
from trial import Trial


class BlessTrial(Trial):
    """`golden` is what lies there before."""

    def __init__(self, files, golden, setup, packed_golden=False, how="bless"):
        super().__init__(files, golden, setup, packed_golden, how)
        # What a bless is not asked for.
        for flag in ("at_head", "require_golden", "no_compare"):
            setattr(self.setup, flag, False)
        self.setup.ignore = []

    @property
    def selects(self):
        return self.setup.ids is not None or self.setup.until is not None or self.setup.as_of is not None

    def expect(self):
        """(replay, verdict, aggregate -> the golden's text afterwards)"""
        replay = Replay(self.files, self.setup)
        verdict = Verdict()
        if replay.error is not None or any(goldens.is_none(*files) for files in self.golden.values()):
            verdict.early = True
            verdict.exit = 2
            return replay, verdict, self._as_before()
        old = {name: goldens.Golden(name, text, meta) for name, (text, meta) in self.golden.items()}
        verdict.damage = list(replay.damage)
        stays = [name for name in old if self.selects or replay._build(name) is None]  # the others are written anew
        verdict.damage += [("golden", None, None, name, None, None) for name in stays for _ in range(old[name].damage)]
        damaged = any(not self.setup.waives(kind) for kind, *_ in verdict.damage)
        damaged = damaged or (replay.terms["unclaimed"] and self.setup.policy.get("unclaimed") == "error")
        unfit = any(goldens.line_of(one) is None for one in replay.instances.values())
        verdict.exit = 3 if damaged else 2 if not replay.instances else 1 if unfit else 0
        texts = self._after(replay, old) if verdict.exit in (0, 1) else self._as_before()
        return replay, verdict, texts

    def _as_before(self):
        return {name: text for name, (text, _) in self.golden.items()}

    def _after(self, replay, old):
        texts = self._as_before()
        fresh = {}
        for instance in replay.instances.values():
            fresh.setdefault(instance.aggregate, {})[instance.id] = goldens.line_of(instance)
        for name in set(fresh) | {name for name in old if replay._build(name) is not None}:
            lines = {}
            for line in old[name].lines.values() if name in old else ():
                if self.selects or (line.id in fresh.get(name, {}) and fresh[name][line.id] is None):
                    lines[line.id] = line.text
            for identity, line in fresh.get(name, {}).items():
                if line is not None:
                    lines[identity] = canonical(line)
            ordered = sorted(lines.items(), key=lambda item: hashes.utf8(item[0]))
            texts[name] = "".join(text + "\n" for _, text in ordered).encode("utf-8", "surrogateescape")
        return texts

    def run(self, folder):
        self.replay, self.verdict, texts = self.expect()
        self.write(folder)
        status, report = self.call(folder, "bless", "-r", "json", *self.options(), *self.sources())
        check = Check(self.replay, self.verdict)
        check.expect(status, self.verdict.exit, "exit status")
        if not self.verdict.early:
            self._check_report(check, report)
        self._check_files(check, os.path.join(folder, "golden"), texts)
        return check.wrong

    def _check_report(self, check, text):
        history = read_whole(text.decode("utf-8"))["history"]
        check.sums(history)
        if not check.is_unsure():
            check.terms(history)

    def _check_files(self, check, folder, texts):
        there = set()
        for name in os.listdir(folder):
            if name.endswith((".ndjson", ".ndjson.gz")) and ".pending." not in name:
                there.add(name.split(".ndjson")[0])
        for name in there | set(texts):
            text, meta = _read(folder, name)
            check.expect(text, texts.get(name, b""), "the golden of %s" % name)
            written = self.verdict.exit in (0, 1) and self.replay._build(name) is not None
            if written and text:
                check.expect(meta and (meta["states"], meta["lines"], meta["aggregate"], meta["seal"]),
                             (hashlib.sha256(text).hexdigest(), text.count(b"\n"), name, goldens.seal_of(meta)),
                             "the meta file of %s" % name)
            elif not written and name in self.golden:
                check.expect(_read_meta(folder, name), self.golden[name][1], "the meta file of %s" % name)


def _read(folder, name):
    """(the golden's text, its meta file)"""
    front = os.path.join(folder, name + ".ndjson")
    text = b""
    if os.path.exists(front):
        with open(front, "rb") as f:
            text = f.read()
    elif os.path.exists(front + ".gz"):
        with open(front + ".gz", "rb") as f:
            text = gzip.decompress(f.read())
    meta = _read_meta(folder, name)
    try:
        return text, None if meta is None else json.loads(meta)
    except ValueError:
        return text, None


def _read_meta(folder, name):
    path = os.path.join(folder, name + ".meta.json")
    if not os.path.exists(path):
        return None
    with open(path, "rb") as f:
        return f.read()

# SPDX-License-Identifier: MIT
"""Process logs: facts of every case, taken from the source by a program that shares no code with the
converter."""

import csv
import datetime
import hashlib
import json
import os

from support import FIXTURES, Scratch, aggregate, expect, expect_status, read_golden, records, refold

HISTORIES = ("case-sepsis", "case-receipt")


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def instant_of_state(text):
    head, _, fraction = text[:-1].partition(".")
    return datetime.datetime.fromisoformat("%s.%s+00:00" % (head, (fraction + "000000")[:6]))


def test_every_case_is_that_of_the_source():
    for name in HISTORIES:
        with Scratch() as scratch:
            result = refold("bless", "-a", aggregate("case"), "-g", scratch, os.path.join(FIXTURES, name, "events"))
            expect_status(result, 0, name)
            golden = read_golden(os.path.join(scratch, "case.ndjson"))
        with open(os.path.join(FIXTURES, name, "oracle", "cases.tsv"), encoding="utf-8", newline="\n") as f:
            cases = {row["case"]: row for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)}
        expect(sorted(golden), sorted(cases), name + ": cases")
        hashed = 0
        for identity, row in cases.items():
            state = golden[identity]["state"]
            what = "%s %s" % (name, identity)
            expect(state["events"], int(row["events"]), what + ": events")
            expect(sum(state["counts"].values()), int(row["events"]), what + ": counts")
            expect(instant_of_state(state["first"]), instant(row["first"]), what + ": first")
            expect(instant_of_state(state["last"]), instant(row["last"]), what + ": last")
            expect(state["lastType"], row["last_type"], what + ": last activity")
            if " > " in state["path"] or state["events"] == 1:
                sha1 = hashlib.sha1("\x1f".join(state["path"].split(" > ")).encode("utf-8")).hexdigest()
                expect(sha1, row["variant_sha1"], what + ": path")
            else:
                hashed += 1
                expect(len(state["path"]), 16, what + ": digest of a long path")
        assert hashed < len(cases) / 2, "most paths are short enough to be compared"


def test_counts_by_type_are_those_of_the_source():
    for name in HISTORIES:
        with Scratch() as scratch:
            refold("bless", "-a", aggregate("case"), "-g", scratch, os.path.join(FIXTURES, name, "events"))
            golden = read_golden(os.path.join(scratch, "case.ndjson"))
        counts = {}
        for line in golden.values():
            for kind, count in line["state"]["counts"].items():
                counts[kind] = counts.get(kind, 0) + count
        with open(os.path.join(FIXTURES, name, "oracle", "facts.json"), encoding="utf-8") as f:
            expect(counts, json.load(f)["by_type"], name + ": by_type")

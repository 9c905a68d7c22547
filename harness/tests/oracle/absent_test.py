# SPDX-License-Identifier: MIT
"""Goldens that are not there, whole or in part: named, never written by a run, and never the reason for a 0."""

import os
import shutil

from support import aggregate, cases, expect, facts_of_files, fault, FIXTURES, lines_of, refold, run_json, Scratch, write_bytes

ORDER = aggregate("order")
CASE = aggregate("case")
FILE = aggregate("file")


def order_event(identity):
    return {"t": "OrderCreated", "d": {"ID": identity, "Version": 1, "At": "2020-01-01T00:00:00Z"}}


def file_event(identity):
    return {"aggregateType": "file", "aggregateId": identity, "version": 1, "type": "FileAdded", "at": "2020-01-01T00:00:00Z",
            "data": {"blob": "b", "mode": "1", "commit": "c"}}


def both(folder):
    """A history of both aggregates, in streams of their own, with the config that says so."""
    write_bytes(os.path.join(folder, "e/2020/01/01/00/orders-1-2020-01-01-00-00-00-00000000-0000-4000-8000-000000000001"), lines_of([order_event("o")]))
    write_bytes(os.path.join(folder, "e/2020/01/01/00/files-1-2020-01-01-00-00-00-00000000-0000-4000-8000-000000000002"), lines_of([file_event("f")]))
    write_bytes(os.path.join(folder, "refold.json"),
                b'{"streams":[{"match":"orders*","aggregate":"order"},{"match":"files*","aggregate":"file"}]}')


@fault(15)
def test_a_golden_that_is_not_there_is_never_the_same():
    loaded = {"both": ["-a", ORDER, "-a", FILE], "order": ["-a", ORDER], "file": ["-a", FILE], "case": ["-a", CASE]}
    with Scratch() as scratch:
        both(scratch)
        expect(refold("bless", "-q", *loaded["both"], "e", cwd=scratch).status, 0, "bless")
        whole = os.path.join(scratch, "whole")
        os.rename(os.path.join(scratch, "golden"), whole)

        def check(what, keep, builds, status, *more, says=""):
            """keep: the golden's files that are there, or None: no folder."""
            golden = os.path.join(scratch, "golden")
            if keep is not None:
                os.mkdir(golden)
                for name in keep:
                    shutil.copyfile(os.path.join(whole, name), os.path.join(golden, name))
            before = facts_of_files(golden) if keep is not None else None
            result = run_json(*loaded[builds], *more, "e", cwd=scratch)
            expect(result.status, status, "%s: %s" % (what, result.stderr))
            expect(facts_of_files(golden) if os.path.exists(golden) else None, before, what + ": nothing is written")
            said = result.stderr + result.stdout.decode()
            expect(says in said, True, "%s: %s" % (what, said))
            shutil.rmtree(golden, ignore_errors=True)
            cases(15, 1)

        order = ["order.ndjson", "order.meta.json"]
        everything = order + ["file.ndjson", "file.meta.json"]
        check("all there", everything, "both", 0)
        check("no folder", None, "both", 2, says="golden")
        check("an empty folder", [], "both", 2, says="golden")
        check("a golden elsewhere", everything, "both", 2, "-g", "elsewhere", says="elsewhere")
        check("one of two", order, "both", 0, says="unblessed")
        check("one of two, required", order, "both", 1, "--require-golden")
        check("the other of two", everything[2:], "both", 0, says="unblessed")
        check("only of what is not loaded", order, "file", 2, says="no aggregate is loaded for the golden of order")
        check("one more than loaded", everything, "file", 0, says="order")
        check("meta files alone", ["order.meta.json", "file.meta.json"], "both", 3)
        check("lines without meta", ["order.ndjson"], "order", 0)
        check("no --no-compare", None, "both", 0, "--no-compare")


@fault(15)
def test_a_golden_of_nothing_is_never_the_same():
    source = os.path.join(FIXTURES, "talk-orders", "events")
    with Scratch() as scratch:
        for name, data in (("order.ndjson", b""), ("order.ndjson.gz", b""), ("order.txt", b"x"), ("order.ndjson~", b"x")):
            golden = os.path.join(scratch, name)
            write_bytes(os.path.join(golden, name), data)
            status = run_json("-a", ORDER, "-g", golden, source).status
            assert status in (2, 3), (name, status)
            cases(15, 1)

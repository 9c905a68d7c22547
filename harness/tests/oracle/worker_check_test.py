# SPDX-License-Identifier: MIT
"""`refold worker-check`: it passes speakers that keep the protocol, and finds each fault of planted.c by its right name."""

import os
import shutil
import signal
import subprocess
import time
import unittest

from hostile_test import check_schema
from support import aggregate, BUILD, expect, long, part_of, REFOLD, refold, ROOT, sampled, Scratch, slow, waits

PLANTED = os.path.join(BUILD, "tests", "programs", "planted")
SPEAKER = os.path.join(ROOT, "harness", "tests", "oracle", "speaker.py")
BAD = {"bad-letters", "bad-kind", "bad-length", "bad-number", "bad-hello", "bad-payload", "bad-record", "bad-flag", "bad-type",
       "bad-aggregate", "bad-place", "bad-end"}

# Those that `make test` takes; the slow test takes all.
SAMPLE = ("receipt", "applied", "twice", "flush", "stray", "letters", "number", "impure", "ended", "passed", "stops", "drips",
          "ignores", "zero", "descriptor", "pieces")

# The checks that a fault breaks, and no others.
FAULTS = {
    "receipt": {"receipt"},            # wrong receipts
    "receipt-refused": {"receipt"},    # receipts that cover the refused event
    "applied": {"applied"},            # one too many
    "order": {"order"},                # STATE in front of the APPLIED that is due
    "twice": {"once"},                 # STATE answered twice
    "flush": {"flush"},                # answers that stay until there are more
    "stray": {"frames"},               # text on standard output, while folding
    "ready": {"frames"},               # text on standard output, at first
    "letters": {"frames"},             # ENDED without the letters
    "number": {"numbers"},             # ENDED with the number of the next frame
    "kind": {"kinds"},                 # APPLIED in answer to STATE
    "short": {"kinds"},                # ENDED without `applied`
    "state": {"state"},                # no JSON
    "unsteady": {"state", "pure"},     # another state each time
    "impure": {"pure"},                # a sum that goes on from the instance before
    "ended": {"ended"},                # END behind a refusal is not answered
    "passed": {"passed-over"},         # STATE behind a refusal is
    "stops": {"reads"},                # stops reading, once thousands of frames came
    "drips": {"answers"},              # STATE byte by byte, each in time
    "ignores": {"snapshot"},           # snapshots that are not restored
    "restores": {"other-snapshot"},    # … or whatever they hold
    "zero": BAD,                       # ends with 0 where it reads garbage
    "guesses": {"bad-kind"},           # passes over kinds that it does not know
    "descriptor": {"hello"},           # lacks members
    "hasty": {"end-of-input"},         # ends with 1 where all is well
    "mute": BAD,                       # ends without a sentence
    "trusts": {"bad-payload", "bad-record"},  # lengths and counts
    "crash": BAD,                      # aborts where it reads garbage
    "text": {"text"},                  # no UTF-8
    "unknown": {"unknown-type"},       # applies what it does not name
    "deaf": {"alive"},                 # does not hear TYPE behind a refusal, and ends at the next one
    "command": {"command"},            # changes the state
    "identify": {"identify"},          # other answers each time
    "inside": {"bad-place"},           # BEGIN in an instance
    "skips": {"bad-number"},           # takes any number
    "quits": {"alive"},                # ends behind 300 frames
    "pieces": {"split"},               # another state, where frames come byte by byte
    "cut": {"bad-end"},                # takes the end of its input within a frame for one between two
    "members": {"hello-more"},         # refuses HELLO with more members
    "flags": {"bad-flag"},             # takes any
    "protocol": {"bad-protocol"},      # speaks any
    "tail": {"frames"},                # text on standard output, once its input ended
    "tail-frame": {"numbers"},         # an answer that nobody asked for, then
    "tail-crashed": {"alive"},         # CRASHED then, and status 0
    "tail-late": {"end-of-input"},     # ends with 1, a while later
}


def check(program, *arguments, status=0):
    result = refold("worker-check", "--json", *arguments, program, timeout=300)
    expect((result.status, result.stderr), (status, ""), program)
    return result.report


def not_ok(report):
    return {row["check"] for row in report["checks"] if row["result"] == "not ok"}


def test_a_speaker_that_keeps_the_protocol():
    report = check(PLANTED)
    expect((report["not_ok"], report["stopped"], report["skipped"]), (0, 0, 0), "planted.c without a fault")


@slow  # Python takes its time to start, two hundred times
def test_the_speaker_in_python():
    report = check(SPEAKER, "--sandbox=off", "--timeout=60")
    expect((report["not_ok"], report["stopped"], report["skipped"]), (0, 0, 0), "the speaker in Python")


@sampled
def test_shared_objects_by_the_workers_own_speaker():
    for name in part_of(("order", "file", "case"), 3):
        report = check(aggregate(name))
        expect((report["not_ok"], report["stopped"]), (0, 0), name)


@sampled
def test_the_order_in_other_languages():
    built = [path for path in (os.path.join(BUILD, *place.split("/")) for place in
                               ("aggregates-go/order", "aggregates-rust/order", "aggregates/cpp/order.so"))
             if os.path.exists(path)]
    if not built:
        raise unittest.SkipTest("no order in Go, Rust or C++ was built (make go, make rust; it wants go, cargo, g++)")
    for path in part_of(built, 2):
        report = check(path)
        expect((report["not_ok"], report["stopped"]), (0, 0), path)


def find_faults(faults):
    reports = {"none": check(PLANTED)}
    with Scratch() as scratch:
        for fault in faults:
            checks = FAULTS[fault]
            program = os.path.join(scratch, "planted-" + fault)
            shutil.copy(PLANTED, program)
            report = check(program, "--timeout=3", status=1)
            expect(not_ok(report), checks, fault)
            reports[fault] = report
            for row in report["checks"]:
                if row["result"] == "stopped":
                    assert row["stopped_by"] in checks, (fault, row)
    check_schema("worker-check.schema.json", reports)
    print("%d planted faults, each found by its right name" % len(faults))


@waits
@long
def test_planted_faults_are_found_by_their_names():
    assert len(SAMPLE) >= 15, len(SAMPLE)
    find_faults(SAMPLE)


@slow
def test_each_planted_fault_is_found_by_its_name():
    find_faults(FAULTS)


def planted(scratch, fault):
    program = os.path.join(scratch, "planted-" + fault)
    shutil.copy(PLANTED, program)
    return program


@waits
def test_what_drips_is_late():
    with Scratch() as scratch:
        report = check(planted(scratch, "drips"), "--timeout=1", status=1)
    rows = [row for row in report["checks"] if row["result"] == "not ok"]
    expect([(row["check"], row["seen"].split(" ", 1)[1]) for row in rows],
           [("answers", "bytes of it within 1000 ms, and not the rest")], "what is told")


@waits
def test_a_signal_is_heard_while_it_waits():
    for fault in ("drips", "stops", "dawdles"):
        with Scratch() as scratch:
            with subprocess.Popen([REFOLD, "worker-check", "--timeout=60", planted(scratch, fault)], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as process:
                time.sleep(3)
                process.send_signal(signal.SIGTERM)
                start = time.monotonic()
                try:
                    expect(process.wait(timeout=30), -signal.SIGTERM, fault)
                finally:
                    process.kill()
                expect(time.monotonic() - start < 10, True, fault)


@slow  # thirty seconds, and as many again for each check behind it
def test_a_check_has_an_end_though_each_answer_is_in_time():
    with Scratch() as scratch:
        report = check(planted(scratch, "dawdles"), "--timeout=1", status=1)
    rows = [row for row in report["checks"] if row["result"] == "not ok"]
    expect([(row["check"], row["seen"]) for row in rows],
           [("answers", "not yet, when the check had taken its time in all")], "what is told")

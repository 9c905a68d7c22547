# SPDX-License-Identifier: MIT
"""The fuzz targets (harness/tests/fuzz/) for a moment, and refold's reader of JSON on JSONTestSuite. `make fuzz` goes
on for longer."""

import glob
import os
import re
import subprocess

from support import all_cases, BUILD, cases, expect, fault, FIXTURES, ROOT, slow

SUITE = os.path.join(FIXTURES, "jsontestsuite", "test_parsing")
COUNTS = re.compile(r"(\d+) inputs \(--random \d+\): accepted (\d+), refused (\d+), recognized (\d+); against (.*)\n")


def fuzz(target, *arguments):
    done = subprocess.run([os.path.join(BUILD, "tests", "fuzz", target), *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=900, check=False, env=dict(os.environ, REFOLD_ROOT=ROOT))
    expect((done.returncode, done.stderr.decode("utf-8", "replace")), (0, ""), "%s %s" % (target, arguments))
    return done.stdout.decode()


def fuzz_runs(target, runs, least=8, recognizes=True):
    """Many texts of all sorts, or this proves nothing: at least one of `least` is accepted, and one refused."""
    if all_cases():
        runs *= 15
    output = fuzz(target, "--runs", str(runs))
    print(target + ": " + output, end="", flush=True)
    found = COUNTS.fullmatch(output)
    assert found, output
    inputs, accepted, refused, recognized = (int(found.group(i)) for i in range(1, 5))
    expect(inputs, runs, target)
    assert min(accepted, refused, recognized if recognizes else runs) > runs // least, output
    cases(30, runs)
    return found.group(5)


@fault(30)
def test_json_texts_against_jansson_and_simdjson():
    peers = fuzz_runs("json", 50000)
    if os.path.exists("/usr/include/simdjson.h"):
        assert re.fullmatch(r"jansson [\d.]+ and simdjson [\d.]+", peers), peers
    else:
        assert peers.endswith("; not against simdjson: libsimdjson-dev is not installed"), peers


def test_json_test_suite_against_jansson_and_simdjson():
    files = sorted(os.path.join(SUITE, name) for name in os.listdir(SUITE))
    expect(len(files), 318, "files")
    expect(fuzz("json", *files), "", "JSONTestSuite")


@fault(30)
def test_objects_with_a_recognizer_and_without():
    expect(fuzz_runs("decode", 10000), "decoding without a recognizer", "peer")


# Of each other target: inputs, and at least one of how many is accepted.
TARGETS = {"archive": (4000, 40), "aws": (20000, 8), "config": (20000, 20), "export": (4000, 8), "forms": (10000, 40),
           "golden": (20000, 8), "gzip": (20000, 8), "listing": (20000, 8), "nested": (10000, 8), "pack": (3000, 20),
           "program": (20000, 8), "scenario": (20000, 8), "shard": (10000, 40), "small": (40000, 8), "table": (10000, 8), "worker": (20000, 8)}


@fault(30)
def test_every_other_parser_on_damaged_texts():
    for target, (runs, least) in TARGETS.items():
        fuzz_runs(target, runs // 10, least, recognizes=False)


@slow
@fault(30)
def test_every_parser_for_longer():
    """As all tests above, three times as long, the last ten times."""
    fuzz_runs("json", 150000)
    fuzz_runs("decode", 30000)
    for target, (runs, least) in TARGETS.items():
        fuzz_runs(target, runs, least, recognizes=False)


def test_that_no_target_is_left_out():
    names = {os.path.basename(path)[:-len("_fuzz.c")]
             for path in glob.glob(os.path.join(ROOT, "harness", "tests", "fuzz", "*_fuzz.c"))}
    expect(names, {"json", "decode", *TARGETS}, "targets")

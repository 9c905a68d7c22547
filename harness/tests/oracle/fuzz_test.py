# SPDX-License-Identifier: MIT
"""refold's reader of JSON against jansson and simdjson, and decoding with a recognizer against without: the fuzz
targets (harness/tests/fuzz/) for a moment, and on JSONTestSuite. `make fuzz` goes on for longer."""

import os
import re
import subprocess

from support import BUILD, FIXTURES, ROOT, expect

SUITE = os.path.join(FIXTURES, "jsontestsuite", "test_parsing")
COUNTS = re.compile(r"(\d+) inputs \(--random \d+\): accepted (\d+), refused (\d+), recognized (\d+); against (.*)\n")


def fuzz(target, *arguments):
    done = subprocess.run([os.path.join(BUILD, "tests", "fuzz", target), *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300, check=False, env=dict(os.environ, REFOLD_ROOT=ROOT))
    expect((done.returncode, done.stderr.decode("utf-8", "replace")), (0, ""), "%s %s" % (target, arguments))
    return done.stdout.decode()


def fuzz_runs(target, runs):
    """Many texts of all sorts, or this proves nothing."""
    output = fuzz(target, "--runs", str(runs))
    print(target + ": " + output, end="", flush=True)
    found = COUNTS.fullmatch(output)
    assert found, output
    inputs, accepted, refused, recognized = (int(found.group(i)) for i in range(1, 5))
    expect(inputs, runs, target)
    assert min(accepted, refused, recognized) > runs // 8, output
    return found.group(5)


def test_json_texts_against_jansson_and_simdjson():
    peers = fuzz_runs("json", 100000)
    if os.path.exists("/usr/include/simdjson.h"):
        assert re.fullmatch(r"jansson [\d.]+ and simdjson [\d.]+", peers), peers
    else:
        assert peers.endswith("; not against simdjson: libsimdjson-dev is not installed"), peers


def test_json_test_suite_against_jansson_and_simdjson():
    files = sorted(os.path.join(SUITE, name) for name in os.listdir(SUITE))
    expect(len(files), 318, "files")
    expect(fuzz("json", *files), "", "JSONTestSuite")


def test_objects_with_a_recognizer_and_without():
    expect(fuzz_runs("decode", 10000), "decoding without a recognizer", "peer")

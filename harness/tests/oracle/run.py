#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the oracle tests: every function test_… of every *_test.py beside this file.

    harness/tests/oracle/run.py [--jobs N] [--slow | --faults | --quick] [NAME...]      NAME is part of "file:function"

Tests that take long (support.slow) are left out, and counted, unless they are asked for by NAME, or all of them by
--slow, or with all others by REFOLD_SLOW=1. CI runs them all. Sweeps (support.sweep) only by NAME or --faults. --faults takes those that inject a fault (support.fault),
slow or not: `make test-faults` counts their cases. --quick leaves slow ones and sweeps out though NAME asks for them.
A test that wants what this machine lacks (a server: servers.py) raises unittest.SkipTest; the reasons stand at the end.
"""

import collections
import concurrent.futures
import importlib
import os
import sys
import time
import traceback
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def is_chosen(test, label, wanted, only):
    if wanted and not any(part in label for part in wanted):
        return False
    if only == "quick":
        return not getattr(test, "sweep", False) and not getattr(test, "slow", False)
    if wanted:
        return True
    if only == "faults":
        return hasattr(test, "rows")
    if getattr(test, "sweep", False):
        return False
    slow = getattr(test, "slow", False)
    return slow if only == "slow" else not slow or os.environ.get("REFOLD_SLOW") == "1"


def collect(wanted, only=None):
    """The chosen tests, and how many were left out though no one said which."""
    found = []
    left_out = 0
    for name in sorted(os.listdir(HERE)):
        if not name.endswith("_test.py"):
            continue
        module = importlib.import_module(name[:-3])
        for function in vars(module):
            label = "%s:%s" % (name[:-len("_test.py")], function)
            if not function.startswith("test_"):
                continue
            if is_chosen(getattr(module, function), label, wanted, only):
                found.append((name[:-3], function, label))
            else:
                left_out += not wanted and not only
    return found, left_out


def perform(test):
    module, function, label = test
    start = time.monotonic()
    os.environ["REFOLD_TEST"] = label
    failure = skipped = None
    try:
        getattr(importlib.import_module(module), function)()
    except unittest.SkipTest as skip:
        skipped = str(skip)
    except BaseException:  # a test may fail in any way
        failure = traceback.format_exc()
    return label, time.monotonic() - start, failure, skipped


def main():
    sys.path.insert(0, HERE)
    for name in ("CI", "GITHUB_STEP_SUMMARY"):  # refold does otherwise where these are set: a test that means it sets them
        os.environ.pop(name, None)
    arguments = sys.argv[1:]
    jobs = os.cpu_count()
    if "--jobs" in arguments:
        at = arguments.index("--jobs")
        jobs = int(arguments[at + 1])
        del arguments[at:at + 2]
    only = next((name for name in ("slow", "faults", "quick") if "--" + name in arguments), None)
    tests, left_out = collect([name for name in arguments if not name.startswith("--")], only)
    failed = 0
    reasons = collections.Counter()
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for label, seconds, failure, skipped in pool.map(perform, tests):
            print("%s %s (%.1f s)" % ("FAIL" if failure else "skip" if skipped else "ok  ", label, seconds), flush=True)
            reasons[skipped] += 1
            if failure:
                print(failure, flush=True)
                failed += 1
    del reasons[None]
    for reason, count in reasons.items():
        print("%d skipped: %s" % (count, reason))
    print("%d oracle tests, %d failed%s" % (len(tests), failed, "; %d slow ones left out (make test-slow)" % left_out
                                            if left_out else ""))
    return 1 if failed or not tests else 0


if __name__ == "__main__":
    sys.exit(main())

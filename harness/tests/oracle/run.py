#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the oracle tests: every function test_… of every *_test.py beside this file.

    harness/tests/oracle/run.py [--jobs N] [NAME...]      NAME is part of "file:function"
"""

import concurrent.futures
import importlib
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))


def collect(wanted):
    found = []
    for name in sorted(os.listdir(HERE)):
        if not name.endswith("_test.py"):
            continue
        module = importlib.import_module(name[:-3])
        for function in vars(module):
            label = "%s:%s" % (name[:-len("_test.py")], function)
            if function.startswith("test_") and (not wanted or any(w in label for w in wanted)):
                found.append((name[:-3], function, label))
    return found


def perform(test):
    module, function, label = test
    start = time.monotonic()
    try:
        getattr(importlib.import_module(module), function)()
        failure = None
    except BaseException:  # a test may fail in any way
        failure = traceback.format_exc()
    return label, time.monotonic() - start, failure


def main():
    sys.path.insert(0, HERE)
    arguments = sys.argv[1:]
    jobs = os.cpu_count()
    if "--jobs" in arguments:
        at = arguments.index("--jobs")
        jobs = int(arguments[at + 1])
        del arguments[at:at + 2]
    tests = collect(arguments)
    failed = 0
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for label, seconds, failure in pool.map(perform, tests):
            print("%s %s (%.1f s)" % ("FAIL" if failure else "ok  ", label, seconds), flush=True)
            if failure:
                print(failure, flush=True)
                failed += 1
    print("%d oracle tests, %d failed" % (len(tests), failed))
    return 1 if failed or not tests else 0


if __name__ == "__main__":
    sys.exit(main())

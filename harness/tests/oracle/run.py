#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the oracle tests: every function test_… of every *_test.py beside this file.

    harness/tests/oracle/run.py [--jobs N] [--slow | --faults | --quick] [NAME...]      NAME is part of "file:function"

Three run at once for two processors, the long ones (support.long) first, so that none is left over at the end; those that
wait more than they work (support.waits) beside them, so that no processor waits with them. Behind each stands what it took, and how
much of that it worked for.

Tests that take long (support.slow) are left out, and counted, unless they are asked for by NAME, or all of them by
--slow, or with all others by REFOLD_SLOW=1. CI runs them all. Of some (support.sampled) a part of the cases is run, and all
of them with the slow ones. Sweeps (support.sweep) only by NAME or --faults. --faults takes those that inject a fault (support.fault),
slow or not: `make test-faults` counts their cases. --quick leaves slow ones and sweeps out though NAME asks for them.
A test that wants what this machine lacks (a server: servers.py) raises unittest.SkipTest; the reasons stand at the end.
"""

import collections
import concurrent.futures
import importlib
import os
import resource
import signal
import sys
import time
import traceback
import unittest

from support import BUILD

HERE = os.path.dirname(os.path.abspath(__file__))
WAITERS = 2  # tests that wait at once, for each that works


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
    return slow or hasattr(test, "sampled") if only == "slow" else not slow or os.environ.get("REFOLD_SLOW") == "1"


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


def worked():
    """Seconds of processors that this process and all that it waited for took."""
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def has_mark(test, mark):
    module, function, _ = test
    return hasattr(getattr(importlib.import_module(module), function), mark)


def perform(test):
    module, function, label = test
    start, worked_before = time.monotonic(), worked()
    os.environ["REFOLD_TEST"] = label
    failure = skipped = None
    try:
        getattr(importlib.import_module(module), function)()
    except unittest.SkipTest as skip:
        skipped = str(skip)
    except BaseException:  # a test may fail in any way
        failure = traceback.format_exc()
    return label, time.monotonic() - start, worked() - worked_before, failure, skipped


def perform_all(tests, jobs):
    """The result of each, as it ends."""
    with concurrent.futures.ProcessPoolExecutor(jobs) as workers, concurrent.futures.ProcessPoolExecutor(WAITERS * jobs) as waiters:
        futures = [(waiters if has_mark(test, "waits") else workers).submit(perform, test)
                   for test in sorted(tests, key=lambda test: not has_mark(test, "long"))]
        for future in concurrent.futures.as_completed(futures):
            yield future.result()


def main():
    for number in (signal.SIGHUP, signal.SIGINT):
        if signal.getsignal(number) == signal.SIG_IGN:  # nohup and "&" do that; what is tested would be started so, too
            signal.signal(number, lambda *_: None)
    sys.path.insert(0, HERE)
    for name in ("CI", "GITHUB_STEP_SUMMARY"):  # refold does otherwise where these are set: a test that means it sets them
        os.environ.pop(name, None)
    os.environ["PATH"] = os.path.join(BUILD, "tests", "bin") + ":" + os.environ["PATH"]
    arguments = sys.argv[1:]
    jobs = os.cpu_count() * 3 // 2  # a test in two waits a little now and then
    if "--jobs" in arguments:
        at = arguments.index("--jobs")
        jobs = int(arguments[at + 1])
        del arguments[at:at + 2]
    only = next((name for name in ("slow", "faults", "quick") if "--" + name in arguments), None)
    if only == "slow":
        os.environ["REFOLD_SLOW"] = "1"  # those that are sampled, in full
    tests, left_out = collect([name for name in arguments if not name.startswith("--")], only)
    failed = 0
    reasons = collections.Counter()
    for label, seconds, work, failure, skipped in perform_all(tests, jobs):
        print("%s %s (%.1f s, %.1f of work)" % ("FAIL" if failure else "skip" if skipped else "ok  ", label, seconds, work), flush=True)
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

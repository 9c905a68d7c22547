# SPDX-License-Identifier: MIT
"""Seeds, many at a time: each is a case that refold and the model must agree on. See scripts/sim."""

import argparse
import collections
import concurrent.futures
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import shrink
from generate import Case
from trial import REFOLD, ROOT

CHUNK = 25  # seeds that a process takes at a time
SAID = 3  # sentences of each failure


class Outcome:
    """What one seed came to."""

    def __init__(self, seed, wrong, tally):
        self.seed = seed
        self.wrong = wrong
        self.tally = tally


def tally_of(case, trial):
    """What the seed was about, for the table of coverage."""
    verdict = trial.verdict
    found = collections.Counter(case.features)
    found["exit %s" % verdict.exit] += 1
    found["how " + trial.how] += 1
    for name, count in trial.replay.terms.items():
        found["term " + name] += count > 0
    for tally in verdict.tallies.values():
        for name, count in tally.items():
            found["class " + name] += count > 0
    for kind in {entry[0] for entry in verdict.damage}:
        found["damage " + kind] += 1
    for difference in verdict.differences.values():
        if difference.cause:
            found["cause " + difference.cause] += 1
    for name in case.setup.builds:
        found["build " + name] += 1
    found["beyond"] += verdict.beyond > 0
    found["gaps"] += trial.replay.gaps > 0
    return found


def try_seed(seed, folder):
    case = None
    try:
        case = Case(seed)
        trial = case.trial()
        wrong = trial.run(folder)
        return Outcome(seed, wrong, tally_of(case, trial))
    except Exception:  # of the simulation itself
        return Outcome(seed, ["the simulation failed: " + traceback.format_exc(limit=-1)], collections.Counter())


def work(seeds, parent):
    folder = os.path.join(parent, "w%d" % os.getpid())
    outcomes = []
    for seed in seeds:
        outcome = try_seed(seed, folder)
        if outcome.wrong and os.path.exists(folder):
            shutil.rmtree(kept(seed, parent), ignore_errors=True)
            os.rename(folder, kept(seed, parent))
        outcomes.append(outcome)
    return outcomes


def kept(seed, parent):
    """Where the folder of a seed that failed is left."""
    return os.path.join(os.path.dirname(parent), "refold-sim-%d" % seed)


def chunks(first, count):
    for at in range(first, first + count, CHUNK):
        yield range(at, min(at + CHUNK, first + count))


def describe(seed, folder, shrinks):
    """Runs a seed that failed again, for people; the folder stays."""
    case = Case(seed)
    trial = case.trial()
    wrong = trial.run(folder)
    if shrinks:
        trial, wrong = shrink.smallest(trial, wrong, folder)
    print("seed %d: %s" % (seed, ", ".join(case.features)))
    for sentence in wrong or ["the two agree"]:
        print("  " + sentence)
    print("  exit %s; in %s:" % (trial.verdict.exit, folder))
    for call in trial.calls:
        print("    " + " ".join(shlex.quote(word) for word in call))
    if trial.stderr:
        print("  " + "\n  ".join(trial.stderr.splitlines()))
    return bool(wrong)


def show_coverage(tally, seeds):
    print("what the seeds were about (seeds in which it came up):")
    for name in sorted(tally):
        print("  %-32s %8d" % (name, tally[name]))
    print("%d seeds" % seeds)


def simulate(arguments, parent):
    tally = collections.Counter()
    failed = []
    start = time.monotonic()
    done = 0
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs) as pool:
        # Not all at once: a million chunks would wait in memory.
        waiting = collections.deque()
        todo = chunks(arguments.first, arguments.seeds)
        for _ in range(arguments.jobs * 3):
            waiting.extend(pool.submit(work, part, parent) for part in [next(todo, None)] if part is not None)
        while waiting:
            for outcome in waiting.popleft().result():
                done += 1
                tally.update(outcome.tally)
                if outcome.wrong:
                    failed.append(outcome)
                    said = "\n  ".join(outcome.wrong[:SAID])
                    print("seed %d: %s\n  its folder: %s; again: make sim SEED=%d" % (
                        outcome.seed, said, kept(outcome.seed, parent), outcome.seed), flush=True)
            part = next(todo, None)
            if part is not None and len(failed) < arguments.most:
                waiting.append(pool.submit(work, part, parent))
            if arguments.progress and done % (CHUNK * 40) == 0:
                print("%d seeds, %d failed, %.0f/s" % (done, len(failed), done / (time.monotonic() - start)), flush=True)
    return tally, failed, done, time.monotonic() - start


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/sim", description=__doc__)
    parser.add_argument("--seed", type=int, help="this one alone; its folder is kept")
    parser.add_argument("--seeds", type=int, default=10000, help="how many (10000)")
    parser.add_argument("--first", type=int, default=1, help="the first of them (1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--most", type=int, default=20, help="stop at so many failures (20)")
    parser.add_argument("--shrink", action="store_true", help="with --seed: make it smaller while it still fails")
    parser.add_argument("--progress", action="store_true", help="tell how far it is")
    parser.add_argument("--quiet", action="store_true", help="no table of coverage")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    if not os.access(REFOLD, os.X_OK):
        sys.exit("%s is not built: make check-build" % REFOLD)
    parent = subprocess.check_output([os.path.join(ROOT, "scripts", "scratch")], text=True).strip()
    if arguments.seed is not None:
        folder = kept(arguments.seed, os.path.join(parent, "it"))
        return 1 if describe(arguments.seed, folder, arguments.shrink) else 0
    scratch = tempfile.mkdtemp(prefix="refold-sim-", dir=parent)
    try:
        tally, failed, done, seconds = simulate(arguments, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if not arguments.quiet:
        show_coverage(tally, done)
    reds = sum(any(s.startswith("exit status") for s in outcome.wrong) for outcome in failed)
    print("%d seeds, %d failed (%d of them in the exit status), %.0f s, %.0f seeds/s" % (
        done, len(failed), reds, seconds, done / seconds))
    return 1 if failed or not done else 0


if __name__ == "__main__":
    sys.exit(main())

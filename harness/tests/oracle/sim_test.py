# SPDX-License-Identifier: MIT
"""Whole runs by seed, held against the model of harness/tests/sim. `make test` has a sample of them: check-sim."""

import os
import re
import subprocess
import sys

from support import ROOT, cases, expect, fault, sweep

SEEDS = 2000
FIRST = 1000001  # not those of check-sim


@sweep
@fault(29)
def test_whole_runs_are_what_the_model_says():
    done = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "sim"), "--quiet", "--seeds", str(SEEDS), "--first",
                           str(FIRST)], stdout=subprocess.PIPE, text=True, check=False)
    said = re.search(r"^(\d+) seeds, (\d+) failed", done.stdout, re.M)
    tried, failed = map(int, said.groups()) if said else (0, 0)
    cases(29, tried, tried - failed)
    expect((done.returncode, tried, failed), (0, SEEDS, 0), done.stdout[-3000:])

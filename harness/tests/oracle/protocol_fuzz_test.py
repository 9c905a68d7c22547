# SPDX-License-Identifier: MIT
"""The worker protocol fuzzed from both ends, for a moment: `scripts/fuzz-protocol` goes on for 1,000,000 frames."""

import os
import re
import subprocess
import sys

from support import BUILD, ROOT, slow


def fuzz(*arguments):
    done = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "fuzz-protocol"), *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=3000, check=False, env=dict(os.environ, REFOLD_BUILD=BUILD))
    output = done.stdout.decode("utf-8", "replace")
    print(output, end="", flush=True)
    assert done.returncode == 0, output
    return output


def test_damaged_frames_to_programs():
    output = fuzz("--only", "programs", "--frames", "20000")
    for line in re.findall(r"^\S+ +\d+ conversations.*$", output, re.M):  # or it proves nothing
        assert not re.search(r" 0 (frames|answers|ended)", line), line


def test_a_liars_instances_are_never_the_same():
    """About a hundred instances, each lie several times."""
    fuzz("--only", "refold", "--frames", "6000")


@slow
def test_hundred_thousands_of_frames():
    """As both tests above, for longer."""
    fuzz("--frames", "300000", "--seed", "2")

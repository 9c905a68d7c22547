# SPDX-License-Identifier: MIT
"""Refold's own tree as others get it, and the programs with which they use it."""

import os
import shutil
import subprocess

from support import ROOT


def fresh_tree(folder):
    """A copy of what git would give to someone who clones, less the fixtures, as the files stand now; nothing is
    built in it. To build and install there disturbs no other test."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-coz", "--exclude-standard", ":!fixtures"],
                            stdout=subprocess.PIPE, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        source, target = os.path.join(ROOT, name), os.path.join(folder, name)
        if os.path.exists(source):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(source, target)
    return folder


def command(*words, **keywords):
    """Runs another program than refold, and fails the test where that fails. Returns what it printed."""
    done = subprocess.run([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, timeout=600, **keywords)
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        raise AssertionError("%s: exit status %d\n%s" % (" ".join(map(str, words)), done.returncode, text[-4000:]))
    return text

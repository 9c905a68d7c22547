# SPDX-License-Identifier: MIT
"""The README's transcripts are run as they stand: every fenced block marked `console`.

A line that begins with "$ " is a command for sh, one that begins with "> " goes on with it; what follows is
all that it prints, standard error included; a line that is "…" stands for any lines, "…" within one for any
characters. A command that ends with another status than 0 says so in a comment: "# exit 1". The blocks of a
chapter (##) share a scratch folder, in which $REFOLD is this repository."""

import os
import re
import shlex
import subprocess

from support import BUILD, ROOT, Scratch

README = os.path.join(ROOT, "README.md")


def chapters():
    """heading -> its console blocks, as lists of lines"""
    found = {}
    heading, block = "", None
    with open(README, encoding="utf-8") as f:
        for line in f.read().split("\n"):
            if block is not None and line.startswith("```"):
                found.setdefault(heading, []).append(block)
                block = None
            elif block is not None:
                block.append(line)
            elif line.startswith("## "):
                heading = line[3:]
            elif line.strip() == "```console":
                block = []
    return found


def steps(block):
    """(command, its output's lines) of a block"""
    found = []
    for line in block:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1] = (found[-1][0] + "\n" + line[2:], [])
        else:
            found[-1][1].append(line)
    return found


def pattern(lines):
    text = "".join(line + "\n" for line in lines).rstrip("\n")
    parts = [re.escape(part) for part in re.split("^…\n?", text, flags=re.MULTILINE)]
    return "(?:.*\n)*?".join(part.replace("…", "[^\n]*") for part in parts) + "\n*"


def environment(scratch):
    env = {k: v for k, v in os.environ.items() if k in ("LANG", "CC", "TMPDIR")}
    env.update(PATH=BUILD + ":" + os.environ["PATH"], HOME=scratch, REFOLD=ROOT, TERM="dumb", NO_COLOR="1",
               GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example.com", GIT_COMMITTER_NAME="a",
               GIT_COMMITTER_EMAIL="a@example.com", GIT_CONFIG_GLOBAL="/dev/null")
    return env


def run_chapter(blocks):
    with Scratch() as scratch:
        work = os.path.join(scratch, "work")
        os.mkdir(work)
        here = os.path.join(scratch, "here")
        for block in blocks:
            for command, output in steps(block):
                wanted = re.search(r"# exit (\d+)$", command)
                # The working folder is kept from step to step, as a shell keeps it.
                script = "cd \"$(cat %s 2>/dev/null || echo %s)\" || exit\n%s\nstatus=$?\npwd > %s\nexit $status" % (
                    shlex.quote(here), shlex.quote(work), command, shlex.quote(here))
                done = subprocess.run(["sh", "-c", script], env=environment(scratch), stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
                got = done.stdout.decode("utf-8", "replace").replace(scratch, "SCRATCH")
                assert done.returncode == int(wanted.group(1) if wanted else 0), "exit %d of: %s\n%s" % (
                    done.returncode, command, got)
                assert re.fullmatch(pattern(output), got), "%s\n--- printed\n%s--- README\n%s" % (
                    command, got, "\n".join(output))


def test_the_transcripts_are_what_refold_prints():
    found = chapters()
    assert found, "the README has no transcript"
    for heading, blocks in found.items():
        try:
            run_chapter(blocks)
        except AssertionError as error:
            raise AssertionError("README, %s: %s" % (heading, error)) from error

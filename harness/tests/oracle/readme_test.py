# SPDX-License-Identifier: MIT
"""The README's transcripts are run as they stand: every fenced block marked `console`.

A line that begins with "$ " is a command for sh, one that begins with "> " goes on with it; what follows is
all that it prints, standard error included; a line that is "…" stands for any lines, "…" within one for any
characters. A command that ends with another status than 0 says so in a comment: "# exit 1". The blocks of a
chapter (##) share a scratch folder, in which $REFOLD is this repository."""

import os
import re
import shlex
import shutil
import subprocess

import builds_test
from support import BUILD, ROOT, Scratch, slow

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
        elif (line == ">" or line.startswith("> ")) and found and not found[-1][1]:
            found[-1] = (found[-1][0] + "\n" + line[2:], [])
        else:
            found[-1][1].append(line)
    return found


def pattern(lines):
    text = "".join(line + "\n" for line in lines).rstrip("\n")
    parts = [re.escape(part) for part in re.split("^…\n?", text, flags=re.MULTILINE)]
    return "(?:.*\n)*?".join(part.replace("…", "[^\n]*") for part in parts) + "\n*"


def needs(heading):
    """The programs of other languages that a chapter's blocks call."""
    return [program for program, word in (("go", "Go"), ("cargo", "Rust")) if word in heading]


def environment(scratch):
    env = {k: v for k, v in os.environ.items() if k in ("LANG", "CC", "TMPDIR")}
    env.update(PATH=BUILD + ":" + os.environ["PATH"], HOME=scratch, REFOLD=ROOT, TERM="dumb", NO_COLOR="1",
               GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example.com", GIT_COMMITTER_NAME="a",
               GIT_COMMITTER_EMAIL="a@example.com", GIT_CONFIG_GLOBAL="/dev/null")
    # What go and cargo keep, and cargo itself, lie in the home of whoever calls.
    home = os.path.expanduser("~")
    env.update(GOCACHE=os.environ.get("GOCACHE", os.path.join(home, ".cache", "go-build")))
    if os.path.isdir(os.path.join(home, ".rustup")):
        env.update(RUSTUP_HOME=os.environ.get("RUSTUP_HOME", os.path.join(home, ".rustup")))
    return env


def run_chapter(blocks):
    with Scratch() as scratch:
        work = os.path.join(scratch, "work")
        os.mkdir(work)
        here = os.path.join(scratch, "here")
        if any("rust" in line for block in blocks for line in block):
            builds_test.need_cargo(scratch)
        for block in blocks:
            for command, output in steps(block):
                wanted = re.search(r"# exit (\d+)$", command)
                # The working folder is kept from step to step, as a shell keeps it.
                script = "cd \"$(cat %s 2>/dev/null || echo %s)\" || exit\n%s\nstatus=$?\npwd > %s\nexit $status" % (
                    shlex.quote(here), shlex.quote(work), command, shlex.quote(here))
                done = subprocess.run(["sh", "-c", script], env=environment(scratch), stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, check=False)
                got = done.stdout.decode("utf-8", "replace").replace(scratch, "SCRATCH")
                assert done.returncode == int(wanted.group(1) if wanted else 0), "exit %d of: %s\n%s" % (
                    done.returncode, command, got)
                assert re.fullmatch(pattern(output), got), "%s\n--- printed\n%s--- README\n%s" % (
                    command, got, "\n".join(output))


def check(chosen):
    for heading, blocks in chosen.items():
        try:
            run_chapter(blocks)
        except AssertionError as error:
            raise AssertionError("README, %s: %s" % (heading, error)) from error


def check_with(program):
    chosen = {heading: blocks for heading, blocks in chapters().items() if program in needs(heading)}
    assert chosen, "the README has no chapter for " + program
    check(chosen)


def test_the_transcripts_are_what_refold_prints():
    found = chapters()
    assert found, "the README has no transcript"
    check({heading: blocks for heading, blocks in found.items() if not needs(heading)})


def first_minute():
    """The commands of "60 seconds" on a history of one's own, which stand in an indented block."""
    with open(README, encoding="utf-8") as f:
        chapter = f.read().split("## 60 seconds\n")[1].split("\n## ")[0]
    blocks = re.findall(r"(?:^    \S.*\n)+", chapter, flags=re.MULTILINE)
    commands = [line.strip() for line in next(b for b in blocks if "refold bless" in b).splitlines()]
    return [re.sub(r" +#.*", "", command) for command in commands]


def test_what_the_first_minute_says_shows_a_change_that_was_made():
    """As it is typed, in a folder that is as a clone is: behind the change of a line in the source that the README
    names, nothing is called but the run, which differs. What a server is needed for, and make, are left out."""
    commands = first_minute()
    assert commands[0] == "make" and commands[1].startswith("build/refold fetch "), commands
    with Scratch() as scratch:
        os.makedirs(os.path.join(scratch, "build"))
        os.symlink(os.path.join(BUILD, "refold"), os.path.join(scratch, "build", "refold"))
        shutil.copytree(os.path.join(ROOT, "aggregates"), os.path.join(scratch, "aggregates"))
        shutil.copytree(os.path.join(ROOT, "fixtures", "talk-orders", "events"), os.path.join(scratch, "history"))

        def call(command, status):
            done = subprocess.run(["sh", "-c", command], cwd=scratch, env=environment(scratch), timeout=600, check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert done.returncode == status, "exit %d of: %s\n%s" % (done.returncode, command, done.stdout.decode())

        call("git init -q -b main", 0)
        for command in commands[2:]:
            call(command, 0)
        call("sed -i 's/status = STATUS_DELIVERED;/status = STATUS_SHIPPED;/' aggregates/order.c", 0)
        call(commands[-1], 1)


def test_the_chapter_on_go_is_what_refold_prints():
    builds_test.need("go")
    check_with("go")


@slow
def test_the_chapter_on_rust_is_what_refold_prints():
    builds_test.need("c++")
    check_with("cargo")

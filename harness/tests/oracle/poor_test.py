# SPDX-License-Identifier: MIT
"""A machine that gives little: few descriptors, little memory, a small stack, no processes, no home, no folder for
temporary files, closed streams. refold does its work, or says in a sentence what it lacks; it never hangs."""

import os
import resource
import shutil
import subprocess

from inject_test import SCENARIOS, has_jobs, scrub, world
from support import cases, expect, fault, part_of, REFOLD, sampled, Scratch, slow

KIB, MIB = 1 << 10, 1 << 20
SECONDS = 30
NAMES = ["run", "run, red", "run, spilled", "run of a tar.gz", "bless", "bless --digest", "compare", "show", "types", "pack", "merge",
         "scenario"]


def limit(kind, value):
    return lambda: resource.setrlimit(kind, (value, value))


def closed(*descriptors):
    def close():
        for fd in descriptors:
            os.close(fd)
    return close


def poor():
    """what -> what the child does before refold begins, its environment beyond the bare one, whether it must succeed"""
    yield "no limit", None, {}, True
    for count in (4, 5, 6, 8, 12, 16, 24):  # with three the system does not load a program's libraries
        yield "%d descriptors" % count, limit(resource.RLIMIT_NOFILE, count), {}, False
    for mib in (16, 24, 32, 48, 64, 128, 256):
        yield "%d MiB of addresses" % mib, limit(resource.RLIMIT_AS, mib * MIB), {}, False
    for kib in (64, 128, 256, 512, 1024):  # with less the system does not load a program
        yield "%d KiB of stack" % kib, limit(resource.RLIMIT_STACK, kib * KIB), {}, False
    yield "files of 0 bytes", limit(resource.RLIMIT_FSIZE, 0), {}, False
    yield "files of 100 bytes", limit(resource.RLIMIT_FSIZE, 100), {}, False
    yield "no home", None, {"HOME": "/nonexistent"}, True
    yield "no TMPDIR", None, {"TMPDIR": "/nonexistent"}, False
    yield "TMPDIR is a file", None, {"TMPDIR": "/etc/passwd"}, False
    yield "TMPDIR is long", None, {"TMPDIR": "/" + "x" * 5000}, False
    yield "stdin closed", closed(0), {}, True
    yield "stderr closed", closed(2), {}, False
    yield "stdout closed", closed(1), {}, False
    yield "all three closed", closed(0, 1, 2), {}, False
    yield "no PATH", None, {"PATH": ""}, True


def attempt(name, prepare, more, arguments, inputs):
    with Scratch() as scratch:
        for folder in inputs:
            shutil.copytree(os.path.join(world(), folder), os.path.join(scratch, folder))
        env = {"PATH": os.environ["PATH"], "TMPDIR": scratch, "LC_ALL": "C.UTF-8", **more}
        done = subprocess.run([REFOLD, *arguments], cwd=scratch, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=SECONDS, preexec_fn=prepare, check=False)
        return done.returncode, scrub(done.stdout), done.stderr


def check_poor(names):
    world()
    wrong = []
    for name in names:
        scenario = SCENARIOS[name]
        arguments = scenario.arguments() + (["-j", "1"] if has_jobs(scenario) else [])
        sound = None
        for what, prepare, more, must in poor():
            status, stdout, stderr = attempt(name, prepare, more, arguments, scenario.inputs)
            sound = sound or (status, stdout)
            mute = "closed" in what and what != "stdin closed"
            if status == scenario.status:
                good = mute or stdout == sound[1]
            else:
                good = not must and status in (2, 3, 4, 5, 70) and (stderr or "closed" in what)
            cases(28, 1, int(bool(good)))
            if not good:
                wrong.append("%s, %s: %s %r" % (name, what, status, stderr[-300:]))
    expect(wrong[:12], [], "%d findings" % len(wrong))


@sampled
@fault(28)
def test_what_a_poor_machine_lacks_is_said():
    check_poor(part_of(["run, red", "run, spilled", "bless", "compare"], 2))


@slow
@fault(28)
def test_what_a_poor_machine_lacks_is_said_by_all_verbs():
    """As the test above, of all the others."""
    check_poor(NAMES)


def exhaust_processes():
    """As another user who may have no process more: root is never refused."""
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))


@fault(28)
def test_no_process_more():
    world()
    for folder, _, _ in os.walk(world()):
        os.chmod(folder, 0o755)
    for name in NAMES:
        scenario = SCENARIOS[name]
        if scenario.inputs or name.startswith(("bless", "pack")):
            continue
        status, _, stderr = attempt(name, exhaust_processes, {"TMPDIR": "/tmp"}, scenario.arguments(), ())
        assert status == scenario.status or (status in (2, 4, 70) and stderr), (name, status, stderr)
        cases(28, 1)


@fault(28)
def test_outputs_that_take_nothing():
    world()
    for name in NAMES:
        scenario = SCENARIOS[name]
        with Scratch() as scratch, open("/dev/full", "wb") as full:
            for folder in scenario.inputs:
                shutil.copytree(os.path.join(world(), folder), os.path.join(scratch, folder))
            done = subprocess.run([REFOLD, *scenario.arguments()], cwd=scratch, stdin=subprocess.DEVNULL, stdout=full,
                                  stderr=subprocess.PIPE, timeout=SECONDS, check=False)
        expect(done.returncode, 5, "%s: %r" % (name, done.stderr))
        assert b"No space left" in done.stderr, done.stderr
        cases(28, 1)

# SPDX-License-Identifier: MIT
"""Folders as they may be: very many files, names of every kind, loops, fifos, sockets, devices, what may not be read, and
what vanishes meanwhile. What is no file is listed and never opened; what cannot be read is exit 4, never a green."""

import json
import os
import socket
import subprocess

from inject_test import INJECT
from support import aggregate, all_cases, cases, expect, expect_status, fault, lines_of, REFOLD, refold, run_json, Scratch, \
    write_bytes

CASE = aggregate("case")
HOUR = "2020/01/01/00"
NOBODY = 65534


def event(identity, version=1):
    return {"aggregateType": "case", "aggregateId": identity, "version": version, "type": "t", "at": "2020-01-01T00:00:00Z",
            "data": {}}


def write_event(path, identity, version=1):
    write_bytes(path, lines_of([event(identity, version)]))


def run(scratch, *more, **keywords):
    return run_json("--no-compare", "-a", CASE, *more, os.path.join(scratch, "e"), **keywords)


@fault(24)
def test_a_folder_of_very_many_files():
    count = 100000 if all_cases() else 3000
    with Scratch() as scratch:
        hour = os.path.join(scratch, "e", HOUR)
        os.makedirs(hour)
        data = lines_of([event("x")])
        for n in range(count):
            with open(os.path.join(hour, "%06d" % n), "wb") as f:
                f.write(data)
        result = run(scratch)
        expect_status(result, 0, "many files")
        history = result.report["history"]
        expect((history["objects"], history["duplicates"]), (count, count - 1), "objects, duplicates")
    cases(24, 1)


def odd_names():
    yield b"x" * 255
    yield "\u00e4".encode() * 127
    yield b"a b"
    yield b"-j"
    yield b"new\nline"
    yield b"tab\tand\x1b[31mred"
    yield b"no utf-8 \xff\xfe"
    yield b"\xe2\x80\xaertl"
    yield b"*"
    yield b"'quote\"`$(x)"
    yield b"..x"
    yield b"%0A::error::x"


@fault(24)
def test_names_of_every_kind_are_read_and_shown():
    with Scratch() as scratch:
        hour = os.path.join(os.fsencode(scratch), b"e", HOUR.encode())
        os.makedirs(hour)
        names = list(odd_names())
        for n, name in enumerate(names):
            with open(os.path.join(hour, name), "wb") as f:
                f.write(lines_of([event("i%d" % n)]))
        result = run(scratch)
        expect_status(result, 0, "odd names")
        expect(result.report["history"]["folded"], len(names), "folded")
        for name in names:
            with open(os.path.join(hour, name), "ab") as f:
                f.write(b"{broken\n")
        result = run(scratch, "-r", "text")
        result = refold("run", "--no-compare", "-a", CASE, os.path.join(scratch, "e"))
        expect_status(result, 3, "damage under odd names")
        said = result.stdout + result.stderr_bytes
        expect([byte for byte in said if byte < 32 and byte != 10], [], "control characters")
        said.decode("utf-8")
        cases(24, len(names))


@fault(24)
def test_links_and_loops():
    with Scratch() as scratch:
        hour = os.path.join(scratch, "e", HOUR)
        write_event(os.path.join(hour, "a"), "a")
        os.symlink("..", os.path.join(hour, "up"))
        os.symlink(".", os.path.join(hour, "here"))
        os.symlink(os.path.join(scratch, "e"), os.path.join(scratch, "e", "all"))
        os.symlink("self", os.path.join(hour, "self"))
        result = run(scratch)
        expect_status(result, 4, "a link to itself cannot be followed")
        assert "self" in result.stderr, result.stderr
        cases(24, 4)
        # A link to nothing is an object that is not there.
        os.remove(os.path.join(hour, "self"))
        sound = run(scratch)
        expect_status(sound, 0, "loops are each walked once")
        os.symlink("nothing.gz", os.path.join(hour, "dangling.gz"))
        result = run(scratch)
        assert result.status in (3, 4), "a link to nothing: %d" % result.status
        expect("dangling.gz" in result.stderr + result.stdout.decode(), True, result.stderr)
        cases(24, 1)


@fault(24)
def test_what_is_no_file_is_listed_and_never_opened():
    with Scratch() as scratch:
        hour = os.path.join(scratch, "e", HOUR)
        write_event(os.path.join(hour, "a"), "a")
        os.mkfifo(os.path.join(hour, "fifo.gz"))
        server = socket.socket(socket.AF_UNIX)
        server.bind(os.path.join(hour, "socket.gz"))
        odd = ["fifo.gz", "socket.gz"]
        if os.getuid() == 0:
            try:
                os.mknod(os.path.join(hour, "device.gz"), 0o020600, os.makedev(1, 5))  # as /dev/zero: it never ends
                odd.append("device.gz")
            except OSError:
                pass  # not in this container
        os.symlink("fifo.gz", os.path.join(hour, "to-fifo.gz"))
        odd.append("to-fifo.gz")
        result = run(scratch, timeout=20)
        server.close()
        expect_status(result, 0, "special files")
        expect([os.path.basename(n) for n in result.report["history"]["foreign_names"]], sorted(odd), "they are named")
        # As a source, too.
        for name in odd[:2]:
            single = run_json("--no-compare", "-a", CASE, os.path.join(hour, name), timeout=20)
            assert single.status in (2, 3, 4), (name, single.status)
        cases(24, len(odd) + 2)


def as_nobody():
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


@fault(24)
def test_what_may_not_be_read_is_never_the_same():
    with Scratch() as scratch:
        hour = os.path.join(scratch, "e", HOUR)
        for n in range(3):
            write_event(os.path.join(hour, "%d" % n), "i%d" % n)
        os.chmod(scratch, 0o755)
        expect_status(run(scratch, preexec_fn=as_nobody), 0, "as it is")
        for what, path, mode in (("a file", os.path.join(hour, "1"), 0), ("a folder", hour, 0), ("a folder without x", hour, 0o444),
                                 ("the source", os.path.join(scratch, "e"), 0)):
            before = os.stat(path).st_mode & 0o777
            os.chmod(path, mode)
            result = run(scratch, preexec_fn=as_nobody)
            os.chmod(path, before)
            expect(result.status, 2 if what == "the source" and result.status == 2 else 4, what + ": " + result.stderr)
            assert "Permission denied" in result.stderr, result.stderr
            cases(24, 1)


@fault(24)
def test_what_vanishes_meanwhile_is_never_the_same():
    """Each open and stat of a walk fails once as that of a file that has gone: 0 only with the report of the whole."""
    with Scratch() as scratch:
        hour = os.path.join(scratch, "e", HOUR)
        for n in range(3):
            write_event(os.path.join(hour, "%d" % n), "i%d" % n)
        command = [REFOLD, "run", "--no-compare", "-j", "1", "-r", "json", "-a", CASE, os.path.join(scratch, "e")]
        sound = refold(*command[1:]).report["history"]

        def attempt(kind, number):
            log = os.path.join(scratch, "log")
            done = subprocess.run(command, env={"PATH": os.environ["PATH"], "LD_PRELOAD": INJECT, "INJECT_LOG": log,
                                                "INJECT": "%s:%d:ENOENT" % (kind, number)}, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=30, check=False)
            if not os.path.exists(log):
                return False
            os.remove(log)
            if done.returncode == 0:
                expect(json.loads(done.stdout)["history"], sound, "%s %d: 0" % (kind, number))
            else:
                assert done.returncode in (2, 3, 4, 70) and done.stderr, (kind, number, done.returncode)
            cases(24, 1)
            return True

        for kind in ("open", "stat", "readdir"):
            number = 1
            while attempt(kind, number):
                number += 1


@fault(24)
def test_folders_that_are_deep():
    with Scratch() as scratch:
        here = os.path.join(scratch, "e")
        os.mkdir(here)
        fd = os.open(here, os.O_RDONLY)
        for _ in range(1200):  # the whole path is longer than PATH_MAX
            os.mkdir("fold", dir_fd=fd)
            deeper = os.open("fold", os.O_RDONLY, dir_fd=fd)
            os.close(fd)
            fd = deeper
        with open(os.open("x.gz", os.O_WRONLY | os.O_CREAT, dir_fd=fd), "wb") as f:
            f.write(lines_of([event("deep")]))
        os.close(fd)
        result = run(scratch)
        # Whether such a path can be opened is the system's affair: it is read, or named.
        assert result.status == 4 or (result.status == 0 and result.report["history"]["folded"] == 1), result.status
        subprocess.run(["rm", "-r", here], check=True)
        cases(24, 1)

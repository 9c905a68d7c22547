# SPDX-License-Identifier: MIT
"""A bless whose writing fails at any point: the old golden byte for byte, the error with its path, no temporary left."""

import collections
import os
import random
import re
import shutil
import subprocess

from care import CASE, Mixed, bless, golden_of, left_over, run, strace, untouched
from care_kill_test import kill_points
from support import all_cases, BUILD, cases, expect, expect_status, fault, parallel, REFOLD, refold, Scratch, sweep

# Calls that write, and errors that they may end with.
WRITING = ("write", "fsync", "rename", "close", "openat", "link", "unlink", "fchmod", "mkdir", "flock", "getdents64",
           "newfstatat", "read")
ERRORS = {"EIO": "Input/output error", "ENOSPC": "No space left on device", "EDQUOT": "Disk quota exceeded",
          "EROFS": "Read-only file system", "EINTR": "Interrupted system call"}
# An error of these says that the golden could not be written, and is told with its own words.
TOLD = ("fsync", "rename", "write")


def words(folder, mixed):
    return ["bless", "-q", "-j", 1, "-e", "flat", "-a", CASE, "-g", folder, mixed.new_history]


class Breaker:
    """Lets a call of a bless fail, once or from then on, and looks at what comes of it."""

    def __init__(self, mixed):
        self.mixed = mixed
        self.met = collections.Counter()

    def check(self, case):
        (name, number), error, ever = case
        what = "%s %d%s fails with %s" % (name, number, "+" if ever else "", error)
        folder = self.mixed.fresh("%s-%d%s-%s" % (name, number, "+" if ever else "", error))
        when = "%d%s" % (number, "+" if ever else "")
        done = strace(["-e", "trace=" + name, "-e", "inject=%s:error=%s:when=%s" % (name, error, when)],
                      words(folder, self.mixed))
        said = done.stderr.decode("utf-8", "replace")
        found = golden_of(folder)
        if done.returncode == 1 and b"crashed" in done.stdout:
            # It was the answer of a worker: its instance keeps its line, and all files fit together.
            self.met["crashed"] += 1
            expect_status(refold("golden", "verify", folder), 0, what + ", verify")
            self.go_on(folder, what)
            return
        if found not in (self.mixed.old, self.mixed.new):
            raise AssertionError(what + ": files of both\n" + said)
        new = found == self.mixed.new
        self.met["new" if new else "old"] += 1
        assert done.returncode in (0, 2, 3, 4, 5, 70), "%s: exit %d\n%s" % (what, done.returncode, said)
        if done.returncode == 0:
            assert new, what + ": exit 0, and the old golden"
        elif not ever and not new and done.returncode != 70:  # that is as good as a kill: the next bless sweeps
            expect(left_over(folder), [], what + ", left over")
            assert untouched(folder, self.mixed.before), what + ": not as it was before"
        if not ever and name in TOLD and done.returncode == 5:
            assert ERRORS[error] in said, "%s: the error is not told: %s" % (what, said)
            assert folder in said or "standard output" in said, "%s: no path: %s" % (what, said)
        self.look_again(folder, new, what)

    def look_again(self, folder, new, what):
        """It can be gone on from as if nothing had been."""
        expect_status(run(folder, self.mixed.new_history if new else self.mixed.old_history), 0, what + ", a run")
        self.go_on(folder, what)

    def go_on(self, folder, what):
        expect_status(bless(folder, self.mixed.new_history), 0, what + ", the next bless")
        expect(golden_of(folder), self.mixed.new, what + ", behind the next bless")
        expect(left_over(folder), [], what + ", left over behind the next bless")
        shutil.rmtree(folder)


def once_each(cases_):
    """Each call with each error once, and each call that writes with each error for ever."""
    return [c for c in cases_ if not c[2] or c[0][0] in ("write", "fsync", "rename", "unlink", "link", "openat")]


def check_faults(choose, row=None):
    with Scratch() as scratch:
        breaker = Breaker(Mixed(scratch))
        points = [p for p in kill_points(words(breaker.mixed.fresh("traced"), breaker.mixed)) if p[0] in WRITING]
        found = [(point, error, ever) for point in points for error in ERRORS for ever in (False, True)
                 if not (ever and error == "EINTR")]  # a call that is interrupted for ever is tried for ever
        chosen = choose(found)
        parallel(breaker.check, chosen)
        print("     %d faults of %d: %d times the old golden, %d times the new one, %d times a worker's answer" % (
            len(chosen), len(found), breaker.met["old"], breaker.met["new"], breaker.met["crashed"]))
        if row is not None:
            cases(row, len(chosen))
        return breaker


@fault(11)
def test_a_write_that_fails_leaves_old_or_new():
    def sample(found):
        if all_cases():
            return once_each(found)
        telling = [c for c in found if c[0][0] in ("write", "fsync", "rename", "unlink", "link")]
        return random.Random(11).sample(telling, 7)

    check_faults(sample, 11)


@sweep
def test_any_call_that_fails_leaves_old_or_new():
    breaker = check_faults(once_each)
    assert breaker.met["old"] > 500, breaker.met


@fault(11)
def test_a_short_write_is_gone_on_with():
    """A write that takes half of its bytes, at each of a bless's writes: the new golden, as if it had taken all."""
    with Scratch() as scratch:
        mixed = Mixed(scratch)
        count = sum(name == "write" for name, _ in kill_points(words(mixed.fresh("traced"), mixed)))
        assert count > 10, count

        def check(number):
            folder = mixed.fresh("short-%d" % number)
            env = {"LD_PRELOAD": os.path.join(BUILD, "tests", "inject.so"), "INJECT": "write:%d:short" % number}
            result = refold(*words(folder, mixed), env=env)
            expect_status(result, 0, "short write %d" % number)
            expect((golden_of(folder), left_over(folder)), (mixed.new, []), "short write %d" % number)
            expect_status(refold("golden", "verify", "-q", folder), 0, "short write %d, verify" % number)

        parallel(check, range(1, count + 1))
        cases(11, count)


def unshared():
    """Whether this system lets us mount a small file system of our own."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "-rm", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


@fault(11)
def test_a_full_disk_leaves_the_old_golden():
    if not unshared():
        print("     no file system can be mounted here: left out")
        return
    with Scratch() as scratch:
        mixed = Mixed(scratch)
        script = os.path.join(scratch, "script")
        with open(script, "w", encoding="utf-8") as f:
            f.write('set -eu\nmount -t tmpfs -o size=$1k tmpfs "$2"\ncp -a "$3/." "$2"\nshift 3\n"$@" && code=0 || code=$?\n'
                    'cp -a "$MOUNT/." "$BACK"\nexit $code\n')
        seen = collections.Counter()
        for size in range(60, 420, 8):
            mount, back = (os.path.join(scratch, "%s-%d" % (n, size)) for n in ("mount", "back"))
            os.mkdir(mount)
            os.mkdir(back)
            done = subprocess.run(["unshare", "-rm", "sh", script, str(size), mount, mixed.before, REFOLD,
                                   *map(str, words(mount, mixed))], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=dict(os.environ, MOUNT=mount, BACK=back), timeout=60, check=False)
            said = done.stderr.decode()
            if re.search(r"\bcp:", said):
                continue  # too small for what was there before
            seen[done.returncode] += 1
            if done.returncode == 0:
                expect(golden_of(back), mixed.new, "%d KiB" % size)
                break
            expect(done.returncode, 5, "%d KiB: %s" % (size, said))
            assert "No space left on device" in said and mount in said, said
            assert untouched(back, mixed.before), "%d KiB: not as it was before" % size
            expect(left_over(back), [], "%d KiB, left over" % size)
        print("     exit statuses: %s" % dict(seen))
        assert seen[5] > 0 and seen[0] == 1, seen
        cases(11, sum(seen.values()))


def as_nobody(arguments):
    """As a user whom a read-only folder stops; root is stopped by none."""
    def drop():
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)

    return subprocess.run([REFOLD, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, preexec_fn=drop, timeout=60, check=False)


@fault(11)
def test_a_read_only_folder_is_read_and_not_written():
    with Scratch() as scratch:
        os.chmod(scratch, 0o755)
        mixed = Mixed(scratch)
        folder = mixed.fresh("read-only")
        for here, _, _ in os.walk(folder):
            os.chmod(here, 0o555)
        done = as_nobody(words(folder, mixed))
        expect(done.returncode, 5, done.stderr.decode())
        assert "Permission denied" in done.stderr.decode(), done.stderr.decode()
        expect(as_nobody(["golden", "verify", "-q", folder]).returncode, 0, "verify")
        # A bless that was cut off, in a checkout that nobody may write: readers see it whole.
        cut = mixed.fresh("cut")
        strace(["-e", "trace=rename", "-e", "inject=rename:signal=KILL:when=%d" % second_rename(mixed)], words(cut, mixed))
        assert ".refold-journal" in left_over(cut), left_over(cut)
        expect(golden_of(cut), mixed.new, "the new golden")
        for here, _, _ in os.walk(cut):
            os.chmod(here, 0o555)
        done = as_nobody(["run", "-q", "-e", "flat", "-a", CASE, "-g", cut, mixed.new_history])
        expect(done.returncode, 0, done.stderr.decode())
        expect(as_nobody(["golden", "verify", "-q", cut]).returncode, 3, "verify")
        for top in (folder, cut):
            for here, _, _ in os.walk(top):
                os.chmod(here, 0o755)
        cases(11, 2)


def second_rename(mixed):
    """The number of the rename that is the second one behind the journal's."""
    points = kill_points(words(mixed.fresh("renames"), mixed))
    return max(number for name, number in points if name == "rename") - 3


def test_files_that_were_changed_since_are_not_mixed():
    """Someone restores a file from git after a bless was cut off: neither set is whole any more."""
    with Scratch() as scratch:
        mixed = Mixed(scratch)
        cut = mixed.fresh("cut")
        strace(["-e", "trace=rename", "-e", "inject=rename:signal=KILL:when=%d" % second_rename(mixed)], words(cut, mixed))
        placed = [n for n in mixed.old if open(os.path.join(cut, n), "rb").read() == mixed.new[n]]
        assert 0 < len(placed) < len(mixed.old), placed
        shutil.copy(os.path.join(mixed.before, placed[0]), os.path.join(cut, placed[0]))
        for result in (run(cut, mixed.new_history, "-v"), run(cut, mixed.old_history, "-v"), refold("golden", "verify", cut),
                       bless(cut, mixed.new_history)):
            expect_status(result, 3, "a file was put back")
            assert ".refold-journal" in result.stderr + result.stdout.decode(), result.stderr
        os.remove(os.path.join(cut, ".refold-journal"))  # as the message says
        assert run(cut, mixed.new_history).status != 3
        expect_status(bless(cut, mixed.new_history), 0, "bless")
        expect((golden_of(cut), left_over(cut)), (mixed.new, []), "behind it")


def test_two_blesses_of_one_folder_do_not_mix():
    with Scratch() as scratch:
        mixed = Mixed(scratch)
        folder = mixed.fresh("both")
        ends = collections.Counter(r.status for r in parallel(lambda _: bless(folder, mixed.new_history), range(8)))
        assert set(ends) <= {0, 4} and ends[0] > 0, ends
        expect((golden_of(folder), left_over(folder)), (mixed.new, []), "behind them")


def test_a_run_beside_blesses_sees_one_golden():
    """While one process blesses to and fro, no run may see lines of one and meta files of the other."""
    with Scratch() as scratch:
        mixed = Mixed(scratch)
        folder = mixed.fresh("both")
        stop = os.path.join(scratch, "stop")
        writer = subprocess.Popen(["sh", "-c", 'while [ ! -e "$1" ]; do for h in "$2" "$3"; do "$4" bless -q -j 1 -e flat -a "$5" '
                                   '-g "$6" "$h" > /dev/null || exit; done; done', "sh", stop, mixed.new_history,
                                   mixed.old_history, REFOLD, CASE, folder], stderr=subprocess.DEVNULL)
        seen = collections.Counter()
        for _ in range(40):
            verified = refold("golden", "verify", "-q", "--json", folder)
            seen["verify %d" % verified.status] += 1
            assert verified.status in (0, 4), verified.stdout  # 4: it changed each of five times
            result = refold("run", "-r", "json", "-j", 1, "-e", "flat", "-a", CASE, "-g", folder, mixed.new_history)
            seen["run %d" % result.status] += 1
            expect_status(result, 0, "a run beside")
            expect(result.report["warnings"], [], "warnings")
        open(stop, "w", encoding="utf-8").close()
        writer.wait(60)
        print("     %s" % dict(seen))
        assert seen["verify 0"] > 20, seen

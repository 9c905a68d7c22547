# SPDX-License-Identifier: MIT
"""Completions as the shells themselves do them: typed on a terminal, with the tabulator."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

from support import Scratch, expect, expect_status, refold, write_bytes
from tables import options_of, verbs

SECONDS = 60
SHELLS = ("bash", "zsh", "fish")


def script(shell):
    result = refold("completion", shell)
    expect_status(result, 0, "completion " + shell)
    return result.stdout


class Terminal:
    """A shell on a terminal of its own, wide enough that nothing wraps, in a folder with a few files."""

    def __init__(self, words, folder, prepare):
        if not shutil.which(words[0]):
            raise AssertionError(words[0] + " is not installed; 'scripts/setup test' does it")
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(words[0], words, {"PATH": os.environ["PATH"], "HOME": folder, "TERM": "vt100", "LC_ALL": "C",
                                         "PS1": "@> "})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 500, 500, 0, 0))
        self.wait("")
        self.run("refold() { printf 'WORD<%s>' \"$@\"; echo; echo DO''NE; }; " + prepare + "; refold")

    def wait(self, mark):
        """What appears up to the prompt behind a mark: only then the shell reads key by key again."""
        shown = ""
        until = time.monotonic() + SECONDS
        while not re.search(mark + r"[^@]*@> ", shown):
            ready, _, _ = select.select([self.fd], [], [], max(0, until - time.monotonic()))
            if not ready:
                raise AssertionError("no prompt behind %r" % shown)
            shown += os.read(self.fd, 1 << 16).decode("utf-8", "replace")
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|[\x07\r]", "", shown)

    def listed(self, line):
        """The words that the tabulator lists."""
        os.write(self.fd, line.encode() + b"\t\x15echo E''ND\r")  # ctrl-U: the line itself is of no use
        return set(re.findall(r"(?:--)?[a-z][a-z-]*", self.wait("END")))

    def run(self, line):
        """The words that refold gets; a tabulator may stand anywhere. (Zsh takes the slash of a folder back.)"""
        os.write(self.fd, line.encode() + b"\r")
        return re.findall(r"WORD<(.*?)/?>", self.wait("DONE"))

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def bash(folder):
    path = os.path.join(folder, ".refold.bash")
    write_bytes(path, script("bash"))
    return Terminal(["bash", "--norc", "--noprofile", "-i"], folder,
                    "bind 'set show-all-if-ambiguous on'; bind 'set page-completions off'; "
                    "bind 'set completion-query-items 0'; source " + path)


def zsh(folder):
    """Autoloaded from a folder, as an installed one is."""
    write_bytes(os.path.join(folder, ".functions", "_refold"), script("zsh"))
    return Terminal(["zsh", "-f", "-i"], folder,
                    "LISTMAX=9999; fpath=(~/.functions $fpath); autoload -Uz compinit; compinit -u -d ~/.zcompdump")


def fish(folder, line):
    """What fish proposes for the word at the end of a line, without the descriptions."""
    path = os.path.join(folder, ".refold.fish")
    write_bytes(path, script("fish"))
    done = subprocess.run(["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", path, line],
                          cwd=folder, stdout=subprocess.PIPE, check=True, timeout=SECONDS,
                          env={"PATH": os.environ["PATH"], "HOME": folder, "TERM": "dumb", "LC_ALL": "C.UTF-8"})
    return {row.split("\t")[0] for row in done.stdout.decode().splitlines()}


def make_files(folder):
    for name in ("refold.json", "history/one", "golden/order.ndjson"):
        write_bytes(os.path.join(folder, name), b"")


def check_terminal(terminal):
    every = {verb: {"--" + name for name in options_of(verb)} for verb in verbs()}
    found = terminal.listed("refold ")
    expect(sorted(set(verbs()) - found), [], "verbs")
    for verb, options in every.items():
        if len(options) > 1:
            expect(sorted(options - terminal.listed("refold %s --" % verb)), [], "options of " + verb)
    expect(terminal.run("refold bl\th\t --kee\t"), ["bless", "history", "--keep-partial"], "verb, folder, option")
    expect(terminal.run("refold run --progress al\t"), ["run", "--progress", "always"], "a value")
    expect(terminal.run("refold run --progress=al\t"), ["run", "--progress=always"], "a value behind =")
    expect(terminal.run("refold run --purity=al\t"), ["run", "--purity=all"], "a value that may be left out")
    expect(terminal.run("refold run --purity hist\t"), ["run", "--purity", "history"], "what is none of its values")
    expect(terminal.run("refold run -e events\t"), ["run", "-e", "eventsource"], "an envelope")
    expect(terminal.run("refold run -r js\t"), ["run", "-r", "json"], "a format")
    expect(terminal.run("refold run -r json=ref\t"), ["run", "-r", "json=refold.json"], "a format's file")
    expect(terminal.run("refold run -C r\t"), ["run", "-C", "refold.json"], "a file")
    expect(terminal.run("refold run -g r\t"), ["run", "-g", "r"], "a file where a folder is wanted")
    expect(terminal.run("refold run -g g\t"), ["run", "-g", "golden"], "a folder")
    expect(terminal.run("refold run --id r\t"), ["run", "--id", "r"], "a file where an id is wanted")
    expect(terminal.run("refold completion b\t"), ["completion", "bash"], "a shell")
    expect(terminal.run("refold help bl\t"), ["help", "bless"], "help")


def test_bash_completes():
    with Scratch() as folder:
        make_files(folder)
        terminal = bash(folder)
        try:
            check_terminal(terminal)
        finally:
            terminal.close()


def test_zsh_completes():
    with Scratch() as folder:
        make_files(folder)
        terminal = zsh(folder)
        try:
            check_terminal(terminal)
        finally:
            terminal.close()


def test_fish_completes():
    with Scratch() as folder:
        make_files(folder)
        expect(sorted(set(verbs()) - fish(folder, "refold ")), [], "verbs")
        for verb in verbs():
            options = {"--" + name for name in options_of(verb)}
            found = fish(folder, "refold %s --" % verb)
            expect(sorted(options ^ {word.rstrip("=") for word in found if word.startswith("--")}), [], "options of " + verb)
        expect(fish(folder, "refold run --progress "), {"auto", "always", "never"}, "values")
        found = {word.rpartition("=")[2] for word in fish(folder, "refold run --purity=")}
        expect({"all", "sample", "off"} - found, set(), "values that may be left out")
        assert {"auto", "eventsource", "flat"} <= fish(folder, "refold run -e "), "envelopes"
        assert {"text", "json"} <= fish(folder, "refold run -r "), "formats"
        expect(fish(folder, "refold run -r json=ref"), {"json=refold.json"}, "a format's file")
        expect(fish(folder, "refold run -C r"), {"refold.json"}, "a file")
        expect(fish(folder, "refold run -g "), {"golden/", "history/"}, "folders")
        expect(fish(folder, "refold run --id r"), set(), "a file where an id is wanted")
        expect(fish(folder, "refold run h"), {"history/"}, "a source")
        expect(fish(folder, "refold completion "), set(SHELLS), "shells")
        assert "run" in fish(folder, "refold help "), "help"

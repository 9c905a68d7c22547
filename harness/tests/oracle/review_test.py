# SPDX-License-Identifier: MIT
"""bless --review at a pseudo-terminal: exactly the lines of the accepted instances change, and whatever
happens, the terminal is given back as it was. Which lines must change, and into what, is computed here."""

import codecs
import fcntl
import gzip
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

from hostile_test import check_schema
from support import REFOLD, Scratch, aggregate, canonical, expect, expect_status, facts_of_files, lines_of, parallel, plugin, \
    read_bytes, read_golden, refold, run_json, slow, total, write_bytes, write_golden

ORDER = aggregate("order")
QUESTION = r"accept (?:this one|these [0-9,]+)\? \[[^]]*\] $"
WHY = r"why\? \(Enter: no reason\) $"


# ---- a terminal ------------------------------------------------------------------------------------


class Terminal:
    """refold with a terminal of its own on standard input and error; its report on a pipe."""

    def __init__(self, *arguments, columns=100, typed="", **keywords):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.shown = b""
        self.text = ""  # of it, without CR
        self.seen = 0  # in the text
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        env = {k: v for k, v in os.environ.items() if k not in ("CI", "NO_COLOR") and not k.startswith("REFOLD_")}
        env.update(keywords.pop("env", {}))
        slave = self.slave
        self.send(typed)  # before refold is there

        def take_terminal():
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen([REFOLD, *map(str, arguments)], stdin=slave, stderr=slave,
                                        stdout=subprocess.PIPE, preexec_fn=take_terminal, env=env, **keywords)

    def read(self, seconds):
        """What comes within so many seconds; False: nothing."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        data = os.read(self.master, 65536)
        self.shown += data
        self.text += self.decoder.decode(data).replace("\r", "")
        return True

    def expect(self, pattern, seconds=60):
        """Waits until what is shown behind the last match matches."""
        deadline = time.monotonic() + seconds
        while True:
            match = re.compile(pattern).search(self.text, self.seen)
            if match:
                self.seen = match.end()
                return
            if time.monotonic() > deadline or not self.read(1) and self.process.poll() is not None \
                    and not self.read(0.1):
                raise AssertionError("no %s in: %s" % (pattern, self.text[self.seen:][-3000:]))

    def send(self, text):
        os.write(self.master, text.encode("utf-8") if isinstance(text, str) else text)

    def answer(self, *pairs):
        """Waits for each question and gives its answer: a key, or at WHY a line."""
        for pattern, keys in pairs:
            self.expect(pattern)
            if pattern != WHY:
                self.wait_for_keys()
            self.send(keys)

    def wait_for_keys(self):
        """Until each key is handed over at once."""
        deadline = time.monotonic() + 60
        while self.mode()[3] & termios.ICANON and self.process.poll() is None:
            assert time.monotonic() < deadline, "keys are never taken one by one"
            time.sleep(0.002)

    def mode(self):
        return termios.tcgetattr(self.slave)

    def end(self):
        """Exit status, as subprocess tells it. The terminal must be as it was."""
        stdout, _ = self.process.communicate(timeout=60)
        while self.read(0):
            pass
        self.stdout = stdout.decode("utf-8")
        after = self.mode()
        os.close(self.master)
        os.close(self.slave)
        expect(after, self.before, "the terminal's mode afterwards")
        return self.process.returncode

    def end_with(self, status):
        got = self.end()
        if got != status:
            raise AssertionError("exit status %s, wanted %s\n%s\n%s" % (got, status, self.text[-3000:], self.stdout))


# ---- a history and its golden, told apart from refold ----------------------------------------------


def event(kind, identity, version, **members):
    at = "2026-07-01T00:00:%02dZ" % version
    return {"t": kind, "d": {"ID": identity, "Version": version, "At": at, **members}}


def life(identity, length, price=250):
    """Events of an order, and the states after each (the empty one first), by this program's own fold."""
    events = [event("OrderCreated", identity, 1),
              event("OrderItemAdded", identity, 2, Qty=2, PriceCents=price),
              event("OrderApproved", identity, 3),
              event("OrderPaid", identity, 4, AmountCents=2 * price)][:length]
    state = {"items": 0, "totalCents": 0}
    states = [dict(state)]
    for e in events:
        at = e["d"]["At"]
        state["updatedAt"] = at
        if e["t"] == "OrderCreated":
            state.update(createdAt=at, status="created")
        elif e["t"] == "OrderItemAdded":
            state["items"] += 1
            state["totalCents"] += e["d"]["Qty"] * e["d"]["PriceCents"]
        else:
            state["status"] = {"OrderApproved": "approved", "OrderPaid": "paid"}[e["t"]]
        states.append(dict(state))
    return events, states


class Story:
    """A history in which, against its golden, `statuses` have another status, `totals` another sum; `news` are not
    in the golden, `gone` not in the history, `refused` end with an event that is refused; the rest is the same.
    `new` is the line that each would get: None where it goes."""

    def __init__(self, folder):
        self.folder = folder
        self.golden = os.path.join(folder, "golden")
        self.path = os.path.join(self.golden, "order.ndjson")
        self.history = os.path.join(folder, "h")
        self.statuses = ["s%02d" % n for n in range(12)]
        self.totals = ["t%02d" % n for n in range(7)]
        self.news = ["n%02d" % n for n in range(4)]
        self.gone = ["g%02d" % n for n in range(3)]
        self.refused = ["r00", "r01"]
        self.rest = ["x%02d" % n for n in range(20)]
        self.new = {}
        old, events = {}, []
        for identity in self.statuses + self.totals + self.rest:
            length = 4 if identity in ("s03", "t01", "x05") else 3  # these went on behind the golden's version
            own, states = life(identity, length)
            events += own
            golden = dict(states[3])
            if identity in self.statuses:
                golden["status"] = "paid"
            elif identity in self.totals:
                golden["totalCents"] = 7
            old[identity] = (3, golden)
            self.new[identity] = (3, states[3])
        for identity in self.news:
            own, states = life(identity, 2)
            events += own
            self.new[identity] = (2, states[2])
        for identity in self.gone:
            old[identity] = (3, life(identity, 3)[1][3])
            self.new[identity] = None
        for identity in self.refused:
            own, states = life(identity, 4)
            events += own + [event("OrderPaid", identity, 5)]
            old[identity] = (2, states[2])
            self.new[identity] = (4, states[4])
        write_golden(self.golden, "order", old)
        write_bytes(os.path.join(self.history, "2026", "07", "01", "00", "orders"), lines_of(events))
        self.before = self.lines()
        self.differing = set(self.statuses + self.totals + self.news + self.gone + self.refused)
        self.arguments = ("-a", ORDER, "-g", self.golden, self.history)

    def lines(self):
        """id -> its line's bytes"""
        data = gzip.decompress(read_bytes(self.path + ".gz")) if os.path.exists(self.path + ".gz") \
            else read_bytes(self.path)
        return {json.loads(line)["id"]: line for line in data.splitlines()}

    def review(self, *arguments, **keywords):
        return Terminal("bless", "--review", *arguments, *self.arguments, **keywords)

    def expect_accepted(self, accepted, what):
        """The golden: lines of these ids are the new ones, all others are those from before, byte for byte. A run
        shows exactly the rest."""
        after = self.lines()
        for identity in sorted(set(self.before) | set(after) | self.differing):
            line, old = after.get(identity), self.before.get(identity)
            if identity not in accepted:
                expect(line, old, "%s: line of %s, which was not accepted" % (what, identity))
            elif self.new[identity] is None:
                expect(line, None, "%s: line of %s, which is gone" % (what, identity))
            else:
                value = json.loads(line)
                version, state = self.new[identity]
                expect((value["version"], value["state"]), (version, state), "%s: %s" % (what, identity))
                expect("rejected" in value, identity in self.refused, "%s: refusal of %s" % (what, identity))
                expect(line.decode("utf-8"), canonical(value), "%s: canonical line of %s" % (what, identity))
        order = [i.encode("utf-8") for i in after]
        expect(order, sorted(order), what + ": order")
        result = run_json("--require-golden", *self.arguments)
        expect(sorted(d["id"] for d in result.report["differences"]), sorted(self.differing - set(accepted)),
               what + ": what a run shows afterwards")
        # Refusals that were accepted are told, and that a golden has no meta file, and nothing else.
        bare = not any(n.startswith("order.meta.") for n in os.listdir(self.golden))
        expect([w.split(": ")[0].split("/")[-1] for w in result.report["warnings"]
                if "at an event that the aggregate refuses" not in w],
               ["order.ndjson has no meta file"] if bare else [], what + ": warnings")
        expect(result.report["damage"], [], what + ": damage")

    def changed_by_git(self):
        """Ids of the lines that git diff shows, old and new."""
        old = os.path.join(self.folder, "before.ndjson")
        write_bytes(old, b"".join(self.before[i] + b"\n" for i in sorted(self.before)))
        done = subprocess.run(["git", "diff", "--no-index", "--no-color", "-U0", old, self.path], check=False,
                              stdout=subprocess.PIPE)
        found = [line for line in done.stdout.decode("utf-8").splitlines() if re.match(r"[-+]\{", line)]
        return {json.loads(line[1:])["id"] for line in found}


def reviews(story):
    path = os.path.join(story.golden, "order.reviews.jsonl")
    return [json.loads(line) for line in read_bytes(path).decode("utf-8").splitlines()] if os.path.exists(path) else []


# ---- what is accepted ------------------------------------------------------------------------------


def test_one_cluster_of_three_is_accepted():
    """Accept one, reject one, skip the others: exactly the accepted instances' lines changed in git diff."""
    with Scratch() as scratch:
        story = Story(scratch)
        terminal = story.review()
        terminal.expect("28 instances differ, in 5 groups")
        terminal.expect(r'1/5  .*12 orders changed.*: /status "paid" -> "approved", last written by OrderApproved')
        terminal.answer((QUESTION, "a"), (WHY, "paid came too early\n"))
        terminal.expect("2/5  .*7 orders changed.*: /totalCents 7 -> 500, last written by OrderItemAdded")
        terminal.answer((QUESTION, "r"))
        terminal.expect("3/5  .*4 orders unblessed")
        terminal.answer((QUESTION, "s"))
        terminal.expect("4/5  .*3 orders missing")
        terminal.answer((QUESTION, "s"))
        terminal.expect("5/5  .*2 orders rejected.* at OrderPaid")
        terminal.answer((QUESTION, "s"))
        terminal.expect("12 accepted, 7 rejected, 9 skipped")
        terminal.end_with(0)
        expect(story.changed_by_git(), set(story.statuses), "ids in git diff")
        story.expect_accepted(set(story.statuses), "one of three")
        assert "blessed: 12 orders (12 changed); 16 differences not accepted; 1 golden written" in terminal.stdout, \
            terminal.stdout
        kept = reviews(story)
        expect([(r["count"], r["kind"], r["paths"], r["from"], r["to"], r["event"], r["reason"]) for r in kept],
               [(12, "changed", ["/status"], "paid", "approved", "OrderApproved", "paid came too early")], "reviews")
        expect(sorted(os.listdir(story.golden)), ["order.meta.json", "order.ndjson", "order.reviews.jsonl"], "files")
        listed = run_json("--require-golden", *story.arguments).report["clusters"]
        expect(kept[0]["cluster"] in [c["key"] for c in listed], False, "the accepted cluster, afterwards")


def test_each_group_alone():
    """Whichever group is the accepted one: of new, missing and refused instances too."""
    with Scratch() as scratch:
        whole = Story(os.path.join(scratch, "whole"))
        groups = [whole.statuses, whole.totals, whole.news, whole.gone, whole.refused]

        def accept(number):
            story = Story(os.path.join(scratch, str(number)))
            terminal = story.review()
            for at in range(5):
                terminal.answer((QUESTION, "a" if at == number else "r"))
                if at == number:
                    terminal.answer((WHY, "\n"))
            terminal.end_with(0)
            story.expect_accepted(set(groups[number]), "group %d" % number)
            expect(story.changed_by_git(), set(groups[number]), "ids in git diff, group %d" % number)
            expect(["reason" in r for r in reviews(story)], [False], "a reason, group %d" % number)

        parallel(accept, range(5))


def test_all_accepted_is_what_a_bless_writes():
    """Nothing went on behind the golden's version but refusals: then both write the same bytes."""
    with Scratch() as scratch:
        one, other = Story(os.path.join(scratch, "one")), Story(os.path.join(scratch, "other"))
        for story in one, other:
            for path in (os.path.join(story.history, "2026", "07", "01", "00", "orders"),):
                kept = [line for line in read_bytes(path).splitlines(keepends=True)
                        if not (json.loads(line)["d"]["Version"] == 4 and
                                json.loads(line)["d"]["ID"] in ("s03", "t01", "x05"))]
                write_bytes(path, b"".join(kept))
        terminal = one.review()
        for _ in range(5):
            terminal.answer((QUESTION, "a"), (WHY, "\n"))
        terminal.end_with(0)
        expect_status(refold("bless", *other.arguments), 0, "bless")
        differing = one.lines()
        whole = other.lines()
        # The golden was written by hand, without digests of the events: a bless adds them everywhere.
        expect({i: line for i, line in differing.items() if i in one.differing},
               {i: line for i, line in whole.items() if i in one.differing}, "lines")
        expect(sorted(differing), sorted(whole), "ids")


def test_the_same_review_twice_gives_the_same_bytes():
    def play(folder):
        story = Story(folder)
        terminal = story.review("-j", 3)
        terminal.answer((QUESTION, "a"), (WHY, "so \"it\" is\n"), (QUESTION, "r"), (QUESTION, "a"), (WHY, "\n"),
                        (QUESTION, "s"), (QUESTION, "s"))
        terminal.end_with(0)
        return {n: read_bytes(os.path.join(story.golden, n)) for n in sorted(os.listdir(story.golden))}

    with Scratch() as scratch:
        first, second = parallel(play, [os.path.join(scratch, n) for n in ("1", "2")])
        expect(first, second, "files")
        for name, data in first.items():
            assert str(time.gmtime().tm_year).encode() + b"-" not in data.replace(b"2026-07-01", b""), name


def test_instance_by_instance():
    """Through a group one at a time, one step back, then the rest at once."""
    with Scratch() as scratch:
        story = Story(scratch)
        terminal = story.review()
        terminal.answer((QUESTION, "i"))
        terminal.expect(r"1/12  changed: order s00 @3\n    last written by OrderApproved @3, 2026-07-01T00:00:03Z\n"
                        r"    in 2026/07/01/00/orders:[0-9]+\n.*- /status \"paid\".*\n.*\+ /status \"approved\"")
        terminal.answer((QUESTION, "a"))
        terminal.answer(("2/12  changed: order s01 [^$]*" + QUESTION, "r"))
        terminal.answer(("3/12  changed: order s02 [^$]*" + QUESTION, "a"))
        terminal.answer(("4/12  changed: order s03 [^$]*" + QUESTION, "s"))
        terminal.answer(("5/12  changed: order s04 [^$]*" + QUESTION, "b"))
        terminal.answer(("4/12  changed: order s03 [^$]*" + QUESTION, "a"))
        terminal.answer(("5/12  changed: order s04 [^$]*" + QUESTION, "d"))
        terminal.answer((r"5/12  changed: order s04 [^$]*" + QUESTION, "g"))
        terminal.answer((r"3 accepted, 1 rejected, 8 undecided; accept these 8\? \[[^]]*\] $", "r"))
        terminal.answer(("2/5 [^$]*" + QUESTION, "i"))
        for number in range(7):
            terminal.answer(("%d/7  changed: order t%02d [^$]*" % (number + 1, number) + QUESTION,
                             "a" if number in (1, 6) else "s"))
        terminal.answer((WHY, "two of them\n"), (QUESTION, "q"))
        terminal.answer((r"write what was accepted so far, 5 instances\? \[y,n\] $", "y"))
        terminal.end_with(0)
        accepted = {"s00", "s02", "s03", "t01", "t06"}
        story.expect_accepted(accepted, "one by one")
        expect(story.changed_by_git(), accepted, "ids in git diff")
        expect([(r["count"], r["of"], r.get("reason")) for r in reviews(story)],
               [(3, 12, None), (2, 7, "two of them")], "reviews")


def test_back_to_the_group_before():
    with Scratch() as scratch:
        story = Story(scratch)
        terminal = story.review()
        terminal.answer((QUESTION, "b"), ("1/5 [^$]*" + QUESTION, "a"), (WHY, "by mistake\n"),
                        ("2/5 [^$]*" + QUESTION, "b"), ("1/5 [^$]*" + QUESTION, "r"),
                        ("2/5 [^$]*" + QUESTION, "a"), (WHY, "\n"))
        for number in 3, 4, 5:
            terminal.answer(("%d/5 [^$]*" % number + QUESTION, "s"))
        terminal.end_with(0)
        story.expect_accepted(set(story.totals), "after a step back")
        expect([(r["count"], "reason" in r) for r in reviews(story)], [(7, False)], "reviews")


def test_data_is_asked_for_apart():
    """In one cluster: what the code made, and what other events made."""
    with Scratch() as scratch:
        folder = os.path.join(scratch, "golden")
        history = os.path.join(scratch, "h", "2026", "07", "01", "00", "orders")
        ids = ["a", "b", "c", "d", "e"]
        write_bytes(history, lines_of([e for i in ids for e in life(i, 2)[0]]))
        arguments = ("-a", ORDER, "-g", folder, os.path.join(scratch, "h"))
        expect_status(refold("bless", *arguments), 0, "bless")
        path = os.path.join(folder, "order.ndjson")
        write_bytes(path, read_bytes(path).replace(b'"totalCents":500', b'"totalCents":7'))
        os.remove(os.path.join(folder, "order.meta.json"))
        write_bytes(history, lines_of([e for i in ids for e in life(i, 2, 250 if i < "d" else 300)[0]]))
        before = read_golden(path)
        terminal = Terminal("bless", "--review", *arguments)
        terminal.expect("1/2  .*3 orders changed.*: /totalCents")
        terminal.answer((QUESTION, "r"))
        terminal.expect(r"2/2  .*2 orders changed.*: /totalCents.*\n    the events are not those that were blessed")
        terminal.answer((QUESTION, "a"), (WHY, "\n"))
        terminal.end_with(0)
        after = read_golden(path)
        expect([i for i in ids if before[i] != after[i]], ["d", "e"], "changed lines")
        expect([after[i]["state"]["totalCents"] for i in ids], [7, 7, 7, 600, 600], "sums")
        kept = [json.loads(line) for line in read_bytes(os.path.join(folder, "order.reviews.jsonl")).splitlines()]
        expect([(r["count"], r["cause"]) for r in kept], [(2, "data")], "reviews")


def test_a_compressed_golden_is_reviewed_too():
    with Scratch() as scratch:
        story = Story(scratch)
        write_bytes(story.path + ".gz", gzip.compress(read_bytes(story.path)))
        os.remove(story.path)
        terminal = story.review()
        terminal.answer((QUESTION, "r"), (QUESTION, "a"), (WHY, "\n"), (QUESTION, "q"), (r"\[y,n\] $", "y"))
        terminal.end_with(0)
        story.expect_accepted(set(story.totals), "compressed")
        expect(sorted(os.listdir(story.golden)), ["order.meta.json", "order.ndjson.gz", "order.reviews.jsonl"], "files")


@slow
def test_clusters_beyond_the_listed_differences():
    """25,000 alike and 3 others, by their key: membership is known of all."""
    with Scratch() as scratch:
        folder = os.path.join(scratch, "golden")
        many = ["%05d" % n for n in range(25000)]
        few = ["zz%d" % n for n in range(3)]
        events, old = [], {}
        for identity in many + few:
            own, states = life(identity, 2)
            events += own
            golden = dict(states[2])
            golden["totalCents" if identity in few else "items"] = 9
            old[identity] = (2, golden)
        write_golden(folder, "order", old)
        write_bytes(os.path.join(scratch, "h", "2026", "07", "01", "00", "orders"), lines_of(events))
        arguments = ("-a", ORDER, "-g", folder, os.path.join(scratch, "h"))
        path = os.path.join(folder, "order.ndjson")
        before = read_bytes(path).splitlines()
        clusters = {c["paths"][0]: c for c in refold("bless", "--dry-run", "-r", "json", *arguments).report["clusters"]}
        expect({p: c["count"] for p, c in clusters.items()}, {"/items": 25000, "/totalCents": 3}, "clusters")
        expect(read_bytes(path).splitlines(), before, "golden after --dry-run")
        # The few, whose differences stand behind the limit of what is listed, in full.
        terminal = Terminal("bless", "--review", *arguments)
        terminal.answer((r"accept these 25,000\? \[[^]]*\] $", "s"), (QUESTION, "i"))
        terminal.expect(r"1/3  changed: order zz0 @2\n    last written by OrderItemAdded @2, [^\n]*\n    in [^\n]*:\d+\n"
                        r".*- /totalCents 9.*\n.*\+ /totalCents 500")
        terminal.answer((QUESTION, "a"), (QUESTION, "r"), (QUESTION, "r"), (WHY, "\n"))
        terminal.end_with(0)
        lines = read_bytes(path).splitlines()
        expect([i for i, (a, b) in enumerate(zip(before, lines)) if a != b], [25000], "the one line that changed")
        expect_status(refold("bless", "--cluster", clusters["/items"]["key"], *arguments), 0, "bless --cluster")
        lines = read_bytes(path).splitlines()
        expect([i for i, (a, b) in enumerate(zip(before, lines)) if a == b], [25001, 25002], "the lines that did not")


# ---- ways out --------------------------------------------------------------------------------------


def left(keys, status, says, scratch, accepted=(), ends=None):
    """A review in which the first group is accepted, and which then ends by `keys`."""
    story = Story(scratch)
    facts = facts_of_files(story.golden)
    terminal = story.review()
    terminal.answer((QUESTION, "a"), (WHY, "\n"))
    for pattern, key in keys:
        if callable(key):
            terminal.expect(pattern)
            terminal.wait_for_keys()
            key(terminal)
        else:
            terminal.answer((pattern, key))
    terminal.end_with(status)
    assert re.search(says, terminal.text + terminal.stdout), terminal.text + terminal.stdout
    if accepted:
        story.expect_accepted(set(accepted), says)
    else:
        expect(facts_of_files(story.golden), facts, "files of the golden: " + says)


def test_left_half_way():
    def signalled(number):
        return lambda terminal: terminal.process.send_signal(number)

    write = r"write what was accepted so far, 12 instances\? \[y,n\] $"
    why = (QUESTION, "a"), (WHY, "\x03")
    ids = ["s%02d" % n for n in range(12)]
    cases = [
        ([(QUESTION, "q"), (write, "n")], 0, "nothing is written", ()),
        ([(QUESTION, "q"), (write, "y")], 0, "12 accepted, 16 undecided", ids),
        ([(QUESTION, "q"), (write, "x"), (write, "y")], 0, "12 accepted, 16 undecided", ids),
        ([(QUESTION, "q"), (write, "\x04")], 0, "standard input is over: nothing is written", ()),
        ([(QUESTION, "q"), (write, "\x03")], -signal.SIGINT, "ended by signal 2", ()),
        ([(QUESTION, "\x04")], 0, "standard input is over: nothing is written", ()),
        ([(QUESTION, "i"), (QUESTION, "a"), (QUESTION, "\x04")], 0, "standard input is over: nothing is written", ()),
        ([(QUESTION, "\x03")], -signal.SIGINT, "interrupted: ended by signal 2; the golden is as it was .exit 130.", ()),
        ([(QUESTION, "i"), (QUESTION, "\x03")], -signal.SIGINT, "ended by signal 2", ()),
        (list(why), -signal.SIGINT, "ended by signal 2", ()),
        ([(QUESTION, signalled(signal.SIGTERM))], -signal.SIGTERM, "ended by signal 15", ()),
        ([(QUESTION, signalled(signal.SIGHUP))], -signal.SIGHUP, "ended by signal 1", ()),
        ([(QUESTION, "\x1c"), (QUESTION, "q"), (write, "n")], 0, "nothing is written", ()),  # Ctrl-\
    ]
    with Scratch() as scratch:
        parallel(lambda at: left(*cases[at][:3], os.path.join(scratch, str(at)), cases[at][3]), range(len(cases)))


def test_nothing_accepted_writes_nothing():
    with Scratch() as scratch:
        story = Story(scratch)
        facts = facts_of_files(story.golden)
        terminal = story.review()
        terminal.answer((QUESTION, "r"), (QUESTION, "q"))
        terminal.expect("nothing was accepted: nothing is written")
        terminal.end_with(0)
        assert "blessed: nothing; 28 differences not accepted; the golden is as it was" in terminal.stdout
        terminal = story.review()
        for _ in range(5):
            terminal.answer((QUESTION, "r"))
        terminal.expect("28 rejected")
        terminal.end_with(0)
        expect(facts_of_files(story.golden), facts, "files of the golden")


def test_no_damage_is_accepted_where_nothing_is_written():
    """With --accept-damage: known-damage.json is written with the lines, or where all was asked, and else not."""
    write = r"write what was accepted so far, 12 instances\? \[y,n\] $"
    accepted = [(QUESTION, "a"), (WHY, "\n")]
    cases = [
        ([(QUESTION, "\x04")], "standard input is over: nothing is written", False),
        ([(QUESTION, "q")], "nothing was accepted: nothing is written", False),
        (accepted + [(QUESTION, "q"), (write, "n")], "nothing is written", False),
        (accepted + [(QUESTION, "q"), (write, "\x04")], "standard input is over: nothing is written", False),
        (accepted + [(QUESTION, "q"), (write, "y")], "12 accepted", True),
        ([(QUESTION, "r")] * 5, "29 rejected", True),
    ]

    def play(at):
        keys, says, written = cases[at]
        story = Story(os.path.join(scratch, str(at)))
        with open(os.path.join(story.history, "2026", "07", "01", "00", "orders"), "ab") as f:
            f.write(lines_of([event("OrderCreated", "gap", 1), event("OrderApproved", "gap", 3)]))
        old = os.path.join(story.golden, "known-damage.json")
        write_bytes(old, b'{"damage":[\n{"aggregate":"order","id":"healed","kind":"gap","reason":"old","to":2,"version":2}\n'
                         b'],"format":1}\n')
        facts = facts_of_files(story.golden)
        report = os.path.join(story.folder, "r.json")
        terminal = story.review("--accept-damage", "lost", "-r", "text", "-r", "json=" + report)
        terminal.answer(*keys)
        terminal.expect(says)
        terminal.end_with(0 if written else 3)
        told = json.loads(read_bytes(report))
        expect([d["known"] for d in told["damage"]], [written], says + ": known")
        expect(told["blessed"].get("damage_accepted", 0), int(written), says + ": accepted")
        if written:
            expect([json.loads(line.rstrip(b","))["id"] for line in read_bytes(old).splitlines()[1:-1]], ["gap"], says)
        else:
            expect(facts_of_files(story.golden), facts, says + ": files of the golden")

    with Scratch() as scratch:
        parallel(play, range(len(cases)))


def test_what_was_typed_before_the_question_is_no_answer():
    with Scratch() as scratch:
        story = Story(scratch)
        facts = facts_of_files(story.golden)
        terminal = story.review(typed="a\na\ny")
        terminal.answer((QUESTION, "q"))
        terminal.expect("nothing was accepted: nothing is written")
        terminal.end_with(0)
        expect(facts_of_files(story.golden), facts, "files of the golden")


def test_stopped_and_continued():
    """Ctrl-Z gives the terminal back while it lasts; then the keys are taken again."""
    with Scratch() as scratch:
        story = Story(scratch)
        terminal = story.review()
        terminal.answer((QUESTION, "\x1a"))
        _, status = os.waitpid(terminal.process.pid, os.WUNTRACED)
        expect(os.WIFSTOPPED(status), True, "stopped")
        expect(terminal.mode(), terminal.before, "the terminal's mode while it is stopped")
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.answer((QUESTION, "r"), ("2/5 [^$]*" + QUESTION, "a"), (WHY, "\n"), (QUESTION, "q"),
                        (r"\[y,n\] $", "y"))
        terminal.end_with(0)
        story.expect_accepted(set(story.totals), "continued")


def test_keys_that_are_no_answer():
    """Arrows, Alt, other letters, capitals, characters of more bytes: none of them accepts."""
    with Scratch() as scratch:
        story = Story(scratch)
        facts = facts_of_files(story.golden)
        terminal = story.review()
        for keys in "\x1b[A", "\x1ba", "\x1b", "A", "x", "\r", " ", "\u00e4", "\x1b[1;5A", "\x00", "\x7f":
            terminal.answer((QUESTION, keys))
            terminal.expect("tells what the keys do\n")
        terminal.answer((QUESTION, "?"))
        terminal.expect("r  reject: their lines stay as they are")
        terminal.answer((QUESTION, "q"))
        terminal.end_with(0)
        expect(facts_of_files(story.golden), facts, "files of the golden")


def test_a_reason_is_one_line_of_text():
    """Edited as the terminal lets one, trimmed; bytes that are no UTF-8 are asked for once more."""
    with Scratch() as scratch:
        story = Story(scratch)
        terminal = story.review()
        terminal.answer((QUESTION, "a"), (WHY, b"  wrong\xff\n"))
        terminal.expect("that is no UTF-8; once more")
        terminal.answer((WHY, "  typo\x15a\x1b[31m \u00fcber\u202e \"all\"  \n"), (QUESTION, "q"), (r"\[y,n\] $", "y"))
        terminal.end_with(0)
        expect([r["reason"] for r in reviews(story)], ["a[31m \u00fcber\u202e \"all\""], "reason")
        story.expect_accepted(set(story.statuses), "with a reason")


# ---- who is asked, and when ------------------------------------------------------------------------


def test_no_one_to_ask():
    with Scratch() as scratch:
        story = Story(scratch)
        facts = facts_of_files(story.golden)
        for arguments, env, says in (((), {"CI": "1"}, "CI is set, and there is no one to ask"),
                                     (("--ci",), {"CI": "true"}, "CI is set, and there is no one to ask"),
                                     (("-",), {}, "keys from standard input, which cannot be a source")):
            terminal = story.review(*arguments, env=env)
            terminal.expect(says)
            terminal.end_with(2)
            assert "--cluster KEY" in terminal.text and "--id ID" in terminal.text and "--dry-run" in terminal.text
        result = refold("bless", "--review", *story.arguments)
        expect_status(result, 2, "no terminal")
        assert "--cluster KEY" in result.stderr
        master, slave = pty.openpty()  # keys, but nowhere to ask
        done = subprocess.run([REFOLD, "bless", "--review", *story.arguments], stdin=slave, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, check=False, timeout=60,
                              env={k: v for k, v in os.environ.items() if k != "CI"})
        os.close(master)
        os.close(slave)
        expect(done.returncode, 2, "standard error is no terminal")
        expect(facts_of_files(story.golden), facts, "files of the golden")


def test_damage_is_not_asked_about():
    with Scratch() as scratch:
        story = Story(scratch)
        write_bytes(os.path.join(story.history, "2026", "07", "01", "01", "orders"),
                    lines_of([event("OrderPaid", "x00", 9, AmountCents=1)]))
        facts = facts_of_files(story.golden)
        terminal = story.review()
        terminal.end_with(3)
        assert "accept" not in terminal.text, terminal.text
        expect(facts_of_files(story.golden), facts, "files of the golden")


def test_nothing_to_ask_about():
    with Scratch() as scratch:
        story = Story(scratch)
        expect_status(refold("bless", *story.arguments), 0, "bless")
        facts = facts_of_files(story.golden)
        terminal = story.review()
        terminal.expect("there is nothing to accept")
        terminal.end_with(0)
        expect(facts_of_files(story.golden), facts, "files of the golden")


def test_a_dry_review_writes_nothing():
    with Scratch() as scratch:
        story = Story(scratch)
        facts = facts_of_files(story.golden)
        terminal = story.review("--dry-run")
        for _ in range(5):
            terminal.answer((QUESTION, "a"), (WHY, "\n"))
        terminal.end_with(0)
        assert "would be blessed: 25 orders (4 added, 21 changed), 2 of them rejected" in terminal.stdout, terminal.stdout
        expect(facts_of_files(story.golden), facts, "files of the golden")


def test_a_golden_that_changed_meanwhile_is_left_alone():
    with Scratch() as scratch:
        story = Story(scratch)
        terminal = story.review()
        terminal.answer((QUESTION, "a"), (WHY, "\n"))
        terminal.expect(QUESTION)
        other = read_bytes(story.path).replace(b'"items":1', b'"items":2', 1)
        write_bytes(story.path, other)
        terminal.send("q")
        terminal.answer((r"\[y,n\] $", "y"))
        terminal.end_with(4)
        assert "the golden changed while it was looked at" in terminal.text, terminal.text
        expect(read_bytes(story.path), other, "golden")
        expect(os.listdir(story.golden), ["order.ndjson"], "files")


def test_what_cannot_be_written_changes_nothing():
    """The reviews that lie there cannot be replaced: then the golden is not, either."""
    with Scratch() as scratch:
        story = Story(scratch)
        os.mkdir(os.path.join(story.golden, "order.reviews.jsonl"))
        terminal = story.review()
        terminal.answer((QUESTION, "a"), (WHY, "\n"), (QUESTION, "q"), (r"\[y,n\] $", "y"))
        terminal.end_with(5)
        assert "order.reviews.jsonl: cannot add to the reviews" in terminal.text, terminal.text
        story.expect_accepted(set(), "reviews that cannot be written")
        expect(sorted(os.listdir(story.golden)), ["order.ndjson", "order.reviews.jsonl"], "files")


def test_a_full_disk_changes_nothing():
    """On a file system of a few pages, where one can be mounted: the golden is there, its successor does not fit."""
    with Scratch() as scratch:
        story = Story(scratch)
        small = os.path.join(scratch, "small")
        os.mkdir(small)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", small], check=False,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if mounted.returncode != 0:
            print("review: no small file system can be mounted here; the full disk is not tried", file=sys.stderr)
            return
        try:
            golden = os.path.join(small, "golden")
            shutil.copytree(story.golden, golden)
            before = facts_of_files(golden)
            terminal = Terminal("bless", "--review", "-a", ORDER, "-g", golden, story.history)
            terminal.answer((QUESTION, "a"), (WHY, "\n"), (QUESTION, "q"), (r"\[y,n\] $", "y"))
            terminal.end_with(5)
            assert "No space left on device" in terminal.text, terminal.text
            expect(facts_of_files(golden), before, "files on the full disk")
        finally:
            subprocess.run(["umount", small], check=True)


def test_the_reports_of_a_part_follow_their_schema():
    with Scratch() as scratch:
        story = Story(scratch)
        dry = refold("bless", "--dry-run", "-r", "json", *story.arguments).report
        key = dry["clusters"][0]["key"]
        some = refold("bless", "--cluster", key[:4], "-r", "json", *story.arguments).report
        none = refold("bless", "--cluster", "x", "-r", "json", *story.arguments).report
    check_schema("report.schema.json", {"dry": dry, "some": some, "none": none})
    counts = ("added", "changed", "unchanged", "removed", "kept", "unfit")
    # No line has a digest of its events yet: a bless of all would write every one anew.
    for report, wanted, declined, is_dry in ((dry, (4, 41, 0, 3, 0, 0), 0, True),
                                             (some, (0, 12, 0, 0, 32, 0), 16, False)):
        blessed = report["blessed"]
        expect(tuple(blessed[c] for c in counts), wanted, "counts")
        expect([tuple(a[c] for c in counts) for a in blessed["aggregates"]], [wanted], "counts by aggregate")
        expect((blessed["declined"], blessed["dry_run"]), (declined, is_dry), "declined, dry_run")
    expect((none["exit"], none["blessed"]["files"], none["nothing"]), (2, 0, True), "no such cluster")


def test_crashes_are_named_and_not_asked_about():
    with Scratch() as scratch:
        folder = os.path.join(scratch, "golden")
        ids = ["a", "b", "segv-first"]
        events = [event("Added", i, v, By=v) for i in ids for v in (1, 2)]
        write_golden(folder, "crasher", {i: (2, {"events": 2, "sum": 0}) for i in ids})
        write_bytes(os.path.join(scratch, "h", "2026", "07", "01", "00", "c"), lines_of(events))
        before = read_golden(os.path.join(folder, "crasher.ndjson"))
        terminal = Terminal("bless", "--review", "-a", plugin("crasher"), "-g", folder, os.path.join(scratch, "h"))
        terminal.expect(r"2 instances differ, in 1 group of alike differences\n1 cannot be accepted, and is as before:\n"
                        r"    .*1 crasher crashed.* at Added")
        terminal.answer((QUESTION, "a"), (WHY, "\n"))
        terminal.end_with(1)
        after = read_golden(os.path.join(folder, "crasher.ndjson"))
        expect([i for i in ids if after[i] != before[i]], ["a", "b"], "changed lines")
        expect([after[i]["state"]["sum"] for i in ids], [3, 3, 0], "sums")
        assert "1 crashed, hung or impure, not blessed" in terminal.stdout, terminal.stdout


def test_hostile_text_reaches_no_terminal():
    """Ids, types and values with escapes, bidi controls and line ends are shown, never sent."""
    hostile = ["\x1b]0;owned\x07", "a\rb", "a\nfake line", "\u202egnp.exe", "::error::x", "\u009b31m", "q" * 300,
               "\x1b[2J"]
    with Scratch() as scratch:
        folder = os.path.join(scratch, "golden")
        events, old = [], {}
        for identity in hostile:
            own, states = life(identity, 2)
            events += own + [event("\x1b[31mEvil\u202e", identity, 3)]
            old[identity] = (2, dict(states[2], status="\x1b[5m\u202e"))
        write_golden(folder, "order", old)
        write_bytes(os.path.join(scratch, "h", "2026", "07", "01", "00", "orders"), lines_of(events))
        terminal = Terminal("bless", "--review", "--color=never", "-a", ORDER, "-g", folder, os.path.join(scratch, "h"))
        terminal.answer((QUESTION, "d"), (QUESTION, "i"))
        for _ in hostile:
            terminal.answer((QUESTION, "d"), (QUESTION, "s"))
        terminal.end_with(0)
        clean = terminal.shown.replace(b"\r\n", b"\n")
        bad = sorted({byte for byte in clean if byte < 0x20 and byte != 0x0a or byte == 0x7f})
        expect(bad, [], "control bytes sent to the terminal")
        for character in "\u202e\u009b":
            assert character not in clean.decode("utf-8"), "%r was sent" % character
        for line in clean.decode("utf-8").split("\n"):
            assert not line.startswith(("::", "fake line")), line


def test_width_decides_how_much_of_a_value_is_shown():
    """A long value is cut sooner on a narrow terminal."""
    with Scratch() as scratch:
        folder = os.path.join(scratch, "golden")
        own, states = life("a", 2)
        write_golden(folder, "order", {"a": (2, dict(states[2], status="v" * 500))})
        write_bytes(os.path.join(scratch, "h", "2026", "07", "01", "00", "orders"), lines_of(own))
        widths = []
        for columns in 60, 100, 200, 1000:
            terminal = Terminal("bless", "--review", "-a", ORDER, "-g", folder, os.path.join(scratch, "h"),
                                columns=columns)
            terminal.answer((QUESTION, "i"), (QUESTION, "q"))
            terminal.end_with(0)
            widths.append(max(len(run) for run in re.findall("v+", terminal.text)))
        expect(sorted(widths), widths, "shown characters")
        expect(len(set(widths)), 4, "different widths")
        assert widths[0] < 60 and widths[1] < 100 and widths[2] < 200, widths


def test_a_review_proposes_what_a_run_compared():
    """The command that a run proposes for a review asks about what the run has shown."""
    with Scratch() as scratch:
        story = Story(scratch)
        shown = refold("run", "--ignore", "/totalCents", *story.arguments).stdout.decode("utf-8")
        command = re.search(r"to accept a part of them:  refold (.*)", shown).group(1).split()
        terminal = Terminal(*command)
        terminal.expect("21 instances differ, in 4 groups")
        terminal.answer((QUESTION, "q"))
        terminal.end_with(0)
        expect(total(run_json(*story.arguments).report, "changed"), 19, "changed, nothing ignored")

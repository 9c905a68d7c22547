# SPDX-License-Identifier: MIT
"""A replay from a pack is a replay from its objects, or it is refused: random histories that grow, change, shrink
and break beside their packs. 60 sequences; with REFOLD_SLOW=1 500. What must be refused is worked out here, from
what the files were when they were packed."""

import ctypes
import glob
import gzip
import hashlib
import json
import os
import random
import shutil
import struct

from support import slow, FIXTURES, ROOT, Scratch, aggregate, expect, expect_status, facts_of_files, objects, parallel, read_bytes, \
    refold, without_timing, write_bytes

SEQUENCES = 500 if os.environ.get("REFOLD_SLOW") == "1" else 60
ORDER = aggregate("order")
FILE = aggregate("file")
TYPES = ["OrderCreated", "OrderItemAdded", "OrderApproved", "OrderPaid", "OrderShipped", "OrderDelivered",
         "OrderCancelled", "NobodyKnows"]
# Two seconds and more before now, so that a time tells a file apart.
LONG_AGO = 1500000000


def event(rng, identity, version, tame=False):
    kind = rng.choice(TYPES[:7] if rng.random() < 0.98 else TYPES)
    kind = "OrderCreated" if version == 1 and rng.random() < 0.95 else kind
    data = {"ID": identity, "Version": version, "At": "2017-03-01T%02d:%02d:00.%03dZ" % (
        rng.randrange(24), rng.randrange(60), rng.randrange(1000))}
    if kind == "OrderItemAdded":
        data.update(Sku=rng.choice(["bolt", "nut \"5\"", "\u00e4", ""]), Qty=rng.randint(1, 9), PriceCents=rng.randint(1, 999))
    if kind in ("OrderPaid",):
        data["AmountCents"] = rng.randint(1, 9999)
    if rng.random() < 0.1:
        data["More"] = {"list": [1, -2.5e3, None, True, "x\\y"], "version": version, "": {}}
    if not tame and rng.random() < 0.15:
        return {"aggregateId": identity, "aggregateType": rng.choice(["order", "order", "invoice"]), "version": version,
                "type": kind, "at": data["At"], "data": data}
    return {"t": kind, "d": data}


class History:
    """The objects of one random history: a folder, and what comes next."""

    def __init__(self, rng, folder):
        self.rng = rng
        self.folder = folder
        self.versions = {}
        self.made = 0
        self.clock = LONG_AGO
        self.tame = True  # nothing is broken, so that there can be a golden

    def content(self):
        rng = self.rng
        lines = []
        for _ in range(rng.randint(1, 25)):
            identity = "o%d" % rng.randrange(12)
            version = self.versions.get(identity, 0) + 1
            if not self.tame and rng.random() < 0.05:
                version += rng.randint(-2, 1)  # a gap, a duplicate, a conflict, or one below the first
            self.versions[identity] = max(version, self.versions.get(identity, 0))
            lines.append(json.dumps(event(rng, identity, version, self.tame)))
            if rng.random() < 0.05:
                lines.append(lines[-1])
            if not self.tame and rng.random() < 0.03:
                lines.append(rng.choice(["{\"t\":1}", "[]", "{\"broken\":", "aGVsbG8=", "[{\"t\":\"x\"},3]"]))
        data = rng.choice(["\n", "", "\r\n"]).join(lines).encode()
        return gzip.compress(data, mtime=0) if rng.random() < 0.7 else data

    def write(self, key, data):
        path = os.path.join(self.folder, key)
        write_bytes(path, data)
        self.clock += self.rng.randint(1, 99)
        os.utime(path, ns=(self.clock * 10**9, self.clock * 10**9 + self.rng.randrange(10**9)))

    def add(self):
        rng = self.rng
        self.made += 1
        hour = "2017/03/01/%02d/" % rng.randrange(6)
        name = "orders-1-2017-03-01-00-00-00-%08d-0000-4000-8000-000000000000" % self.made
        choice = 1 if self.tame else rng.random()
        if choice < 0.05:
            self.write(hour + "README-%d" % self.made, b"nothing here")
        elif choice < 0.1:
            self.write("processing-failed/" + hour + name, b"{}")
        elif choice < 0.15:
            self.write(hour + name, b"")
        else:
            self.write(hour + name + rng.choice(["", ".gz", ".json"]), self.content())

    def any(self):
        found = objects(self.folder)
        return self.rng.choice(found) if found else None

    def change(self):
        path = self.any()
        if path is None:
            return
        key = os.path.relpath(path, self.folder)
        before = os.stat(path)
        if self.rng.random() < 0.5:
            data = bytearray(read_bytes(path))  # the same size
            if data:
                data[self.rng.randrange(len(data))] ^= 1 << self.rng.randrange(8)
            self.write(key, bytes(data))
            if self.rng.random() < 0.3:  # and the same time: only the contents tell
                os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))
        else:
            self.write(key, self.content())

    def remove(self):
        path = self.any()
        if path is not None:
            os.remove(path)

    def damage(self):
        path = self.any()
        if path is not None:
            data = read_bytes(path)
            self.write(os.path.relpath(path, self.folder), data[:self.rng.randrange(len(data) + 1)])

    def touch(self):
        path = self.any()
        if path is not None:
            self.write(os.path.relpath(path, self.folder), read_bytes(path))

    def nothing(self):
        pass

    def step(self):
        self.rng.choice([self.add, self.add, self.add, self.change, self.remove, self.damage, self.touch, self.nothing])()


class Packs:
    """The packs of a history, and what its files were when they were packed."""

    def __init__(self, history, scratch):
        self.history = history
        self.scratch = scratch
        self.paths = []
        self.known = {}

    def make(self, anew):
        """A pack of all, or one more of what is new; what changed or went since is no delta."""
        now = facts_of_files(self.history.folder)
        anew = anew or any(now.get(k) != v for k, v in self.known.items()) or not now.keys() - self.known.keys()
        if anew:
            self.paths, self.known = [], {}
        path = os.path.join(self.scratch, "%d.pack" % len(self.paths))
        if os.path.exists(path):
            os.remove(path)
        without = [w for p in self.paths for w in ("--without", p)]
        result = refold("pack", self.history.folder, *without, "-o", path, "-j", self.history.rng.choice([1, 2, 3]))
        if result.status == 2 and anew:  # not one event
            expect(os.path.exists(path), False, "a refused pack")
            return
        if result.status not in (0, 3):
            raise AssertionError(result.stderr)
        self.paths.append(path)
        self.known = now

    def is_hidden(self):
        """Whether a file is another that has the size and the time of the one that was packed: only its contents
        tell, and who does not want them compared is told nothing."""
        now = facts_of_files(self.history.folder)
        return any(k in now and now[k][1] == v[1] and len(now[k][0]) == len(v[0]) and now[k][0] != v[0]
                   for k, v in self.known.items())

    def must_be_refused(self, verified):
        """Whether the files are not what was packed."""
        now = facts_of_files(self.history.folder)
        for key, (data, mtime) in self.known.items():
            if key not in now or len(now[key][0]) != len(data):
                return True
            # What lies below an error prefix is not read, but a pack has its digest: known damage is told by that.
            if now[key][0] != data if verified else now[key][1] != mtime:
                return True
        return False


def outcome(result):
    report = without_timing(json.loads(result.stdout)) if result.stdout.startswith(b"{") else result.stdout
    return result.status, report


def compare(rng, history, packs, golden, what):
    """One command, cold and from the packs."""
    folder = history.folder
    common = ["-a", ORDER, "-j", rng.choice([1, 2])]
    if rng.random() < 0.3:
        common += ["--until", "2017-03-01T0%d" % rng.randrange(7)]
    choice = rng.random()
    if choice < 0.6:
        command = ["run", "-r", "json", "-g", golden] + common + (["--id", "o%d" % rng.randrange(14)] if rng.random() < 0.2 else [])
        if rng.random() < 0.3:
            command.append("--keep-partial")
    elif choice < 0.8:
        command = ["show", "--json", "o%d" % rng.randrange(14)] + common
    else:
        command = ["types", "--json"] + common
    verified = rng.random() < 0.5 or packs.is_hidden()
    env = {"CI": "1"} if verified and rng.random() < 0.5 else {}
    verify = ["--verify"] if verified and not env else []
    cold = refold(*command, folder, env=env)
    warm = refold(*command, *verify, *packs.paths, folder, env=env)
    refused = packs.must_be_refused(verified)
    if refused:
        expect_status(warm, 2, "%s: a stale pack is refused: %s" % (what, command))
        if ".pack" not in warm.stderr:
            raise AssertionError("%s: no word of the pack: %s" % (what, warm.stderr))
        return
    expect(outcome(warm), outcome(cold), "%s: %s\n%s\n%s" % (what, command, warm.stderr, cold.stderr))
    if facts_of_files(folder) == packs.known:
        alone = refold(*command, *packs.paths, env=env)
        expect(outcome(alone), outcome(cold), "%s: packs alone: %s\n%s" % (what, command, alone.stderr))


def break_pack(rng, history, packs, what):
    """A pack with a byte changed, or cut: refused, whatever is asked."""
    path = rng.choice(packs.paths)
    good = read_bytes(path)
    data = bytearray(good)
    if rng.random() < 0.7:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    else:
        del data[rng.randrange(1, len(data)):]
    write_bytes(path, bytes(data))
    result = refold("run", "-r", "json", "--no-compare", "-a", ORDER, *packs.paths)
    if result.status in (0, 1):
        raise AssertionError("%s: a broken pack is believed" % what)
    expect_status(result, 3 if result.status != 2 else 2, what + ": a broken pack")
    write_bytes(path, good)


def sequence(seed):
    rng = random.Random(seed)
    with Scratch() as scratch:
        history = History(rng, os.path.join(scratch, "events"))
        packs = Packs(history, scratch)
        golden = os.path.join(scratch, "golden")
        os.makedirs(history.folder)
        for _ in range(rng.randint(1, 5)):
            history.add()
        expect_status(refold("bless", "-a", ORDER, "-g", golden, history.folder), 0, "bless")
        history.tame = False
        packs.make(True)
        for step in range(rng.randint(2, 5)):
            what = "seed %d, step %d" % (seed, step)
            if not packs.paths:
                packs.make(True)
            if packs.paths:
                compare(rng, history, packs, golden, what)
                if rng.random() < 0.3:
                    break_pack(rng, history, packs, what)
            history.step()
            if rng.random() < 0.4:
                packs.make(rng.random() < 0.5)


@slow
def test_a_pack_is_its_objects_or_refused():
    parallel(sequence, range(SEQUENCES))


def test_the_fixtures_are_the_same_from_packs():
    for name, plugin in (("git-jansson", "file"), ("case-receipt", "case"), ("talk-orders", "order")):
        with Scratch() as scratch:
            pack = os.path.join(scratch, "h.pack")
            events = os.path.join(FIXTURES, name, "events")
            config = os.path.join(FIXTURES, name, "refold.json")
            config = ["-C", config] if os.path.exists(config) else []
            expect_status(refold("pack", *config, events, "-o", pack), 0, name)
            for command in (["run", "-r", "json", "--no-compare"], ["types", "--json"]):
                command += config + ["-a", aggregate(plugin)]
                expect(outcome(refold(*command, pack)), outcome(refold(*command, events)), "%s: %s" % (name, command))


def test_a_pack_holds_for_those_who_read_objects_alike():
    """What an older refold made of an unchanged object, this one may find damaged: it never takes that one's word. So
    the head tells of all sources that have a part in reading, and any change of these is another number."""
    with Scratch() as scratch:
        path = os.path.join(scratch, "one.pack")
        history = History(random.Random(1), os.path.join(scratch, "events"))
        os.makedirs(history.folder)
        history.add()
        expect_status(refold("pack", history.folder, "-o", path), 0, "pack")
        folders = ["base", "program", "walk", "worker", "host", "decode", "key", "history"]
        names = sorted(n for f in folders for n in glob.glob("harness/%s/*.[ch]" % f, root_dir=ROOT))
        lines = ["%s  %s\n" % (hashlib.sha256(read_bytes(os.path.join(ROOT, n))).hexdigest(), n) for n in names]
        reading = int(hashlib.sha256("".join(lines).encode()).hexdigest()[:8], 16)
        data = read_bytes(path)
        layout, = struct.unpack_from("<I", data, 20)
        if (layout ^ reading) >= 4096:  # what is left is the size of an event's front
            raise AssertionError("the pack's number is %08x, the sources' %08x" % (layout, reading))
        other = bytearray(data)
        other[23] ^= 1
        xxh3 = ctypes.CDLL("libxxhash.so.0").XXH3_64bits
        xxh3.restype = ctypes.c_uint64
        other[24:32] = struct.pack("<Q", xxh3(bytes(other[:24]), ctypes.c_size_t(24)))
        write_bytes(path, bytes(other))
        for sources in ([path], [path, history.folder]):
            result = refold("run", "--no-compare", "-q", "-a", ORDER, *sources)
            expect_status(result, 2, "of another refold: %s" % result.stderr)
            expect("made by another version of refold" in result.stderr, True, result.stderr)


def test_one_more_object_costs_little():
    """A delta reads only what is new: the other objects are not even opened."""
    with Scratch() as scratch:
        history = History(random.Random(1), os.path.join(scratch, "events"))
        os.makedirs(history.folder)
        for _ in range(8):
            history.add()
        first = os.path.join(scratch, "first.pack")
        refold("pack", history.folder, "-o", first)
        for path in objects(history.folder):
            stat = os.stat(path)
            write_bytes(path, b"x" * stat.st_size)  # who reads this, packs something else
            os.utime(path, ns=(stat.st_mtime_ns, stat.st_mtime_ns))
        history.write("2017/03/01/05/new.json", json.dumps(event(random.Random(2), "new", 1)).encode())
        second = os.path.join(scratch, "second.pack")
        done = refold("pack", history.folder, "--without", first, "-o", second)
        expect_status(done, 0, done.stderr)
        expect(b"with 1 object, 1 event;" in done.stdout and b"8 known objects left out" in done.stdout, True, done.stdout)
        shutil.rmtree(history.folder)
        both = json.loads(refold("run", "--no-compare", "-r", "json", "-a", ORDER, first, second).stdout)
        expect(both["history"]["objects"], 9, "objects of both packs")


def test_packs_of_archives_and_of_several_sources():
    with Scratch() as scratch:
        rng = random.Random(3)
        for name in ("a", "b"):
            history = History(rng, os.path.join(scratch, name))
            os.makedirs(history.folder)
            for _ in range(4):
                history.write("2017/03/01/00/same-%d.json" % rng.randrange(3), history.content())
        shutil.make_archive(os.path.join(scratch, "b"), "zip", os.path.join(scratch, "b"))
        sources = [os.path.join(scratch, "a"), os.path.join(scratch, "b.zip"), os.path.join(scratch, "b")]
        pack = os.path.join(scratch, "all.pack")
        again = os.path.join(scratch, "again.pack")
        command = ["run", "-r", "json", "--no-compare", "-a", ORDER]
        for some in (sources, sources[:2], sources[1:2], sources[::-1]):
            for path in (pack, again):
                if os.path.exists(path):
                    os.remove(path)
            if refold("pack", *some, "-o", pack).status not in (0, 3):
                raise AssertionError("pack of %s" % some)
            cold = outcome(refold(*command, *some))
            expect(outcome(refold(*command, pack)), cold, "alone: %s" % some)
            expect(outcome(refold(*command, "--verify", pack, *some)), cold, "beside: %s" % some)
            expect(outcome(refold(*command, *some, pack)), cold, "behind: %s" % some)
            refold("pack", pack, "-o", again)  # a pack of a pack
            expect(outcome(refold(*command, again)), cold, "again: %s" % some)
            expect(outcome(refold(*command, again, *some)), cold, "again, beside: %s" % some)


SPELLINGS = ("%s", "./%s", "%s/", "../events/%s", "{}/%s")


def spelled(rng, scratch, names, odd):
    """Names of sources as someone may write them; `odd`: so that they are no longer the names that packs know."""
    forms = SPELLINGS if odd else SPELLINGS[:3]
    return [rng.choice(forms).replace("{}", os.path.join(scratch, "events")) % name for name in names]


def of_sources(seed):
    """Packs of some of several sources, with the same keys in all, and a delta of more of them: what they hold together
    is what is there, whatever the sources were called, or it is refused. Never is an object read twice."""
    rng = random.Random(seed)
    with Scratch() as scratch:
        home = os.path.join(scratch, "events")
        clock = LONG_AGO
        alike = rng.random() < 0.5  # the same bytes at the same time under a key of each: only the place tells
        for name in ("a", "b", "c"):
            history = History(rng, os.path.join(home, name))
            history.clock = clock if alike else clock + rng.randrange(1000)
            for number in range(rng.randint(1, 3)):
                history.write("2017/03/01/00/same-%d.json" % number, b"{}" if alike else history.content())
            history.write("2017/03/01/01/own-%s.json" % name, history.content())

        def call(*arguments):
            return refold(*arguments, cwd=home)

        odd = rng.random() < 0.5
        names = rng.sample(["a", "b", "c"], rng.randint(2, 3))
        first = names[:rng.randint(1, len(names))]
        rng.shuffle(names)
        what = "seed %d: %s, then %s" % (seed, first, names)
        one, two = os.path.join(scratch, "1.pack"), os.path.join(scratch, "2.pack")
        if call("pack", *spelled(rng, scratch, first, False), "-o", one).status not in (0, 3):
            raise AssertionError(what)
        for name in names:
            if rng.random() < 0.5:
                history = History(rng, os.path.join(home, name))
                history.made = 100
                history.add()
        command = ["run", "-r", "json", "--no-compare", "-a", ORDER]
        now = spelled(rng, scratch, names, odd)
        cold = outcome(call(*command, *now))
        delta = call("pack", *now, "--without", one, "-o", two)
        beside = call(*command, one, *now)
        for result in (delta, beside):
            if result.status not in (0, 3) and not (odd and "1.pack" in result.stderr):
                raise AssertionError("%s: refused: %s" % (what, result.stderr))
        if beside.status != 2:
            expect(outcome(beside), cold, what + ": beside\n%s" % beside.stderr)
        if delta.status == 2:
            return "refused"
        both = call(*command, one, two)
        if both.status == 2:  # the same key and contents in two sources, or the same name: no one can tell
            alike = " too: leave out one" in both.stderr or "nothing tells whether" in both.stderr
            expect(alike, True, what + both.stderr)
        else:
            for term in ("objects", "records", "events", "foreign", "unreadable"):
                expect(outcome(both)[1]["history"][term], cold[1]["history"][term], "%s: alone, %s" % (what, term))
        both = call(*command, one, two, *now)
        if both.status != 2 or not odd:
            expect(outcome(both), cold, what + ": both beside\n%s" % both.stderr)
        return "packed"


@slow
def test_packs_of_some_of_several_sources():
    done = parallel(of_sources, range(SEQUENCES))
    expect({name for name in done if done.count(name) >= 3}, {"packed", "refused"}, "what comes of them")

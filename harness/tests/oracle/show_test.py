# SPDX-License-Identifier: MIT
"""`refold show` against this program's own fold: states at versions and times, what each event changed, who wrote
each value, and where each event lies. 50 random instances; with REFOLD_SLOW=1 1,000."""

import base64
import gzip
import json
import os
import random
import subprocess
import tempfile

import git_test
from hostile_test import HOSTILE, check_printable, check_schema
from selection_test import nanos, stamp
from support import (
    aggregate, expect, expect_status, FIXTURES, lines_of, merged, objects, parallel, plugin, read_bytes, read_golden,
    REFOLD, refold, sampled, Scratch, slow, write_bytes)

SLOW = os.environ.get("REFOLD_SLOW") == "1"
COUNT = 1000 if SLOW else 50
NAMES = ("git-jansson", "git-zlib-ng", "talk-orders")


# ---- the histories, read without refold ------------------------------------------------------------


def placed(data):
    """(offset in the inflated object, record) of an object's stored bytes: JSON values or lines of base64."""
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    if data[:1] != b"{":
        at = 0
        for line in data.split(b"\n"):
            if line:
                yield at, json.loads(base64.b64decode(line))
            at += len(line) + 1
        return
    text = data.decode("utf-8")
    plain = text.isascii()
    decoder = json.JSONDecoder()
    at = 0
    while True:
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        if at == len(text):
            return
        value, end = decoder.raw_decode(text, at)
        yield at if plain else len(text[:at].encode("utf-8")), value
        at = end


class Event:
    """An event as the contract's envelopes have it, and where it lies."""

    def __init__(self, record, key, offset):
        self.key, self.offset = key, offset
        if "t" in record:
            self.data = record["d"]
            self.identity, self.version, self.at = self.data["ID"], self.data["Version"], self.data["At"]
            self.type = record["t"]
        else:
            self.identity, self.version, self.at = record["aggregateId"], record["version"], record["at"]
            self.type, self.data = record["type"], record["data"]

    @property
    def place(self):
        return self.version, self.type, self.key, self.offset


LOADED = {}


def history(name):
    """folder, id -> events by version (of copies the first by key and offset)"""
    if name not in LOADED:
        folder = merged(name)
        found = {}
        for path in objects(folder):
            key = os.path.relpath(path, folder)
            for offset, record in placed(read_bytes(path)):
                event = Event(record, key, offset)
                found.setdefault(event.identity, {}).setdefault(event.version, event)
        LOADED[name] = folder, {i: [v[n] for n in sorted(v)] for i, v in found.items()}
    return LOADED[name]


def so_file(name):
    return aggregate("order" if name == "talk-orders" else "file")


# ---- the fold, by the contract's tables ------------------------------------------------------------

ORDER_STATUS = {"OrderCreated": "created", "OrderApproved": "approved", "OrderPaid": "paid", "OrderShipped": "shipped",
                "OrderDelivered": "delivered", "OrderCancelled": "cancelled", "OrderRefunded": "refunded"}


def utc(text):
    """A time as goldens have it."""
    whole, _, fraction = stamp(nanos(text)).rstrip("Z").partition(".")
    fraction = fraction.rstrip("0")
    return whole + ("." + fraction if fraction else "") + "Z"


def fold_order(events):
    state = {"items": 0, "totalCents": 0}
    for event in events:
        if event.type == "OrderCreated":
            state["createdAt"] = utc(event.at)
        if event.type == "OrderItemAdded":
            state["items"] += 1
            state["totalCents"] += event.data["Qty"] * event.data["PriceCents"]
        if event.type == "OrderRefunded":
            state["totalCents"] -= event.data["AmountCents"]
        if event.type in ORDER_STATUS:
            state["status"] = ORDER_STATUS[event.type]
        state["updatedAt"] = utc(event.at)
    return state


def fold_file(events):
    if not events:
        return {"changes": 0, "present": False}
    return git_test.fold([{"type": e.type, "data": e.data} for e in events])


def fold(name, events):
    return fold_order(events) if name == "talk-orders" else fold_file(events)


def until(events, limit):
    """The events in front of the first with a later time."""
    kept = []
    for event in events:
        if nanos(event.at) > limit:
            break
        kept.append(event)
    return kept


# ---- asking refold ---------------------------------------------------------------------------------


def ask(name, identity, *options, status=0):
    """The one instance of a JSON answer; the answer itself where nothing was shown."""
    folder, _ = history(name)
    result = refold("show", "--json", "-j", "1", *options, "-a", so_file(name), "--", identity, folder)
    expect_status(result, status, "%s %s %s" % (name, identity, options))
    answer = json.loads(result.stdout)
    expect(answer["exit"], status, "%s: exit" % identity)
    if status:
        return answer
    expect(len(answer["instances"]), 1, "%s: instances" % identity)
    return answer["instances"][0]


def sample(count, seed):
    """(name, id, events) of random instances of all three histories."""
    rng = random.Random(seed)
    everyone = [(name, i) for name in NAMES for i in sorted(history(name)[1])]
    return [(name, i, history(name)[1][i]) for name, i in rng.sample(everyone, min(count, len(everyone)))]


def patched(state, changes):
    """A JSON Patch (RFC 6902) on states without arrays."""
    state = dict(state)
    for change in changes:
        key = change["path"][1:].replace("~1", "/").replace("~0", "~")
        expect("/" not in change["path"][1:], True, "a flat state")
        expect((key in state, state.get(key)), (change["op"] != "add", change.get("old")), "old of " + key)
        if change["op"] == "remove":
            del state[key]
        else:
            state[key] = change["value"]
    return state


def check_reference(got, event, what):
    expect((got["version"], got["type"], got["object"], got["offset"], nanos(got["at"])),
           (*event.place, nanos(event.at)), what)


# ---- states ----------------------------------------------------------------------------------------


@sampled
def test_the_state_at_a_version_is_that_of_an_independent_fold():
    rng = random.Random(1)
    picks = [(n, i, e, rng.randint(0, len(e))) for n, i, e in sample(COUNT, 2)]

    def check(pick):
        name, identity, events, count = pick
        version = events[count - 1].version if count else 0
        answer = ask(name, identity, "--at", version)
        expect(answer["state"], fold(name, events[:count]), "%s @%d" % (identity, version))
        if count:
            check_reference(answer["behind"], events[count - 1], identity)
        else:
            expect(answer["behind"], {}, identity)

    parallel(check, picks)


@sampled
def test_the_state_at_a_time_is_that_of_an_independent_fold():
    rng = random.Random(3)
    picks = []
    for name, identity, events in sample(COUNT // 2, 4):
        moment = nanos(rng.choice(events).at) + rng.choice((-1, 0, 1, 10**9))
        picks.append((name, identity, events, moment))

    def check(pick):
        name, identity, events, moment = pick
        kept = until(events, moment)
        answer = ask(name, identity, "--at", stamp(moment), status=0 if kept else 2)
        if kept:
            expect(answer["state"], fold(name, kept), "%s at %s" % (identity, stamp(moment)))
            expect(answer["behind"]["version"], kept[-1].version, identity)
        else:
            expect("it begins at" in answer["error"], True, answer["error"])
        return bool(kept)

    assert {True, False} <= set(parallel(check, picks)), "times before and behind the first event"


@sampled
def test_as_of_and_at_are_what_bless_as_of_accepts():
    for name in NAMES:
        folder, instances = history(name)
        times = sorted(nanos(e.at) for events in instances.values() for e in events)
        limit = stamp(times[len(times) * 2 // 3])
        with Scratch() as scratch:
            expect_status(refold("bless", "-a", so_file(name), "-g", scratch, "--as-of", limit, folder), 0, name)
            golden = read_golden(os.path.join(scratch, os.path.basename(so_file(name))[:-3] + ".ndjson"))
        assert 10 < len(golden) < len(instances), name
        rng = random.Random(name)

        def check(identity):
            line = golden.get(identity)
            at = ask(name, identity, "--at", limit, status=0 if line else 2)
            cut = ask(name, identity, "--as-of", limit, status=0 if line else 2)
            if not line:
                return
            events = until(instances[identity], nanos(limit))
            expect((at["state"], at["behind"]["version"]), (line["state"], line["version"]), identity + ": --at")
            expect([e["version"] for e in cut["events"]], [e.version for e in events], identity + ": --as-of")
            expect(cut["terms"].get("unselected", 0) > 0, len(events) < len(instances[identity]), identity + ": left")
            state = fold(name, [])
            for event in cut["events"]:
                state = patched(state, event["changes"])
            expect(state, line["state"], identity + ": the changes up to --as-of")

        parallel(check, rng.sample(sorted(instances), 15 if SLOW else 4))


# ---- events ----------------------------------------------------------------------------------------


@sampled
def test_the_changes_of_each_event_are_those_of_an_independent_fold():
    def check(pick):
        name, identity, events = pick
        answer = ask(name, identity)
        expect(len(answer["events"]), len(events), identity)
        state = fold(name, [])
        for count, (shown, event) in enumerate(zip(answer["events"], events), 1):
            check_reference(shown, event, identity)
            expect((shown["data"], shown["taken"]), (event.data, "folded"), identity)
            state = patched(state, shown["changes"])
            expect(state, fold(name, events[:count]), "%s behind @%d" % (identity, event.version))

    parallel(check, sample(COUNT // 2, 5))


def test_objects_and_offsets_are_those_of_the_files_as_they_lie():
    folder = os.path.join(FIXTURES, "git-zlib-ng", "events")
    rng = random.Random(6)
    places = {}
    for path in objects(folder):
        for offset, record in placed(read_bytes(path)):
            event = Event(record, os.path.relpath(path, folder), offset)
            places.setdefault(event.identity, {}).setdefault(event.version, []).append(event)
    copied = [i for i, versions in places.items() if any(len(c) > 1 for c in versions.values())]
    for identity in rng.sample(sorted(copied), 5):
        result = refold("show", "--json", "-a", aggregate("file"), "--", identity, folder)
        expect_status(result, 0, identity)
        shown = json.loads(result.stdout)["instances"][0]["events"]
        expect(len(shown), len(places[identity]), identity)
        for event in shown:
            copies = places[identity][event["version"]]
            got = [event] + event.get("duplicates", [])
            expect([(e["object"], e["offset"]) for e in got], [(c.key, c.offset) for c in copies], identity)


# ---- who wrote what --------------------------------------------------------------------------------


def writers(name, events):
    """path -> (value, the event behind which it became so, or None)"""
    found = {"/" + k: (v, None) for k, v in fold(name, []).items()}
    for count, event in enumerate(events, 1):
        state = fold(name, events[:count])
        now = {"/" + k: v for k, v in state.items()}
        found = {p: found[p] if p in found and found[p][0] == v else (v, event) for p, v in now.items()}
    return found


@sampled
def test_blame_names_the_right_event_for_every_path():
    def check(pick):
        name, identity, events = pick
        answer = ask(name, identity, "--blame")
        wanted = writers(name, events)
        expect([v["path"] for v in answer["values"]], sorted(wanted, key=lambda p: p.encode()), identity)
        for value in answer["values"]:
            was, event = wanted[value["path"]]
            what = "%s %s" % (identity, value["path"])
            expect(value["value"], was, what)
            if event is None:
                expect(sorted(value), ["path", "value"], what)
            else:
                check_reference(value, event, what)
        return len(answer["values"])

    assert sum(parallel(check, sample(COUNT, 7))) > 4 * COUNT


@sampled
def test_path_names_all_events_that_changed_a_value():
    def check(pick):
        name, identity, events = pick
        state = fold(name, events)
        path = random.Random(identity).choice(sorted(state))
        answer = ask(name, identity, "--path", "/" + path)
        wanted, before = [], fold(name, []).get(path)
        expect(answer["touches"][0], {} if before is None else {"value": before}, identity)
        for count, event in enumerate(events, 1):
            now = fold(name, events[:count]).get(path)
            if now != before:
                wanted.append((event.place, before, now))
            before = now
        got = [((t["version"], t["type"], t["object"], t["offset"]), t.get("old"), t.get("value"))
               for t in answer["touches"][1:]]
        expect(got, wanted, "%s /%s" % (identity, path))

    parallel(check, sample(COUNT // 3, 8))


@sampled
def test_diff_turns_one_state_into_the_other():
    rng = random.Random(9)
    picks = [(n, i, e, rng.randint(0, len(e)), rng.randint(0, len(e))) for n, i, e in sample(COUNT // 3, 10)]

    def check(pick):
        name, identity, events, first, second = pick
        versions = [events[c - 1].version if c else 0 for c in (first, second)]
        answer = ask(name, identity, "--diff", *versions)
        state = patched(fold(name, events[:first]), answer["changes"])
        expect(state, fold(name, events[:second]), "%s %s" % (identity, versions))
        expect(answer["from"].get("version", 0), versions[0], identity)
        expect(answer["to"].get("version", 0), versions[1], identity)

    parallel(check, picks)


# ---- states of any shape ---------------------------------------------------------------------------


def random_value(rng, depth):
    kind = rng.randrange(9 if depth < 3 else 6)
    if kind < 6:
        return rng.choice([None, True, False, 0, 1, 2, "a", "b", "", -7, 10**18, "\u00e4\n"])
    if kind < 8:
        keys = ["a", "b", "a/b", "m~n", "", "~1", "0", "\u00e4", "k\n"]
        return {k: random_value(rng, depth + 1) for k in rng.sample(keys, rng.randrange(5))}
    return [random_value(rng, depth + 1) for _ in range(rng.randrange(5))]


def altered(rng, value, depth=0):
    """A few changes in a copy of a value."""
    if depth > 3 or not isinstance(value, (dict, list)) or not value or rng.random() < 0.1:
        return random_value(rng, depth)
    if isinstance(value, dict):
        value = dict(value)
        key = rng.choice(sorted(value))
        if rng.random() < 0.25:
            del value[key]
        elif rng.random() < 0.3:
            value[rng.choice(["new", "a/b", "z"])] = random_value(rng, depth + 1)
        else:
            value[key] = altered(rng, value[key], depth + 1)
        return value
    value = list(value)
    at = rng.randrange(len(value))
    action = rng.random()
    if action < 0.25:
        del value[at]
    elif action < 0.5:
        value.insert(at, random_value(rng, depth + 1))
    else:
        value[at] = altered(rng, value[at], depth + 1)
    return value


def token(step):
    return "/" + step.replace("~", "~0").replace("/", "~1")


def leaves(value, path=""):
    """pointer -> value, of all that holds no others"""
    if isinstance(value, dict) and value:
        return {p: v for k, w in value.items() for p, v in leaves(w, path + token(k)).items()}
    if isinstance(value, list) and value:
        return {p: v for i, w in enumerate(value) for p, v in leaves(w, path + "/%d" % i).items()}
    return {path: value}


def at_pointer(value, pointer):
    """(whether something stands there, what)"""
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value) and str(int(step)) == step:
            value = value[int(step)]
        else:
            return False, None
    return True, value


def same(a, b):
    """As JSON: 1 is not True."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def apply_patch(value, changes):
    """RFC 6902, in order."""
    box = [json.loads(json.dumps(value))]
    for change in changes:
        steps = [s.replace("~1", "/").replace("~0", "~") for s in change["path"].split("/")[1:]]
        holder, key = box, 0
        for step in steps:
            holder, key = holder[key], step
            key = int(key) if isinstance(holder, list) else key
        if change["op"] != "add":
            expect(same(holder[key], change["old"]), True, "old of " + change["path"])
        if change["op"] == "remove":
            del holder[key]
        elif change["op"] == "add" and isinstance(holder, list) and steps:
            holder.insert(key, change["value"])
        else:
            holder[key] = change["value"]
    return box[0]


def mirror_states(rng):
    """States as events would set them; None: an event that leaves the state as it is."""
    states = [{"a": random_value(rng, 0)}]
    for _ in range(rng.randrange(1, 12)):
        states.append(None if rng.random() < 0.15 else altered(rng, next(s for s in reversed(states) if s is not None)))
    return states


def check_mirror(folder, identity, states):
    """All views of one instance against its states."""
    def show(*options):
        result = refold("show", "--json", *options, "-a", plugin("mirror"), identity, folder)
        expect_status(result, 0, "%s %s" % (identity, options))
        answer = json.loads(result.stdout)
        return answer, answer["instances"][0]

    known = [{}]
    for state in states:
        known.append(known[-1] if state is None else state)
    answer, shown = show()
    answers = {identity: answer}
    state = {}
    for event, wanted in zip(shown["events"], known[1:]):
        state = apply_patch(state, event["changes"])
        expect(same(state, wanted), True, "%s @%d: %r, not %r" % (identity, event["version"], state, wanted))
    wanted = {p: (v, 0) for p, v in leaves(known[0]).items()}
    for version, now in enumerate(known[1:], 1):
        wanted = {p: wanted[p] if p in wanted and same(wanted[p][0], v) else (v, version)
                  for p, v in leaves(now).items()}
    answers["blame"], shown = show("--blame")
    expect({v["path"]: (json.dumps(v["value"]), v.get("version", 0)) for v in shown["values"]},
           {p: (json.dumps(v), n) for p, (v, n) in wanted.items()}, identity + ": --blame")
    for pointer in sorted(wanted)[:2] + ["/a"]:
        if pointer == "":
            continue
        answers["path" + pointer], shown = show("--path", pointer)
        changed = [n for n in range(1, len(known)) if not same(at_pointer(known[n], pointer),
                                                              at_pointer(known[n - 1], pointer))]
        expect([t["version"] for t in shown["touches"][1:]], changed, "%s: --path %s" % (identity, pointer))
        for touch in shown["touches"][1:]:
            for name, version in (("old", touch["version"] - 1), ("value", touch["version"])):
                there, value = at_pointer(known[version], pointer)
                expect((name in touch, same(touch.get(name), value)), (there, True), identity + pointer)
    first, second = 0, len(states) // 2
    answers["diff"], shown = show("--diff", first, second)
    expect(same(apply_patch(known[first], shown["changes"]), known[second]), True, identity + ": --diff")
    answers["at"], shown = show("--at", second)
    expect(same(shown["state"], known[second]), True, identity + ": --at")
    return answers


@sampled
def test_states_of_any_shape():
    rng = random.Random(11)
    values, instances = [], {}
    for number in range(120 if SLOW else 10):
        identity = "m%d" % number
        instances[identity] = mirror_states(rng)
        for version, state in enumerate(instances[identity], 1):
            values.append({"aggregateType": "mirror", "aggregateId": identity, "version": version,
                           "at": "2020-01-01T00:00:00Z", "type": "Same" if state is None else "Set",
                           "data": {} if state is None else state})
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "h", "2020/01/01/00/a.json"), lines_of(values))
        folder = os.path.join(scratch, "h")
        answers = {}
        for part in parallel(lambda i: check_mirror(folder, i, instances[i]), sorted(instances)):
            answers.update(part)
        check_schema("show.schema.json", answers)


# ---- hostile ids, types, values, names -------------------------------------------------------------


@slow
def test_hostile_text_stays_printable_and_json_keeps_it():
    ids = [i for i in HOSTILE if "\0" not in i]
    values = []
    for identity in HOSTILE:
        for version, text in enumerate((identity, HOSTILE[len(identity) % len(HOSTILE)]), 1):
            values.append({"aggregateType": "mirror", "aggregateId": identity, "version": version, "type": "Set",
                           "at": "2020-01-01T00:00:00Z", "data": {text: {"in": [text, {text: 1}]}, "plain": version}})
        values.append({"aggregateType": "other" + identity[:50].replace("/", "-"), "aggregateId": identity,
                       "version": 1, "type": identity, "at": "2020-01-01T00:00:00Z", "data": {identity: identity}})
    with Scratch() as scratch:
        folder = os.path.join(scratch, "h")
        write_bytes(os.path.join(folder, "2020/01/01/00", "::error::\x1b[31m\u202e.json"), lines_of(values))
        answers = {}

        def check(identity):
            for options in ([], ["-v"], ["-q"], ["--at", "2"], ["--diff", "1", "2"], ["--blame"], ["--path", "/plain"]):
                what = "%r %s" % (identity, options)
                text = refold("show", *options, "-a", plugin("mirror"), "--", identity, folder)
                check_printable(text, what)
                result = refold("show", "--json", *options, "-a", plugin("mirror"), "--", identity, folder)
                check_printable(result, what)
                expect((text.status, result.status), (3, 3) if text.status == 3 else (0, 0), what)
                answers[what] = json.loads(result.stdout)
                mine = [i for i in answers[what]["instances"] if i.get("aggregate") == "mirror"][0]
                expect((answers[what]["id"], mine["id"]), (identity, identity), what)
                if not options:
                    expect([e["data"] for e in mine["events"]],
                           [v["data"] for v in values if v["aggregateId"] == identity][:2], what)

        parallel(check, ids)
        check_schema("show.schema.json", answers)
        absent = refold("show", "-a", plugin("mirror"), "--", "\x1b[31m\u202e::error::no", folder)
        check_printable(absent, "no such id")


# ---- long instances --------------------------------------------------------------------------------


def peak_kib(*arguments):
    """How much memory refold had at most, and how much it wrote."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([REFOLD, "show", *arguments], stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        expect(status, 0, "show %s" % " ".join(arguments))
        return usage.ru_maxrss, out.tell()


def test_a_long_instance_is_never_held_as_text():
    with Scratch() as scratch:
        path = os.path.join(scratch, "events.json")
        with open(path, "w", encoding="utf-8") as f:
            f.write('{"t":"OrderCreated","d":{"ID":"long","Version":1,"At":"2020-01-01T00:00:00Z"}}\n')
            for version in range(2, 60001):
                f.write('{"t":"OrderItemAdded","d":{"ID":"long","Version":%d,"At":"2020-01-01T00:00:00Z","Qty":1,'
                        '"PriceCents":%d}}\n' % (version, version % 7))
        quiet, _ = peak_kib("--at", "60000", "long", path, "-a", aggregate("order"))
        for form in ("-v", "--json"):
            peak, written = peak_kib(form, "long", path, "-a", aggregate("order"))
            assert written > 12 << 20, (form, written)
            assert peak - quiet < 6 << 10, (form, peak, quiet, written)

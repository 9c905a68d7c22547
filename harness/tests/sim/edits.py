# SPDX-License-Identifier: MIT
"""What goes wrong with a golden, and what a run is asked for. Golden edits take (rng, golden): a dict of aggregate ->
[lines, text or None, meta or None]; a text stands for the lines once it is damaged."""

import copy
import json

import goldens
import lives
import times
from world import BEGIN, HOUR


class GoldenFile:
    """One aggregate's golden in the making."""

    def __init__(self, aggregate, lines):
        self.aggregate = aggregate
        self.lines = lines
        self.text = goldens.text_of(lines)
        self.meta = goldens.meta_of(aggregate, lines)

    def written(self, lines):
        self.lines = lines
        self.text = goldens.text_of(lines)


def _pick(rng, golden):
    found = [one for one in golden.values() if one.lines]
    return rng.choice(found) if found else None


def _with_line(rng, golden, change):
    one = _pick(rng, golden)
    if one is None:
        return False
    lines = copy.deepcopy(one.lines)
    if change(lines, rng.randrange(len(lines))) is False:
        return False
    one.written(lines)
    return True


def altered_state(rng, golden):
    def change(lines, at):
        state = lines[at].get("state")
        if not state:
            return False
        key = rng.choice(sorted(state))
        if rng.random() < 0.3:
            del state[key]
        elif type(state[key]) is int:
            state[key] += rng.choice([1, -1])
        else:
            state[key] = rng.choice(["altered", {}, [], None, 1, True])
        return True
    return _with_line(rng, golden, change)


def added_member(rng, golden):
    def change(lines, at):
        lines[at]["state"][rng.choice(["", "more", "a/b", "~", "é"])] = rng.choice([None, 0, "", {"a": [1]}])
    return _with_line(rng, golden, change)


def dropped_line(rng, golden):
    return _with_line(rng, golden, lambda lines, at: lines.pop(at) and True)


def added_line(rng, golden):
    def change(lines, at):
        line = dict(lines[at], id=rng.choice(lives.pick_ids(rng, 3) + [lines[at]["id"] + " "]))
        if any(other["id"] == line["id"] for other in lines):
            return False
        lines.append(line)
        return True
    return _with_line(rng, golden, change)


def other_version(rng, golden):
    """A line that is pinned elsewhere."""
    def change(lines, at):
        line = lines[at]
        if "rejected" in line:
            line["rejected"]["version"] += rng.choice([1, 2])
        else:
            line["version"] = max(line["version"] + rng.choice([-1, -1, 1, 2, -100]), 0)
        return True
    return _with_line(rng, golden, change)


def without_digest(rng, golden):
    def change(lines, at):
        for line in lines if rng.random() < 0.5 else [lines[at]]:
            line.pop("events", None)
    return _with_line(rng, golden, change)


def other_digest(rng, golden):
    def change(lines, at):
        lines[at]["events"] = "%016x" % rng.getrandbits(64)
    return _with_line(rng, golden, change)


def rejected_line(rng, golden):
    """A refusal that is another, is gone, or was never there."""
    def change(lines, at):
        line = lines[at]
        if "rejected" not in line:
            version = line["version"] + rng.choice([0, 1])
            line["rejected"] = {"message": "OrderPaid: no", "type": "OrderPaid", "version": version}
        elif rng.random() < 0.3:
            line.pop("rejected")
        else:
            key = rng.choice(["message", "type"])
            line["rejected"][key] += rng.choice([" ", "\n", "x"])
        return True
    return _with_line(rng, golden, change)


def swapped_states(rng, golden):
    """Two lines have each other's states."""
    def change(lines, at):
        other = rng.randrange(len(lines))
        lines[at]["state"], lines[other]["state"] = lines[other]["state"], lines[at]["state"]
        return other != at
    return _with_line(rng, golden, change)


def unloaded(rng, golden):
    """A golden whose aggregate nobody loads."""
    lines = [{"id": identity, "state": {}, "version": 1} for identity in lives.pick_ids(rng, rng.randint(1, 3))]
    golden["ghost"] = GoldenFile("ghost", lines)
    return True


def absent(rng, golden):
    one = _pick(rng, golden)
    if one is None:
        return False
    del golden[one.aggregate]
    return True


def _damage(rng, golden, change):
    one = _pick(rng, golden)
    if one is None or one.text == b"":
        return False
    lines = one.text.decode("utf-8").split("\n")[:-1]
    if not lines:
        return False
    one.text = change(lines).encode("utf-8", "surrogateescape")
    return True


def damaged_text(rng, golden):
    def change(lines):
        at = rng.randrange(len(lines))
        how = rng.randrange(7)
        if how == 0:
            lines.insert(at, rng.choice(["<<<<<<< HEAD", "=======", ">>>>>>> theirs", "", "{}", "[]", "x",
                                         "{\"id\":\"q\"}"]))
        elif how == 1:
            lines.insert(at, lines[at])
        elif how == 2:
            lines.reverse()
        elif how == 3:
            lines[at] = lines[at][:len(lines[at]) // 2]
        elif how == 4:
            lines[at] += "\r"
        elif how == 5:
            lines[at] = lines[at].replace('"version":', '"Version":')
        else:
            return "\n".join(lines)  # cut: no last line feed
        return "\n".join(lines) + "\n"
    return _damage(rng, golden, change)


def loose_text(rng, golden):
    """Not canonical, but sound: keys in another order, blanks."""
    def change(lines):
        try:
            return "".join(json.dumps(dict(reversed(json.loads(line).items()))) + "\n" for line in lines)
        except (ValueError, AttributeError):  # damaged already
            return "\n".join(lines) + "\n"
    return _damage(rng, golden, change)


def emptied(rng, golden):
    one = _pick(rng, golden)
    if one is None:
        return False
    one.text = b""
    return True


def meta_edited(rng, golden):
    one = _pick(rng, golden)
    if one is None or one.meta is None:
        return False
    one.meta = rng.choice([None, None, one.meta.replace(b'"format":1', b'"format":2'), b"{}", one.meta[:-10],
                           one.meta.replace(one.aggregate.encode(), b"other", 1)])
    return True


GOLDEN = [altered_state, altered_state, added_member, dropped_line, added_line, other_version, other_version,
          without_digest, other_digest, rejected_line, swapped_states, unloaded, absent, damaged_text, damaged_text,
          loose_text, emptied, meta_edited]
#: those that make no damage
SOUND = [altered_state, altered_state, added_member, dropped_line, added_line, other_version, without_digest,
         other_digest, rejected_line, swapped_states, unloaded, absent, loose_text]


# ---- what the run is asked for ---------------------------------------------------------------------


def until(rng, world, setup):
    hour = BEGIN // HOUR + rng.randrange(0, 9)
    setup.until = hour
    year, month, day, of_day = times.folder(hour)
    setup.until_text = "%04d-%02d-%02dT%02d" % (year, month, day, of_day)


def as_of(rng, world, setup):
    event = rng.choice(rng.choice(world.events))
    setup.as_of = max(event.at + rng.choice([0, 0, -1, 1, HOUR]), 0)


def ids(rng, world, setup):
    known = sorted({events[0].id for events in world.events})
    wanted = rng.sample(known, min(len(known), rng.randint(1, 3)))
    if rng.random() < 0.3:
        wanted += lives.pick_ids(rng, 1)
    wanted = [identity for identity in wanted if "\0" not in identity]
    setup.ids = wanted or None
    words = all(identity.isalnum() for identity in wanted)
    setup.ids_file = bool(wanted) and words and rng.random() < 0.5


def policy(rng, world, setup):
    keys = ["gap", "conflict", "malformed", "errors", "unblessed", "unclaimed"]
    setup.policy = {key: rng.choice(["error", "warn", "count"]) for key in rng.sample(keys, rng.randint(1, 3))}


def ignore(rng, world, setup):
    pointer = rng.choice(["/updatedAt", "/status", "/totalCents", "/blob", "/commit", "/counts/*", "/counts/Check", "/*",
                          "/lastType", "/note", "/items", "/", "/path"])
    name = rng.choice([None] + world.aggregates)
    if name is None or rng.random() < 0.5:
        setup.ignore.append((name, pointer))
    else:
        setup.config_ignore.setdefault(name, []).append(pointer)


def bug(rng, world, setup):
    bugs = {"order": ["order_price", "order_paid", "order_refuses", "order_text", "order_undeclared", "order_renamed",
                      "order_lenient", "order_crashes", "order_crashes", "order_exits", "order_exits", "order_nan"],
            "file": ["file_forgets"], "case": ["case_counts"]}
    at = rng.randrange(len(setup.builds))
    setup.builds[at] = rng.choice(bugs[setup.builds[at].partition("_")[0]])
    if setup.builds[at] == "order_crashes" and rng.random() < 0.02:
        setup.builds[at] = "order_hangs"  # seldom: each hang is waited for
        setup.timeout = 1


def ignored_bug(rng, world, setup):
    """A bug, and a rule that leaves out what it changes: that is for the audit of such rules to tell."""
    found = [("order", "order_price", "/totalCents"), ("order", "order_paid", "/status"), ("file", "file_forgets", "/blob"),
             ("case", "case_counts", "/counts/*"), ("case", "case_counts", "/counts")]
    name, build, pointer = rng.choice(found)
    if name in setup.builds:
        setup.builds[setup.builds.index(name)] = build
        setup.ignore.append((rng.choice([None, name]) if name != "case" else None, pointer))


def bug_that_restores(rng, world, setup):
    """One that takes the states of the build that ships for its own."""
    bug(rng, world, setup)
    setup.builds = ["order" if name in ("order_renamed", "order_nan") else name for name in setup.builds]


def skipped(rng, world, setup):
    name = rng.choice(world.aggregates)
    kinds = sorted({event.type for events in world.events for event in events if event.aggregate == name}) or ["x"]
    setup.skip = dict(setup.skip)
    setup.skip[name] = set(setup.skip.get(name, ())) | {rng.choice(kinds)}


def other_first(rng, world, setup):
    setup.first = {rng.choice(world.aggregates): rng.choice([0, 1, 2])}


def flag(name):
    def choose(rng, world, setup):
        setattr(setup, name, True)
    choose.__name__ = name
    return choose


def another_set(rng, world, setup):
    """Other aggregates than those that were blessed."""
    if len(setup.builds) > 1 and rng.random() < 0.5:
        setup.builds.pop(rng.randrange(len(setup.builds)))
    else:
        loaded = [name.partition("_")[0] for name in setup.builds]
        missing = [name for name in ("order", "file", "case") if name not in loaded]
        setup.builds += missing[:1]


FLAGS = [flag(name) for name in ("at_head", "require_golden", "no_compare", "keep_partial", "keep_partial")]
ASKED = [until, until, as_of, as_of, ids, ids, policy, policy, ignore, ignore, bug, bug, bug, bug, bug, bug, ignored_bug,
         ignored_bug, skipped, other_first, another_set] + FLAGS
#: of a run that goes on from a snapshot; no other build may write another state
ASKED_FROM = [ids, policy, ignore, skipped, bug_that_restores] + [
    flag(name) for name in ("at_head", "require_golden", "keep_partial")]

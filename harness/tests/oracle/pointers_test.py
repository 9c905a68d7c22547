# SPDX-License-Identifier: MIT
"""Pointers of the user's own against histories made at random: a pointer that no event has ends with 2, names itself, and
no other does; whatever the order, the jobs, the hours, the shard, or a pack between."""

import base64
import json
import os
import random

from support import expect, expect_status, plugin, refold, Scratch, write_bytes

PARTS = {"version": "/m/v", "data": "/b", "aggregate": "/m/of", "eid": "/m/e"}
KEY = "2026/07/01/%02d/orders-1-2026-07-01-%02d-00-00-00000000-0000-4000-8000-%012d"


def record(rng, number, has):
    """An event that has, of each part, what `has` says; a null is as nothing, but of the data."""
    m = {"e": "e%d" % number, "of": "shelf", "v": 1}
    value = {"i": "i%d" % number, "t": "Put", "m": {k: v for k, v in m.items() if "/m/" + k in has}, "b": {"n": 1}}
    if "/b" not in has:
        del value["b"]
    for key in m:
        if key not in value["m"] and rng.random() < 0.3:
            value["m"][key] = None
    members = list(value.items())
    rng.shuffle(members)
    return json.dumps(dict(members), separators=rng.choice([(",", ":"), (", ", ": ")]))


def lacked_of(asked, read):
    """The parts that none of these events has, of those that were asked for; an event id only where a version is missing."""
    lacked = [part for part in asked if not any(PARTS[part] in has for has in read)]
    if "version" in asked and all(PARTS["version"] in has for has in read):
        lacked = [part for part in lacked if part != "eid"]
    return lacked


def history(rng, scratch):
    """Writes one; returns, for each hour, what its records have."""
    hours = []
    share = {pointer: rng.choice([0, 0, 0.02, 0.5, 1]) for pointer in PARTS.values()}
    for hour in range(rng.randrange(1, 4)):
        had = [{p for p in share if rng.random() < share[p]} for _ in range(rng.randrange(1, 25))]
        if "/m/v" in set().union(*had) and rng.random() < 0.5:  # in one record alone, the last
            had = [has - {"/m/v"} for has in had[:-1]] + [had[-1] | {"/m/v"}]
        hours.append(had)
        lines = [record(rng, 100 * hour + i, has) for i, has in enumerate(had)]
        write_bytes(os.path.join(scratch, KEY % (hour, hour, hour)), "\n".join(lines).encode())
    return hours


def test_a_pointer_that_no_event_has_is_named_and_no_other():
    rng = random.Random(20261126)
    seen = {0: 0, 2: 0}
    for _ in range(40):
        with Scratch() as scratch:
            hours = history(rng, os.path.join(scratch, "h"))
            asked = [part for part in PARTS if rng.random() < 0.6]
            until = rng.randrange(1, len(hours) + 1)
            read = [has for hour in hours[:until] for has in hour]
            lacked = lacked_of(asked, read)
            spec = ",".join(["id=/i", "type=/t"] + ["%s=%s" % (part, PARTS[part]) for part in asked])
            for words in (("-j", 1), ("-j", 3), ("--shard", "1/2")):
                result = refold("cat" if words[0] == "-j" else "run", *words,
                                *([] if words[0] == "-j" else ["-q", "--no-compare", "-a", plugin("shelf")]),
                                "-e", spec, "--until", "2026-07-01T%02d" % until, os.path.join(scratch, "h"))
                told = [part for part in PARTS if "%s=%s" % (part, PARTS[part]) in result.stderr]
                expect(told, [part for part in PARTS if part in lacked], "named of %s" % spec)
                if words[0] == "-j":
                    expect_status(result, 2 if lacked else 0, "%s of %s" % (words, spec))
                if lacked:
                    expect_status(result, 2, "%s of %s" % (words, spec))
                    assert "%d event" % len(read) in result.stderr, result.stderr
            seen[2 if lacked else 0] += 1
            # of a pack of all hours, each object keeps what its events lack
            everything = [has for hour in hours for has in hour]
            if not lacked_of(asked, everything):
                pack = os.path.join(scratch, "x.pack")
                expect_status(refold("pack", "-q", "-e", spec, "-o", pack, os.path.join(scratch, "h")), 0, "pack")
                result = refold("cat", "-e", spec, "--until", "2026-07-01T%02d" % until, pack)
                expect_status(result, 2 if lacked else 0, "of the pack, " + spec)
    assert min(seen.values()) >= 8, seen


def test_a_bless_tells_of_data_that_is_json_in_a_string():
    def event(number, data):
        return {"i": "i%d" % number, "t": "Put", "m": {"v": 1}, "b": data}

    texts = ['{"n":1}', base64.b64encode(b'{"n":1}').decode()]
    for data, told in (([{"n": 1}] * 3, 0), (texts + [{"n": 1}], 2), (texts, 2), (["n", "eyJ", {"n": "{}"}], 0)):
        with Scratch() as scratch:
            folder = os.path.join(scratch, "h")
            for hour, value in enumerate(data):
                write_bytes(os.path.join(folder, KEY % (hour, hour, hour)), json.dumps(event(hour, value)).encode())
            pack = os.path.join(scratch, "x.pack")
            loaded = ("-a", plugin("shelf"), "-e", "id=/i,type=/t,version=/m/v,data=/b")
            expect_status(refold("pack", "-q", *loaded, "-o", pack, folder), 0, "pack")
            golden = ("-g", os.path.join(scratch, "g"))
            for source in (folder, pack):
                result = refold("bless", *loaded, *golden, source)
                expect_status(result, 0, "bless of %s" % data)
                words = "the data of %d of the %d events with data that the envelope custom read is JSON" % (told, len(data))
                expect(words in result.stderr, told > 0, "told of %s by %s" % (data, result.stderr))
                assert "JSON in a string" not in refold("run", *loaded, *golden, source).stderr

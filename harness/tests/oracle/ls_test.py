# SPDX-License-Identifier: MIT
"""`refold ls` against what the folders themselves say, worked out with Python's calendar."""

import collections
import datetime
import json
import os
import random

from bucket_test import environment
from hostile_test import check_schema
from scripted import Bucket, small_history
from support import aggregate, FIXTURES, Scratch, expect, expect_status, objects, refold, write_bytes

HISTORIES = ("git-jansson", "git-zlib-ng", "case-sepsis", "case-receipt", "talk-orders")
HOUR = datetime.timedelta(hours=1)


def listing(*arguments, status=0):
    result = refold("ls", "--json", *arguments)
    expect_status(result, status, " ".join(map(str, arguments)))
    return json.loads(result.stdout)


def stretches(full, step):
    """Runs of empty times between the first and the last full one."""
    found, at, last = [], min(full), max(full)
    while at <= last:
        if at not in full:
            if found and found[-1][-1] + step == at:
                found[-1].append(at)
            else:
                found.append([at])
        at += step
    return found


def times_from(first, last, step):
    return [first + i * step for i in range((last - first) // step + 1)]


def count_unlike(stretch, everything, full, kind):
    """(how many are unlike, whether there are three witnesses for all)"""
    within = collections.Counter(map(kind, stretch))
    witnesses = {k: everything[k] - within[k] for k in within}
    unlike = [t for t in stretch if witnesses[kind(t)] >= 3 and full[kind(t)] / witnesses[kind(t)] >= .9]
    return len(unlike), min(witnesses.values()) >= 3


def model(times, hourly=True):
    """first, last, slots, empty, gaps of a calendar; times: of all objects"""
    step = HOUR if hourly else datetime.timedelta(days=1)
    form = "%Y-%m-%dT%H" if hourly else "%Y-%m-%d"
    full = set(times)
    kinds = (lambda t: (t.weekday(), t.hour)), (lambda t: t.hour)
    known = [(collections.Counter(map(k, times_from(min(full), max(full), step))), collections.Counter(map(k, full)), k)
             for k in kinds]
    gaps = []
    for stretch in stretches(full, step):
        unlike, judged = count_unlike(stretch, *known[0])
        if not judged:
            unlike, _ = count_unlike(stretch, *known[1])
        gaps.append({"from": stretch[0].strftime(form), "to": (stretch[-1] + step).strftime(form), "slots": len(stretch),
                     "unlike": unlike})
    return {"first": min(full).strftime(form), "last": max(full).strftime(form), "slots": len(full),
            "empty": sum(g["slots"] for g in gaps), "unlike": sum(g["unlike"] for g in gaps), "gaps": gaps}


def expect_calendar(got, wanted, what):
    expect({k: v for k, v in got.items() if k in wanted}, wanted, what)


def test_ls_of_real_histories():
    for name in HISTORIES:
        folder = os.path.join(FIXTURES, name, "events")
        paths = objects(folder)
        keys = [os.path.relpath(p, folder) for p in paths]
        got = listing("-l", folder)
        expect([o["name"] for o in got["objects"]], keys, name + ": objects in the order of the walk")
        expect([o["bytes"] for o in got["objects"]], [os.path.getsize(p) for p in paths], name + ": bytes")
        expect(got["all"]["bytes"], sum(os.path.getsize(p) for p in paths), name + ": all bytes")
        times = [datetime.datetime.strptime(k[:13], "%Y/%m/%d/%H") for k in keys]
        expect([o["hour"] for o in got["objects"]], [t.strftime("%Y-%m-%dT%H") for t in times], name + ": hours")
        if name in ("talk-orders", "case-sepsis"):
            expect_calendar(got["calendar"], model(times), name)


def write_history(folder, times, hourly):
    for time in times:
        key = time.strftime("%Y/%m/%d/%H/x.json" if hourly else "%Y/%m/%d/x.json")
        write_bytes(os.path.join(folder, key), b"{}\n")


def test_ls_of_random_histories():
    """Nights and weekends off, outages, random holes: which hours are missing, and which are unlike the rest."""
    rng = random.Random(6)
    found = {}
    unlike = 0
    for turn in range(10):
        hourly = turn % 3 != 0
        start = datetime.datetime(2026, rng.randint(1, 12), rng.randint(1, 28))
        span = rng.choice((3, 9, 26)) * 24 if hourly else rng.choice((10, 40, 200))
        step = HOUR if hourly else datetime.timedelta(days=1)
        nights, weekends, holes = rng.random() < .5, rng.random() < .5, rng.choice((0, .01, .2))
        outage = rng.randrange(span)
        times = []
        for i in range(span):
            time = start + i * step
            off = (hourly and nights and time.hour < 6) or (weekends and time.weekday() >= 5)
            if not off and rng.random() >= holes and not outage <= i < outage + 5:
                times.append(time)
        with Scratch() as scratch:
            write_history(scratch, times, hourly)
            what = "turn %d" % turn
            found[what] = listing(scratch)
            expect_calendar(found[what]["calendar"], model(times, hourly), what)
            unlike += found[what]["calendar"]["unlike"]
            text = refold("ls", scratch).stdout.decode()
            assert text.count("\n") < 40, text
            cut = times[len(times) // 2]
            late = [t for t in times if t >= cut]
            form = "%Y-%m-%dT%H" if hourly else "%Y-%m-%d"
            half = listing("--since", cut.strftime(form), scratch)
            expect_calendar(half["calendar"], model(late, hourly), what + ", since")
            expect(half["outside"]["objects"], len(times) - len(late), what + ": left out")
    assert unlike > 10, unlike
    check_schema("ls.schema.json", found)


def test_ls_says_what_others_read():
    for name in HISTORIES[:2]:
        folder = os.path.join(FIXTURES, name, "events")
        run = refold("types", "--json", folder)
        expect(listing(folder)["all"]["objects"], json.loads(run.stdout)["history"]["objects"], name)


def test_ls_of_a_bucket_asks_for_no_object():
    """The same listing as of the folder; pages are counted as the server counts them, no object is read, and what lies
    in cold storage is told."""
    members = small_history()
    prices = {"prices": {"currency": "USD", "list": 5, "get": 0.4, "transfer": 0.09}}
    with Scratch() as scratch:
        folder, config = os.path.join(scratch, "h"), os.path.join(scratch, "refold.json")
        write_bytes(config, json.dumps(prices).encode())
        for key, data in members.items():
            write_bytes(os.path.join(folder, key), data)
        with Bucket(dict(members)) as bucket:
            result = refold("ls", "--json", "-l", "-C", config, "s3://history/", env=environment(bucket))
            expect_status(result, 0, "bucket")
            got, wanted = json.loads(result.stdout), listing("-l", folder)
            expect(got["calendar"], wanted["calendar"], "calendar")
            expect([(o["key"], o["bytes"], o.get("hour")) for o in got["objects"]],
                   [(o["key"], o["bytes"], o.get("hour")) for o in wanted["objects"]], "objects")
            expect(bucket.gets(), [], "objects that were asked for")
            size = sum(len(d) for d in members.values())
            asked = len(bucket.requests)
            expect(got["requests"], {"list": asked, "get": len(members), "bytes": size, "unsized": 0,
                                     "requester_pays": False}, "requests")
            cost = asked * 5 / 1000 + len(members) * .4 / 1000 + size / 2 ** 30 * .09
            assert abs(got["estimate"]["amount"] - cost) < 1e-6, got["estimate"]
            expect([s["class"] for s in got["storage"]], ["STANDARD"], "storage")
            dry = refold("run", "--dry-run", "--no-compare", "-C", config, "-a", aggregate("order"), "s3://history/", env=environment(bucket))
            expect_status(dry, 0, "dry run")
            assert b"%d GET" % len(members) in dry.stdout and b"estimate: " in dry.stdout, dry.stdout
            expect(bucket.gets(), [], "objects that a dry run asked for")
            since = refold("ls", "--json", "--since", "2017-03-02", "s3://history/", env=environment(bucket)).report
            expect([since["all"]["objects"], since["outside"]["objects"], since["folders_outside"]], [3, 0, 1], "a day of two")
            check_schema("ls.schema.json", {"bucket": got, "since": since})

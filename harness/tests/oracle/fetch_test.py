# SPDX-License-Identifier: MIT
"""refold fetch: what is in the folder is what the server has, whatever happens meanwhile, and nothing outside it is touched."""

import asyncio
import hashlib
import json
import os
import random
import signal
import subprocess
import time

import servers
from scripted import Bucket, etag_of, keys_of, PATIENT, s3_error, Server, small_history, stall_at, status_of, with_headers
from support import (
    aggregate, BUILD, canonical, expect, expect_status, FIXTURES, in_full, objects, read_bytes, REFOLD, refold, ROOT,
    sampled, Scratch, with_package, write_bytes)

MANIFEST, PARTIALS = ".refold-manifest.ndjson", ".refold-partial"
INJECT = os.path.join(BUILD, "tests", "inject.so")


def many(count, size, seed=1):
    """So many objects of random bytes, by key."""
    chance = random.Random(seed)
    return {"2026/07/%02d/%02d/orders-1-2026-07-01-00-00-00-%08d.gz" % (1 + n // 24 % 28, n % 24, n):
            chance.randbytes(size(n) if callable(size) else size) for n in range(count)}


def fetch(bucket, folder, *words, source="s3://history/", **more):
    env = {**bucket.environment(), **more.pop("env", {})}
    return refold("fetch", source, "-o", folder, *words, env=env, **more)


def start(bucket, folder, *words):
    env = {**os.environ, **bucket.environment()}
    return subprocess.Popen([REFOLD, "fetch", "s3://history/", "-o", folder, *words], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)


def brought(folder):
    """key -> bytes of what lies there, less what is fetch's own."""
    found = {}
    for path in objects(folder):
        key = os.path.relpath(path, folder)
        if key != MANIFEST and not key.startswith(PARTIALS + "/"):
            found[key] = read_bytes(path)
    return found


def manifest(folder):
    """A folder's manifest: its head, and its entries by key. It must be as the contract has it."""
    lines = read_bytes(os.path.join(folder, MANIFEST)).splitlines(keepends=True)
    assert all(line.endswith(b"\n") for line in lines)
    values = [json.loads(line) for line in lines]
    for line, value in zip(lines, values):
        expect(line.decode(), canonical(value) + "\n", "a line of the manifest")
    head, entries, seal = values[0], values[1:-1], values[-1]
    here = [entry for entry in entries if "sha256" in entry]
    expect([entry for entry in entries if entry not in here], [{"key": e["key"], "missing": True} for e in entries if e not in here],
           "entries of what is not here")
    expect(seal, {"seal": hashlib.sha256(b"".join(lines[:-1])).hexdigest()}, "seal")
    keys = [entry["key"].encode() for entry in entries]
    expect(keys, sorted(set(keys)), "order of keys")
    expect((head["format"], head["entries"], head["objects"], head["bytes"], head["missing"]),
           (1, len(entries), len(here), sum(entry["bytes"] for entry in here), sum("missing" in entry for entry in entries)), "head")
    return head, {entry["key"]: entry for entry in here}


def check_whole(folder, members, missing=0):
    """All that there is was brought, and the manifest says so."""
    expect(brought(folder), members, "objects")
    head, entries = manifest(folder)
    expect(head["missing"], missing, "missing")
    expect({key: (entry["bytes"], entry["sha256"], entry["etag"]) for key, entry in entries.items()},
           {key: (len(data), hashlib.sha256(data).hexdigest(), etag_of(data)) for key, data in members.items()}, "entries")


def sent(bucket, before=0):
    """How many requests for objects came since."""
    return len(bucket.gets()) - before


# ---- all of it ----------------------------------------------------------------------------------------


def test_all_comes_once_and_the_manifest_tells_what():
    members = many(300, lambda n: n * 37 % 5000)
    with Bucket(members, max_keys=100) as bucket, Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        expect_status(fetch(bucket, folder), 0, "fetch")
        check_whole(folder, members)
        expect(sent(bucket), 300, "requests for objects")
        assert not os.path.exists(os.path.join(folder, PARTIALS)), "partials are left"
        before = read_bytes(os.path.join(folder, MANIFEST))
        again = fetch(bucket, folder, "--json")
        expect_status(again, 0, "fetch again")
        expect((again.report["fetched"]["objects"], again.report["kept"]["objects"]), (0, 300), "counts")
        expect(sent(bucket), 300, "requests for objects, again")
        expect(read_bytes(os.path.join(folder, MANIFEST)), before, "the manifest of an unchanged folder")
        expect(bucket.refused, [], "refused signatures")


def test_what_a_listing_says_is_new_is_fetched():
    members = many(40, 900)
    changed = dict(members)
    keys = sorted(members)
    changed[keys[3]] = b"another version"
    changed[keys[7]] = bytes(reversed(members[keys[7]]))  # of the same length
    del changed[keys[11]]
    changed["2026/07/20/00/new.gz"] = b"new"
    with Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        with Bucket(members) as bucket:
            expect_status(fetch(bucket, folder), 0, "fetch")
        with Bucket(changed) as bucket:
            result = fetch(bucket, folder, "--json")
            expect_status(result, 0, "fetch of what changed")
            report = result.report
            expect([report[name] for name in ("changed", "altered", "gone")], [2, 0, 1], "counts")
            expect(report["gone_keys"], [keys[11]], "gone")
            expect(report["fetched"]["objects"], 3, "fetched")
            expect(brought(folder), {**changed, keys[11]: members[keys[11]]}, "what is gone there stays here")
            expect_status(fetch(bucket, folder, "--delete"), 0, "fetch --delete")
            check_whole(folder, changed)


def test_a_run_of_the_mirror_is_one_of_the_server():
    source = os.path.join(FIXTURES, "git-jansson", "events")
    server, bucket = servers.s3(), "mirrored"
    members = {os.path.relpath(path, source): read_bytes(path) for path in objects(source)}
    server.put(bucket, members)
    with Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        words = ["-a", aggregate("file"), "-e", "flat", "-g", os.path.join(FIXTURES, "git-jansson", "golden"), "-r", "json"]
        expect_status(refold("fetch", "s3://%s/" % bucket, "-o", folder, env=server.environment()), 0, "fetch")
        expect(brought(folder), members, "objects")
        mirrored = refold("run", "--verify", folder, *words)
        expect_status(mirrored, 0, "run --verify")
        straight = refold("run", "s3://%s/" % bucket, *words, env=server.environment())
        expect_status(straight, 0, "run of the bucket")
        for part in ("history", "aggregates", "verdict"):
            expect(mirrored.report[part], straight.report[part], part)
        expect(server.refused(), [], "refused signatures")


# ---- keys ---------------------------------------------------------------------------------------------


def is_a_file_for(key, keys):
    """Whether a key can be a file below a folder, by the words of the contract."""
    steps = key.split("/")
    return (all(step not in ("", ".", "..", MANIFEST, PARTIALS) and len(step.encode()) <= 255 for step in steps)
            and not any(ord(c) < 32 or ord(c) == 127 for c in key)
            and not any(other.startswith(key + "/") and is_a_file_for(other, ()) for other in keys))


def random_key(chance):
    parts = ["a", "b", "ab", "..", ".", "", "a\x01", "é", "A", "a b", "%2e%2e", "\\", "..\\x", "-", "~", "\x7f", "n" * 255,
             "n" * 256, "\u202e", "a?b#c&d", "'\"<>", "*", "..."]
    return "/".join(chance.choice(parts) for _ in range(chance.randint(1, 4)))


def test_no_key_touches_what_lies_outside():
    chance = random.Random(7)
    for round_number in range(12):
        members = {}
        while len(members) < 60:
            key = random_key(chance)
            if key and not key.endswith("/") and len(key) < 900:
                members["p/" + key] = ("%d %s" % (round_number, key)).encode("utf-8")
        with Bucket(members) as bucket, Scratch() as scratch:
            outer = os.path.join(scratch, "outer", "middle")
            folder = os.path.join(outer, "m")
            for name in ("a", "b", "x", "mine"):
                write_bytes(os.path.join(outer, name), b"mine")
            result = fetch(bucket, folder, "--json", source="s3://history/p/")
            keys = {key[2:] for key in members}
            good = {key for key in keys if is_a_file_for(key, keys)}
            expect(brought(folder), {key: members["p/" + key] for key in good}, "objects")
            expect(sorted(os.listdir(outer)), ["a", "b", "m", "mine", "x"], "beside the folder")
            expect([read_bytes(os.path.join(outer, n)) for n in ("a", "b", "x", "mine")], [b"mine"] * 4, "files beside it")
            expect(os.listdir(scratch), ["outer"], "above it")
            expect_status(result, 3 if good != keys else 0, "fetch")
            expect({f["key"] for f in result.report["failures"]}, keys - good, "named")
            expect(result.report["refused"], len(keys - good), "refused")
            assert b"\x01" not in result.stderr_bytes and b"\x7f" not in result.stderr_bytes, "raw bytes are shown"


def test_an_object_at_the_prefix_itself_is_named():
    """Its key below the prefix is empty, and names nothing."""
    with Bucket({"p/": b"x", "p/a": b"a"}) as bucket, Scratch() as scratch:
        result = fetch(bucket, os.path.join(scratch, "m"), source="s3://history/p")
        expect_status(result, 3, "fetch")
        assert "refold: s3://history/p: is an object itself, at the prefix" in result.stderr, result.stderr


def test_links_in_the_folder_are_not_followed():
    members = {"a/b/one": b"one", "a/b/two": b"two", "c": b"c"}
    with Scratch() as scratch:
        folder, outside = os.path.join(scratch, "m"), os.path.join(scratch, "outside")
        with Bucket(members) as bucket:
            expect_status(fetch(bucket, folder), 0, "fetch")
        for name in ("one", "two", "c"):
            write_bytes(os.path.join(outside, name), b"mine")
        newer = {key: data + b" newer" for key, data in members.items()}
        for name in ("one", "two"):
            os.remove(os.path.join(folder, "a/b", name))
        os.rmdir(os.path.join(folder, "a/b"))
        os.symlink(outside, os.path.join(folder, "a/b"))
        os.remove(os.path.join(folder, "c"))
        os.symlink(os.path.join(outside, "c"), os.path.join(folder, "c"))
        with Bucket(newer) as bucket:
            result = fetch(bucket, folder)
            expect_status(result, 5, "fetch through links")
            assert "is a link, and none is followed" in result.stderr, result.stderr
            expect(brought(outside), {"one": b"mine", "two": b"mine", "c": b"mine"}, "what the links lead to")
            assert not os.path.islink(os.path.join(folder, "c")), "a link stays in place of a file"
            os.remove(os.path.join(folder, "a/b"))
            expect_status(fetch(bucket, folder), 0, "fetch without them")
            check_whole(folder, newer)


def test_what_was_not_fetched_is_not_replaced():
    members = {"a": b"a", "b/c": b"c", "d": b"d"}
    with Bucket(members) as bucket, Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        write_bytes(os.path.join(folder, "a"), b"mine")
        expect_status(fetch(bucket, folder), 2, "fetch into a folder with something in it")
        expect(brought(folder), {"a": b"mine"}, "files")
        os.remove(os.path.join(folder, "a"))
        with Bucket({"d": b"d"}) as part:
            expect_status(fetch(part, folder), 0, "fetch of a part")
        write_bytes(os.path.join(folder, "a"), b"mine")
        write_bytes(os.path.join(folder, "b"), b"mine")
        result = fetch(bucket, folder)
        expect_status(result, 5, "fetch over files that were not fetched")
        expect(brought(folder), {"a": b"mine", "b": b"mine", "d": b"d"}, "files")


# ---- what goes wrong ----------------------------------------------------------------------------------


def test_what_cannot_be_had_is_named_and_the_rest_comes():
    members = many(60, 400)
    keys = sorted(members)
    faults = {keys[5]: [s3_error(403, "AccessDenied")], keys[6]: [status_of(404)], keys[30]: [status_of(500)],
              keys[40]: [with_headers(ETag='"other"')]}
    with Bucket(members, faults) as bucket, Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        result = fetch(bucket, folder, "--json", env=PATIENT)
        expect_status(result, 4, "fetch")
        expect([f["key"] for f in result.report["failures"]], [keys[n] for n in (5, 6, 30, 40)], "named")
        expect(brought(folder), {key: data for key, data in members.items() if key not in faults}, "objects")
        expect(manifest(folder)[0]["missing"], 4, "missing")
        expect_status(refold("run", "--no-compare", "--verify", folder, "-a", aggregate("order")), 4, "run --verify of a part")
        bucket.faults.clear()
        expect_status(fetch(bucket, folder), 0, "fetch again")
        check_whole(folder, members)


def test_what_is_missing_stays_known_until_it_is_here():
    days = {day: many(6, 300, seed=day) for day in (1, 2)}
    members = {key.replace("2026/07/01", "2026/07/%02d" % day): data for day in days for key, data in days[day].items()}
    first, second = (sorted(k for k in members if k.startswith("2026/07/%02d" % day)) for day in (1, 2))
    newer = {**members, second[2]: b"another version"}

    def of_day(bucket, folder, day):
        return fetch(bucket, folder, "--since", "2026-07-%02d" % day, "--until", "2026-07-%02d" % (day + 1), env=PATIENT)

    def verify(folder, *words):
        return refold("run", "--no-compare", "--verify", "-q", folder, "-a", aggregate("order"), *words).status

    with Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        with Bucket(members, {first[3]: [s3_error(403, "AccessDenied")]}) as bucket:
            expect_status(of_day(bucket, folder, 1), 4, "the first day, less one")
            expect_status(of_day(bucket, folder, 2), 0, "the second day")
            expect(manifest(folder)[0]["missing"], 1, "missing")
            expect(verify(folder), 4, "run --verify of both days")
        with Bucket(newer, {second[2]: [s3_error(403, "AccessDenied")]}) as bucket:
            expect_status(of_day(bucket, folder, 1), 0, "the first day, to its end")
            expect(manifest(folder)[0]["missing"], 0, "missing")
            expect_status(of_day(bucket, folder, 2), 4, "the second day, of which one changed")
            expect(manifest(folder)[0]["missing"], 1, "missing: the new version")
            expect(brought(folder)[second[2]], members[second[2]], "the old version is here")
            expect(verify(folder), 4, "run --verify")
        with Bucket(newer) as bucket:
            expect_status(of_day(bucket, folder, 2), 0, "the second day again")
            check_whole(folder, newer)
        with Bucket(members, {first[0]: [s3_error(403, "AccessDenied")]}) as bucket:
            os.remove(os.path.join(folder, first[0]))
            expect_status(fetch(bucket, folder), 4, "all, less one")
        del newer[first[0]]
        with Bucket(newer) as bucket:
            expect_status(fetch(bucket, folder), 0, "all, when it is no longer there")
            check_whole(folder, newer)


def test_refused_by_all_it_does_not_ask_for_all():
    members = many(2000, 10)
    with Bucket(members, every=lambda answer: s3_error(403, "AccessDenied") if "/2026" in answer.path and "?" not in answer.path
                else None) as bucket, Scratch() as scratch:
        result = fetch(bucket, os.path.join(scratch, "m"))
        expect_status(result, 4, "fetch")
        assert sent(bucket) < 600, "%d requests" % sent(bucket)
        assert "in a row could not be fetched" in result.stderr, result.stderr


def wait_for(condition, seconds=30):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it does not come to that"
        time.sleep(0.002)


def test_killed_half_way_it_transfers_no_more_than_the_rest():
    members = many(400, 20000)
    with Bucket(members, delay=0.01) as bucket, Scratch() as scratch:
        for number, end in enumerate((signal.SIGKILL, signal.SIGINT)):
            folder = os.path.join(scratch, "m%d" % number)
            before = sent(bucket)
            running = start(bucket, folder, "--connections", "8")
            wait_for(lambda: sent(bucket, before) >= 200)
            running.send_signal(end)
            _, stderr = running.communicate()
            expect(running.returncode, -end, "how it ended: " + stderr.decode())
            for key, data in brought(folder).items():
                expect(data, members[key], "a file under its name is whole")
            before = sent(bucket)
            expect_status(fetch(bucket, folder), 0, "fetch again")
            assert sent(bucket, before) <= 220, "%d of 400 objects were transferred again" % sent(bucket, before)
            check_whole(folder, members)


def test_killed_again_and_again_it_comes_to_its_end():
    chance = random.Random(3)
    members = many(250, lambda n: n * 331 % 30000)
    with Bucket(members, delay=0.005) as bucket, Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        for _ in range(14):
            running = start(bucket, folder, "--connections", "6")
            try:
                running.communicate(timeout=chance.uniform(0.02, 0.35))
            except subprocess.TimeoutExpired:
                running.send_signal(chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
                running.communicate()
            if os.path.exists(folder):
                for key, data in brought(folder).items():
                    expect(data, members[key], "a file under its name is whole")
        expect_status(fetch(bucket, folder), 0, "fetch to the end")
        check_whole(folder, members)
        assert sent(bucket) < 250 + 15 * 8 * 2, "%d requests for 250 objects" % sent(bucket)


def test_a_large_object_goes_on_where_it_was_cut_off():
    big = random.Random(5).randbytes(12_000_000)
    other = random.Random(6).randbytes(12_000_000)
    for changes in (False, True):
        with Scratch() as scratch:
            folder = os.path.join(scratch, "m")
            partials = os.path.join(folder, PARTIALS)
            with Bucket({"big": big}, {"big": [stall_at(8_000_000, ETag=etag_of(big))]}) as bucket:
                running = start(bucket, folder)
                wait_for(lambda: os.path.isdir(partials) and any(
                    name.endswith(".partial") and os.path.getsize(os.path.join(partials, name)) > 4_000_000
                    for name in os.listdir(partials)))
                running.send_signal(signal.SIGKILL)
                running.communicate()
            expect(brought(folder), {}, "nothing is under its name yet")
            now = other if changes else big
            with Bucket({"big": now}) as bucket:
                result = fetch(bucket, folder, "--json")
                expect_status(result, 0, "fetch again")
                check_whole(folder, {"big": now})
                resumed = result.report["resumed"]["bytes"]
                assert changes == (resumed == 0), resumed
                assert changes or result.report["received"] < 8_500_000, result.report["received"]
            assert not os.path.exists(partials), "partials are left"


@sampled
def test_a_full_disk_is_told_and_leaves_nothing_half():
    members = many(80, 3000)
    with Bucket(members) as bucket, Scratch() as scratch:
        for kind, error in (("write", "ENOSPC"), ("write", "EIO"), ("open", "ENOSPC"), ("rename", "ENOSPC"), ("close", "EIO")):
            for number in (1, 40, 90, 155) if in_full() else (1, 90):
                folder = os.path.join(scratch, "m")
                result = fetch(bucket, folder, env={"LD_PRELOAD": INJECT, "INJECT": "%s:%d+:%s" % (kind, number, error)})
                assert result.status in (0, 2, 4, 5, 70), "%s:%d: %d" % (kind, number, result.status)
                if result.status == 5:
                    assert "No space left" in result.stderr or "Input/output error" in result.stderr, result.stderr
                for key, data in brought(folder).items() if os.path.exists(folder) else ():
                    expect(data, members[key], "a file under its name is whole")
                expect_status(fetch(bucket, folder), 0, "fetch on a disk with room, after %s:%d" % (kind, number))
                check_whole(folder, members)
                subprocess.run(["rm", "-r", folder], check=True)


def test_one_at_a_time():
    members = many(60, 1000)
    with Bucket(members, delay=0.05) as bucket, Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        running = start(bucket, folder, "--connections", "2")
        wait_for(lambda: sent(bucket) > 3)
        second = fetch(bucket, folder)
        expect_status(second, 4, "a second fetch at the same time")
        assert "another refold is changing this folder" in second.stderr, second.stderr
        running.communicate()
        expect(running.returncode, 0, "the first one")
        check_whole(folder, members)


# ---- what is not whole is never taken for it -----------------------------------------------------------


async def never(answer, data):
    await asyncio.sleep(60)


def is_refused(folder):
    """A run of it has no verdict: it is known that this is a part."""
    expect_status(refold("run", "--no-compare", "-q", folder, "-a", aggregate("order")), 4, "run of a part")
    return os.path.exists(os.path.join(folder, PARTIALS, "journal.ndjson"))


def cut_off(running, folder, count):
    """Ends it when so many objects are here."""
    wait_for(lambda: os.path.exists(folder) and len(brought(folder)) >= count)
    running.send_signal(signal.SIGKILL)
    running.communicate()


def test_stopped_while_it_plans_a_part_stays_one():
    members = small_history()
    keys = sorted(members)

    def every(answer):
        async def answered(answer, data):
            if answer.method == "HEAD" or answer.path[3:] in keys[3:]:
                await never(answer, data)
            await answer.ranged(data, ETag=etag_of(data))
        return answered

    with Server({"/p/" + key: data for key, data in members.items()}, every=every) as server, Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        words = [REFOLD, "fetch", server.base + "/p/", "--keys", keys_of(scratch, keys), "-o", folder]

        def begin():
            return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        cut_off(begin(), folder, 3)
        assert is_refused(folder), "no journal is left"
        before = server.count("/p/" + keys[0])
        running = begin()
        wait_for(lambda: server.count("/p/" + keys[0]) > before)
        running.send_signal(signal.SIGINT)
        running.communicate()
        expect(running.returncode, -signal.SIGINT, "how it ended")
        assert is_refused(folder), "no journal is left"


def test_a_selection_does_not_finish_a_fetch_of_all():
    members = small_history()
    keys = sorted(members)
    faults = {key: [never] for key in keys[1:]}
    with Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        with Bucket(members, faults) as bucket:
            cut_off(start(bucket, folder), folder, 1)
        with Bucket(members) as bucket:
            result = fetch(bucket, folder, "--since", "2017-03-02")
            expect_status(result, 2, "fetch --since")
            assert "a fetch of all into this folder was cut off" in result.stderr, result.stderr
            assert is_refused(folder), "no journal is left"
            expect_status(fetch(bucket, folder), 0, "fetch")
            check_whole(folder, members)


def test_a_selection_that_was_cut_off_goes_on():
    members = small_history()
    keys = [key for key in sorted(members) if key >= "2017/03/02"]
    with Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        with Bucket(members, {key: [never] for key in keys[1:]}) as bucket:
            cut_off(start(bucket, folder, "--since", "2017-03-02"), folder, 1)
        with Bucket(members) as bucket:
            expect_status(fetch(bucket, folder, "--since", "2017-03-03"), 2, "fetch of another part")
            expect_status(fetch(bucket, folder, "--since", "2017-03-02"), 0, "fetch of the same part")
            check_whole(folder, {key: members[key] for key in keys})


@sampled
def test_killed_while_it_removes_the_folder_is_one_that_is_worked_on():
    members = many(3000 if in_full() else 800, 10)
    less = {key: members[key] for key in sorted(members)[-10:]}
    with Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        with Bucket(members) as bucket:
            expect_status(fetch(bucket, folder), 0, "fetch")
        first = os.path.join(folder, sorted(members)[0])
        with Bucket(less) as bucket:
            running = start(bucket, folder, "--delete")
            while running.poll() is None and os.path.exists(first):
                pass
            running.send_signal(signal.SIGKILL)
            running.communicate()
            if len(brought(folder)) > 10:
                assert is_refused(folder), "no journal is left"
            expect_status(fetch(bucket, folder, "--delete"), 0, "fetch to the end")
            check_whole(folder, less)


def test_a_part_that_was_put_into_a_bucket_is_known():
    members = small_history()
    keys = sorted(members)
    with Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        with Bucket(members, {keys[5]: [s3_error(403, "AccessDenied")]}) as bucket:
            expect_status(fetch(bucket, folder), 4, "fetch, less one")
        for whole in (False, True):
            copy = {os.path.relpath(path, scratch): read_bytes(path) for path in objects(folder)}
            assert "m/" + MANIFEST in copy, sorted(copy)
            with Bucket(copy) as bucket:
                run = refold("run", "--no-compare", "-q", "s3://history/", "-a", aggregate("order"), env=bucket.environment())
                expect_status(run, 0 if whole else 4, "run of the copy")
                again = fetch(bucket, os.path.join(scratch, "again"))
                expect_status(again, 0 if whole else 4, "fetch of the copy")
            with Bucket(members) as bucket:
                expect_status(fetch(bucket, folder), 0, "fetch, to its end")


def test_below_an_error_prefix_too_it_is_known_what_is_not_here():
    members = {**small_history(), "processing-failed/2017/03/01/00/x": b"{}"}
    with Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        with Bucket(members, {"processing-failed/2017/03/01/00/x": [s3_error(403, "AccessDenied")]}) as bucket:
            expect_status(fetch(bucket, folder), 4, "fetch, less one")
        write_bytes(os.path.join(scratch, "refold.json"), b'{"policy":{"errors":"count"}}')
        run = refold("run", "--no-compare", "-q", "--verify", folder, "-a", aggregate("order"), cwd=scratch)
        expect_status(run, 4, "run --verify")
        assert "could not be fetched" in run.stderr, run.stderr


# ---- what became of it --------------------------------------------------------------------------------


def tampered(chance, folder):
    """One change of the objects that lie there, which leaves their bytes elsewhere than where they were."""
    paths = [p for p in objects(folder) if os.path.basename(p) != MANIFEST]
    path, other = chance.sample(paths, 2)
    how = chance.choice(("flip", "cut", "grow", "remove", "add", "swap", "copy", "empty"))
    data = bytearray(read_bytes(path))
    facts = os.stat(path)
    if how == "flip":
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        write_bytes(path, bytes(data))
    elif how == "cut":
        write_bytes(path, bytes(data[:chance.randrange(len(data))]))
    elif how == "grow":
        write_bytes(path, bytes(data) + b"\n")
    elif how == "remove":
        os.remove(path)
    elif how == "add":
        write_bytes(path + chance.choice((".copy", ".gz", "~")), bytes(data))
    elif how == "swap":
        os.rename(path, path + "~")
        os.rename(other, path)
        os.rename(path + "~", other)
    elif how == "copy":
        write_bytes(path, read_bytes(other))
    else:
        write_bytes(path, b"")
    if os.path.exists(path) and chance.random() < 0.5:
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    return how


def test_whatever_became_of_it_is_told():
    chance = random.Random(11)
    members = small_history()
    with Bucket(members) as bucket, Scratch() as scratch:
        sound = os.path.join(scratch, "sound")
        expect_status(fetch(bucket, sound), 0, "fetch")

        def run(folder):
            return refold("run", "--no-compare", "--verify", folder, "-a", aggregate("order"), "-q")

        expect_status(run(sound), 0, "run --verify")
        for number in range(24):
            folder = os.path.join(scratch, "m%d" % number)
            subprocess.run(["cp", "-rp", sound, folder], check=True)
            expect_status(run(folder), 0, "run --verify of a copy")
            how = tampered(chance, folder)
            expect_status(run(folder), 3, "run --verify after '%s'" % how)
            expect_status(fetch(bucket, folder, "--verify"), 0, "fetch --verify")
            if how != "add":
                expect_status(run(folder), 0, "run --verify of what was fetched anew")


def test_what_lies_below_an_error_prefix_is_held_too():
    """Whatever the policy says of such objects: it lets no one change them."""
    key = "processing-failed/2026/07/01/00/orders-1-2026-07-01-00-00-00-failed"
    with Bucket({**small_history(), key: b"{}\n"}) as bucket, Scratch() as scratch:
        folder, config = os.path.join(scratch, "m"), os.path.join(scratch, "refold.json")
        path = os.path.join(folder, key)
        write_bytes(config, b'{"policy":{"errors":"count"}}')
        expect_status(fetch(bucket, folder), 0, "fetch")

        def run(source, *words):
            return refold("run", "--no-compare", "-q", source, *words, "-C", config, "-a", aggregate("order"))

        expect_status(run(folder, "--verify"), 0, "run --verify")
        for how, data, ls in ("other bytes", b"[]\n", 0), ("more", b"{ }\n", 3), ("gone", None, 3):
            os.remove(path)
            if data is not None:
                write_bytes(path, data)
            expect_status(run(folder), 0, "run, " + how)
            expect_status(run(folder, "--verify"), 3, "run --verify, " + how)
            expect_status(refold("ls", "--verify", folder, "-C", config), ls, "ls --verify, by sizes, " + how)
            pack = os.path.join(scratch, how)
            expect_status(refold("pack", "--verify", folder, "-C", config, "-o", pack), 3, "pack --verify, " + how)
            expect_status(run(pack), 3, "run of what was packed so, " + how)
            write_bytes(path, b"{}\n")
            expect_status(run(folder, "--verify"), 0, "run --verify, put back")
        write_bytes(path + "-2", b"{}\n")
        expect_status(run(folder, "--verify"), 3, "run --verify, added")


def test_what_it_prints_fits_its_schema():
    members = {**many(5, 100), "..": b"x", "a": b"a", "a/b": b"b"}
    with Bucket(members, {"a/b": [status_of(403)]}) as bucket, Scratch() as scratch:
        folder = os.path.join(scratch, "m")
        data = [fetch(bucket, folder, "--json", *words).report
                for words in (["--dry-run"], [], ["--verify"], ["--since", "2026-07-01"], ["--since", "2027-07-01"])]
        with open(os.path.join(ROOT, "reports", "schema", "fetch.schema.json"), encoding="utf-8") as f:
            schema = json.load(f)
        code = "import json, jsonschema, sys\nschema, data = json.load(sys.stdin)\n" \
               "jsonschema.Draft202012Validator.check_schema(schema)\n" \
               "for d in data: jsonschema.Draft202012Validator(schema).validate(d)\nprint('fits')"
        expect(with_package("jsonschema", code, json.dumps([schema, data]).encode()), b"fits\n", "schema")
        for report in data:
            expect(report["listed"]["objects"],
                   report["fetched"]["objects"] + report["kept"]["objects"] + report["refused"] + report["failed"], "the sum")

# SPDX-License-Identifier: MIT
"""`refold doctor` against a model that reads the same objects without refold: what is missing, where it may lie, when
events came, by which streams; and certificates, worked out by hashlib and sorting."""

import collections
import datetime
import gzip
import hashlib
import json
import os
import random
import re

from catalogue import instant, load_all
from hostile_test import check_schema, write_hostile
from ls_test import model as calendar_model, HOUR
from support import (
    aggregate, canonical, expect, expect_status, FIXTURES, in_full, inflate, lines_of, objects, read_bytes, refold,
    sampled, Scratch, write_bytes)

HISTORIES = ("git-jansson", "git-zlib-ng", "case-sepsis", "case-receipt", "talk-orders")
EPOCH = datetime.datetime(1970, 1, 1)


def doctor(*arguments, status=0):
    result = refold("doctor", "--json", *arguments)
    expect_status(result, status, " ".join(map(str, arguments)))
    return json.loads(result.stdout)


def hour_of(key):
    return datetime.datetime.strptime(key[:13], "%Y/%m/%d/%H")


def stream_of(key):
    name = os.path.basename(key)
    return name.split("-1-2")[0] if "-1-2" in name else None


def read_objects(folder):
    """key -> list of flat events, or None where the object is broken"""
    found = {}
    for path in objects(folder):
        data = read_bytes(path)
        text = inflate(data) if data[:2] == b"\x1f\x8b" else data
        found[os.path.relpath(path, folder)] = None if text is None else [v for _, v in load_all(text.decode("utf-8"))]
    return found


def parts(record):
    """(aggregate, id, version, type, at, content)"""
    if "t" in record:
        d = record["d"]
        return None, d["ID"], int(d["Version"]), record["t"], instant(d["At"]), canonical(d)
    return (record.get("aggregateType"), record["aggregateId"], int(record["version"]), record["type"],
            instant(record["at"]), canonical(record.get("data")))


def seconds(time):
    return int((time - EPOCH).total_seconds())


def check_arrivals(got, folded, times, what):
    """folded: (key, seconds) of each event that is folded; times: of the folders that have objects"""
    ordered = sorted(set(times))
    counts = collections.Counter()
    latest = 0
    for key, at in folded:
        begin = hour_of(key)
        place = ordered.index(begin)
        if place + 1 < len(ordered):
            end = ordered[place + 1]
        else:
            end = begin + (begin - ordered[place - 1] if place else HOUR)
        if at >= seconds(end) + 3600:
            counts["early"] += 1
        elif at < seconds(begin) - 86400:
            counts["very_late"] += 1
        elif at < seconds(begin) - 3600:
            counts["late"] += 1
        if at < seconds(begin) - 3600:
            latest = max(latest, seconds(begin) - at)
    expect({k: got["arrivals"][k] for k in ("late", "very_late", "early")}, {k: counts[k] for k in ("late", "very_late", "early")},
           what + ": arrivals")
    expect(got["arrivals"]["latest_seconds"], latest, what + ": the latest")
    expect(got["arrivals"]["timed"], len(folded), what + ": timed")


def uneven_of(groups):
    """How many instances begin with another version, 0 or 1, than most of their aggregate (of their stream, without one)."""
    begins = collections.defaultdict(collections.Counter)
    for (aggregate, _), versions in groups.items():
        first = min(versions)
        if first <= 1:
            begins[(aggregate, None if aggregate else stream_of(versions[first][0]))][first] += 1
    return sum(min(c[0], c[1]) for c in begins.values())


def check_history(folder, what, errors=()):
    """All that the model knows; the report is returned."""
    read = {k: v for k, v in read_objects(folder).items() if k not in errors}
    broken = [k for k, events in read.items() if events is None]
    groups = collections.defaultdict(dict)
    copies = collections.Counter()
    for key in read:
        for record in read[key] or ():
            aggregate, identity, version, kind, at, content = parts(record)
            versions = groups[(aggregate, identity)]
            if version not in versions:
                versions[version] = (key, kind, at, content)
            else:
                copies["duplicates" if versions[version][1:] == (kind, at, content) else "conflicts"] += 1
    gaps = []
    for (aggregate, identity), versions in groups.items():
        wanted, before = (0 if 0 in versions else 1), None
        for version in sorted(versions):
            key = versions[version][0]
            if version > wanted:
                gaps.append((aggregate or "", identity, wanted, version - 1, before, key))
            wanted, before = version + 1, key
    gaps.sort(key=lambda g: (g[0], g[1].encode("utf-8"), g[2]))
    result = refold("doctor", "--json", folder)
    got = json.loads(result.stdout)
    expect([(g.get("aggregate", ""), g["id"], g["first"], g["last"], g.get("before"), g["after"]) for g in got["versions"]["gaps"]],
           gaps[:1000], what + ": gaps")
    expect(got["versions"]["missing"], sum(g[3] - g[2] + 1 for g in gaps), what + ": missing")
    expect({k: got["history"][k] for k in ("duplicates", "conflicts")}, {k: copies[k] for k in ("duplicates", "conflicts")}, what)
    expect(got["versions"]["instances"], len(groups), what + ": instances")
    uneven = uneven_of(groups)
    expect(got["versions"]["uneven"], uneven, what + ": uneven")
    times = [hour_of(k) for k in read]
    check_arrivals(got, [(v[0], v[2][0]) for g in groups.values() for v in g.values()], times, what)
    expect(got["crossing"], sum(len({stream_of(v[0]) for v in g.values()}) > 1 for g in groups.values()), what + ": crossing")
    check_leads(got, gaps, broken, list(errors), times, what)
    check_certificate(got["certificate"], folder, [k for k in read], what)
    damaged = bool(gaps or broken or copies["conflicts"] or errors)
    odd = got["calendar"]["unlike"] or got["arrivals"]["early"] or uneven
    expect(result.status, 3 if damaged else 1 if odd else 0, what + ": exit")
    return got


def check_leads(got, gaps, broken, errors, times, what):
    """Every broken object and every stretch without objects: how many gaps are around it."""
    def around(gap, begin, end):
        low = hour_of(gap[4]) if gap[4] else datetime.datetime.min
        high = hour_of(gap[5])
        low, high = min(low, high), max(low, high)
        return begin <= high and end > low

    wanted = collections.Counter()
    for key in broken + errors:
        begin = hour_of(key.split("failed/")[-1])
        wanted[key] = sum(around(g, begin, begin + HOUR) for g in gaps)
    for stretch in calendar_model(times)["gaps"]:
        begin, end = (datetime.datetime.strptime(stretch[k], "%Y-%m-%dT%H") for k in ("from", "to"))
        wanted[stretch["from"]] = sum(around(g, begin, end) for g in gaps)
    expect(sorted((l.get("object", l.get("from")), l["fits"]) for l in got["versions"]["leads"]),
           sorted((k, n) for k, n in wanted.items() if n), what + ": leads")


def check_certificate(got, folder, keys, what):
    digest = hashlib.sha256()
    for key in sorted(keys):
        data = read_bytes(os.path.join(folder, key))
        digest.update(("[%s,%d,\"%s\"]\n" % (json.dumps(key, ensure_ascii=False), len(data),
                                            hashlib.sha256(data).hexdigest())).encode("utf-8"))
    expect(got["objects_sha256"], digest.hexdigest(), what + ": digest of the objects")
    expect(got["objects"], len(keys), what + ": certified")


def test_real_histories_are_whole():
    for name in HISTORIES[:1] + HISTORIES[3:]:
        folder = os.path.join(FIXTURES, name, "events")
        got = doctor(folder)
        expect([got["whole"], got["versions"]["gaps"], got["damage_total"]], [True, [], 0], name)
        check_certificate(got["certificate"], folder, [os.path.relpath(p, folder) for p in objects(folder)], name)
        with Scratch() as scratch:
            pack = os.path.join(scratch, "all.pack")
            expect_status(refold("pack", folder, "-o", pack), 0, "pack")
            expect(doctor(pack)["certificate"], got["certificate"], name + ": of a pack")
        for more in (("-j1",), ("-j4",), ("-j2", "--memory", "1M")):
            again = doctor(*more, folder)
            expect({k: v for k, v in again.items() if k != "timing"}, {k: v for k, v in got.items() if k != "timing"},
                   "%s %s" % (name, more))


def random_history(rng, folder):
    """Instances over some hours and two streams, events lost, doubled, late and early; objects broken. Returns the
    keys below error prefixes."""
    start = datetime.datetime(2026, 7, 1)
    hours = rng.randint(2, 30)
    found = collections.defaultdict(list)
    for number in range(rng.randint(1, 25)):
        for version in range(rng.choice((0, 1)), rng.randint(2, 12)):
            if rng.random() < .1:
                continue
            hour = rng.randrange(hours)
            at = start + hour * HOUR + datetime.timedelta(minutes=rng.randrange(60))
            delay = rng.choice((0, 0, 0, 0, 1, 2, 5, 30, -2, -9))
            record = {"aggregateType": rng.choice(("a", "a", "b")) if number % 5 == 0 else "a", "aggregateId": "i-%d" % number,
                      "version": version, "type": "T", "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "data": {"n": version}}
            key = (max(0, min(hour + delay, hours + 30)), rng.choice(("one", "one", "one", "two")))
            found[key].append(record)
            if rng.random() < .1:
                found[(rng.randrange(hours), "one")].append(record)
            if rng.random() < .03:
                found[(rng.randrange(hours), "one")].append(dict(record, data={"n": -1}))
    for (hour, stream), records in found.items():
        time = start + hour * HOUR
        key = time.strftime("%%Y/%%m/%%d/%%H/%s-1-%%Y-%%m-%%d-%%H-00-00-00000000-0000-4000-8000-000000000000" % stream)
        data = lines_of(records)
        if rng.random() < .15:
            data = gzip.compress(data, mtime=0)[:-5]
        write_bytes(os.path.join(folder, key), data)
    errors = []
    if rng.random() < .3:
        errors.append("processing-failed/%s/failed" % (start + HOUR).strftime("%Y/%m/%d/%H"))
        write_bytes(os.path.join(folder, errors[0]), b'{"rawData":""}')
    return errors


@sampled
def test_random_histories():
    rng = random.Random(11)
    found = {}
    turns = 40 if in_full() else 14
    for turn in range(turns):
        with Scratch() as scratch:
            errors = random_history(rng, scratch)
            what = "turn %d" % turn
            found[what] = check_history(scratch, what, errors)
            text = refold("doctor", scratch)
            expect(text.status, found[what]["exit"], what + ": as text")
    statuses = collections.Counter(f["exit"] for f in found.values())
    assert statuses[3] > turns // 2, statuses
    assert sum(len(f["versions"]["leads"]) for f in found.values()) > turns
    with Scratch() as scratch:
        write_hostile(scratch, damaged=True)
        found["hostile"] = doctor(scratch, status=3)
        found["absent"] = doctor(os.path.join(scratch, "nowhere"), status=2)
    check_schema("doctor.schema.json", {k: found[k] for k in list(found)[:6] + ["hostile", "absent"]})


def test_certificates_tell_what_changed():
    rng = random.Random(12)
    for turn in range(25):
        with Scratch() as scratch:
            folder, file = os.path.join(scratch, "h"), os.path.join(scratch, "was.json")
            for number in range(rng.randint(1, 12)):
                event = {"aggregateId": "i-%d" % number, "version": 1, "type": "T", "at": "2026-07-01T00:00:00Z"}
                write_bytes(os.path.join(folder, "2026/07/01/00/%02d ö.json" % number), lines_of([event]))
            first = doctor(folder, "-o", file)
            with open(file, encoding="utf-8") as f:
                certificate = json.load(f)
            expect(certificate["sha256"], first["certificate"]["objects_sha256"], "digest in the file")
            before = {os.path.relpath(p, folder): read_bytes(p) for p in objects(folder)}
            expect([(k, b, s) for k, b, s in certificate["objects"]],
                   [(k, len(before[k]), hashlib.sha256(before[k]).hexdigest()) for k in sorted(before)], "objects in the file")
            change_something(rng, folder, before)
            now = {os.path.relpath(p, folder): read_bytes(p) for p in objects(folder)}
            if not now:
                continue
            changed = sum(now[k] != before[k] for k in now if k in before)
            gone = sum(k not in now for k in before)
            got = doctor(folder, "--certificate", file, status=1 if changed or gone else 0)["change"]
            expect([got["added"], got["changed"], got["gone"], got["instances_differ"]],
                   [sum(k not in before for k in now), changed, gone, False], "turn %d" % turn)


def change_something(rng, folder, before):
    for key in before:
        path, choice = os.path.join(folder, key), rng.random()
        if choice < .2:
            os.remove(path)
        elif choice < .4:
            write_bytes(path, before[key].replace(b"00:00Z", b"00:01Z"))
        elif choice < .5:
            event = {"aggregateId": "new " + key, "version": 1, "type": "T", "at": "2026-07-01T00:00:00Z"}
            write_bytes(path + "x.json", lines_of([event]))


def test_a_golden_knows_what_it_was_blessed_of():
    """Random changes of a history behind `bless --certify`: what a run that differs says of its objects."""
    rng = random.Random(13)
    told = 0
    for turn in range(25):
        with Scratch() as scratch:
            folder, golden = os.path.join(scratch, "h"), os.path.join(scratch, "golden")
            for number in range(rng.randint(1, 12)):
                event = {"aggregateType": "a", "aggregateId": "i-%d" % number, "version": 1, "type": "T", "at": "2026-07-01T00:00:00Z"}
                write_bytes(os.path.join(folder, "2026/07/01/00/%02d ö.json" % number), lines_of([event]))
            case = ["-a", aggregate("case"), "-g", golden]
            expect_status(refold("bless", "--certify", *case, folder), 0, "bless")
            with open(os.path.join(golden, "certificate.json"), encoding="utf-8") as f:
                certificate = json.load(f)
            expect(certificate["sha256"], doctor(folder)["certificate"]["objects_sha256"], "the same as the doctor's")
            expect_status(refold("golden", "verify", golden), 0, "verify")
            before = {os.path.relpath(p, folder): read_bytes(p) for p in objects(folder)}
            change_something(rng, folder, before)
            now = {os.path.relpath(p, folder): read_bytes(p) for p in objects(folder)}
            if not now:
                continue
            run = refold("run", "-r", "json", *case, folder)
            wanted = {"changed": sum(now[k] != before[k] for k in now if k in before), "removed": sum(k not in now for k in before),
                      "added": sum(k not in before for k in now)}
            warnings = [w for w in json.loads(run.stdout)["warnings"] if "was blessed" in w]
            differs = wanted["changed"] + wanted["removed"] > 0
            expect([run.status, len(warnings)], [1, 1] if differs else [0, 0], "turn %d" % turn)
            for word, count in wanted.items():
                shown = re.findall(r"(\d+) objects? w(?:as|ere) %s" % word, "".join(warnings))
                expect(shown, [str(count)] if differs and count else [], "turn %d: %s" % (turn, word))
            told += differs
    assert 10 < told < 25, told

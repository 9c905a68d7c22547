# SPDX-License-Identifier: MIT
"""A table of altairsix/eventsource, told in every way in which DynamoDB tells of one: each is the history that was saved."""

import gzip
import json
import os
import random

from eventstore import compact, object_name, Saves
from support import aggregate, expect, FIXTURES, objects, read_bytes, refold, run_json, Scratch, write_bytes

ORDER = aggregate("order")


def golden_of(folder, *sources, **keywords):
    """The golden's files, without its name."""
    done = refold("bless", "-a", ORDER, "-g", folder, *sources, **keywords)
    expect(done.status, 0, "%s: %s" % (sources, done.stderr))
    return {os.path.relpath(p, folder): read_bytes(p) for p in objects(folder)}


def told(scratch, golden, source, saves, *arguments):
    """Runs over a source: the golden is the same, and so are all counts of events that took part."""
    report = run_json("-a", ORDER, "-g", golden, *arguments, source).report
    history = report["history"]
    expect((report["exit"], report["verdict"]), (0, "same"), "%s: %s" % (source, report["damage"]))
    expect(history["folded"], len(saves.events), source)
    expect((history["gaps"], history["malformed"], history["conflicts"]), (0, 0, 0), source)
    expect(history["records"] + history["expanded"], history["events"] + history["malformed"] + history["empty"], source)
    expect(history["events"], history["folded"] + history["duplicates"], source)
    expect(report["aggregates"][0]["compared"], len({key for key, _ in saves.batches}), source)
    again = golden_of(os.path.join(scratch, "again"), source, *arguments)
    expect(again, {os.path.relpath(p, golden): read_bytes(p) for p in objects(golden)}, "golden of " + source)
    return history


def write_stream(folder, records, rng, form):
    """Records as a Lambda or Firehose writes them, some of them twice, in any order."""
    records = list(records)
    if form != "lambda":  # Kinesis may tell again, and out of order
        records += rng.sample(records, len(records) // 10)
        rng.shuffle(records)
    at = 0
    number = 0
    while at < len(records):
        some = records[at:at + rng.randint(1, 20)]
        at += len(some)
        if form == "lambda":
            data = compact({"Records": some}) + b"\n"
        elif form == "single":
            data = b"".join(compact(record) + b"\n" for record in some)
        elif form == "array":
            data = compact(some)
        elif form == "base64":
            import base64
            data = b"".join(base64.b64encode(compact(record)) + b"\n" for record in some)
        else:  # as Kinesis Data Streams hands them on: nothing between
            data = b"".join(compact(record) for record in some)
        hour = "2026/07/%02d/00" % (1 + number % 28)
        write_bytes(os.path.join(folder, hour, object_name(hour, number)), gzip.compress(data))
        number += 1


def test_stream_records_are_the_history_that_was_saved():
    for seed, form in enumerate(["lambda", "single", "joined", "array", "base64"]):
        rng = random.Random(seed)
        saves = Saves(seed)
        with Scratch() as scratch:
            saves.plain(os.path.join(scratch, "plain"))
            golden = os.path.join(scratch, "golden")
            golden_of(golden, os.path.join(scratch, "plain"))
            stream = os.path.join(scratch, "stream")
            write_stream(stream, saves.records(kinesis=form == "joined"), rng, form)
            history = told(scratch, golden, stream, saves)
            told(scratch, golden, stream, saves, "-e", "dynamodb-stream")
            if form == "lambda":
                expect((history["events"], history["duplicates"]), (len(saves.events), 0), "events")
                expect(history["expanded"], len(saves.events) - history["records"], "expanded")


def test_new_images_alone_tell_events_again():
    rng = random.Random(7)
    saves = Saves(7)
    with Scratch() as scratch:
        saves.plain(os.path.join(scratch, "plain"))
        golden = os.path.join(scratch, "golden")
        golden_of(golden, os.path.join(scratch, "plain"))
        stream = os.path.join(scratch, "stream")
        records = saves.records(view="NEW_IMAGE")
        write_stream(stream, records, rng, "lambda")
        history = told(scratch, golden, stream, saves)
        expect(history["events"], sum(sum(name[0] == "_" for name in r["dynamodb"]["NewImage"]) for r in records), "events")


def test_exports_are_the_history_that_was_saved():
    for seed, prefix in enumerate(["", "exports/", "a/b/"]):
        saves = Saves(100 + seed, events_per_item=(1, 10, 100)[seed])
        with Scratch() as scratch:
            saves.plain(os.path.join(scratch, "plain"))
            golden = os.path.join(scratch, "golden")
            golden_of(golden, os.path.join(scratch, "plain"))
            full = os.path.join(scratch, "full")
            saves.export(full, prefix=prefix)
            history = told(scratch, golden, full, saves)
            expect(history["duplicates"], 0, "duplicates")
            expect(history["foreign"], 2, "manifests")
            below = os.path.join(full, "AWSDynamoDB", os.listdir(os.path.join(full, "AWSDynamoDB"))[0])
            told(scratch, golden, below, saves)
            parts = os.path.join(scratch, "parts")
            saves.increments(parts)
            told(scratch, golden, parts, saves)
            # All of them together are still that history.
            history = run_json("-a", ORDER, "-g", golden, os.path.join(scratch, "plain"), full, parts).report["history"]
            expect((history["folded"], history["conflicts"]), (len(saves.events), 0), "together")


def test_an_export_without_one_of_its_files_is_never_green():
    saves = Saves(200)
    with Scratch() as scratch:
        saves.export(os.path.join(scratch, "full"), parts=5)
        golden = os.path.join(scratch, "golden")
        golden_of(golden, os.path.join(scratch, "full"))
        data = [p for p in objects(os.path.join(scratch, "full")) if p.endswith(".json.gz")]
        expect(len(data), 5, "data files")
        for path in data:
            kept = read_bytes(path)
            os.remove(path)
            done = run_json("-a", ORDER, "-g", golden, os.path.join(scratch, "full"))
            expect((done.status, done.report["history"]["unreadable"]), (3, 1), path)
            if kept:
                lines = gzip.decompress(kept).splitlines(True)
                write_bytes(path, gzip.compress(b"".join(lines[1:])))
                done = run_json("-a", ORDER, "-g", golden, os.path.join(scratch, "full"))
                expect((done.status, done.report["history"]["unreadable"]), (3, 1), path + " a line less")
            write_bytes(path, kept)
        expect(run_json("-a", ORDER, "-g", golden, os.path.join(scratch, "full")).status, 0, "whole again")


def test_an_overwritten_event_is_a_conflict_wherever_the_stream_begins():
    saves = Saves(300)
    records = saves.records()
    rng = random.Random(300)
    victims = [n for n, r in enumerate(records) if "OldImage" in r["dynamodb"]]
    for victim in rng.sample(victims, 12):
        record = json.loads(json.dumps(records[victim]))
        names = [name for name in record["dynamodb"]["OldImage"] if name[0] == "_"]
        name = rng.choice(names)
        other = Saves.event(rng, record["dynamodb"]["Keys"]["key"]["S"], int(name[1:]), saves.events[0][0], 8)
        record["dynamodb"]["NewImage"][name] = {"B": __import__("base64").b64encode(other).decode()}
        with Scratch() as scratch:
            hour = "2026/07/01/00"
            tail = records[:victim] + [record] if rng.random() < 0.5 else [record]
            write_bytes(os.path.join(scratch, hour, object_name(hour, 1)), b"".join(compact(r) + b"\n" for r in tail))
            done = run_json("-a", ORDER, "--no-compare", scratch)
            expect(done.status, 3, "status")
            found = [(d["id"], d["version"]) for d in done.report["damage"] if d["kind"] == "conflict"]
            expect(found, [(record["dynamodb"]["Keys"]["key"]["S"], int(name[1:]))], "conflicts")


def test_records_of_aws_own_library_are_records_without_events():
    """aws-lambda-go's fixtures: tables of another kind, whose images hold every type that an attribute may have."""
    for name, records in (("dynamodb-event.json", 2), ("dynamodb-time-window-event.json", 3)):
        done = run_json("-a", ORDER, "--no-compare", os.path.join(FIXTURES, "aws-lambda-go", name))
        history = done.report["history"]
        expect((done.status, history["records"], history["expanded"], history["empty"]), (2, 1, records - 1, records), name)
        expect(done.report["damage"], [], name)

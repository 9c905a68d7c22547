# SPDX-License-Identifier: MIT
"""A table of altairsix/eventsource, told in every way in which DynamoDB tells of one: each is the history that was saved."""

import base64
import gzip
import http.server
import json
import os
import random
import re
import signal
import subprocess
import threading
import time
import urllib.request
import zlib

import servers
import sigv4
from eventstore import b64, compact, object_name, Saves
from support import (
    aggregate, expect, FIXTURES, objects, part_of, read_bytes, REFOLD, refold, ROOT, run_json, sampled, Scratch, slow,
    without_timing, write_bytes)

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
            data = b"".join(base64.b64encode(compact(record)) + b"\n" for record in some)
        else:  # as Kinesis Data Streams hands them on: nothing between
            data = b"".join(compact(record) for record in some)
        hour = "2026/07/%02d/00" % (1 + number % 28)
        write_bytes(os.path.join(folder, hour, object_name(hour, number)), gzip.compress(data))
        number += 1


@sampled
def test_stream_records_are_the_history_that_was_saved():
    for seed, form in part_of(enumerate(["lambda", "single", "joined", "array", "base64"]), 2):
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


@sampled
def test_exports_are_the_history_that_was_saved():
    for seed, prefix in part_of(enumerate(["", "exports/", "a/b/"]), 2):
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
            pack = os.path.join(scratch, "full.pack")
            expect(refold("pack", full, "-o", pack).status, 0, "pack")
            expect(without_timing(run_json("-a", ORDER, "-g", golden, pack).report),
                   without_timing(run_json("-a", ORDER, "-g", golden, full).report), "report of the pack")
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
        record["dynamodb"]["NewImage"][name] = {"B": b64(other)}
        with Scratch() as scratch:
            hour = "2026/07/01/00"
            tail = records[:victim] + [record] if rng.random() < 0.5 else [record]
            write_bytes(os.path.join(scratch, hour, object_name(hour, 1)), b"".join(compact(r) + b"\n" for r in tail))
            done = run_json("-a", ORDER, "--no-compare", scratch)
            expect(done.status, 3, "status")
            found = [(d["id"], d["version"]) for d in done.report["damage"] if d["kind"] == "conflict"]
            expect(found, [(record["dynamodb"]["Keys"]["key"]["S"], int(name[1:]))], "conflicts")


def test_records_of_aws_own_library_are_not_of_such_a_table():
    """aws-lambda-go's fixtures: tables of another kind, whose images hold every type that an attribute may have. What is
    no REMOVE tells no event, and that is said: its events may stand under other names."""
    for name in ("dynamodb-event.json", "dynamodb-time-window-event.json"):
        path = os.path.join(FIXTURES, "aws-lambda-go", name)
        with open(path, encoding="utf-8") as f:
            records = json.load(f)["Records"]
        removed = sum(r["eventName"] == "REMOVE" for r in records)
        done = run_json("-a", ORDER, "--no-compare", path)
        history = done.report["history"]
        expect((done.status, history["records"], history["expanded"], history["empty"], history["malformed"]),
               (3, 1, len(records) - 1, removed, len(records) - removed), name)
        expect({d["message"].split(": ", 1)[1].split(",")[0] for d in done.report["damage"] if d["kind"] == "malformed"},
               {"its image has no attribute _<version>"}, name)


# ---- a table that is read by refold itself ------------------------------------------------------------


def ask(server, action, body):
    """By another signer than refold's."""
    data = compact(body)
    headers = sigv4.headers_for(servers.KEY, servers.REGION, "dynamodb", "POST", server.base + "/", data,
                                x_amz_target="DynamoDB_20120810." + action, content_type="application/x-amz-json-1.0")
    with urllib.request.urlopen(urllib.request.Request(server.base + "/", data, headers), timeout=20) as answer:
        return json.load(answer)


def create(server, table, key="key", kind="S"):
    ask(server, "CreateTable", {
        "TableName": table, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}, {"AttributeName": "partition", "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": kind}, {"AttributeName": "partition", "AttributeType": "N"}]})
    for _ in range(100):
        if ask(server, "DescribeTable", {"TableName": table})["Table"]["TableStatus"] == "ACTIVE":
            return
        time.sleep(0.05)
    raise AssertionError("the table is not there")


def fill(server, table, saves):
    """As the library saves, one request a batch; the table is then what the model says."""
    create(server, table)
    for key, batch in saves.batches:
        ask(server, "UpdateItem", saves.table.update_of(table, key, batch))


def test_a_table_is_the_history_that_was_saved():
    server = servers.dynamodb()
    saves = Saves(400, note=3000, orders=12, longest=60)
    fill(server, "orders", saves)
    with Scratch() as scratch:
        saves.plain(os.path.join(scratch, "plain"))
        golden = os.path.join(scratch, "golden")
        golden_of(golden, os.path.join(scratch, "plain"))
        before = len(server.requests())
        done = run_json("-a", ORDER, "-g", golden, "dynamodb://orders", env=server.environment())
        expect((done.status, done.report["verdict"]), (0, "same"), done.stderr)
        history = done.report["history"]
        expect((history["folded"], history["duplicates"]), (len(saves.events), 0), "events")
        expect(history["records"], len(saves.table.items), "items")
        asked = server.requests()[before:]
        assert len(asked) > 2, "several pages, or this proves little: %d requests" % len(asked)
        found = re.search(r"dynamodb://orders: (\d+) items in (\d+) pages, by (\d+) requests; (\d+\.\d) read capacity units",
                          done.stderr)
        assert found, done.stderr
        expect([int(n) for n in found.groups()[:3]], [len(saves.table.items), len(asked) - 1, len(asked)], "what was said")
        assert float(found.group(4)) > 0, done.stderr
        again = golden_of(os.path.join(scratch, "again"), "dynamodb://orders", env=server.environment())
        expect(again, {os.path.relpath(p, golden): read_bytes(p) for p in objects(golden)}, "golden")
        expect(server.refused(), [], "refused")


def test_the_tail_of_a_history_is_in_the_table():
    """What Firehose has not delivered yet: a folder of the first half and the table are one history."""
    server = servers.dynamodb()
    saves = Saves(401)
    fill(server, "tail", saves)
    with Scratch() as scratch:
        plain, half, golden = (os.path.join(scratch, name) for name in ("plain", "half", "golden"))
        saves.plain(plain)
        golden_of(golden, plain)
        hours = objects(plain)
        for path in hours[:len(hours) // 2]:
            write_bytes(os.path.join(half, os.path.relpath(path, plain)), read_bytes(path))
        delivered = sum(len(gzip.decompress(read_bytes(p)).splitlines()) for p in objects(half))
        assert run_json("-a", ORDER, "-g", golden, half).status == 3, "half of it is cut short"
        done = run_json("-a", ORDER, "-g", golden, half, "dynamodb://tail", env=server.environment())
        history = done.report["history"]
        expect((done.status, history["folded"], history["duplicates"]), (0, len(saves.events), delivered), done.stderr)
        # From a snapshot on, with the hours behind it and the tail: what is covered is not folded again.
        hour = os.path.relpath(hours[len(hours) // 2], plain)[:len("2026/07/01/00")]
        close = os.path.join(scratch, "close")
        expect(refold("bless", "-a", ORDER, "-g", close, "--until", hour, plain).status, 0, "close")
        done = run_json("-a", ORDER, "-g", golden, "--from", close, "--since", hour, half, "dynamodb://tail",
                        env=server.environment())
        expect((done.status, done.report["verdict"]), (0, "same"), done.stderr)


def test_one_instance_is_asked_for_alone():
    server = servers.dynamodb()
    saves = Saves(402, orders=8, longest=50, note=2000)
    fill(server, "shown", saves)
    with Scratch() as scratch:
        saves.plain(os.path.join(scratch, "plain"))
        for key in sorted({key for key, _ in saves.batches}):
            pages = {page for page in saves.table.items if page[0] == key}
            before = len(server.requests())
            wanted = refold("show", "-a", ORDER, "--json", key, os.path.join(scratch, "plain"))
            done = refold("show", "-a", ORDER, "--json", key, "dynamodb://shown", env=server.environment())
            expect((wanted.status, done.status), (0, 0), done.stderr)
            expect(len(server.requests()) - before, 2, "DescribeTable and one Query")
            expect("%d item%s in 1 page" % (len(pages), "" if len(pages) == 1 else "s") in done.stderr, True, done.stderr)
            expect(without_places(done.stdout), without_places(wanted.stdout), key)
        # Beside a pack of it the table is read whole, for it is compared with what was packed.
        pack = os.path.join(scratch, "shown.pack")
        expect(refold("pack", "dynamodb://shown", "-o", pack, env=server.environment()).status, 0, "pack")
        for sources in ([pack], [pack, "dynamodb://shown"]):
            done = refold("show", saves.batches[0][0], *sources, env=server.environment())
            expect(done.status, 0, done.stderr)
        # Several are asked for one by one.
        golden = os.path.join(scratch, "golden")
        golden_of(golden, os.path.join(scratch, "plain"))
        some = sorted({key for key, _ in saves.batches})[:3]
        before = len(server.requests())
        done = run_json("-a", ORDER, "-g", golden, *(word for key in some for word in ("--id", key)), "dynamodb://shown",
                        env=server.environment())
        expect((done.status, done.report["aggregates"][0]["compared"]), (0, 3), done.stderr)
        expect(done.report["history"]["events"], sum(len(batch) for key, batch in saves.batches if key in some), "events")
        expect(len(server.requests()) - before, 4, "DescribeTable and three Queries")
    done = refold("show", "nobody", "dynamodb://shown", env=server.environment())
    expect(done.status, 2, done.stderr)
    assert "no such instance in 1 object with 0 events" in done.stderr, done.stderr


def without_places(text):
    """The events and states of `show --json`, without where they lie."""
    instances = json.loads(text)["instances"]
    for instance in instances:
        for event in instance["events"]:
            for name in ("object", "offset", "part"):
                event.pop(name, None)
    assert instances and all(instance["events"] for instance in instances), text
    return instances


def test_a_table_with_another_hash_key():
    server = servers.dynamodb()
    create(server, "numbered", "number", "N")
    event = compact({"t": "OrderCreated", "d": {"ID": 7, "Version": 1, "At": "2026-07-01T00:00:01Z"}})
    ask(server, "PutItem", {"TableName": "numbered", "Item": {
        "number": {"N": "7"}, "partition": {"N": "0"}, "_1": {"B": b64(event)}}})
    done = refold("show", "--json", "7", "dynamodb://numbered", env=server.environment())
    expect(done.status, 0, done.stderr)
    assert b'"OrderCreated"' in done.stdout, done.stdout


def test_an_id_is_found_in_whichever_attribute_it_stands():
    """With one id selected no less is read of it than without."""
    item = {"tenant": {"S": "acme"}, "partition": {"N": "0"}, "order": {"S": "o-1"}}
    item.update({"_%d" % v: {"B": b64(compact({"t": kind, "d": {"ID": "o-1", "Version": v, "At": "2026-07-01T00:00:01Z"}}))}
                 for v, kind in ((1, "OrderCreated"), (2, "OrderApproved"))})
    server = servers.dynamodb()
    create(server, "tenants", "tenant")
    ask(server, "PutItem", {"TableName": "tenants", "Item": item})
    whole = refold("cat", "dynamodb://tenants", env=server.environment())
    expect((whole.status, len(whole.stdout.splitlines())), (0, 2), whole.stderr)
    done = refold("cat", "--id", "o-1", "dynamodb://tenants", env=server.environment())
    expect((done.status, done.stdout), (0, whole.stdout), done.stderr)
    expect(refold("show", "o-1", "dynamodb://tenants", env=server.environment()).status, 0, "show")
    with Scratch() as scratch:  # the tail of a folder is read, so that no golden ends in front of it
        write_bytes(os.path.join(scratch, "h", "2026/07/01/00/x.json"), base64.b64decode(item["_1"]["B"]))
        goldens = [golden_of(os.path.join(scratch, name), *words, os.path.join(scratch, "h"), "dynamodb://tenants", env=server.environment())
                   for name, words in (("all", []), ("one", ["--id", "o-1"]))]
        expect(goldens[1]["order.ndjson"], goldens[0]["order.ndjson"], "golden of one id")


def test_refused_and_missing_tables():
    server = servers.dynamodb()
    wrong = server.environment(AWS_SECRET_ACCESS_KEY="another-canary")
    for source, env, status, words in (
            ("dynamodb://nowhere", server.environment(), 2, "there is no table 'nowhere' in us-east-1"),
            ("dynamodb://x", server.environment(), 2, "is no address of a table"),
            ("dynamodb://nowhere/", server.environment(), 2, "is no address of a table"),
            ("dynamodb://nowhere", wrong, 4, "SignatureDoesNotMatch")):
        before = len(server.requests())
        done = refold("show", "a", source, env=env)
        expect(done.status, status, "%s: %s" % (source, done.stderr))
        assert words in done.stderr, done.stderr
        assert "canary" not in done.stderr, done.stderr
        assert len(server.requests()) - before <= 1, "refused credentials are not tried again"
    with Scratch() as scratch:
        done = refold("run", "-a", ORDER, "-g", scratch, "--no-compare", "--until", "2026-07-02", "dynamodb://orders",
                      env=server.environment())
        expect(done.status, 2, done.stderr)
        assert "--until cannot select from it" in done.stderr, done.stderr


# ---- what a server can do wrong -----------------------------------------------------------------------


class Scripted(http.server.ThreadingHTTPServer):
    """Answers as the script says: each answer is (status, value or bytes, headers); the last one stands for all further
    requests of its action."""
    daemon_threads = True

    def __init__(self, **script):
        super().__init__(("127.0.0.1", 0), Handler)
        self.script = {action: list(answers) for action, answers in script.items()}
        self.script.setdefault("DescribeTable", [(200, DESCRIPTION, {})])
        self.asked = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def run(self, *arguments, **env):
        found = servers.credentials("http://127.0.0.1:%d" % self.server_port, REFOLD_PATIENCE="0.01", **env)
        return refold(*arguments, "dynamodb://orders", env=found)

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        action = self.headers["x-amz-target"].split(".")[1]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((action, body))
        answers = self.server.script[action]
        status, value, headers = answers.pop(0) if len(answers) > 1 else answers[0]
        if status is None:
            time.sleep(20)
            return
        data = value if isinstance(value, bytes) else compact(value)
        self.send_response(status)
        for name, text in {"x-amz-crc32": str(zlib.crc32(data)), "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


DESCRIPTION = {"Table": {"KeySchema": [{"AttributeName": "partition", "KeyType": "RANGE"}, {"AttributeName": "key", "KeyType": "HASH"}],
                         "AttributeDefinitions": [{"AttributeName": "key", "AttributeType": "S"}]}}


def failure(name, status=400, message="said by the test"):
    return status, {"__type": "com.amazonaws.dynamodb.v20120810#" + name, "message": message}, {}


def page(versions, last=None, **more):
    items = [{"key": {"S": "a"}, "partition": {"N": str(v)},
              "_%d" % v: {"B": b64(compact({"t": "OrderCreated" if v == 1 else "OrderItemAdded", "d": {
                  "ID": "a", "Version": v, "At": "2026-07-01T00:00:%02dZ" % v, "Qty": 1, "PriceCents": 1}}))}} for v in versions]
    value = {"Items": items, "Count": len(items), "ScannedCount": len(items),
             "ConsumedCapacity": {"TableName": "orders", "CapacityUnits": 0.5}, **more}
    if last is not None:
        value["LastEvaluatedKey"] = {"key": {"S": "a"}, "partition": {"N": str(last)}}
    return 200, value, {}


@slow
def test_what_a_server_of_tables_can_do_wrong():
    busy = failure("ProvisionedThroughputExceededException")
    slow = failure("ThrottlingException")
    good = [page([1], 1), page([], 2), page([2], 3), page([3])]
    cases_ = [
        ("pages", good, 0, 5, "3 items in 4 pages, by 5 requests; 2.0 read capacity units"),
        ("throttled", [busy, slow, *good[:2], busy, *good[2:]], 0, 8, "by 8 requests, 3 of them again"),
        ("throttled for ever", [busy], 4, None, "ProvisionedThroughputExceededException: said by the test; it was asked "),
        ("a server's fault, once", [failure("InternalServerError", 500), *good], 0, 6, "3 items"),
        ("a server's fault", [failure("InternalServerError", 500)], 4, 6, "status 500"),
        ("denied", [failure("AccessDeniedException")], 4, 2, "Scan was refused: said by the test; reading takes"),
        ("expired", [failure("ExpiredTokenException")], 4, None, "has expired"),
        ("not valid", [failure("ValidationException")], 4, 2, "status 400, ValidationException: said by the test"),
        ("gone", [failure("ResourceNotFoundException")], 2, 2, "there is no table 'orders'"),
        ("a page that leads to itself", [page([1], 1), page([2], 1)], 4, 3, "leads back to a page that was read already"),
        ("pages in a circle", [page([n % 9 + 1], n % 7) for n in range(60)], 4, None, "leads back to a page"),
        ("another checksum", [(200, page([1])[1], {"x-amz-crc32": "1"})], 4, 2, "has not the checksum that it tells"),
        ("a cut answer", [(200, compact(page([1])[1])[:-1], {})], 4, 2, "is no JSON"),
        ("another count", [page([1, 2], Count=3)], 4, 2, "counts other items than it has"),
        ("no count", [(200, {"Items": []}, {})], 4, 2, "counts other items than it has"),
        ("no items", [(200, {"Count": 0}, {})], 4, 2, "has no Items"),
        ("items that are none", [page([], Items=[1], Count=1)], 4, 2, "has an item that is none"),
        ("a key that is none", [page([1], LastEvaluatedKey="x")], 4, 2, "has a LastEvaluatedKey that is none"),
        ("hostile words", [failure("ValidationException", message="\x1b[31m\n::error::" + "x" * 5000)], 4, 2, "\\x1B[31m\\n::error::xxx"),
    ]
    for what, script, status, requests, words in cases_:
        with Scripted(Scan=script) as server:
            done = server.run("run", "-a", ORDER, "--no-compare")
        expect(done.status, status, "%s: %s" % (what, done.stderr))
        assert words in done.stderr, "%s: %s" % (what, done.stderr)
        assert "\x1b" not in done.stderr and len(done.stderr) < 2000, what
        if requests is not None:
            expect(len(server.asked), requests, "requests: %s" % what)
        expect({action for action, _ in server.asked}, {"DescribeTable", "Scan"}, what)


def test_a_table_that_does_not_answer_is_not_waited_for():
    with Scripted(Scan=[(None, b"", {})]) as server:
        env = servers.credentials("http://127.0.0.1:%d" % server.server_port)
        running = subprocess.Popen([REFOLD, "types", "dynamodb://orders"], env={**os.environ, **env}, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        for _ in range(1000):
            if len(server.asked) == 2:
                break
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        stderr = running.communicate(timeout=10)[1]
        expect(running.returncode, -signal.SIGINT if running.returncode < 0 else 130, stderr)
        assert b"ended by signal 2" in stderr, stderr


def test_what_is_asked_of_a_table():
    with Scripted(Scan=[page([1], 1), page([2])], Query=[page([1], 1), page([2])]) as server:
        expect(server.run("run", "-a", ORDER, "--no-compare").status, 0, "Scan")
        expect(server.run("show", "a").status, 0, "Query")
        asked = server.asked
    start = {"key": {"S": "a"}, "partition": {"N": "1"}}
    scan = {"TableName": "orders", "ConsistentRead": True, "ReturnConsumedCapacity": "TOTAL"}
    query = {**scan, "KeyConditionExpression": "#k = :k", "ExpressionAttributeNames": {"#k": "key"},
             "ExpressionAttributeValues": {":k": {"S": "a"}}}
    expect(asked, [("DescribeTable", {"TableName": "orders"}), ("Scan", scan), ("Scan", {**scan, "ExclusiveStartKey": start}),
                   ("DescribeTable", {"TableName": "orders"}), ("Query", query), ("Query", {**query, "ExclusiveStartKey": start})],
           "requests")
    with open(os.path.join(ROOT, "harness", "ci", "refold-read-table-policy.json"), encoding="utf-8") as f:
        (allowed,) = json.load(f)["Statement"]
    expect(set(allowed["Action"]), {"dynamodb:" + action for action, _ in asked}, "what the policy that ships allows")
    # Who may not see the description reads all the same.
    with Scripted(DescribeTable=[failure("AccessDeniedException")], Query=[page([1])]) as server:
        expect(server.run("show", 'a"\\').status, 2, "another id")
        expect(server.asked[1][1]["ExpressionAttributeValues"], {":k": {"S": 'a"\\'}}, "the id as it is")
        expect(server.run("show", "a").status, 0, "no description")
    with Scripted(DescribeTable=[(200, {"Table": {}}, {})]) as server:
        done = server.run("show", "a")
        expect(done.status, 4, done.stderr)
        assert "tells no hash key" in done.stderr, done.stderr
    binary = json.loads(json.dumps(DESCRIPTION).replace('"AttributeType": "S"', '"AttributeType": "B"'))
    with Scripted(DescribeTable=[(200, binary, {})]) as server:
        done = server.run("show", "a")
        expect(done.status, 2, done.stderr)
        assert "it is no id" in done.stderr, done.stderr
    # Damage of an item is damage, with the table's name.
    broken = page([1])[1]
    broken["Items"][0]["_x"] = {"B": "e30="}
    with Scripted(Scan=[(200, broken, {})]) as server:
        done = server.run("run", "-a", ORDER, "--no-compare", "-r", "json")
        expect([(d["kind"], d["object"]) for d in done.report["damage"]], [("malformed", "dynamodb://orders")], "damage")


def test_an_export_in_a_bucket_with_the_table_as_its_tail():
    """Where AWS puts it: manifests are read while the bucket is listed, and the table tells what came since."""
    s3, tables = servers.s3(), servers.dynamodb()
    saves = Saves(500)
    fill(tables, "exported", saves)
    with Scratch() as scratch:
        saves.plain(os.path.join(scratch, "plain"))
        golden = os.path.join(scratch, "golden")
        golden_of(golden, os.path.join(scratch, "plain"))
        early = Saves(500)
        early.table.items = {}
        for key, batch in early.batches[:len(early.batches) // 2]:
            early.table.save(key, batch)
        for name, what in (("whole", saves), ("early", early)):
            what.export(os.path.join(scratch, name), prefix="exports/")
            s3.put("exports-" + name, {"exports/" + os.path.relpath(path, os.path.join(scratch, name)): read_bytes(path)
                                       for path in objects(os.path.join(scratch, name))})
        env = s3.environment(AWS_ENDPOINT_URL_DYNAMODB=tables.base)
        done = run_json("-a", ORDER, "-g", golden, "s3://exports-whole/", env=env)
        expect((done.status, done.report["history"]["folded"], done.report["history"]["foreign"]), (0, len(saves.events), 2), done.stderr)
        done = run_json("-a", ORDER, "-g", golden, "s3://exports-early/", env=env)
        expect(done.status, 3, "half of it")
        done = run_json("-a", ORDER, "-g", golden, "s3://exports-early/", "dynamodb://exported", env=env)
        expect((done.status, done.report["history"]["folded"]), (0, len(saves.events)), done.stderr)
        # A data file that is gone is damage in a bucket too.
        gone = os.path.join(s3.folder, "exports-whole", "exports", "AWSDynamoDB", "01693685827463-2d8752fd", "data",
                            "0.json.gz._S3rver_object")
        os.remove(gone)
        done = run_json("-a", ORDER, "-g", golden, "s3://exports-whole/", env=env)
        expect((done.status, done.report["history"]["unreadable"]), (3, 1), done.stderr)

# SPDX-License-Identifier: MIT
"""A model of altairsix/eventsource's dynamodbstore: what a save does to the table, and what
DynamoDB tells of it, as stream records, exports and requests. It shares no code with refold."""

import base64
import copy
import datetime
import gzip
import hashlib
import json
import os
import random

from support import write_bytes


def b64(data):
    return base64.b64encode(data).decode("ascii")


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode("utf-8")


class Table:
    """Items by (key, partition); `changes` are (event name, keys, old image, new image) in the order of the saves."""

    def __init__(self, events_per_item=100):
        self.events_per_item = events_per_item
        self.items = {}
        self.changes = []

    def save(self, key, batch):
        """@batch  [(version, serialized event)], saved at once: into the page of the first of them"""
        page = (key, batch[0][0] // self.events_per_item)
        old = self.items.get(page)
        new = copy.deepcopy(old) or {"key": {"S": key}, "partition": {"N": str(page[1])}, "revision": {"N": "0"}}
        new["revision"]["N"] = str(int(new["revision"]["N"]) + 1)
        for version, event in batch:
            assert "_%d" % version not in new, "attribute_not_exists"
            new["_%d" % version] = {"B": b64(event)}
        self.items[page] = new
        self.changes.append(("MODIFY" if old else "INSERT", {k: new[k] for k in ("key", "partition")}, old, copy.deepcopy(new)))

    def update_of(self, table, key, batch):
        """The request by which the library saves."""
        names, values, sets, conditions = {"#revision": "revision"}, {":one": {"N": "1"}}, [], []
        for version, event in batch:
            names["#_%d" % version] = "_%d" % version
            values[":_%d" % version] = {"B": b64(event)}
            sets.append("#_%d = :_%d" % (version, version))
            conditions.append("attribute_not_exists(#_%d)" % version)
        return {"TableName": table,
                "Key": {"key": {"S": key}, "partition": {"N": str(batch[0][0] // self.events_per_item)}},
                "ConditionExpression": " AND ".join(conditions),
                "UpdateExpression": "ADD #revision :one SET " + ", ".join(sets),
                "ExpressionAttributeNames": names, "ExpressionAttributeValues": values}


class Saves:
    """Random lives of orders, saved in random batches, some of which straddle pages."""

    def __init__(self, seed, orders=25, longest=40, events_per_item=10, note=0):
        rng = random.Random(seed)
        self.table = Table(events_per_item)
        self.batches = []  # (key, [(version, serialized)]) in the order of the saves
        self.events = []   # (time, serialized), as a plain history has them
        start = datetime.datetime(2026, 7, 1, tzinfo=datetime.timezone.utc)
        lives = {"o-%d%s" % (n, rng.choice(["", "\u00e9", "/x", " y"])): 1 for n in range(orders)}
        lengths = {key: rng.randint(1, longest) for key in lives}
        clock = 0
        while lives:
            key = rng.choice(sorted(lives))
            batch = []
            for _ in range(rng.choice([1, 1, 1, 2, 3, 7])):
                version = lives[key]
                if version > lengths[key]:
                    break
                clock += rng.randint(1, 900)
                at = start + datetime.timedelta(seconds=clock, milliseconds=rng.choice([0, 0, 120]))
                batch.append((version, self.event(rng, key, version, at, note)))
                self.events.append((at, batch[-1][1]))
                lives[key] += 1
            if lives[key] > lengths[key]:
                del lives[key]
            if batch:
                self.batches.append((key, batch))
                self.table.save(key, batch)

    @staticmethod
    def event(rng, key, version, at, note):
        kind = "OrderCreated" if version == 1 else rng.choice(
            ["OrderItemAdded", "OrderItemAdded", "OrderApproved", "OrderPaid", "OrderShipped", "OrderRefunded"])
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S") + (".12Z" if at.microsecond else "Z")
        data = {"ID": key, "Version": version, "At": stamp}
        if kind == "OrderItemAdded":
            data.update(Qty=rng.randint(1, 9), PriceCents=rng.randint(1, 99999))
        elif kind in ("OrderPaid", "OrderRefunded"):
            data["AmountCents"] = rng.randint(1, 99999)
        if note:
            data["Note"] = "%x" % rng.getrandbits(4 * note)
        return compact({"t": kind, "d": data})

    # ---- what others tell of it ----

    def plain(self, folder):
        """As the talk's Lambda packs it: the events themselves, below the hours of their times."""
        hours = {}
        for at, event in self.events:
            hours.setdefault(at.strftime("%Y/%m/%d/%H"), []).append(event)
        for number, (hour, events) in enumerate(sorted(hours.items())):
            write_bytes(os.path.join(folder, hour, object_name(hour, number)), gzip.compress(b"\n".join(events) + b"\n"))

    def records(self, view="NEW_AND_OLD_IMAGES", kinesis=False):
        """Stream records, in order."""
        found = []
        for number, (name, keys, old, new) in enumerate(self.table.changes):
            change = {"ApproximateCreationDateTime": 1645024320140 + number if kinesis else 1645024320.0 + number, "Keys": keys,
                      "NewImage": new, "SizeBytes": 22}
            if old and view == "NEW_AND_OLD_IMAGES":
                change["OldImage"] = old
            if kinesis:
                found.append({"awsRegion": "eu-west-1", "eventID": "%032x" % number, "eventName": name, "userIdentity": None,
                              "recordFormat": "application/json", "tableName": "orders", "dynamodb": change,
                              "eventSource": "aws:dynamodb"})
            else:
                change.update(SequenceNumber="2125880000000000818%07d" % number, StreamViewType=view)
                found.append({"eventID": "%032x" % number, "eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb",
                              "awsRegion": "eu-west-1", "dynamodb": change,
                              "eventSourceARN": "arn:aws:dynamodb:eu-west-1:528688496454:table/orders/stream/2017-03-14T04:49:34.930"})
        return found

    def export(self, folder, name="01693685827463-2d8752fd", parts=3, prefix=""):
        """A full export, its items spread over data files; one of them is empty."""
        files = [[] for _ in range(parts)]
        for number, item in enumerate(self.table.items.values()):
            files[number % (parts - 1)].append({"Item": item})
        write_export(folder, name, name + "/data", files, prefix)

    def increments(self, folder, windows=3):
        """Incremental exports: of each window one state of each item that was changed in it."""
        changes = self.table.changes
        size = len(changes) // windows + 1
        for window in range(windows):
            seen = {}
            for name, keys, old, new in changes[window * size:(window + 1) * size]:
                page = (keys["key"]["S"], keys["partition"]["N"])
                first = seen[page][0] if page in seen else old
                seen[page] = (first, keys, new)
            lines = []
            for first, keys, new in seen.values():
                line = {"Metadata": {"WriteTimestampMicros": {"N": "1680109764000000"}}, "Keys": keys}
                if first:
                    line["OldImage"] = first
                lines.append(dict(line, NewImage=new))
            write_export(folder, "0169368582746%d-%d" % (window, window), "data", [lines[::2], lines[1::2]], "exports/",
                         "w%d-" % window)


def object_name(hour, number, stream="orders"):
    return "%s-1-%s-00-00-%08d-0000-4000-8000-000000000000.gz" % (stream, hour.replace("/", "-"), number)


def write_export(folder, name, data, files, prefix="", front=""):
    root = os.path.join(folder, "AWSDynamoDB")
    lines, items = [], 0
    for number, content in enumerate(files):
        key = "%s/%s%d.json.gz" % (data, front, number)
        stored = gzip.compress(b"".join(compact(line) + b"\n" for line in content)) if content else b""
        write_bytes(os.path.join(root, key), stored)
        items += len(content)
        lines.append({"itemCount": len(content), "md5Checksum": b64(hashlib.md5(stored).digest()), "etag": "af83-1",
                      "dataFileS3Key": prefix + "AWSDynamoDB/" + key})
    write_bytes(os.path.join(root, name, "_started"), b"")
    write_bytes(os.path.join(root, name, "manifest-files.json"), b"".join(compact(line) + b"\n" for line in lines))
    write_bytes(os.path.join(root, name, "manifest-summary.json"), compact(
        {"version": "2020-06-30", "exportArn": "arn:aws:dynamodb:eu-west-1:528688496454:table/orders/export/" + name,
         "tableArn": "arn:aws:dynamodb:eu-west-1:528688496454:table/orders", "s3Prefix": prefix.rstrip("/"),
         "manifestFilesS3Key": "%sAWSDynamoDB/%s/manifest-files.json" % (prefix, name), "itemCount": items,
         "outputFormat": "DYNAMODB_JSON"}))

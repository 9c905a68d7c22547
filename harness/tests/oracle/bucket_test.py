# SPDX-License-Identifier: MIT
"""s3:// as a source, against the same tree as a folder: what is selected, packs, inventories, and listings of any size. The
server is scripted (scripted.Bucket), and takes only what is signed; with s3rver see served_test."""

import base64
import csv
import gzip
import hashlib
import io
import json
import os
import random
import re
import urllib.parse

from scripted import Bucket, etag_of, Keys, PATIENT, s3_error, serve, small_history, small_order, tagged
from support import (
    aggregate, all_cases, comparable, expect, expect_status, in_full, read_bytes, refold, run_json, sampled, Scratch,
    slow, write_bytes)

ORDER = aggregate("order")
NAME = "orders-1-2016-01-01-00-00-00-0f8fad5b-d9cb-469f-a165-%012d"


def write_tree(folder, members):
    for key, data in members.items():
        write_bytes(os.path.join(folder, key), data)


def tags(_):
    return tagged


def environment(bucket, **more):
    return {**PATIENT, **bucket.environment(), **more}


# ---- packs --------------------------------------------------------------------------------------------


def test_a_pack_of_a_bucket_is_bound_to_its_etags():
    members = small_history()
    victim = sorted(members)[3]
    with Scratch() as scratch:
        pack, delta = os.path.join(scratch, "a.pack"), os.path.join(scratch, "b.pack")
        with Bucket(dict(members)) as bucket:
            result = refold("pack", "s3://history/", "-o", pack, env=environment(bucket))
            expect_status(result, 0, "pack")
            expect(len(bucket.gets()), len(members), "objects that were read")
            wanted = run_json("--no-compare", "-a", ORDER, "s3://history/", env=environment(bucket))
            for env in ({}, {"CI": "1"}):
                before = len(bucket.gets())
                result = run_json("--no-compare", "-a", ORDER, pack, "s3://history/", env=environment(bucket, **env))
                expect_status(result, 0, "with its pack %s" % env)
                expect(len(bucket.gets()), before, "objects that were read beside the pack %s" % env)
                expect(comparable(result.report, "\0"), comparable(wanted.report, "\0"), "report %s" % env)
            result = run_json("--no-compare", "-a", ORDER, "--verify", pack, "s3://history/", env=environment(bucket))
            expect_status(result, 0, "--verify")
            expect(len(bucket.gets()) - before, len(members), "contents that were compared")
            # A selection is one of all that is there, packed or not; the pack is held against all of it.
            wanted = run_json("--no-compare", "-a", ORDER, "--until", "2017-03-02", "s3://history/", env=environment(bucket))
            result = run_json("--no-compare", "-a", ORDER, "--until", "2017-03-02", pack, "s3://history/", env=environment(bucket))
            expect_status(result, 0, "a selection beside a pack")
            expect(comparable(result.report, "\0"), comparable(wanted.report, "\0"), "a selection beside a pack")
            # What is new is a delta.
            bucket.members["2017/03/03/00/" + NAME % 9] = small_order(b"o9", 3)
            bucket.keys = Keys(bucket.members)
            bucket.about = bucket.keys.size_and_etag
            before = len(bucket.gets())
            expect_status(refold("pack", "s3://history/", "--without", pack, "-o", delta, env=environment(bucket)), 0, "delta")
            expect(len(bucket.gets()) - before, 1, "objects of the delta")
            expect_status(run_json("--no-compare", "-a", ORDER, pack, delta, "s3://history/", env=environment(bucket)), 0, "both")
            # As long as before, and another one.
            data = bytearray(members[victim])
            data[5] ^= 1  # a gzip's time of change
            bucket.members[victim] = bytes(data)
            for what, words, says in (("another ETag", [], "by its ETag"), ("another ETag in CI", [], "by its ETag"),
                                      ("other contents", ["--verify"], "something else")):
                env = {"CI": "1"} if "CI" in what else {}
                result = run_json("--no-compare", "-a", ORDER, *words, pack, delta, "s3://history/", env=environment(bucket, **env))
                expect((result.status, victim in result.stderr, says in result.stderr), (2, True, True),
                       "%s: %s" % (what, result.stderr))
        # A copy in a folder has no ETag: its contents are compared.
        write_tree(os.path.join(scratch, "copy"), members)
        expect_status(run_json("--no-compare", "-a", ORDER, pack, os.path.join(scratch, "copy")), 0, "a copy")
        write_bytes(os.path.join(scratch, "copy", victim), bytes(data))
        expect_status(run_json("--no-compare", "-a", ORDER, pack, os.path.join(scratch, "copy")), 2, "a changed copy")


# ---- the same as from a folder ------------------------------------------------------------------------

LAYOUTS = [
    (None, "%(y)04d/%(m)02d/%(d)02d/%(h)02d/"),
    (None, "ev/year=%(y)04d/month=%(m)02d/day=%(d)02d/hour=%(h)02d/"),
    (None, "legacy%(y)04d/%(m)02d/%(d)02d/%(h)02d/"),
    (None, "dt=%(y)04d-%(m)02d-%(d)02d/hour=%(h)02d/"),
    (None, "c=17/%(y)04d-%(m)02d-%(d)02d-%(h)02d/"),
    (None, "customer=%(c)d/%(y)04d/%(m)02d/%(d)02d/%(h)02d/"),
    (None, "shard/2015/%(y)04d/%(m)02d/%(d)02d/%(h)02d/"),
    (None, "backup-2015-07-03/%(y)04d/%(m)02d/%(d)02d/%(h)02d/"),
    (None, "snap=2016-05-01/all/%(y)04d/%(m)02d/%(d)02d/%(h)02d/"),
    (None, "%(y)04d-%(m)02d-%(d)02d/%(h)02d/"),
    ("ev/!{timestamp:yyyy/MM/dd/HH}/", "ev/%(y)04d/%(m)02d/%(d)02d/%(h)02d/"),
    ("!{partitionKeyFromQuery:c}/!{timestamp:yyyy}-!{timestamp:MM/dd}/!{timestamp:HH}/", "c%(c)d/%(y)04d-%(m)02d/%(d)02d/%(h)02d/"),
    ("ev/!{timestamp:yyyy/MM/dd}/h!{timestamp:HH}", "ev/%(y)04d/%(m)02d/%(d)02d/h%(h)02d"),
    ("rand=!{firehose:random-string}/!{timestamp:yyyy-MM-dd'T'HH}/", "rand=0%(c)010d/%(y)04d-%(m)02d-%(d)02dT%(h)02d/"),
    ("x/!{timestamp:yyyy}/!{partitionKeyFromLambda:k}/!{timestamp:MM}/!{timestamp:dd-HH}/",
     "x/%(y)04d/k%(c)d/%(m)02d/%(d)02d-%(h)02d/"),
]
BESIDE = ["README", "notes/of/the/team.txt", "2016/README", "ev/2015/", "misc/2016/x", "processing-failed/2016/05/01/03/" + NAME % 0,
          "http-endpoint-failed2015/11/30/23/" + NAME % 1]


def random_tree(chance):
    layout, folder = chance.choice(LAYOUTS)
    members = {}
    for n in range(chance.randint(1, 60)):
        at = folder % {"y": chance.randint(2015, 2016), "m": chance.randint(1, 12), "d": chance.randint(1, 28),
                       "h": chance.randint(0, 23), "c": chance.choice([3, 42015, 2016, 77])}
        below = "sub/" if at.endswith("/") and chance.random() < 0.2 else ""
        members[at + below + NAME % n] = small_order(b"o%d" % n, 1)
    for key in BESIDE:
        if chance.random() < 0.3:
            members[key] = b"" if key.endswith("/") else b"no event here"
    return layout, members


def random_selection(chance):
    """--since or none, --until"""
    def hour(shape):
        at = (chance.randint(2015, 2016), chance.randint(1, 12), chance.randint(1, 28), chance.randint(0, 23))
        return "%04d" % at[0] + ("-%02d" % at[1] if shape > 0 else "") + ("-%02d" % at[2] if shape > 1 else "") + (
            "T%02d" % at[3] if shape > 2 else "")
    two = sorted((hour(chance.randint(0, 3)), hour(chance.randint(0, 3))))
    return two if two[0] < two[1] and chance.random() < 0.8 else (None, two[1])


def packed(scratch, name, config, source, since, until, env):
    """What a pack of the selection holds: status, report; or what was said."""
    pack = os.path.join(scratch, name)
    words = (["--since", since] if since else []) + ["--until", until]
    result = refold("pack", "-C", config, source, "-o", pack, *words, env=env)
    if result.status not in (0, 3):
        return result.status, None, result.stderr
    report = run_json("-C", config, "--no-compare", "-a", ORDER, pack, env=env).report
    return result.status, comparable(report, "\0"), result.stderr


@sampled
def test_a_selection_is_that_of_the_same_tree_as_a_folder():
    chance = random.Random(20260713)
    compared, pages, keys = 0, 0, 0
    trees = 120 if all_cases() else 25 if in_full() else 10
    for n in range(trees):
        layout, members = random_tree(chance)
        since, until = random_selection(chance)
        with Scratch() as scratch:
            config, folder = os.path.join(scratch, "refold.json"), os.path.join(scratch, "tree")
            write_bytes(config, json.dumps({"layout": layout} if layout else {}).encode())
            write_tree(folder, {k: v for k, v in members.items() if not k.endswith("/")})
            bucket = Bucket(members, max_keys=chance.choice([3, 20, 1000]))
            with bucket:
                there = packed(scratch, "bucket", config, "s3://history/", since, until, environment(bucket))
            here = packed(scratch, "folder", config, folder, since, until, {})
            what = "%d: %s, %s to %s" % (n, layout, since, until)
            expect(bucket.refused, [], what)
            if here[0] in (0, 3):
                expect(there[:2], here[:2], "%s\n%s\n%s" % (what, here[2], there[2]))
                compared += 1
            else:
                expect(there[0] in (0, here[0]), True, "%s: %d, wanted %d\n%s\n%s" % (what, there[0], here[0], here[2], there[2]))
            pages += len(bucket.listed)
            keys += len(members)
    assert compared > trees / 2, compared
    print("%d of %d trees compared, %d keys, %d pages" % (compared, trees, keys, pages), flush=True)


def test_in_a_copy_that_is_called_by_a_date_other_days_are_found():
    members = small_history()
    copies = (("backup-2016-05-01/", {}, "--since", "2017-03-02"), ("backup/2016-05-01-03/", {}, "--since", "2017-03-02"),
              ("snap=2026-05-01/", members, "--until", "2017-03-03"), ("2026-05-01/a/b/", members, "--until", "2017-03-03"))
    for front, beside, option, at in copies:
        tree = {**{front + key: data for key, data in members.items()}, **beside}
        with Scratch() as scratch, Bucket(tree) as bucket:
            write_tree(scratch, tree)
            here = refold("ls", option, at, "-l", scratch)
            there = refold("ls", option, at, "-l", "s3://history/", env=environment(bucket))
        names = [[line.split()[-1] for line in result.stdout.decode().splitlines() if "orders-" in line] for result in (here, there)]
        expect((there.status, names[1]), (here.status, names[0]), front)
        assert len(names[0]) >= 3, names


def test_with_v_a_folder_that_was_passed_over_as_a_whole_is_named():
    """A copy of an hour below another month is found in a folder, and not in a bucket. A stream that is idle looks alike,
    so that it is no warning."""
    name, data = "2017/03/01/00/" + NAME % 1, small_order(b"o1", 1)
    inner = {name: data, "2016/05/01/03/" + NAME % 2: b"", "2018/05/01/03/" + NAME % 3: b""}
    says = "by the first date on "

    def run(bucket, *options):
        return run_json("--no-compare", "-a", ORDER, *options, "s3://history/", env=environment(bucket))

    for front, second in (("restored/", False), ("a/restored/", False), ("r=1/", True)):
        copies = {front + "2018/08/01/" + name: data, **({"z/2018/08/01/" + name: data} if second else {})}
        with Bucket({**inner, **copies}) as bucket:
            told = run(bucket, "-v", "--until", "2017-06")
            wanted = "2 folders hold other hours only, by the first date on their way; the first: s3://history/%s\n" if second else \
                     "1 folder holds other hours only, by the first date on its way: s3://history/%s\n"
            expect(wanted % front in told.stderr, True, told.stderr)
            expect([w for w in told.report["warnings"] if says in w], [], "no warning")
            expect(says in run(bucket, "--until", "2017-06").stderr, False, "without -v")
            expect(says in run(bucket, "-v", "--until", "2018-09").stderr, False, "it is looked for")
    for beside in ({}, {"b/" + key: data for key, data in inner.items()}):
        with Bucket({**inner, **beside}) as bucket:
            result = run(bucket, "-v", "--until", "2017-06")
        expect(says in result.stderr, False, "years of the stream itself: %s" % result.stderr)


def test_with_v_it_says_how_it_was_listed():
    customers = {"c=%d/%d/05/01/03/%s" % (n % 2, 2015 + n % 3, NAME % n): small_order(b"o%d" % n, 1) for n in range(12)}
    strings = {"rand=0%010d/2016/05/01/03/%s" % (n, NAME % n): b"" for n in range(1100)}
    for members, until, says in (
            (customers, "2016", "listing took 9 requests; folders passed over by their hours: 4"),
            ({**strings, "rand=00000000000/": b""}, "2016-06",
             "listing took 3 requests; folders listed whole, for the time stands behind too much in them: 1; folder markers left out: 1")):
        with Bucket(members) as bucket:
            result = run_json("--no-compare", "-v", "-a", ORDER, "--until", until, "s3://history/", env=environment(bucket))
        expect(says in result.stderr, True, result.stderr)
        quiet = [q for q in bucket.listed if q["prefix"].startswith("c=0/2017")]
        expect(quiet, [{**q, "delimiter": "/"} for q in quiet], "a year that is out is stepped into, not listed")


# ---- keys from elsewhere ------------------------------------------------------------------------------

SCHEMA = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass"


def inventory_of(members, bucket="history", more_rows=(), schema=SCHEMA, parts=2, spoil=None, place="inv/history/all/data/"):
    """-> the manifest's text, {key: list}; as the service writes it: no header, all quoted, keys as URLs."""
    rows = [{"Bucket": bucket, "Key": urllib.parse.quote_plus(key, safe="/"), "VersionId": "v1", "IsLatest": "true",
             "IsDeleteMarker": "false", "Size": str(len(data)), "LastModifiedDate": "2026-07-13T00:00:00.000Z",
             "ETag": hashlib.md5(data).hexdigest(), "StorageClass": "STANDARD"} for key, data in members.items()]
    rows += [{**rows[0], **row} for row in more_rows]
    columns, files, lists = schema.split(", "), [], {}
    for n in range(parts):
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([row[c] for c in columns] for row in rows[n::parts])
        data = gzip.compress(text.getvalue().encode(), mtime=0)
        key = "%s%08d-list.csv.gz" % (place, n)
        files.append({"key": key, "size": len(data), "MD5checksum": hashlib.md5(data).hexdigest()})
        lists[key] = data
    manifest = {"sourceBucket": bucket, "destinationBucket": "arn:aws:s3:::history", "version": "2016-11-30",
                "creationTimestamp": "1514944800000", "fileFormat": "CSV", "fileSchema": schema, "files": files}
    if spoil:
        spoil(manifest, lists)
    return json.dumps(manifest).encode(), lists


def put_inventory(scratch, manifest, lists):
    """As a copy of the inventory's folder has it."""
    path = os.path.join(scratch, "2026-07-13T00-00Z", "manifest.json")
    write_bytes(path, manifest)
    for key, data in lists.items():
        write_bytes(os.path.join(scratch, "data", os.path.basename(key)), data)
    return path


OLD = [{"Key": "2017/03/01/00/deleted.gz", "IsDeleteMarker": "true", "Size": ""},
       {"Key": "2017/03/01/00/older.gz", "IsLatest": "false"},
       {"Key": "2017/03/01/", "Size": "0", "ETag": "d41d8cd98f00b204e9800998ecf8427e"}]


def test_an_inventory_tells_keys_here_and_in_a_bucket():
    members = {**small_history(), "2017/03/01/05/a+b c%41\u00e9," + NAME % 7: small_order(b"o7", 2)}
    with Scratch() as scratch:
        write_tree(os.path.join(scratch, "folder"), members)
        wanted = comparable(run_json("--no-compare", "-a", ORDER, os.path.join(scratch, "folder")).report, "\0")
        manifest, lists = inventory_of(members, more_rows=OLD)
        path = put_inventory(scratch, manifest, lists)
        bucket = Bucket({**members, **lists, "inv/history/all/2026-07-13T00-00Z/manifest.json": manifest})
        served = {re.sub("%..", lambda m: m.group().lower(), urllib.parse.quote(key, safe="/-_.~")): data for key, data in members.items()}
        with bucket, serve(served, "/cdn/", every=tags) as cdn, serve(served, "/", every=tags) as root:
            for what, keys, source in (
                    ("here", path, "s3://history/"), ("there", "s3://history/inv/history/all/2026-07-13T00-00Z/manifest.json", "s3://history/"),
                    ("of a CDN", path, root.base + "/"), ("of a CDN, there", "s3://history/inv/history/all/2026-07-13T00-00Z/manifest.json", root.base)):
                before = len(bucket.gets())
                result = run_json("--no-compare", "-a", ORDER, "--keys", keys, source, env=environment(bucket))
                expect_status(result, 0, what)
                expect(comparable(result.report, "\0"), wanted, what)
                lists_read = 3 if keys.startswith("s3:") else 0
                expect(len(bucket.gets()) - before, lists_read + (len(members) if source.startswith("s3:") else 0), what + ": objects")
            expect((bucket.listed, bucket.refused), ([], []), "nothing was listed")
            # Keys below the source only: its prefix, or the base's path.
            result = run_json("--no-compare", "-a", ORDER, "--keys", path, "s3://history/2017/03/02", env=environment(bucket))
            expect((result.status, result.report["history"]["objects"]), (0, 3), "a prefix")
            result = run_json("--no-compare", "-a", ORDER, "--keys", path, root.base + "/2017/03/02/", env=environment(bucket))
            expect((result.status, result.report["history"]["objects"]), (0, 3), "a base with a path")
            # The listing itself, for a base that has none.
            bucket.members = dict(members)
            bucket.keys = Keys(bucket.members)
            bucket.about = bucket.keys.size_and_etag
            result = run_json("--no-compare", "-a", ORDER, "--keys", "s3://history", cdn.base + "/cdn", env=environment(bucket))
            expect((result.status, comparable(result.report, "\0") == wanted), (0, True), "a listing: " + result.stderr)


def test_a_pack_beside_an_inventory_is_held_against_the_bucket_itself():
    members = small_history()
    victim = sorted(members)[0]
    changed = {**members, victim: gzip.compress(gzip.decompress(members[victim]).replace(b"7}", b"9}"), mtime=0)}
    with Scratch() as scratch:
        pack, path = os.path.join(scratch, "a.pack"), put_inventory(scratch, *inventory_of(members))
        with Bucket(members) as bucket:
            expect_status(refold("pack", "s3://history/", "-o", pack, env=environment(bucket)), 0, "pack")
            before = len(bucket.gets())
            for env in ({}, {"CI": "1"}):
                result = run_json("--no-compare", "-a", ORDER, "--keys", path, "s3://history/", pack, env=environment(bucket, **env))
                expect_status(result, 0, "unchanged %s" % env)
            expect(len(bucket.gets()) - before, 2 * len(members), "objects whose contents were compared")
        for what, there, says in (("changed", changed, victim), ("gone", {}, "404")):
            with Bucket(there) as bucket, serve(there, "/", every=tags if there else None) as cdn:
                for source in ("s3://history/", cdn.base):
                    result = run_json("--no-compare", "-a", ORDER, "--keys", path, source, pack, env=environment(bucket))
                    expect((result.status, says in result.stderr), (4, True), "%s, %s: %s" % (what, source, result.stderr))


def test_what_only_a_key_is_told_of_is_never_foreign():
    members = {"2017/03/01/%02d/events-%d" % (n, n): small_order(b"o%d" % n, 3) for n in range(4)}
    victim = sorted(members)[2]
    denied = b'{"message":"denied"}'
    with Scratch() as scratch:
        for what, schema, status in (("no more than keys", "Bucket, Key", 3), ("sizes", "Bucket, Key, Size", 4), ("all", SCHEMA, 4)):
            path = put_inventory(scratch, *inventory_of(members, schema=schema))
            with serve({**members, victim: denied}, "/", every=tags) as cdn:
                result = run_json("--no-compare", "-a", ORDER, "--keys", path, cdn.base, env=PATIENT)
            expect(result.status, status, what + ": " + result.stderr)
        # As long as the object, and so as it was listed; and a listing that tells no ETags.
        path = put_inventory(scratch, *inventory_of(members, schema="Bucket, Key, Size"))
        padded = denied + b" " * (len(members[victim]) - len(denied))
        with serve({**members, victim: padded}, "/", every=tags) as cdn, Bucket(members, about=lambda k: (len(members[k]), "")) as bucket:
            for keys in (path, "s3://history/"):
                result = run_json("--no-compare", "-a", ORDER, "--keys", keys, cdn.base, env=environment(bucket))
                expect(result.status, 3, keys + ": " + result.stderr)


def test_an_inventory_that_is_none_is_said():
    members = small_history()

    def orc(manifest, _):
        manifest["fileFormat"] = "ORC"

    def no_key(manifest, _):
        manifest["fileSchema"] = "Bucket, Size"

    def no_files(manifest, _):
        del manifest["files"]

    def other_md5(manifest, _):
        manifest["files"][1]["MD5checksum"] = "0" * 32

    def cut(_, lists):
        key = min(lists)
        lists[key] = lists[key][:-9]

    def gone(_, lists):
        del lists[max(lists)]

    def fewer_columns(manifest, _):
        manifest["fileSchema"] += ", Extra"

    def climbing(manifest, lists):
        for file in manifest["files"]:
            lists["../../" + file["key"]] = lists.pop(file["key"])
            file["key"] = "../../" + file["key"]

    with Scratch() as scratch, serve(members, "/", every=tags) as cdn:
        for what, more, status, says in (
                ("ORC", {"spoil": orc}, 2, "ORC is not read"), ("no key", {"spoil": no_key}, 2, "names no Key"),
                ("no files", {"spoil": no_files}, 2, "lacks files"), ("another MD5", {"spoil": other_md5}, 4, "its size or MD5"),
                ("a cut list", {"spoil": cut}, 4, "damaged"), ("a list that is away", {"spoil": gone}, 2, "neither beside it nor"),
                ("other columns", {"spoil": fewer_columns}, 4, "number of fields"),
                ("a key that leads away", {"more_rows": [{"Key": "../x"}]}, 2, "has a step . or .."),
                ("a key that is none", {"more_rows": [{"Key": "a%2"}]}, 4, "encoded as URLs"),
                ("a size that is none", {"more_rows": [{"Key": "a", "Size": "1e3"}]}, 4, "a size that is no number"),
                ("another bucket", {"more_rows": [{"Key": "a", "Bucket": "c"}]}, 4, "of another bucket"),
                ("a key twice", {"more_rows": [{}]}, 2, "listed twice"),
                ("lists elsewhere", {"spoil": climbing}, 0, "")):
            with Scratch() as place:
                path = put_inventory(place, *inventory_of(members, **more))
                result = run_json("--no-compare", "-a", ORDER, "--keys", path, cdn.base, env=PATIENT)
                expect((result.status, says in result.stderr), (status, True), "%s: %s" % (what, result.stderr))
        for text, says in ((b"[]", "no JSON object"), (b"{", "no JSON object"), (b"{}", "lacks sourceBucket"),
                           (b'{"sourceBucket":"b"}', "lacks fileFormat")):
            path = os.path.join(scratch, "manifest.json")
            write_bytes(path, text)
            result = run_json("--no-compare", "-a", ORDER, "--keys", path, cdn.base, env=PATIENT)
            expect((result.status, says in result.stderr), (2, True), "%r: %s" % (text, result.stderr))


# ---- what S3 refuses -----------------------------------------------------------------------------------


def test_what_is_refused_says_what_to_do():
    members = small_history()
    victim = sorted(members)[2]
    for status, code, says in ((403, "InvalidObjectState", "cold storage (Glacier)"), (403, "AccessDenied", "s3:GetObject"),
                               (404, "NoSuchKey", "list again"), (412, "PreconditionFailed", "changed after it was listed"),
                               (403, "SomethingNew", "so it was scripted")):
        with Bucket(members, faults={victim: [s3_error(status, code)]}) as bucket:
            result = run_json("--no-compare", "-a", ORDER, "s3://history/", env=environment(bucket))
        for word in (victim, str(status), code, says):
            expect(word in result.stderr, True, "%s: %s" % (code, result.stderr))
        expect((result.status, sum(victim in path for path in bucket.gets())), (4, 1), code + ": status and tries")
    for status, code, wanted, says in ((404, "NoSuchBucket", 2, "there is no such bucket"), (403, "AccessDenied", 4, "s3:ListBucket"),
                                       (403, "AllAccessDisabled", 4, "disabled by AWS"), (400, "SomethingNew", 4, "so it was scripted")):
        with Bucket(members, on_list=lambda _, s=status, c=code: s3_error(s, c)) as bucket:
            result = run_json("--no-compare", "-a", ORDER, "s3://history/", env=environment(bucket))
        expect((result.status, len(bucket.listed)), (wanted, 1), code + ": status and tries")
        for word in ("s3://history", str(status), code, says):
            expect(word in result.stderr, True, "%s: %s" % (code, result.stderr))
    with Bucket(members) as bucket:
        result = run_json("--no-compare", "-a", ORDER, "s3://history/2071", env=environment(bucket))
        expect((result.status, "no object lies below s3://history/2071/" in result.stderr), (2, True), result.stderr)


# ---- keys that are hostile ----------------------------------------------------------------------------


def test_a_key_is_only_a_name():
    odd = ["../../../../tmp/refold-escaped", "/etc/passwd", "//", "a/../../b", "./c", "con\x01trol\x1b[31m", "new\nline", "per%cent%2F",
           "pl+us", "sp ace", "back\\slash", "caf\u00e9", "\u202etxt", "quo'te\"", "?q=1&x#f", "~", "-rf"]
    members = {key + ".json": small_order(b"o%d" % n, 2) for n, key in enumerate(odd)}
    with Scratch() as scratch, Bucket(members) as bucket:
        report = os.path.join(scratch, "r.txt")
        result = refold("run", "--no-compare", "-a", ORDER, "-r", "json=" + report, "-v", "s3://history/", env=environment(bucket))
        expect_status(result, 0, "odd keys")
        expect(json.loads(read_bytes(report))["history"]["folded"], 2 * len(odd), "events")
        shown = result.stdout + result.stderr.encode()
        expect([c for c in b"\x01\x1b\xe2\x80\xae" if bytes([c]) in shown and c < 32], [], "control characters are shown")
        expect(os.path.exists("/tmp/refold-escaped.json"), False, "a path outside")
        # What is wrong in one of them is told by its escaped name.
        bucket.members["con\x01trol\x1b[31m.json"] = b"{"
        bucket.keys = Keys(bucket.members)
        bucket.about = bucket.keys.size_and_etag
        result = refold("run", "--no-compare", "-a", ORDER, "s3://history/", env=environment(bucket))
        expect_status(result, 3, "damage")
        expect(b"con\\x01trol\\x1B[31m.json" in result.stdout, True, result.stdout)


def test_slashes_at_the_end_of_a_source_are_part_of_it():
    right, wrong = small_order(b"right", 2), small_order(b"wrong", 2)
    with Scratch() as scratch, Bucket({"x//k.json": right, "x/k.json": wrong}) as bucket, \
            serve({"x//k.json": right, "x/k.json": wrong}, "/", every=tags) as server:
        keys = os.path.join(scratch, "keys.txt")
        write_bytes(keys, b"k.json\n")
        for slashes, wanted in (("", "wrong"), ("/", "wrong"), ("//", "right")):
            base = server.base.rstrip("/") + "/x" + slashes
            for more, env in ((["--keys", keys, base], PATIENT), (["--keys", keys, "s3://history/x" + slashes], environment(bucket)),
                              (["--keys", "s3://history/x" + slashes, base], environment(bucket))):
                if slashes != "//" and more[1] != keys:
                    continue  # /k.json is no key of a base
                result = refold("cat", *more, env=env)
                expect_status(result, 0, more)
                expect({json.loads(line)["aggregateId"] for line in result.stdout.splitlines()}, {wanted}, more)


def test_an_error_prefix_may_be_the_source():
    raw = base64.b64encode(small_order(b"a", 1).strip()).decode()
    data = json.dumps({"attemptsMade": 4, "errorCode": "x", "rawData": raw}).encode()
    key = "2017/03/01/00/" + NAME % 1
    below = "processing-failed/" + key
    with Scratch() as scratch, Bucket({below: data, "alone/" + below: data}) as bucket, \
            serve({below: data}, "/", every=tags) as server:
        keys = os.path.join(scratch, "keys.txt")
        write_bytes(keys, key.encode() + b"\n")
        sources = (["s3://history/alone"], ["s3://history/alone/processing-failed"], ["s3://history/alone/processing-failed/2017/03/"],
                   ["--keys", keys, server.base.rstrip("/") + "/processing-failed"])
        for source in sources:
            result = run_json("--no-compare", "-a", ORDER, *source, env=environment(bucket))
            expect_status(result, 3, source)
            expect([damage["kind"] for damage in result.report["damage"]], ["errors"], source)
            result = run_json("--no-compare", "-a", ORDER, "--errors", *source, env=environment(bucket))
            expect_status(result, 0, source)
            expect(result.report["history"]["folded"], 1, source)


# ---- large buckets ------------------------------------------------------------------------------------


class MadeUp:
    """Keys of a bucket that no one keeps: `count` objects below an error prefix, 50 an hour, and one that is read."""

    def __init__(self, count):
        self.count = count
        self.read = "z/2026/01/01/00/" + NAME % 0

    def __len__(self):
        return self.count + 1

    def __getitem__(self, n):
        if n == self.count:
            return self.read
        hour = n // 50
        day, year = hour // 24 % 336, hour // (24 * 336)
        return "processing-failed/%04d/%02d/%02d/%02d/%s" % (1950 + year, day // 28 + 1, day % 28 + 1, hour % 24, NAME % n)

    def size_and_etag(self, key):
        return 100 if key != self.read else len(small_order(b"o1", 2)), '"%s"' % hashlib.md5(key.encode()).hexdigest()

    position = Keys.position


@slow
def test_a_million_keys_in_bounded_memory():
    count = 1000000
    members = {"z/2026/01/01/00/" + NAME % 0: small_order(b"o1", 2)}
    bucket = Bucket(members, keys=MadeUp(count))
    bucket.about = lambda key: (len(members[key]), etag_of(members[key])) if key in members else bucket.keys.size_and_etag(key)
    with bucket:
        result = run_json("--no-compare", "-a", ORDER, "-j", "1", "s3://history/", env=bucket.environment())
    expect_status(result, 3, "objects below an error prefix are damage")
    history = result.report["history"]
    expect((history["objects"], history["foreign"], history["folded"]), (count + 1, count, 2), "objects")
    peak = result.report["timing"]["peak_bytes"]
    print("%d keys, %d pages, %d bytes at most, %d a key" % (count, len(bucket.listed), peak, peak // count), flush=True)
    assert peak < 700 << 20, peak

# SPDX-License-Identifier: MIT
"""Rows 19 to 23 of harness/docs/faults.md: what goes wrong between refold and a server, once as a plain base with a list
of keys, once as a bucket. In each case the bytes are exactly those that were there, or the run ends with 4 and says which
object, what came, and what to do; never 0 over anything else."""

import json
import os
import re
import time

import sigv4
from scripted import \
    body_of, Bucket, chunked, etag_of, Keys, keys_of, part, PATIENT, redirect, reset, reset_at, s3_error, serve, \
    silence, small_history, small_order, stall_at, status_of, tagged, token_of, with_headers
from servers import make_certificate, tls_context
from support import slow, \
    aggregate, all_cases, cases, expect, expect_status, fault, objects, parallel, read_bytes, refold, run_json, Scratch, \
    write_bytes

ORDER = aggregate("order")
# A stall is 3 s: a machine that has much to do is none.
UNHURRIED = {"REFOLD_PATIENCE": "0.1"}
KIB64 = 64 << 10


class Plain:
    """Objects below an http base, named by a list."""

    name = "base"

    def __init__(self, scratch, members, faults=None, **more):
        self.prefix = "/p/"
        faults = {self.prefix + key: found for key, found in (faults or {}).items()}
        self.server = serve(members, faults=faults, **{"every": lambda _: tagged, **more})
        self.arguments = ["--keys", keys_of(scratch, members), self.server.base + self.prefix]
        self.environment = {}

    def count(self, key):
        return self.server.count(self.prefix + key)

    def total(self):
        return len(self.server.requests)


class InBucket:
    """The same in a bucket."""

    name = "bucket"

    def __init__(self, _scratch, members, faults=None, **more):
        self.server = Bucket(members, faults, **more)
        self.arguments = ["s3://history/"]
        self.environment = self.server.environment()

    def count(self, key):
        return self.server.count("/history/" + key)

    def total(self):
        return len(self.server.requests)


FRONTS = (Plain, InBucket)


class History:
    """Objects, their golden, and one object that things happen to."""

    def __init__(self, scratch, members, victim):
        self.scratch, self.members, self.victim = scratch, members, victim
        self.golden = os.path.join(scratch, "golden")
        folder = os.path.join(scratch, "folder")
        for key, data in members.items():
            write_bytes(os.path.join(folder, key), data)
        expect_status(refold("bless", "-q", "-a", ORDER, "-g", self.golden, folder), 0, "bless")
        wanted = run_json("-a", ORDER, "-g", self.golden, folder)
        expect_status(wanted, 0, "folder")
        self.counts = wanted.report["history"]

    def run(self, front, **env):
        return run_json("-a", ORDER, "-g", self.golden, *front.arguments, env={**UNHURRIED, **front.environment, **env})

    def case(self, kind, what, faults, status=0, says="", requests=None, at_most=None, **more):
        """One case in front of one kind of server."""
        what = "%s of a %s" % (what, kind.name)
        scratch = os.path.join(self.scratch, re.sub(r"\W", "-", what))
        front = kind(scratch, self.members, {self.victim: faults}, **more)
        with front.server:
            result = self.run(front)
        self.check(what, result, status, says)
        expect(getattr(front.server, "refused", []), [], what + ": signatures")
        if requests is not None:
            expect(front.count(self.victim), requests, what + ": requests")
        expect(at_most is None or front.count(self.victim) <= at_most, True, what + ": too many requests")
        return result

    def check(self, what, result, status, says=""):
        if result.status not in (status if isinstance(status, tuple) else (status,)):
            expect_status(result, status, what)
        if result.status == 0:
            # All that was counted, from the same bytes.
            expect(result.report["history"], self.counts, what)
            return
        expect(b"Traceback" in result.stderr_bytes, False, what)
        if result.status == 4 and says is not None:
            expect(self.victim in result.stderr and says in result.stderr, True, "%s: it says %r" % (what, result.stderr))
            expect(result.report["incomplete"], True, what)


def small(scratch):
    members = small_history()
    return History(scratch, members, sorted(members)[2])


# ---- 19: a server that has too much to do --------------------------------------------------------------


def storm(share, until=None):
    """SlowDown for this share of the requests, evenly; until a time."""
    seen = [0]

    def every(_):
        seen[0] += 1
        if (until is None or time.monotonic() < until[0]) and int(seen[0] * share) > int((seen[0] - 1) * share):
            return s3_error(503, "SlowDown")
        return tagged
    return every


@fault(19)
def test_a_storm_of_slow_downs_is_waited_for_and_not_fed():
    members = {"2017/03/01/%02d/o-%03d" % (n % 24, n): small_order(b"o%d" % n, 2) for n in range(300)}
    with Scratch() as scratch:
        history = History(scratch, members, "2017/03/01/01/o-001")

        def one(of):
            kind, share, seconds = of
            what = "SlowDown for %g of all, %s, of a %s" % (share, "%g s" % seconds if seconds else "for ever", kind.name)
            until = [0] if seconds else None
            # A bucket's own answer stands behind what is no fault.
            every = storm(share, until)
            if kind is InBucket:
                plain = every
                every = lambda answer: (lambda found: None if found is tagged else found)(plain(answer))
            front = kind(os.path.join(scratch, re.sub(r"\W", "-", what)), members, every=every)
            with front.server:
                if until:
                    until[0] = time.monotonic() + seconds
                result = history.run(front, **(UNHURRIED if share < 1 else PATIENT))
            if share < 1 or seconds:
                history.check(what, result, 0)
            else:
                expect_status(result, 4, what)
                expect("503" in result.stderr, True, result.stderr)
            # What is ideal: each once, and the pages.
            expect(front.total() <= 3 * (len(members) + 1), True, "%s: %d requests" % (what, front.total()))
            cases(19, 1)

        parallel(one, [(kind, *how) for kind in FRONTS for how in ((0.01, None), (0.05, None), (0.1, None), (1, 0.6), (1, None))])


@fault(19)
def test_retry_after_is_heeded():
    with Scratch() as scratch:
        history = small(scratch)

        def one(kind):
            began = time.monotonic()
            history.case(kind, "Retry-After", [status_of(503, Retry_After="1"), tagged], 0, requests=2)
            expect(time.monotonic() - began >= 1, True, "Retry-After of a second was not waited for")
            history.case(kind, "Retry-After of an hour", [status_of(503, Retry_After="3600")], 4, "503", at_most=1)
            history.case(kind, "429 Retry-After", [status_of(429, Retry_After="0"), tagged], 0, requests=2)
            cases(19, 3)

        parallel(one, FRONTS)


# ---- 20: connections, bodies, statuses ------------------------------------------------------------------


@fault(20)
def test_a_reset_at_each_64_kib_loses_nothing():
    # 512 KiB of objects that do not deflate to nothing.
    big = b"".join(small_order(b"big-%d-%d" % (n, n * 7919**4), 2) for n in range(2400))
    expect(len(big) > 8 * KIB64, True, "bytes")
    key = "2017/03/01/01/big"
    with Scratch() as scratch:
        history = History(scratch, {key: big, "2017/03/01/02/other": small_order(b"o1", 3)}, key)
        tag = {"ETag": etag_of(big)}

        def one(of):
            kind, step = of
            history.case(kind, "reset at %d KiB" % (64 * step), [reset_at(step * KIB64, **tag), tagged], 0, requests=2)
            cases(20, 1)

        parallel(one, [(kind, step) for kind in FRONTS for step in range(8)])

        # It is gone on with only where it broke off: nothing may stand twice in it, or be left out.
        half = len(big) // 2

        def rest(start, content_range):
            async def send(answer, data):
                headers = {"Content_Range": content_range} if content_range else {}
                await answer.whole(data[start:], 206, **headers, **tag)
            return send

        def other_rest(of):
            kind, what, fault, status = of
            history.case(kind, what, [reset_at(half, **tag), fault], status, at_most=5)
            cases(20, 1)

        size = len(big)
        parallel(other_rest, [(kind, *how) for kind in FRONTS for how in (
            ("rest that is the whole", body_of(lambda data: data, **tag), 0),
            ("rest of another place", rest(half + 100, "bytes %d-%d/%d" % (half + 100, size - 1, size)), 4),
            ("rest that says nothing of its place", rest(half, None), 4),
            ("rest of a longer object", rest(half, "bytes %d-%d/%d" % (half, size - 1, size + 1)), 4),
            ("rest that is refused", status_of(416), 4))])


def answers(data):
    """(what, faults, exit status, what more is promised) of one object; "told": where a listing tells its length. A bare
    base does not, and there only the bytes themselves tell (3)."""
    tag = {"ETag": etag_of(data)}
    page, document = status_of(200), s3_error(200, "InternalError")
    return (
        ("stall", [stall_at(10, **tag), tagged], 0, {"requests": 2}),
        ("silence", [silence, tagged], 0, {"requests": 2}),
        ("reset in front of the head", [reset, tagged], 0, {"requests": 2}),
        ("chunks", [chunked(**tag)], 0, {"requests": 1}),
        ("chunks without an end", [chunked(end=False, **tag)], 4, {"at_most": 5}),
        ("longer than it is", [part(len(data), len(data) + 10, **tag)], 4, {"at_most": 5}),
        ("shorter than it is", [part(len(data), len(data) - 10, **tag)], "told", {"at_most": 5}),
        ("no length and cut", [part(len(data) // 2, "none", **tag)], 4, {"at_most": 5}),
        ("an error document with status 200", [document], "told", {"at_most": 1}),
        ("a page with status 200", [page], "told", {"at_most": 1}),
        ("500 once", [status_of(500), tagged], 0, {"requests": 2}),
        ("500 for ever", [status_of(500)], 4, {"says": "500", "at_most": 5}),
        ("403", [s3_error(403, "AccessDenied")], 4, {"says": "403", "requests": 1}),
        ("401", [s3_error(401, "Unauthorized")], 4, {"says": "401", "requests": 1}),
        ("404 behind the listing", [s3_error(404, "NoSuchKey")], 4, {"says": "404", "requests": 1}),
        ("in cold storage", [s3_error(403, "InvalidObjectState")], 4, {"says": "403", "requests": 1}),
    )


@slow
@fault(20)
def test_what_breaks_off_is_tried_again_and_what_is_not_the_object_is_none():
    with Scratch() as scratch:
        history = small(scratch)

        def one(of):
            kind, what, faults, status, more = of
            history.case(kind, what, faults, status if status != "told" else 4 if kind is InBucket else (3, 4), **more)
            cases(20, 1)

        parallel(one, [(kind, *how) for kind in FRONTS for how in answers(history.members[history.victim])])


@fault(20)
def test_a_mirror_has_an_objects_bytes_or_not_the_object():
    with Scratch() as scratch:
        history = small(scratch)
        key = history.victim

        def one(of):
            what, faults, status, _ = of
            folder = os.path.join(scratch, re.sub(r"\W", "-", what))
            bucket = Bucket(history.members, {key: faults})
            with bucket:
                result = refold("fetch", "-q", "s3://history/", "-o", folder, env={**UNHURRIED, **bucket.environment()})
            expect_status(result, 0 if status == 0 else 4, what)
            expect(status == 0 or key in result.stderr, True, "%s: %s" % (what, result.stderr))
            found = {os.path.relpath(p, folder): read_bytes(p) for p in objects(folder) if not os.path.relpath(p, folder).startswith(".")}
            expect(found, {k: v for k, v in history.members.items() if k != key or status == 0}, what)
            cases(20, 1)

        parallel(one, answers(history.members[key]))


@fault(20)
def test_redirects_neither_loop_nor_lead_away():
    with Scratch() as scratch:
        history = small(scratch)
        with serve(history.members, "/history/") as other:
            for kind in FRONTS:
                own = "/p/" if kind is Plain else "/history/"
                history.case(kind, "redirect to itself", [redirect(own + history.victim)], 4, at_most=6)
                to = other.base.replace("//", "//user:canary@") + "/history/" + history.victim + "?Signature=canary"
                for status in (302, 307):
                    result = history.case(kind, "redirect to another server, %d" % status, [redirect(to, status)], 4, requests=1)
                    expect("canary" in result.stderr, False, result.stderr)
            expect(other.requests, [], "another server was asked, and given what was for the first")
            cases(20, 3 * len(FRONTS))


@fault(20)
def test_a_server_that_cannot_prove_its_name_is_told_nothing():
    with Scratch() as scratch:
        history = small(scratch)

        def one(of):
            kind, what, name, san, days, is_trusted = of
            folder = os.path.join(scratch, "%s-%s" % (kind.name, name))
            os.makedirs(folder)
            key, crt = make_certificate(folder, name, san, days)
            front = kind(folder, history.members, tls=tls_context(key, crt))
            with front.server:
                result = history.run(front, REFOLD_PATIENCE="1", **({"SSL_CERT_FILE": crt} if is_trusted else {}))
            if what == "right":
                history.check(what, result, 0)
            else:
                expect_status(result, 4, what)
                expect(front.server.requests, [], "%s: it was asked" % what)
                expect(re.search("certificate|SSL", result.stderr) is not None, True, result.stderr)
            cases(20, 1)

        parallel(one, [(kind, *how) for kind in FRONTS for how in (
            ("right", "right", "IP:127.0.0.1", 2, True), ("self-signed", "self", "IP:127.0.0.1", 2, False),
            ("of another host", "other", "DNS:history.example", 2, True), ("expired", "old", "IP:127.0.0.1", -1, True))])


# ---- 21: objects that change -----------------------------------------------------------------------------


@fault(21)
def test_an_object_that_is_another_one_than_listed_is_none():
    with Scratch() as scratch:
        # Plain objects of one length: no CRC tells one from another.
        history = History(scratch, small_history(packed=False), "2017/03/01/02/orders-1-2017-03-01-02-00-00-00000000-0000-4000-8000-000000000002")
        data, key = history.members[history.victim], history.victim
        other = history.members[min(history.members)]
        expect((len(other), other == data), (len(data), False), "another object of the same length")
        tag = {"ETag": etag_of(data)}

        def listed_as(size, etag):
            usual = Keys(history.members)
            return lambda k: (size, etag) if k == key else usual.size_and_etag(k)

        changed = (
            ("the ETag changed (412)", [], {"about": listed_as(len(data), '"0"')}, "412"),
            ("the size changed", [], {"about": listed_as(len(data) + 1, etag_of(data))}, ""),
            ("other bytes from who heeds no If-Match", [body_of(other, ETag=etag_of(other))], {}, ""),
            ("bytes without an ETag", [body_of(data)], {}, ""),
            ("another ETag at the second try", [part(len(data) // 2, **tag), body_of(data, ETag='"2"')], {}, ""),
            ("other bytes at the second try", [part(len(data) // 2, **tag), body_of(other, ETag='"2"')], {}, ""),
            ("it vanished", [s3_error(404, "NoSuchKey")], {}, "404"),
        )
        for what, faults, more, says in changed:
            history.case(InBucket, what, faults or None, 4, says, at_most=2, **more)
            cases(21, 1)
        history.case(Plain, "another ETag at the second try", [part(len(data) // 2, **tag), with_headers(ETag='"2"')], 4, at_most=2)
        history.case(Plain, "the same at the second try", [part(len(data) // 2, **tag), tagged], 0, requests=2)
        cases(21, 2)


@fault(21)
def test_an_object_that_appears_during_the_listing_is_read_or_not_there():
    members = {"2017/03/01/%02d/o-%04d" % (n // 50, n): small_order(b"o%d" % n, 1) for n in range(1000)}
    with Scratch() as scratch:
        history = History(scratch, members, "2017/03/01/01/o-0050")
        late = {"2017/03/01/00/a-late": small_order(b"early", 1), "2017/03/01/19/z-late": small_order(b"late", 1)}
        bucket = Bucket(dict(members), max_keys=600)

        def appear(_, page):
            if page.is_truncated:
                bucket.members.update(late)
                bucket.keys.sorted = sorted(bucket.members)

        bucket.on_page = appear
        with bucket:
            result = run_json("--no-compare", "-a", ORDER, "s3://history/", env={**UNHURRIED, **bucket.environment()})
        expect_status(result, 0, "appears")
        # Behind the page at hand it is part of the listing; in front of it, it came too late.
        expect((result.report["history"]["objects"], result.report["history"]["folded"]), (1001, 1001), "objects")
        cases(21, 2)


# ---- 22: listings ----------------------------------------------------------------------------------------


def listing_run(bucket, prefix=""):
    with bucket:
        return run_json("--no-compare", "-a", ORDER, "s3://history/" + prefix, env={**UNHURRIED, **bucket.environment()})


EMPTY_TAG = etag_of(b"")


class Many(Keys):
    """Keys of empty objects, but for the first; made up as they are asked for. It is the bucket's objects, too."""

    def __init__(self, count):
        super().__init__({})
        self.count, self.first = count, small_order(b"o", 2)

    def __len__(self):
        return self.count

    def __getitem__(self, n):
        return "2017/03/%02d/%02d/o-%07d" % (1 + n // 100000, n // 5000 % 20, n)

    def get(self, key):
        return self.first if key == self[0] else b""

    def size_and_etag(self, key):
        return (len(self.first), etag_of(self.first)) if key == self[0] else (0, EMPTY_TAG)


def check_told(bucket, count):
    """Each key is told once, but for a page here and there from which a listing is parted among threads."""
    expect(bucket.refused, [], "%d keys" % count)
    expect(count <= len(bucket.told) < 1.1 * count + 2000, True, "%d keys: %d were told" % (count, len(bucket.told)))
    cases(22, 1)


@fault(22)
def test_a_listing_counts_what_is_there():
    for count in (0, 1, 1000, 1001, 2500):
        keys = Many(count)
        bucket = Bucket(keys, keys=keys)
        result = listing_run(bucket)
        expect_status(result, 0 if count else 2, "%d keys" % count)
        if count:
            expect((result.report["history"]["objects"], result.report["history"]["folded"]), (count, 2), "%d keys" % count)
        check_told(bucket, count)
    with Scratch() as scratch:
        count = 1000000 if all_cases() else 20000
        keys = Many(count)
        bucket = Bucket(keys, keys=keys)
        with bucket:
            result = refold("fetch", "--dry-run", "s3://history/", "-o", os.path.join(scratch, "mirror"), env=bucket.environment(),
                            timeout=600)
        expect_status(result, 0, "%d keys" % count)
        expect("{:,} objects".format(count) in result.stdout.decode(), True, result.stdout)
        check_told(bucket, count)


@fault(22)
def test_pages_that_do_not_fit_together_are_an_error_and_no_loop():
    members = {"2017/03/01/00/o-%03d" % n: small_order(b"o%d" % n, 1) for n in range(40)}

    def lost(_, page):
        page.next = None

    keys = sorted(members)

    def repeated(_, page):
        if page.next:
            page.next = token_of(keys[10])

    def circle(_, page):
        page.next = token_of(keys[(keys.index(page.keys[0]) + 20) % 30])
        page.is_truncated = True

    def backwards(_, page):
        """The second page comes first."""
        page.keys = keys[10:20] if page.keys[0] == keys[0] else keys[0:10] if page.keys[0] == keys[10] else page.keys

    def empty_circle(_, page):
        page.keys = []
        page.next, page.is_truncated = token_of(keys[10]), True

    def below_another(_, page):
        page.keys[3] = "another/" + page.keys[3]

    def twice(_, page):
        page.keys.append(page.keys[-1])

    def early_end(_, page):
        page.extra = "<IsTruncated>true</IsTruncated>"

    def last_and_next(_, page):
        page.is_truncated = False

    def folder_unasked(_, page):
        """As of a server that groups what nobody asked it to: one object is a folder's."""
        page.prefixes, page.keys = ["2017/03/01/00/o-9/"], page.keys[:-1]

    def cut(_):
        return body_of(b'<?xml version="1.0"?><ListBucketResult><Contents><Key>a</Key>')

    def page_of_html(_):
        return status_of(200)

    def error_document(_):
        return s3_error(200, "InternalError")

    with Scratch() as scratch:
        for what, more in (
                ("a token is lost", {"on_page": lost}), ("a token is repeated", {"on_page": repeated}),
                ("tokens go round", {"on_page": circle}), ("empty pages go round", {"on_page": empty_circle}), ("pages out of order", {"on_page": backwards}),
                ("a key twice", {"on_page": twice}), ("a key of another prefix", {"on_page": below_another}), ("two ends", {"on_page": early_end}),
                ("a last page that names a next one", {"on_page": last_and_next}), ("a folder that was not asked for", {"on_page": folder_unasked}),
                ("XML that is cut", {"on_list": cut}), ("a page of HTML", {"on_list": page_of_html}),
                ("an error document with status 200", {"on_list": error_document})):
            bucket = Bucket(members, max_keys=10, **more)
            result = listing_run(bucket, "2017/")
            expect_status(result, 4, what)
            expect("s3://history" in result.stderr or "lists it twice" in result.stderr, True, "%s: %s" % (what, result.stderr))
            expect(len(bucket.listed) <= 12, True, "%s: %d pages" % (what, len(bucket.listed)))
            cases(22, 1)
        seen = [0]

        def once(_):
            seen[0] += 1
            return s3_error(500, "InternalError") if seen[0] == 2 else None

        bucket = Bucket(members, max_keys=10, on_list=once)
        expect_status(listing_run(bucket), 0, "a page that fails once")
        expect(len(bucket.listed), 5, "pages")
        for status, code, wanted in ((403, "AccessDenied", (2, 4)), (404, "NoSuchBucket", (2, 4))):
            bucket = Bucket(members, on_list=lambda _, s=status, c=code: s3_error(s, c))
            result = listing_run(bucket)
            expect(result.status in wanted, True, "%s: %d" % (code, result.status))
            expect((len(bucket.listed), code in result.stderr), (1, True), "%s: %s" % (code, result.stderr))
        cases(22, 3)


@fault(22)
def test_keys_of_every_kind_come_through_or_are_named():
    good = ["a b", "a+b", "a%41", "a&amp;<b>", "caf\u00e9/\u6d4b\u8bd5", "=(x)!*'~", "?x=1#y", "a//b", "\U0001f600"]
    members = {"2017/03/01/00/" + k: small_order(b"o%d" % n, 1) for n, k in enumerate(good)}
    with Scratch() as scratch:
        bucket = Bucket(members)
        result = listing_run(bucket)
        expect_status(result, 0, "odd keys: %s" % bucket.refused)
        expect((result.report["history"]["folded"], bucket.refused), (len(good), []), "odd keys")
        for odd in ("../../etc/passwd", "a/../b", "a\u0001b", "a\nb"):
            bucket = Bucket({**members, "2017/03/01/00/" + odd: small_order(b"x", 1)})
            result = listing_run(bucket)
            expect(result.status in (0, 3, 4), True, "%r: %d" % (odd, result.status))
            expect("\u0001" in result.stderr, False, "the key's control characters reach the terminal")
            # In a bucket these are names as any other: read, or named as what was not read.
            expect(result.report["history"]["folded"] == len(good) + 1 or result.status != 0, True, repr(odd))
        cases(22, 2)


YEAR = [(month, day, hour) for month in range(1, 13) for day in range(1, 29) for hour in range(24)]


@fault(22)
def test_one_day_of_a_year_asks_for_that_day_only():
    """Of a bucket with an object for each hour, by the prefixes of the default layout, below a folder, and by those of a
    layout of one's own."""
    for layout, config, source in (
            ("%(year)d/%(month)02d/%(day)02d/%(hour)02d/", None, "s3://history/"),
            ("orders/eu/%(year)d/%(month)02d/%(day)02d/%(hour)02d/", None, "s3://history/orders/eu/"),
            ("dt=%(year)d-%(month)02d-%(day)02d/hr=%(hour)02d/", "dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/", "s3://history/")):
        hours = [dict(year=2016, month=month, day=day, hour=hour) for month, day, hour in YEAR]
        members = {layout % h + "o": b"" for h in hours}
        wanted = {layout % h + "o" for h in hours if (h["month"], h["day"]) == (7, 14)}
        expect(len(wanted), 24, "objects of the day")
        members[min(wanted)] = small_order(b"o", 2)
        with Scratch() as scratch:
            bucket = Bucket(members)
            path = os.path.join(scratch, "refold.json")
            write_bytes(path, json.dumps({"layout": config} if config else {}).encode())
            packed = os.path.join(scratch, "day.pack")
            with bucket:
                result = refold("pack", "-C", path, "--since", "2016-07-14", "--until", "2016-07-15", source, "-o", packed,
                                env={**UNHURRIED, **bucket.environment()})
            expect_status(result, 0, source)
            counts = run_json("--no-compare", "-a", ORDER, packed).report["history"]
            expect((counts["objects"], counts["folded"]), (24, 2), source)
            expect(sorted(bucket.gets()), sorted("/history/" + sigv4.encoded(k, "/") for k in wanted), source + ": objects")
            expect(set(bucket.told), wanted, source + ": keys that were listed")
            # Of the folders above the day only what lies right in them: error prefixes, and what is laid out otherwise.
            day = os.path.commonprefix(sorted(wanted)).rsplit("/", 1)[0] + "/"
            above = [query["prefix"] for query in bucket.listed if query.get("delimiter") == "/"]
            expect([p for p in above if not day.startswith(p)], [], source + ": folders stepped into")
            prefixes = [query["prefix"] for query in bucket.listed if "delimiter" not in query]
            expect([p for p in prefixes if not p.startswith(day)], [], source + ": prefixes")
            expect((len(bucket.listed) <= 4, bucket.refused), (True, []), "%s: %s" % (source, above + prefixes))
        cases(22, 1)

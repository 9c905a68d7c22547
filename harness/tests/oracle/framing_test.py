# SPDX-License-Identifier: MIT
"""The same events written, joined and packed in every way: the same golden, byte for byte. And numbers at their edges,
whose text must read back to what it was."""

import base64
import gzip
import json
import math
import os
import subprocess
import zlib

from support import (
    aggregate, cases, expect, expect_status, facts_of_files, fault, in_full, read_golden, refold, ROOT, run_json,
    sampled, Scratch, write_bytes)

CASE = aggregate("case")
HOUR = "2020/01/01/00/"


def events(count=12):
    return [{"aggregateType": "case", "aggregateId": "i%d" % (n % 3), "version": 1 + n // 3, "type": "t\u00e9 {[\"}]\\%d" % (n % 5),
             "at": "2020-01-01T00:%02d:%02dZ" % divmod(n, 60), "data": {"brace": "}{][,\"\\", "n": n, "deep": {"list": [1, {"a": []}]}}}
            for n in range(count)]


def golden_of(folder, *sources):
    """What a bless writes of these sources."""
    golden = os.path.join(folder, "golden")
    result = refold("bless", "-q", "-r", "json", "-a", CASE, "-g", golden, *sources)
    expect_status(result, 0, "bless of %s" % (sources,))
    files = {name: data for name, (data, _) in facts_of_files(golden).items()}
    subprocess.run(["rm", "-r", golden], check=True)
    return files, result.report["history"]


# ---- members and empty objects ---------------------------------------------------------------------


@fault(4)
def test_members_and_empty_objects_lose_nothing():
    data = b"".join(json.dumps(e).encode() + b"\n" for e in events(1200))
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "plain", HOUR, "x.json"), data)
        wanted, _ = golden_of(scratch, os.path.join(scratch, "plain"))

        def members(count, empty=False):
            step = len(data) // count
            parts = [data[n * step:(n + 1) * step if n + 1 < count else None] for n in range(count)]
            return b"".join(gzip.compress(p) + (gzip.compress(b"") if empty else b"") for p in parts)

        forms = {"1 member": members(1), "2": members(2), "7": members(7), "1,000": members(1000),
                 "as many empty ones between": members(50, True), "an empty one in front": gzip.compress(b"") + members(2),
                 "three empty ones behind": members(1) + gzip.compress(b"") * 3}
        for what, packed in forms.items():
            folder = os.path.join(scratch, what)
            write_bytes(os.path.join(folder, HOUR, "x.gz"), packed)
            expect(golden_of(scratch, folder)[0], wanted, what)
            cases(4, 1)
        # Objects without a record are read, and counted.
        empties = {"0 bytes": b"", "an empty member": gzip.compress(b""), "a thousand of them": gzip.compress(b"") * 1000}
        for what, empty in empties.items():
            folder = os.path.join(scratch, "with " + what)
            write_bytes(os.path.join(folder, HOUR, "x.gz"), gzip.compress(data))
            write_bytes(os.path.join(folder, HOUR, "empty.gz"), empty)
            files, history = golden_of(scratch, folder)
            expect(files, wanted, what)
            expect((history["objects"], history["read"], history["records"]), (2, 2, 1200), what)
            cases(4, 1)


# ---- framing ---------------------------------------------------------------------------------------


def framings():
    """what -> the bytes of all events"""
    values = events()
    compact = [json.dumps(v, separators=(",", ":"), ensure_ascii=False).encode() for v in values]
    pretty = [json.dumps(v, indent=2).encode() for v in values]
    coded = [base64.b64encode(c) for c in compact]
    yield "no delimiter", b"".join(compact)
    yield "LF", b"\n".join(compact) + b"\n"
    yield "LF, none at the end", b"\n".join(compact)
    yield "CRLF", b"\r\n".join(compact) + b"\r\n"
    yield "blanks", b"  \t ".join(compact)
    yield "empty lines", b"\n\n\r\n \n".join(compact)
    yield "blanks in front", b"\n \t\r\n" + b"\n".join(compact)
    yield "pretty", b"\n".join(pretty)
    yield "pretty, joined", b"".join(pretty)
    yield "pretty, CRLF", b"\r\n".join(p.replace(b"\n", b"\r\n") for p in pretty)
    yield "escaped", b"\n".join(json.dumps(v, ensure_ascii=True).encode() for v in values)
    yield "one batch", b"[" + b",".join(compact) + b"]"
    yield "batches", b"".join(b"[" + c + b"]\n" for c in compact)
    yield "batches and events", b"[" + b",".join(compact[:5]) + b"]" + compact[5] + b"[]\n[" + b",".join(compact[6:]) + b"]"
    yield "lines of base64", b"\n".join(coded) + b"\n"
    yield "lines of base64, CRLF", b"\r\n".join(coded)
    yield "base64 that was joined", b"".join(coded)
    whole = [base64.b64encode(c + b" " * (-len(c) % 3) + b" \r\n") for c in compact]  # each without padding
    yield "base64 of lines that was joined", b"".join(whole)
    yield "byte order marks", b"".join(b"\xef\xbb\xbf" + c + b"\n" for c in compact)
    yield "a byte order mark, joined", b"\xef\xbb\xbf" + b"".join(compact)
    yield "base64 and JSON", b"\n".join(coded[:6]) + b"\n" + b"\n".join(compact[6:])
    yield "other key order", b"\n".join(json.dumps(dict(reversed(list(v.items())))).encode() for v in values)


@sampled
@fault(7)
def test_the_same_events_make_the_same_golden_however_they_are_framed():
    packings = {"plain": lambda d: d, "gzip": lambda d: gzip.compress(d),
                "members": lambda d: b"".join(gzip.compress(d[i:i + 37]) for i in range(0, len(d), 37))}
    with Scratch() as scratch:
        wanted = None
        for number, (what, data) in enumerate(framings()):
            hows = list(packings) if in_full() else list(packings)[number % 3:][:1]  # by turns
            for how in hows:
                folder = os.path.join(scratch, "%s, %s" % (what, how))
                write_bytes(os.path.join(folder, HOUR, "x"), packings[how](data))
                files, history = golden_of(scratch, folder)
                wanted = wanted or files
                expect(files, wanted, "%s, %s" % (what, how))
                expect(history["events"], 12, "%s, %s" % (what, how))
                cases(7, 1)


@fault(7)
def test_what_is_no_framing_is_damage_and_costs_no_neighbour():
    compact = [json.dumps(v).encode() for v in events()]
    odd = {"two byte order marks": b"\xef\xbb\xbf" * 2 + b"\n".join(compact), "record separators": b"".join(
        b"\x1e" + c + b"\n" for c in compact), "commas": b",\n".join(compact), "a comment": b"// events\n" + b"\n".join(compact),
           "NUL between": b"\0".join(compact), "a cut one": compact[0][:-9] + b"\n" + b"\n".join(compact)}
    with Scratch() as scratch:
        for what, data in odd.items():
            folder = os.path.join(scratch, what)
            write_bytes(os.path.join(folder, HOUR, "x.json"), data)
            result = run_json("--no-compare", "-a", CASE, folder)
            expect_status(result, 3, what)
            assert result.report["damage"], what
            cases(7, 1)


# ---- numbers ---------------------------------------------------------------------------------------

NUMBERS = """
#include <refold/aggregate.h>
struct numbers { int64_t i; uint64_t u; double r; };
static const refold_type types[] = {REFOLD_TYPE("I", 1), REFOLD_TYPE("U", 2), REFOLD_TYPE("R", 3)};
static const refold_field fields[] = {REFOLD_INT(struct numbers, i, "i"), REFOLD_UINT(struct numbers, u, "u"),
                                      REFOLD_REAL(struct numbers, r, "r")};
static int32_t
apply(void *state, const refold_event *event)
{
    struct numbers *numbers = state;
    int got = 0;
    if (event->kind == 1) {
        got = refold_event_int(event, "n", &numbers->i);
    } else if (event->kind == 2) {
        got = refold_event_uint(event, "n", &numbers->u);
    } else {
        got = refold_event_real(event, "n", &numbers->r);
    }
    return got ? REFOLD_OK : refold_reject(event, "n does not fit");
}
REFOLD_AGGREGATE("numbers", struct numbers, types, fields, apply)
"""
INTEGERS = [0, 1, -1, 2**31 - 1, -2**31, 2**53 - 1, 2**53, 2**53 + 1, -2**53 - 1, 2**63 - 1, -2**63, 2**63, 2**63 + 1, 2**64 - 1,
            2**64, -2**63 - 1, 10**19, 10**40]
REALS = ["0.1", "0.30000000000000004", "1e2", "1E+2", "-0.0", "0e0", "1e-7", "123456789012345680000", "1e21", "1.7976931348623157e308",
         "2.2250738585072014e-308", "2.2250738585072011e-308", "5e-324", "4.9e-324", "1e-400", "9007199254740993.0",
         "0.1000000000000000055511151231257827", "1." + "3" * 400, "1" + "0" * 300, "100", "1e22", "1e23", "4.35", "8.5e-5",
         "179769313486231580793e288"]
TOO_LARGE = ["1e309", "-1e309", "1" + "0" * 400]


@fault(8)
def test_numbers_at_their_edges_read_back_to_what_they_were():
    tokens = {("I", str(n)): n if -2**63 <= n < 2**63 else None for n in INTEGERS}
    tokens.update({("U", str(n)): n if 0 <= n < 2**64 else None for n in INTEGERS})
    tokens.update({("R", text): float(text) for text in REALS + [str(n) for n in INTEGERS]})
    tokens.update({("R", text): None for text in TOO_LARGE})
    tokens.update({("I", "-0"): 0, ("U", "-0"): 0, ("I", "1.5"): None, ("U", "-1"): None, ("I", "1e400"): None})
    with Scratch() as scratch:
        code = os.path.join(scratch, "numbers.c")
        write_bytes(code, NUMBERS.encode())
        lines = b"".join(b'{"aggregateType":"numbers","aggregateId":"%s %s","version":1,"type":"%s","at":"2020-01-01T00:00:00Z",'
                         b'"data":{"n":%s}}\n' % ((kind + " " + text).encode()[:3000], b"", kind.encode(), text.encode())
                         for kind, text in tokens)
        write_bytes(os.path.join(scratch, "e", HOUR, "x"), lines)
        golden = os.path.join(scratch, "golden")
        expect_status(refold("bless", "-q", "-a", code, "-g", golden, os.path.join(scratch, "e")), 0, "bless")
        found = read_golden(os.path.join(golden, "numbers.ndjson"))
        expect_status(refold("run", "-a", code, "-g", golden, os.path.join(scratch, "e")), 0, "run")
    expect(len(found), len(tokens), "instances")
    for (kind, text), value in tokens.items():
        line = found["%s %s " % (kind, text)]
        member = {"I": "i", "U": "u", "R": "r"}[kind]
        got = line["state"].get(member) if "state" in line else None
        if value is None:
            expect(line.get("rejected", {}).get("type"), kind, "%s %s is refused by name" % (kind, text[:40]))
        else:
            expect("rejected" in line, False, "%s %s: %s" % (kind, text[:40], line))
            expect(float(got) if kind == "R" else got, value, "%s %s" % (kind, text[:40]))
            expect(math.copysign(1, got) if got else 1, math.copysign(1, value) if value else 1, "%s %s" % (kind, text[:40]))
        cases(8, 1)


@fault(8)
def test_versions_and_ids_at_their_edges():
    forms = {"9223372036854775807": 0, '"9223372036854775807"': 0, "9223372036854775808": 3, "-1": 3, "1.0": 3, "1e0": 3, '"01"': 0,
             '""': 3, "true": 3, "[]": 3, '"1 "': 3, "0": 3}
    for version, status in forms.items():
        with Scratch() as scratch:
            write_bytes(os.path.join(scratch, "refold.json"), b'{"aggregates":{"case":{"first":%s}}}' % (
                b"1" if version in ("0", '"01"') or status else b"9223372036854775807"))
            write_bytes(os.path.join(scratch, "e", HOUR, "x.json"), b'{"aggregateType":"case","aggregateId":1,"version":%s,"type":"t",'
                        b'"at":"2020-01-01T00:00:00Z","data":{}}' % version.encode())
            expect_status(run_json("--no-compare", "-a", CASE, "e", cwd=scratch), status, version)
            cases(8, 1)

# SPDX-License-Identifier: MIT
"""A history whose every string is hostile, and what output must be whatever history holds."""

import json
import os
import re
import unicodedata

from support import aggregate, canonical, expect, expect_status, lines_of, read_golden, refold

CASE = aggregate("case")

# In ids, types, values and, where a file system takes them, in the names of objects.
HOSTILE = [
    "\"quotes' `and` $(more)", "]]>", "</script><script>alert(1)</script>", "<b>&amp;", "::error::x",
    "::error file=a,line=1::x", "##vso[task.setvariable variable=x]y", "##[error]x", "line\nfeed", "\n::error::y",
    "carriage\rreturn", "tab\tand\bback", "esc\x1b[31mred\x1b]0;title\x07", "nul\0inside", "\x7fdel",
    "c1\x9b31m\x85\x90",
    "bidi\u202etxt.exe\u202c\u2066\u2069", "zero\u200bwidth\u200djoiner\ufeff", "line\u2028and\u2029paragraph",
    "tags\U000e0041\U000e007f", "emoji \U0001f9e8\U0001f468\u200d\U0001f4bb", "e\u0301\u0302 combining",
    "\ufffe\uffff",
    "../../up", "/etc/passwd", "~/x", "a/b~c", "-rf", "--golden", "%s%n%x", "'; drop", "\\", "\\u0041", "{}[]",
    "x" * 900,
    "\u00e4\u00f6\u00fc", "null", " ", "\u3164",
    "@octocat and @octo/team", "[x](https://example.org)", "https://example.org/x", "www.example.org", "![x](y.png)",
    "`", "```", "~~~", "``` `````", "| a | b |", "\\|", "**b** _i_ ~~s~~", "# x", "#1 and GH-2", "&#64;octocat", "- [ ] x",
    "<details>", "<!--", "x # SKIP y", "\\# TODO", "not ok 1 - x", "Bail out! x", "---", "...", "a: b", "- a: b",
    "%0A::error::x", "::stop-commands::x", "a,b:c", " x", "x ", "' x'", "3 instances are the same", "'x' (2)",
]

EVENTS_EACH = 5


HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def check_printable(result, what):
    """Valid UTF-8, no control and no invisible format characters, nothing that a build log takes for a command."""
    for stream, data in (("stdout", result.stdout), ("stderr", result.stderr_bytes)):
        text = data.decode("utf-8")
        for at, character in enumerate(text):
            code = ord(character)
            if character != "\n" and (unicodedata.category(character) in HIDDEN or code & 0xfffe == 0xfffe or
                                      code == 0x3164):
                raise AssertionError("%s: %s holds U+%04X: %r" % (what, stream, code, text[max(0, at - 60):at + 20]))
        for line in text.split("\n"):
            if line.startswith("::") or line.lstrip().startswith("::") or re.search(r"##(\[|[A-Za-z]+\[)", line):
                raise AssertionError("%s: %s holds a command: %r" % (what, stream, line))


def event(identity, version, kind, aggregate_name="case", value=None, **more):
    record = {"id": "%d" % version, "aggregateType": aggregate_name, "aggregateId": identity, "version": version,
              "type": kind, "at": "2020-01-01T00:00:%02dZ" % (version % 60), "data": {"value": value}}
    record.update(more)
    return record


def hostile_names():
    """Names of objects as bytes; a folder for each name would do no more."""
    found = [h.encode("utf-8") for h in HOSTILE if "\0" not in h and "/" not in h and len(h) < 200]
    return found + [b"no utf-8 \xff\xfe\xc3(", b"overlong \xc0\xaf", b"surrogate \xed\xa0\x80"]


def write_hostile(folder, damaged):
    """Every hostile string as id, type and value, in objects with hostile names."""
    values = []
    for number, identity in enumerate(HOSTILE):
        kinds = HOSTILE[number:] + HOSTILE[:number]
        values += [event(identity, v + 1, kinds[v], value=kinds[-v]) for v in range(EVENTS_EACH)]
    hour = os.path.join(os.fsencode(folder), b"2020/01/01/00")
    os.makedirs(hour)
    names = hostile_names()
    for number, name in enumerate(names):
        data = lines_of(values[number::len(names)])
        if damaged and number % 3 == 0:
            broken = HOSTILE[number % len(HOSTILE)]
            data += b'{"aggregateId":' + json.dumps(broken).encode() + b',"type":12}\n'
            data += b'{"broken ' + broken.encode("utf-8").replace(b"\n", b" ") + b"\n"
            data += lines_of([event(broken, 3, "conflict " + broken), event(broken, 9, "behind a gap " + broken)])
            data += lines_of([event("other", 1, broken, aggregate_name=broken)])
        with open(os.path.join(hour, name), "wb") as f:
            f.write(data)


def hostile_golden(folder, source):
    """A golden of it in which no line fits, and some lines are of nobody."""
    expect_status(refold("bless", "-a", CASE, "-g", folder, source), 0, "bless")
    path = os.path.join(folder, "case.ndjson")
    lines = read_golden(path)
    expect(sorted(lines), sorted(HOSTILE), "ids of the golden")
    for number, line in enumerate(lines.values()):
        line["state"]["lastType"] = HOSTILE[number] + "!"
        line["state"][HOSTILE[number]] = {HOSTILE[number]: [HOSTILE[number]]}
        line["state"]["counts"].pop(HOSTILE[(number + 1) % len(HOSTILE)], None)
    for identity in HOSTILE:
        missing = identity + "\x1b missing"
        lines[missing] = {"id": missing, "state": {}, "version": 1,
                          "rejected": {"message": identity, "type": identity, "version": 2}}
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        for identity in sorted(lines, key=lambda i: i.encode("utf-8")):
            f.write(canonical(lines[identity]) + "\n")

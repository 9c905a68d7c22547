# SPDX-License-Identifier: MIT
"""Manual pages and help against the tables, the contract, the schema and the header: nothing is left out."""

import functools
import glob
import json
import os
import re
import subprocess

import contract_test
from support import BUILD, ROOT, Scratch, expect, expect_status, refold, write_bytes
from tables import option_table, options_of, verbs

MAN = os.path.join(BUILD, "man")
PAGES = sorted(glob.glob(os.path.join(MAN, "*")))


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


@functools.lru_cache(maxsize=None)
def rendered(page):
    """What man shows of a page, and what it warns of."""
    env = dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="200", MAN_KEEP_FORMATTING="")
    done = subprocess.run(["man", "--warnings", "-l", os.path.join(MAN, page)], env=env, check=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout.decode(), done.stderr.decode()


def section(text, title):
    """One section of a rendered page."""
    return re.split(r"\n(?=\S)", text.split("\n%s\n" % title)[1])[0]


def example(page, mark):
    """The first example of a page's source that holds a mark."""
    for text in re.findall(r"^\.EX\n(.*?)^\.EE$", read("harness", "man", page), re.M | re.S):
        if mark in text:
            return text.replace("\\-", "-").replace("\\e", "\\")
    raise AssertionError("%s has no example with %s" % (page, mark))


def test_every_option_is_in_the_help_of_a_verb():
    table = option_table()
    assert len(table) >= 24, sorted(table)
    shown = {name for verb in verbs() for name in options_of(verb)}
    expect(sorted(set(table) ^ shown), [], "options of the table and of help")


def test_every_verb_has_a_manual_page_with_its_options():
    pages = {os.path.basename(p) for p in PAGES}
    expect({"refold-%s.1" % verb for verb in verbs()} | {"refold.1", "refold.json.5", "refold-aggregate.3"}, pages, "pages")
    table = option_table()
    for verb in verbs():
        text = section(rendered("refold-%s.1" % verb)[0], "OPTIONS")
        # man puts what is said of so short an option one blank behind it, as if it were an argument.
        text = re.sub(r"^( +--[a-z-]{4}) (?=[a-z])", r"\1  ", text, flags=re.M)
        shown = dict(re.findall(r"^ +(?:-., )?--([a-z-]+)(?:(?: |(?=\[=))(\S+(?: \S+)*))?(?:  .*)?$", text, re.M))
        expect(sorted(shown), sorted(options_of(verb)), "options in the page of " + verb)
        for name, argument in shown.items():
            expect(argument or None, table[name][1], "argument of --%s in the page of %s" % (name, verb))
        help_text = refold("help", verb).stdout.decode().partition("\nFormats of reports\n")[2]
        formats = re.findall(r"^  ([a-z]+) ", help_text, re.M)
        expect("text" in formats, "report" in shown, "formats of reports in the help of " + verb)
        listed = re.findall(r"^       ([a-z]+)\b", text.partition("Formats of reports")[2], re.M)
        expect(listed, formats, "formats of reports in the page of " + verb)



def test_every_verb_is_where_people_look():
    commands = contract_test.section("Commands")
    overview = section(rendered("refold.1")[0], "VERBS")
    for verb in verbs():
        assert re.search(r"^    refold %s\b" % verb, commands, re.M), "contract.md does not list " + verb
        assert "refold-%s(1)" % verb in overview, "refold(1) does not list " + verb
        for page in PAGES:
            name = os.path.basename(page)
            if name != "refold-%s.1" % verb:
                assert "refold-%s(1)" % verb in section(rendered(name)[0], "SEE ALSO"), "%s: %s" % (name, verb)


def test_the_exit_statuses_are_the_contracts_words():
    rows = contract_test.table(contract_test.section("Exit status"))
    text = " ".join(section(rendered("refold.1")[0], "EXIT STATUS").split())
    for code, meaning in rows:
        assert " ".join([code, meaning + "."]) in text, "refold(1) has not: %s %s" % (code, meaning)
    overview = refold("help").stdout.decode().split("\nExit status\n")[1].split("\n\n")[0]
    expect(re.findall(r"^  (\d+) ", overview, re.M), [code for code, _ in rows if "," not in code], "codes in help")


def test_manual_pages_have_no_faults():
    assert PAGES
    for page in PAGES:
        text, warnings = rendered(os.path.basename(page))
        expect(warnings, "", os.path.basename(page) + ": warnings of man")
        assert len(text) > 500, text
        lint = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], stdout=subprocess.PIPE, check=False)
        faults = [row for row in lint.stdout.decode().splitlines() if "missing date" not in row]
        expect(faults, [], os.path.basename(page) + ": mandoc")


def keys_of(schema):
    """All names of members that a schema describes."""
    found = set()
    if isinstance(schema, dict):
        found |= set(schema.get("properties", {}))
        for value in schema.values():
            found |= keys_of(value)
    elif isinstance(schema, list):
        for value in schema:
            found |= keys_of(value)
    return found


def test_every_key_of_the_config_is_in_its_page():
    keys = keys_of(json.loads(read("reports", "schema", "refold.schema.json")))
    assert {"source", "plugin", "reason", "timeout", "eid"} <= keys, sorted(keys)
    page = section(rendered("refold.json.5")[0], "KEYS")
    missing = [key for key in sorted(keys) if not re.search(r"(?m)^ +(\w+, )*%s(,| |$)" % re.escape(key), page)]
    expect(missing, [], "keys that refold.json(5) does not explain")


def test_the_configs_example_is_one():
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "refold.json"), example("refold.json.5.in", "source").encode())
        os.mkdir(os.path.join(scratch, "history"))
        result = refold("run", cwd=scratch)
        expect_status(result, 2, "refold.json(5)'s example")
        assert "order.so: cannot be opened" in result.stderr, result.stderr


def test_everything_of_the_header_is_in_its_page():
    header = read("harness", "include", "refold", "aggregate.h")
    names = set(re.findall(r"^(refold_[a-z_]+)\(", header, re.M))
    names |= set(re.findall(r"^} (refold_[a-z_]+);", header, re.M))
    names |= set(re.findall(r"^#define (REFOLD_[A-Z0-9_]+)", header, re.M))
    names -= {name for name in names if name.endswith("_")}  # the header's own
    names -= {"REFOLD_AGGREGATE_H", "REFOLD_EXPORT", "REFOLD_REJECTED"}  # used by the macros and refold_reject
    names |= set(re.findall(r"\(\*([a-z_0-9]+)\)\(", header.split("typedef struct refold_aggregate {")[1]))
    assert len(names) > 50, sorted(names)
    page = rendered("refold-aggregate.3")[0]
    expect([name for name in sorted(names) if not re.search(r"\b%s\b" % name, page)], [], "names without a word")


def test_the_pages_aggregate_is_one():
    records = [{"t": "Added", "d": {"ID": "c", "Version": 1, "At": "2026-07-01T00:00:00Z", "By": 3, "User": "x"}},
               {"t": "Reset", "d": {"ID": "c", "Version": 2, "At": "2026-07-01T00:00:00Z"}},
               {"t": "Added", "d": {"ID": "c", "Version": 3, "At": "2026-07-01T00:00:00Z", "By": 4}}]
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "counter.c"), example("refold-aggregate.3.in", "REFOLD_AGGREGATE").encode())
        write_bytes(os.path.join(scratch, "events"), json.dumps(records).encode())
        expect_status(refold("bless", "-a", "counter.c", "events", cwd=scratch), 0, "bless")
        with open(os.path.join(scratch, "golden", "counter.ndjson"), encoding="utf-8") as f:
            expect(json.loads(f.read())["state"], {"total": 4, "lastBy": "x"}, "state")


def test_every_variable_that_refold_hears_is_in_its_page():
    heard = set()
    for path in glob.glob(os.path.join(ROOT, "harness", "*", "*.c")) + glob.glob(os.path.join(ROOT, "reports", "*.c")):
        with open(path, encoding="utf-8") as f:
            heard |= set(re.findall(r'(?:getenv|is_set|rf_aws_variable(?:_true)?)\("([A-Z0-9_]+)"\)', f.read()))
    assert {"CI", "NO_COLOR", "TMPDIR", "AWS_REGION"} <= heard, sorted(heard)
    page = section(rendered("refold.1")[0], "ENVIRONMENT")
    expect([name for name in sorted(heard) if not re.search(r"\b%s\b" % name, page)], [], "variables")

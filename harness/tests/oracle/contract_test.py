# SPDX-License-Identifier: MIT
"""The contract's tables against the program: what users can rely on is what there is."""

import json
import os
import re
import subprocess

from support import FIXTURES, ROOT, Scratch, aggregate, expect, expect_status, refold, run_json

CONTRACT = os.path.join(ROOT, "harness", "docs", "contract.md")


def contract():
    with open(CONTRACT, encoding="utf-8") as f:
        return f.read()


def section(title):
    """The text of one section of the contract."""
    return contract().split("\n## %s\n" % title)[1].split("\n## ")[0]


def table(text):
    """Rows of the first table in a text, without its head."""
    rows = re.findall(r"^\| (.*) \|$", text, re.M)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)] for row in rows[2:]]


def test_every_option_is_the_contracts():
    tables = section("Commands") + section("One id: `refold show ID`")
    known = set(re.findall(r"--[a-z][a-z-]*", tables)) | {"--help", "--version", "--ci"}
    known |= {"--quiet", "--verbose"}  # written -q and -v there
    for verb, least in (("run", 16), ("bless", 16), ("compare", 16), ("show", 16), ("types", 16), ("ls", 10), ("cat", 14), ("doctor", 12), ("scenario", 8),
                        ("new", 4)):
        text = refold(verb, "--help").stdout.decode()
        shown = set(re.findall(r"--[a-z][a-z-]*", text))
        assert len(shown) >= least, shown
        expect(sorted(shown - known), [], "options of %s that the contract does not have" % verb)


def test_every_verb_of_the_contract_is_there_and_no_other():
    told = re.findall(r"^    refold ([a-z-]+) ", section("Commands"), re.M)
    overview = refold("help").stdout.decode().split("\nVerbs\n")[1].split("\n\n")[0]
    expect(sorted(told), sorted(re.findall(r"^  ([a-z-]+) ", overview, re.M)), "verbs: contract, help")
    later = re.findall(r"^    refold ([a-z-]+) ", section("Not yet"), re.M)
    assert later, "the contract has no verb that is not there: this test has nothing to hold"
    for verb in later:
        expect_status(refold(verb), 2, "refold %s, which is not there yet" % verb)


def test_every_report_of_the_contract_is_there_and_no_other():
    row = [meaning for option, meaning in table(section("Commands")) if "--report " in option]
    told = re.findall(r"`([a-z]+)`", row[0].split(";")[0])
    formats = refold("run", "--help").stdout.decode().split("\nFormats of reports\n")[1].split("\n\n")[0]
    expect(sorted(told), sorted(re.findall(r"^  ([a-z]+) ", formats, re.M)), "reports: contract, help")


def test_exit_statuses_are_the_same_everywhere():
    rows = {code: meaning for code, meaning in table(section("Exit status"))}
    expect(sorted(rows), ["0", "1", "129, 130, 141, 143", "2", "3", "4", "5", "70"], "codes")
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        readme = f.read().split("\n## Exit status\n")[1].split("\n## ")[0]
    expect(sorted(code for code, _ in table(readme)), sorted(rows), "codes of the README")


def test_the_sums_of_the_contract_are_in_the_report_and_add_up():
    terms = re.findall(r"[a-z]+", " ".join(re.findall(r"^    (?:objects|records|events) .*$", section("The sums"), re.M)))
    result = run_json("--no-compare", "-a", aggregate("file"), os.path.join(FIXTURES, "git-zlib-ng", "events"))
    expect_status(result, 0, "git-zlib-ng")
    history = result.report["history"]
    expect(sorted(t for t in set(terms) if t not in history), [], "terms that the report lacks")
    for line in re.findall(r"^    ((?:objects|records|events) .*)$", section("The sums"), re.M):
        left, right = line.split("=")
        expect(sum(history[t] for t in re.findall("[a-z]+", left)), sum(history[t] for t in re.findall("[a-z]+", right)), line)
    assert history["events"] == 9750 and history["duplicates"] == 191, history


def test_the_report_has_the_members_of_the_contract():
    shape = section("JSON report (`--report json`)")
    result = run_json("--no-compare", "-a", aggregate("file"), os.path.join(FIXTURES, "git-jansson", "events"))
    report = result.report
    wanted = re.findall(r'^      "([a-z_]+)":|^    \{ "([a-z_]+)":|, "(verdict|exit|changed|damaged)":', shape, re.M)
    names = sorted({n for match in wanted for n in match if n})
    assert len(names) >= 10, names
    expect([n for n in names if n not in report], [], "members that the report lacks")
    tally = re.search(r'"aggregates": \[ \{(.*?)\} \]', shape, re.S).group(1)
    expect([n for n in re.findall(r'"([a-z_]+)"', tally) if n not in report["aggregates"][0]], [], "of a tally")


def test_effects_of_the_order_table():
    """One event of each type, by the table; the state is computed from the table's words."""
    rows = {re.sub("`", "", kind): effect for kind, _, effect in table(section("Aggregates that ship"))}
    expect(len(rows), 8, "rows")
    for kind, effect in rows.items():
        with Scratch() as scratch:
            path = os.path.join(scratch, "events.json")
            with open(path, "w", encoding="utf-8") as f:
                f.write(json.dumps({"t": kind, "d": {"ID": "1", "Version": 1, "At": "2020-01-01T00:00:00Z", "Qty": 3,
                                                     "PriceCents": 5, "AmountCents": 4}}))
            expect_status(refold("bless", "-a", aggregate("order"), "-g", scratch, path), 0, kind)
            with open(os.path.join(scratch, "order.ndjson"), encoding="utf-8") as f:
                state = json.loads(f.read())["state"]
        status = re.search(r"status `([a-z]+)`", effect)
        expect(state.get("status"), status.group(1) if status else None, kind + ": status")
        expect(state["items"], 1 if "items + 1" in effect else 0, kind + ": items")
        cents = 15 if "Qty × PriceCents" in effect else -4 if "− AmountCents" in effect else 0
        expect(state["totalCents"], cents, kind + ": totalCents")
        expect("createdAt" in state, "createdAt = at" in effect, kind + ": createdAt")
        expect(state["updatedAt"], "2020-01-01T00:00:00Z", kind + ": updatedAt")


def test_the_scenario_of_the_contract_holds_and_has_every_word():
    """The example as it stands there; and every line of the table is one that is read."""
    text = section("Scenarios")
    example = "\n".join(line[4:] for line in text.split("\n| line |")[0].split("\n") if line.startswith("    "))
    words = {row[0].strip("`").split(" ")[0] for row in table(text)[:10]}
    expect(words, {"aggregate", "scenario:", "id", "given", "when", "then", "state"}, "words of the table")
    with Scratch() as scratch:
        path = os.path.join(scratch, "contract.scenario")
        with open(path, "w", encoding="utf-8") as f:
            f.write(example)
        expect([w for w in sorted(words) if not re.search("^" + w, example, re.M)], [], "words that the example lacks")
        result = refold("scenario", "-q", "-a", aggregate("order"), path)
    expect_status(result, 0, example)
    expect(result.stdout.decode(), "holds: 1 scenario, 3 lines checked (exit 0)\n", "the example")


def test_the_table_of_jsontestsuite_is_up_to_date():
    done = subprocess.run([os.path.join(ROOT, "scripts", "jsontestsuite-table"), "--check"], check=False)
    expect(done.returncode, 0, "harness/docs/jsontestsuite.md; scripts/jsontestsuite-table writes it")

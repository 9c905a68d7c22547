# SPDX-License-Identifier: MIT
"""The reports for CI, read by programs that are no part of refold: xmllint and junitparser, prove, cmark-gfm
(GitHub's own Markdown), and a runner's way of reading workflow commands."""

import html.parser
import json
import os
import re
import signal
import subprocess
import time
import unicodedata
import xml.etree.ElementTree

from hostile import CASE, HIDDEN, HOSTILE, event, hostile_golden, write_hostile
from support import (
    aggregate, canonical, cases, expect, expect_status, fault, FIXTURES, lines_of, objects, part_of, plugin, read_bytes,
    read_golden, REFOLD, refold, ROOT, sampled, Scratch, slow, with_package, write_bytes, write_golden)

FORMATS = ("json", "junit", "tap", "markdown", "github")
BEFORE = b"a line of another program, without an end"


def reports_of(scratch, *arguments):
    """One call; what it wrote in each format, and to the step's summary, which is not empty before."""
    files = {form: os.path.join(scratch, "report." + form) for form in FORMATS}
    files["summary"] = os.path.join(scratch, "summary.md")
    write_bytes(files["summary"], BEFORE)
    outputs = [word for form in FORMATS for word in ("-r", "%s=%s" % (form, files[form]))]
    result = refold(*arguments, *outputs, env={"GITHUB_STEP_SUMMARY": files["summary"]})
    return result, {form: read_bytes(path) for form, path in files.items()}


def shown(text):
    """What a person sees of a name: the rules of escaping, by the Unicode data of this program."""
    found = []
    for at, character in enumerate(text):
        code = ord(character)
        short = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}.get(character)
        if short:
            found.append(short)
        elif code < 0x20 or code == 0x7f or re.match(r"##(\[|[A-Za-z])", text[at - 1:] if at else ""):
            found.append("\\x%02X" % code)
        elif unicodedata.category(character) in HIDDEN or code & 0xfffe == 0xfffe or code == 0x3164:
            found.append("\\u{%04X}" % code)
        else:
            found.append(character)
    name = "".join(found)
    return "'%s'" % name.replace("'", "\\'") if name[:1] == " " or name[-1:] == " " else name


# ---- JUnit -----------------------------------------------------------------------------------------

JUNITPARSER = """
import io, json, sys
import junitparser
suites = junitparser.JUnitXml.fromroot(junitparser.junitparser.etree.parse(io.BytesIO(sys.stdin.buffer.read())).getroot())
print(json.dumps([suites.tests, suites.failures, suites.errors, suites.skipped, [
    [suite.name, suite.tests, suite.failures, suite.errors, suite.skipped,
     [[case.classname, case.name, [type(result).__name__ for result in case.result]] for case in suite]]
    for suite in suites]]))
"""


def xmllint(data):
    done = subprocess.run(["xmllint", "--noout", "--schema", os.path.join(ROOT, "reports", "schema", "junit.xsd"), "-"],
                          input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stderr.decode("utf-8", "replace")[-1000:]


def check_junit(data, report, what):
    expect(xmllint(data), (0, "- validates\n"), what + ": xmllint")
    root = xml.etree.ElementTree.fromstring(data)
    cases = [case for suite in root for case in suite.findall("testcase")]
    kinds = {kind: sum(case.find(kind) is not None for case in cases) for kind in ("failure", "error", "skipped")}
    expect({k: int(root.get(k)) for k in ("tests", "failures", "errors", "skipped")},
           {"tests": len(cases), "failures": kinds["failure"], "errors": kinds["error"], "skipped": kinds["skipped"]},
           what + ": counts")
    expect(kinds["failure"] + kinds["error"] > 0, report["exit"] != 0, what + ": red")
    names = [(case.get("classname"), case.get("name")) for case in cases]
    expect(len(set(names)), len(names), what + ": names")
    # Another reader counts the same.
    read = json.loads(with_package("junitparser", JUNITPARSER, data))
    expect(read[:4], [int(root.get(k)) for k in ("tests", "failures", "errors", "skipped")], what + ": junitparser")
    expect([tuple(case[:2]) for suite in read[4] for case in suite[5]], names, what + ": junitparser's names")
    for suite in read[4]:
        results = [result for case in suite[5] for result in case[2]]
        expect(suite[1:5], [len(suite[5])] + [results.count(kind) for kind in ("Failure", "Error", "Skipped")],
               what + ": junitparser's suite")
    check_junit_findings(root, report, what)


def check_junit_findings(root, report, what):
    """Every listed difference and damage has its case. What a dry run would accept is no failure."""
    proposes = report.get("blessed", {}).get("dry_run", False)
    red = {}
    for suite in root:
        for case in suite.findall("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                red.setdefault(case.get("classname"), []).append(re.sub(r" \(\d+\)$", "", case.get("name")))
    wanted = {}
    for difference in report["differences"]:
        if proposes and difference["kind"] not in ("crashed", "hung", "impure"):
            continue
        wanted.setdefault("refold." + shown(difference["aggregate"]), []).append(shown(difference["id"]))
    damages = [d for d in report["damage"] if not d.get("waived")]
    expect(len(red.pop("refold-damage", [])), len(damages), what + ": damage")
    expect(report["verb"] + " is whole" in red.pop("refold", []), report["exit"] not in (0, 1), what + ": the run itself")
    without = re.compile(r" \(\d+\)$")  # a hostile id may end as a number of ours does
    expect({k: sorted(v) for k, v in red.items()},
           {k: sorted(without.sub("", name) for name in v) for k, v in wanted.items()}, what + ": differences")


# ---- TAP -------------------------------------------------------------------------------------------

YAML = """
import json, sys
import yaml
print(json.dumps([yaml.safe_load(text) for text in json.load(sys.stdin)]))
"""


def check_tap(scratch, data, report, what):
    path = os.path.join(scratch, "report.tap")
    write_bytes(path, data)
    done = subprocess.run(["prove", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    said = done.stdout.decode("utf-8", "replace")
    expect(done.returncode == 0, report["exit"] == 0, what + ": prove\n" + said)
    text = data.decode("utf-8")
    points = re.findall(r"^(not )?ok (\d+) - (.*)$", text, re.M)
    expect([int(number) for _, number, _ in points], list(range(1, len(points) + 1)), what + ": numbers")
    expect(re.search(r"^1\.\.(\d+)$", text, re.M).group(1), str(len(points)), what + ": plan")
    if "\nBail out! " not in text:
        expect("Parse errors" in said, False, what + ": prove\n" + said)
        failed = sum(bad != "" for bad, _, _ in points)
        expect(re.search(r"Tests: (\d+) Failed: (\d+)\)", said).groups() if failed else None,
               (str(len(points)), str(failed)) if failed else None, what + ": prove's counts\n" + said)
    expect("\nBail out! " in text, report.get("error") is not None and report["exit"] != 5, what + ": bails out")
    expect(len(re.findall("^# warning: ", text, re.M)), len(report["warnings"]), what + ": warnings")
    # A directive is one of ours: of another '#' a '\' stands in front.
    for _, number, description in points:
        marks = re.findall(r"(?<!\\)(?:\\\\)*#(.*)", description)
        expect([m for m in marks if not re.match(" SKIP (no part|waived|the golden|not listed)", m)], [],
               "%s: point %s" % (what, number))
    blocks = re.findall(r"^  ---\n((?:  .*\n)*?)  \.\.\.$", text, re.M)
    read = json.loads(with_package("yaml", YAML, json.dumps(blocks).encode()))
    expect(len(read), text.count("\n  ---\n"), what + ": blocks")
    found = {block["at"]["id"] for block in read if isinstance(block.get("at"), dict)}
    samples = {shown_as_value(c["samples"][0]) for c in report["clusters"]}
    expect(sorted(found - {shown_as_value(d["id"]) for d in report["differences"]}), [], what + ": ids")
    expect(sorted(samples - found), [], what + ": samples")
    for block in read:
        expect(set(block) - {"severity", "message", "at", "reason", "path", "expect", "got", "data", "samples"}, set(), what)


def shown_as_value(identity):
    """As shown(), but without quotes, and cut."""
    name = shown("." + identity + ".")[1:-1]
    return name if len(identity) < 100 else name[:240] + "\u2026"


# ---- Markdown --------------------------------------------------------------------------------------


class Page(html.parser.HTMLParser):
    """What GitHub's Markdown makes of it: elements, text in code, text elsewhere."""

    def __init__(self, data):
        super().__init__(convert_charrefs=True)
        self.tags, self.open, self.code, self.plain = [], [], [], []
        self.feed(data)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in ("br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        expect(self.open.pop() if self.open else None, tag, "elements are nested")

    def handle_data(self, data):
        (self.code if "code" in self.open else self.plain).append(data)

    def handle_comment(self, data):
        self.tags.append("a comment")

    def handle_decl(self, decl):
        self.tags.append("a declaration")


def check_markdown(data, report, what):
    expect(len(data) <= 60000, True, "%s: %d bytes" % (what, len(data)))
    done = subprocess.run(["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e",
                           "tasklist"], input=data, stdout=subprocess.PIPE, check=True)
    page = Page(done.stdout.decode("utf-8"))
    expect(page.open, [], what + ": elements are closed")
    expect(sorted(set(page.tags) - {"h2", "h3", "p", "strong", "ul", "li", "code", "pre", "table", "thead", "tbody", "tr",
                                    "th", "td", "details", "summary"}), [], what + ": elements")
    # Outside of code there are refold's own words: no mention, no reference, no command, nothing of the history.
    plain = "".join(page.plain)
    expect(re.findall(r"[^A-Za-z0-9 \n.,:;()>'-]", plain), [], what + ": " + plain)
    expect(re.findall(r"::|www|octo|example\.|GH-", plain), [], what + ": " + plain)
    expect(plain.count("refold "), 1, what)
    lines = data.decode("utf-8").split("\n")
    expect(lines[0].startswith("## refold "), True, what)
    expect(lines[2].startswith("**" + report["verdict"]) or report["verb"] == "bless", True, what + ": " + lines[2])
    exits = re.findall(r"\(exit (\d+)\)\*\*$", lines[2])
    expect(exits, [str(report["exit"])] if report["exit"] else [], what + ": exit")
    if report["clusters"]:
        expect(lines[4], "### What differs", what + ": clusters come first")
        expect(plain.count("differs"), 1, what)
    rows = re.findall(r"<tr>(.*?)</tr>", done.stdout.decode("utf-8"), re.S)
    expect(len({len(re.findall("<t[hd]", row)) for row in rows}) <= 1, True, what + ": rows of the table")
    # Each cluster's first sample is told, in code.
    code = "\n".join(page.code)
    for cluster in report["clusters"][:20]:
        name = shown_as_value(cluster["samples"][0])[:100].replace("'", "\\'")
        expect(name in code.replace("\\'", "'").replace("'", "\\'"), True, "%s: %r in\n%s" % (what, name, code))


# ---- GitHub ----------------------------------------------------------------------------------------


def read_command(line):
    """As a runner reads a line of a step's log: command, properties, message; None where it is no command."""
    if not line.lstrip().startswith("::"):
        return None
    line = line.lstrip()
    end = line.find("::", 2)
    if end < 0:
        return None
    command, _, properties = line[2:end].partition(" ")
    values = {}
    for pair in properties.split(","):
        key, _, value = pair.strip().partition("=")
        for escaped, byte in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            value = value.replace(escaped, byte)
        values[key] = value
    message = line[end + 2:]
    for escaped, byte in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        message = message.replace(escaped, byte)
    return command, values, message


def check_github(data, report, what):
    lines = data.decode("utf-8").split("\n")
    expect(lines.pop(), "", what + ": last line")
    commands = [read_command(line) for line in lines]
    expect([line for line, command in zip(lines, commands) if command is None], [], what + ": lines")
    kinds = [command for command, _, _ in commands]
    expect(set(kinds) - {"error", "warning", "notice"}, set(), what + ": commands")
    expect([k for k in set(kinds) if kinds.count(k) > 10], [], what + ": at most ten of a kind")
    expect("error" in kinds, report["exit"] != 0, what + ": an error")
    for _, values, message in commands:
        expect(list(values), ["title"], what + ": properties")
        bad = [c for c in message + values["title"] if c != "\n" and unicodedata.category(c) in HIDDEN]
        expect(bad, [], what + ": characters")
        expect("\n" in values["title"], False, what)
    for cluster, (_, _, message) in zip(report["clusters"][:8], commands[1:]):
        expect(message.startswith("{:,} ".format(cluster["count"])), True, what + ": clusters come behind the verdict")
        name = shown_as_value(cluster["samples"][0])[:100].replace("'", "\\'")
        expect(name in message.replace("\\'", "'").replace("'", "\\'"), True, "%s: %r in %s" % (what, name, message))


def check_all(scratch, result, written, what):
    report = json.loads(written["json"])
    expect(report["exit"], result.status, what + ": exit")
    check_junit(written["junit"], report, what + ", junit")
    check_tap(scratch, written["tap"], report, what + ", tap")
    check_markdown(written["markdown"], report, what + ", markdown")
    check_github(written["github"], report, what + ", github")
    expect(written["summary"], BEFORE + b"\n" + written["markdown"], what + ": summary")
    return report


# ---- tests -----------------------------------------------------------------------------------------


@sampled
@fault(9)
def test_every_format_of_hostile_histories():
    with Scratch() as scratch:
        clean, damaged, golden, fresh = (os.path.join(scratch, n) for n in ("clean", "damaged", "golden", "fresh"))
        write_hostile(clean, damaged=False)
        write_hostile(damaged, damaged=True)
        hostile_golden(golden, clean)
        arguments = {
            "bless": ("bless", "-a", CASE, "-g", fresh, clean),
            "green": ("run", "-a", CASE, "-g", fresh, clean),
            "red": ("run", "-a", CASE, "-g", golden, clean),
            "dry run": ("bless", "--dry-run", "-a", CASE, "-g", golden, clean),
            "unblessed": ("run", "-a", CASE, "-g", golden, "--require-golden", clean),
            "damaged": ("run", "-a", CASE, "-g", golden, damaged),
            "not blessed": ("bless", "-a", CASE, "-g", golden, damaged),
            "not compared": ("run", "-a", CASE, "--no-compare", clean),
            "nothing": ("run", "-a", CASE, "-g", golden, "--id", "nobody", clean),
            "no plugin": ("run", "-a", "no such ]]> # \x1b[31m `@x` %0A::error::x", clean),
            "no source": ("run", "-a", CASE, "-g", golden, os.path.join(scratch, "no such \n::error::x")),
        }
        reports = {}
        for what, words in arguments.items():
            result, written = reports_of(scratch, *words)
            reports[what] = check_all(scratch, result, written, what)
        # Alone, so that every format shows it.
        alone = part_of(("%0A::error::x", "a,b:c", "@octocat and @octo/team", "``` `````", "x # SKIP y", " x"), 2)
        for identity in alone:
            result, written = reports_of(scratch, "run", "-a", CASE, "-g", golden, "--id", identity, clean)
            report = check_all(scratch, result, written, identity)
            expect([d["id"] for d in report["differences"]], [identity], "the one that differs")
    expect({what: report["exit"] for what, report in reports.items()},
           {"bless": 0, "green": 0, "red": 1, "dry run": 0, "unblessed": 1, "damaged": 3, "not blessed": 3, "not compared": 0,
            "nothing": 2, "no plugin": 2, "no source": 2}, "exit statuses")
    expect(len(reports["red"]["differences"]), 2 * len(HOSTILE), "differences")
    assert len(reports["damaged"]["damage"]) > 50
    cases(9, 4 * (len(HOSTILE) * 5 + len(alone)))  # each text in five reports of four formats, and six alone


def crash_history(folder):
    """Instances that crash or hang, as their ids say (crasher.c)."""
    values = [event(identity, v, "Added", aggregate_name="crasher") for identity in ("segv-1", "abort-1", "plain-1")
              for v in (1, 2)]
    write_bytes(os.path.join(folder, "2020/01/01/00/x.json"), lines_of(values))


def test_no_format_is_green_where_the_exit_status_is_not():
    source, order = os.path.join(FIXTURES, "talk-orders", "events"), aggregate("order")
    with Scratch() as scratch:
        golden, crashes = os.path.join(scratch, "golden"), os.path.join(scratch, "crashes")
        expect_status(refold("bless", "-q", "-a", order, "-g", golden, source), 0, "bless")
        crash_history(crashes)
        crash_golden = os.path.join(scratch, "crash-golden")
        write_golden(crash_golden, "crasher", {i: (2, {}) for i in ("segv-1", "abort-1")})
        arguments = {
            "green": ("run", "-a", order, "-g", golden, source),
            "crashed": ("run", "-a", plugin("crasher"), "-g", crash_golden, crashes),
            "crashed bless": ("bless", "-a", plugin("crasher"), "-g", os.path.join(scratch, "new"), crashes),
            "crashed dry run": ("bless", "--dry-run", "-a", plugin("crasher"), "-g", crash_golden, crashes),
            "as of": ("run", "-a", order, "-g", golden, "--as-of", "2017-06-24T00:00:00Z", source),
            "unwritten": ("run", "-a", order, "-g", golden, "-r", "text=no/such/folder", source),
            "golden unwritten": ("bless", "-a", order, "-g", "/proc/refold/golden", source),
            "no golden": ("run", "-a", order, "-g", os.path.join(scratch, "none"), source),
            "unreadable": ("run", "-a", order, "-g", golden, source, os.path.join(scratch, "unreadable")),
        }
        os.makedirs(os.path.join(scratch, "unreadable", "2020", "01", "01", "00"))
        os.symlink("/proc/self/mem", os.path.join(scratch, "unreadable", "2020", "01", "01", "00", "x.json"))
        statuses = {}
        for what, words in arguments.items():
            result, written = reports_of(scratch, *words)
            statuses[what] = check_all(scratch, result, written, what)["exit"]
    expect(statuses, {"green": 0, "crashed": 1, "crashed bless": 1, "crashed dry run": 1, "as of": 0, "unwritten": 5, "golden unwritten": 5,
                      "no golden": 2, "unreadable": 4}, "exit statuses")


def test_no_format_of_a_run_that_was_interrupted_is_green():
    with Scratch() as scratch:
        source, golden = os.path.join(scratch, "events"), os.path.join(scratch, "golden")
        write_bytes(os.path.join(source, "2020/01/01/00/x.json"),
                    lines_of([event("hang-1", v, "Added", aggregate_name="crasher") for v in (1, 2)]))
        write_golden(golden, "crasher", {"hang-1": (1, {})})
        words = ["run", "-a", plugin("crasher"), "-g", golden, "--timeout", "60", source]
        files = {form: os.path.join(scratch, "report." + form) for form in FORMATS}
        words += [word for form in FORMATS for word in ("-r", "%s=%s" % (form, files[form]))]
        with subprocess.Popen([REFOLD, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            time.sleep(1)  # its worker hangs by then
            run.send_signal(signal.SIGINT)
        written = {form: read_bytes(path) for form, path in files.items()}
        report = json.loads(written["json"])
        expect((report["exit"], report["verdict"]), (130, "interrupted"), "exit")
        check_junit(written["junit"], report, "junit")
        check_tap(scratch, written["tap"], dict(report, error="ended by a signal"), "tap")
        check_markdown(written["markdown"], report, "markdown")
        check_github(written["github"], report, "github")


def many_differences(scratch, count, clusters):
    """A history of `count` instances, each of which differs from its golden; alike in `clusters` ways."""
    source, golden = os.path.join(scratch, "events"), os.path.join(scratch, "golden")
    for part in range(10):
        values = [event("%06d %s" % (n, HOSTILE[n % len(HOSTILE)][:50]), 1, "Added")
                  for n in range(part * count // 10, (part + 1) * count // 10)]
        write_bytes(os.path.join(source, "2020/01/01/%02d/x.json" % part), lines_of(values))
    expect_status(refold("bless", "-q", "-a", CASE, "-g", golden, source), 0, "bless")
    path = os.path.join(golden, "case.ndjson")
    with open(path, encoding="utf-8", newline="\n") as f:
        lines = [json.loads(line) for line in f.read().split("\n") if line]
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        for number, line in enumerate(lines):
            line["state"]["way %d %s" % (number % clusters, HOSTILE[number % clusters % len(HOSTILE)])] = "<@x>" * 10
            f.write(canonical(line) + "\n")
    os.remove(os.path.join(golden, "case.meta.json"))
    return source, golden


def thousands(number):
    return "{:,}".format(number).encode("ascii")


def check_many(clusters):
    with Scratch() as scratch:
        source, golden = many_differences(scratch, 100000, clusters)
        result, written = reports_of(scratch, "run", "-a", CASE, "-g", golden, source)
        report = json.loads(written["json"])
        expect_status(result, 1, "run")
        expect((report["differences_total"], len(report["differences"]), len(report["clusters"])),
               (100000, 10000, clusters), "differences")
        check_markdown(written["markdown"], report, "markdown")
        expect(written["summary"], BEFORE + b"\n" + written["markdown"], "summary")
        check_github(written["github"], report, "github")
        expect(xmllint(written["junit"]), (0, "- validates\n"), "xmllint")
        read = json.loads(with_package("junitparser", JUNITPARSER, written["junit"]))
        assert read[0] < 20000, read[:4]
        check_tap(scratch, written["tap"], report if clusters <= 1000 else dict(report, clusters=[]), "tap")
    summary = written["summary"]
    head = summary[len(BEFORE) + 1:].split(b"\n")
    expect(head[0], b"## refold run: changed", "summary: the verdict leads")
    expect(head[2], b"**changed: 100,000 differences; 100,000 `cases` compared (exit 1)**", "summary: the verdict leads")
    expect(head[4], b"### What differs", "summary: the clusters follow")
    expect(head[6].startswith(b"- %s `cases` changed: " % thousands(100000 // clusters + (100000 % clusters > 0))), True,
           "summary: the clusters follow: %r" % head[6])
    assert summary.index(b"### What differs") < summary.index(b"| aggregate") < summary.index(b"<details>")
    return {form: len(data) for form, data in written.items()}


def check_sizes(sizes):
    assert sizes["summary"] < 900 * 1024 and sizes["markdown"] <= 60000, sizes
    assert sizes["junit"] < 30000000 and sizes["tap"] < 10000000 and sizes["github"] < 100000, sizes


@slow
def test_100000_differences_in_three_clusters():
    check_sizes(check_many(3))


@slow
def test_100000_differences_in_20000_clusters():
    check_sizes(check_many(20000))


def test_the_schema_of_junit_refuses_what_no_report_may_be():
    order = aggregate("order")
    source = os.path.join(FIXTURES, "talk-orders", "events")
    good = refold("run", "--no-compare", "-r", "junit", "-a", order, source).stdout.decode("utf-8")
    expect(xmllint(good.encode("utf-8"))[0], 0, "as it is")
    case = re.search(r"    <testcase classname=\"refold\" .*\n", good).group(0)
    wrong = {
        "a case twice": good.replace(case, case + case),
        "a case without a class": good.replace(' classname="refold"', "", 1),
        "a count that is none": good.replace('tests="', 'tests="x', 1),
        "a failure without a type": good.replace(case, case.replace("/>", '><failure message="x"/></testcase>')),
        "two outcomes": good.replace(case, case.replace("/>", '><skipped message="x"/><skipped message="x"/></testcase>')),
        "a text that is too long": good.replace("<system-out>", "<system-out>" + "x" * 16385),
        "a control character": good.replace("<system-out>", "<system-out>\x12"),
        "a reference to one": good.replace("<system-out>", "<system-out>&#18;"),
    }
    for what, text in wrong.items():
        expect(xmllint(text.encode("utf-8"))[0] != 0, True, what)

# SPDX-License-Identifier: MIT
"""The zoo for programs: aggregates in Go and Rust that panic, exit, hang, deadlock, take all memory, race, print where the
protocol is, and leave things running. Each is named by a sentence that tells what it was, with its id, event and place,
and all others are the same; what harms no state is told too."""

import os
import re
import shutil
import subprocess
import unittest

from support import (
    all_cases, BUILD, cases, check_sums, expect, expect_status, fault, lines_of, parallel, part_of, read_golden, refold,
    ROOT, run_json, sampled, Scratch, slow, waits, write_bytes, write_golden)
from zoo_test import EVENTS_EACH, FINE, state, write_history

AT = r", at acts\.go:\d+"
IN = AT + r" in main\."
MEMORY = r"^exceeded its memory \(96 MiB\)$"
SILENT = r"^no sign of life for 0\.5 s"
ENDED = "^exit status 2: "
DEADLOCK = ENDED + "fatal error: all goroutines are asleep - deadlock!" + AT + "$"
LEFT = r'refold: 1 goroutine was left running by beast/"%s@(apply|state)-\d+", and may change what is folded later:\n  goroutine \d+ \[%s\], in '

# What the zoo in Go does (aggregates/go/zoo): what it is, and the sentence. "same": no harm; the sentence is what was printed.
GO = {
    "panic": ("crashed", ENDED + "panic: the beast is out" + IN),
    "panic-error": ("crashed", ENDED + "panic: an error of two lines" + IN),
    "index": ("crashed", ENDED + r"panic: index out of range \[\d\] with length 2" + IN),
    "nil": ("crashed", ENDED + "panic: invalid memory address or nil pointer dereference" + IN),
    "map": ("crashed", ENDED + "panic: assignment to entry in nil map" + IN),
    "assert": ("crashed", ENDED + r"panic: interface conversion: interface \{\} is string, not int" + IN),
    "repanic": ("crashed", ENDED + "panic: the second" + IN),
    "goexit": ("crashed", ENDED + r"runtime\.Goexit: the aggregate ended the goroutine that folds" + IN),
    "gopanic": ("crashed", ENDED + "panic: in a goroutine" + AT),
    "exit0": ("crashed", "^exit status 0$"),
    "exit1": ("crashed", "^exit status 1$"),
    "stack": ("crashed", "^exceeded its memory|goroutine stack exceeds|stack overflow"),
    "fault": ("crashed", ENDED + "fatal error: fault" + AT),
    "abort": ("crashed", ENDED + "SIGABRT: abort" + AT),
    "kill": ("crashed", "^SIGKILL"),
    "stop": ("hung", SILENT + r": it was stopped \(SIGSTOP\)$"),
    "loop": ("hung", SILENT + "$"),
    "sleep": ("hung", SILENT + "$"),
    "deadlock": ("crashed", DEADLOCK),
    "channel": ("crashed", DEADLOCK),
    "hog": ("crashed", MEMORY),
    "grow": ("crashed", MEMORY),
    "stdin": ("hung", SILENT + "$"),
    "close": ("crashed", "^exit status 2$"),
    "deafen": ("crashed", ENDED + "standard input could not be read"),
    "write-3": ("crashed", '^broke the worker protocol: it wrote "to a descriptor that is not the beast'),
    "print": ("same", "^to standard output\ntwice\n"),
    "print-on": ("same", "^(to standard output, all the time\n)+"),
    "write-on": ("same", "^(to descriptor 1, all the time\n)+"),
    "leave": ("same", LEFT % ("leave", "chan receive")),
    "leave-busy": ("same", LEFT % ("leave-busy", "run[a-z]+")),
    "finish": ("same", "^$"),
}
# What is chance has no cause that refold could see.
CHANCE = r"; it differs (each time|now and then): as a rule by the clock, |; on what it depends is not known|something (else )?that is chance"
# What a beast may not look at, and what purity says that its state depends on.
LOOKS = {
    "race": CHANCE + "|; it depends on what instances folded before it left behind$",  # both is true
    "global": r"^folded twice, the states behind it differ; it depends on what instances folded before it left behind$",
    "zone": r"^folded twice, the states behind it differ; it depends on the time zone$",
    "env": r"^folded twice, the states behind it differ; it depends on the environment$",
    "clock": r"^folded twice, the states behind it differ; it differs each time: as a rule by the clock",
    "random": r"^folded twice, the states behind it differ; it differs each time: as a rule by the clock",
    "map-order": CHANCE,
    "pointer": r"^folded twice, the states behind it differ; it ",
}
PLACES = ("apply", "state")
LATE = ("deafen",)  # shows at the next frame
OPTIONS = ("--timeout", "0.5", "--aggregate-memory", "96M")


def zoo_of_go():
    path = os.path.join(BUILD, "aggregates-go", "zoo")
    if shutil.which("go") is None or not os.path.exists(path):
        raise unittest.SkipTest("there is no go, or zoo was not built (make go)")
    return path


def known_golden(folder, beasts):
    """By an addition of our own."""
    write_golden(folder, "beast", {i: (EVENTS_EACH, state(i)) for i in FINE + beasts})


def check_named(difference, identity, kind, message, place, versions):
    """With all that a reader needs to find it, and to run it alone."""
    expect((difference["aggregate"], difference["id"], difference["kind"]), ("beast", identity, kind), identity)
    if not re.search(message, difference["message"]):
        raise AssertionError("%s: %r is not %r" % (identity, difference["message"], message))
    suspect = difference["suspect"]
    expect(difference["version"] in versions, True, "%s: version %s" % (identity, difference["version"]))
    expect((suspect["version"], suspect["type"]), (difference["version"], "Added"), identity + ": event")
    expect((suspect["object"], suspect["offset"]), place[identity, difference["version"]], identity + ": place")


def printed(report):
    return "".join(conduct["printed"] for conduct in report["conduct"])


def versions_of(deed, place):
    return (2,) if place == "apply" and deed not in LATE else (EVENTS_EACH,)


def play(program, deed, place, kind, message, versions=None):
    """One beast among two thousand that are fine, held against what is known of all of them."""
    identity = "%s@%s-000" % (deed, place)
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        places = write_history(history, [identity])
        known_golden(os.path.join(scratch, "g"), [identity])
        result = run_json(*OPTIONS, "-a", program, "-g", os.path.join(scratch, "g"), history, timeout=300)
    expect_status(result, 0 if kind == "same" else 1, identity)
    report = result.report
    check_sums(report, identity)
    tally = report["aggregates"][0]
    expect((tally["instances"], tally["same"]), (len(FINE) + 1, len(FINE) + (kind == "same")), identity + ": the others")
    if kind == "same":
        expect(re.search(message, printed(report)) is not None, True, "%s: printed %r" % (identity, printed(report)[:300]))
        return
    expect((tally[kind], report["differences_total"]), (1, 1), identity + ": differences")
    check_named(report["differences"][0], identity, kind, message, places, versions or versions_of(deed, place))


@slow
@fault(31)
def test_each_beast_in_go_is_named_and_no_other_is_harmed():
    program = zoo_of_go()
    chosen = [(deed, place) for deed in GO for place in PLACES][:: 1 if all_cases() else 3]
    parallel(lambda case: play(program, *case, *GO[case[0]]), chosen)
    cases(31, len(chosen))


@waits
@fault(31)
def test_the_whole_zoo_in_go_at_once():
    program = zoo_of_go()
    # A goroutine that stays busy is the harm of all that come behind it: that is another test's.
    chosen = [(deed, place) for deed in GO for place in PLACES if deed != "leave-busy"]
    beasts = {"%s@%s-%03d" % (*case, number): GO[case[0]] for number, case in enumerate(chosen)}
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        places = write_history(history, list(beasts))
        known_golden(os.path.join(scratch, "g"), list(beasts))
        result = run_json(*OPTIONS, "-a", program, "-g", os.path.join(scratch, "g"), history, timeout=300)
    expect_status(result, 1, "the zoo")
    report = result.report
    check_sums(report, "the zoo")
    found = {difference["id"]: difference for difference in report["differences"]}
    expect(sorted(found), sorted(identity for identity, (kind, _) in beasts.items() if kind != "same"), "who is blamed")
    for identity, difference in found.items():
        deed, place = identity.split("-0")[0].split("@")
        check_named(difference, identity, *beasts[identity], places, versions_of(deed, place))
    expect(report["aggregates"][0]["same"], len(FINE) + len(beasts) - len(found), "the others")
    cases(31, len(chosen))


@sampled
@fault(31)
def test_what_depends_on_more_than_its_events_is_impure():
    program = zoo_of_go()
    beasts = part_of(("%s@%s-%03d" % (deed, place, number) for number, deed in enumerate(LOOKS) for place in PLACES), 3)
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        places = write_history(history, beasts)
        golden = os.path.join(scratch, "g")
        result = refold("bless", "-r", "json", *OPTIONS, "--purity=all", "-a", program, "-g", golden, history, timeout=300)
        blessed = read_golden(os.path.join(golden, "beast.ndjson"))
    expect_status(result, 1, "impure")
    check_sums(result.report, "impure")
    found = {difference["id"]: difference for difference in result.report["differences"]}
    expect(sorted(found), sorted(beasts), "who is blamed")
    for identity, difference in found.items():
        versions = (2,) if "@apply" in identity else (1,)  # a state is looked at behind each event
        check_named(difference, identity, "impure", LOOKS[identity.split("@")[0]], places, versions)
        expect(len(difference["message"]) <= 240, True, "reports show all of it: " + difference["message"])
    expect({i: line["state"] for i, line in blessed.items()}, {i: state(i) for i in FINE}, "what is blessed")
    cases(31, len(beasts))


def test_what_is_chance_is_told_no_cause():
    """Coins that show heads one time in four, and a race for what no one else sees: each world comes to something else now and then."""
    program = zoo_of_go()
    beasts = ["%s@%s-%03d" % (deed, place, number) for deed, count in (("coin", 6), ("tear", 2)) for place in PLACES for number in range(count)]
    with Scratch() as scratch:
        history = os.path.join(scratch, "h")
        write_history(history, beasts)
        report = run_json(*OPTIONS, "--no-compare", "--purity=all", "-a", program, history, timeout=300).report
    check_sums(report, "chance")
    found = {difference["id"]: difference for difference in report["differences"]}
    expect([identity for identity in found if identity not in beasts], [], "who is blamed")
    expect(sum(identity.startswith("coin") for identity in found) > 0, True, "coins are found")
    for identity, difference in found.items():
        expect(difference["kind"], "impure", identity)
        expect(re.search(CHANCE + "|looked for in 20 others$", difference["message"]) is not None, True, "%s: %s" % (identity, difference["message"]))


@slow
@fault(31)
def test_a_race_that_the_detector_sees_is_a_crash():
    zoo_of_go()
    with Scratch() as scratch:
        program = os.path.join(scratch, "zoo-race")
        done = subprocess.run(["go", "build", "-race", "-o", program, "./zoo"], cwd=os.path.join(ROOT, "aggregates", "go"), check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "CGO_ENABLED": "1", "GOFLAGS": "-mod=mod", "GOPROXY": "off"})
        if done.returncode != 0:
            raise unittest.SkipTest("go build -race wants cgo: " + done.stdout.decode("utf-8", "replace").split("\n")[0][:100])
        # It is told beside the protocol, at its leisure: the instance is known, the event need not be.
        play(program, "race", "apply", "crashed", r"^data race: (read|write) at acts\.go:\d+, previous (read|write) at acts\.go:\d+$", (2, 3))
        play(program, "finish", "apply", "same", "^$")
    cases(31, 2)


# ---- Rust --------------------------------------------------------------------------------------------------------

RUST = {
    "panic": ("crashed", "^exit status 101: thread 'main' panicked at .*1 events"),
    "assert": ("crashed", "^exit status 101: thread 'main' panicked at .*assertion .*failed"),
    "exit": ("crashed", "^exit status 0$"),
    "abort": ("crashed", "^SIGABRT"),
    "stack": ("crashed", "^SIGABRT.*stack overflow"),
    "loop": ("hung", SILENT),
    "hog": ("crashed", MEMORY),
    "print": ("same", "^counted 1\n"),
    "catch": ("same", "caught: true"),
    "thread": ("same", "beside"),
}


def zoo_of_rust():
    path = os.path.join(BUILD, "aggregates-rust", "zoo")
    if shutil.which("cargo") is None or not os.path.exists(path):
        raise unittest.SkipTest("there is no cargo, or zoo was not built (make rust)")
    return path


def rust_events(identity, deed):
    kinds = [("Counted", {}), ("Done", {"deed": deed}) if deed else ("Counted", {}), ("Counted", {})]
    return [{"aggregateType": "zoo", "aggregateId": identity, "version": version, "type": kind,
             "at": "2020-01-01T00:00:%02dZ" % version, "data": data} for version, (kind, data) in enumerate(kinds, 1)]


def play_in_rust(deeds):
    """All of them among five hundred that are fine; (difference by deed, report)"""
    program = zoo_of_rust()
    beasts = {"%s-000" % deed: deed for deed in deeds}
    ids = sorted(["ok-%04d" % number for number in range(500)] + list(beasts), key=lambda identity: identity[-3:])
    key = "2020/01/01/00/zoo-1-2020-01-01-00-00-00-0000"
    data, places = b"", {}
    for identity in ids:
        for event in rust_events(identity, beasts.get(identity)):
            places[identity, event["version"]] = (key, len(data))
            data += lines_of([event])
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "h", key), data)
        write_golden(os.path.join(scratch, "g"), "zoo", {i: (3, {"events": 3, "real": 0.0}) for i in ids})
        result = run_json(*OPTIONS, "-a", program, "-g", os.path.join(scratch, "g"), os.path.join(scratch, "h"), timeout=300)
    report = result.report
    check_sums(report, "the zoo in Rust")
    expect(result.status, 1 if report["differences"] else 0, "the zoo in Rust")
    expect(report["aggregates"][0]["same"], len(ids) - len(report["differences"]), "the others")
    for difference in report["differences"]:
        suspect = difference["suspect"]
        expect((difference["version"], suspect["version"], suspect["type"]), (2, 2, "Done"), difference["id"])
        expect((suspect["object"], suspect["offset"]), places[difference["id"], 2], difference["id"])
    return {beasts[difference["id"]]: difference for difference in report["differences"]}, report


@fault(31)
def test_the_whole_zoo_in_rust_at_once():
    harmful = [deed for deed, (kind, _) in RUST.items() if kind != "same"]
    found, _ = play_in_rust(harmful)
    expect(sorted(found), sorted(harmful), "who is blamed")
    for deed, difference in found.items():
        kind, message = RUST[deed]
        expect((difference["kind"], re.search(message, difference["message"]) is not None), (kind, True),
               "%s: %s" % (deed, difference["message"]))
    harmless = [deed for deed in RUST if deed not in harmful]
    found, report = play_in_rust(harmless)
    expect(found, {}, "who is blamed")
    for deed in harmless:
        expect(re.search(RUST[deed][1], printed(report), re.M) is not None, True, "%s: printed %r" % (deed, printed(report)[:2000]))
    cases(31, len(RUST))

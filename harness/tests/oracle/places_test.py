# SPDX-License-Identifier: MIT
"""Another place, another hour: time zone, locale, a clock that jumps, dates at their edges, any number of jobs and any
memory limit. The reports and goldens are the same bytes."""

import json
import os
import random
import subprocess
import sys

from inject_test import INJECT, scrub
from support import aggregate, all_cases, cases, expect, expect_status, facts_of_files, fault, lines_of, objects, parallel, \
    parse, read_bytes, REFOLD, ROOT, Scratch, write_bytes

CASE = aggregate("case")
ORDER = aggregate("order")
DATES = ["0001-01-01T00:00:00Z", "1582-10-10T12:00:00Z", "1969-12-31T23:59:59.999999999Z", "1970-01-01T00:00:00Z",
         "2015-06-30T23:59:60Z", "2026-03-29T02:30:00+01:00", "2026-10-25T02:30:00+02:00", "2038-01-19T03:14:07Z",
         "2038-01-19T03:14:08Z", "2106-02-07T06:28:16Z", "9999-12-31T23:59:59.999999999Z", "2026-01-01T00:00:00-23:59",
         "2026-01-01T00:00:00+14:00"]
PLACES = [{}, {"TZ": "UTC"}, {"TZ": "Europe/Berlin"}, {"TZ": "America/St_Johns"}, {"TZ": "Asia/Kathmandu"}, {"TZ": ":nonsense/zone"},
          {"TZ": "XXX+24:59:59YYY"}, {"TZ": "right/UTC"}, {"LC_ALL": "C"}, {"LC_ALL": "de_DE.UTF-8"}, {"LC_ALL": "tr_TR.UTF-8"},
          {"LC_ALL": "nonsense"}, {"LANG": "ar_EG.UTF-8", "LC_NUMERIC": "de_DE.UTF-8"}, {"LC_ALL": "ja_JP.EUC-JP"},
          {"LANGUAGE": "de:tr"}]


def made_of(env, folder, source, *more):
    """All that a bless, a red run and its reports make there, without its timing."""
    full = {"PATH": os.environ["PATH"], **env}
    golden = os.path.join(folder, "golden")
    found = []
    for words in (["bless", "-a", CASE, "-g", golden, "-r", "json", source],
                  ["run", "-a", CASE, "-g", golden, "-r", "json", "-r", "text=t", "-r", "junit=j", "-r", "tap=a", "-r",
                   "markdown=m", source],
                  ["show", "i0", "-a", CASE, source], ["types", "-a", CASE, source]):
        done = subprocess.run([REFOLD, *words, *(more if words[0] in ("bless", "run") else ())], cwd=folder, env=full,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        found.append((words[0], done.returncode, scrub(done.stdout), done.stderr))
    files = {name: scrub(data) for name, (data, _) in facts_of_files(folder).items()}
    subprocess.run(["rm", "-r", golden], check=False)
    return found, files


def write_dates(folder):
    values = [{"aggregateType": "case", "aggregateId": "i%d" % n, "version": v, "type": "T\u0131I\u00df", "at": at, "data": {"n": 1.5}}
              for n, at in enumerate(DATES) for v in (1, 2)]
    write_bytes(os.path.join(folder, "2026/01/01/00/x.json"), lines_of(values))


@fault(26)
def test_neither_zone_nor_locale_change_a_byte():
    with Scratch() as scratch:
        source = os.path.join(scratch, "e")
        write_dates(source)
        work = os.path.join(scratch, "work")
        os.mkdir(work)
        wanted = made_of({}, work, source)
        expect([status for _, status, _, _ in wanted[0]], [0, 0, 0, 0], "%r" % (wanted,))
        for env in PLACES[1:]:
            expect(made_of(env, work, source), wanted, str(env))
            cases(26, 1)


@fault(26)
def test_a_clock_that_jumps_changes_no_byte():
    with Scratch() as scratch:
        source = os.path.join(scratch, "e")
        write_dates(source)
        work = os.path.join(scratch, "work")
        os.mkdir(work)
        wanted = made_of({}, work, source)
        year = 365 * 86400
        for jump in ("3600:1", "-3600:1", "3600:5", "-3600:5", "-3600:20", "%d:1" % (12 * year), "%d:3" % (7900 * year),
                     "%d:2" % (-56 * year)):
            expect(made_of({"LD_PRELOAD": INJECT, "INJECT_CLOCK": jump}, work, source), wanted, "a clock that jumps " + jump)
            cases(26, 1)


@fault(27)
def test_neither_jobs_nor_memory_change_a_byte():
    """By seed: the objects in any order on the disk, any number of jobs, any limit of memory."""
    seeds = 200 if all_cases() else 12
    with Scratch() as scratch:
        made = os.path.join(scratch, "made")
        subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "make-orders"), made, "--events", "4000", "--objects", "9",
                        "--duplicates", "0.1", "--late", "0.1", "--jobs", "1"], check=True, stdout=subprocess.DEVNULL)
        source = os.path.join(made, "events")
        victim = objects(source)[4]
        write_bytes(victim, lines_of([v for n, v in enumerate(parse(read_bytes(victim))) if n % 7]))  # gaps

        def made_by(jobs, memory, verb, folder):
            done = subprocess.run([REFOLD, verb, "-a", ORDER, "-g", "golden", "-r", "json", "-j", jobs, "--memory", memory, source],
                                  cwd=folder, env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  timeout=60, check=False)
            report = json.loads(done.stdout)
            report.pop("timing")
            return done.returncode, report, done.stderr, {n: d for n, (d, _) in facts_of_files(folder).items()}

        def by_seed(seed):
            rng = random.Random(seed)
            jobs, memory = rng.choice(["1", "2", "3", "8", "64"]), rng.choice(["1", "64K", "1M", "3M", "4G"])
            folder = os.path.join(scratch, "seed-%d" % seed)
            os.mkdir(folder)
            subprocess.run(["cp", "-r", os.path.join(scratch, "golden"), os.path.join(folder, "golden")], check=True)
            found = made_by(jobs, memory, "run", folder)
            subprocess.run(["rm", "-r", folder], check=True)
            return "seed %d: -j%s --memory %s" % (seed, jobs, memory) if found != wanted else None

        config = os.path.join(scratch, "refold.json")
        write_bytes(config, b'{"policy":{"gap":"count"}}')
        expect(made_by("1", "4G", "bless", scratch)[0], 0, "bless")
        lines = read_bytes(os.path.join(scratch, "golden", "order.ndjson")).replace(b'"shipped"', b'"sent"')
        write_bytes(os.path.join(scratch, "golden", "order.ndjson"), lines)
        first = os.path.join(scratch, "first")
        os.mkdir(first)
        subprocess.run(["cp", "-r", os.path.join(scratch, "golden"), os.path.join(first, "golden")], check=True)
        wanted = made_by("1", "4G", "run", first)
        expect((wanted[0], wanted[1]["differences_total"] > 10), (1, True), "red")
        wrong = [w for w in parallel(by_seed, range(seeds)) if w]
        cases(27, seeds, seeds - len(wrong))
        expect(wrong, [], "what differs from -j1 in memory")

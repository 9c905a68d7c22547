# SPDX-License-Identifier: MIT
"""Compiled code that tries what hostile code would: it gets nothing, the report says what it tried, and all other
instances are as without it. Each try is checked to succeed where there is no sandbox, so that these tests can fail."""

import concurrent.futures
import json
import os
import platform
import resource
import subprocess

from support import ROOT, Scratch, expect, expect_status, lines_of, plugin, refold, run_json, write_bytes

MOMENTS = ("load", "init", "apply", "snapshot")
CANARY_FILE = "canary-of-a-file-7f3a"
CANARY_ENVIRONMENT = "canary-of-the-environment-91cc"
# Kind and text of what burglar.h tries, whenever it tries it.
TRIES = {
    ("open", "home/.aws/credentials"), ("open", "/etc/shadow"), ("open", "/etc/hostname"), ("open", "/proc/PID/environ"),
    ("open", "/proc/self/maps"), ("open", "home"), ("write", "golden/burglar.ndjson"), ("write", "h/planted"),
    ("change", "home"), ("change", "home/link"), ("change", "home/made"), ("change", "home/precious"),
    ("look", "home/.aws/credentials"), ("socket", "AF_INET"), ("socket", "AF_UNIX"), ("socket", "bind -1"),
    ("socket", "connect -1"), ("program", "/bin/sh"), ("process", ""), ("thread", ""), ("signal", "signal 0 to refold"),
    ("signal", "signal 15 to refold"), ("signal", "signal 9 to another process"), ("intrusion", "ptrace"),
    ("intrusion", "process_vm_readv"), ("intrusion", "pidfd_open"), ("intrusion", "prlimit64"), ("descriptor", "write 3"),
    ("descriptor", "sendto 3"), ("descriptor", "dup2 3"), ("call", "io_uring_setup"), ("call", "memfd_create"),
    ("call", "perf_event_open"), ("call", "prctl"),
}
KEY = "2026/07/01/00/orders-1-2026-07-01-00-00-00-00000000-0000-4000-8000-000000000001"


def is_held():
    """Whether this build, on this machine, holds its workers at all."""
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, KEY), events(["a"], []))
        result = run_json("--no-compare", "-a", plugin("burglar_apply"), scratch)
    return result.report["proof"]["sandbox"] == "whole"


def events(ids, burglars):
    rows = [{"t": "Added", "d": {"ID": i, "Version": 1, "At": "2026-07-01T00:00:01Z"}} for i in ids]
    rows += [{"t": "Burgle", "d": {"ID": i, "Version": 2, "At": "2026-07-01T00:00:02Z"}} for i in burglars]
    return lines_of(rows)


def furnish(folder):
    """A home with something in it, and a history."""
    write_bytes(os.path.join(folder, "home", ".aws", "credentials"), CANARY_FILE.encode())
    write_bytes(os.path.join(folder, "home", "precious"), b"still here")
    write_bytes(os.path.join(folder, "h", KEY), events(["a", "b", "c", "d"], ["b"]))


def everything_below(folder):
    found = {}
    for here, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(here, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, folder)] = f.read()
    return found


def golden_states(folder):
    with open(os.path.join(folder, "golden", "burglar.ndjson"), encoding="utf-8") as f:
        return {line["id"]: line["state"] for line in map(json.loads, f)}


def tries_of(report):
    expect([c["aggregate"] for c in report["conduct"]], ["burglar"], "who")
    return {(t["kind"], t["what"]): t["count"] for t in report["conduct"][0]["tried"]}


def bless(scratch, moment, *options, **env):
    return refold("bless", "--purity=off", "-r", "json=r.json", "-r", "text", *options, "-a", plugin("burglar_" + moment), "h",
                  cwd=scratch, env=dict({"HOME": os.path.join(scratch, "home"), "SECRET": CANARY_ENVIRONMENT}, **env))


def check_moment(moment):
    with Scratch() as scratch:
        furnish(scratch)
        before = everything_below(scratch)
        result = bless(scratch, moment, "-v")
        expect_status(result, 0, moment)
        with open(os.path.join(scratch, "r.json"), encoding="utf-8") as f:
            report = json.load(f)
        after = everything_below(scratch)
        states = golden_states(scratch)
        written = b"".join(after[n] for n in after if n not in before)
    found = tries_of(report)
    # Of a system's libraries a constructor may read, for the loader may.
    wanted = TRIES | (set() if moment == "load" else {("open", "/usr/lib/os-release")})
    expect(set(found) - {("open", "/usr/lib/os-release")}, TRIES, moment + ": what was told")
    expect(wanted <= set(found), True, moment)
    expect({n: after[n] for n in before}, before, moment + ": files that were there")
    expect(sorted(set(after) - set(before)), ["golden/burglar.meta.json", "golden/burglar.ndjson", "r.json"],
           moment + ": files that came")
    stolen = "os-release " if moment == "load" else ""
    expect(states, {"a": {"events": 1, "stolen": ""}, "b": {"events": 2, "stolen": stolen},
                    "c": {"events": 1, "stolen": ""}, "d": {"events": 1, "stolen": ""}}, moment + ": states")
    for canary in (CANARY_FILE, CANARY_ENVIRONMENT):
        for where, text in (("files", written), ("output", result.stdout), ("stderr", result.stderr_bytes)):
            expect(canary.encode() in text, False, "%s: %s in %s" % (moment, canary, where))
    text = result.stdout.decode()
    for line in ("to open a file: home/.aws/credentials", "to open a socket: AF_INET", "to start a program: /bin/sh"):
        expect(line in text, True, "%s: '%s' in\n%s" % (moment, line, text))
    expect("warning: burglar tried to open a file: /etc/hostname, and 3" in result.stderr, True, result.stderr)


def test_what_hostile_code_tries_fails_and_is_told():
    if is_held():
        for moment in MOMENTS:
            check_moment(moment)


def test_without_a_sandbox_it_succeeds():
    """Or the test above would show nothing."""
    with Scratch() as scratch:
        furnish(scratch)
        result = bless(scratch, "apply", "--sandbox=off")
        expect_status(result, 0, "off")
        stolen = golden_states(scratch)["b"]["stolen"].split()
        with open(os.path.join(scratch, "r.json"), encoding="utf-8") as f:
            report = json.load(f)
        ran = os.path.exists(os.path.join(scratch, "home", "ran"))
    expect({"credentials", "hostname", "planted", "unlink", "internet", "unix", "abstract", "send", "write", "fork", "shell",
            "system", "thread", "signal", "memfd", "stat", "folder", "data"} - set(stolen), set(), "what succeeds: %s" % stolen)
    expect(ran, True, "the shell ran")
    expect(report["proof"]["sandbox"], "off", "said")
    expect(report["conduct"][0]["tried"], [], "nothing is told of it")
    # Even so there was nothing in its environment.
    expect("environment" in stolen, False, "environment")


def test_a_scenario_is_held_too():
    if not is_held():
        return
    source = """
#include <refold/aggregate.h>
#include <fcntl.h>
#include <stdio.h>
struct s { int64_t n; };
static const refold_type types[] = {REFOLD_TYPE("Made", 1)};
static const refold_type commands[] = {REFOLD_COMMAND("Make", 1)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
static int32_t apply(void *state, const refold_event *event) { (void)event; ((struct s *)state)->n++; return 0; }
static int32_t handle(const void *state, const refold_event *command)
{
    (void)state;
    printf("%d\\n", open("/etc/shadow", O_RDONLY));
    return refold_emit(command, "Made", NULL);
}
REFOLD_AGGREGATE_COMMANDS("maker", 1, struct s, types, fields, apply, commands, handle)
"""
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "maker.c"), source.encode())
        write_bytes(os.path.join(scratch, "a.scenario"), b"scenario: x\nwhen Make\nthen Made\n")
        result = refold("scenario", "-r", "json", "-a", "maker.c", "a.scenario", cwd=scratch)
    report = result.report
    expect(report["sandbox"], "whole", result.stderr)
    expect(report["conduct"], [{"aggregate": "maker", "tried": [{"kind": "open", "what": "/etc/shadow", "count": 1}],
                                "unlisted": 0, "printed": "-1\n", "dropped_bytes": 0}], "scenario: conduct")


def test_what_the_c_library_asks_for_by_itself_is_not_told():
    """Of the time zone and of processors, as pure functions of time do. All else of that kind is told: what would be written
    or looked at, a zone that was chosen, and files that hold names and secrets."""
    if not is_held():
        return
    source = """
#define _GNU_SOURCE
#include <refold/aggregate.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>
struct s { int64_t n; };
static const refold_type types[] = {REFOLD_TYPE("Added", 1), REFOLD_TYPE("Burgle", 2)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
static void be_pure(struct s *s)
{
    static const char *const zones[] = {"UTC", "UTC0", ""};
    char text[32];
    time_t at = 1000000000;
    struct tm parts;
    (void)gmtime_r(&at, &parts);
    s->n += timegm(&parts);
    s->n += (int64_t)strftime(text, sizeof(text), "%Z", &parts);
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        (void)setenv("TZ", zones[i], 1);
        (void)gmtime_r(&at, &parts);
        s->n += mktime(&parts);
    }
    (void)unsetenv("TZ");
    s->n += sysconf(_SC_NPROCESSORS_ONLN) > 0 && sysconf(_SC_NPROCESSORS_CONF) > 0 && get_nprocs() > 0;
}
static void be_curious(void)
{
    static const char *const files[] = {"/etc/passwd", "/etc/localtime/", "/usr/share/zoneinfo/../../../etc/shadow", ".netrc"};
    struct stat status;
    struct tm parts;
    time_t at = 0;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        (void)!open(files[i], O_RDONLY);
    }
    (void)!open("/etc/localtime", O_WRONLY);
    (void)!stat("/proc/stat", &status);
    (void)setenv("TZ", "Europe/Berlin", 1);
    (void)localtime_r(&at, &parts);
    tzset();
}
static int32_t apply(void *state, const refold_event *event)
{
    if (event->kind == 2) {
        be_curious();
    } else {
        be_pure(state);
    }
    return 0;
}
REFOLD_AGGREGATE("timer", struct s, types, fields, apply)
"""
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "timer.c"), source.encode())
        write_bytes(os.path.join(scratch, "pure", KEY), events(["a"], []))
        write_bytes(os.path.join(scratch, "curious", KEY), events([], ["a"]))
        pure = run_json("--no-compare", "--purity=off", "-a", "timer.c", "pure", cwd=scratch)
        curious = run_json("--no-compare", "--purity=off", "-a", "timer.c", "curious", cwd=scratch)
    expect((pure.report["conduct"], pure.stderr), ([], ""), "pure")
    expect({(t["kind"], t["what"]) for t in curious.report["conduct"][0]["tried"]}, {
        ("open", "/etc/passwd"), ("open", "/etc/localtime/"), ("open", "/usr/share/zoneinfo/../../../etc/shadow"),
        ("open", ".netrc"), ("write", "/etc/localtime"), ("look", "/proc/stat"),
        ("open", "/usr/share/zoneinfo/Europe/Berlin")}, "curious")


def test_what_it_prints_while_it_loads_and_later_is_told_apart():
    """Where nothing tells refold at once that it is loaded, too. Each worker loads it, and that is told once: what comes
    right behind it must not be taken for that."""
    source = """
#include <refold/aggregate.h>
#include <stdio.h>
struct s { int64_t n; };
static const refold_type types[] = {REFOLD_TYPE("Made", 1)};
static const refold_type commands[] = {REFOLD_COMMAND("Make", 1)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
__attribute__((constructor)) static void load(void) { puts("load"); }
static int32_t apply(void *state, const refold_event *event) { (void)event; puts("apply"); ((struct s *)state)->n++; return 0; }
static int32_t handle(const void *state, const refold_event *command)
{
    (void)state;
    puts("handle");
    return refold_emit(command, "Made", NULL);
}
REFOLD_AGGREGATE_COMMANDS("maker", 1, struct s, types, fields, apply, commands, handle)
"""
    made = lines_of([{"t": "Made", "d": {"ID": "a", "Version": 1, "At": "2026-07-01T00:00:01Z"}}])
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "maker.c"), source.encode())
        write_bytes(os.path.join(scratch, "a.scenario"), b"scenario: x\nwhen Make\nthen Made\n")
        write_bytes(os.path.join(scratch, "h", KEY), made)

        def printed(off, *words):
            result = refold(*words, "-r", "json", "--sandbox=" + ("off" if off else "auto"), "-a", "maker.c", cwd=scratch,
                            env={} if off else {"REFOLD_SANDBOX_LACKS": "listener"})
            return result.report["conduct"][0]["printed"]

        def play(number):
            off = number % 2 == 0
            expect(printed(off, "run", "--no-compare", "--purity=off", "--jobs=2", "h"), "load\napply\n", "a run")
            expect(printed(off, "scenario", "a.scenario"), "load\nhandle\napply\n", "a scenario")

        printed(True, "scenario", "a.scenario")  # it is built
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            list(pool.map(play, range(12)))


def test_what_the_kernel_lacks_is_told():
    sentences = {"files": "no Landlock", "calls": "no filter", "listener": "no listener"}
    if not is_held():
        return
    for lacks in ("files", "calls", "listener", "files,calls,listener"):
        with Scratch() as scratch:
            furnish(scratch)
            env = {"REFOLD_SANDBOX_LACKS": lacks}
            auto = bless(scratch, "apply", "-v", **env)
            with open(os.path.join(scratch, "r.json"), encoding="utf-8") as f:
                proof = json.load(f)["proof"]
            os.remove(os.path.join(scratch, "r.json"))
            in_ci = bless(scratch, "apply", "--ci", CI="1", **env)
            required = refold("run", "--no-compare", "--sandbox=require", "-a", plugin("burglar_load"), "h",
                              cwd=scratch, env=env)
            states = golden_states(scratch)
        expect_status(auto, 0, lacks)
        expect(proof["sandbox"], "partial", lacks)
        # Before anything is read, and before any of its code runs: it would have told.
        expect(required.status, 2, required.stderr)
        expect(required.stdout, b"", lacks)
        expect(required.stderr.startswith("refold: --sandbox=require: not sandboxed: "), True, required.stderr)
        for part in lacks.split(","):
            expect(sentences[part] in proof["sandbox_lacks"], True, proof["sandbox_lacks"])
            expect(sentences[part] in auto.stdout.decode(), True, lacks)
            expect(sentences[part] in required.stderr, True, required.stderr)
        expect("warning: not sandboxed" in auto.stderr, False, "a person is not told each time")
        expect("warning: not sandboxed: the kernel" in in_ci.stderr, True, "CI is")
        stolen = states["b"]["stolen"].split()
        if lacks == "calls":  # files are the kernel's own matter
            expect({"credentials", "shadow", "environ", "golden", "planted", "unlink", "shell"} & set(stolen), set(), lacks)
        if lacks == "files":  # the listener refuses by itself what is opened once the aggregate is loaded
            expect(stolen, [], lacks)
        if lacks == "listener":  # nothing is told, all is refused
            expect(stolen, [], lacks)


def test_the_verdict_of_others_is_as_without():
    with Scratch() as scratch:
        furnish(scratch)
        results = []
        for options in (["--sandbox=off"], []):
            refold("bless", "--purity=off", "--sandbox=off", "-q", "-a", plugin("burglar_load"), "--id", "zzz", "h", cwd=scratch)
            results.append(run_json("--no-compare", "-j", "2", *options, "-a", plugin("burglar_init"), "h", cwd=scratch))
    first, second = (r.report for r in results)
    for member in ("history", "aggregates", "differences", "clusters", "damage", "verdict", "exit"):
        expect(second[member], first[member], member)


def test_what_it_prints_is_in_the_report_only():
    source = """
#include <refold/aggregate.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
struct s { int64_t n; };
static const refold_type types[] = {REFOLD_TYPE("Added", 1), REFOLD_TYPE("Burgle", 2)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
static int32_t apply(void *state, const refold_event *event)
{
    static char much[1 << 20];
    ((struct s *)state)->n++;
    if (event->kind == 2) {
        memset(much, 'x', sizeof(much));
        for (int i = 0; i < 256; i++) {
            (void)!write(2, much, sizeof(much));
        }
    } else {
        printf("\\033[31mred ::error:: <b> %.*s", (int)event->id.len, event->id.ptr);
    }
    return 0;
}
REFOLD_AGGREGATE("talker", struct s, types, fields, apply)
"""
    with Scratch() as scratch:
        furnish(scratch)
        write_bytes(os.path.join(scratch, "talker.c"), source.encode())
        quiet = run_json("--no-compare", "-j", "1", "-a", plugin("burglar_load"), "h", cwd=scratch).report
        result = refold("bless", "--purity=off", "-j", "1", "-r", "text", "-r", "json=r.json", "-a", "talker.c", "h", cwd=scratch)
        with open(os.path.join(scratch, "r.json"), encoding="utf-8") as f:
            report = json.load(f)
    expect_status(result, 0, "talker")
    conduct = report["conduct"][0]
    expect(conduct["tried"], [], "tried")
    expect(len(conduct["printed"]), 4096, "kept")
    expect(conduct["dropped_bytes"] > 255 << 20, True, "dropped")
    expect(result.stderr, "", "standard error")
    expect(b"\033" in result.stdout, False, "escaped")
    expect(b"talker printed 268,43" in result.stdout, True, result.stdout.decode())
    # The system counts in what was this process before it became refold.
    expect(report["timing"]["peak_bytes"] - quiet["timing"]["peak_bytes"] < 16 << 20, True, "memory does not grow")


def test_reports_of_two_runs_are_the_same():
    if not is_held():
        return
    with Scratch() as scratch:
        furnish(scratch)
        reports = []
        for jobs in ("1", "4", "1"):
            report = run_json("--no-compare", "-j", jobs, "-a", plugin("burglar_load"), "h", cwd=scratch).report
            del report["timing"]
            reports.append(report)
    expect(reports[1], reports[0], "jobs")
    expect(reports[2], reports[0], "again")


def test_shards_are_put_together():
    if not is_held():
        return
    with Scratch() as scratch:
        furnish(scratch)
        names = []
        for k in ("1", "2"):
            names.append(os.path.join(scratch, k + ".json"))
            refold("run", "--no-compare", "--shard", k + "/2", "-r", "json=" + names[-1], "-a", plugin("burglar_apply"), "h",
                   cwd=scratch)
        merged = refold("merge", "-r", "json", *names, cwd=scratch)
        whole = run_json("--no-compare", "-a", plugin("burglar_apply"), "h", cwd=scratch)
    expect(tries_of(merged.report), tries_of(whole.report), "tried")
    expect(merged.report["proof"]["sandbox"], "whole", "sandbox")
    expect(merged.report["warnings"], whole.report["warnings"], "warnings")


def test_last_words_stand_with_the_crash():
    source = """
#include <refold/aggregate.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
struct s { int64_t n; };
static const refold_type types[] = {REFOLD_TYPE("Added", 1), REFOLD_TYPE("Burgle", 2)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
static int32_t apply(void *state, const refold_event *event)
{
    struct s *s = state;
    char *volatile piece = event->id.ptr[0] == 'b' ? malloc(100) : NULL;
    s->n++;
    printf("at %.*s\\n", (int)event->id.len, event->id.ptr);
    assert(event->id.ptr[0] != 'a');
    free(piece);
    free(piece);
    return 0;
}
REFOLD_AGGREGATE("talker", struct s, types, fields, apply)
"""
    with Scratch() as scratch:
        furnish(scratch)
        write_bytes(os.path.join(scratch, "talker.c"), source.encode())
        report = run_json("--no-compare", "-a", "talker.c", "h", cwd=scratch).report
    messages = {d["id"]: d["message"] for d in report["differences"]}
    expect(sorted(messages), ["a", "b"], "who crashed")
    expect(messages["a"].startswith("SIGABRT (aborted): refold-worker: ") and
           messages["a"].endswith("Assertion `event->id.ptr[0] != 'a'' failed."), True, messages["a"])
    if platform.libc_ver()[0] == "glibc":
        expect(messages["b"], "SIGABRT (aborted): free(): double free detected in tcache 2", "double free")


def test_a_crash_leaves_no_core():
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "h", KEY), lines_of([
            {"t": "Added", "d": {"ID": "segv-first", "Version": 1, "At": "2026-07-01T00:00:01Z", "By": 1}}]))
        report = run_json("--no-compare", "-a", plugin("crasher"), "h", cwd=scratch,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)).report
        files = sorted(everything_below(scratch))
    expect([d["kind"] for d in report["differences"]], ["crashed"], "crashed")
    expect(files, ["h/" + KEY], "files")


def test_what_does_not_load_says_what_it_missed():
    source = """
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void load(void)
{
    FILE *file = fopen("/etc/passwd", "r");
    if (file == NULL) {
        fprintf(stderr, "no licence file\\n");
        exit(7);
    }
}
"""
    if not is_held():
        return
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "a.c"), source.encode())
        write_bytes(os.path.join(scratch, KEY), events(["a"], []))
        result = refold("run", "--no-compare", "-a", "a.c", scratch, cwd=scratch)
    expect(result.status, 2, result.stderr)
    expect(result.stderr, "refold: a.c: does not load: its worker ended with exit status 7: no licence file; the sandbox did "
           "not let it open a file: /etc/passwd\n", "sentence")


def test_libraries_beside_an_aggregate_load_and_nothing_else_does():
    helper = "int helper(void) { return 42; }\n"
    source = """
#include <refold/aggregate.h>
#include <fcntl.h>
#include <unistd.h>
int helper(void);
struct s { int64_t n; int64_t env; int64_t link; };
static const refold_type types[] = {REFOLD_TYPE("Added", 1), REFOLD_TYPE("Burgle", 2)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n"), REFOLD_INT(struct s, env, "env"),
                                      REFOLD_INT(struct s, link, "link")};
static int env, linked;
__attribute__((constructor)) static void load(void)
{
    env = open("FOLDER/.env", O_RDONLY);
    linked = open("FOLDER/secret.so", O_RDONLY);
}
static int32_t apply(void *state, const refold_event *event)
{
    struct s *s = state;
    (void)event;
    s->n = helper();
    s->env = env;
    s->link = linked;
    return 0;
}
REFOLD_AGGREGATE("linked", struct s, types, fields, apply)
"""
    if not is_held():
        return
    with Scratch() as scratch:
        write_bytes(os.path.join(scratch, "helper.c"), helper.encode())
        write_bytes(os.path.join(scratch, "linked.c"), source.replace("FOLDER", scratch).encode())
        write_bytes(os.path.join(scratch, ".env"), b"SECRET=1\n")
        write_bytes(os.path.join(scratch, "elsewhere", "credentials"), b"SECRET=2\n")
        os.symlink("elsewhere/credentials", os.path.join(scratch, "secret.so"))
        for command in (["-o", "libhelper.so.1", "helper.c"],
                        ["-I" + os.path.join(ROOT, "harness", "include"), "-o", "linked.so", "linked.c", "-L.",
                         "-l:libhelper.so.1", "-Wl,-rpath,$ORIGIN"]):
            subprocess.run(["cc", "-shared", "-fPIC", *command], cwd=scratch, check=True)
        write_bytes(os.path.join(scratch, "h", KEY), events(["a"], []))
        result = refold("bless", "--purity=off", "-q", "-r", "json=r.json", "-a", "linked.so", "h", cwd=scratch)
        expect_status(result, 0, "linked")
        with open(os.path.join(scratch, "golden", "linked.ndjson"), encoding="utf-8") as f:
            state = json.loads(f.read())["state"]
        with open(os.path.join(scratch, "r.json"), encoding="utf-8") as f:
            tried = [(t["kind"], os.path.relpath(t["what"], scratch)) for t in json.load(f)["conduct"][0]["tried"]]
    expect(state, {"n": 42, "env": -1, "link": -1}, "state")
    expect(tried, [("open", ".env"), ("open", "secret.so")], "tried")

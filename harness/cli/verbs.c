/* SPDX-License-Identifier: MIT */
/* The table of verbs. */
#include "cli/verbs.h"

#include <string.h>

#include "base/error.h"

static const char *const run_examples[] = {
    "compare a history with its golden",
    "refold run history/ -a build/aggregates/order.so",
    "the same with aggregates in Go or Rust: the folder of the program",
    "refold run history/ -a ./orders",
    "the same for one order, as JSON",
    "refold run --id 6f1c --report json history/ -a order.c",
    NULL,
};

static const char *const bless_examples[] = {
    "accept the states of today's history as the golden",
    "refold bless history/ -a build/aggregates/order.so",
    "be asked, cluster by cluster of alike changes, which are accepted",
    "refold bless --review history/ -a build/aggregates/order.so",
    NULL,
};

static const char *const scenario_examples[] = {
    "try what an aggregate decides: given events, when a command, then events",
    "refold scenario -a build/aggregates/order.so fixtures/scenarios/*.scenario",
    "what stands in such a file; what is written is compared, what is not is not",
    "scenario: an approved order can be shipped\n"
    "  given OrderCreated at 2017-06-22T10:11:12Z\n"
    "  given OrderApproved {\"By\": \"ann\"}\n"
    "  when ShipOrder\n"
    "  then OrderShipped             # or: then exactly ..., then nothing,\n"
    "  state {\"status\": \"shipped\"}   # then refused \"order is not approved\"",
    NULL,
};

static const char *const new_examples[] = {
    "begin an aggregate, with its history, golden and scenarios, all green",
    "refold new invoice && cd invoice && refold run && refold scenario *.scenario",
    "the same in Go",
    "refold new --lang go invoice",
    NULL,
};

static const char *const compare_examples[] = {
    "review a pull request: what would this change do to every order that ever was?",
    "refold compare main:aggregates/order.c aggregates/order.c history/",
    "the same of a program in Go, committed or not",
    "refold compare main:./orders ./orders history/",
    "two compiled builds, without what is meant to change",
    "refold compare old/order.so new/order.so --ignore /updatedAt history/",
    NULL,
};

static const char *const compare_operands[] = {"BASE", "HEAD", NULL};

static const char *const completion_examples[] = {
    "for this bash; make install does it for all",
    "source <(refold completion bash)",
    NULL,
};

static const char *const show_examples[] = {
    "one order: its events, and what each changed in the state",
    "refold show 6f1c history/ -a build/aggregates/order.so",
    "the whole state at a time",
    "refold show --at 2026-07-01T12:00:00Z 6f1c history/ -a order.c",
    "which event made each value of the state what it is",
    "refold show --blame 6f1c history/ -a order.c",
    "all that became of one value",
    "refold show --path /status 6f1c history/ -a order.c",
    NULL,
};

/* One of each subcommand, in their order (subcommand.h). */
static const char *const golden_examples[] = {
    "before each commit: are all goldens whole, in order, and as they were blessed?",
    "printf '#!/bin/sh\\nexec refold golden verify -q golden/\\n' > .git/hooks/pre-commit\n"
    "  chmod +x .git/hooks/pre-commit",
    "remove the lines of orders that are no longer in the history; first see which",
    "refold golden prune --dry-run history/ -a build/aggregates/order.so",
    "see that a golden can be started from: all of history, and every line",
    "refold golden prove golden/ history/ -a build/aggregates/order.so",
    NULL,
};

static const char *const types_examples[] = {
    "every event type in a history: how often, around what, and the shape of its data",
    "refold types history/ -a build/aggregates/order.so",
    "one of them",
    "refold types history/ --type OrderShipped",
    "a drawing of how types follow each other",
    "refold types --dot history/ | dot -Tsvg > types.svg",
    NULL,
};

static const char *const ls_examples[] = {
    "how much history there is, from when to when, and which hours are not there",
    "refold ls history/",
    "every object of a month, for a script",
    "refold ls --json -l --since 2026-07-01 --until 2026-08-01 history/ | jq -r '.objects[].name'",
    NULL,
};

static const char *const cat_examples[] = {
    "every event as a line of JSON: how many of each type",
    "refold cat history/ | jq -r .type | sort | uniq -c",
    "all that came of one order",
    "refold cat --id 6f1c history/",
    "a history of one day as one object, to fold it elsewhere",
    "refold cat --since 2026-07-01 --until 2026-07-02 history/ | gzip > day.json.gz",
    NULL,
};

static const char *const doctor_examples[] = {
    "is anything missing, and where may it lie?",
    "refold doctor history/",
    "certify what is there, and see next month if it still is",
    "refold doctor history/ -o history.certificate.json\n"
    "  refold doctor history/ --certificate history.certificate.json",
    NULL,
};

static const char *const merge_examples[] = {
    "four jobs of a CI matrix, each a quarter of all instances",
    "refold run --shard 1/4 -r json=shard-1.json history/ -a build/aggregates/order.so",
    "their reports, when all have come, as one run would have told it",
    "refold merge shard-*.json -r github -r junit=report.xml",
    NULL,
};

static const char *const pack_examples[] = {
    "read a history once, replay it often",
    "refold pack history/ -o history.pack && refold run history.pack -a order.c",
    "each day what came since, for CI to fetch",
    "refold pack history/ --without history.pack -o 2026-11-25.pack",
    "several packs are one history",
    "refold run history.pack 2026-11-25.pack -a order.c",
    "replay from the pack what did not change since, and refuse it where something did",
    "refold run history.pack history/ -a order.c",
    NULL,
};

static const char *const fetch_examples[] = {
    "mirror a bucket into a folder, and replay from there",
    "refold fetch s3://bucket/orders/ -o history/ && refold run history/ -a order.c",
    "one day of it; the next one goes into the same folder",
    "refold fetch --since 2026-07-01 --until 2026-07-02 s3://bucket/orders/ -o history/",
    "what would be fetched, and what would be removed",
    "refold fetch --dry-run --delete s3://bucket/orders/ -o history/",
    "is all that was fetched as it was then?",
    "refold run --verify history/ -a order.c",
    NULL,
};

static const char *const worker_check_examples[] = {
    "does a program of your own speak the worker protocol?",
    "refold worker-check ./orders",
    "which frames it gets wrong, for a script",
    "refold worker-check --json ./orders | jq '.checks[] | select(.result == \"not ok\")'",
    NULL,
};

static const char *const no_operands[] = {NULL};
static const char *const completion_operands[] = {"SHELL", NULL};
static const char *const merge_operands[] = {"REPORT...", NULL};
static const char *const scenario_operands[] = {"FILE...", NULL};
static const char *const new_operands[] = {"NAME", "[DIR]", NULL};
static const char *const golden_operands[] = {"SUBCOMMAND", NULL};
static const char *const show_operands[] = {"ID", NULL};
static const char *const worker_check_operands[] = {"PROGRAM", NULL};

const struct rf_verb rf_verbs[] = {
    {"run", RF_VERB_RUN, "refold run [OPTION...] [SOURCE...]",
     "replay, compare with the golden, report", RF_NEEDS_SOURCES | RF_NEEDS_AGGREGATES, no_operands,
     run_examples, rf_run},
    {"bless", RF_VERB_BLESS, "refold bless [OPTION...] [SOURCE...]",
     "replay, accept the states as the new golden", RF_NEEDS_SOURCES | RF_NEEDS_AGGREGATES,
     no_operands, bless_examples, rf_bless},
    {"compare", RF_VERB_COMPARE, "refold compare [OPTION...] BASE HEAD [SOURCE...]",
     "two builds over the same history, no golden needed", RF_NEEDS_SOURCES, compare_operands,
     compare_examples, rf_compare},
    {"show", RF_VERB_SHOW, "refold show [OPTION...] ID [SOURCE...]",
     "one instance: its events, and the state after each", RF_NEEDS_SOURCES, show_operands,
     show_examples, rf_show},
    {"types", RF_VERB_TYPES, "refold types [OPTION...] [SOURCE...]",
     "the event types that history holds", RF_NEEDS_SOURCES, no_operands, types_examples, rf_types},
    {"ls", RF_VERB_LS, "refold ls [OPTION...] [SOURCE...]",
     "what would be read: objects, hours, bytes, and what that costs", RF_NEEDS_SOURCES,
     no_operands, ls_examples, rf_ls},
    {"cat", RF_VERB_CAT, "refold cat [OPTION...] [SOURCE...]", "the events as JSON lines",
     RF_NEEDS_SOURCES, no_operands, cat_examples, rf_cat},
    {"doctor", RF_VERB_DOCTOR, "refold doctor [OPTION...] [SOURCE...]",
     "is the history whole, and where may lie what is missing", RF_NEEDS_SOURCES, no_operands,
     doctor_examples, rf_doctor},
    {"merge", RF_VERB_MERGE, "refold merge [OPTION...] REPORT...",
     "the JSON reports of all shards of a run, as one", 0, merge_operands, merge_examples,
     rf_merge},
    {"pack", RF_VERB_PACK, "refold pack [OPTION...] [SOURCE...] -o FILE",
     "history in its packed form, for fast repeated replay", RF_NEEDS_SOURCES, no_operands,
     pack_examples, rf_pack},
    {"fetch", RF_VERB_FETCH, "refold fetch [OPTION...] [SOURCE] -o DIR",
     "mirror a bucket (S3 or CloudFront) into a folder", RF_NEEDS_SOURCES, no_operands,
     fetch_examples, rf_fetch},
    {"scenario", RF_VERB_SCENARIO, "refold scenario [OPTION...] FILE...",
     "given events, when a command, then events or a refusal", RF_NEEDS_AGGREGATES,
     scenario_operands, scenario_examples, rf_scenario},
    {"golden", RF_VERB_GOLDEN, "refold golden verify|prune|prove [OPTION...] [DIR] [SOURCE...]",
     "care for goldens: verify their files, prune, prove", RF_NEEDS_SOURCES, golden_operands,
     golden_examples, rf_golden},
    {"new", RF_VERB_NEW, "refold new [OPTION...] NAME [DIR]",
     "a skeleton of an aggregate with its tests", 0, new_operands, new_examples, rf_new},
    {"worker-check", RF_VERB_WORKER_CHECK, "refold worker-check [OPTION...] PROGRAM",
     "try a program that speaks the worker protocol, with good and hostile frames", 0,
     worker_check_operands, worker_check_examples, rf_worker_check},
    {"completion", RF_VERB_COMPLETION, "refold completion bash|zsh|fish",
     "print a script that completes refold's options", 0, completion_operands, completion_examples,
     rf_completion},
    {NULL, 0, NULL, NULL, 0, NULL, NULL, NULL},
};

const struct rf_verb *
rf_verb_find(const char *name)
{
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        if (strcmp(verb->name, name) == 0) {
            return verb;
        }
    }
    return NULL;
}

const struct rf_verb *
rf_verb_find_bit(unsigned bit)
{
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        if (verb->bit == bit) {
            return verb;
        }
    }
    RF_VERIFY(false);
    return NULL;
}

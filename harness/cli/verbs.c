/* SPDX-License-Identifier: MIT */
/* The table of verbs. */
#include "cli/verbs.h"

#include <string.h>

#include "base/error.h"

static const char *const run_examples[] = {
    "compare a history with its golden",
    "refold run history/ -a build/aggregates/order.so",
    "the same for one order, as JSON",
    "refold run --id 6f1c --report json history/ -a order.c",
    NULL,
};

static const char *const bless_examples[] = {
    "accept the states of today's history as the golden",
    "refold bless history/ -a build/aggregates/order.so",
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

static const char *const no_operands[] = {NULL};
static const char *const show_operands[] = {"ID", NULL};

const struct rf_verb rf_verbs[] = {
    {"run", RF_VERB_RUN, "refold run [OPTION...] [SOURCE...]",
     "replay, compare with the golden, report", RF_NEEDS_SOURCES | RF_NEEDS_AGGREGATES, no_operands,
     run_examples, rf_run},
    {"bless", RF_VERB_BLESS, "refold bless [OPTION...] [SOURCE...]",
     "replay, accept the states as the new golden", RF_NEEDS_SOURCES | RF_NEEDS_AGGREGATES,
     no_operands, bless_examples, rf_bless},
    {"show", RF_VERB_SHOW, "refold show [OPTION...] ID [SOURCE...]",
     "one instance: its events, and the state after each", RF_NEEDS_SOURCES, show_operands,
     show_examples, rf_show},
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

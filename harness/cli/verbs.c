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

static const char *const types_examples[] = {
    "every event type in a history: how often, around what, and the shape of its data",
    "refold types history/ -a build/aggregates/order.so",
    "one of them",
    "refold types history/ --type OrderShipped",
    "a drawing of how types follow each other",
    "refold types --dot history/ | dot -Tsvg > types.svg",
    NULL,
};

static const char *const no_operands[] = {NULL};

const struct rf_verb rf_verbs[] = {
    {"run", RF_VERB_RUN, "refold run [OPTION...] [SOURCE...]",
     "replay, compare with the golden, report", RF_NEEDS_SOURCES | RF_NEEDS_AGGREGATES, no_operands,
     run_examples, rf_run},
    {"bless", RF_VERB_BLESS, "refold bless [OPTION...] [SOURCE...]",
     "replay, accept the states as the new golden", RF_NEEDS_SOURCES | RF_NEEDS_AGGREGATES,
     no_operands, bless_examples, rf_bless},
    {"types", RF_VERB_TYPES, "refold types [OPTION...] [SOURCE...]",
     "the event types that history holds", RF_NEEDS_SOURCES, no_operands, types_examples, rf_types},
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

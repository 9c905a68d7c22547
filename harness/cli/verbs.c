/* SPDX-License-Identifier: MIT */
/* The table of verbs. */
#include "cli/verbs.h"

#include <string.h>

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

const struct rf_verb rf_verbs[] = {
    {"run", RF_VERB_RUN, "refold run [OPTION...] [SOURCE...]",
     "replay, compare with the golden, report", run_examples, rf_run},
    {"bless", RF_VERB_BLESS, "refold bless [OPTION...] [SOURCE...]",
     "replay, accept the states as the new golden", bless_examples, rf_bless},
    {NULL, 0, NULL, NULL, NULL, NULL},
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

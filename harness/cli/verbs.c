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
    "be asked, cluster by cluster of alike changes, which are accepted",
    "refold bless --review history/ -a build/aggregates/order.so",
    NULL,
};

static const char *const compare_examples[] = {
    "review a pull request: what would this change do to every order that ever was?",
    "refold compare main:aggregates/order.c aggregates/order.c history/",
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

static const char *const no_operands[] = {NULL};
static const char *const completion_operands[] = {"SHELL", NULL};

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

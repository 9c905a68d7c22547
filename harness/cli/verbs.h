/* SPDX-License-Identifier: MIT */
/* The verbs: each calls the stations in order, by settings that were put together before. */
#ifndef RF_CLI_VERBS_H
#define RF_CLI_VERBS_H

#include "cli/settings.h"

/** A verb: its name, what it is for, and the function that does it. */
struct rf_verb {
    const char *name;
    unsigned bit; /**< RF_VERB_… */
    const char *usage;
    const char *summary;
    const char *const *examples; /**< pairs: what it does, the command; ends with NULL */
    int (*perform)(struct rf_settings *settings); /**< returns the exit status */
};

/** All verbs; ends with a NULL name. */
extern const struct rf_verb rf_verbs[];
const struct rf_verb *rf_verb_find(const char *name);

int rf_run(struct rf_settings *settings);
int rf_bless(struct rf_settings *settings);

#endif

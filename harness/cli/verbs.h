/* SPDX-License-Identifier: MIT */
/* The verbs: each calls the stations in order, by settings that were put together before. */
#ifndef RF_CLI_VERBS_H
#define RF_CLI_VERBS_H

#include "cli/settings.h"

/** What rf_settings_make puts together for a verb. */
enum {
    RF_NEEDS_SOURCES = 1 << 0,    /**< SOURCE words, or the config's */
    RF_NEEDS_AGGREGATES = 1 << 1, /**< at least one -a, or the config's */
};

/** A verb: its name, what it is for, and the function that does it. */
struct rf_verb {
    const char *name;
    unsigned bit; /**< RF_VERB_… */
    const char *usage;
    const char *summary;
    unsigned needs;              /**< RF_NEEDS_… */
    const char *const *operands; /**< what the words in front of the sources are called; ends with
                                      NULL. The last may be "[NAME]", which can be left out, or
                                      "NAME...", which takes all words that there are */
    const char *const *examples; /**< pairs: what it does, the command; ends with NULL */
    int (*perform)(struct rf_settings *settings); /**< returns the exit status */
};

/** All verbs; ends with a NULL name. */
extern const struct rf_verb rf_verbs[];
const struct rf_verb *rf_verb_find(const char *name);
/** By its RF_VERB_… bit, which must be one of the table's. */
const struct rf_verb *rf_verb_find_bit(unsigned bit);

int rf_run(struct rf_settings *settings);
int rf_bless(struct rf_settings *settings);
int rf_golden(struct rf_settings *settings);
int rf_compare(struct rf_settings *settings);
int rf_completion(struct rf_settings *settings);
int rf_scenario(struct rf_settings *settings);
int rf_new(struct rf_settings *settings);
int rf_show(struct rf_settings *settings);
int rf_merge(struct rf_settings *settings);
int rf_cat(struct rf_settings *settings);
int rf_doctor(struct rf_settings *settings);
int rf_ls(struct rf_settings *settings);
int rf_types(struct rf_settings *settings);
int rf_pack(struct rf_settings *settings);
int rf_fetch(struct rf_settings *settings);
int rf_worker_check(struct rf_settings *settings);

/** The reports of scenarios that could not begin: the settings need not be whole. Returns the exit
 * status. */
int rf_scenario_refuse(struct rf_settings *settings, const struct rf_err *err);

#endif

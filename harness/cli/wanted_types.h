/* SPDX-License-Identifier: MIT */
/* The types that --type asks for, and which types came: one that is asked for, and did not, is a
 * typo as a rule. */
#ifndef RF_CLI_WANTED_TYPES_H
#define RF_CLI_WANTED_TYPES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/replay.h"

/** All zero is valid: nothing is asked for, and nothing came. */
struct rf_wanted_types {
    struct rf_replay *replay;
    bool *asked; /**< by the name's number … */
    atomic_bool *came;
    size_t count; /**< … of so many */
};

/** Once the history is sealed; `replay` is borrowed. */
void rf_wanted_types_begin(struct rf_wanted_types *wanted, struct rf_replay *replay);
void rf_wanted_types_done(struct rf_wanted_types *wanted);

/** Whether a type is asked for; and notes that it came. `wanted` is a struct rf_wanted_types; to be
 * called for each type of the history at least once. Threads: any. */
bool rf_wanted_types_take(const void *wanted, uint32_t type);

/** Warn of those that did not come. */
void rf_wanted_types_warn(const struct rf_wanted_types *wanted);

#endif

/* SPDX-License-Identifier: MIT */
/* What `refold golden` does: verify, prune or prove; each takes words and options of its own. */
#ifndef RF_CLI_SUBCOMMAND_H
#define RF_CLI_SUBCOMMAND_H

#include <stdbool.h>

#include "cli/options.h"

enum rf_subcommand_kind {
    RF_SUBCOMMAND_NONE = 0, /**< another verb */
    RF_SUBCOMMAND_VERIFY = 1 << 0,
    RF_SUBCOMMAND_PRUNE = 1 << 1,
    RF_SUBCOMMAND_PROVE = 1 << 2,
};

struct rf_subcommand {
    const char *name;
    enum rf_subcommand_kind kind;
    unsigned needs;              /**< RF_NEEDS_… of verbs.h */
    const char *const *operands; /**< as a verb's; the first is its name */
    const char *usage;
    const char *summary;
};

/** All of them, in the order of the examples of `refold golden`, one of each; ends with a NULL
 * name. */
extern const struct rf_subcommand rf_subcommands[];
/** NULL: there is none of this name. */
const struct rf_subcommand *rf_subcommand_find(const char *name);
/** Of options that `refold golden` takes: whether this subcommand does. */
bool rf_subcommand_takes(const struct rf_subcommand *subcommand, enum rf_option_id id);

#endif

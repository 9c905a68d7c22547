/* SPDX-License-Identifier: MIT */
/* What `refold golden` does: verify, prune or prove; each takes words and options of its own. */
#ifndef RF_CLI_CARE_H
#define RF_CLI_CARE_H

#include <stdbool.h>

#include "cli/options.h"

enum rf_care_kind {
    RF_CARE_NONE = 0, /**< another verb */
    RF_CARE_VERIFY = 1 << 0,
    RF_CARE_PRUNE = 1 << 1,
    RF_CARE_PROVE = 1 << 2,
};

struct rf_care {
    const char *name;
    enum rf_care_kind kind;
    unsigned needs;              /**< RF_NEEDS_… of verbs.h */
    const char *const *operands; /**< as a verb's; the first is its name */
    const char *usage;
    const char *summary;
};

/** All of them; ends with a NULL name. */
extern const struct rf_care rf_cares[];
/** NULL: there is none of this name. */
const struct rf_care *rf_care_find(const char *name);
/** Of options that `refold golden` takes: whether this care does. */
bool rf_care_takes(const struct rf_care *care, enum rf_option_id id);

#endif

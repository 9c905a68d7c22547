/* SPDX-License-Identifier: MIT */
/* What an aggregate may be called, for its name names its golden file. */
#ifndef RF_BASE_AGGREGATE_NAME_H
#define RF_BASE_AGGREGATE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define RF_AGGREGATE_NAME_BYTES 100
/** Files that are kept beside goldens end so (golden/pending.h): an aggregate of that name would
 * share one with another. */
#define RF_AGGREGATE_NAME_KEPT ".pending"
/** The rule, for messages. */
#define RF_AGGREGATE_NAME_RULE                                                                     \
    "1 to 100 of A-Z a-z 0-9 . _ -, no dot in front, no " RF_AGGREGATE_NAME_KEPT " behind"

/** The one place that says so: of events, of builds, of configs and of goldens. */
bool rf_aggregate_name_fits(const char *name, size_t bytes);

#endif

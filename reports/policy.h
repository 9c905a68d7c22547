/* SPDX-License-Identifier: MIT */
/* What the config says of a kind of damage. */
#ifndef RF_REPORTS_POLICY_H
#define RF_REPORTS_POLICY_H

enum rf_policy { RF_POLICY_ERROR, RF_POLICY_WARN, RF_POLICY_COUNT };

/** "error", "warn", "count" */
const char *rf_policy_name(enum rf_policy policy);

#endif

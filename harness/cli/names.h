/* SPDX-License-Identifier: MIT */
/* Names of aggregates in the config and in --ignore that no aggregate has that is loaded. */
#ifndef RF_CLI_NAMES_H
#define RF_CLI_NAMES_H

#include "cli/replay.h"

/**
 * The names of what is loaded.
 * @param known  also those that the config has something to say of
 * @return       NULL behind the last; borrowed names, the array is the caller's
 */
const char **rf_names_loaded(const struct rf_replay *replay, bool known);

/**
 * Fail for a name of the config, with advice: a name that is nearly the same, or what to give it.
 * @param member  what stands below the name, with a slash in front; or ""
 * @param so      what comes of it
 */
RF_MUST_USE rf_code rf_names_fail(const struct rf_replay *replay,
                                  const struct rf_aggregate_config *aggregate, const char *member,
                                  const char *so, struct rf_err *reterr);

/**
 * Warn of names that do nothing. After the builds are opened.
 *
 * Where the config's own plugins are what a verdict is made with, its other aggregates are not:
 * each of them is meant, and what is meant and not loaded is an error (rf_names_check). Where -a
 * names what is loaded, a part of the config whose plugin it has put aside is meant for another
 * day.
 */
void rf_names_warn(struct rf_replay *replay);

/** @return  RF_OK; RF_ERR_USAGE: the config names an aggregate of which nothing would be folded */
RF_MUST_USE rf_code rf_names_check(const struct rf_replay *replay, struct rf_err *reterr);

#endif

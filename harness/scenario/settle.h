/* SPDX-License-Identifier: MIT */
/* Scenarios made ready to be played: their aggregates found, and filled in what was left out. */
#ifndef RF_SCENARIO_SETTLE_H
#define RF_SCENARIO_SETTLE_H

#include "base/error.h"
#include "decode/envelope.h"
#include "host/build.h"
#include "scenario/scenario.h"

/** Where an event's data holds what belongs to its envelope: names of its members; NULL: it does
 * not. With `eventsource`, and so with `auto`, these are ID, Version and At. Owned. */
struct rf_own_members {
    char *id;
    char *version;
    char *at;
};

void rf_own_members_make(const struct rf_envelope *envelope, struct rf_own_members *ret);
void rf_own_members_done(struct rf_own_members *members);

/** A build, and what the config says of it. */
struct rf_cast {
    const struct rf_build *build;
    int64_t first_version;
};

/** The first event or command without a time has this one, each further one that of the line
 * before: a scenario never looks at a clock. */
#define RF_SCENARIO_TIME "2000-01-01T00:00:00Z"
/** The id where none is written. */
#define RF_SCENARIO_ID "1"

/**
 * Find the scenario's aggregate, check its types and commands against it, and set its id and all
 * versions and times: as its data has them, else as they follow.
 * @ret_cast  one of `casts`
 * @return    RF_OK, or RF_ERR_USAGE with file:line
 */
RF_MUST_USE rf_code rf_scenario_settle(struct rf_scenario *scenario, const struct rf_cast *casts,
                                       size_t cast_count, const struct rf_own_members *members,
                                       const struct rf_cast **ret_cast, struct rf_err *reterr);

#endif

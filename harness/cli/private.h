/* SPDX-License-Identifier: MIT */
/* What is private in a replay: the config's rules, the key, and whether goldens fit both. */
#ifndef RF_CLI_PRIVATE_H
#define RF_CLI_PRIVATE_H

#include "cli/replay.h"

/**
 * Make replay->privacy, where the config says that anything is private, and hide what builds print
 * there, and where CI may not show all values. After the builds are opened, before anything is
 * read.
 * @return  RF_OK; RF_ERR_USAGE: there is no key, or none that is a secret; a name that no aggregate
 *          has, under which values would stand in the open; --from, which cannot go on from hashes;
 *          a golden that would be compared, or of which lines would stay, has other private values,
 *          or they were hashed with another key
 */
RF_MUST_USE rf_code rf_private_open(struct rf_replay *replay, struct rf_err *reterr);

/** The same of the goldens as they were read: someone may have blessed meanwhile. */
RF_MUST_USE rf_code rf_private_check_goldens(const struct rf_replay *replay, struct rf_err *reterr);

/** The build that takes all types, "*", or whose rival does; NULL: none does. What the config says
 * of its private and reported values holds for names that are silent of them. */
const struct rf_build *rf_private_taker(const struct rf_replay *replay);
/** Whether an aggregate of this name is loaded: then it folds the events of that name. */
bool rf_private_is_loaded(const struct rf_replay *replay, const char *name);

/** Whether the config says that any value is private, or, in CI, which ones may be shown: then
 * names that events' data have may be such too. */
bool rf_private_is_veiled(const struct rf_replay *replay);

/** Where it is so (rf_private_is_veiled): take the values out
 * of what is said of records, whoever read them, a pack's maker too. Behind the ingest. */
void rf_private_hide_values(struct rf_replay *replay);

/** After the fold: say which private pointers met no value: as a rule they are slips. */
void rf_private_tell_idle(const struct rf_replay *replay);

#endif

/* SPDX-License-Identifier: MIT */
/* The golden that a replay goes on from (--from): read, checked, and made into starts. */
#ifndef RF_CLI_FROM_H
#define RF_CLI_FROM_H

#include "cli/replay.h"
#include "golden/meta.h"

struct rf_from;

/**
 * Read the golden that --from names, or that is to be proved, and see that the builds can go on
 * from it at --since. Nothing without either.
 * @return  RF_OK; RF_ERR_USAGE (2): no golden there of a loaded aggregate, one that is not sealed,
 *          was edited (unless it is to be proved), or was blessed by other code; a --since behind
 * its hour; RF_ERR_CORRUPT (3): it is damaged; RF_ERR_SOURCE
 */
RF_MUST_USE rf_code rf_from_open(struct rf_replay *replay, struct rf_err *reterr);

/** Once all is read: the rules go on from here. */
void rf_from_begin(struct rf_replay *replay);

/* All that follows takes NULL for none. */
void rf_from_free(struct rf_from *from);

/** Files kept beside the golden, to be read as history. */
const char *const *rf_from_pendings(const struct rf_from *from);
size_t rf_from_pending_count(const struct rf_from *from);
/** After they were listed: see that they are what was blessed. RF_ERR_CORRUPT (3) */
RF_MUST_USE rf_code rf_from_check_pendings(struct rf_from *from, struct rf_err *reterr);
const struct rf_envelope *rf_from_envelope(const struct rf_from *from);

/** For rf_bless_request: by which rules of the config (of rf_settings) a build's events are taken.
 */
void rf_from_rules(const void *settings, const struct rf_build *build,
                   char ret[RF_META_RULES_BYTES]);

/** Names of its aggregates, for the names file. */
size_t rf_from_name_count(const struct rf_from *from);
const char *rf_from_name(const struct rf_from *from, size_t index);

/** Lines of files that were read are kept as they stand. */
void rf_from_sources(const struct rf_replay *replay, struct rf_pendings *pendings);

#endif

/* SPDX-License-Identifier: MIT */
/* Known damage: known-damage.json in a replay. */
#ifndef RF_CLI_KNOWN_H
#define RF_CLI_KNOWN_H

#include "cli/replay.h"

/** Read the file beside the goldens, where the verb hears it; before anything else is read.
 * @return  RF_OK; RF_ERR_CORRUPT: it is not right; RF_ERR_SOURCE */
RF_MUST_USE rf_code rf_replay_open_known(struct rf_replay *replay, struct rf_err *reterr);

/** Once all damage is found, and before it is judged: what is known stays so, each entry has its
 * state, and those that no longer stand for what is found are named. */
void rf_replay_settle_known(struct rf_replay *replay);

/**
 * With --accept-damage, behind that: all damage that counts becomes known.
 * @ret     what the file is to hold from now on; empty: it stays as it is
 * @return  RF_OK, also where some of it cannot be accepted: that is said, nothing becomes known,
 * and the damage counts; RF_ERR_SOURCE: the file was changed meanwhile
 */
RF_MUST_USE rf_code rf_replay_accept_damage(struct rf_replay *replay, struct rf_buf *ret,
                                            struct rf_err *reterr);

/** The file is written with the goldens of this bless, where it is to hold something else.
 * @text  as rf_replay_accept_damage gave it; both are borrowed until the bless has written */
void rf_known_with(struct rf_replay *replay, const struct rf_buf *text,
                   struct rf_bless_request *request);

/** Where the bless failed to write, or is not to: what was to be accepted is not known, and counts.
 */
void rf_replay_unaccept_damage(struct rf_replay *replay);

#endif

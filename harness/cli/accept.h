/* SPDX-License-Identifier: MIT */
/* Accepting a part of what changed: bless --review and --cluster. */
#ifndef RF_CLI_ACCEPT_H
#define RF_CLI_ACCEPT_H

#include "cli/replay.h"

/** Whether a part can be asked for here and now, before anything is read: RF_ERR_USAGE where
 * --review has no one to ask. */
RF_MUST_USE rf_code rf_accept_check(const struct rf_settings *settings, struct rf_err *reterr);

/**
 * Of a replay whose history and goldens are read: fold it, compare it with the goldens as a run
 * does, choose, and write the lines that were chosen.
 * @request  of the bless; is completed here, and borrowed until the blessing is freed
 * @known    what known-damage.json is to hold, where damage is accepted; the request has it
 * @blessing  for rf_blessing_free, whatever is returned
 * @return   RF_OK, also where nothing is written for damage; RF_ERR_USAGE: no such cluster, of
 * which a list is printed; RF_ERR_SOURCE: the golden changed meanwhile; and what folding and
 *           writing return
 */
RF_MUST_USE rf_code rf_accept_part(struct rf_replay *replay, struct rf_bless_request *request,
                                   struct rf_blessing **blessing, struct rf_buf *known,
                                   struct rf_bless_summary *summary, struct rf_err *reterr);

#endif

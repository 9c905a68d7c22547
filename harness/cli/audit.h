/* SPDX-License-Identifier: MIT */
/* Rules that leave something out are looked at in every run: what they swallow, and whether they
 * are of any use. */
#ifndef RF_CLI_AUDIT_H
#define RF_CLI_AUDIT_H

#include "cli/replay.h"

/** Warn of ignore rules whose last day is over, before anything is read: they ignore nothing. */
void rf_replay_warn_expired(struct rf_replay *replay);

/** After a comparison: warn of ignore rules that swallowed nothing, and of skipped types that do
 * not occur; not where a selection may be why. */
void rf_replay_warn_idle_rules(struct rf_replay *replay);

/** Whether today's date is part of the result: a rule, or known damage, has a last day. */
bool rf_replay_has_last_day(const struct rf_replay *replay);

#endif

/* SPDX-License-Identifier: MIT */
/* What shards say of known damage, ignore rules and skipped types, read back and put together. */
#ifndef RF_REPORTS_SHARD_AUDIT_H
#define RF_REPORTS_SHARD_AUDIT_H

#include "reports/report.h"

/** What one shard says, or all together. All is owned; for rf_shard_audit_done. */
struct rf_shard_audit {
    struct rf_known_damage *known; /**< or NULL: there is no file */
    struct rf_ignore *ignores;
    size_t ignore_count;
    struct rf_skip_audit *skips;
    size_t skip_count;
    char *today; /**< or NULL */
    bool narrowed;
};
void rf_shard_audit_done(struct rf_shard_audit *audit);

struct rf_reading;
struct rf_notes;
/** Read it; what the ignore rules swallowed goes to `notes`. */
void rf_reading_audit(struct rf_reading *reading, uint32_t shard, struct rf_shard_audit *ret,
                      struct rf_notes *notes);

/** Whether two shards had the same rules and entries. */
bool rf_shard_audits_alike(const struct rf_shard_audit *a, const struct rf_shard_audit *b);

/** Adds what another shard found, which is alike. Damage of objects is found by each of them. */
void rf_shard_audit_add(struct rf_shard_audit *audit, const struct rf_shard_audit *more);

#endif

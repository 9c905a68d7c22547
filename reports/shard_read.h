/* SPDX-License-Identifier: MIT */
/* A shard's JSON report, read back into what reports are made of. */
#ifndef RF_REPORTS_SHARD_READ_H
#define RF_REPORTS_SHARD_READ_H

#include "golden/notes.h"
#include "reports/report.h"
#include "reports/shard_audit.h"

/** Texts of a list; all owned. */
struct rf_texts {
    char **items;
    size_t count;
};

/** All is owned; for rf_shard_file_done. */
struct rf_shard_file {
    const char *path; /**< borrowed */
    struct rf_buf text;
    struct rf_json doc; /**< of `text` */
    struct rf_flags flags;
    struct rf_build **builds;
    size_t build_count;
    char golden_digest[65];
    struct rf_sums sums; /**< `seen` and `settled` hold only counts */
    struct rf_decode_counts counts;
    struct rf_gather_counts gathered;
    struct rf_unclaimed unclaimed;
    struct rf_ingest_result ingested;
    struct rf_notes notes;
    struct rf_texts unloaded;
    struct rf_texts loaded;    /**< what was loaded of each build */
    struct rf_damages damages; /**< those of objects and goldens stand in each shard's */
    uint64_t damages_of_all[RF_DAMAGE_COUNT_];
    uint64_t damages_of_own[RF_DAMAGE_COUNT_];
    uint64_t known_of_all[RF_DAMAGE_COUNT_]; /**< of these */
    uint64_t known_of_own[RF_DAMAGE_COUNT_];
    struct rf_shard_audit audit;
    enum rf_policy damage_policies[RF_DAMAGE_COUNT_];
    struct rf_report_shard shard; /**< its texts are `texts` and `absent` */
    struct rf_texts absent;
    struct rf_texts warnings;
    char *envelope_hint; /**< or NULL */
    char *options, *again, *again_run, *again_bless, *again_show, *again_review, *again_types;
    uint64_t golden_elsewhere;
    uint64_t refused;
    bool purity; /**< it says how many were `examined`: of a shard all, or none */
    uint64_t examined;
    double seconds;
    uint64_t peak_bytes;
};

/**
 * Read the report of one shard, of a run that came to its end, and see that its counts add up. Its
 * limit of what is listed becomes that of this process (rf_limits.listed).
 * @path  borrowed
 * @ret   for rf_shard_file_done, whatever is returned
 * @return  RF_OK; RF_ERR_USAGE: it cannot be read, is no such report, or is damaged
 */
RF_MUST_USE rf_code rf_shard_file_read(const char *path, struct rf_shard_file *ret,
                                       struct rf_err *reterr);
void rf_shard_file_done(struct rf_shard_file *file);

/** Whether a finding of damage is one of an instance, and so of one shard only. */
bool rf_shard_owns(const struct rf_damage *damage);

#endif

/* SPDX-License-Identifier: MIT */
/* The comparison: folded states against golden lines. Here, in the parent, the verdict is made. */
#ifndef RF_GOLDEN_COMPARE_H
#define RF_GOLDEN_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fold/fold.h"
#include "golden/findings.h"
#include "golden/golden.h"
#include "history/damage.h"
#include "history/known.h"
#include "history/shard.h"

struct rf_compare_request {
    const struct rf_goldens *goldens; /**< NULL with --no-compare */
    struct rf_history *history; /**< for the names of objects; may be set later, before the fold */
    struct rf_build *const *builds; /**< same order as the rules' claims */
    size_t build_count;
    bool at_head;
    bool only_lines; /**< lines are asked about: what is refused behind a line's version, which
                          the line cannot tell, or where no line is, differs from none */
    bool require_golden;
    const struct rf_ignore *ignores;
    size_t ignore_count;
    /** --until left objects out: what is short or absent may lie in them. Where it left out none,
     * nothing is excused. */
    bool selected_by_time;
    /** --id/--ids: whether this id is selected; NULL: all are. */
    bool (*selects)(const void *context, const char *id, size_t id_bytes);
    const void *select_context;
    /** With `selects`: for each of RF_SHARD_COUNT shards whether a selected id is of it; NULL: of
     * any may be one. */
    const bool *selected_shards;
    struct rf_run_shard shard;     /**< lines of other shards are none of this comparison's */
    struct rf_known_damage *known; /**< damage that was accepted, or NULL */
    bool keeps_members; /**< whether the findings tell the cluster of each instance that differs */
    bool unfit_first;   /**< whether crashes and hangs are listed before all else */
    size_t jobs;
};

struct rf_comparison;
/** `request` and what it points to are borrowed until rf_comparison_free. */
struct rf_comparison *rf_comparison_new(const struct rf_compare_request *request);
void rf_comparison_free(struct rf_comparison *comparison);

/** The sink for rf_fold; borrowed. */
const struct rf_fold_sink *rf_comparison_sink(struct rf_comparison *comparison);

/** For the rules' `passed`, where --as-of or --until may leave events out: a line all of whose
 * instance was left out is uncompared, not missing. Threads: as said there. */
void rf_comparison_passed(void *comparison, uint32_t aggregate, const struct rf_packed_event *event,
                          int64_t version, enum rf_term term);

/**
 * After the fold: what of the lines of digest goldens was needed and is not there is told in the
 * findings' `lines.unread`: the comparison is not whole then. Golden lines without an instance
 * become missing or uncompared; counts, differences and clusters of all threads are joined and
 * sorted; instances that end before their golden's version without a selection are damage
 * (cut-short).
 */
void rf_comparison_finish(struct rf_comparison *comparison, struct rf_findings *ret,
                          struct rf_damages *damages);

#endif

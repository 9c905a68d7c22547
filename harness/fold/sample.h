/* SPDX-License-Identifier: MIT */
/* Which instances are folded in other worlds too: told by their ids and the history alone, not by
 * threads, memory or chance. */
#ifndef RF_FOLD_SAMPLE_H
#define RF_FOLD_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/gather.h"
#include "history/history.h"

/** What is said of code that is impure, in place of the cause: that was looked for in others. Who
 * shows one of many shows another. */
#define RF_PURITY_ELSEWHERE "what it depends on was looked for in"

enum rf_purity_mode {
    RF_PURITY_OFF,
    RF_PURITY_SAMPLE,
    RF_PURITY_SOME, /**< about `count` */
    RF_PURITY_ALL,
};

/** "off", "sample", … as reports have it. */
const char *rf_purity_name(enum rf_purity_mode mode);

struct rf_purity_wish {
    enum rf_purity_mode mode;
    uint64_t count;
};

/** Of a history with no more events the sample is all. */
#define RF_SAMPLE_ALL_EVENTS 10000
/** Else one instance each of so many buckets, and this share of all others. */
#define RF_SAMPLE_BUCKETS 128
#define RF_SAMPLE_SHARE   100 /**< 1 of 100 */
/** A state that grows with each event costs the square of its events: an instance of more is in no
 * sample that nobody gave the size of. */
#define RF_SAMPLE_STEPS 5000

/** What is chosen of a history. */
struct rf_sample {
    bool all;
    uint64_t steps_most;              /**< instances with more are left out */
    uint64_t share_below;             /**< chosen are ids with a hash below this … */
    uint32_t quotas[RF_BUCKET_COUNT]; /**< … and so many of each bucket in any case */
};

/** The history is sealed. */
void rf_sample_plan(struct rf_sample *sample, const struct rf_purity_wish *wish,
                    const struct rf_history *history);

/** One thread's way through the buckets. All zero but for the sample, which is borrowed, is valid.
 */
struct rf_sampler {
    const struct rf_sample *sample; /**< NULL: nothing is chosen */
    uint32_t quota;                 /**< what is left of that of the bucket at hand */
    bool *chosen;                   /**< by instance of the portion at hand */
    struct rf_sample_rank *ranks;
    size_t room;
};

void rf_sampler_begin(struct rf_sampler *sampler, size_t bucket);
/** Choose among the instances of a portion that is gathered: `chosen` tells which. */
void rf_sampler_choose(struct rf_sampler *sampler, const struct rf_gathering *gathering);
void rf_sampler_done(struct rf_sampler *sampler);

#endif

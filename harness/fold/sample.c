/* SPDX-License-Identifier: MIT */
/* Which instances are folded in other worlds too. */
#include "fold/sample.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

struct rf_sample_rank {
    uint64_t rank;
    size_t instance;
};

const char *
rf_purity_name(enum rf_purity_mode mode)
{
    static const char *const names[] = {"off", "sample", "some", "all"};
    return names[mode];
}

/* ---- the plan -------------------------------------------------------------------------------- */

/** Shares `count` out among the first buckets that hold events, at most `most` of them. */
static void
share_out(struct rf_sample *sample, const struct rf_history *history, uint64_t count, size_t most)
{
    size_t taking = 0;
    for (size_t i = 0; i < RF_BUCKET_COUNT && taking < most; i++) {
        taking += rf_history_bucket_events(history, i) > 0;
    }
    for (size_t i = 0, taken = 0; i < RF_BUCKET_COUNT && taken < taking; i++) {
        if (rf_history_bucket_events(history, i) > 0) {
            uint64_t quota = count / taking + (taken < count % taking);
            sample->quotas[i] = quota < UINT32_MAX ? (uint32_t)quota : UINT32_MAX;
            taken++;
        }
    }
}

void
rf_sample_plan(struct rf_sample *sample, const struct rf_purity_wish *wish,
               const struct rf_history *history)
{
    uint64_t events = rf_history_events(history);
    memset(sample, 0, sizeof(*sample));
    sample->steps_most = wish->mode == RF_PURITY_SAMPLE ? RF_SAMPLE_STEPS : UINT64_MAX;
    switch (wish->mode) {
    case RF_PURITY_OFF:
        break;
    case RF_PURITY_ALL:
        sample->all = true;
        break;
    case RF_PURITY_SOME:
        sample->all = wish->count >= events; /* no more instances than events */
        share_out(sample, history, wish->count,
                  wish->count < RF_BUCKET_COUNT ? (size_t)wish->count : RF_BUCKET_COUNT);
        break;
    case RF_PURITY_SAMPLE:
        sample->all = events <= RF_SAMPLE_ALL_EVENTS;
        sample->share_below = UINT64_MAX / RF_SAMPLE_SHARE;
        share_out(sample, history, RF_SAMPLE_BUCKETS, RF_SAMPLE_BUCKETS);
        break;
    }
}

/* ---- the choice ------------------------------------------------------------------------------ */

void
rf_sampler_begin(struct rf_sampler *sampler, size_t bucket)
{
    sampler->quota = sampler->sample == NULL ? 0 : sampler->sample->quotas[bucket];
}

static int
compare_ranks(const void *left, const void *right)
{
    const struct rf_sample_rank *a = left;
    const struct rf_sample_rank *b = right;
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    return a->instance < b->instance ? -1 : a->instance > b->instance;
}

static bool
is_short(const struct rf_sample *sample, const struct rf_instance *instance)
{
    return instance->step_count <= sample->steps_most;
}

/** The first ones by rank. Portions come in the order of ranks: what is left of the quota is the
 * next one's. */
static void
fill_quota(struct rf_sampler *sampler, const struct rf_gathering *gathering)
{
    for (size_t i = 0; i < gathering->count; i++) {
        const struct rf_instance *instance = &gathering->instances[i];
        sampler->ranks[i] =
            (struct rf_sample_rank){rf_history_rank(instance->id, instance->id_bytes), i};
    }
    qsort(sampler->ranks, gathering->count, sizeof(*sampler->ranks), compare_ranks);
    for (size_t i = 0; i < gathering->count && sampler->quota > 0; i++) {
        size_t instance = sampler->ranks[i].instance;
        if (is_short(sampler->sample, &gathering->instances[instance])) {
            sampler->chosen[instance] = true;
            sampler->quota--;
        }
    }
}

void
rf_sampler_choose(struct rf_sampler *sampler, const struct rf_gathering *gathering)
{
    const struct rf_sample *sample = sampler->sample;
    if (sample == NULL || gathering->count == 0) {
        return;
    }
    if (gathering->count > sampler->room) {
        sampler->room = gathering->count;
        sampler->chosen = rf_realloc(sampler->chosen, sampler->room, sizeof(*sampler->chosen));
        sampler->ranks = rf_realloc(sampler->ranks, sampler->room, sizeof(*sampler->ranks));
    }
    for (size_t i = 0; i < gathering->count; i++) {
        const struct rf_instance *instance = &gathering->instances[i];
        sampler->chosen[i] =
            is_short(sample, instance) &&
            (sample->all || rf_hash(instance->id, instance->id_bytes, 17) < sample->share_below);
    }
    if (!sample->all && sampler->quota > 0) {
        fill_quota(sampler, gathering);
    }
}

void
rf_sampler_done(struct rf_sampler *sampler)
{
    free(sampler->chosen);
    free(sampler->ranks);
    *sampler = (struct rf_sampler){0};
}

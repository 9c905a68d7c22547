/* SPDX-License-Identifier: MIT */
/* Which builds take part in a replay, and which events are whose. */
#include "cli/replay_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/interrupt.h"

/** What a claim's questions are answered from. */
struct claim_context {
    struct rf_skip_audit *skips; /* of the config's skips, in their order */
    const struct rf_build *build;
    const struct rf_build *rival; /**< or NULL: what only one build declares, the other refuses */
    const struct rf_aggregate_config *config;
};

static bool
claim_declares(const void *context, const char *type, size_t type_bytes)
{
    const struct claim_context *claim = context;
    return rf_build_declares(claim->build, type, type_bytes) ||
           (claim->rival != NULL && rf_build_declares(claim->rival, type, type_bytes));
}

static bool
claim_skips(const void *context, const char *type, size_t type_bytes)
{
    const struct claim_context *claim = context;
    for (size_t i = 0; claim->config != NULL && i < claim->config->skip_count; i++) {
        const char *skipped = claim->config->skips[i].type;
        if (strlen(skipped) == type_bytes && memcmp(skipped, type, type_bytes) == 0) {
            atomic_store_explicit(&claim->skips[i].occurs, true, memory_order_relaxed);
            return true;
        }
    }
    return false;
}

static rf_code
check_builds(const struct rf_replay *replay, struct rf_err *reterr)
{
    for (size_t i = 0; i < replay->build_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct rf_build *a = replay->builds[j];
            const struct rf_build *b = replay->builds[i];
            if (strcmp(a->name, b->name) == 0) {
                return rf_fail(reterr, RF_ERR_USAGE, b->path,
                               "is aggregate '%s', and so is %s: load one of them", b->name,
                               a->path);
            }
            if (a->takes_all && b->takes_all) {
                return rf_fail(reterr, RF_ERR_USAGE, b->path,
                               "takes all types (\"*\"), and so does %s: load one of them",
                               a->path);
            }
        }
    }
    return RF_OK;
}

/** A source is compiled: whoever interrupts that does not wait for the next one. */
static rf_code
open_build(const char *path, struct rf_build **ret, struct rf_err *reterr)
{
    if (atomic_load(&rf_interrupted)) {
        return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped");
    }
    return rf_build_open(path, ret, reterr);
}

/** HEAD of compare, which takes BASE's place. */
static rf_code
open_rival(struct rf_replay *replay, size_t index, struct rf_err *reterr)
{
    const struct rf_build *base = replay->builds[index];
    RF_TRY(open_build(replay->settings->rivals[index], &replay->rivals[index], reterr));
    const struct rf_build *head = replay->rivals[index];
    if (strcmp(base->name, head->name) != 0) {
        return rf_fail(
            reterr, RF_ERR_USAGE, head->path,
            "is aggregate '%s', and %s is '%s': two builds of one aggregate are compared",
            head->name, base->path, base->name);
    }
    return RF_OK;
}

/** Room for the skips of all aggregates of the config: they never move. */
static struct rf_skip_audit *
add_skips(struct rf_replay *replay, const struct rf_aggregate_config *aggregate)
{
    const struct rf_config *config = &replay->settings->config;
    size_t room = 0;
    for (size_t i = 0; replay->skips == NULL && i < config->aggregate_count; i++) {
        room += config->aggregates[i].skip_count;
    }
    if (replay->skips == NULL) {
        replay->skips = rf_calloc(room + 1, sizeof(*replay->skips));
    }
    struct rf_skip_audit *first = &replay->skips[replay->skip_count];
    for (size_t i = 0; aggregate != NULL && i < aggregate->skip_count; i++) {
        struct rf_skip_audit *skip = &replay->skips[replay->skip_count++];
        skip->aggregate = rf_strdup(aggregate->name);
        skip->type = rf_strdup(aggregate->skips[i].type);
        skip->reason = rf_strdup(aggregate->skips[i].reason);
    }
    return first;
}

static rf_code
open_all(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    /* One more: the claim without a build. */
    replay->builds = rf_calloc(settings->plugin_count + 1, sizeof(*replay->builds));
    replay->claims = rf_calloc(settings->plugin_count + 1, sizeof(*replay->claims));
    if (settings->rivals != NULL) {
        replay->rivals = rf_calloc(settings->plugin_count, sizeof(*replay->rivals));
    }
    for (size_t i = 0; i < settings->plugin_count; i++) {
        RF_TRY(open_build(settings->plugins[i], &replay->builds[i], reterr));
        replay->build_count = i + 1;
        if (replay->rivals != NULL) {
            RF_TRY(open_rival(replay, i, reterr));
        }
        struct claim_context *context = rf_calloc(1, sizeof(*context));
        context->build = replay->builds[i];
        context->rival = replay->rivals == NULL ? NULL : replay->rivals[i];
        context->config = rf_config_aggregate(&settings->config, replay->builds[i]->name);
        context->skips = add_skips(replay, context->config);
        replay->claims[i] = (struct rf_claim){
            .name = replay->builds[i]->name,
            .takes_all = replay->builds[i]->takes_all ||
                         (context->rival != NULL && context->rival->takes_all),
            .first_version = context->config == NULL ? 1 : context->config->first,
            .declares = claim_declares,
            .skips = claim_skips,
            .context = context,
        };
    }
    return check_builds(replay, reterr);
}

static bool
declares_all(const void *context, const char *type, size_t type_bytes)
{
    (void)context;
    (void)type;
    (void)type_bytes;
    return true;
}

static bool
skips_none(const void *context, const char *type, size_t type_bytes)
{
    (void)context;
    (void)type;
    (void)type_bytes;
    return false;
}

/** Takes what no loaded aggregate claims; "" is the name of what stands under none. */
static const struct rf_claim unclaimed_claim = {
    .name = "",
    .takes_all = true,
    .first_version = 1,
    .may_begin_at_zero = true,
    .declares = declares_all,
    .skips = skips_none,
};

/** Whether something is left for that claim: an aggregate that declares "*" leaves nothing. */
static bool
orders_rest(const struct rf_replay *replay)
{
    bool all_taken = false;
    for (size_t i = 0; i < replay->build_count; i++) {
        all_taken = all_taken || replay->builds[i]->takes_all;
    }
    return replay->orders_unclaimed && !all_taken;
}

static void
make_rules(struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    replay->rules = (struct rf_gather_rules){
        .claims = replay->claims,
        .claim_count = replay->build_count + (orders_rest(replay) ? 1 : 0),
        .has_as_of = settings->as_of_text != NULL,
        .as_of = settings->as_of,
        .until = settings->until != NULL,
        .selects = settings->ids == NULL ? NULL : rf_ids_meet,
        .select_context = settings->ids,
        .anywhere = (settings->verb & RF_VERB_LOOKS) != 0 && settings->since != NULL,
        .everything = (settings->verb & (RF_VERB_TYPES | RF_VERB_LOOKS)) != 0 || replay->surveys,
    };
}

rf_code
rf_replay_open_builds(struct rf_replay *replay, struct rf_err *reterr)
{
    RF_TRY(open_all(replay, reterr));
    RF_TRY(rf_replay_open_identifiers(replay, reterr));
    replay->claims[replay->build_count] = unclaimed_claim;
    make_rules(replay);
    return RF_OK;
}

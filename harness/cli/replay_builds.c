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
is_skipped_by(const struct rf_skip *rule, const char *type, size_t type_bytes)
{
    return strlen(rule->type) == type_bytes && memcmp(rule->type, type, type_bytes) == 0;
}

static bool
claim_skips(const void *context, const char *type, size_t type_bytes)
{
    const struct claim_context *claim = context;
    for (size_t i = 0; claim->config != NULL && i < claim->config->skip_count; i++) {
        if (is_skipped_by(&claim->config->skips[i], type, type_bytes)) {
            return true;
        }
    }
    return false;
}

/** Not when it is only asked: what is no event of this aggregate is asked about too. A type may be
 * named twice. */
static void
note_skipped(const void *context, const char *type, size_t type_bytes)
{
    const struct claim_context *claim = context;
    for (size_t i = 0; i < claim->config->skip_count; i++) {
        if (is_skipped_by(&claim->config->skips[i], type, type_bytes)) {
            atomic_store_explicit(&claim->skips[i].occurs, true, memory_order_relaxed);
        }
    }
}

/** What cannot be loaded together: each event must be some one's. */
static rf_code
check_pair(const struct rf_build *a, const struct rf_build *b, struct rf_err *reterr)
{
    if (strcmp(a->name, b->name) == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, b->path,
                       "is aggregate '%s', and so is %s: load one of them", b->name, a->path);
    }
    if (!a->takes_all || !b->takes_all) {
        return RF_OK;
    }
    return a->artifact == b->artifact
               ? rf_fail(reterr, RF_ERR_USAGE, b->path,
                         "its aggregates '%s' and '%s' both take all types (\"*\"): only one of a "
                         "history can",
                         a->name, b->name)
               : rf_fail(reterr, RF_ERR_USAGE, b->path,
                         "takes all types (\"*\"), and so does %s: load one of them", a->path);
}

static rf_code
check_builds(const struct rf_replay *replay, struct rf_err *reterr)
{
    for (size_t i = 0; i < replay->build_count; i++) {
        for (size_t j = 0; j < i; j++) {
            RF_TRY(check_pair(replay->builds[j], replay->builds[i], reterr));
            if (replay->rivals != NULL) {
                RF_TRY(check_pair(replay->rivals[j], replay->rivals[i], reterr));
            }
        }
        for (size_t j = 0; j < replay->unpaired_count; j++) {
            RF_TRY(check_pair(replay->builds[i], replay->unpaired[j], reterr));
            RF_TRY(check_pair(replay->rivals[i], replay->unpaired[j], reterr));
        }
    }
    return RF_OK;
}

/** Something may be compiled: whoever interrupts that does not wait for it, nor for the next one.
 */
static rf_code
open_builds(const struct rf_replay *replay, const char *path, struct rf_builds *ret,
            struct rf_err *reterr)
{
    struct rf_progress progress = {.building = path};
    rf_code code = RF_OK;
    if (!atomic_load(&rf_interrupted)) {
        rf_progress_start(&progress, replay->settings->progress, 0, 0);
        code = rf_builds_open(path, ret, reterr);
        rf_progress_stop(&progress);
    }
    if (atomic_load(&rf_interrupted)) {
        rf_builds_done(ret);
        return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped");
    }
    return code;
}

static rf_code
fail_unpaired(struct rf_replay *replay, const struct rf_build *base, size_t base_count,
              struct rf_builds *heads, struct rf_err *reterr)
{
    const char *path = replay->settings->rivals[0];
    if (base_count == 1 && heads->count == 1) {
        replay->rivals[0] = heads->items[0]; /* reports name it */
        heads->items[0] = NULL;
        return rf_fail(
            reterr, RF_ERR_USAGE, path,
            "is aggregate '%s', and %s is '%s': two builds of one aggregate are compared",
            replay->rivals[0]->name, base->path, base->name);
    }
    return rf_fail(reterr, RF_ERR_USAGE, path,
                   "has no aggregate '%s', which BASE (%s) has: nothing is compared where a part "
                   "cannot be",
                   base->name, base->path);
}

/** The aggregate of that name, taken out of the list; or NULL. */
static struct rf_build *
take_named(struct rf_builds *builds, const char *name)
{
    for (size_t i = 0; i < builds->count; i++) {
        struct rf_build *build = builds->items[i];
        if (build != NULL && strcmp(build->name, name) == 0) {
            builds->items[i] = NULL;
            return build;
        }
    }
    return NULL;
}

/** For each aggregate of BASE the one of its name. What only HEAD has is new, and nothing that
 * could have changed; but its events are its own, and no other's to fold. */
static rf_code
pair_rivals(struct rf_replay *replay, const struct rf_builds *bases, struct rf_builds *heads,
            struct rf_err *reterr)
{
    for (size_t i = 0; i < bases->count; i++) {
        replay->rivals[i] = take_named(heads, bases->items[i]->name);
        if (replay->rivals[i] == NULL) {
            return fail_unpaired(replay, bases->items[i], bases->count, heads, reterr);
        }
    }
    replay->unpaired = rf_calloc(heads->count + 1, sizeof(struct rf_build *));
    for (size_t i = 0; i < heads->count; i++) {
        struct rf_build *extra = heads->items[i];
        if (extra != NULL) {
            rf_replay_warn(replay,
                           "aggregate '%s' is in HEAD (%s) only: there is nothing to compare it "
                           "with, and its events are unclaimed",
                           extra->name, extra->path);
            replay->unpaired[replay->unpaired_count++] = extra;
            heads->items[i] = NULL;
        }
    }
    return RF_OK;
}

/** HEAD of compare. */
static rf_code
open_rivals(struct rf_replay *replay, const struct rf_builds *bases, struct rf_err *reterr)
{
    struct rf_builds heads = {0};
    replay->rivals = rf_calloc(bases->count, sizeof(*replay->rivals));
    RF_TRY(open_builds(replay, replay->settings->rivals[0], &heads, reterr));
    rf_code code = pair_rivals(replay, bases, &heads, reterr);
    rf_builds_done(&heads);
    return code;
}

/** Room for the skips of all aggregates of the config, each of which is asked for once
 * (check_pair): they never move. */
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

/** @index  of the build */
static void
make_claim(struct rf_replay *replay, size_t index)
{
    const struct rf_settings *settings = replay->settings;
    struct claim_context *context = rf_calloc(1, sizeof(*context));
    context->build = replay->builds[index];
    context->rival = replay->rivals == NULL ? NULL : replay->rivals[index];
    context->config = rf_config_aggregate(&settings->config, context->build->name);
    context->skips = add_skips(replay, context->config);
    replay->claims[index] = (struct rf_claim){
        .name = context->build->name,
        .takes_all =
            context->build->takes_all || (context->rival != NULL && context->rival->takes_all),
        .first_version = context->config == NULL ? 1 : context->config->first,
        .declares = claim_declares,
        .skips = claim_skips,
        .skipped = note_skipped,
        .context = context,
    };
}

static bool
skips_none(const void *context, const char *type, size_t type_bytes)
{
    (void)context;
    (void)type;
    (void)type_bytes;
    return false;
}

/** Of what is not folded nothing is skipped. */
static void
make_unpaired_claim(struct rf_replay *replay, size_t index)
{
    struct claim_context *context = rf_calloc(1, sizeof(*context));
    context->build = replay->unpaired[index];
    replay->claims[replay->build_count + index] = (struct rf_claim){
        .name = context->build->name,
        .takes_all = context->build->takes_all,
        .first_version = 1,
        .declares = claim_declares,
        .skips = skips_none,
        .context = context,
    };
}

/** What was named, each with all the aggregates that it holds. */
static rf_code
open_named(struct rf_replay *replay, const char *path, struct rf_err *reterr)
{
    struct rf_builds opened = {0};
    RF_TRY(open_builds(replay, path, &opened, reterr));
    rf_code code = replay->settings->rivals == NULL ? RF_OK : open_rivals(replay, &opened, reterr);
    replay->builds =
        rf_realloc(replay->builds, replay->build_count + opened.count, sizeof(*replay->builds));
    for (size_t i = 0; i < opened.count; i++) {
        replay->builds[replay->build_count++] = opened.items[i];
        opened.items[i] = NULL;
    }
    rf_builds_done(&opened);
    return code;
}

static rf_code
open_all(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    rf_code code = RF_OK;
    for (size_t i = 0; i < settings->plugin_count && code == RF_OK; i++) {
        code = open_named(replay, settings->plugins[i], reterr);
    }
    /* One more each: the claim without a build. */
    replay->builds = rf_realloc(replay->builds, replay->build_count + 1, sizeof(*replay->builds));
    replay->builds[replay->build_count] = NULL;
    replay->claims =
        rf_calloc(replay->build_count + 1 + replay->unpaired_count, sizeof(*replay->claims));
    RF_TRY(code);
    RF_TRY(check_builds(replay, reterr)); /* claims have room for one of each name */
    for (size_t i = 0; i < replay->build_count; i++) {
        make_claim(replay, i);
    }
    for (size_t i = 0; i < replay->unpaired_count; i++) {
        make_unpaired_claim(replay, i);
    }
    return RF_OK;
}

static bool
declares_all(const void *context, const char *type, size_t type_bytes)
{
    (void)context;
    (void)type;
    (void)type_bytes;
    return true;
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
        .unfolded_count = replay->unpaired_count,
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
    if (replay->unpaired_count == 0) {
        replay->claims[replay->build_count] = unclaimed_claim;
    }
    make_rules(replay);
    return RF_OK;
}

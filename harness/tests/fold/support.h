/* SPDX-License-Identifier: MIT */
/* A small history by hand, folded, and what came of each instance. */
#ifndef RF_TESTS_FOLD_SUPPORT_H
#define RF_TESTS_FOLD_SUPPORT_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/hash.h"
#include "fold/fold.h"
#include "tests/worker/support.h"

/** An instance's outcome, copied. */
struct result {
    unsigned outcomes; /**< how often the sink was called: once */
    enum rf_ending ending;
    uint64_t applied;
    int64_t at_version;
    bool has_at;
    bool unhandled;
    char *state;
    uint64_t state_steps;
    int64_t state_version;
    uint64_t state_digest;
    uint64_t at_digest;
    char *nonfinite;
    char *message;
    char trace[512]; /**< "applied=state;" for each */
    unsigned traces; /**< how often a trace ended */
    bool whole;
};

/** Instances are named by numbers below `count`. */
struct stage {
    struct rf_history *history;
    struct rf_writer *writer;
    struct rf_build *build;
    struct rf_sums seen;
    struct result *results;
    size_t count;
    struct rf_pin pin; /**< for all */
    size_t groups;     /**< of the sink, with what is called for them */
    bool passes;       /**< what had an outcome is not wanted again */
    void (*begin)(void *context, size_t thread, size_t group);
    bool (*end)(void *context, size_t thread, size_t group);
    bool wants_traces;
    size_t trace_of; /**< 1 + the instance that is traced by itself after the fold; or 0 */
    uint64_t trace_steps;
    struct rf_trace_death death;
    bool buildless;           /**< the claim has no build */
    struct rf_starts *starts; /**< or NULL */
    const struct rf_fold_request *request;
    struct rf_fold_result result;
    rf_code code;
    struct rf_err err;
    int timeout_ms;
    const atomic_bool *stop;
};

static struct rf_object stage_object = {.key = (char *)"object", .name = (char *)"object"};
static struct rf_objects stage_objects = {.items = &stage_object, .count = 1};

static inline void
stage_open(struct stage *stage, const char *plugin, size_t count)
{
    memset(stage, 0, sizeof(*stage));
    struct rf_err err = {0};
    cr_assert(setenv("REFOLD_WORKER", built("refold-worker"), 1) == 0);
    cr_assert(rf_build_open(built(plugin), &stage->build, &err) == RF_OK, "%s", err.text);
    stage->history = rf_history_new(&stage_objects, 1);
    stage->writer = rf_history_writer(stage->history, 0);
    stage->results = calloc(count, sizeof(*stage->results));
    stage->count = count;
    stage->timeout_ms = 5000;
}

static inline void
stage_add_type(struct stage *stage, size_t number, int64_t version, const char *type,
               size_t type_bytes, const char *data)
{
    char id[24];
    struct rf_err err = {0};
    (void)snprintf(id, sizeof(id), "%07zu", number);
    struct rf_event event = {
        .id = id,
        .id_bytes = strlen(id),
        .type = type,
        .type_bytes = type_bytes,
        .data = data,
        .data_bytes = strlen(data),
        .version = version,
        .has_version = true,
        .has_at = true,
        .at = {1500000000 + version, 0},
        .content_hash = rf_hash(data, strlen(data), 99),
    };
    const char *name = stage->build->name;
    cr_assert(rf_writer_add(stage->writer, 0, &event, name, strlen(name), &err) == RF_OK);
}

static inline void
stage_add(struct stage *stage, size_t number, int64_t version, const char *type, const char *data)
{
    stage_add_type(stage, number, version, type, strlen(type), data);
}

static inline bool
stage_declares(const void *context, const char *type, size_t type_bytes)
{
    return rf_build_declares(context, type, type_bytes);
}

static inline bool
stage_skips(const void *context, const char *type, size_t type_bytes)
{
    (void)context;
    (void)type;
    (void)type_bytes;
    return false;
}

static inline struct result *
stage_result(struct stage *stage, const struct rf_instance *instance)
{
    char id[24] = {0};
    cr_assert(instance->id_bytes == 7);
    memcpy(id, instance->id, 7);
    size_t number = strtoul(id, NULL, 10);
    cr_assert(number < stage->count);
    return &stage->results[number];
}

static inline struct rf_pin
stage_pin(void *context, size_t thread, const struct rf_instance *instance)
{
    struct stage *stage = context;
    struct rf_pin pin = stage->pin;
    (void)thread;
    pin.passed = stage->passes && stage_result(stage, instance)->outcomes > 0;
    return pin;
}

/** In place of the copy of an earlier outcome: a group may be folded twice. */
static inline void
stage_copy(char **copy, const char *text)
{
    free(*copy);
    *copy = text == NULL ? NULL : strdup(text);
}

/** Traces it by itself, while it is still there. */
static inline void
stage_trace_alone(struct stage *stage, const struct rf_instance *instance)
{
    struct rf_fold_request alone = *stage->request;
    struct rf_err err;
    cr_assert(rf_fold_trace(&alone, instance, stage->trace_steps, &stage->death, &err) == RF_OK);
}

static inline bool
stage_outcome(void *context, size_t thread, const struct rf_outcome *outcome)
{
    (void)thread;
    struct stage *stage = context;
    struct result *result = stage_result(stage, outcome->instance);
    result->outcomes++;
    result->ending = outcome->ending;
    result->applied = outcome->applied;
    result->has_at = outcome->at != NULL;
    result->at_version = outcome->at_version;
    result->unhandled = outcome->unhandled;
    stage_copy(&result->state, outcome->state);
    cr_assert(outcome->state == NULL || strlen(outcome->state) == outcome->state_bytes);
    result->state_steps = outcome->state_steps;
    result->state_version = outcome->state_version;
    result->state_digest = outcome->state_digest;
    result->at_digest = outcome->at_digest;
    stage_copy(&result->nonfinite, outcome->nonfinite);
    stage_copy(&result->message, outcome->message);
    if (stage->trace_of > 0 && result == &stage->results[stage->trace_of - 1]) {
        stage_trace_alone(stage, outcome->instance);
    }
    return stage->wants_traces;
}

static inline void
stage_trace(void *context, size_t thread, const struct rf_instance *instance, uint64_t applied,
            const char *state, size_t state_bytes, uint64_t likeness)
{
    (void)thread;
    (void)likeness;
    struct result *result = stage_result(context, instance);
    size_t used = strlen(result->trace);
    (void)snprintf(result->trace + used, sizeof(result->trace) - used, "%d=%.*s;", (int)applied,
                   (int)state_bytes, state == NULL ? "" : state);
}

static inline void
stage_traced(void *context, size_t thread, const struct rf_instance *instance, bool whole)
{
    (void)thread;
    struct result *result = stage_result(context, instance);
    result->traces++;
    result->whole = whole;
}

/** Folds, and checks what always holds: each instance once, and sums that add up. */
static inline void
stage_fold(struct stage *stage, size_t jobs)
{
    struct rf_err err = {0};
    if (stage->writer != NULL) {
        rf_sums_join(&stage->seen, rf_writer_sums(stage->writer));
        rf_history_settle(stage->history, 0, RF_FATE_READ, false);
        cr_assert(rf_history_seal(stage->history, &err) == RF_OK, "%s", err.text);
        stage->writer = NULL;
    }
    struct rf_claim claim = {.name = stage->build->name,
                             .takes_all = stage->build->takes_all,
                             .first_version = 1,
                             .declares = stage_declares,
                             .skips = stage_skips,
                             .context = stage->build};
    struct rf_gather_rules rules = {.claims = &claim, .claim_count = 1, .starts = stage->starts};
    struct rf_fold_sink sink = {.context = stage,
                                .pin = stage_pin,
                                .outcome = stage_outcome,
                                .trace = stage_trace,
                                .traced = stage_traced,
                                .groups = stage->groups,
                                .begin = stage->begin,
                                .end = stage->end};
    struct rf_build *no_build = NULL;
    struct rf_fold_request request = {.history = stage->history,
                                      .rules = &rules,
                                      .builds = stage->buildless ? &no_build : &stage->build,
                                      .sink = &sink,
                                      .jobs = jobs,
                                      .timeout_ms = stage->timeout_ms,
                                      .stop = stage->stop};
    stage->request = &request;
    memset(&stage->err, 0, sizeof(stage->err));
    stage->code = rf_fold(&request, &stage->result, &stage->err);
    if (stage->code != RF_OK) {
        return;
    }
    struct rf_sums sums = stage->result.sums;
    rf_sums_join(&sums, &stage->seen);
    /* The rest of the sums is of stations that are not here. */
    sums.objects = sums.read = 0;
    sums.records = sums.events + sums.malformed;
    cr_expect(rf_sums_check(&sums, &err) == RF_OK, "%s", err.text);
}

static inline void
stage_forget(struct stage *stage)
{
    for (size_t i = 0; i < stage->count; i++) {
        free(stage->results[i].state);
        free(stage->results[i].message);
        free(stage->results[i].nonfinite);
    }
    memset(stage->results, 0, stage->count * sizeof(*stage->results));
    rf_damages_done(&stage->result.damages);
    rf_unclaimed_done(&stage->result.unclaimed);
}

static inline void
stage_close(struct stage *stage)
{
    stage_forget(stage);
    free(stage->results);
    rf_starts_free(stage->starts);
    rf_history_free(stage->history);
    rf_build_free(stage->build);
}

#endif

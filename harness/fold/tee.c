/* SPDX-License-Identifier: MIT */
/* One fold for two sinks. */
#include "fold/tee.h"

static struct rf_pin
tee_pin(void *context, size_t thread, const struct rf_instance *instance)
{
    const struct rf_tee *tee = context;
    return tee->first->pin(tee->first->context, thread, instance);
}

static void
tee_ahead(void *context, size_t thread, const struct rf_instance *const *instances, size_t count)
{
    const struct rf_tee *tee = context;
    if (tee->first->ahead != NULL) {
        tee->first->ahead(tee->first->context, thread, instances, count);
    }
}

static void
tee_soon(void *context, size_t thread, const void *const *tokens, size_t count)
{
    const struct rf_tee *tee = context;
    if (tee->first->soon != NULL) {
        tee->first->soon(tee->first->context, thread, tokens, count);
    }
}

static bool
tee_outcome(void *context, size_t thread, const struct rf_outcome *outcome)
{
    const struct rf_tee *tee = context;
    bool first = tee->first->outcome(tee->first->context, thread, outcome);
    bool second = tee->second->outcome(tee->second->context, thread, outcome);
    return first || second;
}

static void
tee_trace(void *context, size_t thread, const struct rf_instance *instance, uint64_t applied,
          const char *state, size_t state_bytes, uint64_t likeness)
{
    const struct rf_tee *tee = context;
    tee->first->trace(tee->first->context, thread, instance, applied, state, state_bytes, likeness);
    tee->second->trace(tee->second->context, thread, instance, applied, state, state_bytes,
                       likeness);
}

static void
tee_traced(void *context, size_t thread, const struct rf_instance *instance, bool whole)
{
    const struct rf_tee *tee = context;
    tee->first->traced(tee->first->context, thread, instance, whole);
    tee->second->traced(tee->second->context, thread, instance, whole);
}

struct rf_fold_sink
rf_tee_sink(struct rf_tee *tee)
{
    return (struct rf_fold_sink){
        .context = tee,
        .pin = tee_pin,
        .ahead = tee_ahead,
        .soon = tee_soon,
        .outcome = tee_outcome,
        .trace = tee_trace,
        .traced = tee_traced,
    };
}

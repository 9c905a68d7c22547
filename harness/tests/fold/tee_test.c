/* SPDX-License-Identifier: MIT */
/* One fold for two sinks: both are given everything, the first one says where the snapshots are. */
#include "fold/tee.h"

#include <criterion/criterion.h>

/** A sink that counts what it is given. */
struct tally {
    int64_t pinned; /* what it asks for */
    bool wants_traces;
    size_t pins, aheads, outcomes, traces, ends;
    size_t last_thread;
    const void *last; /* outcome or instance */
};

static struct rf_pin
tally_pin(void *context, size_t thread, const struct rf_instance *instance)
{
    struct tally *tally = context;
    tally->pins++;
    tally->last_thread = thread;
    tally->last = instance;
    return (struct rf_pin){.wanted = true, .version = tally->pinned, .token = tally};
}

static void
tally_ahead(void *context, size_t thread, const struct rf_instance *const *instances, size_t count)
{
    struct tally *tally = context;
    tally->aheads += count;
    tally->last_thread = thread;
    tally->last = instances[count - 1];
}

static void
tally_soon(void *context, size_t thread, const void *const *tokens, size_t count)
{
    struct tally *tally = context;
    tally->aheads += count;
    tally->last_thread = thread;
    tally->last = tokens[count - 1];
}

static bool
tally_outcome(void *context, size_t thread, const struct rf_outcome *outcome)
{
    struct tally *tally = context;
    tally->outcomes++;
    tally->last_thread = thread;
    tally->last = outcome;
    return tally->wants_traces;
}

static void
tally_trace(void *context, size_t thread, const struct rf_instance *instance, uint64_t applied,
            const char *state, size_t state_bytes, uint64_t likeness)
{
    struct tally *tally = context;
    tally->traces++;
    tally->last_thread = thread;
    tally->last = instance;
    cr_assert(applied == 4 && state_bytes == 2 && state[0] == '{' && likeness == 7);
}

static void
tally_traced(void *context, size_t thread, const struct rf_instance *instance, bool whole)
{
    struct tally *tally = context;
    tally->ends++;
    tally->last_thread = thread;
    tally->last = instance;
    cr_assert(whole);
}

static struct tally tallies[2];
static struct rf_fold_sink sinks[2];
static struct rf_tee tee;
static struct rf_fold_sink sink;

static void
set_up(void)
{
    for (int i = 0; i < 2; i++) {
        tallies[i] = (struct tally){.pinned = 2 - i};
        sinks[i] = (struct rf_fold_sink){
            .context = &tallies[i],
            .pin = tally_pin,
            .ahead = tally_ahead,
            .soon = tally_soon,
            .outcome = tally_outcome,
            .trace = tally_trace,
            .traced = tally_traced,
        };
    }
    tee = (struct rf_tee){&sinks[0], &sinks[1]};
    sink = rf_tee_sink(&tee);
}

TestSuite(tee, .init = set_up);

Test(tee, asks_only_the_first_for_pins)
{
    struct rf_instance instance = {0};
    struct rf_pin pin = sink.pin(sink.context, 3, &instance);
    cr_assert(pin.wanted && pin.version == 2 && pin.token == &tallies[0]);
    cr_assert(tallies[0].pins == 1 && tallies[0].last == &instance && tallies[0].last_thread == 3);
    cr_assert(tallies[1].pins == 0);
}

Test(tee, tells_only_the_first_what_pins_are_asked_for_next)
{
    struct rf_instance instances[2] = {{0}};
    const struct rf_instance *list[] = {&instances[0], &instances[1]};
    sink.ahead(sink.context, 3, list, 2);
    cr_assert(tallies[0].aheads == 2 && tallies[0].last == list[1] && tallies[0].last_thread == 3);
    cr_assert(tallies[1].aheads == 0);
    sinks[0].ahead = NULL; /* it need not want to know */
    sink.ahead(sink.context, 3, list, 2);
    cr_assert(tallies[0].aheads == 2 && tallies[1].aheads == 0);
}

Test(tee, tells_only_the_first_which_outcomes_come_next)
{
    const void *tokens[] = {NULL, &tallies[0]};
    sink.soon(sink.context, 3, tokens, 2);
    cr_assert(tallies[0].aheads == 2 && tallies[0].last == tokens[1]);
    cr_assert(tallies[0].last_thread == 3 && tallies[1].aheads == 0);
    sinks[0].soon = NULL; /* it need not want to know */
    sink.soon(sink.context, 3, tokens, 2);
    cr_assert(tallies[0].aheads == 2 && tallies[1].aheads == 0);
}

Test(tee, hands_outcomes_to_both_and_traces_what_one_of_them_wants)
{
    struct rf_outcome outcome = {0};
    for (int wants = 0; wants < 4; wants++) {
        tallies[0].wants_traces = (wants & 1) != 0;
        tallies[1].wants_traces = (wants & 2) != 0;
        cr_assert(sink.outcome(sink.context, 5, &outcome) == (wants != 0), "%d", wants);
    }
    for (int i = 0; i < 2; i++) {
        cr_assert(tallies[i].outcomes == 4 && tallies[i].last == &outcome, "%d", i);
        cr_assert(tallies[i].last_thread == 5, "%d", i);
    }
}

Test(tee, hands_traces_to_both)
{
    struct rf_instance instance = {0};
    sink.trace(sink.context, 1, &instance, 4, "{}", 2, 7);
    sink.traced(sink.context, 1, &instance, true);
    for (int i = 0; i < 2; i++) {
        cr_assert(tallies[i].traces == 1 && tallies[i].ends == 1, "%d", i);
        cr_assert(tallies[i].last == &instance && tallies[i].last_thread == 1, "%d", i);
    }
}

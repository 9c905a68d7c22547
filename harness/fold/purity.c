/* SPDX-License-Identifier: MIT */
/* Whether code is pure: the same instances in two worlds. */
#include "fold/purity.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "worker/world.h"

/** What is shown of a worker's own words. */
#define WORDS_BYTES 300

/* ---- life ------------------------------------------------------------------------------------ */

struct rf_purity_share *
rf_purity_share_new(const struct rf_fold_request *request)
{
    if (request->purity.mode == RF_PURITY_OFF) {
        return NULL;
    }
    struct rf_purity_share *share = rf_calloc(1, sizeof(*share));
    rf_sample_plan(&share->sample, &request->purity, request->history);
    share->causes = rf_calloc(request->rules->claim_count + 1, sizeof(*share->causes));
    return share;
}

uint64_t
rf_purity_share_close(struct rf_purity_share *share)
{
    if (share == NULL) {
        return 0;
    }
    uint64_t examined = atomic_load(&share->examined);
    free(share->causes);
    free(share);
    return examined;
}

static bool judge_pair(void *context, size_t thread, const struct rf_outcome *base,
                       const struct rf_outcome *head, uint64_t *ret_after);

static void
open_world(struct rf_purity *purity, struct rf_lane *lane, unsigned world)
{
    const struct rf_lane *of = purity->lane;
    rf_lane_init(lane, &purity->request, of->thread, of->claim, of->build);
    lane->files.world = world;
    lane->again = true; /* nothing of it is accounted for */
    lane->sums = &purity->sums;
    lane->deaths = &purity->deaths;
}

void
rf_purity_init(struct rf_purity *purity, struct rf_lane *lane, struct rf_purity_share *share)
{
    memset(purity, 0, sizeof(*purity));
    purity->lane = lane;
    purity->share = share;
    purity->sink = (struct rf_pair_sink){.context = purity, .pair = judge_pair};
    purity->request = *lane->request;
    purity->request.sink = NULL;
    purity->request.rivals = NULL;
    purity->request.pairs = &purity->sink;
    purity->request.progress = NULL;
    open_world(purity, &purity->plain, RF_WORLD_MADE);
    open_world(purity, &purity->other, RF_WORLD_OTHER);
    rf_pairing_init(&purity->pairing, &purity->other, &purity->plain);
    purity->pairing.reversed = true;
    purity->hasher.ignores = (const char *const *)lane->request->ignores;
    purity->hasher.ignore_count = lane->request->ignore_count;
    lane->purity = purity;
}

static void
drop_verdicts(struct rf_purity *purity)
{
    for (size_t i = 0; i < purity->verdict_count; i++) {
        free(purity->verdicts[i].parted);
        free(purity->verdicts[i].message);
        free(purity->verdicts[i].trail);
    }
    purity->verdict_count = 0;
}

void
rf_purity_done(struct rf_purity *purity)
{
    if (purity->lane == NULL) {
        return;
    }
    drop_verdicts(purity);
    rf_lane_done(&purity->plain);
    rf_lane_done(&purity->other);
    rf_pairing_done(&purity->pairing);
    rf_trail_done(&purity->hasher);
    free(purity->verdicts);
    memset(purity, 0, sizeof(*purity));
}

/* ---- company --------------------------------------------------------------------------------- */

size_t
rf_purity_company(const struct rf_lane *lane, size_t plan, struct rf_plan ret[RF_PURITY_COMPANY])
{
    size_t count = lane->plan_count < RF_PURITY_COMPANY ? lane->plan_count : RF_PURITY_COMPANY;
    for (size_t i = 0; i < count; i++) {
        ret[i] = lane->plans[(plan + 1 + i) % lane->plan_count];
        if (ret[i].count > RF_PURITY_COMPANY_EVENTS) {
            ret[i].count = RF_PURITY_COMPANY_EVENTS;
        }
        ret[i].snapshot_after = ret[i].count;
    }
    return count;
}

static void
pass_by(struct rf_lane *lane, const struct rf_plan *plan, const struct rf_worker_answer *answer)
{
    (void)lane;
    (void)plan;
    (void)answer;
}

rf_code
rf_purity_keep_company(struct rf_lane *lane, const struct rf_plan *plans, size_t count,
                       struct rf_err *reterr)
{
    const struct rf_run run = {.plans = plans, .count = count, .take = pass_by};
    struct rf_run_end end;
    return rf_lane_run(lane, &run, &end, reterr); /* who dies here dies in its own fold too */
}

/* ---- two worlds ------------------------------------------------------------------------------ */

static bool
is_fallen(enum rf_ending ending)
{
    return ending == RF_ENDED_CRASHED || ending == RF_ENDED_HUNG;
}

/** How the folds end differently; owned by the caller, or NULL. */
static char *
describe_endings(const struct rf_outcome *other, const struct rf_outcome *plain)
{
    const struct rf_outcome *first = other->applied <= plain->applied ? other : plain;
    const char *words = first->message == NULL ? "" : first->message;
    bool same = other->ending == plain->ending && other->applied == plain->applied;
    if (same && (plain->ending != RF_ENDED_REJECTED ||
                 strcmp(other->message == NULL ? "" : other->message,
                        plain->message == NULL ? "" : plain->message) == 0)) {
        return NULL;
    }
    if (same) {
        return rf_format("folded twice, it is refused here in two ways (%.*s)",
                         (int)rf_utf8_valid(words, strnlen(words, WORDS_BYTES)), words);
    }
    if (other->applied == plain->applied && first->ending == RF_ENDED_FOLDED) {
        first = plain;
        words = first->message == NULL ? "" : first->message;
    }
    return rf_format("folded twice, it %s here once and once does not (%.*s)",
                     first->ending == RF_ENDED_CRASHED ? "crashes"
                     : first->ending == RF_ENDED_HUNG  ? "hangs"
                                                       : "is refused",
                     (int)rf_utf8_valid(words, strnlen(words, WORDS_BYTES)), words);
}

static void
compare(struct rf_verdict *verdict, const struct rf_outcome *other, const struct rf_outcome *plain)
{
    uint64_t shared =
        other->trail_count < plain->trail_count ? other->trail_count : plain->trail_count;
    for (uint64_t i = 0; i < shared; i++) {
        if (other->trail[i] != plain->trail[i]) {
            verdict->impure = true;
            verdict->after = i;
            verdict->parted = rf_strdup(i == 0 ? "made twice, the empty states differ"
                                               : "folded twice, the states behind it differ");
            return;
        }
    }
    verdict->parted = describe_endings(other, plain);
    if (verdict->parted != NULL) {
        verdict->quotes = other->quotes || plain->quotes;
        verdict->impure = true;
        verdict->at_end = true;
        verdict->after = other->applied < plain->applied ? other->applied : plain->applied;
    }
}

/** It falls in both worlds: where it does not in the run, it depends on what differs there. */
static void
note_fallen(struct rf_verdict *verdict, const struct rf_outcome *plain)
{
    const char *words = plain->message == NULL ? "" : plain->message;
    verdict->fell = true;
    verdict->at_end = true;
    verdict->after = plain->applied;
    verdict->message =
        rf_format("folded in two other worlds, it %s here in both, and does not in the run (%.*s); "
                  "what it depends on was not looked for",
                  plain->ending == RF_ENDED_HUNG ? "hangs" : "crashes",
                  (int)rf_utf8_valid(words, strnlen(words, WORDS_BYTES)), words);
    verdict->quotes = plain->quotes;
}

static void
count_examined(struct rf_purity *purity)
{
    const struct rf_lane *lane = purity->lane;
    bool is_base = lane->pairing != NULL && lane == lane->pairing->base; /* HEAD's are told */
    if (!lane->again && !is_base) {
        (void)atomic_fetch_add(&purity->share->examined, 1);
    }
}

/** Takes what both worlds made of an instance. */
static bool
judge_pair(void *context, size_t thread, const struct rf_outcome *base,
           const struct rf_outcome *head, uint64_t *ret_after)
{
    struct rf_purity *purity = context;
    const struct rf_plan *plan = head->token;
    struct rf_verdict *verdict = &purity->verdicts[plan - purity->lane->plans];
    (void)thread;
    (void)ret_after; /* no state is wanted */
    purity->hung = purity->hung || head->ending == RF_ENDED_HUNG;
    if (base->ending == RF_ENDED_UNTRIED || head->ending == RF_ENDED_UNTRIED) {
        return false;
    }
    verdict->is = true;
    verdict->ending = head->ending;
    if (is_fallen(base->ending) && is_fallen(head->ending)) {
        note_fallen(verdict, head); /* as it will in its own fold as a rule: it has crashed then */
        return false;
    }
    verdict->trail_count = head->trail_count;
    if (head->trail_count > 0) {
        verdict->trail = rf_calloc((size_t)head->trail_count, sizeof(*verdict->trail));
        memcpy(verdict->trail, head->trail, (size_t)head->trail_count * sizeof(*verdict->trail));
    }
    compare(verdict, base, head);
    count_examined(purity);
    return false;
}

/** Plans of the chosen ones, in the plain world as they come, in the other one the last first.
 * Returns the place of the last. */
static size_t
plan_worlds(struct rf_purity *purity, const struct rf_gathering *gathering, const bool *chosen)
{
    const struct rf_lane *lane = purity->lane;
    size_t last = 0;
    purity->plain.plan_count = purity->other.plan_count = 0;
    RF_GROW(purity->plain.plans, purity->plain.plan_room, lane->plan_count);
    RF_GROW(purity->other.plans, purity->other.plan_room, lane->plan_count);
    for (size_t i = 0; i < lane->plan_count; i++) {
        const struct rf_plan *plan = &lane->plans[i];
        if (chosen[plan->instance - gathering->instances] && !rf_instance_is_over(plan->instance)) {
            purity->plain.plans[purity->plain.plan_count++] = (struct rf_plan){
                .instance = plan->instance,
                .count = plan->count,
                .snapshot_after = plan->snapshot_after,
                .token = plan,
            };
            last = i;
        }
    }
    for (size_t i = purity->plain.plan_count; i > 0; i--) {
        purity->other.plans[purity->other.plan_count++] = purity->plain.plans[i - 1];
    }
    return last;
}

/** Where something hangs in the other world, so it does as a rule in the run: that is seen, and
 * costs the timeout, once more than it must, and not for each instance. */
static void
note_hung(struct rf_purity *purity)
{
    for (size_t i = 0; i < purity->pairing.kept_count; i++) {
        const struct rf_outcome *outcome = &purity->pairing.kept[i].outcome;
        if (outcome->ending == RF_ENDED_HUNG) {
            const struct rf_plan *plan = outcome->token;
            struct rf_verdict *verdict = &purity->verdicts[plan - purity->lane->plans];
            verdict->hung = true;
            verdict->at_end = true;
            verdict->after = outcome->applied;
            purity->hung = true;
        }
    }
}

/** Whether one more cause may be looked for. */
static bool
take_cause(struct rf_purity *purity)
{
    return atomic_fetch_add(&purity->share->causes[purity->lane->claim], 1) < RF_PURITY_CAUSES;
}

static rf_code
explain(struct rf_purity *purity, size_t plan, struct rf_err *reterr)
{
    struct rf_verdict *verdict = &purity->verdicts[plan];
    char *cause = NULL;
    if (take_cause(purity)) {
        RF_TRY(rf_purity_cause(purity, &purity->lane->plans[plan], &cause, reterr));
    } else {
        cause = rf_format(RF_PURITY_ELSEWHERE " %d others", RF_PURITY_CAUSES);
    }
    verdict->message = rf_format("%s; %s", verdict->parted, cause);
    free(cause);
    return RF_OK;
}

rf_code
rf_purity_examine(struct rf_purity *purity, const struct rf_gathering *gathering,
                  const bool *chosen, struct rf_err *reterr)
{
    const struct rf_lane *lane = purity->lane;
    struct rf_plan company[RF_PURITY_COMPANY];
    drop_verdicts(purity);
    RF_GROW(purity->verdicts, purity->verdict_room, lane->plan_count);
    for (size_t i = 0; i < lane->plan_count; i++) {
        purity->verdicts[i] = (struct rf_verdict){0};
    }
    purity->verdict_count = lane->plan_count;
    if (lane->plan_count == 0 || purity->hung) {
        return RF_OK;
    }
    size_t last = plan_worlds(purity, gathering, chosen);
    if (purity->plain.plan_count == 0) {
        return RF_OK;
    }
    if (purity->buckets < RF_PURITY_FRESH || purity->buckets % RF_PURITY_FRESH == 0) {
        rf_worker_stop(purity->plain.worker);
        purity->plain.worker = NULL;
    }
    purity->buckets++;
    size_t count = rf_purity_company(lane, last, company);
    RF_TRY(rf_purity_keep_company(&purity->other, company, count, reterr));
    rf_pairing_begin(&purity->pairing);
    RF_TRY(rf_fold_plans(&purity->other, reterr));
    note_hung(purity);
    if (purity->hung) {
        return RF_OK;
    }
    RF_TRY(rf_fold_plans(&purity->plain, reterr));
    RF_TRY(rf_pairing_finish(&purity->pairing, reterr));
    for (size_t i = 0; i < lane->plan_count; i++) {
        if (purity->verdicts[i].impure) {
            RF_TRY(explain(purity, i, reterr));
        }
    }
    return RF_OK;
}

/* ---- the fold itself ------------------------------------------------------------------------- */

/** Whether the state of the fold is that of the plain world, as far as that can be told. */
static bool
is_as_examined(struct rf_purity *purity, const struct rf_verdict *verdict,
               const struct rf_outcome *outcome)
{
    if (outcome->ending != verdict->ending || outcome->applied + 1 != verdict->trail_count) {
        return false;
    }
    if (outcome->private != NULL) {
        return true; /* its text is a masked one */
    }
    if (outcome->state == NULL) { /* NaN: its text stays in the worker */
        return outcome->likeness_trail == verdict->trail[outcome->state_steps];
    }
    refold_string name = {outcome->instance->aggregate_name,
                          outcome->instance->aggregate_name_bytes};
    rf_trail_begin(&purity->hasher, name);
    return rf_trail_hash(&purity->hasher, outcome->state, outcome->state_bytes) ==
           verdict->trail[outcome->state_steps];
}

/** The fold of the run itself parts from those in made worlds, which are alike. */
static void
note_third(struct rf_verdict *verdict, const struct rf_outcome *outcome, bool program)
{
    verdict->impure = true;
    verdict->after = outcome->state_steps;
    verdict->message = rf_format(
        "folded twice, its states are the same, but not that of the run behind this event; it "
        "depends on %s, on what instances folded before it left behind, or on something that is "
        "chance",
        program ? "threads that run side by side"
                : "how many events are handed over at once (apply_batch), on memory that was never "
                  "written");
}

void
rf_purity_judge(struct rf_purity *purity, size_t plan, struct rf_outcome *outcome)
{
    RF_VERIFY(plan < purity->verdict_count);
    struct rf_verdict *verdict = &purity->verdicts[plan];
    const struct rf_instance *instance = outcome->instance;
    if ((!verdict->is && !verdict->hung) || is_fallen(outcome->ending) ||
        outcome->ending == RF_ENDED_UNTRIED) {
        return;
    }
    if (verdict->hung) {
        verdict->impure = true;
        verdict->message =
            rf_strdup("folded in another world, it hangs here; what it depends on was "
                      "not looked for");
    } else if (verdict->fell) {
        verdict->impure = true;
        count_examined(purity);
    } else if (!verdict->impure && !is_as_examined(purity, verdict, outcome)) {
        note_third(verdict, outcome, purity->lane->build->program);
    }
    if (!verdict->impure) {
        return;
    }
    size_t place = (size_t)verdict->after + (verdict->at_end ? 1 : 0);
    bool behind = place > instance->step_count; /* a type that is not declared */
    const struct rf_step *step = place == 0 || behind ? NULL : &instance->steps[place - 1];
    outcome->ending = RF_ENDED_IMPURE;
    outcome->unhandled = false;
    outcome->at = step != NULL ? step->event : behind ? instance->unhandled : NULL;
    outcome->at_version = step != NULL                    ? step->version
                          : behind && outcome->at != NULL ? instance->unhandled_version
                                                          : 0;
    outcome->state = NULL;
    outcome->nonfinite = NULL;
    outcome->message = verdict->message;
    outcome->quotes = verdict->quotes;
}

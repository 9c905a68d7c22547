/* SPDX-License-Identifier: MIT */
/*
 * What an impure instance depends on: it is folded alone, in workers of their own, in the plain
 * world and then in worlds that differ from it in one thing each, until one gives other states.
 * What the worker noted of the aggregate's calls names the function.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "fold/outcome.h"
#include "fold/purity.h"
#include "worker/world.h"

/** The things of world.h, in words. */
static const char *const THINGS[RF_WORLD_THINGS] = {
    "the clock",
    "random numbers",
    "the time zone",
    "the locale",
    "the environment",
    "the machine or the process that it runs in",
    "allocated memory that was never written",
    "memory of the stack that was never written",
    "addresses",
};

/** What of these differs for a program, which has no functions of ours in the place of the C
 * library's: its environment, and where it lies. */
#define OF_PROGRAMS (RF_WORLD_ZONE | RF_WORLD_LOCALE | RF_WORLD_ENVIRONMENT | RF_WORLD_LAYOUT)

/** So often a program is looked at again in the plain world. */
#define AGAIN_OF_PROGRAMS 3

/** What came of one fold. */
struct sight {
    uint64_t hash; /**< of all that was answered, or of how the worker died */
    struct rf_buf calls;
};

static void
take_sight(struct rf_lane *lane, const struct rf_plan *plan, const struct rf_worker_answer *answer)
{
    (void)plan;
    rf_partial_take(&lane->now, answer);
}

static uint64_t
hash_partial(const struct rf_partial *partial)
{
    uint64_t hash = rf_hash(partial->trail, partial->trail_count * sizeof(*partial->trail),
                            partial->end_applied);
    hash = rf_hash(partial->message.bytes, partial->message.used, hash);
    return rf_hash(&partial->end_status, sizeof(partial->end_status), hash);
}

/** Fold the plan in a fresh worker of that world; behind others, where there are any. */
static rf_code
look(struct rf_purity *purity, unsigned world, const struct rf_plan *plan,
     const struct rf_plan *company, size_t company_count, struct sight *ret, struct rf_err *reterr)
{
    struct rf_lane lane;
    const struct rf_lane *of = purity->lane;
    struct rf_plan whole = *plan;
    whole.snapshot_after = whole.count;
    const struct rf_run run = {
        .plans = &whole,
        .count = 1,
        .flags = RF_REQUEST_TRAIL | RF_REQUEST_STEP | RF_REQUEST_CALLS,
        .take = take_sight,
    };
    struct rf_run_end end = {0};
    rf_lane_init(&lane, &purity->request, of->thread, of->claim, of->build);
    lane.files.world = RF_WORLD_MADE | world;
    lane.sums = &purity->sums;
    lane.again = true;
    lane.deaths = &purity->deaths;
    rf_code code = RF_OK;
    if (company_count > 0) {
        code = rf_purity_keep_company(&lane, company, company_count, reterr);
    }
    if (code == RF_OK) {
        code = rf_lane_run(&lane, &run, &end, reterr);
    }
    rf_buf_clear(&ret->calls);
    if (code == RF_OK && end.event == RF_WORKER_BATCH) {
        ret->hash = hash_partial(&lane.now);
        rf_buf_add(&ret->calls, lane.now.calls.bytes, lane.now.calls.used);
    } else {
        ret->hash = rf_hash(lane.death, strnlen(lane.death, sizeof(lane.death)), end.step);
    }
    rf_lane_done(&lane);
    return code;
}

/* ---- words ----------------------------------------------------------------------------------- */

/** Appends the functions of a thing that were called: " (clock_gettime, time)". Returns whether
 * there were any. The worker wrote the list, and may have been scribbled over. */
static bool
add_calls(struct rf_buf *text, const struct sight *sight, int thing)
{
    bool any = false;
    const char *at = sight->calls.bytes;
    const char *end = sight->calls.used == 0 ? at : at + sight->calls.used;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        if (line_end - at > 2 && at[0] == '0' + thing && at[1] == ' ' && at[2] != '-') {
            rf_buf_string(text, any ? ", " : " (");
            rf_buf_add_shown(text, at + 2, (size_t)(line_end - at) - 2);
            any = true;
        }
        at = line_end + (line_end < end);
    }
    rf_buf_string(text, any ? ")" : "");
    return any;
}

static bool
is_named(const struct sight *sight, int thing)
{
    struct rf_buf text = {0};
    bool any = add_calls(&text, sight, thing);
    rf_buf_done(&text);
    return any;
}

static char *
end_text(struct rf_buf *text)
{
    (void)rf_buf_text(text);
    return text->bytes;
}

static char *
name_thing(int thing, const struct sight *sight)
{
    struct rf_buf text = {0};
    rf_buf_format(&text, "it depends on %s", THINGS[thing]);
    (void)add_calls(&text, sight, thing);
    return end_text(&text);
}

/** The same of a program: what it is that differs each time cannot be seen from without. */
static char *
name_unsteady_program(void)
{
    return rf_strdup(
        "it differs each time: as a rule by the clock, by random numbers (the order of "
        "a map's keys among them), by addresses, or by threads that run side by side; "
        "which of these it is refold cannot see in a program");
}

/** Two folds in the plain world differ: by something that no world fixes. */
static char *
name_unsteady(const struct sight *sight)
{
    struct rf_buf text = {0};
    bool loose =
        sight->calls.used > 0 && memmem(sight->calls.bytes, sight->calls.used, "8 -", 3) != NULL;
    rf_buf_string(&text, "it differs each time: by ");
    rf_buf_string(&text, loose ? "addresses, or " : "");
    rf_buf_string(&text, "something that refold does not see, as a clock or random numbers from an "
                         "instruction or a system call of its own, a file, or a thread");
    for (int thing = 0; thing < RF_WORLD_THINGS; thing++) {
        struct rf_buf calls = {0};
        if ((1 << thing) == RF_WORLD_RANDOM && add_calls(&calls, sight, thing)) {
            rf_buf_clear(&text);
            rf_buf_format(&text, "it depends on %s%s", THINGS[thing], rf_buf_text(&calls));
        }
        rf_buf_done(&calls);
    }
    return end_text(&text);
}

/* ---- one thing at a time --------------------------------------------------------------------- */

/** What was folded before: that in its own bucket; or, where alone it is the same even in a world
 * where all is different, that in others. */
static rf_code
vary_company(struct rf_purity *purity, const struct rf_plan *plan, const struct sight *plain,
             struct sight *sight, char **ret, struct rf_err *reterr)
{
    struct rf_plan company[RF_PURITY_COMPANY];
    size_t count = rf_purity_company(purity->lane, (size_t)(plan - purity->lane->plans), company);
    RF_TRY(look(purity, 0, plan, company, count, sight, reterr));
    bool differs = sight->hash != plain->hash;
    if (!differs) {
        RF_TRY(look(purity, RF_WORLD_OTHER, plan, NULL, 0, sight, reterr));
        differs = sight->hash == plain->hash;
    }
    if (differs) {
        *ret = rf_strdup("it depends on what instances folded before it left behind");
    }
    return RF_OK;
}

/** The things one by one, then what was folded before. `*ret` stays NULL where none alone is it. */
static rf_code
vary(struct rf_purity *purity, const struct rf_plan *plan, const struct sight *plain,
     struct sight *sight, char **ret, struct rf_err *reterr)
{
    int unnamed = -1;
    bool program = purity->lane->build->program;
    for (int thing = 0; thing < RF_WORLD_THINGS; thing++) {
        if (program && (OF_PROGRAMS & 1 << thing) == 0) {
            continue;
        }
        RF_TRY(look(purity, 1U << thing, plan, NULL, 0, sight, reterr));
        if (sight->hash == plain->hash) {
            continue;
        }
        /* Time zone and locale are variables of the environment: who calls nothing that asks for
         * them may look at all of these. */
        bool variable = (1 << thing) == RF_WORLD_ZONE || (1 << thing) == RF_WORLD_LOCALE;
        if (!variable || is_named(sight, thing)) {
            *ret = name_thing(thing, sight->calls.used > 0 ? sight : plain);
            return RF_OK;
        }
        unnamed = unnamed < 0 ? thing : unnamed;
    }
    if (unnamed >= 0) {
        *ret = name_thing(unnamed, plain);
        return RF_OK;
    }
    return vary_company(purity, plan, plain, sight, ret, reterr);
}

rf_code
rf_purity_cause(struct rf_purity *purity, const struct rf_plan *plan, char **ret,
                struct rf_err *reterr)
{
    struct sight plain = {0};
    struct sight sight = {0};
    *ret = NULL;
    rf_code code = look(purity, 0, plan, NULL, 0, &plain, reterr);
    bool program = purity->lane->build->program;
    bool unsteady = false;
    /* Threads come to the same by chance more than once. */
    for (int more = program ? AGAIN_OF_PROGRAMS : 1; code == RF_OK && more > 0 && !unsteady;
         more--) {
        code = look(purity, 0, plan, NULL, 0, &sight, reterr);
        unsteady = plain.hash != sight.hash;
    }
    if (code == RF_OK && unsteady) {
        *ret = program ? name_unsteady_program() : name_unsteady(&plain);
    } else if (code == RF_OK) {
        code = vary(purity, plan, &plain, &sight, ret, reterr);
    }
    if (code == RF_OK && *ret == NULL) {
        *ret = rf_strdup(program ? "on what it depends is not known: with another environment, at "
                                   "other addresses and behind other instances it comes to the "
                                   "same; the clock, random numbers and threads refold cannot "
                                   "hold still in a program"
                                 : "on what it depends is not known: with one thing different at a "
                                   "time it comes to the same");
    }
    rf_buf_done(&plain.calls);
    rf_buf_done(&sight.calls);
    return code;
}

/* SPDX-License-Identifier: MIT */
/*
 * What an impure instance depends on: it is folded alone, in workers of their own, in the plain
 * world and then in worlds that differ from it in one thing each, until one gives other states.
 * What the worker noted of the aggregate's calls names the function.
 *
 * What differs by chance (threads, a map's order) differs in any world, now and then. So a thing is
 * named only where it holds up: in the plain world the states are the same however often that is
 * looked at, in front and in between, and in the other one they are others each time.
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

/** Looks in the plain world before anything is varied, so many at least: fewer do not tell what
 * differs each time from what does now and then. */
#define STEADY_LOOKS  8
#define CONTROL_LOOKS 3
/** So often a thing that is varied must make a difference, with a look in the plain world between
 * any two. So a thing is named of a state that comes to something else by chance, however likely,
 * less than once in two million times: p^8 (1 - p)^15 is 4e-7 at most. */
#define HELD_LOOKS 8

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

/** How a fold differs from one alone in the plain world. */
struct variation {
    unsigned world;
    const struct rf_plan *company; /**< folded in front of it */
    size_t company_count;
};

static const struct variation ALONE;

/** What is known while the cause is looked for. */
struct inquiry {
    struct rf_purity *purity;
    const struct rf_plan *plan;
    struct sight plain;  /**< the first look in the plain world */
    struct sight again;  /**< a later one, or one that is to bear out what was varied */
    struct sight varied; /**< the first look with something varied */
    bool chance;         /**< it comes to something else without anything that was varied */
    bool each_time;      /**< however often it is looked at */
    bool addresses;      /**< addresses made a difference, and then none */
};

/** Fold the plan in a fresh worker. */
static rf_code
look(const struct inquiry *inquiry, const struct variation *in, struct sight *ret,
     struct rf_err *reterr)
{
    struct rf_lane lane;
    struct rf_purity *purity = inquiry->purity;
    const struct rf_lane *of = purity->lane;
    struct rf_plan whole = *inquiry->plan;
    whole.snapshot_after = whole.count;
    const struct rf_run run = {
        .plans = &whole,
        .count = 1,
        .flags = RF_REQUEST_TRAIL | RF_REQUEST_STEP | RF_REQUEST_CALLS,
        .take = take_sight,
    };
    struct rf_run_end end = {0};
    rf_lane_init(&lane, &purity->request, of->thread, of->claim, of->build);
    lane.files.world = RF_WORLD_MADE | in->world;
    lane.sums = &purity->sums;
    lane.again = true;
    lane.deaths = &purity->deaths;
    rf_code code = RF_OK;
    if (in->company_count > 0) {
        code = rf_purity_keep_company(&lane, in->company, in->company_count, reterr);
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

/** It is something that no world fixes. Of a program that cannot be seen from without. */
static char *
name_chance(const struct inquiry *inquiry)
{
    struct rf_buf text = {0};
    const struct rf_buf *seen = &inquiry->plain.calls;
    bool loose = seen->used > 0 && memmem(seen->bytes, seen->used, "8 -", 3) != NULL;
    rf_buf_string(&text,
                  inquiry->each_time ? "it differs each time: " : "it differs now and then: ");
    if (inquiry->purity->lane->build->program) {
        rf_buf_string(&text,
                      "as a rule by the clock, by random numbers (the order of a map's keys among "
                      "them), by addresses, or by threads side by side; which, refold cannot see "
                      "in a program"); /* in all no longer than reports show of a reason */
        return end_text(&text);
    }
    for (int thing = 0; thing < RF_WORLD_THINGS; thing++) {
        if ((1 << thing) == RF_WORLD_RANDOM && is_named(&inquiry->plain, thing)) {
            rf_buf_format(&text, "by %s", THINGS[thing]); /* of a device, which none can fix */
            (void)add_calls(&text, &inquiry->plain, thing);
            rf_buf_string(&text, ", or ");
        }
    }
    rf_buf_string(&text, loose || inquiry->addresses ? "by addresses, or " : "");
    rf_buf_string(&text, "by something that refold does not see, as a clock or random numbers from "
                         "an instruction or a system call of its own, a file, or a thread");
    return end_text(&text);
}

/* ---- what holds up --------------------------------------------------------------------------- */

/** Looks in the plain world alone, until it is known whether that comes to the same each time. */
static rf_code
look_alone(struct inquiry *inquiry, struct rf_err *reterr)
{
    uint64_t seen[STEADY_LOOKS];
    RF_TRY(look(inquiry, &ALONE, &inquiry->plain, reterr));
    seen[0] = inquiry->plain.hash;
    inquiry->each_time = true;
    for (int i = 1; i < STEADY_LOOKS && (i < CONTROL_LOOKS || !inquiry->chance); i++) {
        RF_TRY(look(inquiry, &ALONE, &inquiry->again, reterr));
        seen[i] = inquiry->again.hash;
        inquiry->chance = inquiry->chance || seen[i] != seen[0];
        for (int before = 0; before < i; before++) {
            inquiry->each_time = inquiry->each_time && seen[i] != seen[before];
        }
    }
    return RF_OK;
}

/** What was varied has just made a difference: whether it always does, and nothing else makes one.
 * Else it is chance. */
static rf_code
bear_out(struct inquiry *inquiry, const struct variation *in, struct rf_err *reterr)
{
    for (int held = 1; held < HELD_LOOKS && !inquiry->chance; held++) {
        RF_TRY(look(inquiry, &ALONE, &inquiry->again, reterr));
        bool steady = inquiry->again.hash == inquiry->plain.hash;
        RF_TRY(look(inquiry, in, &inquiry->again, reterr));
        bool differs = inquiry->again.hash != inquiry->plain.hash;
        inquiry->chance = !steady || !differs;
        inquiry->addresses = steady && !differs && in->world == RF_WORLD_LAYOUT;
    }
    return RF_OK;
}

/* ---- one thing at a time --------------------------------------------------------------------- */

/** What was folded before: the instance itself, and others of its bucket; or, where alone it is the
 * same even in a world where all is different, others yet, for all that can be told. */
static rf_code
vary_company(struct inquiry *inquiry, char **ret, struct rf_err *reterr)
{
    struct rf_plan company[RF_PURITY_COMPANY + 1];
    const struct rf_lane *lane = inquiry->purity->lane;
    company[0] = *inquiry->plan;
    company[0].count =
        company[0].count < RF_PURITY_COMPANY_EVENTS ? company[0].count : RF_PURITY_COMPANY_EVENTS;
    company[0].snapshot_after = company[0].count;
    size_t count = 1 + rf_purity_company(lane, (size_t)(inquiry->plan - lane->plans), company + 1);
    const struct variation behind = {.company = company, .company_count = count};
    const struct variation other = {.world = RF_WORLD_OTHER};
    RF_TRY(look(inquiry, &behind, &inquiry->varied, reterr));
    if (inquiry->varied.hash != inquiry->plain.hash) {
        RF_TRY(bear_out(inquiry, &behind, reterr));
        if (!inquiry->chance) {
            *ret = rf_strdup("it depends on what instances folded before it left behind");
        }
        return RF_OK;
    }
    RF_TRY(look(inquiry, &other, &inquiry->varied, reterr));
    if (inquiry->varied.hash == inquiry->plain.hash) {
        *ret =
            rf_strdup("folded alone it comes to the same each time; it depends on what instances "
                      "folded before it left behind, or on something that is chance, as threads "
                      "that run side by side");
    }
    return RF_OK;
}

/** Names a thing that has just made a difference, where it holds up. */
static rf_code
name_held(struct inquiry *inquiry, int thing, char **ret, struct rf_err *reterr)
{
    const struct variation in = {.world = 1U << thing};
    RF_TRY(bear_out(inquiry, &in, reterr));
    if (!inquiry->chance) {
        bool seen = inquiry->varied.calls.used > 0;
        *ret = name_thing(thing, seen ? &inquiry->varied : &inquiry->plain);
    }
    return RF_OK;
}

/** The things one by one, then what was folded before. `*ret` stays NULL where none alone is it, or
 * it is chance. */
static rf_code
vary(struct inquiry *inquiry, char **ret, struct rf_err *reterr)
{
    int unnamed = -1;
    bool program = inquiry->purity->lane->build->program;
    for (int thing = 0; thing < RF_WORLD_THINGS; thing++) {
        const struct variation in = {.world = 1U << thing};
        if (program && (OF_PROGRAMS & 1 << thing) == 0) {
            continue;
        }
        RF_TRY(look(inquiry, &in, &inquiry->varied, reterr));
        if (inquiry->varied.hash == inquiry->plain.hash) {
            continue;
        }
        /* Time zone and locale are variables of the environment: who calls nothing that asks for
         * them may look at all of these. */
        bool variable = (1 << thing) == RF_WORLD_ZONE || (1 << thing) == RF_WORLD_LOCALE;
        if (!variable || is_named(&inquiry->varied, thing)) {
            return name_held(inquiry, thing, ret, reterr);
        }
        unnamed = unnamed < 0 ? thing : unnamed;
    }
    if (unnamed >= 0) {
        rf_buf_clear(&inquiry->varied.calls);
        return name_held(inquiry, unnamed, ret, reterr);
    }
    return vary_company(inquiry, ret, reterr);
}

rf_code
rf_purity_cause(struct rf_purity *purity, const struct rf_plan *plan, char **ret,
                struct rf_err *reterr)
{
    struct inquiry inquiry = {.purity = purity, .plan = plan};
    *ret = NULL;
    rf_code code = look_alone(&inquiry, reterr);
    if (code == RF_OK && !inquiry.chance) {
        inquiry.each_time = false;
        code = vary(&inquiry, ret, reterr);
    }
    if (code == RF_OK && inquiry.chance) {
        *ret = name_chance(&inquiry);
    } else if (code == RF_OK && *ret == NULL) {
        *ret =
            rf_strdup(purity->lane->build->program
                          ? "on what it depends is not known: with another environment, at other "
                            "addresses and behind other instances it comes to the same; the "
                            "clock, random numbers and threads refold cannot hold still in a "
                            "program"
                          : "on what it depends is not known: with one thing different at a time "
                            "it comes to the same");
    }
    rf_buf_done(&inquiry.plain.calls);
    rf_buf_done(&inquiry.again.calls);
    rf_buf_done(&inquiry.varied.calls);
    return code;
}

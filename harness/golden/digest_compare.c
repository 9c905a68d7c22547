/* SPDX-License-Identifier: MIT */
/*
 * The comparison with goldens of which only digests are at hand (harness/docs/adr/0011).
 *
 * The fold brings whole shards. The instances of one are folded to their ends first, and their
 * lines made as a bless would make them: where the digest of these is the manifest's, all of them
 * are the same, and no line was read. Else the shard's lines are read and it is folded once more,
 * compared line by line at the golden's versions, as any golden is.
 *
 * What is judged once is not folded again: neither what other goldens have, nor what crashed, hung,
 * was impure or not tried the first time. A second try that goes well would make that green, and a
 * second one that does not would be nobody's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/stopwatch.h"
#include "golden/bless_internal.h"
#include "golden/compare_internal.h"
#include "golden/digest_lines.h"
#include "golden/load.h"

/** What is done with a digest golden's instances of the shard at hand. */
enum work {
    WORK_DONE,
    WORK_DIGEST, /* their lines are made */
    WORK_LINES,  /* they are compared with the golden's */
};

/** One digest golden's part of the shard at hand. */
struct desk {
    const struct rf_golden *golden; /* NULL: not a digest golden, or no build takes it */
    enum work work;
    /* WORK_DIGEST */
    struct rf_notes notes; /* what holds if all of them are the same */
    /* WORK_LINES */
    struct rf_golden shard; /* its lines */
    unsigned char *seen;    /* a byte for each */
    bool unread;            /* they cannot be had */
    uint64_t came;          /* instances */
};

/** One thread's. */
struct bench {
    size_t shard;
    bool again;         /* the shard is folded for the second time */
    struct desk *desks; /* one for each golden */
    struct rf_piles piles;
    struct rf_piles fallen;       /* instances that came to no end the first time, without lines */
    struct rf_bless_lane scratch; /* for making lines */
    uint64_t shards_done;
    struct rf_lines_use use;
    size_t unread_golden, unread_shard; /* the first, of which `use.unread` tells */
};

struct rf_digest_check {
    struct rf_fold_sink plain; /* the sink for all other goldens, and for shards that are read */
    struct bench **benches;    /* one for each lane */
    size_t bench_count;
    size_t golden_count;
    struct bench *takers[RF_SHARD_COUNT]; /* who has the shard; set by its thread, for its thread */
};

static struct bench *
bench_of(const struct rf_comparison *comparison, size_t thread)
{
    RF_VERIFY(thread < comparison->digests->bench_count);
    return comparison->digests->benches[thread];
}

/** The desk of an instance's golden; NULL where that is no digest golden. */
static struct desk *
desk_of(const struct rf_comparison *comparison, struct bench *bench, const struct rf_view *view)
{
    if (view->digest == NULL) {
        return NULL;
    }
    struct desk *desk = &bench->desks[view->digest - comparison->request->goldens->items];
    RF_VERIFY(desk->golden == view->digest); /* it has an instance: a build takes it */
    return desk;
}

static struct rf_tally *
tally_of(const struct rf_comparison *comparison, size_t thread, const struct desk *desk)
{
    return rf_notes_tally(&comparison->lanes[thread]->notes, desk->golden->aggregate);
}

/* ---- the lines of a shard -------------------------------------------------------------------- */

static void
note_unread(struct bench *bench, size_t golden, const struct rf_err *err)
{
    struct rf_lines_use *use = &bench->use;
    bool first = use->unread == NULL || golden < bench->unread_golden ||
                 (golden == bench->unread_golden && bench->shard < bench->unread_shard);
    use->shards_unread++;
    if (first) {
        free(use->unread);
        use->unread = rf_format("%s: %s", err->where, err->text);
        bench->unread_golden = golden;
        bench->unread_shard = bench->shard;
    }
}

static void
note_damage(struct rf_notes *notes, const struct rf_golden *golden, const struct rf_err *err)
{
    rf_damages_add(&notes->damages, (struct rf_damage){
                                        .kind = RF_DAMAGE_GOLDEN,
                                        .object = rf_strdup(err->where),
                                        .aggregate = rf_strdup(golden->aggregate),
                                        .message = rf_strdup(err->text),
                                    });
}

/** From now on the desk's instances are compared with the golden's lines. */
static void
open_lines(struct rf_comparison *comparison, size_t thread, size_t index)
{
    struct bench *bench = bench_of(comparison, thread);
    struct desk *desk = &bench->desks[index];
    struct rf_notes *notes = &comparison->lanes[thread]->notes;
    const struct rf_shard *about = &desk->golden->manifest->shards[bench->shard];
    struct rf_buf text = {0};
    struct rf_err err;
    struct rf_lines_found found;
    desk->work = WORK_LINES;
    enum rf_station before = rf_station_enter(RF_STATION_GOLDEN);
    rf_code code = rf_lines_read(comparison->request->goldens->lines, desk->golden->aggregate,
                                 bench->shard, about, &text, &found, &err);
    desk->unread = code != RF_OK;
    if (code == RF_OK) {
        rf_golden_load_text(desk->golden->aggregate, found.path, &text, &desk->shard,
                            &notes->damages);
        bench->use.shards_read += about->lines > 0;
        bench->use.lines_read += about->lines;
    } else if (code == RF_ERR_SOURCE) {
        note_unread(bench, index, &err);
    } else {
        note_damage(notes, desk->golden, &err);
    }
    bench->use.bytes_read += found.stored;
    desk->seen = rf_calloc(desk->shard.count + 1, 1);
    free(found.path);
    rf_buf_done(&text);
    (void)rf_station_enter(before);
}

/** Lines that no instance came for. */
static void
judge_unseen(const struct rf_comparison *comparison, const struct desk *desk,
             struct rf_notes *notes)
{
    for (size_t i = 0; i < desk->shard.count; i++) {
        const struct rf_golden_line *line = &desk->shard.lines[i];
        if ((desk->seen[i] & RF_LINE_MET) != 0) {
            continue;
        }
        if (rf_compare_excuses(comparison->request, line, desk->seen[i])) {
            rf_notes_tally(notes, desk->golden->aggregate)->uncompared++;
        } else {
            rf_compare_missing(notes, &desk->shard, line);
        }
    }
}

static void
close_lines(const struct rf_comparison *comparison, size_t thread, struct desk *desk)
{
    struct bench *bench = bench_of(comparison, thread);
    struct rf_tally *tally = tally_of(comparison, thread, desk);
    uint64_t lines = desk->golden->manifest->shards[bench->shard].lines;
    if (desk->unread && lines > desk->came) {
        tally->uncompared += lines - desk->came; /* at least so many had no instance */
    }
    judge_unseen(comparison, desk, &comparison->lanes[thread]->notes);
    rf_golden_unload(&desk->shard);
    memset(&desk->shard, 0, sizeof(desk->shard));
    free(desk->seen);
    desk->seen = NULL;
    desk->work = WORK_DONE;
    bench->shards_done++;
}

/* ---- the digest of a shard ------------------------------------------------------------------- */

static bool
came_to_an_end(const struct rf_outcome *outcome)
{
    return outcome->ending == RF_ENDED_FOLDED || outcome->ending == RF_ENDED_REJECTED;
}

/** One that came to no end needs no line to be judged, and is judged at once, for good. */
static void
judge_fallen(struct rf_comparison *comparison, size_t thread, struct rf_view *view,
             const struct rf_outcome *outcome)
{
    struct bench *bench = bench_of(comparison, thread);
    view->golden = NULL;
    view->unread = false;
    RF_VERIFY(outcome->token == NULL);
    bool traced = comparison->digests->plain.outcome(comparison, thread, outcome);
    RF_VERIFY(!traced);
    rf_piles_add(&bench->fallen, outcome->instance, NULL, NULL);
}

/** Its line, if it has one, is not missing. */
static void
meet_fallen(const struct rf_comparison *comparison, size_t thread, struct desk *desk,
            const struct rf_instance *instance)
{
    desk->came++;
    const struct rf_golden_line *line =
        desk->unread ? NULL : rf_golden_find(&desk->shard, instance->id, instance->id_bytes);
    if (line != NULL) {
        desk->seen[line - desk->shard.lines] |= RF_LINE_MET;
        comparison->lanes[thread]->notes.beyond += rf_count_beyond(instance, rf_golden_pin(line));
    }
}

/** What would be the line of a bless is kept; counted as what is the same, which it is if all are.
 */
static void
take_line(struct rf_comparison *comparison, struct bench *bench, struct desk *desk,
          const struct rf_outcome *outcome)
{
    const struct rf_instance *instance = outcome->instance;
    struct rf_history *history = comparison->request->history;
    struct rf_golden_line line;
    if (!rf_bless_line(history, &bench->scratch, outcome, &line)) {
        rf_piles_add(&bench->piles, instance, NULL, &bench->scratch.line);
        return;
    }
    rf_piles_add(&bench->piles, instance, &line, &bench->scratch.line);
    struct rf_notes *notes = &desk->notes;
    struct rf_tally *tally = rf_notes_tally(notes, instance->aggregate_name);
    uint64_t state_hash =
        outcome->state == NULL ? 0 : rf_hash(outcome->state, outcome->state_bytes, 13);
    tally->instances++;
    tally->events += outcome->applied;
    tally->compared++;
    tally->as_snapshot += rf_outcome_is_of_start(outcome);
    tally->same++;
    tally->refused += outcome->ending == RF_ENDED_REJECTED;
    notes->beyond += rf_count_beyond(instance, rf_golden_pin(&line));
    rf_notes_multiset(&notes->history, instance->aggregate_name, instance->id, instance->id_bytes,
                      outcome->applied,
                      rf_outcome_digest(outcome, rf_instance_digest(instance, outcome->applied)));
    rf_notes_multiset(&notes->compared, instance->aggregate_name, instance->id, instance->id_bytes,
                      (uint64_t)rf_golden_pin(&line), state_hash);
}

/** The pile of a golden in this shard, or NULL. */
static const struct rf_pile *
find_pile(const struct bench *bench, const char *aggregate)
{
    for (size_t i = 0; i < bench->piles.count; i++) {
        if (strcmp(bench->piles.items[i].aggregate, aggregate) == 0) {
            return &bench->piles.items[i];
        }
    }
    return NULL;
}

/** Whether these lines, sorted, are those of the manifest. */
static bool
is_as_blessed(const struct rf_pile *pile, const struct rf_shard *about)
{
    struct rf_shard found = {.lines = pile == NULL ? 0 : pile->count};
    struct rf_sha256 *sha = rf_sha256_new();
    bool fit = true;
    for (size_t i = 0; i < found.lines; i++) {
        const struct rf_fresh_line *line = &pile->lines[i];
        fit = fit && line->text != NULL;
        if (line->text != NULL) {
            rf_sha256_add(sha, line->text, line->text_bytes);
            rf_sha256_add(sha, "\n", 1);
        }
    }
    rf_sha256_finish(sha, found.digest);
    return fit && rf_shard_same(&found, about);
}

/** Returns whether all of the desk's instances are the same. */
static bool
close_digest(const struct rf_comparison *comparison, size_t thread, struct desk *desk)
{
    struct bench *bench = bench_of(comparison, thread);
    bool same = is_as_blessed(find_pile(bench, desk->golden->aggregate),
                              &desk->golden->manifest->shards[bench->shard]);
    if (same) {
        rf_notes_take(&comparison->lanes[thread]->notes, &desk->notes);
        desk->work = WORK_DONE;
        bench->shards_done++;
    } else {
        rf_notes_done(&desk->notes);
    }
    return same;
}

/* ---- the sink -------------------------------------------------------------------------------- */

static void
begin_shard(void *context, size_t thread, size_t shard)
{
    struct rf_comparison *comparison = context;
    const struct rf_compare_request *request = comparison->request;
    struct bench *bench = bench_of(comparison, thread);
    bench->shard = shard;
    bench->again = false;
    rf_piles_done(&bench->fallen);
    comparison->digests->takers[shard] = bench;
    for (size_t i = 0; i < comparison->digests->golden_count; i++) {
        struct desk *desk = &bench->desks[i];
        if (desk->golden == NULL) {
            continue;
        }
        bench->use.shards++;
        bench->use.lines += desk->golden->manifest->shards[shard].lines;
        desk->came = 0;
        desk->unread = false;
        desk->work = WORK_DIGEST;
        if (request->selects == NULL) {
            continue;
        }
        if (request->selected_shards == NULL || request->selected_shards[shard]) {
            open_lines(comparison, thread, i); /* some of them: no digest tells of these */
        } else {
            tally_of(comparison, thread, desk)->uncompared +=
                desk->golden->manifest->shards[shard].lines;
            desk->work = WORK_DONE;
            bench->shards_done++;
        }
    }
}

static bool
end_shard(void *context, size_t thread, size_t shard)
{
    struct rf_comparison *comparison = context;
    struct bench *bench = bench_of(comparison, thread);
    bool again = false;
    RF_VERIFY(bench->shard == shard);
    rf_piles_sort(&bench->piles);
    rf_piles_sort(&bench->fallen);
    for (size_t i = 0; i < comparison->digests->golden_count; i++) {
        struct desk *desk = &bench->desks[i];
        if (desk->golden == NULL) {
            continue;
        }
        if (desk->work == WORK_LINES) {
            close_lines(comparison, thread, desk);
        } else if (desk->work == WORK_DIGEST && !close_digest(comparison, thread, desk)) {
            open_lines(comparison, thread, i);
            again = true;
        }
    }
    rf_piles_done(&bench->piles);
    bench->again = again;
    return again;
}

/** The view's golden is the shard's lines, while these are compared. */
static void
show_shard(struct rf_view *view, struct desk *desk)
{
    view->golden = desk->unread ? NULL : &desk->shard;
    view->seen = desk->seen;
    view->unread = desk->unread;
}

static struct rf_pin
digest_pin(void *context, size_t thread, const struct rf_instance *instance)
{
    struct rf_comparison *comparison = context;
    struct bench *bench = bench_of(comparison, thread);
    struct rf_view *view = rf_view_find(comparison, comparison->lanes[thread], instance);
    struct desk *desk = desk_of(comparison, bench, view);
    if (bench->again && (desk == NULL || desk->work != WORK_LINES)) {
        return (struct rf_pin){.passed = true};
    }
    if (bench->again && rf_piles_find(&bench->fallen, instance->aggregate_name, instance->id,
                                      instance->id_bytes) != NULL) {
        meet_fallen(comparison, thread, desk, instance);
        return (struct rf_pin){.passed = true};
    }
    if (desk != NULL && desk->work != WORK_LINES) {
        return (struct rf_pin){.wanted = false};
    }
    if (desk != NULL) {
        show_shard(view, desk);
    }
    return comparison->digests->plain.pin(comparison, thread, instance);
}

static bool
digest_outcome(void *context, size_t thread, const struct rf_outcome *outcome)
{
    struct rf_comparison *comparison = context;
    struct bench *bench = bench_of(comparison, thread);
    const struct rf_instance *instance = outcome->instance;
    struct rf_view *view = rf_view_find(comparison, comparison->lanes[thread], instance);
    struct desk *desk = desk_of(comparison, bench, view);
    RF_VERIFY(rf_shard_of(instance->id, instance->id_bytes) == bench->shard);
    if (desk == NULL) {
        RF_VERIFY(!bench->again);
        return comparison->digests->plain.outcome(comparison, thread, outcome);
    }
    if (desk->work == WORK_DIGEST) {
        take_line(comparison, bench, desk, outcome);
        if (!came_to_an_end(outcome)) {
            judge_fallen(comparison, thread, view, outcome);
        }
    }
    if (desk->work != WORK_LINES) {
        return false;
    }
    desk->came++;
    show_shard(view, desk);
    return comparison->digests->plain.outcome(comparison, thread, outcome);
}

void
rf_digest_check_left_out(struct rf_comparison *comparison, const struct rf_golden *golden,
                         const char *id, size_t id_bytes)
{
    struct bench *bench = comparison->digests->takers[rf_shard_of(id, id_bytes)];
    RF_VERIFY(bench != NULL);
    struct desk *desk = &bench->desks[golden - comparison->request->goldens->items];
    if (desk->work != WORK_LINES || desk->unread) {
        return; /* if the lines are read, the shard is folded once more, and this is told again */
    }
    const struct rf_golden_line *line = rf_golden_find(&desk->shard, id, id_bytes);
    if (line != NULL) {
        desk->seen[line - desk->shard.lines] |= RF_LINE_LEFT_OUT;
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

static struct bench *
bench_new(const struct rf_compare_request *request)
{
    struct bench *bench = rf_calloc(1, sizeof(*bench));
    bench->desks = rf_calloc(request->goldens->count, sizeof(*bench->desks));
    for (size_t i = 0; i < request->goldens->count; i++) {
        const struct rf_golden *golden = &request->goldens->items[i];
        if (golden->manifest != NULL && rf_compare_claims(request, golden->aggregate)) {
            bench->desks[i].golden = golden;
        }
    }
    return bench;
}

void
rf_digest_check_init(struct rf_comparison *comparison)
{
    const struct rf_goldens *goldens = comparison->request->goldens;
    size_t digests = 0;
    for (size_t i = 0; goldens != NULL && i < goldens->count; i++) {
        digests += goldens->items[i].manifest != NULL;
    }
    if (digests == 0) {
        return;
    }
    struct rf_digest_check *check = rf_calloc(1, sizeof(*check));
    check->plain = comparison->sink;
    check->golden_count = goldens->count;
    check->bench_count = comparison->lane_count;
    check->benches = rf_calloc(check->bench_count, sizeof(struct bench *));
    for (size_t i = 0; i < check->bench_count; i++) {
        check->benches[i] = bench_new(comparison->request);
    }
    comparison->digests = check;
    comparison->sink.pin = digest_pin;
    comparison->sink.outcome = digest_outcome;
    comparison->sink.groups = RF_SHARD_COUNT;
    comparison->sink.begin = begin_shard;
    comparison->sink.end = end_shard;
}

static void
bench_free(struct bench *bench, size_t golden_count)
{
    for (size_t i = 0; i < golden_count; i++) {
        rf_notes_done(&bench->desks[i].notes);
        rf_golden_unload(&bench->desks[i].shard);
        free(bench->desks[i].seen);
    }
    free(bench->desks);
    rf_piles_done(&bench->piles);
    rf_piles_done(&bench->fallen);
    rf_bless_lane_done(&bench->scratch);
    free(bench->use.unread);
    free(bench);
}

void
rf_digest_check_free(struct rf_digest_check *check)
{
    if (check == NULL) {
        return;
    }
    for (size_t i = 0; i < check->bench_count; i++) {
        bench_free(check->benches[i], check->golden_count);
    }
    free(check->benches);
    free(check);
}

/* ---- the end --------------------------------------------------------------------------------- */

/** What the threads read, and the first of what they could not. */
static void
join_use(const struct rf_digest_check *check, struct rf_lines_use *ret)
{
    const struct bench *first = NULL;
    for (size_t i = 0; i < check->bench_count; i++) {
        const struct bench *bench = check->benches[i];
        ret->shards += bench->use.shards;
        ret->lines += bench->use.lines;
        ret->shards_read += bench->use.shards_read;
        ret->lines_read += bench->use.lines_read;
        ret->bytes_read += bench->use.bytes_read;
        ret->shards_unread += bench->use.shards_unread;
        if (bench->use.unread != NULL &&
            (first == NULL || bench->unread_golden < first->unread_golden ||
             (bench->unread_golden == first->unread_golden &&
              bench->unread_shard < first->unread_shard))) {
            first = bench;
        }
    }
    ret->unread = first == NULL ? NULL : rf_strdup(first->use.unread);
}

void
rf_digest_check_finish(const struct rf_comparison *comparison, struct rf_lines_use *ret)
{
    const struct rf_digest_check *check = comparison->digests;
    uint64_t done = 0;
    uint64_t wanted = 0;
    if (check == NULL) {
        return;
    }
    join_use(check, ret);
    for (size_t i = 0; i < check->golden_count; i++) {
        wanted += check->benches[0]->desks[i].golden == NULL ? 0 : RF_SHARD_COUNT;
    }
    for (size_t i = 0; i < check->bench_count; i++) {
        done += check->benches[i]->shards_done;
    }
    RF_VERIFY(done == wanted && ret->shards == wanted); /* none was passed over */
}

/* SPDX-License-Identifier: MIT */
/* Threads go through a history and look at what makes it whole: versions, times, streams. */
#include "look/checkup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/crew.h"
#include "base/escape.h"
#include "base/order.h"
#include "base/stop.h"
#include "history/roll.h"

/** What is known of an object before its events are looked at. */
struct home {
    uint32_t stream; /**< which of the result's */
    struct rf_folder_time folder;
    atomic_bool untold; /**< as in the result; events of an object are of many threads */
};

/** What the threads share. */
struct checkup {
    const struct rf_checkup_request *request;
    const struct rf_objects *objects;
    struct home *homes;                          /**< of each object */
    char (*bucket_digests)[RF_SHA256_HEX_BYTES]; /**< each written by whoever had the bucket */
};

struct member {
    struct checkup *checkup;
    size_t number;
    struct rf_gatherer *gatherer;
    struct rf_roll roll;
    struct rf_buf line;
    struct rf_checkup found; /**< its streams' events only; missing: unsorted, room for twice */
    size_t missing_room;
    uint64_t *opened, *closed; /**< gaps that begin to fit a lead, and that no more do */
};

/* ---- gaps ------------------------------------------------------------------------------------ */

static void
missing_done(struct rf_missing *missing)
{
    free(missing->aggregate);
    free(missing->id);
}

static int
compare_missing(const void *left, const void *right)
{
    const struct rf_missing *a = left;
    const struct rf_missing *b = right;
    const char *name_a = a->aggregate == NULL ? "" : a->aggregate;
    const char *name_b = b->aggregate == NULL ? "" : b->aggregate;
    int order = strcmp(name_a, name_b);
    if (order == 0) {
        order = rf_bytes_compare(a->id, a->id_bytes, b->id, b->id_bytes);
    }
    return order != 0 ? order : RF_ORDER(a->first, b->first);
}

/** Sorts what is kept, and cuts it to what is to be. */
static void
cut_missing(struct rf_checkup *found)
{
    if (found->missing_count > 1) {
        qsort(found->missing, found->missing_count, sizeof(*found->missing), compare_missing);
    }
    while (found->missing_count > RF_CHECKUP_GAPS) {
        missing_done(&found->missing[--found->missing_count]);
    }
}

static void
keep_missing(struct rf_checkup *found, size_t *room, const struct rf_missing *missing)
{
    if (found->missing_count >= 2 * RF_CHECKUP_GAPS) {
        cut_missing(found);
    }
    RF_GROW(found->missing, *room, found->missing_count + 1);
    found->missing[found->missing_count++] = *missing;
}

/** The times between which what is missing may have come: those of the objects around it. */
static void
find_times(const struct rf_missing *missing, int64_t *ret_from, int64_t *ret_to)
{
    const struct rf_object *before = missing->before;
    const struct rf_object *after = missing->after;
    bool begins = before != NULL && before->hour.grain != RF_GRAIN_NONE;
    bool ends = after->hour.grain != RF_GRAIN_NONE;
    int64_t from = begins ? before->hour.hour : INT64_MIN;
    int64_t to = ends ? after->hour.hour : INT64_MAX;
    *ret_from = from < to ? from : to;
    *ret_to = from < to ? to : from;
}

static void
accuse(struct member *member, const struct rf_missing *missing)
{
    int64_t from;
    int64_t to;
    struct rf_lead_range ranges[RF_LEAD_RANGES];
    find_times(missing, &from, &to);
    rf_leads_find(member->checkup->request->leads, from, to, ranges);
    for (size_t i = 0; i < RF_LEAD_RANGES; i++) {
        member->opened[ranges[i].first]++;
        member->closed[ranges[i].first + ranges[i].count]++;
    }
}

static void
note_gap(struct member *member, const struct rf_instance *instance, size_t step, int64_t first)
{
    const struct rf_objects *objects = member->checkup->objects;
    const struct rf_step *after = &instance->steps[step];
    struct rf_missing missing = {
        .aggregate =
            instance->aggregate_name_bytes == 0 ? NULL : rf_strdup(instance->aggregate_name),
        .id = rf_strndup(instance->id, instance->id_bytes),
        .id_bytes = instance->id_bytes,
        .first = first,
        .last = after->version - 1,
        .before = step == 0 ? NULL : &objects->items[instance->steps[step - 1].event->object],
        .after = &objects->items[after->event->object],
    };
    uint64_t versions = (uint64_t)missing.last - (uint64_t)missing.first + 1;
    uint64_t left = UINT64_MAX - member->found.missing_versions;
    member->found.missing_versions += versions < left ? versions : left;
    member->found.gap_count++;
    accuse(member, &missing);
    keep_missing(&member->found, &member->missing_room, &missing);
}

/** Gather has told that there are some; here it is told where. */
static void
find_gaps(struct member *member, const struct rf_instance *instance)
{
    int64_t next = instance->steps[0].version == 0 ? 0 : 1;
    for (size_t i = 0; i < instance->step_count; i++) {
        if (instance->steps[i].version > next) {
            note_gap(member, instance, i, next);
        }
        next = instance->steps[i].version + (instance->steps[i].version < INT64_MAX);
    }
}

/* ---- one instance ---------------------------------------------------------------------------- */

static void
look_at_steps(struct member *member, const struct rf_instance *instance)
{
    struct checkup *checkup = member->checkup;
    struct rf_sums *sums = rf_gatherer_sums(member->gatherer);
    uint32_t stream = checkup->homes[instance->steps[0].event->object].stream;
    bool crosses = false;
    for (size_t i = 0; i < instance->step_count; i++) {
        const struct rf_packed_event *event = instance->steps[i].event;
        struct home *home = &checkup->homes[event->object];
        rf_arrivals_add(&member->found.arrivals, &home->folder, event->object, event);
        crosses = crosses || home->stream != stream;
        if ((event->flags & RF_EVENT_VERSION) == 0 && event->eid_bytes == 0) {
            atomic_store_explicit(&home->untold, true, memory_order_relaxed);
        }
        rf_sums_settle(sums, event, RF_TERM_FOLDED);
    }
    member->found.crossing += crosses;
    member->found.versionless += (instance->steps[0].event->flags & RF_EVENT_VERSION) == 0;
    member->found.events += instance->step_count;
    member->found.instances++;
}

/** Of events that name no aggregate the stream tells it, if anything does. */
static void
look_at_begin(struct member *member, const struct rf_instance *instance)
{
    const struct rf_step *begin = &instance->steps[0];
    bool named = instance->aggregate != RF_NAME_NONE;
    size_t of = named ? instance->aggregate : member->checkup->homes[begin->event->object].stream;
    if ((begin->event->flags & RF_EVENT_VERSION) != 0 && begin->version <= 1) {
        rf_begins_add(&member->found.begins, 2 * of + named, (int)begin->version, instance->id,
                      instance->id_bytes);
    }
}

/** ["order","id-1",7,7,"c06b9d3dbc9f5019"] */
static void
add_line(struct member *member, const struct rf_instance *instance, struct rf_sha256 *sha)
{
    struct rf_buf *line = &member->line;
    rf_buf_clear(line);
    rf_buf_byte(line, '[');
    if (instance->aggregate == RF_NAME_NONE) {
        rf_buf_string(line, "null");
    } else {
        rf_escape_json(line, instance->aggregate_name, instance->aggregate_name_bytes);
    }
    rf_buf_byte(line, ',');
    rf_escape_json(line, instance->id, instance->id_bytes);
    rf_buf_format(line, ",%" PRId64 ",%zu,\"%016" PRIx64 "\"]\n", instance->last_version,
                  instance->step_count, rf_instance_digest(instance, instance->step_count));
    rf_sha256_add(sha, line->bytes, line->used);
}

static rf_code
look_at_portion(struct member *member, size_t bucket, struct rf_sha256 *sha, struct rf_err *reterr)
{
    struct rf_gathering gathering;
    RF_TRY(rf_gather(member->gatherer, bucket, &gathering, reterr));
    const struct rf_roll_place *places = rf_roll_call(&member->roll, &gathering);
    for (size_t i = 0; i < gathering.count; i++) {
        const struct rf_instance *instance = places[i].instance;
        if (instance->gapped) {
            find_gaps(member, instance);
        }
        look_at_steps(member, instance);
        look_at_begin(member, instance);
        add_line(member, instance, sha);
    }
    return RF_OK;
}

static rf_code
look_at_portions(struct member *member, size_t bucket, struct rf_sha256 *sha, struct rf_err *reterr)
{
    const struct rf_checkup_request *request = member->checkup->request;
    RF_TRY(rf_history_open_bucket(request->history, bucket, member->number, reterr));
    for (bool more = true; more;) {
        if (rf_stopped(request->stop)) {
            return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped");
        }
        RF_TRY(look_at_portion(member, bucket, sha, reterr));
        RF_TRY(rf_history_next_portion(request->history, bucket, &more, reterr));
    }
    if (request->progress != NULL) {
        atomic_fetch_add(&request->progress->events_folded,
                         rf_history_bucket_events(request->history, bucket));
    }
    return RF_OK;
}

static rf_code
look_at_bucket(void *context, size_t bucket, struct rf_err *reterr)
{
    struct member *member = context;
    struct checkup *checkup = member->checkup;
    if (rf_history_bucket_events(checkup->request->history, bucket) == 0) {
        return RF_OK;
    }
    struct rf_sha256 *sha = rf_sha256_new();
    rf_code code = look_at_portions(member, bucket, sha, reterr);
    rf_sha256_finish(sha, checkup->bucket_digests[bucket]);
    return code;
}

/* ---- streams --------------------------------------------------------------------------------- */

static int
compare_names(const char *a, const char *b)
{
    return a == NULL || b == NULL ? (a == NULL) - (b == NULL) : strcmp(a, b);
}

static int
compare_streams(const void *left, const void *right)
{
    return compare_names(((const struct rf_stream_tally *)left)->name,
                         ((const struct rf_stream_tally *)right)->name);
}

static uint32_t
find_stream(const struct rf_checkup *ret, const char *name)
{
    const struct rf_stream_tally key = {.name = name};
    const struct rf_stream_tally *found =
        bsearch(&key, ret->streams, ret->stream_count, sizeof(*ret->streams), compare_streams);
    RF_VERIFY(found != NULL);
    return (uint32_t)(found - ret->streams);
}

/** Which stream each object is of, and what these hold. Foreign objects have no event. */
static void
find_homes(struct checkup *checkup, struct rf_checkup *ret)
{
    const struct rf_objects *objects = checkup->objects;
    const struct rf_facts *facts = checkup->request->facts;
    size_t count = 0;
    ret->streams = rf_calloc(objects->count + 1, sizeof(*ret->streams));
    for (size_t i = 0; i < objects->count; i++) {
        if (facts[i].fate != RF_FATE_FOREIGN) {
            ret->streams[count++].name = objects->items[i].stream;
        }
    }
    qsort(ret->streams, count, sizeof(*ret->streams), compare_streams);
    for (size_t i = 0; i < count; i++) {
        size_t last = ret->stream_count;
        if (last == 0 || compare_names(ret->streams[last - 1].name, ret->streams[i].name) != 0) {
            ret->streams[ret->stream_count++] = ret->streams[i];
        }
    }
    checkup->homes = rf_calloc(objects->count, sizeof(*checkup->homes));
    for (size_t i = 0; i < objects->count; i++) {
        if (facts[i].fate == RF_FATE_FOREIGN) {
            continue;
        }
        uint32_t number = find_stream(ret, objects->items[i].stream);
        checkup->homes[i].stream = number;
        checkup->homes[i].folder = rf_folder_time(checkup->request->calendar, &objects->items[i]);
        ret->streams[number].objects++;
        ret->streams[number].events += facts[i].events;
    }
}

/* ---- the crew -------------------------------------------------------------------------------- */

static void
open_member(struct member *member, struct checkup *checkup, size_t number)
{
    const struct rf_checkup_request *request = checkup->request;
    size_t marks = request->leads->count + 2;
    *member = (struct member){
        .checkup = checkup,
        .number = number,
        .gatherer = rf_gatherer_new(request->history, request->rules),
        .opened = rf_calloc(marks, sizeof(*member->opened)),
        .closed = rf_calloc(marks, sizeof(*member->closed)),
    };
}

/** So many gaps fit each lead: those that began to, less those that no more do. */
static void
count_fits(const struct member *member, struct rf_leads *leads)
{
    uint64_t fitting = 0;
    for (size_t i = 0; i < leads->timed; i++) {
        fitting += member->opened[i] - member->closed[i];
        leads->items[i].fits += fitting;
    }
    for (size_t i = leads->timed; i < leads->count; i++) {
        leads->items[i].fits += member->found.gap_count;
    }
}

static void
join_missing(struct rf_checkup *ret, size_t *room, struct rf_checkup *found)
{
    for (size_t i = 0; i < found->missing_count; i++) {
        keep_missing(ret, room, &found->missing[i]);
    }
    free(found->missing);
}

static void
close_member(struct member *member, struct rf_checkup *ret, size_t *room)
{
    struct rf_checkup *found = &member->found;
    rf_gatherer_hand_over(member->gatherer, &ret->sums, &ret->damages, &ret->counts);
    count_fits(member, member->checkup->request->leads);
    join_missing(ret, room, found);
    rf_arrivals_join(&ret->arrivals, &found->arrivals);
    rf_begins_join(&ret->begins, &found->begins);
    uint64_t left = UINT64_MAX - ret->missing_versions;
    ret->missing_versions += found->missing_versions < left ? found->missing_versions : left;
    ret->gap_count += found->gap_count;
    ret->instances += found->instances;
    ret->events += found->events;
    ret->crossing += found->crossing;
    ret->versionless += found->versionless;
    rf_gatherer_free(member->gatherer);
    rf_roll_done(&member->roll);
    rf_buf_done(&member->line);
    free(member->opened);
    free(member->closed);
}

static void
join_untold(const struct checkup *checkup, struct rf_checkup *ret)
{
    size_t count = checkup->objects->count;
    ret->untold = rf_calloc(count + 1, sizeof(*ret->untold));
    for (size_t i = 0; i < count; i++) {
        ret->untold[i] = atomic_load_explicit(&checkup->homes[i].untold, memory_order_relaxed);
    }
}

static void
join_digests(const struct checkup *checkup, struct rf_checkup *ret)
{
    struct rf_sha256 *sha = rf_sha256_new();
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        rf_sha256_add(sha, checkup->bucket_digests[i], strlen(checkup->bucket_digests[i]));
        rf_sha256_add(sha, "\n", 1);
    }
    rf_sha256_finish(sha, ret->sha256);
}

static rf_code
perform(struct checkup *checkup, struct rf_checkup *ret, struct rf_err *reterr)
{
    const struct rf_checkup_request *request = checkup->request;
    size_t count = rf_history_useful_threads(rf_history_events(request->history), request->jobs);
    size_t room = 0;
    struct rf_crew_job job = {
        .part_count = RF_BUCKET_COUNT, .work = look_at_bucket, .stop = request->stop};
    RF_TRY(rf_history_open_windows(request->history, count, reterr));
    struct member *members = rf_calloc(count, sizeof(*members));
    for (size_t i = 0; i < count; i++) {
        open_member(&members[i], checkup, i);
    }
    rf_code code = rf_crew_run(&job, members, sizeof(*members), count, reterr);
    for (size_t i = 0; i < count; i++) {
        close_member(&members[i], ret, &room);
    }
    free(members);
    cut_missing(ret);
    join_untold(checkup, ret);
    join_digests(checkup, ret);
    ret->searched = !request->rules->anywhere;
    ret->cut = request->rules->until ? ret->counts.gaps : 0;
    if (ret->searched) {
        rf_begins_uneven(&ret->begins, &ret->uneven);
    }
    return code;
}

rf_code
rf_check_up(const struct rf_checkup_request *request, struct rf_checkup *ret, struct rf_err *reterr)
{
    struct checkup checkup = {.request = request, .objects = rf_history_objects(request->history)};
    memset(ret, 0, sizeof(*ret));
    checkup.bucket_digests = rf_calloc(RF_BUCKET_COUNT, sizeof(*checkup.bucket_digests));
    find_homes(&checkup, ret);
    rf_code code = perform(&checkup, ret, reterr);
    free(checkup.bucket_digests);
    free(checkup.homes);
    if (code != RF_OK) {
        rf_damages_done(&ret->damages);
        rf_checkup_done(ret);
    }
    return code;
}

void
rf_checkup_done(struct rf_checkup *checkup)
{
    for (size_t i = 0; i < checkup->missing_count; i++) {
        missing_done(&checkup->missing[i]);
    }
    free(checkup->missing);
    free(checkup->streams);
    free(checkup->untold);
    rf_begins_done(&checkup->begins);
    memset(checkup, 0, sizeof(*checkup));
}

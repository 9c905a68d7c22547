/* SPDX-License-Identifier: MIT */
/* Threads take objects, largest first, and decode them into a history. */
#include "history/ingest.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

/** How much is read at a time of what only the end of an object's reading needs. */
#define DRAIN_BYTES ((size_t)64 << 10)
#define NO_OBJECT   UINT64_MAX

/** What all threads share. */
struct ingest {
    const struct rf_ingest_request *request;
    struct rf_history *history;
    uint32_t *order; /**< numbers of the objects, largest first */
    atomic_size_t next;
    atomic_bool ended; /**< interrupted, or failed for a reason that is no object's */
    /** The smallest number of an object that cannot be read. Objects behind it are not read any
     * more; those before it are, so that it does not depend on threads which one is named. */
    atomic_uint_fast64_t failed_object;
    pthread_mutex_t lock; /**< of what follows */
    rf_code code;
    struct rf_err error;
};

/** One thread, what it found so far, and the object at hand. */
struct crew {
    struct ingest *ingest;
    struct rf_decoder *decoder;
    struct rf_writer *writer;
    struct rf_ingest_result found;
    /* the object at hand; kept apart until its fate is known */
    const struct rf_object *object;
    struct rf_reader *reader;
    bool ended; /**< the reader gave its last byte, and what it checks there was well */
    const char *aggregate;
    size_t aggregate_bytes;
    struct rf_decode_counts counts;
    uint64_t events;
    uint64_t events_shown;
    struct rf_damages damages;
    bool has_first;
    struct rf_time first, last;
};

static void
widen(struct rf_time first, struct rf_time last, bool *has, struct rf_time *ret_first,
      struct rf_time *ret_last)
{
    if (!*has || rf_time_compare(first, *ret_first) < 0) {
        *ret_first = first;
    }
    if (!*has || rf_time_compare(last, *ret_last) > 0) {
        *ret_last = last;
    }
    *has = true;
}

static rf_code
on_event(void *context, const struct rf_event *event, struct rf_err *reterr)
{
    struct crew *crew = context;
    bool named = event->aggregate != NULL;
    RF_TRY(rf_writer_add(crew->writer, crew->object->number, event,
                         named ? event->aggregate : crew->aggregate,
                         named ? event->aggregate_bytes : crew->aggregate_bytes, reterr));
    crew->events++;
    if (event->has_at) {
        widen(event->at, event->at, &crew->has_first, &crew->first, &crew->last);
    }
    return RF_OK;
}

static struct rf_damage
object_damage(const struct crew *crew, enum rf_damage_kind kind, char *message)
{
    return (struct rf_damage){
        .kind = kind,
        .object = rf_strdup(crew->object->name),
        .message = message,
    };
}

static void
on_malformed(void *context, uint64_t offset, const char *text)
{
    struct crew *crew = context;
    struct rf_damage damage = object_damage(crew, RF_DAMAGE_MALFORMED, rf_strdup(text));
    damage.has_offset = true;
    damage.offset = offset;
    rf_damages_add(&crew->damages, damage);
}

static void
show_progress(struct crew *crew, uint64_t bytes)
{
    struct rf_progress_counts *progress = crew->ingest->request->progress;
    if (progress == NULL) {
        return;
    }
    atomic_fetch_add_explicit(&progress->bytes_done, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&progress->events_read, crew->events - crew->events_shown,
                              memory_order_relaxed);
    crew->events_shown = crew->events;
}

static bool
is_stopped(const struct ingest *ingest)
{
    const atomic_bool *stop = ingest->request->stop;
    return stop != NULL && atomic_load_explicit(stop, memory_order_relaxed);
}

/** Whether nothing that comes of this object can matter any more. */
static bool
is_pointless(const struct crew *crew)
{
    const struct ingest *ingest = crew->ingest;
    return atomic_load_explicit(&ingest->ended, memory_order_relaxed) ||
           atomic_load_explicit(&ingest->failed_object, memory_order_relaxed) <
               crew->object->number;
}

static rf_code
on_read(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct crew *crew = context;
    if (is_stopped(crew->ingest) || is_pointless(crew)) {
        return rf_fail(reterr, RF_ERR_INTERRUPTED, crew->object->name, "interrupted");
    }
    RF_TRY(rf_reader_read(crew->reader, bytes, room, ret_got, reterr));
    crew->ended = *ret_got == 0;
    show_progress(crew, *ret_got);
    return RF_OK;
}

static bool
is_break(rf_code code)
{
    return code == RF_ERR_CORRUPT || code == RF_ERR_TRUNCATED || code == RF_ERR_MALFORMED ||
           code == RF_ERR_LIMIT;
}

/** What the object is read with: its stream's rule, or else what holds for all. */
static const struct rf_envelope *
pick_rule(struct crew *crew)
{
    const struct rf_ingest_request *request = crew->ingest->request;
    const struct rf_envelope *envelope = request->envelope;
    crew->aggregate = request->only_aggregate;
    for (size_t i = 0; i < request->stream_count && crew->object->stream != NULL; i++) {
        const struct rf_stream_rule *rule = &request->streams[i];
        if (fnmatch(rule->match, crew->object->stream, 0) == 0) {
            crew->aggregate = rule->aggregate != NULL ? rule->aggregate : crew->aggregate;
            envelope = rule->has_envelope ? &rule->envelope : envelope;
            break;
        }
    }
    crew->aggregate_bytes = crew->aggregate == NULL ? 0 : strlen(crew->aggregate);
    return envelope;
}

/** Reads what decoding left, for only at the end is it known that the object did not change under
 * the reader: then its damage is none of the history's. */
static rf_code
drain(struct crew *crew, struct rf_err *reterr)
{
    char *bytes = rf_alloc(DRAIN_BYTES);
    rf_code code = RF_OK;
    while (code == RF_OK && !crew->ended) {
        size_t got;
        code = on_read(crew, bytes, DRAIN_BYTES, &got, reterr);
    }
    free(bytes);
    return code;
}

/** @return  RF_OK or a break of the object (then `broken` says more), or what ends the ingest */
static rf_code
decode_object(struct crew *crew, struct rf_err *broken, struct rf_err *reterr)
{
    const struct rf_object *object = crew->object;
    const struct rf_envelope *envelope = pick_rule(crew);
    const struct rf_decode_input input = {.context = crew, .read = on_read};
    const struct rf_decode_sink sink = {
        .context = crew, .event = on_event, .malformed = on_malformed};
    RF_TRY(rf_reader_open(crew->ingest->request->objects, object, &crew->reader, reterr));
    rf_code code = rf_decode_object(crew->decoder, &input, envelope, &sink, &crew->counts, broken);
    if (code == RF_OK && !crew->ended) {
        code = rf_fail(broken, RF_ERR_INTERNAL, object->name, "decoding left stored bytes behind");
    }
    if (!is_break(code)) {
        if (code != RF_OK) {
            *reterr = *broken;
        }
        return code;
    }
    if (crew->events > 0 || object->packer_name) {
        RF_TRY(drain(crew, reterr));
    }
    return code;
}

static void
add_decode_counts(struct rf_decode_counts *counts, const struct rf_decode_counts *more)
{
    counts->stored_bytes += more->stored_bytes;
    counts->bytes += more->bytes;
    counts->members += more->members;
    counts->records += more->records;
    counts->expanded += more->expanded;
    counts->events += more->events;
    counts->malformed += more->malformed;
    counts->empty += more->empty;
    counts->repeated_keys += more->repeated_keys;
    for (size_t i = 0; i < RF_ENVELOPE_COUNT_; i++) {
        counts->envelopes[i] += more->envelopes[i];
    }
}

static void
settle_foreign(struct crew *crew)
{
    rf_history_settle(crew->ingest->history, crew->object->number, RF_FATE_FOREIGN, false);
    crew->found.sums.foreign++;
}

/** Counts what the object held; it is not foreign. */
static void
count_object(struct crew *crew, bool withdrawn)
{
    struct rf_sums *sums = &crew->found.sums;
    sums->records += crew->counts.records;
    sums->expanded += crew->counts.expanded;
    sums->malformed += crew->counts.malformed;
    sums->empty += crew->counts.empty;
    add_decode_counts(&crew->found.counts, &crew->counts);
    rf_damages_join(&crew->found.damages, &crew->damages);
    if (crew->events > 0 && crew->object->odd_name) {
        crew->found.odd_names++;
    }
    if (crew->has_first && !withdrawn) {
        widen(crew->first, crew->last, &crew->found.has_first, &crew->found.first,
              &crew->found.last);
    }
}

static void
settle_unreadable(struct crew *crew, struct rf_damage damage)
{
    bool withdrawn = !crew->ingest->request->keep_partial;
    rf_history_settle(crew->ingest->history, crew->object->number, RF_FATE_UNREADABLE, withdrawn);
    crew->found.sums.unreadable++;
    count_object(crew, withdrawn);
    rf_damages_add(&crew->found.damages, damage);
}

static void
settle_broken(struct crew *crew, rf_code code, const struct rf_err *broken)
{
    if (crew->events == 0 && !crew->object->packer_name) {
        settle_foreign(crew);
        return;
    }
    enum rf_damage_kind kind =
        code == RF_ERR_TRUNCATED ? RF_DAMAGE_TRUNCATED : RF_DAMAGE_UNREADABLE;
    struct rf_damage damage = object_damage(crew, kind, rf_strdup(broken->text));
    damage.has_offset = broken->has_offset != 0;
    damage.offset = broken->offset_bytes;
    settle_unreadable(crew, damage);
}

static void
settle_read(struct crew *crew)
{
    const struct rf_decode_counts *counts = &crew->counts;
    bool all_empty = counts->records > 0 && counts->empty == counts->records;
    bool is_read = crew->events > 0 || counts->bytes == 0 || all_empty;
    if (!is_read && !crew->object->packer_name) {
        settle_foreign(crew);
        return;
    }
    if (!is_read) {
        settle_unreadable(crew,
                          object_damage(crew, RF_DAMAGE_UNREADABLE, rf_strdup("holds no events")));
        return;
    }
    rf_history_settle(crew->ingest->history, crew->object->number, RF_FATE_READ, false);
    crew->found.sums.read++;
    count_object(crew, false);
}

/** An object that is not opened: its bytes are done. */
static void
pass_over(struct crew *crew)
{
    const struct rf_object *object = crew->object;
    settle_foreign(crew);
    if (object->bytes != RF_BYTES_UNKNOWN) {
        show_progress(crew, object->bytes);
    }
    if (object->special) {
        return;
    }
    char *message =
        object->bytes == RF_BYTES_UNKNOWN
            ? rf_strdup("events that never reached the main prefix")
            : rf_format("events that never reached the main prefix: %" PRIu64 " stored bytes "
                        "below an error prefix",
                        object->bytes);
    rf_damages_add(&crew->found.damages, object_damage(crew, RF_DAMAGE_ERRORS, message));
}

static void
begin_object(struct crew *crew, uint32_t number)
{
    crew->object = &crew->ingest->request->objects->items[number];
    crew->ended = false;
    memset(&crew->counts, 0, sizeof(crew->counts));
    crew->events = 0;
    crew->events_shown = 0;
    crew->has_first = false;
    crew->found.sums.objects++;
}

static void
end_object(struct crew *crew)
{
    rf_reader_close(crew->reader);
    crew->reader = NULL;
    rf_damages_done(&crew->damages); /* a foreign object's */
    show_progress(crew, 0);
    if (crew->ingest->request->progress != NULL) {
        atomic_fetch_add_explicit(&crew->ingest->request->progress->objects_done, 1,
                                  memory_order_relaxed);
    }
}

static rf_code
ingest_object(struct crew *crew, struct rf_err *reterr)
{
    if (crew->object->special || crew->object->errors) {
        pass_over(crew);
        return RF_OK;
    }
    struct rf_err broken = {0};
    rf_code code = decode_object(crew, &broken, reterr);
    if (is_break(code)) {
        settle_broken(crew, code, &broken);
    } else if (code == RF_OK) {
        settle_read(crew);
    } else {
        return code;
    }
    return RF_OK;
}

/** Remembers why the ingest ends: of objects that cannot be read the smallest number, and anything
 * else before that. */
static void
note_failure(struct crew *crew, rf_code code, const struct rf_err *error)
{
    struct ingest *ingest = crew->ingest;
    RF_VERIFY(pthread_mutex_lock(&ingest->lock) == 0);
    bool others = atomic_load(&ingest->ended);
    if (code == RF_ERR_SOURCE && !others && crew->object->number < ingest->failed_object) {
        atomic_store(&ingest->failed_object, crew->object->number);
        ingest->code = code;
        ingest->error = *error;
    } else if (code != RF_ERR_SOURCE && !others) {
        atomic_store(&ingest->ended, true);
        ingest->code = code;
        ingest->error = *error;
    }
    (void)pthread_mutex_unlock(&ingest->lock);
}

static void *
work(void *context)
{
    struct crew *crew = context;
    struct ingest *ingest = crew->ingest;
    size_t count = ingest->request->objects->count;
    for (;;) {
        size_t place = atomic_fetch_add(&ingest->next, 1);
        if (place >= count || atomic_load(&ingest->ended)) {
            return NULL;
        }
        begin_object(crew, ingest->order[place]);
        struct rf_err error = {0};
        rf_code code = RF_OK;
        if (is_stopped(ingest)) {
            code = rf_fail(&error, RF_ERR_INTERRUPTED, NULL, "interrupted");
        } else if (!is_pointless(crew)) {
            code = ingest_object(crew, &error);
        }
        end_object(crew);
        /* Given up for another object's sake: that one's failure is the one to tell. */
        bool given_up = code == RF_ERR_INTERRUPTED && !is_stopped(ingest);
        if (code != RF_OK && !given_up) {
            note_failure(crew, code, &error);
        }
    }
}

/** For qsort: objects as pointers, the largest first, then by number. */
static int
compare_sizes(const void *left, const void *right)
{
    const struct rf_object *a = *(const struct rf_object *const *)left;
    const struct rf_object *b = *(const struct rf_object *const *)right;
    if (a->bytes != b->bytes) {
        return a->bytes < b->bytes ? 1 : -1;
    }
    return (a->number > b->number) - (a->number < b->number);
}

static uint32_t *
order_objects(const struct rf_objects *objects)
{
    const struct rf_object **sorted = rf_calloc(objects->count, sizeof(const struct rf_object *));
    uint32_t *order = rf_calloc(objects->count, sizeof(*order));
    for (size_t i = 0; i < objects->count; i++) {
        RF_VERIFY(objects->items[i].number == i);
        sorted[i] = &objects->items[i];
    }
    qsort(sorted, objects->count, sizeof(const struct rf_object *), compare_sizes);
    for (size_t i = 0; i < objects->count; i++) {
        order[i] = sorted[i]->number;
    }
    free(sorted);
    return order;
}

static void
run_crews(struct crew *crews, size_t count)
{
    pthread_t *threads = rf_calloc(count, sizeof(*threads));
    size_t started = 1;
    /* Where the system gives fewer threads, fewer do all the work. */
    while (started < count && pthread_create(&threads[started], NULL, work, &crews[started]) == 0) {
        started++;
    }
    (void)work(&crews[0]);
    for (size_t i = 1; i < started; i++) {
        RF_VERIFY(pthread_join(threads[i], NULL) == 0);
    }
    free(threads);
}

static int
compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void
list_foreign(const struct ingest *ingest, struct rf_ingest_result *result)
{
    const struct rf_objects *objects = ingest->request->objects;
    char **names = rf_calloc((size_t)result->sums.foreign, sizeof(*names));
    size_t count = 0;
    for (size_t i = 0; i < objects->count; i++) {
        if (rf_history_fate(ingest->history, (uint32_t)i) == RF_FATE_FOREIGN) {
            RF_VERIFY(count < result->sums.foreign);
            names[count++] = objects->items[i].name;
        }
    }
    qsort(names, count, sizeof(*names), compare_texts);
    result->foreign_count = count < RF_LIMIT_LISTED ? count : RF_LIMIT_LISTED;
    for (size_t i = 0; i < result->foreign_count; i++) {
        names[i] = rf_strdup(names[i]);
    }
    result->foreign = names;
}

static void
join_crew(struct crew *crew, struct rf_ingest_result *result)
{
    struct rf_ingest_result *found = &crew->found;
    rf_sums_join(&result->sums, &found->sums);
    rf_sums_join(&result->sums, rf_writer_sums(crew->writer));
    add_decode_counts(&result->counts, &found->counts);
    rf_damages_join(&result->damages, &found->damages);
    result->odd_names += found->odd_names;
    if (found->has_first) {
        widen(found->first, found->last, &result->has_first, &result->first, &result->last);
    }
}

static rf_code
finish(struct ingest *ingest, struct crew *crews, size_t count, struct rf_ingest_result *result,
       struct rf_err *reterr)
{
    for (size_t i = 0; i < count; i++) {
        join_crew(&crews[i], result);
    }
    if (ingest->code != RF_OK) {
        if (reterr != NULL) {
            *reterr = ingest->error;
        }
        return ingest->code;
    }
    const struct rf_ingest_request *request = ingest->request;
    for (size_t i = 0; i < request->aggregate_count; i++) {
        const char *name = request->aggregates[i];
        if (rf_names_number(rf_history_names(ingest->history), name, strlen(name)) == UINT32_MAX) {
            return rf_fail(reterr, RF_ERR_INTERNAL, name,
                           "too many different event types and aggregate names");
        }
    }
    list_foreign(ingest, result);
    rf_damages_sort(&result->damages);
    return rf_history_seal(ingest->history, reterr);
}

rf_code
rf_ingest(const struct rf_ingest_request *request, struct rf_history **ret,
          struct rf_ingest_result *ret_result, struct rf_err *reterr)
{
    memset(ret_result, 0, sizeof(*ret_result));
    size_t count =
        request->jobs < request->objects->count ? request->jobs : request->objects->count;
    count = count == 0 ? 1 : count;
    struct ingest ingest = {.request = request};
    atomic_init(&ingest.failed_object, NO_OBJECT);
    RF_TRY(rf_history_new(request->objects, count, &ingest.history, reterr));
    RF_VERIFY(pthread_mutex_init(&ingest.lock, NULL) == 0);
    ingest.order = order_objects(request->objects);
    struct crew *crews = rf_calloc(count, sizeof(*crews));
    for (size_t i = 0; i < count; i++) {
        crews[i].ingest = &ingest;
        crews[i].decoder = rf_decoder_new();
        crews[i].writer = rf_history_writer(ingest.history, i);
    }
    run_crews(crews, count);
    rf_code code = finish(&ingest, crews, count, ret_result, reterr);
    for (size_t i = 0; i < count; i++) {
        rf_decoder_free(crews[i].decoder);
    }
    free(crews);
    free(ingest.order);
    (void)pthread_mutex_destroy(&ingest.lock);
    if (code != RF_OK) {
        rf_history_free(ingest.history);
        rf_ingest_result_done(ret_result);
        return code;
    }
    *ret = ingest.history;
    return RF_OK;
}

void
rf_ingest_result_done(struct rf_ingest_result *result)
{
    rf_damages_done(&result->damages);
    for (size_t i = 0; i < result->foreign_count; i++) {
        free(result->foreign[i]);
    }
    free(result->foreign);
    memset(result, 0, sizeof(*result));
}

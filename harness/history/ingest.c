/* SPDX-License-Identifier: MIT */
/* Threads take objects (reading_order.c) and decode them into a history (intake.c). */
#include "history/ingest.h"

#include <fnmatch.h>
#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/threads.h"
#include "history/intake.h"
#include "history/packs.h"
#include "history/reading_order.h"

size_t
rf_stream_rule_of(const struct rf_stream_rule *rules, size_t count, const struct rf_object *object)
{
    for (size_t i = 0; i < count && object->stream != NULL; i++) {
        if (fnmatch(rules[i].match, object->stream, 0) == 0) {
            return i + 1;
        }
    }
    return 0;
}

/** What all threads share. */
struct ingest {
    const struct rf_ingest_request *request;
    struct rf_history *history;
    struct rf_packs *packs;
    uint32_t *order; /**< numbers of the objects, as they are taken */
    atomic_size_t next;
    struct rf_intake_end end;
    pthread_mutex_t lock; /**< of what follows, and for writing `end` */
    rf_code code;
    struct rf_err error;
};

/** One thread. */
struct crew {
    struct ingest *ingest;
    struct rf_intake intake;
};

/** Remembers why the ingest ends: of objects that cannot be read, or must not be there, the
 * smallest number, and anything else before that. */
static void
note_failure(struct ingest *ingest, uint32_t number, rf_code code, const struct rf_err *error)
{
    struct rf_intake_end *end = &ingest->end;
    RF_VERIFY(pthread_mutex_lock(&ingest->lock) == 0);
    bool others = atomic_load(&end->ended);
    bool of_object = code == RF_ERR_SOURCE || code == RF_ERR_USAGE;
    if (of_object && !others && number < end->failed_object) {
        atomic_store(&end->failed_object, number);
        ingest->code = code;
        ingest->error = *error;
    } else if (!of_object && !others) {
        atomic_store(&end->ended, true);
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
        if (place >= count || atomic_load(&ingest->end.ended)) {
            return NULL;
        }
        struct rf_err error = {0};
        rf_code code = rf_intake_object(&crew->intake, ingest->order[place], &error);
        /* Given up for another object's sake: that one's failure is the one to tell. */
        bool given_up = code == RF_ERR_INTERRUPTED && !rf_intake_stopped(&ingest->end);
        if (code != RF_OK && !given_up) {
            note_failure(ingest, ingest->order[place], code, &error);
        }
    }
}

/** What lies on servers begins to come before a thread asks for it. */
static void
announce(const struct ingest *ingest)
{
    const struct rf_objects *objects = ingest->request->objects;
    for (size_t i = 0; i < objects->count; i++) {
        const struct rf_object *object = &objects->items[ingest->order[i]];
        if (rf_intake_reads(object)) {
            rf_objects_want(objects, object);
        }
    }
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
    qsort(names, count, sizeof(*names), rf_strings_compare);
    result->foreign_count = count < rf_limits.listed ? count : rf_limits.listed;
    for (size_t i = 0; i < result->foreign_count; i++) {
        names[i] = rf_strdup(names[i]);
    }
    result->foreign = names;
}

static rf_code
finish(struct ingest *ingest, struct crew *crews, size_t count, struct rf_ingest_result *result,
       struct rf_err *reterr)
{
    for (size_t i = 0; i < count; i++) {
        rf_intake_join(&crews[i].intake, result);
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

/** A look-up in packs asks `selects` for one id; where that one is nowhere, others may be wanted
 * for a hint. */
static rf_code
ask_for_others(struct ingest *ingest, size_t threads, struct rf_err *reterr)
{
    uint64_t kept = 0;
    for (size_t i = 0; i < threads; i++) {
        kept += rf_writer_sums(rf_history_writer(ingest->history, i))->seen.count;
    }
    if (ingest->request->only_id == NULL || kept > 0) {
        return RF_OK;
    }
    return rf_packs_ask(ingest->packs, threads, reterr);
}

/** Packs first, then what is read. */
static rf_code
take_all(struct ingest *ingest, size_t count, struct rf_ingest_result *result,
         struct rf_err *reterr)
{
    const struct rf_ingest_request *request = ingest->request;
    RF_TRY(rf_packs_open(request, ingest->history, &ingest->packs, reterr));
    RF_TRY(rf_packs_load(ingest->packs, count, reterr));
    ingest->order = rf_reading_order(request->objects);
    announce(ingest);
    struct crew *crews = rf_calloc(count, sizeof(*crews));
    for (size_t i = 0; i < count; i++) {
        crews[i].ingest = ingest;
        rf_intake_init(&crews[i].intake, request, &ingest->end, ingest->history, ingest->packs,
                       rf_history_writer(ingest->history, i));
    }
    (void)rf_threads_run(work, crews, sizeof(*crews), count);
    rf_code code = finish(ingest, crews, count, result, reterr);
    for (size_t i = 0; i < count; i++) {
        rf_intake_done(&crews[i].intake);
    }
    free(crews);
    return code == RF_OK ? ask_for_others(ingest, count, reterr) : code;
}

rf_code
rf_ingest(const struct rf_ingest_request *request, struct rf_history **ret,
          struct rf_ingest_result *ret_result, struct rf_err *reterr)
{
    *ret_result = (struct rf_ingest_result){
        .pointed = rf_calloc(request->stream_count + 1, sizeof(*ret_result->pointed)),
        .pointed_count = request->stream_count + 1,
    };
    RF_VERIFY(request->facts == NULL || request->selects == NULL);
    size_t count =
        request->jobs < request->objects->count ? request->jobs : request->objects->count;
    count = count == 0 ? 1 : count;
    struct ingest ingest = {.request = request, .end = {.stop = request->stop}};
    atomic_init(&ingest.end.failed_object, RF_NO_OBJECT);
    ingest.history = rf_history_new(request->objects, count);
    if (request->memory_bytes > 0) {
        rf_history_limit(ingest.history, request->memory_bytes);
    }
    RF_VERIFY(pthread_mutex_init(&ingest.lock, NULL) == 0);
    rf_code code = take_all(&ingest, count, ret_result, reterr);
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
    free(result->pointed);
    memset(result, 0, sizeof(*result));
}

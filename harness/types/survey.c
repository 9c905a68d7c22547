/* SPDX-License-Identifier: MIT */
/* Threads go through a history and enter every event into a catalogue. */
#include "types/survey.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/crew.h"
#include "base/stop.h"
#include "history/roll.h"

/** Parts of the history. Fewer keep fewer threads busy; more take longer to join. */
#define PARTS            ((size_t)64)
#define BUCKETS_PER_PART (RF_BUCKET_COUNT / PARTS)

/** What the threads share: the catalogue in which theirs meet, one part after the other. */
struct survey {
    const struct rf_survey_request *request;
    pthread_mutex_t lock;
    pthread_cond_t turned;
    size_t turn;      /**< the part that is joined next */
    bool ended_early; /**< a part before it will never come */
    struct rf_catalog *catalog;
};

struct member {
    struct survey *survey;
    struct rf_roll roll;
    size_t number; /**< which of the threads it is */
    struct rf_gatherer *gatherer;
    struct rf_shaper *shaper;
};

static rf_code
list_portion(struct member *member, struct rf_catalog *catalog, size_t bucket,
             struct rf_err *reterr)
{
    struct rf_sums *sums = rf_gatherer_sums(member->gatherer);
    struct rf_gathering gathering;
    RF_TRY(rf_gather(member->gatherer, bucket, &gathering, reterr));
    const struct rf_roll_place *places = rf_roll_call(&member->roll, &gathering);
    for (size_t i = 0; i < gathering.count; i++) {
        const struct rf_instance *instance = places[i].instance;
        rf_catalog_add(catalog, member->shaper, instance);
        if (member->survey->request->each != NULL) {
            member->survey->request->each(member->survey->request->context, member->number,
                                          instance);
        }
        for (size_t k = 0; k < instance->step_count; k++) {
            rf_sums_settle(sums, instance->steps[k].event, RF_TERM_FOLDED);
        }
    }
    return RF_OK;
}

static rf_code
list_bucket(struct member *member, struct rf_catalog *catalog, size_t bucket, struct rf_err *reterr)
{
    const struct rf_survey_request *request = member->survey->request;
    RF_TRY(rf_history_open_bucket(request->history, bucket, member->number, reterr));
    for (bool more = true; more;) {
        RF_TRY(list_portion(member, catalog, bucket, reterr));
        RF_TRY(rf_history_next_portion(request->history, bucket, &more, reterr));
    }
    if (request->progress != NULL) {
        atomic_fetch_add(&request->progress->events_folded,
                         rf_history_bucket_events(request->history, bucket));
    }
    return RF_OK;
}

static rf_code
list_part(struct member *member, struct rf_catalog *catalog, size_t part, struct rf_err *reterr)
{
    for (size_t i = 0; i < BUCKETS_PER_PART; i++) {
        if (rf_stopped(member->survey->request->stop)) {
            return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped");
        }
        size_t bucket = part * BUCKETS_PER_PART + i;
        if (rf_history_bucket_events(member->survey->request->history, bucket) > 0) {
            RF_TRY(list_bucket(member, catalog, bucket, reterr));
        }
    }
    return RF_OK;
}

/** Waits for the parts before this one, so that no more catalogues are there than threads. Parts
 * are taken in order: whoever has an earlier one is at work, or has failed.
 *  @catalog  NULL: the part has failed, and all come to nothing */
static void
join_in_turn(struct survey *survey, size_t part, const struct rf_catalog *catalog)
{
    RF_VERIFY(pthread_mutex_lock(&survey->lock) == 0);
    survey->ended_early = survey->ended_early || catalog == NULL;
    while (survey->turn != part && !survey->ended_early) {
        (void)pthread_cond_wait(&survey->turned, &survey->lock);
    }
    if (!survey->ended_early) {
        rf_catalog_join(survey->catalog, catalog);
        survey->turn++;
    }
    (void)pthread_cond_broadcast(&survey->turned);
    (void)pthread_mutex_unlock(&survey->lock);
}

static rf_code
do_part(void *context, size_t part, struct rf_err *reterr)
{
    struct member *member = context;
    struct rf_catalog *catalog = rf_catalog_new(&member->survey->request->wish);
    rf_code code = list_part(member, catalog, part, reterr);
    join_in_turn(member->survey, part, code == RF_OK ? catalog : NULL);
    rf_catalog_free(catalog);
    return code;
}

static void
close_member(struct member *member, struct rf_survey_result *ret)
{
    rf_gatherer_hand_over(member->gatherer, &ret->sums, &ret->damages, &ret->counts);
    rf_gatherer_free(member->gatherer);
    rf_shaper_free(member->shaper);
    rf_roll_done(&member->roll);
}

rf_code
rf_survey(const struct rf_survey_request *request, struct rf_survey_result *ret,
          struct rf_err *reterr)
{
    size_t count = rf_history_useful_threads(rf_history_events(request->history), request->jobs);
    count = count < PARTS ? count : PARTS;
    memset(ret, 0, sizeof(*ret));
    RF_TRY(rf_history_open_windows(request->history, count, reterr));
    struct survey survey = {.request = request, .catalog = rf_catalog_new(&request->wish)};
    struct rf_crew_job job = {.part_count = PARTS, .work = do_part, .stop = request->stop};
    struct member *members = rf_calloc(count, sizeof(*members));
    RF_VERIFY(pthread_mutex_init(&survey.lock, NULL) == 0);
    RF_VERIFY(pthread_cond_init(&survey.turned, NULL) == 0);
    for (size_t i = 0; i < count; i++) {
        members[i] = (struct member){
            .survey = &survey,
            .number = i,
            .gatherer = rf_gatherer_new(request->history, request->rules),
            .shaper = rf_shaper_new(rf_history_names(request->history)),
        };
    }
    rf_code code = rf_crew_run(&job, members, sizeof(*members), count, reterr);
    for (size_t i = 0; i < count; i++) {
        close_member(&members[i], ret);
    }
    free(members);
    (void)pthread_cond_destroy(&survey.turned);
    (void)pthread_mutex_destroy(&survey.lock);
    ret->catalog = survey.catalog;
    if (code != RF_OK) {
        rf_catalog_free(ret->catalog);
        rf_damages_done(&ret->damages);
        memset(ret, 0, sizeof(*ret));
    }
    return code;
}

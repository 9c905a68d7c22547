/* SPDX-License-Identifier: MIT */
/* A crew: threads that take the parts of one job from each other, until one of them fails. */
#include "base/crew.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/stop.h"
#include "base/threads.h"

/** What the threads share. */
struct crew {
    const struct rf_crew_job *job;
    atomic_size_t next;
    atomic_bool failed;
    pthread_mutex_t lock; /**< of what follows */
    size_t part;          /**< the one that failed, and how */
    rf_code code;
    struct rf_err err;
};

struct seat {
    struct crew *crew;
    void *member;
};

static bool
is_stopped(const struct crew *crew)
{
    return rf_stopped(crew->job->stop);
}

/** Of several failures the first part's is told. Whichever fails first, all parts in front of it
 * were taken before, and are done to their end: so it is the same one for any number of threads. */
static bool
outweighs(const struct crew *crew, size_t part, rf_code code)
{
    bool was_real = crew->code != RF_OK && crew->code != RF_ERR_INTERRUPTED;
    bool is_real = code != RF_ERR_INTERRUPTED;
    return was_real == is_real ? crew->code == RF_OK || part < crew->part : is_real;
}

static void
fail_crew(struct crew *crew, size_t part, rf_code code, const struct rf_err *err)
{
    RF_VERIFY(pthread_mutex_lock(&crew->lock) == 0);
    if (outweighs(crew, part, code)) {
        crew->part = part;
        crew->code = code;
        crew->err = *err;
    }
    (void)pthread_mutex_unlock(&crew->lock);
    atomic_store(&crew->failed, true);
}

static void
leave(const struct seat *seat)
{
    if (seat->crew->job->leave != NULL) {
        seat->crew->job->leave(seat->member);
    }
}

static void *
work(void *context)
{
    struct seat *seat = context;
    struct crew *crew = seat->crew;
    while (!atomic_load(&crew->failed) && !is_stopped(crew)) {
        size_t part = atomic_fetch_add(&crew->next, 1);
        if (part >= crew->job->part_count) {
            break;
        }
        struct rf_err err = {0};
        rf_code code = crew->job->work(seat->member, part, &err);
        if (code != RF_OK) {
            fail_crew(crew, part, code, &err);
        }
    }
    leave(seat);
    return NULL;
}

rf_code
rf_crew_run(const struct rf_crew_job *job, void *members, size_t member_bytes, size_t count,
            struct rf_err *reterr)
{
    struct crew crew = {.job = job};
    struct seat *seats = rf_calloc(count, sizeof(*seats));
    RF_VERIFY(pthread_mutex_init(&crew.lock, NULL) == 0);
    for (size_t i = 0; i < count; i++) {
        seats[i] = (struct seat){&crew, (char *)members + i * member_bytes};
    }
    for (size_t i = rf_threads_run(work, seats, sizeof(*seats), count); i < count; i++) {
        leave(&seats[i]);
    }
    free(seats);
    (void)pthread_mutex_destroy(&crew.lock);
    if (crew.code == RF_OK && is_stopped(&crew)) {
        return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped");
    }
    if (crew.code != RF_OK && reterr != NULL) {
        *reterr = crew.err;
    }
    return crew.code;
}

/* SPDX-License-Identifier: MIT */
/* Listing a bucket's prefix. */
#include "walk/bucket.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/stop.h"
#include "base/threads.h"

/* A part that has more pages than this is parted, where threads are idle: listing its folders is
 * a request too. */
#define PART_PAGES 4

/** A prefix that is to be listed. */
struct job {
    char *prefix; /* owned */
    char *behind; /* owned: only keys greater than this one; or NULL */
    bool step;    /* what lies right in it; else all below */
    bool first;   /* what comes first in the bucket lies in it */
    bool whole;   /* its folders are too many to part it */
};

/** What all threads share. */
struct listing {
    const struct rf_bucket *bucket;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    struct job *jobs; /* the last one is done next: of folders the first one */
    size_t count, room;
    size_t idle, threads;
    struct rf_bucket_counts counts;
    rf_code code;
    struct rf_err error;
};

static void
lock(struct listing *listing)
{
    RF_VERIFY(pthread_mutex_lock(&listing->lock) == 0);
}

static void
unlock(struct listing *listing)
{
    (void)pthread_mutex_unlock(&listing->lock);
}

static void
job_done(struct job *job)
{
    free(job->prefix);
    free(job->behind);
}

/** With the lock. */
static void
push(struct listing *listing, struct job job)
{
    RF_GROW(listing->jobs, listing->room, listing->count + 1);
    listing->jobs[listing->count++] = job;
    (void)pthread_cond_signal(&listing->changed);
}

static void
note_failure(struct listing *listing, rf_code code, const struct rf_err *error)
{
    lock(listing);
    if (listing->code == RF_OK) {
        listing->code = code;
        listing->error = *error;
    }
    (void)pthread_cond_broadcast(&listing->changed);
    unlock(listing);
}

static bool
given_up(struct listing *listing)
{
    lock(listing);
    bool failed = listing->code != RF_OK;
    unlock(listing);
    return failed;
}

/** Whether a part may be given away. */
static bool
others_wait(struct listing *listing)
{
    lock(listing);
    bool wait = listing->idle > 0 && listing->count == 0;
    unlock(listing);
    return wait;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void
begin(const struct listing *listing, const struct job *job, bool by_folder,
      struct rf_s3_listing *ret)
{
    const struct rf_bucket *bucket = listing->bucket;
    *ret = (struct rf_s3_listing){
        .ask = bucket->ask,
        .context = bucket->ask_context,
        .where = bucket->where,
        .prefix = job->prefix,
        .by_folder = by_folder,
        .unordered = bucket->unordered,
        .start_after = job->behind,
    };
}

static rf_code
next_page(struct listing *listing, struct rf_s3_listing *pages, struct rf_s3_page *page, bool *end,
          struct rf_err *reterr)
{
    if (rf_stopped(listing->bucket->stop)) {
        return rf_fail(reterr, RF_ERR_INTERRUPTED, listing->bucket->where, "interrupted");
    }
    if (given_up(listing)) { /* another thread failed, and has said why */
        return rf_fail(reterr, RF_ERR_INTERRUPTED, listing->bucket->where, "given up");
    }
    RF_TRY(rf_s3_list_next(pages, page, end, reterr));
    lock(listing);
    listing->counts.requests += !*end;
    listing->counts.steps += !*end && pages->by_folder;
    listing->counts.markers += page->markers;
    unlock(listing);
    return RF_OK;
}

static rf_code
take(struct listing *listing, struct rf_s3_page *page, bool first, struct rf_err *reterr)
{
    lock(listing);
    rf_code code = page->count == 0
                       ? RF_OK
                       : listing->bucket->take(listing->bucket->take_context, page, first, reterr);
    unlock(listing);
    return code;
}

/* ---- one job --------------------------------------------------------------------------------- */

/** What is to be done about a folder: a job, or nothing. With the lock. */
static void
add_folder(struct listing *listing, const char *folder, bool first)
{
    const struct rf_bucket *bucket = listing->bucket;
    enum rf_below below = rf_hours_below(bucket->hours, folder + strlen(bucket->prefix));
    size_t most = bucket->steps == 0 ? RF_BUCKET_STEPS : bucket->steps;
    if (below == RF_BELOW_BEFORE || below == RF_BELOW_BEHIND) {
        *(below == RF_BELOW_BEFORE ? &listing->counts.before : &listing->counts.behind) += 1;
        if (bucket->pass != NULL) {
            bucket->pass(bucket->take_context, folder);
        }
        return;
    }
    bool step = below == RF_BELOW_STEP;
    if (step && listing->counts.steps + listing->count >= most) {
        step = false;
        listing->counts.unpruned++;
    }
    push(listing, (struct job){.prefix = rf_strdup(folder), .step = step, .first = first});
}

/** In turn, so that the first folder is done next. */
static void
add_folders(struct listing *listing, char *const *folders, size_t count, bool first)
{
    lock(listing);
    for (size_t i = count; i-- > 0;) {
        add_folder(listing, folders[i], first && i == 0);
    }
    unlock(listing);
}

/** A folder that is not behind `last` was listed, wholly or up to there. */
static void
part_folder(struct listing *listing, const char *folder, const char *last)
{
    size_t bytes = strlen(folder);
    bool within = strncmp(last, folder, bytes) == 0;
    if (within || strcmp(folder, last) > 0) {
        push(listing,
             (struct job){.prefix = rf_strdup(folder), .behind = within ? rf_strdup(last) : NULL});
    }
}

/** Entries right in the folder that are behind `last`. */
static void
keep_behind(struct rf_s3_page *page, const char *last)
{
    size_t kept = 0;
    for (size_t i = 0; i < page->count; i++) {
        if (strcmp(page->entries[i].key, last) > 0) {
            struct rf_s3_entry swap = page->entries[kept];
            page->entries[kept++] = page->entries[i];
            page->entries[i] = swap;
        }
    }
    for (size_t i = kept; i < page->count; i++) {
        free(page->entries[i].key);
        free(page->entries[i].etag);
    }
    page->count = kept;
}

/** Part what is behind `last` among the threads, by folders: *ret says whether it was. */
static rf_code
part(struct listing *listing, struct job *job, const char *last, bool *ret, struct rf_err *reterr)
{
    struct rf_s3_listing pages;
    struct rf_s3_page page = {0};
    bool end;
    begin(listing, job, true, &pages);
    pages.start_after = NULL;
    rf_code code = next_page(listing, &pages, &page, &end, reterr);
    *ret = code == RF_OK && pages.ended && page.folder_count > 0;
    if (code == RF_OK) {
        lock(listing);
        listing->counts.markers -= page.markers; /* the folder's own, which came before */
        for (size_t i = page.folder_count; *ret && i-- > 0;) {
            part_folder(listing, page.folders[i], last);
        }
        (void)pthread_cond_broadcast(&listing->changed);
        unlock(listing);
    }
    if (*ret) {
        keep_behind(&page, last);
        code = take(listing, &page, false, reterr);
    }
    job->whole = !*ret;
    rf_s3_page_done(&page);
    rf_s3_listing_done(&pages);
    return code;
}

static rf_code
do_list(struct listing *listing, struct job *job, struct rf_s3_page *page, struct rf_err *reterr)
{
    struct rf_s3_listing pages;
    bool end = false;
    bool parted = false;
    begin(listing, job, false, &pages);
    rf_code code = next_page(listing, &pages, page, &end, reterr);
    while (code == RF_OK && !end && !parted) {
        code = take(listing, page, job->first, reterr);
        bool may = !job->whole && !listing->bucket->unordered && !pages.ended &&
                   pages.last != NULL && pages.pages >= PART_PAGES && others_wait(listing);
        if (code == RF_OK && may) {
            code = part(listing, job, pages.last, &parted, reterr);
        }
        if (code == RF_OK && !parted) {
            code = next_page(listing, &pages, page, &end, reterr);
        }
    }
    rf_s3_listing_done(&pages);
    return code;
}

/** Whether of none of the folders the hours are known: then the time stands behind what is here. */
static bool
all_undecided(const struct listing *listing, const struct rf_s3_page *page)
{
    const struct rf_bucket *bucket = listing->bucket;
    for (size_t i = 0; i < page->folder_count; i++) {
        const char *folder = page->folders[i] + strlen(bucket->prefix);
        if (rf_hours_below(bucket->hours, folder) != RF_BELOW_STEP) {
            return false;
        }
    }
    return true;
}

static rf_code
do_step(struct listing *listing, struct job *job, struct rf_s3_page *page, struct rf_err *reterr)
{
    struct rf_s3_listing pages;
    bool end = false;
    bool first = job->first;
    begin(listing, job, true, &pages);
    rf_code code = next_page(listing, &pages, page, &end, reterr);
    if (code == RF_OK && !pages.ended && !rf_hours_behind_keys(listing->bucket->hours) &&
        all_undecided(listing, page)) {
        lock(listing);
        listing->counts.unpruned++;
        unlock(listing);
        rf_s3_listing_done(&pages);
        return do_list(listing, job, page, reterr);
    }
    while (code == RF_OK && !end) {
        add_folders(listing, page->folders, page->folder_count, first);
        code = take(listing, page, false, reterr);
        first = false;
        if (code == RF_OK) {
            code = next_page(listing, &pages, page, &end, reterr);
        }
    }
    rf_s3_listing_done(&pages);
    return code;
}

/* ---- threads --------------------------------------------------------------------------------- */

/** Waits for a job; false where there will be none. */
static bool
take_job(struct listing *listing, struct job *ret)
{
    lock(listing);
    listing->idle++;
    while (listing->count == 0 && listing->idle < listing->threads && listing->code == RF_OK) {
        RF_VERIFY(pthread_cond_wait(&listing->changed, &listing->lock) == 0);
    }
    bool is_there = listing->count > 0 && listing->code == RF_OK;
    if (is_there) {
        *ret = listing->jobs[--listing->count];
        listing->idle--;
    } else {
        (void)pthread_cond_broadcast(&listing->changed);
    }
    unlock(listing);
    return is_there;
}

static void *
work(void *context)
{
    struct listing *listing = *(struct listing **)context;
    struct job job;
    lock(listing);
    listing->threads++;
    unlock(listing);
    while (take_job(listing, &job)) {
        struct rf_s3_page page = {0};
        struct rf_err error = {0};
        rf_code code = job.step ? do_step(listing, &job, &page, &error)
                                : do_list(listing, &job, &page, &error);
        if (code != RF_OK && !given_up(listing)) {
            note_failure(listing, code, &error);
        }
        rf_s3_page_done(&page);
        job_done(&job);
    }
    return NULL;
}

rf_code
rf_bucket_list(const struct rf_bucket *bucket, struct rf_bucket_counts *ret, struct rf_err *reterr)
{
    struct listing listing = {.bucket = bucket};
    size_t count = bucket->threads == 0 ? RF_BUCKET_THREADS : bucket->threads;
    struct listing **contexts = rf_calloc(count, sizeof(struct listing *));
    for (size_t i = 0; i < count; i++) {
        contexts[i] = &listing;
    }
    RF_VERIFY(pthread_mutex_init(&listing.lock, NULL) == 0 &&
              pthread_cond_init(&listing.changed, NULL) == 0);
    push(&listing, (struct job){.prefix = rf_strdup(bucket->prefix),
                                .step = rf_hours_below(bucket->hours, "") == RF_BELOW_STEP,
                                .first = true});
    (void)rf_threads_run(work, contexts, sizeof(struct listing *), count);
    for (size_t i = 0; i < listing.count; i++) {
        job_done(&listing.jobs[i]);
    }
    free(listing.jobs);
    free(contexts);
    (void)pthread_mutex_destroy(&listing.lock);
    (void)pthread_cond_destroy(&listing.changed);
    *ret = listing.counts;
    if (listing.code != RF_OK && reterr != NULL) {
        *reterr = listing.error;
    }
    return listing.code;
}

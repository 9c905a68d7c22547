/* SPDX-License-Identifier: MIT */
/*
 * Objects come over: many transfers are under way, and a few threads write what they bring.
 *
 * What is small is written at once. Of what is not, a note beside the partial says which version it
 * is of, so that the next fetch goes on behind what this one had.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/crew.h"
#include "base/json.h"
#include "mirror/errand.h"
#include "mirror/partial.h"
#include "net/net.h"

/** Each thread has so much in hand; an object that fits leaves no partial worth going on with. */
#define HAND_BYTES ((size_t)1 << 20)
/** Threads that write. They mostly wait, for the server or the disk. */
#define WRITERS 8
/** Transfers that are asked for ahead of what is written; the engine begins as many as it may. */
#define AHEAD 256
/** So many failures in a row are no accident of one object: whoever is refused once is each time.
 */
#define FAILURES_IN_A_ROW 20

/** One that was asked for. */
struct asked {
    struct rf_transfer *transfer; /* NULL: it could not be */
    struct rf_leftover leftover;  /* what of it is here already */
};

/** What the threads share. */
struct moving {
    struct rf_fetching *fetching;
    struct rf_errand **queue; /* what is to be fetched, in the order of keys */
    size_t count;
    pthread_mutex_t lock; /* of what follows */
    struct asked *asked;  /* of the queue's: up to asked_count, less what was taken */
    size_t asked_count;
    unsigned failures; /* in a row */
};

/** A thread that writes. */
struct writer {
    struct moving *moving;
    struct rf_place_cursor cursor;
    char *hand;
};

/* ---- asking ---------------------------------------------------------------------------------- */

/** Whether what is left of an object is of the version that was listed. */
static bool
is_listed_version(const struct rf_object *object, const struct rf_leftover *leftover)
{
    return leftover->bytes > 0 &&
           (object->bytes == RF_BYTES_UNKNOWN || object->bytes == leftover->total) &&
           (object->etag == NULL || strcmp(object->etag, leftover->etag) == 0);
}

/** An errand that cannot be asked for has failed. */
static struct asked
ask(struct moving *moving, struct rf_errand *errand, bool goes_on)
{
    struct rf_fetching *fetching = moving->fetching;
    struct rf_http_request request = {0};
    struct rf_transfer_wanted wanted;
    struct rf_signer signer;
    struct rf_err err;
    struct asked asked = {0};
    rf_code code =
        rf_object_request(&fetching->objects, errand->object, &request, &wanted, &signer, &err);
    if (code != RF_OK) {
        rf_errand_fail(errand, RF_ERRAND_FAIL, code, err.text);
        return asked;
    }
    if (goes_on && rf_place_was_cut_off(fetching->place)) {
        rf_leftover_find(fetching->ledger, errand->object->key, &asked.leftover);
    }
    if (is_listed_version(errand->object, &asked.leftover)) {
        wanted.etag = asked.leftover.etag;
        wanted.bytes = asked.leftover.total;
        wanted.from = asked.leftover.bytes;
    } else {
        rf_leftover_done(&asked.leftover);
    }
    asked.transfer = rf_transfer_new(fetching->objects.net, &request, &wanted, &signer);
    return asked;
}

/** What one part asked for; those behind it are asked for too. */
static struct asked
take(struct moving *moving, size_t part)
{
    RF_VERIFY(pthread_mutex_lock(&moving->lock) == 0);
    while (moving->asked_count < moving->count && moving->asked_count <= part + AHEAD) {
        size_t next = moving->asked_count++;
        moving->asked[next] = ask(moving, moving->queue[next], true);
    }
    struct asked asked = moving->asked[part];
    moving->asked[part] = (struct asked){0};
    (void)pthread_mutex_unlock(&moving->lock);
    return asked;
}

static void
drop(struct asked *asked)
{
    rf_transfer_close(asked->transfer);
    rf_leftover_done(&asked->leftover);
    *asked = (struct asked){0};
}

/* ---- writing --------------------------------------------------------------------------------- */

/** As much as the hand holds, or all that is left. */
static rf_code
fill(struct writer *writer, struct rf_transfer *transfer, size_t *ret_got, bool *ret_ended,
     struct rf_err *reterr)
{
    const struct rf_fetch_request *request = writer->moving->fetching->request;
    *ret_got = 0;
    *ret_ended = false;
    while (*ret_got < HAND_BYTES && !*ret_ended) {
        size_t got;
        RF_TRY(rf_transfer_read(transfer, writer->hand + *ret_got, HAND_BYTES - *ret_got, &got,
                                reterr));
        *ret_got += got;
        *ret_ended = got == 0;
        (void)atomic_fetch_add(request->bytes_done, got);
    }
    return RF_OK;
}

/** The version that came, where it can be told again; owned, or NULL. */
static char *
version(const struct rf_errand *errand, const struct rf_transfer *transfer)
{
    const char *etag = errand->object->etag;
    etag = etag == NULL ? rf_transfer_etag(transfer) : etag;
    bool good = etag != NULL && rf_utf8_valid(etag, strlen(etag)) == strlen(etag);
    return good ? rf_strdup(etag) : NULL;
}

/** Writes the partial to its end, and puts it into place. */
static rf_code
write_whole(struct writer *writer, struct rf_errand *errand, struct rf_transfer *transfer,
            struct rf_partial *partial, size_t got, bool ended, struct rf_err *reterr)
{
    struct rf_fetching *fetching = writer->moving->fetching;
    const char *key = errand->object->key;
    RF_TRY(rf_partial_write(partial, writer->hand, got, reterr));
    while (!ended) {
        RF_TRY(fill(writer, transfer, &got, &ended, reterr));
        RF_TRY(rf_partial_write(partial, writer->hand, got, reterr));
    }
    struct rf_fetched_entry entry = {0};
    RF_TRY(rf_partial_end(partial, &entry, reterr));
    uint64_t bytes = entry.bytes;
    if (errand->blocked) {
        RF_TRY(rf_way_clear(fetching, key, reterr));
    }
    entry.key = rf_strdup(key);
    entry.etag = version(errand, transfer);
    RF_TRY(rf_ledger_add(fetching->ledger, entry, reterr));
    RF_TRY(rf_partial_put(partial, fetching->place, &writer->cursor, reterr));
    errand->kind = RF_ERRAND_DONE;
    errand->bytes = bytes;
    return RF_OK;
}

static rf_code
write_object(struct writer *writer, struct rf_errand *errand, struct asked *asked,
             struct rf_err *reterr)
{
    struct rf_fetching *fetching = writer->moving->fetching;
    const struct rf_leftover *leftover = asked->leftover.bytes > 0 ? &asked->leftover : NULL;
    struct rf_partial *partial;
    size_t got;
    bool ended;
    RF_TRY(fill(writer, asked->transfer, &got, &ended, reterr));
    char *note = ended ? NULL : version(errand, asked->transfer);
    rf_code code = rf_partial_begin(fetching->ledger, errand->object->key, leftover, note,
                                    rf_transfer_total(asked->transfer), &partial, reterr);
    free(note);
    RF_TRY(code);
    errand->resumed = leftover == NULL ? 0 : leftover->bytes;
    code = write_whole(writer, errand, asked->transfer, partial, got, ended, reterr);
    rf_partial_close(partial, code == RF_ERR_SOURCE || code == RF_ERR_INTERRUPTED);
    return code;
}

/* ---- one after the other --------------------------------------------------------------------- */

/** Whether it is the folder that takes no more, and not one object that cannot be put there. */
static bool
is_the_end(const struct rf_err *err)
{
    static const int errors[] = {ENOSPC, EDQUOT, EROFS, EIO, EMFILE, ENFILE, ENODEV, ESTALE};
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (err->sys_errno == errors[i]) {
            return true;
        }
    }
    return false;
}

/** @return  RF_OK, unless nothing can be fetched any more */
static rf_code
settle(struct moving *moving, struct rf_errand *errand, rf_code code, struct rf_err *reterr)
{
    if (code == RF_ERR_INTERRUPTED || (code == RF_ERR_OUTPUT && is_the_end(reterr))) {
        return code;
    }
    if (code != RF_OK) {
        rf_errand_fail(errand, RF_ERRAND_FAIL, code, reterr->text);
    }
    RF_VERIFY(pthread_mutex_lock(&moving->lock) == 0);
    moving->failures = errand->kind == RF_ERRAND_DONE ? 0 : moving->failures + 1;
    bool hopeless = moving->failures >= FAILURES_IN_A_ROW;
    (void)pthread_mutex_unlock(&moving->lock);
    return !hopeless ? RF_OK
                     : rf_fail(reterr, RF_ERR_SOURCE, NULL,
                               "%d objects in a row could not be fetched: the rest was not tried",
                               FAILURES_IN_A_ROW);
}

/** Whether what is left of an object is of a version that the server no longer has. */
static bool
is_stale(const struct moving *moving, const struct rf_errand *errand,
         const struct rf_leftover *leftover)
{
    uint64_t bytes;
    char *etag =
        leftover->bytes == 0 ? NULL : rf_version_there(moving->fetching, errand->object, &bytes);
    bool stale = etag != NULL && strcmp(etag, leftover->etag) != 0;
    free(etag);
    return stale;
}

static rf_code
move_one(void *context, size_t part, struct rf_err *reterr)
{
    struct writer *writer = context;
    struct moving *moving = writer->moving;
    struct rf_errand *errand = moving->queue[part];
    struct asked asked = take(moving, part);
    rf_code code = RF_OK;
    writer->hand = writer->hand == NULL ? rf_alloc(HAND_BYTES) : writer->hand;
    if (asked.transfer != NULL) {
        code = write_object(writer, errand, &asked, reterr);
        bool stale = code == RF_ERR_SOURCE && is_stale(moving, errand, &asked.leftover);
        drop(&asked);
        if (stale) {
            asked = ask(moving, errand, false);
            errand->resumed = 0;
            code = asked.transfer == NULL ? RF_OK : write_object(writer, errand, &asked, reterr);
            drop(&asked);
        }
    }
    code = settle(moving, errand, code, reterr);
    (void)atomic_fetch_add(moving->fetching->request->objects_done, 1);
    return code;
}

static void
leave(void *context)
{
    struct writer *writer = context;
    rf_place_cursor_done(&writer->cursor);
    free(writer->hand);
}

static rf_code
move_all(struct moving *moving, struct rf_err *reterr)
{
    size_t threads = moving->count < WRITERS ? moving->count : WRITERS;
    struct writer *writers = rf_calloc(threads, sizeof(*writers));
    for (size_t i = 0; i < threads; i++) {
        writers[i].moving = moving;
    }
    struct rf_crew_job job = {
        .part_count = moving->count,
        .work = move_one,
        .leave = leave,
        .stop = moving->fetching->request->walk.stop,
    };
    rf_code code = rf_crew_run(&job, writers, sizeof(*writers), threads, reterr);
    for (size_t i = 0; i < moving->asked_count; i++) {
        drop(&moving->asked[i]);
    }
    free(writers);
    return code;
}

rf_code
rf_move(struct rf_fetching *fetching, struct rf_err *reterr)
{
    size_t count = fetching->objects.count;
    struct moving moving = {
        .fetching = fetching,
        .queue = rf_calloc(count + 1, sizeof(struct rf_errand *)),
    };
    for (size_t i = 0; i < count; i++) {
        if (fetching->errands[i].kind == RF_ERRAND_FETCH) {
            moving.queue[moving.count++] = &fetching->errands[i];
        }
    }
    rf_code code = RF_OK;
    if (moving.count > 0) {
        moving.asked = rf_calloc(moving.count, sizeof(*moving.asked));
        RF_VERIFY(pthread_mutex_init(&moving.lock, NULL) == 0);
        code = move_all(&moving, reterr);
        (void)pthread_mutex_destroy(&moving.lock);
        free(moving.asked);
    }
    free(moving.queue);
    return code;
}

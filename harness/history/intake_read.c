/* SPDX-License-Identifier: MIT */
/* The bytes of an object on their way to the decoder: who sees them, and when reading ends. */
#include "history/intake_internal.h"

#include <string.h>

#include "base/alloc.h"
#include "base/stop.h"
#include "base/stopwatch.h"
#include "decode/front.h"
#include "decode/kpl.h"
#include "walk/digest.h"

/** How much is read at a time of what only the end of an object's reading needs. */
#define DRAIN_BYTES ((size_t)64 << 10)

void
rf_intake_show_progress(struct rf_intake *intake, uint64_t bytes)
{
    struct rf_progress_counts *progress = intake->request->progress;
    if (progress == NULL) {
        return;
    }
    atomic_fetch_add_explicit(&progress->bytes_done, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&progress->events_read, intake->facts.events - intake->events_shown,
                              memory_order_relaxed);
    intake->events_shown = intake->facts.events;
}

bool
rf_intake_stopped(const struct rf_intake_end *end)
{
    return rf_stopped(end->stop);
}

bool
rf_intake_is_pointless(const struct rf_intake *intake)
{
    return atomic_load_explicit(&intake->end->ended, memory_order_relaxed) ||
           atomic_load_explicit(&intake->end->failed_object, memory_order_relaxed) <
               intake->object->number;
}

/** Remembers how the object begins, for that tells what one without events, or a broken one, may
 * be. */
static void
note_front(struct rf_intake *intake, const char *bytes, size_t count)
{
    size_t at = rf_front_of_text(bytes, count);
    intake->is_aggregate = at < count && bytes[at] == RF_KPL_MAGIC[0];
    intake->is_record = rf_front_is_record(bytes, count);
    intake->is_text = at < count && (unsigned char)bytes[at] >= ' ' && bytes[at] != 0x7f &&
                      !intake->is_record && !intake->is_aggregate;
    intake->has_front = true;
}

rf_code
rf_intake_read(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct rf_intake *intake = context;
    if (rf_intake_stopped(intake->end) || rf_intake_is_pointless(intake)) {
        return rf_fail(reterr, RF_ERR_INTERRUPTED, intake->object->name, "interrupted");
    }
    if (intake->front_at < intake->front.used || (intake->front.used > 0 && intake->ended)) {
        size_t left = intake->front.used - intake->front_at;
        *ret_got = left < room ? left : room;
        memcpy(bytes, intake->front.bytes + intake->front_at, *ret_got);
        intake->front_at += *ret_got;
        return RF_OK;
    }
    enum rf_station before = rf_station_enter(RF_STATION_READ);
    rf_code code = rf_reader_read(intake->reader, bytes, room, ret_got, reterr);
    (void)rf_station_enter(before);
    if (intake->sha != NULL && (code == RF_OK || rf_code_is_damage(code))) {
        rf_digest_read(intake->sha, code, bytes, *ret_got, reterr);
    }
    /* Damage is the reader's last word too: it has looked if the source is what was listed. */
    intake->ended = rf_code_is_damage(code) || *ret_got == 0;
    RF_TRY(code);
    if (intake->md5 != NULL) {
        rf_md5_add(intake->md5, bytes, *ret_got);
    }
    if (!intake->has_front) {
        note_front(intake, bytes, *ret_got);
    }
    if (intake->stored != NULL) {
        rf_hasher_add(intake->stored, bytes, *ret_got);
    }
    rf_intake_show_progress(intake, *ret_got);
    return RF_OK;
}

rf_code
rf_intake_drain(struct rf_intake *intake, struct rf_err *reterr)
{
    char *bytes = rf_alloc(DRAIN_BYTES);
    rf_code code = RF_OK;
    while (code == RF_OK && !intake->ended) {
        size_t got;
        code = rf_intake_read(intake, bytes, DRAIN_BYTES, &got, reterr);
    }
    free(bytes);
    return code;
}

rf_code
rf_intake_digest_stored(struct rf_intake *intake, struct rf_err *reterr)
{
    const struct rf_object *object = intake->object;
    struct rf_facts *facts = &intake->facts;
    if (object->pack != NULL) {
        const char *sha256 = rf_packs_facts(intake->packs, object)->sha256;
        facts->sha256 = sha256 == NULL ? NULL : rf_strdup(sha256);
        return RF_OK;
    }
    bool is_there = facts->sha256 != NULL; /* it was held against a manifest */
    if (is_there || (intake->request->facts == NULL && !rf_intake_is_told(intake))) {
        return RF_OK;
    }
    facts->sha256 = rf_alloc(RF_SHA256_HEX_BYTES);
    return rf_object_digest(intake->request->objects, object, facts->sha256, reterr);
}

void
rf_intake_complete_facts(struct rf_intake *intake)
{
    struct rf_facts *facts = &intake->facts;
    const struct rf_multiset *now = &rf_writer_sums(intake->writer)->seen;
    facts->seen = (struct rf_multiset){
        .sum = now->sum - intake->seen_before.sum,
        .mixed = now->mixed - intake->seen_before.mixed,
        .count = now->count - intake->seen_before.count,
    };
    if (intake->sha != NULL) {
        char hex[RF_SHA256_HEX_BYTES];
        rf_sha256_finish(intake->sha, hex);
        intake->sha = NULL;
        bool opened = intake->reader != NULL; /* else it is the digest of nothing, not of it */
        facts->sha256 = opened ? rf_strdup(hex) : NULL;
    }
}

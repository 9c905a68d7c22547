/* SPDX-License-Identifier: MIT */
/* Finding the records of one object, and going on behind those that are damaged. */
#include "decode/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/framer.h"
#include "decode/front.h"

/** Small enough to stay in a core's cache between unpacking and reading. */
#define FRAME_BYTES ((size_t)256 * 1024)
/** More than what stands in front of a first record. */
#define FRONT_BYTES 256

void
rf_frame_init(struct rf_frame *frame)
{
    memset(frame, 0, sizeof(*frame));
    RF_GROW(frame->bytes, frame->room, FRAME_BYTES);
}

void
rf_frame_done(struct rf_frame *frame)
{
    free(frame->bytes);
    rf_kpl_free(frame->kpl);
    memset(frame, 0, sizeof(*frame));
}

void
rf_frame_begin(struct rf_frame *frame, struct rf_unpack *unpack, uint64_t *looked_again)
{
    frame->unpack = unpack;
    frame->most = rf_limits.record_bytes;
    frame->begin = 0;
    frame->end = 0;
    frame->base = 0;
    frame->looked_again = looked_again;
    frame->opening = (struct rf_opening){0};
    frame->ended = false;
    frame->code = RF_OK;
}

/* ---- the buffer ---- */

/** Of the unused bytes those that one record may have. */
static inline size_t
record_ahead(const struct rf_frame *frame)
{
    size_t have = rf_frame_ahead(frame);
    return have < frame->most ? have : frame->most;
}

/** Moves the unused bytes to the front where that is cheap or needed, and makes room: half as much
 * again, so that the next move comes only when that many bytes were used. */
static void
make_room(struct rf_frame *frame, size_t want)
{
    size_t have = rf_frame_ahead(frame);
    if (frame->begin >= have || frame->begin + want > frame->room) {
        memmove(frame->bytes, frame->bytes + frame->begin, have);
        frame->base += frame->begin;
        frame->begin = 0;
        frame->end = have;
    }
    RF_GROW(frame->bytes, frame->room, want + want / 2);
}

bool
rf_frame_fill(struct rf_frame *frame, size_t want)
{
    size_t before = rf_frame_ahead(frame);
    if (before >= want || frame->ended) {
        return false;
    }
    make_room(frame, want);
    while (rf_frame_ahead(frame) < want && !frame->ended) {
        size_t got;
        frame->code = rf_unpack_read(frame->unpack, frame->bytes + frame->end,
                                     frame->room - frame->end, &got, &frame->err);
        frame->end += got;
        frame->ended = frame->code != RF_OK || got == 0;
    }
    return rf_frame_ahead(frame) > before;
}

bool
rf_frame_fill_more(struct rf_frame *frame, size_t at)
{
    size_t want = (rf_frame_ahead(frame) - at) * 2;
    return rf_frame_fill(frame, at + (want < frame->most ? want : frame->most + 1));
}

bool
rf_frame_is_at(struct rf_frame *frame, size_t at, const char *bytes, size_t count)
{
    (void)rf_frame_fill(frame, at + count);
    return rf_frame_ahead(frame) >= at + count &&
           memcmp(frame->bytes + frame->begin + at, bytes, count) == 0;
}

bool
rf_frame_opens(struct rf_frame *frame)
{
    (void)rf_frame_fill(frame, FRONT_BYTES);
    return rf_front_is_record(frame->bytes + frame->begin, rf_frame_ahead(frame));
}

static rf_code
fail_kept(const struct rf_frame *frame, struct rf_err *reterr)
{
    if (reterr != NULL) {
        *reterr = frame->err;
    }
    return frame->code;
}

/* ---- going on behind a damaged record ---- */

static rf_code
count_looked_again(const struct rf_frame *frame, uint64_t bytes, struct rf_err *reterr)
{
    *frame->looked_again += bytes;
    if (*frame->looked_again > RF_LIMIT_RECOVERY_BYTES) {
        return rf_fail_at(reterr, RF_ERR_LIMIT, NULL, frame->base + frame->begin,
                          "more than %" PRIu64 " bytes had to be looked at again behind damaged "
                          "records (RF_LIMIT_RECOVERY_BYTES)",
                          RF_LIMIT_RECOVERY_BYTES);
    }
    return RF_OK;
}

static rf_code
fail_unended(struct rf_frame *frame, rf_code code, uint64_t offset, struct rf_err *reterr)
{
    if (frame->code != RF_OK) {
        return fail_kept(frame, reterr);
    }
    if (code == RF_ERR_TRUNCATED) {
        return rf_fail_at(reterr, code, NULL, offset,
                          "the object ends inside the record that begins at byte %" PRIu64, offset);
    }
    return rf_fail_at(reterr, code, NULL, offset,
                      "%s, in the record that begins at byte %" PRIu64
                      "; neither its end nor a further record was found",
                      frame->text, offset);
}

/**
 * Makes the record at the front a malformed one, and goes on behind it.
 * @code, @err  what reading it returned
 * @looked      bytes that were read for that
 */
static rf_code
recover(struct rf_frame *frame, rf_code code, const struct rf_err *err, size_t looked,
        struct rf_json *doc, struct rf_record *ret, struct rf_err *reterr)
{
    uint64_t offset = frame->base + frame->begin;
    int written = snprintf(frame->text, sizeof(frame->text), "%s, at byte %" PRIu64, err->text,
                           offset + err->offset_bytes);
    ret->kind = RF_FRAME_MALFORMED;
    ret->offset = offset;
    ret->text = frame->text;
    frame->opening.found =
        frame->opening.found ||
        (frame->bytes[frame->begin] == '{' &&
         rf_opening_is_text(frame->bytes + frame->begin + 1, rf_frame_ahead(frame) - 1));

    struct rf_passed passed;
    uint64_t broken = code == RF_ERR_MALFORMED ? err->offset_bytes : UINT64_MAX;
    bool found = rf_behind_record(frame, doc, broken, &passed);
    RF_TRY(count_looked_again(frame, looked + passed.bytes, reterr));
    if (!found) {
        return fail_unended(frame, code, offset, reterr);
    }
    /* What may have held others is told: more than a line, or what no line's end shows the end of.
     */
    if (passed.line ? passed.beyond : !passed.end) {
        (void)snprintf(frame->text + written, sizeof(frame->text) - (size_t)written,
                       "; %" PRIu64 " bytes are passed over", passed.bytes);
    }
    return RF_OK;
}

/* ---- records ---- */

/* Not inlined into rf_frame_next, as read_other is not: most records are recognized. */
static __attribute__((noinline)) rf_code
read_value(struct rf_frame *frame, struct rf_json *doc, struct rf_record *ret,
           struct rf_err *reterr)
{
    struct rf_err err;
    for (;;) {
        size_t have = rf_frame_ahead(frame);
        size_t count = record_ahead(frame);
        size_t end;
        rf_code code = rf_json_read(doc, frame->bytes + frame->begin, count, &end, &err);
        if (code == RF_OK) {
            ret->kind = RF_FRAME_VALUE;
            frame->begin += end;
            return RF_OK;
        }
        if (code == RF_ERR_TRUNCATED && count == have) {
            if (rf_frame_fill_more(frame, 0)) {
                continue;
            }
            if (frame->code != RF_OK) {
                return fail_kept(frame, reterr); /* it is not the record that is damaged */
            }
        } else if (code == RF_ERR_TRUNCATED) {
            code =
                rf_fail_at(&err, RF_ERR_LIMIT, NULL, count,
                           "record is longer than %" PRIu64 " bytes " RF_LIMIT_SIZE_HINT("record"),
                           frame->most);
        }
        return recover(frame, code, &err, count, doc, ret, reterr);
    }
}

/** Whether there is a byte that is no blank; then the next record begins at it. */
static bool
skip_blanks(struct rf_frame *frame)
{
    do {
        for (; frame->begin < frame->end; frame->begin++) {
            char byte = frame->bytes[frame->begin];
            if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') {
                return true;
            }
        }
    } while (rf_frame_fill(frame, 1));
    return false;
}

/** A line that is longer than a record may be: passed over without being held. */
static rf_code
skip_long_line(struct rf_frame *frame, struct rf_json *doc, struct rf_record *ret,
               struct rf_err *reterr)
{
    (void)snprintf(frame->text, sizeof(frame->text),
                   "line is longer than %" PRIu64 " bytes " RF_LIMIT_SIZE_HINT("record"),
                   frame->most);
    ret->kind = RF_FRAME_MALFORMED;
    ret->text = frame->text;
    bool ended = rf_behind_line(frame, doc);
    RF_TRY(count_looked_again(frame, 0, reterr));
    return ended || frame->code == RF_OK ? RF_OK : fail_kept(frame, reterr);
}

static rf_code
read_line(struct rf_frame *frame, struct rf_json *doc, struct rf_record *ret, struct rf_err *reterr)
{
    size_t count;
    size_t end;
    bool fits = rf_behind_measure(frame, doc, &count, &end);
    RF_TRY(count_looked_again(frame, 0, reterr));
    if (!fits) {
        return skip_long_line(frame, doc, ret, reterr);
    }
    if (count == rf_frame_ahead(frame) && frame->code != RF_OK) {
        return fail_kept(frame, reterr);
    }
    ret->kind = RF_FRAME_LINE;
    ret->bytes = frame->bytes + frame->begin;
    frame->begin += end;
    while (ret->bytes[count - 1] == '\r' || ret->bytes[count - 1] == ' ' ||
           ret->bytes[count - 1] == '\t') {
        count--;
    }
    ret->count = count;
    return RF_OK;
}

/* ---- aggregates ---- */

/** Goes on at the next aggregate, or at the next LF followed by "{"; false where there is neither,
 * then nothing is left. A line is looked for only up to the aggregate: one scan of all that is at
 * hand for each of many aggregates would take quadratic time. */
static bool
skip_to_aggregate(struct rf_frame *frame, uint64_t *ret_passed)
{
    *ret_passed = 0;
    for (;;) {
        size_t have = rf_frame_ahead(frame);
        const char *from = frame->bytes + frame->begin;
        const char *aggregate = memmem(from, have, RF_KPL_MAGIC, RF_KPL_MAGIC_BYTES);
        size_t count = aggregate == NULL ? have : (size_t)(aggregate - from);
        const char *line = memmem(from, count, "\n{", 2);
        bool found = line != NULL || aggregate != NULL;
        /* The front of either may stand at the very end. */
        size_t kept = have < RF_KPL_MAGIC_BYTES - 1 ? have : RF_KPL_MAGIC_BYTES - 1;
        size_t passed = line != NULL ? (size_t)(line + 1 - from) : found ? count : have - kept;
        frame->begin += passed;
        *ret_passed += passed;
        if (found || !rf_frame_fill(frame, rf_frame_ahead(frame) + 1)) {
            return found;
        }
    }
}

/** One that is not whole: what follows it cannot be told from what is in it. */
static rf_code
recover_aggregate(struct rf_frame *frame, rf_code code, struct rf_record *ret,
                  struct rf_err *reterr)
{
    uint64_t offset = frame->base + frame->begin;
    uint64_t at = offset + RF_KPL_MAGIC_BYTES + rf_kpl_walked(frame->kpl);
    if (code == RF_ERR_LIMIT) {
        (void)snprintf(frame->text, sizeof(frame->text),
                       "the KPL aggregate is longer than %" PRIu64
                       " bytes, or damaged " RF_LIMIT_SIZE_HINT("record"),
                       frame->most);
    } else {
        (void)snprintf(
            frame->text, sizeof(frame->text),
            "the KPL aggregate is damaged: neither a field nor the MD5 of those in front "
            "stands at byte %" PRIu64,
            at);
    }
    ret->kind = RF_FRAME_MALFORMED;
    ret->text = frame->text;
    RF_TRY(count_looked_again(frame, rf_kpl_cost(frame->kpl), reterr));
    if (code == RF_ERR_TRUNCATED) {
        return fail_unended(frame, code, offset, reterr);
    }
    frame->begin += RF_KPL_MAGIC_BYTES;
    uint64_t passed;
    bool found = skip_to_aggregate(frame, &passed);
    RF_TRY(count_looked_again(frame, passed, reterr));
    return found ? RF_OK : fail_unended(frame, code, offset, reterr);
}

static rf_code
read_aggregate(struct rf_frame *frame, struct rf_record *ret, struct rf_err *reterr)
{
    if (frame->kpl == NULL) {
        frame->kpl = rf_kpl_new();
    }
    rf_kpl_begin(frame->kpl);
    frame->opening.found = true; /* its records may be events, whatever becomes of it */
    for (;;) {
        size_t have = rf_frame_ahead(frame);
        size_t count = record_ahead(frame);
        const char *fields = frame->bytes + frame->begin + RF_KPL_MAGIC_BYTES;
        enum rf_kpl_found found = rf_kpl_walk(frame->kpl, fields, count - RF_KPL_MAGIC_BYTES);
        if (found == RF_KPL_WHOLE) {
            ret->kind = RF_FRAME_AGGREGATE;
            ret->bytes = fields;
            ret->count = rf_kpl_walked(frame->kpl);
            frame->begin += RF_KPL_MAGIC_BYTES + ret->count + RF_KPL_MD5_BYTES;
            return RF_OK;
        }
        if (found == RF_KPL_DAMAGED) {
            return recover_aggregate(frame, RF_ERR_MALFORMED, ret, reterr);
        }
        if (count < have || have >= frame->most) {
            return recover_aggregate(frame, RF_ERR_LIMIT, ret, reterr);
        }
        if (!rf_frame_fill_more(frame, 0)) {
            return recover_aggregate(frame, RF_ERR_TRUNCATED, ret, reterr);
        }
    }
}

/** Whether the record at the front is like one that was read before. */
static bool
recognize(struct rf_frame *frame, struct rf_recognizer *recognizer, struct rf_json *ret_scalars,
          struct rf_record *ret)
{
    ret_scalars->text = frame->bytes + frame->begin;
    ret->known = rf_recognize(recognizer, ret_scalars->text, record_ahead(frame), &ret->count,
                              &ret_scalars->nodes);
    if (ret->known == NULL) {
        return false;
    }
    ret->kind = RF_FRAME_KNOWN;
    ret_scalars->used = ret->known->scalars;
    frame->begin += ret->count;
    return true;
}

/** What begins with neither { nor [. */
static __attribute__((noinline)) rf_code
read_other(struct rf_frame *frame, struct rf_json *doc, struct rf_record *ret,
           struct rf_err *reterr)
{
    bool aggregate = frame->bytes[frame->begin] == RF_KPL_MAGIC[0] &&
                     rf_frame_is_at(frame, 0, RF_KPL_MAGIC, RF_KPL_MAGIC_BYTES);
    return aggregate ? read_aggregate(frame, ret, reterr) : read_line(frame, doc, ret, reterr);
}

rf_code
rf_frame_next(struct rf_frame *frame, struct rf_recognizer *recognizer, struct rf_json *doc,
              struct rf_json *ret_scalars, struct rf_record *ret, struct rf_err *reterr)
{
    bool more = skip_blanks(frame);
    if (more && frame->bytes[frame->begin] == RF_FRAME_MARK[0] &&
        rf_frame_is_at(frame, 0, RF_FRAME_MARK, RF_FRAME_MARK_BYTES)) {
        frame->begin += RF_FRAME_MARK_BYTES;
        more = skip_blanks(frame);
    }
    if (!more) {
        ret->kind = RF_FRAME_END;
        ret->offset = frame->base + frame->end;
        return frame->code == RF_OK ? RF_OK : fail_kept(frame, reterr);
    }
    ret->offset = frame->base + frame->begin;
    char first = frame->bytes[frame->begin];
    if (first == '{' && recognizer != NULL && recognize(frame, recognizer, ret_scalars, ret)) {
        return RF_OK;
    }
    if (first == '{' || first == '[') {
        return read_value(frame, doc, ret, reterr);
    }
    return read_other(frame, doc, ret, reterr);
}

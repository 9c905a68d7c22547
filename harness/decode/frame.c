/* SPDX-License-Identifier: MIT */
/* Finding the records of one object, and going on behind those that are damaged. */
#include "decode/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

/** Small enough to stay in a core's cache between unpacking and reading. */
#define FRAME_BYTES ((size_t)256 * 1024)

/** The byte order mark of UTF-8: some producers begin each record with it. */
#define MARK       "\xef\xbb\xbf"
#define MARK_BYTES 3

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
    frame->begin = 0;
    frame->end = 0;
    frame->base = 0;
    frame->looked_again = looked_again;
    frame->ended = false;
    frame->code = RF_OK;
}

/* ---- the buffer ---- */

static inline size_t
ahead(const struct rf_frame *frame)
{
    return frame->end - frame->begin;
}

/** Of the unused bytes those that one record may have. */
static inline size_t
record_ahead(const struct rf_frame *frame)
{
    size_t have = ahead(frame);
    return have < rf_limits.record_bytes ? have : rf_limits.record_bytes;
}

/** Moves the unused bytes to the front where that is cheap or needed, and makes room: half as much
 * again, so that the next move comes only when that many bytes were used. */
static void
make_room(struct rf_frame *frame, size_t want)
{
    size_t have = ahead(frame);
    if (frame->begin >= have || frame->begin + want > frame->room) {
        memmove(frame->bytes, frame->bytes + frame->begin, have);
        frame->base += frame->begin;
        frame->begin = 0;
        frame->end = have;
    }
    RF_GROW(frame->bytes, frame->room, want + want / 2);
}

/** Has at least `want` unused bytes, or all that are left; whether there are more than before.
 * An error of unpacking is kept: the records in front of it come first. */
static bool
fill(struct rf_frame *frame, size_t want)
{
    size_t before = ahead(frame);
    if (before >= want || frame->ended) {
        return false;
    }
    make_room(frame, want);
    while (ahead(frame) < want && !frame->ended) {
        size_t got;
        frame->code = rf_unpack_read(frame->unpack, frame->bytes + frame->end,
                                     frame->room - frame->end, &got, &frame->err);
        frame->end += got;
        frame->ended = frame->code != RF_OK || got == 0;
    }
    return ahead(frame) > before;
}

/** Twice as many unused bytes as there are, so that reading a record anew after each filling stays
 * linear; but no more than show that it is longer than the limit. */
static bool
fill_more(struct rf_frame *frame)
{
    size_t want = ahead(frame) * 2;
    return fill(frame, want < rf_limits.record_bytes ? want : rf_limits.record_bytes + 1);
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

/** Where a scan for the end of a record stands. */
struct scan {
    size_t at; /**< bytes from the record's first */
    size_t depth;
    bool in_string;
    bool escaped;
};

/** Goes on over the bytes at hand; whether the record's end was found (scan.at is behind it). */
static bool
scan_some(struct scan *scan, const char *bytes, size_t count)
{
    while (scan->at < count) {
        char byte = bytes[scan->at++];
        if (scan->escaped) {
            scan->escaped = false;
        } else if (byte == '"') {
            scan->in_string = !scan->in_string;
        } else if (scan->in_string) {
            scan->escaped = byte == '\\';
        } else if (byte == '{' || byte == '[') {
            scan->depth++;
        } else if (byte == '}' || byte == ']') {
            scan->depth--;
            if (scan->depth == 0) {
                return true;
            }
        }
    }
    return false;
}

/** Looks for the place where all brackets of the record are closed, of whichever kind they are, and
 * goes on there. */
static bool
skip_to_end(struct rf_frame *frame, size_t *ret_looked)
{
    struct scan scan = {0};
    bool found = false;
    do {
        size_t count = record_ahead(frame);
        found = scan_some(&scan, frame->bytes + frame->begin, count);
    } while (!found && scan.at < rf_limits.record_bytes && fill_more(frame));
    *ret_looked = scan.at;
    if (found) {
        frame->begin += scan.at;
    }
    return found;
}

/** Goes on at the next LF followed by "{"; false where there is none, then nothing is left. */
static bool
skip_to_line(struct rf_frame *frame)
{
    do {
        const char *from = frame->bytes + frame->begin;
        const char *end = frame->bytes + frame->end;
        const char *line = memchr(from, '\n', (size_t)(end - from));
        while (line != NULL && line + 1 < end && line[1] != '{') {
            from = line + 1;
            line = memchr(from, '\n', (size_t)(end - from));
        }
        if (line != NULL && line + 1 < end) {
            frame->begin = (size_t)(line + 1 - frame->bytes);
            return true;
        }
        /* An LF at the very end stays: what follows it may be the "{". */
        frame->begin = (size_t)((line == NULL ? end : line) - frame->bytes);
    } while (fill(frame, ahead(frame) + 1));
    return false;
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
        struct rf_record *ret, struct rf_err *reterr)
{
    uint64_t offset = frame->base + frame->begin;
    (void)snprintf(frame->text, sizeof(frame->text), "%s, at byte %" PRIu64, err->text,
                   offset + err->offset_bytes);
    ret->kind = RF_FRAME_MALFORMED;
    ret->offset = offset;
    ret->text = frame->text;

    size_t scanned;
    bool found = skip_to_end(frame, &scanned);
    RF_TRY(count_looked_again(frame, looked + scanned, reterr));
    if (!found && !skip_to_line(frame)) {
        return fail_unended(frame, code, offset, reterr);
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
        size_t have = ahead(frame);
        size_t count = record_ahead(frame);
        size_t end;
        rf_code code = rf_json_read(doc, frame->bytes + frame->begin, count, &end, &err);
        if (code == RF_OK) {
            ret->kind = RF_FRAME_VALUE;
            frame->begin += end;
            return RF_OK;
        }
        if (code == RF_ERR_TRUNCATED && count == have) {
            if (fill_more(frame)) {
                continue;
            }
            if (frame->code != RF_OK) {
                return fail_kept(frame, reterr); /* it is not the record that is damaged */
            }
        } else if (code == RF_ERR_TRUNCATED) {
            code =
                rf_fail_at(&err, RF_ERR_LIMIT, NULL, count,
                           "record is longer than %" PRIu64 " bytes " RF_LIMIT_SIZE_HINT("record"),
                           rf_limits.record_bytes);
        }
        return recover(frame, code, &err, count, ret, reterr);
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
    } while (fill(frame, 1));
    return false;
}

/** A line that is longer than a record may be: passed over without being held. */
static rf_code
skip_long_line(struct rf_frame *frame, struct rf_record *ret, struct rf_err *reterr)
{
    (void)snprintf(frame->text, sizeof(frame->text),
                   "line is longer than %" PRIu64 " bytes " RF_LIMIT_SIZE_HINT("record"),
                   rf_limits.record_bytes);
    ret->kind = RF_FRAME_MALFORMED;
    ret->text = frame->text;
    for (;;) {
        const char *from = frame->bytes + frame->begin;
        const char *line = memchr(from, '\n', ahead(frame));
        if (line != NULL) {
            frame->begin = (size_t)(line + 1 - frame->bytes);
            return RF_OK;
        }
        frame->begin = frame->end;
        if (!fill(frame, 1)) {
            return frame->code == RF_OK ? RF_OK : fail_kept(frame, reterr);
        }
    }
}

static rf_code
read_line(struct rf_frame *frame, struct rf_record *ret, struct rf_err *reterr)
{
    size_t seen = 0;
    const char *end = NULL;
    for (;;) {
        const char *from = frame->bytes + frame->begin;
        end = memchr(from + seen, '\n', ahead(frame) - seen);
        seen = ahead(frame);
        if (end != NULL || seen > rf_limits.record_bytes || !fill_more(frame)) {
            break;
        }
    }
    if (end == NULL && frame->ended && frame->code != RF_OK && seen <= rf_limits.record_bytes) {
        return fail_kept(frame, reterr);
    }
    size_t count = end == NULL ? seen : (size_t)(end - (frame->bytes + frame->begin));
    if (count > rf_limits.record_bytes) {
        return skip_long_line(frame, ret, reterr);
    }
    ret->kind = RF_FRAME_LINE;
    ret->bytes = frame->bytes + frame->begin;
    frame->begin += end == NULL ? count : count + 1;
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
        size_t have = ahead(frame);
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
        if (found || !fill(frame, ahead(frame) + 1)) {
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
                       rf_limits.record_bytes);
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
    for (;;) {
        size_t have = ahead(frame);
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
        if (count < have || have >= rf_limits.record_bytes) {
            return recover_aggregate(frame, RF_ERR_LIMIT, ret, reterr);
        }
        if (!fill_more(frame)) {
            return recover_aggregate(frame, RF_ERR_TRUNCATED, ret, reterr);
        }
    }
}

/** Whether these bytes come next; the front of them does not do. */
static bool
is_next(struct rf_frame *frame, const char *bytes, size_t count)
{
    (void)fill(frame, count);
    return ahead(frame) >= count && memcmp(frame->bytes + frame->begin, bytes, count) == 0;
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
read_other(struct rf_frame *frame, struct rf_record *ret, struct rf_err *reterr)
{
    bool aggregate = frame->bytes[frame->begin] == RF_KPL_MAGIC[0] &&
                     is_next(frame, RF_KPL_MAGIC, RF_KPL_MAGIC_BYTES);
    return aggregate ? read_aggregate(frame, ret, reterr) : read_line(frame, ret, reterr);
}

rf_code
rf_frame_next(struct rf_frame *frame, struct rf_recognizer *recognizer, struct rf_json *doc,
              struct rf_json *ret_scalars, struct rf_record *ret, struct rf_err *reterr)
{
    bool more = skip_blanks(frame);
    if (more && frame->bytes[frame->begin] == MARK[0] && is_next(frame, MARK, MARK_BYTES)) {
        frame->begin += MARK_BYTES;
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
    return read_other(frame, ret, reterr);
}

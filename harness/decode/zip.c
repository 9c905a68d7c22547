/* SPDX-License-Identifier: MIT */
/*
 * A zip that is one object: one entry, as Firehose writes it.
 *
 * It is read from front to back, for objects come from pipes and servers too: the entry's header,
 * its data, what a writer that could not go back put behind the data, the directory and its end.
 * All that these say of the entry must agree with what was unpacked, and nothing may stand behind
 * them. Source: APPNOTE.TXT 6.3, 4.3 and 4.5.3.
 */
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "decode/form.h"

/* Fixed parts of the records, and how they begin. */
enum { LOCAL_BYTES = 30, ENTRY_BYTES = 46, END_BYTES = 22, END64_BYTES = 56, LOCATOR64_BYTES = 20 };
static const unsigned char LOCAL[] = {'P', 'K', 3, 4};
static const unsigned char DESCRIPTOR[] = {'P', 'K', 7, 8};
static const unsigned char ENTRY[] = {'P', 'K', 1, 2};
static const unsigned char END64[] = {'P', 'K', 6, 6};
static const unsigned char LOCATOR64[] = {'P', 'K', 6, 7};
static const unsigned char END[] = {'P', 'K', 5, 6};

enum { METHOD_STORED = 0, METHOD_DEFLATED = 8 };
enum { FLAG_ENCRYPTED = 1, FLAG_DESCRIPTOR = 8, FLAG_STRONGLY_ENCRYPTED = 64 };
enum { EXTRA_ZIP64 = 1 };

enum phase { PHASE_BEGIN, PHASE_DATA, PHASE_REST, PHASE_END };

struct zip {
    z_stream stream;          /**< raw deflate */
    struct rf_stored *stored; /**< borrowed */
    struct rf_buf spare;
    enum phase phase;
    /* the entry, as its header has it */
    struct rf_buf name;
    unsigned method;
    unsigned flags;
    bool wide; /**< its descriptor's lengths have 64 bits */
    uint32_t said_crc;
    uint64_t said_packed; /**< UINT64_MAX: what stands behind the data tells */
    uint64_t said_bytes;
    /* the entry, as it was read */
    uint64_t data_at;
    uint64_t data_end;
    uint32_t crc;
    uint64_t bytes;
};

static bool
begins(const unsigned char *bytes, size_t count)
{
    return rf_form_begins_with(bytes, count, LOCAL, sizeof(LOCAL)) ||
           rf_form_begins_with(bytes, count, END, sizeof(END));
}

static void *
make(void)
{
    struct zip *zip = rf_calloc(1, sizeof(*zip));
    zip->stream.zalloc = rf_zalloc;
    zip->stream.zfree = rf_zfree;
    int code = inflateInit2(&zip->stream, -MAX_WBITS);
    RF_VERIFY(code == Z_OK);
    return zip;
}

static void
done(void *state)
{
    struct zip *zip = state;
    (void)inflateEnd(&zip->stream);
    rf_buf_done(&zip->spare);
    rf_buf_done(&zip->name);
    free(zip);
}

static rf_code
begin(void *state, struct rf_stored *stored, struct rf_err *reterr)
{
    struct zip *zip = state;
    (void)reterr;
    zip->stored = stored;
    zip->phase = PHASE_BEGIN;
    zip->crc = 0;
    zip->bytes = 0;
    int code = inflateReset(&zip->stream);
    RF_VERIFY(code == Z_OK);
    return RF_OK;
}

/* ---- records --------------------------------------------------------------------------------- */

static rf_code
corrupt(const struct zip *zip, const char *what, struct rf_err *reterr)
{
    uint64_t at = rf_stored_offset(zip->stored);
    return rf_fail_at(reterr, RF_ERR_CORRUPT, NULL, at, "zip is damaged: %s, byte %" PRIu64, what,
                      at);
}

static rf_code
refuse(const struct zip *zip, const char *what, struct rf_err *reterr)
{
    return rf_fail_at(reterr, RF_ERR_MALFORMED, NULL, rf_stored_offset(zip->stored), "%s", what);
}

/** Exactly `count` bytes that must be there. */
static rf_code
take(struct zip *zip, size_t count, const unsigned char **ret, struct rf_err *reterr)
{
    size_t got;
    RF_TRY(rf_stored_take(zip->stored, count, &zip->spare, ret, &got, reterr));
    if (got < count) {
        uint64_t at = rf_stored_offset(zip->stored);
        return rf_fail_at(reterr, RF_ERR_TRUNCATED, NULL, at,
                          "the object ends inside the zip, at byte %" PRIu64, at);
    }
    return RF_OK;
}

/** Whether a record of this kind comes next. */
static rf_code
is_next(struct zip *zip, const unsigned char magic[4], bool *ret, struct rf_err *reterr)
{
    RF_TRY(rf_stored_need(zip->stored, 4, reterr));
    *ret = rf_stored_ahead(zip->stored) >= 4 &&
           memcmp(zip->stored->bytes + zip->stored->begin, magic, 4) == 0;
    return RF_OK;
}

/** A number of 64 bits in the extra field, for one of 32 that says so. `skip`: numbers in front of
 * it there. */
static bool
widen(const unsigned char *extra, size_t extra_bytes, size_t skip, uint64_t *value)
{
    if (*value != UINT32_MAX) {
        return true;
    }
    for (size_t at = 0; at + 4 <= extra_bytes;) {
        size_t field = (size_t)rf_get_le(extra + at + 2, 2);
        if (field > extra_bytes - at - 4) {
            return false;
        }
        if (rf_get_le(extra + at, 2) == EXTRA_ZIP64 && field >= 8 * (skip + 1)) {
            *value = rf_get_le(extra + at + 4 + 8 * skip, 8);
            return true;
        }
        at += 4 + field;
    }
    return true; /* it is that number */
}

static bool
has_zip64(const unsigned char *extra, size_t extra_bytes)
{
    for (size_t at = 0; at + 4 <= extra_bytes; at += 4 + (size_t)rf_get_le(extra + at + 2, 2)) {
        if (rf_get_le(extra + at, 2) == EXTRA_ZIP64) {
            return true;
        }
    }
    return false;
}

/* ---- in front of the data -------------------------------------------------------------------- */

static rf_code
check_readable(const struct zip *zip, struct rf_err *reterr)
{
    if ((zip->flags & (FLAG_ENCRYPTED | FLAG_STRONGLY_ENCRYPTED)) != 0) {
        return refuse(zip, "the zip is encrypted, which refold does not read", reterr);
    }
    if (zip->method != METHOD_DEFLATED && zip->method != METHOD_STORED) {
        return refuse(zip,
                      "the zip is packed by a method that refold does not read; it reads deflated "
                      "and stored entries",
                      reterr);
    }
    if (zip->method == METHOD_STORED && zip->said_packed == UINT64_MAX) {
        return refuse(zip,
                      "the zip's entry is stored, and its length stands behind it: where that is, "
                      "only its directory could tell; deflate it",
                      reterr);
    }
    if (zip->name.used > 0 && zip->name.bytes[zip->name.used - 1] == '/') {
        return refuse(zip,
                      "the zip begins with a folder: that is an archive and no object; name it as "
                      "a source of its own, or unpack it",
                      reterr);
    }
    return RF_OK;
}

static rf_code
read_local(struct zip *zip, struct rf_err *reterr)
{
    const unsigned char *local;
    RF_TRY(take(zip, LOCAL_BYTES, &local, reterr));
    if (memcmp(local, LOCAL, sizeof(LOCAL)) != 0) {
        return corrupt(zip, "its first header", reterr);
    }
    zip->flags = (unsigned)rf_get_le(local + 6, 2);
    zip->method = (unsigned)rf_get_le(local + 8, 2);
    zip->said_crc = (uint32_t)rf_get_le(local + 14, 4);
    zip->said_packed = rf_get_le(local + 18, 4);
    zip->said_bytes = rf_get_le(local + 22, 4);
    size_t name_bytes = (size_t)rf_get_le(local + 26, 2);
    size_t extra_bytes = (size_t)rf_get_le(local + 28, 2);
    const unsigned char *name;
    RF_TRY(take(zip, name_bytes + extra_bytes, &name, reterr));
    const unsigned char *extra = name + name_bytes;
    rf_buf_clear(&zip->name);
    rf_buf_add(&zip->name, name, name_bytes);
    zip->wide = has_zip64(extra, extra_bytes);
    size_t skip = zip->said_bytes == UINT32_MAX ? 1 : 0;
    if (!widen(extra, extra_bytes, 0, &zip->said_bytes) ||
        !widen(extra, extra_bytes, skip, &zip->said_packed)) {
        return corrupt(zip, "its first header", reterr);
    }
    if ((zip->flags & FLAG_DESCRIPTOR) != 0) {
        zip->said_packed = UINT64_MAX;
    }
    zip->data_at = rf_stored_offset(zip->stored);
    return check_readable(zip, reterr);
}

/* ---- the data -------------------------------------------------------------------------------- */

static rf_code
fail_cut(const struct zip *zip, struct rf_err *reterr)
{
    uint64_t at = rf_stored_offset(zip->stored);
    return rf_fail_at(reterr, RF_ERR_TRUNCATED, NULL, at,
                      "the object ends inside the zip's data, at byte %" PRIu64, at);
}

static rf_code
copy_stored(struct zip *zip, unsigned char *bytes, size_t room, size_t *ret_got, bool *ret_end,
            struct rf_err *reterr)
{
    uint64_t left = zip->said_packed - zip->bytes;
    *ret_end = left == 0;
    if (left == 0) {
        return RF_OK;
    }
    RF_TRY(rf_stored_need(zip->stored, 1, reterr));
    size_t count = rf_stored_ahead(zip->stored);
    if (count == 0) {
        return fail_cut(zip, reterr);
    }
    count = count < room ? count : room;
    count = count < left ? count : (size_t)left;
    memcpy(bytes, zip->stored->bytes + zip->stored->begin, count);
    zip->stored->begin += count;
    *ret_got = count;
    return RF_OK;
}

static rf_code
inflate_some(struct zip *zip, unsigned char *bytes, size_t room, size_t *ret_got, bool *ret_end,
             struct rf_err *reterr)
{
    struct rf_stored *stored = zip->stored;
    z_stream *stream = &zip->stream;
    RF_TRY(rf_stored_need(stored, 1, reterr));
    unsigned ahead = (unsigned)rf_stored_ahead(stored);
    unsigned free_bytes = room > UINT_MAX ? UINT_MAX : (unsigned)room;
    stream->next_in = stored->bytes + stored->begin;
    stream->avail_in = ahead;
    stream->next_out = bytes;
    stream->avail_out = free_bytes;
    int code = inflate(stream, Z_NO_FLUSH);
    stored->begin += ahead - stream->avail_in;
    *ret_got = free_bytes - stream->avail_out;
    *ret_end = code == Z_STREAM_END;
    if (*ret_end || *ret_got > 0) {
        return RF_OK; /* an error stays in the stream and is met again at the next call */
    }
    if (code != Z_OK && code != Z_BUF_ERROR) {
        return corrupt(zip, stream->msg == NULL ? "its data" : stream->msg, reterr);
    }
    return rf_stored_ahead(stored) == 0 && stored->ended ? fail_cut(zip, reterr) : RF_OK;
}

/* ---- behind the data ------------------------------------------------------------------------- */

/** What a writer that could not go back says of the data; its magic may be left out. */
static rf_code
read_descriptor(struct zip *zip, struct rf_err *reterr)
{
    size_t width = zip->wide ? 8 : 4;
    bool marked;
    const unsigned char *bytes;
    RF_TRY(is_next(zip, DESCRIPTOR, &marked, reterr));
    size_t mark = marked ? sizeof(DESCRIPTOR) : 0;
    RF_TRY(take(zip, mark + 4 + 2 * width, &bytes, reterr));
    bytes += mark;
    zip->said_crc = (uint32_t)rf_get_le(bytes, 4);
    zip->said_packed = rf_get_le(bytes + 4, width);
    zip->said_bytes = rf_get_le(bytes + 4 + width, width);
    return RF_OK;
}

static rf_code
check_data(struct zip *zip, struct rf_err *reterr)
{
    zip->data_end = rf_stored_offset(zip->stored);
    if ((zip->flags & FLAG_DESCRIPTOR) != 0) {
        RF_TRY(read_descriptor(zip, reterr));
    }
    if (zip->said_crc != zip->crc) {
        return corrupt(zip, "CRC mismatch", reterr);
    }
    if (zip->said_bytes != zip->bytes || zip->said_packed != zip->data_end - zip->data_at) {
        return corrupt(zip, "length mismatch", reterr);
    }
    return RF_OK;
}

/** The one entry of the directory must be of what was read. */
static rf_code
read_entry(struct zip *zip, struct rf_err *reterr)
{
    const unsigned char *fixed;
    unsigned char entry[ENTRY_BYTES];
    RF_TRY(take(zip, ENTRY_BYTES, &fixed, reterr));
    memcpy(entry, fixed, sizeof(entry));
    size_t name_bytes = (size_t)rf_get_le(entry + 28, 2);
    size_t extra_bytes = (size_t)rf_get_le(entry + 30, 2);
    size_t comment_bytes = (size_t)rf_get_le(entry + 32, 2);
    uint64_t packed = rf_get_le(entry + 20, 4);
    uint64_t bytes = rf_get_le(entry + 24, 4);
    const unsigned char *name;
    RF_TRY(take(zip, name_bytes + extra_bytes + comment_bytes, &name, reterr));
    size_t skip = bytes == UINT32_MAX ? 1 : 0;
    bool sound = memcmp(entry, ENTRY, sizeof(ENTRY)) == 0 &&
                 widen(name + name_bytes, extra_bytes, 0, &bytes) &&
                 widen(name + name_bytes, extra_bytes, skip, &packed);
    unsigned other_flags = (unsigned)rf_get_le(entry + 8, 2) ^ zip->flags;
    if (!sound || (other_flags & (FLAG_ENCRYPTED | FLAG_STRONGLY_ENCRYPTED)) != 0 ||
        rf_get_le(entry + 10, 2) != zip->method || rf_get_le(entry + 16, 4) != zip->crc ||
        packed != zip->said_packed || bytes != zip->bytes || name_bytes != zip->name.used ||
        (name_bytes > 0 && memcmp(name, zip->name.bytes, name_bytes) != 0) ||
        (rf_get_le(entry + 42, 4) != 0 && rf_get_le(entry + 42, 4) != UINT32_MAX)) {
        return corrupt(zip, "its directory tells of another entry than there is", reterr);
    }
    return RF_OK;
}

/** Large zips, and those of careful writers, have numbers of 64 bits in front of the end. */
static rf_code
read_end64(struct zip *zip, uint64_t entries, uint64_t at, uint64_t bytes, struct rf_err *reterr)
{
    bool wide;
    const unsigned char *record;
    uint64_t begins_at = rf_stored_offset(zip->stored);
    RF_TRY(is_next(zip, END64, &wide, reterr));
    if (!wide) {
        return RF_OK;
    }
    RF_TRY(take(zip, END64_BYTES, &record, reterr));
    if (rf_get_le(record + 4, 8) != END64_BYTES - 12 || rf_get_le(record + 16, 8) != 0 ||
        rf_get_le(record + 24, 8) != entries || rf_get_le(record + 32, 8) != entries ||
        rf_get_le(record + 40, 8) != bytes || rf_get_le(record + 48, 8) != at) {
        return corrupt(zip, "the record of its end", reterr);
    }
    RF_TRY(take(zip, LOCATOR64_BYTES, &record, reterr));
    if (memcmp(record, LOCATOR64, sizeof(LOCATOR64)) != 0 || rf_get_le(record + 4, 4) != 0 ||
        rf_get_le(record + 8, 8) != begins_at || rf_get_le(record + 16, 4) > 1) { /* disks */
        return corrupt(zip, "the record of its end", reterr);
    }
    return RF_OK;
}

static bool
says(const unsigned char *bytes, size_t count, uint64_t value)
{
    return rf_get_le(bytes, count) == value ||
           rf_get_le(bytes, count) == (count == 2 ? UINT16_MAX : UINT32_MAX);
}

/** @at, @bytes  of the directory, which has so many entries */
static rf_code
read_end(struct zip *zip, uint64_t entries, uint64_t at, uint64_t bytes, struct rf_err *reterr)
{
    const unsigned char *end;
    RF_TRY(read_end64(zip, entries, at, bytes, reterr));
    RF_TRY(take(zip, END_BYTES, &end, reterr));
    if (memcmp(end, END, sizeof(END)) != 0 || rf_get_le(end + 4, 4) != 0 ||
        !says(end + 8, 2, entries) || !says(end + 10, 2, entries) || !says(end + 12, 4, bytes) ||
        !says(end + 16, 4, at)) {
        return corrupt(zip, "the record of its end", reterr);
    }
    size_t comment_bytes = (size_t)rf_get_le(end + 20, 2);
    RF_TRY(take(zip, comment_bytes, &end, reterr));
    RF_TRY(rf_stored_need(zip->stored, 1, reterr));
    return rf_stored_ahead(zip->stored) == 0
               ? RF_OK
               : corrupt(zip, "something stands behind its end", reterr);
}

static rf_code
read_rest(struct zip *zip, struct rf_err *reterr)
{
    bool another;
    bool another_in_directory;
    RF_TRY(check_data(zip, reterr));
    RF_TRY(is_next(zip, LOCAL, &another, reterr));
    uint64_t at = rf_stored_offset(zip->stored);
    if (!another) {
        RF_TRY(read_entry(zip, reterr));
    }
    RF_TRY(is_next(zip, ENTRY, &another_in_directory, reterr));
    if (another || another_in_directory) {
        return refuse(zip,
                      "the zip has several entries: that is an archive and no object; name it as a "
                      "source of its own, or unpack it",
                      reterr);
    }
    return read_end(zip, 1, at, rf_stored_offset(zip->stored) - at, reterr);
}

/* ---- as one of the forms --------------------------------------------------------------------- */

static rf_code
read_front(struct zip *zip, struct rf_err *reterr)
{
    bool is_empty;
    RF_TRY(is_next(zip, END, &is_empty, reterr));
    if (is_empty) {
        zip->phase = PHASE_END;
        return read_end(zip, 0, 0, 0, reterr);
    }
    RF_TRY(read_local(zip, reterr));
    zip->phase = PHASE_DATA;
    return RF_OK;
}

static rf_code
read_bytes(void *state, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct zip *zip = state;
    *ret_got = 0;
    if (zip->phase == PHASE_BEGIN) {
        RF_TRY(read_front(zip, reterr));
    }
    while (*ret_got == 0 && zip->phase == PHASE_DATA) {
        bool end = false;
        RF_TRY(zip->method == METHOD_DEFLATED
                   ? inflate_some(zip, bytes, room, ret_got, &end, reterr)
                   : copy_stored(zip, bytes, room, ret_got, &end, reterr));
        zip->crc = (uint32_t)crc32_z(zip->crc, bytes, *ret_got);
        zip->bytes += *ret_got;
        zip->phase = end ? PHASE_REST : PHASE_DATA;
    }
    if (*ret_got == 0 && zip->phase == PHASE_REST) {
        zip->phase = PHASE_END;
        return read_rest(zip, reterr);
    }
    return RF_OK;
}

static bool
checked(const void *state)
{
    (void)state;
    return true;
}

const struct rf_form rf_form_zip = {
    .name = "zip",
    .begins = begins,
    .make = make,
    .free = done,
    .begin = begin,
    .read = read_bytes,
    .checked = checked,
};

/* SPDX-License-Identifier: MIT */
/* What a zip's central directory promises, held against the file. */
#include "walk/zip_directory.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/order.h"

/* Fixed parts of the records; names and more follow. */
#define LOCAL_BYTES     30
#define ENTRY_BYTES     46
#define END_BYTES       22
#define END64_BYTES     56
#define LOCATOR64_BYTES 20

#define NAME_BYTES                                                                                 \
    65535 /* the most that 16 bits count: of a name, of extra fields, of a comment                 \
           */

/** A member, from what stands in front of its data to the end of these. */
struct span {
    uint64_t begin;
    uint64_t end;
};

/** A zip file; its record of the end, and where the walk through the directory stands. */
struct zip {
    int fd;
    uint64_t bytes;
    const char *name;
    uint64_t entries;
    uint64_t begin; /* of the directory */
    uint64_t end;
    uint64_t at;
    unsigned char *record; /* room for an entry with all that follows */
    unsigned char *local;
    struct span *spans; /* of the entries that were walked through */
    size_t span_count;
    size_t span_room;
    struct rf_err *reterr;
};

static rf_code
corrupt(const struct zip *zip, uint64_t offset, const char *what)
{
    return rf_fail_at(zip->reterr, RF_ERR_CORRUPT, zip->name, offset,
                      "the zip's directory is damaged: %s, byte %" PRIu64, what, offset);
}

/** All of `count` bytes at `offset`, or damage. */
static rf_code
read_at(const struct zip *zip, uint64_t offset, void *bytes, size_t count)
{
    size_t got;
    if (offset > zip->bytes || count > zip->bytes - offset) {
        return corrupt(zip, offset, "it points behind the end of the file");
    }
    if (!rf_fd_read_at(zip->fd, bytes, count, offset, &got)) {
        return rf_fail_errno(zip->reterr, RF_ERR_SOURCE, zip->name, "cannot be read");
    }
    if (got < count) {
        return rf_fail(zip->reterr, RF_ERR_SOURCE, zip->name, "changed while it was read");
    }
    return RF_OK;
}

/** The record at the very end: the last one whose comment reaches to the end of the file. */
static rf_code
find_end(const struct zip *zip, unsigned char end[END_BYTES], uint64_t *ret_offset)
{
    uint64_t tail = zip->bytes < END_BYTES + NAME_BYTES ? zip->bytes : END_BYTES + NAME_BYTES;
    unsigned char *bytes = rf_alloc((size_t)tail + 1);
    rf_code code = read_at(zip, zip->bytes - tail, bytes, (size_t)tail);
    bool found = false;
    for (uint64_t i = tail < END_BYTES ? 0 : tail - END_BYTES + 1; code == RF_OK && i-- > 0;) {
        if (memcmp(bytes + i, "PK\5\6", 4) == 0 &&
            i + END_BYTES + rf_get_le(bytes + i + 20, 2) == tail) {
            memcpy(end, bytes + i, END_BYTES);
            *ret_offset = zip->bytes - tail + i;
            found = true;
            break;
        }
    }
    free(bytes);
    if (code == RF_OK && !found) {
        return rf_fail(zip->reterr, RF_ERR_TRUNCATED, zip->name,
                       "the zip has no directory at its end: it was cut, is still written, or "
                       "something stands behind it");
    }
    return code;
}

/** Larger zips have a second record of the end, for numbers of 64 bits. */
static rf_code
read_end(struct zip *zip)
{
    unsigned char end[END_BYTES];
    unsigned char wide[END64_BYTES];
    unsigned char locator[LOCATOR64_BYTES];
    uint64_t offset = 0;
    RF_TRY(find_end(zip, end, &offset));
    zip->entries = rf_get_le(end + 10, 2);
    uint64_t bytes = rf_get_le(end + 12, 4);
    zip->begin = rf_get_le(end + 16, 4);
    zip->end = offset;
    if (offset >= LOCATOR64_BYTES) {
        RF_TRY(read_at(zip, offset - LOCATOR64_BYTES, locator, LOCATOR64_BYTES));
    }
    if (offset >= LOCATOR64_BYTES && memcmp(locator, "PK\6\7", 4) == 0) {
        zip->end = rf_get_le(locator + 8, 8);
        RF_TRY(read_at(zip, zip->end, wide, END64_BYTES));
        if (memcmp(wide, "PK\6\6", 4) != 0) {
            return corrupt(zip, zip->end, "no record of the end");
        }
        zip->entries = rf_get_le(wide + 32, 8);
        bytes = rf_get_le(wide + 40, 8);
        zip->begin = rf_get_le(wide + 48, 8);
    }
    if (zip->begin > zip->end || zip->end - zip->begin != bytes) {
        return corrupt(zip, offset, "it does not end where its end is written");
    }
    if (zip->entries > rf_limits.members) {
        return rf_fail(zip->reterr, RF_ERR_LIMIT, zip->name,
                       "holds more than %" PRIu64 " members " RF_LIMIT_NUMBER_HINT("members"),
                       rf_limits.members);
    }
    return RF_OK;
}

/** Where an entry's data is, and how much; numbers of 64 bits stand in an extra field, those that
 * are needed. */
static bool
entry_numbers(const unsigned char *entry, const unsigned char *extra, size_t extra_bytes,
              uint64_t *ret_offset, uint64_t *ret_packed)
{
    *ret_offset = rf_get_le(entry + 42, 4);
    *ret_packed = rf_get_le(entry + 20, 4);
    size_t skip = rf_get_le(entry + 24, 4) == UINT32_MAX ? 8 : 0;
    uint64_t *wide[2];
    size_t count = 0;
    if (*ret_packed == UINT32_MAX) {
        wide[count++] = ret_packed;
    }
    if (*ret_offset == UINT32_MAX) {
        wide[count++] = ret_offset;
    }
    for (size_t at = 0; count > 0 && at + 4 <= extra_bytes;) {
        size_t field = (size_t)rf_get_le(extra + at + 2, 2);
        if (field > extra_bytes - at - 4) {
            break;
        }
        if (rf_get_le(extra + at, 2) == 1 && field >= skip + 8 * count) {
            for (size_t i = 0; i < count; i++) {
                *wide[i] = rf_get_le(extra + at + 4 + skip + 8 * i, 8);
            }
            return true;
        }
        at += 4 + field;
    }
    return *ret_offset != UINT32_MAX;
}

/** What stands in front of an entry's data must have its name. @ret_bytes  how long that is */
static rf_code
check_local(const struct zip *zip, uint64_t offset, const unsigned char *name, size_t name_bytes,
            uint64_t *ret_bytes)
{
    RF_TRY(read_at(zip, offset, zip->local, LOCAL_BYTES));
    if (memcmp(zip->local, "PK\3\4", 4) != 0) {
        return corrupt(zip, offset, "no member begins where it says");
    }
    if (rf_get_le(zip->local + 26, 2) != name_bytes) {
        return corrupt(zip, offset, "a member has another name");
    }
    *ret_bytes = LOCAL_BYTES + name_bytes + rf_get_le(zip->local + 28, 2);
    RF_TRY(read_at(zip, offset + LOCAL_BYTES, zip->local, name_bytes));
    if (memcmp(zip->local, name, name_bytes) != 0) {
        return corrupt(zip, offset, "a member has another name");
    }
    return RF_OK;
}

/** Lengths that lead out of the members are told by who reads the member. */
static void
add_span(struct zip *zip, uint64_t offset, uint64_t head, uint64_t packed)
{
    uint64_t begin = offset < zip->begin ? offset : zip->begin;
    uint64_t room = zip->begin - begin;
    bool fits = head <= room && packed <= room - head;
    RF_GROW(zip->spans, zip->span_room, zip->span_count + 1);
    zip->spans[zip->span_count++] =
        (struct span){.begin = begin, .end = fits ? begin + head + packed : zip->begin};
}

static rf_code
check_entry(struct zip *zip)
{
    RF_TRY(read_at(zip, zip->at, zip->record, ENTRY_BYTES));
    if (memcmp(zip->record, "PK\1\2", 4) != 0) {
        return corrupt(zip, zip->at, "no entry where one should be");
    }
    size_t name_bytes = (size_t)rf_get_le(zip->record + 28, 2);
    size_t extra_bytes = (size_t)rf_get_le(zip->record + 30, 2);
    size_t comment_bytes = (size_t)rf_get_le(zip->record + 32, 2);
    unsigned char *name = zip->record + ENTRY_BYTES;
    RF_TRY(read_at(zip, zip->at + ENTRY_BYTES, name, name_bytes + extra_bytes));
    uint64_t offset;
    uint64_t packed;
    uint64_t head = 0;
    if (!entry_numbers(zip->record, name + name_bytes, extra_bytes, &offset, &packed)) {
        return corrupt(zip, zip->at, "an entry does not say where its data is");
    }
    if (memchr(name, 0, name_bytes) != NULL) {
        return corrupt(zip, zip->at, "a name holds a NUL");
    }
    RF_TRY(check_local(zip, offset, name, name_bytes, &head));
    add_span(zip, offset, head, packed);
    zip->at += ENTRY_BYTES + name_bytes + extra_bytes + comment_bytes;
    return RF_OK;
}

/**
 * Between two members, in front of the first and behind the last may be a descriptor, the mark of a
 * volume, padding, a program that unpacks: nothing is known of what stands there, but that it is no
 * member, which no one would read.
 */
static rf_code
check_gap(const struct zip *zip, uint64_t begin, uint64_t end)
{
    /* Behind nothing; a volume's mark; descriptors, with their own mark or without, of 32 or 64
     * bits. */
    static const uint64_t fronts[] = {0, 4, 12, 16, 20, 24};
    unsigned char magic[4];
    for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
        if (end - begin < fronts[i] + LOCAL_BYTES) {
            break;
        }
        RF_TRY(read_at(zip, begin + fronts[i], magic, sizeof(magic)));
        if (memcmp(magic, "PK\3\4", 4) == 0) {
            return corrupt(zip, begin + fronts[i], "it lacks a member that lies in the zip");
        }
    }
    return RF_OK;
}

/** For qsort. */
static int
compare_spans(const void *a, const void *b)
{
    const struct span *first = a;
    const struct span *second = b;
    return RF_ORDER(first->begin, second->begin);
}

/** Members and what may stand between them are all there is in front of the directory. */
static rf_code
check_gaps(const struct zip *zip)
{
    uint64_t at = 0;
    if (zip->span_count > 0) {
        qsort(zip->spans, zip->span_count, sizeof(*zip->spans), compare_spans);
    }
    for (size_t i = 0; i < zip->span_count; i++) {
        const struct span *span = &zip->spans[i];
        if (span->begin > at) {
            RF_TRY(check_gap(zip, at, span->begin));
        }
        at = span->end > at ? span->end : at;
    }
    return check_gap(zip, at, zip->begin);
}

static rf_code
check_directory(struct zip *zip)
{
    RF_TRY(read_end(zip));
    zip->at = zip->begin;
    for (uint64_t i = 0; i < zip->entries; i++) {
        RF_TRY(check_entry(zip));
    }
    if (zip->at != zip->end) {
        return corrupt(zip, zip->at, "it has not as many entries as it says");
    }
    return check_gaps(zip);
}

rf_code
rf_zip_check(int fd, uint64_t bytes, const char *name, uint64_t *ret_entries, struct rf_err *reterr)
{
    struct zip zip = {.fd = fd, .bytes = bytes, .name = name, .reterr = reterr};
    zip.record = rf_alloc(ENTRY_BYTES + 2 * NAME_BYTES);
    zip.local = rf_alloc(NAME_BYTES);
    rf_code code = check_directory(&zip);
    *ret_entries = zip.entries;
    free(zip.record);
    free(zip.local);
    free(zip.spans);
    return code;
}

/* SPDX-License-Identifier: MIT */
/* Inflating gzip objects, member by member, with every check that the format has. */
#include "decode/gzip.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "decode/form.h"
#include "decode/gzip_engine.h"

static const unsigned char MAGIC[] = {0x1f, 0x8b, 0x08};

/** zlib's word for gzip, never a zlib header. */
#define GZIP_ALONE (MAX_WBITS + 16)

/** zlib stands behind the 4 bytes of a check when it finds them wrong. */
#define CHECK_BYTES 4

static const char *engine_chosen;

bool
rf_gzip_engine_set(const char *name)
{
    bool known = name == NULL || strcmp(name, "zlib") == 0 ||
                 (strcmp(name, "isal") == 0 && rf_isal_text() != NULL);
    if (known) {
        engine_chosen = name;
    }
    return known;
}

static bool
by_isal(void)
{
    const char *name = engine_chosen != NULL ? engine_chosen : getenv("REFOLD_INFLATE");
    return rf_isal_text() != NULL && (name == NULL || strcmp(name, "zlib") != 0);
}

const char *
rf_gzip_engine_text(void)
{
    return by_isal() ? rf_isal_text() : "inflate by zlib";
}

struct rf_gzip *
rf_gzip_new(void)
{
    struct rf_gzip *gzip = rf_calloc(1, sizeof(*gzip));
    gzip->stream.zalloc = rf_zalloc;
    gzip->stream.zfree = rf_zfree;
    int code = inflateInit2(&gzip->stream, GZIP_ALONE);
    RF_VERIFY(code == Z_OK);
    gzip->isal = by_isal() ? rf_isal_new() : NULL;
    return gzip;
}

void
rf_gzip_free(struct rf_gzip *gzip)
{
    if (gzip == NULL) {
        return;
    }
    (void)inflateEnd(&gzip->stream);
    rf_isal_free(gzip->isal);
    free(gzip);
}

void
rf_gzip_begin(struct rf_gzip *gzip, struct rf_stored *stored)
{
    gzip->stored = stored;
    gzip->members = 0;
    gzip->bytes = 0;
    gzip->inside = false;
}

uint64_t
rf_gzip_members(const struct rf_gzip *gzip)
{
    return gzip->members;
}

rf_code
rf_gzip_fail_cut(const struct rf_gzip *gzip, struct rf_err *reterr)
{
    uint64_t at = rf_stored_offset(gzip->stored) + rf_stored_ahead(gzip->stored);
    return rf_fail_at(reterr, RF_ERR_TRUNCATED, NULL, at,
                      "the object ends inside gzip member %" PRIu64 ", at byte %" PRIu64,
                      gzip->members + 1, at);
}

/** Says how many bytes there are that no member holds; for that it reads them all. */
static rf_code
fail_trailing(struct rf_gzip *gzip, struct rf_err *reterr)
{
    struct rf_stored *stored = gzip->stored;
    uint64_t at = rf_stored_offset(stored);
    while (rf_stored_ahead(stored) > 0) {
        stored->begin = stored->end;
        RF_TRY(rf_stored_need(stored, 1, reterr));
    }
    uint64_t count = rf_stored_offset(stored) - at;
    return rf_fail_at(reterr, RF_ERR_CORRUPT, NULL, at,
                      "%" PRIu64 " byte%s after the last gzip member (member %" PRIu64
                      "), from byte %" PRIu64 " on",
                      count, count == 1 ? "" : "s", gzip->members, at);
}

rf_code
rf_gzip_fail_check(const struct rf_gzip *gzip, const char *what, uint64_t at, struct rf_err *reterr)
{
    return rf_fail_at(reterr, RF_ERR_CORRUPT, NULL, at,
                      "gzip %s mismatch in member %" PRIu64 ", byte %" PRIu64, what,
                      gzip->members + 1, at);
}

rf_code
rf_gzip_fail_data(const struct rf_gzip *gzip, struct rf_err *reterr)
{
    const char *why = gzip->stream.msg == NULL ? "unknown" : gzip->stream.msg;
    uint64_t at = rf_stored_offset(gzip->stored);
    if (strcmp(why, "incorrect data check") == 0) {
        return rf_gzip_fail_check(gzip, "CRC", at - CHECK_BYTES, reterr);
    }
    if (strcmp(why, "incorrect length check") == 0) {
        return rf_gzip_fail_check(gzip, "length", at - CHECK_BYTES, reterr);
    }
    return rf_fail_at(reterr, RF_ERR_CORRUPT, NULL, at,
                      "gzip data is damaged (%s) in member %" PRIu64 ", byte %" PRIu64, why,
                      gzip->members + 1, at);
}

/** At a member's front, or at the end of the object. */
static rf_code
begin_member(struct rf_gzip *gzip, struct rf_err *reterr)
{
    struct rf_stored *stored = gzip->stored;
    RF_TRY(rf_stored_need(stored, sizeof(MAGIC), reterr));
    size_t ahead = rf_stored_ahead(stored);
    if (ahead == 0) {
        return RF_OK;
    }
    size_t count = ahead < sizeof(MAGIC) ? ahead : sizeof(MAGIC);
    if (memcmp(stored->bytes + stored->begin, MAGIC, count) != 0) {
        if (gzip->members > 0) {
            return fail_trailing(gzip, reterr);
        }
        return rf_fail_at(reterr, RF_ERR_CORRUPT, NULL, 0,
                          "gzip header is damaged in member 1, byte 0");
    }
    if (ahead < sizeof(MAGIC)) {
        return rf_gzip_fail_cut(gzip, reterr);
    }
    int code = inflateReset2(&gzip->stream, GZIP_ALONE);
    RF_VERIFY(code == Z_OK);
    if (gzip->isal != NULL) {
        rf_isal_begin_member(gzip->isal);
    }
    gzip->inside = true;
    return RF_OK;
}

static rf_code
inflate_by_zlib(struct rf_gzip *gzip, void *bytes, size_t room, size_t *ret_got,
                struct rf_err *reterr)
{
    struct rf_stored *stored = gzip->stored;
    RF_TRY(rf_stored_need(stored, 1, reterr));
    z_stream *stream = &gzip->stream;
    unsigned ahead = (unsigned)rf_stored_ahead(stored);
    unsigned free_bytes = room > UINT_MAX ? UINT_MAX : (unsigned)room;
    stream->next_in = stored->bytes + stored->begin;
    stream->avail_in = ahead;
    stream->next_out = bytes;
    stream->avail_out = free_bytes;
    int code = inflate(stream, Z_NO_FLUSH);
    stored->begin += ahead - stream->avail_in;
    *ret_got = free_bytes - stream->avail_out;
    if (code == Z_STREAM_END) {
        gzip->members++;
        gzip->inside = false;
        return RF_OK;
    }
    if (*ret_got > 0) {
        return RF_OK; /* an error stays in the stream and is met again at the next call */
    }
    if (code != Z_OK && code != Z_BUF_ERROR) {
        return rf_gzip_fail_data(gzip, reterr);
    }
    if (rf_stored_ahead(stored) == 0 && stored->ended) {
        return rf_gzip_fail_cut(gzip, reterr);
    }
    return RF_OK;
}

static rf_code
inflate_some(struct rf_gzip *gzip, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    if (gzip->isal != NULL) {
        return rf_isal_inflate(gzip, bytes, room, ret_got, reterr);
    }
    return inflate_by_zlib(gzip, bytes, room, ret_got, reterr);
}

rf_code
rf_gzip_read(struct rf_gzip *gzip, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    RF_VERIFY(room > 0);
    *ret_got = 0;
    while (*ret_got == 0) {
        if (!gzip->inside) {
            RF_TRY(begin_member(gzip, reterr));
            if (!gzip->inside) {
                return RF_OK;
            }
        }
        RF_TRY(inflate_some(gzip, bytes, room, ret_got, reterr));
    }
    gzip->bytes += *ret_got;
    return RF_OK;
}

bool
rf_gzip_begins(const unsigned char *bytes, size_t count)
{
    return memcmp(bytes, MAGIC, count < sizeof(MAGIC) ? count : sizeof(MAGIC)) == 0;
}

/* ---- as one of the forms --------------------------------------------------------------------- */

/** Two of the magic's three bytes do: 1f, 8b behind what is no lead byte, and 08 begin neither JSON
 * nor base64. */
static bool
form_begins(const unsigned char *bytes, size_t count)
{
    return rf_form_begins_with(bytes, count, MAGIC, sizeof(MAGIC));
}

static void *
form_make(void)
{
    return rf_gzip_new();
}

static void
form_free(void *state)
{
    rf_gzip_free(state);
}

static rf_code
form_begin(void *state, struct rf_stored *stored, struct rf_err *reterr)
{
    (void)reterr;
    rf_gzip_begin(state, stored);
    return RF_OK;
}

static rf_code
form_read(void *state, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    return rf_gzip_read(state, bytes, room, ret_got, reterr);
}

static bool
form_checked(const void *state)
{
    (void)state;
    return true;
}

const struct rf_form rf_form_gzip = {
    .name = "gzip",
    .begins = form_begins,
    .make = form_make,
    .free = form_free,
    .begin = form_begin,
    .read = form_read,
    .checked = form_checked,
};

/* SPDX-License-Identifier: MIT */
/* Packed events to the columns of a block. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/libzstd.h"
#include "base/time.h"
#include "base/wire.h"
#include "history/pack_block.h"
#include "history/pack_columns.h"

/** Level 3 and up take twice the time and more for a twentieth less (ADR 12). */
#define LEVEL 1
/** A column of so many different bytes in 256 events is left as it is: it would not get smaller. */
#define PLAIN_FROM 150
#define SAMPLE     256
/** Twice RF_FORMS and more, a power of two. */
#define SLOTS 1024

/** A piece of one payload: text or scalar. */
struct cut {
    enum rf_piece_kind kind;
    bool quoted;
    uint32_t start; /* behind the quote */
    uint32_t bytes;
};

/** What all payloads of a form share, and where their scalars gather. */
struct form {
    uint64_t hash; /* of the pieces, stencil and holes */
    uint32_t stencil;
    uint8_t holes;
    uint32_t shared[RF_SHARED_WORDS]; /* of its first event; of the first form 0 */
    struct cut pieces[RF_PIECES];
    size_t piece_count;
    struct rf_buf texts;              /* of the pieces that are text, one behind the other */
    struct rf_buf scalars[RF_PIECES]; /* their bytes, by piece */
    struct rf_buf lengths[RF_PIECES]; /* 4 bytes each */
    uint64_t same_length[RF_PIECES];  /* of all of them, or RF_LENGTH_VARIES */
    size_t events;
};

struct rf_block_writer {
    ZSTD_CCtx *zstd;
    struct form *forms[RF_FORMS]; /* made at their first use */
    size_t form_count;
    uint16_t slots[SLOTS]; /* form's number + 1 */
    struct cut cuts[RF_PIECES];
    size_t cut_count;
    uint32_t cut_stencil; /* of the form that they are of */
    uint8_t cut_holes;
    size_t id_start, id_end;             /* of the payload that is cut */
    char version[RF_VERSION_TEXT_BYTES]; /* its event's, as text */
    size_t version_bytes;
    char time[RF_TIME_TEXT_BYTES];
    size_t time_bytes;
    struct rf_buf form_of;  /* each event's form */
    struct rf_buf payloads; /* each payload's bytes, 4 bytes each */
    struct rf_buf renewed;  /* whether each event's id is a new one */
    struct rf_buf ids;
    struct rf_buf column;
    struct rf_buf compressed; /* header columns */
    struct rf_buf plain;
    struct rf_buf inner;
};

struct rf_block_writer *
rf_block_writer_new(void)
{
    struct rf_block_writer *writer = rf_calloc(1, sizeof(*writer));
    writer->zstd = rf_libzstd()->ZSTD_createCCtx();
    if (writer->zstd == NULL) {
        rf_out_of_memory();
    }
    return writer;
}

void
rf_block_writer_free(struct rf_block_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    for (size_t i = 0; i < RF_FORMS && writer->forms[i] != NULL; i++) {
        for (size_t j = 0; j < RF_PIECES; j++) {
            rf_buf_done(&writer->forms[i]->scalars[j]);
            rf_buf_done(&writer->forms[i]->lengths[j]);
        }
        rf_buf_done(&writer->forms[i]->texts);
        free(writer->forms[i]);
    }
    rf_buf_done(&writer->form_of);
    rf_buf_done(&writer->payloads);
    rf_buf_done(&writer->renewed);
    rf_buf_done(&writer->ids);
    rf_buf_done(&writer->column);
    rf_buf_done(&writer->compressed);
    rf_buf_done(&writer->plain);
    rf_buf_done(&writer->inner);
    (void)rf_libzstd()->ZSTD_freeCCtx(writer->zstd);
    free(writer);
}

/* ---- cutting a payload ----------------------------------------------------------------------- */

/** Payload bytes without the zeros that fill up to 8; text may end in zeros of its own. */
static size_t
payload_bytes(const struct rf_packed_event *event)
{
    const char *payload = (const char *)(event + 1);
    size_t bytes = (size_t)event->bytes - sizeof(*event);
    if (event->holes > 0) {
        return (size_t)(rf_packed_tokens(event) + event->data_bytes - payload);
    }
    for (size_t i = 0; i < 7 && bytes > 0 && payload[bytes - 1] == '\0'; i++) {
        bytes--;
    }
    return bytes;
}

/** Adds a piece, but no empty text; false where there are too many. */
static bool
add_cut(struct rf_block_writer *writer, enum rf_piece_kind kind, size_t start, size_t end)
{
    if (start == end && kind == RF_PIECE_TEXT) {
        return true;
    }
    if (writer->cut_count == RF_PIECES) {
        return false;
    }
    writer->cuts[writer->cut_count++] =
        (struct cut){.kind = kind, .start = (uint32_t)start, .bytes = (uint32_t)(end - start)};
    return true;
}

/** All of a payload of so many bytes as one scalar, of the first form. */
static void
leave_whole(struct rf_block_writer *writer, size_t bytes)
{
    writer->cuts[0] = (struct cut){.kind = RF_PIECE_SCALAR, .bytes = (uint32_t)bytes};
    writer->cut_count = 1;
    writer->cut_stencil = 0;
    writer->cut_holes = 0;
}

/** Behind a string that begins (with its quote) at `at`; or `end`. */
static size_t
string_end(const char *text, size_t at, size_t end)
{
    for (size_t i = at + 1; i < end; i++) {
        if (text[i] == '\\') {
            i++;
        } else if (text[i] == '"') {
            return i + 1;
        }
    }
    return end;
}

static bool
is_scalar_byte(char byte)
{
    return (byte >= '0' && byte <= '9') || byte == '-' || byte == '+' || byte == '.' ||
           (byte >= 'a' && byte <= 'z') || byte == 'E';
}

/** Whether the header tells what stands there. Of version and time only the first: what else is
 * equal is so by chance, and would make a form of its own. */
static enum rf_piece_kind
scalar_kind(struct rf_block_writer *writer, const char *text, size_t start, size_t stop)
{
    if (start == writer->id_start && stop == writer->id_end) {
        return RF_PIECE_ID;
    }
    if (writer->version_bytes > 0 &&
        rf_bytes_same(text + start, stop - start, writer->version, writer->version_bytes)) {
        writer->version_bytes = 0;
        return RF_PIECE_VERSION;
    }
    if (writer->time_bytes > 0 &&
        rf_bytes_same(text + start, stop - start, writer->time, writer->time_bytes)) {
        writer->time_bytes = 0;
        return RF_PIECE_TIME;
    }
    return RF_PIECE_SCALAR;
}

/** Cuts JSON text at its scalars, but for keys; strings without their quotes. What is no JSON is
 * cut somehow, and put together again just so. */
static bool
cut_text(struct rf_block_writer *writer, const char *text, size_t begin, size_t end)
{
    size_t from = begin; /* of the text piece at hand */
    for (size_t at = begin; at < end;) {
        size_t start = at;
        size_t stop;
        if (text[at] == '"') {
            size_t behind = string_end(text, at, end);
            at = behind;
            if (behind < end && text[behind] == ':') {
                continue;
            }
            start = start + 1;
            stop = behind > start ? behind - 1 : start;
        } else if (is_scalar_byte(text[at])) {
            while (at < end && is_scalar_byte(text[at])) {
                at++;
            }
            stop = at;
        } else {
            at++;
            continue;
        }
        enum rf_piece_kind kind = scalar_kind(writer, text, start, stop);
        if (!add_cut(writer, RF_PIECE_TEXT, from, start) || !add_cut(writer, kind, start, stop)) {
            return false;
        }
        from = stop;
    }
    return add_cut(writer, RF_PIECE_TEXT, from, end);
}

/** Cuts tokens where they end: each is a piece, a string without its quotes. */
static bool
cut_tokens(struct rf_block_writer *writer, const struct rf_packed_event *event)
{
    const char *payload = (const char *)(event + 1);
    const uint16_t *ends = rf_packed_ends(event);
    size_t first = (size_t)(rf_packed_tokens(event) - payload);
    for (size_t i = 0, start = first; i < event->holes; i++) {
        size_t end = first + ends[i];
        bool quoted = end - start >= 2 && payload[start] == '"' && payload[end - 1] == '"';
        size_t from = start + quoted;
        size_t to = end - quoted;
        if (!add_cut(writer, scalar_kind(writer, payload, from, to), from, to)) {
            return false;
        }
        writer->cuts[writer->cut_count - 1].quoted = quoted;
        start = end;
    }
    writer->cut_stencil = event->stencil;
    writer->cut_holes = event->holes;
    return true;
}

/** What the header tells, as it may stand in the payload. */
static void
note_header(struct rf_block_writer *writer, const struct rf_packed_event *event)
{
    struct rf_time at = {.seconds = event->at_seconds, .nanos = event->at_nanos};
    bool timed = (event->flags & RF_EVENT_AT) != 0 && rf_time_valid(at);
    writer->id_start = (size_t)(rf_packed_id(event) - (const char *)(event + 1));
    writer->id_end = writer->id_start + event->id_bytes;
    writer->version_bytes =
        (size_t)snprintf(writer->version, sizeof(writer->version), "%" PRId64, event->version);
    writer->time_bytes = timed ? rf_time_print(at, writer->time) : 0;
}

/** Cuts a payload of so many bytes; where that gives too many pieces, it stays whole. */
static void
cut_payload(struct rf_block_writer *writer, const struct rf_packed_event *event, size_t bytes)
{
    const char *payload = (const char *)(event + 1);
    size_t id = (size_t)event->holes * sizeof(uint16_t);
    size_t eid = (size_t)(rf_packed_eid(event) - payload);
    size_t data = (size_t)(rf_packed_tokens(event) - payload);
    data = data < bytes ? data : bytes;
    eid = eid < data ? eid : data;
    writer->cut_count = 0;
    writer->cut_stencil = RF_NAME_NONE;
    writer->cut_holes = 0;
    note_header(writer, event);
    bool cut =
        (id == eid || add_cut(writer, RF_PIECE_ID, id, eid)) &&
        (eid == data || add_cut(writer, RF_PIECE_SCALAR, eid, data)) &&
        (event->holes > 0 ? cut_tokens(writer, event) : cut_text(writer, payload, data, bytes));
    if (!cut) {
        leave_whole(writer, bytes);
    }
}

/* ---- forms ----------------------------------------------------------------------------------- */

static uint64_t
hash_cuts(const struct rf_block_writer *writer, const char *payload)
{
    uint64_t hash = (writer->cut_count << 8 | writer->cut_holes) * 31 + writer->cut_stencil;
    for (size_t i = 0; i < writer->cut_count; i++) {
        const struct cut *cut = &writer->cuts[i];
        hash = hash * 31 + cut->kind + (cut->quoted ? RF_PIECE_QUOTED : 0);
        if (cut->kind == RF_PIECE_TEXT) {
            hash = rf_hash(payload + cut->start, cut->bytes, hash);
        }
    }
    return hash;
}

static bool
fits(const struct rf_block_writer *writer, const struct form *form, const char *payload)
{
    if (form->piece_count != writer->cut_count || form->stencil != writer->cut_stencil ||
        form->holes != writer->cut_holes) {
        return false;
    }
    for (size_t i = 0; i < form->piece_count; i++) {
        const struct cut *piece = &form->pieces[i];
        const struct cut *cut = &writer->cuts[i];
        if (piece->kind != cut->kind || piece->quoted != cut->quoted ||
            (piece->kind == RF_PIECE_TEXT &&
             !rf_bytes_same(form->texts.bytes + piece->start, piece->bytes, payload + cut->start,
                            cut->bytes))) {
            return false;
        }
    }
    return true;
}

/** A form of the cuts at hand. */
static size_t
add_form(struct rf_block_writer *writer, const char *payload, uint64_t hash)
{
    size_t number = writer->form_count++;
    if (writer->forms[number] == NULL) {
        writer->forms[number] = rf_calloc(1, sizeof(*writer->forms[number]));
    }
    struct form *form = writer->forms[number];
    form->hash = hash;
    form->stencil = writer->cut_stencil;
    form->holes = writer->cut_holes;
    memset(form->shared, 0, sizeof(form->shared));
    form->piece_count = writer->cut_count;
    form->events = 0;
    rf_buf_clear(&form->texts);
    for (size_t i = 0; i < writer->cut_count; i++) {
        form->pieces[i] = writer->cuts[i];
        rf_buf_clear(&form->scalars[i]);
        rf_buf_clear(&form->lengths[i]);
        if (writer->cuts[i].kind == RF_PIECE_TEXT) {
            form->pieces[i].start = (uint32_t)form->texts.used;
            rf_buf_add(&form->texts, payload + writer->cuts[i].start, writer->cuts[i].bytes);
        }
    }
    return number;
}

/** The form of the cuts at hand; where there are too many, the cuts become one scalar. */
static size_t
find_form(struct rf_block_writer *writer, const char *payload, size_t bytes)
{
    uint64_t hash = hash_cuts(writer, payload);
    size_t slot = hash % SLOTS;
    for (; writer->slots[slot] != 0; slot = (slot + 1) % SLOTS) {
        struct form *form = writer->forms[writer->slots[slot] - 1];
        if (form->hash == hash && fits(writer, form, payload)) {
            return writer->slots[slot] - (size_t)1;
        }
    }
    if (writer->form_count < RF_FORMS) {
        writer->slots[slot] = (uint16_t)(writer->form_count + 1);
        return add_form(writer, payload, hash);
    }
    leave_whole(writer, bytes);
    return 0;
}

static void
begin_forms(struct rf_block_writer *writer)
{
    writer->form_count = 0;
    memset(writer->slots, 0, sizeof(writer->slots));
    leave_whole(writer, 0);
    uint64_t hash = hash_cuts(writer, "");
    writer->slots[hash % SLOTS] = 1;
    (void)add_form(writer, "", hash);
}

static void
put_length(struct rf_buf *lengths, uint32_t bytes)
{
    rf_buf_add(lengths, &bytes, sizeof(bytes));
}

/** A header's word as it is written, but for units and differences. */
static uint32_t
word_of(const struct rf_packed_event *event, size_t word, uint32_t payload)
{
    uint32_t value;
    memcpy(&value, (const char *)event + word * 4, sizeof(value));
    return word == RF_WORD_DATA_BYTES ? value - payload : value;
}

static void
gather_payload(struct rf_block_writer *writer, const struct rf_packed_event *event)
{
    const char *payload = (const char *)(event + 1);
    size_t bytes = payload_bytes(event);
    cut_payload(writer, event, bytes);
    size_t number = find_form(writer, payload, bytes);
    struct form *form = writer->forms[number];
    for (size_t i = 0; i < RF_SHARED_WORDS && number > 0 && form->events == 0; i++) {
        form->shared[i] = word_of(event, rf_shared_words[i], (uint32_t)bytes);
    }
    for (size_t i = 0; i < form->piece_count; i++) {
        const struct cut *cut = &writer->cuts[i];
        if (cut->kind == RF_PIECE_SCALAR) {
            rf_buf_add(&form->scalars[i], payload + cut->start, cut->bytes);
            put_length(&form->lengths[i], cut->bytes);
            if (form->events == 0) {
                form->same_length[i] = cut->bytes;
            } else if (form->same_length[i] != cut->bytes) {
                form->same_length[i] = RF_LENGTH_VARIES;
            }
        }
    }
    form->events++;
    put_length(&writer->payloads, (uint32_t)bytes);
    rf_buf_byte(&writer->form_of, (char)number);
}

/* ---- headers --------------------------------------------------------------------------------- */

/** What divides all at_nanos; at least 1. */
static uint32_t
nanos_unit(const struct rf_packed_event *const *events, size_t count)
{
    uint32_t unit = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t rest = (uint32_t)events[i]->at_nanos;
        while (rest != 0) {
            uint32_t next = unit % rest;
            unit = rest;
            rest = next;
        }
    }
    return unit == 0 ? 1 : unit;
}

/** Words as they are written: as the differences to those of the event before. */
static void
difference(const struct rf_block_writer *writer, const struct rf_packed_event *const *events,
           size_t count, size_t word, uint32_t unit, uint32_t *ret)
{
    uint32_t former = 0;
    size_t shared = 0;
    while (shared < RF_SHARED_WORDS && rf_shared_words[shared] != word) {
        shared++;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t payload;
        memcpy(&payload, writer->payloads.bytes + 4 * i, 4);
        uint32_t value = word_of(events[i], word, payload);
        if (word == RF_WORD_AT_NANOS) {
            value /= unit;
        } else if (shared < RF_SHARED_WORDS) {
            value -= writer->forms[(unsigned char)writer->form_of.bytes[i]]->shared[shared];
        }
        ret[i] = value - former;
        former = value;
    }
}

/** Whether compressing would be in vain: the bytes of a sample are nearly all there are. */
static bool
is_random(const unsigned char *bytes, size_t count)
{
    bool met[256] = {0};
    size_t different = 0;
    for (size_t i = 0; i < count && i < SAMPLE; i++) {
        different += !met[bytes[i]];
        met[bytes[i]] = true;
    }
    return different >= PLAIN_FROM;
}

static bool
is_zero(const unsigned char *bytes, size_t count)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0;
}

static void
put_headers(struct rf_block_writer *writer, const struct rf_packed_event *const *events,
            size_t count)
{
    rf_buf_clear(&writer->column);
    rf_buf_reserve(&writer->column, count * 5);
    uint32_t *words = (uint32_t *)(void *)writer->column.bytes;
    unsigned char *bytes = (unsigned char *)(words + count);
    uint32_t unit = nanos_unit(events, count);
    rf_buf_clear(&writer->compressed);
    rf_buf_clear(&writer->plain);
    rf_wire_put_number(&writer->inner, unit);
    for (size_t word = 0; word < RF_HEADER_WORDS; word++) {
        bool told = word == RF_WORD_BYTES || word / 2 == RF_WORD_ID_HASH / 2;
        difference(writer, events, count, word, unit, words);
        for (size_t byte = 0; byte < 4; byte++) {
            for (size_t i = 0; i < count; i++) {
                bytes[i] = (unsigned char)(words[i] >> 8 * byte);
            }
            enum rf_column_kind kind = told || is_zero(bytes, count) ? RF_COLUMN_ZERO
                                       : is_random(bytes, count)     ? RF_COLUMN_PLAIN
                                                                     : RF_COLUMN_COMPRESSED;
            rf_buf_byte(&writer->inner, (char)kind);
            if (kind != RF_COLUMN_ZERO) {
                rf_buf_add(kind == RF_COLUMN_PLAIN ? &writer->plain : &writer->compressed, bytes,
                           count);
            }
        }
    }
    rf_buf_add(&writer->inner, writer->compressed.bytes, writer->compressed.used);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void
gather_id(struct rf_block_writer *writer, const struct rf_packed_event *event,
          const struct rf_packed_event *former)
{
    bool is_new = former == NULL || !rf_bytes_same(rf_packed_id(event), event->id_bytes,
                                                   rf_packed_id(former), former->id_bytes);
    rf_buf_byte(&writer->renewed, is_new);
    if (is_new) {
        rf_buf_add(&writer->ids, rf_packed_id(event), event->id_bytes);
    }
}

static void
put_forms(struct rf_block_writer *writer)
{
    rf_wire_put_number(&writer->inner, writer->form_count);
    for (size_t i = 0; i < writer->form_count; i++) {
        const struct form *form = writer->forms[i];
        for (size_t j = 0; j < RF_SHARED_WORDS; j++) {
            rf_wire_put_number(&writer->inner, form->shared[j]);
        }
        rf_wire_put_number(&writer->inner, form->holes);
        rf_wire_put_number(&writer->inner, form->piece_count);
        for (size_t j = 0; j < form->piece_count; j++) {
            const struct cut *piece = &form->pieces[j];
            rf_wire_put_number(&writer->inner, piece->kind + (piece->quoted ? RF_PIECE_QUOTED : 0));
            if (piece->kind == RF_PIECE_TEXT) {
                rf_wire_put_text(&writer->inner, form->texts.bytes + piece->start, piece->bytes);
            } else if (piece->kind == RF_PIECE_SCALAR) {
                rf_wire_put_number(&writer->inner, form->events == 0 ? 0 : form->same_length[j]);
            }
        }
    }
}

static void
put_scalars(struct rf_block_writer *writer)
{
    for (size_t i = 0; i < writer->form_count; i++) {
        const struct form *form = writer->forms[i];
        for (size_t j = 0; j < form->piece_count; j++) {
            if (form->pieces[j].kind != RF_PIECE_SCALAR || form->events == 0) {
                continue;
            }
            if (form->same_length[j] == RF_LENGTH_VARIES) {
                rf_buf_add(&writer->inner, form->lengths[j].bytes, form->lengths[j].used);
            }
            rf_buf_add(&writer->inner, form->scalars[j].bytes, form->scalars[j].used);
        }
    }
}

static void
compress(struct rf_block_writer *writer, struct rf_buf *out, struct rf_block_facts *ret)
{
    size_t room = rf_libzstd()->ZSTD_compressBound(writer->inner.used);
    rf_buf_reserve(out, room + writer->plain.used);
    size_t bytes = rf_libzstd()->ZSTD_compressCCtx(writer->zstd, out->bytes + out->used, room,
                                                   writer->inner.bytes, writer->inner.used, LEVEL);
    if (rf_libzstd()->ZSTD_isError(bytes)) {
        rf_out_of_memory(); /* there is room for anything: nothing else can fail */
    }
    RF_VERIFY(writer->inner.used <= rf_inner_most(ret->raw_bytes));
    out->used += bytes;
    rf_buf_add(out, writer->plain.bytes, writer->plain.used);
    ret->inner_bytes = writer->inner.used;
    ret->frame_bytes = bytes;
    ret->stored_bytes = bytes + writer->plain.used;
}

void
rf_block_write(struct rf_block_writer *writer, const struct rf_packed_event *const *events,
               size_t count, struct rf_buf *out, struct rf_block_facts *ret)
{
    RF_VERIFY(count > 0);
    begin_forms(writer);
    rf_buf_clear(&writer->form_of);
    rf_buf_clear(&writer->payloads);
    rf_buf_clear(&writer->renewed);
    rf_buf_clear(&writer->ids);
    rf_buf_clear(&writer->inner);
    *ret = (struct rf_block_facts){.events = count};
    for (size_t i = 0; i < count; i++) {
        gather_id(writer, events[i], i == 0 ? NULL : events[i - 1]);
        gather_payload(writer, events[i]);
        ret->raw_bytes += events[i]->bytes;
    }
    rf_wire_put_number(&writer->inner, count);
    put_forms(writer);
    rf_buf_add(&writer->inner, writer->form_of.bytes, writer->form_of.used);
    put_headers(writer, events, count);
    rf_buf_add(&writer->inner, writer->renewed.bytes, writer->renewed.used);
    rf_wire_put_text(&writer->inner, writer->ids.used == 0 ? "" : writer->ids.bytes,
                     writer->ids.used);
    put_scalars(writer);
    compress(writer, out, ret);
}

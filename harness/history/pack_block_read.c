/* SPDX-License-Identifier: MIT */
/* The columns of a block to packed events. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/libzstd.h"
#include "base/limits.h"
#include "base/time.h"
#include "base/wire.h"
#include "history/pack_block.h"
#include "history/pack_columns.h"

/** Readable bytes behind every column: a short piece is copied by so many at once. */
#define SLACK_BYTES ((size_t)16)

/** A piece of a form, and where the next event finds its bytes. */
struct piece {
    enum rf_piece_kind kind;
    bool quoted;
    const unsigned char *bytes;
    const unsigned char *lengths; /* 4 bytes each; NULL: all have `length` */
    size_t length;
};

struct form {
    uint32_t shared[RF_SHARED_WORDS];
    size_t holes; /* at most so many as pieces */
    size_t first; /* of its pieces */
    size_t piece_count;
    size_t events;
};

struct rf_block_reader {
    ZSTD_DCtx *zstd;
    struct rf_buf inner;
    struct form forms[RF_FORMS];
    size_t form_count;
    struct piece *pieces; /* of all forms, one behind the other */
    size_t piece_count;
    size_t piece_room;
    uint32_t *words; /* the header's columns: RF_HEADER_WORDS times as many as there are events */
    size_t word_room;
    uint8_t used_words[RF_HEADER_WORDS]; /* those that are not 0 in all events */
    size_t used_word_count;
    /* while one block is read */
    const struct rf_block_facts *facts;
    struct rf_wire wire;
    const unsigned char *plain; /* columns that are not compressed */
    const unsigned char *plain_end;
    const unsigned char *form_of;
    const unsigned char *renewed;
    uint32_t nanos_unit;
    char
        version[RF_VERSION_TEXT_BYTES + SLACK_BYTES]; /* the last one that was asked for, as text */
    struct rf_time_printer time;
    struct rf_err *reterr;
};

struct rf_block_reader *
rf_block_reader_new(void)
{
    return rf_calloc(1, sizeof(struct rf_block_reader));
}

/** Made with the first block: who has no packs needs no zstd. */
static ZSTD_DCtx *
zstd_of(struct rf_block_reader *reader)
{
    if (reader->zstd == NULL) {
        reader->zstd = rf_libzstd()->ZSTD_createDCtx();
        if (reader->zstd == NULL) {
            rf_out_of_memory();
        }
    }
    return reader->zstd;
}

void
rf_block_reader_free(struct rf_block_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    if (reader->zstd != NULL) {
        (void)rf_libzstd()->ZSTD_freeDCtx(reader->zstd);
    }
    rf_buf_done(&reader->inner);
    free(reader->pieces);
    free(reader->words);
    free(reader);
}

static rf_code
fail(struct rf_block_reader *reader, const char *what)
{
    return rf_fail(reader->reterr, RF_ERR_CORRUPT, NULL, "%s", what);
}

/** The next bytes of the compressed part; NULL where there are not so many. */
static const unsigned char *
take(struct rf_block_reader *reader, uint64_t bytes)
{
    struct rf_wire *wire = &reader->wire;
    if (wire->broken || bytes > (uint64_t)(wire->end - wire->at)) {
        wire->broken = true;
        return NULL;
    }
    const unsigned char *at = wire->at;
    wire->at += bytes;
    return at;
}

/* ---- the parts in their order ---------------------------------------------------------------- */

static rf_code
inflate_columns(struct rf_block_reader *reader, const unsigned char *stored)
{
    const struct rf_block_facts *facts = reader->facts;
    if (facts->frame_bytes > facts->stored_bytes || facts->events == 0 ||
        facts->events > facts->raw_bytes / RF_HEADER_BYTES ||
        facts->raw_bytes > RF_BLOCK_RAW_MOST ||
        facts->inner_bytes > rf_inner_most(facts->raw_bytes)) {
        return fail(reader, "its sizes contradict each other");
    }
    rf_buf_clear(&reader->inner);
    rf_buf_reserve(&reader->inner, (size_t)facts->inner_bytes + SLACK_BYTES);
    errno = 0; /* as in walk/pack.c */
    size_t got = rf_libzstd()->ZSTD_decompressDCtx(zstd_of(reader), reader->inner.bytes,
                                                   (size_t)facts->inner_bytes, stored,
                                                   (size_t)facts->frame_bytes);
    if (rf_libzstd()->ZSTD_isError(got) && errno == ENOMEM) {
        rf_out_of_memory();
    }
    if (rf_libzstd()->ZSTD_isError(got) || got != facts->inner_bytes) {
        return fail(reader, "it does not inflate");
    }
    memset(reader->inner.bytes + got, 0, SLACK_BYTES);
    reader->wire = rf_wire_begin(reader->inner.bytes, got);
    reader->plain = stored + facts->frame_bytes;
    reader->plain_end = stored + facts->stored_bytes;
    return RF_OK;
}

static void
take_piece(struct rf_block_reader *reader)
{
    struct rf_wire *wire = &reader->wire;
    RF_GROW(reader->pieces, reader->piece_room, reader->piece_count + 1);
    struct piece *piece = &reader->pieces[reader->piece_count++];
    *piece = (struct piece){0};
    uint64_t kind = rf_wire_number_below(wire, RF_PIECE_QUOTED + RF_PIECE_KINDS_);
    piece->quoted = kind >= RF_PIECE_QUOTED;
    piece->kind = (enum rf_piece_kind)(kind % RF_PIECE_KINDS_);
    if (piece->kind == RF_PIECE_TEXT) {
        piece->length = (size_t)rf_wire_number(wire);
        piece->bytes = take(reader, piece->length);
    } else if (piece->kind == RF_PIECE_SCALAR) {
        piece->length = (size_t)rf_wire_number(wire);
    }
}

static void
take_forms(struct rf_block_reader *reader)
{
    reader->piece_count = 0;
    reader->form_count = (size_t)rf_wire_number_below(&reader->wire, RF_FORMS + 1);
    for (size_t i = 0; i < reader->form_count; i++) {
        struct form *form = &reader->forms[i];
        *form = (struct form){.first = reader->piece_count};
        for (size_t j = 0; j < RF_SHARED_WORDS; j++) {
            form->shared[j] = (uint32_t)rf_wire_number_below(&reader->wire, UINT64_C(1) << 32);
        }
        form->holes = (size_t)rf_wire_number_below(&reader->wire, RF_STENCIL_HOLES + 1);
        size_t pieces = (size_t)rf_wire_number_below(&reader->wire, RF_PIECES + 1);
        form->piece_count = pieces;
        reader->wire.broken = reader->wire.broken || form->holes > pieces;
        for (size_t j = 0; j < pieces && !reader->wire.broken; j++) {
            take_piece(reader);
        }
    }
    size_t count = (size_t)reader->facts->events;
    reader->form_of = take(reader, count);
    for (size_t i = 0; reader->form_of != NULL && i < count; i++) {
        if (reader->form_of[i] >= reader->form_count) {
            reader->wire.broken = true;
            return;
        }
        reader->forms[reader->form_of[i]].events++;
    }
}

/** Adds one byte of a word to all events. */
static void
add_column(uint32_t *words, const unsigned char *column, size_t count, unsigned byte)
{
    for (size_t i = 0; i < count; i++) {
        words[i] |= (uint32_t)column[i] << 8 * byte;
    }
}

static void
take_headers(struct rf_block_reader *reader)
{
    size_t count = (size_t)reader->facts->events;
    reader->nanos_unit = (uint32_t)rf_wire_number_below(&reader->wire, UINT32_MAX);
    const unsigned char *kinds = take(reader, RF_HEADER_BYTES);
    RF_GROW(reader->words, reader->word_room, count * RF_HEADER_WORDS);
    reader->used_word_count = 0;
    for (size_t word = 0; kinds != NULL && word < RF_HEADER_WORDS; word++) {
        uint32_t *words = reader->words + reader->used_word_count * count;
        bool used = false;
        for (unsigned byte = 0; byte < 4; byte++) {
            unsigned char kind = kinds[word * 4 + byte];
            bool is_plain = kind == RF_COLUMN_PLAIN;
            if (kind == RF_COLUMN_ZERO) {
                continue;
            }
            const unsigned char *column = is_plain ? reader->plain : take(reader, count);
            if (kind >= RF_COLUMN_KINDS_ || column == NULL ||
                (is_plain && count > (size_t)(reader->plain_end - reader->plain))) {
                reader->wire.broken = true;
                return;
            }
            reader->plain += is_plain ? count : 0;
            if (!used) {
                memset(words, 0, count * sizeof(*words));
                reader->used_words[reader->used_word_count++] = (uint8_t)word;
                used = true;
            }
            add_column(words, column, count, byte);
        }
    }
}

/** What the scalars at one place of a form take together; sets where they begin. */
static void
take_scalars(struct rf_block_reader *reader, struct piece *piece, size_t events)
{
    uint64_t total = 0;
    if (piece->length == RF_LENGTH_VARIES) {
        piece->lengths = take(reader, (uint64_t)events * 4);
        for (size_t i = 0; piece->lengths != NULL && i < events; i++) {
            uint32_t length;
            memcpy(&length, piece->lengths + 4 * i, 4);
            total += length;
        }
    } else if (piece->length > UINT32_MAX) {
        reader->wire.broken = true;
    } else {
        total = piece->length * (uint64_t)events;
    }
    piece->bytes = take(reader, total);
}

/** @ret_ids  the ids that are not those of the event before, one behind the other */
static void
take_columns(struct rf_block_reader *reader, struct rf_wire *ret_ids)
{
    take_headers(reader);
    reader->renewed = take(reader, reader->facts->events);
    uint64_t id_bytes = rf_wire_number(&reader->wire);
    const unsigned char *ids = take(reader, id_bytes);
    *ret_ids = rf_wire_begin(ids, ids == NULL ? 0 : (size_t)id_bytes);
    for (size_t i = 0; i < reader->form_count; i++) {
        const struct form *form = &reader->forms[i];
        for (size_t j = 0; j < form->piece_count && form->events > 0; j++) {
            struct piece *piece = &reader->pieces[form->first + j];
            if (piece->kind == RF_PIECE_SCALAR && !reader->wire.broken) {
                take_scalars(reader, piece, form->events);
            }
        }
    }
}

/* ---- events ---------------------------------------------------------------------------------- */

/** Words are differences to the event before. */
static void
sum_words(struct rf_block_reader *reader)
{
    size_t count = (size_t)reader->facts->events;
    for (size_t i = 0; i < reader->used_word_count; i++) {
        uint32_t *words = reader->words + i * count;
        for (size_t j = 1; j < count; j++) {
            words[j] += words[j - 1];
        }
    }
}

static void
make_header(const struct rf_block_reader *reader, size_t number, struct rf_packed_event *ret)
{
    const uint32_t *shared = reader->forms[reader->form_of[number]].shared;
    size_t count = (size_t)reader->facts->events;
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < reader->used_word_count; i++) {
        memcpy((char *)ret + (size_t)4 * reader->used_words[i], &reader->words[i * count + number],
               4);
    }
    for (size_t i = 0; i < RF_SHARED_WORDS; i++) {
        uint32_t word;
        memcpy(&word, (char *)ret + (size_t)4 * rf_shared_words[i], 4);
        word += shared[i];
        memcpy((char *)ret + (size_t)4 * rf_shared_words[i], &word, 4);
    }
    ret->at_nanos = (int32_t)((uint32_t)ret->at_nanos * reader->nanos_unit);
}

/** The current event's id. */
struct id {
    const unsigned char *bytes;
    size_t count;
    uint64_t hash;
};

/** A piece of the current payload, wherever it comes from. */
struct text {
    const unsigned char *bytes;
    size_t count;
};

/** Most bytes that are copied as two times SLACK_BYTES. */
#define SHORT_BYTES (2 * SLACK_BYTES)

/** Puts one piece, of which so many bytes and its quotes fit in front of `end`. What is short is
 * written together with what lies behind it, where that fits too: that has no branches. */
static inline unsigned char *
put_piece(unsigned char *to, const unsigned char *end, const struct text *text, bool quoted)
{
    const size_t quote = quoted;
    if (text->count <= SHORT_BYTES && (size_t)(end - to) >= SHORT_BYTES + 2) {
        *to = '"';
        to += quote;
        memcpy(to, text->bytes, SLACK_BYTES);
        if (text->count > SLACK_BYTES) {
            memcpy(to + SLACK_BYTES, text->bytes + SLACK_BYTES, SLACK_BYTES);
        }
        to += text->count;
        *to = '"';
        return to + quote;
    }
    if (quoted) {
        *to++ = '"';
    }
    memcpy(to, text->bytes, text->count);
    to += text->count;
    if (quoted) {
        *to++ = '"';
    }
    return to;
}

static void
print_version(struct rf_block_reader *reader, int64_t version, struct text *ret)
{
    char *end = reader->version + RF_VERSION_TEXT_BYTES;
    char *at = end;
    uint64_t rest = version < 0 ? 0 - (uint64_t)version : (uint64_t)version;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (version < 0) {
        *--at = '-';
    }
    *ret = (struct text){(const unsigned char *)at, (size_t)(end - at)};
}

/** As rf_time_print has it; nothing where it is none. */
static void
print_time(struct rf_block_reader *reader, struct rf_time at, struct text *ret)
{
    size_t bytes = rf_time_print_string(&reader->time, at);
    *ret = (struct text){(const unsigned char *)reader->time.text + 1, bytes > 0 ? bytes - 2 : 0};
}

/** The piece's next bytes. */
static void
next_text(struct rf_block_reader *reader, struct piece *piece, const struct rf_packed_event *header,
          const struct id *id, struct text *ret)
{
    ret->bytes = piece->bytes;
    ret->count = piece->length;
    if (piece->kind == RF_PIECE_SCALAR) {
        if (piece->lengths != NULL) {
            uint32_t length;
            memcpy(&length, piece->lengths, 4);
            piece->lengths += 4;
            ret->count = length;
        }
        piece->bytes += ret->count;
    } else if (piece->kind == RF_PIECE_ID) {
        ret->bytes = id->bytes;
        ret->count = id->count;
    } else if (piece->kind == RF_PIECE_VERSION) {
        print_version(reader, header->version, ret);
    } else if (piece->kind == RF_PIECE_TIME) {
        struct rf_time at = {.seconds = header->at_seconds, .nanos = header->at_nanos};
        print_time(reader, at, ret);
    }
}

/** Puts some pieces of one payload behind each other; NULL where they do not fit in front of `end`.
 *  @ends  gets where each of them ends, from `to`; or NULL */
static inline unsigned char *
put_pieces(struct rf_block_reader *reader, struct piece *pieces, size_t count,
           const struct rf_packed_event *header, const struct id *id, unsigned char *to,
           const unsigned char *end, unsigned char *ends)
{
    const unsigned char *begin = to;
    for (size_t i = 0; i < count; i++) {
        struct text text;
        bool quoted = pieces[i].quoted;
        next_text(reader, &pieces[i], header, id, &text);
        size_t room = (size_t)(end - to);
        if (text.count > room || room - text.count < (quoted ? 2 : 0)) {
            return NULL;
        }
        to = put_piece(to, end, &text, quoted);
        if (ends != NULL) {
            const uint16_t token_end = (uint16_t)(to - begin);
            memcpy(ends + i * sizeof(token_end), &token_end, sizeof(token_end));
        }
    }
    return to;
}

/** Puts the pieces of one payload together, behind where its tokens end, if it has any; NULL where
 * they do not fit in front of `end`. What is longer than an end can tell is not sound. */
static unsigned char *
make_payload(struct rf_block_reader *reader, const struct form *form,
             const struct rf_packed_event *header, const struct id *id, unsigned char *to,
             const unsigned char *end)
{
    struct piece *pieces = reader->pieces + form->first;
    size_t others = form->piece_count - form->holes;
    unsigned char *ends = to;
    if (form->holes * sizeof(uint16_t) > (size_t)(end - to)) {
        return NULL;
    }
    to = put_pieces(reader, pieces, others, header, id, to + form->holes * sizeof(uint16_t), end,
                    NULL);
    return to == NULL ? NULL
                      : put_pieces(reader, pieces + others, form->holes, header, id, to, end, ends);
}

/** Whether no token is empty, and the last ends with the data. */
static bool
are_sound_ends(const struct rf_packed_event *event)
{
    const uint16_t *ends = rf_packed_ends(event);
    uint32_t before = 0;
    for (size_t i = 0; i < event->holes; i++) {
        if (ends[i] <= before) {
            return false;
        }
        before = ends[i];
    }
    return event->holes == 0 || before == event->data_bytes;
}

/** Whether all parts of an event lie within it. */
static bool
is_sound(const struct rf_packed_event *event, uint64_t payload_bytes, const struct id *id)
{
    uint64_t own = event->flags & RF_EVENT_ID_IN_DATA ? 0 : event->id_bytes;
    uint64_t used = event->holes * sizeof(uint16_t) + own + event->eid_bytes + event->data_bytes;
    return used <= payload_bytes && payload_bytes - used < 8 && event->id_bytes > 0 &&
           event->id_bytes <= RF_LIMIT_ID_MOST &&
           (uint64_t)event->id_start + event->id_bytes <= used && are_sound_ends(event) &&
           rf_bytes_same(rf_packed_id(event), event->id_bytes, (const char *)id->bytes, id->count);
}

static bool
next_id(const struct rf_block_reader *reader, size_t number, size_t bytes, struct rf_wire *ids,
        struct id *ret)
{
    if (reader->renewed[number] == 0) {
        return number > 0 && bytes == ret->count;
    }
    if (bytes > (size_t)(ids->end - ids->at)) {
        return false;
    }
    *ret = (struct id){.bytes = ids->at, .count = bytes, .hash = rf_hash(ids->at, bytes, 0)};
    ids->at += bytes;
    return true;
}

static rf_code
make_events(struct rf_block_reader *reader, struct rf_wire *ids, unsigned char *place)
{
    const unsigned char *end = place + reader->facts->raw_bytes;
    struct id id = {0};
    for (size_t i = 0; i < reader->facts->events; i++) {
        const struct form *form = &reader->forms[reader->form_of[i]];
        struct rf_packed_event header;
        make_header(reader, i, &header);
        if ((size_t)(end - place) < sizeof(header) ||
            !next_id(reader, i, header.id_bytes, ids, &id)) {
            return fail(reader, "an event or its id is cut");
        }
        unsigned char *payload = place + sizeof(header);
        unsigned char *behind = make_payload(reader, form, &header, &id, payload, end);
        uint64_t bytes = behind == NULL ? 0 : rf_padded_bytes((uint64_t)(behind - payload));
        if (behind == NULL || bytes > (uint64_t)(end - place)) {
            return fail(reader, "an event's data is cut");
        }
        memset(behind, 0, (size_t)(place + bytes - behind));
        header.bytes = (uint32_t)bytes;
        header.id_hash = id.hash;
        header.data_bytes += (uint32_t)(behind - payload);
        memcpy(place, &header, sizeof(header));
        if (!is_sound((const struct rf_packed_event *)(const void *)place, bytes - sizeof(header),
                      &id)) {
            return fail(reader, "an event's parts are not where it says");
        }
        place += bytes;
    }
    return place == end && ids->at == ids->end ? RF_OK : fail(reader, "its events are too short");
}

rf_code
rf_block_read(struct rf_block_reader *reader, const unsigned char *stored,
              const struct rf_block_facts *facts, unsigned char *place, struct rf_err *reterr)
{
    struct rf_wire ids;
    reader->facts = facts;
    reader->reterr = reterr;
    RF_TRY(inflate_columns(reader, stored));
    if (rf_wire_number(&reader->wire) != facts->events) {
        return fail(reader, "it holds another number of events");
    }
    take_forms(reader);
    take_columns(reader, &ids);
    if (!rf_wire_ended(&reader->wire) || reader->plain != reader->plain_end) {
        return fail(reader, "its columns are not as long as they should be");
    }
    sum_words(reader);
    return make_events(reader, &ids, place);
}

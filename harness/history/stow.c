/* SPDX-License-Identifier: MIT */
/* Events as they wait in arenas and on disk. */
#include "history/stow.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"

/** A number takes up to 8 bytes, and is written and read as so many. */
#define NUMBER_BYTES ((size_t)8)
/** Bits of the control word that tell how many. */
#define WIDTH_BITS 4
#define FLAG_BITS  8
#define NUMBERS    14
_Static_assert(FLAG_BITS + NUMBERS * WIDTH_BITS == 64, "the control word is full");

/** Bytes in front of the lengths, at most. */
#define FRONT_MOST ((2 + NUMBERS) * NUMBER_BYTES)

/** A token this long has a length of two bytes, and so have its siblings. */
#define LONG_TOKEN_BYTES 256

/** Bytes of a length, in an event without such tokens and in one with them. */
#define SHORT_SIZE 1
#define LONG_SIZE  2

/** What stands for the token that is left out. */
#define IS_TIME 0

/** Of the number of data bytes of an event with holes, which their lengths tell. */
enum { LENGTHS_SHORT, LENGTHS_LONG };

static inline size_t
own_id_bytes(const struct rf_packed_event *header)
{
    return (header->flags & RF_EVENT_ID_IN_DATA) != 0 ? 0 : header->id_bytes;
}

uint64_t
rf_packed_bytes(const struct rf_packed_event *header)
{
    uint64_t payload = header->holes * sizeof(uint16_t) + own_id_bytes(header) + header->eid_bytes +
                       header->data_bytes;
    return sizeof(*header) + (payload + 7) / 8 * 8;
}

/** What the time of an event without one is counted from, so that it is 0. */
static inline uint64_t
first_second(uint8_t flags)
{
    return (flags & RF_EVENT_AT) != 0 ? 0 : (uint64_t)INT64_MIN;
}

struct token {
    const char *text;
    size_t bytes;
};

/** The event's time as a token, in the printer's memory; of no bytes, where it has none. */
static struct token
time_token(struct rf_time_printer *printer, const struct rf_packed_event *header)
{
    struct rf_time at = {.seconds = header->at_seconds, .nanos = header->at_nanos};
    bool timed = (header->flags & RF_EVENT_AT) != 0 && header->holes > 0;
    return (struct token){printer->text, timed ? rf_time_print_string(printer, at) : 0};
}

/* ---- in -------------------------------------------------------------------------------------- */

/** The control word in the making, and where the next number goes. */
struct numbers {
    unsigned char *to;
    uint64_t control;
    unsigned shift;
};

static inline __attribute__((always_inline)) void
put(struct numbers *numbers, uint64_t number)
{
    if (number != 0) { /* many never are, and the processor knows */
        uint64_t width = (71U - (unsigned)__builtin_clzll(number)) / 8;
        uint64_t bytes = htole64(number);
        memcpy(numbers->to, &bytes, NUMBER_BYTES);
        numbers->to += width;
        numbers->control |= width << numbers->shift;
    }
    numbers->shift += WIDTH_BITS;
}

/** @return  behind the content hash */
static unsigned char *
put_header(unsigned char *to, const struct rf_packed_event *header, bool is_long)
{
    struct numbers numbers = {to + NUMBER_BYTES, header->flags, FLAG_BITS};
    put(&numbers, header->offset);
    put(&numbers, (uint64_t)header->version);
    put(&numbers, (uint64_t)header->at_seconds - first_second(header->flags));
    put(&numbers, (uint32_t)header->at_nanos);
    put(&numbers, header->object);
    put(&numbers, header->part);
    put(&numbers, header->type);
    put(&numbers, header->aggregate + 1); /* RF_NAME_NONE is 0 */
    put(&numbers, header->stencil + 1);
    put(&numbers, header->id_bytes);
    put(&numbers, header->id_start);
    put(&numbers, header->eid_bytes);
    put(&numbers, header->holes);
    put(&numbers,
        header->holes == 0 ? header->data_bytes : (is_long ? LENGTHS_LONG : LENGTHS_SHORT));
    uint64_t control = htole64(numbers.control);
    memcpy(to, &control, NUMBER_BYTES);
    memcpy(numbers.to, &header->content_hash, sizeof(header->content_hash));
    return numbers.to + sizeof(header->content_hash);
}

static bool
has_long_token(const struct rf_packed_event *header, const struct rf_json_node *tokens)
{
    if (header->data_bytes < LONG_TOKEN_BYTES) {
        return false;
    }
    for (size_t i = 0; i < header->holes; i++) {
        if (tokens[i].end - tokens[i].start >= LONG_TOKEN_BYTES) {
            return true;
        }
    }
    return false;
}

/** @lengths  of `size` bytes each */
static inline void
put_length(unsigned char *lengths, size_t size, size_t hole, uint32_t bytes)
{
    const uint16_t two = htole16((uint16_t)bytes);
    memcpy(lengths + hole * size, &two, size);
}

/** Lengths to where they go, tokens behind them. Inlined, for each size of a length.
 *  @time  the token that may be left out; of no bytes, where there is none
 *  @return  behind the last token */
static inline __attribute__((always_inline)) unsigned char *
put_tokens(const struct rf_stow_parts *parts, size_t holes, struct token time,
           unsigned char *lengths, size_t size, unsigned char *to)
{
    const char *text = parts->text;
    const struct rf_json_node *node = parts->tokens;
    for (size_t i = 0; i < holes; i++, node++) {
        const char *token = text + node->start;
        uint32_t bytes = node->end - node->start;
        RF_VERIFY(bytes != IS_TIME && bytes <= UINT16_MAX);
        if (bytes == time.bytes && rf_same_few(token, time.text, bytes)) {
            put_length(lengths, size, i, IS_TIME);
            time.bytes = 0; /* once is what can be expected */
            continue;
        }
        put_length(lengths, size, i, bytes);
        rf_copy_few(to, token, bytes);
        to += bytes;
    }
    return to;
}

static inline unsigned char *
put_bytes(unsigned char *to, const char *bytes, size_t count)
{
    if (count > 0) {
        memcpy(to, bytes, count);
    }
    return to + count;
}

/** @return  behind the data */
static unsigned char *
put_data(const struct rf_packed_event *header, const struct rf_stow_parts *parts, struct token time,
         unsigned char *lengths, size_t size, unsigned char *to)
{
    size_t holes = header->holes;
    if (holes == 0) {
        return put_bytes(to, parts->data, header->data_bytes);
    }
    return size == LONG_SIZE ? put_tokens(parts, holes, time, lengths, LONG_SIZE, to)
                             : put_tokens(parts, holes, time, lengths, SHORT_SIZE, to);
}

void
rf_stow(struct rf_time_printer *printer, const struct rf_packed_event *header,
        const struct rf_stow_parts *parts, struct rf_buf *ret)
{
    size_t own_id = own_id_bytes(header);
    rf_buf_clear(ret);
    rf_buf_reserve(ret, FRONT_MOST + header->holes * LONG_SIZE + own_id + header->eid_bytes +
                            header->data_bytes);
    bool is_long = header->holes > 0 && has_long_token(header, parts->tokens);
    size_t size = is_long ? LONG_SIZE : SHORT_SIZE;
    unsigned char *begin = (unsigned char *)ret->bytes;
    unsigned char *lengths = put_header(begin, header, is_long);
    unsigned char *to = lengths + header->holes * size;
    to = put_bytes(to, parts->id, own_id);
    to = put_bytes(to, parts->eid, header->eid_bytes);
    to = put_data(header, parts, time_token(printer, header), lengths, size, to);
    ret->used = (size_t)(to - begin);
}

/* ---- out ------------------------------------------------------------------------------------- */

static const uint64_t masks[1 << WIDTH_BITS] = {
    0,
    UINT64_C(0xFF),
    UINT64_C(0xFFFF),
    UINT64_C(0xFFFFFF),
    UINT64_C(0xFFFFFFFF),
    UINT64_C(0xFFFFFFFFFF),
    UINT64_C(0xFFFFFFFFFFFF),
    UINT64_C(0xFFFFFFFFFFFFFF),
    UINT64_MAX,
};

/** What is left of the control word, and where the next number lies. */
struct taking {
    const unsigned char *from;
    uint64_t widths;
};

static inline __attribute__((always_inline)) uint64_t
take(struct taking *taking)
{
    uint64_t bytes;
    size_t width = taking->widths % (1 << WIDTH_BITS);
    memcpy(&bytes, taking->from, NUMBER_BYTES); /* behind the numbers lies a hash */
    taking->from += width;
    taking->widths >>= WIDTH_BITS;
    return le64toh(bytes) & masks[width];
}

/** All but `bytes` and `id_hash`; of an event with holes data_bytes are LENGTHS_….
 *  @return  behind the content hash */
static const unsigned char *
take_header(const unsigned char *from, struct rf_packed_event *ret)
{
    uint64_t control;
    memcpy(&control, from, NUMBER_BYTES);
    control = le64toh(control);
    struct taking taking = {from + NUMBER_BYTES, control >> FLAG_BITS};
    ret->flags = (uint8_t)control;
    ret->offset = take(&taking);
    ret->version = (int64_t)take(&taking);
    ret->at_seconds = (int64_t)(take(&taking) + first_second(ret->flags));
    ret->at_nanos = (int32_t)take(&taking);
    ret->object = (uint32_t)take(&taking);
    ret->part = (uint32_t)take(&taking);
    ret->type = (uint32_t)take(&taking);
    ret->aggregate = (uint32_t)take(&taking) - 1;
    ret->stencil = (uint32_t)take(&taking) - 1;
    ret->id_bytes = (uint16_t)take(&taking);
    ret->id_start = (uint16_t)take(&taking);
    ret->eid_bytes = (uint16_t)take(&taking);
    ret->holes = (uint8_t)take(&taking);
    ret->data_bytes = (uint32_t)take(&taking);
    memcpy(&ret->content_hash, taking.from, sizeof(ret->content_hash));
    return taking.from + sizeof(ret->content_hash);
}

/** Where a token was left out. */
struct gap {
    size_t start; /**< in front of it are so many bytes of tokens */
    struct token token;
};

/** Where the tokens end, of their lengths. Inlined, for each size of a length.
 *  @return  bytes of all tokens */
static inline __attribute__((always_inline)) uint32_t
take_ends(struct rf_time_printer *printer, const struct rf_packed_event *header,
          const unsigned char *lengths, size_t size, unsigned char *ends, struct gap *ret)
{
    size_t holes = header->holes;
    uint32_t end = 0;
    for (size_t i = 0; i < holes; i++) {
        uint16_t two = 0;
        memcpy(&two, lengths + i * size, size);
        uint32_t bytes = le16toh(two);
        if (bytes == IS_TIME) {
            RF_VERIFY(ret->token.bytes == 0);
            *ret = (struct gap){end, time_token(printer, header)};
            RF_VERIFY(ret->token.bytes > 0);
            bytes = (uint32_t)ret->token.bytes;
        }
        end += bytes;
        two = (uint16_t)end;
        memcpy(ends + i * sizeof(two), &two, sizeof(two));
    }
    return end;
}

/** A payload's bytes, with what was left out where it belongs. */
static void
fill(unsigned char *to, const unsigned char *from, size_t bytes, const struct gap *gap)
{
    size_t missing = gap->token.bytes;
    size_t front = missing > 0 ? gap->start : bytes;
    rf_copy_few(to, from, front);
    if (missing > 0) {
        rf_copy_few(to + front, gap->token.text, missing);
        memcpy(to + front + missing, from + front, bytes - front - missing);
    }
}

const unsigned char *
rf_unstow(struct rf_time_printer *printer, const unsigned char *from, const unsigned char *end,
          unsigned char *place, uint64_t room)
{
    struct rf_packed_event *event = (void *)place;
    unsigned char *payload = place + sizeof(*event);
    RF_VERIFY(room >= sizeof(*event));
    from = take_header(from, event);
    size_t front = event->holes * sizeof(uint16_t);
    struct gap gap = {0};
    if (event->holes > 0) {
        RF_VERIFY(room - sizeof(*event) >= front);
        size_t size = event->data_bytes == LENGTHS_LONG ? LONG_SIZE : SHORT_SIZE;
        event->data_bytes = size == LONG_SIZE
                                ? take_ends(printer, event, from, LONG_SIZE, payload, &gap)
                                : take_ends(printer, event, from, SHORT_SIZE, payload, &gap);
        from += event->holes * size;
    }
    uint64_t bytes = rf_packed_bytes(event);
    size_t own = own_id_bytes(event) + event->eid_bytes;
    size_t rest = own + event->data_bytes;
    size_t kept = rest - gap.token.bytes;
    RF_VERIFY(bytes <= room && bytes <= UINT32_MAX && from <= end && kept <= (size_t)(end - from));
    gap.start += own;
    fill(payload + front, from, rest, &gap);
    memset(payload + front + rest, 0, (size_t)(bytes - sizeof(*event) - front - rest));
    event->bytes = (uint32_t)bytes;
    event->id_hash = rf_hash(rf_packed_id(event), event->id_bytes, 0);
    return from + kept;
}

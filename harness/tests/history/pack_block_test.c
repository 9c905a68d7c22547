/* SPDX-License-Identifier: MIT */
/* Blocks of packs: events come back as they were, and what is no block is refused. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/stencil.h"
#include "base/time.h"
#include "history/pack_block.h"

TestSuite(pack_block, .timeout = 120);

/** Events in the making, sorted by id as they are added. */
struct batch {
    struct rf_buf bytes;
    size_t count;
    const struct rf_packed_event **events;
};

/** An event whose data is `data`; `own_id` where its id does not stand there. */
static void
add(struct batch *batch, const char *id, bool own_id, const char *eid, const char *data,
    size_t data_bytes, struct rf_packed_event header)
{
    size_t id_bytes = strlen(id);
    size_t eid_bytes = strlen(eid);
    const char *found = own_id ? NULL : memmem(data, data_bytes, id, id_bytes);
    size_t payload = (found == NULL ? id_bytes : 0) + eid_bytes + data_bytes;
    header.bytes = (uint32_t)((sizeof(header) + payload + 7) / 8 * 8);
    header.id_hash = rf_hash(id, id_bytes, 0);
    header.id_bytes = (uint16_t)id_bytes;
    header.eid_bytes = (uint16_t)eid_bytes;
    header.data_bytes = (uint32_t)data_bytes;
    header.id_start = found == NULL ? 0 : (uint16_t)(eid_bytes + (size_t)(found - data));
    header.flags |= found == NULL ? 0 : (uint8_t)RF_EVENT_ID_IN_DATA;
    header.stencil = header.holes == 0 ? RF_NAME_NONE : header.stencil;
    rf_buf_add(&batch->bytes, &header, sizeof(header));
    if (found == NULL) {
        rf_buf_add(&batch->bytes, id, id_bytes);
    }
    rf_buf_add(&batch->bytes, eid, eid_bytes);
    rf_buf_add(&batch->bytes, data, data_bytes);
    for (size_t i = sizeof(header) + payload; i < header.bytes; i++) {
        rf_buf_byte(&batch->bytes, '\0');
    }
    batch->count++;
}

/** An event whose data is so many tokens; `own_id` where its id stands in none of them. */
static void
add_tokens(struct batch *batch, const char *id, bool own_id, const char *eid,
           const char *const *tokens, size_t count, uint32_t stencil)
{
    struct rf_buf data = {0};
    struct rf_buf front = {0};
    for (size_t i = 0; i < count; i++) {
        rf_buf_string(&data, tokens[i]);
        const uint16_t end = (uint16_t)data.used;
        rf_buf_add(&front, &end, sizeof(end));
    }
    size_t ends_bytes = front.used;
    const char *found = own_id ? NULL : memmem(data.bytes, data.used, id, strlen(id));
    if (found == NULL) {
        rf_buf_string(&front, id);
    }
    rf_buf_string(&front, eid);
    size_t bytes = front.used + data.used;
    struct rf_packed_event header = {
        .version = 1,
        .bytes = (uint32_t)((sizeof(header) + bytes + 7) / 8 * 8),
        .id_hash = rf_hash(id, strlen(id), 0),
        .stencil = stencil,
        .data_bytes = (uint32_t)data.used,
        .id_bytes = (uint16_t)strlen(id),
        .eid_bytes = (uint16_t)strlen(eid),
        .id_start =
            (uint16_t)(found == NULL ? ends_bytes : front.used + (size_t)(found - data.bytes)),
        .holes = (uint8_t)count,
        .flags = found == NULL ? 0 : RF_EVENT_ID_IN_DATA,
    };
    rf_buf_add(&batch->bytes, &header, sizeof(header));
    rf_buf_add(&batch->bytes, front.bytes, front.used);
    rf_buf_add(&batch->bytes, data.bytes, data.used);
    for (size_t i = sizeof(header) + bytes; i < header.bytes; i++) {
        rf_buf_byte(&batch->bytes, '\0');
    }
    batch->count++;
    rf_buf_done(&front);
    rf_buf_done(&data);
}

static void
finish(struct batch *batch)
{
    batch->events = rf_calloc(batch->count, sizeof(*batch->events));
    for (size_t i = 0, at = 0; i < batch->count; i++) {
        batch->events[i] = (const void *)(batch->bytes.bytes + at);
        at += batch->events[i]->bytes;
    }
}

static void
done(struct batch *batch)
{
    rf_buf_done(&batch->bytes);
    free(batch->events);
}

/** Writes a batch, reads it again, and sees that it is the same; the block's bytes in `ret`. */
static void
check(struct batch *batch, struct rf_buf *ret, struct rf_block_facts *facts)
{
    struct rf_block_writer *writer = rf_block_writer_new();
    struct rf_block_reader *reader = rf_block_reader_new();
    struct rf_err err = {0};
    finish(batch);
    rf_block_write(writer, batch->events, batch->count, ret, facts);
    cr_assert_eq(facts->events, batch->count);
    cr_assert_eq(facts->raw_bytes, batch->bytes.used);
    cr_assert_eq(facts->stored_bytes, ret->used);
    unsigned char *place = rf_alloc((size_t)facts->raw_bytes);
    cr_assert_eq(rf_block_read(reader, (unsigned char *)ret->bytes, facts, place, &err), RF_OK,
                 "%s", err.text);
    cr_assert_eq(memcmp(place, batch->bytes.bytes, batch->bytes.used), 0);
    free(place);
    rf_block_reader_free(reader);
    rf_block_writer_free(writer);
}

static void
check_once(struct batch *batch)
{
    struct rf_buf block = {0};
    struct rf_block_facts facts;
    check(batch, &block, &facts);
    rf_buf_done(&block);
    done(batch);
}

static uint64_t state = 1;

static uint64_t
pick(uint64_t below)
{
    state = rf_hash(&state, sizeof(state), 1);
    return state % below;
}

static void
add_text(struct batch *batch, const char *data)
{
    add(batch, "x", true, "", data, strlen(data), (struct rf_packed_event){.version = 1});
}

Test(pack_block, gives_back_events_of_any_text)
{
    static const char *const texts[] = {
        "",
        "{}",
        "null",
        "\"",
        "\"\\",
        "\"\\\"",
        "{\"a\":\"\",\"b\":[1,-2.5e+10,true,false,null,\"x\\\"y\"],\"c\":{\"d\":\"\\\\\"}}",
        "{\"a\" : 1 , \"b\"\t:\n\"c\"}",
        "no JSON at all: \"text:\" 12 \"12\" -",
        "{\"t\":\"\xc3\xa4\xf0\x9f\x98\x80\"}",
        "1",
        "{\"v\":1,\"w\":1,\"at\":\"1970-01-01T00:00:00Z\"}",
    };
    struct batch batch = {0};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        add_text(&batch, texts[i]);
    }
    check_once(&batch);
}

/** Events of two stencils, with all that a token may be. */
static void
add_any_tokens(struct batch *batch)
{
    static const char *const first[] = {"\"id\"", "1", "\"\"", "null"};
    static const char *const second[] = {"\"id\"", "-1.5e+10", "\"a\\\"\"", "\"\\\\\""};
    static const char *const third[] = {"true", "12", "\"id\"", "\"x\""};
    add_tokens(batch, "id", false, "", first, 4, 3);
    add_tokens(batch, "id", false, "eid", second, 4, 3);
    add_tokens(batch, "id", true, "", third, 4, 3);
    add_tokens(batch, "id", true, "eid", third, 4, 70000);
    add_tokens(batch, "id", true, "", first, 1, 70000);
    add_tokens(batch, "id", false, "", third, 3, RF_NAME_NONE - 1);
}

Test(pack_block, gives_back_tokens_of_stencils)
{
    struct batch batch = {0};
    for (size_t i = 0; i < 3; i++) {
        add_any_tokens(&batch);
        add_text(&batch, "{\"a\":1}");
    }
    check_once(&batch);
}

Test(pack_block, gives_back_as_many_tokens_as_there_may_be)
{
    const char *tokens[RF_STENCIL_HOLES];
    struct batch batch = {0};
    for (size_t i = 0; i < RF_STENCIL_HOLES; i++) {
        tokens[i] = i % 2 == 0 ? "1" : "\"two\"";
    }
    for (size_t holes = RF_STENCIL_HOLES - 3; holes <= RF_STENCIL_HOLES; holes++) {
        add_tokens(&batch, "id", true, "eid", tokens, holes, (uint32_t)holes);
    }
    check_once(&batch);
}

Test(pack_block, gives_back_tokens_of_more_stencils_than_it_keeps)
{
    static const char *const tokens[] = {"\"a\"", "2"};
    struct batch batch = {0};
    for (uint32_t i = 0; i < 600; i++) {
        add_tokens(&batch, "a", i % 2 == 0, i % 3 == 0 ? "e" : "", tokens, 2, i);
    }
    check_once(&batch);
}

Test(pack_block, gives_back_what_ends_in_zeros)
{
    static const char zeros[40] = "{\"a\":1}";
    struct batch batch = {0};
    for (size_t bytes = 1; bytes <= sizeof(zeros); bytes++) {
        add(&batch, "i", true, "", zeros, bytes, (struct rf_packed_event){.version = 7});
    }
    check_once(&batch);
}

Test(pack_block, gives_back_the_extremes_of_a_header)
{
    struct batch batch = {0};
    static const int64_t versions[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1000000007};
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        char *data =
            rf_format("{\"Version\":%" PRId64 ",\"n\":%" PRId64 "}", versions[i], versions[i]);
        struct rf_packed_event header = {
            .version = versions[i],
            .offset = (uint64_t)versions[i],
            .at_seconds = versions[i],
            .content_hash = (uint64_t)versions[i] * 3,
            .object = UINT32_MAX,
            .part = (uint32_t)i,
            .at_nanos = i == 3 ? INT32_MIN : (int32_t)i,
            .type = (uint32_t)versions[i],
            .aggregate = RF_NAME_NONE,
            .flags = UINT8_MAX & ~RF_EVENT_ID_IN_DATA,
        };
        add(&batch, "id", true, "eid", data, strlen(data), header);
        free(data);
    }
    check_once(&batch);
}

Test(pack_block, tells_times_as_they_were_written)
{
    struct batch batch = {0};
    state = 2;
    for (size_t i = 0; i < 3000; i++) {
        char text[RF_TIME_TEXT_BYTES];
        struct rf_time at = {.seconds = (int64_t)pick(UINT64_C(253402300800)) -
                                        (i % 3 == 0 ? INT64_C(62135596800) : 0)};
        uint64_t digits = pick(10);
        for (uint64_t unit = 1000000000; digits-- > 0;) {
            unit /= 10;
            at.nanos += (int32_t)(unit * pick(10));
        }
        at = rf_time_valid(at) ? at : (struct rf_time){0};
        (void)rf_time_print(at, text);
        char *data = rf_format("{\"at\":\"%s\",\"again\":\"%s\"}", text, text);
        add(&batch, "t", true, "", data, strlen(data),
            (struct rf_packed_event){
                .at_seconds = at.seconds, .at_nanos = at.nanos, .flags = RF_EVENT_AT});
        free(data);
    }
    check_once(&batch);
}

Test(pack_block, takes_more_forms_and_pieces_than_it_keeps)
{
    struct batch batch = {0};
    struct rf_buf text = {0};
    for (size_t i = 0; i < 600; i++) { /* keys that are ids: each event is a form of its own */
        char *data = rf_format("{\"key-%zu\":%zu}", i, i);
        add_text(&batch, data);
        free(data);
    }
    for (size_t pieces = 100; pieces < 140; pieces++) {
        rf_buf_clear(&text);
        rf_buf_byte(&text, '[');
        for (size_t i = 0; i < pieces; i++) {
            rf_buf_format(&text, "%s\"%zu\"", i == 0 ? "" : ",", i * pieces);
        }
        rf_buf_byte(&text, ']');
        add_text(&batch, rf_buf_text(&text));
    }
    rf_buf_done(&text);
    check_once(&batch);
}

/** Events as orders have them, of `ids` instances. */
static void
make_orders(struct batch *batch, size_t ids)
{
    for (size_t i = 0; i < ids; i++) {
        char *id = rf_format("%016" PRIx64 "%016" PRIx64, rf_hash(&i, sizeof(i), 1),
                             rf_hash(&i, sizeof(i), 2));
        size_t events = 1 + pick(12);
        for (size_t version = 1; version <= events; version++) {
            char text[RF_TIME_TEXT_BYTES];
            struct rf_time at = {.seconds = 1500000000 + (int64_t)pick(100000),
                                 .nanos = (int32_t)pick(1000000) * 1000};
            (void)rf_time_print(at, text);
            char *data = rf_format("{\"ID\":\"%s\",\"Version\":%zu,\"At\":\"%s\",\"Qty\":%" PRIu64
                                   ",\"Span\":\"%016" PRIx64 "\"}",
                                   id, version, text, pick(9), pick(UINT64_MAX));
            add(batch, id, pick(10) == 0, pick(10) == 0 ? "e-1" : "", data, strlen(data),
                (struct rf_packed_event){.version = (int64_t)version,
                                         .at_seconds = at.seconds,
                                         .at_nanos = at.nanos,
                                         .content_hash = pick(UINT64_MAX),
                                         .offset = pick(1000000),
                                         .object = (uint32_t)pick(3),
                                         .type = (uint32_t)pick(5),
                                         .flags = RF_EVENT_VERSION | RF_EVENT_AT});
            free(data);
        }
        free(id);
    }
}

Test(pack_block, gives_back_many_orders_in_little_room)
{
    struct batch batch = {0};
    struct rf_buf block = {0};
    struct rf_block_facts facts;
    make_orders(&batch, 500);
    check(&batch, &block, &facts);
    /* A span, a content hash, a place and a time take 8, 8, 3 and 5 bytes that nothing can save. */
    cr_expect_lt(facts.stored_bytes / facts.events, 36);
    rf_buf_done(&block);
    done(&batch);
}

/** Whoever fills a stencil trusts in these. */
static void
check_ends(const struct rf_packed_event *event)
{
    const uint16_t *ends = rf_packed_ends(event);
    for (size_t i = 0; i < event->holes; i++) {
        cr_assert_gt(ends[i], i == 0 ? 0 : ends[i - 1]);
        cr_assert_leq(ends[i], event->data_bytes);
    }
    cr_assert_leq(rf_packed_tokens(event) + event->data_bytes, (const char *)event + event->bytes);
}

/** Reads a block that was tampered with: it is refused, or what comes lies where it should. */
static void
read_tampered(struct rf_block_reader *reader, const unsigned char *bytes, size_t count,
              const struct rf_block_facts *facts)
{
    struct rf_err err = {0};
    unsigned char *stored = rf_alloc(count); /* of its very size, for who watches over memory */
    unsigned char *place = rf_alloc((size_t)facts->raw_bytes);
    memcpy(stored, bytes, count);
    rf_code code = rf_block_read(reader, stored, facts, place, &err);
    cr_assert(code == RF_OK || code == RF_ERR_CORRUPT);
    uint64_t at = 0;
    while (code == RF_OK && at < facts->raw_bytes) {
        const struct rf_packed_event *event = (const void *)(place + at);
        cr_assert_geq(event->bytes, sizeof(*event));
        check_ends(event);
        at += event->bytes;
    }
    cr_assert(code != RF_OK || at == facts->raw_bytes);
    free(stored);
    free(place);
}

Test(pack_block, survives_every_flipped_bit)
{
    struct batch batch = {0};
    struct rf_buf block = {0};
    struct rf_block_facts facts;
    struct rf_block_reader *reader = rf_block_reader_new();
    make_orders(&batch, 3);
    add_any_tokens(&batch);
    add_text(&batch, "{\"a\":[1,\"b\"]}");
    check(&batch, &block, &facts);
    unsigned char *bytes = (unsigned char *)block.bytes;
    for (size_t bit = 0; bit < block.used * 8; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        read_tampered(reader, bytes, block.used, &facts);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    rf_block_reader_free(reader);
    rf_buf_done(&block);
    done(&batch);
}

Test(pack_block, refuses_facts_that_are_not_its_own)
{
    struct batch batch = {0};
    struct rf_buf block = {0};
    struct rf_block_facts good;
    struct rf_block_reader *reader = rf_block_reader_new();
    struct rf_err err;
    make_orders(&batch, 20);
    check(&batch, &block, &good);
    for (size_t i = 0; i < 2000; i++) {
        struct rf_block_facts facts = good;
        uint64_t *fields[] = {&facts.events, &facts.raw_bytes, &facts.inner_bytes,
                              &facts.frame_bytes};
        uint64_t *field = fields[pick(4)];
        *field = pick(3) == 0 ? pick(UINT64_MAX) : *field + pick(20) - 10;
        if (memcmp(&facts, &good, sizeof(facts)) == 0 || facts.raw_bytes > RF_BLOCK_RAW_MOST) {
            continue;
        }
        unsigned char *place = rf_alloc((size_t)facts.raw_bytes);
        cr_assert_eq(rf_block_read(reader, (unsigned char *)block.bytes, &facts, place, &err),
                     RF_ERR_CORRUPT);
        free(place);
    }
    rf_block_reader_free(reader);
    rf_buf_done(&block);
    done(&batch);
}

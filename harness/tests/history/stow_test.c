/* SPDX-License-Identifier: MIT */
/* Stowed events: what is taken out is what was put in, byte for byte, whatever that was. */
#include "history/stow.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/stencil.h"

TestSuite(stow, .timeout = 60);

/** A packed event in the making, put together by hand. */
struct sample {
    struct rf_packed_event header;
    char *id;
    size_t id_in; /**< where it stands in the data, of an event with RF_EVENT_ID_IN_DATA */
    char *eid;
    struct rf_buf data; /**< text, or tokens */
    uint16_t ends[RF_STENCIL_HOLES];
    struct rf_buf packed;
};

static void
done(struct sample *sample)
{
    free(sample->id);
    free(sample->eid);
    rf_buf_done(&sample->data);
    rf_buf_done(&sample->packed);
}

static void
add_token(struct sample *sample, const char *token, size_t bytes)
{
    cr_assert_lt(sample->header.holes, RF_STENCIL_HOLES);
    rf_buf_add(&sample->data, token, bytes);
    sample->ends[sample->header.holes++] = (uint16_t)sample->data.used;
}

/** A token of so many bytes, each of them `byte`. */
static void
add_run(struct sample *sample, char byte, size_t bytes)
{
    char *run = rf_alloc(bytes);
    memset(run, byte, bytes);
    add_token(sample, run, bytes);
    free(run);
}

/** The event as the protocol (worker/protocol.h) has it. */
static const struct rf_packed_event *
pack(struct sample *sample)
{
    struct rf_packed_event *header = &sample->header;
    struct rf_buf *out = &sample->packed;
    size_t front = header->holes * sizeof(uint16_t);
    header->id_bytes = (uint16_t)strlen(sample->id);
    header->eid_bytes = sample->eid == NULL ? 0 : (uint16_t)strlen(sample->eid);
    header->data_bytes = (uint32_t)sample->data.used;
    header->id_start = (uint16_t)front;
    rf_buf_clear(out);
    rf_buf_add(out, header, sizeof(*header));
    rf_buf_add(out, sample->ends, front);
    if ((header->flags & RF_EVENT_ID_IN_DATA) != 0) {
        header->id_start = (uint16_t)(front + header->eid_bytes + sample->id_in);
    } else {
        rf_buf_add(out, sample->id, header->id_bytes);
    }
    rf_buf_add(out, sample->eid, header->eid_bytes);
    rf_buf_add(out, sample->data.bytes, sample->data.used);
    while (out->used % 8 != 0) {
        rf_buf_byte(out, '\0');
    }
    header->bytes = (uint32_t)out->used;
    header->id_hash = rf_hash(sample->id, header->id_bytes, 0);
    memcpy(out->bytes, header, sizeof(*header));
    return (const void *)out->bytes;
}

static struct rf_time_printer printer;

/** Adds the stowed event to `out`. */
static void
stow(const struct rf_packed_event *event, struct rf_buf *out)
{
    struct rf_json_node tokens[RF_STENCIL_HOLES];
    struct rf_buf stowed = {0};
    const char *data = rf_packed_tokens(event);
    for (size_t i = 0; i < event->holes; i++) {
        tokens[i].start = i == 0 ? 0 : rf_packed_ends(event)[i - 1];
        tokens[i].end = rf_packed_ends(event)[i];
    }
    struct rf_stow_parts parts = {rf_packed_id(event), rf_packed_eid(event), data, data, tokens};
    struct rf_packed_event header = *event;
    header.bytes = 12345; /* not looked at */
    cr_assert_eq(rf_packed_bytes(&header), event->bytes);
    rf_stow(&printer, &header, &parts, &stowed);
    rf_buf_add(out, stowed.bytes, stowed.used);
    rf_buf_done(&stowed);
}

/** In and out, with exactly the room that it takes.
 *  @return  bytes of the stowed event */
static size_t
check(struct sample *sample)
{
    const struct rf_packed_event *event = pack(sample);
    struct rf_buf stowed = {0};
    stow(event, &stowed);
    unsigned char *exact = rf_alloc(stowed.used); /* so that a sanitizer sees who reads beyond */
    memcpy(exact, stowed.bytes, stowed.used);
    unsigned char *place = rf_alloc(event->bytes);
    memset(place, 0xA5, event->bytes);
    struct rf_time_printer other = {0};
    const unsigned char *end = exact + stowed.used;
    cr_assert_eq(rf_unstow(&other, exact, end, place, event->bytes), end);
    cr_assert_eq(memcmp(place, event, event->bytes), 0);
    size_t bytes = stowed.used;
    rf_buf_done(&stowed);
    free(exact);
    free(place);
    return bytes;
}

static struct sample
make(const char *id)
{
    return (struct sample){
        .header = {.at_seconds = INT64_MIN,
                   .content_hash = UINT64_C(0x123456789abcdef0),
                   .aggregate = RF_NAME_NONE,
                   .stencil = RF_NAME_NONE},
        .id = rf_strdup(id),
    };
}

/** An event of the orders' history: nine scalars. */
static struct sample
make_order(void)
{
    struct sample sample = make("45f025f7484b4ccf00266a252e536c6b");
    static const char *const tokens[] = {"\"45f025f7484b4ccf00266a252e536c6b\"",
                                         "1",
                                         "\"2017-03-02T02:00:01.572072Z\"",
                                         "\"c179861\"",
                                         "\"web\"",
                                         "\"43eef516b81364ca\"",
                                         "\"7f6dac77ff6a23db8c4b\"",
                                         "\"checkout\"",
                                         "1"};
    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        add_token(&sample, tokens[i], strlen(tokens[i]));
    }
    sample.id_in = 1;
    sample.header.flags = RF_EVENT_ID_IN_DATA | RF_EVENT_VERSION | RF_EVENT_AT;
    sample.header.offset = 20000000;
    sample.header.version = 1;
    sample.header.at_seconds = 1488420001;
    sample.header.at_nanos = 572072000;
    sample.header.object = 38;
    sample.header.type = 3;
    sample.header.stencil = 4;
    return sample;
}

Test(stow, an_order_takes_three_fifths)
{
    struct sample sample = make_order();
    size_t stowed = check(&sample);
    cr_assert_leq(stowed, sample.header.bytes * 3 / 5 + 8, "%zu of %u", stowed,
                  sample.header.bytes);
    done(&sample);
}

/* ---- numbers --------------------------------------------------------------------------------- */

/** Sets the n-th number of a header; false where there are not so many. */
static bool
set_number(struct rf_packed_event *header, size_t n, uint64_t number)
{
    switch (n) {
    case 0:
        header->offset = number;
        return true;
    case 1:
        header->version = (int64_t)number;
        return true;
    case 2:
        header->at_seconds = (int64_t)number;
        return true;
    case 3:
        header->at_nanos = (int32_t)(uint32_t)number;
        return true;
    case 4:
        header->object = (uint32_t)number;
        return true;
    case 5:
        header->part = (uint32_t)number;
        return true;
    case 6:
        header->type = (uint32_t)number;
        return true;
    case 7:
        header->aggregate = (uint32_t)number;
        return true;
    case 8:
        header->stencil = (uint32_t)number;
        return true;
    case 9:
        header->content_hash = number;
        return true;
    default:
        return false;
    }
}

Test(stow, takes_numbers_of_any_width)
{
    for (size_t n = 0; n < 10; n++) {
        for (unsigned bit = 0; bit <= 64; bit++) {
            uint64_t power = bit == 64 ? 0 : UINT64_C(1) << bit;
            const uint64_t around[] = {power - 1, power, power + 1, 0 - power};
            for (size_t i = 0; i < 4; i++) {
                for (unsigned flags = 0; flags < 256; flags += flags < 4 ? 1 : 63) {
                    struct sample sample = make("x");
                    cr_assert(set_number(&sample.header, n, around[i]));
                    rf_buf_string(&sample.data, "{\"id\":\"x\"}");
                    sample.id_in = 7;
                    sample.header.flags = (uint8_t)flags;
                    (void)check(&sample);
                    done(&sample);
                }
            }
        }
    }
    cr_assert_not(set_number(NULL, 10, 0));
}

/* ---- ids and text ---------------------------------------------------------------------------- */

static char *
make_run(char byte, size_t bytes)
{
    char *run = rf_alloc(bytes + 1);
    memset(run, byte, bytes);
    run[bytes] = '\0';
    return run;
}

Test(stow, takes_ids_and_event_ids_of_any_length)
{
    static const size_t lengths[] = {1, 7, 8, 9, 16, 33, 255, 256, 257, RF_LIMIT_ID_MOST};
    enum { COUNT = sizeof(lengths) / sizeof(lengths[0]) };
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j <= COUNT; j++) {
            for (int tokens = 0; tokens < 2; tokens++) {
                struct sample sample = make("");
                free(sample.id);
                sample.id = make_run('i', lengths[i]);
                sample.eid = j == COUNT ? NULL : make_run('e', lengths[j]);
                if (tokens) {
                    add_token(&sample, "12", 2);
                    add_token(&sample, "\"x\"", 3);
                } else {
                    rf_buf_string(&sample.data, "{}");
                }
                (void)check(&sample);
                done(&sample);
            }
        }
    }
}

Test(stow, takes_text_of_any_length)
{
    static const size_t lengths[] = {0, 1, 7, 8, 255, 256, 65535, 65536, 3 << 20};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct sample sample = make("x");
        char *run = make_run(' ', lengths[i]);
        rf_buf_add(&sample.data, run, lengths[i]);
        free(run);
        cr_assert_leq(check(&sample), lengths[i] + 32);
        done(&sample);
    }
}

/* ---- tokens ---------------------------------------------------------------------------------- */

Test(stow, takes_tokens_of_any_length)
{
    static const size_t lengths[] = {1, 8, 15, 16, 17, 31, 32, 33, 254, 255, 256, 257, 1000};
    enum { COUNT = sizeof(lengths) / sizeof(lengths[0]) };
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < COUNT; j++) {
            struct sample sample = make("x");
            add_run(&sample, '1', lengths[i]);
            add_run(&sample, '2', lengths[j]);
            add_run(&sample, '3', 1);
            (void)check(&sample);
            done(&sample);
        }
    }
}

Test(stow, takes_as_many_and_as_long_tokens_as_there_can_be)
{
    for (size_t holes = 1; holes <= RF_STENCIL_HOLES; holes++) {
        for (int most = 0; most < 2; most++) {
            struct sample sample = make("x");
            for (size_t i = 1; i < holes; i++) {
                add_run(&sample, (char)('1' + i % 9), most ? 255 : 1);
            }
            add_run(&sample, '0', most ? UINT16_MAX - sample.data.used : 1);
            sample.eid = rf_strdup("e");
            (void)check(&sample);
            done(&sample);
        }
    }
}

/* ---- the time -------------------------------------------------------------------------------- */

/** Bytes of an event with this time and these tokens. */
static size_t
with_time(int64_t seconds, int32_t nanos, bool timed, const char *const tokens[3])
{
    struct sample sample = make("x");
    sample.header.at_seconds = seconds;
    sample.header.at_nanos = nanos;
    sample.header.flags = timed ? RF_EVENT_AT : 0;
    for (size_t i = 0; i < 3; i++) {
        add_token(&sample, tokens[i], strlen(tokens[i]));
    }
    size_t bytes = check(&sample);
    done(&sample);
    return bytes;
}

Test(stow, leaves_the_time_out_where_it_can_be_told)
{
    static const struct {
        int64_t seconds;
        int32_t nanos;
        const char *text;
    } times[] = {
        {0, 0, "\"1970-01-01T00:00:00Z\""},
        {1488420001, 572072000, "\"2017-03-02T02:00:01.572072Z\""},
        {1488420001, 1, "\"2017-03-02T02:00:01.000000001Z\""},
        {1488420001, 500000000, "\"2017-03-02T02:00:01.5Z\""},
        {-62135596800, 0, "\"0001-01-01T00:00:00Z\""},
        {-62135596800 + 86399, 0, "\"0001-01-01T23:59:59Z\""},
        {-1, 999999999, "\"1969-12-31T23:59:59.999999999Z\""},
        {253402300799, 999999999, "\"9999-12-31T23:59:59.999999999Z\""},
    };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        const char *time = times[i].text;
        for (size_t place = 0; place < 3; place++) {
            const char *tokens[3] = {"1", "\"y\"", "3"};
            size_t without = with_time(times[i].seconds, times[i].nanos, true, tokens);
            size_t replaced = strlen(tokens[place]);
            tokens[place] = time;
            cr_assert_eq(with_time(times[i].seconds, times[i].nanos, true, tokens),
                         without - replaced, "%s", time);
            /* the second one stays */
            tokens[(place + 1) % 3] = time;
            cr_assert_gt(with_time(times[i].seconds, times[i].nanos, true, tokens), without);
        }
    }
}

Test(stow, keeps_a_time_that_is_written_in_another_way)
{
    static const struct {
        int64_t seconds;
        int32_t nanos;
        bool timed;
        const char *text;
    } times[] = {
        {1488420001, 500000000, true, "\"2017-03-02T02:00:01.50Z\""},
        {1488420001, 0, true, "\"2017-03-02T02:00:01+00:00\""},
        {1488420001, 0, true, "\"2017-03-02T03:00:01+01:00\""},
        {1488420001, 0, true, "\"2017-03-02t02:00:01z\""},
        {1488420001, 0, true, "\"2017-03-02T02:00:02Z\""},
        {1488420001, 0, true, "1488420001"},
        {0, 0, false, "\"1970-01-01T00:00:00Z\""},
        /* no times at all, as a forged pack may have them */
        {INT64_MAX, 0, true, "\"2017-03-02T02:00:01Z\""},
        {INT64_MIN, -5, true, "\"2017-03-02T02:00:01Z\""},
        {0, 1000000000, true, "\"1970-01-01T00:00:01Z\""},
        {253402300800, 0, true, "\"9999-12-31T23:59:59Z\""},
    };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        const char *tokens[3] = {"1", "\"y\"", times[i].text};
        size_t with = with_time(times[i].seconds, times[i].nanos, times[i].timed, tokens);
        tokens[2] = "3";
        size_t without = with_time(times[i].seconds, times[i].nanos, times[i].timed, tokens);
        cr_assert_eq(with, without + strlen(times[i].text) - 1, "%s", times[i].text);
    }
}

/* ---- many, one behind the other -------------------------------------------------------------- */

static uint64_t state;

static uint64_t
draw(uint64_t below)
{
    state += 1;
    return rf_mix(state) % below;
}

/** Any number, short ones as often as long ones. */
static uint64_t
draw_number(void)
{
    return rf_mix(state += 1) >> draw(64);
}

static struct sample
draw_sample(void)
{
    char *id = make_run((char)('a' + draw(26)), 1 + draw(40));
    struct sample sample = make(id);
    free(id);
    for (size_t n = 0; draw(5) > 0 && n < 10; n++) {
        if (draw(2) == 0) {
            (void)set_number(&sample.header, n, draw_number());
        }
    }
    sample.header.flags = (uint8_t)draw(16);
    if (draw(2) == 0) {
        sample.header.at_seconds = 1488420001 + (int64_t)draw(1000000);
        sample.header.at_nanos = (int32_t)(draw(1000) * (draw(2) == 0 ? 1000000 : 1000));
    }
    size_t holes = draw(3) == 0 ? 0 : draw(4) == 0 ? draw(256) : draw(20);
    size_t timed = draw(holes + 1);
    for (size_t i = 0; i < holes; i++) {
        struct rf_time at = {sample.header.at_seconds, sample.header.at_nanos};
        size_t bytes = i == timed ? rf_time_print_string(&printer, at) : 0;
        if (bytes > 0) {
            add_token(&sample, printer.text, bytes);
        } else {
            add_run(&sample, (char)('0' + draw(10)), 1 + draw(draw(30) == 0 ? 200 : 40));
        }
    }
    rf_buf_add(&sample.data, sample.id, holes == 0 ? strlen(sample.id) : 0);
    if ((sample.header.flags & RF_EVENT_ID_IN_DATA) != 0) {
        size_t bytes = strlen(sample.id);
        if (sample.data.used < bytes) {
            sample.header.flags &= (uint8_t)~RF_EVENT_ID_IN_DATA;
        } else {
            sample.id_in = draw(sample.data.used - bytes + 1);
            memcpy(sample.id, sample.data.bytes + sample.id_in, bytes);
        }
    }
    sample.eid = draw(3) == 0 ? make_run('e', 1 + draw(300)) : NULL;
    return sample;
}

Test(stow, takes_any_events_out_one_after_the_other)
{
    enum { EVENTS = 3000 };
    for (uint64_t round = 0; round < 10; round++) {
        struct rf_buf stowed = {0};
        struct rf_buf want = {0};
        for (size_t i = 0; i < EVENTS; i++) {
            struct sample sample = draw_sample();
            const struct rf_packed_event *event = pack(&sample);
            stow(event, &stowed);
            rf_buf_add(&want, event, event->bytes);
            done(&sample);
        }
        unsigned char *got = rf_alloc(want.used);
        memset(got, 0xA5, want.used);
        const unsigned char *from = (const unsigned char *)stowed.bytes;
        const unsigned char *end = from + stowed.used;
        size_t at = 0;
        for (size_t i = 0; i < EVENTS; i++) {
            from = rf_unstow(&printer, from, end, got + at, want.used - at);
            at += ((const struct rf_packed_event *)(const void *)(got + at))->bytes;
        }
        cr_assert_eq(from, end);
        cr_assert_eq(at, want.used);
        cr_assert_eq(memcmp(got, want.bytes, want.used), 0);
        free(got);
        rf_buf_done(&stowed);
        rf_buf_done(&want);
    }
}

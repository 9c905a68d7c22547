/* SPDX-License-Identifier: MIT */
/*
 * What a hostile program writes, as refold reads it. The first byte chooses: a descriptor; answers
 * as they are; or answers that are made, right but for what the input wants wrong.
 *
 * A conversation of two instances, a command and payloads is asked of them all at once and in
 * pieces, which must tell the same. An answer that is believed is the next frame of the input, with
 * the number and kind that are due; its count and receipt are those of the events that were sent,
 * as computed here bit by bit. Whoever is not believed gets a sentence.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "program/descriptor.h"
#include "program/talk.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/judge.h"
#include "tests/fuzz/seeds.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"RF",
                                  "\x84\0RF",
                                  "\"aggregates\":[",
                                  "\"name\":\"order\"",
                                  "\"state_version\":1",
                                  "\"types\":[\"*\"]",
                                  "\"commands\":[\"A\"]",
                                  "\"restores\":true",
                                  "\"shape\":{\"kind\":9,\"fields\":[]}",
                                  "{\"name\":\"a\",\"kind\":3}",
                                  "\"protocol\":1",
                                  NULL};

const char *
fuzz_against(void)
{
    return "receipts bit by bit, and other pieces";
}

/* ---- what is asked --------------------------------------------------------------------------- */

enum { FIRST_EVENTS = 3, SECOND_EVENTS = 2, MORE_EVENTS = 1, ASKED = 12, PAYLOADS = 2, TEXT = 40 };

/** A frame that is answered, and what a truthful answer says. */
struct asked {
    uint64_t number;
    uint16_t kind;
    uint32_t instance;
    uint64_t first; /**< EVENTS: events before it since BEGIN */
    uint32_t count;
};

struct asking {
    struct rf_talk talk;
    struct asked list[ASKED];
    size_t count;
    uint32_t receipts[3][8]; /**< by instance, and by how many events */
};

/** CRC-32C as RFC 3720 has it, a bit at a time: no table, no instruction. */
static uint32_t
add_bits(uint32_t crc, const unsigned char *bytes, size_t count)
{
    crc = ~crc;
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (UINT32_C(0x82f63b78) & (0u - (crc & 1)));
        }
    }
    return ~crc;
}

static void
note(struct asking *asking, uint64_t number, uint16_t kind, uint32_t instance, uint64_t first,
     uint32_t count)
{
    asking->list[asking->count++] = (struct asked){number, kind, instance, first, count};
}

static void
ask_events(struct asking *asking, uint32_t instance, uint32_t first, uint32_t count)
{
    struct rf_talk *talk = &asking->talk;
    rf_talk_open(talk, RF_FRAME_EVENTS);
    for (uint32_t i = first; i < first + count; i++) {
        const struct rf_talk_record record = {
            .type = i % 2, .version = i, .seconds = 5, .timed = true};
        size_t start = talk->out.used;
        rf_talk_open_record(talk, &record);
        rf_buf_format(&talk->out, "{\"i\":%u,\"of\":%u}", i, instance);
        rf_talk_close_record(talk);
        asking->receipts[instance][i + 1] =
            add_bits(asking->receipts[instance][i], (unsigned char *)talk->out.bytes + start,
                     talk->out.used - start);
    }
    note(asking, rf_talk_close(talk), RF_FRAME_EVENTS, instance, first, count);
}

static void
ask_all(struct asking *asking)
{
    struct rf_talk *talk = &asking->talk;
    const struct rf_talk_record command = {.type = 1, .version = 3};
    note(asking, rf_talk_hello(talk, "0"), RF_FRAME_HELLO, 0, 0, 0);
    rf_talk_type(talk, 0, "A", 1);
    rf_talk_type(talk, 1, "B", 1);
    (void)rf_talk_begin(talk, 0, "order", 5, "a", 1, NULL, 0);
    ask_events(asking, 1, 0, FIRST_EVENTS);
    note(asking, rf_talk_state(talk), RF_FRAME_STATE, 1, FIRST_EVENTS, 0);
    rf_talk_open(talk, RF_FRAME_COMMAND);
    rf_talk_open_record(talk, &command);
    rf_buf_string(&talk->out, "{}");
    rf_talk_close_record(talk);
    note(asking, rf_talk_close(talk), RF_FRAME_COMMAND, 1, 0, 0);
    note(asking, rf_talk_end(talk), RF_FRAME_END, 1, 0, 0);
    note(asking, rf_talk_begin(talk, 0, "order", 5, "b", 1, "{}", 2), RF_FRAME_BEGIN, 2, 0, 0);
    ask_events(asking, 2, 0, SECOND_EVENTS);
    ask_events(asking, 2, SECOND_EVENTS, MORE_EVENTS);
    note(asking, rf_talk_state(talk), RF_FRAME_STATE, 2, 0, 0);
    note(asking, rf_talk_end(talk), RF_FRAME_END, 2, 0, 0);
    rf_talk_open_identify(talk, 0);
    rf_talk_payload(talk, "p", 1);
    rf_talk_payload(talk, "", 0);
    note(asking, rf_talk_close(talk), RF_FRAME_IDENTIFY, 0, 0, PAYLOADS);
}

/* ---- what is believed ------------------------------------------------------------------------ */

/** Seen from outside: the frames of the input, and the instance at hand. */
struct witness {
    const uint8_t *bytes;
    size_t count, at;
    uint32_t instance;
    uint64_t applied;
    bool over;
};

/** The next frame of the input is this answer, word for word. */
static void
hold_frame(struct witness *witness, const struct asked *asked, const struct rf_spoken *spoken)
{
    struct rf_talk_frame frame;
    expect(witness->count - witness->at >= RF_FRAME_HEADER_BYTES &&
               rf_talk_frame_read(witness->bytes + witness->at, &frame),
           "an answer that is believed, and is no frame");
    expect(frame.number == asked->number && frame.kind == asked->kind + RF_FRAME_ANSWER &&
               spoken->kind == frame.kind,
           "an answer that is believed out of turn");
    witness->at += RF_FRAME_HEADER_BYTES;
    expect(witness->count - witness->at >= frame.bytes && spoken->text_bytes <= frame.bytes,
           "an answer that is believed, and is cut off");
    expect(spoken->text_bytes == 0 ||
               memcmp(spoken->text, witness->bytes + witness->at + frame.bytes - spoken->text_bytes,
                      spoken->text_bytes) == 0,
           "a text that is not what the program wrote");
    witness->at += frame.bytes;
}

/** Whether a text may not stand behind the status. */
static bool
says_all(uint16_t kind, uint32_t status)
{
    return kind == RF_FRAME_END ||
           ((kind == RF_FRAME_BEGIN || kind == RF_FRAME_EVENTS) && status == RF_SPOKEN_OK);
}

/** Its counts are those of what was sent. */
static void
hold_counts(const struct asking *asking, struct witness *witness, const struct asked *asked,
            const struct rf_spoken *spoken)
{
    if (asked->instance != witness->instance) {
        witness->instance = asked->instance;
        witness->applied = 0;
        witness->over = false;
    }
    expect(!witness->over || asked->kind == RF_FRAME_END, "an answer of an instance that is over");
    if (asked->kind == RF_FRAME_EVENTS) {
        uint64_t end = asked->first + asked->count;
        expect(spoken->status == RF_SPOKEN_OK
                   ? spoken->applied == end
                   : spoken->status == RF_SPOKEN_REFUSED && spoken->applied >= asked->first &&
                         spoken->applied < end,
               "a count of events that were not sent");
        witness->applied = spoken->applied;
        witness->over = spoken->status != RF_SPOKEN_OK;
    }
    if (asked->kind == RF_FRAME_EVENTS || asked->kind == RF_FRAME_STATE ||
        asked->kind == RF_FRAME_END) {
        expect(spoken->applied == witness->applied, "a count that is not that of before");
        expect(spoken->receipt == asking->receipts[asked->instance][spoken->applied],
               "a wrong receipt is believed");
    }
    if (asked->kind == RF_FRAME_BEGIN || asked->kind == RF_FRAME_COMMAND) {
        witness->over = spoken->status == RF_SPOKEN_BROKEN;
    }
    expect(spoken->text_bytes == 0 || !says_all(asked->kind, spoken->status),
           "a text behind what says all");
    expect(asked->kind != RF_FRAME_IDENTIFY || spoken->count == PAYLOADS,
           "another number of payloads than were sent");
}

/** A list is within its text. */
static void
hold_list(const struct asked *asked, const struct rf_spoken *spoken)
{
    size_t at = 0;
    bool list = asked->kind == RF_FRAME_IDENTIFY ||
                (asked->kind == RF_FRAME_COMMAND && spoken->status == RF_SPOKEN_OK);
    for (uint32_t i = 0; list && i < spoken->count; i++) {
        const char *type;
        const char *data;
        size_t type_bytes;
        size_t data_bytes;
        rf_spoken_next(spoken, &at, &type, &type_bytes, &data, &data_bytes);
        expect(data_bytes <= spoken->text_bytes && at <= spoken->text_bytes &&
                   data + data_bytes <= spoken->text + spoken->text_bytes,
               "an item beyond its list");
    }
    expect(!list || at == spoken->text_bytes, "a list with something behind it");
}

/* ---- a conversation -------------------------------------------------------------------------- */

/** How the input comes: so many bytes whenever the talk waits. */
struct feeder {
    int pipe[2];
    const uint8_t *bytes;
    size_t left, piece;
};

/** As poll(2): what is to be written goes to /dev/null, which takes all. */
static int
feed(void *context, struct pollfd *ends, size_t count, int timeout_ms)
{
    struct feeder *feeder = context;
    size_t part = feeder->left < feeder->piece ? feeder->left : feeder->piece;
    (void)timeout_ms;
    if (part > 0) {
        ssize_t put = write(feeder->pipe[1], feeder->bytes, part);
        part = put > 0 ? (size_t)put : 0;
        feeder->bytes += part;
        feeder->left -= part;
    }
    if (feeder->left == 0 && feeder->pipe[1] >= 0) {
        (void)close(feeder->pipe[1]);
        feeder->pipe[1] = -1;
    }
    return poll(ends, (nfds_t)count, 0);
}

/** What came of it. */
struct outcome {
    size_t believed;
    enum rf_talk_end end; /**< of the first that was not */
    struct rf_buf told;   /**< statuses and texts of all */
};

static void
hold(struct asking *asking, struct witness *witness, struct outcome *ret)
{
    for (size_t i = 0; i < asking->count; i++) {
        const struct asked *asked = &asking->list[i];
        struct rf_spoken spoken = {0};
        if (witness->over && asked->instance == witness->instance && asked->kind != RF_FRAME_END) {
            continue; /* nobody asks for it */
        }
        ret->end = rf_talk_await(&asking->talk, asked->number, 0, &spoken);
        for (int tries = 0; ret->end == RF_TALK_LATE && tries < 100000; tries++) {
            ret->end = rf_talk_await(&asking->talk, asked->number, 0, &spoken);
        }
        if (ret->end != RF_TALK_ANSWERED) {
            size_t bytes = 0;
            expect(ret->end != RF_TALK_LATE, "late, though all has come");
            expect((ret->end != RF_TALK_LIED && ret->end != RF_TALK_CRASHED) ||
                       (rf_talk_words(&asking->talk, &bytes) != NULL &&
                        (bytes > 0 || ret->end == RF_TALK_CRASHED)),
                   "a lie without a sentence");
            return;
        }
        hold_frame(witness, asked, &spoken);
        hold_counts(asking, witness, asked, &spoken);
        hold_list(asked, &spoken);
        ret->believed++;
        rf_buf_format(&ret->told, "%u %u %llu:", spoken.status, spoken.receipt,
                      (unsigned long long)spoken.applied);
        rf_buf_add(&ret->told, spoken.text, spoken.text_bytes);
    }
}

static void
converse(const uint8_t *bytes, size_t count, size_t piece, struct outcome *ret)
{
    struct asking asking = {.talk = {.from = -1, .to = -1}};
    struct feeder feeder = {.bytes = bytes, .left = count, .piece = piece};
    struct witness witness = {.bytes = bytes, .count = count};
    *ret = (struct outcome){.end = RF_TALK_ANSWERED};
    if (pipe2(feeder.pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        abort();
    }
    asking.talk.from = feeder.pipe[0];
    asking.talk.to = open("/dev/null", O_WRONLY | O_CLOEXEC);
    asking.talk.poll = feed;
    asking.talk.poll_context = &feeder;
    ask_all(&asking);
    hold(&asking, &witness, ret);
    rf_talk_done(&asking.talk);
    (void)close(asking.talk.to);
    (void)close(feeder.pipe[0]);
    if (feeder.pipe[1] >= 0) {
        (void)close(feeder.pipe[1]);
    }
}

/** @truthful  it must be believed */
static void
try_answers(const uint8_t *bytes, size_t count, size_t piece, bool truthful)
{
    struct outcome one;
    struct outcome two;
    converse(bytes, count, 1 << 15, &one);
    converse(bytes, count, piece, &two);
    bool same = one.believed == two.believed && one.end == two.end &&
                rf_bytes_same(one.told.bytes, one.told.used, two.told.bytes, two.told.used);
    expect(same, "answers in pieces tell something else");
    expect(!truthful || one.end == RF_TALK_ANSWERED, "the truth is not believed");
    fuzz_count(one.end == RF_TALK_ANSWERED ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    for (size_t i = 0; i < one.believed; i++) {
        fuzz_count(FUZZ_KNOWN);
    }
    rf_buf_done(&one.told);
    rf_buf_done(&two.told);
}

/* ---- answers that are made ------------------------------------------------------------------- */

enum { OP_BYTES = 6 };

static void
put_le(struct rf_buf *out, uint64_t value)
{
    rf_put_u32(out, (uint32_t)value);
    rf_put_u32(out, (uint32_t)(value >> 32));
}

/** What was answered so far, and whether none of it was a lie. */
struct course {
    uint32_t instance;
    uint64_t applied; /**< to it */
    bool over;
    bool truthful;
};

/** Statuses that a truthful answer may have. */
static bool
has_status(uint16_t kind, uint32_t status)
{
    switch (kind) {
    case RF_FRAME_EVENTS:
        return status <= RF_SPOKEN_REFUSED;
    case RF_FRAME_BEGIN:
        return status == RF_SPOKEN_OK || status == RF_SPOKEN_BROKEN;
    case RF_FRAME_STATE:
        return status != RF_SPOKEN_REFUSED && status <= RF_SPOKEN_BROKEN;
    case RF_FRAME_COMMAND:
        return status != RF_SPOKEN_NONFINITE && status <= RF_SPOKEN_BROKEN;
    default:
        return status == RF_SPOKEN_OK;
    }
}

/** What is in front of the text. Its count and receipt are the course's, but for the lie: then the
 * count is another one, and the receipt may be that of so many events. */
static void
put_front(struct rf_buf *out, const struct asking *asking, const struct asked *asked,
          const struct course *course, uint32_t status, unsigned lie, uint8_t how)
{
    if (asked->kind == RF_FRAME_IDENTIFY) {
        rf_put_u32(out, PAYLOADS + (lie == 3));
        rf_put_u32(out, 2);
        rf_buf_string(out, "{}");
        rf_put_u32(out, lie == 4 ? 1u + how : 0);
    } else if (asked->kind == RF_FRAME_COMMAND) {
        rf_put_u32(out, status);
        rf_put_u32(out, status == 0 ? 1 + (lie == 3) : (uint32_t)(lie == 3));
        if (status == 0) {
            rf_put_u32(out, 1);
            rf_put_u32(out, 2 + (lie == 4 ? (1u + how) << 20 : 0));
            rf_buf_string(out, "A{}");
        }
    } else if (asked->kind == RF_FRAME_BEGIN) {
        rf_put_u32(out, status);
    } else if (asked->kind != RF_FRAME_HELLO) {
        uint64_t applied = course->applied + (lie == 6 ? (uint64_t)(how % 7) - 3 : 0);
        rf_put_u32(out, status);
        rf_put_u32(out, asking->receipts[asked->instance][applied & 7] ^ (lie == 5 ? how : 0));
        put_le(out, applied);
    }
}

/** Whether op's lie is one here. */
static bool
lies(const struct asked *asked, unsigned lie, uint8_t how)
{
    bool counts = asked->kind == RF_FRAME_EVENTS || asked->kind == RF_FRAME_STATE ||
                  asked->kind == RF_FRAME_END;
    bool list = asked->kind == RF_FRAME_COMMAND || asked->kind == RF_FRAME_IDENTIFY;
    switch (lie) {
    case 0:
        return false;
    case 3:
    case 4:
        return list;
    case 5:
        return counts && how != 0;
    case 6:
        return counts && how % 7 != 3;
    default: /* the kind, number or length, as chance has it: not told to be the truth */
        return true;
    }
}

/** Goes on to the instance that this is about, and over what it says. */
static void
move_on(struct course *course, const struct asked *asked, uint32_t status, uint8_t how)
{
    if (asked->instance != course->instance) {
        course->instance = asked->instance;
        course->applied = 0;
        course->over = false;
    }
    if (asked->kind == RF_FRAME_EVENTS) {
        bool refused = status == RF_SPOKEN_REFUSED;
        course->applied += refused ? how % asked->count : asked->count;
    }
}

/** The answer to `asked`; op[0] below 200: a truthful one. Status, text and lies as op has them. */
static void
put_answer(struct rf_buf *out, const struct asking *asking, const struct asked *asked,
           const uint8_t *op, struct course *course)
{
    static const char text[] = "{\"a\":[1,2.5,\"\\u0000\"]}and more of it";
    unsigned lie = op[0] < 200 ? 0 : 1 + op[0] % 8;
    uint32_t status = op[1] % 4 == 3 ? op[1] / 4 % 5u : 0;
    uint16_t kind = (uint16_t)(asked->kind + RF_FRAME_ANSWER);
    if (lie == 6 && asked->kind == RF_FRAME_EVENTS) { /* a count at the border of what may be */
        status = op[2] % 2;
    }
    move_on(course, asked, status, op[3]);
    bool said = asked->kind != RF_FRAME_IDENTIFY && asked->kind != RF_FRAME_HELLO;
    course->truthful = course->truthful && !lies(asked, lie, op[3]) &&
                       (!said || has_status(asked->kind, asked->kind == RF_FRAME_END ? 0 : status));
    size_t place =
        rf_talk_frame_open(out, lie == 1 ? op[2] : kind, asked->number + (lie == 2 ? op[2] : 0));
    put_front(out, asking, asked, course, asked->kind == RF_FRAME_END ? 0 : status, lie, op[3]);
    if (asked->kind != RF_FRAME_IDENTIFY && !(asked->kind == RF_FRAME_COMMAND && status == 0)) {
        size_t bytes = op[4] % 40 < sizeof(text) ? op[4] % 40 : 0;
        rf_buf_add(out, text, bytes);
        course->truthful = course->truthful && (bytes == 0 || !says_all(asked->kind, status));
    }
    rf_talk_frame_close(out, place);
    if (lie == 7) {
        out->used -= op[3] % 8;
    } else if (lie == 8) {
        rf_buf_add(out, text, op[3] % 20);
    }
    course->over = (asked->kind == RF_FRAME_EVENTS && status == RF_SPOKEN_REFUSED) ||
                   ((asked->kind == RF_FRAME_BEGIN || asked->kind == RF_FRAME_COMMAND) &&
                    status == RF_SPOKEN_BROKEN);
}

/** Whether they are all true. */
static bool
make_answers(const uint8_t *ops, size_t count, struct rf_buf *ret)
{
    struct asking asking = {.talk = {.from = -1, .to = -1}};
    struct course course = {.truthful = true};
    ask_all(&asking);
    for (size_t i = 0; i < asking.count; i++) {
        static const uint8_t honest[OP_BYTES] = {0};
        const struct asked *asked = &asking.list[i];
        const uint8_t *op = (i + 1) * OP_BYTES <= count ? ops + i * OP_BYTES : honest;
        if (course.over && asked->instance == course.instance && asked->kind != RF_FRAME_END) {
            if (op[5] < 250) {
                continue; /* passed over */
            }
            course.truthful = false;
        }
        put_answer(ret, &asking, asked, op, &course);
        if (op[5] == 255) { /* the same once more */
            struct course again = course;
            put_answer(ret, &asking, asked, op, &again);
            course.truthful = false;
        }
    }
    rf_talk_done(&asking.talk);
    return course.truthful;
}

/* ---- the target ------------------------------------------------------------------------------ */

static void
try_descriptor(const char *json, size_t bytes)
{
    struct rf_descriptor descriptor = {0};
    struct rf_err err = {0};
    bool good = rf_descriptor_read(json, bytes, &descriptor, &err) == RF_OK;
    expect(!good || descriptor.member_count > 0, "a descriptor without an aggregate");
    for (size_t i = 0; good && i < descriptor.member_count; i++) {
        const struct rf_descriptor_member *member = &descriptor.members[i];
        size_t length = strlen(member->name);
        expect(length > 0 && length <= 100 && member->name[0] != '.', "an aggregate's name");
        expect(member->type_count > 0, "an aggregate without types");
        for (size_t k = 0; k < i; k++) {
            expect(strcmp(member->name, descriptor.members[k].name) != 0, "two of one name");
        }
    }
    judge(good, &err);
    rf_descriptor_done(&descriptor);
}

void
fuzz_begin(struct seeds *seeds)
{
    static const char *const descriptors[] = {
        "{\"protocol\":1,\"speaker\":\"refold-go 1\",\"aggregates\":[{\"name\":\"order\","
        "\"state_version\":1,\"types\":[\"OrderCreated\",\"OrderItemAdded\"],\"commands\":"
        "[\"ShipOrder\"],\"restores\":true,\"identifies\":false,\"upcasts\":false,\"checks\":false,"
        "\"shape\":{\"kind\":9,\"fields\":[{\"name\":\"items\",\"kind\":3},{\"name\":\"of\","
        "\"kind\":11,\"fields\":[{\"kind\":10,\"fields\":[{\"kind\":6}]}]}]}}]}",
        "{\"protocol\":1,\"aggregates\":[{\"name\":\"a\",\"state_version\":0,\"types\":[\"*\"]},"
        "{\"name\":\"b\",\"state_version\":4294967295,\"types\":[\"*\",\"A\"]}]}",
        "{\"protocol\":2}",
    };
    struct rf_buf seed = {0};
    for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++) {
        rf_buf_clear(&seed);
        rf_buf_byte(&seed, '\0');
        rf_buf_string(&seed, descriptors[i]);
        seeds_add(seeds, seed.bytes, seed.used);
    }
    uint8_t ops[ASKED * OP_BYTES] = {0};
    for (int i = 0; i < 8; i++) { /* the truth */
        rf_buf_clear(&seed);
        rf_buf_byte(&seed, i % 2 == 0 ? '\1' : '\2');
        rf_buf_byte(&seed, (char)(1 + 5 * i));
        if (i % 2 == 0) {
            (void)make_answers(ops, 0, &seed);
        } else {
            rf_buf_add(&seed, ops, sizeof(ops));
        }
        seeds_add(seeds, seed.bytes, seed.used);
    }
    for (unsigned i = 0; i < 32; i++) { /* each lie, about events and others */
        static const uint8_t places[] = {1, 3, 7, 8};
        memset(ops, 0, sizeof(ops));
        uint8_t *op = ops + places[i / 8] * OP_BYTES;
        op[0] = (uint8_t)(200 + i % 8);
        op[2] = (uint8_t)(1 + 2 * i);
        op[3] = (uint8_t)(i * 37);
        rf_buf_clear(&seed);
        rf_buf_string(&seed, "\2\7");
        rf_buf_add(&seed, ops, sizeof(ops));
        seeds_add(seeds, seed.bytes, seed.used);
    }
    rf_buf_done(&seed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    whole = (const char *)input;
    whole_bytes = bytes;
    if (bytes < 3) {
        fuzz_count(FUZZ_REFUSED);
        return 0;
    }
    size_t piece = 1 + input[1];
    if (input[0] % 3 == 0) {
        try_descriptor((const char *)input + 1, bytes - 1);
    } else if (input[0] % 3 == 1) {
        try_answers(input + 2, bytes - 2, piece, false);
    } else {
        struct rf_buf made = {0};
        bool truthful = make_answers(input + 2, bytes - 2, &made);
        try_answers((const uint8_t *)made.bytes, made.used, piece, truthful);
        rf_buf_done(&made);
    }
    return 0;
}

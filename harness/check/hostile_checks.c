/* SPDX-License-Identifier: MIT */
/* What refold never sends: the speaker must end, with a sentence and a status other than 0. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "check/judge.h"
#include "check/scene.h"
#include "worker/limits.h"

/** A speaker has so long to end, however many others were late. */
#define LEAST_MS 1000

/** A case: frames that are good, and then what is not. */
struct hostile {
    const char *what;
    void (*send)(struct rf_ask *ask);
    bool ungreeted; /**< no HELLO comes first */
};

/* ---- how it ends ----------------------------------------------------------------------------- */

/** Its status and its last words; false where it goes on. */
static bool
await_end(struct rf_ask *ask, int *ret_status, char *words, size_t room)
{
    int least_ms =
        ask->kit->request->timeout_ms < LEAST_MS ? ask->kit->request->timeout_ms : LEAST_MS;
    int wait_ms = ask->kit->patience_ms < least_ms ? least_ms : ask->kit->patience_ms;
    bool ended = rf_wire_await_end(&ask->wire, wait_ms, ret_status);
    if (ended) {
        rf_wire_words(&ask->wire, words, room);
    } else {
        rf_kit_lose_patience(ask->kit);
    }
    return ended;
}

/** Whether it ended as it must. @expected  why it must */
static bool
must_end(struct rf_ask *ask, const struct hostile *row, const struct rf_buf *sent)
{
    int status = 0;
    char how[120];
    char expected[300];
    char words[RF_WORDS_BYTES + 8] = "";
    struct rf_kit *kit = ask->kit;
    (void)snprintf(expected, sizeof(expected),
                   "that it ends with a status other than 0 and a sentence: %s", row->what);
    if (!await_end(ask, &status, words, sizeof(words))) {
        return rf_kit_wrong(kit, kit->check, sent->bytes, sent->used, expected, "it goes on");
    }
    rf_worker_describe(status, how, sizeof(how));
    bool refused = WIFEXITED(status) && WEXITSTATUS(status) != 0;
    if (!refused || strstr(how, "memory") != NULL) {
        return rf_kit_wrong(kit, kit->check, sent->bytes, sent->used, expected, "%s%s%s", how,
                            words[0] == '\0' ? "" : ": ", words);
    }
    return words[0] != '\0' || rf_kit_wrong(kit, kit->check, sent->bytes, sent->used, expected,
                                            "%s, and not a word on standard error", how);
}

static bool
play(struct rf_kit *kit, const struct hostile *rows, size_t count)
{
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        struct rf_ask ask;
        struct rf_buf sent = {0};
        kit->during = rows[i].what;
        good = rows[i].ungreeted ? rf_ask_start(kit, &ask) : rf_ask_begin(kit, &ask);
        if (good) {
            rows[i].send(&ask);
            /* What was wrong comes last. */
            size_t last = ask.frame < ask.wire.out.used ? ask.frame : 0;
            rf_buf_add(&sent, ask.wire.out.bytes + last, ask.wire.out.used - last);
            good = must_end(&ask, &rows[i], &sent);
        }
        rf_buf_done(&sent);
        good = rf_ask_done(&ask, good);
    }
    return good;
}

#define PLAY(kit, rows) play(kit, rows, sizeof(rows) / sizeof((rows)[0]))

/* ---- parts of cases -------------------------------------------------------------------------- */

/** The samples' first type is 0, and an instance of the first aggregate is open. */
static void
open_instance(struct rf_ask *ask)
{
    const struct rf_descriptor_member *member = &ask->kit->described.members[0];
    const char *type =
        rf_names_all(member->types, member->type_count) ? "Changed" : member->types[0];
    (void)rf_ask_type(ask, type, strlen(type));
    (void)rf_ask_begin_instance(ask, 0, member->name, strlen(member->name), "id", 2, NULL);
}

static void
put_frame(struct rf_ask *ask, uint16_t kind, const void *payload, size_t bytes)
{
    (void)rf_ask_frame(ask, kind, payload, bytes);
}

/** A payload of u32s. */
static void
put_words(struct rf_ask *ask, uint16_t kind, const uint32_t *words, size_t count)
{
    struct rf_buf payload = {0};
    for (size_t i = 0; i < count; i++) {
        rf_put_u32(&payload, words[i]);
    }
    put_frame(ask, kind, payload.bytes, payload.used);
    rf_buf_done(&payload);
}

#define PUT_WORDS(ask, kind, ...)                                                                  \
    put_words(ask, kind, (const uint32_t[]){__VA_ARGS__},                                          \
              sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

/** The header of a frame, as it is. */
static void
put_header(struct rf_ask *ask, uint32_t bytes, uint16_t kind, uint16_t letters, uint64_t number)
{
    ask->frame = ask->wire.out.used;
    rf_put_u32(&ask->wire.out, bytes);
    rf_put_u32(&ask->wire.out, kind | (uint32_t)letters << 16);
    rf_put_u32(&ask->wire.out, (uint32_t)number);
    rf_put_u32(&ask->wire.out, (uint32_t)(number >> 32));
}

/** EVENTS that counts `count`, with one record of 2 bytes of data. */
static void
put_one_event(struct rf_ask *ask, uint32_t count, uint32_t bytes, uint32_t type, uint32_t flags)
{
    PUT_WORDS(ask, RF_FRAME_EVENTS, count, bytes, type, flags, 0, 1, 0, 0, 0, 0x20207d7b);
    /* The payload's last two bytes are none of the record's: cut them off. */
    ask->wire.out.used -= 2;
    rf_talk_frame_close(&ask->wire.out, ask->frame);
}

/* ---- frames ---------------------------------------------------------------------------------- */

static void
send_no_letters(struct rf_ask *ask)
{
    put_header(ask, 0, RF_FRAME_TYPE, 0, ++ask->number);
}

static void
send_other_letters(struct rf_ask *ask)
{
    put_header(ask, 0, RF_FRAME_STATE, 0x5246, ++ask->number);
}

static void
send_text(struct rf_ask *ask)
{
    static const char text[] = "{\"protocol\":1,\"refold\":\"0.1.0\"}\n";
    rf_buf_string(&ask->wire.out, text);
}

bool
rf_check_bad_letters(struct rf_kit *kit)
{
    static const struct hostile rows[] = {
        {"a header with zeros where the letters RF belong", send_no_letters, false},
        {"a header with the letters FR", send_other_letters, false},
        {"text, and no frames", send_text, true},
    };
    return PLAY(kit, rows);
}

static void
send_kind_0(struct rf_ask *ask)
{
    put_frame(ask, 0, NULL, 0);
}

static void
send_kind_9(struct rf_ask *ask)
{
    put_frame(ask, 9, NULL, 0);
}

static void
send_kind_large(struct rf_ask *ask)
{
    open_instance(ask);
    put_frame(ask, 0x0105, NULL, 0);
}

static void
send_answer(struct rf_ask *ask)
{
    open_instance(ask);
    PUT_WORDS(ask, RF_FRAME_ANSWER + RF_FRAME_EVENTS, 0, 0, 0, 0);
}

static void
send_crashed(struct rf_ask *ask)
{
    put_frame(ask, RF_FRAME_CRASHED, "x", 1);
}

bool
rf_check_bad_kind(struct rf_kit *kit)
{
    static const struct hostile rows[] = {
        {"a frame of kind 0", send_kind_0, false},
        {"a frame of kind 9", send_kind_9, false},
        {"a frame of kind 261, which is 5 in its first byte", send_kind_large, false},
        {"a frame of kind 132, which only a program sends", send_answer, false},
        {"a frame of kind 255, which only a program sends", send_crashed, false},
    };
    return PLAY(kit, rows);
}

static void
send_longer(struct rf_ask *ask)
{
    open_instance(ask);
    put_header(ask, RF_FRAME_PAYLOAD_BYTES + 1, RF_FRAME_EVENTS, RF_FRAME_LETTERS, ++ask->number);
}

static void
send_longest(struct rf_ask *ask)
{
    put_header(ask, UINT32_MAX, RF_FRAME_TYPE, RF_FRAME_LETTERS, ++ask->number);
}

bool
rf_check_bad_length(struct rf_kit *kit)
{
    static const struct hostile rows[] = {
        {"a payload of 134217729 bytes, one more than a frame has", send_longer, false},
        {"a payload of 4294967295 bytes", send_longest, false},
    };
    return PLAY(kit, rows);
}

static void
send_skipped(struct rf_ask *ask)
{
    ask->number++;
    open_instance(ask);
}

static void
send_again(struct rf_ask *ask)
{
    ask->number--;
    open_instance(ask);
}

static void
send_wide(struct rf_ask *ask)
{
    ask->number |= UINT64_C(1) << 32;
    open_instance(ask);
}

bool
rf_check_bad_number(struct rf_kit *kit)
{
    static const struct hostile rows[] = {
        {"number 3 behind number 1", send_skipped, false},
        {"number 1 behind number 1", send_again, false},
        {"number 4294967298 behind number 1, which is 2 in its first four bytes", send_wide, false},
    };
    return PLAY(kit, rows);
}

/* ---- HELLO ----------------------------------------------------------------------------------- */

static void
send_no_hello(struct rf_ask *ask)
{
    open_instance(ask);
}

static void
send_hello_again(struct rf_ask *ask)
{
    put_frame(ask, RF_FRAME_HELLO, RF_KIT_HELLO, strlen(RF_KIT_HELLO));
}

static void
send_hello_amid(struct rf_ask *ask)
{
    open_instance(ask);
    send_hello_again(ask);
}

static void
send_hello_empty(struct rf_ask *ask)
{
    put_frame(ask, RF_FRAME_HELLO, NULL, 0);
}

static void
send_hello_text(struct rf_ask *ask)
{
    put_frame(ask, RF_FRAME_HELLO, "{\"protocol\":1", 13);
}

bool
rf_check_bad_hello(struct rf_kit *kit)
{
    static const struct hostile rows[] = {
        {"a first frame that is TYPE", send_no_hello, true},
        {"HELLO again", send_hello_again, false},
        {"HELLO again, in an instance", send_hello_amid, false},
        {"HELLO with nothing in it", send_hello_empty, true},
        {"HELLO with JSON that is not whole", send_hello_text, true},
    };
    return PLAY(kit, rows);
}

/** With its own version, as far as it says one. */
bool
rf_check_bad_protocol(struct rf_kit *kit)
{
    static const char hello[] = "{\"protocol\":2,\"refold\":\"99.0.0\"}";
    struct rf_ask ask;
    struct rf_json doc = {0};
    int64_t version = 0;
    int status = 0;
    char words[RF_WORDS_BYTES + 8];
    kit->during = "HELLO of protocol 2";
    bool good = rf_ask_start(kit, &ask);
    const struct rf_answer *answer = good ? rf_ask_await(&ask, rf_ask_hello(&ask, hello)) : NULL;
    good = answer != NULL;
    if (good) {
        struct rf_err err;
        bool json = rf_json_read_whole(&doc, answer->text.bytes, answer->text.used, &err) == RF_OK;
        uint32_t node = json ? rf_json_member(&doc, 0, "protocol", 8, NULL) : RF_JSON_NONE;
        if (node == RF_JSON_NONE || !rf_json_int64(&doc, node, &version) || version != 1) {
            good = rf_kit_wrong(kit, kit->check, answer->text.bytes, answer->text.used,
                                "HELLO with `protocol` 1, which it speaks", "another one");
        }
    }
    if (good && !await_end(&ask, &status, words, sizeof(words))) {
        good = rf_kit_wrong(kit, kit->check, NULL, 0,
                            "that it ends behind its HELLO: it does not speak protocol 2",
                            "it goes on");
    }
    rf_json_done(&doc);
    return rf_ask_done(&ask, good);
}

/* ---- payloads -------------------------------------------------------------------------------- */

static void
send_short_type(struct rf_ask *ask)
{
    put_frame(ask, RF_FRAME_TYPE, "\0\0\0", 3);
}

static void
send_short_begin(struct rf_ask *ask)
{
    PUT_WORDS(ask, RF_FRAME_BEGIN, 0, 0, 0);
}

static void
send_name_beyond(struct rf_ask *ask)
{
    PUT_WORDS(ask, RF_FRAME_BEGIN, 0, 0, 5, 0, 0x61616161);
}

static void
send_id_beyond(struct rf_ask *ask)
{
    PUT_WORDS(ask, RF_FRAME_BEGIN, 0, 0, 4, UINT32_MAX, 0x61616161);
}

static void
send_begin_more(struct rf_ask *ask)
{
    PUT_WORDS(ask, RF_FRAME_BEGIN, 0, 0, 2, 1, 0x7b616161);
}

static void
send_short_events(struct rf_ask *ask)
{
    open_instance(ask);
    put_frame(ask, RF_FRAME_EVENTS, "\0\0\0", 3);
}

static void
send_state_more(struct rf_ask *ask)
{
    open_instance(ask);
    put_frame(ask, RF_FRAME_STATE, "\0", 1);
}

static void
send_end_more(struct rf_ask *ask)
{
    open_instance(ask);
    put_frame(ask, RF_FRAME_END, "\0\0\0\0", 4);
}

static void
send_command_more(struct rf_ask *ask)
{
    open_instance(ask);
    PUT_WORDS(ask, RF_FRAME_COMMAND, 28, 0, 0, 0, 1, 0, 0, 0, 0x7d7b);
}

bool
rf_check_bad_payload(struct rf_kit *kit)
{
    static const struct hostile rows[] = {
        {"TYPE of three bytes", send_short_type, false},
        {"BEGIN of twelve bytes", send_short_begin, false},
        {"BEGIN with a name longer than the payload", send_name_beyond, false},
        {"BEGIN with an id of 4294967295 bytes", send_id_beyond, false},
        {"BEGIN with bytes behind its id, and no flag for a snapshot", send_begin_more, false},
        {"EVENTS of three bytes", send_short_events, false},
        {"STATE with a payload", send_state_more, false},
        {"END with a payload", send_end_more, false},
        {"COMMAND with bytes behind its record", send_command_more, false},
    };
    return PLAY(kit, rows);
}

static void
send_short_record(struct rf_ask *ask)
{
    open_instance(ask);
    put_one_event(ask, 1, 27, 0, 0);
}

static void
send_no_record(struct rf_ask *ask)
{
    open_instance(ask);
    put_one_event(ask, 1, 0, 0, 0);
}

static void
send_record_beyond(struct rf_ask *ask)
{
    open_instance(ask);
    put_one_event(ask, 1, 31, 0, 0);
}

static void
send_record_far(struct rf_ask *ask)
{
    open_instance(ask);
    put_one_event(ask, 1, UINT32_MAX, 0, 0);
}

static void
send_count_small(struct rf_ask *ask)
{
    open_instance(ask);
    put_one_event(ask, 0, 30, 0, 0);
}

static void
send_count_large(struct rf_ask *ask)
{
    open_instance(ask);
    PUT_WORDS(ask, RF_FRAME_EVENTS, 5);
}

static void
send_count_huge(struct rf_ask *ask)
{
    open_instance(ask);
    PUT_WORDS(ask, RF_FRAME_EVENTS, UINT32_MAX);
}

static void
send_command_short(struct rf_ask *ask)
{
    open_instance(ask);
    PUT_WORDS(ask, RF_FRAME_COMMAND, 28, 0, 0);
}

bool
rf_check_bad_record(struct rf_kit *kit)
{
    static const struct hostile rows[] = {
        {"a record of 27 bytes", send_short_record, false},
        {"a record of 0 bytes", send_no_record, false},
        {"a record of one byte more than the payload has", send_record_beyond, false},
        {"a record of 4294967295 bytes", send_record_far, false},
        {"EVENTS that counts none, and holds one", send_count_small, false},
        {"EVENTS that counts five, and holds none", send_count_large, false},
        {"EVENTS that counts 4294967295, and holds none", send_count_huge, false},
        {"COMMAND with a record that is cut off", send_command_short, false},
    };
    return PLAY(kit, rows);
}

/* ---- flags, types, aggregates ---------------------------------------------------------------- */

static void
send_begin_flag(struct rf_ask *ask)
{
    PUT_WORDS(ask, RF_FRAME_BEGIN, 0, 2, 0, 0);
}

static void
send_record_flag(struct rf_ask *ask)
{
    open_instance(ask);
    put_one_event(ask, 1, 30, 0, 2);
}

bool
rf_check_bad_flag(struct rf_kit *kit)
{
    static const struct hostile rows[] = {
        {"BEGIN with the flag 2", send_begin_flag, false},
        {"a record with the flag 2", send_record_flag, false},
    };
    return PLAY(kit, rows);
}

static void
send_type_never(struct rf_ask *ask)
{
    open_instance(ask);
    put_one_event(ask, 1, 30, 1, 0);
}

static void
send_type_far(struct rf_ask *ask)
{
    open_instance(ask);
    put_one_event(ask, 1, 30, UINT32_MAX, 0);
}

static void
send_type_skipped(struct rf_ask *ask)
{
    PUT_WORDS(ask, RF_FRAME_TYPE, 1, 0x61616161);
}

static void
send_type_twice(struct rf_ask *ask)
{
    PUT_WORDS(ask, RF_FRAME_TYPE, 0, 0x61616161);
    PUT_WORDS(ask, RF_FRAME_TYPE, 0, 0x62626262);
}

bool
rf_check_bad_type(struct rf_kit *kit)
{
    static const struct hostile rows[] = {
        {"a record of type 1, of which no TYPE came", send_type_never, false},
        {"a record of type 4294967295", send_type_far, false},
        {"a first TYPE with the number 1", send_type_skipped, false},
        {"TYPE with the number 0 twice", send_type_twice, false},
    };
    return PLAY(kit, rows);
}

static void
send_aggregate_next(struct rf_ask *ask)
{
    PUT_WORDS(ask, RF_FRAME_BEGIN, (uint32_t)ask->kit->described.member_count, 0, 0, 0);
}

static void
send_aggregate_far(struct rf_ask *ask)
{
    PUT_WORDS(ask, RF_FRAME_BEGIN, UINT32_MAX, 0, 0, 0);
}

static void
send_identify_next(struct rf_ask *ask)
{
    PUT_WORDS(ask, RF_FRAME_IDENTIFY, (uint32_t)ask->kit->described.member_count, 0);
}

bool
rf_check_bad_aggregate(struct rf_kit *kit)
{
    static const struct hostile rows[] = {
        {"BEGIN of the aggregate behind the last", send_aggregate_next, false},
        {"BEGIN of aggregate 4294967295", send_aggregate_far, false},
        {"IDENTIFY of the aggregate behind the last", send_identify_next, false},
    };
    return PLAY(kit, rows);
}

/* ---- places ---------------------------------------------------------------------------------- */

static void
send_events_outside(struct rf_ask *ask)
{
    PUT_WORDS(ask, RF_FRAME_EVENTS, 0);
}

static void
send_state_outside(struct rf_ask *ask)
{
    put_frame(ask, RF_FRAME_STATE, NULL, 0);
}

static void
send_end_outside(struct rf_ask *ask)
{
    open_instance(ask);
    (void)rf_ask_end_instance(ask);
    put_frame(ask, RF_FRAME_END, NULL, 0);
}

static void
send_command_outside(struct rf_ask *ask)
{
    (void)rf_ask_type(ask, "Any", 3);
    PUT_WORDS(ask, RF_FRAME_COMMAND, 28, 0, 0, 0, 1, 0, 0, 0);
}

static void
send_begin_inside(struct rf_ask *ask)
{
    open_instance(ask);
    PUT_WORDS(ask, RF_FRAME_BEGIN, 0, 0, 0, 0);
}

static void
send_identify_inside(struct rf_ask *ask)
{
    open_instance(ask);
    PUT_WORDS(ask, RF_FRAME_IDENTIFY, 0, 0);
}

/** An aggregate that does not, where there is one; of others it has a place that none has. */
static void
send_identify_never(struct rf_ask *ask)
{
    const struct rf_descriptor *described = &ask->kit->described;
    uint32_t aggregate = 0;
    while (aggregate < described->member_count && described->members[aggregate].identifies) {
        aggregate++;
    }
    PUT_WORDS(ask, RF_FRAME_IDENTIFY, aggregate, 1, 0);
}

bool
rf_check_bad_place(struct rf_kit *kit)
{
    static const struct hostile rows[] = {
        {"EVENTS outside of an instance", send_events_outside, false},
        {"STATE outside of an instance", send_state_outside, false},
        {"END of an instance that has ended", send_end_outside, false},
        {"COMMAND outside of an instance", send_command_outside, false},
        {"BEGIN in an instance", send_begin_inside, false},
        {"IDENTIFY in an instance", send_identify_inside, false},
        {"IDENTIFY of an aggregate that does not", send_identify_never, false},
    };
    return PLAY(kit, rows);
}

/* ---- an end within a frame ------------------------------------------------------------------- */

/** A short conversation; the bytes of each of its frames end at `ends`. */
static size_t
make_conversation(struct rf_ask *ask, struct rf_buf *ret, size_t ends[8])
{
    size_t count = 0;
    (void)rf_ask_hello(ask, RF_KIT_HELLO);
    ends[count++] = ask->wire.out.used;
    open_instance(ask);
    ends[count++] = ask->wire.out.used;
    put_one_event(ask, 1, 30, 0, 0);
    ends[count++] = ask->wire.out.used;
    put_frame(ask, RF_FRAME_STATE, NULL, 0);
    ends[count++] = ask->wire.out.used;
    put_frame(ask, RF_FRAME_END, NULL, 0);
    ends[count++] = ask->wire.out.used;
    rf_buf_add(ret, ask->wire.out.bytes, ask->wire.out.used);
    rf_buf_clear(&ask->wire.out);
    return count;
}

static bool
end_at(struct rf_kit *kit, size_t place)
{
    struct rf_ask ask;
    struct rf_buf bytes = {0};
    size_t ends[8];
    char what[100];
    struct hostile row = {.what = what};
    if (!rf_ask_start(kit, &ask)) {
        return false;
    }
    (void)make_conversation(&ask, &bytes, ends);
    (void)snprintf(what, sizeof(what), "its input ends within a frame, behind byte %zu", place);
    rf_buf_add(&ask.wire.out, bytes.bytes, place);
    struct rf_buf sent = {0};
    size_t shown = place < 32 ? place : 32;
    rf_buf_add(&sent, bytes.bytes + place - shown, shown);
    rf_wire_hang_up(&ask.wire);
    bool good = must_end(&ask, &row, &sent);
    rf_buf_done(&sent);
    rf_buf_done(&bytes);
    return rf_ask_done(&ask, good);
}

bool
rf_check_bad_end(struct rf_kit *kit)
{
    struct rf_ask ask = {.kit = kit};
    struct rf_buf bytes = {0};
    size_t ends[8];
    size_t count = make_conversation(&ask, &bytes, ends);
    bool good = true;
    kit->during = "input that ends within a frame";
    /* Within each header, and within or right in front of each end. */
    for (size_t i = 0; i < count && good; i++) {
        size_t start = i == 0 ? 0 : ends[i - 1];
        good = end_at(kit, start + 1) && end_at(kit, start + RF_FRAME_HEADER_BYTES - 1) &&
               end_at(kit, ends[i] - 1);
    }
    rf_buf_done(&ask.wire.out);
    rf_buf_done(&bytes);
    free(ask.questions);
    return good;
}

/* ---- data that is no JSON -------------------------------------------------------------------- */

static const char *const no_jsons[] = {
    "",
    "{",
    "{\"a\":",
    "nul",
    "NaN",
    "{\"a\":1,}",
    "'a'",
    "{\"a\":\"\xff\xfe\"}",
    "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\x01\"}",
    "{}{}",
};

/** Whether it ends with another status than 0 where all is well. */
static bool
ends_oddly(const struct rf_kit *kit)
{
    return kit->report->checks[RF_CHECK_QUIET_END].result == RF_CHECK_WRONG;
}

/** It may refuse the event, or take it for a fault; it must not hang or die of it. */
bool
rf_check_no_json(struct rf_kit *kit)
{
    bool good = true;
    for (size_t i = 0; i < sizeof(no_jsons) / sizeof(no_jsons[0]) && good; i++) {
        struct rf_ask ask;
        int status = 0;
        char how[120];
        char words[RF_WORDS_BYTES + 8] = "";
        const struct rf_talk_record record = {.version = 1};
        kit->during = "an event whose data is no JSON";
        good = rf_ask_begin(kit, &ask);
        if (good) {
            open_instance(&ask);
            rf_ask_open_events(&ask);
            rf_ask_event(&ask, &record, no_jsons[i], strlen(no_jsons[i]));
            (void)rf_ask_close_events(&ask);
            (void)rf_ask_end_instance(&ask);
            rf_wire_hang_up(&ask.wire);
            good = await_end(&ask, &status, words, sizeof(words));
            rf_worker_describe(status, how, sizeof(how));
            if (!good) {
                good = rf_kit_wrong(kit, kit->check, no_jsons[i], strlen(no_jsons[i]),
                                    "that it refuses the event, or ends", "it goes on");
            } else if (!WIFEXITED(status) ||
                       (WEXITSTATUS(status) != 0 && words[0] == '\0' && !ends_oddly(kit))) {
                good = rf_kit_wrong(kit, kit->check, no_jsons[i], strlen(no_jsons[i]),
                                    "that it refuses the event, or ends with a sentence", "%s%s%s",
                                    how, words[0] == '\0' ? "" : ": ", words);
            }
        }
        good = rf_ask_done(&ask, good);
    }
    return good;
}

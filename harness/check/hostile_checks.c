/* SPDX-License-Identifier: MIT */
/* Checks: frames that refold never sends. */
#include <stdio.h>
#include <string.h>

#include "check/hostile.h"
#include "check/judge.h"
#include "check/scene.h"

/* ---- frames ---------------------------------------------------------------------------------- */

static void
send_no_letters(struct rf_ask *ask)
{
    rf_hostile_header(ask, 0, RF_FRAME_TYPE, 0, ++ask->number);
}

static void
send_other_letters(struct rf_ask *ask)
{
    rf_hostile_header(ask, 0, RF_FRAME_STATE, 0x5246, ++ask->number);
}

static void
send_text(struct rf_ask *ask)
{
    rf_buf_string(&ask->wire.out, RF_KIT_HELLO "\n");
}

bool
rf_check_bad_letters(struct rf_kit *kit)
{
    static const struct rf_hostile rows[] = {
        {"a header with zeros where the letters RF belong", send_no_letters, false},
        {"a header with the letters FR", send_other_letters, false},
        {"text, and no frames", send_text, true},
    };
    return RF_HOSTILE_PLAY(kit, rows);
}

static void
send_kind_0(struct rf_ask *ask)
{
    rf_hostile_frame(ask, 0, NULL, 0);
}

static void
send_kind_9(struct rf_ask *ask)
{
    rf_hostile_frame(ask, 9, NULL, 0);
}

static void
send_kind_large(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_frame(ask, 0x0105, NULL, 0);
}

static void
send_answer(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    RF_HOSTILE_WORDS(ask, RF_FRAME_ANSWER + RF_FRAME_EVENTS, 0, 0, 0, 0);
}

static void
send_crashed(struct rf_ask *ask)
{
    rf_hostile_frame(ask, RF_FRAME_CRASHED, "x", 1);
}

bool
rf_check_bad_kind(struct rf_kit *kit)
{
    static const struct rf_hostile rows[] = {
        {"a frame of kind 0", send_kind_0, false},
        {"a frame of kind 9", send_kind_9, false},
        {"a frame of kind 261, which is 5 in its first byte", send_kind_large, false},
        {"a frame of kind 132, which only a program sends", send_answer, false},
        {"a frame of kind 255, which only a program sends", send_crashed, false},
    };
    return RF_HOSTILE_PLAY(kit, rows);
}

static void
send_longer(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_header(ask, RF_FRAME_PAYLOAD_BYTES + 1, RF_FRAME_EVENTS, RF_FRAME_LETTERS,
                      ++ask->number);
}

static void
send_longest(struct rf_ask *ask)
{
    rf_hostile_header(ask, UINT32_MAX, RF_FRAME_TYPE, RF_FRAME_LETTERS, ++ask->number);
}

bool
rf_check_bad_length(struct rf_kit *kit)
{
    static const struct rf_hostile rows[] = {
        {"a payload of 134217729 bytes, one more than a frame has", send_longer, false},
        {"a payload of 4294967295 bytes", send_longest, false},
    };
    return RF_HOSTILE_PLAY(kit, rows);
}

static void
send_skipped(struct rf_ask *ask)
{
    ask->number++;
    rf_hostile_open(ask);
}

static void
send_again(struct rf_ask *ask)
{
    ask->number--;
    rf_hostile_open(ask);
}

static void
send_wide(struct rf_ask *ask)
{
    ask->number |= UINT64_C(1) << 32;
    rf_hostile_open(ask);
}

bool
rf_check_bad_number(struct rf_kit *kit)
{
    static const struct rf_hostile rows[] = {
        {"number 3 behind number 1", send_skipped, false},
        {"number 1 behind number 1", send_again, false},
        {"number 4294967298 behind number 1, which is 2 in its first four bytes", send_wide, false},
    };
    return RF_HOSTILE_PLAY(kit, rows);
}

/* ---- HELLO ----------------------------------------------------------------------------------- */

static void
send_no_hello(struct rf_ask *ask)
{
    rf_hostile_open(ask);
}

static void
send_hello_again(struct rf_ask *ask)
{
    rf_hostile_frame(ask, RF_FRAME_HELLO, RF_KIT_HELLO, strlen(RF_KIT_HELLO));
}

static void
send_hello_amid(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    send_hello_again(ask);
}

static void
send_hello_empty(struct rf_ask *ask)
{
    rf_hostile_frame(ask, RF_FRAME_HELLO, NULL, 0);
}

static void
send_hello_text(struct rf_ask *ask)
{
    rf_hostile_frame(ask, RF_FRAME_HELLO, RF_KIT_HELLO, strlen(RF_KIT_HELLO) - 1);
}

bool
rf_check_bad_hello(struct rf_kit *kit)
{
    static const struct rf_hostile rows[] = {
        {"a first frame that is TYPE", send_no_hello, true},
        {"HELLO again", send_hello_again, false},
        {"HELLO again, in an instance", send_hello_amid, false},
        {"HELLO with nothing in it", send_hello_empty, true},
        {"HELLO with JSON that is not whole", send_hello_text, true},
    };
    return RF_HOSTILE_PLAY(kit, rows);
}

/** With its own version, as far as it says one. */
bool
rf_check_bad_protocol(struct rf_kit *kit)
{
    char hello[64];
    struct rf_ask ask;
    struct rf_json doc = {0};
    int64_t version = 0;
    int status = 0;
    char words[RF_WORDS_BYTES + 8];
    (void)snprintf(hello, sizeof(hello), "{\"protocol\":%d,\"refold\":\"99.0.0\"}",
                   RF_SPOKEN_PROTOCOL + 1);
    kit->during = "HELLO of the next protocol";
    bool good = rf_ask_start(kit, &ask);
    const struct rf_answer *answer = good ? rf_ask_await(&ask, rf_ask_hello(&ask, hello)) : NULL;
    good = answer != NULL;
    if (good) {
        struct rf_err err;
        bool json = rf_json_read_whole(&doc, answer->text.bytes, answer->text.used, &err) == RF_OK;
        uint32_t node = json ? rf_json_member(&doc, 0, "protocol", 8, NULL) : RF_JSON_NONE;
        if (node == RF_JSON_NONE || !rf_json_int64(&doc, node, &version) ||
            version != RF_SPOKEN_PROTOCOL) {
            good = rf_kit_wrong(kit, kit->check, answer->text.bytes, answer->text.used,
                                "HELLO with `protocol` " RF_KIT_PROTOCOL ", which it speaks",
                                "another one");
        }
    }
    if (good && !rf_hostile_await_end(&ask, &status, words, sizeof(words))) {
        good = rf_kit_wrong(kit, kit->check, NULL, 0,
                            "that it ends behind its HELLO: it does not speak the next protocol",
                            "it goes on");
    }
    rf_json_done(&doc);
    return rf_ask_done(&ask, good);
}

/* ---- payloads -------------------------------------------------------------------------------- */

static void
send_short_type(struct rf_ask *ask)
{
    rf_hostile_frame(ask, RF_FRAME_TYPE, "\0\0\0", 3);
}

static void
send_short_begin(struct rf_ask *ask)
{
    RF_HOSTILE_WORDS(ask, RF_FRAME_BEGIN, 0, 0, 0);
}

static void
send_name_beyond(struct rf_ask *ask)
{
    RF_HOSTILE_WORDS(ask, RF_FRAME_BEGIN, 0, 0, 5, 0, 0x61616161);
}

static void
send_id_beyond(struct rf_ask *ask)
{
    RF_HOSTILE_WORDS(ask, RF_FRAME_BEGIN, 0, 0, 4, UINT32_MAX, 0x61616161);
}

static void
send_begin_more(struct rf_ask *ask)
{
    RF_HOSTILE_WORDS(ask, RF_FRAME_BEGIN, 0, 0, 2, 1, 0x7b616161);
}

static void
send_short_events(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_frame(ask, RF_FRAME_EVENTS, "\0\0\0", 3);
}

static void
send_state_more(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_frame(ask, RF_FRAME_STATE, "\0", 1);
}

static void
send_end_more(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_frame(ask, RF_FRAME_END, "\0\0\0\0", 4);
}

static void
send_command_more(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    RF_HOSTILE_WORDS(ask, RF_FRAME_COMMAND, 28, 0, 0, 0, 1, 0, 0, 0, 0x7d7b);
}

bool
rf_check_bad_payload(struct rf_kit *kit)
{
    static const struct rf_hostile rows[] = {
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
    return RF_HOSTILE_PLAY(kit, rows);
}

static void
send_short_record(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_event(ask, 1, 27, 0, 0);
}

static void
send_no_record(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_event(ask, 1, 0, 0, 0);
}

static void
send_record_beyond(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_event(ask, 1, 31, 0, 0);
}

static void
send_record_far(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_event(ask, 1, UINT32_MAX, 0, 0);
}

static void
send_count_small(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_event(ask, 0, 30, 0, 0);
}

static void
send_count_large(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    RF_HOSTILE_WORDS(ask, RF_FRAME_EVENTS, 5);
}

static void
send_count_huge(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    RF_HOSTILE_WORDS(ask, RF_FRAME_EVENTS, UINT32_MAX);
}

static void
send_command_short(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    RF_HOSTILE_WORDS(ask, RF_FRAME_COMMAND, 28, 0, 0);
}

bool
rf_check_bad_record(struct rf_kit *kit)
{
    static const struct rf_hostile rows[] = {
        {"a record of 27 bytes", send_short_record, false},
        {"a record of 0 bytes", send_no_record, false},
        {"a record of one byte more than the payload has", send_record_beyond, false},
        {"a record of 4294967295 bytes", send_record_far, false},
        {"EVENTS that counts none, and holds one", send_count_small, false},
        {"EVENTS that counts five, and holds none", send_count_large, false},
        {"EVENTS that counts 4294967295, and holds none", send_count_huge, false},
        {"COMMAND with a record that is cut off", send_command_short, false},
    };
    return RF_HOSTILE_PLAY(kit, rows);
}

/* ---- flags, types, aggregates ---------------------------------------------------------------- */

static void
send_begin_flag(struct rf_ask *ask)
{
    RF_HOSTILE_WORDS(ask, RF_FRAME_BEGIN, 0, 2, 0, 0);
}

static void
send_record_flag(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_event(ask, 1, 30, 0, 2);
}

bool
rf_check_bad_flag(struct rf_kit *kit)
{
    static const struct rf_hostile rows[] = {
        {"BEGIN with the flag 2", send_begin_flag, false},
        {"a record with the flag 2", send_record_flag, false},
    };
    return RF_HOSTILE_PLAY(kit, rows);
}

static void
send_type_never(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_event(ask, 1, 30, 1, 0);
}

static void
send_type_far(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    rf_hostile_event(ask, 1, 30, UINT32_MAX, 0);
}

static void
send_type_skipped(struct rf_ask *ask)
{
    RF_HOSTILE_WORDS(ask, RF_FRAME_TYPE, 1, 0x61616161);
}

static void
send_type_twice(struct rf_ask *ask)
{
    RF_HOSTILE_WORDS(ask, RF_FRAME_TYPE, 0, 0x61616161);
    RF_HOSTILE_WORDS(ask, RF_FRAME_TYPE, 0, 0x62626262);
}

bool
rf_check_bad_type(struct rf_kit *kit)
{
    static const struct rf_hostile rows[] = {
        {"a record of type 1, of which no TYPE came", send_type_never, false},
        {"a record of type 4294967295", send_type_far, false},
        {"a first TYPE with the number 1", send_type_skipped, false},
        {"TYPE with the number 0 twice", send_type_twice, false},
    };
    return RF_HOSTILE_PLAY(kit, rows);
}

static void
send_aggregate_next(struct rf_ask *ask)
{
    RF_HOSTILE_WORDS(ask, RF_FRAME_BEGIN, (uint32_t)ask->kit->described.member_count, 0, 0, 0);
}

static void
send_aggregate_far(struct rf_ask *ask)
{
    RF_HOSTILE_WORDS(ask, RF_FRAME_BEGIN, UINT32_MAX, 0, 0, 0);
}

static void
send_identify_next(struct rf_ask *ask)
{
    RF_HOSTILE_WORDS(ask, RF_FRAME_IDENTIFY, (uint32_t)ask->kit->described.member_count, 0);
}

bool
rf_check_bad_aggregate(struct rf_kit *kit)
{
    static const struct rf_hostile rows[] = {
        {"BEGIN of the aggregate behind the last", send_aggregate_next, false},
        {"BEGIN of aggregate 4294967295", send_aggregate_far, false},
        {"IDENTIFY of the aggregate behind the last", send_identify_next, false},
    };
    return RF_HOSTILE_PLAY(kit, rows);
}

/* ---- places ---------------------------------------------------------------------------------- */

static void
send_events_outside(struct rf_ask *ask)
{
    RF_HOSTILE_WORDS(ask, RF_FRAME_EVENTS, 0);
}

static void
send_state_outside(struct rf_ask *ask)
{
    rf_hostile_frame(ask, RF_FRAME_STATE, NULL, 0);
}

static void
send_end_outside(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    (void)rf_ask_end_instance(ask);
    rf_hostile_frame(ask, RF_FRAME_END, NULL, 0);
}

static void
send_command_outside(struct rf_ask *ask)
{
    (void)rf_ask_type(ask, "Any", 3);
    RF_HOSTILE_WORDS(ask, RF_FRAME_COMMAND, 28, 0, 0, 0, 1, 0, 0, 0);
}

static void
send_begin_inside(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    RF_HOSTILE_WORDS(ask, RF_FRAME_BEGIN, 0, 0, 0, 0);
}

static void
send_identify_inside(struct rf_ask *ask)
{
    rf_hostile_open(ask);
    RF_HOSTILE_WORDS(ask, RF_FRAME_IDENTIFY, 0, 0);
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
    RF_HOSTILE_WORDS(ask, RF_FRAME_IDENTIFY, aggregate, 1, 0);
}

bool
rf_check_bad_place(struct rf_kit *kit)
{
    static const struct rf_hostile rows[] = {
        {"EVENTS outside of an instance", send_events_outside, false},
        {"STATE outside of an instance", send_state_outside, false},
        {"END of an instance that has ended", send_end_outside, false},
        {"COMMAND outside of an instance", send_command_outside, false},
        {"BEGIN in an instance", send_begin_inside, false},
        {"IDENTIFY in an instance", send_identify_inside, false},
        {"IDENTIFY of an aggregate that does not", send_identify_never, false},
    };
    return RF_HOSTILE_PLAY(kit, rows);
}

/* SPDX-License-Identifier: MIT */
/* Checks: input that breaks off, and data that is no JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "check/hostile.h"
#include "check/judge.h"
#include "check/scene.h"
#include "host/limits.h"

/* ---- an end within a frame ------------------------------------------------------------------- */

/** A short conversation; the bytes of each of its frames end at `ends`. */
static size_t
make_conversation(struct rf_ask *ask, struct rf_buf *ret, size_t ends[8])
{
    size_t count = 0;
    (void)rf_ask_hello(ask, RF_KIT_HELLO);
    ends[count++] = ask->wire.out.used;
    rf_hostile_open(ask);
    ends[count++] = ask->wire.out.used;
    rf_hostile_event(ask, 1, 30, 0, 0);
    ends[count++] = ask->wire.out.used;
    rf_hostile_frame(ask, RF_FRAME_STATE, NULL, 0);
    ends[count++] = ask->wire.out.used;
    rf_hostile_frame(ask, RF_FRAME_END, NULL, 0);
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
    struct rf_hostile row = {.what = what};
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
    bool good = rf_hostile_must_end(&ask, &row, &sent);
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
            rf_hostile_open(&ask);
            rf_ask_open_events(&ask);
            rf_ask_event(&ask, &record, no_jsons[i], strlen(no_jsons[i]));
            (void)rf_ask_close_events(&ask);
            (void)rf_ask_end_instance(&ask);
            rf_wire_hang_up(&ask.wire);
            good = rf_hostile_await_end(&ask, &status, words, sizeof(words));
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

/* SPDX-License-Identifier: MIT */
/* Playing what refold never sends, and seeing how the speaker ends. */
#include "check/hostile.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "check/judge.h"
#include "check/scene.h"
#include "host/limits.h"

/** A speaker has so long to end, however many others were late. */
#define LEAST_MS 1000

/* ---- how it ends ----------------------------------------------------------------------------- */

/** Its status and its last words; false where it goes on. */
bool
rf_hostile_await_end(struct rf_ask *ask, int *ret_status, char *words, size_t room)
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
bool
rf_hostile_must_end(struct rf_ask *ask, const struct rf_hostile *row, const struct rf_buf *sent)
{
    int status = 0;
    char how[120];
    char expected[300];
    char words[RF_WORDS_BYTES + 8] = "";
    struct rf_kit *kit = ask->kit;
    (void)snprintf(expected, sizeof(expected),
                   "that it ends with a status other than 0 and a sentence: %s", row->what);
    if (!rf_hostile_await_end(ask, &status, words, sizeof(words))) {
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

bool
rf_hostile_play(struct rf_kit *kit, const struct rf_hostile *rows, size_t count)
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
            good = rf_hostile_must_end(&ask, &rows[i], &sent);
        }
        rf_buf_done(&sent);
        good = rf_ask_done(&ask, good);
    }
    return good;
}

/* ---- parts of cases -------------------------------------------------------------------------- */

/** The samples' first type is 0, and an instance of the first aggregate is open. */
void
rf_hostile_open(struct rf_ask *ask)
{
    const struct rf_descriptor_member *member = &ask->kit->described.members[0];
    const char *type =
        rf_names_all(member->types, member->type_count) ? "Changed" : member->types[0];
    (void)rf_ask_type(ask, type, strlen(type));
    (void)rf_ask_begin_instance(ask, 0, member->name, strlen(member->name), "id", 2, NULL);
}

void
rf_hostile_frame(struct rf_ask *ask, uint16_t kind, const void *payload, size_t bytes)
{
    (void)rf_ask_frame(ask, kind, payload, bytes);
}

/** A payload of u32s. */
void
rf_hostile_words(struct rf_ask *ask, uint16_t kind, const uint32_t *words, size_t count)
{
    struct rf_buf payload = {0};
    for (size_t i = 0; i < count; i++) {
        rf_put_u32(&payload, words[i]);
    }
    rf_hostile_frame(ask, kind, payload.bytes, payload.used);
    rf_buf_done(&payload);
}

/** The header of a frame, as it is. */
void
rf_hostile_header(struct rf_ask *ask, uint32_t bytes, uint16_t kind, uint16_t letters,
                  uint64_t number)
{
    ask->frame = ask->wire.out.used;
    rf_put_u32(&ask->wire.out, bytes);
    rf_put_u32(&ask->wire.out, kind | (uint32_t)letters << 16);
    rf_put_u32(&ask->wire.out, (uint32_t)number);
    rf_put_u32(&ask->wire.out, (uint32_t)(number >> 32));
}

/** EVENTS that counts `count`, with one record of 2 bytes of data. */
void
rf_hostile_event(struct rf_ask *ask, uint32_t count, uint32_t bytes, uint32_t type, uint32_t flags)
{
    RF_HOSTILE_WORDS(ask, RF_FRAME_EVENTS, count, bytes, type, flags, 0, 1, 0, 0, 0, 0x20207d7b);
    /* The payload's last two bytes are none of the record's: cut them off. */
    ask->wire.out.used -= 2;
    rf_talk_frame_close(&ask->wire.out, ask->frame);
}

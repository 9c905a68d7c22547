/* SPDX-License-Identifier: MIT */
/* What the relay's files share: relay.c speaks for an instance, relay_sent.c knows what was sent
 * ahead, relay_start.c starts the program, relay_end.c tells how it ended. */
#ifndef RF_WORKER_RELAY_INTERNAL_H
#define RF_WORKER_RELAY_INTERNAL_H

#include <signal.h>

#include "base/json.h"
#include "program/talk.h"
#include "worker/numbers.h"
#include "worker/relay.h"

/** What a pipe to or from the program may hold, where the system allows it: fewer switches between
 * the two. */
#define RF_RELAY_PIPE_BYTES (1 << 20)

/** What was sent ahead. */
struct rf_sent {
    uint64_t number;
    uint32_t count; /* of events */
    uint32_t bytes;
    uint16_t kind; /* of the frame */
};

/** A name that came lately, by where it lay: most lie where they lay before. */
#define RF_RELAY_LATELY 64
struct rf_lately {
    char name[59];
    uint8_t bytes;
    uint32_t number;
};

struct rf_relay {
    pid_t pid;
    struct rf_talk talk;
    struct rf_descriptor descriptor;
    uint32_t member;
    struct rf_numbers numbers; /* of types and commands that were told */
    struct rf_lately lately[RF_RELAY_LATELY];
    uint32_t *declared;      /* the number of each declared type, and 1; 0: not told yet */
    struct rf_buf aggregate; /* of the next instance … */
    struct rf_buf id;
    bool begun;                  /* … which the program knows of */
    uint64_t taken;              /* events applied since */
    void (*send)(void *context); /* ahead */
    void *send_context;
    struct rf_sent *sent; /* ahead, and not taken; from sent_front on */
    size_t sent_front, sent_count, sent_room;
    size_t sent_bytes;   /* in these frames */
    size_t sent_states;  /* that are asked for in them */
    size_t state_bytes;  /* of a long one of the states that came */
    bool follows;        /* the instance at hand was sent ahead */
    struct rf_json doc;  /* of a state; kept for its room */
    struct rf_buf clean; /* a text that is UTF-8 */
};

/** Whether the program has ended, and how. It is still to be reaped. */
bool rf_relay_has_ended(const struct rf_relay *relay, siginfo_t *ret);

/** What the program answers; where it does not the worker ends. */
void rf_relay_await(struct rf_relay *relay, uint64_t number, struct rf_spoken *ret);

/** Sends as many of these events as one frame should have. Returns its number. */
uint64_t rf_relay_put_events(struct rf_relay *relay, const refold_event *const *events,
                             uint64_t count, uint64_t *ret_sent);

/** Takes what came of what was sent ahead, which must be of this kind (RF_FRAME_…). Returns the
 * number of its events. */
uint32_t rf_relay_take_sent(struct rf_relay *relay, uint16_t kind, struct rf_spoken *ret);

#endif

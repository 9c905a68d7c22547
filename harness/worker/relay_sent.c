/* SPDX-License-Identifier: MIT */
/* The relay: what was sent ahead, and what comes of it. */
#include "worker/relay_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "worker/answers.h"
#include "worker/values.h"

/** So much is sent ahead, and so much of states may come back: what comes back is kept where an
 * instance has to be folded once more. */
#define AHEAD_BYTES  ((size_t)512 << 10)
#define AHEAD_STATES ((size_t)32 << 20)

/* ---- the queue ------------------------------------------------------------------------------- */

void
rf_relay_set_sender(struct rf_relay *relay, void (*send)(void *context), void *context)
{
    relay->send = send;
    relay->send_context = context;
}

bool
rf_relay_has_room(const struct rf_relay *relay)
{
    return relay->sent_front == relay->sent_count ||
           (relay->sent_bytes < AHEAD_BYTES &&
            relay->sent_states * relay->state_bytes < AHEAD_STATES);
}

/** Notes what was just sent, and is `bytes` long. */
static void
note_sent(struct rf_relay *relay, uint16_t kind, uint32_t count, size_t bytes)
{
    if (relay->sent_front >= 64 && relay->sent_front * 2 >= relay->sent_count) {
        relay->sent_count -= relay->sent_front;
        memmove(relay->sent, relay->sent + relay->sent_front,
                relay->sent_count * sizeof(*relay->sent));
        relay->sent_front = 0;
    }
    RF_GROW(relay->sent, relay->sent_room, relay->sent_count + 1);
    relay->sent[relay->sent_count++] =
        (struct rf_sent){relay->talk.last, count, (uint32_t)bytes, kind};
    relay->sent_bytes += bytes;
    relay->sent_states += kind == RF_FRAME_STATE;
}

static const struct rf_sent *
pop_sent(struct rf_relay *relay)
{
    const struct rf_sent *sent = &relay->sent[relay->sent_front++];
    relay->sent_bytes -= sent->bytes;
    relay->sent_states -= sent->kind == RF_FRAME_STATE;
    return sent;
}

void
rf_relay_drop(struct rf_relay *relay)
{
    while (relay->sent_front < relay->sent_count &&
           relay->sent[relay->sent_front].kind != RF_FRAME_END) {
        (void)pop_sent(relay);
    }
}

/** What was sent ahead and is taken next; where that is little, more is sent. */
static const struct rf_sent *
next_sent(struct rf_relay *relay)
{
    if (relay->sent_front == relay->sent_count || relay->sent_bytes < AHEAD_BYTES / 2) {
        relay->send(relay->send_context);
        rf_talk_push(&relay->talk);
    }
    if (relay->sent_front == relay->sent_count) {
        rf_worker_fail("nothing was sent ahead");
    }
    return &relay->sent[relay->sent_front];
}

uint32_t
rf_relay_take_sent(struct rf_relay *relay, uint16_t kind, struct rf_spoken *ret)
{
    const struct rf_sent *sent = next_sent(relay);
    if (sent->kind != kind) {
        rf_worker_fail("what was sent ahead (%s) is not what is asked for (%s)",
                       rf_talk_frame_name(sent->kind), rf_talk_frame_name(kind));
    }
    uint32_t count = sent->count;
    rf_relay_await(relay, pop_sent(relay)->number, ret);
    return count;
}

void
rf_relay_write(struct rf_relay *relay)
{
    /* Where it fails, so does what is awaited. */
    (void)rf_talk_write(&relay->talk, RF_RELAY_PIPE_BYTES, -1);
}

void
rf_relay_follow(struct rf_relay *relay, bool follows)
{
    relay->follows = follows;
}

/* ---- sending --------------------------------------------------------------------------------- */

void
rf_relay_send_events(struct rf_relay *relay, const refold_event *const *events, uint64_t count)
{
    for (uint64_t done = 0; done < count;) {
        uint64_t sent;
        (void)rf_relay_put_events(relay, events + done, count - done, &sent);
        note_sent(relay, RF_FRAME_EVENTS, (uint32_t)sent, relay->talk.out.used - relay->talk.frame);
        done += sent;
    }
}

void
rf_relay_send_begin(struct rf_relay *relay, refold_string aggregate, refold_string id)
{
    (void)rf_talk_begin(&relay->talk, relay->member, aggregate.ptr, (size_t)aggregate.len, id.ptr,
                        (size_t)id.len, NULL, 0);
}

void
rf_relay_send_state(struct rf_relay *relay)
{
    (void)rf_talk_state(&relay->talk);
    note_sent(relay, RF_FRAME_STATE, 0, RF_FRAME_HEADER_BYTES);
}

void
rf_relay_send_end(struct rf_relay *relay)
{
    (void)rf_talk_end(&relay->talk);
    note_sent(relay, RF_FRAME_END, 0, RF_FRAME_HEADER_BYTES);
}

/* ---- taking ---------------------------------------------------------------------------------- */

uint64_t
rf_relay_follow_events(struct rf_relay *relay, uint64_t limit, uint64_t *ret_count)
{
    uint64_t taken = 0;
    while (taken < limit && next_sent(relay)->kind == RF_FRAME_EVENTS) {
        struct rf_spoken spoken;
        uint32_t sent = rf_relay_take_sent(relay, RF_FRAME_EVENTS, &spoken);
        uint64_t before = relay->taken;
        relay->taken = spoken.applied;
        if (spoken.status == RF_SPOKEN_REFUSED) {
            rf_values_host()->reject(NULL, spoken.text, spoken.text_bytes);
            *ret_count = taken + sent;
            return taken + spoken.applied - before;
        }
        taken += sent;
    }
    if (taken > limit) {
        rf_worker_fail("more events were sent ahead than are asked for");
    }
    *ret_count = taken;
    return taken;
}

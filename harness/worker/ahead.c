/* SPDX-License-Identifier: MIT */
/* What a batch needs of a program, sent before the answers are awaited. */
#include "worker/ahead.h"

#include "worker/relay.h"

/** A longer instance is begun once it is its turn: one that is half sent must be sent wholly before
 * another one can be folded once more. */
#define LONGEST 4096

static bool
is_plain(const struct rf_request *request)
{
    return (request->flags & (RF_REQUEST_TRACE | RF_REQUEST_STEP | RF_REQUEST_FROM)) == 0;
}

/* ---- one instance ---------------------------------------------------------------------------- */

/** As fold_loop.c: answer_applied. */
static void
send_states(struct rf_ahead *ahead)
{
    if ((ahead->request->flags & RF_REQUEST_TRAIL) != 0) {
        rf_relay_send_state(ahead->relay);
    }
    if (ahead->applied == ahead->request->snapshot_after) {
        rf_relay_send_state(ahead->relay);
    }
}

static void
send_end(struct rf_ahead *ahead)
{
    rf_relay_send_end(ahead->relay);
    ahead->request = NULL;
}

static void
send_begin(struct rf_ahead *ahead, const struct rf_request *request)
{
    ahead->request = request;
    ahead->applied = 0;
    ahead->offset += request->bytes;
    ahead->number++;
    if (ahead->number < ahead->end) {
        rf_input_ask_first(&ahead->events->input,
                           rf_input_request(&ahead->events->input, ahead->offset));
    }
    rf_relay_send_begin(ahead->relay, rf_events_aggregate(ahead->events, request),
                        rf_events_id(ahead->events, request));
    send_states(ahead);
}

/** As fold_loop.c: fold_until and fold_some. */
static void
send_events(struct rf_ahead *ahead)
{
    const struct rf_request *request = ahead->request;
    if (ahead->applied == request->count) {
        send_end(ahead);
        return;
    }
    uint64_t limit = rf_events_step(request, ahead->applied, request->count);
    uint64_t count = rf_events_take_some(ahead->events, request, ahead->applied, limit);
    rf_relay_send_events(ahead->relay, ahead->events->list, count);
    ahead->applied += count;
    if (count < limit) {
        send_end(ahead); /* the loop refuses what comes now */
    } else {
        send_states(ahead);
    }
}

/** The next request, where it may be begun; or NULL. */
static const struct rf_request *
next_request(const struct rf_ahead *ahead)
{
    if (ahead->number == ahead->end) {
        return NULL;
    }
    const struct rf_request *request = rf_input_request(&ahead->events->input, ahead->offset);
    bool may = is_plain(request) && (request->count <= LONGEST || ahead->number == ahead->present);
    return may ? request : NULL;
}

void
rf_ahead_send(void *context)
{
    struct rf_ahead *ahead = context;
    while (rf_relay_has_room(ahead->relay)) {
        if (ahead->request != NULL) {
            send_events(ahead);
            continue;
        }
        const struct rf_request *next = next_request(ahead);
        if (next == NULL) {
            return;
        }
        send_begin(ahead, next);
    }
}

/* ---- the batch ------------------------------------------------------------------------------- */

void
rf_ahead_begin(struct rf_ahead *ahead, uint64_t offset, uint64_t instances)
{
    ahead->offset = offset;
    ahead->number = 0;
    ahead->end = instances;
    ahead->present = 0;
    ahead->request = NULL;
}

bool
rf_ahead_follow(struct rf_ahead *ahead, uint64_t number)
{
    ahead->present = number;
    bool plain = ahead->number > number; /* it is begun */
    if (!plain) {
        const struct rf_request *request = rf_input_request(&ahead->events->input, ahead->offset);
        plain = is_plain(request);
        if (!plain) {
            ahead->offset += request->bytes;
            ahead->number++;
        }
    }
    rf_relay_follow(ahead->relay, plain);
    return plain;
}

void
rf_ahead_cut(struct rf_ahead *ahead)
{
    if (ahead->request != NULL && ahead->number == ahead->present + 1) {
        send_end(ahead);
    }
    rf_relay_drop(ahead->relay);
}

void
rf_ahead_pause(struct rf_ahead *ahead)
{
    while (ahead->request != NULL) {
        send_events(ahead);
        rf_relay_write(ahead->relay);
    }
    rf_relay_follow(ahead->relay, false);
}

/* SPDX-License-Identifier: MIT */
/*
 * The engine's thread.
 *
 * What is read, or asked for, begins as soon as there is a connection. What is fetched ahead begins
 * in the order in which it was queued, while there is memory for it. Of both, what there is no
 * memory for any more is paused, and does not count as a connection in use then: so whatever is
 * read can always go on, however much was fetched ahead that nobody reads yet.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/net_internal.h"

/* How often `stop` is looked at. */
#define POLL_MS     100
#define STALL_MS    30000
#define STALL_BYTES 1024 /* a second */
/* What an object takes of which no listing told its length. */
#define GUESSED_BYTES ((uint64_t)128 << 10)

/* ---- memory ------------------------------------------------------------------------------------
 */

bool
rf_net_may_take(struct rf_net *net, const struct rf_transfer *transfer)
{
    int64_t now = rf_clock_ms();
    if (rf_pace_receive_ms(&net->pace, now) > now) {
        return false;
    }
    return transfer->is_ask || (transfer->taken && transfer->held < RF_NET_WINDOW_BYTES) ||
           net->held < net->pace.options.ahead_bytes;
}

/** Bytes that what runs will still bring. Under the lock. */
static uint64_t
promised(const struct rf_net *net)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < net->running_count; i++) {
        const struct rf_transfer *transfer = net->running[i];
        uint64_t whole =
            transfer->listed == RF_NET_BYTES_UNKNOWN ? GUESSED_BYTES : transfer->listed;
        bytes += transfer->got < whole && !transfer->taken ? whole - transfer->got : 0;
    }
    return bytes;
}

static bool
has_room_ahead(const struct rf_net *net)
{
    return net->held + promised(net) < net->pace.options.ahead_bytes;
}

/* ---- from the queue to the end -----------------------------------------------------------------
 */

/** Under the lock. */
static void
end(struct rf_transfer *transfer, rf_code code)
{
    transfer->code = code;
    transfer->stage = RF_NET_ENDED;
    (void)pthread_cond_broadcast(&transfer->moved);
}

/** Takes one out of those that run; then it is queued again, or has ended. */
static void
leave(struct rf_net *net, struct rf_transfer *transfer, enum rf_net_verdict verdict)
{
    rf_net_stop_try(transfer);
    rf_net_lock(net);
    for (size_t i = 0; i < net->running_count; i++) {
        if (net->running[i] == transfer) {
            net->running[i] = net->running[--net->running_count];
            break;
        }
    }
    transfer->paused = false;
    if (!transfer->closed && verdict == RF_NET_AGAIN) {
        rf_net_enqueue(net, transfer);
    } else {
        end(transfer, transfer->fault);
    }
    rf_net_unlock(net);
}

/** What takes part in the limit of connections. Under the lock. */
static size_t
count_active(const struct rf_net *net)
{
    size_t active = 0;
    for (size_t i = 0; i < net->running_count; i++) {
        active += !net->running[i]->paused;
    }
    return active;
}

/** Which one begins next, or NULL; *wait_ms is made less where one will be due soon. Under the
 * lock. */
static struct rf_transfer *
pick(struct rf_net *net, int64_t *wait_ms)
{
    int64_t now = rf_clock_ms();
    int64_t open = rf_pace_begin_ms(&net->pace, now);
    size_t limit = rf_pace_limit(&net->pace);
    size_t active = count_active(net);
    bool has_room = has_room_ahead(net);
    bool ahead = net->running_count < limit && has_room;
    struct rf_transfer *found = NULL;
    net->hungry = net->hungry || (net->first != NULL && !has_room);
    if (active >= limit) {
        return NULL;
    }
    for (struct rf_transfer *at = net->first; at != NULL; at = at->next) {
        int64_t due = at->due_ms > open ? at->due_ms : open;
        if (due > now) {
            *wait_ms = due - now < *wait_ms ? due - now : *wait_ms;
        } else if (at->taken) {
            return at;
        } else if (found == NULL && ahead && !at->parked) {
            found = at;
        }
    }
    return found;
}

bool
rf_net_forbids(struct rf_transfer *transfer, uint64_t requests, uint64_t bytes)
{
    char option[RF_PACE_OPTION_BYTES];
    if (!rf_pace_forbids(&transfer->net->pace, requests, bytes, option)) {
        return false;
    }
    transfer->fault = rf_fail(&transfer->err, RF_ERR_SOURCE, transfer->name,
                              "not fetched, for that would be more than %s allows; a part of the "
                              "history gets no verdict",
                              option);
    return true;
}

/** Begins all that may. */
static void
begin_due(struct rf_net *net, int64_t *wait_ms)
{
    for (;;) {
        rf_net_lock(net);
        struct rf_transfer *transfer = pick(net, wait_ms);
        if (transfer == NULL) {
            rf_net_unlock(net);
            return;
        }
        rf_net_unqueue(net, transfer);
        if (rf_net_forbids(transfer, 1, 0)) {
            end(transfer, transfer->fault);
            rf_net_unlock(net);
            continue;
        }
        transfer->stage = RF_NET_RUNNING;
        RF_GROW(net->running, net->running_room, net->running_count + 1);
        net->running[net->running_count++] = transfer;
        rf_pace_begin(&net->pace, transfer->answer.tries == 0);
        rf_net_unlock(net);
        struct rf_err err;
        rf_code code = rf_net_try(transfer, &err);
        if (code != RF_OK) {
            transfer->fault = code;
            transfer->err = err;
            leave(net, transfer, RF_NET_OVER);
        }
    }
}

/** What was begun ahead and shares a connection is broken off rather than paused, if it can be gone
 * on with. */
static void
park_paused(struct rf_net *net)
{
    for (size_t i = net->running_count; i-- > 0;) {
        struct rf_transfer *transfer = net->running[i];
        bool can_go_on = transfer->first.etag != NULL || transfer->first.modified != NULL;
        rf_net_lock(net);
        bool parks = transfer->paused && !transfer->taken && !transfer->is_ask &&
                     net->held >= net->pace.options.ahead_bytes && can_go_on &&
                     rf_net_shares(transfer);
        transfer->parked = transfer->parked || parks;
        rf_net_unlock(net);
        if (parks) {
            transfer->due_ms = 0;
            leave(net, transfer, RF_NET_AGAIN);
        }
    }
}

/** Lets paused ones go on that may. */
static void
resume(struct rf_net *net, int64_t *wait_ms)
{
    for (size_t i = 0; i < net->running_count; i++) {
        struct rf_transfer *transfer = net->running[i];
        rf_net_lock(net);
        bool goes_on = transfer->paused && (transfer->closed || rf_net_may_take(net, transfer));
        if (goes_on) {
            transfer->paused = false;
            transfer->window_ms = rf_clock_ms();
            transfer->window_bytes = 0;
        } else if (transfer->paused) {
            net->hungry = true;
            int64_t now = rf_clock_ms();
            int64_t wait = rf_pace_receive_ms(&net->pace, now) - now;
            *wait_ms = wait > 0 && wait < *wait_ms ? wait : *wait_ms;
        }
        rf_net_unlock(net);
        if (goes_on) { /* bytes may come at once */
            (void)net->library->curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
        }
    }
}

/** Whom nobody reads any more. */
static void
drop_closed(struct rf_net *net)
{
    for (size_t i = net->running_count; i-- > 0;) {
        rf_net_lock(net);
        bool closed = net->running[i]->closed;
        rf_net_unlock(net);
        if (closed) {
            leave(net, net->running[i], RF_NET_OVER);
        }
    }
}

/** What hardly moves any more, though nobody holds it back. Looked at by us, for libcurl counts the
 * time of a pause as that of a slow server. */
static void
break_stalled(struct rf_net *net)
{
    int64_t now = rf_clock_ms();
    int64_t most = (int64_t)(STALL_MS * net->patience);
    for (size_t i = net->running_count; i-- > 0;) {
        struct rf_transfer *transfer = net->running[i];
        if (now - transfer->window_ms < most) {
            continue;
        }
        bool slow =
            !transfer->paused && (double)transfer->window_bytes < STALL_BYTES * (double)most / 1000;
        transfer->window_ms = now;
        transfer->window_bytes = 0;
        if (slow) {
            (void)snprintf(transfer->reason, sizeof(transfer->reason),
                           "less than %d bytes a second came in %.3g seconds", STALL_BYTES,
                           (double)most / 1000);
            leave(net, transfer, rf_net_outcome(transfer, CURLE_OPERATION_TIMEDOUT));
        }
    }
}

/** All ends, by the user's wish. */
static void
stop_all(struct rf_net *net)
{
    while (net->running_count > 0) {
        struct rf_transfer *transfer = net->running[net->running_count - 1];
        transfer->fault =
            rf_fail(&transfer->err, RF_ERR_INTERRUPTED, transfer->name, "interrupted");
        leave(net, transfer, RF_NET_OVER);
    }
    rf_net_lock(net);
    while (net->first != NULL) {
        struct rf_transfer *transfer = net->first;
        rf_net_unqueue(net, transfer);
        end(transfer, rf_fail(&transfer->err, RF_ERR_INTERRUPTED, transfer->name, "interrupted"));
    }
    rf_net_unlock(net);
}

/* ---- the thread --------------------------------------------------------------------------------
 */

/** Tries that are over; false: none is. */
static bool
take_ended(struct rf_net *net)
{
    const struct rf_libcurl *library = net->library;
    int left = 0;
    bool any = false;
    const CURLMsg *message;
    while ((message = library->curl_multi_info_read(net->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        CURLcode result = message->data.result;
        char *context = NULL;
        (void)library->curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context);
        struct rf_transfer *transfer = (void *)context;
        leave(net, transfer, rf_net_outcome(transfer, result));
        any = true;
    }
    return any;
}

static void
prepare(struct rf_net *net)
{
    sigset_t all;
    (void)sigfillset(&all); /* TLS writes may raise SIGPIPE; and the others are the main thread's */
    (void)pthread_sigmask(SIG_BLOCK, &all, NULL);
    long most = (long)net->pace.options.connections; /* that are kept */
    (void)net->library->curl_multi_setopt(net->multi, CURLMOPT_MAXCONNECTS, most);
}

void *
rf_net_engine(void *context)
{
    struct rf_net *net = context;
    const struct rf_libcurl *library = net->library;
    prepare(net);
    for (;;) {
        int64_t wait_ms = POLL_MS;
        int running = 0;
        rf_net_lock(net);
        net->woken = false;
        net->hungry = false;
        bool quits = net->quits;
        rf_net_unlock(net);
        drop_closed(net);
        break_stalled(net);
        if (quits) {
            break;
        }
        if (rf_net_stopped(net)) {
            stop_all(net);
        }
        park_paused(net);
        resume(net, &wait_ms);
        begin_due(net, &wait_ms);
        CURLMcode result = library->curl_multi_perform(net->multi, &running);
        RF_VERIFY(result == CURLM_OK);
        if (!take_ended(net)) {
            (void)library->curl_multi_poll(net->multi, NULL, 0, (int)wait_ms, NULL);
        }
    }
    return NULL;
}

/* SPDX-License-Identifier: MIT */
/*
 * What a batch needs of a program, sent before the answers are awaited: while the program folds
 * one instance it has the next ones already, and neither waits for the other.
 *
 * What an instance needs is a function of its request alone. So the sender here and the fold loop
 * (fold_loop.c) come to the same operations in the same order; the relay holds them against each
 * other, and ends the worker where they differ.
 *
 * Only requests that need no answer on the way are sent ahead: those with steps, traces or a
 * snapshot to begin with are not.
 */
#ifndef RF_WORKER_AHEAD_H
#define RF_WORKER_AHEAD_H

#include "worker/events.h"

/** All zero but for `events` and `relay` is a valid beginning. One thread. */
struct rf_ahead {
    struct rf_events *events;
    struct rf_relay *relay;
    uint64_t offset;                  /**< of the next request that is not begun … */
    uint64_t number;                  /**< … and its number in the batch */
    uint64_t end;                     /**< requests in the batch */
    uint64_t present;                 /**< number of the one that is folded */
    const struct rf_request *request; /**< what is being sent; or NULL: nothing is begun */
    uint64_t applied;                 /**< so many of its events are sent */
};

/** A batch begins. */
void rf_ahead_begin(struct rf_ahead *ahead, uint64_t offset, uint64_t instances);

/** The fold loop comes to the next request. Whether it is sent ahead: then the relay takes what
 * comes of that, until the instance's end (rf_relay_follow). */
bool rf_ahead_follow(struct rf_ahead *ahead, uint64_t number);

/** The present instance was refused: what is not sent of it need not be. */
void rf_ahead_cut(struct rf_ahead *ahead);

/** The fold loop folds an instance once more: what is half sent is sent wholly, and the relay
 * speaks for itself until the instance's end. */
void rf_ahead_pause(struct rf_ahead *ahead);

/** Send more, where there is room. For rf_relay_set_sender. */
void rf_ahead_send(void *ahead);

#endif

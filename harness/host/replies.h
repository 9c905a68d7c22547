/* SPDX-License-Identifier: MIT */
/* What a worker says of its batch, taken out of its answer file and checked. */
#ifndef RF_HOST_REPLIES_H
#define RF_HOST_REPLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "worker/protocol.h"

/** One answer, checked. Pointers are borrowed until the next call on the worker. */
struct rf_worker_answer {
    uint32_t kind;
    uint32_t status;
    uint64_t instance;
    uint64_t applied;
    uint64_t digest;
    uint64_t likeness;
    uint64_t trail;
    const char *text;
    size_t text_bytes;
};

/** What a batch's instance asked for, as the host remembers it. */
struct rf_expected {
    uint64_t count;
    uint64_t snapshot_after;
    uint32_t flags;
};

/**
 * The stream of answers and how far it has come. All zero is valid before the first batch.
 *
 * Nothing that a worker writes is believed. Slots are copied out with pread before anything in them
 * is looked at: what the worker scribbles meanwhile cannot change what was checked, and a file that
 * it cut short is a short read, not a signal for us.
 */
struct rf_replies {
    struct rf_expected *expected; /**< the batch's instances */
    size_t expected_count;
    size_t expected_room;

    uint64_t slots;    /**< slots taken so far */
    uint64_t sequence; /**< of the next answer */
    struct rf_buf stream;
    size_t taken; /**< answers before this byte of it are taken */

    size_t instance; /**< the one whose answers come now */
    bool has_state;  /**< its STATE came */
    bool broken;     /**< and was RF_STATUS_BROKEN */
    uint64_t state_applied;
    bool has_trace;
    uint64_t trace_applied;
    uint64_t trail_hashes; /**< of the instance, so far */
    bool has_calls;        /**< its CALLS came */

    bool stepped; /**< in this batch */
    uint64_t step_instance;
    uint64_t step_event;
    bool rebuilding; /**< behind that step */
    uint64_t rebuilt_event;
};

void rf_replies_done(struct rf_replies *replies);

/** A batch of `instances` requests is handed over. They are ours: contradictions end refold. */
void rf_replies_begin(struct rf_replies *replies, const unsigned char *requests, size_t bytes,
                      uint64_t instances);

/** Take a slot's bytes out of the answer file.
 * @return  RF_OK; RF_ERR_CORRUPT with what the worker did: its text is a death */
RF_MUST_USE rf_code rf_replies_add_slot(struct rf_replies *replies, int file,
                                        const struct rf_notice *notice, struct rf_err *reterr);

/** Note a step, or one of a rebuild. RF_ERR_CORRUPT where it is none that may come now. */
RF_MUST_USE rf_code rf_replies_step(struct rf_replies *replies, const struct rf_notice *notice,
                                    struct rf_err *reterr);

/** The next whole answer of the stream; `*ret_found` is false where there is none yet.
 * @return  RF_OK; RF_ERR_CORRUPT where it is not the one that may come now */
RF_MUST_USE rf_code rf_replies_take(struct rf_replies *replies, bool *ret_found,
                                    struct rf_worker_answer *ret, struct rf_err *reterr);

/**
 * Take what a dead worker wrote into the slot in use and never announced: its answers are checked
 * as all others, and what is no whole answer ends them.
 */
void rf_replies_add_rest(struct rf_replies *replies, int file);

/** Whether all instances are answered, and nothing is behind. */
bool rf_replies_whole(const struct rf_replies *replies);

#endif

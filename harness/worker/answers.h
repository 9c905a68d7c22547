/* SPDX-License-Identifier: MIT */
/* The worker's end of the protocol: commands in; notices and the stream of answers out. */
#ifndef RF_WORKER_ANSWERS_H
#define RF_WORKER_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "worker/protocol.h"

/** Where the stream of answers is. One thread. */
struct rf_answers {
    unsigned char *slots; /**< the mapped answer file */
    uint64_t slot;        /**< number of the slot in use, from 0 on and never again */
    uint64_t used_bytes;  /**< in it */
    uint64_t free_slots;  /**< credits: slots that may be begun, the one in use not among them */
    uint64_t sequence;    /**< of the next answer */
};

/** Map the answer file (RF_FD_ANSWERS). Ends the worker where that fails. */
void rf_answers_open(struct rf_answers *answers);

/**
 * Append an answer; `answer` has kind, status, instance, applied and digest, the rest is filled in.
 * Waits for the host where all slots are full.
 */
void rf_answers_send(struct rf_answers *answers, const struct rf_answer *answer,
                     const struct rf_buf *text);

/** Hand over what is in the slot in use, and say that the batch is done. */
void rf_answers_end_batch(struct rf_answers *answers, uint64_t batch);

/** Wait for the next batch; credits that come before it are taken. False when the host is done. */
bool rf_answers_next_batch(struct rf_answers *answers, struct rf_command *ret);

/** Ends the worker where the host is gone. */
void rf_notice_send(uint32_t kind, uint64_t number, uint64_t value);

/** A line on standard error, and the end with status 3: the worker itself cannot go on. */
_Noreturn void rf_worker_fail(const char *format, ...) RF_PRINTF(1, 2);

#endif

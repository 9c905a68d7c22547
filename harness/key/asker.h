/* SPDX-License-Identifier: MIT */
/* A worker that is asked what payloads are: started, watched, and started again where it dies. */
#ifndef RF_KEY_ASKER_H
#define RF_KEY_ASKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "host/build.h"
#include "key/batch.h"

/** What one build said of a batch. All zero is valid. */
struct rf_heard {
    struct rf_buf texts;
    struct rf_heard_item {
        bool died;            /**< the worker did, of this payload: the text is how */
        struct rf_slice text; /**< the answer; empty: the payload is another's */
    } items[RF_BATCH_PAYLOADS];
};

/** One build that identifies; shared by all threads. */
struct rf_identifier {
    const struct rf_build *build; /**< borrowed */
    int timeout_ms;
    const atomic_bool *stop; /**< or NULL */
    atomic_size_t deaths;
};

/** A worker of one thread's own. */
struct rf_asker;
struct rf_asker *rf_asker_new(struct rf_identifier *identifier);
/** Ends the worker. Accepts NULL. */
void rf_asker_free(struct rf_asker *asker);

/**
 * Ask about all of a batch. Where the worker dies, hangs, or says what it cannot say, it is asked
 * one by one until it is known at which payload; that one is `died`, and the rest goes on. A worker
 * that had answered before shows nothing of a payload: a fresh one is asked about it. Where it is
 * none alone, the first of them is, unless they are slow, or take memory together.
 *
 * @return  RF_OK; RF_ERR_USAGE: that has happened RF_LIMIT_HANGS times, to all threads together
 *          (memory taken together does not count); RF_ERR_INTERRUPTED; RF_ERR_INTERNAL: no worker
 *          can be started
 */
RF_MUST_USE rf_code rf_asker_ask(struct rf_asker *asker, const struct rf_batch *batch,
                                 struct rf_heard *ret, struct rf_err *reterr);

#endif

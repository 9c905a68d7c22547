/* SPDX-License-Identifier: MIT */
/*
 * Payloads that are no JSON: the loaded builds that identify are asked what they are.
 *
 * This station stands between decode and history. Decoding hands on bytes that an event may be
 * (struct rf_payload); here they wait until there are enough of them to ask about, or the object
 * ends; what is told becomes a record of the envelope `flat`, and goes on as any other event does,
 * at its own object, offset and part. So nothing of it depends on what was asked together.
 *
 *   identifiers.c  who is asked, and what of several answers counts
 *   batch.c        payloads that wait
 *   asker.c        a build's worker, and its death
 *   told.c         one answer, read and checked
 */
#ifndef RF_KEY_IDENTIFIERS_H
#define RF_KEY_IDENTIFIERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "decode/decode.h"
#include "host/build.h"

/** The builds that are asked; shared by all threads. */
struct rf_identifiers;

struct rf_identifiers_request {
    struct rf_build *const *builds; /**< all that are loaded; borrowed */
    struct rf_build *const
        *rivals; /**< of compare: HEAD's, same order, which must agree; or NULL */
    size_t count;
    struct rf_build *const *unpaired; /**< of compare: what only HEAD has; or NULL */
    size_t unpaired_count;
    int timeout_ms;          /**< for an answer */
    const atomic_bool *stop; /**< ends early; or NULL */
};

/** NULL where none of the builds identifies. */
struct rf_identifiers *rf_identifiers_new(const struct rf_identifiers_request *request);
/** Accepts NULL. */
void rf_identifiers_free(struct rf_identifiers *identifiers);

/** Append "; identify NAME SHA-256" of each: packs hold for these builds. Accepts NULL. */
void rf_identifiers_put(const struct rf_identifiers *identifiers, struct rf_buf *out);

/** After the last question: the builds must still be what was asked. RF_ERR_SOURCE otherwise.
 * Accepts NULL. */
RF_MUST_USE rf_code rf_identifiers_check(const struct rf_identifiers *identifiers,
                                         struct rf_err *reterr);

/** One thread's end: payloads that wait, and a worker for each build, started when one comes. */
struct rf_asking;
struct rf_asking *rf_asking_new(struct rf_identifiers *identifiers);
/** Ends the workers. Accepts NULL. */
void rf_asking_free(struct rf_asking *asking);

/** Begin an object: its events and what is malformed go to the sink, and are counted; both are
 * borrowed until the next begin. */
void rf_asking_begin(struct rf_asking *asking, const struct rf_decode_sink *sink,
                     struct rf_decode_counts *counts);

/**
 * A payload of the object. It is copied, and may be settled later, together with others.
 *
 * It is an event where one build says so, and all others say that it is another's; else it is
 * malformed, with a sentence.
 *
 * @return  RF_OK; what the sink returned; what rf_asker_ask returned
 */
RF_MUST_USE rf_code rf_asking_add(struct rf_asking *asking, const struct rf_payload *payload,
                                  struct rf_err *reterr);
/** Settle all that wait: at the object's end, however it came to that. */
RF_MUST_USE rf_code rf_asking_settle(struct rf_asking *asking, struct rf_err *reterr);

#endif

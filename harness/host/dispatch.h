/* SPDX-License-Identifier: MIT */
/* The host's end of a scenario: events and commands to a worker, what it made of them back. */
#ifndef RF_HOST_DISPATCH_H
#define RF_HOST_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "host/build.h"

enum rf_dispatch_kind { RF_DISPATCH_EVENT, RF_DISPATCH_COMMAND, RF_DISPATCH_STATE };

/** An event that a command made. Owned. */
struct rf_dispatch_event {
    char *type; /**< may hold NUL */
    size_t type_bytes;
    char *data; /**< JSON as it was emitted, and what the envelope holds beside its own members */
    size_t data_bytes;
};

/** One step. The caller sets `kind`; the rest is 0 until the worker says something of it. */
struct rf_dispatch_step {
    enum rf_dispatch_kind kind;
    bool answered; /**< command: it was refused, or `made` is set; state: `text` is set */
    bool refused;  /**< the command was; `text` is the refusal's, and may be empty */
    char *text;    /**< a refusal's UTF-8, or a state's canonical JSON; owned */
    size_t text_bytes;
    struct rf_dispatch_event *made;
    size_t made_count;
};

enum rf_dispatch_ending {
    RF_DISPATCH_WHOLE,   /**< all steps are answered */
    RF_DISPATCH_REFUSED, /**< apply refused an event */
    RF_DISPATCH_BROKEN,  /**< handle or the state gave no answer that may be */
    RF_DISPATCH_DIED,
    RF_DISPATCH_LIED, /**< the worker said what it could not: it was killed */
    RF_DISPATCH_HUNG, /**< it was killed */
};

/** What the worker was at when it ended. */
enum rf_dispatch_place {
    RF_DISPATCH_AT_START, /**< before the first step */
    RF_DISPATCH_AT_APPLY,
    RF_DISPATCH_AT_HANDLE,
    RF_DISPATCH_AT_STATE,
};

struct rf_dispatch_result {
    enum rf_dispatch_ending ending;
    enum rf_dispatch_place place; /**< unless it is WHOLE, and `step` and `event` with it */
    size_t step;
    size_t event;      /**< AT_APPLY: which of those that the command made; 0 for an event's step */
    char message[600]; /**< "OrderPaid: AmountCents is not an integer", "SIGSEGV (…)", … */
};

/** How long a worker may give no sign (host/watch.h). */
struct rf_dispatch_limits {
    int load_ms; /**< until it is loaded, and its program has said hello */
    int call_ms; /**< in one call of the aggregate */
    int end_ms;  /**< behind the last step: for a last call, and for its program to end */
};

/** For a --timeout of so much. */
struct rf_dispatch_limits rf_dispatch_limits(int timeout_ms);

/**
 * Play one scenario in a worker of its own, so that whatever it does ends with it.
 *
 * @request     the scenario as protocol.h, "Dispatch", has it; its steps are those of `steps`
 * @steps       filled in; what they own is freed by rf_dispatch_steps_done
 * @return      RF_OK; RF_ERR_INTERNAL where no worker can be started
 * Threads: any.
 */
RF_MUST_USE rf_code rf_dispatch(const struct rf_build *build, const char *request,
                                size_t request_bytes, struct rf_dispatch_step *steps,
                                size_t step_count, const struct rf_dispatch_limits *limits,
                                struct rf_dispatch_result *ret, struct rf_err *reterr);
void rf_dispatch_steps_done(struct rf_dispatch_step *steps, size_t count);

#endif

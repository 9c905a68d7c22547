/* SPDX-License-Identifier: MIT */
/* Calling an aggregate's upcast: an event as it is stored becomes one in today's shape. */
#ifndef RF_WORKER_UPCAST_H
#define RF_WORKER_UPCAST_H

#include <stdbool.h>

#include "base/buf.h"
#include "worker/plugin.h"

/** What came of it. */
enum rf_upcast {
    RF_UPCAST_DONE,
    RF_UPCAST_REFUSED, /**< by the aggregate: rf_values_rejection has its text */
    RF_UPCAST_ODD,     /**< what it did is no answer: `ret_why` says what */
};

/**
 * @event  one that was not handed to another call yet
 * @ret    as the aggregate wants it; borrows from `event`, and from here until the next call. The
 *         event itself can be handed out once more (rf_values_begin_again)
 */
enum rf_upcast rf_upcast(const struct rf_plugin *plugin, const refold_event *event,
                         refold_event *ret, struct rf_buf *ret_why);

#endif

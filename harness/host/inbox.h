/* SPDX-License-Identifier: MIT */
/* The host's end of a worker's notices. */
#ifndef RF_HOST_INBOX_H
#define RF_HOST_INBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "worker/protocol.h"

#define RF_INBOX_NOTICES 256

/** Notices that were received and not yet taken, the last one perhaps in part. All zero is empty.
 */
struct rf_inbox {
    struct rf_notice notices[RF_INBOX_NOTICES];
    size_t bytes; /**< received */
    size_t taken; /**< notices */
};

/** The next notice that has come in whole. False where there is none. */
bool rf_inbox_take(struct rf_inbox *inbox, struct rf_notice *ret);

enum rf_inbox_filled { RF_INBOX_SOME, RF_INBOX_NOTHING, RF_INBOX_ENDED };

/** Read what lies in the pipe, which does not block; all whole notices must have been taken. */
enum rf_inbox_filled rf_inbox_fill(struct rf_inbox *inbox, int pipe);

#endif

/* SPDX-License-Identifier: MIT */
/* The host's end of a worker's notices. */
#include "host/inbox.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

bool
rf_inbox_take(struct rf_inbox *inbox, struct rf_notice *ret)
{
    if ((inbox->taken + 1) * sizeof(*ret) > inbox->bytes) {
        return false;
    }
    *ret = inbox->notices[inbox->taken];
    inbox->taken++;
    return true;
}

enum rf_inbox_filled
rf_inbox_fill(struct rf_inbox *inbox, int pipe)
{
    char *bytes = (char *)inbox->notices;
    size_t taken = inbox->taken * sizeof(struct rf_notice);
    size_t left = inbox->bytes - taken;
    if (taken > 0) {
        memmove(bytes, bytes + taken, left);
        inbox->taken = 0;
        inbox->bytes = left;
    }
    ssize_t got = read(pipe, bytes + left, sizeof(inbox->notices) - left);
    if (got > 0) {
        inbox->bytes += (size_t)got;
        return RF_INBOX_SOME;
    }
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return RF_INBOX_NOTHING;
    }
    if (got < 0) { /* not the worker's fault: a pipe that its writer left ends with 0 */
        rf_bug(__FILE__, __LINE__, "a worker's notices cannot be read: %s", strerror(errno));
    }
    return RF_INBOX_ENDED;
}

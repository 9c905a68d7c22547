/* SPDX-License-Identifier: MIT */
/* A folder that only one process changes at a time. */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

rf_code
rf_lock_folder(const char *folder, int *ret, struct rf_err *reterr)
{
    *ret = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret < 0 && errno != ENOENT && errno != ENOTDIR) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, folder, "cannot open the folder");
    }
    if (*ret < 0 || flock(*ret, LOCK_EX | LOCK_NB) == 0) {
        return RF_OK;
    }
    int reason = errno;
    (void)close(*ret);
    *ret = -1;
    return reason == EWOULDBLOCK
               ? rf_fail(reterr, RF_ERR_SOURCE, folder,
                         "another refold is changing this folder: once more when it has ended")
               : RF_OK; /* some network file systems have no locks */
}

void
rf_unlock_folder(int lock)
{
    if (lock >= 0) {
        (void)close(lock);
    }
}

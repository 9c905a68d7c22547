/* SPDX-License-Identifier: MIT */
/* A folder that only one process changes at a time. Nothing is left of a lock, whatever ends the
 * process that has it. */
#ifndef RF_BASE_LOCK_H
#define RF_BASE_LOCK_H

#include "base/error.h"

/**
 * Lock a folder, without waiting.
 * @ret     for rf_unlock_folder; -1 where the folder is not there, or its file system has no locks
 * @return  RF_OK; RF_ERR_SOURCE: another process has it, or it cannot be opened
 */
RF_MUST_USE rf_code rf_lock_folder(const char *folder, int *ret, struct rf_err *reterr);
/** Accepts -1. */
void rf_unlock_folder(int lock);

#endif

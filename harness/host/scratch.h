/* SPDX-License-Identifier: MIT */
/* Folders of ours for what is built. */
#ifndef RF_HOST_SCRATCH_H
#define RF_HOST_SCRATCH_H

#include "base/error.h"

/** A new folder under $TMPDIR or /tmp, absolute; owned by the caller. RF_ERR_USAGE where there can
 * be none. */
RF_MUST_USE rf_code rf_scratch_folder(char **ret, struct rf_err *reterr);

/** Removes the folder and all that is in it. Accepts NULL. */
void rf_scratch_drop(const char *folder);

#endif

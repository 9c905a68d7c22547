/* SPDX-License-Identifier: MIT */
/* The key with which private values are hashed: found, read, and refused where it is no secret. */
#ifndef RF_CLI_PRIVATE_KEY_H
#define RF_CLI_PRIVATE_KEY_H

#include "base/buf.h"
#include "base/error.h"
#include "cli/settings.h"

/** Take REFOLD_PRIVATE_KEY out of the environment, so that no program that refold starts, and no
 * one who looks at its environment, finds it there. Once, before anything else looks at it. */
void rf_private_key_take(void);

/**
 * Read the key: --private-key-file (or its variable), else REFOLD_PRIVATE_KEY, else the config's
 * `private_key_file`.
 * @ret     appended to; to be wiped by the caller (rf_private_key_wipe)
 * @return  RF_OK; RF_ERR_USAGE: there is none, it is too short, or its file is one that others
 *          read: by its permissions, as git has it, or in the golden folder
 */
RF_MUST_USE rf_code rf_private_key_read(const struct rf_settings *settings, struct rf_buf *ret,
                                        struct rf_err *reterr);

/** Overwrite and free. */
void rf_private_key_wipe(struct rf_buf *key);

#endif

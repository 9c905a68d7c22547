/* SPDX-License-Identifier: MIT */
/* What a new aggregate in Go or Rust needs of refold: the sources that speak with it. */
#ifndef RF_CLI_NEW_LIBRARY_H
#define RF_CLI_NEW_LIBRARY_H

#include "base/error.h"

/**
 * Copy a shared library's sources ("go", "rust") into a new folder. They are looked for in share/
 * beside this executable, then where make install put them from there (../share/refold).
 * @return  RF_OK; RF_ERR_USAGE: they are in neither place; RF_ERR_OUTPUT: a file cannot be copied
 */
RF_MUST_USE rf_code rf_new_library_copy(const char *library, const char *to, struct rf_err *reterr);

#endif

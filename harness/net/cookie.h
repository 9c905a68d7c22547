/* SPDX-License-Identifier: MIT */
/* Cookies that a CDN has signed, kept in a file. */
#ifndef RF_NET_COOKIE_H
#define RF_NET_COOKIE_H

#include "base/error.h"

/**
 * The value of a Cookie header from a file with that one line, with "Cookie:" in front or without;
 * empty lines and those that begin with # are none.
 *
 * @ret     owned by the caller on RF_OK; a secret (base/secret.h)
 * @return  RF_OK; RF_ERR_USAGE: cannot be read, every user may read it, or it holds something else
 */
RF_MUST_USE rf_code rf_cookie_read(const char *path, char **ret, struct rf_err *reterr);

#endif

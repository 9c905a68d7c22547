/* SPDX-License-Identifier: MIT */
/* SHA-256, where trust matters: builds and goldens. */
#ifndef RF_BASE_SHA256_H
#define RF_BASE_SHA256_H

#include <stddef.h>

#include "base/error.h"

#define RF_SHA256_HEX_BYTES 65

/** A SHA-256 in the making. */
struct rf_sha256;
struct rf_sha256 *rf_sha256_new(void);
void rf_sha256_add(struct rf_sha256 *sha, const void *bytes, size_t count);
/** Writes 64 hex digits and NUL, and frees `sha`. */
void rf_sha256_finish(struct rf_sha256 *sha, char hex[RF_SHA256_HEX_BYTES]);
/** Of bytes that are all at hand; NULL is fine for none. */
void rf_sha256_make(const void *bytes, size_t count, char hex[RF_SHA256_HEX_BYTES]);
/** @return RF_OK, or RF_ERR_SOURCE (hex is then untouched) */
RF_MUST_USE rf_code rf_sha256_file(const char *path, char hex[RF_SHA256_HEX_BYTES],
                                   struct rf_err *reterr);

#endif

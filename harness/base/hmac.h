/* SPDX-License-Identifier: MIT */
/* HMAC-SHA-256 (RFC 2104) with a key that is set once: for what may be told only to who has it. */
#ifndef RF_BASE_HMAC_H
#define RF_BASE_HMAC_H

#include <stddef.h>

#define RF_HMAC_BYTES 32

/** A key, ready to be used. Threads: any, at the same time. */
struct rf_hmac;

/** The key is borrowed for the call. */
struct rf_hmac *rf_hmac_new(const void *key, size_t bytes);
/** Accepts NULL. */
void rf_hmac_free(struct rf_hmac *hmac);

/** Of a text that comes in two parts; `front` tells one use of the key from another. */
void rf_hmac_make(const struct rf_hmac *hmac, const void *front, size_t front_bytes,
                  const void *text, size_t text_bytes, unsigned char ret[RF_HMAC_BYTES]);

#endif

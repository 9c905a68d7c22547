/* SPDX-License-Identifier: MIT */
/* HMAC-SHA-256, by nettle. */
#include "base/hmac.h"

#include <nettle/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct rf_hmac {
    struct hmac_sha256_ctx keyed; /* never updated: each use is of a copy */
};

struct rf_hmac *
rf_hmac_new(const void *key, size_t bytes)
{
    struct rf_hmac *hmac = rf_alloc(sizeof(*hmac));
    hmac_sha256_set_key(&hmac->keyed, bytes, key);
    return hmac;
}

void
rf_hmac_free(struct rf_hmac *hmac)
{
    if (hmac != NULL) {
        explicit_bzero(hmac, sizeof(*hmac));
        free(hmac);
    }
}

static void
add(struct hmac_sha256_ctx *nettle, const void *bytes, size_t count)
{
    if (count > 0) { /* else they may be NULL */
        hmac_sha256_update(nettle, count, bytes);
    }
}

void
rf_hmac_make(const struct rf_hmac *hmac, const void *front, size_t front_bytes, const void *text,
             size_t text_bytes, unsigned char ret[RF_HMAC_BYTES])
{
    struct hmac_sha256_ctx copy = hmac->keyed;
    add(&copy, front, front_bytes);
    add(&copy, text, text_bytes);
    hmac_sha256_digest(&copy, RF_HMAC_BYTES, ret);
}

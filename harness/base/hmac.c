/* SPDX-License-Identifier: MIT */
/* HMAC-SHA-256, by libcrypto. */
#include "base/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/error.h"

struct rf_hmac {
    EVP_MAC_CTX *keyed; /* never updated: each use is of a copy */
};

struct rf_hmac *
rf_hmac_new(const void *key, size_t bytes)
{
    struct rf_hmac *hmac = rf_alloc(sizeof(*hmac));
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
    RF_VERIFY(mac != NULL);
    hmac->keyed = EVP_MAC_CTX_new(mac);
    RF_VERIFY(hmac->keyed != NULL && EVP_MAC_init(hmac->keyed, key, bytes, params) == 1);
    EVP_MAC_free(mac); /* the context holds it */
    return hmac;
}

void
rf_hmac_free(struct rf_hmac *hmac)
{
    if (hmac != NULL) {
        EVP_MAC_CTX_free(hmac->keyed);
        free(hmac);
    }
}

void
rf_hmac_make(const struct rf_hmac *hmac, const void *front, size_t front_bytes, const void *text,
             size_t text_bytes, unsigned char ret[RF_HMAC_BYTES])
{
    size_t bytes = 0;
    EVP_MAC_CTX *copy = EVP_MAC_CTX_dup(hmac->keyed);
    RF_VERIFY(copy != NULL);
    RF_VERIFY(EVP_MAC_update(copy, front, front_bytes) == 1);
    RF_VERIFY(EVP_MAC_update(copy, text, text_bytes) == 1);
    RF_VERIFY(EVP_MAC_final(copy, ret, &bytes, RF_HMAC_BYTES) == 1 && bytes == RF_HMAC_BYTES);
    EVP_MAC_CTX_free(copy);
}

/* SPDX-License-Identifier: MIT */
/* MD5, by libcrypto. */
#include "base/md5.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/error.h"

#define MD5_BYTES 16

struct rf_md5 {
    EVP_MD_CTX *evp;
};

struct rf_md5 *
rf_md5_new(void)
{
    EVP_MD_CTX *evp = EVP_MD_CTX_new();
    RF_VERIFY(evp != NULL);
    if (EVP_DigestInit_ex(evp, EVP_md5(), NULL) != 1) {
        EVP_MD_CTX_free(evp);
        return NULL;
    }
    struct rf_md5 *md5 = rf_alloc(sizeof(*md5));
    md5->evp = evp;
    return md5;
}

void
rf_md5_add(struct rf_md5 *md5, const void *bytes, size_t count)
{
    RF_VERIFY(EVP_DigestUpdate(md5->evp, bytes, count) == 1);
}

void
rf_md5_finish(struct rf_md5 *md5, char hex[RF_MD5_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_bytes = 0;
    RF_VERIFY(EVP_DigestFinal_ex(md5->evp, digest, &digest_bytes) == 1);
    RF_VERIFY(digest_bytes == MD5_BYTES);
    for (size_t i = 0; i < MD5_BYTES; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[RF_MD5_HEX_BYTES - 1] = '\0';
    EVP_MD_CTX_free(md5->evp);
    free(md5);
}

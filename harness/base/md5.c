/* SPDX-License-Identifier: MIT */
/* MD5, by nettle. */
#include "base/md5.h"

#include <nettle/md5.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hex.h"

struct rf_md5 {
    struct md5_ctx nettle;
};

struct rf_md5 *
rf_md5_new(void)
{
    struct rf_md5 *md5 = rf_alloc(sizeof(*md5));
    md5_init(&md5->nettle);
    return md5;
}

void
rf_md5_add(struct rf_md5 *md5, const void *bytes, size_t count)
{
    if (count > 0) { /* else they may be NULL */
        md5_update(&md5->nettle, count, bytes);
    }
}

void
rf_md5_finish(struct rf_md5 *md5, char hex[RF_MD5_HEX_BYTES])
{
    unsigned char digest[MD5_DIGEST_SIZE];
    md5_digest(&md5->nettle, sizeof(digest), digest);
    rf_hex_put(digest, sizeof(digest), hex);
    free(md5);
}

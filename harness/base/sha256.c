/* SPDX-License-Identifier: MIT */
/* SHA-256, by nettle. */
#include "base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hex.h"

#define FILE_READ_BYTES ((size_t)64 << 10)

struct rf_sha256 {
    struct sha256_ctx nettle;
};

struct rf_sha256 *
rf_sha256_new(void)
{
    struct rf_sha256 *sha = rf_alloc(sizeof(*sha));
    sha256_init(&sha->nettle);
    return sha;
}

static void
add(struct sha256_ctx *nettle, const void *bytes, size_t count)
{
    if (count > 0) { /* else they may be NULL */
        sha256_update(nettle, count, bytes);
    }
}

static void
finish(struct sha256_ctx *nettle, char hex[RF_SHA256_HEX_BYTES])
{
    unsigned char digest[SHA256_DIGEST_SIZE];
    sha256_digest(nettle, sizeof(digest), digest);
    rf_hex_put(digest, sizeof(digest), hex);
}

void
rf_sha256_add(struct rf_sha256 *sha, const void *bytes, size_t count)
{
    add(&sha->nettle, bytes, count);
}

void
rf_sha256_finish(struct rf_sha256 *sha, char hex[RF_SHA256_HEX_BYTES])
{
    finish(&sha->nettle, hex);
    free(sha);
}

void
rf_sha256_make(const void *bytes, size_t count, char hex[RF_SHA256_HEX_BYTES])
{
    struct sha256_ctx nettle;
    sha256_init(&nettle);
    add(&nettle, bytes, count);
    finish(&nettle, hex);
}

/* Adds all that is left to read; RF_ERR_SOURCE with errno where a read fails. */
static rf_code
add_open_file(struct rf_sha256 *sha, int fd, const char *path, struct rf_err *reterr)
{
    rf_code code = RF_OK;
    char *bytes = rf_alloc(FILE_READ_BYTES);
    for (;;) {
        ssize_t count = read(fd, bytes, FILE_READ_BYTES);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            code = rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot read the file");
        }
        if (count <= 0) {
            break;
        }
        rf_sha256_add(sha, bytes, (size_t)count);
    }
    free(bytes);
    return code;
}

rf_code
rf_sha256_file(const char *path, char hex[RF_SHA256_HEX_BYTES], struct rf_err *reterr)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot open the file");
    }
    struct rf_sha256 *sha = rf_sha256_new();
    rf_code code = add_open_file(sha, fd, path, reterr);
    (void)close(fd);
    char digest[RF_SHA256_HEX_BYTES];
    rf_sha256_finish(sha, digest);
    if (code == RF_OK) {
        memcpy(hex, digest, sizeof(digest));
    }
    return code;
}

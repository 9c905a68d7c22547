/* SPDX-License-Identifier: MIT */
/* SHA-256, by libcrypto. */
#include "base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

#define SHA256_BYTES    32
#define FILE_READ_BYTES ((size_t)64 << 10)

struct rf_sha256 {
    EVP_MD_CTX *evp;
};

struct rf_sha256 *
rf_sha256_new(void)
{
    struct rf_sha256 *sha = rf_alloc(sizeof(*sha));
    sha->evp = EVP_MD_CTX_new();
    RF_VERIFY(sha->evp != NULL);
    RF_VERIFY(EVP_DigestInit_ex(sha->evp, EVP_sha256(), NULL) == 1);
    return sha;
}

void
rf_sha256_add(struct rf_sha256 *sha, const void *bytes, size_t count)
{
    RF_VERIFY(EVP_DigestUpdate(sha->evp, bytes, count) == 1);
}

void
rf_sha256_finish(struct rf_sha256 *sha, char hex[RF_SHA256_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_bytes = 0;
    RF_VERIFY(EVP_DigestFinal_ex(sha->evp, digest, &digest_bytes) == 1);
    RF_VERIFY(digest_bytes == SHA256_BYTES);
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[RF_SHA256_HEX_BYTES - 1] = '\0';
    EVP_MD_CTX_free(sha->evp);
    free(sha);
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

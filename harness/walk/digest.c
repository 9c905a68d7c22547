/* SPDX-License-Identifier: MIT */
/* What an object's stored bytes are, in one digest. */
#include "walk/digest.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define READ_BYTES ((size_t)64 << 10)

void
rf_digest_read(struct rf_sha256 *sha, rf_code code, const void *bytes, size_t got,
               const struct rf_err *err)
{
    if (code == RF_OK) {
        rf_sha256_add(sha, bytes, got);
    } else {
        rf_sha256_add(sha, "\0", 1);
        rf_sha256_add(sha, err->text, strlen(err->text));
    }
}

rf_code
rf_object_digest(const struct rf_objects *objects, const struct rf_object *object,
                 char hex[RF_SHA256_HEX_BYTES], struct rf_err *reterr)
{
    struct rf_reader *reader = NULL;
    struct rf_err err = {0};
    struct rf_sha256 *sha = rf_sha256_new();
    char *bytes = rf_alloc(READ_BYTES);
    rf_code code = rf_reader_open(objects, object, &reader, &err);
    size_t got = code == RF_OK;
    while (code == RF_OK && got > 0) {
        code = rf_reader_read(reader, bytes, READ_BYTES, &got, &err);
        if (code == RF_OK || rf_code_is_damage(code)) {
            rf_digest_read(sha, code, bytes, got, &err);
        }
    }
    rf_reader_close(reader);
    free(bytes);
    rf_sha256_finish(sha, hex);
    if (code != RF_OK && !rf_code_is_damage(code)) {
        *reterr = err;
        return code;
    }
    return RF_OK;
}

/* SPDX-License-Identifier: MIT */
/* S3's addresses: s3://bucket/prefix, the URL of a key, and what its errors mean. */
#ifndef RF_NET_S3_H
#define RF_NET_S3_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "net/http.h"

/** A bucket, and a folder in it. All zero is none; owned. */
struct rf_s3_address {
    char *bucket;
    char *prefix; /**< "" or ends in '/': what lies below it is meant, not what begins alike */
};

/** Whether a text is an s3:// address, or wants to be one. */
bool rf_s3_is(const char *text);

/** Read s3://bucket[/prefix]. Nothing in it is encoded: a key is written as it is. RF_ERR_USAGE:
 * no bucket, or a name that none can have. */
RF_MUST_USE rf_code rf_s3_address_read(const char *text, struct rf_s3_address *ret,
                                       struct rf_err *reterr);
/** As rf_s3_address_read, of one object: `prefix` is its key. */
RF_MUST_USE rf_code rf_s3_object_read(const char *text, struct rf_s3_address *ret,
                                      struct rf_err *reterr);
void rf_s3_address_done(struct rf_s3_address *address);

/** Append bytes as a signed URL has them: all but A-Z a-z 0-9 - . _ ~ (and '/', of a path) as %XX.
 */
void rf_s3_encode(struct rf_buf *out, const char *bytes, size_t count, bool is_path);

/**
 * The URL of a key. Dots and doubled slashes in it are only bytes of a name, and stay.
 * @endpoint    "https://s3.eu-west-1.amazonaws.com", no slash at its end; it may have a path
 * @path_style  the bucket stands in the path, not in front of the host
 * @key         "" for the bucket itself
 * @query       encoded, without '?'; or NULL
 */
char *rf_s3_url(const char *endpoint, bool path_style, const char *bucket, const char *key,
                const char *query);

/** What is wrong and what to do next, of an error's code ("NoSuchBucket"), as the end of a
 * sentence; NULL where only the code itself can be told. */
const char *rf_s3_advice(const char *code);

/** Append what an answer of status 300 and above means: its code, and what to do. Nothing where it
 * is no answer of S3's. For rf_transfer_wanted. Threads: any. */
void rf_s3_explain(const struct rf_http_answer *answer, struct rf_buf *text);

#endif

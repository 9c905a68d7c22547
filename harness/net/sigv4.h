/* SPDX-License-Identifier: MIT */
/*
 * AWS Signature Version 4 (docs.aws.amazon.com, "Signature Version 4 signing process"): a request
 * that carries proof of a secret key, without the key.
 *
 * Signed by refold itself: libcurl before 8.19 signs queries and paths as they stand, which is not
 * what S3 computes.
 */
#ifndef RF_NET_SIGV4_H
#define RF_NET_SIGV4_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "net/http.h"

/** Never printed, but for `id`, which is no secret. All zero: none. */
struct rf_aws_key {
    char *id;
    char *secret;
    char *token;     /**< of a session; or NULL */
    int64_t expires; /**< seconds since 1970; INT64_MAX: never */
};

/** Overwrites and frees what it holds; all zero afterwards. */
void rf_aws_key_done(struct rf_aws_key *key);

/**
 * Sign a request: sets `x-amz-date`, `Authorization`, with a session `x-amz-security-token`, for
 * S3 `x-amz-content-sha256`, and takes away what an earlier try left of these. All headers that
 * it carries are signed, but those that a server in between may change.
 *
 * The address is written anew as it was signed: its query sorted and encoded, for S3 its path
 * encoded once and not normalised (`//` and `..` are parts of a key). It must be sent as it is.
 *
 * @service  "s3", "dynamodb", "sts", …
 * @return   RF_OK; RF_ERR_USAGE: the address is none
 * Threads: any, each with a request of its own.
 */
RF_MUST_USE rf_code rf_sigv4_sign(struct rf_http_request *request, const struct rf_aws_key *key,
                                  const char *region, const char *service, int64_t unix_seconds,
                                  struct rf_err *reterr);

/** Append the canonical request of a signed one: what a server computes too, line by line. A
 * session's token is left out of it. */
void rf_sigv4_explain(const struct rf_http_request *request, const char *service,
                      struct rf_buf *ret);

#endif

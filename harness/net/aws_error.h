/* SPDX-License-Identifier: MIT */
/* What AWS says when it refuses: S3's and STS's XML, DynamoDB's JSON. */
#ifndef RF_NET_AWS_ERROR_H
#define RF_NET_AWS_ERROR_H

#include "net/http.h"

/** Owned; NULL: not told. Bytes of the server's. */
struct rf_aws_error {
    char *code; /**< "SignatureDoesNotMatch", "ExpiredTokenException" */
    char *message;
    char *region;    /**< the bucket's own, of the body or the header; it can be a region's name */
    char *canonical; /**< the canonical request that the server computed, with a token in it */
};

/** What is no such answer gives an empty error. */
void rf_aws_error_read(const struct rf_http_answer *answer, struct rf_aws_error *ret);
/** Overwrites and frees. */
void rf_aws_error_done(struct rf_aws_error *error);

#endif

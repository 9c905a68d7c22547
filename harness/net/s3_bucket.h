/* SPDX-License-Identifier: MIT */
/* A bucket that is asked: who asks, where it is, and its keys. */
#ifndef RF_NET_S3_BUCKET_H
#define RF_NET_S3_BUCKET_H

#include "base/buf.h"
#include "base/error.h"
#include "net/net.h"
#include "net/settings.h"

struct rf_s3_bucket;

/**
 * Find credentials and where the bucket is; nothing is asked of it yet.
 * @settings  NULL: as the environment and AWS's own files say
 * @name      of the bucket, for messages too ("s3://name/…" is not needed)
 * @net       borrowed, as long as the bucket
 * @return    RF_OK; the errors of rf_aws_new, rf_aws_signer and rf_net_check
 */
RF_MUST_USE rf_code rf_s3_bucket_open(const struct rf_aws_settings *settings, const char *name,
                                      struct rf_net *net, struct rf_s3_bucket **ret,
                                      struct rf_err *reterr);
/** No transfer of it is under way any more. Accepts NULL. */
void rf_s3_bucket_free(struct rf_s3_bucket *bucket);

const char *rf_s3_bucket_name(const struct rf_s3_bucket *bucket);

/** Whether its listings have no order: a directory bucket. */
bool rf_s3_bucket_unordered(const struct rf_s3_bucket *bucket);

/** An rf_s3_ask_function (net/s3_list.h), whose context is the bucket. RF_ERR_USAGE where there is
 * no such bucket; RF_ERR_SOURCE, with the status and what to do, where it is not listed. */
rf_code rf_s3_bucket_ask(void *bucket, const char *query, struct rf_buf *ret,
                         struct rf_err *reterr);

/** How a key is asked for: the URL, the signer, and what explains an answer. */
void rf_s3_bucket_request(struct rf_s3_bucket *bucket, const char *key, struct rf_http_request *ret,
                          struct rf_transfer_wanted *ret_wanted, struct rf_signer *ret_signer);

/** Queue the transfer of a key. */
struct rf_transfer *rf_s3_bucket_get(struct rf_s3_bucket *bucket, const char *key,
                                     const struct rf_transfer_wanted *wanted);

/** Append a small object, of at most `most` bytes. Errors are as in rf_transfer_read. */
RF_MUST_USE rf_code rf_s3_bucket_read(struct rf_s3_bucket *bucket, const char *key, size_t most,
                                      struct rf_buf *ret, struct rf_err *reterr);

#endif

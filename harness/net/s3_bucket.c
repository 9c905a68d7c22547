/* SPDX-License-Identifier: MIT */
/* A bucket that is asked. */
#include "net/s3_bucket.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/aws.h"
#include "net/aws_error.h"
#include "net/s3.h"
#include "net/s3_list.h"

struct rf_s3_bucket {
    char *name;
    char *shown; /* s3://name */
    char *endpoint;
    bool path_style;
    struct rf_aws *aws;
    struct rf_signer signer;
    struct rf_net *net; /* borrowed */
};

rf_code
rf_s3_bucket_open(const struct rf_aws_settings *settings, const char *name, struct rf_net *net,
                  struct rf_s3_bucket **ret, struct rf_err *reterr)
{
    static const struct rf_aws_settings as_found = {0};
    struct rf_s3_bucket *bucket = rf_calloc(1, sizeof(*bucket));
    bucket->name = rf_strdup(name);
    bucket->shown = rf_format("s3://%s", name);
    bucket->net = net;
    rf_code code = rf_net_check(bucket->shown, reterr);
    if (code == RF_OK) {
        code = rf_aws_new(settings == NULL ? &as_found : settings, net, &bucket->aws, reterr);
    }
    if (code == RF_OK) {
        code = rf_aws_signer(bucket->aws, "s3", name, &bucket->signer, reterr);
    }
    if (code != RF_OK) {
        rf_s3_bucket_free(bucket);
        return code;
    }
    bucket->endpoint = rf_aws_endpoint(bucket->aws, "s3");
    bucket->path_style = rf_aws_path_style(bucket->aws, name);
    *ret = bucket;
    return RF_OK;
}

void
rf_s3_bucket_free(struct rf_s3_bucket *bucket)
{
    if (bucket != NULL) {
        rf_aws_free(bucket->aws);
        free(bucket->name);
        free(bucket->shown);
        free(bucket->endpoint);
        free(bucket);
    }
}

const char *
rf_s3_bucket_name(const struct rf_s3_bucket *bucket)
{
    return bucket->name;
}

bool
rf_s3_bucket_unordered(const struct rf_s3_bucket *bucket)
{
    static const char suffix[] = "--x-s3";
    size_t bytes = strlen(bucket->name);
    return bytes > strlen(suffix) && strcmp(bucket->name + bytes - strlen(suffix), suffix) == 0;
}

/* ---- listing --------------------------------------------------------------------------------- */

static rf_code
fail_listing(const struct rf_s3_bucket *bucket, const struct rf_http_request *request,
             const struct rf_http_answer *answer, struct rf_err *reterr)
{
    struct rf_aws_error error;
    struct rf_buf why = {0};
    rf_aws_error_read(answer, &error);
    bool gone = error.code != NULL && strcmp(error.code, "NoSuchBucket") == 0;
    rf_buf_format(&why, "%s: ", error.code == NULL ? "" : error.code);
    if (!rf_aws_advice(bucket->aws, request, answer, &why)) {
        rf_buf_clear(&why);
        rf_s3_explain(answer, &why);
    }
    rf_code code = rf_fail(reterr, gone ? RF_ERR_USAGE : RF_ERR_SOURCE, bucket->shown,
                           "listing it fails with HTTP status %ld%s%s", answer->status,
                           why.used == 0 ? "; is this an S3 endpoint?" : ": ", rf_buf_text(&why));
    rf_aws_error_done(&error);
    rf_buf_done(&why);
    return code;
}

rf_code
rf_s3_bucket_ask(void *context, const char *query, struct rf_buf *ret, struct rf_err *reterr)
{
    struct rf_s3_bucket *bucket = context;
    struct rf_http_answer answer = {0};
    struct rf_http_request request = {
        .method = "GET",
        .url = rf_s3_url(bucket->endpoint, bucket->path_style, bucket->name, "", query),
    };
    rf_code code =
        rf_net_ask(bucket->net, &request, &bucket->signer, RF_S3_PAGE_BYTES, &answer, reterr);
    if (code == RF_OK) {
        code = answer.status == 200 ? RF_OK : fail_listing(bucket, &request, &answer, reterr);
        rf_buf_add(ret, answer.body.bytes, code == RF_OK ? answer.body.used : 0);
        rf_http_answer_done(&answer);
    }
    rf_http_request_done(&request);
    return code;
}

/* ---- objects --------------------------------------------------------------------------------- */

void
rf_s3_bucket_request(struct rf_s3_bucket *bucket, const char *key, struct rf_http_request *ret,
                     struct rf_transfer_wanted *ret_wanted, struct rf_signer *ret_signer)
{
    ret->url = rf_s3_url(bucket->endpoint, bucket->path_style, bucket->name, key, NULL);
    ret_wanted->explain = rf_s3_explain;
    *ret_signer = bucket->signer;
}

struct rf_transfer *
rf_s3_bucket_get(struct rf_s3_bucket *bucket, const char *key,
                 const struct rf_transfer_wanted *wanted)
{
    struct rf_transfer_wanted explained = *wanted;
    struct rf_http_request request = {.method = "GET"};
    struct rf_signer signer;
    rf_s3_bucket_request(bucket, key, &request, &explained, &signer);
    return rf_transfer_new(bucket->net, &request, &explained, &signer);
}

rf_code
rf_s3_bucket_read(struct rf_s3_bucket *bucket, const char *key, size_t most, struct rf_buf *ret,
                  struct rf_err *reterr)
{
    const size_t step = (size_t)64 << 10;
    char *name = rf_format("%s/%s", bucket->shown, key);
    const struct rf_transfer_wanted wanted = {.bytes = RF_NET_BYTES_UNKNOWN, .name = name};
    struct rf_transfer *transfer = rf_s3_bucket_get(bucket, key, &wanted);
    size_t begin = ret->used;
    size_t got = 1;
    rf_code code = RF_OK;
    while (code == RF_OK && got > 0) {
        rf_buf_reserve(ret, step);
        code = rf_transfer_read(transfer, ret->bytes + ret->used, step, &got, reterr);
        ret->used += code == RF_OK ? got : 0;
        if (code == RF_OK && ret->used - begin > most) {
            code = rf_fail(reterr, RF_ERR_SOURCE, name, "is larger than what it should be can be");
        }
    }
    rf_transfer_close(transfer);
    free(name);
    return code;
}

/* SPDX-License-Identifier: MIT */
/* S3's addresses and errors. */
#include "net/s3.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "net/aws.h"
#include "net/aws_error.h"

#define SCHEME "s3://"

/* ---- addresses ------------------------------------------------------------------------------- */

bool
rf_s3_is(const char *text)
{
    return strncasecmp(text, SCHEME, strlen(SCHEME)) == 0;
}

/** Names of old buckets, and on other servers, may be longer and shorter, and have capitals and
 * underscores. What is in none would lead a request to another host. */
static bool
bucket_valid(const char *bucket, size_t bytes)
{
    if (bytes == 0 || bytes > 255 || bucket[0] == '.' || bucket[0] == '-') {
        return false;
    }
    for (size_t i = 0; i < bytes; i++) {
        char byte = bucket[i];
        if (!isalnum((unsigned char)byte) && (byte == '\0' || strchr("-._", byte) == NULL)) {
            return false;
        }
    }
    return memmem(bucket, bytes, "..", 2) == NULL;
}

static rf_code
read_address(const char *text, bool is_folder, struct rf_s3_address *ret, struct rf_err *reterr)
{
    const char *bucket = text + strlen(SCHEME);
    size_t bytes = strcspn(bucket, "/");
    if (strncmp(bucket, "arn:", 4) == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, text,
                       "access points are named by their alias, as a bucket: "
                       "s3://alias-s3alias/prefix");
    }
    if (!bucket_valid(bucket, bytes)) {
        return rf_fail(reterr, RF_ERR_USAGE, text,
                       "names no bucket: write s3://bucket or s3://bucket/prefix");
    }
    const char *prefix = bucket[bytes] == '/' ? bucket + bytes + 1 : "";
    size_t prefix_bytes = strlen(prefix);
    bool closed = prefix_bytes == 0 || prefix[prefix_bytes - 1] == '/';
    ret->bucket = rf_strndup(bucket, bytes);
    ret->prefix = rf_format("%s%s", prefix, closed || !is_folder ? "" : "/");
    return RF_OK;
}

rf_code
rf_s3_address_read(const char *text, struct rf_s3_address *ret, struct rf_err *reterr)
{
    return read_address(text, true, ret, reterr);
}

rf_code
rf_s3_object_read(const char *text, struct rf_s3_address *ret, struct rf_err *reterr)
{
    return read_address(text, false, ret, reterr);
}

void
rf_s3_address_done(struct rf_s3_address *address)
{
    free(address->bucket);
    free(address->prefix);
    *address = (struct rf_s3_address){0};
}

void
rf_s3_encode(struct rf_buf *out, const char *bytes, size_t count, bool is_path)
{
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' ||
                     byte == '~' || (is_path && byte == '/');
        if (plain) {
            rf_buf_byte(out, (char)byte);
        } else {
            rf_buf_format(out, "%%%02X", byte);
        }
    }
}

char *
rf_s3_url(const char *endpoint, bool path_style, const char *bucket, const char *key,
          const char *query)
{
    struct rf_buf url = {0};
    const char *host = strstr(endpoint, "://");
    size_t front = host == NULL ? 0 : (size_t)(host - endpoint) + 3;
    if (path_style) {
        rf_buf_format(&url, "%s/%s/", endpoint, bucket);
    } else {
        rf_buf_add(&url, endpoint, front);
        rf_buf_format(&url, "%s.%s/", bucket, endpoint + front);
    }
    rf_s3_encode(&url, key, strlen(key), true);
    if (query != NULL) {
        rf_buf_format(&url, "?%s", query);
    }
    char *text = rf_strdup(rf_buf_text(&url));
    rf_buf_done(&url);
    return text;
}

/* ---- errors ---------------------------------------------------------------------------------- */

const char *
rf_s3_advice(const char *code)
{
    static const struct {
        const char *code;
        const char *advice;
    } table[] = {
        {"NoSuchBucket",
         "there is no such bucket; its name is spelt otherwise, or it is in another "
         "account or at another endpoint (--endpoint-url)"},
        {"InvalidBucketName", "no bucket can have this name"},
        {"NoSuchKey", "it was listed and is gone; list again"},
        {"AccessDenied", "listing needs s3:ListBucket on the bucket, reading "
                         "s3:GetObject on the objects (and kms:Decrypt where a key encrypts them)"},
        {"AllAccessDisabled", "the account or the bucket was disabled by AWS"},
        {"AccountProblem", "the account has a problem, which AWS tells its owner"},
        {"InvalidObjectState",
         "it lies in cold storage (Glacier) and cannot be read at once: restore it (aws s3api "
         "restore-object), and run again once it is there"},
        {"PermanentRedirect", "the bucket is in another region: name it with --region"},
        {"IllegalLocationConstraintException",
         "the bucket is in another region: name it with --region"},
        {"PreconditionFailed", "it changed after it was listed; list again"},
        {"SlowDown", "the server wants fewer requests: lower --requests-per-second or "
                     "--connections"},
        {"InternalError", "the server failed; try again later"},
        {"ServiceUnavailable", "the server is not available; try again later"},
        {"MethodNotAllowed", "what has this key is a delete marker, or no object"},
        {"NotImplemented", "the server does not have this part of S3"},
    };
    for (size_t i = 0; code != NULL && i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].code, code) == 0) {
            return table[i].advice;
        }
    }
    return NULL;
}

void
rf_s3_explain(const struct rf_http_answer *answer, struct rf_buf *text)
{
    struct rf_aws_error error;
    rf_aws_error_read(answer, &error);
    const char *advice = rf_s3_advice(error.code);
    if (error.code != NULL) {
        rf_buf_format(text, "%s: ", error.code);
    }
    if (error.code != NULL && advice != NULL) {
        rf_buf_string(text, advice);
    } else if (!rf_aws_advice(NULL, NULL, answer, text) && error.code != NULL) {
        rf_buf_string(text,
                      error.message == NULL ? "what that means is not known here" : error.message);
    }
    rf_aws_error_done(&error);
}

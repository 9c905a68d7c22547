/* SPDX-License-Identifier: MIT */
/* A bucket that answers ListObjectsV2 as S3 does: for tests that count its requests. */
#ifndef RF_TESTS_NET_MODEL_BUCKET_H
#define RF_TESTS_NET_MODEL_BUCKET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/s3.h"
#include "net/s3_list.h"

struct model_bucket {
    char **keys; /* sorted by bytes, each once; owned */
    size_t count, room;
    size_t page_keys; /* of a page; 0: 1000 */
    atomic_size_t requests;
    char *prefixes[4096]; /* that were asked for, with a '/' behind where by folder; owned */
};

static inline int
model_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline void
model_add(struct model_bucket *bucket, const char *key)
{
    RF_GROW(bucket->keys, bucket->room, bucket->count + 1);
    bucket->keys[bucket->count++] = rf_strdup(key);
}

static inline void
model_sort(struct model_bucket *bucket)
{
    size_t kept = 0;
    qsort(bucket->keys, bucket->count, sizeof(*bucket->keys), model_compare);
    for (size_t i = 0; i < bucket->count; i++) {
        if (kept > 0 && strcmp(bucket->keys[kept - 1], bucket->keys[i]) == 0) {
            free(bucket->keys[i]);
        } else {
            bucket->keys[kept++] = bucket->keys[i];
        }
    }
    bucket->count = kept;
}

static inline void
model_done(struct model_bucket *bucket)
{
    for (size_t i = 0; i < bucket->count; i++) {
        free(bucket->keys[i]);
    }
    free(bucket->keys);
    for (size_t i = 0; i < bucket->requests && i < 4096; i++) {
        free(bucket->prefixes[i]);
    }
}

/** The first key that is not before this one. */
static inline size_t
model_find(const struct model_bucket *bucket, const char *key)
{
    size_t low = 0;
    for (size_t high = bucket->count; low < high;) {
        size_t middle = (low + high) / 2;
        if (strcmp(bucket->keys[middle], key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/** A parameter of a query, decoded; "" where it is not there. */
static inline char *
model_parameter(const char *query, const char *name)
{
    size_t bytes = strlen(name);
    struct rf_buf value = {0};
    for (const char *at = query; at != NULL; at = strchr(at, '&')) {
        at += *at == '&';
        if (strncmp(at, name, bytes) == 0 && at[bytes] == '=') {
            const char *text = at + bytes + 1;
            cr_assert(rf_s3_decode(&value, text, strcspn(text, "&")));
        }
    }
    char *copy = rf_strdup(rf_buf_text(&value));
    rf_buf_done(&value);
    return copy;
}

static inline void
model_put(struct rf_buf *out, const char *front, const char *text, size_t bytes, const char *back)
{
    rf_buf_string(out, front);
    rf_s3_encode(out, text, bytes, true);
    rf_buf_string(out, back);
}

/** An rf_s3_ask_function. A token is the last key or folder of its page. */
static inline rf_code
model_ask(void *context, const char *query, struct rf_buf *ret, struct rf_err *reterr)
{
    struct model_bucket *bucket = context;
    char *prefix = model_parameter(query, "prefix");
    char *delimiter = model_parameter(query, "delimiter");
    char *token = model_parameter(query, "continuation-token");
    char *after = model_parameter(query, "start-after");
    char *last = rf_strdup("");
    size_t most = bucket->page_keys == 0 ? 1000 : bucket->page_keys;
    size_t found = 0;
    bool cut = false;
    (void)reterr;
    size_t number = atomic_fetch_add(&bucket->requests, 1);
    if (number < 4096) {
        bucket->prefixes[number] = rf_format("%s%s", prefix, delimiter[0] == '\0' ? "" : "|");
    }
    rf_buf_string(ret, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
                       "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url"
                       "</EncodingType>");
    const char *behind = token[0] != '\0' ? token : after;
    bool in_folder = token[0] != '\0' && token[strlen(token) - 1] == '/';
    size_t bytes = strlen(prefix);
    const char *from = strcmp(behind, prefix) > 0 ? behind : prefix;
    for (size_t i = model_find(bucket, from); i < bucket->count && !cut; i++) {
        const char *key = bucket->keys[i];
        if (strncmp(key, prefix, bytes) != 0) {
            break;
        }
        if (strcmp(key, behind) <= 0 ||
            (in_folder && delimiter[0] != '\0' && strncmp(key, token, strlen(token)) == 0)) {
            continue;
        }
        const char *slash = delimiter[0] == '\0' ? NULL : strchr(key + bytes, '/');
        size_t shown = slash == NULL ? strlen(key) : (size_t)(slash - key) + 1;
        if (slash != NULL && strlen(last) == shown && memcmp(last, key, shown) == 0) {
            continue; /* the folder was told */
        }
        if (found == most) {
            cut = true;
            break;
        }
        free(last);
        last = rf_strndup(key, shown);
        found++;
        if (slash != NULL) {
            model_put(ret, "<CommonPrefixes><Prefix>", key, shown, "</Prefix></CommonPrefixes>");
        } else {
            bool marker = key[strlen(key) - 1] == '/';
            model_put(ret, "<Contents><Key>", key, shown, "</Key>");
            rf_buf_format(ret,
                          "<LastModified>2026-07-13T14:07:12.000Z</LastModified>"
                          "<ETag>&quot;%zu&quot;</ETag><Size>%zu</Size>"
                          "<StorageClass>STANDARD</StorageClass></Contents>",
                          i, marker ? 0 : i + 1);
        }
    }
    rf_buf_format(ret, "<KeyCount>%zu</KeyCount><IsTruncated>%s</IsTruncated>", found,
                  cut ? "true" : "false");
    if (cut) {
        model_put(ret, "<NextContinuationToken>", "", 0, "");
        for (const char *at = last; *at != '\0'; at++) {
            rf_buf_string(ret, *at == '&' ? "&amp;" : *at == '<' ? "&lt;" : "");
            if (*at != '&' && *at != '<') {
                rf_buf_byte(ret, *at);
            }
        }
        rf_buf_string(ret, "</NextContinuationToken>");
    }
    rf_buf_string(ret, "</ListBucketResult>");
    free(prefix);
    free(delimiter);
    free(token);
    free(after);
    free(last);
    return RF_OK;
}

#endif

/* SPDX-License-Identifier: MIT */
/* Is that what was asked for? libcurl says CURLE_OK for much that is not the object: a body that
 * was cut without a Content-Length, another object by the same name, a page of an error. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "net/net_internal.h"

/* More headers than that are no one's; libcurl bounds the bytes. */
#define HEADERS 200

void
rf_net_head_line(struct rf_http_answer *answer, const char *line, size_t bytes)
{
    if (bytes >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        rf_http_headers_done(&answer->headers); /* one response may come behind another */
        return;
    }
    const char *colon = memchr(line, ':', bytes);
    if (colon == NULL || answer->headers.count == HEADERS) {
        return;
    }
    const char *value = colon + 1;
    const char *end = line + bytes;
    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    while (end > value && (unsigned char)end[-1] <= ' ') {
        end--;
    }
    char *name_text = rf_strndup(line, (size_t)(colon - line));
    char *value_text = rf_strndup(value, (size_t)(end - value));
    rf_http_headers_set(&answer->headers, name_text, value_text);
    free(name_text);
    free(value_text);
}

static const char *
header(const struct rf_transfer *transfer, const char *name)
{
    return rf_http_headers_find(&transfer->answer.headers, name);
}

/** One that stands for these very bytes, or NULL. */
static const char *
strong_etag(const struct rf_transfer *transfer)
{
    const char *etag = header(transfer, "etag");
    return etag != NULL && etag[0] == '"' && etag[1] != '"' ? etag : NULL;
}

/** Where a part begins, and how long the whole is; false where it does not say so, or ends before
 * the whole does. */
static bool
is_rest(const struct rf_transfer *transfer, uint64_t *ret_from, int64_t *ret_whole)
{
    const char *range = header(transfer, "content-range");
    int64_t last;
    return range != NULL &&
           sscanf(range, "bytes %" SCNu64 "-%" SCNd64 "/%" SCNd64, ret_from, &last, ret_whole) ==
               3 &&
           last >= 0 && last < INT64_MAX && last + 1 == *ret_whole;
}

static int64_t
length_of(const struct rf_transfer *transfer)
{
    curl_off_t bytes = -1;
    (void)transfer->net->library->curl_easy_getinfo(transfer->easy,
                                                    CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &bytes);
    return bytes;
}

/** Whether the response tells where it ends. */
static bool
marks_its_end(const struct rf_transfer *transfer)
{
    const char *encoding = header(transfer, "transfer-encoding");
    return length_of(transfer) >= 0 || rf_net_shares(transfer) ||
           (encoding != NULL && strcasecmp(encoding, "chunked") == 0);
}

bool
rf_net_can_go_on(struct rf_transfer *transfer)
{
    if (transfer->first.etag != NULL || transfer->first.modified != NULL) {
        return true;
    }
    rf_net_lock(transfer->net);
    if (transfer->held == transfer->got) {
        rf_net_drop_pieces(transfer);
        transfer->got = 0;
    }
    rf_net_unlock(transfer->net);
    return transfer->got == 0;
}

/** @whole  bytes of the object by this response; -1: not told */
static bool
is_same(const struct rf_transfer *transfer, int64_t whole)
{
    const struct rf_net_object *first = &transfer->first;
    const char *etag = strong_etag(transfer);
    const char *modified = header(transfer, "last-modified");
    if (first->bytes >= 0 && whole != first->bytes) {
        return false;
    }
    if (first->etag != NULL || etag != NULL) {
        return first->etag != NULL && etag != NULL && strcmp(first->etag, etag) == 0;
    }
    return first->modified != NULL && modified != NULL && strcmp(first->modified, modified) == 0;
}

/** What a listing told of it. */
static rf_code
check_listed(const struct rf_transfer *transfer, int64_t whole, struct rf_err *reterr)
{
    const char *etag = header(transfer, "etag");
    if (transfer->listed != RF_NET_BYTES_UNKNOWN && whole >= 0 &&
        (uint64_t)whole != transfer->listed) {
        return rf_fail(reterr, RF_ERR_SOURCE, transfer->name,
                       "has %" PRId64 " bytes, and was listed with %" PRIu64
                       ": the object changed during the run",
                       whole, transfer->listed);
    }
    if (transfer->etag == NULL || (etag != NULL && strcmp(etag, transfer->etag) == 0)) {
        return RF_OK;
    }
    if (etag == NULL) {
        return rf_fail(reterr, RF_ERR_SOURCE, transfer->name,
                       "comes without an ETag, and was listed with %s: no one could tell if it is "
                       "that object",
                       transfer->etag);
    }
    return rf_fail(reterr, RF_ERR_SOURCE, transfer->name,
                   "has the ETag %s, and was listed with %s: the object changed during the run",
                   etag, transfer->etag);
}

/** A page of a CDN or proxy, with status 200, in the place of the object: no history begins so. */
static bool
is_page(const char *bytes, size_t count)
{
    static const char *const fronts[] = {"<!doctype html", "<html", "<?xml", "<error>", NULL};
    for (const char *const *front = fronts; *front != NULL; front++) {
        size_t length = strlen(*front);
        if (count >= length && strncasecmp(bytes, *front, length) == 0) {
            return true;
        }
    }
    return false;
}

static void
keep_first(struct rf_transfer *transfer, int64_t whole)
{
    const char *etag = strong_etag(transfer);
    const char *modified = header(transfer, "last-modified");
    struct rf_net_object *first = &transfer->first;
    free(first->modified);
    first->modified = modified == NULL ? NULL : rf_strdup(modified);
    free(first->etag);
    first->etag = etag == NULL ? NULL : rf_strdup(etag);
    first->bytes = whole;
}

rf_code
rf_net_accept(struct rf_transfer *transfer, const char *bytes, size_t count, struct rf_err *reterr)
{
    int64_t whole = length_of(transfer);
    uint64_t from = 0;
    transfer->accepted = true;
    if (rf_net_status(transfer) == 206) {
        const char *told = header(transfer, "content-range");
        if (!is_rest(transfer, &from, &whole) || transfer->got == 0 || from != transfer->got) {
            return rf_fail(reterr, RF_ERR_SOURCE, transfer->name,
                           "HTTP status 206: a part that was not asked for (Content-Range: %s)",
                           told == NULL ? "none" : told);
        }
    }
    if (!marks_its_end(transfer)) {
        return rf_fail(reterr, RF_ERR_SOURCE, transfer->name,
                       "the response says neither its length (Content-Length) nor where it ends "
                       "(chunks), so no one could tell if it was cut");
    }
    RF_TRY(check_listed(transfer, whole, reterr));
    if (transfer->got > 0 && !is_same(transfer, whole)) {
        return rf_fail(reterr, RF_ERR_SOURCE, transfer->name,
                       "broke off at byte %" PRIu64 ", and asked for again it is another object "
                       "(ETag, Last-Modified or length)",
                       transfer->got);
    }
    transfer->place = from;
    if (transfer->got > 0) {
        transfer->first.bytes = whole >= 0 ? whole : transfer->first.bytes;
        return RF_OK;
    }
    if (is_page(bytes, count)) {
        const char *type = header(transfer, "content-type");
        return rf_fail(reterr, RF_ERR_SOURCE, transfer->name,
                       "HTTP status 200 with a page (%s) in the object's place: an error page of "
                       "the server or CDN; look at the key, the base and the signature",
                       type == NULL ? "HTML or XML" : type);
    }
    keep_first(transfer, whole);
    return RF_OK;
}

rf_code
rf_net_accept_end(struct rf_transfer *transfer, struct rf_err *reterr)
{
    if (!transfer->accepted) { /* an empty body */
        RF_TRY(rf_net_accept(transfer, "", 0, reterr));
    }
    int64_t whole = transfer->first.bytes;
    if ((whole >= 0 && transfer->place != (uint64_t)whole) || transfer->place < transfer->got) {
        return rf_fail(reterr, RF_ERR_SOURCE, transfer->name,
                       "ended at byte %" PRIu64 ", before its end", transfer->place);
    }
    if (transfer->listed != RF_NET_BYTES_UNKNOWN && transfer->place != transfer->listed) {
        return rf_fail(reterr, RF_ERR_SOURCE, transfer->name,
                       "has %" PRIu64 " bytes, and was listed with %" PRIu64
                       ": the object changed during the run",
                       transfer->place, transfer->listed);
    }
    return RF_OK;
}

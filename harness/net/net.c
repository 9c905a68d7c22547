/* SPDX-License-Identifier: MIT */
/* A stand-in until the engine is there: one request after the other, each tried once. */
#include "net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/download.h"
#include "net/libcurl.h"
#include "net/url.h"

struct rf_net {
    struct rf_net_options options;
    struct rf_net_counts counts;
};

struct rf_transfer {
    struct rf_net *net;
    struct rf_http_request request;
    struct rf_signer signer;
    struct rf_http_answer answer;
    char *name;
    bool asked;
    size_t at;
};

struct rf_net *
rf_net_new(const struct rf_net_options *options)
{
    struct rf_net *net = rf_calloc(1, sizeof(*net));
    net->options = *options;
    return net;
}

void
rf_net_free(struct rf_net *net)
{
    free(net);
}

rf_code
rf_net_check(const char *where, struct rf_err *reterr)
{
    double patience;
    if (rf_libcurl() == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, where,
                       "http sources need libcurl, and it is not on this machine; install it "
                       "(Debian: libcurl4), or copy the objects into a folder");
    }
    return rf_download_patience(&patience, reterr);
}

struct rf_net_counts
rf_net_counts(struct rf_net *net)
{
    return net->counts;
}

static size_t
on_header(char *line, size_t one, size_t bytes, void *context)
{
    struct rf_http_answer *answer = context;
    char *text = rf_strndup(line, bytes * one);
    char *colon = strchr(text, ':');
    if (strncmp(text, "HTTP/", 5) == 0) {
        rf_http_headers_done(&answer->headers);
    } else if (colon != NULL) {
        *colon = '\0';
        char *value = colon + 1 + strspn(colon + 1, " \t");
        value[strcspn(value, "\r\n")] = '\0';
        rf_http_headers_set(&answer->headers, text, value);
    }
    free(text);
    return bytes;
}

static size_t
on_body(char *bytes, size_t one, size_t count, void *context)
{
    rf_buf_add(&((struct rf_http_answer *)context)->body, bytes, one * count);
    return count;
}

rf_code
rf_net_ask(struct rf_net *net, struct rf_http_request *request, const struct rf_signer *signer,
           size_t most, struct rf_http_answer *ret, struct rf_err *reterr)
{
    const struct rf_libcurl *library = rf_libcurl();
    __typeof__(curl_easy_setopt) *set = library->curl_easy_setopt;
    *ret = (struct rf_http_answer){.tries = 1};
    if (signer != NULL && signer->sign != NULL) {
        RF_TRY(signer->sign(signer->context, request, reterr));
    }
    CURL *easy = library->curl_easy_init();
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < request->headers.count; i++) {
        char *line =
            rf_format("%s: %s", request->headers.items[i].name, request->headers.items[i].value);
        list = library->curl_slist_append(list, line);
        free(line);
    }
    (void)set(easy, CURLOPT_URL, request->url);
    (void)set(easy, CURLOPT_CUSTOMREQUEST, request->method);
    (void)set(easy, CURLOPT_HTTPHEADER, list);
    (void)set(easy, CURLOPT_PATH_AS_IS, 1L);
    (void)set(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)set(easy, CURLOPT_HEADERDATA, ret);
    (void)set(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)set(easy, CURLOPT_WRITEDATA, ret);
    if (request->body != NULL) {
        (void)set(easy, CURLOPT_POSTFIELDS, request->body);
        (void)set(easy, CURLOPT_POSTFIELDSIZE, (long)request->body_bytes);
    }
    CURLcode result = library->curl_easy_perform(easy);
    (void)library->curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &ret->status);
    library->curl_easy_cleanup(easy);
    library->curl_slist_free_all(list);
    net->counts.requests++;
    if (result != CURLE_OK || ret->body.used > most) {
        rf_http_answer_done(ret);
        char *shown = rf_url_shown(request->url, true);
        rf_code code = rf_fail(reterr, RF_ERR_SOURCE, shown, "cannot be reached: %s",
                               library->curl_easy_strerror(result));
        free(shown);
        return code;
    }
    return RF_OK;
}

struct rf_transfer *
rf_transfer_new(struct rf_net *net, struct rf_http_request *request,
                const struct rf_transfer_wanted *wanted, const struct rf_signer *signer)
{
    struct rf_transfer *transfer = rf_calloc(1, sizeof(*transfer));
    transfer->net = net;
    transfer->request = *request;
    *request = (struct rf_http_request){0};
    transfer->name = rf_strdup(wanted->name);
    if (signer != NULL) {
        transfer->signer = *signer;
    }
    return transfer;
}

rf_code
rf_transfer_read(struct rf_transfer *transfer, void *bytes, size_t room, size_t *ret_got,
                 struct rf_err *reterr)
{
    if (!transfer->asked) {
        RF_TRY(rf_net_ask(transfer->net, &transfer->request, &transfer->signer, SIZE_MAX,
                          &transfer->answer, reterr));
        transfer->asked = true;
    }
    if (transfer->answer.status != 200) {
        return rf_fail(reterr, RF_ERR_SOURCE, transfer->name, "HTTP status %ld",
                       transfer->answer.status);
    }
    size_t left = transfer->answer.body.used - transfer->at;
    *ret_got = left < room ? left : room;
    memcpy(bytes, transfer->answer.body.bytes + transfer->at, *ret_got);
    transfer->at += *ret_got;
    return RF_OK;
}

const char *
rf_transfer_etag(const struct rf_transfer *transfer)
{
    return rf_http_headers_find(&transfer->answer.headers, "etag");
}

void
rf_transfer_close(struct rf_transfer *transfer)
{
    if (transfer == NULL) {
        return;
    }
    rf_http_request_done(&transfer->request);
    rf_http_answer_done(&transfer->answer);
    free(transfer->name);
    free(transfer);
}

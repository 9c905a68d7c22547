/* SPDX-License-Identifier: MIT */
/* A try is over: with the end of its transfer, or with another try. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/net_internal.h"
#include "net/url.h"

#define TRIES         5     /* that fail for another reason than overload */
#define OVERLOAD_MS   90000 /* how long that is borne */
#define RETRY_AFTER_S 60    /* the longest that a server is obeyed */
#define REDIRECTS     5
#define REFUSALS      2
/* How long CloudFront gives the same error to everyone: a try before gets it again. */
#define CACHED_ERROR_MS 10000

/** Why another try may help. */
enum why {
    FOR_NOTHING,
    FOR_FAILURE,  /* of a connection, or of the server */
    FOR_OVERLOAD, /* it wants fewer requests */
};

/* ---- messages ----------------------------------------------------------------------------------
 */

#define TRIES_TEXT_BYTES 32

/** How often it was tried, where that was more than once. */
static const char *
tell_tries(const struct rf_transfer *transfer, char text[TRIES_TEXT_BYTES])
{
    text[0] = '\0';
    if (transfer->answer.tries > 1) {
        (void)snprintf(text, TRIES_TEXT_BYTES, " (%d tries)", transfer->answer.tries);
    }
    return text;
}

static const char *
remedy(long status)
{
    switch (status) {
    case 401:
        return "the server wants credentials";
    case 403:
        return "access is denied; of a CloudFront or S3 source that may also mean that there is no "
               "such object: look at the key, the base and the signature";
    case 404:
    case 410:
        return "there is no such object: look at the key and the base, or take it off the list";
    case 412:
        return "the object changed during the run: it is no more the one that was listed; or the "
               "server's ETags are not those of the bucket whose listing told the keys";
    case 429:
    case 503:
        return "the server is overloaded; try again later, with fewer --connections";
    case 408:
    case 500:
    case 502:
    case 504:
        return "the server has failed; try again later";
    default:
        return "not the object; look at the base";
    }
}

/** By what name the server's own people find the request. */
static void
tell_request(const struct rf_transfer *transfer, struct rf_buf *text)
{
    static const char *const names[] = {"X-Amz-Cf-Id", "x-amz-request-id", "x-amzn-RequestId",
                                        NULL};
    for (const char *const *name = names; *name != NULL; name++) {
        const char *value = rf_http_headers_find(&transfer->answer.headers, *name);
        if (value != NULL) {
            rf_buf_format(text, " (%s %.100s)", *name, value);
            return;
        }
    }
}

static rf_code
fail_by_status(struct rf_transfer *transfer, long status)
{
    struct rf_buf text = {0};
    char tries[TRIES_TEXT_BYTES];
    rf_buf_format(&text, "HTTP status %ld%s: ", status, tell_tries(transfer, tries));
    size_t before = text.used;
    if (transfer->explain != NULL) {
        transfer->explain(&transfer->answer, &text);
    }
    if (text.used == before) {
        rf_buf_string(&text, remedy(status));
    }
    tell_request(transfer, &text);
    rf_code code = rf_fail(&transfer->err, RF_ERR_SOURCE, transfer->name, "%s", rf_buf_text(&text));
    rf_buf_done(&text);
    return code;
}

static enum rf_net_verdict
over(struct rf_transfer *transfer, rf_code code)
{
    transfer->fault = code;
    return RF_NET_OVER;
}

/* ---- another try -------------------------------------------------------------------------------
 */

/** Whether the body of a 400 has one of these words in it. */
static bool
says(const struct rf_transfer *transfer, const char *const *words)
{
    const struct rf_buf *body = &transfer->answer.body;
    for (; *words != NULL; words++) {
        if (body->used > 0 && memmem(body->bytes, body->used, *words, strlen(*words)) != NULL) {
            return true;
        }
    }
    return false;
}

static enum why
why_by_status(const struct rf_transfer *transfer, long status)
{
    static const char *const slow[] = {"<Code>RequestTimeout</Code>", NULL};
    static const char *const overloaded[] = {"ProvisionedThroughputExceededException",
                                             "ThrottlingException", "RequestLimitExceeded", NULL};
    switch (status) {
    case 408:
    case 500:
    case 502:
    case 504:
        return FOR_FAILURE;
    case 429:
    case 503:
        return FOR_OVERLOAD;
    case 400:
        return says(transfer, overloaded) ? FOR_OVERLOAD
               : says(transfer, slow)     ? FOR_FAILURE
                                          : FOR_NOTHING;
    default:
        return FOR_NOTHING;
    }
}

static enum why
why_by_failure(CURLcode result)
{
    switch (result) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return FOR_FAILURE;
    default:
        return FOR_NOTHING;
    }
}

/** How long the server wants to be left alone; -1: longer than anyone waits. */
static int64_t
server_wants_ms(const struct rf_transfer *transfer, enum why why)
{
    curl_off_t seconds = 0;
    const char *cache = rf_http_headers_find(&transfer->answer.headers, "x-cache");
    (void)transfer->net->library->curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds > RETRY_AFTER_S) {
        return -1;
    }
    if (seconds == 0 && why == FOR_FAILURE && cache != NULL &&
        strncasecmp(cache, "Error from cloudfront", 21) == 0) {
        return (int64_t)(CACHED_ERROR_MS * transfer->net->patience);
    }
    return seconds * 1000;
}

/** Sets when it is tried again; false where it is not, any more. */
static bool
try_again(struct rf_transfer *transfer, enum why why)
{
    struct rf_net *net = transfer->net;
    int64_t now = rf_clock_ms();
    int64_t wanted = server_wants_ms(transfer, why);
    bool again = wanted >= 0 && !transfer->request.nearby;
    if (why == FOR_OVERLOAD) {
        transfer->overloaded_ms = transfer->overloaded_ms == 0 ? now : transfer->overloaded_ms;
        again = again && now - transfer->overloaded_ms < (int64_t)(OVERLOAD_MS * net->patience);
    } else {
        again = again && ++transfer->failures < TRIES;
    }
    rf_net_lock(net);
    if (why == FOR_OVERLOAD) {
        rf_pace_overloaded(&net->pace, now, transfer->began_ms);
    }
    again = again && rf_pace_may_retry(&net->pace);
    int64_t pause = rf_pace_pause_ms(&net->pace, transfer->answer.tries);
    rf_net_unlock(net);
    transfer->due_ms = now + (pause > wanted ? pause : wanted);
    return again;
}

/** Whether the signer wants it to be asked once more, now that it has seen the answer. */
static bool
is_refused(struct rf_transfer *transfer)
{
    const struct rf_signer *signer = &transfer->signer;
    if (signer->refused == NULL || transfer->refusals >= REFUSALS ||
        !signer->refused(signer->context, &transfer->request, &transfer->answer)) {
        return false;
    }
    transfer->refusals++;
    transfer->due_ms = 0;
    return true;
}

static enum rf_net_verdict
redirect(struct rf_transfer *transfer, long status)
{
    char *to = NULL;
    struct rf_err *err = &transfer->err;
    (void)transfer->net->library->curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &to);
    if (to == NULL) {
        return over(transfer, rf_fail(err, RF_ERR_SOURCE, transfer->name,
                                      "HTTP status %ld, a redirect to nowhere", status));
    }
    if (!rf_url_same_host(transfer->request.url, to)) {
        char *shown = rf_url_shown(to, true);
        rf_code code = rf_fail(err, RF_ERR_SOURCE, transfer->name,
                               "HTTP status %ld redirects to another server, which is not "
                               "followed: %s; if that is where the history is, name it as SOURCE",
                               status, shown);
        free(shown);
        return over(transfer, code);
    }
    if (++transfer->redirects > REDIRECTS) {
        return over(transfer, rf_fail(err, RF_ERR_SOURCE, transfer->name, "more than %d redirects",
                                      REDIRECTS));
    }
    free(transfer->request.url);
    transfer->request.url = rf_strdup(to);
    transfer->due_ms = 0;
    return RF_NET_AGAIN;
}

/* ---- how it ended ------------------------------------------------------------------------------
 */

static enum rf_net_verdict
by_status(struct rf_transfer *transfer, long status)
{
    transfer->answer.status = status;
    if (is_refused(transfer)) {
        return RF_NET_AGAIN;
    }
    if (status >= 301 && status <= 308 && status != 304 && !transfer->is_ask) {
        return redirect(transfer, status);
    }
    enum why why = why_by_status(transfer, status);
    if (why != FOR_NOTHING && try_again(transfer, why)) {
        return RF_NET_AGAIN;
    }
    if (transfer->is_ask) { /* what that means is for who asked */
        return over(transfer, RF_OK);
    }
    return over(transfer, fail_by_status(transfer, status));
}

static enum rf_net_verdict
by_failure(struct rf_transfer *transfer, CURLcode result)
{
    char reason[CURL_ERROR_SIZE];
    (void)snprintf(reason, sizeof(reason), "%s",
                   transfer->reason[0] != '\0'
                       ? transfer->reason
                       : transfer->net->library->curl_easy_strerror(result));
    bool goes_on = rf_net_can_go_on(transfer);
    enum why why = why_by_failure(result);
    if (why != FOR_NOTHING && goes_on && try_again(transfer, why)) {
        return RF_NET_AGAIN;
    }
    char tries[TRIES_TEXT_BYTES];
    return over(transfer,
                rf_fail(&transfer->err, RF_ERR_SOURCE, transfer->name, "cannot be fetched%s: %s%s",
                        tell_tries(transfer, tries), reason,
                        goes_on ? ""
                                : "; without a strong ETag or Last-Modified it cannot be gone on "
                                  "with"));
}

static enum rf_net_verdict
by_its_end(struct rf_transfer *transfer, long status)
{
    rf_code code = RF_OK;
    transfer->answer.status = status;
    if (!transfer->is_ask && status != 200 && status != 206) {
        code = fail_by_status(transfer, status);
    } else if (!transfer->is_ask) {
        code = rf_net_accept_end(transfer, &transfer->err);
    }
    if (code == RF_OK) {
        rf_net_lock(transfer->net);
        rf_pace_well(&transfer->net->pace);
        rf_net_unlock(transfer->net);
    }
    return over(transfer, code);
}

enum rf_net_verdict
rf_net_outcome(struct rf_transfer *transfer, CURLcode result)
{
    long status = rf_net_status(transfer);
    if (transfer->fault != RF_OK) {
        return RF_NET_OVER;
    }
    /* A text in the object's place that is too long was broken off by us. */
    bool broke_off = result == CURLE_WRITE_ERROR && status != 200 && status != 206;
    if (result != CURLE_OK && !broke_off) {
        return by_failure(transfer, result);
    }
    return status >= 300 ? by_status(transfer, status) : by_its_end(transfer, status);
}

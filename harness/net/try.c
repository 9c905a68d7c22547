/* SPDX-License-Identifier: MIT */
/* One try of a transfer: what libcurl is told, and what comes in. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/net_internal.h"
#include "net/url.h"

#define CONNECT_MS   10000
#define NEAR_CONNECT 1000
#define NEAR_MS      2000
#define BUFFER_BYTES 65536L

long
rf_net_status(const struct rf_transfer *transfer)
{
    long status = 0;
    if (transfer->easy != NULL) {
        (void)transfer->net->library->curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE,
                                                        &status);
    }
    return status;
}

bool
rf_net_shares(const struct rf_transfer *transfer)
{
    long version = 0;
    (void)transfer->net->library->curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION,
                                                    &version);
    return version >= CURL_HTTP_VERSION_2_0;
}

/* ---- what comes in -----------------------------------------------------------------------------
 */

static size_t
on_header(char *line, size_t one, size_t bytes, void *context)
{
    struct rf_transfer *transfer = context;
    (void)one;
    rf_net_head_line(&transfer->answer, line, bytes);
    return bytes;
}

/** A piece of the object, behind those that are there; what an earlier try brought is passed over.
 * Under the lock. */
static void
add_piece(struct rf_transfer *transfer, const char *bytes, size_t count)
{
    uint64_t before = transfer->place;
    transfer->place += count;
    if (transfer->place <= transfer->got) {
        return;
    }
    size_t skip = before >= transfer->got ? 0 : (size_t)(transfer->got - before);
    count -= skip;
    struct rf_net_piece *piece = rf_alloc(sizeof(*piece) + count);
    *piece = (struct rf_net_piece){.used = count};
    memcpy(piece->bytes, bytes + skip, count);
    *(transfer->back == NULL ? &transfer->front : &transfer->back->next) = piece;
    transfer->back = piece;
    transfer->got += count;
    transfer->held += count;
    transfer->net->held += count;
    (void)pthread_cond_broadcast(&transfer->moved);
}

/** Whether bytes may come in now; else it is paused, or broken off. Under the lock. */
static bool
may_come(struct rf_transfer *transfer, size_t count)
{
    struct rf_net *net = transfer->net;
    if (transfer->closed) {
        transfer->fault = RF_ERR_INTERRUPTED;
        return false;
    }
    if (!rf_net_may_take(net, transfer)) {
        transfer->paused = true;
        return false;
    }
    if (rf_net_forbids(transfer, 0, count)) {
        return false;
    }
    rf_pace_receive(&net->pace, count);
    transfer->window_bytes += count;
    return true;
}

/** The text that comes with an error, or all that was asked for. */
static size_t
add_text(struct rf_transfer *transfer, const char *bytes, size_t count)
{
    struct rf_buf *body = &transfer->answer.body;
    bool wanted = transfer->is_ask && rf_net_status(transfer) < 300;
    size_t most = wanted ? transfer->most : RF_NET_ERROR_BYTES;
    size_t room = most - body->used;
    rf_buf_add(body, bytes, count < room ? count : room);
    if (count > room && wanted) {
        transfer->fault = rf_fail(&transfer->err, RF_ERR_SOURCE, transfer->name,
                                  "answers with more than %zu bytes, which is not looked at", most);
    }
    return count > room ? 0 : count;
}

static size_t
on_body(char *bytes, size_t one, size_t count, void *context)
{
    struct rf_transfer *transfer = context;
    struct rf_net *net = transfer->net;
    (void)one;
    rf_net_lock(net);
    bool comes = may_come(transfer, count);
    bool paused = transfer->paused;
    rf_net_unlock(net);
    if (!comes) {
        return paused ? CURL_WRITEFUNC_PAUSE : 0;
    }
    long status = rf_net_status(transfer);
    if (transfer->is_ask || (status != 200 && status != 206)) {
        return add_text(transfer, bytes, count);
    }
    if (!transfer->accepted) {
        transfer->fault = rf_net_accept(transfer, bytes, count, &transfer->err);
    }
    if (transfer->fault != RF_OK) {
        return 0;
    }
    rf_net_lock(net);
    add_piece(transfer, bytes, count);
    rf_net_unlock(net);
    return count;
}

/* ---- what libcurl is told ----------------------------------------------------------------------
 */

/** What holds for all. */
static void
set_always(struct rf_transfer *transfer)
{
    const struct rf_net *net = transfer->net;
    __typeof__(curl_easy_setopt) *set = net->library->curl_easy_setopt;
    CURL *easy = transfer->easy;
    const char *authorities = getenv("SSL_CERT_FILE");
    (void)set(easy, CURLOPT_PRIVATE, transfer);
    (void)set(easy, CURLOPT_ERRORBUFFER, transfer->reason);
    (void)set(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)set(easy, CURLOPT_HEADERDATA, transfer);
    (void)set(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)set(easy, CURLOPT_WRITEDATA, transfer);
    (void)set(easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
    (void)set(easy, CURLOPT_NOSIGNAL, 1L);
    (void)set(easy, CURLOPT_QUICK_EXIT, 1L);
    (void)set(easy, CURLOPT_FOLLOWLOCATION, 0L); /* by us: outcome.c */
    (void)set(easy, CURLOPT_PATH_AS_IS, 1L);
    /* A bandwidth is kept by pauses, which only a connection of its own passes on to the server. */
    (void)set(
        easy, CURLOPT_HTTP_VERSION,
        (long)(net->options.bytes_per_second > 0 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
    (void)set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)set(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)set(easy, CURLOPT_USERAGENT, "refold/" REFOLD_VERSION);
    /* CURLOPT_ACCEPT_ENCODING stays unset: the bytes as stored. */
    if (authorities != NULL && authorities[0] != '\0') {
        (void)set(easy, CURLOPT_CAINFO, authorities);
    }
}

static void
set_waits(struct rf_transfer *transfer)
{
    const struct rf_net *net = transfer->net;
    __typeof__(curl_easy_setopt) *set = net->library->curl_easy_setopt;
    bool nearby = transfer->request.nearby;
    /* A second is short already: who hurries refold does not hurry what gives credentials. */
    double patience = nearby && net->patience < 1 ? 1 : net->patience;
    long connect = (long)((nearby ? NEAR_CONNECT : CONNECT_MS) * patience) + 1;
    (void)set(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS, connect);
    (void)set(transfer->easy, CURLOPT_TIMEOUT_MS, nearby ? (long)(NEAR_MS * patience) + 1 : 0L);
}

static void
set_address(struct rf_transfer *transfer)
{
    const struct rf_http_request *request = &transfer->request;
    __typeof__(curl_easy_setopt) *set = transfer->net->library->curl_easy_setopt;
    bool here = rf_url_is_loopback(request->url);
    bool http = here || (request->plain && strncmp(request->url, "http:", 5) == 0);
    (void)set(transfer->easy, CURLOPT_URL, request->url);
#if LIBCURL_VERSION_NUM >= 0x075500
    (void)set(transfer->easy, CURLOPT_PROTOCOLS_STR, http ? "http" : "https");
#else
    (void)set(transfer->easy, CURLOPT_PROTOCOLS, (long)(http ? CURLPROTO_HTTP : CURLPROTO_HTTPS));
#endif
    (void)set(transfer->easy, CURLOPT_NOPROXY, here || request->nearby ? "*" : NULL);
    (void)set(transfer->easy, CURLOPT_PIPEWAIT, http ? 0L : 1L);
}

static void
add_line(struct rf_transfer *transfer, const char *name, const char *value)
{
    /* "Name;" is libcurl's way to send a header that has no value. */
    char *line = value[0] == '\0' ? rf_format("%s;", name) : rf_format("%s: %s", name, value);
    transfer->lines = transfer->net->library->curl_slist_append(transfer->lines, line);
    RF_VERIFY(transfer->lines != NULL);
    explicit_bzero(line, strlen(line));
    free(line);
}

static void
set_request(struct rf_transfer *transfer)
{
    const struct rf_http_request *request = &transfer->request;
    __typeof__(curl_easy_setopt) *set = transfer->net->library->curl_easy_setopt;
    for (size_t i = 0; i < request->headers.count; i++) {
        add_line(transfer, request->headers.items[i].name, request->headers.items[i].value);
    }
    if (request->body != NULL) {
        (void)set(transfer->easy, CURLOPT_POSTFIELDSIZE, (long)request->body_bytes);
        (void)set(transfer->easy, CURLOPT_POSTFIELDS, request->body);
    }
    if (strcmp(request->method, "HEAD") == 0) {
        (void)set(transfer->easy, CURLOPT_NOBODY, 1L);
    }
    (void)set(transfer->easy, CURLOPT_CUSTOMREQUEST, request->method);
    (void)set(transfer->easy, CURLOPT_HTTPHEADER, transfer->lines);
}

/** Whether the object is here, and only its end did not come: behind it there is no range. */
static bool
has_all(const struct rf_transfer *transfer)
{
    return transfer->got == transfer->listed ||
           (transfer->first.bytes >= 0 && transfer->got == (uint64_t)transfer->first.bytes);
}

/** From where on it is asked for: a server that cannot do that, or has another object by now, sends
 * all of it. */
static void
ask_for_rest(struct rf_transfer *transfer)
{
    rf_http_headers_remove(&transfer->request.headers, "Range");
    rf_http_headers_remove(&transfer->request.headers, "If-Range");
    if (transfer->got == 0 || has_all(transfer)) {
        return;
    }
    char *range = rf_format("bytes=%llu-", (unsigned long long)transfer->got);
    const struct rf_net_object *first = &transfer->first;
    rf_http_header_set(&transfer->request, "Range", range);
    rf_http_header_set(&transfer->request, "If-Range",
                       first->etag != NULL ? first->etag : first->modified);
    free(range);
}

rf_code
rf_net_try(struct rf_transfer *transfer, struct rf_err *reterr)
{
    struct rf_net *net = transfer->net;
    int tries = transfer->answer.tries + 1;
    rf_http_answer_done(&transfer->answer);
    transfer->answer.tries = tries;
    transfer->accepted = false;
    transfer->place = 0;
    transfer->fault = RF_OK;
    transfer->reason[0] = '\0';
    transfer->began_ms = transfer->window_ms = rf_clock_ms();
    transfer->window_bytes = 0;
    ask_for_rest(transfer);
    if (transfer->signer.sign != NULL) {
        RF_TRY(transfer->signer.sign(transfer->signer.context, &transfer->request, reterr));
    }
    transfer->easy = net->library->curl_easy_init();
    RF_VERIFY(transfer->easy != NULL);
    set_always(transfer);
    set_waits(transfer);
    set_address(transfer);
    set_request(transfer);
    CURLMcode result = net->library->curl_multi_add_handle(net->multi, transfer->easy);
    RF_VERIFY(result == CURLM_OK);
    return RF_OK;
}

void
rf_net_stop_try(struct rf_transfer *transfer)
{
    struct rf_net *net = transfer->net;
    if (transfer->easy == NULL) {
        return;
    }
    (void)net->library->curl_multi_remove_handle(net->multi, transfer->easy);
    /* Never used again: libcurl 7.88 keeps in it what came while it was paused, and would give that
     * to the next transfer. Connections are the multi handle's. */
    net->library->curl_easy_cleanup(transfer->easy);
    transfer->easy = NULL;
    net->library->curl_slist_free_all(transfer->lines);
    transfer->lines = NULL;
}

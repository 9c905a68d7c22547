/* SPDX-License-Identifier: MIT */
/* The engine against a server in this process: order, memory, signers, limits, ends. Faults of
 * servers are harness/tests/oracle/net_test.py's. */
#include "net/net.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "tests/net/scripted.h"

#define SMALL 1000

/* ---- help -------------------------------------------------------------------------------------
 */

static struct rf_http_request
get(const struct scripted *server, const char *path)
{
    return (struct rf_http_request){
        .method = "GET",
        .url = rf_format("http://127.0.0.1:%d/%s", server->port, path),
    };
}

static struct rf_transfer *
begin(struct rf_net *net, const struct scripted *server, const char *path, uint64_t bytes,
      const char *etag)
{
    struct rf_http_request request = get(server, path);
    const struct rf_transfer_wanted wanted = {.bytes = bytes, .etag = etag, .name = path};
    return rf_transfer_new(net, &request, &wanted, NULL);
}

/** Reads all of it; *ret_bytes is how much that was. */
static rf_code
drain(struct rf_transfer *transfer, uint64_t *ret_bytes, struct rf_err *reterr)
{
    char block[65536];
    size_t got = 1;
    *ret_bytes = 0;
    while (got > 0) {
        RF_TRY(rf_transfer_read(transfer, block, sizeof(block), &got, reterr));
        *ret_bytes += got;
    }
    return RF_OK;
}

/** What a failing transfer says, in `reterr`. */
static void
expect_failure(struct rf_net *net, const struct scripted *server, const char *path, uint64_t bytes,
               const char *etag, const char *says)
{
    struct rf_err err = {0};
    uint64_t got;
    struct rf_transfer *transfer = begin(net, server, path, bytes, etag);
    cr_expect_eq(drain(transfer, &got, &err), RF_ERR_SOURCE, "%s", path);
    cr_expect_str_eq(err.where, path);
    cr_expect_not_null(strstr(err.text, says), "%s: %s", path, err.text);
    rf_transfer_close(transfer);
}

static const struct rf_net_options DEFAULTS = {0};

static bool
answer_small(struct scripted *server, int fd, const char *head)
{
    (void)server;
    (void)head;
    rf_clock_sleep_us(20000);
    scripted_send_bytes(fd, SMALL, 'x', "ETag: \"1\"\r\n");
    return true;
}

static bool
answer_never(struct scripted *server, int fd, const char *head)
{
    char byte;
    (void)server;
    (void)head;
    return recv(fd, &byte, 1, 0) > 0;
}

/* ---- what comes ahead --------------------------------------------------------------------------
 */

Test(net, many_come_at_once_and_connections_are_used_again)
{
    struct scripted *server = scripted_new(answer_small);
    struct rf_net_options options = {.connections = 8};
    struct rf_net *net = rf_net_new(&options);
    struct rf_transfer *transfers[64];
    struct rf_err err;
    int64_t start = rf_clock_ms();
    for (size_t i = 0; i < 64; i++) {
        transfers[i] = begin(net, server, "a", SMALL, "\"1\"");
    }
    for (size_t i = 0; i < 64; i++) {
        uint64_t bytes;
        cr_assert_eq(drain(transfers[i], &bytes, &err), RF_OK, "%s", err.text);
        cr_expect_eq(bytes, SMALL);
        cr_expect_str_eq(rf_transfer_etag(transfers[i]), "\"1\"");
        rf_transfer_close(transfers[i]);
    }
    cr_expect_lt(rf_clock_ms() - start, 64 * 20, "one behind the other they would take 1,280 ms");
    struct rf_net_counts counts = rf_net_counts(net);
    rf_net_free(net);
    cr_expect_eq(counts.requests, 64);
    cr_expect_eq(counts.retries, 0);
    cr_expect_eq(counts.bytes, 64 * SMALL);
    cr_expect_gt(server->most_at_once, 1);
    cr_expect_leq(server->most_at_once, 8);
    cr_expect_leq(server->connections, 8);
    scripted_stop(server);
}

static bool
answer_large(struct scripted *server, int fd, const char *head)
{
    (void)server;
    (void)head;
    scripted_send_bytes(fd, (size_t)2 << 20, 'x', "");
    return true;
}

Test(net, what_no_one_reads_is_held_back_and_what_is_read_never_is)
{
    struct scripted *server = scripted_new(answer_large);
    struct rf_net_options options = {.connections = 4, .ahead_bytes = (size_t)1 << 20};
    struct rf_net *net = rf_net_new(&options);
    struct rf_transfer *transfers[12];
    struct rf_err err;
    for (size_t i = 0; i < 12; i++) {
        transfers[i] = begin(net, server, "a", (uint64_t)2 << 20, NULL);
    }
    rf_clock_sleep_us(500000);
    uint64_t ahead = rf_net_counts(net).bytes;
    cr_expect_gt(ahead, 0);
    cr_expect_lt(ahead, (uint64_t)3 << 19, "1 MiB, and a write of libcurl's for each connection");
    /* The last one first: all connections wait, with what was fetched for those in front of it. */
    for (size_t i = 12; i-- > 0;) {
        uint64_t bytes;
        cr_assert_eq(drain(transfers[i], &bytes, &err), RF_OK, "%s", err.text);
        cr_expect_eq(bytes, (uint64_t)2 << 20);
        rf_transfer_close(transfers[i]);
    }
    rf_net_free(net);
    scripted_stop(server);
}

Test(net, what_is_closed_is_given_up)
{
    struct scripted *server = scripted_new(answer_never);
    struct rf_net_options options = {.connections = 2};
    struct rf_net *net = rf_net_new(&options);
    struct rf_transfer *transfers[6];
    for (size_t i = 0; i < 6; i++) {
        transfers[i] = begin(net, server, "a", SMALL, NULL);
    }
    while (scripted_requests(server) < 2) {
        rf_clock_sleep_us(1000);
    }
    int64_t start = rf_clock_ms();
    for (size_t i = 0; i < 6; i++) {
        rf_transfer_close(transfers[i]); /* running and queued ones */
    }
    rf_transfer_close(NULL);
    rf_net_free(net);
    cr_expect_lt(rf_clock_ms() - start, 2000);
    scripted_stop(server);
}

static atomic_bool stop;

static void *
stop_soon(void *context)
{
    rf_clock_sleep_us(200000);
    atomic_store(&stop, true);
    return context;
}

Test(net, stop_ends_all_within_two_seconds)
{
    struct scripted *server = scripted_new(answer_never);
    struct rf_net_options options = {.connections = 1, .stop = &stop};
    struct rf_net *net = rf_net_new(&options);
    struct rf_http_request request = get(server, "ask");
    struct rf_http_answer answer;
    struct rf_err err = {0};
    pthread_t thread;
    struct rf_transfer *running = begin(net, server, "running", SMALL, NULL);
    struct rf_transfer *queued = begin(net, server, "queued", SMALL, NULL);
    uint64_t bytes;
    cr_assert_eq(pthread_create(&thread, NULL, stop_soon, NULL), 0);
    int64_t start = rf_clock_ms();
    cr_expect_eq(drain(running, &bytes, &err), RF_ERR_INTERRUPTED);
    cr_expect_eq(drain(queued, &bytes, &err), RF_ERR_INTERRUPTED);
    cr_expect_eq(rf_net_ask(net, &request, NULL, SMALL, &answer, &err), RF_ERR_INTERRUPTED);
    cr_expect_not_null(request.url, "the request stays the caller's");
    cr_expect_lt(rf_clock_ms() - start, 2000);
    rf_http_request_done(&request);
    rf_transfer_close(running);
    rf_transfer_close(queued);
    rf_net_free(net);
    (void)pthread_join(thread, NULL);
    scripted_stop(server);
}

/* ---- is it the object? -------------------------------------------------------------------------
 */

static bool
answer_by_path(struct scripted *server, int fd, const char *head)
{
    (void)server;
    if (strncmp(head, "GET /page", 9) == 0) {
        scripted_send(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
                          "15\r\n\r\n<!DOCTYPE html>");
    } else if (strncmp(head, "GET /gone", 9) == 0) {
        scripted_send(fd, "HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n");
    } else if (strncmp(head, "GET /denied", 11) == 0) {
        scripted_send(fd, "HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\nX-Amz-Cf-Id: "
                          "Zx9_id==\r\n\r\n<Why/>");
    } else if (strncmp(head, "GET /other", 10) == 0) {
        scripted_send(fd, "HTTP/1.1 203 Other\r\nContent-Length: 90000\r\n\r\n");
        for (int i = 0; i < 90; i++) { /* more than is kept of a text */
            scripted_send(fd, "%01000d", 0);
        }
    } else if (strncmp(head, "GET /unnamed", 12) == 0) {
        scripted_send_bytes(fd, SMALL, 'x', "");
    } else {
        cr_expect_null(strstr(head, "Accept-Encoding"), "the bytes as stored");
        scripted_send_bytes(fd, SMALL, 'x', "ETag: \"2\"\r\n");
    }
    return true;
}

static void
explain(const struct rf_http_answer *answer, struct rf_buf *text)
{
    cr_expect_eq(answer->status, 403);
    rf_buf_add(text, answer->body.bytes, answer->body.used);
}

Test(net, only_what_was_listed_is_the_object)
{
    struct scripted *server = scripted_new(answer_by_path);
    struct rf_net *net = rf_net_new(&DEFAULTS);
    struct rf_err err = {0};
    uint64_t bytes;
    expect_failure(net, server, "a", SMALL, "\"1\"",
                   "has the ETag \"2\", and was listed with \"1\": the object changed during");
    expect_failure(net, server, "a", SMALL + 1, "\"2\"",
                   "has 1000 bytes, and was listed with 1001: the object changed during the run");
    expect_failure(net, server, "unnamed", SMALL, "\"2\"", "comes without an ETag");
    expect_failure(net, server, "gone", SMALL, "\"2\"",
                   "HTTP status 412: the object changed during the run");
    expect_failure(net, server, "page", RF_NET_BYTES_UNKNOWN, NULL,
                   "with a page (text/html) in the object's place");
    expect_failure(net, server, "other", RF_NET_BYTES_UNKNOWN, NULL, "HTTP status 203: not the");
    expect_failure(net, server, "denied", RF_NET_BYTES_UNKNOWN, NULL, "(X-Amz-Cf-Id Zx9_id==)");
    struct rf_http_request request = get(server, "denied");
    const struct rf_transfer_wanted wanted = {
        .bytes = RF_NET_BYTES_UNKNOWN, .name = "denied", .explain = explain};
    struct rf_transfer *transfer = rf_transfer_new(net, &request, &wanted, NULL);
    cr_expect_eq(drain(transfer, &bytes, &err), RF_ERR_SOURCE);
    cr_expect_str_eq(err.text, "HTTP status 403: <Why/> (X-Amz-Cf-Id Zx9_id==)");
    rf_transfer_close(transfer);
    rf_net_free(net);
    scripted_stop(server);
}

/** Half of it, then the rest where it is asked for as it must be. */
static bool
answer_in_halves(struct scripted *server, int fd, const char *head)
{
    const char *range = strstr(head, "Range: bytes=");
    (void)server;
    if (range == NULL) {
        scripted_send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: \"1\"\r\n\r\n%0500d",
                      0);
        return false;
    }
    cr_expect_not_null(strstr(head, "If-Range: \"1\""), "%s", head);
    cr_expect_not_null(strstr(head, "bytes=500-\r\n"), "%s", head);
    scripted_send(fd,
                  "HTTP/1.1 206 Partial Content\r\nContent-Length: 500\r\nETag: \"%s\"\r\n"
                  "Content-Range: bytes %d-999/1000\r\n\r\n%0500d",
                  strstr(head, "/other") != NULL ? "2" : "1",
                  strstr(head, "/elsewhere") != NULL ? 400 : 500, 0);
    return true;
}

Test(net, what_broke_off_goes_on_where_it_was)
{
    (void)setenv("REFOLD_PATIENCE", "0.03", 1);
    struct scripted *server = scripted_new(answer_in_halves);
    struct rf_net *net = rf_net_new(&DEFAULTS);
    struct rf_err err = {0};
    uint64_t bytes;
    struct rf_transfer *transfer = begin(net, server, "a", SMALL, "\"1\"");
    cr_expect_eq(drain(transfer, &bytes, &err), RF_OK, "%s", err.text);
    cr_expect_eq(bytes, SMALL);
    rf_transfer_close(transfer);
    struct rf_net_counts counts = rf_net_counts(net);
    cr_expect_eq(counts.retries, 1);
    cr_expect_eq(counts.bytes, SMALL);
    expect_failure(net, server, "other", RF_NET_BYTES_UNKNOWN, NULL, "it is another object");
    expect_failure(net, server, "elsewhere", RF_NET_BYTES_UNKNOWN, NULL, "was not asked for");
    rf_net_free(net);
    scripted_stop(server);
}

/** All of it, and not the chunk that ends it; then all, as it is asked for. */
static bool
answer_without_end(struct scripted *server, int fd, const char *head)
{
    bool again = scripted_requests(server) > 1;
    cr_expect_null(strstr(head, "Range:"), "there is nothing behind its end: %s", head);
    scripted_send(fd,
                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"1\"\r\n\r\n"
                  "3e8\r\n%01000d\r\n%s",
                  0, again ? "0\r\n\r\n" : "");
    return again;
}

Test(net, what_came_but_for_its_end_is_asked_for_anew)
{
    (void)setenv("REFOLD_PATIENCE", "0.03", 1);
    struct scripted *server = scripted_new(answer_without_end);
    struct rf_net *net = rf_net_new(&DEFAULTS);
    struct rf_err err = {0};
    uint64_t bytes;
    struct rf_transfer *transfer = begin(net, server, "a", SMALL, "\"1\"");
    cr_expect_eq(drain(transfer, &bytes, &err), RF_OK, "%s", err.text);
    cr_expect_eq(bytes, SMALL, "and not twice");
    rf_transfer_close(transfer);
    cr_expect_eq(rf_net_counts(net).retries, 1);
    rf_net_free(net);
    scripted_stop(server);
}

static atomic_bool hang_up;

/** Half of it, with nothing that would tell it from another; then all. */
static bool
answer_untold(struct scripted *server, int fd, const char *head)
{
    (void)head;
    bool first = scripted_requests(server) == 1;
    scripted_send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n%0*d", first ? 500 : 1000, 0);
    while (first && !atomic_load(&hang_up)) {
        rf_clock_sleep_us(1000);
    }
    return !first;
}

Test(net, what_no_one_has_read_may_begin_anew_and_nothing_else)
{
    (void)setenv("REFOLD_PATIENCE", "0.03", 1);
    struct rf_err err = {0};
    uint64_t bytes;
    atomic_store(&hang_up, true);
    struct scripted *server = scripted_new(answer_untold);
    struct rf_net *net = rf_net_new(&DEFAULTS);
    struct rf_transfer *transfer = begin(net, server, "a", RF_NET_BYTES_UNKNOWN, NULL);
    while (scripted_requests(server) < 2) {
        rf_clock_sleep_us(1000);
    }
    cr_expect_eq(drain(transfer, &bytes, &err), RF_OK, "%s", err.text);
    cr_expect_eq(bytes, SMALL);
    rf_transfer_close(transfer);
    rf_net_free(net);
    scripted_stop(server);

    char block[SMALL];
    size_t got;
    atomic_store(&hang_up, false);
    server = scripted_new(answer_untold);
    net = rf_net_new(&DEFAULTS);
    transfer = begin(net, server, "a", RF_NET_BYTES_UNKNOWN, NULL);
    cr_expect_eq(rf_transfer_read(transfer, block, sizeof(block), &got, &err), RF_OK);
    cr_expect_gt(got, 0);
    atomic_store(&hang_up, true);
    cr_expect_eq(drain(transfer, &bytes, &err), RF_ERR_SOURCE);
    cr_expect_not_null(strstr(err.text, "without a strong ETag or Last-Modified"), "%s", err.text);
    cr_expect_eq(scripted_requests(server), 1);
    rf_transfer_close(transfer);
    rf_net_free(net);
    scripted_stop(server);
}

/* ---- whole answers, signers --------------------------------------------------------------------
 */

static bool
answer_if_signed(struct scripted *server, int fd, const char *head)
{
    (void)server;
    bool is_signed = strstr(head, "Authorization: word-2\r\n") != NULL;
    bool is_token = strncmp(head, "PUT /token ", 11) == 0;
    bool is_post = strncmp(head, "POST ", 5) == 0;
    if (is_token) {
        scripted_send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nword-2");
    } else if (is_signed || is_post) {
        scripted_send(fd, "HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:  2 \r\nContent-Length: 4\r\n\r\nbody");
    } else {
        scripted_send(fd, "HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nold");
    }
    return true;
}

struct keeper {
    struct rf_net *net;
    const struct scripted *server;
    char word[16];
    int refusals;
};

static rf_code
sign(void *context, struct rf_http_request *request, struct rf_err *reterr)
{
    struct keeper *keeper = context;
    if (keeper->word[0] == '\0') {
        return rf_fail(reterr, RF_ERR_SOURCE, "keeper", "there are no credentials");
    }
    rf_http_header_set(request, "Authorization", keeper->word);
    return RF_OK;
}

/** Asks by the same engine, as one whose credentials have run out does. */
static bool
refused(void *context, const struct rf_http_request *request, const struct rf_http_answer *answer)
{
    struct keeper *keeper = context;
    struct rf_http_request asks = get(keeper->server, "token");
    struct rf_http_answer token;
    struct rf_err err;
    cr_expect_str_eq(request->method, "GET");
    cr_expect_eq(answer->status, 403);
    cr_expect_eq(memcmp(answer->body.bytes, "old", 3), 0);
    asks.method = "PUT";
    cr_assert_eq(rf_net_ask(keeper->net, &asks, NULL, 100, &token, &err), RF_OK, "%s", err.text);
    (void)snprintf(keeper->word, sizeof(keeper->word), "%s", rf_buf_text(&token.body));
    rf_http_answer_done(&token);
    rf_http_request_done(&asks);
    if (keeper->refusals++ > 0) { /* has learnt nothing */
        (void)snprintf(keeper->word, sizeof(keeper->word), "word-1");
    }
    return true;
}

Test(net, a_signer_is_asked_for_each_try_and_may_ask_itself)
{
    struct scripted *server = scripted_new(answer_if_signed);
    struct rf_net *net = rf_net_new(&DEFAULTS);
    struct keeper keeper = {.net = net, .server = server, .word = "word-1"};
    const struct rf_signer signer = {&keeper, sign, refused};
    const struct rf_transfer_wanted wanted = {.bytes = 4, .name = "a"};
    struct rf_http_request request = get(server, "a");
    struct rf_err err = {0};
    uint64_t bytes;
    struct rf_transfer *transfer = rf_transfer_new(net, &request, &wanted, &signer);
    cr_expect_eq(drain(transfer, &bytes, &err), RF_OK, "%s", err.text);
    cr_expect_eq(bytes, 4);
    rf_transfer_close(transfer);
    cr_expect_eq(rf_net_counts(net).requests, 3, "refused, the token, accepted");

    (void)snprintf(keeper.word, sizeof(keeper.word), "word-1");
    request = get(server, "a");
    struct rf_http_answer answer;
    cr_assert_eq(rf_net_ask(net, &request, &signer, 100, &answer, &err), RF_OK, "%s", err.text);
    cr_expect_eq(answer.status, 403, "twice, and no more");
    cr_expect_eq(answer.tries, 3);
    cr_expect_eq(keeper.refusals, 3);
    rf_http_answer_done(&answer);

    keeper.word[0] = '\0';
    cr_expect_eq(rf_net_ask(net, &request, &signer, 100, &answer, &err), RF_ERR_SOURCE);
    cr_expect_str_eq(err.text, "there are no credentials");
    rf_http_request_done(&request);
    rf_net_free(net);
    scripted_stop(server);
}

Test(net, an_answer_is_whole_with_its_headers_and_within_its_limit)
{
    struct scripted *server = scripted_new(answer_if_signed);
    struct rf_net *net = rf_net_new(&DEFAULTS);
    struct rf_http_request request = get(server, "a?b=c");
    struct rf_http_answer answer;
    struct rf_err err = {0};
    request.method = "POST";
    request.body = rf_strdup("Action=x");
    request.body_bytes = 8;
    cr_assert_eq(rf_net_ask(net, &request, NULL, 4, &answer, &err), RF_OK, "%s", err.text);
    cr_expect_eq(answer.status, 200);
    cr_expect_str_eq(rf_buf_text(&answer.body), "body");
    cr_expect_str_eq(rf_http_headers_find(&answer.headers, "X-a"), "2");
    cr_expect_null(rf_http_headers_find(&answer.headers, "x-b"));
    rf_http_answer_done(&answer);
    cr_expect_eq(rf_net_ask(net, &request, NULL, 3, &answer, &err), RF_ERR_SOURCE);
    cr_expect_not_null(strstr(err.text, "more than 3 bytes"), "%s", err.text);
    cr_expect_null(strstr(err.where, "b=c"), "queries may be signatures: %s", err.where);
    rf_http_request_done(&request);
    rf_net_free(net);
    scripted_stop(server);
}

Test(net, http_stays_on_this_machine)
{
    struct rf_net *net = rf_net_new(&DEFAULTS);
    struct rf_http_request request = {.method = "GET", .url = rf_strdup("http://192.0.2.1/")};
    struct rf_http_answer answer;
    struct rf_err err = {0};
    cr_expect_eq(rf_net_ask(net, &request, NULL, 4, &answer, &err), RF_ERR_SOURCE);
    cr_expect_not_null(strstr(err.text, "cannot be fetched"), "%s", err.text);
    rf_http_request_done(&request);
    rf_net_free(net);
}

/* ---- what the user allows ----------------------------------------------------------------------
 */

Test(net, no_more_is_asked_or_fetched_than_is_allowed)
{
    struct scripted *server = scripted_new(answer_small);
    struct rf_net_options options = {.max_requests = 2};
    struct rf_net *net = rf_net_new(&options);
    struct rf_err err = {0};
    uint64_t bytes;
    for (int i = 0; i < 2; i++) {
        struct rf_transfer *transfer = begin(net, server, "a", SMALL, NULL);
        cr_expect_eq(drain(transfer, &bytes, &err), RF_OK, "%s", err.text);
        rf_transfer_close(transfer);
    }
    expect_failure(net, server, "a", SMALL, NULL, "more than --max-requests 2 allows");
    cr_expect_eq(scripted_requests(server), 2);
    rf_net_free(net);
    options = (struct rf_net_options){.max_bytes = SMALL + 10};
    net = rf_net_new(&options);
    struct rf_transfer *transfer = begin(net, server, "a", SMALL, NULL);
    cr_expect_eq(drain(transfer, &bytes, &err), RF_OK, "%s", err.text);
    rf_transfer_close(transfer);
    expect_failure(net, server, "a", SMALL, NULL, "more than --max-bytes 1010 allows");
    rf_net_free(net);
    scripted_stop(server);
}

Test(net, rates_are_kept)
{
    struct scripted *server = scripted_new(answer_large);
    struct rf_net_options options = {.requests_per_second = 10, .bytes_per_second = 4 << 20};
    struct rf_net *net = rf_net_new(&options);
    struct rf_transfer *transfers[3];
    struct rf_err err = {0};
    uint64_t bytes;
    int64_t start = rf_clock_ms();
    for (size_t i = 0; i < 3; i++) {
        transfers[i] = begin(net, server, "a", (uint64_t)2 << 20, NULL);
    }
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(drain(transfers[i], &bytes, &err), RF_OK, "%s", err.text);
        rf_transfer_close(transfers[i]);
    }
    /* 6 MiB at 4 MiB a second, less the tenth of a second that is free. */
    cr_expect_geq(rf_clock_ms() - start, 1300);
    rf_net_free(net);
    scripted_stop(server);
}

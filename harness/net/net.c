/* SPDX-License-Identifier: MIT */
/* The engine's face: transfers are queued, read and closed. Nothing here talks to a server. */
#include "net/net.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/stop.h"
#include "base/threads.h"
#include "net/net_internal.h"
#include "net/url.h"

/* How often a reader looks at `stop` itself. */
#define POLL_MS      100
#define LEAST_WINDOW ((size_t)128)
#define OTHER_FILES  32

/* ---- the engine as a whole ---------------------------------------------------------------------
 */

static rf_code
read_patience(double *ret, struct rf_err *reterr)
{
    const char *text = getenv("REFOLD_PATIENCE");
    *ret = 1;
    if (text == NULL || text[0] == '\0') {
        return RF_OK;
    }
    char *end;
    *ret = strtod(text, &end);
    if (*end != '\0' || !(*ret >= 0.001) || *ret > 1000) {
        return rf_fail(reterr, RF_ERR_USAGE, "REFOLD_PATIENCE",
                       "'%s' is no number from 0.001 to 1000", text);
    }
    return RF_OK;
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
    return read_patience(&patience, reterr);
}

void
rf_net_lock(struct rf_net *net)
{
    RF_VERIFY(pthread_mutex_lock(&net->lock) == 0);
}

void
rf_net_unlock(struct rf_net *net)
{
    (void)pthread_mutex_unlock(&net->lock);
}

bool
rf_net_stopped(const struct rf_net *net)
{
    return rf_stopped(net->options.stop);
}

void
rf_net_wake(struct rf_net *net)
{
    if (!net->woken) {
        net->woken = true;
        (void)net->library->curl_multi_wakeup(net->multi);
    }
}

struct rf_net *
rf_net_new(const struct rf_net_options *options)
{
    struct rf_net *net = rf_calloc(1, sizeof(*net));
    RF_VERIFY(pthread_mutex_init(&net->lock, NULL) == 0);
    net->options = *options;
    return net;
}

size_t
rf_net_window(const struct rf_net *net)
{
    size_t connections = net->options.connections;
    return connections > LEAST_WINDOW / 4 ? 4 * connections : LEAST_WINDOW;
}

/** No more connections than there are files to be had: the others are the workers'. */
static void
heed_file_limit(struct rf_pace *pace)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) {
        return;
    }
    size_t most = files.rlim_cur > OTHER_FILES + 2 ? (size_t)(files.rlim_cur - OTHER_FILES) / 2 : 1;
    if (pace->options.connections > most) {
        pace->options.connections = most;
        pace->limit = (double)most;
    }
}

/** Starts the thread at the first request. Under the lock. */
static rf_code
begin(struct rf_net *net, const char *where, struct rf_err *reterr)
{
    if (net->begun) {
        return RF_OK;
    }
    net->library = rf_libcurl();
    RF_VERIFY(net->library != NULL); /* rf_net_check has looked */
    RF_TRY(read_patience(&net->patience, reterr));
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    rf_pace_init(&net->pace, &net->options, net->patience,
                 (uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec);
    heed_file_limit(&net->pace);
    net->multi = net->library->curl_multi_init();
    RF_VERIFY(net->multi != NULL);
    if (!rf_thread_start(&net->thread, rf_net_engine, net)) {
        (void)net->library->curl_multi_cleanup(net->multi);
        return rf_fail(reterr, RF_ERR_SOURCE, where,
                       "cannot be fetched: the system gives no thread for it");
    }
    net->begun = true;
    return RF_OK;
}

void
rf_net_free(struct rf_net *net)
{
    if (net == NULL) {
        return;
    }
    if (net->begun) {
        rf_net_lock(net);
        net->quits = true;
        rf_net_wake(net);
        rf_net_unlock(net);
        RF_VERIFY(pthread_join(net->thread, NULL) == 0);
        (void)net->library->curl_multi_cleanup(net->multi);
    }
    RF_VERIFY(net->first == NULL && net->running_count == 0);
    rf_net_free(net->second);
    free(net->running);
    (void)pthread_mutex_destroy(&net->lock);
    free(net);
}

struct rf_net_counts
rf_net_counts(struct rf_net *net)
{
    if (net == NULL) {
        return (struct rf_net_counts){0};
    }
    rf_net_lock(net);
    struct rf_net_counts counts = {
        .requests = net->pace.firsts + net->pace.retries,
        .retries = net->pace.retries,
        .bytes = net->pace.bytes,
    };
    struct rf_net *second = net->second;
    rf_net_unlock(net);
    if (second != NULL) {
        struct rf_net_counts more = rf_net_counts(second);
        counts.requests += more.requests;
        counts.retries += more.retries;
        counts.bytes += more.bytes;
    }
    return counts;
}

/* ---- the queue ---------------------------------------------------------------------------------
 */

void
rf_net_enqueue(struct rf_net *net, struct rf_transfer *transfer)
{
    struct rf_transfer *before = net->last;
    while (before != NULL && before->order > transfer->order) {
        before = before->previous;
    }
    struct rf_transfer *behind = before == NULL ? net->first : before->next;
    transfer->previous = before;
    transfer->next = behind;
    *(before == NULL ? &net->first : &before->next) = transfer;
    *(behind == NULL ? &net->last : &behind->previous) = transfer;
    transfer->stage = RF_NET_QUEUED;
}

void
rf_net_unqueue(struct rf_net *net, struct rf_transfer *transfer)
{
    struct rf_transfer *before = transfer->previous;
    struct rf_transfer *behind = transfer->next;
    *(before == NULL ? &net->first : &before->next) = behind;
    *(behind == NULL ? &net->last : &behind->previous) = before;
    transfer->previous = transfer->next = NULL;
}

/** @request  moved into it */
static struct rf_transfer *
make(struct rf_net *net, struct rf_http_request *request, const struct rf_signer *signer)
{
    struct rf_transfer *transfer = rf_calloc(1, sizeof(*transfer));
    transfer->net = net;
    transfer->request = *request;
    *request = (struct rf_http_request){0};
    transfer->listed = RF_NET_BYTES_UNKNOWN;
    transfer->first.bytes = -1;
    if (signer != NULL) {
        transfer->signer = *signer;
    }
    RF_VERIFY(pthread_cond_init(&transfer->moved, NULL) == 0);
    return transfer;
}

/** Hands it to the engine. */
static void
submit(struct rf_transfer *transfer)
{
    struct rf_net *net = transfer->net;
    rf_net_lock(net);
    transfer->code = begin(net, transfer->name, &transfer->err);
    if (transfer->code != RF_OK) {
        transfer->stage = RF_NET_ENDED;
    } else {
        transfer->order = transfer->is_ask ? 0 : ++net->orders;
        rf_net_enqueue(net, transfer);
        rf_net_wake(net);
    }
    rf_net_unlock(net);
}

/** Waits for the next move of the engine. Under the lock. */
static void
wait_for_move(struct rf_transfer *transfer)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += POLL_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_cond_timedwait(&transfer->moved, &transfer->net->lock, &until);
}

static rf_code
interrupted(const struct rf_transfer *transfer, struct rf_err *reterr)
{
    return rf_fail(reterr, RF_ERR_INTERRUPTED, transfer->name, "interrupted");
}

/* ---- transfers ---------------------------------------------------------------------------------
 */

struct rf_transfer *
rf_transfer_new(struct rf_net *net, struct rf_http_request *request,
                const struct rf_transfer_wanted *wanted, const struct rf_signer *signer)
{
    struct rf_transfer *transfer = make(net, request, signer);
    transfer->name = rf_strdup(wanted->name);
    transfer->listed = wanted->bytes;
    transfer->explain = wanted->explain;
    if (wanted->etag != NULL) {
        transfer->etag = rf_strdup(wanted->etag);
        rf_http_header_set(&transfer->request, "If-Match", wanted->etag);
    }
    if (wanted->from > 0) { /* as if a try before had brought it */
        transfer->got = wanted->from;
        transfer->first.etag = rf_strdup(wanted->etag);
        transfer->first.bytes = wanted->bytes == RF_NET_BYTES_UNKNOWN ? -1 : (int64_t)wanted->bytes;
    }
    submit(transfer);
    return transfer;
}

void
rf_net_drop_pieces(struct rf_transfer *transfer)
{
    while (transfer->front != NULL) {
        struct rf_net_piece *piece = transfer->front;
        transfer->front = piece->next;
        free(piece);
    }
    transfer->back = NULL;
    transfer->net->held -= transfer->held;
    transfer->held = 0;
}

/** Takes from its pieces. Under the lock. */
static size_t
take(struct rf_transfer *transfer, char *bytes, size_t room)
{
    size_t got = 0;
    while (got < room && transfer->front != NULL) {
        struct rf_net_piece *piece = transfer->front;
        size_t left = piece->used - piece->at;
        size_t count = left < room - got ? left : room - got;
        memcpy(bytes + got, piece->bytes + piece->at, count);
        piece->at += count;
        got += count;
        if (piece->at == piece->used) {
            transfer->front = piece->next;
            free(piece);
        }
    }
    if (transfer->front == NULL) {
        transfer->back = NULL;
    }
    transfer->held -= got;
    transfer->net->held -= got;
    return got;
}

/** Whether the engine can go on with something, now that pieces were taken. Under the lock. */
static bool
can_go_on(const struct rf_transfer *transfer)
{
    const struct rf_net *net = transfer->net;
    return (transfer->paused && transfer->held < RF_NET_WINDOW_BYTES / 2) ||
           (net->hungry && net->held < net->pace.options.ahead_bytes / 4 * 3);
}

rf_code
rf_transfer_read(struct rf_transfer *transfer, void *bytes, size_t room, size_t *ret_got,
                 struct rf_err *reterr)
{
    struct rf_net *net = transfer->net;
    rf_code code = RF_OK;
    *ret_got = 0;
    rf_net_lock(net);
    if (!transfer->taken) {
        transfer->taken = true;
        if (transfer->stage != RF_NET_ENDED) {
            rf_net_wake(net);
        }
    }
    while (transfer->front == NULL && transfer->stage != RF_NET_ENDED && code == RF_OK) {
        if (rf_net_stopped(net)) {
            code = interrupted(transfer, reterr);
        } else {
            wait_for_move(transfer);
        }
    }
    if (code == RF_OK && transfer->stage == RF_NET_ENDED && transfer->code != RF_OK) {
        code = transfer->code;
        if (reterr != NULL) {
            *reterr = transfer->err;
        }
    }
    if (code == RF_OK) {
        *ret_got = take(transfer, bytes, room);
        if (can_go_on(transfer)) {
            rf_net_wake(net);
        }
    }
    rf_net_unlock(net);
    return code;
}

const char *
rf_transfer_etag(const struct rf_transfer *transfer)
{
    return transfer->first.etag;
}

uint64_t
rf_transfer_total(const struct rf_transfer *transfer)
{
    int64_t bytes = transfer->first.bytes;
    return bytes < 0 ? RF_NET_BYTES_UNKNOWN : (uint64_t)bytes;
}

/** Takes it back from the engine: afterwards it is the caller's alone. Who waits for that waits for
 * one round of the engine; then no signer is asked for it any more. */
static void
take_back(struct rf_transfer *transfer)
{
    struct rf_net *net = transfer->net;
    rf_net_lock(net);
    if (transfer->stage == RF_NET_QUEUED) {
        rf_net_unqueue(net, transfer);
        transfer->stage = RF_NET_ENDED;
    }
    transfer->closed = true;
    rf_net_drop_pieces(transfer);
    if (net->begun && (transfer->stage != RF_NET_ENDED || net->hungry)) {
        rf_net_wake(net);
    }
    while (transfer->stage != RF_NET_ENDED) {
        wait_for_move(transfer);
    }
    rf_net_drop_pieces(transfer); /* the engine was adding one */
    rf_net_unlock(net);
}

static void
free_transfer(struct rf_transfer *transfer)
{
    rf_http_request_done(&transfer->request);
    rf_http_answer_done(&transfer->answer);
    (void)pthread_cond_destroy(&transfer->moved);
    free(transfer->first.etag);
    free(transfer->first.modified);
    free(transfer->name);
    free(transfer->etag);
    free(transfer);
}

void
rf_transfer_close(struct rf_transfer *transfer)
{
    if (transfer != NULL) {
        take_back(transfer);
        free_transfer(transfer);
    }
}

/* ---- whole answers -----------------------------------------------------------------------------
 */

/** The engine that may be waited for: signers are called by the first one's thread. */
static struct rf_net *
not_my_own(struct rf_net *net)
{
    rf_net_lock(net);
    bool own = net->begun && pthread_equal(net->thread, pthread_self());
    if (own && net->second == NULL) {
        net->second = rf_net_new(&net->options);
    }
    struct rf_net *found = own ? net->second : net;
    rf_net_unlock(net);
    return found;
}

rf_code
rf_net_ask(struct rf_net *net, struct rf_http_request *request, const struct rf_signer *signer,
           size_t most, struct rf_http_answer *ret, struct rf_err *reterr)
{
    net = not_my_own(net);
    struct rf_transfer *transfer = make(net, request, signer);
    transfer->name = rf_url_shown(transfer->request.url, true);
    transfer->is_ask = true;
    transfer->most = most;
    transfer->taken = true;
    submit(transfer);
    rf_net_lock(net);
    while (transfer->stage != RF_NET_ENDED && !rf_net_stopped(net)) {
        wait_for_move(transfer);
    }
    bool ended = transfer->stage == RF_NET_ENDED;
    rf_net_unlock(net);
    take_back(transfer);
    *request = transfer->request;
    transfer->request = (struct rf_http_request){0};
    rf_code code = ended ? transfer->code : interrupted(transfer, reterr);
    if (code == RF_OK) {
        *ret = transfer->answer;
        transfer->answer = (struct rf_http_answer){0};
    } else if (ended && reterr != NULL) {
        *reterr = transfer->err;
    }
    free_transfer(transfer);
    return code;
}

/* SPDX-License-Identifier: MIT */
/* One object over HTTP. libcurl says CURLE_OK for much that is not the object: a body that was cut
 * without a Content-Length, a 503, an error document. */
#include "net/download.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "net/libcurl.h"
#include "net/url.h"

#define TRIES         4
#define REDIRECTS     5
#define CONNECT_MS    10000
#define STALL_SECONDS 30
#define STALL_BYTES   1024 /* a second */
#define PAUSE_MS      500  /* before the second try; it doubles */
#define RETRY_AFTER_S 30   /* the longest that a server is obeyed */
#define POLL_MS       100  /* how often `stop` is looked at */

/* A transfer pauses above that. */
#define AHEAD_BYTES ((size_t)256 << 10)
/* Of the text that comes with an error status: read, so that the connection can be used again. */
#define ERROR_BODY_BYTES ((uint64_t)64 << 10)

/** What a response's head says. */
struct head {
    char etag[256]; /* a strong one */
    char modified[64];
    bool chunked;
};

struct rf_download {
    const struct rf_libcurl *library;
    const atomic_bool *stop;
    double patience;
    CURLM *multi;
    CURL *easy;
    bool running; /* easy is in multi */
    char reason[CURL_ERROR_SIZE];
    /* the object at hand */
    char *url;
    const char *name;
    int tries;
    int redirects;
    uint64_t delivered;  /* bytes that were handed on, by this try or one before */
    struct head first;   /* of the response that they came with */
    int64_t first_bytes; /* its Content-Length; -1: none */
    bool ended;
    /* the try at hand */
    struct head head;
    bool accepted;     /* its body is the object's */
    uint64_t received; /* of the body */
    bool paused;
    struct rf_buf ahead; /* received, and not handed on */
    size_t ahead_at;
    rf_code code; /* why it was broken off */
    struct rf_err *reterr;
};

rf_code
rf_download_patience(double *ret, struct rf_err *reterr)
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

/* ---- what comes in ----------------------------------------------------------------------------
 */

/** The value of a header line that has this name, without blanks around it, cut to `room`. */
static bool
header_value(const char *line, size_t bytes, const char *name, char *ret, size_t room)
{
    size_t name_bytes = strlen(name);
    if (bytes <= name_bytes || line[name_bytes] != ':' ||
        strncasecmp(line, name, name_bytes) != 0) {
        return false;
    }
    const char *value = line + name_bytes + 1;
    const char *end = line + bytes;
    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    while (end > value && (unsigned char)end[-1] <= ' ') {
        end--;
    }
    (void)snprintf(ret, room, "%.*s", (int)(end - value), value);
    return true;
}

static size_t
on_header(char *line, size_t one, size_t bytes, void *context)
{
    struct rf_download *download = context;
    struct head *head = &download->head;
    char value[256];
    (void)one;
    if (bytes >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        *head = (struct head){0}; /* one response may come behind another (100 Continue) */
    } else if (header_value(line, bytes, "etag", value, sizeof(value))) {
        (void)snprintf(head->etag, sizeof(head->etag), "%s", value[0] == '"' ? value : "");
    } else if (header_value(line, bytes, "last-modified", head->modified, sizeof(head->modified))) {
    } else if (header_value(line, bytes, "transfer-encoding", value, sizeof(value))) {
        size_t value_bytes = strlen(value);
        head->chunked = value_bytes >= 7 && strcasecmp(value + value_bytes - 7, "chunked") == 0;
    }
    return bytes;
}

static long
status_of(const struct rf_download *download)
{
    long status = 0;
    (void)download->library->curl_easy_getinfo(download->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static int64_t
length_of(const struct rf_download *download)
{
    curl_off_t bytes = -1;
    (void)download->library->curl_easy_getinfo(download->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
                                               &bytes);
    return bytes;
}

/** Whether the transfer marks its own end. */
static bool
marks_its_end(const struct rf_download *download)
{
    long version = 0;
    (void)download->library->curl_easy_getinfo(download->easy, CURLINFO_HTTP_VERSION, &version);
    return length_of(download) >= 0 || download->head.chunked || version >= CURL_HTTP_VERSION_2_0;
}

static bool
same_object(const struct rf_download *download)
{
    const struct head *first = &download->first;
    const struct head *now = &download->head;
    if (length_of(download) != download->first_bytes) {
        return false;
    }
    if (first->etag[0] != '\0' || now->etag[0] != '\0') {
        return strcmp(first->etag, now->etag) == 0;
    }
    return first->modified[0] != '\0' && strcmp(first->modified, now->modified) == 0;
}

/** The head of a 200 is here: is what follows the object, and the one that was begun with? */
static rf_code
accept_body(struct rf_download *download)
{
    download->accepted = true;
    if (!marks_its_end(download)) {
        return rf_fail(download->reterr, RF_ERR_SOURCE, download->name,
                       "the response says neither its length (Content-Length) nor where it ends "
                       "(chunks), so no one could tell if it was cut");
    }
    if (download->delivered > 0 && !same_object(download)) {
        return rf_fail(download->reterr, RF_ERR_SOURCE, download->name,
                       "broke off at byte %" PRIu64 ", and asked for again it is another object "
                       "(ETag, Last-Modified or length)",
                       download->delivered);
    }
    download->first = download->head;
    download->first_bytes = length_of(download);
    return RF_OK;
}

/** What an earlier try handed on is passed over. */
static size_t
on_body(char *bytes, size_t one, size_t count, void *context)
{
    struct rf_download *download = context;
    (void)one;
    if (status_of(download) != 200) {
        download->received += count;
        return download->received > ERROR_BODY_BYTES ? 0 : count;
    }
    if (!download->accepted) {
        download->code = accept_body(download);
    }
    if (download->code != RF_OK) {
        return 0;
    }
    if (download->ahead.used - download->ahead_at >= AHEAD_BYTES) {
        download->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    uint64_t before = download->received;
    download->received += count;
    size_t skip = before >= download->delivered          ? 0
                  : download->delivered - before > count ? count
                                                         : (size_t)(download->delivered - before);
    rf_buf_add(&download->ahead, bytes + skip, count - skip);
    return count;
}

/* ---- one try ----------------------------------------------------------------------------------
 */

/** What holds for all transfers. */
static void
set_up(struct rf_download *download)
{
    CURL *easy = download->easy;
    __typeof__(curl_easy_setopt) *set = download->library->curl_easy_setopt;
    const char *authorities = getenv("SSL_CERT_FILE");
    long stall = (long)(STALL_SECONDS * download->patience);
    (void)set(easy, CURLOPT_ERRORBUFFER, download->reason);
    (void)set(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)set(easy, CURLOPT_HEADERDATA, download);
    (void)set(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)set(easy, CURLOPT_WRITEDATA, download);
    (void)set(easy, CURLOPT_NOSIGNAL, 1L);
    (void)set(easy, CURLOPT_FOLLOWLOCATION, 0L); /* by us: see redirect() */
    (void)set(easy, CURLOPT_PATH_AS_IS, 1L);
    (void)set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)set(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)set(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(CONNECT_MS * download->patience) + 1);
    (void)set(easy, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES);
    (void)set(easy, CURLOPT_LOW_SPEED_TIME, stall < 1 ? 1L : stall);
    (void)set(easy, CURLOPT_USERAGENT, "refold/" REFOLD_VERSION);
    /* CURLOPT_ACCEPT_ENCODING stays unset: the bytes as stored. */
    if (authorities != NULL && authorities[0] != '\0') {
        (void)set(easy, CURLOPT_CAINFO, authorities);
    }
}

static void
stop_try(struct rf_download *download)
{
    if (download->running) {
        (void)download->library->curl_multi_remove_handle(download->multi, download->easy);
        download->running = false;
    }
}

static void
start_try(struct rf_download *download)
{
    __typeof__(curl_easy_setopt) *set = download->library->curl_easy_setopt;
    stop_try(download);
    download->head = (struct head){0};
    download->accepted = false;
    download->received = 0;
    download->paused = false;
    rf_buf_clear(&download->ahead); /* comes again */
    download->ahead_at = 0;
    download->code = RF_OK;
    download->reason[0] = '\0';
    bool here = rf_url_is_loopback(download->url);
    (void)set(download->easy, CURLOPT_URL, download->url);
#if LIBCURL_VERSION_NUM >= 0x075500
    (void)set(download->easy, CURLOPT_PROTOCOLS_STR, here ? "http" : "https");
#else
    (void)set(download->easy, CURLOPT_PROTOCOLS, (long)(here ? CURLPROTO_HTTP : CURLPROTO_HTTPS));
#endif
    (void)set(download->easy, CURLOPT_NOPROXY, here ? "*" : NULL);
    CURLMcode result = download->library->curl_multi_add_handle(download->multi, download->easy);
    RF_VERIFY(result == CURLM_OK);
    download->running = true;
}

/** Sleeps; wakes up for `stop`. */
static rf_code
wait_ms(const struct rf_download *download, int64_t ms, struct rf_err *reterr)
{
    int64_t until = rf_clock_ms() + ms;
    for (int64_t left = ms; left > 0; left = until - rf_clock_ms()) {
        if (download->stop != NULL && atomic_load(download->stop)) {
            return rf_fail(reterr, RF_ERR_INTERRUPTED, download->name, "interrupted");
        }
        rf_clock_sleep_us((long)(left < POLL_MS ? left : POLL_MS) * 1000);
    }
    return RF_OK;
}

/** Another try, if one is left. */
static rf_code
try_again(struct rf_download *download, int64_t at_least_ms, bool *ret_again, struct rf_err *reterr)
{
    *ret_again = download->tries < TRIES && at_least_ms <= RETRY_AFTER_S * 1000;
    if (!*ret_again) {
        return RF_OK;
    }
    int64_t pause = (int64_t)((double)(PAUSE_MS << (download->tries - 1)) * download->patience);
    download->tries++;
    RF_TRY(wait_ms(download, pause > at_least_ms ? pause : at_least_ms, reterr));
    start_try(download);
    return RF_OK;
}

/* ---- how a try ended ---------------------------------------------------------------------------
 */

#define TRIES_TEXT_BYTES 32

/** How often it was tried, where that was more than once. */
static const char *
tell_tries(const struct rf_download *download, char text[TRIES_TEXT_BYTES])
{
    text[0] = '\0';
    if (download->tries > 1) {
        (void)snprintf(text, TRIES_TEXT_BYTES, " (%d tries)", download->tries);
    }
    return text;
}

static rf_code
redirect(struct rf_download *download, long status, struct rf_err *reterr)
{
    char *to = NULL;
    (void)download->library->curl_easy_getinfo(download->easy, CURLINFO_REDIRECT_URL, &to);
    if (to == NULL) {
        return rf_fail(reterr, RF_ERR_SOURCE, download->name,
                       "HTTP status %ld, a redirect to nowhere", status);
    }
    if (!rf_url_same_host(download->url, to)) {
        char *shown = rf_url_shown(to, true);
        rf_code code = rf_fail(reterr, RF_ERR_SOURCE, download->name,
                               "HTTP status %ld redirects to another server, which is not "
                               "followed: %s; if that is where the history is, name it as SOURCE",
                               status, shown);
        free(shown);
        return code;
    }
    if (++download->redirects > REDIRECTS) {
        return rf_fail(reterr, RF_ERR_SOURCE, download->name, "more than %d redirects", REDIRECTS);
    }
    char *url = rf_strdup(to);
    free(download->url);
    download->url = url;
    start_try(download);
    return RF_OK;
}

static bool
is_passing(long status)
{
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
           status == 504;
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
    case 429:
    case 503:
        return "the server is overloaded; try again later, with fewer --jobs";
    default:
        return is_passing(status) ? "the server has failed; try again later"
                                  : "not the object; look at the base";
    }
}

static rf_code
end_with_status(struct rf_download *download, long status, struct rf_err *reterr)
{
    curl_off_t retry_after = 0;
    bool again = false;
    (void)download->library->curl_easy_getinfo(download->easy, CURLINFO_RETRY_AFTER, &retry_after);
    if (status >= 301 && status <= 308 && status != 304) {
        return redirect(download, status, reterr);
    }
    if (is_passing(status)) {
        int64_t seconds = retry_after > RETRY_AFTER_S ? RETRY_AFTER_S + 1 : retry_after;
        RF_TRY(try_again(download, seconds * 1000, &again, reterr));
    }
    if (again) {
        return RF_OK;
    }
    char tries[TRIES_TEXT_BYTES];
    return rf_fail(reterr, RF_ERR_SOURCE, download->name, "HTTP status %ld%s: %s", status,
                   tell_tries(download, tries), remedy(status));
}

static bool
is_passing_failure(CURLcode result)
{
    switch (result) {
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return true;
    default:
        return false;
    }
}

static rf_code
end_with_failure(struct rf_download *download, CURLcode result, struct rf_err *reterr)
{
    bool again = false;
    char reason[CURL_ERROR_SIZE];
    (void)snprintf(reason, sizeof(reason), "%s",
                   download->reason[0] != '\0' ? download->reason
                                               : download->library->curl_easy_strerror(result));
    bool can_go_on = download->delivered == 0 || download->first.etag[0] != '\0' ||
                     download->first.modified[0] != '\0';
    if (is_passing_failure(result) && can_go_on) {
        RF_TRY(try_again(download, 0, &again, reterr));
    }
    if (again) {
        return RF_OK;
    }
    char tries[TRIES_TEXT_BYTES];
    return rf_fail(
        reterr, RF_ERR_SOURCE, download->name, "cannot be fetched%s: %s%s",
        tell_tries(download, tries), reason,
        can_go_on ? "" : "; without a strong ETag or Last-Modified it cannot be gone on with");
}

/** A try is over: on with another one, or with the end. */
static rf_code
end_try(struct rf_download *download, CURLcode result, struct rf_err *reterr)
{
    long status = status_of(download);
    stop_try(download);
    if (download->code != RF_OK) {
        return download->code;
    }
    if (status != 200 && status != 0 && (result == CURLE_OK || result == CURLE_WRITE_ERROR)) {
        return end_with_status(download, status, reterr);
    }
    if (result != CURLE_OK) {
        return end_with_failure(download, result, reterr);
    }
    if (!download->accepted) { /* an empty body */
        RF_TRY(accept_body(download));
    }
    bool whole = download->first_bytes < 0 || download->received == (uint64_t)download->first_bytes;
    if (!whole || download->received < download->delivered) {
        return rf_fail(reterr, RF_ERR_SOURCE, download->name,
                       "ended at byte %" PRIu64 ", before its end", download->received);
    }
    download->ended = true;
    return RF_OK;
}

/* ---- pulling -----------------------------------------------------------------------------------
 */

/** Lets the transfer go on for a moment. */
static rf_code
step(struct rf_download *download, struct rf_err *reterr)
{
    const struct rf_libcurl *library = download->library;
    int running = 0;
    int left = 0;
    if (download->stop != NULL && atomic_load(download->stop)) {
        return rf_fail(reterr, RF_ERR_INTERRUPTED, download->name, "interrupted");
    }
    if (download->paused) {
        download->paused = false;
        (void)library->curl_easy_pause(download->easy, CURLPAUSE_CONT);
    }
    CURLMcode result = library->curl_multi_perform(download->multi, &running);
    const CURLMsg *message = library->curl_multi_info_read(download->multi, &left);
    if (message != NULL && message->msg == CURLMSG_DONE) {
        return end_try(download, message->data.result, reterr);
    }
    if (result == CURLM_OK && download->ahead.used == download->ahead_at) {
        result = library->curl_multi_poll(download->multi, NULL, 0, POLL_MS, NULL);
    }
    return result == CURLM_OK
               ? RF_OK
               : rf_fail(reterr, RF_ERR_SOURCE, download->name, "cannot be fetched: %s",
                         library->curl_multi_strerror(result));
}

rf_code
rf_download_read(struct rf_download *download, void *bytes, size_t room, size_t *ret_got,
                 struct rf_err *reterr)
{
    *ret_got = 0;
    download->reterr = reterr;
    while (download->ahead.used == download->ahead_at && !download->ended) {
        rf_buf_clear(&download->ahead);
        download->ahead_at = 0;
        RF_TRY(step(download, reterr));
    }
    size_t ahead = download->ahead.used - download->ahead_at;
    size_t count = ahead < room ? ahead : room;
    if (count > 0) {
        memcpy(bytes, download->ahead.bytes + download->ahead_at, count);
    }
    download->ahead_at += count;
    download->delivered += count;
    *ret_got = count;
    return RF_OK;
}

/* ---- from its making to its end ----------------------------------------------------------------
 */

struct rf_download *
rf_download_new(const atomic_bool *stop)
{
    struct rf_download *download = rf_calloc(1, sizeof(*download));
    download->library = rf_libcurl();
    RF_VERIFY(download->library != NULL);
    download->stop = stop;
    rf_code code = rf_download_patience(&download->patience, NULL);
    RF_VERIFY(code == RF_OK); /* whoever lists the source has looked */
    download->multi = download->library->curl_multi_init();
    download->easy = download->library->curl_easy_init();
    RF_VERIFY(download->multi != NULL && download->easy != NULL);
    set_up(download);
    return download;
}

void
rf_download_free(struct rf_download *download)
{
    if (download == NULL) {
        return;
    }
    stop_try(download);
    download->library->curl_easy_cleanup(download->easy);
    (void)download->library->curl_multi_cleanup(download->multi);
    rf_buf_done(&download->ahead);
    free(download->url);
    free(download);
}

void
rf_download_begin(struct rf_download *download, char *url, const char *name)
{
    free(download->url);
    download->url = url;
    download->name = name;
    download->tries = 1;
    download->redirects = 0;
    download->delivered = 0;
    download->first = (struct head){0};
    download->first_bytes = -1;
    download->ended = false;
    start_try(download);
}

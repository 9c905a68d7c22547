/* SPDX-License-Identifier: MIT */
/* Transfers from servers: many at once, begun ahead, and each of them what was asked for. */
#ifndef RF_NET_NET_H
#define RF_NET_NET_H

#include <stdint.h>

#include "base/error.h"
#include "net/http.h"
#include "net/settings.h"

/**
 * The engine: one thread, which begins at the first request and does all transfers of a process.
 *
 * Tried again are connections that break off, stall or are not made in time, and the statuses 408,
 * 429, 500, 502, 503 and 504: five tries a request, with pauses of full jitter that double; where
 * the server is overloaded (429, 503), as long as that has lasted less than 90 s, with ever fewer
 * requests at a time; as Retry-After says, up to 60 s; and never more than two tries on average
 * that were not the first. Nothing else is tried again, but for what a signer asks for.
 *
 * Redirects are followed up to five times, on the same scheme, host and port only. TLS 1.2 or
 * newer, peer and host verified; http to this machine only. REFOLD_PATIENCE is a factor on all
 * waits (10 s for a connection, 30 s below 1 KiB/s, the pauses, the 90 s).
 */
struct rf_net;

/** Nothing is begun, and no libcurl is needed yet. The options are copied. */
struct rf_net *rf_net_new(const struct rf_net_options *options);
/** Breaks off what is under way; all transfers are closed before. Accepts NULL. */
void rf_net_free(struct rf_net *net);

/** RF_ERR_USAGE, with what to do, where libcurl is not there, or REFOLD_PATIENCE is no number from
 * 0.001 to 1000: for who lists a source, before anything is asked of a server. */
RF_MUST_USE rf_code rf_net_check(const char *where, struct rf_err *reterr);

/** How many transfers are worth queueing ahead of those that are read. */
size_t rf_net_window(const struct rf_net *net);

/** What it took so far. Bytes are those of bodies. Accepts NULL: nothing. */
struct rf_net_counts {
    uint64_t requests;
    uint64_t retries; /**< of these: that were not the first of their object */
    uint64_t bytes;
};
struct rf_net_counts rf_net_counts(struct rf_net *net);

/**
 * A whole small answer: a page of a listing, credentials. In front of all transfers.
 *
 * @request  stays the caller's; the signer may change it
 * @signer   or NULL
 * @most     bytes of a body; with more it is RF_ERR_SOURCE
 * @ret      whatever the status is, when tries are used up; for rf_http_answer_done on RF_OK
 * @return   RF_OK; RF_ERR_SOURCE: no answer, or a limit of the options is reached;
 *           RF_ERR_INTERRUPTED; what the signer says. Threads: any, signers too.
 */
RF_MUST_USE rf_code rf_net_ask(struct rf_net *net, struct rf_http_request *request,
                               const struct rf_signer *signer, size_t most,
                               struct rf_http_answer *ret, struct rf_err *reterr);

#define RF_NET_BYTES_UNKNOWN UINT64_MAX

/** What an object must be, as far as a listing tells. Strings are copied. */
struct rf_transfer_wanted {
    uint64_t bytes;   /**< or RF_NET_BYTES_UNKNOWN */
    const char *etag; /**< as a header has it, with its quotes: sent as If-Match; or NULL */
    const char *name; /**< for messages */
    /** So many of its first bytes are here already, of the version that `etag` names (it is not
     * NULL then): they are not fetched again. 0: none. */
    uint64_t from;
    /** Says what an answer of status 300 or above means, and what to do ("access is denied: …"),
     * with at most 64 KiB of its body; NULL, or where it adds nothing: by the status alone.
     * Threads: any. */
    void (*explain)(const struct rf_http_answer *answer, struct rf_buf *text);
};

/**
 * The body of one object. It is the object only if all agree: status 200; as many bytes as
 * Content-Length says, or an end that the transfer itself marks (chunks, HTTP/2); length and ETag
 * that were listed; and where it broke off and was gone on with (Range), the same strong ETag or
 * Last-Modified, and the same length.
 */
struct rf_transfer;

/**
 * Queued behind those before it, and begun when connections and memory for it are free, or at once
 * where it is read.
 * @request  taken over, and all zero afterwards
 * @signer   copied; or NULL
 */
struct rf_transfer *rf_transfer_new(struct rf_net *net, struct rf_http_request *request,
                                    const struct rf_transfer_wanted *wanted,
                                    const struct rf_signer *signer);
/** The next bytes, waited for; 0 at the end, when it is known to be whole. Errors as rf_net_ask;
 * after one only close. Threads: one a transfer. */
RF_MUST_USE rf_code rf_transfer_read(struct rf_transfer *transfer, void *bytes, size_t room,
                                     size_t *ret_got, struct rf_err *reterr);
/** Its strong ETag as the server sent it, borrowed, or NULL; from the first read on. */
const char *rf_transfer_etag(const struct rf_transfer *transfer);
/** How long the whole object is, or RF_NET_BYTES_UNKNOWN; from the first read on. */
uint64_t rf_transfer_total(const struct rf_transfer *transfer);
/** Gives it up where it is not at its end. Accepts NULL. */
void rf_transfer_close(struct rf_transfer *transfer);

#endif

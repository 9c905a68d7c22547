/* SPDX-License-Identifier: MIT */
/* A request to a server and its answer, as both are in memory. */
#ifndef RF_NET_HTTP_H
#define RF_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

/** Name and value are owned. */
struct rf_http_header {
    char *name;
    char *value;
};

/** A growing list. All zero is empty. */
struct rf_http_headers {
    struct rf_http_header *items;
    size_t count;
    size_t room;
};

/** Sets a header: one of this name (in any case of letters) is replaced. Control characters in the
 * value, which would begin another header, become spaces. */
void rf_http_headers_set(struct rf_http_headers *headers, const char *name, const char *value);
/** Accepts a name that is not there. */
void rf_http_headers_remove(struct rf_http_headers *headers, const char *name);
/** The value, borrowed; NULL where there is none. */
const char *rf_http_headers_find(const struct rf_http_headers *headers, const char *name);
/** Frees all; values are wiped, for some are secrets. Empty and usable again. */
void rf_http_headers_done(struct rf_http_headers *headers);

/** All zero: nothing is asked yet; a method and a URL are the least. */
struct rf_http_request {
    const char *method; /**< "GET", "HEAD", "POST", "PUT"; static */
    char *url;          /**< owned; percent-encoded, with its query; it is sent as it stands */
    struct rf_http_headers headers;
    char *body; /**< owned; NULL: none */
    size_t body_bytes;
    /** http to another machine is let through: who sets it has looked at the address. */
    bool plain;
    /** A service of the machine itself (instance metadata): no proxy, a second for a connection,
     * two for the answer, no second try. With `plain`. */
    bool nearby;
};

/** Frees what it owns; all zero again. */
void rf_http_request_done(struct rf_http_request *request);
void rf_http_header_set(struct rf_http_request *request, const char *name, const char *value);

/** The last response, after redirects and tries. */
struct rf_http_answer {
    long status;
    struct rf_http_headers headers;
    struct rf_buf body;
    int tries; /**< how often it was asked for, for messages */
};
void rf_http_answer_done(struct rf_http_answer *answer);

/**
 * What makes a server believe a request. Both are called from any thread, several at once; they may
 * themselves ask (rf_net_ask). All zero: requests go as they are.
 */
struct rf_signer {
    void *context; /**< borrowed, for as long as requests are under way */
    /** Sets headers (or the URL) before each try: time moves on. What it cannot do ends the
     * transfer. */
    rf_code (*sign)(void *context, struct rf_http_request *request, struct rf_err *reterr);
    /** A status of 300 and above came, with at most 64 KiB of its body: it may learn (the region,
     * the server's clock, fresh credentials). True: try again at once; heard twice for each
     * request. Or NULL. */
    bool (*refused)(void *context, const struct rf_http_request *request,
                    const struct rf_http_answer *answer);
};

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The engine from within.
 *
 *     net.c       the face: transfers are queued, read and closed, by any thread
 *     engine.c    its thread: begins what may begin, holds back what there is no memory for
 *     try.c       one try of a transfer: what libcurl is told, and what comes in
 *     head.c      is that what was asked for?
 *     outcome.c   a try is over: the end, or another one
 *     pace.c      how fast
 *
 * A transfer is its caller's and the engine's. What it has in common lies under the net's lock; the
 * rest is the engine's alone while it runs, and nobody's while it is queued.
 */
#ifndef RF_NET_NET_INTERNAL_H
#define RF_NET_NET_INTERNAL_H

#include <pthread.h>

#include "net/libcurl.h"
#include "net/net.h"
#include "net/pace.h"

/* Of the text that comes with an error status: for messages, and so that the connection can be used
 * again. */
#define RF_NET_ERROR_BYTES ((size_t)64 << 10)
/* What a transfer that is read may hold, however much others hold. */
#define RF_NET_WINDOW_BYTES ((size_t)1 << 20)

/** Bytes that came in, and were not read yet. */
struct rf_net_piece {
    struct rf_net_piece *next;
    size_t used;
    size_t at; /**< read up to here */
    char bytes[];
};

enum rf_net_stage {
    RF_NET_QUEUED, /**< for its first try, or for another one */
    RF_NET_RUNNING,
    RF_NET_ENDED,
};

/** Which object it was whose first bytes came. */
struct rf_net_object {
    char *etag;     /**< a strong one, or NULL */
    char *modified; /**< or NULL */
    int64_t bytes;  /**< in all; -1: not told */
};

struct rf_transfer {
    struct rf_net *net;
    struct rf_signer signer;
    char *name;
    char *etag;      /**< that was listed, or NULL */
    uint64_t listed; /**< bytes, or RF_NET_BYTES_UNKNOWN */
    void (*explain)(const struct rf_http_answer *answer, struct rf_buf *text);
    bool is_ask; /**< all of `answer` is wanted, whatever its status is */
    size_t most; /**< then: bytes of its body */

    /* the engine's, while it runs */
    struct rf_http_request request;
    struct rf_http_answer answer; /**< of a transfer: no body but that of an error */
    CURL *easy;
    struct curl_slist *lines;
    char reason[CURL_ERROR_SIZE];
    int failures; /**< tries that failed, but for overload */
    int redirects;
    int refusals;
    int64_t began_ms;      /**< the try */
    int64_t window_ms;     /**< when its speed was last looked at … */
    uint64_t window_bytes; /**< … and what came since */
    int64_t overloaded_ms; /**< when that was first said; 0: never */
    struct rf_net_object first;
    bool accepted;  /**< the body is the object's, from `place` on */
    uint64_t place; /**< in the object, of the byte that comes next */
    uint64_t got;   /**< of the object, from its front: in pieces, or read */
    rf_code fault;  /**< why the try was broken off from within */

    /* under the lock */
    enum rf_net_stage stage;
    uint64_t order;
    int64_t due_ms;                      /**< while queued: not before */
    struct rf_transfer *previous, *next; /**< while queued */
    struct rf_net_piece *front, *back;
    size_t held; /**< bytes in them */
    bool taken;  /**< someone reads it */
    bool paused;
    bool parked; /**< was broken off for want of memory: goes on when someone reads it */
    bool closed; /**< no one reads it any more, and someone waits for its end */
    rf_code code;
    struct rf_err err;
    pthread_cond_t moved; /**< pieces came, or the end */
};

struct rf_net {
    struct rf_net_options options;
    double patience;
    const struct rf_libcurl *library;
    pthread_mutex_t lock; /**< of what follows */
    bool begun, quits, woken;
    pthread_t thread;
    uint64_t orders;
    struct rf_transfer *first, *last; /**< queued ones, by order */
    size_t held;                      /**< bytes in pieces, of all */
    bool hungry;                      /**< something waits for memory */
    struct rf_pace pace;
    struct rf_net *second; /**< for what signers ask while they are asked by this engine's thread */

    /* the engine's own */
    CURLM *multi;
    struct rf_transfer **running;
    size_t running_count, running_room;
};

void rf_net_lock(struct rf_net *net);
void rf_net_unlock(struct rf_net *net);
bool rf_net_stopped(const struct rf_net *net);
/** Under the lock: the engine looks again at what there is to do. */
void rf_net_wake(struct rf_net *net);
/** Puts it in its place among the queued ones. Under the lock. */
void rf_net_enqueue(struct rf_net *net, struct rf_transfer *transfer);
void rf_net_unqueue(struct rf_net *net, struct rf_transfer *transfer);
/** Frees what came in and was not read. Under the lock. */
void rf_net_drop_pieces(struct rf_transfer *transfer);
/** Under the lock: whether the user's limits forbid so much more; then it has its fault. */
bool rf_net_forbids(struct rf_transfer *transfer, uint64_t requests, uint64_t bytes);
/** Under the lock: whether more of it may be taken into memory, now. */
bool rf_net_may_take(struct rf_net *net, const struct rf_transfer *transfer);

/** The engine's thread; its context is the net. */
void *rf_net_engine(void *context);

/** Begins a try. What comes back is why it cannot be; then it runs not. */
RF_MUST_USE rf_code rf_net_try(struct rf_transfer *transfer, struct rf_err *reterr);
/** Takes it from libcurl. */
void rf_net_stop_try(struct rf_transfer *transfer);
/** Whether it shares its connection with others: a pause does not stop the server then, and libcurl
 * would hold up to 32 MiB of each. */
bool rf_net_shares(const struct rf_transfer *transfer);
long rf_net_status(const struct rf_transfer *transfer);

/** A line of a response's head. */
void rf_net_head_line(struct rf_http_answer *answer, const char *line, size_t bytes);
/** The head of a 200 or 206 is here, with the first bytes of its body (none: it is empty): is what
 * follows the object, and the one that was begun with? */
RF_MUST_USE rf_code rf_net_accept(struct rf_transfer *transfer, const char *bytes, size_t count,
                                  struct rf_err *reterr);
/** Its end is here: was that all? */
RF_MUST_USE rf_code rf_net_accept_end(struct rf_transfer *transfer, struct rf_err *reterr);
/** Whether a try that broke off can be gone on with: from where it is, or, where nothing of it was
 * read yet, from its front; then it is there. */
bool rf_net_can_go_on(struct rf_transfer *transfer);

enum rf_net_verdict {
    RF_NET_OVER,  /**< with `transfer->fault` and `transfer->err` */
    RF_NET_AGAIN, /**< at `due_ms` */
};
/** A try is over. Not under the lock. */
enum rf_net_verdict rf_net_outcome(struct rf_transfer *transfer, CURLcode result);

#endif

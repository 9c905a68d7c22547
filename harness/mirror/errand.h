/* SPDX-License-Identifier: MIT */
/* What is to be done with each object; between plan.c, move.c and fetch.c. */
#ifndef RF_MIRROR_ERRAND_H
#define RF_MIRROR_ERRAND_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mirror/fetch.h"
#include "mirror/ledger.h"
#include "mirror/place.h"
#include "walk/walk.h"

enum rf_errand_kind {
    RF_ERRAND_FETCH,  /**< to be fetched */
    RF_ERRAND_DONE,   /**< was fetched */
    RF_ERRAND_KEEP,   /**< is here */
    RF_ERRAND_PASS,   /**< a folder's marker: there is nothing to be had */
    RF_ERRAND_REFUSE, /**< its key can be no file here */
    RF_ERRAND_FAIL,   /**< it cannot be had, or put here */
};

struct rf_errand {
    const struct rf_object *object;
    const struct rf_fetched_entry *entry; /**< what was fetched before, or NULL; borrowed */
    enum rf_errand_kind kind;
    bool changed;     /**< the server has another version than the entry's */
    bool altered;     /**< the file is not as it was fetched */
    bool blocked;     /**< what stands in its way is to go once it came whole (rf_way_clear) */
    uint64_t bytes;   /**< of the object, or RF_BYTES_UNKNOWN */
    uint64_t resumed; /**< of these: were here already */
    char *failure;    /**< of REFUSE and FAIL; owned */
    rf_code code;
};

/** One fetch, as far as it is. */
struct rf_fetching {
    const struct rf_fetch_request *request;
    struct rf_place *place;
    struct rf_ledger *ledger;
    struct rf_objects objects;
    struct rf_errand *errands; /**< one for each object, in their order */
    bool clears;               /**< what is in the way is removed (rf_way_clear) */
    pthread_mutex_t way_lock;  /**< of what follows, and of removing */
    bool *cleared; /**< of rf_ledger_before: it stood in the way, and went; in a dry run: would */
};

/** This one cannot be done, for the reason that `err` has. */
void rf_errand_fail(struct rf_errand *errand, enum rf_errand_kind kind, rf_code code,
                    const char *text);

/** The ETag that the server tells of an object now, and its length (or RF_BYTES_UNKNOWN); owned.
 * NULL: it tells none. Threads: any. */
char *rf_version_there(const struct rf_fetching *fetching, const struct rf_object *object,
                       uint64_t *ret_bytes);

/** Whether what lies there (`facts`) is the file that was fetched, as far as rf_fetch_request wants
 * to know.
 * @buffer  kept from call to call, NULL at first; owned by the caller */
bool rf_entry_is_intact(struct rf_fetching *fetching, struct rf_place_cursor *cursor, char **buffer,
                        const struct rf_fetched_entry *entry, const struct stat *facts);

/** What stands where a key's file, or a folder on its way, is to be: a file, or a folder (then it
 * is the key itself), that holds nothing but what was fetched before, is as it was then, and is no
 * longer listed; owned. NULL: there is nothing, or something else. Threads: any. */
char *rf_way_find(struct rf_fetching *fetching, const char *key);
/** Remove that, right before what came whole is put there; in a dry run it is only noted. What is
 * not all of this kind stays, all of it. RF_ERR_OUTPUT. Threads: any. */
RF_MUST_USE rf_code rf_way_clear(struct rf_fetching *fetching, const char *key,
                                 struct rf_err *reterr);

/** See what is to be done. RF_ERR_INTERRUPTED, RF_ERR_OUTPUT. */
RF_MUST_USE rf_code rf_plan(struct rf_fetching *fetching, struct rf_err *reterr);
/** Do what is RF_ERRAND_FETCH; what was not come to stays so. RF_ERR_INTERRUPTED, RF_ERR_OUTPUT,
 * RF_ERR_SOURCE. */
RF_MUST_USE rf_code rf_move(struct rf_fetching *fetching, struct rf_err *reterr);

#endif

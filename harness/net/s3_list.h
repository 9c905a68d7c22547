/* SPDX-License-Identifier: MIT */
/* What lies in a bucket: ListObjectsV2, page by page. */
#ifndef RF_NET_S3_LIST_H
#define RF_NET_S3_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/** Keys asked for at once: S3 gives no more. */
#define RF_S3_PAGE_KEYS 1000
/** One page's bytes: 1,000 keys of 1,024 bytes, each as %XX, are 3.5 MiB. */
#define RF_S3_PAGE_BYTES ((size_t)16 << 20)
/** Pages in a row that hold nothing. S3 may give some where it passes over what was deleted. */
#define RF_S3_EMPTY_PAGES 1000

/** One object. */
struct rf_s3_entry {
    char *key;           /**< owned; any bytes but NUL */
    char *etag;          /**< owned, as a header has it, with its quotes; NULL where none is told */
    const char *storage; /**< its class, a static string: "STANDARD" */
    uint64_t bytes;
    int64_t modified; /**< second since 1970; 0 where none is told */
};

/** All zero is empty. */
struct rf_s3_page {
    struct rf_s3_entry *entries;
    size_t count, room;
    char **folders; /**< where a delimiter was asked for: common prefixes, each ends in '/' */
    size_t folder_count, folder_room;
    char *token; /**< of the next page; NULL: this is the last one */
    uint64_t
        markers; /**< empty objects whose keys end in '/', as consoles make folders: left out */
};

/** Empties it; it is usable again. */
void rf_s3_page_done(struct rf_s3_page *page);

/** A storage class as one of the strings of rf_s3_entry; "other" where it is not known. */
const char *rf_s3_storage(const char *name, size_t bytes);

/** An ETag as a header has it: some list it without its quotes. Owned. NULL where it is empty,
 * which would be the same for all. */
char *rf_s3_etag(const char *text, size_t bytes);

/** Append a text of a listing or an inventory that is encoded as URLs are: %XX, and '+' for a
 * space. False where it is not, or holds a NUL. */
bool rf_s3_decode(struct rf_buf *out, const char *text, size_t bytes);

/** @where   what messages call the page
 *  @return  RF_OK; RF_ERR_SOURCE: it is no such page, or contradicts itself; RF_ERR_USAGE: expat is
 *           not installed. Threads: any. */
RF_MUST_USE rf_code rf_s3_page_read(const char *where, const char *bytes, size_t count,
                                    struct rf_s3_page *ret, struct rf_err *reterr);

/** Ask the server for a page: "continuation-token=…&list-type=2&…", sorted and encoded. What
 * arrives with status 200 is appended. */
typedef rf_code rf_s3_ask_function(void *context, const char *query, struct rf_buf *ret,
                                   struct rf_err *reterr);

/** One listing. Set the first part; the rest is zero. */
struct rf_s3_listing {
    rf_s3_ask_function *ask;
    void *context;
    const char *where;       /**< what messages call it; borrowed */
    const char *prefix;      /**< of keys; borrowed */
    const char *start_after; /**< only keys behind this one; borrowed; or NULL */
    bool by_folder;          /**< keys right below the prefix, and the folders there */
    bool unordered;          /**< a directory bucket: its pages have no order */

    char *token;       /**< of the next page */
    char *seen_token;  /**< one that was met some pages ago … */
    uint64_t seen_for; /**< … and is kept for so many, then replaced: a circle is found */
    char *last;        /**< the greatest key or folder so far */
    uint64_t pages;
    uint64_t empty; /**< pages in a row */
    bool ended;
};

/**
 * The next page, or *ret_end. Its keys are below the prefix, and behind all those before (but of a
 * bucket that has no order).
 * @ret     emptied first
 * @return  RF_OK; what `ask` returns; RF_ERR_SOURCE: as rf_s3_page_read, or the pages do not go
 *          on: a token that repeats, a page that goes back, pages without end that hold nothing,
 *          folders where none were asked for
 */
RF_MUST_USE rf_code rf_s3_list_next(struct rf_s3_listing *listing, struct rf_s3_page *ret,
                                    bool *ret_end, struct rf_err *reterr);
void rf_s3_listing_done(struct rf_s3_listing *listing);

#endif

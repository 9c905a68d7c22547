/* SPDX-License-Identifier: MIT */
/* What `refold fetch` brought into a folder: its manifest, which later runs are held against. */
#ifndef RF_WALK_FETCHED_H
#define RF_WALK_FETCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/sha256.h"
#include "base/time.h"

/** In the folder that was fetched into. Neither is ever history, wherever it lies. */
#define RF_MANIFEST_NAME ".refold-manifest.ndjson"
/** A folder with what is not whole yet, and a journal of what became whole. */
#define RF_PARTIALS_NAME ".refold-partial"
/** In RF_PARTIALS_NAME: it is there while a fetch goes on, and where one was cut off. */
#define RF_FETCH_JOURNAL_NAME "journal.ndjson"

/** Whether a step of a key is the name of one of these. */
bool rf_fetched_is_ours(const char *step, size_t bytes);
/** Whether any step of a key is. */
bool rf_fetched_has_ours(const char *key);

/** One object, as it was when it was fetched. */
struct rf_fetched_entry {
    char *key;      /**< owned */
    char *etag;     /**< owned, with its quotes; NULL: the server told none */
    char *modified; /**< the server's Last-Modified, as it stood there; owned; NULL: none */
    uint64_t bytes;
    struct rf_time fetched; /**< when, to the second */
    struct rf_time mtime;   /**< of the file, as it was put there */
    char sha256[RF_SHA256_HEX_BYTES];
};
void rf_fetched_entry_done(struct rf_fetched_entry *entry);

/**
 * A manifest: lines of canonical JSON (`rf_json_canonical`).
 *
 *     {"bytes":N,"format":1,"missing":N,"objects":N,"source":"s3://bucket/prefix"}
 *     {"bytes":N,"etag":"\"…\"","fetched":"T","key":"…","modified":"…","mtime":"T","sha256":"…"}
 *     {"seal":"<SHA-256 of all lines above>"}
 *
 * The lines between are sorted by the bytes of their keys. All zero is an empty one.
 */
struct rf_fetched {
    char *source;     /**< owned; without credentials and query */
    uint64_t missing; /**< objects that were listed, and are not here */
    struct rf_fetched_entry *entries;
    size_t count;
    size_t room;
    char seal[RF_SHA256_HEX_BYTES];
};
void rf_fetched_done(struct rf_fetched *manifest);

/** Append an entry; its strings are taken over. */
void rf_fetched_add(struct rf_fetched *manifest, struct rf_fetched_entry entry);
/** Sort by key; of several with one key the one that was added last stays. */
void rf_fetched_sort(struct rf_fetched *manifest);
/** The entry of a key, or NULL; the manifest is sorted. */
struct rf_fetched_entry *rf_fetched_find(const struct rf_fetched *manifest, const char *key);

/** Append an entry's line, with its LF. */
void rf_fetched_entry_write(const struct rf_fetched_entry *entry, struct rf_buf *out);
/** Read one, without its LF.
 *  @ret     owned on RF_OK
 *  @return  RF_OK; RF_ERR_MALFORMED: it is not as rf_fetched_entry_write has it */
RF_MUST_USE rf_code rf_fetched_entry_read(const char *line, size_t bytes,
                                          struct rf_fetched_entry *ret, struct rf_err *reterr);

/** Write all of it, and seal it. The manifest is sorted. False: errno tells why. */
bool rf_fetched_write(struct rf_fetched *manifest, int fd);

/** How many objects a manifest says are missing, by its first line alone; 0 where that tells none.
 * The descriptor is taken over. */
uint64_t rf_fetched_missing(int fd);

/**
 * Read a manifest from a descriptor, which is taken over. It is believed only as a whole: what is
 * not byte for byte as it was written is none.
 *
 * @name    of the file, for messages
 * @ret     owned on RF_OK, else untouched
 * @return  RF_OK; RF_ERR_CORRUPT: it is not as it was written; RF_ERR_USAGE: a newer refold's;
 *          RF_ERR_SOURCE: it cannot be read
 */
RF_MUST_USE rf_code rf_fetched_read(int fd, const char *name, struct rf_fetched *ret,
                                    struct rf_err *reterr);

#endif

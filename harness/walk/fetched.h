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

/** In the folder that was fetched into. Neither is ever history, wherever it lies; an object with
 * such a step that is none of fetch's own files is. */
#define RF_MANIFEST_NAME ".refold-manifest.ndjson"
/** A folder with what is not whole yet, and a journal of what became whole. */
#define RF_PARTIALS_NAME ".refold-partial"
/** In RF_PARTIALS_NAME: it is there while a fetch goes on, and where one was cut off. */
#define RF_FETCH_JOURNAL_NAME "journal.ndjson"

/** Beside it: the next manifest, while it is written. */
#define RF_FETCH_FRESH_NAME "manifest.partial"
/** And what is of one object: so many digits, and one of these. */
#define RF_FETCH_DIGITS      32
#define RF_FETCH_PARTIAL_END ".partial"
#define RF_FETCH_NOTE_END    ".note"

/** Whether a step of a key is the name of the manifest or of the folder. */
bool rf_fetched_is_ours(const char *step, size_t bytes);
/** Whether a file in RF_PARTIALS_NAME is of one object. */
bool rf_fetched_is_partial(const char *name);
/** Where the name of a file that fetch itself writes begins in a key: behind the folder that was
 * fetched into. NULL: the key is no such file's. */
const char *rf_fetched_own(const char *key);

/** One object, as it was when it was fetched. */
struct rf_fetched_entry {
    char *key;    /**< owned */
    bool missing; /**< what was listed last could not be fetched: all that is here, if anything, is
                       another version, or one of before */
    bool here;    /**< there is a file, and what follows is told; else it is missing */
    char *etag;   /**< owned, with its quotes; NULL: the server told none */
    uint64_t bytes;
    struct rf_time fetched; /**< when, to the second */
    struct rf_time mtime;   /**< of the file, as it was put there */
    char sha256[RF_SHA256_HEX_BYTES];
};
void rf_fetched_entry_done(struct rf_fetched_entry *entry);

/**
 * A manifest: lines of canonical JSON (`rf_json_canonical`).
 *
 *     {"bytes":N,"entries":N,"format":1,"missing":N,"objects":N,"source":"s3://bucket/prefix"}
 *     {"bytes":N,"etag":"\"…\"","fetched":"T","key":"…","mtime":"T","sha256":"…"}
 *     {"key":"…","missing":true}
 *     {"seal":"<SHA-256 of all lines above>"}
 *
 * `objects` are those with a file; an object that was listed and could not be fetched has
 * `"missing":true`, beside what is told of the version that was here before, if one was. The lines
 * between are sorted by the bytes of their keys. All zero is an empty one.
 */
struct rf_fetched {
    char *source;     /**< owned; without credentials and query */
    uint64_t missing; /**< entries that are missing, as it was read */
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

/**
 * How many objects a manifest says are missing, by its first line alone.
 * @text    the manifest, at least up to the first LF
 * @return  RF_OK; RF_ERR_CORRUPT: it does not begin as a manifest; RF_ERR_USAGE: a newer refold's
 */
RF_MUST_USE rf_code rf_fetched_missing(const char *text, size_t bytes, const char *name,
                                       uint64_t *ret, struct rf_err *reterr);

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

/* SPDX-License-Identifier: MIT */
/* A packed history, opened: which objects it was made of, and its parts for the stations behind. */
#ifndef RF_WALK_PACK_H
#define RF_WALK_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/sha256.h"
#include "walk/pack_format.h"
#include "walk/walk.h"

/** An object as it was when it was packed. */
struct rf_pack_object {
    char *key;
    char *name;
    char *origin;   /**< what its source was called */
    uint64_t bytes; /**< or RF_BYTES_UNKNOWN */
    /** When it was changed last, if that tells it apart from what it may become: not of what is no
     * file, nor of a file that was changed while it was packed or just before. */
    bool has_time;
    int64_t mtime_seconds, mtime_nanos;
    char *etag;   /**< as its server listed it, or NULL */
    char *sha256; /**< of its stored bytes, in hex; NULL: it was not read */
    bool is_source, named, special, unchecked, of_table;
    bool promised;  /**< an export's manifest told of it … */
    uint64_t items; /**< … so many lines */
    char *flaw;     /**< as in struct rf_object */
    rf_code flaw_code;
};

struct rf_pack {
    int fd;
    char *path;
    uint32_t source; /**< its number among the sources */
    uint32_t layout;
    struct rf_pack_foot foot;
    struct rf_pack_object *objects; /**< in the order of their numbers */
    size_t object_count;
};

/** Whether a file is a pack, be it a damaged one: it begins or ends as packs do. */
bool rf_pack_is(const char *path);

/**
 * Open a pack; its head, foot and objects are read and checked.
 * @return  RF_OK; RF_ERR_CORRUPT, RF_ERR_TRUNCATED: it is damaged; RF_ERR_USAGE: another version of
 *          refold made it; RF_ERR_SOURCE: it cannot be read
 */
RF_MUST_USE rf_code rf_pack_open(const char *path, struct rf_pack **ret, struct rf_err *reterr);
/** Accepts NULL. */
void rf_pack_close(struct rf_pack *pack);

/** Append a section's bytes, checked and inflated. Errors are as in rf_pack_open. */
RF_MUST_USE rf_code rf_pack_section(const struct rf_pack *pack, enum rf_pack_section section,
                                    struct rf_buf *ret, struct rf_err *reterr);
/** Read bytes in front of the sections; `checksum` is what they should have. Threads: any. */
RF_MUST_USE rf_code rf_pack_read(const struct rf_pack *pack, uint64_t offset, void *bytes,
                                 size_t count, uint64_t checksum, struct rf_err *reterr);
/** RF_ERR_CORRUPT, with what to do. `what` says what is wrong. */
rf_code rf_pack_fail(const struct rf_pack *pack, struct rf_err *reterr, const char *what, ...)
    RF_PRINTF(3, 4);

/** Append the objects section. `digests` are by number, NULL where an object was not read; `began`
 * is the wall clock's second when the first of them was listed. */
void rf_pack_put_objects(const struct rf_objects *objects, char *const *digests, int64_t began,
                         struct rf_buf *out);

/** The pack of a source; NULL where it is another kind of source. */
struct rf_pack *rf_source_pack(const struct rf_source *source);

#endif

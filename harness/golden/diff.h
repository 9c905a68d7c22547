/* SPDX-License-Identifier: MIT */
/* What turns one state into another, as a JSON Patch (RFC 6902). */
#ifndef RF_GOLDEN_DIFF_H
#define RF_GOLDEN_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json_pointer.h"
#include "golden/paths.h"
#include "golden/state.h"
#include "host/build.h"

enum rf_change_op { RF_CHANGE_ADD, RF_CHANGE_REMOVE, RF_CHANGE_REPLACE };

/** "add", "remove", "replace" */
const char *rf_change_name(enum rf_change_op op);

/** One operation. Strings are owned; may hold any UTF-8, NUL excepted (see path). */
struct rf_change {
    enum rf_change_op op;
    char *path;  /**< JSON pointer (RFC 6901); a NUL byte in a key is written as U+2400 */
    char *value; /**< canonical JSON text; NULL for remove */
    char *old;   /**< canonical JSON text; NULL for add */
};

struct rf_changes {
    struct rf_change *items;
    size_t count;
    size_t room;
};

/** A pointer to leave out of the comparison; "*" stands for any one step. */
struct rf_ignore {
    char *aggregate; /**< or NULL: all */
    char *pointer;
    char *reason; /**< or NULL */
    char *until;  /**< the last day on which it holds, "2026-12-31", or NULL */
    bool expired; /**< that day is over: it ignores no more */
};

void rf_ignore_done(struct rf_ignore *ignore);

/** What one rule swallowed of one comparison. A change may be covered by several rules. */
struct rf_ignore_use {
    size_t changes; /**< that it covers */
    size_t alone;   /**< of these, that no other rule covers */
};

/**
 * The changes that turn `old` into `fresh`; applying them in order gives `fresh` exactly. Arrays
 * are compared by index after equal ends are trimmed. Both are canonical JSON texts, or NULL for no
 * state at all (the whole is then added or removed at ""). Changes at or below an ignored pointer
 * are left out and counted in *ret_ignored.
 */
void rf_diff(const char *old, size_t old_bytes, const char *fresh, size_t fresh_bytes,
             const struct rf_ignore *ignores, size_t ignore_count, const char *aggregate,
             struct rf_changes *ret, size_t *ret_ignored);
/** Where all changes lie, those aside that are ignored. */
struct rf_diff_paths {
    const struct rf_shape *shape; /**< of the states: tells maps from structs; or NULL */
    /** The paths with array indexes and the keys of maps as "*": what alike differences share.
     * Where there is no shape (or of kind 0) only array indexes are replaced. */
    struct rf_paths patterns;
    /** A changed value itself; of an element that is new or gone, the array that holds it, since
     * behind it all indexes shift. */
    struct rf_paths places;
    char *around; /**< the innermost value that holds all places; owned; NULL: there is none */
};

void rf_diff_paths_done(struct rf_diff_paths *paths);

/** As rf_diff, but keeps only the first `limit` changes, so that two large states that have nothing
 * in common cost no more memory than they are worth. *ret_total counts all that are not ignored.
 * @uses   one for each rule, all zero; or NULL
 * @paths  all zero but for its shape, not ended; or NULL: they are not asked for */
void rf_diff_some(const char *old, size_t old_bytes, const char *fresh, size_t fresh_bytes,
                  const struct rf_ignore *ignores, size_t ignore_count, const char *aggregate,
                  size_t limit, struct rf_changes *ret, size_t *ret_total, size_t *ret_ignored,
                  struct rf_ignore_use *uses, struct rf_diff_paths *paths);
void rf_changes_done(struct rf_changes *changes);

#endif

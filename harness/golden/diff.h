/* SPDX-License-Identifier: MIT */
/* What turns one state into another, as a JSON Patch (RFC 6902). */
#ifndef RF_GOLDEN_DIFF_H
#define RF_GOLDEN_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json_pointer.h"
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
/** As rf_diff, but keeps only the first `limit` changes, so that two large states that have nothing
 * in common cost no more memory than they are worth. *ret_total counts all that are not ignored.
 * @uses  one for each rule, all zero; or NULL */
void rf_diff_some(const char *old, size_t old_bytes, const char *fresh, size_t fresh_bytes,
                  const struct rf_ignore *ignores, size_t ignore_count, const char *aggregate,
                  size_t limit, struct rf_changes *ret, size_t *ret_total, size_t *ret_ignored,
                  struct rf_ignore_use *uses);
void rf_changes_done(struct rf_changes *changes);

/** The path with array indexes and the keys of maps as "*" (owned): what alike differences share.
 * `shape` tells maps from structs; NULL or kind 0: only array indexes are replaced, told by the
 * states' own arrays in `old`/`fresh`. */
char *rf_path_pattern(const char *path, const struct rf_shape *shape, const char *old,
                      size_t old_bytes, const char *fresh, size_t fresh_bytes);
/** The patterns of all these changes, sorted and distinct; the array and its strings are owned. */
char **rf_changes_patterns(const struct rf_changes *changes, const struct rf_shape *shape,
                           const char *old, size_t old_bytes, const char *fresh, size_t fresh_bytes,
                           size_t *ret_count);

#endif

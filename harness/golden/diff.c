/* SPDX-License-Identifier: MIT */
/* What turns one state into another, as a JSON Patch (RFC 6902). */
#include "golden/diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <refold/aggregate.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"

const char *
rf_change_name(enum rf_change_op op)
{
    static const char *const names[] = {"add", "remove", "replace"};
    RF_VERIFY((size_t)op < sizeof(names) / sizeof(names[0]));
    return names[op];
}

void
rf_changes_done(struct rf_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        free(changes->items[i].path);
        free(changes->items[i].value);
        free(changes->items[i].old);
    }
    free(changes->items);
    memset(changes, 0, sizeof(*changes));
}

void
rf_ignore_done(struct rf_ignore *ignore)
{
    free(ignore->aggregate);
    free(ignore->pointer);
    free(ignore->reason);
    free(ignore->until);
    memset(ignore, 0, sizeof(*ignore));
}

/* ---- the comparison -------------------------------------------------------------------------- */

/** One comparison. Both documents are canonical: equal values have equal tokens. */
struct differ {
    const struct rf_json *old;
    const struct rf_json *fresh;
    const struct rf_ignore *ignores;
    size_t ignore_count;
    const char *aggregate;
    struct rf_buf path;           /* of the values that are being compared */
    struct rf_buf pattern;        /* of that path */
    const struct rf_shape *shape; /* of the values there, or NULL */
    struct rf_diff_paths *paths;  /* or NULL */
    struct rf_changes *ret;
    size_t limit;
    size_t total;
    size_t ignored;
    struct rf_ignore_use *uses; /* of each rule; or NULL */
};

static char *
copy_token(const struct rf_json *doc, uint32_t node)
{
    size_t bytes;
    const char *token = rf_json_token(doc, node, &bytes);
    return rf_strndup(token, bytes);
}

static bool
covers(const struct differ *differ, const struct rf_ignore *ignore)
{
    bool applies =
        !ignore->expired &&
        (ignore->aggregate == NULL ||
         (differ->aggregate != NULL && strcmp(ignore->aggregate, differ->aggregate) == 0));
    return applies && rf_pointer_below(differ->path.bytes, differ->path.used, ignore->pointer);
}

/** Whether a rule covers the current path; all that do are told. */
static bool
is_ignored(const struct differ *differ)
{
    size_t covering = 0;
    size_t last = 0;
    for (size_t i = 0; i < differ->ignore_count; i++) {
        if (covers(differ, &differ->ignores[i])) {
            if (differ->uses == NULL) {
                return true;
            }
            differ->uses[i].changes++;
            covering++;
            last = i;
        }
    }
    if (covering == 1) {
        differ->uses[last].alone++;
    }
    return covering > 0;
}

/** Cuts a pointer down to the steps that this one has too. */
static void
keep_common(char *around, const char *path, size_t bytes)
{
    size_t common = 0;
    size_t same = 0;
    while (same < bytes && around[same] == path[same]) {
        same++; /* ends at the latest at the NUL of `around` */
        common = path[same - 1] == '/' ? same - 1 : common;
    }
    bool ends =
        (around[same] == '\0' || around[same] == '/') && (same == bytes || path[same] == '/');
    around[ends ? same : common] = '\0';
}

/** @place  of the bytes of the current path, those of the value that is watched */
static void
add_paths(struct differ *differ, size_t place)
{
    struct rf_diff_paths *paths = differ->paths;
    const char *path = rf_buf_text(&differ->path);
    rf_paths_add(&paths->patterns, rf_buf_text(&differ->pattern), differ->pattern.used);
    rf_paths_add(&paths->places, path, place);
    if (paths->around == NULL) {
        paths->around = rf_strndup(path, place);
    } else {
        keep_common(paths->around, path, place);
    }
}

/** A change at the current path; a node is RF_JSON_NONE where there is no value.
 * @place  as add_paths has it */
static void
add_change(struct differ *differ, uint32_t old, uint32_t fresh, size_t place)
{
    if (is_ignored(differ)) {
        differ->ignored++;
        return;
    }
    differ->total++;
    if (differ->paths != NULL) {
        add_paths(differ, place);
    }
    if (differ->ret->count >= differ->limit) {
        return;
    }
    struct rf_change change = {
        .op = old == RF_JSON_NONE     ? RF_CHANGE_ADD
              : fresh == RF_JSON_NONE ? RF_CHANGE_REMOVE
                                      : RF_CHANGE_REPLACE,
        .path = rf_strndup(differ->path.used == 0 ? "" : differ->path.bytes, differ->path.used),
        .value = fresh == RF_JSON_NONE ? NULL : copy_token(differ->fresh, fresh),
        .old = old == RF_JSON_NONE ? NULL : copy_token(differ->old, old),
    };
    RF_GROW(differ->ret->items, differ->ret->room, differ->ret->count + 1);
    differ->ret->items[differ->ret->count++] = change;
}

static bool
is_equal(const struct differ *differ, uint32_t old, uint32_t fresh)
{
    size_t old_bytes;
    size_t fresh_bytes;
    const char *old_token = rf_json_token(differ->old, old, &old_bytes);
    const char *fresh_token = rf_json_token(differ->fresh, fresh, &fresh_bytes);
    return old_bytes == fresh_bytes && memcmp(old_token, fresh_token, old_bytes) == 0;
}

static void compare_values(struct differ *differ, uint32_t old, uint32_t fresh);

/** Where the comparison stood before it went one step down. */
struct level {
    size_t path;
    size_t pattern;
    const struct rf_shape *shape;
};

static struct level
level_of(const struct differ *differ)
{
    return (struct level){differ->path.used, differ->pattern.used, differ->shape};
}

static void
leave(struct differ *differ, const struct level *level)
{
    differ->path.used = level->path;
    differ->pattern.used = level->pattern;
    differ->shape = level->shape;
}

/** The member of a struct with this name, or NULL. */
static const struct rf_shape *
find_field(const struct rf_shape *shape, const char *name, size_t bytes)
{
    for (size_t i = 0; i < shape->field_count; i++) {
        const char *field = shape->fields[i].name;
        if (field != NULL && strlen(field) == bytes && memcmp(field, name, bytes) == 0) {
            return &shape->fields[i];
        }
    }
    return NULL;
}

/** The step into a value that is one of many alike. */
static void
enter_any(struct differ *differ)
{
    const struct rf_shape *shape = differ->shape;
    rf_buf_string(&differ->pattern, "/*");
    differ->shape = shape != NULL && shape->field_count > 0 ? &shape->fields[0] : NULL;
}

static uint32_t
kind_of(const struct rf_shape *shape)
{
    return shape == NULL ? 0 : shape->kind;
}

static void
enter_member(struct differ *differ, const char *key, size_t bytes)
{
    uint32_t kind = kind_of(differ->shape);
    rf_pointer_push(&differ->path, key, bytes);
    if (kind == REFOLD_F_LIST || kind == REFOLD_F_MAP) {
        enter_any(differ);
    } else {
        rf_pointer_push(&differ->pattern, key, bytes);
        differ->shape = kind == REFOLD_F_STRUCT ? find_field(differ->shape, key, bytes) : NULL;
    }
}

static void
enter_element(struct differ *differ, size_t index)
{
    uint32_t kind = kind_of(differ->shape);
    rf_pointer_push_index(&differ->path, index);
    if (kind == 0 || kind == REFOLD_F_LIST || kind == REFOLD_F_MAP) {
        enter_any(differ);
    } else {
        rf_pointer_push_index(&differ->pattern, index);
        differ->shape = NULL;
    }
}

/** Walks two lists of members, sorted by key, side by side. */
static void
compare_objects(struct differ *differ, uint32_t old, uint32_t fresh)
{
    const struct rf_json_node *old_nodes = differ->old->nodes;
    const struct rf_json_node *fresh_nodes = differ->fresh->nodes;
    uint32_t old_end = old_nodes[old].next;
    uint32_t fresh_end = fresh_nodes[fresh].next;
    struct rf_buf old_scratch = {0};
    struct rf_buf fresh_scratch = {0};
    struct level above = level_of(differ);
    uint32_t a = old + 1;
    uint32_t b = fresh + 1;
    while (a < old_end || b < fresh_end) {
        const char *a_key = "";
        const char *b_key = "";
        size_t a_bytes = 0;
        size_t b_bytes = 0;
        if (a < old_end) {
            rf_json_string(differ->old, a, &old_scratch, &a_key, &a_bytes);
        }
        if (b < fresh_end) {
            rf_json_string(differ->fresh, b, &fresh_scratch, &b_key, &b_bytes);
        }
        int order = a == old_end     ? 1
                    : b == fresh_end ? -1
                                     : rf_bytes_compare(a_key, a_bytes, b_key, b_bytes);
        enter_member(differ, order <= 0 ? a_key : b_key, order <= 0 ? a_bytes : b_bytes);
        if (order == 0) {
            compare_values(differ, a + 1, b + 1);
        } else {
            add_change(differ, order < 0 ? a + 1 : RF_JSON_NONE, order < 0 ? RF_JSON_NONE : b + 1,
                       differ->path.used);
        }
        leave(differ, &above);
        a = order <= 0 ? old_nodes[a + 1].next : a;
        b = order >= 0 ? fresh_nodes[b + 1].next : b;
    }
    rf_buf_done(&old_scratch);
    rf_buf_done(&fresh_scratch);
}

static uint32_t *
list_elements(const struct rf_json *doc, uint32_t array)
{
    uint32_t count = doc->nodes[array].count;
    uint32_t *elements = rf_calloc((size_t)count + 1, sizeof(*elements));
    uint32_t node = array + 1;
    for (uint32_t i = 0; i < count; i++) {
        elements[i] = node;
        node = doc->nodes[node].next;
    }
    return elements;
}

/** Whether a rule names an element of the array at the current path by its index. */
static bool
names_element(struct differ *differ)
{
    size_t above = differ->path.used;
    bool names = false;
    for (size_t i = 0; i < differ->ignore_count && !names; i++) {
        const struct rf_ignore *ignore = &differ->ignores[i];
        const char *last = strrchr(ignore->pointer, '/');
        if (last == NULL || strcmp(last, "/*") == 0 || covers(differ, ignore)) {
            continue;
        }
        rf_buf_string(&differ->path, last);
        names = covers(differ, ignore);
        differ->path.used = above;
    }
    return names;
}

/** By index, once equal ends are trimmed; the last ones not where a rule names an element: it would
 * take what is put in or out in front of them for that one. What is too many goes from the last on
 * down, so that each index is that of the old array; what is new comes in rising order. */
static void
compare_arrays(struct differ *differ, uint32_t old, uint32_t fresh)
{
    size_t old_count = differ->old->nodes[old].count;
    size_t fresh_count = differ->fresh->nodes[fresh].count;
    uint32_t *a = list_elements(differ->old, old);
    uint32_t *b = list_elements(differ->fresh, fresh);
    struct level above = level_of(differ);
    size_t first = 0;
    while (first < old_count && first < fresh_count && is_equal(differ, a[first], b[first])) {
        first++;
    }
    bool by_index = old_count != fresh_count && names_element(differ);
    while (!by_index && old_count > first && fresh_count > first &&
           is_equal(differ, a[old_count - 1], b[fresh_count - 1])) {
        old_count--;
        fresh_count--;
    }
    size_t both = old_count < fresh_count ? old_count : fresh_count;
    for (size_t i = first; i < both; i++) {
        enter_element(differ, i);
        compare_values(differ, a[i], b[i]);
        leave(differ, &above);
    }
    for (size_t i = old_count; i-- > both;) {
        enter_element(differ, i);
        add_change(differ, a[i], RF_JSON_NONE, above.path);
        leave(differ, &above);
    }
    for (size_t i = both; i < fresh_count; i++) {
        enter_element(differ, i);
        add_change(differ, RF_JSON_NONE, b[i], above.path);
        leave(differ, &above);
    }
    free(a);
    free(b);
}

/** Recursion ends at rf_limits.json_depth, which the reader keeps. */
static void
compare_values(struct differ *differ, uint32_t old, uint32_t fresh)
{
    if (is_equal(differ, old, fresh)) {
        return;
    }
    uint8_t old_kind = differ->old->nodes[old].kind;
    uint8_t fresh_kind = differ->fresh->nodes[fresh].kind;
    if (old_kind == RF_JSON_OBJECT && fresh_kind == RF_JSON_OBJECT) {
        compare_objects(differ, old, fresh);
    } else if (old_kind == RF_JSON_ARRAY && fresh_kind == RF_JSON_ARRAY) {
        compare_arrays(differ, old, fresh);
    } else {
        add_change(differ, old, fresh, differ->path.used);
    }
}

void
rf_diff_paths_done(struct rf_diff_paths *paths)
{
    rf_paths_done(&paths->patterns);
    rf_paths_done(&paths->places);
    free(paths->around);
    paths->around = NULL;
}

void
rf_diff_some(const char *old, size_t old_bytes, const char *fresh, size_t fresh_bytes,
             const struct rf_ignore *ignores, size_t ignore_count, const char *aggregate,
             size_t limit, struct rf_changes *ret, size_t *ret_total, size_t *ret_ignored,
             struct rf_ignore_use *uses, struct rf_diff_paths *paths)
{
    struct rf_state a = {0};
    struct rf_state b = {0};
    struct differ differ = {
        .old = &a.doc,
        .fresh = &b.doc,
        .ignores = ignores,
        .ignore_count = ignore_count,
        .aggregate = aggregate,
        .ret = ret,
        .limit = limit,
        .uses = uses,
        .paths = paths,
        .shape = paths == NULL ? NULL : paths->shape,
    };
    memset(ret, 0, sizeof(*ret));
    if (old != NULL) {
        rf_state_read(&a, old, old_bytes);
    }
    if (fresh != NULL) {
        rf_state_read(&b, fresh, fresh_bytes);
    }
    if (old != NULL && fresh != NULL) {
        compare_values(&differ, 0, 0);
    } else if (old != NULL || fresh != NULL) {
        add_change(&differ, old == NULL ? RF_JSON_NONE : 0, fresh == NULL ? RF_JSON_NONE : 0, 0);
    }
    *ret_total = differ.total;
    *ret_ignored = differ.ignored;
    rf_buf_done(&differ.path);
    rf_buf_done(&differ.pattern);
    rf_state_done(&a);
    rf_state_done(&b);
}

void
rf_diff(const char *old, size_t old_bytes, const char *fresh, size_t fresh_bytes,
        const struct rf_ignore *ignores, size_t ignore_count, const char *aggregate,
        struct rf_changes *ret, size_t *ret_ignored)
{
    size_t total;
    rf_diff_some(old, old_bytes, fresh, fresh_bytes, ignores, ignore_count, aggregate, SIZE_MAX,
                 ret, &total, ret_ignored, NULL, NULL);
}

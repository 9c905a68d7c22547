/* SPDX-License-Identifier: MIT */
/* Which object of the sources a packed one is. */
#include "walk/packed_match.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/order.h"
#include "walk/key.h"
#include "walk/pack.h"

/* ---- where objects lie ----------------------------------------------------------------------- */

/** A source may be called ./h, h// or h: it is the same place. */
static struct rf_match_root *
root_new(const char *name)
{
    char *squeezed = rf_key_squeezed(name);
    const char *text = squeezed;
    while (text[0] == '.' && text[1] == '/') {
        text += 2;
    }
    size_t bytes = strlen(text);
    while (bytes > 1 && (text[bytes - 1] == '/' ||
                         (bytes > 2 && text[bytes - 1] == '.' && text[bytes - 2] == '/'))) {
        bytes--;
    }
    bool is_here = bytes == 0 || (bytes == 1 && text[0] == '.');
    bool is_top = bytes == 1 && text[0] == '/';
    struct rf_match_root *root = rf_calloc(1, sizeof(*root));
    root->text = is_here ? rf_strdup("") : rf_format("%.*s%s", (int)bytes, text, is_top ? "" : "/");
    root->bytes = strlen(root->text);
    free(squeezed);
    return root;
}

/** The path is the root, and behind it the key: but for what is its source itself. */
static const char *
rest_of(const struct rf_match *item)
{
    return item->object->is_source ? "" : item->object->key;
}

static size_t
root_bytes(const struct rf_match *item)
{
    bool slash = item->object->is_source && item->root->bytes > 1;
    return item->root->bytes - slash;
}

/** The byte of a path at `at`; 0 behind its end. */
static unsigned char
path_byte(const struct rf_match *item, size_t root, const char *rest, size_t at)
{
    return (unsigned char)(at < root ? item->root->text[at] : rest[at - root]);
}

static int
compare_paths(const struct rf_match *a, const struct rf_match *b)
{
    const char *rest_a = rest_of(a);
    const char *rest_b = rest_of(b);
    size_t root_a = root_bytes(a);
    size_t root_b = root_bytes(b);
    if (a->root == b->root && root_a == root_b) {
        return strcmp(rest_a, rest_b);
    }
    for (size_t i = 0;; i++) {
        unsigned char byte_a = path_byte(a, root_a, rest_a, i);
        unsigned char byte_b = path_byte(b, root_b, rest_b, i);
        if (byte_a != byte_b || byte_a == '\0') {
            return RF_ORDER(byte_a, byte_b);
        }
    }
}

static int
compare_order(const struct rf_match *a, const struct rf_match *b)
{
    int order = RF_ORDER(a->rank, b->rank);
    if (order == 0) {
        order = RF_ORDER(a->object->source, b->object->source);
    }
    return order != 0 ? order : RF_ORDER(a->object->place, b->object->place);
}

static int
compare_by_path(const void *left, const void *right)
{
    const struct rf_match *a = *(struct rf_match *const *)left;
    const struct rf_match *b = *(struct rf_match *const *)right;
    int order = compare_paths(a, b);
    return order != 0 ? order : compare_order(a, b);
}

/* ---- gathering ------------------------------------------------------------------------------- */

static const struct rf_match_root *
add_root(struct rf_matches *matches, const char *name)
{
    RF_GROW(matches->roots, matches->root_room, matches->root_count + 1);
    struct rf_match_root *root = root_new(name);
    matches->roots[matches->root_count++] = root;
    return root;
}

/** Finds an object's root: that of its source, or that of the object of the same pack in front of
 * it, where both are called the same. */
static const struct rf_match_root *
find_root(struct rf_matches *matches, const struct rf_objects *objects,
          const struct rf_object *object, const struct rf_match **last)
{
    const struct rf_match *former = last[object->source];
    if (former != NULL &&
        (object->origin == NULL || strcmp(former->object->origin, object->origin) == 0)) {
        return former->root;
    }
    const char *name = objects->sources[object->source].name;
    return add_root(matches, object->origin != NULL ? object->origin : name);
}

static void
gather(struct rf_matches *matches, const struct rf_objects *objects,
       const struct rf_object_list *list, size_t source_count)
{
    matches->items = rf_calloc(list->count, sizeof(*matches->items));
    matches->by_path = rf_calloc(list->count, sizeof(struct rf_match *));
    const struct rf_match **last = rf_calloc(objects->source_count, sizeof(struct rf_match *));
    for (size_t i = 0; i < list->count; i++) {
        struct rf_object *object = &list->items[i];
        if (object->pending) {
            continue; /* kept beside a golden: of no source, and in no pack */
        }
        struct rf_match *item = &matches->items[matches->count];
        item->object = object;
        item->rank = object->pack == NULL            ? RF_MATCH_ORIGINAL
                     : object->source < source_count ? RF_MATCH_PACKED
                                                     : RF_MATCH_KNOWN;
        item->root = find_root(matches, objects, object, last);
        last[object->source] = item;
        matches->by_path[matches->count++] = item;
    }
    free(last);
}

static int
compare_roots(const void *left, const void *right)
{
    const struct rf_match_root *a = *(struct rf_match_root *const *)left;
    const struct rf_match_root *b = *(struct rf_match_root *const *)right;
    int order = strcmp(a->text, b->text);
    return order != 0 ? order : b->is_base - a->is_base;
}

/** Tells each root whether a source of what is matched with is called so; a source without any
 * object is one too. */
static void
tell_roots(struct rf_matches *matches, const struct rf_objects *objects, size_t source_count)
{
    for (size_t i = 0; i < matches->count; i++) {
        struct rf_match *item = &matches->items[i];
        if (item->rank == matches->base) {
            ((struct rf_match_root *)item->root)->is_base = true;
        }
    }
    for (size_t i = 0; i < source_count; i++) {
        if (rf_source_pack(&objects->sources[i]) == NULL) {
            (void)add_root(matches, objects->sources[i].name);
            matches->roots[matches->root_count - 1]->is_base = true;
        }
    }
    if (matches->root_count > 1) {
        qsort(matches->roots, matches->root_count, sizeof(struct rf_match_root *), compare_roots);
    }
    for (size_t i = 1; i < matches->root_count; i++) {
        struct rf_match_root *root = matches->roots[i];
        const struct rf_match_root *former = matches->roots[i - 1];
        root->is_base = root->is_base || (former->is_base && strcmp(former->text, root->text) == 0);
    }
}

/* ---- matching -------------------------------------------------------------------------------- */

rf_code
rf_match_fail_both(const struct rf_object *a, const struct rf_object *b, struct rf_err *reterr)
{
    return rf_fail(reterr, RF_ERR_USAGE, a->name,
                   "is in %s, and in %s too: leave out one of them, or pack their sources again "
                   "as one",
                   a->pack->path, b->pack->path);
}

/** All items of one path, sorted by rank. */
static rf_code
match_path(const struct rf_matches *matches, struct rf_match **items, size_t count,
           struct rf_err *reterr)
{
    struct rf_match *base = items[0];
    if (base->rank != matches->base) {
        return RF_OK;
    }
    for (size_t i = 1; i < count; i++) {
        struct rf_match *item = items[i];
        if (item->rank != base->rank) {
            item->base = base;
        } else if (item->rank == RF_MATCH_ORIGINAL && items[count - 1]->rank != item->rank) {
            return rf_fail(reterr, RF_ERR_USAGE, item->object->name,
                           "is named twice by the sources: beside a pack, name each once");
        } else if (item->rank == RF_MATCH_PACKED && item->object->source != base->object->source) {
            return rf_match_fail_both(base->object, item->object, reterr);
        }
    }
    return RF_OK;
}

static rf_code
match_paths(const struct rf_matches *matches, struct rf_err *reterr)
{
    for (size_t i = 0, next; i < matches->count; i = next) {
        next = i + 1;
        while (next < matches->count &&
               compare_paths(matches->by_path[i], matches->by_path[next]) == 0) {
            next++;
        }
        RF_TRY(match_path(matches, matches->by_path + i, next - i, reterr));
    }
    return RF_OK;
}

static bool
is_open(const struct rf_matches *matches, const struct rf_match *item)
{
    return item->rank > matches->base && item->base == NULL && !item->root->is_base;
}

static rf_code
fail_either(const struct rf_match *item, const struct rf_match *a, const struct rf_match *b,
            struct rf_err *reterr)
{
    const struct rf_object *object = item->object;
    return rf_fail(reterr, RF_ERR_USAGE, object->pack->path,
                   "holds %s of a source that was called %s, and that may be %s or %s now: name "
                   "the sources as they were named then, or pack them again",
                   object->key, object->origin, a->object->name, b->object->name);
}

/** The items of one key [first, behind), and of them those of one pack [from, to). */
static rf_code
match_pack(const struct rf_matches *matches, struct rf_match *first, struct rf_match *behind,
           struct rf_match *from, struct rf_match *to, struct rf_err *reterr)
{
    uint32_t pack = from->object->source + 1;
    struct rf_match *open = NULL;
    struct rf_match *found[2] = {NULL, NULL};
    size_t count = 0;
    for (struct rf_match *item = from; item < to; item++) {
        open = open == NULL && is_open(matches, item) ? item : open;
        if (item->base != NULL) {
            item->base->taken = pack;
        }
    }
    for (struct rf_match *item = first; open != NULL && item < behind && count < 2; item++) {
        if (item->rank == matches->base && item->taken != pack) {
            found[count++] = item;
        }
    }
    if (count == 2) {
        return fail_either(open, found[0], found[1], reterr);
    }
    for (struct rf_match *item = open; count == 1 && item < to; item++) {
        if (is_open(matches, item)) {
            item->base = found[0];
            item->guessed = true;
        }
    }
    return RF_OK;
}

static rf_code
match_keys(const struct rf_matches *matches, struct rf_err *reterr)
{
    struct rf_match *end = matches->items + matches->count;
    for (struct rf_match *first = matches->items, *behind; first < end; first = behind) {
        behind = first + 1;
        while (behind < end && strcmp(behind->object->key, first->object->key) == 0) {
            behind++;
        }
        for (struct rf_match *from = first, *to; from < behind; from = to) {
            to = from + 1;
            while (to < behind && to->object->source == from->object->source) {
                to++;
            }
            if (from->rank > matches->base) {
                RF_TRY(match_pack(matches, first, behind, from, to, reterr));
            }
        }
    }
    return RF_OK;
}

/* ---- packs alone ----------------------------------------------------------------------------- */

static int
compare_sources(const struct rf_match *a, const struct rf_match *b)
{
    return RF_ORDER(a->object->source, b->object->source);
}

static int
compare_by_name(const void *left, const void *right)
{
    const struct rf_match *a = *(struct rf_match *const *)left;
    const struct rf_match *b = *(struct rf_match *const *)right;
    int order = strcmp(a->object->name, b->object->name);
    return order != 0 ? order : compare_sources(a, b);
}

/** What was read of a packed object, in hex; "" where nothing was. */
static const char *
contents_of(const struct rf_match *item)
{
    const struct rf_pack_object *packed = &item->object->pack->objects[item->object->packed];
    return packed->sha256 == NULL || packed->bytes == 0 ? "" : packed->sha256;
}

static int
compare_by_contents(const void *left, const void *right)
{
    const struct rf_match *a = *(struct rf_match *const *)left;
    const struct rf_match *b = *(struct rf_match *const *)right;
    int order = strcmp(a->object->key, b->object->key);
    if (order == 0) {
        order = strcmp(contents_of(a), contents_of(b));
    }
    return order != 0 ? order : compare_sources(a, b);
}

/** They may be two: each the one of its name in its source. */
static rf_code
fail_alike(const struct rf_object *a, const struct rf_object *b, struct rf_err *reterr)
{
    return rf_fail(reterr, RF_ERR_USAGE, a->name,
                   "is called so in %s, of the source %s, and in %s, of %s: nothing tells whether "
                   "it is the same object; name the sources too, or pack them again as one",
                   a->pack->path, a->origin, b->pack->path, b->origin);
}

/** Nothing is there that tells whether two packs mean the same object where they call its source
 * otherwise: it is taken for the same by its name, or by its key where the contents are the same.
 */
static rf_code
check_packs(const struct rf_matches *matches, struct rf_err *reterr)
{
    struct rf_match **sorted = rf_calloc(matches->count, sizeof(struct rf_match *));
    rf_code code = RF_OK;
    size_t count = 0;
    for (size_t i = 0; i < matches->count; i++) {
        if (matches->items[i].rank == RF_MATCH_PACKED) {
            sorted[count++] = &matches->items[i];
        }
    }
    for (int contents = 0; contents <= 1 && count > 1 && code == RF_OK; contents++) {
        qsort(sorted, count, sizeof(struct rf_match *),
              contents ? compare_by_contents : compare_by_name);
        for (size_t i = 1; i < count && code == RF_OK; i++) {
            const struct rf_match *a = sorted[i - 1];
            const struct rf_match *b = sorted[i];
            bool same = contents ? strcmp(a->object->key, b->object->key) == 0 &&
                                       contents_of(a)[0] != '\0' &&
                                       strcmp(contents_of(a), contents_of(b)) == 0
                                 : strcmp(a->object->name, b->object->name) == 0;
            if (same && a->object->source != b->object->source) {
                code = contents || strcmp(a->root->text, b->root->text) == 0
                           ? rf_match_fail_both(a->object, b->object, reterr)
                           : fail_alike(a->object, b->object, reterr);
            }
        }
    }
    free(sorted);
    return code;
}

/* ---- the whole ------------------------------------------------------------------------------- */

rf_code
rf_match_packed(const struct rf_objects *objects, const struct rf_object_list *list,
                size_t source_count, size_t originals, struct rf_matches *ret,
                struct rf_err *reterr)
{
    *ret = (struct rf_matches){
        .base = originals > 0 ? RF_MATCH_ORIGINAL : RF_MATCH_PACKED,
        .base_sources = originals,
    };
    gather(ret, objects, list, source_count);
    tell_roots(ret, objects, source_count);
    if (ret->count > 1) {
        qsort(ret->by_path, ret->count, sizeof(struct rf_match *), compare_by_path);
    }
    if (originals == 0) {
        RF_TRY(check_packs(ret, reterr));
    }
    RF_TRY(match_paths(ret, reterr));
    return match_keys(ret, reterr);
}

void
rf_matches_done(struct rf_matches *matches)
{
    for (size_t i = 0; i < matches->root_count; i++) {
        free(matches->roots[i]->text);
        free(matches->roots[i]);
    }
    free(matches->roots);
    free(matches->by_path);
    free(matches->items);
    memset(matches, 0, sizeof(*matches));
}

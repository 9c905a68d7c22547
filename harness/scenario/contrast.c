/* SPDX-License-Identifier: MIT */
/* What was written against what came. */
#include "scenario/contrast.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/decimal.h"
#include "base/json.h"
#include "base/limits.h"
#include "worker/pointer.h"

void
rf_contrasts_done(struct rf_contrasts *contrasts)
{
    for (size_t i = 0; i < contrasts->count; i++) {
        free(contrasts->items[i].path);
        free(contrasts->items[i].wanted);
        free(contrasts->items[i].got);
    }
    free(contrasts->items);
    *contrasts = (struct rf_contrasts){0};
}

static char *
copy(const char *text, size_t bytes)
{
    return text == NULL ? NULL : rf_strndup(text, bytes);
}

void
rf_contrasts_add(struct rf_contrasts *contrasts, const char *path, const char *wanted,
                 size_t wanted_bytes, const char *got, size_t got_bytes)
{
    contrasts->total++;
    if (contrasts->count == rf_limits.changes) {
        return;
    }
    RF_GROW(contrasts->items, contrasts->room, contrasts->count + 1);
    contrasts->items[contrasts->count++] = (struct rf_contrast){
        .path = rf_strdup(path),
        .wanted = copy(wanted, wanted_bytes),
        .got = copy(got, got_bytes),
    };
}

/* ---- walking both ---------------------------------------------------------------------------- */

struct walk {
    struct rf_json wanted;
    struct rf_json got;
    bool exactly;
    const char *const *beside;
    size_t beside_count;
    struct rf_contrasts *found;
};

/** Either node may be RF_JSON_NONE. */
static void
note(struct walk *walk, const struct rf_pointer *place, uint32_t wanted, uint32_t got)
{
    struct rf_buf printed = {0};
    struct rf_buf path = {0};
    size_t wanted_bytes = 0;
    size_t got_bytes = 0;
    const char *wanted_text =
        wanted == RF_JSON_NONE ? NULL : rf_json_token(&walk->wanted, wanted, &wanted_bytes);
    const char *got_text = got == RF_JSON_NONE ? NULL : rf_json_token(&walk->got, got, &got_bytes);
    rf_pointer_print(&printed, place);
    rf_buf_add_shown(&path, printed.bytes, printed.used);
    rf_contrasts_add(walk->found, rf_buf_text(&path), wanted_text, wanted_bytes, got_text,
                     got_bytes);
    rf_buf_done(&printed);
    rf_buf_done(&path);
}

/** The members of a canonical object, one after the other in the order of their keys. */
struct members {
    const struct rf_json *doc;
    uint32_t key; /**< node */
    uint32_t left;
    struct rf_buf scratch;
    const char *name; /**< of the member at hand */
    size_t name_bytes;
};

static void
read_name(struct members *members)
{
    if (members->left > 0) {
        rf_json_string(members->doc, members->key, &members->scratch, &members->name,
                       &members->name_bytes);
    }
}

static struct members
members_of(const struct rf_json *doc, uint32_t object)
{
    struct members members = {.doc = doc, .key = object + 1, .left = doc->nodes[object].count};
    read_name(&members);
    return members;
}

static void
step(struct members *members)
{
    members->key = members->doc->nodes[members->key + 1].next;
    members->left--;
    read_name(members);
}

static bool
may_stand_beside(const struct walk *walk, const struct members *got)
{
    for (size_t i = 0; i < walk->beside_count; i++) {
        const char *name = walk->beside[i];
        if (name != NULL && rf_bytes_same(name, strlen(name), got->name, got->name_bytes)) {
            return true;
        }
    }
    return false;
}

static void compare(struct walk *walk, const struct rf_pointer *place, uint32_t wanted,
                    uint32_t got);

static void
compare_objects(struct walk *walk, const struct rf_pointer *place, uint32_t wanted, uint32_t got)
{
    struct members left = members_of(&walk->wanted, wanted);
    struct members right = members_of(&walk->got, got);
    while (left.left > 0 || right.left > 0) {
        int order = left.left == 0    ? 1
                    : right.left == 0 ? -1
                                      : rf_bytes_compare(left.name, left.name_bytes, right.name,
                                                         right.name_bytes);
        const struct members *at = order <= 0 ? &left : &right;
        const struct rf_pointer inner = {place, at->name, at->name_bytes, 0};
        if (order < 0) {
            note(walk, &inner, left.key + 1, RF_JSON_NONE);
        } else if (order == 0) {
            compare(walk, &inner, left.key + 1, right.key + 1);
        } else if (walk->exactly && !(place == NULL && may_stand_beside(walk, &right))) {
            note(walk, &inner, RF_JSON_NONE, right.key + 1);
        }
        if (order <= 0) {
            step(&left);
        }
        if (order >= 0) {
            step(&right);
        }
    }
    rf_buf_done(&left.scratch);
    rf_buf_done(&right.scratch);
}

static void
compare_arrays(struct walk *walk, const struct rf_pointer *place, uint32_t wanted, uint32_t got)
{
    uint32_t count = walk->wanted.nodes[wanted].count;
    if (count != walk->got.nodes[got].count) {
        note(walk, place, wanted, got);
        return;
    }
    uint32_t left = wanted + 1;
    uint32_t right = got + 1;
    for (uint32_t i = 0; i < count; i++) {
        const struct rf_pointer inner = {place, NULL, 0, i};
        compare(walk, &inner, left, right);
        left = walk->wanted.nodes[left].next;
        right = walk->got.nodes[right].next;
    }
}

/** Numbers may be written in several ways; of all else that is canonical, equal values are equal
 * tokens, and 0, "", false and null are four. */
static bool
is_equal(const struct walk *walk, uint32_t wanted, uint32_t got)
{
    size_t wanted_bytes;
    size_t got_bytes;
    const char *wanted_text = rf_json_token(&walk->wanted, wanted, &wanted_bytes);
    const char *got_text = rf_json_token(&walk->got, got, &got_bytes);
    return walk->wanted.nodes[wanted].kind == RF_JSON_NUMBER &&
                   walk->got.nodes[got].kind == RF_JSON_NUMBER
               ? rf_decimal_equal(wanted_text, wanted_bytes, got_text, got_bytes)
               : rf_bytes_same(wanted_text, wanted_bytes, got_text, got_bytes);
}

static void
compare(struct walk *walk, const struct rf_pointer *place, uint32_t wanted, uint32_t got)
{
    int kind = walk->wanted.nodes[wanted].kind;
    if (kind == walk->got.nodes[got].kind && kind == RF_JSON_OBJECT) {
        compare_objects(walk, place, wanted, got);
        return;
    }
    if (kind == walk->got.nodes[got].kind && kind == RF_JSON_ARRAY) {
        compare_arrays(walk, place, wanted, got);
        return;
    }
    if (!is_equal(walk, wanted, got)) {
        note(walk, place, wanted, got);
    }
}

void
rf_contrast(const char *wanted, size_t wanted_bytes, const char *got, size_t got_bytes,
            bool exactly, const char *const *beside, size_t beside_count, struct rf_contrasts *ret)
{
    struct walk walk = {
        .exactly = exactly,
        .beside = beside,
        .beside_count = beside_count,
        .found = ret,
    };
    RF_VERIFY(rf_json_read_whole(&walk.wanted, wanted, wanted_bytes, NULL) == RF_OK);
    RF_VERIFY(rf_json_read_whole(&walk.got, got, got_bytes, NULL) == RF_OK);
    compare(&walk, NULL, 0, 0);
    rf_json_done(&walk.wanted);
    rf_json_done(&walk.got);
}

/* SPDX-License-Identifier: MIT */
/* A JSON text in which something else stands in place of what lies at some pointers. */
#include "base/json_mask.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_pointer.h"
#include "base/limits.h"

_Static_assert(RF_LIMIT_PRIVATE <= 64, "a bit for each rule");

/** One step of a rule's pointer, as it is written, without its slash. */
struct step {
    const char *text;
    size_t bytes;
};

struct compiled {
    struct step *steps;
    size_t count;
    bool shows_keys;
};

struct rf_mask {
    struct compiled *rules;
    size_t count;
};

/** One text on its way through. */
struct walk {
    const struct rf_mask *mask;
    struct rf_masker *masker;
    rf_mask_function *hide;
    const void *context;
    struct rf_buf *out;
    uint64_t met;
    bool keys_masked; /* objects are no longer in the order of their keys */
};

/* ---- rules ----------------------------------------------------------------------------------- */

static void
compile(const struct rf_mask_rule *rule, struct compiled *ret)
{
    const char *end = rule->pointer + strlen(rule->pointer);
    size_t room = 0;
    *ret = (struct compiled){.shows_keys = rule->shows_keys};
    for (const char *at = rule->pointer; at < end;) {
        const char *next = rf_pointer_step_end(at, end);
        RF_GROW(ret->steps, room, ret->count + 1);
        ret->steps[ret->count++] = (struct step){at + 1, (size_t)(next - at - 1)};
        at = next;
    }
}

struct rf_mask *
rf_mask_new(const struct rf_mask_rule *rules, size_t count)
{
    RF_VERIFY(count <= RF_LIMIT_PRIVATE);
    struct rf_mask *mask = rf_calloc(1, sizeof(*mask));
    mask->rules = rf_calloc(count + 1, sizeof(*mask->rules));
    mask->count = count;
    for (size_t i = 0; i < count; i++) {
        compile(&rules[i], &mask->rules[i]);
    }
    return mask;
}

void
rf_mask_free(struct rf_mask *mask)
{
    if (mask == NULL) {
        return;
    }
    for (size_t i = 0; i < mask->count; i++) {
        free(mask->rules[i].steps);
    }
    free(mask->rules);
    free(mask);
}

/* ---- steps ----------------------------------------------------------------------------------- */

static bool
is_star(const struct step *step)
{
    return step->bytes == 1 && step->text[0] == '*';
}

static bool
fits(const struct step *step, const char *text, size_t bytes)
{
    return text == NULL || is_star(step) ||
           (step->bytes == bytes && (bytes == 0 || memcmp(step->text, text, bytes) == 0));
}

struct rf_mask_place
rf_mask_root(const struct rf_mask *mask)
{
    struct rf_mask_place place = {0};
    for (size_t i = 0; i < mask->count; i++) {
        place.rules |= UINT64_C(1) << i;
    }
    return place;
}

struct rf_mask_place
rf_mask_step(const struct rf_mask *mask, const struct rf_mask_place *from, const char *step,
             size_t bytes, bool is_key)
{
    struct rf_mask_place place = {.depth = from->depth + 1};
    for (uint64_t left = from->rules; left != 0; left &= left - 1) {
        const struct compiled *rule = &mask->rules[__builtin_ctzll(left)];
        uint64_t bit = left & -left;
        const struct step *own = &rule->steps[from->depth];
        if (!fits(own, step, bytes)) {
            continue;
        }
        place.masked_key = place.masked_key || (is_key && is_star(own) && !rule->shows_keys);
        if (rule->count == place.depth) {
            place.masked = true;
            place.met |= bit;
        } else {
            place.rules |= bit;
        }
    }
    return place;
}

/* ---- texts ----------------------------------------------------------------------------------- */

void
rf_masker_done(struct rf_masker *masker)
{
    rf_json_done(&masker->doc);
    rf_buf_done(&masker->path);
    rf_buf_done(&masker->key);
    rf_buf_done(&masker->value);
    rf_buf_done(&masker->text);
}

static void
copy_token(struct walk *walk, uint32_t node)
{
    size_t count;
    const char *token = rf_json_token(&walk->masker->doc, node, &count);
    rf_buf_add(walk->out, token, count);
}

/** Equal values must be masked alike, however they are written. */
static void
hide_value(struct walk *walk, uint32_t node)
{
    struct rf_masker *masker = walk->masker;
    rf_buf_clear(&masker->value);
    if (rf_json_canonical(&masker->doc, node, false, &masker->value, NULL) != RF_OK) {
        rf_buf_clear(&masker->value); /* a number that is none as a double: by its token */
        rf_code code = rf_json_canonical(&masker->doc, node, true, &masker->value, NULL);
        RF_VERIFY(code == RF_OK);
    }
    walk->hide(walk->context, masker->value.bytes, masker->value.used, walk->out);
}

static void walk_value(struct walk *walk, uint32_t node, const struct rf_mask_place *place);

static void
walk_object(struct walk *walk, uint32_t object, const struct rf_mask_place *place)
{
    struct rf_masker *masker = walk->masker;
    char mark = '{';
    for (uint32_t key = object + 1; key < masker->doc.nodes[object].next;
         key = masker->doc.nodes[key + 1].next) {
        const char *bytes;
        size_t count;
        rf_json_string(&masker->doc, key, &masker->key, &bytes, &count);
        rf_buf_clear(&masker->path);
        rf_pointer_push(&masker->path, bytes, count);
        struct rf_mask_place inner =
            rf_mask_step(walk->mask, place, masker->path.bytes + 1, masker->path.used - 1, true);
        rf_buf_byte(walk->out, mark);
        if (inner.masked_key) {
            walk->keys_masked = true;
            hide_value(walk, key);
        } else {
            copy_token(walk, key);
        }
        rf_buf_byte(walk->out, ':');
        walk_value(walk, key + 1, &inner);
        mark = ',';
    }
    rf_buf_string(walk->out, mark == '{' ? "{}" : "}");
}

static void
walk_array(struct walk *walk, uint32_t array, const struct rf_mask_place *place)
{
    struct rf_masker *masker = walk->masker;
    size_t index = 0;
    char mark = '[';
    for (uint32_t item = array + 1; item < masker->doc.nodes[array].next;
         item = masker->doc.nodes[item].next) {
        rf_buf_clear(&masker->path);
        rf_pointer_push_index(&masker->path, index++);
        struct rf_mask_place inner =
            rf_mask_step(walk->mask, place, masker->path.bytes + 1, masker->path.used - 1, false);
        rf_buf_byte(walk->out, mark);
        walk_value(walk, item, &inner);
        mark = ',';
    }
    rf_buf_string(walk->out, mark == '[' ? "[]" : "]");
}

/** The reader has bounded the depth (RF_LIMIT_JSON_DEPTH). */
static void
walk_value(struct walk *walk, uint32_t node, const struct rf_mask_place *place)
{
    walk->met |= place->met;
    if (place->masked) {
        hide_value(walk, node);
    } else if (place->rules == 0) {
        copy_token(walk, node);
    } else if (walk->masker->doc.nodes[node].kind == RF_JSON_OBJECT) {
        walk_object(walk, node, place);
    } else if (walk->masker->doc.nodes[node].kind == RF_JSON_ARRAY) {
        walk_array(walk, node, place);
    } else {
        copy_token(walk, node);
    }
}

bool
rf_mask_text(const struct rf_mask *mask, struct rf_masker *masker, const char *text, size_t bytes,
             rf_mask_function *hide, const void *context, uint64_t *ret_met, struct rf_buf *out)
{
    if (rf_json_read_whole(&masker->doc, text, bytes, NULL) != RF_OK) {
        return false;
    }
    struct walk walk = {mask, masker, hide, context, &masker->text, 0, false};
    struct rf_mask_place root = rf_mask_root(mask);
    rf_buf_clear(&masker->text);
    walk_value(&walk, 0, &root);
    *ret_met |= walk.met;
    /* Masked keys are sorted anew. A number that cannot be made canonical stays as it is. */
    size_t before = out->used;
    if (walk.keys_masked &&
        rf_json_read_whole(&masker->doc, masker->text.bytes, masker->text.used, NULL) == RF_OK &&
        rf_json_canonical(&masker->doc, 0, false, out, NULL) == RF_OK) {
        return true;
    }
    out->used = before;
    rf_buf_add(out, masker->text.bytes, masker->text.used);
    return true;
}

void
rf_mask_pointer(const struct rf_mask *mask, const char *pointer, size_t bytes,
                rf_mask_function *hide, const void *context, struct rf_buf *out)
{
    struct rf_mask_place place = rf_mask_root(mask);
    struct rf_buf key = {0};
    struct rf_buf text = {0};
    struct rf_buf masked = {0};
    const char *end = pointer + bytes;
    for (const char *at = pointer; at < end && !place.masked;) {
        const char *next = rf_pointer_step_end(at, end);
        place = rf_mask_step(mask, &place, at + 1, (size_t)(next - at - 1), true);
        if (place.masked_key) {
            rf_pointer_unescape(&key, at + 1, next);
            rf_buf_clear(&text);
            rf_canon_string(&text, key.used == 0 ? "" : key.bytes, key.used);
            rf_buf_clear(&masked);
            hide(context, text.bytes, text.used, &masked);
            rf_buf_byte(out, '/');
            rf_buf_add(out, masked.bytes + 1, masked.used - 2); /* without its quotes */
        } else {
            rf_buf_add(out, at, (size_t)(next - at));
        }
        at = next;
    }
    rf_buf_done(&key);
    rf_buf_done(&text);
    rf_buf_done(&masked);
}

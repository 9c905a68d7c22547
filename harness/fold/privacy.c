/* SPDX-License-Identifier: MIT */
/* What is private: values that leave the parent only as keyed hashes. */
#include "fold/privacy.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/hmac.h"
#include "base/json.h"

/* So much of an HMAC is shown: two of 10^9 values are alike with a chance of 10^-21. */
#define SHOWN_BYTES 16

/* No two uses of the key give the same hash: the text in front tells them apart. */
#define USE_VALUE  "refold value"
#define USE_WORDS  "refold words"
#define USE_DIGEST "refold digest"
#define USE_CHECK  "refold key check"

struct rf_private {
    const struct rf_privacy *all;
    struct rf_private_rules rules;
    struct rf_mask *state;
    struct rf_mask *data;
    struct rf_buf value_front; /* use and aggregate, each with its NUL */
    struct rf_buf words_front;
    struct rf_buf digest_front;
    atomic_uint_fast64_t *met; /* rules for states */
    atomic_bool *looked;       /* a state was masked */
};

struct rf_privacy {
    struct rf_hmac *hmac; /* or NULL */
    struct rf_private **items;
    size_t count;
    size_t room;
    struct rf_private *taker; /* or NULL */
    struct rf_private *unknown;
    bool used;
};

/* ---- making ---------------------------------------------------------------------------------- */

static void
make_front(struct rf_buf *front, const char *use, const char *aggregate)
{
    rf_buf_add(front, use, strlen(use) + 1);
    rf_buf_add(front, aggregate, strlen(aggregate) + 1);
}

static struct rf_private *
make_private(const struct rf_privacy *privacy, const struct rf_private_rules *rules)
{
    struct rf_private *private = rf_calloc(1, sizeof(*private));
    private->all = privacy;
    private->rules = *rules;
    private->state = rf_mask_new(rules->state, rules->state_count);
    private->data = rules->has_data ? rf_mask_new(rules->data, rules->data_count) : NULL;
    private->met = rf_calloc(1, sizeof(*private->met));
    private->looked = rf_calloc(1, sizeof(*private->looked));
    make_front(&private->value_front, USE_VALUE, rules->aggregate);
    make_front(&private->words_front, USE_WORDS, rules->aggregate);
    make_front(&private->digest_front, USE_DIGEST, rules->aggregate);
    return private;
}

static void
free_private(struct rf_private *private)
{
    rf_mask_free(private->state);
    rf_mask_free(private->data);
    rf_buf_done(&private->value_front);
    rf_buf_done(&private->words_front);
    rf_buf_done(&private->digest_front);
    free(private->met);
    free(private->looked);
    free(private);
}

struct rf_privacy *
rf_privacy_new(const void *key, size_t key_bytes)
{
    static const struct rf_private_rules all = {.aggregate = ""};
    struct rf_privacy *privacy = rf_calloc(1, sizeof(*privacy));
    privacy->hmac = key == NULL ? NULL : rf_hmac_new(key, key_bytes);
    privacy->unknown = make_private(privacy, &all);
    return privacy;
}

void
rf_privacy_free(struct rf_privacy *privacy)
{
    if (privacy == NULL) {
        return;
    }
    for (size_t i = 0; i < privacy->count; i++) {
        free_private(privacy->items[i]);
    }
    free_private(privacy->unknown);
    rf_hmac_free(privacy->hmac);
    free(privacy->items);
    free(privacy);
}

/** Of an aggregate that was added, whatever is private of it; or NULL. */
static struct rf_private *
find_added(const struct rf_privacy *privacy, const char *aggregate, size_t bytes)
{
    for (size_t i = 0; i < privacy->count; i++) {
        const char *name = privacy->items[i]->rules.aggregate;
        if (rf_bytes_same(name, strlen(name), aggregate, bytes)) {
            return privacy->items[i];
        }
    }
    return NULL;
}

void
rf_privacy_add(struct rf_privacy *privacy, const struct rf_private_rules *rules)
{
    if (find_added(privacy, rules->aggregate, strlen(rules->aggregate)) != NULL) {
        return;
    }
    RF_GROW(privacy->items, privacy->room, privacy->count + 1);
    privacy->items[privacy->count++] = make_private(privacy, rules);
    privacy->used = privacy->used || rules->state_count > 0;
}

void
rf_privacy_set_taker(struct rf_privacy *privacy, const char *aggregate)
{
    privacy->taker = find_added(privacy, aggregate, strlen(aggregate));
}

/* ---- finding --------------------------------------------------------------------------------- */

static const struct rf_private *
find(const struct rf_privacy *privacy, const char *aggregate, size_t bytes)
{
    const struct rf_private *found = find_added(privacy, aggregate, bytes);
    return found == NULL ? privacy->taker : found;
}

const struct rf_private *
rf_privacy_find(const struct rf_privacy *privacy, const char *aggregate)
{
    if (privacy == NULL) {
        return NULL;
    }
    const struct rf_private *found = find(privacy, aggregate, strlen(aggregate));
    return found == NULL || found->rules.state_count == 0 ? NULL : found;
}

bool
rf_privacy_is_used(const struct rf_privacy *privacy)
{
    return privacy != NULL && privacy->used;
}

const struct rf_private *
rf_privacy_find_data(const struct rf_privacy *privacy, const char *aggregate, size_t bytes)
{
    if (!rf_privacy_is_used(privacy)) {
        return NULL;
    }
    const struct rf_private *found = find(privacy, aggregate, bytes);
    if (found == NULL) {
        return privacy->unknown;
    }
    bool open =
        found->rules.state_count == 0 || (found->rules.has_data && found->rules.data_count == 0);
    return open ? NULL : found;
}

/* ---- for workers ----------------------------------------------------------------------------- */

struct words {
    char **list;
    size_t count, room;
};

static void
add_word(struct words *words, char *word)
{
    RF_GROW(words->list, words->room, words->count + 1);
    words->list[words->count++] = word;
}

static void
add_group(struct words *words, const char *name, const struct rf_private_rules *rules)
{
    add_word(words, rf_strdup(""));
    add_word(words, rf_strdup(name));
    for (size_t i = 0; i < rules->state_count; i++) {
        add_word(words, rf_format("%c%s", rules->state[i].shows_keys ? '=' : '+',
                                  rules->state[i].pointer));
    }
}

void
rf_privacy_words(const struct rf_privacy *privacy, char ***list, size_t *count, size_t *room)
{
    struct words words = {*list, *count, *room};
    for (size_t i = 0; rf_privacy_is_used(privacy) && i < privacy->count; i++) {
        add_group(&words, privacy->items[i]->rules.aggregate, &privacy->items[i]->rules);
    }
    if (rf_privacy_is_used(privacy) && privacy->taker != NULL) {
        add_group(&words, "", &privacy->taker->rules);
    }
    *list = words.list;
    *count = words.count;
    *room = words.room;
}

/* ---- hashes ---------------------------------------------------------------------------------- */

static void
put_hash(const struct rf_private *private, const struct rf_buf *front, const char *text,
         size_t bytes, struct rf_buf *out)
{
    unsigned char mac[RF_HMAC_BYTES];
    char hex[2 * SHOWN_BYTES + 1];
    RF_VERIFY(private->all->hmac != NULL);
    rf_hmac_make(private->all->hmac, front->bytes, front->used, text, bytes, mac);
    rf_buf_string(out, "hmac:");
    rf_hex_put(mac, SHOWN_BYTES, hex);
    rf_buf_string(out, hex);
}

static void
hide_value(const void *context, const char *text, size_t bytes, struct rf_buf *out)
{
    const struct rf_private *private = context;
    rf_buf_byte(out, '"');
    put_hash(private, &private->value_front, text, bytes, out);
    rf_buf_byte(out, '"');
}

/** Data is looked at without a key too, by types: what is hidden there has no hash. */
static void
hide_data(const void *context, const char *text, size_t bytes, struct rf_buf *out)
{
    const struct rf_private *private = context;
    if (private->all->hmac == NULL) {
        rf_buf_string(out, "\"private\"");
    } else {
        hide_value(context, text, bytes, out);
    }
}

void
rf_privacy_check(const struct rf_privacy *privacy, char ret[RF_KEY_CHECK_BYTES])
{
    unsigned char mac[RF_HMAC_BYTES];
    RF_VERIFY(privacy->hmac != NULL);
    rf_hmac_make(privacy->hmac, USE_CHECK, sizeof(USE_CHECK), "", 0, mac);
    (void)snprintf(ret, RF_KEY_CHECK_BYTES, "%016llx", (unsigned long long)rf_get_le64(mac));
}

uint64_t
rf_private_digest(const struct rf_private *private, uint64_t digest)
{
    unsigned char mac[RF_HMAC_BYTES];
    unsigned char text[8];
    RF_VERIFY(private->all->hmac != NULL);
    rf_put_le64(text, digest);
    rf_hmac_make(private->all->hmac, private->digest_front.bytes, private->digest_front.used, text,
                 sizeof(text), mac);
    return rf_get_le64(mac);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static int
compare_rules(const void *left, const void *right)
{
    const struct rf_mask_rule *a = left;
    const struct rf_mask_rule *b = right;
    int order = strcmp(a->pointer, b->pointer);
    return order != 0 ? order : (int)a->shows_keys - (int)b->shows_keys;
}

void
rf_private_list(const struct rf_private *private, struct rf_buf *out)
{
    size_t count = private->rules.state_count;
    struct rf_mask_rule *sorted = rf_calloc(count + 1, sizeof(*sorted));
    memcpy(sorted, private->rules.state, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_rules);
    rf_buf_byte(out, '[');
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && compare_rules(&sorted[i - 1], &sorted[i]) == 0) {
            continue;
        }
        rf_buf_string(out, first ? "" : ",");
        rf_buf_string(out, sorted[i].shows_keys ? "[" : "");
        rf_canon_string(out, sorted[i].pointer, strlen(sorted[i].pointer));
        rf_buf_string(out, sorted[i].shows_keys ? "]" : "");
        first = false;
    }
    rf_buf_byte(out, ']');
    free(sorted);
}

void
rf_private_state(const struct rf_private *private, struct rf_masker *masker, const char *text,
                 size_t bytes, struct rf_buf *out)
{
    uint64_t met = 0;
    if (!rf_mask_text(private->state, masker, text, bytes, hide_value, private, &met, out)) {
        rf_buf_string(out, "no JSON: ");
        put_hash(private, &private->words_front, text, bytes, out);
    }
    (void)atomic_fetch_or_explicit(private->met, met, memory_order_relaxed);
    atomic_store_explicit(private->looked, true, memory_order_relaxed);
}

void
rf_private_data(const struct rf_private *private, struct rf_masker *masker, const char *text,
                size_t bytes, struct rf_buf *out)
{
    uint64_t met = 0;
    if (private->data == NULL ||
        !rf_mask_text(private->data, masker, text, bytes, hide_data, private, &met, out)) {
        hide_data(private, text, bytes, out);
    }
}

const struct rf_mask *
rf_private_data_mask(const struct rf_private *private)
{
    return private->data;
}

void
rf_private_pointer(const struct rf_private *private, const char *pointer, size_t bytes,
                   struct rf_buf *out)
{
    rf_mask_pointer(private->state, pointer, bytes, hide_value, private, out);
}

void
rf_private_words(const struct rf_private *private, const char *text, size_t bytes,
                 struct rf_buf *out)
{
    put_hash(private, &private->words_front, text, bytes, out);
}

void
rf_privacy_each_idle(const struct rf_privacy *privacy,
                     void (*each)(void *context, const char *aggregate, const char *pointer),
                     void *context)
{
    for (size_t i = 0; privacy != NULL && i < privacy->count; i++) {
        const struct rf_private *private = privacy->items[i];
        uint64_t met = atomic_load(private->met);
        for (size_t k = 0; atomic_load(private->looked) && k < private->rules.state_count; k++) {
            if ((met >> k & 1) == 0) {
                each(context, private->rules.aggregate, private->rules.state[k].pointer);
            }
        }
    }
}

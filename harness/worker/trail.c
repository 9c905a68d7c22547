/* SPDX-License-Identifier: MIT */
/* A trail: a hash of the state behind each event. */
#include "worker/trail.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/json_strip.h"
#include "base/limits.h"
#include "worker/protocol.h"

/* Seeds: what can be told, and of what cannot the reason, by status. */
#define SEED_STATE  14
#define SEED_REASON 16

/** The words behind a word: those of one group of what is private. */
static size_t
count_rules(const char *const *words, const char *const *end)
{
    size_t count = 0;
    while (words + count < end && words[count][0] != '\0') {
        count++;
    }
    return count;
}

/** The name in front of what is private of an aggregate; NULL: nothing is. */
static const char *const *
find_group(const struct rf_trail *trail, refold_string aggregate)
{
    const char *const *end = trail->ignores + trail->ignore_count;
    const char *const *others = NULL;
    for (const char *const *at = trail->ignores; at < end; at++) {
        if ((*at)[0] != '\0') {
            continue;
        }
        at++; /* its name, which is empty in the group of all others */
        if (rf_bytes_same(*at, strlen(*at), aggregate.ptr, (size_t)aggregate.len)) {
            return at;
        }
        others = (*at)[0] == '\0' ? at : others;
    }
    return others;
}

/** Nothing is looked for within what is private: it would not be there in the masked state either.
 */
static void
take_mask(struct rf_trail *trail, const char *const *group)
{
    struct rf_mask_rule rules[RF_LIMIT_PRIVATE];
    if (group == trail->group) {
        return;
    }
    rf_mask_free(trail->mask);
    trail->mask = NULL;
    trail->group = group;
    size_t count = group == NULL ? 0 : count_rules(group + 1, trail->ignores + trail->ignore_count);
    RF_VERIFY(count <= RF_LIMIT_PRIVATE);
    for (size_t i = 0; i < count; i++) {
        const char *word = group[1 + i];
        rules[i].pointer = (char *)(uintptr_t)(word + 1);
        rules[i].shows_keys = word[0] == '=';
    }
    trail->mask = count == 0 ? NULL : rf_mask_new(rules, count);
}

void
rf_trail_begin(struct rf_trail *trail, refold_string aggregate)
{
    rf_buf_clear(&trail->hashes);
    trail->pointer_count = 0;
    if (trail->ignore_count > 0 && trail->pointers == NULL) {
        trail->pointers = rf_calloc(trail->ignore_count, sizeof(*trail->pointers));
    }
    size_t count = count_rules(trail->ignores, trail->ignores + trail->ignore_count);
    for (size_t i = 0; i < count; i++) {
        const char *ignore = trail->ignores[i];
        const char *colon = ignore[0] == '/' ? NULL : strchr(ignore, ':');
        if (colon == NULL) {
            trail->pointers[trail->pointer_count++] = ignore;
        } else if (rf_bytes_same(ignore, (size_t)(colon - ignore), aggregate.ptr,
                                 (size_t)aggregate.len)) {
            trail->pointers[trail->pointer_count++] = colon + 1;
        }
    }
    if (trail->pointer_count > 0) {
        take_mask(trail, find_group(trail, aggregate));
    }
}

uint64_t
rf_trail_hash(struct rf_trail *trail, const char *text, size_t bytes)
{
    rf_buf_clear(&trail->stripped);
    if (trail->pointer_count == 0) {
        return rf_hash(text, bytes, SEED_STATE) & ~RF_TRAIL_UNTOLD;
    }
    if (!rf_json_strip(&trail->doc, text, bytes, trail->pointers, trail->pointer_count, trail->mask,
                       &trail->stripped)) {
        return rf_hash(text, bytes, SEED_STATE) | RF_TRAIL_UNTOLD;
    }
    return rf_hash(trail->stripped.bytes, trail->stripped.used, SEED_STATE) & ~RF_TRAIL_UNTOLD;
}

void
rf_trail_done(struct rf_trail *trail)
{
    free(trail->pointers);
    rf_mask_free(trail->mask);
    rf_buf_done(&trail->hashes);
    rf_buf_done(&trail->text);
    rf_buf_done(&trail->why);
    rf_buf_done(&trail->stripped);
    rf_json_done(&trail->doc);
    *trail = (struct rf_trail){0};
}

bool
rf_trail_note(struct rf_trail *trail, const struct rf_plugin *plugin, const void *state)
{
    unsigned char bytes[8];
    rf_buf_clear(&trail->text);
    rf_buf_clear(&trail->why);
    uint32_t status = rf_plugin_likeness(plugin, state, RF_LOOSE_ALL, &trail->text, &trail->why);
    uint64_t hash =
        status == RF_STATUS_OK
            ? rf_trail_hash(trail, trail->text.bytes, trail->text.used)
            : rf_hash(trail->why.bytes, trail->why.used, SEED_REASON + status) | RF_TRAIL_UNTOLD;
    rf_put_le64(bytes, hash);
    rf_buf_add(&trail->hashes, bytes, sizeof(bytes));
    return trail->hashes.used >= RF_TRAIL_HASHES * sizeof(bytes);
}

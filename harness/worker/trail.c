/* SPDX-License-Identifier: MIT */
/* A trail: a hash of the state behind each event. */
#include "worker/trail.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/json_strip.h"
#include "worker/protocol.h"

/* Seeds: what can be told, and of what cannot the reason, by status. */
#define SEED_STATE  14
#define SEED_REASON 16

void
rf_trail_begin(struct rf_trail *trail, refold_string aggregate)
{
    rf_buf_clear(&trail->hashes);
    trail->pointer_count = 0;
    if (trail->ignore_count > 0 && trail->pointers == NULL) {
        trail->pointers = rf_calloc(trail->ignore_count, sizeof(*trail->pointers));
    }
    for (size_t i = 0; i < trail->ignore_count; i++) {
        const char *ignore = trail->ignores[i];
        const char *colon = ignore[0] == '/' ? NULL : strchr(ignore, ':');
        if (colon == NULL) {
            trail->pointers[trail->pointer_count++] = ignore;
        } else if (rf_bytes_same(ignore, (size_t)(colon - ignore), aggregate.ptr,
                                 (size_t)aggregate.len)) {
            trail->pointers[trail->pointer_count++] = colon + 1;
        }
    }
}

uint64_t
rf_trail_hash(struct rf_trail *trail, const char *text, size_t bytes)
{
    rf_buf_clear(&trail->stripped);
    if (trail->pointer_count == 0) {
        return rf_hash(text, bytes, SEED_STATE) & ~RF_TRAIL_UNTOLD;
    }
    if (!rf_json_strip(&trail->doc, text, bytes, trail->pointers, trail->pointer_count,
                       &trail->stripped)) {
        return rf_hash(text, bytes, SEED_STATE) | RF_TRAIL_UNTOLD;
    }
    return rf_hash(trail->stripped.bytes, trail->stripped.used, SEED_STATE) & ~RF_TRAIL_UNTOLD;
}

void
rf_trail_done(struct rf_trail *trail)
{
    free(trail->pointers);
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

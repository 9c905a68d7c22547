/* SPDX-License-Identifier: MIT */
/* Values that are too large to be meant: strings and objects beyond their limits. */
#include "decode/bounds.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"

/** `"":0,` is the least that a member takes. */
#define MEMBER_BYTES 5

const char *
rf_bounds_check(const struct rf_json *doc, char *text, size_t room)
{
    uint64_t bytes = doc->nodes[0].end - doc->nodes[0].start;
    if (bytes <= rf_limits.string_bytes && bytes / MEMBER_BYTES <= rf_limits.keys) {
        return NULL;
    }
    for (size_t i = 0; i < doc->used; i++) {
        const struct rf_json_node *node = &doc->nodes[i];
        if (node->kind == RF_JSON_STRING && node->end - node->start > rf_limits.string_bytes) {
            (void)snprintf(text, room,
                           "a string takes %" PRIu32 " bytes, at byte %" PRIu32
                           " of the record " RF_LIMIT_SIZE_HINT("string"),
                           node->end - node->start, node->start);
            return text;
        }
        if (node->kind == RF_JSON_OBJECT && node->count > rf_limits.keys) {
            (void)snprintf(text, room,
                           "an object has %" PRIu32 " keys, at byte %" PRIu32
                           " of the record " RF_LIMIT_NUMBER_HINT("keys"),
                           node->count, node->start);
            return text;
        }
    }
    return NULL;
}

/* SPDX-License-Identifier: MIT */
/* The limits that a user may set. */
#include "base/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/size.h"

struct rf_limits rf_limits = {
    .object_bytes = RF_LIMIT_OBJECT_BYTES,
    .ratio = RF_LIMIT_RATIO,
    .members = RF_LIMIT_MEMBERS,
    .record_bytes = RF_LIMIT_RECORD_BYTES,
    .string_bytes = RF_LIMIT_STRING_BYTES,
    .json_depth = RF_LIMIT_JSON_DEPTH,
    .keys = RF_LIMIT_OBJECT_KEYS,
    .id_bytes = RF_LIMIT_ID_BYTES,
    .listed = RF_LIMIT_LISTED,
    .changes = RF_LIMIT_CHANGES,
};

/* The most of each is what has been tried, or what a number in a form can hold. */
const struct rf_limit rf_limit_table[RF_LIMIT_COUNT_ + 1] = {
    {"object", &rf_limits.object_bytes, true, 1, 1024 * RF_GIB},
    {"ratio", &rf_limits.ratio, false, 1, 1000000},
    {"members", &rf_limits.members, false, 1, 100000000},
    {"record", &rf_limits.record_bytes, true, RF_KIB, RF_LIMIT_RECORD_MOST},
    {"string", &rf_limits.string_bytes, true, RF_LIMIT_STRING_LEAST, RF_LIMIT_RECORD_MOST},
    {"depth", &rf_limits.json_depth, false, 8, RF_LIMIT_JSON_DEPTH_MOST},
    {"keys", &rf_limits.keys, false, 16, 100000000},
    {"id", &rf_limits.id_bytes, true, 1, RF_LIMIT_ID_MOST},
    {"listed", &rf_limits.listed, false, 1, 1000000},
    {"changes", &rf_limits.changes, false, 1, 1000000},
    {0},
};

const struct rf_limit *
rf_limit_find(const char *name, size_t bytes)
{
    for (const struct rf_limit *limit = rf_limit_table; limit->name != NULL; limit++) {
        if (strlen(limit->name) == bytes && memcmp(limit->name, name, bytes) == 0) {
            return limit;
        }
    }
    return NULL;
}

bool
rf_limit_set(const struct rf_limit *limit, const char *text)
{
    uint64_t value;
    bool bare = text[strspn(text, "0123456789")] == '\0';
    if (!rf_size_parse(text, &value) || (!limit->is_size && !bare) || value < limit->least ||
        value > limit->most) {
        return false;
    }
    *limit->value = value;
    return true;
}

void
rf_limit_range(const struct rf_limit *limit, char text[RF_LIMIT_RANGE_BYTES])
{
    char least[RF_SIZE_TEXT_BYTES];
    char most[RF_SIZE_TEXT_BYTES];
    if (limit->is_size) {
        (void)snprintf(text, RF_LIMIT_RANGE_BYTES, "no size from %s to %s",
                       rf_size_text(limit->least, least), rf_size_text(limit->most, most));
    } else {
        (void)snprintf(text, RF_LIMIT_RANGE_BYTES, "no number from %" PRIu64 " to %" PRIu64,
                       limit->least, limit->most);
    }
}

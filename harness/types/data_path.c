/* SPDX-License-Identifier: MIT */
/* What stands at one JSON path of the data of one event type. */
#include "types/data_path.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/** Above, not every integer is a double. */
#define EXACT_MOST (INT64_C(1) << 53)

uint64_t
rf_data_path_count(const struct rf_data_path *path)
{
    uint64_t count = 0;
    for (size_t i = 0; i < RF_KIND_COUNT_; i++) {
        count += path->kinds[i];
    }
    return count;
}

bool
rf_data_path_is_mixed(const struct rf_data_path *path)
{
    return path->kinds[RF_KIND_INTEGER] > 0 && path->kinds[RF_KIND_REAL] > 0;
}

bool
rf_data_path_is_times(const struct rf_data_path *path)
{
    return path->kinds[RF_KIND_STRING] > 0 && !path->other_strings;
}

/* ---- seeing ---------------------------------------------------------------------------------- */

static void
widen(struct rf_span *span, uint64_t value)
{
    if (!span->any || value < span->least) {
        span->least = value;
    }
    if (!span->any || value > span->greatest) {
        span->greatest = value;
    }
    span->any = true;
}

static uint64_t
count_characters(const char *bytes, size_t count)
{
    uint64_t characters = 0;
    for (size_t i = 0; i < count; i++) {
        characters += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    }
    return characters;
}

/** @was_time  whether there is one to compare with */
static void
see_time(struct rf_data_path *path, bool was_time, struct rf_time first, struct rf_time last)
{
    if (!was_time || rf_time_compare(first, path->first) < 0) {
        path->first = first;
    }
    if (!was_time || rf_time_compare(last, path->last) > 0) {
        path->last = last;
    }
}

static void
see_string(struct rf_data_path *path, const struct rf_json *doc, uint32_t node,
           struct rf_data_path_scratch *scratch, size_t *room)
{
    const char *bytes;
    size_t count;
    rf_json_string(doc, node, &scratch->text, &bytes, &count);
    widen(&path->characters, count_characters(bytes, count));
    if (!path->other_strings) {
        struct rf_time at;
        if (rf_time_parse(bytes, count, &at)) {
            see_time(path, path->kinds[RF_KIND_STRING] > 0, at, at);
        } else {
            path->other_strings = true;
        }
    }
    rf_value_set_add(&path->values, true, bytes, count, room);
    path->kinds[RF_KIND_STRING]++;
}

static void
see_number(struct rf_data_path *path, const struct rf_json *doc, uint32_t node, size_t *room)
{
    size_t bytes;
    const char *token = rf_json_token(doc, node, &bytes);
    bool is_real = (doc->nodes[node].flags & RF_JSON_REAL) != 0;
    int64_t value;
    path->kinds[is_real ? RF_KIND_REAL : RF_KIND_INTEGER]++;
    if (rf_json_int64(doc, node, &value)) {
        path->beyond += value > EXACT_MOST || value < -EXACT_MOST;
        rf_range_add_integer(&path->range, value);
    } else {
        path->beyond += !is_real; /* or it would have fitted */
        if (bytes <= RF_RANGE_TOKEN_BYTES) {
            rf_range_add(&path->range, token, bytes);
        } else {
            path->long_numbers++;
        }
    }
    rf_value_set_add(&path->values, false, token, bytes, room);
}

void
rf_data_path_see(struct rf_data_path *path, const struct rf_json *doc, uint32_t node,
                 struct rf_data_path_scratch *scratch, size_t *room)
{
    switch (doc->nodes[node].kind) {
    case RF_JSON_NULL:
        path->kinds[RF_KIND_NULL]++;
        break;
    case RF_JSON_FALSE:
        path->kinds[RF_KIND_FALSE]++;
        break;
    case RF_JSON_TRUE:
        path->kinds[RF_KIND_TRUE]++;
        break;
    case RF_JSON_NUMBER:
        see_number(path, doc, node, room);
        break;
    case RF_JSON_STRING:
        see_string(path, doc, node, scratch, room);
        break;
    case RF_JSON_ARRAY:
        path->kinds[RF_KIND_ARRAY]++;
        break;
    default:
        path->kinds[RF_KIND_OBJECT]++;
        break;
    }
}

void
rf_data_path_see_elements(struct rf_data_path *path, uint64_t count)
{
    widen(&path->elements, count);
}

/* ---- joining --------------------------------------------------------------------------------- */

static void
join_spans(struct rf_span *span, const struct rf_span *other)
{
    if (other->any) {
        widen(span, other->least);
        widen(span, other->greatest);
    }
}

void
rf_data_path_join(struct rf_data_path *path, const struct rf_data_path *other, size_t *room)
{
    if (other->kinds[RF_KIND_STRING] > 0 && !other->other_strings) {
        see_time(path, path->kinds[RF_KIND_STRING] > 0, other->first, other->last);
    }
    path->other_strings = path->other_strings || other->other_strings;
    for (size_t i = 0; i < RF_KIND_COUNT_; i++) {
        path->kinds[i] += other->kinds[i];
    }
    path->events += other->events;
    join_spans(&path->characters, &other->characters);
    join_spans(&path->elements, &other->elements);
    rf_range_join(&path->range, &other->range);
    path->beyond += other->beyond;
    path->long_numbers += other->long_numbers;
    rf_value_set_join(&path->values, &other->values, room);
}

void
rf_data_path_hide(struct rf_data_path *path, size_t *room)
{
    uint64_t count = rf_data_path_count(path);
    rf_value_set_done(&path->values, room);
    rf_range_done(&path->range);
    memset(path->kinds, 0, sizeof(path->kinds));
    path->kinds[RF_KIND_PRIVATE] = count;
    path->values = (struct rf_value_set){0};
    path->range = (struct rf_range){0};
    path->characters = path->elements = (struct rf_span){0};
    path->first = path->last = (struct rf_time){0};
    path->beyond = path->long_numbers = 0;
}

void
rf_data_path_done(struct rf_data_path *path, size_t *room)
{
    rf_value_set_done(&path->values, room);
    rf_range_done(&path->range);
    free(path->members);
    free(path->key);
}

/* SPDX-License-Identifier: MIT */
/* An instance's events in fold order, and which of them are equal. */
#include "history/order.h"

#include <string.h>

#include "base/alloc.h"
#include "base/order.h"

/** Below this many, insertion beats qsort; most instances are short, and nearly in order. */
#define INSERT_MOST 24

int
rf_compare_origins(const struct rf_packed_event *a, const struct rf_packed_event *b)
{
    if (a->object != b->object) {
        return a->object < b->object ? -1 : 1;
    }
    if (a->offset != b->offset) {
        return a->offset < b->offset ? -1 : 1;
    }
    return RF_ORDER(a->part, b->part);
}

static int
compare_versions(const void *left, const void *right)
{
    const struct rf_entry *a = left;
    const struct rf_entry *b = right;
    if (a->version != b->version) {
        return a->version < b->version ? -1 : 1;
    }
    return rf_compare_origins(a->event, b->event);
}

void
rf_order_versions(struct rf_entry *entries, size_t count)
{
    size_t sorted = count > 0 ? 1 : 0;
    while (sorted < count && compare_versions(&entries[sorted - 1], &entries[sorted]) < 0) {
        sorted++;
    }
    if (sorted < count && count > INSERT_MOST) {
        qsort(entries, count, sizeof(*entries), compare_versions);
        return;
    }
    for (; sorted < count; sorted++) {
        struct rf_entry entry = entries[sorted];
        size_t place = sorted;
        while (place > 0 && compare_versions(&entry, &entries[place - 1]) < 0) {
            entries[place] = entries[place - 1];
            place--;
        }
        entries[place] = entry;
    }
}

static int
compare_eids(const struct rf_packed_event *a, const struct rf_packed_event *b)
{
    if (a->eid_bytes != b->eid_bytes) {
        return a->eid_bytes < b->eid_bytes ? -1 : 1;
    }
    return memcmp(rf_packed_eid(a), rf_packed_eid(b), a->eid_bytes);
}

static int
compare_by_eid(const void *left, const void *right)
{
    const struct rf_entry *a = left;
    const struct rf_entry *b = right;
    int order = compare_eids(a->event, b->event);
    return order != 0 ? order : rf_compare_origins(a->event, b->event);
}

static int
compare_by_time(const void *left, const void *right)
{
    const struct rf_packed_event *a = (*(struct rf_entry *const *)left)->event;
    const struct rf_packed_event *b = (*(struct rf_entry *const *)right)->event;
    if (a->at_seconds != b->at_seconds) {
        return a->at_seconds < b->at_seconds ? -1 : 1;
    }
    if (a->at_nanos != b->at_nanos) {
        return a->at_nanos < b->at_nanos ? -1 : 1;
    }
    return rf_compare_origins(a, b);
}

/** Whether an entry begins a place: it has no event id, or is the first with it. */
static bool
is_head(const struct rf_entry *entries, size_t at)
{
    const struct rf_packed_event *event = entries[at].event;
    return event->eid_bytes == 0 || at == 0 || compare_eids(entries[at - 1].event, event) != 0;
}

bool
rf_order_places(struct rf_places *places, struct rf_entry *entries, size_t count)
{
    bool untold = false;
    size_t heads = 0;
    qsort(entries, count, sizeof(*entries), compare_by_eid);
    RF_GROW(places->heads, places->room, count);
    for (size_t i = 0; i < count; i++) {
        untold = untold || entries[i].event->eid_bytes == 0;
        entries[i].version = 0;
        if (is_head(entries, i)) {
            places->heads[heads++] = &entries[i];
        }
    }
    qsort(places->heads, heads, sizeof(*places->heads), compare_by_time);
    for (size_t i = 0; i < heads; i++) {
        places->heads[i]->version = (int64_t)i + 1;
    }
    for (size_t i = 1; i < count; i++) {
        if (entries[i].version == 0) {
            entries[i].version = entries[i - 1].version;
        }
    }
    rf_order_versions(entries, count);
    return untold;
}

void
rf_places_done(struct rf_places *places)
{
    free(places->heads);
    memset(places, 0, sizeof(*places));
}

static bool
write_canonical(struct rf_comparer *comparer, const struct rf_packed_event *event,
                struct rf_buf *text)
{
    size_t bytes;
    const char *data = rf_event_data(&comparer->data, event, &bytes);
    rf_buf_clear(text);
    return rf_json_read_whole(&comparer->doc, data, bytes, NULL) == RF_OK &&
           rf_json_canonical(&comparer->doc, 0, true, text, NULL) == RF_OK;
}

static bool
same_data(struct rf_comparer *comparer, const struct rf_packed_event *kept,
          const struct rf_packed_event *other)
{
    if (kept->content_hash != other->content_hash) {
        return false;
    }
    if (kept->stencil == other->stencil && kept->holes == other->holes &&
        kept->data_bytes == other->data_bytes &&
        memcmp(rf_packed_ends(kept), rf_packed_ends(other), kept->holes * sizeof(uint16_t)) == 0 &&
        memcmp(rf_packed_tokens(kept), rf_packed_tokens(other), kept->data_bytes) == 0) {
        return true;
    }
    if (comparer->kept != kept) {
        comparer->kept = NULL;
        if (!write_canonical(comparer, kept, &comparer->kept_text)) {
            return false;
        }
        comparer->kept = kept;
    }
    return write_canonical(comparer, other, &comparer->text) &&
           comparer->text.used == comparer->kept_text.used &&
           memcmp(comparer->text.bytes, comparer->kept_text.bytes, comparer->text.used) == 0;
}

enum rf_unlike
rf_compare_events(struct rf_comparer *comparer, const struct rf_packed_event *kept,
                  const struct rf_packed_event *other)
{
    if (kept->type != other->type) {
        return RF_UNLIKE_TYPE;
    }
    if ((kept->flags & RF_EVENT_AT) != (other->flags & RF_EVENT_AT) ||
        kept->at_seconds != other->at_seconds || kept->at_nanos != other->at_nanos) {
        return RF_UNLIKE_TIME;
    }
    return same_data(comparer, kept, other) ? RF_UNLIKE_NOTHING : RF_UNLIKE_DATA;
}

void
rf_comparer_done(struct rf_comparer *comparer)
{
    rf_data_reader_done(&comparer->data);
    rf_json_done(&comparer->doc);
    rf_buf_done(&comparer->kept_text);
    rf_buf_done(&comparer->text);
    memset(comparer, 0, sizeof(*comparer));
}

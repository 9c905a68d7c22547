/* SPDX-License-Identifier: MIT */
/* The paths of a type's data, in the order of listings. */
#include "reports/types_internal.h"

struct walk {
    void (*each)(void *context, const struct rf_path_row *row);
    void *context;
    struct rf_buf pointer;
};

/* RFC 6901: ~ and / are escaped. */
static void
add_key(struct rf_buf *pointer, const char *key, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (key[i] == '~') {
            rf_buf_string(pointer, "~0");
        } else if (key[i] == '/') {
            rf_buf_string(pointer, "~1");
        } else {
            rf_buf_byte(pointer, key[i]);
        }
    }
}

static void visit(struct walk *walk, const struct rf_data_path *path, enum rf_step_kind step,
                  uint64_t of, bool has_events);

static void
visit_below(struct walk *walk, const struct rf_data_path *path, enum rf_step_kind step, uint64_t of,
            bool has_events)
{
    if (path == NULL) {
        return;
    }
    size_t above = walk->pointer.used;
    rf_buf_byte(&walk->pointer, '/');
    if (step == RF_STEP_MEMBER) {
        add_key(&walk->pointer, path->key, path->key_bytes);
    } else {
        rf_buf_byte(&walk->pointer, '*');
    }
    visit(walk, path, step, of, has_events);
    walk->pointer.used = above;
}

static void
visit(struct walk *walk, const struct rf_data_path *path, enum rf_step_kind step, uint64_t of,
      bool has_events)
{
    struct rf_path_row row = {
        .path = path,
        .pointer = walk->pointer.bytes,
        .pointer_bytes = walk->pointer.used,
        .step = step,
        .count = rf_data_path_count(path),
        .of = of,
        .has_events = has_events,
    };
    walk->each(walk->context, &row);
    uint64_t objects = path->kinds[RF_KIND_OBJECT];
    visit_below(walk, path->element, RF_STEP_ELEMENT, path->kinds[RF_KIND_ARRAY], has_events);
    visit_below(walk, path->any, RF_STEP_KEY, objects, false);
    for (size_t i = 0; i < path->member_count; i++) {
        visit_below(walk, path->members[i], RF_STEP_MEMBER, objects, has_events);
    }
}

void
rf_types_each_path(const struct rf_event_type *entry,
                   void (*each)(void *context, const struct rf_path_row *row), void *context)
{
    struct walk walk = {.each = each, .context = context};
    if (entry->shape.root != NULL) {
        visit(&walk, entry->shape.root, RF_STEP_ROOT, entry->events, true);
    }
    rf_buf_done(&walk.pointer);
}

struct rf_types_total
rf_types_total(const struct rf_listing *listing)
{
    struct rf_types_total total = {0};
    for (size_t i = 0; i < listing->count; i++) {
        const struct rf_event_type *entry = listing->rows[i].entry;
        if (entry->is_wanted) {
            total.types++;
            total.events += entry->events;
            total.duplicates += entry->duplicates;
        }
    }
    return total;
}

/* SPDX-License-Identifier: MIT */
/* The listing of types for programs: schema/types.schema.json. What does not apply is left out. */
#include "reports/json_list.h"
#include "reports/types_internal.h"

#define LEAD_TYPE "\n      "
#define LEAD_PATH "\n        "

static const char *const KIND_NAMES[RF_KIND_COUNT_] = {
    [RF_KIND_NULL] = "null",       [RF_KIND_FALSE] = "false",   [RF_KIND_TRUE] = "true",
    [RF_KIND_INTEGER] = "integer", [RF_KIND_REAL] = "real",     [RF_KIND_STRING] = "string",
    [RF_KIND_ARRAY] = "array",     [RF_KIND_OBJECT] = "object", [RF_KIND_PRIVATE] = "private",
};

/* ---- paths ---- */

static void
put_span(struct list *path, const char *name, const struct rf_span *span)
{
    if (span->any) {
        name_item(path, name);
        struct list ends = list_begin(path->out, '{', LEAD_NONE);
        put_count(&ends, "least", span->least);
        put_count(&ends, "greatest", span->greatest);
        list_end(&ends, '}', LEAD_NONE);
    }
}

static void
put_kinds(struct list *path, const struct rf_data_path *data)
{
    name_item(path, "kinds");
    struct list kinds = list_begin(path->out, '{', LEAD_NONE);
    for (size_t i = 0; i < RF_KIND_COUNT_; i++) {
        if (data->kinds[i] > 0) {
            put_count(&kinds, KIND_NAMES[i], data->kinds[i]);
        }
    }
    list_end(&kinds, '}', LEAD_NONE);
}

/* Numbers keep their tokens. */
static void
put_numbers(struct list *path, const struct rf_data_path *data)
{
    struct rf_buf least = {0};
    struct rf_buf greatest = {0};
    if (rf_range_print(&data->range, &least, &greatest)) {
        name_item(path, "range");
        struct list ends = list_begin(path->out, '{', LEAD_NONE);
        name_item(&ends, "least");
        rf_buf_add(ends.out, least.bytes, least.used);
        name_item(&ends, "greatest");
        rf_buf_add(ends.out, greatest.bytes, greatest.used);
        list_end(&ends, '}', LEAD_NONE);
    }
    rf_buf_done(&least);
    rf_buf_done(&greatest);
    if (data->beyond > 0) {
        put_count(path, "beyond_2_53", data->beyond);
    }
    if (data->long_numbers > 0) {
        put_count(path, "long_numbers", data->long_numbers);
    }
    if (rf_data_path_is_mixed(data)) {
        put_flag(path, "mixed_numbers", true);
    }
}

static void
put_times(struct list *path, const struct rf_data_path *data)
{
    if (rf_data_path_is_times(data)) {
        name_item(path, "times");
        struct list ends = list_begin(path->out, '{', LEAD_NONE);
        put_time(&ends, "first", data->first);
        put_time(&ends, "last", data->last);
        list_end(&ends, '}', LEAD_NONE);
    }
}

static void
put_values(struct list *path, const struct rf_data_path *data)
{
    const struct rf_value_set *values = &data->values;
    name_item(path, values->more ? "examples" : "values");
    struct list items = list_begin(path->out, '[', LEAD_NONE);
    for (size_t i = 0; i < values->count; i++) {
        const struct rf_value *value = &values->items[i];
        next_item(&items);
        struct list item = list_begin(path->out, '{', LEAD_NONE);
        name_item(&item, value->is_cut ? "begins" : "value");
        if (value->is_string || value->is_cut) {
            rf_escape_json(item.out, value->text, value->bytes);
        } else {
            rf_buf_add(item.out, value->text, value->bytes);
        }
        put_count(&item, "count", value->count);
        list_end(&item, '}', LEAD_NONE);
    }
    list_end(&items, ']', LEAD_NONE);
}

static void
put_path(void *context, const struct rf_path_row *row)
{
    static const char *const steps[] = {
        [RF_STEP_ROOT] = "root",
        [RF_STEP_MEMBER] = "member",
        [RF_STEP_KEY] = "key",
        [RF_STEP_ELEMENT] = "element",
    };
    struct list *paths = context;
    const struct rf_data_path *data = row->path;
    next_item(paths);
    struct list path = list_begin(paths->out, '{', LEAD_NONE);
    put_bytes(&path, "path", row->pointer_bytes == 0 ? "" : row->pointer, row->pointer_bytes);
    put_text(&path, "step", steps[row->step]);
    put_count(&path, "count", row->count);
    put_count(&path, "of", row->of);
    if (row->has_events) {
        put_count(&path, "events", data->events);
    }
    put_kinds(&path, data);
    if (data->any != NULL) {
        put_flag(&path, "map", true);
    }
    put_span(&path, "elements", &data->elements);
    put_span(&path, "characters", &data->characters);
    put_times(&path, data);
    put_numbers(&path, data);
    if (data->values.count > 0 || data->values.more) {
        put_values(&path, data);
    }
    list_end(&path, '}', LEAD_NONE);
}

static void
put_data(struct list *type, const struct rf_event_type *entry)
{
    const struct rf_shape_tree *shape = &entry->shape;
    name_item(type, "limits");
    struct list limits = list_begin(type->out, '[', LEAD_NONE);
    const struct {
        bool hit;
        const char *name;
    } all[] = {{shape->crowded, "paths"}, {shape->deep, "depth"}, {shape->cut, "memory"}};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i].hit) {
            next_item(&limits);
            rf_buf_format(limits.out, "\"%s\"", all[i].name);
        }
    }
    list_end(&limits, ']', LEAD_NONE);
    name_item(type, "paths");
    struct list paths = list_begin(type->out, '[', LEAD_PATH);
    rf_types_each_path(entry, put_path, &paths);
    list_end(&paths, ']', LEAD_TYPE);
}

/* ---- types ---- */

static void
put_neighbours(struct list *type, const char *name, const struct rf_listing *listing,
               const struct rf_neighbours *neighbours)
{
    name_item(type, name);
    struct list items = list_begin(type->out, '[', LEAD_NONE);
    for (size_t i = 0; i < neighbours->count; i++) {
        const struct rf_type_row *other = &listing->rows[neighbours->items[i].row];
        next_item(&items);
        struct list item = list_begin(type->out, '{', LEAD_NONE);
        put_bytes(&item, "type", other->type, other->type_bytes);
        put_count(&item, "count", neighbours->items[i].count);
        list_end(&item, '}', LEAD_NONE);
    }
    list_end(&items, ']', LEAD_NONE);
}

static void
put_type(struct list *types, const struct rf_listing *listing, const struct rf_type_row *row)
{
    const struct rf_event_type *entry = row->entry;
    next_item(types);
    struct list type = list_begin(types->out, '{', LEAD_TYPE);
    put_bytes(&type, "aggregate", row->aggregate, row->aggregate_bytes);
    put_bytes(&type, "type", row->type, row->type_bytes);
    put_count(&type, "events", entry->events);
    put_count(&type, "instances", entry->instances);
    put_count(&type, "duplicates", entry->duplicates);
    put_count(&type, "conflicts", entry->conflicts);
    if (entry->has_time) {
        put_time(&type, "first", entry->first);
        put_time(&type, "last", entry->last);
    }
    put_text(&type, "handling", rf_handling_name(row->handling));
    put_text(&type, "handler", row->handler);
    put_count(&type, "starts", entry->starts);
    put_count(&type, "ends", entry->ends);
    put_neighbours(&type, "before", listing, &row->before);
    put_neighbours(&type, "after", listing, &row->after);
    put_data(&type, entry);
    list_end(&type, '}', LEAD_INNER);
}

static void
put_listing(struct list *top, const struct rf_listing *listing)
{
    size_t count = listing == NULL ? 0 : listing->count;
    put_count(top, "types_total", count);
    put_count(top, "unlisted_events", listing == NULL ? 0 : listing->others);
    put_count(top, "unlisted_transitions", listing == NULL ? 0 : listing->other_transitions);
    name_item(top, "types");
    struct list types = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < count; i++) {
        if (listing->rows[i].entry->is_wanted) {
            put_type(&types, listing, &listing->rows[i]);
        }
    }
    list_end(&types, ']', LEAD_TOP);
    name_item(top, "unseen");
    struct list unseen = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; listing != NULL && i < listing->unseen_count; i++) {
        next_item(&unseen);
        struct list item = list_begin(top->out, '{', LEAD_NONE);
        put_text(&item, "aggregate", listing->unseen[i].aggregate);
        put_text(&item, "type", listing->unseen[i].type);
        list_end(&item, '}', LEAD_NONE);
    }
    list_end(&unseen, ']', LEAD_TOP);
}

/* ---- the whole ---- */

static void
put_outcome(struct list *top, const struct rf_report *run)
{
    const struct rf_flags *flags = &run->flags;
    put_count(top, "format", 1);
    put_text(top, "verb", run->verb);
    put_text(top, "refold", run->version);
    put_integer(top, "exit", rf_verdict_exit(flags));
    put_flag(top, "damaged", flags->damaged);
    put_flag(top, "incomplete", flags->incomplete);
    put_flag(top, "nothing", flags->nothing);
    put_flag(top, "internal", flags->internal);
    put_text(top, "error", run->error);
    rf_json_builds(top, run);
}

void
rf_json_listed(struct list *top, const struct rf_report *run)
{
    static const enum rf_term terms[] = {RF_TERM_WITHDRAWN, RF_TERM_UNSELECTED, RF_TERM_DUPLICATES,
                                         RF_TERM_CONFLICTS};
    const struct rf_sums *sums = run->sums;
    name_item(top, "history");
    struct list history = list_begin(top->out, '{', LEAD_INNER);
    put_count(&history, "objects", sums->objects);
    put_count(&history, "read", sums->read);
    put_count(&history, "unreadable", sums->unreadable);
    put_count(&history, "foreign", sums->foreign);
    put_count(&history, "records", sums->records);
    put_count(&history, "expanded", sums->expanded);
    put_count(&history, "events", sums->events);
    put_count(&history, "malformed", sums->malformed);
    put_count(&history, "empty", sums->empty);
    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
        put_count(&history, rf_term_name(terms[i]), sums->terms[terms[i]]);
    }
    put_count(&history, "listed", sums->terms[RF_TERM_FOLDED]);
    put_count(&history, "bytes", run->counts->bytes);
    put_count(&history, "instances", run->gathered->instances);
    put_count(&history, "gaps", run->gathered->gaps);
    put_count(&history, "odd_names", run->ingested->odd_names);
    if (run->ingested->hollow > 0) {
        put_count(&history, "hollow", run->ingested->hollow);
    }
    put_count(&history, "repeated_keys", run->ingested->counts.repeated_keys);
    rf_json_envelopes(&history, run->counts);
    if (run->ingested->has_first) {
        put_time(&history, "first", run->ingested->first);
        put_time(&history, "last", run->ingested->last);
    }
    rf_json_set_aside(&history, run);
    list_end(&history, '}', LEAD_TOP);
}

void
rf_types_json(const struct rf_types_report *report, struct rf_buf *out)
{
    const struct rf_report run = rf_report_filled(report->run);
    struct list top = list_begin(out, '{', LEAD_TOP);
    put_outcome(&top, &run);
    rf_json_listed(&top, &run);
    put_listing(&top, report->listing);
    rf_json_damages(&top, &run);
    rf_json_warnings(&top, &run);
    rf_json_timing(&top, &run);
    list_end(&top, '}', "\n");
    rf_buf_byte(out, '\n');
}

/* SPDX-License-Identifier: MIT */
/* The shape of a type's data, for people: a row for each path. */
#include "reports/types_text_paths.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "reports/text_table.h"

#define PATHS_SHOWN 60
/* Shown characters of a path, of a value, and of all values of a path. */
#define PATH_WIDTH   48
#define VALUE_WIDTH  40
#define VALUES_WIDTH 60
/* Below, "7 of 12" says more than a percentage. */
#define FEW 1000

struct paths {
    struct rf_page page; /* whose `out` are the table's cells */
    struct rf_table *table;
    size_t shown, limit;
    size_t values_width;
};

/* ---- how often ---- */

/* Tenths of a percent, never all and never none of them. */
static void
put_percent(struct rf_buf *out, uint64_t count, uint64_t of)
{
    uint64_t tenths = (uint64_t)((double)count * 1000 / (double)of);
    tenths = tenths > 999 ? 999 : tenths;
    if (tenths == 0) {
        rf_buf_string(out, "<0.1%");
    } else {
        rf_buf_format(out, "%" PRIu64 ".%" PRIu64 "%%", tenths / 10, tenths % 10);
    }
}

static void
put_share(const struct paths *paths, const struct rf_path_row *row)
{
    struct rf_buf *out = paths->page.out;
    if (row->step == RF_STEP_ELEMENT || row->step == RF_STEP_KEY) {
        rf_paint_number(&paths->page, row->count);
        rf_buf_string(out, "x");
    } else if (row->count >= row->of) {
        rf_buf_string(out, "all");
    } else if (row->of < FEW) {
        rf_buf_format(out, "%" PRIu64 " of %" PRIu64, row->count, row->of);
    } else {
        put_percent(out, row->count, row->of);
    }
}

/* ---- which kinds ---- */

struct kind_count {
    const char *name;
    uint64_t count;
};

static void
sort_kinds(struct kind_count *kinds, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && kinds[k].count > kinds[k - 1].count; k--) {
            struct kind_count swap = kinds[k];
            kinds[k] = kinds[k - 1];
            kinds[k - 1] = swap;
        }
    }
}

/* "string"; of several the most frequent first: "integer 90, null 10". */
static void
put_kinds(const struct paths *paths, const struct rf_data_path *path)
{
    struct kind_count kinds[] = {
        {path->any != NULL ? "map" : "object", path->kinds[RF_KIND_OBJECT]},
        {"array", path->kinds[RF_KIND_ARRAY]},
        {rf_data_path_is_times(path) ? "time" : "string", path->kinds[RF_KIND_STRING]},
        {"integer", path->kinds[RF_KIND_INTEGER]},
        {"real", path->kinds[RF_KIND_REAL]},
        {"boolean", path->kinds[RF_KIND_FALSE] + path->kinds[RF_KIND_TRUE]},
        {"null", path->kinds[RF_KIND_NULL]},
        {"private", path->kinds[RF_KIND_PRIVATE]},
    };
    size_t count = sizeof(kinds) / sizeof(kinds[0]);
    sort_kinds(kinds, count);
    bool alone = kinds[1].count == 0;
    for (size_t i = 0; i < count && kinds[i].count > 0; i++) {
        rf_buf_string(paths->page.out, i > 0 ? ", " : "");
        rf_buf_string(paths->page.out, kinds[i].name);
        if (!alone) {
            rf_buf_byte(paths->page.out, ' ');
            rf_paint_number(&paths->page, kinds[i].count);
        }
    }
}

/* ---- which values ---- */

static void
begin_part(const struct paths *paths, bool *any)
{
    rf_buf_string(paths->page.out, *any ? "; " : "");
    *any = true;
}

static void
put_span(const struct paths *paths, const struct rf_span *span, const char *one, const char *many)
{
    if (span->least < span->greatest) {
        rf_paint_number(&paths->page, span->least);
        rf_buf_string(paths->page.out, " to ");
    }
    rf_paint_counted(&paths->page, span->greatest, one, many);
}

static void
put_value(const struct paths *paths, const struct rf_value *value, bool with_count)
{
    struct rf_buf *out = paths->page.out;
    if (!value->is_string) {
        rf_escape_shown(out, value->text, value->bytes, VALUE_WIDTH);
    } else if (value->is_cut && value->bytes <= VALUE_WIDTH) {
        rf_escape_quoted(out, value->text, value->bytes, VALUE_WIDTH);
        rf_buf_string(out, "\xE2\x80\xA6");
    } else {
        rf_escape_quoted(out, value->text, value->bytes, VALUE_WIDTH);
    }
    if (with_count) {
        rf_buf_string(out, " (");
        rf_paint_number(&paths->page, value->count);
        rf_buf_byte(out, ')');
    }
}

/* Values while there is room in the line, the most frequent first; returns how many were put. */
static size_t
put_values(const struct paths *paths, const struct rf_value_set *values, bool with_counts)
{
    struct rf_buf *out = paths->page.out;
    size_t start = out->used;
    for (size_t i = 0; i < values->count; i++) {
        size_t before = out->used;
        rf_buf_string(out, i > 0 ? ", " : "");
        put_value(paths, &values->items[i], with_counts);
        if (i > 0 && rf_text_width(out->bytes + start, out->used - start) > paths->values_width) {
            out->used = before;
            return i;
        }
    }
    return values->count;
}

/* All values there are. */
static void
put_set(const struct paths *paths, const struct rf_data_path *path)
{
    const struct rf_value_set *values = &path->values;
    bool with_counts = values->count > 1 || values->items[0].count < rf_data_path_count(path);
    size_t put = put_values(paths, values, with_counts);
    if (put < values->count) {
        rf_buf_format(paths->page.out, " and %zu more", values->count - put);
    }
}

static void
put_counted_word(const struct paths *paths, const char *word, uint64_t count)
{
    rf_buf_format(paths->page.out, "%s (", word);
    rf_paint_number(&paths->page, count);
    rf_buf_byte(paths->page.out, ')');
}

static void
put_booleans(const struct paths *paths, const struct rf_data_path *path, bool *any)
{
    if (path->kinds[RF_KIND_TRUE] > 0) {
        begin_part(paths, any);
        put_counted_word(paths, "true", path->kinds[RF_KIND_TRUE]);
    }
    if (path->kinds[RF_KIND_FALSE] > 0) {
        rf_buf_string(paths->page.out, path->kinds[RF_KIND_TRUE] > 0 ? ", " : *any ? "; " : "");
        *any = true;
        put_counted_word(paths, "false", path->kinds[RF_KIND_FALSE]);
    }
}

static void
put_range(const struct paths *paths, const struct rf_data_path *path, bool *any)
{
    struct rf_buf least = {0};
    struct rf_buf greatest = {0};
    if (rf_range_print(&path->range, &least, &greatest)) {
        begin_part(paths, any);
        rf_buf_add(paths->page.out, least.bytes, least.used);
        rf_buf_string(paths->page.out, " to ");
        rf_buf_add(paths->page.out, greatest.bytes, greatest.used);
    }
    rf_buf_done(&least);
    rf_buf_done(&greatest);
}

static void
put_times(const struct paths *paths, const struct rf_data_path *path, bool *any)
{
    char first[RF_TIME_TEXT_BYTES];
    char last[RF_TIME_TEXT_BYTES];
    begin_part(paths, any);
    (void)rf_time_print(path->first, first);
    (void)rf_time_print(path->last, last);
    rf_buf_format(paths->page.out, "%s to %s", first, last);
}

/* Of few values all, with counts; of many what they lie between, and examples of strings. */
static void
put_scalars(const struct paths *paths, const struct rf_data_path *path, bool *any)
{
    const struct rf_value_set *values = &path->values;
    bool times = rf_data_path_is_times(path);
    if (!values->more && values->count > 0 && (!times || values->count == 1)) {
        begin_part(paths, any);
        put_set(paths, path);
        return;
    }
    put_range(paths, path, any);
    if (times) {
        put_times(paths, path, any);
    } else if (path->characters.any) {
        begin_part(paths, any);
        put_span(paths, &path->characters, "character", "characters");
        if (values->count > 0) {
            rf_buf_string(paths->page.out, ", such as ");
            (void)put_values(paths, values, false);
        }
    }
}

static void
put_warnings(const struct paths *paths, const struct rf_data_path *path, bool *any)
{
    const struct {
        uint64_t count;
        const char *one, *many;
    } warnings[] = {
        {path->beyond, "integer beyond 2^53", "integers beyond 2^53"},
        {path->long_numbers, "number too long to compare", "numbers too long to compare"},
    };
    for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++) {
        if (warnings[i].count > 0) {
            begin_part(paths, any);
            rf_buf_string(paths->page.out, "! ");
            rf_paint_counted(&paths->page, warnings[i].count, warnings[i].one, warnings[i].many);
        }
    }
    if (rf_data_path_is_mixed(path)) {
        begin_part(paths, any);
        rf_buf_string(paths->page.out, "! both integers and reals");
    }
}

static void
put_content(const struct paths *paths, const struct rf_data_path *path)
{
    bool any = false;
    if (path->any != NULL) {
        begin_part(paths, &any);
        rf_buf_string(paths->page.out, "many keys, taken for a map");
    }
    if (path->elements.any) {
        begin_part(paths, &any);
        put_span(paths, &path->elements, "element", "elements");
    }
    put_booleans(paths, path, &any);
    put_scalars(paths, path, &any);
    put_warnings(paths, path, &any);
}

/* ---- rows ---- */

static void
put_pointer(const struct paths *paths, const struct rf_path_row *row)
{
    if (row->step == RF_STEP_ROOT) {
        rf_buf_string(paths->page.out, "(the whole)");
    } else if (row->pointer_bytes > PATH_WIDTH) {
        rf_escape_quoted(paths->page.out, row->pointer, row->pointer_bytes, PATH_WIDTH);
    } else {
        rf_paint_name(&paths->page, row->pointer, row->pointer_bytes);
    }
}

/* The whole is an object with members, as a rule: that need not be said. */
static bool
is_plain_root(const struct rf_path_row *row)
{
    return row->step == RF_STEP_ROOT && row->path->kinds[RF_KIND_OBJECT] == row->count &&
           row->path->member_count > 0;
}

static void
put_path(void *context, const struct rf_path_row *row)
{
    struct paths *paths = context;
    if (is_plain_root(row) || paths->shown++ >= paths->limit) {
        return;
    }
    put_pointer(paths, row);
    rf_table_cell(paths->table);
    put_share(paths, row);
    rf_table_cell(paths->table);
    put_kinds(paths, row->path);
    rf_table_cell(paths->table);
    put_content(paths, row->path);
    rf_table_cell(paths->table);
}

static void
put_limits(const struct rf_page *page, const struct rf_shape_tree *shape)
{
    const struct {
        bool hit;
        const char *words;
    } limits[] = {
        {shape->crowded, "more than 4000 paths: the widest objects are taken for maps"},
        {shape->deep, "deeper than 16 steps: what lies below is not listed"},
        {shape->cut, "memory is used up: paths that came later are not listed, and the counts of "
                     "others may be too low"},
    };
    _Static_assert(RF_LIMIT_PATHS == 4000 && RF_LIMIT_PATH_STEPS == 16, "as said above");
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (limits[i].hit) {
            rf_paint_color(page, RF_YELLOW);
            rf_buf_format(page->out, "    and more: %s\n", limits[i].words);
            rf_paint_color(page, RF_PLAIN);
        }
    }
}

void
rf_types_text_paths(const struct rf_page *page, const struct rf_event_type *entry, bool whole)
{
    static const char *const titles[] = {"data", " in", "kind", "values"};
    const struct rf_data_path *root = entry->shape.root;
    struct rf_table table;
    struct paths paths = {
        .page = *page,
        .table = &table,
        .limit = whole ? SIZE_MAX : PATHS_SHOWN,
        .values_width = whole ? SIZE_MAX : VALUES_WIDTH,
    };
    if (root != NULL && root->kinds[RF_KIND_OBJECT] == entry->events && root->member_count == 0 &&
        root->any == NULL) {
        rf_buf_string(page->out, "    the data is always empty\n");
        return;
    }
    rf_table_begin(&table, titles, sizeof(titles) / sizeof(titles[0]));
    paths.page.out = &table.cells;
    rf_types_each_path(entry, put_path, &paths);
    rf_table_end(&table, page, "    ");
    if (paths.shown > paths.limit) {
        rf_buf_format(page->out, "    and %zu more paths; -v shows all\n",
                      paths.shown - paths.limit);
    }
    put_limits(page, &entry->shape);
}

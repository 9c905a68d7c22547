/* SPDX-License-Identifier: MIT */
/* The listing of types for people: a table of all, then a section for each, then what it rests on.
 */
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/escape.h"
#include "reports/text_internal.h"
#include "reports/text_table.h"
#include "reports/types_internal.h"
#include "reports/types_text_paths.h"

/* More only with -v, or where types were asked for by name. */
#define SECTIONS_SHOWN   40
#define NEIGHBOURS_SHOWN 8
/* Shown characters of a type's or aggregate's name. */
#define NAME_WIDTH 44
/* Lists go on in a new line before they would be wider. */
#define LINE_WIDTH 96

static bool
is_whole(const struct rf_page *page, const struct rf_types_report *report)
{
    return page->verbose || report->selects_types;
}

/* Quoted where it would not read as one word, cut where it is long. */
static void
put_name(const struct rf_page *page, const char *bytes, size_t count)
{
    if (count > NAME_WIDTH) {
        rf_escape_quoted(page->out, bytes, count, NAME_WIDTH);
    } else {
        rf_paint_name(page, bytes, count);
    }
}

/* ---- the table ---- */

/* 2015-04-27: whole times stand in the sections. */
static void
put_day(struct rf_buf *out, bool has, struct rf_time at)
{
    char text[RF_TIME_TEXT_BYTES];
    if (has) {
        (void)rf_time_print(at, text);
        rf_buf_add(out, text, strlen("2015-04-27"));
    }
}

static void
put_handler(const struct rf_page *page, const struct rf_type_row *row)
{
    switch (row->handling) {
    case RF_HANDLING_SKIPPED:
        rf_buf_string(page->out, "skipped");
        break;
    case RF_HANDLING_UNCLAIMED:
        rf_buf_string(page->out, "no one");
        break;
    default:
        rf_buf_string(page->out, row->handling == RF_HANDLING_UNDECLARED ? "not by " : "");
        rf_paint_word(page, row->handler);
        rf_buf_string(page->out, row->handling == RF_HANDLING_ANY ? " (any type)" : "");
        break;
    }
}

/* Columns that would say nothing are left out. */
struct columns {
    bool aggregate, duplicates, handler;
};

static struct columns
choose_columns(const struct rf_types_report *report)
{
    struct columns columns = {.handler = report->run->build_count > 0};
    for (size_t i = 0; i < report->listing->count; i++) {
        const struct rf_type_row *row = &report->listing->rows[i];
        columns.aggregate = columns.aggregate || row->aggregate != NULL;
        columns.duplicates = columns.duplicates || row->entry->duplicates > 0;
    }
    return columns;
}

static void
add_row(const struct rf_page *cells, struct rf_table *table, const struct columns *columns,
        const struct rf_type_row *row)
{
    const struct rf_event_type *entry = row->entry;
    put_name(cells, row->type, row->type_bytes);
    rf_table_cell(table);
    if (columns->aggregate) {
        if (row->aggregate != NULL) {
            put_name(cells, row->aggregate, row->aggregate_bytes);
        }
        rf_table_cell(table);
    }
    rf_paint_number(cells, entry->events);
    rf_table_cell(table);
    rf_paint_number(cells, entry->instances);
    rf_table_cell(table);
    if (columns->duplicates) {
        rf_paint_number(cells, entry->duplicates);
        rf_table_cell(table);
    }
    put_day(cells->out, entry->has_time, entry->first);
    rf_table_cell(table);
    put_day(cells->out, entry->has_time, entry->last);
    rf_table_cell(table);
    if (columns->handler) {
        put_handler(cells, row);
        rf_table_cell(table);
    }
}

static void
put_table(const struct rf_page *page, const struct rf_types_report *report)
{
    struct columns columns = choose_columns(report);
    const char *titles[RF_TABLE_COLUMNS];
    size_t count = 0;
    struct rf_table table;
    titles[count++] = "type";
    if (columns.aggregate) {
        titles[count++] = "aggregate";
    }
    titles[count++] = " events";
    titles[count++] = " instances";
    if (columns.duplicates) {
        titles[count++] = " duplicates";
    }
    titles[count++] = "first";
    titles[count++] = "last";
    if (columns.handler) {
        titles[count++] = "handled by";
    }
    rf_table_begin(&table, titles, count);
    struct rf_page cells = *page;
    cells.out = &table.cells;
    for (size_t i = 0; i < report->listing->count; i++) {
        if (report->listing->rows[i].entry->is_wanted) {
            add_row(&cells, &table, &columns, &report->listing->rows[i]);
        }
    }
    rf_table_end(&table, page, "  ");
}

/* ---- a section ---- */

static void
put_headline(const struct rf_page *page, const struct rf_type_row *row)
{
    const struct rf_event_type *entry = row->entry;
    rf_paint_section(page);
    rf_paint_color(page, RF_BOLD);
    put_name(page, row->type, row->type_bytes);
    rf_paint_color(page, RF_PLAIN);
    if (row->aggregate != NULL) {
        rf_buf_string(page->out, " of ");
        put_name(page, row->aggregate, row->aggregate_bytes);
    }
    rf_buf_string(page->out, ": ");
    rf_paint_counted(page, entry->events, "event", "events");
    rf_buf_string(page->out, " in ");
    rf_paint_counted(page, entry->instances, "instance", "instances");
    rf_paint_part(page, entry->duplicates, "duplicate apart", "duplicates apart");
    rf_paint_part(page, entry->conflicts, "conflict", "conflicts");
    rf_buf_byte(page->out, '\n');
    if (entry->has_time) {
        char first[RF_TIME_TEXT_BYTES];
        char last[RF_TIME_TEXT_BYTES];
        (void)rf_time_print(entry->first, first);
        (void)rf_time_print(entry->last, last);
        rf_buf_format(page->out, "  first %s, last %s\n", first, last);
    }
}

static void
put_handling(const struct rf_page *page, const struct rf_type_row *row)
{
    bool handled = row->handling == RF_HANDLING_DECLARED || row->handling == RF_HANDLING_ANY;
    rf_buf_string(page->out, "  ");
    rf_paint_color(page, handled ? "" : RF_YELLOW);
    switch (row->handling) {
    case RF_HANDLING_DECLARED:
    case RF_HANDLING_ANY:
        rf_buf_string(page->out, "handled by ");
        put_handler(page, row);
        break;
    case RF_HANDLING_SKIPPED:
        rf_buf_string(page->out, "skipped by the config");
        break;
    case RF_HANDLING_UNDECLARED:
        rf_buf_string(page->out, "not handled: ");
        rf_paint_word(page, row->handler);
        rf_buf_string(page->out, " does not declare it, and its fold would end here");
        break;
    case RF_HANDLING_UNCLAIMED:
        rf_buf_string(page->out, "not handled: no aggregate that is loaded takes its events");
        break;
    }
    rf_paint_color(page, handled ? "" : RF_PLAIN);
    rf_buf_byte(page->out, '\n');
}

/* A list that goes on in new lines; `line` is where the last one begins. */
struct flow {
    const struct rf_page *page;
    size_t line;
    bool any;
};

/* @return  where the item begins: for settle_item */
static size_t
begin_item(const struct flow *flow)
{
    rf_buf_string(flow->page->out, flow->any ? ", " : "");
    return flow->page->out->used;
}

/* An item was written behind `before`: put it into a new line where this one is full. */
static void
settle_item(struct flow *flow, size_t before)
{
    struct rf_buf *out = flow->page->out;
    size_t width = rf_text_width(out->bytes + flow->line, out->used - flow->line);
    struct rf_buf item = {0};
    if (width > LINE_WIDTH && flow->any) {
        rf_buf_add(&item, out->bytes + before, out->used - before);
        out->used = before;
        out->used -= 1; /* the blank behind the comma */
        rf_buf_string(out, "\n          ");
        flow->line = out->used - strlen("          ");
        rf_buf_add(out, item.bytes, item.used);
        rf_buf_done(&item);
    }
    flow->any = true;
}

/* Whether a type is called as the edges of an instance are: it is quoted beside them. */
static bool
is_edge(const struct rf_type_row *row)
{
    return rf_bytes_same(row->type, row->type_bytes, "START", strlen("START")) ||
           rf_bytes_same(row->type, row->type_bytes, "END", strlen("END"));
}

static void
put_item(struct flow *flow, const char *word, const struct rf_type_row *row, uint64_t count)
{
    struct rf_buf *out = flow->page->out;
    size_t before = begin_item(flow);
    if (row != NULL && is_edge(row)) {
        rf_escape_quoted(out, row->type, row->type_bytes, NAME_WIDTH);
    } else if (row != NULL) {
        put_name(flow->page, row->type, row->type_bytes);
    }
    rf_buf_string(out, word);
    rf_buf_byte(out, ' ');
    rf_paint_number(flow->page, count);
    settle_item(flow, before);
}

/* What stands right before it, or right behind it: with the edge of the instance. */
static void
put_neighbours(const struct rf_page *page, const struct rf_types_report *report, const char *title,
               const char *edge, uint64_t edge_count, const struct rf_neighbours *neighbours)
{
    size_t limit = is_whole(page, report) ? neighbours->count : NEIGHBOURS_SHOWN;
    struct flow flow = {.page = page, .line = page->out->used};
    bool edge_put = edge_count == 0;
    rf_buf_format(page->out, "  %-8s", title);
    for (size_t i = 0; i < neighbours->count && i < limit; i++) {
        const struct rf_neighbour *one = &neighbours->items[i];
        if (!edge_put && edge_count >= one->count) {
            put_item(&flow, edge, NULL, edge_count);
            edge_put = true;
        }
        put_item(&flow, "", &report->listing->rows[one->row], one->count);
    }
    if (!edge_put) {
        put_item(&flow, edge, NULL, edge_count);
    }
    if (neighbours->count > limit) {
        rf_buf_string(page->out, ", and ");
        rf_paint_counted(page, neighbours->count - limit, "more type", "more types");
    }
    rf_buf_byte(page->out, '\n');
}

static void
put_section(const struct rf_page *page, const struct rf_types_report *report,
            const struct rf_type_row *row)
{
    put_headline(page, row);
    if (report->run->build_count > 0) {
        put_handling(page, row);
    }
    put_neighbours(page, report, "before:", "START", row->entry->starts, &row->before);
    put_neighbours(page, report, "after:", "END", row->entry->ends, &row->after);
    rf_types_text_paths(page, row->entry, is_whole(page, report));
}

static void
put_sections(const struct rf_page *page, const struct rf_types_report *report)
{
    size_t total = rf_types_total(report->listing).types;
    size_t limit = is_whole(page, report) ? total : SECTIONS_SHOWN;
    size_t shown = 0;
    for (size_t i = 0; i < report->listing->count && shown < limit; i++) {
        if (report->listing->rows[i].entry->is_wanted) {
            put_section(page, report, &report->listing->rows[i]);
            shown++;
        }
    }
    if (shown < total) {
        rf_paint_section(page);
        rf_buf_string(page->out, "and ");
        rf_paint_counted(page, total - shown, "more type", "more types");
        rf_buf_string(page->out, " in the table above; --type NAME shows one, -v shows all\n");
    }
}

/* ---- what else there is to say ---- */

/* What one aggregate declares and no event has: a type that is misspelt stands here, and as not
 * handled above. @return the first of the next aggregate */
static size_t
put_unseen_of(const struct rf_page *page, const struct rf_listing *listing, size_t first)
{
    const char *aggregate = listing->unseen[first].aggregate;
    struct flow flow = {.page = page, .line = page->out->used};
    rf_buf_string(page->out, "declared by ");
    rf_paint_word(page, aggregate);
    rf_buf_string(page->out, ", but not in the history: ");
    size_t at = first;
    for (; at < listing->unseen_count && listing->unseen[at].aggregate == aggregate; at++) {
        size_t before = begin_item(&flow);
        put_name(page, listing->unseen[at].type, strlen(listing->unseen[at].type));
        settle_item(&flow, before);
    }
    rf_buf_byte(page->out, '\n');
    return at;
}

static void
put_unseen(const struct rf_page *page, const struct rf_listing *listing)
{
    if (listing->unseen_count > 0) {
        rf_paint_section(page);
    }
    for (size_t i = 0; i < listing->unseen_count;) {
        i = put_unseen_of(page, listing, i);
    }
}

static void
put_limits(const struct rf_page *page, const struct rf_listing *listing)
{
    if (listing->others == 0 && listing->other_transitions == 0) {
        return;
    }
    rf_paint_section(page);
    rf_paint_color(page, RF_YELLOW);
    if (listing->others > 0) {
        rf_buf_string(page->out, "not listed: ");
        rf_paint_counted(page, listing->others, "event", "events");
        rf_buf_format(page->out,
                      " of types beyond the first %d; the counts of those may be too low\n",
                      RF_LIMIT_TYPES);
    }
    if (listing->other_transitions > 0) {
        rf_buf_string(page->out, "not listed: ");
        rf_paint_counted(page, listing->other_transitions, "event", "events");
        rf_buf_format(page->out, " behind another, beyond the first %d pairs of types\n",
                      RF_LIMIT_TRANSITIONS);
    }
    rf_paint_color(page, RF_PLAIN);
}

static void
put_listed(const struct rf_page *page, const struct rf_types_report *report)
{
    struct rf_types_total total = rf_types_total(report->listing);
    rf_paint_number(page, total.types);
    if (total.types < report->listing->count) {
        rf_buf_string(page->out, " of ");
        rf_paint_number(page, report->listing->count);
    }
    rf_buf_string(page->out, total.types == 1 && report->listing->count == 1 ? " type" : " types");
    rf_buf_string(page->out, " listed, ");
    rf_paint_counted(page, total.events, "event", "events");
    rf_paint_part(page, total.duplicates, "duplicate apart", "duplicates apart");
}

/* Why nothing, or not all, was listed. */
static void
put_outcome(const struct rf_page *page, const struct rf_types_report *report)
{
    const struct rf_flags *flags = &page->report->flags;
    int status = rf_verdict_exit(flags);
    rf_paint_color(page, status == 0 ? RF_GREEN : RF_RED);
    if (flags->signal != 0) {
        rf_buf_format(page->out, "ended by signal %d", flags->signal);
    } else if (flags->internal) {
        rf_buf_string(page->out, "refold itself failed, nothing above can be relied on");
    } else if (flags->incomplete) {
        rf_buf_string(page->out, "a source could not be read, or changed while it was read");
    } else if (report->listing == NULL) {
        rf_buf_string(page->out, "nothing could be listed");
    } else if (flags->nothing) {
        const struct rf_sums *sums = page->report->sums;
        rf_buf_string(page->out, sums->objects == 0  ? "no object was found"
                                 : sums->events == 0 ? "no event was read"
                                                     : "no event matched");
    } else {
        put_listed(page, report);
    }
    if (flags->damaged) {
        rf_buf_string(page->out, "; damaged: ");
        rf_buf_string(page->out, rf_text_damage_kinds(page, false) ? ": " : "");
        rf_buf_string(page->out, "the listing does not cover everything");
    }
    if (status != 0) {
        rf_buf_format(page->out, " (exit %d)", status);
    }
    rf_paint_color(page, RF_PLAIN);
    rf_buf_byte(page->out, '\n');
}

void
rf_types_text(const struct rf_types_report *report, struct rf_buf *out)
{
    const struct rf_report filled = rf_report_filled(report->run);
    struct rf_page page = rf_page_open(&filled, out);
    bool quiet = filled.verbosity < 0;
    if (report->listing != NULL && !quiet && rf_types_total(report->listing).types > 0) {
        put_table(&page, report);
        put_sections(&page, report);
    }
    if (report->listing != NULL && !quiet) {
        if (!report->selects_types) {
            put_unseen(&page, report->listing);
        }
        put_limits(&page, report->listing);
        rf_text_damages(&page);
        rf_text_history(&page);
        rf_paint_section(&page);
    }
    put_outcome(&page, report);
    if (!quiet) {
        rf_text_damage_help(&page);
    }
}

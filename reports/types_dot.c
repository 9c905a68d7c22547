/* SPDX-License-Identifier: MIT */
/* The listing of types for Graphviz: which type comes behind which, and how often. */
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/escape.h"
#include "reports/types_internal.h"

/* Shown characters of a name in a node. */
#define LABEL_WIDTH 60

/* A part of a label. First made printable, then safe inside DOT's quotes: a backslash begins an
 * escape of its own there, and & an entity of HTML. */
static void
put_label(struct rf_buf *out, const char *bytes, size_t count)
{
    struct rf_buf shown = {0};
    rf_escape_shown(&shown, bytes, count, LABEL_WIDTH);
    for (size_t i = 0; i < shown.used; i++) {
        char byte = shown.bytes[i];
        if (byte == '&') {
            rf_buf_string(out, "&amp;");
        } else if (byte == '"' || byte == '\\') {
            rf_buf_byte(out, '\\');
            rf_buf_byte(out, byte);
        } else {
            rf_buf_byte(out, byte);
        }
    }
    rf_buf_done(&shown);
}

static bool
is_shown(const struct rf_listing *listing, size_t row)
{
    return listing->rows[row].entry->is_wanted;
}

/* Whether a type that was not asked for stands beside one that was. */
static bool
is_beside(const struct rf_listing *listing, const struct rf_neighbours *neighbours)
{
    for (size_t i = 0; i < neighbours->count; i++) {
        if (is_shown(listing, neighbours->items[i].row)) {
            return true;
        }
    }
    return false;
}

static void
put_node(struct rf_buf *out, const struct rf_listing *listing, size_t at)
{
    const struct rf_type_row *row = &listing->rows[at];
    if (!row->entry->is_wanted && !is_beside(listing, &row->before) &&
        !is_beside(listing, &row->after)) {
        return;
    }
    rf_buf_format(out, "    t%zu [label=\"", at);
    put_label(out, row->type, row->type_bytes);
    rf_buf_format(out, "\\n%" PRIu64 "\"%s];\n", row->entry->events,
                  row->entry->is_wanted ? "" : ", style=dashed");
}

static void
put_edges(struct rf_buf *out, const struct rf_listing *listing, size_t at)
{
    const struct rf_type_row *row = &listing->rows[at];
    for (size_t i = 0; i < row->after.count; i++) {
        const struct rf_neighbour *next = &row->after.items[i];
        if (row->entry->is_wanted || is_shown(listing, next->row)) {
            rf_buf_format(out, "    t%zu -> t%zu [label=\"%" PRIu64 "\"];\n", at, next->row,
                          next->count);
        }
    }
}

static void
put_ends(struct rf_buf *out, size_t cluster, const struct rf_event_type *entry, size_t at)
{
    if (entry->is_wanted && entry->starts > 0) {
        rf_buf_format(out, "    start%zu -> t%zu [label=\"%" PRIu64 "\"];\n", cluster, at,
                      entry->starts);
    }
    if (entry->is_wanted && entry->ends > 0) {
        rf_buf_format(out, "    t%zu -> end%zu [label=\"%" PRIu64 "\"];\n", at, cluster,
                      entry->ends);
    }
}

static bool
same_aggregate(const struct rf_type_row *a, const struct rf_type_row *b)
{
    return a->entry->aggregate == b->entry->aggregate;
}

/* All types of one aggregate: no edge leaves them. `first` is the first of their rows. */
static void
put_cluster(struct rf_buf *out, const struct rf_listing *listing, size_t first)
{
    const struct rf_type_row *leader = &listing->rows[first];
    rf_buf_format(out, "  subgraph cluster_%zu {\n    label=\"", first);
    if (leader->aggregate != NULL) {
        put_label(out, leader->aggregate, leader->aggregate_bytes);
    }
    rf_buf_format(out, "\";\n    start%zu [label=\"START\", shape=plain];\n", first);
    rf_buf_format(out, "    end%zu [label=\"END\", shape=plain];\n", first);
    for (size_t i = first; i < listing->count; i++) {
        if (same_aggregate(leader, &listing->rows[i])) {
            put_node(out, listing, i);
        }
    }
    for (size_t i = first; i < listing->count; i++) {
        if (same_aggregate(leader, &listing->rows[i])) {
            put_ends(out, first, listing->rows[i].entry, i);
            put_edges(out, listing, i);
        }
    }
    rf_buf_string(out, "  }\n");
}

/* Whether a row is the first of its aggregate, and something of that is shown. */
static bool
leads_cluster(const struct rf_listing *listing, size_t at)
{
    const struct rf_type_row *row = &listing->rows[at];
    for (size_t i = 0; i < at; i++) {
        if (same_aggregate(row, &listing->rows[i])) {
            return false;
        }
    }
    for (size_t i = at; i < listing->count; i++) {
        if (same_aggregate(row, &listing->rows[i]) && is_shown(listing, i)) {
            return true;
        }
    }
    return false;
}

static void
put_title(struct rf_buf *out, const struct rf_types_report *report)
{
    const struct rf_flags *flags = &report->run->flags;
    struct rf_types_total total = rf_types_total(report->listing);
    rf_buf_format(out, "  label=\"%zu type%s, %" PRIu64 " event%s", total.types,
                  total.types == 1 ? "" : "s", total.events, total.events == 1 ? "" : "s");
    if (flags->damaged || report->listing->others > 0 || report->listing->other_transitions > 0) {
        rf_buf_string(out, "; not all of the history is here, see refold types without --dot");
    }
    rf_buf_string(out, "\";\n");
}

void
rf_types_dot(const struct rf_types_report *report, struct rf_buf *out)
{
    rf_buf_string(out, "digraph types {\n"
                       "  charset=\"UTF-8\";\n"
                       "  node [shape=box];\n");
    if (report->listing != NULL) {
        put_title(out, report);
        for (size_t i = 0; i < report->listing->count; i++) {
            if (leads_cluster(report->listing, i)) {
                put_cluster(out, report->listing, i);
            }
        }
    }
    rf_buf_string(out, "}\n");
}

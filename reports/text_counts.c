/* SPDX-License-Identifier: MIT */
/* The table of counts, and counts in words. */
#include "reports/text_internal.h"

#include <string.h>

#include "reports/text_table.h"

#define TALLIES_SHOWN 20

/* "equal", not "same": that word is the verdict's alone. */
static const struct rf_column COLUMNS[] = {
    {"instances", offsetof(struct rf_tally, instances), true},
    {"events", offsetof(struct rf_tally, events), true},
    {"compared", offsetof(struct rf_tally, compared), false},
    {"equal", offsetof(struct rf_tally, same), false},
    {"changed", offsetof(struct rf_tally, changed), false},
    {"unblessed", offsetof(struct rf_tally, unblessed), false},
    {"missing", offsetof(struct rf_tally, missing), false},
    {"uncompared", offsetof(struct rf_tally, uncompared), false},
    {"cut short", offsetof(struct rf_tally, cut_short), false},
    {"rejected", offsetof(struct rf_tally, rejected), false},
    {"crashed", offsetof(struct rf_tally, crashed), false},
    {"hung", offsetof(struct rf_tally, hung), false},
    {"impure", offsetof(struct rf_tally, impure), false},
    {"ignored only", offsetof(struct rf_tally, ignored_only), false},
};
#define COLUMN_COUNT (sizeof(COLUMNS) / sizeof(COLUMNS[0]))
_Static_assert(COLUMN_COUNT <= RF_COLUMNS_MOST, "room for all columns");

uint64_t
rf_text_value(const struct rf_tally *tally, size_t offset)
{
    uint64_t value;
    memcpy(&value, (const char *)tally + offset, sizeof(value));
    return value;
}

void
rf_text_add_up(struct rf_page *page)
{
    for (size_t row = 0; row < page->findings->tally_count; row++) {
        for (size_t i = 0; i < COLUMN_COUNT; i++) {
            uint64_t sum = rf_text_value(&page->total, COLUMNS[i].offset) +
                           rf_text_value(&page->findings->tallies[row], COLUMNS[i].offset);
            memcpy((char *)&page->total + COLUMNS[i].offset, &sum, sizeof(sum));
        }
        page->total.as_snapshot += page->findings->tallies[row].as_snapshot;
    }
}

void
rf_text_sum(const struct rf_page *page, size_t offset)
{
    const struct rf_findings *findings = page->findings;
    const char *names[2];
    uint64_t values[2];
    size_t found = 0;
    for (size_t i = 0; i < findings->tally_count; i++) {
        uint64_t value = rf_text_value(&findings->tallies[i], offset);
        if (value > 0 && found < 2) {
            names[found] = findings->tallies[i].name;
            values[found] = value;
        }
        found += value > 0;
    }
    if (found == 0 || found > 2) {
        rf_paint_counted(page, rf_text_value(&page->total, offset), "instance", "instances");
        if (found > 2) {
            rf_buf_string(page->out, " of ");
            rf_paint_counted(page, found, "aggregate", "aggregates");
        }
        return;
    }
    rf_paint_instances(page, values[0], names[0]);
    if (found == 2) {
        rf_buf_string(page->out, " and ");
        rf_paint_instances(page, values[1], names[1]);
    }
}

static size_t
number_width(uint64_t value)
{
    size_t digits = 1;
    while (value >= 10) {
        value /= 10;
        digits++;
    }
    return digits + (digits - 1) / 3;
}

static bool
is_shown_column(const struct rf_page *page, size_t column)
{
    return COLUMNS[column].always || rf_text_value(&page->total, COLUMNS[column].offset) > 0;
}

size_t
rf_text_columns(const struct rf_page *page, const struct rf_column *ret[RF_COLUMNS_MOST])
{
    size_t count = 0;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (is_shown_column(page, i)) {
            ret[count++] = &COLUMNS[i];
        }
    }
    return count;
}

/* No row is wider than the sum of all. */
static size_t
column_width(const struct rf_page *page, size_t column)
{
    size_t width = number_width(rf_text_value(&page->total, COLUMNS[column].offset));
    size_t title = strlen(COLUMNS[column].title);
    return width > title ? width : title;
}

/* Appends the name and returns how wide it came out. */
static size_t
put_row_name(const struct rf_page *page, const struct rf_tally *tally)
{
    size_t before = page->out->used;
    rf_paint_word(page, tally->name);
    return rf_text_width(page->out->bytes + before, page->out->used - before);
}

static size_t
names_width(const struct rf_page *page, size_t rows)
{
    size_t widest = strlen("aggregate");
    for (size_t i = 0; i < rows; i++) {
        size_t before = page->out->used;
        size_t width = put_row_name(page, &page->findings->tallies[i]);
        page->out->used = before;
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void
put_row_values(const struct rf_page *page, const struct rf_tally *tally)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (is_shown_column(page, i)) {
            uint64_t value = rf_text_value(tally, COLUMNS[i].offset);
            rf_paint_repeated(page, ' ', 2 + column_width(page, i) - number_width(value));
            rf_paint_number(page, value);
        }
    }
    rf_buf_byte(page->out, '\n');
}

static void
put_titles(const struct rf_page *page, size_t names)
{
    rf_paint_color(page, RF_DIM);
    rf_buf_string(page->out, "  aggregate");
    rf_paint_repeated(page, ' ', names - strlen("aggregate"));
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (is_shown_column(page, i)) {
            rf_paint_repeated(page, ' ', 2 + column_width(page, i) - strlen(COLUMNS[i].title));
            rf_buf_string(page->out, COLUMNS[i].title);
        }
    }
    rf_paint_color(page, RF_PLAIN);
    rf_buf_byte(page->out, '\n');
}

void
rf_text_counts(const struct rf_page *page)
{
    const struct rf_findings *findings = page->findings;
    size_t count = findings->tally_count;
    size_t rows = page->verbose || count < TALLIES_SHOWN ? count : TALLIES_SHOWN;
    if (count == 0) {
        return;
    }
    rf_paint_section(page);
    size_t names = names_width(page, rows);
    put_titles(page, names);
    for (size_t i = 0; i < rows; i++) {
        rf_buf_string(page->out, "  ");
        rf_paint_repeated(page, ' ', names - put_row_name(page, &findings->tallies[i]));
        put_row_values(page, &findings->tallies[i]);
    }
    if (rows < count) {
        rf_buf_string(page->out, "  and ");
        rf_paint_counted(page, count - rows, "more aggregate", "more aggregates");
        rf_buf_string(page->out, "; -v shows all\n");
    }
    if (count > 1) {
        rf_buf_string(page->out, "  all");
        rf_paint_repeated(page, ' ', names - strlen("all"));
        put_row_values(page, &page->total);
    }
}

static uint64_t
less(uint64_t all, uint64_t some)
{
    return all > some ? all - some : 0;
}

/* Lines of the golden that this bless wrote, or removed, of one aggregate. */
static struct rf_bless_summary
blessed_of(const struct rf_page *page, const char *aggregate)
{
    const struct rf_report *report = page->report;
    for (size_t i = 0; i < report->part_count; i++) {
        if (strcmp(report->parts[i].aggregate, aggregate) == 0) {
            return report->parts[i].counts;
        }
    }
    return (struct rf_bless_summary){0};
}

/* Lines that were written, or would be. */
static struct rf_quiet
quiet_lines(const struct rf_page *page, uint64_t count)
{
    return page->report->dry_run
               ? (struct rf_quiet){count, "instance would be blessed", "instances would be blessed",
                                   RF_GOLDEN_STAYS}
               : (struct rf_quiet){count, "instance is blessed", "instances are blessed", NULL};
}

/* Where a part was accepted: all else is as the golden had it, or was declined. */
static void
quiet_of_part(const struct rf_page *page, const struct rf_tally *tally,
              struct rf_quiet rows[RF_QUIET_MOST])
{
    const struct rf_bless_summary counts = blessed_of(page, tally->name);
    uint64_t lines = counts.added + counts.changed + counts.unchanged;
    uint64_t differing = tally->changed + tally->missing + tally->rejected + tally->unblessed;
    rows[1] = quiet_lines(page, lines);
    rows[2] =
        (struct rf_quiet){less(differing, lines + counts.removed), "difference was not accepted",
                          "differences were not accepted", "the golden's lines are as they were"};
}

size_t
rf_text_quiet(const struct rf_page *page, const struct rf_tally *tally,
              struct rf_quiet ret[RF_QUIET_MOST])
{
    static const char no_part[] = "no part of the comparison";
    uint64_t fit = less(tally->instances, tally->crashed + tally->hung + tally->impure);
    bool strict = rf_text_unblessed_differences(page) > 0;
    struct rf_quiet rows[RF_QUIET_MOST] = {
        {tally->same, "instance is the same", "instances are the same", NULL},
        {strict ? 0 : tally->unblessed, "instance is unblessed", "instances are unblessed",
         no_part},
        {0, NULL, NULL, NULL},
        {tally->uncompared, "instance is uncompared", "instances are uncompared", no_part},
    };
    if (rf_text_is_blessed(page) && page->report->chosen) {
        quiet_of_part(page, tally, rows);
    } else if (rf_text_is_blessed(page)) {
        rows[0] = quiet_lines(page, fit);
    } else if (rf_text_is_bless(page)) {
        rows[0] = (struct rf_quiet){fit, "instance is not blessed", "instances are not blessed",
                                    RF_GOLDEN_STAYS};
    } else if (page->report->flags.no_compare) {
        rows[0] = (struct rf_quiet){less(fit, tally->rejected), "instance is folded, not compared",
                                    "instances are folded, not compared", no_part};
    }
    size_t count = 0;
    for (size_t i = 0; i < RF_QUIET_MOST; i++) {
        if (rows[i].count > 0) {
            ret[count++] = rows[i];
        }
    }
    return count;
}

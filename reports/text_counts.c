/* SPDX-License-Identifier: MIT */
/* The table of counts in the text report. */
#include "reports/text_internal.h"

#include <string.h>

#define TALLIES_SHOWN 20

struct column {
    const char *title;
    size_t offset; /* in struct rf_tally */
    bool always;
};

/* "equal", not "same": that word is the verdict's alone. */
static const struct column COLUMNS[] = {
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

static uint64_t
tally_value(const struct rf_tally *tally, size_t offset)
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
            uint64_t sum = tally_value(&page->total, COLUMNS[i].offset) +
                           tally_value(&page->findings->tallies[row], COLUMNS[i].offset);
            memcpy((char *)&page->total + COLUMNS[i].offset, &sum, sizeof(sum));
        }
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
        uint64_t value = tally_value(&findings->tallies[i], offset);
        if (value > 0 && found < 2) {
            names[found] = findings->tallies[i].name;
            values[found] = value;
        }
        found += value > 0;
    }
    if (found == 0 || found > 2) {
        rf_paint_counted(page, tally_value(&page->total, offset), "instance", "instances");
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

/* Characters, as a terminal would count most of them. */
static size_t
text_width(const char *bytes, size_t count)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++) {
        width += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    }
    return width;
}

static void
put_blanks(const struct rf_page *page, size_t count)
{
    while (count-- > 0) {
        rf_buf_byte(page->out, ' ');
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
    return COLUMNS[column].always || tally_value(&page->total, COLUMNS[column].offset) > 0;
}

/* No row is wider than the sum of all. */
static size_t
column_width(const struct rf_page *page, size_t column)
{
    size_t width = number_width(tally_value(&page->total, COLUMNS[column].offset));
    size_t title = strlen(COLUMNS[column].title);
    return width > title ? width : title;
}

/* Appends the name and returns how wide it came out. */
static size_t
put_row_name(const struct rf_page *page, const struct rf_tally *tally)
{
    size_t before = page->out->used;
    rf_paint_word(page, tally->name);
    return text_width(page->out->bytes + before, page->out->used - before);
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
            uint64_t value = tally_value(tally, COLUMNS[i].offset);
            put_blanks(page, 2 + column_width(page, i) - number_width(value));
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
    put_blanks(page, names - strlen("aggregate"));
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (is_shown_column(page, i)) {
            put_blanks(page, 2 + column_width(page, i) - strlen(COLUMNS[i].title));
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
        put_blanks(page, names - put_row_name(page, &findings->tallies[i]));
        put_row_values(page, &findings->tallies[i]);
    }
    if (rows < count) {
        rf_buf_string(page->out, "  and ");
        rf_paint_counted(page, count - rows, "more aggregate", "more aggregates");
        rf_buf_string(page->out, "; -v shows all\n");
    }
    if (count > 1) {
        rf_buf_string(page->out, "  all");
        put_blanks(page, names - strlen("all"));
        put_row_values(page, &page->total);
    }
}

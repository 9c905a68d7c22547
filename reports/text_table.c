/* SPDX-License-Identifier: MIT */
/* A table of a text report. */
#include "reports/text_table.h"

#include <string.h>

size_t
rf_text_width(const char *bytes, size_t count)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++) {
        width += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    }
    return width;
}

void
rf_table_begin(struct rf_table *table, const char *const *titles, size_t columns)
{
    RF_VERIFY(columns <= RF_TABLE_COLUMNS);
    *table = (struct rf_table){.columns = columns};
    for (size_t i = 0; i < columns; i++) {
        table->to_the_right[i] = titles[i][0] == ' ';
        rf_buf_string(&table->cells, titles[i] + table->to_the_right[i]);
        rf_table_cell(table);
    }
}

void
rf_table_cell(struct rf_table *table)
{
    RF_GROW(table->ends, table->cell_room, table->cell_count + 1);
    table->ends[table->cell_count++] = table->cells.used;
}

static const char *
cell_text(const struct rf_table *table, size_t cell, size_t *ret_bytes)
{
    size_t start = cell == 0 ? 0 : table->ends[cell - 1];
    *ret_bytes = table->ends[cell] - start;
    return table->cells.bytes + start;
}

static size_t
cell_width(const struct rf_table *table, size_t cell)
{
    size_t bytes;
    const char *text = cell_text(table, cell, &bytes);
    return rf_text_width(text, bytes);
}

static void
measure(const struct rf_table *table, size_t widths[RF_TABLE_COLUMNS])
{
    memset(widths, 0, RF_TABLE_COLUMNS * sizeof(*widths));
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t width = cell_width(table, i);
        size_t column = i % table->columns;
        widths[column] = width > widths[column] ? width : widths[column];
    }
}

static void
put_blanks(struct rf_buf *out, size_t count)
{
    while (count-- > 0) {
        rf_buf_byte(out, ' ');
    }
}

static void
put_row(const struct rf_table *table, const size_t *widths, size_t first, struct rf_buf *out)
{
    size_t owed = 0; /* blanks that stand only in front of something */
    for (size_t i = 0; i < table->columns; i++) {
        size_t bytes;
        const char *text = cell_text(table, first + i, &bytes);
        size_t rest = widths[i] - rf_text_width(text, bytes);
        owed += (i > 0 ? 2 : 0) + (table->to_the_right[i] ? rest : 0);
        if (bytes > 0) {
            put_blanks(out, owed);
            rf_buf_add(out, text, bytes);
            owed = 0;
        }
        owed += table->to_the_right[i] ? 0 : rest;
    }
}

void
rf_table_end(struct rf_table *table, const struct rf_page *page, const char *indent)
{
    size_t widths[RF_TABLE_COLUMNS];
    RF_VERIFY(table->cell_count % table->columns == 0);
    measure(table, widths);
    for (size_t first = 0; first < table->cell_count; first += table->columns) {
        rf_buf_string(page->out, indent);
        rf_paint_color(page, first == 0 ? RF_DIM : "");
        put_row(table, widths, first, page->out);
        rf_paint_color(page, first == 0 ? RF_PLAIN : "");
        rf_buf_byte(page->out, '\n');
    }
    rf_buf_done(&table->cells);
    free(table->ends);
}

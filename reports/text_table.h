/* SPDX-License-Identifier: MIT */
/* A table of a text report: cells first, then all of it, in columns as wide as they must be. */
#ifndef RF_REPORTS_TEXT_TABLE_H
#define RF_REPORTS_TEXT_TABLE_H

#include "reports/text_paint.h"

#define RF_TABLE_COLUMNS 10

struct rf_table {
    struct rf_buf cells; /**< all texts, one behind the other */
    size_t *ends;        /**< of each cell in `cells`, row by row */
    size_t cell_count, cell_room;
    size_t columns;
    bool to_the_right[RF_TABLE_COLUMNS];
};

/** `titles` are the first row; a blank in front of one puts its column to the right. */
void rf_table_begin(struct rf_table *table, const char *const *titles, size_t columns);

/** What was written into table->cells since the last call is the next cell. */
void rf_table_cell(struct rf_table *table);

/** Prints all rows, `indent` in front of each, and frees the table. */
void rf_table_end(struct rf_table *table, const struct rf_page *page, const char *indent);

/** Characters, as a terminal would count most of them. */
size_t rf_text_width(const char *bytes, size_t count);

#endif

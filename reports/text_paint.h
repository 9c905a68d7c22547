/* SPDX-License-Identifier: MIT */
/* The text report in the making: its words, numbers and colour. Of reports/text*.c only. */
#ifndef RF_REPORTS_TEXT_PAINT_H
#define RF_REPORTS_TEXT_PAINT_H

#include "reports/report.h"

#define RF_RED    "\x1b[31m"
#define RF_GREEN  "\x1b[32m"
#define RF_YELLOW "\x1b[33m"
#define RF_DIM    "\x1b[2m"
#define RF_BOLD   "\x1b[1m"
#define RF_PLAIN  "\x1b[0m"

/* Shown characters of a value, a name, a message. */
#define RF_VALUE_WIDTH   120
#define RF_NAME_WIDTH    120
#define RF_MESSAGE_WIDTH 240

/** The report in the making. `report` is filled (rf_report_filled); all is borrowed. */
struct rf_page {
    struct rf_buf *out;
    const struct rf_report *report;
    const struct rf_findings *findings;
    struct rf_tally total; /**< over all aggregates */
    size_t start;          /**< where the page begins in `out` */
    bool verbose;
};

/** A page of the text report: `filled` is the caller's storage and outlives the page. */
struct rf_page rf_page_begin(const struct rf_report *report, struct rf_report *filled,
                             struct rf_buf *out);

/** From here on in this colour, where colour is wanted. */
void rf_paint_color(const struct rf_page *page, const char *code);

/** A blank line between what belongs together. */
void rf_paint_section(const struct rf_page *page);

/** 4,120 */
void rf_paint_number(const struct rf_page *page, uint64_t value);

/** "1 gap", "4,120 gaps" */
void rf_paint_counted(const struct rf_page *page, uint64_t count, const char *one,
                      const char *many);

/** ", 4,120 gaps"; of 0 nothing */
void rf_paint_part(const struct rf_page *page, uint64_t count, const char *one, const char *many);

/** An id, type, path or file name: quoted where it would not read as one word. */
void rf_paint_name(const struct rf_page *page, const char *bytes, size_t count);
void rf_paint_word(const struct rf_page *page, const char *name);

/** A JSON pointer; the empty one in words. */
void rf_paint_path(const struct rf_page *page, const char *path);

/** "4,120 orders", or "4,120 instances of 'some name'" */
void rf_paint_instances(const struct rf_page *page, uint64_t count, const char *aggregate);

#endif

/* SPDX-License-Identifier: MIT */
/* Sentences in the making: words, numbers and colour, for all reports that people read. Of reports/
 * only. */
#ifndef RF_REPORTS_TEXT_PAINT_H
#define RF_REPORTS_TEXT_PAINT_H

#include "reports/report.h"
#include "reports/text.h"

#define RF_RED    "\x1b[31m"
#define RF_GREEN  "\x1b[32m"
#define RF_YELLOW "\x1b[33m"
#define RF_DIM    "\x1b[2m"
#define RF_BOLD   "\x1b[1m"
#define RF_PLAIN  "\x1b[0m"

/* Shown characters of a value, a name, a message. */
#define RF_VALUE_WIDTH   RF_TEXT_VALUE_WIDTH
#define RF_NAME_WIDTH    240
#define RF_MESSAGE_WIDTH 240

/** The report in the making. `report` is filled (rf_report_filled); all is borrowed. */
struct rf_page {
    struct rf_buf *out;
    const struct rf_report *report;
    const struct rf_findings *findings;
    struct rf_tally total; /**< over all aggregates */
    size_t start;          /**< where the page begins in `out` */
    bool verbose;
    size_t name_width;  /**< shown characters of a name: RF_NAME_WIDTH, or all of it */
    const char *indent; /**< in front of the lines below a headline */
    bool hints;         /**< says which option shows more */
    bool spans;         /**< Markdown: whatever came from outside stands in a code span */
    size_t value_width; /**< shown characters of a value; mostly RF_VALUE_WIDTH */
};

/** A page on which parts of a report are printed; counts are not added up. `report` outlives it. */
struct rf_page rf_page_open(const struct rf_report *report, struct rf_buf *out);

/** A page of the text report: `filled` is the caller's storage and outlives the page. */
struct rf_page rf_page_begin(const struct rf_report *report, struct rf_report *filled,
                             struct rf_buf *out);

/** The same for other formats: nothing that -q, -v or a terminal asked for. */
struct rf_page rf_page_begin_plain(const struct rf_report *report, struct rf_report *filled,
                                   struct rf_buf *out);

/** From here on in this colour, where colour is wanted. */
void rf_paint_color(const struct rf_page *page, const char *code);

/** A blank line between what belongs together. */
void rf_paint_section(const struct rf_page *page);

void rf_paint_repeated(const struct rf_page *page, char byte, size_t count);

/** The same page, written elsewhere. */
struct rf_page rf_page_into(const struct rf_page *page, struct rf_buf *out);

/** Cuts lines that are longer than `limit` bytes behind the last one that is within, and says so.
 */
void rf_paint_cut(struct rf_buf *lines, size_t limit);

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

/** A sentence from outside, cut behind `limit` characters. */
void rf_paint_message(const struct rf_page *page, const char *text, size_t limit);

/** A value, from byte `from` of its JSON text on, cut at RF_VALUE_WIDTH. */
void rf_paint_value(const struct rf_page *page, const char *json, size_t from);

/** A JSON pointer; the empty one in words. */
void rf_paint_path(const struct rf_page *page, const char *path);

/** "4,120 orders", or "4,120 instances of 'some name'" */
void rf_paint_instances(const struct rf_page *page, uint64_t count, const char *aggregate);

#endif

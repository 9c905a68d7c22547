/* SPDX-License-Identifier: MIT */
/* What `refold ls` found, and the forms in which it is written. */
#ifndef RF_REPORTS_LS_H
#define RF_REPORTS_LS_H

#include "base/buf.h"
#include "look/outlook.h"
#include "reports/report.h"

struct rf_ls_report {
    const struct rf_report *run;      /**< flags, error, warnings, looks. Borrowed, as all else */
    const struct rf_objects *objects; /**< NULL: it ended before anything was listed */
    const struct rf_outlook *outlook;
    const struct rf_prices *prices;
    bool lists;      /**< each object has a line */
    bool payer_asks; /**< --request-payer: who reads a bucket pays for it */
};

/** For people: one screen, whatever the history's length, but for the objects' lines. */
void rf_ls_text(const struct rf_ls_report *report, struct rf_buf *out);
/** For programs: schema/ls.schema.json. */
void rf_ls_json(const struct rf_ls_report *report, struct rf_buf *out);

/* The picture of a calendar, in ls_picture.c: a row for a day, a month or a year, and in it a mark
 * for each hour, day or week. */
struct rf_page;
void rf_ls_picture(const struct rf_page *page, const struct rf_calendar *calendar);
/** What --since and --until left out of what was listed. */
struct rf_load rf_ls_outside(const struct rf_objects *objects);
/** "1.9 GiB", "812 bytes" */
void rf_ls_bytes(const struct rf_page *page, uint64_t bytes);
/** "2026-07-01T00 to 2026-07-01T05", of [from, to). */
void rf_ls_stretch(const struct rf_page *page, enum rf_grain grain, int64_t from, int64_t to);
/** "hour", "day", "month", "year", with an s where there are several. */
const char *rf_ls_unit(enum rf_grain grain, uint64_t count);
/** Lines for the stretches without objects, the unlike ones first told; `most` of them. */
void rf_ls_gaps(const struct rf_page *page, const struct rf_calendar *calendar, size_t most);

#endif

/* SPDX-License-Identifier: MIT */
/* Parts of the text report on their own: for whoever asks what is to be accepted. */
#ifndef RF_REPORTS_TEXT_H
#define RF_REPORTS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "golden/findings.h"

/** Shown characters of a value, where nothing else is asked for. */
#define RF_TEXT_VALUE_WIDTH 120

/** How a part looks. */
struct rf_text_look {
    bool color;
    bool verbose;       /**< more samples and changes */
    size_t value_width; /**< shown characters of a value */
};

/** 4,120 */
void rf_text_part_number(uint64_t value, struct rf_buf *out);
/** "4,120 orders changed: /status "paid" -> "approved", last written by OrderApproved" */
void rf_text_part_headline(const struct rf_text_look *look, const struct rf_cluster *cluster,
                           struct rf_buf *out);
/** The headline, what is to be known of it, and samples. */
void rf_text_part_cluster(const struct rf_text_look *look, const struct rf_cluster *cluster,
                          struct rf_buf *out);
/** One instance: its headline, the event to blame, what changed. */
void rf_text_part_difference(const struct rf_text_look *look,
                             const struct rf_difference *difference, struct rf_buf *out);

#endif

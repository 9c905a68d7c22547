/* SPDX-License-Identifier: MIT */
/* Findings of which only some values are told: of all others their type and length. */
#ifndef RF_GOLDEN_VEIL_H
#define RF_GOLDEN_VEIL_H

#include <stdbool.h>
#include <stddef.h>

#include "golden/findings.h"

/** What of one aggregate is told: values at or below these pointers, "*" for any one step. */
struct rf_shown_values {
    const char *aggregate;
    char *const *pointers;
    size_t count;
};

/** Put descriptions, as JSON strings, in place of the values in changes and clusters that are not
 * told, and of messages with an aggregate's own words. Of aggregates that are not listed everything
 * is told. Doing it twice is as doing it once. */
void rf_findings_veil(struct rf_findings *findings, const struct rf_shown_values *shown,
                      size_t count);

/** Whether it takes the values away that a cluster's members share. */
bool rf_cluster_is_veiled(const struct rf_cluster *cluster, const struct rf_shown_values *shown,
                          size_t count);

#endif

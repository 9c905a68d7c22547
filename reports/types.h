/* SPDX-License-Identifier: MIT */
/* What `refold types` found, and the three forms in which it is written. */
#ifndef RF_REPORTS_TYPES_H
#define RF_REPORTS_TYPES_H

#include "base/buf.h"
#include "reports/report.h"
#include "types/listing.h"

struct rf_types_report {
    /** The replay that found it: flags, sums, damage, warnings, builds; events that are listed are
     * counted as folded. Borrowed, as all else. */
    const struct rf_report *run;
    const struct rf_listing *listing; /**< NULL: it ended before anything was listed */
    bool selects_types;               /**< --type: other types are only neighbours */
};

/** For people. */
void rf_types_text(const struct rf_types_report *report, struct rf_buf *out);
/** For programs: schema/types.schema.json. */
void rf_types_json(const struct rf_types_report *report, struct rf_buf *out);
/** For Graphviz: a digraph of the types and of how they follow each other. */
void rf_types_dot(const struct rf_types_report *report, struct rf_buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/* The shape of a type's data, for people. Of reports/types*.c only. */
#ifndef RF_REPORTS_TYPES_TEXT_PATHS_H
#define RF_REPORTS_TYPES_TEXT_PATHS_H

#include "reports/text_paint.h"
#include "reports/types_internal.h"

/** A table of the paths; `whole`: however many there are, and however many values. */
void rf_types_text_paths(const struct rf_page *page, const struct rf_event_type *entry, bool whole);

#endif

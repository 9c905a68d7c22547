/* SPDX-License-Identifier: MIT */
/* An instance's events in fold order, and which of them are equal. */
#ifndef RF_HISTORY_ORDER_H
#define RF_HISTORY_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"
#include "history/data.h"
#include "history/group.h"

/** The order of the history: by (object, offset, part), as for qsort. */
int rf_compare_origins(const struct rf_packed_event *a, const struct rf_packed_event *b);

/** Sort by (version, object, offset, part): the first of each version is the one that is folded. */
void rf_order_versions(struct rf_entry *entries, size_t count);

/** Memory for rf_order_places; all zero is valid. */
struct rf_places {
    struct rf_entry **heads;
    size_t room;
};

/**
 * Give the entries of a versionless instance their places as versions, and sort as above.
 *
 * Entries with the same event id share the place of their first in (object, offset, part); places
 * are 1 to n by these firsts' (at, object, offset, part). Entries without a time come first.
 *
 * @return  whether an event id was missing somewhere, so that duplicates could not be told
 */
bool rf_order_places(struct rf_places *places, struct rf_entry *entries, size_t count);
void rf_places_done(struct rf_places *places);

/** Compares events of one sealed history; remembers the canonical data of the one that it last
 * compared others with. All zero but for the reader's names is valid. */
struct rf_comparer {
    struct rf_data_reader data;
    const struct rf_packed_event *kept;
    struct rf_json doc;
    struct rf_buf kept_text;
    struct rf_buf text;
};

/** What two events of one version do not share. */
enum rf_unlike {
    RF_UNLIKE_NOTHING, /**< they are equal (contract.md, "Identity, order, duplicates, gaps") */
    RF_UNLIKE_TYPE,
    RF_UNLIKE_TIME,
    RF_UNLIKE_DATA,
};

/** Hashes only tell that events differ: that they are equal is found out on their texts. */
enum rf_unlike rf_compare_events(struct rf_comparer *comparer, const struct rf_packed_event *kept,
                                 const struct rf_packed_event *other);
void rf_comparer_done(struct rf_comparer *comparer);

#endif

/* SPDX-License-Identifier: MIT */
/* The paths of a type's data, for the writers of listings. Of reports/types*.c only. */
#ifndef RF_REPORTS_TYPES_INTERNAL_H
#define RF_REPORTS_TYPES_INTERNAL_H

#include "reports/types.h"

/** How one gets from the path above to this one. */
enum rf_step_kind {
    RF_STEP_ROOT,    /**< the whole data */
    RF_STEP_MEMBER,  /**< by a key */
    RF_STEP_KEY,     /**< by any key of a map */
    RF_STEP_ELEMENT, /**< by any index of an array */
};

/** A path on its way to a listing. */
struct rf_path_row {
    const struct rf_data_path *path;
    const char *pointer; /**< RFC 6901, with `*` for any key or index; borrowed for the call */
    size_t pointer_bytes;
    enum rf_step_kind step;
    uint64_t count;  /**< how often something stood here */
    uint64_t of;     /**< how often it could have: objects, maps or arrays at the path above; the
                          type's events for the whole data */
    bool has_events; /**< path->events is known */
};

/** Calls `each` for a type's paths: a path before those below it, elements and any key first, then
 * members by the bytes of their keys. */
void rf_types_each_path(const struct rf_event_type *entry,
                        void (*each)(void *context, const struct rf_path_row *row), void *context);

/** Sums over the types that are shown. */
struct rf_types_total {
    size_t types;
    uint64_t events;
    uint64_t duplicates;
};
struct rf_types_total rf_types_total(const struct rf_listing *listing);

#endif

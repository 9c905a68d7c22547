/* SPDX-License-Identifier: MIT */
/* A catalogue as it is shown: types with their names, most frequent first, and who handles them. */
#ifndef RF_TYPES_LISTING_H
#define RF_TYPES_LISTING_H

#include <stddef.h>
#include <stdint.h>

#include "base/names.h"
#include "history/rules.h"
#include "host/build.h"
#include "types/catalog.h"

/** What a fold would do with events of a type. */
enum rf_handling {
    RF_HANDLING_DECLARED,   /**< their aggregate declares the type */
    RF_HANDLING_ANY,        /**< it takes any type */
    RF_HANDLING_SKIPPED,    /**< the config skips it */
    RF_HANDLING_UNDECLARED, /**< their aggregate does not know it: the fold would end there */
    RF_HANDLING_UNCLAIMED,  /**< no loaded aggregate takes them */
};

/** As JSON names it: "declared", … */
const char *rf_handling_name(enum rf_handling handling);

/** How often a type came right before or behind another. */
struct rf_neighbour {
    size_t row; /**< of the other one */
    uint64_t count;
};

struct rf_neighbours {
    struct rf_neighbour *items; /**< most frequent first, then by row */
    size_t count, room;
};

struct rf_type_row {
    const struct rf_event_type *entry;
    const char *aggregate; /**< NULL: the events name none, and no loaded one fits */
    size_t aggregate_bytes;
    const char *type;
    size_t type_bytes;
    enum rf_handling handling;
    const char *handler; /**< name of the aggregate that handles, skips or does not know it; NULL */
    struct rf_neighbours before, after;
};

/** A type that a loaded aggregate declares, and no event has. */
struct rf_unseen {
    const char *aggregate;
    const char *type;
};

/** All borrows from the catalogue, names and builds. */
struct rf_listing {
    struct rf_type_row *rows; /**< by events, the most first; then by aggregate and type bytes */
    size_t count;
    struct rf_unseen *unseen; /**< in the order of builds and their tables */
    size_t unseen_count;
    uint64_t others; /**< events, and pairs of events, beyond limits: see catalog.h */
    uint64_t other_transitions;
};

/** Sorts what is in the catalogue too. `builds` has one for each claim. */
void rf_listing_make(struct rf_catalog *catalog, const struct rf_names *names,
                     const struct rf_gather_rules *rules, struct rf_build *const *builds,
                     struct rf_listing *ret);
void rf_listing_done(struct rf_listing *listing);

#endif

/* SPDX-License-Identifier: MIT */
/* The catalogue: every event type, how often, from when to when, what stands around it. */
#ifndef RF_TYPES_CATALOG_H
#define RF_TYPES_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "history/instance.h"
#include "types/shape.h"

/** One event type of one aggregate. */
struct rf_event_type {
    uint32_t aggregate; /**< names' numbers; RF_NAME_NONE: the events name no aggregate */
    uint32_t type;
    uint32_t index; /**< in the catalogue */
    size_t claim;   /**< of its instances; or RF_CLAIM_NONE */
    uint64_t events;
    uint64_t instances;
    uint64_t last_instance; /**< the number of the last of these */
    uint64_t duplicates;    /**< further events that are equal to one of these */
    uint64_t conflicts;     /**< further events of a version of these that are not */
    uint64_t starts, ends;  /**< how often it was the first event of an instance, and the last */
    bool has_time;
    struct rf_time first, last;
    bool is_wanted; /**< its data is looked at */
    struct rf_shape_tree shape;
};

/** So often one type came right behind another. */
struct rf_transition {
    uint32_t from, to; /**< indexes of types */
    uint64_t count;    /**< 0: a free slot */
};

struct rf_catalog;

/** Which types' data is to be looked at; a request's part of it. */
struct rf_catalog_wish {
    bool (*wants)(const void *context, uint32_t type); /**< by the name's number; NULL: all */
    const void *context;
};

/** `wish` is borrowed. One thread at a time. */
struct rf_catalog *rf_catalog_new(const struct rf_catalog_wish *wish);
/** Accepts NULL. */
void rf_catalog_free(struct rf_catalog *catalog);

/** Enters all events of an instance, gathered by the rule `everything`. */
void rf_catalog_add(struct rf_catalog *catalog, struct rf_shaper *shaper,
                    const struct rf_instance *instance);

/**
 * Adds what the other one counted; that one is as it was.
 *
 * While no limit is hit, a catalogue depends only on the instances that were added. Behind a limit
 * it depends on their order and on the joins too: whoever wants the same again keeps to one order.
 */
void rf_catalog_join(struct rf_catalog *catalog, const struct rf_catalog *other);

/* What it holds. */
size_t rf_catalog_count(const struct rf_catalog *catalog);
struct rf_event_type *rf_catalog_at(struct rf_catalog *catalog, size_t index);
/** The slots of a table, free ones among them: `ret_count` of them. */
const struct rf_transition *rf_catalog_transitions(const struct rf_catalog *catalog,
                                                   size_t *ret_count);
/** Events of types beyond RF_LIMIT_TYPES: where there are some, other types may count too few. */
uint64_t rf_catalog_others(const struct rf_catalog *catalog);
/** Pairs of events beyond RF_LIMIT_TRANSITIONS, or with an event of such a type. */
uint64_t rf_catalog_other_transitions(const struct rf_catalog *catalog);

#endif

/* SPDX-License-Identifier: MIT */
/* What lies ahead of a replay: what its objects amount to, and what reading them costs. */
#ifndef RF_LOOK_OUTLOOK_H
#define RF_LOOK_OUTLOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "look/calendar.h"
#include "look/price.h"
#include "walk/walk.h"

/** Some of the objects. */
struct rf_load {
    uint64_t objects;
    uint64_t bytes;    /**< as stored, where that is known */
    uint64_t unsized;  /**< objects where it is not */
    const char *first; /**< the name of the first of them; borrowed, or NULL */
};

/** How a storage class is read. */
enum rf_warmth {
    RF_WARMTH_WARM,
    RF_WARMTH_FEE,     /**< at once, for a fee a GB */
    RF_WARMTH_PERHAPS, /**< nobody tells: some may lie in an archive */
    RF_WARMTH_COLD,    /**< not before it is restored */
};

struct rf_storage_load {
    const char *storage; /**< borrowed */
    enum rf_warmth warmth;
    struct rf_load load;
};

/** All borrows from the objects. */
struct rf_outlook {
    struct rf_load all;
    struct rf_load errors;  /**< below an error prefix: not read */
    struct rf_load special; /**< fifos, sockets, devices: not read */
    struct rf_load flawed;  /**< that cannot be read: rf_object.flaw */
    struct rf_load others;  /**< of the rest: named as neither Firehose nor a packer names */
    struct rf_load odd; /**< of the rest: an odd name, a packer's or the user's, not Firehose's */
    struct rf_load hollow; /**< of all that is read: of no bytes, that promises some */
    struct rf_load packed; /**< of all: their events come from a pack, and they are not read */
    struct rf_calendar calendar;
    struct rf_storage_load *storages; /**< by name; none where no listing tells */
    size_t storage_count, storage_room;
    struct rf_requests requests;
};

/** @objects  walked with `hours` */
void rf_outlook_make(const struct rf_objects *objects, struct rf_outlook *ret);
void rf_outlook_done(struct rf_outlook *outlook);

/** What its requests and bytes cost. */
double rf_outlook_cost(const struct rf_outlook *outlook, const struct rf_prices *prices);

#endif

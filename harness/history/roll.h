/* SPDX-License-Identifier: MIT */
/* The order in which instances are gone through where nothing else gives one. */
#ifndef RF_HISTORY_ROLL_H
#define RF_HISTORY_ROLL_H

#include <stddef.h>
#include <stdint.h>

#include "history/gather.h"

/** An instance and its place. */
struct rf_roll_place {
    uint32_t number; /**< of its class */
    const struct rf_instance *instance;
};

/** Reused from portion to portion; all zero is valid. */
struct rf_roll {
    struct rf_roll_place *places;
    size_t room;
};

/**
 * Put a portion's instances, each of which has a step (the rule `everything`), in order: by their
 * classes first, so that a bucket that is divided between them is gone through in the same order as
 * one that is not. It depends on ids and names alone.
 * @return  as many as the gathering has; borrowed until the next call
 */
const struct rf_roll_place *rf_roll_call(struct rf_roll *roll,
                                         const struct rf_gathering *gathering);
void rf_roll_done(struct rf_roll *roll);

#endif

/* SPDX-License-Identifier: MIT */
/* The content hash of values that differ in their scalars alone: what their keys and brackets
 * contribute is worked out once. */
#ifndef RF_BASE_JSON_HASH_PLAN_H
#define RF_BASE_JSON_HASH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

/** Containers in one another, at most. */
#define RF_HASH_PLAN_DEPTH 16

/** A bracket, and the scalars behind it. */
struct rf_hash_step {
    uint32_t count;    /**< members of the object that ends here */
    uint32_t members;  /**< scalars up to the next bracket, in an object */
    uint32_t elements; /**< … in an array */
    uint8_t what;
    bool keyed; /**< what ends here is a member's value, and no element */
};

struct rf_hash_key; /* json_hash_parts.h */

/** All zero is valid and empty. */
struct rf_hash_plan {
    struct rf_hash_step *steps; /**< owned; none of a scalar by itself */
    size_t count;
    size_t room;
    struct rf_hash_key *keys; /**< of members, in the order in which their values end; owned */
    size_t key_count;
    size_t key_room;
};

/**
 * A plan of the container `node`, which holds no repeated key.
 * @return  false where it is nested deeper than RF_HASH_PLAN_DEPTH
 */
bool rf_hash_plan_make(const struct rf_json *doc, uint32_t node, struct rf_hash_plan *ret);
void rf_hash_plan_done(struct rf_hash_plan *plan);

/** What rf_json_hash gives for a value of the same keys and brackets.
 * @scalars  the hashes of its scalars, in their order */
uint64_t rf_hash_plan_run(const struct rf_hash_plan *plan, const uint64_t *scalars);

#endif

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

struct rf_hash_step {
    uint64_t key_hash; /**< of the key that what this step ends belongs to; without a key 0 */
    uint32_t count;    /**< members of the object that ends here */
    uint8_t what;
    bool keyed; /**< it is a member's value, and no element */
};

/** All zero is valid and empty. */
struct rf_hash_plan {
    struct rf_hash_step *steps; /**< owned */
    size_t count;
    size_t room;
};

/**
 * A plan of the container `node`, which holds no repeated key.
 * @return  false where it is nested deeper than RF_HASH_PLAN_DEPTH
 */
bool rf_hash_plan_make(const struct rf_json *doc, uint32_t node, struct rf_hash_plan *ret);
void rf_hash_plan_done(struct rf_hash_plan *plan);

/** What rf_json_hash gives for a value of the same keys and brackets.
 * @scalars  its scalars in their order, as nodes of `doc` */
uint64_t rf_hash_plan_run(const struct rf_hash_plan *plan, const struct rf_json *doc,
                          const struct rf_json_node *scalars);

#endif

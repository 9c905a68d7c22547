/* SPDX-License-Identifier: MIT */
/* The content hash of values that differ in their scalars alone. */
#include "base/json_hash_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_hash_parts.h"

enum { STEP_OBJECT, STEP_ARRAY, STEP_OBJECT_END, STEP_ARRAY_END };

static void
add_step(struct rf_hash_plan *plan, struct rf_hash_step step)
{
    RF_GROW(plan->steps, plan->room, plan->count + 1);
    plan->steps[plan->count++] = step;
}

static void
add_key(struct rf_hash_plan *plan, uint64_t hash)
{
    RF_GROW(plan->keys, plan->key_room, plan->key_count + 1);
    plan->keys[plan->key_count++] = rf_hash_key_make(hash);
}

static bool plan_container(struct rf_hash_plan *plan, const struct rf_json *doc, uint32_t node,
                           bool keyed, unsigned depth);

/* The values of a container, each with its key. */
static bool
plan_values(struct rf_hash_plan *plan, const struct rf_json *doc, uint32_t node, unsigned depth)
{
    bool object = doc->nodes[node].kind == RF_JSON_OBJECT;
    uint32_t at = node + 1;
    for (uint32_t left = doc->nodes[node].count; left > 0; left--) {
        uint32_t key = at;
        at += object;
        if (doc->nodes[at].kind < RF_JSON_ARRAY) {
            struct rf_hash_step *bracket = &plan->steps[plan->count - 1];
            bracket->members += object;
            bracket->elements += !object;
        } else if (!plan_container(plan, doc, at, object, depth + 1)) {
            return false;
        }
        if (object) {
            add_key(plan, rf_hash_scalar(doc, &doc->nodes[key]));
        }
        at = doc->nodes[at].next;
    }
    return true;
}

/* Recursion ends at RF_HASH_PLAN_DEPTH. */
static bool
plan_container(struct rf_hash_plan *plan, const struct rf_json *doc, uint32_t node, bool keyed,
               unsigned depth)
{
    bool object = doc->nodes[node].kind == RF_JSON_OBJECT;
    if (depth == RF_HASH_PLAN_DEPTH) {
        return false;
    }
    add_step(plan, (struct rf_hash_step){.what = object ? STEP_OBJECT : STEP_ARRAY});
    if (!plan_values(plan, doc, node, depth)) {
        return false;
    }
    add_step(plan, (struct rf_hash_step){
                       .what = object ? STEP_OBJECT_END : STEP_ARRAY_END,
                       .count = doc->nodes[node].count,
                       .keyed = keyed,
                   });
    return true;
}

bool
rf_hash_plan_make(const struct rf_json *doc, uint32_t node, struct rf_hash_plan *ret)
{
    *ret = (struct rf_hash_plan){0};
    if (doc->nodes[node].kind < RF_JSON_ARRAY || plan_container(ret, doc, node, false, 0)) {
        return true;
    }
    rf_hash_plan_done(ret);
    return false;
}

void
rf_hash_plan_done(struct rf_hash_plan *plan)
{
    free(plan->steps);
    free(plan->keys);
    memset(plan, 0, sizeof(*plan));
}

uint64_t
rf_hash_plan_run(const struct rf_hash_plan *plan, const uint64_t *scalars)
{
    uint64_t outer[RF_HASH_PLAN_DEPTH]; /* of the containers around the one at hand */
    unsigned depth = 0;
    uint64_t hash = 0; /* of an object's members the sum; of an array's elements so far */
    const struct rf_hash_key *key = plan->keys;
    for (const struct rf_hash_step *step = plan->steps; step < plan->steps + plan->count; step++) {
        if (step->what < STEP_OBJECT_END) {
            outer[depth++] = hash;
            hash = step->what == STEP_ARRAY ? RF_SEED_ARRAY : 0;
        } else {
            uint64_t value = step->what == STEP_ARRAY_END
                                 ? hash
                                 : rf_hash_pair(hash, step->count, RF_SEED_OBJECT);
            hash = outer[--depth];
            if (depth == 0) {
                return value;
            }
            hash = step->keyed ? hash + rf_hash_member(key++, value) : rf_hash_element(value, hash);
        }
        for (uint32_t left = step->members; left > 0; left--) {
            hash += rf_hash_member(key++, *scalars++);
        }
        for (uint32_t left = step->elements; left > 0; left--) {
            hash = rf_hash_element(*scalars++, hash);
        }
    }
    return *scalars; /* it is one, without a bracket */
}

/* SPDX-License-Identifier: MIT */
/* The content hash of values that differ in their scalars alone. */
#include "base/json_hash_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_hash_parts.h"

enum { STEP_SCALAR, STEP_OBJECT, STEP_ARRAY, STEP_OBJECT_END, STEP_ARRAY_END };

static void
add_step(struct rf_hash_plan *plan, struct rf_hash_step step)
{
    RF_GROW(plan->steps, plan->room, plan->count + 1);
    plan->steps[plan->count++] = step;
}

/* Plans the value at `node`, whose key (RF_JSON_NONE: it has none) hashes to that of `around`. */
static bool
plan_value(struct rf_hash_plan *plan, const struct rf_json *doc, uint32_t node,
           struct rf_hash_step around, unsigned depth)
{
    const struct rf_json_node *value = &doc->nodes[node];
    if (value->kind < RF_JSON_ARRAY) {
        around.what = STEP_SCALAR;
        add_step(plan, around);
        return true;
    }
    if (depth == RF_HASH_PLAN_DEPTH) {
        return false;
    }
    bool object = value->kind == RF_JSON_OBJECT;
    add_step(plan, (struct rf_hash_step){.what = object ? STEP_OBJECT : STEP_ARRAY});
    uint32_t at = node + 1;
    for (uint32_t left = value->count; left > 0; left--) {
        struct rf_hash_step step = {.keyed = object};
        if (object) {
            step.key_hash = rf_hash_scalar(doc, &doc->nodes[at]);
        }
        at += object;
        if (!plan_value(plan, doc, at, step, depth + 1)) {
            return false;
        }
        at = doc->nodes[at].next;
    }
    around.what = object ? STEP_OBJECT_END : STEP_ARRAY_END;
    around.count = value->count;
    add_step(plan, around);
    return true;
}

bool
rf_hash_plan_make(const struct rf_json *doc, uint32_t node, struct rf_hash_plan *ret)
{
    *ret = (struct rf_hash_plan){0};
    if (plan_value(ret, doc, node, (struct rf_hash_step){0}, 0)) {
        return true;
    }
    rf_hash_plan_done(ret);
    return false;
}

void
rf_hash_plan_done(struct rf_hash_plan *plan)
{
    free(plan->steps);
    memset(plan, 0, sizeof(*plan));
}

uint64_t
rf_hash_plan_run(const struct rf_hash_plan *plan, const struct rf_json *doc,
                 const struct rf_json_node *scalars)
{
    uint64_t outer[RF_HASH_PLAN_DEPTH + 1]; /* of the containers around the one at hand */
    unsigned depth = 0;
    uint64_t hash = 0; /* of an object's members the sum; of an array's elements so far */
    for (const struct rf_hash_step *step = plan->steps; step < plan->steps + plan->count; step++) {
        uint64_t value;
        switch (step->what) {
        case STEP_OBJECT:
        case STEP_ARRAY:
            outer[depth++] = hash;
            hash = step->what == STEP_ARRAY ? RF_SEED_ARRAY : 0;
            continue;
        case STEP_OBJECT_END:
            value = rf_hash_pair(hash, step->count, RF_SEED_OBJECT);
            hash = outer[--depth];
            break;
        case STEP_ARRAY_END:
            value = hash;
            hash = outer[--depth];
            break;
        default:
            value = rf_hash_scalar(doc, scalars++);
            break;
        }
        if (depth == 0) {
            return value;
        }
        hash = step->keyed ? hash + rf_hash_pair(step->key_hash, value, RF_SEED_MEMBER)
                           : rf_hash_element(value, hash);
    }
    return hash;
}

/* SPDX-License-Identifier: MIT */
/* Where in a record the parts of an event are: the pointers of all envelopes it may have. */
#include "decode/plan.h"

#include <string.h>

#include "base/error.h"
#include "base/hash.h"

/** A key that is an array's index by RFC 6901: digits without a leading zero. */
static uint32_t
key_index(const char *key, size_t bytes)
{
    if (bytes == 0 || bytes > 9 || (bytes > 1 && key[0] == '0')) {
        return UINT32_MAX;
    }
    uint32_t index = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (key[i] < '0' || key[i] > '9') {
            return UINT32_MAX;
        }
        index = index * 10 + (uint32_t)(key[i] - '0');
    }
    return index;
}

/** The step below `parent` with this key; made where there is none. */
static uint16_t
plan_step(struct rf_plan *plan, uint16_t parent, const char *key, size_t key_bytes)
{
    uint16_t *link = &plan->steps[parent].child;
    while (*link != 0) {
        struct rf_plan_step *step = &plan->steps[*link];
        if (step->key_bytes == key_bytes && memcmp(step->key, key, key_bytes) == 0) {
            return *link;
        }
        link = &step->sibling;
    }
    RF_VERIFY(plan->step_count < RF_PLAN_STEPS);
    uint16_t fresh = plan->step_count++;
    *link = fresh;
    plan->steps[fresh] = (struct rf_plan_step){
        .key = key,
        .key_bytes = key_bytes,
        .index = key_index(key, key_bytes),
        .parent = parent,
    };
    return fresh;
}

void
rf_plan_add(struct rf_plan *plan, const struct rf_envelope *envelope)
{
    uint16_t number = plan->envelope_count++;
    plan->envelopes[number] = envelope;
    for (int part = 0; part < RF_PART_ALL_; part++) {
        const struct rf_pointer *pointer = &envelope->parts[part];
        uint16_t step = 0;
        for (uint32_t i = 0; i < pointer->count; i++) {
            step = plan_step(plan, step, pointer->steps[i], pointer->step_bytes[i]);
            plan->steps[step].envelopes |= (uint8_t)(1 << number);
        }
        plan->parts[number][part] = pointer->set ? step : RF_PLAN_NO_STEP;
    }
}

void
rf_plan_clear(struct rf_plan *plan)
{
    plan->envelope_count = 0;
    plan->step_count = 1;
    memset(plan->parts, 0, sizeof(plan->parts));
    plan->steps[0] = (struct rf_plan_step){0};
}

uint64_t
rf_plan_print(const struct rf_plan *plan)
{
    uint64_t print = rf_hash(plan->parts, sizeof(plan->parts), plan->envelope_count);
    for (uint16_t i = 0; i < plan->envelope_count; i++) {
        const struct rf_envelope *envelope = plan->envelopes[i];
        const uint32_t rules[] = {(uint32_t)envelope->kind, envelope->may_lack_time};
        print = rf_hash(rules, sizeof(rules), print);
    }
    for (uint16_t i = 1; i < plan->step_count; i++) {
        const struct rf_plan_step *step = &plan->steps[i];
        print = rf_hash(step->key, step->key_bytes, print + step->parent);
    }
    return print;
}

/* ---- the pass over the members ----------------------------------------------------------------
 */

static void find_below(struct rf_plan *plan, const struct rf_json *doc, uint32_t node,
                       uint16_t step, struct rf_buf *scratch);

/** Keys are a few bytes: a call of memcmp would cost more than it compares. */
static inline bool
same_key(const struct rf_plan_step *step, const char *bytes, size_t count)
{
    if (step->key_bytes != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (step->key[i] != bytes[i]) {
            return false;
        }
    }
    return true;
}

static inline uint16_t
match_key(const struct rf_plan *plan, const struct rf_json *doc, uint32_t key, uint16_t step,
          struct rf_buf *scratch)
{
    const char *bytes = doc->text + doc->nodes[key].start + 1;
    size_t count = doc->nodes[key].end - doc->nodes[key].start - 2;
    if ((doc->nodes[key].flags & RF_JSON_ESCAPED) != 0) {
        rf_json_string(doc, key, scratch, &bytes, &count);
    }
    const struct rf_plan_step *steps = plan->steps;
    for (; step != 0; step = steps[step].sibling) {
        if (same_key(&steps[step], bytes, count)) {
            break;
        }
    }
    return step;
}

static void
find_members(struct rf_plan *plan, const struct rf_json *doc, uint32_t object, uint16_t first,
             struct rf_buf *scratch)
{
    uint32_t key = object + 1;
    for (uint32_t left = doc->nodes[object].count; left > 0; left--) {
        uint32_t value = key + 1;
        uint16_t step = match_key(plan, doc, key, first, scratch);
        key = doc->nodes[value].next;
        if (step == 0) {
            continue;
        }
        if (plan->found[step] != RF_JSON_NONE) {
            plan->repeated[step] = true;
            plan->any_repeated = true;
            continue;
        }
        plan->found[step] = value;
        if (plan->steps[step].child != 0) {
            find_below(plan, doc, value, step, scratch);
        }
    }
}

static void
find_elements(struct rf_plan *plan, const struct rf_json *doc, uint32_t array, uint16_t first,
              struct rf_buf *scratch)
{
    for (uint16_t step = first; step != 0; step = plan->steps[step].sibling) {
        if (plan->steps[step].index >= doc->nodes[array].count) {
            continue;
        }
        uint32_t value = array + 1;
        for (uint32_t i = 0; i < plan->steps[step].index; i++) {
            value = doc->nodes[value].next;
        }
        plan->found[step] = value;
        find_below(plan, doc, value, step, scratch);
    }
}

/** Finds the steps below `step`, whose value is `node`. As deep as the pointers, at most. */
static void
find_below(struct rf_plan *plan, const struct rf_json *doc, uint32_t node, uint16_t step,
           struct rf_buf *scratch)
{
    uint16_t first = plan->steps[step].child;
    if (doc->nodes[node].kind == RF_JSON_OBJECT) {
        find_members(plan, doc, node, first, scratch);
    } else if (doc->nodes[node].kind == RF_JSON_ARRAY) {
        find_elements(plan, doc, node, first, scratch);
    }
}

void
rf_plan_find(struct rf_plan *plan, const struct rf_json *doc, uint32_t node, struct rf_buf *scratch)
{
    memset(plan->found, 0xff, plan->step_count * sizeof(plan->found[0]));
    plan->found[0] = node;
    if (plan->any_repeated) {
        memset(plan->repeated, 0, sizeof(plan->repeated));
        plan->any_repeated = false;
    }
    find_below(plan, doc, node, 0, scratch);
}

/* ---- members that are no part ----------------------------------------------------------------
 */

/** What is looked for, in one record. */
struct others {
    const struct rf_plan *plan;
    uint8_t bit; /**< of the envelope */
    rf_plan_wants *wants;
    void *context;
    struct rf_buf *scratch;
};

/** As deep as the pointers, at most. */
static bool
find_other_below(const struct others *others, const struct rf_json *doc, uint32_t object,
                 uint32_t holder, uint16_t first)
{
    const struct rf_plan *plan = others->plan;
    uint32_t key = object + 1;
    for (uint32_t left = doc->nodes[object].count; left > 0; left--) {
        uint32_t value = key + 1;
        uint16_t step = match_key(plan, doc, key, first, others->scratch);
        bool taken = step != 0 && (plan->steps[step].envelopes & others->bit) != 0;
        if (!taken && others->wants(others->context, doc, key, holder)) {
            return true;
        }
        uint16_t below = taken ? plan->steps[step].child : 0;
        if (below != 0 && doc->nodes[value].kind == RF_JSON_OBJECT &&
            find_other_below(others, doc, value, key, below)) {
            return true;
        }
        key = doc->nodes[value].next;
    }
    return false;
}

bool
rf_plan_find_other(const struct rf_plan *plan, int number, const struct rf_json *doc,
                   uint32_t record, rf_plan_wants *wants, void *context, struct rf_buf *scratch)
{
    const struct others others = {plan, (uint8_t)(1 << number), wants, context, scratch};
    return find_other_below(&others, doc, record, RF_JSON_NONE, plan->steps[0].child);
}

/* ---- words ------------------------------------------------------------------------------------
 */

void
rf_plan_pointer(const struct rf_plan *plan, uint16_t step, struct rf_buf *out)
{
    if (step == 0) {
        return;
    }
    rf_plan_pointer(plan, plan->steps[step].parent, out);
    rf_buf_byte(out, '/');
    for (size_t i = 0; i < plan->steps[step].key_bytes; i++) {
        char byte = plan->steps[step].key[i];
        if (byte == '~' || byte == '/') {
            rf_buf_string(out, byte == '~' ? "~0" : "~1");
        } else {
            rf_buf_byte(out, byte);
        }
    }
}

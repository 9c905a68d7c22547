/* SPDX-License-Identifier: MIT */
/* Where in a record the parts of an event are: the pointers of all envelopes it may have. */
#ifndef RF_DECODE_PLAN_H
#define RF_DECODE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "decode/envelope.h"

/** The step of a part that has no pointer. */
#define RF_PLAN_NO_STEP UINT16_MAX

/** Envelopes that `auto` decides between by the members of a record. */
#define RF_PLAN_ENVELOPES 4
/** Steps of all pointers of one envelope, or of all that `auto` knows (theirs are two at most), and
 * the root. */
#define RF_PLAN_STEPS (RF_PART_ALL_ * RF_ENVELOPE_STEPS + 1)

/** A step that the pointers of an envelope share; the first is the record itself. */
struct rf_plan_step {
    const char *key; /**< decoded, borrowed from the envelope */
    size_t key_bytes;
    uint32_t index;   /**< the key as an array's index, or UINT32_MAX */
    uint16_t child;   /**< the first step below this one, or 0 */
    uint16_t sibling; /**< the next step beside this one, or 0 */
    uint16_t parent;
    uint8_t envelopes; /**< bits: on the way of a part of envelope 0, of 1, … */
};

/** The envelopes that a record may have, as one tree, so that one pass over the record's members
 * finds all parts. All zero is valid once it is cleared. */
struct rf_plan {
    /** Borrowed; the first that fits is taken. */
    const struct rf_envelope *envelopes[RF_PLAN_ENVELOPES];
    uint16_t envelope_count;
    uint16_t step_count;
    uint16_t parts[RF_PLAN_ENVELOPES]
                  [RF_PART_ALL_]; /**< each part's step; UINT16_MAX: it has no pointer */
    struct rf_plan_step steps[RF_PLAN_STEPS];
    /* of the record at hand */
    uint32_t found[RF_PLAN_STEPS]; /**< node, or RF_JSON_NONE */
    bool repeated[RF_PLAN_STEPS];
    bool any_repeated;
};

/** A plan without envelopes. */
void rf_plan_clear(struct rf_plan *plan);
/** One more envelope, borrowed; RF_PLAN_ENVELOPES at most. */
void rf_plan_add(struct rf_plan *plan, const struct rf_envelope *envelope);
/** A hash of what it finds, and of its envelopes' rules: with plans that have the same one a record
 * is read as the same event, or as none. */
uint64_t rf_plan_print(const struct rf_plan *plan);

/** Find all steps in the record `node`, of which nothing was found before.
 * @scratch  for keys with escapes */
void rf_plan_find(struct rf_plan *plan, const struct rf_json *doc, uint32_t node,
                  struct rf_buf *scratch);

/** A member that is on the way of no part of an envelope.
 * @key     its name; the value is the next node
 * @holder  the name of the member that it lies in; RF_JSON_NONE: the record
 * @return  whether it is the one that is looked for */
typedef bool rf_plan_wants(void *context, const struct rf_json *doc, uint32_t key, uint32_t holder);

/** Whether a record has a member that is wanted and on the way of no part of an envelope; where one
 * is on the way, those in it are looked at too.
 * @number   of the envelope
 * @scratch  for keys with escapes */
bool rf_plan_find_other(const struct rf_plan *plan, int number, const struct rf_json *doc,
                        uint32_t record, rf_plan_wants *wants, void *context,
                        struct rf_buf *scratch);

/** Append the pointer to a step, as people write it; cut where it is very long. */
void rf_plan_pointer(const struct rf_plan *plan, uint16_t step, struct rf_buf *out);

#endif

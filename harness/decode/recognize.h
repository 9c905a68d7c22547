/* SPDX-License-Identifier: MIT */
/*
 * Records that are like one that was read before.
 *
 * The records of a history differ in their scalars (strings, numbers, true, false, null) and hardly
 * ever in anything else. What stands between the scalars of a record that was read in full is
 * remembered, as a tree over texts; a record whose bytes between the scalars are those of a path of
 * that tree, and whose scalars are each valid, is as valid as the one that was read, byte for byte:
 * keys, brackets, blanks and depth are the same. Nothing is taken on trust, and what is not
 * recognized is read in full.
 */
#ifndef RF_DECODE_RECOGNIZE_H
#define RF_DECODE_RECOGNIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/json_hash_plan.h"
#include "base/stencil.h"

/** What all records of one path have in common. */
struct rf_known {
    uint32_t scalars;  /**< of the record */
    uint16_t envelope; /**< which of the plan's envelopes */
    uint32_t *places;  /**< of the lesson's nodes: which scalar each is, or RF_JSON_NONE; owned */
    uint32_t data_scalar; /**< the first one of the data */
    uint32_t data_scalars;
    uint32_t data_lead; /**< bytes of the data in front of its first scalar */
    uint32_t data_tail; /**< … and behind its last */
    struct rf_hash_plan hash;
    struct rf_buf stencil;   /**< of the data */
    uint32_t stencil_number; /**< the writer's own: of the stencil among its names; at first
                                  UINT32_MAX */
};

/** What a record is once it was read in full: where its parts and its data are. */
struct rf_lesson {
    const struct rf_json *doc; /**< node 0 is the record */
    uint16_t envelope;
    const uint32_t *nodes; /**< those whose places are asked for later; or RF_JSON_NONE */
    uint32_t node_count;
    uint32_t data; /**< the data's node */
};

/** A tree of records' texts; one per thread. */
struct rf_recognizer;
struct rf_recognizer *rf_recognizer_new(void);
/** Accepts NULL. */
void rf_recognizer_free(struct rf_recognizer *recognizer);
/** For tests: recognizers that are made from now on learn nothing, so that decoding with one can be
 * held against decoding without. */
void rf_recognizer_blind(bool blind);
/** Forget all records. */
void rf_recognizer_clear(struct rf_recognizer *recognizer);

/**
 * Whether the record at the front of `text` is like one that was learned.
 * @ret_end      behind its last byte
 * @ret_scalars  its scalars as nodes over `text` (start, end, kind and flags are set), borrowed
 * until the next call
 * @return       what it has in common with that; NULL: read it in full
 */
struct rf_known *rf_recognize(struct rf_recognizer *recognizer, const char *text, size_t bytes,
                              size_t *ret_end, struct rf_json_node **ret_scalars);

/** rf_json_hash of the data of the record that was recognized last, as this `known`. */
uint64_t rf_recognizer_hash(struct rf_recognizer *recognizer, const struct rf_known *known);

/** Learn a record that was read in full and holds no repeated key. What is too long, too deep or
 * too much of its own kind is left. */
void rf_recognizer_learn(struct rf_recognizer *recognizer, const struct rf_lesson *lesson);

#endif

/* SPDX-License-Identifier: MIT */
/* A golden's lines, found by id. */
#ifndef RF_GOLDEN_LINE_INDEX_H
#define RF_GOLDEN_LINE_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "golden/golden.h"

/** A hash table, open addressing, at most three quarters full. */
struct rf_line_index {
    struct rf_line_slot {
        uint32_t hash;
        uint32_t line; /**< index + 1, or 0 */
    } * slots;
    size_t slot_count;
    uint64_t seed;
};

/** Ids are distinct. `lines` may move afterwards, but not change their order. */
void rf_line_index_build(struct rf_line_index *index, const struct rf_golden_line *lines,
                         size_t count);
void rf_line_index_done(struct rf_line_index *index);

/** See rf_golden_ask. Each step of the way to a line is asked of the memory for all ids before it
 * is taken for the first. */
void rf_line_index_ask(const struct rf_line_index *index, const struct rf_golden_line *lines,
                       const struct rf_golden_id *ids, size_t count);

/** The line of this id, or NULL. Threads: any. */
const struct rf_golden_line *rf_line_index_find(const struct rf_line_index *index,
                                                const struct rf_golden_line *lines, const char *id,
                                                size_t id_bytes);

#endif

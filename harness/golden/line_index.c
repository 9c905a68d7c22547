/* SPDX-License-Identifier: MIT */
/* A golden's lines, found by id. */
#include "golden/line_index.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"

void
rf_line_index_build(struct rf_line_index *index, const struct rf_golden_line *lines, size_t count)
{
    RF_VERIFY(count < UINT32_MAX / 4);
    index->slot_count = 16;
    while (index->slot_count < count * 2) {
        index->slot_count *= 2;
    }
    index->slots = rf_calloc(index->slot_count, sizeof(*index->slots));
    /* Differs from run to run, so that no one can choose ids that all fall into one place. */
    index->seed = (uint64_t)(uintptr_t)index->slots;
    size_t mask = index->slot_count - 1;
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = rf_hash(lines[i].id, lines[i].id_bytes, index->seed);
        size_t at = (size_t)hash & mask;
        while (index->slots[at].line != 0) {
            at = (at + 1) & mask;
        }
        index->slots[at] = (struct rf_line_slot){(uint32_t)(hash >> 32), (uint32_t)(i + 1)};
    }
}

const struct rf_golden_line *
rf_line_index_find(const struct rf_line_index *index, const struct rf_golden_line *lines,
                   const char *id, size_t id_bytes)
{
    uint64_t hash = rf_hash(id, id_bytes, index->seed);
    size_t mask = index->slot_count - 1;
    for (size_t at = (size_t)hash & mask; index->slots[at].line != 0; at = (at + 1) & mask) {
        if (index->slots[at].hash != (uint32_t)(hash >> 32)) {
            continue;
        }
        const struct rf_golden_line *line = &lines[index->slots[at].line - 1];
        if (rf_bytes_same(line->id, line->id_bytes, id, id_bytes)) {
            return line;
        }
    }
    return NULL;
}

void
rf_line_index_done(struct rf_line_index *index)
{
    free(index->slots);
}

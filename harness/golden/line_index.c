/* SPDX-License-Identifier: MIT */
/* A golden's lines, found by id. */
#include "golden/line_index.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"

#define CACHE_LINE 64
/** Of a line, so much of its text is asked for: its id, and the state of most; and of one whose
 * text was left in the file, its id. */
#define TEXT_AHEAD  256
#define ID_AHEAD    64
#define PUT_AT_ONCE 32

/** Puts lines `from` to `behind` into their slots, which lie strewn: all are asked for before the
 * first is looked at. */
static void
put_lines(struct rf_line_index *index, const struct rf_golden_line *lines, size_t from,
          size_t behind)
{
    uint64_t hashes[PUT_AT_ONCE] = {0};
    size_t mask = index->slot_count - 1;
    for (size_t i = from; i < behind; i++) {
        hashes[i - from] = rf_hash(lines[i].id, lines[i].id_bytes, index->seed);
        __builtin_prefetch(&index->slots[(size_t)hashes[i - from] & mask]);
    }
    for (size_t i = from; i < behind; i++) {
        uint64_t hash = hashes[i - from];
        size_t at = (size_t)hash & mask;
        while (index->slots[at].line != 0) {
            at = (at + 1) & mask;
        }
        index->slots[at] = (struct rf_line_slot){(uint32_t)(hash >> 32), (uint32_t)(i + 1)};
    }
}

void
rf_line_index_build(struct rf_line_index *index, const struct rf_golden_line *lines, size_t count)
{
    RF_VERIFY(count < UINT32_MAX / 4);
    index->slot_count = 16;
    while (index->slot_count / 4 * 3 < count) {
        index->slot_count *= 2;
    }
    index->slots = rf_calloc(index->slot_count, sizeof(*index->slots));
    index->seed = rf_random_seed(); /* no one can choose ids that all fall into one place */
    for (size_t i = 0; i < count; i += PUT_AT_ONCE) {
        put_lines(index, lines, i, count - i < PUT_AT_ONCE ? count : i + PUT_AT_ONCE);
    }
}

/** Asks the memory for so many bytes. Inlined always: gcc 12 takes it for a function that does
 * nothing. */
static inline __attribute__((always_inline)) void
ask(const char *bytes, size_t count)
{
    for (size_t at = 0; at < count; at += CACHE_LINE) {
        __builtin_prefetch(bytes + at);
    }
}

/** The first line with this hash: most likely the one that is looked for; or NULL. */
static const struct rf_golden_line *
guess_line(const struct rf_line_index *index, const struct rf_golden_line *lines, uint64_t hash)
{
    size_t mask = index->slot_count - 1;
    size_t at = (size_t)hash & mask;
    while (index->slots[at].line != 0 && index->slots[at].hash != (uint32_t)(hash >> 32)) {
        at = (at + 1) & mask;
    }
    return index->slots[at].line == 0 ? NULL : &lines[index->slots[at].line - 1];
}

/** Asks for lines, and then for the texts of those that have theirs. */
static void
ask_lines(const struct rf_golden_line *const *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (lines[i] != NULL) {
            ask((const char *)lines[i], sizeof(*lines[i]));
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (lines[i] != NULL && lines[i]->text != NULL) {
            ask(lines[i]->text, TEXT_AHEAD);
        }
    }
}

void
rf_line_index_ask(const struct rf_line_index *index, const struct rf_golden_line *lines,
                  const struct rf_golden_id *ids, size_t count)
{
    uint64_t hashes[RF_GOLDEN_ASK_MOST];
    const struct rf_golden_line *guesses[RF_GOLDEN_ASK_MOST] = {NULL};
    RF_VERIFY(count <= RF_GOLDEN_ASK_MOST);
    for (size_t i = 0; i < count; i++) {
        hashes[i] = rf_hash(ids[i].bytes, ids[i].count, index->seed);
        __builtin_prefetch(&index->slots[(size_t)hashes[i] & (index->slot_count - 1)]);
    }
    for (size_t i = 0; i < count; i++) {
        guesses[i] = guess_line(index, lines, hashes[i]);
    }
    ask_lines(guesses, count);
    for (size_t i = 0; i < count; i++) {
        if (guesses[i] != NULL && guesses[i]->text == NULL) {
            ask(guesses[i]->id, ID_AHEAD);
        }
    }
}

void
rf_golden_ask_again(const struct rf_golden_line *const *lines, size_t count)
{
    ask_lines(lines, count);
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

/* SPDX-License-Identifier: MIT */
/* Stencils: what is the same in JSON texts that differ in their scalars alone. */
#include "base/stencil.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/** A piece of the text, or a token, is copied with 16 bytes or with so many: to the processor they
 * are a few loads and stores, and a branch for each length costs more. */
#define PIECE_BYTES ((size_t)48)

/** What stands in a hole while the stencil is read: as long as the hole. */
#define FILLER '0'

bool
rf_stencil_read(const char *text, size_t bytes, struct rf_stencil *ret)
{
    *ret = (struct rf_stencil){.text = rf_calloc(1, bytes + PIECE_BYTES)};
    for (size_t i = 0; i < bytes; i++) {
        ret->text[i] = text[i];
        if (text[i] == RF_STENCIL_HOLE) {
            ret->text[i] = FILLER;
        }
    }
    if (rf_json_read_whole(&ret->doc, ret->text, bytes, NULL) != RF_OK) {
        rf_stencil_done(ret);
        return false;
    }
    ret->holes = rf_alloc(ret->doc.used);
    size_t at = 0;
    uint32_t values = 0; /* that are a hole, and nothing else */
    for (size_t i = 0; i < ret->doc.used; i++) {
        const struct rf_json_node *node = &ret->doc.nodes[i];
        for (; at < node->start; at++) {
            ret->count += text[at] == RF_STENCIL_HOLE;
        }
        ret->holes[i] = (uint8_t)ret->count;
        values += text[node->start] == RF_STENCIL_HOLE && node->end - node->start == 1;
    }
    for (; at < bytes; at++) {
        ret->count += text[at] == RF_STENCIL_HOLE;
    }
    if (ret->count > RF_STENCIL_HOLES || ret->count != values ||
        ret->doc.nodes[0].kind != RF_JSON_OBJECT) {
        rf_stencil_done(ret);
        return false;
    }
    ret->places = rf_alloc((ret->count + 1) * sizeof(*ret->places));
    uint32_t hole = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        if (text[i] == RF_STENCIL_HOLE) {
            ret->places[hole++] = i;
        }
    }
    return true;
}

void
rf_stencil_done(struct rf_stencil *stencil)
{
    rf_json_done(&stencil->doc);
    free(stencil->text);
    free(stencil->holes);
    free(stencil->places);
    memset(stencil, 0, sizeof(*stencil));
}

/** Copies `count` bytes, where `left` can be read. `to` has room for
 * PIECE_BYTES more. Returns the end. */
static inline char *
put(char *to, const char *from, size_t count, size_t left)
{
    if (count <= 16 && left >= 16) {
        memcpy(to, from, 16);
    } else if (count <= PIECE_BYTES && left >= PIECE_BYTES) {
        memcpy(to, from, PIECE_BYTES);
    } else {
        memcpy(to, from, count);
    }
    return to + count;
}

void
rf_stencil_fill(const struct rf_stencil *stencil, uint32_t node, const char *tokens,
                const uint16_t *ends, struct rf_buf *out)
{
    uint32_t at = stencil->doc.nodes[node].start;
    uint32_t end = stencil->doc.nodes[node].end;
    uint32_t hole = stencil->holes[node];
    uint32_t count = stencil->count;
    size_t token = hole == 0 ? 0 : ends[hole - 1];
    size_t total = count == 0 ? 0 : ends[count - 1];
    size_t most = end - at + (total - token) + PIECE_BYTES;
    if (out->room - out->used < most) {
        rf_buf_reserve(out, most);
    }
    /* Known here: what is written could be the stencil itself, for all that the compiler knows. */
    const char *text = stencil->text;
    const uint32_t *places = stencil->places;
    char *to = out->bytes + out->used;
    for (; hole < count && places[hole] < end; hole++) {
        uint32_t place = places[hole];
        size_t token_end = ends[hole];
        to = put(to, text + at, place - at, PIECE_BYTES);
        to = put(to, tokens + token, token_end - token, total - token);
        token = token_end;
        at = place + 1;
    }
    to = put(to, text + at, end - at, PIECE_BYTES);
    out->used = (size_t)(to - out->bytes);
}

const struct rf_stencil *
rf_stencils_find(struct rf_stencils *stencils, uint32_t number, const char *text, size_t bytes)
{
    size_t before = stencils->room;
    RF_GROW(stencils->items, stencils->room, (size_t)number + 1);
    if (stencils->room > before) {
        memset(stencils->items + before, 0,
               (stencils->room - before) * sizeof(struct rf_stencil *));
    }
    if (stencils->items[number] == NULL) {
        struct rf_stencil *fresh = rf_alloc(sizeof(*fresh));
        if (!rf_stencil_read(text, bytes, fresh)) {
            free(fresh);
            return NULL;
        }
        stencils->items[number] = fresh;
    }
    return stencils->items[number];
}

void
rf_stencils_done(struct rf_stencils *stencils)
{
    for (size_t i = 0; i < stencils->room; i++) {
        if (stencils->items[i] != NULL) {
            rf_stencil_done(stencils->items[i]);
            free(stencils->items[i]);
        }
    }
    free(stencils->items);
    memset(stencils, 0, sizeof(*stencils));
}

/* SPDX-License-Identifier: MIT */
/* Stencils: what is the same in JSON texts that differ in their scalars alone. */
#include "base/stencil.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/** What stands in a hole while the stencil is read: as long as the hole. */
#define FILLER '0'

bool
rf_stencil_read(const char *text, size_t bytes, struct rf_stencil *ret)
{
    *ret = (struct rf_stencil){.text = rf_alloc(bytes + 1)};
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
    /* From here on the holes can be told again. */
    memcpy(ret->text, text, bytes);
    return true;
}

void
rf_stencil_done(struct rf_stencil *stencil)
{
    rf_json_done(&stencil->doc);
    free(stencil->text);
    free(stencil->holes);
    memset(stencil, 0, sizeof(*stencil));
}

void
rf_stencil_fill(const struct rf_stencil *stencil, uint32_t node, const char *tokens,
                const uint16_t *ends, struct rf_buf *out)
{
    const char *at = stencil->text + stencil->doc.nodes[node].start;
    const char *end = stencil->text + stencil->doc.nodes[node].end;
    uint32_t hole = stencil->holes[node];
    while (at < end) {
        const char *next = memchr(at, RF_STENCIL_HOLE, (size_t)(end - at));
        rf_buf_add(out, at, (size_t)((next == NULL ? end : next) - at));
        if (next == NULL) {
            return;
        }
        uint16_t start = hole == 0 ? 0 : ends[hole - 1];
        rf_buf_add(out, tokens + start, (size_t)(ends[hole] - start));
        hole++;
        at = next + 1;
    }
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

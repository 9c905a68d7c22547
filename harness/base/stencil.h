/* SPDX-License-Identifier: MIT */
/*
 * Stencils: what is the same in JSON texts that differ in their scalars alone.
 *
 * A stencil is the text of an object with one RF_STENCIL_HOLE in place of each scalar that is a
 * value (string, number, true, false, null; not a key). That byte stands in no valid JSON text, so
 * a stencil can be kept as any other name (base/names.h). The scalars' tokens, one behind the
 * other, and where each of them ends, are the rest of a text.
 */
#ifndef RF_BASE_STENCIL_H
#define RF_BASE_STENCIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

#define RF_STENCIL_HOLE '\0'
/** Holes of a stencil, at most. */
#define RF_STENCIL_HOLES 255

/** A stencil, taken apart. All zero is valid and empty. */
struct rf_stencil {
    struct rf_json doc; /**< of the stencil with a 0 in each hole: offsets are those of both */
    char *text;         /**< what doc reads; owned */
    uint8_t *holes;     /**< of each node: holes in front of it; owned */
    uint32_t *places;   /**< of each hole, in the text; owned */
    uint32_t count;     /**< holes */
};

/** @return  false where this is no stencil: no object, or one with a hole within a key or scalar */
bool rf_stencil_read(const char *text, size_t bytes, struct rf_stencil *ret);
void rf_stencil_done(struct rf_stencil *stencil);

/** Stencils by the numbers of their names. All zero is valid and empty. */
struct rf_stencils {
    struct rf_stencil **items; /**< owned */
    size_t room;
};

/** The stencil with this number; read where it is asked for first. NULL where the text is none.
 * Borrowed until rf_stencils_done. */
const struct rf_stencil *rf_stencils_find(struct rf_stencils *stencils, uint32_t number,
                                          const char *text, size_t bytes);
void rf_stencils_done(struct rf_stencils *stencils);

/** Append the text of the value at `node` with the scalars in its holes.
 * @tokens  of all holes of the stencil, the first's first byte
 * @ends    of each hole's token, from there */
void rf_stencil_fill(const struct rf_stencil *stencil, uint32_t node, const char *tokens,
                     const uint16_t *ends, struct rf_buf *out);

#endif

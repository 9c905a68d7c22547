/* SPDX-License-Identifier: MIT */
/* A state's table of fields: checked, and put into the order of canonical JSON. */
#ifndef RF_WORKER_FIELDS_H
#define RF_WORKER_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <refold/aggregate.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/time.h"

/** A row that was checked. The rows of a struct are sorted by their names' bytes. */
struct rf_row {
    const refold_field *field;
    const char *name; /**< borrowed from the field; NULL for elements */
    size_t name_bytes;
    char *label; /**< the name as JSON, with the colon */
    size_t label_bytes;
    struct rf_row *rows; /**< of a struct; of a list or map the one of its elements */
    size_t row_count;
};

/** What of that which has no JSON is written all the same, as nothing else is: for hashes. */
enum rf_loose {
    RF_LOOSE_NONE = 0,
    RF_LOOSE_REALS, /**< NaN and infinity */
    RF_LOOSE_ALL,   /**< texts and keys that are not UTF-8, times and enums out of range, too */
};

/** A table that was checked: for snapshot.c and restore.c, to others an opaque thing. One thread at
 * a time. */
struct rf_fields {
    refold_field whole; /**< the state as one struct */
    struct rf_row root;
    enum rf_loose loose;
    struct rf_time_printer printer;
    const refold_text **keys; /**< of the maps that are being written: a stack */
    size_t keys_used;
    size_t keys_room;
};

/** Structs, lists and maps within one another, and rows of all of them together. */
#define RF_FIELDS_DEPTH 32
#define RF_FIELDS_ROWS  4096

/**
 * Check a table and prepare it.
 *
 * @rows         borrowed until rf_fields_free, and all that they point to
 * @state_bytes  size of the state; no row may reach beyond it
 * @return       RF_OK, or RF_ERR_USAGE with a sentence that names the row: an unknown kind or flag,
 *               a member outside its struct or misaligned, no name or a name twice, a list, map,
 *               struct or enum without its rows, more than the limits above
 */
RF_MUST_USE rf_code rf_fields_new(const refold_field *rows, uint64_t count, uint64_t state_bytes,
                                  struct rf_fields **ret, struct rf_err *reterr);
/** Accepts NULL. */
void rf_fields_free(struct rf_fields *fields);

/** A member of this type; by memcpy, for the compiler knows its true type in the plugin only. */
#define RF_MEMBER(type, at)                                                                        \
    __extension__({                                                                                \
        type member_;                                                                              \
        memcpy(&member_, (at), sizeof(member_));                                                   \
        member_;                                                                                   \
    })

/** Bytes of the member that a checked row describes; 0 for a struct, which has its own size. */
uint32_t rf_field_bytes(const refold_field *field);

/** Whether a field's value stands for "never set". Lists and maps are empty at most. */
static inline bool
rf_field_unset(const refold_field *field, const char *at)
{
    switch (field->kind) {
    case REFOLD_F_TEXT:
        return RF_MEMBER(refold_text, at).ptr == NULL;
    case REFOLD_F_TIME:
        return RF_MEMBER(refold_time, at).set == 0;
    case REFOLD_F_ENUM:
        return RF_MEMBER(int32_t, at) == 0;
    default:
        return false;
    }
}

/** Append the shape that the descriptor holds (protocol.h, "Probe"), in the table's order. */
void rf_fields_describe(const refold_field *rows, uint64_t count, struct rf_buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/* A JSON text without what lies at some pointers. */
#ifndef RF_BASE_JSON_STRIP_H
#define RF_BASE_JSON_STRIP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_mask.h"

/**
 * Append a canonical text without the members and elements at or below any of `pointers`, in which
 * a step "*" stands for any; where a pointer names the whole, "null" is left. What comes out of two
 * texts is the same if they differ at these pointers only. What comes out is what would be left of
 * the masked text: pointers do not reach below a value that `mask` masks, and only "*" stands for a
 * key that it does.
 *
 * @doc      scratch memory, reusable
 * @text     canonical JSON
 * @mask     or NULL
 * @return   false where the text is no JSON: then nothing is appended
 */
bool rf_json_strip(struct rf_json *doc, const char *text, size_t bytes, const char *const *pointers,
                   size_t pointer_count, const struct rf_mask *mask, struct rf_buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/* JSON pointers (RFC 6901): made step by step, looked up, held against patterns. */
#ifndef RF_BASE_JSON_POINTER_H
#define RF_BASE_JSON_POINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

/** Append one more step to a path: a key, escaped. A NUL byte in it becomes U+2400, for paths are
 * shown and compared as C strings. */
void rf_pointer_push(struct rf_buf *path, const char *key, size_t key_bytes);

/** The same of an element. */
void rf_pointer_push_index(struct rf_buf *path, size_t index);

/** Whether `path` lies at or below `pointer`, in which a step "*" stands for any. */
bool rf_pointer_below(const char *path, size_t path_bytes, const char *pointer);

/** The end of the step that begins with the slash at `at`. */
const char *rf_pointer_step_end(const char *at, const char *end);

/** Set `out` to the key of a step: the bytes behind its slash, unescaped. */
void rf_pointer_unescape(struct rf_buf *out, const char *at, const char *end);

/** The value at a pointer's first `path_bytes` bytes, or RF_JSON_NONE. */
uint32_t rf_pointer_find(const struct rf_json *doc, const char *path, size_t path_bytes);

#endif

/* SPDX-License-Identifier: MIT */
/* A JSON text in which something else stands in place of what lies at some pointers. */
#ifndef RF_BASE_JSON_MASK_H
#define RF_BASE_JSON_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

/** What is masked: the value at a pointer, in which a step "*" stands for any one; and the keys of
 * objects for which such a step stands, unless it `shows_keys`. */
struct rf_mask_rule {
    char *pointer;
    bool shows_keys;
};

/** Rules, ready to be used; at most RF_LIMIT_PRIVATE. Threads: any. */
struct rf_mask;
/** `rules` are borrowed until rf_mask_free. */
struct rf_mask *rf_mask_new(const struct rf_mask_rule *rules, size_t count);
/** Accepts NULL. */
void rf_mask_free(struct rf_mask *mask);

/** Appends the JSON string that stands in place of a value, whose canonical text this is. */
typedef void rf_mask_function(const void *context, const char *text, size_t bytes,
                              struct rf_buf *out);

/** Memory for masking; all zero is valid. */
struct rf_masker {
    struct rf_json doc;
    struct rf_buf path, key, value, text;
};
void rf_masker_done(struct rf_masker *masker);

/**
 * Append a JSON text, masked. Where it was canonical, what comes out is too.
 * @ret_met  gets a bit for each rule that met a value: others stay
 * @return   false where the text is no JSON: then nothing is appended
 */
bool rf_mask_text(const struct rf_mask *mask, struct rf_masker *masker, const char *text,
                  size_t bytes, rf_mask_function *hide, const void *context, uint64_t *ret_met,
                  struct rf_buf *out);

/** Append a JSON pointer into such a text: masked keys are masked, and it ends where the masked
 * value is. Whether a step is a key or an index it does not tell: what looks like an index is taken
 * for a key. */
void rf_mask_pointer(const struct rf_mask *mask, const char *pointer, size_t bytes,
                     rf_mask_function *hide, const void *context, struct rf_buf *out);

/* ---- step by step: for those who have no text ------------------------------------------------ */

/** A place in a value: the rules that may still fit what lies below it. */
struct rf_mask_place {
    uint64_t rules;
    size_t depth;
    bool masked;     /**< a rule fits the place itself */
    bool masked_key; /**< of a member: its key is masked */
    uint64_t met;    /**< the rules that fit */
};

struct rf_mask_place rf_mask_root(const struct rf_mask *mask);
/** One step further. @step  as pointers write it, without its slash; NULL: any may be meant, so
 *  that whatever might fit does */
struct rf_mask_place rf_mask_step(const struct rf_mask *mask, const struct rf_mask_place *from,
                                  const char *step, size_t bytes, bool is_key);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What is private: values that leave the parent only as keyed hashes ("hmac:" and 32 hex digits).
 *
 * States are masked where a worker's answer comes in (lane.c), so that nothing behind the fold ever
 * holds such a value: neither comparisons, nor goldens, nor reports. Equal values of one aggregate
 * have equal hashes. Hashes of events (a golden line's `events`, the proof of a report) would let
 * anyone try out values; those of such an aggregate are keyed too. contract.md, "Private values".
 */
#ifndef RF_FOLD_PRIVACY_H
#define RF_FOLD_PRIVACY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json_mask.h"

/** 16 hex digits and NUL. */
#define RF_KEY_CHECK_BYTES 17

/** What is private of one aggregate. Threads: any. */
struct rf_private;

/** What is private of all. Made by one thread, then read by any. */
struct rf_privacy;

/** The key is borrowed for the call; NULL: there is none, and no state may be masked. */
struct rf_privacy *rf_privacy_new(const void *key, size_t key_bytes);
/** Accepts NULL. */
void rf_privacy_free(struct rf_privacy *privacy);

/** What is said of one aggregate. All is borrowed for as long as the privacy is used. */
struct rf_private_rules {
    const char *aggregate;
    const struct rf_mask_rule *state; /**< none: nothing is private of it */
    size_t state_count;
    bool has_data; /**< what is private of its events' data is said; else all of it is */
    const struct rf_mask_rule *data;
    size_t data_count;
};
void rf_privacy_add(struct rf_privacy *privacy, const struct rf_private_rules *rules);
/** The aggregate whose rules hold for names that none were added for: it declares "*". */
void rf_privacy_set_taker(struct rf_privacy *privacy, const char *aggregate);

/** What is private of an aggregate, by the name that its events give; NULL: nothing. `privacy` may
 * be NULL. */
const struct rf_private *rf_privacy_find(const struct rf_privacy *privacy, const char *aggregate);
/** Whether anything is private of any. */
bool rf_privacy_is_used(const struct rf_privacy *privacy);
/** The same, of an aggregate's events' data. What no one knows the aggregate of is private whole,
 * as soon as anything is. */
const struct rf_private *rf_privacy_find_data(const struct rf_privacy *privacy,
                                              const char *aggregate, size_t bytes);

/** A hash that tells another key. */
void rf_privacy_check(const struct rf_privacy *privacy, char ret[RF_KEY_CHECK_BYTES]);
/** Appends the rules for states as canonical JSON: an array of pointers, sorted, each in an array
 * of its own where it shows keys. */
void rf_private_list(const struct rf_private *private, struct rf_buf *out);

/** The rules for states as workers take them (worker/protocol.h, "Fold"): appended to a list, whose
 * strings are owned. `privacy` may be NULL. */
void rf_privacy_words(const struct rf_privacy *privacy, char ***list, size_t *count, size_t *room);

/** Append a state, masked. What is no JSON is appended as a text that is none either. */
void rf_private_state(const struct rf_private *private, struct rf_masker *masker, const char *text,
                      size_t bytes, struct rf_buf *out);
/** Append an event's data, masked, as JSON. */
void rf_private_data(const struct rf_private *private, struct rf_masker *masker, const char *text,
                     size_t bytes, struct rf_buf *out);
/** The rules for its events' data, for those who have no text; NULL: all of it is private. */
const struct rf_mask *rf_private_data_mask(const struct rf_private *private);
/** Append a JSON pointer into its state, masked. */
void rf_private_pointer(const struct rf_private *private, const char *pointer, size_t bytes,
                        struct rf_buf *out);
/** Append what stands in place of an aggregate's own words, which may quote a value. */
void rf_private_words(const struct rf_private *private, const char *text, size_t bytes,
                      struct rf_buf *out);
/** What stands in place of a hash of values. */
uint64_t rf_private_digest(const struct rf_private *private, uint64_t digest);

/** The pointers for states that met no value in any state so far, one by one. */
void rf_privacy_each_idle(const struct rf_privacy *privacy,
                          void (*each)(void *context, const char *aggregate, const char *pointer),
                          void *context);

#endif

/* SPDX-License-Identifier: MIT */
/* What refold never sends: the speaker must end, with a sentence and a status other than 0. */
#ifndef RF_CHECK_HOSTILE_H
#define RF_CHECK_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "check/ask.h"

/** A case: frames that are good, and then what is not. */
struct rf_hostile {
    const char *what;
    void (*send)(struct rf_ask *ask);
    bool ungreeted; /**< no HELLO comes first */
};

/** Play each case with a speaker of its own. False at the first that does not end as it must. */
bool rf_hostile_play(struct rf_kit *kit, const struct rf_hostile *rows, size_t count);
#define RF_HOSTILE_PLAY(kit, rows) rf_hostile_play(kit, rows, sizeof(rows) / sizeof((rows)[0]))

/** The speaker's status and its last words; false where it goes on. */
bool rf_hostile_await_end(struct rf_ask *ask, int *ret_status, char *words, size_t room);

/** Whether it ended as it must. @sent  what it must end at */
bool rf_hostile_must_end(struct rf_ask *ask, const struct rf_hostile *row,
                         const struct rf_buf *sent);

/* ---- parts of cases -------------------------------------------------------------------------- */

/** The samples' first type is 0, and an instance of the first aggregate is open. */
void rf_hostile_open(struct rf_ask *ask);
void rf_hostile_frame(struct rf_ask *ask, uint16_t kind, const void *payload, size_t bytes);
/** A payload of u32s. */
void rf_hostile_words(struct rf_ask *ask, uint16_t kind, const uint32_t *words, size_t count);
#define RF_HOSTILE_WORDS(ask, kind, ...)                                                           \
    rf_hostile_words(ask, kind, (const uint32_t[]){__VA_ARGS__},                                   \
                     sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))
/** The header of a frame, as it is. */
void rf_hostile_header(struct rf_ask *ask, uint32_t bytes, uint16_t kind, uint16_t letters,
                       uint64_t number);
/** EVENTS that counts `count`, with one record of 2 bytes of data. */
void rf_hostile_event(struct rf_ask *ask, uint32_t count, uint32_t bytes, uint32_t type,
                      uint32_t flags);

#endif

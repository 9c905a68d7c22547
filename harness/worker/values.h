/* SPDX-License-Identifier: MIT */
/* What the host does for an aggregate: the functions behind refold_host. */
#ifndef RF_WORKER_VALUES_H
#define RF_WORKER_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include <refold/aggregate.h>

#include "base/buf.h"
#include "base/stencil.h"
#include "worker/memory.h"

/*
 * The ABI's functions carry no context: a worker is one thread that folds one instance at a time,
 * and so what they work on is this file's own. The order of calls:
 *
 *   rf_values_begin_instance   everything that was given out before is stale
 *     rf_values_begin_call     before each apply, snapshot or restore: what an earlier call decoded
 *                              is stale, and no rejection is noted
 *     rf_values_begin_again    the same before another call with an event that was handed out
 *     rf_values_begin_command  the same before handle: each emit is one event
 */

/** A name that was asked for, and the node of its value in a stencil: a direct-mapped memory. */
#define RF_ASKED_COUNT 16
#define RF_ASKED_BYTES 22
struct rf_asked {
    uint32_t node; /**< or RF_JSON_NONE: there is no such member */
    uint8_t used;
    uint8_t bytes;
    char name[RF_ASKED_BYTES];
};

/** A stencil, and where in it the names lie that were asked for. All zero but the stencil is valid.
 */
struct rf_mould {
    const struct rf_stencil *stencil;
    struct rf_asked asked[RF_ASKED_COUNT];
};

/** What refold_event's host_data points to: where its data is. */
struct rf_event_values {
    refold_string text;     /**< the data; without mould always, with one once it was asked for */
    struct rf_mould *mould; /**< of tokens; or NULL */
    const char *tokens;
    const uint16_t *ends;
};

/** The table that events point to; the same one for as long as the process lives. */
const refold_host *rf_values_host(void);

/** The memory that states live in. */
struct rf_memory *rf_values_memory(void);

void rf_values_begin_instance(void);
void rf_values_begin_call(void);
void rf_values_begin_again(const refold_event *event);
void rf_values_begin_command(void);

/** The text that refold_reject was called with since rf_values_begin_call, as UTF-8 without NUL.
 * Where that is not all of it (longer than RF_REJECT_BYTES, or other bytes), its length and hash
 * stand behind it: two texts that differ are two texts. False where it was not called. Borrowed
 * until the next call begins. */
bool rf_values_rejection(const char **ret_text, size_t *ret_bytes);
/** Whether it was called. */
bool rf_values_rejected(void);
#define RF_REJECT_BYTES 1024

/** What was emitted since rf_values_begin_call; `*ret_cut` where it was more than
 * RF_LIMIT_STATE_BYTES, which are then missing. Borrowed. */
const struct rf_buf *rf_values_emitted(bool *ret_cut);

/** The events that were emitted since rf_values_begin_command; `*ret_cut` where there were more
 * than RF_LIMIT_COMMAND_EVENTS or RF_LIMIT_COMMAND_BYTES: these are missing. */
size_t rf_values_event_count(bool *ret_cut);
/** One of them, as it was emitted. Borrowed until the next call begins. */
const char *rf_values_event(size_t index, size_t *ret_bytes);

/** What an aggregate emitted and refused in the call at hand. */
struct rf_values_said {
    struct rf_buf emitted, refusal;
    size_t *event_ends; /**< in `emitted` */
    size_t event_count, event_room;
    bool emitted_cut;
    bool emits_events; /**< each emit is one event */
    bool rejected;
};
/** Take it aside, so that another call may come between; then give it back. */
void rf_values_take_aside(struct rf_values_said *ret);
void rf_values_give_back(struct rf_values_said *said);

/** Frees all; for tests that look for leaks. */
void rf_values_done(void);

#endif

/* SPDX-License-Identifier: MIT */
/* What a worker says of its scenario, line by line, and whether it may. */
#ifndef RF_HOST_DISPATCH_LINES_H
#define RF_HOST_DISPATCH_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"
#include "host/dispatch.h"

/** What the last line of the step at hand was. */
enum rf_dispatch_phase {
    RF_PHASE_OPEN,
    RF_PHASE_HANDLING,
    RF_PHASE_MADE,
    RF_PHASE_APPLYING,
    RF_PHASE_WRITING,
    RF_PHASE_OVER,
};

struct rf_dispatch_play {
    struct rf_dispatch_step *steps;
    size_t step_count;
    struct rf_dispatch_result *result;
    bool greeted;
    bool over; /**< the last line came */
    size_t step;
    enum rf_dispatch_phase phase;
    size_t event; /**< of the step, in RF_PHASE_APPLYING */
    struct rf_json doc;
    struct rf_buf line; /**< received, and not yet ended */
};

/** Take the lines that have come in whole; `fresh` bytes at the end of `line` are new. False where
 * one of them is none that may come now, or is longer than RF_DISPATCH_LINE_BYTES: a lie. */
bool rf_dispatch_take_lines(struct rf_dispatch_play *play, size_t fresh);

/** It is over, with this message. */
void rf_dispatch_end(struct rf_dispatch_play *play, enum rf_dispatch_ending ending,
                     const char *message);

/** Sets place, step and event of the result: what the worker announced last. */
void rf_dispatch_note_place(const struct rf_dispatch_play *play);

void rf_dispatch_play_done(struct rf_dispatch_play *play);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Good traffic: frames to a speaker, and its answers, each held against what was asked. Whatever
 * breaks a promise that holds for all frames is told as that promise's check, whichever check's
 * traffic it is; then the conversation is broken, and all calls below return false or NULL.
 */
#ifndef RF_CHECK_ASK_H
#define RF_CHECK_ASK_H

#include "base/json.h"
#include "check/kit_internal.h"
#include "check/wire.h"

/** An answer, judged. */
struct rf_answer {
    bool passed_over; /**< there is none: the instance was over */
    uint32_t status;
    uint32_t receipt;
    uint64_t applied;
    uint32_t count;     /**< of HANDLED, IDENTIFIED */
    struct rf_buf text; /**< what is behind these; of a STATE with status 0 its canonical JSON */
};

/** A frame that was sent, and is answered unless its instance is over. */
struct rf_question {
    uint64_t number;
    uint16_t kind;
    bool answered, passed_over;
    uint32_t instance; /**< 0: none */
    uint32_t count;    /**< of the events, payloads */
    size_t events;     /**< of EVENTS: how many were sent before since BEGIN … */
    size_t receipts; /**< … and where the receipts begin: before the first, behind the first, … */
    struct rf_answer answer;
};

struct rf_ask {
    struct rf_kit *kit;
    struct rf_wire wire;
    bool broken;
    bool greeted;
    uint64_t number;      /**< of the last frame */
    size_t frame, record; /**< places of the open ones in wire.out */
    struct rf_question *questions;
    size_t count, room, front; /**< of questions; `front` is the next to be answered */
    uint32_t *receipts;
    size_t receipt_count, receipt_room;
    /* Sending. */
    uint32_t instance; /**< serial number of the one that is open; 0: none */
    uint32_t instances;
    size_t events; /**< sent to it */
    uint32_t receipt;
    uint32_t type_count;
    /* Answers. */
    bool over;              /**< an instance was over before its END … */
    uint32_t over_instance; /**< … the last one of these */
    uint32_t answered_instance;
    uint64_t applied; /**< to it, as it was answered … */
    uint32_t applied_receipt;
    struct rf_json json;
};

/** A speaker that was greeted. False where it cannot be started or greeted. */
bool rf_ask_begin(struct rf_kit *kit, struct rf_ask *ret);
/** A speaker that was started only. */
bool rf_ask_start(struct rf_kit *kit, struct rf_ask *ret);
/** Let its input end, and see it end with status 0 and no further answers. */
bool rf_ask_end(struct rf_ask *ask);
/** Ends it in any case; returns `good`, unless the conversation is broken. */
bool rf_ask_done(struct rf_ask *ask, bool good);

/* ---- frames: each returns its number --------------------------------------------------------- */

uint64_t rf_ask_frame(struct rf_ask *ask, uint16_t kind, const void *payload, size_t bytes);
uint64_t rf_ask_hello(struct rf_ask *ask, const char *json);
/** Tell a name; returns its number (of types, not the frame's). */
uint32_t rf_ask_type(struct rf_ask *ask, const char *name, size_t bytes);
uint64_t rf_ask_begin_instance(struct rf_ask *ask, uint32_t aggregate, const char *name,
                               size_t name_bytes, const char *id, size_t id_bytes,
                               const struct rf_buf *snapshot);
void rf_ask_open_events(struct rf_ask *ask);
void rf_ask_event(struct rf_ask *ask, const struct rf_talk_record *record, const char *data,
                  size_t bytes);
uint64_t rf_ask_close_events(struct rf_ask *ask);
uint64_t rf_ask_state(struct rf_ask *ask);
uint64_t rf_ask_end_instance(struct rf_ask *ask);
uint64_t rf_ask_command(struct rf_ask *ask, const struct rf_talk_record *record, const char *data,
                        size_t bytes);
uint64_t rf_ask_identify(struct rf_ask *ask, uint32_t aggregate, const struct rf_buf *payloads,
                         size_t count);

/* ---- answers --------------------------------------------------------------------------------- */

/** The answer to a frame, once all before are there too; NULL where the conversation is broken.
 * Borrowed until the next frame is sent. */
const struct rf_answer *rf_ask_await(struct rf_ask *ask, uint64_t number);
/** All that are due. */
bool rf_ask_await_all(struct rf_ask *ask);
/** See that nothing comes for a moment. */
bool rf_ask_quiet(struct rf_ask *ask, int ms);

#endif

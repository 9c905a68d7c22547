/* SPDX-License-Identifier: MIT */
/*
 * The relay: a worker whose aggregate is a program. It starts the program, speaks the worker
 * protocol with it (program/talk.h), and is to the rest of the worker what a loaded library is:
 * plugin.c, apply.c and dispatch_loop.c ask here where `plugin->program` is set. What must be
 * trusted (digests, checksums, trails, canonical JSON) is done by the worker, never by the program.
 *
 * A program that ends, breaks the protocol or says that it crashed takes the worker with it: by the
 * same signal or exit status, or with RF_EXIT_TOLD and a sentence. None of these functions comes
 * back then.
 *
 * One program, one thread, one instance at a time.
 */
#ifndef RF_WORKER_RELAY_H
#define RF_WORKER_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <refold/aggregate.h>

#include "base/buf.h"
#include "base/error.h"
#include "program/descriptor.h"

struct rf_relay;

/**
 * Start a program, held and bound (launch.h), and hear its hello. The worker itself is held from
 * then on (sandbox.h).
 * @file    absolute
 * @return  RF_OK, or RF_ERR_USAGE with a sentence where what it says of itself cannot be
 */
RF_MUST_USE rf_code rf_relay_start(const char *file, uint64_t memory_bytes, struct rf_relay **ret,
                                   struct rf_err *reterr);
/** Nothing more is asked: ends the program's input, and waits a little while for it to end. What it
 * dies of only now takes the worker with it, too, and so does an end before that. Accepts NULL. */
void rf_relay_quit(struct rf_relay *relay);
/** Ends the program. Accepts NULL. */
void rf_relay_stop(struct rf_relay *relay);

/** Which of its aggregates is folded; 0 until then. RF_ERR_USAGE where there are fewer. */
RF_MUST_USE rf_code rf_relay_choose(struct rf_relay *relay, uint32_t member, struct rf_err *reterr);
/** The one that is chosen must have described itself as it did at the probe (descriptor.h: hash):
 * it is known by its place alone, and a program may list its aggregates in another order each time.
 */
void rf_relay_hold_to(const struct rf_relay *relay, uint64_t hash);
const struct rf_descriptor_member *rf_relay_member(const struct rf_relay *relay);

/** Append {"aggregates": [descriptor…], "hashes": ["16 digits"…]}. */
void rf_relay_describe(const struct rf_relay *relay, struct rf_buf *out);
pid_t rf_relay_pid(const struct rf_relay *relay);

/* ---- sending ahead (ahead.h) ----------------------------------------------------------------- */

/** Whoever sends ahead: called before what was sent is taken. He sends at least what is taken next,
 * and more while rf_relay_has_room. */
void rf_relay_set_sender(struct rf_relay *relay, void (*send)(void *context), void *context);
bool rf_relay_has_room(const struct rf_relay *relay);

void rf_relay_send_begin(struct rf_relay *relay, refold_string aggregate, refold_string id);
void rf_relay_send_events(struct rf_relay *relay, const refold_event *const *events,
                          uint64_t count);
void rf_relay_send_state(struct rf_relay *relay);
void rf_relay_send_end(struct rf_relay *relay);

/** The instance that is followed was refused: of what was sent of it only its end, which is there,
 * is taken. */
void rf_relay_drop(struct rf_relay *relay);

/** Write what is sent, but for what a pipe holds. */
void rf_relay_write(struct rf_relay *relay);

/** Whether the instance that begins next was sent ahead, or is: then the functions below take what
 * comes of that, up to rf_relay_end. They end the worker where it is something else. */
void rf_relay_follow(struct rf_relay *relay, bool follows);

/** As rf_relay_apply, of the EVENTS that come next, up to `limit` events, of which there were
 * `*ret_count`. */
uint64_t rf_relay_follow_events(struct rf_relay *relay, uint64_t limit, uint64_t *ret_count);

/* ---- an instance ----------------------------------------------------------------------------- */

/** The next instance: its state is empty. */
void rf_relay_begin(struct rf_relay *relay, refold_string aggregate, refold_string id);
void rf_relay_end(struct rf_relay *relay);
/** The one that has just ended is the last for now: begins it once more, and ends it. A program
 * that ended behind its last answer, or reads no more, is told by that while the instance is not
 * answered. */
void rf_relay_probe(struct rf_relay *relay);

/** Fill the state that nothing was applied to. RF_ERR_USAGE: the program's reason. */
RF_MUST_USE rf_code rf_relay_restore(struct rf_relay *relay, const char *json, size_t bytes,
                                     struct rf_err *reterr);

/** Apply events whose `kind` is of rf_plugin_kind. Returns how many were taken; of the next one the
 * reason is given to refold_reject. */
uint64_t rf_relay_apply(struct rf_relay *relay, const refold_event *const *events, uint64_t count);

/** As rf_plugin_snapshot. */
uint32_t rf_relay_snapshot(struct rf_relay *relay, struct rf_buf *out, struct rf_buf *ret_why);

/** As an aggregate's handle: emits events, or rejects; anything else it returns is no answer, and
 * `ret_why` says why. */
int32_t rf_relay_handle(struct rf_relay *relay, const refold_event *command,
                        struct rf_buf *ret_why);

#endif

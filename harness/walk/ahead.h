/* SPDX-License-Identifier: MIT */
/* Transfers of objects that are begun before anyone opens these. */
#ifndef RF_WALK_AHEAD_H
#define RF_WALK_AHEAD_H

#include "base/error.h"
#include "net/net.h"
#include "walk/walk.h"

/** The objects that one source was told of, in order; the next few of them have a transfer. */
struct rf_ahead;

/** Queues the transfer of an object. Threads: any. */
typedef rf_code rf_ahead_begin(void *context, const struct rf_object *object,
                               struct rf_transfer **ret, struct rf_err *reterr);

/** The context is borrowed, as `net` is. */
struct rf_ahead *rf_ahead_new(const struct rf_net *net, rf_ahead_begin *begin, void *context);
/** Gives up what was not taken. Accepts NULL. */
void rf_ahead_free(struct rf_ahead *ahead);

/** @object  borrowed, as long as `ahead`; its key is its source's only one */
void rf_ahead_want(struct rf_ahead *ahead, const struct rf_object *object);

/** The transfer of an object: the one that was begun, or a new one. Threads: any.
 * @ret  owned by the caller on RF_OK */
RF_MUST_USE rf_code rf_ahead_take(struct rf_ahead *ahead, const struct rf_object *object,
                                  struct rf_transfer **ret, struct rf_err *reterr);

#endif

/* SPDX-License-Identifier: MIT */
/* Reading objects that lie on servers: what kinds of sources share that say how each is asked for
 * (rf_source_kind.ask). Their transfers begin before anyone opens them. */
#ifndef RF_WALK_REMOTE_H
#define RF_WALK_REMOTE_H

#include "base/error.h"
#include "walk/source.h"

/** As the members of rf_source_kind by these names; the stream is a transfer (net/net.h). */
void rf_remote_want(struct rf_source *source, const struct rf_object *object);
RF_MUST_USE rf_code rf_remote_open(struct rf_source *source, const struct rf_object *object,
                                   void **ret_stream, struct rf_err *reterr);
RF_MUST_USE rf_code rf_remote_read(void *stream, void *bytes, size_t room, size_t *ret_got,
                                   struct rf_err *reterr);
void rf_remote_close(void *stream);

/** The objects that a source was told of: rf_source_done frees it, before `kind->done`, for its
 * transfers may go by the kind's own signer. Accepts NULL. */
void rf_ahead_free(struct rf_ahead *ahead);

#endif

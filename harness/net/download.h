/* SPDX-License-Identifier: MIT */
/* One object over HTTP: its bytes, and making sure that they are the object. */
#ifndef RF_NET_DOWNLOAD_H
#define RF_NET_DOWNLOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/**
 * A connection and the download at hand. Its connection is kept for the next download.
 *
 * A download is the object only if all agree: status 200; as many bytes as Content-Length says, or
 * an end that the transfer itself marks (chunks, HTTP/2); and where it broke off and was asked for
 * again, the same ETag or Last-Modified, and the same length.
 *
 * Tried again, up to three times, with growing pauses (or as Retry-After says, up to 30 s): what
 * broke off or stalled, and the statuses 408, 429, 500, 502, 503, 504. Redirects are followed up to
 * five times, on the same scheme, host and port only. TLS 1.2 or newer, peer and host verified.
 * REFOLD_PATIENCE is a factor on all waits (10 s for a connection, 30 s below 1 KiB/s, the pauses).
 */
struct rf_download;
/** @stop  looked at while it waits; or NULL */
struct rf_download *rf_download_new(const atomic_bool *stop);
/** Accepts NULL. */
void rf_download_free(struct rf_download *download);

/**
 * Begin to fetch. Whatever went before is given up.
 * @url   taken over
 * @name  of the object, for messages; borrowed
 */
void rf_download_begin(struct rf_download *download, char *url, const char *name);

/** As rf_reader_read; RF_ERR_INTERRUPTED where it was stopped. In memory are never more than a few
 * hundred KiB. */
RF_MUST_USE rf_code rf_download_read(struct rf_download *download, void *bytes, size_t room,
                                     size_t *ret_got, struct rf_err *reterr);

/** The factor on all waits. RF_ERR_USAGE where REFOLD_PATIENCE is no number from 0.001 to 1000. */
RF_MUST_USE rf_code rf_download_patience(double *ret, struct rf_err *reterr);

#endif

/* SPDX-License-Identifier: MIT */
/* Addresses of sources: what they are, how they are shown, and how a key becomes one. */
#ifndef RF_NET_URL_H
#define RF_NET_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/** How long the scheme is, of a text that begins with one and "://"; 0: it is a path. */
size_t rf_url_scheme(const char *text);
bool rf_url_is_http(const char *text);

/** What an address has in lower case whatever was typed, so that the same ones are the same text:
 * its scheme, and the host of http(s). A path stays. */
void rf_url_lower(char *text);

/**
 * An address (or path) for people: credentials before the host and the query, which may hold a
 * signature, are left out; the rest is as rf_url_lower has it. Owned.
 * @marked  an ellipsis stands where something was left out
 */
char *rf_url_shown(const char *text, bool marked);

/**
 * The address of a key below a base: each byte of the key that could mean something else is
 * percent-encoded; the base's query is kept.
 *
 * @ret     owned by the caller on RF_OK; "" as key gives the base's own
 * @return  RF_OK; RF_ERR_USAGE: not an address that is read. https only; http only where it stays
 *          on this machine. A fragment means nothing here, and is refused
 */
RF_MUST_USE rf_code rf_url_join(const char *base, const char *key, char **ret,
                                struct rf_err *reterr);

/** The path of a base as the front of keys: "https://h/ev?sig" gives "ev/", percent-decoded; ""
 * where there is none. Owned. */
char *rf_url_prefix(const char *base);

/** Whether it is an http address of this machine. */
bool rf_url_is_loopback(const char *url);

/** Whether both have the same scheme, host and port. */
bool rf_url_same_host(const char *a, const char *b);

#endif

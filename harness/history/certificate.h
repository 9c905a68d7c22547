/* SPDX-License-Identifier: MIT */
/* A certificate: which objects a history is made of, and what instances come of them. */
#ifndef RF_HISTORY_CERTIFICATE_H
#define RF_HISTORY_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/sha256.h"
#include "history/facts.h"
#include "walk/walk.h"

/** An object as it was certified. */
struct rf_certified {
    char *key; /**< owned */
    uint64_t bytes;
    char sha256[RF_SHA256_HEX_BYTES];
    uint32_t number; /**< of the object, where the certificate was made, and not read */
};

/** All zero is empty. */
struct rf_certificate {
    struct rf_certified *objects; /**< sorted by (key, digest) */
    size_t count, room;
    uint64_t bytes;
    char sha256[RF_SHA256_HEX_BYTES]; /**< of the lines that tell the objects */
    uint64_t instances, events;
    char instances_sha256[RF_SHA256_HEX_BYTES]; /**< "": not told */
};

/** What is another than it was. */
struct rf_certificate_change {
    uint64_t added, changed, gone;
    const char *first_added, *first_changed, *first_gone; /**< keys; borrowed, or NULL */
};

/** Certify all objects that are history: whatever was read, broken or not, but nothing foreign, and
 * nothing that could not be opened. The
 * instances are the caller's to fill in. `facts` are by number, with digests. */
void rf_certificate_make(const struct rf_objects *objects, const struct rf_facts *facts,
                         struct rf_certificate *ret);
void rf_certificate_done(struct rf_certificate *certificate);

/** As a file: contract.md, "Certificate". */
void rf_certificate_write(const struct rf_certificate *certificate, struct rf_buf *out);
/** @return  RF_OK; RF_ERR_SOURCE: it cannot be read; RF_ERR_USAGE: it is none, or not as it was
 *           written (its digest tells). *ret is for rf_certificate_done on RF_OK */
RF_MUST_USE rf_code rf_certificate_read(const char *path, struct rf_certificate *ret,
                                        struct rf_err *reterr);

/** Objects that hold what another one holds too, and are not empty; and the first two of them. */
struct rf_certificate_twins {
    uint64_t count;
    uint64_t untold;            /**< of these, those of which events are folded twice */
    const char *first, *second; /**< keys; borrowed, or NULL */
};
/** @untold  by number: objects that hold events that nothing tells from their copies; or NULL */
struct rf_certificate_twins rf_certificate_twins(const struct rf_certificate *certificate,
                                                 const bool *untold);

/** What became of the objects since `before`; borrows from both. */
struct rf_certificate_change rf_certificate_compare(const struct rf_certificate *before,
                                                    const struct rf_certificate *now);

#endif

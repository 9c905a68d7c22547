/* SPDX-License-Identifier: MIT */
/* The part of Snappy that refold calls, loaded at its first use. */
#ifndef RF_DECODE_LIBSNAPPY_H
#define RF_DECODE_LIBSNAPPY_H

#include <snappy-c.h>

#include "base/error.h"

#define RF_LIBSNAPPY_FUNCTIONS(X)                                                                  \
    X(snappy_uncompressed_length)                                                                  \
    X(snappy_uncompress)

struct rf_libsnappy {
#define RF_MEMBER(name) __typeof__(name) *name;
    RF_LIBSNAPPY_FUNCTIONS(RF_MEMBER)
#undef RF_MEMBER
};

/** Whoever begins an object in Snappy asks this first: RF_ERR_USAGE where it is not installed. */
RF_MUST_USE rf_code rf_libsnappy_load(struct rf_err *reterr);
/** Loaded by rf_libsnappy_load. Threads: any. */
const struct rf_libsnappy *rf_libsnappy(void);

#endif

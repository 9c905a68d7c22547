/* SPDX-License-Identifier: MIT */
/* The part of LZ4 that refold calls, loaded at its first use. */
#ifndef RF_HISTORY_LZ4_H
#define RF_HISTORY_LZ4_H

#include <lz4.h>

#define RF_LZ4_FUNCTIONS(X)                                                                        \
    X(LZ4_compress_default)                                                                        \
    X(LZ4_decompress_safe)

struct rf_lz4 {
#define RF_MEMBER(name) __typeof__(name) *name;
    RF_LZ4_FUNCTIONS(RF_MEMBER)
#undef RF_MEMBER
};

/** NULL where it is not installed. Threads: any. */
const struct rf_lz4 *rf_lz4(void);

#endif

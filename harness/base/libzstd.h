/* SPDX-License-Identifier: MIT */
/* The part of zstd that refold calls, loaded at its first use. */
#ifndef RF_BASE_LIBZSTD_H
#define RF_BASE_LIBZSTD_H

#include <zstd.h>
#include <zstd_errors.h>

#include "base/error.h"

#define RF_LIBZSTD_FUNCTIONS(X)                                                                    \
    X(ZSTD_compress)                                                                               \
    X(ZSTD_compressBound)                                                                          \
    X(ZSTD_decompress)                                                                             \
    X(ZSTD_isError)                                                                                \
    X(ZSTD_createCCtx)                                                                             \
    X(ZSTD_freeCCtx)                                                                               \
    X(ZSTD_compressCCtx)                                                                           \
    X(ZSTD_createDCtx)                                                                             \
    X(ZSTD_freeDCtx)                                                                               \
    X(ZSTD_decompressDCtx)                                                                         \
    X(ZSTD_DCtx_reset)                                                                             \
    X(ZSTD_DCtx_setParameter)                                                                      \
    X(ZSTD_decompressStream)                                                                       \
    X(ZSTD_getErrorCode)

struct rf_libzstd {
#define RF_MEMBER(name) __typeof__(name) *name;
    RF_LIBZSTD_FUNCTIONS(RF_MEMBER)
#undef RF_MEMBER
};

/** Whoever opens or makes a pack, or reads what is packed so, asks this first: RF_ERR_USAGE where
 * zstd is not installed. `what` wants it; NULL: an object. */
RF_MUST_USE rf_code rf_libzstd_load(const char *what, struct rf_err *reterr);
/** Loaded by rf_libzstd_load. Threads: any. */
const struct rf_libzstd *rf_libzstd(void);

#endif

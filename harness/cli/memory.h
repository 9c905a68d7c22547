/* SPDX-License-Identifier: MIT */
/* What refold needs of memory before it begins: a stack, and a library that fails as it does. */
#ifndef RF_CLI_MEMORY_H
#define RF_CLI_MEMORY_H

#include "base/error.h"

/**
 * Raise the stack's soft limit where it is small, and have jansson allocate as refold does
 * (base/alloc.h): where memory runs out in it, that ends refold with 70 too, and not with what a
 * caller takes for bad input. In front of all else. @return RF_OK, or RF_ERR_INTERNAL: the stack
 * is too small, and may not be raised
 */
RF_MUST_USE rf_code rf_memory_prepare(struct rf_err *reterr);

#endif

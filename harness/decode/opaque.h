/* SPDX-License-Identifier: MIT */
/* Payloads that are no JSON, told from what is broken or packed. */
#ifndef RF_DECODE_OPAQUE_H
#define RF_DECODE_OPAQUE_H

#include <stdbool.h>
#include <stddef.h>

/** Whether the whole of a value is bytes that neither text nor anything packed begins or goes on
 * with: a payload as it was put. */
bool rf_opaque_is(const char *bytes, size_t count);

#endif

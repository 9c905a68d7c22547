/* SPDX-License-Identifier: MIT */
/* CRC-32C (Castagnoli), which zlib does not have. */
#ifndef RF_BASE_CRC32C_H
#define RF_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/** Of a run of bytes. Source: RFC 3720, 12.1 and B.4. By the processor where that can. Threads:
 * any. */
uint32_t rf_crc32c(const void *bytes, size_t count);

/** Of a run behind another one, whose CRC is `before` (of no bytes: 0). */
uint32_t rf_crc32c_add(uint32_t before, const void *bytes, size_t count);

#endif

/* SPDX-License-Identifier: MIT */
/* CRC-32C (Castagnoli), which zlib does not have. */
#ifndef RF_DECODE_CRC32C_H
#define RF_DECODE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/** Of a run of bytes. Source: RFC 3720, 12.1 and B.4. Threads: any. */
uint32_t rf_crc32c(const void *bytes, size_t count);

#endif

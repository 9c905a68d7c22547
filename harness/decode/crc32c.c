/* SPDX-License-Identifier: MIT */
/* CRC-32C, byte by byte: of a form that Firehose does not write. */
#include "decode/crc32c.h"

#include <pthread.h>

#define POLYNOMIAL UINT32_C(0x82f63b78) /* least significant bit first */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t table[256];

static void
make_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
        }
        table[byte] = crc;
    }
}

uint32_t
rf_crc32c(const void *bytes, size_t count)
{
    const unsigned char *from = bytes;
    uint32_t crc = UINT32_MAX;
    (void)pthread_once(&once, make_table);
    for (size_t i = 0; i < count; i++) {
        crc = (crc >> 8) ^ table[(crc ^ from[i]) & 0xff];
    }
    return ~crc;
}

/* SPDX-License-Identifier: MIT */
/* CRC-32C: byte by byte, or eight at a time by the processor's own instruction. */
#include "base/crc32c.h"

#include <pthread.h>
#include <string.h>

#define POLYNOMIAL UINT32_C(0x82f63b78) /* least significant bit first */

#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_INSTRUCTION
#endif

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

static uint32_t
add_by_table(uint32_t crc, const unsigned char *from, size_t count)
{
    (void)pthread_once(&once, make_table);
    for (size_t i = 0; i < count; i++) {
        crc = (crc >> 8) ^ table[(crc ^ from[i]) & 0xff];
    }
    return crc;
}

#if defined(HAS_INSTRUCTION)
static inline uint64_t
load64(const unsigned char *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof(value));
    return value;
}

__attribute__((target("sse4.2"))) static uint32_t
add_by_instruction(uint32_t crc, const unsigned char *from, size_t count)
{
    uint64_t wide = crc;
    for (; count >= 32; from += 32, count -= 32) {
        wide = __builtin_ia32_crc32di(wide, load64(from));
        wide = __builtin_ia32_crc32di(wide, load64(from + 8));
        wide = __builtin_ia32_crc32di(wide, load64(from + 16));
        wide = __builtin_ia32_crc32di(wide, load64(from + 24));
    }
    for (; count >= 8; from += 8, count -= 8) {
        wide = __builtin_ia32_crc32di(wide, load64(from));
    }
    crc = (uint32_t)wide;
    for (; count > 0; from++, count--) {
        crc = __builtin_ia32_crc32qi(crc, *from);
    }
    return crc;
}
#endif

uint32_t
rf_crc32c_add(uint32_t before, const void *bytes, size_t count)
{
#if defined(HAS_INSTRUCTION)
    if (__builtin_cpu_supports("sse4.2")) {
        return ~add_by_instruction(~before, bytes, count);
    }
#endif
    return ~add_by_table(~before, bytes, count);
}

uint32_t
rf_crc32c(const void *bytes, size_t count)
{
    return rf_crc32c_add(0, bytes, count);
}

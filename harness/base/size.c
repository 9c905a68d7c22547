/* SPDX-License-Identifier: MIT */
/* Sizes as people write them: 4G, 512M, 64KiB. */
#include "base/size.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char UNITS[] = "KMGT";

bool
rf_size_parse(const char *text, uint64_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    uint64_t bytes = number;
    if (errno != 0 || end == text || text[0] == '-') {
        return false;
    }
    const char *unit = *end == '\0' ? NULL : strchr(UNITS, toupper((unsigned char)*end));
    if (unit != NULL) {
        for (const char *u = UNITS; u <= unit; u++) {
            if (__builtin_mul_overflow(bytes, UINT64_C(1024), &bytes)) {
                return false;
            }
        }
        end++;
        end += end[0] == 'i' && end[1] == 'B' ? 2 : end[0] == 'B' ? 1 : 0;
    }
    *ret = bytes;
    return *end == '\0' && bytes > 0;
}

const char *
rf_size_text(uint64_t bytes, char buf[RF_SIZE_TEXT_BYTES])
{
    size_t unit = 0;
    while (unit < sizeof(UNITS) - 1 && bytes > 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    (void)snprintf(buf, RF_SIZE_TEXT_BYTES, unit == 0 ? "%" PRIu64 "%s" : "%" PRIu64 "%.1s", bytes,
                   unit == 0 ? "" : &UNITS[unit - 1]);
    return buf;
}

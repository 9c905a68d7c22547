/* SPDX-License-Identifier: MIT */
/* Sizes as people write them: 4G, 512M, 64KiB. */
#ifndef RF_BASE_SIZE_H
#define RF_BASE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/** "4G", "512MiB", "65536": above 0, in powers of 1024. False where it is none, or too large. */
bool rf_size_parse(const char *text, uint64_t *ret);

#define RF_SIZE_TEXT_BYTES 24

/** The same, the other way round: "4G" where it is a whole number of that unit. Returns `buf`. */
const char *rf_size_text(uint64_t bytes, char buf[RF_SIZE_TEXT_BYTES]);

#endif

/* SPDX-License-Identifier: MIT */
/* Numbers for names, in the order in which they first come. */
#ifndef RF_WORKER_NUMBERS_H
#define RF_WORKER_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rf_numbered {
    char *name; /**< owned; NULL in a place that is free */
    size_t bytes;
    uint64_t hash;
    uint32_t number;
};

/** A hash table with open addresses. All zero is valid and empty. */
struct rf_numbers {
    struct rf_numbered *items;
    size_t room; /**< a power of two, or 0 */
    uint32_t count;
};

/** The name's number; true where it is a new one. */
bool rf_numbers_take(struct rf_numbers *numbers, const char *name, size_t bytes, uint32_t *ret);
void rf_numbers_done(struct rf_numbers *numbers);

#endif

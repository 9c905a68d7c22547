/* SPDX-License-Identifier: MIT */
/* Libraries that are loaded when the first source needs them (ADR 1: what linking them would cost
 * every start). */
#ifndef RF_BASE_LIBRARY_H
#define RF_BASE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/** Where the address of a function goes: a pointer to a pointer to that function. */
struct rf_symbol {
    const char *name;
    void *target;
};

/** Load a shared library and look all its functions up; false where it is not there, or is too old
 * to have one of them. It stays loaded. */
bool rf_library_load(const char *file, const struct rf_symbol *symbols, size_t count);

#endif

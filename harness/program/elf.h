/* SPDX-License-Identifier: MIT */
/* Programs told from shared objects, which both are ELF files. */
#ifndef RF_PROGRAM_ELF_H
#define RF_PROGRAM_ELF_H

#include <stdbool.h>

/**
 * Whether a file is to be executed: an ELF executable (ET_EXEC; or ET_DYN with an interpreter, or
 * that says that it is one), or a script that begins with #! and may be executed. Whatever else,
 * also what cannot be read, is taken for a shared object: the loader says what is wrong with it.
 */
bool rf_is_program(const char *path);

#endif

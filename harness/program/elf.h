/* SPDX-License-Identifier: MIT */
/* Programs and shared objects, which both are ELF files: told from each other, and where they lead.
 */
#ifndef RF_PROGRAM_ELF_H
#define RF_PROGRAM_ELF_H

#include <stdbool.h>

/**
 * Whether a file is to be executed: an ELF executable (ET_EXEC; or ET_DYN with an interpreter, or
 * that says that it is one), or a script that begins with #! and may be executed. Whatever else,
 * also what cannot be read, is taken for a shared object: the loader says what is wrong with it.
 */
bool rf_is_program(const char *path);

/**
 * Whether what is loaded with a file is the same in whichever folder that is done: each of its run
 * paths (DT_RPATH, DT_RUNPATH), and of the libraries that it needs each that is named with its
 * folder, is absolute or begins with $ORIGIN. False also for what cannot be read in full; true for
 * a file without a dynamic section.
 */
bool rf_elf_is_anchored(const char *path);

#endif

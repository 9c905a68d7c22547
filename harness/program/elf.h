/* SPDX-License-Identifier: MIT */
/* Whether a file is a program. Stands in until the station `program` lands. */
#ifndef RF_PROGRAM_ELF_H
#define RF_PROGRAM_ELF_H

#include <stdbool.h>

bool rf_is_program(const char *path);

#endif

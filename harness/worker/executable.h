/* SPDX-License-Identifier: MIT */
/* What is to be known of a program before it is executed. */
#ifndef RF_WORKER_EXECUTABLE_H
#define RF_WORKER_EXECUTABLE_H

#include <limits.h>
#include <stdbool.h>

struct rf_executable {
    bool has_loader;
    char loader[PATH_MAX]; /**< the program with which it is executed: ld.so's path */
    bool reserves; /**< it has a sanitizer's runtime (Go's -race too), which maps terabytes and
                        writes little of them */
};

/** Of a file that cannot be read, or is no ELF of this machine: no loader, nothing reserved. */
void rf_executable_read(const char *file, struct rf_executable *ret);

#endif

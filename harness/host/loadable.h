/* SPDX-License-Identifier: MIT */
/* Whether this machine can load or run a file, told before it is tried. */
#ifndef RF_HOST_LOADABLE_H
#define RF_HOST_LOADABLE_H

#include <stdbool.h>

#include "base/error.h"

/**
 * @name         what errors call the file
 * @ret_program  whether it is run, as a program; else it is loaded
 * @return       RF_OK, or RF_ERR_USAGE: made for another machine, or nobody may run it
 */
RF_MUST_USE rf_code rf_loadable_look(const char *file, const char *name, bool *ret_program,
                                     struct rf_err *reterr);

/** What an error adds where a file could not be executed: of a script, which the sandbox lets none
 * begin, how it can be run; else nothing. */
const char *rf_loadable_advice(const char *file);

#endif

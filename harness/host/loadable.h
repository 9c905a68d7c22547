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

/** Whether it begins with #!. */
bool rf_loadable_is_script(const char *file);

#endif

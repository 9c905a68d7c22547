/* SPDX-License-Identifier: MIT */
/* What went into a build of a revision: nothing of the working tree. */
#ifndef RF_HOST_INPUTS_H
#define RF_HOST_INPUTS_H

#include "base/error.h"
#include "host/compile.h"

/**
 * A path that is absolute (in a go.mod, a Cargo.toml, an #include, a link) leads out of a checkout
 * into the working tree: then both sides of a comparison would be built of the same files, and be
 * the same whatever has changed.
 *
 * @except  folders, the last NULL, that may lie in the working tree and are none of its sources:
 *          caches of modules, what is built, refold's own headers
 * @file    absolute; links are resolved; one that is not there is none
 * @return  RF_OK, also where `source` is of no revision; RF_ERR_USAGE
 */
RF_MUST_USE rf_code rf_inputs_check(const struct rf_source *source, const char *const *except,
                                    const char *file, struct rf_err *reterr);

/** The same of all that a rule of make, as compilers and cargo write them, depends on. */
RF_MUST_USE rf_code rf_inputs_check_rule(const struct rf_source *source, const char *const *except,
                                         const char *rule, struct rf_err *reterr);

#endif

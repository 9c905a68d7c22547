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
 * @except  folders and files, the last NULL, that may lie in the working tree and are none of its
 * sources: caches of modules, what is built, refold's own headers
 * @file    absolute, or as seen from the source's folder; links are resolved; of one that is not
 *          there nobody knows whose it was
 * @return  RF_OK, also where `source` is of no revision; RF_ERR_USAGE
 */
RF_MUST_USE rf_code rf_inputs_check(const struct rf_source *source, const char *const *except,
                                    const char *file, struct rf_err *reterr);

/** The same of all that a rule of make, as compilers and cargo write them, depends on. */
RF_MUST_USE rf_code rf_inputs_check_rule(const struct rf_source *source, const char *const *except,
                                         const char *rule, struct rf_err *reterr);

/** The same of an assembler's rule: what is not there any more was its own source. */
RF_MUST_USE rf_code rf_inputs_check_assembled(const struct rf_source *source,
                                              const char *const *except, const char *rule,
                                              struct rf_err *reterr);

/**
 * What a tool is told by a variable: nothing of it may be in the working tree. For a folder that is
 * where it is named absolutely, or by a link; for a file, wherever it is seen from refold's own
 * folder too: of a second source, a library or a file of options no compiler tells.
 *
 * @variable  as a sentence calls it: "$CC"
 * @words     its value; NULL where it has none
 */
RF_MUST_USE rf_code rf_inputs_check_words(const struct rf_source *source, const char *const *except,
                                          const char *variable, const char *words,
                                          struct rf_err *reterr);

/** The same of variables of the environment, the last NULL. */
RF_MUST_USE rf_code rf_inputs_check_variables(const struct rf_source *source,
                                              const char *const *names, struct rf_err *reterr);

/** For assemblers that do not tell what they read: no file of the rule may have them read one. */
RF_MUST_USE rf_code rf_inputs_check_assembly(const struct rf_source *source, const char *rule,
                                             struct rf_err *reterr);

#endif

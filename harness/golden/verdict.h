/* SPDX-License-Identifier: MIT */
/* From what was found to the exit status: contract.md, "Exit status". */
#ifndef RF_GOLDEN_VERDICT_H
#define RF_GOLDEN_VERDICT_H

#include <stdbool.h>

/** Each is a fact of its own; several may hold at once. */
struct rf_flags {
    bool internal;   /**< the sums do not add up, or memory ran out: 70 */
    bool unwritten;  /**< a report or golden could not be written: 5 */
    bool incomplete; /**< a source could not be read, or changed: 4 */
    bool damaged;    /**< damage that is not waived: 3 */
    bool nothing;    /**< no event matched, or no instance was folded and compared: 2 */
    bool changed;    /**< something differs: 1 */
    bool untrusted;  /**< of an aggregate no state can be trusted: 1 */
    bool no_compare; /**< --no-compare, or bless: 0 does not mean "same" */
    int signal;      /**< that ended the run, or 0 */
};

/** The first of 128+signal, 70, 5, 4, 3, 2, 1, 0 that holds. */
int rf_verdict_exit(const struct rf_flags *flags);

/** "same", "changed", "damaged", "incomplete", "uncompared", "interrupted". "same" only with 0. */
const char *rf_verdict_name(const struct rf_flags *flags);

#endif

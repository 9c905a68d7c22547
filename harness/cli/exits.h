/* SPDX-License-Identifier: MIT */
/* The exit statuses, in the words of contract.md: help and the manual pages print them from here.
 */
#ifndef RF_CLI_EXITS_H
#define RF_CLI_EXITS_H

struct rf_exit {
    const char *codes;   /**< "3", or several: "129, 130" */
    const char *brief;   /**< for the overview; NULL: not there */
    const char *meaning; /**< the contract's words */
};

/** In the contract's order; ends with NULL codes. */
extern const struct rf_exit rf_exits[];

#endif

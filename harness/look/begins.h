/* SPDX-License-Identifier: MIT */
/* The versions with which instances begin: 0 or 1, but all of one aggregate with the same. */
#ifndef RF_LOOK_BEGINS_H
#define RF_LOOK_BEGINS_H

#include <stddef.h>
#include <stdint.h>

/** The instances of one aggregate that begin with one version. */
struct rf_camp {
    uint64_t count;
    char *first; /**< the smallest id by its bytes; owned; may hold NUL bytes */
    size_t first_bytes;
};

/** By aggregate, told by any small number. All zero is valid. */
struct rf_begins {
    struct rf_camp (*camps)[2]; /**< of each aggregate: those that begin with 0, and with 1 */
    size_t count;
};

/** @version  0 or 1 */
void rf_begins_add(struct rf_begins *begins, size_t aggregate, int version, const char *id,
                   size_t id_bytes);
/** Adds what another one has, which is done then. */
void rf_begins_join(struct rf_begins *begins, struct rf_begins *from);
/** The instances that begin with another version than most of their aggregate, of all aggregates
 * together; of a tie those with 1, for these may lack a 0. `ret->first` is borrowed. */
void rf_begins_uneven(const struct rf_begins *begins, struct rf_camp *ret);
void rf_begins_done(struct rf_begins *begins);

#endif

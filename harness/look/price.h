/* SPDX-License-Identifier: MIT */
/* What a server's owner charges, and what a reading costs then. */
#ifndef RF_LOOK_PRICE_H
#define RF_LOOK_PRICE_H

#include <stdbool.h>
#include <stddef.h>

/** A fee for each GB that is read of a storage class. */
struct rf_retrieval_price {
    char *storage;
    double gb;
};

/** The config's `prices`; all zero: none are told. A GB is 2^30 bytes. */
struct rf_prices {
    bool told;
    char *currency;  /**< or NULL */
    double list;     /**< of 1,000 LIST requests */
    double get;      /**< of 1,000 GET requests */
    double transfer; /**< of a GB */
    struct rf_retrieval_price *retrievals;
    size_t retrieval_count;
};

void rf_prices_done(struct rf_prices *prices);

#endif

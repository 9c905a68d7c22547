/* SPDX-License-Identifier: MIT */
/* Memory for many texts that stay where they are. */
#ifndef RF_GOLDEN_TEXT_STORE_H
#define RF_GOLDEN_TEXT_STORE_H

#include <stddef.h>

/** All zero is empty. Threads: one at a time. */
struct rf_text_store {
    struct rf_text_block *block;
};

/** A copy of these bytes, with a NUL behind them; stays until rf_text_store_done. */
const char *rf_text_store_add(struct rf_text_store *store, const char *bytes, size_t count);
/** Takes over all texts of `other`, which is empty afterwards. */
void rf_text_store_join(struct rf_text_store *store, struct rf_text_store *other);
void rf_text_store_done(struct rf_text_store *store);

#endif

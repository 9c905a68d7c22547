/* SPDX-License-Identifier: MIT */
/* One fold for two sinks. */
#ifndef RF_FOLD_TEE_H
#define RF_FOLD_TEE_H

#include "fold/fold.h"

/** `first` and `second` are borrowed. */
struct rf_tee {
    const struct rf_fold_sink *first;
    const struct rf_fold_sink *second;
};

/**
 * A sink that hands everything to both, to the first one first. Only the first one says where the
 * snapshots are: the second must take them as they come. A trace that one of them wants is handed
 * to both. `tee` is borrowed by the sink.
 */
struct rf_fold_sink rf_tee_sink(struct rf_tee *tee);

#endif

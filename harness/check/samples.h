/* SPDX-License-Identifier: MIT */
/* Events that make sense to an aggregate, as far as that can be learned from its descriptor and
 * from what it says of those that it refuses. */
#ifndef RF_CHECK_SAMPLES_H
#define RF_CHECK_SAMPLES_H

#include "check/ask.h"

/** A type, with data. */
struct rf_sample_event {
    char *type;
    size_t type_bytes;
    char *data; /**< JSON */
    bool taken; /**< the aggregate applied it; else it refuses all that was tried */
};

/** Of one aggregate. */
struct rf_sample {
    struct rf_sample_event *events; /**< those that are taken in front, at least one in all */
    size_t count;
    size_t taken; /**< so many of them are */
};

/** Learn kit->samples, where that was not done; a conversation of its own. False where that is
 * broken. */
bool rf_samples_learn(struct rf_kit *kit);
void rf_samples_free(struct rf_kit *kit);

/** Event `place` (from 0 on) of an instance made of samples: one of those that are taken, where
 * there are any. */
const struct rf_sample_event *rf_sample_at(const struct rf_sample *sample, size_t place);

/** Tells the types of all samples of an aggregate; their first number. */
uint32_t rf_samples_tell(struct rf_ask *ask, const struct rf_sample *sample);

/** `count` events from `place` on, in one frame. @first  what rf_samples_tell gave */
uint64_t rf_samples_send(struct rf_ask *ask, const struct rf_sample *sample, uint32_t first,
                         size_t place, size_t count);

#endif

/* SPDX-License-Identifier: MIT */
/* A crew: threads that take the parts of one job from each other, until one of them fails. */
#ifndef RF_BASE_CREW_H
#define RF_BASE_CREW_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/error.h"

struct rf_crew_job {
    size_t part_count; /**< parts are taken in the order of their numbers, from 0 */
    /** Do one part. Whoever took one is called for it, whatever others do meanwhile. */
    rf_code (*work)(void *member, size_t part, struct rf_err *reterr);
    /** No part is left for this member: called on the thread that worked. NULL: nothing to do. */
    void (*leave)(void *member);
    const atomic_bool *stop; /**< no further part is taken; or NULL */
};

/**
 * Do the whole job with one thread for each member (rf_threads_run: fewer may come).
 *
 * @members  an array of `count` (at least 1); each element of `member_bytes` is one thread's, also
 *           where its thread did not come: `leave` is called once for each
 * @return   RF_OK; what `work` returned for the first of the parts that failed, whichever was done
 *           first; an interruption only where nothing else failed: it is often what follows from
 *           another's error; RF_ERR_INTERRUPTED where it was stopped
 */
RF_MUST_USE rf_code rf_crew_run(const struct rf_crew_job *job, void *members, size_t member_bytes,
                                size_t count, struct rf_err *reterr);

#endif

/* SPDX-License-Identifier: MIT */
/* What refold needs of memory before it begins: a stack, and a library that fails as it does. */
#include "cli/memory.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "base/limits.h"

/** Below this no depth of JSON that is allowed by default could be walked over. */
#define STACK_LEAST_BYTES (512 * RF_KIB)
/** What systems give as a rule; where less is given, the rest may still be had. */
#define STACK_BYTES (8 * RF_MIB)

static rf_code
raise_stack(struct rf_err *reterr)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= STACK_BYTES) {
        return RF_OK; /* RLIM_INFINITY is the largest number */
    }
    limit.rlim_cur = limit.rlim_max < STACK_BYTES ? limit.rlim_max : STACK_BYTES;
    (void)setrlimit(RLIMIT_STACK, &limit);
    if (limit.rlim_cur < STACK_LEAST_BYTES) {
        return rf_fail(reterr, RF_ERR_INTERNAL, NULL,
                       "the stack is limited to %" PRIu64 " KiB, and refold needs %" PRIu64
                       ": raise it (ulimit -s)",
                       (uint64_t)limit.rlim_cur / RF_KIB, STACK_LEAST_BYTES / RF_KIB);
    }
    return RF_OK;
}

rf_code
rf_memory_prepare(struct rf_err *reterr)
{
    json_set_alloc_funcs(rf_alloc, free);
    return raise_stack(reterr);
}

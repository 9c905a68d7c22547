/* SPDX-License-Identifier: MIT */
/* No core files. */
#include "cli/cores.h"

#include <sys/prctl.h>
#include <sys/resource.h>

/* Sanitizers find leaks by a process that looks into this one. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_LOOKED_INTO 1
#else
#define IS_LOOKED_INTO 0
#endif

void
rf_cores_forbid(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    /* Where cores go to a program (core_pattern with a pipe) the limit says nothing: this does. */
    if (!IS_LOOKED_INTO) {
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    }
}

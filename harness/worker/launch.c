/* SPDX-License-Identifier: MIT */
/* Becoming an aggregate's program. */
#include "worker/launch.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "worker/answers.h"
#include "worker/bounds.h"
#include "worker/executable.h"
#include "worker/sandbox.h"

_Noreturn void
rf_launch(const char *file, uint64_t memory_bytes)
{
    struct rf_executable program;
    char *path = (char *)(uintptr_t)file;
    char *const arguments[] = {path, NULL};
    rf_executable_read(file, &program);
    rf_bounds_set(memory_bytes);
    rf_bounds_become(program.reserves);
    rf_sandbox_enter_program(file, &program);
    (void)execve(file, arguments, environ);
    rf_worker_fail("%s cannot be executed: %s", file, strerror(errno));
}

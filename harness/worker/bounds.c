/* SPDX-License-Identifier: MIT */
/* What a worker may take of the machine, seen from within. */
#include "worker/bounds.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/sanitizer.h"
#include "worker/protocol.h"

/** What a runtime maps in advance: Go's about 100 MiB, threads 8 MiB each for their stacks. */
#define RUNTIME_BYTES (128 * RF_MIB)
#define STACK_BYTES   (8 * RF_MIB)
/** The same of a program: stacks of 64 threads, or what Go's heap needs beside itself. */
#define PROGRAM_BYTES (512 * RF_MIB)
/** Its pipes and pollers: each costs the kernel memory that is no process's. */
#define PROGRAM_FILES 256

static uint64_t memory = UINT64_MAX;
/** /proc/self/statm: opened while it can be, read once the aggregate is loaded. */
static int measure = -1;

/** @final  it cannot be raised again */
static void
limit(int resource, uint64_t bytes, bool final)
{
    struct rlimit now;
    if (getrlimit(resource, &now) == 0) {
        now.rlim_cur = now.rlim_max != RLIM_INFINITY && bytes > now.rlim_max ? now.rlim_max : bytes;
        now.rlim_max = final ? now.rlim_cur : now.rlim_max;
        (void)setrlimit(resource, &now);
    }
}

/** Where the machine has no memory left in spite of all bounds, it is this process that ends, not
 * refold, nor what else runs there. */
static void
offer_first(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t ignored = write(fd, "1000", 4);
        (void)ignored;
        (void)close(fd);
    }
}

void
rf_bounds_set(uint64_t memory_bytes)
{
    /* An aggregate that crashes is a result; a core file of it may hold what events hold. One byte,
     * not none: to a core file that is piped to a program the kernel applies no limit, but writes
     * none where it is 1. */
    const struct rlimit none = {1, 1};
    (void)setrlimit(RLIMIT_CORE, &none);
    limit(RLIMIT_STACK, STACK_BYTES, false);
    if (memory_bytes > 0 && !RF_SANITIZED) {
        /* Not RLIMIT_AS: what is only reserved, or is a file's, costs nothing. */
        memory = memory_bytes;
        limit(RLIMIT_DATA, memory_bytes + RUNTIME_BYTES, false);
        measure = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    }
    offer_first();
}

void
rf_bounds_loaded(void)
{
    char text[256];
    unsigned long long pages = 0;
    ssize_t got = measure < 0 ? 0 : pread(measure, text, sizeof(text) - 1, 0);
    text[got > 0 ? got : 0] = '\0';
    /* proc(5): the sixth is data and stack. */
    if (sscanf(text, "%*u %*u %*u %*u %*u %llu", &pages) == 1) {
        limit(RLIMIT_DATA, memory + pages * (uint64_t)sysconf(_SC_PAGESIZE), true);
    }
    if (measure >= 0) {
        (void)close(measure);
        measure = -1;
    }
}

void
rf_bounds_become(bool reserves)
{
    const struct rlimit files = {PROGRAM_FILES, PROGRAM_FILES};
    (void)setrlimit(RLIMIT_NOFILE, &files);
    if (reserves) {
        limit(RLIMIT_DATA, RLIM_INFINITY, false);
    } else if (memory != UINT64_MAX) {
        limit(RLIMIT_DATA, memory + PROGRAM_BYTES, true);
    }
}

uint64_t
rf_bounds_memory(void)
{
    return memory;
}

void
rf_bounds_exceed(uint64_t piece_bytes)
{
    _exit(piece_bytes > memory ? RF_EXIT_PIECE : RF_EXIT_MEMORY);
}

/* SPDX-License-Identifier: MIT */
/* Waiting for a worker, and telling one that hangs from one that is merely slow. */
#include "host/watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "host/spawn.h"

/** Longest single wait; between waits the worker's state is looked at. */
#define SLICE_MS 50
/** Of programs and libraries a process has at most so much mapped. */
#define PROGRAM_BYTES (64 * RF_MIB)
/** A program may have so many threads: each one more counts as memory, for the kernel's own has no
 * other bound. */
#define THREADS_MOST 256
#define THREAD_BYTES (32 * RF_KIB)
/** A worker that wants the processor but never gets enough of it is hung after so many timeouts. */
#define STARVED_FACTOR 30

void
rf_watch_reset(struct rf_watch *watch)
{
    watch->waited_ms = 0;
    watch->has_cpu_start = false;
}

/** Reads a file of a process's below /proc. False where there is none. */
static bool
read_about(pid_t pid, const char *name, char *text, size_t room)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t got = read(fd, text, room - 1);
    (void)close(fd);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

/** What the system says of a process. */
struct look {
    char
        state; /**< 'R' runs, 'D' waits for a page or a disk, 'S' for something else, 'T' stopped */
    int64_t cpu_ms;
    long threads;
    int parent;
};

/** False where there is no /proc. */
static bool
look_at_process(pid_t pid, struct look *ret)
{
    char text[1024];
    if (!read_about(pid, "stat", text, sizeof(text))) {
        return false;
    }
    /* The name, in parentheses, may hold anything: go on behind the last one. proc(5): 3 is the
     * state, 4 the parent, 14 and 15 are user and system time in ticks, 20 the number of threads.
     */
    const char *at = strrchr(text, ')');
    unsigned long user = 0;
    unsigned long system = 0;
    if (at == NULL ||
        sscanf(at + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %ld",
               &ret->state, &ret->parent, &user, &system, &ret->threads) != 5) {
        return false;
    }
    long ticks = sysconf(_SC_CLK_TCK);
    ret->cpu_ms = (int64_t)(user + system) * 1000 / (ticks > 0 ? ticks : 100);
    return true;
}

pid_t
rf_watch_parent(pid_t pid)
{
    struct look look;
    return look_at_process(pid, &look) ? look.parent : 0;
}

long
rf_watch_threads(pid_t pid)
{
    struct look look;
    return look_at_process(pid, &look) ? look.threads : 0;
}

/** The process of the worker's program, or 0: its own. */
static pid_t
program_of(const struct rf_watch *watch, pid_t pid)
{
    pid_t program = watch->ward == NULL ? 0 : watch->ward->program;
    return program == pid ? 0 : program;
}

/** Of threads beyond what a runtime needs. */
static uint64_t
thread_memory(pid_t pid)
{
    long threads = rf_watch_threads(pid);
    return threads > THREADS_MOST ? (uint64_t)(threads - THREADS_MOST) * THREAD_BYTES : 0;
}

uint64_t
rf_watch_memory(const struct rf_watch *watch, pid_t pid)
{
    pid_t program = watch->ward == NULL ? 0 : watch->ward->program;
    uint64_t own = rf_watch_own_memory(pid, watch->given_bytes);
    if (program == 0) {
        return own;
    }
    uint64_t taken = rf_watch_own_memory(program, 0) + thread_memory(program);
    return taken > own ? taken : own;
}

bool
rf_watch_is_heavy(const struct rf_watch *watch, pid_t pid)
{
    uint64_t most = watch->memory_bytes / 2;
    return watch->measured_bytes > most && rf_watch_memory(watch, pid) > most;
}

uint64_t
rf_watch_own_memory(pid_t pid, uint64_t given_bytes)
{
    char text[256];
    unsigned long long resident = 0;
    unsigned long long shared = 0;
    if (!read_about(pid, "statm", text, sizeof(text)) ||
        sscanf(text, "%*u %llu %llu", &resident, &shared) != 2 || shared > resident) {
        return 0;
    }
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t given = given_bytes + PROGRAM_BYTES;
    uint64_t excess = shared * page > given ? shared * page - given : 0;
    return (resident - shared) * page + excess;
}

/** Whether it has too much memory, where it is time to measure that. */
static bool
is_full(struct rf_watch *watch, pid_t pid)
{
    int64_t now = watch->memory_bytes == 0 ? 0 : rf_clock_ms();
    if (now - watch->measured_ms < SLICE_MS) {
        return false;
    }
    watch->measured_ms = now;
    watch->measured_bytes = rf_watch_memory(watch, pid);
    return watch->measured_bytes > watch->memory_bytes;
}

/** Whether one of its threads runs, or would if it were let. */
static bool
wants_cpu(pid_t pid)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return false;
    }
    bool wants = false;
    const struct dirent *entry;
    while (!wants && (entry = readdir(folder)) != NULL) {
        struct look look;
        long thread = strtol(entry->d_name, NULL, 10);
        wants = thread > 0 && look_at_process((pid_t)thread, &look) &&
                (look.state == 'R' || look.state == 'D');
    }
    (void)closedir(folder);
    return wants;
}

/** The worker, and its program where it has one: time is that of both, for either may be at it. */
static bool
look_at_worker(const struct rf_watch *watch, pid_t pid, struct look *ret)
{
    struct look program;
    pid_t number = program_of(watch, pid);
    if (!look_at_process(pid, ret)) {
        return false;
    }
    if (number > 0 && look_at_process(number, &program)) {
        ret->cpu_ms += program.cpu_ms;
        ret->state = program.state == 'T' ? 'T' : ret->state;
    }
    return true;
}

/** Whether the process has had its time. */
static bool
is_hung(struct rf_watch *watch, pid_t pid, int timeout_ms)
{
    struct look look;
    if (!look_at_worker(watch, pid, &look)) {
        return watch->waited_ms >= timeout_ms;
    }
    if (!watch->has_cpu_start) {
        watch->has_cpu_start = true;
        watch->cpu_start_ms = look.cpu_ms;
    }
    watch->stopped = look.state == 'T';
    if (watch->waited_ms < timeout_ms) {
        return false;
    }
    /* The clock of CPU time began a slice late, and ticks are coarse. */
    if (look.cpu_ms - watch->cpu_start_ms + SLICE_MS + 20 >= timeout_ms) {
        return true;
    }
    pid_t program = program_of(watch, pid);
    bool wants = wants_cpu(pid) || (program > 0 && wants_cpu(program));
    int64_t limit = (int64_t)timeout_ms * (wants ? STARVED_FACTOR : 2);
    return watch->waited_ms >= limit;
}

enum rf_watched
rf_watch_wait(struct rf_watch *watch, pid_t pid, int fd, int timeout_ms)
{
    for (;;) {
        if (is_full(watch, pid)) {
            return RF_WATCHED_FULL;
        }
        int slice = timeout_ms < 4 * SLICE_MS ? timeout_ms / 4 + 1 : SLICE_MS;
        int64_t before = rf_clock_ms();
        if (rf_ward_poll(watch->ward, fd, slice)) {
            return RF_WATCHED_READY;
        }
        /* Where we were stopped ourselves (a terminal's ^Z, a sleeping laptop), the time does not
         * count. */
        int64_t passed = rf_clock_ms() - before;
        watch->waited_ms += (int)(passed < 2 * slice ? passed : 2 * slice);
        /* A child of the plugin's may hold the pipe open behind a dead worker. */
        if (rf_spawn_ended(pid)) {
            return RF_WATCHED_ENDED;
        }
        if (is_hung(watch, pid, timeout_ms)) {
            return RF_WATCHED_HUNG;
        }
    }
}

bool
rf_watch_end(pid_t pid, long limit_us)
{
    long waited = 0;
    for (long pause = 20; !rf_spawn_ended(pid); pause *= 2) {
        if (waited >= limit_us) {
            return false;
        }
        pause = pause > 1000 ? 1000 : pause;
        rf_clock_sleep_us(pause);
        waited += pause;
    }
    return true;
}

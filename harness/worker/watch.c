/* SPDX-License-Identifier: MIT */
/* Waiting for a worker, and telling one that hangs from one that is merely slow. */
#include "worker/watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "worker/spawn.h"

/** Longest single wait; between waits the worker's state is looked at. */
#define SLICE_MS 50
/** A worker that wants the processor but never gets enough of it is hung after so many timeouts. */
#define STARVED_FACTOR 30

void
rf_watch_reset(struct rf_watch *watch)
{
    watch->waited_ms = 0;
    watch->has_cpu_start = false;
}

/** What the system says of the process: CPU time, and whether it runs or waits for a page. False
 * where there is no /proc. */
static bool
look_at_process(pid_t pid, int64_t *ret_cpu_ms, bool *ret_wants_cpu)
{
    char path[64];
    char text[1024];
    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t got = read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    if (got <= 0) {
        return false;
    }
    text[got] = '\0';
    /* The name, in parentheses, may hold anything: go on behind the last one. proc(5): 3 is the
     * state, 14 and 15 are user and system time in ticks. */
    const char *at = strrchr(text, ')');
    char state = 0;
    unsigned long user = 0;
    unsigned long system = 0;
    if (at == NULL || sscanf(at + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &state,
                             &user, &system) != 3) {
        return false;
    }
    long ticks = sysconf(_SC_CLK_TCK);
    *ret_cpu_ms = (int64_t)(user + system) * 1000 / (ticks > 0 ? ticks : 100);
    *ret_wants_cpu = state == 'R' || state == 'D';
    return true;
}

/** Whether the process has had its time. */
static bool
is_hung(struct rf_watch *watch, pid_t pid, int timeout_ms)
{
    int64_t cpu_ms = 0;
    bool wants_cpu = false;
    if (!look_at_process(pid, &cpu_ms, &wants_cpu)) {
        return watch->waited_ms >= timeout_ms;
    }
    if (!watch->has_cpu_start) {
        watch->has_cpu_start = true;
        watch->cpu_start_ms = cpu_ms;
    }
    if (watch->waited_ms < timeout_ms) {
        return false;
    }
    /* The clock of CPU time began a slice late, and ticks are coarse. */
    if (cpu_ms - watch->cpu_start_ms + SLICE_MS + 20 >= timeout_ms) {
        return true;
    }
    int64_t limit = (int64_t)timeout_ms * (wants_cpu ? STARVED_FACTOR : 2);
    return watch->waited_ms >= limit;
}

enum rf_watched
rf_watch_wait(struct rf_watch *watch, pid_t pid, int fd, int timeout_ms)
{
    for (;;) {
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

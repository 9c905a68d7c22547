/* SPDX-License-Identifier: MIT */
/* A line on the terminal while long work runs. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/threads.h"

#define REDRAW_SECONDS 0.2
/** How often the thread looks whether it is over. */
#define LOOK_MS 20
/** Work that is over sooner shows nothing: a line that flashes up only distracts. */
#define QUIET_SECONDS 0.4

static void
add_bytes(struct rf_buf *line, uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1000 && unit < 4) {
        value /= 1000;
        unit++;
    }
    rf_buf_format(line, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

static void
add_rest(struct rf_buf *line, double seconds)
{
    if (seconds < 90) {
        rf_buf_format(line, ", %.0f s left", seconds);
    } else {
        rf_buf_format(line, ", %.0f min left", seconds / 60);
    }
}

/** `done` of `total` after `seconds`, as percent and time left. */
static void
add_share(struct rf_buf *line, double done, double total, double seconds)
{
    if (total <= 0 || done <= 0) {
        return;
    }
    double share = done < total ? done / total : 1;
    rf_buf_format(line, " (%.0f%%)", share * 100);
    add_rest(line, seconds / share - seconds);
}

/** What moves bytes tells how many a second. */
static void
add_moved(const struct rf_progress *progress, struct rf_buf *line, double seconds)
{
    uint64_t objects = atomic_load(&progress->counts.objects_done);
    uint64_t bytes = atomic_load(&progress->counts.bytes_done);
    rf_buf_format(line, "fetching: %llu of %llu objects, ", (unsigned long long)objects,
                  (unsigned long long)progress->objects_total);
    add_bytes(line, bytes);
    rf_buf_string(line, ", ");
    add_bytes(line, seconds > 0 ? (uint64_t)((double)bytes / seconds) : 0);
    rf_buf_string(line, "/s");
    if (progress->bytes_total > 0) {
        add_share(line, (double)bytes, (double)progress->bytes_total, seconds);
    } else {
        add_share(line, (double)objects, (double)progress->objects_total, seconds);
    }
}

static void
draw(struct rf_progress *progress, struct rf_buf *line, double seconds, double fold_seconds)
{
    uint64_t total = atomic_load(&progress->events_total);
    rf_buf_clear(line);
    rf_buf_string(line, "\r\033[K");
    if (progress->building != NULL) {
        rf_buf_string(line, "building: ");
        rf_escape_terminal(line, progress->building, strlen(progress->building));
        rf_buf_format(line, ", %.0f s", seconds);
    } else if (progress->moves) {
        add_moved(progress, line, seconds);
    } else if (total == 0) {
        uint64_t events = atomic_load(&progress->counts.events_read);
        uint64_t bytes = atomic_load(&progress->counts.bytes_done);
        rf_buf_format(line, "reading: %llu of %llu objects, ",
                      (unsigned long long)atomic_load(&progress->counts.objects_done),
                      (unsigned long long)progress->objects_total);
        add_bytes(line, bytes);
        rf_buf_format(line, ", %.0f events/s", seconds > 0 ? (double)events / seconds : 0);
        add_share(line, (double)bytes, (double)progress->bytes_total, seconds);
    } else {
        uint64_t events = atomic_load(&progress->counts.events_folded);
        rf_buf_format(line, "%s: %llu of %llu events, %.0f events/s", progress->doing,
                      (unsigned long long)events, (unsigned long long)total,
                      fold_seconds > 0 ? (double)events / fold_seconds : 0);
        add_share(line, (double)events, (double)total, fold_seconds);
    }
    ssize_t ignored = write(STDERR_FILENO, line->bytes, line->used);
    (void)ignored;
}

static void *
run(void *context)
{
    struct rf_progress *progress = context;
    struct rf_buf line = {0};
    double start = rf_clock_seconds();
    double fold_start = 0;
    double next = start + QUIET_SECONDS;
    const struct timespec pause = {0, LOOK_MS * 1000000L};
    bool drawn = false;
    while (!atomic_load(&progress->ended)) {
        (void)nanosleep(&pause, NULL);
        double now = rf_clock_seconds();
        if (fold_start == 0 && atomic_load(&progress->events_total) > 0) {
            fold_start = now;
        }
        if (now >= next && !atomic_load(&progress->ended)) {
            draw(progress, &line, now - start, fold_start == 0 ? 0 : now - fold_start);
            next = now + REDRAW_SECONDS;
            drawn = true;
        }
    }
    if (drawn) {
        ssize_t ignored = write(STDERR_FILENO, "\r\033[K", 4);
        (void)ignored;
    }
    rf_buf_done(&line);
    return NULL;
}

void
rf_progress_start(struct rf_progress *progress, bool shown, uint64_t objects_total,
                  uint64_t bytes_total)
{
    progress->objects_total = objects_total;
    progress->bytes_total = bytes_total;
    if (shown && rf_thread_start(&progress->thread, run, progress)) {
        progress->running = true;
    }
}

void
rf_progress_events(struct rf_progress *progress, const char *doing, uint64_t events_total)
{
    progress->doing = doing;
    atomic_store(&progress->events_total, events_total);
}

void
rf_progress_stop(struct rf_progress *progress)
{
    if (progress->running) {
        atomic_store(&progress->ended, true);
        (void)pthread_join(progress->thread, NULL);
        progress->running = false;
    }
}

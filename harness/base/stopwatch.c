/* SPDX-License-Identifier: MIT */
/* Where the CPU time goes. */
#include "base/stopwatch.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/error.h"

atomic_bool rf_stopwatch_runs;

static atomic_uint_fast64_t spent[RF_STATION_COUNT_];

/** Where this thread is, and since when, by its own clock. */
static _Thread_local struct {
    enum rf_station station;
    uint64_t since;
} here;

static const struct {
    const char *name;
    const char *summary;
} rows[RF_STATION_COUNT_] = {
    [RF_STATION_REST] = {"rest", "options, builds, threads, memory given back"},
    [RF_STATION_WALK] = {"walk", "finding the objects"},
    [RF_STATION_GOLDEN] = {"golden", "reading the goldens"},
    [RF_STATION_READ] = {"read", "objects from where they lie, archives unpacked"},
    [RF_STATION_INFLATE] = {"inflate", "unpacking objects"},
    [RF_STATION_DECODE] = {"decode", "records to events, and these into buckets"},
    [RF_STATION_GATHER] = {"gather", "events to instances, in order"},
    [RF_STATION_SORT] = {"sort", "the instances of a bucket"},
    [RF_STATION_SUBMIT] = {"submit", "instances handed to workers"},
    [RF_STATION_COMPARE] = {"compare", "their answers checked and compared"},
    [RF_STATION_WORKERS] = {"workers", "apply, and states as JSON: other processes"},
    [RF_STATION_REPORT] = {"report", "reports written"},
};

const char *
rf_station_name(enum rf_station station)
{
    RF_VERIFY((unsigned)station < RF_STATION_COUNT_);
    return rows[station].name;
}

const char *
rf_station_summary(enum rf_station station)
{
    RF_VERIFY((unsigned)station < RF_STATION_COUNT_);
    return rows[station].summary;
}

static uint64_t
read_clock(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

void
rf_stopwatch_start(void)
{
    atomic_store(&rf_stopwatch_runs, true);
}

enum rf_station
rf_stopwatch_switch(enum rf_station station)
{
    uint64_t now = read_clock(CLOCK_THREAD_CPUTIME_ID);
    enum rf_station before = here.station;
    if (before != RF_STATION_REST && now > here.since) {
        rf_stopwatch_add(before, now - here.since);
    }
    here.station = station;
    here.since = now;
    return before;
}

void
rf_stopwatch_add(enum rf_station station, uint64_t nanos)
{
    atomic_fetch_add_explicit(&spent[station], nanos, memory_order_relaxed);
}

bool
rf_stopwatch_read(uint64_t ret[RF_STATION_COUNT_])
{
    memset(ret, 0, RF_STATION_COUNT_ * sizeof(*ret));
    if (!atomic_load(&rf_stopwatch_runs)) {
        return false;
    }
    uint64_t own = 0;
    (void)rf_stopwatch_switch(here.station); /* what this thread is at, up to now */
    for (int i = RF_STATION_REST + 1; i < RF_STATION_COUNT_; i++) {
        ret[i] = atomic_load_explicit(&spent[i], memory_order_relaxed);
        own += i == RF_STATION_WORKERS ? 0 : ret[i];
    }
    uint64_t all = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    ret[RF_STATION_REST] = all > own ? all - own : 0;
    return true;
}

static uint64_t
nanos_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_usec * 1000;
}

uint64_t
rf_stopwatch_children(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_CHILDREN, &usage);
    return nanos_of(usage.ru_utime) + nanos_of(usage.ru_stime);
}

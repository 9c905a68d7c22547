/* SPDX-License-Identifier: MIT */
/* Where the CPU time goes. Each test is a process of its own. */
#include "base/stopwatch.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

static uint64_t
own_nanos(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Burns at least so much of this thread's time. */
static void
burn(uint64_t nanos)
{
    uint64_t start = own_nanos();
    while (own_nanos() - start < nanos) {
    }
}

#define MS UINT64_C(1000000)

Test(stopwatch, takes_no_time_unless_it_runs)
{
    uint64_t read[RF_STATION_COUNT_];
    enum rf_station before = rf_station_enter(RF_STATION_GATHER);
    burn(MS);
    (void)rf_station_enter(before);
    cr_assert_not(rf_stopwatch_read(read));
    for (int i = 0; i < RF_STATION_COUNT_; i++) {
        cr_assert_eq(read[i], 0);
    }
}

/* A station within another one takes its time out of it. */
Test(stopwatch, stations_within_stations)
{
    uint64_t read[RF_STATION_COUNT_];
    rf_stopwatch_start();
    enum rf_station before = rf_station_enter(RF_STATION_DECODE);
    cr_assert_eq(before, RF_STATION_REST);
    burn(5 * MS);
    uint64_t start = own_nanos();
    enum rf_station inner = rf_station_enter(RF_STATION_INFLATE);
    cr_assert_eq(inner, RF_STATION_DECODE);
    burn(20 * MS);
    cr_assert_eq(rf_station_enter(inner), RF_STATION_INFLATE);
    uint64_t inflating = own_nanos() - start;
    burn(5 * MS);
    cr_assert(rf_stopwatch_read(read), "the station that is open counts up to now");
    cr_assert_geq(read[RF_STATION_DECODE], 10 * MS);
    cr_assert_geq(read[RF_STATION_INFLATE], 20 * MS);
    cr_assert_leq(read[RF_STATION_INFLATE], inflating);
    (void)rf_station_enter(before);
    burn(20 * MS);
    uint64_t later[RF_STATION_COUNT_];
    cr_assert(rf_stopwatch_read(later));
    cr_assert_eq(later[RF_STATION_INFLATE], read[RF_STATION_INFLATE]);
    cr_assert_geq(later[RF_STATION_REST], read[RF_STATION_REST] + 5 * MS);
    cr_assert_eq(later[RF_STATION_WORKERS], 0);
}

static void *
work(void *context)
{
    enum rf_station before = rf_station_enter(*(enum rf_station *)context);
    burn(5 * MS);
    (void)rf_station_enter(before);
    return NULL;
}

/* Each thread has a clock of its own; that another one waits costs nothing. */
Test(stopwatch, threads_add_up)
{
    static enum rf_station stations[] = {RF_STATION_GATHER, RF_STATION_GATHER, RF_STATION_READ};
    pthread_t threads[3];
    uint64_t read[RF_STATION_COUNT_];
    rf_stopwatch_start();
    enum rf_station before = rf_station_enter(RF_STATION_REPORT);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, work, &stations[i]), 0);
    }
    for (size_t i = 0; i < 3; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    (void)rf_station_enter(before);
    cr_assert(rf_stopwatch_read(read));
    cr_assert_geq(read[RF_STATION_GATHER], 10 * MS);
    cr_assert_geq(read[RF_STATION_READ], 5 * MS);
    cr_assert_lt(read[RF_STATION_REPORT], 5 * MS, "it has only waited");
    rf_stopwatch_add(RF_STATION_WORKERS, 7);
    cr_assert(rf_stopwatch_read(read));
    cr_assert_eq(read[RF_STATION_WORKERS], 7);
}

Test(stopwatch, stations_have_names)
{
    for (int i = 0; i < RF_STATION_COUNT_; i++) {
        cr_assert_neq(strlen(rf_station_name((enum rf_station)i)), 0);
        cr_assert_neq(strlen(rf_station_summary((enum rf_station)i)), 0);
    }
}

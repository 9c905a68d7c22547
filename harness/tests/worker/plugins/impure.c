/* SPDX-License-Identifier: MIT */
/*
 * The purity zoo: code that looks at what it must not see, and code that only seems to. Which it is
 * tells the front of the instance's id, up to the first "-"; KINDS lists all. Each gives a value
 * that goes into the state at the events of type "Look"; other events only count.
 */
#define _GNU_SOURCE
#include <refold/aggregate.h>

#include <fcntl.h>
#include <fenv.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

struct impure {
    int64_t events;
    int64_t value;
    refold_text first, second;
};

#define HIDE(pointer) __asm__ volatile("" : "+r"(pointer)) /* the compiler knows nothing of it */

/* ---- impure ---------------------------------------------------------------------------------- */

static int64_t
clock_day(struct impure *state, const refold_event *event)
{
    (void)state, (void)event;
    return time(NULL) / 86400;
}

static int64_t
clock_gettimeofday(struct impure *state, const refold_event *event)
{
    struct timeval now;
    (void)state, (void)event;
    gettimeofday(&now, NULL);
    return now.tv_sec / 60;
}

/* Only what is below the second: microseconds, */
static int64_t
clock_micros(struct impure *state, const refold_event *event)
{
    struct timeval now;
    (void)state, (void)event;
    gettimeofday(&now, NULL);
    return now.tv_usec;
}

/* ... the half of the second, */
static int64_t
clock_half(struct impure *state, const refold_event *event)
{
    return clock_micros(state, event) >= 500000;
}

/* ... and one decimal digit of the nanoseconds: that of the event's version, from 1. */
static int64_t
clock_digit(struct impure *state, const refold_event *event)
{
    struct timespec now;
    (void)state;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    for (int64_t digit = 1; digit < event->version; digit++) {
        now.tv_nsec /= 10;
    }
    return now.tv_nsec % 10;
}

static int64_t
clock_c11(struct impure *state, const refold_event *event)
{
    struct timespec now;
    (void)state, (void)event;
    (void)timespec_get(&now, TIME_UTC);
    return now.tv_nsec / 1000000;
}

static int64_t
clock_of_processor(struct impure *state, const refold_event *event)
{
    struct timespec now;
    (void)state, (void)event;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_nsec / 1000;
}

static int64_t
clock_ticks(struct impure *state, const refold_event *event)
{
    (void)state, (void)event;
    return clock() % CLOCKS_PER_SEC;
}

static int64_t
clock_times(struct impure *state, const refold_event *event)
{
    struct tms spent;
    (void)state, (void)event;
    return times(&spent) % 100;
}

int ftime(void *ret); /* no longer in all headers */

static int64_t
clock_ftime(struct impure *state, const refold_event *event)
{
    struct {
        time_t seconds;
        unsigned short millis, rest[8];
    } now;
    (void)state, (void)event;
    (void)ftime(&now);
    return now.seconds / 86400;
}

/* How long it took, in seconds. */
static int64_t
clock_elapsed(struct impure *state, const refold_event *event)
{
    (void)state, (void)event;
    time_t before = time(NULL);
    return time(NULL) - before;
}

static int64_t
clock_afternoon(struct impure *state, const refold_event *event)
{
    struct tm parts;
    time_t now = time(NULL);
    (void)state, (void)event;
    (void)gmtime_r(&now, &parts);
    return parts.tm_hour >= 12;
}

/* Older than thirty days. The event's own time is past each of them today. */
static int64_t
clock_age(struct impure *state, const refold_event *event)
{
    (void)state;
    return time(NULL) - (event->at.seconds + INT64_C(5) * 366 * 86400) > 30 * 86400;
}

static int64_t
random_unseeded(struct impure *state, const refold_event *event)
{
    (void)state, (void)event;
    return rand() % 1000000;
}

static int64_t
random_getrandom(struct impure *state, const refold_event *event)
{
    uint32_t value = 0;
    (void)state, (void)event;
    (void)!getrandom(&value, sizeof(value), 0);
    return value;
}

static int64_t
random_device(struct impure *state, const refold_event *event)
{
    uint32_t value = 0;
    (void)state, (void)event;
    int fd = open("/dev/urandom", O_RDONLY);
    if (fd >= 0) {
        (void)!read(fd, &value, sizeof(value));
        close(fd);
    }
    return value;
}

static int64_t
uninit_heap(struct impure *state, const refold_event *event)
{
    unsigned char *bytes = malloc(200);
    (void)state, (void)event;
    HIDE(bytes);
    int64_t value = bytes[117];
    free(bytes);
    return value;
}

static __attribute__((noinline)) int64_t
read_local(void)
{
    unsigned char bytes[256];
    unsigned char *at = bytes;
    HIDE(at);
    return at[77];
}

static int64_t
uninit_stack(struct impure *state, const refold_event *event)
{
    (void)state, (void)event;
    return read_local();
}

/* Which of two nodes has the lower address. */
static int64_t
pointer_order(struct impure *state, const refold_event *event)
{
    (void)state, (void)event;
    char *one = malloc(40);
    char *two = malloc(40);
    HIDE(one);
    HIDE(two);
    int64_t value = (uintptr_t)one < (uintptr_t)two;
    free(two); /* so that the next two come as these did */
    free(one);
    return value;
}

/* The same of two texts that the state keeps. */
static int64_t
text_order(struct impure *state, const refold_event *event)
{
    refold_text_set(event, &state->first, event->id);
    refold_text_set(event, &state->second, event->id);
    return (uintptr_t)state->first.ptr < (uintptr_t)state->second.ptr;
}

/* A table of pointers that is hashed by address. */
static int64_t
pointer_hash(struct impure *state, const refold_event *event)
{
    static char node;
    (void)event;
    return (int64_t)(((uintptr_t)&node ^ (uintptr_t)state) % 1009);
}

static int64_t
static_counter(struct impure *state, const refold_event *event)
{
    static int64_t counter;
    (void)state, (void)event;
    return ++counter;
}

/* The buffer holds the end of a longer id that came before. */
static int64_t
leftover_buffer(struct impure *state, const refold_event *event)
{
    static char buffer[64];
    int64_t sum = 0;
    (void)state;
    memcpy(buffer, event->id.ptr, event->id.len < 20 ? event->id.len : 20);
    for (size_t i = 0; i < sizeof(buffer); i++) {
        sum = sum * 31 + buffer[i];
    }
    return sum & 0xffffffff;
}

static int64_t
locale_point(struct impure *state, const refold_event *event)
{
    (void)state, (void)event;
    (void)setlocale(LC_ALL, "");
    int64_t value = localeconv()->decimal_point[0];
    (void)setlocale(LC_ALL, "C");
    return value;
}

static int64_t
environment_region(struct impure *state, const refold_event *event)
{
    (void)state, (void)event;
    return getenv("REGION") != NULL;
}

static int64_t
environment_list(struct impure *state, const refold_event *event)
{
    int64_t sum = 0;
    (void)state, (void)event;
    for (char **at = environ; at != NULL && *at != NULL; at++) {
        sum += (*at)[0];
    }
    return sum;
}

static int64_t
environment_count(struct impure *state, const refold_event *event)
{
    int64_t count = 0;
    (void)state, (void)event;
    for (char **at = environ; at != NULL && *at != NULL; at++) {
        count++;
    }
    return count;
}

static int64_t
zone_hour(struct impure *state, const refold_event *event)
{
    time_t at = event->at.seconds;
    struct tm parts;
    (void)state;
    (void)localtime_r(&at, &parts);
    return parts.tm_hour;
}

static int64_t
machine_pid(struct impure *state, const refold_event *event)
{
    (void)state, (void)event;
    return getpid();
}

/* Past the C library: nothing sees it, and it differs each time. */
static int64_t
unseen_clock(struct impure *state, const refold_event *event)
{
    struct timespec now = {0, 0};
    (void)state, (void)event;
    (void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return now.tv_nsec;
}

/* The same of a coin that shows heads one time in four. */
static int64_t
unseen_coin(struct impure *state, const refold_event *event)
{
    return (uint64_t)unseen_clock(state, event) * UINT64_C(0x9E3779B97F4A7C15) >> 62 == 0;
}

/* ---- pure ------------------------------------------------------------------------------------ */

static int64_t
pure_times(struct impure *state, const refold_event *event)
{
    static volatile time_t sink;
    (void)state, (void)event;
    sink = time(NULL);
    return sink > 0;
}

static int64_t
pure_seeded(struct impure *state, const refold_event *event)
{
    (void)state;
    srand((unsigned)event->version);
    return rand() % 1000;
}

static int
compare_bytes(const void *a, const void *b)
{
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

static int64_t
pure_scratch(struct impure *state, const refold_event *event)
{
    static _Thread_local char text[80];
    char *copy = malloc(event->id.len + 1);
    (void)state;
    memcpy(copy, event->id.ptr, event->id.len);
    qsort(copy, event->id.len, 1, compare_bytes);
    (void)snprintf(text, sizeof(text), "%.3f", event->id.len / 7.0);
    int64_t value = copy[0] + (int64_t)(strtod(text, NULL) * 1000);
    free(copy);
    return value;
}

static int64_t
pure_rounding(struct impure *state, const refold_event *event)
{
    volatile double third = 3.0;
    int before = fegetround();
    (void)state;
    (void)fesetround(FE_UPWARD);
    int64_t value = (int64_t)(event->version / third * 1e15);
    (void)fesetround(before);
    return value;
}

static int64_t
pure_debug(struct impure *state, const refold_event *event)
{
    (void)state, (void)event;
    if (getenv("DEBUG") != NULL) {
        (void)fprintf(stderr, "debug\n");
    }
    return 2;
}

static const struct {
    const char *name;
    int64_t (*look)(struct impure *state, const refold_event *event);
} KINDS[] = {
    {"clock", clock_day},
    {"gettimeofday", clock_gettimeofday},
    {"rand", random_unseeded},
    {"getrandom", random_getrandom},
    {"urandom", random_device},
    {"heap", uninit_heap},
    {"stack", uninit_stack},
    {"order", pointer_order},
    {"textorder", text_order},
    {"hash", pointer_hash},
    {"counter", static_counter},
    {"leftover", leftover_buffer},
    {"locale", locale_point},
    {"getenv", environment_region},
    {"environ", environment_list},
    {"zone", zone_hour},
    {"pid", machine_pid},
    {"unseen", unseen_clock},
    {"puretimes", pure_times},
    {"pureseeded", pure_seeded},
    {"purescratch", pure_scratch},
    {"purerounding", pure_rounding},
    {"puredebug", pure_debug},
    {"coin", unseen_coin},
    {"micros", clock_micros},
    {"half", clock_half},
    {"digit", clock_digit},
    {"c11", clock_c11},
    {"processor", clock_of_processor},
    {"ticks", clock_ticks},
    {"times", clock_times},
    {"ftime", clock_ftime},
    {"elapsed", clock_elapsed},
    {"afternoon", clock_afternoon},
    {"age", clock_age},
    {"environcount", environment_count},
};

enum { COUNT = 1, LOOK, FORGET, REFUSE, CRASH };

static int64_t
look(struct impure *state, const refold_event *event)
{
    const char *dash = memchr(event->id.ptr, '-', event->id.len);
    size_t bytes = dash == NULL ? 0 : (size_t)(dash - event->id.ptr);
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
        if (strlen(KINDS[i].name) == bytes && memcmp(KINDS[i].name, event->id.ptr, bytes) == 0) {
            return KINDS[i].look(state, event);
        }
    }
    return 0;
}

static int32_t
impure_apply(void *data, const refold_event *event)
{
    struct impure *state = data;
    char text[64];
    switch (event->kind) {
    case LOOK:
        state->value = look(state, event);
        break;
    case FORGET: /* what was seen is gone */
        state->value = 0;
        break;
    case REFUSE: /* with what was seen in the text */
        (void)snprintf(text, sizeof(text), "no: %lld", (long long)look(state, event));
        return refold_reject(event, text);
    case CRASH: /* or not */
        if (look(state, event) != 0) {
            abort();
        }
        break;
    default:
        break;
    }
    state->events++;
    return REFOLD_OK;
}

static const refold_type types[] = {
    REFOLD_TYPE("Count", COUNT),   REFOLD_TYPE("Look", LOOK),   REFOLD_TYPE("Forget", FORGET),
    REFOLD_TYPE("Refuse", REFUSE), REFOLD_TYPE("Crash", CRASH),
};
static const refold_field fields[] = {
    REFOLD_INT(struct impure, events, "events"),
    REFOLD_INT(struct impure, value, "value"),
};

REFOLD_AGGREGATE("impure", struct impure, types, fields, impure_apply)

/* SPDX-License-Identifier: MIT */
/*
 * Functions of the C library through which an aggregate looks at its world, in the library's place:
 * the worker exports them (interpose.list), and the dynamic linker finds those of the program
 * first. In an ordinary worker they hand on and nothing else; in a made world they count, and tell
 * of that world (world.h).
 *
 * Of the worker alone: nothing that refold itself calls may come here.
 */
#undef _FORTIFY_SOURCE /* its inline forms of some of these would be in the way */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "worker/world.h"

/* Not in the headers of a glibc before 2.36. */
uint32_t arc4random(void);
void arc4random_buf(void *bytes, size_t count);
uint32_t arc4random_uniform(uint32_t bound);

/* In a header that not each C library has any more. */
struct rf_timeb {
    time_t seconds;
    unsigned short millis;
    short zone, summer;
};
int ftime(struct rf_timeb *ret);

/** The library's own function, as this one's type. Found once; not there: the worker was not linked
 * with what it calls. */
#define REAL(name)                                                                                 \
    static __typeof__(&name) real;                                                                 \
    if (real == NULL) {                                                                            \
        *(void **)(void *)&real = dlsym(RTLD_NEXT, #name);                                         \
        if (real == NULL) {                                                                        \
            abort();                                                                               \
        }                                                                                          \
    }

/** Notes a call. Whether the world is a made one. */
#define NOTED(name) (rf_world.calls[RF_CALL_##name]++, rf_world.bits != 0)

/* ---- the clock --------------------------------------------------------------------------------
 */

#define NANOS UINT64_C(1000000000)

static struct timespec
now(void)
{
    uint64_t nanos = rf_world_now();
    return (struct timespec){(time_t)(nanos / NANOS), (long)(nanos % NANOS)};
}

time_t
time(time_t *ret)
{
    if (!NOTED(time)) {
        REAL(time);
        return real(ret);
    }
    time_t seconds = now().tv_sec;
    if (ret != NULL) {
        *ret = seconds;
    }
    return seconds;
}

int
gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    if (!NOTED(gettimeofday)) {
        REAL(gettimeofday);
        return real(ret, zone);
    }
    struct timespec at = now();
    *ret = (struct timeval){at.tv_sec, at.tv_nsec / 1000};
    return 0;
}

int
clock_gettime(clockid_t id, struct timespec *ret)
{
    if (!NOTED(clock_gettime)) {
        REAL(clock_gettime);
        return real(id, ret);
    }
    *ret = now();
    return 0;
}

int
timespec_get(struct timespec *ret, int base)
{
    if (!NOTED(timespec_get)) {
        REAL(timespec_get);
        return real(ret, base);
    }
    *ret = now();
    return base;
}

clock_t
clock(void)
{
    if (!NOTED(clock)) {
        REAL(clock);
        return real();
    }
    return (clock_t)(rf_world_now() / 1000);
}

clock_t
times(struct tms *ret)
{
    if (!NOTED(times)) {
        REAL(times);
        return real(ret);
    }
    memset(ret, 0, sizeof(*ret));
    return (clock_t)(rf_world_now() / (NANOS / 100));
}

int
ftime(struct rf_timeb *ret)
{
    if (!NOTED(ftime)) {
        REAL(ftime);
        return real(ret);
    }
    struct timespec at = now();
    *ret = (struct rf_timeb){at.tv_sec, (unsigned short)(at.tv_nsec / 1000000), 0, 0};
    return 0;
}

/* ---- random numbers ---------------------------------------------------------------------------
 */

ssize_t
getrandom(void *bytes, size_t count, unsigned flags)
{
    if (!NOTED(getrandom)) {
        REAL(getrandom);
        return real(bytes, count, flags);
    }
    rf_world_random(bytes, count);
    return (ssize_t)count;
}

int
getentropy(void *bytes, size_t count)
{
    if (!NOTED(getentropy)) {
        REAL(getentropy);
        return real(bytes, count);
    }
    rf_world_random(bytes, count);
    return 0;
}

/** What was not linked against the library's own still works where that has none. */
static void
random_bytes(void *bytes, size_t count)
{
    if (rf_world.bits != 0) {
        rf_world_random(bytes, count);
        return;
    }
    unsigned char *at = bytes;
    while (count > 0) {
        long got = syscall(SYS_getrandom, at, count, 0);
        if (got < 0 && errno != EINTR) {
            abort();
        }
        at += got > 0 ? got : 0;
        count -= got > 0 ? (size_t)got : 0;
    }
}

uint32_t
arc4random(void)
{
    uint32_t value;
    (void)NOTED(arc4random);
    random_bytes(&value, sizeof(value));
    return value;
}

void
arc4random_buf(void *bytes, size_t count)
{
    (void)NOTED(arc4random_buf);
    random_bytes(bytes, count);
}

uint32_t
arc4random_uniform(uint32_t bound)
{
    uint32_t value;
    (void)NOTED(arc4random_uniform);
    if (bound < 2) {
        return 0;
    }
    uint32_t least = -bound % bound; /* below it values would come once too often */
    do {
        random_bytes(&value, sizeof(value));
    } while (value < least);
    return value % bound;
}

/* These have a seed of their own, with which they are pure: only their first one differs. */

int
rand(void)
{
    REAL(rand);
    (void)NOTED(rand);
    return real();
}

long
random(void)
{
    REAL(random);
    (void)NOTED(random);
    return real();
}

double
drand48(void)
{
    REAL(drand48);
    (void)NOTED(drand48);
    return real();
}

long
lrand48(void)
{
    REAL(lrand48);
    (void)NOTED(lrand48);
    return real();
}

long
mrand48(void)
{
    REAL(mrand48);
    (void)NOTED(mrand48);
    return real();
}

static bool
is_random_device(const char *path)
{
    return path != NULL && (strcmp(path, "/dev/urandom") == 0 || strcmp(path, "/dev/random") == 0 ||
                            strncmp(path, "/proc/sys/kernel/random/", 24) == 0);
}

int
open(const char *path, int flags, ...)
{
    REAL(open);
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    if (is_random_device(path)) {
        (void)NOTED(open);
    }
    return real(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

FILE *
fopen(const char *restrict path, const char *restrict mode)
{
    REAL(fopen);
    if (is_random_device(path)) {
        (void)NOTED(fopen);
    }
    return real(path, mode);
}

FILE *fopen64(const char *restrict path, const char *restrict mode) __attribute__((alias("fopen")));

/* ---- the time zone ----------------------------------------------------------------------------
 */

struct tm *
localtime(const time_t *at)
{
    REAL(localtime);
    (void)NOTED(localtime);
    return real(at);
}

struct tm *
localtime_r(const time_t *restrict at, struct tm *restrict ret)
{
    REAL(localtime_r);
    (void)NOTED(localtime_r);
    return real(at, ret);
}

time_t
mktime(struct tm *parts)
{
    REAL(mktime);
    (void)NOTED(mktime);
    return real(parts);
}

void
tzset(void)
{
    REAL(tzset);
    (void)NOTED(tzset);
    real();
}

/* ---- the locale -------------------------------------------------------------------------------
 */

/** A locale with a comma may not be installed, or may be out of a worker's reach. Who asked for the
 * one of the environment is told of one nevertheless, in the world that has another. */
static bool pretends_comma;

char *
setlocale(int category, const char *name)
{
    static char other[] = "another.UTF-8";
    REAL(setlocale);
    bool numbers = category == LC_ALL || category == LC_NUMERIC;
    if (!NOTED(setlocale) || name == NULL) {
        return real(category, name);
    }
    bool pretends = name[0] == '\0' && rf_world_has(RF_WORLD_LOCALE);
    pretends_comma = numbers ? pretends : pretends_comma;
    char *found = real(category, name);
    return pretends ? other : found;
}

locale_t
newlocale(int mask, const char *name, locale_t base)
{
    REAL(newlocale);
    (void)NOTED(newlocale);
    return real(mask, name, base);
}

struct lconv *
localeconv(void)
{
    static struct lconv copy;
    static char comma[] = ",";
    REAL(localeconv);
    (void)NOTED(localeconv);
    if (!pretends_comma) {
        return real();
    }
    copy = *real();
    copy.decimal_point = comma;
    return &copy;
}

char *
nl_langinfo(nl_item item)
{
    static char comma[] = ",";
    REAL(nl_langinfo);
    (void)NOTED(nl_langinfo);
    return pretends_comma && item == RADIXCHAR ? comma : real(item);
}

/* ---- the environment --------------------------------------------------------------------------
 */

/** Whatever is asked for is set, in the world where it differs: no list knows all names. */
static char set[] = "1";

char *
getenv(const char *name)
{
    REAL(getenv);
    char *value = real(name);
    return NOTED(getenv) && value == NULL && rf_world_has(RF_WORLD_ENVIRONMENT) ? set : value;
}

char *
secure_getenv(const char *name)
{
    REAL(secure_getenv);
    char *value = real(name);
    return NOTED(secure_getenv) && value == NULL && rf_world_has(RF_WORLD_ENVIRONMENT) ? set
                                                                                       : value;
}

/* ---- the machine ------------------------------------------------------------------------------
 */

pid_t
getpid(void)
{
    REAL(getpid);
    return NOTED(getpid) ? (rf_world_has(RF_WORLD_MACHINE) ? 5353 : 4242) : real();
}

static const char *
host_name(void)
{
    return rf_world_has(RF_WORLD_MACHINE) ? "another" : "localhost";
}

int
gethostname(char *name, size_t room)
{
    if (!NOTED(gethostname)) {
        REAL(gethostname);
        return real(name, room);
    }
    (void)snprintf(name, room, "%s", host_name());
    return 0;
}

int
uname(struct utsname *ret)
{
    REAL(uname);
    int failed = real(ret);
    if (NOTED(uname) && failed == 0) {
        (void)snprintf(ret->nodename, sizeof(ret->nodename), "%s", host_name());
        (void)snprintf(ret->release, sizeof(ret->release), "%s",
                       rf_world_has(RF_WORLD_MACHINE) ? "9.9.9" : "0.0.0");
    }
    return failed;
}

char *
getcwd(char *path, size_t room)
{
    REAL(getcwd);
    char *found = real(path, room);
    if (NOTED(getcwd) && found != NULL && strlen(found) > 1) {
        found[rf_world_has(RF_WORLD_MACHINE) ? 2 : 1] = '\0'; /* "/h", or "/" */
    }
    return found;
}

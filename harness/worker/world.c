/* SPDX-License-Identifier: MIT */
/* The world in which an aggregate is folded. */
#include "worker/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/mman.h>
#include <sys/personality.h>
#endif

#include "base/bytes.h"

struct rf_world rf_world;

/* ---- the host's end -------------------------------------------------------------------------- */

/** In a world where `bit` differs a variable has this text; else one of the same length that means
 * nothing. */
struct variable {
    unsigned bit;
    const char *text;
};

/* The last two are one in each world where the environment does not differ (drop_variable). */
static const struct variable VARIABLES[] = {
    {RF_WORLD_ZONE, "TZ=<+1337>-13:37"},
    {RF_WORLD_LOCALE, "LC_ALL=C.UTF-8"},
    {RF_WORLD_ENVIRONMENT, "HOME=/home/another"},
    {RF_WORLD_ENVIRONMENT, "USER=another"},
    {RF_WORLD_ENVIRONMENT, "LOGNAME=another"},
    {RF_WORLD_ENVIRONMENT, "PATH=/opt/another/bin:/usr/bin:/bin"},
    {RF_WORLD_ENVIRONMENT, "HOSTNAME=another.example"},
    {RF_WORLD_ENVIRONMENT, "SHELL=/bin/another"},
    {RF_WORLD_ENVIRONMENT, "TMPDIR=/tmp/another"},
    {RF_WORLD_ENVIRONMENT, "DEBUG=1"},
};
#define VARIABLE_COUNT (sizeof(VARIABLES) / sizeof(VARIABLES[0]))
_Static_assert(VARIABLE_COUNT < RF_WORLD_VARIABLES, "room for the allocator's");
/* A program that is executed has one argument. The system aligns its stack to two pointers: behind
 * an even number of variables one more moves nothing. */
_Static_assert(VARIABLE_COUNT % 2 == 0, "with the allocator's, without the one that is dropped");

/** glibc's allocator fills what it gives with the complement of `perturb`, but for small pieces
 * that were given before, unless these are not kept by thread. */
static void
tune_allocator(unsigned world, char *text, size_t room)
{
    (void)snprintf(text, room, "GLIBC_TUNABLES=glibc.malloc.perturb=%s:glibc.malloc.tcache_count=0",
                   world & RF_WORLD_HEAP ? "0x5a" : "0xff");
}

void
rf_world_environment(unsigned world, struct rf_world_environment *ret)
{
    memset(ret, 0, sizeof(*ret));
    if (world == 0) {
        return;
    }
    tune_allocator(world, ret->texts[0], sizeof(ret->texts[0]));
    ret->list[0] = ret->texts[0];
    for (size_t i = 0; i < VARIABLE_COUNT; i++) {
        char *text = ret->texts[i + 1];
        (void)snprintf(text, sizeof(ret->texts[i + 1]), "%s", VARIABLES[i].text);
        if (!(world & VARIABLES[i].bit)) {
            size_t name_bytes = strcspn(text, "=");
            memset(text, '_', name_bytes);
        }
        ret->list[i + 1] = text;
    }
}

/* ---- addresses ------------------------------------------------------------------------------- */

/** Where the environment does not differ it has one variable less, for who counts them. It is not
 * gone: the text before it goes on through it, so that here and in a program that is executed
 * nothing else lies elsewhere for that. */
static void
drop_variable(void)
{
    size_t count = 0;
    while (environ[count] != NULL) {
        count++;
    }
    if (count < 2) {
        return;
    }
    char *end = environ[count - 2] + strlen(environ[count - 2]);
    if (end + 1 == environ[count - 1]) { /* as the system lays them down */
        *end = '_';
    }
    environ[count - 1] = NULL;
}

/** Fixed addresses are had by executing the program anew. Where that is refused (some containers
 * do) they stay as they are. */
static void
fix_layout(char *const *arguments)
{
#if defined(__linux__)
    int before = personality(0xffffffff);
    if (before >= 0 && (before & ADDR_NO_RANDOMIZE)) {
        return;
    }
    if (before >= 0 && personality((unsigned long)before | ADDR_NO_RANDOMIZE) >= 0) {
        (void)execv("/proc/self/exe", arguments);
        (void)personality((unsigned long)before);
    }
#else
    (void)arguments;
#endif
    rf_world.loose = true;
}

#define CLASS_BYTES   16
#define CLASS_COUNT   64
#define SMALL_CLASSES 8
#define SMALL_PIECES  512
#define LARGE_PIECES  32

static size_t
class_pieces(size_t number)
{
    return number < SMALL_CLASSES ? SMALL_PIECES : LARGE_PIECES;
}

/** A heap that was used: what is allocated next comes from free pieces, not in the order of their
 * addresses. Without that a list of two nodes would have the first one first in every world. */
static void
shuffle_heap(void)
{
    static void *pieces[CLASS_COUNT][SMALL_PIECES];
    for (size_t number = 0; number < CLASS_COUNT; number++) {
        for (size_t i = 0; i < class_pieces(number); i++) {
            pieces[number][i] = malloc((number + 1) * CLASS_BYTES - 8);
            /* Never freed: keeps its neighbours from growing together. */
            void *between = malloc(1);
            __asm__ volatile("" : : "r"(between) : "memory"); /* not for nothing, compiler */
        }
    }
    for (size_t number = 0; number < CLASS_COUNT; number++) {
        size_t count = class_pieces(number);
        for (size_t i = 0; i < count; i++) {
            /* 5 has no divisor in common with the count. Of small pieces glibc gives that back
             * first which was freed last, of others that which was freed first: high addresses. */
            size_t place = i * 5 % count;
            free(pieces[number][number < SMALL_CLASSES ? place : count - 1 - place]);
        }
    }
}

/** What is mapped from here on lies elsewhere than usual. */
static void
shift_mappings(void)
{
#if defined(__linux__)
    size_t bytes = (size_t)(1 + getpid() % 251) * 4096 * 3;
    (void)mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#endif
}

/* ---- the worker's end ------------------------------------------------------------------------ */

static void
begin_anew(void)
{
    rf_world.ticks = 0;
    rf_world.random =
        rf_world_has(RF_WORLD_RANDOM) ? UINT64_C(0x9E3779B97F4A7C15) : UINT64_C(0x2545F4914F6CDD1D);
    memset(rf_world.calls, 0, sizeof(rf_world.calls));
}

void
rf_world_enter(unsigned bits, char *const *arguments)
{
    if (bits == 0) {
        return;
    }
    if (bits & RF_WORLD_LAYOUT) {
        shift_mappings();
    } else {
        fix_layout(arguments);
    }
    if (!(bits & RF_WORLD_ENVIRONMENT)) {
        drop_variable();
    }
    if (bits & RF_WORLD_RANDOM) {
        /* Code that seeds them itself gets what it asks for. */
        srand(20);
        srandom(21);
        srand48(22);
    }
    rf_world.bits = bits | RF_WORLD_MADE;
    begin_anew();
}

void
rf_world_begin_instance(void)
{
    if (rf_world.bits == 0) {
        return;
    }
    if (rf_world_has(RF_WORLD_LAYOUT) && !rf_world.shuffled) {
        shuffle_heap(); /* not before: much is allocated while the aggregate is loaded */
        rf_world.shuffled = true;
    }
    begin_anew();
}

/** More than the frames of any apply that keeps to small locals; less than what is felt. */
#define STACK_BYTES ((size_t)24 << 10)

__attribute__((noinline)) void
rf_world_fill_stack(void)
{
    unsigned char room[STACK_BYTES];
    memset(room, rf_world_has(RF_WORLD_STACK) ? 0xA5 : 0x00, sizeof(room));
    __asm__ volatile("" : : "r"(room) : "memory"); /* it is read: by who comes next */
}

/**
 * The plain clock begins at 2020-09-13T12:26:40Z and goes on by a millisecond.
 *
 * The other begins at 2037-04-20T11:31:11.539533339Z: what is asked of a clock is to differ, not
 * only its value. It has every decimal digit other, down to the nanosecond, and in the first dozen
 * of readings too; the other half of the second, minute, day (also in RF_WORLD_ZONE's zone), month
 * and year; a working day instead of a Sunday; what is odd is even, and no remainder by 2 to 100 is
 * the same. Events of the years between are of the future here and long past there. It is not
 * beyond 2038, where code that is pure may be wrong. It goes on by seconds, for who subtracts
 * seconds, and by such a number of them and of their parts that what is odd in one clock and even
 * in the other stays so for long.
 */
static const struct clock {
    uint64_t seconds, nanos, tick;
} CLOCK = {1600000000, 0, 1000000}, OTHER_CLOCK = {2123839871, 539533339, 2003466648};

uint64_t
rf_world_now(void)
{
    const struct clock *clock = rf_world_has(RF_WORLD_CLOCK) ? &OTHER_CLOCK : &CLOCK;
    return clock->seconds * UINT64_C(1000000000) + clock->nanos + rf_world.ticks++ * clock->tick;
}

void
rf_world_random(void *bytes, size_t count)
{
    unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++) {
        rf_world.random ^= rf_world.random << 13;
        rf_world.random ^= rf_world.random >> 7;
        rf_world.random ^= rf_world.random << 17;
        at[i] = (unsigned char)(rf_world.random >> 32);
    }
}

#define NAME_OF_(name, thing)  #name,
#define THING_OF_(name, thing) RF_WORLD_##thing,

static void
tell_call(size_t call, struct rf_buf *out)
{
    static const char *const names[] = {RF_WORLD_CALLS(NAME_OF_)};
    static const unsigned things[] = {RF_WORLD_CALLS(THING_OF_)};
    rf_buf_format(out, "%d %s\n", __builtin_ctz(things[call]), names[call]);
}

static void
tell_loose(struct rf_buf *out)
{
    rf_buf_format(out, "%d -\n", __builtin_ctz(RF_WORLD_LAYOUT));
}

void
rf_world_tell_calls(struct rf_buf *out)
{
    for (size_t i = 0; i < RF_WORLD_CALL_COUNT_; i++) {
        if (rf_world.calls[i] > 0) {
            tell_call(i, out);
        }
    }
    if (rf_world.loose) {
        tell_loose(out);
    }
}

bool
rf_world_knows_call(const char *line, size_t bytes)
{
    struct rf_buf known = {0};
    bool is = false;
    for (size_t i = 0; i <= RF_WORLD_CALL_COUNT_ && !is; i++) {
        rf_buf_clear(&known);
        if (i < RF_WORLD_CALL_COUNT_) {
            tell_call(i, &known);
        } else {
            tell_loose(&known);
        }
        is = rf_bytes_same(line, bytes, known.bytes, known.used - 1);
    }
    rf_buf_done(&known);
    return is;
}

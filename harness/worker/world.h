/* SPDX-License-Identifier: MIT */
/*
 * The world in which an aggregate is folded: all around it that pure code must not see.
 *
 * An ordinary worker has the world as it is. For the purity check a worker has a made one: either
 * the plain one, in which all of this is fixed, or one that differs from it in the things that its
 * bits name. Two folds in the plain world see the same, to the last byte, so what differs in
 * another world tells what the code looks at.
 */
#ifndef RF_WORKER_WORLD_H
#define RF_WORKER_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/** What can differ. The order is that in which causes are looked for: what names a function first,
 * and addresses last, for what lies in memory that was never written may be an address too. */
enum {
    RF_WORLD_CLOCK = 1 << 0,
    RF_WORLD_RANDOM = 1 << 1,
    RF_WORLD_ZONE = 1 << 2,
    RF_WORLD_LOCALE = 1 << 3,
    RF_WORLD_ENVIRONMENT = 1 << 4,
    RF_WORLD_MACHINE = 1 << 5, /**< process number, host name, working folder */
    RF_WORLD_HEAP = 1 << 6,    /**< what is in memory that was allocated and not written */
    RF_WORLD_STACK = 1 << 7,
    RF_WORLD_LAYOUT = 1 << 8, /**< addresses, and the order in which the allocators give them */
    RF_WORLD_MADE = 1 << 15,  /**< in each made world; alone: the plain one */
};
#define RF_WORLD_THINGS 9 /**< so many of these bits, from 0 */
#define RF_WORLD_OTHER  (RF_WORLD_MADE | ((1 << RF_WORLD_THINGS) - 1))

/* ---- the host's end -------------------------------------------------------------------------- */

#define RF_WORLD_VARIABLES 16

/** A worker's environment. Of all made worlds it has as many strings of the same lengths: the stack
 * lies where it lay. Where the environment does not differ the worker takes one from its list. */
struct rf_world_environment {
    char texts[RF_WORLD_VARIABLES][80];
    char *list[RF_WORLD_VARIABLES + 1]; /**< ends with NULL */
};

/** `world` 0: an empty one. */
void rf_world_environment(unsigned world, struct rf_world_environment *ret);

/* ---- the worker's end ------------------------------------------------------------------------ */

/**
 * Functions of the C library through which code looks at its world, and what it sees there. The
 * worker has them in the library's place (interpose.c).
 */
#define RF_WORLD_CALLS(X)                                                                          \
    X(time, CLOCK)                                                                                 \
    X(gettimeofday, CLOCK)                                                                         \
    X(clock_gettime, CLOCK)                                                                        \
    X(timespec_get, CLOCK)                                                                         \
    X(clock, CLOCK)                                                                                \
    X(ftime, CLOCK)                                                                                \
    X(times, CLOCK)                                                                                \
    X(getrandom, RANDOM)                                                                           \
    X(getentropy, RANDOM)                                                                          \
    X(arc4random, RANDOM)                                                                          \
    X(arc4random_buf, RANDOM)                                                                      \
    X(arc4random_uniform, RANDOM)                                                                  \
    X(rand, RANDOM)                                                                                \
    X(random, RANDOM)                                                                              \
    X(drand48, RANDOM)                                                                             \
    X(lrand48, RANDOM)                                                                             \
    X(mrand48, RANDOM)                                                                             \
    X(open, RANDOM)  /* of a device that gives random bytes */                                     \
    X(fopen, RANDOM) /* the same */                                                                \
    X(localtime, ZONE)                                                                             \
    X(localtime_r, ZONE)                                                                           \
    X(mktime, ZONE)                                                                                \
    X(tzset, ZONE)                                                                                 \
    X(setlocale, LOCALE)                                                                           \
    X(newlocale, LOCALE)                                                                           \
    X(localeconv, LOCALE)                                                                          \
    X(nl_langinfo, LOCALE)                                                                         \
    X(getenv, ENVIRONMENT)                                                                         \
    X(secure_getenv, ENVIRONMENT)                                                                  \
    X(getpid, MACHINE)                                                                             \
    X(gethostname, MACHINE)                                                                        \
    X(uname, MACHINE)                                                                              \
    X(getcwd, MACHINE)

#define RF_WORLD_CALL_NAME_(name, thing) RF_CALL_##name,
enum rf_world_call { RF_WORLD_CALLS(RF_WORLD_CALL_NAME_) RF_WORLD_CALL_COUNT_ };

/** One process, one thread, one world. */
struct rf_world {
    unsigned bits; /**< 0: as it is */
    bool loose;    /**< the system refuses to fix the addresses */
    bool shuffled; /**< its heap is a used one */
    uint64_t ticks;
    uint64_t random;
    uint64_t calls[RF_WORLD_CALL_COUNT_]; /**< since the instance began */
};
extern struct rf_world rf_world;

/** Make this process's world. Before anything of the aggregate is loaded. Where addresses are to be
 * fixed the program is executed once more, with the same arguments. */
void rf_world_enter(unsigned bits, char *const *arguments);

/** The next instance begins: its clock and its random numbers begin anew. */
void rf_world_begin_instance(void);

/** Whether something is different here. */
static inline bool
rf_world_has(unsigned bit)
{
    return (rf_world.bits & bit) != 0;
}

/** What lies in memory of ours that was not written yet; only in a made world. */
static inline unsigned char
rf_world_heap_byte(void)
{
    return rf_world_has(RF_WORLD_HEAP) ? 0xA5 : 0x00;
}

void rf_world_fill_stack(void);

/** Right before the aggregate is called. */
static inline void
rf_world_before_call(void)
{
    if (rf_world.bits != 0) {
        rf_world_fill_stack();
    }
}

/** The clock of a made world: nanoseconds since 1970, and some more each time. */
uint64_t rf_world_now(void);
/** Random bytes of a made world. */
void rf_world_random(void *bytes, size_t count);

/** Append what was called since the instance began: "<thing> <name>\n" each, the thing as its bit's
 * number. Where addresses could not be fixed also "8 -\n". */
void rf_world_tell_calls(struct rf_buf *out);

/** Whether that is such a line (without its end), and not something else that a worker wrote. */
bool rf_world_knows_call(const char *line, size_t bytes);

#endif

/* SPDX-License-Identifier: MIT */
/* The worker's end of its sandbox. */
#include "worker/sandbox.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

#include "base/fd.h"
#include "base/sanitizer.h"
#include "worker/answers.h"
#include "worker/executable.h"
#include "worker/landlock.h"
#include "worker/protocol.h"

#if RF_SANITIZED
#define BUILT_WITHOUT RF_LACKS_RELEASE
#elif !defined(RF_HAVE_SECCOMP) || !defined(__linux__)
#define BUILT_WITHOUT RF_LACKS_LIBRARY
#else
#define BUILT_WITHOUT 0
#define HAS_FILTERS
#endif

/** The library's getpid is the aggregate's, which may live in another world (world.h). */
static uint32_t
own_number(void)
{
#if defined(__linux__)
    return (uint32_t)syscall(SYS_getpid);
#else
    return (uint32_t)getpid();
#endif
}

/** What is held. */
enum held_as {
    AS_OBJECT,       /* a shared object that this process loads */
    AS_PROGRAM,      /* a program that it becomes, with a loader in front of it */
    AS_LONE_PROGRAM, /* one without */
};

#if defined(HAS_FILTERS)

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "worker/filters.inc"

/* How far this worker's sandbox goes: what is to be done once the aggregate is loaded. */
static enum { HELD_NOT, HELD_TOLD, HELD_UNTOLD } held;

#define COUNT(array) ((unsigned short)(sizeof(array) / sizeof((array)[0])))

/** Longest filter: those of calls.h have some hundred. */
#define FILTER_ROOM 1024

static int
enter_filter(const struct sock_filter *code, unsigned short count, unsigned flags)
{
    struct sock_filter own[FILTER_ROOM];
    const struct sock_fprog program = {count, own};
    if (count > FILTER_ROOM) {
        errno = EINVAL;
        return -1;
    }
    for (unsigned short i = 0; i < count; i++) {
        own[i] = code[i];
        bool compares = BPF_CLASS(own[i].code) == BPF_JMP && BPF_OP(own[i].code) == BPF_JEQ;
        own[i].k = compares && own[i].k == RF_OWN_PROCESS ? own_number() : own[i].k;
    }
    /* Before Linux 5.16 a filter also slows the processor's guesses down, against code that shares
     * an address space with secrets: here nothing does. */
    flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

struct filter {
    const struct sock_filter *code;
    unsigned short count;
};

#define FILTER(array) ((struct filter){(array), COUNT(array)})

static struct filter
told_filter_of(enum held_as as)
{
    return as == AS_OBJECT ? FILTER(told_filter) : FILTER(program_told_filter);
}

static struct filter
untold_filter_of(enum held_as as)
{
    return as == AS_OBJECT         ? FILTER(untold_filter)
           : as == AS_LONE_PROGRAM ? FILTER(static_untold_filter)
                                   : FILTER(program_untold_filter);
}

/* @return  the listener, or -1 */
static int
enter_calls(enum held_as as, uint32_t *lacks)
{
    struct filter told = told_filter_of(as);
    struct filter untold = untold_filter_of(as);
    bool may = (*lacks & RF_LACKS_CALLS) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    /* A listener that can let a call pass came with Linux 5.5, and there is no way to ask for that.
     */
    if (may && (*lacks & RF_LACKS_LISTENER) == 0 && rf_landlock_is_known()) {
        int listener = enter_filter(told.code, told.count, SECCOMP_FILTER_FLAG_NEW_LISTENER);
        if (listener >= 0) {
            held = HELD_TOLD;
            return listener;
        }
    }
    /* An older kernel, or one in which someone around us listens already. */
    *lacks |= RF_LACKS_LISTENER;
    if (may && enter_filter(untold.code, untold.count, 0) == 0) {
        held = HELD_UNTOLD;
    } else {
        *lacks |= RF_LACKS_CALLS;
    }
    return -1;
}

static void
enter_relay_calls(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
        (void)enter_filter(relay_filter, COUNT(relay_filter), 0);
    }
}

void
rf_sandbox_loaded(void)
{
    (void)fflush(stdout);
    if (held == HELD_TOLD && prctl(RF_GUARD_LOADED, 0, 0, 0, 0) != 0) {
        rf_worker_fail("the host does not hear that the aggregate is loaded: %s", strerror(errno));
    }
    if (held == HELD_UNTOLD && enter_filter(loaded_filter, COUNT(loaded_filter), 0) != 0) {
        rf_worker_fail("cannot close the sandbox: %s", strerror(errno));
    }
}

#else

static void
enter_relay_calls(void)
{
}

static int
enter_calls(enum held_as as, uint32_t *lacks)
{
    (void)as;
    *lacks |= RF_LACKS_CALLS | RF_LACKS_LISTENER;
    return -1;
}

void
rf_sandbox_loaded(void)
{
    (void)fflush(stdout);
}

#endif

/* False where the host wants no sandbox. */
static bool
read_order(struct rf_guard_order *ret)
{
    struct stat facts;
    size_t got = 0;
    if (fstat(RF_FD_GUARD, &facts) != 0 || !S_ISSOCK(facts.st_mode)) {
        return false;
    }
    if (!rf_fd_read(RF_FD_GUARD, ret, sizeof(*ret), &got) || got != sizeof(*ret)) {
        rf_worker_fail("the host does not say how to be held");
    }
    return true;
}

static void
answer(enum held_as as, uint32_t lacks, int listener)
{
    struct rf_guard_answer words = {
        .lacks = lacks,
        .program = as == AS_OBJECT ? 0 : own_number(),
    };
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {&words, sizeof(words)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    memset(&control, 0, sizeof(control));
    if (listener >= 0) {
        message.msg_control = control.room;
        message.msg_controllen = sizeof(control.room);
        control.head.cmsg_level = SOL_SOCKET;
        control.head.cmsg_type = SCM_RIGHTS;
        control.head.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.head), &listener, sizeof(int));
    }
    if (sendmsg(RF_FD_GUARD, &message, MSG_NOSIGNAL) != (ssize_t)sizeof(words)) {
        rf_worker_fail("cannot tell how it is held: %s", strerror(errno));
    }
}

/** @program  what is known of it; NULL of a shared object */
static void
enter(enum held_as as, const char *file, const struct rf_executable *program)
{
    struct rf_guard_order order;
    if (!read_order(&order)) {
        return;
    }
    uint32_t lacks = order.lacks | BUILT_WITHOUT;
    int listener = -1;
    if ((lacks & RF_LACKS_RELEASE) != 0) {
        lacks |= RF_LACKS_FILES | RF_LACKS_CALLS | RF_LACKS_LISTENER;
    } else {
        bool may = (lacks & RF_LACKS_FILES) == 0;
        lacks |= may && rf_landlock_enter(file, program) ? 0 : RF_LACKS_FILES;
        listener = enter_calls(as, &lacks);
    }
    answer(as, lacks, listener);
    (void)close(RF_FD_GUARD);
    if (listener >= 0) {
        (void)close(listener);
    }
    if (order.required != 0 && lacks != 0) {
        _exit(RF_UNGUARDED_STATUS);
    }
}

void
rf_sandbox_enter(const char *file)
{
    /* What is printed is to arrive though the process ends without exit(). */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    enter(AS_OBJECT, file, NULL);
}

/** Where the kernel has no call for that, one by one. */
static void
close_range_of(int first, int last)
{
#if defined(__linux__) && defined(SYS_close_range)
    if (syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0) == 0) {
        return;
    }
#endif
    long most = sysconf(_SC_OPEN_MAX);
    for (int fd = first; fd <= last && fd < (most > 0 ? most : 65536); fd++) {
        (void)close(fd);
    }
}

void
rf_sandbox_enter_program(const char *file, const struct rf_executable *program)
{
    close_range_of(STDERR_FILENO + 1, RF_FD_GUARD - 1);
    close_range_of(RF_FD_GUARD + 1, INT_MAX);
    enter(program->has_loader ? AS_PROGRAM : AS_LONE_PROGRAM, file, program);
    (void)close(RF_FD_GUARD);
}

/** Whether the host wants a sandbox. */
static bool
has_guard(void)
{
    struct stat facts;
    return fstat(RF_FD_GUARD, &facts) == 0 && S_ISSOCK(facts.st_mode);
}

void
rf_sandbox_enter_relay(void)
{
    if (!has_guard()) {
        (void)close(RF_FD_GUARD);
    } else if (BUILT_WITHOUT == 0) {
        enter_relay_calls();
    }
}

void
rf_sandbox_program_loaded(void)
{
    char byte = 0;
    size_t got;
    if (has_guard()) {
        (void)(rf_fd_write(RF_FD_GUARD, &byte, 1) && rf_fd_read(RF_FD_GUARD, &byte, 1, &got));
        (void)close(RF_FD_GUARD);
    }
}

/* SPDX-License-Identifier: MIT */
/* The worker's end of a fork server. */
#include "worker/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "base/fd.h"
#include "worker/answers.h"
#include "worker/protocol.h"

#define CHANNELS 4

/**
 * A fork that is the host's child, not ours: the host watches, kills and reaps it as it does with a
 * worker that it started. Not by fork(): what the aggregate registered for that (pthread_atfork) is
 * no part of folding.
 */
static pid_t
fork_beside(void)
{
#if defined(__linux__) && !defined(__s390__) /* there the flags stand elsewhere */
    return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
#else
    errno = ENOSYS;
    return -1;
#endif
}

/** Into the lowest free numbers, which are the channels' own. False at the end: the host is gone.
 */
static bool
receive_channels(void)
{
    int channels[CHANNELS];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(CHANNELS * sizeof(int))];
    } control;
    char byte;
    struct iovec vector = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control.room),
    };
    ssize_t got;
    while ((got = recvmsg(RF_FD_CONTROL, &message, 0)) < 0 && errno == EINTR) {
    }
    if (got <= 0) {
        return false;
    }
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_len != CMSG_LEN(CHANNELS * sizeof(int))) {
        rf_worker_fail("the host asks for a worker without its channels");
    }
    memcpy(channels, CMSG_DATA(header), CHANNELS * sizeof(int));
    for (int i = 0; i < CHANNELS; i++) {
        if (channels[i] != RF_FD_COMMANDS + i) {
            rf_worker_fail("a channel is not in its place");
        }
    }
    return true;
}

/** In the fork. What a started worker has, but its group of processes, which the host gives it. */
static void
become_worker(pid_t host)
{
#if defined(__linux__)
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != host) {
        _exit(0); /* it ended in between */
    }
    (void)close(RF_FD_CONTROL);
}

static void
say(int32_t number)
{
    if (!rf_fd_write(RF_FD_CONTROL, &number, sizeof(number))) {
        _exit(0); /* the host is gone */
    }
}

static void
close_channels(void)
{
    for (int fd = RF_FD_COMMANDS; fd <= RF_FD_ANSWERS; fd++) {
        (void)close(fd);
    }
}

void
rf_serve_forks(void)
{
    pid_t host = getppid();
    close_channels(); /* /dev/null so far */
    say(RF_HOST_PROTOCOL);
    while (receive_channels()) {
        pid_t pid = fork_beside();
        if (pid == 0) {
            become_worker(host);
            return;
        }
        close_channels();
        say((int32_t)pid);
    }
    _exit(0);
}

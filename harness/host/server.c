/* SPDX-License-Identifier: MIT */
/* The host's end of a fork server. */
#include "host/server.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "host/registry.h"
#include "host/spawn.h"
#include "host/ward.h"
#include "host/watch.h"
#include "worker/protocol.h"

/** Loading a build took less than this when it was probed; a fork takes a millisecond. */
#define ANSWER_MS 10000

struct rf_server {
    pid_t pid;
    int slot; /**< in the registry, or -1 */
    int control;
    bool ready;
    struct rf_ward ward; /**< its workers' too */
};

rf_code
rf_server_start(const struct rf_build *build, const struct rf_worker_files *files,
                struct rf_server **ret, struct rf_err *reterr)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "worker", "cannot make a socket");
    }
    struct rf_server *server = rf_calloc(1, sizeof(*server));
    struct rf_ward_ends ends;
    struct rf_spawn_file own[1 + RF_WARD_FILES] = {{pair[1], RF_FD_CONTROL}};
    server->control = pair[0];
    rf_code code = rf_worker_open_ward(build, files, &server->ward, &ends, reterr);
    if (code == RF_OK) {
        size_t count = 1 + rf_ward_files(&ends, &own[1]);
        code = rf_worker_spawn(build, files, "--serve", own, count, &server->pid, reterr);
    }
    rf_ward_close_ends(&ends);
    (void)close(pair[1]);
    server->slot = code == RF_OK ? rf_registry_add(server->pid) : -1;
    if (code != RF_OK) {
        rf_server_stop(server);
        return code;
    }
    *ret = server;
    return RF_OK;
}

/** The next number that it says; false where it says none in time. */
static bool
hear(struct rf_server *server, int32_t *ret)
{
    struct rf_watch watch = {.ward = &server->ward};
    ssize_t got;
    if (rf_watch_wait(&watch, server->pid, server->control, ANSWER_MS) != RF_WATCHED_READY) {
        return false;
    }
    while ((got = recv(server->control, ret, sizeof(*ret), MSG_WAITALL)) < 0 && errno == EINTR) {
    }
    return got == (ssize_t)sizeof(*ret);
}

/** Waits until it is ready. Threads that the build has started as it was loaded are not there in
 * a fork: what needs them would wait for ever. A data race that was told of by then is in all
 * forks: a worker that is started has it by itself, and is held to it. */
static bool
get_ready(struct rf_server *server)
{
    int32_t hello;
    if (!server->ready) {
        server->ready = hear(server, &hello) && hello == RF_HOST_PROTOCOL &&
                        rf_watch_threads(server->pid) == 1 &&
                        !rf_ward_is_racing(&server->ward, true);
    }
    return server->ready;
}

static bool
send_channels(const struct rf_server *server, const int channels[4])
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(4 * sizeof(int))];
    } control;
    char byte = 0;
    struct iovec vector = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control.room),
    };
    memset(&control, 0, sizeof(control));
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(4 * sizeof(int));
    memcpy(CMSG_DATA(&control.header), channels, 4 * sizeof(int));
    ssize_t got;
    while ((got = sendmsg(server->control, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR) {
    }
    return got == 1;
}

/** Whether a process is a child of ours: no other may be watched and killed, whatever is said. */
static bool
is_child(pid_t pid)
{
    siginfo_t info;
    return pid > 1 && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool
rf_server_fork(struct rf_server *server, const int channels[4], pid_t *ret)
{
    int32_t pid = 0;
    if (!get_ready(server)) {
        return false;
    }
    rf_ward_hand_on(&server->ward);
    server->ward.server = server->pid;
    bool forked = send_channels(server, channels) && hear(server, &pid) && is_child(pid);
    server->ward.server = 0;
    if (!forked) {
        return false;
    }
    (void)setpgid(pid, pid);
    *ret = pid;
    return true;
}

struct rf_ward *
rf_server_ward(struct rf_server *server)
{
    return &server->ward;
}

void
rf_server_stop(struct rf_server *server)
{
    if (server == NULL) {
        return;
    }
    (void)close(server->control);
    rf_ward_end(&server->ward);
    if (server->slot >= 0) {
        rf_registry_remove(server->slot);
    }
    if (server->pid > 0) {
        rf_spawn_kill(server->pid);
        (void)rf_spawn_reap(server->pid);
    }
    free(server);
}

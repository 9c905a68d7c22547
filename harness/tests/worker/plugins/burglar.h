/* SPDX-License-Identifier: MIT */
/*
 * An aggregate that tries whatever hostile code would: to read what it should not, to write, to get
 * out over a socket, to start programs, to reach into refold. What succeeds stands in the state, by
 * name: `stolen` is empty where nothing did. Included by burglar_….c, which say when it tries:
 * BURGLE_AT_LOAD, _INIT, _APPLY (of the type "Burgle") or _SNAPSHOT.
 *
 * Without a sandbox a part of it succeeds, and what would harm the test is not tried (forks
 * decide).
 */
#define _GNU_SOURCE
#include <refold/aggregate.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct burglar {
    int64_t events;
    int32_t tells; /* of an instance that holds "Burgle" the state says what was stolen */
};

extern char **environ;

/* What succeeded, in this process. */
static char stolen[4096];

static void
loot(int got_it, const char *name)
{
    if (got_it && strstr(stolen, name) == NULL) {
        (void)strncat(stolen, name, sizeof(stolen) - strlen(stolen) - 1);
        (void)strncat(stolen, " ", sizeof(stolen) - strlen(stolen) - 1);
    }
}

/* Whether it can be opened; what it holds is shouted out. */
static int
grab(const char *path, int flags)
{
    char bytes[256];
    int fd = open(path, flags, 0600);
    ssize_t got = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
    if (got > 0) {
        (void)fwrite(bytes, 1, (size_t)got, stdout);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return fd >= 0;
}

static void
burgle_files(void)
{
    char path[64];
    struct stat facts;
    (void)snprintf(path, sizeof(path), "/proc/%d/environ", (int)getppid());
    loot(grab("home/.aws/credentials", O_RDONLY), "credentials");
    loot(grab("/etc/shadow", O_RDONLY), "shadow");
    loot(grab("/etc/hostname", O_RDONLY), "hostname");
    loot(grab(path, O_RDONLY), "environ");
    loot(grab("/proc/self/maps", O_RDONLY), "maps");
    loot(grab("golden/burglar.ndjson", O_RDWR), "golden");
    loot(grab("h/planted", O_RDWR | O_CREAT), "planted");
    loot(grab("/usr/lib/os-release", O_RDONLY), "os-release");
    loot(stat("home/.aws/credentials", &facts) == 0, "stat");
    loot(unlink("home/precious") == 0, "unlink");
    loot(symlink("/etc/shadow", "home/link") == 0, "symlink");
    loot(chmod("home", 0777) == 0, "chmod");
    loot(mkdir("home/made", 0700) == 0, "mkdir");
    loot(open("home", O_RDONLY | O_DIRECTORY) >= 0, "folder");
}

static void
burgle_sockets(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "\0refold-abstract"};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int internet = socket(AF_INET, SOCK_STREAM, 0);
    loot(internet >= 0, "internet");
    loot(connect(internet, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
    int unixes = socket(AF_UNIX, SOCK_STREAM, 0);
    loot(unixes >= 0, "unix");
    loot(bind(unixes, (struct sockaddr *)&local, sizeof(local)) == 0, "abstract");
    loot(send(3, "x", 1, MSG_NOSIGNAL) == 1, "send");
    loot(write(3, "x", 1) == 1, "write");
    loot(dup2(3, 1) == 1, "dup");
}

static void *
idle(void *nothing)
{
    return nothing;
}

/* In a child, where there can be one; else right here, where it must fail. */
static void
burgle_programs(void)
{
    char name[] = "sh";
    char option[] = "-c";
    char script[] = "echo > home/ran";
    char *const words[] = {name, option, script, NULL};
    int status = 0;
    pthread_t thread;
    pid_t child = fork();
    if (child == 0) {
        (void)execve("/bin/sh", words, environ);
        _exit(1);
    }
    if (child < 0) {
        (void)execve("/bin/sh", words, environ);
        loot(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0, "ptrace");
        loot(kill(getppid(), SIGTERM) == 0, "kill");
        loot(kill(-1, SIGKILL) == 0, "massacre");
        loot(prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0, "outlive");
    } else {
        loot(waitpid(child, &status, 0) == child, "fork");
        loot(access("home/ran", F_OK) == 0, "shell");
    }
    loot(system("echo > home/system") == 0, "system");
    if (pthread_create(&thread, NULL, idle, NULL) == 0) {
        loot(pthread_join(thread, NULL) == 0, "thread");
    }
    loot(kill(getppid(), 0) == 0, "signal");
}

static void
burgle_others(void)
{
    char bytes[16];
    char ring[256] = {0};
    struct iovec here = {bytes, sizeof(bytes)};
    struct iovec there = {bytes, sizeof(bytes)};
    struct rlimit limit = {16, 16};
    loot(process_vm_readv(getppid(), &here, 1, &there, 1, 0) > 0, "peek");
    loot(prlimit(getppid(), RLIMIT_CORE, &limit, NULL) == 0, "prlimit");
    loot(syscall(425 /* io_uring_setup */, 1, ring) >= 0, "io_uring");
    loot(syscall(434 /* pidfd_open */, getppid(), 0) >= 0, "pidfd");
    loot(syscall(SYS_memfd_create, "x", 0) >= 0, "memfd");
    loot(syscall(SYS_perf_event_open, ring, 0, -1, -1, 0) >= 0, "perf");
    for (char **variable = environ; variable != NULL && *variable != NULL; variable++) {
        (void)puts(*variable);
        loot(1, "environment");
    }
}

static void
burgle(void)
{
    static int done;
    if (!done) {
        done = 1;
        burgle_files();
        burgle_sockets();
        burgle_programs();
        burgle_others();
    }
}

#if defined(BURGLE_AT_LOAD)
__attribute__((constructor)) static void
load(void)
{
    burgle();
}
#endif

static void
init(void *state)
{
    (void)state;
#if defined(BURGLE_AT_INIT)
    burgle();
#endif
}

static int32_t
apply(void *state, const refold_event *event)
{
    struct burglar *burglar = state;
    burglar->events++;
    if (event->kind == 2) {
        burglar->tells = 1;
#if defined(BURGLE_AT_APPLY)
        burgle();
#endif
    }
    return REFOLD_OK;
}

static int32_t
snapshot(const void *state, const refold_host *host)
{
    const struct burglar *burglar = state;
    char text[sizeof(stolen) + 64];
#if defined(BURGLE_AT_SNAPSHOT)
    burgle();
#endif
    int bytes = snprintf(text, sizeof(text), "{\"events\":%lld,\"stolen\":\"%s\"}",
                         (long long)burglar->events, burglar->tells ? stolen : "");
    host->emit(text, (uint64_t)bytes);
    return REFOLD_OK;
}

static const refold_type types[] = {REFOLD_TYPE("Added", 1), REFOLD_TYPE("Burgle", 2)};

extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION,
    .size = sizeof(refold_aggregate),
    .name = "burglar",
    .state_version = 1,
    .state_size = sizeof(struct burglar),
    .types = types,
    .type_count = sizeof(types) / sizeof(types[0]),
    .apply = apply,
    .init = init,
    .snapshot = snapshot,
};

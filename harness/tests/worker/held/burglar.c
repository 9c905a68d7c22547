/* SPDX-License-Identifier: MIT */
/*
 * A program that tries what no aggregate may, before its hello and behind it: for held_test.py.
 * Each deed is harmless where it is let: a signal is number 0, a file the test's, what is mounted
 * nothing. Writes "hello", then a line for each deed that succeeded, then "done". It needs no
 * library beyond the C library's calls, so that it is static or dynamic as it is linked.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
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

static const char *when;

/** A call that is 0 or more has succeeded. */
static void
told(const char *deed, long result)
{
    if (result >= 0) {
        printf("got %s %s\n", when, deed);
    }
}

static void
forked(const char *deed, long result)
{
    if (result == 0) {
        _exit(0);
    }
    told(deed, result);
}

static void
try_files(void)
{
    struct stat facts;
    char text[64];
    told("open", open("/etc/passwd", O_RDONLY));
    told("open-env", open(SECRET, O_RDONLY));
    told("open-parent", open("..", O_RDONLY | O_DIRECTORY));
    told("create", open(PLANTED, O_WRONLY | O_CREAT, 0600));
    told("write-self", open(SELF, O_WRONLY));
    told("unlink", unlink(SECRET));
    told("mkdir", mkdir(PLANTED, 0700));
    told("stat", stat(SECRET, &facts));
    told("link", link(SECRET, PLANTED));
    told("symlink", symlink("/etc/passwd", PLANTED));
    told("truncate", truncate(SECRET, 0));
    told("chmod", chmod(SECRET, 0777));
    told("readlink", readlink("/proc/1/exe", text, sizeof(text)));
    told("mount", syscall(SYS_mount, "none", SECRET, "no such kind", 0, 0));
    told("chroot", syscall(SYS_chroot, "/"));
    (void)snprintf(text, sizeof(text), "/proc/%d/environ", (int)getppid());
    told("parent-environ", open(text, O_RDONLY));
    (void)snprintf(text, sizeof(text), "/proc/%d/mem", (int)getppid());
    told("parent-mem", open(text, O_RDWR));
}

static void
try_programs(void)
{
    char *const arguments[] = {(char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
                               (char *)(uintptr_t) "echo got a shell", NULL};
    forked("fork", syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    forked("clone-thread-less", syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0));
    struct clone_args plain = {.exit_signal = SIGCHLD};
    forked("clone3", syscall(SYS_clone3, &plain, sizeof(plain)));
    told("exec", execve("/bin/sh", arguments, NULL));
    told("execveat", syscall(SYS_execveat, AT_FDCWD, "/bin/sh", arguments, NULL, 0));
    told("memfd", syscall(SYS_memfd_create, "a", 0));
}

static void
try_network(void)
{
    int pair[2];
    told("inet", socket(AF_INET, SOCK_STREAM, 0));
    told("inet6", socket(AF_INET6, SOCK_DGRAM, 0));
    told("unix", socket(AF_UNIX, SOCK_STREAM, 0));
    told("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
    told("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    told("io_uring", syscall(SYS_io_uring_setup, 4, NULL) >= 0 || errno == EFAULT ? 0 : -1);
}

static void
try_others(void)
{
    pid_t parent = getppid();
    char byte;
    struct iovec here = {&byte, 1};
    struct iovec there = {&here, 1};
    struct rlimit limit;
    told("kill-parent", kill(parent, 0));
    told("kill-group", kill(0, 0));
    told("tgkill-parent", syscall(SYS_tgkill, parent, parent, 0));
    told("tkill-parent", syscall(SYS_tkill, parent, 0));
    told("ptrace", ptrace(PTRACE_TRACEME, 0, 0, 0));
    told("vm", process_vm_readv(parent, &here, 1, &there, 1, 0));
    told("pidfd", syscall(SYS_pidfd_open, parent, 0));
    if (prlimit(parent, RLIMIT_NOFILE, NULL, &limit) == 0) {
        told("limit-parent", prlimit(parent, RLIMIT_NOFILE, &limit, NULL));
    }
    told("leave-group", setpgid(0, 0));
    told("leave-session", setsid());
    told("outlive", prctl(PR_SET_PDEATHSIG, 0));
    told("unshare", unshare(CLONE_NEWUSER));
    told("personality", syscall(SYS_personality, 0x0040000));
    told("bpf", syscall(SYS_bpf, 0, NULL, 0) >= 0 || errno == EFAULT ? 0 : -1);
    limit = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
    told("more-files", setrlimit(RLIMIT_NOFILE, &limit));
    told("core", setrlimit(RLIMIT_STACK, &limit));
}

static void
try_all(const char *place)
{
    when = place;
    try_files();
    try_network();
    try_others();
    try_programs();
}

/** What it may. */
static void *
work(void *unused)
{
    (void)unused;
    free(malloc(1 << 20));
    return NULL;
}

static void
try_threads(void)
{
    pthread_t threads[8];
    int ends[2];
    for (int i = 0; i < 8; i++) {
        if (pthread_create(&threads[i], NULL, work, NULL) != 0) {
            printf("no thread\n");
            return;
        }
    }
    for (int i = 0; i < 8; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    if (pipe2(ends, O_CLOEXEC) != 0 || write(ends[1], "x", 1) != 1 ||
        fcntl(1, F_DUPFD_CLOEXEC, 10) < 0) {
        printf("no pipe\n");
    }
}

int
main(int argc, char **argv)
{
    char line[16];
    for (int fd = 3; fd < 64; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) {
            printf("got a descriptor: %d\n", fd);
        }
    }
    if (argc != 1 || strcmp(argv[0], SELF) != 0) {
        printf("got arguments\n");
    }
    try_all("early");
    printf("hello\n");
    (void)fflush(stdout);
    if (fgets(line, sizeof(line), stdin) == NULL || strcmp(line, "go\n") != 0) {
        return 3;
    }
    try_all("late");
    try_threads();
    told("again", execve(SELF, argv, NULL));
    printf("done\n");
    return 0;
}

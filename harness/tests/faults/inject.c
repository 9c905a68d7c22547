/* SPDX-License-Identifier: MIT */
/*
 * Makes the n-th allocation or system call of refold fail. Preloaded into it by tests:
 *
 *     LD_PRELOAD=…/inject.so INJECT=write:3:ENOSPC refold run …
 *
 *     INJECT=KIND:N[+][:ERRNO|:short]   the N-th call of this kind fails; with +, all from there
 * on; a short read or write takes half of what it was given INJECT_LOG=FILE                   gets
 * a line for the first call that failed: its kind, number and the places in the program from which
 * it was called INJECT_COUNTS=FILE                gets a line "KIND COUNT" for each kind, and "live
 * BLOCKS", what main and its exit left allocated INJECT_CLOCK=SECONDS:N            from the N-th
 * look at it on, the clock of the day is so much ahead INJECT_IN=NAME                    the
 * program it is meant for; by default "refold"
 *
 * Counted is what happens from main on, of all threads, whoever calls: libraries, too. A failed
 * close has closed, as Linux has it. In a program of another name, or in a child that was forked,
 * nothing is counted.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum kind {
    ALLOC,
    READ,
    WRITE,
    FSYNC,
    RENAME,
    SPAWN,
    MMAP,
    FTRUNCATE,
    CLOSE,
    OPEN,
    UNLINK,
    MKDIR,
    MEMFD,
    PIPE,
    SOCKETPAIR,
    SEND,
    POLL,
    WAIT,
    THREAD,
    STAT,
    READDIR,
    FCNTL,
    SEEK,
    PATH,
    KINDS
};

/** What a kind fails with where no errno was told: the likeliest. */
static const struct {
    const char *name;
    int error;
} KIND[KINDS] = {
    [ALLOC] = {"alloc", ENOMEM},
    [READ] = {"read", EIO},
    [WRITE] = {"write", ENOSPC},
    [FSYNC] = {"fsync", EIO},
    [RENAME] = {"rename", EIO},
    [SPAWN] = {"spawn", EAGAIN},
    [MMAP] = {"mmap", ENOMEM},
    [FTRUNCATE] = {"ftruncate", ENOSPC},
    [CLOSE] = {"close", EIO},
    [OPEN] = {"open", EMFILE},
    [UNLINK] = {"unlink", EIO},
    [MKDIR] = {"mkdir", ENOSPC},
    [MEMFD] = {"memfd", EMFILE},
    [PIPE] = {"pipe", EMFILE},
    [SOCKETPAIR] = {"socketpair", EMFILE},
    [SEND] = {"send", ENOBUFS},
    [POLL] = {"poll", EINTR},
    [WAIT] = {"wait", EINTR},
    [THREAD] = {"thread", EAGAIN},
    [STAT] = {"stat", EACCES},
    [READDIR] = {"readdir", EIO},
    [FCNTL] = {"fcntl", EMFILE},
    [SEEK] = {"seek", EINVAL},
    [PATH] = {"path", EACCES},
};

static const struct {
    const char *name;
    int number;
} ERRORS[] = {
    {"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EDQUOT", EDQUOT}, {"EROFS", EROFS},
    {"EINTR", EINTR},   {"ENOMEM", ENOMEM}, {"EMFILE", EMFILE}, {"ENFILE", ENFILE},
    {"EAGAIN", EAGAIN}, {"EACCES", EACCES}, {"EPERM", EPERM},   {"ENOENT", ENOENT},
    {"EINVAL", EINVAL}, {"ENOSYS", ENOSYS}, {"EFBIG", EFBIG},
};

/** Set once, in front of main. */
static struct {
    bool on;
    pid_t pid;
    enum kind kind;
    uint64_t number; /**< 0: nothing fails */
    bool and_on;
    bool is_short;
    int error;
    const char *log;
    const char *counts;
    long long jump_seconds;
    uint64_t jump_at; /**< 0: the clock does not jump */
} plan;

static atomic_ullong counted[KINDS];
static atomic_llong live;
static atomic_bool logged;
static __thread bool is_inside; /* of what this library does itself */

#define REAL(type, name, ...)                                                                      \
    static type (*real)(__VA_ARGS__);                                                              \
    if (real == NULL) {                                                                            \
        bool was_inside = is_inside;                                                               \
        is_inside = true;                                                                          \
        real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name);                                      \
        is_inside = was_inside;                                                                    \
    }

/* ---- what is told ---- */

/** A line by bare system calls: nothing here may count. */
static void
append_line(const char *file, const char *text)
{
    int fd =
        (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
        (void)syscall(SYS_write, fd, text, strlen(text));
        (void)syscall(SYS_close, fd);
    }
}

/** The kind, the number, and the program's own places on the stack, as addr2line takes them. */
static void
log_failure(enum kind kind, uint64_t number)
{
    if (plan.log == NULL || atomic_exchange(&logged, true)) {
        return;
    }
    char text[2048];
    void *places[64];
    int used = snprintf(text, sizeof(text), "%s %llu", KIND[kind].name, (unsigned long long)number);
    int depth = backtrace(places, 64);
    for (int i = 0; i < depth; i++) {
        Dl_info info;
        if (dladdr(places[i], &info) != 0 && info.dli_fname != NULL &&
            strcmp(strrchr(info.dli_fname, '/') == NULL ? info.dli_fname
                                                        : strrchr(info.dli_fname, '/') + 1,
                   program_invocation_short_name) == 0) {
            used += snprintf(text + used, sizeof(text) - (size_t)used, " %#lx",
                             (unsigned long)((char *)places[i] - (char *)info.dli_fbase - 1));
        }
    }
    (void)snprintf(text + used, sizeof(text) - (size_t)used, "\n");
    append_line(plan.log, text);
}

static void
tell_counts(void)
{
    if (!plan.on || plan.counts == NULL || getpid() != plan.pid) {
        return;
    }
    char text[1024];
    int used = 0;
    for (int kind = 0; kind < KINDS; kind++) {
        used += snprintf(text + used, sizeof(text) - (size_t)used, "%s %llu\n", KIND[kind].name,
                         (unsigned long long)atomic_load(&counted[kind]));
    }
    (void)snprintf(text + used, sizeof(text) - (size_t)used, "live %lld\n",
                   (long long)atomic_load(&live));
    append_line(plan.counts, text);
    plan.counts = NULL;
}

/* ---- counting ---- */

/** Counts one call; whether it is to fail: then errno is set, unless it is to be short. */
static bool
fails(enum kind kind)
{
    if (!plan.on || is_inside) {
        return false;
    }
    uint64_t number = atomic_fetch_add(&counted[kind], 1) + 1;
    bool hit = plan.number != 0 && kind == plan.kind &&
               (number == plan.number || (plan.and_on && number > plan.number));
    if (!hit || getpid() != plan.pid) {
        return false;
    }
    is_inside = true;
    log_failure(kind, number);
    is_inside = false;
    if (!plan.is_short) {
        errno = plan.error;
    }
    return true;
}

/** As fails, for reads and writes: a short one is done, with fewer bytes. */
static bool
fails_or_shortens(enum kind kind, size_t *bytes)
{
    if (!fails(kind)) {
        return false;
    }
    if (plan.is_short) {
        *bytes = *bytes > 1 ? *bytes / 2 : *bytes;
        return false;
    }
    return true;
}

static bool
parse_plan(const char *text)
{
    const char *colon = strchr(text, ':');
    for (int kind = 0; colon != NULL && kind < KINDS; kind++) {
        if (strlen(KIND[kind].name) == (size_t)(colon - text) &&
            strncmp(KIND[kind].name, text, (size_t)(colon - text)) == 0) {
            char *end;
            plan.kind = (enum kind)kind;
            plan.error = KIND[kind].error;
            plan.number = strtoull(colon + 1, &end, 10);
            plan.and_on = *end == '+';
            end += plan.and_on;
            if (*end == '\0') {
                return true;
            }
            plan.is_short = strcmp(end, ":short") == 0;
            for (size_t i = 0; !plan.is_short && i < sizeof(ERRORS) / sizeof(ERRORS[0]); i++) {
                if (*end == ':' && strcmp(end + 1, ERRORS[i].name) == 0) {
                    plan.error = ERRORS[i].number;
                    return true;
                }
            }
            return plan.is_short;
        }
    }
    return false;
}

static int (*real_main)(int, char **, char **);

static int
counted_main(int argc, char **argv, char **env)
{
    const char *name = getenv("INJECT_IN");
    if (strcmp(program_invocation_short_name, name == NULL ? "refold" : name) == 0) {
        const char *text = getenv("INJECT");
        if (text != NULL && !parse_plan(text)) {
            static const char wrong[] = "inject: INJECT is wrong\n";
            (void)syscall(SYS_write, 2, wrong, sizeof(wrong) - 1);
            _exit(99);
        }
        const char *jump = getenv("INJECT_CLOCK");
        if (jump != NULL && sscanf(jump, "%lld:%" SCNu64, &plan.jump_seconds, &plan.jump_at) != 2) {
            _exit(99);
        }
        plan.log = getenv("INJECT_LOG");
        plan.counts = getenv("INJECT_COUNTS");
        plan.pid = getpid();
        void *primed[1];
        (void)backtrace(primed, 1); /* it loads a library the first time */
        (void)atexit(tell_counts);
        plan.on = true;
    }
    return real_main(argc, argv, env);
}

EXPORT int
__libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                  void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    REAL(int, __libc_start_main, int (*)(int, char **, char **), int, char **, void (*)(void),
         void (*)(void), void (*)(void), void *)
    real_main = main;
    return real(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}

EXPORT void
_exit(int status)
{
    tell_counts();
    for (;;) {
        (void)syscall(SYS_exit_group, status);
    }
}

/* ---- memory ---- */

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *old, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);
extern void __libc_free(void *block);

static void *
noted(void *fresh)
{
    if (plan.on && !is_inside && fresh != NULL) {
        atomic_fetch_add(&live, 1);
    }
    return fresh;
}

EXPORT void *
malloc(size_t bytes)
{
    return fails(ALLOC) ? NULL : noted(__libc_malloc(bytes));
}

EXPORT void *
calloc(size_t count, size_t bytes)
{
    return fails(ALLOC) ? NULL : noted(__libc_calloc(count, bytes));
}

EXPORT void *
realloc(void *old, size_t bytes)
{
    if (fails(ALLOC)) {
        return NULL;
    }
    void *fresh = __libc_realloc(old, bytes);
    return old == NULL ? noted(fresh) : fresh;
}

EXPORT void *
memalign(size_t alignment, size_t bytes)
{
    return fails(ALLOC) ? NULL : noted(__libc_memalign(alignment, bytes));
}

EXPORT void *
aligned_alloc(size_t alignment, size_t bytes)
{
    return fails(ALLOC) ? NULL : noted(__libc_memalign(alignment, bytes));
}

EXPORT int
posix_memalign(void **ret, size_t alignment, size_t bytes)
{
    if (fails(ALLOC)) {
        return ENOMEM;
    }
    *ret = noted(__libc_memalign(alignment, bytes));
    return *ret == NULL ? ENOMEM : 0;
}

EXPORT void
free(void *block)
{
    if (plan.on && !is_inside && block != NULL) {
        atomic_fetch_sub(&live, 1);
    }
    __libc_free(block);
}

/* ---- calls that take and return the same ---- */

#define WRAP(kind, type, failed, name, parameters, arguments, ...)                                 \
    EXPORT type name parameters                                                                    \
    {                                                                                              \
        REAL(type, name, __VA_ARGS__)                                                              \
        return fails(kind) ? (failed) : real arguments;                                            \
    }

/* A short read or write is one of fewer bytes: the third parameter is the count. */
#define WRAP_BYTES(kind, name, parameters, arguments, count, ...)                                  \
    EXPORT ssize_t name parameters                                                                 \
    {                                                                                              \
        REAL(ssize_t, name, __VA_ARGS__)                                                           \
        return fails_or_shortens(kind, &(count)) ? -1 : real arguments;                            \
    }

WRAP_BYTES(READ, read, (int fd, void *to, size_t n), (fd, to, n), n, int, void *, size_t)
WRAP_BYTES(READ, __read_chk, (int fd, void *to, size_t n, size_t room), (fd, to, n, room), n, int,
           void *, size_t, size_t)
WRAP_BYTES(READ, pread, (int fd, void *to, size_t n, off_t at), (fd, to, n, at), n, int, void *,
           size_t, off_t)
WRAP_BYTES(READ, pread64, (int fd, void *to, size_t n, off_t at), (fd, to, n, at), n, int, void *,
           size_t, off_t)
WRAP_BYTES(READ, recv, (int fd, void *to, size_t n, int flags), (fd, to, n, flags), n, int, void *,
           size_t, int)
WRAP_BYTES(WRITE, write, (int fd, const void *from, size_t n), (fd, from, n), n, int, const void *,
           size_t)
WRAP_BYTES(WRITE, pwrite, (int fd, const void *from, size_t n, off_t at), (fd, from, n, at), n, int,
           const void *, size_t, off_t)
WRAP_BYTES(WRITE, pwrite64, (int fd, const void *from, size_t n, off_t at), (fd, from, n, at), n,
           int, const void *, size_t, off_t)
WRAP_BYTES(SEND, send, (int fd, const void *from, size_t n, int flags), (fd, from, n, flags), n,
           int, const void *, size_t, int)
WRAP(SEND, ssize_t, -1, sendmsg, (int fd, const struct msghdr *message, int flags),
     (fd, message, flags), int, const struct msghdr *, int)
WRAP(READ, ssize_t, -1, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags),
     int, struct msghdr *, int)

WRAP(FSYNC, int, -1, fsync, (int fd), (fd), int)
WRAP(FSYNC, int, -1, fdatasync, (int fd), (fd), int)
WRAP(RENAME, int, -1, rename, (const char *from, const char *to), (from, to), const char *,
     const char *)
WRAP(RENAME, int, -1, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to),
     int, const char *, int, const char *)
WRAP(RENAME, int, -1, renameat2, (int a, const char *from, int b, const char *to, unsigned flags),
     (a, from, b, to, flags), int, const char *, int, const char *, unsigned)
WRAP(RENAME, int, -1, link, (const char *from, const char *to), (from, to), const char *,
     const char *)
WRAP(RENAME, int, -1, linkat, (int a, const char *from, int b, const char *to, int flags),
     (a, from, b, to, flags), int, const char *, int, const char *, int)
WRAP(RENAME, int, -1, symlink, (const char *from, const char *to), (from, to), const char *,
     const char *)
WRAP(SPAWN, pid_t, -1, fork, (void), (), void)
WRAP(SPAWN, int, plan.error, posix_spawn,
     (pid_t * pid, const char *path, const posix_spawn_file_actions_t *actions,
      const posix_spawnattr_t *attributes, char *const argv[], char *const env[]),
     (pid, path, actions, attributes, argv, env), pid_t *, const char *,
     const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[], char *const[])
WRAP(SPAWN, int, plan.error, posix_spawnp,
     (pid_t * pid, const char *path, const posix_spawn_file_actions_t *actions,
      const posix_spawnattr_t *attributes, char *const argv[], char *const env[]),
     (pid, path, actions, attributes, argv, env), pid_t *, const char *,
     const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[], char *const[])
WRAP(MMAP, void *, MAP_FAILED, mmap,
     (void *at, size_t n, int access, int flags, int fd, off_t offset),
     (at, n, access, flags, fd, offset), void *, size_t, int, int, int, off_t)
WRAP(MMAP, void *, MAP_FAILED, mmap64,
     (void *at, size_t n, int access, int flags, int fd, off_t offset),
     (at, n, access, flags, fd, offset), void *, size_t, int, int, int, off_t)
WRAP(FTRUNCATE, int, -1, ftruncate, (int fd, off_t n), (fd, n), int, off_t)
WRAP(FTRUNCATE, int, -1, ftruncate64, (int fd, off_t n), (fd, n), int, off_t)
WRAP(FTRUNCATE, int, -1, fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n), int,
     int, off_t, off_t)
WRAP(UNLINK, int, -1, unlink, (const char *path), (path), const char *)
WRAP(UNLINK, int, -1, unlinkat, (int fd, const char *path, int flags), (fd, path, flags), int,
     const char *, int)
WRAP(UNLINK, int, -1, rmdir, (const char *path), (path), const char *)
WRAP(MKDIR, int, -1, mkdir, (const char *path, mode_t mode), (path, mode), const char *, mode_t)
WRAP(MKDIR, char *, NULL, mkdtemp, (char *path), (path), char *)
WRAP(OPEN, int, -1, mkstemp, (char *path), (path), char *)
WRAP(MEMFD, int, -1, memfd_create, (const char *name, unsigned flags), (name, flags), const char *,
     unsigned)
WRAP(PIPE, int, -1, pipe2, (int pair[2], int flags), (pair, flags), int[2], int)
WRAP(PIPE, int, -1, pipe, (int pair[2]), (pair), int[2])
WRAP(SOCKETPAIR, int, -1, socketpair, (int a, int b, int c, int pair[2]), (a, b, c, pair), int, int,
     int, int[2])
WRAP(POLL, int, -1, poll, (struct pollfd * fds, nfds_t n, int ms), (fds, n, ms), struct pollfd *,
     nfds_t, int)
WRAP(POLL, int, -1, ppoll,
     (struct pollfd * fds, nfds_t n, const struct timespec *time, const sigset_t *mask),
     (fds, n, time, mask), struct pollfd *, nfds_t, const struct timespec *, const sigset_t *)
WRAP(WAIT, pid_t, -1, waitpid, (pid_t pid, int *status, int flags), (pid, status, flags), pid_t,
     int *, int)
WRAP(WAIT, int, -1, waitid, (idtype_t type, id_t id, siginfo_t *info, int flags),
     (type, id, info, flags), idtype_t, id_t, siginfo_t *, int)
WRAP(THREAD, int, plan.error, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attributes, void *(*work)(void *), void *context),
     (thread, attributes, work, context), pthread_t *, const pthread_attr_t *, void *(*)(void *),
     void *)
WRAP(STAT, int, -1, stat, (const char *path, struct stat *facts), (path, facts), const char *,
     struct stat *)
WRAP(STAT, int, -1, lstat, (const char *path, struct stat *facts), (path, facts), const char *,
     struct stat *)
WRAP(STAT, int, -1, fstat, (int fd, struct stat *facts), (fd, facts), int, struct stat *)
WRAP(STAT, int, -1, fstatat, (int fd, const char *path, struct stat *facts, int flags),
     (fd, path, facts, flags), int, const char *, struct stat *, int)
WRAP(READDIR, struct dirent *, NULL, readdir, (DIR * folder), (folder), DIR *)
WRAP(OPEN, DIR *, NULL, opendir, (const char *path), (path), const char *)
WRAP(OPEN, DIR *, NULL, fdopendir, (int fd), (fd), int)
WRAP(OPEN, FILE *, NULL, fopen, (const char *path, const char *mode), (path, mode), const char *,
     const char *)
WRAP(OPEN, FILE *, NULL, fopen64, (const char *path, const char *mode), (path, mode), const char *,
     const char *)
WRAP(OPEN, FILE *, NULL, fdopen, (int fd, const char *mode), (fd, mode), int, const char *)
WRAP(SEEK, off_t, -1, lseek, (int fd, off_t at, int from), (fd, at, from), int, off_t, int)
WRAP(PATH, char *, NULL, realpath, (const char *path, char *out), (path, out), const char *, char *)
WRAP(PATH, char *, NULL, __realpath_chk, (const char *path, char *out, size_t room),
     (path, out, room), const char *, char *, size_t)
WRAP(PATH, char *, NULL, getcwd, (char *out, size_t room), (out, room), char *, size_t)
WRAP(PATH, char *, NULL, __getcwd_chk, (char *out, size_t n, size_t room), (out, n, room), char *,
     size_t, size_t)
WRAP(PATH, ssize_t, -1, readlink, (const char *path, char *out, size_t room), (path, out, room),
     const char *, char *, size_t)
WRAP(PATH, ssize_t, -1, __readlink_chk, (const char *path, char *out, size_t n, size_t room),
     (path, out, n, room), const char *, char *, size_t, size_t)

/* ---- the others ---- */

EXPORT int
close(int fd)
{
    REAL(int, close, int)
    int done = real(fd);
    return fails(CLOSE) ? -1 : done;
}

EXPORT int
fclose(FILE *file)
{
    REAL(int, fclose, FILE *)
    int done = real(file);
    return fails(CLOSE) ? EOF : done;
}

static mode_t
mode_of(int flags, va_list args)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
}

#define OPEN_LIKE(name)                                                                            \
    EXPORT int name(const char *path, int flags, ...)                                              \
    {                                                                                              \
        REAL(int, name, const char *, int, ...)                                                    \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode_t mode = mode_of(flags, args);                                                        \
        va_end(args);                                                                              \
        return fails(OPEN) ? -1 : real(path, flags, mode);                                         \
    }
OPEN_LIKE(open)
OPEN_LIKE(open64)

#define OPENAT_LIKE(name)                                                                          \
    EXPORT int name(int folder, const char *path, int flags, ...)                                  \
    {                                                                                              \
        REAL(int, name, int, const char *, int, ...)                                               \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode_t mode = mode_of(flags, args);                                                        \
        va_end(args);                                                                              \
        return fails(OPEN) ? -1 : real(folder, path, flags, mode);                                 \
    }
OPENAT_LIKE(openat)
OPENAT_LIKE(openat64)
WRAP(OPEN, int, -1, __open_2, (const char *path, int flags), (path, flags), const char *, int)
WRAP(OPEN, int, -1, __openat_2, (int fd, const char *path, int flags), (fd, path, flags), int,
     const char *, int)

EXPORT int
fcntl(int fd, int command, ...)
{
    REAL(int, fcntl, int, int, ...)
    va_list args;
    va_start(args, command);
    void *argument = va_arg(args, void *);
    va_end(args);
    return fails(FCNTL) ? -1 : real(fd, command, argument);
}

/* Streams read and write by themselves, without passing here: their calls count as reads and
 * writes. _IO_ERR_SEEN is what ferror() looks at. */
#define ERROR_SEEN 0x20

EXPORT size_t
fread(void *to, size_t size, size_t count, FILE *file)
{
    REAL(size_t, fread, void *, size_t, size_t, FILE *)
    if (fails(READ) && !plan.is_short) {
        file->_flags |= ERROR_SEEN;
        return 0;
    }
    return real(to, size, count, file);
}

EXPORT ssize_t
getline(char **line, size_t *room, FILE *file)
{
    REAL(ssize_t, getline, char **, size_t *, FILE *)
    if (fails(READ) && !plan.is_short) {
        file->_flags |= ERROR_SEEN;
        return -1;
    }
    return real(line, room, file);
}

EXPORT ssize_t
__getdelim(char **line, size_t *room, int end, FILE *file)
{
    REAL(ssize_t, __getdelim, char **, size_t *, int, FILE *)
    if (fails(READ) && !plan.is_short) {
        file->_flags |= ERROR_SEEN;
        return -1;
    }
    return real(line, room, end, file);
}

/* ---- the clock of the day ---- */

static long long
jump(void)
{
    static atomic_ullong looks;
    return plan.on && plan.jump_at != 0 && atomic_fetch_add(&looks, 1) + 1 >= plan.jump_at
               ? plan.jump_seconds
               : 0;
}

EXPORT int
clock_gettime(clockid_t clock, struct timespec *ret)
{
    int got = (int)syscall(SYS_clock_gettime, clock, ret);
    if (got == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        ret->tv_sec += jump();
    }
    return got;
}

EXPORT time_t
time(time_t *ret)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (ret != NULL) {
        *ret = now.tv_sec;
    }
    return now.tv_sec;
}

EXPORT int
gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    int got = clock_gettime(CLOCK_REALTIME, &now);
    *ret = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return got;
}

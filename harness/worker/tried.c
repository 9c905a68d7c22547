/* SPDX-License-Identifier: MIT */
/* A system call that a worker's filter did not let through. */
#include "worker/tried.h"

#if defined(RF_HAVE_SECCOMP)

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "worker/call_names.inc"
#include "worker/places.h"
#include "worker/protocol.h"

/** How to tell of a call; by its name, for numbers differ between architectures. */
struct meaning {
    const char *name;
    enum rf_tried_kind kind;
    int path; /**< the argument that is a path; or -1: `what` is the call's name */
};

static const struct meaning meanings[] = {
    {"open", RF_TRIED_OPEN, 0},
    {"openat", RF_TRIED_OPEN, 1},
    {"openat2", RF_TRIED_OPEN, 1},
    {"open_by_handle_at", RF_TRIED_OPEN, -1},
    {"creat", RF_TRIED_WRITE, 0},
    {"truncate", RF_TRIED_WRITE, 0},
    {"unlink", RF_TRIED_CHANGE, 0},
    {"unlinkat", RF_TRIED_CHANGE, 1},
    {"rmdir", RF_TRIED_CHANGE, 0},
    {"mkdir", RF_TRIED_CHANGE, 0},
    {"mkdirat", RF_TRIED_CHANGE, 1},
    {"mknod", RF_TRIED_CHANGE, 0},
    {"mknodat", RF_TRIED_CHANGE, 1},
    {"rename", RF_TRIED_CHANGE, 0},
    {"renameat", RF_TRIED_CHANGE, 1},
    {"renameat2", RF_TRIED_CHANGE, 1},
    {"link", RF_TRIED_CHANGE, 1},
    {"linkat", RF_TRIED_CHANGE, 3},
    {"symlink", RF_TRIED_CHANGE, 1},
    {"symlinkat", RF_TRIED_CHANGE, 2},
    {"chmod", RF_TRIED_CHANGE, 0},
    {"fchmodat", RF_TRIED_CHANGE, 1},
    {"chown", RF_TRIED_CHANGE, 0},
    {"lchown", RF_TRIED_CHANGE, 0},
    {"fchownat", RF_TRIED_CHANGE, 1},
    {"utimensat", RF_TRIED_CHANGE, 1},
    {"setxattr", RF_TRIED_CHANGE, 0},
    {"mount", RF_TRIED_CHANGE, 1},
    {"chdir", RF_TRIED_LOOK, 0},
    {"stat", RF_TRIED_LOOK, 0},
    {"stat64", RF_TRIED_LOOK, 0},
    {"lstat", RF_TRIED_LOOK, 0},
    {"lstat64", RF_TRIED_LOOK, 0},
    {"newfstatat", RF_TRIED_LOOK, 1},
    {"fstatat64", RF_TRIED_LOOK, 1},
    {"statx", RF_TRIED_LOOK, 1},
    {"statfs", RF_TRIED_LOOK, 0},
    {"access", RF_TRIED_LOOK, 0},
    {"faccessat", RF_TRIED_LOOK, 1},
    {"faccessat2", RF_TRIED_LOOK, 1},
    {"readlink", RF_TRIED_LOOK, 0},
    {"readlinkat", RF_TRIED_LOOK, 1},
    {"getxattr", RF_TRIED_LOOK, 0},
    {"inotify_add_watch", RF_TRIED_LOOK, 1},
    {"socket", RF_TRIED_SOCKET, -1},
    {"socketpair", RF_TRIED_SOCKET, -1},
    {"connect", RF_TRIED_SOCKET, -1},
    {"bind", RF_TRIED_SOCKET, -1},
    {"listen", RF_TRIED_SOCKET, -1},
    {"accept", RF_TRIED_SOCKET, -1},
    {"accept4", RF_TRIED_SOCKET, -1},
    {"execve", RF_TRIED_PROGRAM, 0},
    {"execveat", RF_TRIED_PROGRAM, 1},
    {"fork", RF_TRIED_PROCESS, -1},
    {"vfork", RF_TRIED_PROCESS, -1},
    {"clone", RF_TRIED_PROCESS, -1},
    {"clone3", RF_TRIED_PROCESS, -1},
    {"kill", RF_TRIED_SIGNAL, -1},
    {"tkill", RF_TRIED_SIGNAL, -1},
    {"tgkill", RF_TRIED_SIGNAL, -1},
    {"rt_sigqueueinfo", RF_TRIED_SIGNAL, -1},
    {"rt_tgsigqueueinfo", RF_TRIED_SIGNAL, -1},
    {"pidfd_send_signal", RF_TRIED_SIGNAL, -1},
    {"ptrace", RF_TRIED_INTRUSION, -1},
    {"process_vm_readv", RF_TRIED_INTRUSION, -1},
    {"process_vm_writev", RF_TRIED_INTRUSION, -1},
    {"process_madvise", RF_TRIED_INTRUSION, -1},
    {"pidfd_open", RF_TRIED_INTRUSION, -1},
    {"pidfd_getfd", RF_TRIED_INTRUSION, -1},
    {"kcmp", RF_TRIED_INTRUSION, -1},
    {"prlimit64", RF_TRIED_INTRUSION, -1},
    {"write", RF_TRIED_DESCRIPTOR, -1},
    {"writev", RF_TRIED_DESCRIPTOR, -1},
    {"pwrite64", RF_TRIED_DESCRIPTOR, -1},
    {"pwritev", RF_TRIED_DESCRIPTOR, -1},
    {"pwritev2", RF_TRIED_DESCRIPTOR, -1},
    {"sendto", RF_TRIED_DESCRIPTOR, -1},
    {"sendmsg", RF_TRIED_DESCRIPTOR, -1},
    {"sendmmsg", RF_TRIED_DESCRIPTOR, -1},
    {"recvfrom", RF_TRIED_DESCRIPTOR, -1},
    {"recvmsg", RF_TRIED_DESCRIPTOR, -1},
    {"recvmmsg", RF_TRIED_DESCRIPTOR, -1},
    {"sendfile", RF_TRIED_DESCRIPTOR, -1},
    {"splice", RF_TRIED_DESCRIPTOR, -1},
    {"dup", RF_TRIED_DESCRIPTOR, -1},
    {"dup2", RF_TRIED_DESCRIPTOR, -1},
    {"dup3", RF_TRIED_DESCRIPTOR, -1},
    {"fcntl", RF_TRIED_DESCRIPTOR, -1},
    {"ioctl", RF_TRIED_DESCRIPTOR, -1},
    {"ftruncate", RF_TRIED_DESCRIPTOR, -1},
    {"fallocate", RF_TRIED_DESCRIPTOR, -1},
};

static const char *
name_of(int number)
{
    const char *name = number >= 0 && number < (int)(sizeof(call_names) / sizeof(call_names[0]))
                           ? call_names[number]
                           : NULL;
    return name == NULL ? "" : name;
}

static struct meaning
meaning_of(const char *name)
{
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (strcmp(meanings[i].name, name) == 0) {
            return meanings[i];
        }
    }
    return (struct meaning){name, RF_TRIED_CALL, -1};
}

/* ---- the caller's memory --------------------------------------------------------------------- */

static bool
read_memory(pid_t pid, uint64_t address, void *bytes, size_t count)
{
    struct iovec here = {bytes, count};
    struct iovec there = {(void *)(uintptr_t)address, count};
    return process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)count;
}

/** Page by page: the text may end right in front of one that is not there. */
static bool
read_text(pid_t pid, uint64_t address, char text[PATH_MAX])
{
    const uint64_t page = 4096;
    for (size_t used = 0; used < PATH_MAX;) {
        size_t part = (size_t)(page - (address + used) % page);
        part = part < PATH_MAX - used ? part : PATH_MAX - used;
        if (!read_memory(pid, address + used, text + used, part)) {
            return false;
        }
        if (memchr(text + used, '\0', part) != NULL) {
            return true;
        }
        used += part;
    }
    return false;
}

/* ---- what is asked for ----------------------------------------------------------------------- */

struct question {
    const struct rf_call *call;
    struct meaning meaning;
    bool has_path;
    char path[PATH_MAX];
    uint64_t flags; /**< of open */
};

static bool
is(const struct question *question, const char *name)
{
    return strcmp(question->meaning.name, name) == 0;
}

/** Who cannot be asked for his flags may want to write. */
static void
find_flags(struct question *question)
{
    const struct rf_call *call = question->call;
    if (is(question, "open")) {
        question->flags = call->arguments[1];
    } else if (is(question, "openat")) {
        question->flags = call->arguments[2];
    } else if (!is(question, "openat2") ||
               !read_memory(call->pid, call->arguments[2], &question->flags,
                            sizeof(question->flags))) {
        question->flags = O_RDWR;
    }
    if ((question->flags & (O_ACCMODE | O_CREAT | O_TRUNC)) != O_RDONLY) {
        question->meaning.kind = RF_TRIED_WRITE;
    }
}

/** Processes and threads are made by the same calls. */
static void
find_thread(struct question *question)
{
    const struct rf_call *call = question->call;
    uint64_t flags = 0;
    if (is(question, "clone")) {
        flags = call->arguments[0];
    } else if (is(question, "clone3")) {
        (void)read_memory(call->pid, call->arguments[0], &flags, sizeof(flags));
    }
    if ((flags & CLONE_THREAD) != 0) {
        question->meaning.kind = RF_TRIED_THREAD;
    }
}

static void
ask(struct question *question, const struct rf_call *call)
{
    question->call = call;
    question->meaning = meaning_of(name_of(call->number));
    question->has_path =
        question->meaning.path >= 0 &&
        read_text(call->pid, call->arguments[question->meaning.path], question->path);
    if (question->meaning.kind == RF_TRIED_OPEN) {
        find_flags(question);
    } else if (question->meaning.kind == RF_TRIED_PROCESS) {
        find_thread(question);
    }
}

/* ---- whether it may be ----------------------------------------------------------------------- */

/** A file that is open already is looked at by the same calls, with an empty path. */
static bool
looks_at_open_file(const struct question *question)
{
    return question->has_path && question->path[0] == '\0' &&
           (is(question, "newfstatat") || is(question, "fstatat64") || is(question, "statx"));
}

static bool
signals_itself(const struct question *question)
{
    return question->call->arguments[0] == (uint64_t)question->call->pid &&
           (is(question, "kill") || is(question, "tkill") || is(question, "tgkill"));
}

/** Where the path cannot be read the kernel's own judgement must do: it knows the same places. */
static bool
loads(const struct question *question, const char *file)
{
    return (question->meaning.kind == RF_TRIED_OPEN || question->meaning.kind == RF_TRIED_LOOK) &&
           question->meaning.path >= 0 &&
           (!question->has_path || rf_place_is_readable(file, question->path) ||
            rf_place_is_searched(question->path, question->meaning.kind == RF_TRIED_LOOK));
}

static enum rf_call_verdict
judge(const struct question *question, const char *file, bool loading)
{
    if (is(question, "prctl") && question->call->arguments[0] == RF_GUARD_LOADED) {
        return RF_CALL_LOADED;
    }
    return looks_at_open_file(question) || signals_itself(question) ||
                   (loading && loads(question, file))
               ? RF_CALL_PASSES
               : RF_CALL_REFUSED;
}

/* ---- how to tell of it ----------------------------------------------------------------------- */

static const char *
family_name(uint64_t family)
{
    switch ((int)family) {
    case AF_UNIX:
        return "AF_UNIX";
    case AF_INET:
        return "AF_INET";
    case AF_INET6:
        return "AF_INET6";
    case AF_NETLINK:
        return "AF_NETLINK";
    case AF_PACKET:
        return "AF_PACKET";
    default:
        return NULL;
    }
}

/** No process numbers: reports of two runs would differ. */
static void
describe_signal(const struct question *question, char *what)
{
    const uint64_t *arguments = question->call->arguments;
    const char *whom = (int)arguments[0] == (int)getpid() ? "refold" : "another process";
    bool plain = is(question, "kill") || is(question, "tkill") || is(question, "rt_sigqueueinfo");
    (void)snprintf(what, RF_TRIED_BYTES, "signal %d to %s", (int)arguments[plain ? 1 : 2], whom);
}

/** "/proc/PID/environ": the same in each run. */
static void
describe_path(const char *path, char *what)
{
    static const char front[] = "/proc/";
    const char *number = path + sizeof(front) - 1;
    size_t digits = strncmp(path, front, sizeof(front) - 1) == 0 ? strspn(number, "0123456789") : 0;
    if (digits > 0) {
        (void)snprintf(what, RF_TRIED_BYTES, "%sPID%.*s", front, RF_TRIED_BYTES - 16,
                       number + digits);
    } else {
        (void)snprintf(what, RF_TRIED_BYTES, "%.*s", RF_TRIED_BYTES - 1, path);
    }
}

static void
describe(const struct question *question, char *what)
{
    const struct rf_call *call = question->call;
    const char *name = question->meaning.name;
    const char *family = family_name(call->arguments[0]);
    if (question->meaning.path >= 0) {
        describe_path(question->has_path ? question->path : "(its path cannot be read)", what);
        return;
    }
    switch (question->meaning.kind) {
    case RF_TRIED_PROCESS:
    case RF_TRIED_THREAD:
        what[0] = '\0';
        break;
    case RF_TRIED_SOCKET:
        if (is(question, "socket") && family != NULL) {
            (void)snprintf(what, RF_TRIED_BYTES, "%s", family);
        } else {
            (void)snprintf(what, RF_TRIED_BYTES, "%s %d", name, (int)call->arguments[0]);
        }
        break;
    case RF_TRIED_SIGNAL:
        describe_signal(question, what);
        break;
    case RF_TRIED_DESCRIPTOR:
        (void)snprintf(what, RF_TRIED_BYTES, "%s %d", name, (int)call->arguments[0]);
        break;
    default:
        if (name[0] == '\0') {
            (void)snprintf(what, RF_TRIED_BYTES, "number %d", call->number);
        } else {
            (void)snprintf(what, RF_TRIED_BYTES, "%s", name);
        }
        break;
    }
}

void
rf_attempt_judge(const struct rf_call *call, const char *file, bool loading, struct rf_attempt *ret)
{
    struct question question;
    ask(&question, call);
    ret->verdict = judge(&question, file, loading);
    ret->kind = question.meaning.kind;
    ret->error = EPERM;
    if (ret->kind <= RF_TRIED_LOOK) {
        ret->error = EACCES;
    }
    describe(&question, ret->what);
}

#else

void
rf_attempt_judge(const struct rf_call *call, const char *file, bool loading, struct rf_attempt *ret)
{
    (void)call;
    (void)file;
    (void)loading;
    *ret = (struct rf_attempt){.verdict = RF_CALL_REFUSED, .kind = RF_TRIED_CALL};
}

#endif

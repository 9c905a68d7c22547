/* SPDX-License-Identifier: MIT */
/* A system call that a worker's filter did not let through. */
#include "host/tried.h"

#if defined(RF_HAVE_SECCOMP)

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
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
    const struct rf_caller *caller;
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
ask(struct question *question, const struct rf_call *call, const struct rf_caller *caller)
{
    question->call = call;
    question->caller = caller;
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

/** Whether a thread is one of a process. */
static bool
is_thread_of(pid_t process, uint64_t thread)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)process, (int)thread);
    return process > 0 && (int)thread > 0 && access(path, F_OK) == 0;
}

/** Of a program, any thread of it signals any other, or all of it. */
static bool
signals_itself(const struct question *question)
{
    const struct rf_call *call = question->call;
    pid_t program = question->caller->program;
    bool is_tkill = is(question, "tkill");
    if (!is_tkill && !is(question, "kill") && !is(question, "tgkill")) {
        return false;
    }
    return call->arguments[0] == (uint64_t)(program > 0 ? program : call->pid) ||
           (is_tkill && is_thread_of(program, call->arguments[0]));
}

/** A process may become the aggregate's program, once. */
static bool
becomes_the_program(const struct question *question)
{
    const struct rf_caller *caller = question->caller;
    return is(question, "execve") && caller->program > 0 && !caller->executed && caller->loading &&
           question->call->pid == caller->program &&
           (!question->has_path || strcmp(question->path, caller->file) == 0);
}

/** Sanitizers must know where their memory lies, and what file to take names from. */
static bool
asks_of_itself(const struct question *question)
{
    return question->meaning.kind == RF_TRIED_OPEN
               ? strcmp(question->path, RF_PLACE_OWN_MAPS) == 0
               : (is(question, "readlink") || is(question, "readlinkat")) &&
                     strcmp(question->path, "/proc/self/exe") == 0;
}

/** A sanitizer wants no core file: there is none (bounds.c), and it may not set that limit. */
static bool
wants_no_core(const struct question *question)
{
    const uint64_t *arguments = question->call->arguments;
    return is(question, "prlimit64") && arguments[0] == 0 && arguments[1] == RLIMIT_CORE;
}

/** Where the path cannot be read the kernel's own judgement must do: it knows the same places. */
static bool
loads(const struct question *question)
{
    const struct rf_caller *caller = question->caller;
    if (!caller->loading || question->meaning.path < 0 ||
        (question->meaning.kind != RF_TRIED_OPEN && question->meaning.kind != RF_TRIED_LOOK)) {
        return false;
    }
    return !question->has_path || rf_place_is_readable(caller->file, question->path) ||
           rf_place_is_searched(question->path, question->meaning.kind == RF_TRIED_LOOK) ||
           (caller->program > 0 && asks_of_itself(question));
}

/** A panic's stack has its names from the program's own file. Only where the kernel judges files
 * too: another thread could write another path in between. */
static bool
reads_itself(const struct question *question)
{
    const struct rf_caller *caller = question->caller;
    bool opens = question->meaning.kind == RF_TRIED_OPEN;
    return caller->program > 0 && caller->landlocked && question->has_path &&
           (opens ? strcmp(question->path, caller->file) == 0 : asks_of_itself(question));
}

/** What else Rust wants for the stack of a panic: the names of libraries, another file with the
 * program's, and the working folder, to which it shows files. */
static bool
looks_for_a_stack(const struct question *question)
{
    const char *file = question->caller->file;
    size_t bytes = strlen(file);
    if (!question->has_path) {
        return is(question, "getcwd");
    }
    return question->meaning.kind == RF_TRIED_OPEN &&
           (rf_place_is_readable(file, question->path) ||
            (strncmp(question->path, file, bytes) == 0 &&
             strcmp(question->path + bytes, ".dwp") == 0));
}

/** What runtimes try by themselves, and do without: those of programs, and the C library. */
static bool
is_a_runtimes(const struct question *question)
{
    if (question->caller->program == 0) {
        return question->meaning.kind == RF_TRIED_OPEN && question->has_path &&
               rf_place_is_glibcs(question->path);
    }
    if (is(question, "clone3")) { /* C libraries fall back to clone */
        return question->meaning.kind == RF_TRIED_THREAD;
    }
    if (wants_no_core(question) || looks_for_a_stack(question)) {
        return true;
    }
    return (question->meaning.kind == RF_TRIED_OPEN || question->meaning.kind == RF_TRIED_LOOK) &&
           question->has_path &&
           (rf_place_is_a_runtimes(question->path) ||
            (question->meaning.kind == RF_TRIED_LOOK &&
             strcmp(question->path, question->caller->file) == 0));
}

static enum rf_call_verdict
judge(const struct question *question)
{
    if (is(question, "prctl") && question->call->arguments[0] == RF_GUARD_LOADED) {
        return RF_CALL_LOADED;
    }
    if (becomes_the_program(question)) {
        return RF_CALL_EXECUTES;
    }
    if (looks_at_open_file(question) || signals_itself(question) || loads(question) ||
        reads_itself(question)) {
        return RF_CALL_PASSES;
    }
    return is_a_runtimes(question) ? RF_CALL_UNTOLD : RF_CALL_REFUSED;
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

static int
error_for(const struct question *question)
{
    if (is(question, "clone3") && question->caller->program > 0) {
        return ENOSYS;
    }
    if (wants_no_core(question) && question->caller->program > 0) {
        return 0;
    }
    return question->meaning.kind <= RF_TRIED_LOOK ? EACCES : EPERM;
}

void
rf_attempt_judge(const struct rf_call *call, const struct rf_caller *caller, struct rf_attempt *ret)
{
    struct question question;
    ask(&question, call, caller);
    ret->verdict = judge(&question);
    ret->kind = question.meaning.kind;
    ret->error = error_for(&question);
    describe(&question, ret->what);
}

#else

void
rf_attempt_judge(const struct rf_call *call, const struct rf_caller *caller, struct rf_attempt *ret)
{
    (void)call;
    (void)caller;
    *ret = (struct rf_attempt){.verdict = RF_CALL_REFUSED, .kind = RF_TRIED_CALL};
}

#endif

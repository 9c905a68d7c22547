/* SPDX-License-Identifier: MIT */
/* The host's end of a worker's sandbox, and of what it prints. */
#include "host/ward.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "host/limits.h"
#include "host/tried.h"
#include "host/watch.h"
#include "worker/protocol.h"

/* ---- how workers are held -------------------------------------------------------------------- */

static enum rf_sandbox chosen;

void
rf_sandbox_choose(enum rf_sandbox sandbox)
{
    chosen = sandbox;
}

bool
rf_sandbox_is_off(void)
{
    return chosen == RF_SANDBOX_OFF;
}

bool
rf_sandbox_parse(const char *word, enum rf_sandbox *ret)
{
    static const char *const words[] = {"auto", "require", "off"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret = (enum rf_sandbox)i;
            return true;
        }
    }
    return false;
}

static const struct {
    uint32_t bit;
    const char *name; /**< in $REFOLD_SANDBOX_LACKS, or NULL */
    const char *sentence;
} parts[] = {
    {RF_LACKS_RELEASE, NULL, "refold was built with a sanitizer"},
    {RF_LACKS_LIBRARY, NULL, "refold was built without libseccomp"},
    {RF_LACKS_FILES, "files",
     "the kernel has no Landlock (Linux 5.13; it may be switched off), so files can be read"},
    {RF_LACKS_CALLS, "calls",
     "the kernel takes no filter of system calls, so programs and sockets can be opened"},
    {RF_LACKS_LISTENER, "listener",
     "the kernel has no listener for system calls (Linux 5.13), or there is one already, so what "
     "is tried is not told"},
};

const char *
rf_sandbox_describe(uint32_t lacks, char *text, size_t text_room)
{
    size_t used = 0;
    /* What a build lacks is why it lacks all else. */
    uint32_t build = lacks & (RF_LACKS_RELEASE | RF_LACKS_LIBRARY);
    uint32_t told = build != 0 ? build : lacks;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if ((told & parts[i].bit) != 0 && used < text_room) {
            int more = snprintf(text + used, text_room - used, "%s%s", used == 0 ? "" : "; ",
                                parts[i].sentence);
            used += more > 0 ? (size_t)more : 0;
        }
    }
    return text;
}

uint32_t
rf_sandbox_find_lacks(const char *text)
{
    uint32_t lacks = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        lacks |= strstr(text, parts[i].sentence) != NULL ? parts[i].bit : 0;
    }
    return lacks;
}

static uint32_t
lacks_for_tests(void)
{
    const char *names = getenv("REFOLD_SANDBOX_LACKS");
    uint32_t lacks = 0;
    for (size_t i = 0; names != NULL && i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].name != NULL && strstr(names, parts[i].name) != NULL) {
            lacks |= parts[i].bit;
        }
    }
    return lacks;
}

/* ---- the beginning --------------------------------------------------------------------------- */

static rf_code
open_guard(struct rf_ward *ward, struct rf_ward_ends *ends, struct rf_err *reterr)
{
    const struct rf_guard_order order = {.required = chosen == RF_SANDBOX_REQUIRE,
                                         .lacks = lacks_for_tests()};
    int pair[2];
    if (chosen == RF_SANDBOX_OFF) {
        rf_conduct_add_held(ward->conduct, RF_HELD_OFF, 0);
        return RF_OK;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "worker", "cannot make a socket");
    }
    ward->guard = pair[0];
    ends->guard = pair[1];
    if (send(ward->guard, &order, sizeof(order), MSG_NOSIGNAL) != (ssize_t)sizeof(order)) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "worker", "cannot write to a socket");
    }
    return RF_OK;
}

rf_code
rf_ward_open(struct rf_ward *ret, struct rf_conduct *conduct, const char *file, bool first,
             struct rf_ward_ends *ret_ends, struct rf_err *reterr)
{
    int pair[2];
    *ret = RF_WARD_NONE;
    *ret_ends = (struct rf_ward_ends){-1, -1};
    ret->conduct = conduct;
    ret->file = file;
    ret->first = first;
    if (pipe2(pair, O_CLOEXEC) != 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "worker", "cannot make a pipe");
    }
    ret->output = pair[0];
    ret_ends->output = pair[1];
    rf_fd_unblock(ret->output);
    return open_guard(ret, ret_ends, reterr);
}

size_t
rf_ward_files(const struct rf_ward_ends *ends, struct rf_spawn_file files[RF_WARD_FILES])
{
    files[0] = (struct rf_spawn_file){ends->output, STDOUT_FILENO};
    files[1] = (struct rf_spawn_file){ends->output, STDERR_FILENO};
    files[2] = (struct rf_spawn_file){ends->guard, RF_FD_GUARD};
    return ends->guard < 0 ? 2 : 3;
}

static void
close_one(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

void
rf_ward_close_ends(struct rf_ward_ends *ends)
{
    close_one(&ends->guard);
    close_one(&ends->output);
}

/* ---- last words ------------------------------------------------------------------------------ */

/** Whether what it prints is told to no one. */
static bool
hides(const struct rf_ward *ward)
{
    return ward->hides || rf_conduct_hides(ward->conduct);
}

void
rf_ward_add_words(const struct rf_ward *ward, char *text, size_t text_room)
{
    size_t used = strlen(text);
    const struct rf_words *words = &ward->words;
    if (words->last_bytes > 0 && used + 2 < text_room && !hides(ward)) {
        size_t room = text_room - used - 3;
        size_t part = words->last_bytes < room ? words->last_bytes : room;
        memcpy(text + used, ": ", 2);
        for (size_t i = 0; i < part; i++) {
            text[used + 2 + i] = words->last[i] == '\0' ? ' ' : words->last[i];
        }
        text[used + 2 + part] = '\0';
    }
}

bool
rf_ward_describe(struct rf_ward *ward, int wait_status, char *text, size_t text_room)
{
    if (WIFEXITED(wait_status) &&
        (WEXITSTATUS(wait_status) == RF_EXIT_TOLD || WEXITSTATUS(wait_status) == RF_EXIT_SAID)) {
        rf_words_settle_on_final(&ward->words);
    }
    if (ward->program > 0 && rf_words_want_memory(&ward->words, wait_status)) {
        rf_worker_describe_excess(text, text_room);
        return true;
    }
    rf_worker_describe(wait_status, text, text_room);
    rf_ward_add_words(ward, text, text_room);
    return WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == RF_EXIT_MEMORY;
}

const char *
rf_ward_race(const struct rf_ward *ward, char *text, size_t text_room)
{
    const struct rf_words *words = &ward->words;
    if (words->race_bytes > 0 && hides(ward)) {
        (void)snprintf(text, text_room, "data race"); /* anyone may print what looks like a place */
    } else {
        (void)snprintf(text, text_room, "%.*s", (int)words->race_bytes, words->race);
    }
    return text;
}

/* ---- what it prints -------------------------------------------------------------------------- */

/** Takes a part of what is there. False at its end, or where there is nothing. */
static bool
take_output(struct rf_ward *ward)
{
    char bytes[16384]; /* a thread's stack may be small */
    ssize_t got = ward->output < 0 ? -1 : read(ward->output, bytes, sizeof(bytes));
    if (got > 0) {
        rf_words_take(&ward->words, bytes, (size_t)got);
        /* While it is loaded it does what the first one has done. */
        if (ward->loaded || ward->first) {
            rf_conduct_add_printed(ward->conduct, bytes, (size_t)got, 0);
        }
        return true;
    }
    if (got == 0) {
        close_one(&ward->output);
    }
    return false;
}

/** Takes what is there now. Not more than that: where there is no sandbox, there may be someone who
 * prints all the time. */
static void
take_present(struct rf_ward *ward)
{
    const int most = 5; /* more than a pipe holds */
    for (int i = 0; i < most && take_output(ward); i++) {
    }
}

void
rf_ward_loaded(struct rf_ward *ward)
{
    if (!ward->loaded) {
        take_present(ward);
        ward->loaded = true;
    }
}

bool
rf_ward_name_program(struct rf_ward *ward, pid_t worker, uint64_t program)
{
    if (program == 0 || program > INT32_MAX) {
        return false;
    }
    if (ward->program == 0 && rf_watch_parent((pid_t)program) == worker) {
        ward->program = (pid_t)program;
    }
    return ward->program == (pid_t)program;
}

bool
rf_ward_is_racing(struct rf_ward *ward, bool now)
{
    if (now) {
        take_present(ward);
    }
    return ward->words.race_whole || (now && ward->words.race_bytes > 0);
}

void
rf_ward_mark(struct rf_ward *ward)
{
    take_present(ward);
    rf_words_begin_anew(&ward->words);
}

void
rf_ward_hand_on(struct rf_ward *ward)
{
    take_present(ward);
    rf_words_forget(&ward->words);
}

/* ---- what it asks for ------------------------------------------------------------------------ */

/** How it is held, and its listener. */
static void
take_answer(struct rf_ward *ward)
{
    struct rf_guard_answer words;
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {&words, sizeof(words)};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.room,
        .msg_controllen = sizeof(control.room),
    };
    ssize_t got = recvmsg(ward->guard, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    const struct cmsghdr *head = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (head != NULL && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
        head->cmsg_len == CMSG_LEN(sizeof(int))) {
        memcpy(&ward->listener, CMSG_DATA(head), sizeof(int));
    }
    if (got == (ssize_t)sizeof(words)) {
        ward->answered = true;
        ward->lacks = words.lacks;
        ward->program = (pid_t)words.program;
        rf_conduct_add_held(ward->conduct, words.lacks == 0 ? RF_HELD_WHOLE : RF_HELD_PARTLY,
                            words.lacks);
    }
    if (ward->program == 0) {
        close_one(&ward->guard);
    }
}

/** The relay says that its program is loaded, and waits until that is heard. */
static void
take_hello(struct rf_ward *ward)
{
    char byte;
    ssize_t got = recv(ward->guard, &byte, 1, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got == 1) {
        rf_ward_loaded(ward);
        rf_fd_tell(ward->guard, &byte, 1);
    }
    close_one(&ward->guard);
}

static void
take_from_guard(struct rf_ward *ward)
{
    if (ward->answered) {
        take_hello(ward);
    } else {
        take_answer(ward);
    }
}

void
rf_ward_end(struct rf_ward *ward)
{
    if (ward->guard >= 0 && !ward->answered) {
        take_answer(ward);
    }
    take_present(ward);
    rf_words_end(&ward->words);
    close_one(&ward->guard);
    close_one(&ward->listener);
    close_one(&ward->output);
}

void
rf_ward_settle(struct rf_ward *ward)
{
    take_present(ward);
    rf_words_end(&ward->words);
}

#if defined(RF_HAVE_SECCOMP)

#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/** Newer kernels have longer ones. */
union rf_notification {
    struct seccomp_notif is;
    char room[512];
};

static void
refuse(struct rf_ward *ward, const struct rf_attempt *attempt, struct seccomp_notif_resp *response)
{
    response->error = -attempt->error;
    rf_conduct_add_tried(ward->conduct, attempt->kind, attempt->what, 1,
                         ward->loaded || ward->first);
}

/** Whether a call is refold's own: a server forks as it was told, and who is forked asks to end
 * with refold, which can do no harm whoever asks it. */
static bool
is_of_forking(const struct rf_ward *ward, const struct seccomp_notif *is)
{
    const __u64 *arguments = is->data.args;
    if (is->data.nr == SYS_prctl) {
        return arguments[0] == PR_SET_PDEATHSIG && arguments[1] == SIGKILL;
    }
    return is->data.nr == SYS_clone && ward->server > 0 && (pid_t)is->pid == ward->server &&
           arguments[0] == (CLONE_PARENT | SIGCHLD);
}

/** One system call, which stands still until it is answered here. */
static void
take_call(struct rf_ward *ward)
{
    union rf_notification notification;
    struct rf_attempt attempt;
    memset(&notification, 0, sizeof(notification));
    const struct seccomp_notif *is = &notification.is;
    if (ioctl(ward->listener, SECCOMP_IOCTL_NOTIF_RECV, &notification) != 0) {
        if (errno != ENOENT && errno != EINTR) {
            close_one(&ward->listener); /* what is asked from here on is refused by the kernel */
        }
        return;
    }
    struct rf_call call = {.pid = (pid_t)is->pid, .number = is->data.nr};
    for (size_t i = 0; i < sizeof(call.arguments) / sizeof(call.arguments[0]); i++) {
        call.arguments[i] = is->data.args[i];
    }
    if (is_of_forking(ward, is)) {
        attempt.verdict = RF_CALL_PASSES;
    } else {
        const struct rf_caller caller = {
            .file = ward->file,
            .loading = !ward->loaded,
            .program = ward->program,
            .landlocked = (ward->lacks & RF_LACKS_FILES) == 0,
            .executed = ward->executed,
        };
        rf_attempt_judge(&call, &caller, &attempt);
    }
    if (ioctl(ward->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &is->id) != 0) {
        return; /* it ended meanwhile: what was read may be of someone else */
    }
    union {
        struct seccomp_notif_resp is;
        char room[512];
    } response;
    memset(&response, 0, sizeof(response));
    response.is.id = is->id;
    switch (attempt.verdict) {
    case RF_CALL_EXECUTES:
        ward->executed = true;
        response.is.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        break;
    case RF_CALL_PASSES:
        response.is.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        break;
    case RF_CALL_LOADED:
        rf_ward_loaded(ward);
        break;
    case RF_CALL_REFUSED:
        refuse(ward, &attempt, &response.is);
        break;
    case RF_CALL_UNTOLD:
        response.is.error = -attempt.error;
        break;
    }
    /* Of a worker that was killed meanwhile it fails: then there is no one to answer. */
    (void)ioctl(ward->listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

#else

static void
take_call(struct rf_ward *ward)
{
    close_one(&ward->listener);
}

#endif

/** A listener nobody can ask any more is at its end. */
static void
serve(struct rf_ward *ward, const struct pollfd *asked)
{
    if (asked[0].revents != 0) {
        take_from_guard(ward);
    }
    if ((asked[1].revents & POLLIN) != 0) {
        take_call(ward);
    } else if (asked[1].revents != 0) {
        close_one(&ward->listener);
    }
    if (asked[2].revents != 0) {
        (void)take_output(ward);
    }
}

bool
rf_ward_poll(struct rf_ward *ward, int fd, int timeout_ms)
{
    struct rf_ward none = RF_WARD_NONE;
    ward = ward == NULL ? &none : ward;
    int64_t end = rf_clock_ms() + timeout_ms;
    int left = timeout_ms;
    do {
        struct pollfd watched[] = {
            {fd, POLLIN, 0},
            {ward->guard, POLLIN, 0}, /* poll passes over what is -1 */
            {ward->listener, POLLIN, 0},
            {ward->output, POLLIN, 0},
        };
        int got = poll(watched, sizeof(watched) / sizeof(watched[0]), left);
        if (got > 0) {
            serve(ward, watched + 1);
        }
        if (got > 0 && watched[0].revents != 0) {
            return true;
        }
        if (got <= 0) {
            return false;
        }
        left = (int)(end - rf_clock_ms());
    } while (left > 0);
    return false;
}

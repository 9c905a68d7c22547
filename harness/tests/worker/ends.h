/* SPDX-License-Identifier: MIT */
/* The worker's end of the protocol run in a child of the test, which is the host: no host.c
 * between. */
#ifndef RF_TESTS_WORKER_ENDS_H
#define RF_TESTS_WORKER_ENDS_H

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/fd.h"
#include "worker/protocol.h"

/** What the worker inherits beside commands, notices and answers; made by the test. */
struct given {
    struct rf_buf names;
    struct rf_buf arena;
    struct rf_buf requests;
};

struct ends {
    pid_t pid;
    int commands;
    int notices;
    int answers;
    struct rf_buf stream; /**< of the slots that were read */
    uint64_t slots;
};

/** An unlinked file that holds these bytes. */
static inline int
make_file(const struct rf_buf *content, off_t size)
{
    char path[] = "/tmp/refold-test-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && unlink(path) == 0);
    cr_assert(content == NULL || rf_fd_write(fd, content->bytes, content->used));
    cr_assert(size == 0 || ftruncate(fd, size) == 0);
    return fd;
}

/** In the child: each file under its number, whatever numbers the test's own files have. */
static inline void
take_numbers(const int *sources, int first, int count)
{
    int high[8];
    for (int i = 0; i < count; i++) {
        high[i] = fcntl(sources[i], F_DUPFD, 200);
    }
    for (int i = 0; i < count; i++) {
        (void)dup2(high[i], first + i);
        (void)close(high[i]);
    }
    /* What a failing worker says is expected, and no one's to read. */
    (void)dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
}

/** Starts `work` in a child; it ends with 0 when `work` returns. `given` may be NULL. */
static inline void
open_ends(struct ends *ends, const struct given *given, void (*work)(const void *),
          const void *with)
{
    int pair[2];
    int tube[2];
    cr_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    cr_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, tube) == 0); /* a scenario's must be one */
    int answers = make_file(NULL, (off_t)(RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES));
    int requests = make_file(given == NULL ? NULL : &given->requests, 0);
    int names = make_file(given == NULL ? NULL : &given->names, 0);
    int arena = make_file(given == NULL ? NULL : &given->arena, 0);
    *ends = (struct ends){.commands = pair[0], .notices = tube[0], .answers = answers};
    ends->pid = fork();
    cr_assert(ends->pid >= 0);
    if (ends->pid == 0) {
        /* No sandbox, and no fork server. */
        int guard = open("/dev/null", O_RDWR);
        int control = open("/dev/null", O_RDWR);
        const int files[] = {pair[1], tube[1], requests, answers, names, guard, control, arena};
        (void)close(pair[0]);
        (void)close(tube[0]);
        take_numbers(files, RF_FD_COMMANDS, 8);
        (void)close(pair[1] > RF_FD_ARENAS ? pair[1] : -1);
        (void)close(tube[1] > RF_FD_ARENAS ? tube[1] : -1);
        work(with);
        _exit(0);
    }
    const int done[] = {pair[1], tube[1], requests, names, arena};
    for (size_t i = 0; i < sizeof(done) / sizeof(done[0]); i++) {
        (void)close(done[i]);
    }
}

static inline void
tell(struct ends *ends, uint32_t kind, uint64_t batch, uint64_t instances, uint64_t file_bytes)
{
    struct rf_command command = {
        .kind = kind, .batch = batch, .instances = instances, .file_bytes = file_bytes};
    cr_assert(send(ends->commands, &command, sizeof(command), MSG_NOSIGNAL) == sizeof(command));
}

/** The next notice; false where there is none within `wait_ms`, or the worker has ended. */
static inline bool
hear(struct ends *ends, int wait_ms, struct rf_notice *ret)
{
    struct pollfd watched = {ends->notices, POLLIN, 0};
    size_t got;
    return poll(&watched, 1, wait_ms) > 0 && rf_fd_read(ends->notices, ret, sizeof(*ret), &got) &&
           got == sizeof(*ret);
}

/** Copies a slot behind the stream, and spoils it: it is the worker's again. */
static inline void
read_slot(struct ends *ends, const struct rf_notice *notice)
{
    size_t got;
    uint64_t place = notice->number % RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES;
    cr_assert(notice->kind == RF_NOTICE_SLOT && notice->number == ends->slots++);
    cr_assert(notice->value > 0 && notice->value <= RF_ANSWER_SLOT_BYTES);
    rf_buf_reserve(&ends->stream, (size_t)notice->value);
    char *at = ends->stream.bytes + ends->stream.used;
    cr_assert(rf_fd_read_at(ends->answers, at, (size_t)notice->value, place, &got));
    cr_assert_eq(got, notice->value);
    ends->stream.used += got;
    char *spoilt = calloc(1, got);
    cr_assert(rf_fd_write_at(ends->answers, spoilt, got, place));
    free(spoilt);
}

/** Takes the answer at `*at` of the stream, and steps behind it; all that answers have in common is
 * checked. */
static inline struct rf_answer
take_answer(const struct ends *ends, size_t *at, uint64_t sequence, const char **ret_text)
{
    struct rf_answer answer;
    cr_assert(ends->stream.used - *at >= sizeof(answer), "the stream ends");
    memcpy(&answer, ends->stream.bytes + *at, sizeof(answer));
    *ret_text = ends->stream.bytes + *at + sizeof(answer);
    cr_assert_eq(answer.magic, RF_ANSWER_MAGIC);
    cr_assert_eq(answer.sequence, sequence);
    size_t bytes = sizeof(answer) + answer.text_bytes;
    for (; bytes % 8 != 0; bytes++) {
        cr_assert(*at + bytes < ends->stream.used);
        cr_assert_eq(ends->stream.bytes[*at + bytes], 0, "padding");
    }
    cr_assert(*at + bytes <= ends->stream.used);
    cr_assert_eq(answer.checksum, rf_answer_checksum(&answer, *ret_text));
    *at += bytes;
    return answer;
}

/** Closes the host's ends; returns the child's exit status, or -1 where a signal ended it. */
static inline int
close_ends(struct ends *ends)
{
    int status = 0;
    (void)close(ends->commands);
    cr_assert(waitpid(ends->pid, &status, 0) == ends->pid);
    (void)close(ends->notices);
    (void)close(ends->answers);
    rf_buf_done(&ends->stream);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A worker that misbehaves on demand, for the tests of the host's end. The name of the "shared
 * object" it is given says how; any other name means a worker that answers every instance with the
 * state {} and knows no events (digests are 0 where there are none).
 *
 * The misdeed happens at the second instance of a batch, so that the first one's answers are there.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "worker/protocol.h"

#if defined(__SANITIZE_ADDRESS__)
/* Signals are to end it as they end a worker of a release. */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
    return "handle_segv=0:handle_abort=0:handle_sigfpe=0:detect_leaks=0";
}
#endif

static const char *misdeed = "";
static char *answers;
static uint64_t sequence;
static uint64_t slots;
static unsigned batches;
static size_t used;
static unsigned credits = RF_ANSWER_SLOTS;

static bool
is(const char *name)
{
    return strcmp(misdeed, name) == 0;
}

static void
say(uint32_t kind, uint64_t number, uint64_t value)
{
    struct rf_notice notice = {kind, 0, number, value};
    if (write(RF_FD_NOTICES, &notice, sizeof(notice)) != (ssize_t)sizeof(notice)) {
        _exit(99);
    }
}

static struct rf_command
hear(void)
{
    struct rf_command command;
    char *bytes = (char *)&command;
    for (size_t got = 0; got < sizeof(command);) {
        ssize_t more = read(RF_FD_COMMANDS, bytes + got, sizeof(command) - got);
        if (more <= 0) {
            _exit(0);
        }
        got += (size_t)more;
    }
    return command;
}

static void
end_slot(void)
{
    if (used == 0) {
        return;
    }
    if (is("slot-cut") && ftruncate(RF_FD_ANSWERS, 0) != 0) {
        _exit(99);
    }
    say(RF_NOTICE_SLOT, is("slot-number") ? slots + 1 : slots,
        is("slot-bytes") ? RF_ANSWER_SLOT_BYTES + 1 : used);
    slots++;
    used = 0;
    credits--;
    while (credits == 0) {
        if (hear().kind == RF_COMMAND_CREDIT) {
            credits++;
        }
    }
}

static void
emit(const void *bytes, size_t count)
{
    const char *at = bytes;
    while (count > 0) {
        size_t part = RF_ANSWER_SLOT_BYTES - used;
        part = part < count ? part : count;
        memcpy(answers + slots % RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES + used, at, part);
        used += part;
        at += part;
        count -= part;
        if (used == RF_ANSWER_SLOT_BYTES) {
            end_slot();
        }
    }
}

static void
answer(uint32_t kind, uint64_t instance, uint64_t applied, const char *text, size_t bytes, bool bad)
{
    struct rf_answer head = {
        .magic = bad && is("magic") ? 7 : RF_ANSWER_MAGIC,
        .kind = bad && is("kind") ? 9 : kind,
        .status = bad && is("status") && kind == RF_ANSWER_END ? 77 : RF_STATUS_OK,
        .text_bytes = (uint32_t)bytes,
        .sequence = bad && is("sequence") ? sequence + 1 : sequence,
        .instance = bad && is("instance") ? instance + 1 : instance,
        .applied = bad && is("applied") ? applied + 1 : applied,
    };
    head.checksum = rf_answer_checksum(&head, text);
    if (bad && is("long")) {
        head.text_bytes = (uint32_t)RF_LIMIT_STATE_BYTES + 1;
    }
    if (bad && is("checksum")) {
        head.checksum ^= 1;
    }
    static const char zeros[8];
    emit(&head, sizeof(head));
    if (bad && is("text")) {
        emit("[", 1);
        emit(text + 1, bytes - 1);
    } else {
        emit(text, bytes);
    }
    emit(zeros, (8 - bytes % 8) % 8);
    sequence++;
}

static void
hang(bool busy)
{
    volatile unsigned turns = 0;
    for (;;) {
        if (busy) {
            turns++;
        } else {
            (void)pause();
        }
    }
}

/* Far beyond any limit of the tests, and slowly enough to be seen on the way. */
static void
grow(bool shared)
{
    for (int i = 0; i < 4000; i++) {
        char *more = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
                          MAP_ANONYMOUS | (shared ? MAP_SHARED : MAP_PRIVATE), -1, 0);
        if (more != MAP_FAILED) {
            memset(more, 1, 1 << 20);
        }
        (void)usleep(50);
    }
}

static void
misbehave(uint64_t instance)
{
    if (is("segv")) {
        (void)raise(SIGSEGV);
    } else if (is("abort")) {
        abort();
    } else if (is("exit")) {
        _exit(0);
    } else if (is("busy")) {
        hang(true);
    } else if (is("asleep")) {
        hang(false);
    } else if (is("nap")) {
        (void)usleep(900 * 1000);
    } else if (is("later") && batches == 6) {
        (void)raise(SIGSEGV);
    } else if (is("stopped")) {
        (void)raise(SIGSTOP);
    } else if (is("full")) {
        _exit(RF_EXIT_MEMORY);
    } else if (is("grows") || is("shares")) {
        grow(is("shares"));
    } else if (is("close")) {
        (void)close(RF_FD_NOTICES);
        hang(false);
    } else if (is("child")) {
        /* The child keeps the pipe open behind the dead worker. */
        if (fork() == 0) {
            hang(false);
        }
        _exit(3);
    } else if (is("trace")) {
        for (;;) {
            answer(RF_ANSWER_TRACE, instance, 0, "{}", 2, false);
        }
    } else if (is("steps")) {
        for (uint64_t i = 0;; i++) {
            say(RF_NOTICE_STEP, instance, i);
        }
    } else if (is("circle")) {
        for (;;) {
            say(RF_NOTICE_STEP, instance, 0);
        }
    } else if (is("notice")) {
        say(99, 0, 0);
    } else if (is("hello-again")) {
        say(RF_NOTICE_HELLO, RF_HOST_PROTOCOL, 0);
    }
}

/* count + 1 hashes, in two parts. */
static void
answer_trail(const struct rf_request *request, uint64_t instance, bool bad)
{
    static const char hashes[8 * 64];
    bool asked = (request->flags & RF_REQUEST_TRAIL) != 0;
    size_t first = 2;
    size_t rest = (size_t)request->count - 1;
    if (asked ? bad && is("trail-none") : !(bad && is("trail-unasked"))) {
        return;
    }
    if (!(bad && is("trail-end-only"))) {
        answer(RF_ANSWER_TRAIL, instance, 1, hashes, first * 8, false);
    }
    if (bad && is("trail-omits")) {
        rest--;
    } else if (bad && is("trail-doubles")) {
        rest++;
    } else if (bad && is("trail-begun")) {
        return;
    }
    size_t bytes = bad && is("trail-cut") ? rest * 8 - 1 : bad && is("trail-empty") ? 0 : rest * 8;
    answer(RF_ANSWER_TRAIL, instance, request->count, hashes, bytes, false);
    if (bad && is("trail-twice")) {
        answer(RF_ANSWER_TRAIL, instance, request->count, hashes, bytes, false);
    }
}

static void
fold_instance(const struct rf_request *request, uint64_t instance)
{
    bool bad = instance == 1;
    if ((request->flags & RF_REQUEST_STEP) != 0) {
        for (uint64_t i = 0; i <= request->count; i++) {
            say(RF_NOTICE_STEP, instance, i);
            if (is("dies-in-step") && i == 2) {
                (void)raise(SIGFPE);
            }
        }
    }
    if (bad) {
        misbehave(instance);
        if (is("skips")) {
            return;
        }
    }
    const char *text = "{}";
    size_t bytes = 2;
    char *large = NULL;
    if (is("large")) {
        bytes = ((size_t)5 << 20) + 3;
        large = malloc(bytes);
        if (large == NULL) {
            _exit(99);
        }
        memset(large, 'a' + (int)(instance % 26), bytes);
        text = large;
    }
    if (!(bad && is("stateless"))) {
        answer(RF_ANSWER_STATE, instance, request->snapshot_after, text, bytes, bad);
    }
    if (bad && is("two-states")) {
        answer(RF_ANSWER_STATE, instance, request->snapshot_after, text, bytes, false);
    }
    if (!(bad && is("trail-late"))) {
        answer_trail(request, instance, bad);
    }
    uint64_t applied = bad && is("short") ? request->count - 1 : request->count;
    answer(RF_ANSWER_END, instance, applied, "", 0, bad && !is("text"));
    if (bad && is("trail-late")) {
        answer_trail(request, instance, bad);
    }
    if (bad && is("twice")) {
        answer(RF_ANSWER_END, instance, request->count, "", 0, false);
    }
    free(large);
}

/* As Go's race detector does. */
static void
tell_race(void)
{
    (void)fprintf(stderr, "WARNING: DATA RACE\nRead at 0x00c0 by goroutine 7:\n  main.f()\n"
                          "      /x/a.go:1 +0x76\n\nPrevious write at 0x00c0 by goroutine 8:\n"
                          "  main.g()\n      /x/b.go:2 +0x88\n");
}

static void
fold_batch(const struct rf_command *command)
{
    char *file = mmap(NULL, (size_t)command->file_bytes, PROT_READ, MAP_SHARED, RF_FD_REQUESTS, 0);
    if (file == MAP_FAILED) {
        _exit(99);
    }
    const char *at = file + command->offset;
    batches++;
    for (uint64_t i = 0; i < command->instances; i++) {
        const struct rf_request *request = (const struct rf_request *)(const void *)at;
        fold_instance(request, i);
        at += request->bytes;
    }
    if (is("race")) {
        tell_race();
    }
    end_slot();
    say(RF_NOTICE_BATCH, is("batch") ? command->batch + 1 : command->batch, 0);
    if (is("race-late")) {
        (void)usleep(300 * 1000); /* behind the host's look at the batch, on a slow machine too */
        tell_race();
    }
    (void)munmap(file, (size_t)command->file_bytes);
}

/* ---- probe ------------------------------------------------------------------------------------
 */

static int
probe(const char *path)
{
    FILE *out = fdopen(RF_FD_NOTICES, "w");
    if (out == NULL) {
        return 99;
    }
    if (is("segv.so")) {
        (void)raise(SIGSEGV);
    } else if (is("silent.so")) {
        return 3;
    } else if (is("asleep.so")) {
        hang(false);
    } else if (is("endless.so")) {
        while (fputs("{\"name\":[", out) >= 0) {
        }
    } else {
        /* The file holds what is to be said. */
        FILE *in = fopen(path, "r");
        int byte = 0;
        while (in != NULL && (byte = fgetc(in)) != EOF) {
            (void)fputc(byte, out);
        }
        if (in != NULL) {
            (void)fclose(in);
        }
    }
    (void)fclose(out);
    return 0;
}

/* ---- dispatch ---------------------------------------------------------------------------------
 */

/* The file holds the lines that are to be said; one that begins with ! is what is to be done. */
static int
dispatch(const char *path)
{
    char line[4096];
    FILE *in = fopen(path, "r");
    while (in != NULL && fgets(line, sizeof(line), in) != NULL) {
        if (line[0] != '!') {
            if (write(RF_FD_NOTICES, line, strlen(line)) < 0) {
                return 99;
            }
            continue;
        }
        line[strcspn(line, "\n")] = '\0';
        misdeed = line + 1;
        if (is("endless")) {
            memset(line, 'x', sizeof(line));
            while (write(RF_FD_NOTICES, line, sizeof(line)) > 0) {
            }
        } else if (is("cut") && ftruncate(RF_FD_REQUESTS, 0) == 0) {
            return 98; /* the request is ours to read only */
        }
        misbehave(0);
    }
    return 0;
}

/* Nothing is open but what the protocol names, and arena i has i + 1 bytes. Else an exit status. */
static int
check_files(int arenas)
{
    for (int fd = 0; fd < 200; fd++) {
        bool named = fd < RF_FD_ARENAS + arenas;
        if ((fcntl(fd, F_GETFD) >= 0) != named) {
            return 100 + fd % 100;
        }
    }
    for (int i = 0; i < arenas; i++) {
        struct stat status;
        if (fstat(RF_FD_ARENAS + i, &status) != 0 || status.st_size != i + 1) {
            return 50 + i % 40;
        }
    }
    return (fcntl(RF_FD_REQUESTS, F_GETFL) & O_ACCMODE) == O_RDONLY ? 0 : 98;
}

int
main(int count, char **arguments)
{
    if (count < 3) {
        return 2;
    }
    const char *slash = strrchr(arguments[2], '/');
    misdeed = slash == NULL ? arguments[2] : slash + 1;
    if (strcmp(arguments[1], "--probe") == 0) {
        return probe(arguments[2]);
    }
    if (strcmp(arguments[1], "--dispatch") == 0) {
        return dispatch(arguments[2]);
    }
    answers = mmap(NULL, RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
                   RF_FD_ANSWERS, 0);
    if (answers == MAP_FAILED) {
        return 99;
    }
    if (is("unready")) {
        return 4;
    }
    if (is("late")) {
        (void)usleep(1500 * 1000);
    }
    int wrong = is("files") ? check_files((int)strtol(arguments[3], NULL, 10)) : 0;
    if (wrong != 0) {
        return wrong;
    }
    say(RF_NOTICE_HELLO, is("version") ? RF_HOST_PROTOCOL + 1 : RF_HOST_PROTOCOL,
        is("stranger") ? 1 : 0);
    for (;;) {
        struct rf_command command = hear();
        if (command.kind == RF_COMMAND_FOLD) {
            fold_batch(&command);
        } else if (command.kind == RF_COMMAND_CREDIT) {
            credits++;
        } else {
            return 0;
        }
    }
}

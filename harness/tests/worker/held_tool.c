/* SPDX-License-Identifier: MIT */
/*
 * A host without a protocol, for programs that speak none: starts one as refold starts a program
 * (`refold-worker --launch`), held and watched, and tells what became of it.
 *
 *     held_tool WORKER PROGRAM MEMORY_MIB TIMEOUT_MS
 *
 * The first line that the program writes is its hello: from there on it is loaded. Then it gets the
 * line "go" and the end of its input. Prints lines: "out: …" of its standard output, "held: N" (the
 * parts that are lacking), "tried: KIND WHAT", "printed: …", "race: …", "end: …".
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "host/conduct.h"
#include "host/limits.h"
#include "host/spawn.h"
#include "host/ward.h"
#include "host/watch.h"

static void
fail(const char *what)
{
    perror(what);
    exit(9);
}

/** Prints the lines of a text, each with a word in front. */
static void
print_lines(const char *front, const char *text, size_t bytes)
{
    while (bytes > 0) {
        const char *end = memchr(text, '\n', bytes);
        size_t line = end == NULL ? bytes : (size_t)(end - text);
        printf("%s: %.*s\n", front, (int)line, text);
        size_t used = line + (end == NULL ? 0 : 1);
        text += used;
        bytes -= used;
    }
}

/** What it writes until it is over; how it ended. */
static void
listen_to(struct rf_ward *ward, pid_t pid, int output, int input, int timeout_ms,
          struct rf_buf *heard, char *end, size_t end_room)
{
    struct rf_watch watch = {.ward = ward, .memory_bytes = rf_worker_memory()};
    for (;;) {
        rf_buf_reserve(heard, 65536);
        ssize_t got = read(output, heard->bytes + heard->used, heard->room - heard->used);
        if (got > 0) {
            rf_watch_reset(&watch);
            heard->used += (size_t)got;
            if (!ward->loaded && memchr(heard->bytes, '\n', heard->used) != NULL) {
                rf_ward_loaded(ward);
                (void)!write(input, "go\n", 3);
                (void)close(input);
            }
            continue;
        }
        if (got == 0) {
            break;
        }
        switch (rf_watch_wait(&watch, pid, output, timeout_ms)) {
        case RF_WATCHED_READY:
            break;
        case RF_WATCHED_ENDED:
            return;
        case RF_WATCHED_FULL:
            rf_worker_describe_excess(end, end_room);
            rf_spawn_kill(pid);
            return;
        case RF_WATCHED_HUNG:
            (void)snprintf(end, end_room, "hung%s", watch.stopped ? ": it was stopped" : "");
            rf_spawn_kill(pid);
            return;
        }
    }
    if (!rf_watch_end(pid, 2000000)) {
        (void)snprintf(end, end_room, "closed its end and did not exit");
        rf_spawn_kill(pid);
    }
}

static void
tell(struct rf_conduct *conduct)
{
    struct rf_conduct_view view = rf_conduct_look(conduct);
    printf("held: %u\n", view.held == RF_HELD_WHOLE ? 0 : view.lacks);
    for (size_t i = 0; i < view.tried_count; i++) {
        printf("tried: %s %s\n", rf_tried_name(view.tried[i].kind), view.tried[i].what);
    }
    print_lines("printed", view.printed, view.printed_bytes);
}

int
main(int argc, char **argv)
{
    int in[2];
    int out[2];
    struct rf_err err = {0};
    struct rf_ward ward;
    struct rf_ward_ends ends;
    struct rf_conduct *conduct = rf_conduct_new();
    struct rf_buf heard = {0};
    char end[1024] = "";
    pid_t pid = 0;
    if (argc != 5) {
        return 9;
    }
    rf_worker_set_memory((uint64_t)atoll(argv[3]) << 20);
    (void)signal(SIGPIPE, SIG_IGN);
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 ||
        rf_ward_open(&ward, conduct, argv[2], true, &ends, &err) != RF_OK) {
        fail("open");
    }
    (void)fcntl(out[0], F_SETFL, O_NONBLOCK);
    char memory[32];
    (void)snprintf(memory, sizeof(memory), "%llu", (unsigned long long)rf_worker_memory());
    char verb[] = "--launch";
    char *arguments[] = {argv[1], verb, argv[2], memory, NULL};
    char *environment[] = {NULL};
    struct rf_spawn_file files[2 + RF_WARD_FILES];
    size_t count = rf_ward_files(&ends, files);
    files[0] = (struct rf_spawn_file){out[1], STDOUT_FILENO};
    files[count++] = (struct rf_spawn_file){in[0], STDIN_FILENO};
    struct rf_spawn start = {.program = argv[1],
                             .arguments = arguments,
                             .environment = environment,
                             .files = files,
                             .file_count = count};
    if (rf_spawn(&start, &pid, &err) != RF_OK) {
        fail("spawn");
    }
    rf_ward_close_ends(&ends);
    (void)close(in[0]);
    (void)close(out[1]);
    listen_to(&ward, pid, out[0], in[1], atoi(argv[4]), &heard, end, sizeof(end));
    int status = rf_spawn_reap(pid);
    rf_ward_end(&ward);
    if (end[0] == '\0') {
        rf_ward_describe(&ward, status, end, sizeof(end));
    }
    print_lines("out", heard.bytes, heard.used);
    tell(conduct);
    printf("end: %s\n", end);
    rf_buf_done(&heard);
    rf_conduct_free(conduct);
    return 0;
}

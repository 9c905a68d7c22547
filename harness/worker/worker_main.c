/* SPDX-License-Identifier: MIT */
/*
 * refold-worker: the program in which an aggregate's code runs. refold starts it, and no one else;
 * what is said between the two is in protocol.h.
 *
 *     --probe FILE.so MEMORY   describe the aggregate       plugin.c, fields.c
 *     --fold FILE.so ARENAS MEMORY [IGNORE...]
 *                              fold what the host asks for  input.c: what it hands over, mapped
 *                                                           fold_loop.c: requests to events
 *                              plugin.c, values.c, memory.c: what the aggregate is given
 *                              snapshot.c: states to JSON, answers.c: the way back
 *     --serve FILE.so ARENAS MEMORY [IGNORE...]
 *                              the same in forks           serve.c: one whenever the host asks
 *     --dispatch FILE.so MEMORY
 *                              play a scenario              dispatch_loop.c: commands to events
 *     --launch PROGRAM MEMORY  become a program, for the host to talk to   launch.c
 *     --world BITS --fold ...  the same in a world that is made up   world.c, interpose.c
 *
 * In front of all of them stand bounds.c and sandbox.c: what a worker gives up before it loads
 * anything.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__linux__)
#include <signal.h>
#include <sys/prctl.h>
#endif

#include "base/buf.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/json.h"
#include "worker/answers.h"
#include "worker/bounds.h"
#include "worker/dispatch_loop.h"
#include "worker/fold_loop.h"
#include "worker/launch.h"
#include "worker/plugin.h"
#include "worker/protocol.h"
#include "worker/sandbox.h"
#include "worker/serve.h"
#include "worker/world.h"

/* More than any system lets a process have open. */
#define ARENAS_MAX 65536

/* A host that was killed cannot end its workers: the system does. */
static void
end_with_host(void)
{
#if defined(__linux__)
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

#if defined(__SANITIZE_ADDRESS__)
/* The signal of a crash must reach the system, which tells the host, not the sanitizer. */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
    return "handle_segv=0:handle_abort=0:handle_sigill=0:handle_sigfpe=0:handle_sigbus=0:"
           "use_sigaltstack=0:detect_leaks=0";
}
#endif

static void
write_whole(const struct rf_buf *text)
{
    if (!rf_fd_write(RF_FD_NOTICES, text->bytes, text->used)) {
        rf_worker_fail("cannot write the descriptor: %s", strerror(errno));
    }
}

static int
probe(const char *path)
{
    struct rf_plugin *plugin = NULL;
    struct rf_err err;
    struct rf_buf text = {0};
    int status = 0;
    rf_sandbox_enter(path);
    if (rf_plugin_load(path, &plugin, &err) == RF_OK) {
        rf_sandbox_loaded();
        rf_plugin_describe(plugin, &text);
    } else {
        size_t bytes = strlen(err.text);
        rf_buf_string(&text, "{\"error\":");
        rf_canon_string(&text, err.text, rf_utf8_valid(err.text, bytes));
        rf_buf_byte(&text, '}');
        status = 1;
    }
    write_whole(&text);
    rf_buf_done(&text);
    return status;
}

static int
fold(const char *path, const char *arena_count, const char *const *ignores, size_t ignore_count,
     void (*await_channels)(void))
{
    struct rf_plugin *plugin = NULL;
    struct rf_err err;
    char *end;
    errno = 0;
    unsigned long count = strtoul(arena_count, &end, 10);
    if (errno != 0 || *end != '\0' || end == arena_count || count > ARENAS_MAX) {
        rf_worker_fail("'%s' is no number of arenas", arena_count);
    }
    rf_sandbox_enter(path);
    if (rf_plugin_load(path, &plugin, &err) != RF_OK) {
        rf_worker_fail("%s: %s", path, err.text);
    }
    rf_bounds_loaded();
    rf_sandbox_loaded();
    rf_fold_loop(plugin, count, ignores, ignore_count, await_channels);
    return 0;
}

static int
dispatch(const char *path)
{
    struct rf_plugin *plugin = NULL;
    struct rf_err err;
    rf_sandbox_enter(path);
    if (rf_plugin_load(path, &plugin, &err) != RF_OK) {
        rf_worker_fail("%s: %s", path, err.text);
    }
    rf_bounds_loaded();
    rf_sandbox_loaded();
    rf_dispatch_loop(plugin);
    return 0;
}

/* Takes the words that say in which world it runs. */
static void
enter_world(int *argc, char ***argv)
{
    if (*argc >= 3 && strcmp((*argv)[1], "--world") == 0) {
        rf_world_enter((unsigned)strtoul((*argv)[2], NULL, 16), *argv);
        *argc -= 2;
        *argv += 2;
    }
}

static uint64_t
bytes_of(const char *memory)
{
    char *end;
    errno = 0;
    unsigned long long bytes = strtoull(memory, &end, 10);
    if (errno != 0 || *end != '\0' || end == memory) {
        rf_worker_fail("'%s' is no number of bytes", memory);
    }
    return bytes;
}

static void
bind(const char *memory)
{
    rf_bounds_set(bytes_of(memory));
}

int
main(int argc, char **argv)
{
    int status;
    end_with_host();
    enter_world(&argc, &argv);
    if (argc == 4 && strcmp(argv[1], "--probe") == 0) {
        bind(argv[3]);
        status = probe(argv[2]);
    } else if (argc >= 5 && strcmp(argv[1], "--fold") == 0) {
        bind(argv[4]);
        status = fold(argv[2], argv[3], (const char *const *)argv + 5, (size_t)argc - 5, NULL);
    } else if (argc >= 5 && strcmp(argv[1], "--serve") == 0) {
        bind(argv[4]);
        status =
            fold(argv[2], argv[3], (const char *const *)argv + 5, (size_t)argc - 5, rf_serve_forks);
    } else if (argc == 4 && strcmp(argv[1], "--dispatch") == 0) {
        bind(argv[3]);
        status = dispatch(argv[2]);
    } else if (argc == 4 && strcmp(argv[1], "--launch") == 0) {
        rf_launch(argv[2], bytes_of(argv[3]));
    } else {
        rf_worker_fail("this program is refold's own: run refold");
    }
    /* Not exit: what the aggregate registered to run at the end is no part of any answer. */
    _exit(status);
}

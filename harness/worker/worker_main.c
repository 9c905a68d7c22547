/* SPDX-License-Identifier: MIT */
/*
 * refold-worker: the program in which an aggregate's code runs. refold starts it, and no one else;
 * what is said between the two is in protocol.h.
 *
 *     --probe FILE.so MEMORY   describe the aggregate       plugin.c, fields.c
 *     --fold FILE.so ARENAS MEMORY [IGNORE...] [PRIVATE...]
 *                              fold what the host asks for  input.c: what it hands over, mapped
 *                                                           fold_loop.c: requests to events
 *                              plugin.c, values.c, memory.c: what the aggregate is given
 *                              snapshot.c: states to JSON, answers.c: the way back
 *     --serve FILE.so ARENAS MEMORY [IGNORE...] [PRIVATE...]
 *                              the same in forks           serve.c: one whenever the host asks
 *     --dispatch FILE.so MEMORY
 *                              play a scenario              dispatch_loop.c: commands to events
 *     --launch FILE MEMORY     become a program             launch.c
 *     --speak FILE.so MEMORY   be such a program            speak.c
 *     --world BITS --fold ...  the same in a world that is made up   world.c, interpose.c
 *
 * Where FILE is a program, not a shared object, it runs beside the worker, which relays (relay.c).
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
#include "base/depth.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/json.h"
#include "program/elf.h"
#include "worker/answers.h"
#include "worker/bounds.h"
#include "worker/dispatch_loop.h"
#include "worker/fold_loop.h"
#include "worker/launch.h"
#include "worker/plugin.h"
#include "worker/protocol.h"
#include "worker/relay.h"
#include "worker/sandbox.h"
#include "worker/serve.h"
#include "worker/speak.h"
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

/* What stands in front of the verb, and behind the file. */
static uint64_t memory_bytes;
static uint32_t member;
static uint64_t said; /* of the member, at the probe */
static bool is_probed;

/* A shared object is loaded into this process, a program runs in one of its own. */
static rf_code
load(const char *path, struct rf_plugin **ret, struct rf_err *reterr)
{
    if (rf_is_program(path)) {
        struct rf_relay *relay = NULL;
        RF_TRY(rf_relay_start(path, memory_bytes, &relay, reterr));
        RF_TRY(rf_relay_choose(relay, member, reterr));
        if (is_probed) {
            rf_relay_hold_to(relay, said);
        }
        rf_plugin_of_program(relay, ret);
        return RF_OK;
    }
    rf_bounds_set(memory_bytes);
    rf_sandbox_enter(path);
    RF_TRY(rf_plugin_load(path, ret, reterr));
    return RF_OK;
}

static struct rf_plugin *
need_plugin(const char *path)
{
    struct rf_plugin *plugin = NULL;
    struct rf_err err;
    if (load(path, &plugin, &err) != RF_OK) {
        rf_worker_fail("%s: %s", path, err.text);
    }
    if (plugin->program == NULL) {
        rf_bounds_loaded();
        rf_sandbox_loaded();
    }
    return plugin;
}

static int
probe(const char *path)
{
    struct rf_plugin *plugin = NULL;
    struct rf_err err;
    struct rf_buf text = {0};
    int status = 0;
    if (load(path, &plugin, &err) != RF_OK) {
        size_t bytes = strlen(err.text);
        rf_buf_string(&text, "{\"error\":");
        rf_canon_string(&text, err.text, rf_utf8_valid(err.text, bytes));
        rf_buf_byte(&text, '}');
        status = 1;
    } else if (plugin->program != NULL) {
        rf_relay_describe(plugin->program, &text);
    } else {
        rf_sandbox_loaded();
        rf_plugin_describe(plugin, &text);
    }
    write_whole(&text);
    rf_buf_done(&text);
    return status;
}

static int
fold(const char *path, const char *arena_count, const char *const *ignores, size_t ignore_count,
     void (*await_channels)(void))
{
    char *end;
    errno = 0;
    unsigned long count = strtoul(arena_count, &end, 10);
    if (errno != 0 || *end != '\0' || end == arena_count || count > ARENAS_MAX) {
        rf_worker_fail("'%s' is no number of arenas", arena_count);
    }
    const struct rf_plugin *plugin = need_plugin(path);
    rf_fold_loop(plugin, count, ignores, ignore_count, await_channels);
    rf_relay_quit(plugin->program);
    rf_relay_stop(plugin->program); /* whom no one waits for, his CPU time is no one's */
    return 0;
}

static int
dispatch(const char *path)
{
    const struct rf_plugin *plugin = need_plugin(path);
    rf_dispatch_loop(plugin);
    rf_relay_stop(plugin->program);
    return 0;
}

static void
take_member(const char *text)
{
    char *colon;
    char *end;
    member = (uint32_t)strtoul(text, &colon, 10);
    said = *colon == ':' ? strtoull(colon + 1, &end, 16) : 0;
    if (*colon != ':' || *end != '\0') {
        rf_worker_fail("'%s' is no member of a program", text);
    }
    is_probed = true;
}

/* Takes the words that say in which world it runs, and which of a program's aggregates it folds. */
static void
take_front(int *argc, char ***argv)
{
    while (*argc >= 3) {
        if (strcmp((*argv)[1], "--world") == 0) {
            rf_world_enter((unsigned)strtoul((*argv)[2], NULL, 16), *argv);
        } else if (strcmp((*argv)[1], "--member") == 0) {
            take_member((*argv)[2]);
        } else {
            return;
        }
        *argc -= 2;
        *argv += 2;
    }
}

static void
bind(const char *memory)
{
    char *end;
    errno = 0;
    memory_bytes = strtoull(memory, &end, 10);
    if (errno != 0 || *end != '\0' || end == memory) {
        rf_worker_fail("'%s' is no number of bytes", memory);
    }
}

int
main(int argc, char **argv)
{
    int status;
    rf_depth_raiser = RF_DEPTH_NOTHING;
    end_with_host();
    take_front(&argc, &argv);
    if (argc == 4 && strcmp(argv[1], "--probe") == 0) {
        bind(argv[3]);
        status = probe(argv[2]);
    } else if (argc >= 5 && strcmp(argv[1], "--fold") == 0) {
        bind(argv[4]);
        status = fold(argv[2], argv[3], (const char *const *)argv + 5, (size_t)argc - 5, NULL);
    } else if (argc >= 5 && strcmp(argv[1], "--serve") == 0) {
        bind(argv[4]);
        if (rf_is_program(argv[2])) {
            rf_worker_fail("%s is a program: it cannot be forked", argv[2]);
        }
        status =
            fold(argv[2], argv[3], (const char *const *)argv + 5, (size_t)argc - 5, rf_serve_forks);
    } else if (argc == 4 && strcmp(argv[1], "--dispatch") == 0) {
        bind(argv[3]);
        status = dispatch(argv[2]);
    } else if (argc == 4 && strcmp(argv[1], "--launch") == 0) {
        bind(argv[3]);
        rf_launch(argv[2], memory_bytes);
    } else if (argc == 4 && strcmp(argv[1], "--speak") == 0) {
        bind(argv[3]);
        rf_speak_prepare();
        if (rf_is_program(argv[2])) {
            rf_worker_fail("%s is a program: it speaks itself", argv[2]);
        }
        rf_speak(need_plugin(argv[2]));
        status = 0;
    } else {
        rf_worker_fail("this program is refold's own: run refold");
    }
    /* Not exit: what the aggregate registered to run at the end is no part of any answer. */
    _exit(status);
}

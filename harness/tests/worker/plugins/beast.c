/* SPDX-License-Identifier: MIT */
/*
 * Does what no aggregate should, told by the front of the id: "segv@apply-…" at the instance's
 * second event, "segv@snapshot-…" while its state is written, "segv@destroy-…" when its state is
 * freed. All others are counted. Compiled with BEAST_AT_LOAD="segv" it does so in a constructor.
 */
#define _GNU_SOURCE
#include <refold/aggregate.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

struct beast {
    int64_t events;
    int64_t sum;
    double third; /* of the sum, rounded event by event */
    char deed[16];
    char place[16];
    refold_list list;
};

/* ---- deaths ---- */

static volatile int zero;
static volatile int one = 1;
static void *volatile nowhere;

static void
deed_segv(void)
{
    *(volatile char *)nowhere = 1;
}

static void
deed_fpe(void)
{
    one = one / zero;
}

static void
deed_ill(void)
{
    __builtin_trap();
}

static void
deed_bus(void)
{
    /* A file's page behind its end. */
    int fd = memfd_create("short", 0);
    volatile char *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    *at = 1;
}

static void
deed_exit0(void)
{
    exit(0);
}

static void
deed__exit1(void)
{
    _exit(1);
}

static void
exit_again(void)
{
    exit(6);
}

static void
deed_atexit(void)
{
    (void)atexit(exit_again);
    exit(5);
}

/* Not a tail call, and not foreseen by the compiler: a frame for each. */
static int
overflow_stack(volatile char *above)
{
    volatile char frame[4096];
    frame[0] = above[0];
    return frame[0] == 2 ? 0 : overflow_stack(frame) + frame[0];
}

static void
deed_stack(void)
{
    char seed = 1;
    (void)overflow_stack(&seed);
}

static void
deed_term(void)
{
    (void)raise(SIGTERM);
}

static void
deed_kill(void)
{
    (void)kill(getpid(), SIGKILL);
}

static void
deed_dfree(void)
{
    void *volatile twice = malloc(40);
    free(twice);
    free(twice);
}

static void
deed_dlclose(void)
{
    Dl_info info;
    if (dladdr((void *)(uintptr_t)deed_segv, &info) != 0) {
        for (int i = 0; i < 4; i++) {
            void *self = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD);
            for (int k = 0; self != NULL && k < 3; k++) {
                (void)dlclose(self);
            }
        }
    }
}

static void
deed_closefds(void)
{
    for (int fd = 0; fd < 1024; fd++) {
        (void)close(fd);
    }
}

/* ---- hangs ---- */

static void
deed_loop(void)
{
    for (volatile unsigned turns = 0;; turns++) {
    }
}

static void
deed_sleep(void)
{
    for (;;) {
        (void)pause();
    }
}

static void
deed_pipe(void)
{
    int pair[2];
    char byte;
    if (pipe(pair) == 0) {
        ssize_t got = read(pair[0], &byte, 1);
        (void)got;
    }
    deed_sleep(); /* where another has used up all descriptors */
}

static void
deed_mutex(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&mutex);
    (void)pthread_mutex_lock(&mutex);
}

static void
deed_sigstop(void)
{
    (void)raise(SIGSTOP);
}

static void
return_at_once(int number)
{
    (void)number;
}

/* The fault comes again and again. */
static void
deed_handler(void)
{
    (void)signal(SIGSEGV, return_at_once);
    deed_segv();
}

/* ---- memory ---- */

static void
deed_alloc(void)
{
    char *volatile huge = malloc(100 * 1024 * MIB);
    for (size_t i = 0; i < 100 * 1024 * MIB; i += 4096) {
        huge[i] = 1;
    }
}

static void
deed_grow(void)
{
    for (;;) {
        char *volatile piece = malloc(MIB);
        memset(piece, 1, MIB);
    }
}

/* Not seen by any allocator, nor by the limit of private memory. */
static void
deed_shared(void)
{
    char *at = mmap(NULL, 64 * 1024 * MIB, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    for (size_t i = 0; at != MAP_FAILED && i < 64 * 1024 * MIB; i += 4096) {
        at[i] = 1;
    }
}

static void
deed_leak(void)
{
    char *volatile piece = malloc(MIB);
    memset(piece, 1, MIB);
}

/* ---- scribbling ---- */

/* Fills writable mappings whose line in the map holds `part`, but the stack, which this function
 * still needs to return. */
static void
scribble(const char *part)
{
    static char text[1 << 16];
    static uintptr_t ranges[2 * 256];
    size_t count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    if (maps == NULL) {
        abort();
    }
    text[fread(text, 1, sizeof(text) - 1, maps)] = '\0';
    (void)fclose(maps);
    for (char *line = text; line != NULL && *line != '\0' && count + 2 <= 2 * 256;) {
        unsigned long from, to;
        char mode[8];
        char *next = strchr(line, '\n');
        if (next != NULL) {
            *next++ = '\0';
        }
        if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 && mode[1] == 'w' &&
            strstr(line, part) != NULL && strstr(line, "[stack]") == NULL &&
            !((uintptr_t)text >= from && (uintptr_t)text < to)) {
            ranges[count++] = (uintptr_t)from;
            ranges[count++] = (uintptr_t)to;
        }
        line = next;
    }
    for (size_t i = 0; i < count; i += 2) {
        for (volatile char *at = (char *)ranges[i]; at < (char *)ranges[i + 1]; at++) {
            *at = (char)0xA5;
        }
    }
}

static void
deed_pages(void)
{
    scribble("");
}

static void
deed_ring(void)
{
    scribble("refold-answers");
}

static void
deed_heap(void)
{
    char *volatile piece = malloc(24);
    memset(piece - 16, 0xA5, 4096);
    free(piece);
}

/* ---- the process ---- */

static void
deed_stdout(void)
{
    (void)printf("{\"not\": \"an answer\"}\n");
    (void)fflush(stdout);
    (void)fprintf(stderr, "a line that refold did not write\n");
    for (int fd = 1; fd <= 2; fd++) {
        ssize_t got = write(fd, "more\n", 5);
        (void)got;
    }
}

static void
deed_fdleak(void)
{
    while (dup(0) >= 0) {
    }
}

static void
deed_fork(void)
{
    for (int i = 0; i < 30; i++) {
        if (fork() == 0) {
            deed_sleep();
        }
    }
}

static void *
sleep_in_thread(void *unused)
{
    deed_sleep();
    return unused;
}

static void
deed_threads(void)
{
    for (int i = 0; i < 8; i++) {
        pthread_t thread;
        (void)pthread_create(&thread, NULL, sleep_in_thread, NULL);
    }
}

static void
deed_mask(void)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    (void)signal(SIGTERM, SIG_IGN);
}

static void
deed_fpu(void)
{
    (void)fesetround(FE_UPWARD);
}

static void
deed_locale(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "C.UTF-8"};
    for (size_t i = 0; i < 4 && setlocale(LC_ALL, names[i]) == NULL; i++) {
    }
    for (size_t i = 0; i < 4; i++) {
        locale_t locale = newlocale(LC_ALL_MASK, names[i], (locale_t)0);
        if (locale != (locale_t)0) {
            (void)uselocale(locale);
            return;
        }
    }
}

static void
deed_chdir(void)
{
    int got = chdir("/");
    (void)got;
    (void)umask(0777);
}

static void
deed_death(void)
{
    /* Outlive the host, in another group of processes. */
    (void)prctl(PR_SET_PDEATHSIG, 0);
    (void)setpgid(0, 0);
    (void)setsid();
}

static const struct {
    const char *name;
    void (*perform)(void);
} deeds[] = {
    {"segv", deed_segv},       {"abort", abort},
    {"fpe", deed_fpe},         {"ill", deed_ill},
    {"bus", deed_bus},         {"exit0", deed_exit0},
    {"_exit1", deed__exit1},   {"atexit", deed_atexit},
    {"stack", deed_stack},     {"term", deed_term},
    {"kill", deed_kill},       {"dfree", deed_dfree},
    {"dlclose", deed_dlclose}, {"closefds", deed_closefds},
    {"loop", deed_loop},       {"sleep", deed_sleep},
    {"pipe", deed_pipe},       {"mutex", deed_mutex},
    {"sigstop", deed_sigstop}, {"handler", deed_handler},
    {"alloc", deed_alloc},     {"grow", deed_grow},
    {"shared", deed_shared},   {"leak", deed_leak},
    {"pages", deed_pages},     {"ring", deed_ring},
    {"heap", deed_heap},       {"stdout", deed_stdout},
    {"fdleak", deed_fdleak},   {"fork", deed_fork},
    {"threads", deed_threads}, {"mask", deed_mask},
    {"fpu", deed_fpu},         {"locale", deed_locale},
    {"chdir", deed_chdir},     {"death", deed_death},
};

static void
perform(const char *deed)
{
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        if (strcmp(deeds[i].name, deed) == 0) {
            deeds[i].perform();
        }
    }
}

#if defined(BEAST_AT_LOAD)
static void __attribute__((constructor)) at_load(void)
{
    perform(BEAST_AT_LOAD);
}
#endif

/* ---- the aggregate ---- */

static int
is_at(const struct beast *beast, const char *place)
{
    return strcmp(beast->place, place) == 0;
}

/* "segv@apply-12": what and where. */
static void
read_id(struct beast *beast, refold_string id)
{
    char text[64];
    size_t bytes = id.len < sizeof(text) ? (size_t)id.len : sizeof(text) - 1;
    memcpy(text, id.ptr, bytes);
    text[bytes] = '\0';
    if (sscanf(text, "%15[^@]@%15[^-]", beast->deed, beast->place) != 2) {
        beast->deed[0] = beast->place[0] = '\0';
    }
}

/* What needs the event or the state. */
static void
perform_with_event(struct beast *beast, const refold_event *event)
{
    static jmp_buf before;
    if (strcmp(beast->deed, "event") == 0) {
        memset((void *)(uintptr_t)event, 0xA5, sizeof(*event));
    } else if (strcmp(beast->deed, "version") == 0) {
        ((refold_event *)(uintptr_t)event)->version = 77;
    } else if (strcmp(beast->deed, "data") == 0) {
        memset((void *)(uintptr_t)event->id.ptr, 'x', 1);
    } else if (strcmp(beast->deed, "state") == 0) {
        for (;;) {
            (void)refold_list_push(event, &beast->list, 4096);
        }
    } else if (strcmp(beast->deed, "longjmp") == 0) {
        if (beast->events == 0) {
            (void)setjmp(before);
        } else if (beast->events == 1) {
            longjmp(before, 1);
        }
    }
}

static int32_t
beast_apply(void *state, const refold_event *event)
{
    struct beast *beast = state;
    int64_t by = 0;
    (void)refold_event_int(event, "By", &by);
    read_id(beast, event->id);
    if (is_at(beast, "apply")) {
        if (beast->events == 1) {
            perform(beast->deed);
        }
        if (beast->events == 1 || strcmp(beast->deed, "longjmp") == 0) {
            perform_with_event(beast, event);
        }
    }
    beast->events++;
    beast->sum += by;
    beast->third += (double)by / 3.0;
    return REFOLD_OK;
}

static int32_t
beast_snapshot(const void *state, const refold_host *host)
{
    const struct beast *beast = state;
    char text[128];
    if (is_at(beast, "snapshot")) {
        perform(beast->deed);
    }
    int count = snprintf(text, sizeof(text), "{\"events\":%lld,\"sum\":%lld,\"third\":%.17g}",
                         (long long)beast->events, (long long)beast->sum, beast->third);
    host->emit(text, (uint64_t)count);
    return REFOLD_OK;
}

static void *
beast_create(void)
{
    return calloc(1, sizeof(struct beast));
}

static void
beast_destroy(void *state)
{
    struct beast *beast = state;
    if (is_at(beast, "destroy")) {
        perform(beast->deed);
    }
    free(state);
}

static const refold_type types[] = {REFOLD_TYPE("Added", 1)};

extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION,
    .size = sizeof(refold_aggregate),
    .name = "beast",
    .state_version = 1,
    .types = types,
    .type_count = 1,
    .apply = beast_apply,
    .create = beast_create,
    .destroy = beast_destroy,
    .snapshot = beast_snapshot,
};

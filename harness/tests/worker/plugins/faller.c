/* SPDX-License-Identifier: MIT */
/* An aggregate for the tests of the fold: its events say what goes wrong. State: how many events,
 * and the sum of By. */
#define _POSIX_C_SOURCE 200809L /* nanosleep under -std=c11 */
#include <refold/aggregate.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct faller {
    int64_t count;
    int64_t sum;
    double real;
    refold_text text;
};

enum {
    ADD = 1,
    REFUSE,
    SEGV,
    ABORT,
    EXIT,
    STACK,
    HANG,
    SLEEP,
    SLOW,
    SCRIBBLE,
    POISON,
    BATCH,
    SNAPSHOT,
    NOT_A_NUMBER,
    LARGE,
    SAME,
    BATCH_HANG,
    BATCH_HUGE,
    LOCK,
    GARBAGE,
    STEP_HANG_BEHIND,
    BATCH_HANG_BEHIND,
};

static const refold_type types[] = {
    {"Add", ADD, 0},
    {"Refuse", REFUSE, 0},
    {"Segv", SEGV, 0},
    {"Abort", ABORT, 0},
    {"Exit", EXIT, 0},
    {"Stack", STACK, 0},
    {"Hang", HANG, 0},
    {"Sleep", SLEEP, 0},
    {"Slow", SLOW, 0},
    {"Scribble", SCRIBBLE, 0},
    {"Poison", POISON, 0},
    {"Batch", BATCH, 0},
    {"Snapshot", SNAPSHOT, 0},
    {"NotANumber", NOT_A_NUMBER, 0},
    {"Large", LARGE, 0},
    {"Same", SAME, 0},
    {"BatchHang", BATCH_HANG, 0},
    {"BatchHuge", BATCH_HUGE, 0},
    {"Lock", LOCK, 0},
    {"Garbage", GARBAGE, 0},
    {"StepHangBehind", STEP_HANG_BEHIND, 0},
    {"BatchHangBehind", BATCH_HANG_BEHIND, 0},
};

static const refold_field fields[] = {
    REFOLD_INT(struct faller, count, "count"),
    REFOLD_INT(struct faller, sum, "sum"),
    REFOLD_REAL(struct faller, real, "real"),
    REFOLD_TEXT(struct faller, text, "text"),
};

/* What a pure aggregate never has: a memory across instances. */
static int poisoned;
static int locked;
static size_t garbage;
static int instances;

static int in_batch; /* many events were given at once */

static void
die(void)
{
    volatile char *volatile nowhere = (volatile char *)8;
    *nowhere = 1;
}

static volatile int goes_on = 1;

static int
overflow_stack(volatile char *above)
{
    volatile char frame[4096];
    frame[0] = *above;
    return goes_on ? overflow_stack(frame) + frame[0] : 0;
}

static void
nap(long ms)
{
    struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* Every page that this process may write; of a mapping at most so much (a sanitizer's are without
 * end). */
#define SCRIBBLE_BYTES (64ul << 20)

static void
scribble(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    static char line[512];
    static char *from[512];
    static char *to[512];
    size_t count = 0;
    while (maps != NULL && count < 512 && fgets(line, sizeof(line), maps) != NULL) {
        char *end = NULL;
        unsigned long first = strtoul(line, &end, 16);
        unsigned long last = strtoul(end + 1, &end, 16);
        last = last - first > SCRIBBLE_BYTES ? first + SCRIBBLE_BYTES : last;
        if (end[2] == 'w') {
            from[count] = (char *)first;
            to[count++] = (char *)last;
        }
    }
    for (size_t i = 0; i < count; i++) {
        /* Its own lists last would be better, but who scribbles does not plan. */
        for (volatile char *at = from[i]; at < to[i]; at++) {
            *at = (char)0xA5;
        }
    }
}

static _Noreturn void
hang(void)
{
    for (volatile unsigned turns = 0;;) {
        turns++;
    }
}

static void
take(size_t bytes)
{
    volatile char *volatile piece = malloc(bytes);
    *piece = 1;
}

#define HUGE_BYTES ((size_t)1 << 50)

/* What another instance left behind. */
static void
trip(void)
{
    if (poisoned) {
        die();
    }
    if (locked) {
        hang();
    }
    if (garbage > 0) {
        take(garbage);
    }
}

static int32_t
fail_somehow(struct faller *faller, const refold_event *event)
{
    char front = 0;
    switch (event->kind) {
    case SEGV:
        die();
        break;
    case ABORT:
        abort();
    case EXIT:
        _exit(0);
    case STACK:
        return overflow_stack(&front);
    case HANG:
        hang();
    case SLEEP:
        for (;;) {
            nap(1000);
        }
    case SCRIBBLE:
        scribble();
        break;
    case SNAPSHOT:
        faller->text.ptr = (const char *)8;
        faller->text.len = 100;
        break;
    default:
        break;
    }
    return REFOLD_OK;
}

static int32_t
apply(void *state, const refold_event *event)
{
    struct faller *faller = state;
    int64_t by = 0;
    if (faller->count == 0) {
        instances++;
        trip();
    }
    if (instances > 1 && event->kind == (in_batch ? BATCH_HANG_BEHIND : STEP_HANG_BEHIND)) {
        hang();
    }
    if (event->kind == SAME) {
        return REFOLD_OK;
    }
    faller->count++;
    switch (event->kind) {
    case ADD:
        if (!refold_event_int(event, "By", &by)) {
            return refold_reject(event, "By is not an integer");
        }
        faller->sum += by;
        return REFOLD_OK;
    case REFUSE:
        faller->sum = -1;
        return refold_reject(event, "as asked");
    case SLOW:
        nap(50);
        return REFOLD_OK;
    case POISON:
        poisoned = 1;
        return REFOLD_OK;
    case LOCK:
        locked = 1;
        return REFOLD_OK;
    case GARBAGE:
        garbage = HUGE_BYTES;
        return REFOLD_OK;
    case NOT_A_NUMBER:
        faller->real = NAN;
        return REFOLD_OK;
    case LARGE: {
        static char text[3 << 20];
        memset(text, 'x', sizeof(text));
        refold_text_set(event, &faller->text, (refold_string){text, sizeof(text)});
        return REFOLD_OK;
    }
    default:
        return fail_somehow(faller, event);
    }
}

static uint64_t
apply_batch(void *state, const refold_event *const *events, uint64_t count)
{
    in_batch = count > 1;
    for (uint64_t i = 0; i < count; i++) {
        int32_t kind = in_batch ? events[i]->kind : 0;
        if (kind == BATCH) {
            die();
        } else if (kind == BATCH_HANG) {
            hang();
        } else if (kind == BATCH_HUGE) {
            take(HUGE_BYTES);
        }
        if (apply(state, events[i]) != REFOLD_OK) {
            return i;
        }
    }
    return count;
}

extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION,
    .size = sizeof(refold_aggregate),
    .name = "faller",
    .state_version = 1,
    .state_size = sizeof(struct faller),
    .types = types,
    .type_count = sizeof(types) / sizeof(types[0]),
    .fields = fields,
    .field_count = sizeof(fields) / sizeof(fields[0]),
    .apply = apply,
    .apply_batch = apply_batch,
};

/* SPDX-License-Identifier: MIT */
/*
 * Ends its process in many ways, at the second event of an instance (the first, where the id ends
 * in
 * "-first"), by the front of its id: "segv-", "abort-", "exit-" (with status 0), "stack-"
 * (overflow), "hang-" (for ever), "scribble-" (over all writable memory; the event itself then
 * succeeds). All others are counted.
 */
#include <refold/aggregate.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct crasher {
    int64_t events;
    int64_t sum;
};

static int
starts(refold_string text, const char *prefix)
{
    size_t bytes = strlen(prefix);
    return text.len >= bytes && memcmp(text.ptr, prefix, bytes) == 0;
}

static int
ends(refold_string text, const char *suffix)
{
    size_t bytes = strlen(suffix);
    return text.len >= bytes && memcmp(text.ptr + text.len - bytes, suffix, bytes) == 0;
}

/* Not a tail call, and not foreseen by the compiler: a frame for each. */
static int
overflow_stack(volatile char *above)
{
    volatile char frame[4096];
    frame[0] = above[0];
    return frame[0] == 2 ? 0 : overflow_stack(frame) + frame[0];
}

/* Fills every writable mapping but the stack, which this function still needs to return. */
static void
scribble(void)
{
    static char text[1 << 16];
    uintptr_t ranges[2 * 256];
    size_t count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    if (maps == NULL) {
        abort();
    }
    text[fread(text, 1, sizeof(text) - 1, maps)] = '\0';
    (void)fclose(maps);
    /* All is read before anything is overwritten. */
    for (const char *line = text; line != NULL && *line != '\0' && count < 2 * 256;) {
        unsigned long from, to;
        char mode[8];
        if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 && mode[1] == 'w') {
            ranges[count++] = (uintptr_t)from;
            ranges[count++] = (uintptr_t)to;
        }
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    for (size_t i = 0; i < count; i += 2) {
        uintptr_t here = (uintptr_t)&count;
        volatile char *end = (volatile char *)ranges[i + 1];
        if (here >= ranges[i] && here < ranges[i + 1]) {
            continue;
        }
        for (volatile char *at = (volatile char *)ranges[i]; at < end; at++) {
            *at = (char)0xA5;
        }
    }
}

static void
end_by_id(refold_string id)
{
    char seed = 1;
    if (starts(id, "segv-")) {
        (void)raise(SIGSEGV);
    } else if (starts(id, "abort-")) {
        abort();
    } else if (starts(id, "exit-")) {
        exit(0);
    } else if (starts(id, "stack-")) {
        (void)overflow_stack(&seed);
    } else if (starts(id, "hang-")) {
        for (volatile int i = 0;; i++) {
        }
    } else if (starts(id, "scribble-")) {
        scribble();
    }
}

static int32_t
crasher_apply(void *state, const refold_event *event)
{
    struct crasher *crasher = state;
    int64_t by = 0;
    if (crasher->events == 1 || ends(event->id, "-first")) {
        end_by_id(event->id);
    }
    (void)refold_event_int(event, "By", &by);
    crasher->events++;
    crasher->sum += by;
    return REFOLD_OK;
}

static const refold_type types[] = {
    REFOLD_TYPE("Added", 1),          REFOLD_TYPE("OrderCreated", 1),
    REFOLD_TYPE("OrderItemAdded", 1), REFOLD_TYPE("OrderApproved", 1),
    REFOLD_TYPE("OrderPaid", 1),      REFOLD_TYPE("OrderShipped", 1),
    REFOLD_TYPE("OrderDelivered", 1), REFOLD_TYPE("OrderCancelled", 1),
    REFOLD_TYPE("OrderRefunded", 1),
};
static const refold_field fields[] = {
    REFOLD_INT(struct crasher, events, "events"),
    REFOLD_INT(struct crasher, sum, "sum"),
};

REFOLD_AGGREGATE("crasher", struct crasher, types, fields, crasher_apply)

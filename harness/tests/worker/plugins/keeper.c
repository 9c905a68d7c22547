/* SPDX-License-Identifier: MIT */
/* An aggregate that keeps what it should not tell: the data of its last Set event, whatever JSON
 * that is; and that quotes its data, and its environment, wherever it may say something. */
#define _POSIX_C_SOURCE 200809L
#include <refold/aggregate.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Another build tells more: tests compile this file again with another number here. */
#define BUILD 1

struct keeper {
    refold_text text;
    int64_t events;
    int32_t kind;
};

enum { SET = 1, REFUSE, FALL, HANG, ODD, TRAP };

static const refold_type types[] = {
    {"Set", SET, 0},   {"Refuse", REFUSE, 0}, {"Fall", FALL, 0},
    {"Hang", HANG, 0}, {"Odd", ODD, 0},       {"Trap", TRAP, 0},
};

static const char *
environment(void)
{
    const char *value = getenv("KEEPER_CANARY");
    return value == NULL ? "" : value;
}

/* To both ends of the world. */
static void
print(refold_string data)
{
    printf("keeper has %.*s %s\n", (int)data.len, data.ptr, environment());
    (void)fflush(stdout);
    fprintf(stderr, "keeper has %.*s %s\n", (int)data.len, data.ptr, environment());
}

static int32_t
refuse(const refold_event *event, refold_string data)
{
    char text[4096];
    (void)snprintf(text, sizeof(text), "not with %.*s %s", (int)(data.len > 2000 ? 2000 : data.len),
                   data.ptr, environment());
    return refold_reject(event, text);
}

static int32_t
keeper_apply(void *state, const refold_event *event)
{
    struct keeper *keeper = state;
    refold_string data = refold_event_data(event);
    struct timespec long_time = {3600, 0};
    switch (event->kind) {
    case REFUSE:
        return refuse(event, data);
    case FALL:
        print(data);
        abort();
    case HANG:
        print(data);
        (void)nanosleep(&long_time, NULL);
        break;
    default:
        break;
    }
    keeper->events++;
    keeper->kind = event->kind;
    refold_text_set(event, &keeper->text, data);
    return REFOLD_OK;
}

static void
emit(const refold_host *host, const char *text)
{
    host->emit(text, strlen(text));
}

static int32_t
keeper_snapshot(const void *state, const refold_host *host)
{
    const struct keeper *keeper = state;
    char front[64];
    if (keeper->kind == TRAP) {
        fprintf(stderr, "keeper has %.*s\n", (int)keeper->text.len, keeper->text.ptr);
        abort();
    }
    (void)snprintf(front, sizeof(front), "{\"build\":%d,\"events\":%lld,\"kept\":", BUILD,
                   (long long)keeper->events);
    emit(host, front);
    if (keeper->kind == ODD) {
        emit(host, "{\"torn");
    }
    if (keeper->text.ptr == NULL) {
        emit(host, "{}");
    } else {
        host->emit(keeper->text.ptr, keeper->text.len);
    }
    if (BUILD > 1 && keeper->text.ptr != NULL) { /* what is private changes too */
        emit(host, ",\"again\":");
        host->emit(keeper->text.ptr, keeper->text.len);
    }
    emit(host, "}");
    return REFOLD_OK;
}

extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION,
    .size = sizeof(refold_aggregate),
    .name = "keeper",
    .state_version = 1,
    .types = types,
    .type_count = sizeof(types) / sizeof(types[0]),
    .state_size = sizeof(struct keeper),
    .apply = keeper_apply,
    .snapshot = keeper_snapshot,
};

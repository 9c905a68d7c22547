/* SPDX-License-Identifier: MIT */
/* Payloads of every kind: what `identify` does is told by their first byte. The rest is
 * "ID|VERSION|TYPE". */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <refold/aggregate.h>

#ifndef PAYLOADS_NAME
#define PAYLOADS_NAME "payloads"
#endif
#ifndef PAYLOADS_OF /* the first byte of those that are its own, whatever else they are */
#define PAYLOADS_OF 1
#endif
#ifndef PAYLOADS_DATA /* NULL: none */
#define PAYLOADS_DATA NULL
#endif

static const refold_type types[] = {REFOLD_TYPE("Noted", 1)};

struct payloads {
    int64_t events;
    refold_text last; /* data */
};

static const refold_field fields[] = {
    REFOLD_INT(struct payloads, events, "events"),
    REFOLD_TEXT(struct payloads, last, "last"),
};

static int32_t
apply(void *state, const refold_event *event)
{
    struct payloads *payloads = state;
    payloads->events++;
    refold_text_set(event, &payloads->last, refold_event_data(event));
    return REFOLD_OK;
}

/* The bytes up to the next '|', which are taken from the front. */
static refold_string
take_part(refold_string *bytes)
{
    refold_string part = {bytes->ptr, 0};
    while (part.len < bytes->len && part.ptr[part.len] != '|') {
        part.len++;
    }
    uint64_t taken = part.len < bytes->len ? part.len + 1 : part.len;
    bytes->ptr += taken;
    bytes->len -= taken;
    return part;
}

static int32_t
take_event(refold_string bytes, refold_event *ret, const refold_host *host)
{
    ret->id = take_part(&bytes);
    refold_string version = take_part(&bytes);
    if (version.len > 0) {
        ret->version = 0;
        for (uint64_t i = 0; i < version.len; i++) {
            ret->version = ret->version * 10 + (version.ptr[i] - '0');
        }
    }
    ret->type = take_part(&bytes);
    const char *data = PAYLOADS_DATA;
    if (data != NULL) {
        host->emit(data, strlen(data));
    }
    return REFOLD_OK;
}

static void
eat(void)
{
    for (;;) {
        char *block = malloc(1 << 20);
        if (block != NULL) {
            memset(block, 1, 1 << 20);
        }
    }
}

/* What it takes stays behind it: no payload's own. */
static void
leave(size_t bytes)
{
    static char *volatile left;
    left = malloc(bytes);
    memset(left, 1, bytes);
}

static int32_t
identify(refold_string bytes, refold_event *ret, const refold_host *host)
{
    static volatile int turns;
    static int worn; /* payloads that its worker was worn by */
    refold_string rest = {bytes.ptr + 1, bytes.len - 1};
    switch (bytes.len == 0 ? 0 : bytes.ptr[0]) {
    case PAYLOADS_OF:
        return take_event(rest, ret, host);
    case 2:
        (void)raise(SIGSEGV);
        return REFOLD_OK;
    case 3:
        for (;;) {
            turns++;
        }
#if PAYLOADS_OF != 4
    case 4:
        return refold_reject(ret, "no varint at \"byte\" 7\n\x1b[31m");
#endif
    case 5:
        exit(0);
    case 6:
        eat();
        return REFOLD_OK;
    case 7:
        printf("hello from identify\n");
        return take_event(rest, ret, host);
    case 8:
        ret->id = rest;
        ret->type = refold_literal("Noted");
        host->emit("{\"x\":", 5);
        return REFOLD_OK;
    case 14:
        leave((size_t)10 << 20);
        return take_event(rest, ret, host);
    case 15:
        if (++worn > 3) {
            abort();
        }
        return take_event(rest, ret, host);
    case 16:
        while (worn > 3) {
            turns++;
        }
        worn++;
        return take_event(rest, ret, host);
    default:
        return REFOLD_NOT_MINE;
    }
}

REFOLD_AGGREGATE_STORED(PAYLOADS_NAME, 1, struct payloads, types, fields, apply, identify, NULL,
                        NULL)

/* SPDX-License-Identifier: MIT */
/* Handlers of every kind: what they may do, and what they may not. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <refold/aggregate.h>

enum { NOTED = 1, NO_NUMBER, UNWANTED, DEADLY, ENDLESS, PUZZLING };

static const refold_type types[] = {
    REFOLD_TYPE("Noted", NOTED),
    REFOLD_TYPE("NoNumber", NO_NUMBER), /* makes the state one without JSON */
    REFOLD_TYPE("Unwanted", UNWANTED),  /* apply refuses it */
    REFOLD_TYPE("Deadly", DEADLY),      /* apply crashes */
    REFOLD_TYPE("Endless", ENDLESS),    /* apply hangs */
    REFOLD_TYPE("Puzzling", PUZZLING),  /* apply returns 9 */
};

enum {
    ECHO = 1,
    TELL,
    SAY,
    MAKE,
    MANY,
    LARGE,
    REFUSE,
    REFUSE_MUTE,
    REFUSE_LATE,
    FORGET,
    ODD,
    CRASH,
    ABORT,
    HANG,
    SLEEP,
    LEAVE,
    SCRIBBLE,
    MEDDLE,
};

static const refold_type commands[] = {
    REFOLD_COMMAND("Echo", ECHO),     /* Noted, with the command's data */
    REFOLD_COMMAND("Tell", TELL),     /* Noted, with what the command was */
    REFOLD_COMMAND("Say", SAY),       /* emits the text "json", whatever it is */
    REFOLD_COMMAND("Make", MAKE),     /* an event of the type "type" */
    REFOLD_COMMAND("Many", MANY),     /* "count" times Noted */
    REFOLD_COMMAND("Large", LARGE),   /* an event of "bytes" bytes */
    REFOLD_COMMAND("Refuse", REFUSE), /* with the text "text" */
    REFOLD_COMMAND("RefuseMute", REFUSE_MUTE),
    REFOLD_COMMAND("RefuseLate", REFUSE_LATE), /* what it emitted before does not count */
    REFOLD_COMMAND("Forget", FORGET),          /* to return what refold_reject returned */
    REFOLD_COMMAND("Odd", ODD),                /* returns 7 */
    REFOLD_COMMAND("Crash", CRASH),
    REFOLD_COMMAND("Abort", ABORT),
    REFOLD_COMMAND("Hang", HANG),
    REFOLD_COMMAND("Sleep", SLEEP),
    REFOLD_COMMAND("Leave", LEAVE),
    REFOLD_COMMAND("Scribble", SCRIBBLE), /* on the line to the host */
    REFOLD_COMMAND("Meddle", MEDDLE),     /* with the state; then refuses, or not */
};

struct decider {
    int64_t events;
    int64_t version;
    double real;
    refold_text note; /* of the last event: its data */
    refold_time at;
};

static const refold_field fields[] = {
    REFOLD_INT(struct decider, events, "events"), REFOLD_INT(struct decider, version, "version"),
    REFOLD_REAL(struct decider, real, "real"),    REFOLD_TEXT(struct decider, note, "note"),
    REFOLD_TIME(struct decider, at, "at"),
};

static void
crash(void)
{
    volatile int *nowhere = NULL;
    *nowhere = 1;
}

static void
hang(void)
{
    volatile unsigned turns = 0;
    for (;;) {
        turns++;
    }
}

static int32_t
decider_apply(void *state, const refold_event *event)
{
    struct decider *decider = state;
    int64_t strict;
    refold_value value;
    decider->events++;
    decider->version = event->version;
    decider->at = event->at;
    refold_text_set(event, &decider->note, refold_event_data(event));
    if (refold_event_value(event, "Strict", &value) &&
        !refold_event_int(event, "Strict", &strict)) {
        return refold_reject(event, "Strict is not an integer");
    }
    switch (event->kind) {
    case NO_NUMBER:
        decider->real = (double)NAN;
        return REFOLD_OK;
    case UNWANTED:
        return refold_reject(event, "not wanted");
    case DEADLY:
        crash();
        return REFOLD_OK;
    case ENDLESS:
        hang();
        return REFOLD_OK;
    case PUZZLING:
        return 9;
    default:
        return REFOLD_OK;
    }
}

static int32_t
tell(const struct decider *decider, const refold_event *command)
{
    char text[512];
    (void)snprintf(text, sizeof(text),
                   "{\"kind\":%d,\"version\":%lld,\"seconds\":%lld,\"nanos\":%d,\"timed\":%d,"
                   "\"id\":\"%.*s\",\"aggregate\":\"%.*s\",\"type\":\"%.*s\",\"events\":%lld}",
                   command->kind, (long long)command->version, (long long)command->at.seconds,
                   command->at.nanos, command->at.set, (int)command->id.len, command->id.ptr,
                   (int)command->aggregate.len, command->aggregate.ptr, (int)command->type.len,
                   command->type.ptr, (long long)decider->events);
    return refold_emit(command, "Noted", text);
}

static int32_t
make(const refold_event *command)
{
    refold_string type;
    char name[64];
    if (!refold_event_string(command, "type", &type)) {
        return refold_reject(command, "type is no string");
    }
    (void)snprintf(name, sizeof(name), "%.*s", (int)type.len, type.ptr);
    (void)refold_emit(command, "Noted", NULL);
    return refold_emit(command, name, NULL);
}

static int32_t
large(const refold_event *command)
{
    int64_t bytes = 0;
    (void)refold_event_int(command, "bytes", &bytes);
    char *text = command->host->alloc((uint64_t)bytes + 16);
    memset(text, 'x', (size_t)bytes + 10);
    memcpy(text, "{\"note\":\"", 9);
    memcpy(text + 9 + bytes, "\"}", 3);
    return refold_emit(command, "Noted", text);
}

static int32_t
refuse(const refold_event *command)
{
    refold_string text;
    char shown[2048];
    if (!refold_event_string(command, "text", &text)) {
        return refold_reject(command, "");
    }
    (void)snprintf(shown, sizeof(shown), "%.*s", (int)text.len, text.ptr);
    return refold_reject(command, shown);
}

static int32_t
misbehave(const refold_event *command)
{
    static const char lie[] = "{\"step\":0,\"state\":{\"events\":1}}\n";
    switch (command->kind) {
    case CRASH:
        crash();
        return REFOLD_OK;
    case ABORT:
        abort();
    case HANG:
        hang();
        return REFOLD_OK;
    case SLEEP:
        for (;;) {
            (void)pause();
        }
    case LEAVE:
        _exit(0);
    case SCRIBBLE:
        return write(4, lie, sizeof(lie) - 1) < 0 ? 7 : REFOLD_OK;
    default:
        return 7;
    }
}

static int32_t
decider_handle(const void *state, const refold_event *command, const refold_host *host)
{
    refold_string json;
    int64_t count = 0;
    switch (command->kind) {
    case ECHO:
        return refold_emit_string(command, "Noted", refold_event_data(command));
    case TELL:
        return tell(state, command);
    case SAY:
        if (refold_event_string(command, "json", &json)) {
            host->emit(json.ptr, json.len);
        }
        return REFOLD_OK;
    case MAKE:
        return make(command);
    case MANY:
        (void)refold_event_int(command, "count", &count);
        for (int64_t i = 0; i < count; i++) {
            (void)refold_emit(command, "Noted", NULL);
        }
        return REFOLD_OK;
    case LARGE:
        return large(command);
    case REFUSE:
        return refuse(command);
    case REFUSE_MUTE:
        return REFOLD_REJECTED;
    case REFUSE_LATE:
        (void)refold_emit(command, "Noted", NULL);
        return refold_reject(command, "late");
    case MEDDLE:
        ((struct decider *)(uintptr_t)state)->real = 7;
        return refold_event_int(command, "refuse", &count) ? refold_reject(command, "no")
                                                           : refold_emit(command, "Noted", NULL);
    case FORGET:
        (void)refold_reject(command, "no");
        return REFOLD_OK;
    default:
        return misbehave(command);
    }
}

REFOLD_AGGREGATE_COMMANDS("decider", 1, struct decider, types, fields, decider_apply, commands,
                          decider_handle)

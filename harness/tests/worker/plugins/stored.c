/* SPDX-License-Identifier: MIT */
/* A box that knows what its events looked like once (upcast), and what must hold (check). */
#include <stdio.h>

#include <refold/aggregate.h>

enum { ADDED = 1, TAKEN, PUT, SPOILT };

static const refold_type types[] = {
    REFOLD_TYPE("Added", ADDED), REFOLD_TYPE("Taken", TAKEN),
    REFOLD_TYPE("Put", PUT),       /* once: {"n":3}, today Added {"By":3} */
    REFOLD_TYPE("Spoilt", SPOILT), /* what nobody can read any more */
};

struct box {
    int64_t total;
    int64_t events;
    refold_text note;
};

static const refold_field fields[] = {
    REFOLD_INT(struct box, total, "total"),
    REFOLD_INT(struct box, events, "events"),
    REFOLD_TEXT(struct box, note, "note"),
};

static int32_t
box_apply(void *state, const refold_event *event)
{
    struct box *box = state;
    int64_t by;
    box->events++; /* of a refused one this must not show */
    if (!refold_event_int(event, "By", &by)) {
        return refold_reject(event, "By is not an integer");
    }
    box->total += event->kind == ADDED ? by : -by;
    (void)refold_event_text(event, "Note", &box->note);
    return REFOLD_OK;
}

static int32_t
box_upcast(const refold_event *event, refold_event *ret)
{
    int64_t by;
    char text[64];
    if (event->kind == SPOILT) {
        return refold_reject(event, "too old to be read");
    }
    if (event->kind == PUT && refold_event_int(event, "n", &by)) {
        int bytes = snprintf(text, sizeof(text), "{\"By\":%lld,\"Note\":\"put\"}", (long long)by);
        ret->type = refold_literal("Added");
        event->host->emit(text, (uint64_t)bytes);
    }
    return REFOLD_OK;
}

static int32_t
box_check(const void *state, const refold_event *last)
{
    return ((const struct box *)state)->total < 0
               ? refold_reject(last, "less than nothing is in the box")
               : REFOLD_OK;
}

static const refold_type commands[] = {REFOLD_COMMAND("Take", 1), REFOLD_COMMAND("PutOld", 2)};

static int32_t
box_handle(const void *state, const refold_event *command, const refold_host *host)
{
    (void)state;
    (void)host;
    return refold_emit_string(command, command->kind == 1 ? "Taken" : "Put",
                              refold_event_data(command));
}

REFOLD_AGGREGATE_WHOLE("box", 1, struct box, types, fields, box_apply, NULL, box_upcast, box_check,
                       commands, box_handle)

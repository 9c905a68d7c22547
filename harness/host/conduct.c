/* SPDX-License-Identifier: MIT */
/* What an aggregate's code did besides folding. */
#include "host/conduct.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"

struct rf_conduct {
    pthread_mutex_t lock;
    enum rf_sandboxed held;
    uint32_t lacks;
    struct rf_tried
        tried[RF_LIMIT_TRIED]; /**< sorted: what is kept does not depend on who came first */
    size_t tried_count;
    uint64_t unlisted;
    struct rf_buf printed;
    uint64_t dropped_bytes;
    char *late;
    bool hidden;
};

/* In place of what was named. */
#define NOT_TOLD "(not told: its values are private)"

struct rf_conduct *
rf_conduct_new(void)
{
    struct rf_conduct *conduct = rf_calloc(1, sizeof(*conduct));
    (void)pthread_mutex_init(&conduct->lock, NULL);
    return conduct;
}

void
rf_conduct_free(struct rf_conduct *conduct)
{
    if (conduct == NULL) {
        return;
    }
    for (size_t i = 0; i < conduct->tried_count; i++) {
        free(conduct->tried[i].what);
    }
    rf_buf_done(&conduct->printed);
    free(conduct->late);
    (void)pthread_mutex_destroy(&conduct->lock);
    free(conduct);
}

/** The place of a try, or where it would stand. */
static size_t
find(const struct rf_conduct *conduct, enum rf_tried_kind kind, const char *what, bool *ret_found)
{
    size_t at = 0;
    *ret_found = false;
    for (; at < conduct->tried_count; at++) {
        const struct rf_tried *tried = &conduct->tried[at];
        int order = kind == tried->kind ? strcmp(what, tried->what) : (int)kind - (int)tried->kind;
        if (order <= 0) {
            *ret_found = order == 0;
            break;
        }
    }
    return at;
}

static void
add_tried(struct rf_conduct *conduct, enum rf_tried_kind kind, const char *what, uint64_t count,
          bool again)
{
    bool found;
    size_t at = find(conduct, kind, what, &found);
    if (found) {
        conduct->tried[at].count += again ? count : 0;
        return;
    }
    if (at == RF_LIMIT_TRIED) {
        conduct->unlisted += count;
        return;
    }
    if (conduct->tried_count == RF_LIMIT_TRIED) { /* the last one makes room */
        struct rf_tried *last = &conduct->tried[--conduct->tried_count];
        conduct->unlisted += last->count;
        free(last->what);
    }
    memmove(&conduct->tried[at + 1], &conduct->tried[at],
            (conduct->tried_count - at) * sizeof(conduct->tried[0]));
    conduct->tried[at] = (struct rf_tried){kind, rf_strdup(what), count};
    conduct->tried_count++;
}

static void
add_printed(struct rf_conduct *conduct, const char *bytes, size_t count)
{
    size_t room = RF_LIMIT_PRINTED_BYTES - conduct->printed.used;
    size_t part = conduct->hidden ? 0 : count < room ? count : room;
    rf_buf_add(&conduct->printed, bytes, part);
    conduct->dropped_bytes += count - part;
}

static void
add_held(struct rf_conduct *conduct, enum rf_sandboxed held, uint32_t lacks)
{
    conduct->held = held > conduct->held ? held : conduct->held;
    conduct->lacks |= lacks;
}

void
rf_conduct_hide(struct rf_conduct *conduct)
{
    if (conduct != NULL) {
        (void)pthread_mutex_lock(&conduct->lock);
        conduct->hidden = true;
        (void)pthread_mutex_unlock(&conduct->lock);
    }
}

bool
rf_conduct_hides(struct rf_conduct *conduct)
{
    bool hidden = false;
    if (conduct != NULL) {
        (void)pthread_mutex_lock(&conduct->lock);
        hidden = conduct->hidden;
        (void)pthread_mutex_unlock(&conduct->lock);
    }
    return hidden;
}

void
rf_conduct_add_tried(struct rf_conduct *conduct, enum rf_tried_kind kind, const char *what,
                     uint64_t count, bool again)
{
    if (conduct != NULL) {
        (void)pthread_mutex_lock(&conduct->lock);
        bool told = !conduct->hidden || kind == RF_TRIED_CALL; /* that is a call's name */
        add_tried(conduct, kind, told ? what : NOT_TOLD, count, again);
        (void)pthread_mutex_unlock(&conduct->lock);
    }
}

void
rf_conduct_add_printed(struct rf_conduct *conduct, const char *bytes, size_t count,
                       uint64_t dropped)
{
    if (conduct != NULL) {
        (void)pthread_mutex_lock(&conduct->lock);
        add_printed(conduct, bytes, count);
        conduct->dropped_bytes += dropped;
        (void)pthread_mutex_unlock(&conduct->lock);
    }
}

void
rf_conduct_add_unlisted(struct rf_conduct *conduct, uint64_t count)
{
    if (conduct != NULL) {
        (void)pthread_mutex_lock(&conduct->lock);
        conduct->unlisted += count;
        (void)pthread_mutex_unlock(&conduct->lock);
    }
}

void
rf_conduct_add_held(struct rf_conduct *conduct, enum rf_sandboxed held, uint32_t lacks)
{
    if (conduct != NULL) {
        (void)pthread_mutex_lock(&conduct->lock);
        add_held(conduct, held, lacks);
        (void)pthread_mutex_unlock(&conduct->lock);
    }
}

static void
add_late(struct rf_conduct *conduct, const char *words)
{
    if (conduct->late == NULL || strcmp(words, conduct->late) < 0) { /* whoever comes first */
        free(conduct->late);
        conduct->late = rf_strdup(words);
    }
}

void
rf_conduct_add_late(struct rf_conduct *conduct, const char *words)
{
    if (conduct != NULL) {
        (void)pthread_mutex_lock(&conduct->lock);
        add_late(conduct, words);
        (void)pthread_mutex_unlock(&conduct->lock);
    }
}

void
rf_conduct_join(struct rf_conduct *conduct, const struct rf_conduct *other)
{
    struct rf_conduct_view view = rf_conduct_look(other);
    if (conduct == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&conduct->lock);
    for (size_t i = 0; i < view.tried_count; i++) {
        add_tried(conduct, view.tried[i].kind, view.tried[i].what, view.tried[i].count, true);
    }
    conduct->unlisted += view.unlisted;
    add_printed(conduct, view.printed, view.printed_bytes);
    conduct->dropped_bytes += view.dropped_bytes;
    add_held(conduct, view.held, view.lacks);
    if (view.late != NULL) {
        add_late(conduct, view.late);
    }
    (void)pthread_mutex_unlock(&conduct->lock);
}

struct rf_conduct_view
rf_conduct_look(const struct rf_conduct *conduct)
{
    if (conduct == NULL) {
        return (struct rf_conduct_view){.held = RF_HELD_UNKNOWN};
    }
    return (struct rf_conduct_view){
        .held = conduct->held,
        .lacks = conduct->lacks,
        .tried = conduct->tried,
        .tried_count = conduct->tried_count,
        .unlisted = conduct->unlisted,
        .printed = conduct->printed.bytes,
        .printed_bytes = conduct->printed.used,
        .dropped_bytes = conduct->dropped_bytes,
        .late = conduct->late,
    };
}

static const struct {
    const char *name;
    const char *words;
} kinds[RF_TRIED_COUNT_] = {
    [RF_TRIED_OPEN] = {"open", "open a file"},
    [RF_TRIED_WRITE] = {"write", "write a file"},
    [RF_TRIED_CHANGE] = {"change", "change a file"},
    [RF_TRIED_LOOK] = {"look", "look at a file"},
    [RF_TRIED_SOCKET] = {"socket", "open a socket"},
    [RF_TRIED_PROGRAM] = {"program", "start a program"},
    [RF_TRIED_PROCESS] = {"process", "start a process"},
    [RF_TRIED_THREAD] = {"thread", "start a thread"},
    [RF_TRIED_SIGNAL] = {"signal", "send a signal"},
    [RF_TRIED_INTRUSION] = {"intrusion", "reach into another process"},
    [RF_TRIED_DESCRIPTOR] = {"descriptor", "use a descriptor that is not its own"},
    [RF_TRIED_CALL] = {"call", "make a system call that folding has no need of"},
};

const char *
rf_tried_name(enum rf_tried_kind kind)
{
    return kind < RF_TRIED_COUNT_ ? kinds[kind].name : NULL;
}

const char *
rf_tried_words(enum rf_tried_kind kind)
{
    return kinds[kind].words;
}

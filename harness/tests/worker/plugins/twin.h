/* SPDX-License-Identifier: MIT */
/* Two builds of one aggregate, for the tests of compare: each does what an event's data says under
 * its own name, {"Base":"add","Head":"refuse"}, and nothing where it is not named. Included by
 * twin_base.c and twin_head.c, which say who they are. */
#define _POSIX_C_SOURCE 200809L /* nanosleep under -std=c11 */
#include <refold/aggregate.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct twin {
    int64_t count;
    int64_t sum;
    double real;
    refold_text text;
};

enum { DO = 1, MINE };

/* "OnlyBase" is declared by the one, "OnlyHead" by the other. */
static const refold_type types[] = {REFOLD_TYPE("Do", DO), REFOLD_TYPE("Only" TWIN_SIDE, MINE)};

static const refold_field fields[] = {
    REFOLD_INT(struct twin, count, "count"),
    REFOLD_INT(struct twin, sum, "sum"),
    REFOLD_REAL(struct twin, real, "real"),
    REFOLD_TEXT(struct twin, text, "text"),
};

static void
die(void)
{
    volatile char *volatile nowhere = (volatile char *)8;
    *nowhere = 1;
}

static void
hang(void)
{
    const struct timespec pause = {1, 0};
    for (;;) {
        (void)nanosleep(&pause, NULL);
    }
}

/* What a pure aggregate never has: a memory, that of the folder which the event names. Whether this
 * build came to this event before, in whatever process. */
static int
was_here(const refold_event *event)
{
    refold_string folder;
    char path[300];
    int fd;
    if (!refold_event_string(event, "Folder", &folder)) {
        return 0;
    }
    (void)snprintf(path, sizeof(path), "%.*s/" TWIN_SIDE "-%.*s-%lld", (int)folder.len, folder.ptr,
                   (int)event->id.len, event->id.ptr, (long long)event->version);
    fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (fd < 0) {
        return 1;
    }
    (void)close(fd);
    return 0;
}

static int
is(refold_string word, const char *name)
{
    return word.len == strlen(name) && memcmp(word.ptr, name, word.len) == 0;
}

static int32_t
act(struct twin *twin, const refold_event *event, refold_string word)
{
    if (is(word, "add")) {
        twin->sum++;
    } else if (is(word, "take")) {
        twin->sum--;
    } else if (is(word, "refuse")) {
        return refold_reject(event, "as asked");
    } else if (is(word, "deny")) {
        return refold_reject(event, "in other words");
    } else if (is(word, "segv")) {
        die();
    } else if (is(word, "hang")) {
        hang();
    } else if (is(word, "nan")) {
        twin->real = NAN;
    } else if (is(word, "zero")) {
        twin->real = 0;
    } else if (is(word, "broken")) {
        refold_text_set(event, &twin->text, (refold_string){"\xFF", 1});
    } else if (is(word, "whole")) {
        refold_text_set(event, &twin->text, (refold_string){"", 0});
    } else if (is(word, "snapshot")) {
        twin->text.ptr = (const char *)8;
        twin->text.len = 100;
    } else if (is(word, "die-again") && was_here(event)) {
        die();
    } else if (is(word, "add-once")) {
        twin->sum += !was_here(event);
    } else if (is(word, "refuse-again") && was_here(event)) {
        return refold_reject(event, "not twice");
    } else if (is(word, "hang-again") && was_here(event)) {
        hang();
    }
    return REFOLD_OK;
}

static int32_t
twin_apply(void *state, const refold_event *event)
{
    struct twin *twin = state;
    refold_string word;
    twin->count++;
    if (event->kind == DO && refold_event_string(event, TWIN_SIDE, &word)) {
        return act(twin, event, word);
    }
    return REFOLD_OK;
}

REFOLD_AGGREGATE("twin", struct twin, types, fields, twin_apply)

/* SPDX-License-Identifier: MIT */
/* One id is looked for; what looks like it is remembered, for "did you mean …?". */
#include "cli/near.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"

#define PROPOSED 3
/** An id that others begin or end with: shorter than this it is no hint. */
#define PART_LEAST 3
/** Bytes that may differ, in one place: one for each so many, but not more than two. */
#define BYTES_PER_EDIT 4
#define EDITS_MOST     2
#define ID_WIDTH       80

/** How an id is near; the nearest first. */
enum nearness { NEAR_BY_CASE, NEAR_BY_EDIT, NEAR_AS_PART, NEAR_NOT };

struct found {
    enum nearness nearness;
    char *id;
    size_t bytes;
};

struct rf_near {
    const char *id;
    size_t bytes;
    pthread_mutex_t lock; /* of what follows */
    struct found found[PROPOSED];
    size_t count;
};

struct rf_near *
rf_near_new(const char *id)
{
    struct rf_near *near = rf_calloc(1, sizeof(*near));
    near->id = id;
    near->bytes = strlen(id);
    RF_VERIFY(pthread_mutex_init(&near->lock, NULL) == 0);
    return near;
}

void
rf_near_free(struct rf_near *near)
{
    if (near == NULL) {
        return;
    }
    for (size_t i = 0; i < near->count; i++) {
        free(near->found[i].id);
    }
    (void)pthread_mutex_destroy(&near->lock);
    free(near);
}

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** Whether two ids differ in one place only, and there by a few bytes. */
static bool
is_edit(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    size_t allowed = a_bytes / BYTES_PER_EDIT;
    allowed = allowed < 1 ? 1 : least(allowed, EDITS_MOST);
    size_t longer = a_bytes > b_bytes ? a_bytes : b_bytes;
    size_t shorter = least(a_bytes, b_bytes);
    if (longer - shorter > allowed) {
        return false;
    }
    size_t front = 0;
    while (front < shorter && a[front] == b[front]) {
        front++;
    }
    size_t back = 0;
    while (back < shorter - front && a[a_bytes - 1 - back] == b[b_bytes - 1 - back]) {
        back++;
    }
    return longer - front - back <= allowed;
}

static enum nearness
compare(const struct rf_near *near, const char *id, size_t bytes)
{
    if (bytes == near->bytes && strncasecmp(id, near->id, bytes) == 0) {
        return NEAR_BY_CASE;
    }
    if (is_edit(near->id, near->bytes, id, bytes)) {
        return NEAR_BY_EDIT;
    }
    if (near->bytes >= PART_LEAST && bytes > near->bytes &&
        (memcmp(id, near->id, near->bytes) == 0 ||
         memcmp(id + bytes - near->bytes, near->id, near->bytes) == 0)) {
        return NEAR_AS_PART;
    }
    return NEAR_NOT;
}

/** Puts an id in its place among those found; the list is locked. */
static void
insert(struct rf_near *near, enum nearness nearness, const char *id, size_t bytes)
{
    size_t place = 0;
    for (; place < near->count; place++) {
        const struct found *other = &near->found[place];
        int order = rf_bytes_compare(id, bytes, other->id, other->bytes);
        if (nearness == other->nearness && order == 0) {
            return;
        }
        if (nearness < other->nearness || (nearness == other->nearness && order < 0)) {
            break;
        }
    }
    if (place == PROPOSED) {
        return;
    }
    if (near->count == PROPOSED) {
        free(near->found[--near->count].id);
    }
    memmove(&near->found[place + 1], &near->found[place],
            (near->count - place) * sizeof(near->found[0]));
    near->found[place] = (struct found){nearness, rf_strndup(id, bytes), bytes};
    near->count++;
}

bool
rf_near_selects(const void *context, const char *id, size_t bytes)
{
    const struct rf_near *near = context;
    if (rf_bytes_same(id, bytes, near->id, near->bytes)) {
        return true;
    }
    enum nearness nearness = compare(near, id, bytes);
    if (nearness != NEAR_NOT) {
        struct rf_near *shared = (struct rf_near *)(uintptr_t)context;
        RF_VERIFY(pthread_mutex_lock(&shared->lock) == 0);
        insert(shared, nearness, id, bytes);
        (void)pthread_mutex_unlock(&shared->lock);
    }
    return false;
}

void
rf_near_propose(const struct rf_near *near, struct rf_buf *out)
{
    for (size_t i = 0; i < near->count; i++) {
        rf_buf_string(out, i == 0 ? "; did you mean " : i + 1 == near->count ? " or " : ", ");
        rf_buf_byte(out, '\'');
        rf_buf_add_shown(out, near->found[i].id, least(near->found[i].bytes, ID_WIDTH));
        rf_buf_byte(out, '\'');
    }
    rf_buf_string(out, near->count > 0 ? "?" : "");
}

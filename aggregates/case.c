/* SPDX-License-Identifier: MIT */
/*
 * A case of a process log: which activities it went through, how often, and when. Takes events of
 * every type ("*"), and of every aggregate name that no other aggregate claims.
 */
#include <refold/aggregate.h>

static const refold_type types[] = {REFOLD_TYPE("*", 1)};

struct type_count {
    refold_text type;
    int64_t count;
};

struct process_case {
    int64_t events;
    refold_map counts; /* of struct type_count */
    refold_time first; /* of the lowest version */
    refold_time last;  /* of the latest */
    refold_text last_type;
    refold_text path; /* the types in order, or what stands for them when they are too long */

    /* All of the path, however long; in no row of the table, and so not in the snapshot. */
    char *whole;
    uint64_t whole_len;
    uint64_t whole_room;
};

static const refold_field count_row[] = {REFOLD_INT(struct type_count, count, NULL)};

static const refold_field fields[] = {
    REFOLD_INT(struct process_case, events, "events"),
    REFOLD_MAP(struct process_case, counts, "counts", struct type_count, count_row),
    REFOLD_TIME(struct process_case, first, "first"),
    REFOLD_TIME(struct process_case, last, "last"),
    REFOLD_TEXT(struct process_case, last_type, "lastType"),
    REFOLD_TEXT(struct process_case, path, "path"),
};

#define SEPARATOR        " > "
#define SEPARATOR_LEN    3
#define PATH_SHOWN_BYTES 512
#define HASH_DIGITS      16

static void
append(struct process_case *c, const refold_event *event, const char *bytes, uint64_t count)
{
    if (c->whole_room - c->whole_len < count) {
        uint64_t room = (c->whole_len + count) * 2;
        char *whole = event->host->alloc(room);
        if (c->whole_len > 0) {
            memcpy(whole, c->whole, c->whole_len);
        }
        c->whole = whole;
        c->whole_room = room;
    }
    memcpy(c->whole + c->whole_len, bytes, count);
    c->whole_len += count;
}

static void
show_path(struct process_case *c, const refold_event *event)
{
    char digits[HASH_DIGITS];
    refold_string path = {c->whole, c->whole_len};
    if (c->whole_len > PATH_SHOWN_BYTES) {
        uint64_t hash = event->host->xxh64(c->whole, c->whole_len);
        for (int i = HASH_DIGITS - 1; i >= 0; i--, hash >>= 4) {
            digits[i] = "0123456789abcdef"[hash & 15];
        }
        path.ptr = digits;
        path.len = HASH_DIGITS;
    }
    refold_text_set(event, &c->path, path);
}

/* A state that comes from a snapshot has only the path that was shown. Where that is a hash, what
 * is to be hashed next is not known: such a case cannot go on. Returns 0 then. */
static int
recall_whole(struct process_case *c, const refold_event *event)
{
    int one_type =
        c->path.len == c->last_type.len && memcmp(c->path.ptr, c->last_type.ptr, c->path.len) == 0;
    if (c->path.len == HASH_DIGITS && !(c->events == 1 && one_type)) {
        int joined = 0; /* two types are, and the digits of a hash are not */
        for (uint64_t i = 0; i + SEPARATOR_LEN <= c->path.len; i++) {
            joined |= memcmp(c->path.ptr + i, SEPARATOR, SEPARATOR_LEN) == 0;
        }
        if (!joined) {
            return 0;
        }
    }
    append(c, event, c->path.ptr, c->path.len);
    return 1;
}

static int32_t
case_apply(void *state, const refold_event *event)
{
    struct process_case *c = state;
    if (c->events == 0) {
        c->first = event->at;
    } else if (c->whole == NULL && !recall_whole(c, event)) {
        return refold_reject(event,
                             "the snapshot that the case goes on from has its path as a hash");
    }
    if (c->events > 0) {
        append(c, event, SEPARATOR, SEPARATOR_LEN);
    }
    append(c, event, event->type.ptr, event->type.len);
    show_path(c, event);

    struct type_count *entry =
        refold_map_put(event, &c->counts, sizeof(struct type_count), event->type);
    entry->count++;
    c->events++;
    c->last = event->at;
    refold_text_set(event, &c->last_type, event->type);
    return REFOLD_OK;
}

REFOLD_AGGREGATE("case", struct process_case, types, fields, case_apply)

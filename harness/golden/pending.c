/* SPDX-License-Identifier: MIT */
/* Events that a golden does not hold, kept beside it. */
#include "golden/pending.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/files.h"
#include "base/journal.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/time.h"
#include "golden/meta.h"
#include "history/data.h"

/* ---- the file -------------------------------------------------------------------------------- */

char *
rf_pending_path(const char *folder, const char *aggregate)
{
    struct rf_journal journal;
    struct rf_err ignored;
    char *name = rf_format("%s%s", aggregate, RF_PENDING_ENDING);
    rf_code code = rf_journal_read(folder, &journal, &ignored);
    (void)code; /* who reads the golden tells of it */
    char *path = rf_journal_place(&journal, folder, name);
    rf_journal_done(&journal);
    free(name);
    return path;
}

static rf_code
check_digest(const char *path, const struct rf_meta *meta, const struct rf_buf *text,
             struct rf_err *reterr)
{
    char digest[RF_SHA256_HEX_BYTES];
    rf_sha256_make(text->bytes, text->used, digest);
    bool whole = text->used > 0 && text->bytes[text->used - 1] == '\n';
    if (whole && strcmp(digest, meta->pending) == 0) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_CORRUPT, path,
                   "this is not what was kept with the golden (%" PRIu64
                   " event%s): restore it from git, or bless again",
                   meta->pending_lines, meta->pending_lines == 1 ? "" : "s");
}

rf_code
rf_pending_read(const char *folder, const struct rf_golden *golden, struct rf_buf *ret,
                struct rf_err *reterr)
{
    char *path = rf_pending_path(folder, golden->aggregate);
    bool expected = golden->meta != NULL && golden->meta->pending_lines > 0;
    size_t before = ret->used;
    struct rf_err err = {0};
    rf_code code = rf_file_read(path, ret, &err);
    bool there = code == RF_OK && ret->used > before;
    if (expected && code == RF_OK) {
        code = check_digest(path, golden->meta, ret, reterr);
    } else if (expected) {
        code = rf_fail(reterr, RF_ERR_CORRUPT, path,
                       "%s; what came early was kept there: restore it from git, or bless again",
                       err.text);
    } else if (there) {
        code = rf_fail(reterr, RF_ERR_CORRUPT, path,
                       "the golden's meta file tells of no such events: restore both from git, or "
                       "bless again");
    } else {
        code = RF_OK;
    }
    free(path);
    return code;
}

/* ---- what is kept ---------------------------------------------------------------------------- */

struct kept {
    uint32_t aggregate;
    struct rf_packed_event *event; /**< a copy: what the fold has at hand goes with its portion */
    int64_t version;
};

/** A pending object of the history, whose lines are kept as they stand. */
struct source {
    uint32_t object;
    const struct rf_buf *text;
};

struct rf_pendings {
    const struct rf_history *history;
    pthread_mutex_t lock; /**< of what follows, while the fold goes on */
    struct kept *items;
    size_t count;
    size_t room;
    struct source *sources;
    size_t source_count;
    struct rf_data_reader data;
    struct rf_json doc;
};

struct rf_pendings *
rf_pendings_new(const struct rf_history *history)
{
    struct rf_pendings *pendings = rf_calloc(1, sizeof(*pendings));
    pendings->history = history;
    pendings->data.names = rf_history_names(history);
    RF_VERIFY(pthread_mutex_init(&pendings->lock, NULL) == 0);
    return pendings;
}

void
rf_pendings_free(struct rf_pendings *pendings)
{
    if (pendings != NULL) {
        (void)pthread_mutex_destroy(&pendings->lock);
        rf_pendings_clear(pendings);
        rf_data_reader_done(&pendings->data);
        rf_json_done(&pendings->doc);
        free(pendings->items);
        free(pendings->sources);
        free(pendings);
    }
}

void
rf_pendings_source(struct rf_pendings *pendings, uint32_t object, const struct rf_buf *text)
{
    pendings->sources =
        rf_realloc(pendings->sources, pendings->source_count + 1, sizeof(*pendings->sources));
    pendings->sources[pendings->source_count++] = (struct source){object, text};
}

static void
keep_event(struct rf_pendings *pendings, uint32_t aggregate, const struct rf_packed_event *event,
           int64_t version)
{
    struct rf_packed_event *copy = rf_realloc(NULL, event->bytes, 1);
    memcpy(copy, event, event->bytes);
    RF_VERIFY(pthread_mutex_lock(&pendings->lock) == 0);
    RF_GROW(pendings->items, pendings->room, pendings->count + 1);
    pendings->items[pendings->count++] = (struct kept){aggregate, copy, version};
    (void)pthread_mutex_unlock(&pendings->lock);
}

void
rf_pendings_pass(void *context, uint32_t aggregate, const struct rf_packed_event *event,
                 int64_t version, enum rf_term term)
{
    if (term == RF_TERM_UNSELECTED && aggregate != RF_NAME_NONE) {
        keep_event(context, aggregate, event, version);
    }
}

static void
keep_steps(struct rf_pendings *pendings, const struct rf_instance *instance,
           const struct rf_step *steps, size_t count, int64_t covered)
{
    for (size_t i = 0; i < count; i++) {
        if (steps[i].version > covered) {
            keep_event(pendings, instance->aggregate, steps[i].event, steps[i].version);
        }
    }
}

void
rf_pendings_keep(struct rf_pendings *pendings, const struct rf_instance *instance, int64_t covered)
{
    keep_steps(pendings, instance, instance->steps, instance->step_count, covered);
    keep_steps(pendings, instance, instance->behind, instance->behind_count, covered);
    keep_steps(pendings, instance, instance->skipped, instance->skipped_count, covered);
    if (instance->unhandled != NULL && instance->unhandled_version > covered) {
        keep_event(pendings, instance->aggregate, instance->unhandled, instance->unhandled_version);
    }
}

void
rf_pendings_clear(struct rf_pendings *pendings)
{
    for (size_t i = 0; i < pendings->count; i++) {
        free(pendings->items[i].event);
    }
    pendings->count = 0;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static int
compare_kept(const void *left, const void *right)
{
    const struct kept *a = left;
    const struct kept *b = right;
    if (a->aggregate != b->aggregate) {
        return a->aggregate < b->aggregate ? -1 : 1;
    }
    int order = rf_bytes_compare(rf_packed_id(a->event), a->event->id_bytes, rf_packed_id(b->event),
                                 b->event->id_bytes);
    if (order != 0) {
        return order;
    }
    const int64_t keys[][2] = {
        {a->version, b->version},
        {a->event->object, b->event->object},
        {(int64_t)a->event->offset, (int64_t)b->event->offset},
        {a->event->part, b->event->part},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i][0] != keys[i][1]) {
            return keys[i][0] < keys[i][1] ? -1 : 1;
        }
    }
    return 0;
}

static void
put_string(struct rf_buf *out, const char *key, const char *bytes, size_t count)
{
    rf_buf_format(out, ",\"%s\":", key);
    rf_canon_string(out, bytes, count);
}

static void
put_at(struct rf_buf *out, const struct rf_packed_event *event)
{
    char text[RF_TIME_TEXT_BYTES];
    if ((event->flags & RF_EVENT_AT) != 0) {
        struct rf_time at = {.seconds = event->at_seconds, .nanos = event->at_nanos};
        put_string(out, "at", text, rf_time_print(at, text));
    }
}

/** The data's canonical JSON, its numbers as they were written. */
static void
put_data(struct rf_pendings *pendings, const struct rf_packed_event *event, struct rf_buf *out)
{
    size_t bytes;
    const char *text = rf_event_data(&pendings->data, event, &bytes);
    RF_VERIFY(rf_json_read_whole(&pendings->doc, text, bytes, NULL) == RF_OK);
    RF_VERIFY(rf_json_canonical(&pendings->doc, 0, true, out, NULL) == RF_OK);
}

static void
put_line(struct rf_pendings *pendings, const struct kept *kept, const char *aggregate,
         struct rf_buf *out)
{
    const struct rf_packed_event *event = kept->event;
    const struct rf_names *names = rf_history_names(pendings->history);
    const struct rf_objects *objects = rf_history_objects(pendings->history);
    const char *key = objects->items[event->object].key;
    size_t type_bytes;
    const char *type = rf_names_text(names, event->type, &type_bytes);
    rf_buf_string(out, "{\"aggregate\":");
    rf_canon_string(out, aggregate, strlen(aggregate));
    put_at(out, event);
    rf_buf_string(out, ",\"data\":");
    put_data(pendings, event, out);
    rf_buf_format(out, ",\"hash\":\"%016" PRIx64 "\"", event->content_hash);
    put_string(out, "id", rf_packed_id(event), event->id_bytes);
    put_string(out, "object", key, rf_utf8_valid(key, strlen(key)));
    rf_buf_format(out, ",\"offset\":%" PRIu64, event->offset);
    if (event->part > 0) {
        rf_buf_format(out, ",\"part\":%" PRIu32, event->part);
    }
    put_string(out, "type", type, type_bytes);
    if ((event->flags & RF_EVENT_VERSION) != 0) { /* a place is none: it shifts */
        rf_buf_format(out, ",\"version\":%" PRId64, kept->version);
    }
    rf_buf_string(out, "}\n");
}

/** Whether the event stands in a pending file already: then its line tells where it came from. */
static bool
put_again(const struct rf_pendings *pendings, const struct rf_packed_event *event,
          struct rf_buf *out)
{
    for (size_t i = 0; i < pendings->source_count; i++) {
        const struct source *source = &pendings->sources[i];
        if (source->object == event->object) {
            RF_VERIFY(event->offset < source->text->used);
            const char *line = source->text->bytes + event->offset;
            size_t left = source->text->used - event->offset;
            const char *feed = memchr(line, '\n', left);
            rf_buf_add(out, line, feed == NULL ? left : (size_t)(feed - line) + 1);
            return true;
        }
    }
    return false;
}

static const char *
name_of(const struct rf_pendings *pendings, const struct kept *kept)
{
    return rf_names_text(rf_history_names(pendings->history), kept->aggregate, NULL);
}

/** A line that was made, of one event. */
struct made_line {
    size_t start, bytes;
    const char *text; /**< all lines */
    size_t number;
};

static int
compare_lines(const void *left, const void *right)
{
    const struct made_line *a = left;
    const struct made_line *b = right;
    int order = rf_bytes_compare(a->text + a->start, a->bytes, b->text + b->start, b->bytes);
    return order != 0 ? order : a->number < b->number ? -1 : 1;
}

static int
compare_numbers(const void *left, const void *right)
{
    const struct made_line *a = left;
    const struct made_line *b = right;
    return a->number < b->number ? -1 : 1;
}

/** Lines in their order, each once: what is read again (an earlier T than that of --from) comes out
 * of the pending file and out of its own object, and its line, which tells the place, is the same.
 */
static uint64_t
put_each_once(struct made_line *lines, size_t count, struct rf_buf *out)
{
    size_t kept = 0;
    qsort(lines, count, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < count; i++) {
        const struct made_line *before = kept == 0 ? NULL : &lines[kept - 1];
        if (before == NULL || !rf_bytes_same(before->text + before->start, before->bytes,
                                             lines[i].text + lines[i].start, lines[i].bytes)) {
            lines[kept++] = lines[i];
        }
    }
    qsort(lines, kept, sizeof(*lines), compare_numbers);
    for (size_t i = 0; i < kept; i++) {
        rf_buf_add(out, lines[i].text + lines[i].start, lines[i].bytes);
    }
    return kept;
}

uint64_t
rf_pendings_write(struct rf_pendings *pendings, const char *aggregate, struct rf_buf *out)
{
    struct rf_buf text = {0};
    struct made_line *lines = rf_calloc(pendings->count + 1, sizeof(*lines));
    size_t count = 0;
    if (pendings->count > 1) {
        qsort(pendings->items, pendings->count, sizeof(*pendings->items), compare_kept);
    }
    for (size_t i = 0; i < pendings->count; i++) {
        const struct kept *kept = &pendings->items[i];
        if (strcmp(name_of(pendings, kept), aggregate) == 0) {
            size_t start = text.used;
            if (!put_again(pendings, kept->event, &text)) {
                put_line(pendings, kept, aggregate, &text);
            }
            lines[count] = (struct made_line){start, text.used - start, NULL, count};
            count++;
        }
    }
    for (size_t i = 0; i < count; i++) {
        lines[i].text = text.bytes; /* it stays where it is from here on */
    }
    uint64_t written = put_each_once(lines, count, out);
    rf_buf_done(&text);
    free(lines);
    return written;
}

void
rf_pendings_names(const struct rf_pendings *pendings,
                  void (*each)(void *context, const char *aggregate), void *context)
{
    for (size_t i = 0; i < pendings->count; i++) {
        if (i == 0 || pendings->items[i].aggregate != pendings->items[i - 1].aggregate) {
            each(context, name_of(pendings, &pendings->items[i]));
        }
    }
}

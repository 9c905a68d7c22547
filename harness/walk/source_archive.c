/* SPDX-License-Identifier: MIT */
/*
 * An archive as a source: each file in it is an object.
 *
 * Archives are read from front to back. A thread that reads one member after the other wants to go
 * on where it is, so passes that are not in use are kept, and a reader takes the one that stands
 * nearest in front of its member: with N threads there are N passes, and each goes over the archive
 * once. Nothing is ever written to disk.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/stop.h"
#include "walk/archive.h"
#include "walk/listed.h"
#include "walk/source.h"
#include "walk/zip_directory.h"

/** One thread's way through the archive. */
struct pass {
    struct archive_state *state; /* borrowed */
    struct rf_archive *archive;
    uint64_t next; /* place of the member that comes next */
};

struct archive_state {
    struct rf_archive_file file;
    pthread_mutex_t lock; /* of what follows */
    struct pass **idle;
    size_t idle_count;
    size_t idle_room;
};

/* ---- listing --------------------------------------------------------------------------------- */

static void
add_step(struct rf_buf *key, const char *step, size_t bytes)
{
    if (bytes == 0 || (bytes == 1 && step[0] == '.')) {
        return;
    }
    if (key->used > 0) {
        rf_buf_byte(key, '/');
    }
    rf_buf_add(key, step, bytes);
}

/** Its key is as a folder's walk would give it: no "./" in front, no empty steps. What cannot be a
 * path below the source is a flaw. */
static struct rf_object *
add_member(struct rf_object_list *objects, uint32_t source, uint64_t place,
           const struct rf_member *member)
{
    struct rf_buf key = {0};
    const char *path = member->path == NULL ? "" : member->path;
    bool leads_out = path[0] == '/';
    bool too_long = strlen(path) > RF_LIMIT_KEY_BYTES;
    for (const char *at = path; *at != '\0' && !too_long;) {
        size_t bytes = strcspn(at, "/");
        leads_out = leads_out || (bytes == 2 && memcmp(at, "..", 2) == 0);
        add_step(&key, at, bytes);
        at += bytes + (at[bytes] == '/');
    }
    bool nameless = key.used == 0;
    if (nameless) {
        rf_buf_format(&key, "member %" PRIu64, place);
    }
    struct rf_object *object = rf_object_list_add(objects, rf_strdup(rf_buf_text(&key)), source);
    rf_buf_done(&key);
    if (too_long) {
        rf_object_flaw(object, RF_ERR_LIMIT, "its path has more than %d bytes (RF_LIMIT_KEY_BYTES)",
                       RF_LIMIT_KEY_BYTES);
    } else if (leads_out) {
        rf_object_flaw(object, RF_ERR_MALFORMED, "its path leads out of the archive: %s", path);
    } else if (nameless) {
        rf_object_flaw(object, RF_ERR_MALFORMED, "it has no name in the archive");
    }
    return object;
}

/** What keeps a member from being read. */
static void
find_flaws(struct rf_object *object, const struct rf_member *member)
{
    if (member->wrong != NULL) {
        rf_object_flaw(object, RF_ERR_CORRUPT, "damaged in the archive: %s", member->wrong);
    }
    if (member->kind == RF_MEMBER_LINK) {
        rf_object_flaw(object, RF_ERR_MALFORMED,
                       "a link to %s, and links in archives are not followed; archive what they "
                       "lead to (tar --dereference --hard-dereference)",
                       member->target == NULL ? "nowhere" : member->target);
    } else if (member->kind != RF_MEMBER_FILE && member->bytes > 0) {
        rf_object_flaw(object, RF_ERR_MALFORMED, "no file, and yet it holds %" PRIu64 " bytes",
                       member->bytes);
    }
    if (member->encrypted) {
        rf_object_flaw(object, RF_ERR_MALFORMED, "it is encrypted, which refold does not read");
    }
    if (member->sparse) {
        rf_object_flaw(object, RF_ERR_MALFORMED,
                       "a sparse file, which refold does not read; archive it without --sparse");
    }
    /* A zip may be one object, as Firehose writes it; what has several entries decoding refuses. */
    enum rf_archive_form form = rf_archive_form_of_name(object->key);
    if (form != RF_ARCHIVE_NONE && form != RF_ARCHIVE_ZIP && member->kind == RF_MEMBER_FILE) {
        rf_object_flaw(object, RF_ERR_MALFORMED, "an archive in an archive, which is not opened");
    }
    if (member->bytes > rf_limits.object_bytes) {
        rf_object_flaw(object, RF_ERR_LIMIT,
                       "holds %" PRIu64 " bytes, more than %" PRIu64
                       " " RF_LIMIT_SIZE_HINT("object"),
                       member->bytes, rf_limits.object_bytes);
    }
}

static void
list_member(struct rf_source *source, const struct rf_member *member, uint64_t place,
            struct rf_object_list *objects)
{
    const struct archive_state *state = source->state;
    if (member->kind == RF_MEMBER_FOLDER && member->bytes == 0 && member->wrong == NULL) {
        return;
    }
    struct rf_object *object = add_member(objects, source->number, place, member);
    object->in_sequence = true;
    object->place = place;
    object->unchecked = state->file.form == RF_ARCHIVE_TAR;
    find_flaws(object, member);
    object->special = member->kind == RF_MEMBER_SPECIAL && object->flaw == NULL;
    object->bytes = object->flaw == NULL ? member->bytes : 0;
}

/** The archive is broken: its rest is an object that nothing is read of. */
static void
list_rest(struct rf_source *source, rf_code code, const struct rf_err *err,
          struct rf_object_list *objects)
{
    const char *slash = strrchr(source->path, '/');
    const char *key = slash == NULL ? source->path : slash + 1;
    struct rf_object *object = rf_object_list_add(objects, rf_strdup(key), source->number);
    object->is_source = true;
    object->named = true;
    rf_object_flaw(object, code, "%s", err->text);
}

static rf_code
list_members(struct rf_source *source, struct rf_archive *archive, struct rf_object_list *objects,
             uint64_t *ret_members, struct rf_err *reterr)
{
    for (uint64_t place = 0;; place++) {
        struct rf_member member;
        bool end;
        *ret_members = place;
        RF_TRY(rf_archive_next(archive, &member, &end, reterr));
        if (end) {
            return RF_OK;
        }
        if (place == rf_limits.members) {
            return rf_fail(reterr, RF_ERR_LIMIT, source->name,
                           "holds more than %" PRIu64 " members " RF_LIMIT_NUMBER_HINT("members"),
                           rf_limits.members);
        }
        if (rf_stopped(source->stop)) {
            return rf_fail(reterr, RF_ERR_INTERRUPTED, source->name, "interrupted");
        }
        list_member(source, &member, place, objects);
    }
}

/** Opens the file once more, for a zip's directory alone. */
static rf_code
check_zip(struct rf_source *source, uint64_t *ret_entries, struct rf_err *reterr)
{
    const struct archive_state *state = source->state;
    struct rf_listed file;
    rf_code code = rf_listed_open(&file, rf_strdup(source->path), source->name, state->file.bytes,
                                  state->file.stamp, reterr);
    if (code == RF_OK) {
        code = rf_zip_check(file.fd, state->file.bytes, source->name, ret_entries, reterr);
    }
    struct rf_err changed;
    if (code != RF_OK && code != RF_ERR_SOURCE && rf_listed_check(&file, &changed) != RF_OK) {
        code = RF_ERR_SOURCE;
        *reterr = changed;
    }
    rf_listed_close(&file);
    return code;
}

static rf_code
list_all(struct rf_source *source, struct rf_object_list *objects, struct rf_err *reterr)
{
    struct archive_state *state = source->state;
    struct rf_archive *archive = NULL;
    uint64_t entries = 0;
    uint64_t members = 0;
    bool is_zip = state->file.form == RF_ARCHIVE_ZIP;
    if (is_zip) {
        RF_TRY(check_zip(source, &entries, reterr));
        if (entries == 0) {
            return RF_OK; /* libarchive takes nothing that small for a zip */
        }
    }
    RF_TRY(rf_archive_open(&state->file, &archive, reterr));
    rf_code code = list_members(source, archive, objects, &members, reterr);
    rf_archive_close(archive);
    if (code == RF_OK && is_zip && members != entries) {
        return rf_fail(reterr, RF_ERR_CORRUPT, source->name,
                       "the zip's directory has %" PRIu64 " entries, of which %" PRIu64
                       " can be read",
                       entries, members);
    }
    return code;
}

static rf_code
list(struct rf_source *source, struct rf_object_list *objects, struct rf_err *reterr)
{
    struct archive_state *state = rf_calloc(1, sizeof(*state));
    struct rf_err err = {0};
    source->state = state;
    state->file = (struct rf_archive_file){
        .path = source->path,
        .name = source->name,
        .form = rf_archive_form(source->path),
        .bytes = (uint64_t)source->stat.st_size,
        .stamp = rf_stamp_from_stat(&source->stat),
        .gunzip = source->request->gunzip,
    };
    RF_VERIFY(pthread_mutex_init(&state->lock, NULL) == 0);
    rf_code code = list_all(source, objects, &err);
    if (rf_code_is_damage(code)) {
        list_rest(source, code, &err, objects);
        return RF_OK;
    }
    if (code != RF_OK && reterr != NULL) {
        *reterr = err;
    }
    return code;
}

/** Which of the two counts no one can tell: unpacking would leave the last one. */
static rf_code
twice(const struct rf_source *source, struct rf_object *second, struct rf_err *reterr)
{
    (void)source;
    (void)reterr;
    rf_object_flaw(second, RF_ERR_MALFORMED, "another member of the archive has the same path");
    return RF_OK;
}

static char *
name(const struct rf_source *source, const char *key)
{
    return rf_format("%s:%s", source->name, key);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void
pass_free(struct pass *pass)
{
    rf_archive_close(pass->archive);
    free(pass);
}

/** The idle pass that is nearest in front of a member, or NULL. */
static struct pass *
take_idle(struct archive_state *state, uint64_t place)
{
    struct pass *found = NULL;
    size_t at = 0;
    RF_VERIFY(pthread_mutex_lock(&state->lock) == 0);
    for (size_t i = 0; i < state->idle_count; i++) {
        if (state->idle[i]->next <= place &&
            (found == NULL || state->idle[i]->next > found->next)) {
            found = state->idle[i];
            at = i;
        }
    }
    if (found != NULL) {
        state->idle[at] = state->idle[--state->idle_count];
    }
    (void)pthread_mutex_unlock(&state->lock);
    return found;
}

static rf_code
go_to(struct pass *pass, const struct rf_object *object, struct rf_err *reterr)
{
    struct rf_member member = {0};
    bool end = false;
    while (pass->next <= object->place && !end) {
        RF_TRY(rf_archive_next(pass->archive, &member, &end, reterr));
        pass->next++;
    }
    /* It was otherwise when it was listed. */
    if (end || member.kind != RF_MEMBER_FILE || member.bytes != object->bytes) {
        return rf_fail(reterr, RF_ERR_SOURCE, object->name, "changed after it was listed");
    }
    return RF_OK;
}

static rf_code
stream_open(struct rf_source *source, const struct rf_object *object, void **ret_stream,
            struct rf_err *reterr)
{
    struct archive_state *state = source->state;
    struct pass *pass = take_idle(state, object->place);
    if (pass == NULL) {
        pass = rf_calloc(1, sizeof(*pass));
        pass->state = state;
        *ret_stream = pass;
        RF_TRY(rf_archive_open(&state->file, &pass->archive, reterr));
    }
    *ret_stream = pass;
    return go_to(pass, object, reterr);
}

static rf_code
stream_read(void *stream, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct pass *pass = stream;
    return rf_archive_read(pass->archive, bytes, room, ret_got, reterr);
}

static void
stream_close(void *stream)
{
    struct pass *pass = stream;
    struct archive_state *state = pass->state;
    if (pass->archive == NULL || !rf_archive_usable(pass->archive)) {
        pass_free(pass);
        return;
    }
    RF_VERIFY(pthread_mutex_lock(&state->lock) == 0);
    RF_GROW(state->idle, state->idle_room, state->idle_count + 1);
    state->idle[state->idle_count++] = pass;
    (void)pthread_mutex_unlock(&state->lock);
}

static void
done(struct rf_source *source)
{
    struct archive_state *state = source->state;
    if (state == NULL) {
        return;
    }
    for (size_t i = 0; i < state->idle_count; i++) {
        pass_free(state->idle[i]);
    }
    free(state->idle);
    (void)pthread_mutex_destroy(&state->lock);
    free(state);
}

const struct rf_source_kind rf_source_archive = {
    .list = list,
    .twice = twice,
    .name = name,
    .always_named = true,
    .open = stream_open,
    .read = stream_read,
    .close = stream_close,
    .done = done,
};

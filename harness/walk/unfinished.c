/* SPDX-License-Identifier: MIT */
/* What fetch wrote beside the history tells whether all of it is here. */
#include "walk/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "walk/fetched.h"

#define JOURNAL RF_PARTIALS_NAME "/" RF_FETCH_JOURNAL_NAME

/** A manifest's first line is no longer than that. */
#define HEAD_BYTES ((size_t)64 << 10)

/** The name is taken over; the first one by its bytes stays, for a folder lists in any order. */
static void
remember(char **first, char *name)
{
    bool earlier = *first == NULL || strcmp(name, *first) < 0;
    free(earlier ? *first : name);
    *first = earlier ? name : *first;
}

/* ---- in a source ----------------------------------------------------------------------------- */

/** The folder that lies so deep in a source as the key's first bytes lead. */
static char *
mirror_name(const struct rf_source *source, const char *key, size_t bytes)
{
    if (bytes == 0 || source->kind->name == NULL) {
        return rf_strdup(source->name);
    }
    char *folder = rf_strndup(key, bytes - 1);
    char *name = source->kind->name(source, folder);
    free(folder);
    return name;
}

static rf_code
read_missing(const struct rf_objects *objects, const struct rf_object *object, uint64_t *ret,
             struct rf_err *reterr)
{
    struct rf_reader *reader = NULL;
    char *text = rf_alloc(HEAD_BYTES);
    size_t used = 0;
    bool more = true;
    rf_code code = rf_reader_open(objects, object, &reader, reterr);
    while (code == RF_OK && more) {
        size_t got;
        code = rf_reader_read(reader, text + used, HEAD_BYTES - used, &got, reterr);
        more = code == RF_OK && got > 0 && memchr(text + used, '\n', got) == NULL;
        used += code == RF_OK ? got : 0;
        more = more && used < HEAD_BYTES;
    }
    rf_reader_close(reader);
    if (code == RF_OK) {
        code = rf_fetched_missing(text, used, object->name, ret, reterr);
    }
    free(text);
    return code;
}

/** An object that is fetch's own: `own` is where the mirror's folder ends in its key. */
static rf_code
look_at_own(const struct rf_walk_request *request, struct rf_objects *objects,
            struct rf_object *object, const char *own, struct rf_err *reterr)
{
    const struct rf_source *source = &objects->sources[object->source];
    size_t bytes = (size_t)(own - object->key);
    bool is_verified = request->verify_asked && source->kind == &rf_source_folder && bytes == 0;
    bool is_part = strcmp(own, JOURNAL) == 0;
    if (strcmp(own, RF_MANIFEST_NAME) == 0 && !is_verified && object->pack == NULL) {
        uint64_t missing = 0;
        object->name =
            source->kind->name == NULL ? object->key : source->kind->name(source, object->key);
        RF_TRY(read_missing(objects, object, &missing, reterr));
        is_part = missing > 0;
    }
    if (is_part) {
        remember(&objects->unfinished, mirror_name(source, object->key, bytes));
    }
    return RF_OK;
}

/** Where fetch's own begins in an object's key, or NULL. What the user named is read, whatever it
 * is. */
static const char *
find_own(const struct rf_object *object)
{
    return object->named || object->is_source ? NULL : rf_fetched_own(object->key);
}

static void
count_own(struct rf_objects *objects, const struct rf_object *object, const char *own)
{
    const struct rf_source *source = &objects->sources[object->source];
    objects->ours++;
    remember(&objects->ours_sample, rf_strdup(object->key));
    if (own > object->key || !source->mirror) {
        objects->astray++;
        remember(&objects->astray_sample,
                 mirror_name(source, object->key, strlen(object->key) + 1));
    }
}

/** Moves what is history to the front, in order. */
static rf_code
leave_out_own(const struct rf_walk_request *request, struct rf_objects *objects,
              struct rf_object_list *list, struct rf_err *reterr)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct rf_object *object = &list->items[i];
        const char *own = find_own(object);
        if (own == object->key &&
            (strcmp(own, RF_MANIFEST_NAME) == 0 || strcmp(own, JOURNAL) == 0)) {
            objects->sources[object->source].mirror = true;
        }
        if (own != NULL) {
            RF_TRY(look_at_own(request, objects, object, own, reterr));
        }
    }
    for (size_t i = 0; i < list->count; i++) {
        struct rf_object *object = &list->items[i];
        const char *own = find_own(object);
        if (own != NULL) {
            count_own(objects, object, own);
            rf_object_done(object);
        } else {
            list->items[kept++] = *object;
        }
    }
    list->count = kept;
    return RF_OK;
}

/* ---- above a source -------------------------------------------------------------------------- */

static bool
is_absent(int error)
{
    return error == ENOENT || error == ENOTDIR;
}

rf_code
rf_unfinished_is_cut_off(const char *folder, bool *ret, struct rf_err *reterr)
{
    char *journal = rf_path_join(folder, JOURNAL);
    rf_code code = RF_OK;
    *ret = access(journal, F_OK) == 0;
    if (!*ret && !is_absent(errno)) {
        code = rf_fail_errno(reterr, RF_ERR_SOURCE, journal, "cannot be looked for");
    }
    free(journal);
    return code;
}

static rf_code
look_into(const char *folder, bool *ret_part, struct rf_err *reterr)
{
    RF_TRY(rf_unfinished_is_cut_off(folder, ret_part, reterr));
    char *path = rf_path_join(folder, RF_MANIFEST_NAME);
    int fd = *ret_part ? -1 : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    rf_code code = RF_OK;
    if (fd >= 0) {
        char *text = rf_alloc(HEAD_BYTES);
        size_t used = 0;
        uint64_t missing = 0;
        code = rf_fd_read(fd, text, HEAD_BYTES, &used)
                   ? rf_fetched_missing(text, used, path, &missing, reterr)
                   : rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot be read");
        *ret_part = missing > 0;
        (void)close(fd);
        free(text);
    } else if (!*ret_part && !is_absent(errno)) {
        code = rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot be opened");
    }
    free(path);
    return code;
}

static void
leave_last_step(char *path)
{
    char *slash = strrchr(path, '/');
    slash[slash == path] = '\0';
}

static bool
is_within(const char *path, const char *folder)
{
    size_t bytes = strlen(folder);
    return strncmp(path, folder, bytes) == 0 &&
           (path[bytes] == '\0' || path[bytes] == '/' || bytes == 1);
}

/** Looks into a folder, which is taken over, and all above it.
 *
 * @former  this one, and all above it, were looked into; or NULL */
static rf_code
look_upwards(char *path, const char *former, struct rf_objects *objects, struct rf_err *reterr)
{
    bool is_part = false;
    bool is_end = former != NULL && is_within(former, path);
    rf_code code = RF_OK;
    while (!is_end) {
        code = look_into(path, &is_part, reterr);
        is_end = code != RF_OK || is_part || strcmp(path, "/") == 0;
        if (!is_end) {
            leave_last_step(path);
            is_end = former != NULL && is_within(former, path);
        }
    }
    if (is_part) {
        remember(&objects->unfinished, path);
    } else {
        free(path);
    }
    return code;
}

/** A file or a folder of a mirror is a part of what should be there too. */
static rf_code
look_above(const struct rf_source *source, struct rf_objects *objects, struct rf_err *reterr)
{
    char *path = rf_path_real(source->path);
    if (path == NULL) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, source->name, "cannot be looked at");
    }
    if (strcmp(path, "/") == 0) {
        free(path);
        return RF_OK;
    }
    leave_last_step(path);
    return look_upwards(path, NULL, objects, reterr);
}

static int
compare_paths(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/** What a link in a folder leads to lies elsewhere, and may be of a mirror there. */
static rf_code
look_above_links(struct rf_source *source, struct rf_objects *objects, struct rf_err *reterr)
{
    struct rf_folders *links = &source->links;
    if (links->count > 1) {
        qsort(links->names, links->count, sizeof(*links->names), compare_paths);
    }
    for (size_t i = 0; i < links->count; i++) {
        RF_TRY(look_upwards(rf_strdup(links->names[i]), i == 0 ? NULL : links->names[i - 1],
                            objects, reterr));
    }
    return RF_OK;
}

/* ---- all of it ------------------------------------------------------------------------------- */

rf_code
rf_unfinished_find(const struct rf_walk_request *request, struct rf_objects *objects,
                   struct rf_object_list *list, struct rf_err *reterr)
{
    RF_TRY(leave_out_own(request, objects, list, reterr));
    for (size_t i = 0; i < request->source_count; i++) {
        struct rf_source *source = &objects->sources[i];
        if (source->kind == &rf_source_folder || source->kind == &rf_source_file ||
            source->kind == &rf_source_archive) {
            RF_TRY(look_above(source, objects, reterr));
            RF_TRY(look_above_links(source, objects, reterr));
        }
    }
    return RF_OK;
}

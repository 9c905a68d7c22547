/* SPDX-License-Identifier: MIT */
/* Sources that hold the same objects, and files that are several: these would be read twice. */
#include "walk/overlap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/order.h"
#include "base/path.h"
#include "walk/listed.h"

/* ---- sources --------------------------------------------------------------------------------- */

/** Where a source is. With a slash at the end what lies within a place begins with it. */
struct place {
    char *path;
    const struct rf_source *source;
};

static int
compare_places(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    int order = strcmp(a->path, b->path);
    return order != 0 ? order : RF_ORDER(a->source, b->source);
}

static bool
is_local(const struct rf_source *source)
{
    return source->kind == &rf_source_folder || source->kind == &rf_source_file ||
           source->kind == &rf_source_archive || source->kind == &rf_source_packed;
}

static rf_code
find_place(const struct rf_source *source, struct place *ret, struct rf_err *reterr)
{
    char *path = is_local(source) ? rf_path_real(source->path) : rf_strdup(source->name);
    if (path == NULL) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, source->name, "its real path cannot be found");
    }
    size_t bytes = strlen(path);
    while (bytes > 0 && path[bytes - 1] == '/') {
        bytes--;
    }
    *ret = (struct place){rf_format("%.*s/", (int)bytes, path), source};
    free(path);
    return RF_OK;
}

/** `inner` begins with all of `outer`. */
static rf_code
fail_place(const struct place *outer, const struct place *inner, struct rf_err *reterr)
{
    const char *name = inner->source->name;
    if (strcmp(outer->path, inner->path) != 0) {
        return rf_fail(reterr, RF_ERR_USAGE, name,
                       "lies within %s, which is a source too: what is in it would be read twice; "
                       "name one of them",
                       outer->source->name);
    }
    if (strcmp(outer->source->name, name) == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, name,
                       "is named twice as a source, and would be read twice: name it once");
    }
    return rf_fail(reterr, RF_ERR_USAGE, name,
                   "is the same as %s, which is a source too, and would be read twice: name one of "
                   "them",
                   outer->source->name);
}

rf_code
rf_overlap_check(const struct rf_source *sources, size_t count, struct rf_err *reterr)
{
    struct place *places = rf_calloc(count, sizeof(*places));
    size_t found = 0;
    rf_code code = RF_OK;
    for (size_t i = 0; count > 1 && i < count && code == RF_OK; i++) {
        code = find_place(&sources[i], &places[found], reterr);
        found += code == RF_OK;
    }
    if (found > 1) {
        qsort(places, found, sizeof(*places), compare_places);
    }
    /* What begins with a place's path follows right behind it. */
    for (size_t i = 1; i < found && code == RF_OK; i++) {
        if (strncmp(places[i].path, places[i - 1].path, strlen(places[i - 1].path)) == 0) {
            code = fail_place(&places[i - 1], &places[i], reterr);
        }
    }
    for (size_t i = 0; i < found; i++) {
        free(places[i].path);
    }
    free(places);
    return code;
}

/* ---- files ----------------------------------------------------------------------------------- */

/** A file that was listed. */
struct file {
    struct rf_stamp stamp;
    uint64_t bytes;
    uint32_t source;
    const char *name;
};

/** Numbers of files need not be unique on every file system: size and time must agree too. Where
 * they do not because the file changes right now, its reader says so. */
static int
compare_contents(const struct file *a, const struct file *b)
{
    int order = RF_ORDER(a->stamp.device, b->stamp.device);
    if (order == 0) {
        order = RF_ORDER(a->stamp.inode, b->stamp.inode);
    }
    if (order == 0) {
        order = RF_ORDER(a->stamp.mtime_seconds, b->stamp.mtime_seconds);
    }
    if (order == 0) {
        order = RF_ORDER(a->stamp.mtime_nanos, b->stamp.mtime_nanos);
    }
    return order != 0 ? order : RF_ORDER(a->bytes, b->bytes);
}

static int
compare_files(const void *left, const void *right)
{
    const struct file *a = left;
    const struct file *b = right;
    int order = compare_contents(a, b);
    if (order == 0) {
        order = RF_ORDER(a->source, b->source);
    }
    return order != 0 ? order : strcmp(a->name, b->name);
}

/** Whether two that are next to each other are one file, which would be read twice. Tools that link
 * what is equal link empty marks too: nothing is read of these. */
static bool
is_read_twice(const struct file *first, const struct file *second)
{
    return compare_contents(first, second) == 0 &&
           (first->source != second->source || first->bytes > 0);
}

/** Standard input that is a file may be one of another source. A pipe is none. */
static bool
find_stdin(uint32_t source, const char *name, struct file *ret)
{
    struct stat stat;
    if (fstat(STDIN_FILENO, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        return false;
    }
    *ret = (struct file){rf_stamp_from_stat(&stat), (uint64_t)stat.st_size, source, name};
    return true;
}

/** An archive or a pack is a file itself; of others the objects are. What has a flaw is not read,
 * and need not be there. */
static size_t
find_files(const struct rf_source *sources, size_t count, const struct rf_object_list *list,
           struct file *ret)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const struct rf_source *source = &sources[i];
        if (source->kind == &rf_source_archive || source->kind == &rf_source_packed) {
            ret[found++] = (struct file){rf_stamp_from_stat(&source->stat),
                                         (uint64_t)source->stat.st_size, (uint32_t)i, source->name};
        }
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct rf_object *object = &list->items[i];
        const struct rf_source_kind *kind = sources[object->source].kind;
        if (object->source < count && kind == &rf_source_stdin) {
            found += find_stdin(object->source, object->name, &ret[found]);
        } else if (object->source < count && !object->special && object->flaw == NULL &&
                   (kind == &rf_source_folder || kind == &rf_source_file)) {
            ret[found++] =
                (struct file){object->stamp, object->bytes, object->source, object->name};
        }
    }
    return found;
}

static rf_code
fail_files(const struct rf_source *sources, const struct file *first, const struct file *second,
           struct rf_err *reterr)
{
    bool piped = sources[first->source].kind == &rf_source_stdin;
    if (piped || sources[second->source].kind == &rf_source_stdin) {
        return rf_fail(reterr, RF_ERR_USAGE, piped ? first->name : second->name,
                       "is the same file as %s, which a source holds too, and would be read twice: "
                       "name one of them",
                       piped ? second->name : first->name);
    }
    return rf_fail(reterr, RF_ERR_USAGE, second->name,
                   "is the same file as %s, by a link, and would be read twice: %s", first->name,
                   first->source != second->source
                       ? "name sources that do not lead to the same files"
                       : "name a folder that leads to it once, or remove one of them; where both "
                         "are history, make one a copy");
}

/** Whether there can be one file under two names. */
static bool
may_meet(const struct rf_source *sources, size_t count)
{
    return count > 1 || (count == 1 && sources[0].kind == &rf_source_folder);
}

rf_code
rf_overlap_check_files(const struct rf_source *sources, size_t count,
                       const struct rf_object_list *list, struct rf_err *reterr)
{
    if (!may_meet(sources, count)) {
        return RF_OK;
    }
    struct file *files = rf_calloc(count + list->count, sizeof(*files));
    size_t found = find_files(sources, count, list, files);
    const struct file *second = NULL; /* of all that are, the one whose name comes first */
    if (found > 1) {
        qsort(files, found, sizeof(*files), compare_files);
    }
    for (size_t i = 1; i < found; i++) {
        if (is_read_twice(&files[i - 1], &files[i]) &&
            (second == NULL || strcmp(files[i].name, second->name) < 0)) {
            second = &files[i];
        }
    }
    rf_code code = second == NULL ? RF_OK : fail_files(sources, second - 1, second, reterr);
    free(files);
    return code;
}

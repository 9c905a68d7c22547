/* SPDX-License-Identifier: MIT */
/* Which kind of source it is that the user named. */
#include "walk/source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "net/s3.h"
#include "net/url.h"
#include "walk/archive.h"
#include "walk/listed.h"
#include "walk/pack.h"
#include "walk/remote.h"

struct rf_object *
rf_object_list_add(struct rf_object_list *list, char *key, uint32_t source)
{
    RF_GROW(list->items, list->room, list->count + 1);
    struct rf_object *object = &list->items[list->count++];
    memset(object, 0, sizeof(*object));
    object->key = key;
    object->source = source;
    return object;
}

struct rf_object *
rf_object_list_add_file(struct rf_object_list *list, char *key, uint32_t source,
                        const struct stat *stat)
{
    struct rf_object *object = rf_object_list_add(list, key, source);
    object->special = !S_ISREG(stat->st_mode);
    object->bytes = object->special ? 0 : (uint64_t)stat->st_size;
    object->stamp = rf_stamp_from_stat(stat);
    return object;
}

void
rf_object_flaw(struct rf_object *object, rf_code code, const char *format, ...)
{
    if (object->flaw != NULL) {
        return;
    }
    char text[sizeof(((struct rf_err *)NULL)->text)];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    object->flaw = rf_strdup(text);
    object->flaw_code = code;
}

void
rf_folders_add(struct rf_folders *folders, char *name)
{
    if (folders->count > 0 && strcmp(folders->names[folders->count - 1], name) == 0) {
        free(name);
        return;
    }
    RF_GROW(folders->names, folders->room, folders->count + 1);
    folders->names[folders->count++] = name;
}

static rf_code
init_url(struct rf_source *source, size_t scheme_bytes, struct rf_err *reterr)
{
    if (rf_s3_is(source->path)) {
        source->kind = &rf_source_s3;
        rf_url_lower(source->name);
        return RF_OK; /* a key may hold what would be credentials or a query elsewhere */
    }
    free(source->name);
    source->name = rf_url_shown(source->path, false);
    if (rf_url_is_http(source->path)) {
        source->kind = &rf_source_http;
        return RF_OK;
    }
    if (strncasecmp(source->path, "dynamodb://", scheme_bytes + strlen("://")) == 0) {
        source->kind = &rf_source_table;
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, source->name,
                   "this version does not read %.*s://; copy it into a folder, and name that",
                   (int)scheme_bytes, source->path);
}

/** @ret  what is there; untouched for what is no path */
static rf_code
look_at(const char *path, struct stat *ret, struct rf_err *reterr)
{
    if (strcmp(path, "-") == 0 || rf_url_scheme(path) > 0 || stat(path, ret) == 0) {
        return RF_OK;
    }
    if (errno == ENOENT || errno == ENOTDIR) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "no such source '%s'", path);
    }
    return rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot be looked at");
}

rf_code
rf_walk_check(const char *path, struct rf_err *reterr)
{
    struct stat ignored;
    return look_at(path, &ignored, reterr);
}

rf_code
rf_source_init(struct rf_source *source, const char *path, uint32_t number,
               const struct rf_walk_request *request, struct rf_err *reterr)
{
    *source = (struct rf_source){
        .request = request,
        .number = number,
        .path = rf_strdup(path),
        .name = rf_strdup(path),
        .stop = request->stop,
    };
    if (strcmp(path, "-") == 0) {
        source->kind = &rf_source_stdin;
        return RF_OK;
    }
    size_t scheme_bytes = rf_url_scheme(path);
    if (scheme_bytes > 0) {
        return init_url(source, scheme_bytes, reterr);
    }
    RF_TRY(look_at(path, &source->stat, reterr));
    if (S_ISDIR(source->stat.st_mode)) {
        source->kind = &rf_source_folder;
        return RF_OK;
    }
    if (!S_ISREG(source->stat.st_mode)) {
        return rf_fail(reterr, RF_ERR_USAGE, path,
                       "neither a file nor a folder; a pipe is read as '-', from standard input");
    }
    if (rf_pack_is(path)) {
        source->kind = &rf_source_packed;
        return RF_OK;
    }
    source->kind = rf_archive_form(path) == RF_ARCHIVE_NONE ? &rf_source_file : &rf_source_archive;
    return RF_OK;
}

static void
folders_done(struct rf_folders *folders)
{
    for (size_t i = 0; i < folders->count; i++) {
        free(folders->names[i]);
    }
    free(folders->names);
}

void
rf_source_done(struct rf_source *source)
{
    rf_ahead_free(source->ahead);
    if (source->kind != NULL && source->kind->done != NULL) {
        source->kind->done(source);
    }
    folders_done(&source->links);
    folders_done(&source->fronts);
    free(source->path);
    free(source->name);
    memset(source, 0, sizeof(*source));
}

/* SPDX-License-Identifier: MIT */
/* The place of a digest golden's lines. */
#include "golden/digest_lines.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/path.h"
#include "decode/gunzip.h"
#include "golden/load.h"
#include "net/url.h"
#include "walk/source.h"
#include "walk/walk.h"

#define READ_BYTES ((size_t)64 << 10)
/** Digits of the digest that stand in a file's name: to tell files apart. The whole is checked. */
#define NAME_DIGITS 16

struct rf_lines_place {
    char *path;
    pthread_mutex_t lock; /* of the listing, until it is there */
    bool listed;
    bool gone; /* it is not there at all */
    struct rf_objects objects;
    rf_code code; /* why it cannot be listed */
    struct rf_err err;
};

struct rf_lines_place *
rf_lines_place_new(const char *path)
{
    struct rf_lines_place *place = rf_calloc(1, sizeof(*place));
    place->path = rf_strdup(path);
    RF_VERIFY(pthread_mutex_init(&place->lock, NULL) == 0);
    return place;
}

void
rf_lines_place_free(struct rf_lines_place *place)
{
    if (place == NULL) {
        return;
    }
    rf_objects_done(&place->objects);
    (void)pthread_mutex_destroy(&place->lock);
    free(place->path);
    free(place);
}

char *
rf_lines_name(const char *aggregate, size_t shard, const struct rf_shard *about)
{
    return rf_format("%s/%03zx-%.*s.ndjson.gz", aggregate, shard, NAME_DIGITS, about->digest);
}

static rf_code
fail_absent(struct rf_lines_found *found, struct rf_err *reterr)
{
    found->absent = true;
    return rf_fail(reterr, RF_ERR_SOURCE, NULL, "is not there");
}

/** Whether a path leads nowhere: not where a folder in front of it cannot be looked into. */
static bool
is_gone(const char *path)
{
    return rf_url_scheme(path) == 0 && access(path, F_OK) != 0 &&
           (errno == ENOENT || errno == ENOTDIR);
}

/** Lists the place, once. */
static rf_code
list_place(struct rf_lines_place *place, struct rf_lines_found *found, struct rf_err *reterr)
{
    RF_VERIFY(pthread_mutex_lock(&place->lock) == 0);
    if (!place->listed) {
        const char *source = place->path;
        struct rf_walk_request request = {
            .sources = &source,
            .source_count = 1,
            .gunzip = &rf_gunzip,
        };
        place->listed = true;
        place->code = rf_walk(&request, &place->objects, &place->err);
        place->gone = place->code == RF_ERR_USAGE && is_gone(place->path);
    }
    (void)pthread_mutex_unlock(&place->lock);
    if (place->gone) {
        return fail_absent(found, reterr);
    }
    if (place->code != RF_OK) {
        found->closed = true;
        return rf_fail(reterr, RF_ERR_SOURCE, place->err.where, "%s", place->err.text);
    }
    return RF_OK;
}

/** The next object of this name from *at on. Folders may stand in front, as where an archive was
 * made with one, or folders of lines were joined. NULL: there is none. */
static const struct rf_object *
next_object(const struct rf_lines_place *place, const char *name, size_t *at)
{
    size_t bytes = strlen(name);
    while (*at < place->objects.count) {
        const struct rf_object *object = &place->objects.items[(*at)++];
        size_t key = strlen(object->key);
        if (key >= bytes && strcmp(object->key + key - bytes, name) == 0 &&
            (key == bytes || object->key[key - bytes - 1] == '/')) {
            return object;
        }
    }
    return NULL;
}

/** No object has the name. What is no file in a folder, and what is behind the break of an archive,
 * may be it all the same. */
static rf_code
fail_unlisted(const struct rf_lines_place *place, const char *name, struct rf_lines_found *found,
              struct rf_err *reterr)
{
    for (size_t i = 0; i < place->objects.count; i++) {
        const struct rf_object *object = &place->objects.items[i];
        if (object->is_source) {
            found->closed = true;
            return rf_fail(reterr, RF_ERR_SOURCE, NULL, "the place of these lines %s%s",
                           object->flaw == NULL ? "is no folder or archive"
                                                : "cannot be read to its end: ",
                           object->flaw == NULL ? "" : object->flaw);
        }
    }
    char *path = rf_path_join(place->path, name);
    bool gone = rf_url_scheme(place->path) != 0 || is_gone(path);
    free(path);
    return gone ? fail_absent(found, reterr) : rf_fail(reterr, RF_ERR_SOURCE, NULL, "is no file");
}

static rf_code
read_object(const struct rf_lines_place *place, const struct rf_object *object, struct rf_buf *ret,
            struct rf_err *reterr)
{
    struct rf_reader *reader = NULL;
    RF_TRY(rf_reader_open(&place->objects, object, &reader, reterr));
    rf_code code;
    size_t got = 0;
    do {
        rf_buf_reserve(ret, READ_BYTES);
        code = rf_reader_read(reader, ret->bytes + ret->used, READ_BYTES, &got, reterr);
        ret->used += code == RF_OK ? got : 0;
        if (code == RF_OK && ret->used > rf_limits.object_bytes) {
            code = rf_fail(reterr, RF_ERR_LIMIT, object->name,
                           "is larger than any shard " RF_LIMIT_SIZE_HINT("object"));
        }
    } while (code == RF_OK && got > 0);
    rf_reader_close(reader);
    return code;
}

static rf_code
check_text(const struct rf_buf *text, size_t start, const struct rf_shard *about,
           struct rf_err *reterr)
{
    struct rf_shard found = {.lines = about->lines};
    rf_shard_seal(&found,
                  &(struct rf_buf){.bytes = text->bytes + start, .used = text->used - start});
    return rf_shard_same(&found, about)
               ? RF_OK
               : rf_fail(reterr, RF_ERR_CORRUPT, NULL,
                         "its digest is not the one in the manifest: fetch it again, or bless "
                         "again");
}

static rf_code
read_copy(const struct rf_lines_place *place, const struct rf_object *object,
          const struct rf_shard *about, struct rf_buf *ret, struct rf_lines_found *found,
          struct rf_err *reterr)
{
    struct rf_buf packed = {0};
    size_t start = ret->used;
    rf_code code = read_object(place, object, &packed, reterr);
    found->stored += packed.used;
    if (code == RF_OK) {
        struct rf_err why;
        code = rf_golden_unpack(&packed, ret, &why);
        if (code != RF_OK) {
            code = rf_fail(reterr, code, NULL, "%s: fetch it again, or bless again", why.text);
        }
    }
    if (code == RF_OK) {
        code = check_text(ret, start, about, reterr);
    }
    ret->used = code == RF_OK ? ret->used : start;
    rf_buf_done(&packed);
    return code;
}

/** What is told is of this file. */
static void
tell_of(const struct rf_lines_place *place, const struct rf_object *object,
        struct rf_lines_found *found)
{
    free(found->path);
    found->path = object->name == object->key ? rf_path_join(place->path, object->key)
                                              : rf_strdup(object->name);
    found->removable =
        place->objects.sources[object->source].kind == &rf_source_folder && object->flaw == NULL;
}

/** Of files none of which is right one that cannot be read is told of, for it may be; else the
 * first. */
static rf_code
read_copies(struct rf_lines_place *place, const char *name, const struct rf_shard *about,
            struct rf_buf *ret, struct rf_lines_found *found, struct rf_err *reterr)
{
    RF_TRY(list_place(place, found, reterr));
    rf_code told = RF_OK;
    size_t at = 0;
    const struct rf_object *object;
    while ((object = next_object(place, name, &at)) != NULL) {
        struct rf_err err = {0};
        rf_code code = read_copy(place, object, about, ret, found, &err);
        if (code == RF_OK || told == RF_OK || (code == RF_ERR_SOURCE && told != RF_ERR_SOURCE)) {
            told = code;
            *reterr = err;
            tell_of(place, object, found);
        }
        if (code == RF_OK) {
            return RF_OK;
        }
    }
    return told == RF_OK ? fail_unlisted(place, name, found, reterr) : told;
}

rf_code
rf_lines_read(struct rf_lines_place *place, const char *aggregate, size_t shard,
              const struct rf_shard *about, struct rf_buf *ret, struct rf_lines_found *ret_found,
              struct rf_err *reterr)
{
    struct rf_err err;
    char *name = rf_lines_name(aggregate, shard, about);
    *ret_found = (struct rf_lines_found){.path = rf_path_join(place->path, name)};
    rf_buf_reserve(ret, 1);
    rf_code code = about->lines == 0 ? check_text(ret, ret->used, about, &err)
                                     : read_copies(place, name, about, ret, ret_found, &err);
    if (code != RF_OK) {
        code = rf_fail(reterr, code == RF_ERR_SOURCE ? RF_ERR_SOURCE : RF_ERR_CORRUPT,
                       ret_found->path, "%s", err.text);
    }
    free(name);
    return code;
}

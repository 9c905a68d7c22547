/* SPDX-License-Identifier: MIT */
/*
 * An http(s) base as a source: each key of a list is an object.
 *
 * HTTP has no listing, so the list is the user's (--keys). Each reader takes an idle connection or
 * makes one: with N threads there are N, and each is used again and again.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/path.h"
#include "net/download.h"
#include "net/libcurl.h"
#include "net/url.h"
#include "walk/source.h"

struct http_state {
    pthread_mutex_t lock; /* of what follows */
    struct rf_download **idle;
    size_t idle_count;
    size_t idle_room;
};

struct stream {
    struct http_state *state; /* borrowed */
    struct rf_download *download;
};

/* ---- the list of keys -------------------------------------------------------------------------
 */

/** Why a line is no key below the base, or NULL. */
static const char *
find_fault(const char *key, size_t bytes)
{
    if (bytes > RF_LIMIT_KEY_BYTES) {
        return "is longer than RF_LIMIT_KEY_BYTES";
    }
    if (rf_utf8_valid(key, bytes) != bytes) {
        return "is no UTF-8";
    }
    for (size_t i = 0; i < bytes; i++) {
        if ((unsigned char)key[i] < ' ' || key[i] == 0x7f) {
            return "holds a control character";
        }
    }
    if (key[0] == '/' || rf_url_scheme(key) > 0) {
        return "is no key below the base; leave out what the base has already";
    }
    if (key[bytes - 1] == '/') {
        return "is a folder; list the objects in it";
    }
    for (const char *at = key; *at != '\0';) {
        size_t step = strcspn(at, "/");
        if ((step == 1 && at[0] == '.') || (step == 2 && memcmp(at, "..", 2) == 0)) {
            return "has a step . or .., which may lead out of the base";
        }
        at += step + (at[step] == '/');
    }
    return NULL;
}

static rf_code
add_key(struct rf_source *source, const char *key, size_t bytes, uint64_t line,
        struct rf_object_list *objects, struct rf_err *reterr)
{
    const char *fault = find_fault(key, bytes);
    if (fault != NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, source->request->keys, "line %" PRIu64 " %s", line,
                       fault);
    }
    struct rf_object *object = rf_object_list_add(objects, rf_strndup(key, bytes), source->number);
    object->bytes = RF_BYTES_UNKNOWN;
    object->named = true;
    return RF_OK;
}

static rf_code
read_keys(struct rf_source *source, FILE *file, struct rf_object_list *objects,
          struct rf_err *reterr)
{
    const char *path = source->request->keys;
    size_t before = objects->count;
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    rf_code code = RF_OK;
    for (uint64_t number = 1; code == RF_OK && (length = getline(&line, &room, file)) > 0;
         number++) {
        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) {
            line[--length] = '\0';
        }
        if (length > 0) {
            code = add_key(source, line, (size_t)length, number, objects, reterr);
        }
    }
    free(line);
    if (code == RF_OK && ferror(file)) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot read the keys");
    }
    if (code == RF_OK && objects->count == before) {
        return rf_fail(reterr, RF_ERR_USAGE, path, "holds no key; write one a line");
    }
    return code;
}

static rf_code
check(const struct rf_source *source, struct rf_err *reterr)
{
    double patience;
    char *url = NULL;
    if (source->request->keys == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "HTTP cannot list objects: give their keys, one a line, with --keys FILE");
    }
    if (rf_libcurl() == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "http sources need libcurl, and it is not on this machine; install it "
                       "(Debian: libcurl4), or copy the objects into a folder");
    }
    RF_TRY(rf_download_patience(&patience, reterr));
    RF_TRY(rf_url_join(source->path, "", &url, reterr));
    free(url);
    return RF_OK;
}

static rf_code
list(struct rf_source *source, struct rf_object_list *objects, struct rf_err *reterr)
{
    RF_TRY(check(source, reterr));
    struct http_state *state = rf_calloc(1, sizeof(*state));
    RF_VERIFY(pthread_mutex_init(&state->lock, NULL) == 0);
    source->state = state;
    const char *path = source->request->keys;
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (file == NULL) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot read the keys");
    }
    rf_code code = read_keys(source, file, objects, reterr);
    if (file != stdin) {
        (void)fclose(file);
    }
    return code;
}

static rf_code
twice(const struct rf_source *source, struct rf_object *second, struct rf_err *reterr)
{
    return rf_fail(reterr, RF_ERR_USAGE, source->request->keys, "a key is listed twice: %s",
                   second->key);
}

static char *
name(const struct rf_source *source, const char *key)
{
    return rf_path_join(source->name, key);
}

/* ---- reading ----------------------------------------------------------------------------------
 */

static struct rf_download *
take_idle(struct http_state *state)
{
    struct rf_download *download = NULL;
    RF_VERIFY(pthread_mutex_lock(&state->lock) == 0);
    if (state->idle_count > 0) {
        download = state->idle[--state->idle_count];
    }
    (void)pthread_mutex_unlock(&state->lock);
    return download;
}

static rf_code
stream_open(struct rf_source *source, const struct rf_object *object, void **ret_stream,
            struct rf_err *reterr)
{
    char *url = NULL;
    RF_TRY(rf_url_join(source->path, object->key, &url, reterr));
    struct stream *stream = rf_calloc(1, sizeof(*stream));
    stream->state = source->state;
    stream->download = take_idle(stream->state);
    if (stream->download == NULL) {
        stream->download = rf_download_new(source->stop);
    }
    rf_download_begin(stream->download, url, object->name);
    *ret_stream = stream;
    return RF_OK;
}

static rf_code
stream_read(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct stream *stream = context;
    return rf_download_read(stream->download, bytes, room, ret_got, reterr);
}

static void
stream_close(void *context)
{
    struct stream *stream = context;
    struct http_state *state = stream->state;
    RF_VERIFY(pthread_mutex_lock(&state->lock) == 0);
    RF_GROW(state->idle, state->idle_room, state->idle_count + 1);
    state->idle[state->idle_count++] = stream->download;
    (void)pthread_mutex_unlock(&state->lock);
    free(stream);
}

static void
done(struct rf_source *source)
{
    struct http_state *state = source->state;
    if (state == NULL) {
        return;
    }
    for (size_t i = 0; i < state->idle_count; i++) {
        rf_download_free(state->idle[i]);
    }
    free(state->idle);
    (void)pthread_mutex_destroy(&state->lock);
    free(state);
}

const struct rf_source_kind rf_source_http = {
    .list = list,
    .twice = twice,
    .name = name,
    .remote = true,
    .open = stream_open,
    .read = stream_read,
    .close = stream_close,
    .done = done,
};

/* SPDX-License-Identifier: MIT */
/* --keys: a list, an S3 Inventory, or a bucket's listing. */
#include "walk/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/md5.h"
#include "base/path.h"
#include "net/net.h"
#include "net/s3.h"
#include "net/s3_bucket.h"
#include "net/url.h"
#include "walk/fetched.h"
#include "walk/inventory.h"
#include "walk/s3_objects.h"

/* A manifest names a list for each million keys or so, at 200 bytes. */
#define MANIFEST_BYTES ((size_t)16 << 20)

static bool
is_manifest(const char *keys)
{
    static const char suffix[] = ".json";
    size_t bytes = strlen(keys);
    return bytes > strlen(suffix) && strcmp(keys + bytes - strlen(suffix), suffix) == 0;
}

/** Whether keys become part of an address, where some of them would mean something else. */
static bool
becomes_address(const struct rf_source *source)
{
    return rf_url_is_http(source->path);
}

/** Of an object whose key was told by someone else than the server that it is read from. Where size
 * and ETag are not told either, nothing but the key says that what comes is the object: then it
 * counts as named by the user, as a key of a plain list does, and is never foreign. */
static void
note_hearsay(const struct rf_source *source, struct rf_object *object)
{
    bool is_told = object->etag != NULL && object->bytes != RF_BYTES_UNKNOWN;
    object->hearsay = true;
    object->named = becomes_address(source) && !is_told && rf_fetched_own(object->key) == NULL;
}

/* ---- one key --------------------------------------------------------------------------------- */

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

/* ---- a list, one key a line ------------------------------------------------------------------ */

static rf_code
add_line(struct rf_source *source, const char *key, size_t bytes, uint64_t line,
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
read_lines(struct rf_source *source, FILE *file, struct rf_object_list *objects,
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
            code = add_line(source, line, (size_t)length, number, objects, reterr);
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
list_lines(struct rf_source *source, struct rf_object_list *objects, struct rf_err *reterr)
{
    const char *path = source->request->keys;
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (file == NULL) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot read the keys");
    }
    rf_code code = read_lines(source, file, objects, reterr);
    if (file != stdin) {
        (void)fclose(file);
    }
    return code;
}

/* ---- an inventory ---------------------------------------------------------------------------- */

/** An inventory that is read: its manifest lies on this machine, or in a bucket. */
struct inventory {
    struct rf_source *source;
    const char *prefix;
    struct rf_object_list *objects;
    struct rf_inventory manifest;
    struct rf_s3_address address; /* of the manifest, if it lies in … */
    struct rf_s3_bucket *bucket;  /* … this bucket; NULL: on this machine */
    uint64_t passed_over;         /* keys that are not below the prefix */
};

static rf_code
take_entry(void *context, const struct rf_inventory_entry *entry, struct rf_err *reterr)
{
    struct inventory *inventory = context;
    struct rf_source *source = inventory->source;
    size_t prefix_bytes = strlen(inventory->prefix);
    if (strncmp(entry->key, inventory->prefix, prefix_bytes) != 0) {
        inventory->passed_over++;
        return RF_OK;
    }
    const char *key = entry->key + prefix_bytes;
    const char *fault =
        becomes_address(source) && key[0] != '\0' ? find_fault(key, strlen(key)) : NULL;
    if (fault != NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, source->request->keys,
                       "the key '%s' %s: it is read from s3:// only", key, fault);
    }
    struct rf_object *object =
        rf_object_list_add(inventory->objects, rf_strdup(key), source->number);
    object->bytes = entry->bytes;
    object->etag = entry->etag == NULL ? NULL : rf_strdup(entry->etag);
    object->storage = entry->storage;
    note_hearsay(source, object);
    return RF_OK;
}

static rf_code
read_far(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    return rf_transfer_read(context, bytes, room, ret_got, reterr);
}

static rf_code
list_far(struct inventory *inventory, const struct rf_inventory_file *file, struct rf_err *reterr)
{
    char *name = rf_format("s3://%s/%s", inventory->address.bucket, file->key);
    const struct rf_transfer_wanted wanted = {.bytes = file->bytes, .name = name};
    struct rf_transfer *transfer = rf_s3_bucket_get(inventory->bucket, file->key, &wanted);
    rf_code code =
        rf_inventory_list(&inventory->manifest, file, name, inventory->source->request->gunzip,
                          read_far, transfer, take_entry, inventory, reterr);
    rf_transfer_close(transfer);
    free(name);
    return code;
}

struct near_file {
    int fd;
    const char *path;
};

static rf_code
read_near(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    const struct near_file *file = context;
    return rf_fd_read(file->fd, bytes, room, ret_got)
               ? RF_OK
               : rf_fail_errno(reterr, RF_ERR_SOURCE, file->path, "cannot be read");
}

/** A list beside its manifest, or where an inventory has it: in ../data. Only the last step of its
 * key becomes a path, for a key may hold anything. Returns -1 where it is in neither. */
static int
open_near(const char *manifest, const char *key, char **ret_path)
{
    static const char *const places[] = {"", "../data/", "data/"};
    const char *slash = strrchr(manifest, '/');
    const char *name = strrchr(key, '/');
    name = name == NULL ? key : name + 1;
    size_t folder_bytes = slash == NULL ? 0 : (size_t)(slash - manifest) + 1;
    int fd = -1;
    for (size_t i = 0; fd < 0 && name[0] != '\0' && i < sizeof(places) / sizeof(places[0]); i++) {
        free(*ret_path);
        *ret_path = rf_format("%.*s%s%s", (int)folder_bytes, manifest, places[i], name);
        fd = open(*ret_path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    }
    return fd;
}

static rf_code
list_near(struct inventory *inventory, const struct rf_inventory_file *file, struct rf_err *reterr)
{
    const char *manifest = inventory->source->request->keys;
    char *path = NULL;
    struct near_file near = {.fd = open_near(manifest, file->key, &path)};
    rf_code code;
    near.path = path;
    if (near.fd < 0) {
        code = rf_fail(reterr, RF_ERR_USAGE, manifest,
                       "names the list '%s', which lies neither beside it nor in ../data: copy it "
                       "there, or name the manifest where it was written (s3://…)",
                       file->key);
    } else {
        code =
            rf_inventory_list(&inventory->manifest, file, path, inventory->source->request->gunzip,
                              read_near, &near, take_entry, inventory, reterr);
        (void)close(near.fd);
    }
    free(path);
    return code;
}

static rf_code
read_manifest(struct inventory *inventory, struct rf_buf *text, struct rf_err *reterr)
{
    const struct rf_walk_request *request = inventory->source->request;
    if (!rf_s3_is(request->keys)) {
        struct rf_err why;
        if (rf_file_read(request->keys, text, &why) != RF_OK) {
            return rf_fail(reterr, RF_ERR_USAGE, request->keys, "cannot read the keys: %s",
                           why.text);
        }
        return RF_OK;
    }
    RF_TRY(rf_s3_object_read(request->keys, &inventory->address, reterr));
    RF_TRY(rf_s3_bucket_open(request->net == NULL ? NULL : &request->net->aws,
                             inventory->address.bucket, inventory->source->net, &inventory->bucket,
                             reterr));
    return rf_s3_bucket_read(inventory->bucket, inventory->address.prefix, MANIFEST_BYTES, text,
                             reterr);
}

static rf_code
list_inventory(struct inventory *inventory, const char *bucket, struct rf_err *reterr)
{
    const char *keys = inventory->source->request->keys;
    size_t before = inventory->objects->count;
    struct rf_buf text = {0};
    rf_code code = read_manifest(inventory, &text, reterr);
    if (code == RF_OK) {
        code = rf_inventory_read(keys, text.bytes, text.used, &inventory->manifest, reterr);
    }
    rf_buf_done(&text);
    RF_TRY(code);
    if (bucket != NULL && strcmp(bucket, inventory->manifest.bucket) != 0) {
        return rf_fail(reterr, RF_ERR_USAGE, keys, "is the inventory of the bucket %s, not of %s",
                       inventory->manifest.bucket, bucket);
    }
    for (size_t i = 0; i < inventory->manifest.file_count; i++) {
        const struct rf_inventory_file *file = &inventory->manifest.files[i];
        RF_TRY(inventory->bucket == NULL ? list_near(inventory, file, reterr)
                                         : list_far(inventory, file, reterr));
    }
    if (inventory->objects->count == before) {
        return rf_fail(reterr, RF_ERR_USAGE, keys,
                       "lists no object below '%s' (%" PRIu64 " others)", inventory->prefix,
                       inventory->passed_over);
    }
    return RF_OK;
}

/* ---- a bucket's listing ---------------------------------------------------------------------- */

static rf_code
list_bucket(struct rf_source *source, struct rf_object_list *objects, struct rf_err *reterr)
{
    const struct rf_walk_request *request = source->request;
    struct rf_s3_address address = {0};
    struct rf_s3_bucket *bucket = NULL;
    size_t before = objects->count;
    rf_code code = rf_s3_address_read(request->keys, &address, reterr);
    if (code == RF_OK) {
        code = rf_s3_bucket_open(request->net == NULL ? NULL : &request->net->aws, address.bucket,
                                 source->net, &bucket, reterr);
    }
    if (code == RF_OK) {
        const struct rf_s3_listing_request listing = {
            .bucket = bucket, .prefix = address.prefix, .source = source};
        code = rf_s3_list_objects(&listing, objects, reterr);
    }
    for (size_t i = before; code == RF_OK && i < objects->count; i++) {
        const char *key = objects->items[i].key;
        const char *fault = key[0] == '\0' ? NULL : find_fault(key, strlen(key));
        if (fault != NULL) {
            code = rf_fail(reterr, RF_ERR_USAGE, request->keys,
                           "the key '%s' %s: it is read from s3:// only", key, fault);
        }
        note_hearsay(source, &objects->items[i]);
    }
    rf_s3_bucket_free(bucket);
    rf_s3_address_done(&address);
    return code;
}

/* ---- all of them ----------------------------------------------------------------------------- */

rf_code
rf_keys_list(struct rf_source *source, const char *bucket, const char *prefix,
             struct rf_object_list *objects, struct rf_err *reterr)
{
    const char *keys = source->request->keys;
    if (is_manifest(keys)) {
        struct inventory inventory = {.source = source, .prefix = prefix, .objects = objects};
        rf_code code = list_inventory(&inventory, bucket, reterr);
        rf_inventory_done(&inventory.manifest);
        rf_s3_bucket_free(inventory.bucket);
        rf_s3_address_done(&inventory.address);
        return code;
    }
    if (rf_s3_is(keys)) {
        return bucket == NULL
                   ? list_bucket(source, objects, reterr)
                   : rf_fail(reterr, RF_ERR_USAGE, "--keys",
                             "an s3:// source lists itself: leave --keys out, or name an "
                             "inventory's manifest.json");
    }
    return list_lines(source, objects, reterr);
}

rf_code
rf_keys_twice(const struct rf_source *source, struct rf_object *second, struct rf_err *reterr)
{
    return rf_fail(reterr, RF_ERR_USAGE, source->request->keys, "a key is listed twice: %s",
                   second->key);
}

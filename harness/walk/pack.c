/* SPDX-License-Identifier: MIT */
/* A packed history, opened: which objects it was made of, and its parts for the stations behind. */
#include "walk/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/libzstd.h"
#include "base/wire.h"
#include "walk/export.h"
#include "walk/source.h"

/** The numbers and lengths of an object in its section. */
#define OBJECT_BYTES ((size_t)17 * 8)
/** A file that was changed so few seconds before it was packed may change again within the same
 * tick of its clock. */
#define SETTLED_SECONDS 2

rf_code
rf_pack_fail(const struct rf_pack *pack, struct rf_err *reterr, const char *what, ...)
{
    char text[256];
    va_list args;
    va_start(args, what);
    (void)vsnprintf(text, sizeof(text), what, args);
    va_end(args);
    return rf_fail(reterr, RF_ERR_CORRUPT, pack->path,
                   "this pack is damaged: %s; pack the objects again, or name them instead", text);
}

static bool
read_magic(int fd, uint64_t offset)
{
    char bytes[RF_PACK_MAGIC_BYTES];
    size_t got;
    return rf_fd_read_at(fd, bytes, sizeof(bytes), offset, &got) && got == sizeof(bytes) &&
           memcmp(bytes, RF_PACK_MAGIC, sizeof(bytes)) == 0;
}

bool
rf_pack_is(const char *path)
{
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is = false;
    if (fd >= 0 && fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) &&
        facts.st_size >= RF_PACK_MAGIC_BYTES) {
        is = read_magic(fd, 0) || read_magic(fd, (uint64_t)facts.st_size - RF_PACK_MAGIC_BYTES);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return is;
}

/* ---- head, foot, sections -------------------------------------------------------------------- */

/** @ret_got  fewer bytes than `count` where the file ends */
static rf_code
read_at(const struct rf_pack *pack, uint64_t offset, void *bytes, size_t count,
        struct rf_err *reterr)
{
    size_t got;
    if (!rf_fd_read_at(pack->fd, bytes, count, offset, &got)) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, pack->path, "cannot be read");
    }
    if (got != count) {
        return rf_fail(reterr, RF_ERR_SOURCE, pack->path, "was cut while it was read");
    }
    return RF_OK;
}

static rf_code
read_head(struct rf_pack *pack, struct rf_err *reterr)
{
    struct rf_pack_head head;
    RF_TRY(read_at(pack, 0, &head, sizeof(head), reterr));
    if (memcmp(head.magic, RF_PACK_MAGIC, sizeof(head.magic)) != 0 ||
        head.checksum != rf_hash(&head, offsetof(struct rf_pack_head, checksum), 0)) {
        return rf_pack_fail(pack, reterr, "its first bytes are not those of a pack");
    }
    if (head.format != RF_PACK_FORMAT || head.order != RF_PACK_ORDER) {
        return rf_fail(reterr, RF_ERR_USAGE, pack->path,
                       "this pack was made by another version of refold, or another kind of "
                       "machine: pack the objects again");
    }
    pack->layout = head.layout;
    return RF_OK;
}

static bool
tiles(const struct rf_pack_foot *foot, uint64_t size)
{
    uint64_t at = foot->sections[0].offset;
    if (at < sizeof(struct rf_pack_head) || at > size) {
        return false;
    }
    for (size_t i = 0; i < RF_PACK_SECTION_COUNT_; i++) {
        const struct rf_pack_place *place = &foot->sections[i];
        if (place->offset != at || place->stored_bytes > size - at) {
            return false;
        }
        at += place->stored_bytes;
    }
    return size - at == sizeof(*foot);
}

static rf_code
read_foot(struct rf_pack *pack, uint64_t size, struct rf_err *reterr)
{
    struct rf_pack_foot *foot = &pack->foot;
    RF_TRY(read_at(pack, size - sizeof(*foot), foot, sizeof(*foot), reterr));
    if (memcmp(foot->magic, RF_PACK_MAGIC, sizeof(foot->magic)) != 0) {
        return rf_pack_fail(pack, reterr, "it does not end as a pack does, so it was cut or grew");
    }
    if (foot->checksum != rf_hash(foot, offsetof(struct rf_pack_foot, checksum), size) ||
        foot->file_bytes != size || !tiles(foot, size)) {
        return rf_pack_fail(pack, reterr, "its last bytes contradict each other");
    }
    return RF_OK;
}

rf_code
rf_pack_section(const struct rf_pack *pack, enum rf_pack_section section, struct rf_buf *ret,
                struct rf_err *reterr)
{
    const struct rf_pack_place *place = &pack->foot.sections[section];
    if (place->stored_bytes < rf_pack_stored_least(place->bytes)) {
        return rf_pack_fail(pack, reterr, "section %d holds too much", (int)section);
    }
    void *stored = rf_alloc((size_t)place->stored_bytes);
    rf_code code = read_at(pack, place->offset, stored, (size_t)place->stored_bytes, reterr);
    if (code == RF_OK &&
        rf_hash(stored, (size_t)place->stored_bytes, place->offset) != place->checksum) {
        code = rf_pack_fail(pack, reterr, "section %d has another checksum", (int)section);
    }
    if (code == RF_OK) {
        rf_buf_reserve(ret, (size_t)place->bytes + 1);
        errno = 0; /* zstd says of memory that ran out what it says of damage; malloc tells */
        size_t got = rf_libzstd()->ZSTD_decompress(ret->bytes + ret->used, (size_t)place->bytes,
                                                   stored, (size_t)place->stored_bytes);
        if (rf_libzstd()->ZSTD_isError(got) && errno == ENOMEM) {
            rf_out_of_memory();
        }
        if (rf_libzstd()->ZSTD_isError(got) || got != place->bytes) {
            code = rf_pack_fail(pack, reterr, "section %d does not inflate", (int)section);
        } else {
            ret->used += got;
        }
    }
    free(stored);
    return code;
}

rf_code
rf_pack_read(const struct rf_pack *pack, uint64_t offset, void *bytes, size_t count,
             uint64_t checksum, struct rf_err *reterr)
{
    RF_TRY(read_at(pack, offset, bytes, count, reterr));
    if (rf_hash(bytes, count, offset) != checksum) {
        return rf_pack_fail(pack, reterr, "the block at byte %llu has another checksum",
                            (unsigned long long)offset);
    }
    return RF_OK;
}

/* ---- objects --------------------------------------------------------------------------------- */

/** What tells an object's time, if it does. */
static bool
has_time(const struct rf_object *object, int64_t began)
{
    return object->stamp.inode != 0 && object->stamp.mtime_seconds < began - SETTLED_SECONDS;
}

static void
put_string(struct rf_buf *out, const char *text)
{
    rf_wire_put_text(out, text, text == NULL ? 0 : strlen(text));
}

static void
put_object(const struct rf_object *object, const char *origin, const char *digest, int64_t began,
           struct rf_buf *out)
{
    bool timed = has_time(object, began);
    put_string(out, object->key);
    put_string(out, object->name);
    put_string(out, origin);
    rf_wire_put_number(out, object->bytes);
    rf_wire_put_number(out, timed);
    rf_wire_put_number(out, timed ? (uint64_t)object->stamp.mtime_seconds : 0);
    rf_wire_put_number(out, timed ? (uint64_t)object->stamp.mtime_nanos : 0);
    put_string(out, object->etag);
    put_string(out, digest);
    rf_wire_put_number(out, object->is_source);
    rf_wire_put_number(out, object->named);
    rf_wire_put_number(out, object->special);
    rf_wire_put_number(out, object->unchecked);
    rf_wire_put_number(out, object->of_table);
    rf_wire_put_number(out, object->promise != NULL);
    rf_wire_put_number(out, object->promise == NULL ? 0 : object->promise->items);
    put_string(out, object->flaw);
    rf_wire_put_number(out, (uint64_t)object->flaw_code);
}

void
rf_pack_put_objects(const struct rf_objects *objects, char *const *digests, int64_t began,
                    struct rf_buf *out)
{
    rf_wire_put_number(out, objects->count);
    for (size_t i = 0; i < objects->count; i++) {
        const struct rf_object *object = &objects->items[i];
        const char *source = objects->sources[object->source].name;
        put_object(object, object->origin != NULL ? object->origin : source, digests[i], began,
                   out);
    }
}

static void
take_object(struct rf_wire *wire, struct rf_pack_object *object)
{
    object->key = rf_wire_text(wire, NULL);
    object->name = rf_wire_text(wire, NULL);
    object->origin = rf_wire_text(wire, NULL);
    object->bytes = rf_wire_number(wire);
    object->has_time = rf_wire_flag(wire);
    object->mtime_seconds = (int64_t)rf_wire_number(wire);
    object->mtime_nanos = (int64_t)rf_wire_number(wire);
    object->etag = rf_wire_text(wire, NULL);
    object->sha256 = rf_wire_text(wire, NULL);
    object->is_source = rf_wire_flag(wire);
    object->named = rf_wire_flag(wire);
    object->special = rf_wire_flag(wire);
    object->unchecked = rf_wire_flag(wire);
    object->of_table = rf_wire_flag(wire);
    object->promised = rf_wire_flag(wire);
    object->items = rf_wire_number(wire);
    object->flaw = rf_wire_text(wire, NULL);
    object->flaw_code = (rf_code)rf_wire_number_below(wire, RF_ERR_INTERRUPTED);
    if (object->key == NULL || object->name == NULL || object->origin == NULL ||
        (object->flaw != NULL && object->flaw_code == RF_OK) ||
        (object->sha256 != NULL && strlen(object->sha256) != RF_SHA256_HEX_BYTES - 1)) {
        wire->broken = true;
    }
}

static rf_code
read_objects(struct rf_pack *pack, struct rf_err *reterr)
{
    struct rf_buf bytes = {0};
    rf_code code = rf_pack_section(pack, RF_PACK_OBJECTS, &bytes, reterr);
    struct rf_wire wire = rf_wire_begin(bytes.bytes, bytes.used);
    size_t count = rf_wire_count(&wire, OBJECT_BYTES);
    pack->objects = rf_calloc(count, sizeof(*pack->objects));
    for (size_t i = 0; i < count && !wire.broken; i++) {
        take_object(&wire, &pack->objects[pack->object_count++]);
    }
    rf_buf_done(&bytes);
    if (code == RF_OK && (!rf_wire_ended(&wire) || count > UINT32_MAX)) {
        code = rf_pack_fail(pack, reterr, "its list of objects is none");
    }
    return code;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static rf_code
read_pack(struct rf_pack *pack, struct rf_err *reterr)
{
    struct stat facts;
    RF_TRY(rf_libzstd_load(pack->path, reterr));
    pack->fd = open(pack->path, O_RDONLY | O_CLOEXEC);
    if (pack->fd < 0 || fstat(pack->fd, &facts) != 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, pack->path, "cannot be read");
    }
    uint64_t size = (uint64_t)facts.st_size;
    if (size < sizeof(struct rf_pack_head) + sizeof(struct rf_pack_foot)) {
        return rf_pack_fail(pack, reterr, "it was cut");
    }
    RF_TRY(read_head(pack, reterr));
    RF_TRY(read_foot(pack, size, reterr));
    return read_objects(pack, reterr);
}

rf_code
rf_pack_open(const char *path, struct rf_pack **ret, struct rf_err *reterr)
{
    struct rf_pack *pack = rf_calloc(1, sizeof(*pack));
    pack->path = rf_strdup(path);
    pack->fd = -1;
    rf_code code = read_pack(pack, reterr);
    if (code != RF_OK) {
        rf_pack_close(pack);
        return code;
    }
    *ret = pack;
    return RF_OK;
}

void
rf_pack_close(struct rf_pack *pack)
{
    if (pack == NULL) {
        return;
    }
    for (size_t i = 0; i < pack->object_count; i++) {
        free(pack->objects[i].key);
        free(pack->objects[i].name);
        free(pack->objects[i].origin);
        free(pack->objects[i].etag);
        free(pack->objects[i].sha256);
        free(pack->objects[i].flaw);
    }
    if (pack->fd >= 0) {
        (void)close(pack->fd);
    }
    free(pack->objects);
    free(pack->path);
    free(pack);
}

/* SPDX-License-Identifier: MIT */
/* Partials are named by a digest of their key: a key may be too long, or be another one's name. */
#include "mirror/partial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/json.h"
#include "walk/fetched.h"

#define NAME_BYTES (RF_FETCH_DIGITS + 9)
#define READ_BYTES ((size_t)256 << 10)
/** A note is a line; what is longer is none. */
#define NOTE_BYTES ((size_t)64 << 10)

struct rf_partial {
    const struct rf_place *place;
    const char *key; /* borrowed */
    char name[NAME_BYTES];
    int fd;
    bool noted;
    bool placed; /* it is the object's file now */
    struct rf_sha256 *sha;
    uint64_t bytes;
};

static void
make_name(const char *key, const char *end, char name[NAME_BYTES])
{
    char hex[RF_SHA256_HEX_BYTES];
    rf_sha256_make(key, strlen(key), hex);
    (void)snprintf(name, NAME_BYTES, "%.*s%s", RF_FETCH_DIGITS, hex, end);
}

/* ---- notes ----------------------------------------------------------------------------------- */

static void
write_note(struct rf_buf *out, const char *boot, const char *key, const char *etag, uint64_t total)
{
    rf_buf_string(out, "{\"boot\":");
    rf_canon_string(out, boot, strlen(boot));
    rf_buf_format(out, ",\"bytes\":%" PRIu64 ",\"etag\":", total);
    rf_canon_string(out, etag, strlen(etag));
    rf_buf_string(out, ",\"key\":");
    rf_canon_string(out, key, strlen(key));
    rf_buf_string(out, "}\n");
}

/** The ETag and the length that a note tells; it is this key's, and of this start of the machine.
 */
static bool
read_note(const struct rf_ledger *ledger, const char *key, const struct rf_buf *note,
          struct rf_leftover *ret)
{
    struct rf_json doc = {0};
    struct rf_buf text = {0};
    struct rf_buf again = {0};
    bool good = rf_json_read_whole(&doc, note->bytes, note->used, NULL) == RF_OK;
    uint32_t etag = good ? rf_json_member(&doc, 0, "etag", 4, NULL) : RF_JSON_NONE;
    uint32_t bytes = good ? rf_json_member(&doc, 0, "bytes", 5, NULL) : RF_JSON_NONE;
    good = etag != RF_JSON_NONE && doc.nodes[etag].kind == RF_JSON_STRING &&
           bytes != RF_JSON_NONE && rf_json_uint64(&doc, bytes, &ret->total);
    if (good) {
        const char *told;
        size_t count;
        rf_json_string(&doc, etag, &text, &told, &count);
        ret->etag = rf_strndup(told, count);
        write_note(&again, rf_ledger_boot(ledger), key, ret->etag, ret->total);
        good = again.used == note->used && memcmp(again.bytes, note->bytes, note->used) == 0;
    }
    rf_buf_done(&text);
    rf_buf_done(&again);
    rf_json_done(&doc);
    return good;
}

void
rf_leftover_done(struct rf_leftover *leftover)
{
    free(leftover->etag);
    *leftover = (struct rf_leftover){0};
}

void
rf_leftover_find(const struct rf_ledger *ledger, const char *key, struct rf_leftover *ret)
{
    char name[NAME_BYTES];
    struct stat facts;
    struct rf_buf note = {0};
    const struct rf_place *place = rf_ledger_place(ledger);
    *ret = (struct rf_leftover){0};
    make_name(key, RF_FETCH_NOTE_END, name);
    int fd = rf_place_open_partial(place, name, O_RDONLY);
    if (fd < 0) {
        return;
    }
    size_t got = 0;
    rf_buf_reserve(&note, NOTE_BYTES);
    bool good = rf_fd_read(fd, note.bytes, NOTE_BYTES, &got);
    note.used = good ? got : 0;
    (void)close(fd);
    good = good && rf_ledger_boot(ledger)[0] != '\0' && read_note(ledger, key, &note, ret);
    rf_buf_done(&note);
    make_name(key, RF_FETCH_PARTIAL_END, name);
    fd = good ? rf_place_open_partial(place, name, O_RDONLY) : -1;
    good = fd >= 0 && fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_nlink == 1 &&
           facts.st_size > 0 && (uint64_t)facts.st_size < ret->total;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (good) {
        ret->bytes = (uint64_t)facts.st_size;
    } else {
        rf_leftover_done(ret);
    }
}

/* ---- one that is written --------------------------------------------------------------------- */

static rf_code
fail(const struct rf_partial *partial, struct rf_err *reterr)
{
    return rf_fail_errno(reterr, RF_ERR_OUTPUT, partial->key, "cannot be written");
}

/** What is there already counts into the digest. */
static rf_code
read_leftover(struct rf_partial *partial, const struct rf_leftover *leftover, struct rf_err *reterr)
{
    char *bytes = rf_alloc(READ_BYTES);
    bool good = true;
    while (good && partial->bytes < leftover->bytes) {
        uint64_t left = leftover->bytes - partial->bytes;
        size_t got = 0;
        good = rf_fd_read_at(partial->fd, bytes, left < READ_BYTES ? (size_t)left : READ_BYTES,
                             partial->bytes, &got) &&
               got > 0;
        rf_sha256_add(partial->sha, bytes, got);
        partial->bytes += got;
    }
    free(bytes);
    return good && lseek(partial->fd, (off_t)partial->bytes, SEEK_SET) >= 0 ? RF_OK
                                                                            : fail(partial, reterr);
}

static rf_code
note_version(struct rf_partial *partial, const struct rf_ledger *ledger, const char *etag,
             uint64_t total, struct rf_err *reterr)
{
    char name[NAME_BYTES];
    struct rf_buf note = {0};
    make_name(partial->key, RF_FETCH_NOTE_END, name);
    write_note(&note, rf_ledger_boot(ledger), partial->key, etag, total);
    int fd = rf_place_open_partial(partial->place, name, O_WRONLY | O_CREAT | O_TRUNC);
    bool good = fd >= 0 && rf_fd_write(fd, note.bytes, note.used);
    partial->noted = good;
    int error = errno;
    rf_buf_done(&note);
    if (fd >= 0) {
        (void)close(fd);
    }
    errno = error;
    return good ? RF_OK : fail(partial, reterr);
}

rf_code
rf_partial_begin(const struct rf_ledger *ledger, const char *key,
                 const struct rf_leftover *leftover, const char *note, uint64_t total,
                 struct rf_partial **ret, struct rf_err *reterr)
{
    struct rf_partial *partial = rf_calloc(1, sizeof(*partial));
    *ret = partial;
    partial->place = rf_ledger_place(ledger);
    partial->key = key;
    partial->sha = rf_sha256_new();
    make_name(key, RF_FETCH_PARTIAL_END, partial->name);
    partial->noted = leftover != NULL;
    if (leftover == NULL) { /* a note of before would tell of these bytes what they are not */
        char note_name[NAME_BYTES];
        make_name(key, RF_FETCH_NOTE_END, note_name);
        rf_place_drop_partial(partial->place, note_name);
    }
    int flags = O_RDWR | (leftover == NULL ? O_CREAT | O_EXCL : 0);
    partial->fd = rf_place_open_partial(partial->place, partial->name, flags);
    if (partial->fd < 0 && errno == EEXIST) { /* what lies there may have another name elsewhere */
        rf_place_drop_partial(partial->place, partial->name);
        partial->fd = rf_place_open_partial(partial->place, partial->name, flags);
    }
    rf_code code = partial->fd < 0 ? fail(partial, reterr) : RF_OK;
    if (code == RF_OK && leftover != NULL) {
        code = read_leftover(partial, leftover, reterr);
    } else if (code == RF_OK && note != NULL && total != RF_BYTES_UNKNOWN) {
        code = note_version(partial, ledger, note, total, reterr);
    }
    if (code != RF_OK) {
        rf_partial_close(partial, false);
        *ret = NULL;
    }
    return code;
}

rf_code
rf_partial_write(struct rf_partial *partial, const void *bytes, size_t count, struct rf_err *reterr)
{
    rf_sha256_add(partial->sha, bytes, count);
    partial->bytes += count;
    return rf_fd_write(partial->fd, bytes, count) ? RF_OK : fail(partial, reterr);
}

rf_code
rf_partial_end(struct rf_partial *partial, struct rf_fetched_entry *ret, struct rf_err *reterr)
{
    struct stat facts;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    rf_sha256_finish(partial->sha, ret->sha256);
    partial->sha = NULL;
    if (fstat(partial->fd, &facts) != 0) {
        return fail(partial, reterr);
    }
    if ((uint64_t)facts.st_size != partial->bytes) {
        return rf_fail(reterr, RF_ERR_OUTPUT, partial->key,
                       "its partial was changed while it was written");
    }
    int fd = partial->fd;
    partial->fd = -1;
    if (close(fd) != 0) {
        return fail(partial, reterr);
    }
    ret->here = true;
    ret->bytes = partial->bytes;
    ret->fetched = (struct rf_time){now.tv_sec, 0};
    ret->mtime = (struct rf_time){facts.st_mtim.tv_sec, (int32_t)facts.st_mtim.tv_nsec};
    return RF_OK;
}

rf_code
rf_partial_put(struct rf_partial *partial, struct rf_place *place, struct rf_place_cursor *cursor,
               struct rf_err *reterr)
{
    RF_TRY(rf_place_put(place, cursor, partial->key, partial->name, reterr));
    partial->placed = true;
    return RF_OK;
}

void
rf_partial_close(struct rf_partial *partial, bool keeps)
{
    if (partial == NULL) {
        return;
    }
    if (partial->fd >= 0) {
        (void)close(partial->fd);
    }
    bool drops = !keeps || !partial->noted;
    if (drops && !partial->placed) {
        rf_place_drop_partial(partial->place, partial->name);
    }
    if (drops && partial->noted) {
        make_name(partial->key, RF_FETCH_NOTE_END, partial->name);
        rf_place_drop_partial(partial->place, partial->name);
    }
    if (partial->sha != NULL) {
        char unused[RF_SHA256_HEX_BYTES];
        rf_sha256_finish(partial->sha, unused);
    }
    free(partial);
}

/* ---- all of them ----------------------------------------------------------------------------- */

void
rf_partials_clear(const struct rf_place *place)
{
    int fd = rf_place_open_partial(place, ".", O_RDONLY | O_DIRECTORY);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (folder == NULL) {
        return;
    }
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (rf_fetched_is_partial(entry->d_name)) {
            rf_place_drop_partial(place, entry->d_name);
        }
    }
    (void)closedir(folder);
}

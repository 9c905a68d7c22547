/* SPDX-License-Identifier: MIT */
/* The manifest of a folder that was fetched. */
#include "walk/fetched.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/order.h"

#define FORMAT 1
/** Lines are written in pieces of that. */
#define PIECE_BYTES ((size_t)256 << 10)

/* ---- names ----------------------------------------------------------------------------------- */

bool
rf_fetched_is_ours(const char *step, size_t bytes)
{
    return (bytes == strlen(RF_MANIFEST_NAME) && memcmp(step, RF_MANIFEST_NAME, bytes) == 0) ||
           (bytes == strlen(RF_PARTIALS_NAME) && memcmp(step, RF_PARTIALS_NAME, bytes) == 0);
}

bool
rf_fetched_is_partial(const char *name)
{
    return strspn(name, RF_HEX_DIGITS) == RF_FETCH_DIGITS &&
           (strcmp(name + RF_FETCH_DIGITS, RF_FETCH_PARTIAL_END) == 0 ||
            strcmp(name + RF_FETCH_DIGITS, RF_FETCH_NOTE_END) == 0);
}

/** The key's last steps, from `name` on, are one more than these. */
static const char *
step_before(const char *key, const char *name)
{
    const char *at = name > key ? name - 1 : NULL;
    while (at != NULL && at > key && at[-1] != '/') {
        at--;
    }
    return at;
}

const char *
rf_fetched_own(const char *key)
{
    const char *slash = strrchr(key, '/');
    const char *name = slash == NULL ? key : slash + 1;
    if (strcmp(name, RF_MANIFEST_NAME) == 0) {
        return name;
    }
    const char *folder = step_before(key, name);
    bool is_own = folder != NULL && (size_t)(name - 1 - folder) == strlen(RF_PARTIALS_NAME) &&
                  memcmp(folder, RF_PARTIALS_NAME, strlen(RF_PARTIALS_NAME)) == 0 &&
                  (strcmp(name, RF_FETCH_JOURNAL_NAME) == 0 ||
                   strcmp(name, RF_FETCH_FRESH_NAME) == 0 || rf_fetched_is_partial(name));
    return is_own ? folder : NULL;
}

/* ---- entries --------------------------------------------------------------------------------- */

void
rf_fetched_entry_done(struct rf_fetched_entry *entry)
{
    free(entry->key);
    free(entry->etag);
    *entry = (struct rf_fetched_entry){0};
}

void
rf_fetched_done(struct rf_fetched *manifest)
{
    for (size_t i = 0; i < manifest->count; i++) {
        rf_fetched_entry_done(&manifest->entries[i]);
    }
    free(manifest->entries);
    free(manifest->source);
    *manifest = (struct rf_fetched){0};
}

void
rf_fetched_add(struct rf_fetched *manifest, struct rf_fetched_entry entry)
{
    RF_GROW(manifest->entries, manifest->room, manifest->count + 1);
    manifest->entries[manifest->count++] = entry;
}

static int
compare_entries(const void *left, const void *right)
{
    const struct rf_fetched_entry *a = *(const struct rf_fetched_entry *const *)left;
    const struct rf_fetched_entry *b = *(const struct rf_fetched_entry *const *)right;
    int order = strcmp(a->key, b->key);
    return order != 0 ? order : RF_ORDER(a, b);
}

void
rf_fetched_sort(struct rf_fetched *manifest)
{
    size_t count = manifest->count;
    struct rf_fetched_entry **order = rf_calloc(count + 1, sizeof(struct rf_fetched_entry *));
    struct rf_fetched_entry *sorted = rf_calloc(count + 1, sizeof(*sorted));
    for (size_t i = 0; i < count; i++) {
        order[i] = &manifest->entries[i];
    }
    qsort(order, count, sizeof(struct rf_fetched_entry *), compare_entries);
    manifest->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && strcmp(order[i]->key, order[i + 1]->key) == 0) {
            rf_fetched_entry_done(order[i]);
        } else {
            sorted[manifest->count++] = *order[i];
        }
    }
    free(order);
    free(manifest->entries);
    manifest->entries = sorted;
    manifest->room = count + 1;
}

static int
compare_key(const void *key, const void *entry)
{
    return strcmp(key, ((const struct rf_fetched_entry *)entry)->key);
}

struct rf_fetched_entry *
rf_fetched_find(const struct rf_fetched *manifest, const char *key)
{
    return manifest->count == 0 ? NULL
                                : bsearch(key, manifest->entries, manifest->count,
                                          sizeof(*manifest->entries), compare_key);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void
write_member(struct rf_buf *out, const char *name, const char *text)
{
    if (text != NULL) {
        rf_buf_format(out, ",\"%s\":", name);
        rf_canon_string(out, text, strlen(text));
    }
}

static void
write_time(struct rf_buf *out, const char *name, struct rf_time at)
{
    char text[RF_TIME_TEXT_BYTES];
    (void)rf_time_print(at, text);
    write_member(out, name, text);
}

void
rf_fetched_entry_write(const struct rf_fetched_entry *entry, struct rf_buf *out)
{
    RF_VERIFY(entry->here || entry->missing);
    if (!entry->here) {
        rf_buf_string(out, "{\"key\":");
        rf_canon_string(out, entry->key, strlen(entry->key));
        rf_buf_string(out, ",\"missing\":true}\n");
        return;
    }
    rf_buf_format(out, "{\"bytes\":%" PRIu64, entry->bytes);
    write_member(out, "etag", entry->etag);
    write_time(out, "fetched", entry->fetched);
    write_member(out, "key", entry->key);
    rf_buf_string(out, entry->missing ? ",\"missing\":true" : "");
    write_time(out, "mtime", entry->mtime);
    write_member(out, "sha256", entry->sha256);
    rf_buf_string(out, "}\n");
}

static void
write_head(struct rf_fetched *manifest, struct rf_buf *out)
{
    uint64_t bytes = 0;
    uint64_t here = 0;
    manifest->missing = 0;
    for (size_t i = 0; i < manifest->count; i++) {
        const struct rf_fetched_entry *entry = &manifest->entries[i];
        bytes += entry->here ? entry->bytes : 0;
        here += entry->here;
        manifest->missing += entry->missing;
    }
    rf_buf_format(out,
                  "{\"bytes\":%" PRIu64 ",\"entries\":%zu,\"format\":%d,\"missing\":%" PRIu64
                  ",\"objects\":%" PRIu64,
                  bytes, manifest->count, FORMAT, manifest->missing, here);
    write_member(out, "source", manifest->source);
    rf_buf_string(out, "}\n");
}

static void
write_seal(const char *seal, struct rf_buf *out)
{
    rf_buf_format(out, "{\"seal\":\"%s\"}\n", seal);
}

bool
rf_fetched_write(struct rf_fetched *manifest, int fd)
{
    struct rf_buf text = {0};
    struct rf_sha256 *sha = rf_sha256_new();
    bool good = true;
    write_head(manifest, &text);
    for (size_t i = 0; i < manifest->count; i++) {
        rf_fetched_entry_write(&manifest->entries[i], &text);
        if (text.used >= PIECE_BYTES) {
            rf_sha256_add(sha, text.bytes, text.used);
            good = good && rf_fd_write(fd, text.bytes, text.used);
            rf_buf_clear(&text);
        }
    }
    rf_sha256_add(sha, text.bytes, text.used);
    rf_sha256_finish(sha, manifest->seal);
    write_seal(manifest->seal, &text);
    good = good && rf_fd_write(fd, text.bytes, text.used);
    int error = errno;
    rf_buf_done(&text);
    errno = error;
    return good;
}

/* ---- reading --------------------------------------------------------------------------------- */

/** A string member as a text of its own; NULL where there is none, or it cannot be one. */
static char *
read_text(const struct rf_json *doc, const char *name, struct rf_buf *scratch)
{
    const char *bytes;
    size_t count;
    uint32_t node = rf_json_member(doc, 0, name, strlen(name), NULL);
    if (node == RF_JSON_NONE || doc->nodes[node].kind != RF_JSON_STRING) {
        return NULL;
    }
    rf_json_string(doc, node, scratch, &bytes, &count);
    return memchr(bytes, '\0', count) != NULL ? NULL : rf_strndup(bytes, count);
}

static bool
read_number(const struct rf_json *doc, const char *name, uint64_t *ret)
{
    uint32_t node = rf_json_member(doc, 0, name, strlen(name), NULL);
    return node != RF_JSON_NONE && rf_json_uint64(doc, node, ret);
}

static bool
read_time(const struct rf_json *doc, const char *name, struct rf_buf *scratch, struct rf_time *ret)
{
    char *text = read_text(doc, name, scratch);
    bool good = text != NULL && rf_time_parse(text, strlen(text), ret);
    free(text);
    return good;
}

static bool
read_sha256(const struct rf_json *doc, const char *name, struct rf_buf *scratch,
            char ret[RF_SHA256_HEX_BYTES])
{
    char *text = read_text(doc, name, scratch);
    bool good = text != NULL && rf_hex_is(text, RF_SHA256_HEX_BYTES - 1);
    if (good) {
        memcpy(ret, text, RF_SHA256_HEX_BYTES);
    }
    free(text);
    return good;
}

static bool
is_text(const struct rf_buf *text, const char *line, size_t bytes)
{
    return text->used == bytes + 1 && memcmp(text->bytes, line, bytes) == 0;
}

rf_code
rf_fetched_entry_read(const char *line, size_t bytes, struct rf_fetched_entry *ret,
                      struct rf_err *reterr)
{
    struct rf_json doc = {0};
    struct rf_buf scratch = {0};
    struct rf_fetched_entry entry = {0};
    rf_code code =
        rf_json_read_whole(&doc, line, bytes, reterr) == RF_OK ? RF_OK : RF_ERR_MALFORMED;
    if (code == RF_OK) {
        entry.key = read_text(&doc, "key", &scratch);
        entry.etag = read_text(&doc, "etag", &scratch);
        entry.missing = rf_json_member(&doc, 0, "missing", 7, NULL) != RF_JSON_NONE;
        entry.here = read_number(&doc, "bytes", &entry.bytes) &&
                     read_time(&doc, "fetched", &scratch, &entry.fetched) &&
                     read_time(&doc, "mtime", &scratch, &entry.mtime) &&
                     read_sha256(&doc, "sha256", &scratch, entry.sha256);
        bool good = entry.key != NULL && (entry.here || entry.missing);
        rf_buf_clear(&scratch);
        if (good) {
            rf_fetched_entry_write(&entry, &scratch);
        }
        if (!good || !is_text(&scratch, line, bytes)) {
            code = rf_fail(reterr, RF_ERR_MALFORMED, NULL, "is no entry as refold writes it");
        }
    }
    rf_buf_done(&scratch);
    rf_json_done(&doc);
    if (code == RF_OK) {
        *ret = entry;
    } else {
        rf_fetched_entry_done(&entry);
    }
    return code;
}

/* One manifest, line by line. */
struct reading {
    const char *name;
    FILE *file;
    char *line;
    size_t room;
    size_t bytes; /* of the line, without its LF */
    uint64_t number;
    struct rf_sha256 *sha; /* of the lines before */
    uint64_t entries;      /* as the head says */
    struct rf_fetched manifest;
    struct rf_err *reterr;
};

/** @return  RF_OK; RF_ERR_CORRUPT where there is no whole line */
static rf_code
next_line(struct reading *reading)
{
    ssize_t length = getline(&reading->line, &reading->room, reading->file);
    reading->number++;
    if (length < 0 && ferror(reading->file)) {
        return rf_fail_errno(reading->reterr, RF_ERR_SOURCE, reading->name, "cannot be read");
    }
    if (length <= 0 || reading->line[length - 1] != '\n') {
        return rf_fail(reading->reterr, RF_ERR_CORRUPT, reading->name,
                       "is cut at line %" PRIu64 ": it is not as 'refold fetch' wrote it",
                       reading->number);
    }
    reading->bytes = (size_t)length - 1;
    return RF_OK;
}

static rf_code
fail_line(struct reading *reading, const char *what)
{
    return rf_fail(reading->reterr, RF_ERR_CORRUPT, reading->name,
                   "line %" PRIu64 " %s: it is not as 'refold fetch' wrote it", reading->number,
                   what);
}

/** What the first line tells. */
struct head {
    uint64_t missing;
    uint64_t entries;
    char *source; /* owned */
};

static rf_code
parse_head(const char *line, size_t bytes, const char *name, struct head *ret,
           struct rf_err *reterr)
{
    struct rf_json doc = {0};
    struct rf_buf scratch = {0};
    uint64_t format = 0;
    *ret = (struct head){0};
    bool good = rf_json_read_whole(&doc, line, bytes, NULL) == RF_OK &&
                read_number(&doc, "format", &format) &&
                (format != FORMAT || (read_number(&doc, "missing", &ret->missing) &&
                                      read_number(&doc, "entries", &ret->entries) &&
                                      (ret->source = read_text(&doc, "source", &scratch)) != NULL));
    rf_buf_done(&scratch);
    rf_json_done(&doc);
    if (good && format > FORMAT) {
        return rf_fail(reterr, RF_ERR_USAGE, name, "is of a newer refold (format %" PRIu64 ")",
                       format);
    }
    return good && format == FORMAT
               ? RF_OK
               : rf_fail(reterr, RF_ERR_CORRUPT, name,
                         "line 1 is no manifest's first: it is not as 'refold fetch' wrote it");
}

static rf_code
read_head(struct reading *reading)
{
    struct head head;
    RF_TRY(next_line(reading));
    rf_code code = parse_head(reading->line, reading->bytes, reading->name, &head, reading->reterr);
    reading->manifest.source = head.source;
    reading->manifest.missing = head.missing;
    reading->entries = head.entries;
    rf_sha256_add(reading->sha, reading->line, reading->bytes + 1);
    return code;
}

static rf_code
read_entry(struct reading *reading)
{
    struct rf_fetched *manifest = &reading->manifest;
    struct rf_fetched_entry entry;
    RF_TRY(next_line(reading));
    if (rf_fetched_entry_read(reading->line, reading->bytes, &entry, NULL) != RF_OK) {
        return fail_line(reading, "is no entry");
    }
    rf_fetched_add(manifest, entry);
    if (manifest->count > 1 && strcmp(manifest->entries[manifest->count - 2].key, entry.key) >= 0) {
        return fail_line(reading, "is out of order");
    }
    rf_sha256_add(reading->sha, reading->line, reading->bytes + 1);
    return RF_OK;
}

/** The last line; and the first one is what it must be, now that all entries are known. */
static rf_code
read_seal(struct reading *reading)
{
    struct rf_buf seal = {0};
    RF_TRY(next_line(reading));
    rf_sha256_finish(reading->sha, reading->manifest.seal);
    reading->sha = NULL;
    write_seal(reading->manifest.seal, &seal);
    bool good = is_text(&seal, reading->line, reading->bytes);
    rf_buf_done(&seal);
    if (!good) {
        return rf_fail(reading->reterr, RF_ERR_CORRUPT, reading->name,
                       "its seal is not that of its lines: it was changed after 'refold fetch' "
                       "wrote it");
    }
    if (getc(reading->file) != EOF) {
        reading->number++;
        return fail_line(reading, "stands behind the seal");
    }
    return RF_OK;
}

static rf_code
read_all(struct reading *reading)
{
    RF_TRY(read_head(reading));
    for (uint64_t i = 0; i < reading->entries; i++) {
        RF_TRY(read_entry(reading));
    }
    return read_seal(reading);
}

rf_code
rf_fetched_missing(const char *text, size_t bytes, const char *name, uint64_t *ret,
                   struct rf_err *reterr)
{
    const char *end = bytes == 0 ? NULL : memchr(text, '\n', bytes);
    struct head head;
    if (end == NULL) {
        return rf_fail(reterr, RF_ERR_CORRUPT, name,
                       "is cut at line 1: it is not as 'refold fetch' wrote it");
    }
    rf_code code = parse_head(text, (size_t)(end - text), name, &head, reterr);
    *ret = code == RF_OK ? head.missing : 0;
    free(head.source);
    return code;
}

rf_code
rf_fetched_read(int fd, const char *name, struct rf_fetched *ret, struct rf_err *reterr)
{
    struct reading reading = {.name = name, .file = fdopen(fd, "r"), .reterr = reterr};
    if (reading.file == NULL) {
        (void)close(fd);
        return rf_fail_errno(reterr, RF_ERR_SOURCE, name, "cannot be read");
    }
    reading.sha = rf_sha256_new();
    rf_code code = read_all(&reading);
    if (reading.sha != NULL) {
        char unused[RF_SHA256_HEX_BYTES];
        rf_sha256_finish(reading.sha, unused);
    }
    (void)fclose(reading.file);
    free(reading.line);
    if (code == RF_OK) {
        *ret = reading.manifest;
    } else {
        rf_fetched_done(&reading.manifest);
    }
    return code;
}

/* SPDX-License-Identifier: MIT */
/* An S3 Inventory: its manifest and its lists. */
#include "walk/inventory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/md5.h"
#include "net/s3_list.h"

/* A field is a key of 1,024 bytes, each as %XX, at most. */
#define FIELD_BYTES ((size_t)16 << 10)
#define READ_BYTES  ((size_t)64 << 10)
/* As the service has them: fewer than thirty. */
#define MOST_COLUMNS 200

/* ---- the manifest ---------------------------------------------------------------------------- */

void
rf_inventory_done(struct rf_inventory *inventory)
{
    for (size_t i = 0; i < inventory->file_count; i++) {
        free(inventory->files[i].key);
        free(inventory->files[i].md5);
    }
    free(inventory->files);
    free(inventory->bucket);
    *inventory = (struct rf_inventory){0};
}

/** A member that is a string; owned, or NULL. */
static char *
member_text(const struct rf_json *doc, uint32_t object, const char *name)
{
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    char *text = NULL;
    uint32_t node = rf_json_member(doc, object, name, strlen(name), NULL);
    if (node != RF_JSON_NONE && doc->nodes[node].kind == RF_JSON_STRING) {
        rf_json_string(doc, node, &scratch, &bytes, &count);
        text = memchr(bytes, '\0', count) == NULL ? rf_strndup(bytes, count) : NULL;
    }
    rf_buf_done(&scratch);
    return text;
}

static rf_code
fail(const char *where, struct rf_err *reterr, const char *why)
{
    return rf_fail(reterr, RF_ERR_USAGE, where, "is no manifest of an S3 Inventory: %s", why);
}

/** "Bucket, Key, VersionId, …" */
static rf_code
read_schema(const char *where, const char *schema, struct rf_inventory *ret, struct rf_err *reterr)
{
    static const char *const names[] = {
        [RF_INVENTORY_BUCKET] = "Bucket",   [RF_INVENTORY_KEY] = "Key",
        [RF_INVENTORY_SIZE] = "Size",       [RF_INVENTORY_MODIFIED] = "LastModifiedDate",
        [RF_INVENTORY_ETAG] = "ETag",       [RF_INVENTORY_STORAGE] = "StorageClass",
        [RF_INVENTORY_LATEST] = "IsLatest", [RF_INVENTORY_DELETED] = "IsDeleteMarker",
    };
    for (size_t i = 0; i < RF_INVENTORY_COLUMNS_; i++) {
        ret->column[i] = SIZE_MAX;
    }
    for (const char *at = schema; *at != '\0' && ret->columns < MOST_COLUMNS; ret->columns++) {
        at += strspn(at, ", ");
        size_t bytes = strcspn(at, ",");
        for (size_t i = 0; i < RF_INVENTORY_COLUMNS_; i++) {
            if (strlen(names[i]) == bytes && memcmp(names[i], at, bytes) == 0) {
                ret->column[i] = ret->columns;
            }
        }
        at += bytes;
    }
    return ret->column[RF_INVENTORY_KEY] == SIZE_MAX
               ? fail(where, reterr, "its fileSchema names no Key")
               : RF_OK;
}

static rf_code
read_format(const char *where, const struct rf_json *doc, struct rf_inventory *ret,
            struct rf_err *reterr)
{
    char *format = member_text(doc, 0, "fileFormat");
    char *schema = member_text(doc, 0, "fileSchema");
    rf_code code;
    if (format == NULL || schema == NULL) {
        code = fail(where, reterr, "it lacks fileFormat or fileSchema");
    } else if (strcmp(format, "CSV") != 0) {
        code = rf_fail(reterr, RF_ERR_USAGE, where,
                       "an inventory in %.20s is not read: have it written as CSV, or name the "
                       "bucket itself (--keys s3://bucket/prefix)",
                       format);
    } else {
        code = read_schema(where, schema, ret, reterr);
    }
    free(format);
    free(schema);
    return code;
}

static rf_code
read_files(const char *where, const struct rf_json *doc, struct rf_inventory *ret,
           struct rf_err *reterr)
{
    uint32_t files = rf_json_member(doc, 0, "files", strlen("files"), NULL);
    if (files == RF_JSON_NONE || doc->nodes[files].kind != RF_JSON_ARRAY) {
        return fail(where, reterr, "it lacks files");
    }
    ret->files = rf_calloc((size_t)doc->nodes[files].count + 1, sizeof(*ret->files));
    uint32_t node = files + 1;
    for (uint32_t i = 0; i < doc->nodes[files].count; i++, node = doc->nodes[node].next) {
        struct rf_inventory_file *file = &ret->files[ret->file_count++];
        file->key = member_text(doc, node, "key");
        file->md5 = member_text(doc, node, "MD5checksum");
        uint32_t size = rf_json_member(doc, node, "size", strlen("size"), NULL);
        if (file->key == NULL || file->md5 == NULL || strlen(file->md5) != RF_MD5_HEX_BYTES - 1 ||
            size == RF_JSON_NONE || !rf_json_uint64(doc, size, &file->bytes)) {
            return fail(where, reterr, "one of its files lacks key, size or MD5checksum");
        }
    }
    return RF_OK;
}

rf_code
rf_inventory_read(const char *where, const char *json, size_t bytes, struct rf_inventory *ret,
                  struct rf_err *reterr)
{
    struct rf_json doc = {0};
    struct rf_inventory inventory = {0};
    struct rf_err ignored;
    rf_code code = RF_OK;
    if (rf_json_read_whole(&doc, json, bytes, &ignored) != RF_OK ||
        doc.nodes[0].kind != RF_JSON_OBJECT) {
        code = fail(where, reterr, "it is no JSON object");
    }
    if (code == RF_OK) {
        inventory.bucket = member_text(&doc, 0, "sourceBucket");
        code = inventory.bucket == NULL ? fail(where, reterr, "it lacks sourceBucket")
                                        : read_format(where, &doc, &inventory, reterr);
    }
    if (code == RF_OK) {
        code = read_files(where, &doc, &inventory, reterr);
    }
    rf_json_done(&doc);
    if (code != RF_OK) {
        rf_inventory_done(&inventory);
        return code;
    }
    *ret = inventory;
    return RF_OK;
}

/* ---- a list ---------------------------------------------------------------------------------- */

/** Where a byte of CSV stands. */
enum place { FIELD_BEGIN, IN_PLAIN, IN_QUOTED, BEHIND_QUOTE };

struct reading {
    const struct rf_inventory *inventory;
    const struct rf_inventory_file *file;
    const char *where;
    rf_read_function *read;
    void *read_context;
    struct rf_md5 *md5;
    uint64_t stored_bytes;

    enum place place;
    uint64_t line;
    size_t field; /* the one at hand, from 0 */
    struct rf_buf fields[RF_INVENTORY_COLUMNS_];
    struct rf_buf ignored; /* of columns that are not read */
    struct rf_buf key;
    rf_inventory_take *take;
    void *take_context;
    struct rf_err *reterr;
    rf_code code; /* of `read`: what inflates may hide it */
    struct rf_err error;
};

static rf_code
fail_line(const struct reading *reading, const char *why)
{
    return rf_fail(reading->reterr, RF_ERR_SOURCE, reading->where,
                   "line %" PRIu64 " of the inventory's list %s", reading->line, why);
}

/** As what inflates reads; the bytes are counted and digested. */
static rf_code
read_stored(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct reading *reading = context;
    rf_code code = reading->read(reading->read_context, bytes, room, ret_got, reterr);
    if (code == RF_OK) {
        rf_md5_add(reading->md5, bytes, *ret_got);
        reading->stored_bytes += *ret_got;
    } else {
        reading->code = code;
        reading->error = *reterr;
    }
    return code;
}

static struct rf_buf *
field_at_hand(struct reading *reading)
{
    for (size_t i = 0; i < RF_INVENTORY_COLUMNS_; i++) {
        if (reading->inventory->column[i] == reading->field) {
            return &reading->fields[i];
        }
    }
    return &reading->ignored;
}

/** The text of a column; "" where it is not there. */
static const char *
column(struct reading *reading, enum rf_inventory_column which)
{
    return rf_buf_text(&reading->fields[which]);
}

static bool
read_size(const char *text, uint64_t *ret)
{
    uint64_t value = 0;
    *ret = RF_BYTES_UNKNOWN;
    for (const char *at = text; *at != '\0'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (digit > 9 || value > (UINT64_MAX / 2 - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
        *ret = value;
    }
    return true;
}

static rf_code
end_line(struct reading *reading)
{
    struct rf_inventory_entry entry = {0};
    const char *encoded = column(reading, RF_INVENTORY_KEY);
    if (reading->field + 1 != reading->inventory->columns) {
        return fail_line(reading, "has another number of fields than its fileSchema");
    }
    bool other = reading->inventory->column[RF_INVENTORY_BUCKET] != SIZE_MAX &&
                 strcmp(column(reading, RF_INVENTORY_BUCKET), reading->inventory->bucket) != 0;
    if (other) {
        return fail_line(reading, "is of another bucket than its manifest");
    }
    if (strcasecmp(column(reading, RF_INVENTORY_LATEST), "false") == 0 ||
        strcasecmp(column(reading, RF_INVENTORY_DELETED), "true") == 0) {
        return RF_OK;
    }
    rf_buf_clear(&reading->key);
    if (encoded[0] == '\0' || !rf_s3_decode(&reading->key, encoded, strlen(encoded)) ||
        reading->key.used > RF_LIMIT_KEY_BYTES) {
        return fail_line(reading, "has no key, or one that is not encoded as URLs are");
    }
    if (!read_size(column(reading, RF_INVENTORY_SIZE), &entry.bytes)) {
        return fail_line(reading, "has a size that is no number");
    }
    entry.key = rf_buf_text(&reading->key);
    if (entry.bytes == 0 && entry.key[reading->key.used - 1] == '/') {
        return RF_OK; /* a folder marker */
    }
    const char *etag = column(reading, RF_INVENTORY_ETAG);
    const char *storage = column(reading, RF_INVENTORY_STORAGE);
    char *quoted = rf_s3_etag(etag, strlen(etag));
    entry.etag = quoted;
    entry.storage = storage[0] == '\0' ? NULL : rf_s3_storage(storage, strlen(storage));
    rf_code code = reading->take(reading->take_context, &entry, reading->reterr);
    free(quoted);
    return code;
}

static rf_code
next_line(struct reading *reading)
{
    rf_code code = end_line(reading);
    for (size_t i = 0; i < RF_INVENTORY_COLUMNS_; i++) {
        rf_buf_clear(&reading->fields[i]);
    }
    rf_buf_clear(&reading->ignored);
    reading->field = 0;
    reading->line++;
    return code;
}

static rf_code
take_byte(struct reading *reading, char byte)
{
    enum place place = reading->place;
    if (place == IN_QUOTED || (place == BEHIND_QUOTE && byte == '"')) {
        if (byte == '"' && place == IN_QUOTED) {
            reading->place = BEHIND_QUOTE;
            return RF_OK;
        }
        reading->place = IN_QUOTED;
    } else if (byte == ',' || byte == '\n') {
        bool blank = byte == '\n' && reading->field == 0 && place == FIELD_BEGIN;
        reading->place = FIELD_BEGIN;
        if (byte == ',') {
            reading->field++;
            return RF_OK;
        }
        return blank ? RF_OK : next_line(reading);
    } else if (byte == '"' && place == FIELD_BEGIN) {
        reading->place = IN_QUOTED;
        return RF_OK;
    } else if (byte == '\r') {
        return RF_OK;
    } else if (byte == '"' || place == BEHIND_QUOTE) {
        return fail_line(reading, "has a quote where none may be");
    } else {
        reading->place = IN_PLAIN;
    }
    struct rf_buf *field = field_at_hand(reading);
    if (field->used == FIELD_BYTES || byte == '\0') {
        return fail_line(reading, "has a field that is too long, or a NUL byte");
    }
    rf_buf_byte(field, byte);
    return RF_OK;
}

static rf_code
read_lines(struct reading *reading, const struct rf_gunzip *gunzip, char *bytes)
{
    struct rf_gunzip_stream *stream = NULL;
    rf_code code = gunzip->open(false, read_stored, reading, &stream, reading->reterr);
    size_t got = 1;
    while (code == RF_OK && got > 0) {
        struct rf_err why;
        code = gunzip->read(stream, bytes, READ_BYTES, &got, &why);
        if (code != RF_OK) {
            code = reading->code != RF_OK
                       ? reading->code
                       : rf_fail(reading->reterr, RF_ERR_SOURCE, reading->where,
                                 "the inventory's list is damaged: %s", why.text);
            if (reading->code != RF_OK && reading->reterr != NULL) {
                *reading->reterr = reading->error;
            }
        }
        for (size_t i = 0; code == RF_OK && i < got; i++) {
            code = take_byte(reading, bytes[i]);
        }
    }
    gunzip->close(stream);
    bool open = reading->field > 0 || reading->place != FIELD_BEGIN;
    if (code == RF_OK && open) {
        code = reading->place == IN_QUOTED ? fail_line(reading, "is cut") : next_line(reading);
    }
    return code;
}

static rf_code
check_list(const struct reading *reading, const char *hex)
{
    if (reading->stored_bytes != reading->file->bytes || strcasecmp(hex, reading->file->md5) != 0) {
        return rf_fail(reading->reterr, RF_ERR_SOURCE, reading->where,
                       "is not the list that the inventory's manifest names (its size or MD5 is "
                       "another one): fetch both again");
    }
    return RF_OK;
}

rf_code
rf_inventory_list(const struct rf_inventory *inventory, const struct rf_inventory_file *file,
                  const char *where, const struct rf_gunzip *gunzip, rf_read_function *read,
                  void *read_context, rf_inventory_take *take, void *take_context,
                  struct rf_err *reterr)
{
    char hex[RF_MD5_HEX_BYTES];
    struct reading reading = {
        .inventory = inventory,
        .file = file,
        .where = where,
        .read = read,
        .read_context = read_context,
        .md5 = rf_md5_new(),
        .line = 1,
        .take = take,
        .take_context = take_context,
        .reterr = reterr,
    };
    char *bytes = rf_alloc(READ_BYTES);
    rf_code code = read_lines(&reading, gunzip, bytes);
    rf_md5_finish(reading.md5, hex);
    if (code == RF_OK) {
        code = check_list(&reading, hex);
    }
    for (size_t i = 0; i < RF_INVENTORY_COLUMNS_; i++) {
        rf_buf_done(&reading.fields[i]);
    }
    rf_buf_done(&reading.ignored);
    rf_buf_done(&reading.key);
    free(bytes);
    return code;
}

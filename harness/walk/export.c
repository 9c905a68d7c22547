/* SPDX-License-Identifier: MIT */
/* A DynamoDB table's export to S3: its manifests are read, and held against what is listed. */
#include "walk/export.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/order.h"

#define SUMMARY "manifest-summary.json"
#define FILES   "manifest-files.json"
/** The folder that an export makes below its prefix. */
#define ROOT "AWSDynamoDB/"
/** So much is read of a manifest at a time. */
#define CHUNK_BYTES ((size_t)64 << 10)

/** One export, while its manifests are read. */
struct export
{
    const struct rf_objects *objects;
    struct rf_object_list *list;
    size_t sorted;  /* so many of the list are sorted; what is behind was added */
    size_t summary; /* number in the list */
    size_t files;   /* … of manifest-files.json */
    struct rf_buf
        folder;          /* the key of the manifests' folder, with the slash at its end; or empty */
    struct rf_buf inner; /* the same as the manifest has it, behind ROOT */
    struct rf_buf text;  /* of the manifest at hand */
    struct rf_buf key;   /* of the data file at hand */
    struct rf_json doc;
    uint64_t items; /* of all data files */
    struct rf_err *reterr;
};

/* ---- reading --------------------------------------------------------------------------------- */

static rf_code
read_to_end(struct rf_reader *reader, const char *name, struct rf_buf *text, struct rf_err *reterr)
{
    for (;;) {
        size_t got;
        rf_buf_reserve(text, CHUNK_BYTES);
        RF_TRY(rf_reader_read(reader, text->bytes + text->used, CHUNK_BYTES, &got, reterr));
        if (got == 0) {
            return RF_OK;
        }
        text->used += got;
        if (text->used > RF_LIMIT_MANIFEST_BYTES) {
            return rf_fail(reterr, RF_ERR_LIMIT, name,
                           "is longer than a manifest may be (RF_LIMIT_MANIFEST_BYTES)");
        }
    }
}

/** The text of one manifest. What is damaged in an archive becomes a flaw, and gives no text. */
static rf_code
read_manifest(struct export *export, size_t number, bool *ret_there)
{
    struct rf_object *object = &export->list->items[number];
    struct rf_reader *reader = NULL;
    struct rf_err err;
    rf_buf_clear(&export->text);
    rf_code code = rf_reader_open(export->objects, object, &reader, &err);
    if (code == RF_OK) {
        code = read_to_end(reader, object->name, &export->text, &err);
    }
    rf_reader_close(reader);
    if (rf_code_is_damage(code)) {
        rf_object_flaw(object, code, "%s", err.text);
    } else if (code != RF_OK) {
        *export->reterr = err;
        return code;
    }
    *ret_there = code == RF_OK;
    return RF_OK;
}

/** A member that is a string without escapes, as keys and words are; false where it is none. */
static bool
find_text(const struct rf_json *doc, const char *name, const char **ret, size_t *ret_count)
{
    bool repeated;
    uint32_t node = rf_json_member(doc, 0, name, strlen(name), &repeated);
    if (node == RF_JSON_NONE || repeated || doc->nodes[node].kind != RF_JSON_STRING ||
        (doc->nodes[node].flags & RF_JSON_ESCAPED)) {
        return false;
    }
    *ret = doc->text + doc->nodes[node].start + 1;
    *ret_count = doc->nodes[node].end - doc->nodes[node].start - 2;
    return true;
}

static bool
find_count(const struct rf_json *doc, const char *name, uint64_t *ret)
{
    bool repeated;
    uint32_t node = rf_json_member(doc, 0, name, strlen(name), &repeated);
    return node != RF_JSON_NONE && !repeated && rf_json_uint64(doc, node, ret);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool
ends_with(const char *key, const char *name)
{
    size_t key_bytes = strlen(key);
    size_t name_bytes = strlen(name);
    return key_bytes >= name_bytes && strcmp(key + key_bytes - name_bytes, name) == 0 &&
           (key_bytes == name_bytes || key[key_bytes - name_bytes - 1] == '/');
}

/** What stands behind the last ROOT in a key; all of it where there is none. */
static size_t
behind_root(const char *key, size_t count)
{
    size_t root = strlen(ROOT);
    for (size_t at = count; at-- > 0;) {
        if (at + root <= count && memcmp(key + at, ROOT, root) == 0 &&
            (at == 0 || key[at - 1] == '/')) {
            return at + root;
        }
    }
    return 0;
}

static int
compare_key(const void *key, const void *item)
{
    const struct rf_object *wanted = key;
    const struct rf_object *object = item;
    if (object->pending) {
        return 1;
    }
    int order = strcmp(wanted->key, object->key);
    return order != 0 ? order : RF_ORDER(wanted->source, object->source);
}

/** The object of the same source with this key, or SIZE_MAX. */
static size_t
find_object(const struct export *export, const char *key)
{
    const struct rf_object wanted = {.key = (char *)(uintptr_t)key,
                                     .source = export->list->items[export->summary].source};
    const struct rf_object *found =
        bsearch(&wanted, export->list->items, export->sorted, sizeof(wanted), compare_key);
    return found == NULL ? SIZE_MAX : (size_t)(found - export->list->items);
}

/** Whether a key can be one: no empty step, none that leads elsewhere, no control byte. */
static bool
is_plain_key(const char *key, size_t count)
{
    if (count == 0 || count > RF_LIMIT_KEY_BYTES || key[count - 1] == '/') {
        return false;
    }
    for (size_t at = 0; at < count;) {
        const char *slash = memchr(key + at, '/', count - at);
        size_t step = (size_t)((slash == NULL ? key + count : slash) - (key + at));
        if (step == 0 || (step == 1 && key[at] == '.') ||
            (step == 2 && memcmp(key + at, "..", 2) == 0)) {
            return false;
        }
        for (size_t i = 0; i < step; i++) {
            if ((unsigned char)key[at + i] < ' ' || key[at + i] == 0x7f) {
                return false;
            }
        }
        at += step + 1;
    }
    return true;
}

/**
 * Where a data file lies in the source, by its key in the bucket: below the manifests' folder (full
 * exports) or beside it (incremental ones). With or without the export's prefix: AWS's own examples
 * have both.
 * @return  false where it lies outside of what the source holds
 */
static bool
place_data(struct export *export, const char *key, size_t count)
{
    size_t from = behind_root(key, count);
    const char *inner = key + from;
    size_t inner_count = count - from;
    const struct rf_buf *folder = &export->folder;
    rf_buf_clear(&export->key);
    if (export->inner.used > 0 && inner_count > export->inner.used &&
        memcmp(inner, export->inner.bytes, export->inner.used) == 0) {
        rf_buf_add(&export->key, folder->bytes, folder->used);
        rf_buf_add(&export->key, inner + export->inner.used, inner_count - export->inner.used);
        return true;
    }
    if (folder->used == 0) {
        return false;
    }
    size_t parent = folder->used - 1;
    while (parent > 0 && folder->bytes[parent - 1] != '/') {
        parent--;
    }
    rf_buf_add(&export->key, folder->bytes, parent);
    rf_buf_add(&export->key, inner, inner_count);
    return true;
}

/* ---- the manifest of data files -------------------------------------------------------------- */

static void
flaw_files(struct export *export, uint64_t line, const char *what)
{
    rf_object_flaw(&export->list->items[export->files], RF_ERR_CORRUPT, "line %" PRIu64 ": %s",
                   line, what);
}

/** A data file that is named and not there is an object that cannot be read. */
static void
add_missing(struct export *export)
{
    struct rf_object_list *list = export->list;
    uint32_t source = list->items[export->summary].source;
    struct rf_object *missing =
        rf_object_list_add(list, rf_strdup(rf_buf_text(&export->key)), source);
    rf_object_flaw(missing, RF_ERR_CORRUPT,
                   "is not there, and the export's " FILES
                   " names it: copy the export again, all of it");
}

static void
note_promise(struct export *export, uint64_t line, uint64_t items)
{
    const char *md5 = NULL;
    size_t md5_bytes = 0;
    size_t found = find_object(export, rf_buf_text(&export->key));
    if (found == SIZE_MAX) {
        add_missing(export);
        return;
    }
    struct rf_object *object = &export->list->items[found];
    if (object->manifest || object->special) {
        flaw_files(export, line, "names what is no data file");
        return;
    }
    if (object->promise != NULL && object->promise->items != items) {
        flaw_files(export, line, "names a data file with another count of items than before");
        return;
    }
    if (object->promise == NULL) {
        object->promise = rf_calloc(1, sizeof(*object->promise));
    }
    object->promise->items = items;
    object->of_table = true;
    if (find_text(&export->doc, "md5Checksum", &md5, &md5_bytes) &&
        md5_bytes == RF_PROMISE_MD5_BYTES - 1) {
        memcpy(object->promise->md5, md5, md5_bytes);
    }
}

static void
take_line(struct export *export, const char *text, size_t count, uint64_t line)
{
    const char *key;
    size_t key_bytes;
    uint64_t items;
    if (rf_json_read_whole(&export->doc, text, count, NULL) != RF_OK) {
        flaw_files(export, line, "is no JSON: the manifest is cut or damaged");
    } else if (!find_text(&export->doc, "dataFileS3Key", &key, &key_bytes) ||
               !is_plain_key(key, key_bytes) || !find_count(&export->doc, "itemCount", &items)) {
        flaw_files(export, line, "has not both a dataFileS3Key and an itemCount");
    } else if (__builtin_add_overflow(export->items, items, &export->items)) {
        flaw_files(export, line, "has more items than can be counted");
    } else if (!place_data(export, key, key_bytes)) {
        flaw_files(export, line,
                   "its data file lies beside the folder of the manifests: name " ROOT
                   " as the source, which holds both");
    } else {
        note_promise(export, line, items);
    }
}

static void
take_lines(struct export *export)
{
    const char *at = export->text.bytes;
    const char *end = at + export->text.used;
    for (uint64_t line = 1; at < end; line++) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        size_t count = (size_t)((lf == NULL ? end : lf) - at);
        size_t blank = 0;
        while (blank < count && (at[blank] == ' ' || at[blank] == '\r' || at[blank] == '\t')) {
            blank++;
        }
        if (blank < count) {
            take_line(export, at, count, line);
        }
        at += count + 1;
    }
}

/* ---- the summary ----------------------------------------------------------------------------- */

/** Whether what was read is the summary of an export, and where its manifests lie in the bucket. */
static bool
is_summary(struct export *export, const char **ret_format, size_t *ret_format_bytes)
{
    const char *key;
    size_t key_bytes;
    if (rf_json_read_whole(&export->doc, export->text.bytes, export->text.used, NULL) != RF_OK ||
        !find_text(&export->doc, "outputFormat", ret_format, ret_format_bytes) ||
        !find_text(&export->doc, "manifestFilesS3Key", &key, &key_bytes)) {
        return false;
    }
    size_t from = behind_root(key, key_bytes);
    size_t name = strlen(FILES);
    if (key_bytes - from < name || memcmp(key + key_bytes - name, FILES, name) != 0) {
        return false;
    }
    rf_buf_add(&export->inner, key + from, key_bytes - from - name);
    return true;
}

static rf_code
take_files(struct export *export, uint64_t items)
{
    rf_buf_clear(&export->key);
    rf_buf_add(&export->key, export->folder.bytes, export->folder.used);
    rf_buf_string(&export->key, FILES);
    export->files = find_object(export, rf_buf_text(&export->key));
    if (export->files == SIZE_MAX) {
        rf_object_flaw(&export->list->items[export->summary], RF_ERR_CORRUPT,
                       "its " FILES
                       " is not there: nothing tells which data files there should be");
        return RF_OK;
    }
    export->list->items[export->files].manifest = true;
    bool there = false;
    RF_TRY(read_manifest(export, export->files, &there));
    if (!there) {
        return RF_OK;
    }
    take_lines(export);
    if (export->items != items) {
        rf_object_flaw(&export->list->items[export->files], RF_ERR_CORRUPT,
                       "tells of %" PRIu64 " item%s, and " SUMMARY " of %" PRIu64
                       ": one of them is not whole",
                       export->items, export->items == 1 ? "" : "s", items);
    }
    return RF_OK;
}

/** No object of nothing as others are: it would tell as well that there are no data files. */
static void
flaw_hollow(struct export *export)
{
    rf_object_flaw(
        &export->list->items[export->summary], RF_ERR_CORRUPT,
        "holds nothing, so that nothing tells which data files there should be: copy the "
        "export again, all of it");
}

static rf_code
take_summary(struct export *export)
{
    const char *format;
    size_t format_bytes;
    uint64_t items;
    bool there = false;
    struct rf_object *object = &export->list->items[export->summary];
    rf_buf_add(&export->folder, object->key, strlen(object->key) - strlen(SUMMARY));
    RF_TRY(read_manifest(export, export->summary, &there));
    if (there && export->text.used == 0) {
        flaw_hollow(export);
        return RF_OK;
    }
    if (!there || !is_summary(export, &format, &format_bytes)) {
        return RF_OK; /* an object as others are: without events it is damage by its name */
    }
    if (format_bytes == 3 && memcmp(format, "ION", 3) == 0) {
        return rf_fail(export->reterr, RF_ERR_USAGE, object->name,
                       "the table was exported as Amazon Ion, which refold does not read: export "
                       "it as DynamoDB JSON (DYNAMODB_JSON)");
    }
    object->manifest = true;
    if (!find_count(&export->doc, "itemCount", &items)) {
        rf_object_flaw(object, RF_ERR_CORRUPT, "has no itemCount");
        return RF_OK;
    }
    return take_files(export, items);
}

/** A list of data files without a summary that would be held against it: number `summary` is the
 * list itself. One that holds something is damage by its name, for it holds no event. */
static rf_code
take_lone_files(struct export *export)
{
    const struct rf_object *object = &export->list->items[export->summary];
    bool there = false;
    rf_buf_add(&export->key, object->key, strlen(object->key) - strlen(FILES));
    rf_buf_string(&export->key, SUMMARY);
    if ((object->bytes != 0 && object->bytes != RF_BYTES_UNKNOWN) ||
        find_object(export, rf_buf_text(&export->key)) != SIZE_MAX) {
        return RF_OK;
    }
    RF_TRY(read_manifest(export, export->summary, &there));
    if (there && export->text.used == 0) {
        flaw_hollow(export);
    }
    return RF_OK;
}

/** For qsort. */
static int
compare_missing(const void *left, const void *right)
{
    return compare_key(left, right);
}

/** Several lines, or exports, may name the same data file. */
static void
drop_repeated(struct rf_object_list *list, size_t from)
{
    struct rf_object *items = list->items;
    size_t kept = from;
    if (list->count > from) {
        qsort(items + from, list->count - from, sizeof(*items), compare_missing);
    }
    for (size_t i = from; i < list->count; i++) {
        if (kept > from && compare_key(&items[kept - 1], &items[i]) == 0) {
            rf_object_done(&items[i]);
        } else {
            items[kept++] = items[i];
        }
    }
    list->count = kept;
}

rf_code
rf_export_settle(const struct rf_objects *objects, struct rf_object_list *list,
                 struct rf_err *reterr)
{
    rf_code code = RF_OK;
    size_t listed = list->count;
    for (size_t i = 0; code == RF_OK && i < listed; i++) {
        const struct rf_object *object = &list->items[i];
        if (object->pending || object->special || object->flaw != NULL || object->pack != NULL ||
            !(ends_with(object->key, SUMMARY) || ends_with(object->key, FILES))) {
            continue;
        }
        struct export export = {
            .objects = objects, .list = list, .sorted = listed, .summary = i, .reterr = reterr};
        code = ends_with(object->key, SUMMARY) ? take_summary(&export) : take_lone_files(&export);
        rf_buf_done(&export.folder);
        rf_buf_done(&export.inner);
        rf_buf_done(&export.text);
        rf_buf_done(&export.key);
        rf_json_done(&export.doc);
    }
    drop_repeated(list, listed);
    return code;
}

/* SPDX-License-Identifier: MIT */
/* Golden files: the states that were accepted, each at a version. */
#include "golden/golden.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/sha256.h"
#include "base/limits.h"
#include "decode/gzip.h"
#include "decode/stored.h"
#include "golden/line.h"
#include "golden/meta.h"

/** What a golden's lines point into, and how they are found. */
struct memory {
    struct rf_buf text; /* the file, uncompressed */
    struct rf_line_texts texts;
    uint64_t *numbers; /* of the lines in the file, from 1 */
    size_t room;       /* of lines and numbers */
    size_t read;       /* lines in the file, believed or not */
    struct slot {
        uint32_t hash;
        uint32_t line; /* index + 1, or 0 */
    } * slots;
    size_t slot_count;
    uint64_t seed;
};

/* ---- which files there are ------------------------------------------------------------------- */

/** The files of one aggregate in a golden folder. */
struct found {
    char *aggregate;
    bool plain;
    bool gzip;
    bool zstd;
    bool meta;
};

struct found_list {
    struct found *items;
    size_t count;
    size_t room;
};

static void
found_list_done(struct found_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].aggregate);
    }
    free(list->items);
}

/** Whether `name` is ENDING behind something; *ret_front is how long that is. */
static bool
ends_with(const char *name, const char *ending, size_t *ret_front)
{
    size_t bytes = strlen(name);
    size_t count = strlen(ending);
    if (bytes <= count || strcmp(name + bytes - count, ending) != 0) {
        return false;
    }
    *ret_front = bytes - count;
    return true;
}

static void
add_found(struct found_list *list, const char *name)
{
    size_t front;
    struct found found = {0};
    found.plain = ends_with(name, ".ndjson", &front);
    found.gzip = !found.plain && ends_with(name, ".ndjson.gz", &front);
    found.zstd = !found.plain && !found.gzip && ends_with(name, ".ndjson.zst", &front);
    found.meta =
        !found.plain && !found.gzip && !found.zstd && ends_with(name, ".meta.json", &front);
    if (name[0] == '.' || !(found.plain || found.gzip || found.zstd || found.meta)) {
        return; /* not a golden's: temporaries begin with a dot */
    }
    found.aggregate = rf_strndup(name, front);
    RF_GROW(list->items, list->room, list->count + 1);
    list->items[list->count++] = found;
}

static int
compare_found(const void *left, const void *right)
{
    const struct found *a = left;
    const struct found *b = right;
    return strcmp(a->aggregate, b->aggregate);
}

/** One entry for each aggregate, sorted. */
static void
merge_found(struct found_list *list)
{
    size_t kept = 0;
    if (list->count > 0) {
        qsort(list->items, list->count, sizeof(*list->items), compare_found);
    }
    for (size_t i = 0; i < list->count; i++) {
        struct found *item = &list->items[i];
        struct found *last = kept == 0 ? NULL : &list->items[kept - 1];
        if (last == NULL || strcmp(last->aggregate, item->aggregate) != 0) {
            list->items[kept++] = *item;
            continue;
        }
        last->plain |= item->plain;
        last->gzip |= item->gzip;
        last->zstd |= item->zstd;
        last->meta |= item->meta;
        free(item->aggregate);
    }
    list->count = kept;
}

static rf_code
list_folder(const char *folder, struct found_list *ret, struct rf_err *reterr)
{
    DIR *open_folder = opendir(folder);
    if (open_folder == NULL) {
        if (errno == ENOENT) {
            return RF_OK;
        }
        return rf_fail_errno(reterr, RF_ERR_SOURCE, folder, "cannot list the golden folder");
    }
    rf_code code = RF_OK;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(open_folder);
        if (entry == NULL) {
            break;
        }
        add_found(ret, entry->d_name);
    }
    if (errno != 0) {
        code = rf_fail_errno(reterr, RF_ERR_SOURCE, folder, "cannot list the golden folder");
    }
    (void)closedir(open_folder);
    merge_found(ret);
    return code;
}

static rf_code
check_forms(const char *folder, const struct found *found, struct rf_err *reterr)
{
    if (found->plain + found->gzip + found->zstd > 1) {
        return rf_fail(
            reterr, RF_ERR_USAGE, folder,
            "the golden of '%s' is there twice (.ndjson, .ndjson.gz, .ndjson.zst): remove "
            "one of them",
            found->aggregate);
    }
    if (found->zstd) {
        return rf_fail(reterr, RF_ERR_USAGE, folder,
                       "'%s.ndjson.zst': this refold does not read goldens in zstd: unpack it",
                       found->aggregate);
    }
    return RF_OK;
}

/* ---- reading one ----------------------------------------------------------------------------- */

/** One golden in the making. */
struct loader {
    struct rf_golden *golden;
    struct memory *memory;
    struct rf_damages *damages;
};

/** `line` is 0 where the whole file is meant. */
static void
add_damage(struct loader *loader, const char *path, uint64_t line,
           const struct rf_golden_line *about, const char *message)
{
    bool has_id = about != NULL && about->id != NULL;
    loader->golden->damaged = true;
    rf_damages_add(loader->damages,
                   (struct rf_damage){
                       .kind = RF_DAMAGE_GOLDEN,
                       .object = rf_strdup(path),
                       .has_offset = line > 0,
                       .offset = line,
                       .aggregate = rf_strdup(loader->golden->aggregate),
                       .id = has_id ? rf_strndup(about->id, about->id_bytes) : NULL,
                       .id_bytes = has_id ? about->id_bytes : 0,
                       .message = rf_strdup(message),
                   });
}

static int
compare_lines(const struct rf_golden_line *a, const struct rf_golden_line *b)
{
    size_t shorter = a->id_bytes < b->id_bytes ? a->id_bytes : b->id_bytes;
    int order = memcmp(a->id, b->id, shorter);
    return order != 0 ? order : (a->id_bytes > b->id_bytes) - (a->id_bytes < b->id_bytes);
}

/** Reads the line that begins at `text`; returns the place behind its LF. */
static const char *
load_line(struct loader *loader, struct rf_line_reader *reader, const char *text, const char *end)
{
    struct memory *memory = loader->memory;
    struct rf_golden *golden = loader->golden;
    struct rf_golden_line line;
    struct rf_err err;
    const char *feed = memchr(text, '\n', (size_t)(end - text));
    memory->read++;
    if (feed == NULL) {
        add_damage(
            loader, golden->path, memory->read, NULL,
            "the last line has no line feed: the file was cut: restore it from git, or bless "
            "again");
        return end;
    }
    if (rf_line_read(reader, text, (size_t)(feed - text), &line, &err) != RF_OK) {
        add_damage(loader, golden->path, memory->read, &line, err.text);
        return feed + 1;
    }
    if (golden->count == memory->room) {
        size_t room = memory->room;
        RF_GROW(golden->lines, memory->room, golden->count + 1);
        RF_GROW(memory->numbers, room, golden->count + 1);
    }
    memory->numbers[golden->count] = memory->read;
    golden->lines[golden->count++] = line;
    return feed + 1;
}

/** A line and where it stood, for sorting. */
struct placed {
    struct rf_golden_line line;
    uint64_t number;
};

static int
compare_placed(const void *left, const void *right)
{
    const struct placed *a = left;
    const struct placed *b = right;
    int order = compare_lines(&a->line, &b->line);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

static void
sort_lines(struct loader *loader)
{
    struct rf_golden *golden = loader->golden;
    struct placed *placed = rf_calloc(golden->count + 1, sizeof(*placed));
    for (size_t i = 0; i < golden->count; i++) {
        placed[i] = (struct placed){golden->lines[i], loader->memory->numbers[i]};
    }
    qsort(placed, golden->count, sizeof(*placed), compare_placed);
    for (size_t i = 0; i < golden->count; i++) {
        golden->lines[i] = placed[i].line;
        loader->memory->numbers[i] = placed[i].number;
    }
    free(placed);
}

/** Lines out of order are damage, but can still be told apart; of those with one id the first is
 * kept. */
static void
check_order(struct loader *loader)
{
    struct rf_golden *golden = loader->golden;
    bool sorted = true;
    for (size_t i = 1; i < golden->count; i++) {
        if (compare_lines(&golden->lines[i - 1], &golden->lines[i]) > 0) {
            sorted = false;
            add_damage(
                loader, golden->path, loader->memory->numbers[i], &golden->lines[i],
                "the line is out of order, its id is smaller than the one before: restore the "
                "file from git, or bless again");
        }
    }
    if (!sorted) {
        sort_lines(loader);
    }
    size_t kept = 0;
    for (size_t i = 0; i < golden->count; i++) {
        if (kept > 0 && compare_lines(&golden->lines[kept - 1], &golden->lines[i]) == 0) {
            add_damage(
                loader, golden->path, loader->memory->numbers[i], &golden->lines[i],
                "an earlier line has the same id: restore the file from git, or bless again");
        } else {
            golden->lines[kept++] = golden->lines[i];
        }
    }
    golden->count = kept;
}

static void
load_lines(struct loader *loader)
{
    const struct rf_buf *text = &loader->memory->text;
    struct rf_line_reader reader = {.texts = &loader->memory->texts};
    const char *at = text->used == 0 ? "" : text->bytes;
    const char *end = at + text->used;
    while (at < end) {
        at = load_line(loader, &reader, at, end);
    }
    rf_line_reader_done(&reader);
    check_order(loader);
}

/* ---- finding lines --------------------------------------------------------------------------- */

static void
build_slots(struct rf_golden *golden, struct memory *memory)
{
    RF_VERIFY(golden->count < UINT32_MAX / 4);
    memory->slot_count = 16;
    while (memory->slot_count < golden->count * 2) {
        memory->slot_count *= 2;
    }
    memory->slots = rf_calloc(memory->slot_count, sizeof(*memory->slots));
    /* Differs from run to run, so that no one can choose ids that all fall into one place. */
    memory->seed = (uint64_t)(uintptr_t)memory->slots;
    size_t mask = memory->slot_count - 1;
    for (size_t i = 0; i < golden->count; i++) {
        uint64_t hash = rf_hash(golden->lines[i].id, golden->lines[i].id_bytes, memory->seed);
        size_t at = (size_t)hash & mask;
        while (memory->slots[at].line != 0) {
            at = (at + 1) & mask;
        }
        memory->slots[at] = (struct slot){(uint32_t)(hash >> 32), (uint32_t)(i + 1)};
    }
}

const struct rf_golden_line *
rf_golden_find(const struct rf_golden *golden, const char *id, size_t id_bytes)
{
    const struct memory *memory = golden->memory;
    uint64_t hash = rf_hash(id, id_bytes, memory->seed);
    size_t mask = memory->slot_count - 1;
    for (size_t at = (size_t)hash & mask; memory->slots[at].line != 0; at = (at + 1) & mask) {
        if (memory->slots[at].hash != (uint32_t)(hash >> 32)) {
            continue;
        }
        const struct rf_golden_line *line = &golden->lines[memory->slots[at].line - 1];
        if (line->id_bytes == id_bytes && memcmp(line->id, id, id_bytes) == 0) {
            return line;
        }
    }
    return NULL;
}

int64_t
rf_golden_pin(const struct rf_golden_line *line)
{
    return line->rejected ? line->rejected_version : line->version;
}

/* ---- compressed goldens ---------------------------------------------------------------------- */

struct packed {
    const struct rf_buf *bytes;
    size_t at;
};

static rf_code
read_packed(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct packed *packed = context;
    size_t left = packed->bytes->used - packed->at;
    (void)reterr;
    *ret_got = left < room ? left : room;
    if (*ret_got > 0) {
        memcpy(bytes, packed->bytes->bytes + packed->at, *ret_got);
        packed->at += *ret_got;
    }
    return RF_OK;
}

static rf_code
inflate_all(struct rf_gzip *gzip, size_t stored_bytes, struct rf_buf *out, struct rf_err *reterr)
{
    for (;;) {
        size_t got;
        rf_buf_reserve(out, RF_STORED_CHUNK_BYTES);
        RF_TRY(rf_gzip_read(gzip, out->bytes + out->used, out->room - out->used, &got, reterr));
        out->used += got;
        if (got == 0) {
            break;
        }
        if (out->used > RF_LIMIT_OBJECT_BYTES) {
            return rf_fail(reterr, RF_ERR_LIMIT, NULL, "more than %" PRIu64 " bytes come out of it",
                           (uint64_t)RF_LIMIT_OBJECT_BYTES);
        }
        if (out->used > RF_LIMIT_RATIO_FROM_BYTES && out->used / RF_LIMIT_RATIO > stored_bytes) {
            return rf_fail(reterr, RF_ERR_LIMIT, NULL,
                           "it unpacks to more than %d times its own size", RF_LIMIT_RATIO);
        }
    }
    if (rf_gzip_members(gzip) == 0) {
        return rf_fail(reterr, RF_ERR_TRUNCATED, NULL, "the file is empty");
    }
    return RF_OK;
}

static rf_code
unpack_gzip(const struct rf_buf *packed_bytes, struct rf_buf *out, struct rf_err *reterr)
{
    struct packed packed = {.bytes = packed_bytes};
    struct rf_decode_input input = {.context = &packed, .read = read_packed};
    struct rf_stored stored;
    rf_stored_init(&stored);
    rf_stored_begin(&stored, &input);
    struct rf_gzip *gzip = rf_gzip_new();
    rf_gzip_begin(gzip, &stored);
    rf_code code = inflate_all(gzip, packed_bytes->used, out, reterr);
    rf_gzip_free(gzip);
    rf_stored_done(&stored);
    return code;
}

/** Lines of a file that does not inflate to its end are not believed: its checksum is behind them.
 */
static rf_code
load_gzip(struct loader *loader, struct rf_err *reterr)
{
    struct rf_buf packed = {0};
    struct rf_err err;
    rf_code code = rf_file_read(loader->golden->path, &packed, reterr);
    if (code == RF_OK && unpack_gzip(&packed, &loader->memory->text, &err) != RF_OK) {
        char *message = rf_format("%s: restore the file from git, or bless again", err.text);
        add_damage(loader, loader->golden->path, 0, NULL, message);
        free(message);
        rf_buf_clear(&loader->memory->text);
    }
    rf_buf_done(&packed);
    return code;
}

/* ---- the meta file --------------------------------------------------------------------------- */

/** Compares the golden with what its meta file says it was. */
static void
check_meta(struct loader *loader, const char *path, const struct rf_meta *meta)
{
    struct rf_golden *golden = loader->golden;
    if (strcmp(meta->aggregate, golden->aggregate) != 0) {
        char *message = rf_format(
            "the meta file is that of '%s': restore it from git, or bless again", meta->aggregate);
        add_damage(loader, path, 0, NULL, message);
        free(message);
        return;
    }
    if (meta->lines > 0 && loader->memory->text.used == 0 && !golden->damaged) {
        char *message = rf_format("the file is empty or gone, and its meta file tells of %" PRIu64
                                  " lines: restore it from git, or bless again",
                                  meta->lines);
        add_damage(loader, golden->path, 0, NULL, message);
        free(message);
        return;
    }
    golden->edited = !golden->damaged && strcmp(meta->states, golden->digest) != 0;
}

static rf_code
load_meta(struct loader *loader, const char *path, struct rf_err *reterr)
{
    struct rf_buf text = {0};
    struct rf_meta meta;
    struct rf_err err;
    rf_code code = rf_file_read(path, &text, reterr);
    if (code == RF_OK) {
        loader->golden->sealed = true;
        if (rf_meta_read(text.used == 0 ? "" : text.bytes, text.used, &meta, &err) == RF_OK) {
            check_meta(loader, path, &meta);
            rf_meta_done(&meta);
        } else {
            char *message = rf_format("%s: restore it from git, or bless again", err.text);
            add_damage(loader, path, 0, NULL, message);
            free(message);
        }
    }
    rf_buf_done(&text);
    return code;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void
digest_text(struct rf_golden *golden, const struct rf_buf *text)
{
    struct rf_sha256 *sha = rf_sha256_new();
    golden->digest = rf_alloc(RF_SHA256_HEX_BYTES);
    rf_sha256_add(sha, text->used == 0 ? "" : text->bytes, text->used);
    rf_sha256_finish(sha, golden->digest);
}

static rf_code
load_golden(const char *folder, const struct found *found, struct rf_golden *golden,
            struct rf_damages *damages, struct rf_err *reterr)
{
    struct memory *memory = rf_calloc(1, sizeof(*memory));
    struct loader loader = {.golden = golden, .memory = memory, .damages = damages};
    rf_code code = RF_OK;
    golden->aggregate = rf_strdup(found->aggregate);
    golden->path = rf_format("%s/%s.ndjson%s", folder, found->aggregate, found->gzip ? ".gz" : "");
    golden->memory = memory;
    if (found->gzip) {
        code = load_gzip(&loader, reterr);
    } else if (found->plain) {
        code = rf_file_read(golden->path, &memory->text, reterr);
    }
    if (code == RF_OK) {
        load_lines(&loader);
        digest_text(golden, &memory->text);
        build_slots(golden, memory);
    }
    if (code == RF_OK && found->meta) {
        char *path = rf_format("%s/%s.meta.json", folder, found->aggregate);
        code = load_meta(&loader, path, reterr);
        free(path);
    }
    return code;
}

/** What the folder holds, each aggregate in one form. The caller frees the list, on errors too. */
static rf_code
find_goldens(const char *folder, struct found_list *ret, struct rf_err *reterr)
{
    RF_TRY(list_folder(folder, ret, reterr));
    for (size_t i = 0; i < ret->count; i++) {
        RF_TRY(check_forms(folder, &ret->items[i], reterr));
    }
    return RF_OK;
}

rf_code
rf_goldens_count(const char *folder, size_t *ret_count, struct rf_err *reterr)
{
    struct found_list list = {0};
    rf_code code = find_goldens(folder, &list, reterr);
    *ret_count = list.count;
    found_list_done(&list);
    return code;
}

rf_code
rf_goldens_open(const char *folder, struct rf_goldens *ret, struct rf_damages *damages,
                struct rf_err *reterr)
{
    struct found_list list = {0};
    memset(ret, 0, sizeof(*ret));
    rf_code code = find_goldens(folder, &list, reterr);
    ret->folder = rf_strdup(folder);
    ret->items = rf_calloc(list.count + 1, sizeof(*ret->items));
    for (size_t i = 0; i < list.count && code == RF_OK; i++) {
        ret->count++;
        code = load_golden(folder, &list.items[i], &ret->items[i], damages, reterr);
    }
    found_list_done(&list);
    if (code != RF_OK) {
        rf_goldens_done(ret);
    }
    return code;
}

static void
golden_done(struct rf_golden *golden)
{
    struct memory *memory = golden->memory;
    if (memory != NULL) {
        rf_buf_done(&memory->text);
        rf_line_texts_done(&memory->texts);
        free(memory->numbers);
        free(memory->slots);
        free(memory);
    }
    free(golden->aggregate);
    free(golden->path);
    free(golden->lines);
    free(golden->digest);
}

void
rf_goldens_done(struct rf_goldens *goldens)
{
    for (size_t i = 0; i < goldens->count; i++) {
        golden_done(&goldens->items[i]);
    }
    free(goldens->items);
    free(goldens->folder);
    memset(goldens, 0, sizeof(*goldens));
}

const struct rf_golden *
rf_goldens_find(const struct rf_goldens *goldens, const char *aggregate)
{
    size_t low = 0;
    size_t high = goldens->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(goldens->items[middle].aggregate, aggregate);
        if (order == 0) {
            return &goldens->items[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

void
rf_goldens_digest(const struct rf_goldens *goldens, char hex[65])
{
    struct rf_sha256 *sha = rf_sha256_new();
    for (size_t i = 0; i < goldens->count; i++) {
        const struct rf_golden *golden = &goldens->items[i];
        rf_sha256_add(sha, golden->aggregate, strlen(golden->aggregate) + 1);
        rf_sha256_add(sha, golden->digest, strlen(golden->digest) + 1);
    }
    rf_sha256_finish(sha, hex);
}

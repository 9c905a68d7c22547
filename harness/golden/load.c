/* SPDX-License-Identifier: MIT */
/* One golden out of its files: lines, their order, the meta file. */
#include "golden/load.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/order.h"
#include "base/sha256.h"
#include "base/temporary.h"
#include "decode/gzip.h"
#include "decode/stored.h"
#include "golden/digest_manifest.h"
#include "golden/meta.h"

/** One golden in the making. */
struct loader {
    struct rf_golden *golden;
    const struct rf_journal *journal; /**< tells where its files lie; NULL: under their names */
    const char *folder;
    struct rf_golden_memory *memory;
    struct rf_damages *damages;
    uint64_t *numbers; /**< of the lines in the file, from 1 */
    size_t room;       /**< of lines and numbers */
    size_t read;       /**< lines in the file, believed or not */
    bool strewn;       /**< an id is not larger than the one before it */
};

/** Reads a file of the golden, wherever it lies at the moment. */
static rf_code
read_file(const struct loader *loader, const char *path, struct rf_buf *ret, struct rf_err *reterr)
{
    char *place = rf_journal_place(loader->journal, loader->folder, rf_name_of(path));
    rf_code code = rf_file_read(place, ret, reterr);
    free(place);
    return code;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/** `line` is 0 where the whole file is meant. */
static void
add_damage(struct loader *loader, const char *path, uint64_t line,
           const struct rf_golden_line *about, const char *message)
{
    const char *id = about == NULL ? NULL : about->id;
    size_t id_bytes = id == NULL ? 0 : about->id_bytes;
    loader->golden->damaged = true;
    rf_damages_add(loader->damages, (struct rf_damage){
                                        .kind = RF_DAMAGE_GOLDEN,
                                        .object = rf_strdup(path),
                                        .has_offset = line > 0,
                                        .offset = line,
                                        .aggregate = rf_strdup(loader->golden->aggregate),
                                        .id = id == NULL ? NULL : rf_strndup(id, id_bytes),
                                        .id_bytes = id_bytes,
                                        .message = rf_strdup(message),
                                    });
}

static int
compare_lines(const struct rf_golden_line *a, const struct rf_golden_line *b)
{
    return rf_bytes_compare(a->id, a->id_bytes, b->id, b->id_bytes);
}

/** Reads the line that begins at `text`; returns the place behind its LF. */
static const char *
load_line(struct loader *loader, struct rf_line_reader *reader, const char *text, const char *end)
{
    struct rf_golden *golden = loader->golden;
    struct rf_golden_line line;
    struct rf_err err;
    const char *feed = memchr(text, '\n', (size_t)(end - text));
    loader->read++;
    if (feed == NULL) {
        add_damage(
            loader, golden->path, loader->read, NULL,
            "the last line has no line feed: the file was cut: restore it from git, or bless "
            "again");
        return end;
    }
    if (rf_line_read(reader, text, (size_t)(feed - text), &line, &err) != RF_OK) {
        add_damage(loader, golden->path, loader->read, &line, err.text);
        return feed + 1;
    }
    if (golden->count == loader->room) {
        size_t room = loader->room;
        RF_GROW(golden->lines, loader->room, golden->count + 1);
        RF_GROW(loader->numbers, room, golden->count + 1);
    }
    if (golden->count > 0 && compare_lines(&golden->lines[golden->count - 1], &line) >= 0) {
        loader->strewn = true;
    }
    loader->numbers[golden->count] = loader->read;
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
    return order != 0 ? order : RF_ORDER(a->number, b->number);
}

static void
sort_lines(struct loader *loader)
{
    struct rf_golden *golden = loader->golden;
    struct placed *placed = rf_calloc(golden->count + 1, sizeof(*placed));
    for (size_t i = 0; i < golden->count; i++) {
        placed[i] = (struct placed){golden->lines[i], loader->numbers[i]};
    }
    qsort(placed, golden->count, sizeof(*placed), compare_placed);
    for (size_t i = 0; i < golden->count; i++) {
        golden->lines[i] = placed[i].line;
        loader->numbers[i] = placed[i].number;
    }
    free(placed);
}

/** Lines out of order are damage, but can still be told apart; of those with one id the first is
 * kept. */
static void
tell_order(struct loader *loader)
{
    struct rf_golden *golden = loader->golden;
    bool sorted = true;
    for (size_t i = 1; i < golden->count; i++) {
        if (compare_lines(&golden->lines[i - 1], &golden->lines[i]) > 0) {
            sorted = false;
            add_damage(
                loader, golden->path, loader->numbers[i], &golden->lines[i],
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
                loader, golden->path, loader->numbers[i], &golden->lines[i],
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
    struct rf_line_reader reader = {
        .texts = &loader->memory->texts,
        .recognizer = rf_recognizer_new(),
    };
    const char *at = text->used == 0 ? "" : text->bytes;
    const char *end = at + text->used;
    while (at < end) {
        at = load_line(loader, &reader, at, end);
    }
    rf_line_reader_done(&reader);
    if (loader->strewn) {
        tell_order(loader);
    }
    rf_line_index_build(&loader->memory->index, loader->golden->lines, loader->golden->count);
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

/** Up to its end, or until there is as much as is wanted. */
static rf_code
inflate(struct rf_gzip *gzip, size_t stored_bytes, size_t wanted, struct rf_buf *out,
        struct rf_err *reterr)
{
    while (out->used < wanted) {
        size_t got;
        rf_buf_reserve(out, RF_STORED_CHUNK_BYTES);
        RF_TRY(rf_gzip_read(gzip, out->bytes + out->used, out->room - out->used, &got, reterr));
        out->used += got;
        if (got == 0 && rf_gzip_members(gzip) == 0) {
            return rf_fail(reterr, RF_ERR_TRUNCATED, NULL, "the file is empty");
        }
        if (got == 0) {
            break;
        }
        if (out->used > rf_limits.object_bytes) {
            return rf_fail(reterr, RF_ERR_LIMIT, NULL,
                           "more than %" PRIu64
                           " bytes come out of it " RF_LIMIT_SIZE_HINT("object"),
                           rf_limits.object_bytes);
        }
        if (rf_golden_is_bomb(out->used, stored_bytes, rf_limits.ratio)) {
            return rf_fail(reterr, RF_ERR_LIMIT, NULL,
                           "it unpacks to more than %" PRIu64
                           " times its own size " RF_LIMIT_NUMBER_HINT("ratio"),
                           rf_limits.ratio);
        }
    }
    return RF_OK;
}

rf_code
rf_golden_unpack_front(const struct rf_buf *packed_bytes, size_t wanted, struct rf_buf *out,
                       struct rf_err *reterr)
{
    struct packed packed = {.bytes = packed_bytes};
    struct rf_decode_input input = {.context = &packed, .read = read_packed};
    struct rf_stored stored;
    rf_stored_init(&stored);
    rf_stored_begin(&stored, &input);
    struct rf_gzip *gzip = rf_gzip_new();
    rf_gzip_begin(gzip, &stored);
    rf_code code = inflate(gzip, packed_bytes->used, wanted, out, reterr);
    rf_gzip_free(gzip);
    rf_stored_done(&stored);
    return code;
}

rf_code
rf_golden_unpack(const struct rf_buf *packed, struct rf_buf *out, struct rf_err *reterr)
{
    return rf_golden_unpack_front(packed, SIZE_MAX, out, reterr);
}

/** Lines of a file that does not inflate to its end are not believed: its checksum is behind them.
 */
static rf_code
load_gzip(struct loader *loader, struct rf_err *reterr)
{
    struct rf_buf packed = {0};
    struct rf_err err;
    rf_code code = read_file(loader, loader->golden->path, &packed, reterr);
    if (code == RF_OK && rf_golden_unpack(&packed, &loader->memory->text, &err) != RF_OK) {
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
    golden->lost_lines =
        golden->edited && meta->lines > golden->count ? meta->lines - golden->count : 0;
}

static rf_code
load_meta(struct loader *loader, const char *path, struct rf_err *reterr)
{
    struct rf_buf text = {0};
    struct rf_meta meta;
    struct rf_err err;
    rf_code code = read_file(loader, path, &text, reterr);
    if (code == RF_OK) {
        loader->golden->sealed = true;
        if (rf_meta_read(text.used == 0 ? "" : text.bytes, text.used, &meta, &err) == RF_OK) {
            check_meta(loader, path, &meta);
            loader->golden->meta = rf_alloc(sizeof(meta));
            *loader->golden->meta = meta;
        } else {
            char *message = rf_meta_is_unmerged(text.bytes, text.used)
                                ? rf_strdup(RF_META_UNMERGED)
                                : rf_format("%s: restore it from git, or bless again", err.text);
            add_damage(loader, path, 0, NULL, message);
            free(message);
        }
    }
    rf_buf_done(&text);
    return code;
}

/* ---- the manifest of a digest golden --------------------------------------------------------- */

/** One that cannot be believed is damage, and nothing is known of its lines. */
static rf_code
load_manifest(struct loader *loader, struct rf_err *reterr)
{
    struct rf_golden *golden = loader->golden;
    struct rf_manifest *manifest = rf_calloc(1, sizeof(*manifest));
    struct rf_buf text = {0};
    struct rf_err err;
    rf_code code = read_file(loader, golden->path, &text, reterr);
    rf_code read = RF_ERR_MALFORMED;
    if (code == RF_OK) {
        read = rf_manifest_read(text.used == 0 ? "" : text.bytes, text.used, manifest, &err);
        if (read == RF_OK && strcmp(manifest->meta.aggregate, golden->aggregate) != 0) {
            read = rf_fail(&err, RF_ERR_MALFORMED, NULL,
                           "the manifest is that of '%s': restore it from git, or bless again",
                           manifest->meta.aggregate);
            rf_manifest_done(manifest);
        }
        if (read != RF_OK) {
            add_damage(loader, golden->path, 0, NULL, err.text);
        }
    }
    rf_buf_done(&text);
    golden->is_digest = true;
    rf_line_index_build(&loader->memory->index, NULL, 0); /* whoever looks for a line finds none */
    golden->sealed = read == RF_OK;
    golden->digest = rf_strdup(read == RF_OK ? manifest->meta.states : "");
    if (read == RF_OK) {
        golden->manifest = manifest;
    } else {
        free(manifest);
    }
    return code;
}

/* ---- the whole ------------------------------------------------------------------------------- */

void
rf_golden_load_text(const char *aggregate, const char *path, struct rf_buf *text,
                    struct rf_golden *golden, struct rf_damages *damages)
{
    struct rf_golden_memory *memory = rf_calloc(1, sizeof(*memory));
    struct loader loader = {.golden = golden, .memory = memory, .damages = damages};
    golden->aggregate = rf_strdup(aggregate);
    golden->path = rf_strdup(path);
    golden->memory = memory;
    memory->text = *text;
    *text = (struct rf_buf){0};
    load_lines(&loader);
    free(loader.numbers);
}

rf_code
rf_golden_load(const char *folder, const struct rf_journal *journal,
               const struct rf_golden_file *found, struct rf_golden *golden,
               struct rf_damages *damages, struct rf_err *reterr)
{
    struct rf_golden_memory *memory = rf_calloc(1, sizeof(*memory));
    struct loader loader = {
        .golden = golden,
        .journal = journal,
        .folder = folder,
        .memory = memory,
        .damages = damages,
    };
    rf_code code = RF_OK;
    golden->aggregate = rf_strdup(found->aggregate);
    golden->path = rf_format("%s/%s.%s", folder, found->aggregate,
                             found->digest ? "digest.json"
                             : found->gzip ? "ndjson.gz"
                                           : "ndjson");
    golden->memory = memory;
    if (found->digest) {
        return load_manifest(&loader, reterr);
    }
    if (found->gzip) {
        code = load_gzip(&loader, reterr);
    } else if (found->plain) {
        code = read_file(&loader, golden->path, &memory->text, reterr);
    }
    if (code == RF_OK) {
        load_lines(&loader);
        golden->digest = rf_alloc(RF_SHA256_HEX_BYTES);
        rf_sha256_make(memory->text.bytes, memory->text.used, golden->digest);
    }
    if (code == RF_OK && found->meta) {
        char *path = rf_format("%s/%s.meta.json", folder, found->aggregate);
        code = load_meta(&loader, path, reterr);
        free(path);
    }
    free(loader.numbers);
    return code;
}

void
rf_golden_unload(struct rf_golden *golden)
{
    struct rf_golden_memory *memory = golden->memory;
    if (memory != NULL) {
        rf_buf_done(&memory->text);
        rf_line_texts_done(&memory->texts);
        rf_line_index_done(&memory->index);
        free(memory);
    }
    if (golden->meta != NULL) {
        rf_meta_done(golden->meta);
        free(golden->meta);
    }
    if (golden->manifest != NULL) {
        rf_manifest_done(golden->manifest);
    }
    free(golden->manifest);
    free(golden->aggregate);
    free(golden->path);
    free(golden->lines);
    free(golden->digest);
}

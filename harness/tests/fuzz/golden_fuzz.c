/* SPDX-License-Identifier: MIT */
/*
 * Files of a golden folder, hand-edited, merged, cut. The first byte chooses which:
 *
 *   line       what is accepted is written, read again, and is the same; whoever has learned of the
 *              lines before reads it as one who has not
 *   meta       the same
 *   manifest   what is accepted is, byte for byte, what would be written
 *   damage     known-damage.json: what is accepted is written, read again, and is the same
 *   journal    what is believed is, byte for byte, what would be written; it moves nothing
 *              without a temporary's name
 *   pending    accepted if, and only if, it is the text of the digest
 *   file       all lines of a golden: those that are kept are in strict order, and found by id
 *
 * Where a file has a checksum, the next byte says whether it is put right, so that mutations get
 * behind it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/journal.h"
#include "base/temporary.h"
#include "golden/digest_manifest.h"
#include "golden/known_file.h"
#include "golden/line.h"
#include "golden/load.h"
#include "golden/meta.h"
#include "golden/pending.h"
#include "tests/fuzz/judge.h"
#include "tests/fuzz/places.h"
#include "tests/fuzz/seeds.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"\"id\":",
                                  "\"events\":",
                                  "\"state\":",
                                  "\"version\":",
                                  "\"rejected\":",
                                  "\"message\":",
                                  "\"format\":1",
                                  "\"lines\":",
                                  "\"states\":",
                                  "\"until\":\"2026-12-31\"",
                                  "\"aggregate\":",
                                  "\"identity\":",
                                  "\"kind\":",
                                  "\"reason\":",
                                  "\"count\":2",
                                  "<<<<<<< HEAD\n",
                                  "=======\n",
                                  ">>>>>>> b\n",
                                  "\r\n",
                                  "\"closed\":",
                                  "refold journal",
                                  "---------------- ",
                                  "0000000000000000 ",
                                  NULL};

const char *
fuzz_against(void)
{
    return "what is written again";
}

static bool
same(const struct rf_buf *a, const struct rf_buf *b)
{
    return a->used == b->used && (a->used == 0 || memcmp(a->bytes, b->bytes, a->used) == 0);
}

/* ---- each of them ---------------------------------------------------------------------------- */

static void
try_line(const char *text, size_t bytes)
{
    static struct rf_line_texts texts;
    static struct rf_line_reader reader = {.texts = &texts};
    static struct rf_line_reader learned = {.texts = &texts};
    static struct rf_buf first, second;
    struct rf_golden_line line;
    struct rf_err err = {0};
    bool accepted = rf_line_read(&reader, text, bytes, &line, &err) == RF_OK;
    judge(accepted, &err);
    if (learned.recognizer == NULL) {
        learned.recognizer = rf_recognizer_new();
    }
    struct rf_golden_line alike;
    expect((rf_line_read(&learned, text, bytes, &alike, &err) == RF_OK) == accepted,
           "a line is judged otherwise for what was read before");
    if (accepted) {
        rf_buf_clear(&first);
        rf_buf_clear(&second);
        rf_line_write(&alike, &second);
        rf_line_write(&line, &first);
        expect(same(&first, &second), "a line is another for what was read before");
        rf_buf_clear(&second);
        int64_t version = line.version;
        expect(rf_line_read(&reader, first.bytes, first.used, &line, &err) == RF_OK,
               "a line that was written is refused");
        expect(line.version == version, "another version");
        rf_line_write(&line, &second);
        expect(same(&first, &second), "a line changes when it is written again");
    }
    rf_line_texts_done(&texts);
    texts = (struct rf_line_texts){0};
}

static void
try_meta(const char *text, size_t bytes)
{
    struct rf_buf first = {0}, second = {0};
    struct rf_meta meta, again;
    struct rf_err err = {0};
    bool accepted = rf_meta_read(text, bytes, &meta, &err) == RF_OK;
    judge(accepted, &err);
    if (accepted) {
        rf_meta_write(&meta, &first);
        expect(rf_meta_read(first.bytes, first.used, &again, &err) == RF_OK,
               "a meta file that was written is refused");
        rf_meta_write(&again, &second);
        expect(same(&first, &second), "a meta file changes when it is written again");
        rf_meta_done(&again);
        rf_buf_done(&first);
        rf_buf_done(&second);
    }
    rf_meta_done(&meta);
}

static void
digest(const char *text, size_t bytes, char hex[RF_SHA256_HEX_BYTES])
{
    rf_sha256_make(text, bytes, hex);
}

static void
try_manifest(char *text, size_t bytes, bool mended)
{
    static const char front[] = "\"states\":\"";
    static struct rf_manifest manifest;
    struct rf_buf again = {0};
    struct rf_err err = {0};
    const size_t seal = sizeof(front) - 1 + RF_SHA256_HEX_BYTES - 1 + 3;
    if (mended && bytes > seal && memcmp(text + bytes - seal, front, sizeof(front) - 1) == 0) {
        char hex[RF_SHA256_HEX_BYTES];
        digest(text, bytes - seal, hex);
        memcpy(text + bytes - seal + sizeof(front) - 1, hex, sizeof(hex) - 1);
    }
    bool accepted = rf_manifest_read(text, bytes, &manifest, &err) == RF_OK;
    judge(accepted, &err);
    if (accepted) {
        uint64_t lines = 0;
        for (size_t i = 0; i < RF_SHARD_COUNT; i++) {
            lines += manifest.shards[i].lines;
        }
        expect(lines == manifest.meta.lines, "a manifest whose lines do not add up");
        rf_manifest_write(&manifest, &again);
        expect(rf_manifest_read(again.bytes, again.used, &manifest, &err) == RF_OK,
               "a manifest that was written is refused");
        rf_buf_done(&again);
        rf_manifest_done(&manifest);
    }
}

static void
try_damage(const char *text, size_t bytes)
{
    struct rf_known_damage *known = NULL, *again = NULL;
    struct rf_buf first = {0}, second = {0};
    struct rf_err err = {0};
    fuzz_put(RF_KNOWN_DAMAGE_NAME, text, bytes);
    bool accepted = rf_known_read(fuzz_folder(), "2026-01-01", true, &known, &err) == RF_OK;
    judge(accepted, &err);
    if (accepted) {
        rf_known_write(known->items, known->count, &first);
        fuzz_put(RF_KNOWN_DAMAGE_NAME, first.bytes, first.used);
        expect(rf_known_read(fuzz_folder(), "2026-01-01", true, &again, &err) == RF_OK,
               "known damage that was written is refused");
        expect(again->count == known->count, "entries are lost");
        rf_known_write(again->items, again->count, &second);
        expect(same(&first, &second), "known damage changes when it is written again");
    }
    rf_known_free(known);
    rf_known_free(again);
    rf_buf_done(&first);
    rf_buf_done(&second);
}

static void
try_journal(const char *text, size_t bytes, bool mended)
{
    struct rf_buf file = {0}, again = {0};
    struct rf_journal journal = {0};
    struct rf_err err = {0};
    rf_buf_add(&file, text, bytes);
    if (mended && bytes > 17 && text[bytes - 1] == '\n') {
        file.used -= 17;
        rf_buf_format(&file, "%016" PRIx64 "\n", rf_hash(file.bytes, file.used, 0));
    }
    fuzz_put(RF_JOURNAL_NAME, file.bytes, file.used);
    bool accepted = rf_journal_read(fuzz_folder(), &journal, &err) == RF_OK;
    judge(accepted, &err);
    if (accepted && journal.there && journal.count > 0) {
        rf_journal_write(&journal, &again);
        expect(same(&file, &again), "a journal that was believed is not as it is written");
        for (size_t i = 0; i < journal.count; i++) {
            expect(rf_journal_takes(journal.rows[i].name) &&
                       rf_journal_takes(journal.rows[i].temporary) &&
                       strchr(journal.rows[i].name, '/') == NULL &&
                       strchr(journal.rows[i].temporary, '/') == NULL,
                   "a journal names a file of another folder");
        }
    }
    rf_journal_done(&journal);
    rf_buf_done(&file);
    rf_buf_done(&again);
    char *path = rf_journal_path(fuzz_folder());
    (void)unlink(path);
    free(path);
}

static void
try_pending(const char *text, size_t bytes, bool mended)
{
    struct rf_meta meta = {.pending_lines = 1};
    char name[] = "a";
    const struct rf_golden golden = {.aggregate = name, .meta = &meta, .sealed = true};
    struct rf_buf got = {0};
    struct rf_err err = {0};
    digest(text, bytes, meta.pending);
    meta.pending[5] = mended ? meta.pending[5] : 'x';
    fuzz_put("a" RF_PENDING_ENDING, text, bytes);
    bool accepted = rf_pending_read(fuzz_folder(), &golden, &got, &err) == RF_OK;
    judge(accepted, &err);
    expect(accepted == (mended && bytes > 0 && text[bytes - 1] == '\n'),
           "a pending file is judged by something else than its digest");
    expect(!accepted || (got.used == bytes && memcmp(got.bytes, text, bytes) == 0),
           "other bytes than the file's");
    rf_buf_done(&got);
}

static void
try_file(const char *text, size_t bytes)
{
    struct rf_golden golden = {0};
    struct rf_damages damages = {0};
    struct rf_buf file = {0};
    rf_buf_add(&file, text, bytes);
    rf_golden_load_text("a", "a.ndjson", &file, &golden, &damages);
    for (size_t i = 0; i < golden.count; i++) {
        const struct rf_golden_line *line = &golden.lines[i];
        const struct rf_golden_line *before = i == 0 ? NULL : line - 1;
        size_t less = before == NULL || before->id_bytes < line->id_bytes
                          ? (before == NULL ? 0 : before->id_bytes)
                          : line->id_bytes;
        int order = before == NULL ? -1 : memcmp(before->id, line->id, less);
        expect(order < 0 || (order == 0 && before->id_bytes < line->id_bytes),
               "lines are kept out of their order");
        expect(rf_golden_find(&golden, line->id, line->id_bytes) == line, "a line is not found");
    }
    size_t feeds = 0;
    for (size_t i = 0; i < bytes; i++) {
        feeds += text[i] == '\n' ? 1 : 0;
    }
    expect(golden.damaged == (damages.totals[RF_DAMAGE_GOLDEN] > 0),
           "damage that nobody is told of");
    expect(golden.damaged || golden.count == feeds, "lines are lost in silence");
    fuzz_count(golden.damaged ? FUZZ_REFUSED : FUZZ_ACCEPTED);
    rf_golden_unload(&golden);
    rf_damages_done(&damages);
}

/* ---- the target ------------------------------------------------------------------------------ */

enum { LINE, META, MANIFEST, DAMAGE, JOURNAL, PENDING, FILE_, KINDS };

static void
add(struct seeds *seeds, int kind, const char *text)
{
    char *seed = rf_format("%c%c%s", kind, 1, text);
    seeds_add(seeds, seed, strlen(seed + 2) + 2);
    free(seed);
}

static void
add_manifest(struct seeds *seeds)
{
    static struct rf_manifest manifest;
    struct rf_buf text = {0};
    manifest.meta.aggregate = rf_strdup("order");
    memcpy(manifest.meta.history, "00112233445566778899aabbccddeeff",
           sizeof(manifest.meta.history));
    for (size_t i = 0; i < RF_SHARD_COUNT; i++) {
        struct rf_buf none = {0};
        rf_shard_seal(&manifest.shards[i], &none);
    }
    rf_manifest_write(&manifest, &text);
    add(seeds, MANIFEST, rf_buf_text(&text));
    rf_manifest_done(&manifest);
    rf_buf_done(&text);
}

static void
add_journal(struct seeds *seeds)
{
    char lines_name[] = "a.ndjson", meta_name[] = "a.meta.json";
    char lines_new[] = ".a.ndjson.1-1" RF_TEMPORARY_NEW;
    char meta_new[] = ".a.meta.json.1-1" RF_TEMPORARY_NEW;
    struct rf_journal_row rows[] = {
        {.name = lines_name, .temporary = lines_new, .after = rf_hash("new\n", 4, 0)},
        {.name = meta_name, .temporary = meta_new, .existed = true, .before = 7, .after = 9}};
    const struct rf_journal one = {.rows = rows, .count = 1};
    const struct rf_journal two = {.rows = rows, .count = 2};
    struct rf_buf text = {0};
    fuzz_put(lines_new, "new\n", 4);
    rf_journal_write(&one, &text);
    add(seeds, JOURNAL, rf_buf_text(&text));
    rf_buf_clear(&text);
    rf_journal_write(&two, &text);
    add(seeds, JOURNAL, rf_buf_text(&text));
    rf_buf_done(&text);
}

void
fuzz_begin(struct seeds *seeds)
{
    static const char *const lines[] = {
        "{\"events\":\"00000000000000ff\",\"id\":\"a\",\"state\":{\"n\":1},\"version\":3}",
        "{\"events\":\"0123456789abcdef\",\"id\":\"b\",\"rejected\":{\"message\":\"no\",\"type\":"
        "\"T\",\"version\":4},\"state\":{\"x\":[1.5,\"\\u00e9\"]},\"version\":3}",
        "{\"id\":\"c\",\"version\":9}", "{\"id\":\"d\",\"state\":null,\"version\":1}"};
    char *file = rf_format("%s\n%s\n%s\n", lines[0], lines[1], lines[3]);
    for (size_t i = 0; i < 4; i++) {
        add(seeds, LINE, lines[i]);
        add(seeds, FILE_, file);
        add(seeds, DAMAGE, "{\"damage\":[\n],\"format\":1}\n");
        add(seeds, META,
            "{\"aggregate\":\"order\",\"as_of\":\"2017-03-01T00:00:00Z\",\"closed\":"
            "\"2017-03-01T00:00:00Z\",\"format\":1,\"history\":"
            "\"00112233445566778899aabbccddeeff\",\"lines\":4,\"rejected\":1,"
            "\"state_version\":2,\"states\":"
            "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}\n");
        add(seeds, PENDING,
            "{\"aggregate\":\"a\",\"at\":\"2015-04-27T13:00:00Z\",\"data\":{},\"hash\":"
            "\"00000000000000ff\",\"id\":\"x\",\"object\":\"k\",\"offset\":0,\"type\":\"T\","
            "\"version\":7}\n");
    }
    static const char *const identities[] = {
        "{\"count\":2,\"digest\":"
        "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\","
        "\"kind\":\"malformed\",\"object\":\"2015/04/27/13/x.gz\",\"offset\":12,"
        "\"reason\":\"known\"}",
        "{\"id\":\"1\",\"kind\":\"gap\",\"reason\":\"r\",\"to\":4,\"until\":\"2026-12-31\","
        "\"version\":3}"};
    for (size_t i = 0; i < 2; i++) {
        char *text = rf_format("{\"damage\":[\n%s\n],\"format\":1}\n", identities[i]);
        add(seeds, DAMAGE, text);
        free(text);
    }
    seeds_add_folder(seeds, "fixtures/hostile/golden", 100);
    free(file);
    add_manifest(seeds);
    add_journal(seeds);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    if (bytes < 2) {
        return 0;
    }
    whole = (const char *)input;
    whole_bytes = bytes;
    char *text = rf_strndup(whole + 2, bytes - 2);
    bool mended = input[1] % 4 != 0;
    bytes -= 2;
    switch (input[0] % KINDS) {
    case LINE:
        try_line(text, bytes);
        break;
    case META:
        try_meta(text, bytes);
        break;
    case MANIFEST:
        try_manifest(text, bytes, mended);
        break;
    case DAMAGE:
        try_damage(text, bytes);
        break;
    case JOURNAL:
        try_journal(text, bytes, mended);
        break;
    case PENDING:
        try_pending(text, bytes, mended);
        break;
    default:
        try_file(text, bytes);
        break;
    }
    free(text);
    return 0;
}

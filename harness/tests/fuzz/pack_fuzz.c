/* SPDX-License-Identifier: MIT */
/*
 * A packed history, or a part of one. The first byte chooses what the rest is:
 *
 *   file      a whole pack, whose head's and foot's checksums are put right
 *   section   what a section holds, in a pack that is whole but for that, with all checksums right
 *   blocks    the same of all blocks
 *   block     one block with its facts, for rf_block_read alone
 *
 * A pack that is taken can be walked over, with all its sums equal; its events lie within their
 * block, and are as many as its facts say. What is refused says why.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/libzstd.h"
#include "decode/gunzip.h"
#include "history/data.h"
#include "history/ingest.h"
#include "history/pack_block.h"
#include "history/pack_index.h"
#include "history/pack_write.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/places.h"
#include "tests/fuzz/seeds.h"
#include "walk/pack.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {RF_PACK_MAGIC, "\xff\xff\xff\xff\xff\xff\xff\xff",
                                  "\1\0\0\0\0\0\0\0", "\x28\xb5\x2f\xfd", NULL};

enum { BLOCKS = RF_PACK_SECTION_COUNT_, WHOLE, BLOCK, KINDS };

const char *
fuzz_against(void)
{
    return "its own facts";
}

static struct rf_buf good; /**< a pack that is right */
static struct rf_pack_foot good_foot;
static const char *whole; /**< the input, to be shown */
static size_t whole_bytes;

static void
expect(bool holds, const char *what)
{
    fuzz_expect(whole, whole_bytes, holds, what);
}

/* ---- from a source to a history -------------------------------------------------------------- */

struct way {
    struct rf_objects objects;
    struct rf_envelope envelope;
    struct rf_ingest_request request;
    struct rf_history *history;
    struct rf_ingest_result result;
    struct rf_facts *facts;
};

static rf_code
go(struct way *way, const char *source, bool keeps_facts, struct rf_err *reterr)
{
    *way = (struct way){0};
    const struct rf_walk_request walk = {
        .sources = &source, .source_count = 1, .gunzip = &rf_gunzip, .jobs = 1};
    RF_TRY(rf_envelope_parse("auto", &way->envelope, reterr));
    RF_TRY(rf_walk(&walk, &way->objects, reterr));
    way->facts = keeps_facts ? rf_calloc(way->objects.count, sizeof(*way->facts)) : NULL;
    way->request = (struct rf_ingest_request){
        .objects = &way->objects, .envelope = &way->envelope, .facts = way->facts, .jobs = 1};
    return rf_ingest(&way->request, &way->history, &way->result, reterr);
}

static void
way_done(struct way *way)
{
    for (size_t i = 0; way->facts != NULL && i < way->objects.count; i++) {
        rf_facts_done(&way->facts[i]);
    }
    free(way->facts);
    rf_ingest_result_done(&way->result);
    rf_history_free(way->history);
    rf_objects_done(&way->objects);
    rf_envelope_done(&way->envelope);
}

static void
see_event(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    const struct way *way = ((void **)context)[0];
    uint64_t *events = ((void **)context)[1];
    const struct rf_names *names = rf_history_names(way->history);
    struct rf_data_reader data = {.names = names};
    size_t bytes;
    (void)ref;
    const char *type = rf_names_text(names, event->type, &bytes);
    uint64_t hash = rf_hash(type, bytes, 1);
    const char *text = rf_event_data(&data, event, &bytes);
    hash ^= rf_hash(text, bytes, 2) ^ rf_hash(rf_packed_id(event), event->id_bytes, 3);
    expect(event->object < way->objects.count, "an event of no object");
    *events += hash & 1; /* so that all of it is read */
    rf_data_reader_done(&data);
}

/** Whatever it says, it can be walked over. */
static void
see_all(struct way *way)
{
    uint64_t events = 0;
    void *context[] = {way, &events};
    struct rf_err err;
    if (rf_history_open_windows(way->history, 1, &err) != RF_OK) {
        return;
    }
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        bool more = rf_history_open_bucket(way->history, i, 0, &err) == RF_OK;
        while (more) {
            rf_history_each(way->history, i, see_event, context);
            if (rf_history_next_portion(way->history, i, &more, &err) != RF_OK) {
                break;
            }
        }
    }
}

static void
try_pack(const struct rf_buf *pack)
{
    struct way way;
    struct rf_err err = {0};
    fuzz_put("fuzzed.pack", pack->bytes, pack->used);
    char *path = rf_format("%s/fuzzed.pack", fuzz_folder());
    rf_code code = go(&way, path, false, &err);
    if (code == RF_OK) {
        see_all(&way);
    } else {
        expect(err.text[0] != '\0', "refused without a word");
        expect(code != RF_ERR_INTERNAL, "refold's own fault");
    }
    fuzz_count(code == RF_OK ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    way_done(&way);
    free(path);
}

/* ---- forging --------------------------------------------------------------------------------- */

static void
seal_foot(struct rf_buf *pack)
{
    struct rf_pack_head head;
    struct rf_pack_foot foot;
    if (pack->used < sizeof(head) + sizeof(foot)) {
        return;
    }
    memcpy(&head, pack->bytes, sizeof(head));
    head.checksum = rf_hash(&head, offsetof(struct rf_pack_head, checksum), 0);
    memcpy(pack->bytes, &head, sizeof(head));
    memcpy(&foot, pack->bytes + pack->used - sizeof(foot), sizeof(foot));
    for (size_t i = 0; i < RF_PACK_SECTION_COUNT_; i++) {
        struct rf_pack_place *place = &foot.sections[i];
        if (place->offset < pack->used && place->stored_bytes <= pack->used - place->offset) {
            place->checksum =
                rf_hash(pack->bytes + place->offset, (size_t)place->stored_bytes, place->offset);
        }
    }
    foot.file_bytes = pack->used;
    foot.checksum = rf_hash(&foot, offsetof(struct rf_pack_foot, checksum), foot.file_bytes);
    memcpy(pack->bytes + pack->used - sizeof(foot), &foot, sizeof(foot));
}

/** What a section of the good pack holds; owned. */
static char *
inflate_section(size_t section, size_t *ret_bytes)
{
    const struct rf_pack_place *place = &good_foot.sections[section];
    char *raw = rf_alloc((size_t)place->bytes + 1);
    *ret_bytes = rf_libzstd()->ZSTD_decompress(
        raw, (size_t)place->bytes, good.bytes + place->offset, (size_t)place->stored_bytes);
    expect(*ret_bytes == place->bytes, "the good pack is none");
    return raw;
}

static void
put_section(struct rf_buf *out, struct rf_pack_place *place, const char *raw, size_t bytes)
{
    size_t room = rf_libzstd()->ZSTD_compressBound(bytes);
    place->bytes = bytes;
    place->offset = out->used;
    rf_buf_reserve(out, room);
    place->stored_bytes = rf_libzstd()->ZSTD_compress(out->bytes + out->used, room, raw, bytes, 1);
    out->used += place->stored_bytes;
}

/** The index, with the checksums of the blocks as they are in `out`. */
static void
put_index(struct rf_buf *out, struct rf_pack_place *place, const char *raw, size_t bytes)
{
    struct rf_wire wire = rf_wire_begin(raw, bytes);
    struct rf_pack_index index = {0};
    struct rf_buf text = {0};
    bool taken = rf_pack_index_take(&wire, sizeof(struct rf_pack_head),
                                    good_foot.sections[0].offset, &index);
    for (size_t i = 0; taken && i < index.block_count; i++) {
        struct rf_block *block = &index.blocks[i];
        block->checksum =
            rf_hash(out->bytes + block->offset, (size_t)block->facts.stored_bytes, block->offset);
    }
    rf_pack_index_put(&index, &text);
    put_section(out, place, text.bytes, text.used);
    rf_pack_index_done(&index);
    rf_buf_done(&text);
}

/** The good pack, but for this part. @part  a section, or BLOCKS */
static void
forge(size_t part, const char *bytes, size_t count, struct rf_buf *out)
{
    struct rf_pack_foot foot = good_foot;
    size_t begin = sizeof(struct rf_pack_head);
    size_t end = (size_t)good_foot.sections[0].offset;
    rf_buf_clear(out);
    rf_buf_add(out, good.bytes, end);
    if (part == BLOCKS) {
        memcpy(out->bytes + begin, bytes, count < end - begin ? count : end - begin);
    }
    for (size_t i = 0; i < RF_PACK_SECTION_COUNT_; i++) {
        size_t raw_bytes;
        char *raw = inflate_section(i, &raw_bytes);
        if (i == part) {
            put_section(out, &foot.sections[i], bytes, count);
        } else if (i == RF_PACK_INDEX) {
            put_index(out, &foot.sections[i], raw, raw_bytes);
        } else {
            put_section(out, &foot.sections[i], raw, raw_bytes);
        }
        free(raw);
    }
    rf_buf_add(out, &foot, sizeof(foot));
    seal_foot(out);
}

/* ---- one block ------------------------------------------------------------------------------- */

static void
try_block(const char *bytes, size_t count)
{
    static struct rf_block_reader *reader;
    struct rf_block_facts facts;
    struct rf_err err = {0};
    if (count < sizeof(facts)) {
        return;
    }
    memcpy(&facts, bytes, sizeof(facts));
    facts.stored_bytes = count - sizeof(facts);
    facts.raw_bytes = facts.raw_bytes % RF_BLOCK_RAW_BYTES / 8 * 8; /* the index's to check */
    facts.events %= RF_BLOCK_RAW_BYTES;
    facts.inner_bytes %= RF_BLOCK_RAW_BYTES;
    unsigned char *place = rf_calloc(1, (size_t)facts.raw_bytes + 8);
    unsigned char *stored = rf_alloc((size_t)facts.stored_bytes + 1);
    memcpy(stored, bytes + sizeof(facts), (size_t)facts.stored_bytes);
    reader = reader == NULL ? rf_block_reader_new() : reader;
    rf_code code = rf_block_read(reader, stored, &facts, place, &err);
    if (code == RF_OK) {
        uint64_t at = 0, events = 0;
        while (at < facts.raw_bytes) {
            const struct rf_packed_event *event = (const void *)(place + at);
            expect(facts.raw_bytes - at >= sizeof(*event) && event->bytes >= sizeof(*event) &&
                       event->bytes <= facts.raw_bytes - at,
                   "an event does not lie in its block");
            const char *end = (const char *)event + event->bytes;
            expect(rf_packed_tokens(event) + event->data_bytes <= end &&
                       rf_packed_id(event) + event->id_bytes <= end,
                   "a part of an event does not lie in it");
            at += event->bytes;
            events++;
        }
        expect(events == facts.events, "another number of events");
    } else {
        expect(err.text[0] != '\0', "refused without a word");
    }
    fuzz_count(code == RF_OK ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    free(place);
    free(stored);
}

/* ---- the target ------------------------------------------------------------------------------ */

/** The good pack: a little of all that there may be. */
static void
make_good(void)
{
    struct way way;
    struct rf_err err = {0};
    struct rf_buf text = {0};
    for (int i = 0; i < 12; i++) {
        rf_buf_format(&text,
                      "{\"t\":\"T%d\",\"d\":{\"ID\":\"o%d\",\"Version\":%d,\"At\":"
                      "\"2024-01-02T03:04:05Z\",\"Qty\":%d}}\n",
                      i % 3, i / 3, i % 3 + 1, i);
    }
    rf_buf_string(&text,
                  "{\"t\":3}\n{\"aggregateId\":\"z\",\"aggregateType\":\"order\",\"version\":"
                  "1,\"type\":\"F\",\"data\":[1,2]}");
    char *folder = rf_format("%s/in", fuzz_folder());
    char *path = rf_format("%s/good.pack", fuzz_folder());
    if (mkdir(folder, 0700) != 0) {
        abort();
    }
    fuzz_put("in/a.json", text.bytes, text.used);
    fuzz_put("in/broken.json.gz", "\x1f\x8b\x08 no", 6);
    fuzz_put("in/README", "no events", 9);
    if (rf_libzstd_load("the fuzzer", &err) != RF_OK || go(&way, folder, true, &err) != RF_OK) {
        fuzz_fail(NULL, 0, "%s", err.text);
    }
    const struct rf_pack_request request = {
        .history = way.history, .facts = way.facts, .ingest = &way.request, .jobs = 1};
    if (rf_pack_write(&request, path, &err) != RF_OK || rf_file_read(path, &good, &err) != RF_OK) {
        fuzz_fail(NULL, 0, "%s", err.text);
    }
    memcpy(&good_foot, good.bytes + good.used - sizeof(good_foot), sizeof(good_foot));
    way_done(&way);
    rf_buf_done(&text);
    free(folder);
    free(path);
}

static void
add(struct seeds *seeds, int kind, const void *front, size_t front_bytes, const char *bytes,
    size_t count)
{
    struct rf_buf seed = {0};
    rf_buf_byte(&seed, (char)kind);
    rf_buf_add(&seed, front, front_bytes);
    rf_buf_add(&seed, bytes, count);
    seeds_add(seeds, seed.bytes, seed.used);
    rf_buf_done(&seed);
}

void
fuzz_begin(struct seeds *seeds)
{
    size_t begin = sizeof(struct rf_pack_head);
    make_good();
    for (int i = 0; i < RF_PACK_SECTION_COUNT_; i++) {
        size_t bytes;
        char *raw = inflate_section((size_t)i, &bytes);
        add(seeds, i, NULL, 0, raw, bytes);
        if (i == RF_PACK_INDEX) {
            struct rf_wire wire = rf_wire_begin(raw, bytes);
            struct rf_pack_index index;
            (void)rf_pack_index_take(&wire, begin, good_foot.sections[0].offset, &index);
            for (size_t j = 0; j < index.block_count; j++) {
                const struct rf_block *block = &index.blocks[j];
                add(seeds, BLOCK, &block->facts, sizeof(block->facts), good.bytes + block->offset,
                    (size_t)block->facts.stored_bytes);
            }
            rf_pack_index_done(&index);
        }
        free(raw);
    }
    add(seeds, BLOCKS, NULL, 0, good.bytes + begin, (size_t)good_foot.sections[0].offset - begin);
    add(seeds, WHOLE, NULL, 0, good.bytes, good.used);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static struct rf_buf pack;
    if (bytes < 1) {
        return 0;
    }
    whole = (const char *)input;
    whole_bytes = bytes;
    int kind = input[0] % KINDS;
    if (kind == BLOCK) {
        try_block(whole + 1, bytes - 1);
        return 0;
    }
    if (kind == WHOLE) {
        rf_buf_clear(&pack);
        rf_buf_add(&pack, whole + 1, bytes - 1);
        seal_foot(&pack);
    } else {
        forge((size_t)kind, whole + 1, bytes - 1, &pack);
    }
    if (pack.used > 0) {
        try_pack(&pack);
    }
    return 0;
}

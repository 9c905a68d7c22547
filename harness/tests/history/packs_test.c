/* SPDX-License-Identifier: MIT */
/* Packs as files: what was ingested comes back, and what is damaged or made up is refused. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/libzstd.h"
#include "decode/gunzip.h"
#include "history/data.h"
#include "history/pack_rules.h"
#include "history/pack_write.h"
#include "tests/walk/tree.h"
#include "walk/pack.h"

#define HOUR "2024/01/02/03/"

static char *root;

static void
begin(void)
{
    root = tree_new();
}

static void
end(void)
{
    tree_free(root);
}

TestSuite(packs, .init = begin, .fini = end, .timeout = 300);

/** One way through walk and ingest. */
struct way {
    struct rf_objects objects;
    struct rf_envelope envelope;
    struct rf_ingest_request request;
    struct rf_history *history;
    struct rf_ingest_result result;
    struct rf_facts *facts;
    struct rf_err err;
};

static rf_code
go(struct way *way, const char *source, bool keeps_facts)
{
    *way = (struct way){0};
    struct rf_walk_request walk = {
        .sources = &source, .source_count = 1, .gunzip = &rf_gunzip, .jobs = 1};
    cr_assert_eq(rf_envelope_parse("auto", &way->envelope, &way->err), RF_OK);
    rf_code code = rf_walk(&walk, &way->objects, &way->err);
    if (code != RF_OK) {
        return code;
    }
    way->facts = keeps_facts ? rf_calloc(way->objects.count, sizeof(*way->facts)) : NULL;
    way->request = (struct rf_ingest_request){
        .objects = &way->objects, .envelope = &way->envelope, .facts = way->facts, .jobs = 2};
    return rf_ingest(&way->request, &way->history, &way->result, &way->err);
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
describe_event(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    struct way *way = ((struct way **)context)[0];
    uint64_t *sum = ((uint64_t **)context)[1];
    struct rf_data_reader data = {.names = rf_history_names(way->history)};
    size_t bytes;
    (void)ref;
    const char *type = rf_names_text(rf_history_names(way->history), event->type, &bytes);
    uint64_t hash = rf_hash(type, bytes, 1);
    hash = rf_hash(way->objects.items[event->object].name,
                   strlen(way->objects.items[event->object].name), hash);
    const char *text = rf_event_data(&data, event, &bytes);
    hash = rf_hash(text, bytes, hash);
    hash = rf_hash(rf_packed_id(event), event->id_bytes, hash);
    *sum += rf_hash(&event->offset, sizeof(event->offset), hash) + event->content_hash +
            (uint64_t)event->version * 77 + (uint64_t)event->at_seconds * 3 +
            (uint64_t)event->at_nanos + event->flags + event->holes + event->id_hash;
    rf_data_reader_done(&data);
}

/** All that came of it, as one text. */
static char *
describe(struct way *way)
{
    uint64_t sum = 0;
    void *context[] = {way, &sum};
    struct rf_err err;
    cr_assert_eq(rf_history_open_windows(way->history, 1, &err), RF_OK);
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        cr_assert_eq(rf_history_open_bucket(way->history, i, 0, &err), RF_OK, "%s", err.text);
        for (bool more = true; more;) {
            rf_history_each(way->history, i, describe_event, context);
            cr_assert_eq(rf_history_next_portion(way->history, i, &more, &err), RF_OK);
        }
    }
    const struct rf_sums *sums = &way->result.sums;
    return rf_format("%" PRIu64 " objects %" PRIu64 "+%" PRIu64 "+%" PRIu64 " records %" PRIu64
                     " events %" PRIu64 " malformed %" PRIu64 " empty %" PRIu64 " seen %" PRIx64
                     " bytes %" PRIu64 " stored %" PRIu64 " damages %zu events %" PRIx64,
                     sums->objects, sums->read, sums->unreadable, sums->foreign, sums->records,
                     sums->events, sums->malformed, sums->empty, sums->seen.mixed,
                     way->result.counts.bytes, way->result.counts.stored_bytes,
                     way->result.damages.count, sum);
}

/** Packs what lies in the folder `in`; returns the pack's path (owned). */
static char *
pack_folder(void)
{
    struct way way;
    char *source = rf_format("%s/in", root);
    char *path = rf_format("%s/out.pack", root);
    cr_assert_eq(go(&way, source, true), RF_OK, "%s", way.err.text);
    struct rf_pack_request request = {.history = way.history,
                                      .facts = way.facts,
                                      .ingest = &way.request,
                                      .began = 0, /* no time tells anything */
                                      .jobs = 2};
    cr_assert_eq(rf_pack_write(&request, path, &way.err), RF_OK, "%s", way.err.text);
    way_done(&way);
    free(source);
    return path;
}

/** A history with all that there may be, packed; returns its path (owned). */
static char *
make_pack(size_t orders)
{
    struct rf_buf text = {0};
    for (size_t i = 0; i < orders; i++) {
        for (size_t version = 1; version <= 3; version++) {
            rf_buf_format(&text,
                          "{\"t\":\"T%zu\",\"d\":{\"ID\":\"o%zu\",\"Version\":%zu,\"At\":"
                          "\"2024-01-02T03:04:0%zuZ\",\"Qty\":%zu}}\n",
                          version, i, version, version, i * version);
        }
    }
    rf_buf_string(&text, "{\"t\":3}\n");
    tree_file(root, "in/" HOUR "a.json", rf_buf_text(&text));
    tree_file(root, "in/" HOUR "b.json",
              "{\"aggregateId\":\"z\",\"aggregateType\":\"order\",\"version\":1,\"type\":\"F\","
              "\"data\":[1,2]}");
    tree_file(root, "in/" HOUR "broken.json.gz", "\x1f\x8b\x08 nothing of the kind");
    tree_file(root, "in/README", "no events");
    tree_file(root, "in/processing-failed/x", "{}");
    rf_buf_done(&text);
    return pack_folder();
}

static void
write_bytes(const char *path, const void *bytes, size_t count)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes, 1, count, file), count);
    cr_assert_eq(fclose(file), 0);
}

static struct rf_buf
read_bytes(const char *path)
{
    struct rf_buf bytes = {0};
    struct rf_err err;
    cr_assert_eq(rf_file_read(path, &bytes, &err), RF_OK);
    return bytes;
}

/** Whether a pack is refused, or what it is taken for is told to be damaged. */
static bool
is_refused(const char *path)
{
    struct way way;
    rf_code code = go(&way, path, false);
    cr_assert_neq(code, RF_ERR_INTERNAL, "%s", way.err.text);
    bool refused = code != RF_OK || (way.result.sums.unreadable > 0 && way.result.sums.read == 0);
    way_done(&way);
    return refused;
}

Test(packs, give_back_what_was_ingested)
{
    char *path = make_pack(200);
    char *source = rf_format("%s/in", root);
    struct way cold;
    struct way warm;
    cr_assert_eq(go(&cold, source, false), RF_OK);
    cr_assert_eq(go(&warm, path, false), RF_OK, "%s", warm.err.text);
    char *then = describe(&cold);
    char *now = describe(&warm);
    cr_expect_str_eq(now, then);
    cr_expect_eq(cold.objects.count, 5);
    free(then);
    free(now);
    way_done(&cold);
    way_done(&warm);
    free(source);
    free(path);
}

Test(packs, are_the_same_whichever_thread_writes_first)
{
    char *path = make_pack(300);
    struct rf_buf first = read_bytes(path);
    for (size_t i = 0; i < 5; i++) {
        free(make_pack(300));
        struct rf_buf next = read_bytes(path);
        cr_assert_eq(next.used, first.used);
        cr_expect_eq(memcmp(next.bytes, first.bytes, next.used), 0);
        rf_buf_done(&next);
    }
    rf_buf_done(&first);
    free(path);
}

Test(packs, with_any_byte_changed_are_refused)
{
    char *path = make_pack(12);
    struct rf_buf bytes = read_bytes(path);
    static const unsigned char masks[] = {0x01, 0x80, 0xff};
    cr_assert(!is_refused(path));
    for (size_t i = 0; i < bytes.used; i++) {
        bytes.bytes[i] = (char)(bytes.bytes[i] ^ masks[i % 3]);
        write_bytes(path, bytes.bytes, bytes.used);
        cr_expect(is_refused(path), "byte %zu of %zu", i, bytes.used);
        bytes.bytes[i] = (char)(bytes.bytes[i] ^ masks[i % 3]);
    }
    rf_buf_done(&bytes);
    free(path);
}

Test(packs, of_another_length_are_refused)
{
    char *path = make_pack(12);
    struct rf_buf bytes = read_bytes(path);
    for (size_t count = 1; count < bytes.used; count++) {
        write_bytes(path, bytes.bytes, count);
        cr_expect(is_refused(path), "cut to %zu of %zu bytes", count, bytes.used);
    }
    rf_buf_byte(&bytes, '\n');
    write_bytes(path, bytes.bytes, bytes.used);
    cr_expect(is_refused(path), "a byte behind its end");
    rf_buf_done(&bytes);
    free(path);
}

static uint64_t state = 5;

static uint64_t
pick(uint64_t below)
{
    state = rf_hash(&state, sizeof(state), 1);
    return state % below;
}

static void
change(char *bytes, size_t count)
{
    for (uint64_t i = 1 + pick(3); i > 0 && count > 0; i--) {
        size_t at = (size_t)pick(count);
        bytes[at] = (char)(pick(2) == 0 ? pick(256) : (unsigned char)bytes[at] + pick(3) - 1);
    }
}

typedef void forge_function(char *bytes, size_t count);

/** The same pack with a section changed, and all checksums made right again. */
static void
write_forged(const char *path, const struct rf_buf *good, size_t section, forge_function *forge)
{
    struct rf_pack_foot foot;
    struct rf_buf out = {0};
    memcpy(&foot, good->bytes + good->used - sizeof(foot), sizeof(foot));
    rf_buf_add(&out, good->bytes, foot.sections[0].offset);
    for (size_t i = 0; i < RF_PACK_SECTION_COUNT_; i++) {
        struct rf_pack_place *place = &foot.sections[i];
        char *raw = rf_alloc((size_t)place->bytes + 1);
        size_t room = rf_libzstd()->ZSTD_compressBound((size_t)place->bytes);
        char *stored = rf_alloc(room);
        cr_assert_eq(rf_libzstd()->ZSTD_decompress(raw, (size_t)place->bytes,
                                                   good->bytes + place->offset,
                                                   (size_t)place->stored_bytes),
                     place->bytes);
        if (i == section) {
            forge(raw, (size_t)place->bytes);
            place->bytes -= forge == change && pick(20) == 0 && place->bytes > 8 ? 8 : 0;
        }
        place->stored_bytes =
            rf_libzstd()->ZSTD_compress(stored, room, raw, (size_t)place->bytes, 3);
        place->offset = out.used;
        place->checksum = rf_hash(stored, (size_t)place->stored_bytes, place->offset);
        rf_buf_add(&out, stored, (size_t)place->stored_bytes);
        free(raw);
        free(stored);
    }
    foot.file_bytes = out.used + sizeof(foot);
    foot.checksum = rf_hash(&foot, offsetof(struct rf_pack_foot, checksum), foot.file_bytes);
    rf_buf_add(&out, &foot, sizeof(foot));
    write_bytes(path, out.bytes, out.used);
    rf_buf_done(&out);
}

Test(packs, that_are_made_up_never_crash)
{
    char *path = make_pack(12);
    struct rf_buf good = read_bytes(path);
    struct way way;
    for (size_t i = 0; i < 2000; i++) {
        write_forged(path, &good, (size_t)pick(RF_PACK_SECTION_COUNT_), change);
        if (go(&way, path, false) == RF_OK) {
            free(describe(&way)); /* whatever it says, it can be walked over */
        }
        way_done(&way);
    }
    rf_buf_done(&good);
    free(path);
}

static void
keep(char *bytes, size_t count)
{
    (void)bytes;
    (void)count;
}

/* Their facts are nearly all zeros, which zstd makes a thousand times smaller. */
Test(packs, of_many_foreign_objects_are_read_back_and_bombs_are_not)
{
    char key[40];
    for (size_t i = 0; i < 3000; i++) {
        (void)snprintf(key, sizeof(key), "in/n%zu", i);
        tree_file(root, key, "hello");
    }
    char *path = pack_folder();
    struct rf_buf good = read_bytes(path);
    struct rf_pack_foot foot;
    struct way way;
    memcpy(&foot, good.bytes + good.used - sizeof(foot), sizeof(foot));
    const struct rf_pack_place *facts = &foot.sections[RF_PACK_FACTS];
    cr_assert_gt(facts->bytes, RF_PACK_FREE_BYTES);
    cr_expect_eq(facts->stored_bytes, rf_pack_stored_least(facts->bytes));
    cr_expect_eq(go(&way, path, false), RF_OK, "%s", way.err.text);
    cr_expect_eq(way.result.sums.foreign, 3000);
    way_done(&way);
    write_forged(path, &good, RF_PACK_FACTS, keep); /* as zstd makes it */
    cr_expect_eq(go(&way, path, false), RF_ERR_CORRUPT);
    cr_expect_not_null(strstr(way.err.text, "holds too much"), "%s", way.err.text);
    way_done(&way);
    rf_buf_done(&good);
    free(path);
}

Test(packs, of_any_length_are_long_enough_for_what_they_hold)
{
    static const uint64_t cases[][2] = {
        {0, 0},
        {RF_PACK_FREE_BYTES, 0},
        {RF_PACK_FREE_BYTES + 1, 1},
        {RF_PACK_FREE_BYTES + RF_PACK_RATIO, 1},
        {RF_PACK_FREE_BYTES + RF_PACK_RATIO + 1, 2},
        {UINT64_MAX, (UINT64_MAX - RF_PACK_FREE_BYTES) / RF_PACK_RATIO + 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(rf_pack_stored_least(cases[i][0]), cases[i][1], "case %zu", i);
    }
}

/** What the pack's stencils have in front of their first hole, and the hole. */
static char *
find_hole(char *bytes, size_t count)
{
    static const char front[] = "\"ID\":"; /* its NUL is the hole */
    char *found = memmem(bytes, count, front, sizeof(front));
    cr_assert_not_null(found, "no event of the pack has a stencil");
    return found + sizeof(front) - 1;
}

static void
fill_hole(char *bytes, size_t count)
{
    *find_hole(bytes, count) = '1';
}

static void
unquote_key(char *bytes, size_t count)
{
    find_hole(bytes, count)[-2] = ' ';
}

Test(packs, whose_stencils_have_other_holes_are_refused)
{
    forge_function *const forges[] = {fill_hole, unquote_key};
    char *path = make_pack(12);
    struct rf_buf good = read_bytes(path);
    struct way way;
    for (size_t i = 0; i < 2; i++) {
        write_forged(path, &good, RF_PACK_NAMES, forges[i]);
        cr_expect_eq(go(&way, path, false), RF_ERR_CORRUPT);
        cr_expect_not_null(strstr(way.err.text, "holds a foreign event"), "%s", way.err.text);
        way_done(&way);
    }
    rf_buf_done(&good);
    free(path);
}

Test(packs, that_find_no_room_leave_what_was_there)
{
    char *path = make_pack(50000);
    struct rf_buf before = read_bytes(path);
    char *source = rf_format("%s/in", root);
    struct way way;
    const struct rlimit limit = {1 << 20, RLIM_INFINITY}; /* a window is no longer than that */
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    cr_assert_gt(before.used, limit.rlim_cur);
    cr_assert_eq(go(&way, source, true), RF_OK);
    struct rf_pack_request request = {
        .history = way.history, .facts = way.facts, .ingest = &way.request, .jobs = 2};
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    rf_code code = rf_pack_write(&request, path, &way.err);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    cr_expect_eq(code, RF_ERR_OUTPUT);
    cr_expect_not_null(strstr(way.err.text, "cannot write: "), "%s", way.err.text);
    struct rf_buf after = read_bytes(path);
    cr_expect(after.used == before.used && memcmp(after.bytes, before.bytes, after.used) == 0);
    DIR *folder = opendir(root);
    size_t entries = 0;
    while (readdir(folder) != NULL) {
        entries++;
    }
    (void)closedir(folder);
    cr_expect_eq(entries, 4, "in, out.pack, and the two dots");
    way_done(&way);
    rf_buf_done(&before);
    rf_buf_done(&after);
    free(source);
    free(path);
}

Test(packs, of_other_rules_are_refused)
{
    char *path = make_pack(2);
    struct way way = {0};
    const char *source = path;
    struct rf_walk_request walk = {
        .sources = &source, .source_count = 1, .gunzip = &rf_gunzip, .jobs = 1};
    cr_assert_eq(rf_envelope_parse("id=/a~1b,type=/t", &way.envelope, &way.err), RF_OK);
    cr_assert_eq(rf_walk(&walk, &way.objects, &way.err), RF_OK);
    way.request =
        (struct rf_ingest_request){.objects = &way.objects, .envelope = &way.envelope, .jobs = 1};
    cr_expect_eq(rf_ingest(&way.request, &way.history, &way.result, &way.err), RF_ERR_USAGE);
    cr_expect_not_null(strstr(way.err.text, "envelope custom id=/a~1b type=/t data="));
    way_done(&way);
    free(path);
}

Test(packs, rules_tell_streams_and_their_envelopes)
{
    char names[][8] = {"a*", "order", "b"};
    struct rf_stream_rule streams[2] = {{.match = names[0], .aggregate = names[1]},
                                        {.match = names[2], .has_envelope = true}};
    struct rf_envelope envelope;
    struct rf_buf text = {0};
    struct rf_err err;
    cr_assert_eq(rf_envelope_parse("auto", &envelope, &err), RF_OK);
    cr_assert_eq(rf_envelope_parse("flat", &streams[1].envelope, &err), RF_OK);
    struct rf_ingest_request request = {
        .envelope = &envelope, .streams = streams, .stream_count = 2};
    rf_pack_rules(&request, &text);
    cr_expect_str_eq(rf_buf_text(&text),
                     "envelope auto; stream a* is order; stream b, envelope flat");
    rf_buf_done(&text);
    rf_envelope_done(&streams[1].envelope);
    rf_envelope_done(&envelope);
}

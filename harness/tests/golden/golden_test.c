/* SPDX-License-Identifier: MIT */
/* Golden files: what is read, what is damage, and what only a warning. */
#include "tests/golden/scene.h"

#include <zlib.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "golden/bless_internal.h"
#include "golden/line.h"
#include "golden/listing.h"
#include "golden/load.h"
#include "golden/meta.h"

static struct scene scene;

static void
set_up(void)
{
    scene_open(&scene);
}

static void
tear_down(void)
{
    scene_done(&scene);
}

TestSuite(golden, .init = set_up, .fini = tear_down);

#define LINE_A "{\"events\":\"00000000000000ff\",\"id\":\"a\",\"state\":{\"n\":1},\"version\":3}\n"
#define LINE_B "{\"id\":\"b\",\"state\":{},\"version\":1}\n"
#define LINE_C                                                                                     \
    "{\"id\":\"c\",\"rejected\":{\"message\":\"no\\n\",\"type\":\"Paid\",\"version\":5},"          \
    "\"state\":{},\"version\":4}\n"
#define LINE_D                                                                                     \
    "{\"id\":\"d\",\"rejected\":{\"message\":\"NaN\",\"type\":\"Paid\",\"version\":2},"            \
    "\"version\":1}\n"

static const struct rf_golden *
load(const char *text)
{
    write_text(&scene, "order.ndjson", text);
    scene_load(&scene);
    cr_assert(scene.goldens.count == 1);
    return &scene.goldens.items[0];
}

static const struct rf_golden_line *
find(const struct rf_golden *golden, const char *id)
{
    return rf_golden_find(golden, id, strlen(id));
}

Test(golden, reads_lines_and_finds_them)
{
    const struct rf_golden *golden = load(LINE_A LINE_B LINE_C LINE_D);
    cr_assert(golden->count == 4 && !golden->damaged && !golden->sealed && !golden->edited);
    cr_assert_str_eq(golden->aggregate, "order");
    const struct rf_golden_line *a = find(golden, "a");
    cr_assert(a->has_digest && a->digest == 255 && a->version == 3 && a->refusal == NULL);
    cr_assert(a->state_bytes == 7 && memcmp(a->state, "{\"n\":1}", 7) == 0);
    cr_assert(a->text_bytes == strlen(LINE_A) - 1 && memcmp(a->text, LINE_A, a->text_bytes) == 0);
    cr_assert(rf_golden_pin(a) == 3);
    cr_assert(!find(golden, "b")->has_digest);
    const struct rf_golden_line *c = find(golden, "c");
    cr_assert(c->refusal != NULL && c->refusal->version == 5 && rf_golden_pin(c) == 5);
    cr_assert(c->refusal->message_bytes == 3 && memcmp(c->refusal->message, "no\n", 3) == 0);
    cr_assert(c->refusal->type_bytes == 4 && memcmp(c->refusal->type, "Paid", 4) == 0);
    cr_assert(find(golden, "d")->state == NULL);
    cr_assert(find(golden, "e") == NULL && find(golden, "") == NULL && find(golden, "aa") == NULL);
    cr_assert(rf_goldens_find(&scene.goldens, "order") == golden);
    cr_assert(rf_goldens_find(&scene.goldens, "file") == NULL);
}

Test(golden, a_line_is_written_as_it_was_read)
{
    const char *const lines[] = {
        LINE_A, LINE_B, LINE_C, LINE_D,
        "{\"id\":\"\\\"\\u0001\\\\\xc3\xa9\",\"state\":[1],\"version\":0}\n"};
    struct rf_line_texts texts = {0};
    struct rf_line_reader reader = {.texts = &texts};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct rf_golden_line line;
        struct rf_buf out = {0};
        cr_assert(rf_line_read(&reader, lines[i], strlen(lines[i]) - 1, &line, NULL) == RF_OK);
        rf_line_write(&line, &out);
        rf_buf_byte(&out, '\n');
        cr_assert_str_eq(rf_buf_text(&out), lines[i]);
        rf_buf_done(&out);
    }
    rf_line_reader_done(&reader);
    rf_line_texts_done(&texts);
}

Test(golden, makes_states_canonical)
{
    const struct rf_golden *golden =
        load("{ \"version\" : 1 , \"state\":{\"b\":1.0, \"a\":\"\\u0041\"}, \"id\":\"\\u0061\"}\n"
             "{\"id\":\"b\",\"state\":{\"b\":1,\"a\":\"A\"},\"version\":1}\n");
    cr_assert(scene.damages.count == 0);
    const struct rf_golden_line *line = find(golden, "a");
    cr_assert(line != NULL);
    cr_assert(line->state_bytes == 15 && memcmp(line->state, "{\"a\":\"A\",\"b\":1}", 15) == 0);
    line = find(golden, "b"); /* no longer than it should be */
    cr_assert(line->state_bytes == 15 && memcmp(line->state, "{\"a\":\"A\",\"b\":1}", 15) == 0);
}

/** A golden whose one state is as deep as this. */
static void
load_deep(uint64_t depth)
{
    struct rf_buf text = {0};
    rf_buf_string(&text, "{\"id\":\"a\",\"state\":");
    for (uint64_t i = 0; i < depth; i++) {
        rf_buf_byte(&text, '[');
    }
    for (uint64_t i = 0; i < depth; i++) {
        rf_buf_byte(&text, ']');
    }
    rf_buf_string(&text, ",\"version\":1}\n");
    (void)load(rf_buf_text(&text));
    rf_buf_done(&text);
}

Test(golden, a_state_may_be_as_deep_as_the_limit)
{
    const uint64_t limits[] = {RF_LIMIT_JSON_DEPTH, 8, RF_LIMIT_JSON_DEPTH_MOST};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        rf_limits.json_depth = limits[i];
        load_deep(limits[i]);
        cr_expect(scene.goldens.items[0].count == 1 && scene.damages.count == 0);
        load_deep(limits[i] + 1);
        cr_assert(scene.goldens.items[0].count == 0 && scene.damages.count == 1);
        cr_expect_not_null(strstr(scene.damages.items[0].message, "nested deeper"), "%s",
                           scene.damages.items[0].message);
    }
}

/** Packs so many bytes, of which so many are another each time; returns how many they come to, or 0
 * where they do not come back. */
static size_t
pack_and_unpack(size_t bytes, size_t random)
{
    struct rf_buf text = {0};
    struct rf_buf packed = {0};
    struct rf_buf back = {0};
    uint64_t state = 1;
    rf_buf_reserve(&text, bytes);
    memset(text.bytes, 'x', bytes);
    text.used = bytes;
    for (size_t i = 0; i < random; i++) {
        state = rf_hash(&state, sizeof(state), 1);
        text.bytes[i] = (char)state;
    }
    rf_golden_pack(&text, &packed);
    size_t used = packed.used;
    if (rf_golden_unpack(&packed, &back, NULL) != RF_OK || back.used != bytes ||
        memcmp(back.bytes, text.bytes, bytes) != 0) {
        used = 0;
    }
    rf_buf_done(&text);
    rf_buf_done(&packed);
    rf_buf_done(&back);
    return used;
}

Test(golden, what_is_packed_comes_back_by_the_limits_built_in)
{
    const size_t from = RF_LIMIT_RATIO_FROM_BYTES;
    size_t packed = pack_and_unpack(from, 0);
    cr_expect(packed > 0 && packed < from / RF_LIMIT_RATIO, "as small as it gets: %zu", packed);
    cr_expect(pack_and_unpack(from + 1, 0) > from, "stored, for it would be a bomb");
    packed = pack_and_unpack(from + 1, from / 400);
    cr_expect(packed > from / RF_LIMIT_RATIO && packed < from / 100, "packed: %zu", packed);
    rf_limits.ratio = 1000000;
    cr_expect(pack_and_unpack(from + 1, 0) > from, "others have not raised it");
    rf_limits.ratio = 100;
    cr_expect(pack_and_unpack(from + 1, from / 400) > from, "who has lowered it reads it too");
}

Test(golden, finds_all_of_many_lines)
{
    struct rf_buf text = {0};
    for (int i = 0; i < 20000; i++) {
        rf_buf_format(&text, "{\"id\":\"%08d\",\"state\":%d,\"version\":1}\n", i * 3, i);
    }
    const struct rf_golden *golden = load(rf_buf_text(&text));
    rf_buf_done(&text);
    cr_assert(golden->count == 20000 && !golden->damaged);
    for (int i = 0; i < 60000; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "%08d", i);
        rf_golden_ask(golden, &(struct rf_golden_id){id, 8}, 1); /* changes nothing */
        const struct rf_golden_line *line = find(golden, id);
        cr_assert((line != NULL) == (i % 3 == 0));
        cr_assert(line == NULL || strtol(line->state, NULL, 10) == i / 3);
    }
}

/* ---- lines like those before ------------------------------------------------------------------
 */

/* What is learned of it holds for the lines behind it. */
#define LEARNED                                                                                    \
    "{\"events\":\"00000000000000ff\",\"id\":\"a\",\"state\":{\"n\":1,\"s\":\"x\"},\"version\":3}"

static void
expect_same_text(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    cr_assert(a_bytes == b_bytes && (a_bytes == 0 || memcmp(a, b, a_bytes) == 0));
}

/** Whoever has learned reads a line as one who has not: the same parts, or the same words. */
static void
expect_read_alike(struct rf_line_reader *learned, struct rf_line_reader *fresh, const char *text,
                  size_t bytes)
{
    struct rf_golden_line a;
    struct rf_golden_line b;
    struct rf_err a_err = {0};
    struct rf_err b_err = {0};
    rf_code code = rf_line_read(learned, text, bytes, &a, &a_err);
    cr_assert(rf_line_read(fresh, text, bytes, &b, &b_err) == code, "%.*s", (int)bytes, text);
    expect_same_text(a.id, a.id_bytes, b.id, b.id_bytes);
    if (code != RF_OK) {
        cr_assert_str_eq(a_err.text, b_err.text);
        return;
    }
    expect_same_text(a.state, a.state_bytes, b.state, b.state_bytes);
    expect_same_text(a.text, a.text_bytes, b.text, b.text_bytes);
    cr_assert(a.version == b.version && a.has_digest == b.has_digest && a.digest == b.digest);
    cr_assert((a.refusal == NULL) == (b.refusal == NULL));
}

Test(golden, lines_like_one_before_are_judged_as_if_they_were_the_first)
{
    const char *const lines[] = {
        LEARNED,
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":22,\"s\":\"\"},\"version\":"
        "0}",
        "{\"events\":\"00000000000000fF\",\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"x\"},\"version\":"
        "3}",
        "{\"events\":\"ff\",\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"x\"},\"version\":3}",
        "{\"events\":1234567890123456,\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"x\"},\"version\":3}",
        "{\"events\":123456789012345678,\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"x\"},\"version\":"
        "3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"\",\"state\":{\"n\":1,\"s\":\"x\"},\"version\":"
        "3}",
        "{\"events\":\"00000000000000ff\",\"id\":777,\"state\":{\"n\":1,\"s\":\"x\"},\"version\":"
        "3}",
        "{\"events\":\"00000000000000ff\",\"id\":null,\"state\":{\"n\":1,\"s\":\"x\"},\"version\":"
        "3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"\\u0062\",\"state\":{\"n\":1,\"s\":\"x\"},"
        "\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\\u0000\",\"state\":{\"n\":1,\"s\":\"x\"},"
        "\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"\xc3\xa9\",\"state\":{\"n\":1,\"s\":"
        "\"\xc3\xa9\"},\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"\xff\"},"
        "\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":1.0,\"s\":\"x\"},"
        "\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":1e2,\"s\":\"x\"},"
        "\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":-0,\"s\":\"x\"},"
        "\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":01,\"s\":\"x\"},"
        "\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":999999999999999999,\"s\":"
        "\"x\"},"
        "\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":18446744073709551616,\"s\":"
        "\"x\"},"
        "\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":2500000000000000000077,"
        "\"s\":\"x\"},"
        "\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"\\u0041\"},"
        "\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":true,\"s\":null},"
        "\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"x\"},\"version\":"
        "-3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"x\"},\"version\":"
        "3.5}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"x\"},\"version\":"
        "\"3\"}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"x\"},"
        "\"version\":9223372036854775807}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"x\"},"
        "\"version\":9223372036854775808}",
        LEARNED " ",
        LEARNED "\r",
        LEARNED "x",
        LEARNED LEARNED,
        " " LEARNED,
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":1 "
        ",\"s\":\"x\"},\"version\":3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"s\":\"x\",\"n\":1},\"version\":"
        "3}",
        "{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":1,\"n\":1,\"s\":\"x\"},"
        "\"version\":3}",
        "{\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"x\"},\"version\":3}",
        "{\"id\":\"b\",\"state\":{\"n\":1,\"s\":\"y\"},\"version\":4}",
        "{\"id\":\"c\",\"rejected\":{\"message\":\"no\",\"type\":\"Paid\",\"version\":5},\"state\":"
        "{\"n\":1,\"s\":\"x\"},\"version\":4}",
        "{\"id\":\"c\",\"rejected\":{\"message\":\"no\",\"type\":\"Paid\",\"version\":3},\"state\":"
        "{\"n\":1,\"s\":\"x\"},\"version\":4}",
        "{\"id\":\"d\",\"state\":[1],\"version\":0}",
        "{\"id\":\"d\",\"state\":[\"a\"],\"version\":0}",
    };
    struct rf_line_texts texts = {0};
    struct rf_line_reader learned = {.texts = &texts, .recognizer = rf_recognizer_new()};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct rf_line_reader fresh = {.texts = &texts};
        expect_read_alike(&learned, &fresh, lines[i], strlen(lines[i]));
        rf_line_reader_done(&fresh);
    }
    rf_line_reader_done(&learned);
    rf_line_texts_done(&texts);
}

Test(golden, any_changed_byte_of_a_line_like_one_before_is_judged_as_in_the_first)
{
    char other[sizeof(LEARNED)];
    struct rf_line_texts texts = {0};
    struct rf_line_reader learned = {.texts = &texts, .recognizer = rf_recognizer_new()};
    struct rf_line_reader fresh = {.texts = &texts};
    for (size_t at = 0; at < sizeof(LEARNED) - 1; at++) {
        for (int byte = 0; byte < 256; byte++) {
            memcpy(other, LEARNED, sizeof(LEARNED));
            other[at] = (char)byte;
            rf_recognizer_clear(learned.recognizer);
            expect_read_alike(&learned, &fresh, LEARNED, sizeof(LEARNED) - 1);
            expect_read_alike(&learned, &fresh, other, sizeof(LEARNED) - 1);
            rf_line_texts_done(&texts);
        }
        expect_read_alike(&learned, &fresh, LEARNED, at);
    }
    rf_line_reader_done(&learned);
    rf_line_reader_done(&fresh);
    rf_line_texts_done(&texts);
}

/* ---- damage ------------------------------------------------------------------------------------
 */

#define MEMBER_OF_20  "a-member-of-20-bytes"
#define MEMBER_OF_100 MEMBER_OF_20 MEMBER_OF_20 MEMBER_OF_20 MEMBER_OF_20 MEMBER_OF_20
#define MEMBER_OF_104 MEMBER_OF_100 "more"

Test(golden, lines_that_cannot_be_believed_are_damage)
{
    const struct {
        const char *line;
        const char *why;
    } rows[] = {
        {"{\"id\":\"bb\",\"state\":{},\"version\":1", "no JSON"},
        {"", "empty"},
        {"null", "no JSON object"},
        {"{\"id\":\"bb\",\"state\":{},\"version\":1}x", "no JSON"},
        {"{\"id\":\"bb\",\"state\":{},\"version\":1}\r", "CR LF"},
        {"<<<<<<< HEAD", "merge marker '<<<<<<<'"},
        {"=======", "merge marker '======='"},
        {">>>>>>> branch", "merge marker '>>>>>>>'"},
        {"||||||| base", "merge marker"},
        {"{\"id\":\"bb\",\"state\":{},\"version\":1,\"x\":1}", "unknown member 'x'"},
        {"{\"id\":\"bb\",\"id\":\"bb\",\"state\":{},\"version\":1}", "\"id\" occurs twice"},
        {"{\"id\":\"bb\",\"state\":{},\"state\":{},\"version\":1}", "\"state\" occurs twice"},
        {"{\"state\":{},\"version\":1}", "\"id\" is missing"},
        {"{\"id\":\"\",\"state\":{},\"version\":1}", "\"id\" is missing or empty"},
        {"{\"id\":7,\"state\":{},\"version\":1}", "\"id\" is no string"},
        {"{\"id\":\"bb\",\"state\":{}}", "\"version\" is missing"},
        {"{\"id\":\"bb\",\"state\":{},\"version\":-1}", "is no version"},
        {"{\"id\":\"bb\",\"state\":{},\"version\":1.5}", "is no version"},
        {"{\"id\":\"bb\",\"state\":{},\"version\":9223372036854775808}", "is no version"},
        {"{\"id\":\"bb\",\"state\":{},\"version\":\"1\"}", "is no version"},
        {"{\"id\":\"bb\",\"version\":1}", "\"state\" is missing"},
        {"{\"id\":\"bb\",\"state\":1e999,\"version\":1}", "not finite"},
        {"{\"id\":\"bb\",\"state\":2500000000000000000077,\"version\":1}",
         "more digits than 64 bits or a double hold"},
        {"{\"id\":\"bb\",\"state\":1e-400,\"version\":1}",
         "more digits than 64 bits or a double hold"},
        {"{\"id\":\"bb\",\"state\":12345678901234567890123456789012345678901,\"version\":1}",
         "the number 1234567890123456789012345678901234567890... has more digits"},
        {"{\"id\":\"bb\",\"state\":{\"a\":1,\"a\":2},\"version\":1}",
         "a key of the state occurs twice"},
        {"{\"id\":\"bb\",\"state\":{\"a\":1,\"\\u0061\":1},\"version\":1}",
         "a key of the state occurs twice"},
        {"{\"id\":\"bb\",\"state\":{},\"" MEMBER_OF_104 "\":1,\"version\":1}",
         "unknown member '" MEMBER_OF_100 "':"},
        {"{\"id\":\"bb\",\"rejected\":[],\"version\":1}", "\"rejected\" is no object"},
        {"{\"events\":\"00000000000000FF\",\"id\":\"bb\",\"state\":{},\"version\":1}",
         "hex digits"},
        {"{\"events\":\"ff\",\"id\":\"bb\",\"state\":{},\"version\":1}", "hex digits"},
        {"{\"events\":\"00000000000000000\",\"id\":\"bb\",\"state\":{},\"version\":1}",
         "hex digits"},
        {"{\"events\":123456789012345678,\"id\":\"bb\",\"state\":{},\"version\":1}", "hex digits"},
        {"{\"events\":255,\"id\":\"bb\",\"state\":{},\"version\":1}", "hex digits"},
        {"{\"id\":\"bb\",\"rejected\":{},\"version\":1}", "lacks its message"},
        {"{\"id\":\"bb\",\"rejected\":{\"message\":\"\",\"type\":\"\",\"version\":1,\"x\":1},"
         "\"version\":1}",
         "unknown member 'x'"},
        {"{\"id\":\"bb\",\"rejected\":{\"message\":\"\",\"type\":\"\",\"version\":1},"
         "\"version\":2}",
         "below that of the state"},
        {"{\"id\":\"aa\",\"state\":{},\"version\":1}", "out of order"},
        {"{\"id\":\"b\",\"state\":{},\"version\":1}", "same id"},
        {"{\"id\":\"bb\",\"state\":\"\xff\",\"version\":1}", "no JSON"},
        {"{\"events\":\"00000000000000ff\",\"id\":\"aa\",\"state\":{\"n\":1},\"version\":3}",
         "out of order"},
        {"{\"events\":\"00000000000000ff\",\"id\":\"b\",\"state\":{\"n\":1},\"version\":3}",
         "same id"},
        {"{\"events\":\"00000000000000ff\",\"id\":\"bb\",\"state\":{\"n\":1},\"version\":3}\r",
         "CR LF"},
        {"{\"events\":\"00000000000000ff\",\"id\":\"bb\",\"state\":{\"n\":1},\"version\":3",
         "no JSON"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_buf text = {0};
        rf_buf_format(&text, "%s%s%s\n%s", LINE_A, LINE_B, rows[i].line, LINE_C);
        const struct rf_golden *golden = load(rf_buf_text(&text));
        rf_buf_done(&text);
        cr_assert(golden->damaged);
        cr_assert(scene.damages.totals[RF_DAMAGE_GOLDEN] == 1, "row %zu: %" PRIu64, i,
                  scene.damages.totals[RF_DAMAGE_GOLDEN]);
        const struct rf_damage *damage = &scene.damages.items[0];
        cr_assert(damage->has_offset && damage->offset == 3, "row %zu", i);
        cr_assert_str_eq(damage->object, golden->path);
        cr_assert(strstr(damage->message, rows[i].why) != NULL, "row %zu: %s", i, damage->message);
        cr_assert(find(golden, "a") != NULL && find(golden, "c") != NULL, "row %zu", i);
        cr_assert(find(golden, "b") != NULL && find(golden, "b")->text != NULL);
    }
}

Test(golden, lines_out_of_order_are_sorted_and_repeated_ids_found_anywhere)
{
    const struct rf_golden *golden = load(LINE_C LINE_A LINE_B LINE_C LINE_A);
    cr_assert(golden->count == 3);
    for (size_t i = 0; i < 3; i++) {
        cr_assert(golden->lines[i].id[0] == "abc"[i]);
    }
    rf_damages_sort(&scene.damages);
    static const uint64_t lines[] = {2, 4, 5, 5}; /* 2 and 5 out of order, 4 and 5 repeated */
    cr_assert(scene.damages.count == 4);
    for (size_t i = 0; i < 4; i++) {
        cr_assert(scene.damages.items[i].offset == lines[i]);
    }
}

Test(golden, a_file_without_its_last_line_feed_is_damage)
{
    const struct rf_golden *golden = load(LINE_A "{\"id\":\"b\",\"state\":{},\"version\":1}");
    cr_assert(golden->count == 1 && golden->damaged);
    cr_assert(scene.damages.items[0].offset == 2);
    cr_assert(strstr(scene.damages.items[0].message, "no line feed") != NULL);
}

Test(golden, cut_at_any_byte_gives_whole_lines_or_damage)
{
    static const char text[] = LINE_A LINE_B LINE_C LINE_D;
    char cut[sizeof(text)];
    for (size_t bytes = 0; bytes < sizeof(text); bytes++) {
        size_t lines = 0;
        memcpy(cut, text, bytes);
        cut[bytes] = '\0';
        for (size_t i = 0; i < bytes; i++) {
            lines += text[i] == '\n' ? 1 : 0;
        }
        const struct rf_golden *golden = load(cut);
        bool whole = bytes == 0 || text[bytes - 1] == '\n';
        cr_assert(golden->count == lines, "cut at %zu", bytes);
        cr_assert(golden->damaged == !whole, "cut at %zu", bytes);
        cr_assert(scene.damages.totals[RF_DAMAGE_GOLDEN] == (whole ? 0 : 1));
    }
}

Test(golden, any_changed_byte_gives_lines_or_damage)
{
    static const char text[] = LINE_A LINE_B LINE_C LINE_D;
    char other[sizeof(text)];
    for (size_t at = 0; at < sizeof(text) - 1; at++) {
        for (int bit = 0; bit < 8; bit++) {
            memcpy(other, text, sizeof(text));
            other[at] = (char)(other[at] ^ 1 << bit);
            if (other[at] == '\0') {
                continue;
            }
            const struct rf_golden *golden = load(other);
            cr_assert(golden->count <= 5);
            cr_assert(golden->count == 4 || golden->damaged, "byte %zu, bit %d", at, bit);
        }
    }
}

/* ---- meta --------------------------------------------------------------------------------------
 */

static void
write_meta(const char *text, const char *aggregate, uint64_t lines)
{
    struct rf_meta meta = {.aggregate = rf_strdup(aggregate), .lines = lines};
    struct rf_buf out = {0};
    rf_sha256_make(text, strlen(text), meta.states);
    (void)snprintf(meta.history, sizeof(meta.history), "%032d", 0);
    rf_meta_write(&meta, &out);
    write_text(&scene, "order.meta.json", rf_buf_text(&out));
    rf_buf_done(&out);
    rf_meta_done(&meta);
}

Test(golden, a_meta_file_that_fits_seals)
{
    write_meta(LINE_A LINE_B, "order", 2);
    const struct rf_golden *golden = load(LINE_A LINE_B);
    cr_assert(golden->sealed && !golden->edited && !golden->damaged);
}

Test(golden, a_well_formed_edit_is_a_warning)
{
    const char *const edits[] = {LINE_A, LINE_B, LINE_A LINE_B LINE_C,
                                 "{\"id\":\"a\",\"state\":{\"n\":2},\"version\":3}\n" LINE_B};
    for (size_t i = 0; i < 4; i++) {
        write_meta(LINE_A LINE_B, "order", 2);
        const struct rf_golden *golden = load(edits[i]);
        cr_assert(golden->sealed && golden->edited && !golden->damaged, "edit %zu", i);
        cr_assert(scene.damages.count == 0);
    }
}

Test(golden, a_file_that_is_gone_or_empty_is_damage)
{
    write_meta(LINE_A LINE_B, "order", 2);
    const struct rf_golden *golden = load("");
    cr_assert(golden->damaged && scene.damages.totals[RF_DAMAGE_GOLDEN] == 1);
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/order.ndjson", scene.folder);
    cr_assert(unlink(path) == 0);
    scene_load(&scene);
    cr_assert(scene.goldens.count == 1 && scene.goldens.items[0].damaged);
    cr_assert(strstr(scene.damages.items[0].message, "2 lines") != NULL);
    write_meta("", "order", 0);
    golden = load("");
    cr_assert(!golden->damaged && golden->sealed && golden->count == 0 && !golden->edited);
}

#define ZEROS_32 "00000000000000000000000000000000"
#define ZEROS_64 ZEROS_32 ZEROS_32
/** But for its end. */
#define GOOD_META                                                                                  \
    "{\"aggregate\":\"order\",\"format\":1,\"lines\":1,\"rejected\":0,\"states\":\"" ZEROS_64      \
    "\",\"history\":\"" ZEROS_32 "\""

Test(golden, a_meta_file_that_cannot_be_believed_is_damage)
{
    const struct {
        const char *text;
        const char *why;
    } rows[] = {
        {"{\"format\":2}", "newer refold (format 2"},
        {"{", "no JSON"},
        {"", "no JSON"},
        {"{}", "no format number"},
        {"[]", "no format number"},
        {"{\"format\":1}", "'aggregate'"},
        {"{\"aggregate\":\"order\",\"format\":1,\"lines\":1,\"rejected\":0,\"states\":\"x\"}",
         "'states'"},
        {GOOD_META ",\"closed\":7}", "'closed'"},
        {GOOD_META ",\"stateVersion\":-1}", "'stateVersion'"},
        {GOOD_META ",\"stateVersion\":4294967296}", "'stateVersion'"},
        {GOOD_META ",\"stateVersion\":\"1\"}", "'stateVersion'"},
        {GOOD_META ",\"pending\":1}", "'pending'"},
        {GOOD_META ",\"pending\":{}}", "'pending'"},
        {GOOD_META ",\"pending\":{\"lines\":0,\"sha256\":\"" ZEROS_64 "\"}}", "'pending'"},
        {GOOD_META ",\"pending\":{\"lines\":1,\"sha256\":\"x\"}}", "'pending'"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_text(&scene, "order.meta.json", rows[i].text);
        const struct rf_golden *golden = load(LINE_A);
        cr_assert(golden->damaged && golden->count == 1, "row %zu", i);
        cr_assert(strstr(scene.damages.items[0].message, rows[i].why) != NULL, "row %zu: %s", i,
                  scene.damages.items[0].message);
    }
    write_meta(LINE_A, "file", 1);
    cr_assert(load(LINE_A)->damaged, "the meta file of another aggregate");
}

/** The seal of a meta file in which `from` stands as `to`. */
static enum rf_meta_seal
seal_with(const char *from, const char *to)
{
    struct rf_meta meta = {.aggregate = rf_strdup("order"),
                           .lines = 3,
                           .until = rf_strdup("2024-02"),
                           .state_version = 7,
                           .closed = rf_strdup("2024-02-01T05:00:00Z")};
    struct rf_meta back;
    struct rf_buf out = {0};
    struct rf_buf other = {0};
    struct rf_err err;
    (void)snprintf(meta.states, sizeof(meta.states), "%064d", 7);
    (void)snprintf(meta.history, sizeof(meta.history), "%032d", 8);
    rf_meta_write(&meta, &out);
    const char *text = rf_buf_text(&out);
    const char *place = strstr(text, from);
    cr_assert(place != NULL, "%s is not in %s", from, text);
    rf_buf_add(&other, text, (size_t)(place - text));
    rf_buf_string(&other, to);
    rf_buf_string(&other, place + strlen(from));
    rf_code code = rf_meta_read(other.bytes, other.used, &back, &err);
    cr_assert(code == RF_OK, "%s: %s", err.text, rf_buf_text(&other));
    enum rf_meta_seal seal = back.seal;
    rf_meta_done(&back);
    rf_meta_done(&meta);
    rf_buf_done(&out);
    rf_buf_done(&other);
    return seal;
}

Test(golden, a_meta_file_is_sealed_against_edits_of_what_no_other_digest_covers)
{
    static const char *const edits[][2] = {
        {"2024-02-01T05", "2024-02-01T06"},
        {"\"closed\":\"2024-02-01T05:00:00Z\",", ""},
        {"\"until\":\"2024-02\"", "\"until\":\"2024-03\""},
        {"\"until\"", "\"asOf\":\"2024-02-01T05:00:00Z\",\"until\""},
        {",\"selection\":{\"until\":\"2024-02\"}", ""},
        {"\"stateVersion\":7", "\"stateVersion\":8"},
        {",\"stateVersion\":7", ""},
        {"\"lines\":3", "\"lines\":4"},
        {"\"seal\":\"", "\"seal\":\"0"},
        {"\"seal\":\"", "\"seal\":7,\"sael\":\""},
        {"\"format\"", "\"extra\":1,\"format\""},
        {"\"selection\":{", "\"selection\":{\"seal\":\"0123456789abcdef\","},
    };
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        cr_expect(seal_with(edits[i][0], edits[i][1]) == RF_META_EDITED, "edit %zu", i);
    }
}

Test(golden, a_seal_holds_whatever_lies_between_the_members)
{
    cr_expect(seal_with("{", "{") == RF_META_SEALED);
    cr_expect(seal_with(",\"format\":1", " ,\r\n\t\"format\": 1") == RF_META_SEALED);
    cr_expect(seal_with("{\"aggregate\":\"order\",\"closed\":\"2024-02-01T05:00:00Z\"",
                        "{\"closed\":\"2024-02-01T05:00:00Z\",\"aggregate\":\"order\"") ==
              RF_META_SEALED);
}

Test(golden, a_meta_file_of_an_older_refold_has_no_seal)
{
    cr_expect(seal_with("\"seal\"", "\"other\"") == RF_META_UNSEALED);
}

Test(golden, a_meta_file_reads_back)
{
    struct rf_meta meta = {.aggregate = rf_strdup("order"),
                           .lines = 3,
                           .rejected = 1,
                           .as_of = rf_strdup("2024-01-02T03:04:05Z"),
                           .until = rf_strdup("2024-02"),
                           .state_version = 7,
                           .closed = rf_strdup("2024-02-01T00:00:00Z"),
                           .pending_lines = 5};
    struct rf_meta back;
    struct rf_buf out = {0};
    (void)snprintf(meta.states, sizeof(meta.states), "%064d", 7);
    (void)snprintf(meta.history, sizeof(meta.history), "%032d", 8);
    (void)snprintf(meta.pending, sizeof(meta.pending), "%064d", 9);
    rf_meta_write(&meta, &out);
    cr_assert(rf_meta_read(out.bytes, out.used, &back, NULL) == RF_OK);
    cr_assert_str_eq(back.aggregate, "order");
    cr_assert_str_eq(back.as_of, meta.as_of);
    cr_assert_str_eq(back.until, meta.until);
    cr_assert_str_eq(back.states, meta.states);
    cr_assert_str_eq(back.history, meta.history);
    cr_assert(back.lines == 3 && back.rejected == 1);
    cr_assert_str_eq(back.closed, meta.closed);
    cr_assert_str_eq(back.pending, meta.pending);
    cr_assert(back.state_version == 7 && back.pending_lines == 5);
    struct rf_json doc = {0};
    struct rf_buf canonical = {0};
    cr_assert(rf_json_read_whole(&doc, out.bytes, out.used, NULL) == RF_OK);
    cr_assert(rf_json_canonical(&doc, 0, false, &canonical, NULL) == RF_OK);
    rf_buf_byte(&canonical, '\n');
    cr_assert_str_eq(rf_buf_text(&canonical), rf_buf_text(&out), "it is canonical");
    rf_json_done(&doc);
    rf_buf_done(&canonical);
    rf_buf_done(&out);
    rf_meta_done(&meta);
    rf_meta_done(&back);
}

/* ---- files -------------------------------------------------------------------------------------
 */

static size_t
write_gzip(const char *text, size_t cut)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/order.ndjson.gz", scene.folder);
    gzFile file = gzopen(path, "wb");
    cr_assert(file != NULL);
    cr_assert(gzwrite(file, text, (unsigned)strlen(text)) == (int)strlen(text));
    cr_assert(gzclose(file) == Z_OK);
    struct stat about;
    cr_assert(stat(path, &about) == 0);
    cr_assert(cut == SIZE_MAX || truncate(path, (off_t)cut) == 0);
    return (size_t)about.st_size;
}

Test(golden, reads_gzip)
{
    (void)write_gzip(LINE_A LINE_B, SIZE_MAX);
    write_meta(LINE_A LINE_B, "order", 2);
    scene_load(&scene);
    cr_assert(scene.goldens.items[0].count == 2 && !scene.goldens.items[0].damaged);
    cr_assert(scene.goldens.items[0].sealed && !scene.goldens.items[0].edited);
    cr_assert(find(&scene.goldens.items[0], "a") != NULL);
}

Test(golden, gzip_cut_at_any_byte_is_damage)
{
    size_t size = write_gzip(LINE_A LINE_B, SIZE_MAX);
    for (size_t bytes = 0; bytes < size; bytes++) {
        (void)write_gzip(LINE_A LINE_B, bytes);
        scene_load(&scene);
        cr_assert(scene.goldens.items[0].damaged && scene.goldens.items[0].count == 0);
        cr_assert(scene.damages.totals[RF_DAMAGE_GOLDEN] == 1, "cut at %zu", bytes);
    }
    (void)write_gzip(LINE_A, size + 1);
    scene_load(&scene);
    cr_assert(scene.goldens.items[0].damaged, "a zero behind the last member");
}

Test(golden, refuses_two_forms_at_once)
{
    struct rf_err err;
    write_text(&scene, "order.ndjson", LINE_A);
    (void)write_gzip(LINE_A, SIZE_MAX);
    cr_assert(rf_goldens_open(scene.folder, &scene.goldens, &scene.damages, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "order") != NULL);
}

Test(golden, refuses_a_digest_golden_beside_any_file_of_its_lines)
{
    char name[] = "order";
    const struct rf_golden_file both[] = {
        {.aggregate = name, .digest = true, .plain = true},
        {.aggregate = name, .digest = true, .gzip = true},
        {.aggregate = name, .digest = true, .zstd = true},
        {.aggregate = name, .digest = true, .meta = true},
    };
    for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
        struct rf_err err;
        cr_assert(rf_golden_file_check("golden", &both[i], &err) == RF_ERR_USAGE, "%zu", i);
        cr_assert(strstr(err.text, "digest golden") != NULL, "%s", err.text);
    }
    const struct rf_golden_file alone = {.aggregate = name, .digest = true};
    struct rf_err err;
    cr_assert(rf_golden_file_check("golden", &alone, &err) == RF_OK);
}

Test(golden, refuses_a_form_that_it_cannot_read)
{
    struct rf_err err;
    write_text(&scene, "order.ndjson.zst", "x");
    cr_assert(rf_goldens_open(scene.folder, &scene.goldens, &scene.damages, &err) == RF_ERR_USAGE);
}

Test(golden, reads_all_goldens_sorted_and_nothing_else)
{
    write_text(&scene, "order.ndjson", LINE_A);
    write_text(&scene, "file.ndjson", LINE_A LINE_B);
    write_text(&scene, "case.v2.ndjson", "");
    write_text(&scene, ".order.ndjson.1-0.tmp", "garbage");
    write_text(&scene, "README.md", "garbage");
    write_text(&scene, "known-damage.json", "[]");
    scene_load(&scene);
    cr_assert(scene.goldens.count == 3);
    cr_assert_str_eq(scene.goldens.items[0].aggregate, "case.v2");
    cr_assert_str_eq(scene.goldens.items[1].aggregate, "file");
    cr_assert_str_eq(scene.goldens.items[2].aggregate, "order");
    cr_assert(scene.damages.count == 0);
}

Test(golden, a_folder_that_is_not_there_gives_none)
{
    struct rf_err err;
    cr_assert(rf_goldens_open("/no/such/folder", &scene.goldens, &scene.damages, &err) == RF_OK);
    cr_assert(scene.goldens.count == 0);
}

Test(golden, a_file_that_cannot_be_read_is_no_damage)
{
    char path[256];
    struct rf_err err;
    (void)snprintf(path, sizeof(path), "%s/order.ndjson", scene.folder);
    cr_assert(mkfifo(path, 0600) == 0);
    cr_assert(rf_goldens_open(scene.folder, &scene.goldens, &scene.damages, &err) == RF_ERR_SOURCE);
    cr_assert(unlink(path) == 0);
    cr_assert(symlink("nowhere", path) == 0);
    cr_assert(rf_goldens_open(scene.folder, &scene.goldens, &scene.damages, &err) == RF_ERR_SOURCE);
}

Test(golden, its_digest_tells_goldens_apart)
{
    char first[65];
    char second[65];
    (void)load(LINE_A);
    rf_goldens_digest(&scene.goldens, first);
    (void)load(LINE_A LINE_B);
    rf_goldens_digest(&scene.goldens, second);
    cr_assert(strcmp(first, second) != 0);
    (void)load(LINE_A);
    rf_goldens_digest(&scene.goldens, second);
    cr_assert_str_eq(first, second);
}

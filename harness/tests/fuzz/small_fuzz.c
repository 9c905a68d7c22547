/* SPDX-License-Identifier: MIT */
/*
 * The small readers and writers. The first byte chooses:
 *
 *   time       what is printed is read as the same instant; a --since is an hour or is refused
 *   pointer    a path of pushed steps gives them back
 *   envelope   an --envelope is refused with words, or each of its pointers finds what it should
 *   layout     a --layout is refused with words, or tells an hour of any key
 *   keys       a list of --keys gives its lines, sorted, or is refused with words
 *   ids        a list of ids is asked, and has its lines and no other
 *   escapes    what is written is one printable line of UTF-8; for JSON and for a shell it reads
 *              back as what it was
 *   wire       numbers and texts of refold's own files: any bytes can be read
 *   told       an answer of identify is refused with words, or is an event whose record is JSON
 */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/json_pointer.h"
#include "base/time.h"
#include "base/wire.h"
#include "cli/ids.h"
#include "decode/envelope.h"
#include "key/told.h"
#include "net/url.h"
#include "tests/fuzz/judge.h"
#include "tests/fuzz/places.h"
#include "tests/fuzz/seeds.h"
#include "walk/layout.h"
#include "walk/select.h"
#include "walk/walk.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"2015-04-27T13:00:00Z",
                                  "+23:59",
                                  "-00:00",
                                  ":60",
                                  ".123456789",
                                  "9999-12-31",
                                  "0001-01-01",
                                  "id=/a",
                                  ",type=/b",
                                  "data=",
                                  "~0",
                                  "~1",
                                  "!{timestamp:",
                                  "yyyy",
                                  "}",
                                  "'",
                                  "!{firehose:random-string}",
                                  "2015/04/27/13/",
                                  "##[",
                                  "::error",
                                  "<script>",
                                  "\x1b[31m",
                                  "\xe2\x80\xae",
                                  "\xc2\x85",
                                  "\xef\xbf\xbf",
                                  "\r\n",
                                  "$'",
                                  "\\'",
                                  NULL};

const char *
fuzz_against(void)
{
    return "reading back";
}

/* ---- each of them ---------------------------------------------------------------------------- */

static void
check_instant(struct rf_time at)
{
    char printed[RF_TIME_TEXT_BYTES];
    struct rf_time again;
    size_t count = rf_time_print(at, printed);
    expect(rf_time_valid(at), "an instant that is none");
    expect(count < sizeof(printed) && strlen(printed) == count, "a time longer than it may be");
    expect(rf_time_parse(printed, count, &again) && rf_time_compare(at, again) == 0,
           "a time is another one when it is printed");
}

static void
try_time(const char *text, size_t bytes)
{
    struct rf_time at;
    struct rf_err err = {0};
    int64_t hour;
    bool parsed = rf_time_parse(text, bytes, &at);
    judge(parsed, NULL);
    if (parsed) {
        check_instant(at);
    }
    struct rf_json_node node;
    char *number = rf_format("%s ", text);
    if (rf_json_read_scalar(number, 0, strlen(number), &node) && node.kind == RF_JSON_NUMBER &&
        rf_time_from_number(number, node.end, &at)) {
        check_instant(at);
    }
    free(number);
    if (rf_select_hour("--since", text, &hour, &err) == RF_OK) {
        expect(hour >= -17259888 && hour < 70389528, "an hour outside of years 0001 to 9999");
    } else {
        expect(err.text[0] != '\0', "refused without a word");
    }
}

static void
try_pointer(const char *text, size_t bytes)
{
    struct rf_buf path = {0}, key = {0};
    size_t steps = 0;
    for (size_t at = 0; at <= bytes; steps++) {
        const char *end = memchr(text + at, '\n', bytes - at);
        size_t count = end == NULL ? bytes - at : (size_t)(end - text - (ptrdiff_t)at);
        rf_pointer_push(&path, text + at, count);
        at += count + 1;
    }
    const char *at = path.bytes;
    const char *end = at + path.used;
    const char *from = text;
    for (size_t i = 0; i < steps; i++) {
        const char *step_end = rf_pointer_step_end(at, end);
        const char *feed = memchr(from, '\n', (size_t)(text + bytes - from));
        size_t count = (size_t)((feed == NULL ? text + bytes : feed) - from);
        rf_pointer_unescape(&key, at + 1, step_end);
        expect(memchr(from, 0, count) != NULL ||
                   (key.used == count && (count == 0 || memcmp(key.bytes, from, count) == 0)),
               "a step is another one");
        at = step_end;
        from += count + 1;
    }
    expect(at == end, "another number of steps");
    (void)rf_pointer_below(path.bytes, path.used, text);
    judge(true, NULL);
    rf_buf_done(&path);
    rf_buf_done(&key);
}

static void
try_envelope(const char *text)
{
    struct rf_envelope envelope;
    struct rf_err err = {0};
    bool accepted = rf_envelope_parse(text, &envelope, &err) == RF_OK;
    judge(accepted, &err);
    if (accepted) {
        expect(envelope.kind == RF_ENVELOPE_AUTO ||
                   (envelope.parts[RF_PART_ID].set && envelope.parts[RF_PART_TYPE].set),
               "an envelope without id or type");
        for (int part = 0; part < RF_PART_COUNT_; part++) {
            expect(envelope.parts[part].count <= RF_ENVELOPE_STEPS, "a pointer that is too deep");
        }
        rf_envelope_done(&envelope);
    }
}

/** The layout is the first line, the key the second. */
static void
try_layout(char *text, size_t bytes)
{
    struct rf_layout *layout = NULL;
    struct rf_err err = {0};
    char *feed = memchr(text, '\n', bytes);
    const char *key = feed == NULL ? "2015/04/27/13/x" : feed + 1;
    size_t key_bytes = feed == NULL ? strlen(key) : (size_t)(text + bytes - key);
    if (feed != NULL) {
        *feed = '\0';
    }
    bool accepted = rf_layout_new(text, &layout, &err) == RF_OK;
    judge(accepted, &err);
    if (accepted) {
        struct rf_hour hour = rf_layout_hour(layout, key, key_bytes);
        expect(hour.grain == RF_GRAIN_NONE || hour.grain == rf_layout_grain(layout),
               "an hour of another grain");
        rf_layout_free(layout);
    }
    struct rf_hour usual = rf_key_hour(key, key_bytes);
    expect(usual.grain == RF_GRAIN_NONE || usual.grain >= RF_GRAIN_DAY, "less than a day");
    (void)rf_key_errors(key, key_bytes);
    (void)rf_key_name(key, key_bytes);
}

static void
try_keys(const char *text, size_t bytes)
{
    static const char *const source = "http://127.0.0.1:9/h";
    struct rf_objects objects;
    struct rf_err err = {0};
    const struct rf_walk_request request = {
        .sources = &source, .source_count = 1, .keys = fuzz_file(text, bytes), .jobs = 1};
    bool accepted = rf_walk(&request, &objects, &err) == RF_OK;
    judge(accepted, &err);
    if (!accepted) {
        return;
    }
    for (size_t i = 0; i < objects.count; i++) {
        const char *key = objects.items[i].key;
        char *url = NULL;
        expect(memmem(text, bytes, key, strlen(key)) != NULL, "a key that is not listed");
        expect(i == 0 || strcmp(objects.items[i - 1].key, key) < 0, "keys out of order");
        expect(rf_url_join(source, key, &url, &err) == RF_OK && rf_url_same_host(source, url),
               "a key leads to another host");
        free(url);
    }
    rf_objects_done(&objects);
}

static void
try_ids(const char *text, size_t bytes)
{
    struct rf_ids *ids = rf_ids_new();
    struct rf_err err = {0};
    bool accepted = rf_ids_read(ids, fuzz_file(text, bytes), &err) == RF_OK;
    judge(accepted, &err);
    rf_ids_sort(ids);
    for (const char *at = text; accepted && at < text + bytes;) {
        const char *feed = memchr(at, '\n', (size_t)(text + bytes - at));
        const char *end = feed == NULL ? text + bytes : feed;
        const char *next = end + 1;
        while (end > at && end[-1] == '\r') {
            end--;
        }
        expect(end == at || rf_ids_has(ids, at, (size_t)(end - at)), "an id is lost");
        expect(!rf_ids_has(ids, "an id\nof two lines", 18), "an id that is in no line");
        at = next;
    }
    rf_ids_free(ids);
}

/* ---- escapes --------------------------------------------------------------------------------- */

static void
expect_printable(const struct rf_buf *shown)
{
    expect(shown->used == 0 || rf_utf8_valid(shown->bytes, shown->used) == shown->used,
           "what is shown is no UTF-8");
    for (size_t i = 0; i < shown->used; i++) {
        unsigned char byte = (unsigned char)shown->bytes[i];
        expect(byte >= 0x20 && byte != 0x7f, "what is shown has control bytes");
    }
    expect(shown->used == 0 || memmem(shown->bytes, shown->used, "##[", 3) == NULL,
           "what is shown is a command to a build log");
}

/** What a shell makes of one word: quotes, dollar quotes with octal escapes, and plain bytes. */
static bool
read_word(const struct rf_buf *word, struct rf_buf *out)
{
    enum { PLAIN, QUOTED, DOLLAR } state = PLAIN;
    for (size_t i = 0; i < word->used; i++) {
        char byte = word->bytes[i];
        char next = i + 1 < word->used ? word->bytes[i + 1] : '\0';
        if (state != PLAIN && byte == '\'') {
            state = PLAIN;
        } else if (state == DOLLAR && byte == '\\' && next >= '0' && next <= '7') {
            unsigned value = 0, digits = 0;
            for (; digits < 3 && i + 1 < word->used && word->bytes[i + 1] >= '0' &&
                   word->bytes[i + 1] <= '7';
                 digits++) {
                value = value * 8 + (unsigned)(word->bytes[++i] - '0');
            }
            rf_buf_byte(out, (char)value);
        } else if (state == DOLLAR && byte == '\\') {
            rf_buf_byte(out, next);
            i++;
        } else if (state != PLAIN) {
            rf_buf_byte(out, byte);
        } else if (byte == '\'') {
            state = QUOTED;
        } else if (byte == '$' && next == '\'') {
            state = DOLLAR;
            i++;
        } else if (byte == '\\') {
            rf_buf_byte(out, next);
            i++;
        } else if (strchr(" \t\n|&;<>()$`\"*?[#~!{}", byte) != NULL) {
            return false;
        } else {
            rf_buf_byte(out, byte);
        }
    }
    return state == PLAIN;
}

static void
check_shell(const char *text, size_t bytes)
{
    struct rf_buf word = {0}, back = {0};
    rf_escape_shell(&word, text, bytes);
    expect_printable(&word);
    expect(memchr(text, 0, bytes) != NULL ||
               (read_word(&word, &back) && back.used == bytes && word.used > 0 &&
                (bytes == 0 || memcmp(back.bytes, text, bytes) == 0)),
           "a shell reads another word");
    rf_buf_done(&word);
    rf_buf_done(&back);
}

static void
check_json(const char *text, size_t bytes)
{
    struct rf_buf token = {0}, scratch = {0};
    struct rf_json doc = {0};
    struct rf_err err;
    const char *content;
    size_t count;
    rf_escape_json(&token, text, bytes);
    expect_printable(&token);
    expect(memchr(token.bytes, '<', token.used) == NULL, "a tag may stand in it");
    expect(rf_json_read_whole(&doc, token.bytes, token.used, &err) == RF_OK &&
               doc.nodes[0].kind == RF_JSON_STRING,
           "no JSON string");
    rf_json_string(&doc, 0, &scratch, &content, &count);
    expect(rf_utf8_valid(text, bytes) < bytes ||
               (count == bytes && (bytes == 0 || memcmp(content, text, bytes) == 0)),
           "the string is another one");
    rf_buf_clear(&token);
    if (rf_json_read_whole(&doc, text, bytes, &err) == RF_OK) {
        uint64_t hash = rf_json_hash(&doc, 0, NULL);
        rf_escape_json_text(&token, text, bytes);
        expect_printable(&token);
        expect(rf_json_read_whole(&doc, token.bytes, token.used, &err) == RF_OK &&
                   rf_json_hash(&doc, 0, NULL) == hash,
               "the JSON text is another one");
        rf_buf_clear(&token);
        rf_escape_json_shown(&token, text, bytes, bytes / 3, 40);
        expect_printable(&token);
    }
    rf_json_done(&doc);
    rf_buf_done(&token);
    rf_buf_done(&scratch);
}

static void
try_escapes(const char *text, size_t bytes)
{
    struct rf_buf shown = {0};
    rf_escape_terminal(&shown, text, bytes);
    expect_printable(&shown);
    rf_buf_clear(&shown);
    rf_escape_shown(&shown, text, bytes, 7);
    expect_printable(&shown);
    rf_buf_clear(&shown);
    rf_escape_quoted(&shown, text, bytes, 20);
    expect_printable(&shown);
    rf_buf_done(&shown);
    check_shell(text, bytes);
    check_json(text, bytes);
    judge(true, NULL);
}

static void
try_wire(const char *text, size_t bytes)
{
    struct rf_wire wire = rf_wire_begin(text, bytes);
    while (!wire.broken && wire.at < wire.end) {
        size_t count;
        switch (*wire.at % 4) {
        case 0:
            (void)rf_wire_number_below(&wire, 1000);
            break;
        case 1:
            free(rf_wire_text(&wire, NULL));
            break;
        case 2:
            free(rf_wire_text(&wire, &count));
            break;
        default:
            count = rf_wire_count(&wire, 8);
            expect(count <= bytes / 8, "more items than there is room for");
            break;
        }
    }
    judge(rf_wire_ended(&wire), NULL);
}

static void
try_told(const char *text, size_t bytes)
{
    struct rf_told told = {0};
    struct rf_told again = {0};
    struct rf_buf record = {0};
    struct rf_json doc = {0};
    rf_told_read(&told, text, bytes);
    rf_told_read(&again, text, bytes);
    expect((told.kind == RF_TOLD_NOTHING) == (bytes == 0), "an answer that is none, or none");
    expect(told.kind != RF_TOLD_WRONG || told.why.used > 0 || bytes >= 12,
           "refused without a word, and not by the aggregate");
    expect(rf_told_same(&told, &again), "an answer differs from itself");
    if (told.kind == RF_TOLD_EVENT) {
        rf_told_put(&told, "order", text, bytes, &record);
        expect(rf_json_read_whole(&doc, record.bytes, record.used, NULL) == RF_OK,
               "an event whose record is no JSON");
        expect(rf_json_member(&doc, 0, "aggregateId", 11, NULL) != RF_JSON_NONE &&
                   rf_json_member(&doc, 0, "type", 4, NULL) != RF_JSON_NONE &&
                   rf_json_member(&doc, 0, "data", 4, NULL) != RF_JSON_NONE,
               "an event's record lacks a part");
    }
    judge(told.kind == RF_TOLD_EVENT, NULL);
    rf_json_done(&doc);
    rf_buf_done(&record);
    rf_told_done(&told);
    rf_told_done(&again);
}

/* ---- the target ------------------------------------------------------------------------------ */

enum { TIME, POINTER, ENVELOPE, LAYOUT, KEYS, IDS, ESCAPES, WIRE, TOLD, KINDS };

static void
add(struct seeds *seeds, int kind, const char *text)
{
    char *seed = rf_format("%c%s", kind, text);
    seeds_add(seeds, seed, strlen(seed + 1) + 1);
    free(seed);
}

void
fuzz_begin(struct seeds *seeds)
{
    static const struct {
        int kind;
        const char *text;
    } made[] = {
        {TIME, "2015-04-27T13:05:06.789+02:00"},
        {TIME, "2016-12-31T23:59:60Z"},
        {TIME, "1498127532123.5"},
        {TIME, "-6.2135596e10"},
        {TIME, "2015/04/27/13"},
        {POINTER, "a\n\n~1/0\nb~c\n*"},
        {ENVELOPE, "id=/d/ID,type=/t,data=,version=/d/Version,at=/d/At,eid=/e~1x"},
        {ENVELOPE, "eventsource"},
        {LAYOUT, "a/!{timestamp:yyyy/MM/dd/HH}/\na/2015/04/27/13/s-1-2015-04-27-13-00-00-x"},
        {LAYOUT, "x!{timestamp:yyyy-DDD'T'HH}!{firehose:random-string}\nx2015-117T13abc"},
        {KEYS, "2015/04/27/13/a.gz\n2015/04/27/13/b.gz\r\n\n2015/04/27/14/c d?.gz\n"},
        {IDS, "a\nb\r\n\nc"},
        {ESCAPES, "it's \xc3\xa9 ##[error] \x1b[0m \xe2\x80\xae \xff <a> $x `y`"},
        {ESCAPES, "{\"a\":[1,\"\\u0000\xe2\x80\xae<\",-0.0],\"b\":\"##[x]\"}"},
        {WIRE, "\1\1\1\1\1\1\1\1abcdefgh"},
        {TOLD, "{\"id\":\"a\",\"type\":\"T\",\"version\":3,\"at\":\"2015-04-27T13:05:06Z\","
               "\"data\":[{}]}"},
        {TOLD, "{\"error\":\"no varint\"}"},
    };
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        add(seeds, made[i].kind, made[i].text);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    if (bytes < 1) {
        return 0;
    }
    whole = (const char *)input;
    whole_bytes = bytes;
    char *text = rf_strndup(whole + 1, bytes - 1);
    switch (input[0] % KINDS) {
    case TIME:
        try_time(text, bytes - 1);
        break;
    case POINTER:
        try_pointer(text, bytes - 1);
        break;
    case ENVELOPE:
        try_envelope(text);
        break;
    case LAYOUT:
        try_layout(text, bytes - 1);
        break;
    case KEYS:
        try_keys(text, bytes - 1);
        break;
    case IDS:
        try_ids(text, bytes - 1);
        break;
    case ESCAPES:
        try_escapes(text, bytes - 1);
        break;
    case WIRE:
        try_wire(text, bytes - 1);
        break;
    default:
        try_told(text, bytes - 1);
        break;
    }
    free(text);
    return 0;
}

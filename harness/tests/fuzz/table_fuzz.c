/* SPDX-License-Identifier: MIT */
/*
 * One object of DynamoDB's records, decoded with a recognizer and without: the same is told. Each
 * event that it gives is then put into an item of its own, and read from there: it is the same
 * event.
 *
 * An input is JSON in which `<` and `>` stand around what is to be base64, so that mutations reach
 * what attributes hold; an input that begins with `!` is taken as it is.
 */
#include "tests/decode/base64_text.h"
#include "tests/decode/twins.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/seeds.h"

const unsigned fuzz_texts = 2;
const char *const fuzz_words[] = {"{\"Records\":[",
                                  "\"eventName\":\"INSERT\"",
                                  "\"MODIFY\"",
                                  "\"REMOVE\"",
                                  "\"dynamodb\":{",
                                  "\"Keys\":{",
                                  "\"NewImage\":{",
                                  "\"OldImage\":{",
                                  "{\"Item\":{",
                                  "\"Metadata\":{",
                                  "\"StreamViewType\":",
                                  "\"KEYS_ONLY\"",
                                  "\"_1\":{\"B\":",
                                  "{\"S\":\"a\"}",
                                  "\"_007\":",
                                  "\"_+5\":",
                                  "\\u005f",
                                  NULL};

const char *
fuzz_against(void)
{
    return "decoding without a recognizer, and what is written again";
}

#define EVENT(version) "<{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"Version\":" version ",\"At\":1}}>"
#define IMAGE(rest)    "{\"key\":{\"S\":\"a\"},\"partition\":{\"N\":\"0\"}" rest "}"
#define ONE            ",\"_1\":{\"B\":\"" EVENT("1") "\"}"
#define TWO            ",\"_2\":{\"B\":\"" EVENT("2") "\"}"
#define STREAM(rest)                                                                               \
    "{\"eventName\":\"MODIFY\",\"dynamodb\":{\"Keys\":{\"key\":{\"S\":\"a\"}},"                    \
    "\"NewImage\":" IMAGE(ONE TWO) rest "}}"

static struct twins all[2];
static struct rf_decoder *again;
static struct rf_envelope tables;

void
fuzz_begin(struct seeds *seeds)
{
    static const char *const made[] = {
        STREAM(""),
        STREAM(",\"OldImage\":" IMAGE(ONE)),
        STREAM(",\"OldImage\":" IMAGE(ONE TWO)),
        "{\"Records\":[" STREAM(",\"OldImage\":" IMAGE(ONE)) "," STREAM("") "]}",
        "{\"Item\":" IMAGE(TWO ONE) "}",
        IMAGE(ONE),
        "{\"Metadata\":{\"WriteTimestampMicros\":{\"N\":\"1\"}},\"Keys\":{\"key\":{\"S\":\"a\"}},"
        "\"NewImage\":" IMAGE(ONE TWO) "}",
        "{\"eventName\":\"REMOVE\",\"dynamodb\":{\"Keys\":{\"key\":{\"S\":\"a\"}}}}",
    };
    *seeds = (struct seeds){0};
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        seeds_add(seeds, made[i], strlen(made[i]));
    }
    twins_init(&all[0], "dynamodb-stream");
    twins_init(&all[1], "auto");
    again = rf_decoder_new();
    RF_VERIFY(rf_envelope_parse("dynamodb-stream", &tables, NULL) == RF_OK);
}

/** The event as an item, which holds it alone. */
static void
write_again(const struct rf_event *event, struct rf_buf *out)
{
    struct rf_buf stored = {0};
    rf_buf_string(&stored, "{\"t\":");
    rf_canon_string(&stored, event->type, event->type_bytes);
    rf_buf_string(&stored, ",\"d\":");
    rf_buf_add(&stored, event->data, event->data_bytes);
    rf_buf_byte(&stored, '}');
    rf_buf_string(out, "{\"Item\":{\"key\":{\"S\":");
    rf_canon_string(out, event->id, event->id_bytes);
    rf_buf_format(out, "},\"_%" PRId64 "\":{\"B\":\"", event->version);
    base64_add(out, stored.bytes, stored.used);
    rf_buf_string(out, "\"}}}");
    rf_buf_done(&stored);
}

static rf_code
compare_event(void *context, const struct rf_event *event, struct rf_err *reterr)
{
    const struct rf_event *first = context;
    bool same = event->version == first->version && event->id_bytes == first->id_bytes &&
                memcmp(event->id, first->id, first->id_bytes) == 0 &&
                event->type_bytes == first->type_bytes &&
                memcmp(event->type, first->type, first->type_bytes) == 0 &&
                event->content_hash == first->content_hash &&
                rf_time_compare(event->at, first->at) == 0 && event->repeats == first->repeats;
    return same ? RF_OK : rf_fail(reterr, RF_ERR_INTERNAL, NULL, "another event");
}

static void
no_malformed(void *context, const struct rf_malformed *malformed)
{
    (void)context;
    fuzz_fail(malformed->text, strlen(malformed->text),
              "malformed when it is written again, at %" PRIu64, malformed->offset);
}

static rf_code
read_again(void *context, const struct rf_event *event, struct rf_err *reterr)
{
    uint64_t *events = context;
    struct rf_buf text = {0};
    write_again(event, &text);
    struct bytes_input memory = {text.bytes, text.used, SIZE_MAX};
    struct rf_decode_input input = {&memory, bytes_read};
    struct rf_event first = *event;
    struct rf_decode_sink sink = {
        .context = &first, .event = compare_event, .malformed = no_malformed};
    struct rf_decode_counts counts = {0};
    rf_code code = rf_decode_object(again, &input, &tables, &sink, &counts, reterr);
    if (code != RF_OK || counts.events != 1) {
        fuzz_fail(text.bytes, text.used, "not the event that was told: %" PRIu64, counts.events);
    }
    ++*events;
    rf_buf_done(&text);
    return RF_OK;
}

static void
pass_malformed(void *context, const struct rf_malformed *malformed)
{
    (void)context;
    (void)malformed;
}

/** All events of an object, each read again. */
static uint64_t
write_all_again(const struct rf_buf *text)
{
    static struct rf_decoder *decoder;
    decoder = decoder == NULL ? rf_decoder_new() : decoder;
    uint64_t events = 0;
    struct bytes_input memory = {text->bytes, text->used, SIZE_MAX};
    struct rf_decode_input input = {&memory, bytes_read};
    struct rf_decode_sink sink = {
        .context = &events, .event = read_again, .malformed = pass_malformed};
    struct rf_decode_counts counts = {0};
    struct rf_err err;
    rf_code code = rf_decode_object(decoder, &input, &tables, &sink, &counts, &err);
    RF_VERIFY(code != RF_ERR_INTERNAL);
    return events;
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    const char *at = (const char *)input;
    bool bare = bytes > 0 && *at == '!';
    struct rf_buf text = {0};
    if (bare) {
        rf_buf_add(&text, at + 1, bytes - 1);
    } else {
        base64_expand(&text, at, bytes, '<', '>');
    }
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        twins_forget(&all[i]);
        for (int twice = 0; twice < 2; twice++) {
            const char *difference = twins_differ(&all[i], text.bytes, text.used, SIZE_MAX);
            if (difference != NULL) {
                fuzz_fail(at, bytes, "%s", difference);
            }
            for (uint64_t j = 0; j < all[i].known.known; j++) {
                fuzz_count(FUZZ_KNOWN);
            }
        }
    }
    fuzz_count(write_all_again(&text) > 0 ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    rf_buf_done(&text);
    return 0;
}

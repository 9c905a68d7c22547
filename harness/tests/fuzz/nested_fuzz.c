/* SPDX-License-Identifier: MIT */
/*
 * Records in records: texts that are put into an aggregate of the Kinesis Producer Library, into
 * messages of CloudWatch Logs, or into error records, give the events that they give as objects of
 * their own; and damaged wrappings, decoded whole and in pieces, the same.
 *
 * The first byte chooses the wrapping, the second one if a byte of it is changed; the texts are
 * parted by LF LF.
 */
#include <nettle/md5.h>

#include "base/json.h"
#include "decode/kpl.h"
#include "tests/decode/base64_text.h"
#include "tests/decode/support.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/seeds.h"

const unsigned fuzz_texts = 3;
const char *const fuzz_words[] = {RF_KPL_MAGIC,
                                  "\x1a\x04\x1a\x02{}",
                                  "\n\n",
                                  "\"messageType\"",
                                  "\"DATA_MESSAGE\"",
                                  "\"logEvents\":[",
                                  "\"message\":\"{}\"",
                                  "\"rawData\":\"",
                                  "\x1f\x8b\x08",
                                  NULL};

enum { AGGREGATE, SEALED, MESSAGES, ERRORS, WRAPPINGS };
enum { TEXTS_MOST = 8 };

const char *
fuzz_against(void)
{
    return "the same texts as objects of their own, and in pieces";
}

static struct rf_decoder *decoder;
static struct rf_envelope envelope;

static void
add_field(struct rf_buf *out, char tag, const char *bytes, size_t count)
{
    rf_buf_byte(out, tag);
    while (count > 0x7f) {
        rf_buf_byte(out, (char)((count & 0x7f) | 0x80));
        count >>= 7;
    }
    rf_buf_byte(out, (char)count);
    (void)bytes;
}

static void
add_sealed(struct rf_buf *out, const struct rf_buf *fields)
{
    unsigned char digest[MD5_DIGEST_SIZE];
    struct md5_ctx md5;
    md5_init(&md5);
    md5_update(&md5, fields->used, (const uint8_t *)fields->bytes);
    md5_digest(&md5, sizeof(digest), digest);
    rf_buf_string(out, RF_KPL_MAGIC);
    rf_buf_add(out, fields->bytes, fields->used);
    rf_buf_add(out, digest, RF_KPL_MD5_BYTES);
}

struct texts {
    const char *at[TEXTS_MOST];
    size_t bytes[TEXTS_MOST];
    size_t count;
};

static void
part_texts(const char *bytes, size_t count, struct texts *ret)
{
    ret->count = 0;
    for (const char *at = bytes, *end = bytes + count; at < end && ret->count < TEXTS_MOST;) {
        const char *next = memmem(at, (size_t)(end - at), "\n\n", 2);
        const char *behind = next == NULL || ret->count + 1 == TEXTS_MOST ? end : next;
        ret->at[ret->count] = at;
        ret->bytes[ret->count++] = (size_t)(behind - at);
        at = behind == end ? end : behind + 2;
    }
}

/** False where a text cannot be wrapped so: JSON is UTF-8. */
static bool
wrap(const struct texts *texts, int wrapping, struct rf_buf *out)
{
    struct rf_buf fields = {0};
    struct rf_buf record = {0};
    bool fits = true;
    rf_buf_clear(out);
    if (wrapping == MESSAGES) {
        rf_buf_string(out, "{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[");
    }
    for (size_t i = 0; i < texts->count; i++) {
        if (wrapping == AGGREGATE) {
            rf_buf_clear(&record);
            rf_buf_add(&record, "\x08\x01", 2);
            add_field(&record, 0x1a, texts->at[i], texts->bytes[i]);
            rf_buf_add(&record, texts->at[i], texts->bytes[i]);
            add_field(&fields, 0x1a, record.bytes, record.used);
            rf_buf_add(&fields, record.bytes, record.used);
        } else if (wrapping == MESSAGES) {
            fits = fits && rf_utf8_valid(texts->at[i], texts->bytes[i]) == texts->bytes[i];
            rf_buf_string(out, i > 0 ? ",{\"message\":" : "{\"message\":");
            rf_canon_string(out, texts->at[i], texts->bytes[i]);
            rf_buf_byte(out, '}');
        } else {
            rf_buf_string(out, "{\"rawData\":\"");
            base64_add(out, texts->at[i], texts->bytes[i]);
            rf_buf_string(out, "\"}");
        }
    }
    if (wrapping == MESSAGES) {
        rf_buf_string(out, "]}");
    } else if (wrapping == AGGREGATE) {
        add_sealed(out, &fields);
    }
    rf_buf_done(&fields);
    rf_buf_done(&record);
    return fits;
}

static struct outcome
decode(const void *bytes, size_t count, size_t step, bool errors)
{
    rf_decoder_errors(decoder, errors);
    struct outcome outcome = decode_with(decoder, &envelope, bytes, count, step);
    fuzz_expect(bytes, count, sums_hold(&outcome.counts), "sums that do not hold");
    return outcome;
}

/** In pieces the same is told. */
static void
compare_steps(const struct rf_buf *object, bool errors)
{
    struct outcome whole = decode(object->bytes, object->used, SIZE_MAX, errors);
    struct outcome cut = decode(object->bytes, object->used, 3, errors);
    if (whole.code != cut.code || strcmp(whole.err.text, cut.err.text) != 0 ||
        strcmp(whole.log.bytes, cut.log.bytes) != 0) {
        fuzz_fail(object->bytes, object->used, "%d '%s' %s\nin pieces %d '%s' %s", (int)whole.code,
                  whole.err.text, whole.log.bytes, (int)cut.code, cut.err.text, cut.log.bytes);
    }
    fuzz_count(whole.code == RF_OK && whole.counts.events > 0 ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    outcome_done(&whole);
    outcome_done(&cut);
}

/** The events of all texts by themselves, and of what wraps them. */
static void
compare_wrapped(const struct texts *texts, int wrapping, const struct rf_buf *object)
{
    uint64_t events = 0;
    uint64_t hashes = 0;
    for (size_t i = 0; i < texts->count; i++) {
        struct outcome one = decode(texts->at[i], texts->bytes[i], SIZE_MAX, false);
        /* Packed bytes that break end the wrapped object; a record within records is counted
         * otherwise. */
        bool alone = one.code == RF_OK || one.counts.checked + one.counts.unchecked == 0;
        bool nested = one.counts.envelopes[RF_ENVELOPE_CLOUDWATCH] > 0 || one.counts.expanded > 0;
        events += one.counts.events;
        hashes += one.hashes;
        bool told = memmem(texts->at[i], texts->bytes[i], "messageType", 11) != NULL ||
                    memmem(texts->at[i], texts->bytes[i], "Parquet", 7) != NULL;
        bool refused = one.code != RF_OK && one.code != RF_ERR_TRUNCATED && one.counts.records == 0;
        outcome_done(&one);
        if (!alone || nested || told || refused) {
            return;
        }
    }
    struct outcome all = decode(object->bytes, object->used, SIZE_MAX, wrapping == ERRORS);
    if (all.counts.events != events || all.hashes != hashes) {
        fuzz_fail(object->bytes, object->used, "%llu events by themselves, %llu wrapped: %s",
                  (unsigned long long)events, (unsigned long long)all.counts.events, all.log.bytes);
    }
    outcome_done(&all);
}

void
fuzz_begin(struct seeds *seeds)
{
    seeds_init(seeds);
    static const char *const made[] = {
        "{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[{\"message\":\"{}\"}]}",
        "{\"messageType\":\"CONTROL_MESSAGE\",\"logEvents\":[]}",
        "{\"rawData\":\"e30=\"}",
        "\xef\xbb\xbf{\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1}}",
        "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"s\",\"type\":\"T\",\"subject\":\"a\"}",
        "{\"id\":\"e\",\"detail-type\":\"T\",\"time\":1,\"detail\":{\"id\":\"a\"}}",
        "eyJ0IjoiVCIsImQiOnsiSUQiOiJhIiwiQXQiOjF9fQ==eyJ0IjoiVCIsImQiOnsiSUQiOiJhIiwiQXQiOjF9fQ=="};
    for (int twice = 0; twice < 4; twice++) {
        for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
            seeds_add(seeds, made[i], strlen(made[i]));
        }
    }
    decoder = rf_decoder_new();
    RF_VERIFY(rf_envelope_parse("auto", &envelope, NULL) == RF_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static struct rf_buf object;
    struct texts texts;
    /* All that is chosen comes from the input; its first bytes are of the first text too. */
    int wrapping = (int)(bytes % WRAPPINGS);
    if (bytes == 0) {
        return 0;
    }
    if (wrapping == SEALED) {
        struct rf_buf fields = {0};
        rf_buf_add(&fields, input, bytes);
        rf_buf_clear(&object);
        add_sealed(&object, &fields);
        rf_buf_done(&fields);
        compare_steps(&object, false);
        return 0;
    }
    part_texts((const char *)input, bytes, &texts);
    if (texts.count == 0 || !wrap(&texts, wrapping, &object)) {
        return 0;
    }
    compare_wrapped(&texts, wrapping, &object);
    compare_steps(&object, wrapping == ERRORS);
    object.bytes[bytes * 31 % object.used] ^= (char)(1 << bytes / 7 % 8);
    compare_steps(&object, wrapping == ERRORS);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* A certificate is believed as it was written, and in no other way. */
#include "history/certificate.h"

#include <stdlib.h>
#include <string.h>

#include "tests/base/folder.h"

TestSuite(certificate, .init = make_folder, .fini = remove_folder, .timeout = 60);

#define NUL_SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ONE_SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TWO_SHA "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

/* Of three objects with these digests, the second foreign, the third with a key that is no UTF-8.
 */
static struct rf_certificate
make_certificate(const char *first, const char *third)
{
    struct rf_object items[] = {
        {.key = (char[]){"a/\x1b[31m\"<"}, .bytes = 7},
        {.key = (char[]){"b"}, .bytes = 8},
        {.key = (char[]){"c\xff"}, .bytes = RF_BYTES_UNKNOWN},
    };
    struct rf_facts facts[] = {
        {.fate = RF_FATE_UNREADABLE},
        {.fate = RF_FATE_FOREIGN},
        {.fate = RF_FATE_READ, .counts = {.stored_bytes = 9}},
    };
    char digests[3][RF_SHA256_HEX_BYTES] = {"", NUL_SHA, ""};
    strcpy(digests[0], first);
    strcpy(digests[2], third);
    for (size_t i = 0; i < 3; i++) {
        facts[i].sha256 = digests[i];
    }
    struct rf_objects objects = {.items = items, .count = 3};
    struct rf_certificate certificate;
    rf_certificate_make(&objects, facts, &certificate);
    return certificate;
}

static rf_code
read_text(const char *text, size_t bytes, struct rf_certificate *ret)
{
    struct rf_err err;
    const char *path = in_folder("c.json");
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL && fwrite(text, 1, bytes, file) == bytes && fclose(file) == 0);
    return rf_certificate_read(path, ret, &err);
}

Test(certificate, names_what_is_history_and_is_read_as_written)
{
    struct rf_certificate made = make_certificate(ONE_SHA, TWO_SHA);
    struct rf_certificate read;
    struct rf_buf text = {0};
    made.instances = 3;
    made.events = 12;
    strcpy(made.instances_sha256, NUL_SHA);
    rf_certificate_write(&made, &text);
    cr_assert_eq(read_text(text.bytes, text.used, &read), RF_OK);
    cr_assert_eq(read.count, 2u);
    cr_expect_eq(read.bytes, 16u);
    cr_expect_str_eq(read.objects[0].key, "a/\x1b[31m\"<");
    cr_expect_str_eq(read.objects[1].key, "c\xef\xbf\xbd");
    cr_expect_str_eq(read.objects[1].sha256, TWO_SHA);
    cr_expect_str_eq(read.sha256, made.sha256);
    cr_expect_eq(read.instances, 3u);
    cr_expect_eq(read.events, 12u);
    cr_expect_str_eq(read.instances_sha256, NUL_SHA);
    rf_certificate_done(&read);
    rf_certificate_done(&made);
    rf_buf_done(&text);
}

/* What is cut, or has another byte, is refused, unless it tells the very same objects. */
Test(certificate, that_was_cut_or_edited_is_not_believed)
{
    struct rf_certificate made = make_certificate(ONE_SHA, TWO_SHA);
    struct rf_buf text = {0};
    size_t refused = 0;
    rf_certificate_write(&made, &text);
    for (size_t at = 0; at < text.used; at++) {
        struct rf_certificate read;
        if (at + 2 < text.used) { /* all but the last LF, and what closes it */
            cr_expect_neq(read_text(text.bytes, at, &read), RF_OK, "cut at %zu", at);
        }
        text.bytes[at] ^= 1;
        if (read_text(text.bytes, text.used, &read) == RF_OK) {
            struct rf_certificate_change change = rf_certificate_compare(&made, &read);
            cr_expect(change.added + change.changed + change.gone == 0, "byte %zu", at);
            rf_certificate_done(&read);
        } else {
            refused++;
        }
        text.bytes[at] ^= 1;
    }
    cr_expect_gt(refused, text.used * 9 / 10);
    rf_certificate_done(&made);
    rf_buf_done(&text);
}

Test(certificate, that_is_none_is_refused)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"format\":1}",
        "{\"format\":\"1\",\"objects\":[],\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":2,\"objects\":[],\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":{},\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[[]],\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[[[],[],[]]],\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[[\"a\",-1,\"" NUL_SHA "\"]],\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[[\"a\",[[]],\"" NUL_SHA "\"]],\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[],\"sha256\":\"" ONE_SHA "\"}",
        "{\"format\":1,\"objects\":[],\"instances\":[],\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[],\"instances\":{},\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[],\"instances\":7,\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[],\"instances\":{\"count\":1},\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[],\"instances\":{\"count\":1,\"events\":2},\"sha256\":"
        "\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[],\"sha256\":7}",
        "{\"format\":1,\"objects\":[7],\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[[7,7,\"" NUL_SHA "\"]],\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[[\"a\",7,\"" NUL_SHA "\",7]],\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[[\"a\",7,7]],\"sha256\":\"" NUL_SHA "\"}",
        "{\"format\":1,\"objects\":[],\"sha256\":\"" NUL_SHA "0\"}",
    };
    struct rf_certificate read;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        cr_expect_neq(read_text(texts[i], strlen(texts[i]), &read), RF_OK, "%s", texts[i]);
    }
    static const char empty[] = "{\"format\":1,\"objects\":[],\"sha256\":\"" NUL_SHA "\"}";
    cr_expect_eq(read_text(empty, strlen(empty), &read), RF_OK);
}

Test(certificate, twins_are_objects_that_hold_the_same)
{
    struct rf_certificate made = make_certificate(ONE_SHA, ONE_SHA);
    static const bool none[3] = {false};
    static const bool third[3] = {false, false, true};
    struct rf_certificate_twins twins = rf_certificate_twins(&made, NULL);
    cr_expect_eq(twins.count, 1u);
    cr_expect_eq(twins.untold, 0u);
    cr_expect_eq(rf_certificate_twins(&made, none).untold, 0u);
    cr_expect_eq(rf_certificate_twins(&made, third).untold, 1u);
    cr_expect_str_eq(twins.second, "c\xef\xbf\xbd");
    rf_certificate_done(&made);
    made = make_certificate(ONE_SHA, TWO_SHA);
    twins = rf_certificate_twins(&made, third);
    cr_expect(twins.count == 0 && twins.untold == 0);
    rf_certificate_done(&made);
}

/* One key in two sources, with these digests; NULL: the second has none. */
static struct rf_certificate
make_twice(const char *first, const char *second)
{
    struct rf_object items[] = {{.key = (char[]){"k"}, .bytes = 7},
                                {.key = (char[]){"k"}, .bytes = 7}};
    char digests[2][RF_SHA256_HEX_BYTES] = {"", ""};
    struct rf_facts facts[] = {{.fate = RF_FATE_READ, .sha256 = digests[0]},
                               {.fate = RF_FATE_READ, .sha256 = digests[1]}};
    strcpy(digests[0], first);
    strcpy(digests[1], second == NULL ? "" : second);
    struct rf_objects objects = {.items = items, .count = second == NULL ? 1 : 2};
    struct rf_certificate certificate;
    rf_certificate_make(&objects, facts, &certificate);
    return certificate;
}

static void
expect_change(const char *second, uint64_t changed, uint64_t gone)
{
    struct rf_certificate before = make_twice(ONE_SHA, TWO_SHA);
    struct rf_certificate now = make_twice(TWO_SHA, second);
    struct rf_certificate_change there = rf_certificate_compare(&before, &now);
    struct rf_certificate_change back = rf_certificate_compare(&now, &before);
    cr_expect(there.changed == changed && there.gone == gone && there.added == 0);
    cr_expect(back.changed == changed && back.added == gone && back.gone == 0);
    rf_certificate_done(&before);
    rf_certificate_done(&now);
}

/* Whatever the digests' order: the object that is as it was is no change. */
Test(certificate, tells_one_change_where_two_objects_have_one_key)
{
    expect_change(ONE_SHA, 0, 0);
    expect_change(NUL_SHA, 1, 0);
    expect_change(TWO_SHA, 1, 0);
    expect_change(NULL, 0, 1);
}

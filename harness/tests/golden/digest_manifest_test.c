/* SPDX-License-Identifier: MIT */
/* The manifest of a digest golden: what is written is read again, anything else is not. */
#include "golden/digest_manifest.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static struct rf_manifest manifest;
static struct rf_buf text;

static void
set_up(void)
{
    memset(&manifest, 0, sizeof(manifest));
    manifest.meta.aggregate = rf_strdup("order");
    manifest.meta.until = rf_strdup("2017-03");
    manifest.meta.rejected = 7;
    memcpy(manifest.meta.history, "00112233445566778899aabbccddeeff",
           sizeof(manifest.meta.history));
    for (size_t i = 0; i < RF_SHARD_COUNT; i++) {
        struct rf_buf lines = {0};
        rf_buf_format(&lines, "%zu\n", i);
        rf_shard_seal(&manifest.shards[i], &lines);
        manifest.shards[i].lines = i;
        manifest.meta.lines += i;
        rf_buf_done(&lines);
    }
    text = (struct rf_buf){0};
    rf_manifest_write(&manifest, &text);
}

static void
tear_down(void)
{
    rf_manifest_done(&manifest);
    rf_buf_done(&text);
}

TestSuite(digest_manifest, .init = set_up, .fini = tear_down);

static rf_code
read_it(const char *bytes, size_t count, struct rf_err *reterr)
{
    struct rf_manifest found;
    rf_code code = rf_manifest_read(bytes, count, &found, reterr);
    rf_manifest_done(&found); /* of a failure too */
    return code;
}

/** A manifest that is whole, but for one thing: it is sealed with it. */
static void
expect_refused(const char *part)
{
    struct rf_err err;
    struct rf_buf other = {0};
    rf_manifest_write(&manifest, &other);
    cr_assert(read_it(other.bytes, other.used, &err) == RF_ERR_MALFORMED);
    cr_assert(strstr(err.text, part) != NULL, "%s", err.text);
    cr_assert(strstr(err.text, "bless again") != NULL, "%s", err.text);
    rf_buf_done(&other);
}

Test(digest_manifest, is_read_as_it_was_written)
{
    struct rf_manifest found;
    struct rf_err err;
    struct rf_buf again = {0};
    cr_assert(rf_manifest_read(text.bytes, text.used, &found, &err) == RF_OK, "%s", err.text);
    cr_assert_str_eq(found.meta.aggregate, "order");
    cr_assert_str_eq(found.meta.until, "2017-03");
    cr_assert_str_eq(found.meta.states, manifest.meta.states);
    cr_assert(found.meta.lines == 511 * 256 && found.meta.rejected == 7);
    for (size_t i = 0; i < RF_SHARD_COUNT; i++) {
        cr_assert(rf_shard_same(&found.shards[i], &manifest.shards[i]));
    }
    rf_manifest_write(&found, &again);
    cr_assert(again.used == text.used && memcmp(again.bytes, text.bytes, text.used) == 0);
    rf_buf_done(&again);
    rf_manifest_done(&found);
}

Test(digest_manifest, fits_into_64_KiB_with_as_many_lines_as_can_be)
{
    struct rf_buf large = {0};
    for (size_t i = 0; i < RF_SHARD_COUNT; i++) {
        manifest.shards[i].lines = UINT64_MAX;
    }
    rf_manifest_write(&manifest, &large);
    cr_assert(large.used <= 65536, "%zu bytes", large.used);
    rf_buf_done(&large);
}

Test(digest_manifest, believes_no_byte_that_changed)
{
    struct rf_err err;
    for (size_t at = 0; at < text.used; at += at < 400 || text.used - at < 400 ? 1 : 97) {
        for (int bit = 0; bit < 8; bit += 3) {
            text.bytes[at] = (char)(text.bytes[at] ^ 1 << bit);
            cr_assert(read_it(text.bytes, text.used, &err) == RF_ERR_MALFORMED, "byte %zu", at);
            text.bytes[at] = (char)(text.bytes[at] ^ 1 << bit);
        }
    }
    for (size_t count = 0; count < text.used; count += 53) {
        cr_assert(read_it(text.bytes, count, &err) == RF_ERR_MALFORMED, "%zu bytes", count);
    }
    cr_assert(read_it(text.bytes, text.used - 1, &err) == RF_ERR_MALFORMED);
    rf_buf_byte(&text, '\n');
    cr_assert(read_it(text.bytes, text.used, &err) == RF_ERR_MALFORMED);
    cr_assert(read_it(text.bytes, text.used - 1, &err) == RF_OK);
}

Test(digest_manifest, is_refused_where_it_contradicts_itself_though_it_is_sealed)
{
    manifest.meta.lines++;
    expect_refused("tells of 130817 lines, its shards of 130816");
    manifest.meta.lines--;
    manifest.shards[3].digest[5] = 'A';
    expect_refused("shard 3 of the manifest cannot be read");
}

/** The same text with one part of it replaced, and sealed as the whole is: nobody but who reads it
 * can tell. */
static void
expect_other_refused(const char *old, const char *new, const char *part)
{
    struct rf_err err;
    struct rf_buf other = {0};
    static const char front[] = "\"states\":\"";
    const char *at = memmem(text.bytes, text.used, old, strlen(old));
    const char *seal = memmem(text.bytes, text.used, front, sizeof(front) - 1);
    cr_assert(at != NULL && seal != NULL && at < seal, "%s", old);
    rf_buf_add(&other, text.bytes, (size_t)(at - text.bytes));
    rf_buf_string(&other, new);
    at += strlen(old);
    rf_buf_add(&other, at, (size_t)(seal - at));
    char hex[RF_SHA256_HEX_BYTES];
    rf_sha256_make(other.bytes, other.used, hex);
    rf_buf_format(&other, "%s%s\"}\n", front, hex);
    cr_assert(read_it(other.bytes, other.used, &err) == RF_ERR_MALFORMED, "%s", new);
    cr_assert(strstr(err.text, part) != NULL, "%s: %s", new, err.text);
    rf_buf_done(&other);
}

Test(digest_manifest, is_refused_where_it_is_of_another_form_though_it_is_sealed)
{
    char first[RF_SHA256_HEX_BYTES + 16];
    char second[sizeof(first)];
    (void)snprintf(first, sizeof(first), "[\"%s\",", manifest.shards[0].digest);
    (void)snprintf(second, sizeof(second), "[\"%s\",", manifest.shards[1].digest);
    expect_other_refused("\"shards\":", "\"shreds\":", "has not 512 shards");
    expect_other_refused("\"shards\":[", "\"shards\":{},\"more\":[", "has not 512 shards");
    expect_other_refused("\"shards\":[", "\"shards\":[[\"\",0],", "has not 512 shards");
    expect_other_refused(first, "[7,", "shard 0 of the manifest");
    expect_other_refused(first, "[\"0123\",", "shard 0 of the manifest");
    first[strlen(first) - 1] = '\0'; /* without the comma */
    expect_other_refused(first, "[{}", "shard 0 of the manifest");
    char other[sizeof(first) + 8];
    (void)snprintf(other, sizeof(other), "%s-", second);
    expect_other_refused(second, other, "shard 1 of the manifest");
    (void)snprintf(other, sizeof(other), "%s0,", second);
    expect_other_refused(second, other, "shard 1 of the manifest");
    (void)snprintf(other, sizeof(other), "{\"a\":0},%s", second);
    expect_other_refused(second, other, "has not 512 shards");
}

Test(digest_manifest, puts_an_id_where_the_contract_says)
{
    /* By another's XXH3: xxhash.xxh3_64_intdigest(id, 0) % 512. */
    char many[300];
    memset(many, 'x', sizeof(many));
    cr_assert(rf_shard_of("a", 1) == 31);
    cr_assert(rf_shard_of("order-1", 7) == 118);
    cr_assert(rf_shard_of("6f1c", 4) == 344);
    cr_assert(rf_shard_of("\xc3\xa9", 2) == 179);
    cr_assert(rf_shard_of(many, sizeof(many)) == 340);
}

Test(digest_manifest, tells_shards_apart_by_lines_and_digest)
{
    struct rf_shard a = manifest.shards[1];
    struct rf_shard b = a;
    cr_assert(rf_shard_same(&a, &b));
    b.lines++;
    cr_assert(!rf_shard_same(&a, &b));
    b = a;
    rf_shard_seal(&b, &(struct rf_buf){0});
    cr_assert(!rf_shard_same(&a, &b));
    cr_assert_str_eq(b.digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* SPDX-License-Identifier: MIT */
/* Hashes: the published values, and the sums of multisets. */
#include "base/hash.h"
#include "base/sha256.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The header's own code is the oracle for the library that refold is linked with. */
#define XXH_INLINE_ALL
#include <xxhash.h>

Test(hash, has_the_published_values)
{
    cr_expect_eq(rf_hash("", 0, 0), UINT64_C(0x2D06800538D394C2));
    cr_expect_eq(rf_xxh64("", 0), UINT64_C(0xEF46DB3751D8E999));
    cr_expect_eq(rf_xxh64("abc", 3), UINT64_C(0x44BC2CF5AD770999));
}

/* Short, middle and long inputs go different ways. */
Test(hash, agrees_with_its_definition_at_every_length)
{
    static unsigned char bytes[5000];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (unsigned char)(i * 131 >> 3);
    }
    for (size_t count = 0; count <= sizeof(bytes); count += count < 600 ? 1 : 97) {
        for (uint64_t seed = 0; seed < 7; seed++) {
            cr_assert_eq(rf_hash(bytes + 1, count, seed),
                         XXH3_64bits_withSeed(bytes + 1, count, seed), "%zu bytes", count);
        }
        cr_assert_eq(rf_xxh64(bytes, count), XXH64(bytes, count, 0), "%zu bytes", count);
    }
}

/* Pieces of any lengths are the whole. */
Test(hash, is_the_same_of_pieces)
{
    static unsigned char bytes[3000];
    struct rf_hasher *hasher = rf_hasher_new();
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (unsigned char)(i * 37 >> 2);
    }
    cr_assert_eq(rf_hasher_end(hasher), rf_hash("", 0, 0));
    for (size_t piece = 1; piece < sizeof(bytes); piece += 113) {
        rf_hasher_begin(hasher);
        for (size_t at = 0; at < sizeof(bytes); at += piece) {
            size_t left = sizeof(bytes) - at;
            rf_hasher_add(hasher, bytes + at, left < piece ? left : piece);
        }
        cr_assert_eq(rf_hasher_end(hasher), rf_hash(bytes, sizeof(bytes), 0), "%zu", piece);
    }
    rf_hasher_free(hasher);
    rf_hasher_free(NULL);
}

/* FIPS 180-2, appendix B. */
Test(sha256, has_the_values_of_its_standard)
{
    char hex[RF_SHA256_HEX_BYTES];
    rf_sha256_finish(rf_sha256_new(), hex);
    cr_expect_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    struct rf_sha256 *sha = rf_sha256_new();
    rf_sha256_add(sha, "a", 1);
    rf_sha256_add(sha, "", 0);
    rf_sha256_add(sha, "bc", 2);
    rf_sha256_finish(sha, hex);
    cr_expect_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha = rf_sha256_new();
    for (int i = 0; i < 1000000; i++) {
        rf_sha256_add(sha, "a", 1);
    }
    rf_sha256_finish(sha, hex);
    cr_expect_str_eq(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* A file of several reads, with the value that sha256sum gives. */
Test(sha256, reads_a_file_to_its_end)
{
    const char *root = getenv("REFOLD_ROOT");
    char path[4096];
    (void)snprintf(path, sizeof(path),
                   "%s/fixtures/jsontestsuite/test_parsing/n_structure_open_array_object.json",
                   root == NULL ? "." : root);
    char hex[RF_SHA256_HEX_BYTES];
    struct rf_err err = {0};
    cr_assert_eq(rf_sha256_file(path, hex, &err), RF_OK, "%s", err.text);
    cr_expect_str_eq(hex, "48b232fcd18ce2f714a16651ea9f27c04498dcd31ea1329a288c7aa981e1b531");
}

Test(sha256, says_which_file_it_could_not_read)
{
    char hex[RF_SHA256_HEX_BYTES] = "untouched";
    struct rf_err err = {0};
    cr_expect_eq(rf_sha256_file("/nonexistent/file", hex, &err), RF_ERR_SOURCE);
    cr_expect_str_eq(err.where, "/nonexistent/file");
    cr_expect_neq(err.sys_errno, 0);
    cr_expect_eq(rf_sha256_file("/", hex, &err), RF_ERR_SOURCE, "a folder opens, but is not read");
    cr_expect_str_eq(err.where, "/");
    cr_expect_str_eq(hex, "untouched");
}

static struct rf_multiset
multiset_of(const uint64_t *items, size_t count)
{
    struct rf_multiset set = {0};
    for (size_t i = 0; i < count; i++) {
        rf_multiset_add(&set, items[i]);
    }
    return set;
}

Test(multiset, does_not_know_the_order)
{
    const uint64_t items[] = {5, UINT64_MAX, 0, 5, 77};
    const uint64_t turned[] = {77, 5, 0, UINT64_MAX, 5};
    struct rf_multiset a = multiset_of(items, 5);
    struct rf_multiset b = multiset_of(turned, 5);
    cr_expect_eq(memcmp(&a, &b, sizeof(a)), 0);
    struct rf_multiset front = multiset_of(items, 2);
    struct rf_multiset back = multiset_of(items + 2, 3);
    rf_multiset_join(&front, &back);
    cr_expect_eq(memcmp(&a, &front, sizeof(a)), 0);
}

Test(multiset, tells_a_lost_item_from_one_counted_twice)
{
    const uint64_t right[] = {1, 2, 3};
    const uint64_t lost[] = {1, 3, 3};
    const uint64_t balanced[] = {2, 2, 2}; /* the same plain sum */
    struct rf_multiset a = multiset_of(right, 3);
    struct rf_multiset b = multiset_of(lost, 3);
    struct rf_multiset c = multiset_of(balanced, 3);
    cr_expect_neq(a.sum, b.sum);
    cr_expect_neq(a.mixed, b.mixed);
    cr_expect_eq(a.sum, c.sum);
    cr_expect_neq(a.mixed, c.mixed);
    const uint64_t zeros[] = {0, 0};
    struct rf_multiset one = multiset_of(zeros, 1);
    struct rf_multiset two = multiset_of(zeros, 2);
    cr_expect_neq(one.mixed, two.mixed, "an item of zero counts");
    cr_expect_neq(one.count, two.count);
}

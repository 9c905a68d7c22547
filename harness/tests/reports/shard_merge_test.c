/* SPDX-License-Identifier: MIT */
/* What the whole is of its shards: sums, the largest, or what any of them says. The rest by
 * transcripts and harness/tests/oracle/shard_test.py. */
#include "reports/shard_merge.h"

#include <string.h>

#include <criterion/criterion.h>

TestSuite(shard_merge, .timeout = 10);

static struct rf_shard_file
make_file_of(uint32_t k, const char *report, double seconds, uint64_t peak_bytes)
{
    struct rf_shard_file file = {
        .path = "s.json",
        .shard.place = {.k = k, .n = 3},
        .examined = k,
        .seconds = seconds,
        .peak_bytes = peak_bytes,
    };
    cr_assert(rf_json_read_whole(&file.doc, report, strlen(report), NULL) == RF_OK);
    return file;
}

static struct rf_shard_file
make_file(uint32_t k, double seconds, uint64_t peak_bytes)
{
    return make_file_of(k, "{}", seconds, peak_bytes);
}

Test(shard_merge, took_as_long_as_the_slowest_and_as_much_as_the_largest)
{
    static const double seconds[] = {2, 7, 3};
    for (size_t turn = 0; turn < 3; turn++) {
        struct rf_shard_file files[3];
        struct rf_merged merged;
        struct rf_err err;
        for (size_t i = 0; i < 3; i++) {
            double took = seconds[(i + turn) % 3];
            files[i] = make_file((uint32_t)(3 - i), took, (uint64_t)(10 - took));
        }
        files[turn].flags.changed = true;
        files[(turn + 1) % 3].flags.damaged = true;
        files[(turn + 2) % 3].flags.unwritten = true;
        cr_assert(rf_shards_merge(files, 3, &merged, &err) == RF_OK, "%s", err.text);
        cr_expect(merged.seconds == 7);
        cr_expect_eq(merged.peak_bytes, 8);
        cr_expect_eq(merged.examined, 6);
        cr_expect(merged.flags.changed && merged.flags.damaged && merged.flags.unwritten);
        rf_merged_done(&merged);
        for (size_t i = 0; i < 3; i++) {
            files[i].path = NULL;
            rf_shard_file_done(&files[i]);
        }
    }
}

/** Three shards of one source, the last of which may have loaded something else. */
static rf_code
merge_loaded(const char *last, struct rf_err *reterr)
{
    struct rf_shard_file files[3];
    struct rf_merged merged;
    for (uint32_t k = 1; k <= 3; k++) {
        files[k - 1] =
            make_file_of(k, k == 3 ? last : "{\"shard\":{\"loaded\":[\"a\",\"b\"]}}", 1, 1);
    }
    rf_code code = rf_shards_merge(files, 3, &merged, reterr);
    if (code == RF_OK) {
        rf_merged_done(&merged);
    }
    for (size_t i = 0; i < 3; i++) {
        files[i].path = NULL;
        rf_shard_file_done(&files[i]);
    }
    return code;
}

Test(shard_merge, takes_what_was_compiled_alike_alone)
{
    struct rf_err err;
    cr_expect_eq(merge_loaded("{\"shard\":{\"loaded\":[\"a\",\"b\"]}}", &err), RF_OK, "%s",
                 err.text);
    cr_expect_eq(merge_loaded("{\"shard\":{\"loaded\":[\"a\",\"c\"]}}", &err), RF_ERR_USAGE);
    cr_expect_not_null(strstr(err.text, "compiled to something else"), "%s", err.text);
    cr_expect_eq(merge_loaded("{\"shard\":{}}", &err), RF_ERR_USAGE);
}

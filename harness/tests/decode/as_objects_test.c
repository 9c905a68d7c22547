/* SPDX-License-Identifier: MIT */
/* Every file of JSONTestSuite as an object: what decoding makes of it stands in a table. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/decode/support.h"

static const char HEADING[] = "file\tcode\trecords\tmalformed\tempty\n";

static const char *
name_code(rf_code code)
{
    switch (code) {
    case RF_OK:
        return "ok";
    case RF_ERR_TRUNCATED:
        return "truncated";
    case RF_ERR_MALFORMED:
        return "malformed";
    case RF_ERR_LIMIT:
        return "limit";
    default:
        return "unexpected";
    }
}

static struct rf_buf
read_fixture(const char *name)
{
    const char *root = getenv("REFOLD_ROOT");
    char *path = rf_format("%s/fixtures/jsontestsuite/%s", root == NULL ? "." : root, name);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    struct rf_buf content = {0};
    size_t got;
    do {
        rf_buf_reserve(&content, 65536);
        got = fread(content.bytes + content.used, 1, 65536, file);
        content.used += got;
    } while (got > 0);
    (void)fclose(file);
    free(path);
    return content;
}

/** The table's line of one file; the same in whatever pieces it is read. */
static void
add_line(struct rf_buf *table, const char *name)
{
    char *path = rf_format("test_parsing/%s", name);
    struct rf_buf content = read_fixture(path);
    struct outcome whole = decode_bytes("auto", content.bytes, content.used, content.used + 1);
    struct outcome pieces = decode_bytes("auto", content.bytes, content.used, 1);
    cr_expect(sums_hold(&whole.counts), "%s", name);
    cr_expect_eq(whole.code, pieces.code, "%s", name);
    cr_expect_str_eq(whole.log.bytes, pieces.log.bytes, "%s", name);
    cr_expect_eq(memcmp(&whole.counts, &pieces.counts, sizeof(whole.counts)), 0, "%s", name);
    cr_expect_eq(whole.counts.events, 0, "no file holds an event: %s", name);
    rf_buf_format(table, "%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", name,
                  name_code(whole.code), whole.counts.records, whole.counts.malformed,
                  whole.counts.empty);
    outcome_done(&whole);
    outcome_done(&pieces);
    rf_buf_done(&content);
    free(path);
}

Test(as_objects, are_decoded_as_the_table_says, .timeout = 60)
{
    struct rf_buf expected = read_fixture("as-objects.tsv");
    struct rf_buf table = {0};
    rf_buf_string(&table, HEADING);
    const char *text = rf_buf_text(&expected);
    cr_assert_eq(strncmp(text, HEADING, strlen(HEADING)), 0);
    unsigned files = 0;
    for (const char *line = text + strlen(HEADING); *line != '\0'; files++) {
        char name[256];
        const char *tab = strchr(line, '\t');
        cr_assert(tab != NULL && (size_t)(tab - line) < sizeof(name));
        (void)snprintf(name, sizeof(name), "%.*s", (int)(tab - line), line);
        size_t before = table.used;
        add_line(&table, name);
        const char *end = strchr(line, '\n');
        cr_assert_not_null(end);
        size_t length = (size_t)(end + 1 - line);
        cr_expect(table.used - before == length && memcmp(table.bytes + before, line, length) == 0,
                  "expected %.*s got %s", (int)length, line, rf_buf_text(&table) + before);
        line = end + 1;
    }
    cr_expect_eq(files, 318);
    rf_buf_done(&expected);
    rf_buf_done(&table);
}

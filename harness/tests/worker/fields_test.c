/* SPDX-License-Identifier: MIT */
/* Tables of fields: which are refused, and how they are described. */
#include "worker/fields.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/worker/outer.h"

static void
expect_table_fault(const refold_field *table, uint64_t count, uint64_t bytes, const char *sentence)
{
    struct rf_fields *fields = NULL;
    struct rf_err err = {0};
    cr_expect_eq(rf_fields_new(table, count, bytes, &fields, &err), RF_ERR_USAGE, "%s", sentence);
    cr_expect_str_eq(err.text, sentence);
    cr_expect_null(fields);
}

Test(fields, refuses_tables_that_are_wrong)
{
    refold_field row = REFOLD_INT(struct outer, count, "count");
    const refold_field good = row;
    const uint64_t bytes = sizeof(struct outer);
    expect_table_fault(NULL, 1, bytes,
                       "the table of fields is missing, or too long, or the state too large");
    row.kind = 12;
    expect_table_fault(&row, 1, bytes, "/count: its kind is unknown to this refold");
    row = good;
    row.flags = 2;
    expect_table_fault(&row, 1, bytes, "/count: it has a flag that is unknown to this refold");
    row = good;
    expect_table_fault(&row, 1, row.offset + 7, "/count: it reaches beyond its struct");
    row.offset = UINT32_MAX - 7;
    expect_table_fault(&row, 1, bytes, "/count: it reaches beyond its struct");
    row.offset = good.offset + 4;
    expect_table_fault(&row, 1, bytes, "/count: its offset is not aligned for its kind");
    row = good;
    row.present = (uint32_t)bytes;
    expect_table_fault(&row, 1, bytes, "/count: its presence byte lies beyond its struct");
    row = good;
    row.name = NULL;
    expect_table_fault(&row, 1, bytes, "the state: a row has no name");
    row.name = "\xFF";
    expect_table_fault(&row, 1, bytes, "the state: a row's name is no UTF-8");
    const refold_field twice[] = {good, good};
    expect_table_fault(twice, 2, bytes, "/count: two rows have this name");
}

Test(fields, refuses_containers_that_are_wrong)
{
    const uint64_t bytes = sizeof(struct outer);
    refold_field row = REFOLD_LIST(struct outer, list, "list", struct inner, inner_row);
    const refold_field good = row;
    row.fields = NULL;
    expect_table_fault(&row, 1, bytes, "/list: a struct, list or map needs rows of its own");
    row = good;
    row.size = 0;
    expect_table_fault(&row, 1, bytes, "/list: a struct, list or map needs a size");
    row = good;
    row.size = 8;
    expect_table_fault(&row, 1, bytes, "/list/*: it reaches beyond its struct");
    row = good;
    row.count = 2;
    expect_table_fault(&row, 1, bytes, "/list: a list or map has one row");
    row = (refold_field)REFOLD_MAP(struct outer, map, "map", struct pair, value_row);
    row.size = 8;
    expect_table_fault(&row, 1, bytes, "/map: a map's entry begins with its key, a refold_text");
    row = (refold_field)REFOLD_ENUM(struct outer, mood, "mood", moods);
    row.count = 1;
    expect_table_fault(&row, 1, bytes,
                       "/mood: an enum needs names, and one unused for 0 before them");
    const char *const holes[] = {"", NULL};
    row.names = holes;
    row.count = 2;
    expect_table_fault(&row, 1, bytes, "/mood: a name of the enum is missing, or no UTF-8");
    const char *const twice[] = {"a", "a", "b", "", "b"};
    row.names = twice;
    row.count = 5;
    expect_table_fault(&row, 1, bytes, "/mood: a name of the enum occurs twice");
    row.count = 4; /* that of 0 is none */
    struct rf_fields *fields = NULL;
    cr_assert_eq(rf_fields_new(&row, 1, bytes, &fields, NULL), RF_OK);
    rf_fields_free(fields);
}

Test(fields, refuses_a_table_that_runs_in_a_ring)
{
    /* Each row holds both: 2^32 of them, were the depth alone bounded. */
    refold_field ring[2];
    for (int i = 0; i < 2; i++) {
        ring[i] = (refold_field){
            i == 0 ? "a" : "b", REFOLD_F_STRUCT, 0, 0, REFOLD_NO_PRESENCE, 8, 2, ring, NULL};
    }
    struct rf_fields *fields = NULL;
    struct rf_err err = {0};
    cr_expect_eq(rf_fields_new(ring, 1, 8, &fields, &err), RF_ERR_USAGE);
    cr_expect_not_null(strstr(err.text, "runs in a ring"), "%s", err.text);
}

Test(fields, describes_the_shape_in_the_tables_order)
{
    struct rf_buf out = {0};
    rf_fields_describe(rows, ROW_COUNT, &out);
    cr_expect_str_eq(rf_buf_text(&out),
                     "{\"kind\":9,\"fields\":[{\"name\":\"z\\\"text\",\"kind\":6},{\"name\":"
                     "\"flag\",\"kind\":1},"
                     "{\"name\":\"mood\",\"kind\":8},{\"name\":\"B\",\"kind\":2},{\"name\":"
                     "\"count\",\"kind\":3},"
                     "{\"name\":\"natural\",\"kind\":4},{\"name\":\"re/al~\",\"kind\":5},"
                     "{\"name\":\"time\",\"kind\":7},{\"name\":\"inner\",\"kind\":9,\"fields\":["
                     "{\"name\":\"text\",\"kind\":6},{\"name\":\"a\",\"kind\":2}]},"
                     "{\"name\":\"list\",\"kind\":10,\"fields\":[{\"kind\":9,\"fields\":["
                     "{\"name\":\"text\",\"kind\":6},{\"name\":\"a\",\"kind\":2}]}]},"
                     "{\"name\":\"words\",\"kind\":10,\"fields\":[{\"kind\":6}]},"
                     "{\"name\":\"map\",\"kind\":11,\"fields\":[{\"kind\":5}]}]}");
    rf_buf_done(&out);
}

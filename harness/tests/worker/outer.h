/* SPDX-License-Identifier: MIT */
/* A state with a field of every kind, and its table: what the tests of fields.c, snapshot.c and
 * restore.c work on. */
#ifndef RF_TESTS_WORKER_OUTER_H
#define RF_TESTS_WORKER_OUTER_H

#include <string.h>

#include <criterion/criterion.h>

#include "worker/fields.h"
#include "worker/protocol.h"
#include "worker/snapshot.h"

struct inner {
    refold_text text;
    int32_t number;
};

struct pair {
    refold_text key;
    double value;
};

struct outer {
    uint8_t flag;
    uint8_t count_set;
    int32_t mood;
    int32_t small;
    int64_t count;
    uint64_t natural;
    double real;
    refold_text text;
    refold_time time;
    struct inner inner;
    refold_list list; /* of struct inner */
    refold_list words;
    refold_map map; /* of struct pair */
};

static const char *const moods[] = {"", "good", "bad"};
static const refold_field inner_rows[] = {
    REFOLD_TEXT(struct inner, text, "text"),
    REFOLD_INT32(struct inner, number, "a"),
};
static const refold_field inner_row[] = {REFOLD_ELEMENT_STRUCT(struct inner, inner_rows)};
static const refold_field word_row[] = {REFOLD_ELEMENT(REFOLD_F_TEXT)};
static const refold_field value_row[] = {REFOLD_REAL(struct pair, value, NULL)};
static const refold_field rows[] = {
    REFOLD_TEXT(struct outer, text, "z\"text"),
    REFOLD_BOOLEAN(struct outer, flag, "flag"),
    REFOLD_ENUM(struct outer, mood, "mood", moods),
    REFOLD_INT32(struct outer, small, "B"),
    REFOLD_OPTIONAL(struct outer, count, "count", REFOLD_F_INT64, count_set),
    REFOLD_UINT(struct outer, natural, "natural"),
    REFOLD_REAL(struct outer, real, "re/al~"),
    REFOLD_TIME(struct outer, time, "time"),
    REFOLD_STRUCT(struct outer, inner, "inner", inner_rows),
    REFOLD_LIST(struct outer, list, "list", struct inner, inner_row),
    REFOLD_LIST(struct outer, words, "words", refold_text, word_row),
    REFOLD_MAP(struct outer, map, "map", struct pair, value_row),
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const char empty_json[] = "{\"B\":0,\"flag\":false,\"inner\":{\"a\":0},\"list\":[],"
                                 "\"map\":{},\"natural\":0,\"re/al~\":0,\"words\":[]}";

static inline struct rf_fields *
make_fields(void)
{
    struct rf_fields *fields = NULL;
    struct rf_err err = {0};
    cr_assert_eq(rf_fields_new(rows, ROW_COUNT, sizeof(struct outer), &fields, &err), RF_OK, "%s",
                 err.text);
    return fields;
}

/* The state's JSON, or what is wrong with it; in a buffer that the test frees. */
static inline uint32_t
snapshot(const struct outer *state, struct rf_buf *out)
{
    struct rf_fields *fields = make_fields();
    struct rf_buf why = {0};
    uint32_t status = rf_fields_snapshot(fields, state, out, &why);
    if (status != RF_STATUS_OK) {
        cr_expect_eq(out->used, 0, "half a text is left");
        rf_buf_add(out, why.bytes, why.used);
    }
    rf_buf_done(&why);
    rf_fields_free(fields);
    return status;
}

static inline void
expect_json(const struct outer *state, const char *expected)
{
    struct rf_buf out = {0};
    cr_expect_eq(snapshot(state, &out), RF_STATUS_OK);
    cr_expect_str_eq(rf_buf_text(&out), expected);
    rf_buf_done(&out);
}

/* A text of the test's own; only rf_text_set would write to it. */
static inline refold_text
text_of(const char *text)
{
    return (refold_text){text, strlen(text), 0};
}

#endif

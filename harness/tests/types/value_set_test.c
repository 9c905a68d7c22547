/* SPDX-License-Identifier: MIT */
/* Few values are all kept; of many the smallest; neither order nor joining decides which. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "types/value_set.h"

TestSuite(value_set, .timeout = 30);

static void
add(struct rf_value_set *values, const char *text, size_t *room)
{
    bool is_string = text[0] == '\'';
    rf_value_set_add(values, is_string, text + is_string, strlen(text + is_string), room);
}

/* "1 x3, 'a x1 and more" */
static char *
describe(struct rf_value_set *values)
{
    struct rf_buf out = {0};
    rf_value_set_sort(values);
    for (size_t i = 0; i < values->count; i++) {
        const struct rf_value *value = &values->items[i];
        rf_buf_format(&out, "%s%s%.*s%s x%d", i > 0 ? ", " : "", value->is_string ? "'" : "",
                      (int)value->bytes, value->text, value->is_cut ? "…" : "", (int)value->count);
    }
    rf_buf_string(&out, values->more ? " and more" : "");
    char *text = rf_strdup(rf_buf_text(&out));
    rf_buf_done(&out);
    return text;
}

static void
expect(struct rf_value_set *values, size_t *room, const char *want)
{
    char *got = describe(values);
    cr_expect_str_eq(got, want);
    free(got);
    rf_value_set_done(values, room);
}

Test(value_set, are_all_kept_while_they_are_few)
{
    size_t room = 1 << 20;
    struct rf_value_set values = {0};
    for (int i = 0; i < 3; i++) {
        add(&values, "'b", &room);
    }
    add(&values, "'a", &room);
    add(&values, "'1", &room);
    add(&values, "1", &room);
    add(&values, "1.0", &room);
    add(&values, "'", &room);
    expect(&values, &room, "'b x3, 1 x1, 1.0 x1, ' x1, '1 x1, 'a x1");
    cr_assert_eq(room, 1 << 20, "all memory is given back");
}

/* Events of `distinct` values, in an order of its own for each turn. */
static void
shuffle(unsigned *which, unsigned count, unsigned distinct, unsigned turn)
{
    uint64_t state = turn;
    for (unsigned i = 0; i < count; i++) {
        which[i] = i * i % distinct; /* not all of them equally often */
        which[i] = i < distinct ? i : which[i];
    }
    for (unsigned i = count; i-- > 1;) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        unsigned other = (unsigned)(state >> 33) % (i + 1);
        unsigned swap = which[i];
        which[i] = which[other];
        which[other] = swap;
    }
}

Test(value_set, are_the_same_in_any_order_and_joined_of_parts)
{
    enum { EVENTS = 200 };
    unsigned which[EVENTS];
    for (unsigned distinct = 14; distinct < 40; distinct++) {
        char *first = NULL;
        for (unsigned turn = 0; turn < 12; turn++) {
            size_t room = 1 << 20;
            struct rf_value_set parts[3] = {{0}};
            shuffle(which, EVENTS, distinct, turn);
            for (unsigned i = 0; i < EVENTS; i++) {
                char text[16];
                (void)snprintf(text, sizeof(text), "%s%02u", which[i] % 3 ? "'" : "",
                               which[i] + 10);
                add(&parts[i % (1 + turn % 3)], text, &room);
            }
            rf_value_set_join(&parts[0], &parts[1], &room);
            rf_value_set_join(&parts[0], &parts[2], &room);
            rf_value_set_done(&parts[1], &room);
            rf_value_set_done(&parts[2], &room);
            cr_expect_eq(parts[0].more, distinct > RF_LIMIT_VALUES, "%u values", distinct);
            cr_expect_eq(parts[0].count, parts[0].more ? RF_LIMIT_EXAMPLES : distinct);
            char *text = describe(&parts[0]);
            first = first == NULL ? rf_strdup(text) : first;
            cr_expect_str_eq(text, first, "%u values, turn %u", distinct, turn);
            free(text);
            rf_value_set_done(&parts[0], &room);
            cr_expect_eq(room, 1 << 20);
        }
        free(first);
    }
}

Test(value_set, are_examples_once_one_is_long)
{
    size_t room = 1 << 20;
    struct rf_value_set values = {0};
    char text[80];
    for (int i = 0; i < 5; i++) {
        (void)snprintf(text, sizeof(text), "'%d", 5 - i);
        add(&values, text, &room);
    }
    memset(text, 'x', sizeof(text));
    (void)memcpy(text, "'2", 2);
    text[1 + RF_LIMIT_VALUE_BYTES] = '\0'; /* just not too long */
    add(&values, text, &room);
    cr_assert_not(values.more);
    text[1 + RF_LIMIT_VALUE_BYTES] = 'y';
    text[2 + RF_LIMIT_VALUE_BYTES] = '\0';
    add(&values, text, &room);
    add(&values, text, &room);
    expect(&values, &room,
           "'1 x1, '2 x1, '2xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
           "xxxxxxx x1 and more");
}

Test(value_set, are_cut_at_a_whole_character)
{
    size_t room = 1 << 20;
    struct rf_value_set values = {0};
    char text[RF_LIMIT_VALUE_BYTES + 3];
    memset(text, 'x', sizeof(text));
    memcpy(text + RF_LIMIT_VALUE_BYTES - 1, "\xE2\x82\xAC", 4 - 0);
    rf_value_set_add(&values, true, text, RF_LIMIT_VALUE_BYTES + 2, &room);
    cr_assert_eq(values.items[0].bytes, RF_LIMIT_VALUE_BYTES - 1);
    cr_assert(values.items[0].is_cut && values.more);
    rf_value_set_done(&values, &room);
}

Test(value_set, are_none_where_memory_is_used_up)
{
    size_t room = 1700;
    struct rf_value_set values = {0};
    for (int i = 0; i < 16; i++) {
        char text[80];
        (void)snprintf(text, sizeof(text), "'%060d", i);
        add(&values, text, &room);
    }
    cr_assert(values.none && values.more);
    cr_assert_eq(values.count, 0);
    cr_assert_eq(room, 1700);
    struct rf_value_set other = {0};
    add(&other, "1", &room);
    rf_value_set_join(&other, &values, &room);
    cr_assert_eq(other.count, 0, "what is not known of one part is not known of the whole");
    add(&other, "1", &room);
    cr_assert_eq(other.count, 0);
    rf_value_set_done(&other, &room);
    cr_assert_eq(room, 1700);
}

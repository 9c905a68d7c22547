/* SPDX-License-Identifier: MIT */
/* Which event each value of a state is of. */
#include "golden/blame.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"

TestSuite(blame, .timeout = 10);

static void
print_value(void *context, const char *path, const char *value, size_t value_bytes,
            uint64_t applied)
{
    rf_buf_format(context, "%s=%.*s@%" PRIu64 " ", path, (int)value_bytes, value, applied);
}

/** Who wrote each value of the last of these states (NULL ends them; "" is one without JSON). */
static void
expect_blame(const char *const *states, const char *wanted)
{
    struct rf_blame *blame = rf_blame_new();
    struct rf_buf text = {0};
    for (size_t i = 0; states[i] != NULL; i++) {
        bool has_json = states[i][0] != '\0';
        rf_blame_state(blame, i, has_json ? states[i] : NULL, strlen(states[i]));
    }
    rf_blame_each(blame, print_value, &text);
    cr_assert_str_eq(rf_buf_text(&text), wanted);
    rf_buf_done(&text);
    rf_blame_free(blame);
}

Test(blame, is_of_the_last_event_that_changed_a_value)
{
    const char *const states[] = {"{\"a\":0}", "{\"a\":1,\"b\":1}", "{\"a\":2,\"b\":1}",
                                  "{\"a\":2,\"b\":1,\"c\":1}", NULL};
    expect_blame(states, "/a=2@2 /b=1@1 /c=1@3 ");
}

Test(blame, what_no_event_changed_is_of_none)
{
    const char *const states[] = {"{\"a\":0,\"b\":{}}", "{\"a\":0,\"b\":{},\"c\":1}", NULL};
    expect_blame(states, "/a=0@0 /b={}@0 /c=1@1 ");
}

Test(blame, a_value_that_comes_again_is_of_who_brought_it_again)
{
    const char *const states[] = {"{}", "{\"a\":1}", "{}", "{\"a\":1}", NULL};
    expect_blame(states, "/a=1@3 ");
}

Test(blame, goes_into_objects_and_arrays)
{
    const char *const states[] = {"{}", "{\"o\":{\"x\":1,\"y\":[1,2]}}",
                                  "{\"o\":{\"x\":1,\"y\":[1,3]}}",
                                  "{\"o\":{\"w\":0,\"x\":1,\"y\":[1,3,[]]}}", NULL};
    expect_blame(states, "/o/w=0@3 /o/x=1@1 /o/y/0=1@1 /o/y/1=3@2 /o/y/2=[]@3 ");
}

Test(blame, tells_elements_by_their_index)
{
    const char *const states[] = {"[]", "[1,2]", "[0,1,2]", "[0,1]", NULL};
    expect_blame(states, "/0=0@2 /1=1@2 ");
    const char *const equal[] = {"[]", "[1,1]", "[1,1,1]", NULL};
    expect_blame(equal, "/0=1@1 /1=1@1 /2=1@2 ");
}

Test(blame, a_new_key_takes_nothing_from_its_neighbours)
{
    const char *const states[] = {"{}", "{\"b\":1,\"d\":1}", "{\"a\":1,\"b\":1,\"c\":1,\"d\":1}",
                                  "{\"c\":1,\"d\":1,\"e\":1}", NULL};
    expect_blame(states, "/c=1@2 /d=1@1 /e=1@3 ");
}

Test(blame, another_kind_is_another_value)
{
    const char *const states[] = {"{}", "{\"a\":[1]}", "{\"a\":{\"0\":1}}", NULL};
    expect_blame(states, "/a/0=1@2 ");
    const char *const alike[] = {"{}", "{\"a\":[\"x\",1]}", "{\"a\":{\"x\":1}}", NULL};
    expect_blame(alike, "/a/x=1@2 ");
    const char *const filled[] = {"{}", "{\"a\":{}}", "{\"a\":{\"b\":1}}", "{\"a\":{}}", NULL};
    expect_blame(filled, "/a={}@3 ");
    const char *const roots[] = {"1", "1", "2", NULL};
    expect_blame(roots, "=2@2 ");
}

Test(blame, writes_paths_as_pointers)
{
    const char *const states[] = {"{}", "{\"\":1,\"a/b\":1,\"m~n\":{\"~1\":1}}", NULL};
    expect_blame(states, "/=1@1 /a~1b=1@1 /m~0n/~01=1@1 ");
}

Test(blame, of_a_state_without_json_is_the_next_that_has_one)
{
    const char *const states[] = {"{}", "{\"a\":1}", "", "", "{\"a\":1,\"b\":2}", NULL};
    expect_blame(states, "/a=1@1 /b=2@4 ");
    const char *const late[] = {"", "{\"a\":1}", "{\"a\":1,\"b\":2}", NULL};
    expect_blame(late, "/a=1@0 /b=2@2 ");
    const char *const none[] = {"", NULL};
    expect_blame(none, "");
}

Test(blame, does_not_depend_on_the_order_of_keys)
{
    const char *const states[] = {"{}", "{\"b\":1,\"a\":{\"d\":1,\"c\":1}}",
                                  "{\"a\":{\"c\":1,\"d\":1},\"b\":1}", NULL};
    expect_blame(states, "/a/c=1@1 /a/d=1@1 /b=1@1 ");
}

/* A state may nest as deeply as it likes, and be shown all the same: each value is looked at once.
 */
Test(blame, of_nested_values_takes_time_by_their_length, .timeout = 5)
{
    enum { DEPTH = 100 };
    static const char *const ends[] = {"1", "2"};
    struct rf_blame *blame = rf_blame_new();
    struct rf_buf wanted = {0};
    struct rf_buf told = {0};
    for (size_t i = 0; i < 2; i++) {
        struct rf_buf arrays = {0};
        for (size_t k = 0; k < DEPTH; k++) {
            rf_buf_byte(&arrays, '[');
        }
        rf_buf_string(&arrays, ends[i]);
        for (size_t k = 0; k < DEPTH; k++) {
            rf_buf_byte(&arrays, ']');
        }
        rf_blame_state(blame, i, rf_buf_text(&arrays), arrays.used);
        rf_buf_done(&arrays);
    }
    for (size_t k = 0; k < DEPTH; k++) {
        rf_buf_string(&wanted, "/0");
    }
    rf_buf_string(&wanted, "=2@1 ");
    rf_blame_each(blame, print_value, &told);
    cr_assert_str_eq(rf_buf_text(&told), rf_buf_text(&wanted));
    rf_buf_done(&told);
    rf_buf_done(&wanted);
    rf_blame_free(blame);
}

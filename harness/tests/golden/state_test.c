/* SPDX-License-Identifier: MIT */
/* A state as a document. */
#include "golden/state.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(state, .timeout = 10);

static const char *
read_text(struct rf_state *state, const char *text)
{
    rf_state_read(state, text, strlen(text));
    cr_assert(state->doc.used > 0);
    cr_assert(state->doc.text == state->text.bytes, "it is its own");
    return rf_buf_text(&state->text);
}

Test(state, is_read_again_and_again_in_canonical_form)
{
    struct rf_state state = {0};
    cr_assert_str_eq(read_text(&state, "{\"a\":1,\"b\":[1.5]}"), "{\"a\":1,\"b\":[1.5]}");
    cr_assert_str_eq(read_text(&state, " { \"b\" : 1e0, \"a\" : 2 }"), "{\"a\":2,\"b\":1}");
    cr_assert_str_eq(read_text(&state, "7"), "7");
    rf_state_done(&state);
}

Test(state, without_json_is_taken_by_its_hash)
{
    struct rf_state state = {0};
    char first[64];
    (void)snprintf(first, sizeof(first), "%s", read_text(&state, "{\"torn"));
    cr_assert_eq(state.doc.nodes[0].kind, RF_JSON_STRING);
    cr_assert_str_eq(read_text(&state, "{\"torn"), first);
    cr_assert_str_neq(read_text(&state, "{\"other"), first);
    cr_assert_str_eq(read_text(&state, "{}"), "{}");
    rf_state_done(&state);
}

Test(state, its_text_outlives_what_it_was_read_from)
{
    struct rf_state state = {0};
    char text[] = "{\"a\":\"x\"}";
    rf_state_read(&state, text, strlen(text));
    memset(text, 'z', sizeof(text));
    size_t bytes;
    const char *token = rf_json_token(&state.doc, rf_pointer_find(&state.doc, "/a", 2), &bytes);
    cr_assert(bytes == 3 && memcmp(token, "\"x\"", 3) == 0);
    rf_state_done(&state);
}

Test(state, paths_are_pointers)
{
    struct rf_buf path = {0};
    rf_pointer_push(&path, "a/~b", 4);
    rf_pointer_push_index(&path, 12);
    rf_pointer_push(&path, "", 0);
    rf_pointer_push(&path, "x\0y", 3);
    cr_assert_str_eq(rf_buf_text(&path), "/a~1~0b/12//x" RF_NUL_SYMBOL "y");
    rf_buf_done(&path);
}

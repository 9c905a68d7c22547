/* SPDX-License-Identifier: MIT */
/* One value, from event to event. */
#include "golden/touch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(touch, .timeout = 10);

/** What stood and stands at the path where a state changed it: "1>2", "->2", "1>-"; "" where not.
 */
static const char *
touch(struct rf_touch *touch, const char *state)
{
    static char text[80];
    bool changed = rf_touch_state(touch, state, strlen(state));
    (void)snprintf(text, sizeof(text), "%s>%s",
                   touch->before.is_there ? rf_buf_text(&touch->before.json) : "-",
                   touch->now.is_there ? rf_buf_text(&touch->now.json) : "-");
    return changed ? text : "";
}

Test(touch, tells_each_change_with_both_values)
{
    struct rf_touch watched = {.path = "/a"};
    cr_assert_str_eq(touch(&watched, "{}"), "");
    cr_assert_str_eq(touch(&watched, "{\"b\":1}"), "");
    cr_assert(!watched.ever_there);
    cr_assert_str_eq(touch(&watched, "{\"a\":1}"), "->1");
    cr_assert_str_eq(touch(&watched, "{\"a\":1,\"b\":1}"), "");
    cr_assert_str_eq(touch(&watched, "{\"a\":[2]}"), "1>[2]");
    cr_assert_str_eq(touch(&watched, "{}"), "[2]>-");
    cr_assert(watched.ever_there);
    rf_touch_done(&watched);
}

Test(touch, the_first_state_is_no_change)
{
    struct rf_touch watched = {.path = "/a"};
    cr_assert_str_eq(touch(&watched, "{\"a\":1}"), "");
    cr_assert(watched.now.is_there && watched.ever_there);
    cr_assert_str_eq(touch(&watched, "{\"a\":null}"), "1>null");
    rf_touch_done(&watched);
}

Test(touch, finds_keys_with_slashes_and_elements)
{
    struct rf_touch watched = {.path = "/a~1b/1/~0"};
    cr_assert_str_eq(touch(&watched, "{\"a/b\":[0,{\"~\":1}]}"), "");
    cr_assert_str_eq(touch(&watched, "{\"a/b\":[{\"~\":1},{\"~\":2}]}"), "1>2");
    cr_assert_str_eq(touch(&watched, "{\"a/b\":[{\"~\":2}]}"), "2>-");
    rf_touch_done(&watched);
}

Test(touch, equal_values_in_another_order_are_no_change)
{
    struct rf_touch watched = {.path = "/a"};
    cr_assert_str_eq(touch(&watched, "{\"a\":{\"x\":1,\"y\":2}}"), "");
    cr_assert_str_eq(touch(&watched, "{\"a\": {\"y\":2, \"x\":1}}"), "");
    rf_touch_done(&watched);
}

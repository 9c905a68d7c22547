/* SPDX-License-Identifier: MIT */
/* Who wrote a differing value last. */
#include "golden/suspect.h"

#include <criterion/criterion.h>
#include <string.h>

/** The last writer, given the golden's state and the states behind each event (NULL ends them). */
static uint64_t
find_last(const char *golden, const char *const *states)
{
    struct rf_changes changes;
    size_t ignored;
    size_t count = 0;
    struct rf_json doc = {0};
    while (states[count] != NULL) {
        count++;
    }
    const char *fresh = states[count - 1];
    rf_diff(golden, strlen(golden), fresh, strlen(fresh), NULL, 0, NULL, &changes, &ignored);
    struct rf_watch *watch = rf_watch_new(&changes, golden, strlen(golden), fresh, strlen(fresh));
    for (size_t i = 0; i < count; i++) {
        rf_watch_state(watch, &doc, i, states[i], strlen(states[i]));
    }
    uint64_t last = rf_watch_last(watch);
    rf_watch_free(watch);
    rf_changes_done(&changes);
    rf_json_done(&doc);
    return last;
}

Test(suspect, is_the_last_event_that_changed_a_differing_value)
{
    const char *const states[] = {"{}", "{\"a\":1}", "{\"a\":2}", "{\"a\":2,\"b\":1}", NULL};
    cr_assert(find_last("{\"a\":3,\"b\":1}", states) == 2);
    cr_assert(find_last("{\"a\":2,\"b\":2}", states) == 3);
    cr_assert(find_last("{\"a\":3,\"b\":2}", states) == 3);
}

Test(suspect, is_who_removed_a_value)
{
    const char *const states[] = {"{}", "{\"a\":1}", "{}", "{\"b\":1}", NULL};
    cr_assert(find_last("{\"a\":1,\"b\":1}", states) == 2);
}

Test(suspect, is_found_behind_keys_with_tildes_and_slashes)
{
    const char *const states[] = {"{}", "{\"a~\":1}", "{\"a~\":1,\"b/\":{\"~1\":1}}",
                                  "{\"a~\":1,\"b/\":{\"~1\":1},\"c\":1}", NULL};
    cr_assert(find_last("{\"a~\":2,\"b/\":{\"~1\":1},\"c\":1}", states) == 1);
    cr_assert(find_last("{\"a~\":1,\"b/\":{\"~1\":2},\"c\":1}", states) == 2);
}

Test(suspect, is_no_one_where_the_value_was_never_written)
{
    const char *const states[] = {"{}", "{\"b\":1}", "{\"b\":2}", NULL};
    cr_assert(find_last("{\"a\":1,\"b\":2}", states) == 0);
    cr_assert(find_last("{\"b\":2,\"c\":{}}", states) == 0);
}

Test(suspect, the_empty_state_is_no_event)
{
    const char *const states[] = {"{\"a\":0}", "{\"a\":0,\"b\":1}", NULL};
    cr_assert(find_last("{\"a\":1,\"b\":1}", states) == 0);
}

Test(suspect, of_elements_is_who_touched_their_array)
{
    const char *const states[] = {"{\"l\":[]}", "{\"l\":[1]}", "{\"l\":[1,2]}",
                                  "{\"l\":[1,2],\"x\":1}", NULL};
    cr_assert(find_last("{\"l\":[1],\"x\":1}", states) == 2);
    cr_assert(find_last("{\"l\":[1,2,3],\"x\":1}", states) == 2);
    cr_assert(find_last("{\"l\":[5,2],\"x\":1}", states) == 1, "a replaced element is its own");
}

Test(suspect, passes_over_steps_without_json)
{
    struct rf_changes changes;
    size_t ignored;
    struct rf_json doc = {0};
    rf_diff("{\"a\":1}", 7, "{\"a\":2}", 7, NULL, 0, NULL, &changes, &ignored);
    struct rf_watch *watch = rf_watch_new(&changes, "{\"a\":1}", 7, "{\"a\":2}", 7);
    rf_watch_state(watch, &doc, 0, "{}", 2);
    rf_watch_state(watch, &doc, 1, "{\"a\":2}", 7);
    rf_watch_state(watch, &doc, 2, NULL, 0);
    rf_watch_state(watch, &doc, 3, "{\"a\":2}", 7);
    cr_assert(rf_watch_last(watch) == 1);
    rf_watch_free(watch);
    rf_changes_done(&changes);
    rf_json_done(&doc);
}

Test(suspect, what_was_there_when_states_began_was_written_by_no_one_known)
{
    struct rf_changes changes;
    size_t ignored;
    struct rf_json doc = {0};
    rf_diff("{\"a\":1}", 7, "{\"a\":2}", 7, NULL, 0, NULL, &changes, &ignored);
    struct rf_watch *watch = rf_watch_new(&changes, "{\"a\":1}", 7, "{\"a\":2}", 7);
    rf_watch_state(watch, &doc, 0, NULL, 0);
    rf_watch_state(watch, &doc, 1, "{\"a\":2}", 7);
    cr_assert(rf_watch_last(watch) == 0);
    rf_watch_free(watch);
    rf_changes_done(&changes);
    rf_json_done(&doc);
}

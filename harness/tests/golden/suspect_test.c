/* SPDX-License-Identifier: MIT */
/* Who wrote a differing value last. */
#include "golden/suspect.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"

/** Watches where these states differ. */
static struct rf_watch *
watch_new(const char *golden, const char *fresh)
{
    struct rf_changes changes;
    struct rf_diff_paths paths = {0};
    size_t total;
    size_t ignored;
    rf_diff_some(golden, strlen(golden), fresh, strlen(fresh), NULL, 0, NULL, 1, &changes, &total,
                 &ignored, NULL, &paths);
    struct rf_watch *watch = rf_watch_new(&paths);
    rf_diff_paths_done(&paths);
    rf_changes_done(&changes);
    return watch;
}

/** The last writer, given the golden's state and the states behind each event (NULL ends them). */
static uint64_t
find_last(const char *golden, const char *const *states)
{
    size_t count = 0;
    struct rf_json doc = {0};
    while (states[count] != NULL) {
        count++;
    }
    struct rf_watch *watch = watch_new(golden, states[count - 1]);
    for (size_t i = 0; i < count; i++) {
        rf_watch_state(watch, &doc, i, states[i], strlen(states[i]));
    }
    uint64_t last = rf_watch_last(watch);
    rf_watch_free(watch);
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
    struct rf_json doc = {0};
    struct rf_watch *watch = watch_new("{\"a\":1}", "{\"a\":2}");
    rf_watch_state(watch, &doc, 0, "{}", 2);
    rf_watch_state(watch, &doc, 1, "{\"a\":2}", 7);
    rf_watch_state(watch, &doc, 2, NULL, 0);
    rf_watch_state(watch, &doc, 3, "{\"a\":2}", 7);
    cr_assert(rf_watch_last(watch) == 1);
    rf_watch_free(watch);
    rf_json_done(&doc);
}

Test(suspect, what_was_there_when_states_began_was_written_by_no_one_known)
{
    struct rf_json doc = {0};
    struct rf_watch *watch = watch_new("{\"a\":1}", "{\"a\":2}");
    rf_watch_state(watch, &doc, 0, NULL, 0);
    rf_watch_state(watch, &doc, 1, "{\"a\":2}", 7);
    cr_assert(rf_watch_last(watch) == 0);
    rf_watch_free(watch);
    rf_json_done(&doc);
}

/** {"p":{"l":[…250 numbers, each `add` larger…],"x":…},"q":…} */
static void
write_many(struct rf_buf *out, int add, int x, int q)
{
    rf_buf_string(out, "{\"p\":{\"l\":[");
    for (int i = 0; i < 250; i++) {
        rf_buf_format(out, "%s%d", i == 0 ? "" : ",", i + add);
    }
    rf_buf_format(out, "],\"x\":%d},\"q\":%d}", x, q);
    (void)rf_buf_text(out);
}

Test(suspect, of_very_many_values_is_who_touched_what_holds_them)
{
    struct rf_buf golden = {0};
    struct rf_buf texts[4] = {{0}, {0}, {0}, {0}};
    write_many(&golden, 5, 5, 9);
    write_many(&texts[0], 0, 0, 0);
    write_many(&texts[1], 1, 0, 0);
    write_many(&texts[2], 1, 2, 0); /* the last one of all that differ: /p/x */
    write_many(&texts[3], 1, 2, 9); /* /q does not differ */
    const char *const states[] = {texts[0].bytes, texts[1].bytes, texts[2].bytes, texts[3].bytes,
                                  NULL};
    cr_assert(find_last(golden.bytes, states) == 2);
    rf_buf_done(&golden);
    for (size_t i = 0; i < 4; i++) {
        rf_buf_done(&texts[i]);
    }
}

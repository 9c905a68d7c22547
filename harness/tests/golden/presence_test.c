/* SPDX-License-Identifier: MIT */
/* Which instances a history has, whichever thread met them. */
#include "golden/presence.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void
meet(struct rf_presence *presence, size_t thread, const char *aggregate, const char *id)
{
    const struct rf_instance instance = {
        .aggregate_name = aggregate,
        .aggregate_name_bytes = strlen(aggregate),
        .id = id,
        .id_bytes = strlen(id),
    };
    rf_presence_add(presence, thread, &instance);
}

Test(presence, knows_what_was_met_and_nothing_else)
{
    char id[16];
    struct rf_presence *presence = rf_presence_new(3);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(id, sizeof(id), "%d", i);
        meet(presence, (size_t)i % 3, i % 2 == 0 ? "order" : "file", id);
    }
    rf_presence_seal(presence);
    for (int i = 0; i < 1100; i++) {
        size_t bytes = (size_t)snprintf(id, sizeof(id), "%d", i);
        cr_assert(rf_presence_has(presence, "order", id, bytes) == (i < 1000 && i % 2 == 0), "%d",
                  i);
        cr_assert(rf_presence_has(presence, "file", id, bytes) == (i < 1000 && i % 2 == 1), "%d",
                  i);
        cr_assert(!rf_presence_has(presence, "case", id, bytes));
    }
    cr_assert(rf_presence_knows(presence, "order") && !rf_presence_knows(presence, "case"));
    cr_assert(rf_presence_nameless(presence) == 0);
    rf_presence_free(presence);
    rf_presence_free(NULL);
}

/** Of an instance without an aggregate's name any line with its id may be. */
Test(presence, keeps_what_nobody_can_tell)
{
    struct rf_presence *presence = rf_presence_new(0);
    meet(presence, 0, "", "a");
    meet(presence, 0, "order", "b");
    rf_presence_seal(presence);
    cr_assert(rf_presence_nameless(presence) == 1);
    cr_assert(rf_presence_has(presence, "order", "a", 1) &&
              rf_presence_has(presence, "file", "a", 1));
    cr_assert(!rf_presence_has(presence, "file", "b", 1));
    rf_presence_free(presence);
}

/** What is only taken for an aggregate's own may be another's; and types tell nothing of what is
 * not loaded. */
Test(presence, keeps_what_is_only_lent)
{
    static const struct rf_packed_event named = {.aggregate = 1};
    static const struct rf_packed_event unnamed = {.aggregate = RF_NAME_NONE};
    static const struct rf_step steps[] = {{.event = &named}, {.event = &unnamed}};
    struct rf_presence *presence = rf_presence_new(1);
    for (size_t i = 0; i < 3; i++) {
        const struct rf_instance instance = {
            .aggregate_name = "order",
            .aggregate_name_bytes = 5,
            .id = &"abc"[i],
            .id_bytes = 1,
            .steps = steps,
            .step_count = i + 1 < 2 ? i + 1 : 2,
            .lent = i == 2,
        };
        rf_presence_add(presence, 0, &instance);
    }
    rf_presence_seal(presence);
    cr_assert(rf_presence_nameless(presence) == 1);
    for (size_t i = 0; i < 3; i++) {
        cr_assert(rf_presence_has(presence, "order", &"abc"[i], 1));
        cr_assert(rf_presence_has(presence, "file", &"abc"[i], 1) == (i == 2));
        cr_assert(rf_presence_has_unnamed(presence, &"abc"[i], 1) == (i > 0));
    }
    rf_presence_free(presence);
}

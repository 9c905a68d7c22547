/* SPDX-License-Identifier: MIT */
/* The catalogue counts types and what stands around them; its bounds are told. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "types/catalog.h"

TestSuite(catalog, .timeout = 60);

static struct {
    struct rf_packed_event event;
    char data[8];
} empty = {{.data_bytes = 2, .flags = RF_EVENT_ID_IN_DATA}, "{}"};

static const struct rf_catalog_wish all = {NULL, NULL};

/** An instance whose types are these numbers. */
static void
add(struct rf_catalog *catalog, struct rf_shaper *shaper, uint32_t aggregate, const uint32_t *types,
    size_t count)
{
    struct rf_packed_event *events = rf_calloc(count, sizeof(empty));
    struct rf_step *steps = rf_calloc(count, sizeof(*steps));
    for (size_t i = 0; i < count; i++) {
        struct rf_packed_event *event = (void *)((char *)events + i * sizeof(empty));
        memcpy(event, &empty, sizeof(empty));
        event->type = types[i];
        steps[i] =
            (struct rf_step){.event = event, .version = (int64_t)i + 1, .duplicates = (uint32_t)i};
    }
    struct rf_instance instance = {.aggregate = aggregate, .steps = steps, .step_count = count};
    rf_catalog_add(catalog, shaper, &instance);
    free(steps);
    free(events);
}

static const struct rf_event_type *
find(struct rf_catalog *catalog, uint32_t aggregate, uint32_t type)
{
    for (size_t i = 0; i < rf_catalog_count(catalog); i++) {
        const struct rf_event_type *entry = rf_catalog_at(catalog, i);
        if (entry->aggregate == aggregate && entry->type == type) {
            return entry;
        }
    }
    return NULL;
}

static uint64_t
transitions(struct rf_catalog *catalog, uint32_t aggregate, uint32_t from, uint32_t to)
{
    size_t count;
    const struct rf_transition *slots = rf_catalog_transitions(catalog, &count);
    for (size_t i = 0; i < count; i++) {
        if (slots[i].count > 0 && slots[i].from == find(catalog, aggregate, from)->index &&
            slots[i].to == find(catalog, aggregate, to)->index) {
            return slots[i].count;
        }
    }
    return 0;
}

Test(catalog, counts_by_aggregate_and_type)
{
    struct rf_catalog *parts[2] = {rf_catalog_new(&all), rf_catalog_new(&all)};
    struct rf_shaper *shaper = rf_shaper_new(NULL);
    add(parts[0], shaper, 9, (uint32_t[]){1, 2, 2, 3}, 4);
    add(parts[1], shaper, 8, (uint32_t[]){2}, 1);
    add(parts[1], shaper, 9, (uint32_t[]){2, 2}, 2);
    add(parts[1], shaper, RF_NAME_NONE, (uint32_t[]){2, 1}, 2);
    rf_catalog_join(parts[0], parts[1]);
    rf_catalog_free(parts[1]);
    cr_assert_eq(rf_catalog_count(parts[0]), 6);
    const struct rf_event_type *entry = find(parts[0], 9, 2);
    cr_expect_eq(entry->events, 4);
    cr_expect_eq(entry->instances, 2);
    cr_expect_eq(entry->duplicates, 1 + 2 + 0 + 1);
    cr_expect_eq(entry->starts, 1);
    cr_expect_eq(entry->ends, 1);
    cr_expect_not(entry->has_time);
    cr_expect_eq(transitions(parts[0], 9, 2, 2), 2);
    cr_expect_eq(transitions(parts[0], 9, 1, 2), 1);
    cr_expect_eq(transitions(parts[0], 9, 2, 3), 1);
    cr_expect_eq(transitions(parts[0], 9, 3, 2), 0);
    cr_expect_eq(find(parts[0], 8, 2)->events, 1);
    cr_expect_eq(transitions(parts[0], RF_NAME_NONE, 2, 1), 1);
    cr_expect_eq(rf_catalog_others(parts[0]), 0);
    rf_catalog_free(parts[0]);
    rf_shaper_free(shaper);
}

Test(catalog, tells_of_types_beyond_the_limit)
{
    struct rf_catalog *catalog = rf_catalog_new(&all);
    struct rf_catalog *other = rf_catalog_new(&all);
    struct rf_shaper *shaper = rf_shaper_new(NULL);
    for (uint32_t i = 0; i < RF_LIMIT_TYPES + 5; i++) {
        add(catalog, shaper, 1, (uint32_t[]){0, i}, 2);
    }
    cr_assert_eq(rf_catalog_count(catalog), RF_LIMIT_TYPES);
    cr_assert_eq(rf_catalog_others(catalog), 5);
    cr_assert_eq(rf_catalog_other_transitions(catalog), 5);
    add(other, shaper, 2, (uint32_t[]){7, 7, 7}, 3);
    rf_catalog_join(catalog, other);
    cr_assert_eq(rf_catalog_others(catalog), 5 + 3);
    cr_assert_eq(rf_catalog_other_transitions(catalog), 5 + 2);
    rf_catalog_free(other);
    other = rf_catalog_new(&all);
    add(other, shaper, 1, (uint32_t[]){0}, 1);
    rf_catalog_join(other, catalog);
    cr_assert_eq(rf_catalog_others(other), 5 + 3, "what the other one did not list either");
    cr_assert_eq(rf_catalog_other_transitions(other), 5 + 2);
    cr_assert_eq(find(other, 1, 0)->events, RF_LIMIT_TYPES + 5 + 1 + 1);
    rf_catalog_free(catalog);
    rf_catalog_free(other);
    rf_shaper_free(shaper);
}

static bool
wants_late(const void *context, uint32_t type)
{
    (void)context;
    return type >= RF_LIMIT_TYPES + 3;
}

/* What is asked for by name is not kept out by what came before it; and has the same bound. */
Test(catalog, keeps_what_is_asked_for_beyond_the_limit)
{
    const struct rf_catalog_wish late = {wants_late, NULL};
    struct rf_catalog *catalog = rf_catalog_new(&late);
    struct rf_catalog *other = rf_catalog_new(&late);
    struct rf_shaper *shaper = rf_shaper_new(NULL);
    for (uint32_t i = 0; i < RF_LIMIT_TYPES + 5; i++) {
        add(catalog, shaper, 1, (uint32_t[]){i}, 1);
    }
    cr_expect_eq(rf_catalog_count(catalog), RF_LIMIT_TYPES + 2);
    cr_expect_eq(rf_catalog_others(catalog), 3);
    cr_assert_not_null(find(catalog, 1, RF_LIMIT_TYPES + 4));
    cr_expect(find(catalog, 1, RF_LIMIT_TYPES + 4)->is_wanted);
    add(other, shaper, 1, (uint32_t[]){RF_LIMIT_TYPES, RF_LIMIT_TYPES + 4}, 2);
    rf_catalog_join(catalog, other);
    cr_expect_eq(find(catalog, 1, RF_LIMIT_TYPES + 4)->events, 2);
    cr_expect_eq(rf_catalog_others(catalog), 4);
    for (uint32_t i = 2; i <= RF_LIMIT_TYPES; i++) {
        add(catalog, shaper, i, (uint32_t[]){RF_LIMIT_TYPES + 3}, 1);
    }
    cr_expect_eq(rf_catalog_count(catalog), 2 * RF_LIMIT_TYPES);
    cr_expect_eq(rf_catalog_others(catalog), 4 + 1);
    rf_shaper_free(shaper);
    rf_catalog_free(other);
    rf_catalog_free(catalog);
}

Test(catalog, tells_of_transitions_beyond_the_limit)
{
    enum { TYPES = 520 };
    struct rf_catalog *catalog = rf_catalog_new(&all);
    struct rf_shaper *shaper = rf_shaper_new(NULL);
    uint64_t pairs = 0;
    for (uint32_t i = 0; i < TYPES; i++) {
        uint32_t walk[2 * TYPES];
        for (uint32_t k = 0; k < TYPES; k++) {
            walk[2 * k] = i;
            walk[2 * k + 1] = k;
        }
        add(catalog, shaper, 1, walk, 2 * (size_t)TYPES);
        pairs += 2 * TYPES - 1;
    }
    size_t count;
    uint64_t listed = 0;
    uint64_t kinds = 0;
    const struct rf_transition *slots = rf_catalog_transitions(catalog, &count);
    for (size_t i = 0; i < count; i++) {
        listed += slots[i].count;
        kinds += slots[i].count > 0;
    }
    cr_assert_eq(kinds, RF_LIMIT_TRANSITIONS);
    cr_assert_gt(rf_catalog_other_transitions(catalog), 0);
    cr_assert_eq(listed + rf_catalog_other_transitions(catalog), pairs);
    rf_catalog_free(catalog);
    rf_shaper_free(shaper);
}

static bool
wants_seven(const void *context, uint32_t type)
{
    (void)context;
    return type == 7;
}

Test(catalog, looks_into_the_data_of_wanted_types_only)
{
    const struct rf_catalog_wish wish = {wants_seven, NULL};
    struct rf_catalog *catalog = rf_catalog_new(&wish);
    struct rf_shaper *shaper = rf_shaper_new(NULL);
    add(catalog, shaper, 1, (uint32_t[]){6, 7}, 2);
    cr_assert_eq(find(catalog, 1, 6)->events, 1);
    cr_assert_eq(find(catalog, 1, 6)->shape.root, NULL);
    cr_assert_eq(find(catalog, 1, 7)->shape.root->kinds[RF_KIND_OBJECT], 1);
    rf_catalog_free(catalog);
    rf_shaper_free(shaper);
}

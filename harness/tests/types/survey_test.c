/* SPDX-License-Identifier: MIT */
/* A survey is the same for any number of jobs, and fails as it promises. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "types/listing.h"
#include "types/survey.h"

TestSuite(survey, .timeout = 120);

static char object_name[] = "a.gz";
static struct rf_object object = {.name = object_name};
static const struct rf_objects objects = {.items = &object, .count = 1};

/** The id of an instance: all of them are in few buckets, so that these are large. */
static const char *
name_instance(unsigned instance)
{
    static char ids[6000][16];
    static unsigned known;
    static unsigned tried;
    while (known <= instance) {
        (void)snprintf(ids[known], sizeof(ids[0]), "i%u", tried++);
        known += rf_hash(ids[known], strlen(ids[known]), 0) % RF_BUCKET_COUNT < 16;
    }
    return ids[instance];
}

static void
add_event(struct rf_history *history, size_t writers, unsigned instance, int64_t version,
          const char *type, const char *data)
{
    const char *id = name_instance(instance);
    struct rf_err err;
    struct rf_event event = {
        .id = id,
        .id_bytes = strlen(id),
        .type = type,
        .type_bytes = strlen(type),
        .data = data,
        .data_bytes = strlen(data),
        .has_version = true,
        .version = version,
        .offset = instance * 100 + (uint64_t)version,
    };
    struct rf_writer *writer = rf_history_writer(history, instance % writers);
    cr_assert_eq(rf_writer_add(writer, 0, &event, instance % 3 ? "one" : NULL, 3, &err), RF_OK);
}

/* Types without end: more paths than there is memory for, if `large`. */
static struct rf_history *
make_history(size_t writers, bool large, uint64_t limit)
{
    struct rf_history *history;
    struct rf_err err;
    history = rf_history_new(&objects, writers);
    rf_history_limit(history, limit);
    for (unsigned i = 0; i < 6000; i++) {
        char type[16];
        struct rf_buf data = {0};
        unsigned which = i * 7 % 6000;
        (void)snprintf(type, sizeof(type), "T%u", which % 40);
        rf_buf_format(&data, "{\"a\":%u,\"b\":[%u,\"x%u\"]", which, which % 3, which % 50);
        for (unsigned k = 0; large && k < 24; k++) {
            rf_buf_format(&data, ",\"k%u\":{\"%0120u\":\"%060u\"}", which % 89, k, which * 100 + k);
        }
        rf_buf_string(&data, "}");
        add_event(history, writers, which, 1, type, rf_buf_text(&data));
        add_event(history, writers, which, 2, "Done", "{}");
        if (which % 11 == 0) {
            add_event(history, writers, which, 2, "Done", "{}");
        }
        rf_buf_done(&data);
    }
    rf_history_settle(history, 0, RF_FATE_READ, false);
    cr_assert_eq(rf_history_seal(history, &err), RF_OK);
    return history;
}

static void
describe_path(struct rf_buf *out, const struct rf_data_path *path)
{
    rf_buf_format(out, "(%.*s", (int)path->key_bytes, path->key == NULL ? "" : path->key);
    for (size_t i = 0; i < RF_KIND_COUNT_; i++) {
        rf_buf_format(out, " %" PRIu64, path->kinds[i]);
    }
    rf_buf_format(out, " %" PRIu64 "-%" PRIu64, path->characters.least, path->characters.greatest);
    for (size_t i = 0; i < path->values.count; i++) {
        rf_buf_format(out, " %.*s=%" PRIu64, (int)path->values.items[i].bytes,
                      path->values.items[i].text, path->values.items[i].count);
    }
    for (size_t i = 0; i < path->member_count; i++) {
        describe_path(out, path->members[i]);
    }
    if (path->any != NULL) {
        rf_buf_byte(out, '*');
        describe_path(out, path->any);
    }
    if (path->element != NULL) {
        describe_path(out, path->element);
    }
    rf_buf_byte(out, ')');
}

static char *
describe(struct rf_history *history, struct rf_survey_result *found)
{
    static const struct rf_gather_rules rules = {.everything = true};
    struct rf_listing listing;
    struct rf_buf out = {0};
    rf_listing_make(found->catalog, rf_history_names(history), &rules, NULL, &listing);
    for (size_t i = 0; i < listing.count; i++) {
        const struct rf_type_row *row = &listing.rows[i];
        const struct rf_event_type *entry = row->entry;
        rf_buf_format(&out, "%s %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
                      row->aggregate == NULL ? "-" : row->aggregate, row->type, entry->events,
                      entry->instances, entry->duplicates, entry->starts, entry->ends);
        for (size_t k = 0; k < row->after.count; k++) {
            rf_buf_format(&out, " %zu:%" PRIu64, row->after.items[k].row,
                          row->after.items[k].count);
        }
        if (entry->shape.root != NULL) {
            describe_path(&out, entry->shape.root);
        }
        rf_buf_format(&out, "%d%d%d\n", entry->shape.cut, entry->shape.deep, entry->shape.crowded);
    }
    rf_listing_done(&listing);
    char *text = rf_strdup(rf_buf_text(&out));
    rf_buf_done(&out);
    return text;
}

static void
expect_same(bool large)
{
    static const size_t jobs[] = {1, 2, 3, 8, 100, 1, 4, 2};
    static const uint64_t limits[] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
                                      UINT64_MAX, 1,          1,          64 << 20};
    char *want = NULL;
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        static const struct rf_gather_rules rules = {.everything = true};
        struct rf_history *history = make_history(i + 1, large, limits[i]);
        struct rf_survey_request request = {.history = history, .rules = &rules, .jobs = jobs[i]};
        struct rf_survey_result found;
        struct rf_err err;
        cr_assert_eq(rf_survey(&request, &found, &err), RF_OK);
        cr_expect_eq(found.sums.terms[RF_TERM_FOLDED], 12000);
        cr_expect_eq(found.sums.terms[RF_TERM_DUPLICATES], 546);
        cr_expect_eq(found.counts.instances, 6000);
        char *got = describe(history, &found);
        want = want == NULL ? rf_strdup(got) : want;
        cr_expect(strcmp(got, want) == 0, "%zu jobs, memory for %" PRIu64, jobs[i], limits[i]);
        free(got);
        rf_catalog_free(found.catalog);
        rf_damages_done(&found.damages);
        rf_history_free(history);
    }
    cr_expect_eq(strstr(want, ")100\n") != NULL, large, "memory was used up, or not");
    free(want);
}

Test(survey, is_the_same_for_any_number_of_jobs)
{
    expect_same(false);
}

Test(survey, is_the_same_where_memory_is_used_up)
{
    expect_same(true);
}

Test(survey, is_stopped)
{
    static const struct rf_gather_rules rules = {.everything = true};
    struct rf_history *history = make_history(1, false, UINT64_MAX);
    atomic_bool stop = true;
    for (size_t jobs = 1; jobs < 9; jobs *= 8) {
        struct rf_survey_request request = {
            .history = history, .rules = &rules, .jobs = jobs, .stop = &stop};
        struct rf_survey_result found;
        struct rf_err err;
        cr_assert_eq(rf_survey(&request, &found, &err), RF_ERR_INTERRUPTED);
        cr_assert_eq(found.catalog, NULL);
    }
    rf_history_free(history);
}

/* An instance of more types than are listed, each behind another. */
Test(survey, hands_on_what_is_not_listed)
{
    static const struct rf_gather_rules rules = {.everything = true};
    struct rf_history *history;
    struct rf_err err;
    history = rf_history_new(&objects, 1);
    for (unsigned i = 1; i <= RF_LIMIT_TYPES + 7; i++) {
        char type[16];
        (void)snprintf(type, sizeof(type), "T%u", i);
        add_event(history, 1, 1, i, type, "{}");
    }
    rf_history_settle(history, 0, RF_FATE_READ, false);
    cr_assert_eq(rf_history_seal(history, &err), RF_OK);
    struct rf_survey_request request = {.history = history, .rules = &rules, .jobs = 2};
    struct rf_survey_result found;
    struct rf_listing listing;
    cr_assert_eq(rf_survey(&request, &found, &err), RF_OK);
    rf_listing_make(found.catalog, rf_history_names(history), &rules, NULL, &listing);
    cr_assert_eq(listing.count, RF_LIMIT_TYPES);
    cr_assert_eq(listing.others, 7);
    cr_assert_eq(listing.other_transitions, 7);
    rf_listing_done(&listing);
    rf_catalog_free(found.catalog);
    rf_damages_done(&found.damages);
    rf_history_free(history);
}

static bool
always(const void *context, const char *type, size_t type_bytes)
{
    (void)context;
    (void)type;
    return type_bytes > 0;
}

static bool
never(const void *context, const char *type, size_t type_bytes)
{
    return !always(context, type, type_bytes);
}

Test(survey, ends_where_events_fit_two_aggregates)
{
    static const struct rf_claim claims[2] = {
        {.name = "a", .first_version = 1, .declares = always, .skips = never},
        {.name = "b", .first_version = 1, .declares = always, .skips = never},
    };
    static const struct rf_gather_rules rules = {
        .claims = claims, .claim_count = 2, .everything = true};
    struct rf_history *history = make_history(1, false, UINT64_MAX);
    for (size_t jobs = 1; jobs < 9; jobs *= 8) {
        struct rf_survey_request request = {.history = history, .rules = &rules, .jobs = jobs};
        struct rf_survey_result found;
        struct rf_err err;
        cr_assert_eq(rf_survey(&request, &found, &err), RF_ERR_USAGE);
        cr_assert_neq(strstr(err.text, "\"streams\""), NULL, "%s", err.text);
        cr_assert_eq(found.catalog, NULL);
    }
    rf_history_free(history);
}

/* SPDX-License-Identifier: MIT */
/* The sums: what is lost, counted twice or swapped does not balance. */
#include <criterion/criterion.h>
#include <string.h>

#include "history/sums.h"

TestSuite(sums, .timeout = 10);

static struct rf_packed_event
make_event(uint64_t id, int64_t version, uint64_t content)
{
    return (struct rf_packed_event){
        .id_hash = id, .version = version, .content_hash = content, .flags = RF_EVENT_VERSION};
}

/** Two objects, five records, three events. */
static struct rf_sums
make_sums(const struct rf_packed_event events[3])
{
    struct rf_sums sums = {.objects = 2,
                           .read = 1,
                           .foreign = 1,
                           .records = 5,
                           .malformed = 1,
                           .empty = 2,
                           .expanded = 1};
    for (int i = 0; i < 3; i++) {
        rf_sums_see(&sums, &events[i]);
    }
    return sums;
}

static struct rf_packed_event events[3];

static void
make_events(void)
{
    events[0] = make_event(1, 1, 10);
    events[1] = make_event(1, 2, 20);
    events[2] = make_event(2, 1, 10);
}

Test(sums, balance_when_each_event_is_settled_once, .init = make_events)
{
    struct rf_sums sums = make_sums(events);
    rf_sums_settle(&sums, &events[2], RF_TERM_DUPLICATES);
    rf_sums_settle(&sums, &events[0], RF_TERM_FOLDED);
    rf_sums_settle(&sums, &events[1], RF_TERM_FOLDED);
    struct rf_err err;
    cr_assert_eq(rf_sums_check(&sums, &err), RF_OK, "%s", err.text);
    cr_assert_eq(sums.terms[RF_TERM_FOLDED], 2);
}

Test(sums, notice_one_event_lost_and_another_folded_twice, .init = make_events)
{
    for (int lost = 0; lost < 3; lost++) {
        for (int twice = 0; twice < 3; twice++) {
            struct rf_sums sums = make_sums(events);
            for (int i = 0; i < 3; i++) {
                rf_sums_settle(&sums, &events[i == lost ? twice : i], RF_TERM_FOLDED);
            }
            struct rf_err err;
            cr_assert_eq(rf_sums_check(&sums, &err), lost == twice ? RF_OK : RF_ERR_INTERNAL);
        }
    }
}

Test(sums, tell_events_by_each_of_their_parts)
{
    struct rf_packed_event plain = make_event(1, 2, 3);
    struct rf_packed_event others[6] = {plain, plain, plain, plain, plain, plain};
    others[0].id_hash++;
    others[1].version++;
    others[2].content_hash++;
    others[3].at_seconds++;
    others[4].at_nanos++;
    others[5].flags = 0;
    for (int i = 0; i < 6; i++) {
        cr_assert_neq(rf_sums_item(&plain), rf_sums_item(&others[i]), "%d", i);
    }
}

Test(sums, item_does_not_depend_on_numbers_of_names_or_places)
{
    struct rf_packed_event plain = make_event(1, 2, 3);
    struct rf_packed_event other = plain;
    other.type = 7;
    other.aggregate = 9;
    other.object = 4;
    other.offset = 100;
    cr_assert_eq(rf_sums_item(&plain), rf_sums_item(&other));
}

Test(sums, each_wrong_side_is_named, .init = make_events)
{
    struct {
        size_t place;
        const char *text;
    } rows[] = {
        {offsetof(struct rf_sums, objects), "objects"},
        {offsetof(struct rf_sums, read), "objects"},
        {offsetof(struct rf_sums, unreadable), "objects"},
        {offsetof(struct rf_sums, foreign), "objects"},
        {offsetof(struct rf_sums, records), "records"},
        {offsetof(struct rf_sums, expanded), "records"},
        {offsetof(struct rf_sums, malformed), "records"},
        {offsetof(struct rf_sums, empty), "records"},
        {offsetof(struct rf_sums, terms), "events"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_sums sums = make_sums(events);
        for (int j = 0; j < 3; j++) {
            rf_sums_settle(&sums, &events[j], RF_TERM_FOLDED);
        }
        uint64_t value;
        memcpy(&value, (char *)&sums + rows[i].place, sizeof(value));
        value++;
        memcpy((char *)&sums + rows[i].place, &value, sizeof(value));
        struct rf_err err;
        cr_assert_eq(rf_sums_check(&sums, &err), RF_ERR_INTERNAL, "row %zu", i);
        cr_assert_eq(strncmp(err.text, rows[i].text, strlen(rows[i].text)), 0, "row %zu: %s", i,
                     err.text);
    }
}

Test(sums, unsee_in_another_part_balances_once_joined, .init = make_events)
{
    struct rf_sums ingest = make_sums(events);
    struct rf_sums gather = {0};
    rf_sums_settle(&gather, &events[0], RF_TERM_FOLDED);
    rf_sums_unsee(&gather, &events[1]);
    rf_sums_settle(&gather, &events[2], RF_TERM_FOLDED);
    struct rf_sums all = {0};
    rf_sums_join(&all, &gather);
    rf_sums_join(&all, &ingest);
    struct rf_err err;
    cr_assert_eq(rf_sums_check(&all, &err), RF_OK, "%s", err.text);
    cr_assert_eq(all.events, 2);
    cr_assert_eq(all.malformed, 2);
}

Test(sums, events_that_are_kept_nowhere_count_on_both_sides, .init = make_events)
{
    struct rf_sums sums = make_sums(events);
    struct rf_err err;
    for (int i = 0; i < 3; i++) {
        rf_sums_settle(&sums, &events[i], RF_TERM_FOLDED);
    }
    rf_sums_pass(&sums, 7, RF_TERM_UNSELECTED);
    cr_assert_eq(rf_sums_check(&sums, &err), RF_ERR_INTERNAL, "no record stands for them");
    sums.records += 7;
    cr_assert_eq(rf_sums_check(&sums, &err), RF_OK, "%s", err.text);
    cr_assert_eq(sums.events, 10);
    cr_assert_eq(sums.terms[RF_TERM_UNSELECTED], 7);
}

Test(sums, terms_have_the_names_of_the_contract)
{
    static const char *const names[] = {"elsewhere",  "withdrawn", "unselected", "unclaimed",
                                        "duplicates", "conflicts", "skipped",    "unhandled",
                                        "rejected",   "unfolded",  "covered",    "folded"};
    cr_assert_eq(sizeof(names) / sizeof(names[0]), RF_TERM_COUNT_);
    for (int i = 0; i < RF_TERM_COUNT_; i++) {
        cr_assert_str_eq(rf_term_name((enum rf_term)i), names[i]);
    }
}

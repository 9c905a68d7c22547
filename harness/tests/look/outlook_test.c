/* SPDX-License-Identifier: MIT */
/* What lies ahead: storage classes, and what reading costs, of objects as a server would list them.
 */
#include "look/outlook.h"

#include <criterion/criterion.h>
#include <math.h>

#include "walk/source.h"

TestSuite(outlook, .timeout = 30);

#define GB         UINT64_C(1073741824)
#define NAME(text) ((char[]){text})

/* That there is such a function tells that objects lie on a server. */
static rf_code
ask(struct rf_source *source, const struct rf_object *object, struct rf_http_request *ret,
    struct rf_transfer_wanted *ret_wanted, struct rf_signer *ret_signer, struct rf_err *reterr)
{
    (void)source;
    (void)object;
    (void)ret;
    (void)ret_wanted;
    (void)ret_signer;
    return rf_fail(reterr, RF_ERR_INTERNAL, NULL, "nobody asks");
}

static struct rf_source_kind server = {.ask = ask};
static struct rf_source_kind folder;
static struct rf_source sources[] = {{.kind = &server}, {.kind = &folder}};

static struct rf_outlook
outlook_of(struct rf_object *items, size_t count)
{
    struct rf_objects objects = {
        .items = items,
        .count = count,
        .sources = sources,
        .source_count = 2,
        .listed = {.requests = 2000},
    };
    struct rf_outlook outlook;
    rf_outlook_make(&objects, &outlook);
    return outlook;
}

Test(outlook, objects_count_by_storage_class)
{
    struct rf_object items[] = {
        {.name = NAME("a"), .bytes = 3 * GB, .storage = "STANDARD", .packer_name = true},
        {.name = NAME("b"), .bytes = 1, .storage = "DEEP_ARCHIVE", .packer_name = true},
        {.name = NAME("c"), .bytes = GB, .storage = "STANDARD_IA", .packer_name = true},
        {.name = NAME("d"), .bytes = 2, .storage = "DEEP_ARCHIVE", .packer_name = true},
        {.name = NAME("e"), .bytes = 5, .source = 1},
    };
    struct rf_outlook outlook = outlook_of(items, 5);
    cr_assert_eq(outlook.storage_count, 3u);
    cr_expect_str_eq(outlook.storages[0].storage, "DEEP_ARCHIVE");
    cr_expect_eq(outlook.storages[0].warmth, RF_WARMTH_COLD);
    cr_expect_eq(outlook.storages[0].load.objects, 2u);
    cr_expect_eq(outlook.storages[0].load.bytes, 3u);
    cr_expect_str_eq(outlook.storages[0].load.first, "b");
    cr_expect_eq(outlook.storages[1].warmth, RF_WARMTH_WARM);
    cr_expect_eq(outlook.storages[2].warmth, RF_WARMTH_FEE);
    cr_expect_eq(outlook.all.objects, 5u);
    cr_expect_eq(outlook.others.objects, 1u);
    rf_outlook_done(&outlook);
}

Test(outlook, requests_and_bytes_are_those_of_objects_on_servers)
{
    struct rf_object items[] = {
        {.name = NAME("a"), .bytes = 3 * GB},
        {.name = NAME("b"), .bytes = RF_BYTES_UNKNOWN},
        {.name = NAME("c"), .bytes = GB, .storage = "STANDARD_IA"},
        {.name = NAME("d"), .bytes = 7 * GB, .source = 1},
    };
    struct rf_retrieval_price fee = {.storage = NAME("STANDARD_IA"), .gb = 0.5};
    struct rf_prices prices = {.told = true,
                               .list = 5,
                               .get = 1000,
                               .transfer = 0.25,
                               .retrievals = &fee,
                               .retrieval_count = 1};
    struct rf_outlook outlook = outlook_of(items, 4);
    cr_expect_eq(outlook.requests.list, 2000u);
    cr_expect_eq(outlook.requests.get, 3u);
    cr_expect_eq(outlook.requests.bytes, 4 * GB);
    cr_expect_eq(outlook.requests.unsized, 1u);
    /* 2,000 LIST, 3 GET, 4 GB to transfer, 1 GB for a fee */
    cr_expect(fabs(rf_outlook_cost(&outlook, &prices) - (10 + 3 + 1 + 0.5)) < 1e-9);
    rf_outlook_done(&outlook);
}

/* Folders by day, month and year tell no hours; the coarsest decides. */
Test(calendar, is_as_fine_as_its_coarsest_folder)
{
    struct rf_object items[] = {
        {.name = NAME("a"), .hour = {0, RF_GRAIN_HOUR}},
        {.name = NAME("b"), .hour = {24 * 40 + 5, RF_GRAIN_HOUR}},
        {.name = NAME("c"), .hour = {24 * 90, RF_GRAIN_MONTH}}, /* 1970-04 */
    };
    struct rf_outlook outlook = outlook_of(items, 3);
    char text[RF_CALENDAR_TEXT_BYTES];
    cr_assert_eq(outlook.calendar.grain, RF_GRAIN_MONTH);
    cr_assert_eq(outlook.calendar.slot_count, 3u);
    cr_expect_str_eq(rf_calendar_text(RF_GRAIN_MONTH, outlook.calendar.slots[1].hour, text),
                     "1970-02");
    cr_assert_eq(outlook.calendar.gap_count, 1u);
    cr_expect_str_eq(rf_calendar_text(RF_GRAIN_MONTH, outlook.calendar.gaps[0].from, text),
                     "1970-03");
    cr_expect_eq(outlook.calendar.empty, 1u);
    cr_expect_eq(outlook.calendar.unlike, 0u);
    rf_outlook_done(&outlook);
}

Test(calendar, passes_over_what_is_not_read)
{
    struct rf_object items[] = {
        {.name = NAME("a"), .hour = {10, RF_GRAIN_HOUR}, .errors = true},
        {.name = NAME("b"), .hour = {11, RF_GRAIN_HOUR}, .special = true},
        {.name = NAME("c"), .hour = {12, RF_GRAIN_HOUR}, .flaw = NAME("broken")},
        {.name = NAME("d"), .hour = {0, RF_GRAIN_NONE}},
        {.name = NAME("e"), .hour = {-30, RF_GRAIN_HOUR}},
    };
    struct rf_outlook outlook = outlook_of(items, 5);
    char text[RF_CALENDAR_TEXT_BYTES];
    cr_assert_eq(outlook.calendar.slot_count, 1u);
    cr_expect_str_eq(rf_calendar_text(RF_GRAIN_HOUR, outlook.calendar.slots[0].hour, text),
                     "1969-12-30T18");
    cr_expect_eq(outlook.calendar.untimed, 1u);
    cr_expect_eq(outlook.errors.objects, 1u);
    cr_expect_eq(outlook.special.objects, 1u);
    cr_expect_eq(outlook.flawed.objects, 1u);
    rf_outlook_done(&outlook);
}

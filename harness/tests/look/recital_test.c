/* SPDX-License-Identifier: MIT */
/* Threads recite a history: in one order whatever their number, and nothing behind a line that
 * could not be written. */
#include "look/recital.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

TestSuite(recital, .timeout = 60);

#define EVENTS 20000

static struct rf_object object = {.name = (char *)"a", .key = (char *)"a"};
static const struct rf_objects objects = {.items = &object, .count = 1};

static struct rf_history *
make_history(void)
{
    struct rf_err err;
    struct rf_history *history = rf_history_new(&objects, 1);
    for (unsigned i = 0; i < EVENTS; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "id %u", i / 2);
        struct rf_event event = {
            .id = id,
            .id_bytes = strlen(id),
            .type = "Seen",
            .type_bytes = 4,
            .data = "{}",
            .data_bytes = 2,
            .version = 1 + i % 2,
            .has_version = true,
            .offset = i,
        };
        cr_assert(rf_writer_add(rf_history_writer(history, 0), 0, &event, "agg", 3, &err) == RF_OK);
    }
    cr_assert(rf_history_seal(history, &err) == RF_OK);
    return history;
}

struct page {
    struct rf_buf text;
    size_t calls;
    size_t fails_at; /* this call fails; 0: none */
};

/** Takes its time, so that others wait for their turn. */
static rf_code
write_page(void *context, const struct rf_buf *lines, struct rf_err *reterr)
{
    struct page *page = context;
    struct timespec pause = {0, 1000000};
    (void)nanosleep(&pause, NULL);
    page->calls++;
    if (page->calls == page->fails_at) {
        return rf_fail(reterr, RF_ERR_OUTPUT, "page", "is full");
    }
    rf_buf_add(&page->text, lines->bytes, lines->used);
    return RF_OK;
}

static rf_code
recite(struct page *page, size_t jobs, struct rf_recital_result *ret, struct rf_err *reterr)
{
    struct rf_history *history = make_history();
    const struct rf_gather_rules rules = {.everything = true};
    const struct rf_recital_request request = {
        .history = history,
        .rules = &rules,
        .write = write_page,
        .context = page,
        .jobs = jobs,
    };
    rf_code code = rf_recite(&request, ret, reterr);
    rf_history_free(history);
    return code;
}

Test(recital, is_the_same_with_any_number_of_threads)
{
    struct page first = {0};
    for (size_t jobs = 1; jobs <= 4; jobs *= 2) {
        struct page page = {0};
        struct rf_recital_result result;
        struct rf_err err;
        cr_assert(recite(&page, jobs, &result, &err) == RF_OK, "%s", err.text);
        cr_expect_eq(result.lines, EVENTS);
        if (jobs == 1) {
            first = page;
            continue;
        }
        cr_expect_eq(page.text.used, first.text.used);
        cr_expect_eq(memcmp(page.text.bytes, first.text.bytes, page.text.used), 0);
        rf_buf_done(&page.text);
    }
    rf_buf_done(&first.text);
}

Test(recital, ends_at_a_line_that_cannot_be_written)
{
    struct page page = {.fails_at = 5};
    struct rf_recital_result result;
    struct rf_err err;
    cr_assert(recite(&page, 4, &result, &err) == RF_ERR_OUTPUT);
    cr_expect_str_eq(err.text, "is full");
    cr_expect_eq(page.calls, 5, "what comes behind it was written");
    cr_expect_eq(result.lines, 0);
    rf_buf_done(&page.text);
}

/* SPDX-License-Identifier: MIT */
/* A request that goes on from a snapshot. */
#include "worker/resume.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "worker/values.h"

struct box {
    int64_t count;
    refold_text name;
    int64_t hidden; /* no row: a snapshot does not show it */
};

static int32_t
apply(void *state, const refold_event *event)
{
    (void)state;
    (void)event;
    return REFOLD_OK;
}

static const refold_type types[] = {REFOLD_TYPE("Any", 1)};
static const refold_field fields[] = {
    REFOLD_INT(struct box, count, "count"),
    REFOLD_TEXT(struct box, name, "name"),
};

static struct rf_plugin *
make_plugin(void)
{
    static const refold_aggregate table = {
        .abi_version = REFOLD_ABI_VERSION,
        .size = sizeof(refold_aggregate),
        .name = "box",
        .state_size = sizeof(struct box),
        .types = types,
        .type_count = 1,
        .fields = fields,
        .field_count = 2,
        .apply = apply,
    };
    struct rf_plugin *plugin;
    cr_assert(rf_plugin_new(&table, &plugin, NULL) == RF_OK);
    return plugin;
}

/** Lets the request end with an id, of which `text` is one. Returns it grown. */
static struct rf_request *
add_id(struct rf_request *request, const char *id)
{
    uint64_t front = request->bytes;
    uint64_t more = rf_resume_id_bytes(strlen(id));
    request = realloc(request, (size_t)(front + more));
    memset((char *)request + front, 0, (size_t)more);
    rf_resume_write_id((char *)request + front, id, strlen(id));
    request->bytes += more;
    request->flags |= RF_REQUEST_ID;
    return request;
}

/** A request of `count` events with this text behind them; owned. */
static struct rf_request *
make_request(uint64_t count, const char *text, uint64_t *ret_bytes)
{
    uint64_t bytes = sizeof(struct rf_request) + count * sizeof(struct rf_request_event) +
                     rf_resume_bytes(strlen(text));
    struct rf_request *request = calloc(1, (size_t)bytes);
    *request = (struct rf_request){.bytes = bytes, .count = count, .flags = RF_REQUEST_FROM};
    rf_resume_write((struct rf_request_event *)(request + 1) + count, 77, text, strlen(text));
    *ret_bytes = bytes;
    return request;
}

Test(worker_resume, finds_what_was_written)
{
    static const char *const texts[] = {"", "{}", "1234567", "12345678", "123456789"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (uint64_t count = 0; count < 4; count++) {
            uint64_t bytes;
            struct rf_request *request = make_request(count, texts[i], &bytes);
            cr_expect(bytes % 8 == 0);
            cr_expect(rf_resume_fits(request, bytes));
            cr_expect(rf_resume_fits(request, bytes + 100));
            const struct rf_request_start *start = rf_resume_start(request);
            cr_assert_not_null(start);
            cr_expect_eq(start->digest, 77);
            cr_expect_eq(start->text_bytes, strlen(texts[i]));
            cr_expect(memcmp(start + 1, texts[i], strlen(texts[i])) == 0);
            free(request);
        }
    }
}

static void
expect_id(const struct rf_request *request, const char *id)
{
    refold_string found = rf_resume_id(request);
    cr_expect(request->bytes % 8 == 0);
    cr_expect(rf_resume_fits(request, request->bytes));
    cr_expect_eq(found.len, strlen(id));
    cr_expect(memcmp(found.ptr, id, strlen(id)) == 0);
    for (uint64_t room = 0; room < request->bytes; room++) {
        cr_expect_not(rf_resume_fits(request, room), "%llu", (unsigned long long)room);
    }
}

Test(worker_resume, finds_an_id_with_a_start_and_without)
{
    static const char *const ids[] = {"", "a", "12345678", "123456789"};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        uint64_t bytes;
        struct rf_request *request = add_id(make_request(0, "{\"count\":1}", &bytes), ids[i]);
        expect_id(request, ids[i]);
        cr_expect_eq(rf_resume_start(request)->text_bytes, strlen("{\"count\":1}"));
        free(request);
        request = calloc(1, sizeof(*request));
        *request = (struct rf_request){.bytes = sizeof(*request)};
        cr_expect_eq(rf_resume_id(request).len, 0);
        request = add_id(request, ids[i]);
        expect_id(request, ids[i]);
        struct rf_request_id *id = (struct rf_request_id *)(request + 1);
        id->bytes = UINT64_MAX;
        cr_expect_not(rf_resume_fits(request, request->bytes));
        free(request);
    }
}

Test(worker_resume, refuses_a_request_that_is_not_as_long_as_it_says)
{
    uint64_t bytes;
    struct rf_request *request = make_request(2, "{\"count\":1}", &bytes);
    struct rf_request_start *start = (struct rf_request_start *)(uintptr_t)rf_resume_start(request);
    for (uint64_t room = 0; room < bytes; room++) {
        cr_expect_not(rf_resume_fits(request, room), "%llu", (unsigned long long)room);
    }
    uint64_t text_bytes = start->text_bytes;
    static const uint64_t lies[] = {0, 1, 17, 1000, UINT64_MAX, UINT64_MAX - 7, UINT64_MAX / 2};
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        start->text_bytes = lies[i];
        cr_expect_not(rf_resume_fits(request, bytes), "%llu", (unsigned long long)lies[i]);
    }
    start->text_bytes = text_bytes;
    request->count = UINT64_MAX / sizeof(struct rf_request_event);
    cr_expect_not(rf_resume_fits(request, bytes));
    request->count = 2;
    request->bytes -= 8;
    cr_expect_not(rf_resume_fits(request, bytes));
    request->bytes += 8;
    request->flags = 0;
    cr_expect_not(rf_resume_fits(request, bytes));
    cr_expect_null(rf_resume_start(request));
    free(request);
}

static bool
resume(const struct rf_plugin *plugin, const char *text, struct box *ret, struct rf_buf *why)
{
    uint64_t bytes;
    struct rf_request *request = make_request(0, text, &bytes);
    struct rf_buf scratch = {0};
    rf_values_begin_instance();
    struct box *box = rf_plugin_state_new(plugin);
    bool made = rf_resume_state(plugin, rf_resume_start(request), box, &scratch, why);
    *ret = *box;
    rf_buf_done(&scratch);
    free(request);
    return made;
}

Test(worker_resume, makes_the_state_that_the_snapshot_shows)
{
    struct rf_plugin *plugin = make_plugin();
    struct rf_buf why = {0};
    struct box box;
    /* Not canonical: it would be written otherwise. */
    cr_expect_not(resume(plugin, "{\"count\":-7,\"name\":\"\\u00e9\"}", &box, &why));
    cr_expect(resume(plugin, "{\"count\":-7,\"name\":\"x\"}", &box, &why), "%s", rf_buf_text(&why));
    cr_expect_eq(box.count, -7);
    cr_expect(box.name.len == 1 && box.name.ptr[0] == 'x');
    cr_expect_eq(box.hidden, 0);
    rf_buf_done(&why);
    rf_plugin_free(plugin);
}

Test(worker_resume, says_what_it_cannot_restore)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"{\"name\":\"x\"}", "its snapshot cannot be restored: /count: is missing"},
        {"{\"count\":1,\"more\":2}",
         "its snapshot cannot be restored: /more: the aggregate has no such field"},
        {"{\"count\":1.5}", "its snapshot cannot be restored: /count: is not a number that fits"},
        {"{\"name\":\"x\",\"count\":1}",
         "its restored snapshot is written as another, byte 2: "
         "name\":\"x\",\"count\":1} became count\":1,\"name\":\"x\"}"},
        {"{\"count\": 1}", "its restored snapshot is written as another, byte 9:  1} became 1}"},
    };
    struct rf_plugin *plugin = make_plugin();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rf_buf why = {0};
        struct box box;
        cr_expect_not(resume(plugin, cases[i].text, &box, &why), "%s", cases[i].text);
        cr_expect_str_eq(rf_buf_text(&why), cases[i].why);
        rf_buf_done(&why);
    }
    struct rf_buf why = {0};
    struct box box;
    cr_expect_not(resume(plugin, "{", &box, &why));
    cr_expect_not(resume(plugin, "", &box, &why));
    rf_buf_done(&why);
    rf_plugin_free(plugin);
}

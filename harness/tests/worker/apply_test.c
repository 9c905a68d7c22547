/* SPDX-License-Identifier: MIT */
/* An event's way through upcast, apply and check: what each is given, and what a refusal is. */
#include "worker/apply.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "worker/identify.h"
#include "worker/values.h"

enum { PUT = 1, ADDED, OLD };

struct box {
    int64_t total;
};

static const refold_type types[] = {REFOLD_TYPE("Put", PUT), REFOLD_TYPE("Added", ADDED),
                                    REFOLD_TYPE("Old", OLD)};
static const refold_field fields[] = {REFOLD_INT(struct box, total, "total")};

/* What the functions saw. */
static char seen[256];
static uint64_t seen_count;

static int32_t
apply(void *state, const refold_event *event)
{
    int64_t by = 0;
    if (!refold_event_int(event, "By", &by)) {
        return refold_reject(event, "By is not an integer");
    }
    if (by == 77) {
        (void)refold_reject(event, "forgotten");
    }
    ((struct box *)state)->total += by;
    refold_string data = refold_event_data(event);
    (void)snprintf(seen, sizeof(seen), "%.*s %d %.*s %lld", (int)event->type.len, event->type.ptr,
                   event->kind, (int)data.len, data.ptr, (long long)event->version);
    return REFOLD_OK;
}

static uint64_t
apply_batch(void *state, const refold_event *const *events, uint64_t count)
{
    seen_count = count;
    for (uint64_t i = 0; i < count; i++) {
        if (apply(state, events[i]) != REFOLD_OK) {
            return i;
        }
    }
    return count;
}

/* What upcast does is the data's member "do". */
static int32_t
upcast(const refold_event *event, refold_event *ret)
{
    refold_string what;
    if (!refold_event_string(event, "do", &what)) {
        return REFOLD_OK;
    }
    ret->version = 99; /* does not count */
    ret->id = refold_literal("another");
    switch (what.ptr[0]) {
    case 'n': { /* a new type and data, out of memory that is gone after the call */
        char *type = event->host->alloc(6);
        memcpy(type, "Added!", 6);
        ret->type = (refold_string){type, 5};
        event->host->emit("{\"By\":", 6);
        event->host->emit("40}", 3);
        return REFOLD_OK;
    }
    case 'k':
        ret->kind = 7;
        return REFOLD_OK;
    case 'u':
        ret->type = refold_literal("Unknown");
        return REFOLD_OK;
    case 'e':
        ret->type = (refold_string){NULL, 0};
        return REFOLD_OK;
    case 'b':
        event->host->emit("{\"By\"", 5);
        return REFOLD_OK;
    case 'o':
        return 7;
    case 'f':
        (void)refold_reject(event, "forgotten");
        return REFOLD_OK;
    default:
        return refold_reject(event, "too old");
    }
}

static int32_t
check(const void *state, const refold_event *last)
{
    int64_t by = 0;
    if (!refold_event_int(last, "By", &by) || by == 13) {
        return 13;
    }
    if (by == 14) {
        (void)refold_reject(last, "forgotten");
    }
    return ((const struct box *)state)->total < 0 ? refold_reject(last, "nothing is left")
                                                  : REFOLD_OK;
}

static struct rf_plugin *
plugin_with(int batches, int upcasts, int checks)
{
    static refold_aggregate table;
    table = (refold_aggregate){
        .abi_version = REFOLD_ABI_VERSION,
        .size = sizeof(refold_aggregate),
        .name = "box",
        .state_version = 1,
        .state_size = sizeof(struct box),
        .types = types,
        .type_count = 3,
        .fields = fields,
        .field_count = 1,
        .apply = apply,
        .apply_batch = batches ? apply_batch : NULL,
        .upcast = upcasts ? upcast : NULL,
        .check = checks ? check : NULL,
    };
    struct rf_plugin *plugin = NULL;
    cr_assert_eq(rf_plugin_new(&table, &plugin, NULL), RF_OK);
    return plugin;
}

/** Applies one event. Returns the refusal, or "". */
static const char *
apply_one(const struct rf_plugin *plugin, struct box *box, const char *data)
{
    static struct rf_buf message;
    struct rf_event_values values = {.text = {data, strlen(data)}};
    const refold_event event = {
        .size = sizeof(event),
        .kind = PUT,
        .version = 3,
        .type = {"Put", 3},
        .id = {"x", 1},
        .host = rf_values_host(),
        .host_data = &values,
    };
    const refold_event *const list[] = {&event};
    rf_buf_clear(&message);
    seen[0] = '\0';
    uint64_t taken = rf_apply_events(plugin, box, list, 1, &message);
    cr_expect_eq(taken == 1, message.used == 0);
    return rf_buf_text(&message);
}

/** Applies events until one is refused. Returns how many were taken. */
static uint64_t
apply_some(const struct rf_plugin *plugin, struct box *box, const char *const *datas,
           uint64_t count, struct rf_buf *ret_message)
{
    struct rf_event_values values[8];
    refold_event events[8];
    const refold_event *list[8];
    for (uint64_t i = 0; i < count; i++) {
        values[i] = (struct rf_event_values){.text = {datas[i], strlen(datas[i])}};
        events[i] = (refold_event){
            .size = sizeof(events[i]),
            .kind = i == 2 ? ADDED : PUT,
            .version = (int64_t)i + 1,
            .type = i == 2 ? refold_literal("Added") : refold_literal("Put"),
            .id = {"x", 1},
            .host = rf_values_host(),
            .host_data = &values[i],
        };
        list[i] = &events[i];
    }
    rf_buf_clear(ret_message);
    return rf_apply_events(plugin, box, list, count, ret_message);
}

Test(apply, events_are_taken_in_order_up_to_the_one_that_is_refused)
{
    const char *const refused[] = {"{\"By\":1}", "{\"By\":2}", "{\"By\":\"4\"}", "{\"By\":8}"};
    const char *const good[] = {"{\"By\":1}", "{\"By\":2}", "{\"By\":4}", "{\"By\":8}"};
    struct rf_buf message = {0};
    for (int how = 0; how < 8; how++) {
        struct rf_plugin *plugin = plugin_with(how & 1, how & 2, how & 4);
        struct box box = {0};
        cr_expect_eq(apply_some(plugin, &box, refused, 4, &message), 2, "%d", how);
        cr_expect_str_eq(rf_buf_text(&message), "Added: By is not an integer");
        cr_expect_eq(box.total, 3);
        cr_expect_eq(apply_some(plugin, &box, good, 4, &message), 4);
        cr_expect_eq(message.used, 0);
        cr_expect_eq(box.total, 18);
        cr_expect(how != 1 || seen_count == 4, "a batch is one call");
        rf_plugin_free(plugin);
    }
    rf_buf_done(&message);
    rf_values_done();
}

Test(apply, upcast_changes_what_apply_sees)
{
    struct rf_plugin *plugin = plugin_with(0, 1, 0);
    struct box box = {0};
    cr_expect_str_eq(apply_one(plugin, &box, "{\"By\":2}"), "");
    cr_expect_str_eq(seen, "Put 1 {\"By\":2} 3");
    cr_expect_str_eq(apply_one(plugin, &box, "{\"do\":\"new\"}"), "");
    cr_expect_str_eq(seen, "Added 2 {\"By\":40} 3");
    cr_expect_str_eq(apply_one(plugin, &box, "{\"do\":\"kind\",\"By\":1}"), "");
    cr_expect_str_eq(seen, "Put 7 {\"do\":\"kind\",\"By\":1} 3");
    cr_expect_eq(box.total, 43);
    rf_plugin_free(plugin);
    rf_values_done();
}

Test(apply, what_upcast_refuses_or_gets_wrong_is_not_applied)
{
    struct rf_plugin *plugin = plugin_with(0, 1, 0);
    struct box box = {0};
    cr_expect_str_eq(apply_one(plugin, &box, "{\"do\":\"refuse\"}"), "Put: too old");
    cr_expect_str_eq(apply_one(plugin, &box, "{\"do\":\"unknown\"}"),
                     "Put: upcast made it a Unknown, which the table of types does not have");
    cr_expect_str_eq(apply_one(plugin, &box, "{\"do\":\"empty\"}"),
                     "Put: upcast made it of a type that is not 1 to 1024 bytes of UTF-8");
    cr_expect_str_eq(
        apply_one(plugin, &box, "{\"do\":\"bad\"}"),
        "Put: upcast emitted no good JSON: byte 5: expected ':', but the text ends here");
    cr_expect_str_eq(apply_one(plugin, &box, "{\"do\":\"odd\"}"), "Put: upcast returned 7");
    cr_expect_str_eq(apply_one(plugin, &box, "{\"do\":\"forget\"}"),
                     "Put: upcast called refold_reject, and returned as if it had not");
    cr_expect_str_eq(seen, "");
    cr_expect_eq(box.total, 0);
    cr_expect_str_eq(apply_one(plugin, &box, "{\"do\":\"kind\"}"), "Put: By is not an integer");
    rf_plugin_free(plugin);
    rf_values_done();
}

/* What was refused is not folded, whatever was returned. */
Test(apply, a_refusal_that_is_not_returned_is_none_that_may_be)
{
    for (int batches = 0; batches < 2; batches++) {
        struct rf_plugin *plugin = plugin_with(batches, 0, 0);
        struct box box = {0};
        cr_expect_str_eq(apply_one(plugin, &box, "{\"By\":77}"),
                         batches ? "Put: apply_batch called refold_reject, and returned as if it "
                                   "had not"
                                 : "Put: apply called refold_reject, and returned as if it had "
                                   "not");
        cr_expect_str_eq(apply_one(plugin, &box, "{\"By\":7}"), "");
        rf_plugin_free(plugin);
    }
    struct rf_plugin *plugin = plugin_with(0, 0, 1);
    struct box box = {0};
    cr_expect_str_eq(apply_one(plugin, &box, "{\"By\":14}"),
                     "Put: check called refold_reject, and returned as if it had not");
    rf_plugin_free(plugin);
    rf_values_done();
}

Test(apply, check_looks_behind_each_event)
{
    struct rf_plugin *plugin = plugin_with(0, 0, 1);
    struct box box = {0};
    cr_expect_str_eq(apply_one(plugin, &box, "{\"By\":2}"), "");
    cr_expect_str_eq(apply_one(plugin, &box, "{\"By\":-3}"), "Put: nothing is left");
    box.total = 0;
    cr_expect_str_eq(apply_one(plugin, &box, "{\"By\":13}"), "Put: check returned 13");
    rf_plugin_free(plugin);
    plugin = plugin_with(0, 1, 1);
    box.total = 0;
    cr_expect_str_eq(apply_one(plugin, &box, "{\"do\":\"new\"}"), "",
                     "check is given the event as apply was");
    rf_plugin_free(plugin);
    rf_values_done();
}

Test(apply, with_either_of_them_events_come_one_by_one)
{
    struct rf_plugin *plugin = plugin_with(1, 0, 0);
    cr_expect(rf_plugin_takes_many(plugin));
    rf_plugin_free(plugin);
    plugin = plugin_with(0, 0, 0);
    cr_expect_not(rf_plugin_takes_many(plugin));
    rf_plugin_free(plugin);
    plugin = plugin_with(1, 1, 0);
    cr_expect_not(rf_plugin_takes_many(plugin));
    rf_plugin_free(plugin);
    plugin = plugin_with(1, 0, 1);
    cr_expect_not(rf_plugin_takes_many(plugin));
    struct box box = {0};
    cr_expect_str_eq(apply_one(plugin, &box, "{\"By\":1}"), "");
    cr_expect_eq(seen_count, 1);
    cr_expect_str_eq(apply_one(plugin, &box, "{}"), "Put: By is not an integer");
    rf_plugin_free(plugin);
    rf_values_done();
}

/* ---- identify -------------------------------------------------------------------------------- */

/* What it does is the payload's first byte. */
static int32_t
identify(refold_string bytes, refold_event *ret, const refold_host *host)
{
    cr_assert(ret->host == host && ret->version == -1 && ret->at.set == 0 && ret->id.ptr == NULL);
    ret->id = (refold_string){bytes.ptr + 1, bytes.len - 1};
    ret->type = refold_literal("Put");
    switch (bytes.ptr[0]) {
    case 'a':
        return REFOLD_OK;
    case 'b':
        ret->version = 7;
        ret->at = (refold_time){1, 500000000, 1};
        host->emit("{\"x\":", 5);
        host->emit("1}", 2);
        return REFOLD_OK;
    case 'c':
        ret->id.ptr = NULL;
        return REFOLD_OK;
    case 'd':
        ret->type = (refold_string){"\xff", 1};
        return REFOLD_OK;
    case 'e':
        ret->version = -2;
        return REFOLD_OK;
    case 'f':
        ret->at = (refold_time){INT64_MAX, 0, 1};
        return REFOLD_OK;
    case 'g':
        host->emit("{", 1);
        return REFOLD_OK;
    case 'h':
        return refold_reject(ret, "no \"varint\"");
    case 'i':
        (void)refold_reject(ret, "forgotten");
        return REFOLD_OK;
    case 'j':
        return 9;
    default:
        return REFOLD_NOT_MINE;
    }
}

static void
expect_identified(const struct rf_plugin *plugin, const char *payload, const char *answer)
{
    struct rf_buf out = {0};
    rf_identify(plugin, payload, strlen(payload), &out);
    cr_expect_str_eq(rf_buf_text(&out), answer, "%s: %s", payload, rf_buf_text(&out));
    rf_buf_done(&out);
}

Test(apply, identify_is_answered_as_the_protocol_has_it)
{
    struct rf_plugin *plugin = plugin_with(0, 0, 0);
    plugin->table.identify = identify;
    expect_identified(plugin, "ax", "{\"id\":\"x\",\"type\":\"Put\"}");
    expect_identified(plugin, "b\"",
                      "{\"id\":\"\\\"\",\"type\":\"Put\",\"version\":7,"
                      "\"at\":\"1970-01-01T00:00:01.5Z\",\"data\":{\"x\":1}}");
    expect_identified(plugin, "a\xff",
                      "{\"error\":\"identify gave no id, or one that is no UTF-8\"}");
    expect_identified(plugin, "cx", "{\"error\":\"identify gave no id, or one that is no UTF-8\"}");
    expect_identified(plugin, "dx",
                      "{\"error\":\"identify gave no type, or one that is no UTF-8\"}");
    expect_identified(plugin, "ex", "{\"error\":\"identify gave a version below 0\"}");
    expect_identified(
        plugin, "fx",
        "{\"error\":\"identify gave a time that is none of the years 0001 to 9999\"}");
    expect_identified(
        plugin, "gx",
        "{\"error\":\"identify emitted no good JSON: byte 1: expected a key in quotes or '}', "
        "but the text ends here\"}");
    expect_identified(plugin, "hx", "{\"error\":\"no \\\"varint\\\"\"}");
    expect_identified(plugin, "ix",
                      "{\"error\":\"identify called refold_reject, and did not return what it "
                      "returned\"}");
    expect_identified(plugin, "jx", "{\"error\":\"identify returned 9\"}");
    expect_identified(plugin, "zx", "");
    rf_plugin_free(plugin);
    rf_values_done();
}

/* SPDX-License-Identifier: MIT */
/* The worker's end of a scenario: what an aggregate is given, and every line that is answered. */
#include "worker/dispatch_loop.h"
#include "worker/protocol.h"

#include <math.h>
#include <stdio.h>

#include "tests/worker/ends.h"

/* ---- an aggregate that is told what to do ---------------------------------------------------- */

struct tale {
    int64_t count;
    double real;
    refold_text last; /* the data of the last event */
    int64_t version;
};

enum { TOOK = 1, REFUSED, UNREAL };
enum { EMIT = 11, REFUSE, BOTH, RETURN, TELL };

static int32_t
apply(void *state, const refold_event *event)
{
    struct tale *tale = state;
    tale->count++;
    tale->version = event->version;
    refold_text_set(event, &tale->last, refold_event_data(event));
    if (event->kind == UNREAL) {
        tale->real = (double)INFINITY;
    }
    return event->kind == REFUSED ? refold_reject(event, "no") : REFOLD_OK;
}

static uint64_t
apply_batch(void *state, const refold_event *const *events, uint64_t count)
{
    cr_assert_eq(count, 1);
    return apply(state, events[0]) == REFOLD_OK;
}

/* Emits each string of the data's "emit". */
static int32_t
handle(const void *state, const refold_event *command, const refold_host *host)
{
    refold_value list;
    refold_value item;
    refold_string text;
    uint64_t cursor = 0;
    char told[300];
    if (refold_event_value(command, "emit", &list)) {
        while (host->next(&list, &cursor, NULL, &item)) {
            if (host->to_string(&item, &text)) {
                host->emit(text.ptr, text.len);
            }
        }
    }
    switch (command->kind) {
    case REFUSE:
        return refold_reject(command, "n\xc3\xb6");
    case BOTH:
        (void)refold_reject(command, "no");
        return REFOLD_OK;
    case RETURN:
        return -3;
    case TELL:
        (void)snprintf(told, sizeof(told), "[%d,%lld,%lld,%d,\"%.1s\",\"%.*s\",%lld]",
                       command->kind, (long long)command->version, (long long)command->at.seconds,
                       command->at.set, command->id.len == 2 ? command->id.ptr : "?",
                       (int)command->type.len, command->type.ptr,
                       (long long)((const struct tale *)state)->count);
        return refold_emit(command, "Took", told);
    default:
        return REFOLD_OK;
    }
}

static void
play(const void *with)
{
    static const refold_type types[] = {REFOLD_TYPE("Took", TOOK), REFOLD_TYPE("Refused", REFUSED),
                                        REFOLD_TYPE("Unreal", UNREAL)};
    static const refold_type commands[] = {
        REFOLD_COMMAND("Emit", EMIT), REFOLD_COMMAND("Refuse", REFUSE),
        REFOLD_COMMAND("Both", BOTH), REFOLD_COMMAND("Return", RETURN), REFOLD_COMMAND("*", TELL)};
    static const refold_field fields[] = {
        REFOLD_INT(struct tale, count, "count"),
        REFOLD_REAL(struct tale, real, "real"),
        REFOLD_TEXT(struct tale, last, "last"),
        REFOLD_INT(struct tale, version, "version"),
    };
    bool batches = *(const bool *)with;
    const refold_aggregate table = {
        .abi_version = REFOLD_ABI_VERSION,
        .size = sizeof(refold_aggregate),
        .name = "tale",
        .state_size = sizeof(struct tale),
        .types = types,
        .type_count = 3,
        .fields = fields,
        .field_count = 4,
        .apply = batches ? NULL : apply,
        .apply_batch = batches ? apply_batch : NULL,
        .handle = handle,
        .commands = commands,
        .command_count = 5,
    };
    struct rf_plugin *plugin;
    if (rf_plugin_new(&table, &plugin, NULL) != RF_OK) {
        _exit(99);
    }
    rf_dispatch_loop(plugin);
}

/* ---- requests -------------------------------------------------------------------------------- */

#define AT      "\"at\":\"2000-01-01T00:00:00Z\""
#define MEMBERS "{\"id\":\"ID\",\"version\":\"Version\",\"at\":\"At\"}"

static void
expect_lines(const char *members, const char *steps, bool batches, int status, const char *expected)
{
    struct given given = {0};
    struct ends ends;
    struct rf_buf lines = {0};
    size_t got;
    rf_buf_format(&given.requests,
                  "{\"aggregate\":\"tale\",\"id\":\"a\\n\",\"version\":0,\"members\":%s,"
                  "\"steps\":[%s]}",
                  members, steps);
    /* As the host's memory file: longer than its text. */
    rf_buf_add(&given.requests, "\0\0\0\0", 4);
    open_ends(&ends, &given, play, &batches);
    /* Who says hello waits until it may begin. */
    cr_assert(expected[0] == '\0' || send(ends.notices, "", 1, MSG_NOSIGNAL) == 1);
    do {
        rf_buf_reserve(&lines, 4096);
        cr_assert(rf_fd_read(ends.notices, lines.bytes + lines.used, 4096, &got));
        lines.used += got;
    } while (got > 0);
    cr_expect_str_eq(rf_buf_text(&lines), expected, "%s:\n%s", steps, rf_buf_text(&lines));
    cr_expect_eq(close_ends(&ends), status);
    rf_buf_done(&lines);
    rf_buf_done(&given.requests);
}

static void
expect(const char *steps, const char *expected)
{
    expect_lines("{}", steps, false, 0, expected);
    expect_lines("{}", steps, true, 0, expected);
}

#define TEXT_OF_(x) #x
#define TEXT_OF(x)  TEXT_OF_(x)
#define HELLO       "{\"hello\":" TEXT_OF(RF_HOST_PROTOCOL) "}\n"
#define EVENT(type, version, data)                                                                 \
    "{\"event\":\"" type "\",\"version\":" version "," AT ",\"data\":" data "}"
#define COMMAND(name, data) "{\"command\":\"" name "\"," AT ",\"data\":" data "}"
#define STATE               "{\"state\":true}"

Test(dispatch_loop, applies_events_and_shows_the_state)
{
    expect(EVENT("Took", "1", "{ \"a\":1.0}") "," STATE "," EVENT("Took", "5", "[]") "," STATE,
           HELLO "{\"step\":0,\"event\":0}\n"
                 "{\"step\":1,\"snapshot\":true}\n"
                 "{\"step\":1,\"state\":{\"count\":1,\"last\":\"{ \\\"a\\\":1.0}\",\"real\":0,"
                 "\"version\":1}}\n"
                 "{\"step\":2,\"event\":0}\n"
                 "{\"step\":3,\"snapshot\":true}\n"
                 "{\"step\":3,\"state\":{\"count\":2,\"last\":\"[]\",\"real\":0,\"version\":5}}\n"
                 "{\"end\":4}\n");
}

Test(dispatch_loop, ends_at_an_event_that_is_refused)
{
    expect(EVENT("Refused", "1", "{}") "," STATE,
           HELLO "{\"step\":0,\"event\":0}\n"
                 "{\"step\":0,\"event\":0,\"refused\":\"Refused: no\"}\n");
    expect(EVENT("Other", "1", "{}") "," STATE,
           HELLO "{\"step\":0,\"event\":0}\n"
                 "{\"step\":0,\"event\":0,\"refused\":\"unhandled type Other\"}\n");
}

Test(dispatch_loop, tells_the_aggregate_what_the_command_is)
{
    expect(EVENT("Took", "7", "{}") "," COMMAND("Whatever", "{}"),
           HELLO "{\"step\":0,\"event\":0}\n"
                 "{\"step\":1,\"handle\":true}\n"
                 "{\"step\":1,\"made\":[{\"type\":\"Took\",\"data\":[15,7,946684800,1,\"a\","
                 "\"Whatever\",1]}]}\n"
                 "{\"step\":1,\"event\":0}\n"
                 "{\"end\":2}\n");
}

#define EMITS(texts) COMMAND("Emit", "{\"emit\":[" texts "]}")

Test(dispatch_loop, applies_what_a_command_makes)
{
    expect(EMITS("\"{\\\"type\\\":\\\"Took\\\",\\n\\\"data\\\":{\\\"b\\\":1.50,\\n\\\"a\\\":0}}\","
                 "\" {\\\"type\\\":\\\"Took\\\"}\"") "," STATE "," EMITS("") "," STATE,
           HELLO "{\"step\":0,\"handle\":true}\n"
                 "{\"step\":0,\"made\":[{\"type\":\"Took\",\"data\":{\"b\":1.50, \"a\":0}},"
                 "{\"type\":\"Took\",\"data\":{}}]}\n"
                 "{\"step\":0,\"event\":0}\n"
                 "{\"step\":0,\"event\":1}\n"
                 "{\"step\":1,\"snapshot\":true}\n"
                 "{\"step\":1,\"state\":{\"count\":2,\"last\":\"{}\",\"real\":0,\"version\":2}}\n"
                 "{\"step\":2,\"handle\":true}\n"
                 "{\"step\":2,\"made\":[]}\n"
                 "{\"step\":3,\"snapshot\":true}\n"
                 "{\"step\":3,\"state\":{\"count\":2,\"last\":\"{}\",\"real\":0,\"version\":2}}\n"
                 "{\"end\":4}\n");
}

Test(dispatch_loop, completes_data_as_the_envelope_would_hold_it)
{
    expect_lines(
        MEMBERS,
        EVENT("Took", "3", "{\"x\":1}") "," STATE
                                        "," EMITS("\"{\\\"type\\\":\\\"Took\\\"}\","
                                                  "\"{\\\"type\\\":\\\"Took\\\",\\\"data\\\":"
                                                  "{\\\"At\\\":0,\\\"z\\\":2}}\","
                                                  "\"{\\\"type\\\":\\\"Took\\\",\\\"data\\\":7}\""),
        false, 0,
        HELLO "{\"step\":0,\"event\":0}\n"
              "{\"step\":1,\"snapshot\":true}\n"
              "{\"step\":1,\"state\":{\"count\":1,\"last\":\"{\\\"ID\\\":\\\"a\\\\n\\\","
              "\\\"Version\\\":3,\\\"At\\\":\\\"2000-01-01T00:00:00Z\\\",\\\"x\\\":1}\","
              "\"real\":0,\"version\":3}}\n"
              "{\"step\":2,\"handle\":true}\n"
              "{\"step\":2,\"made\":["
              "{\"type\":\"Took\",\"data\":{\"ID\":\"a\\n\",\"Version\":4,"
              "\"At\":\"2000-01-01T00:00:00Z\"}},"
              "{\"type\":\"Took\",\"data\":{\"ID\":\"a\\n\",\"Version\":5,\"At\":0,\"z\":2}},"
              "{\"type\":\"Took\",\"data\":7}]}\n"
              "{\"step\":2,\"event\":0}\n"
              "{\"step\":2,\"event\":1}\n"
              "{\"step\":2,\"event\":2}\n"
              "{\"end\":3}\n");
}

Test(dispatch_loop, goes_on_behind_a_refusal)
{
    expect(COMMAND("Refuse", "{\"emit\":[\"{\\\"type\\\":\\\"Took\\\"}\"]}") "," STATE,
           HELLO "{\"step\":0,\"handle\":true}\n"
                 "{\"step\":0,\"refused\":\"n\xc3\xb6\"}\n"
                 "{\"step\":1,\"snapshot\":true}\n"
                 "{\"step\":1,\"state\":{\"count\":0,\"real\":0,\"version\":0}}\n"
                 "{\"end\":2}\n");
}

Test(dispatch_loop, ends_where_apply_refuses_what_a_command_made)
{
    expect(EMITS("\"{\\\"type\\\":\\\"Took\\\"}\",\"{\\\"type\\\":\\\"Refused\\\"}\","
                 "\"{\\\"type\\\":\\\"Took\\\"}\"") "," STATE,
           HELLO "{\"step\":0,\"handle\":true}\n"
                 "{\"step\":0,\"made\":[{\"type\":\"Took\",\"data\":{}},{\"type\":\"Refused\","
                 "\"data\":{}},{\"type\":\"Took\",\"data\":{}}]}\n"
                 "{\"step\":0,\"event\":0}\n"
                 "{\"step\":0,\"event\":1}\n"
                 "{\"step\":0,\"event\":1,\"refused\":\"Refused: no\"}\n");
}

static void
expect_broken(const char *command, const char *sentence)
{
    struct rf_buf expected = {0};
    rf_buf_format(&expected, HELLO "{\"step\":0,\"handle\":true}\n{\"step\":0,\"broken\":\"%s\"}\n",
                  sentence);
    expect(command, rf_buf_text(&expected));
    rf_buf_done(&expected);
}

Test(dispatch_loop, tells_answers_that_may_not_be)
{
    expect_broken(COMMAND("Return", "{}"), "handle returned -3");
    expect_broken(COMMAND("Both", "{}"),
                  "handle called refold_reject, and did not return what it returned");
    expect_broken(EMITS("\"\""),
                  "event 1 that handle emitted is no JSON: byte 0: expected a value, "
                  "but the text ends here");
    expect_broken(
        EMITS("\"{\\\"type\\\":\\\"Took\\\"}\",\"{}{}\""),
        "event 2 that handle emitted is no JSON: byte 2: expected nothing behind the value, "
        "found byte 0x7b");
    expect_broken(EMITS("\"[]\""), "event 1 that handle emitted is no JSON object");
    expect_broken(EMITS("\"{\\\"data\\\":{}}\""),
                  "event 1 that handle emitted has no \\\"type\\\" that is a string");
    expect_broken(EMITS("\"{\\\"type\\\":1}\""),
                  "event 1 that handle emitted has no \\\"type\\\" that is a string");
    expect_broken(EMITS("\"{\\\"type\\\":\\\"\\\"}\""),
                  "event 1 that handle emitted has a \\\"type\\\" that is not 1 to 1024 bytes");
    expect_broken(EMITS("\"{\\\"type\\\":\\\"Took\\\",\\\"at\\\":1}\""),
                  "event 1 that handle emitted has other members than one \\\"type\\\" and one "
                  "\\\"data\\\"");
    expect_broken(EMITS("\"{\\\"type\\\":\\\"Took\\\",\\\"type\\\":\\\"Took\\\"}\""),
                  "event 1 that handle emitted has other members than one \\\"type\\\" and one "
                  "\\\"data\\\"");
}

Test(dispatch_loop, tells_a_state_without_json)
{
    expect(EVENT("Unreal", "1", "{}") "," STATE "," STATE,
           HELLO "{\"step\":0,\"event\":0}\n"
                 "{\"step\":1,\"snapshot\":true}\n"
                 "{\"step\":1,\"broken\":\"the state holds a NaN or infinity at /real\"}\n");
}

Test(dispatch_loop, ends_where_the_request_is_none)
{
    expect_lines("{}", "{\"event\":\"Took\"}", false, 3, HELLO);
    expect_lines("[]", "", false, 3, "");
    expect_lines("{}", "}", false, 3, "");
    expect_lines("{}", EVENT("Took", "1.5", "{}"), false, 3, HELLO);
    expect_lines("{}", "{\"command\":\"Emit\",\"at\":\"noon\",\"data\":{}}", false, 3, HELLO);
}

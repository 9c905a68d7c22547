/* SPDX-License-Identifier: MIT */
/* What is left out of a scenario is filled in, and what cannot be played is told. */
#include "scenario/settle.h"

#include "base/time.h"
#include "tests/scenario/support.h"

static char *order_types[] = {(char *)"OrderApproved", (char *)"OrderCreated",
                              (char *)"OrderShipped"};
static char *order_commands[] = {(char *)"ApproveOrder", (char *)"CreateOrder"};
static char *any_types[] = {(char *)"A"};
static char *any_commands[] = {(char *)"Do"};

static const struct rf_build order = {.name = (char *)"order",
                                      .types = order_types,
                                      .type_count = 3,
                                      .commands = order_commands,
                                      .command_count = 2};
static const struct rf_build any = {.name = (char *)"any",
                                    .types = any_types,
                                    .type_count = 1,
                                    .takes_all = true,
                                    .commands = any_commands,
                                    .command_count = 1,
                                    .handles_all = true};
static const struct rf_build mute = {.name = (char *)"mute", .types = any_types, .type_count = 1};

static const struct rf_cast casts[] = {{&order, 1}, {&any, 0}, {&mute, 1}};

static rf_code
settle(struct rf_scenarios *all, const char *text, const char *envelope, size_t cast_count,
       const struct rf_cast **ret, struct rf_err *err)
{
    struct rf_envelope parsed = {0};
    struct rf_own_members members;
    parse(text, all);
    cr_assert_eq(rf_envelope_parse(envelope, &parsed, err), RF_OK, "%s", err->text);
    rf_own_members_make(&parsed, &members);
    rf_envelope_done(&parsed);
    rf_code code = rf_scenario_settle(&all->items[0], casts, cast_count, &members, ret, err);
    rf_own_members_done(&members);
    return code;
}

static void
settles(struct rf_scenarios *all, const char *text, const char *envelope, size_t cast_count)
{
    struct rf_err err = {0};
    const struct rf_cast *cast = NULL;
    cr_assert_eq(settle(all, text, envelope, cast_count, &cast, &err), RF_OK, "%s: %s", err.where,
                 err.text);
    cr_assert_not_null(cast);
}

static void
fails(const char *text, const char *envelope, size_t cast_count, const char *where,
      const char *sentence)
{
    struct rf_scenarios all;
    struct rf_err err = {0};
    const struct rf_cast *cast = NULL;
    cr_expect_eq(settle(&all, text, envelope, cast_count, &cast, &err), RF_ERR_USAGE, "%s", text);
    cr_expect_str_eq(err.where, where, "%s: %s", err.where, err.text);
    cr_expect_not_null(strstr(err.text, sentence), "'%s' is not in '%s'", sentence, err.text);
    rf_scenarios_done(&all);
}

static void
expect_time(const struct rf_scenario_line *line, const char *expected)
{
    char text[RF_TIME_TEXT_BYTES];
    (void)rf_time_print(line->at, text);
    cr_expect(line->timed);
    cr_expect_str_eq(text, expected);
}

#define S "scenario: s\n"

Test(scenario_settle, fills_in_ids_versions_and_times)
{
    struct rf_scenarios all;
    settles(&all,
            S "given OrderCreated\ngiven OrderApproved at 2017-06-22T10:11:12+02:00\n"
              "given OrderShipped\nwhen ApproveOrder\nthen refused\n"
              "when CreateOrder at 2018-01-01T00:00:00Z\nwhen CreateOrder\nstate exactly {}",
            "auto", 1);
    const struct rf_scenario *one = &all.items[0];
    cr_expect_str_eq(one->id, "1");
    expect_time(&one->given.items[0], "2000-01-01T00:00:00Z");
    expect_time(&one->given.items[1], "2017-06-22T08:11:12Z");
    expect_time(&one->given.items[2], "2017-06-22T08:11:12Z");
    expect_time(one->acts[1].command, "2017-06-22T08:11:12Z");
    expect_time(one->acts[2].command, "2018-01-01T00:00:00Z");
    expect_time(one->acts[3].command, "2018-01-01T00:00:00Z");
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(one->given.items[i].version, (int64_t)i + 1);
    }
    rf_scenarios_done(&all);
}

Test(scenario_settle, takes_what_the_data_says)
{
    struct rf_scenarios all;
    settles(&all,
            S "given OrderCreated {\"ID\": \"x\\u0079\", \"Version\": 3, \"At\": 1500000000}\n"
              "given OrderCreated {\"ID\": \"xy\", \"At\": \"2017-08-01T00:00:00Z\"}\n"
              "given OrderCreated {\"Version\": \"9\"}\n"
              "when CreateOrder {\"ID\": \"xy\", \"Version\": \"any\"}\nstate exactly {}",
            "eventsource", 1);
    const struct rf_scenario *one = &all.items[0];
    cr_expect_str_eq(one->id, "xy");
    expect_time(&one->given.items[0], "2017-07-14T02:40:00Z");
    expect_time(&one->given.items[1], "2017-08-01T00:00:00Z");
    cr_expect_eq(one->given.items[0].version, 3);
    cr_expect_eq(one->given.items[1].version, 4);
    cr_expect_eq(one->given.items[2].version, 9);
    rf_scenarios_done(&all);
}

Test(scenario_settle, asks_the_envelope_where_these_are)
{
    struct rf_scenarios all;
    /* flat: beside the data; of pointers only those right below it. */
    settles(&all, S "given OrderCreated {\"ID\": 5.5, \"At\": \"noon\"}\nstate exactly {}", "flat",
            1);
    cr_expect_str_eq(all.items[0].id, "1");
    rf_scenarios_done(&all);
    settles(&all, S "given OrderCreated {\"no\": 17, \"ID\": true}\nstate exactly {}",
            "id=/body/no,type=/t,version=/body/meta/v,data=/body", 1);
    cr_expect_str_eq(all.items[0].id, "17");
    rf_scenarios_done(&all);
    settles(&all, S "given OrderCreated {\"no\": \"a\", \"at\": 5}\nstate exactly {}",
            "id=/no,type=/t,at=/at", 1);
    cr_expect_str_eq(all.items[0].id, "a");
    expect_time(&all.items[0].given.items[0], "1970-01-01T00:00:05Z");
    rf_scenarios_done(&all);
}

Test(scenario_settle, versions_begin_where_the_config_says)
{
    struct rf_scenarios all;
    settles(&all, S "aggregate any\ngiven A\ngiven A\nstate exactly {}", "auto", 3);
    cr_expect_eq(all.items[0].given.items[0].version, 0);
    cr_expect_eq(all.items[0].given.items[1].version, 1);
    rf_scenarios_done(&all);
}

Test(scenario_settle, tells_data_that_contradicts)
{
    fails(S "given OrderCreated {\"ID\": 1.5}\nstate exactly {}", "auto", 1, "f:2",
          "its ID is no id");
    fails(S "given OrderCreated {\"ID\": \"\"}\nstate exactly {}", "auto", 1, "f:2",
          "its ID is no id");
    fails(S "given OrderCreated {\"ID\": \"a\\u0000\"}\nstate exactly {}", "auto", 1, "f:2",
          "is no id");
    fails(S "given OrderCreated {\"ID\": null}\nstate exactly {}", "auto", 1, "f:2",
          "its ID is no id");
    fails(S "id b\ngiven OrderCreated {\"ID\": \"a\"}\nstate exactly {}", "auto", 1, "f:3",
          "its ID is another one than 'b'");
    fails(S
          "given OrderCreated {\"ID\": \"a\"}\nwhen CreateOrder {\"ID\": \"b\"}\nstate exactly {}",
          "auto", 1, "f:3", "its ID is another one than 'a'");
    fails(S "given OrderCreated {\"Version\": \"one\"}\nstate exactly {}", "auto", 1, "f:2",
          "its Version is no version");
    fails(S "given OrderCreated {\"Version\": \"1-2\"}\nstate exactly {}", "auto", 1, "f:2",
          "its Version is no version");
    fails(S "given OrderCreated {\"Version\": 1.0}\nstate exactly {}", "auto", 1, "f:2",
          "is no version");
    fails(S "given OrderCreated {\"Version\": 0}\nstate exactly {}", "auto", 1, "f:2",
          "its version is 0, and 1 comes next");
    fails(S "given OrderCreated\ngiven OrderCreated {\"Version\": 1}\nstate exactly {}", "auto", 1,
          "f:3", "its version is 1, and 2 comes next");
    fails(S "given OrderCreated {\"Version\": 9223372036854775807}\nstate exactly {}", "auto", 1,
          "f:2",
          "its version is 9223372036854775807, and 4611686018427387903 the highest that a scenario "
          "may begin with");
    fails(S "given OrderCreated {\"Version\": 9223372036854775808}\nstate exactly {}", "auto", 1,
          "f:2", "its Version is no version");
    fails(S "given OrderCreated {\"At\": \"noon\"}\nstate exactly {}", "auto", 1, "f:2",
          "its At is no time");
    fails(S "given OrderCreated {\"At\": true}\nstate exactly {}", "auto", 1, "f:2",
          "its At is no time");
    fails(S "given OrderCreated at 2017-01-01T00:00:00Z {\"At\": 0}\nstate exactly {}", "auto", 1,
          "f:2", "its At and its 'at' are two times");
}

Test(scenario_settle, tells_events_that_no_history_has)
{
    struct rf_scenarios all;
    const char *const forms[] = {"[1]", "[{\"ID\":\"1\"}]", "\"x\"", "7", "null"};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char text[200];
        (void)snprintf(text, sizeof(text), S "given OrderCreated %s\nstate exactly {}", forms[i]);
        fails(text, "eventsource", 1, "f:2",
              "its data is no object, and the envelope has ID in it; of another envelope tell "
              "with -e");
        settles(&all, text, "flat", 1);
        rf_scenarios_done(&all);
    }
    /* A command is no record. */
    settles(&all, S "when CreateOrder [1]\nthen refused", "eventsource", 1);
    rf_scenarios_done(&all);
}

Test(scenario_settle, tells_names_that_are_not_declared)
{
    fails(S "given OrderCreatd\nstate exactly {}", "auto", 1, "f:2",
          "order does not declare the event type 'OrderCreatd'; did you mean OrderCreated?");
    fails(S "when CreateOrder\nthen OrdrShipped", "auto", 1, "f:3", "did you mean OrderShipped?");
    fails(S "when CreateOrder\nthen Nothing", "auto", 1, "f:3",
          "order does not declare the event type 'Nothing'");
    /* A command that is merely misspelt must not pass for one that is refused. */
    fails(S "when AproveOrder\nthen refused", "auto", 1, "f:2",
          "order does not declare the command 'AproveOrder'; did you mean ApproveOrder?");
    fails(S "aggregate mute\nwhen Do\nthen refused", "auto", 3, "f:3",
          "mute takes no commands: it has no handle (in C REFOLD_AGGREGATE_COMMANDS names one, "
          "in C++ REFOLD_CLASS_COMMANDS, in Go refold.Handle, in Rust handles)");
}

Test(scenario_settle, a_star_declares_everything)
{
    struct rf_scenarios all;
    settles(&all, S "aggregate any\ngiven X\nwhen Y\nthen Z", "auto", 2);
    rf_scenarios_done(&all);
}

Test(scenario_settle, needs_to_know_the_aggregate)
{
    fails(S "state exactly {}", "auto", 2, "f:1",
          "2 aggregates are loaded: say which one, 'aggregate order'");
    fails(S "aggregate ordr\nstate exactly {}", "auto", 2, "f:1",
          "aggregate 'ordr' is not loaded; did you mean order?");
    fails(S "aggregate something\nstate exactly {}", "auto", 1, "f:1",
          "aggregate 'something' is not loaded");
}

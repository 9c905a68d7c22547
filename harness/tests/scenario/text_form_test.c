/* SPDX-License-Identifier: MIT */
/* The text form: what is read, and that every mistake is told with its line. */
#include "tests/scenario/support.h"

Test(scenario_text, reads_every_word)
{
    struct rf_scenarios all;
    parse("# a comment\n"
          "aggregate order\n"
          "\n"
          "scenario:  an order  \t\r\n"
          "  id a b\n"
          "given Created\n"
          "\tgiven \"Item added\" at 2017-06-22T10:11:12Z { \"Qty\": 1 }\r\n"
          "state {\"a\": []}\n"
          "when Ship{\"By\": null}\n"
          "then Shipped\n"
          "then exactly Sent {\"a\":\n\n"
          "  [1,\n"
          "   2]}\n"
          "state exactly [0]\n"
          "when Ship\n"
          "then refused\n"
          "when Ship\n"
          "then refused \"n\\u00f6\"\n"
          "when Ship\n"
          "then nothing\n"
          "scenario:x\n"
          "aggregate other\n"
          "state 0",
          &all);
    cr_assert_eq(all.count, 2);
    const struct rf_scenario *one = &all.items[0];
    cr_expect_str_eq(one->name, "an order");
    cr_expect_str_eq(one->aggregate, "order");
    cr_expect_str_eq(one->id, "a b");
    cr_expect_eq(one->number, 4);
    cr_assert_eq(one->given.count, 2);
    cr_expect_str_eq(one->given.items[0].name, "Created");
    cr_expect_null(one->given.items[0].data);
    cr_expect_not(one->given.items[0].timed);
    const struct rf_scenario_line *given = &one->given.items[1];
    cr_expect_str_eq(given->name, "Item added");
    cr_expect_str_eq(given->data, "{ \"Qty\": 1 }");
    cr_expect(given->timed && given->at.seconds == 1498126272 && given->number == 7);
    cr_assert_eq(one->act_count, 5);
    cr_expect(one->acts[0].command == NULL && one->acts[0].states.count == 1);
    const struct rf_act *act = &one->acts[1];
    cr_expect_str_eq(act->command->name, "Ship");
    cr_expect_str_eq(act->command->data, "{\"By\": null}");
    cr_assert_eq(act->thens.count, 2);
    cr_expect(!act->thens.items[0].exactly && act->thens.items[1].exactly);
    cr_expect_str_eq(act->thens.items[1].data, "{\"a\":\n\n  [1,\n   2]}");
    cr_expect_eq(act->thens.items[1].number, 11);
    cr_assert_eq(act->states.count, 1);
    cr_expect(act->states.items[0].exactly && act->states.items[0].number == 15);
    cr_expect_eq(one->acts[2].thens.items[0].word, RF_SCENARIO_REFUSED);
    cr_expect_null(one->acts[2].thens.items[0].name);
    cr_expect_str_eq(one->acts[3].thens.items[0].name, "n\xc3\xb6");
    cr_expect_eq(one->acts[4].thens.items[0].word, RF_SCENARIO_NOTHING);
    cr_expect_str_eq(all.items[1].aggregate, "other");
    rf_scenarios_done(&all);
}

Test(scenario_text, quotes_make_any_name_a_name)
{
    static const char *const names[] = {"nothing", "refused", "exactly", "{ \n"};
    struct rf_scenarios all;
    parse("\xef\xbb\xbfscenario: s\nwhen \"at\" at 2017-06-22T10:11:12Z\nthen \"nothing\"\n"
          "then \"refused\" {}\nthen exactly \"exactly\"\nthen \"{ \\n\"",
          &all);
    const struct rf_act *act = &all.items[0].acts[1];
    cr_expect_str_eq(act->command->name, "at");
    cr_assert_eq(act->thens.count, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(act->thens.items[i].name, names[i]);
        cr_expect_eq(act->thens.items[i].word, RF_SCENARIO_THEN);
    }
    rf_scenarios_done(&all);
}

Test(scenario_text, comments_stand_behind_lines_too)
{
    struct rf_scenarios all;
    parse("scenario: s # 1 \n"
          "id a#b\n"
          "given A# # {\n"
          "given B {\"#\": \"# \"}#\n"
          "when C at 2017-06-22T10:11:12Z # {}\n"
          "then refused # \"x\"\n"
          "when C #\n"
          "then nothing # at all",
          &all);
    const struct rf_scenario *one = &all.items[0];
    cr_expect_str_eq(one->name, "s # 1");
    cr_expect_str_eq(one->id, "a#b");
    cr_expect_str_eq(one->given.items[0].name, "A#");
    cr_expect_null(one->given.items[0].data);
    cr_expect_str_eq(one->given.items[1].data, "{\"#\": \"# \"}");
    cr_expect_null(one->acts[1].thens.items[0].name);
    rf_scenarios_done(&all);
}

#define S "scenario: s\n"

Test(scenario_text, tells_unknown_words)
{
    refuses("Scenario: x", 1, "did you mean 'scenario:'?");
    refuses("scenario x", 1, "did you mean 'scenario:'?");
    refuses(S "givn A", 2, "'givn' is no word of a scenario; did you mean 'given'?");
    refuses(S "\n# c\n  Then A", 4, "did you mean 'then'?");
    refuses(S "given A\nand B", 3, "'and' is no word of a scenario: repeat the one of the line");
    refuses(S "But A", 2, "repeat the one of the line above");
    refuses(S "hypothetically A", 2, "a line begins with scenario:, aggregate, id, given, when");
    refuses(S "{\"a\":1}", 2, "'{\"a\":1}' is no word of a scenario: a line begins with");
}

Test(scenario_text, tells_lines_that_cannot_stand_there)
{
    refuses("given A", 1, "'given' stands in front of the first 'scenario:'");
    refuses("id 1\n" S, 1, "'id' stands in front of the first 'scenario:'");
    refuses("state 0", 1, "'state' stands in front of the first 'scenario:'");
    refuses(S "when C\ngiven A", 3, "'given' stands in front of 'when' and 'state'");
    refuses(S "state 0\ngiven A", 3, "'given' stands in front of 'when' and 'state'");
    refuses(S "given A\nthen B", 3, "'then' needs a 'when' in front of it");
    refuses(S "then nothing", 2, "'then' needs a 'when' in front of it");
    refuses(S "when C\nthen nothing\nthen A", 4, "'then nothing' stands alone");
    refuses(S "when C\nthen A\nthen nothing", 4, "'then nothing' stands alone");
    refuses(S "when C\nthen nothing\nthen nothing", 4, "'then nothing' stands alone");
    refuses(S "when C\nthen refused\nthen A", 4, "'then refused' stands alone");
    refuses(S "when C\nthen A\nthen refused", 4, "'then refused' stands alone");
    refuses(S "when C\nthen refused\nthen nothing", 4, "'then refused' stands alone");
    refuses("aggregate a\naggregate b", 2, "the aggregate stands twice");
    refuses(S "aggregate a\naggregate b", 3, "the aggregate stands twice");
    refuses(S "id a\nid a", 3, "the id stands twice");
}

Test(scenario_text, tells_scenarios_that_test_nothing)
{
    refuses("", 0, "holds no scenario");
    refuses("# only this\n\n", 0, "holds no scenario");
    refuses("aggregate order\n", 0, "holds no scenario");
    refuses("scenario: \n", 1, "a scenario needs a name");
    refuses("\n" S, 2, "the scenario tests nothing: it has neither 'then' nor 'state'");
    refuses(S "given A\n", 1, "the scenario tests nothing");
    refuses(S "given A\n" S "state 0", 1, "the scenario tests nothing");
    refuses(S "when C\nwhen D\n", 3, "nothing is expected behind the last 'when'");
    refuses(S "when C\nthen A\nwhen D\n", 4, "nothing is expected behind the last 'when'");
}

Test(scenario_text, tells_states_that_test_nothing)
{
    refuses(S "state {}", 2, "this 'state' tests nothing: no value is written in its JSON");
    refuses(S "given A\nstate { }\nwhen C\nthen B", 3, "this 'state' tests nothing");
    refuses(S "state {\"a\": {}}", 2, "this 'state' tests nothing");
    refuses(S "state {\"a\": {\"b\": {}}, \"c\": {}}", 2, "this 'state' tests nothing");
    /* Each of these can fail by a value. */
    static const char *const texts[] = {"exactly {}",
                                        "[]",
                                        "{\"a\":[]}",
                                        "null",
                                        "{\"a\":null}",
                                        "{\"a\":{\"b\":[{}]}}",
                                        "{\"a\":{},\"b\":\"\"}",
                                        "exactly {\"a\":{}}"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char text[100];
        struct rf_scenarios all;
        (void)snprintf(text, sizeof(text), S "state %s", texts[i]);
        parse(text, &all);
        cr_expect_eq(all.count, 1, "%s", texts[i]);
        rf_scenarios_done(&all);
    }
}

Test(scenario_text, tells_what_is_missing_or_too_much)
{
    refuses(S "given", 2, "an event's type is missing");
    refuses(S "when  ", 2, "a command's name is missing");
    refuses(S "when C\nthen", 3, "an event's type is missing");
    refuses(S "when C\nthen exactly", 3, "an event's type is missing");
    refuses(S "given \"\"", 2, "an event's type is 1 to 1024 bytes long, not 0");
    refuses(S "given # A", 2, "an event's type is missing");
    refuses(S "state # {}", 2, "the state's JSON is missing");
    refuses(S "state", 2, "the state's JSON is missing");
    refuses(S "state exactly", 2, "the state's JSON is missing");
    refuses(S "id", 2, "the id is 1 to 4096 bytes of text");
    refuses("aggregate\n", 1, "the aggregate is 1 to 1024 bytes of text");
    refuses(S "given A at", 2, "'' is no RFC 3339 time");
    refuses(S "given A at noon {}", 2, "'noon' is no RFC 3339 time such as");
    refuses(S "when C\nthen A at 2017-06-22T10:11:12Z", 3, "bad JSON");
    refuses(S "given A {} x", 2, "this is too much at its end: x");
    refuses(S "given A {} at 2017-06-22T10:11:12Z", 2, "'at' stands in front of the JSON");
    refuses(S "when C\nthen nothing A", 3, "this is too much at its end: A");
    refuses(S "when C\nthen refused no", 3, "stands in \"quotes\"");
    refuses(S "when C\nthen refused \"a\" b", 3, "this is too much at its end: b");
}

Test(scenario_text, tells_bad_json_where_it_is)
{
    refuses(S "given A {\"a\" 1}", 2, "bad JSON: ");
    refuses(S "given A x", 2, "bad JSON: ");
    refuses(S "given A {\"a\":\n\n  1,,}", 4, "bad JSON (it begins further up): ");
    refuses(S "given A {\"a\": 1\nwhen C\nthen A", 3, "bad JSON (it begins further up): ");
    refuses(S "given A {\"a\":\n 1", 2, "the JSON that begins here does not end");
    refuses(S "given \"A", 2, "the JSON that begins here does not end");
    refuses(S "given A {\"a\": 1, \"a\": 1}", 2, "a key stands twice in its JSON");
    refuses(S "state {\"a\": 2500000000000000000077}", 2,
            "its JSON holds a number with more digits than 64 bits or a double hold");
    refuses(S "state {\"a\": {\"b\": [{\"c\": 1, \"c\": 2}]}}", 2, "a key stands twice");
    refuses(S "state {\"a\": 1e999}", 2, "a number that is not finite");
    refuses(S "given A {\"a\": \"\xff\"}", 2, "is not text in UTF-8 (byte 27)");
    refuses_bytes(S "given A\0", 21, 2, "is not text in UTF-8 (byte 19)");
}

Test(scenario_text, keeps_line_numbers_behind_json_of_many_lines)
{
    refuses(S "given A {\n\n}\ngivn", 5, "'givn'");
    refuses(S "given A\r\ngiven A {\r\n}\r\n\r\nstat {}", 6, "did you mean 'state'?");
}

Test(scenario_text, names_may_be_long_but_not_longer)
{
    char text[1200];
    struct rf_scenarios all;
    int head = snprintf(text, sizeof(text), S "state 1\n" S "given ");
    memset(text + head, 'a', 1024);
    (void)snprintf(text + head + 1024, 100, "\nstate 1");
    parse(text, &all);
    cr_expect_eq(all.items[1].given.items[0].name_bytes, 1024);
    rf_scenarios_done(&all);
    memset(text + head, 'a', 1025);
    (void)snprintf(text + head + 1025, 100, "\nstate 1");
    refuses(text, 4, "an event's type is 1 to 1024 bytes long, not 1025");
}

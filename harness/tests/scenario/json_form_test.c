/* SPDX-License-Identifier: MIT */
/* The JSON form: what is read, and that every mistake is told with its line. */
#include "tests/scenario/support.h"

Test(scenario_json, reads_every_word)
{
    struct rf_scenarios all;
    parse("\n{\"$schema\": \"x\", \"aggregate\": \"order\", \"scenarios\": [\n"
          "  {\"scenario\": \"an order\", \"id\": \"a\", \"steps\": [\n"
          "    {\"given\": \"Created\", \"at\": \"2017-06-22T10:11:12Z\", \"data\": {\"a\": 0}},\n"
          "    {\"when\": \"Ship\", \"data\": [1]},\n"
          "    {\"then\": \"Shipped\", \"exactly\": true},\n"
          "    {\"then\": \"Sent\", \"data\": {\"b\": null}, \"exactly\": false},\n"
          "    {\"state\": {\"c\": \"\"}, \"exactly\": true},\n"
          "    {\"when\": \"Ship\"}, {\"refused\": \"no\"},\n"
          "    {\"when\": \"Ship\"}, {\"refused\": true},\n"
          "    {\"when\": \"Ship\"}, {\"nothing\": true}]},\n"
          "  {\"steps\": [{\"state\": 0}], \"aggregate\": \"other\", \"scenario\": \"second\"}]}\n",
          &all);
    cr_assert_eq(all.count, 2);
    const struct rf_scenario *one = &all.items[0];
    cr_expect_str_eq(one->name, "an order");
    cr_expect_str_eq(one->aggregate, "order");
    cr_expect_str_eq(one->id, "a");
    cr_assert(one->given.count == 1 && one->act_count == 5);
    cr_expect_str_eq(one->given.items[0].data, "{\"a\": 0}");
    cr_expect(one->given.items[0].timed && one->given.items[0].number == 4);
    cr_expect_str_eq(one->acts[1].command->data, "[1]");
    cr_assert_eq(one->acts[1].thens.count, 2);
    cr_expect(one->acts[1].thens.items[0].exactly && !one->acts[1].thens.items[1].exactly);
    cr_expect_str_eq(one->acts[1].thens.items[1].data, "{\"b\": null}");
    cr_expect(one->acts[1].states.items[0].exactly && one->acts[1].states.items[0].number == 8);
    cr_expect_str_eq(one->acts[2].thens.items[0].name, "no");
    cr_expect_null(one->acts[3].thens.items[0].name);
    cr_expect_eq(one->acts[4].thens.items[0].word, RF_SCENARIO_NOTHING);
    cr_expect_eq(one->acts[4].command->number, 11);
    cr_expect_str_eq(all.items[1].aggregate, "other");
    cr_expect(all.items[1].number == 12 && all.items[1].acts[0].states.items[0].number == 12);
    rf_scenarios_done(&all);
}

/* One scenario whose steps are these. */
#define STEPS(steps) "{\"scenarios\":\n[{\"scenario\":\"s\",\n\"steps\":[\n" steps "]}]}"

Test(scenario_json, asks_numbers_of_a_state_alone_to_be_exact)
{
    struct rf_scenarios all;
    parse(STEPS("{\"given\": \"A\", \"data\": {\"a\": 0.12345678901234567890123}},\n"
                "{\"state\": {\"b\": [0.5]}},\n"
                "{\"when\": \"C\", \"data\": {\"a\": 0.12345678901234567890123}},\n"
                "{\"nothing\": true}"),
          &all);
    cr_expect_eq(all.count, 1);
    rf_scenarios_done(&all);
    refuses(STEPS("{\"given\": \"A\"},\n{\"state\": {\"b\": [0.12345678901234567890123]}}"), 5,
            "a number with more digits than 64 bits or a double hold");
}

Test(scenario_json, tells_what_is_no_scenario)
{
    refuses("{\n\"scenarios\": [,]}", 2, "bad JSON: ");
    refuses("{}", 1, "a file of scenarios needs \"scenarios\", which is an array");
    refuses("{\"scenarios\": {}}", 1, "needs \"scenarios\"");
    refuses("{\"scenarios\": []}", 0, "holds no scenario");
    refuses("{\n\"scenario\": []}", 2,
            "a file of scenarios has no \"scenario\"; did you mean \"scenarios\"?");
    refuses("{\"scenarios\": [\n7]}", 2, "a scenario is an object");
    refuses("{\"scenarios\": [\n{}]}", 2, "a scenario needs a name");
    refuses("{\"scenarios\": [\n{\"scenario\": \"\"}]}", 2, "a scenario's name is 1 to 1024 bytes");
    refuses("{\"scenarios\": [\n{\"scenario\": \"a\\u0000\"}]}", 2, "a scenario's name is 1 to");
    refuses("{\"scenarios\": [\n{\"scenario\": 1}]}", 2, "\"scenario\" is a string");
    refuses("{\"scenarios\": [\n{\"scenario\": \"a\", \"id\": 1}]}", 2, "\"id\" is a string");
    refuses("{\"scenarios\": [\n{\"scenario\": \"a\"}]}", 2, "a scenario needs \"steps\"");
    refuses("{\"scenarios\": [\n{\"scenario\": \"a\", \"steps\": {}}]}", 2, "needs \"steps\"");
    refuses("{\"scenarios\": [\n{\"scenario\": \"a\",\n \"step\": []}]}", 3,
            "a scenario has no \"step\"; did you mean \"steps\"?");
    refuses("{\"scenarios\": [{\"scenario\": \"a\",\n \"id\": \"1\", \"id\": \"1\"}]}", 2,
            "\"id\" stands twice in a scenario");
}

Test(scenario_json, tells_what_is_no_step)
{
    refuses(STEPS("7"), 4, "a step is an object");
    refuses(STEPS("{}"), 4, "a step has one of \"given\", \"when\", \"then\"");
    refuses(STEPS("{\"data\": 1}"), 4, "a step has one of");
    refuses(STEPS("{\"gven\": \"A\"}"), 4, "a step has no \"gven\"; did you mean \"given\"?");
    refuses(STEPS("{\"zzzzzzzzzzzz\": \"A\"}"), 4, "a step has no \"zzzzzzzzzzzz\"");
    refuses(STEPS("{\"given\": \"A\", \"when\": \"B\"}"), 4,
            "a step is one thing, and this one is \"given\" and \"when\"");
    refuses(STEPS("{\"given\": \"A\",\n\"exactly\": true}"), 5, "a \"given\" has no \"exactly\"");
    refuses(STEPS("{\"when\": \"A\"},{\"then\": \"B\", \"at\": \"x\"}"), 4,
            "a \"then\" has no \"at\"");
    refuses(STEPS("{\"state\": {}, \"data\": 1}"), 4, "a \"state\" has no \"data\"");
    refuses(STEPS("{\"when\": \"A\"},\n{\"refused\": false}"), 5, "\"refused\" is the text of");
    refuses(STEPS("{\"when\": \"A\"},\n{\"nothing\": 1}"), 5, "\"nothing\" is true");
    refuses(STEPS("{\"given\": 1}"), 4, "\"given\" is a string");
    refuses(STEPS("{\"given\": \"\"}"), 4, "an event's type is 1 to 1024 bytes long, not 0");
    refuses(STEPS("{\"when\": \"\"}"), 4, "a command's name is 1 to 1024 bytes long, not 0");
    refuses(STEPS("{\"given\": \"A\", \"at\": 5}"), 4, "'' is no RFC 3339 time");
    refuses(STEPS("{\"given\": \"A\", \"at\": \"noon\"}"), 4, "'noon' is no RFC 3339 time");
    refuses(STEPS("{\"state\": 1, \"exactly\": 1}"), 4, "\"exactly\" is true or false");
    refuses(STEPS("{\"state\": {\"a\": 1, \"a\": 2}}"), 4, "a key stands twice in its JSON");
    refuses(STEPS("{\"given\": \"A\", \"data\": 1e400}"), 4, "not finite");
}

Test(scenario_json, has_the_order_of_the_text_form)
{
    refuses(STEPS("{\"given\": \"A\"}"), 2, "the scenario tests nothing");
    refuses(STEPS(""), 2, "the scenario tests nothing");
    refuses(STEPS("{\"state\": {}}"), 4, "this 'state' tests nothing");
    refuses(STEPS("{\"state\": {\"a\": {}}, \"exactly\": false}"), 4, "this 'state' tests nothing");
    refuses(STEPS("{\"then\": \"A\"}"), 4, "'then' needs a 'when' in front of it");
    refuses(STEPS("{\"when\": \"A\"},\n{\"refused\": true},\n{\"then\": \"B\"}"), 6,
            "'then refused' stands alone");
    refuses(STEPS("{\"when\": \"A\"},\n{\"given\": \"B\"}"), 5,
            "'given' stands in front of 'when'");
}

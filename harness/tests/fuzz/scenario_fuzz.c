/* SPDX-License-Identifier: MIT */
/*
 * A file of scenarios, in its text or its JSON form. What is accepted, written in the JSON form and
 * read again, says the same; what is refused says in which line and why.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "scenario/read.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/seeds.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"scenario: ",       "\nscenario: b\n",
                                  "given A ",         "\ngiven B\n",
                                  "when C ",          "\nwhen C\n",
                                  "then D ",          "\nthen D\n",
                                  "then exactly ",    "then nothing\n",
                                  "then refused",     "\nstate {}\n",
                                  "state exactly ",   " at 2017-06-22T10:12:00Z",
                                  "id 7\n",           "aggregate order\n",
                                  "# no\n",           "\"given\":",
                                  "\"when\":",        "\"then\":",
                                  "\"steps\":[",      "\"exactly\":true",
                                  "\"nothing\":true", "\"refused\":true",
                                  "\"state\":{}",     "\"at\":\"2017-06-22T10:12:00Z\"",
                                  "\"data\":",        NULL};

const char *
fuzz_against(void)
{
    return "the JSON form";
}

/* ---- writing the JSON form ------------------------------------------------------------------- */

static void
put_member(struct rf_buf *out, const char *name, const char *text, size_t bytes)
{
    rf_buf_format(out, "\"%s\":", name);
    rf_canon_string(out, text, bytes);
}

static void
put_line(struct rf_buf *out, const struct rf_scenario_line *line)
{
    static const char *const words[] = {
        [RF_SCENARIO_GIVEN] = "given", [RF_SCENARIO_WHEN] = "when", [RF_SCENARIO_THEN] = "then"};
    rf_buf_string(out, out->bytes[out->used - 1] == '[' ? "{" : ",{");
    switch (line->word) {
    case RF_SCENARIO_REFUSED:
        if (line->name != NULL) {
            put_member(out, "refused", line->name, line->name_bytes);
        } else {
            rf_buf_string(out, "\"refused\":true");
        }
        break;
    case RF_SCENARIO_NOTHING:
        rf_buf_string(out, "\"nothing\":true");
        break;
    case RF_SCENARIO_STATE:
        rf_buf_string(out, "\"state\":");
        rf_buf_add(out, line->data, line->data_bytes);
        break;
    default:
        put_member(out, words[line->word], line->name, line->name_bytes);
        if (line->data != NULL) {
            rf_buf_string(out, ",\"data\":");
            rf_buf_add(out, line->data, line->data_bytes);
        }
        break;
    }
    if (line->timed) {
        char at[RF_TIME_TEXT_BYTES];
        (void)rf_time_print(line->at, at);
        rf_buf_format(out, ",\"at\":\"%s\"", at);
    }
    rf_buf_string(out, line->exactly ? ",\"exactly\":true}" : "}");
}

static void
put_lines(struct rf_buf *out, const struct rf_scenario_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        put_line(out, &lines->items[i]);
    }
}

static void
put_scenario(struct rf_buf *out, const struct rf_scenario *scenario)
{
    rf_buf_string(out, "{");
    put_member(out, "scenario", scenario->name, strlen(scenario->name));
    if (scenario->aggregate != NULL) {
        rf_buf_string(out, ",");
        put_member(out, "aggregate", scenario->aggregate, strlen(scenario->aggregate));
    }
    if (scenario->id != NULL) {
        rf_buf_string(out, ",");
        put_member(out, "id", scenario->id, strlen(scenario->id));
    }
    rf_buf_string(out, ",\"steps\":[");
    put_lines(out, &scenario->given);
    for (size_t i = 0; i < scenario->act_count; i++) {
        if (scenario->acts[i].command != NULL) {
            put_line(out, scenario->acts[i].command);
        }
        put_lines(out, &scenario->acts[i].thens);
        put_lines(out, &scenario->acts[i].states);
    }
    rf_buf_string(out, "]}");
}

static void
put_all(struct rf_buf *out, const struct rf_scenarios *scenarios)
{
    rf_buf_clear(out);
    rf_buf_string(out, "{\"scenarios\":[");
    for (size_t i = 0; i < scenarios->count; i++) {
        rf_buf_string(out, i == 0 ? "" : ",");
        put_scenario(out, &scenarios->items[i]);
    }
    rf_buf_string(out, "]}");
}

/* ---- the target ------------------------------------------------------------------------------ */

void
fuzz_begin(struct seeds *seeds)
{
    static const char *const made[] = {
        "aggregate order\nscenario: all words\nid 6f1c\ngiven OrderCreated at "
        "2017-06-22T10:11:12Z\ngiven OrderItemAdded {\"Qty\": 2,\n \"PriceCents\": 0} # why\n"
        "state {\"items\": 1}\nwhen ApproveOrder at 2017-06-23T00:00:00Z {\"By\": \"ann\"}\n"
        "then exactly OrderApproved\nwhen ShipOrder\nthen OrderShipped {\"ID\": \"6f1c\"}\n"
        "then \"odd name\"\nwhen ShipOrder\nthen refused \"order is not approved\"\nwhen Ship\n"
        "then refused\nstate exactly {\"a\":[1,{}]}\nwhen ShipOrder\nthen nothing\n",
        "# a comment\n\nscenario: one\ngiven A\nstate null\n\nscenario: two\nwhen B\nthen C\n",
        "{\"$schema\":\"x\",\"aggregate\":\"order\",\"scenarios\":[{\"scenario\":\"all words\","
        "\"id\":\"6f1c\",\"steps\":[{\"given\":\"OrderCreated\",\"at\":\"2017-06-22T10:11:12Z\"},"
        "{\"given\":\"OrderItemAdded\",\"data\":{\"Qty\":2}},{\"state\":{\"items\":1}},{\"when\":"
        "\"ApproveOrder\",\"data\":{}},{\"then\":\"OrderApproved\",\"exactly\":true},{\"when\":"
        "\"Ship\"},{\"refused\":\"no\"},{\"when\":\"Ship\"},{\"refused\":true},{\"state\":1,"
        "\"exactly\":true},{\"when\":\"Ship\"},{\"nothing\":true}]}]}",
    };
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        seeds_add(seeds, made[i], strlen(made[i]));
        seeds_add(seeds, made[i], strlen(made[i]));
    }
    seeds_add_folder(seeds, "fixtures/hostile/scenario", 100);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static struct rf_buf first, second;
    const char *text = (const char *)input;
    struct rf_scenarios scenarios = {0}, again = {0};
    struct rf_err err = {0};
    rf_code code = rf_scenarios_parse("f.scenario", text, bytes, &scenarios, &err);
    if (code == RF_OK) {
        put_all(&first, &scenarios);
        if (rf_scenarios_parse("f.json", first.bytes, first.used, &again, &err) != RF_OK) {
            fuzz_fail(text, bytes, "its JSON form is refused: %s: %.*s", err.text, (int)first.used,
                      first.bytes);
        }
        put_all(&second, &again);
        fuzz_expect(text, bytes,
                    first.used == second.used && memcmp(first.bytes, second.bytes, first.used) == 0,
                    "its JSON form says something else");
    } else {
        fuzz_expect(text, bytes, code == RF_ERR_USAGE && err.text[0] != '\0',
                    "refused without a word");
    }
    rf_scenarios_done(&scenarios);
    rf_scenarios_done(&again);
    fuzz_count(code == RF_OK ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    return 0;
}

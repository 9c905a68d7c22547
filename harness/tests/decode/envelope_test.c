/* SPDX-License-Identifier: MIT */
/* Tests of decode/envelope.c. */
#include "decode/envelope.h"

#include <criterion/criterion.h>
#include <string.h>

/** Whether a part's pointer has these steps; `steps` ends in NULL. */
static bool
has_steps(const struct rf_envelope *envelope, enum rf_envelope_part part, const char *const *steps)
{
    const struct rf_pointer *pointer = &envelope->parts[part];
    uint32_t count = 0;
    for (; steps[count] != NULL; count++) {
        if (count >= pointer->count || strcmp(pointer->steps[count], steps[count]) != 0 ||
            pointer->step_bytes[count] != strlen(steps[count])) {
            return false;
        }
    }
    return pointer->set && pointer->count == count;
}

#define STEPS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

Test(envelope, knows_the_table_of_the_contract)
{
    struct rf_envelope envelope;
    cr_assert_eq(rf_envelope_parse("eventsource", &envelope, NULL), RF_OK);
    cr_expect_eq(envelope.kind, RF_ENVELOPE_EVENTSOURCE);
    cr_expect(has_steps(&envelope, RF_PART_ID, STEPS("d", "ID")));
    cr_expect_not(envelope.parts[RF_PART_AGGREGATE].set);
    cr_expect(has_steps(&envelope, RF_PART_VERSION, STEPS("d", "Version")));
    cr_expect(has_steps(&envelope, RF_PART_TYPE, STEPS("t")));
    cr_expect(has_steps(&envelope, RF_PART_AT, STEPS("d", "At")));
    cr_expect(has_steps(&envelope, RF_PART_DATA, STEPS("d")));
    cr_expect_not(envelope.parts[RF_PART_EID].set);
    rf_envelope_done(&envelope);

    cr_assert_eq(rf_envelope_parse("flat", &envelope, NULL), RF_OK);
    cr_expect_eq(envelope.kind, RF_ENVELOPE_FLAT);
    cr_expect(has_steps(&envelope, RF_PART_ID, STEPS("aggregateId")));
    cr_expect(has_steps(&envelope, RF_PART_AGGREGATE, STEPS("aggregateType")));
    cr_expect(has_steps(&envelope, RF_PART_VERSION, STEPS("version")));
    cr_expect(has_steps(&envelope, RF_PART_TYPE, STEPS("type")));
    cr_expect(has_steps(&envelope, RF_PART_AT, STEPS("at")));
    cr_expect(has_steps(&envelope, RF_PART_DATA, STEPS("data")));
    cr_expect(has_steps(&envelope, RF_PART_EID, STEPS("id")));
    rf_envelope_done(&envelope);

    cr_assert_eq(rf_envelope_parse("auto", &envelope, NULL), RF_OK);
    cr_expect_eq(envelope.kind, RF_ENVELOPE_AUTO);
    rf_envelope_done(&envelope);
}

Test(envelope, names_every_kind)
{
    cr_expect_str_eq(rf_envelope_name(RF_ENVELOPE_EVENTSOURCE), "eventsource");
    cr_expect_str_eq(rf_envelope_name(RF_ENVELOPE_FLAT), "flat");
    cr_expect_str_eq(rf_envelope_name(RF_ENVELOPE_CUSTOM), "custom");
    cr_expect_str_eq(rf_envelope_name(RF_ENVELOPE_AUTO), "auto");
}

Test(envelope, reads_pointers_of_rfc_6901)
{
    struct rf_envelope envelope;
    cr_assert_eq(rf_envelope_parse("type=/a~1b/m~0n,id=//x,version=/1/2/3/4/5/6/7/8,eid=/~01",
                                   &envelope, NULL),
                 RF_OK);
    cr_expect_eq(envelope.kind, RF_ENVELOPE_CUSTOM);
    cr_expect(has_steps(&envelope, RF_PART_TYPE, STEPS("a/b", "m~n")));
    cr_expect(has_steps(&envelope, RF_PART_ID, STEPS("", "x")));
    cr_expect(has_steps(&envelope, RF_PART_VERSION, STEPS("1", "2", "3", "4", "5", "6", "7", "8")));
    cr_expect(has_steps(&envelope, RF_PART_EID, STEPS("~1")));
    cr_expect_not(envelope.parts[RF_PART_AT].set);
    cr_expect_not(envelope.parts[RF_PART_AGGREGATE].set);
    cr_expect(envelope.parts[RF_PART_DATA].set, "by default the data is the whole record");
    cr_expect_eq(envelope.parts[RF_PART_DATA].count, 0);
    rf_envelope_done(&envelope);

    cr_assert_eq(rf_envelope_parse("id=/i,type=/t,data=", &envelope, NULL), RF_OK);
    cr_expect(envelope.parts[RF_PART_DATA].set && envelope.parts[RF_PART_DATA].count == 0);
    rf_envelope_done(&envelope);
}

Test(envelope, refuses_what_it_cannot_use_and_says_why)
{
    static const struct {
        const char *spec;
        const char *says;
    } rows[] = {
        {"", "'' is neither a known name nor key=/pointer"},
        {"eventsorce", "'eventsorce' is neither a known name"},
        {"cloudevent", "possible are auto, eventsource, flat, cloudevents, eventbridge"},
        {"custom", "'custom' is neither a known name"},
        {"Flat", "'Flat' is neither a known name"},
        {"id=/a,typ=/b", "unknown key 'typ'; possible are"},
        {"id=/a,type=/b,", "'' is neither a known name nor key=/pointer"},
        {"id=/a,,type=/b", "'' is neither a known name nor key=/pointer"},
        {"type=/b", "has no pointer for id"},
        {"id=/b", "has no pointer for type"},
        {"id=/a,id=/b,type=/c", "the key 'id' occurs twice"},
        {"id=a,type=/b", "'a' is not a JSON pointer"},
        {"id=/a~2,type=/b", "in the pointer '/a~2' a ~ must be followed by 0 or 1"},
        {"id=/a~,type=/b", "in the pointer '/a~' a ~ must be followed by 0 or 1"},
        {"id=,type=/b", "'id' cannot be the whole record"},
        {"id=/1/2/3/4/5/6/7/8/9,type=/b", "has more than 8 steps"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_envelope envelope;
        struct rf_err err;
        cr_expect_eq(rf_envelope_parse(rows[i].spec, &envelope, &err), RF_ERR_USAGE, "%s",
                     rows[i].spec);
        cr_expect(strstr(err.text, rows[i].says) != NULL, "%s: %s", rows[i].spec, err.text);
        rf_envelope_done(&envelope);
    }
}

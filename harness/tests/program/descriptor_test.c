/* SPDX-License-Identifier: MIT */
/* What a program may say of itself. */
#include "program/descriptor.h"

#include <string.h>

#include <criterion/criterion.h>

#include "base/buf.h"

#define ONE "{\"name\":\"a\",\"state_version\":1,\"types\":[\"X\"]"

static void
refuse(const char *json, const char *sentence)
{
    struct rf_descriptor descriptor;
    struct rf_err err;
    cr_expect_eq(rf_descriptor_read(json, strlen(json), &descriptor, &err), RF_ERR_USAGE, "%s",
                 json);
    cr_expect_str_eq(err.text, sentence);
    rf_descriptor_done(&descriptor);
}

/** An aggregate's object with one more member. */
static void
refuse_member(const char *member, const char *sentence)
{
    struct rf_buf json = {0};
    struct rf_buf whole = {0};
    rf_buf_format(&json, "{\"protocol\":1,\"aggregates\":[" ONE ",%s}]}", member);
    rf_buf_format(&whole, "describes itself wrongly: a: %s", sentence);
    refuse(rf_buf_text(&json), rf_buf_text(&whole));
    rf_buf_done(&json);
    rf_buf_done(&whole);
}

Test(program_descriptor, all_members_are_read)
{
    static const char json[] =
        "{\"protocol\":1,\"speaker\":\"s\",\"more\":[],\"aggregates\":[{\"types\":[\"*\",\"A\"],"
        "\"name\":\"order\",\"state_version\":7,\"commands\":[\"C\"],\"restores\":true,"
        "\"identifies\":true,\"upcasts\":true,\"checks\":true,\"shape\":{\"kind\":9,\"fields\":["
        "{\"name\":\"m\",\"kind\":11,\"fields\":[{\"kind\":3}]}]}}," ONE "}]}";
    struct rf_descriptor descriptor;
    cr_assert_eq(rf_descriptor_read(json, strlen(json), &descriptor, NULL), RF_OK);
    cr_assert_eq(descriptor.member_count, 2);
    const struct rf_descriptor_member *order = &descriptor.members[0];
    cr_expect_str_eq(order->name, "order");
    cr_expect_eq(order->state_version, 7);
    cr_expect(order->type_count == 2 && strcmp(order->types[0], "*") == 0);
    cr_expect(order->command_count == 1 && strcmp(order->commands[0], "C") == 0);
    cr_expect(order->restores && order->identifies && order->upcasts && order->checks);
    cr_expect_str_eq(order->json,
                     "{\"checks\":true,\"commands\":[\"C\"],\"identifies\":true,\"name\":\"order\","
                     "\"restores\":true,\"shape\":{\"fields\":[{\"fields\":[{\"kind\":3}],\"kind\":"
                     "11,\"name\":\"m\"}],\"kind\":9},\"state_version\":7,\"types\":[\"*\",\"A\"],"
                     "\"upcasts\":true}");
    const struct rf_descriptor_member *plain = &descriptor.members[1];
    cr_expect(plain->commands == NULL && !plain->restores && !plain->checks);
    rf_descriptor_done(&descriptor);
}

Test(program_descriptor, what_is_no_hello_is_told)
{
    refuse("", "describes itself wrongly: its HELLO is no JSON: byte 0: expected a value, but "
               "the text ends here");
    refuse("[]", "describes itself wrongly: its HELLO is no object");
    refuse("{}", "describes itself wrongly: it does not say which protocol it speaks");
    refuse("{\"protocol\":\"1\"}",
           "describes itself wrongly: it does not say which protocol it speaks");
    refuse("{\"protocol\":2}", "speaks version 2 of the worker protocol, and this refold speaks 1");
    refuse("{\"protocol\":1}", "describes itself wrongly: it has no list of aggregates");
    refuse("{\"protocol\":1,\"aggregates\":[]}",
           "describes itself wrongly: it has no list of aggregates");
    refuse("{\"protocol\":1,\"aggregates\":[5]}",
           "describes itself wrongly: aggregate 0 of its list is no object");
    refuse("{\"protocol\":1,\"aggregates\":[" ONE "}," ONE "}]}",
           "describes itself wrongly: a: it is in its list twice");
    refuse("{\"protocol\":1,\"aggregates\":[{\"name\":\".a\"}]}",
           "describes itself wrongly: the name of aggregate 0 of its list is not 1 to 100 of A-Z "
           "a-z 0-9 . _ -, no dot in front, no .pending behind");
    refuse("{\"protocol\":1,\"aggregates\":[{\"name\":\"a.pending\"}]}",
           "describes itself wrongly: the name of aggregate 0 of its list is not 1 to 100 of A-Z "
           "a-z 0-9 . _ -, no dot in front, no .pending behind");
    refuse("{\"protocol\":1,\"aggregates\":[{\"name\":\"a\\u0000b\"}]}",
           "describes itself wrongly: the name of aggregate 0 of its list is not 1 to 100 of A-Z "
           "a-z 0-9 . _ -, no dot in front, no .pending behind");
    refuse("{\"protocol\":1,\"aggregates\":[{\"name\":\"a\"}]}",
           "describes itself wrongly: a: its state_version is no number of 32 bits");
    refuse("{\"protocol\":1,\"aggregates\":[{\"name\":\"a\",\"state_version\":1}]}",
           "describes itself wrongly: a: it has no list of types");
}

Test(program_descriptor, each_member_is_of_its_kind)
{
    refuse_member("\"other\":1", "an unknown member");
    refuse_member("\"restores\":true,\"restores\":false", "a member twice");
    refuse_member("\"restores\":1", "\"restores\" is neither true nor false");
    refuse_member("\"commands\":[]", "it has no list of commands");
    refuse_member("\"commands\":[\"\"]", "the name of a command is not 1 to 1024 bytes of text");
    refuse_member("\"commands\":[\"A\",\"B\",\"A\"]", "it declares the command A twice");
    refuse_member("\"shape\":5", "a field of its shape is no object");
    refuse_member("\"shape\":{\"kind\":12}", "a field of its shape is of an unknown kind");
    refuse_member("\"shape\":{\"kind\":9}", "a struct, list or map of its shape without fields");
    refuse_member("\"shape\":{\"kind\":10,\"fields\":[]}",
                  "a list or map of its shape without its one element");
    refuse_member("\"shape\":{\"kind\":3,\"fields\":[]}", "a plain field has fields");
    refuse_member("\"shape\":{\"name\":\"x\",\"kind\":9,\"fields\":[]}",
                  "a field of its shape without a name, or an element with one");
    refuse_member("\"shape\":{\"kind\":9,\"fields\":[{\"kind\":1}]}",
                  "a field of its shape without a name, or an element with one");
}

Test(program_descriptor, a_shape_is_not_endless)
{
    struct rf_buf member = {0};
    rf_buf_string(&member, "\"shape\":");
    for (int i = 0; i < 70; i++) {
        rf_buf_string(&member, "{\"kind\":10,\"fields\":[");
    }
    rf_buf_string(&member, "{\"kind\":1}");
    for (int i = 0; i < 70; i++) {
        rf_buf_string(&member, "]}");
    }
    refuse_member(rf_buf_text(&member), "its shape is deeper than 64");
    rf_buf_done(&member);
}

/* SPDX-License-Identifier: MIT */
/* The JSON report: what jansson reads back is what was found. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>

#include "model.h"

static json_t *
write_report(const struct model *model, struct rf_buf *text)
{
    rf_report_format_find("json")->write(&model->report, text);
    cr_assert_eq(text->bytes[text->used - 1], '\n');
    json_error_t error;
    json_t *root =
        json_loadb(text->bytes, text->used, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    cr_assert(root != NULL, "%s in line %d", error.text, error.line);
    return root;
}

static void
expect_text(json_t *value, const char *bytes, size_t count)
{
    cr_assert(json_is_string(value));
    cr_expect_eq(json_string_length(value), count);
    cr_expect(count == json_string_length(value) &&
              memcmp(json_string_value(value), bytes, count) == 0);
}

static json_t *
at(json_t *array, size_t index)
{
    json_t *item = json_array_get(array, index);
    cr_assert(item != NULL);
    return item;
}

static json_int_t
number(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    cr_assert(json_is_integer(value), "%s", key);
    return json_integer_value(value);
}

Test(report_json, has_every_member_of_the_contract)
{
    static const char *const history[] = {
        "objects",       "read",      "unreadable", "foreign",   "records",       "expanded",
        "events",        "malformed", "empty",      "withdrawn", "unselected",    "unclaimed",
        "duplicates",    "conflicts", "skipped",    "unhandled", "rejected",      "unfolded",
        "covered",       "folded",    "bytes",      "beyond",    "gaps",          "odd_names",
        "repeated_keys", "envelopes", "first",      "last",      "foreign_names", "waived"};
    static const char *const members[] = {
        "format",      "verb",         "verdict",    "exit",
        "changed",     "damaged",      "incomplete", "nothing",
        "untrusted",   "unwritten",    "internal",   "proof",
        "history",     "aggregates",   "clusters",   "differences_total",
        "differences", "damage_total", "damage",     "unloaded",
        "conduct",     "warnings",     "timing"};
    struct model model;
    struct rf_buf text = {0};
    model_same(&model);
    json_t *root = write_report(&model, &text);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        cr_expect(json_object_get(root, members[i]) != NULL, "%s", members[i]);
    }
    cr_expect_eq(json_object_size(root), sizeof(members) / sizeof(members[0]));
    json_t *part = json_object_get(root, "history");
    for (size_t i = 0; i < sizeof(history) / sizeof(history[0]); i++) {
        cr_expect(json_object_get(part, history[i]) != NULL, "%s", history[i]);
    }
    cr_expect_eq(json_object_size(part), sizeof(history) / sizeof(history[0]));
    cr_expect_eq(number(part, "folded"), 4120);
    cr_expect_str_eq(json_string_value(json_object_get(part, "last")), "2017-06-22T10:11:12.123Z");
    json_t *proof = json_object_get(root, "proof");
    cr_expect_str_eq(json_string_value(json_object_get(proof, "history")),
                     "0000000000001234ffffffffffffffff");
    cr_expect_str_eq(json_string_value(json_object_get(proof, "sandbox")), "unknown");
    json_decref(root);
    rf_buf_done(&text);
}

/* The report differs in its timing alone: the folder of a compiled build is another each time. */
Test(report_json, two_runs_differ_in_timing_alone)
{
    struct model model;
    struct rf_buf first = {0};
    struct rf_buf second = {0};
    model_hostile(&model);
    json_t *one = write_report(&model, &first);
    model.report.seconds = 99;
    model.report.peak_bytes = 1;
    model.build.file = TEXT("/another/folder/file.so");
    json_t *two = write_report(&model, &second);
    cr_expect_not(json_equal(one, two));
    (void)json_object_del(one, "timing");
    (void)json_object_del(two, "timing");
    cr_expect(json_equal(one, two));
    json_decref(one);
    json_decref(two);
    rf_buf_done(&first);
    rf_buf_done(&second);
}

Test(report_json, hostile_text_comes_back_as_it_was)
{
    struct model model;
    struct rf_buf text = {0};
    model_hostile(&model);
    json_t *root = write_report(&model, &text);
    json_t *cluster = at(json_object_get(root, "clusters"), 1);
    static const char id[] = HOSTILE_UTF8 "\0z";
    expect_text(at(json_object_get(cluster, "samples"), 0), id, sizeof(id) - 1);
    expect_text(json_object_get(cluster, "event"), id, sizeof(id) - 1);
    expect_text(json_object_get(cluster, "from"), HOSTILE_UTF8, sizeof(HOSTILE_UTF8) - 1);
    cr_expect(json_object_get(cluster, "to") == NULL);
    json_t *difference = at(json_object_get(root, "differences"), 1);
    expect_text(json_object_get(difference, "id"), id, sizeof(id) - 1);
    json_t *suspect = json_object_get(difference, "suspect");
    expect_text(json_object_get(suspect, "type"), id, sizeof(id) - 1);
    cr_expect_eq(number(difference, "changes_total"), 300);
    cr_expect_str_eq(json_string_value(json_object_get(difference, "cause")), "data");
    json_t *value = json_object_get(at(json_object_get(difference, "changes"), 1), "value");
    cr_expect_float_eq(json_real_value(json_object_get(value, HOSTILE_UTF8)), 1e21, 1);
    json_t *removed = at(json_object_get(difference, "changes"), 2);
    cr_expect(json_object_get(removed, "value") == NULL);
    expect_text(json_object_get(removed, "old"), HOSTILE_UTF8, sizeof(HOSTILE_UTF8) - 1);
    json_t *damage = at(json_object_get(root, "damage"), 0);
    /* A file's name may be no UTF-8: its bad byte is replaced. */
    static const char object[] = "\"]]>\xEF\xBF\xBD\\";
    cr_expect(strstr(json_string_value(json_object_get(damage, "object")), object) != NULL);
    json_decref(root);
    rf_buf_done(&text);
}

/* No byte of it can do anything in a terminal, a build's log, HTML or JavaScript. */
Test(report_json, is_printable)
{
    struct model model;
    struct rf_buf text = {0};
    model_hostile(&model);
    json_t *root = write_report(&model, &text);
    for (size_t i = 0; i < text.used; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        cr_assert(byte == '\n' || (byte >= 0x20 && byte != 0x7F), "byte %zu is %02x", i, byte);
    }
    static const char *const never[] = {"\xC2\x9B", "\xE2\x80\xAE", "<", "##["};
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        cr_expect(strstr(rf_buf_text(&text), never[i]) == NULL, "%s", never[i]);
    }
    json_decref(root);
    rf_buf_done(&text);
}

Test(report_json, says_what_is_waived_and_what_is_cut)
{
    struct model model;
    struct rf_buf text = {0};
    model_hostile(&model);
    json_t *root = write_report(&model, &text);
    json_t *waived = json_object_get(json_object_get(root, "history"), "waived");
    cr_expect_eq(json_object_size(waived), 1);
    cr_expect_eq(number(waived, "conflict"), 1);
    cr_expect_eq(number(root, "damage_total"), 14);
    json_t *damages = json_object_get(root, "damage");
    for (size_t i = 0; i < json_array_size(damages); i++) {
        json_t *damage = at(damages, i);
        bool conflict = strcmp(json_string_value(json_object_get(damage, "kind")), "conflict") == 0;
        cr_expect_eq(json_is_true(json_object_get(damage, "waived")), conflict);
        cr_expect(json_is_false(json_object_get(damage, "known")));
    }
    json_t *unloaded = json_object_get(root, "unloaded");
    cr_expect_eq(json_array_size(unloaded), 1);
    cr_expect(json_is_string(at(unloaded, 0)));
    cr_expect_eq(number(root, "exit"), 3);
    cr_expect(json_is_true(json_object_get(root, "changed")));
    cr_expect(json_is_true(json_object_get(root, "damaged")));
    cr_expect_str_eq(json_string_value(json_object_get(root, "verdict")), "damaged");
    json_decref(root);
    rf_buf_done(&text);
}

Test(report_json, leaves_out_what_is_not_known)
{
    struct model model;
    struct rf_buf text = {0};
    model_changed(&model);
    model.differences[0].suspect.basis = RF_BASIS_NONE;
    model.differences[0].cause = RF_CAUSE_NONE;
    model.ingested.has_first = false;
    model.report.golden_digest[0] = '\0';
    json_t *root = write_report(&model, &text);
    json_t *difference = at(json_object_get(root, "differences"), 0);
    cr_expect(json_object_get(difference, "suspect") == NULL);
    cr_expect(json_object_get(difference, "cause") == NULL);
    cr_expect(json_object_get(difference, "message") == NULL);
    cr_expect(json_object_get(json_object_get(root, "history"), "first") == NULL);
    cr_expect(json_object_get(json_object_get(root, "proof"), "golden") == NULL);
    cr_expect(json_object_get(root, "blessed") == NULL);
    json_decref(root);
    rf_buf_done(&text);
}

/* Large counts and versions are exact. */
Test(report_json, keeps_integers_exact)
{
    struct model model;
    struct rf_buf text = {0};
    model_changed(&model);
    model.differences[0].version = INT64_MAX;
    model.differences[0].suspect.offset = (uint64_t)1 << 62;
    json_t *root = write_report(&model, &text);
    json_t *difference = at(json_object_get(root, "differences"), 0);
    cr_expect_eq(number(difference, "version"), INT64_MAX);
    cr_expect_eq(number(json_object_get(difference, "suspect"), "offset"), (json_int_t)1 << 62);
    json_decref(root);
    rf_buf_done(&text);
}

Test(report_json, of_a_run_that_ended_early_is_whole)
{
    struct rf_report report = {.verb = "run", .version = "0.1.0"};
    struct rf_buf text = {0};
    report.flags.incomplete = true;
    rf_report_json(&report, &text);
    json_t *root = json_loadb(text.bytes, text.used, 0, NULL);
    cr_assert(root != NULL);
    cr_expect_str_eq(json_string_value(json_object_get(root, "verdict")), "incomplete");
    cr_expect_eq(number(root, "exit"), 4);
    json_decref(root);
    rf_buf_done(&text);
}

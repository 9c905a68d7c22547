/* SPDX-License-Identifier: MIT */
/* The files of AWS's tools: sections, settings, comments, nesting, and what is no such file. */
#include "net/aws_profiles.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

static rf_code
parse(struct rf_profiles *profiles, const char *text, bool is_credentials, struct rf_err *reterr)
{
    return rf_profiles_parse(profiles, text, strlen(text), "FILE", is_credentials, reterr);
}

static void
expect(const struct rf_profiles *profiles, enum rf_profile_section section, const char *name,
       const char *key, const char *wanted)
{
    const struct rf_profile_entry *entry = rf_profiles_find(profiles, section, name, key);
    if (wanted == NULL) {
        cr_expect_null(entry, "%s/%s", name, key);
    } else {
        cr_assert_not_null(entry, "%s/%s", name, key);
        cr_expect_str_eq(entry->value, wanted, "%s/%s", name, key);
        cr_expect_str_eq(entry->path, "FILE");
    }
}

Test(aws_profiles, sections_are_told_apart)
{
    struct rf_profiles profiles = {0};
    struct rf_err err;
    cr_assert_eq(parse(&profiles,
                       "[default]\na=1\n[profile  x ]\na=2\n[x]\na=3\n[sso-session x]\na=4\n"
                       "[services x]\na=5\n[profile default]\nb=6\n[profile 'q r']\na=7\n"
                       "[profiles]\na=8\n",
                       false, &err),
                 RF_OK);
    expect(&profiles, RF_PROFILE, "default", "a", "1");
    expect(&profiles, RF_PROFILE, "default", "b", "6");
    expect(&profiles, RF_PROFILE, "x", "a", "2");
    expect(&profiles, RF_SSO_SESSION, "x", "a", "4");
    expect(&profiles, RF_SERVICES, "x", "a", "5");
    expect(&profiles, RF_PROFILE, "q r", "a", "7");
    cr_expect(!rf_profiles_have(&profiles, RF_PROFILE, "profiles"));
    cr_expect(rf_profiles_have(&profiles, RF_PROFILE, "q r"));
    rf_profiles_done(&profiles);
    cr_assert_eq(parse(&profiles, "[x]\na=1\n[profile y]\na=2\n", true, &err), RF_OK);
    expect(&profiles, RF_PROFILE, "x", "a", "1");
    expect(&profiles, RF_PROFILE, "y", "a", NULL);
    rf_profiles_done(&profiles);
}

Test(aws_profiles, the_last_word_counts_and_an_empty_one_is_none)
{
    struct rf_profiles profiles = {0};
    struct rf_err err;
    cr_assert_eq(parse(&profiles, "[default]\nregion=a\nKey=old\nempty=x\nempty=\n", false, &err),
                 RF_OK);
    cr_assert_eq(parse(&profiles, "[default]\nkey = new = 1 \r\n", true, &err), RF_OK);
    expect(&profiles, RF_PROFILE, "default", "region", "a");
    expect(&profiles, RF_PROFILE, "default", "key", "new = 1");
    expect(&profiles, RF_PROFILE, "default", "empty", NULL);
    expect(&profiles, RF_PROFILE, "default", "none", NULL);
    rf_profiles_done(&profiles);
}

Test(aws_profiles, comments_end_a_value_behind_a_blank_only)
{
    struct rf_profiles profiles = {0};
    struct rf_err err;
    cr_assert_eq(parse(&profiles, "# c\n; c\n \n[default] # c\na=1 # c\nb=1#2;3\nc=1\t; c\nd=#\n",
                       false, &err),
                 RF_OK);
    expect(&profiles, RF_PROFILE, "default", "a", "1");
    expect(&profiles, RF_PROFILE, "default", "b", "1#2;3");
    expect(&profiles, RF_PROFILE, "default", "c", "1");
    expect(&profiles, RF_PROFILE, "default", "d", "#");
    rf_profiles_done(&profiles);
}

Test(aws_profiles, indented_lines_belong_to_the_line_above)
{
    struct rf_profiles profiles = {0};
    struct rf_err err;
    cr_assert_eq(parse(&profiles,
                       "[services x]\ns3 =\n  endpoint_url = https://a\n  other=1\n"
                       "dynamodb=\n\tendpoint_url=https://b\nplain=1\n  2 = 3\n",
                       false, &err),
                 RF_OK);
    expect(&profiles, RF_SERVICES, "x", "s3.endpoint_url", "https://a");
    expect(&profiles, RF_SERVICES, "x", "s3.other", "1");
    expect(&profiles, RF_SERVICES, "x", "dynamodb.endpoint_url", "https://b");
    expect(&profiles, RF_SERVICES, "x", "endpoint_url", NULL);
    expect(&profiles, RF_SERVICES, "x", "plain", "1 2 = 3");
    rf_profiles_done(&profiles);
}

Test(aws_profiles, what_is_no_such_file_is_told_by_line_and_not_by_text)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"[default", "line 1: a section's name ends in ]"},
        {"\n\n[default]\ncanary\n", "line 4: is neither [section] nor key = value"},
        {"[default]\n=canary\n", "line 2: is neither [section] nor key = value"},
        {"[default]\ns3=\n  canary\n", "line 3: is neither [section] nor key = value"},
        {"canary=1", "line 1: a setting stands in front of the first [section]"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rf_profiles profiles = {0};
        struct rf_err err = {0};
        cr_expect_eq(parse(&profiles, cases[i].text, false, &err), RF_ERR_USAGE);
        cr_expect_str_eq(err.text, cases[i].wanted);
        cr_expect_str_eq(err.where, "FILE");
        rf_profiles_done(&profiles);
    }
}

Test(aws_profiles, sections_of_others_are_not_read)
{
    struct rf_profiles profiles = {0};
    struct rf_err err;
    cr_expect_eq(parse(&profiles, "[plugins]\nanything\n=\n[default]\na=1\n", false, &err), RF_OK);
    expect(&profiles, RF_PROFILE, "default", "a", "1");
    rf_profiles_done(&profiles);
}

Test(aws_profiles, a_file_that_is_not_there_says_nothing)
{
    struct rf_profiles profiles = {0};
    struct rf_err err;
    cr_expect_eq(rf_profiles_read(&profiles, "/nowhere/at/all", false, &err), RF_OK);
    cr_expect_eq(rf_profiles_read(&profiles, "/dev/null", false, &err), RF_OK);
    cr_expect_eq(rf_profiles_read(&profiles, "/", false, &err), RF_ERR_USAGE);
    cr_expect_eq(profiles.count, 0);
    rf_profiles_done(&profiles);
}

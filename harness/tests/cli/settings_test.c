/* SPDX-License-Identifier: MIT */
/* The commands that a report proposes: they do what was done, and take what the verb takes. */
#include <criterion/criterion.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/settings.h"

#define WORDS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define WORDS_MOST 64

/** The settings of `verb` with these words, in a folder without a config. */
static void
expect_again(unsigned verb, const char *const *words, const char *again, const char *again_run,
             const char *again_bless)
{
    struct rf_arguments arguments;
    struct rf_settings settings;
    struct rf_err err = {0};
    char *copies[WORDS_MOST];
    int count = 0;
    for (; words[count] != NULL; count++) {
        copies[count] = rf_strdup(words[count]);
    }
    char folder[] = "/tmp/refold-settings-XXXXXX";
    cr_assert(mkdtemp(folder) != NULL && chdir(folder) == 0);
    cr_assert_eq(rf_arguments_parse(count, copies, verb, &arguments, &err), RF_OK, "%s", err.text);
    cr_assert_eq(rf_settings_make(&arguments, verb, &settings, &err), RF_OK, "%s", err.text);
    cr_expect_str_eq(settings.again, again);
    cr_expect_str_eq(settings.again_run, again_run);
    cr_expect_str_eq(settings.again_bless, again_bless);
    rf_settings_done(&settings);
    rf_arguments_done(&arguments);
    while (count > 0) {
        free(copies[--count]);
    }
    cr_assert(rmdir(folder) == 0);
}

Test(settings, next_commands_repeat_what_decides)
{
    expect_again(RF_VERB_RUN,
                 WORDS("h", "--ignore", "/a", "--at-head", "-a", "x.so", "-v", "--until",
                       "2026-07-01", "--id", "1", "-j2", "--ignore=file:/b", "-e", "flat",
                       "--keep-partial", "-g", "golden", "--as-of", "2026-07-01T00:00:00Z", "-a",
                       "y.so", "--require-golden", "--color=never", "--memory=1G", "--timeout=3",
                       "more", "--id=2", "-r", "json"),
                 "-a x.so -a y.so -g golden -e flat --until 2026-07-01 --as-of "
                 "2026-07-01T00:00:00Z --id 1 --id 2 --ignore /a --ignore file:/b --at-head "
                 "--require-golden --keep-partial --timeout 3 h more",
                 "-a x.so -a y.so -g golden -e flat --until 2026-07-01 --as-of "
                 "2026-07-01T00:00:00Z --ignore /a --ignore file:/b --at-head --require-golden "
                 "--keep-partial --timeout 3 h more",
                 "-a x.so -a y.so -g golden -e flat --until 2026-07-01 --as-of "
                 "2026-07-01T00:00:00Z --id 1 --id 2 --keep-partial --timeout 3 h more");
}

/* Without a golden a comparison would end with 2; without --ci a bless would be refused in CI. */
Test(settings, next_commands_keep_the_mode)
{
    expect_again(RF_VERB_RUN, WORDS("--no-compare", "-a", "x.so", "h"), "-a x.so --no-compare h",
                 "-a x.so --no-compare h", "-a x.so h");
    expect_again(RF_VERB_BLESS, WORDS("--ci", "-a", "x.so", "h"), "-a x.so --ci h", "-a x.so h",
                 "-a x.so --ci h");
}

/** The one of the settings' proposals that is asked for. */
static void
expect_proposal(unsigned verb, const char *const *words, size_t offset, const char *want)
{
    struct rf_arguments arguments;
    struct rf_settings settings;
    struct rf_err err = {0};
    char *copies[WORDS_MOST];
    char *got;
    int count = 0;
    for (; words[count] != NULL; count++) {
        copies[count] = rf_strdup(words[count]);
    }
    cr_assert_eq(rf_arguments_parse(count, copies, verb, &arguments, &err), RF_OK, "%s", err.text);
    cr_assert_eq(rf_settings_make(&arguments, verb, &settings, &err), RF_OK, "%s", err.text);
    memcpy(&got, (const char *)&settings + offset, sizeof(got));
    cr_expect_str_eq(got, want);
    rf_settings_done(&settings);
    rf_arguments_done(&arguments);
    while (count > 0) {
        free(copies[--count]);
    }
}

/* A review compares as the run did; what a dry run told is written by the same without it. */
Test(settings, next_commands_of_a_part_compare_in_the_same_way)
{
    const size_t review = offsetof(struct rf_settings, again_review);
    const size_t bless = offsetof(struct rf_settings, again_bless);
    const size_t again = offsetof(struct rf_settings, again);
    expect_proposal(RF_VERB_RUN, WORDS("--at-head", "--ignore=/a", "-a", "x.so", "h"), review,
                    "-a x.so --ignore /a --at-head h");
    expect_proposal(RF_VERB_BLESS, WORDS("--dry-run", "--ignore=/a", "-a", "x.so", "h"), bless,
                    "-a x.so h");
    expect_proposal(RF_VERB_BLESS, WORDS("--dry-run", "--ignore=/a", "-a", "x.so", "h"), review,
                    "-a x.so --ignore /a h");
    expect_proposal(
        RF_VERB_BLESS,
        WORDS("--dry-run", "--ignore=/a", "--cluster=1", "--reason=so", "-a", "x.so", "h"), bless,
        "-a x.so --ignore /a --cluster 1 --reason so h");
    expect_proposal(RF_VERB_BLESS, WORDS("--dry-run", "--review", "-a", "x.so", "h"), again,
                    "-a x.so --review --dry-run h");
}

Test(settings, next_commands_are_quoted)
{
    expect_again(
        RF_VERB_RUN, WORDS("-a", "my order.so", "--id", "it's; $(rm x)", "--", "-odd", "a b"),
        "-a 'my order.so' --id 'it'\\''s; $(rm x)' -- -odd 'a b'", "-a 'my order.so' -- -odd 'a b'",
        "-a 'my order.so' --id 'it'\\''s; $(rm x)' -- -odd 'a b'");
    expect_again(RF_VERB_RUN, WORDS("-a", "x.so", "-"), "-a x.so -", "-a x.so -", "-a x.so -");
}

/* What the environment gives holds for the next command too. */
Test(settings, next_commands_leave_out_the_environment)
{
    cr_assert(setenv("REFOLD_AGGREGATE", "x.so", 1) == 0);
    cr_assert(setenv("REFOLD_ID", "1", 1) == 0);
    cr_assert(setenv("REFOLD_AT_HEAD", "1", 1) == 0);
    expect_again(RF_VERB_RUN, WORDS("h"), "h", "h", "h");
}

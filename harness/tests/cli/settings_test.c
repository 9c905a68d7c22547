/* SPDX-License-Identifier: MIT */
/* The commands that a report proposes: they do what was done, and take what the verb takes. */
#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
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

/** What a command line becomes, in a folder without a config. */
struct made {
    struct rf_arguments arguments;
    struct rf_settings settings;
    char *copies[WORDS_MOST];
    int count;
    char folder[40];
    rf_code code;
    struct rf_err err;
};

static void
make(struct made *made, unsigned verb, const char *const *words)
{
    memset(made, 0, sizeof(*made));
    for (; words[made->count] != NULL; made->count++) {
        made->copies[made->count] = rf_strdup(words[made->count]);
    }
    (void)snprintf(made->folder, sizeof(made->folder), "/tmp/refold-settings-XXXXXX");
    cr_assert(mkdtemp(made->folder) != NULL && chdir(made->folder) == 0);
    cr_assert_eq(rf_arguments_parse(made->count, made->copies, verb, &made->arguments, &made->err),
                 RF_OK, "%s", made->err.text);
    made->code = rf_settings_make(&made->arguments, verb, &made->settings, &made->err);
}

static void
unmake(struct made *made)
{
    rf_settings_done(&made->settings);
    rf_arguments_done(&made->arguments);
    while (made->count > 0) {
        free(made->copies[--made->count]);
    }
    cr_assert(rmdir(made->folder) == 0);
}

static void
expect_again(unsigned verb, const char *const *words, const char *again, const char *again_run,
             const char *again_bless)
{
    struct made made;
    make(&made, verb, words);
    cr_assert_eq(made.code, RF_OK, "%s", made.err.text);
    cr_expect_str_eq(made.settings.again, again);
    cr_expect_str_eq(made.settings.again_run, again_run);
    cr_expect_str_eq(made.settings.again_bless, again_bless);
    unmake(&made);
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
    /* What is certified is all of it. */
    expect_proposal(RF_VERB_BLESS, WORDS("--certify", "-a", "x.so", "h"), again,
                    "-a x.so --certify h");
    expect_proposal(RF_VERB_BLESS, WORDS("--certify", "--dry-run", "-a", "x.so", "h"), bless,
                    "-a x.so --certify h");
    expect_proposal(RF_VERB_BLESS, WORDS("--certify", "-a", "x.so", "h"), review, "-a x.so h");
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

/* ---- compare --------------------------------------------------------------------------------- */

static void
expect_again_of_compare(const char *const *words, const char *again, const char *again_show)
{
    struct made made;
    make(&made, RF_VERB_COMPARE, words);
    cr_assert_eq(made.code, RF_OK, "%s", made.err.text);
    cr_expect_str_eq(made.settings.again, again);
    cr_expect_str_eq(made.settings.again_show, again_show);
    unmake(&made);
}

Test(settings, compare_has_two_builds_and_then_sources)
{
    struct made made;
    make(&made, RF_VERB_COMPARE, WORDS("base.so", "-q", "HEAD:head.c", "h", "more"));
    cr_assert_eq(made.code, RF_OK, "%s", made.err.text);
    cr_assert(made.settings.plugin_count == 1 && made.settings.source_count == 2);
    cr_expect_str_eq(made.settings.plugins[0], "base.so");
    cr_expect_str_eq(made.settings.rivals[0], "HEAD:head.c");
    cr_expect_str_eq(made.settings.sources[0], "h");
    cr_expect_str_eq(made.settings.sources[1], "more");
    cr_expect_not(made.settings.no_compare);
    unmake(&made);
    make(&made, RF_VERB_RUN, WORDS("h", "-a", "x.so"));
    cr_expect(made.settings.rivals == NULL);
    unmake(&made);
}

/* Show is about HEAD: its id comes in front of what is proposed. */
Test(settings, compare_proposes_itself_and_a_show_of_head)
{
    expect_again_of_compare(WORDS("base.so", "head.so", "h"), "base.so head.so h", "-a head.so h");
    expect_again_of_compare(
        WORDS("--ignore", "/a", "v1:o.c", "--until", "2026-07-01", "./o.c", "--id", "1", "h", "-e",
              "flat", "-j2", "--as-of=2026-07-01T00:00:00Z", "-r", "json", "--timeout=3", "-v",
              "--keep-partial"),
        "-e flat --until 2026-07-01 --as-of 2026-07-01T00:00:00Z --id 1 --ignore "
        "/a "
        "--keep-partial --timeout 3 v1:o.c ./o.c h",
        "-a ./o.c -e flat --until 2026-07-01 --as-of 2026-07-01T00:00:00Z --keep-partial "
        "--timeout 3 h");
}

Test(settings, compare_quotes_its_builds)
{
    expect_again_of_compare(WORDS("my base.so", "it's; $(rm x).so", "a b"),
                            "'my base.so' 'it'\\''s; $(rm x).so' 'a b'",
                            "-a 'it'\\''s; $(rm x).so' 'a b'");
    expect_again_of_compare(WORDS("--", "-b.so", "head.so", "h"), "-- -b.so head.so h",
                            "-a head.so h");
    expect_again_of_compare(WORDS("--", "b.so", "-h.so", "h"), "-- b.so -h.so h", "-a -h.so h");
    expect_again_of_compare(WORDS("b.so", "h.so", "--", "-h"), "-- b.so h.so -h", "-a h.so -- -h");
    expect_again_of_compare(WORDS("b.so", "h.so", "-"), "b.so h.so -", "-a h.so -");
}

Test(settings, compare_tells_a_folder_from_a_build)
{
    static const char *const words[][4] = {
        {"b.so", "/tmp", NULL}, {"b.so", "/tmp", "h", NULL}, {"/tmp", "h.so", "h", NULL}};
    for (size_t i = 0; i < 3; i++) {
        struct made made;
        make(&made, RF_VERB_COMPARE, words[i]);
        cr_expect_eq(made.code, RF_ERR_USAGE);
        cr_expect_str_eq(made.err.where, i == 2 ? "BASE" : "HEAD");
        cr_expect(strstr(made.err.text, "/tmp is a folder, and a build is wanted") != NULL, "%s",
                  made.err.text);
        unmake(&made);
    }
}

/* SPDX-License-Identifier: MIT */
/* What can stand in a place of the command line, by what help calls it. */
#include <criterion/criterion.h>

#include "cli/completion.h"

static void
expect_words(const char *argument, enum rf_words_kind kind, const char *list)
{
    struct rf_words words;
    rf_words_of(argument, &words);
    cr_expect_eq(words.kind, kind, "%s", argument);
    cr_expect_str_eq(rf_buf_text(&words.list), list, "%s", argument);
    rf_words_done(&words);
}

Test(completion_words, files_and_folders_are_told_by_their_name)
{
    expect_words("FILE", RF_WORDS_FILES, "");
    expect_words("FILE...", RF_WORDS_FILES, "");
    expect_words("BASE", RF_WORDS_FILES, "");
    expect_words("DIR", RF_WORDS_FOLDERS, "");
    expect_words("[DIR]", RF_WORDS_FOLDERS, "");
}

Test(completion_words, a_few_words_are_listed)
{
    expect_words("WHEN", RF_WORDS_LISTED, "auto always never");
    expect_words("HOW", RF_WORDS_LISTED, "auto require off");
    expect_words("SHELL", RF_WORDS_LISTED, "bash zsh fish");
    struct rf_words words;
    rf_words_of("FORMAT[=FILE]", &words);
    cr_expect_eq(words.kind, RF_WORDS_FORMATS);
    cr_expect_eq(strncmp(rf_buf_text(&words.list), "text json", 9), 0);
    rf_words_done(&words);
    rf_words_of("NAME|k=/ptr,...", &words);
    cr_expect_eq(words.kind, RF_WORDS_LISTED);
    cr_expect_eq(strncmp(rf_buf_text(&words.list), "auto eventsource flat", 21), 0);
    rf_words_done(&words);
}

Test(completion_words, all_else_is_free)
{
    static const char *const places[] = {"ID", "T", "N", "N M", "SIZE", "NAME", "[AGG:]/ptr"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        expect_words(places[i], RF_WORDS_FREE, "");
    }
}

/* SPDX-License-Identifier: MIT */
/* What a ward makes of what its worker prints; what it makes of its system calls is the oracle's
 * (sandbox_test.py). */
#include "host/ward.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "worker/protocol.h"

/** The last words of a worker that printed `text` (in the pieces that `cut` makes of it). */
static const char *
words_of(const char *text, size_t cut)
{
    static char words[512];
    struct rf_ward ward;
    struct rf_ward_ends ends;
    struct rf_err err;
    cr_assert_eq(rf_ward_open(&ward, NULL, "/a.so", true, &ends, &err), RF_OK);
    for (size_t at = 0; at < strlen(text); at += cut) {
        size_t left = strlen(text) - at;
        cr_assert(write(ends.output, text + at, left < cut ? left : cut) > 0);
        (void)rf_ward_poll(&ward, -1, 1);
    }
    rf_ward_close_ends(&ends);
    rf_ward_end(&ward);
    (void)strcpy(words, "SIGABRT");
    rf_ward_add_words(&ward, words, sizeof(words));
    return words;
}

Test(host_ward, tells_the_last_line)
{
    cr_expect_str_eq(words_of("", 1), "SIGABRT");
    cr_expect_str_eq(words_of("one\ntwo\n", 100), "SIGABRT: two");
    cr_expect_str_eq(words_of("one\ntwo\n", 1), "SIGABRT: two");
    cr_expect_str_eq(words_of("one\nand no end", 3), "SIGABRT: and no end");
    cr_expect_str_eq(words_of("one\n\n\n", 3), "SIGABRT: one");
}

Test(host_ward, joins_what_goes_on)
{
    cr_expect_str_eq(words_of("chat\nterminate called after 'x'\n  what():  boom\n", 7),
                     "SIGABRT: terminate called after 'x'  what():  boom");
}

Test(host_ward, takes_a_sanitizers_summary)
{
    cr_expect_str_eq(
        words_of("==1==ERROR\n#0 0x1\nSUMMARY: AddressSanitizer: x\nShadow\n  0x0: 00\n==1==\n", 5),
        "SIGABRT: SUMMARY: AddressSanitizer: x");
}

Test(host_ward, forgets_what_was_said_before)
{
    struct rf_ward ward;
    struct rf_ward_ends ends;
    struct rf_err err;
    char words[64] = "x";
    cr_assert_eq(rf_ward_open(&ward, NULL, "/a.so", true, &ends, &err), RF_OK);
    cr_assert_eq(write(ends.output, "before\n", 7), 7);
    rf_ward_mark(&ward);
    rf_ward_close_ends(&ends);
    rf_ward_end(&ward);
    rf_ward_add_words(&ward, words, sizeof(words));
    cr_expect_str_eq(words, "x");
}

Test(host_ward, cuts_words_to_their_room)
{
    char text[12] = "SIGABRT";
    struct rf_ward ward = RF_WARD_NONE;
    memcpy(ward.words.last, "abcdef", 6);
    ward.words.last_bytes = 6;
    rf_ward_add_words(&ward, text, sizeof(text));
    cr_expect_str_eq(text, "SIGABRT: ab");
    rf_ward_add_words(&ward, text, sizeof(text));
    cr_expect_str_eq(text, "SIGABRT: ab");
}

Test(host_ward, holds_a_race_against_the_next_worker_only_where_it_is_its_own)
{
    static const char race[] = "WARNING: DATA RACE\n=====\n";
    struct rf_ward ward;
    struct rf_ward_ends ends;
    struct rf_err err;
    cr_assert_eq(rf_ward_open(&ward, NULL, "/a.so", true, &ends, &err), RF_OK);
    cr_assert_eq(write(ends.output, race, sizeof(race) - 1), (ssize_t)sizeof(race) - 1);
    rf_ward_mark(&ward);
    cr_expect(rf_ward_is_racing(&ward, true), "the same one folds something else");
    rf_ward_hand_on(&ward);
    cr_expect_not(rf_ward_is_racing(&ward, true));
    cr_assert_eq(write(ends.output, race, sizeof(race) - 1), (ssize_t)sizeof(race) - 1);
    rf_ward_hand_on(&ward);
    cr_expect_not(rf_ward_is_racing(&ward, true), "what the last one said was not taken in");
    rf_ward_close_ends(&ends);
    rf_ward_end(&ward);
}

Test(host_ward, tells_where_a_race_is_but_where_words_are_hidden)
{
    char text[64];
    struct rf_ward ward = RF_WARD_NONE;
    cr_expect_str_eq(rf_ward_race(&ward, text, sizeof(text)), "");
    memcpy(ward.words.race, "data race: write at x", 21);
    ward.words.race_bytes = 21;
    cr_expect_str_eq(rf_ward_race(&ward, text, sizeof(text)), "data race: write at x");
    ward.hides = true;
    cr_expect_str_eq(rf_ward_race(&ward, text, sizeof(text)), "data race");
    ward.hides = false;
    ward.conduct = rf_conduct_new();
    rf_conduct_hide(ward.conduct);
    cr_expect_str_eq(rf_ward_race(&ward, text, sizeof(text)), "data race");
    ward.words.race_bytes = 0;
    cr_expect_str_eq(rf_ward_race(&ward, text, sizeof(text)), "");
    rf_conduct_free(ward.conduct);
}

Test(host_ward, wants_no_more_than_the_order_says)
{
    enum rf_sandbox sandbox = RF_SANDBOX_AUTO;
    cr_expect(rf_sandbox_parse("require", &sandbox));
    cr_expect_eq(sandbox, RF_SANDBOX_REQUIRE);
    cr_expect(rf_sandbox_parse("off", &sandbox));
    cr_expect_eq(sandbox, RF_SANDBOX_OFF);
    cr_expect_not(rf_sandbox_parse("", &sandbox));
    cr_expect_not(rf_sandbox_parse("On", &sandbox));
    rf_sandbox_choose(RF_SANDBOX_OFF);
    struct rf_ward ward;
    struct rf_ward_ends ends;
    struct rf_err err;
    struct rf_spawn_file files[RF_WARD_FILES];
    cr_assert_eq(rf_ward_open(&ward, NULL, "/a.so", true, &ends, &err), RF_OK);
    cr_expect_eq(rf_ward_files(&ends, files), 2, "no guard");
    rf_ward_close_ends(&ends);
    rf_ward_end(&ward);
}

Test(host_ward, says_what_is_lacking_and_knows_it_again)
{
    char text[400];
    uint32_t lacks = RF_LACKS_FILES | RF_LACKS_LISTENER;
    cr_expect_eq(rf_sandbox_find_lacks(rf_sandbox_describe(lacks, text, sizeof(text))), lacks);
    cr_expect(strstr(text, "Landlock") != NULL && strstr(text, "; ") != NULL);
    lacks |= RF_LACKS_LIBRARY;
    cr_expect_str_eq(rf_sandbox_describe(lacks, text, sizeof(text)),
                     "refold was built without libseccomp");
    char little[8];
    (void)rf_sandbox_describe(RF_LACKS_FILES | RF_LACKS_CALLS, little, sizeof(little));
    cr_expect_eq(strlen(little), 7);
}

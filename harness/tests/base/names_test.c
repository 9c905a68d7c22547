/* SPDX-License-Identifier: MIT */
/* Names as numbers: every name keeps its number, whoever asks. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/names.h"

TestSuite(names, .timeout = 60);

Test(names, numbers_count_up_and_stay)
{
    struct rf_names *names = rf_names_new();
    char text[32];
    for (uint32_t i = 0; i < 5000; i++) {
        int bytes = snprintf(text, sizeof(text), "Type%u", i);
        cr_assert_eq(rf_names_number(names, text, (size_t)bytes), i);
    }
    cr_assert_eq(rf_names_count(names), 5000);
    for (uint32_t i = 0; i < 5000; i++) {
        int bytes = snprintf(text, sizeof(text), "Type%u", i);
        cr_assert_eq(rf_names_number(names, text, (size_t)bytes), i);
        cr_assert_eq(rf_names_find(names, text, (size_t)bytes), i);
        size_t length;
        cr_assert_str_eq(rf_names_text(names, i, &length), text);
        cr_assert_eq(length, (size_t)bytes);
        cr_assert_eq(rf_names_hash(names, i), rf_hash(text, length, 7));
    }
    rf_names_free(names);
}

Test(names, tells_names_with_nul_and_prefixes_apart)
{
    struct rf_names *names = rf_names_new();
    cr_assert_eq(rf_names_number(names, "a", 1), 0);
    cr_assert_eq(rf_names_number(names, "a\0", 2), 1);
    cr_assert_eq(rf_names_number(names, "a\0b", 3), 2);
    cr_assert_eq(rf_names_number(names, "", 0), 3);
    cr_assert_eq(rf_names_number(names, "a\0", 2), 1);
    cr_assert_eq(rf_names_number(names, "", 0), 3);
    rf_names_free(names);
}

Test(names, find_enters_nothing)
{
    struct rf_names *names = rf_names_new();
    cr_assert_eq(rf_names_find(names, "x", 1), UINT32_MAX);
    cr_assert_eq(rf_names_count(names), 0);
    rf_names_free(names);
}

Test(names, texts_do_not_move)
{
    struct rf_names *names = rf_names_new();
    uint32_t first = rf_names_number(names, "first", 5);
    const char *text = rf_names_text(names, first, NULL);
    for (int i = 0; i < 10000; i++) {
        char other[32];
        int bytes = snprintf(other, sizeof(other), "%d", i);
        (void)rf_names_number(names, other, (size_t)bytes);
    }
    cr_assert_eq(rf_names_text(names, first, NULL), text);
    rf_names_free(names);
}

Test(names, refuses_new_names_at_the_limit_but_knows_the_old)
{
    struct rf_names *names = rf_names_new();
    struct rf_names_cache *cache = rf_names_cache_new(names);
    char text[32];
    for (uint32_t i = 0; i < RF_LIMIT_NAMES; i++) {
        int bytes = snprintf(text, sizeof(text), "%u", i);
        cr_assert_eq(rf_names_cache_number(cache, text, (size_t)bytes), i);
    }
    cr_assert_eq(rf_names_number(names, "one more", 8), UINT32_MAX);
    cr_assert_eq(rf_names_cache_number(cache, "one more", 8), UINT32_MAX);
    cr_assert_eq(rf_names_cache_number(cache, "999999", 6), 999999);
    cr_assert_eq(rf_names_number(names, "17", 2), 17);
    rf_names_cache_free(cache);
    rf_names_free(names);
}

/* Those that are alike in length and some bytes take each other's place among the recent ones. */
Test(names, a_cache_tells_names_of_all_lengths_apart_that_differ_in_a_byte)
{
    struct rf_names *names = rf_names_new();
    struct rf_names_cache *cache = rf_names_cache_new(names);
    for (size_t length = 1; length <= 40; length++) {
        char text[40];
        memset(text, 'x', length);
        uint32_t plain = rf_names_cache_number(cache, text, length);
        for (int round = 0; round < 2; round++) {
            for (size_t at = 0; at < length; at++) {
                text[at] = '\0';
                uint32_t other = rf_names_cache_number(cache, text, length);
                cr_assert_eq(other, rf_names_find(names, text, length));
                cr_assert_neq(other, plain);
                text[at] = 'x';
                cr_assert_eq(rf_names_cache_number(cache, text, length), plain);
            }
        }
    }
    cr_assert_eq(rf_names_count(names), 40 + 40 * 41 / 2);
    rf_names_cache_free(cache);
    rf_names_free(names);
}

#define THREADS 4
#define EACH    3000

struct asker {
    struct rf_names *names;
    unsigned step;
    uint32_t numbers[EACH];
};

static void *
ask(void *context)
{
    struct asker *asker = context;
    struct rf_names_cache *cache = rf_names_cache_new(asker->names);
    for (unsigned i = 0; i < 2 * EACH; i++) {
        unsigned which = i * asker->step % EACH;
        char text[32];
        int bytes = snprintf(text, sizeof(text), "name %u", which);
        asker->numbers[which] = rf_names_cache_number(cache, text, (size_t)bytes);
    }
    rf_names_cache_free(cache);
    return NULL;
}

Test(names, all_threads_get_the_same_numbers)
{
    static struct asker askers[THREADS];
    static const unsigned steps[THREADS] = {1, 7, 1999, 2999};
    struct rf_names *names = rf_names_new();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        askers[i].names = names;
        askers[i].step = steps[i];
        cr_assert_eq(pthread_create(&threads[i], NULL, ask, &askers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
    }
    cr_assert_eq(rf_names_count(names), EACH);
    for (unsigned i = 0; i < EACH; i++) {
        char text[32];
        (void)snprintf(text, sizeof(text), "name %u", i);
        for (int j = 0; j < THREADS; j++) {
            cr_assert_eq(askers[j].numbers[i], askers[0].numbers[i]);
        }
        cr_assert_str_eq(rf_names_text(names, askers[0].numbers[i], NULL), text);
    }
    rf_names_free(names);
}

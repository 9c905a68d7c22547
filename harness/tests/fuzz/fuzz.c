/* SPDX-License-Identifier: MIT */
/*
 * Drives a fuzz target: by libFuzzer (FUZZ_BY_LIBFUZZER), or by mutations of the seeds.
 *
 *     TARGET [--runs N] [--seconds N] [--random N]      mutate, for so long or so often
 *     TARGET FILE...                                    these inputs, as they are
 *     TARGET --write-seeds FOLDER                       for libFuzzer to begin with
 *     TARGET --write-words FILE                         its dictionary
 */
#include "tests/fuzz/fuzz.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/fuzz/mutate.h"
#include "tests/fuzz/seeds.h"

static struct seeds seeds;
static uint64_t counts[FUZZ_COUNTERS_];
static uint64_t run;

void
fuzz_count(enum fuzz_counter counter)
{
    counts[counter]++;
}

void
fuzz_fail(const char *text, size_t bytes, const char *format, ...)
{
    struct rf_buf shown = {0};
    rf_buf_add_shown(&shown, text, bytes);
    va_list arguments;
    va_start(arguments, format);
    (void)fprintf(stderr, "run %" PRIu64 ": ", run);
    (void)vfprintf(stderr, format, arguments);
    (void)fprintf(stderr, ": %s\n", rf_buf_text(&shown));
    va_end(arguments);
    abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_begin(&seeds);
    return 0;
}

#ifndef FUZZ_BY_LIBFUZZER

static void
write_seeds(const char *folder)
{
    for (size_t i = 0; i < seeds.count; i++) {
        char *path = rf_format("%s/%zu", folder, i);
        FILE *file = fopen(path, "wb");
        if (file == NULL || fwrite(seeds.list[i].bytes, 1, seeds.list[i].count, file) == 0 ||
            fclose(file) != 0) {
            perror(path);
            exit(1);
        }
        free(path);
    }
}

static void
write_words(const char *path)
{
    FILE *file = fopen(path, "w");
    if (file != NULL) {
        (void)fputs("# libFuzzer takes no empty file\n", file);
    }
    for (size_t i = 0; file != NULL && fuzz_words[i] != NULL; i++) {
        (void)fputc('"', file);
        for (const char *at = fuzz_words[i]; *at != '\0'; at++) {
            (void)fprintf(file, "\\x%02x", (unsigned)(unsigned char)*at);
        }
        (void)fputs("\"\n", file);
    }
    if (file == NULL || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static void
try_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    struct rf_buf input = {0};
    size_t got;
    do {
        rf_buf_reserve(&input, 65536);
        got = fread(input.bytes + input.used, 1, 65536, file);
        input.used += got;
    } while (got > 0);
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput((const uint8_t *)input.bytes, input.used);
    rf_buf_done(&input);
}

/** One input: mutated seeds, a line each. */
static void
make_input(struct mutator *mutator, struct rf_buf *text, struct rf_buf *input)
{
    rf_buf_clear(input);
    for (unsigned i = 0; i < fuzz_texts; i++) {
        const struct seed *seed = &seeds.list[mutator_below(mutator, seeds.count)];
        const struct seed *other = &seeds.list[mutator_below(mutator, seeds.count)];
        rf_buf_clear(text);
        rf_buf_add(text, seed->bytes, seed->count);
        mutate(mutator, text, other->bytes, other->count);
        if (i > 0) {
            rf_buf_byte(input, '\n');
        }
        rf_buf_add(input, text->bytes, text->used);
    }
}

static void
mutate_for(uint64_t random, uint64_t runs, time_t until)
{
    struct mutator mutator = {.state = random * UINT64_C(0x9E3779B97F4A7C15) | 1,
                              .words = fuzz_words};
    while (fuzz_words[mutator.word_count] != NULL) {
        mutator.word_count++;
    }
    struct rf_buf text = {0};
    struct rf_buf input = {0};
    for (run = 0; run < runs && (run % 256 != 0 || time(NULL) < until); run++) {
        make_input(&mutator, &text, &input);
        (void)LLVMFuzzerTestOneInput((const uint8_t *)input.bytes, input.used);
    }
    rf_buf_done(&text);
    rf_buf_done(&input);
}

static void
say_counts(uint64_t random)
{
    (void)printf("%" PRIu64 " inputs (--random %" PRIu64 "): accepted %" PRIu64 ", refused %" PRIu64
                 ", recognized %" PRIu64 "; against %s\n",
                 run, random, counts[FUZZ_ACCEPTED], counts[FUZZ_REFUSED], counts[FUZZ_KNOWN],
                 fuzz_against());
}

int
main(int argc, char **argv)
{
    uint64_t random = 1;
    uint64_t runs = UINT64_MAX;
    time_t until = time(NULL) + 60;
    bool files = false;
    (void)LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++) {
        uint64_t number = i + 1 < argc ? strtoull(argv[i + 1], NULL, 10) : 0;
        if (strcmp(argv[i], "--write-seeds") == 0 && i + 1 < argc) {
            write_seeds(argv[i + 1]);
            return 0;
        }
        if (strcmp(argv[i], "--write-words") == 0 && i + 1 < argc) {
            write_words(argv[i + 1]);
            return 0;
        }
        if (strncmp(argv[i], "--", 2) != 0) {
            files = true;
            try_file(argv[i]);
        } else if (strcmp(argv[i], "--runs") == 0) {
            runs = number;
            until = INT32_MAX;
            i++;
        } else if (strcmp(argv[i], "--seconds") == 0) {
            until = time(NULL) + (time_t)number;
            i++;
        } else if (strcmp(argv[i], "--random") == 0) {
            random = number;
            i++;
        }
    }
    if (!files) {
        mutate_for(random, runs, until);
        say_counts(random);
    }
    return 0;
}

#endif

/* SPDX-License-Identifier: MIT */
/* What fuzz targets share, and what drives them: libFuzzer, or a loop of our own (fuzz.c). */
#ifndef RF_TESTS_FUZZ_FUZZ_H
#define RF_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seeds;

/* ---- of each target ---- */

/** Mutated texts that our loop joins to one input. */
extern const unsigned fuzz_texts;
/** What it is held against, in words. */
const char *fuzz_against(void);
/** Words of its grammar, for mutations to put in (`--write-words`: libFuzzer's dictionary); NULL
 * ends them. */
extern const char *const fuzz_words[];
/** Once, in front of all else: adds what to begin with (seeds.h). */
void fuzz_begin(struct seeds *seeds);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes);

/* ---- for targets ---- */

enum fuzz_counter { FUZZ_ACCEPTED, FUZZ_REFUSED, FUZZ_KNOWN, FUZZ_COUNTERS_ };
void fuzz_count(enum fuzz_counter counter);

/** Says what is wrong with this text, shows it, and aborts. */
_Noreturn void fuzz_fail(const char *text, size_t bytes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static inline void
fuzz_expect(const char *text, size_t bytes, bool holds, const char *what)
{
    if (!holds) {
        fuzz_fail(text, bytes, "%s", what);
    }
}

#endif

/* SPDX-License-Identifier: MIT */
/* One object, decoded twice in a row with a recognizer and without: the same is told. */
#include "tests/decode/twins.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/seeds.h"

const unsigned fuzz_texts = 4;
const char *const fuzz_words[] = {NULL};

const char *
fuzz_against(void)
{
    return "decoding without a recognizer";
}

enum { ENVELOPES = 5 };
static struct twins all[ENVELOPES];

void
fuzz_begin(struct seeds *seeds)
{
    seeds_init(seeds);
    static const char *const envelopes[ENVELOPES] = {"auto", "flat", "eventsource",
                                                     "id=/d/ID,type=/t,data=", "dynamodb-stream"};
    for (int i = 0; i < ENVELOPES; i++) {
        twins_init(&all[i], envelopes[i]);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    /* All that is chosen comes from the input, so that an input that fails fails again. */
    static const size_t steps[] = {SIZE_MAX, SIZE_MAX, 1, 300};
    struct twins *twins = &all[bytes % 6 % ENVELOPES]; /* "auto" more often than others */
    twins_forget(twins);
    for (int twice = 0; twice < 2; twice++) {
        const char *difference =
            twins_differ(twins, (const char *)input, bytes, steps[bytes / 6 % 4]);
        if (difference != NULL) {
            fuzz_fail((const char *)input, bytes, "%s", difference);
        }
        for (uint64_t i = 0; i < twins->known.known; i++) {
            fuzz_count(FUZZ_KNOWN);
        }
    }
    fuzz_count(twins->full.code == RF_OK ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    return 0;
}

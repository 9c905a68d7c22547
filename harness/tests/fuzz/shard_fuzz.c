/* SPDX-License-Identifier: MIT */
/*
 * The JSON report of a shard, as `refold merge` reads it. Its digest is put right as a rule, so
 * that mutations get behind it. What is accepted adds up, and is refused with another digest; what
 * is refused says why.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/sha256.h"
#include "history/sums.h"
#include "reports/json_list.h"
#include "reports/shard_read.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/places.h"
#include "tests/fuzz/seeds.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"\"verdict\":",
                                  "\"shard\":",
                                  "\"history\":",
                                  "\"proof\":",
                                  "18446744073709551615",
                                  "\"same\":0",
                                  "\"changed\":true",
                                  "\"aggregates\":[",
                                  "\"damage\":[",
                                  "\"folded\":0",
                                  "[]",
                                  NULL};

const char *
fuzz_against(void)
{
    return "its own sums, and its digest";
}

void
fuzz_begin(struct seeds *seeds)
{
    static char text[1 << 17];
    static const char *const names[] = {"whole", "damaged"};
    const char *root = getenv("REFOLD_ROOT");
    for (size_t i = 0; i < 2; i++) {
        char *path =
            rf_format("%s/fixtures/hostile/shard/%s.json", root == NULL ? "." : root, names[i]);
        FILE *file = fopen(path, "re");
        size_t got = file == NULL ? 0 : fread(text, 1, sizeof(text), file);
        if (got == 0) {
            perror(path);
            exit(1);
        }
        (void)fclose(file);
        seeds_add(seeds, text, got);
        free(path);
    }
}

/** Where the digest of a report stands in its text, put right; 0: it has none. */
static size_t
mend(char *text, size_t bytes)
{
    const size_t lead = strlen("," LEAD_INNER);
    struct rf_json doc = {0};
    size_t found = 0;
    if (rf_json_read_whole(&doc, text, bytes, NULL) == RF_OK) {
        uint32_t shard = rf_json_member(&doc, 0, "shard", strlen("shard"), NULL);
        uint32_t digest = shard == RF_JSON_NONE
                              ? RF_JSON_NONE
                              : rf_json_member(&doc, shard, "digest", strlen("digest"), NULL);
        size_t front = digest == RF_JSON_NONE ? 0 : doc.nodes[digest - 1].start;
        if (front >= lead && doc.nodes[digest].kind == RF_JSON_STRING &&
            doc.nodes[digest].end - doc.nodes[digest].start == RF_SHA256_HEX_BYTES + 1) {
            char hex[RF_SHA256_HEX_BYTES];
            rf_sha256_make(text, front - lead, hex);
            found = doc.nodes[digest].start + 1;
            memcpy(text + found, hex, RF_SHA256_HEX_BYTES - 1);
        }
    }
    rf_json_done(&doc);
    return found;
}

static bool
is_accepted(const char *text, size_t bytes)
{
    struct rf_shard_file file;
    struct rf_err err = {0};
    rf_code code = rf_shard_file_read(fuzz_file(text, bytes), &file, &err);
    fuzz_expect(text, bytes, code == RF_OK || (code == RF_ERR_USAGE && err.text[0] != '\0'),
                "refused without a word");
    if (code == RF_OK) {
        struct rf_err unequal;
        fuzz_expect(text, bytes, rf_sums_check(&file.sums, &unequal) == RF_OK,
                    "a report is accepted that does not add up");
    }
    rf_shard_file_done(&file);
    return code == RF_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    char *text = rf_strndup((const char *)input, bytes);
    size_t digest = bytes % 4 == 0 ? 0 : mend(text, bytes);
    bool accepted = is_accepted(text, bytes);
    if (accepted && digest > 0) {
        text[digest + bytes % 64] ^= 1; /* another hex digit, or none */
        fuzz_expect(text, bytes, !is_accepted(text, bytes), "accepted with another digest");
    }
    fuzz_count(accepted ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    free(text);
    return 0;
}

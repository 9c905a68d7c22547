/* SPDX-License-Identifier: MIT */
/*
 * refold.json. What is accepted is JSON for our own reader too, and is accepted again with other
 * blanks around it; what is refused says why. Ignore rules, skips and streams that are accepted are
 * whole.
 */
#include "cli/config.h"

#include <string.h>

#include "base/json.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/places.h"
#include "tests/fuzz/seeds.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"\"source\":",
                                  "\"golden\":",
                                  "\"lines\":",
                                  "\"envelope\":\"flat\"",
                                  "\"layout\":",
                                  "\"streams\":[",
                                  "\"match\":",
                                  "\"aggregate\":",
                                  "\"aggregates\":{",
                                  "\"policy\":{",
                                  "\"limits\":{",
                                  "\"memory\":",
                                  "\"timeout\":",
                                  "\"ignore\":[\"/a/*\"]",
                                  "\"skip\":[",
                                  "\"reason\":",
                                  "\"first\":0",
                                  "\"path\":",
                                  "\"until\":\"2026-12-31\"",
                                  "\"private\":[\"/a/*\"]",
                                  "\"report_values\":[",
                                  "\"private_data\":[",
                                  "\"warn\"",
                                  "\"error\"",
                                  "\"count\"",
                                  "\"$schema\":",
                                  NULL};

const char *
fuzz_against(void)
{
    return "our reader of JSON, and other blanks";
}

static void
check_whole(const struct rf_config *config, const char *text, size_t bytes)
{
    bool whole = true;
    for (size_t i = 0; i < config->source_count; i++) {
        whole = whole && config->sources[i] != NULL;
    }
    for (size_t i = 0; i < config->stream_count; i++) {
        whole = whole && config->streams[i].match != NULL;
    }
    for (size_t i = 0; i < config->aggregate_count; i++) {
        const struct rf_aggregate_config *aggregate = &config->aggregates[i];
        whole = whole && rf_config_aggregate(config, aggregate->name) != NULL;
        for (size_t j = 0; j < aggregate->ignore_count; j++) {
            whole = whole && aggregate->ignores[j].pointer != NULL &&
                    aggregate->ignores[j].pointer[0] == '/';
        }
        for (size_t j = 0; j < aggregate->skip_count; j++) {
            whole = whole && aggregate->skips[j].type != NULL && aggregate->skips[j].reason != NULL;
        }
    }
    fuzz_expect(text, bytes, whole, "a config is accepted, and lacks something");
}

void
fuzz_begin(struct seeds *seeds)
{
    static const char *const made[] = {
        "{}",
        "{\"source\":[\"h\",\"-\",\"https://example.org/h?x\"],\"golden\":\"accepted\","
        "\"envelope\":\"eventsource\",\"aggregates\":{\"order\":{\"plugin\":\"order.so\","
        "\"ignore\":[\"/updatedAt\",{\"path\":\"/lines/*/at\",\"reason\":\"clock\",\"until\":"
        "\"2026-12-31\"}],\"private\":[\"/email\",\"/a/*\"],"
        "\"skip\":[{\"type\":\"T\",\"reason\":\"r\"}],\"first\":0}},"
        "\"limits\":{\"memory\":\"64M\",\"timeout\":\"5s\",\"aggregate_memory\":\"1G\"}}",
        "{\"$schema\":\"x\",\"lines\":\"l\",\"layout\":\"a/!{timestamp:yyyy/MM/dd}/\",\"streams\":"
        "[{\"match\":\"order-*\",\"aggregate\":\"order\",\"envelope\":{\"id\":\"/d/ID\",\"type\":"
        "\"/t\"}}],\"policy\":{\"gap\":\"warn\",\"conflict\":\"error\",\"malformed\":\"count\","
        "\"errors\":\"warn\",\"unblessed\":\"error\",\"unclaimed\":\"count\"}}",
    };
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        seeds_add(seeds, made[i], strlen(made[i]));
    }
    seeds_add_folder(seeds, "fixtures/hostile/config", 100);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    const char *text = (const char *)input;
    struct rf_config config = {0}, again = {0};
    struct rf_err err = {0}, other = {0};
    rf_code code = rf_config_read(fuzz_file(text, bytes), &config, &err);
    fuzz_expect(text, bytes, code == RF_OK || (code == RF_ERR_USAGE && err.text[0] != '\0'),
                "refused without a word");
    if (code == RF_OK) {
        struct rf_json doc = {0};
        struct rf_buf blanks = {0};
        check_whole(&config, text, bytes);
        fuzz_expect(text, bytes, rf_json_read_whole(&doc, text, bytes, &other) == RF_OK,
                    "a config is accepted that is no JSON");
        rf_buf_string(&blanks, " \n\t");
        rf_buf_add(&blanks, text, bytes);
        rf_buf_string(&blanks, "\r\n ");
        fuzz_expect(text, bytes,
                    rf_config_read(fuzz_file(blanks.bytes, blanks.used), &again, &other) == RF_OK &&
                        again.aggregate_count == config.aggregate_count &&
                        again.source_count == config.source_count,
                    "blanks around it make it another");
        rf_config_done(&again);
        rf_buf_done(&blanks);
        rf_json_done(&doc);
    }
    rf_config_done(&config);
    fuzz_count(code == RF_OK ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    return 0;
}

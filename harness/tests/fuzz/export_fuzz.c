/* SPDX-License-Identifier: MIT */
/*
 * The manifests of a table's export, beside three data files. What lies in the folder is listed,
 * each file once, whatever the manifests say; a manifest without a flaw has a promise, or an object
 * that is missing, for its lines; and listed again it is the same.
 *
 * The input's first line is manifest-summary.json, the rest manifest-files.json.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/places.h"
#include "tests/fuzz/seeds.h"
#include "walk/export.h"
#include "walk/walk.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"\"itemCount\":",
                                  "\"dataFileS3Key\":",
                                  "\"md5Checksum\":",
                                  "\"outputFormat\":\"ION\"",
                                  "\"manifestFilesS3Key\":",
                                  "AWSDynamoDB/",
                                  "/../",
                                  "//",
                                  "data/a.json.gz",
                                  "18446744073709551615",
                                  "manifest-files.json",
                                  "\\u0061",
                                  NULL};

const char *
fuzz_against(void)
{
    return "what lies there, and listing it again";
}

#define EXPORT  "AWSDynamoDB/01-a/"
#define SUMMARY EXPORT "manifest-summary.json"
#define FILES   EXPORT "manifest-files.json"
#define SEED(prefix)                                                                               \
    "{\"manifestFilesS3Key\":\"" prefix EXPORT "manifest-files.json\",\"itemCount\":3,"            \
    "\"outputFormat\":\"DYNAMODB_JSON\"}\n"                                                        \
    "{\"itemCount\":2,\"md5Checksum\":\"1B2M2Y8AsgTpgAmY7PhCfg==\",\"dataFileS3Key\":\"" prefix    \
        EXPORT "data/a.json.gz\"}\n"                                                               \
    "{\"itemCount\":1,\"dataFileS3Key\":\"" prefix EXPORT "data/gone.json.gz\"}\n"                 \
    "{\"itemCount\":0,\"dataFileS3Key\":\"" prefix "AWSDynamoDB/data/c.json.gz\"}\n"

static const char *const lying[] = {SUMMARY, FILES, EXPORT "data/a.json.gz",
                                    EXPORT "data/b.json.gz", "AWSDynamoDB/data/c.json.gz"};
enum { LYING = sizeof(lying) / sizeof(lying[0]) };

void
fuzz_begin(struct seeds *seeds)
{
    static const char *const made[] = {SEED(""), SEED("exports/"), SEED("a/AWSDynamoDB/b/")};
    *seeds = (struct seeds){0};
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        seeds_add(seeds, made[i], strlen(made[i]));
    }
    static const char *const folders[] = {"AWSDynamoDB", "AWSDynamoDB/01-a", EXPORT "data",
                                          "AWSDynamoDB/data"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        char *path = rf_format("%s/%s", fuzz_folder(), folders[i]);
        RF_VERIFY(mkdir(path, 0700) == 0);
        free(path);
    }
    for (size_t i = 2; i < LYING; i++) {
        fuzz_put(lying[i], "", 0);
    }
}

/** Everything that was listed, as one text. */
static void
describe(const struct rf_objects *objects, struct rf_buf *out)
{
    for (size_t i = 0; i < objects->count; i++) {
        const struct rf_object *object = &objects->items[i];
        rf_buf_format(out, "%s %d %d %s", object->name, object->manifest, object->of_table,
                      object->flaw == NULL ? "" : object->flaw);
        if (object->promise != NULL) {
            rf_buf_format(out, " %llu %s", (unsigned long long)object->promise->items,
                          object->promise->md5);
        }
        rf_buf_byte(out, '\n');
    }
}

static const struct rf_object *
find(const struct rf_objects *objects, const char *key)
{
    for (size_t i = 0; i < objects->count; i++) {
        if (strcmp(objects->items[i].key, key) == 0) {
            return &objects->items[i];
        }
    }
    return NULL;
}

static void
check(const struct rf_objects *objects, const char *input, size_t bytes)
{
    size_t missing = 0;
    size_t promised = 0;
    for (size_t i = 0; i < objects->count; i++) {
        const struct rf_object *object = &objects->items[i];
        fuzz_expect(input, bytes, i == 0 || strcmp(objects->items[i - 1].key, object->key) < 0,
                    "listed out of order, or twice");
        promised += object->promise != NULL;
        missing += object->of_table && object->promise == NULL;
    }
    for (size_t i = 0; i < LYING; i++) {
        fuzz_expect(input, bytes, find(objects, lying[i]) != NULL,
                    "a file that lies there is lost");
    }
    fuzz_expect(input, bytes, objects->count >= LYING, "fewer objects than files");
    const struct rf_object *files = find(objects, FILES);
    size_t absent = objects->count - LYING;
    bool whole = files->manifest && files->flaw == NULL && find(objects, SUMMARY)->flaw == NULL;
    fuzz_expect(input, bytes, missing == 0 && (files->manifest || promised + absent == 0),
                "a promise that no manifest made");
    fuzz_count(whole && promised + absent > 0 ? FUZZ_ACCEPTED : FUZZ_REFUSED);
}

static rf_code
walk(const char *folder, struct rf_buf *out, const char *input, size_t bytes)
{
    struct rf_objects objects;
    struct rf_err err;
    const struct rf_walk_request request = {.sources = &folder, .source_count = 1, .jobs = 1};
    rf_code code = rf_walk(&request, &objects, &err);
    if (code == RF_OK) {
        describe(&objects, out);
        if (input != NULL) {
            check(&objects, input, bytes);
        }
        rf_objects_done(&objects);
    } else {
        rf_buf_format(out, "%s: %s", err.where, err.text);
        fuzz_expect(rf_buf_text(out), out->used, code == RF_ERR_USAGE && strstr(err.text, "Ion"),
                    "refused for something else than Amazon Ion");
    }
    return code;
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    const char *text = (const char *)input;
    const char *line = bytes == 0 ? NULL : memchr(text, '\n', bytes);
    size_t front = line == NULL ? bytes : (size_t)(line - text);
    fuzz_put(SUMMARY, text, front);
    fuzz_put(FILES, text + front, bytes - front);
    struct rf_buf first = {0};
    struct rf_buf second = {0};
    rf_code code = walk(fuzz_folder(), &first, text, bytes);
    fuzz_expect(text, bytes, walk(fuzz_folder(), &second, NULL, 0) == code, "another end");
    fuzz_expect(text, bytes, strcmp(rf_buf_text(&first), rf_buf_text(&second)) == 0,
                "listed again it is another");
    if (code != RF_OK) {
        fuzz_count(FUZZ_REFUSED);
    }
    rf_buf_done(&first);
    rf_buf_done(&second);
    return 0;
}

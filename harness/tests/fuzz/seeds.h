/* SPDX-License-Identifier: MIT */
/* Texts to begin with: records of real histories, JSONTestSuite, and some made to be hostile. */
#ifndef RF_TESTS_FUZZ_SEEDS_H
#define RF_TESTS_FUZZ_SEEDS_H

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/buf.h"

struct seed {
    char *bytes; /**< owned */
    size_t count;
};

struct seeds {
    struct seed *list;
    size_t count;
    size_t room;
};

enum {
    SEED_FILE_BYTES = 65536,
    SEED_LONGEST = 3000, /**< what is longer slows mutations down, and shows no more */
    SEED_LINES = 3,      /**< of one file: they are alike */
    SEEDS_OF_FOLDER = 60,
};

static inline void
seeds_add(struct seeds *seeds, const char *bytes, size_t count)
{
    RF_GROW(seeds->list, seeds->room, seeds->count + 1);
    seeds->list[seeds->count++] = (struct seed){rf_strndup(bytes, count), count};
}

/** What nftw fills: it has no context. */
static struct seeds *seeds_filled;
static size_t seeds_most;

/** The first lines of a file, which may be gzipped; all of it where it is short. */
static inline int
seeds_add_file(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)place;
    if (kind != FTW_F || seeds_filled->count >= seeds_most) {
        return 0;
    }
    static char bytes[SEED_FILE_BYTES];
    gzFile file = gzopen(path, "rb");
    int got = file == NULL ? 0 : gzread(file, bytes, sizeof(bytes));
    if (file != NULL) {
        (void)gzclose(file);
    }
    const char *at = bytes;
    const char *end = bytes + (got < 0 ? 0 : got);
    for (int line = 0; line < SEED_LINES && at < end; line++) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        size_t count = (size_t)((lf == NULL ? end : lf) - at);
        if (count > 0 && count <= SEED_LONGEST) {
            seeds_add(seeds_filled, at, count);
        }
        at += count + 1;
    }
    return 0;
}

/** @folder  below the project's own */
static inline void
seeds_add_folder(struct seeds *seeds, const char *folder, size_t most)
{
    const char *root = getenv("REFOLD_ROOT");
    char *path = rf_format("%s/%s", root == NULL ? "." : root, folder);
    seeds_filled = seeds;
    seeds_most = seeds->count + most;
    (void)nftw(path, seeds_add_file, 16, FTW_PHYS);
    free(path);
}

static inline void
seeds_init(struct seeds *seeds)
{
    static const char *const made[] = {
        "{\"t\":\"OrderCreated\",\"d\":{\"ID\":\"o1\",\"Version\":1,\"At\":\"2017-06-22T10:32:12."
        "123Z\","
        "\"Lines\":[{\"SKU\":\"a-1\",\"Qty\":2,\"Price\":1.50},{\"SKU\":\"b\",\"Qty\":1,\"Price\":"
        "7}]}}",
        "{\"t\":\"OrderPaid\",\"d\":{\"ID\":17,\"Version\":2,\"At\":1498127532,\"Paid\":true,"
        "\"By\":null}}",
        "{ \"d\" : { \"At\" : 1e3 , \"ID\" : \"\\u00e9\xc3\xa9\" , \"x\" : [ ] , \"y\" : { } } , "
        "\"t\" : \"T\" }",
        "{\"d\":{\"ID\":\"a\",\"At\":1,\"x\":1,\"x\":2},\"t\":\"T\"}",
        "{\"id\":\"e1\",\"aggregateType\":\"file\",\"aggregateId\":\"a\",\"version\":2,\"type\":"
        "\"T\","
        "\"at\":\"1970-01-01T00:00:00.5Z\",\"data\":{\"x\":-0,\"y\":[1,[2,[3]],{\"z\":\"\\\\\\\"\"}"
        "]}}",
        "{\"aggregateId\":\"a\",\"type\":\"T\",\"at\":1,\"data\":{\"ab\":1,\"a\":1,\"abc\":false}}",
        "{\"aggregateId\":\"a\",\"type\":\"T\",\"at\":1,\"data\":{\"a\":1}}",
        "{\"aggregateId\":\"a\",\"type\":\"T\",\"at\":1,\"data\":{\"a\":[1]}}",
        "{\"aggregateId\":\"a\",\"type\":\"T\",\"at\":1,\"t\":\"T\",\"d\":{\"ID\":\"a\",\"At\":1}}",
    };
    *seeds = (struct seeds){0};
    for (int twice = 0; twice < 4; twice++) { /* as often as those of a folder, about */
        for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
            seeds_add(seeds, made[i], strlen(made[i]));
        }
    }
    seeds_add_folder(seeds, "fixtures/git-jansson/events", SEEDS_OF_FOLDER);
    seeds_add_folder(seeds, "fixtures/git-zlib-ng/events", SEEDS_OF_FOLDER);
    seeds_add_folder(seeds, "fixtures/case-sepsis/events", SEEDS_OF_FOLDER);
    seeds_add_folder(seeds, "fixtures/case-receipt/events", SEEDS_OF_FOLDER);
    seeds_add_folder(seeds, "fixtures/talk-orders/events", SEEDS_OF_FOLDER);
    seeds_add_folder(seeds, "fixtures/jsontestsuite/test_parsing", 20);
}

/** Leaves out those that do not hold this text. */
static inline void
seeds_keep(struct seeds *seeds, const char *text)
{
    size_t kept = 0;
    for (size_t i = 0; i < seeds->count; i++) {
        if (memmem(seeds->list[i].bytes, seeds->list[i].count, text, strlen(text)) != NULL) {
            seeds->list[kept++] = seeds->list[i];
        } else {
            free(seeds->list[i].bytes);
        }
    }
    seeds->count = kept;
}

static inline void
seeds_done(struct seeds *seeds)
{
    for (size_t i = 0; i < seeds->count; i++) {
        free(seeds->list[i].bytes);
    }
    free(seeds->list);
    *seeds = (struct seeds){0};
}

#endif

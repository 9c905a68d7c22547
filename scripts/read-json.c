/* SPDX-License-Identifier: MIT */
/*
 * How fast are records read, in one run: by rf_json_read (and its hash), by the recognizer (and the
 * plan of the hash), by simdjson's DOM parser, by jansson. For scripts/bench-json.
 *
 *     read-json ROUNDS MEGABYTES FILE.gz...
 *
 * The records lie in memory, one behind the other, and each is read by itself. The ways take turns;
 * of each the median is printed, and the median of its ratios to the first way, round by round.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "decode/recognize.h"
#include "tests/fuzz/peer.h"

/** More than simdjson reads behind a text. */
#define PADDING 64

enum { ROUNDS_MOST = 99 };

struct records {
    struct rf_buf text;
    size_t *ends; /**< of each record */
    size_t count;
    size_t room;
};

static void
fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "read-json: %s: %s\n", what, detail);
    exit(1);
}

static void
load(struct records *records, const char *path, size_t most)
{
    gzFile file = gzopen(path, "rb");
    int got;
    do {
        rf_buf_reserve(&records->text, 1 << 20);
        got = file == NULL ? -1 : gzread(file, records->text.bytes + records->text.used, 1 << 20);
        if (got < 0) {
            fail(path, "cannot be read or inflated");
        }
        records->text.used += (size_t)got;
    } while (got > 0 && records->text.used < most);
    (void)gzclose(file);
}

/** Finds the records' ends; one that is cut is left out. */
static void
cut(struct records *records)
{
    struct rf_json doc = {0};
    struct rf_err err;
    size_t at = 0;
    size_t end;
    rf_buf_reserve(&records->text, PADDING);
    while (rf_json_read(&doc, records->text.bytes + at, records->text.used - at, &end, &err) ==
           RF_OK) {
        at += end;
        RF_GROW(records->ends, records->room, records->count + 1);
        records->ends[records->count++] = at;
    }
    if (err.code != RF_ERR_TRUNCATED) {
        fail("a record", err.text);
    }
    rf_json_done(&doc);
}

/* ---- the ways; each gives a sum, so that nothing is optimised away ---- */

static uint64_t
read_only(const struct records *records)
{
    struct rf_json doc = {0};
    uint64_t sum = 0;
    size_t at = 0;
    for (size_t i = 0; i < records->count; at = records->ends[i++]) {
        size_t end;
        RF_VERIFY(rf_json_read(&doc, records->text.bytes + at, records->text.used - at, &end,
                               NULL) == RF_OK);
        sum += doc.used;
    }
    rf_json_done(&doc);
    return sum;
}

static uint64_t
read_and_hash(const struct records *records)
{
    struct rf_json doc = {0};
    uint64_t sum = 0;
    size_t at = 0;
    for (size_t i = 0; i < records->count; at = records->ends[i++]) {
        size_t end;
        RF_VERIFY(rf_json_read(&doc, records->text.bytes + at, records->text.used - at, &end,
                               NULL) == RF_OK);
        sum += rf_json_hash(&doc, 0, NULL);
    }
    rf_json_done(&doc);
    return sum;
}

static uint64_t
read_in_full(struct rf_recognizer *recognizer, struct rf_json *doc, const char *text, size_t bytes)
{
    size_t end;
    uint64_t repeated;
    RF_VERIFY(rf_json_read(doc, text, bytes, &end, NULL) == RF_OK);
    uint64_t hash = rf_json_hash(doc, 0, &repeated);
    if (repeated == 0) {
        const uint32_t found[] = {0};
        struct rf_lesson lesson = {.doc = doc, .nodes = found, .node_count = 1};
        rf_recognizer_learn(recognizer, &lesson);
    }
    return hash;
}

static uint64_t
recognize_and_hash(const struct records *records)
{
    struct rf_recognizer *recognizer = rf_recognizer_new();
    struct rf_json doc = {0};
    uint64_t sum = 0;
    size_t at = 0;
    for (size_t i = 0; i < records->count; at = records->ends[i++]) {
        const char *text = records->text.bytes + at;
        size_t left = records->text.used - at;
        size_t end;
        struct rf_json_node *scalars;
        struct rf_known *known = rf_recognize(recognizer, text, left, &end, &scalars);
        sum += known == NULL ? read_in_full(recognizer, &doc, text, left)
                             : rf_recognizer_hash(recognizer, known);
    }
    rf_json_done(&doc);
    rf_recognizer_free(recognizer);
    return sum;
}

static uint64_t
recognize_only(const struct records *records)
{
    struct rf_recognizer *recognizer = rf_recognizer_new();
    struct rf_json doc = {0};
    uint64_t sum = 0;
    size_t at = 0;
    for (size_t i = 0; i < records->count; at = records->ends[i++]) {
        const char *text = records->text.bytes + at;
        size_t left = records->text.used - at;
        size_t end;
        struct rf_json_node *scalars;
        struct rf_known *known = rf_recognize(recognizer, text, left, &end, &scalars);
        sum += known == NULL ? read_in_full(recognizer, &doc, text, left) : known->scalars;
    }
    rf_json_done(&doc);
    rf_recognizer_free(recognizer);
    return sum;
}

#ifdef FUZZ_HAVE_SIMDJSON
static uint64_t
parse_by_simdjson(const struct records *records)
{
    size_t at = 0;
    for (size_t i = 0; i < records->count; at = records->ends[i++]) {
        RF_VERIFY(fuzz_simdjson_accepts_padded(records->text.bytes + at, records->ends[i] - at));
    }
    return 0;
}
#endif

static uint64_t
parse_by_jansson(const struct records *records)
{
    size_t at = 0;
    for (size_t i = 0; i < records->count; at = records->ends[i++]) {
        json_t *value = json_loadb(records->text.bytes + at, records->ends[i] - at, 0, NULL);
        RF_VERIFY(value != NULL);
        json_decref(value);
    }
    return 0;
}

static const struct way {
    const char *name;
    uint64_t (*read)(const struct records *records);
} ways[] = {
    {"read, hash", read_and_hash},
    {"recognize, hash", recognize_and_hash},
    {"read", read_only},
    {"recognize", recognize_only},
#ifdef FUZZ_HAVE_SIMDJSON
    {"simdjson DOM", parse_by_simdjson},
#endif
    {"jansson", parse_by_jansson},
};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* ---- measuring ---- */

static double
seconds_of(const struct way *way, const struct records *records, uint64_t *ret_sum)
{
    struct timespec before;
    struct timespec after;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    *ret_sum = way->read(records);
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    return (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
}

static int
compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double
median(const double *values, int count)
{
    double sorted[ROUNDS_MOST];
    memcpy(sorted, values, (size_t)count * sizeof(*values));
    qsort(sorted, (size_t)count, sizeof(*sorted), compare_doubles);
    return sorted[count / 2];
}

int
main(int argc, char **argv)
{
    int rounds = argc > 3 ? atoi(argv[1]) : 0;
    if (rounds < 1 || rounds > ROUNDS_MOST) {
        fail("usage", "read-json ROUNDS MEGABYTES FILE.gz...");
    }
    struct records records = {0};
    size_t most = (size_t)atoi(argv[2]) * 1000000;
    for (int i = 3; i < argc && records.text.used < most; i++) {
        load(&records, argv[i], most);
    }
    cut(&records);

    double seconds[WAYS][ROUNDS_MOST];
    double ratios[WAYS][ROUNDS_MOST];
    uint64_t sums[WAYS];
    for (int round = 0; round < rounds; round++) {
        for (int way = 0; way < WAYS; way++) {
            seconds[way][round] = seconds_of(&ways[way], &records, &sums[way]);
            ratios[way][round] = seconds[0][round] / seconds[way][round];
        }
        RF_VERIFY(sums[0] == sums[1]); /* the same hashes */
    }
    (void)printf("%zu records, %.1f MB, %d rounds; CPU of one thread\n", records.count,
                 (double)records.text.used / 1e6, rounds);
    (void)printf("%-16s %9s %9s %9s\n", "", "median s", "MB/s", "speed");
    for (int way = 0; way < WAYS; way++) {
        double middle = median(seconds[way], rounds);
        (void)printf("%-16s %9.3f %9.0f %8.2fx\n", ways[way].name, middle,
                     (double)records.text.used / 1e6 / middle, median(ratios[way], rounds));
    }
#ifdef FUZZ_HAVE_SIMDJSON
    (void)printf("simdjson %s, jansson %s\n", fuzz_simdjson_version(), JANSSON_VERSION);
#else
    (void)printf("jansson %s; without simdjson: libsimdjson-dev is not installed\n",
                 JANSSON_VERSION);
#endif
    rf_buf_done(&records.text);
    free(records.ends);
    return 0;
}

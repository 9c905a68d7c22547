/* SPDX-License-Identifier: MIT */
/* The packed form: what a writer adds comes back from its bucket, byte by byte. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "history/history.h"
#include "tests/history/buckets.h"

TestSuite(history, .timeout = 60);

#define EVENTS 20000

static struct rf_object object_items[2] = {{.number = 0, .name = (char *)"a"},
                                           {.number = 1, .name = (char *)"b"}};
static const struct rf_objects objects = {.items = object_items, .count = 2};

struct text {
    char id[32];
    char data[64];
    char eid[16];
    char type[16];
};

/** Event number `i`: everything about it follows from the number. */
static struct rf_event
make_event(unsigned i, struct text *text)
{
    (void)snprintf(text->id, sizeof(text->id), "id %u", i % 977);
    (void)snprintf(text->data, sizeof(text->data), "{\"n\":%u%.*s}", i, (int)(i % 30),
                   "                              ");
    (void)snprintf(text->eid, sizeof(text->eid), "e%u", i);
    (void)snprintf(text->type, sizeof(text->type), "T%u", i % 5);
    return (struct rf_event){
        .id = text->id,
        .id_bytes = strlen(text->id),
        .type = text->type,
        .type_bytes = strlen(text->type),
        .data = text->data,
        .data_bytes = strlen(text->data),
        .eid = i % 3 == 0 ? text->eid : NULL,
        .eid_bytes = i % 3 == 0 ? strlen(text->eid) : 0,
        .version = i,
        .has_version = i % 2 == 0,
        .has_at = i % 5 != 0,
        .at = {.seconds = (int64_t)i - 500, .nanos = (int32_t)i % 1000},
        .content_hash = i * 31U,
        .offset = i,
        .part = i % 4,
    };
}

struct check {
    const struct rf_history *history;
    struct rf_names *names;
    size_t bucket;
    size_t in_bucket;
    unsigned char seen[EVENTS];
};

static void
check_event(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    struct check *check = context;
    unsigned i = (unsigned)event->offset;
    struct text text;
    struct rf_event want = make_event(i, &text);
    cr_assert_eq((uintptr_t)event % 8, 0);
    cr_assert_eq(ref % 8, 0);
    cr_assert_eq(check->seen[i]++, 0);
    check->in_bucket++;
    cr_assert_eq(event->id_bytes, want.id_bytes);
    cr_assert_eq(memcmp(rf_packed_id(event), want.id, want.id_bytes), 0);
    cr_assert_eq(event->id_hash, rf_hash(want.id, want.id_bytes, 0));
    bool has_eid = want.eid != NULL && !want.has_version; /* where it can tell duplicates apart */
    cr_assert_eq(event->eid_bytes, has_eid ? want.eid_bytes : 0);
    cr_assert(!has_eid || memcmp(rf_packed_eid(event), want.eid, want.eid_bytes) == 0);
    cr_assert_eq(event->data_bytes, want.data_bytes);
    cr_assert_eq(memcmp(rf_packed_tokens(event), want.data, want.data_bytes), 0);
    cr_assert_eq((event->flags & RF_EVENT_VERSION) != 0, want.has_version);
    cr_assert_eq((event->flags & RF_EVENT_AT) != 0, want.has_at);
    cr_assert_eq(event->version, want.has_version ? want.version : 0);
    cr_assert_eq(event->at_seconds, want.has_at ? want.at.seconds : INT64_MIN);
    cr_assert_eq(event->at_nanos, want.has_at ? want.at.nanos : 0);
    cr_assert_eq(event->content_hash, want.content_hash);
    cr_assert_eq(event->object, i % 2);
    cr_assert_eq(event->part, want.part);
    cr_assert_str_eq(rf_names_text(check->names, event->type, NULL), want.type);
    if (i % 7 == 0) {
        cr_assert_eq(event->aggregate, RF_NAME_NONE);
    } else {
        cr_assert_str_eq(rf_names_text(check->names, event->aggregate, NULL), "agg");
    }
}

static struct rf_history *
fill_history(size_t writers, unsigned events)
{
    struct rf_history *history;
    struct rf_err err;
    history = rf_history_new(&objects, writers);
    for (unsigned i = 0; i < events; i++) {
        struct text text;
        struct rf_event event = make_event(i, &text);
        cr_assert_eq(rf_writer_add(rf_history_writer(history, i / 3 % writers), i % 2, &event,
                                   i % 7 == 0 ? NULL : "agg", 3, &err),
                     RF_OK);
    }
    cr_assert_eq(rf_history_seal(history, &err), RF_OK);
    return history;
}

Test(history, gives_back_every_event_once)
{
    for (size_t writers = 1; writers <= 3; writers++) {
        struct rf_history *history = fill_history(writers, EVENTS);
        static struct check check;
        memset(&check, 0, sizeof(check));
        check.history = history;
        check.names = rf_history_names(history);
        size_t total = 0;
        for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
            check.in_bucket = 0;
            each_event(history, bucket, check_event, &check);
            cr_assert_eq(check.in_bucket, rf_history_bucket_events(history, bucket));
            total += check.in_bucket;
        }
        cr_assert_eq(total, EVENTS);
        uint64_t seen = 0;
        for (size_t i = 0; i < writers; i++) {
            seen += rf_writer_sums(rf_history_writer(history, i))->events;
        }
        cr_assert_eq(seen, EVENTS);
        rf_history_free(history);
    }
}

static void
add_bytes(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    uint64_t *bytes = context;
    const char *end = rf_packed_tokens(event) + event->data_bytes;
    (void)ref;
    *bytes += ((uint64_t)(end - (const char *)event) + 7) / 8 * 8;
}

Test(history, knows_the_bytes_of_its_events)
{
    struct rf_history *history = fill_history(2, EVENTS);
    uint64_t bytes = 0;
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
        each_event(history, bucket, add_bytes, &bytes);
    }
    cr_assert_eq(rf_history_bytes(history), bytes);
    rf_history_free(history);
}

struct one_bucket {
    size_t bucket;
    size_t found;
};

static void
count_id(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    (void)ref;
    struct one_bucket *one = context;
    one->found += event->id_bytes == 4 && memcmp(rf_packed_id(event), "id 7", 4) == 0;
}

Test(history, keeps_an_id_in_one_bucket)
{
    struct rf_history *history = fill_history(3, EVENTS);
    size_t buckets = 0;
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
        struct one_bucket one = {.bucket = bucket};
        each_event(history, bucket, count_id, &one);
        buckets += one.found > 0;
    }
    cr_assert_eq(buckets, 1);
    rf_history_free(history);
}

static void
sum_bytes(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    (void)ref;
    size_t *bytes = context;
    *bytes += event->data_bytes;
    for (size_t i = 0; i < event->data_bytes; i++) {
        cr_assert_eq(rf_packed_tokens(event)[i], ' ');
    }
}

Test(history, takes_records_of_any_length)
{
    static const size_t lengths[] = {0,     1,         7,       8,       4000, 4096,    16 << 10,
                                     70000, 256 << 10, 1 << 20, 3 << 20, 5,    16 << 20};
    struct rf_history *history;
    struct rf_err err;
    history = rf_history_new(&objects, 1);
    char *data = rf_alloc(16 << 20);
    memset(data, ' ', 16 << 20);
    size_t total = 0;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            struct rf_event event = {.id = "one",
                                     .id_bytes = 3,
                                     .type = "T",
                                     .type_bytes = 1,
                                     .data = data,
                                     .data_bytes = lengths[i]};
            cr_assert_eq(rf_writer_add(rf_history_writer(history, 0), 0, &event, NULL, 0, &err),
                         RF_OK);
            total += lengths[i];
        }
    }
    free(data);
    cr_assert_eq(rf_history_seal(history, &err), RF_OK);
    size_t bytes = 0;
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
        each_event(history, bucket, sum_bytes, &bytes);
    }
    cr_assert_eq(bytes, total);
    rf_history_free(history);
}

Test(history, files_can_be_mapped_and_hold_names_and_events_but_not_be_written)
{
    struct rf_history *history = fill_history(2, 100);
    struct stat status;
    int names_file = rf_history_names_file(history);
    cr_assert_eq(fstat(names_file, &status), 0);
    const char *names = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, names_file, 0);
    cr_assert_neq((const void *)names, MAP_FAILED);
    struct rf_names_header header;
    memcpy(&header, names, sizeof(header));
    cr_assert_eq(header.count, rf_names_count(rf_history_names(history)));
    cr_assert_eq(header.count, 6);
    for (uint32_t i = 0; i < header.count; i++) {
        struct rf_names_entry entry;
        memcpy(&entry, names + sizeof(header) + i * sizeof(entry), sizeof(entry));
        size_t bytes;
        const char *text = rf_names_text(rf_history_names(history), i, &bytes);
        cr_assert_eq(entry.bytes, bytes);
        cr_assert_eq(memcmp(names + entry.offset, text, bytes), 0);
        cr_assert_eq(entry.hash, rf_hash(text, bytes, 7));
    }
    size_t count;
    cr_assert_eq(rf_history_open_windows(history, 1, NULL), RF_OK);
    const int *files = rf_history_worker_files(history, 0, &count);
    cr_assert_eq(count, 1);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(fstat(files[i], &status), 0);
        cr_assert_gt(status.st_size, 0);
        cr_assert_eq(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, files[i], 0), MAP_FAILED);
        cr_assert_lt(write(files[i], "x", 1), 0);
    }
    rf_history_free(history);
}

Test(history, small_ones_touch_little_memory)
{
    struct rf_history *history = fill_history(2, 10);
    size_t count;
    cr_assert_eq(rf_history_open_windows(history, 1, NULL), RF_OK);
    const int *files = rf_history_worker_files(history, 0, &count);
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        cr_assert_eq(fstat(files[i], &status), 0);
        cr_assert_leq(status.st_blocks * 512, 16 * 4096, "%ld blocks", (long)status.st_blocks);
    }
    rf_history_free(history);
}

Test(history, remembers_each_objects_fate)
{
    struct rf_history *history;
    history = rf_history_new(&objects, 1);
    rf_history_settle(history, 0, RF_FATE_UNREADABLE, true);
    rf_history_settle(history, 1, RF_FATE_FOREIGN, false);
    cr_assert_eq(rf_history_fate(history, 0), RF_FATE_UNREADABLE);
    cr_assert(rf_history_withdrawn(history, 0));
    cr_assert_eq(rf_history_fate(history, 1), RF_FATE_FOREIGN);
    cr_assert(!rf_history_withdrawn(history, 1));
    cr_assert_eq(rf_history_objects(history), &objects);
    rf_history_free(history);
}

/** Adds one event whose id is `id`, and gives it back as it was packed. */
static void
keep_event(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    (void)ref;
    *(const struct rf_packed_event **)context = event;
}

Test(history, keeps_an_id_that_stands_in_the_data_only_once)
{
    static const char data[] = "{\"ID\":\"order-1\",\"Version\":1}";
    struct rf_object object = {.key = (char *)(uintptr_t) "k", .name = (char *)(uintptr_t) "k"};
    struct rf_objects one_object = {.items = &object, .count = 1};
    for (int shared = 0; shared < 2; shared++) {
        struct rf_history *history;
        struct rf_event event = {
            .id = shared ? data + 7 : "order-1",
            .id_bytes = 7,
            .type = "T",
            .type_bytes = 1,
            .data = data,
            .data_bytes = sizeof(data) - 1,
            .eid = "e-1",
            .eid_bytes = 3,
        };
        history = rf_history_new(&one_object, 1);
        cr_assert_eq(rf_writer_add(rf_history_writer(history, 0), 0, &event, NULL, 0, NULL), RF_OK);
        cr_assert_eq(rf_history_seal(history, NULL), RF_OK);
        const struct rf_packed_event *packed = NULL;
        for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
            each_event(history, i, keep_event, &packed);
        }
        cr_assert_not_null(packed);
        cr_assert_eq((packed->flags & RF_EVENT_ID_IN_DATA) != 0, shared);
        cr_assert_eq(memcmp(rf_packed_id(packed), "order-1", 7), 0);
        cr_assert_eq(memcmp(rf_packed_eid(packed), "e-1", 3), 0);
        cr_assert_eq(memcmp(rf_packed_tokens(packed), data, sizeof(data) - 1), 0);
        size_t payload = sizeof(data) - 1 + 3 + (shared ? 0 : 7);
        cr_assert_eq(packed->bytes, (sizeof(*packed) + payload + 7) / 8 * 8);
        rf_history_free(history);
    }
}

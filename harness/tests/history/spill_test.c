/* SPDX-License-Identifier: MIT */
/* What goes to disk comes back: every event once, whole ids at a time, or not at all. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "history/gather.h"
#include "history/history_internal.h"

TestSuite(spill, .timeout = 120);

static struct rf_object object_items[1] = {{.number = 0, .name = (char *)"a"}};
static const struct rf_objects objects = {.items = object_items, .count = 1};

#define BUCKET 5

/** The n-th id that falls into BUCKET. */
static void
find_id(unsigned n, char id[32])
{
    for (unsigned i = 0;; i++) {
        (void)snprintf(id, 32, "id %u", i);
        if (rf_hash(id, strlen(id), 0) % RF_BUCKET_COUNT == BUCKET && n-- == 0) {
            return;
        }
    }
}

/** Data of so many bytes. */
static void
write_data(struct rf_buf *data, uint64_t number, size_t bytes)
{
    rf_buf_clear(data);
    rf_buf_format(data, "{\"n\":%llu,\"x\":\"", (unsigned long long)number);
    uint64_t mixed = rf_hash(&number, sizeof(number), 1);
    while (data->used + 18 < bytes) {
        rf_buf_format(data, "%016llx", (unsigned long long)mixed);
    }
    rf_buf_string(data, "\"}");
}

struct plan {
    size_t writers;
    unsigned ids;    /**< all in BUCKET; 0: in all buckets */
    unsigned events; /**< event i is of id i % ids, with version i */
    bool heavy;      /**< but of four events three are of the first id */
    size_t bytes;    /**< of each one's data */
    uint64_t limit;
};

static void
name_event(const struct plan *plan, char (*ids)[32], unsigned i, char id[32])
{
    if (plan->ids == 0) {
        (void)snprintf(id, 32, "id %u", i % 3000);
    } else {
        memcpy(id, ids[plan->heavy && i % 4 > 0 ? 0 : i % plan->ids], 32);
    }
}

static char (*find_ids(const struct plan *plan))[32]
{
    char(*ids)[32] = rf_calloc(plan->ids + 1, sizeof(*ids));
    for (unsigned i = 0; i < plan->ids; i++) {
        find_id(i, ids[i]);
    }
    return ids;
}

static rf_code
add_event(struct rf_writer *writer, const char *id, unsigned i, const struct rf_buf *data,
          struct rf_err *err)
{
    struct rf_event event = {
        .id = id,
        .id_bytes = strlen(id),
        .type = "T",
        .type_bytes = 1,
        .data = data->bytes,
        .data_bytes = data->used,
        .version = i,
        .has_version = true,
        .content_hash = rf_hash(data->bytes, data->used, 0),
    };
    return rf_writer_add(writer, 0, &event, "agg", 3, err);
}

static struct rf_history *
make_history(const struct plan *plan)
{
    struct rf_history *history;
    struct rf_err err;
    struct rf_buf data = {0};
    char(*ids)[32] = find_ids(plan);
    history = rf_history_new(&objects, plan->writers);
    rf_history_limit(history, plan->limit);
    for (unsigned i = 0; i < plan->events; i++) {
        char id[32];
        name_event(plan, ids, i, id);
        write_data(&data, i, plan->bytes);
        cr_assert_eq(add_event(rf_history_writer(history, i % plan->writers), id, i, &data, &err),
                     RF_OK, "%s", err.text);
    }
    cr_assert_eq(rf_history_seal(history, &err), RF_OK);
    rf_buf_done(&data);
    free(ids);
    return history;
}

struct sight {
    const struct plan *plan;
    char (*ids)[32];
    unsigned char *seen; /**< by event: the number of the portion + 1 */
    unsigned portion;
    size_t events; /**< in this portion */
    uint64_t bytes;
    struct rf_buf data;
};

static void
see(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    struct sight *sight = context;
    unsigned i = (unsigned)event->version;
    char id[32];
    (void)ref;
    cr_assert_lt(i, sight->plan->events);
    cr_assert_eq(sight->seen[i], 0, "event %u comes twice", i);
    cr_assert_eq((uintptr_t)event % 8, 0);
    sight->seen[i] = (unsigned char)(sight->portion + 1);
    sight->events++;
    sight->bytes += event->bytes;
    name_event(sight->plan, sight->ids, i, id);
    write_data(&sight->data, i, sight->plan->bytes);
    cr_assert_eq(event->id_bytes, strlen(id));
    cr_assert_eq(memcmp(rf_packed_id(event), id, event->id_bytes), 0);
    cr_assert_eq(event->data_bytes, sight->data.used);
    cr_assert_eq(memcmp(rf_packed_tokens(event), sight->data.bytes, sight->data.used), 0);
}

/** Reads everything, and returns the most portions of a bucket. */
static unsigned
read_all(struct rf_history *history, struct sight *sight, const struct plan *plan)
{
    struct rf_err err;
    unsigned most = 0;
    *sight =
        (struct sight){.plan = plan, .ids = find_ids(plan), .seen = rf_calloc(plan->events, 1)};
    cr_assert_eq(rf_history_open_windows(history, 2, &err), RF_OK);
    bool windows = history->reader_count > 0;
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
        cr_assert_eq(rf_history_open_bucket(history, bucket, bucket % 2, &err), RF_OK, "%s",
                     err.text);
        sight->portion = 0;
        for (bool more = true; more; sight->portion++) {
            sight->events = 0;
            sight->bytes = 0;
            rf_history_each(history, bucket, see, sight);
            cr_assert_eq(sight->events, rf_history_portion_events(history, bucket));
            cr_assert(!windows || history->readers[bucket % 2].window.at == 1 ||
                      sight->bytes <= RF_WINDOW_LEAST_BYTES);
            cr_assert_eq(rf_history_next_portion(history, bucket, &more, &err), RF_OK);
        }
        most = sight->portion > most ? sight->portion : most;
    }
    for (unsigned i = 0; i < plan->events; i++) {
        cr_assert_neq(sight->seen[i], 0, "event %u is lost", i);
    }
    return most;
}

static void
forget(struct sight *sight)
{
    free(sight->ids);
    free(sight->seen);
    rf_buf_done(&sight->data);
}

Test(spill, gives_back_every_event_once)
{
    static const struct plan plans[] = {
        {.writers = 1, .events = 20000, .bytes = 60, .limit = 1},
        {.writers = 3, .events = 20000, .bytes = 200, .limit = 1},
        {.writers = 2, .events = 20000, .bytes = 200, .limit = 1 << 20},
        {.writers = 2, .events = 20000, .bytes = 200, .limit = (uint64_t)1 << 40},
        {.writers = 2, .events = 300, .bytes = 100000, .limit = 1 << 20},
    };
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        struct rf_history *history = make_history(&plans[i]);
        struct sight sight;
        bool spilled = false;
        for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
            spilled = spilled || history->buckets[bucket].frames.count > 0;
        }
        cr_assert_eq(spilled, plans[i].limit <= 1 << 20);
        cr_assert_leq(read_all(history, &sight, &plans[i]), 3);
        forget(&sight);
        rf_history_free(history);
    }
}

Test(spill, divides_a_bucket_between_ids)
{
    static const struct plan plan = {
        .writers = 2, .ids = 100, .events = 5000, .bytes = 1000, .limit = 1 << 20};
    struct rf_history *history = make_history(&plan);
    struct sight sight;
    /* Some of it lies in the arenas: those events come with the portions of their ids. */
    cr_assert_gt(history->writers[0]->used, 0);
    cr_assert_geq(read_all(history, &sight, &plan), 5000 * 1000 / (256 << 10));
    for (unsigned i = plan.ids; i < plan.events; i++) {
        cr_assert_eq(sight.seen[i], sight.seen[i % plan.ids], "an id is torn apart");
    }
    forget(&sight);
    rf_history_free(history);
}

Test(spill, has_one_large_instance_on_disk)
{
    static const struct plan plan = {
        .writers = 2, .ids = 1, .events = 3000, .bytes = 1000, .limit = 1};
    struct rf_history *history = make_history(&plan);
    struct sight sight;
    cr_assert_eq(read_all(history, &sight, &plan), 1);
    const struct rf_window *window = &history->readers[BUCKET % 2].window;
    cr_assert_eq(window->at, 1);
    cr_assert_gt(window->used, 3000 * 1000);
    struct stat memory;
    struct stat disk;
    cr_assert_eq(fstat(window->files[0].fd, &memory), 0);
    cr_assert_eq(fstat(window->files[1].fd, &disk), 0);
    cr_assert_leq(memory.st_size, 1 << 20);
    cr_assert_eq(disk.st_nlink, 0);
    cr_assert_eq(disk.st_mode & 0777, 0600);
    forget(&sight);
    rf_history_free(history);
}

Test(spill, keeps_the_others_off_the_disk)
{
    static const struct plan plan = {
        .writers = 1, .ids = 100, .events = 3000, .heavy = true, .bytes = 1000, .limit = 1};
    struct rf_history *history = make_history(&plan);
    struct sight sight;
    cr_assert_geq(read_all(history, &sight, &plan), 3);
    for (unsigned i = 1; i < plan.events; i += i % 4 == 3 ? 2 : 1) {
        cr_assert_eq(sight.seen[i], sight.seen[1], "an id is torn apart");
    }
    forget(&sight);
    rf_history_free(history);
}

/* ---- what is written there by others --------------------------------------------------------- */

/** Opening the bucket must fail, with a sentence. */
static void
expect_refusal(struct rf_history *history)
{
    struct rf_err err = {0};
    cr_assert_eq(rf_history_open_windows(history, 1, &err), RF_OK);
    cr_assert_eq(rf_history_open_bucket(history, BUCKET, 0, &err), RF_ERR_INTERNAL);
    cr_assert_not_null(strstr(err.text, "do not come back as they were put there"), "%s", err.text);
    cr_assert_str_eq(err.where, getenv("TMPDIR") == NULL ? "/tmp" : getenv("TMPDIR"));
}

/** Events that are too large for a stage: all but the last are spilled. */
static const struct plan SMALL = {.writers = 1, .ids = 2, .events = 4, .bytes = 1100, .limit = 1};

/** Reads the bucket; false where it is refused. Otherwise its events are those that were put there.
 */
static bool
is_believed(struct rf_history *history, const struct plan *plan)
{
    struct rf_err err = {0};
    struct sight sight = {.plan = plan, .ids = find_ids(plan), .seen = rf_calloc(plan->events, 1)};
    cr_assert_eq(rf_history_open_windows(history, 1, &err), RF_OK);
    rf_code code = rf_history_open_bucket(history, BUCKET, 0, &err);
    if (code == RF_OK) {
        rf_history_each(history, BUCKET, see, &sight);
        cr_assert_eq(sight.events, plan->events);
    } else {
        cr_assert_not_null(strstr(err.text, "do not come back as they were put there"), "%s",
                           err.text);
    }
    forget(&sight);
    return code == RF_OK;
}

Test(spill, tells_of_each_bit_that_is_flipped)
{
    struct rf_history *history = make_history(&SMALL);
    const struct rf_frames *frames = &history->buckets[BUCKET].frames;
    cr_assert_eq(frames->count, 3);
    const struct rf_frame *frame = &frames->items[1];
    cr_assert_lt(frame->stored_bytes, frame->bytes);
    unsigned believed = 0;
    for (uint32_t bit = 0; bit < frame->stored_bytes * 8; bit++) {
        unsigned char byte;
        off_t at = (off_t)frame->offset + bit / 8;
        cr_assert_eq(pread(frame->file, &byte, 1, at), 1);
        byte ^= (unsigned char)(1 << bit % 8);
        cr_assert_eq(pwrite(frame->file, &byte, 1, at), 1);
        believed += is_believed(history, &SMALL);
        byte ^= (unsigned char)(1 << bit % 8);
        cr_assert_eq(pwrite(frame->file, &byte, 1, at), 1);
    }
    /* What is copied within a frame may be copied from elsewhere, to the same effect. */
    cr_assert_lt(believed, frame->stored_bytes * 8 / 20);
    cr_assert(is_believed(history, &SMALL));
    rf_history_free(history);
}

Test(spill, tells_of_a_file_that_is_cut)
{
    struct rf_history *history = make_history(&SMALL);
    cr_assert_eq(ftruncate(history->buckets[BUCKET].frames.items[0].file, 3), 0);
    expect_refusal(history);
    rf_history_free(history);
}

Test(spill, tells_of_frames_that_changed_places)
{
    struct rf_history *history = make_history(&SMALL);
    struct rf_frame *frames = history->buckets[BUCKET].frames.items;
    uint64_t offset = frames[0].offset;
    uint32_t stored = frames[0].stored_bytes;
    frames[0].offset = frames[1].offset;
    frames[0].stored_bytes = frames[1].stored_bytes;
    frames[1].offset = offset;
    frames[1].stored_bytes = stored;
    expect_refusal(history);
    rf_history_free(history);
}

Test(spill, tells_of_a_change_while_an_instance_lies_on_disk)
{
    static const struct plan plan = {
        .writers = 1, .ids = 1, .events = 2000, .bytes = 1000, .limit = 1};
    struct rf_history *history = make_history(&plan);
    struct rf_err err = {0};
    bool more;
    cr_assert_eq(rf_history_open_windows(history, 1, &err), RF_OK);
    cr_assert_eq(rf_history_open_bucket(history, BUCKET, 0, &err), RF_OK);
    const struct rf_window *window = &history->readers[0].window;
    unsigned char byte = rf_window_bytes(window)[window->used - 9];
    byte ^= 1;
    cr_assert_eq(pwrite(window->files[1].fd, &byte, 1, (off_t)window->used - 9), 1);
    cr_assert_eq(rf_history_next_portion(history, BUCKET, &more, &err), RF_ERR_INTERNAL);
    cr_assert_not_null(strstr(err.text, "do not come back as they were put there"), "%s", err.text);
    rf_history_free(history);
}

/* ---- no room --------------------------------------------------------------------------------- */

static rf_code
add_many(struct rf_history *history, struct rf_err *err)
{
    struct rf_buf data = {0};
    rf_code code = RF_OK;
    for (unsigned i = 0; i < 2000 && code == RF_OK; i++) {
        rf_buf_clear(&data); /* what does not compress */
        for (uint64_t mixed = i; data.used < 10000; mixed = rf_hash(&mixed, sizeof(mixed), 1)) {
            rf_buf_format(&data, "%llu", (unsigned long long)mixed);
        }
        code = add_event(rf_history_writer(history, 0), "id", i, &data, err);
    }
    rf_buf_done(&data);
    return code == RF_OK ? rf_history_seal(history, err) : code;
}

static void
expect_no_room(const char *where, const char *why)
{
    struct rf_history *history;
    struct rf_err err = {0};
    history = rf_history_new(&objects, 1);
    rf_history_limit(history, 1);
    cr_assert_eq(add_many(history, &err), RF_ERR_INTERNAL);
    cr_assert_str_eq(err.where, where);
    cr_assert_not_null(strstr(err.text, "): set TMPDIR to one with room, or raise --memory"));
    cr_assert_not_null(strstr(err.text, why), "%s", err.text);
    rf_history_free(history);
}

Test(spill, tells_that_the_folder_is_not_there)
{
    cr_assert_eq(setenv("TMPDIR", "/nonexistent/folder", 1), 0);
    expect_no_room("/nonexistent/folder", "No such file or directory");
}

Test(spill, tells_that_a_file_may_not_grow)
{
    struct rlimit limit = {1 << 20, 1 << 20};
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setenv("TMPDIR", "/tmp", 1), 0);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    expect_no_room("/tmp", "File too large");
}

Test(spill, tells_that_a_large_instance_has_no_room)
{
    static const struct plan plan = {
        .writers = 1, .ids = 1, .events = 2000, .bytes = 1000, .limit = 1};
    struct rlimit limit = {3 << 19, 3 << 19}; /* compressed it fits, for its use it does not */
    struct rf_err err = {0};
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setenv("TMPDIR", "/tmp", 1), 0);
    struct rf_history *history = make_history(&plan);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_assert_eq(rf_history_open_windows(history, 1, &err), RF_ERR_INTERNAL);
    cr_assert_str_eq(err.where, "/tmp");
    cr_assert_str_eq(err.text, "an instance is larger than its part of --memory, and this folder "
                               "does not take it (File too large): set TMPDIR to one with room, or "
                               "raise --memory");
    rf_history_free(history);
}

/* ---- workers --------------------------------------------------------------------------------- */

Test(spill, gives_workers_windows_that_they_cannot_write)
{
    static const struct plan plan = {
        .writers = 2, .ids = 1, .events = 2000, .bytes = 1000, .limit = 1};
    struct rf_history *history = make_history(&plan);
    struct rf_err err;
    size_t count;
    cr_assert_eq(rf_history_open_windows(history, 1, &err), RF_OK);
    const int *files = rf_history_worker_files(history, 0, &count);
    cr_assert_eq(count, 2);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(fcntl(files[i], F_GETFL) & O_ACCMODE, O_RDONLY);
        cr_assert_eq(pwrite(files[i], "x", 1, 0), -1);
        cr_assert_eq(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, files[i], 0), MAP_FAILED);
    }
    /* The one in memory not even where it is opened once more. */
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", files[0]);
    int again = open(path, O_RDWR | O_CLOEXEC);
    if (again >= 0) {
        cr_assert_eq(pwrite(again, "x", 1, 0), -1);
        cr_assert_eq(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, again, 0), MAP_FAILED);
        (void)close(again);
    }
    rf_history_free(history);
}

Test(spill, needs_no_disk_where_all_lies_in_memory)
{
    static const struct plan plan = {
        .writers = 2, .ids = 1, .events = 20, .bytes = 1000, .limit = 1 << 30};
    struct rf_history *history = make_history(&plan);
    struct rf_err err;
    size_t count;
    cr_assert_eq(rf_history_open_windows(history, 4, &err), RF_OK);
    (void)rf_history_worker_files(history, 3, &count);
    cr_assert_eq(count, 1);
    rf_history_free(history);
}

/* ---- gathering ------------------------------------------------------------------------------- */

/** Two ids whose first versions are equal, but not byte for byte; each is a portion, so that one's
 * events come to lie where the other's lay. */
Test(spill, compares_no_event_with_one_of_the_portion_before)
{
    struct rf_history *history;
    struct rf_err err = {0};
    char ids[2][32];
    struct rf_buf data = {0};
    history = rf_history_new(&objects, 1);
    rf_history_limit(history, 1);
    struct rf_writer *writer = rf_history_writer(history, 0);
    find_id(3, ids[0]);
    find_id(4, ids[1]);
    cr_assert_eq(strlen(ids[0]), strlen(ids[1]));
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned copy = 0; copy < 2; copy++) {
            rf_buf_clear(&data);
            rf_buf_format(&data, copy == 0 ? "{\"a\":%u,\"b\":2}" : "{\"b\":2,\"a\":%u}", i);
            struct rf_event event = {.id = ids[i],
                                     .id_bytes = strlen(ids[i]),
                                     .type = "T",
                                     .type_bytes = 1,
                                     .data = data.bytes,
                                     .data_bytes = data.used,
                                     .version = 1,
                                     .has_version = true,
                                     .offset = copy,
                                     .content_hash = i};
            cr_assert_eq(rf_writer_add(writer, 0, &event, "agg", 3, &err), RF_OK);
        }
        write_data(&data, i, 200000); /* more than half a window */
        cr_assert_eq(add_event(writer, ids[i], 2, &data, &err), RF_OK);
    }
    /* What is flushed last stays in memory: something of another bucket. */
    cr_assert_gt(rf_hash("id", 2, 0) % RF_BUCKET_COUNT, BUCKET);
    write_data(&data, 0, 20);
    cr_assert_eq(add_event(writer, "id", 1, &data, &err), RF_OK);
    cr_assert_eq(rf_history_seal(history, &err), RF_OK);
    cr_assert_eq(rf_history_open_windows(history, 1, &err), RF_OK);
    struct rf_gather_rules rules = {.everything = true};
    struct rf_gatherer *gatherer = rf_gatherer_new(history, &rules);
    struct rf_gathering gathering;
    unsigned portions = 0;
    cr_assert_eq(rf_history_open_bucket(history, BUCKET, 0, &err), RF_OK);
    for (bool more = true; more; portions++) {
        cr_assert_eq(rf_gather(gatherer, BUCKET, &gathering, &err), RF_OK);
        cr_assert_eq(gathering.count, 1);
        cr_assert_eq(rf_history_next_portion(history, BUCKET, &more, &err), RF_OK);
    }
    cr_assert_eq(portions, 2);
    cr_assert_eq(rf_gatherer_sums(gatherer)->terms[RF_TERM_DUPLICATES], 2);
    cr_assert_eq(rf_gatherer_sums(gatherer)->terms[RF_TERM_CONFLICTS], 0);
    rf_gatherer_free(gatherer);
    rf_history_free(history);
    rf_buf_done(&data);
}

/* ---- starts ---------------------------------------------------------------------------------- */

/** How often an instance was gathered, by its id's number among those of BUCKET. */
struct roll {
    unsigned met[400];
    unsigned idle[400];
    char ids[400][32];
};

static void
call_roll(struct roll *roll, const struct rf_gathering *gathering)
{
    for (size_t i = 0; i < gathering->count; i++) {
        const struct rf_instance *instance = &gathering->instances[i];
        size_t n = 0;
        while (n < 400 && (strlen(roll->ids[n]) != instance->id_bytes ||
                           memcmp(roll->ids[n], instance->id, instance->id_bytes) != 0)) {
            n++;
        }
        cr_assert_lt(n, 400);
        *(instance->step_count > 0 ? &roll->met[n] : &roll->idle[n]) += 1;
    }
}

/** Every second id of the bucket has a start; those from plan->ids on have no event. */
static struct rf_starts *
make_starts(const struct rf_history *history, struct roll *roll)
{
    struct rf_starts *starts = rf_starts_new();
    uint32_t aggregate = rf_names_find(rf_history_names(history), "agg", 3);
    for (unsigned n = 0; n < 400; n++) {
        find_id(n, roll->ids[n]);
        struct rf_start start = {.aggregate = aggregate,
                                 .id = roll->ids[n],
                                 .id_bytes = strlen(roll->ids[n]),
                                 .state = "{}",
                                 .state_bytes = 2};
        if (n % 2 == 0) {
            rf_starts_add(starts, &start);
        }
    }
    rf_starts_sort(starts);
    return starts;
}

static unsigned
gather_portions(struct rf_history *history, struct rf_gatherer *gatherer, struct roll *roll)
{
    struct rf_gathering gathering;
    struct rf_err err = {0};
    unsigned portions = 0;
    memset(roll->met, 0, sizeof(roll->met));
    memset(roll->idle, 0, sizeof(roll->idle));
    cr_assert_eq(rf_history_open_bucket(history, BUCKET, 0, &err), RF_OK, "%s", err.text);
    for (bool more = true; more; portions++) {
        cr_assert_eq(rf_gather(gatherer, BUCKET, &gathering, &err), RF_OK, "%s", err.text);
        call_roll(roll, &gathering);
        cr_assert_eq(rf_history_next_portion(history, BUCKET, &more, &err), RF_OK, "%s", err.text);
    }
    return portions;
}

static bool
is_t(const void *context, const char *type, size_t type_bytes)
{
    (void)context;
    return type_bytes == 1 && *type == 'T';
}

static bool
is_skipped(const void *context, const char *type, size_t type_bytes)
{
    return !is_t(context, type, type_bytes);
}

/* A start without events that no portion took would be an instance that is not folded; one that two
 * portions took would be folded twice, and so would one whose events come with another portion. */
Test(spill, brings_each_start_with_one_portion)
{
    static const struct {
        struct plan plan;
        unsigned portions;
    } rows[] = {
        {{.writers = 2, .ids = 100, .events = 5000, .bytes = 1000, .limit = 1 << 20}, 19},
        {{.writers = 1, .ids = 3, .events = 40, .bytes = 50000, .heavy = true, .limit = 1}, 2},
        {{.writers = 1, .ids = 1, .events = 20, .bytes = 50000, .limit = 1}, 1},
        {{.writers = 1, .ids = 100, .events = 5000, .bytes = 60, .limit = (uint64_t)1 << 30}, 1},
    };
    static struct roll roll;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_history *history = make_history(&rows[i].plan);
        struct rf_starts *starts = make_starts(history, &roll);
        const struct rf_claim claim = {
            .name = "agg", .declares = is_t, .may_begin_at_zero = true, .skips = is_skipped};
        struct rf_gather_rules rules = {.claims = &claim, .claim_count = 1, .starts = starts};
        struct rf_gatherer *gatherer = rf_gatherer_new(history, &rules);
        struct rf_err err = {0};
        cr_assert_eq(rf_history_open_windows(history, 1, &err), RF_OK);
        for (unsigned round = 0; round < 2; round++) { /* what was met is forgotten */
            cr_assert_geq(gather_portions(history, gatherer, &roll), rows[i].portions);
            for (unsigned n = 0; n < 400; n++) {
                bool has_events = n < rows[i].plan.ids;
                cr_assert_eq(roll.met[n], has_events, "row %zu, id %u", i, n);
                cr_assert_eq(roll.idle[n], !has_events && n % 2 == 0, "row %zu, id %u", i, n);
            }
        }
        rf_gatherer_free(gatherer);
        rf_starts_free(starts);
        rf_history_free(history);
    }
}

/* SPDX-License-Identifier: MIT */
/* Ingest: each object gets its fate, and everything read is accounted for. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "history/ingest.h"
#include "tests/history/buckets.h"
#include "tests/walk/archives.h"

#define HOUR "2024/01/02/03/"
/** A name of Firehose's, of the stream `orders`, with a letter to tell objects apart. */
#define NAME(letter)                                                                               \
    HOUR "orders-1-2024-01-02-03-00-00-0000000" letter "-0000-4000-8000-000000000000"

static char folder[64];

static void
make_folder(void)
{
    (void)snprintf(folder, sizeof(folder), "/tmp/refold-ingest-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static void
remove_folder(void)
{
    char *command = rf_format("rm -rf -- '%s'", folder);
    cr_assert_eq(system(command), 0);
    free(command);
}

TestSuite(ingest, .init = make_folder, .fini = remove_folder, .timeout = 60);

/** The path of a key, its folders made. Owned by the caller. */
static char *
make_path(const char *key)
{
    char *path = rf_format("%s/%s", folder, key);
    for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    return path;
}

static void
put_bytes(const char *key, const void *bytes, size_t count, const char *mode)
{
    char *path = make_path(key);
    FILE *file = fopen(path, mode);
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes, 1, count, file), count);
    cr_assert_eq(fclose(file), 0);
    free(path);
}

static void
put_text(const char *key, const char *text)
{
    put_bytes(key, text, strlen(text), "w");
}

/** Less the last `cut` bytes. */
static void
put_gzip(const char *key, const char *text, size_t cut)
{
    size_t room = strlen(text) + 1000;
    unsigned char *packed = rf_alloc(room);
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)text,
                       .avail_in = (uInt)strlen(text),
                       .next_out = packed,
                       .avail_out = (uInt)room};
    cr_assert_eq(deflateInit2(&stream, 0, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    put_bytes(key, packed, stream.total_out - cut, "w");
    (void)deflateEnd(&stream);
    free(packed);
}

/** Owned by the caller: records of one instance, with versions from `from` to `to`. */
static char *
make_records(const char *id, int from, int to)
{
    struct rf_buf text = {0};
    for (int i = from; i <= to; i++) {
        rf_buf_format(&text,
                      "{\"t\":\"T%d\",\"d\":{\"ID\":\"%s\",\"Version\":%d,\"At\":"
                      "\"2024-01-02T03:04:%02dZ\"}}\n",
                      i % 3, id, i, i % 60);
    }
    char *copy = rf_strdup(rf_buf_text(&text));
    rf_buf_done(&text);
    return copy;
}

static void
put_records(const char *key, const char *id, int from, int to)
{
    char *text = make_records(id, from, to);
    put_text(key, text);
    free(text);
}

/** One ingest of the folder, and what it needs to be alive. */
struct run {
    struct rf_objects objects;
    struct rf_envelope envelope;
    struct rf_ingest_request request;
    struct rf_history *history;
    struct rf_ingest_result result;
    struct rf_err err;
};

static void
list_sources(struct run *run, const char *const *sources, size_t count)
{
    struct rf_walk_request walk = {.sources = sources, .source_count = count};
    memset(run, 0, sizeof(*run));
    cr_assert_eq(rf_walk(&walk, &run->objects, &run->err), RF_OK, "%s", run->err.text);
    cr_assert_eq(rf_envelope_parse("auto", &run->envelope, &run->err), RF_OK);
    run->request =
        (struct rf_ingest_request){.objects = &run->objects, .envelope = &run->envelope, .jobs = 2};
}

static void
list_source(struct run *run, const char *source)
{
    const char *const sources[] = {source};
    list_sources(run, sources, 1);
}

static void
list_folder(struct run *run)
{
    list_source(run, folder);
}

static rf_code
ingest(struct run *run)
{
    return rf_ingest(&run->request, &run->history, &run->result, &run->err);
}

static void
done(struct run *run)
{
    rf_ingest_result_done(&run->result);
    rf_history_free(run->history);
    rf_envelope_done(&run->envelope);
    rf_objects_done(&run->objects);
}

static void
settle(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    (void)ref;
    struct run *run = context;
    rf_sums_settle(&run->result.sums, event,
                   rf_history_withdrawn(run->history, event->object) ? RF_TERM_WITHDRAWN
                                                                     : RF_TERM_FOLDED);
}

/** Lists, reads, and checks that the sums add up with what is in the buckets. */
static void
ingest_soundly(struct run *run)
{
    cr_assert_eq(ingest(run), RF_OK, "%s: %s", run->err.where, run->err.text);
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
        each_event(run->history, bucket, settle, run);
    }
    cr_assert_eq(rf_sums_check(&run->result.sums, &run->err), RF_OK, "%s", run->err.text);
}

static void
expect_fates(const struct run *run, uint64_t read, uint64_t unreadable, uint64_t foreign)
{
    const struct rf_sums *sums = &run->result.sums;
    cr_assert_eq(sums->read, read, "read %" PRIu64, sums->read);
    cr_assert_eq(sums->unreadable, unreadable, "unreadable %" PRIu64, sums->unreadable);
    cr_assert_eq(sums->foreign, foreign, "foreign %" PRIu64, sums->foreign);
}

/** One object is read alone: its fate, its damages by kind. */
struct fate {
    const char *key;
    const char *text;
    enum rf_object_fate fate;
    int damage; /**< a kind, or NONE */
    uint64_t events;
};
#define NONE RF_DAMAGE_COUNT_

static void
expect_fate(const struct fate *row)
{
    struct run run;
    put_text(row->key, row->text);
    list_folder(&run);
    ingest_soundly(&run);
    cr_assert_eq(rf_history_fate(run.history, 0), row->fate, "%s '%s': fate %d", row->key,
                 row->text, rf_history_fate(run.history, 0));
    cr_assert_eq(run.result.sums.events, row->events);
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        cr_assert_eq(run.result.damages.totals[kind], kind == row->damage, "%s '%s': %s", row->key,
                     row->text, rf_damage_name((enum rf_damage_kind)kind));
    }
    if (row->fate == RF_FATE_FOREIGN) {
        cr_assert_eq(run.result.foreign_count, 1);
        cr_assert_str_eq(run.result.foreign[0], row->key);
        cr_assert_eq(run.result.sums.records, 0);
        cr_assert_eq(run.result.counts.bytes, 0);
    }
    done(&run);
    remove_folder();
    make_folder();
}

#define RECORD "{\"t\":\"T\",\"d\":{\"ID\":\"x\",\"Version\":1,\"At\":\"2024-01-02T03:04:05Z\"}}"

Test(ingest, every_object_has_the_fate_of_the_contract)
{
    static const struct fate rows[] = {
        {NAME("1"), RECORD, RF_FATE_READ, NONE, 1},
        {NAME("1"), "", RF_FATE_READ, NONE, 0},
        {NAME("1"), "[]", RF_FATE_READ, NONE, 0},
        {NAME("1"), " \n\n", RF_FATE_UNREADABLE, RF_DAMAGE_UNREADABLE, 0},
        {NAME("1"), RECORD "{\"t\":", RF_FATE_UNREADABLE, RF_DAMAGE_TRUNCATED, 1},
        {"odd", RECORD, RF_FATE_READ, NONE, 1},
        {"odd", "", RF_FATE_READ, NONE, 0},
        {"odd", "some text\n", RF_FATE_FOREIGN, NONE, 0},
        {"odd", "\"a\",\"b\"\n", RF_FATE_FOREIGN, NONE, 0},
        {"odd", "f(){ return {}; } a{b:1}\n", RF_FATE_FOREIGN, NONE, 0},
        {"odd", "INFO: {\"torn\"\n", RF_FATE_FOREIGN, NONE, 0},
        {"odd",
         "Obj\x01\x04\x16"
         "avro.schema",
         RF_FATE_UNREADABLE, RF_DAMAGE_UNREADABLE, 0},
        {"folder/_notes", "{\"no\":\"event\"}\n", RF_FATE_FOREIGN, NONE, 0},
        {".notes", "{\"no\":\"event\"}\n", RF_FATE_FOREIGN, NONE, 0},
        {"_notes", "INFO: " RECORD "\n", RF_FATE_FOREIGN, NONE, 0},
        {"_events", RECORD, RF_FATE_READ, NONE, 1},
        {"odd", "{\"torn\":", RF_FATE_UNREADABLE, RF_DAMAGE_TRUNCATED, 0},
        {"odd", "\xEF\xBB\xBF {\"torn\":", RF_FATE_UNREADABLE, RF_DAMAGE_TRUNCATED, 0},
        {"odd", "\r\n\t {\"torn\":", RF_FATE_UNREADABLE, RF_DAMAGE_TRUNCATED, 0},
        {"odd", " {\"torn\":", RF_FATE_UNREADABLE, RF_DAMAGE_TRUNCATED, 0},
        {"odd", "\r\n [a link](that does not close", RF_FATE_FOREIGN, NONE, 0},
        {"odd", " [a link](that does not close", RF_FATE_FOREIGN, NONE, 0},
        {"odd", "[a link](that does not close", RF_FATE_FOREIGN, NONE, 0},
        {"odd", "[1, [2, ", RF_FATE_FOREIGN, NONE, 0},
        {"odd", "\n[1, [2, ", RF_FATE_FOREIGN, NONE, 0},
        {"odd", "[ {\"torn\":", RF_FATE_UNREADABLE, RF_DAMAGE_TRUNCATED, 0},
        {"odd", "[", RF_FATE_UNREADABLE, RF_DAMAGE_TRUNCATED, 0},
        {"odd", "\x1f\x8b\x08", RF_FATE_UNREADABLE, RF_DAMAGE_TRUNCATED, 0},
        {"odd", "\xf3\x89\x9a\xc2\x1a", RF_FATE_UNREADABLE, RF_DAMAGE_TRUNCATED, 0},
        {"odd", "\xf3\x89\x9a\xc2 is no aggregate", RF_FATE_UNREADABLE, RF_DAMAGE_UNREADABLE, 0},
        {"odd", "PK\x03\x04 a zip", RF_FATE_UNREADABLE, RF_DAMAGE_TRUNCATED, 0},
        {"odd", RECORD "{\"torn\":", RF_FATE_UNREADABLE, RF_DAMAGE_TRUNCATED, 1},
        {"processing-failed/" NAME("1"), RECORD, RF_FATE_FOREIGN, RF_DAMAGE_ERRORS, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_fate(&rows[i]);
    }
}

Test(ingest, records_without_an_event_are_damage_under_any_name)
{
    static const char *const texts[] = {"{\"no\":\"event\"}\n", " [{\"no\":\"event\"}]\n",
                                        "\"{\\\"no\\\":1}\"\n", "INFO: {\"no\":1}\n",
                                        "<e>{\"no\":1}</e>\n",  "INFO: {\"torn\":\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct run run;
        put_text("odd", texts[i]);
        list_folder(&run);
        ingest_soundly(&run);
        expect_fates(&run, 0, 1, 0);
        cr_assert_eq(run.result.damages.totals[RF_DAMAGE_UNREADABLE], 1, "%s", texts[i]);
        done(&run);
    }
}

Test(ingest, an_object_of_malformed_records_only_is_unreadable_and_says_why)
{
    struct run run;
    put_text(NAME("1"), "{\"no\":\"event\"}\n{\"nor\":\"this\"}\n");
    list_folder(&run);
    ingest_soundly(&run);
    expect_fates(&run, 0, 1, 0);
    cr_assert_eq(run.result.damages.count, 3);
    cr_assert_str_eq(run.result.damages.items[0].message, "holds no events");
    cr_assert_eq(run.result.damages.items[1].kind, RF_DAMAGE_MALFORMED);
    cr_assert_eq(run.result.damages.items[1].offset, 0);
    cr_assert_eq(run.result.damages.items[2].offset, 15);
    cr_assert_eq(run.result.sums.malformed, 2);
    done(&run);
}

Test(ingest, withdraws_the_events_of_a_cut_object_but_keeps_them_when_asked)
{
    char *text = make_records("x", 1, 50);
    put_gzip(NAME("1") ".gz", text, 3); /* of its trailer */
    free(text);
    put_records(NAME("2"), "y", 1, 5);
    for (int keep = 0; keep < 2; keep++) {
        struct run run;
        list_folder(&run);
        run.request.keep_partial = keep != 0;
        ingest_soundly(&run);
        expect_fates(&run, 1, 1, 0);
        cr_assert_eq(run.result.damages.totals[RF_DAMAGE_TRUNCATED], 1);
        cr_assert_str_eq(run.result.damages.items[0].object, NAME("1") ".gz");
        cr_assert_eq(run.result.sums.events, 55);
        cr_assert_eq(run.result.sums.terms[RF_TERM_FOLDED], keep ? 55 : 5);
        cr_assert_eq(run.result.last.seconds % 60, keep ? 50 : 5);
        cr_assert_eq(run.result.first.seconds % 60, 1);
        done(&run);
    }
}

static bool
is_y(const void *context, const char *id, size_t id_bytes)
{
    (void)context;
    return id_bytes == 1 && id[0] == 'y';
}

Test(ingest, keeps_the_events_of_selected_ids_only_and_counts_the_others)
{
    char *text = make_records("x", 1, 50);
    put_gzip(NAME("1") ".gz", text, 3);
    free(text);
    put_records(NAME("2"), "y", 1, 5);
    put_records(NAME("3"), "yy", 1, 7);
    for (int keep = 0; keep < 2; keep++) {
        struct run run;
        list_folder(&run);
        run.request.keep_partial = keep != 0;
        run.request.selects = is_y;
        ingest_soundly(&run);
        expect_fates(&run, 2, 1, 0);
        cr_assert_eq(run.result.sums.events, 62);
        cr_assert_eq(run.result.sums.terms[RF_TERM_FOLDED], 5);
        cr_assert_eq(run.result.sums.terms[RF_TERM_UNSELECTED], keep ? 57 : 7);
        cr_assert_eq(run.result.sums.terms[RF_TERM_WITHDRAWN], keep ? 0 : 50);
        cr_assert_eq(run.result.last.seconds % 60, keep ? 50 : 7, "their times count as before");
        size_t kept = 0;
        for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
            kept += rf_history_bucket_events(run.history, bucket);
        }
        cr_assert_eq(kept, 5);
        done(&run);
    }
}

/* What is of other shards is so whatever becomes of its object, and takes no memory; what was read
 * is the same in all shards. */
Test(ingest, events_of_other_shards_are_elsewhere)
{
    put_records(NAME("1"), "x", 1, 50);
    put_records(NAME("2"), "y", 1, 5);
    struct rf_multiset objects[2];
    uint64_t own = 0;
    for (uint32_t k = 1; k <= 2; k++) {
        struct run run;
        list_folder(&run);
        run.request.shard = (struct rf_run_shard){k, 2};
        ingest_soundly(&run);
        uint64_t events = (rf_run_shard_has(run.request.shard, "x", 1) ? 50 : 0) +
                          (rf_run_shard_has(run.request.shard, "y", 1) ? 5 : 0);
        cr_assert_eq(run.result.sums.events, 55);
        cr_assert_eq(run.result.sums.terms[RF_TERM_ELSEWHERE], 55 - events);
        objects[k - 1] = run.result.objects;
        own += events;
        done(&run);
    }
    cr_assert_eq(own, 55);
    cr_assert_eq(objects[0].sum, objects[1].sum);
    cr_assert_eq(objects[0].mixed, objects[1].mixed);
    cr_assert_neq(objects[0].sum, 0);
    put_records(NAME("2"), "z", 1, 5); /* as many bytes do not make it the same */
    struct run run;
    list_folder(&run);
    run.request.shard = (struct rf_run_shard){1, 2};
    ingest_soundly(&run);
    cr_assert_neq(run.result.objects.sum, objects[0].sum);
    done(&run);
}

/** What a shard tells of these sources. */
static struct rf_multiset
objects_of(const char *first, const char *second)
{
    const char *const sources[] = {first, second};
    struct run run;
    list_sources(&run, sources, 2);
    run.request.shard = (struct rf_run_shard){1, 2};
    ingest_soundly(&run);
    struct rf_multiset objects = run.result.objects;
    done(&run);
    return objects;
}

/* Their order says which side of a conflict is folded. */
Test(ingest, shards_tell_in_which_order_sources_stand)
{
    put_records("a/" NAME("1"), "x", 1, 1);
    put_records("b/" NAME("1"), "y", 1, 1);
    char *a = make_path("a");
    char *b = make_path("b");
    struct rf_multiset objects = objects_of(a, b);
    struct rf_multiset again = objects_of(a, b);
    struct rf_multiset turned = objects_of(b, a);
    cr_expect_eq(objects.sum, again.sum);
    cr_expect_eq(objects.mixed, again.mixed);
    cr_expect_neq(objects.sum, turned.sum);
    free(a);
    free(b);
}

Test(ingest, a_flipped_bit_is_damage)
{
    char *text = make_records("x", 1, 50);
    put_gzip(NAME("1") ".gz", text, 0);
    free(text);
    char *path = make_path(NAME("1") ".gz");
    FILE *file = fopen(path, "r+");
    cr_assert_eq(fseek(file, 200, SEEK_SET), 0);
    int byte = fgetc(file);
    cr_assert_eq(fseek(file, 200, SEEK_SET), 0);
    cr_assert_neq(fputc(byte ^ 1, file), EOF);
    (void)fclose(file);
    free(path);
    struct run run;
    list_folder(&run);
    ingest_soundly(&run);
    expect_fates(&run, 0, 1, 0);
    cr_assert_eq(run.result.sums.terms[RF_TERM_FOLDED], 0);
    done(&run);
}

Test(ingest, never_opens_a_fifo)
{
    char *path = make_path(NAME("1") ".gz");
    cr_assert_eq(mkfifo(path, 0600), 0);
    free(path);
    struct run run;
    list_folder(&run);
    ingest_soundly(&run);
    expect_fates(&run, 0, 0, 1);
    cr_assert_eq(run.result.damages.count, 0);
    done(&run);
}

struct found {
    struct rf_names *names;
    char text[512];
};

static void
print_event(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    (void)ref;
    struct found *found = context;
    size_t used = strlen(found->text);
    (void)snprintf(found->text + used, sizeof(found->text) - used, "%.*s:%s ", (int)event->id_bytes,
                   rf_packed_id(event),
                   event->aggregate == RF_NAME_NONE
                       ? "-"
                       : rf_names_text(found->names, event->aggregate, NULL));
}

/** "id:aggregate " of all events. */
static struct found
find_events(struct run *run)
{
    struct found all = {.names = rf_history_names(run->history)};
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
        each_event(run->history, bucket, print_event, &all);
    }
    return all;
}

Test(ingest, events_stand_under_their_own_name_or_their_streams_or_the_only_one)
{
    static const char flat[] = "{\"aggregateId\":\"f\",\"aggregateType\":\"own\",\"version\":1,"
                               "\"type\":\"T\",\"at\":1,\"data\":{}}";
    struct rf_stream_rule rules[] = {{.match = (char *)"ord*", .aggregate = (char *)"order"},
                                     {.match = (char *)"*", .aggregate = (char *)"late"}};
    struct run run;
    put_text(NAME("1"), flat);
    put_records(NAME("2"), "s", 1, 1);
    put_records(HOUR "other", "o", 1, 1);
    for (int row = 0; row < 4; row++) {
        list_folder(&run);
        run.request.streams = rules;
        run.request.stream_count = row < 2 ? 2 : 0;
        run.request.only_aggregate = row % 2 == 0 ? "only" : NULL;
        ingest_soundly(&run);
        struct found found = find_events(&run);
        cr_assert_not_null(strstr(found.text, "f:own "));
        cr_assert_not_null(strstr(found.text, row < 2    ? "s:order "
                                              : row == 2 ? "s:only "
                                                         : "s:- "));
        cr_assert_not_null(strstr(found.text, row % 2 == 0 ? "o:only " : "o:- "));
        cr_assert_eq(run.result.odd_names, 1);
        cr_assert_eq(run.result.counts.envelopes[RF_ENVELOPE_FLAT], 1);
        cr_assert_eq(run.result.counts.envelopes[RF_ENVELOPE_EVENTSOURCE], 2);
        done(&run);
    }
}

/* No event is kept pending without its aggregate's name; if one were, it would be of none, and not
 * of the object that was read before. */
Test(ingest, what_is_pending_stands_under_its_own_name_only)
{
    struct rf_envelope pending;
    struct run run;
    put_records(NAME("1"), "longer", 1, 9);
    put_text(NAME("2"), "{\"id\":\"p\",\"type\":\"T\",\"version\":1}");
    put_text(NAME("3"), "{\"id\":\"q\",\"type\":\"T\",\"version\":1,\"aggregate\":\"own\"}");
    list_folder(&run);
    cr_assert_eq(run.objects.count, 3);
    cr_assert_eq(rf_envelope_parse("id=/id,type=/type,version=/version,aggregate=/aggregate",
                                   &pending, &run.err),
                 RF_OK);
    run.objects.items[1].pending = true;
    run.objects.items[2].pending = true;
    run.request.pending_envelope = &pending;
    run.request.only_aggregate = "only";
    run.request.jobs = 1;
    ingest_soundly(&run);
    struct found found = find_events(&run);
    cr_expect_not_null(strstr(found.text, "longer:only "));
    cr_expect_not_null(strstr(found.text, "p:- "));
    cr_expect_not_null(strstr(found.text, "q:own "));
    done(&run);
    rf_envelope_done(&pending);
}

static void
count_ids_in_data(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    (void)ref;
    *(unsigned *)context += (event->flags & RF_EVENT_ID_IN_DATA) != 0 ? 1 : 0;
}

/* Whether a record was read in full or recognized. */
Test(ingest, an_id_that_stands_in_the_data_is_kept_only_there)
{
    struct run run;
    unsigned count = 0;
    put_records(NAME("1"), "some", 1, 50);
    list_folder(&run);
    ingest_soundly(&run);
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
        each_event(run.history, bucket, count_ids_in_data, &count);
    }
    cr_expect_eq(count, 50, "%u", count);
    done(&run);
}

Test(ingest, a_stream_may_have_its_own_envelope)
{
    struct rf_stream_rule rule = {.match = (char *)"orders", .has_envelope = true};
    struct run run;
    put_text(NAME("1"), "{\"k\":\"id\",\"y\":\"T\",\"n\":7}");
    list_folder(&run);
    cr_assert_eq(rf_envelope_parse("id=/k,type=/y,version=/n", &rule.envelope, &run.err), RF_OK);
    run.request.streams = &rule;
    run.request.stream_count = 1;
    ingest_soundly(&run);
    cr_assert_eq(run.result.counts.envelopes[RF_ENVELOPE_CUSTOM], 1);
    done(&run);
    rf_envelope_done(&rule.envelope);
}

Test(ingest, enters_the_aggregates_names_for_gather)
{
    static const char *const names[] = {"order", "file"};
    struct run run;
    put_records(NAME("1"), "x", 1, 1);
    list_folder(&run);
    run.request.aggregates = names;
    run.request.aggregate_count = 2;
    ingest_soundly(&run);
    cr_assert_neq(rf_names_find(rf_history_names(run.history), "order", 5), UINT32_MAX);
    cr_assert_neq(rf_names_find(rf_history_names(run.history), "file", 4), UINT32_MAX);
    done(&run);
}

/** Everything but the order of finding, as text. */
static void
print_result(const struct run *run, struct rf_buf *out)
{
    const struct rf_sums *sums = &run->result.sums;
    rf_buf_format(out,
                  "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                  "\n",
                  sums->read, sums->unreadable, sums->foreign, sums->records, sums->events,
                  sums->malformed, sums->seen.mixed);
    for (size_t i = 0; i < run->result.damages.count; i++) {
        const struct rf_damage *damage = &run->result.damages.items[i];
        rf_buf_format(out, "%s %s %" PRIu64 " %s\n", rf_damage_name(damage->kind), damage->object,
                      damage->offset, damage->message);
    }
    for (size_t i = 0; i < run->result.foreign_count; i++) {
        rf_buf_format(out, "%s\n", run->result.foreign[i]);
    }
    rf_buf_format(out, "%" PRId64 " %" PRId64 "\n", run->result.first.seconds,
                  run->result.last.seconds);
}

Test(ingest, gives_the_same_with_any_number_of_jobs)
{
    for (int i = 0; i < 60; i++) {
        char *key = rf_format("2024/01/02/%02d/%s%d%s", i % 24, i % 7 == 0 ? "junk" : "o", i,
                              i % 7 == 0 ? "" : ".json");
        char *text = make_records("x", 1, i * 3);
        put_text(key, text);
        put_bytes(key,
                  i % 7 == 0    ? "junk"
                  : i % 5 == 0  ? "{\"bad\":1}"
                  : i % 11 == 0 ? "{"
                                : "",
                  i % 7 == 0    ? 4
                  : i % 5 == 0  ? 9
                  : i % 11 == 0 ? 1
                                : 0,
                  i % 7 == 0 ? "w" : "a");
        free(text);
        free(key);
    }
    struct rf_buf want = {0};
    for (size_t jobs = 1; jobs <= 16; jobs *= 2) {
        struct run run;
        struct rf_buf got = {0};
        list_folder(&run);
        run.request.jobs = jobs;
        ingest_soundly(&run);
        print_result(&run, &got);
        if (jobs == 1) {
            rf_buf_add(&want, got.bytes, got.used);
            cr_assert_gt(run.result.damages.count, 5);
            cr_assert_gt(run.result.foreign_count, 5);
        }
        cr_assert_str_eq(rf_buf_text(&got), rf_buf_text(&want));
        rf_buf_done(&got);
        done(&run);
    }
    rf_buf_done(&want);
}

/** @grow  the last object is the largest, which is read first; else the first is */
static void
expect_the_first_to_be_named(bool grow)
{
    struct run run;
    for (int i = 0; i < 20; i++) {
        char *key = rf_format(HOUR "o%02d.json", i);
        put_records(key, "x", 1, grow ? 50 + i : 70 - i);
        free(key);
    }
    list_folder(&run);
    static const char *const gone[] = {HOUR "o15.json", HOUR "o07.json", HOUR "o11.json"};
    for (int i = 0; i < 3; i++) {
        char *path = make_path(gone[i]);
        cr_assert_eq(unlink(path), 0);
        free(path);
    }
    for (size_t jobs = 1; jobs <= 4; jobs++) {
        run.request.jobs = jobs;
        cr_assert_eq(ingest(&run), RF_ERR_SOURCE);
        cr_assert_str_eq(run.err.where, HOUR "o07.json");
        cr_assert_null(run.history);
    }
    done(&run);
}

Test(ingest, ends_with_the_first_object_that_cannot_be_read)
{
    expect_the_first_to_be_named(true);
    expect_the_first_to_be_named(false);
}

/* The machine's fault comes before that of an object: what it says of the rest is no news. */
Test(ingest, ends_at_once_where_there_is_no_room)
{
    struct run run;
    put_records(HOUR "o00.json", "x", 1, 9);
    put_records(HOUR "o01.json", "y", 1, 50000); /* the largest is read first */
    put_records(HOUR "o02.json", "x", 10, 19);
    list_folder(&run);
    static const char *const gone[] = {HOUR "o00.json", HOUR "o02.json"};
    for (int i = 0; i < 2; i++) {
        char *path = make_path(gone[i]);
        cr_assert_eq(unlink(path), 0);
        free(path);
    }
    cr_assert_eq(setenv("TMPDIR", "/nonexistent/folder", 1), 0);
    run.request.jobs = 1;
    run.request.memory_bytes = 1 << 20;
    cr_assert_eq(ingest(&run), RF_ERR_INTERNAL, "%s: %s", run.err.where, run.err.text);
    cr_expect_str_eq(run.err.where, "/nonexistent/folder");
    cr_assert_null(run.history);
    done(&run);
}

Test(ingest, counts_keys_that_occur_twice)
{
    struct run run;
    put_text(NAME("1"),
             "{\"t\":\"T\",\"d\":{\"ID\":\"x\",\"Version\":1,\"At\":1,\"a\":1,\"a\":2}}");
    put_text(NAME("2"),
             "{\"t\":\"T\",\"d\":{\"ID\":\"x\",\"Version\":2,\"At\":1,\"b\":{\"c\":1,\"c\":2}}}");
    list_folder(&run);
    ingest_soundly(&run);
    cr_assert_eq(run.result.counts.repeated_keys, 2);
    done(&run);
}

/** Only at its end is it known that an object did not change while it was read. */
Test(ingest, reads_a_broken_object_to_its_end)
{
    struct rf_progress_counts progress = {0};
    struct run run;
    char *text = rf_alloc(2000000);
    for (size_t i = 0; i < 2000000; i++) {
        text[i] = (char)(i * 7919 >> 3);
    }
    memcpy(text, "\x1f\x8b\x08 broken", 10);
    put_bytes(NAME("1") ".gz", text, 2000000, "w");
    free(text);
    list_folder(&run);
    run.request.progress = &progress;
    ingest_soundly(&run);
    expect_fates(&run, 0, 1, 0);
    cr_assert_eq(progress.bytes_done, 2000000);
    done(&run);
}

Test(ingest, an_object_that_changed_is_no_damage)
{
    struct run run;
    put_text(NAME("1") ".gz", "\x1f\x8b\x08 broken");
    list_folder(&run);
    put_bytes(NAME("1") ".gz", "more", 4, "a");
    cr_assert_eq(ingest(&run), RF_ERR_SOURCE);
    done(&run);
}

Test(ingest, stops_when_asked)
{
    atomic_bool stop = true;
    struct run run;
    put_records(NAME("1"), "x", 1, 10);
    list_folder(&run);
    run.request.stop = &stop;
    cr_assert_eq(ingest(&run), RF_ERR_INTERRUPTED);
    cr_assert_null(run.history);
    done(&run);
}

Test(ingest, progress_ends_at_all_objects_bytes_and_events)
{
    struct rf_progress_counts progress = {0};
    struct run run;
    put_records(NAME("1"), "x", 1, 10);
    put_records(NAME("2"), "x", 11, 3000);
    put_records("processing-failed/" NAME("3"), "x", 1, 10);
    list_folder(&run);
    run.request.progress = &progress;
    ingest_soundly(&run);
    uint64_t bytes = 0;
    for (size_t i = 0; i < run.objects.count; i++) {
        bytes += run.objects.items[i].bytes;
    }
    cr_assert_eq(progress.objects_done, 3);
    cr_assert_eq(progress.bytes_done, bytes);
    cr_assert_eq(progress.events_read, 3000);
    done(&run);
}

Test(ingest, no_objects_are_an_empty_history)
{
    struct run run;
    list_folder(&run);
    ingest_soundly(&run);
    expect_fates(&run, 0, 0, 0);
    cr_assert(!run.result.has_first);
    done(&run);
}

/* ---- archives ----------------------------------------------------------------------------------
 */

Test(ingest, members_of_an_archive_are_objects_and_flaws_are_damage)
{
    struct run run;
    struct rf_buf tar = {0};
    char *records = make_records("a", 1, 3);
    tar_member(&tar, "2026/07/01/00/plain.json", '0', records);
    tar_member(&tar, "2026/07/01/00/link.json", '2', "");
    tar_member(&tar, "README", '0', "see the brackets [1]");
    tar_member(&tar, "pipe", '6', "");
    tar_end(&tar);
    char *path = archive_put(folder, "t.tar", &tar);
    list_source(&run, path);
    ingest_soundly(&run);
    expect_fates(&run, 1, 1, 2);
    cr_assert_eq(run.result.damages.count, 1);
    cr_expect_str_eq(strrchr(run.result.damages.items[0].object, ':'), ":2026/07/01/00/link.json");
    cr_expect_eq(run.result.damages.items[0].kind, RF_DAMAGE_UNREADABLE);
    cr_expect_eq(run.result.unverified, 1, "a plain object in a tar");
    done(&run);
    free(records);
    free(path);
}

Test(ingest, what_is_left_of_a_cut_archive_is_read_and_the_rest_is_damage)
{
    struct run run;
    struct rf_buf tar = {0};
    char *records = make_records("a", 1, 3);
    tar_member(&tar, "2026/07/01/00/one.json", '0', records);
    tar_member(&tar, "2026/07/01/00/two.json", '0', records);
    tar.used -= 512; /* within the second member */
    char *path = archive_put(folder, "t.tar", &tar);
    list_source(&run, path);
    ingest_soundly(&run);
    expect_fates(&run, 1, 2, 0);
    cr_expect_eq(run.result.damages.totals[RF_DAMAGE_TRUNCATED], 2, "the member, and the rest");
    done(&run);
    free(records);
    free(path);
}

Test(ingest, what_breaks_before_its_first_byte_is_not_taken_for_text)
{
    struct run run;
    struct rf_buf tar = {0};
    char *records = make_records("a", 1, 3);
    tar_member(&tar, "2026/07/01/00/one.json", '0', records);
    tar_member(&tar, "README", '0', "this one is text");
    tar_member(&tar, "notes", '0', "see the brackets [1");
    tar.used -= 512; /* behind the header of the last member */
    char *path = archive_put(folder, "t.tar", &tar);
    list_source(&run, path);
    run.request.jobs = 1;
    ingest_soundly(&run);
    expect_fates(&run, 1, 2, 1);
    cr_expect_eq(run.result.damages.totals[RF_DAMAGE_TRUNCATED], 2, "the member, and the rest");
    done(&run);
    free(records);
    free(path);
}

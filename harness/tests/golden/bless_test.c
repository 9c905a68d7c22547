/* SPDX-License-Identifier: MIT */
/* Accepting states: which lines are written, which stay, and that a failure changes nothing. */
#include "tests/golden/scene.h"

#include <zlib.h>

#include "golden/listing.h"

static struct scene scene;
static struct rf_bless_request request;
static struct rf_bless_summary summary;
static struct rf_findings findings;

static const struct play STEADY = {
    .count = 2,
    .states = {"{}", "{\"n\":1}", "{\"n\":2}"},
};

static void
set_up(void)
{
    scene_open(&scene);
    request = (struct rf_bless_request){.folder = scene.folder,
                                        .goldens = &scene.goldens,
                                        .history = scene.history,
                                        .builds = scene.builds,
                                        .build_count = 1,
                                        .jobs = 1};
}

static void
tear_down(void)
{
    rf_findings_done(&findings);
    scene_done(&scene);
}

TestSuite(bless, .init = set_up, .fini = tear_down);

static rf_code
try_bless(const struct play *plays, size_t count, struct rf_err *reterr)
{
    scene_load(&scene);
    struct rf_blessing *blessing = rf_blessing_new(&request);
    for (size_t i = 0; i < count; i++) {
        perform(&scene, rf_blessing_sink(blessing), &plays[i]);
    }
    rf_findings_done(&findings);
    rf_blessing_finish(blessing, &findings);
    rf_code code = rf_blessing_write(blessing, &summary, reterr);
    rf_blessing_free(blessing);
    return code;
}

static void
bless(const struct play *plays, size_t count)
{
    struct rf_err err;
    cr_assert(try_bless(plays, count, &err) == RF_OK, "%s: %s", err.where, err.text);
}

static struct play
play_of(const char *id)
{
    struct play play = STEADY;
    play.id = id;
    return play;
}

static void
expect_file(const char *name, const char *want)
{
    char *text = read_text_file(&scene, name);
    cr_assert(text != NULL, "%s is not there", name);
    cr_assert_str_eq(text, want);
    free(text);
}

static void
expect_summary(struct rf_bless_summary want)
{
    cr_assert(memcmp(&summary, &want, sizeof(want)) == 0,
              "added %" PRIu64 " changed %" PRIu64 " unchanged %" PRIu64 " removed %" PRIu64
              " kept %" PRIu64 " absent %" PRIu64 " rejected %" PRIu64 " unfit %" PRIu64
              " files %" PRIu64,
              summary.added, summary.changed, summary.unchanged, summary.removed, summary.kept,
              summary.absent, summary.rejected, summary.unfit, summary.files);
}

Test(bless, writes_sorted_canonical_lines_and_a_meta_file)
{
    struct play plays[] = {play_of("b\""), play_of("a"), play_of("B")};
    char want[512];
    uint64_t digest = digest_of(&scene, &STEADY, 2);
    bless(plays, 3);
    (void)snprintf(
        want, sizeof(want),
        "{\"events\":\"%016" PRIx64 "\",\"id\":\"B\",\"state\":{\"n\":2},\"version\":2}\n"
        "{\"events\":\"%016" PRIx64 "\",\"id\":\"a\",\"state\":{\"n\":2},\"version\":2}\n"
        "{\"events\":\"%016" PRIx64 "\",\"id\":\"b\\\"\",\"state\":{\"n\":2},\"version\":2}\n",
        digest, digest, digest);
    expect_file("order.ndjson", want);
    expect_summary((struct rf_bless_summary){.added = 3, .files = 1});
    scene_load(&scene);
    cr_assert(scene.goldens.items[0].sealed && !scene.goldens.items[0].edited);
    cr_assert(scene.damages.count == 0);
    char *meta = read_text_file(&scene, "order.meta.json");
    cr_assert(strstr(meta, "\"aggregate\":\"order\",\"format\":1,") != NULL);
    cr_assert(strstr(meta, "\"lines\":3,\"rejected\":0,") != NULL);
    cr_assert(strstr(meta, "selection") == NULL);
    free(meta);
    cr_assert(count_files(scene.folder, "") == 2);
}

Test(bless, writes_rejections)
{
    struct play refused = play_of("a");
    refused.ending = RF_ENDED_REJECTED;
    refused.fails_at = 2;
    refused.message = "Paid: \"no\"";
    struct play first = play_of("b");
    first.ending = RF_ENDED_REJECTED;
    first.fails_at = 1;
    first.message = "no";
    struct play both[] = {refused, first};
    char want[512];
    bless(both, 2);
    (void)snprintf(
        want, sizeof(want),
        "{\"events\":\"%016" PRIx64 "\",\"id\":\"a\",\"rejected\":{\"message\":\"Paid: "
        "\\\"no\\\"\",\"type\":\"Event\",\"version\":2},\"state\":{\"n\":1},\"version\":1}\n"
        "{\"events\":\"%016" PRIx64 "\",\"id\":\"b\",\"rejected\":{\"message\":\"no\","
        "\"type\":\"Event\",\"version\":1},\"state\":{},\"version\":0}\n",
        digest_of(&scene, &STEADY, 2), digest_of(&scene, &STEADY, 1));
    expect_file("order.ndjson", want);
    cr_assert(findings.tallies[0].rejected == 2);
    cr_assert(findings.differences_total == 0);
}

Test(bless, twice_gives_the_same_bytes_and_writes_nothing)
{
    struct play plays[] = {play_of("a"), play_of("b")};
    struct play turned[] = {play_of("b"), play_of("a")};
    struct stat before;
    struct stat after;
    char path[256];
    bless(plays, 2);
    (void)snprintf(path, sizeof(path), "%s/order.ndjson", scene.folder);
    cr_assert(stat(path, &before) == 0);
    char *golden = read_text_file(&scene, "order.ndjson");
    char *meta = read_text_file(&scene, "order.meta.json");
    turned[0].thread = 1;
    request.jobs = 2;
    bless(turned, 2);
    expect_summary((struct rf_bless_summary){.unchanged = 2});
    expect_file("order.ndjson", golden);
    expect_file("order.meta.json", meta);
    cr_assert(stat(path, &after) == 0 && before.st_ino == after.st_ino, "it was not written again");
    free(golden);
    free(meta);
}

Test(bless, changes_what_changed_and_removes_what_is_gone)
{
    struct play plays[] = {play_of("a"), play_of("b"), play_of("c")};
    bless(plays, 3);
    plays[1].states[2] = "{\"n\":3}";
    plays[2].id = "d";
    bless(plays, 3);
    expect_summary((struct rf_bless_summary){
        .added = 1, .changed = 1, .unchanged = 1, .removed = 1, .files = 1});
    scene_load(&scene);
    cr_assert(scene.goldens.items[0].count == 3 && !scene.goldens.items[0].edited);
}

static bool
selects_b(const void *context, const char *id, size_t id_bytes)
{
    (void)context;
    return id_bytes == 1 && id[0] == 'b';
}

Test(bless, of_some_ids_leaves_all_other_lines_byte_for_byte)
{
    static const char other[] = "{ \"id\":\"a\", \"state\":{}, \"version\":1 }\n";
    write_text(&scene, "order.ndjson", other);
    struct play b = play_of("b");
    request.selects = selects_b;
    bless(&b, 1);
    expect_summary((struct rf_bless_summary){.added = 1, .kept = 1, .files = 1});
    char *text = read_text_file(&scene, "order.ndjson");
    cr_assert(strncmp(text, other, strlen(other)) == 0);
    free(text);
    bless(NULL, 0);
    expect_summary((struct rf_bless_summary){.kept = 2, .absent = 1});
}

Test(bless, with_a_selection_by_time_lines_stay)
{
    struct play plays[] = {play_of("a"), play_of("b")};
    bless(plays, 2);
    request.selected_by_time = true;
    request.until = "2024-01-02";
    bless(plays, 1);
    expect_summary((struct rf_bless_summary){.unchanged = 1, .kept = 1, .files = 1});
    char *meta = read_text_file(&scene, "order.meta.json");
    cr_assert(strstr(meta, "\"selection\":{\"until\":\"2024-01-02\"},\"states\"") != NULL, "%s",
              meta);
    free(meta);
    request.selected_by_time = false;
    request.until = NULL;
    request.selects = selects_b;
    bless(plays + 1, 1);
    expect_summary((struct rf_bless_summary){.unchanged = 1, .kept = 1});
}

Test(bless, an_unfit_instance_keeps_its_old_line_or_has_none)
{
    struct play plays[] = {play_of("a"), play_of("b"), play_of("c"), play_of("d")};
    bless(plays, 2);
    char *before = read_text_file(&scene, "order.ndjson");
    plays[1].ending = RF_ENDED_CRASHED;
    plays[1].fails_at = 1;
    plays[1].message = "SIGSEGV";
    plays[2].ending = RF_ENDED_HUNG;
    plays[2].fails_at = 2;
    plays[3].states[2] = "{no JSON";
    bless(plays, 4);
    expect_summary((struct rf_bless_summary){.unchanged = 1, .unfit = 3});
    expect_file("order.ndjson", before);
    free(before);
    cr_assert(findings.differences_total == 3);
    cr_assert(findings.differences[0].kind == RF_DIFFERENCE_CRASHED);
    cr_assert(findings.differences[1].kind == RF_DIFFERENCE_HUNG);
    cr_assert(findings.differences[2].kind == RF_DIFFERENCE_CRASHED);
    cr_assert(findings.tallies[0].crashed == 2 && findings.tallies[0].hung == 1);
}

Test(bless, only_unfit_instances_make_no_golden)
{
    struct play dies = play_of("a");
    dies.ending = RF_ENDED_CRASHED;
    bless(&dies, 1);
    cr_assert(count_files(scene.folder, "") == 0);
}

Test(bless, empties_a_golden_whose_instances_are_all_gone)
{
    struct play a = play_of("a");
    bless(&a, 1);
    bless(NULL, 0);
    expect_summary((struct rf_bless_summary){.removed = 1, .files = 1});
    expect_file("order.ndjson", "");
    bless(NULL, 0);
    expect_summary((struct rf_bless_summary){0});
    scene_load(&scene);
    cr_assert(scene.damages.count == 0 && scene.goldens.items[0].sealed);
}

Test(bless, does_not_touch_goldens_of_other_aggregates)
{
    static const char other[] = "{\"id\":\"x\",\"state\":{},\"version\":1}\n";
    write_text(&scene, "file.ndjson", other);
    struct play plays[] = {play_of("a"), play_of("b")};
    plays[1].aggregate = "invoice";
    bless(plays, 2);
    expect_file("file.ndjson", other);
    expect_summary((struct rf_bless_summary){.added = 2, .files = 2});
    cr_assert(count_files(scene.folder, "invoice.") == 2);
    cr_assert(count_files(scene.folder, "file.") == 1);
}

Test(bless, keeps_a_compressed_golden_compressed)
{
    char path[256];
    char text[512] = {0};
    struct play plays[] = {play_of("a"), play_of("b")};
    (void)snprintf(path, sizeof(path), "%s/order.ndjson.gz", scene.folder);
    gzFile file = gzopen(path, "wb");
    cr_assert(gzclose(file) == Z_OK);
    bless(plays, 2);
    cr_assert(access(path, F_OK) == 0);
    cr_assert(count_files(scene.folder, "order.ndjson") == 1);
    file = gzopen(path, "rb");
    int bytes = gzread(file, text, sizeof(text) - 1);
    cr_assert(gzclose(file) == Z_OK);
    cr_assert(bytes > 0 && strstr(text, "\"id\":\"b\"") != NULL);
    struct rf_buf first = {0};
    struct rf_buf second = {0};
    cr_assert(rf_file_read(path, &first, NULL) == RF_OK);
    cr_assert(memcmp(first.bytes + 4, "\0\0\0\0", 4) == 0, "no time");
    bless(plays, 1);
    bless(plays, 2);
    cr_assert(rf_file_read(path, &second, NULL) == RF_OK);
    cr_assert(first.used == second.used && memcmp(first.bytes, second.bytes, first.used) == 0);
    rf_buf_done(&first);
    rf_buf_done(&second);
    bless(plays, 2);
    expect_summary((struct rf_bless_summary){.unchanged = 2});
    scene_load(&scene);
    cr_assert(scene.goldens.items[0].count == 2 && !scene.goldens.items[0].edited);
}

Test(bless, makes_a_large_golden_whose_compressed_form_reads_back)
{
    enum { ALL = 30000 };
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/order.ndjson.gz", scene.folder);
    cr_assert(gzclose(gzopen(path, "wb")) == Z_OK);
    scene_load(&scene);
    struct rf_blessing *blessing = rf_blessing_new(&request);
    for (size_t i = 0; i < ALL; i++) {
        char id[64];
        (void)snprintf(id, sizeof(id), "%016" PRIx64, rf_hash(&i, sizeof(i), 0));
        struct play play = play_of(id);
        play.salt = i;
        perform(&scene, rf_blessing_sink(blessing), &play);
    }
    rf_blessing_finish(blessing, &findings);
    cr_assert(rf_blessing_write(blessing, &summary, NULL) == RF_OK);
    rf_blessing_free(blessing);
    scene_load(&scene);
    cr_assert(scene.goldens.items[0].count == ALL && scene.damages.count == 0);
    cr_assert(scene.goldens.items[0].sealed && !scene.goldens.items[0].edited);
}

Test(bless, makes_the_folder)
{
    char folder[128];
    struct play a = play_of("a");
    (void)snprintf(folder, sizeof(folder), "%s/new", scene.folder);
    request.folder = folder;
    bless(&a, 1);
    cr_assert(count_files(folder, "order.") == 2);
    DIR *made = opendir(folder);
    for (struct dirent *entry; (entry = readdir(made)) != NULL;) {
        (void)unlinkat(dirfd(made), entry->d_name, 0);
    }
    closedir(made);
}

Test(bless, a_name_that_names_no_file_writes_nothing)
{
    const char *const names[] = {"../x", "a/b", ".hidden", "", "a b", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct rf_err err;
        struct play plays[] = {play_of("a"), play_of("b")};
        plays[1].aggregate = names[i];
        cr_assert(try_bless(plays, 2, &err) == RF_ERR_USAGE, "%s", names[i]);
        cr_assert(count_files(scene.folder, "") == 0);
    }
}

Test(bless, with_a_selection_refuses_a_damaged_golden)
{
    struct rf_err err;
    struct play b = play_of("b");
    write_text(&scene, "order.ndjson", "{\"id\":\"a\",\"state\":{},\"version\":1}\n<<<<<<< HEAD\n");
    request.selects = selects_b;
    cr_assert(try_bless(&b, 1, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "damaged") != NULL);
    request.selects = NULL;
    bless(&b, 1);
    scene_load(&scene);
    cr_assert(scene.damages.count == 0, "without one it is the remedy");
}

Test(bless, replaces_a_broken_file_even_by_an_empty_one)
{
    write_text(&scene, "order.ndjson.gz", "garbage");
    bless(NULL, 0);
    scene_load(&scene);
    cr_assert(scene.damages.count == 0 && scene.goldens.items[0].count == 0);
}

Test(bless, into_a_read_only_folder_changes_nothing)
{
    struct rf_err err;
    struct play a = play_of("a");
    bless(&a, 1);
    char *before = read_text_file(&scene, "order.ndjson");
    cr_assert(chmod(scene.folder, 0555) == 0);
    if (geteuid() == 0) {
        cr_assert(seteuid(65534) == 0); /* permissions do not stop root */
    }
    a.states[2] = "{\"n\":9}";
    cr_assert(try_bless(&a, 1, &err) == RF_ERR_OUTPUT);
    cr_assert(strstr(err.where, "order.ndjson") != NULL);
    cr_assert(strstr(err.text, "Permission denied") != NULL, "%s", err.text);
    expect_file("order.ndjson", before);
    cr_assert(count_files(scene.folder, "") == 2, "no temporaries");
    if (geteuid() == 65534) {
        cr_assert(seteuid(0) == 0);
    }
    cr_assert(chmod(scene.folder, 0700) == 0);
    free(before);
}

Test(bless, a_rename_that_fails_puts_all_goldens_back)
{
    struct rf_err err;
    struct play plays[] = {play_of("a"), play_of("b")};
    char path[256];
    bless(plays, 1);
    char *golden = read_text_file(&scene, "order.ndjson");
    char *meta = read_text_file(&scene, "order.meta.json");
    (void)snprintf(path, sizeof(path), "%s/zebra.meta.json", scene.folder);
    plays[0].states[2] = "{\"n\":9}";
    plays[1].aggregate = "zebra";
    scene_load(&scene);
    struct rf_blessing *blessing = rf_blessing_new(&request);
    perform(&scene, rf_blessing_sink(blessing), &plays[0]);
    perform(&scene, rf_blessing_sink(blessing), &plays[1]);
    cr_assert(mkdir(path, 0700) == 0);
    cr_assert(rf_blessing_write(blessing, &summary, &err) == RF_ERR_SOURCE,
              "it was not there before");
    cr_assert(strstr(err.text, "changed meanwhile") != NULL, "%s", err.text);
    expect_file("order.ndjson", golden);
    rf_buf_clear(&scene.goldens.seen);
    cr_assert(rf_golden_glance(scene.folder, &scene.goldens.seen, &err) == RF_OK);
    rf_blessing_free(blessing);
    blessing = rf_blessing_new(&request);
    perform(&scene, rf_blessing_sink(blessing), &plays[0]);
    perform(&scene, rf_blessing_sink(blessing), &plays[1]);
    cr_assert(rf_blessing_write(blessing, &summary, &err) == RF_ERR_OUTPUT);
    rf_blessing_free(blessing);
    expect_file("order.ndjson", golden);
    expect_file("order.meta.json", meta);
    cr_assert(count_files(scene.folder, "") == 3, "no temporaries, no zebra.ndjson");
    free(golden);
    free(meta);
}

/* SPDX-License-Identifier: MIT */
/* Digest goldens, through a fold whose states are given: what is compared, blessed, read, counted.
 */
#include "tests/golden/scene.h"

#include <dirent.h>
#include <sys/stat.h>

#include "golden/digest_manifest.h"
#include "golden/verify.h"

static struct scene scene;
static char lines[96];
static struct rf_compare_request compare;
static struct rf_bless_request request;
static struct rf_bless_summary summary;
static struct rf_findings findings;
static struct rf_damages damages;
static char left_out;             /* an id, or NUL */
static const struct play *second; /* what comes of a shard's second fold, where it is another */

static const struct play STEADY = {
    .count = 2,
    .states = {"{}", "{\"n\":1}", "{\"n\":2}", "{\"n\":3}"},
};

static void
remove_lines(void)
{
    char folder[160];
    (void)snprintf(folder, sizeof(folder), "%s/order", lines);
    DIR *open_folder = opendir(folder);
    for (struct dirent *entry; open_folder != NULL && (entry = readdir(open_folder)) != NULL;) {
        (void)unlinkat(dirfd(open_folder), entry->d_name, 0);
    }
    if (open_folder != NULL) {
        closedir(open_folder);
    }
    (void)rmdir(folder);
}

static void
set_up(void)
{
    scene_open(&scene);
    (void)snprintf(lines, sizeof(lines), "%s/.lines", scene.folder);
    memset(&compare, 0, sizeof(compare));
    request = (struct rf_bless_request){.folder = scene.folder,
                                        .goldens = &scene.goldens,
                                        .history = scene.history,
                                        .builds = scene.builds,
                                        .build_count = 1,
                                        .jobs = 1,
                                        .digest = true,
                                        .lines = lines,
                                        .hides_lines = true};
}

static void
tear_down(void)
{
    char path[160];
    rf_findings_done(&findings);
    rf_damages_done(&damages);
    remove_lines();
    (void)snprintf(path, sizeof(path), "%s/.gitignore", lines);
    (void)unlink(path);
    scene_done(&scene);
}

TestSuite(digest, .init = set_up, .fini = tear_down);

static void
load(void)
{
    struct rf_err err;
    rf_goldens_done(&scene.goldens);
    rf_damages_done(&scene.damages);
    rf_code code = rf_goldens_open_digests(scene.folder, lines, &(struct rf_goldens_anew){0},
                                           &scene.goldens, &scene.damages, &err);
    cr_assert(code == RF_OK, "%s: %s", err.where, err.text);
}

/** What --as-of leaves out of the instance of this id is told while its shard is gathered. */
static void
leave_out(void *comparison, size_t shard)
{
    struct {
        struct rf_packed_event event;
        char id[8];
    } packed = {.event = {.id_bytes = 1}};
    struct rf_names *names = rf_history_names(scene.history);
    if (left_out != '\0' && rf_shard_of(&left_out, 1) == shard) {
        packed.id[0] = left_out;
        rf_comparison_passed(comparison, rf_names_number(names, "order", 5), &packed.event, 9,
                             RF_TERM_UNSELECTED);
    }
}

/** As a fold brings them: shard by shard, some of them twice. */
static size_t
fold_shards(const struct rf_fold_sink *sink, const struct play *plays, size_t count)
{
    size_t twice = 0;
    cr_assert(sink->groups == RF_SHARD_COUNT);
    for (size_t shard = 0; shard < RF_SHARD_COUNT; shard++) {
        bool again = true;
        sink->begin(sink->context, 0, shard);
        for (size_t round = 0; again; round++) {
            cr_assert(round < 2, "folded a third time");
            leave_out(sink->context, shard);
            for (size_t i = 0; i < count; i++) {
                if (rf_shard_of(plays[i].id, strlen(plays[i].id)) == shard) {
                    perform(&scene, sink, round > 0 && second != NULL ? &second[i] : &plays[i]);
                }
            }
            again = sink->end(sink->context, 0, shard);
            twice += again ? 1 : 0;
        }
    }
    return twice;
}

static rf_code
try_bless(const struct play *plays, size_t count, struct rf_err *reterr)
{
    load();
    struct rf_blessing *blessing = rf_blessing_new(&request);
    (void)fold_shards(rf_blessing_sink(blessing), plays, count);
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

/** Returns how many shards were folded twice. */
static size_t
run(const struct play *plays, size_t count)
{
    load();
    compare.goldens = &scene.goldens;
    compare.history = scene.history;
    compare.builds = scene.builds;
    compare.build_count = 1;
    compare.jobs = 1;
    struct rf_comparison *comparison = rf_comparison_new(&compare);
    size_t twice = fold_shards(rf_comparison_sink(comparison), plays, count);
    rf_findings_done(&findings);
    rf_damages_done(&damages);
    rf_comparison_finish(comparison, &findings, &damages);
    rf_comparison_free(comparison);
    return twice;
}

/** a to h: eight ids, no two of one shard. */
static void
make_plays(struct play plays[8])
{
    static const char *const ids[8] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    for (size_t i = 0; i < 8; i++) {
        plays[i] = STEADY;
        plays[i].id = ids[i];
    }
}

static bool
is_b(const void *context, const char *id, size_t id_bytes)
{
    (void)context;
    return id_bytes == 1 && id[0] == 'b';
}

static size_t
line_files(void)
{
    char folder[160];
    (void)snprintf(folder, sizeof(folder), "%s/order", lines);
    return count_files(folder, ".ndjson.gz");
}

Test(digest, of_the_same_states_nothing_is_read_nor_folded_twice)
{
    struct play plays[8];
    make_plays(plays);
    bless(plays, 8);
    cr_assert(summary.added == 8 && summary.files == 1 && summary.shards == 8);
    cr_assert(line_files() == 8 && count_files(lines, ".gitignore") == 1);
    remove_lines();
    cr_assert(run(plays, 8) == 0);
    cr_assert(findings.tallies[0].same == 8 && findings.tallies[0].compared == 8);
    cr_assert(findings.tallies[0].instances == 8 && findings.tallies[0].events == 16);
    cr_assert(findings.lines.lines == 8 && findings.lines.shards == RF_SHARD_COUNT);
    cr_assert(findings.lines.shards_read == 0 && findings.lines.unread == NULL);
    cr_assert(findings.differences_total == 0 && findings.beyond == 0);
}

Test(digest, counts_what_is_refused_on_both_sides_among_the_same)
{
    struct play plays[8];
    make_plays(plays);
    for (size_t i = 2; i < 5; i++) {
        plays[i].ending = RF_ENDED_REJECTED;
        plays[i].fails_at = 2;
        plays[i].message = "no";
    }
    bless(plays, 8);
    cr_assert(run(plays, 8) == 0);
    cr_assert(findings.tallies[0].same == 8 && findings.tallies[0].refused == 3);
    cr_assert(findings.tallies[0].rejected == 0 && findings.tallies[0].events == 13);
}

Test(digest, of_one_changed_state_one_shard_is_read)
{
    struct play plays[8];
    make_plays(plays);
    bless(plays, 8);
    plays[3].states[2] = "{\"n\":7}";
    cr_assert(run(plays, 8) == 1);
    cr_assert(findings.tallies[0].same == 7 && findings.tallies[0].changed == 1);
    cr_assert(findings.differences_total == 1);
    cr_assert_str_eq(findings.differences[0].id, "d");
    cr_assert_str_eq(findings.differences[0].changes.items[0].path, "/n");
    cr_assert(findings.lines.shards_read == 1 && findings.lines.lines_read == 1);
    cr_assert(findings.lines.bytes_read > 0 && findings.lines.bytes_read < 200);
}

Test(digest, compares_at_the_pin_what_has_gone_on)
{
    struct play plays[8];
    make_plays(plays);
    bless(plays, 8);
    plays[5].count = 3;
    cr_assert(run(plays, 8) == 1);
    cr_assert(findings.tallies[0].same == 8 && findings.beyond == 1);
    plays[5].states[2] = "{\"n\":9}";
    cr_assert(run(plays, 8) == 1);
    cr_assert(findings.tallies[0].changed == 1 && findings.differences[0].version == 2);
}

Test(digest, tells_missing_unblessed_and_short_instances)
{
    struct play plays[8];
    make_plays(plays);
    bless(plays, 7);
    plays[1].count = 1;
    plays[0] = plays[7]; /* h is new, a is gone */
    left_out = 'g';      /* of which something came all the same, and which excuses no other */
    (void)run(plays, 7);
    cr_assert(findings.tallies[0].missing == 1 && findings.tallies[0].unblessed == 1);
    cr_assert(findings.tallies[0].cut_short == 1 && findings.tallies[0].same == 5);
    cr_assert(damages.totals[RF_DAMAGE_CUT_SHORT] == 1);
    left_out = 'a'; /* then no one knows that it is missing */
    (void)run(plays, 7);
    cr_assert(findings.tallies[0].missing == 0 && findings.tallies[0].uncompared == 1);
    cr_assert(findings.differences_total == 0);
}

Test(digest, is_never_the_same_without_the_lines_that_tell)
{
    struct play plays[8];
    make_plays(plays);
    bless(plays, 8);
    remove_lines();
    plays[2].states[2] = "{\"n\":7}";
    plays[4].ending = RF_ENDED_CRASHED;
    plays[4].fails_at = 2;
    (void)run(plays, 8);
    cr_assert(findings.tallies[0].same == 6 && findings.tallies[0].uncompared == 1);
    cr_assert(findings.tallies[0].crashed == 1, "that is known without a line");
    cr_assert(findings.lines.shards_unread == 2);
    cr_assert(strstr(findings.lines.unread, "is not there") != NULL, "%s", findings.lines.unread);
}

Test(digest, is_verified_file_by_file_and_each_damaged_one_named)
{
    struct rf_verification found;
    struct rf_err err;
    const struct rf_verify_request verify = {.folder = scene.folder, .lines = lines, .jobs = 1};
    struct play plays[8];
    char path[400];
    make_plays(plays);
    bless(plays, 8);
    cr_assert(rf_verify(&verify, &found, &err) == RF_OK, "%s", err.text);
    cr_expect(found.defect_count == 0 && found.golden_count == 1);
    cr_expect(found.goldens[0].shards == 8 && found.goldens[0].shards_read == 8);
    rf_verification_done(&found);
    (void)snprintf(path, sizeof(path), "%s/order", lines);
    DIR *open_folder = opendir(path);
    size_t damaged = 0;
    for (struct dirent *entry; damaged < 3 && (entry = readdir(open_folder)) != NULL;) {
        if (strstr(entry->d_name, ".ndjson.gz") != NULL) {
            (void)snprintf(path, sizeof(path), "%s/order/%s", lines, entry->d_name);
            cr_assert(truncate(path, 20) == 0);
            damaged++;
        }
    }
    closedir(open_folder);
    cr_assert(rf_verify(&verify, &found, &err) == RF_OK, "%s", err.text);
    cr_assert(found.defect_count == 3 && found.totals[RF_DEFECT_DAMAGE] == 3);
    for (size_t i = 1; i < 3; i++) {
        cr_expect(strcmp(found.defects[i - 1].file, found.defects[i].file) < 0, "%s, %s",
                  found.defects[i - 1].file, found.defects[i].file);
    }
    rf_verification_done(&found);
}

/** The path of the first file of lines that the folder tells. */
static void
find_lines(char path[400])
{
    (void)snprintf(path, 400, "%s/order", lines);
    DIR *open_folder = opendir(path);
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(open_folder)) != NULL;) {
        found = strstr(entry->d_name, ".ndjson.gz") != NULL;
        (void)snprintf(path, 400, "%s/order/%s", lines, entry->d_name);
    }
    closedir(open_folder);
    cr_assert(found);
}

/** Verifies with lines there, and expects one finding of this weight. */
static void
expect_finding(const char *place, enum rf_defect_weight weight, const char *file, const char *why)
{
    struct rf_verification found;
    struct rf_err err;
    const struct rf_verify_request verify = {.folder = scene.folder, .lines = place, .jobs = 2};
    cr_assert(rf_verify(&verify, &found, &err) == RF_OK, "%s", err.text);
    cr_assert(found.defect_count == 1, "%s: %zu findings", why, found.defect_count);
    cr_expect(found.defects[0].weight == weight, "%s: %s", why, found.defects[0].message);
    cr_expect_str_eq(found.defects[0].file, file);
    cr_expect_not_null(strstr(found.defects[0].message, why), "%s", found.defects[0].message);
    if (weight != RF_DEFECT_DAMAGE) {
        cr_expect_null(found.defects[0].repair);
    } else {
        cr_expect_str_eq(found.defects[0].repair + strlen("rm -- "), file);
    }
    rf_verification_done(&found);
}

Test(digest, verify_tells_lines_that_cannot_be_read_from_those_that_are_not_there)
{
    struct play plays[8];
    char path[400];
    char manifest[200];
    make_plays(plays);
    bless(plays, 8);
    (void)snprintf(manifest, sizeof(manifest), "%s/order.digest.json", scene.folder);
    expect_finding(manifest, RF_DEFECT_UNREAD, manifest, "is no folder or archive");
    expect_finding("/nowhere/lines", RF_DEFECT_NOTE, manifest, "of 8 of 8 shards");
    find_lines(path);
    cr_assert(unlink(path) == 0);
    expect_finding(lines, RF_DEFECT_NOTE, manifest, "of 1 of 8 shards");
    cr_assert(mkdir(path, 0700) == 0);
    expect_finding(lines, RF_DEFECT_UNREAD, path, "is no file");
    cr_assert(rmdir(path) == 0 && mkfifo(path, 0600) == 0);
    expect_finding(lines, RF_DEFECT_UNREAD, path, "");
}

static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    cr_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, "%s", path);
}

Test(digest, of_several_files_of_a_name_the_right_one_is_taken)
{
    struct play plays[8];
    char path[400];
    char folder[160];
    char first[600];
    make_plays(plays);
    bless(plays, 8);
    find_lines(path);
    (void)snprintf(folder, sizeof(folder), "%s/order/order", lines);
    (void)snprintf(first, sizeof(first), "%s/%s", folder, strrchr(path, '/') + 1);
    cr_assert(mkdir(folder, 0700) == 0);
    write_file(first, "broken");
    struct rf_verification found;
    struct rf_err err;
    const struct rf_verify_request verify = {.folder = scene.folder, .lines = lines, .jobs = 1};
    cr_assert(rf_verify(&verify, &found, &err) == RF_OK, "%s", err.text);
    cr_expect(found.defect_count == 0 && found.goldens[0].shards_read == 8);
    rf_verification_done(&found);
    write_file(path, "broken too");
    bool order = strcmp(first, path) < 0;
    expect_finding(lines, RF_DEFECT_DAMAGE, order ? first : path, "");
    cr_assert(unlink(first) == 0 && mkfifo(first, 0600) == 0);
    expect_finding(lines, RF_DEFECT_UNREAD, first, "");
    cr_assert(unlink(path) == 0 && mkfifo(path, 0600) == 0 && unlink(first) == 0);
    write_file(first, "broken");
    expect_finding(lines, RF_DEFECT_UNREAD, path, "");
    cr_assert(unlink(first) == 0 && rmdir(folder) == 0);
}

/* ---- a worker that dies in one of the two folds ---------------------------------------------- */

/** All is as blessed but that these end so in the first fold. */
static void
fall_first(enum rf_ending ending)
{
    static struct play plays[8];
    static struct play well[8];
    make_plays(plays);
    make_plays(well);
    bless(plays, 8);
    plays[4].ending = ending;
    plays[4].fails_at = 2;
    second = well;
    cr_assert(run(plays, 8) == 1);
    cr_assert(findings.tallies[0].same == 7 && findings.tallies[0].compared == 7);
    cr_assert(findings.tallies[0].instances == 8 && findings.tallies[0].missing == 0);
    cr_assert(findings.tallies[0].unblessed == 0);
}

Test(digest, of_what_crashed_once_is_never_the_same)
{
    fall_first(RF_ENDED_CRASHED);
    cr_assert(findings.tallies[0].crashed == 1 && findings.differences_total == 1);
    cr_assert_str_eq(findings.differences[0].id, "e");
    cr_assert(findings.differences[0].kind == RF_DIFFERENCE_CRASHED);
}

Test(digest, of_what_hung_once_is_never_the_same)
{
    fall_first(RF_ENDED_HUNG);
    cr_assert(findings.tallies[0].hung == 1 && findings.differences_total == 1);
}

Test(digest, of_what_was_impure_once_is_never_the_same)
{
    fall_first(RF_ENDED_IMPURE);
    cr_assert(findings.tallies[0].impure == 1 && findings.differences_total == 1);
}

Test(digest, of_what_was_not_tried_once_is_uncompared)
{
    fall_first(RF_ENDED_UNTRIED);
    cr_assert(findings.tallies[0].uncompared == 1 && findings.differences_total == 0);
}

Test(digest, of_what_lives_first_and_dies_then_is_a_difference)
{
    struct play plays[8];
    struct play later[8];
    make_plays(plays);
    bless(plays, 8);
    plays[4].count = 3; /* it has gone on, so that it is folded to its line's version */
    memcpy(later, plays, sizeof(later));
    later[4].ending = RF_ENDED_CRASHED;
    later[4].fails_at = 2;
    second = later;
    cr_assert(run(plays, 8) == 1);
    cr_assert(findings.tallies[0].crashed == 1 && findings.differences_total == 1);
    cr_assert(findings.tallies[0].same == 7 && findings.tallies[0].instances == 8);
}

Test(digest, of_what_is_new_and_crashed_once_is_a_crash_without_a_line)
{
    struct play plays[8];
    struct play well[8];
    make_plays(plays);
    make_plays(well);
    bless(plays, 7);
    plays[7].ending = RF_ENDED_CRASHED;
    plays[7].fails_at = 1;
    second = well;
    cr_assert(run(plays, 8) == 1);
    cr_assert(findings.tallies[0].crashed == 1 && findings.tallies[0].unblessed == 0);
    cr_assert(findings.tallies[0].same == 7);
}

/** Folds a shard's instances; returns how many outcomes were wanted. */
static size_t
count_wanted(const struct rf_fold_sink *sink, const struct play *plays, size_t count)
{
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        struct rf_instance instance = {
            .aggregate = rf_names_number(rf_history_names(scene.history), plays[i].aggregate, 5),
            .aggregate_name = plays[i].aggregate,
            .id = plays[i].id,
            .id_bytes = strlen(plays[i].id),
        };
        wanted += sink->pin(sink->context, 0, &instance).passed ? 0 : 1;
    }
    return wanted;
}

/* Whatever it came to would be nobody's: a crash there would be passed over. */
Test(digest, folds_nothing_again_of_which_all_is_known)
{
    struct play plays[2] = {STEADY, STEADY};
    plays[0].id = plays[1].id = "a";
    plays[0].aggregate = "order";
    plays[1].aggregate = "plain"; /* without a golden */
    bless(plays, 1);
    plays[0].states[2] = "{\"n\":7}";
    load();
    compare = (struct rf_compare_request){.goldens = &scene.goldens,
                                          .history = scene.history,
                                          .builds = scene.builds,
                                          .build_count = 1,
                                          .jobs = 1};
    struct rf_comparison *comparison = rf_comparison_new(&compare);
    const struct rf_fold_sink *sink = rf_comparison_sink(comparison);
    size_t shard = rf_shard_of("a", 1);
    sink->begin(sink->context, 0, shard);
    cr_assert(count_wanted(sink, plays, 2) == 2);
    perform(&scene, sink, &plays[0]);
    perform(&scene, sink, &plays[1]);
    cr_assert(sink->end(sink->context, 0, shard));
    cr_assert(count_wanted(sink, plays, 2) == 1);
    cr_assert(count_wanted(sink, plays, 1) == 1, "the one that differs");
    rf_comparison_free(comparison);
}

Test(digest, of_selected_ids_reads_their_shards_and_no_others)
{
    struct play plays[8];
    bool shards[RF_SHARD_COUNT] = {false};
    make_plays(plays);
    bless(plays, 8);
    shards[rf_shard_of("b", 1)] = true;
    compare.selects = is_b;
    compare.selected_shards = shards;
    cr_assert(run(&plays[1], 1) == 0);
    cr_assert(findings.tallies[0].same == 1 && findings.tallies[0].uncompared == 7);
    cr_assert(findings.lines.shards_read == 1);
}

Test(digest, keeps_old_lines_of_what_crashed)
{
    struct play plays[8];
    struct rf_err err;
    make_plays(plays);
    bless(plays, 8);
    char *before = read_text_file(&scene, "order.digest.json");
    plays[4].ending = RF_ENDED_CRASHED;
    plays[4].fails_at = 2;
    bless(plays, 8);
    cr_assert(summary.unfit == 1 && summary.unchanged == 7 && summary.files == 0);
    char *after = read_text_file(&scene, "order.digest.json");
    cr_assert_str_eq(after, before);
    free(before);
    free(after);
    remove_lines();
    cr_assert(try_bless(plays, 8, &err) == RF_ERR_SOURCE);
    cr_assert(strstr(err.text, "is not there") != NULL, "%s", err.text);
    cr_assert(count_files(scene.folder, ".tmp") == 0);
}

Test(digest, counts_lines_that_cannot_be_had_as_removed)
{
    struct play plays[8];
    make_plays(plays);
    bless(plays, 8);
    remove_lines();
    plays[0].states[2] = "{\"n\":7}";
    bless(plays, 8);
    cr_assert(summary.unchanged == 7 && summary.added == 1 && summary.removed == 1);
    cr_assert(summary.lost == 1 && summary.files == 1);
    cr_assert(summary.shards == 8, "all lines are there again: %d", (int)summary.shards);
    cr_assert(run(plays, 8) == 0);
}

Test(digest, of_a_dry_run_writes_nothing)
{
    struct play plays[8];
    make_plays(plays);
    request.dry_run = true;
    bless(plays, 8);
    cr_assert(summary.added == 8 && summary.files == 1);
    cr_assert(count_files(scene.folder, "") == 0);
}

Test(digest, of_an_aggregate_that_no_build_takes_is_uncompared)
{
    static char other[] = "other";
    struct play plays[8];
    make_plays(plays);
    bless(plays, 8);
    scene.build.name = other;
    (void)run(plays, 0);
    cr_assert(findings.unloaded_count == 1);
    cr_assert_str_eq(findings.unloaded[0], "order (8 lines)");
    cr_assert(findings.tallies[0].uncompared == 8);
}

Test(digest, is_refused_where_lines_are_what_is_wanted)
{
    struct play plays[8];
    struct rf_goldens goldens;
    struct rf_damages none = {0};
    struct rf_err err;
    make_plays(plays);
    bless(plays, 8);
    cr_assert(rf_goldens_open(scene.folder, &goldens, &none, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "is a digest golden") != NULL, "%s", err.text);
}

/* Whoever forgets that the fold must bring whole shards must not get a verdict. */
Test(digest, ends_where_a_fold_brought_no_shards, .exit_code = 70)
{
    struct play plays[8];
    make_plays(plays);
    bless(plays, 8);
    load();
    compare.goldens = &scene.goldens;
    compare.history = scene.history;
    compare.builds = scene.builds;
    compare.build_count = 1;
    compare.jobs = 1;
    struct rf_comparison *comparison = rf_comparison_new(&compare);
    rf_comparison_finish(comparison, &findings, &damages);
}

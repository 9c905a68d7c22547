/* SPDX-License-Identifier: MIT */
/* What came is written down, whatever ends a fetch. */
#include "mirror/ledger.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/files.h"
#include "base/path.h"

struct scene {
    char *folder;
    struct rf_place *place;
    struct rf_ledger *ledger;
    const char *selection;
    struct rf_err err;
};

static struct scene
begin(void)
{
    struct scene scene = {.folder = rf_strdup("/tmp/refold-ledger-XXXXXX"), .selection = ""};
    cr_assert_not_null(mkdtemp(scene.folder));
    return scene;
}

static rf_code
open_all(struct scene *scene, const char *source)
{
    cr_assert_eq(rf_place_open(scene->folder, false, &scene->place, &scene->err), RF_OK, "%s",
                 scene->err.text);
    return rf_ledger_open(scene->place, source, scene->selection, false, &scene->ledger,
                          &scene->err);
}

/** As a process that is killed leaves it, unless it was settled. */
static void
close_all(struct scene *scene)
{
    rf_ledger_free(scene->ledger);
    rf_place_close(scene->place);
    scene->ledger = NULL;
    scene->place = NULL;
}

static void
end(struct scene *scene)
{
    char *command = rf_format("rm -r '%s'", scene->folder);
    close_all(scene);
    cr_assert_eq(system(command), 0);
    free(command);
    free(scene->folder);
}

static void
add(struct scene *scene, const char *key, uint64_t bytes)
{
    struct rf_fetched_entry entry = {
        .key = rf_strdup(key), .etag = rf_strdup("\"e\""), .here = true, .bytes = bytes};
    memset(entry.sha256, 'a', RF_SHA256_HEX_BYTES - 1);
    cr_assert_eq(rf_ledger_add(scene->ledger, entry, &scene->err), RF_OK, "%s", scene->err.text);
}

static void
settle(struct scene *scene, char seal[RF_SHA256_HEX_BYTES])
{
    cr_assert_eq(rf_ledger_settle(scene->ledger, seal, &scene->err), RF_OK, "%s", scene->err.text);
}

static uint64_t
bytes_of(const struct scene *scene, const char *key)
{
    const struct rf_fetched_entry *entry = rf_fetched_find(rf_ledger_before(scene->ledger), key);
    return entry == NULL ? UINT64_MAX : entry->bytes;
}

static void
append(const struct scene *scene, const char *name, const char *text)
{
    char *path = rf_path_join(scene->folder, name);
    FILE *file = fopen(path, "a");
    cr_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    free(path);
}

Test(ledger, what_was_settled_is_there_the_next_time)
{
    struct scene scene = begin();
    char first[RF_SHA256_HEX_BYTES];
    char second[RF_SHA256_HEX_BYTES];
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    add(&scene, "b", 1);
    add(&scene, "a", 2);
    rf_ledger_miss(scene.ledger, "c\xff");
    rf_ledger_miss(scene.ledger, "b");
    settle(&scene, first);
    close_all(&scene);
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    cr_expect_not(rf_ledger_doubts(scene.ledger));
    cr_expect_eq(rf_ledger_before(scene.ledger)->missing, 2);
    cr_expect(rf_fetched_find(rf_ledger_before(scene.ledger), "b")->here);
    cr_expect_not(rf_fetched_find(rf_ledger_before(scene.ledger), "c?")->here);
    cr_expect_eq(bytes_of(&scene, "a"), 2);
    settle(&scene, second);
    cr_expect_str_eq(first, second, "nothing changed");
    close_all(&scene);
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    add(&scene, "a", 3);
    rf_ledger_forget(scene.ledger, rf_fetched_find(rf_ledger_before(scene.ledger), "b"));
    settle(&scene, second);
    cr_expect_str_neq(first, second);
    close_all(&scene);
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    cr_expect_eq(bytes_of(&scene, "a"), 3);
    cr_expect_eq(bytes_of(&scene, "b"), UINT64_MAX);
    end(&scene);
}

Test(ledger, what_was_not_settled_is_in_the_journal)
{
    struct scene scene = begin();
    char seal[RF_SHA256_HEX_BYTES];
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    add(&scene, "a", 1);
    settle(&scene, seal);
    close_all(&scene);
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    add(&scene, "a", 2);
    add(&scene, "b", 3);
    close_all(&scene);
    /* a line that was cut off, and one of a later fetch behind it */
    append(&scene, RF_PARTIALS_NAME "/" RF_FETCH_JOURNAL_NAME, "{\"bytes\":9,\"etag\":");
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    cr_expect_not(rf_ledger_doubts(scene.ledger), "the machine was not restarted");
    cr_expect_eq(bytes_of(&scene, "a"), 2, "the last one counts");
    cr_expect_eq(bytes_of(&scene, "b"), 3);
    add(&scene, "c", 4);
    close_all(&scene);
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    cr_expect_eq(bytes_of(&scene, "b"), 3);
    cr_expect_eq(bytes_of(&scene, "c"), 4);
    settle(&scene, seal);
    close_all(&scene);
    char *path = rf_path_join(scene.folder, RF_PARTIALS_NAME);
    cr_expect_neq(access(path, F_OK), 0, "no journal is left");
    free(path);
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    cr_expect_eq(rf_ledger_before(scene.ledger)->count, 3);
    end(&scene);
}

Test(ledger, a_journal_of_before_a_restart_is_doubted)
{
    struct scene scene = begin();
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    add(&scene, "a", 1);
    close_all(&scene);
    char *path = rf_path_join(scene.folder, RF_PARTIALS_NAME "/" RF_FETCH_JOURNAL_NAME);
    struct rf_buf text = {0};
    cr_assert_eq(rf_file_read(path, &text, NULL), RF_OK);
    char *boot = strstr(rf_buf_text(&text), "\"boot\":\"");
    cr_assert_not_null(boot);
    boot[strlen("\"boot\":\"")] ^= 1;
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL && fwrite(text.bytes, 1, text.used, file) == text.used &&
              fclose(file) == 0);
    rf_buf_done(&text);
    free(path);
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    cr_expect(rf_ledger_doubts(scene.ledger));
    cr_expect_eq(bytes_of(&scene, "a"), 1);
    add(&scene, "b", 2);
    close_all(&scene);
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    cr_expect(rf_ledger_doubts(scene.ledger), "a part of it is of before");
    cr_expect_eq(bytes_of(&scene, "a"), 1, "what came before the restart stays known");
    cr_expect_eq(bytes_of(&scene, "b"), 2);
    end(&scene);
}

Test(ledger, another_source_is_refused)
{
    struct scene scene = begin();
    char seal[RF_SHA256_HEX_BYTES];
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    add(&scene, "a", 1);
    close_all(&scene);
    cr_expect_eq(open_all(&scene, "s3://b/"), RF_ERR_USAGE, "by the journal");
    close_all(&scene);
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    settle(&scene, seal);
    close_all(&scene);
    cr_expect_eq(open_all(&scene, "s3://b/"), RF_ERR_USAGE, "by the manifest");
    end(&scene);
}

Test(ledger, another_spelling_is_no_other_source)
{
    static const char *const sources[][2] = {{"S3://a/", "s3://a"},
                                             {"http://LocalHost:1/E/", "http://localhost:1/E/"}};
    char seal[RF_SHA256_HEX_BYTES];
    for (size_t i = 0; i < 2; i++) {
        struct scene scene = begin();
        cr_assert_eq(open_all(&scene, sources[i][0]), RF_OK, "%s", scene.err.text);
        add(&scene, "a", 1);
        close_all(&scene);
        cr_assert_eq(open_all(&scene, sources[i][1]), RF_OK, "by the journal: %s", scene.err.text);
        close_all(&scene);
        cr_assert_eq(open_all(&scene, sources[i][0]), RF_OK, "%s", scene.err.text);
        settle(&scene, seal);
        close_all(&scene);
        cr_expect_eq(open_all(&scene, sources[i][1]), RF_OK, "by the manifest: %s", scene.err.text);
        close_all(&scene);
        cr_expect_eq(open_all(&scene, "http://localhost:1/e/"), RF_ERR_USAGE, "a path stays");
        end(&scene);
    }
}

Test(ledger, a_part_does_not_finish_what_was_cut_off)
{
    static const char part[] = "[2026-07-02, )";
    struct scene scene = begin();
    char seal[RF_SHA256_HEX_BYTES];
    scene.selection = part;
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    add(&scene, "a", 1);
    close_all(&scene);
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "the same part: %s", scene.err.text);
    add(&scene, "b", 1);
    close_all(&scene);
    scene.selection = "[2026-07-03, )";
    cr_expect_eq(open_all(&scene, "s3://a/"), RF_ERR_USAGE, "another part");
    close_all(&scene);
    scene.selection = "";
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "all of it: %s", scene.err.text);
    add(&scene, "c", 1);
    close_all(&scene);
    scene.selection = part;
    cr_expect_eq(open_all(&scene, "s3://a/"), RF_ERR_USAGE, "all of it was cut off too");
    cr_expect(strstr(scene.err.text, "a fetch of all") != NULL, "%s", scene.err.text);
    close_all(&scene);
    scene.selection = "";
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    cr_expect_eq(rf_ledger_before(scene.ledger)->count, 3);
    settle(&scene, seal);
    close_all(&scene);
    scene.selection = part;
    cr_expect_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    end(&scene);
}

Test(ledger, what_is_begun_and_not_settled_is_seen)
{
    struct scene scene = begin();
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    cr_assert_eq(rf_ledger_begin(scene.ledger, &scene.err), RF_OK, "%s", scene.err.text);
    cr_assert_eq(rf_ledger_begin(scene.ledger, &scene.err), RF_OK, "%s", scene.err.text);
    add(&scene, "a", 1);
    char *path = rf_path_join(scene.folder, RF_PARTIALS_NAME "/" RF_FETCH_JOURNAL_NAME);
    cr_expect_eq(access(path, F_OK), 0);
    free(path);
    close_all(&scene);
    cr_assert_eq(open_all(&scene, "s3://a/"), RF_OK, "%s", scene.err.text);
    cr_expect_eq(bytes_of(&scene, "a"), 1);
    end(&scene);
}

/* SPDX-License-Identifier: MIT */
/* Who holds a golden folder has it alone, and finds it whole; and which files are a golden's. */
#include "golden/hold.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/journal.h"
#include "base/temporary.h"
#include "golden/listing.h"
#include "tests/base/folder.h"

TestSuite(hold, .init = make_folder, .fini = remove_folder);

static void
put(const char *name)
{
    FILE *file = fopen(in_folder(name), "wb");
    cr_assert(file != NULL && fclose(file) == 0);
}

static bool
is_there(const char *name)
{
    return access(in_folder(name), F_OK) == 0;
}

Test(hold, is_one_refolds_at_a_time)
{
    struct rf_golden_hold *first;
    struct rf_golden_hold *second;
    struct rf_err err;
    cr_assert(rf_golden_hold(folder, &first, &err) == RF_OK);
    cr_assert(rf_golden_hold_is_alone(first));
    cr_assert(rf_golden_hold(folder, &second, &err) == RF_ERR_SOURCE && second == NULL);
    cr_assert(!rf_golden_hold_is_alone(second));
    rf_golden_release(second);
    rf_golden_release(first);
    cr_assert(rf_golden_hold(folder, &second, &err) == RF_OK);
    rf_golden_release(second);
}

Test(hold, a_file_that_waits_is_listed_and_no_other_that_is_not_there)
{
    static char waiting[] = "a.ndjson";
    static char gone[] = "b.ndjson";
    struct rf_journal_row rows[] = {{.name = waiting, .waits = true}, {.name = gone}};
    const struct rf_journal journal = {.rows = rows, .count = 2, .there = true, .waiting = 1};
    struct rf_golden_files files = {0};
    struct rf_err err;
    put("c.ndjson.gz");
    put(".a.ndjson.tmp");
    cr_assert(rf_golden_files_list(folder, &journal, &files, &err) == RF_OK);
    cr_assert_eq(files.count, 2);
    cr_expect_str_eq(files.items[0].aggregate, "a");
    cr_expect(files.items[0].plain && !files.items[0].gzip);
    cr_expect_str_eq(files.items[1].aggregate, "c");
    cr_expect(files.items[1].gzip && !files.items[1].plain);
    rf_golden_files_done(&files);
}

Test(hold, is_taken_once_the_folder_is_made)
{
    struct rf_golden_hold *hold;
    struct rf_golden_hold *other;
    struct rf_err err;
    char path[256];
    (void)snprintf(path, sizeof(path), "%s", in_folder("new"));
    cr_assert(rf_golden_hold(path, &hold, &err) == RF_OK);
    cr_assert(!rf_golden_hold_is_alone(hold));
    put("new"); /* a file in its place is nothing to lock */
    cr_assert(rf_golden_hold_made(hold, &err) == RF_OK && !rf_golden_hold_is_alone(hold));
    cr_assert(unlink(path) == 0);
    (void)snprintf(path, sizeof(path), "%s", in_folder("XXXXXX"));
    cr_assert(mkdtemp(path) != NULL);
    rf_golden_release(hold);
    cr_assert(rf_golden_hold(path, &hold, &err) == RF_OK && rf_golden_hold_is_alone(hold));
    cr_assert(rf_golden_hold(path, &other, &err) == RF_ERR_SOURCE);
    rf_golden_release(hold);
}

/** Also with the number of a process that is alive: it has come after the one that made it. */
Test(hold, removes_temporaries_of_goldens_and_no_others)
{
    static const char *const gone[] = {".order.ndjson.1-0.tmp", ".order.meta.json.1-12.old",
                                       ".a.b.ndjson.gz.0007-3.tmp", "..refold-journal.1-0.tmp",
                                       ".known-damage.json.1-0.tmp"};
    static const char *const kept[] = {".report.json.1-0.tmp", ".order.ndjson.x-0.tmp",
                                       "order.ndjson.1-0.tmp", ".order.ndjson.1-0", "order.ndjson"};
    struct rf_golden_hold *hold;
    struct rf_err err;
    for (size_t i = 0; i < 5; i++) {
        put(gone[i]);
        put(kept[i]);
        cr_assert(rf_golden_temporary_is(gone[i]), "%s", gone[i]);
        cr_assert(!rf_golden_temporary_is(kept[i]), "%s", kept[i]);
    }
    cr_assert(rf_golden_hold(folder, &hold, &err) == RF_OK);
    cr_assert(rf_golden_hold_swept(hold) == 5 && rf_golden_hold_finished(hold) == 0);
    rf_golden_release(hold);
    for (size_t i = 0; i < 5; i++) {
        cr_assert(!is_there(gone[i]) && is_there(kept[i]));
    }
}

Test(hold, is_refused_over_a_journal_that_cannot_be_believed)
{
    struct rf_golden_hold *hold;
    struct rf_err err;
    put(RF_JOURNAL_NAME);
    put(".order.ndjson.1-0.tmp");
    cr_assert(rf_golden_hold(folder, &hold, &err) == RF_ERR_CORRUPT && hold == NULL);
    cr_assert(is_there(".order.ndjson.1-0.tmp"), "it may be the new golden");
}

Test(hold, a_glance_tells_what_was_replaced)
{
    struct rf_buf before = {0};
    struct rf_buf after = {0};
    struct rf_err err;
    put("order.ndjson");
    cr_assert(rf_golden_glance(folder, &before, &err) == RF_OK && before.used > 0);
    put("README.md");
    put(".order.ndjson.1-0.tmp");
    cr_assert(rf_golden_glance(folder, &after, &err) == RF_OK);
    cr_assert_str_eq(rf_buf_text(&before), rf_buf_text(&after));
    put("new");
    cr_assert(rename(in_folder("new"), in_folder("order.ndjson")) == 0);
    rf_buf_clear(&after);
    cr_assert(rf_golden_glance(folder, &after, &err) == RF_OK);
    cr_assert_str_neq(rf_buf_text(&before), rf_buf_text(&after));
    rf_buf_clear(&after);
    cr_assert(rf_golden_glance(in_folder("none"), &after, &err) == RF_OK && after.used == 0);
    rf_buf_done(&before);
    rf_buf_done(&after);
}

Test(hold, knows_the_file_that_a_temporary_is_for)
{
    char *target = rf_temporary_target(".a.b.12-3.old");
    cr_assert_str_eq(target, "a.b");
    free(target);
    cr_assert(rf_temporary_target(".12-3.old") == NULL);
    cr_assert(rf_temporary_target("") == NULL);
    cr_assert(rf_temporary_maker(".a.99999999999999999999-0.tmp", "a") == 0, "no process has it");
}

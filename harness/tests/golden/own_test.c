/* SPDX-License-Identifier: MIT */
/* What lies under a golden's name is a golden's only where it shows that it is one. */
#include "golden/own.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "tests/base/folder.h"

TestSuite(own, .init = make_folder, .fini = remove_folder);

#define LINE "{\"events\":\"0123456789abcdef\",\"id\":\"a\",\"state\":{\"n\":1},\"version\":1}\n"
#define EVENT                                                                                      \
    "{\"aggregateType\":\"ticket\",\"aggregateId\":\"A\",\"version\":1,\"type\":\"Opened\","       \
    "\"data\":{}}\n"
#define META "{\"aggregate\":\"ticket\",\"format\":1,\"lines\":1}\n"

static void
put(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    cr_assert_eq(fclose(file), 0);
}

/** The first `cut` bytes of what gzip makes of a text. */
static void
put_gzip(const char *name, const char *text, long cut)
{
    gzFile packed = gzopen(in_folder(name), "wb");
    cr_assert_eq(gzwrite(packed, text, (unsigned)strlen(text)), (int)strlen(text));
    cr_assert_eq(gzclose(packed), Z_OK);
    if (cut > 0) {
        cr_assert_eq(truncate(in_folder(name), cut), 0);
    }
}

static bool
owns(const char *name)
{
    return rf_golden_owns(folder, name);
}

/** What a bless says of the folder; NULL: it may write there. */
static const char *
refused(void)
{
    static struct rf_err err;
    rf_code code = rf_golden_check_own(folder, &err);
    cr_expect(code == RF_OK || code == RF_ERR_USAGE);
    return code == RF_OK ? NULL : strrchr(err.where, '/') + 1;
}

Test(own, events_under_a_goldens_name_are_no_golden)
{
    put("ticket.ndjson", EVENT);
    cr_expect_not(owns("ticket.ndjson"));
    cr_expect_str_eq(refused(), "ticket.ndjson");
}

Test(own, any_golden_line_makes_it_one)
{
    put("ticket.ndjson", "<<<<<<< HEAD\n" EVENT LINE);
    cr_expect(owns("ticket.ndjson"));
    put("cut.ndjson", "{\"events\":\"0123456789abcdef\",\"id\":\"a\",\"state\":{\"n\":1},"
                      "\"version\":1}");
    cr_expect(owns("cut.ndjson"));
    put("windows.ndjson", "{\"events\":\"0123456789abcdef\",\"id\":\"a\",\"state\":{\"n\":1},"
                          "\"version\":1}\r\n");
    cr_expect(owns("windows.ndjson"));
    cr_expect_null(refused());
}

Test(own, a_meta_file_or_manifest_beside_it_makes_it_one)
{
    put("ticket.ndjson", "broken\n");
    put("ticket.meta.json", META);
    cr_expect(owns("ticket.ndjson") && owns("ticket.meta.json"));
    put("order.digest.json", "<<<<<<< HEAD\n");
    cr_expect(owns("order.digest.json"));
    cr_expect_null(refused());
}

Test(own, a_meta_file_of_events_makes_none)
{
    put("ticket.ndjson", EVENT);
    put("ticket.meta.json", EVENT);
    cr_expect(!owns("ticket.ndjson") && !owns("ticket.meta.json"));
    cr_expect_str_eq(refused(), "ticket.meta.json");
}

Test(own, a_broken_meta_file_beside_golden_lines_is_the_goldens)
{
    put("ticket.ndjson", LINE);
    put("ticket.meta.json", "broken\n");
    cr_expect(owns("ticket.ndjson") && owns("ticket.meta.json"));
}

Test(own, gzip_is_looked_into_up_to_its_break)
{
    put_gzip("events.ndjson.gz", EVENT, 0);
    cr_expect_not(owns("events.ndjson.gz"));
    put_gzip("whole.ndjson.gz", LINE, 0);
    cr_expect(owns("whole.ndjson.gz"));
    put_gzip("cut.ndjson.gz", LINE, 90);
    cr_expect(owns("cut.ndjson.gz"));
    put("plain.ndjson.gz", EVENT);
    cr_expect_not(owns("plain.ndjson.gz"));
}

Test(own, what_is_empty_is_no_loss)
{
    put("ticket.ndjson", "");
    put("order.ndjson.gz", "");
    cr_expect(owns("ticket.ndjson") && owns("order.ndjson.gz"));
    cr_expect_null(refused());
}

Test(own, what_is_empty_tells_nothing_of_the_files_beside_it)
{
    put("a.ndjson", EVENT);
    put("a.meta.json", "");
    put("a.digest.json", "");
    put("a.ndjson.gz", "");
    cr_expect(owns("a.meta.json") && owns("a.digest.json") && owns("a.ndjson.gz"));
    cr_expect_not(owns("a.ndjson"));
    cr_expect_str_eq(refused(), "a.ndjson");
    put("b.ndjson", "");
    put("b.meta.json", EVENT);
    put_gzip("b.ndjson.gz", EVENT, 0);
    cr_expect(!owns("b.meta.json") && !owns("b.ndjson.gz"));
}

Test(own, a_foreign_meta_file_makes_none)
{
    put("ticket.ndjson", EVENT);
    put("ticket.meta.json", "{\"format\":\"mine\"}\n");
    cr_expect(!owns("ticket.ndjson") && !owns("ticket.meta.json"));
    put("ticket.meta.json", "{\"aggregate\":\"mine\"}\n");
    cr_expect(!owns("ticket.ndjson") && !owns("ticket.meta.json"));
}

Test(own, lines_in_zstd_are_judged_by_what_lies_beside_them)
{
    put("ticket.ndjson.zst", "packed");
    cr_expect_not(owns("ticket.ndjson.zst"));
    cr_expect_str_eq(refused(), "ticket.ndjson.zst");
    put("ticket.meta.json", META);
    cr_expect(owns("ticket.ndjson.zst"));
}

/** An event a line, more than a MiB of them, and behind them a golden line. */
static char *
many_events(void)
{
    size_t count = ((size_t)1 << 20) / strlen(EVENT) + 1000;
    char *text = malloc(count * strlen(EVENT) + sizeof(LINE));
    char *end = text;
    for (size_t i = 0; i < count; i++) {
        end = stpcpy(end, EVENT);
    }
    (void)stpcpy(end, LINE);
    return text;
}

Test(own, only_the_front_of_many_lines_is_read)
{
    char *text = many_events();
    put("ticket.ndjson", text);
    cr_expect_not(owns("ticket.ndjson"));
    put_gzip("order.ndjson.gz", text, 0);
    cr_expect_not(owns("order.ndjson.gz"));
    memcpy(text, LINE, strlen(LINE));
    put("ticket.ndjson", text);
    put_gzip("order.ndjson.gz", text, 0);
    cr_expect(owns("ticket.ndjson") && owns("order.ndjson.gz"));
    free(text);
}

Test(own, what_is_kept_beside_a_golden_is_its_own)
{
    put("ticket.ndjson", LINE);
    put("ticket.pending.ndjson", EVENT);
    put("ticket.reviews.jsonl", "by hand\n");
    cr_expect(owns("ticket.pending.ndjson") && owns("ticket.reviews.jsonl"));
    put("gone.reviews.jsonl", "{\"cluster\":\"00\"}\n");
    put("gone.pending.ndjson", "{\"aggregate\":\"gone\"}\n");
    cr_expect(owns("gone.pending.ndjson") && owns("gone.reviews.jsonl"));
    put("events.pending.ndjson", EVENT);
    put("events.reviews.jsonl", EVENT);
    cr_expect(!owns("events.pending.ndjson") && !owns("events.reviews.jsonl"));
}

Test(own, certificates_show_what_they_are)
{
    put("certificate.json", EVENT);
    cr_expect_not(owns("certificate.json"));
    put("certificate.json", "{\"format\":\"mine\"}");
    cr_expect_not(owns("certificate.json"));
    put("certificate.json", "{\"format\":1,\"objects\":[]}");
    cr_expect(owns("certificate.json") && owns("known-damage.json"));
}

Test(own, other_names_are_no_goldens)
{
    put("README.md", "text\n");
    put("2026.json", EVENT);
    cr_expect(!owns("README.md") && !owns("2026.json"));
    cr_expect(owns(".refold-journal") && owns(".ticket.ndjson.1-1.tmp"));
    cr_expect_null(refused());
}

Test(own, what_firehose_names_is_history)
{
    put("orders-1-2026-07-01-00-00-01-00000000-0000-4000-8000-000000000001.ndjson", LINE);
    cr_expect_not(owns("orders-1-2026-07-01-00-00-01-00000000-0000-4000-8000-000000000001.ndjson"));
}

Test(own, a_folder_and_a_fifo_are_no_goldens)
{
    cr_assert_eq(mkdir(in_folder("a.ndjson"), 0700), 0);
    cr_assert_eq(mkfifo(in_folder("b.ndjson"), 0600), 0);
    cr_expect(!owns("a.ndjson") && !owns("b.ndjson"));
}

/* SPDX-License-Identifier: MIT */
/* Manifests: what was written is read, and nothing else is. */
#include "walk/fetched.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/alloc.h"

static const char digest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void
add(struct rf_fetched *manifest, const char *key, const char *etag, uint64_t bytes)
{
    struct rf_fetched_entry entry = {
        .key = rf_strdup(key),
        .etag = etag == NULL ? NULL : rf_strdup(etag),
        .here = true,
        .bytes = bytes,
        .fetched = {1790000000, 0},
        .mtime = {1790000001, 120000000},
    };
    memcpy(entry.sha256, digest, sizeof(digest));
    rf_fetched_add(manifest, entry);
}

/** A descriptor to read this text from. */
static int
text_file(const char *text, size_t bytes)
{
    int fd = memfd_create("manifest", MFD_CLOEXEC);
    cr_assert(fd >= 0 && write(fd, text, bytes) == (ssize_t)bytes);
    cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/** What a manifest of three objects is as text. */
static void
write_three(struct rf_buf *ret)
{
    struct rf_fetched manifest = {.source = rf_strdup("s3://bucket/p\"q/")};
    int fd = memfd_create("manifest", MFD_CLOEXEC);
    add(&manifest, "b/\xc3\xa9", "\"x\"", 5);
    add(&manifest, "a", NULL, 0);
    add(&manifest, "b/\xc3\xa9", "\"y\"", 7);
    add(&manifest, "b", "W/\"z\"", UINT64_MAX / 4);
    rf_fetched_add(&manifest, (struct rf_fetched_entry){.key = rf_strdup("c\n"), .missing = true});
    manifest.entries[3].missing = true;
    rf_fetched_sort(&manifest);
    cr_assert(rf_fetched_write(&manifest, fd));
    off_t bytes = lseek(fd, 0, SEEK_CUR);
    rf_buf_reserve(ret, (size_t)bytes);
    cr_assert_eq(pread(fd, ret->bytes, (size_t)bytes, 0), bytes);
    ret->used = (size_t)bytes;
    rf_fetched_done(&manifest);
    (void)close(fd);
}

Test(fetched, what_is_written_is_read)
{
    struct rf_buf text = {0};
    struct rf_fetched found = {0};
    struct rf_err err;
    write_three(&text);
    cr_assert_eq(rf_fetched_read(text_file(text.bytes, text.used), "m", &found, &err), RF_OK, "%s",
                 err.text);
    cr_expect_str_eq(found.source, "s3://bucket/p\"q/");
    cr_expect_eq(found.missing, 2);
    cr_assert_eq(found.count, 4, "of two with one key the later one stays");
    cr_expect(found.entries[1].missing && found.entries[1].here, "an older version is here");
    cr_expect(found.entries[3].missing && !found.entries[3].here, "nothing is here");
    cr_expect_str_eq(found.entries[3].key, "c\n");
    cr_expect_not(found.entries[0].missing);
    cr_expect_str_eq(found.entries[0].key, "a");
    cr_expect_null(found.entries[0].etag);
    cr_expect_eq(found.entries[1].bytes, UINT64_MAX / 4);
    const struct rf_fetched_entry *entry = rf_fetched_find(&found, "b/\xc3\xa9");
    cr_assert_not_null(entry);
    cr_expect_str_eq(entry->etag, "\"y\"");
    cr_expect_eq(entry->bytes, 7);
    cr_expect_eq(entry->mtime.seconds, 1790000001);
    cr_expect_eq(entry->mtime.nanos, 120000000);
    cr_expect_str_eq(entry->sha256, digest);
    cr_expect_null(rf_fetched_find(&found, "c"));
    rf_fetched_done(&found);
    rf_buf_done(&text);
}

/** It is written piece by piece. */
Test(fetched, a_long_one_is_read_as_it_was_written)
{
    static const size_t count = 5000;
    struct rf_fetched written = {.source = rf_strdup("s")};
    struct rf_fetched found = {0};
    struct rf_err err;
    char key[32];
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(key, sizeof(key), "k%05zu", i);
        add(&written, key, NULL, i);
    }
    int fd = memfd_create("manifest", MFD_CLOEXEC);
    cr_assert(rf_fetched_write(&written, fd));
    cr_expect_gt(lseek(fd, 0, SEEK_CUR), 600000, "several pieces");
    cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
    cr_assert_eq(rf_fetched_read(fd, "m", &found, &err), RF_OK, "%s", err.text);
    cr_assert_eq(found.count, count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_str_eq(found.entries[i].key, written.entries[i].key);
        cr_assert_eq(found.entries[i].bytes, i);
    }
    rf_fetched_done(&written);
    rf_fetched_done(&found);
}

Test(fetched, an_empty_one_has_no_entries)
{
    struct rf_fetched none = {.source = rf_strdup("s")};
    int fd = memfd_create("manifest", MFD_CLOEXEC);
    struct rf_err err;
    cr_assert(rf_fetched_write(&none, fd));
    cr_expect_null(rf_fetched_find(&none, "a"));
    rf_fetched_done(&none);
    cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
    cr_expect_eq(rf_fetched_read(fd, "m", &none, &err), RF_OK, "%s", err.text);
    cr_expect_eq(none.count, 0);
    rf_fetched_done(&none);
}

/** Whatever byte is another one, or lacks, nothing is believed. */
Test(fetched, no_byte_can_be_changed_and_none_left_out)
{
    struct rf_buf text = {0};
    write_three(&text);
    for (size_t i = 0; i < text.used; i++) {
        struct rf_fetched found = {0};
        struct rf_err err = {0};
        text.bytes[i] ^= 1;
        rf_code code = rf_fetched_read(text_file(text.bytes, text.used), "m", &found, &err);
        cr_expect(code == RF_ERR_CORRUPT || code == RF_ERR_USAGE, "byte %zu: %d", i, code);
        text.bytes[i] ^= 1;
        code = rf_fetched_read(text_file(text.bytes, i), "m", &found, &err);
        cr_expect_eq(code, RF_ERR_CORRUPT, "cut at %zu: %d", i, code);
    }
    rf_buf_done(&text);
}

Test(fetched, an_entry_is_read_as_it_is_written_only)
{
    static const char *const rows[] = {
        "",
        "{}",
        "[]",
        "{\"bytes\":1}",
        "{\"bytes\":1,\"fetched\":\"2026-01-01T00:00:00Z\",\"key\":\"a\",\"mtime\":\"2026-01-01T00:"
        "00:"
        "00Z\",\"sha256\":\"0123\"}",
        "{\"bytes\":1,\"fetched\":\"2026-01-01T00:00:00Z\",\"key\":\"a\\u0000b\",\"mtime\":\"2026-"
        "01-"
        "01T00:00:00Z\",\"sha256\":"
        "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
        "{\"bytes\":-1,\"fetched\":\"2026-01-01T00:00:00Z\",\"key\":\"a\",\"mtime\":\"2026-01-"
        "01T00:"
        "00:00Z\",\"sha256\":"
        "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
        "{\"bytes\":1,\"fetched\":\"today\",\"key\":\"a\",\"mtime\":\"2026-01-01T00:00:00Z\","
        "\"sha256\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
        "{\"key\":\"a\",\"bytes\":1,\"fetched\":\"2026-01-01T00:00:00Z\",\"mtime\":\"2026-01-01T00:"
        "00:00Z\",\"sha256\":"
        "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_fetched_entry entry;
        cr_expect_eq(rf_fetched_entry_read(rows[i], strlen(rows[i]), &entry, NULL),
                     RF_ERR_MALFORMED, "%s", rows[i]);
    }
}

Test(fetched, its_own_names_are_told_in_any_step)
{
    static const char *const own[] = {
        ".refold-manifest.ndjson",
        ".refold-partial/journal.ndjson",
        ".refold-partial/manifest.partial",
        ".refold-partial/0123456789abcdef0123456789abcdef.partial",
        ".refold-partial/0123456789abcdef0123456789abcdef.note",
    };
    static const char *const history[] = {
        "",
        ".refold-partial",
        ".refold-partial/x",
        ".refold-partial/b/journal.ndjson",
        ".refold-partial/0123456789abcdef0123456789abcde.partial",
        ".refold-partial/0123456789abcdef0123456789abcdef0.note",
        ".refold-partial/0123456789abcdef0123456789abcdef",
        ".refold-manifest.ndjson/x",
        ".refold-manifest.ndjson.gz",
        "x.refold-manifest.ndjson",
        ".refold-partial2/journal.ndjson",
        "x.refold-partial/journal.ndjson",
        "/journal.ndjson",
    };
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        char *below = rf_format("a/.refold-partial/b/%s", own[i]);
        cr_expect_eq(rf_fetched_own(own[i]), own[i], "%s", own[i]);
        cr_expect_eq(rf_fetched_own(below), below + strlen("a/.refold-partial/b/"), "%s", below);
        free(below);
    }
    for (size_t i = 0; i < sizeof(history) / sizeof(*history); i++) {
        char *below = rf_format("a/b/%s", history[i]);
        cr_expect_null(rf_fetched_own(history[i]), "%s", history[i]);
        cr_expect_null(rf_fetched_own(below), "%s", below);
        free(below);
    }
}

Test(fetched, what_is_missing_stands_in_the_first_line)
{
    struct rf_buf text = {0};
    struct rf_err err;
    uint64_t missing = 9;
    write_three(&text);
    size_t line = (size_t)((char *)memchr(text.bytes, '\n', text.used) - text.bytes) + 1;
    cr_expect_eq(rf_fetched_missing(text.bytes, line, "m", &missing, &err), RF_OK);
    cr_expect_eq(missing, 2);
    for (size_t bytes = 0; bytes < line; bytes++) {
        cr_expect_eq(rf_fetched_missing(text.bytes, bytes, "m", &missing, &err), RF_ERR_CORRUPT,
                     "the first %zu bytes", bytes);
    }
    static const char *const none[] = {"\n",
                                       "{}\n",
                                       "[1]\n",
                                       "{\"format\":1}\n",
                                       "{\"entries\":0,\"format\":1,\"source\":\"s\"}\n",
                                       "{\"entries\":0,\"format\":0,\"missing\":0}\n"};
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
        cr_expect_eq(rf_fetched_missing(none[i], strlen(none[i]), "m", &missing, &err),
                     RF_ERR_CORRUPT, "%s", none[i]);
    }
    static const char newer[] = "{\"format\":2}\n";
    cr_expect_eq(rf_fetched_missing(newer, strlen(newer), "m", &missing, &err), RF_ERR_USAGE);
    rf_buf_done(&text);
}

/* SPDX-License-Identifier: MIT */
/* Paths that lead to one place are one text. */
#include "base/path.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/base/folder.h"

static void
enter_folder(void)
{
    make_folder();
    cr_assert_eq(chdir(folder), 0);
}

TestSuite(path, .init = enter_folder, .fini = remove_folder);

static void
expect_resolved(const char *path, const char *expected)
{
    char *resolved = rf_path_resolve(path);
    cr_expect_str_eq(resolved, expected, "%s: %s", path, resolved);
    free(resolved);
}

Test(path, what_is_there_is_resolved_by_its_links)
{
    cr_assert_eq(mkdir("a", 0700), 0);
    cr_assert_eq(symlink("a", "link"), 0);
    expect_resolved("link", in_folder("a"));
    expect_resolved("link/../a/", in_folder("a"));
    expect_resolved("/", "/");
    expect_resolved(".", folder);
}

Test(path, what_is_not_there_is_resolved_as_far_as_it_is)
{
    cr_assert_eq(mkdir("a", 0700), 0);
    cr_assert_eq(symlink("a", "link"), 0);
    cr_assert_eq(symlink("nowhere", "dangling"), 0);
    expect_resolved("new", in_folder("new"));
    expect_resolved("link/new", in_folder("a/new"));
    expect_resolved("link//./new/", in_folder("a/new"));
    expect_resolved("link/new/../../b", in_folder("b"));
    expect_resolved("dangling", in_folder("dangling"));
    expect_resolved("/nowhere/../../new/x", "/new/x");
}

Test(path, names_are_joined_by_one_slash)
{
    char *joined = rf_path_join("a//", "b");
    cr_expect_str_eq(joined, "a/b");
    free(joined);
    joined = rf_path_join("/", "b");
    cr_expect_str_eq(joined, "/b");
    free(joined);
}

Test(path, on_a_server_slashes_are_part_of_the_name)
{
    static const char *const rows[][3] = {
        {"s3://b/x", "k", "s3://b/x/k"},
        {"s3://b/x/", "k", "s3://b/x/k"},
        {"s3://b/x//", "k", "s3://b/x//k"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *joined = rf_path_below(rows[i][0], rows[i][1]);
        cr_expect_str_eq(joined, rows[i][2]);
        free(joined);
    }
}

static void
expect_way(const char *path, const char *expected)
{
    char *way = rf_path_way(path);
    cr_assert_not_null(way);
    cr_expect_str_eq(way, expected, "%s: %s", path, way);
    free(way);
}

Test(path, the_way_to_a_folder_is_relative_and_without_links)
{
    cr_assert_eq(mkdir("a", 0700), 0);
    cr_assert_eq(mkdir("a/b", 0700), 0);
    cr_assert_eq(mkdir("ab", 0700), 0);
    cr_assert_eq(symlink("a/b", "link"), 0);
    expect_way(".", ".");
    expect_way("a/..", ".");
    expect_way("link", "./a/b");
    expect_way(in_folder("a"), "./a");
    cr_assert_eq(chdir("link"), 0);
    expect_way("..", "..");
    expect_way("../..", "../..");
    expect_way("../../ab", "../../ab");
    cr_assert_eq(chdir("/"), 0);
    expect_way("/", ".");
    char *way = rf_path_way(folder);
    cr_expect(way[0] == '.' && strcmp(way + 1, folder) == 0, "%s", way);
    free(way);
    cr_expect_null(rf_path_way("nowhere"));
}

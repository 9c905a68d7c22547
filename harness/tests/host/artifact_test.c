/* SPDX-License-Identifier: MIT */
/* What a file or folder is taken for, and what a compiler's output comes to. */
#include "host/artifact.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/alloc.h"
#include "host/compile.h"
#include "host/complaints.h"
#include "host/loadable.h"
#include "host/scratch.h"

/* ---- what it is taken for ---------------------------------------------------------------------
 */

static void
touch(const char *folder, const char *name)
{
    char *path = rf_format("%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(fd >= 0 && close(fd) == 0, "%s", path);
    free(path);
}

static enum rf_named
named(const char *folder, const char *name)
{
    char *path = rf_format("%s/%s", folder, name);
    enum rf_named ret = rf_named_as(path);
    free(path);
    return ret;
}

Test(host_artifact, is_told_by_its_name)
{
    static const struct {
        const char *name;
        enum rf_named named;
    } cases[] = {{"order.c", RF_NAMED_C},     {"order.cpp", RF_NAMED_CPP},
                 {"order.cc", RF_NAMED_CPP},  {"a.b.cxx", RF_NAMED_CPP},
                 {"order.so", RF_NAMED_FILE}, {"order", RF_NAMED_FILE},
                 {"order.C", RF_NAMED_FILE},  {"order.go", RF_NAMED_FILE}};
    char *folder = NULL;
    cr_assert(rf_scratch_folder(&folder, NULL) == RF_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect(named(folder, cases[i].name) == RF_NAMED_NOTHING, "%s", cases[i].name);
        touch(folder, cases[i].name);
        cr_expect(named(folder, cases[i].name) == cases[i].named, "%s", cases[i].name);
    }
    rf_scratch_drop(folder);
    cr_assert(access(folder, F_OK) != 0);
    free(folder);
}

Test(host_artifact, is_told_by_what_lies_in_a_folder)
{
    static const struct {
        const char *first;
        const char *second;
        enum rf_named named;
    } cases[] = {{"main.go", "README.md", RF_NAMED_GO},  {"go.mod", ".x", RF_NAMED_GO},
                 {"Cargo.toml", "a.c", RF_NAMED_CARGO},  {"Cargo.toml", "go.mod", RF_NAMED_BOTH},
                 {"Cargo.toml", "x.go", RF_NAMED_BOTH},  {"order.c", "golang", RF_NAMED_FOLDER},
                 {".hidden.go", ".go", RF_NAMED_FOLDER}, {"cargo.toml", "gogo", RF_NAMED_FOLDER}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *folder = NULL;
        cr_assert(rf_scratch_folder(&folder, NULL) == RF_OK);
        cr_expect(rf_named_as(folder) == RF_NAMED_FOLDER);
        touch(folder, cases[i].first);
        touch(folder, cases[i].second);
        cr_expect(rf_named_as(folder) == cases[i].named, "%s, %s", cases[i].first, cases[i].second);
        /* A folder whose name looks like a source's is a folder. */
        char *odd = rf_format("%s/order.c", folder);
        if (mkdir(odd, 0700) == 0) {
            cr_expect(rf_named_as(odd) == RF_NAMED_FOLDER);
        }
        rf_scratch_drop(folder);
        free(folder);
        free(odd);
    }
}

Test(host_artifact, own_program_is_a_program)
{
    bool program = false;
    struct rf_err err = {0};
    cr_assert(rf_loadable_look("/proc/self/exe", "this", &program, &err) == RF_OK, "%s", err.text);
    cr_assert(program);
}

/* ---- complaints -------------------------------------------------------------------------------
 */

static bool
begins_with_x(const char *line)
{
    return line[0] == 'x';
}

/** Three at most, and lines that go on. */
static void
expect_complaints(const char *output, size_t most, bool goes_on, const char *wanted)
{
    const struct rf_complaint_manner manner = {begins_with_x, goes_on, most};
    const struct rf_source source = {
        .path = "/tmp/tree/a.c", .name = "main:a.c", .root = "/tmp/tree/", .root_name = "main:"};
    struct rf_buf said = {0};
    rf_buf_string(&said, output);
    char *text = rf_complaints(&said, &source, &manner);
    cr_expect_str_eq(text, wanted);
    free(text);
    rf_buf_done(&said);
}

Test(host_artifact, complaints_are_the_first_that_are_told)
{
    expect_complaints("", 1, false, "");
    expect_complaints("a\nb\n", 3, true, "a");
    expect_complaints("a\nx 1\nb\nx 2", 1, false, "x 1");
    expect_complaints("a\nx 1\nb\nx 2", 3, false, "x 1; x 2");
    expect_complaints("x1\nx2\nx3\nx4\nx5\n", 3, false, "x1; x2; x3; and 2 more");
    expect_complaints("x1\nx2\nx3\nx4\n", 4, false, "x1; x2; x3; x4");
}

Test(host_artifact, complaints_go_on_behind_what_is_told)
{
    expect_complaints("x1:\n\tof a\n  and b\nnot\n\tof it\nx2\n\n", 3, true, "x1: of a and b; x2");
    expect_complaints(" early\nx1\n \n", 3, true, "x1");
    expect_complaints("x1\nx2\n\tmore\n", 1, true, "x1");
    expect_complaints("x1\n\tmore\n", 3, false, "x1");
}

Test(host_artifact, complaints_name_files_as_the_user_does)
{
    expect_complaints("x /tmp/tree/a.c:3 /tmp/tree/b/c.h:1\n", 3, true,
                      "x main:a.c:3 main:b/c.h:1");
}

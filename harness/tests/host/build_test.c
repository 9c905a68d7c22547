/* SPDX-License-Identifier: MIT */
/* Probing and compiling, against a worker that says whatever the "shared object" holds. */
#include "host/build.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <refold/aggregate.h>

#include "tests/worker/support.h"

static char folder[] = "/tmp/refold-test-XXXXXX";

static void
set_up(void)
{
    cr_assert(mkdtemp(folder) != NULL);
    cr_assert(setenv("TMPDIR", folder, 1) == 0);
    cr_assert(setenv("REFOLD_WORKER", built("tests/fake_worker"), 1) == 0);
}

static void
tear_down(void)
{
    DIR *dir = opendir(folder);
    cr_assert(dir != NULL);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.') {
            char path[600];
            (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
            /* Whatever is compiled is gone by now, its folder too. */
            cr_assert(unlink(path) == 0, "%s is left over", path);
        }
    }
    (void)closedir(dir);
    cr_assert(rmdir(folder) == 0);
}

TestSuite(host_build, .init = set_up, .fini = tear_down);

/** Writes a file and returns its path, in a static buffer. */
static const char *
write_file(const char *name, const char *text)
{
    static char path[600];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL);
    (void)fputs(text, file);
    (void)fclose(file);
    return path;
}

static struct rf_build *
open_described(const char *descriptor)
{
    struct rf_build *build = NULL;
    struct rf_err err = {0};
    rf_code code = rf_build_open(write_file("a.so", descriptor), &build, &err);
    cr_assert(code == RF_OK, "%s: %s", err.where, err.text);
    return build;
}

Test(host_build, reads_a_descriptor)
{
    struct rf_build *build = open_described(
        "{\"name\":\"order\",\"state_version\":3,\"types\":[\"Shipped\",\"Created\",\"Créé\"],"
        "\"shape\":{\"kind\":9,\"fields\":[{\"name\":\"n\",\"kind\":3},{\"name\":\"by\","
        "\"kind\":11,\"fields\":[{\"kind\":9,\"fields\":[{\"name\":\"x\",\"kind\":5}]}]}]}}");
    cr_assert_str_eq(build->name, "order");
    cr_assert(build->state_version == 3 && build->type_count == 3 && !build->takes_all);
    cr_assert(strcmp(build->artifact->file, build->file) == 0 && build->artifact->folder == NULL);
    cr_assert(build->shape.kind == REFOLD_F_STRUCT && build->shape.field_count == 2);
    cr_assert_str_eq(build->shape.fields[0].name, "n");
    const struct rf_shape *map = &build->shape.fields[1];
    cr_assert(map->kind == REFOLD_F_MAP && map->field_count == 1);
    cr_assert(map->fields[0].name == NULL && map->fields[0].kind == REFOLD_F_STRUCT);
    cr_assert_str_eq(map->fields[0].fields[0].name, "x");
    rf_build_free(build);
}

/** A program's state is any JSON: what is no struct is described as what it is. */
Test(host_build, reads_the_shape_of_a_state_that_is_no_struct)
{
    struct rf_build *build = open_described("{\"name\":\"o\",\"state_version\":1,\"types\":[\"b\"],"
                                            "\"shape\":{\"kind\":11,\"fields\":[{\"kind\":3}]}}");
    cr_assert(build->shape.kind == REFOLD_F_MAP && build->shape.field_count == 1);
    cr_assert(build->shape.fields[0].kind == REFOLD_F_INT64);
    rf_build_free(build);
    build = open_described("{\"name\":\"o\",\"state_version\":1,\"types\":[\"b\"],"
                           "\"shape\":{\"kind\":6}}");
    cr_assert(build->shape.kind == REFOLD_F_TEXT && build->shape.field_count == 0);
    rf_build_free(build);
}

Test(host_build, knows_which_types_it_declares)
{
    struct rf_build *build = open_described(
        "{\"name\":\"o\",\"state_version\":1,\"types\":[\"b\",\"ab\",\"abc\",\"Z\"]}");
    cr_assert(build->shape.kind == 0);
    static const char *const yes[] = {"b", "ab", "abc", "Z"};
    static const char *const no[] = {"a", "abcd", "", "c", "*", "z"};
    for (size_t i = 0; i < 4; i++) {
        cr_expect(rf_build_declares(build, yes[i], strlen(yes[i])), "%s", yes[i]);
    }
    for (size_t i = 0; i < 6; i++) {
        cr_expect_not(rf_build_declares(build, no[i], strlen(no[i])), "%s", no[i]);
    }
    cr_expect_not(rf_build_declares(build, "ab\0c", 4));
    rf_build_free(build);
}

Test(host_build, knows_which_commands_it_takes)
{
    struct rf_build *build = open_described(
        "{\"name\":\"o\",\"state_version\":1,\"types\":[\"b\"],\"commands\":[\"Ship\",\"Do\"]}");
    cr_assert(rf_build_handles(build) && build->command_count == 2 && !build->handles_all);
    cr_expect(rf_build_takes_command(build, "Do", 2));
    cr_expect(rf_build_takes_command(build, "Ship", 4));
    cr_expect_not(rf_build_takes_command(build, "b", 1));
    rf_build_free(build);
    build = open_described("{\"name\":\"o\",\"state_version\":1,\"types\":[\"b\"],"
                           "\"commands\":[\"*\"]}");
    cr_expect(rf_build_handles(build) && rf_build_takes_command(build, "Anything", 8));
    rf_build_free(build);
    build = open_described("{\"name\":\"o\",\"state_version\":1,\"types\":[\"b\"]}");
    cr_expect_not(rf_build_handles(build));
    rf_build_free(build);
}

Test(host_build, declares_everything_with_a_star)
{
    struct rf_build *build =
        open_described("{\"name\":\"case\",\"state_version\":1,\"types\":[\"a\",\"*\"]}");
    cr_assert(build->takes_all && build->type_count == 1);
    cr_assert(rf_build_declares(build, "anything", 8));
    rf_build_free(build);
}

Test(host_build, hashes_the_file_that_was_given)
{
    struct rf_build *build =
        open_described("{\"name\":\"o\",\"state_version\":1,\"types\":[\"b\"]}");
    /* printf '{"name":"o","state_version":1,"types":["b"]}' | sha256sum */
    cr_assert_str_eq(build->sha256,
                     "959ef38b6f12e250abf08fb91df6c0beaefdada9b88adb98564c45359b687a43");
    rf_build_free(build);
}

static void
refuses(const char *descriptor, const char *reason)
{
    struct rf_build *build = NULL;
    struct rf_err err = {0};
    rf_code code = rf_build_open(write_file("a.so", descriptor), &build, &err);
    cr_expect(code == RF_ERR_USAGE, "taken: %s", descriptor);
    cr_expect(err.code == RF_ERR_USAGE && strstr(err.text, reason) != NULL, "%s: %s", descriptor,
              err.text);
    cr_expect(build == NULL);
}

#define HEAD "{\"name\":\"o\",\"state_version\":1,\"types\":[\"b\"],\"shape\":"

Test(host_build, refuses_descriptors_that_are_wrong_anywhere)
{
    refuses("", "ended with exit status 0");
    refuses("{", "no description");
    refuses("[]", "no description");
    refuses("{\"name\":\"o\",\"name\":\"p\"}", "no description");
    refuses("{\"name\":\"o\",\"types\":[\"b\"]}", "state version");
    refuses("{\"name\":\"o\",\"state_version\":-1,\"types\":[\"b\"]}", "state version");
    refuses("{\"name\":\"o\",\"state_version\":4294967296,\"types\":[\"b\"]}", "state version");
    refuses("{\"name\":\"o\",\"state_version\":1.0,\"types\":[\"b\"]}", "state version");
    refuses("{\"name\":\"o\",\"state_version\":1}", "no types");
    refuses("{\"name\":\"o\",\"state_version\":1,\"types\":[]}", "no types");
    refuses("{\"name\":\"o\",\"state_version\":1,\"types\":[\"\"]}", "name of a type");
    refuses("{\"name\":\"o\",\"state_version\":1,\"types\":[7]}", "name of a type");
    refuses("{\"name\":\"o\",\"state_version\":1,\"types\":[\"a\",\"b\",\"a\"]}", "type a twice");
    refuses("{\"name\":\"o\",\"state_version\":1,\"types\":[\"*\",\"*\"]}", "type * twice");
    refuses("{\"name\":\"o\",\"state_version\":1,\"types\":[\"b\"],\"commands\":[]}",
            "no commands");
    refuses("{\"name\":\"o\",\"state_version\":1,\"types\":[\"b\"],\"commands\":[1]}",
            "name of a command");
    refuses("{\"name\":\"o\",\"state_version\":1,\"types\":[\"b\"],\"commands\":[\"c\",\"c\"]}",
            "command c twice");
    refuses("{\"name\":\"o\",\"state_version\":1,\"types\":[\"b\"],\"more\":1}", "unknown key");
    refuses(HEAD "[]}", "not an object");
    refuses(HEAD "{\"kind\":11}}", "one element");
    refuses(HEAD "{\"kind\":3,\"fields\":[]}}", "plain field");
    refuses(HEAD "{\"kind\":9}}", "without fields");
    refuses(HEAD "{\"name\":\"x\",\"kind\":9,\"fields\":[]}}", "without a name");
    refuses(HEAD "{\"kind\":9,\"fields\":[{\"kind\":3}]}}", "without a name");
    refuses(HEAD "{\"kind\":9,\"fields\":[{\"name\":\"a\",\"kind\":12}]}}", "unknown kind");
    refuses(HEAD "{\"kind\":9,\"fields\":[{\"name\":\"a\",\"kind\":0}]}}", "unknown kind");
    refuses(HEAD "{\"kind\":9,\"fields\":[{\"name\":\"a\",\"kind\":3,\"fields\":[]}]}}",
            "plain field");
    refuses(HEAD "{\"kind\":9,\"fields\":[{\"name\":\"a\",\"kind\":10,\"fields\":[]}]}}",
            "one element");
    refuses(HEAD "{\"kind\":9,\"fields\":[{\"name\":\"a\",\"kind\":3,\"size\":8}]}}",
            "not an object of");
}

Test(host_build, refuses_names_that_are_no_file_names)
{
    static const char *const names[] = {"", ".hidden", "a/b", "..", "a b", "caf\xc3\xa9", "a\\n"};
    char text[400];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(text, sizeof(text),
                       "{\"name\":\"%s\",\"state_version\":1,\"types\":[\"b\"]}", names[i]);
        refuses(text, "the aggregate's name");
    }
    char long_name[102];
    memset(long_name, 'a', 101);
    long_name[101] = '\0';
    (void)snprintf(text, sizeof(text), "{\"name\":\"%s\",\"state_version\":1,\"types\":[\"b\"]}",
                   long_name);
    refuses(text, "the aggregate's name");
    long_name[100] = '\0';
    (void)snprintf(text, sizeof(text), "{\"name\":\"%s\",\"state_version\":1,\"types\":[\"b\"]}",
                   long_name);
    rf_build_free(open_described(text));
}

Test(host_build, refuses_fields_that_are_nested_without_end)
{
    struct rf_err err = {0};
    struct rf_build *build = NULL;
    char text[32768] = HEAD "{\"kind\":9,\"fields\":[{\"name\":\"a\",";
    size_t used = strlen(text);
    for (int i = 0; i < 400; i++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "\"kind\":10,\"fields\":[{");
    }
    used += (size_t)snprintf(text + used, sizeof(text) - used, "\"kind\":3}");
    for (int i = 0; i < 400; i++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "]}");
    }
    (void)snprintf(text + used, sizeof(text) - used, "]}}");
    cr_assert(rf_build_open(write_file("a.so", text), &build, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "nested") != NULL, "%s", err.text);
}

/* ---- several aggregates -----------------------------------------------------------------------
 */

#define ONE(name)            "{\"name\":\"" name "\",\"state_version\":1,\"types\":[\"T\"],\"checks\":true}"
#define HASHES               "\"0123456789abcdef\",\"0000000000000001\",\"ffffffffffffffff\""
#define HASHED(list, hashes) "{\"aggregates\":[" list "],\"hashes\":[" hashes "]}"
#define SEVERAL(list)        HASHED(list, HASHES)

Test(host_build, makes_a_build_of_each_aggregate_of_a_program)
{
    struct rf_builds builds = {0};
    struct rf_err err = {0};
    const char *path = write_file("a.so", SEVERAL(ONE("b") "," ONE("a") "," ONE("c")));
    cr_assert(rf_builds_open(path, &builds, &err) == RF_OK, "%s", err.text);
    cr_assert(builds.count == 3);
    static const char *const names[] = {"b", "a", "c"};
    static const char *const members[] = {"0:0123456789abcdef", "1:0000000000000001",
                                          "2:ffffffffffffffff"};
    for (uint32_t i = 0; i < 3; i++) {
        const struct rf_build *build = builds.items[i];
        char member[RF_BUILD_MEMBER_BYTES];
        rf_build_print_member(build, member);
        cr_expect_str_eq(member, members[i]);
        cr_expect_str_eq(build->name, names[i]);
        cr_expect(build->member == i && build->artifact == builds.items[0]->artifact);
        cr_expect(build->checks && !build->upcasts && !build->identifies && !build->restores);
        cr_expect_str_eq(build->path, path);
        cr_expect_str_eq(build->sha256, build->file_sha256);
        cr_expect(build->conduct != NULL && (i == 0 || build->conduct != builds.items[0]->conduct));
    }
    /* One that was taken out stays, with what it holds, when the others go. */
    struct rf_build *kept = builds.items[1];
    builds.items[1] = NULL;
    rf_builds_done(&builds);
    cr_assert(builds.items == NULL && kept->artifact->holders == 1);
    cr_assert(rf_build_check(kept, &err) == RF_OK);
    rf_build_free(kept);
}

Test(host_build, refuses_a_list_that_cannot_be)
{
    refuses(SEVERAL(""), "1 to 256 aggregates");
    refuses("{\"aggregates\":{}}", "1 to 256 aggregates");
    refuses(SEVERAL(ONE("a") "," ONE("b") "," ONE("a")), "two aggregates of the name 'a'");
    refuses(SEVERAL(ONE("a") ",7"), "name");
    refuses("{\"aggregates\":[" ONE("a") "]}", "no hash of an aggregate");
    refuses(HASHED(ONE("a") "," ONE("b"), "\"0123456789abcdef\""), "no hash of an aggregate");
    refuses(HASHED(ONE("a"), "\"0123456789abcdeF\""), "no hash of an aggregate");
    refuses(HASHED(ONE("a"), "\"0123456789abcde\""), "no hash of an aggregate");
    refuses(HASHED(ONE("a"), "7"), "no hash of an aggregate");
    refuses(SEVERAL(ONE("a") "," ONE("b")), "has 2 aggregates, and one is wanted");
}

/* ---- what goes wrong --------------------------------------------------------------------------
 */

Test(host_build, hands_on_the_workers_own_reason)
{
    refuses("{\"error\":\"built for ABI 2, this refold speaks 1\"}", "built for ABI 2");
}

Test(host_build, names_how_a_probe_died)
{
    struct rf_build *build = NULL;
    struct rf_err err = {0};
    cr_assert(rf_build_open(write_file("segv.so", ""), &build, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "SIGSEGV (segmentation fault)") != NULL, "%s", err.text);
    cr_assert(rf_build_open(write_file("silent.so", ""), &build, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "exit status 3") != NULL, "%s", err.text);
}

Test(host_build, ends_a_probe_that_does_not_stop_talking)
{
    struct rf_build *build = NULL;
    struct rf_err err = {0};
    cr_assert(rf_build_open(write_file("endless.so", ""), &build, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "4 MiB") != NULL, "%s", err.text);
}

Test(host_build, ends_a_probe_that_says_nothing, .timeout = 30)
{
    struct rf_build *build = NULL;
    struct rf_err err = {0};
    time_t before = time(NULL);
    cr_assert(rf_build_open(write_file("asleep.so", ""), &build, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "within 10 s") != NULL, "%s", err.text);
    cr_assert(time(NULL) - before >= 9);
}

Test(host_build, refuses_what_is_no_file)
{
    struct rf_build *build = NULL;
    struct rf_err err = {0};
    cr_assert(rf_build_open("/nowhere/a.so", &build, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "No such file") != NULL, "%s", err.text);
    cr_assert_str_eq(err.where, "/nowhere/a.so");
    cr_assert(rf_build_open(folder, &build, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "is a folder") != NULL, "%s", err.text);
}

Test(host_build, says_which_worker_cannot_be_run)
{
    char *program = NULL;
    struct rf_err err = {0};
    (void)setenv("REFOLD_WORKER", "/nowhere/refold-worker", 1);
    cr_assert(rf_worker_program(&program, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "/nowhere/refold-worker") != NULL, "%s", err.text);
}

/* ---- sources ----------------------------------------------------------------------------------
 */

#define COUNTER                                                                                    \
    "#include <refold/aggregate.h>\n"                                                              \
    "struct counter { int64_t total; };\n"                                                         \
    "static int32_t apply(void *state, const refold_event *event)\n"                               \
    "{ (void)event; ((struct counter *)state)->total++; return REFOLD_OK; }\n"                     \
    "static const refold_type types[] = {{\"Added\", 1, 0}};\n"                                    \
    "static const refold_field fields[] = {REFOLD_INT(struct counter, total, \"total\")};\n"       \
    "REFOLD_AGGREGATE(\"counter\", struct counter, types, fields, apply)\n"

static void
point_at_headers(void)
{
    char *headers = realpath("harness/include", NULL);
    cr_assert(headers != NULL, "tests run in the project's folder");
    cr_assert(setenv("REFOLD_INCLUDE", headers, 1) == 0);
    free(headers);
}

Test(host_build, compiles_a_source_and_loads_it)
{
    point_at_headers();
    cr_assert(setenv("REFOLD_WORKER", built("refold-worker"), 1) == 0);
    struct rf_build *build = NULL;
    struct rf_err err = {0};
    const char *path = write_file("counter.c", COUNTER);
    cr_assert(rf_build_open(path, &build, &err) == RF_OK, "%s", err.text);
    cr_assert(!build->program && strcmp(build->path, path) == 0 && strcmp(build->file, path) != 0);
    cr_assert_str_eq(build->name, "counter");
    cr_assert(rf_build_declares(build, "Added", 5) && !rf_build_declares(build, "added", 5));
    cr_assert(build->shape.field_count == 1);
    cr_assert_str_eq(build->shape.fields[0].name, "total");
    char *file = strdup(build->file);
    cr_assert(access(file, R_OK) == 0);
    rf_build_free(build);
    cr_assert(access(file, R_OK) != 0);
    free(file);
}

Test(host_build, says_the_compilers_first_error)
{
    point_at_headers();
    struct rf_build *build = NULL;
    struct rf_err err = {0};
    const char *path = write_file("bad.c", "#include <refold/aggregate.h>\nint x = frobnicate;\n");
    cr_assert(rf_build_open(path, &build, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "does not compile") != NULL, "%s", err.text);
    cr_assert(strstr(err.text, "bad.c:2:") != NULL && strstr(err.text, "frobnicate") != NULL, "%s",
              err.text);
}

Test(host_build, says_that_there_is_no_compiler)
{
    point_at_headers();
    struct rf_build *build = NULL;
    struct rf_err err = {0};
    (void)setenv("CC", "/nowhere/cc -pipe", 1);
    cr_assert(rf_build_open(write_file("a.c", COUNTER), &build, &err) == RF_ERR_USAGE);
    cr_assert(strstr(err.text, "the compiler /nowhere/cc cannot be started") != NULL, "%s",
              err.text);
}

Test(host_build, takes_a_compiler_of_several_words)
{
    point_at_headers();
    cr_assert(setenv("REFOLD_WORKER", built("refold-worker"), 1) == 0);
    (void)setenv("CC", "  cc   -DREFOLD_TEST=1 ", 1);
    struct rf_build *build = NULL;
    struct rf_err err = {0};
    const char *path = write_file("c.c", "#ifndef REFOLD_TEST\n#error no\n#endif\n" COUNTER);
    cr_assert(rf_build_open(path, &build, &err) == RF_OK, "%s", err.text);
    rf_build_free(build);
}

/** What the source at this path comes to. */
static void
compile(const char *path, char hex[RF_SHA256_HEX_BYTES])
{
    struct rf_build *build = NULL;
    struct rf_err err = {0};
    cr_assert(rf_build_open(path, &build, &err) == RF_OK, "%s", err.text);
    (void)snprintf(hex, RF_SHA256_HEX_BYTES, "%s", build->file_sha256);
    rf_build_free(build);
}

Test(host_build, a_source_is_the_same_bytes_wherever_it_lies)
{
    point_at_headers();
    cr_assert(setenv("REFOLD_WORKER", built("refold-worker"), 1) == 0);
    char one[RF_SHA256_HEX_BYTES];
    char other[RF_SHA256_HEX_BYTES];
    char path[700];
    compile(write_file("c.c", COUNTER "const char *where = __FILE__;\n"), one);
    (void)snprintf(path, sizeof(path), "%s/./c.c", folder);
    compile(path, other);
    cr_expect_str_eq(one, other);
    /* One that does not know how takes the name as it is. */
    const char *script =
        write_file("old-cc", "#!/bin/sh\nfor word do case $word in -ffile-prefix-*)"
                             " echo \"error: what is $word\" >&2; exit 1;;"
                             " esac; done\nexec cc \"$@\"\n");
    cr_assert(chmod(script, 0700) == 0 && setenv("CC", script, 1) == 0);
    compile(path, other);
    cr_expect_str_neq(one, other);
}

Test(host_build, frees_no_build)
{
    rf_build_free(NULL);
}

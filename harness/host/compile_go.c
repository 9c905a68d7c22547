/* SPDX-License-Identifier: MIT */
/* Building an aggregate that was given as a folder of a Go program. */
#include "host/compile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "host/complaints.h"
#include "host/inputs.h"
#include "host/tool.h"

/** Complaints that are told of one build. */
#define TOLD 3

/** Go heads its errors with the package ("# orders"), and says how it looks for modules. */
static bool
is_error(const char *line)
{
    static const char *const ways[] = {"#", "go: downloading ", "go: finding ", "go: found ",
                                       "go: extracting "};
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (strncmp(line, ways[i], strlen(ways[i])) == 0) {
            return false;
        }
    }
    return line[0] != '\0';
}

/** Whether it is what go makes of a package that is no program. */
static bool
is_library(const char *file)
{
    static const char MARK[] = "!<arch>";
    char head[sizeof(MARK) - 1];
    size_t got = 0;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    bool is = fd >= 0 && rf_fd_read(fd, head, sizeof(head), &got) && got == sizeof(head) &&
              memcmp(head, MARK, sizeof(head)) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return is;
}

/** What go says in several ways: nothing tells it where the module refold lies. */
static bool
lacks_module(const char *complaints)
{
    static const char NAME[] = "package refold";
    const char *at = strstr(complaints, NAME);
    return at != NULL && strchr(" /:;", at[sizeof(NAME) - 1]) != NULL;
}

static rf_code
fail_complaining(const struct rf_source *source, struct rf_buf *output, struct rf_err *reterr)
{
    static const struct rf_complaint_manner MANNER = {
        .tells = is_error, .goes_on = true, .most = TOLD};
    char *text = rf_complaints(output, source, &MANNER);
    rf_code code =
        rf_fail(reterr, RF_ERR_USAGE, source->name, "does not compile: %s%s", text,
                lacks_module(text) ? "; its go.mod needs two lines, 'require refold "
                                     "v0.0.0' and 'replace refold => FOLDER', the folder "
                                     "of refold's Go module ('refold new --lang go' "
                                     "makes a copy)"
                                   : "");
    free(text);
    return code;
}

static bool
is_on_path(const char *name)
{
    const char *path = getenv("PATH");
    bool found = false;
    while (path != NULL && *path != '\0' && !found) {
        size_t bytes = strcspn(path, ":");
        char *file = rf_format("%.*s/%s", (int)bytes, path, name);
        found = access(file, X_OK) == 0;
        free(file);
        path += bytes + (path[bytes] == ':');
    }
    return found;
}

/** As go decides it, and so as the program is compiled for production. Only Go before 1.20 does not
 * see that there is no C compiler, and fails at its own packages. */
static const char *
choose_cgo(void)
{
    bool decided = getenv("CGO_ENABLED") != NULL || getenv("CC") != NULL || is_on_path("gcc") ||
                   is_on_path("clang") || is_on_path("cc");
    return decided ? NULL : "CGO_ENABLED=0";
}

/** A line that go writes; it goes to `ret`. */
static rf_code
ask_go(const struct rf_source *source, const char *variable, const char *const *words,
       struct rf_buf *ret, struct rf_err *reterr)
{
    const struct rf_tool go = {
        .words = words,
        .folder = source->path,
        .variable = variable,
        .temporaries = source->temporaries,
        .target = STDOUT_FILENO,
    };
    int status = 0;
    RF_TRY(rf_tool_run(&go, ret, &status, reterr));
    return rf_tool_succeeded(status)
               ? RF_OK
               : rf_fail(reterr, RF_ERR_USAGE, source->name,
                         "go %s does not tell what went in, so nobody knows whether it is the "
                         "revision's: name what was built elsewhere",
                         words[1]);
}

/** What a C compiler below cgo is told by the environment, of which it tells nobody. */
static rf_code
check_variables(const struct rf_source *source, const char *variable, struct rf_err *reterr)
{
    static const char *const compilers[] = {"CPATH",        "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH",
                                            "LIBRARY_PATH", "LD_RUN_PATH",    NULL};
    static const char *const words[] = {"go",           "env",          "GOFLAGS",    "CGO_CFLAGS",
                                        "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_FFLAGS", "CGO_LDFLAGS",
                                        "CC",           "CXX",          NULL};
    static const char *const except[] = {NULL};
    struct rf_buf values = {0};
    RF_TRY(rf_inputs_check_variables(source, compilers, reterr));
    rf_code code = ask_go(source, variable, words, &values, reterr);
    const char *line = rf_buf_text(&values);
    for (size_t i = 2; words[i] != NULL && code == RF_OK; i++) {
        size_t bytes = strcspn(line, "\n");
        char *name = rf_format("$%s", words[i]);
        char *value = rf_strndup(line, bytes);
        code = rf_inputs_check_words(source, except, name, value, reterr);
        free(value);
        free(name);
        line += bytes + (line[bytes] == '\n');
    }
    rf_buf_done(&values);
    return code;
}

/** What go writes about each line; the last of `except` is NULL. */
typedef rf_code (*check_function)(const struct rf_source *source, const char *const *except,
                                  const char *line, struct rf_err *reterr);

static rf_code
check_flag(const struct rf_source *source, const char *const *except, const char *line,
           struct rf_err *reterr)
{
    return rf_inputs_check_words(source, except, "a #cgo line", line, reterr);
}

/** @template  what is told of each package, a line each */
static rf_code
check_lines(const struct rf_source *source, const char *variable, const char *template,
            const char *modules, check_function check, struct rf_err *reterr)
{
    const char *const words[] = {"go", "list", "-deps", "-f", template, ".", NULL};
    const char *const except[] = {modules, NULL};
    struct rf_buf lines = {0};
    rf_code code = ask_go(source, variable, words, &lines, reterr);
    for (const char *line = rf_buf_text(&lines); *line != '\0' && code == RF_OK;) {
        size_t bytes = strcspn(line, "\n");
        char *text = rf_strndup(line, bytes);
        code = check(source, except, text, reterr);
        free(text);
        line += bytes + (line[bytes] == '\n');
    }
    rf_buf_done(&lines);
    return code;
}

/** Asked of a revision only: all files of all packages that are not go's own, and what these tell a
 * C compiler. */
static rf_code
check_inputs(const struct rf_source *source, const char *variable, struct rf_err *reterr)
{
#define OF_OTHERS(text) "{{if not .Standard}}" text "{{end}}"
#define FILES(kind)     "{{range ." kind "}}{{$.Dir}}/{{.}}\n{{end}}"
#define FLAGS(kind)     "{{range .Cgo" kind "}}{{.}}\n{{end}}"
    static const char files[] = OF_OTHERS(
        FILES("GoFiles") FILES("CgoFiles") FILES("CFiles") FILES("CXXFiles") FILES("FFiles")
            FILES("HFiles") FILES("SFiles") FILES("SwigFiles") FILES("SwigCXXFiles") FILES("MFiles")
                FILES("SysoFiles") FILES("EmbedFiles"));
    static const char flags[] = OF_OTHERS(FLAGS("CFLAGS") FLAGS("CPPFLAGS") FLAGS("CXXFLAGS")
                                              FLAGS("FFLAGS") FLAGS("LDFLAGS"));
#undef FLAGS
#undef FILES
#undef OF_OTHERS
    static const char *const cache_words[] = {"go", "env", "GOMODCACHE", NULL};
    struct rf_buf cache = {0};
    RF_TRY(check_variables(source, variable, reterr));
    rf_code code = ask_go(source, variable, cache_words, &cache, reterr);
    char *modules = rf_strndup(rf_buf_text(&cache), strcspn(rf_buf_text(&cache), "\n"));
    if (code == RF_OK) {
        code = check_lines(source, variable, files, modules, rf_inputs_check, reterr);
    }
    if (code == RF_OK) {
        code = check_lines(source, variable, flags, modules, check_flag, reterr);
    }
    free(modules);
    rf_buf_done(&cache);
    return code;
}

rf_code
rf_compile_go(const struct rf_source *source, const char *file, struct rf_err *reterr)
{
    const char *const words[] = {"go", "build", "-trimpath", "-buildvcs=false",
                                 "-o", file,    ".",         NULL};
    const struct rf_tool go = {
        .words = words,
        .folder = source->path,
        .variable = choose_cgo(),
        .temporaries = source->temporaries,
        .target = STDERR_FILENO,
    };
    struct rf_buf output = {0};
    int status = 0;
    rf_code code = rf_tool_run(&go, &output, &status, reterr);
    if (code != RF_OK) {
        code = rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "is built by go, which is not found: install it (Debian, Ubuntu: apt-get "
                       "install golang-go; else https://go.dev/dl), or name the program that was "
                       "built elsewhere");
    } else if (!rf_tool_succeeded(status)) {
        code = fail_complaining(source, &output, reterr);
    } else if (is_library(file)) {
        code = rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "is a Go package, but no program: refold runs a 'package main' that serves "
                       "it");
    } else if (source->working != NULL) {
        code = check_inputs(source, go.variable, reterr);
    }
    rf_buf_done(&output);
    return code;
}

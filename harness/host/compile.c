/* SPDX-License-Identifier: MIT */
/* Compiling an aggregate that was given as a file of C or C++. */
#include "host/compile.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "host/complaints.h"
#include "host/inputs.h"
#include "host/tool.h"

/* ---- where things are ---------------------------------------------------------------------------
 */

char *
rf_own_folder(void)
{
    char path[PATH_MAX];
    ssize_t got = readlink("/proc/self/exe", path, sizeof(path));
    if (got <= 0 || (size_t)got >= sizeof(path)) {
        return NULL;
    }
    char *folder = rf_strndup(path, (size_t)got);
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        free(folder);
        return NULL;
    }
    slash[slash == folder ? 1 : 0] = '\0';
    return folder;
}

char *
rf_path_from(const char *folder, const char *path)
{
    return path[0] == '/' ? rf_strdup(path) : rf_format("%s/%s", folder, path);
}

static bool
holds_headers(const char *folder)
{
    char *path = rf_format("%s/refold/aggregate.h", folder);
    bool there = access(path, R_OK) == 0;
    free(path);
    return there;
}

/** Owned by the caller; NULL where there is none. */
static char *
find_headers(void)
{
    const char *chosen = getenv("REFOLD_INCLUDE");
    if (chosen != NULL && holds_headers(chosen)) {
        return rf_strdup(chosen);
    }
    static const char *const PLACES[] = {"include", REFOLD_HEADER_PLACE};
    char *own = rf_own_folder();
    char *found = NULL;
    for (size_t i = 0; own != NULL && found == NULL && i < sizeof(PLACES) / sizeof(*PLACES); i++) {
        char *folder = rf_path_from(own, PLACES[i]);
        if (holds_headers(folder)) {
            found = folder;
        } else {
            free(folder);
        }
    }
    free(own);
    return found;
}

/* ---- compiling --------------------------------------------------------------------------------
 */

static bool
is_error(const char *line)
{
    return strstr(line, "error:") != NULL;
}

#define COMPILER_WORDS 16

/** Splits $CC at blanks, as make does. Returns the number of words. */
static size_t
split_words(char *text, const char **words, size_t room)
{
    size_t count = 0;
    for (char *at = text + strspn(text, " \t"); *at != '\0' && count < room;) {
        words[count++] = at;
        at += strcspn(at, " \t");
        if (*at != '\0') {
            *at++ = '\0';
        }
        at += strspn(at, " \t");
    }
    return count;
}

/** @rule  where the compiler tells what went in */
static rf_code
run_compiler(const struct rf_source *source, bool plus_plus, const char *include, const char *file,
             const char *rule, struct rf_err *reterr)
{
    static const struct rf_complaint_manner MANNER = {.tells = is_error, .most = 1};
    const char *usual = plus_plus ? "c++" : "cc";
    const char *chosen = getenv(plus_plus ? "CXX" : "CC");
    char *compiler = rf_strdup(chosen == NULL ? usual : chosen);
    const char *words[COMPILER_WORDS + 16] = {NULL};
    size_t count = split_words(compiler, words, COMPILER_WORDS);
    if (count == 0) {
        words[count++] = usual;
    }
    /* A source that begins with a dash is no option. */
    char *path = rf_format("%s%s", source->path[0] == '-' ? "./" : "", source->path);
    const char *const options[] = {plus_plus ? "-std=c++17" : "-std=c11",
                                   "-O2",
                                   "-fPIC",
                                   "-shared",
                                   "-o",
                                   file,
                                   include,
                                   path,
                                   "-MD",
                                   "-MF",
                                   rule};
    size_t told = source->working == NULL ? 3 : 0; /* who asks for less needs no compiler for it */
    for (size_t i = 0; i + told < sizeof(options) / sizeof(*options); i++) {
        words[count++] = options[i];
    }
    const struct rf_tool tool = {.words = words, .target = STDERR_FILENO};
    struct rf_buf output = {0};
    int status = 0;
    rf_code code = rf_tool_run(&tool, &output, &status, reterr);
    if (code != RF_OK) {
        code = rf_fail(reterr, RF_ERR_USAGE, source->name, "the compiler %s cannot be started",
                       words[0]);
    } else if (!rf_tool_succeeded(status)) {
        char *text = rf_complaints(&output, source, &MANNER);
        code = rf_fail(reterr, RF_ERR_USAGE, source->name, "does not compile: %s", text);
        free(text);
    }
    rf_buf_done(&output);
    free(path);
    free(compiler);
    return code;
}

rf_code
rf_compile_file(const struct rf_source *source, bool plus_plus, const char *file,
                struct rf_err *reterr)
{
    char *headers = find_headers();
    if (headers == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "refold/aggregate.h is not found beside this program, nor in "
                       "$REFOLD_INCLUDE");
    }
    char *include = rf_format("-I%s", headers);
    char *rule = rf_format("%s.d", file);
    char *own = rf_format("%s/refold", headers); /* what lies beside it may be the user's */
    const char *const except[] = {own, NULL};
    rf_code code = run_compiler(source, plus_plus, include, file, rule, reterr);
    if (code == RF_OK) {
        code = rf_inputs_check_rule(source, except, rule, reterr);
    }
    free(own);
    free(rule);
    free(include);
    free(headers);
    return code;
}

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
        return realpath(chosen, NULL); /* a revision's compiler works elsewhere */
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

/** One file's way to a shared object. */
struct compilation {
    const struct rf_source *source;
    const char *chosen; /**< $CC or $CXX */
    const char *usual;  /**< where that is not set, or blank */
    const char *standard;
    const char *include;
    const char *file;
    const char *names; /**< "-ffile-prefix-map=…" (name_from); NULL: none is needed, or known */
    const char *rule;  /**< where a revision's compiler tells what went in … */
    const char *told;  /**< … and where its assembler does: "-Wa,--MD,FILE"; NULL: nowhere */
};

/** @output  what it complains of */
static rf_code
run_compiler(const struct compilation *compilation, struct rf_buf *output, int *ret_status,
             struct rf_err *reterr)
{
    const struct rf_source *source = compilation->source;
    char *compiler = rf_strdup(compilation->chosen);
    const char *words[COMPILER_WORDS + 16] = {NULL};
    size_t count = split_words(compiler, words, COMPILER_WORDS);
    if (count == 0) {
        words[count++] = compilation->usual;
    }
    /* A source that begins with a dash is no option. */
    char *path = rf_format("%s%s", source->path[0] == '-' ? "./" : "", source->path);
    const char *const options[] = {compilation->standard,
                                   "-O2",
                                   "-fPIC",
                                   "-shared",
                                   "-o",
                                   compilation->file,
                                   compilation->include,
                                   path,
                                   "-MD",
                                   "-MF",
                                   compilation->rule,
                                   compilation->told};
    size_t told = source->working == NULL ? 4 : 0; /* who asks for less needs no compiler for it */
    for (size_t i = 0; i + told < sizeof(options) / sizeof(*options); i++) {
        words[count++] = options[i];
    }
    if (compilation->names != NULL) {
        words[count++] = compilation->names;
    }
    const struct rf_tool tool = {.words = words,
                                 .folder = source->folder,
                                 .temporaries = source->temporaries,
                                 .target = STDERR_FILENO};
    rf_code code = rf_tool_run(&tool, output, ret_status, reterr);
    if (code != RF_OK) {
        code = rf_fail(reterr, RF_ERR_USAGE, source->name, "the compiler %s cannot be started",
                       words[0]);
    }
    free(path);
    free(compiler);
    return code;
}

/** Whether an option that was given is one that they complain of; it is NULL then. */
static bool
drop_unknown(const char **option, const char *name, struct rf_buf *complaints)
{
    bool unknown = *option != NULL && strstr(rf_buf_text(complaints), name) != NULL;
    *option = unknown ? NULL : *option;
    return unknown;
}

/** Assemblers that tell nothing are called without, and so are compilers that map no names. */
static rf_code
compile(struct compilation *compilation, struct rf_err *reterr)
{
    static const struct rf_complaint_manner MANNER = {.tells = is_error, .most = 1};
    struct rf_buf output = {0};
    int status = 0;
    rf_code code = run_compiler(compilation, &output, &status, reterr);
    while (code == RF_OK && !rf_tool_succeeded(status) &&
           (drop_unknown(&compilation->told, "--MD", &output) ||
            drop_unknown(&compilation->names, "-ffile-prefix-map", &output))) {
        rf_buf_clear(&output);
        code = run_compiler(compilation, &output, &status, reterr);
    }
    if (code == RF_OK && !rf_tool_succeeded(status)) {
        char *text = rf_complaints(&output, compilation->source, &MANNER);
        code =
            rf_fail(reterr, RF_ERR_USAGE, compilation->source->name, "does not compile: %s", text);
        free(text);
    }
    rf_buf_done(&output);
    return code;
}

/** The option by which the same source is the same bytes wherever it lies: its own folder is left
 * out of __FILE__. Owned; NULL where the compiler gets a name without a folder. */
static char *
name_from(const struct rf_source *source)
{
    const char *slash = strrchr(source->path, '/');
    return slash == NULL ? NULL
                         : rf_format("-ffile-prefix-map=%.*s=", (int)(slash + 1 - source->path),
                                     source->path);
}

/* ---- of a revision ----------------------------------------------------------------------------
 */

/** What no compiler tells of: all that it is told to take beside the source. */
static rf_code
check_before(const struct compilation *compilation, bool plus_plus, struct rf_err *reterr)
{
    static const char *const except[] = {NULL};
    static const char *const variables[] = {"LIBRARY_PATH", "LD_RUN_PATH", NULL};
    const char *variable = plus_plus ? "$CXX" : "$CC";
    const struct rf_source *source = compilation->source;
    if (source->working == NULL) {
        return RF_OK;
    }
    const char *words = compilation->chosen + strspn(compilation->chosen, " \t");
    words += words[0] == '/' ? 0 : strcspn(words, " \t/"); /* found in $PATH, or the revision's */
    RF_TRY(rf_inputs_check_words(source, except, variable, words, reterr));
    if (strstr(words, "-MM") != NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "is built with %s, whose -MM has the compiler leave out some of what went "
                       "in, so nobody knows whether it is the revision's: leave that option out",
                       variable);
    }
    return rf_inputs_check_variables(source, variables, reterr);
}

static rf_code
check_after(const struct compilation *compilation, const char *headers, const char *told,
            struct rf_err *reterr)
{
    char *of_c = rf_format("%s/refold/aggregate.h", headers); /* what lies beside is the user's */
    char *of_cpp = rf_format("%s/refold/aggregate.hpp", headers);
    const char *const except[] = {of_c, of_cpp, NULL};
    rf_code code = rf_inputs_check_rule(compilation->source, except, compilation->rule, reterr);
    if (code == RF_OK) {
        code = compilation->told == NULL
                   ? rf_inputs_check_assembly(compilation->source, compilation->rule, reterr)
                   : rf_inputs_check_assembled(compilation->source, except, told, reterr);
    }
    free(of_cpp);
    free(of_c);
    return code;
}

/** Where parts are assembled one by one, each writes over what the one before told; a comma is the
 * end of a word for the assembler. */
static bool
is_told(const struct compilation *compilation)
{
    return strstr(compilation->chosen, "-flto") == NULL && strchr(compilation->file, ',') == NULL;
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
    const char *chosen = getenv(plus_plus ? "CXX" : "CC");
    char *include = rf_format("-I%s", headers);
    char *rule = rf_format("%s.d", file);
    char *assembled = rf_format("%s.s.d", file);
    char *option = rf_format("-Wa,--MD,%s", assembled);
    char *names = name_from(source);
    struct compilation compilation = {
        .source = source,
        .chosen = chosen == NULL ? "" : chosen,
        .usual = plus_plus ? "c++" : "cc",
        .standard = plus_plus ? "-std=c++17" : "-std=c11",
        .include = include,
        .file = file,
        .names = names,
        .rule = rule,
    };
    compilation.told = source->working != NULL && is_told(&compilation) ? option : NULL;
    rf_code code = check_before(&compilation, plus_plus, reterr);
    if (code == RF_OK) {
        code = compile(&compilation, reterr);
    }
    if (code == RF_OK && source->working != NULL) {
        code = check_after(&compilation, headers, assembled, reterr);
    }
    free(names);
    free(option);
    free(assembled);
    free(rule);
    free(include);
    free(headers);
    return code;
}

/* SPDX-License-Identifier: MIT */
/* Compiling an aggregate that was given as a source, and running short programs for their output.
 */
#include "worker/compile.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "worker/spawn.h"

extern char **environ;

/** A compiler that says more than this about one file says nothing that is read. */
#define MESSAGE_BYTES RF_MIB

/* ---- compiling --------------------------------------------------------------------------------
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
    static const char *const PLACES[] = {"include", "../include"};
    char *own = rf_own_folder();
    char *found = NULL;
    for (size_t i = 0; own != NULL && found == NULL && i < sizeof(PLACES) / sizeof(*PLACES); i++) {
        char *folder = rf_format("%s/%s", own, PLACES[i]);
        if (holds_headers(folder)) {
            found = folder;
        } else {
            free(folder);
        }
    }
    free(own);
    return found;
}

rf_code
rf_scratch_folder(char **ret, struct rf_err *reterr)
{
    const char *parent = getenv("TMPDIR");
    char *folder = rf_format("%s/refold-XXXXXX", parent == NULL || !*parent ? "/tmp" : parent);
    if (mkdtemp(folder) == NULL) {
        rf_code code = rf_fail_errno(reterr, RF_ERR_USAGE, folder, "cannot make a folder");
        free(folder);
        return code;
    }
    *ret = folder;
    return RF_OK;
}

void
rf_compile_drop(const char *file)
{
    char *folder = rf_strdup(file);
    char *slash = strrchr(folder, '/');
    (void)unlink(file);
    if (slash != NULL) {
        *slash = '\0';
        (void)rmdir(folder);
    }
    free(folder);
}

/** The first line that names an error, else the first line; cut to what an error's text holds. */
static void
first_error(struct rf_buf *output, char *text, size_t text_room)
{
    const char *all = rf_buf_text(output);
    const char *at = strstr(all, "error:");
    const char *start = at == NULL ? all : at;
    while (start > all && start[-1] != '\n') {
        start--;
    }
    (void)snprintf(text, text_room, "%.*s", (int)strcspn(start, "\n"), start);
}

#define COMPILER_WORDS 16

/** Splits $CC at blanks, as make does. Returns the number of words. */
static size_t
split_words(char *text, char **words, size_t room)
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

static rf_code
run_compiler(const char *source, const char *name, char *include, char *file, struct rf_err *reterr)
{
    const char *chosen = getenv("CC");
    char *compiler = rf_strdup(chosen == NULL ? "cc" : chosen);
    char *words[COMPILER_WORDS + 16] = {NULL};
    size_t count = split_words(compiler, words, COMPILER_WORDS);
    char fallback[] = "cc";
    if (count == 0) {
        words[count++] = fallback;
    }
    static char options[][12] = {"-std=c11", "-O2", "-fPIC", "-shared", "-o"};
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        words[count++] = options[i];
    }
    /* A source that begins with a dash is no option. */
    char *path = rf_format("%s%s", source[0] == '-' ? "./" : "", source);
    words[count++] = file;
    words[count++] = include;
    words[count++] = path;
    struct rf_capture capture = {
        .program = words[0],
        .arguments = words,
        .environment = environ,
        .search_path = true,
        .target = STDERR_FILENO,
        .limit_bytes = MESSAGE_BYTES,
    };
    struct rf_buf output = {0};
    enum rf_captured captured = RF_CAPTURED;
    int status = 0;
    rf_code code = rf_capture_run(&capture, &output, &captured, &status, reterr);
    if (code != RF_OK) {
        code = rf_fail(reterr, RF_ERR_USAGE, name, "the compiler %s cannot be started", words[0]);
    } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        char text[400];
        first_error(&output, text, sizeof(text));
        code = rf_fail(reterr, RF_ERR_USAGE, name, "does not compile: %s", text);
    }
    rf_buf_done(&output);
    free(path);
    free(compiler);
    return code;
}

rf_code
rf_compile(const char *source, const char *name, char **ret_file, struct rf_err *reterr)
{
    char *headers = find_headers();
    if (headers == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, name,
                       "refold/aggregate.h is not found beside this program, nor in "
                       "$REFOLD_INCLUDE");
    }
    char *folder = NULL;
    rf_code code = rf_scratch_folder(&folder, reterr);
    if (code == RF_OK) {
        char *include = rf_format("-I%s", headers);
        char *file = rf_format("%s/aggregate.so", folder);
        code = run_compiler(source, name, include, file, reterr);
        if (code == RF_OK) {
            *ret_file = file;
        } else {
            rf_compile_drop(file);
            free(file);
        }
        free(include);
        free(folder);
    }
    free(headers);
    return code;
}

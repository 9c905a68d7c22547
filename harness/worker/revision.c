/* SPDX-License-Identifier: MIT */
/* Sources as a git repository had them. */
#include "worker/revision.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "worker/compile.h"
#include "worker/spawn.h"

extern char **environ;

#define OUTPUT_BYTES RF_MIB
#define GIT_WORDS    8
/** Open folders while a checkout is removed. */
#define REMOVE_FOLDERS 16

bool
rf_revision_is(const char *spec)
{
    const char *colon = strchr(spec, ':');
    return colon != NULL && colon != spec && colon[1] != '\0' && access(spec, F_OK) != 0;
}

/* ---- git ------------------------------------------------------------------------------------- */

/** The environment with one more variable, for a git that uses an index of its own. Shallow: only
 * the array is owned. */
static char **
with_variable(char *variable)
{
    size_t count = 0;
    while (environ[count] != NULL) {
        count++;
    }
    char **list = rf_calloc(count + 2, sizeof(*list));
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(environ[i], "GIT_INDEX_FILE=", strlen("GIT_INDEX_FILE=")) != 0) {
            list[used++] = environ[i];
        }
    }
    list[used] = variable;
    return list;
}

/** Runs git with these words (the last is NULL) and takes what it writes to `target`. */
static rf_code
run_git(const char *spec, const char *const *words, const char *index, int target,
        struct rf_buf *ret, int *ret_status, struct rf_err *reterr)
{
    char *copies[GIT_WORDS + 1] = {rf_strdup("git")};
    size_t count = 1;
    for (; words[count - 1] != NULL; count++) {
        RF_VERIFY(count < GIT_WORDS);
        copies[count] = rf_strdup(words[count - 1]);
    }
    char *variable = index == NULL ? NULL : rf_format("GIT_INDEX_FILE=%s", index);
    char **environment = variable == NULL ? environ : with_variable(variable);
    struct rf_capture capture = {
        .program = "git",
        .arguments = copies,
        .environment = environment,
        .search_path = true,
        .target = target,
        .limit_bytes = OUTPUT_BYTES,
    };
    enum rf_captured captured;
    rf_code code = rf_capture_run(&capture, ret, &captured, ret_status, reterr);
    if (code != RF_OK) {
        code = rf_fail(reterr, RF_ERR_USAGE, spec, "git cannot be started: is it installed?");
    }
    for (size_t i = 0; i < count; i++) {
        free(copies[i]);
    }
    if (variable != NULL) {
        free(environment);
        free(variable);
    }
    return code;
}

/** A git that must succeed; its own sentence where it does not. */
static rf_code
do_git(const char *spec, const char *const *words, const char *index, struct rf_err *reterr)
{
    struct rf_buf says = {0};
    int status = 0;
    rf_code code = run_git(spec, words, index, STDERR_FILENO, &says, &status, reterr);
    if (code == RF_OK && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
        const char *text = rf_buf_text(&says);
        text += strncmp(text, "fatal: ", 7) == 0 ? 7 : 0;
        code =
            rf_fail(reterr, RF_ERR_USAGE, spec, "git says: %.*s", (int)strcspn(text, "\n"), text);
    }
    rf_buf_done(&says);
    return code;
}

/** The working folder as the repository names it ("orders/", "" at its root); owned by the caller.
 */
static rf_code
find_prefix(const char *spec, char **ret, struct rf_err *reterr)
{
    static const char *const words[] = {"rev-parse", "--show-prefix", NULL};
    struct rf_buf prefix = {0};
    int status = 0;
    rf_code code = run_git(spec, words, NULL, STDOUT_FILENO, &prefix, &status, reterr);
    if (code == RF_OK) {
        const char *text = rf_buf_text(&prefix);
        *ret = rf_strndup(text, strcspn(text, "\n"));
    }
    rf_buf_done(&prefix);
    return code;
}

/* ---- checking out ---------------------------------------------------------------------------- */

static bool
is_relative(const char *path)
{
    return strncmp(path, "./", 2) == 0 || strncmp(path, "../", 3) == 0;
}

static rf_code
check_out(const char *spec, const char *revision, const char *folder, struct rf_err *reterr)
{
    char *index = rf_format("%s/index", folder);
    char *prefix = rf_format("--prefix=%s/tree/", folder);
    const char *const read_words[] = {"read-tree", revision, NULL};
    const char *const write_words[] = {"checkout-index", "--all", "--quiet", prefix, NULL};
    rf_code code = do_git(spec, read_words, index, reterr);
    if (code == RF_OK) {
        code = do_git(spec, write_words, index, reterr);
    }
    free(index);
    free(prefix);
    return code;
}

/** Where `path` of the revision lies in the checkout. */
static rf_code
find_in_tree(const char *spec, const char *folder, const char *path, char **ret,
             struct rf_err *reterr)
{
    char *prefix = NULL;
    if (is_relative(path)) {
        RF_TRY(find_prefix(spec, &prefix, reterr));
    }
    *ret = rf_format("%s/tree/%s%s", folder, prefix == NULL ? "" : prefix, path);
    free(prefix);
    return RF_OK;
}

rf_code
rf_revision_open(const char *spec, char **ret_folder, char **ret_path, struct rf_err *reterr)
{
    const char *colon = strchr(spec, ':');
    const char *const exists_words[] = {"cat-file", "-e", spec, NULL};
    if (spec[0] == '-') {
        return rf_fail(reterr, RF_ERR_USAGE, spec, "a revision does not begin with '-'");
    }
    RF_TRY(do_git(spec, exists_words, NULL, reterr));
    char *folder = NULL;
    RF_TRY(rf_scratch_folder(&folder, reterr));
    char *revision = rf_format("%.*s^{tree}", (int)(colon - spec), spec);
    rf_code code = check_out(spec, revision, folder, reterr);
    if (code == RF_OK) {
        code = find_in_tree(spec, folder, colon + 1, ret_path, reterr);
    }
    free(revision);
    if (code != RF_OK) {
        rf_revision_drop(folder);
        free(folder);
        return code;
    }
    *ret_folder = folder;
    return RF_OK;
}

static int
remove_one(const char *path, const struct stat *facts, int kind, struct FTW *walk)
{
    (void)facts;
    (void)kind;
    (void)walk;
    (void)remove(path);
    return 0;
}

void
rf_revision_drop(const char *folder)
{
    (void)nftw(folder, remove_one, REMOVE_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

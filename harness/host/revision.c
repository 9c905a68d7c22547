/* SPDX-License-Identifier: MIT */
/* Sources as a git repository had them. */
#include "host/revision.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "host/scratch.h"
#include "host/spawn.h"
#include "host/tool.h"

/** Words of one call of git, its own in front included. */
#define GIT_WORDS 20

/** The colon between revision and path, or NULL: as with git, none that stands in braces, as in
 * "main@{12:30}:order.c". */
static const char *
find_colon(const char *spec)
{
    size_t depth = 0;
    for (const char *at = spec; *at != '\0'; at++) {
        if (*at == '{') {
            depth++;
        } else if (*at == '}' && depth > 0) {
            depth--;
        } else if (*at == ':' && depth == 0) {
            return at;
        }
    }
    return NULL;
}

bool
rf_revision_is(const char *spec)
{
    const char *colon = find_colon(spec);
    return colon != NULL && colon != spec && colon[1] != '\0' && access(spec, F_OK) != 0;
}

/** A folder as everyone but git names it: to git it is "./" or "../". */
static bool
is_dots(const char *path)
{
    return strcmp(path, ".") == 0 || strcmp(path, "..") == 0;
}

static bool
is_relative(const char *path)
{
    return strncmp(path, "./", 2) == 0 || strncmp(path, "../", 3) == 0 || is_dots(path);
}

char *
rf_revision_from(const char *spec, const char *folder)
{
    const char *path = find_colon(spec) + 1;
    char *way = is_relative(path) ? rf_path_way(folder) : NULL;
    if (way == NULL) {
        return rf_strdup(spec);
    }
    path += strncmp(path, "./", 2) == 0 ? 2 : 0;
    char *moved = strcmp(path, ".") == 0 ? rf_strdup(way) : rf_path_join(way, path);
    char *whole = rf_format("%.*s:%s", (int)(find_colon(spec) - spec), spec, moved);
    free(way);
    free(moved);
    return whole;
}

/** The nearest folder, from this one upwards, in which a repository begins; owned. NULL: none. */
static char *
find_top(const char *folder)
{
    char *top = rf_path_real(folder);
    bool found = false;
    while (top != NULL && !found) {
        char *mark = rf_path_join(top, ".git");
        found = access(mark, F_OK) == 0;
        free(mark);
        char *slash = strrchr(top, '/');
        if (!found && slash == top) {
            free(top);
            top = NULL;
        } else if (!found) {
            *slash = '\0';
        }
    }
    return top;
}

bool
rf_revision_is_shared(const char *folder)
{
    char *here = find_top(".");
    char *there = find_top(folder);
    bool shared = here != NULL && there != NULL && strcmp(here, there) == 0;
    free(here);
    free(there);
    return shared;
}

/* ---- git ------------------------------------------------------------------------------------- */

/** Runs git with these words (the last is NULL) and takes what it writes to `target`. */
static rf_code
run_git(const char *spec, const char *const *words, const char *index, int target,
        struct rf_buf *ret, int *ret_status, struct rf_err *reterr)
{
    /* Whatever the repository's config says: an index of ours is no reason to run its programs. */
    const char *all[GIT_WORDS + 1] = {"git", "-c", "core.fsmonitor=false", "-c",
                                      "core.hooksPath=/dev/null"};
    size_t count = 5;
    for (size_t i = 0; words[i] != NULL; i++) {
        RF_VERIFY(count < GIT_WORDS);
        all[count++] = words[i];
    }
    char *variable = index == NULL ? NULL : rf_format("GIT_INDEX_FILE=%s", index);
    const struct rf_tool git = {.words = all, .variable = variable, .target = target};
    rf_code code = rf_tool_run(&git, ret, ret_status, reterr);
    free(variable);
    return code == RF_OK
               ? code
               : rf_fail(reterr, RF_ERR_USAGE, spec, "git cannot be started: is it installed?");
}

static rf_code
fail_silent(const char *spec, int status, struct rf_err *reterr)
{
    char end[64];
    rf_spawn_describe(status, end, sizeof(end));
    return rf_fail(reterr, RF_ERR_USAGE, spec, "git ended with %s, without a word", end);
}

/** A git that must succeed; its own sentence where it does not. */
static rf_code
do_git(const char *spec, const char *const *words, const char *index, struct rf_err *reterr)
{
    struct rf_buf says = {0};
    int status = 0;
    rf_code code = run_git(spec, words, index, STDERR_FILENO, &says, &status, reterr);
    if (code == RF_OK && !rf_tool_succeeded(status)) {
        const char *text = rf_buf_text(&says);
        text += strncmp(text, "fatal: ", 7) == 0 ? 7 : 0;
        code = *text == '\0' ? fail_silent(spec, status, reterr)
                             : rf_fail(reterr, RF_ERR_USAGE, spec, "git says: %.*s",
                                       (int)strcspn(text, "\n"), text);
    }
    rf_buf_done(&says);
    return code;
}

/** What git writes; it must succeed. */
static rf_code
ask_git(const char *spec, const char *const *words, struct rf_buf *ret, struct rf_err *reterr)
{
    int status = 0;
    RF_TRY(run_git(spec, words, NULL, STDOUT_FILENO, ret, &status, reterr));
    return rf_tool_succeeded(status) ? RF_OK : fail_silent(spec, status, reterr);
}

/** What `git rev-parse` says of the repository of the working folder; owned by the caller. */
static rf_code
ask_rev_parse(const char *spec, const char *question, char **ret, struct rf_err *reterr)
{
    const char *const words[] = {"rev-parse", question, NULL};
    struct rf_buf says = {0};
    rf_code code = ask_git(spec, words, &says, reterr);
    if (code == RF_OK) {
        *ret = rf_strndup(rf_buf_text(&says), says.used > 0 ? says.used - 1 : 0);
    }
    rf_buf_done(&says);
    return code;
}

/* ---- checking out ---------------------------------------------------------------------------- */

/** All of the revision's files to `tree`: there git is at the root of its files, wherever the
 * working folder is. */
static rf_code
check_out(const char *spec, const char *revision, const char *index, const char *tree,
          struct rf_err *reterr)
{
    char *repository = NULL;
    RF_TRY(ask_rev_parse(spec, "--absolute-git-dir", &repository, reterr));
    const char *const read_words[] = {"read-tree", revision, NULL};
    const char *const write_words[] = {"--git-dir",      repository, "--work-tree", tree,
                                       "checkout-index", "--all",    "--quiet",     NULL};
    rf_code code = do_git(spec, read_words, index, reterr);
    if (code == RF_OK) {
        code = do_git(spec, write_words, index, reterr);
    }
    free(repository);
    return code;
}

/** Git knows no folder without files; one of that name is as good as the revision's. A link may
 * lead anywhere, and is none. */
static rf_code
make_folders(const char *spec, char *path, size_t there_bytes, struct rf_err *reterr)
{
    struct stat status;
    for (char *at = path + there_bytes; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        bool good =
            mkdir(path, 0700) == 0 || (lstat(path, &status) == 0 && S_ISDIR(status.st_mode));
        if (!good) {
            return rf_fail(reterr, RF_ERR_USAGE, spec,
                           "cannot be built in this working folder: in that revision %s is none",
                           path + there_bytes);
        }
        *at = '/';
    }
    return RF_OK;
}

/** The file in the checkout, and what is there in place of the working folder. */
static rf_code
find_source(const char *spec, const char *path, struct rf_checkout *checkout, struct rf_err *reterr)
{
    char *prefix = NULL; /* the working folder as the repository names it: "orders/", "" */
    RF_TRY(ask_rev_parse(spec, "--show-prefix", &prefix, reterr));
    checkout->beside = rf_format("%s%s", checkout->root, prefix);
    checkout->path = rf_format("%s%s", is_relative(path) ? checkout->beside : checkout->root, path);
    free(prefix);
    return make_folders(spec, checkout->beside, strlen(checkout->root), reterr);
}

/** Fills the checkout's folder. */
static rf_code
fill(const char *spec, const char *colon, struct rf_checkout *checkout, struct rf_err *reterr)
{
    char *index = rf_format("%s/index", checkout->folder);
    char *revision = rf_format("%.*s^{tree}", (int)(colon - spec), spec);
    rf_code code = RF_OK;
    if (mkdir(checkout->root, 0700) != 0) {
        code = rf_fail_errno(reterr, RF_ERR_USAGE, checkout->root, "cannot make a folder");
    }
    if (code == RF_OK) {
        code = check_out(spec, revision, index, checkout->root, reterr);
    }
    if (code == RF_OK) {
        code = find_source(spec, colon + 1, checkout, reterr);
    }
    free(index);
    free(revision);
    return code;
}

static rf_code
check_exists(const char *spec, const char *path, struct rf_err *reterr)
{
    char *object = rf_format("%s%s", spec, is_dots(path) ? "/" : "");
    const char *const words[] = {"cat-file", "-e", object, NULL};
    rf_code code = do_git(spec, words, NULL, reterr);
    free(object);
    return code;
}

/** @says  what `git worktree list` does: paragraphs of "worktree PATH", then "bare" where it is
 * none */
static void
take_trees(const char *says, struct rf_checkout *checkout, size_t count)
{
    static const char NAME[] = "worktree ";
    for (const char *line = says; *line != '\0';) {
        size_t bytes = strcspn(line, "\n");
        const char *next = line + bytes + (line[bytes] == '\n');
        if (strncmp(line, NAME, strlen(NAME)) == 0 && strncmp(next, "bare\n", 5) != 0) {
            checkout->working =
                rf_realloc(checkout->working, count + 2, sizeof(*checkout->working));
            checkout->working[count++] = rf_strndup(line + strlen(NAME), bytes - strlen(NAME));
            checkout->working[count] = NULL;
        }
        line = next;
    }
}

/**
 * The one that the working folder is in, and all that the repository knows of: where GIT_DIR names
 * it, git takes any working folder for a working tree. A bare repository has none.
 */
static rf_code
find_working_trees(const char *spec, struct rf_checkout *checkout, struct rf_err *reterr)
{
    static const char *const words[] = {"worktree", "list", "--porcelain", NULL};
    struct rf_err ignored;
    struct rf_buf says = {0};
    char *own = NULL;
    rf_code code = ask_git(spec, words, &says, reterr);
    if (code == RF_OK && ask_rev_parse(spec, "--show-toplevel", &own, &ignored) == RF_OK) {
        checkout->working = rf_calloc(2, sizeof(*checkout->working));
        checkout->working[0] = own;
    }
    if (code == RF_OK) {
        take_trees(rf_buf_text(&says), checkout, own == NULL ? 0 : 1);
    }
    rf_buf_done(&says);
    return code;
}

rf_code
rf_revision_open(const char *spec, struct rf_checkout *ret, struct rf_err *reterr)
{
    const char *colon = find_colon(spec);
    struct rf_checkout checkout = {0};
    if (spec[0] == '-') {
        return rf_fail(reterr, RF_ERR_USAGE, spec, "a revision does not begin with '-'");
    }
    RF_TRY(check_exists(spec, colon + 1, reterr));
    RF_TRY(rf_scratch_folder(&checkout.folder, reterr));
    checkout.root = rf_format("%s/tree/", checkout.folder);
    checkout.root_name = rf_strndup(spec, (size_t)(colon + 1 - spec));
    rf_code code = find_working_trees(spec, &checkout, reterr);
    if (code == RF_OK) {
        code = fill(spec, colon, &checkout, reterr);
    }
    if (code != RF_OK) {
        rf_revision_drop(&checkout);
        return code;
    }
    *ret = checkout;
    return RF_OK;
}

void
rf_revision_drop(struct rf_checkout *checkout)
{
    rf_scratch_drop(checkout->folder);
    free(checkout->folder);
    free(checkout->root);
    free(checkout->root_name);
    free(checkout->path);
    free(checkout->beside);
    for (size_t i = 0; checkout->working != NULL && checkout->working[i] != NULL; i++) {
        free(checkout->working[i]);
    }
    free(checkout->working);
    memset(checkout, 0, sizeof(*checkout));
}

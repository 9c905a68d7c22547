/* SPDX-License-Identifier: MIT */
/* Sources out of a git repository, held against what git itself shows; the repository is not
 * touched. */
#include "host/revision.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/buf.h"

static char scratch[] = "/tmp/refold-revision-XXXXXX";
static char home[64];

/** Runs a shell command; its status must be 0. */
static __attribute__((format(printf, 1, 2))) void
sh(const char *format, ...)
{
    char command[2000];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    cr_assert(system(command) == 0, "%s", command);
}

/** What a shell command prints; owned by the caller. */
static __attribute__((format(printf, 1, 2))) char *
say(const char *format, ...)
{
    char command[2000];
    struct rf_buf out = {0};
    va_list args;
    va_start(args, format);
    (void)vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    FILE *pipe = popen(command, "r");
    cr_assert(pipe != NULL);
    for (int byte; (byte = fgetc(pipe)) != EOF;) {
        rf_buf_byte(&out, (char)byte);
    }
    cr_assert(pclose(pipe) == 0, "%s", command);
    (void)rf_buf_text(&out);
    return out.bytes;
}

static void
enter(const char *folder)
{
    char path[200];
    (void)snprintf(path, sizeof(path), "%s/%s", scratch, folder);
    cr_assert(chdir(path) == 0, "%s", path);
}

/** Two commits of a source with headers beside it and in a sibling folder; the second moves on. */
static void
set_up(void)
{
    static const char *const variables[] = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"};
    for (size_t i = 0; i < 3; i++) {
        (void)unsetenv(variables[i]);
    }
    cr_assert(mkdtemp(scratch) != NULL);
    (void)snprintf(home, sizeof(home), "%s/tmp", scratch);
    cr_assert(mkdir(home, 0700) == 0);
    (void)setenv("TMPDIR", home, 1);
    (void)setenv("HOME", scratch, 1);
    (void)setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    (void)setenv("LC_ALL", "C", 1);
    enter(".");
    sh("git config --global user.name tester; git config --global user.email tester@localhost;"
       "git config --global init.defaultBranch main");
    sh("git init -q repo && cd repo && mkdir orders common &&"
       "echo 'first' > orders/order.c && echo 'beside' > orders/order.h &&"
       "echo 'shared' > common/shared.h && echo 'top' > top.c &&"
       "ln -s ../common/shared.h orders/link.c &&"
       "git add -A && git commit -qm 'first: all of it' && git tag v1 &&"
       "echo 'second' > orders/order.c && git rm -q common/shared.h && git commit -qam second");
    enter("repo");
}

static void
tear_down(void)
{
    cr_assert(chdir("/") == 0);
    sh("rm -rf %s", scratch);
}

TestSuite(revision, .init = set_up, .fini = tear_down);

/** Files and folders in $TMPDIR. */
static size_t
left_over(void)
{
    size_t count = 0;
    DIR *dir = opendir(home);
    cr_assert(dir != NULL);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    (void)closedir(dir);
    return count;
}

static struct rf_checkout
open_revision(const char *spec)
{
    struct rf_checkout checkout = {0};
    struct rf_err err = {0};
    cr_assert(rf_revision_is(spec), "%s", spec);
    cr_assert(rf_revision_open(spec, &checkout, &err) == RF_OK, "%s: %s", spec, err.text);
    return checkout;
}

/** The file that this names holds this line; nothing is left over afterwards. */
static void
expect_line(const char *spec, const char *line)
{
    struct rf_checkout checkout = open_revision(spec);
    char *text = say("cat '%s'", checkout.path);
    cr_expect(strlen(text) == strlen(line) + 1 && strncmp(text, line, strlen(line)) == 0,
              "%s: %s, not %s", spec, text, line);
    free(text);
    rf_revision_drop(&checkout);
    cr_expect(left_over() == 0, "%s", spec);
}

static void
expect_refused(const char *spec, const char *text)
{
    struct rf_checkout checkout = {0};
    struct rf_err err = {0};
    cr_expect(rf_revision_open(spec, &checkout, &err) == RF_ERR_USAGE, "%s", spec);
    cr_expect_str_eq(err.where, spec);
    cr_expect(strstr(err.text, text) != NULL, "%s: %s", spec, err.text);
    cr_expect(checkout.folder == NULL && checkout.path == NULL);
    cr_expect(left_over() == 0, "%s", spec);
}

/* ---- what is one ----------------------------------------------------------------------------- */

Test(revision, is_a_name_with_a_colon_outside_of_braces)
{
    static const char *const yes[] = {
        "main:a.c", "HEAD~3:./a.c", "HEAD@{12:30}:a.c", "HEAD^{/fix: it}:a.c", "a:b:c.c", "x}:a.c"};
    static const char *const no[] = {
        "a.c", "orders/order.c", ":a.c", "main:", "HEAD@{12:30}", "{a:b", "", ":"};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        cr_expect(rf_revision_is(yes[i]), "%s", yes[i]);
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        cr_expect_not(rf_revision_is(no[i]), "%s", no[i]);
    }
}

Test(revision, is_none_where_a_file_has_that_name)
{
    cr_expect(rf_revision_is("HEAD:top.c"));
    sh("echo mine > HEAD:top.c");
    cr_expect_not(rf_revision_is("HEAD:top.c"));
}

/* ---- what comes out ---------------------------------------------------------------------------
 */

Test(revision, gives_the_file_as_it_was)
{
    expect_line("HEAD:orders/order.c", "second");
    expect_line("HEAD~1:orders/order.c", "first");
    sh("echo dirty > orders/order.c");
    expect_line("HEAD:orders/order.c", "second");
    expect_line("main:top.c", "top");
}

Test(revision, takes_all_of_gits_names_for_a_revision)
{
    char spec[100];
    char *hash = say("git rev-parse --short HEAD~1");
    (void)snprintf(spec, sizeof(spec), "%.*s:orders/order.c", (int)strcspn(hash, "\n"), hash);
    free(hash);
    expect_line(spec, "first");
    expect_line("v1:orders/order.c", "first");
    expect_line("v1^{commit}:orders/order.c", "first");
    expect_line("main@{0}:orders/order.c", "second");
    expect_line("HEAD^{/first: all}:orders/order.c", "first");
    expect_line("HEAD@{2000-01-01 12:30:00}:orders/order.c", "first");
}

Test(revision, has_the_other_files_of_the_revision_beside_it)
{
    struct rf_checkout checkout = open_revision("v1:orders/order.c");
    char *theirs = say("git ls-tree -r --name-only v1 | LC_ALL=C sort");
    char *ours =
        say("cd '%s' && find . -not -type d | sed 's|^./||' | LC_ALL=C sort", checkout.root);
    cr_expect_str_eq(ours, theirs);
    sh("test \"$(cat '%s/common/shared.h')\" = shared", checkout.root);
    cr_expect_str_eq(checkout.root_name, "v1:");
    cr_expect(strncmp(checkout.path, checkout.root, strlen(checkout.root)) == 0);
    free(theirs);
    free(ours);
    rf_revision_drop(&checkout);
}

Test(revision, takes_a_path_with_a_dot_from_the_working_folder)
{
    enter("repo/orders");
    expect_line("v1:./order.c", "first");
    expect_line("v1:../top.c", "top");
    expect_refused("v1:./top.c", "git says: path 'orders/top.c' does not exist in 'v1'");
}

/* Git checks out what lies below the working folder only, if it is not told better. */
Test(revision, has_the_whole_tree_from_a_folder_below_the_root)
{
    enter("repo/orders");
    struct rf_checkout checkout = open_revision("v1:./order.c");
    sh("test \"$(cat '%s/common/shared.h')\" = shared", checkout.root);
    rf_revision_drop(&checkout);
    expect_line("v1:top.c", "top");
}

Test(revision, follows_a_link_within_the_revision)
{
    expect_line("v1:orders/link.c", "shared");
}

Test(revision, works_in_a_linked_worktree_and_in_a_bare_repository)
{
    sh("git worktree add -q ../linked v1");
    enter("linked/orders");
    expect_line("HEAD:./order.c", "first");
    expect_line("main:orders/order.c", "second");
    sh("git clone -q --bare ../../repo ../../bare");
    enter("bare");
    expect_line("HEAD~1:orders/order.c", "first");
}

Test(revision, works_where_TMPDIR_is_relative)
{
    struct rf_checkout checkout = {0};
    (void)setenv("TMPDIR", "../../tmp", 1);
    enter("repo/orders");
    checkout = open_revision("v1:./order.c");
    enter(".");
    sh("test \"$(cat '%s')\" = first", checkout.path);
    rf_revision_drop(&checkout);
    cr_expect(left_over() == 0);
}

/* As git calls a hook. */
Test(revision, uses_neither_index_nor_work_tree_of_its_caller)
{
    (void)setenv("GIT_DIR", ".git", 1);
    (void)setenv("GIT_WORK_TREE", ".", 1);
    (void)setenv("GIT_INDEX_FILE", ".git/index", 1);
    char *before = say("sha256sum .git/index");
    expect_line("v1:orders/order.c", "first");
    char *after = say("sha256sum .git/index");
    cr_expect_str_eq(after, before);
    free(before);
    free(after);
}

Test(revision, works_where_only_the_environment_names_the_repository)
{
    char path[100];
    (void)snprintf(path, sizeof(path), "%s/repo/.git", scratch);
    enter("tmp");
    (void)setenv("GIT_DIR", path, 1);
    expect_line("v1:orders/order.c", "first");
}

/* Where a compiler works, names in a source are as the user sees them. */
Test(revision, has_a_counterpart_of_the_working_folder)
{
    sh("mkdir -p new/below");
    static const char *const folders[] = {"repo", "repo/orders", "repo/new/below"};
    for (size_t i = 0; i < 3; i++) {
        enter(folders[i]);
        struct rf_checkout checkout = open_revision("v1:orders/order.c");
        sh("test '%s' -ef '%s%s'", checkout.beside, checkout.root, folders[i] + strlen("repo"));
        rf_revision_drop(&checkout);
    }
}

static void
expect_trees(const char *spec, const char *const *folders)
{
    struct rf_checkout checkout = open_revision(spec);
    size_t i = 0;
    for (; folders[i] != NULL; i++) {
        cr_assert(checkout.working != NULL && checkout.working[i] != NULL, "%s", folders[i]);
        sh("test '%s' -ef '%s/%s'", checkout.working[i], scratch, folders[i]);
    }
    cr_expect(checkout.working == NULL ? i == 0 : checkout.working[i] == NULL);
    rf_revision_drop(&checkout);
}

/* Whatever git says of the working folder where GIT_DIR names the repository. */
Test(revision, knows_all_working_trees)
{
    char path[100];
    expect_trees("v1:top.c", (const char *const[]){"repo", "repo", NULL});
    enter("repo/.git");
    expect_trees("v1:top.c", (const char *const[]){"repo", NULL});
    sh("git worktree add -q ../../linked v1");
    enter("linked/orders");
    expect_trees("v1:top.c", (const char *const[]){"linked", "repo", "linked", NULL});
    enter("repo");
    sh("git clone -q --bare . ../bare && git -C ../bare worktree add -q ../beside v1");
    enter("bare");
    expect_trees("v1:top.c", (const char *const[]){"beside", NULL});
    sh("git worktree remove ../beside");
    expect_trees("v1:top.c", (const char *const[]){NULL});
    (void)snprintf(path, sizeof(path), "%s/repo/.git", scratch);
    (void)setenv("GIT_DIR", path, 1);
    enter("tmp");
    expect_trees("v1:top.c", (const char *const[]){"tmp", "repo", "linked", NULL});
}

/* ---- what does not ----------------------------------------------------------------------------
 */

Test(revision, says_what_git_says)
{
    expect_refused("nowhere:top.c", "git says: invalid object name 'nowhere'");
    expect_refused("HEAD:nothing.c", "git says: path 'nothing.c' does not exist in 'HEAD'");
    expect_refused("HEAD:common/shared.h", "git says: path 'common/shared.h' ");
    expect_refused("HEAD:../../outside.c", "git says: ");
    enter("tmp");
    expect_refused("HEAD:top.c", "git says: not a git repository");
}

Test(revision, never_gives_git_an_option)
{
    sh("git tag -- v2 && git update-ref refs/heads/-p HEAD");
    expect_refused("-p:top.c", "a revision does not begin with '-'");
    expect_refused("--textconv:top.c", "a revision does not begin with '-'");
}

Test(revision, says_where_git_is_missing)
{
    char *path = rf_strdup(getenv("PATH"));
    (void)setenv("PATH", "/nowhere", 1);
    struct rf_err err = {0};
    struct rf_checkout checkout = {0};
    cr_expect(rf_revision_open("HEAD:top.c", &checkout, &err) == RF_ERR_USAGE);
    cr_expect_str_eq(err.text, "git cannot be started: is it installed?");
    (void)setenv("PATH", path, 1);
    free(path);
}

Test(revision, says_where_there_is_no_place_for_it)
{
    (void)setenv("TMPDIR", "/nowhere", 1);
    struct rf_err err = {0};
    struct rf_checkout checkout = {0};
    cr_expect(rf_revision_open("HEAD:top.c", &checkout, &err) == RF_ERR_USAGE);
    cr_expect(strstr(err.text, "cannot make a folder: No such file") != NULL, "%s", err.text);
}

Test(revision, leaves_nothing_over_where_the_checkout_fails)
{
    sh("git config filter.broken.required true && git config filter.broken.smudge false &&"
       "git config filter.broken.clean cat && echo 'top.c filter=broken' > .gitattributes &&"
       "git add .gitattributes && git commit -qm filtered");
    expect_refused("HEAD:orders/order.c", "git says: ");
}

/* A folder would be made where the link leads to. */
Test(revision, does_not_follow_a_link_in_place_of_the_working_folder)
{
    sh("mkdir aside && ln -s \"$PWD/aside\" moved && git add moved && git commit -qm link &&"
       "rm moved && mkdir -p moved/below");
    enter("repo/moved/below");
    expect_refused("HEAD:top.c", "in that revision moved is none");
    expect_line("v1:top.c", "top");
    cr_expect(access("../../aside/below", F_OK) != 0);
    enter("repo");
    sh("rm top.c && mkdir top.c");
    enter("repo/top.c");
    expect_refused("HEAD:orders/order.c", "in that revision top.c is none");
}

/* ---- what stays as it was ---------------------------------------------------------------------
 */

/** All there is of the repository, by name, time and content. */
static char *
facts_of_repository(void)
{
    return say("cd %s/repo && find . -printf '%%p %%y %%m %%T@\\n' | LC_ALL=C sort &&"
               "find . -type f | LC_ALL=C sort | xargs sha256sum && cat .git/HEAD &&"
               "git worktree list && git stash list",
               scratch);
}

Test(revision, leaves_the_repository_exactly_as_it_is)
{
    static const char *const specs[] = {"v1:./order.c", "HEAD:./order.c", "v1:./nothing.c"};
    sh("echo staged > orders/staged.c && git add orders/staged.c && echo staged > top.c &&"
       "git add top.c && echo dirty > top.c && echo untracked > orders/untracked.c &&"
       "git status > /dev/null && mkdir -p .git/hooks &&"
       "printf '#!/bin/sh\\ntouch %s/hooked\\n' > .git/hooks/post-index-change &&"
       "chmod +x .git/hooks/post-index-change && git config core.splitIndex true &&"
       "git config core.fsmonitor %s/repo/.git/hooks/post-index-change",
       scratch, scratch);
    char *before = facts_of_repository();
    enter("repo/orders");
    for (size_t i = 0; i < 3; i++) {
        struct rf_checkout checkout = {0};
        rf_code code = rf_revision_open(specs[i], &checkout, NULL);
        cr_expect((code == RF_OK) == (i < 2));
        rf_revision_drop(&checkout);
    }
    char *after = facts_of_repository();
    cr_expect_str_eq(after, before);
    cr_expect(access("../../hooked", F_OK) != 0, "a hook ran");
    free(before);
    free(after);
}

Test(revision, drops_its_own_files_only)
{
    struct rf_checkout checkout = open_revision("v1:orders/order.c");
    enter(".");
    sh("mkdir keep && touch keep/me && ln -s %s/keep '%s/link' && mkdir '%s/empty'", scratch,
       checkout.root, checkout.root);
    sh("echo x > '%s/locked' && chmod 0 '%s/locked'", checkout.root, checkout.root);
    rf_revision_drop(&checkout);
    cr_expect(left_over() == 0);
    cr_expect(access("keep/me", F_OK) == 0);
    cr_expect(checkout.folder == NULL);
    rf_revision_drop(&checkout);
}

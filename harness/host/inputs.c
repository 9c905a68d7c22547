/* SPDX-License-Identifier: MIT */
/* What went into a build of a revision: nothing of the working tree. */
#include "host/inputs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/files.h"

/** @file  resolved */
static bool
lies_in(const char *file, const char *folder)
{
    char *real = folder == NULL ? NULL : realpath(folder, NULL);
    size_t bytes = real == NULL ? 0 : strlen(real);
    bool is = bytes > 0 && strncmp(file, real, bytes) == 0 &&
              (real[bytes - 1] == '/' || file[bytes] == '/' || file[bytes] == '\0');
    free(real);
    return is;
}

/** A folder that a whole working tree lies in excepts nothing of it. */
static bool
is_excepted(const struct rf_source *source, const char *tree, const char *const *except,
            const char *file)
{
    for (size_t i = 0; except[i] != NULL; i++) {
        if (lies_in(file, except[i]) && !lies_in(tree, except[i])) {
            return true;
        }
    }
    return lies_in(file, source->root);
}

/** As the tool saw it, links resolved; owned by the caller; NULL, with errno, where it is not
 * there. What is relative to nobody knows what is not there. */
static char *
resolve(const struct rf_source *source, const char *file)
{
    if (source->folder == NULL) {
        errno = ENOENT;
        return file[0] == '/' ? realpath(file, NULL) : NULL;
    }
    char *path = rf_path_from(source->folder, file);
    char *real = realpath(path, NULL);
    free(path);
    return real;
}

/** @real  resolved; or NULL, which is nothing's */
static bool
is_working(const struct rf_source *source, const char *const *except, const char *real)
{
    for (size_t i = 0; real != NULL && source->working != NULL && source->working[i] != NULL; i++) {
        const char *tree = source->working[i];
        if (lies_in(real, tree) && !is_excepted(source, tree, except, real)) {
            return true;
        }
    }
    return false;
}

static rf_code
check_real(const struct rf_source *source, const char *const *except, const char *real,
           struct rf_err *reterr)
{
    return is_working(source, except, real)
               ? rf_fail(reterr, RF_ERR_USAGE, source->name,
                         "is built of %s, which is the working tree's and not the revision's: a "
                         "path that leads there is absolute (in a go.mod or Cargo.toml, an "
                         "#include, or a link); make it relative",
                         real)
               : RF_OK;
}

rf_code
rf_inputs_check(const struct rf_source *source, const char *const *except, const char *file,
                struct rf_err *reterr)
{
    if (source->working == NULL) {
        return RF_OK;
    }
    char *real = resolve(source, file);
    rf_code code = real != NULL
                       ? check_real(source, except, real, reterr)
                       : rf_fail_errno(reterr, RF_ERR_USAGE, source->name,
                                       "is built of %s, so its tool says, and nobody knows whether "
                                       "that is the revision's (name what was built elsewhere)",
                                       file);
    free(real);
    return code;
}

/* ---- words ------------------------------------------------------------------------------------
 */

/** Where a name in a word ends: "-Wl,-rpath,/a:/b"; at what CARGO_ENCODED_RUSTFLAGS has between
 * words. */
#define ENDS " \t\n,:'\"\x1f"

/** What of the working tree this leads to, owned by the caller; or NULL. A name that the tool sees
 * in the checkout is to whoever wrote it the user's own file. */
static char *
find_named(const struct rf_source *source, const char *const *except, const char *name)
{
    struct stat status;
    char *real = resolve(source, name);
    if (!is_working(source, except, real) && stat(name, &status) == 0 && S_ISREG(status.st_mode)) {
        free(real);
        real = realpath(name, NULL);
    }
    if (!is_working(source, except, real)) {
        free(real);
        real = NULL;
    }
    return real;
}

rf_code
rf_inputs_check_words(const struct rf_source *source, const char *const *except,
                      const char *variable, const char *words, struct rf_err *reterr)
{
    rf_code code = RF_OK;
    for (const char *at = words; at != NULL && *at != '\0' && code == RF_OK; at++) {
        bool begins = *at == '/' || at == words || strchr(ENDS "=@", at[-1]) != NULL;
        char *name = begins ? rf_strndup(at, strcspn(at, ENDS)) : NULL;
        char *real = name == NULL || *name == '\0' ? NULL : find_named(source, except, name);
        if (real != NULL) {
            code = rf_fail(reterr, RF_ERR_USAGE, source->name,
                           "is built with %s, which names %s: that is the working tree's and not "
                           "the revision's; name what was built elsewhere",
                           variable, real);
        }
        free(real);
        free(name);
    }
    return code;
}

rf_code
rf_inputs_check_variables(const struct rf_source *source, const char *const *names,
                          struct rf_err *reterr)
{
    static const char *const except[] = {NULL};
    rf_code code = RF_OK;
    for (size_t i = 0; names[i] != NULL && code == RF_OK; i++) {
        char *told = rf_format("$%s", names[i]);
        code = rf_inputs_check_words(source, except, told, getenv(names[i]), reterr);
        free(told);
    }
    return code;
}

/* ---- rules ------------------------------------------------------------------------------------
 */

/** One name of a rule, with its escapes: "a\ b", "$$", a line that goes on. Returns what is behind
 * it; `ret` is empty at the rule's end. */
static const char *
take_name(const char *at, struct rf_buf *ret)
{
    rf_buf_clear(ret);
    while (*at == ' ' || *at == '\t' || (at[0] == '\\' && at[1] == '\n')) {
        at += *at == '\\' ? 2 : 1;
    }
    while (*at != '\0' && strchr(" \t\n", *at) == NULL && !(at[0] == '\\' && at[1] == '\n')) {
        bool escapes = (at[0] == '\\' && at[1] != '\0' && strchr(" \t#:\\", at[1]) != NULL) ||
                       (at[0] == '$' && at[1] == '$');
        at += escapes;
        rf_buf_add(ret, at, 1);
        at++;
    }
    return at;
}

/** What one name of a rule is looked at by. */
typedef rf_code (*check_function)(const struct rf_source *source, const char *const *except,
                                  const char *file, struct rf_err *reterr);

/** Of all but the target, which is ours. */
static rf_code
check_each(const struct rf_source *source, const char *const *except, const char *rule,
           check_function check, struct rf_err *reterr)
{
    struct rf_buf text = {0};
    struct rf_buf name = {0};
    if (source->working == NULL) {
        return RF_OK;
    }
    rf_code code = rf_file_read(rule, &text, reterr);
    if (code != RF_OK) {
        code = rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "its compiler does not tell what went in (%s cannot be read), so nobody "
                       "knows whether it is the revision's: name what was built elsewhere",
                       rule);
    }
    for (const char *at = take_name(rf_buf_text(&text), &name); code == RF_OK;) {
        at = take_name(at, &name);
        if (name.used == 0) {
            break;
        }
        code = check(source, except, rf_buf_text(&name), reterr);
    }
    rf_buf_done(&name);
    rf_buf_done(&text);
    return code;
}

rf_code
rf_inputs_check_rule(const struct rf_source *source, const char *const *except, const char *rule,
                     struct rf_err *reterr)
{
    return check_each(source, except, rule, rf_inputs_check, reterr);
}

/** The assembler's own source, which is the compiler's, is gone by now. */
static rf_code
check_if_there(const struct rf_source *source, const char *const *except, const char *file,
               struct rf_err *reterr)
{
    char *real = resolve(source, file);
    rf_code code = real == NULL && errno != ENOENT ? rf_inputs_check(source, except, file, reterr)
                                                   : check_real(source, except, real, reterr);
    free(real);
    return code;
}

rf_code
rf_inputs_check_assembled(const struct rf_source *source, const char *const *except,
                          const char *rule, struct rf_err *reterr)
{
    return check_each(source, except, rule, check_if_there, reterr);
}

static bool
mentions(const struct rf_buf *text, const char *word)
{
    return memmem(text->bytes, text->used, word, strlen(word)) != NULL;
}

static rf_code
check_assembly(const struct rf_source *source, const char *const *except, const char *file,
               struct rf_err *reterr)
{
    (void)except;
    size_t root_bytes = strlen(source->root);
    const char *told = strncmp(file, source->root, root_bytes) == 0 ? file + root_bytes : file;
    struct rf_err ignored;
    struct rf_buf text = {0};
    char *real = resolve(source, file);
    rf_code code = RF_OK;
    if (real == NULL || rf_file_read(real, &text, &ignored) != RF_OK || mentions(&text, "incbin") ||
        mentions(&text, ".include")) {
        code = rf_fail(
            reterr, RF_ERR_USAGE, source->name,
            "may have its assembler read a file (in %s), and its compiler does not tell which, "
            "so nobody knows whether it is the revision's: name what was built "
            "elsewhere",
            told);
    }
    rf_buf_done(&text);
    free(real);
    return code;
}

rf_code
rf_inputs_check_assembly(const struct rf_source *source, const char *rule, struct rf_err *reterr)
{
    return check_each(source, NULL, rule, check_assembly, reterr);
}

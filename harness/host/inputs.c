/* SPDX-License-Identifier: MIT */
/* What went into a build of a revision: nothing of the working tree. */
#include "host/inputs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

/** A folder that the whole working tree lies in excepts nothing of it. */
static bool
is_excepted(const struct rf_source *source, const char *const *except, const char *file)
{
    for (size_t i = 0; except[i] != NULL; i++) {
        if (lies_in(file, except[i]) && !lies_in(source->working, except[i])) {
            return true;
        }
    }
    return lies_in(file, source->root);
}

rf_code
rf_inputs_check(const struct rf_source *source, const char *const *except, const char *file,
                struct rf_err *reterr)
{
    char *real = source->working == NULL ? NULL : realpath(file, NULL);
    rf_code code = RF_OK;
    if (real != NULL && lies_in(real, source->working) && !is_excepted(source, except, real)) {
        code = rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "is built of %s, which is the working tree's and not the revision's: a path "
                       "that leads there is absolute (in a go.mod or Cargo.toml, an #include, or a "
                       "link); make it relative",
                       real);
    }
    free(real);
    return code;
}

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

rf_code
rf_inputs_check_rule(const struct rf_source *source, const char *const *except, const char *rule,
                     struct rf_err *reterr)
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
    /* The target is looked at too: it is ours. */
    for (const char *at = rf_buf_text(&text); code == RF_OK;) {
        at = take_name(at, &name);
        if (name.used == 0) {
            break;
        }
        code = rf_inputs_check(source, except, rf_buf_text(&name), reterr);
    }
    rf_buf_done(&name);
    rf_buf_done(&text);
    return code;
}

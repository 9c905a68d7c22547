/* SPDX-License-Identifier: MIT */
/* Building an aggregate that was given as a folder of a Cargo package. */
#include "host/compile.h"

#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/limits.h"
#include "host/complaints.h"
#include "host/inputs.h"
#include "host/tool.h"

/** Complaints that are told of one build. */
#define TOLD 3

/** The last line only says that there were errors. */
static bool
is_error(const char *line)
{
    bool begins = strncmp(line, "error", 5) == 0 || strncmp(line, "Caused by:", 10) == 0;
    return (begins || strstr(line, ": error") != NULL) &&
           strncmp(line, "error: could not compile", 24) != 0;
}

/** Where cargo asks a registry in vain. */
static bool
lacks_crates(const char *complaints)
{
    return strstr(complaints, "failed to get `") != NULL &&
           (strstr(complaints, "download") != NULL || strstr(complaints, "--offline") != NULL ||
            strstr(complaints, "no matching package") != NULL);
}

static rf_code
fail_complaining(const struct rf_source *source, struct rf_buf *complaints, struct rf_err *reterr)
{
    static const struct rf_complaint_manner MANNER = {
        .tells = is_error, .goes_on = true, .most = TOLD};
    char *text = rf_complaints(complaints, source, &MANNER);
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, source->name, "does not compile: %s%s", text,
                           lacks_crates(text)
                               ? "; where there is no crates.io, Debian's crates do "
                                 "(librust-serde-json-dev, librust-serde-derive-dev): README.md "
                                 "of refold's crate has the lines for ~/.cargo/config.toml"
                               : "");
    free(text);
    return code;
}

/** Runs cargo in the package's folder, and takes what it writes to `target`; where it fails, its
 * complaints, for which it is asked once more if they went elsewhere. */
static rf_code
run_cargo(const struct rf_source *source, const char *const *words, int target, struct rf_buf *ret,
          struct rf_err *reterr)
{
    const struct rf_tool cargo = {
        .words = words,
        .folder = source->path,
        .temporaries = source->temporaries,
        .target = target,
    };
    int status = 0;
    if (rf_tool_run(&cargo, ret, &status, reterr) != RF_OK) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "is built by cargo, which is not found: install it (Debian, Ubuntu: apt-get "
                       "install cargo; else https://rustup.rs), or name the program that was built "
                       "elsewhere");
    }
    if (rf_tool_succeeded(status)) {
        return RF_OK;
    }
    if (target == STDERR_FILENO) {
        return fail_complaining(source, ret, reterr);
    }
    struct rf_buf complaints = {0};
    rf_code code = run_cargo(source, words, STDERR_FILENO, &complaints, reterr);
    rf_buf_done(&complaints);
    return code == RF_OK ? rf_fail(reterr, RF_ERR_USAGE, source->name,
                                   "changed while it was compiled: run again")
                         : code;
}

/* ---- which program ----------------------------------------------------------------------------
 */

/** A program that the build made. */
struct made {
    char *name;
    char *file;
};

struct made_list {
    struct made *items;
    size_t count, room;
};

static void
list_done(struct made_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        free(list->items[i].file);
    }
    free(list->items);
}

static int
compare_made(const void *a, const void *b)
{
    return strcmp(((const struct made *)a)->name, ((const struct made *)b)->name);
}

/** The programs among what cargo's messages, a JSON object a line, tell of; they come in the order
 * in which they were done, which is chance. */
static void
read_messages(struct rf_buf *messages, struct made_list *list)
{
    for (const char *line = rf_buf_text(messages); *line != '\0';) {
        size_t bytes = strcspn(line, "\n");
        json_t *message = json_loadb(line, bytes, 0, NULL);
        json_t *file = json_object_get(message, "executable");
        json_t *name = json_object_get(json_object_get(message, "target"), "name");
        if (json_is_string(file) && json_is_string(name)) {
            RF_GROW(list->items, list->room, list->count + 1);
            list->items[list->count++] = (struct made){
                rf_strdup(json_string_value(name)),
                rf_strdup(json_string_value(file)),
            };
        }
        json_decref(message);
        line += bytes + (line[bytes] == '\n');
    }
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof(*list->items), compare_made);
    }
}

/** What `cargo run` would run: the default-run of the package in this folder. NULL where it has
 * none; borrowed of the metadata. */
static const char *
find_default(const char *folder, json_t *metadata)
{
    char *manifest = rf_format("%s/Cargo.toml", folder);
    char *wanted = realpath(manifest, NULL);
    const char *found = NULL;
    size_t index = 0;
    json_t *package = NULL;
    json_array_foreach (json_object_get(metadata, "packages"), index, package) {
        const char *path = json_string_value(json_object_get(package, "manifest_path"));
        char *real = path == NULL ? NULL : realpath(path, NULL);
        if (real != NULL && wanted != NULL && strcmp(real, wanted) == 0) {
            found = json_string_value(json_object_get(package, "default_run"));
        }
        free(real);
    }
    free(wanted);
    free(manifest);
    return found;
}

static rf_code
fail_several(const struct rf_source *source, const struct made_list *list, struct rf_err *reterr)
{
    struct rf_buf names = {0};
    for (size_t i = 0; i < list->count; i++) {
        rf_buf_format(&names, "%s%s", i == 0 ? "" : ", ", list->items[i].name);
    }
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, source->name,
                           "has several programs (%s), and its Cargo.toml no default-run: give it "
                           "one, or name the built program",
                           rf_buf_text(&names));
    rf_buf_done(&names);
    return code;
}

/** @ret  borrowed of the list */
static rf_code
choose(const struct rf_source *source, const struct made_list *list, json_t *metadata,
       const char **ret, struct rf_err *reterr)
{
    if (list->count == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "is a Cargo package without a program: refold runs one, of src/main.rs or "
                       "[[bin]], that serves the aggregate");
    }
    const char *wanted =
        list->count == 1 ? list->items[0].name : find_default(source->path, metadata);
    for (size_t i = 0; wanted != NULL && i < list->count; i++) {
        if (strcmp(list->items[i].name, wanted) == 0) {
            *ret = list->items[i].file;
            return RF_OK;
        }
    }
    return fail_several(source, list, reterr);
}

/* ---- building ---------------------------------------------------------------------------------
 */

/** A copy: what lies in cargo's own folder is the next build's to write over. */
static rf_code
copy_program(const struct rf_source *source, const char *from, const char *to,
             struct rf_err *reterr)
{
    char *chunk = rf_alloc(RF_MIB);
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    bool good = in >= 0 && out >= 0;
    for (size_t got = 1; good && got > 0;) {
        good = rf_fd_read(in, chunk, RF_MIB, &got) && rf_fd_write(out, chunk, got);
    }
    good = (out < 0 || close(out) == 0) && good;
    rf_code code = good ? RF_OK
                        : rf_fail_errno(reterr, RF_ERR_USAGE, source->name,
                                        "%s cannot be copied to %s", from, to);
    if (in >= 0) {
        (void)close(in);
    }
    free(chunk);
    return code;
}

/** What cargo knows of the package without building it; to be released. */
static rf_code
read_metadata(const struct rf_source *source, json_t **ret, struct rf_err *reterr)
{
    static const char *const words[] = {"cargo", "metadata", "--no-deps", "--format-version",
                                        "1",     NULL};
    struct rf_buf text = {0};
    rf_code code = run_cargo(source, words, STDOUT_FILENO, &text, reterr);
    if (code == RF_OK) {
        *ret = json_loadb(rf_buf_text(&text), text.used, 0, NULL);
        if (!json_is_string(json_object_get(*ret, "workspace_root"))) {
            code = rf_fail(reterr, RF_ERR_USAGE, source->name,
                           "cannot be built: cargo metadata does not tell its workspace");
        }
    }
    rf_buf_done(&text);
    return code;
}

/**
 * Where cargo keeps what is compiled; owned by the caller. Of a folder of the user's its own: what
 * has not changed is not compiled again. Of a revision one that nobody else has: packages of one
 * name in two places are one package to cargo, if they share a target folder, and it would take the
 * one for the other by the times of their files. So CARGO_TARGET_DIR does not count.
 */
static char *
choose_target(const struct rf_source *source, json_t *metadata, const char *file)
{
    const char *root = json_string_value(json_object_get(metadata, "workspace_root"));
    return source->root == NULL ? rf_format("%s/target", root) : rf_format("%s.target", file);
}

/** Cargo writes beside a program what it was made of. */
static rf_code
check_inputs(const struct rf_source *source, const char *made, const char *target,
             struct rf_err *reterr)
{
    const char *home = getenv("CARGO_HOME");
    const char *user = getenv("HOME");
    char *own = home != NULL ? rf_strdup(home) : rf_format("%s/.cargo", user == NULL ? "" : user);
    char *registry = rf_format("%s/registry", own);
    char *checkouts = rf_format("%s/git", own);
    char *rule = rf_format("%s.d", made);
    const char *const except[] = {target, registry, checkouts, NULL};
    struct rf_source absolute = *source; /* a base of cargo's for relative names is not known */
    absolute.folder = NULL;
    rf_code code = rf_inputs_check_rule(&absolute, except, rule, reterr);
    free(rule);
    free(checkouts);
    free(registry);
    free(own);
    return code;
}

static rf_code
build(const struct rf_source *source, json_t *metadata, const char *file, struct rf_err *reterr)
{
    char *target = choose_target(source, metadata, file);
    const char *const words[] = {"cargo",
                                 "build",
                                 "--release",
                                 "--target-dir",
                                 target,
                                 "--message-format",
                                 "json-render-diagnostics,json-diagnostic-short",
                                 NULL};
    struct rf_buf complaints = {0};
    struct rf_buf messages = {0};
    struct made_list list = {0};
    const char *made = NULL;
    /* Once for what it complains of; then, all being there, for what it made. */
    rf_code code = run_cargo(source, words, STDERR_FILENO, &complaints, reterr);
    if (code == RF_OK) {
        code = run_cargo(source, words, STDOUT_FILENO, &messages, reterr);
    }
    if (code == RF_OK) {
        read_messages(&messages, &list);
        code = choose(source, &list, metadata, &made, reterr);
    }
    if (code == RF_OK) {
        code = check_inputs(source, made, target, reterr);
    }
    if (code == RF_OK) {
        code = copy_program(source, made, file, reterr);
    }
    list_done(&list);
    rf_buf_done(&messages);
    rf_buf_done(&complaints);
    free(target);
    return code;
}

rf_code
rf_compile_cargo(const struct rf_source *source, const char *file, struct rf_err *reterr)
{
    static const char *const variables[] = {"RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS",
                                            "CARGO_BUILD_RUSTFLAGS", NULL};
    json_t *metadata = NULL;
    RF_TRY(rf_inputs_check_variables(source, variables, reterr));
    rf_code code = read_metadata(source, &metadata, reterr);
    if (code == RF_OK) {
        code = build(source, metadata, file, reterr);
    }
    json_decref(metadata);
    return code;
}

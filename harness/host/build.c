/* SPDX-License-Identifier: MIT */
/*
 * Builds: compiled aggregates, as the parent knows them from a probe.
 *
 * A shared object is foreign code from its first constructor on: it is loaded by a worker only, and
 * what the worker says about it is input like any other.
 */
#include "host/build.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <refold/aggregate.h>

#include "base/aggregate_name.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/limits.h"
#include "host/compile.h"
#include "host/limits.h"
#include "host/loadable.h"
#include "host/spawn.h"
#include "host/ward.h"
#include "program/descriptor.h"
#include "worker/protocol.h"

/** Longest descriptor: far more types and fields than anyone writes by hand. */
#define PROBE_BYTES (4 * RF_MIB)
/** Deepest nesting of fields. */
#define SHAPE_DEPTH 64

/* ---- programs ---------------------------------------------------------------------------------
 */

rf_code
rf_worker_program(char **ret, struct rf_err *reterr)
{
    const char *chosen = getenv("REFOLD_WORKER");
    if (chosen != NULL && chosen[0] != '\0') {
        if (access(chosen, X_OK) != 0) {
            return rf_fail_errno(reterr, RF_ERR_USAGE, "REFOLD_WORKER", "cannot run %s", chosen);
        }
        *ret = rf_strdup(chosen);
        return RF_OK;
    }
    static const char *const PLACES[] = {"refold-worker", REFOLD_WORKER_PLACE};
    char *folder = rf_own_folder();
    for (size_t i = 0; folder != NULL && i < sizeof(PLACES) / sizeof(PLACES[0]); i++) {
        char *path = rf_path_from(folder, PLACES[i]);
        if (access(path, X_OK) == 0) {
            free(folder);
            *ret = path;
            return RF_OK;
        }
        free(path);
    }
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, "refold-worker",
                           "not found in %s, nor as " REFOLD_WORKER_PLACE " from there",
                           folder == NULL ? "the folder of this program" : folder);
    free(folder);
    return code;
}

/* ---- the descriptor ---------------------------------------------------------------------------
 */

static rf_code
refuse(const struct rf_build *build, struct rf_err *reterr, const char *what)
{
    return rf_fail(reterr, RF_ERR_USAGE, build->path, "describes itself wrongly: %s", what);
}

/** Every key is one of `keys`. */
static bool
only_has(json_t *object, const char *const *keys, size_t count)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach (object, key, value) {
        bool known = false;
        for (size_t i = 0; i < count; i++) {
            known = known || strcmp(key, keys[i]) == 0;
        }
        if (!known) {
            return false;
        }
    }
    return true;
}

/** Names of types or commands: sorted, so that they can be searched. @what  "type", "command" */
static rf_code
read_names(const struct rf_build *build, json_t *list, const char *what, char ***ret,
           size_t *ret_count, bool *ret_all, struct rf_err *reterr)
{
    if (!json_is_array(list) || json_array_size(list) == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, build->path, "describes itself wrongly: it has no %ss",
                       what);
    }
    size_t index = 0;
    json_t *item = NULL;
    char **names = rf_calloc(json_array_size(list), sizeof(*names));
    *ret = names;
    json_array_foreach (list, index, item) {
        size_t bytes = json_string_length(item);
        if (!json_is_string(item) || bytes == 0 || bytes > RF_LIMIT_NAME_BYTES) {
            return rf_fail(
                reterr, RF_ERR_USAGE, build->path,
                "describes itself wrongly: the name of a %s is not 1 to %d bytes of text", what,
                RF_LIMIT_NAME_BYTES);
        }
        const char *name = json_string_value(item);
        if (strcmp(name, "*") == 0 && !*ret_all) {
            *ret_all = true;
            continue;
        }
        names[*ret_count] = rf_strndup(name, bytes);
        *ret_count += 1;
    }
    qsort(names, *ret_count, sizeof(*names), rf_strings_compare);
    for (size_t i = 0; i < *ret_count; i++) {
        if (strcmp(names[i], "*") == 0 || (i > 0 && strcmp(names[i], names[i - 1]) == 0)) {
            return rf_fail(reterr, RF_ERR_USAGE, build->path, "declares the %s %s twice", what,
                           names[i]);
        }
    }
    return RF_OK;
}

static rf_code
read_types(struct rf_build *build, json_t *root, struct rf_err *reterr)
{
    json_t *commands = json_object_get(root, "commands");
    RF_TRY(read_names(build, json_object_get(root, "types"), "type", &build->types,
                      &build->type_count, &build->takes_all, reterr));
    return commands == NULL ? RF_OK
                            : read_names(build, commands, "command", &build->commands,
                                         &build->command_count, &build->handles_all, reterr);
}

static rf_code read_fields(struct rf_build *build, struct rf_shape *shape, json_t *list,
                           size_t depth, struct rf_err *reterr);

static rf_code
read_shape(struct rf_build *build, struct rf_shape *shape, json_t *item, bool named, size_t depth,
           struct rf_err *reterr)
{
    static const char *const KEYS[] = {"name", "kind", "fields"};
    if (!json_is_object(item) || !only_has(item, KEYS, 3)) {
        return refuse(build, reterr, "a field is not an object of name, kind and fields");
    }
    json_t *name = json_object_get(item, "name");
    if (named ? !json_is_string(name) : name != NULL) {
        return refuse(build, reterr, "a field without a name, or an element with one");
    }
    if (named) {
        shape->name = rf_strndup(json_string_value(name), json_string_length(name));
    }
    json_t *kind = json_object_get(item, "kind");
    json_int_t number = json_integer_value(kind);
    if (!json_is_integer(kind) || number < REFOLD_F_BOOL || number > REFOLD_F_MAP) {
        return refuse(build, reterr, "a field is of an unknown kind");
    }
    shape->kind = (uint32_t)number;
    json_t *fields = json_object_get(item, "fields");
    bool holds = number == REFOLD_F_STRUCT || number == REFOLD_F_LIST || number == REFOLD_F_MAP;
    if (!holds) {
        return fields == NULL ? RF_OK : refuse(build, reterr, "a plain field has fields");
    }
    if (number != REFOLD_F_STRUCT && json_array_size(fields) != 1) {
        return refuse(build, reterr, "a list or map without its one element");
    }
    return read_fields(build, shape, fields, depth + 1, reterr);
}

static rf_code
read_fields(struct rf_build *build, struct rf_shape *shape, json_t *list, size_t depth,
            struct rf_err *reterr)
{
    if (!json_is_array(list)) {
        return refuse(build, reterr, "a struct without fields");
    }
    if (depth > SHAPE_DEPTH) {
        return rf_fail(reterr, RF_ERR_USAGE, build->path, "its fields are nested deeper than %d",
                       SHAPE_DEPTH);
    }
    bool named = shape->kind == REFOLD_F_STRUCT;
    size_t index = 0;
    json_t *item = NULL;
    shape->fields = rf_calloc(json_array_size(list) + 1, sizeof(*shape->fields));
    json_array_foreach (list, index, item) {
        shape->field_count++;
        RF_TRY(read_shape(build, &shape->fields[index], item, named, depth, reterr));
    }
    return RF_OK;
}

static rf_code
read_descriptor(struct rf_build *build, json_t *root, struct rf_err *reterr)
{
    static const char *const KEYS[] = {"name",     "state_version", "types",   "commands", "shape",
                                       "restores", "identifies",    "upcasts", "checks"};
    if (!only_has(root, KEYS, sizeof(KEYS) / sizeof(KEYS[0]))) {
        return refuse(build, reterr, "an unknown key");
    }
    json_t *name = json_object_get(root, "name");
    if (!json_is_string(name) ||
        !rf_aggregate_name_fits(json_string_value(name), json_string_length(name))) {
        return rf_fail(reterr, RF_ERR_USAGE, build->path,
                       "the aggregate's name is not " RF_AGGREGATE_NAME_RULE);
    }
    build->name = rf_strdup(json_string_value(name));
    json_t *version = json_object_get(root, "state_version");
    json_int_t number = json_integer_value(version);
    if (!json_is_integer(version) || number < 0 || number > UINT32_MAX) {
        return refuse(build, reterr, "its state version is no number of 32 bits");
    }
    build->state_version = (uint32_t)number;
    RF_TRY(read_types(build, root, reterr));
    build->restores = json_is_true(json_object_get(root, "restores"));
    build->identifies = json_is_true(json_object_get(root, "identifies"));
    build->upcasts = json_is_true(json_object_get(root, "upcasts"));
    build->checks = json_is_true(json_object_get(root, "checks"));
    json_t *shape = json_object_get(root, "shape");
    return shape == NULL ? RF_OK : read_shape(build, &build->shape, shape, false, 0, reterr);
}

/** "ended with SIGSEGV (segmentation fault)", "exceeded its memory (64 MiB)" */
static void
describe_end(int wait_status, struct rf_ward *ward, char *text, size_t room)
{
    char end[512];
    int status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 0;
    bool is_sentence = rf_ward_describe(ward, wait_status, end, sizeof(end)) ||
                       status == RF_EXIT_TOLD || status == RF_EXIT_PIECE;
    (void)snprintf(text, room, "%s%s", is_sentence ? "" : "ended with ", end);
}

/** Nothing came. @end  "ended with exit status 3" */
static rf_code
fail_mute(const struct rf_build *build, const char *end, struct rf_err *reterr)
{
    if (!build->program) {
        return rf_fail(reterr, RF_ERR_USAGE, build->path, "does not load: its worker %s", end);
    }
    return rf_fail(reterr, RF_ERR_USAGE, build->path,
                   "does not speak the worker protocol: it gave no answer, and %s%s", end,
                   rf_loadable_advice(build->file));
}

/** @ret  the description, to be released */
static rf_code
read_answer(const struct rf_build *build, const struct rf_buf *text, int wait_status,
            struct rf_ward *ward, json_t **ret, struct rf_err *reterr)
{
    char end[600];
    describe_end(wait_status, ward, end, sizeof(end));
    if (text->used == 0) {
        return fail_mute(build, end, reterr);
    }
    json_error_t error;
    json_t *root = json_loadb(text->bytes, text->used, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(root)) {
        json_decref(root);
        return rf_fail(reterr, RF_ERR_USAGE, build->path,
                       "does not load: its worker wrote no description, and %s", end);
    }
    json_t *reason = json_object_get(root, "error");
    rf_code code = RF_OK;
    if (json_is_string(reason)) {
        code = rf_fail(reterr, RF_ERR_USAGE, build->path, "%s", json_string_value(reason));
    } else if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0) {
        code = rf_fail(reterr, RF_ERR_USAGE, build->path, "does not load: its worker %s", end);
    } else {
        *ret = json_incref(root);
    }
    json_decref(root);
    return code;
}

/* ---- the probe --------------------------------------------------------------------------------
 */

/** Whether the worker did not load it because --sandbox=require forbade that. */
static bool
is_unguarded(const struct rf_ward *ward, int wait_status)
{
    return ward->answered && ward->lacks != 0 && WIFEXITED(wait_status) &&
           WEXITSTATUS(wait_status) == RF_UNGUARDED_STATUS;
}

/** Of one that does not load: what it was not let do may be why. */
static rf_code
add_tried(const struct rf_build *build, rf_code code, struct rf_err *reterr)
{
    struct rf_conduct_view conduct = rf_conduct_look(build->conduct);
    if (code != RF_OK && reterr != NULL && conduct.tried_count > 0) {
        const struct rf_tried *tried = &conduct.tried[0];
        size_t used = strlen(reterr->text);
        (void)snprintf(reterr->text + used, sizeof(reterr->text) - used,
                       "; the sandbox did not let it %s%s%s%s", rf_tried_words(tried->kind),
                       tried->what[0] == '\0' ? "" : ": ", tried->what,
                       conduct.tried_count > 1 ? ", and more" : "");
    }
    return code;
}

static rf_code
judge_probe(const struct rf_build *build, enum rf_captured captured, const struct rf_buf *text,
            int status, struct rf_ward *ward, json_t **ret, struct rf_err *reterr)
{
    char lacks[400];
    if (is_unguarded(ward, status)) {
        return rf_fail(reterr, RF_ERR_USAGE, "--sandbox=require", "not sandboxed: %s",
                       rf_sandbox_describe(ward->lacks, lacks, sizeof(lacks)));
    }
    switch (captured) {
    case RF_CAPTURED_LATE:
        return rf_fail(reterr, RF_ERR_USAGE, build->path, "%s: no answer within %d s",
                       build->program ? "does not speak the worker protocol" : "does not load",
                       RF_LOAD_MS / 1000);
    case RF_CAPTURED_LONG:
        return refuse(build, reterr, "more than 4 MiB");
    case RF_CAPTURED:
        break;
    }
    return read_answer(build, text, status, ward, ret, reterr);
}

static rf_code
probe(const struct rf_build *build, json_t **ret, struct rf_err *reterr)
{
    char *program = NULL;
    struct rf_ward ward;
    struct rf_ward_ends ends;
    struct rf_spawn_file files[RF_WARD_FILES];
    RF_TRY(rf_worker_program(&program, reterr));
    rf_code code = rf_ward_open(&ward, build->conduct, build->file, true, &ends, reterr);
    char name[] = "refold-worker";
    char verb[] = "--probe";
    char memory[24];
    (void)snprintf(memory, sizeof(memory), "%llu", (unsigned long long)rf_worker_memory());
    char *arguments[] = {name, verb, build->file, memory, NULL};
    char *environment[] = {NULL};
    struct rf_capture capture = {
        .program = program,
        .arguments = arguments,
        .environment = environment,
        .target = RF_FD_NOTICES,
        .limit_bytes = PROBE_BYTES,
        .limit_ms = RF_LOAD_MS,
        .files = files,
        .file_count = rf_ward_files(&ends, files),
        .ward = &ward,
    };
    struct rf_buf text = {0};
    int status = 0;
    enum rf_captured captured = RF_CAPTURED;
    if (code == RF_OK) {
        code = rf_capture_run(&capture, &text, &captured, &status, reterr);
    }
    rf_ward_close_ends(&ends);
    rf_ward_end(&ward);
    if (code == RF_OK) {
        code = judge_probe(build, captured, &text, status, &ward, ret, reterr);
    }
    rf_buf_done(&text);
    free(program);
    return code;
}

/* ---- builds -----------------------------------------------------------------------------------
 */

/** One more of the list. */
static struct rf_build *
add_build(struct rf_builds *builds, const char *path, struct rf_artifact *artifact)
{
    struct rf_build *build = rf_calloc(1, sizeof(*build));
    build->path = rf_strdup(path);
    build->file = rf_strdup(artifact->file);
    build->program = artifact->program;
    build->member = (uint32_t)builds->count;
    build->artifact = rf_artifact_hold(artifact);
    memcpy(build->sha256, artifact->sha256, sizeof(build->sha256));
    memcpy(build->file_sha256, artifact->file_sha256, sizeof(build->file_sha256));
    build->conduct = rf_conduct_new();
    builds->items = rf_realloc(builds->items, builds->count + 1, sizeof(*builds->items));
    builds->items[builds->count++] = build;
    return build;
}

/** What the relay found of an aggregate's description: 16 digits. */
static rf_code
read_said(struct rf_build *build, json_t *item, struct rf_err *reterr)
{
    const char *digits = json_string_value(item);
    if (digits == NULL || !rf_hex_is(digits, 16)) {
        return refuse(build, reterr, "no hash of an aggregate");
    }
    build->said = strtoull(digits, NULL, 16);
    return RF_OK;
}

/** A program's: the first is there already. */
static rf_code
read_members(struct rf_builds *builds, json_t *list, json_t *hashes, struct rf_err *reterr)
{
    struct rf_build *first = builds->items[0];
    if (!json_is_array(list) || json_array_size(list) == 0 ||
        json_array_size(list) > RF_DESCRIPTOR_MEMBERS) {
        return rf_fail(reterr, RF_ERR_USAGE, first->path,
                       "describes itself wrongly: it has not 1 to %d aggregates",
                       RF_DESCRIPTOR_MEMBERS);
    }
    size_t index = 0;
    json_t *item = NULL;
    json_array_foreach (list, index, item) {
        struct rf_build *build =
            index == 0 ? first : add_build(builds, first->path, first->artifact);
        RF_TRY(read_descriptor(build, item, reterr));
        RF_TRY(read_said(build, json_array_get(hashes, index), reterr));
        for (size_t i = 0; i < index; i++) {
            if (strcmp(builds->items[i]->name, build->name) == 0) {
                return rf_fail(reterr, RF_ERR_USAGE, build->path,
                               "has two aggregates of the name '%s'", build->name);
            }
        }
    }
    return RF_OK;
}

rf_code
rf_builds_open(const char *path, struct rf_builds *ret, struct rf_err *reterr)
{
    struct rf_artifact *artifact = NULL;
    struct rf_builds builds = {0};
    json_t *root = NULL;
    RF_TRY(rf_artifact_open(path, &artifact, reterr));
    struct rf_build *build = add_build(&builds, path, artifact);
    rf_artifact_drop(artifact); /* the builds hold it */
    rf_code code = probe(build, &root, reterr);
    if (code == RF_OK) {
        json_t *list = json_object_get(root, "aggregates");
        code = list == NULL ? read_descriptor(build, root, reterr)
                            : read_members(&builds, list, json_object_get(root, "hashes"), reterr);
    }
    code = add_tried(build, code, reterr);
    json_decref(root);
    if (code != RF_OK) {
        rf_builds_done(&builds);
        return code;
    }
    *ret = builds;
    return RF_OK;
}

void
rf_build_print_member(const struct rf_build *build, char text[RF_BUILD_MEMBER_BYTES])
{
    (void)snprintf(text, RF_BUILD_MEMBER_BYTES, "%u:%016llx", build->member,
                   (unsigned long long)build->said);
}

rf_code
rf_build_open(const char *path, struct rf_build **ret, struct rf_err *reterr)
{
    struct rf_builds builds = {0};
    RF_TRY(rf_builds_open(path, &builds, reterr));
    rf_code code = builds.count == 1
                       ? RF_OK
                       : rf_fail(reterr, RF_ERR_USAGE, path,
                                 "has %zu aggregates, and one is wanted", builds.count);
    if (code == RF_OK) {
        *ret = builds.items[0];
        builds.items[0] = NULL;
    }
    rf_builds_done(&builds);
    return code;
}

void
rf_builds_done(struct rf_builds *builds)
{
    for (size_t i = 0; i < builds->count; i++) {
        rf_build_free(builds->items[i]);
    }
    free(builds->items);
    memset(builds, 0, sizeof(*builds));
}

rf_code
rf_build_check(const struct rf_build *build, struct rf_err *reterr)
{
    char now[RF_SHA256_HEX_BYTES];
    RF_TRY(rf_sha256_file(build->file, now, reterr));
    if (strcmp(now, build->file_sha256) != 0) {
        return rf_fail(reterr, RF_ERR_SOURCE, build->path,
                       "changed while it was folded with: run again");
    }
    return RF_OK;
}

static void
free_shape(struct rf_shape *shape)
{
    for (size_t i = 0; i < shape->field_count; i++) {
        free_shape(&shape->fields[i]);
    }
    free(shape->fields);
    free(shape->name);
}

void
rf_build_free(struct rf_build *build)
{
    if (build == NULL) {
        return;
    }
    rf_artifact_drop(build->artifact);
    rf_strings_free(build->types, build->type_count);
    rf_strings_free(build->commands, build->command_count);
    free_shape(&build->shape);
    rf_conduct_free(build->conduct);
    free(build->name);
    free(build->file);
    free(build->path);
    free(build);
}

static bool
find_name(char *const *names, size_t count, const char *wanted, size_t wanted_bytes)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *name = names[middle];
        int order = rf_bytes_compare(name, strlen(name), wanted, wanted_bytes);
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

bool
rf_build_declares(const struct rf_build *build, const char *type, size_t type_bytes)
{
    return build->takes_all || find_name(build->types, build->type_count, type, type_bytes);
}

bool
rf_build_handles(const struct rf_build *build)
{
    return build->commands != NULL;
}

bool
rf_build_takes_command(const struct rf_build *build, const char *command, size_t command_bytes)
{
    return build->handles_all ||
           find_name(build->commands, build->command_count, command, command_bytes);
}

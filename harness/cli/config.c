/* SPDX-License-Identifier: MIT */
/* refold.json, read strictly: what is not known is an error, with a suggestion. */
#include "cli/config.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/aggregate_name.h"
#include "base/alloc.h"
#include "base/day.h"
#include "base/typo.h"
#include "cli/config_aws.h"
#include "cli/config_prices.h"
#include "cli/config_private.h"
#include "host/revision.h"
#include "net/url.h"

/** The reader's place: for messages, "refold.json: /aggregates/order/skip/0: …". */
struct place {
    const char *file;
    struct rf_buf pointer;
    struct rf_err *reterr;
};

static size_t
enter(struct place *place, const char *step)
{
    size_t before = place->pointer.used;
    rf_buf_byte(&place->pointer, '/');
    rf_buf_string(&place->pointer, step);
    return before;
}

static size_t
enter_index(struct place *place, size_t index)
{
    size_t before = place->pointer.used;
    rf_buf_format(&place->pointer, "/%zu", index);
    return before;
}

static void
leave(struct place *place, size_t before)
{
    place->pointer.used = before;
}

static rf_code
fail(struct place *place, const char *what)
{
    const char *pointer = place->pointer.used == 0 ? "/" : rf_buf_text(&place->pointer);
    return rf_fail(place->reterr, RF_ERR_USAGE, place->file, "%s: %s", pointer, what);
}

/** Refuses members that are not in `known`. */
static rf_code
check_keys(struct place *place, json_t *object, const char *const *known)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object)) {
        return fail(place, "must be an object");
    }
    json_object_foreach (object, key, value) {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], key) != 0) {
            i++;
        }
        if (known[i] != NULL) {
            continue;
        }
        size_t before = enter(place, key);
        const char *nearest = rf_typo_nearest(key, known);
        char *text = nearest == NULL ? rf_strdup("unknown key")
                                     : rf_format("unknown key; did you mean \"%s\"?", nearest);
        rf_code code = fail(place, text);
        free(text);
        leave(place, before);
        return code;
    }
    return RF_OK;
}

/** A string member into fresh memory; *ret stays NULL where it is not there. */
static rf_code
read_string(struct place *place, json_t *object, const char *key, char **ret)
{
    json_t *value = json_object_get(object, key);
    if (value == NULL) {
        return RF_OK;
    }
    size_t before = enter(place, key);
    if (!json_is_string(value) || json_string_length(value) == 0 ||
        strlen(json_string_value(value)) != json_string_length(value)) {
        return fail(place, "must be a string that is not empty");
    }
    *ret = rf_strdup(json_string_value(value));
    leave(place, before);
    return RF_OK;
}

static char *
resolve(const struct rf_config *config, const char *path)
{
    if (path[0] == '/' || strcmp(config->folder, ".") == 0 || strcmp(path, "-") == 0 ||
        rf_url_scheme(path) > 0) {
        return rf_strdup(path);
    }
    return rf_format("%s/%s", config->folder, path);
}

static rf_code
read_path(struct place *place, struct rf_config *config, json_t *object, const char *key,
          char **ret)
{
    char *path = NULL;
    RF_TRY(read_string(place, object, key, &path));
    if (path != NULL) {
        *ret = resolve(config, path);
        free(path);
    }
    return RF_OK;
}

/** What -a takes: of a revision's path it is the one behind the colon that may be relative. A file
 * of that very name goes first. A revision of another repository than git would look into now is
 * left with a name that it has nowhere. */
static rf_code
read_plugin(struct place *place, struct rf_config *config, json_t *object, char **ret)
{
    char *spec = NULL;
    RF_TRY(read_string(place, object, "plugin", &spec));
    if (spec == NULL) {
        return RF_OK;
    }
    *ret = resolve(config, spec);
    if (access(*ret, F_OK) != 0 && strcmp(config->folder, ".") != 0 && rf_revision_is(spec) &&
        rf_revision_is_shared(config->folder)) {
        free(*ret);
        *ret = rf_revision_from(spec, config->folder);
    }
    free(spec);
    return RF_OK;
}

static rf_code
read_sources(struct place *place, struct rf_config *config, json_t *value)
{
    if (value == NULL) {
        return RF_OK;
    }
    size_t before = enter(place, "source");
    if (!json_is_array(value)) {
        return fail(place, "must be an array of paths");
    }
    size_t index;
    json_t *item;
    config->sources = rf_calloc(json_array_size(value), sizeof(char *));
    json_array_foreach (value, index, item) {
        if (!json_is_string(item) || json_string_length(item) == 0) {
            (void)enter_index(place, index);
            return fail(place, "must be a path");
        }
        config->sources[config->source_count++] = resolve(config, json_string_value(item));
    }
    leave(place, before);
    return RF_OK;
}

/** An envelope is a name or an object of pointers: both become what -e takes. */
static rf_code
read_envelope(struct place *place, json_t *object, bool *ret_has, struct rf_envelope *ret)
{
    json_t *value = json_object_get(object, "envelope");
    if (value == NULL) {
        return RF_OK;
    }
    size_t before = enter(place, "envelope");
    struct rf_buf spec = {0};
    if (json_is_object(value)) {
        const char *key;
        json_t *pointer;
        json_object_foreach (value, key, pointer) {
            if (!json_is_string(pointer) || strchr(json_string_value(pointer), ',') != NULL) {
                (void)enter(place, key);
                rf_buf_done(&spec);
                return fail(place, "must be a JSON pointer without a comma");
            }
            rf_buf_format(&spec, "%s%s=%s", spec.used == 0 ? "" : ",", key,
                          json_string_value(pointer));
        }
    } else if (json_is_string(value)) {
        rf_buf_string(&spec, json_string_value(value));
    }
    struct rf_err err = {0};
    rf_code code = rf_envelope_parse(rf_buf_text(&spec), ret, &err);
    rf_buf_done(&spec);
    if (code != RF_OK) {
        return fail(place, err.text);
    }
    *ret_has = true;
    leave(place, before);
    return RF_OK;
}

static rf_code
read_streams(struct place *place, struct rf_config *config, json_t *value)
{
    static const char *const known[] = {"match", "aggregate", "envelope", NULL};
    if (value == NULL) {
        return RF_OK;
    }
    size_t before = enter(place, "streams");
    if (!json_is_array(value)) {
        return fail(place, "must be an array");
    }
    size_t index;
    json_t *item;
    config->streams = rf_calloc(json_array_size(value), sizeof(*config->streams));
    json_array_foreach (value, index, item) {
        size_t inner = enter_index(place, index);
        RF_TRY(check_keys(place, item, known));
        struct rf_stream_rule *rule = &config->streams[config->stream_count++];
        RF_TRY(read_string(place, item, "match", &rule->match));
        RF_TRY(read_string(place, item, "aggregate", &rule->aggregate));
        RF_TRY(read_envelope(place, item, &rule->has_envelope, &rule->envelope));
        if (rule->match == NULL) {
            return fail(place, "needs \"match\": a glob over the streams' names");
        }
        if (rule->aggregate != NULL &&
            !rf_aggregate_name_fits(rule->aggregate, strlen(rule->aggregate))) {
            (void)enter(place, "aggregate");
            return fail(place, "is no name of an aggregate: " RF_AGGREGATE_NAME_RULE);
        }
        leave(place, inner);
    }
    leave(place, before);
    return RF_OK;
}

/** A pointer, or an object that says why it is ignored, and how long. */
static rf_code
read_ignore(struct place *place, struct rf_ignore *ret, json_t *value)
{
    static const char *const known[] = {"path", "reason", "until", NULL};
    if (json_is_object(value)) {
        RF_TRY(check_keys(place, value, known));
        RF_TRY(read_string(place, value, "path", &ret->pointer));
        RF_TRY(read_string(place, value, "reason", &ret->reason));
        RF_TRY(read_string(place, value, "until", &ret->until));
        if (ret->pointer == NULL || ret->pointer[0] != '/') {
            return fail(place, "needs \"path\": a JSON pointer; it begins with /");
        }
        if (ret->until != NULL && !rf_day_valid(ret->until)) {
            (void)enter(place, "until");
            return fail(place, "must be a day such as 2026-12-31, the last on which it holds");
        }
        return RF_OK;
    }
    if (!json_is_string(value) || json_string_value(value)[0] != '/') {
        return fail(place, "must be a JSON pointer; it begins with /");
    }
    ret->pointer = rf_strdup(json_string_value(value));
    return RF_OK;
}

static rf_code
read_ignores(struct place *place, struct rf_aggregate_config *aggregate, json_t *value)
{
    if (value == NULL) {
        return RF_OK;
    }
    size_t before = enter(place, "ignore");
    if (!json_is_array(value)) {
        return fail(place, "must be an array of JSON pointers");
    }
    size_t index;
    json_t *item;
    aggregate->ignores = rf_calloc(json_array_size(value), sizeof(*aggregate->ignores));
    json_array_foreach (value, index, item) {
        size_t inner = enter_index(place, index);
        RF_TRY(read_ignore(place, &aggregate->ignores[aggregate->ignore_count++], item));
        leave(place, inner);
    }
    leave(place, before);
    return RF_OK;
}

static rf_code
read_skips(struct place *place, struct rf_aggregate_config *aggregate, json_t *value)
{
    static const char *const known[] = {"type", "reason", NULL};
    if (value == NULL) {
        return RF_OK;
    }
    size_t before = enter(place, "skip");
    if (!json_is_array(value)) {
        return fail(place, "must be an array");
    }
    size_t index;
    json_t *item;
    aggregate->skips = rf_calloc(json_array_size(value), sizeof(*aggregate->skips));
    json_array_foreach (value, index, item) {
        size_t inner = enter_index(place, index);
        RF_TRY(check_keys(place, item, known));
        struct rf_skip *skip = &aggregate->skips[aggregate->skip_count++];
        RF_TRY(read_string(place, item, "type", &skip->type));
        RF_TRY(read_string(place, item, "reason", &skip->reason));
        if (skip->type == NULL || skip->reason == NULL) {
            return fail(place, "needs \"type\" and \"reason\"");
        }
        leave(place, inner);
    }
    leave(place, before);
    return RF_OK;
}

static rf_code
read_aggregates(struct place *place, struct rf_config *config, json_t *value)
{
    static const char *const known[] = {"plugin",  "ignore",       "skip",          "first",
                                        "private", "private_data", "report_values", NULL};
    if (value == NULL) {
        return RF_OK;
    }
    size_t before = enter(place, "aggregates");
    if (!json_is_object(value)) {
        return fail(place, "must be an object: aggregate name to settings");
    }
    const char *name;
    json_t *item;
    config->aggregates = rf_calloc(json_object_size(value), sizeof(*config->aggregates));
    json_object_foreach (value, name, item) {
        size_t inner = enter(place, name);
        RF_TRY(check_keys(place, item, known));
        struct rf_aggregate_config *aggregate = &config->aggregates[config->aggregate_count++];
        aggregate->name = rf_strdup(name);
        aggregate->first = 1;
        RF_TRY(read_plugin(place, config, item, &aggregate->plugin));
        RF_TRY(read_ignores(place, aggregate, json_object_get(item, "ignore")));
        RF_TRY(read_skips(place, aggregate, json_object_get(item, "skip")));
        RF_TRY(rf_config_private(place->file, place->pointer.bytes, place->pointer.used, aggregate,
                                 item, place->reterr));
        json_t *first = json_object_get(item, "first");
        if (first != NULL) {
            if (!json_is_integer(first) || json_integer_value(first) < 0) {
                (void)enter(place, "first");
                return fail(place, "must be an integer from 0 on");
            }
            aggregate->first = json_integer_value(first);
        }
        leave(place, inner);
    }
    leave(place, before);
    return RF_OK;
}

static rf_code
read_policy_value(struct place *place, json_t *object, const char *key, enum rf_policy *ret)
{
    static const char *const names[] = {"error", "warn", "count", NULL};
    char *text = NULL;
    RF_TRY(read_string(place, object, key, &text));
    if (text == NULL) {
        return RF_OK;
    }
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], text) == 0) {
            *ret = (enum rf_policy)i;
            free(text);
            return RF_OK;
        }
    }
    free(text);
    (void)enter(place, key);
    return fail(place, "must be \"error\", \"warn\" or \"count\"");
}

static rf_code
read_policy(struct place *place, struct rf_config *config, json_t *value)
{
    static const char *const known[] = {"gap",       "conflict",  "malformed", "errors",
                                        "unblessed", "unclaimed", NULL};
    if (value == NULL) {
        return RF_OK;
    }
    size_t before = enter(place, "policy");
    RF_TRY(check_keys(place, value, known));
    enum rf_policy *damages = config->damage_policies;
    RF_TRY(read_policy_value(place, value, "gap", &damages[RF_DAMAGE_GAP]));
    RF_TRY(read_policy_value(place, value, "conflict", &damages[RF_DAMAGE_CONFLICT]));
    RF_TRY(read_policy_value(place, value, "malformed", &damages[RF_DAMAGE_MALFORMED]));
    RF_TRY(read_policy_value(place, value, "errors", &damages[RF_DAMAGE_ERRORS]));
    RF_TRY(read_policy_value(place, value, "unblessed", &config->unblessed));
    RF_TRY(read_policy_value(place, value, "unclaimed", &config->unclaimed));
    leave(place, before);
    return RF_OK;
}

/** A number, or a size as a string: the value is looked at where it is set (raise.c). */
static rf_code
read_limit(struct place *place, json_t *object, const char *key, char **ret)
{
    json_t *value = json_object_get(object, key);
    if (!json_is_integer(value)) {
        return read_string(place, object, key, ret);
    }
    *ret = rf_format("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return RF_OK;
}

static rf_code
read_limits(struct place *place, struct rf_config *config, json_t *value)
{
    const char *known[RF_LIMIT_COUNT_ + 4] = {"memory", "timeout", "aggregate_memory"};
    if (value == NULL) {
        return RF_OK;
    }
    for (size_t i = 0; i < RF_LIMIT_COUNT_; i++) {
        known[3 + i] = rf_limit_table[i].name;
    }
    size_t before = enter(place, "limits");
    RF_TRY(check_keys(place, value, known));
    for (size_t i = 0; i < RF_LIMIT_COUNT_; i++) {
        RF_TRY(read_limit(place, value, rf_limit_table[i].name, &config->limits[i]));
    }
    RF_TRY(read_string(place, value, "memory", &config->memory));
    RF_TRY(read_string(place, value, "timeout", &config->timeout));
    RF_TRY(read_string(place, value, "aggregate_memory", &config->aggregate_memory));
    leave(place, before);
    return RF_OK;
}

static rf_code
read_all(struct place *place, struct rf_config *config, json_t *root)
{
    static const char *const known[] = {"$schema",  "source", "golden",           "lines",
                                        "envelope", "layout", "streams",          "aggregates",
                                        "policy",   "limits", "private_key_file", "aws",
                                        "prices",   NULL};
    RF_TRY(check_keys(place, root, known));
    RF_TRY(read_sources(place, config, json_object_get(root, "source")));
    RF_TRY(read_path(place, config, root, "golden", &config->golden));
    RF_TRY(read_path(place, config, root, "lines", &config->lines));
    RF_TRY(read_envelope(place, root, &config->has_envelope, &config->envelope));
    RF_TRY(read_string(place, root, "layout", &config->layout));
    RF_TRY(read_path(place, config, root, "private_key_file", &config->private_key_file));
    RF_TRY(rf_config_aws(place->file, json_object_get(root, "aws"), &config->aws, place->reterr));
    RF_TRY(read_streams(place, config, json_object_get(root, "streams")));
    RF_TRY(read_aggregates(place, config, json_object_get(root, "aggregates")));
    RF_TRY(read_policy(place, config, json_object_get(root, "policy")));
    RF_TRY(rf_config_prices(place->file, json_object_get(root, "prices"), &config->prices,
                            place->reterr));
    return read_limits(place, config, json_object_get(root, "limits"));
}

/** Whether something lies there. What does is the config, whether it can be read or not. */
static rf_code
is_there(const char *path, bool *ret, struct rf_err *reterr)
{
    struct stat facts;
    *ret = lstat(path, &facts) == 0;
    if (!*ret && errno != ENOENT && errno != ENOTDIR) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, path,
                             "whether a config lies there cannot be seen; name it with --config");
    }
    if (*ret && stat(path, &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) {
        return rf_fail(reterr, RF_ERR_USAGE, path,
                       "is no file: no config can be read from it unless --config names it");
    }
    return RF_OK;
}

/** The nearest refold.json upwards, relative to the working folder. @ret  owned; NULL: none */
static rf_code
find_config(char **ret, struct rf_err *reterr)
{
    char here[PATH_MAX];
    *ret = NULL;
    if (getcwd(here, sizeof(here)) == NULL) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, "refold.json",
                             "the working folder cannot be told, so no config is found; name it "
                             "with --config");
    }
    struct rf_buf path = {0};
    rf_code code = RF_OK;
    size_t depth = 0;
    for (const char *c = here; *c != '\0'; c++) {
        depth += *c == '/' && c[1] != '\0';
    }
    for (size_t up = 0; up <= depth && code == RF_OK; up++) {
        bool there = false;
        rf_buf_clear(&path);
        for (size_t i = 0; i < up; i++) {
            rf_buf_string(&path, "../");
        }
        rf_buf_string(&path, "refold.json");
        code = is_there(rf_buf_text(&path), &there, reterr);
        if (there && code == RF_OK) {
            *ret = path.bytes;
            return RF_OK;
        }
    }
    rf_buf_done(&path);
    return code;
}

static void
set_folder(struct rf_config *config)
{
    const char *slash = strrchr(config->path, '/');
    if (slash == NULL) {
        config->folder = rf_strdup(".");
    } else {
        config->folder =
            rf_strndup(config->path, slash == config->path ? 1 : (size_t)(slash - config->path));
    }
}

/** It may be a pipe, as a shell's <(…) is. */
static rf_code
read_text(const char *path, struct rf_buf *ret, struct rf_err *reterr)
{
    struct stat facts;
    if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        return rf_fail(reterr, RF_ERR_USAGE, path, "is a folder; name the file in it");
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot read the config");
    }
    size_t got;
    do {
        rf_buf_reserve(ret, BUFSIZ);
        got = fread(ret->bytes + ret->used, 1, BUFSIZ, file);
        ret->used += got;
    } while (got > 0);
    rf_code code = RF_OK;
    if (ferror(file)) {
        code = rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot read the config");
    }
    (void)fclose(file);
    return code;
}

static rf_code
parse_text(const char *path, struct rf_buf *text, json_t **ret, struct rf_err *reterr)
{
    json_error_t error;
    if (strspn(rf_buf_text(text), " \t\r\n") == text->used) {
        return rf_fail(reterr, RF_ERR_USAGE, path, "is empty; a config without settings is {}");
    }
    /* jansson passes over one that stands behind a number (found by fuzzing). */
    const char *nul = memchr(text->bytes, '\0', text->used);
    if (nul != NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, path, "byte %zu is a NUL, which no JSON holds",
                       (size_t)(nul - text->bytes));
    }
    *ret = json_loadb(text->bytes, text->used, JSON_REJECT_DUPLICATES, &error);
    if (*ret == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, path, "line %d, column %d: %s", error.line,
                       error.column, error.text);
    }
    return RF_OK;
}

rf_code
rf_config_read(const char *path, struct rf_config *ret, struct rf_err *reterr)
{
    memset(ret, 0, sizeof(*ret));
    ret->unblessed = RF_POLICY_COUNT;
    ret->unclaimed = RF_POLICY_COUNT;
    ret->path = path == NULL ? NULL : rf_strdup(path);
    if (path == NULL) {
        RF_TRY(find_config(&ret->path, reterr));
    }
    if (ret->path == NULL) {
        ret->folder = rf_strdup(".");
        return RF_OK;
    }
    set_folder(ret);
    struct rf_buf text = {0};
    json_t *root = NULL;
    rf_code code = read_text(ret->path, &text, reterr);
    if (code == RF_OK) {
        code = parse_text(ret->path, &text, &root, reterr);
    }
    if (code == RF_OK) {
        struct place place = {ret->path, {0}, reterr};
        code = read_all(&place, ret, root);
        rf_buf_done(&place.pointer);
    }
    rf_buf_done(&text);
    json_decref(root);
    return code;
}

static void
free_list(char **items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(items[i]);
    }
    free(items);
}

static void
aggregate_done(struct rf_aggregate_config *aggregate)
{
    free(aggregate->name);
    free(aggregate->plugin);
    for (size_t i = 0; i < aggregate->ignore_count; i++) {
        rf_ignore_done(&aggregate->ignores[i]);
    }
    free(aggregate->ignores);
    for (size_t i = 0; i < aggregate->skip_count; i++) {
        free(aggregate->skips[i].type);
        free(aggregate->skips[i].reason);
    }
    free(aggregate->skips);
    rf_config_private_done(aggregate);
}

void
rf_config_done(struct rf_config *config)
{
    free(config->path);
    free(config->folder);
    free_list(config->sources, config->source_count);
    free(config->golden);
    free(config->lines);
    rf_envelope_done(&config->envelope);
    free(config->layout);
    for (size_t i = 0; i < config->stream_count; i++) {
        free(config->streams[i].match);
        free(config->streams[i].aggregate);
        rf_envelope_done(&config->streams[i].envelope);
    }
    free(config->streams);
    for (size_t i = 0; i < config->aggregate_count; i++) {
        aggregate_done(&config->aggregates[i]);
    }
    free(config->aggregates);
    rf_config_aws_done(&config->aws);
    free(config->private_key_file);
    rf_prices_done(&config->prices);
    free(config->memory);
    free(config->timeout);
    free(config->aggregate_memory);
    for (size_t i = 0; i < RF_LIMIT_COUNT_; i++) {
        free(config->limits[i]);
    }
    memset(config, 0, sizeof(*config));
}

const struct rf_aggregate_config *
rf_config_aggregate(const struct rf_config *config, const char *name)
{
    for (size_t i = 0; i < config->aggregate_count; i++) {
        if (strcmp(config->aggregates[i].name, name) == 0) {
            return &config->aggregates[i];
        }
    }
    return NULL;
}

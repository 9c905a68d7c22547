/* SPDX-License-Identifier: MIT */
/* What a program says of itself in its HELLO, checked. */
#include "program/descriptor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/aggregate_name.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/limits.h"
#include "program/frame.h"

/* Kinds of a shape's fields. */
enum { KIND_FIRST = 1, KIND_STRUCT = 9, KIND_LIST = 10, KIND_MAP = 11 };

/** The document at hand. */
struct reading {
    struct rf_json *doc;
    struct rf_buf *scratch;
    struct rf_err *reterr;
    const char *name; /**< of the aggregate at hand; NULL while it is not known */
    size_t place;     /**< in the list */
};

static rf_code __attribute__((format(printf, 2, 3)))
refuse(const struct reading *reading, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (reading->name != NULL) {
        return rf_fail(reading->reterr, RF_ERR_USAGE, NULL, "describes itself wrongly: %s: %s",
                       reading->name, text);
    }
    return rf_fail(reading->reterr, RF_ERR_USAGE, NULL, "describes itself wrongly: %s", text);
}

static uint32_t
member(const struct reading *reading, uint32_t object, const char *name)
{
    return rf_json_member(reading->doc, object, name, strlen(name), NULL);
}

static uint8_t
kind_of(const struct reading *reading, uint32_t node)
{
    return reading->doc->nodes[node].kind;
}

/** A string's content, without NUL and of 1 to `most` bytes; NULL where it is something else. Owned
 * by the caller. */
static char *
copy_text(const struct reading *reading, uint32_t node, size_t most)
{
    const char *bytes;
    size_t count;
    if (node == RF_JSON_NONE || kind_of(reading, node) != RF_JSON_STRING) {
        return NULL;
    }
    rf_json_string(reading->doc, node, reading->scratch, &bytes, &count);
    return count == 0 || count > most || memchr(bytes, '\0', count) != NULL
               ? NULL
               : rf_strndup(bytes, count);
}

/** Every key is one of these, and none is there twice. */
static rf_code
check_keys(const struct reading *reading, uint32_t object, const char *const *keys)
{
    uint32_t key = object + 1;
    for (uint32_t i = 0; i < reading->doc->nodes[object].count; i++) {
        const char *bytes;
        size_t count;
        size_t at = 0;
        rf_json_string(reading->doc, key, reading->scratch, &bytes, &count);
        while (keys[at] != NULL &&
               (strlen(keys[at]) != count || memcmp(keys[at], bytes, count) != 0)) {
            at++;
        }
        bool repeated = false;
        if (keys[at] != NULL) {
            (void)rf_json_member(reading->doc, object, keys[at], count, &repeated);
        }
        if (keys[at] == NULL || repeated) {
            return refuse(reading, keys[at] == NULL ? "an unknown member" : "a member twice");
        }
        key = reading->doc->nodes[key + 1].next;
    }
    return RF_OK;
}

/* ---- names ----------------------------------------------------------------------------------- */

static int
compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static rf_code
check_repeated(const struct reading *reading, char *const *names, size_t count, const char *what)
{
    const char *repeated = NULL;
    char **sorted = rf_alloc(count * sizeof(*sorted));
    memcpy(sorted, names, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_names);
    for (size_t i = 1; i < count && repeated == NULL; i++) {
        repeated = strcmp(sorted[i - 1], sorted[i]) == 0 ? sorted[i] : NULL;
    }
    free(sorted);
    return repeated == NULL ? RF_OK
                            : refuse(reading, "it declares the %s %s twice", what, repeated);
}

/** @what  "type", "command" */
static rf_code
read_names(const struct reading *reading, uint32_t list, const char *what, char ***ret,
           size_t *ret_count)
{
    if (list == RF_JSON_NONE || kind_of(reading, list) != RF_JSON_ARRAY ||
        reading->doc->nodes[list].count == 0) {
        return refuse(reading, "it has no list of %ss", what);
    }
    uint32_t count = reading->doc->nodes[list].count;
    if (count > RF_DESCRIPTOR_NAMES) {
        return refuse(reading, "it has more than %d %ss", RF_DESCRIPTOR_NAMES, what);
    }
    *ret = rf_calloc(count, sizeof(**ret));
    uint32_t node = list + 1;
    for (uint32_t i = 0; i < count; i++) {
        char *name = copy_text(reading, node, RF_LIMIT_NAME_BYTES);
        if (name == NULL) {
            return refuse(reading, "the name of a %s is not 1 to %d bytes of text", what,
                          RF_LIMIT_NAME_BYTES);
        }
        (*ret)[(*ret_count)++] = name;
        node = reading->doc->nodes[node].next;
    }
    return check_repeated(reading, *ret, *ret_count, what);
}

/* ---- the shape ------------------------------------------------------------------------------- */

static rf_code
check_shape(const struct reading *reading, uint32_t node, bool named, int depth)
{
    static const char *const KEYS[] = {"name", "kind", "fields", NULL};
    uint64_t kind = 0;
    if (kind_of(reading, node) != RF_JSON_OBJECT) {
        return refuse(reading, "a field of its shape is no object");
    }
    if (depth > RF_DESCRIPTOR_DEPTH) {
        return refuse(reading, "its shape is deeper than %d", RF_DESCRIPTOR_DEPTH);
    }
    RF_TRY(check_keys(reading, node, KEYS));
    uint32_t name = member(reading, node, "name");
    if (named ? name == RF_JSON_NONE || kind_of(reading, name) != RF_JSON_STRING
              : name != RF_JSON_NONE) {
        return refuse(reading, "a field of its shape without a name, or an element with one");
    }
    uint32_t number = member(reading, node, "kind");
    if (number == RF_JSON_NONE || kind_of(reading, number) != RF_JSON_NUMBER ||
        !rf_json_uint64(reading->doc, number, &kind) || kind < KIND_FIRST || kind > KIND_MAP) {
        return refuse(reading, "a field of its shape is of an unknown kind");
    }
    uint32_t fields = member(reading, node, "fields");
    if (kind < KIND_STRUCT) {
        return fields == RF_JSON_NONE ? RF_OK : refuse(reading, "a plain field has fields");
    }
    if (fields == RF_JSON_NONE || kind_of(reading, fields) != RF_JSON_ARRAY) {
        return refuse(reading, "a struct, list or map of its shape without fields");
    }
    uint32_t count = reading->doc->nodes[fields].count;
    if (kind != KIND_STRUCT && count != 1) {
        return refuse(reading, "a list or map of its shape without its one element");
    }
    uint32_t field = fields + 1;
    for (uint32_t i = 0; i < count; i++) {
        RF_TRY(check_shape(reading, field, kind == KIND_STRUCT, depth + 1));
        field = reading->doc->nodes[field].next;
    }
    return RF_OK;
}

/* ---- aggregates ------------------------------------------------------------------------------ */

static rf_code
read_flag(const struct reading *reading, uint32_t object, const char *name, bool *ret)
{
    uint32_t node = member(reading, object, name);
    uint8_t kind = node == RF_JSON_NONE ? RF_JSON_FALSE : kind_of(reading, node);
    *ret = kind == RF_JSON_TRUE;
    return kind == RF_JSON_TRUE || kind == RF_JSON_FALSE
               ? RF_OK
               : refuse(reading, "\"%s\" is neither true nor false", name);
}

static rf_code
read_member(struct reading *reading, uint32_t node, struct rf_descriptor_member *ret)
{
    static const char *const KEYS[] = {
        "name",       "state_version", "types",  "commands", "restores",
        "identifies", "upcasts",       "checks", "shape",    NULL};
    uint64_t version = 0;
    if (kind_of(reading, node) != RF_JSON_OBJECT) {
        return refuse(reading, "aggregate %zu of its list is no object", reading->place);
    }
    ret->name = copy_text(reading, member(reading, node, "name"), RF_AGGREGATE_NAME_BYTES);
    if (ret->name == NULL || !rf_aggregate_name_fits(ret->name, strlen(ret->name))) {
        return refuse(reading,
                      "the name of aggregate %zu of its list is not " RF_AGGREGATE_NAME_RULE,
                      reading->place);
    }
    reading->name = ret->name;
    RF_TRY(check_keys(reading, node, KEYS));
    uint32_t number = member(reading, node, "state_version");
    if (number == RF_JSON_NONE || kind_of(reading, number) != RF_JSON_NUMBER ||
        !rf_json_uint64(reading->doc, number, &version) || version > UINT32_MAX) {
        return refuse(reading, "its state_version is no number of 32 bits");
    }
    ret->state_version = (uint32_t)version;
    RF_TRY(
        read_names(reading, member(reading, node, "types"), "type", &ret->types, &ret->type_count));
    uint32_t commands = member(reading, node, "commands");
    if (commands != RF_JSON_NONE) {
        RF_TRY(read_names(reading, commands, "command", &ret->commands, &ret->command_count));
    }
    RF_TRY(read_flag(reading, node, "restores", &ret->restores));
    RF_TRY(read_flag(reading, node, "identifies", &ret->identifies));
    RF_TRY(read_flag(reading, node, "upcasts", &ret->upcasts));
    RF_TRY(read_flag(reading, node, "checks", &ret->checks));
    uint32_t shape = member(reading, node, "shape");
    if (shape != RF_JSON_NONE) {
        RF_TRY(check_shape(reading, shape, false, 0));
    }
    struct rf_buf text = {0};
    RF_TRY(rf_json_canonical(reading->doc, node, true, &text, reading->reterr));
    ret->json = rf_strdup(rf_buf_text(&text));
    ret->hash = rf_hash(text.bytes, text.used, 19);
    rf_buf_done(&text);
    return RF_OK;
}

static rf_code
read_members(struct reading *reading, struct rf_descriptor *ret)
{
    uint32_t list = member(reading, 0, "aggregates");
    if (list == RF_JSON_NONE || kind_of(reading, list) != RF_JSON_ARRAY ||
        reading->doc->nodes[list].count == 0) {
        return refuse(reading, "it has no list of aggregates");
    }
    uint32_t count = reading->doc->nodes[list].count;
    if (count > RF_DESCRIPTOR_MEMBERS) {
        return refuse(reading, "it has more than %d aggregates", RF_DESCRIPTOR_MEMBERS);
    }
    ret->members = rf_calloc(count, sizeof(*ret->members));
    uint32_t node = list + 1;
    for (uint32_t i = 0; i < count; i++) {
        reading->name = NULL;
        reading->place = i;
        ret->member_count++;
        RF_TRY(read_member(reading, node, &ret->members[i]));
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(ret->members[j].name, ret->members[i].name) == 0) {
                return refuse(reading, "it is in its list twice");
            }
        }
        node = reading->doc->nodes[node].next;
    }
    return RF_OK;
}

static rf_code
read_root(struct reading *reading, struct rf_descriptor *ret)
{
    uint64_t protocol = 0;
    if (kind_of(reading, 0) != RF_JSON_OBJECT) {
        return refuse(reading, "its HELLO is no object");
    }
    uint32_t node = member(reading, 0, "protocol");
    if (node == RF_JSON_NONE || kind_of(reading, node) != RF_JSON_NUMBER ||
        !rf_json_uint64(reading->doc, node, &protocol)) {
        return refuse(reading, "it does not say which protocol it speaks");
    }
    if (protocol != RF_SPOKEN_PROTOCOL) {
        return rf_fail(reading->reterr, RF_ERR_USAGE, NULL,
                       "speaks version %llu of the worker protocol, and this refold speaks %d",
                       (unsigned long long)protocol, RF_SPOKEN_PROTOCOL);
    }
    return read_members(reading, ret);
}

rf_code
rf_descriptor_read(const char *json, size_t bytes, struct rf_descriptor *ret, struct rf_err *reterr)
{
    struct rf_json doc = {0};
    struct rf_buf scratch = {0};
    struct reading reading = {.doc = &doc, .scratch = &scratch, .reterr = reterr};
    struct rf_err err;
    *ret = (struct rf_descriptor){0};
    rf_code code;
    if (bytes > RF_DESCRIPTOR_BYTES) {
        code = refuse(&reading, "its HELLO is longer than 4 MiB");
    } else if (rf_json_read_whole(&doc, json, bytes, &err) != RF_OK) {
        code = refuse(&reading, "its HELLO is no JSON: byte %llu: %s",
                      (unsigned long long)err.offset_bytes, err.text);
    } else {
        code = read_root(&reading, ret);
    }
    rf_json_done(&doc);
    rf_buf_done(&scratch);
    return code;
}

void
rf_descriptor_done(struct rf_descriptor *descriptor)
{
    for (size_t i = 0; i < descriptor->member_count; i++) {
        struct rf_descriptor_member *member = &descriptor->members[i];
        free(member->name);
        rf_strings_free(member->types, member->type_count);
        rf_strings_free(member->commands, member->command_count);
        free(member->json);
    }
    free(descriptor->members);
    *descriptor = (struct rf_descriptor){0};
}

/* SPDX-License-Identifier: MIT */
/* What the config says is private of an aggregate. */
#include "cli/config_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

/** For messages: "refold.json: /aggregates/order/private/0: …". */
struct site {
    const char *file;
    const char *pointer;
    size_t pointer_bytes;
    const char *key;
    struct rf_err *reterr;
};

static rf_code
fail(const struct site *site, const char *what)
{
    return rf_fail(site->reterr, RF_ERR_USAGE, site->file, "%.*s/%s: %s", (int)site->pointer_bytes,
                   site->pointer, site->key, what);
}

static rf_code
fail_item(const struct site *site, size_t index, const char *what)
{
    return rf_fail(site->reterr, RF_ERR_USAGE, site->file, "%.*s/%s/%zu: %s",
                   (int)site->pointer_bytes, site->pointer, site->key, index, what);
}

/** RFC 6901, to something within the whole. What would never match must not pass for private. */
static bool
is_pointer(json_t *value)
{
    const char *text = json_string_value(value);
    if (text == NULL || text[0] != '/' || strlen(text) != json_string_length(value)) {
        return false;
    }
    for (const char *tilde = text; (tilde = strchr(tilde, '~')) != NULL; tilde++) {
        if (tilde[1] != '0' && tilde[1] != '1') {
            return false;
        }
    }
    return true;
}

static const char NO_POINTER[] =
    "must be a JSON pointer: it begins with /, a ~ in a key is ~0, a / is ~1";

static rf_code
check_array(const struct site *site, json_t *value)
{
    if (!json_is_array(value)) {
        return fail(site, "must be an array of JSON pointers");
    }
    return json_array_size(value) <= RF_LIMIT_PRIVATE ? RF_OK
                                                      : fail(site, "has more than 64 pointers");
}

/** A pointer, or {"path": pointer, "keys": "shown"}. */
static rf_code
read_rule(const struct site *site, size_t index, json_t *value, struct rf_mask_rule *ret)
{
    json_t *path = value;
    if (json_is_object(value)) {
        json_t *keys = json_object_get(value, "keys");
        const char *word = json_string_value(keys);
        path = json_object_get(value, "path");
        bool known = json_object_size(value) == (size_t)(path != NULL) + (keys != NULL);
        if (!known || path == NULL ||
            (keys != NULL &&
             (word == NULL || (strcmp(word, "shown") != 0 && strcmp(word, "hidden") != 0)))) {
            return fail_item(site, index,
                             "must be a JSON pointer, or {\"path\": pointer, \"keys\": \"shown\"}");
        }
        ret->shows_keys = word != NULL && strcmp(word, "shown") == 0;
    }
    if (!is_pointer(path)) {
        return fail_item(site, index, NO_POINTER);
    }
    ret->pointer = rf_strdup(json_string_value(path));
    return RF_OK;
}

static rf_code
read_rules(const struct site *site, json_t *value, struct rf_mask_rule **ret, size_t *ret_count,
           bool *ret_has)
{
    size_t index;
    json_t *item;
    *ret_has = value != NULL;
    if (value == NULL) {
        return RF_OK;
    }
    RF_TRY(check_array(site, value));
    *ret = rf_calloc(json_array_size(value) + 1, sizeof(**ret));
    json_array_foreach (value, index, item) {
        RF_TRY(read_rule(site, index, item, &(*ret)[index]));
        *ret_count = index + 1;
    }
    return RF_OK;
}

static rf_code
read_shown(const struct site *site, json_t *value, struct rf_aggregate_config *aggregate)
{
    size_t index;
    json_t *item;
    aggregate->has_report_values = value != NULL;
    if (value == NULL) {
        return RF_OK;
    }
    RF_TRY(check_array(site, value));
    aggregate->report_values = rf_calloc(json_array_size(value) + 1, sizeof(char *));
    json_array_foreach (value, index, item) {
        if (!is_pointer(item)) {
            return fail_item(site, index, NO_POINTER);
        }
        aggregate->report_values[aggregate->report_value_count++] =
            rf_strdup(json_string_value(item));
    }
    return RF_OK;
}

rf_code
rf_config_private(const char *file, const char *pointer, size_t pointer_bytes,
                  struct rf_aggregate_config *aggregate, json_t *settings, struct rf_err *reterr)
{
    struct site site = {file, pointer, pointer_bytes, "private", reterr};
    RF_TRY(read_rules(&site, json_object_get(settings, "private"), &aggregate->privates,
                      &aggregate->private_count, &aggregate->has_private));
    site.key = "private_data";
    RF_TRY(read_rules(&site, json_object_get(settings, "private_data"), &aggregate->private_data,
                      &aggregate->private_data_count, &aggregate->has_private_data));
    if (aggregate->has_private_data && aggregate->private_count == 0) {
        return fail(&site, "says what of the events' data is private, and needs \"private\": what "
                           "of the states is");
    }
    site.key = "report_values";
    return read_shown(&site, json_object_get(settings, "report_values"), aggregate);
}

static void
free_rules(struct rf_mask_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(rules[i].pointer);
    }
    free(rules);
}

void
rf_config_private_done(struct rf_aggregate_config *aggregate)
{
    free_rules(aggregate->privates, aggregate->private_count);
    free_rules(aggregate->private_data, aggregate->private_data_count);
    for (size_t i = 0; i < aggregate->report_value_count; i++) {
        free(aggregate->report_values[i]);
    }
    free(aggregate->report_values);
}

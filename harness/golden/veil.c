/* SPDX-License-Identifier: MIT */
/* Findings of which only some values are told. */
#include "golden/veil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/json_pointer.h"

static const struct rf_shown_values *
find_shown(const struct rf_shown_values *shown, size_t count, const char *aggregate)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(shown[i].aggregate, aggregate) == 0) {
            return &shown[i];
        }
    }
    return NULL;
}

static bool
is_shown(const struct rf_shown_values *shown, const char *path)
{
    for (size_t i = 0; i < shown->count; i++) {
        if (rf_pointer_below(path, strlen(path), shown->pointers[i])) {
            return true;
        }
    }
    return false;
}

/** Code points: the bytes of valid UTF-8 that continue none. */
static size_t
count_characters(const char *bytes, size_t count)
{
    size_t characters = 0;
    for (size_t i = 0; i < count; i++) {
        characters += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    }
    return characters;
}

/** "(string of 12)", "(number)": owned, as JSON. */
static char *
describe(const char *json)
{
    struct rf_json doc = {0};
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    char *text;
    if (rf_json_read_whole(&doc, json, strlen(json), NULL) != RF_OK) {
        text = rf_strdup("\"(no JSON)\"");
    } else if (doc.nodes[0].kind == RF_JSON_STRING) {
        rf_json_string(&doc, 0, &scratch, &bytes, &count);
        text = rf_format("\"(string of %zu)\"", count_characters(bytes, count));
    } else if (doc.nodes[0].kind == RF_JSON_ARRAY || doc.nodes[0].kind == RF_JSON_OBJECT) {
        text = rf_format("\"(%s of %u)\"", doc.nodes[0].kind == RF_JSON_ARRAY ? "array" : "object",
                         (unsigned)doc.nodes[0].count);
    } else {
        text = rf_strdup(doc.nodes[0].kind == RF_JSON_NUMBER ? "\"(number)\""
                         : doc.nodes[0].kind == RF_JSON_NULL ? "\"(null)\""
                                                             : "\"(boolean)\"");
    }
    rf_json_done(&doc);
    rf_buf_done(&scratch);
    return text;
}

static void
veil_value(char **value)
{
    if (*value != NULL) {
        char *text = describe(*value);
        free(*value);
        *value = text;
    }
}

static void
veil_difference(struct rf_difference *difference, const struct rf_shown_values *shown)
{
    for (size_t i = 0; i < difference->changes.count; i++) {
        struct rf_change *change = &difference->changes.items[i];
        if (!is_shown(shown, change->path)) {
            veil_value(&change->old);
            veil_value(&change->value);
        }
    }
    if (difference->quotes && difference->message != NULL) {
        char *text = rf_format("(a message of %zu bytes)", strlen(difference->message));
        free(difference->message);
        difference->message = text;
    }
}

/** A cluster's path is a pattern: it is shown where all that it stands for is. */
bool
rf_cluster_is_veiled(const struct rf_cluster *cluster, const struct rf_shown_values *shown,
                     size_t count)
{
    const struct rf_shown_values *of = find_shown(shown, count, cluster->aggregate);
    return of != NULL && (cluster->path_count != 1 || !is_shown(of, cluster->paths[0]));
}

/** What its members share is dropped: of shards that are merged no one could tell any more whether
 * they do. */
static void
veil_cluster(struct rf_cluster *cluster, const struct rf_shown_values *shown, size_t count)
{
    if (rf_cluster_is_veiled(cluster, shown, count)) {
        free(cluster->from);
        free(cluster->to);
        cluster->from = NULL;
        cluster->to = NULL;
    }
}

void
rf_findings_veil(struct rf_findings *findings, const struct rf_shown_values *shown, size_t count)
{
    if (findings->veiled || count == 0) {
        return;
    }
    findings->veiled = true;
    for (size_t i = 0; i < findings->difference_count; i++) {
        struct rf_difference *difference = &findings->differences[i];
        const struct rf_shown_values *of = find_shown(shown, count, difference->aggregate);
        if (of != NULL) {
            veil_difference(difference, of);
        }
    }
    for (size_t i = 0; i < findings->cluster_count; i++) {
        veil_cluster(&findings->clusters[i], shown, count);
    }
}

/* SPDX-License-Identifier: MIT */
/* What a shard found, read back from its JSON report: aggregates, clusters, differences, damage. */
#include "reports/shard_reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "golden/cluster.h"

static const char *const difference_kinds[] = {
    "changed", "missing", "unblessed", "rejected", "crashed", "hung", "impure", NULL,
};
static const char *const change_ops[] = {"add", "remove", "replace", NULL};
static const char *const bases[] = {"none", "last-writer", "trace", "compare", NULL};
static const char *const causes[] = {"code", "data", NULL};

static void
read_tallies(struct rf_reading *reading, struct rf_notes *notes)
{
    size_t count;
    uint32_t node = rf_reading_objects(reading, 0, "aggregates", &count);
    for (; count > 0; count--, node = rf_reading_next(reading, node)) {
        char *name = rf_reading_text(reading, node, "name", true, NULL);
        struct rf_tally *tally = rf_notes_tally(notes, name);
        tally->instances += rf_reading_count(reading, node, "instances");
        tally->events += rf_reading_count(reading, node, "events");
        tally->compared += rf_reading_count(reading, node, "compared");
        tally->same += rf_reading_count(reading, node, "same");
        tally->changed += rf_reading_count(reading, node, "changed");
        tally->unblessed += rf_reading_count(reading, node, "unblessed");
        tally->missing += rf_reading_count(reading, node, "missing");
        tally->uncompared += rf_reading_count(reading, node, "uncompared");
        tally->cut_short += rf_reading_count(reading, node, "cut_short");
        tally->rejected += rf_reading_count(reading, node, "rejected");
        tally->crashed += rf_reading_count(reading, node, "crashed");
        tally->hung += rf_reading_count(reading, node, "hung");
        tally->impure += rf_reading_count(reading, node, "impure");
        tally->ignored_only += rf_reading_count(reading, node, "ignored_only");
        free(name);
    }
}

static void
read_samples(struct rf_reading *reading, uint32_t node, struct rf_cluster *cluster)
{
    uint32_t array = rf_reading_member(reading, node, "samples", RF_JSON_ARRAY, true);
    size_t count = array == RF_JSON_NONE ? 0 : reading->doc->nodes[array].count;
    uint32_t item = array + 1;
    for (size_t i = 0; i < count && i < RF_CLUSTER_SAMPLES; i++) {
        const char *bytes = "";
        size_t length = 0;
        if (reading->doc->nodes[item].kind == RF_JSON_STRING) {
            rf_json_string(reading->doc, item, &reading->scratch, &bytes, &length);
        }
        cluster->samples[i] = rf_strndup(bytes, length);
        cluster->sample_bytes[i] = length;
        cluster->sample_count = i + 1;
        item = rf_reading_next(reading, item);
    }
    if (cluster->sample_count == 0 && reading->flaw == NULL) {
        reading->flaw = "samples";
    }
}

static void
read_cluster(struct rf_reading *reading, uint32_t node, struct rf_cluster *ret)
{
    struct rf_texts paths = rf_reading_texts(reading, node, "paths");
    rf_reading_hex(reading, node, "key", 16, ret->key);
    ret->aggregate = rf_reading_text(reading, node, "aggregate", true, NULL);
    ret->kind = (enum rf_difference_kind)rf_reading_word(reading, node, "kind", difference_kinds);
    ret->event = rf_reading_text(reading, node, "event", false, &ret->event_bytes);
    ret->paths = paths.items;
    ret->path_count = paths.count;
    ret->from = rf_reading_value(reading, node, "from");
    ret->to = rf_reading_value(reading, node, "to");
    ret->count = rf_reading_count(reading, node, "count");
    ret->data_count = rf_reading_count_if(reading, node, "data");
    read_samples(reading, node, ret);
}

static void
read_clusters(struct rf_reading *reading, struct rf_notes *notes)
{
    size_t count;
    uint32_t node = rf_reading_objects(reading, 0, "clusters", &count);
    struct rf_clusters read = {.items = rf_calloc(count + 1, sizeof(*read.items)), .count = count};
    for (size_t i = 0; i < count; i++, node = rf_reading_next(reading, node)) {
        read_cluster(reading, node, &read.items[i]);
    }
    if (reading->flaw == NULL) {
        rf_clusters_join(&notes->clusters, &read);
    }
    rf_clusters_done(&read);
}

static void
read_changes(struct rf_reading *reading, uint32_t node, struct rf_changes *ret)
{
    size_t count;
    uint32_t item = rf_reading_objects(reading, node, "changes", &count);
    for (; count > 0; count--, item = rf_reading_next(reading, item)) {
        RF_GROW(ret->items, ret->room, ret->count + 1);
        ret->items[ret->count++] = (struct rf_change){
            .op = (enum rf_change_op)rf_reading_word(reading, item, "op", change_ops),
            .path = rf_reading_text(reading, item, "path", true, NULL),
            .value = rf_reading_value(reading, item, "value"),
            .old = rf_reading_value(reading, item, "old"),
        };
    }
}

static void
read_suspect(struct rf_reading *reading, uint32_t difference, struct rf_suspect *ret)
{
    uint32_t node = rf_reading_member(reading, difference, "suspect", RF_JSON_OBJECT, false);
    if (node == RF_JSON_NONE) {
        return;
    }
    ret->basis = (enum rf_basis)rf_reading_word(reading, node, "basis", bases);
    ret->version = rf_reading_integer(reading, node, "version", true, NULL);
    ret->type = rf_reading_text(reading, node, "type", false, &ret->type_bytes);
    ret->has_at = rf_reading_time(reading, node, "at", &ret->at);
    ret->object = rf_reading_text(reading, node, "object", false, NULL);
    ret->offset = rf_reading_count(reading, node, "offset");
}

static void
read_difference(struct rf_reading *reading, uint32_t node, struct rf_difference *ret)
{
    ret->aggregate = rf_reading_text(reading, node, "aggregate", true, NULL);
    ret->id = rf_reading_text(reading, node, "id", true, &ret->id_bytes);
    ret->version = rf_reading_integer(reading, node, "version", true, NULL);
    ret->kind = (enum rf_difference_kind)rf_reading_word(reading, node, "kind", difference_kinds);
    if (rf_reading_member(reading, node, "cause", RF_JSON_STRING, false) != RF_JSON_NONE) {
        ret->cause = RF_CAUSE_CODE + (enum rf_cause)rf_reading_word(reading, node, "cause", causes);
    }
    rf_reading_hex(reading, node, "cluster", 16, ret->cluster);
    read_changes(reading, node, &ret->changes);
    ret->changes_total = rf_reading_count_if(reading, node, "changes_total");
    ret->changes_total = ret->changes_total == 0 ? ret->changes.count : ret->changes_total;
    read_suspect(reading, node, &ret->suspect);
    ret->message = rf_reading_text(reading, node, "message", false, NULL);
}

static void
read_differences(struct rf_reading *reading, struct rf_notes *notes)
{
    size_t count;
    uint32_t node = rf_reading_objects(reading, 0, "differences", &count);
    notes->differences_total = rf_reading_count(reading, 0, "differences_total");
    for (; count > 0; count--, node = rf_reading_next(reading, node)) {
        RF_GROW(notes->differences, notes->difference_room, notes->difference_count + 1);
        struct rf_difference *difference = &notes->differences[notes->difference_count++];
        memset(difference, 0, sizeof(*difference));
        read_difference(reading, node, difference);
    }
}

void
rf_reading_findings(struct rf_reading *reading, struct rf_notes *notes)
{
    read_tallies(reading, notes);
    read_clusters(reading, notes);
    read_differences(reading, notes);
}

static void
read_damage(struct rf_reading *reading, uint32_t node, struct rf_damages *damages)
{
    struct rf_damage damage = {.kind = RF_DAMAGE_GOLDEN};
    size_t bytes;
    char *kind = rf_reading_text(reading, node, "kind", true, &bytes);
    if (!rf_reading_damage_kind(kind, bytes, &damage.kind) && reading->flaw == NULL) {
        reading->flaw = "kind";
    }
    free(kind);
    damage.object = rf_reading_text(reading, node, "object", false, NULL);
    damage.has_offset =
        rf_reading_member(reading, node, "offset", RF_JSON_NUMBER, false) != RF_JSON_NONE;
    damage.offset = rf_reading_count_if(reading, node, "offset");
    damage.aggregate = rf_reading_text(reading, node, "aggregate", false, NULL);
    damage.id = rf_reading_text(reading, node, "id", false, &damage.id_bytes);
    damage.version = rf_reading_integer(reading, node, "version", false, &damage.has_version);
    damage.message = rf_reading_text(reading, node, "message", false, NULL);
    damage.known = rf_reading_flag(reading, node, "known");
    damage.reason = rf_reading_text(reading, node, "reason", false, NULL);
    rf_damages_add(damages, damage);
}

void
rf_reading_damages(struct rf_reading *reading, struct rf_shard_file *file)
{
    size_t count;
    uint32_t node = rf_reading_objects(reading, 0, "damage", &count);
    for (; count > 0; count--, node = rf_reading_next(reading, node)) {
        read_damage(reading, node, &file->damages);
    }
}

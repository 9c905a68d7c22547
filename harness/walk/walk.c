/* SPDX-License-Identifier: MIT */
/* The walk station: sources are listed, their objects named, sorted, selected and numbered. */
#include "walk/walk.h"

#include <string.h>

#include "base/alloc.h"
#include "base/order.h"
#include "base/path.h"
#include "net/net.h"
#include "walk/export.h"
#include "walk/key.h"
#include "walk/layout.h"
#include "walk/mirrored.h"
#include "walk/overlap.h"
#include "walk/pack.h"
#include "walk/packed.h"
#include "walk/select.h"
#include "walk/source.h"

/* Streams' names that are looked at for one that is known. */
#define SHARED_STREAMS 64

/* What one call of rf_walk gathers; `objects` becomes the result. */
struct walk {
    const struct rf_walk_request *request;
    struct rf_selection selection;
    struct rf_layout *layout; /* owned, or NULL */
    struct rf_object_list list;
    struct rf_objects objects;
    size_t originals; /* sources that are no packs */
    struct rf_err *reterr;
};

void
rf_object_done(struct rf_object *object)
{
    if (object->name != object->key) {
        free(object->name);
    }
    free(object->key);
    free(object->promise);
    free(object->etag);
    free(object->flaw);
    free(object->sha256);
}

bool
rf_objects_selected_by_time(const struct rf_objects *objects)
{
    return objects->outside - objects->unplaced > objects->before;
}

void
rf_objects_done(struct rf_objects *objects)
{
    for (size_t i = 0; i < objects->count; i++) {
        rf_object_done(&objects->items[i]);
    }
    for (size_t i = 0; i < objects->source_count; i++) {
        rf_source_done(&objects->sources[i]);
    }
    rf_net_free(objects->net);
    for (size_t i = 0; i < objects->stream_count; i++) {
        free(objects->streams[i]);
    }
    free(objects->streams);
    free(objects->items);
    free(objects->sources);
    free(objects->hourless_sample);
    free(objects->passed_sample);
    free(objects->ours_sample);
    free(objects->astray_sample);
    free(objects->unfinished);
    memset(objects, 0, sizeof(*objects));
}

/* --- listing --------------------------------------------------------------------------------- */

/** Standard input can be read only once: as a source, or as the list of keys. */
static rf_code
check_stdin(const struct walk *walk)
{
    const struct rf_walk_request *request = walk->request;
    size_t readers = request->keys != NULL && strcmp(request->keys, "-") == 0;
    bool is_source = false;
    for (size_t i = 0; i < request->source_count; i++) {
        if (strcmp(request->sources[i], "-") == 0) {
            readers++;
            is_source = true;
        }
    }
    if (readers > 1) {
        return rf_fail(walk->reterr, RF_ERR_USAGE, "-", "standard input can be read only once");
    }
    if (is_source && rf_selection_given(&walk->selection)) {
        return rf_fail(walk->reterr, RF_ERR_USAGE, "-",
                       "standard input lies in no hour folder, so --since and --until cannot "
                       "select from it");
    }
    return RF_OK;
}

/** Keys are those of the one http source; where there is none, of the one that is a bucket. */
static rf_code
check_keys(const struct walk *walk)
{
    if (walk->request->keys == NULL) {
        return RF_OK;
    }
    size_t count = 0;
    const struct rf_source_kind *const kinds[] = {&rf_source_http, &rf_source_s3};
    for (size_t kind = 0; kind < 2 && count == 0; kind++) {
        for (size_t i = 0; i < walk->objects.source_count; i++) {
            struct rf_source *source = &walk->objects.sources[i];
            source->keyed = source->kind == kinds[kind];
            count += source->keyed;
        }
    }
    if (count != 1) {
        return rf_fail(walk->reterr, RF_ERR_USAGE, "--keys",
                       count == 0 ? "goes with an http(s):// or s3:// source, and none is given"
                                  : "goes with one source on a server, and several are given");
    }
    return RF_OK;
}

/** Whether a source lies below an error prefix, as far as what it is called tells. A table's name
 * is no prefix; what lies in a pack has the names of its own sources. */
static bool
lies_below_errors(const struct rf_source *source)
{
    if (source->kind == &rf_source_table || source->kind == &rf_source_packed) {
        return false;
    }
    char *path =
        source->kind == &rf_source_file ? rf_strdup(source->name) : rf_path_below(source->name, "");
    bool errors = rf_key_errors(path, strlen(path));
    free(path);
    return errors;
}

static rf_code
find_sources(struct walk *walk)
{
    const struct rf_walk_request *request = walk->request;
    size_t count = request->source_count;
    if (count == 0 || count > UINT32_MAX) {
        return rf_fail(walk->reterr, RF_ERR_USAGE, NULL,
                       count == 0 ? "no source is given" : "too many sources");
    }
    RF_TRY(check_stdin(walk));
    size_t packed = count + request->without_count;
    size_t all = packed + request->pending_count;
    walk->objects.sources = rf_calloc(all, sizeof(*walk->objects.sources));
    walk->objects.source_count = all;
    struct rf_net_options options = {0};
    if (request->net != NULL) {
        options = request->net->options;
    }
    options.stop = request->stop;
    walk->objects.net = rf_net_new(&options);
    for (uint32_t i = 0; i < (uint32_t)all; i++) {
        struct rf_source *source = &walk->objects.sources[i];
        const char *path = i < count    ? request->sources[i]
                           : i < packed ? request->without[i - count]
                                        : request->pendings[i - packed];
        RF_TRY(rf_source_init(source, path, i, request, walk->reterr));
        source->net = walk->objects.net;
        source->errors = i < packed && lies_below_errors(source);
        if (i >= count && i < packed && source->kind != &rf_source_packed) {
            return rf_fail(walk->reterr, RF_ERR_USAGE, path, "is no packed history");
        }
        if (i >= packed && source->kind == &rf_source_packed) {
            return rf_fail(walk->reterr, RF_ERR_CORRUPT, path,
                           "is a packed history, and not what a bless kept beside its golden");
        }
        walk->originals += i < packed && source->kind != &rf_source_packed;
    }
    return check_keys(walk);
}

/** Packs alone are the history: there is nothing else that they could be compared with. */
static rf_code
check_verify(const struct walk *walk)
{
    if (walk->request->verify_asked && walk->originals == 0) {
        return rf_fail(walk->reterr, RF_ERR_USAGE, "--verify",
                       "compares a pack with the objects that it was made of: name their source "
                       "too");
    }
    return RF_OK;
}

static rf_code
list_sources(struct walk *walk)
{
    RF_TRY(find_sources(walk));
    RF_TRY(rf_overlap_check(walk->objects.sources, walk->request->source_count, walk->reterr));
    bool packs = false;
    for (size_t i = 0; i < walk->objects.source_count; i++) {
        packs = packs || walk->objects.sources[i].kind == &rf_source_packed;
    }
    for (size_t i = 0; i < walk->objects.source_count; i++) {
        struct rf_source *source = &walk->objects.sources[i];
        source->whole = packs;
        RF_TRY(source->kind->list(source, &walk->list, walk->reterr));
        walk->objects.golden_files += source->golden_files;
        walk->objects.config_files += source->config_files;
        walk->objects.listed.requests += source->listed.requests;
        walk->objects.listed.markers += source->listed.markers;
        walk->objects.listed.before += source->listed.before;
        walk->objects.listed.behind += source->listed.behind;
        walk->objects.listed.unpruned += source->listed.unpruned;
    }
    if (walk->list.count > UINT32_MAX) {
        return rf_fail(walk->reterr, RF_ERR_SOURCE, NULL, "more than %u objects", UINT32_MAX);
    }
    return RF_OK;
}

/* --- naming and sorting ---------------------------------------------------------------------- */

/** A stream's name: a million objects have a few of them. Where there are many, which no real
 * bucket has, they are no longer looked for. */
static const char *
share_stream(struct walk *walk, const char *name, size_t bytes)
{
    struct rf_objects *objects = &walk->objects;
    size_t from =
        objects->stream_count > SHARED_STREAMS ? objects->stream_count - SHARED_STREAMS : 0;
    for (size_t i = objects->stream_count; i-- > from;) {
        if (strncmp(objects->streams[i], name, bytes) == 0 && objects->streams[i][bytes] == '\0') {
            return objects->streams[i];
        }
    }
    RF_GROW(objects->streams, objects->stream_room, objects->stream_count + 1);
    objects->streams[objects->stream_count] = rf_strndup(name, bytes);
    return objects->streams[objects->stream_count++];
}

/** SOURCE/key; owned. */
static char *
object_path(const struct walk *walk, const struct rf_object *object)
{
    const char *source =
        object->origin != NULL ? object->origin : walk->objects.sources[object->source].name;
    return object->is_source ? rf_strdup(source) : rf_path_join(source, object->key);
}

/** By its key, or by what its source is called: an error prefix may be the source. The rest of a
 * broken archive is nothing that Firehose wrote. */
static bool
is_below_errors(const struct walk *walk, const struct rf_object *object)
{
    if (object->is_source && object->flaw != NULL) {
        return false;
    }
    bool errors = walk->objects.sources[object->source].errors ||
                  rf_key_errors(object->key, strlen(object->key));
    if (!errors && object->origin != NULL && !object->of_table) {
        char *path = object_path(walk, object);
        errors = rf_key_errors(path, strlen(path));
        free(path);
    }
    return errors;
}

static void
name_object(struct walk *walk, struct rf_object *object)
{
    const struct rf_source *source = &walk->objects.sources[object->source];
    size_t key_bytes = strlen(object->key);
    struct rf_key_name name = rf_key_name(object->key, key_bytes);
    object->packer_name = name.packer;
    object->odd_name = !name.firehose;
    object->errors = !object->altered && is_below_errors(walk, object);
    if (object->source >= walk->request->source_count + walk->request->without_count) {
        object->pending = true;
        object->odd_name = false;
    }
    if (name.firehose) {
        object->stream = share_stream(walk, object->key + name.stream_start, name.stream_bytes);
    }
    bool is_key = walk->originals == 1 && !object->pending &&
                  (object->is_source || !source->kind->always_named);
    if (object->pack != NULL) {
        object->name = rf_strdup(object->pack->objects[object->packed].name);
    } else if (is_key) {
        object->name = object->key;
    } else {
        object->name =
            object->is_source ? rf_strdup(source->name) : source->kind->name(source, object->key);
    }
}

static int
object_compare(const void *left, const void *right)
{
    const struct rf_object *a = left;
    const struct rf_object *b = right;
    if (a->pending != b->pending) {
        return a->pending ? -1 : 1;
    }
    int order = strcmp(a->key, b->key);
    if (order == 0) {
        order = RF_ORDER(a->source, b->source);
    }
    return order != 0 ? order : RF_ORDER(a->place, b->place);
}

static rf_code
sort_objects(struct walk *walk)
{
    struct rf_object_list *list = &walk->list;
    if (list->count > 0) {
        qsort(list->items, list->count, sizeof(*list->items), object_compare);
    }
    for (size_t i = 1; i < list->count; i++) {
        const struct rf_object *first = &list->items[i - 1];
        struct rf_object *second = &list->items[i];
        if (first->source == second->source && strcmp(first->key, second->key) == 0) {
            const struct rf_source *source = &walk->objects.sources[second->source];
            RF_TRY(source->kind->twice(source, second, walk->reterr));
        }
    }
    return RF_OK;
}

bool
rf_object_is_promising(const struct rf_object *object)
{
    bool named = object->is_source || (object->named && !rf_key_is_hidden(object->key));
    return object->packer_name || (named && !object->of_table);
}

/** What exports promise is noted; what is missing of them is named, and sorted in. */
static rf_code
settle_exports(struct walk *walk)
{
    size_t listed = walk->list.count;
    RF_TRY(rf_export_settle(&walk->objects, &walk->list, walk->reterr));
    for (size_t i = listed; i < walk->list.count; i++) {
        name_object(walk, &walk->list.items[i]);
    }
    return walk->list.count > listed ? sort_objects(walk) : RF_OK;
}

/* --- selecting ------------------------------------------------------------------------------- */

static struct rf_hour
path_hour(const struct walk *walk, const char *as_is, bool errors)
{
    char *path = rf_key_squeezed(as_is);
    size_t bytes = strlen(path);
    struct rf_hour hour = {0, RF_GRAIN_NONE};
    if (walk->layout != NULL) {
        hour = rf_layout_hour(walk->layout, path, bytes);
    }
    /* Firehose writes errors below a prefix of its own, which the layout does not tell. */
    if (walk->layout == NULL || (errors && hour.grain == RF_GRAIN_NONE)) {
        hour = rf_key_hour(path, bytes);
    }
    free(path);
    return hour;
}

/** A table's export holds what came at any time, whatever its folder is called. */
static bool
is_of_export(const struct rf_object *object)
{
    return object->manifest || (object->of_table && !object->is_source);
}

/** Whether the key has a date that cannot be read: then the source's is not the object's either. */
static bool
key_clashes(const struct walk *walk, const struct rf_object *object)
{
    char *path = rf_key_squeezed(object->key);
    bool clashes = walk->layout == NULL && rf_key_hour_clashes(path, strlen(path));
    free(path);
    return clashes;
}

/** The hour from the key; where it tells none, the source may lie within the layout. */
static struct rf_hour
object_hour(const struct walk *walk, const struct rf_object *object)
{
    if (is_of_export(object)) {
        return (struct rf_hour){0, RF_GRAIN_NONE};
    }
    bool errors = object->errors || (object->altered && is_below_errors(walk, object));
    struct rf_hour hour = path_hour(walk, object->key, errors);
    if (hour.grain == RF_GRAIN_NONE && !key_clashes(walk, object)) {
        char *path = object_path(walk, object);
        hour = path_hour(walk, path, errors);
        free(path);
    }
    return hour;
}

/** Whether there is an object that the layout places. */
static bool
layout_fits(const struct walk *walk)
{
    bool fits = false;
    for (size_t i = 0; i < walk->list.count && !fits; i++) {
        struct rf_object object = walk->list.items[i];
        object.errors = false; /* of these the usual layouts are tried too */
        object.altered = false;
        fits = !object.pending && object_hour(walk, &object).grain != RF_GRAIN_NONE;
    }
    return fits;
}

/** A packer's object of which no hour is told. */
static rf_code
fail_hourless(const struct walk *walk, const struct rf_object *object)
{
    const char *layout = walk->request->layout;
    if (layout == NULL) {
        return rf_fail(walk->reterr, RF_ERR_USAGE, object->name,
                       "its folders tell no hour, so --since and --until cannot place it; say how "
                       "folders are named with \"layout\" in the config, such as "
                       "\"!{timestamp:yyyy/MM/dd/HH}/\"");
    }
    if (layout_fits(walk)) {
        return rf_fail(walk->reterr, RF_ERR_USAGE, object->name,
                       "the config's \"layout\", %.200s, does not fit its folders, as it fits "
                       "others, so --since and --until cannot place it: name sources of one layout",
                       layout);
    }
    bool timeless = strstr(layout, "!{timestamp:") == NULL;
    char *path = object_path(walk, object);
    char *slash = strrchr(path, '/');
    if (slash != NULL) {
        slash[1] = '\0';
    }
    bool usual = rf_key_hour(path, strlen(path)).grain != RF_GRAIN_NONE;
    rf_code code = rf_fail(walk->reterr, RF_ERR_USAGE, "layout",
                           "%.128s fits none of the folders, such as %.128s, so --since and "
                           "--until cannot place what they hold%s; %s",
                           layout, slash == NULL ? "./" : path,
                           timeless ? " (it has no !{timestamp:...}: yyyy/MM/dd/HH/ is meant "
                                      "behind it)"
                                    : "",
                           usual ? "without \"layout\" they tell their hours"
                                 : "write how they are named, such as "
                                   "\"!{timestamp:yyyy/MM/dd/HH}/\"");
    free(path);
    return code;
}

/** Whether an object is in. What no packer named must not stop the others from being selected: it
 * is left out, and said; but read before, for it must hold no events. */
static rf_code
select_object(struct walk *walk, struct rf_object *object, bool *ret_in)
{
    const struct rf_selection *selection = &walk->selection;
    if (object->pending || (object->is_source && (object->flaw != NULL || object->of_table))) {
        *ret_in = true; /* of any hour, as the rest of an archive is, for all that is known */
        return RF_OK;
    }
    if (is_of_export(object)) {
        return rf_fail(walk->reterr, RF_ERR_USAGE, object->name,
                       "is of a table's export, which knows no hours: --since and --until cannot "
                       "select from it");
    }
    struct rf_hour hour = object_hour(walk, object);
    object->hour = hour;
    bool told = hour.grain != RF_GRAIN_NONE;
    if (object->packer_name && !told) {
        return fail_hourless(walk, object);
    }
    if (object->packer_name) {
        RF_TRY(rf_selection_check_grain(selection, hour.grain, object->name, walk->reterr));
    }
    if (!told || rf_selection_cuts(selection, hour)) {
        if (walk->objects.hourless++ == 0) {
            walk->objects.hourless_sample = rf_strdup(object->name);
        }
        object->hourless = true;
        *ret_in = walk->request->reads;
        walk->objects.unplaced += !told && !*ret_in;
        return RF_OK;
    }
    *ret_in = rf_selection_has(selection, hour);
    walk->objects.before += hour.hour < selection->since;
    return RF_OK;
}

/** Where nothing is selected, hours are only told. */
static void
tell_hours(struct walk *walk)
{
    for (size_t i = 0; walk->request->hours && i < walk->list.count; i++) {
        walk->list.items[i].hour = object_hour(walk, &walk->list.items[i]);
    }
}

/** Whether an object of the source below this folder was selected by its hour: of what is in, in
 * order. */
static bool
is_selected_below(const struct walk *walk, size_t in_count, uint32_t source, const char *folder)
{
    size_t bytes = strlen(folder);
    size_t low = 0;
    size_t high = in_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct rf_object *object = &walk->list.items[middle];
        bool is_before = object->pending || strcmp(object->key, folder) < 0;
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    for (; low < in_count; low++) {
        const struct rf_object *object = &walk->list.items[low];
        if (strncmp(object->key, folder, bytes) != 0) {
            return false;
        }
        if (object->source == source && !object->hourless) {
            return true;
        }
    }
    return false;
}

static int
compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/** Counts folders of buckets that were passed over as a whole. */
static void
count_passed(struct walk *walk, size_t in_count)
{
    for (uint32_t i = 0; i < walk->request->source_count; i++) {
        struct rf_source *source = &walk->objects.sources[i];
        struct rf_folders *fronts = &source->fronts;
        if (fronts->count > 1) {
            qsort(fronts->names, fronts->count, sizeof(*fronts->names), compare_names);
        }
        for (size_t at = 0; at < fronts->count; at++) {
            const char *front = fronts->names[at];
            bool again = at > 0 && strcmp(front, fronts->names[at - 1]) == 0;
            if (!again && !is_selected_below(walk, in_count, i, front) &&
                walk->objects.passed++ == 0) {
                walk->objects.passed_sample = rf_path_below(source->name, front);
            }
        }
    }
}

/** Moves what is in to the front, in order, and frees the rest. */
static rf_code
select_objects(struct walk *walk)
{
    struct rf_object *items = walk->list.items;
    size_t listed = walk->list.count;
    size_t in_count = 0;
    if (!rf_selection_given(&walk->selection)) {
        tell_hours(walk);
        return RF_OK;
    }
    for (size_t i = 0; i < listed; i++) {
        bool in = false;
        RF_TRY(select_object(walk, &items[i], &in));
        if (in) {
            struct rf_object swap = items[in_count];
            items[in_count++] = items[i];
            items[i] = swap;
        } else {
            walk->objects.outside++;
            walk->objects.outside_bytes += items[i].bytes == RF_BYTES_UNKNOWN ? 0 : items[i].bytes;
        }
    }
    RF_VERIFY(in_count + walk->objects.outside == listed);
    count_passed(walk, in_count);
    walk->objects.outside += walk->objects.listed.before + walk->objects.listed.behind;
    walk->objects.before += walk->objects.listed.before;
    for (size_t i = in_count; i < listed; i++) {
        rf_object_done(&items[i]);
    }
    walk->list.count = in_count;
    return RF_OK;
}

/* --- all of it ------------------------------------------------------------------------------- */

static rf_code
walk_prepare(struct walk *walk)
{
    const struct rf_walk_request *request = walk->request;
    RF_TRY(rf_selection_parse(request->since, request->until, &walk->selection, walk->reterr));
    if (request->layout == NULL) {
        return RF_OK;
    }
    RF_TRY(rf_layout_new(request->layout, &walk->layout, walk->reterr));
    return rf_selection_check_grain(&walk->selection, rf_layout_grain(walk->layout), "layout",
                                    walk->reterr);
}

static rf_code
walk_sources(struct walk *walk)
{
    RF_TRY(walk_prepare(walk));
    RF_TRY(list_sources(walk));
    RF_TRY(check_verify(walk));
    bool packed = walk->originals < walk->request->source_count + walk->request->without_count;
    RF_TRY(rf_mirrored_settle(walk->request, &walk->objects, &walk->list, packed, walk->reterr));
    for (size_t i = 0; i < walk->list.count; i++) {
        name_object(walk, &walk->list.items[i]);
    }
    RF_TRY(sort_objects(walk));
    RF_TRY(rf_overlap_check_files(walk->objects.sources, walk->request->source_count, &walk->list,
                                  walk->reterr));
    RF_TRY(settle_exports(walk));
    RF_TRY(rf_packed_settle(walk->request, &walk->objects, &walk->list, walk->reterr));
    return select_objects(walk);
}

rf_code
rf_walk(const struct rf_walk_request *request, struct rf_objects *ret, struct rf_err *reterr)
{
    struct walk walk = {.request = request, .reterr = reterr};
    rf_code code = walk_sources(&walk);
    rf_layout_free(walk.layout);
    walk.objects.items = walk.list.items;
    walk.objects.count = walk.list.count;
    if (code != RF_OK) {
        rf_objects_done(&walk.objects);
        return code;
    }
    for (size_t i = 0; i < walk.objects.count; i++) {
        walk.objects.items[i].number = (uint32_t)i;
    }
    for (size_t i = 0; i < walk.objects.source_count; i++) {
        walk.objects.sources[i].request = NULL;
    }
    *ret = walk.objects;
    return RF_OK;
}

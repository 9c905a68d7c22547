/* SPDX-License-Identifier: MIT */
/* The walk station: sources are listed, their objects named, sorted, selected and numbered. */
#include "walk/walk.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "walk/folder.h"
#include "walk/key.h"
#include "walk/layout.h"
#include "walk/select.h"

/* What one call of rf_walk gathers; `objects` becomes the result. */
struct walk {
    const struct rf_walk_request *request;
    struct rf_selection selection;
    struct rf_layout *layout; /* owned, or NULL */
    struct rf_object_list list;
    struct rf_objects objects;
    struct rf_err *reterr;
};

static void
object_done(struct rf_object *object)
{
    if (object->name != object->key) {
        free(object->name);
    }
    free(object->key);
    free(object->stream);
}

void
rf_objects_done(struct rf_objects *objects)
{
    for (size_t i = 0; i < objects->count; i++) {
        object_done(&objects->items[i]);
    }
    for (size_t i = 0; i < objects->source_count; i++) {
        free(objects->sources[i]);
    }
    free(objects->items);
    free(objects->sources);
    free(objects->hourless_sample);
    memset(objects, 0, sizeof(*objects));
}

/* --- listing --------------------------------------------------------------------------------- */

static rf_code
list_stdin(struct walk *walk, uint32_t source)
{
    for (uint32_t i = 0; i < source; i++) {
        if (strcmp(walk->request->sources[i], "-") == 0) {
            return rf_fail(walk->reterr, RF_ERR_USAGE, "-", "standard input can be read only once");
        }
    }
    if (rf_selection_given(&walk->selection)) {
        return rf_fail(walk->reterr, RF_ERR_USAGE, "-",
                       "standard input lies in no hour folder, so --since and --until cannot "
                       "select from it");
    }
    struct stat nothing = {.st_mode = S_IFREG};
    struct rf_object *object = rf_object_list_add(&walk->list, rf_strdup("-"), source, &nothing);
    object->bytes = RF_BYTES_UNKNOWN;
    object->is_source = true;
    return RF_OK;
}

static rf_code
list_file(struct walk *walk, uint32_t source, const struct stat *stat)
{
    const char *path = walk->request->sources[source];
    if (!S_ISREG(stat->st_mode)) {
        return rf_fail(walk->reterr, RF_ERR_USAGE, path,
                       "neither a file nor a folder; a pipe is read as '-', from standard input");
    }
    const char *slash = strrchr(path, '/');
    char *key = rf_strdup(slash == NULL ? path : slash + 1);
    rf_object_list_add(&walk->list, key, source, stat)->is_source = true;
    return RF_OK;
}

static rf_code
list_source(struct walk *walk, uint32_t source)
{
    const char *path = walk->request->sources[source];
    struct stat found;
    if (strcmp(path, "-") == 0) {
        return list_stdin(walk, source);
    }
    if (stat(path, &found) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return rf_fail(walk->reterr, RF_ERR_USAGE, NULL, "no such source '%s'", path);
        }
        return rf_fail_errno(walk->reterr, RF_ERR_SOURCE, path, "cannot be looked at");
    }
    if (S_ISDIR(found.st_mode)) {
        return rf_folder_walk(path, source, &walk->list, walk->reterr);
    }
    return list_file(walk, source, &found);
}

static rf_code
list_sources(struct walk *walk)
{
    size_t count = walk->request->source_count;
    if (count == 0 || count > UINT32_MAX) {
        return rf_fail(walk->reterr, RF_ERR_USAGE, NULL,
                       count == 0 ? "no source is given" : "too many sources");
    }
    for (uint32_t i = 0; i < (uint32_t)count; i++) {
        RF_TRY(list_source(walk, i));
    }
    if (walk->list.count > UINT32_MAX) {
        return rf_fail(walk->reterr, RF_ERR_SOURCE, NULL, "more than %u objects", UINT32_MAX);
    }
    return RF_OK;
}

/* --- naming and sorting ---------------------------------------------------------------------- */

static void
name_object(const struct rf_walk_request *request, struct rf_object *object)
{
    const char *source = request->sources[object->source];
    size_t key_bytes = strlen(object->key);
    struct rf_key_name name = rf_key_name(object->key, key_bytes);
    object->packer_name = name.packer;
    object->odd_name = !name.firehose;
    object->errors = rf_key_errors(object->key, key_bytes);
    if (name.firehose) {
        object->stream = rf_strndup(object->key + name.stream_start, name.stream_bytes);
    }
    if (request->source_count == 1) {
        object->name = object->key;
    } else {
        object->name = object->is_source ? rf_strdup(source) : rf_path_join(source, object->key);
    }
}

static int
object_compare(const void *left, const void *right)
{
    const struct rf_object *a = left;
    const struct rf_object *b = right;
    int order = strcmp(a->key, b->key);
    return order != 0 ? order : (a->source > b->source) - (a->source < b->source);
}

/** Sorts. A file system may list an entry twice where its folder changes meanwhile; then others may
 * be missing too. */
static rf_code
sort_objects(struct walk *walk)
{
    struct rf_object_list *list = &walk->list;
    if (list->count > 0) {
        qsort(list->items, list->count, sizeof(*list->items), object_compare);
    }
    for (size_t i = 1; i < list->count; i++) {
        if (object_compare(&list->items[i - 1], &list->items[i]) == 0) {
            return rf_fail(walk->reterr, RF_ERR_SOURCE, list->items[i].name,
                           "listed twice: its folder changed while it was listed");
        }
    }
    return RF_OK;
}

/* --- selecting ------------------------------------------------------------------------------- */

static struct rf_hour
path_hour(const struct walk *walk, const char *path, bool errors)
{
    size_t bytes = strlen(path);
    struct rf_hour hour = {0, RF_GRAIN_NONE};
    if (walk->layout != NULL) {
        hour = rf_layout_hour(walk->layout, path, bytes);
    }
    /* Firehose writes errors below a prefix of its own, which the layout does not tell. */
    if (walk->layout == NULL || (errors && hour.grain == RF_GRAIN_NONE)) {
        hour = rf_key_hour(path, bytes);
    }
    return hour;
}

/** The hour from the key; where it tells none, the source may lie within the layout. */
static struct rf_hour
object_hour(const struct walk *walk, const struct rf_object *object)
{
    const char *source = walk->request->sources[object->source];
    struct rf_hour hour = path_hour(walk, object->key, object->errors);
    if (hour.grain == RF_GRAIN_NONE) {
        char *path = object->is_source ? rf_strdup(source) : rf_path_join(source, object->key);
        hour = path_hour(walk, path, object->errors);
        free(path);
    }
    return hour;
}

/** Whether an object is in. What no packer named must not stop the others from being selected: it
 * is left out, and said. */
static rf_code
select_object(struct walk *walk, const struct rf_object *object, bool *ret_in)
{
    const struct rf_selection *selection = &walk->selection;
    struct rf_hour hour = object_hour(walk, object);
    bool told = hour.grain != RF_GRAIN_NONE;
    if (object->packer_name && !told) {
        return rf_fail(walk->reterr, RF_ERR_USAGE, object->name,
                       "its folders tell no hour, so --since and --until cannot place it; say how "
                       "folders are named with \"layout\" in the config, such as "
                       "\"!{timestamp:yyyy/MM/dd/HH}/\"");
    }
    if (object->packer_name) {
        RF_TRY(rf_selection_check_grain(selection, hour.grain, object->name, walk->reterr));
    }
    if (!told || rf_selection_cuts(selection, hour)) {
        if (walk->objects.hourless++ == 0) {
            walk->objects.hourless_sample = rf_strdup(object->name);
        }
        *ret_in = false;
        return RF_OK;
    }
    *ret_in = rf_selection_has(selection, hour);
    return RF_OK;
}

/** Moves what is in to the front, in order, and frees the rest. */
static rf_code
select_objects(struct walk *walk)
{
    struct rf_object *items = walk->list.items;
    size_t listed = walk->list.count;
    size_t in_count = 0;
    if (!rf_selection_given(&walk->selection)) {
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
        }
    }
    RF_VERIFY(in_count + walk->objects.outside == listed);
    RF_VERIFY(walk->objects.hourless <= walk->objects.outside);
    for (size_t i = in_count; i < listed; i++) {
        object_done(&items[i]);
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
    for (size_t i = 0; i < walk->list.count; i++) {
        name_object(walk->request, &walk->list.items[i]);
    }
    RF_TRY(sort_objects(walk));
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
    walk.objects.sources = rf_calloc(request->source_count, sizeof(char *));
    walk.objects.source_count = request->source_count;
    for (size_t i = 0; i < request->source_count; i++) {
        walk.objects.sources[i] = rf_strdup(request->sources[i]);
    }
    *ret = walk.objects;
    return RF_OK;
}

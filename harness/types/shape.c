/* SPDX-License-Identifier: MIT */
/* The shape of the data of one event type: its paths, and what stands at each. */
#include "types/shape.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/json_pointer.h"
#include "history/data.h"

/** What a path takes, with what it may own besides its key and values. */
#define PATH_COST (sizeof(struct rf_data_path) + 2 * sizeof(struct rf_number) + 64)
/** A reader that holds more nodes after an event gives them back: few events are so large. */
#define KEPT_NODES 4096
/** A tree that was too large is brought down to this part of the limit: folding is not for free. */
#define CALM_PATHS (RF_LIMIT_PATHS / 4 * 3)

struct rf_shaper {
    struct rf_json levels[RF_LIMIT_PATH_STEPS + 1]; /**< for each depth: the container there */
    struct rf_data_path_scratch scratch;
    struct rf_data_reader data;
    struct rf_buf key;
    struct rf_json whole;    /**< of data in which a key is repeated */
    struct rf_buf canonical; /**< the same with the last of each */
    uint64_t event;          /**< number of the event at hand, from 1 */
};

struct rf_shaper *
rf_shaper_new(const struct rf_names *names)
{
    struct rf_shaper *shaper = rf_calloc(1, sizeof(*shaper));
    shaper->data.names = names;
    return shaper;
}

void
rf_shaper_free(struct rf_shaper *shaper)
{
    if (shaper == NULL) {
        return;
    }
    rf_data_reader_done(&shaper->data);
    for (size_t i = 0; i <= RF_LIMIT_PATH_STEPS; i++) {
        rf_json_done(&shaper->levels[i]);
    }
    rf_json_done(&shaper->whole);
    rf_buf_done(&shaper->scratch.text);
    rf_buf_done(&shaper->key);
    rf_buf_done(&shaper->canonical);
    free(shaper);
}

/* ---- paths come and go ----------------------------------------------------------------------- */

/** @key  NULL: of elements, or of folded keys.  @return NULL where memory is used up */
static struct rf_data_path *
new_path(struct rf_shape_tree *tree, const char *key, size_t key_bytes)
{
    size_t cost = PATH_COST + key_bytes;
    if (*tree->room < cost) {
        tree->cut = true;
        return NULL;
    }
    *tree->room -= cost;
    tree->path_count++;
    struct rf_data_path *path = rf_calloc(1, sizeof(*path));
    if (key != NULL) {
        path->key = rf_strndup(key, key_bytes);
        path->key_bytes = key_bytes;
    }
    return path;
}

/** With all that is below it. */
static void
free_path(struct rf_shape_tree *tree, struct rf_data_path *path)
{
    if (path == NULL) {
        return;
    }
    for (size_t i = 0; i < path->member_count; i++) {
        free_path(tree, path->members[i]);
    }
    free_path(tree, path->any);
    free_path(tree, path->element);
    *tree->room += PATH_COST + path->key_bytes;
    tree->path_count--;
    rf_data_path_done(path, tree->room);
    free(path);
}

/** Events of a type have their members in the same order, as a rule: it is looked for from where
 * the one before was found. */
static struct rf_data_path *
find_member(struct rf_data_path *object, const char *key, size_t key_bytes)
{
    size_t count = object->member_count;
    size_t at = object->next_member < count ? object->next_member : 0;
    for (size_t i = 0; i < count; i++) {
        struct rf_data_path *member = object->members[at++];
        if (rf_bytes_same(member->key, member->key_bytes, key, key_bytes)) {
            object->next_member = at;
            return member;
        }
        at = at < count ? at : 0;
    }
    return NULL;
}

static void join_paths(struct rf_shape_tree *tree, struct rf_data_path *path,
                       const struct rf_data_path *other);

/** All members, of which there is at least one, become the first of them: that takes no memory. */
static void
fold_members(struct rf_shape_tree *tree, struct rf_data_path *object)
{
    struct rf_data_path *any = object->members[0];
    *tree->room += any->key_bytes;
    free(any->key);
    any->key = NULL;
    any->key_bytes = 0;
    for (size_t i = 1; i < object->member_count; i++) {
        join_paths(tree, any, object->members[i]);
        free_path(tree, object->members[i]);
    }
    object->any = any;
    object->member_count = 0;
}

/** The path for a key: a member's, or that of all of them. NULL where memory is used up. */
static struct rf_data_path *
take_member(struct rf_shape_tree *tree, struct rf_data_path *object, const char *key,
            size_t key_bytes)
{
    struct rf_data_path *member =
        object->any != NULL ? object->any : find_member(object, key, key_bytes);
    if (member != NULL) {
        return member;
    }
    if (object->member_count == RF_LIMIT_KEYS) {
        fold_members(tree, object);
        return object->any;
    }
    member = new_path(tree, key, key_bytes);
    if (member != NULL) {
        RF_GROW(object->members, object->member_room, object->member_count + 1);
        object->members[object->member_count++] = member;
    }
    return member;
}

static struct rf_data_path *
take_element(struct rf_shape_tree *tree, struct rf_data_path *array)
{
    if (array->element == NULL) {
        array->element = new_path(tree, NULL, 0);
    }
    return array->element;
}

static void
join_members(struct rf_shape_tree *tree, struct rf_data_path *path,
             const struct rf_data_path *other)
{
    if (other->any != NULL && path->member_count > 0) {
        fold_members(tree, path);
    }
    if (other->any != NULL && path->any == NULL) {
        path->any = new_path(tree, NULL, 0);
    }
    if (other->any != NULL && path->any != NULL) {
        join_paths(tree, path->any, other->any);
    }
    for (size_t i = 0; i < other->member_count; i++) {
        const struct rf_data_path *from = other->members[i];
        struct rf_data_path *member = take_member(tree, path, from->key, from->key_bytes);
        if (member != NULL) {
            join_paths(tree, member, from);
        }
    }
}

static void
join_paths(struct rf_shape_tree *tree, struct rf_data_path *path, const struct rf_data_path *other)
{
    rf_data_path_join(path, other, tree->room);
    join_members(tree, path, other);
    struct rf_data_path *element = other->element == NULL ? NULL : take_element(tree, path);
    if (element != NULL) {
        join_paths(tree, element, other->element);
    }
}

/* ---- too many paths -------------------------------------------------------------------------- */

/** The object with the most members, the first of several on the way downwards. */
static void
find_widest(struct rf_data_path *path, struct rf_data_path **widest)
{
    if (path == NULL) {
        return;
    }
    if (path->member_count > (*widest)->member_count) {
        *widest = path;
    }
    for (size_t i = 0; i < path->member_count; i++) {
        find_widest(path->members[i], widest);
    }
    find_widest(path->any, widest);
    find_widest(path->element, widest);
}

/** Between two events: no one holds a path of the tree. */
static void
calm_down(struct rf_shape_tree *tree)
{
    if (tree->path_count <= RF_LIMIT_PATHS) {
        return;
    }
    while (tree->path_count > CALM_PATHS) {
        struct rf_data_path *widest = tree->root;
        find_widest(tree->root, &widest);
        if (widest->member_count < 2) {
            break; /* nothing to be gained; depth alone makes a few thousand at most */
        }
        tree->crowded = true;
        fold_members(tree, widest);
    }
}

/* ---- one event ------------------------------------------------------------------------------- */

static void look_into(struct rf_shape_tree *tree, struct rf_shaper *shaper,
                      struct rf_data_path *path, size_t depth);

static bool
is_container(const struct rf_json *doc, uint32_t node)
{
    return doc->nodes[node].kind == RF_JSON_OBJECT || doc->nodes[node].kind == RF_JSON_ARRAY;
}

static void
count_value(struct rf_shape_tree *tree, struct rf_shaper *shaper, struct rf_data_path *path,
            const struct rf_json *doc, uint32_t node)
{
    if (path->last_event != shaper->event) {
        path->last_event = shaper->event;
        path->events++;
    }
    rf_data_path_see(path, doc, node, &shaper->scratch, tree->room);
}

/** @depth  steps that lead to the path */
static void
see_value(struct rf_shape_tree *tree, struct rf_shaper *shaper, struct rf_data_path *path,
          const struct rf_json *doc, uint32_t node, size_t depth)
{
    count_value(tree, shaper, path, doc, node);
    if (is_container(doc, node)) {
        size_t bytes;
        const char *text = rf_json_token(doc, node, &bytes);
        rf_json_skim(&shaper->levels[depth], text, bytes);
        look_into(tree, shaper, path, depth);
    }
}

static void
see_members(struct rf_shape_tree *tree, struct rf_shaper *shaper, struct rf_data_path *path,
            size_t depth)
{
    const struct rf_json *doc = &shaper->levels[depth];
    path->next_member = 0;
    for (uint32_t node = 1; node + 1 < doc->used; node += 2) {
        const char *key;
        size_t key_bytes;
        rf_json_string(doc, node, &shaper->key, &key, &key_bytes);
        struct rf_data_path *member = take_member(tree, path, key, key_bytes);
        if (member != NULL) {
            see_value(tree, shaper, member, doc, node + 1, depth + 1);
        }
    }
}

static void
see_elements(struct rf_shape_tree *tree, struct rf_shaper *shaper, struct rf_data_path *path,
             size_t depth)
{
    const struct rf_json *doc = &shaper->levels[depth];
    struct rf_data_path *element = doc->used > 1 ? take_element(tree, path) : NULL;
    for (uint32_t node = 1; element != NULL && node < doc->used; node++) {
        see_value(tree, shaper, element, doc, node, depth + 1);
    }
}

/** What is in the array or object that shaper->levels[depth] holds. */
static void
look_into(struct rf_shape_tree *tree, struct rf_shaper *shaper, struct rf_data_path *path,
          size_t depth)
{
    const struct rf_json_node *container = &shaper->levels[depth].nodes[0];
    if (container->kind == RF_JSON_ARRAY) {
        rf_data_path_see_elements(path, container->count);
    }
    if (depth == RF_LIMIT_PATH_STEPS) {
        tree->deep = tree->deep || container->count > 0;
    } else if (container->kind == RF_JSON_OBJECT) {
        see_members(tree, shaper, path, depth);
    } else {
        see_elements(tree, shaper, path, depth);
    }
}

/** The data as it counts: of a repeated key the last. */
static void
read_data(struct rf_shaper *shaper, const struct rf_packed_event *event)
{
    size_t bytes;
    const char *text = rf_event_data(&shaper->data, event, &bytes);
    if ((event->flags & RF_EVENT_REPEATS) != 0) {
        rf_buf_clear(&shaper->canonical);
        RF_VERIFY(rf_json_read_whole(&shaper->whole, text, bytes, NULL) == RF_OK);
        RF_VERIFY(rf_json_canonical(&shaper->whole, 0, true, &shaper->canonical, NULL) == RF_OK);
        text = shaper->canonical.bytes;
        bytes = shaper->canonical.used;
    }
    rf_json_skim(&shaper->levels[0], text, bytes);
}

static void
give_back_nodes(struct rf_shaper *shaper)
{
    for (size_t i = 0; i <= RF_LIMIT_PATH_STEPS; i++) {
        if (shaper->levels[i].room > KEPT_NODES) {
            rf_json_done(&shaper->levels[i]);
        }
    }
}

void
rf_shape_add(struct rf_shape_tree *tree, struct rf_shaper *shaper,
             const struct rf_packed_event *event)
{
    if (tree->root == NULL) {
        tree->root = new_path(tree, NULL, 0);
    }
    if (tree->root == NULL) {
        return;
    }
    shaper->event++;
    read_data(shaper, event);
    count_value(tree, shaper, tree->root, &shaper->levels[0], 0);
    if (is_container(&shaper->levels[0], 0)) {
        look_into(tree, shaper, tree->root, 0);
    }
    give_back_nodes(shaper);
    calm_down(tree);
}

/* ---- whole trees ----------------------------------------------------------------------------- */

void
rf_shape_join(struct rf_shape_tree *tree, const struct rf_shape_tree *other)
{
    tree->crowded = tree->crowded || other->crowded;
    tree->cut = tree->cut || other->cut;
    tree->deep = tree->deep || other->deep;
    if (other->root == NULL) {
        return;
    }
    if (tree->root == NULL) {
        tree->root = new_path(tree, NULL, 0);
    }
    if (tree->root != NULL) {
        join_paths(tree, tree->root, other->root);
        calm_down(tree);
    }
}

static int
compare_keys(const void *left, const void *right)
{
    const struct rf_data_path *a = *(const struct rf_data_path *const *)left;
    const struct rf_data_path *b = *(const struct rf_data_path *const *)right;
    return rf_bytes_compare(a->key, a->key_bytes, b->key, b->key_bytes);
}

static void
sort_path(struct rf_data_path *path)
{
    if (path == NULL) {
        return;
    }
    rf_value_set_sort(&path->values);
    if (path->member_count > 1) {
        qsort(path->members, path->member_count, sizeof(*path->members), compare_keys);
    }
    for (size_t i = 0; i < path->member_count; i++) {
        sort_path(path->members[i]);
    }
    sort_path(path->any);
    sort_path(path->element);
}

void
rf_shape_sort(struct rf_shape_tree *tree)
{
    sort_path(tree->root);
}

static void
hide_path(struct rf_shape_tree *tree, struct rf_data_path *path)
{
    for (size_t i = 0; i < path->member_count; i++) {
        free_path(tree, path->members[i]);
    }
    free_path(tree, path->any);
    free_path(tree, path->element);
    path->member_count = 0;
    path->any = NULL;
    path->element = NULL;
    rf_data_path_hide(path, tree->room);
}

static struct rf_mask_place
step_to(const struct rf_mask *mask, const struct rf_mask_place *from,
        const struct rf_data_path *member)
{
    struct rf_buf step = {0};
    rf_pointer_push(&step, member->key_bytes == 0 ? "" : member->key, member->key_bytes);
    struct rf_mask_place place = rf_mask_step(mask, from, step.bytes + 1, step.used - 1, true);
    rf_buf_done(&step);
    return place;
}

static void
hide_below(struct rf_shape_tree *tree, struct rf_data_path *path, const struct rf_mask *mask,
           const struct rf_mask_place *place)
{
    if (place->masked) {
        hide_path(tree, path);
        return;
    }
    bool hides_keys = false;
    for (size_t i = 0; i < path->member_count && !hides_keys; i++) {
        hides_keys = step_to(mask, place, path->members[i]).masked_key;
    }
    if (hides_keys) {
        fold_members(tree, path);
    }
    for (size_t i = 0; i < path->member_count; i++) {
        struct rf_mask_place inner = step_to(mask, place, path->members[i]);
        hide_below(tree, path->members[i], mask, &inner);
    }
    /* Of these the steps are not known any more: what may be meant is hidden. */
    struct rf_mask_place any = rf_mask_step(mask, place, NULL, 0, true);
    if (path->any != NULL) {
        hide_below(tree, path->any, mask, &any);
    }
    if (path->element != NULL) {
        hide_below(tree, path->element, mask, &any);
    }
}

void
rf_shape_hide(struct rf_shape_tree *tree, const struct rf_mask *mask)
{
    if (tree->root != NULL && mask == NULL) {
        hide_path(tree, tree->root);
    } else if (tree->root != NULL) {
        struct rf_mask_place place = rf_mask_root(mask);
        hide_below(tree, tree->root, mask, &place);
    }
}

void
rf_shape_done(struct rf_shape_tree *tree)
{
    free_path(tree, tree->root);
    tree->root = NULL;
}

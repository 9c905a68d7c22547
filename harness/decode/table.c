/* SPDX-License-Identifier: MIT */
/* What DynamoDB tells of a table: which attributes of its images are news, and the event in each.
 */
#include "decode/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/order.h"
#include "decode/attribute.h"
#include "decode/wrapped.h"

/** What a record consists of: nodes, or RF_JSON_NONE. */
struct form {
    uint32_t change; /**< what the images are members of */
    uint32_t keys;   /**< of the item */
    uint32_t fresh;  /**< its new image */
    uint32_t old;    /**< its old image */
    bool removed;    /**< the item is gone */
    bool whole;      /**< all of the new image counts, not only what the old one lacks */
};

void
rf_table_init(struct rf_table_reader *reader)
{
    memset(reader, 0, sizeof(*reader));
    rf_code code = rf_envelope_parse("eventsource", &reader->stored, NULL);
    RF_VERIFY(code == RF_OK);
    rf_record_init(&reader->events);
    rf_record_begin(&reader->events, &reader->stored);
}

void
rf_table_done(struct rf_table_reader *reader)
{
    free(reader->changes);
    free(reader->ids);
    rf_buf_done(&reader->id_text);
    rf_record_done(&reader->events);
    rf_envelope_done(&reader->stored);
    rf_json_done(&reader->doc);
    rf_buf_done(&reader->names);
    rf_buf_done(&reader->bytes);
    rf_buf_done(&reader->other);
    rf_buf_done(&reader->message);
}

/* ---- members --------------------------------------------------------------------------------- */

static uint32_t
find(const struct rf_json *doc, uint32_t node, const char *key)
{
    return node == RF_JSON_NONE ? RF_JSON_NONE : rf_json_member(doc, node, key, strlen(key), NULL);
}

/** An object that holds something: who writes null or {} for what is not there, means that. */
static uint32_t
find_object(const struct rf_json *doc, uint32_t node, const char *key)
{
    uint32_t found = find(doc, node, key);
    bool holds = found != RF_JSON_NONE && doc->nodes[found].kind == RF_JSON_OBJECT &&
                 doc->nodes[found].count > 0;
    return holds ? found : RF_JSON_NONE;
}

static bool
text_is(const struct rf_json *doc, uint32_t node, const char *text)
{
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    if (node == RF_JSON_NONE || doc->nodes[node].kind != RF_JSON_STRING) {
        return false;
    }
    rf_json_string(doc, node, &scratch, &bytes, &count);
    bool same = count == strlen(text) && memcmp(bytes, text, count) == 0;
    rf_buf_done(&scratch);
    return same;
}

/** The one of these keys that stands twice in the object, or NULL. */
static const char *
find_repeated(const struct rf_json *doc, uint32_t node, const char *const *keys)
{
    bool repeated = false;
    for (; node != RF_JSON_NONE && *keys != NULL; keys++) {
        (void)rf_json_member(doc, node, *keys, strlen(*keys), &repeated);
        if (repeated) {
            return *keys;
        }
    }
    return NULL;
}

/* ---- what a record is ------------------------------------------------------------------------ */

/** Whether a member is an attribute that holds an event: its name is `_` and a digit, its value
 * binary. */
static bool
is_event_attribute(const struct rf_json *doc, uint32_t key)
{
    uint32_t tag;
    const char *name = doc->text + doc->nodes[key].start + 1;
    return doc->nodes[key].end - doc->nodes[key].start >= 4 && name[0] == '_' && name[1] >= '0' &&
           name[1] <= '9' && rf_attribute_value(doc, key + 1, &tag) != RF_JSON_NONE &&
           rf_attribute_is(doc, tag, 'B');
}

static bool
is_bare_image(const struct rf_json *doc, uint32_t node)
{
    uint32_t key = node + 1;
    for (uint32_t left = doc->nodes[node].count; left > 0; left--) {
        if (is_event_attribute(doc, key)) {
            return true;
        }
        key = doc->nodes[key + 1].next;
    }
    return false;
}

/** Whether an object is a change of an item: what a stream record has below `dynamodb`, or a line
 * of an incremental export. */
static bool
is_change(const struct rf_json *doc, uint32_t node)
{
    static const char *const others[] = {"NewImage", "OldImage", "Metadata", "StreamViewType"};
    bool is = false;
    if (find_object(doc, node, "Keys") != RF_JSON_NONE) {
        for (size_t i = 0; !is && i < sizeof(others) / sizeof(others[0]); i++) {
            is = find(doc, node, others[i]) != RF_JSON_NONE;
        }
    }
    return is;
}

bool
rf_table_fits(const struct rf_json *doc, uint32_t node)
{
    return find_object(doc, node, "dynamodb") != RF_JSON_NONE ||
           find_object(doc, node, "Item") != RF_JSON_NONE || is_change(doc, node) ||
           is_bare_image(doc, node);
}

uint32_t
rf_table_batch(const struct rf_json *doc, uint32_t node)
{
    bool repeated = false;
    uint32_t records = rf_json_member(doc, node, "Records", strlen("Records"), &repeated);
    bool is = records != RF_JSON_NONE && !repeated && doc->nodes[records].kind == RF_JSON_ARRAY;
    return is ? records : RF_JSON_NONE;
}

/** Whether all members of an object are attributes, as DynamoDB has them. */
static bool
has_attributes(const struct rf_json *doc, uint32_t node)
{
    bool has = true;
    uint32_t key = node + 1;
    for (uint32_t left = doc->nodes[node].count; has && left > 0; left--) {
        uint32_t tag;
        has = rf_attribute_value(doc, key + 1, &tag) != RF_JSON_NONE;
        key = doc->nodes[key + 1].next;
    }
    return has;
}

/** Whether an image is there, or is said not to be: null will do, as nothing and {} will. */
static bool
is_image(const struct rf_json *doc, uint32_t change, const char *key)
{
    uint32_t found = find(doc, change, key);
    return found == RF_JSON_NONE || doc->nodes[found].kind == RF_JSON_NULL ||
           (doc->nodes[found].kind == RF_JSON_OBJECT && has_attributes(doc, found));
}

/** Whether a line of an export has members that such lines have not. */
static bool
has_strange_members(const struct rf_json *doc, uint32_t node)
{
    static const char *const own[] = {"Keys", "Metadata", "NewImage", "OldImage"};
    uint32_t known = 0;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        known += find(doc, node, own[i]) != RF_JSON_NONE;
    }
    return known < doc->nodes[node].count;
}

/** Whether something stands beside a change that is not read. */
static bool
hides_more(const struct rf_json *doc, uint32_t node, uint32_t change)
{
    /* Whose deletion it was: DynamoDB's own, where the item's time to live was over. */
    static const char *const around[] = {"dynamodb", "userIdentity", NULL};
    static const char *const images[] = {"Keys", "NewImage", "OldImage", NULL};
    static const char *const all[] = {"Keys",         "NewImage", "OldImage",
                                      "userIdentity", "Metadata", NULL};
    static const char *const none[] = {NULL};
    uint32_t identity = find_object(doc, node, "userIdentity");
    return rf_hides_more(doc, change, change == node ? all : images) ||
           (change != node && rf_hides_more(doc, node, around)) ||
           (identity != RF_JSON_NONE && rf_hides_more(doc, identity, none));
}

/** A removed item holds no event: what is none, and was taken for one, would be lost in silence.
 * @return  NULL, or what is wrong */
static const char *
check_removed(const struct rf_json *doc, uint32_t node, uint32_t change, const struct form *form)
{
    if (form->fresh != RF_JSON_NONE) {
        return "is a REMOVE, and has a NewImage";
    }
    if (form->keys == RF_JSON_NONE || !has_attributes(doc, form->keys)) {
        return "tells of a removed item, and its Keys are no key of DynamoDB's";
    }
    if (!is_image(doc, change, "NewImage") || !is_image(doc, change, "OldImage")) {
        return "tells of a removed item, and has an image that is none of DynamoDB's";
    }
    if (form->whole && doc->nodes[find(doc, node, "Metadata")].kind != RF_JSON_OBJECT) {
        return "tells of a removed item as an export's line does, and its Metadata are no object";
    }
    if (form->whole && has_strange_members(doc, node)) {
        return "tells of a removed item as an export's line does, and has other members, which "
               "would not be read";
    }
    if (is_bare_image(doc, form->keys)) {
        return "tells of a removed item, and its Keys hold an event";
    }
    if (!form->whole && hides_more(doc, node, change)) {
        return "tells of a removed item, and what stands beside it would not be read";
    }
    return NULL;
}

/** What a stream without new images is told by. */
static const char *
find_gap(const struct rf_json *doc, uint32_t change)
{
    uint32_t view = find(doc, change, "StreamViewType");
    if (text_is(doc, view, "KEYS_ONLY")) {
        return "its stream's view is KEYS_ONLY, which tells no events: only NEW_AND_OLD_IMAGES and "
               "NEW_IMAGE do";
    }
    if (text_is(doc, view, "OLD_IMAGE")) {
        return "its stream's view is OLD_IMAGE, which tells no new events: only NEW_AND_OLD_IMAGES "
               "and NEW_IMAGE do";
    }
    return "has no NewImage, and nothing says that its item was removed";
}

/** A stream record, with what is changed below `change`; or a line of an export, which is it.
 * @return  NULL, or what is wrong */
static const char *
read_change(const struct rf_json *doc, uint32_t node, uint32_t change, struct form *ret)
{
    uint32_t name = find(doc, node, "eventName");
    ret->keys = find_object(doc, change, "Keys");
    ret->fresh = find_object(doc, change, "NewImage");
    ret->old = find_object(doc, change, "OldImage");
    ret->whole = find(doc, node, "Metadata") != RF_JSON_NONE;
    if (text_is(doc, name, "REMOVE")) {
        ret->removed = true;
    } else if (name == RF_JSON_NONE) {
        ret->removed = ret->fresh == RF_JSON_NONE && ret->whole;
    } else if (!text_is(doc, name, "INSERT") && !text_is(doc, name, "MODIFY")) {
        return "its eventName is none of INSERT, MODIFY and REMOVE";
    }
    if (ret->removed) {
        return check_removed(doc, node, change, ret);
    }
    if (ret->fresh == RF_JSON_NONE) {
        return find_gap(doc, change);
    }
    return NULL;
}

/** Whether an item stands there in more than one way: only one of them would be read. */
static bool
is_told_twice(const struct rf_json *doc, uint32_t node, uint32_t change, uint32_t item)
{
    static const char *const parts[] = {"Item", "Keys", "NewImage", "OldImage"};
    bool around = false;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        around = around || find_object(doc, node, parts[i]) != RF_JSON_NONE;
    }
    bool nested = change != RF_JSON_NONE || item != RF_JSON_NONE || is_change(doc, node);
    return (change != RF_JSON_NONE && around) || (nested && is_bare_image(doc, node));
}

static const char *
read_form(struct rf_table_reader *reader, const struct rf_json *doc, uint32_t node,
          struct form *ret)
{
    static const char *const outer[] = {"dynamodb", "eventName", "Item", "Metadata", NULL};
    static const char *const inner[] = {"Keys", "NewImage", "OldImage", "StreamViewType", NULL};
    /* What the answer to a GetItem has beside it. */
    static const char *const items[] = {"Item", "ConsumedCapacity", "ResponseMetadata", "$metadata",
                                        NULL};
    *ret = (struct form){.keys = RF_JSON_NONE, .fresh = RF_JSON_NONE, .old = RF_JSON_NONE};
    uint32_t change = find_object(doc, node, "dynamodb");
    const char *repeated = find_repeated(doc, node, outer);
    repeated = repeated == NULL ? find_repeated(doc, change == RF_JSON_NONE ? node : change, inner)
                                : repeated;
    if (repeated != NULL) {
        rf_buf_clear(&reader->message);
        rf_buf_format(&reader->message, "the key '%s' occurs twice", repeated);
        return rf_buf_text(&reader->message);
    }
    uint32_t item = find_object(doc, node, "Item");
    if (is_told_twice(doc, node, change, item)) {
        return "tells of an item in two ways, and only one of them would be read";
    }
    if (change == RF_JSON_NONE && item == RF_JSON_NONE && is_change(doc, node)) {
        change = node;
    }
    if (change != RF_JSON_NONE) {
        ret->change = change;
        return read_change(doc, node, change, ret);
    }
    if (item != RF_JSON_NONE && rf_hides_more(doc, node, items)) {
        return "has an Item, and what stands beside it would not be read";
    }
    ret->change = node;
    ret->fresh = item == RF_JSON_NONE ? node : item;
    ret->whole = true;
    return NULL;
}

/* ---- which attributes are news --------------------------------------------------------------- */

/** The version that a name tells as the store writes it: digits without a leading zero. */
static const char *
read_version(const char *digits, size_t count, int64_t *ret)
{
    int64_t version = 0;
    bool fits = count > 0 && (digits[0] != '0' || count == 1);
    for (size_t i = 0; fits && i < count; i++) {
        fits = digits[i] >= '0' && digits[i] <= '9' &&
               !__builtin_mul_overflow(version, 10, &version) &&
               !__builtin_add_overflow(version, digits[i] - '0', &version);
    }
    *ret = fits ? version : INT64_MAX;
    return fits ? NULL : "has a name that is no version: '_' and an integer without a leading zero";
}

static void
add_change(struct rf_table_reader *reader, const char *name, size_t bytes, uint32_t value, bool old)
{
    RF_GROW(reader->changes, reader->room, reader->count + 1);
    struct rf_table_change *change = &reader->changes[reader->count++];
    *change =
        (struct rf_table_change){.name = name, .name_bytes = bytes, .value = value, .old = old};
    change->wrong = read_version(name + 1, bytes - 1, &change->version);
}

/** A name that has escapes, decoded into room that does not move while the record is read. */
static const char *
decode_name(struct rf_table_reader *reader, const struct rf_json *doc, uint32_t key, size_t *count)
{
    const char *bytes;
    if (reader->names.used == 0) {
        rf_buf_reserve(&reader->names, doc->nodes[0].end);
    }
    rf_json_string(doc, key, &reader->other, &bytes, count);
    rf_buf_add(&reader->names, bytes, *count);
    return reader->names.bytes + reader->names.used - *count;
}

/** Adds the attributes of an image whose names begin with `_`. */
static const char *
add_image(struct rf_table_reader *reader, const struct rf_json *doc, uint32_t image, bool old)
{
    uint32_t key = image + 1;
    uint32_t tag;
    for (uint32_t left = doc->nodes[image].count; left > 0; left--) {
        size_t count = doc->nodes[key].end - doc->nodes[key].start - 2;
        const char *name = doc->text + doc->nodes[key].start + 1;
        if (doc->nodes[key].flags & RF_JSON_ESCAPED) {
            name = decode_name(reader, doc, key, &count);
        }
        if (rf_attribute_value(doc, key + 1, &tag) == RF_JSON_NONE) {
            return old ? "its old image holds what is no attribute of DynamoDB's"
                       : "its image holds what is no attribute of DynamoDB's";
        }
        if (count > 0 && name[0] == '_') {
            add_change(reader, name, count, key + 1, old);
        }
        key = doc->nodes[key + 1].next;
    }
    return NULL;
}

static int
compare_names(const struct rf_table_change *a, const struct rf_table_change *b)
{
    size_t shorter = a->name_bytes < b->name_bytes ? a->name_bytes : b->name_bytes;
    int order = memcmp(a->name, b->name, shorter);
    return order != 0 ? order : RF_ORDER(a->name_bytes, b->name_bytes);
}

/** For qsort: by version, those without one last; the same attribute's old value before its new. */
static int
compare_changes(const void *left, const void *right)
{
    const struct rf_table_change *a = left;
    const struct rf_table_change *b = right;
    if (a->version != b->version) {
        return a->version < b->version ? -1 : 1;
    }
    int order = compare_names(a, b);
    if (order == 0) {
        order = (int)b->old - (int)a->old;
    }
    return order != 0 ? order : RF_ORDER(a->value, b->value);
}

/** Both are binary and the same, or written alike. */
static bool
same_value(struct rf_table_reader *reader, const struct rf_json *doc, uint32_t a, uint32_t b)
{
    uint32_t tags[2];
    uint32_t values[2] = {rf_attribute_value(doc, a, &tags[0]),
                          rf_attribute_value(doc, b, &tags[1])};
    size_t a_count;
    size_t b_count;
    const char *a_bytes = rf_json_token(doc, a, &a_count);
    const char *b_bytes = rf_json_token(doc, b, &b_count);
    if (rf_attribute_is(doc, tags[0], 'B') && rf_attribute_is(doc, tags[1], 'B') &&
        doc->nodes[values[0]].kind == RF_JSON_STRING &&
        doc->nodes[values[1]].kind == RF_JSON_STRING) {
        rf_json_string(doc, values[0], &reader->bytes, &a_bytes, &a_count);
        rf_json_string(doc, values[1], &reader->other, &b_bytes, &b_count);
    }
    return a_count == b_count && (a_count == 0 || memcmp(a_bytes, b_bytes, a_count) == 0);
}

/** Keeps of one attribute's values (sorted) what is news: one that is new, both of one that was
 * overwritten. */
static void
keep_news(struct rf_table_reader *reader, const struct rf_json *doc, const struct form *form,
          const struct rf_table_change *values, size_t count, size_t *kept)
{
    struct rf_table_change first = values[0];
    struct rf_table_change last = values[count - 1];
    if (count > 2 || (count == 2 && first.old == last.old)) {
        first.wrong = "occurs twice in an image";
    } else if (count == 1 && first.old) {
        first.wrong = "is in the old image, and not in the new one: an event was removed";
    } else if (count == 2 && same_value(reader, doc, first.value, last.value)) {
        if (!form->whole) {
            return;
        }
        first = last;
    } else if (count == 2) {
        reader->changes[(*kept)++] = first;
        first = last;
    }
    reader->changes[(*kept)++] = first;
}

static void
sift(struct rf_table_reader *reader, const struct rf_json *doc, const struct form *form)
{
    struct rf_table_change *changes = reader->changes;
    size_t kept = 0;
    if (reader->count > 1) {
        qsort(changes, reader->count, sizeof(*changes), compare_changes);
    }
    for (size_t at = 0; at < reader->count;) {
        size_t end = at + 1;
        while (end < reader->count && compare_names(&changes[at], &changes[end]) == 0) {
            end++;
        }
        keep_news(reader, doc, form, changes + at, end - at, &kept);
        at = end;
    }
    reader->count = kept;
}

/** An item as the store writes it holds one event at least. One without may be a row of another
 * kind, or one whose attributes were renamed: then its events are lost. */
static const char no_event_attribute[] =
    "its image has no attribute _<version>, so it tells no event; pointers into the image read "
    "another table (-e id=/dynamodb/NewImage/ID/S,... or id=/Item/ID/S,...; an export's source is "
    "then its folder data/)";

const char *
rf_table_read(struct rf_table_reader *reader, const struct rf_json *doc, uint32_t node)
{
    struct form form;
    reader->count = 0;
    reader->has_ids = false;
    rf_buf_clear(&reader->names);
    const char *wrong = read_form(reader, doc, node, &form);
    if (wrong != NULL || form.removed) {
        return wrong;
    }
    reader->keys = form.keys == RF_JSON_NONE ? form.fresh : form.keys;
    wrong = add_image(reader, doc, form.fresh, false);
    if (wrong == NULL && form.old != RF_JSON_NONE) {
        wrong = add_image(reader, doc, form.old, true);
    }
    if (wrong == NULL && reader->count == 0) {
        wrong = no_event_attribute;
    }
    if (wrong == NULL) {
        sift(reader, doc, &form);
    }
    if (wrong == NULL && reader->count == 0 && hides_more(doc, node, form.change)) {
        wrong = "tells no new event, and what stands beside it would not be read";
    }
    return wrong;
}

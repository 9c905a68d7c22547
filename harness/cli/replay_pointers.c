/* SPDX-License-Identifier: MIT */
/* Pointers of the user's own that no event has: a slip, and no history without versions. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/json_pointer.h"
#include "cli/replay_internal.h"

/** So much of a record's members is named, and so much of a pointer. */
#define MEMBERS_SHOWN 8
#define MEMBER_DEPTH  4
#define SHOWN         60
#define NAME_SHOWN    120

/** The parts that a record may lack without being malformed, so that it is read as another history.
 * (Without an aggregate or an event id there are other ways: streams and types, and versions.) */
static const struct {
    enum rf_envelope_part part;
    const char *name;
} OPTIONAL[] = {
    {RF_PART_VERSION, "version"},
    {RF_PART_DATA, "data"},
};
#define OPTIONAL_COUNT (sizeof(OPTIONAL) / sizeof(OPTIONAL[0]))

/** Whether the user wrote this pointer; data that is the whole record needs none. */
static bool
is_asked(const struct rf_envelope *envelope, enum rf_envelope_part part)
{
    return envelope->parts[part].set && envelope->parts[part].count > 0;
}

static bool
is_lacked(const struct rf_envelope *envelope, const struct rf_pointed *pointed,
          enum rf_envelope_part part)
{
    return pointed->events > 0 && pointed->lacking[part] == pointed->events &&
           is_asked(envelope, part);
}

/* ---- what a record has ----------------------------------------------------------------------- */

/** The first event of an object, as its whole record. */
struct sample {
    struct rf_buf record;
    uint64_t offset;
    bool found;
};

static rf_code
take_sample(void *context, const struct rf_event *event, struct rf_err *reterr)
{
    struct sample *sample = context;
    rf_buf_add(&sample->record, event->data, event->data_bytes);
    sample->offset = event->offset;
    sample->found = true;
    return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "one is enough");
}

static void
pass_malformed(void *context, uint64_t offset, const char *text)
{
    (void)context;
    (void)offset;
    (void)text;
}

static rf_code
read_bytes(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    return rf_reader_read(context, bytes, room, ret_got, reterr);
}

/** Reads an object anew, up to its first event; its data is then the record. */
static void
sample_object(const struct rf_objects *objects, const struct rf_object *object,
              const struct rf_envelope *envelope, struct sample *ret)
{
    struct rf_envelope whole = {.kind = RF_ENVELOPE_CUSTOM}; /* borrows its steps */
    struct rf_reader *reader = NULL;
    struct rf_decode_counts counts = {0};
    struct rf_err ignored;
    whole.parts[RF_PART_ID] = envelope->parts[RF_PART_ID];
    whole.parts[RF_PART_TYPE] = envelope->parts[RF_PART_TYPE];
    whole.parts[RF_PART_DATA].set = true;
    if (rf_reader_open(objects, object, &reader, &ignored) != RF_OK) {
        return;
    }
    struct rf_decoder *decoder = rf_decoder_new();
    const struct rf_decode_input input = {.context = reader, .read = read_bytes};
    const struct rf_decode_sink sink = {
        .context = ret, .event = take_sample, .malformed = pass_malformed};
    rf_code code = rf_decode_object(decoder, &input, &whole, &sink, &counts, &ignored);
    (void)code; /* that there is no sample is no fault */
    rf_decoder_free(decoder);
    rf_reader_close(reader);
}

/** Members of a record, as pointers, until there are enough. */
struct listing {
    const struct rf_json *doc;
    bool numbers; /**< those that could be versions */
    bool others;
    bool named; /**< of these only those whose names say that they are */
    size_t left;
    struct rf_buf path;
    struct rf_buf out;
};

/** Whether it could be a version: digits, in quotes or not. */
static bool
is_number(const struct rf_json *doc, uint32_t node)
{
    size_t bytes;
    const char *token = rf_json_token(doc, node, &bytes);
    bool quoted = doc->nodes[node].kind == RF_JSON_STRING;
    size_t first = quoted ? 1 : 0;
    size_t end = bytes - first;
    for (size_t i = first; i < end; i++) {
        if (token[i] < '0' || token[i] > '9') {
            return false;
        }
    }
    return end > first && (quoted || doc->nodes[node].kind == RF_JSON_NUMBER);
}

/** "aggregateVersion", "seq", "revision_number". */
static bool
names_version(const char *name, size_t bytes)
{
    static const char *const words[] = {"version", "revision", "seq"};
    char lower[NAME_SHOWN];
    size_t count = bytes < sizeof(lower) - 1 ? bytes : sizeof(lower) - 1;
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    }
    lower[count] = '\0';
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        found = found || strstr(lower, words[i]) != NULL;
    }
    return found;
}

static void
list_members(struct listing *listing, uint32_t node, unsigned depth)
{
    const struct rf_json *doc = listing->doc;
    struct rf_buf *path = &listing->path;
    struct rf_buf scratch = {0};
    size_t before = path->used;
    uint32_t key = node + 1;
    uint32_t end = doc->nodes[node].next;
    while (key < end && listing->left > 0) {
        const char *bytes;
        size_t count;
        uint32_t value = key + 1;
        rf_json_string(doc, key, &scratch, &bytes, &count);
        rf_pointer_push(path, bytes, count);
        if (doc->nodes[value].kind == RF_JSON_OBJECT && doc->nodes[value].count > 0 &&
            depth < MEMBER_DEPTH) {
            list_members(listing, value, depth + 1);
        } else if ((is_number(doc, value) ? listing->numbers : listing->others) &&
                   (!listing->named || names_version(bytes, count))) {
            listing->left--;
            rf_buf_string(&listing->out, listing->out.used == 0 ? "" : ", ");
            rf_escape_shown(&listing->out, path->bytes, path->used, SHOWN);
        }
        path->used = before;
        key = doc->nodes[value].next;
    }
    rf_buf_done(&scratch);
}

/** In their order, if there are few; else what could be a version first: as a rule that one is
 * looked for, and it lies deep in a record that has many members. */
static void
add_list(const struct rf_json *doc, struct rf_buf *text)
{
    struct listing listing = {.doc = doc, .numbers = true, .others = true, .left = MEMBERS_SHOWN};
    list_members(&listing, 0, 1);
    if (listing.left == 0) {
        rf_buf_clear(&listing.out);
        listing.left = MEMBERS_SHOWN;
        listing.others = false;
        list_members(&listing, 0, 1);
        listing.others = true;
        listing.numbers = false;
        list_members(&listing, 0, 1);
    }
    rf_buf_format(text, "%s%s", rf_buf_text(&listing.out), listing.left == 0 ? ", …" : "");
    rf_buf_done(&listing.path);
    rf_buf_done(&listing.out);
}

/** Whether an object is read by the envelope of this rule, and anew at once: what lies on servers
 * or is packed away is not. */
static bool
is_at_hand(const struct rf_replay *replay, const struct rf_object *object, size_t rule)
{
    const struct rf_config *config = &replay->settings->config;
    size_t own = rf_stream_rule_of(config->streams, config->stream_count, object);
    if (own > 0 && !config->streams[own - 1].has_envelope) {
        own = 0;
    }
    return own == rule && rf_history_fate(replay->history, object->number) == RF_FATE_READ &&
           object->bytes > 0 && object->bytes != RF_BYTES_UNKNOWN && object->pack == NULL &&
           !object->in_sequence && !object->of_table && !object->errors && !object->pending &&
           !rf_source_is_remote(&replay->objects, object->source);
}

/** What a list of members is made of: the first event at hand. Keys of members may be private too,
 * so that nothing is told where anything is.
 *  @ret_doc  for rf_json_done, whatever comes of it; borrows from the sample
 *  @return   its object, or NULL */
static const struct rf_object *
read_sample(const struct rf_replay *replay, size_t rule, const struct rf_envelope *envelope,
            struct sample *ret, struct rf_json *ret_doc)
{
    const struct rf_objects *objects = &replay->objects;
    const struct rf_object *object = NULL;
    for (size_t i = 0; i < objects->count && object == NULL && replay->privacy == NULL; i++) {
        object = is_at_hand(replay, &objects->items[i], rule) ? &objects->items[i] : NULL;
    }
    if (object != NULL) {
        sample_object(objects, object, envelope, ret);
    }
    bool read = ret->found &&
                rf_json_read_whole(ret_doc, ret->record.bytes, ret->record.used, NULL) == RF_OK;
    return read ? object : NULL;
}

static void
add_place(const struct rf_object *object, const struct sample *sample, struct rf_buf *text)
{
    rf_buf_string(text, "; the event at ");
    rf_escape_shown(text, object->name, strlen(object->name), NAME_SHOWN);
    rf_buf_format(text, ":%" PRIu64 " has ", sample->offset);
}

/** "; the event at OBJECT:OFFSET has /id, /meta/seq". */
static void
add_members(const struct rf_replay *replay, size_t rule, const struct rf_envelope *envelope,
            struct rf_buf *text)
{
    struct sample sample = {0};
    struct rf_json doc = {0};
    const struct rf_object *object = read_sample(replay, rule, envelope, &sample, &doc);
    if (object != NULL) {
        add_place(object, &sample, text);
        add_list(&doc, text);
    }
    rf_json_done(&doc);
    rf_buf_done(&sample.record);
}

void
rf_replay_add_likely_version(const struct rf_replay *replay, struct rf_buf *text)
{
    struct rf_envelope flat;
    struct sample sample = {0};
    struct rf_json doc = {0};
    struct rf_err ignored;
    if (replay->ingested.counts.envelopes[RF_ENVELOPE_FLAT] == 0 ||
        rf_envelope_parse("id=/aggregateId,type=/type", &flat, &ignored) != RF_OK) {
        return;
    }
    const struct rf_object *object = read_sample(replay, 0, &flat, &sample, &doc);
    struct listing listing = {.doc = &doc, .numbers = true, .named = true, .left = 1};
    if (object != NULL) {
        list_members(&listing, 0, 1);
    }
    if (listing.out.used > 0) {
        add_place(object, &sample, text);
        rf_buf_format(text,
                      "%s: if that is its version, say so with -e (version=%s, and where the other "
                      "parts stand)",
                      rf_buf_text(&listing.out), rf_buf_text(&listing.out));
    }
    rf_buf_done(&listing.path);
    rf_buf_done(&listing.out);
    rf_json_done(&doc);
    rf_buf_done(&sample.record);
    rf_envelope_done(&flat);
}

/* ---- the sentence ---------------------------------------------------------------------------- */

static void
add_pointer(const struct rf_pointer *pointer, struct rf_buf *text)
{
    struct rf_buf path = {0};
    for (uint32_t i = 0; i < pointer->count; i++) {
        rf_pointer_push(&path, pointer->steps[i], pointer->step_bytes[i]);
    }
    rf_escape_shown(text, path.bytes, path.used, SHOWN);
    rf_buf_done(&path);
}

/** Names every pointer that no event has. @return how many there are */
static size_t
add_lacked(const struct rf_envelope *envelope, const struct rf_pointed *pointed,
           struct rf_buf *text)
{
    size_t count = 0;
    for (size_t i = 0; i < OPTIONAL_COUNT; i++) {
        if (is_lacked(envelope, pointed, OPTIONAL[i].part)) {
            rf_buf_format(text, "%s%s=", count > 0 ? ", " : "", OPTIONAL[i].name);
            add_pointer(&envelope->parts[OPTIONAL[i].part], text);
            count++;
        }
    }
    return count;
}

/** Where the envelope was written, for messages. */
static char *
name_place(const struct rf_settings *settings, size_t rule)
{
    char origin[RF_OPTION_NAME_BYTES];
    if (rule > 0) {
        return rf_format("%s: /streams/%zu/envelope", settings->config.path, rule - 1);
    }
    if (rf_argument(settings->arguments, RF_OPT_ENVELOPE) == NULL) {
        return rf_format("%s: /envelope", settings->config.path);
    }
    return rf_strdup(rf_option_origin(settings->arguments, RF_OPT_ENVELOPE, origin));
}

rf_code
rf_replay_check_pointers(const struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    for (size_t rule = 0; rule < replay->ingested.pointed_count; rule++) {
        const struct rf_envelope *envelope =
            rule == 0 ? &settings->envelope : &settings->config.streams[rule - 1].envelope;
        const struct rf_pointed *pointed = &replay->ingested.pointed[rule];
        struct rf_buf text = {0};
        size_t count = add_lacked(envelope, pointed, &text);
        if (count == 0) {
            continue;
        }
        rf_buf_format(&text,
                      ": %s%" PRIu64 " event%s that %s read %s; leave %s out if events have none",
                      pointed->events == 1 ? "the " : "none of the ", pointed->events,
                      pointed->events == 1 ? "" : "s", pointed->events == 1 ? "was" : "were",
                      pointed->events == 1 ? "has no such thing" : "has such a thing",
                      count == 1 ? "it" : "them");
        add_members(replay, rule, envelope, &text);
        char *place = name_place(settings, rule);
        rf_code code = rf_fail(reterr, RF_ERR_USAGE, place, "%s", rf_buf_text(&text));
        free(place);
        rf_buf_done(&text);
        return code;
    }
    return RF_OK;
}

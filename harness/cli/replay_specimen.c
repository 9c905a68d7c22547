/* SPDX-License-Identifier: MIT */
/* A record of the history, read anew, and its members. */
#include "cli/replay_specimen.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/json_pointer.h"
#include "cli/private.h"
#include "decode/record.h"

/** So much of a record's members is named, and so much of a pointer. */
#define MEMBERS_SHOWN 12
#define MEMBER_DEPTH  4
#define SHOWN         60
#define NAME_SHOWN    120
/** So many objects are read anew to find a record that is no event. */
#define OBJECTS_TRIED 8

/* ---- the record ------------------------------------------------------------------------------ */

/** What an object is decoded for. */
struct search {
    rf_specimen_wants *wants; /* NULL: any */
    struct rf_specimen *found;
};

void
rf_specimen_done(struct rf_specimen *specimen)
{
    rf_json_done(&specimen->doc);
    rf_buf_done(&specimen->text);
}

static rf_code
take_event(void *context, const struct rf_event *event, struct rf_err *reterr)
{
    struct search *search = context;
    if (search->wants != NULL && !search->wants(event)) {
        return RF_OK;
    }
    rf_buf_add(&search->found->text, event->record, event->record_bytes);
    search->found->offset = event->offset;
    return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "one is enough");
}

static void
pass_malformed(void *context, const struct rf_malformed *malformed)
{
    (void)context;
    (void)malformed;
}

static rf_code
read_bytes(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    return rf_reader_read(context, bytes, room, ret_got, reterr);
}

/** Reads an object anew, up to what the sink takes. @return whether it took something */
static bool
search_object(const struct rf_replay *replay, const struct rf_object *object,
              const struct rf_envelope *envelope, const struct rf_decode_sink *sink,
              struct rf_specimen *ret)
{
    struct rf_reader *reader = NULL;
    struct rf_decode_counts counts = {0};
    struct rf_err ignored;
    if (rf_reader_open(&replay->objects, object, &reader, &ignored) != RF_OK) {
        return false;
    }
    struct rf_decoder *decoder = rf_decoder_new();
    const struct rf_decode_input input = {.context = reader, .read = read_bytes};
    rf_code code = rf_decode_object(decoder, &input, envelope, sink, &counts, &ignored);
    (void)code; /* that nothing is found is no fault */
    rf_decoder_free(decoder);
    rf_reader_close(reader);
    ret->object = object;
    ret->veiled = rf_private_is_veiled(replay);
    return ret->text.used > 0 &&
           rf_json_read_whole(&ret->doc, ret->text.bytes, ret->text.used, NULL) == RF_OK;
}

/** Whether an object can be read anew at once, and its members be told. */
static bool
is_at_hand(const struct rf_replay *replay, const struct rf_object *object)
{
    return replay->privacy == NULL && object->bytes > 0 && object->bytes != RF_BYTES_UNKNOWN &&
           object->pack == NULL && !object->in_sequence && !object->of_table && !object->errors &&
           !object->pending && !rf_source_is_remote(&replay->objects, object->source);
}

bool
rf_specimen_of_object(const struct rf_replay *replay, const struct rf_object *object,
                      const struct rf_envelope *envelope, rf_specimen_wants *wants,
                      struct rf_specimen *ret)
{
    struct search search = {.wants = wants, .found = ret};
    const struct rf_decode_sink sink = {
        .context = &search, .event = take_event, .malformed = pass_malformed};
    return is_at_hand(replay, object) && search_object(replay, object, envelope, &sink, ret);
}

/** The rule whose envelope an object is read by (rf_pointed). */
static size_t
rule_of(const struct rf_replay *replay, const struct rf_object *object)
{
    const struct rf_config *config = &replay->settings->config;
    size_t own = rf_stream_rule_of(config->streams, config->stream_count, object);
    return own > 0 && config->streams[own - 1].has_envelope ? own : 0;
}

bool
rf_specimen_of_rule(const struct rf_replay *replay, size_t rule, const struct rf_envelope *envelope,
                    struct rf_specimen *ret)
{
    for (size_t i = 0; i < replay->objects.count; i++) {
        const struct rf_object *object = &replay->objects.items[i];
        if (is_at_hand(replay, object) && rule_of(replay, object) == rule &&
            rf_history_fate(replay->history, object->number) == RF_FATE_READ) {
            return rf_specimen_of_object(replay, object, envelope, NULL, ret);
        }
    }
    return false;
}

static rf_code
pass_event(void *context, const struct rf_event *event, struct rf_err *reterr)
{
    (void)context;
    (void)event;
    (void)reterr;
    return RF_OK;
}

static void
take_alien(void *context, const char *record, size_t bytes)
{
    struct rf_specimen *found = context;
    if (!found->alien) {
        rf_buf_add(&found->text, record, bytes);
    }
}

/** Whether another envelope may read a record that is malformed for this. */
static bool
is_of_envelope(const char *wrong)
{
    size_t bytes = strlen(wrong);
    size_t end = strlen(RF_RECORD_MISSING);
    return strstr(wrong, RF_RECORD_NO_ENVELOPE) != NULL ||
           (bytes > end && strcmp(wrong + bytes - end, RF_RECORD_MISSING) == 0);
}

/** Comes behind take_alien, for each of them, and for others too. */
static void
judge_alien(void *context, const struct rf_malformed *malformed)
{
    struct rf_specimen *found = context;
    if (found->alien) {
        return;
    }
    found->alien = found->text.used > 0 && is_of_envelope(malformed->text);
    found->offset = malformed->offset;
    if (!found->alien) {
        rf_buf_clear(&found->text);
    }
}

bool
rf_specimen_of_aliens(const struct rf_replay *replay, struct rf_specimen *ret)
{
    const struct rf_settings *settings = replay->settings;
    const struct rf_decode_sink sink = {
        .context = ret, .event = pass_event, .malformed = judge_alien, .alien = take_alien};
    size_t tried = 0;
    for (size_t i = 0; i < replay->objects.count && tried < OBJECTS_TRIED; i++) {
        const struct rf_object *object = &replay->objects.items[i];
        size_t rule = rule_of(replay, object);
        if (!is_at_hand(replay, object) ||
            rf_history_fate(replay->history, object->number) == RF_FATE_FOREIGN) {
            continue;
        }
        tried++;
        if (search_object(replay, object,
                          rule == 0 ? &settings->envelope
                                    : &settings->config.streams[rule - 1].envelope,
                          &sink, ret)) {
            return true;
        }
    }
    return false;
}

/* ---- its members ----------------------------------------------------------------------------- */

/** Members of a record, as pointers, until there are enough. */
struct listing {
    const struct rf_json *doc;
    bool numbers; /**< those that could be versions */
    bool others;
    bool named;   /**< of these only those whose names say that they are */
    bool outside; /**< of the data of the envelope flat */
    unsigned depth;
    size_t left;
    struct rf_buf path;
    struct rf_buf out;
};

bool
rf_specimen_is_number(const struct rf_json *doc, uint32_t node)
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
        bool passed = listing->outside && depth == 1 && count == 4 && memcmp(bytes, "data", 4) == 0;
        if (!passed && doc->nodes[value].kind == RF_JSON_OBJECT && doc->nodes[value].count > 0 &&
            depth < listing->depth) {
            list_members(listing, value, depth + 1);
        } else if (!passed &&
                   (rf_specimen_is_number(doc, value) ? listing->numbers : listing->others) &&
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

/** How deep members are told of. */
static unsigned
depth_of(const struct rf_specimen *specimen)
{
    return specimen->veiled ? 1 : MEMBER_DEPTH;
}

void
rf_specimen_add_members(const struct rf_specimen *specimen, struct rf_buf *text)
{
    struct listing listing = {.doc = &specimen->doc,
                              .numbers = true,
                              .others = true,
                              .depth = depth_of(specimen),
                              .left = MEMBERS_SHOWN};
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

void
rf_specimen_add_version(const struct rf_specimen *specimen, struct rf_buf *text)
{
    /* At the top, then below it, then in the data. */
    const struct {
        unsigned depth;
        bool outside;
    } turns[] = {{1, true}, {depth_of(specimen), true}, {depth_of(specimen), false}};
    struct listing listing = {.doc = &specimen->doc, .numbers = true, .named = true, .left = 1};
    for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
        listing.depth = turns[i].depth;
        listing.outside = turns[i].outside;
        list_members(&listing, 0, 1); /* nothing, where one was found */
    }
    rf_buf_string(text, rf_buf_text(&listing.out));
    rf_buf_done(&listing.path);
    rf_buf_done(&listing.out);
}

void
rf_specimen_add_place(const struct rf_specimen *specimen, struct rf_buf *text)
{
    rf_buf_string(text, specimen->alien ? "the record at " : "the event at ");
    rf_escape_shown(text, specimen->object->name, strlen(specimen->object->name), NAME_SHOWN);
    rf_buf_format(text, ":%" PRIu64 " has ", specimen->offset);
}

/* SPDX-License-Identifier: MIT */
/* Pointers of the user's own that no event has: a slip, and no history without versions. And data
 * that stands elsewhere than where an envelope looks for it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/json_pointer.h"
#include "cli/replay_internal.h"
#include "cli/replay_specimen.h"

/** So much of a pointer is named, and of an object's name. */
#define SHOWN      60
#define NAME_SHOWN 120
/** Where nothing can be guessed. */
#define SKELETON " (such as -e id=/ID,type=/TYPE,version=/VERSION,at=/TIME,data=/DATA)"

/** The parts that a record may lack without being malformed, so that it is read as another history.
 */
static const struct {
    enum rf_envelope_part part;
    const char *name;
} OPTIONAL[] = {
    {RF_PART_VERSION, "version"},
    {RF_PART_DATA, "data"},
    {RF_PART_AGGREGATE, "aggregate"},
    {RF_PART_EID, "eid"},
};
#define OPTIONAL_COUNT (sizeof(OPTIONAL) / sizeof(OPTIONAL[0]))

/** Whether the user wrote this pointer; data that is the whole record needs none. */
static bool
is_asked(const struct rf_envelope *envelope, enum rf_envelope_part part)
{
    return envelope->parts[part].set && envelope->parts[part].count > 0;
}

/** Whether anything is lost without it. Where the rules of all streams name the aggregate nothing
 * is, nor is where versions tell copies, and nobody asks for an event id. */
static bool
is_needed(const struct rf_pointed *pointed, enum rf_envelope_part part)
{
    if (part == RF_PART_AGGREGATE) {
        return pointed->nameless > 0;
    }
    return part != RF_PART_EID || pointed->lacking[RF_PART_VERSION] > 0;
}

static bool
is_lacked(const struct rf_envelope *envelope, const struct rf_pointed *pointed,
          enum rf_envelope_part part)
{
    return pointed->events > 0 && pointed->lacking[part] == pointed->events &&
           is_asked(envelope, part) && is_needed(pointed, part);
}

static const struct rf_envelope *
envelope_of(const struct rf_replay *replay, size_t rule)
{
    const struct rf_settings *settings = replay->settings;
    return rule == 0 ? &settings->envelope : &settings->config.streams[rule - 1].envelope;
}

static bool
has_no_version(const struct rf_event *event)
{
    return !event->has_version;
}

/** Of the first event of the envelope flat that has none, in a rule's objects. */
static void
add_version_of_rule(const struct rf_replay *replay, size_t rule, struct rf_buf *text)
{
    struct rf_specimen specimen = {0};
    struct rf_buf version = {0};
    const struct rf_object *object =
        &replay->objects.items[replay->ingested.pointed[rule].unversioned_first];
    if (rf_specimen_of_object(replay, object, envelope_of(replay, rule), has_no_version,
                              &specimen)) {
        rf_specimen_add_version(&specimen, &version);
    }
    if (version.used > 0) {
        rf_buf_string(text, "; ");
        rf_specimen_add_place(&specimen, text);
        rf_buf_format(text,
                      "%s: if that is its version, say so with -e (version=%s, and where the other "
                      "parts stand)",
                      rf_buf_text(&version), rf_buf_text(&version));
    }
    rf_buf_done(&version);
    rf_specimen_done(&specimen);
}

void
rf_replay_add_likely_version(const struct rf_replay *replay, struct rf_buf *text)
{
    size_t before = text->used;
    for (size_t i = 0; i < replay->ingested.pointed_count && text->used == before; i++) {
        if (replay->ingested.pointed[i].unversioned > 0) {
            add_version_of_rule(replay, i, text);
        }
    }
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

/** "; the event at OBJECT:OFFSET has /id, /meta/seq". */
static void
add_members(const struct rf_replay *replay, size_t rule, const struct rf_envelope *envelope,
            struct rf_buf *text)
{
    struct rf_specimen specimen = {0};
    if (rf_specimen_of_rule(replay, rule, envelope, &specimen)) {
        rf_buf_string(text, "; ");
        rf_specimen_add_place(&specimen, text);
        rf_specimen_add_members(&specimen, text);
    }
    rf_specimen_done(&specimen);
}

static rf_code
check_own(const struct rf_replay *replay, size_t rule, struct rf_err *reterr)
{
    const struct rf_envelope *envelope = envelope_of(replay, rule);
    const struct rf_pointed *pointed = &replay->ingested.pointed[rule];
    struct rf_buf text = {0};
    size_t count = add_lacked(envelope, pointed, &text);
    if (count == 0) {
        return RF_OK;
    }
    rf_buf_format(&text,
                  ": %s%" PRIu64 " event%s that %s read %s; leave %s out if events have none",
                  pointed->events == 1 ? "the " : "none of the ", pointed->events,
                  pointed->events == 1 ? "" : "s", pointed->events == 1 ? "was" : "were",
                  pointed->events == 1 ? "has no such thing" : "has such a thing",
                  count == 1 ? "it" : "them");
    add_members(replay, rule, envelope, &text);
    char *place = name_place(replay->settings, rule);
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, place, "%s", rf_buf_text(&text));
    free(place);
    rf_buf_done(&text);
    return code;
}

/* ---- data that stands elsewhere -------------------------------------------------------------- */

static bool
is_bare(const struct rf_event *event)
{
    return event->bare;
}

/** Where an event without data is, and what it has instead.
 *  @guess  propose where its data may be: it is in no other's way */
static void
add_bare(const struct rf_replay *replay, size_t rule, uint32_t number, bool guess,
         struct rf_buf *text)
{
    struct rf_specimen specimen = {0};
    const struct rf_object *object = &replay->objects.items[number];
    rf_buf_string(text, "; ");
    if (rf_specimen_of_object(replay, object, envelope_of(replay, rule), is_bare, &specimen)) {
        rf_specimen_add_place(&specimen, text);
        rf_specimen_add_members(&specimen, text);
    } else {
        rf_buf_string(text, "the first is in ");
        rf_escape_shown(text, object->name, strlen(object->name), NAME_SHOWN);
    }
    if (guess) {
        rf_buf_string(text, "; say with -e where data stands");
        rf_specimen_add_guess(&specimen, text);
    }
    rf_specimen_done(&specimen);
}

/** The place of an envelope's data, for messages. */
static const char *
data_of(const struct rf_replay *replay, size_t rule, enum rf_envelope_kind kind, struct rf_buf *ret)
{
    rf_buf_clear(ret);
    if (kind == RF_ENVELOPE_CUSTOM) {
        add_pointer(&envelope_of(replay, rule)->parts[RF_PART_DATA], ret);
    } else {
        rf_buf_string(ret, "/data"); /* of all that may lack it */
    }
    return rf_buf_text(ret);
}

/** Whether only events of some time are read, or those that came since a pack was made: that none
 * of them has data tells nothing of the others. */
static bool
is_of_some_time(const struct rf_settings *settings)
{
    return settings->since != NULL || settings->until != NULL || settings->from != NULL ||
           settings->as_of_text != NULL || settings->arguments->given[RF_OPT_WITHOUT].count > 0;
}

/** Events of an envelope with a name, none of which has data, though there is something else. */
static rf_code
check_data(const struct rf_replay *replay, size_t rule, enum rf_envelope_kind kind,
           struct rf_err *reterr)
{
    const struct rf_pointed *pointed = &replay->ingested.pointed[rule];
    uint64_t bare = pointed->bare[kind];
    if (kind == RF_ENVELOPE_CUSTOM || bare == 0 || pointed->laden[kind] > 0 ||
        is_of_some_time(replay->settings)) {
        return RF_OK; /* rf_replay_warn_bare tells of them */
    }
    struct rf_buf text = {0};
    rf_buf_format(&text,
                  "no event that was read by the envelope %s has /data, and %" PRIu64
                  " ha%s other members, which would be lost",
                  rf_envelope_name(kind), bare, bare == 1 ? "s" : "ve");
    add_bare(replay, rule, pointed->bare_first[kind], true, &text);
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, NULL, "%s", rf_buf_text(&text));
    rf_buf_done(&text);
    return code;
}

void
rf_replay_warn_bare(struct rf_replay *replay)
{
    struct rf_buf data = {0};
    struct rf_buf text = {0};
    for (size_t rule = 0; rule < replay->ingested.pointed_count; rule++) {
        const struct rf_pointed *pointed = &replay->ingested.pointed[rule];
        for (int kind = 0; kind < RF_ENVELOPE_COUNT_; kind++) {
            uint64_t bare = pointed->bare[kind];
            bool refused = pointed->laden[kind] == 0 &&
                           (kind == RF_ENVELOPE_CUSTOM || !is_of_some_time(replay->settings));
            if (bare == 0 || refused) {
                continue;
            }
            rf_buf_clear(&text);
            add_bare(replay, rule, pointed->bare_first[kind], false, &text);
            rf_replay_warn(
                replay,
                "%" PRIu64 " of the events that the envelope %s read ha%s no %s, but "
                "other members, which are lost%s",
                bare, rf_envelope_name((enum rf_envelope_kind)kind), bare == 1 ? "s" : "ve",
                data_of(replay, rule, (enum rf_envelope_kind)kind, &data), rf_buf_text(&text));
        }
    }
    rf_buf_done(&text);
    rf_buf_done(&data);
}

/** Where an aggregate reads the text itself all is well, and nobody but a bless says it. */
void
rf_replay_warn_texts(struct rf_replay *replay)
{
    if (replay->settings->verb != RF_VERB_BLESS) {
        return;
    }
    struct rf_buf text = {0};
    for (size_t rule = 0; rule < replay->ingested.pointed_count; rule++) {
        const struct rf_pointed *pointed = &replay->ingested.pointed[rule];
        for (int kind = 0; kind < RF_ENVELOPE_COUNT_; kind++) {
            uint64_t texts = pointed->texts[kind];
            if (texts == 0) {
                continue;
            }
            const char *name = replay->objects.items[pointed->texts_first[kind]].name;
            rf_buf_clear(&text);
            rf_escape_shown(&text, name, strlen(name), NAME_SHOWN);
            rf_replay_warn(replay,
                           "the data of %" PRIu64 " of the %" PRIu64
                           " events with data that the envelope %s read is JSON in a string, and "
                           "has no members: an aggregate must read that text itself, else what it "
                           "says is in no state; the first is in %s",
                           texts, pointed->laden[kind],
                           rf_envelope_name((enum rf_envelope_kind)kind), rf_buf_text(&text));
        }
    }
    rf_buf_done(&text);
}

void
rf_replay_find_hint(struct rf_replay *replay)
{
    struct rf_specimen specimen = {0};
    struct rf_buf text = {0};
    const struct rf_decode_counts *counts = &replay->ingested.counts;
    if (counts->events == 0 && counts->alien > 0 && rf_specimen_of_aliens(replay, &specimen)) {
        rf_buf_string(&text, "say with -e where the parts of records stand; ");
        rf_specimen_add_place(&specimen, &text);
        rf_specimen_add_members(&specimen, &text);
        size_t before = text.used;
        rf_specimen_add_guess(&specimen, &text);
        rf_buf_string(&text, text.used > before ? "" : SKELETON);
        replay->envelope_hint = rf_strdup(rf_buf_text(&text));
    }
    rf_buf_done(&text);
    rf_specimen_done(&specimen);
}

rf_code
rf_replay_check_pointers(const struct rf_replay *replay, struct rf_err *reterr)
{
    for (size_t rule = 0; rule < replay->ingested.pointed_count; rule++) {
        RF_TRY(check_own(replay, rule, reterr));
        for (int kind = 0; kind < RF_ENVELOPE_COUNT_; kind++) {
            RF_TRY(check_data(replay, rule, (enum rf_envelope_kind)kind, reterr));
        }
    }
    return RF_OK;
}

/* SPDX-License-Identifier: MIT */
/* Rules of the config's `streams` that match nothing: what they say of an aggregate or an envelope
 * holds for no object, and nothing else tells of that. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/replay_internal.h"

/** So many rules and streams are named, and so much of each. */
#define NAMED 3
#define SHOWN 60

/** What a rule does among the streams that there are. */
enum use { NO_STREAM, ALL_TAKEN /* by rules in front */, IN_USE };

static void
judge_rules(const struct rf_replay *replay, enum use *uses)
{
    const struct rf_config *config = &replay->settings->config;
    const char *last = NULL; /* neighbours share their streams: a million objects have a few */
    for (size_t i = 0; i < replay->objects.count; i++) {
        const struct rf_object *object = &replay->objects.items[i];
        if (object->stream == NULL || object->stream == last) {
            continue;
        }
        last = object->stream;
        size_t first = rf_stream_rule_of(config->streams, config->stream_count, object);
        for (size_t j = first; first > 0 && j < config->stream_count; j++) {
            bool fits = fnmatch(config->streams[j].match, object->stream, 0) == 0;
            uses[j] = fits && uses[j] == NO_STREAM ? ALL_TAKEN : uses[j];
        }
        if (first > 0) {
            uses[first - 1] = IN_USE;
        }
    }
}

/** The front of it; escaped where the sentence is printed. */
static void
add_name(struct rf_buf *text, const char *name)
{
    size_t bytes = strlen(name);
    size_t shown = bytes < SHOWN ? bytes : SHOWN;
    while (shown < bytes && shown > 0 && ((unsigned char)name[shown] & 0xC0) == 0x80) {
        shown--; /* no character is cut in two */
    }
    rf_buf_add(text, name, shown);
    rf_buf_string(text, shown < bytes ? "…" : "");
}

/** "/streams/0 "orders/x"", with what it is, of those that are not in use. @return how many */
static size_t
add_idle(const struct rf_config *config, const enum use *uses, struct rf_buf *text)
{
    size_t count = 0;
    for (size_t i = 0; i < config->stream_count; i++) {
        if (uses[i] == IN_USE) {
            continue;
        }
        if (++count > NAMED) {
            continue;
        }
        rf_buf_format(text, "%s/streams/%zu \"", count == 1 ? "" : ", ", i);
        add_name(text, config->streams[i].match);
        rf_buf_string(text, uses[i] == ALL_TAKEN
                                ? "\" (rules in front of it take all streams that it fits)"
                                : "\"");
    }
    if (count > NAMED) {
        rf_buf_format(text, " and %zu more", count - NAMED);
    }
    return count;
}

/** "streams here: orders-prod, returns-prod": a few of those that there are, in the
 * order of the objects. */
static void
add_streams(const struct rf_replay *replay, struct rf_buf *text)
{
    const char *named[NAMED];
    size_t count = 0;
    bool more = false;
    for (size_t i = 0; i < replay->objects.count && !more; i++) {
        const char *stream = replay->objects.items[i].stream;
        bool is_new = stream != NULL;
        for (size_t j = 0; j < count && is_new; j++) {
            is_new = strcmp(named[j], stream) != 0;
        }
        more = is_new && count == NAMED;
        if (is_new && !more) {
            rf_buf_string(text, count == 0 ? "streams here: " : ", ");
            add_name(text, stream);
            named[count++] = stream;
        }
    }
    rf_buf_string(text, count == 0 ? "no object here is called as Firehose calls them"
                        : more     ? ", …"
                                   : "");
}

void
rf_replay_check_streams(struct rf_replay *replay)
{
    const struct rf_config *config = &replay->settings->config;
    struct rf_buf idle = {0};
    if (config->stream_count == 0) {
        return;
    }
    enum use *uses = rf_calloc(config->stream_count, sizeof(*uses));
    judge_rules(replay, uses);
    size_t count = add_idle(config, uses, &idle);
    if (count > 0) {
        bool tells = (replay->settings->verb & (RF_VERB_REPLAYS | RF_VERB_DOCTOR)) != 0;
        /* What --since and --until left out may have had the stream. */
        if (tells && replay->objects.outside == 0) {
            struct rf_buf streams = {0};
            add_streams(replay, &streams);
            rf_replay_warn(replay,
                           "%s: %s match%s no object: a rule is held against the name of the "
                           "stream, with which an object's begins, not against its folder; %s",
                           config->path, rf_buf_text(&idle), count == 1 ? "es" : "",
                           rf_buf_text(&streams));
            rf_buf_done(&streams);
        }
        replay->idle_streams = rf_format("%s match%s none of these objects", rf_buf_text(&idle),
                                         count == 1 ? "es" : "");
        replay->rules.idle_streams = replay->idle_streams;
    }
    rf_buf_done(&idle);
    free(uses);
}

/* SPDX-License-Identifier: MIT */
/* Events that make sense to an aggregate. */
#include "check/samples.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/** Types of one aggregate that are tried: enough to go through all that an apply may do. */
#define TYPES_MOST 40
/** Members that data gets of what a refusal says. */
#define WORDS_MOST 64

/** What members are given, try by try; the names come from the refusals. */
static const char *const values[] = {
    "", "1", "1", "1", "\"1\"", "\"1\"", "\"2026-07-01T12:00:00Z\"", "true", "{}", "[]",
};
#define TRIES (sizeof(values) / sizeof(values[0]))

/** Of an aggregate that takes all types. */
static const char *const plain_types[] = {"Created", "Changed", "Removed"};

/* ---- data ------------------------------------------------------------------------------------ */

/** Words of refusals: an aggregate that lacks a member tends to name it. */
struct words {
    char *items[WORDS_MOST];
    size_t count;
};

static void
add_word(struct words *words, const char *text, size_t bytes)
{
    for (size_t i = 0; i < words->count; i++) {
        if (strlen(words->items[i]) == bytes && memcmp(words->items[i], text, bytes) == 0) {
            return;
        }
    }
    if (words->count < WORDS_MOST) {
        words->items[words->count++] = rf_strndup(text, bytes);
    }
}

static bool
is_letter(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

static void
add_words(struct words *words, const struct rf_buf *text)
{
    size_t start = 0;
    for (size_t i = 0; i <= text->used; i++) {
        if (i < text->used && is_letter(text->bytes[i])) {
            continue;
        }
        if (i - start > 1) {
            add_word(words, text->bytes + start, i - start);
        }
        start = i + 1;
    }
}

static char *
make_data(const struct words *words, const char *value)
{
    struct rf_buf text = {0};
    rf_buf_byte(&text, '{');
    for (size_t i = 0; i < words->count && value[0] != '\0'; i++) {
        rf_buf_format(&text, "%s\"%s\":%s", i == 0 ? "" : ",", words->items[i], value);
    }
    rf_buf_byte(&text, '}');
    char *data = rf_strdup(rf_buf_text(&text));
    rf_buf_done(&text);
    return data;
}

/* ---- learning -------------------------------------------------------------------------------- */

/** An instance of one event. NULL where the conversation is broken. */
static const struct rf_answer *
try_one(struct rf_ask *ask, uint32_t aggregate, uint32_t type, const char *data)
{
    const struct rf_descriptor_member *member = &ask->kit->described.members[aggregate];
    const struct rf_talk_record record = {
        .type = type, .timed = true, .version = 1, .seconds = 1780000000};
    (void)rf_ask_begin_instance(ask, aggregate, member->name, strlen(member->name), "sample", 6,
                                NULL);
    rf_ask_open_events(ask);
    rf_ask_event(ask, &record, data, strlen(data));
    uint64_t applied = rf_ask_close_events(ask);
    uint64_t ended = rf_ask_end_instance(ask);
    return rf_ask_await(ask, ended) == NULL ? NULL : rf_ask_await(ask, applied);
}

static bool
learn_type(struct rf_ask *ask, uint32_t aggregate, const char *type, struct rf_sample_event *ret)
{
    struct words words = {0};
    uint32_t number = rf_ask_type(ask, type, strlen(type));
    *ret = (struct rf_sample_event){.type = rf_strdup(type), .type_bytes = strlen(type)};
    for (size_t i = 0; i < TRIES && !ret->taken && !ask->broken; i++) {
        if (i > 0 && words.count == 0) {
            break;
        }
        free(ret->data);
        ret->data = make_data(&words, values[i]);
        const struct rf_answer *answer = try_one(ask, aggregate, number, ret->data);
        if (answer != NULL && answer->status == RF_SPOKEN_OK) {
            ret->taken = true;
        } else if (answer != NULL) {
            add_words(&words, &answer->text);
        }
    }
    for (size_t i = 0; i < words.count; i++) {
        free(words.items[i]);
    }
    return !ask->broken;
}

/** Those that are taken in front. */
static int
by_taken(const void *a, const void *b)
{
    const struct rf_sample_event *left = a;
    const struct rf_sample_event *right = b;
    return left->taken != right->taken ? (right->taken ? 1 : -1) : strcmp(left->type, right->type);
}

static bool
learn_aggregate(struct rf_ask *ask, uint32_t aggregate, struct rf_sample *ret)
{
    const struct rf_descriptor_member *member = &ask->kit->described.members[aggregate];
    bool good = true;
    for (size_t i = 0; i < member->type_count && ret->count < TYPES_MOST && good; i++) {
        size_t plain =
            strcmp(member->types[i], "*") == 0 ? sizeof(plain_types) / sizeof(plain_types[0]) : 1;
        for (size_t k = 0; k < plain && good; k++) {
            const char *type = plain > 1 ? plain_types[k] : member->types[i];
            ret->events = rf_realloc(ret->events, ret->count + 1, sizeof(*ret->events));
            good = learn_type(ask, aggregate, type, &ret->events[ret->count++]);
            ret->taken += ret->events[ret->count - 1].taken;
        }
    }
    qsort(ret->events, ret->count, sizeof(*ret->events), by_taken);
    return good;
}

bool
rf_samples_learn(struct rf_kit *kit)
{
    if (kit->samples != NULL) {
        return true;
    }
    struct rf_ask ask;
    const char *during = kit->during;
    kit->during = "learning which events it takes";
    kit->samples = rf_calloc(kit->described.member_count, sizeof(*kit->samples));
    bool good = rf_ask_begin(kit, &ask);
    for (uint32_t i = 0; i < kit->described.member_count && good; i++) {
        good = learn_aggregate(&ask, i, &kit->samples[i]);
    }
    good = rf_ask_done(&ask, good);
    kit->during = during;
    if (!good) {
        rf_samples_free(kit);
    }
    return good;
}

void
rf_samples_free(struct rf_kit *kit)
{
    for (size_t i = 0; kit->samples != NULL && i < kit->described.member_count; i++) {
        for (size_t k = 0; k < kit->samples[i].count; k++) {
            free(kit->samples[i].events[k].type);
            free(kit->samples[i].events[k].data);
        }
        free(kit->samples[i].events);
    }
    free(kit->samples);
    kit->samples = NULL;
}

/* ---- using ----------------------------------------------------------------------------------- */

static size_t
index_of(const struct rf_sample *sample, size_t place)
{
    return place % (sample->taken > 0 ? sample->taken : sample->count);
}

const struct rf_sample_event *
rf_sample_at(const struct rf_sample *sample, size_t place)
{
    return &sample->events[index_of(sample, place)];
}

uint32_t
rf_samples_tell(struct rf_ask *ask, const struct rf_sample *sample)
{
    uint32_t first = ask->type_count;
    for (size_t i = 0; i < sample->count; i++) {
        (void)rf_ask_type(ask, sample->events[i].type, sample->events[i].type_bytes);
    }
    return first;
}

uint64_t
rf_samples_send(struct rf_ask *ask, const struct rf_sample *sample, uint32_t first, size_t place,
                size_t count)
{
    rf_ask_open_events(ask);
    for (size_t i = 0; i < count; i++) {
        const struct rf_sample_event *event = rf_sample_at(sample, place + i);
        const struct rf_talk_record record = {
            .type = first + (uint32_t)index_of(sample, place + i),
            .timed = true,
            .nanos = (int32_t)((place + i) * 1000),
            .version = (int64_t)(place + i + 1),
            .seconds = 1780000000 + (int64_t)(place + i),
        };
        rf_ask_event(ask, &record, event->data, strlen(event->data));
    }
    return rf_ask_close_events(ask);
}

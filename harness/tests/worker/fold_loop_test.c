/* SPDX-License-Identifier: MIT */
/* The fold loop against requests made by hand: what an aggregate is given, and what is answered. */
#include "worker/fold_loop.h"

#include <math.h>
#include <stdio.h>

#include "base/hash.h"
#include "tests/worker/ends.h"
#include "worker/resume.h"
#include "worker/trail.h"

/* ---- an aggregate that tells how it was called ----------------------------------------------- */

struct tale {
    int64_t calls;
    int64_t events;
    int64_t most; /* events of one call */
    int64_t last; /* version */
};

enum { TOOK = 1, REFUSED = 2, FICKLE = 3 };

static bool fickle_before;

static int32_t
apply(void *state, const refold_event *event)
{
    struct tale *tale = state;
    tale->events++;
    tale->last = event->version;
    if (event->id.len != 1 || event->id.ptr[0] != 'x') {
        return refold_reject(event, "another's event");
    }
    if (event->kind == REFUSED) {
        return refold_reject(event, "no");
    }
    if (event->kind == FICKLE) {
        bool again = fickle_before;
        fickle_before = true;
        return again ? refold_reject(event, "not twice") : REFOLD_OK;
    }
    return REFOLD_OK;
}

static int32_t
apply_one(void *state, const refold_event *event)
{
    struct tale *tale = state;
    tale->calls++;
    tale->most = 1;
    return apply(state, event);
}

static uint64_t
apply_batch(void *state, const refold_event *const *events, uint64_t count)
{
    struct tale *tale = state;
    tale->calls++;
    tale->most = (int64_t)count > tale->most ? (int64_t)count : tale->most;
    for (uint64_t i = 0; i < count; i++) {
        if (apply(state, events[i]) != REFOLD_OK) {
            return i;
        }
    }
    return count;
}

static const refold_type types[] = {REFOLD_TYPE("Took", TOOK), REFOLD_TYPE("Refused", REFUSED),
                                    REFOLD_TYPE("Fickle", FICKLE)};
static const refold_field fields[] = {
    REFOLD_INT(struct tale, calls, "calls"),
    REFOLD_INT(struct tale, events, "events"),
    REFOLD_INT(struct tale, last, "last"),
    REFOLD_INT(struct tale, most, "most"),
};

/* Rules of the next worker: what its trails leave out. */
static const char *const *ignores;
static size_t ignore_count;

static void
fold(const void *with)
{
    bool batches = *(const bool *)with;
    const refold_aggregate table = {
        .abi_version = REFOLD_ABI_VERSION,
        .size = sizeof(refold_aggregate),
        .name = "tale",
        .state_version = 1,
        .state_size = sizeof(struct tale),
        .types = types,
        .type_count = 3,
        .fields = fields,
        .field_count = 4,
        .apply = apply_one,
        .apply_batch = batches ? apply_batch : NULL,
    };
    struct rf_plugin *plugin;
    if (rf_plugin_new(&table, &plugin, NULL) != RF_OK) {
        _exit(99);
    }
    rf_fold_loop(plugin, 1, ignores, ignore_count, NULL);
}

/* ---- an aggregate whose state is no number at times --------------------------------------------
 */

struct mood {
    double real;
    refold_text text;
};

static int32_t
change_mood(void *state, const refold_event *event)
{
    struct mood *mood = state;
    mood->real = event->kind == REFUSED ? 1.5 : (double)NAN;
    if (event->kind == FICKLE) {
        mood->text = (refold_text){"\xFF", 1, 0};
    }
    return REFOLD_OK;
}

static void
fold_moods(const void *with)
{
    (void)with;
    static const refold_field members[] = {
        REFOLD_REAL(struct mood, real, "real"),
        REFOLD_TEXT(struct mood, text, "text"),
    };
    const refold_aggregate table = {
        .abi_version = REFOLD_ABI_VERSION,
        .size = sizeof(refold_aggregate),
        .name = "mood",
        .state_version = 1,
        .state_size = sizeof(struct mood),
        .types = types,
        .type_count = 3,
        .fields = members,
        .field_count = 2,
        .apply = change_mood,
    };
    struct rf_plugin *plugin;
    if (rf_plugin_new(&table, &plugin, NULL) != RF_OK) {
        _exit(99);
    }
    rf_fold_loop(plugin, 1, NULL, 0, NULL);
}

/* ---- an aggregate that makes no state ----------------------------------------------------------
 */

static void *
create_nothing(void)
{
    return NULL;
}

static void
destroy_nothing(void *state)
{
    (void)state;
}

static void
fold_nothing(const void *with)
{
    (void)with;
    const refold_aggregate table = {
        .abi_version = REFOLD_ABI_VERSION,
        .size = sizeof(refold_aggregate),
        .name = "nothing",
        .state_version = 1,
        .state_size = sizeof(struct tale),
        .types = types,
        .type_count = 3,
        .fields = fields,
        .field_count = 4,
        .apply = apply_one,
        .create = create_nothing,
        .destroy = destroy_nothing,
    };
    struct rf_plugin *plugin;
    if (rf_plugin_new(&table, &plugin, NULL) != RF_OK) {
        _exit(99);
    }
    rf_fold_loop(plugin, 1, NULL, 0, NULL);
}

/* ---- a history ------------------------------------------------------------------------------- */

/** Names by number; the last is the aggregate. One event of each type lies in the arena. */
static const char *const names[] = {"Took", "Refused", "Fickle", "Unknown", "tale"};
#define NAME_COUNT  5
#define EVENT_BYTES (sizeof(struct rf_packed_event) + 8)

static void
make_given(struct given *given)
{
    struct rf_names_header header = {NAME_COUNT};
    size_t offset = sizeof(header) + NAME_COUNT * sizeof(struct rf_names_entry);
    memset(given, 0, sizeof(*given));
    rf_buf_add(&given->names, &header, sizeof(header));
    for (uint32_t i = 0; i < NAME_COUNT; i++) {
        struct rf_names_entry entry = {offset, strlen(names[i]),
                                       rf_hash(names[i], strlen(names[i]), 7)};
        rf_buf_add(&given->names, &entry, sizeof(entry));
        offset += strlen(names[i]);
        struct rf_packed_event event = {.bytes = EVENT_BYTES,
                                        .type = i,
                                        .aggregate = 4,
                                        .id_bytes = 1,
                                        .data_bytes = 2,
                                        .flags = RF_EVENT_VERSION,
                                        .content_hash = i};
        rf_buf_add(&given->arena, &event, sizeof(event));
        rf_buf_add(&given->arena, "x{}\0\0\0\0\0", 8);
    }
    for (uint32_t i = 0; i < NAME_COUNT; i++) {
        rf_buf_string(&given->names, names[i]);
    }
}

static void
drop_given(struct given *given)
{
    rf_buf_done(&given->names);
    rf_buf_done(&given->arena);
    rf_buf_done(&given->requests);
}

/** A request of `count` events that are all "Took" but the one at `odd`, which is of type `type`.
 */
static void
add_request(struct given *given, uint64_t count, uint64_t snapshot_after, uint32_t flags,
            uint64_t odd, uint32_t type)
{
    struct rf_request request = {sizeof(request) + count * sizeof(struct rf_request_event), count,
                                 snapshot_after, 4, flags};
    rf_buf_add(&given->requests, &request, sizeof(request));
    for (uint64_t i = 0; i < count; i++) {
        struct rf_request_event event = {rf_ref_make(0, (i == odd ? type : 0) * EVENT_BYTES),
                                         (int64_t)i + 1};
        rf_buf_add(&given->requests, &event, sizeof(event));
    }
}

/** Lets the only request go on from a snapshot. */
static void
add_start(struct given *given, uint64_t digest, const char *text)
{
    size_t bytes = (size_t)rf_resume_bytes(strlen(text));
    unsigned char *place = calloc(1, bytes);
    rf_resume_write(place, digest, text, strlen(text));
    rf_buf_add(&given->requests, place, bytes);
    free(place);
    struct rf_request *request = (struct rf_request *)(void *)given->requests.bytes;
    request->bytes += bytes;
    request->flags |= RF_REQUEST_FROM;
}

/** The digest of the first `applied` events of the only request, as the host makes it. */
static uint64_t
digest_by_hand(const struct given *given, uint64_t applied)
{
    const struct rf_request *request = (const void *)given->requests.bytes;
    const struct rf_request_start *start = rf_resume_start(request);
    uint64_t digest = start == NULL ? 0 : start->digest;
    for (uint64_t i = 0; i < applied; i++) {
        struct rf_request_event asked;
        struct rf_packed_event event;
        memcpy(&asked, given->requests.bytes + sizeof(struct rf_request) + i * sizeof(asked),
               sizeof(asked));
        memcpy(&event, given->arena.bytes + rf_ref_offset(asked.ref), sizeof(event));
        const char *type = names[event.type];
        digest = rf_digest_event(digest, &event, asked.version, rf_hash(type, strlen(type), 7));
    }
    return digest;
}

/** One answer as it is written down here. */
struct expected {
    uint32_t kind;
    uint32_t status;
    uint64_t applied;
    const char *text;
};

static const uint64_t NOWHERE = UINT64_MAX;

/** Folds the requests as one batch: fills the stream, and `steps` (of which there are *ret_steps).
 */
static void
fold_batch(struct ends *ends, const struct given *given, uint64_t instances,
           void (*work)(const void *), bool batches, struct rf_notice *steps, size_t room,
           size_t *ret_steps)
{
    struct rf_notice notice;
    *ret_steps = 0;
    open_ends(ends, given, work, &batches);
    cr_assert(hear(ends, 20000, &notice));
    cr_assert(notice.kind == RF_NOTICE_HELLO && notice.number == RF_HOST_PROTOCOL);
    tell(ends, RF_COMMAND_FOLD, 1, instances, given->requests.used);
    for (;;) {
        cr_assert(hear(ends, 20000, &notice), "the worker ended");
        if (notice.kind == RF_NOTICE_BATCH) {
            return;
        }
        if (notice.kind == RF_NOTICE_STEP) {
            cr_assert(*ret_steps < room);
            steps[(*ret_steps)++] = notice;
        } else {
            read_slot(ends, &notice);
        }
    }
}

/** Folds one request and compares all answers; each must have the digest of the events that it says
 * it is of. */
static void
expect_answers_of(const struct given *given, void (*work)(const void *), bool batches,
                  const struct expected *expected, size_t count)
{
    struct ends ends;
    size_t at = 0;
    size_t steps;
    fold_batch(&ends, given, 1, work, batches, NULL, 0, &steps);
    for (size_t i = 0; i < count; i++) {
        const char *text;
        struct rf_answer answer = take_answer(&ends, &at, i, &text);
        cr_expect_eq(answer.kind, expected[i].kind, "answer %zu", i);
        cr_expect_eq(answer.status, expected[i].status, "answer %zu", i);
        cr_expect_eq(answer.applied, expected[i].applied, "answer %zu: %d", i, (int)answer.applied);
        cr_expect(answer.text_bytes == strlen(expected[i].text) &&
                      memcmp(text, expected[i].text, answer.text_bytes) == 0,
                  "answer %zu: %.*s", i, (int)answer.text_bytes, text);
        cr_expect(answer.digest == digest_by_hand(given, answer.applied), "answer %zu", i);
    }
    cr_expect_eq(at, ends.stream.used, "more answers than expected");
    tell(&ends, RF_COMMAND_QUIT, 0, 0, 0);
    cr_expect_eq(close_ends(&ends), 0);
}

static void
expect_answers(const struct given *given, bool batches, const struct expected *expected,
               size_t count)
{
    expect_answers_of(given, fold, batches, expected, count);
}

#define STATE(applied, text)                                                                       \
    {                                                                                              \
        RF_ANSWER_STATE, RF_STATUS_OK, applied, text                                               \
    }
#define END(applied)                                                                               \
    {                                                                                              \
        RF_ANSWER_END, RF_STATUS_OK, applied, ""                                                   \
    }
#define REJECTED(applied, text)                                                                    \
    {                                                                                              \
        RF_ANSWER_END, RF_STATUS_REJECTED, applied, text                                           \
    }

Test(fold_loop, gives_batches_of_256_and_none_across_the_snapshot)
{
    static const struct expected expected[] = {
        STATE(300, "{\"calls\":2,\"events\":300,\"last\":300,\"most\":256}"), END(700)};
    struct given given;
    make_given(&given);
    add_request(&given, 700, 300, 0, NOWHERE, 0);
    expect_answers(&given, true, expected, 2);
    drop_given(&given);
}

Test(fold_loop, gives_one_event_at_a_time_without_batches)
{
    static const struct expected expected[] = {
        STATE(3, "{\"calls\":3,\"events\":3,\"last\":3,\"most\":1}"), END(3)};
    struct given given;
    make_given(&given);
    add_request(&given, 3, 3, 0, NOWHERE, 0);
    expect_answers(&given, false, expected, 2);
    drop_given(&given);
}

Test(fold_loop, gives_the_empty_state_where_it_is_wanted_first)
{
    static const struct expected expected[] = {
        STATE(0, "{\"calls\":0,\"events\":0,\"last\":0,\"most\":0}"), END(2)};
    static const struct expected none[] = {
        STATE(0, "{\"calls\":0,\"events\":0,\"last\":0,\"most\":0}"), END(0)};
    struct given given;
    make_given(&given);
    add_request(&given, 2, 0, 0, NOWHERE, 0);
    expect_answers(&given, true, expected, 2);
    drop_given(&given);
    make_given(&given);
    add_request(&given, 0, 0, 0, NOWHERE, 0);
    expect_answers(&given, true, none, 2);
    drop_given(&given);
}

#define SNAPSHOT "{\"calls\":5,\"events\":7,\"last\":4,\"most\":2}"

Test(fold_loop, goes_on_from_a_snapshot)
{
    static const struct expected expected[] = {
        STATE(2, "{\"calls\":7,\"events\":9,\"last\":2,\"most\":1}"), END(3)};
    static const struct expected batch[] = {
        STATE(2, "{\"calls\":6,\"events\":9,\"last\":2,\"most\":2}"), END(3)};
    static const struct expected none[] = {STATE(0, SNAPSHOT), END(0)};
    struct given given;
    make_given(&given);
    add_request(&given, 3, 2, 0, NOWHERE, 0);
    add_start(&given, 0x1234, SNAPSHOT);
    expect_answers(&given, false, expected, 2);
    expect_answers(&given, true, batch, 2);
    drop_given(&given);
    make_given(&given);
    add_request(&given, 0, 0, 0, NOWHERE, 0);
    add_start(&given, 0x1234, SNAPSHOT);
    expect_answers(&given, true, none, 2);
    drop_given(&given);
}

Test(fold_loop, goes_back_to_the_snapshot_where_an_event_is_refused)
{
    static const struct expected expected[] = {
        STATE(1, "{\"calls\":6,\"events\":8,\"last\":1,\"most\":2}"), REJECTED(1, "Refused: no")};
    static const struct expected first[] = {STATE(0, SNAPSHOT), REJECTED(0, "Refused: no")};
    struct given given;
    make_given(&given);
    add_request(&given, 20, 20, 0, 1, 1);
    add_start(&given, 0x1234, SNAPSHOT);
    expect_answers(&given, true, expected, 2);
    drop_given(&given);
    make_given(&given);
    add_request(&given, 20, 20, 0, 0, 1);
    add_start(&given, 0x1234, SNAPSHOT);
    expect_answers(&given, true, first, 2);
    drop_given(&given);
}

Test(fold_loop, says_which_snapshot_it_cannot_restore)
{
    static const struct expected expected[] = {
        {RF_ANSWER_STATE, RF_STATUS_BROKEN, 0,
         "its snapshot cannot be restored: /events: is missing"},
        {RF_ANSWER_END, RF_STATUS_BROKEN, 0, ""}};
    struct given given;
    make_given(&given);
    add_request(&given, 3, 2, 0, NOWHERE, 0);
    add_start(&given, 0x1234, "{\"calls\":5}");
    expect_answers(&given, false, expected, 2);
    drop_given(&given);
}

Test(fold_loop, traces_from_the_snapshot_on)
{
    static const struct expected expected[] = {
        {RF_ANSWER_TRACE, RF_STATUS_OK, 0, SNAPSHOT},
        {RF_ANSWER_TRACE, RF_STATUS_OK, 1, "{\"calls\":6,\"events\":8,\"last\":1,\"most\":1}"},
        STATE(1, "{\"calls\":6,\"events\":8,\"last\":1,\"most\":1}"),
        END(1)};
    struct given given;
    make_given(&given);
    add_request(&given, 1, 1, RF_REQUEST_TRACE, NOWHERE, 0);
    add_start(&given, 0x1234, SNAPSHOT);
    expect_answers(&given, false, expected, 4);
    drop_given(&given);
}

Test(fold_loop, shows_nothing_of_a_refused_event)
{
    /* The refused event has counted itself before it was refused. */
    static const struct expected batch[] = {
        STATE(9, "{\"calls\":1,\"events\":9,\"last\":9,\"most\":9}"), REJECTED(9, "Refused: no")};
    static const struct expected single[] = {
        STATE(9, "{\"calls\":9,\"events\":9,\"last\":9,\"most\":1}"), REJECTED(9, "Refused: no")};
    static const struct expected first[] = {
        STATE(0, "{\"calls\":0,\"events\":0,\"last\":0,\"most\":0}"), REJECTED(0, "Refused: no")};
    struct given given;
    make_given(&given);
    add_request(&given, 20, 20, 0, 9, 1);
    expect_answers(&given, true, batch, 2);
    expect_answers(&given, false, single, 2);
    drop_given(&given);
    make_given(&given);
    add_request(&given, 20, 20, 0, 0, 1);
    expect_answers(&given, true, first, 2);
    drop_given(&given);
}

Test(fold_loop, keeps_the_state_where_the_refused_event_is_behind_it)
{
    static const struct expected expected[] = {
        STATE(4, "{\"calls\":1,\"events\":4,\"last\":4,\"most\":4}"), REJECTED(9, "Refused: no")};
    struct given given;
    make_given(&given);
    add_request(&given, 20, 4, 0, 9, 1);
    expect_answers(&given, true, expected, 2);
    drop_given(&given);
}

Test(fold_loop, refuses_a_type_that_is_not_declared)
{
    static const struct expected expected[] = {
        STATE(2, "{\"calls\":1,\"events\":2,\"last\":2,\"most\":2}"),
        REJECTED(2, "unhandled type Unknown")};
    struct given given;
    make_given(&given);
    add_request(&given, 5, 5, 0, 2, 3);
    expect_answers(&given, true, expected, 2);
    drop_given(&given);
}

Test(fold_loop, tells_an_aggregate_that_answers_one_event_in_two_ways)
{
    static const struct expected expected[] = {
        {RF_ANSWER_STATE, RF_STATUS_BROKEN, 3,
         "impure: event 1 was taken first, and refused when folded again"},
        REJECTED(3, "Refused: no"),
    };
    struct given given;
    make_given(&given);
    add_request(&given, 4, 4, 0, 1, 2);
    /* Event 3 is refused, so that event 1 is folded again. */
    struct rf_request_event last = {rf_ref_make(0, EVENT_BYTES), 4};
    memcpy(given.requests.bytes + given.requests.used - sizeof(last), &last, sizeof(last));
    expect_answers(&given, true, expected, 2);
    drop_given(&given);
}

Test(fold_loop, traces_up_to_the_snapshot)
{
    static const struct expected expected[] = {
        {RF_ANSWER_TRACE, RF_STATUS_OK, 0, "{\"calls\":0,\"events\":0,\"last\":0,\"most\":0}"},
        {RF_ANSWER_TRACE, RF_STATUS_OK, 1, "{\"calls\":1,\"events\":1,\"last\":1,\"most\":1}"},
        {RF_ANSWER_TRACE, RF_STATUS_OK, 2, "{\"calls\":2,\"events\":2,\"last\":2,\"most\":1}"},
        STATE(2, "{\"calls\":2,\"events\":2,\"last\":2,\"most\":1}"),
        END(5),
    };
    struct given given;
    make_given(&given);
    add_request(&given, 5, 2, RF_REQUEST_TRACE, NOWHERE, 0);
    expect_answers(&given, true, expected, 5);
    drop_given(&given);
}

/* A state that has no JSON is a state like others: it is told once, and again when it comes back.
 */
Test(fold_loop, traces_a_state_without_json_once)
{
    static const struct expected expected[] = {
        {RF_ANSWER_TRACE, RF_STATUS_OK, 0, "{\"real\":0}"},
        {RF_ANSWER_TRACE, RF_STATUS_NONFINITE, 1, "/real"},
        {RF_ANSWER_TRACE, RF_STATUS_OK, 4, "{\"real\":1.5}"},
        {RF_ANSWER_TRACE, RF_STATUS_NONFINITE, 5, "/real"},
        {RF_ANSWER_STATE, RF_STATUS_NONFINITE, 6, "/real"},
        END(6),
    };
    struct given given;
    make_given(&given);
    add_request(&given, 6, 6, RF_REQUEST_TRACE, 3, 1);
    expect_answers_of(&given, fold_moods, false, expected, 6);
    drop_given(&given);
}

/* Wherever it stands: what has no JSON besides is a fault, and no state of a golden. */
Test(fold_loop, hides_behind_a_nan_no_text_that_is_not_utf8)
{
    static const struct expected expected[] = {
        {RF_ANSWER_TRACE, RF_STATUS_OK, 0, "{\"real\":0}"},
        {RF_ANSWER_TRACE, RF_STATUS_NONFINITE, 1, "/real"},
        {RF_ANSWER_TRACE, RF_STATUS_BROKEN, 2, "/text: the text is not UTF-8"},
        {RF_ANSWER_STATE, RF_STATUS_BROKEN, 3, "/text: the text is not UTF-8"},
        END(3),
    };
    struct given given;
    make_given(&given);
    add_request(&given, 3, 3, RF_REQUEST_TRACE, 1, 2);
    expect_answers_of(&given, fold_moods, false, expected, 5);
    drop_given(&given);
}

/* ---- trails ---------------------------------------------------------------------------------- */

/** The stream of one batch, to be looked at answer by answer. */
struct heard {
    struct ends ends;
    size_t at;
    uint64_t sequence;
    struct rf_answer answer;
    const char *text;
};

static void
fold_and_hear(struct heard *heard, const struct given *given, uint64_t instances,
              void (*work)(const void *))
{
    size_t steps;
    struct rf_notice room[8];
    memset(heard, 0, sizeof(*heard));
    fold_batch(&heard->ends, given, instances, work, true, room, 8, &steps);
}

static bool
next_answer(struct heard *heard)
{
    if (heard->at == heard->ends.stream.used) {
        return false;
    }
    heard->answer = take_answer(&heard->ends, &heard->at, heard->sequence++, &heard->text);
    return true;
}

static void
stop_hearing(struct heard *heard)
{
    cr_expect_eq(close_ends(&heard->ends), 0);
}

/** The hashes of the only instance, joined; each part must end where it says. *ret_parts: how many
 * there were. */
static uint64_t *
hear_trail(const struct given *given, void (*work)(const void *), size_t *ret_count,
           size_t *ret_parts)
{
    struct heard heard;
    uint64_t *hashes = NULL;
    size_t count = 0;
    bool ended = false;
    *ret_parts = 0;
    fold_and_hear(&heard, given, 1, work);
    while (next_answer(&heard)) {
        cr_assert(!ended, "an answer behind the end");
        ended = heard.answer.kind == RF_ANSWER_END;
        cr_expect(!ended || heard.answer.applied + 1 == count, "%zu hashes", count);
        if (heard.answer.kind != RF_ANSWER_TRAIL) {
            continue;
        }
        size_t more = heard.answer.text_bytes / 8;
        cr_assert(heard.answer.text_bytes % 8 == 0 && more > 0 && more <= RF_TRAIL_HASHES);
        hashes = realloc(hashes, (count + more) * sizeof(*hashes));
        memcpy(hashes + count, heard.text, more * 8);
        count += more;
        *ret_parts += 1;
        cr_expect_eq(heard.answer.applied + 1, count);
        cr_expect(heard.answer.digest == digest_by_hand(given, heard.answer.applied));
    }
    cr_expect(ended);
    stop_hearing(&heard);
    *ret_count = count;
    return hashes;
}

/** What the hashes must be, by the states of a trace of the same events. */
static uint64_t *
hash_trace(const struct given *given, void (*work)(const void *), size_t *ret_count)
{
    struct heard heard;
    uint64_t *hashes = NULL;
    size_t count = 0;
    fold_and_hear(&heard, given, 1, work);
    while (next_answer(&heard)) {
        size_t until = (size_t)heard.answer.applied + (heard.answer.kind == RF_ANSWER_TRACE);
        hashes = realloc(hashes, (until + 1) * sizeof(*hashes));
        for (; count < until; count++) {
            hashes[count] = count == 0 ? 0 : hashes[count - 1]; /* nothing changed there */
        }
        if (heard.answer.kind == RF_ANSWER_TRACE) {
            cr_assert_eq(heard.answer.status, RF_STATUS_OK);
            hashes[count - 1] = rf_hash(heard.text, heard.answer.text_bytes, 14);
        } else if (heard.answer.kind == RF_ANSWER_END && count == until) {
            hashes[count] = hashes[count - 1];
            count++;
        }
    }
    stop_hearing(&heard);
    *ret_count = count;
    return hashes;
}

/** `odd` and `type` as with add_request. */
static void
expect_trail(uint64_t events, uint64_t odd, uint32_t type, size_t count, size_t parts)
{
    struct given given;
    size_t traced;
    size_t hashed;
    size_t heard;
    make_given(&given);
    add_request(&given, events, events, RF_REQUEST_TRACE, odd, type);
    uint64_t *expected = hash_trace(&given, fold, &traced);
    drop_given(&given);
    make_given(&given);
    add_request(&given, events, events, RF_REQUEST_TRAIL, odd, type);
    uint64_t *hashes = hear_trail(&given, fold, &hashed, &heard);
    cr_assert(hashed == count && traced == count, "%zu hashes, %zu traced, not %zu", hashed, traced,
              count);
    cr_expect_eq(heard, parts);
    for (size_t i = 0; i < count; i++) {
        cr_assert(hashes[i] == (expected[i] & ~RF_TRAIL_UNTOLD), "hash %zu", i);
    }
    free(hashes);
    free(expected);
    drop_given(&given);
}

/* The aggregate takes batches: a state behind each event is there only one by one. */
Test(fold_loop, gives_the_hash_of_each_state_that_a_trace_shows)
{
    expect_trail(0, NOWHERE, 0, 1, 1);
    expect_trail(1, NOWHERE, 0, 2, 1);
    expect_trail(300, NOWHERE, 0, 301, 1);
}

Test(fold_loop, gives_long_trails_in_parts)
{
    expect_trail(RF_TRAIL_HASHES - 2, NOWHERE, 0, RF_TRAIL_HASHES - 1, 1);
    expect_trail(RF_TRAIL_HASHES - 1, NOWHERE, 0, RF_TRAIL_HASHES, 1);
    expect_trail(RF_TRAIL_HASHES, NOWHERE, 0, RF_TRAIL_HASHES + 1, 2);
    expect_trail(3 * RF_TRAIL_HASHES, NOWHERE, 0, 3 * RF_TRAIL_HASHES + 1, 4);
}

Test(fold_loop, ends_a_trail_in_front_of_a_refused_event)
{
    expect_trail(20, 0, 1, 1, 1);
    expect_trail(20, 9, 1, 10, 1);
    expect_trail(20, 9, 3, 10, 1);
    expect_trail(RF_TRAIL_HASHES + 9, RF_TRAIL_HASHES + 5, 1, RF_TRAIL_HASHES + 6, 2);
}

/* The state before the refused event is made anew: that must leave no second trail. */
Test(fold_loop, gives_states_beside_a_trail)
{
    static const uint32_t refused[] = {RF_ANSWER_TRAIL, RF_ANSWER_STATE, RF_ANSWER_END};
    static const uint32_t early[] = {RF_ANSWER_STATE, RF_ANSWER_TRAIL, RF_ANSWER_END};
    struct heard heard;
    struct given given;
    make_given(&given);
    add_request(&given, 9, 9, RF_REQUEST_TRAIL, 5, 1);
    add_request(&given, 9, 4, RF_REQUEST_TRAIL, NOWHERE, 0);
    add_request(&given, 9, 4, RF_REQUEST_TRAIL | RF_REQUEST_STEP, 7, 1);
    add_request(&given, 2, 2, 0, NOWHERE, 0);
    fold_and_hear(&heard, &given, 4, fold);
    for (size_t i = 0; i < 9; i++) {
        cr_assert(next_answer(&heard));
        cr_expect_eq(heard.answer.instance, i / 3);
        cr_expect_eq(heard.answer.kind, (i < 3 ? refused : early)[i % 3], "answer %zu", i);
        if (heard.answer.kind == RF_ANSWER_TRAIL) {
            cr_expect_eq(heard.answer.text_bytes,
                         8 * (i < 3   ? 6
                              : i < 6 ? 10
                                      : 8),
                         "answer %zu", i);
        }
    }
    cr_assert(next_answer(&heard) && heard.answer.kind == RF_ANSWER_STATE);
    cr_assert(next_answer(&heard) && heard.answer.kind == RF_ANSWER_END);
    cr_expect_not(next_answer(&heard));
    stop_hearing(&heard);
    drop_given(&given);
}

/** Whether the trail of three events is that of three equal states. */
static bool
is_still(const char *const *rules, size_t count)
{
    struct given given;
    size_t hashed;
    size_t parts;
    ignores = rules;
    ignore_count = count;
    make_given(&given);
    add_request(&given, 3, 3, RF_REQUEST_TRAIL, NOWHERE, 0);
    uint64_t *hashes = hear_trail(&given, fold, &hashed, &parts);
    cr_assert_eq(hashed, 4);
    bool still = hashes[1] == hashes[2] && hashes[2] == hashes[3];
    free(hashes);
    drop_given(&given);
    return still;
}

Test(fold_loop, leaves_out_of_a_trail_what_is_ignored)
{
    static const char *const rules[] = {"/calls", "tale:/events", "/last"};
    static const char *const others[] = {"/calls", "tall:/events", "/last"};
    cr_expect_not(is_still(NULL, 0));
    cr_expect_not(is_still(rules, 2));
    cr_expect_not(is_still(others, 3));
    cr_expect(is_still(rules, 3));
}

Test(fold_loop, has_a_hash_for_a_state_that_is_no_number)
{
    struct given given;
    size_t count;
    size_t parts;
    make_given(&given);
    add_request(&given, 4, 4, RF_REQUEST_TRAIL, 2, 1);
    uint64_t *hashes = hear_trail(&given, fold_moods, &count, &parts);
    cr_assert_eq(count, 5);
    cr_expect(hashes[0] == (rf_hash("{\"real\":0}", 10, 14) & ~RF_TRAIL_UNTOLD));
    cr_expect(hashes[3] == (rf_hash("{\"real\":1.5}", 12, 14) & ~RF_TRAIL_UNTOLD));
    cr_expect(hashes[1] == hashes[2] && hashes[1] == hashes[4]);
    cr_expect(hashes[1] != hashes[0] && hashes[1] != hashes[3]);
    free(hashes);
    drop_given(&given);
}

/* ---- steps and digests ----------------------------------------------------------------------- */

Test(fold_loop, steps_before_each_event_and_behind_the_last)
{
    static const uint64_t expected[][2] = {{1, 0}, {1, 1}, {1, 2}, {1, 3}};
    struct rf_notice steps[8];
    struct given given;
    struct ends ends;
    size_t count;
    make_given(&given);
    add_request(&given, 2, 2, 0, NOWHERE, 0);
    add_request(&given, 3, 3, RF_REQUEST_STEP, NOWHERE, 0);
    fold_batch(&ends, &given, 2, fold, true, steps, 8, &count);
    cr_assert_eq(count, 4);
    for (size_t i = 0; i < count; i++) {
        cr_expect(steps[i].number == expected[i][0] && steps[i].value == expected[i][1]);
    }
    cr_expect_eq(close_ends(&ends), 0);
    drop_given(&given);
}

/* The same digest as by hand: over version, time, type and content of each event. */
Test(fold_loop, digests_what_it_applied)
{
    struct given given;
    struct ends ends;
    size_t count;
    size_t at = 0;
    const char *text;
    make_given(&given);
    add_request(&given, 3, 3, 0, 2, 1);
    fold_batch(&ends, &given, 1, fold, true, NULL, 0, &count);
    struct rf_packed_event took;
    memcpy(&took, given.arena.bytes, sizeof(took));
    uint64_t digest = 0;
    for (int64_t version = 1; version <= 2; version++) {
        digest = rf_digest_event(digest, &took, version, rf_hash("Took", 4, 7));
    }
    cr_expect_eq(take_answer(&ends, &at, 0, &text).digest, digest);
    cr_expect_eq(take_answer(&ends, &at, 1, &text).digest, digest);
    cr_expect_eq(close_ends(&ends), 0);
    drop_given(&given);
}

/* ---- requests that are wrong ----------------------------------------------------------------- */

/** The status with which the worker ends over this request. */
static int
end_of_work(void (*work)(const void *), const struct rf_request *request,
            const struct rf_request_event *event)
{
    struct given given;
    struct ends ends;
    struct rf_notice notice;
    bool batches = false;
    make_given(&given);
    rf_buf_add(&given.requests, request, sizeof(*request));
    rf_buf_add(&given.requests, event, sizeof(*event));
    open_ends(&ends, &given, work, &batches);
    cr_assert(hear(&ends, 20000, &notice));
    tell(&ends, RF_COMMAND_FOLD, 1, 1, given.requests.used);
    while (hear(&ends, 20000, &notice) && notice.kind != RF_NOTICE_BATCH) {
    }
    drop_given(&given);
    return close_ends(&ends);
}

static int
end_of(const struct rf_request *request, const struct rf_request_event *event)
{
    return end_of_work(fold, request, event);
}

Test(fold_loop, ends_where_the_aggregate_makes_no_state)
{
    const struct rf_request request = {sizeof(request) + sizeof(struct rf_request_event), 1, 1, 4,
                                       0};
    const struct rf_request_event event = {0, 1};
    cr_expect_eq(end_of_work(fold_nothing, &request, &event), 3);
}

Test(fold_loop, ends_over_a_request_that_cannot_be_true)
{
    const struct rf_request good = {sizeof(good) + sizeof(struct rf_request_event), 1, 1, 4, 0};
    const struct rf_request_event event = {0, 1};
    struct rf_request request = good;
    cr_expect_eq(end_of(&request, &event), 0);
    request.bytes += 8;
    cr_expect_eq(end_of(&request, &event), 3);
    request = good;
    request.count = UINT64_MAX / 16;
    cr_expect_eq(end_of(&request, &event), 3);
    request = good;
    request.snapshot_after = 2;
    cr_expect_eq(end_of(&request, &event), 3);
    request = good;
    request.aggregate = NAME_COUNT;
    cr_expect_eq(end_of(&request, &event), 3);
    struct rf_request_event wrong = {rf_ref_make(1, 0), 1};
    cr_expect_eq(end_of(&good, &wrong), 3);
    wrong.ref = rf_ref_make(0, NAME_COUNT * EVENT_BYTES);
    cr_expect_eq(end_of(&good, &wrong), 3);
    wrong.ref = rf_ref_make(0, 4);
    cr_expect_eq(end_of(&good, &wrong), 3);
}

/* SPDX-License-Identifier: MIT */
/* A shared object as a speaker of the worker protocol: harness/docs/worker-protocol.md from the
 * other side.
 */
#include "worker/speak.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/limits.h"
#include "program/frame.h"
#include "worker/answers.h"
#include "worker/apply.h"
#include "worker/emitted.h"
#include "worker/identify.h"
#include "worker/protocol.h"
#include "worker/tidy.h"
#include "worker/values.h"

/** The filter lets it write on this one (calls.h). */
#define ANSWERS RF_FD_NOTICES

struct name {
    char *text;
    size_t bytes;
};

struct speaker {
    const struct rf_plugin *plugin;
    struct name *names; /* by number */
    size_t name_count, name_room;
    struct rf_buf in; /* of the input, from `taken` on not taken yet */
    size_t taken;
    struct rf_buf out;
    struct rf_talk_frame frame; /* at hand */
    const char *payload;
    bool begun; /* an instance is … */
    bool over;  /* … and only its END is answered */
    bool greeted;
    struct rf_buf aggregate;
    struct rf_buf id;
    void *state;
    uint64_t applied;
    uint32_t receipt;
    struct rf_json doc;
};

/* ---- frames ---------------------------------------------------------------------------------- */

static void
hand_over(struct speaker *speaker)
{
    if (!rf_fd_write(ANSWERS, speaker->out.bytes, speaker->out.used)) {
        _exit(0); /* the other side is gone */
    }
    rf_buf_clear(&speaker->out);
}

/** False at the end of the input. What is written is handed over before it is waited for more. */
static bool
have(struct speaker *speaker, size_t bytes)
{
    while (speaker->in.used - speaker->taken < bytes) {
        hand_over(speaker);
        if (speaker->taken > 0) {
            memmove(speaker->in.bytes, speaker->in.bytes + speaker->taken,
                    speaker->in.used - speaker->taken);
            speaker->in.used -= speaker->taken;
            speaker->taken = 0;
        }
        rf_buf_reserve(&speaker->in, 256 * RF_KIB);
        ssize_t got = read(STDIN_FILENO, speaker->in.bytes + speaker->in.used, 256 * RF_KIB);
        if (got < 0 && errno != EINTR) {
            rf_worker_fail("cannot read a frame: %s", strerror(errno));
        }
        if (got == 0) {
            return false;
        }
        speaker->in.used += got > 0 ? (size_t)got : 0;
    }
    return true;
}

static bool
next_frame(struct speaker *speaker)
{
    uint64_t last = speaker->frame.number;
    if (!have(speaker, RF_FRAME_HEADER_BYTES)) {
        if (speaker->in.used > speaker->taken) {
            rf_worker_fail("the input ends within a frame");
        }
        return false;
    }
    if (!rf_talk_frame_read(speaker->in.bytes + speaker->taken, &speaker->frame)) {
        rf_worker_fail("a frame without its letters");
    }
    if (speaker->frame.bytes > RF_FRAME_PAYLOAD_BYTES) {
        rf_worker_fail("a frame of %u bytes", speaker->frame.bytes);
    }
    if (speaker->frame.number != last + 1) {
        rf_worker_fail("frame %llu behind frame %llu", (unsigned long long)speaker->frame.number,
                       (unsigned long long)last);
    }
    if (!have(speaker, RF_FRAME_HEADER_BYTES + (size_t)speaker->frame.bytes)) {
        rf_worker_fail("the input ends within a frame");
    }
    speaker->payload = speaker->in.bytes + speaker->taken + RF_FRAME_HEADER_BYTES;
    speaker->taken += RF_FRAME_HEADER_BYTES + speaker->frame.bytes;
    return true;
}

static size_t
open_answer(struct speaker *speaker)
{
    uint16_t kind = (uint16_t)(RF_FRAME_ANSWER + speaker->frame.kind);
    return rf_talk_frame_open(&speaker->out, kind, speaker->frame.number);
}

static void
close_answer(struct speaker *speaker, size_t place)
{
    rf_talk_frame_close(&speaker->out, place);
    if (speaker->out.used > RF_MIB) {
        hand_over(speaker);
    }
}

/** APPLIED, STATE, ENDED */
static void
answer_course(struct speaker *speaker, uint32_t status, const struct rf_buf *text)
{
    unsigned char applied[8];
    size_t place = open_answer(speaker);
    rf_put_u32(&speaker->out, status);
    rf_put_u32(&speaker->out, speaker->receipt);
    rf_put_le64(applied, speaker->applied);
    rf_buf_add(&speaker->out, applied, sizeof(applied));
    if (text != NULL) {
        rf_buf_add(&speaker->out, text->bytes, text->used);
    }
    close_answer(speaker, place);
}

/* ---- hello, types ---------------------------------------------------------------------------- */

static void
need(const struct speaker *speaker, bool condition)
{
    if (!condition) {
        rf_worker_fail("a frame (%s) that cannot stand there, or breaks off",
                       rf_talk_frame_name(speaker->frame.kind));
    }
}

static void
take_hello(struct speaker *speaker)
{
    uint64_t protocol = 0;
    struct rf_json *doc = &speaker->doc;
    need(speaker, !speaker->greeted);
    if (rf_json_read_whole(doc, speaker->payload, speaker->frame.bytes, NULL) != RF_OK) {
        rf_worker_fail("a HELLO that is no JSON");
    }
    uint32_t node = rf_json_member(doc, 0, "protocol", 8, NULL);
    need(speaker, node != RF_JSON_NONE && doc->nodes[node].kind == RF_JSON_NUMBER &&
                      rf_json_uint64(doc, node, &protocol));
    size_t place = open_answer(speaker);
    rf_buf_format(&speaker->out,
                  "{\"protocol\":%d,\"speaker\":\"refold-worker " REFOLD_VERSION
                  "\",\"aggregates\":[",
                  RF_SPOKEN_PROTOCOL);
    rf_plugin_describe(speaker->plugin, &speaker->out);
    rf_buf_string(&speaker->out, "]}");
    close_answer(speaker, place);
    speaker->greeted = true;
    if (protocol != RF_SPOKEN_PROTOCOL) {
        hand_over(speaker);
        rf_worker_fail("version %llu of the protocol is not spoken here",
                       (unsigned long long)protocol);
    }
}

static void
take_type(struct speaker *speaker)
{
    need(speaker, speaker->frame.bytes > 4 && speaker->frame.bytes <= 4 + RF_LIMIT_NAME_BYTES);
    size_t bytes = speaker->frame.bytes - 4;
    need(speaker, rf_get_u32(speaker->payload) == speaker->name_count);
    RF_GROW(speaker->names, speaker->name_room, speaker->name_count + 1);
    speaker->names[speaker->name_count++] =
        (struct name){rf_strndup(speaker->payload + 4, bytes), bytes};
}

/* ---- an instance ----------------------------------------------------------------------------- */

/** A text becomes ours: it is needed longer than its frame. */
static void
keep(struct rf_buf *ret, const char *text, size_t bytes)
{
    rf_buf_clear(ret);
    rf_buf_add(ret, text, bytes);
}

static void
take_begin(struct speaker *speaker)
{
    need(speaker, !speaker->begun && speaker->frame.bytes >= 16);
    uint32_t flags = rf_get_u32(speaker->payload + 4);
    size_t name_bytes = rf_get_u32(speaker->payload + 8);
    size_t id_bytes = rf_get_u32(speaker->payload + 12);
    size_t left = speaker->frame.bytes - 16;
    need(speaker, rf_get_u32(speaker->payload) == 0 && flags <= RF_BEGIN_SNAPSHOT &&
                      name_bytes <= left && id_bytes <= left - name_bytes &&
                      (flags != 0 || name_bytes + id_bytes == left));
    const char *name = speaker->payload + 16;
    keep(&speaker->aggregate, name, name_bytes);
    keep(&speaker->id, name + name_bytes, id_bytes);
    rf_values_begin_instance();
    speaker->begun = true;
    speaker->over = false;
    speaker->applied = 0;
    speaker->receipt = 0;
    speaker->state = rf_plugin_state_new(speaker->plugin);
    if (speaker->state == NULL) {
        rf_worker_fail("create returned NULL");
    }
    if (flags == 0) {
        return;
    }
    struct rf_err err;
    size_t front = name_bytes + id_bytes;
    bool good = rf_plugin_restore(speaker->plugin, speaker->state, name + front, left - front,
                                  &err) == RF_OK;
    size_t place = open_answer(speaker);
    rf_put_u32(&speaker->out, good ? RF_SPOKEN_OK : RF_SPOKEN_BROKEN);
    if (!good) {
        rf_buf_format(&speaker->out, "%s%s%s", err.where, err.where[0] == '\0' ? "" : ": ",
                      err.text);
    }
    close_answer(speaker, place);
    speaker->over = !good;
}

/** The record at the front of some bytes, as an event. Returns its length. */
static size_t
read_record(struct speaker *speaker, const char *bytes, size_t count, refold_event *ret,
            struct rf_event_values *values)
{
    struct rf_talk_record record;
    const char *data;
    size_t data_bytes;
    need(speaker, rf_talk_record_read(bytes, count, &record, &data, &data_bytes));
    if (record.type >= speaker->name_count) {
        rf_worker_fail("a record of type %u, which has no name", record.type);
    }
    if (rf_json_read_whole(&speaker->doc, data, data_bytes, NULL) != RF_OK) {
        rf_worker_fail("the data of a record is no JSON");
    }
    const struct name *name = &speaker->names[record.type];
    *values = (struct rf_event_values){.text = {data, data_bytes}};
    *ret = (refold_event){
        .size = sizeof(refold_event),
        .version = record.version,
        .at = {record.seconds, record.nanos, record.timed},
        .aggregate = {speaker->aggregate.bytes, speaker->aggregate.used},
        .id = {speaker->id.bytes, speaker->id.used},
        .type = {name->text, name->bytes},
        .host = rf_values_host(),
        .host_data = values,
    };
    return RF_RECORD_HEADER_BYTES + data_bytes;
}

/** @ret_why  what was refused, without its type: that is put in front where it is read */
static bool
apply_one(struct speaker *speaker, refold_event *event, struct rf_buf *ret_why)
{
    const refold_event *const list[] = {event};
    if (!rf_plugin_kind(speaker->plugin, event->type.ptr, (size_t)event->type.len, &event->kind)) {
        rf_buf_string(ret_why, "unhandled");
        return false;
    }
    if (rf_apply_events(speaker->plugin, speaker->state, list, 1, ret_why) == 1) {
        return true;
    }
    size_t front = (size_t)event->type.len + 2;
    memmove(ret_why->bytes, ret_why->bytes + front, ret_why->used - front);
    ret_why->used -= front;
    return false;
}

static void
take_events(struct speaker *speaker)
{
    need(speaker, speaker->begun && speaker->frame.bytes >= 4);
    if (speaker->over) {
        return;
    }
    struct rf_buf message = {0};
    uint32_t count = rf_get_u32(speaker->payload);
    size_t at = 4;
    bool taken = true;
    for (uint32_t i = 0; i < count && taken; i++) {
        refold_event event;
        struct rf_event_values values;
        const char *record = speaker->payload + at;
        size_t bytes = read_record(speaker, record, speaker->frame.bytes - at, &event, &values);
        taken = apply_one(speaker, &event, &message);
        if (taken) {
            speaker->receipt = rf_crc32c_add(speaker->receipt, record, bytes);
            speaker->applied++;
        }
        at += bytes;
    }
    need(speaker, !taken || at == speaker->frame.bytes);
    speaker->over = !taken;
    answer_course(speaker, taken ? RF_SPOKEN_OK : RF_SPOKEN_REFUSED, &message);
    rf_buf_done(&message);
}

static void
take_state(struct speaker *speaker)
{
    need(speaker, speaker->begun && speaker->frame.bytes == 0);
    if (speaker->over) {
        return;
    }
    struct rf_buf text = {0};
    struct rf_buf why = {0};
    uint32_t status = rf_plugin_snapshot(speaker->plugin, speaker->state, &text, &why);
    answer_course(speaker, status, status == RF_STATUS_OK ? &text : &why);
    rf_buf_done(&text);
    rf_buf_done(&why);
}

static void
take_end(struct speaker *speaker)
{
    need(speaker, speaker->begun && speaker->frame.bytes == 0);
    rf_plugin_state_free(speaker->plugin, speaker->state);
    rf_tidy_instance();
    speaker->begun = false;
    answer_course(speaker, RF_SPOKEN_OK, NULL);
}

/* ---- commands -------------------------------------------------------------------------------- */

/** Appends the events that the command made. False where they are none. */
static bool
add_made(struct speaker *speaker, struct rf_buf *why)
{
    struct rf_buf type = {0};
    struct rf_buf data = {0};
    bool cut;
    size_t count = rf_values_event_count(&cut);
    bool good = !cut;
    if (cut) {
        rf_emitted_cut(why);
    }
    rf_put_u32(&speaker->out, RF_SPOKEN_OK);
    rf_put_u32(&speaker->out, (uint32_t)count);
    for (size_t i = 0; good && i < count; i++) {
        rf_buf_clear(&type);
        rf_buf_clear(&data);
        good = rf_emitted_read(i, &type, &data, why);
        rf_put_u32(&speaker->out, (uint32_t)type.used);
        rf_put_u32(&speaker->out, (uint32_t)data.used);
        rf_buf_add(&speaker->out, type.bytes, type.used);
        rf_buf_add(&speaker->out, data.bytes, data.used);
    }
    rf_buf_done(&type);
    rf_buf_done(&data);
    return good;
}

static void
add_text(struct speaker *speaker, uint32_t status, const char *text, size_t bytes)
{
    rf_put_u32(&speaker->out, status);
    rf_put_u32(&speaker->out, 0);
    rf_buf_add(&speaker->out, text, bytes);
}

static void
take_command(struct speaker *speaker)
{
    refold_event command;
    struct rf_event_values values;
    need(speaker, speaker->begun);
    if (speaker->over) {
        return;
    }
    struct rf_buf why = {0};
    size_t bytes = read_record(speaker, speaker->payload, speaker->frame.bytes, &command, &values);
    need(speaker, bytes == speaker->frame.bytes);
    rf_values_begin_command();
    int32_t result = -1;
    if (!rf_plugin_handles(speaker->plugin) ||
        !rf_plugin_command_kind(speaker->plugin, command.type.ptr, (size_t)command.type.len,
                                &command.kind)) {
        rf_buf_string(&why, "unhandled command");
    } else {
        result = rf_plugin_handle(speaker->plugin, speaker->state, &command, &why);
    }
    size_t place = open_answer(speaker);
    size_t front = speaker->out.used;
    const char *text;
    size_t text_bytes;
    bool rejected = rf_values_rejection(&text, &text_bytes);
    bool answered = true;
    if (result == REFOLD_REJECTED) {
        add_text(speaker, RF_SPOKEN_REFUSED, text, rejected ? text_bytes : 0);
    } else if (result == REFOLD_OK && rejected) {
        rf_buf_string(&why, "handle called refold_reject, and did not return what it returned");
        answered = false;
    } else {
        answered = result == REFOLD_OK && add_made(speaker, &why);
    }
    if (!answered) {
        speaker->out.used = front;
        add_text(speaker, RF_SPOKEN_BROKEN, why.bytes, why.used);
        speaker->over = true;
    }
    close_answer(speaker, place);
    rf_buf_done(&why);
}

/* ---- payloads -------------------------------------------------------------------------------- */

static void
take_identify(struct speaker *speaker)
{
    need(speaker, !speaker->begun && speaker->frame.bytes >= 8 &&
                      rf_get_u32(speaker->payload) == 0 && speaker->plugin->table.identify != NULL);
    struct rf_buf told = {0};
    uint32_t count = rf_get_u32(speaker->payload + 4);
    size_t at = 8;
    size_t place = open_answer(speaker);
    rf_put_u32(&speaker->out, count);
    for (uint32_t i = 0; i < count; i++) {
        need(speaker, speaker->frame.bytes - at >= 4);
        size_t bytes = rf_get_u32(speaker->payload + at);
        at += 4;
        need(speaker, bytes <= speaker->frame.bytes - at);
        rf_buf_clear(&told);
        rf_identify(speaker->plugin, speaker->payload + at, bytes, &told);
        rf_put_u32(&speaker->out, (uint32_t)told.used);
        rf_buf_add(&speaker->out, told.bytes, told.used);
        at += bytes;
    }
    need(speaker, at == speaker->frame.bytes);
    rf_buf_done(&told);
    rf_tidy_instance();
    close_answer(speaker, place);
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void
take_frame(struct speaker *speaker)
{
    need(speaker, speaker->greeted || speaker->frame.kind == RF_FRAME_HELLO);
    switch (speaker->frame.kind) {
    case RF_FRAME_HELLO:
        take_hello(speaker);
        break;
    case RF_FRAME_TYPE:
        take_type(speaker);
        break;
    case RF_FRAME_BEGIN:
        take_begin(speaker);
        break;
    case RF_FRAME_EVENTS:
        take_events(speaker);
        break;
    case RF_FRAME_STATE:
        take_state(speaker);
        break;
    case RF_FRAME_END:
        take_end(speaker);
        break;
    case RF_FRAME_COMMAND:
        take_command(speaker);
        break;
    case RF_FRAME_IDENTIFY:
        take_identify(speaker);
        break;
    default:
        rf_worker_fail("a frame of kind %u", speaker->frame.kind);
    }
}

void
rf_speak_prepare(void)
{
    if (dup2(STDOUT_FILENO, ANSWERS) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
        rf_worker_fail("cannot copy standard output: %s", strerror(errno));
    }
}

void
rf_speak(const struct rf_plugin *plugin)
{
    struct speaker speaker = {.plugin = plugin};
    rf_tidy_note();
    while (next_frame(&speaker)) {
        take_frame(&speaker);
    }
    hand_over(&speaker);
}

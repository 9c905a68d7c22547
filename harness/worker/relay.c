/* SPDX-License-Identifier: MIT */
/* The relay: a worker whose aggregate is a program. */
#include "worker/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/json.h"
#include "base/limits.h"
#include "program/talk.h"
#include "worker/answers.h"
#include "worker/bounds.h"
#include "worker/launch.h"
#include "worker/numbers.h"
#include "worker/protocol.h"
#include "worker/relay_end.h"
#include "worker/sandbox.h"
#include "worker/values.h"

#define HELLO_MS 10000
/** Between looks at whether a program has ended whose output someone else holds open. */
#define LOOK_MS 1000
/** What a pipe may hold, where the system allows it: fewer switches between the two. */
#define PIPE_BYTES (1 << 20)
/** EVENTS are closed once they have so many bytes. */
#define EVENTS_BYTES ((size_t)1 << 20)

/** What was sent ahead. */
struct sent {
    uint64_t number;
    uint32_t count; /* of events */
    uint32_t bytes;
    uint16_t kind; /* of the frame */
};

/** So much is sent ahead, and so much of states may come back: what comes back is kept where an
 * instance has to be folded once more. */
#define AHEAD_BYTES  ((size_t)512 << 10)
#define AHEAD_STATES ((size_t)32 << 20)

/** A name that came lately, by where it lay: most lie where they lay before. */
#define LATELY 64
struct lately {
    char name[59];
    uint8_t bytes;
    uint32_t number;
};

struct rf_relay {
    pid_t pid;
    struct rf_talk talk;
    struct rf_descriptor descriptor;
    uint32_t member;
    struct rf_numbers numbers; /* of types and commands that were told */
    struct lately lately[LATELY];
    uint32_t *declared;      /* the number of each declared type, and 1; 0: not told yet */
    refold_string aggregate; /* of the next instance … */
    refold_string id;
    bool begun;                  /* … which the program knows of */
    uint64_t taken;              /* events applied since */
    void (*send)(void *context); /* ahead */
    void *send_context;
    struct sent *sent; /* ahead, and not taken; from sent_front on */
    size_t sent_front, sent_count, sent_room;
    size_t sent_bytes;   /* in these frames */
    size_t sent_states;  /* that are asked for in them */
    size_t state_bytes;  /* of a long one of the states that came */
    bool follows;        /* the instance at hand was sent ahead */
    struct rf_json doc;  /* of a state; kept for its room */
    struct rf_buf clean; /* a text that is UTF-8 */
};

/* ---- start ----------------------------------------------------------------------------------- */

static void
watch_host(pid_t relay)
{
#if defined(__linux__)
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != relay) {
        _exit(0); /* it ended in between */
    }
}

/** In the child. */
static _Noreturn void
become(const char *file, uint64_t memory_bytes, pid_t relay, int input, int output)
{
    watch_host(relay);
    /* Both lie above: the protocol's own files fill the numbers below. */
    if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0) {
        rf_worker_fail("cannot give a program its files: %s", strerror(errno));
    }
    rf_launch(file, memory_bytes);
}

static int
ready_end(int fd)
{
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
#if defined(F_SETPIPE_SZ)
    (void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
#endif
    return fd;
}

static void
start_process(struct rf_relay *relay, const char *file, uint64_t memory_bytes)
{
    int input[2];
    int output[2];
    pid_t self = (pid_t)syscall(SYS_getpid); /* the library's is the aggregate's (world.h) */
    if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) {
        rf_worker_fail("cannot make a pipe: %s", strerror(errno));
    }
    relay->talk.to = ready_end(input[1]);
    relay->talk.from = ready_end(output[0]);
    relay->pid = fork();
    if (relay->pid < 0) {
        rf_worker_fail("cannot start a process: %s", strerror(errno));
    }
    if (relay->pid == 0) {
        become(file, memory_bytes, self, input[0], output[1]);
    }
    (void)close(input[0]);
    (void)close(output[1]);
    (void)signal(SIGPIPE, SIG_IGN);
    rf_sandbox_enter_relay();
}

/** Waits as poll(2). A program that ended is at its end though someone else holds its output open.
 */
static int
wait_for_program(void *context, struct pollfd *ends, size_t count, int timeout_ms)
{
    struct rf_relay *relay = context;
    int slice = timeout_ms < 0 || timeout_ms > LOOK_MS ? LOOK_MS : timeout_ms;
    for (int waited = 0;;) {
        siginfo_t info = {0};
        int got = poll(ends, count, slice);
        if (got != 0) {
            return got;
        }
        if (waitid(P_PID, (id_t)relay->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid == relay->pid && poll(ends, count, 0) == 0) {
            relay->talk.closed = true;
            return 1;
        }
        waited += slice;
        if (timeout_ms >= 0 && waited >= timeout_ms) {
            return 0;
        }
    }
}

/** What the program answers; where it does not the worker ends. */
static void
await(struct rf_relay *relay, uint64_t number, struct rf_spoken *ret)
{
    /* How long it takes is the host's to watch. */
    enum rf_talk_end end = rf_talk_await(&relay->talk, number, -1, ret);
    if (end != RF_TALK_ANSWERED) {
        rf_relay_fall(relay->pid, &relay->talk, end);
    }
}

static rf_code
hear_hello(struct rf_relay *relay, struct rf_err *reterr)
{
    struct rf_spoken spoken;
    uint64_t number = rf_talk_hello(&relay->talk, REFOLD_VERSION);
    enum rf_talk_end end = rf_talk_await(&relay->talk, number, HELLO_MS, &spoken);
    if (end == RF_TALK_LATE) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "does not say hello within %d s",
                       HELLO_MS / 1000);
    }
    if (end == RF_TALK_LIED) {
        size_t bytes;
        const char *words = rf_talk_words(&relay->talk, &bytes);
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "does not speak the worker protocol: %.*s",
                       (int)bytes, words);
    }
    if (end != RF_TALK_ANSWERED) {
        rf_relay_fall(relay->pid, &relay->talk, end);
    }
    return rf_descriptor_read(spoken.text, spoken.text_bytes, &relay->descriptor, reterr);
}

rf_code
rf_relay_start(const char *file, uint64_t memory_bytes, struct rf_relay **ret,
               struct rf_err *reterr)
{
    struct rf_relay *relay = rf_calloc(1, sizeof(*relay));
    relay->talk.poll = wait_for_program;
    relay->talk.poll_context = relay;
    rf_bounds_set(0);
    start_process(relay, file, memory_bytes);
    rf_code code = hear_hello(relay, reterr);
    if (code == RF_OK) {
        rf_sandbox_program_loaded();
        code = rf_relay_choose(relay, 0, reterr);
    }
    if (code != RF_OK) {
        rf_relay_stop(relay);
        return code;
    }
    *ret = relay;
    return RF_OK;
}

void
rf_relay_stop(struct rf_relay *relay)
{
    if (relay == NULL) {
        return;
    }
    (void)close(relay->talk.to);
    (void)close(relay->talk.from);
    (void)kill(relay->pid, SIGKILL);
    (void)waitpid(relay->pid, NULL, 0);
    rf_talk_done(&relay->talk);
    rf_descriptor_done(&relay->descriptor);
    rf_numbers_done(&relay->numbers);
    rf_json_done(&relay->doc);
    rf_buf_done(&relay->clean);
    free(relay->declared);
    free(relay->sent);
    free(relay);
}

rf_code
rf_relay_choose(struct rf_relay *relay, uint32_t member, struct rf_err *reterr)
{
    if (member >= relay->descriptor.member_count) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "has %zu aggregates, and number %u is asked for",
                       relay->descriptor.member_count, member);
    }
    relay->member = member;
    free(relay->declared);
    relay->declared = rf_calloc(rf_relay_member(relay)->type_count, sizeof(*relay->declared));
    return RF_OK;
}

const struct rf_descriptor_member *
rf_relay_member(const struct rf_relay *relay)
{
    return &relay->descriptor.members[relay->member];
}

void
rf_relay_describe(const struct rf_relay *relay, struct rf_buf *out)
{
    rf_buf_string(out, "{\"aggregates\":[");
    for (size_t i = 0; i < relay->descriptor.member_count; i++) {
        rf_buf_string(out, i == 0 ? "" : ",");
        rf_buf_string(out, relay->descriptor.members[i].json);
    }
    rf_buf_string(out, "]}");
}

pid_t
rf_relay_pid(const struct rf_relay *relay)
{
    return relay->pid;
}

/* ---- what was sent ahead --------------------------------------------------------------------- */

void
rf_relay_set_sender(struct rf_relay *relay, void (*send)(void *context), void *context)
{
    relay->send = send;
    relay->send_context = context;
}

bool
rf_relay_has_room(const struct rf_relay *relay)
{
    return relay->sent_front == relay->sent_count ||
           (relay->sent_bytes < AHEAD_BYTES &&
            relay->sent_states * relay->state_bytes < AHEAD_STATES);
}

/** Notes what was just sent, and is `bytes` long. */
static void
note_sent(struct rf_relay *relay, uint16_t kind, uint32_t count, size_t bytes)
{
    if (relay->sent_front >= 64 && relay->sent_front * 2 >= relay->sent_count) {
        relay->sent_count -= relay->sent_front;
        memmove(relay->sent, relay->sent + relay->sent_front,
                relay->sent_count * sizeof(*relay->sent));
        relay->sent_front = 0;
    }
    RF_GROW(relay->sent, relay->sent_room, relay->sent_count + 1);
    relay->sent[relay->sent_count++] =
        (struct sent){relay->talk.last, count, (uint32_t)bytes, kind};
    relay->sent_bytes += bytes;
    relay->sent_states += kind == RF_FRAME_STATE;
}

static const struct sent *
pop_sent(struct rf_relay *relay)
{
    const struct sent *sent = &relay->sent[relay->sent_front++];
    relay->sent_bytes -= sent->bytes;
    relay->sent_states -= sent->kind == RF_FRAME_STATE;
    return sent;
}

void
rf_relay_drop(struct rf_relay *relay)
{
    while (relay->sent_front < relay->sent_count &&
           relay->sent[relay->sent_front].kind != RF_FRAME_END) {
        (void)pop_sent(relay);
    }
}

/** What was sent ahead and is taken next; where that is little, more is sent. */
static const struct sent *
next_sent(struct rf_relay *relay)
{
    if (relay->sent_front == relay->sent_count || relay->sent_bytes < AHEAD_BYTES / 2) {
        relay->send(relay->send_context);
        rf_talk_push(&relay->talk);
    }
    if (relay->sent_front == relay->sent_count) {
        rf_worker_fail("nothing was sent ahead");
    }
    return &relay->sent[relay->sent_front];
}

/** Takes what came of it, which must be of this kind. Returns the number of its events. */
static uint32_t
take_sent(struct rf_relay *relay, uint16_t kind, struct rf_spoken *ret)
{
    const struct sent *sent = next_sent(relay);
    if (sent->kind != kind) {
        rf_worker_fail("what was sent ahead (%s) is not what is asked for (%s)",
                       rf_talk_frame_name(sent->kind), rf_talk_frame_name(kind));
    }
    uint32_t count = sent->count;
    await(relay, pop_sent(relay)->number, ret);
    return count;
}

void
rf_relay_write(struct rf_relay *relay)
{
    rf_talk_write(&relay->talk, PIPE_BYTES, -1); /* where it fails, so does what is awaited */
}

void
rf_relay_follow(struct rf_relay *relay, bool follows)
{
    relay->follows = follows;
}

/* ---- an instance ----------------------------------------------------------------------------- */

void
rf_relay_begin(struct rf_relay *relay, refold_string aggregate, refold_string id)
{
    relay->aggregate = aggregate;
    relay->id = id;
    relay->begun = false;
    relay->taken = 0;
}

/** @snapshot  or NULL. Returns the number of what is answered where there is one. */
static uint64_t
begin(struct rf_relay *relay, const char *snapshot, size_t bytes)
{
    relay->begun = true;
    return rf_talk_begin(&relay->talk, relay->member, relay->aggregate.ptr,
                         (size_t)relay->aggregate.len, relay->id.ptr, (size_t)relay->id.len,
                         snapshot, bytes);
}

static void
ensure_begun(struct rf_relay *relay)
{
    if (!relay->begun) {
        (void)begin(relay, NULL, 0);
    }
}

void
rf_relay_end(struct rf_relay *relay)
{
    struct rf_spoken spoken;
    if (relay->follows) {
        take_sent(relay, RF_FRAME_END, &spoken);
        relay->follows = false;
    } else if (relay->begun) {
        await(relay, rf_talk_end(&relay->talk), &spoken);
        relay->begun = false;
    }
}

/** A text of the program's, as UTF-8: what is none becomes '?'. Borrowed until the next one. */
static const struct rf_buf *
clean(struct rf_relay *relay, const char *text, size_t bytes)
{
    rf_buf_clear(&relay->clean);
    for (size_t at = 0; at < bytes;) {
        bool cut;
        size_t whole = rf_utf8_next(text + at, bytes - at, &cut);
        rf_buf_add(&relay->clean, whole == 0 ? "?" : text + at, whole == 0 ? 1 : whole);
        at += whole == 0 ? 1 : whole;
    }
    return &relay->clean;
}

/** The same for a sentence in a message. */
static void
add_reason(struct rf_relay *relay, const char *text, size_t bytes, struct rf_buf *out)
{
    const struct rf_buf *whole =
        clean(relay, text, bytes < RF_REJECT_BYTES ? bytes : RF_REJECT_BYTES);
    rf_buf_add(out, whole->bytes, whole->used);
}

rf_code
rf_relay_restore(struct rf_relay *relay, const char *json, size_t bytes, struct rf_err *reterr)
{
    struct rf_spoken spoken;
    const struct rf_descriptor_member *member = rf_relay_member(relay);
    if (!member->restores) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "%s cannot begin with a snapshot: it does not say that it \"restores\"",
                       member->name);
    }
    await(relay, begin(relay, json, bytes), &spoken);
    if (spoken.status == RF_SPOKEN_OK) {
        return RF_OK;
    }
    struct rf_buf why = {0};
    add_reason(relay, spoken.text, spoken.text_bytes, &why);
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, NULL, "%s", rf_buf_text(&why));
    rf_buf_done(&why);
    return code;
}

/* ---- events ---------------------------------------------------------------------------------- */

/** The number of a name, which the program is told before it first comes. */
static uint32_t
number_of(struct rf_relay *relay, refold_string name)
{
    uint32_t number;
    struct lately *lately = &relay->lately[((uintptr_t)name.ptr >> 2) % LATELY];
    if (rf_bytes_same(name.ptr, (size_t)name.len, lately->name, lately->bytes)) {
        return lately->number;
    }
    bool fresh = rf_numbers_take(&relay->numbers, name.ptr, (size_t)name.len, &number);
    if (name.len <= sizeof(lately->name)) {
        *lately = (struct lately){.bytes = (uint8_t)name.len, .number = number};
        memcpy(lately->name, name.ptr, (size_t)name.len);
    }
    if (fresh) {
        rf_talk_type(&relay->talk, number, name.ptr, (size_t)name.len);
    }
    return number;
}

/** Of a declared type that is found without looking at its name. */
static uint32_t
number_of_type(struct rf_relay *relay, const refold_event *event)
{
    const struct rf_descriptor_member *member = rf_relay_member(relay);
    size_t row = (size_t)event->kind;
    if (row >= member->type_count || strcmp(member->types[row], "*") == 0) {
        return number_of(relay, event->type);
    }
    if (relay->declared[row] == 0) {
        relay->declared[row] = number_of(relay, event->type) + 1;
    }
    return relay->declared[row] - 1;
}

/** Appends an event, or a command, as a record. */
static void
add_record(struct rf_relay *relay, const refold_event *event, uint32_t type)
{
    const struct rf_event_values *values = event->host_data;
    const struct rf_talk_record record = {
        .type = type,
        .timed = event->at.set != 0,
        .nanos = event->at.nanos,
        .version = event->version,
        .seconds = event->at.seconds,
    };
    rf_talk_open_record(&relay->talk, &record);
    if (values->text.ptr == NULL) {
        rf_stencil_fill(values->mould->stencil, 0, values->tokens, values->ends, &relay->talk.out);
    } else {
        rf_buf_add(&relay->talk.out, values->text.ptr, (size_t)values->text.len);
    }
    rf_talk_close_record(&relay->talk);
}

/** Events that go out in one frame, at most. */
#define EVENTS_COUNT 256

/** Sends as many of these events as one frame should have. Returns its number. */
static uint64_t
send_events(struct rf_relay *relay, const refold_event *const *events, uint64_t count,
            uint64_t *ret_sent)
{
    uint32_t types[EVENTS_COUNT];
    uint64_t most = count < EVENTS_COUNT ? count : EVENTS_COUNT;
    uint64_t sent = 0;
    for (uint64_t i = 0; i < most; i++) {
        types[i] = number_of_type(relay, events[i]);
    }
    rf_talk_open(&relay->talk, RF_FRAME_EVENTS);
    size_t before = relay->talk.out.used;
    while (sent < most && relay->talk.out.used - before < EVENTS_BYTES) {
        add_record(relay, events[sent], types[sent]);
        sent++;
    }
    *ret_sent = sent;
    return rf_talk_close(&relay->talk);
}

uint64_t
rf_relay_apply(struct rf_relay *relay, const refold_event *const *events, uint64_t count)
{
    uint64_t taken = 0;
    ensure_begun(relay);
    while (taken < count) {
        uint64_t sent;
        struct rf_spoken spoken;
        await(relay, send_events(relay, events + taken, count - taken, &sent), &spoken);
        uint64_t before = relay->taken;
        relay->taken = spoken.applied;
        if (spoken.status == RF_SPOKEN_REFUSED) {
            taken += spoken.applied - before;
            events[taken]->host->reject(events[taken], spoken.text, spoken.text_bytes);
            return taken;
        }
        taken += sent;
    }
    return taken;
}

void
rf_relay_send_events(struct rf_relay *relay, const refold_event *const *events, uint64_t count)
{
    for (uint64_t done = 0; done < count;) {
        uint64_t sent;
        (void)send_events(relay, events + done, count - done, &sent);
        note_sent(relay, RF_FRAME_EVENTS, (uint32_t)sent, relay->talk.out.used - relay->talk.frame);
        done += sent;
    }
}

void
rf_relay_send_begin(struct rf_relay *relay, refold_string aggregate, refold_string id)
{
    (void)rf_talk_begin(&relay->talk, relay->member, aggregate.ptr, (size_t)aggregate.len, id.ptr,
                        (size_t)id.len, NULL, 0);
}

void
rf_relay_send_state(struct rf_relay *relay)
{
    (void)rf_talk_state(&relay->talk);
    note_sent(relay, RF_FRAME_STATE, 0, RF_FRAME_HEADER_BYTES);
}

void
rf_relay_send_end(struct rf_relay *relay)
{
    (void)rf_talk_end(&relay->talk);
    note_sent(relay, RF_FRAME_END, 0, RF_FRAME_HEADER_BYTES);
}

uint64_t
rf_relay_follow_events(struct rf_relay *relay, uint64_t limit, uint64_t *ret_count)
{
    uint64_t taken = 0;
    while (taken < limit && next_sent(relay)->kind == RF_FRAME_EVENTS) {
        struct rf_spoken spoken;
        uint32_t sent = take_sent(relay, RF_FRAME_EVENTS, &spoken);
        uint64_t before = relay->taken;
        relay->taken = spoken.applied;
        if (spoken.status == RF_SPOKEN_REFUSED) {
            rf_values_host()->reject(NULL, spoken.text, spoken.text_bytes);
            *ret_count = taken + sent;
            return taken + spoken.applied - before;
        }
        taken += sent;
    }
    if (taken > limit) {
        rf_worker_fail("more events were sent ahead than are asked for");
    }
    *ret_count = taken;
    return taken;
}

/* ---- states ---------------------------------------------------------------------------------- */

static uint32_t
take_state(struct rf_relay *relay, const struct rf_spoken *spoken, struct rf_buf *out,
           struct rf_buf *ret_why)
{
    struct rf_err err;
    size_t before = out->used;
    if (spoken->text_bytes > relay->state_bytes / 2) {
        relay->state_bytes =
            spoken->text_bytes > relay->state_bytes ? spoken->text_bytes : relay->state_bytes;
    } else {
        relay->state_bytes -= relay->state_bytes / 64;
    }
    if (spoken->text_bytes > RF_LIMIT_STATE_BYTES) {
        rf_buf_string(ret_why, "the state's JSON is longer than 64 MiB");
        return RF_STATUS_BROKEN;
    }
    if (rf_json_read_whole(&relay->doc, spoken->text, spoken->text_bytes, &err) != RF_OK) {
        if (err.code != RF_ERR_LIMIT) {
            rf_relay_accuse(relay->pid, "the state in its STATE is no JSON: byte %llu: %s",
                            (unsigned long long)err.offset_bytes, err.text);
        }
    } else if (rf_json_canonical(&relay->doc, 0, false, out, &err) == RF_OK) {
        if (out->used - before <= RF_LIMIT_STATE_BYTES) {
            return RF_STATUS_OK;
        }
        out->used = before;
        rf_buf_string(ret_why, "the state's JSON is longer than 64 MiB");
        return RF_STATUS_BROKEN;
    }
    out->used = before;
    rf_buf_format(ret_why, "the state: byte %llu: %s", (unsigned long long)err.offset_bytes,
                  err.text);
    return RF_STATUS_BROKEN;
}

uint32_t
rf_relay_snapshot(struct rf_relay *relay, struct rf_buf *out, struct rf_buf *ret_why)
{
    struct rf_spoken spoken;
    rf_buf_clear(ret_why);
    if (relay->follows) {
        (void)take_sent(relay, RF_FRAME_STATE, &spoken);
    } else {
        ensure_begun(relay);
        await(relay, rf_talk_state(&relay->talk), &spoken);
    }
    switch (spoken.status) {
    case RF_SPOKEN_OK:
        return take_state(relay, &spoken, out, ret_why);
    case RF_SPOKEN_NONFINITE:
        add_reason(relay, spoken.text, spoken.text_bytes, ret_why);
        return RF_STATUS_NONFINITE;
    default:
        add_reason(relay, spoken.text, spoken.text_bytes, ret_why);
        return RF_STATUS_BROKEN;
    }
}

/* ---- commands -------------------------------------------------------------------------------- */

/** Hands on what a command made as a library's `handle` would emit it: what is no type or no JSON
 * is found there. */
static void
emit_events(const refold_event *command, const struct rf_spoken *spoken)
{
    struct rf_buf text = {0};
    size_t at = 0;
    for (uint32_t i = 0; i < spoken->count; i++) {
        const char *type;
        const char *data;
        size_t type_bytes;
        size_t data_bytes;
        rf_spoken_next(spoken, &at, &type, &type_bytes, &data, &data_bytes);
        rf_buf_clear(&text);
        rf_buf_string(&text, "{\"type\":");
        rf_canon_string(&text, type, type_bytes);
        rf_buf_string(&text, ",\"data\":");
        rf_buf_add(&text, data, data_bytes);
        rf_buf_byte(&text, '}');
        command->host->emit(text.bytes, text.used);
    }
    rf_buf_done(&text);
}

int32_t
rf_relay_handle(struct rf_relay *relay, const refold_event *command, struct rf_buf *ret_why)
{
    struct rf_spoken spoken;
    ensure_begun(relay);
    uint32_t name = number_of(relay, command->type);
    rf_talk_open(&relay->talk, RF_FRAME_COMMAND);
    add_record(relay, command, name);
    await(relay, rf_talk_close(&relay->talk), &spoken);
    switch (spoken.status) {
    case RF_SPOKEN_OK:
        emit_events(command, &spoken);
        return REFOLD_OK;
    case RF_SPOKEN_REFUSED:
        command->host->reject(command, spoken.text, spoken.text_bytes);
        return REFOLD_REJECTED;
    default:
        add_reason(relay, spoken.text, spoken.text_bytes, ret_why);
        return -1;
    }
}

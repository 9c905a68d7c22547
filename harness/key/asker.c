/* SPDX-License-Identifier: MIT */
/* A worker that is asked what payloads are. */
#include "key/asker.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/stop.h"
#include "host/limits.h"
#include "host/registry.h"
#include "host/spawn.h"
#include "host/ward.h"
#include "host/watch.h"
#include "key/told.h"
#include "program/descriptor.h"
#include "program/talk.h"
#include "worker/protocol.h"

/** For its hello: it loads, and a runtime begins. */
#define HELLO_MS 10000
/** How long one that closed its end may take to end. */
#define EXIT_MS 2000
/** How long it is waited for something to read while there is something to write. */
#define BOTH_MS 2
/** Taking a batch, and handing an answer over once it has begun, may take so many timeouts in all,
 * of a busy machine, but no more than one where that is long enough: nothing is computed meanwhile,
 * and yet whoever drips bytes is never silent. */
#define DRIP_FACTOR 4
#define DRIP_MS     10000
/** A batch that hangs is slow, not stuck, where its payloads take so much of a timeout one by one.
 */
#define SLOW_PART 2
/** Of how it died. */
#define HOW_BYTES 320

/** What a death means where no payload brings that about alone; what comes first outweighs. */
enum fall {
    FALL_DEATH,   /**< compiled code did die */
    FALL_TIME,    /**< the same, unless they are slow */
    FALL_ADDS_UP, /**< what many leave behind together is no one's fault, and does not count */
    FALL_TOLD,    /**< a data race is told of the build (end_ward) */
};

struct rf_asker {
    struct rf_identifier *identifier;
    pid_t pid; /**< 0: it does not run */
    int slot;  /**< in the registry */
    bool used; /**< it has answered: what it dies of may have been left by an earlier payload */
    struct rf_talk talk;
    struct rf_ward ward;
    struct rf_watch watch;
    bool moves;              /**< it takes what it is asked, or hands over its answer … */
    int64_t seen_ms;         /**< … when that was looked at last … */
    int64_t dripped_ms;      /**< … and so long it did, since it was asked … */
    bool dripped;            /**< … which was too long */
    int64_t took_ms;         /**< the last answer about payloads */
    enum rf_watched watched; /**< why it is not waited for any more, where it is not */
    char how[HOW_BYTES];     /**< it died … */
    enum fall fall;          /**< … and what that means of many */
};

struct rf_asker *
rf_asker_new(struct rf_identifier *identifier)
{
    struct rf_asker *asker = rf_calloc(1, sizeof(*asker));
    asker->identifier = identifier;
    asker->talk = (struct rf_talk){.to = -1, .from = -1};
    asker->ward = RF_WARD_NONE;
    asker->slot = -1;
    return asker;
}

/* ---- the worker ------------------------------------------------------------------------------ */

static void
close_ends(struct rf_asker *asker)
{
    if (asker->talk.to >= 0) {
        (void)close(asker->talk.to);
        (void)close(asker->talk.from);
    }
    asker->talk.to = -1;
    asker->talk.from = -1;
}

/** A data race that was told of while it ran, whenever: nothing that the build says can be trusted,
 * also where the payload does not bring it about again alone. */
static void
end_ward(struct rf_asker *asker)
{
    char race[RF_WORDS_BYTES + 1];
    rf_ward_end(&asker->ward);
    if (rf_ward_race(&asker->ward, race, sizeof(race))[0] != '\0') {
        rf_conduct_add_late(asker->identifier->build->conduct, race);
    }
}

/** Returns the wait status. */
static int
reap(struct rf_asker *asker)
{
    /* First out of the registry: once it is reaped, its number may be another process's. */
    if (asker->slot >= 0) {
        rf_registry_remove(asker->slot);
        asker->slot = -1;
    }
    int status = rf_spawn_reap(asker->pid);
    asker->pid = 0;
    end_ward(asker);
    return status;
}

static void
stop(struct rf_asker *asker)
{
    if (asker->pid > 0) {
        rf_spawn_kill(asker->pid);
        (void)reap(asker);
    }
    rf_ward_end(&asker->ward);
    close_ends(asker);
    rf_talk_done(&asker->talk);
}

void
rf_asker_free(struct rf_asker *asker)
{
    if (asker != NULL) {
        stop(asker);
        free(asker);
    }
}

static bool
is_stopped(const struct rf_asker *asker)
{
    return rf_stopped(asker->identifier->stop);
}

/** For one sign of life, or for something to read while there is something to write. */
static int
wait_once(struct rf_asker *asker, struct pollfd *ends, size_t count, int timeout_ms)
{
    int got = poll(ends, count, 0);
    for (int waited = 0; got == 0 && count > 1 && waited < 2 * timeout_ms; waited += BOTH_MS) {
        (void)rf_ward_poll(&asker->ward, ends[0].fd, BOTH_MS);
        got = poll(ends, count, 0);
    }
    if (got != 0 || count > 1) {
        return got;
    }
    asker->watched = rf_watch_wait(&asker->watch, asker->pid, ends[0].fd, timeout_ms);
    return poll(ends, count, 0); /* one that ended may have written right before */
}

static int64_t
drip_limit(int timeout_ms)
{
    int64_t most = (int64_t)timeout_ms * DRIP_FACTOR;
    return timeout_ms >= DRIP_MS ? timeout_ms : most < DRIP_MS ? most : DRIP_MS;
}

/** Counts the time that bytes come or go. Where we were stopped ourselves, it does not count whole.
 */
static void
note_drip(struct rf_asker *asker, bool moves, int timeout_ms)
{
    int64_t now = rf_clock_ms();
    int64_t passed = now - asker->seen_ms;
    if (passed > 0) { /* else it goes on from where it was: nothing is lost of many short waits */
        asker->dripped_ms += !moves ? 0 : passed < timeout_ms ? passed : timeout_ms;
        asker->seen_ms = now;
    }
    asker->dripped = asker->dripped_ms >= drip_limit(timeout_ms);
}

/** poll(2) that serves the worker's sandbox meanwhile, and ends where it is hung, or too large, or
 * drips, or all is to end. */
static int
wait_for(void *context, struct pollfd *ends, size_t count, int timeout_ms)
{
    struct rf_asker *asker = context;
    note_drip(asker, asker->moves, timeout_ms);
    asker->moves = count > 1 || asker->talk.in.used > asker->talk.read;
    asker->watched = RF_WATCHED_HUNG; /* unless it is seen to end, or to be too large */
    if (asker->dripped || is_stopped(asker)) {
        return 0;
    }
    return wait_once(asker, ends, count, timeout_ms);
}

static rf_code
spawn(struct rf_asker *asker, int input, int output, const struct rf_ward_ends *ends,
      struct rf_err *reterr)
{
    const struct rf_build *build = asker->identifier->build;
    char *program = NULL;
    RF_TRY(rf_worker_program(&program, reterr));
    char name[] = "refold-worker";
    char speak[] = "--speak";
    char launch[] = "--launch";
    char memory[24];
    (void)snprintf(memory, sizeof(memory), "%llu", (unsigned long long)rf_worker_memory());
    char *arguments[] = {name, build->program ? launch : speak, build->file, memory, NULL};
    char *environment[] = {NULL};
    struct rf_spawn_file held[RF_WARD_FILES];
    struct rf_spawn_file files[1 + RF_WARD_FILES] = {{input, STDIN_FILENO}};
    size_t held_count = rf_ward_files(ends, held);
    for (size_t i = 0; i < held_count; i++) {
        files[1 + i] = held[i];
        if (held[i].target == STDOUT_FILENO) { /* that is for answers */
            files[1 + i].source = output;
        }
    }
    struct rf_spawn request = {
        .program = program,
        .arguments = arguments,
        .environment = environment,
        .files = files,
        .file_count = 1 + held_count,
    };
    rf_code code = rf_spawn(&request, &asker->pid, reterr);
    free(program);
    return code;
}

static rf_code
open_pipes(int to[2], int from[2], struct rf_err *reterr)
{
    if (pipe2(to, O_CLOEXEC) != 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "worker", "cannot make a pipe");
    }
    if (pipe2(from, O_CLOEXEC) != 0) {
        rf_code code = rf_fail_errno(reterr, RF_ERR_INTERNAL, "worker", "cannot make a pipe");
        (void)close(to[0]);
        (void)close(to[1]);
        return code;
    }
    rf_fd_unblock(to[1]);
    rf_fd_unblock(from[0]);
    return RF_OK;
}

static rf_code
start(struct rf_asker *asker, struct rf_err *reterr)
{
    const struct rf_build *build = asker->identifier->build;
    int to[2];
    int from[2];
    struct rf_ward_ends ends;
    RF_TRY(open_pipes(to, from, reterr));
    asker->talk =
        (struct rf_talk){.to = to[1], .from = from[0], .poll = wait_for, .poll_context = asker};
    asker->watch = (struct rf_watch){.ward = &asker->ward, .memory_bytes = rf_worker_memory()};
    asker->used = false;
    rf_code code = rf_ward_open(&asker->ward, build->conduct, build->file, false, &ends, reterr);
    if (code == RF_OK) {
        code = spawn(asker, to[0], from[1], &ends, reterr);
    }
    rf_ward_close_ends(&ends);
    (void)close(to[0]);
    (void)close(from[1]);
    if (code == RF_OK) {
        asker->slot = rf_registry_add(asker->pid);
    }
    return code;
}

/* ---- its death ------------------------------------------------------------------------------- */

/** The first line of what it said; no more than there is room for, and whole characters. It may
 * quote the payload, also where the sentence is ours: not where values are private. */
static void
take_words(struct rf_asker *asker, const char *front)
{
    size_t bytes;
    if (rf_conduct_hides(asker->identifier->build->conduct)) {
        (void)snprintf(asker->how, sizeof(asker->how), "%s" RF_TOLD_HIDDEN, front);
        return;
    }
    size_t used = (size_t)snprintf(asker->how, sizeof(asker->how), "%s", front);
    const char *words = rf_talk_words(&asker->talk, &bytes);
    const char *line_end = bytes == 0 ? NULL : memchr(words, '\n', bytes);
    bytes = line_end == NULL ? bytes : (size_t)(line_end - words);
    size_t room = sizeof(asker->how) - 1 - used;
    bytes = rf_utf8_valid(words, bytes < room ? bytes : room);
    memcpy(asker->how + used, words, bytes);
    asker->how[used + bytes] = '\0';
}

/** It closed its end, or has ended. */
static void
note_end(struct rf_asker *asker)
{
    if (!rf_watch_end(asker->pid, EXIT_MS * 1000L)) {
        (void)snprintf(asker->how, sizeof(asker->how), "closed its end and did not exit");
        return;
    }
    int status = reap(asker);
    if (WIFEXITED(status) && WEXITSTATUS(status) == RF_EXIT_MEMORY) {
        asker->fall = FALL_ADDS_UP;
    }
    rf_worker_describe(status, asker->how, sizeof(asker->how));
    rf_ward_add_words(&asker->ward, asker->how, sizeof(asker->how));
}

/** Why there is no answer; the worker is ended. */
static void
note_death(struct rf_asker *asker, enum rf_talk_end end, int timeout_ms)
{
    asker->fall = FALL_DEATH;
    if (end == RF_TALK_CRASHED) {
        take_words(asker, "");
    } else if (end == RF_TALK_LIED) {
        take_words(asker, "broke the worker protocol: ");
    } else if (end == RF_TALK_FULL) {
        (void)snprintf(asker->how, sizeof(asker->how), "answered with more than 256 MiB");
    } else if (end == RF_TALK_ENDED || asker->watched == RF_WATCHED_ENDED) {
        note_end(asker);
    } else if (asker->watched == RF_WATCHED_FULL) {
        asker->fall = FALL_ADDS_UP;
        rf_worker_describe_excess(asker->how, sizeof(asker->how));
    } else {
        asker->fall = FALL_TIME;
        (void)snprintf(asker->how, sizeof(asker->how),
                       asker->dripped ? "its answer was not whole after %g s"
                                      : "no sign of life for %g s",
                       (double)(asker->dripped ? drip_limit(timeout_ms) : timeout_ms) / 1000.0);
    }
    stop(asker);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/** Waits for an answer. False where it died: `how`. */
static bool
await(struct rf_asker *asker, uint64_t number, int timeout_ms, struct rf_spoken *ret)
{
    rf_watch_reset(&asker->watch);
    asker->moves = false;
    asker->seen_ms = rf_clock_ms();
    asker->dripped_ms = 0;
    enum rf_talk_end end = rf_talk_await(&asker->talk, number, timeout_ms, ret);
    if (end != RF_TALK_ANSWERED) {
        note_death(asker, end, timeout_ms);
        return false;
    }
    if (rf_ward_is_racing(&asker->ward, true)) {
        (void)rf_ward_race(&asker->ward, asker->how, sizeof(asker->how));
        asker->fall = FALL_TOLD;
        stop(asker);
        return false;
    }
    return true;
}

/** Whether a program describes itself as it did at the probe: it is asked about a place in its
 * list. Of a shared object the worker itself speaks. */
static bool
is_as_before(const struct rf_build *build, const struct rf_spoken *hello)
{
    struct rf_descriptor now;
    bool same =
        !build->program ||
        (rf_descriptor_read(hello->text, hello->text_bytes, &now, NULL) == RF_OK &&
         build->member < now.member_count && now.members[build->member].hash == build->said);
    if (build->program) {
        rf_descriptor_done(&now);
    }
    return same;
}

/** Starts it, unless it runs, and has room. */
static rf_code
revive(struct rf_asker *asker, bool *ret_lives, struct rf_err *reterr)
{
    struct rf_spoken hello;
    *ret_lives = true;
    if (asker->pid > 0 && !rf_watch_is_heavy(&asker->watch, asker->pid)) {
        return RF_OK;
    }
    stop(asker); /* what is left of the last one */
    rf_code code = start(asker, reterr);
    if (code != RF_OK) {
        stop(asker);
        return code;
    }
    *ret_lives = await(asker, rf_talk_hello(&asker->talk, REFOLD_VERSION), HELLO_MS, &hello);
    if (*ret_lives && !is_as_before(asker->identifier->build, &hello)) {
        stop(asker);
        return rf_fail(reterr, RF_ERR_USAGE, asker->identifier->build->path,
                       "describes itself differently than before: %s is no longer what it says of "
                       "its aggregate %u",
                       asker->identifier->build->name, asker->identifier->build->member);
    }
    if (*ret_lives) {
        rf_ward_loaded(&asker->ward);
    }
    return RF_OK;
}

static struct rf_slice
keep(struct rf_heard *heard, const char *text, size_t bytes)
{
    struct rf_slice slice = {heard->texts.used, bytes};
    rf_buf_add(&heard->texts, text, bytes);
    return slice;
}

/** Asks about `count` payloads from `first` on, in one frame. */
static rf_code
ask_some(struct rf_asker *asker, const struct rf_batch *batch, size_t first, size_t count,
         struct rf_heard *ret, bool *ret_lives, struct rf_err *reterr)
{
    struct rf_spoken spoken;
    RF_TRY(revive(asker, ret_lives, reterr));
    if (!*ret_lives) {
        return RF_OK;
    }
    rf_ward_mark(&asker->ward);
    rf_talk_open_identify(&asker->talk, asker->identifier->build->member);
    for (size_t i = first; i < first + count; i++) {
        const struct rf_slice *payload = &batch->items[i].payload;
        rf_talk_payload(&asker->talk, batch->bytes.bytes + payload->at, payload->bytes);
    }
    int64_t asked_ms = rf_clock_ms();
    *ret_lives = await(asker, rf_talk_close(&asker->talk), asker->identifier->timeout_ms, &spoken);
    asker->took_ms = rf_clock_ms() - asked_ms;
    asker->used = asker->used || *ret_lives;
    size_t at = 0;
    for (size_t i = first; *ret_lives && i < first + count; i++) {
        const char *type;
        const char *json;
        size_t type_bytes;
        size_t json_bytes;
        rf_spoken_next(&spoken, &at, &type, &type_bytes, &json, &json_bytes);
        ret->items[i] = (struct rf_heard_item){.text = keep(ret, json, json_bytes)};
    }
    return RF_OK;
}

/** Another payload, or a batch, at which a worker died. */
static rf_code
count_death(const struct rf_asker *asker, struct rf_err *reterr)
{
    struct rf_identifier *identifier = asker->identifier;
    if (atomic_fetch_add(&identifier->deaths, 1) + 1 < RF_LIMIT_HANGS) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, identifier->build->path,
                   "identify of %s died of %d payloads, the last time so: %s",
                   identifier->build->name, RF_LIMIT_HANGS, asker->how);
}

/** A batch's death, while those of it are asked one by one. */
struct hunt {
    bool is;
    bool counted; /**< by count_death */
    bool again;   /**< a used worker died of the payload at hand: a fresh one is asked */
    size_t first; /**< payload of the batch */
    enum fall fall;
    int64_t took_ms; /**< all answers */
    char how[HOW_BYTES];
};

static void
note_fall(struct hunt *hunt, const struct rf_asker *asker)
{
    hunt->fall = asker->fall;
    memcpy(hunt->how, asker->how, sizeof(hunt->how));
}

static rf_code
begin_hunt(struct hunt *hunt, const struct rf_asker *asker, size_t first, struct rf_err *reterr)
{
    *hunt = (struct hunt){.is = true, .first = first, .counted = asker->fall != FALL_ADDS_UP};
    note_fall(hunt, asker);
    return hunt->counted ? count_death(asker, reterr) : RF_OK;
}

/** One of it was answered alone. Where a used worker had died of it, that is one more death of
 * them together. */
static rf_code
pass_one(struct hunt *hunt, const struct rf_asker *asker, struct rf_err *reterr)
{
    bool again = hunt->again;
    hunt->took_ms += asker->took_ms;
    hunt->again = false;
    if (again && asker->fall < hunt->fall) {
        note_fall(hunt, asker);
    }
    return again && asker->fall != FALL_ADDS_UP ? count_death(asker, reterr) : RF_OK;
}

/** A worker that had answered nothing died of it alone. */
static rf_code
convict(struct hunt *hunt, const struct rf_asker *asker, size_t place, struct rf_heard *ret,
        struct rf_err *reterr)
{
    ret->items[place] =
        (struct rf_heard_item){.died = true, .text = keep(ret, asker->how, strlen(asker->how))};
    hunt->is = false;
    return hunt->counted ? RF_OK : count_death(asker, reterr);
}

/** No payload of it is one to die of: the first stands for them, so that no death is without a
 * name. */
static void
close_hunt(const struct hunt *hunt, int timeout_ms, struct rf_heard *ret)
{
    char text[HOW_BYTES + 80];
    bool slow = hunt->took_ms >= timeout_ms / SLOW_PART;
    if (hunt->fall == FALL_DEATH || (hunt->fall == FALL_TIME && !slow)) {
        int bytes =
            snprintf(text, sizeof(text),
                     "%s in a batch that begins here, at no payload of it alone", hunt->how);
        ret->items[hunt->first] =
            (struct rf_heard_item){.died = true, .text = keep(ret, text, (size_t)bytes)};
    }
}

rf_code
rf_asker_ask(struct rf_asker *asker, const struct rf_batch *batch, struct rf_heard *ret,
             struct rf_err *reterr)
{
    rf_buf_clear(&ret->texts);
    struct hunt hunt = {0};
    for (size_t first = 0; first < batch->count;) {
        bool lives;
        size_t count = hunt.is ? 1 : batch->count - first;
        RF_TRY(ask_some(asker, batch, first, count, ret, &lives, reterr));
        if (lives) {
            RF_TRY(hunt.is ? pass_one(&hunt, asker, reterr) : RF_OK);
            first += count;
            continue;
        }
        if (is_stopped(asker)) {
            return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "interrupted");
        }
        if (!hunt.is) {
            RF_TRY(begin_hunt(&hunt, asker, first, reterr));
        } else {
            hunt.again = asker->used;
        }
        if (count == 1 && !asker->used) {
            RF_TRY(convict(&hunt, asker, first, ret, reterr));
            first++;
        }
    }
    if (hunt.is) {
        close_hunt(&hunt, asker->identifier->timeout_ms, ret);
    }
    return RF_OK;
}

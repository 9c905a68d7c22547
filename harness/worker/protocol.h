/* SPDX-License-Identifier: MIT */
/* clang-format off: it would flow the modes below into each other */
/*
 * What refold and refold-worker say to each other. Both are built from the same tree; a worker of
 * another build is refused by RF_HOST_PROTOCOL in the hello.
 *
 * A worker has one of six modes:
 *
 * Probe     `refold-worker --probe FILE MEMORY`
 *           writes one JSON object (the descriptor) to RF_FD_NOTICES and ends with 0; or an object
 *           {"error": text} and ends with 1. The descriptor:
 *             {"name", "state_version", "types": [name…] ("*" too), "commands": [name…],
 *              "shape": {"kind": 9, "fields": [{"name", "kind", "fields": […]}]},
 *              "restores": true, "identifies": true, "upcasts": true, "checks": true}
 *           A field's kind is REFOLD_F_…, `fields` is there for struct, list and map, `name` is not
 *           for elements. No "commands" where the aggregate has no handle, no "shape" where it
 *           writes its snapshot itself, no "restores" where no state can be made of a snapshot, no
 *           "identifies", "upcasts" and "checks" where it lacks these functions. Nothing else is in
 *           it. Of a program it is {"aggregates": [descriptor…], "hashes": ["16 digits"…]}, these
 *           in its own words, but canonical, and a hash of each.
 *
 * Dispatch  `refold-worker --dispatch FILE MEMORY`
 *           see RF_DISPATCH_LINE_BYTES below.
 *
 * Fold      `refold-worker --fold FILE ARENAS MEMORY [IGNORE...] [PRIVATE...]`
 *           inherits the file descriptors below, maps requests, names and arenas read-only, and
 *           writes one RF_NOTICE_HELLO when it is ready; then it folds, in rounds (below). IGNORE
 *           is "/ptr" or "AGGREGATE:/ptr": what a trail's hashes leave out. It does not reach into
 *           what is private. Of that PRIVATE tells, for each aggregate an empty word, its name (an
 *           empty one: of all that are not named) and its pointers, behind "+", or behind "=" where
 *           keys are shown.
 *
 * Serve     `refold-worker --serve FILE ARENAS MEMORY [IGNORE...] [PRIVATE...]`
 *           is a worker for folding that has not got its channels yet, but RF_FD_CONTROL. It writes
 *           RF_HOST_PROTOCOL there (int32_t) when it is ready. For each byte that comes with four
 *           descriptors (RF_FD_COMMANDS to RF_FD_ANSWERS) it forks a child of the host's, and
 *           answers with its process id, or -1 (int32_t). The child says hello and goes on as one
 *           that was started with --fold.
 *
 * Launch    `refold-worker --launch FILE MEMORY`
 *           inherits RF_FD_GUARD, and becomes the program FILE, bound and held: for whoever speaks
 *           the worker protocol with it himself.
 *
 * Speak     `refold-worker --speak FILE MEMORY`
 *           inherits RF_FD_GUARD, and speaks the worker protocol on standard input and output, with
 *           the shared object FILE as its aggregate.
 *
 * FILE      is a shared object (.so), or a program (program/elf.h), which speaks
 *           harness/docs/worker-protocol.md: then the worker is a relay (relay.h).
 * MEMORY    is what the worker may take, in bytes; 0: whatever there is. Where it would take more
 *           it ends with RF_EXIT_MEMORY or RF_EXIT_PIECE.
 * --world BITS
 *           (hexadecimal, world.h) may stand in front of --fold and --serve.
 * --member N:HASH
 *           behind that, in front of --fold and --dispatch: which of a program's aggregates, and
 *           the hash (16 digits, hexadecimal) of what it said of that at the probe: where it says
 *           something else now, the worker ends.
 *
 * Then, in any number of rounds: the host writes a batch of requests into the request file and
 * sends RF_COMMAND_FOLD. The worker folds the batch's instances in order. Its answers are one
 * endless stream of bytes (struct rf_answer, text, padding to 8), cut into the slots of the answer
 * file: when a slot is full or a batch ends, the worker sends RF_NOTICE_SLOT and goes on in the
 * next slot, for which it needs a credit (RF_COMMAND_CREDIT; it starts with RF_ANSWER_SLOTS). At
 * the end of a batch it sends RF_NOTICE_BATCH behind the last slot.
 *
 * The host believes nothing: an answer counts only with its checksum, its place in the sequence and
 * the digest of the events that were applied. Everything else is a crash of the instance that is
 * not yet answered.
 */
/* clang-format on */
#ifndef RF_WORKER_PROTOCOL_H
#define RF_WORKER_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#define RF_HOST_PROTOCOL 10

/** Exit status of a worker that would have taken more memory than it may; no one ends with it by
 * accident. */
#define RF_EXIT_MEMORY 93

/** Exit status of a worker whose program (relay.h) broke the protocol: the last line that it
 * printed says how. */
#define RF_EXIT_TOLD 94

/** The same of one whose program said that it crashed, and then ended with 0 or not at all. */
#define RF_EXIT_SAID 95

/** The same as RF_EXIT_MEMORY where a single piece was asked for that is more than all it may have:
 * whatever others left behind, that does not explain it. */
#define RF_EXIT_PIECE 96

/** File descriptors that a worker inherits. */
enum {
    RF_FD_COMMANDS = 3, /**< stream socket: struct rf_command, read(2) by the worker */
    RF_FD_NOTICES = 4,  /**< pipe: struct rf_notice, written by the worker */
    RF_FD_REQUESTS = 5, /**< file, read-only for the worker */
    RF_FD_ANSWERS = 6,  /**< file, RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES, written by the worker */
    RF_FD_NAMES = 7,    /**< file, read-only: struct rf_names_header … */
    RF_FD_GUARD = 8, /**< stream socket: how the worker is held (below); or /dev/null: not at all */
    RF_FD_CONTROL = 9, /**< stream socket of a fork server, see "Serve"; else /dev/null */
    RF_FD_ARENAS = 10, /**< the first of ARENAS files, read-only: events */
};

/**
 * How a worker is held (sandbox.h): in front of the worker's start the host writes this order into
 * the socket; before the aggregate is loaded the worker answers once, and closes its end. With the
 * answer comes the listener of its system calls, unless that is among what is lacking. Of a program
 * the relay holds on to the socket until that says hello: it writes a byte, and goes on when the
 * host has written one.
 */
struct rf_guard_order {
    uint32_t required; /**< load nothing where something is lacking: end with RF_UNGUARDED_STATUS */
    uint32_t lacks;    /**< RF_LACKS_…: do as if the system lacked these. Of tests */
};
struct rf_guard_answer {
    uint32_t lacks;   /**< RF_LACKS_… */
    uint32_t program; /**< the process that is about to become the aggregate's program; or 0 */
};

/** Parts of the sandbox that a worker has to do without. */
enum {
    RF_LACKS_FILES = 1,    /**< the kernel has no Landlock: files */
    RF_LACKS_CALLS = 2,    /**< the kernel takes no filter of system calls */
    RF_LACKS_LISTENER = 4, /**< the filter holds, but what it refuses is not told */
    RF_LACKS_LIBRARY = 8,  /**< refold was built without libseccomp */
    RF_LACKS_RELEASE = 16, /**< refold was built with a sanitizer, whose runtime needs all calls */
};

#define RF_UNGUARDED_STATUS 4
/** An operation of prctl(2) that no kernel knows: the worker calls it once the aggregate is loaded,
 * and the listener answers. */
#define RF_GUARD_LOADED 0x52464c44

#define RF_ANSWER_SLOTS      4
#define RF_ANSWER_SLOT_BYTES (UINT64_C(1) << 20)

/**
 * An event in an arena, a thread's window (history/stow.h has the form in which events wait for
 * it): this header, then its payload, one behind the other: where each hole's token ends
 * (uint16_t), the id (unless it stands in the data as it is), the event id (where there is no
 * version), and the data; padded to 8 bytes. Not changed while the window holds it.
 *
 * The data is the tokens that fill the holes of its stencil (base/stencil.h), which is a name; or,
 * without holes, its JSON text.
 */
struct rf_packed_event {
    uint64_t offset;    /**< of the record, in its inflated object */
    int64_t version;    /**< if RF_EVENT_VERSION */
    int64_t at_seconds; /**< if RF_EVENT_AT; else INT64_MIN */
    uint64_t content_hash;
    uint64_t id_hash;
    uint32_t bytes;  /**< header, payload and padding */
    uint32_t object; /**< number of the object */
    uint32_t part;   /**< place within the record */
    int32_t at_nanos;
    uint32_t type;       /**< a name's number */
    uint32_t aggregate;  /**< a name's number, or RF_NAME_NONE */
    uint32_t stencil;    /**< a name's number, or RF_NAME_NONE */
    uint32_t data_bytes; /**< of tokens or text */
    uint16_t id_bytes;
    uint16_t eid_bytes;
    uint16_t id_start; /**< of the id, in the payload */
    uint8_t holes;     /**< of the stencil */
    uint8_t flags;
};

enum {
    RF_EVENT_VERSION = 1,    /**< the event has a version */
    RF_EVENT_AT = 2,         /**< the event has a time */
    RF_EVENT_ID_IN_DATA = 4, /**< the payload has no id of its own */
    RF_EVENT_REPEATS = 8, /**< a key occurs twice in an object of the data: the last one counts */
};

#define RF_NAME_NONE UINT32_MAX

static inline const char *
rf_packed_id(const struct rf_packed_event *event)
{
    return (const char *)(event + 1) + event->id_start;
}

/** Where the holes' tokens end, counted from rf_packed_tokens. */
static inline const uint16_t *
rf_packed_ends(const struct rf_packed_event *event)
{
    return (const uint16_t *)(const void *)(event + 1);
}

static inline const char *
rf_packed_eid(const struct rf_packed_event *event)
{
    size_t own_id_bytes = event->flags & RF_EVENT_ID_IN_DATA ? 0 : event->id_bytes;
    return (const char *)(rf_packed_ends(event) + event->holes) + own_id_bytes;
}

/** Tokens, or text: whoever wants text in any case asks rf_event_data (history/data.h). */
static inline const char *
rf_packed_tokens(const struct rf_packed_event *event)
{
    return rf_packed_eid(event) + event->eid_bytes;
}

/** Where an event lies: the arena's number and the offset in it. */
#define RF_REF_OFFSET_BITS 48
static inline uint64_t
rf_ref_make(uint32_t arena, uint64_t offset)
{
    return ((uint64_t)arena << RF_REF_OFFSET_BITS) | offset;
}
static inline uint32_t
rf_ref_arena(uint64_t ref)
{
    return (uint32_t)(ref >> RF_REF_OFFSET_BITS);
}
static inline uint64_t
rf_ref_offset(uint64_t ref)
{
    return ref & ((UINT64_C(1) << RF_REF_OFFSET_BITS) - 1);
}

/** The names file: this header, `count` entries, then the bytes. */
struct rf_names_header {
    uint64_t count;
};
struct rf_names_entry {
    uint64_t offset; /**< in the file */
    uint64_t bytes;
    uint64_t hash; /**< XXH3_64(name, seed 7) */
};

/** One event of an instance, in fold order. */
struct rf_request_event {
    uint64_t ref;
    int64_t version; /**< its version, or its place where the instance is versionless */
};

/** One instance to fold: this header, `count` events, with RF_REQUEST_FROM a struct
 * rf_request_start, with RF_REQUEST_ID a struct rf_request_id, then the next instance. */
struct rf_request {
    uint64_t bytes; /**< of all of that */
    uint64_t count;
    uint64_t snapshot_after; /**< give the state once so many events are applied; <= count */
    uint32_t aggregate;      /**< the name's number under which it is folded */
    uint32_t flags;
};

enum {
    RF_REQUEST_TRACE = 1, /**< give the state before the first and behind each event that changed
                               it, up to snapshot_after, as RF_ANSWER_TRACE */
    RF_REQUEST_STEP = 2,  /**< send RF_NOTICE_STEP (REBUILD) before each event: who dies can be told
                               apart, and who is slow */
    RF_REQUEST_TRAIL = 4, /**< give a hash of the state before the first and behind each event, as
                               RF_ANSWER_TRAIL */
    RF_REQUEST_FROM = 8,  /**< the first event goes on a snapshot, not on the empty state */
    RF_REQUEST_CALLS = 16, /**< tell what the aggregate called, as RF_ANSWER_CALLS */
    RF_REQUEST_ID = 32,    /**< there is no event that has the instance's id */
};

/** Where an instance goes on: this header, then the snapshot's text, padded to 8. */
struct rf_request_start {
    uint64_t digest; /**< of the events that the snapshot was made of */
    uint64_t text_bytes;
};

/** The instance's id: this header, then the id, padded to 8. */
struct rf_request_id {
    uint64_t bytes;
};

enum { RF_COMMAND_FOLD = 1, RF_COMMAND_CREDIT = 2, RF_COMMAND_QUIT = 3 };

struct rf_command {
    uint32_t kind;
    uint32_t reserved;
    uint64_t batch;      /**< number of the batch */
    uint64_t offset;     /**< of the first request, in the request file */
    uint64_t instances;  /**< requests in the batch */
    uint64_t file_bytes; /**< size of the request file: the worker maps it anew where it grew */
};

enum {
    RF_NOTICE_HELLO = 1,
    RF_NOTICE_SLOT = 2,
    RF_NOTICE_BATCH = 3,
    RF_NOTICE_STEP = 4,
    RF_NOTICE_REBUILD = 5, /**< a step once more: an event of the instance was refused, and the
                                state before that is made anew */
};

struct rf_notice {
    uint32_t kind;
    uint32_t reserved;
    uint64_t number; /**< HELLO: RF_HOST_PROTOCOL; SLOT: its sequence number from 0; BATCH: the
                          batch; STEP, REBUILD: the instance within the batch */
    uint64_t value;  /**< HELLO: the process in which a program runs, or 0; SLOT: bytes used; STEP:
                        the event about to be applied, from 0; count when all are applied; REBUILD:
                        the event about to be applied again */
};

enum {
    RF_ANSWER_STATE = 1, /**< the state at snapshot_after, or before a refused event, if earlier */
    RF_ANSWER_TRACE = 2, /**< a state on the way */
    RF_ANSWER_END = 3,   /**< how the instance ended; the last answer of each instance */
    RF_ANSWER_TRAIL = 4, /**< the next hashes of the trail, le64 each; the last is of the state
                              behind `applied` events. Before END all applied + 1 are given */
    RF_ANSWER_CALLS = 5, /**< right before END: as rf_world_tell_calls has it */
};

#define RF_TRAIL_HASH_BYTES 8

enum {
    RF_STATUS_OK = 0,
    RF_STATUS_REJECTED = 1,  /**< END: text is the message */
    RF_STATUS_NONFINITE = 2, /**< STATE, TRACE: text is the JSON pointer to a NaN or infinity */
    RF_STATUS_BROKEN = 3,    /**< STATE, TRACE: no snapshot (its JSON is wrong, too deep or too
                                  long); text says why. Counts as a crash at the last event. With
                                  RF_REQUEST_FROM the STATE and END of a snapshot that could not be
                                  restored: nothing was applied */
};

#define RF_ANSWER_MAGIC UINT32_C(0x52464132)

struct rf_answer {
    uint32_t magic;
    uint32_t kind;
    uint32_t status;
    uint32_t text_bytes;
    uint64_t sequence; /**< of answers of this worker, from 0 */
    uint64_t instance; /**< within the batch, from 0 */
    uint64_t applied;  /**< events applied so far */
    uint64_t digest;   /**< rf_digest_event over these events, behind those of the snapshot;
                            contract.md, "Hashes" */
    uint64_t likeness; /**< of RF_STATUS_NONFINITE: a hash of all that the state holds; else 0 */
    uint64_t trail;    /**< of the same: the hash of it that a trail has; else 0 */
    uint64_t checksum; /**< rf_hash over this header with checksum 0 (seed 8), then over the text
                            with that as its seed */
};

/*
 * Dispatch: `refold-worker --dispatch FILE.so MEMORY` inherits RF_FD_REQUESTS, RF_FD_NOTICES and
 * RF_FD_GUARD only, and plays one scenario. The request file holds it as one JSON object:
 *
 *   {"aggregate": name, "id": id, "version": of the empty state,
 *    "members": {"id": name, "version": name, "at": name},
 *    "steps": [{"event": type, "version": number, "at": RFC 3339, "data": any},
 *              {"command": name, "at": RFC 3339, "data": any},
 *              {"state": true}]}
 *
 * An event is applied. A command is handled, and the events that it makes are applied, with the
 * versions that follow and the command's time. `members`, each of which may be missing: under these
 * names an event's data, where it is an object that lacks them, gets the id, version and time, as
 * the envelope would hold them. For `state` the state is given.
 *
 * The answers are lines, each a JSON object and LF, in the order in which things happen:
 *
 *   {"hello": RF_HOST_PROTOCOL}          then it waits for one byte: RF_FD_NOTICES is a socket here
 *   {"step": n, "event": k}              about to apply the event of this step (k 0), or event k of
 *                                        those that its command made
 *   {"step": n, "event": k, "refused": text}   apply refused it; the last line
 *   {"step": n, "handle": true}          about to handle the command
 *   {"step": n, "made": [{"type", "data"}…]}   what it made, completed; `event` lines follow
 *   {"step": n, "refused": text}         it refused
 *   {"step": n, "broken": text}          no answer that may be (what handle returned or emitted, or
 *                                        a state without JSON); the last line
 *   {"step": n, "snapshot": true}        about to write the state
 *   {"step": n, "state": any}
 *   {"end": count of steps}              the last line, where none of the above was
 *
 * Here too the host believes nothing: a line that is not the next one that may come is a lie.
 */
/** The longest line: a state, or what a command made, with room for the words around it. */
#define RF_DISPATCH_LINE_BYTES (UINT64_C(130) << 20)

/** The digest of an instance's events, one by one; begins with 0. */
uint64_t rf_digest_event(uint64_t digest, const struct rf_packed_event *event, int64_t version,
                         uint64_t type_hash);

/** The answer's checksum as it should be. */
uint64_t rf_answer_checksum(const struct rf_answer *answer, const char *text);

#endif

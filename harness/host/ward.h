/* SPDX-License-Identifier: MIT */
/*
 * The host's end of a worker's sandbox, and of what it prints.
 *
 * A ward belongs to one worker and one thread. Whoever waits for the worker waits with
 * rf_ward_poll: on the way it answers the worker's system calls, which stand still until then, and
 * takes what it prints, so that a worker is never held up by a full pipe. What is found goes to the
 * build's conduct.
 */
#ifndef RF_HOST_WARD_H
#define RF_HOST_WARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "host/conduct.h"
#include "host/spawn.h"
#include "host/words.h"

enum rf_sandbox {
    RF_SANDBOX_AUTO,    /**< as much of it as the system has */
    RF_SANDBOX_REQUIRE, /**< all of it, or nothing is loaded */
    RF_SANDBOX_OFF,     /**< for debuggers */
};

/**
 * How all workers of this process are held; before the first is started. AUTO until then.
 *
 * $REFOLD_SANDBOX_LACKS, for tests only, names parts that workers shall do without, as if the
 * system lacked them: "files", "calls", "listener", with commas. It is read here, in the host's
 * environment, which no aggregate has any of.
 */
void rf_sandbox_choose(enum rf_sandbox sandbox);
bool rf_sandbox_is_off(void);

/** A word of --sandbox; false where it is none. */
bool rf_sandbox_parse(const char *word, enum rf_sandbox *ret);

/** "the kernel has no Landlock (Linux 5.13 or newer)": of RF_LACKS_…, joined by "; ". Returns
 * `text`. */
const char *rf_sandbox_describe(uint32_t lacks, char *text, size_t text_room);

/** What such a text tells of. */
uint32_t rf_sandbox_find_lacks(const char *text);

struct rf_ward {
    int guard;    /**< until it has answered, and the relay of a program said hello; else -1 */
    int listener; /**< of its system calls, or -1 */
    int output;   /**< what it prints, or -1 */
    bool loaded;  /**< it said so */
    bool first;   /**< what it does while it loads has not been seen of another worker */
    bool answered;
    uint32_t lacks;             /**< once it has answered */
    struct rf_conduct *conduct; /**< borrowed, or NULL */
    bool hides;            /**< its words are told to no one, whether it has a conduct or not */
    const char *file;      /**< the aggregate's; borrowed */
    struct rf_words words; /**< since rf_ward_mark */
    pid_t program;         /**< the process of an aggregate that is a program; or 0 */
    bool executed;         /**< it is that program by now */
    pid_t server; /**< 0, or who is just asked to fork a worker (server.h): it may, and no other */
};

/** The worker's ends: for rf_spawn, then rf_ward_close_ends. */
#define RF_WARD_FILES 3
struct rf_ward_ends {
    int guard;
    int output;
};

/** As a ward of no worker: nothing to poll, nothing to close. */
#define RF_WARD_NONE ((struct rf_ward){.guard = -1, .listener = -1, .output = -1})

/**
 * @conduct  where to note what is found; or NULL
 * @file     the aggregate's; borrowed until rf_ward_end
 * @first    whether this worker is the first to load it
 * @ret      also where it fails: for rf_ward_end
 */
RF_MUST_USE rf_code rf_ward_open(struct rf_ward *ret, struct rf_conduct *conduct, const char *file,
                                 bool first, struct rf_ward_ends *ret_ends, struct rf_err *reterr);

/** The files by which the worker finds its ends. Returns how many. */
size_t rf_ward_files(const struct rf_ward_ends *ends, struct rf_spawn_file files[RF_WARD_FILES]);
void rf_ward_close_ends(struct rf_ward_ends *ends);

/** Wait until `fd` can be read, or is at its end, for at most `timeout_ms`. Accepts NULL.
 * @return  whether it is */
bool rf_ward_poll(struct rf_ward *ward, int fd, int timeout_ms);

/** The worker's hello: its aggregate is loaded. Where there is a listener the worker has said so
 * before; where it is said too early, the worker is held more strictly. */
void rf_ward_loaded(struct rf_ward *ward);

/** From here on something else is folded: what was said before is no one's last words. */
void rf_ward_mark(struct rf_ward *ward);

/** The ward is another worker's from here on, of the same server: of what the last one said nothing
 * is held against it, a race neither. */
void rf_ward_hand_on(struct rf_ward *ward);

/** The worker has ended: take what is left of what it printed, and close. Its words stay. */
void rf_ward_end(struct rf_ward *ward);

/** The same of a worker that a server forked, which stays: nothing is closed. */
void rf_ward_settle(struct rf_ward *ward);

/** How a worker ended that is reaped: "exit status 2: panic: …, at order.go:41", "exceeded its
 * memory (64 MiB)". True where it is the latter. */
bool rf_ward_describe(struct rf_ward *ward, int wait_status, char *text, size_t text_room);

/** The worker's hello names its program's process, a child of `worker`'s. False where it is none,
 * or not the one that entered the sandbox. */
bool rf_ward_name_program(struct rf_ward *ward, pid_t worker, uint64_t program);

/** Whether a race detector in it told of a data race, since it was started.
 * @now  take in what it printed so far, and count what is told of in part, too */
bool rf_ward_is_racing(struct rf_ward *ward, bool now);

/** "data race: write at order.go:41, …", of which a race detector told since it was started; empty
 * where none did; "data race" where its words are hidden. Returns `text`. */
const char *rf_ward_race(const struct rf_ward *ward, char *text, size_t text_room);

/** Append ": " and its last words, where it had any, to a text in a room of so many bytes. */
void rf_ward_add_words(const struct rf_ward *ward, char *text, size_t text_room);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What an aggregate's code did besides folding: what it tried and was not let do, and what it
 * printed. One for each build; all of its workers, of all threads, add to it.
 */
#ifndef RF_HOST_CONDUCT_H
#define RF_HOST_CONDUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What was tried, in the order in which reports have it. */
enum rf_tried_kind {
    RF_TRIED_OPEN,
    RF_TRIED_WRITE,
    RF_TRIED_CHANGE,
    RF_TRIED_LOOK,
    RF_TRIED_SOCKET,
    RF_TRIED_PROGRAM,
    RF_TRIED_PROCESS,
    RF_TRIED_THREAD,
    RF_TRIED_SIGNAL,
    RF_TRIED_INTRUSION,
    RF_TRIED_DESCRIPTOR,
    RF_TRIED_CALL,
    RF_TRIED_COUNT_,
};

struct rf_tried {
    enum rf_tried_kind kind;
    char *what; /**< a path, a system call's name …; hostile, no NUL; owned */
    uint64_t count;
};

/** Whether all of an aggregate's workers were held in a sandbox. */
enum rf_sandboxed {
    RF_HELD_UNKNOWN, /**< no worker has said */
    RF_HELD_WHOLE,
    RF_HELD_PARTLY, /**< `lacks` is what was lacking */
    RF_HELD_OFF,    /**< by --sandbox=off */
};

/** Of one moment; borrowed from the conduct, which must not be added to meanwhile. */
struct rf_conduct_view {
    enum rf_sandboxed held;
    uint32_t lacks;               /**< RF_LACKS_… of protocol.h */
    const struct rf_tried *tried; /**< sorted by kind, then by `what` */
    size_t tried_count;
    uint64_t unlisted;   /**< tries beyond RF_LIMIT_TRIED different ones */
    const char *printed; /**< the first RF_LIMIT_PRINTED_BYTES; hostile, any bytes */
    size_t printed_bytes;
    uint64_t dropped_bytes; /**< what was printed beyond that */
    const char *late; /**< what was found when no instance could answer for it any more: "data race:
                         …", "died behind its last answer: …"; or NULL */
};

struct rf_conduct;

struct rf_conduct *rf_conduct_new(void);
/** Accepts NULL. */
void rf_conduct_free(struct rf_conduct *conduct);

/** From here on its aggregate's words are not kept: what it prints counts as dropped, and what it
 * tried is told without what it named. They could quote values that are private. Accepts NULL. */
void rf_conduct_hide(struct rf_conduct *conduct);
/** Whether that was asked for; not of NULL. */
bool rf_conduct_hides(struct rf_conduct *conduct);

/* Each of these accepts NULL, which keeps nothing. Threads: any. */

/** @again  count it although it is known: not what each worker does anew while it is loaded */
void rf_conduct_add_tried(struct rf_conduct *conduct, enum rf_tried_kind kind, const char *what,
                          uint64_t count, bool again);
/** @dropped  further bytes, which are not at hand */
void rf_conduct_add_printed(struct rf_conduct *conduct, const char *bytes, size_t count,
                            uint64_t dropped);
void rf_conduct_add_unlisted(struct rf_conduct *conduct, uint64_t count);
void rf_conduct_add_held(struct rf_conduct *conduct, enum rf_sandboxed held, uint32_t lacks);
/** A race detector told of a data race, or a program died, when all instances were answered: none
 * of them is crashed for it, and yet none can be trusted. */
void rf_conduct_add_late(struct rf_conduct *conduct, const char *words);
/** Add what another has, of the same aggregate elsewhere. */
void rf_conduct_join(struct rf_conduct *conduct, const struct rf_conduct *other);

/** NULL: nothing, unknown. */
struct rf_conduct_view rf_conduct_look(const struct rf_conduct *conduct);

/** "open", "socket": as the JSON report has it; NULL behind the last. */
const char *rf_tried_name(enum rf_tried_kind kind);
/** "open a file", "start a program": behind "tried to". */
const char *rf_tried_words(enum rf_tried_kind kind);

#endif

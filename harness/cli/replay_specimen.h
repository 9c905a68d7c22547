/* SPDX-License-Identifier: MIT */
/* A record of the history, read anew, and its members: what sentences about envelopes are made of.
 * Of cli/replay*.c only. */
#ifndef RF_CLI_REPLAY_SPECIMEN_H
#define RF_CLI_REPLAY_SPECIMEN_H

#include "cli/replay.h"

/** A record. All zero is none. */
struct rf_specimen {
    struct rf_buf text;
    struct rf_json doc; /**< of the text */
    const struct rf_object *object;
    uint64_t offset;
    bool alien;  /**< it is no event of the envelope that it was read with */
    bool veiled; /**< not all values may be shown: keys may be such, and only the record's own are
                    told */
};

void rf_specimen_done(struct rf_specimen *specimen);

/** Whether this is an event to be told of. */
typedef bool rf_specimen_wants(const struct rf_event *event);

/** The record of the first event of an object that is wanted.
 * @return  false: it has none, or the object is not at hand (on a server, in a pack, …), or values
 *          of the replay are private: then keys may be too, and no members are told of anything */
bool rf_specimen_of_object(const struct rf_replay *replay, const struct rf_object *object,
                           const struct rf_envelope *envelope, rf_specimen_wants *wants,
                           struct rf_specimen *ret);

/** The first event of the first object that is at hand, was read, and is of this rule (rf_pointed).
 */
bool rf_specimen_of_rule(const struct rf_replay *replay, size_t rule,
                         const struct rf_envelope *envelope, struct rf_specimen *ret);

/** The first record that another envelope may read: a JSON object, without what this one needs. Of
 * the first objects that are at hand. */
bool rf_specimen_of_aliens(const struct rf_replay *replay, struct rf_specimen *ret);

/** "the event at OBJECT:OFFSET has ", or "the record at …" */
void rf_specimen_add_place(const struct rf_specimen *specimen, struct rf_buf *text);

/** "/id, /meta/seq, …": in their order, if there are few; else what could be a version first. */
void rf_specimen_add_members(const struct rf_specimen *specimen, struct rf_buf *text);

/** Whether a value could be a version: digits, in quotes or not. */
bool rf_specimen_is_number(const struct rf_json *doc, uint32_t node);

/** The first member that has a number and the name of a version, if there is one. */
void rf_specimen_add_version(const struct rf_specimen *specimen, struct rf_buf *text);

/** replay_guess.c: " (a guess:  -e id=/id,type=/kind)", as its members' names let one think, quoted
 * for a shell; in words where none tells the data; nothing where none tells the id or the type. */
void rf_specimen_add_guess(const struct rf_specimen *specimen, struct rf_buf *text);

#endif

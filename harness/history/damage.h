/* SPDX-License-Identifier: MIT */
/* Damage: anything in the history that could not be read, or contradicts itself. */
#ifndef RF_HISTORY_DAMAGE_H
#define RF_HISTORY_DAMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Kinds, as the JSON report names them, in the order in which reports list them. */
enum rf_damage_kind {
    RF_DAMAGE_UNREADABLE,
    RF_DAMAGE_TRUNCATED,
    RF_DAMAGE_MALFORMED,
    RF_DAMAGE_GAP,
    RF_DAMAGE_CONFLICT,
    RF_DAMAGE_CUT_SHORT,
    RF_DAMAGE_ERRORS,
    RF_DAMAGE_GOLDEN,
    RF_DAMAGE_COUNT_,
};

/** Why an object is unreadable though it was read to its end: reports propose something else for it
 * than for one that broke. */
#define RF_DAMAGE_NO_EVENTS "holds no events"
/** … what is said of one whose form is not read (decode/form.c, and others): no copy is another. */
#define RF_DAMAGE_UNREAD "refold does not read"
/** … and what is said of one that is an archive. */
#define RF_DAMAGE_ARCHIVE "a source of its own"
/** What is said of an event with a version below the first, around the name by which the config
 * says what the first is: of the aggregate that folds the event, which declares "*" where it has
 * another name than the event's. */
#define RF_DAMAGE_BELOW_FIRST      ", the first of "
#define RF_DAMAGE_BELOW_FIRST_ENDS " (the config's \"first\")"

/** "unreadable", "truncated", … */
const char *rf_damage_name(enum rf_damage_kind kind);

/** One finding. Strings are owned; NULL where they do not apply. */
struct rf_damage {
    enum rf_damage_kind kind;
    char *object; /**< the object's name, or the golden's file */
    bool has_offset;
    uint64_t offset; /**< byte in the inflated object; for goldens the line, from 1 */
    uint32_t part;   /**< of a record that is malformed, as rf_malformed has it */
    char *place;     /**< …; NULL: it is the record itself */
    uint64_t bytes;  /**< … */
    char *aggregate;
    char *id;
    size_t id_bytes;
    bool has_version;
    int64_t version;
    char *message;
    /** What makes it this finding and no other (history/identity.h); NULL where nobody asks, or
     * nothing tells it exactly: then it is never known. */
    char *identity;
    bool known;   /**< it was accepted: history/known.h */
    char *reason; /**< of what is known */
};

/**
 * A list that keeps the rf_limits.listed smallest entries (new before known, kind, object, offset,
 * aggregate, id, version, message, part) and counts all, so that what is kept does not depend on
 * threads. All zero is empty. Threads: one list per thread, joined at the end.
 */
struct rf_damages {
    struct rf_damage *items;
    size_t count;
    size_t room;
    uint64_t totals[RF_DAMAGE_COUNT_];
    uint64_t known[RF_DAMAGE_COUNT_]; /**< of these */
};

/** Takes over the strings of `damage`. */
void rf_damages_add(struct rf_damages *list, struct rf_damage damage);
/** Moves all of `other` into `list`; `other` is empty afterwards. */
void rf_damages_join(struct rf_damages *list, struct rf_damages *other);
/** Sorts and cuts to the limit; before the list is shown. */
void rf_damages_sort(struct rf_damages *list);
/** Forgets all findings of one kind. */
void rf_damages_drop(struct rf_damages *list, enum rf_damage_kind kind);
void rf_damages_done(struct rf_damages *list);
/** How many of a kind are not known. */
uint64_t rf_damages_new(const struct rf_damages *list, enum rf_damage_kind kind);

#endif

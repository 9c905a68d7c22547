/* SPDX-License-Identifier: MIT */
/* Damage that was accepted: exactly these findings, and no others. */
#ifndef RF_HISTORY_KNOWN_H
#define RF_HISTORY_KNOWN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "history/damage.h"

/** What became of an entry in a run; the names are those of the JSON report. */
enum rf_known_state {
    RF_KNOWN_FITS,    /**< as many findings as were accepted: they are known */
    RF_KNOWN_FEWER,   /**< not so many: those that there are, are known */
    RF_KNOWN_MORE,    /**< more: none of them is, for no one can tell which are the old ones */
    RF_KNOWN_GONE,    /**< none, in a run that would have seen it */
    RF_KNOWN_EXPIRED, /**< its last day is over: it counts no more */
    RF_KNOWN_UNSEEN,  /**< none, but a selection may have left it out */
    RF_KNOWN_STATE_COUNT_,
};
const char *rf_known_state_name(enum rf_known_state state);

/** One entry of known-damage.json. All texts are owned. */
struct rf_known_entry {
    char *identity; /**< of the findings that it stands for: rf_identity_text */
    enum rf_damage_kind kind;
    char *object; /**< its key, or NULL */
    bool has_offset;
    uint64_t offset;
    char *aggregate; /**< or NULL */
    char *id;        /**< NULL: the damage is an object's */
    size_t id_bytes;
    bool has_version;
    int64_t version;
    bool of_golden;   /**< only a comparison with a golden finds it */
    bool of_snapshot; /**< only what goes on from that very snapshot finds it */
    bool of_before;   /**< as an earlier refold told it: no finding is told so any more */
    char *reason;
    char *until;           /**< the last day, "2026-12-31", or NULL */
    size_t offset_in_file; /**< where it stands there */
    uint64_t count;        /**< so many findings were accepted: 1, as a rule */
    bool expired;
    atomic_uint_fast64_t met; /**< so many were found */
    enum rf_known_state state;
};
void rf_known_entry_done(struct rf_known_entry *entry);
/** For qsort: in the order of the file, which is that of reports: by kind, object, aggregate, id,
 * version, identity. */
int rf_known_compare(const void *left, const void *right);

struct rf_known_damage {
    struct rf_known_entry *items; /**< in the order of the file, once sealed */
    size_t count;
    size_t room;
    struct rf_known_entry **by_identity; /**< sorted; made by rf_known_seal */
    struct rf_known_entry **by_object;   /**< sorted, `object_count` */
    size_t object_count;
    bool accepts; /**< damage that is not known yet is to be told exactly as well */
    char *path;   /**< the file's, there or not */
    char *place;  /**< where it was read: a bless that was cut off left it beside `path` */
    char *text;   /**< as it was read, or NULL: there is no file */
    size_t text_bytes;
    const struct rf_buf *next; /**< what it is to hold after the bless, borrowed; or NULL */
};

/** Sorts what was added. @return  an entry that is there twice (the later one), or NULL */
const struct rf_known_entry *rf_known_seal(struct rf_known_damage *known);
/** Accepts NULL. */
void rf_known_free(struct rf_known_damage *known);

/** The entry that stands for this finding, or NULL. Accepts NULL everywhere. */
struct rf_known_entry *rf_known_find(const struct rf_known_damage *known, const char *identity);

/** Whether damage of this object can be known, or may be accepted: then the digest of its stored
 * bytes is wanted. Accepts NULL for `known`. */
bool rf_known_wants(const struct rf_known_damage *known, const char *key);

/** Says of a finding whether it is known, and counts it with its entry; to be called once for each.
 * Accepts NULL for `known`. Threads: any. */
void rf_known_judge(struct rf_known_damage *known, struct rf_damage *damage);

/** Once all is found: of an entry with more findings than were accepted none is known. */
void rf_known_settle(struct rf_known_damage *known, struct rf_damages *damages);

/** After that: the entry's state. @seen  whether nothing left out what would fit it */
enum rf_known_state rf_known_judge_entry(const struct rf_known_entry *entry, bool seen);

#endif

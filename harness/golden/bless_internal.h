/* SPDX-License-Identifier: MIT */
/* What the files of a bless share, in the order of a line's way through them. Of golden/bless*.c
 * only. */
#ifndef RF_GOLDEN_BLESS_INTERNAL_H
#define RF_GOLDEN_BLESS_INTERNAL_H

#include "base/json.h"
#include "golden/bless.h"
#include "golden/notes.h"
#include "golden/text_store.h"

/* ---- bless_pile.c: new lines, by aggregate --------------------------------------------------- */

/** A line in the making. `text` is NULL where the instance is unfit: it keeps its old line. */
struct rf_fresh_line {
    const char *id;
    size_t id_bytes;
    const char *text;
    size_t text_bytes;
    uint64_t digest;
    bool rejected;
};

/** The lines of one aggregate. */
struct rf_pile {
    char *aggregate;
    struct rf_fresh_line *lines;
    size_t count;
    size_t room;
};

/** The lines of all aggregates. All zero is empty. */
struct rf_piles {
    struct rf_pile *items;
    size_t count;
    size_t room;
    struct rf_text_store texts; /* of the lines */
};

/** Adds a line; `line` NULL: the instance is unfit. `text` is scratch memory. */
void rf_piles_add(struct rf_piles *piles, const struct rf_instance *instance,
                  const struct rf_golden_line *line, struct rf_buf *text);
/** Adds a pile's lines, whose texts stay borrowed; NULL: only that there is such an aggregate. */
void rf_piles_join(struct rf_piles *piles, const char *aggregate, const struct rf_pile *other);
/** Sorts the piles by name, and their lines by id. */
void rf_piles_sort(struct rf_piles *piles);
/** Of sorted piles: an instance's line, or NULL. */
const struct rf_fresh_line *rf_piles_find(const struct rf_piles *piles, const char *aggregate,
                                          const char *id, size_t id_bytes);
void rf_piles_done(struct rf_piles *piles);

/* ---- bless.c --------------------------------------------------------------------------------- */

struct rf_bless_lane;
/** Adds the line of an outcome; not `sound`: the instance is unfit. */
void rf_bless_take(struct rf_blessing *blessing, struct rf_bless_lane *lane,
                   const struct rf_outcome *outcome, bool sound);

/* ---- bless_line.c: the line that an outcome gives -------------------------------------------- */

/** An instance whose line waits for a state. */
struct rf_refused {
    struct rf_outcome outcome; /* its instance stays until the trace is over */
    char *message;             /* the outcome's, owned */
    struct rf_buf state;       /* the latest of its trace */
    bool has_state;
};

/** What one thread writes to. */
struct rf_bless_lane {
    struct rf_notes notes;
    struct rf_piles piles;
    struct rf_refused *refused;
    size_t refused_count;
    size_t refused_room;
    struct rf_json doc;
    struct rf_buf state;
    struct rf_buf line;
    struct rf_buf message;
};

/** The line that an outcome gives; borrows from it and from the lane's buffers. False: none can be
 * accepted, because it crashed or hung, or what came back could not be read again. */
bool rf_bless_line(struct rf_history *history, struct rf_bless_lane *lane,
                   const struct rf_outcome *outcome, struct rf_golden_line *ret);

/* ---- bless_trace.c: refused behind the snapshot ---------------------------------------------- */

/** Whether the state of this outcome is not the one before the refused event. */
bool rf_refused_is(const struct rf_outcome *outcome);
/** Keeps an outcome until its trace is over. */
void rf_refused_keep(struct rf_bless_lane *lane, const struct rf_outcome *outcome);
/* Of the sink; instances that are not kept are passed over. */
void rf_refused_trace(struct rf_bless_lane *lane, const struct rf_instance *instance,
                      const char *state, size_t state_bytes);
void rf_refused_traced(struct rf_blessing *blessing, struct rf_bless_lane *lane,
                       const struct rf_instance *instance, bool whole);
/** Forgets all that are kept. */
void rf_refused_drop(struct rf_bless_lane *lane);

/* ---- bless_merge.c: one golden's new text ---------------------------------------------------- */

/** One golden in the making. */
struct rf_draft {
    const char *aggregate;
    const struct rf_golden *golden; /* what lies there now, or NULL */
    struct rf_buf text;
    uint64_t lines;
    uint64_t rejected;
    struct rf_multiset history;
};

/** Whether lines of instances that are not selected, or not accepted, stay. */
bool rf_bless_is_selection(const struct rf_bless_request *request);
/** Whether all instances are blessed up to an hour. */
bool rf_bless_closes(const struct rf_bless_request *request);
/** Merges the old lines with the new ones; both are sorted by id. Adds to the summary. */
void rf_draft_merge(struct rf_draft *draft, const struct rf_bless_request *request,
                    const struct rf_pile *pile, struct rf_bless_summary *summary);

/* ---- bless_write.c: the files ---------------------------------------------------------------- */

/**
 * Writes the goldens of these piles, sorted, as rf_blessing_write says.
 * @parts  one for each pile, all zero before
 */
RF_MUST_USE rf_code rf_piles_write(const struct rf_bless_request *request,
                                   const struct rf_piles *piles, struct rf_bless_part *parts,
                                   struct rf_err *reterr);

#endif

/* SPDX-License-Identifier: MIT */
/* What the files of a bless share, in the order of a line's way through them. Of golden/bless*.c
 * and digest_*.c only. */
#ifndef RF_GOLDEN_BLESS_INTERNAL_H
#define RF_GOLDEN_BLESS_INTERNAL_H

#include "base/files.h"
#include "base/json.h"
#include "golden/bless.h"
#include "golden/meta.h"
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

struct rf_digest_bless;

/* ---- bless.c --------------------------------------------------------------------------------- */

struct rf_bless_lane;
/** Whether a build takes this aggregate. */
bool rf_bless_claims(const struct rf_bless_request *request, const char *aggregate);
/** RF_ERR_INTERRUPTED once the request's `stop` is set. */
RF_MUST_USE rf_code rf_bless_check_stop(const struct rf_bless_request *request,
                                        struct rf_err *reterr);
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
    uint64_t likeness; /* of a state without JSON */
};

/** What one thread writes to. */
struct rf_bless_lane {
    struct rf_notes notes;
    struct rf_piles piles;
    struct rf_piles shard; /* lines of digest goldens, of the shard at hand */
    struct rf_refused *refused;
    size_t refused_count;
    size_t refused_room;
    struct rf_json doc;
    struct rf_buf state;
    struct rf_buf line;
    struct rf_buf message;
    struct rf_golden_refusal refusal;
};

void rf_bless_lane_done(struct rf_bless_lane *lane);

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
                      const char *state, size_t state_bytes, uint64_t likeness);
void rf_refused_traced(struct rf_blessing *blessing, struct rf_bless_lane *lane,
                       const struct rf_instance *instance, bool whole);
/** Forgets all that are kept. */
void rf_refused_drop(struct rf_bless_lane *lane);

/* ---- bless_merge.c: one golden's new text ---------------------------------------------------- */

/** One golden in the making. */
struct rf_draft {
    const char *aggregate;
    const struct rf_golden *golden; /* what lies there now, or NULL */
    bool exposed; /* its old lines hold what is private now, or hashes by another key: none stays */
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
 * Writes the goldens of these piles, sorted, and the digest goldens (or NULL), as rf_blessing_write
 * says.
 * @parts  one for each pile, and behind these for each digest golden; all zero before
 */
RF_MUST_USE rf_code rf_piles_write(const struct rf_bless_request *request,
                                   const struct rf_piles *piles, struct rf_digest_bless *digests,
                                   struct rf_bless_part *parts, struct rf_err *reterr);

/** Appends the text as a gzip file: the same bytes each time. */
void rf_golden_pack(const struct rf_buf *text, struct rf_buf *out);
/** Makes the folder and those above it; tells whether the last one is new. */
RF_MUST_USE rf_code rf_golden_make_folder(const char *folder, bool *ret_made,
                                          struct rf_err *reterr);
/** Whether an aggregate's name can name a file, as it must. */
RF_MUST_USE rf_code rf_golden_check_name(const char *aggregate, struct rf_err *reterr);
/** The selection that a golden's meta data tell of; `before` are those of the old golden, or NULL.
 */
void rf_bless_selection(const struct rf_bless_request *request, const struct rf_meta *before,
                        struct rf_meta *meta);

/* ---- digest_bless.c: goldens of which git has only digests ------------------------------------
 */

/** NULL where none of the goldens is one, nor is to be. The request is borrowed. */
struct rf_digest_bless *rf_digest_bless_new(const struct rf_bless_request *request);
/** Removes what was written and not committed. Accepts NULL. */
void rf_digest_bless_free(struct rf_digest_bless *digests);
/** Whether the lines of this aggregate are its. Threads: any. */
bool rf_digest_bless_takes(const struct rf_digest_bless *digests, const char *aggregate);
/** All instances of a shard have come: their lines are written, to temporaries. Threads: any, each
 * shard once. */
void rf_digest_bless_shard(struct rf_digest_bless *digests, size_t shard, struct rf_piles *piles);
/** The files in the making, to which others may be added; NULL with a dry run. */
struct rf_files *rf_digest_bless_files(struct rf_digest_bless *digests);
size_t rf_digest_bless_count(const struct rf_digest_bless *digests);
/** Adds the manifests to the files. What went wrong with a shard is told here. */
RF_MUST_USE rf_code rf_digest_bless_finish(struct rf_digest_bless *digests,
                                           struct rf_bless_part *parts, struct rf_err *reterr);

#endif

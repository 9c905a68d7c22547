/* SPDX-License-Identifier: MIT */
/* What the comparison's files share, in the order of an instance's way through them. Of
 * golden/compare*.c only. */
#ifndef RF_GOLDEN_COMPARE_INTERNAL_H
#define RF_GOLDEN_COMPARE_INTERNAL_H

#include "golden/compare.h"
#include "golden/notes.h"
#include "golden/suspect.h"

/** What a thread must know of an aggregate, found once. */
struct rf_view {
    const struct rf_golden *golden; /* or NULL; of a digest golden the shard at hand */
    const struct rf_golden *digest; /* the digest golden, or NULL */
    bool unread;                    /* its lines are needed and cannot be had */
    unsigned char *seen;            /* of the golden's lines, or NULL */
    const struct rf_shape *shape;   /* or NULL */
    struct rf_tally *tally;
    uint64_t name_hash; /* rf_notes_name_hash of the aggregate */
};

/** What is known of a golden line. */
enum {
    RF_LINE_MET = 1,      /* its instance had an outcome */
    RF_LINE_LEFT_OUT = 2, /* --as-of or --until left out events of its instance */
};

/** A changed instance whose suspect is not known yet. */
struct rf_pending {
    const struct rf_instance *instance; /* NULL once it is done */
    struct rf_difference difference;
    struct rf_paths patterns;
    struct rf_watch *watch;
};

/** What one thread writes to. */
struct rf_compare_lane {
    struct rf_notes notes;
    struct rf_view **views; /* all that were made */
    size_t view_count;
    size_t view_room;
    struct rf_view **by_number; /* by the aggregate name's number; NULL: not yet looked up */
    size_t number_room;
    struct rf_pending *pending; /* in the order in which traces were asked for */
    size_t pending_first;
    size_t pending_count;
    size_t pending_room;
    struct rf_json doc;
};

struct rf_comparison {
    const struct rf_compare_request *request;
    struct rf_fold_sink sink;
    struct rf_compare_lane **lanes;
    size_t lane_count;
    unsigned char **seen;            /* for each golden, a byte for each line: RF_LINE_… */
    struct rf_digest_check *digests; /* or NULL: there is no digest golden */
};

/** Events above the golden's version. */
uint64_t rf_count_beyond(const struct rf_instance *instance, int64_t pin);

/* ---- compare_view.c: the golden line of an instance ------------------------------------------ */

/** Made once for each aggregate; stays until the lane is done. */
struct rf_view *rf_view_find(const struct rf_comparison *comparison, struct rf_compare_lane *lane,
                             const struct rf_instance *instance);
/** The instance's golden line, or NULL. */
const struct rf_golden_line *rf_view_line(const struct rf_view *view,
                                          const struct rf_instance *instance);
/** They point to tallies, which go with the notes. */
void rf_views_drop(struct rf_compare_lane *lane);

/* ---- compare_judge.c: the class of an instance ----------------------------------------------- */

/** One instance's judging. */
struct rf_trial {
    const struct rf_comparison *comparison;
    struct rf_compare_lane *lane;
    struct rf_view *view;
    const struct rf_outcome *outcome;
    const struct rf_golden_line *line; /* or NULL */
    struct rf_buf nan_message;         /* used while it is not empty */
};

/** An event that was refused; a state that has no JSON is laid to its last event. */
struct rf_rejection {
    bool is;
    int64_t version;
    const struct rf_packed_event *event; /* NULL: the empty state */
    const char *type;
    size_t type_bytes;
    const char *message;
    size_t message_bytes;
};

/** Counts the instance in its class, and notes it where it differs. Returns whether a trace is
 * wanted. */
bool rf_trial_judge(struct rf_trial *trial);

/* ---- compare_contrast.c: same or changed ----------------------------------------------------- */

/** How an instance differs from its golden line. */
struct rf_contrast {
    bool state;  /* the state, ignored pointers aside */
    bool digest; /* the events up to there */
    size_t changes_total;
    size_t ignored;
    struct rf_ignore_use *uses; /* of each rule, where the states were looked at; or NULL */
    struct rf_changes changes;
    struct rf_diff_paths paths; /* of all changes, however few are kept */
    char *message;              /* what is to be said of the rejection, or NULL: it is the same */
};

/** `uses`, `changes`, `paths` and `message` are owned. */
struct rf_contrast rf_contrast_make(const struct rf_trial *trial,
                                    const struct rf_rejection *rejection);

/* ---- compare_trace.c: who wrote what differs ------------------------------------------------- */

/** Takes over a difference and its patterns, and keeps them until the instance's trace tells its
 * suspect. */
void rf_pending_add(struct rf_trial *trial, struct rf_difference *difference,
                    struct rf_diff_paths *paths);
/** Notes all that wait, without a suspect. */
void rf_pending_flush(struct rf_compare_lane *lane);
/* Of the sink; `context` is the comparison. */
void rf_pending_trace(void *context, size_t thread, const struct rf_instance *instance,
                      uint64_t applied, const char *state, size_t state_bytes, uint64_t likeness);
void rf_pending_traced(void *context, size_t thread, const struct rf_instance *instance,
                       bool whole);

/* ---- compare_finish.c ------------------------------------------------------------------------ */

bool rf_compare_claims(const struct rf_compare_request *request, const char *aggregate);
/** Whether something other than its end may be why a line's instance did not come.
 *  @seen  RF_LINE_… */
bool rf_compare_excuses(const struct rf_compare_request *request, const struct rf_golden_line *line,
                        unsigned char seen);
/** A golden line that no instance came for. */
void rf_compare_missing(struct rf_notes *notes, const struct rf_golden *golden,
                        const struct rf_golden_line *line);

/* ---- digest_compare.c: goldens of which only digests are at hand ------------------------------
 */

/** Puts itself into the comparison's sink, where one of the goldens is a digest golden. */
void rf_digest_check_init(struct rf_comparison *comparison);
/** Accepts NULL. */
void rf_digest_check_free(struct rf_digest_check *check);
/** While a shard is folded: --as-of or --until left out an event of an instance of this digest
 * golden. Called by the thread that folds it. */
void rf_digest_check_left_out(struct rf_comparison *comparison, const struct rf_golden *golden,
                              const char *id, size_t id_bytes);
/** After the fold: how much of the lines was read. */
void rf_digest_check_finish(const struct rf_comparison *comparison, struct rf_lines_use *ret);

#endif

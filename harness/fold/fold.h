/* SPDX-License-Identifier: MIT */
/* Which instance goes to which worker, what came back, and who died on the way. */
#ifndef RF_FOLD_FOLD_H
#define RF_FOLD_FOLD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "fold/privacy.h"
#include "fold/sample.h"
#include "history/damage.h"
#include "history/gather.h"
#include "history/history.h"
#include "history/ingest.h"
#include "history/sums.h"
#include "history/unclaimed.h"
#include "host/build.h"
#include "host/worker.h"

/** How an instance ended. */
enum rf_ending {
    RF_ENDED_FOLDED,   /**< all of its events are applied */
    RF_ENDED_REJECTED, /**< an event was refused, or is of a type that is not declared */
    RF_ENDED_CRASHED,
    RF_ENDED_HUNG,
    RF_ENDED_IMPURE, /**< folded more than once, it came to different ends: no state of it counts.
                          `applied` and the sums are those of one of these folds */
    RF_ENDED_UNCLAIMED, /**< no build folds it: its events are in order, and that is all */
    RF_ENDED_UNTRIED,   /**< RF_LIMIT_HANGS instances of its build hang: no more are folded */
};

/** One instance's result. All pointers are borrowed for the call. */
struct rf_outcome {
    const struct rf_instance *instance;
    const void *token; /**< of its pin; or NULL */
    enum rf_ending ending;
    uint64_t applied;                 /**< steps that were folded */
    const struct rf_packed_event *at; /**< the refused event, or the one at which it crashed or hung
                                           (NULL: before the first, or it was refused before its
                                           start, which tells the event's type), or behind which
                                           the states of an impure one part */
    int64_t at_version;
    bool unhandled; /**< rejected for its type */
    /** The state at the pin (or at the end, without a pin; or before a refused event that comes no
     * later). NULL where it crashed or hung, or where the state has no JSON. */
    const char *state;
    size_t state_bytes;
    uint64_t state_steps;  /**< steps applied in that state */
    uint64_t state_digest; /**< rf_digest_event over these */
    int64_t state_version; /**< version of the last of these; without any the start's, or 0 */
    uint64_t at_digest;    /**< the same, the refused event included; if rejected */
    const char *nonfinite; /**< JSON pointer to a NaN or infinity in the state, or NULL */
    uint64_t likeness;     /**< of such a state: a hash of all that it holds; 0: it is not known */
    uint64_t likeness_trail; /**< of such a state: the hash of it that a trail has */
    const char *message; /**< "OrderItemAdded: Qty is not an integer", "SIGSEGV (…)", or NULL */
    bool quotes; /**< the message holds what the aggregate said: a refusal, or why there is no
                      snapshot. (What it printed when it died: host/conduct.h) */
    const struct rf_private *private; /**< what is masked in it; or NULL */
    /** With `pairs`: a hash of the state before the first and behind each applied event; none where
     * it crashed or hung. */
    const uint64_t *trail;
    uint64_t trail_count; /**< applied + 1, or 0 */
    uint64_t state_hash;  /**< of `state`, nothing left out; 0 where there is none */
};

/** Whether nothing behind its start has a part in it, neither a step nor a refusal: what a snapshot
 * says is no proof of the code. */
static inline bool
rf_outcome_is_of_start(const struct rf_outcome *outcome)
{
    return outcome->instance->start != NULL && outcome->state_steps == 0 && outcome->at == NULL;
}

/** Where a snapshot is wanted: after the last step whose version is at most `version`. */
struct rf_pin {
    bool wanted; /**< false: at the end */
    int64_t version;
    const void *token; /**< the sink's own, handed back with the outcome: what it looked up once */
    /** Of a group that is folded once more: this one is not wanted again, so it is not folded, and
     * no outcome of it comes. */
    bool passed;
};

/** So many instances are made known ahead. */
#define RF_AHEAD_MOST 32

/**
 * What the fold asks for and hands over. Calls come from many threads; `thread` (from 0, below
 * jobs) tells them apart; calls with the same number never overlap.
 */
struct rf_fold_sink {
    void *context;
    struct rf_pin (*pin)(void *context, size_t thread, const struct rf_instance *instance);
    /** The pins of these, at most RF_AHEAD_MOST, are asked for next: what will be looked at for
     * them can be asked for from memory at once. Or NULL. */
    void (*ahead)(void *context, size_t thread, const struct rf_instance *const *instances,
                  size_t count);
    /** The same, when the worker's doings have pushed all else out of the caches: the outcomes with
     * these tokens (some may be NULL), at most RF_AHEAD_MOST, come next. Or NULL. */
    void (*soon)(void *context, size_t thread, const void *const *tokens, size_t count);
    /** @return whether a trace of this instance is wanted (its states, event by event). Outcomes of
     * a bucket come in no particular order where a worker died. */
    bool (*outcome)(void *context, size_t thread, const struct rf_outcome *outcome);
    /** The empty state (applied 0), then the state behind each event that changed it, up to the
     * snapshot, or of a refused instance up to the refused event. state is NULL where it has no
     * JSON; `likeness` is then as that of an outcome. */
    void (*trace)(void *context, size_t thread, const struct rf_instance *instance,
                  uint64_t applied, const char *state, size_t state_bytes, uint64_t likeness);
    /** The trace is over; `whole` is false where the worker died in it. */
    void (*traced)(void *context, size_t thread, const struct rf_instance *instance, bool whole);
    /** Not 0: buckets are folded in groups, of those whose numbers are equal modulo this, which
     * divides RF_BUCKET_COUNT. Groups without events come too. All that one thread is told between
     * `begin` and `end` is of the group, whole. */
    size_t groups;
    void (*begin)(void *context, size_t thread, size_t group);
    /** @return whether the group is to be folded once more, up to another `end`. What is accounted
     * for is that of the first time; that the second one took the same events is checked. */
    bool (*end)(void *context, size_t thread, size_t group);
};

/** A hash of an instance's events or states, as it may be told: keyed where anything is private. */
static inline uint64_t
rf_outcome_digest(const struct rf_outcome *outcome, uint64_t digest)
{
    return outcome->private == NULL ? digest : rf_private_digest(outcome->private, digest);
}

/** A state that a pair sink asked for: JSON, or why there is none. */
struct rf_pair_state {
    const char *text; /**< canonical JSON, or NULL */
    size_t bytes;
    const char *nonfinite; /**< without text: JSON pointer to a NaN or infinity, or NULL … */
    const char *message;   /**< … and what else is in the way: "the worker died …" */
    bool quotes;           /**< that is what the aggregate said (as in an outcome) */
};

/** What two builds make of each instance goes to this sink, in place of an rf_fold_sink. */
struct rf_pair_sink {
    void *context;
    /** `base` has no state. @return whether both states behind `*ret_after` events are wanted,
     * which no more events than either build has applied. */
    bool (*pair)(void *context, size_t thread, const struct rf_outcome *base,
                 const struct rf_outcome *head, uint64_t *ret_after);
    /** These states: once for each time that they were asked for, in the same order, before another
     * bucket's instances come. */
    void (*states)(void *context, size_t thread, const struct rf_instance *instance,
                   const struct rf_pair_state *base, const struct rf_pair_state *head);
};

struct rf_fold_request {
    struct rf_history *history; /**< sealed */
    const struct rf_gather_rules *rules;
    /** One for each claim of the rules, same order. NULL: the claim's instances are ordered and
     * handed over unclaimed, and their events settled so. */
    struct rf_build *const *builds;
    const struct rf_fold_sink *sink; /**< or NULL: then `rivals` and `pairs` are there */
    struct rf_build *const *rivals;  /**< HEAD's builds, same order; `builds` are BASE's */
    const struct rf_pair_sink *pairs;
    char *const *ignores; /**< what trails leave out (worker/protocol.h, "Fold") */
    size_t ignore_count;
    const struct rf_privacy *privacy; /**< or NULL: nothing is private */
    struct rf_purity_wish purity; /**< which instances are folded in other worlds too (purity.h) */
    size_t jobs;
    int timeout_ms;                      /**< longest one apply may take */
    struct rf_progress_counts *progress; /**< or NULL */
    const atomic_bool *stop;             /**< or NULL */
};

struct rf_fold_result {
    struct rf_sums
        sums; /**< of gather and fold: terms and `settled`; of HEAD's, where there is one */
    struct rf_sums base_sums; /**< the same of BASE's, where two builds fold */
    struct rf_damages damages;
    struct rf_gather_counts counts;
    struct rf_unclaimed unclaimed; /**< owned, for rf_unclaimed_done */
    uint64_t deaths;               /**< of workers */
    uint64_t examined; /**< instances that were folded in two worlds, both times to an end */
};

/**
 * Fold every bucket: gather it, hand it to a worker in batches, give each instance's outcome to the
 * sink exactly once.
 *
 * Where a worker dies, hangs or lies, the instance that it was at is folded alone in a fresh one:
 * if it falls there, it is `crashed` or `hung`, and what others had been answered counts. Else
 * these are folded one at a time, with steps, until the culprit is found. One that dies only in a
 * worker that had folded others before, but not in a fresh one, is not the culprit: the instance
 * before it is. Where no instance dies alone, the first unanswered one is `crashed` with a message
 * that says so. A batch that takes longer than the timeout, or more memory than it may, though none
 * of its instances does is long, and no one's fault. Behind RF_LIMIT_HANGS hung instances of a
 * build the rest of them are RF_ENDED_UNTRIED.
 *
 * Workers that end before they are ready are no instance's fault: after three in a row the fold
 * ends with RF_ERR_INTERNAL.
 *
 * @return  RF_OK; RF_ERR_USAGE (see rf_gather); RF_ERR_INTERRUPTED; RF_ERR_INTERNAL
 */
RF_MUST_USE rf_code rf_fold(const struct rf_fold_request *request, struct rf_fold_result *ret,
                            struct rf_err *reterr);

#define RF_DEATH_BYTES 512

/** How the worker of a trace ended, where it did before the trace. */
struct rf_trace_death {
    bool died;
    uint64_t at; /**< steps behind which the states were made; with the next one it died */
    char text[RF_DEATH_BYTES];
};

/**
 * Trace one instance by a worker of its own: calls the sink's `trace`, and `traced` (where it is
 * not NULL) unless the worker dies, with thread 0. Nothing is settled. The history and what the
 * instance points to must still be there.
 * @steps      no further than its fold came, for what it crashed or hung at would do so again
 * @ret_death  a worker that dies although it did not in the fold: the states in front are traced
 *             once more, so that one may come twice
 * @return     RF_OK, deaths included; RF_ERR_INTERRUPTED; RF_ERR_INTERNAL
 */
RF_MUST_USE rf_code rf_fold_trace(const struct rf_fold_request *request,
                                  const struct rf_instance *instance, uint64_t steps,
                                  struct rf_trace_death *ret_death, struct rf_err *reterr);

#endif

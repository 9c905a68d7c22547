/* SPDX-License-Identifier: MIT */
/*
 * A lane: one thread's way to one build. It owns the worker, starts another where one died, puts
 * instances into batches and believes only answers that fit the events it asked for.
 */
#ifndef RF_FOLD_LANE_H
#define RF_FOLD_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "fold/fold.h"
#include "history/gather.h"
#include "host/worker.h"

struct rf_pairing;
struct rf_purity;

/** What is asked for one instance. */
struct rf_plan {
    const struct rf_instance *instance;
    uint64_t count;          /**< steps to apply */
    uint64_t snapshot_after; /**< of these */
    const void *token;       /**< of its pin */
    size_t place;            /**< of the instance among the lane's of the group at hand */
};

/** What came back for one instance. Buffers are reused. */
struct rf_partial {
    uint32_t state_status;
    uint64_t state_applied;
    uint64_t state_digest;
    uint64_t state_likeness;
    uint64_t state_trail;
    struct rf_buf state; /**< its JSON; or the pointer or reason that `state_status` goes with */
    uint32_t end_status;
    uint64_t end_applied;
    uint64_t end_digest;
    struct rf_buf message;
    uint64_t *trail; /**< its hashes so far */
    size_t trail_count, trail_room;
    struct rf_buf calls; /**< RF_ANSWER_CALLS */
};

/** An instance whose outcome is not handed over yet. */
struct rf_held {
    bool is;
    size_t index; /**< of its plan */
    struct rf_partial partial;
};

/** A worker that ended in a batch, and what it had answered without announcing it. */
struct rf_wreck {
    struct rf_worker *worker; /**< or NULL */
    size_t count;             /**< instances that it had answered to their end */
    struct rf_partial begun;  /**< while others are folded: the first one's answers so far */
};

/** Batches hold at most so much. A worker gives a sign of life only per slot and per batch, and
 * what was not yet given when it dies is folded again. */
#define RF_BATCH_INSTANCES 512
#define RF_BATCH_EVENTS    65536

struct rf_lane {
    const struct rf_fold_request *request;
    size_t thread;
    size_t claim;
    struct rf_build *build;
    struct rf_pairing *pairing; /**< of this and another build's lane, or NULL */
    struct rf_purity *purity;   /**< what is known of its plans before they are folded, or NULL */
    struct rf_worker_files files;
    struct rf_sums *sums; /**< borrowed from the thread, as `deaths` */
    uint64_t *deaths;

    struct rf_worker *worker;   /**< NULL until there is something to fold, and after a death */
    struct rf_server *server;   /**< forks workers, once one has died; or NULL */
    bool lost;                  /**< a worker */
    bool unserved;              /**< no server can be had */
    bool used;                  /**< it has folded something */
    bool again;                 /**< what is folded now was folded before */
    size_t places;              /**< of the group at hand, given so far */
    size_t tried;               /**< from this place on its first fold has tried none */
    char death[RF_DEATH_BYTES]; /**< how the last one ended */
    size_t batch_instances, batch_events;

    /* The instances of the bucket at hand that are this build's. */
    struct rf_plan *plans;
    size_t plan_count, plan_room;
    /* Those of them for which the sink wants a trace. */
    struct rf_plan *wanted;
    size_t wanted_count, wanted_room;

    /* The instance whose answers come now. */
    struct rf_partial now;
    /* Recovery: outcomes that wait until it is known who is to blame. */
    struct rf_wreck wreck;
    struct rf_held first, previous;
    struct rf_masker masker; /* of private values */
    struct rf_buf masked;
    size_t masked_most; /**< bytes of a masked state; 0: RF_LIMIT_MASKED_STATE_BYTES */
};

/** `build` is one of the request's for this claim. */
void rf_lane_init(struct rf_lane *lane, const struct rf_fold_request *request, size_t thread,
                  size_t claim, struct rf_build *build);
void rf_lane_done(struct rf_lane *lane);

/** Takes what is this build's out of a gathered bucket, and asks the sink for the pins. */
void rf_lane_plan(struct rf_lane *lane, const struct rf_gathering *gathering);

/** fold.c: fold all plans of the lane, and hand over an outcome for each; then the traces that the
 * sink asked for. @return as rf_lane_run */
RF_MUST_USE rf_code rf_fold_plans(struct rf_lane *lane, struct rf_err *reterr);

/** What every fold of this lane asks for besides states. */
static inline uint32_t
rf_lane_flags(const struct rf_lane *lane)
{
    return lane->pairing == NULL ? 0 : RF_REQUEST_TRAIL;
}

/** One batch, and who takes its answers. */
struct rf_run {
    const struct rf_plan *plans;
    size_t count;
    uint32_t flags; /**< RF_REQUEST_… */
    bool salvages;  /**< a worker that ends is kept as lane->wreck */
    int64_t given;  /**< so many timeouts without a sign of life are none too many; 0: one */
    /** Called for each answer, in order, once its digest is verified and what is private in its
     * text is masked. */
    void (*take)(struct rf_lane *lane, const struct rf_plan *plan,
                 const struct rf_worker_answer *answer);
};

/** How a batch went. */
struct rf_run_end {
    enum rf_worker_event event; /**< RF_WORKER_BATCH, or how the worker was lost: see lane->death */
    size_t done;                /**< instances answered to their end, from the front */
    bool was_used;              /**< the worker had folded others before this batch */
    bool stepped;               /**< with RF_REQUEST_STEP: a step of the last instance was seen */
    uint64_t step;              /**< the event it was about to apply, or the number of events */
    int64_t took_ms;            /**< what it was at it; what it takes to load is not of it */
};

/**
 * Fold one batch.
 * @return  RF_OK, deaths included; RF_ERR_INTERRUPTED; RF_ERR_USAGE: this build, which did load at
 * the probe, does not any more; RF_ERR_INTERNAL: workers of it cannot be started, or are none
 */
RF_MUST_USE rf_code rf_lane_run(struct rf_lane *lane, const struct rf_run *run,
                                struct rf_run_end *ret, struct rf_err *reterr);

/** Give `plans`, the first of which was the wreck's next one, the answers that the wreck holds:
 * `take` is called as in a run. */
void rf_lane_salvage(struct rf_lane *lane, const struct rf_plan *plans,
                     void (*take)(struct rf_lane *lane, const struct rf_plan *plan,
                                  const struct rf_worker_answer *answer));

/** Put what is begun of the instance at hand aside, as others are folded before the wreck is dealt
 * with; or, once more, back. */
void rf_lane_swap_begun(struct rf_lane *lane);

/** The wreck's answers are not wanted: those instances are folded again. */
void rf_lane_drop_wreck(struct rf_lane *lane);

/** The next batch is folded by a fresh worker. */
void rf_lane_drop_worker(struct rf_lane *lane);

/** Count an instance as not folded, for others hang: but once where it was to be folded twice, and
 * not at all in a made world. */
void rf_lane_note_untried(struct rf_lane *lane, const struct rf_plan *plan);
/** Note that an instance hangs, alone too. */
void rf_lane_note_hang(struct rf_lane *lane);

/** Whether so many of the build's instances hang that no more are folded. */
bool rf_lane_is_hopeless(const struct rf_lane *lane);

/** How many plans from `from` on go into the next batch; at least one. */
size_t rf_lane_batch(const struct rf_lane *lane, const struct rf_plan *plans, size_t from,
                     size_t count);

#endif

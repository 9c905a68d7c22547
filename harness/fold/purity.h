/* SPDX-License-Identifier: MIT */
/*
 * Whether code is pure: each chosen instance is folded in two made worlds (worker/world.h), and the
 * hashes of its states are compared event by event, as those of two builds are. The worlds differ
 * in all that pure code must not see, and in what was folded before: in the other world instances
 * come in the opposite order, behind others that are not compared.
 *
 * That is done before the bucket is folded as ever, in the world as it is. So what comes of it has
 * a third witness: the state that is compared with a golden, or blessed, must be that of the plain
 * world too.
 */
#ifndef RF_FOLD_PURITY_H
#define RF_FOLD_PURITY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "fold/lane.h"
#include "fold/pairing.h"
#include "fold/sample.h"
#include "worker/trail.h"

/** Of so many impure instances of an aggregate the cause is looked for: each costs up to three
 * dozen workers. */
#define RF_PURITY_CAUSES 20
/** The worker of the plain world is a fresh one for each of the first buckets, and then for each of
 * so many: where a bucket holds one chosen instance, the one before it is the same in both worlds.
 */
#define RF_PURITY_FRESH 16

/** What all threads share. */
struct rf_purity_share {
    struct rf_sample sample;
    _Atomic uint64_t examined;
    _Atomic uint32_t *causes; /**< looked for, by claim */
};

/** NULL where the request wishes for nothing. */
struct rf_purity_share *rf_purity_share_new(const struct rf_fold_request *request);
/** Accepts NULL. @return how many instances were examined */
uint64_t rf_purity_share_close(struct rf_purity_share *share);

/** What is known of one plan of the lane that is examined. */
struct rf_verdict {
    bool is;         /**< it was examined */
    bool hung;       /**< it hangs in the other world, and was not folded in the plain one */
    bool fell;       /**< in both worlds: impure where it does not in the run */
    bool impure;     /**< and its folds part: */
    uint64_t after;  /**< behind so many steps; or, where they end differently … */
    bool at_end;     /**< … at the event behind these */
    char *parted;    /**< in words; owned, as `message` */
    bool quotes;     /**< the aggregate's own are among them (fold.h) */
    char *message;   /**< the same with the cause */
    uint64_t *trail; /**< of the plain world; owned */
    uint64_t trail_count;
    enum rf_ending ending; /**< in it */
};

/** One thread's examiner of one lane. */
struct rf_purity {
    struct rf_lane *lane; /**< whose instances are examined; borrowed */
    struct rf_purity_share *share;
    struct rf_fold_request request; /**< of both worlds' lanes */
    struct rf_pair_sink sink;
    struct rf_lane plain, other;
    struct rf_pairing pairing;
    struct rf_sums sums; /**< of these: what they fold is accounted for elsewhere */
    uint64_t deaths;
    bool hung; /**< one did in a made world: no more are examined, each would cost the timeout */
    size_t buckets;              /**< in which something was examined */
    struct rf_verdict *verdicts; /**< by plan of the lane */
    size_t verdict_count, verdict_room;
    struct rf_trail hasher; /**< as workers hash states */
};

/** The lane knows of it from here on. */
void rf_purity_init(struct rf_purity *purity, struct rf_lane *lane, struct rf_purity_share *share);
/** Of one that is all zero too. */
void rf_purity_done(struct rf_purity *purity);

/**
 * Examine those of the lane's plans whose instances are chosen.
 * @chosen  by place in the gathering
 * @return  as rf_lane_run
 */
RF_MUST_USE rf_code rf_purity_examine(struct rf_purity *purity,
                                      const struct rf_gathering *gathering, const bool *chosen,
                                      struct rf_err *reterr);

/** The lane has folded a plan: where it is impure, so it ends. What crashed or hung stays so. The
 * message is borrowed until the next bucket. */
void rf_purity_judge(struct rf_purity *purity, size_t plan, struct rf_outcome *outcome);

/** purity_cause.c: what an impure instance depends on, as an end of a sentence; owned by the
 * caller. Folds it in up to three dozen workers. @return as rf_lane_run */
RF_MUST_USE rf_code rf_purity_cause(struct rf_purity *purity, const struct rf_plan *plan,
                                    char **ret, struct rf_err *reterr);

/** Instances in front of another: up to RF_PURITY_COMPANY plans of the lane behind that one, none
 * of them whole. Of a lane with one plan it is this one. */
#define RF_PURITY_COMPANY        4
#define RF_PURITY_COMPANY_EVENTS 256
size_t rf_purity_company(const struct rf_lane *lane, size_t plan,
                         struct rf_plan ret[RF_PURITY_COMPANY]);
/** Fold them in a lane, and look at nothing. */
RF_MUST_USE rf_code rf_purity_keep_company(struct rf_lane *lane, const struct rf_plan *plans,
                                           size_t count, struct rf_err *reterr);

#endif

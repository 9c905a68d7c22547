/* SPDX-License-Identifier: MIT */
/* The way of the data that the verbs share: builds, goldens, walk, ingest, fold or survey, reports.
 */
#ifndef RF_CLI_REPLAY_H
#define RF_CLI_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "cli/progress.h"
#include "cli/settings.h"
#include "fold/fold.h"
#include "golden/bless.h"
#include "golden/compare.h"
#include "golden/findings.h"
#include "golden/golden.h"
#include "golden/verdict.h"
#include "history/facts.h"
#include "history/gather.h"
#include "history/history.h"
#include "history/ingest.h"
#include "host/build.h"
#include "key/identifiers.h"
#include "types/survey.h"
#include "walk/walk.h"

/** Whether an id is selected: for ingest, the rules, the comparison and bless. */
typedef bool rf_selects_function(const void *context, const char *id, size_t id_bytes);

/** One replay, station by station; begun by rf_replay_begin. */
struct rf_replay {
    struct rf_settings *settings;
    struct rf_build **builds; /**< of compare: BASE's */
    struct rf_build **rivals; /**< compare only: HEAD's, same order; or NULL */
    struct rf_claim *claims;  /**< one for each build, then one for each of `unpaired` */
    size_t build_count;
    struct rf_build **unpaired; /**< compare only: what HEAD has and BASE has not; or NULL */
    size_t unpaired_count;
    struct rf_identifiers *identifiers; /**< those of them that identify; or NULL */
    struct rf_build **asked;            /**< of verbs that hold for any aggregate: only for these */
    size_t asked_count;
    /** To be set before rf_replay_open: also put in order what no loaded aggregate claims
     * (RF_ENDED_UNCLAIMED), by a last claim without a build. */
    bool orders_unclaimed;
    bool only_lists;  /**< to be set before rf_replay_open: no object is read behind it */
    bool wants_hours; /**< to be set before rf_replay_open: objects tell their hours */
    /** To be set before rf_replay_open: all events are instances, whoever claims them (the rule
     * `everything`), and one that is loaded alone has no events but its own. Of the verb types the
     * former holds. */
    bool surveys;
    /** Which ids are kept when they are read; NULL: all. At first those of --id and --ids. */
    rf_selects_function *selects;
    const void *select_context;
    /** To be set before rf_replay_ingest: the one id that `selects` lets in (rf_ingest_request). */
    const char *only_id;
    bool keeps_facts;       /**< to be set before rf_replay_ingest: `facts` are wanted */
    struct rf_facts *facts; /**< what was found in each object; or NULL */
    bool selected_shards[RF_SHARD_COUNT]; /**< with --id and --ids: those of the ids */
    struct rf_gather_rules rules;
    char *idle_streams; /**< what `rules` say of the config's, owned; or NULL */
    struct rf_goldens goldens;
    struct rf_goldens_anew anew; /**< of a bless: whose goldens it replaces whole */
    struct rf_privacy *privacy;  /**< cli/private.h; or NULL: nothing is private */
    struct rf_from *from;        /**< the snapshot that it goes on from, or NULL: cli/from.h */
    struct rf_golden_reading *reading; /**< of the goldens, while it goes on */
    struct rf_objects objects;
    struct rf_history *history;
    struct rf_ingest_result ingested;
    struct rf_fold_result folded;
    struct rf_findings findings;
    char golden_digest[65];      /**< compared with; "": findings only tell what was folded */
    struct rf_absent_ids absent; /**< of --id and --ids; borrowed */
    uint64_t damages_of_all[RF_DAMAGE_COUNT_]; /**< found before the fold: by every shard */
    size_t warnings_of_all;                    /**< said before it, so many */
    double merged_seconds; /**< of a merge, the longest and the largest of its shards; else 0 */
    uint64_t merged_peak_bytes;
    const struct rf_bless_part *parts; /**< of a bless, by aggregate; borrowed */
    size_t part_count;
    struct rf_certify *certify;    /**< what the golden was blessed of: cli/certify.h; or NULL */
    struct rf_known_damage *known; /**< damage that was accepted before, or NULL: cli/known.h */
    uint64_t damages_accepted;     /**< of a bless: so many are accepted now */
    char *envelope_hint;           /**< what may be said with -e, where no record is an event */
    uint64_t known_of_all[RF_DAMAGE_COUNT_]; /**< of damages_of_all */
    struct rf_skip_audit *skips; /**< types that the config skips, of loaded aggregates; or NULL */
    size_t skip_count;
    bool known_settled; /**< its entries have their states */
    char **taken;       /**< of a merge: what rf_replay_warn_taken said in its shards; owned */
    size_t taken_count;
    bool merged;          /**< what the shards have told is put together, nothing is read */
    bool merged_last_day; /**< and they were judged by a day */
    struct rf_damages damages;
    struct rf_sums sums;
    struct rf_flags flags;
    struct rf_progress progress;
    bool opened;      /**< rf_replay_open was through */
    char *error;      /**< the first sentence of those that ended it, or NULL */
    bool ended_early; /**< bad usage ended it: what is 0 was not looked at */
    char **warnings;
    size_t warning_count;
    double started; /**< monotonic seconds */
};

/** `settings` are borrowed until rf_replay_done. */
void rf_replay_begin(struct rf_replay *replay, struct rf_settings *settings);

/** Load the builds, see that there are goldens, list the objects. What fails here is RF_ERR_USAGE
 * (2) or RF_ERR_SOURCE (4). The goldens are read beside the objects: see rf_replay_goldens. */
RF_MUST_USE rf_code rf_replay_open(struct rf_replay *replay, struct rf_err *reterr);

/** Read all objects. */
RF_MUST_USE rf_code rf_replay_ingest(struct rf_replay *replay, struct rf_err *reterr);

/** Wait for the goldens; before anything looks at replay->goldens. */
RF_MUST_USE rf_code rf_replay_goldens(struct rf_replay *replay, struct rf_err *reterr);

/** Fold all instances into `sink`, and check the sums. */
RF_MUST_USE rf_code rf_replay_fold(struct rf_replay *replay, const struct rf_fold_sink *sink,
                                   struct rf_err *reterr);

/** The same with both builds of compare. */
RF_MUST_USE rf_code rf_replay_fold_pairs(struct rf_replay *replay, const struct rf_pair_sink *pairs,
                                         struct rf_err *reterr);

/** Fold once more, what was folded and is accounted for, into another sink. */
RF_MUST_USE rf_code rf_replay_fold_again(struct rf_replay *replay, const struct rf_fold_sink *sink,
                                         struct rf_err *reterr);

/** How the goldens are compared with what is folded; borrows from the replay. */
struct rf_compare_request rf_replay_compare_request(const struct rf_replay *replay);

/** Fold into `sink`, which hands on to the comparison; that is told what --as-of and --until leave
 * out. */
RF_MUST_USE rf_code rf_replay_fold_compared(struct rf_replay *replay,
                                            struct rf_comparison *comparison,
                                            const struct rf_fold_sink *sink, struct rf_err *reterr);

/** Warn of the ids in replay->absent. */
void rf_replay_warn_absent(struct rf_replay *replay);

/** Warn of so many instances that end at a refused event although nothing differs: what lies behind
 * such an event is not folded, and must not be taken for whole.
 * @param which  of which instances they are: a word and a blank, or "" for all */
void rf_replay_warn_refused(struct rf_replay *replay, uint64_t refused, const char *which);

/** With --from: whether no event came to any aggregate: all states are their snapshots'. */
bool rf_replay_is_idle(const struct rf_replay *replay);
/** After a comparison: RF_ERR_SOURCE where lines of a digest golden were needed and are not there.
 */
RF_MUST_USE rf_code rf_replay_check_lines(const struct rf_replay *replay, struct rf_err *reterr);

/** Warn of what the aggregates tried; and, where CI is set, of what their sandbox
 * lacked. Once, when the last worker has ended. */
void rf_replay_warn_conduct(struct rf_replay *replay);

/** Warn of files that are read where a bless that was cut off has left them. */
void rf_replay_warn_waiting(struct rf_replay *replay, const struct rf_goldens *goldens);
/** Warn of goldens that nothing was compared with. */
void rf_replay_warn_unloaded(struct rf_replay *replay);
/** List all events in a catalogue instead of folding them, and check the sums.
 *  @each  called for each instance by the threads, with their numbers below settings->jobs; or NULL
 *  @ret   for rf_catalog_free; NULL where it failed early */
RF_MUST_USE rf_code rf_replay_survey(struct rf_replay *replay, const struct rf_catalog_wish *wish,
                                     rf_survey_each *each, void *context, struct rf_catalog **ret,
                                     struct rf_err *reterr);

/** Take over what was found in events that were gone through, not folded, with `code`, and check
 * the sums. Returns `code` where that is no RF_OK. */
RF_MUST_USE rf_code rf_replay_looked(struct rf_replay *replay, const struct rf_fold_result *found,
                                     rf_code code, struct rf_err *reterr);

/** Whether all of the history was selected, read and folded without damage that counts. */
void rf_replay_judge_damage(struct rf_replay *replay);

/** Whether of an aggregate no state can be trusted for what was found behind its last answer. */
void rf_replay_judge_late(struct rf_replay *replay);

/** Tell on standard error of the first damages, and how many more there are. */
void rf_replay_say_damages(struct rf_replay *replay);

/** Flags and warnings from what a run found. */
void rf_run_judge(struct rf_replay *replay);

/** A sentence for standard error that reports carry too. */
void rf_replay_warn(struct rf_replay *replay, const char *format, ...) RF_PRINTF(2, 3);

/** An error that ends the replay: say it, and set the flag that goes with its code. */
void rf_replay_fail(struct rf_replay *replay, const struct rf_err *err);

/**
 * Write every report that was asked for; `blessed` may be NULL. Of a replay that was not opened
 * too: what an earlier one left in a report's file must not pass for this one's; only the text
 * report on standard output is left out, where standard error has said it all. Warns of conduct.
 * Returns the exit status.
 */
int rf_replay_report(struct rf_replay *replay, const struct rf_bless_summary *blessed);

/** Whether a report may not show, here, the values that a cluster's members share. */
bool rf_replay_veils(const struct rf_replay *replay, const struct rf_cluster *cluster);

/** The reports of a replay that could not begin: its settings need not be whole. Returns the exit
 * status. */
int rf_replay_refuse(struct rf_settings *settings, const struct rf_err *err);

/** Everything that a report may say of the replay so far; borrows from it. */
void rf_replay_describe(const struct rf_replay *replay, const struct rf_bless_summary *blessed,
                        struct rf_report *ret);

/** Seconds since it began. */
double rf_replay_seconds(const struct rf_replay *replay);

void rf_replay_done(struct rf_replay *replay);

/** What --id and --ids select; NULL: all. */
rf_selects_function *rf_replay_selects(const struct rf_replay *replay);

#endif

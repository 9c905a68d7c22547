/* SPDX-License-Identifier: MIT */
/* What a run found, in the shape that all report formats share. */
#ifndef RF_REPORTS_REPORT_H
#define RF_REPORTS_REPORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "fold/sample.h"
#include "golden/bless.h"
#include "golden/findings.h"
#include "golden/verdict.h"
#include "history/damage.h"
#include "history/gather.h"
#include "history/ingest.h"
#include "history/known.h"
#include "history/sums.h"
#include "history/unclaimed.h"
#include "host/build.h"
#include "net/net.h"
#include "reports/policy.h"
#include "reports/shard.h"

/** A type that the config skips, and whether any selected event has it. Texts are owned. */
struct rf_skip_audit {
    char *aggregate, *type, *reason;
    atomic_bool occurs;
};

/** Everything a report may say. Borrowed; a report never changes it. Of a run that ended early any
 * pointer may be NULL: what it would tell is then 0 or empty. `verb` and `version` are always set.
 */
struct rf_report {
    const char *verb; /**< "run", "bless" or "compare" */
    struct rf_flags flags;
    bool ended_early;    /**< bad usage ended it: what is 0 or empty below was not looked at */
    const char *error;   /**< the sentence with which it ended, or NULL */
    const char *version; /**< of refold */
    struct rf_build *const *builds;
    /** compare only: HEAD's, as many; NULL is one that could not be opened. `builds` are BASE's */
    struct rf_build *const *rivals;
    size_t build_count;
    char golden_digest[65];
    const struct rf_sums *sums;
    const struct rf_decode_counts *counts;
    const struct rf_gather_counts *gathered;
    const struct rf_unclaimed *unclaimed;    /**< of aggregates that are not loaded */
    const struct rf_ingest_result *ingested; /**< odd names, foreign objects, first and last time */
    const struct rf_findings *findings;
    const struct rf_damages *damages; /**< sorted and cut to the limit; totals count all */
    enum rf_policy damage_policies[RF_DAMAGE_COUNT_]; /**< anything but ERROR is waived */
    bool unclaimed_counts; /**< events of aggregates that are not loaded count as damage */
    const struct rf_known_damage *known; /**< entries of known-damage.json, or NULL */
    uint64_t damages_accepted;           /**< bless: so many became known */
    const char *envelope_hint; /**< what may be said with -e, where no record is an event; or NULL
                                */
    const struct rf_ignore *ignores; /**< the rules; what they did is in the findings */
    size_t ignore_count;
    const struct rf_skip_audit *skips;
    size_t skip_count;
    bool narrowed;               /**< a selection left out what rules and entries may be about */
    const char *today;           /**< by which last days are judged; NULL: nothing has one */
    const char *const *warnings; /**< sentences that also went to standard error */
    size_t warning_count;
    const struct rf_bless_summary *blessed; /**< bless only */
    const struct rf_bless_part *parts;      /**< of what was blessed, by aggregate */
    size_t part_count;
    bool chosen;                  /**< bless: only a part was accepted, by --review or --cluster */
    bool dry_run;                 /**< bless: nothing was written */
    struct rf_report_shard shard; /**< where the run was one of several */
    /** Arguments for the next command, quoted for a shell: "-a order.so history/". All or none. */
    const char *again;       /**< the same once more */
    const char *again_run;   /**< a run to which --id is added */
    const char *again_bless; /**< a bless of what was compared; after --dry-run, one that writes */
    const char *again_show;  /**< a show to which an id is added, in front … */
    const char *again_sources;  /**< … or, where it looks like an option, in front of these, with
                                     which that ends: "--" where they need that, and the sources */
    const char *again_types;    /**< a listing of the history; NULL: none is proposed */
    const char *again_review;   /**< a review of what was compared: behind bless --review */
    enum rf_purity_mode purity; /**< which instances were to be folded in other worlds too … */
    uint64_t examined;          /**< … and how many were, of gathered->instances */
    double seconds;
    uint64_t peak_bytes;
    struct rf_net_counts network; /**< all zero: no server was asked */
    bool has_stats;
    uint64_t stats[RF_STATION_COUNT_]; /**< CPU nanoseconds by station */
    /* For the text report. */
    bool color;
    int verbosity;  /**< -1 with -q, 0, 1 with -v */
    size_t samples; /**< differences shown in full by the text report */
};

/** Frees a list of them. Accepts NULL. */
void rf_skip_audits_free(struct rf_skip_audit *skips, size_t count);

struct rf_scenario_report;

/** A format: its name in -r, and the functions that write it; NULL: that has no such report. */
struct rf_report_format {
    const char *name;
    const char *summary; /**< for --help */
    void (*write)(const struct rf_report *report, struct rf_buf *out);
    void (*write_scenarios)(const struct rf_scenario_report *report, struct rf_buf *out);
};

/** All formats; ends with a NULL name. */
extern const struct rf_report_format rf_report_formats[];
const struct rf_report_format *rf_report_format_find(const char *name);
/** Whether it has a report of scenarios, or else of a replay. */
bool rf_report_format_fits(const struct rf_report_format *format, bool scenarios);
/** "text, json or junit", of those that fit: for messages. */
void rf_report_format_names(struct rf_buf *out, bool scenarios);

/** A copy in which no station's result is NULL; borrows from `report` and from constants. */
struct rf_report rf_report_filled(const struct rf_report *report);

/** Whether its verdict covers everything: exit 0 or 1. False is never green, even where no
 * difference was found. */
bool rf_report_is_whole(const struct rf_report *report);

void rf_report_text(const struct rf_report *report, struct rf_buf *out);
void rf_report_json(const struct rf_report *report, struct rf_buf *out);
void rf_report_junit(const struct rf_report *report, struct rf_buf *out);
void rf_report_tap(const struct rf_report *report, struct rf_buf *out);
void rf_report_markdown(const struct rf_report *report, struct rf_buf *out);
void rf_report_github(const struct rf_report *report, struct rf_buf *out);

#endif

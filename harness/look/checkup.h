/* SPDX-License-Identifier: MIT */
/* Threads go through a history and look at what makes it whole: versions, times, streams. */
#ifndef RF_LOOK_CHECKUP_H
#define RF_LOOK_CHECKUP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/sha256.h"
#include "history/gather.h"
#include "history/history.h"
#include "history/ingest.h"
#include "look/arrivals.h"
#include "look/begins.h"
#include "look/calendar.h"
#include "look/leads.h"

/** So many gaps are kept, the smallest by (aggregate, id, version); all count. */
#define RF_CHECKUP_GAPS 1000

/** Versions that an instance lacks, and the objects of the events around them. */
struct rf_missing {
    char *aggregate; /**< or NULL: its events name none */
    char *id;        /**< may hold NUL bytes */
    size_t id_bytes;
    int64_t first, last;            /**< versions */
    const struct rf_object *before; /**< NULL: the instance begins behind the gap */
    const struct rf_object *after;
};

struct rf_stream_tally {
    const char *name; /**< of the delivery stream; borrowed; NULL: objects that name none */
    uint64_t objects, events;
};

struct rf_checkup_request {
    struct rf_history *history;          /**< sealed */
    const struct rf_gather_rules *rules; /**< with `everything` */
    const struct rf_facts *facts;        /**< by object */
    const struct rf_calendar *calendar;
    struct rf_leads *leads; /**< how many gaps fit each is counted there */
    size_t jobs;
    struct rf_progress_counts *progress; /**< or NULL */
    const atomic_bool *stop;             /**< or NULL */
};

struct rf_checkup {
    uint64_t instances, events; /**< events without copies */
    uint64_t versionless; /**< instances whose events have none: nothing tells what is missing */
    bool searched;        /**< for gaps: nothing in front was left out by --since */
    uint64_t cut;         /**< instances that --until lets end at a gap */
    struct rf_begins begins;
    struct rf_camp uneven;     /**< of these, where it was searched; `first` is borrowed */
    uint64_t missing_versions; /**< a gap of more than 2^63 counts as that */
    uint64_t gap_count;
    struct rf_missing *missing;
    size_t missing_count;
    struct rf_arrivals arrivals;
    struct rf_stream_tally *streams; /**< by name, NULL last */
    size_t stream_count;
    uint64_t crossing; /**< instances whose events came by several streams */
    /** By object: whether it holds an event with neither version nor event id: of a copy of the
     * object all of these are folded again. */
    bool *untold;
    /** Of all instances: aggregate, id, last version, number of events, and the hash that a
     * golden's line has as `events`. */
    char sha256[RF_SHA256_HEX_BYTES];
    struct rf_sums sums; /**< of gather; events that are no copies count as RF_TERM_FOLDED */
    struct rf_damages damages;
    struct rf_gather_counts counts;
};

/**
 * The result depends on neither threads nor memory.
 *
 * @ret     for rf_checkup_done on RF_OK, and damages are the caller's; all zero otherwise
 * @return  RF_OK; what rf_gather may return; RF_ERR_INTERRUPTED
 */
RF_MUST_USE rf_code rf_check_up(const struct rf_checkup_request *request, struct rf_checkup *ret,
                                struct rf_err *reterr);
/** Damages are not among what it frees. */
void rf_checkup_done(struct rf_checkup *checkup);

#endif

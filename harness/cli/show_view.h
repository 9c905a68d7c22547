/* SPDX-License-Identifier: MIT */
/* From the states of an instance to what is shown of it. */
#ifndef RF_CLI_SHOW_VIEW_H
#define RF_CLI_SHOW_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"
#include "cli/replay.h"
#include "golden/timeline.h"
#include "reports/show.h"

/** A state that was asked for: behind a version, or at a time. */
struct rf_when {
    const char *text; /**< as the user wrote it */
    bool is_time;
    int64_t version;
    struct rf_time time;
};

/** What was asked for. */
struct rf_show_request {
    enum rf_show_view view;
    struct rf_when at[2]; /**< of RF_SHOW_STATE one, of RF_SHOW_DIFF two */
    size_t at_count;
    const char *pointer; /**< of RF_SHOW_PATH */
};

/** A place among an instance's moments, and the steps that are applied there. */
struct rf_place {
    size_t moment; /**< or RF_MOMENT_NONE */
    uint64_t applied;
};

/**
 * Find the states that the request asks for.
 * @ret   request->at_count places
 * @return  RF_OK; RF_ERR_USAGE: the instance has no such version or time, its fold did not come so
 *          far, or it has no states at all
 */
RF_MUST_USE rf_code rf_show_resolve(const struct rf_show_request *request,
                                    const struct rf_timeline *timeline, struct rf_place ret[2],
                                    struct rf_err *reterr);

/** Where what is shown goes: called between two parts; it may write show->out away and clear it. */
typedef void rf_show_flush_function(void *context);

/** One instance on its way to the reader. */
struct rf_showing {
    struct rf_show *show;
    const struct rf_show_format *format;
    const struct rf_show_request *request;
    const struct rf_timeline *timeline;
    struct rf_place places[2]; /**< from rf_show_resolve */
    rf_show_flush_function *flush;
    void *flush_context;
    bool broken;   /**< set: what was shown is not whole, as was said there */
    bool path_met; /**< set, of RF_SHOW_PATH: something stood there in some state */
};

/** Trace the instance and show it. @return as rf_fold_trace */
RF_MUST_USE rf_code rf_show_instance(struct rf_showing *showing, const struct rf_replay *replay,
                                     struct rf_err *reterr);

#endif

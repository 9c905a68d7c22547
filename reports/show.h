/* SPDX-License-Identifier: MIT */
/* What `refold show` says of one id, to people and to programs. */
#ifndef RF_REPORTS_SHOW_H
#define RF_REPORTS_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "golden/diff.h"
#include "golden/timeline.h"
#include "golden/touch.h"
#include "history/data.h"
#include "history/history.h"
#include "reports/report.h"

/** What is asked for. */
enum rf_show_view {
    RF_SHOW_EVENTS, /**< the events, and what each changed */
    RF_SHOW_STATE,  /**< --at */
    RF_SHOW_DIFF,
    RF_SHOW_BLAME,
    RF_SHOW_PATH,
};

/** The state before the first event, as a place among the moments. */
#define RF_MOMENT_NONE SIZE_MAX

/** Everything that may be said. Borrowed. Of a run that ended early `history` and `timelines` may
 * be NULL. */
struct rf_show {
    struct rf_buf *out;
    const struct rf_report *report; /**< filled (rf_report_filled): sums, damages, flags, looks */
    struct rf_history *history;
    const struct rf_gather_rules *rules;
    const struct rf_timelines *timelines;
    struct rf_data_reader *data;      /**< of the history's events; borrowed */
    const struct rf_private *private; /**< what of the data is private, where it stands now */
    struct rf_masker *masker;         /**< memory for that, as `masked` */
    struct rf_buf *masked;
    const char *id;
    enum rf_show_view view;
    const char *pointer; /**< of RF_SHOW_PATH */
    bool any_instance;   /**< the writer's own: one was begun */
    bool any_item;       /**< the same: something stands in front of what comes */
};

/** What an event did to the state. */
struct rf_effect {
    enum {
        RF_EFFECT_NONE,    /**< it was not folded, or no aggregate is loaded */
        RF_EFFECT_CHANGES, /**< `changes`; none: the state stayed as it was */
        RF_EFFECT_UNKNOWN, /**< the state behind it has no JSON */
        RF_EFFECT_LOST,    /**< the state behind it could not be made: the worker died */
    } kind;
    const struct rf_changes *changes;
};

/**
 * A way to write it. Called in this order: begin, then for each instance that is shown `instance`,
 * what of it is shown, and `instance_end`; then end. Each appends to show->out, which the caller
 * may write away and clear between two calls: an instance of millions of events is never held as
 * text.
 */
struct rf_show_format {
    void (*begin)(struct rf_show *show);
    void (*instance)(struct rf_show *show, const struct rf_timeline *timeline);
    /** RF_SHOW_EVENTS: each moment, in order. */
    void (*event)(struct rf_show *show, const struct rf_timeline *timeline, size_t moment,
                  const struct rf_effect *effect);
    /** RF_SHOW_STATE, once. `state` is NULL where it has no JSON. */
    void (*state)(struct rf_show *show, const struct rf_timeline *timeline, size_t moment,
                  const char *state, size_t state_bytes);
    /** RF_SHOW_DIFF, once; `changes` is NULL where one of the states has no JSON. */
    void (*diff)(struct rf_show *show, const struct rf_timeline *timeline, size_t from, size_t to,
                 const struct rf_changes *changes);
    /** RF_SHOW_BLAME: each value; `moment` is RF_MOMENT_NONE where no event changed it. */
    void (*blame)(struct rf_show *show, const struct rf_timeline *timeline, size_t moment,
                  const char *path, const char *value, size_t value_bytes);
    /** RF_SHOW_PATH: first with RF_MOMENT_NONE what stands there in the empty state (touch->now),
     * then each event that changed it (touch->before, touch->now). */
    void (*touch)(struct rf_show *show, const struct rf_timeline *timeline, size_t moment,
                  const struct rf_touch *touch);
    /** `broken`: why what was shown of it is not whole, or NULL. */
    void (*instance_end)(struct rf_show *show, const struct rf_timeline *timeline,
                         const char *broken);
    void (*end)(struct rf_show *show);
};

extern const struct rf_show_format rf_show_text;
extern const struct rf_show_format rf_show_json;

/** An event's data as it may be shown. Borrowed until the next call. */
const char *rf_show_data(const struct rf_show *show, const struct rf_packed_event *event,
                         size_t *ret_bytes);

#endif

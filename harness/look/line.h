/* SPDX-License-Identifier: MIT */
/* An event as a line of JSON, in the envelope `flat`: contract.md, "The events". */
#ifndef RF_LOOK_LINE_H
#define RF_LOOK_LINE_H

#include "base/buf.h"
#include "fold/privacy.h"
#include "history/data.h"
#include "history/history.h"

/** What lines are made with. One thread. */
struct rf_liner {
    const struct rf_history *history;
    const struct rf_privacy *privacy; /**< or NULL */
    struct rf_data_reader data;
    struct rf_json doc;
    struct rf_masker masker;
    struct rf_buf masked;
    struct rf_buf canonical;
};

/** Both are borrowed. */
void rf_liner_init(struct rf_liner *liner, const struct rf_history *history,
                   const struct rf_privacy *privacy);
void rf_liner_done(struct rf_liner *liner);

/**
 * Append an event's line, with its LF.
 * @aggregate  the name's number under which it stands, or RF_NAME_NONE
 * @copy       "duplicate" or "conflict" of one that is not folded; NULL of one that is
 */
void rf_line_put(struct rf_liner *liner, uint32_t aggregate, const struct rf_packed_event *event,
                 const char *copy, struct rf_buf *out);

#endif

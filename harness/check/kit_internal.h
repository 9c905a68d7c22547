/* SPDX-License-Identifier: MIT */
/* What the checks share. Of check/… only. */
#ifndef RF_CHECK_KIT_INTERNAL_H
#define RF_CHECK_KIT_INTERNAL_H

#include "check/kit.h"
#include "program/descriptor.h"

struct rf_sample; /* samples.h */

struct rf_kit {
    const struct rf_kit_request *request;
    struct rf_kit_report *report;
    char *worker;
    int patience_ms;                /**< longest wait; shorter once something did not come */
    int64_t until_ms;               /**< by rf_clock_ms: the check's end, whatever it waits for */
    int lates;                      /**< how often that was an answer … */
    enum rf_check_id late;          /**< … and what was wrong the last time */
    enum rf_check_id check;         /**< that is made */
    const char *during;             /**< what it is doing; a constant */
    struct rf_descriptor described; /**< once HELLO was answered well */
    struct rf_buf hello;            /**< the same, as it came */
    struct rf_sample *samples;      /**< by aggregate; once they were learned */
    struct rf_err error;            /**< of what ends the kit: it cannot be started any more */
};

/** Something is wrong, by the promise of `culprit`. Only the first of each is kept. Returns false,
 * so that checks can `return rf_kit_wrong(…)`. @bytes  those that show it, or NULL */
bool rf_kit_wrong(struct rf_kit *kit, enum rf_check_id culprit, const void *bytes, size_t count,
                  const char *expected, const char *seen, ...)
    __attribute__((format(printf, 6, 7)));

/** There is nothing to check. Returns false. */
bool rf_kit_skip(struct rf_kit *kit, const char *why, ...) __attribute__((format(printf, 2, 3)));

/** Something did not come in time: waiting as long for all others would take the night. */
void rf_kit_lose_patience(struct rf_kit *kit);

#define RF_CHECK_DECLARE_(id, name, chapter, promise, function)                                    \
    bool rf_check_##function(struct rf_kit *kit);
RF_CHECKS(RF_CHECK_DECLARE_)
#undef RF_CHECK_DECLARE_

#endif

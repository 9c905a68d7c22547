/* SPDX-License-Identifier: MIT */
/* Taking hold of a golden folder: whoever changes its files does so alone, and finds them whole. */
#ifndef RF_GOLDEN_HOLD_H
#define RF_GOLDEN_HOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/** A folder that nobody else changes. */
struct rf_golden_hold;

/**
 * Take hold of a folder before its files are read: lock it, put into place what a bless that was
 * cut off has left waiting, and remove temporaries of refolds that were killed. A folder that is
 * not there is held once it is: rf_golden_hold_made.
 * @return  RF_OK; RF_ERR_SOURCE: another refold changes it, or it cannot be read; RF_ERR_CORRUPT:
 *          what a bless has left there cannot be believed (base/journal.h); RF_ERR_OUTPUT
 */
RF_MUST_USE rf_code rf_golden_hold(const char *folder, struct rf_golden_hold **ret,
                                   struct rf_err *reterr);

/** The folder was made meanwhile: now it is held. RF_ERR_SOURCE: another refold was faster. */
RF_MUST_USE rf_code rf_golden_hold_made(struct rf_golden_hold *hold, struct rf_err *reterr);

/** What was found: files that a bless has left waiting and that are in place now. */
size_t rf_golden_hold_finished(const struct rf_golden_hold *hold);
/** Temporaries that were removed. */
size_t rf_golden_hold_swept(const struct rf_golden_hold *hold);

/** Whether it is locked: nobody else writes there. Accepts NULL. */
bool rf_golden_hold_is_alone(const struct rf_golden_hold *hold);

/** Accepts NULL. */
void rf_golden_release(struct rf_golden_hold *hold);

#endif

/* SPDX-License-Identifier: MIT */
/* What the files of golden/verify*.c share. */
#ifndef RF_GOLDEN_VERIFY_INTERNAL_H
#define RF_GOLDEN_VERIFY_INTERNAL_H

#include "base/journal.h"
#include "golden/golden.h"
#include "golden/listing.h"
#include "golden/verify.h"

/** A folder that is looked at. */
struct rf_verifier {
    const struct rf_verify_request *request;
    struct rf_journal journal;
    struct rf_golden_files list;
    struct rf_verification *found;
    bool busy; /**< another refold is changing it */
};

/** Adds a defect, whose strings are taken over. */
void rf_defect_add(struct rf_verification *found, struct rf_defect defect);
/** A sentence about a file; the path and `repair` are owned by the list afterwards. */
void rf_defect_tell(struct rf_verification *found, enum rf_defect_weight weight, char *file,
                    const char *message, char *repair);
/** Every damage as a defect, with a command that repairs it. */
void rf_defects_of(struct rf_verification *found, const struct rf_damages *damages);

/* Commands that repair; owned. */
char *rf_repair_restore(const char *path);
char *rf_repair_remove(const char *path);
/** Finish a bless that was cut off, and remove what it left. */
char *rf_repair_finish(const char *folder);
char *rf_repair_bless(void);

/** verify_one.c: one golden, listed at this place. */
void rf_verify_golden(struct rf_verifier *verifier, size_t index);
/** verify_lines.c: the lines of a digest golden, as far as they are at hand. */
void rf_verify_lines(struct rf_verifier *verifier, const struct rf_golden *golden,
                     struct rf_verified *verified);

#endif

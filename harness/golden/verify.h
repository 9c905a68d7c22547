/* SPDX-License-Identifier: MIT */
/* Whether the files of a golden folder are as they were blessed: by themselves alone, without
 * history and without any aggregate. */
#ifndef RF_GOLDEN_VERIFY_H
#define RF_GOLDEN_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** How much a defect weighs; the heaviest decides. */
enum rf_defect_weight {
    RF_DEFECT_NOTE,    /**< nothing is wrong with any golden */
    RF_DEFECT_WARNING, /**< readable, and not as it was blessed */
    RF_DEFECT_DAMAGE,  /**< cannot be believed */
    RF_DEFECT_UNREAD,  /**< could not be read: nobody knows */
    RF_DEFECT_COUNT_,
};
/** "note", "warning", … */
const char *rf_defect_name(enum rf_defect_weight weight);

/** One finding. Strings are owned; NULL where they do not apply. */
struct rf_defect {
    enum rf_defect_weight weight;
    char *file;
    uint64_t line; /**< from 1; 0: of the whole file */
    char *aggregate;
    char *id;
    size_t id_bytes;
    char *message;
    char *repair; /**< the command, quoted for a shell */
};

/** What a golden is in. */
enum rf_golden_form { RF_FORM_PLAIN, RF_FORM_GZIP, RF_FORM_DIGEST, RF_FORM_UNKNOWN };
/** "plain", "gzip", "digest", "unknown" */
const char *rf_golden_form_name(enum rf_golden_form form);

/** One golden that was looked at. */
struct rf_verified {
    char *aggregate;
    enum rf_golden_form form;
    uint64_t lines;       /**< that it has */
    uint64_t shards;      /**< of a digest golden: with lines */
    uint64_t shards_read; /**< of these, at hand */
    enum rf_defect_weight worst;
    bool sealed;
};

struct rf_verification {
    struct rf_verified *goldens; /**< sorted by aggregate */
    size_t golden_count;
    struct rf_defect *defects; /**< sorted by file and line */
    size_t defect_count;
    size_t defect_room;
    uint64_t totals[RF_DEFECT_COUNT_];
};
void rf_verification_done(struct rf_verification *found);

struct rf_verify_request {
    const char *folder;
    const char *lines; /**< where the lines of digest goldens lie, if they are at hand */
    size_t jobs;
};

/**
 * Look at all files of the folder. Nothing is written, and a bless that is at work is not kept
 * waiting.
 * @ret     for rf_verification_done, whatever is returned
 * @return  RF_OK; RF_ERR_SOURCE: the folder cannot be listed, or all the time changes
 */
RF_MUST_USE rf_code rf_verify(const struct rf_verify_request *request, struct rf_verification *ret,
                              struct rf_err *reterr);

#endif

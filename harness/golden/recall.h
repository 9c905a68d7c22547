/* SPDX-License-Identifier: MIT */
/* Lines whose states were left in the golden's file, read once more. */
#ifndef RF_GOLDEN_RECALL_H
#define RF_GOLDEN_RECALL_H

#include "base/error.h"
#include "golden/golden.h"
#include "golden/line.h"

/** Memory for the line that was recalled last. All zero is empty. */
struct rf_recalled {
    struct rf_golden_line line;
    struct rf_line_reader reader;
    struct rf_line_texts texts;
    struct rf_buf text;
};
void rf_recalled_done(struct rf_recalled *recalled);

/**
 * A line with its state and text: itself where it has them, else as it stands in the file.
 * @ret     borrowed from the golden, or from `recalled`, where it stays until the next call
 * @return  RF_OK; RF_ERR_SOURCE: the file cannot be read, or the line is not what it was.
 *          Threads: any, each with its own `recalled`
 */
RF_MUST_USE rf_code rf_golden_recall(const struct rf_golden *golden,
                                     const struct rf_golden_line *line,
                                     struct rf_recalled *recalled,
                                     const struct rf_golden_line **ret, struct rf_err *reterr);

#endif

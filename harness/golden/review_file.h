/* SPDX-License-Identifier: MIT */
/*
 * The reviews beside a golden, `<aggregate>.reviews.jsonl`: what was accepted in parts, and why.
 *
 * A log for whoever reads the golden's diff: one line for each accepted group of alike differences,
 * the newest last. Nothing is ever compared with it. It has no time, host or person, which are the
 * commit's to tell. Its ending is none of a golden's: any aggregate's name may end in ".reviews".
 */
#ifndef RF_GOLDEN_REVIEW_FILE_H
#define RF_GOLDEN_REVIEW_FILE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/files.h"
#include "golden/findings.h"

/**
 * Append a line (canonical JSON) and LF.
 * @cluster  the cluster that the group is of, or a part of
 * @data     whether the group's cause is data
 * @count    accepted instances, out of `of`
 * @reason   valid UTF-8, or NULL
 */
void rf_review_line_write(const struct rf_cluster *cluster, bool data, uint64_t count, uint64_t of,
                          const char *reason, struct rf_buf *out);

/** Add the file with these lines behind those that it has.
 * @return  RF_OK or RF_ERR_OUTPUT: what lies there cannot be read or written; see rf_files_add */
RF_MUST_USE rf_code rf_review_file_add(struct rf_files *files, const char *path,
                                       const struct rf_buf *lines, struct rf_err *reterr);

#endif

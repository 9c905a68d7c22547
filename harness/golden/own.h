/* SPDX-License-Identifier: MIT */
/* Whose the files are that lie in a golden folder: the golden's, or someone's history. */
#ifndef RF_GOLDEN_OWN_H
#define RF_GOLDEN_OWN_H

#include <stdbool.h>

#include "base/error.h"

/**
 * Whether the file FOLDER/NAME is one that refold keeps in a golden folder: by its name, and by
 * what is in it. Lines are a golden's where a meta file or manifest that shows that it is one lies
 * beside them, or any of them within the first MiB is a golden line; damage elsewhere in it changes
 * nothing. What is empty is no one's loss, and is the golden's, which tells nothing of the files
 * beside it. Names with a dot in front are refold's own.
 */
bool rf_golden_owns(const char *folder, const char *name);

/**
 * See that a bless would overwrite nothing but a golden: before anything is read.
 * @return  RF_OK; RF_ERR_USAGE: a file has a golden's name and is none
 */
RF_MUST_USE rf_code rf_golden_check_own(const char *folder, struct rf_err *reterr);

#endif

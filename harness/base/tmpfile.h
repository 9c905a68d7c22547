/* SPDX-License-Identifier: MIT */
/* Files without a name in $TMPDIR: whatever ends the process, nothing is left of them. */
#ifndef RF_BASE_TMPFILE_H
#define RF_BASE_TMPFILE_H

/** The folder: $TMPDIR, or /tmp where that is not set. Borrowed. */
const char *rf_tmpfile_folder(void);

/** A new file for reading and writing, which only its owner may open (mode 0600), and which no
 * program that is started gets. -1 and errno on failure. */
int rf_tmpfile_open(void);

#endif

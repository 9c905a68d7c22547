/* SPDX-License-Identifier: MIT */
/*
 * What an aggregate may change of its process that would change how the next instance is folded, or
 * written: how numbers are rounded, the locale, which signals are blocked. It is put back.
 */
#ifndef RF_WORKER_TIDY_H
#define RF_WORKER_TIDY_H

/** Once, when the aggregate is loaded: this is how it is to be. */
void rf_tidy_note(void);

/** Behind each instance; costs nothing where nothing was changed. */
void rf_tidy_instance(void);

/** Behind each batch: what costs a system call. */
void rf_tidy_batch(void);

#endif

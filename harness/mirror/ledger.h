/* SPDX-License-Identifier: MIT */
/* What is in the folder by now: the manifest of the fetches before, and what came since. */
#ifndef RF_MIRROR_LEDGER_H
#define RF_MIRROR_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "mirror/place.h"
#include "walk/fetched.h"

/**
 * Each object that became whole is written into a journal before its file is put into place, so
 * that a fetch that is killed loses none. The journal becomes a part of the manifest when a fetch
 * ends, whatever ends it, and after all files are safe on disk.
 *
 * What a journal of before the machine's last start says may not have reached the disk: then sizes
 * and times are not believed (`rf_ledger_doubts`).
 */
struct rf_ledger;

/**
 * A part of a source does not finish a fetch of more that was cut off: only the same part does, or
 * the whole.
 *
 * @place      borrowed
 * @source     as people read it; another one than that of the manifest is refused
 * @selection  which part of it, as text; "": the whole
 * @dry        nothing is written
 * @return     RF_OK; RF_ERR_USAGE: the folder is of another source, or a newer refold's, or a fetch
 *             of something else was cut off in it; RF_ERR_CORRUPT: its manifest is not as it was
 *             written; RF_ERR_SOURCE
 */
RF_MUST_USE rf_code rf_ledger_open(struct rf_place *place, const char *source,
                                   const char *selection, bool dry, struct rf_ledger **ret,
                                   struct rf_err *reterr);
/** Accepts NULL. The journal stays where rf_ledger_settle was not called. */
void rf_ledger_free(struct rf_ledger *ledger);

/** Whether files are to be read before they are believed to be those that were fetched. */
bool rf_ledger_doubts(const struct rf_ledger *ledger);
const struct rf_place *rf_ledger_place(const struct rf_ledger *ledger);
/** This start of the machine; "" where nothing tells. */
const char *rf_ledger_boot(const struct rf_ledger *ledger);
/** What was there when it was opened, sorted by key; borrowed. */
const struct rf_fetched *rf_ledger_before(const struct rf_ledger *ledger);

/** Begin the journal, before something else than rf_ledger_add changes what lies there: until it is
 * settled, the folder is one that is worked on. RF_ERR_OUTPUT. Threads: any. */
RF_MUST_USE rf_code rf_ledger_begin(struct rf_ledger *ledger, struct rf_err *reterr);
/** This object is whole; the entry's strings are taken over. RF_ERR_OUTPUT. Threads: any. */
RF_MUST_USE rf_code rf_ledger_add(struct rf_ledger *ledger, struct rf_fetched_entry entry,
                                  struct rf_err *reterr);
/** An entry of rf_ledger_before is here no more. Threads: any. */
void rf_ledger_forget(struct rf_ledger *ledger, const struct rf_fetched_entry *entry);

/** An object that was listed is not here, or not in that version: until it is, the manifest says
 * so. Threads: one. */
void rf_ledger_miss(struct rf_ledger *ledger, const char *key);
/** An entry of rf_ledger_before is missed no more, for it is not listed any more. Threads: one. */
void rf_ledger_unmiss(struct rf_ledger *ledger, const struct rf_fetched_entry *entry);

/**
 * Write the manifest, unless nothing changed, and remove the journal. What an entry tells is safe
 * on disk then. It is the last call before rf_ledger_free.
 * @ret_seal  the manifest's
 */
RF_MUST_USE rf_code rf_ledger_settle(struct rf_ledger *ledger, char ret_seal[RF_SHA256_HEX_BYTES],
                                     struct rf_err *reterr);

#endif

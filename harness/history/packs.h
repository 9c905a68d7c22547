/* SPDX-License-Identifier: MIT */
/* The packs from which objects of an ingest come. */
#ifndef RF_HISTORY_PACKS_H
#define RF_HISTORY_PACKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "history/facts.h"
#include "history/history.h"
#include "history/ingest.h"

struct rf_packs;

/**
 * Open what the request's objects need; nothing is opened where none of them is packed. The request
 * is borrowed for the ingest; the history, into whose names theirs go, keeps and frees them.
 * @return  RF_OK; RF_ERR_USAGE: a pack was made by other rules, or by another version of refold;
 *          RF_ERR_CORRUPT: it is damaged; RF_ERR_SOURCE
 */
RF_MUST_USE rf_code rf_packs_open(const struct rf_ingest_request *request,
                                  struct rf_history *history, struct rf_packs **ret,
                                  struct rf_err *reterr);
/** Read the events of all packed objects into the history, by as many threads as it has writers.
 * Those that `selects` lets in are counted as seen. A large pack is only entered there, and read
 * bucket by bucket when these are. Errors are as in rf_packs_open. */
RF_MUST_USE rf_code rf_packs_load(struct rf_packs *packs, size_t writers, struct rf_err *reterr);

/** Ask `selects` for every id of packed objects: after a look-up of an id that is nowhere. */
RF_MUST_USE rf_code rf_packs_ask(struct rf_packs *packs, size_t threads, struct rf_err *reterr);

/** What was found in a packed object; borrowed. */
const struct rf_facts *rf_packs_facts(const struct rf_packs *packs, const struct rf_object *object);
/** How many events of an object `selects` let in. */
uint64_t rf_packs_kept(const struct rf_packs *packs, uint32_t object);

#endif

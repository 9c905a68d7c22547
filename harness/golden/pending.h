/* SPDX-License-Identifier: MIT */
/*
 * Events that a golden does not hold, though they lie in front of its hour: what came early, behind
 * a version that was missing, and what stands behind a refused event or is skipped behind the last
 * folded one. They are kept beside it, `<aggregate>.pending.ndjson`, and read again by a replay
 * that goes on from there.
 *
 * One canonical line each, sorted by (id, version), copies in the order in which they were read:
 *
 *   {"aggregate","at","data","hash","id","object","offset","part","type","version"}
 *
 * `at` and `version` are left out where there are none, `part` where it is 0; `object` is the key, `hash` the
 * content hash of the data. The meta file holds the number of lines and their SHA-256.
 */
#ifndef RF_GOLDEN_PENDING_H
#define RF_GOLDEN_PENDING_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "golden/golden.h"
#include "history/history.h"
#include "history/instance.h"

#define RF_PENDING_ENDING ".pending.ndjson"
/** How such a line is read: an envelope (decode/envelope.h). */
#define RF_PENDING_ENVELOPE                                                                        \
    "id=/id,aggregate=/aggregate,version=/version,type=/type,at=/at,data=/data"

/** `<folder>/<aggregate>.pending.ndjson`, or where that lies as long as a bless that was cut off is
 * not finished; owned. */
char *rf_pending_path(const char *folder, const char *aggregate);

/**
 * Read the pending file of a golden and see that it is the one that was blessed with it.
 * @ret     appended to; nothing where the golden has none
 * @return  RF_OK; RF_ERR_CORRUPT: it is not there, cut or changed, or is there and should not be;
 *          RF_ERR_SOURCE: it cannot be read
 */
RF_MUST_USE rf_code rf_pending_read(const char *folder, const struct rf_golden *golden,
                                    struct rf_buf *ret, struct rf_err *reterr);

/** What a bless will keep. */
struct rf_pendings;
/** The history is borrowed. */
struct rf_pendings *rf_pendings_new(const struct rf_history *history);
/** Accepts NULL. */
void rf_pendings_free(struct rf_pendings *pendings);

/** Lines of a pending object of the history stay as they are. `text` is borrowed. */
void rf_pendings_source(struct rf_pendings *pendings, uint32_t object, const struct rf_buf *text);

/** A rules' `passed`: keeps what is not selected. Threads: any. */
void rf_pendings_pass(void *pendings, uint32_t aggregate, const struct rf_packed_event *event,
                      int64_t version, enum rf_term term);
/** Keeps what of an instance lies behind this version. Threads: any. */
void rf_pendings_keep(struct rf_pendings *pendings, const struct rf_instance *instance,
                      int64_t covered);

/** Forget what is kept: the fold begins anew. */
void rf_pendings_clear(struct rf_pendings *pendings);

/** Append an aggregate's lines. @return their number */
uint64_t rf_pendings_write(struct rf_pendings *pendings, const char *aggregate, struct rf_buf *out);

/** Calls `each` with the name of every aggregate of which something is kept; names may repeat. */
void rf_pendings_names(const struct rf_pendings *pendings,
                       void (*each)(void *context, const char *aggregate), void *context);

#endif

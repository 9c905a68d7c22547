/* SPDX-License-Identifier: MIT */
/*
 * Events by instance: packed events in arenas, strewn over buckets by a hash of the id.
 *
 * Writers append, each in its own arena, without a lock. Once sealed, nothing changes any more, and
 * workers map the same files. A bucket is a list of segments; nothing outside this station can tell
 * where they lie, so that one day a segment can come back from a spill file.
 */
#ifndef RF_HISTORY_HISTORY_H
#define RF_HISTORY_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/names.h"
#include "decode/decode.h"
#include "history/sums.h"
#include "walk/walk.h"
#include "worker/protocol.h"

#define RF_BUCKET_COUNT 1024

/** How an object's reading ended. */
enum rf_object_fate {
    RF_FATE_READ,
    RF_FATE_UNREADABLE, /**< broken: its events are withdrawn, unless they are kept */
    RF_FATE_FOREIGN,    /**< holds no events, and its name does not promise any */
};

struct rf_history;
/** One ingest thread's end of a history. */
struct rf_writer;

/** `objects` is borrowed until rf_history_free. At least one writer, at most 65,535. */
RF_MUST_USE rf_code rf_history_new(const struct rf_objects *objects, size_t writers,
                                   struct rf_history **ret, struct rf_err *reterr);
/** Accepts NULL. */
void rf_history_free(struct rf_history *history);

struct rf_writer *rf_history_writer(struct rf_history *history, size_t number);
struct rf_names *rf_history_names(struct rf_history *history);
const struct rf_objects *rf_history_objects(const struct rf_history *history);

/**
 * Pack one event of object `object` into its bucket and count it as seen in the writer's sums.
 * @aggregate  the name under which the event stands so far: its envelope's or its stream's; NULL
 *             where only its siblings' types can tell
 * @return     RF_OK; RF_ERR_LIMIT: too many distinct names
 */
RF_MUST_USE rf_code rf_writer_add(struct rf_writer *writer, uint32_t object,
                                  const struct rf_event *event, const char *aggregate,
                                  size_t aggregate_bytes, struct rf_err *reterr);
struct rf_sums *rf_writer_sums(struct rf_writer *writer);

/** Say how an object ended: `withdrawn` events of it are never folded. Threads: distinct objects.
 */
void rf_history_settle(struct rf_history *history, uint32_t object, enum rf_object_fate fate,
                       bool withdrawn);
enum rf_object_fate rf_history_fate(const struct rf_history *history, uint32_t object);
bool rf_history_withdrawn(const struct rf_history *history, uint32_t object);

/** After the last event: seal the arenas, write the names file. Names that come into the table
 * later are unknown to workers: whoever will need one (gather, for events that name no aggregate)
 * enters it before. */
RF_MUST_USE rf_code rf_history_seal(struct rf_history *history, struct rf_err *reterr);

/** Files for workers, borrowed; read-only descriptors. */
int rf_history_names_file(const struct rf_history *history);
const int *rf_history_arena_files(const struct rf_history *history, size_t *ret_count);

/** An event by its reference; sealed histories only. Threads: any. */
const struct rf_packed_event *rf_history_event(const struct rf_history *history, uint64_t ref);

/** Calls `each` for every event of a bucket, in no particular order. */
void rf_history_each(const struct rf_history *history, size_t bucket,
                     void (*each)(void *context, const struct rf_packed_event *event, uint64_t ref),
                     void *context);
/** The bucket of an id. */
size_t rf_history_bucket(const char *id, size_t id_bytes);
/** Events in a bucket. */
size_t rf_history_bucket_events(const struct rf_history *history, size_t bucket);

#endif

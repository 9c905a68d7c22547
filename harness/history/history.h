/* SPDX-License-Identifier: MIT */
/*
 * Events by instance: stowed in arenas (stow.h), strewn over buckets by a hash of the id.
 *
 * Writers append, each in its own arena, without a lock; an arena that is full goes to disk. Once
 * sealed, nothing changes any more.
 *
 * Whoever reads a bucket opens it: it comes into a window, portion by portion, as packed events
 * (worker/protocol.h); the thread's workers map that too. Nothing that points to an event may
 * outlive its portion.
 */
#ifndef RF_HISTORY_HISTORY_H
#define RF_HISTORY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/names.h"
#include "decode/decode.h"
#include "history/frame.h"
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
struct rf_history *rf_history_new(const struct rf_objects *objects, size_t writers);
/** Accepts NULL. */
void rf_history_free(struct rf_history *history);

/** How much memory events may take, windows and what gathering needs included; before the first
 * event. Without it there is no such limit. */
void rf_history_limit(struct rf_history *history, uint64_t bytes);

struct rf_writer *rf_history_writer(struct rf_history *history, size_t number);
struct rf_names *rf_history_names(const struct rf_history *history);
const struct rf_objects *rf_history_objects(const struct rf_history *history);

/**
 * Stow one event of object `object` into its bucket and count it as seen in the writer's sums.
 * @aggregate  the name under which the event stands so far: its envelope's or its stream's; NULL
 *             where only its siblings' types can tell
 * @return     RF_OK; RF_ERR_LIMIT: too many distinct names
 */
RF_MUST_USE rf_code rf_writer_add(struct rf_writer *writer, uint32_t object,
                                  const struct rf_event *event, const char *aggregate,
                                  size_t aggregate_bytes, struct rf_err *reterr);
/** Keep an event that is packed already, as it is: its numbers are those of this history. It is not
 * counted as seen. */
RF_MUST_USE rf_code rf_writer_put(struct rf_writer *writer, const struct rf_packed_event *event,
                                  struct rf_err *reterr);
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

/** A file for workers, borrowed; a read-only descriptor. */
int rf_history_names_file(const struct rf_history *history);

/** A bucket's events that lie in a frame of another file, which stays open until rf_history_free;
 * before the history is sealed. */
void rf_history_add_frame(struct rf_history *history, size_t bucket, const struct rf_frame *frame,
                          size_t events);
/** Have `done` called when the history is freed: for what its frames are read with. Once. */
void rf_history_keep(struct rf_history *history, void *what, void (*done)(void *what));

/**
 * Windows for so many threads (at least one) that read buckets, numbered from 0; those that were
 * there are gone.
 * @return  RF_OK; RF_ERR_INTERNAL: the system refuses
 */
RF_MUST_USE rf_code rf_history_open_windows(struct rf_history *history, size_t count,
                                            struct rf_err *reterr);
/** What workers of the thread with this window map. Borrowed, as above. */
const int *rf_history_worker_files(const struct rf_history *history, size_t window,
                                   size_t *ret_count);

/**
 * Open a bucket, which no other thread has open: its first portion is there afterwards. A portion
 * holds all events of the ids that it holds any of. It stays until the next one, or the window's
 * next bucket, is brought in: what a window held last stays until the history is freed, and of a
 * history that has one id only nothing ever goes.
 *
 *     RF_TRY(rf_history_open_bucket(history, bucket, window, reterr));
 *     for (bool more = true; more;) {
 *         … rf_history_each(history, bucket, …)
 *         RF_TRY(rf_history_next_portion(history, bucket, &more, reterr));
 *     }
 *
 * @return  RF_OK; RF_ERR_INTERNAL: what was put elsewhere cannot be read or is not what it was, or
 *          $TMPDIR is full. No verdict may come of it. Threads: each with its own window
 */
RF_MUST_USE rf_code rf_history_open_bucket(struct rf_history *history, size_t bucket, size_t window,
                                           struct rf_err *reterr);
/** Bring in the next portion. Without more the bucket is closed, and what was its last portion
 * still is there. @return as above */
RF_MUST_USE rf_code rf_history_next_portion(struct rf_history *history, size_t bucket,
                                            bool *ret_more, struct rf_err *reterr);

/** Calls `each` for every event of the portion at hand, in no particular order. The bucket is open,
 * or holds nothing. */
void rf_history_each(const struct rf_history *history, size_t bucket,
                     void (*each)(void *context, const struct rf_packed_event *event, uint64_t ref),
                     void *context);
/** Bytes of all events, packed. */
uint64_t rf_history_bytes(const struct rf_history *history);
/** The bucket of an id. */
size_t rf_history_bucket(const char *id, size_t id_bytes);
/** A hash of the id that puts the ids of a bucket in an order in which each portion is whole, the
 * first portion first. */
uint64_t rf_history_rank(const char *id, size_t id_bytes);
/** Whether events of this id, which is of this bucket, come with the portion at hand, if there are
 * any. Each id is of one portion, be it without events. */
bool rf_history_portion_holds(const struct rf_history *history, size_t bucket, const char *id,
                              size_t id_bytes);
/** Whether the portion at hand is the bucket's first one. */
bool rf_history_portion_is_first(const struct rf_history *history, size_t bucket);
/** Events in a bucket, in all portions. */
size_t rf_history_bucket_events(const struct rf_history *history, size_t bucket);
/** Events in all buckets. */
size_t rf_history_events(const struct rf_history *history);
/** How many of `jobs` threads are worth having for so many events: a thread costs about as much as
 * gathering some thousands. At least one, of one job at least. */
size_t rf_history_useful_threads(size_t events, size_t jobs);
/** Events in the portion at hand. */
size_t rf_history_portion_events(const struct rf_history *history, size_t bucket);

#endif

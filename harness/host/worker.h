/* SPDX-License-Identifier: MIT */
/* The host's end of the worker protocol: start a worker, give it batches, take its answers. */
#ifndef RF_HOST_WORKER_H
#define RF_HOST_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "host/build.h"
#include "host/replies.h"

/** What all workers of a run map read-only. Borrowed; stays open until the last worker is gone. */
struct rf_worker_files {
    int names;         /**< a sealed file: struct rf_names_header … */
    const int *arenas; /**< sealed files: events */
    size_t arena_count;
    char *const *ignores; /**< what trails leave out (protocol.h, "Fold") */
    size_t ignore_count;
    unsigned world; /**< in which they run (world.h); 0: as it is */
};

/** What rf_worker_next saw. */
enum rf_worker_event {
    RF_WORKER_ANSWER, /**< *ret_answer is set */
    RF_WORKER_BATCH,  /**< the batch is answered to its end */
    RF_WORKER_DIED,   /**< the process ended (see rf_worker_death) */
    RF_WORKER_LIED,   /**< an answer with a wrong checksum, sequence, instance or length: the worker
                           was killed */
    RF_WORKER_HUNG,   /**< no step and no answer for longer than the timeout, or no hello for
                           longer than it may load: it was killed */
    RF_WORKER_FULL,   /**< it took, or would have taken, more memory than it may (limits.h) */
};

struct rf_worker;
struct rf_server;
struct rf_spawn_file;
struct rf_ward;
struct rf_ward_ends;

/**
 * Start `refold-worker --fold` with an empty environment (but see world.h), its own process group,
 * /dev/null as standard input, no core files, and nothing inherited but the protocol's files, in a
 * sandbox (sandbox.h); what it prints and tries goes to the build's conduct. Does not wait for it
 * to be ready.
 * @return  RF_OK, or RF_ERR_INTERNAL where the process cannot be started
 * Threads: one thread per worker.
 */
RF_MUST_USE rf_code rf_worker_start(const struct rf_build *build,
                                    const struct rf_worker_files *files, struct rf_worker **ret,
                                    struct rf_err *reterr);

/** As rf_worker_start, but forked by a server (server.h) that has the same build and files. False
 * where that gives none. */
RF_MUST_USE bool rf_worker_fork(struct rf_server *server, const struct rf_worker_files *files,
                                struct rf_worker **ret);

/** Whether a worker that is idle has kept more than half of the memory that it may take, or its
 * race detector told of a race by now: what it folds next could die of what others have left. */
bool rf_worker_is_heavy(struct rf_worker *worker);

/** Start `refold-worker VERB` with the build, the run's files, and these descriptors; what workers
 * and their servers have in common. */
RF_MUST_USE rf_code rf_worker_spawn(const struct rf_build *build,
                                    const struct rf_worker_files *files, const char *verb,
                                    const struct rf_spawn_file *own, size_t own_count, pid_t *ret,
                                    struct rf_err *reterr);

/** Open the ward of such a process: with the build's conduct, but in a made world, where what it
 * does it does because of that, or does in the run too. As rf_ward_open. */
RF_MUST_USE rf_code rf_worker_open_ward(const struct rf_build *build,
                                        const struct rf_worker_files *files, struct rf_ward *ret,
                                        struct rf_ward_ends *ret_ends, struct rf_err *reterr);

/** Room for `bytes` of requests, 8-aligned; to be filled before rf_worker_submit. Valid until then.
 * Only when no batch is under way. */
void *rf_worker_request_room(struct rf_worker *worker, size_t bytes);

/** Hand over the `instances` requests that lie in the room. */
void rf_worker_submit(struct rf_worker *worker, uint64_t instances);

/**
 * Wait for the next thing to happen.
 * @timeout_ms  longest time without any progress of the worker: no notice, and less than this much
 *              CPU time used means a stopped machine, which is no hang. Before its hello it is
 *              RF_LOAD_MS (limits.h) where that is longer
 */
enum rf_worker_event rf_worker_next(struct rf_worker *worker, int timeout_ms,
                                    struct rf_worker_answer *ret_answer);

/**
 * After RF_WORKER_DIED, HUNG or FULL: the next of the answers that it had written, and not
 * announced when it ended. They are checked as all others. False behind the last one.
 */
bool rf_worker_rest(struct rf_worker *worker, struct rf_worker_answer *ret_answer);

/** Begin with the first of these again. */
void rf_worker_rest_again(struct rf_worker *worker);

/** Whether the worker has said hello: one that ends before that did not come to any instance. */
bool rf_worker_ready(const struct rf_worker *worker);

/** How long it has been at its batch by now: from when it was given it, or from its hello, where it
 * was given it before that. */
int64_t rf_worker_took_ms(const struct rf_worker *worker);

/** How far a batch with RF_REQUEST_STEP came: the instance and the event it was about to apply (the
 * number of events where all were applied). False where no step was seen. From the pipe: what the
 * plugin scribbles cannot change it. */
bool rf_worker_step(const struct rf_worker *worker, uint64_t *ret_instance, uint64_t *ret_event);

/** After RF_WORKER_DIED/LIED/HUNG/FULL: how it ended: "SIGSEGV (segmentation fault)", "exit status
 * 0", "answer 17 has a wrong checksum", …; where it died, with what it printed last in this batch:
 * "SIGABRT (aborted): free(): invalid pointer". Hostile. */
const char *rf_worker_death(const struct rf_worker *worker);

/** Ends the worker (kills it where it does not end at once) and reaps it. Accepts NULL. */
void rf_worker_stop(struct rf_worker *worker);

/** Kill all running workers; async-signal-safe, for signal handlers and fatal errors. */
void rf_worker_kill_all(void);

#endif

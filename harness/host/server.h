/* SPDX-License-Identifier: MIT */
/*
 * A fork server: refold-worker that has loaded a build and mapped a run's files, folds nothing, and
 * forks workers. Where many instances crash, a fresh worker for each costs no program start, no
 * loading and no sandbox of its own.
 */
#ifndef RF_HOST_SERVER_H
#define RF_HOST_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "host/build.h"
#include "host/ward.h"
#include "host/worker.h"

struct rf_server;

/**
 * Start `refold-worker --serve`. Does not wait for it.
 * @return  RF_OK, or RF_ERR_INTERNAL where the process cannot be started
 * Threads: one thread per server, and the same one for its workers.
 */
RF_MUST_USE rf_code rf_server_start(const struct rf_build *build,
                                    const struct rf_worker_files *files, struct rf_server **ret,
                                    struct rf_err *reterr);

/**
 * Fork a worker whose channels are these descriptors, in the order of RF_FD_COMMANDS to
 * RF_FD_ANSWERS. It is a child of ours, in a process group of its own, as one that rf_spawn starts.
 *
 * @return  false where there is none to be had: the server ended, hangs, has threads (which a fork
 *          would lose), or the system cannot do it. Then no later call fares better.
 */
RF_MUST_USE bool rf_server_fork(struct rf_server *server, const int channels[4], pid_t *ret);

/** Whose system calls and words those of its workers are. */
struct rf_ward *rf_server_ward(struct rf_server *server);

/** Ends the server; its workers are not touched. Accepts NULL. */
void rf_server_stop(struct rf_server *server);

#endif

/* SPDX-License-Identifier: MIT */
/* Starting a program with exactly the files it should have, watching it, and ending it. */
#ifndef RF_HOST_SPAWN_H
#define RF_HOST_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/** A file of ours, and the number under which the program finds it. Borrowed. */
struct rf_spawn_file {
    int source;
    int target;
};

struct rf_spawn {
    const char *program;    /**< a path; or, with search_path, a name that is looked up in $PATH */
    char *const *arguments; /**< the first is the program's name; NULL behind the last */
    char *const *environment; /**< the same; an empty list for workers */
    const struct rf_spawn_file *files;
    size_t file_count;
    bool search_path;
    const char *folder; /**< that it works in; NULL: ours */
};

/**
 * Start a program in a process group of its own, with no signal blocked or ignored. It has `files`,
 * /dev/null for every number below their highest target (and below 3) that they do not name, and
 * nothing else: what is above is closed (by close-on-exec where the system knows no better).
 *
 * posix_spawn, not fork: its cost does not grow with the memory that the parent has in use.
 *
 * @return  RF_OK, or RF_ERR_INTERNAL with the system's reason
 * Threads: any.
 */
RF_MUST_USE rf_code rf_spawn(const struct rf_spawn *request, pid_t *ret, struct rf_err *reterr);

/** Kill the process and all of its group; it is still to be reaped. */
void rf_spawn_kill(pid_t pid);

/** Whether it has ended; it stays to be reaped, so that its number cannot become another's. */
bool rf_spawn_ended(pid_t pid);

/** Wait for its end, kill what is left of its group, and reap it. Returns the wait status. */
int rf_spawn_reap(pid_t pid);

/** "SIGSEGV (segmentation fault)", "exit status 3". */
void rf_spawn_describe(int wait_status, char *text, size_t text_room);

struct rf_ward; /* ward.h */

struct rf_capture {
    const char *program;
    char *const *arguments;
    char *const *environment;
    bool search_path;
    const char *folder; /**< that it works in; NULL: ours */
    int target;         /**< the descriptor on which the program writes what is wanted */
    const struct rf_spawn_file *files; /**< more that it has */
    size_t file_count;
    struct rf_ward *ward; /**< of a worker: served meanwhile; or NULL */
    size_t limit_bytes;   /**< more than this is RF_CAPTURED_LONG */
    int limit_ms;         /**< longer than this is RF_CAPTURED_LATE; 0: no limit */
};

enum rf_captured { RF_CAPTURED, RF_CAPTURED_LATE, RF_CAPTURED_LONG };

/**
 * Run a program to its end and take what it writes. A signal that ends refold kills it.
 * @ret_status  its wait status; of a killed program where it was late or long
 * @return      RF_OK, or RF_ERR_INTERNAL where it cannot be started, or heard
 */
RF_MUST_USE rf_code rf_capture_run(const struct rf_capture *capture, struct rf_buf *ret,
                                   enum rf_captured *ret_captured, int *ret_status,
                                   struct rf_err *reterr);

#endif

/* SPDX-License-Identifier: MIT */
/* An aggregate that was loaded, or a program that was started: its states made, written and read.
 */
#ifndef RF_WORKER_PLUGIN_H
#define RF_WORKER_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <refold/aggregate.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "worker/fields.h"
#include "worker/relay.h"

/** A host-owned state has at most so many bytes. */
#define RF_STATE_BYTES_MAX (UINT64_C(1) << 30)
/** Rows in a table of types, or of commands. */
#define RF_TYPES_MAX 65536

struct rf_plugin {
    struct rf_relay *program; /**< or NULL: then a table's functions are called. Borrowed */
    void *library;            /**< dlopen's; NULL for a table of our own process */
    refold_aggregate table;   /**< a copy; what the aggregate's own table is too short for is 0 */
    struct rf_fields *fields; /**< NULL where the aggregate writes its snapshot itself */
    bool takes_all;           /**< declares "*" */
    int32_t all_kind;         /**< the kind of "*" */
    bool handles_all;         /**< declares the command "*" */
    int32_t all_commands_kind;
};

/**
 * Load a shared object and check its table. Runs the object's constructors: only ever in a worker.
 * @path    as it is; without a slash, in the working folder
 * @return  RF_OK, or RF_ERR_USAGE with one sentence
 */
RF_MUST_USE rf_code rf_plugin_load(const char *path, struct rf_plugin **ret, struct rf_err *reterr);

/** As rf_plugin_load, for a table that is in memory already; borrowed, with all it points to. */
RF_MUST_USE rf_code rf_plugin_new(const refold_aggregate *table, struct rf_plugin **ret,
                                  struct rf_err *reterr);
/** As rf_plugin_new, of the aggregate that is chosen in a program. Borrowed. */
void rf_plugin_of_program(struct rf_relay *program, struct rf_plugin **ret);
/** Unloads. Accepts NULL. */
void rf_plugin_free(struct rf_plugin *plugin);

/** The number that the table gives this event type, "*" included; false where it is not declared.
 */
bool rf_plugin_kind(const struct rf_plugin *plugin, const char *type, size_t type_bytes,
                    int32_t *ret);

/** The same for a command and the table of commands. */
bool rf_plugin_command_kind(const struct rf_plugin *plugin, const char *command,
                            size_t command_bytes, int32_t *ret);

/** Append the descriptor (protocol.h, "Probe"). */
void rf_plugin_describe(const struct rf_plugin *plugin, struct rf_buf *out);

/* States. They live in rf_values_memory(), or with the aggregate; rf_values_begin_instance comes
 * before, and makes the former stale. */

/** An empty state. NULL where the aggregate's create returned NULL. */
void *rf_plugin_state_new(const struct rf_plugin *plugin);
/** Before that: whose it is. Both borrowed as long as the state is. */
void rf_plugin_name(const struct rf_plugin *plugin, refold_string aggregate, refold_string id);
/** To be called for each state that was made, except where the process ends anyway. */
void rf_plugin_state_free(const struct rf_plugin *plugin, void *state);

/** Whether it gets many events in one call: it has an apply_batch, and each event is neither
 * brought into today's shape before nor looked at behind; or it is a program, which does that
 * itself. */
bool rf_plugin_takes_many(const struct rf_plugin *plugin);

/** Whether it handles commands. */
bool rf_plugin_handles(const struct rf_plugin *plugin);
/** Hand it a command: what it emits and refuses is rf_values'. Returns REFOLD_OK, REFOLD_REJECTED,
 * or what is no answer: `ret_why` says why. One that changes the state has none (RF_NO_ANSWER). */
#define RF_NO_ANSWER (-1)
int32_t rf_plugin_handle(const struct rf_plugin *plugin, const void *state,
                         const refold_event *command, struct rf_buf *ret_why);

/** Append the canonical JSON of a state; see rf_fields_snapshot for `out`, `ret_why` and what is
 * returned. */
uint32_t rf_plugin_snapshot(const struct rf_plugin *plugin, const void *state, struct rf_buf *out,
                            struct rf_buf *ret_why);

/** As rf_plugin_snapshot, but NaN and infinity are written too (rf_canon_nonfinite), and, with
 * RF_LOOSE_ALL, of a table of fields what is no value of its kind: for hashes, that must see what
 * else the state holds. Not of programs, which do not tell.
 * @loose  RF_LOOSE_REALS or RF_LOOSE_ALL */
uint32_t rf_plugin_likeness(const struct rf_plugin *plugin, const void *state, enum rf_loose loose,
                            struct rf_buf *out, struct rf_buf *ret_why);

/** Fill an empty state from a snapshot. RF_ERR_USAGE where it is of another shape, or the aggregate
 * writes its snapshot itself and cannot read it. */
RF_MUST_USE rf_code rf_plugin_restore(const struct rf_plugin *plugin, void *state, const char *json,
                                      size_t json_bytes, struct rf_err *reterr);

#endif

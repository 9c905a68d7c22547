/* SPDX-License-Identifier: MIT */
/* The ids of --id and --ids: a set that is asked once for each instance. */
#ifndef RF_CLI_IDS_H
#define RF_CLI_IDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

struct rf_ids;
struct rf_ids *rf_ids_new(void);
void rf_ids_free(struct rf_ids *ids);
void rf_ids_add(struct rf_ids *ids, const char *id, size_t bytes);
/** One id a line, CR before LF cut off, empty lines passed over. "-" is standard input.
 * RF_ERR_USAGE: it cannot be read, or holds no id. */
RF_MUST_USE rf_code rf_ids_read(struct rf_ids *ids, const char *path, struct rf_err *reterr);
/** Call once, after the last id was added and before the first question. */
void rf_ids_sort(struct rf_ids *ids);
/** Threads: any. `ids` is a struct rf_ids. */
bool rf_ids_has(const void *ids, const char *id, size_t bytes);
/** The same, asked for an id that stands in the history. */
bool rf_ids_meet(const void *ids, const char *id, size_t bytes);
/** How many were never met; the first of them into `sample`, in the order of their bytes, parted by
 * commas. */
size_t rf_ids_unmet(const struct rf_ids *ids, struct rf_buf *sample);

/** Calls `take` for each id. */
void rf_ids_each(const struct rf_ids *ids,
                 void (*take)(void *context, const char *id, size_t bytes), void *context);

#endif

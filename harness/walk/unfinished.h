/* SPDX-License-Identifier: MIT */
/* Mirrors that a fetch did not bring all into, wherever they lie. */
#ifndef RF_WALK_UNFINISHED_H
#define RF_WALK_UNFINISHED_H

#include <stdbool.h>

#include "base/error.h"
#include "walk/source.h"
#include "walk/walk.h"

/** Whether a fetch into a folder goes on, or was cut off. RF_ERR_SOURCE where nobody can tell. */
RF_MUST_USE rf_code rf_unfinished_is_cut_off(const char *folder, bool *ret, struct rf_err *reterr);

/**
 * Leave out what is fetch's own (walk/fetched.h): it is no history, and counted. By it a mirror is
 * told that is a part of what it should be: the source itself, what lies in it, whatever kind of
 * source that is, or one that a file or folder lies in, also if a link in a source leads there. It
 * is remembered (`unfinished`).
 *
 * A folder that is verified is not asked what is missing in it: its objects are, one by one.
 *
 * @list    as it was listed, without names yet
 * @return  RF_OK; RF_ERR_CORRUPT or other damage: a manifest is not as it was written;
 * RF_ERR_USAGE: a newer refold's; RF_ERR_SOURCE: it cannot be read; RF_ERR_INTERRUPTED
 */
RF_MUST_USE rf_code rf_unfinished_find(const struct rf_walk_request *request,
                                       struct rf_objects *objects, struct rf_object_list *list,
                                       struct rf_err *reterr);

#endif

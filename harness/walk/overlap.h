/* SPDX-License-Identifier: MIT */
/* Sources that hold the same objects, and files that are several: these would be read twice. */
#ifndef RF_WALK_OVERLAP_H
#define RF_WALK_OVERLAP_H

#include "base/error.h"
#include "walk/source.h"
#include "walk/walk.h"

/**
 * Before anything is listed: see that no source is another one, or lies within another one. What is
 * local is told by its real path, what lies on servers by its address.
 *
 * @sources  initialised; those of the request are the first `count`
 * @return   RF_OK; RF_ERR_USAGE, with the names of both; RF_ERR_SOURCE: a path that cannot be
 *           resolved
 */
RF_MUST_USE rf_code rf_overlap_check(const struct rf_source *sources, size_t count,
                                     struct rf_err *reterr);

/**
 * Once all is listed: see that no file is two objects, of two sources or of one, as by links within
 * them (hard ones too), or as standard input. An empty file may be several objects of one source.
 *
 * @list    named objects
 * @return  RF_OK; RF_ERR_USAGE, with the names of both
 */
RF_MUST_USE rf_code rf_overlap_check_files(const struct rf_source *sources, size_t count,
                                           const struct rf_object_list *list,
                                           struct rf_err *reterr);

#endif

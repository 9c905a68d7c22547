/* SPDX-License-Identifier: MIT */
/* Objects that are packed, and may lie in another source too. */
#ifndef RF_WALK_PACKED_H
#define RF_WALK_PACKED_H

#include "base/error.h"
#include "walk/source.h"
#include "walk/walk.h"

/**
 * See that packs are what they are taken for, before anything of them is believed.
 *
 * Packs alone are the history: only, none of them may hold an object that another one holds. Beside
 * other sources they are memory of what these hold: each packed object must be one of theirs
 * (walk/packed_match.h), and be unchanged, by size and time, or by its contents where the request
 * wants that, no time tells, or several sources may be meant. Then the source's object stays in the
 * list, with the pack from which its events are taken. Objects of packs of the request's `without`
 * leave the list, with those that they are.
 *
 * @list     named objects, `sources` of the request first, then its `without`; it shrinks
 * @return   RF_OK; RF_ERR_USAGE: a pack is stale, holds what no source has, or what another pack
 *           holds too; RF_ERR_SOURCE, RF_ERR_INTERRUPTED: from comparing contents
 */
RF_MUST_USE rf_code rf_packed_settle(const struct rf_walk_request *request,
                                     struct rf_objects *objects, struct rf_object_list *list,
                                     struct rf_err *reterr);

#endif

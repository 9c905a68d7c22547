/* SPDX-License-Identifier: MIT */
/* Firehose's own prefix syntax, read backwards: from a key to the hour of its folder. */
#ifndef RF_WALK_LAYOUT_H
#define RF_WALK_LAYOUT_H

#include <stddef.h>

#include "base/error.h"
#include "walk/key.h"

/** The longest layout in bytes. Firehose's own limit for an evaluated prefix is 512. */
#define RF_LAYOUT_BYTES 1024

/**
 * A parsed prefix. Understood are
 * - literal text; slashes in front, and doubled ones, are passed over, as copies to folders do;
 * - !{timestamp:PATTERN}, any number of them, with the Java letters y u Y (as written: a week-year
 *   is not put right), M, d, D (day of the year), H, m, s in their digit forms; text in '…' and
 *   all punctuation stands for itself;
 * - !{firehose:random-string}, !{firehose:error-output-type}, !{partitionKeyFromQuery:x},
 *   !{partitionKeyFromLambda:x}.
 * A prefix without any timestamp is followed by yyyy/MM/dd/HH/, as Firehose does it.
 * Threads: safe once made.
 */
struct rf_layout;

/** @return  RF_OK; RF_ERR_USAGE, with the byte offset in `text` */
RF_MUST_USE rf_code rf_layout_new(const char *text, struct rf_layout **ret, struct rf_err *reterr);
/** Accepts NULL. */
void rf_layout_free(struct rf_layout *layout);

/** How fine the layout's folders tell the time; never RF_GRAIN_NONE. */
enum rf_grain rf_layout_grain(const struct rf_layout *layout);

/**
 * The hour that the layout finds in a key's folders; RF_GRAIN_NONE where it does not fit.
 *
 * The rightmost segment where it fits wins; only where it fits at none may it begin within one
 * (glued to a prefix). The last segment is looked at only where the layout does not end in '/'
 * (so that Firehose glues the hour to the name), and what is left must be a name of Firehose's.
 * The work is bounded: a key on which the matcher would try too long fits nowhere.
 */
struct rf_hour rf_layout_hour(const struct rf_layout *layout, const char *key, size_t bytes);

#endif

/* SPDX-License-Identifier: MIT */
/* What a zip's central directory promises, held against the file. */
#ifndef RF_WALK_ZIP_DIRECTORY_H
#define RF_WALK_ZIP_DIRECTORY_H

#include <stdint.h>

#include "base/error.h"

/**
 * Walk the central directory, and make sure that it is whole: it ends where the record behind it
 * says, has as many entries as that says, each has its own name in front of its data too, and there
 * is an entry for each member: none begins where a member, its descriptor or the file's front ends.
 *
 * libarchive reads a directory without any of that: where a bit of a record's lengths is flipped,
 * an entry is passed over in silence; of two names that differ it takes one; a member without an
 * entry is not there for it.
 *
 * @fd          a regular file, `bytes` long; read at offsets
 * @name        for messages
 * @ret_entries  how many there are
 * @return      RF_OK; RF_ERR_TRUNCATED: there is no end record; RF_ERR_CORRUPT; RF_ERR_LIMIT: more
 *              than rf_limits.members; RF_ERR_SOURCE
 * Source: APPNOTE.TXT 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3
 */
RF_MUST_USE rf_code rf_zip_check(int fd, uint64_t bytes, const char *name, uint64_t *ret_entries,
                                 struct rf_err *reterr);

#endif

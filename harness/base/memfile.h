/* SPDX-License-Identifier: MIT */
/* A growing file in memory that other processes can map read-only. */
#ifndef RF_BASE_MEMFILE_H
#define RF_BASE_MEMFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * Anonymous memory file: memfd where the system has it, else an unlinked file in $TMPDIR.
 * All zero is none. bytes[0..size) is mapped for reading and writing until rf_memfile_seal.
 */
struct rf_memfile {
    int fd;
    bool on_disk;         /**< moved to an unlinked file in $TMPDIR */
    unsigned char *bytes; /**< the mapping; moves when the file grows */
    size_t size;          /**< of file and mapping */
};

/** How many bytes all memory files together may take; a file that would grow beyond moves to an
 * unlinked file (mode 0600) in $TMPDIR, whose pages the system can write out. Call it before the
 * first file is opened; without it there is no such limit. */
void rf_memfile_set_budget(uint64_t bytes);

/** `name` is for debuggers only. RF_ERR_INTERNAL where the system refuses. */
RF_MUST_USE rf_code rf_memfile_open(struct rf_memfile *file, const char *name,
                                    struct rf_err *reterr);
/** Make the file at least `size` bytes long (it grows geometrically; new bytes are 0). Ends refold
 * with 70 where memory runs out. */
void rf_memfile_grow(struct rf_memfile *file, size_t size);
/** No one can write from now on, us included (F_SEAL_WRITE where there is such a thing); the
 * mapping is read-only and may have moved. */
RF_MUST_USE rf_code rf_memfile_seal(struct rf_memfile *file, struct rf_err *reterr);
/** A second descriptor of the same file that cannot be used for writing; -1 and errno on failure.
 */
int rf_memfile_reader(const struct rf_memfile *file);
/** Unmaps and closes. Accepts one that is not open. */
void rf_memfile_done(struct rf_memfile *file);

#endif

/* SPDX-License-Identifier: MIT */
/* A growing file in memory that other processes can map read-only. */
#ifndef RF_BASE_MEMFILE_H
#define RF_BASE_MEMFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * Anonymous memory file: memfd where the system has it, else an unlinked file in $TMPDIR.
 * All zero is none. bytes[0..size) is mapped for reading and writing until rf_memfile_seal.
 */
struct rf_memfile {
    int fd;
    unsigned char *bytes; /**< the mapping; moves when the file grows */
    size_t size;          /**< of file and mapping */
};

/** `name` is for debuggers only. RF_ERR_INTERNAL where the system refuses. */
RF_MUST_USE rf_code rf_memfile_open(struct rf_memfile *file, const char *name,
                                    struct rf_err *reterr);
/** Make the file at least `size` bytes long (it grows geometrically; new bytes are 0). Ends refold
 * with 70 where memory runs out. */
void rf_memfile_grow(struct rf_memfile *file, size_t size);
/** No one but us can write from now on, and we only where it is mapped now: it must not grow any
 * more (F_SEAL_FUTURE_WRITE where there is such a thing). */
RF_MUST_USE rf_code rf_memfile_guard(struct rf_memfile *file, struct rf_err *reterr);
/** No one can write from now on, us included (F_SEAL_WRITE where there is such a thing); the
 * mapping is read-only and may have moved. */
RF_MUST_USE rf_code rf_memfile_seal(struct rf_memfile *file, struct rf_err *reterr);
/** A second descriptor of the same file that cannot be used for writing; -1 and errno on failure.
 */
int rf_memfile_reader(const struct rf_memfile *file);
/** Unmaps and closes. Accepts one that is not open. */
void rf_memfile_done(struct rf_memfile *file);

#endif

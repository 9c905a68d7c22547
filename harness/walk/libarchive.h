/* SPDX-License-Identifier: MIT */
/* The part of libarchive that refold calls, loaded at its first use. */
#ifndef RF_WALK_LIBARCHIVE_H
#define RF_WALK_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>

/* Formats are named one by one, never `_all`: that would read JSON lines as an archive (mtree), and
 * run other programs as filters. No filters at all: gzip is inflated by refold (ADR 2). */
#define RF_LIBARCHIVE_FUNCTIONS(X)                                                                 \
    X(archive_read_new)                                                                            \
    X(archive_read_free)                                                                           \
    X(archive_read_support_format_tar)                                                             \
    X(archive_read_support_format_zip_seekable)                                                    \
    X(archive_read_set_read_callback)                                                              \
    X(archive_read_set_skip_callback)                                                              \
    X(archive_read_set_seek_callback)                                                              \
    X(archive_read_set_callback_data)                                                              \
    X(archive_read_open1)                                                                          \
    X(archive_read_next_header)                                                                    \
    X(archive_read_header_position)                                                                \
    X(archive_read_data_block)                                                                     \
    X(archive_error_string)                                                                        \
    X(archive_set_error)                                                                           \
    X(archive_version_string)                                                                      \
    X(archive_entry_pathname)                                                                      \
    X(archive_entry_size)                                                                          \
    X(archive_entry_size_is_set)                                                                   \
    X(archive_entry_filetype)                                                                      \
    X(archive_entry_hardlink)                                                                      \
    X(archive_entry_symlink)                                                                       \
    X(archive_entry_sparse_count)                                                                  \
    X(archive_entry_is_encrypted)

struct rf_libarchive {
#define RF_MEMBER(name) __typeof__(name) *name;
    RF_LIBARCHIVE_FUNCTIONS(RF_MEMBER)
#undef RF_MEMBER
};

/** NULL where it is not installed. Threads: any. */
const struct rf_libarchive *rf_libarchive(void);
/** "libarchive 3.6.2", for the eye. */
const char *rf_libarchive_text(void);

#endif

/* SPDX-License-Identifier: MIT */
/* Which objects there are, of which hour, in which order: the first station. */
#ifndef RF_WALK_WALK_H
#define RF_WALK_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** Size of an object that only reading can tell (standard input). */
#define RF_BYTES_UNKNOWN UINT64_MAX

/** Which file an object was, and in which state, when it was listed. */
struct rf_stamp {
    uint64_t device;
    uint64_t inode;
    int64_t mtime_seconds;
    int64_t mtime_nanos;
};

/** One file that Firehose wrote, or something else that lies between them. */
struct rf_object {
    uint32_t number; /**< its place in (key, source) order: two objects compare as their numbers */
    uint32_t source; /**< index into the request's sources */
    char *key;       /**< path below the source, with '/'; a single file's name; "-" for stdin */
    /** What reports call it: the key; where there are several sources SOURCE/key, or the path as
     * given of a source that is a file. May be the same pointer as `key`. */
    char *name;
    char *stream;          /**< the delivery stream's name from the key, or NULL */
    uint64_t bytes;        /**< as stored, or RF_BYTES_UNKNOWN; 0 where special */
    struct rf_stamp stamp; /**< for the reader; zero for stdin */
    bool is_source;        /**< the source itself is this file (or stdin), no folder */
    bool packer_name;      /**< named as Firehose or a packer names: without events it is damage */
    bool odd_name;         /**< not named as Firehose names objects */
    bool errors;           /**< below an error prefix (processing-failed/, …) */
    bool special;          /**< a fifo, socket or device: never opened, only named */
};

struct rf_objects {
    struct rf_object *items; /**< sorted by (key bytes, source) */
    size_t count;
    char **sources; /**< as given, for opening */
    size_t source_count;
    uint64_t outside; /**< objects that --since/--until left out */
    /** Of these: with no packer's name, and in no hour folder at all, or in one that is coarser
     * than an hour and that since or until would cut through. */
    uint64_t hourless;
    char *hourless_sample; /**< the name of the first of them, or NULL */
};

/** What to walk. Strings are borrowed for the call. */
struct rf_walk_request {
    const char *const *sources; /**< a folder, a file, or "-" */
    size_t source_count;
    const char *since; /**< T as the user wrote it (contract.md), or NULL */
    const char *until;
    const char *layout; /**< the config's Firehose prefix, or NULL: the usual layouts are tried */
};

/**
 * List all objects of all sources that the selection lets in.
 *
 * Links to files are followed; links to folders too, each loop once. Fifos, sockets and devices
 * that lie in a folder are objects (`special`); as a source of their own they are RF_ERR_USAGE.
 *
 * An object's hour is that of the folders of its key; where these tell none, that of the folders
 * of SOURCE/key. It is never told by the file's name. An object whose hour cannot be told while
 * --since or --until is given is RF_ERR_USAGE where its name is a packer's (it names the object
 * and proposes "layout"), else it is left out and counted in `hourless`; stdin is RF_ERR_USAGE.
 * Objects below an error prefix need not follow `layout`: the usual layouts are tried for them too.
 *
 * @ret      owned by the caller on RF_OK (rf_objects_done), else untouched
 * @return   RF_OK; RF_ERR_USAGE: no such source, stdin twice, a T that is no time or off the
 *           layout's grain, a layout that does not parse; RF_ERR_SOURCE: a folder or file that
 *           cannot be listed, a dangling link, folders nested too deep
 * Threads: safe.
 */
RF_MUST_USE rf_code rf_walk(const struct rf_walk_request *request, struct rf_objects *ret,
                            struct rf_err *reterr);
void rf_objects_done(struct rf_objects *objects);

/** Reads one object's stored bytes, front to back. One thread at a time; borrows the objects. */
struct rf_reader;
/** RF_ERR_SOURCE where the file is gone, special, or not as it was listed. */
RF_MUST_USE rf_code rf_reader_open(const struct rf_objects *objects, const struct rf_object *object,
                                   struct rf_reader **ret, struct rf_err *reterr);
/** At the end *ret_got is 0: then it was also checked that the file did not change meanwhile
 * (size, mtime, inode, and length read = size). Errors are RF_ERR_SOURCE; `room` is not 0. */
RF_MUST_USE rf_code rf_reader_read(struct rf_reader *reader, void *bytes, size_t room,
                                   size_t *ret_got, struct rf_err *reterr);
/** Accepts NULL. */
void rf_reader_close(struct rf_reader *reader);

#endif

/* SPDX-License-Identifier: MIT */
/* What a kind of source must be able to do; one file a kind. */
#ifndef RF_WALK_SOURCE_H
#define RF_WALK_SOURCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "net/net.h"
#include "walk/walk.h"

/** A growing list. All zero is empty; the items are owned, with their keys. */
struct rf_object_list {
    struct rf_object *items;
    size_t count;
    size_t room;
};

/** Adds an object with its key (taken over) and source; the rest is zero. */
struct rf_object *rf_object_list_add(struct rf_object_list *list, char *key, uint32_t source);
/** The same, with what `stat` tells of a file. */
struct rf_object *rf_object_list_add_file(struct rf_object_list *list, char *key, uint32_t source,
                                          const struct stat *stat);
/** Nothing of this object will be read, for the reason that is given (damage: see rf_code). The
 * first reason stays. */
void rf_object_flaw(struct rf_object *object, rf_code code, const char *format, ...)
    RF_PRINTF(3, 4);

/** Frees what an object owns. */
void rf_object_done(struct rf_object *object);

/** Folders by their names, some several times; owned. All zero is none. */
struct rf_folders {
    char **names;
    size_t count, room;
};
/** Appends one, which is taken over, unless it is the last one already. */
void rf_folders_add(struct rf_folders *folders, char *name);

struct rf_source;
struct rf_ahead; /* walk/remote.h */

/** What the user named, behind one face. Errors are as in rf_walk and rf_reader_*. */
struct rf_source_kind {
    /** Add all objects. What is broken in the source itself is an object too: one with a flaw. */
    rf_code (*list)(struct rf_source *source, struct rf_object_list *list, struct rf_err *reterr);
    /** A key is listed twice; `second` is the later one. */
    rf_code (*twice)(const struct rf_source *source, struct rf_object *second,
                     struct rf_err *reterr);
    /** What reports call an object, where its key alone does not tell (owned). */
    char *(*name)(const struct rf_source *source, const char *key);
    bool always_named; /**< where there is only one source too */

    /** How an object is asked for (rf_object_request); NULL: it lies on no server. */
    rf_code (*ask)(struct rf_source *source, const struct rf_object *object,
                   struct rf_http_request *ret, struct rf_transfer_wanted *ret_wanted,
                   struct rf_signer *ret_signer, struct rf_err *reterr);
    /** This object is read soon (rf_objects_want); or NULL. */
    void (*want)(struct rf_source *source, const struct rf_object *object);
    /** Begin to read an object: *ret_stream is the kind's own. Threads: safe, and so is `close`. */
    rf_code (*open)(struct rf_source *source, const struct rf_object *object, void **ret_stream,
                    struct rf_err *reterr);
    rf_code (*read)(void *stream, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr);
    void (*close)(void *stream);
    /** What reading it took so far, for people (owned); or NULL. */
    char *(*spent)(const struct rf_source *source);
    void (*done)(struct rf_source *source); /**< frees its state; or NULL */
};

struct rf_source {
    const struct rf_source_kind *kind;
    const struct rf_walk_request *request; /**< while it is listed; NULL afterwards */
    uint32_t number;
    char *path;            /**< as given, for opening */
    char *name;            /**< the same for people: without credentials */
    struct stat stat;      /**< of what is a file or folder */
    void *state;           /**< the kind's own, or NULL */
    bool keyed;            /**< the request's `keys` are of this one */
    bool mirror;           /**< what is fetch's own lies at its top */
    bool errors;           /**< it lies below an error prefix itself: so does all that is in it */
    bool whole;            /**< list what the selection leaves out too: packs are held against it */
    uint64_t golden_files; /**< of a golden folder in it, which are left out */
    struct rf_folders links; /**< real ones in which lies what links in a folder lead to */
    /** Of a bucket: what stands in front of the times of folders that were not listed: keys below
     * the source */
    struct rf_folders fronts;
    uint64_t config_files;          /**< the config, which is left out: 1, or more by links */
    struct rf_listed_counts listed; /**< of what a server lists */
    struct rf_net *net;             /**< borrowed: one for all sources of a walk */
    struct rf_ahead *ahead;         /**< of objects on a server; or NULL */
    const atomic_bool *stop;
};

extern const struct rf_source_kind rf_source_folder;  /**< source_folder.c */
extern const struct rf_source_kind rf_source_file;    /**< source_file.c */
extern const struct rf_source_kind rf_source_stdin;   /**< source_file.c */
extern const struct rf_source_kind rf_source_archive; /**< source_archive.c */
extern const struct rf_source_kind rf_source_http;    /**< source_http.c */
extern const struct rf_source_kind rf_source_packed;  /**< source_packed.c */
extern const struct rf_source_kind rf_source_s3;      /**< source_s3.c */
extern const struct rf_source_kind rf_source_table;   /**< source_table.c */

/** Find the kind of what `path` names. RF_ERR_USAGE: there is no such source, or it is of no kind
 * that is read; RF_ERR_SOURCE: it cannot be looked at. Done with by rf_source_done in any case. */
RF_MUST_USE rf_code rf_source_init(struct rf_source *source, const char *path, uint32_t number,
                                   const struct rf_walk_request *request, struct rf_err *reterr);
void rf_source_done(struct rf_source *source);

/** As rf_object_request. */
RF_MUST_USE rf_code rf_source_request(struct rf_source *source, const struct rf_object *object,
                                      struct rf_http_request *ret,
                                      struct rf_transfer_wanted *ret_wanted,
                                      struct rf_signer *ret_signer, struct rf_err *reterr);

#endif

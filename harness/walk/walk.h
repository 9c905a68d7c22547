/* SPDX-License-Identifier: MIT */
/* Which objects there are, of which hour, in which order: the first station. */
#ifndef RF_WALK_WALK_H
#define RF_WALK_WALK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "walk/key.h"

/** Size of an object that only reading can tell (standard input, HTTP). */
#define RF_BYTES_UNKNOWN UINT64_MAX

/** Which file an object was, and in which state, when it was listed. */
struct rf_stamp {
    uint64_t device;
    uint64_t inode;
    int64_t mtime_seconds;
    int64_t mtime_nanos;
};

/** What the user named: walk/source.h. */
struct rf_source;
/** Transfers from servers: net/net.h. */
struct rf_net;
struct rf_net_settings;
struct rf_http_request;
struct rf_transfer_wanted;
struct rf_signer;
/** A packed history: walk/pack.h. */
struct rf_pack;
/** What an export's manifest says of an object: walk/export.h. */
struct rf_promise;

/** One file that Firehose wrote, or something else that lies between them. */
struct rf_object {
    uint32_t number; /**< its place in (key, source) order: two objects compare as their numbers */
    uint32_t source; /**< index into the request's sources */
    char *key;       /**< path below the source, with '/'; a single file's name; "-" for stdin */
    /** What reports call it: the key; where there are several sources SOURCE/key, or the path as
     * given of a source that is a file; of an archive always SOURCE:key. May be the same pointer
     * as `key`. */
    char *name;
    const char *stream; /**< the delivery stream's name from the key, or NULL; kept once for all */
    uint64_t bytes;     /**< as stored, or RF_BYTES_UNKNOWN; 0 where special */
    struct rf_stamp stamp; /**< for the reader; zero for stdin */
    char *etag;            /**< with its quotes, as a listing told it; or NULL */
    bool hearsay;          /**< the ETag was told by an inventory, or of a listing elsewhere: it is
                            * what was, and not what the object's own server says now */
    const char *storage;   /**< the storage class that a listing told; static, or NULL */
    bool is_source;        /**< the source itself is this file (or stdin), no folder */
    bool named;            /**< the user named it: the source itself, or a key of --keys */
    bool packer_name;      /**< named as Firehose or a packer names: without events it is damage */
    bool odd_name;         /**< not named as Firehose names objects */
    bool errors;           /**< below an error prefix (processing-failed/, …), and not altered */
    bool altered;          /**< not what the manifest of its fetch tells: that is its flaw, and
                            * damage wherever it lies */
    bool pending;          /**< kept beside a golden: in front of all others, of any hour */
    bool hourless;         /**< selected by hours though it has none: it must hold no events */
    bool special;          /**< a fifo, socket or device: never opened, only named */
    bool of_table;         /**< DynamoDB wrote it: read as such, whatever envelope is asked for */
    bool manifest;         /**< of a table's export: it was read while its source was listed */
    struct rf_promise *promise; /**< of a table's export; owned, or NULL */
    bool unchecked;   /**< in a container whose like has checksums, but this has not (tar) */
    bool in_sequence; /**< best read by `place`: its source is read from front to back */
    uint64_t place;   /**< in the source, from 0; if in_sequence */
    char *sha256;     /**< of the stored bytes, by the manifest that it is held against; or NULL */
    char *flaw;       /**< why it cannot be read, or NULL: damage of the kind of `flaw_code` */
    rf_code flaw_code;
    const struct rf_pack *pack; /**< its events are taken from this pack, unread; or NULL */
    uint32_t packed;            /**< its number there */
    const char
        *origin; /**< of one that lies in a pack only: what its source was called; borrowed */
    struct rf_hour hour; /**< of its folders; only where the request asks for hours */
};

/** What listing on servers took, and what it left out unseen. */
struct rf_listed_counts {
    uint64_t requests; /**< pages that were asked for */
    uint64_t markers;  /**< empty objects that consoles make for folders: no objects here */
    uint64_t before;   /**< folders not listed, for all in them is in front of --since … */
    uint64_t behind;   /**< … or at or behind --until */
    uint64_t unpruned; /**< folders listed whole, for the time stands behind too much in them */
};

struct rf_objects {
    struct rf_object *items; /**< sorted by (pending first, key bytes, source) */
    size_t count;
    struct rf_source *sources;
    size_t source_count;
    struct rf_net *net; /**< transfers of all sources that lie on servers */
    struct rf_listed_counts listed;
    /** Objects that --since/--until left out; a folder that was not listed counts as one. */
    uint64_t outside;
    uint64_t outside_bytes; /**< of these, as stored, where that is known */
    uint64_t ours;     /**< what fetch itself wrote, which is no history (unfinished.h): left out */
    char *ours_sample; /**< the first of them, or NULL */
    uint64_t astray;   /**< of these: not where the source itself is a mirror */
    char *astray_sample;   /**< the name of the first of them, or NULL */
    char *unfinished;      /**< a mirror that a fetch did not bring all into, or NULL */
    uint64_t golden_files; /**< of a golden folder below a source: left out */
    uint64_t config_files; /**< the config where it lies below a source: left out */
    uint64_t known;        /**< objects that are in a pack of the request's `without` */
    uint64_t before;       /**< of `outside`: by their hour in front of --since */
    /** With no packer's name, and in no hour folder at all, or in one that is coarser than an hour
     * and that since or until would cut through. They are in where objects are read, else left out.
     */
    uint64_t hourless;
    char **streams; /**< names that objects share */
    size_t stream_count, stream_room;
    /** Folders in buckets below which nothing was selected, and something not listed, for its time
     * is another: one that is told by the first date on the way (hours.h). */
    uint64_t passed;
    char *passed_sample;   /**< the name of the first of them, or NULL */
    uint64_t unplaced;     /**< of those left out: in no hour folder at all */
    char *hourless_sample; /**< the name of the first of them, or NULL */
};

/** Whether --since or --until left out objects in which the end of an instance may lie, so that one
 * that is absent or short is none that went missing. What lies in front of --since is told by
 * --from, and what has no hour was left out for that and not for its time: neither excuses. */
bool rf_objects_selected_by_time(const struct rf_objects *objects);

/** Unpacking, which is the work of the station behind this one (decode/gunzip.h): who calls hands
 * it in, for archives that are gzip, or zstd. */
struct rf_gunzip_stream;
typedef rf_code rf_read_function(void *context, void *bytes, size_t room, size_t *ret_got,
                                 struct rf_err *reterr);
struct rf_gunzip {
    /** RF_ERR_USAGE: a library is not installed. *ret is for `close` in any case. */
    rf_code (*open)(bool zstd, rf_read_function *read, void *context, struct rf_gunzip_stream **ret,
                    struct rf_err *reterr);
    rf_code (*read)(struct rf_gunzip_stream *stream, void *bytes, size_t room, size_t *ret_got,
                    struct rf_err *reterr);
    void (*close)(struct rf_gunzip_stream *stream);
};

/** What to walk. Strings are borrowed for the call. */
struct rf_walk_request {
    /** A folder, a file, an archive (.tar, .tar.gz, .tar.zst, .zip), a pack, an s3:// prefix, an
     * http(s) base, a table (dynamodb://NAME), or "-". */
    const char *const *sources;
    size_t source_count;
    const char *const *pendings; /**< files kept beside goldens, read in front of everything */
    size_t pending_count;
    const char
        *golden; /**< the golden folder that is used: its files are left out of folders; or NULL */
    /** Which these are, where there is one: who calls knows goldens (golden/own.h), and hands it
     * in. What is none, whatever its name, is an object as others. */
    bool (*golden_owns)(const char *folder, const char *name);
    const char *config; /**< the file that was read as the config: left out of folders; or NULL */
    const char *keys;   /**< where the keys of the http source, else of the s3 one, are told
                         * (walk/keys.h; "-": stdin), or NULL */
    const char *since;  /**< T as the user wrote it (contract.md), or NULL */
    const char *until;
    /** Where only events of these ids are wanted: a table is asked for no others. None: all are. */
    const char *const *ids;
    size_t id_count;
    const char *layout; /**< the config's Firehose prefix, or NULL: the usual layouts are tried */
    /** Packs whose objects are left out of what is listed. */
    const char *const *without;
    size_t without_count;
    /** Whether objects that are packed too are compared with the pack by their contents; else by
     * size and time, where these tell. */
    bool verify;
    bool verify_asked; /**< the user did: then there must be something to compare with. Folders that
                          were fetched into are held against their manifests then (mirrored.h) */
    bool reads;        /**< objects are read next, all of them: transfers may begin early */
    bool hours;        /**< each object's hour is wanted, be it selected by it or not */
    size_t jobs;       /**< threads for that; 0 is 1 */
    const struct rf_net_settings *net; /**< of sources that lie on servers; NULL: as built in */
    const struct rf_gunzip *gunzip; /**< used as long as the objects are; for .tar.gz, .tar.zst */
    const atomic_bool *stop; /**< looked at while something is waited for, as long; or NULL */
};

/**
 * List all objects of all sources that the selection lets in.
 *
 * Packs are history as other sources are; where there are others too, these decide what the history
 * is, and each packed object must be one of theirs, unchanged (walk/packed.h).
 *
 * A source that is another one, or lies within another one, is RF_ERR_USAGE, and so is a file to
 * which two sources lead, or one twice (walk/overlap.h).
 *
 * Manifests of DynamoDB exports are read, and held against the list (walk/export.h).
 *
 * What is broken in an archive is an object with a flaw: a member that cannot be read, or, under
 * the archive's own name, the rest of it; that one is in, whatever the selection.
 *
 * Links to files are followed; links to folders too, each loop once. Fifos, sockets and devices
 * that lie in a folder are objects (`special`); as a source of their own they are RF_ERR_USAGE.
 *
 * An object's hour is that of the folders of its key; where these tell none, that of the folders
 * of SOURCE/key. It is never told by the file's name. An object whose hour cannot be told while
 * --since or --until is given is RF_ERR_USAGE where its name is a packer's (it names the object
 * and proposes "layout"), else it is `hourless`; stdin is RF_ERR_USAGE. A table's export has no
 * hours, and is RF_ERR_USAGE then.
 * Objects below an error prefix need not follow `layout`: the usual layouts are tried for them too.
 *
 * @ret      owned by the caller on RF_OK (rf_objects_done), else untouched
 * @return   RF_OK; RF_ERR_USAGE: no such source, sources that overlap, stdin twice, an http source
 *           without keys or keys without it, a list of keys that is none, a T that is no time or
 *           off the layout's grain, a layout that does not parse, a pack that is stale or not of
 *           these sources; damage (RF_ERR_CORRUPT) where a pack is broken; RF_ERR_SOURCE: a folder
 *           or file that cannot be listed, a dangling link, folders nested too deep;
 *           RF_ERR_INTERRUPTED
 * Threads: safe.
 */
RF_MUST_USE rf_code rf_walk(const struct rf_walk_request *request, struct rf_objects *ret,
                            struct rf_err *reterr);

/** Whether a source is there at all, where that can be seen at once (not of `-` and URLs): before
 * work is done that would be for nothing. RF_ERR_USAGE, RF_ERR_SOURCE as rf_walk. */
RF_MUST_USE rf_code rf_walk_check(const char *source, struct rf_err *reterr);
void rf_objects_done(struct rf_objects *objects);

/** What reading a source took, where it costs something: a sentence (owned), or NULL. Its name, for
 * people, is borrowed. */
char *rf_objects_spent(const struct rf_objects *objects, size_t source, const char **ret_name);

/** What servers are asked for. */
struct rf_requests {
    uint64_t list; /**< for the listing, which was asked for by the walk and is again by the next */
    /** One for each object that lies on a server; not of those whose events come from a pack and
     * that an ETag compares with it. */
    uint64_t get;
    uint64_t bytes;   /**< of these objects, where a listing tells */
    uint64_t unsized; /**< objects of which none does */
};
/** Of reading all of them. */
struct rf_requests rf_objects_requests(const struct rf_objects *objects);

/** Whether something is wrong where it holds nothing: Firehose writes what holds events, a packer
 * too, and the user names what does. A table may well be empty; and lists of keys have notes that
 * tools put beside the objects (_SUCCESS). */
bool rf_object_is_promising(const struct rf_object *object);

/** This object is read soon: where it lies on a server its transfer may begin. Told in the order in
 * which objects are then opened; one that was not told is read all the same. Threads: one, and none
 * beside it that reads. */
void rf_objects_want(const struct rf_objects *objects, const struct rf_object *object);

/** Whether objects of this source are asked for from a server. */
bool rf_source_is_remote(const struct rf_objects *objects, uint32_t source);
/**
 * How an object on a server is asked for, and what it must be: for who stores it as it comes.
 * @ret         owned (rf_http_request_done, or a transfer's)
 * @ret_wanted  borrows from the object
 * @ret_signer  borrows from the objects; all zero: none
 * @return      RF_OK; the flaw's code; what makes the address or the credentials
 */
RF_MUST_USE rf_code rf_object_request(const struct rf_objects *objects,
                                      const struct rf_object *object, struct rf_http_request *ret,
                                      struct rf_transfer_wanted *ret_wanted,
                                      struct rf_signer *ret_signer, struct rf_err *reterr);

/** Reads one object's stored bytes, front to back. One thread at a time; borrows the objects. */
struct rf_reader;
/**
 * @return  RF_OK; RF_ERR_SOURCE where it is gone, special, or not as it was listed; damage (the
 *          flaw's code, RF_ERR_CORRUPT, RF_ERR_TRUNCATED, RF_ERR_LIMIT) where the archive that it
 *          lies in is broken there
 * Threads: each may have readers of its own open.
 */
RF_MUST_USE rf_code rf_reader_open(const struct rf_objects *objects, const struct rf_object *object,
                                   struct rf_reader **ret, struct rf_err *reterr);
/**
 * The next bytes; at the end *ret_got is 0. Then it was also checked that these are the bytes of
 * what was listed: a file did not change meanwhile (size, mtime, inode, and length read = size), a
 * member of a zip has its CRC and its length, a download is whole. `room` is not 0.
 *
 * @return  as rf_reader_open; where it is damage, the source has not changed. RF_ERR_INTERRUPTED by
 *          the request's `stop`. After an error: only close.
 */
RF_MUST_USE rf_code rf_reader_read(struct rf_reader *reader, void *bytes, size_t room,
                                   size_t *ret_got, struct rf_err *reterr);
/** Accepts NULL. */
void rf_reader_close(struct rf_reader *reader);

#endif

/* SPDX-License-Identifier: MIT */
/* Golden files: the states that were accepted, each at a version. contract.md, "Golden". */
#ifndef RF_GOLDEN_GOLDEN_H
#define RF_GOLDEN_GOLDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "history/damage.h"

/** An event that was refused: a line's `rejected`. */
struct rf_golden_refusal {
    int64_t version;
    const char *type;
    size_t type_bytes;
    const char *message;
    size_t message_bytes;
    uint64_t
        likeness; /**< of the state that the line lacks: a hash of all that it holds; 0: none */
};

/** One accepted instance. Pointers are borrowed from the golden. There are millions of them. */
struct rf_golden_line {
    const char *id;
    const char *state; /**< canonical JSON text; NULL where the line has none (NaN, infinity) */
    const char *text;  /**< the line as it stands, without LF: kept by a bless with --id */
    const struct rf_golden_refusal *refusal; /**< or NULL */
    int64_t version;                         /**< of the state */
    uint64_t digest;                         /**< the line's `events` */
    uint32_t id_bytes;
    uint32_t state_bytes;
    uint32_t text_bytes;
    bool has_digest;
};

struct rf_golden_memory;
struct rf_meta;
struct rf_lines_place;
struct rf_manifest;

/** The golden of one aggregate. */
struct rf_golden {
    char *aggregate;
    char *path;                   /**< of the file that was read */
    struct rf_golden_line *lines; /**< sorted by id */
    size_t count;
    bool damaged;         /**< some lines could not be read */
    bool sealed;          /**< has a meta file */
    bool edited;          /**< its digest does not fit: edited by hand, which is a warning */
    uint64_t lost_lines;  /**< where it is: so many fewer than its meta file tells */
    char *digest;         /**< SHA-256 (hex) of the file's uncompressed bytes */
    struct rf_meta *meta; /**< of a sealed golden whose meta file could be read; or NULL, as of a
                               digest golden */
    bool is_digest;       /**< `path` is that of a manifest, and there are no lines here */
    struct rf_manifest *manifest;    /**< of a digest golden; NULL where it is damaged */
    struct rf_golden_memory *memory; /**< the golden's own (load.h) */
};

struct rf_goldens {
    struct rf_golden *items; /**< sorted by aggregate name */
    size_t count;
    char *folder;
    struct rf_lines_place *lines; /**< where the lines of digest goldens lie; NULL: not opened so */
    struct rf_buf seen;           /**< how its files lay there (golden/listing.h) */
    size_t waiting;    /**< files that were read where a bless that was cut off has left them */
    uint64_t forgiven; /**< faults in goldens that are written anew, which are not in `damages` */
};

/** Whose goldens a bless replaces whole: it repairs what is damaged in these, and in no other. All
 * zero is nobody's. */
struct rf_goldens_anew {
    bool (*takes)(const void *context, const char *aggregate);
    const void *context;
};

/** How many goldens a folder holds, by their names alone: what rf_goldens_open would refuse as
 * usage is refused here too, before anything is read. */
RF_MUST_USE rf_code rf_goldens_count(const char *folder, size_t *ret_count, struct rf_err *reterr);

/** The first aggregate (owned) of those that are wanted (NULL: all) whose golden is a digest
 * golden, or none; NULL where there is none of the kind. By names alone, as rf_goldens_count. */
RF_MUST_USE rf_code rf_goldens_first(const char *folder, bool digest,
                                     bool (*wants)(const void *context, const char *aggregate),
                                     const void *context, char **ret, struct rf_err *reterr);

/**
 * Read all `<aggregate>.ndjson` and `.ndjson.gz` of a folder (a folder that is not there gives
 * none). Lines that cannot be believed (bad syntax, order, a repeated id, merge markers, CRLF, a
 * file without its last LF, a meta file of a newer format) become damage of kind `golden` with the
 * file and the line's number; the other lines are kept. Both forms of one aggregate at once:
 * RF_ERR_USAGE. Lines that are not canonical are read, and their states made canonical.
 * Digest goldens are refused (RF_ERR_USAGE): whoever goes by their lines would find none.
 *
 * The files are those of one moment, though others may write meanwhile: where a bless was cut off
 * between its renames, the new ones (base/journal.h); nothing is written for that.
 * @return  RF_OK; RF_ERR_USAGE; RF_ERR_SOURCE: a file that cannot be read, or all the time changes
 */
RF_MUST_USE rf_code rf_goldens_open(const char *folder, struct rf_goldens *ret,
                                    struct rf_damages *damages, struct rf_err *reterr);
/** The same, and digest goldens too; `lines` is the folder or archive in which their lines lie.
 * Faults in goldens that are written `anew` are counted only (`forgiven`). */
RF_MUST_USE rf_code rf_goldens_open_digests(const char *folder, const char *lines,
                                            const struct rf_goldens_anew *anew,
                                            struct rf_goldens *ret, struct rf_damages *damages,
                                            struct rf_err *reterr);
/** The digest goldens alone, whose lines nobody will read. */
RF_MUST_USE rf_code rf_goldens_open_manifests(const char *folder, struct rf_goldens *ret,
                                              struct rf_damages *damages, struct rf_err *reterr);
void rf_goldens_done(struct rf_goldens *goldens);
/** Whether the folder's files are still those that were read. */
bool rf_goldens_are_seen(const struct rf_goldens *goldens);

/** The number of lines of a golden, in its file or elsewhere. */
uint64_t rf_golden_line_count(const struct rf_golden *golden);

const struct rf_golden *rf_goldens_find(const struct rf_goldens *goldens, const char *aggregate);
/** The line of this id, or NULL. Hashed; threads: any. */
const struct rf_golden_line *rf_golden_find(const struct rf_golden *golden, const char *id,
                                            size_t id_bytes);
/** An id that is looked up soon. */
struct rf_golden_id {
    const char *bytes;
    size_t count;
};
/** At most so many are asked for at once. */
#define RF_GOLDEN_ASK_MOST 32
/** Ask for the memory that finding the lines of these ids, and then reading their states, will
 * take. A hint: lines lie strewn over hundreds of megabytes, and each would be waited for. NULL:
 * none. */
void rf_golden_ask(const struct rf_golden *golden, const struct rf_golden_id *ids, size_t count);
/** The same of lines that were found (some may be NULL). */
void rf_golden_ask_again(const struct rf_golden_line *const *lines, size_t count);

/** The version at which an instance with this line is compared: that of the refused event, where
 * the line has one. */
int64_t rf_golden_pin(const struct rf_golden_line *line);
/** SHA-256 over the goldens' names and digests, in order: what a run was compared with. */
void rf_goldens_digest(const struct rf_goldens *goldens, char hex[65]);

#endif

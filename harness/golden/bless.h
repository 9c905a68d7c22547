/* SPDX-License-Identifier: MIT */
/* Accepting the states of a run as the new golden. */
#ifndef RF_GOLDEN_BLESS_H
#define RF_GOLDEN_BLESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/files.h"
#include "fold/fold.h"
#include "golden/findings.h"
#include "golden/golden.h"
#include "golden/hold.h"
#include "golden/meta.h"
#include "golden/pending.h"

struct rf_bless_request {
    const char *folder;               /**< where the goldens lie; made where it is not there */
    const struct rf_goldens *goldens; /**< what lies there now */
    struct rf_history *history;
    struct rf_build *const *builds;
    size_t build_count;
    size_t jobs;
    /** With a selection (--id, --until, --as-of) the lines of other instances stay; without one,
     * lines whose instance is gone go. */
    bool selected_by_time;
    bool (*selects)(const void *context, const char *id, size_t id_bytes);
    const void *select_context;
    const char *until; /**< for the meta file's `selection`, or NULL */
    const char *as_of;
    /** The hour (RFC 3339) that the bless closes: all that came before is in it; or NULL. Then
     * every build without "*" gets a golden, be it empty, and what its lines do not hold is kept.
     */
    const char *closed;
    /** With `closed`: writes by which rules of the config a build's events are taken
     * (rf_meta_rules). NULL: by those that are built in. */
    void (*rules)(const void *context, const struct rf_build *build, char ret[RF_META_RULES_BYTES]);
    const void *rules_context;
    struct rf_pendings *pendings; /**< with `closed`: also the rules' `passed`; or NULL */
    /** Which changes are accepted; NULL: all. May be set until rf_blessing_write. Without, an
     * instance's line stays as it is, and stays absent; an accepted instance that is not in the
     * history loses its line. */
    bool (*accepts)(const void *context, const char *aggregate, const char *id, size_t id_bytes);
    /** With `accepts`: appends what is to be kept of the review, lines for the aggregate's
     * reviews. */
    void (*review)(const void *context, const char *aggregate, struct rf_buf *out);
    const void *accept_context;
    /** No history is folded: with `accepts`, lines of all goldens that it accepts go (rf_blessing_
     * prune). There are no builds. */
    bool prunes;
    const atomic_bool *stop; /**< nothing is written once it is set; or NULL */
    bool dry_run;            /**< only tell what would be written */
    /** A golden that is not there yet becomes a digest golden; not with `accepts`. Whatever is
     * there keeps its form. */
    bool digest;
    const char *lines; /**< the folder for the lines of digest goldens */
    bool hides_lines;  /**< from git, by a .gitignore where there is none: it lies in `folder` */
    const struct rf_privacy *privacy; /**< or NULL: nothing is private */
    const bool *selected_shards;      /**< as of rf_compare_request */
    struct rf_golden_hold *hold; /**< of the folder; NULL: nobody else is there (golden/hold.h) */
    /** Adds files of the folder that change together with the goldens, as known-damage.json; not
     * with a dry run. Paths are `<folder>/<name>` (rf_files_together). NULL: there are none. */
    rf_code (*others)(const void *context, struct rf_files *files, struct rf_err *reterr);
    const void *others_context;
};

/** What a bless did, for its summary. */
struct rf_bless_summary {
    uint64_t added, changed, unchanged, removed, kept; /**< lines; kept: not selected */
    uint64_t absent;   /**< of the kept: asked for by their ids, but not in the history */
    uint64_t rejected; /**< of the added, changed and unchanged: with a refusal */
    uint64_t unfit;    /**< crashed, hung or impure: they keep their old line or have none */
    uint64_t files;    /**< golden files written (unchanged ones are not) */
    uint64_t declined; /**< differences that were not accepted: they are as before (--review) */
    uint64_t shards;   /**< files with lines of digest goldens that were written */
    uint64_t exposed;  /**< of the unfit: their old lines go, for what is private changed */
    uint64_t lost;     /**< old lines of these that are not there: they count as removed */
};

/** The same of one aggregate. */
struct rf_bless_part {
    const char *aggregate;
    struct rf_bless_summary counts;
};

struct rf_blessing;
/** `request` and what it points to are borrowed until rf_blessing_free. */
struct rf_blessing *rf_blessing_new(const struct rf_bless_request *request);
void rf_blessing_free(struct rf_blessing *blessing);
const struct rf_fold_sink *rf_blessing_sink(struct rf_blessing *blessing);

/** Joins the threads' results: tallies (instances, events, crashed, …) and the differences of kind
 * crashed and hung. Before rf_blessing_write. */
void rf_blessing_finish(struct rf_blessing *blessing, struct rf_findings *ret);

/** After the fold: the line (without LF) that the instance would get; false: it gets none, because
 * it is not in the history, or unfit. Borrowed from the blessing. */
bool rf_blessing_line(struct rf_blessing *blessing, const char *aggregate, const char *id,
                      size_t id_bytes, const char **ret_text, size_t *ret_bytes);

/** In place of a fold, where `prunes` is set: the shards of digest goldens are read and settled.
 * RF_ERR_INTERRUPTED */
RF_MUST_USE rf_code rf_blessing_prune(struct rf_blessing *blessing, struct rf_err *reterr);

/**
 * Write the golden and meta files: each to a temporary file beside its target, fsynced, then all
 * change together (rf_files_together). A golden that lies there as .gz stays .gz, a digest golden a
 * digest golden: its lines go to `lines`, shard by shard while it is folded, and are renamed with
 * all others. Blessing the same twice gives the same bytes. Where `accepts` left an aggregate as it
 * was, none of its files is touched.
 * @return  RF_OK; RF_ERR_OUTPUT: nothing was changed, or (named) how far it came; RF_ERR_SOURCE:
 * the goldens are not those that were read; nothing was changed; RF_ERR_USAGE: an aggregate's name
 * cannot name a file, or a selection would lose lines of a damaged golden; RF_ERR_SOURCE,
 * RF_ERR_CORRUPT: lines of a digest golden would stay, and cannot be had; nothing was changed
 */
RF_MUST_USE rf_code rf_blessing_write(struct rf_blessing *blessing, struct rf_bless_summary *ret,
                                      struct rf_err *reterr);

/** After rf_blessing_write: what it did, or would do, by aggregate; sorted. Borrowed from the
 * blessing. */
const struct rf_bless_part *rf_blessing_parts(const struct rf_blessing *blessing,
                                              size_t *ret_count);

#endif

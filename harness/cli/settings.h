/* SPDX-License-Identifier: MIT */
/* What a verb goes by: options over REFOLD_… variables over the config over what is built in. */
#ifndef RF_CLI_SETTINGS_H
#define RF_CLI_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/day.h"
#include "base/error.h"
#include "base/sha256.h"
#include "base/time.h"
#include "cli/config.h"
#include "cli/ids.h"
#include "cli/options.h"
#include "cli/subcommand.h"
#include "decode/envelope.h"
#include "fold/sample.h"
#include "golden/diff.h"
#include "history/shard.h"
#include "net/settings.h"
#include "reports/report.h"

/** A report that was asked for. */
struct rf_output {
    const struct rf_report_format *format;
    const char *file; /**< NULL: standard output */
    bool append;      /**< to a file that others write to as well */
};

struct rf_settings {
    const struct rf_arguments *arguments; /**< borrowed */
    unsigned verb;
    const char *const *operands; /**< borrowed: as many as the verb has */
    size_t operand_count;
    const struct rf_subcommand *subcommand; /**< of `refold golden`, else NULL */
    struct rf_config config;
    const char **sources; /**< owned array, borrowed strings */
    size_t source_count;
    const char *keys;           /**< of the http source; borrowed, or NULL */
    struct rf_net_settings net; /**< of sources on servers */
    const char **plugins;       /**< files and folders; owned array, borrowed strings */
    size_t plugin_count;
    const char *const *rivals; /**< of compare: HEAD's, as many as plugins; borrowed; or NULL */
    char *golden;
    char *lines;       /**< where the lines of digest goldens lie */
    bool lines_hidden; /**< in `golden`, where nobody named another place */
    bool digest;       /**< (bless) --digest */
    struct rf_envelope envelope;
    const char *from;  /**< the golden to start from, or NULL */
    const char *since; /**< as until; only with from, or of pack */
    const char *until; /**< as the user wrote it, or NULL; it is well-formed */
    const char *as_of_text;
    struct rf_time as_of;
    struct rf_ids *ids; /**< NULL: all */
    struct rf_run_shard shard;
    char config_sha256[RF_SHA256_HEX_BYTES]; /**< with a shard and a config; else "" */
    struct rf_ignore *ignores;
    size_t ignore_count;
    bool at_head, require_golden, no_compare, keep_partial, errors;
    bool verify;     /**< --verify: packs are compared with the contents of their objects */
    bool ci_allowed; /**< --ci */
    bool review, dry_run;
    bool compares; /**< a bless: whether it looks at what differs: with --review, --cluster,
                      --dry-run */
    const char *const *clusters; /**< keys or fronts of keys; borrowed */
    size_t cluster_count;
    const char *reason;        /**< or NULL */
    const char *accept_damage; /**< the reason of --accept-damage, or NULL */
    const char *last_day;      /**< of what it accepts, or NULL */
    char today[RF_DAY_BYTES];  /**< by which last days are judged */
    bool narrowed; /**< a selection leaves out events or instances: what is not met may be there */
    struct rf_output *outputs;
    size_t output_count;
    size_t jobs;
    uint64_t memory_bytes;
    uint64_t aggregate_memory_bytes; /**< of each worker */
    int timeout_ms;
    int verbosity;  /**< -1, 0, 1, … */
    bool color;     /**< for standard output */
    bool color_err; /**< for standard error */
    bool progress;
    bool stats; /**< tell where the time went */
    struct rf_purity_wish purity;
    /** Arguments for the next command, quoted for a shell. What REFOLD_ variables and the config
     * gave is not among them: they still hold. */
    char *again;        /**< the same verb, the same selection */
    char *again_whole;  /**< the same, of all shards */
    char *options;      /**< those that decide what is replayed and compared; no paths, no ids */
    char *again_run;    /**< a run of some instance of it: without --id and --ids */
    char *again_bless;  /**< a bless of what this run compares; of a bless that writes nothing, one
                             that does */
    char *again_review; /**< a review of what this run compares; or NULL */
    char *again_show;   /**< a show of some instance of it, behind its id */
    char *
        again_sources; /**< what again_show ends with: "--" where they need that, and the sources */
    char *again_types; /**< what the history holds */
};

/** Whether a source is a compiled aggregate or its source text, as far as its name and first bytes
 * tell: someone forgot -a. */
bool rf_looks_like_aggregate(const char *source);

/** Whether it is `refold golden` with this subcommand. */
bool rf_runs_subcommand(const struct rf_settings *settings, enum rf_subcommand_kind kind);

/** Whether a program is among the plugins: one that holds several aggregates is that of each. */
bool rf_settings_has_plugin(const struct rf_settings *settings, const char *plugin);

/** True where the environment says that this is CI. */
bool rf_in_ci(void);

/**
 * Of the settings what can be told whatever else is wrong with the command: where it reports, and
 * the sources and goldens that it names. rf_settings_make does it first.
 * @return  RF_OK, or RF_ERR_USAGE: there are no outputs then
 */
RF_MUST_USE rf_code rf_settings_begin(const struct rf_arguments *arguments, unsigned verb,
                                      struct rf_settings *ret, struct rf_err *reterr);
/**
 * Put the settings together. `arguments` and the environment are borrowed for as long as `ret` is
 * used. @return RF_OK or RF_ERR_USAGE: `ret` is good for reports of that then.
 */
RF_MUST_USE rf_code rf_settings_make(const struct rf_arguments *arguments, unsigned verb,
                                     struct rf_settings *ret, struct rf_err *reterr);
void rf_settings_done(struct rf_settings *settings);

#endif

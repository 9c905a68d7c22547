/* SPDX-License-Identifier: MIT */
/* refold.json: contract.md, "Config". */
#ifndef RF_CLI_CONFIG_H
#define RF_CLI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json_mask.h"
#include "base/limits.h"
#include "cli/config_aws.h"
#include "decode/envelope.h"
#include "golden/diff.h"
#include "history/ingest.h"
#include "look/price.h"
#include "reports/report.h"

/** An event type that the fold passes over. */
struct rf_skip {
    char *type;
    char *reason;
};

/** What the config says of one aggregate. */
struct rf_aggregate_config {
    char *name;
    char *plugin;              /**< path, or REV:path, resolved; or NULL */
    struct rf_ignore *ignores; /**< `aggregate` and `expired` are left to others */
    size_t ignore_count;
    struct rf_skip *skips;
    size_t skip_count;
    int64_t first;                 /**< the first version, default 1 */
    bool has_private;              /**< "private" stands there, be it empty */
    struct rf_mask_rule *privates; /**< values of its states that leave refold only as hashes */
    size_t private_count;
    bool has_private_data; /**< the same of its events' data is said */
    struct rf_mask_rule *private_data;
    size_t private_data_count;
    bool has_report_values; /**< in CI, reports show values at these pointers only */
    char **report_values;
    size_t report_value_count;
};

/** The config as it stands; paths are resolved against its folder. All zero: there is none. */
struct rf_config {
    char *path;   /**< or NULL */
    char *folder; /**< that it lies in; "." without a config */
    char **sources;
    size_t source_count;
    char *golden;
    char *lines;
    bool has_envelope;
    struct rf_envelope envelope;
    char *layout;
    struct rf_stream_rule *streams;
    size_t stream_count;
    struct rf_aggregate_config *aggregates;
    size_t aggregate_count;
    enum rf_policy damage_policies[RF_DAMAGE_COUNT_];
    enum rf_policy unblessed, unclaimed;
    char *private_key_file; /**< resolved; or NULL */
    struct rf_config_aws aws;
    struct rf_prices prices;       /**< of requests to servers */
    char *memory;                  /**< as written, or NULL */
    char *timeout;                 /**< as written, or NULL */
    char *aggregate_memory;        /**< as written, or NULL */
    char *limits[RF_LIMIT_COUNT_]; /**< as rf_limit_table has them; as written, or NULL */
};

/**
 * Read `path`, or where that is NULL the nearest refold.json upwards from the working folder.
 * @return  RF_OK (also without any); RF_ERR_USAGE: it cannot be read, is no JSON (line, column),
 *          has an unknown key (with a suggestion) or a value of the wrong kind (with its pointer)
 */
RF_MUST_USE rf_code rf_config_read(const char *path, struct rf_config *ret, struct rf_err *reterr);
void rf_config_done(struct rf_config *config);

const struct rf_aggregate_config *rf_config_aggregate(const struct rf_config *config,
                                                      const char *name);

#endif

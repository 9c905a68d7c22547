/* SPDX-License-Identifier: MIT */
/* What the user says about servers: options over variables over the config. Strings are borrowed.
 */
#ifndef RF_NET_SETTINGS_H
#define RF_NET_SETTINGS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/** What an engine may take (net/net.h). All zero: as built in, and no limits. */
struct rf_net_options {
    size_t connections;         /**< --connections: at the same time; 0: 32 */
    double requests_per_second; /**< --requests-per-second; 0: no limit */
    uint64_t bytes_per_second;  /**< --bandwidth; 0: no limit */
    uint64_t max_requests;      /**< --max-requests: in all; 0: no limit */
    uint64_t max_bytes;         /**< --max-bytes: in all; 0: no limit */
    size_t ahead_bytes;         /**< memory for what is fetched ahead; 0: 64 MiB */
    const atomic_bool *stop;    /**< ends all; or NULL */
};

/** How AWS is reached (net/aws.h). NULL: as the environment and AWS's own files say. */
struct rf_aws_settings {
    const char *endpoint_url; /**< --endpoint-url */
    const char *region;       /**< --region */
    const char *profile;      /**< --profile */
    bool no_sign_request;     /**< --no-sign-request */
    bool request_payer;       /**< --request-payer */
    /** Runs a profile's `credential_process`, and appends what it writes: who calls hands it in,
     * for programs are started by a station behind this one. NULL: none is run. */
    rf_code (*run)(char *const *words, struct rf_buf *ret, struct rf_err *reterr);
};

struct rf_net_settings {
    struct rf_net_options options;
    struct rf_aws_settings aws;
    const char *cookie_file; /**< --cookie-file: what http(s) sources are sent; or NULL */
};

#endif

/* SPDX-License-Identifier: MIT */
/* What options and variables say about servers. */
#include "cli/settings_net.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/size.h"

#define CONNECTIONS_MOST 1024
#define RATE_LEAST       0.01
#define RATE_MOST        1e6
/* Of --memory, where that is little. */
#define AHEAD_SHARE 4
#define AHEAD_BYTES (64 * RF_MIB)

static rf_code
fail(const struct rf_arguments *arguments, enum rf_option_id id, const char *what,
     struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, id, origin), "'%s' is %s",
                   rf_argument(arguments, id), what);
}

/** A whole number from 1 to `most`; 0 where the option is not given. */
static rf_code
take_number(const struct rf_arguments *arguments, enum rf_option_id id, uint64_t most,
            const char *what, uint64_t *ret, struct rf_err *reterr)
{
    const char *text = rf_argument(arguments, id);
    char *end;
    *ret = 0;
    if (text == NULL) {
        return RF_OK;
    }
    errno = 0;
    *ret = strtoull(text, &end, 10);
    if (errno != 0 || !isdigit((unsigned char)text[0]) || *end != '\0' || *ret < 1 || *ret > most) {
        return fail(arguments, id, what, reterr);
    }
    return RF_OK;
}

static rf_code
take_size(const struct rf_arguments *arguments, enum rf_option_id id, uint64_t *ret,
          struct rf_err *reterr)
{
    const char *text = rf_argument(arguments, id);
    *ret = 0;
    return text == NULL || rf_size_parse(text, ret)
               ? RF_OK
               : fail(arguments, id, "no size such as 64K or 10M", reterr);
}

static rf_code
take_rate(const struct rf_arguments *arguments, double *ret, struct rf_err *reterr)
{
    const char *text = rf_argument(arguments, RF_OPT_REQUESTS_PER_SECOND);
    char *end;
    *ret = 0;
    if (text == NULL) {
        return RF_OK;
    }
    *ret = strtod(text, &end);
    if (end == text || *end != '\0' || !(*ret >= RATE_LEAST) || !(*ret <= RATE_MOST)) {
        return fail(arguments, RF_OPT_REQUESTS_PER_SECOND, "no number from 0.01 to 1000000",
                    reterr);
    }
    return RF_OK;
}

rf_code
rf_settings_net(const struct rf_arguments *arguments, uint64_t memory_bytes,
                struct rf_net_settings *ret, struct rf_err *reterr)
{
    struct rf_net_options *options = &ret->options;
    uint64_t connections;
    RF_TRY(take_number(arguments, RF_OPT_CONNECTIONS, CONNECTIONS_MOST, "no number from 1 to 1024",
                       &connections, reterr));
    options->connections = (size_t)connections;
    RF_TRY(take_rate(arguments, &options->requests_per_second, reterr));
    RF_TRY(take_size(arguments, RF_OPT_BANDWIDTH, &options->bytes_per_second, reterr));
    RF_TRY(take_number(arguments, RF_OPT_MAX_REQUESTS, UINT64_MAX, "no number from 1 on",
                       &options->max_requests, reterr));
    RF_TRY(take_size(arguments, RF_OPT_MAX_BYTES, &options->max_bytes, reterr));
    if (memory_bytes / AHEAD_SHARE < AHEAD_BYTES) {
        options->ahead_bytes = (size_t)(memory_bytes / AHEAD_SHARE) + 1;
    }
    ret->cookie_file = rf_argument(arguments, RF_OPT_COOKIE_FILE);
    return RF_OK;
}

/* SPDX-License-Identifier: MIT */
/* --limit and "limits" of the config: other limits than those that are built in. */
#include "cli/raise.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/typo.h"

static rf_code
fail_unknown(const char *origin, const char *name, struct rf_err *reterr)
{
    const char *names[RF_LIMIT_COUNT_ + 1] = {NULL};
    for (size_t i = 0; i < RF_LIMIT_COUNT_; i++) {
        names[i] = rf_limit_table[i].name;
    }
    const char *nearest = rf_typo_nearest(name, names);
    if (nearest != NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, origin, "no limit '%s'; did you mean '%s'?", name,
                       nearest);
    }
    return rf_fail(reterr, RF_ERR_USAGE, origin, "no limit '%s'; see --help", name);
}

/** One NAME=VALUE; it is cut apart. */
static rf_code
set_pair(char *pair, const char *origin, struct rf_err *reterr)
{
    char *equals = strchr(pair, '=');
    if (equals == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, origin, "'%s' is not NAME=VALUE, as record=32M is",
                       pair);
    }
    *equals = '\0';
    const struct rf_limit *limit = rf_limit_find(pair, strlen(pair));
    if (limit == NULL) {
        return fail_unknown(origin, pair, reterr);
    }
    if (!rf_limit_set(limit, equals + 1)) {
        char range[RF_LIMIT_RANGE_BYTES];
        rf_limit_range(limit, range);
        return rf_fail(reterr, RF_ERR_USAGE, origin, "%s: '%s' is %s", limit->name, equals + 1,
                       range);
    }
    return RF_OK;
}

/** "record=32M,depth=1000": a variable has no other way to say two. */
static rf_code
set_pairs(const char *text, const char *origin, struct rf_err *reterr)
{
    char *copy = rf_strdup(text);
    rf_code code = RF_OK;
    char *at = copy;
    while (code == RF_OK && at != NULL) {
        char *pair = strsep(&at, ",");
        code = set_pair(pair, origin, reterr);
    }
    free(copy);
    return code;
}

rf_code
rf_raise_limits(const struct rf_config *config, const struct rf_arguments *arguments,
                struct rf_err *reterr)
{
    for (size_t i = 0; i < RF_LIMIT_COUNT_; i++) {
        if (config->limits[i] != NULL && !rf_limit_set(&rf_limit_table[i], config->limits[i])) {
            char range[RF_LIMIT_RANGE_BYTES];
            rf_limit_range(&rf_limit_table[i], range);
            return rf_fail(reterr, RF_ERR_USAGE, config->path, "/limits/%s: '%s' is %s",
                           rf_limit_table[i].name, config->limits[i], range);
        }
    }
    char origin[RF_OPTION_NAME_BYTES];
    (void)rf_option_origin(arguments, RF_OPT_LIMIT, origin);
    for (size_t i = 0; i < arguments->given[RF_OPT_LIMIT].count; i++) {
        RF_TRY(set_pairs(arguments->given[RF_OPT_LIMIT].values[i], origin, reterr));
    }
    return RF_OK;
}

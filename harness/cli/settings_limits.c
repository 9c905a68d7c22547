/* SPDX-License-Identifier: MIT */
/* What a replay may take of the machine, how compiled code is held, and how much of it is examined.
 */
#include "cli/settings_limits.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/size.h"
#include "host/ward.h"

static rf_code
make_jobs(struct rf_settings *settings, const struct rf_arguments *arguments, struct rf_err *reterr)
{
    const char *given = rf_argument(arguments, RF_OPT_JOBS);
    if (given != NULL) {
        char *end;
        errno = 0;
        long jobs = strtol(given, &end, 10);
        if (errno != 0 || *end != '\0' || jobs < 1 || jobs > 1024) {
            char origin[RF_OPTION_NAME_BYTES];
            return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, RF_OPT_JOBS, origin),
                           "'%s' is no number from 1 to 1024", given);
        }
        settings->jobs = (size_t)jobs;
        return RF_OK;
    }
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef CPU_COUNT
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof(usable), &usable) == 0) {
        processors = CPU_COUNT(&usable);
    }
#endif
    settings->jobs = processors < 1 ? 1 : (size_t)processors;
    return RF_OK;
}

/** Half of what the machine has, or the cgroup lets us have. */
static uint64_t
default_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    uint64_t bytes = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 2 * RF_GIB;
    FILE *file = fopen("/sys/fs/cgroup/memory.max", "re");
    if (file != NULL) {
        unsigned long long most;
        if (fscanf(file, "%llu", &most) == 1 && most < bytes) {
            bytes = most;
        }
        (void)fclose(file);
    }
    return bytes / 2;
}

/** A limit may stand on the command line, in the environment or in the config: says which. */
static rf_code
fail_limit(const struct rf_settings *settings, const struct rf_arguments *arguments,
           enum rf_option_id id, const char *value, const char *what, struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    if (rf_argument(arguments, id) == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, settings->config.path, "/limits/%s: '%s' is %s",
                       id == RF_OPT_AGGREGATE_MEMORY ? "aggregate_memory" : rf_options[id].name,
                       value, what);
    }
    return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, id, origin), "'%s' is %s",
                   value, what);
}

static rf_code
make_limits(struct rf_settings *settings, const struct rf_arguments *arguments,
            struct rf_err *reterr)
{
    const char *memory = rf_argument(arguments, RF_OPT_MEMORY);
    memory = memory == NULL ? settings->config.memory : memory;
    settings->memory_bytes = default_memory();
    if (memory != NULL && !rf_size_parse(memory, &settings->memory_bytes)) {
        return fail_limit(settings, arguments, RF_OPT_MEMORY, memory, "no size such as 512M or 4G",
                          reterr);
    }
    const char *own = rf_argument(arguments, RF_OPT_AGGREGATE_MEMORY);
    own = own == NULL ? settings->config.aggregate_memory : own;
    settings->aggregate_memory_bytes = RF_LIMIT_AGGREGATE_BYTES;
    if (own != NULL && (!rf_size_parse(own, &settings->aggregate_memory_bytes) ||
                        settings->aggregate_memory_bytes < RF_LIMIT_AGGREGATE_LEAST)) {
        return fail_limit(settings, arguments, RF_OPT_AGGREGATE_MEMORY, own,
                          "no size from 16M on, such as 512M or 4G", reterr);
    }
    const char *timeout = rf_argument(arguments, RF_OPT_TIMEOUT);
    timeout = timeout == NULL ? settings->config.timeout : timeout;
    double seconds = 10;
    if (timeout != NULL) {
        char *end;
        errno = 0;
        seconds = strtod(timeout, &end);
        end += *end == 's';
        if (errno != 0 || end == timeout || *end != '\0' || !(seconds >= 0.01) || seconds > 86400) {
            return fail_limit(settings, arguments, RF_OPT_TIMEOUT, timeout,
                              "no number of seconds from 0.01 to 86400", reterr);
        }
    }
    settings->timeout_ms = (int)(seconds * 1000);
    return RF_OK;
}

/** No config has a word in it: it comes with the code that is held. */
static rf_code
make_sandbox(const struct rf_arguments *arguments, struct rf_err *reterr)
{
    const char *given = rf_argument(arguments, RF_OPT_SANDBOX);
    enum rf_sandbox sandbox = RF_SANDBOX_AUTO;
    if (given != NULL && !rf_sandbox_parse(given, &sandbox)) {
        char origin[RF_OPTION_NAME_BYTES];
        return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, RF_OPT_SANDBOX, origin),
                       "'%s' is not auto, require or off", given);
    }
    rf_sandbox_choose(sandbox);
    return RF_OK;
}

/** Which instances are folded in other worlds too: of a bless a sample, unless it is told. */
static rf_code
make_purity(struct rf_settings *settings, const struct rf_arguments *arguments,
            struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    struct rf_purity_wish *wish = &settings->purity;
    const char *given = rf_argument(arguments, RF_OPT_PURITY);
    if (given == NULL) {
        wish->mode = settings->verb == RF_VERB_BLESS ? RF_PURITY_SAMPLE : RF_PURITY_OFF;
        return RF_OK;
    }
    (void)rf_option_origin(arguments, RF_OPT_PURITY, origin);
    if (strcmp(given, "sample") == 0) {
        wish->mode = RF_PURITY_SAMPLE;
    } else if (strcmp(given, "all") == 0) {
        wish->mode = RF_PURITY_ALL;
    } else if (strcmp(given, "off") == 0) {
        wish->mode = RF_PURITY_OFF;
    } else {
        char *end;
        errno = 0;
        wish->mode = RF_PURITY_SOME;
        wish->count = strtoull(given, &end, 10);
        if (errno != 0 || !isdigit((unsigned char)given[0]) || *end != '\0' || wish->count == 0) {
            return rf_fail(reterr, RF_ERR_USAGE, origin,
                           "'%s' is neither all, sample (which it is alone), off nor a number of "
                           "instances from 1 on",
                           given);
        }
    }
    bool in_part = wish->mode == RF_PURITY_SAMPLE || wish->mode == RF_PURITY_SOME;
    if (settings->shard.n > 0 && in_part) {
        return rf_fail(reterr, RF_ERR_USAGE, origin,
                       "with --shard a sample would be another than that of the whole run: use "
                       "--purity=all");
    }
    return RF_OK;
}

rf_code
rf_settings_limits(struct rf_settings *settings, const struct rf_arguments *arguments,
                   struct rf_err *reterr)
{
    RF_TRY(make_jobs(settings, arguments, reterr));
    RF_TRY(make_limits(settings, arguments, reterr));
    RF_TRY(make_sandbox(arguments, reterr));
    return make_purity(settings, arguments, reterr);
}

/* SPDX-License-Identifier: MIT */
/* What is accepted: damage, differences that are ignored, clusters of a bless. */
#include "cli/settings_accept.h"

#include <string.h>

#include "base/alloc.h"
#include "base/day.h"
#include "base/json.h"
#include "cli/verbs.h"

static char *
copy(const char *text)
{
    return text == NULL ? NULL : rf_strdup(text);
}

static struct rf_ignore *
add_ignore(struct rf_settings *settings, const char *aggregate, size_t aggregate_bytes,
           const char *pointer)
{
    settings->ignores =
        rf_realloc(settings->ignores, settings->ignore_count + 1, sizeof(*settings->ignores));
    struct rf_ignore *ignore = &settings->ignores[settings->ignore_count++];
    *ignore = (struct rf_ignore){0};
    ignore->aggregate = aggregate == NULL ? NULL : rf_strndup(aggregate, aggregate_bytes);
    ignore->pointer = rf_strdup(pointer);
    return ignore;
}

static void
add_configured(struct rf_settings *settings, const struct rf_aggregate_config *aggregate)
{
    for (size_t i = 0; i < aggregate->ignore_count; i++) {
        const struct rf_ignore *given = &aggregate->ignores[i];
        struct rf_ignore *ignore =
            add_ignore(settings, aggregate->name, strlen(aggregate->name), given->pointer);
        ignore->reason = copy(given->reason);
        ignore->until = copy(given->until);
        ignore->expired = rf_day_is_over(given->until, settings->today);
    }
}

static rf_code
check_day(const struct rf_arguments *arguments, enum rf_option_id id, struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    const char *given = rf_argument(arguments, id);
    return given == NULL || rf_day_valid(given)
               ? RF_OK
               : rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, id, origin),
                         "'%s' is no day such as 2026-12-31", given);
}

/** An option in its place is none: the reason was forgotten, and the option would not be heard. */
static rf_code
check_reason(const struct rf_arguments *arguments, enum rf_option_id id, struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    const char *reason = rf_argument(arguments, id);
    if (reason != NULL && reason[0] == '-' && (reason[1] == '-' || strlen(reason) == 2)) {
        return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, id, origin),
                       "needs a reason, and '%s' looks like an option", reason);
    }
    if (reason != NULL && rf_utf8_valid(reason, strlen(reason)) != strlen(reason)) {
        return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, id, origin),
                       "'%s' is no UTF-8", reason);
    }
    return RF_OK;
}

/** What damage is accepted, up to which day, and which day it is: the clock is asked once. */
static rf_code
make_days(struct rf_settings *settings, const struct rf_arguments *arguments, struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    const char *reason = rf_argument(arguments, RF_OPT_ACCEPT_DAMAGE);
    RF_TRY(check_day(arguments, RF_OPT_TODAY, reterr));
    RF_TRY(check_day(arguments, RF_OPT_LAST_DAY, reterr));
    const char *today = rf_argument(arguments, RF_OPT_TODAY);
    if (today == NULL) {
        rf_day_today(settings->today);
    } else {
        memcpy(settings->today, today, sizeof(settings->today));
    }
    settings->accept_damage = reason;
    settings->last_day = rf_argument(arguments, RF_OPT_LAST_DAY);
    settings->narrowed = settings->ids != NULL || settings->since != NULL ||
                         settings->until != NULL || settings->as_of_text != NULL ||
                         settings->from != NULL;
    if (reason == NULL && settings->last_day != NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, RF_OPT_LAST_DAY, origin),
                       "goes with --accept-damage: it is the last day on which that counts");
    }
    if (reason != NULL && strspn(reason, " \t\r\n") == strlen(reason)) {
        return rf_fail(reterr, RF_ERR_USAGE,
                       rf_option_origin(arguments, RF_OPT_ACCEPT_DAMAGE, origin),
                       "needs a reason that says why one can live with the damage");
    }
    RF_TRY(check_reason(arguments, RF_OPT_ACCEPT_DAMAGE, reterr));
    if (rf_day_is_over(settings->last_day, settings->today)) {
        return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, RF_OPT_LAST_DAY, origin),
                       "%s is over; today is %s", settings->last_day, settings->today);
    }
    return RF_OK;
}

static rf_code
make_ignores(struct rf_settings *settings, const struct rf_arguments *arguments,
             struct rf_err *reterr)
{
    for (size_t i = 0; i < settings->config.aggregate_count; i++) {
        add_configured(settings, &settings->config.aggregates[i]);
    }
    for (size_t i = 0; i < arguments->given[RF_OPT_IGNORE].count; i++) {
        const char *given = arguments->given[RF_OPT_IGNORE].values[i];
        if (given[0] == '/') {
            (void)add_ignore(settings, NULL, 0, given);
            continue;
        }
        const char *colon = strstr(given, ":/");
        if (colon == NULL) {
            char origin[RF_OPTION_NAME_BYTES];
            return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, RF_OPT_IGNORE, origin),
                           "'%s' is no JSON pointer; write /updatedAt or order:/updatedAt", given);
        }
        (void)add_ignore(settings, given, (size_t)(colon - given), colon + 1);
    }
    return RF_OK;
}

static rf_code
fail_plain_bless(const struct rf_arguments *arguments, enum rf_option_id id, struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    return rf_fail(
        reterr, RF_ERR_USAGE, rf_option_origin(arguments, id, origin),
        "a bless takes it only where it compares: with --review, --cluster or --dry-run");
}

/** What of the changes is accepted. */
static rf_code
make_choice(struct rf_settings *settings, const struct rf_arguments *arguments,
            struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    settings->review = rf_flag(arguments, RF_OPT_REVIEW);
    settings->dry_run = rf_flag(arguments, RF_OPT_DRY_RUN);
    settings->clusters = arguments->given[RF_OPT_CLUSTER].values;
    settings->cluster_count = arguments->given[RF_OPT_CLUSTER].count;
    settings->reason = rf_argument(arguments, RF_OPT_REASON);
    if (settings->review && settings->cluster_count > 0) {
        return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, RF_OPT_REVIEW, origin),
                       "asks for every cluster; leave it out, or leave out --cluster");
    }
    const char *reason = settings->reason;
    if (reason != NULL && settings->cluster_count == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, RF_OPT_REASON, origin),
                       "goes with --cluster; --review asks for reasons");
    }
    RF_TRY(check_reason(arguments, RF_OPT_REASON, reterr));
    settings->compares = settings->review || settings->cluster_count > 0 || settings->dry_run;
    if (settings->verb != RF_VERB_BLESS || settings->compares) {
        return RF_OK;
    }
    /* In the environment they may be meant for runs. */
    static const enum rf_option_id comparing[] = {RF_OPT_IGNORE, RF_OPT_AT_HEAD};
    for (size_t i = 0; i < sizeof(comparing) / sizeof(comparing[0]); i++) {
        if (rf_flag(arguments, comparing[i]) && !arguments->given[comparing[i]].from_environment) {
            return fail_plain_bless(arguments, comparing[i], reterr);
        }
    }
    return RF_OK;
}

/** Who asks for a comparison, and for none, must not take the end for what the comparison came to.
 * In the environment it may be meant for other runs. */
static rf_code
check_no_compare(const struct rf_arguments *arguments, struct rf_err *reterr)
{
    static const enum rf_option_id comparing[] = {RF_OPT_AT_HEAD, RF_OPT_REQUIRE_GOLDEN};
    char origin[RF_OPTION_NAME_BYTES];
    char other[RF_OPTION_NAME_BYTES];
    for (size_t i = 0; i < sizeof(comparing) / sizeof(comparing[0]); i++) {
        if (rf_flag(arguments, RF_OPT_NO_COMPARE) && rf_flag(arguments, comparing[i]) &&
            !arguments->given[comparing[i]].from_environment) {
            return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, comparing[i], origin),
                           "nothing is compared with %s; leave out one of them",
                           rf_option_origin(arguments, RF_OPT_NO_COMPARE, other));
        }
    }
    return RF_OK;
}

rf_code
rf_settings_accept(struct rf_settings *settings, const struct rf_arguments *arguments,
                   struct rf_err *reterr)
{
    RF_TRY(check_no_compare(arguments, reterr));
    RF_TRY(make_days(settings, arguments, reterr));
    RF_TRY(make_ignores(settings, arguments, reterr));
    return make_choice(settings, arguments, reterr);
}

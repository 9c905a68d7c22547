/* SPDX-License-Identifier: MIT */
/* What `refold golden` does. */
#include "cli/care.h"

#include <string.h>

#include "cli/verbs.h"

static const char *const verify_operands[] = {"verify", "[DIR]", NULL};
static const char *const prune_operands[] = {"prune", NULL};
static const char *const prove_operands[] = {"prove", "DIR", NULL};

const struct rf_care rf_cares[] = {
    {"verify", RF_CARE_VERIFY, 0, verify_operands, "refold golden verify [OPTION...] [DIR]",
     "are the files as they were blessed: by themselves, without history"},
    {"prune", RF_CARE_PRUNE, RF_NEEDS_SOURCES, prune_operands,
     "refold golden prune [OPTION...] [SOURCE...]",
     "remove the lines of instances that are gone from history"},
    {"prove", RF_CARE_PROVE, RF_NEEDS_SOURCES | RF_NEEDS_AGGREGATES, prove_operands,
     "refold golden prove [OPTION...] DIR [SOURCE...]",
     "fold all of history: is each line right, and what follows from it"},
    {NULL, RF_CARE_NONE, 0, NULL, NULL, NULL},
};

const struct rf_care *
rf_care_find(const char *name)
{
    for (const struct rf_care *care = rf_cares; care->name != NULL; care++) {
        if (strcmp(care->name, name) == 0) {
            return care;
        }
    }
    return NULL;
}

/** Options that not only `prove` takes, or others in its place. */
static const struct {
    enum rf_option_id id;
    unsigned cares;
} TAKEN[] = {
    {RF_OPT_CONFIG, RF_CARE_VERIFY | RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_QUIET, RF_CARE_VERIFY | RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_VERBOSE, RF_CARE_VERIFY | RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_COLOR, RF_CARE_VERIFY | RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_HELP, RF_CARE_VERIFY | RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_JOBS, RF_CARE_VERIFY | RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_LINES, RF_CARE_VERIFY | RF_CARE_PRUNE},
    {RF_OPT_CI, RF_CARE_VERIFY | RF_CARE_PRUNE},
    {RF_OPT_JSON, RF_CARE_VERIFY},
    {RF_OPT_REPAIR, RF_CARE_VERIFY},
    {RF_OPT_GOLDEN, RF_CARE_PRUNE},
    {RF_OPT_DRY_RUN, RF_CARE_PRUNE},
    {RF_OPT_OLD_LINES, RF_CARE_PRUNE},
    {RF_OPT_AGGREGATE, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_ENVELOPE, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_KEYS, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_COOKIE_FILE, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_ENDPOINT_URL, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_REGION, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_PROFILE, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_NO_SIGN_REQUEST, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_REQUEST_PAYER, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_CONNECTIONS, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_REQUESTS_PER_SECOND, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_BANDWIDTH, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_MAX_REQUESTS, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_MAX_BYTES, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_VERIFY, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_MEMORY, RF_CARE_PRUNE | RF_CARE_PROVE},
    {RF_OPT_PROGRESS, RF_CARE_PRUNE | RF_CARE_PROVE},
};

bool
rf_care_takes(const struct rf_care *care, enum rf_option_id id)
{
    for (size_t i = 0; i < sizeof(TAKEN) / sizeof(TAKEN[0]); i++) {
        if (TAKEN[i].id == id) {
            return (TAKEN[i].cares & care->kind) != 0;
        }
    }
    return care->kind == RF_CARE_PROVE;
}

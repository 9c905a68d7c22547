/* SPDX-License-Identifier: MIT */
/* What `refold golden` does. */
#include "cli/subcommand.h"

#include <string.h>

#include "cli/verbs.h"

static const char *const verify_operands[] = {"verify", "[DIR]", NULL};
static const char *const prune_operands[] = {"prune", NULL};
static const char *const prove_operands[] = {"prove", "DIR", NULL};

const struct rf_subcommand rf_subcommands[] = {
    {"verify", RF_SUBCOMMAND_VERIFY, 0, verify_operands, "refold golden verify [OPTION...] [DIR]",
     "are the files as they were blessed: by themselves, without history"},
    {"prune", RF_SUBCOMMAND_PRUNE, RF_NEEDS_SOURCES, prune_operands,
     "refold golden prune [OPTION...] [SOURCE...]",
     "remove the lines of instances that are gone from history"},
    {"prove", RF_SUBCOMMAND_PROVE, RF_NEEDS_SOURCES | RF_NEEDS_AGGREGATES, prove_operands,
     "refold golden prove [OPTION...] DIR [SOURCE...]",
     "fold all of history: is each line right, and what follows from it"},
    {NULL, RF_SUBCOMMAND_NONE, 0, NULL, NULL, NULL},
};

const struct rf_subcommand *
rf_subcommand_find(const char *name)
{
    for (const struct rf_subcommand *subcommand = rf_subcommands; subcommand->name != NULL;
         subcommand++) {
        if (strcmp(subcommand->name, name) == 0) {
            return subcommand;
        }
    }
    return NULL;
}

/** Options that not only `prove` takes, or others in its place. */
static const struct {
    enum rf_option_id id;
    unsigned subcommands;
} TAKEN[] = {
    {RF_OPT_CONFIG, RF_SUBCOMMAND_VERIFY | RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_QUIET, RF_SUBCOMMAND_VERIFY | RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_VERBOSE, RF_SUBCOMMAND_VERIFY | RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_COLOR, RF_SUBCOMMAND_VERIFY | RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_HELP, RF_SUBCOMMAND_VERIFY | RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_JOBS, RF_SUBCOMMAND_VERIFY | RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_LINES, RF_SUBCOMMAND_VERIFY | RF_SUBCOMMAND_PRUNE},
    {RF_OPT_CI, RF_SUBCOMMAND_VERIFY | RF_SUBCOMMAND_PRUNE},
    {RF_OPT_JSON, RF_SUBCOMMAND_VERIFY},
    {RF_OPT_REPAIR, RF_SUBCOMMAND_VERIFY},
    {RF_OPT_GOLDEN, RF_SUBCOMMAND_PRUNE},
    {RF_OPT_DRY_RUN, RF_SUBCOMMAND_PRUNE},
    {RF_OPT_OLD_LINES, RF_SUBCOMMAND_PRUNE},
    {RF_OPT_AGGREGATE, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_ENVELOPE, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_KEYS, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_COOKIE_FILE, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_ENDPOINT_URL, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_REGION, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_PROFILE, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_NO_SIGN_REQUEST, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_REQUEST_PAYER, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_CONNECTIONS, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_REQUESTS_PER_SECOND, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_BANDWIDTH, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_MAX_REQUESTS, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_MAX_BYTES, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_VERIFY, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_MEMORY, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
    {RF_OPT_PROGRESS, RF_SUBCOMMAND_PRUNE | RF_SUBCOMMAND_PROVE},
};

bool
rf_subcommand_takes(const struct rf_subcommand *subcommand, enum rf_option_id id)
{
    for (size_t i = 0; i < sizeof(TAKEN) / sizeof(TAKEN[0]); i++) {
        if (TAKEN[i].id == id) {
            return (TAKEN[i].subcommands & subcommand->kind) != 0;
        }
    }
    return subcommand->kind == RF_SUBCOMMAND_PROVE;
}

/* SPDX-License-Identifier: MIT */
/* refold golden: care for goldens. */
#include "cli/golden_subcommands.h"
#include "cli/verbs.h"

int
rf_golden(struct rf_settings *settings)
{
    switch (settings->subcommand->kind) {
    case RF_SUBCOMMAND_VERIFY:
        return rf_golden_verify(settings);
    case RF_SUBCOMMAND_PRUNE:
        return rf_golden_prune(settings);
    default:
        return rf_golden_prove(settings);
    }
}

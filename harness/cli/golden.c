/* SPDX-License-Identifier: MIT */
/* refold golden: care for goldens. */
#include "cli/golden_cares.h"
#include "cli/verbs.h"

int
rf_golden(struct rf_settings *settings)
{
    switch (settings->care->kind) {
    case RF_CARE_VERIFY:
        return rf_golden_verify(settings);
    case RF_CARE_PRUNE:
        return rf_golden_prune(settings);
    default:
        return rf_golden_prove(settings);
    }
}

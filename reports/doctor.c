/* SPDX-License-Identifier: MIT */
/* Whether a history is whole: nothing is said to be that nobody can know. */
#include "reports/doctor.h"

static bool
has_damage(const struct rf_damages *damages)
{
    uint64_t total = 0;
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        total += rf_damages_new(damages, (enum rf_damage_kind)kind);
    }
    return total > 0;
}

enum rf_wholeness
rf_doctor_wholeness(const struct rf_doctor_report *report)
{
    const struct rf_checkup *checkup = report->checkup;
    const struct rf_report run = rf_report_filled(report->run);
    if (rf_verdict_exit(&run.flags) != 0 || checkup == NULL) {
        return RF_NOT_WHOLE;
    }
    if (has_damage(run.damages)) {
        return RF_WHOLE_BUT_WAIVED;
    }
    if (checkup->versionless == checkup->instances) {
        return RF_WHOLE_UNTOLD;
    }
    return checkup->searched ? RF_WHOLE : RF_WHOLE_UNSEARCHED;
}

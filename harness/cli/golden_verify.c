/* SPDX-License-Identifier: MIT */
/* refold golden verify: whether a golden's files are as they were blessed. It reads neither history
 * nor aggregate, and no report: it has to be fast enough to be called before each commit. */
#include "reports/verify.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/exits.h"
#include "cli/golden_subcommands.h"
#include "cli/interrupt.h"
#include "cli/say.h"
#include "golden/hold.h"
#include "golden/verdict.h"

/** Puts into place what was cut off; what a killed refold left is removed. */
static rf_code
repair(const struct rf_settings *settings, struct rf_err *reterr)
{
    struct rf_golden_hold *hold;
    RF_TRY(rf_golden_check_ci(settings, "golden verify --repair", reterr));
    RF_TRY(rf_golden_hold(settings->golden, &hold, reterr));
    size_t finished = rf_golden_hold_finished(hold);
    size_t swept = rf_golden_hold_swept(hold);
    rf_golden_release(hold);
    if (settings->verbosity >= 0) {
        char *text =
            rf_format("%s: %zu file%s put into place, %zu temporar%s removed", settings->golden,
                      finished, finished == 1 ? "" : "s", swept, swept == 1 ? "y" : "ies");
        rf_say(text);
        free(text);
    }
    return RF_OK;
}

static rf_code
verify(const struct rf_settings *settings, struct rf_verification *found, struct rf_err *reterr)
{
    if (rf_flag(settings->arguments, RF_OPT_REPAIR)) {
        RF_TRY(repair(settings, reterr));
    }
    rf_interrupt_release();
    const struct rf_verify_request request = {
        .folder = settings->golden,
        .lines = settings->lines,
        .jobs = settings->jobs,
    };
    return rf_verify(&request, found, reterr);
}

static struct rf_flags
judge(const struct rf_verification *found, rf_code code)
{
    return (struct rf_flags){
        .nothing = code == RF_ERR_USAGE || (code == RF_OK && found->golden_count == 0),
        .incomplete = code == RF_ERR_SOURCE || found->totals[RF_DEFECT_UNREAD] > 0,
        .damaged = code == RF_ERR_CORRUPT || found->totals[RF_DEFECT_DAMAGE] > 0,
        .unwritten = code == RF_ERR_OUTPUT,
        .changed = found->totals[RF_DEFECT_WARNING] > 0,
    };
}

int
rf_golden_verify(struct rf_settings *settings)
{
    struct rf_verification found = {0};
    struct rf_buf text = {0};
    struct rf_err err = {0};
    bool json = rf_flag(settings->arguments, RF_OPT_JSON);
    char *error = NULL;
    rf_code code = verify(settings, &found, &err);
    if (code != RF_OK) {
        rf_say_error(&err);
        error = rf_format("%s%s%s", err.where, err.where[0] == '\0' ? "" : ": ", err.text);
    }
    struct rf_flags flags = judge(&found, code);
    const struct rf_verify_report report = {
        .folder = settings->golden,
        .found = &found,
        .error = error,
        .exit = rf_verdict_exit(&flags),
        .verbosity = settings->verbosity,
        .color = settings->color,
    };
    (json ? rf_verify_json : rf_verify_text)(&report, &text);
    int status = report.exit;
    if (rf_say_whole(STDOUT_FILENO, "standard output", "findings", &text, &err) != RF_OK) {
        rf_say_error(&err);
        flags.unwritten = true;
        status = rf_verdict_exit(&flags);
    }
    rf_buf_done(&text);
    rf_verification_done(&found);
    free(error);
    return status;
}

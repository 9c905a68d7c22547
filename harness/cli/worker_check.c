/* SPDX-License-Identifier: MIT */
/* refold worker-check: does a program speak the worker protocol? */
#include <unistd.h>

#include "check/kit.h"
#include "cli/interrupt.h"
#include "cli/say.h"
#include "cli/verbs.h"
#include "host/artifact.h"
#include "host/limits.h"
#include "reports/worker_check.h"

#define EXIT_WRONG  1
#define EXIT_USAGE  2
#define EXIT_OUTPUT 5

static int
say_report(const struct rf_worker_check_report *report, bool json)
{
    struct rf_buf text = {0};
    struct rf_err err;
    int status = report->exit;
    (json ? rf_worker_check_json : rf_worker_check_text)(report, &text);
    if (rf_say_whole(STDOUT_FILENO, "standard output", "findings", &text, &err) != RF_OK) {
        rf_say_error(&err);
        status = EXIT_OUTPUT;
    }
    rf_buf_done(&text);
    return status;
}

int
rf_worker_check(struct rf_settings *settings)
{
    struct rf_err err;
    struct rf_kit_report found = {0};
    const char *file = settings->operands[0];
    struct rf_artifact *artifact = NULL;
    struct rf_kit_request request = {
        .timeout_ms = settings->timeout_ms,
        .stop = &rf_interrupted,
    };
    rf_worker_set_memory(settings->aggregate_memory_bytes);
    rf_code code = rf_artifact_open(file, &artifact, &err);
    if (code == RF_OK) {
        request.file = artifact->file;
        request.is_program = artifact->program;
        code = rf_kit_run(&request, &found, &err);
    }
    int status = EXIT_USAGE;
    if (rf_interrupt_signal() != 0) {
        status = 128 + rf_interrupt_signal();
    } else if (code != RF_OK) {
        rf_say_error(&err);
    } else {
        const struct rf_worker_check_report report = {
            .file = file,
            .found = &found,
            .exit = found.counts[RF_CHECK_WRONG] > 0 ? EXIT_WRONG : 0,
            .verbosity = settings->verbosity,
            .color = settings->color,
        };
        status = say_report(&report, rf_flag(settings->arguments, RF_OPT_JSON));
    }
    rf_kit_report_done(&found);
    rf_artifact_drop(artifact);
    return status;
}

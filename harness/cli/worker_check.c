/* SPDX-License-Identifier: MIT */
/* refold worker-check: does a program speak the worker protocol? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check/kit.h"
#include "cli/interrupt.h"
#include "cli/say.h"
#include "cli/verbs.h"
#include "program/elf.h"
#include "reports/worker_check.h"
#include "worker/limits.h"

#define EXIT_WRONG  1
#define EXIT_USAGE  2
#define EXIT_OUTPUT 5

static bool
begins_as(const char *path, const char *front)
{
    char bytes[4] = {0};
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    size_t got = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    return got >= strlen(front) && memcmp(bytes, front, strlen(front)) == 0;
}

/** Whether it can be started at all. @ret  its path as a worker finds it; owned by the caller */
static rf_code
look_at(const char *file, char **ret, bool *ret_program, struct rf_err *reterr)
{
    struct stat facts;
    if (stat(file, &facts) != 0) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, file, "cannot be read");
    }
    if (!S_ISREG(facts.st_mode)) {
        return rf_fail(reterr, RF_ERR_USAGE, file, "is no file");
    }
    *ret_program = rf_is_program(file);
    if (!*ret_program && !begins_as(file, "\177ELF")) {
        return rf_fail(reterr, RF_ERR_USAGE, file,
                       begins_as(file, "#!")
                           ? "is a script that may not be executed: chmod +x lets it"
                           : "is neither a program nor a shared object");
    }
    if (*ret_program && access(file, X_OK) != 0) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, file, "cannot be executed");
    }
    *ret = realpath(file, NULL);
    return *ret != NULL ? RF_OK
                        : rf_fail_errno(reterr, RF_ERR_USAGE, file, "cannot be found again");
}

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
    char *real = NULL;
    struct rf_kit_request request = {.timeout_ms = settings->timeout_ms};
    rf_interrupt_release();
    rf_worker_set_memory(settings->aggregate_memory_bytes);
    rf_code code = look_at(file, &real, &request.is_program, &err);
    if (code == RF_OK) {
        request.file = real;
        code = rf_kit_run(&request, &found, &err);
    }
    int status = EXIT_USAGE;
    if (code != RF_OK) {
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
    free(real);
    return status;
}

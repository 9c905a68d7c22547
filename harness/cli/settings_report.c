/* SPDX-License-Identifier: MIT */
/* What is reported where, and how a terminal sees it. */
#include "cli/settings_report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/say.h"
#include "cli/verbs.h"

static void
add_output(struct rf_settings *settings, const struct rf_report_format *format, const char *file,
           bool append)
{
    settings->outputs =
        rf_realloc(settings->outputs, settings->output_count + 1, sizeof(*settings->outputs));
    settings->outputs[settings->output_count++] = (struct rf_output){format, file, append};
}

/** The github report is two: annotations, and what the page of the step shows, whose file GitHub
 * names. */
static void
add_step_summary(struct rf_settings *settings)
{
    const char *file = getenv("GITHUB_STEP_SUMMARY");
    bool wanted = false;
    for (size_t i = 0; i < settings->output_count; i++) {
        wanted = wanted || settings->outputs[i].format->write == rf_report_github;
    }
    if (wanted && file != NULL && file[0] != '\0') {
        add_output(settings, rf_report_format_find("markdown"), file, true);
    }
}

static rf_code
fail_format(const char *where, const char *given, bool scenarios, struct rf_err *reterr)
{
    struct rf_buf names = {0};
    rf_report_format_names(&names, scenarios);
    rf_code code =
        rf_fail(reterr, RF_ERR_USAGE, where, "'%s' is no format: %s", given, rf_buf_text(&names));
    rf_buf_done(&names);
    return code;
}

bool
rf_settings_reports(const struct rf_settings *settings)
{
    bool told =
        settings->verb != RF_VERB_GOLDEN ||
        (settings->subcommand != NULL && rf_subcommand_takes(settings->subcommand, RF_OPT_REPORT));
    return told && (rf_options[RF_OPT_REPORT].verbs & settings->verb) != 0;
}

static rf_code
make_outputs(struct rf_settings *settings, const struct rf_arguments *arguments,
             struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    const char *where = rf_option_origin(arguments, RF_OPT_REPORT, origin);
    size_t on_standard_output = 0;
    for (size_t i = 0; i < arguments->given[RF_OPT_REPORT].count; i++) {
        const char *given = arguments->given[RF_OPT_REPORT].values[i];
        const char *equals = strchr(given, '=');
        char *name = rf_strndup(given, equals == NULL ? strlen(given) : (size_t)(equals - given));
        const struct rf_report_format *format = rf_report_format_find(name);
        free(name);
        bool scenarios = settings->verb == RF_VERB_SCENARIO;
        if (format == NULL || !rf_report_format_fits(format, scenarios)) {
            return fail_format(where, given, scenarios, reterr);
        }
        if (equals != NULL && equals[1] == '\0') {
            return rf_fail(reterr, RF_ERR_USAGE, where, "'%s' names no file", given);
        }
        const char *file = equals == NULL || strcmp(equals + 1, "-") == 0 ? NULL : equals + 1;
        on_standard_output += file == NULL;
        add_output(settings, format, file, false);
    }
    if (on_standard_output > 1) {
        return rf_fail(reterr, RF_ERR_USAGE, where,
                       "two reports cannot share standard output; give one a file: -r json=FILE");
    }
    if (on_standard_output == 0) {
        add_output(settings, rf_report_format_find("text"), NULL, false);
    }
    add_step_summary(settings);
    return RF_OK;
}

rf_code
rf_settings_outputs(struct rf_settings *settings, const struct rf_arguments *arguments,
                    struct rf_err *reterr)
{
    rf_code code =
        rf_settings_reports(settings) ? make_outputs(settings, arguments, reterr) : RF_OK;
    settings->output_count = code == RF_OK ? settings->output_count : 0;
    return code;
}

int
rf_output_turn(const struct rf_output *output)
{
    return output->file == NULL ? 2 : rf_is_device(output->file) ? 1 : 0;
}

static rf_code
parse_when(const struct rf_arguments *arguments, enum rf_option_id id, bool automatic, bool *ret,
           struct rf_err *reterr)
{
    const char *given = rf_argument(arguments, id);
    if (given == NULL || strcmp(given, "auto") == 0) {
        *ret = automatic;
    } else if (strcmp(given, "always") == 0) {
        *ret = true;
    } else if (strcmp(given, "never") == 0) {
        *ret = false;
    } else {
        char origin[RF_OPTION_NAME_BYTES];
        return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, id, origin),
                       "'%s' is not auto, always or never", given);
    }
    return RF_OK;
}

static bool
is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

static bool
is_colored(int fd, bool dumb)
{
    bool wanted = (isatty(fd) && !dumb) || is_set("CLICOLOR_FORCE");
    return wanted && !is_set("NO_COLOR");
}

rf_code
rf_settings_looks(struct rf_settings *settings, const struct rf_arguments *arguments,
                  struct rf_err *reterr)
{
    const char *term = getenv("TERM");
    bool dumb = term != NULL && strcmp(term, "dumb") == 0;
    RF_TRY(parse_when(arguments, RF_OPT_COLOR, is_colored(STDOUT_FILENO, dumb), &settings->color,
                      reterr));
    RF_TRY(parse_when(arguments, RF_OPT_COLOR, is_colored(STDERR_FILENO, dumb),
                      &settings->color_err, reterr));
    bool progress =
        isatty(STDERR_FILENO) && !dumb && !rf_in_ci() && !rf_flag(arguments, RF_OPT_QUIET);
    RF_TRY(parse_when(arguments, RF_OPT_PROGRESS, progress, &settings->progress, reterr));
    settings->verbosity =
        rf_flag(arguments, RF_OPT_QUIET) ? -1 : (int)arguments->given[RF_OPT_VERBOSE].count;
    return RF_OK;
}

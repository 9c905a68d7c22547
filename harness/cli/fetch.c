/* SPDX-License-Identifier: MIT */
/* refold fetch: what lies on a server, mirrored into a folder. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/verbs.h"
#include "decode/gunzip.h"
#include "golden/verdict.h"
#include "mirror/fetch.h"
#include "net/url.h"
#include "reports/fetch.h"

static rf_code
check(const struct rf_settings *settings, struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    const struct rf_arguments *arguments = settings->arguments;
    if (settings->source_count > 1) {
        return rf_fail(reterr, RF_ERR_USAGE, settings->sources[1],
                       "one source too many: a folder mirrors one");
    }
    const char *folder = rf_argument(arguments, RF_OPT_OUTPUT);
    if (folder == NULL || strcmp(folder, "-") == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, "-o", "name the folder that is fetched into");
    }
    if (rf_flag(arguments, RF_OPT_DELETE) && (settings->since != NULL || settings->until != NULL)) {
        return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, RF_OPT_DELETE, origin),
                       "does not go with --since and --until: what they leave out is not looked "
                       "for, and so not known to be gone");
    }
    return RF_OK;
}

/** The line on the terminal begins when it is known how much there is to do. */
static void
begin(void *context, uint64_t objects, uint64_t bytes)
{
    struct rf_progress *progress = context;
    rf_progress_start(progress, progress->shown, objects, bytes == RF_BYTES_UNKNOWN ? 0 : bytes);
}

static rf_code
mirror(const struct rf_settings *settings, struct rf_fetch_result *result, struct rf_err *reterr)
{
    RF_TRY(check(settings, reterr));
    struct rf_progress progress = {.moves = true, .shown = settings->progress};
    const struct rf_fetch_request request = {
        .walk =
            {
                .sources = settings->sources,
                .source_count = 1,
                .keys = settings->keys,
                .since = settings->since,
                .until = settings->until,
                .layout = settings->config.layout,
                .jobs = settings->jobs,
                .net = &settings->net,
                .gunzip = &rf_gunzip,
                .stop = &rf_interrupted,
            },
        .folder = rf_argument(settings->arguments, RF_OPT_OUTPUT),
        .jobs = settings->jobs,
        .verify = settings->verify,
        .removes = rf_flag(settings->arguments, RF_OPT_DELETE),
        .dry = rf_flag(settings->arguments, RF_OPT_DRY_RUN),
        .begin = begin,
        .context = &progress,
        .objects_done = &progress.counts.objects_done,
        .bytes_done = &progress.counts.bytes_done,
    };
    rf_code code = rf_mirror(&request, result, reterr);
    rf_progress_stop(&progress);
    return code;
}

/** Each object that is not here is named, up to the limit. */
static void
say_failures(const struct rf_fetch_result *result, const char *source)
{
    for (size_t i = 0; i < result->failure_count; i++) {
        const struct rf_fetch_failure *failure = &result->failures[i];
        struct rf_err err;
        const char *name = failure->key[0] == '\0' ? source : failure->key;
        (void)rf_fail(&err, failure->code, name, "%s", failure->text);
        rf_say_error(&err);
    }
    uint64_t all = result->refused + result->failed - result->untried;
    if (all > result->failure_count) {
        char *text = rf_format("… and %" PRIu64 " more", all - result->failure_count);
        rf_say(text);
        free(text);
    }
    if (result->refused > 0) {
        bool alone = result->refused == 1;
        char *text = rf_format("%" PRIu64 " key%s here, so that no fetch brings %s, and of this "
                               "mirror no verdict is given: read the server itself, or fetch a "
                               "source without %s",
                               result->refused, alone ? " can be no file" : "s can be no files",
                               alone ? "it" : "them", alone ? "it" : "them");
        rf_say(text);
        free(text);
    }
    if (result->hourless > 0) {
        char *text =
            rf_format("%" PRIu64 " object%s in no hour folder left out%s %s", result->hourless,
                      result->hourless == 1 ? "" : "s",
                      result->hourless == 1 ? ":" : ", the first is", result->hourless_sample);
        rf_say(text);
        free(text);
    }
}

static void
flag_code(struct rf_flags *flags, rf_code code)
{
    flags->nothing = flags->nothing || code == RF_ERR_USAGE;
    flags->incomplete = flags->incomplete || code == RF_ERR_SOURCE;
    flags->unwritten = flags->unwritten || code == RF_ERR_OUTPUT;
    flags->damaged =
        flags->damaged || (code != RF_OK && code != RF_ERR_USAGE && code != RF_ERR_SOURCE &&
                           code != RF_ERR_OUTPUT && code != RF_ERR_INTERRUPTED);
}

static struct rf_flags
judge(const struct rf_fetch_result *result, rf_code code)
{
    struct rf_flags flags = {.signal = code == RF_ERR_INTERRUPTED ? rf_interrupt_signal() : 0};
    flag_code(&flags, code);
    for (rf_code failed = RF_OK; failed <= RF_ERR_INTERRUPTED; failed++) {
        if (result->failed_by[failed] > 0) {
            flag_code(&flags, failed);
        }
    }
    flags.damaged = flags.damaged || result->refused > 0;
    flags.incomplete = flags.incomplete || result->untried > 0;
    return flags;
}

static char *
error_text(const struct rf_err *err)
{
    return rf_format("%s%s%s", err->where, err->where[0] == '\0' ? "" : ": ", err->text);
}

int
rf_fetch(struct rf_settings *settings)
{
    struct rf_fetch_result result = {0};
    struct rf_buf text = {0};
    struct rf_err err = {0};
    int64_t began = rf_clock_ms();
    rf_code code = mirror(settings, &result, &err);
    char *source = rf_url_shown(settings->sources[0], false);
    say_failures(&result, source);
    char *error = NULL;
    if (code != RF_OK && code != RF_ERR_INTERRUPTED) {
        rf_say_error(&err);
        error = error_text(&err);
    }
    struct rf_flags flags = judge(&result, code);
    const struct rf_fetch_report report = {
        .source = source,
        .folder = rf_argument(settings->arguments, RF_OPT_OUTPUT),
        .result = &result,
        .error = error,
        .dry = rf_flag(settings->arguments, RF_OPT_DRY_RUN),
        .removes = rf_flag(settings->arguments, RF_OPT_DELETE),
        .exit = rf_verdict_exit(&flags),
        .verbosity = settings->verbosity,
        .seconds = (double)(rf_clock_ms() - began) / 1000,
    };
    bool json = rf_flag(settings->arguments, RF_OPT_JSON);
    (json ? rf_fetch_json : rf_fetch_text)(&report, &text);
    int status = report.exit;
    if (rf_say_whole(STDOUT_FILENO, "standard output", "summary", &text, &err) != RF_OK) {
        rf_say_error(&err);
        flags.unwritten = true;
        status = rf_verdict_exit(&flags);
    }
    rf_buf_done(&text);
    rf_fetch_result_done(&result);
    free(source);
    free(error);
    return status;
}

/* SPDX-License-Identifier: MIT */
/* What a replay found, to files and to standard output. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/files.h"
#include "cli/replay.h"
#include "cli/say.h"
#include "cli/verbs.h"

static uint64_t
peak_bytes(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

void
rf_replay_describe(const struct rf_replay *replay, const struct rf_bless_summary *blessed,
                   struct rf_report *ret)
{
    const struct rf_settings *settings = replay->settings;
    *ret = (struct rf_report){
        .verb = rf_verb_find_bit(settings->verb)->name,
        .flags = replay->flags,
        .ended_early = replay->ended_early,
        .error = replay->error,
        .version = REFOLD_VERSION,
        .builds = replay->builds,
        .build_count = replay->build_count,
        .sums = &replay->sums,
        .counts = &replay->ingested.counts,
        .gathered = &replay->folded.counts,
        .ingested = &replay->ingested,
        .findings = &replay->findings,
        .damages = &replay->damages,
        .warnings = (const char *const *)replay->warnings,
        .warning_count = replay->warning_count,
        .blessed = blessed,
        .again = settings->again,
        .again_run = settings->again_run,
        .again_bless = settings->again_bless,
        .seconds = rf_replay_seconds(replay),
        .peak_bytes = peak_bytes(),
        .verbosity = settings->verbosity,
        .samples = settings->verbosity > 0 ? 20 : 3,
    };
    if (replay->compared) {
        rf_goldens_digest(&replay->goldens, ret->golden_digest);
    }
    ret->unclaimed_counts = settings->config.unclaimed == RF_POLICY_ERROR;
    memcpy(ret->damage_policies, settings->config.damage_policies, sizeof(ret->damage_policies));
}

static bool
is_device(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode);
}

/** A file is replaced whole or not at all; a device or pipe (/dev/stderr) is written to. */
static rf_code
write_file(const char *path, const struct rf_buf *text, struct rf_err *reterr)
{
    if (is_device(path)) {
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0) {
            return rf_fail_errno(reterr, RF_ERR_OUTPUT, path, "cannot write the report");
        }
        rf_code written = rf_say_whole(fd, path, "report", text, reterr);
        (void)close(fd);
        return written;
    }
    struct rf_files *files = rf_files_new();
    rf_code code = rf_files_add(files, path, text->bytes, text->used, reterr);
    if (code == RF_OK) {
        code = rf_files_commit(files, reterr);
    }
    rf_files_free(files);
    return code;
}

static bool
is_text(const struct rf_output *output)
{
    return output->format->write == rf_report_text;
}

/** Returns whether it was written. */
static bool
write_output(struct rf_replay *replay, const struct rf_bless_summary *blessed,
             const struct rf_output *output)
{
    struct rf_report report;
    struct rf_buf text = {0};
    struct rf_err err;
    rf_replay_describe(replay, blessed, &report);
    if (output->file == NULL && is_text(output)) {
        report.color = replay->settings->color;
        report.error = NULL; /* it stands on standard error, a line above */
    }
    output->format->write(&report, &text);
    rf_code code = output->file != NULL
                       ? write_file(output->file, &text, &err)
                       : rf_say_whole(STDOUT_FILENO, "standard output", "report", &text, &err);
    rf_buf_done(&text);
    if (code != RF_OK) {
        rf_replay_fail(replay, &err);
    }
    return code == RF_OK;
}

/** Files that were written before another report failed tell of another exit status than this
 * process ends with: once more. */
static void
write_files_again(struct rf_replay *replay, const struct rf_bless_summary *blessed,
                  const bool *written)
{
    const struct rf_settings *settings = replay->settings;
    for (size_t i = 0; i < settings->output_count; i++) {
        const struct rf_output *output = &settings->outputs[i];
        if (written[i] && output->file != NULL && !is_device(output->file)) {
            (void)write_output(replay, blessed, output);
        }
    }
}

int
rf_replay_report(struct rf_replay *replay, const struct rf_bless_summary *blessed)
{
    const struct rf_settings *settings = replay->settings;
    bool *written = rf_calloc(settings->output_count, sizeof(*written));
    bool unwritten = replay->flags.unwritten;
    rf_progress_stop(&replay->progress);
    rf_damages_sort(&replay->damages);
    /* Files first, so that standard output tells if one failed. */
    for (size_t i = 0; i < settings->output_count; i++) {
        if (settings->outputs[i].file != NULL) {
            written[i] = write_output(replay, blessed, &settings->outputs[i]);
        }
    }
    for (size_t i = 0; i < settings->output_count; i++) {
        const struct rf_output *output = &settings->outputs[i];
        if (output->file == NULL && (replay->opened || !is_text(output))) {
            (void)write_output(replay, blessed, output);
        }
    }
    if (replay->flags.unwritten && !unwritten) {
        write_files_again(replay, blessed, written);
    }
    free(written);
    return rf_verdict_exit(&replay->flags);
}

/* SPDX-License-Identifier: MIT */
/* What a replay found, to files and to standard output. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/stopwatch.h"
#include "cli/audit.h"
#include "cli/private.h"
#include "cli/replay.h"
#include "cli/say.h"
#include "cli/settings_report.h"
#include "cli/verbs.h"
#include "golden/veil.h"

static uint64_t
peak_bytes(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

static void
describe_shard(const struct rf_replay *replay, struct rf_report_shard *ret)
{
    const struct rf_settings *settings = replay->settings;
    *ret = (struct rf_report_shard){
        .place = settings->shard,
        .decoded = replay->ingested.sums.events,
        .objects = replay->ingested.objects,
        .config = settings->config_sha256,
        .ids = settings->ids == NULL ? 0 : rf_ids_digest(settings->ids),
        .options = settings->options,
        .damages = replay->damages_of_all,
        .known = replay->known_of_all,
        .warnings = replay->warnings_of_all,
        .unblessed = settings->config.unblessed,
        .unclaimed = settings->config.unclaimed,
        .absent = replay->absent,
        .again = settings->again_whole,
    };
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
        .rivals = replay->rivals,
        .build_count = replay->build_count,
        .sums = &replay->sums,
        .counts = &replay->ingested.counts,
        .gathered = &replay->folded.counts,
        .unclaimed = &replay->folded.unclaimed,
        .ingested = &replay->ingested,
        .findings = &replay->findings,
        .damages = &replay->damages,
        .warnings = (const char *const *)replay->warnings,
        .warning_count = replay->warning_count,
        .known = replay->known,
        .damages_accepted = replay->damages_accepted,
        .envelope_hint = replay->envelope_hint,
        .ignores = settings->ignores,
        .ignore_count = settings->ignore_count,
        .skips = replay->skips,
        .skip_count = replay->skip_count,
        .narrowed = settings->narrowed,
        .today = rf_replay_has_last_day(replay) ? settings->today : NULL,
        .blessed = blessed,
        .parts = replay->parts,
        .part_count = replay->part_count,
        .chosen = settings->review || settings->cluster_count > 0,
        .dry_run = settings->dry_run,
        .purity = settings->purity.mode,
        .examined = replay->folded.examined,
        .again = settings->again,
        .again_run = settings->again_run,
        .again_bless = settings->again_bless,
        .again_show = settings->again_show,
        .again_sources = settings->again_sources,
        .again_types = settings->again_types,
        .again_review = settings->again_review,
        .seconds = rf_replay_seconds(replay),
        .peak_bytes = peak_bytes(),
        .network = rf_net_counts(replay->objects.net),
        .verbosity = settings->verbosity,
        .samples = settings->verbosity > 0 ? 20 : 3,
    };
    memcpy(ret->golden_digest, replay->golden_digest, sizeof(ret->golden_digest));
    if (replay->merged_peak_bytes > 0) {
        ret->seconds = replay->merged_seconds;
        ret->peak_bytes = replay->merged_peak_bytes;
    }
    ret->has_stats = rf_stopwatch_read(ret->stats);
    if (replay->opened && settings->shard.n > 0) {
        describe_shard(replay, &ret->shard);
    }
    ret->unclaimed_counts = settings->config.unclaimed == RF_POLICY_ERROR;
    memcpy(ret->damage_policies, settings->config.damage_policies, sizeof(ret->damage_policies));
}

/** What became of an output, which may have to be written once more. */
struct written {
    bool outdated;          /**< it tells of another exit status than the process ends with */
    uint64_t before, after; /**< of a file that was appended to: its bytes */
};

static uint64_t
size_of(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode) ? (uint64_t)facts.st_size : 0;
}

/** In the place of what was appended before. GitHub drops a summary of more than 1 MiB whole, with
 * what other programs of the step wrote. */
static rf_code
append_summary(const char *path, const struct rf_buf *text, struct written *written,
               struct rf_err *reterr)
{
    if (written->after > written->before) {
        (void)rf_file_take_back(path, written->before, written->after);
    }
    uint64_t before = size_of(path);
    if (before + text->used > RF_LIMIT_SUMMARY_BYTES) {
        return rf_fail(reterr, RF_ERR_OUTPUT, path,
                       "the step's summary holds %llu bytes already, and GitHub drops one of more "
                       "than 1 MiB; run refold in a step of its own",
                       (unsigned long long)before);
    }
    RF_TRY(rf_file_append(path, text->bytes, text->used, reterr));
    written->before = before;
    written->after = size_of(path);
    return RF_OK;
}

static bool
is_text(const struct rf_output *output)
{
    return output->format->write == rf_report_text;
}

/** Returns whether it was written. */
static bool
write_output(struct rf_replay *replay, const struct rf_bless_summary *blessed,
             const struct rf_output *output, struct written *written)
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
    rf_code code = output->file == NULL
                       ? rf_say_whole(STDOUT_FILENO, "standard output", "report", &text, &err)
                   : output->append ? append_summary(output->file, &text, written, &err)
                                    : rf_say_file(output->file, &text, &err);
    rf_buf_done(&text);
    if (code != RF_OK) {
        rf_replay_fail(replay, &err);
    }
    return code == RF_OK;
}

/** What has this turn. */
static void
write_outputs(struct rf_replay *replay, const struct rf_bless_summary *blessed, int turn,
              struct written *written)
{
    const struct rf_settings *settings = replay->settings;
    for (size_t i = 0; i < settings->output_count; i++) {
        const struct rf_output *output = &settings->outputs[i];
        bool silent = output->file == NULL && is_text(output) && !replay->opened;
        if (rf_output_turn(output) == turn && !silent) {
            bool before = replay->flags.unwritten;
            bool good = write_output(replay, blessed, output, &written[i]);
            written[i].outdated = good && !before; /* once one fails */
        }
    }
}

/** Files that tell of another exit status than this process ends with, because a report failed
 * after they were written: once more. */
static void
write_files_again(struct rf_replay *replay, const struct rf_bless_summary *blessed,
                  struct written *written)
{
    const struct rf_settings *settings = replay->settings;
    for (size_t i = 0; i < settings->output_count; i++) {
        const struct rf_output *output = &settings->outputs[i];
        if (written[i].outdated && rf_output_turn(output) == 0) {
            (void)write_output(replay, blessed, output, &written[i]);
        }
    }
}

/** The table of --stats, to standard error. */
static void
say_stats(void)
{
    uint64_t spent[RF_STATION_COUNT_];
    uint64_t all = 0;
    struct rf_buf lines = {0};
    if (!rf_stopwatch_read(spent)) {
        return;
    }
    for (int i = 0; i < RF_STATION_COUNT_; i++) {
        all += spent[i];
    }
    rf_buf_string(&lines, "station      CPU s   share\n");
    for (int place = 1; place <= RF_STATION_COUNT_; place++) {
        enum rf_station station = (enum rf_station)(place % RF_STATION_COUNT_); /* the rest last */
        uint64_t millis = spent[station] / 1000000;
        uint64_t tenths = all == 0 ? 0 : spent[station] / (all / 1000 + 1);
        rf_buf_format(&lines, "%-8s %5" PRIu64 ".%03" PRIu64 " %3" PRIu64 ".%" PRIu64 " %%  %s\n",
                      rf_station_name(station), millis / 1000, millis % 1000, tenths / 10,
                      tenths % 10, rf_station_summary(station));
    }
    rf_say_lines(&lines);
    rf_buf_done(&lines);
}

/** What was asked of servers, and came: with -v, to standard error. */
static void
say_network(const struct rf_replay *replay)
{
    struct rf_net_counts counts = rf_net_counts(replay->objects.net);
    struct rf_buf lines = {0};
    if (replay->settings->verbosity <= 0 || counts.requests == 0) {
        return;
    }
    rf_buf_format(&lines,
                  "network: %" PRIu64 " request%s, %" PRIu64 " of them again; %" PRIu64 " bytes\n",
                  counts.requests, counts.requests == 1 ? "" : "s", counts.retries, counts.bytes);
    rf_say_lines(&lines);
    rf_buf_done(&lines);
}

/** What the config says of the values of this name's events that reports may show: under the name,
 * or, where that is silent, of who takes all; NULL: nothing. */
static const struct rf_aggregate_config *
find_listing(const struct rf_replay *replay, const char *aggregate)
{
    const struct rf_config *config = &replay->settings->config;
    const struct rf_aggregate_config *found = rf_config_aggregate(config, aggregate);
    const struct rf_build *taker = rf_private_taker(replay);
    bool silent = found == NULL || !found->has_report_values;
    if (silent && taker != NULL && !rf_private_is_loaded(replay, aggregate)) {
        found = rf_config_aggregate(config, taker->name);
    }
    return found != NULL && found->has_report_values ? found : NULL;
}

/** Where CI is, and the config lists the values that its reports may show: these. The array is the
 * caller's. */
static struct rf_shown_values *
list_shown(const struct rf_replay *replay, size_t *ret_count)
{
    const struct rf_findings *findings = &replay->findings;
    struct rf_shown_values *shown = rf_calloc(findings->tally_count + 1, sizeof(*shown));
    size_t count = 0;
    for (size_t i = 0; i < findings->tally_count && rf_in_ci(); i++) {
        const char *name = findings->tallies[i].name;
        const struct rf_aggregate_config *aggregate = find_listing(replay, name);
        if (aggregate != NULL) {
            shown[count++] = (struct rf_shown_values){name, aggregate->report_values,
                                                      aggregate->report_value_count};
        }
    }
    *ret_count = count;
    return shown;
}

static void
veil(struct rf_replay *replay)
{
    size_t count;
    struct rf_shown_values *shown = list_shown(replay, &count);
    rf_findings_veil(&replay->findings, shown, count);
    free(shown);
}

bool
rf_replay_veils(const struct rf_replay *replay, const struct rf_cluster *cluster)
{
    size_t count;
    struct rf_shown_values *shown = list_shown(replay, &count);
    bool veiled = rf_cluster_is_veiled(cluster, shown, count);
    free(shown);
    return veiled;
}

int
rf_replay_report(struct rf_replay *replay, const struct rf_bless_summary *blessed)
{
    const struct rf_settings *settings = replay->settings;
    enum rf_station left = rf_station_enter(RF_STATION_REPORT);
    struct written *written = rf_calloc(settings->output_count, sizeof(*written));
    bool unwritten = replay->flags.unwritten;
    rf_progress_stop(&replay->progress);
    rf_replay_warn_conduct(replay);
    rf_damages_sort(&replay->damages);
    veil(replay);
    for (int turn = 0; turn < RF_OUTPUT_TURNS; turn++) {
        write_outputs(replay, blessed, turn, written);
    }
    if (replay->flags.unwritten && !unwritten) {
        write_files_again(replay, blessed, written);
    }
    free(written);
    (void)rf_station_enter(left);
    say_network(replay);
    say_stats();
    return rf_verdict_exit(&replay->flags);
}

int
rf_replay_refuse(struct rf_settings *settings, const struct rf_err *err)
{
    struct rf_replay replay;
    rf_replay_begin(&replay, settings);
    rf_replay_fail(&replay, err);
    int status = rf_replay_report(&replay, NULL);
    rf_replay_done(&replay);
    return status;
}

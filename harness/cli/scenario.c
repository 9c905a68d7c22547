/* SPDX-License-Identifier: MIT */
/* refold scenario: given events, when a command, then events or a refusal. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/path.h"
#include "cli/interrupt.h"
#include "cli/say.h"
#include "cli/settings_report.h"
#include "cli/verbs.h"
#include "host/limits.h"
#include "reports/conduct.h"
#include "reports/scenarios.h"
#include "scenario/play.h"
#include "scenario/read.h"
#include "scenario/settle.h"

#define EXIT_FAILS    1
#define EXIT_USAGE    2
#define EXIT_SOURCE   4
#define EXIT_OUTPUT   5
#define EXIT_INTERNAL 70

/** One call of the verb. */
struct session {
    const struct rf_settings *settings;
    struct rf_scenarios scenarios;
    struct rf_build **builds;
    struct rf_cast *casts;
    size_t build_count;
    struct rf_own_members members;
    const struct rf_cast **roles; /**< the cast of each scenario */
    struct rf_scenario_outcome *outcomes;
    size_t outcome_count;
    char *error; /**< the sentence that ended it early, or NULL */
    int status;
    int64_t started_ms;
};

/* ---- before anything is played --------------------------------------------------------------- */

/** A file that is named twice, as globs do, under whatever name, is one file. */
static bool
is_known(const struct session *session, const char *path)
{
    for (size_t i = 0; i < session->scenarios.file_count; i++) {
        if (rf_path_are_one(session->scenarios.files[i], path)) {
            return true;
        }
    }
    return false;
}

static rf_code
read_files(struct session *session, struct rf_err *reterr)
{
    for (size_t i = 0; i < session->settings->operand_count; i++) {
        const char *path = session->settings->operands[i];
        if (is_known(session, path)) {
            continue;
        }
        if (rf_looks_like_aggregate(path)) {
            return rf_fail(reterr, RF_ERR_USAGE, path, "looks like an aggregate; put -a in front");
        }
        RF_TRY(rf_scenarios_read(path, &session->scenarios, reterr));
    }
    return RF_OK;
}

/** Takes over what was opened. */
static void
add_builds(struct session *session, struct rf_builds *opened)
{
    size_t count = session->build_count + opened->count;
    session->builds = rf_realloc(session->builds, count, sizeof(*session->builds));
    session->casts = rf_realloc(session->casts, count, sizeof(*session->casts));
    for (size_t i = 0; i < opened->count; i++) {
        struct rf_build *build = opened->items[i];
        const struct rf_aggregate_config *config =
            rf_config_aggregate(&session->settings->config, build->name);
        session->casts[session->build_count] =
            (struct rf_cast){build, config == NULL ? 1 : config->first};
        session->builds[session->build_count++] = build;
        opened->items[i] = NULL;
    }
    rf_builds_done(opened);
}

static rf_code
open_builds(struct session *session, struct rf_err *reterr)
{
    const struct rf_settings *settings = session->settings;
    for (size_t i = 0; i < settings->plugin_count; i++) {
        struct rf_builds opened = {0};
        rf_code code = rf_builds_open(settings->plugins[i], &opened, reterr);
        if (atomic_load(&rf_interrupted)) { /* what was compiled meanwhile was killed */
            rf_builds_done(&opened);
            return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "ended by signal %d",
                           rf_interrupt_signal());
        }
        RF_TRY(code);
        add_builds(session, &opened);
    }
    for (size_t i = 0; i < session->build_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct rf_build *build = session->builds[i];
            if (strcmp(session->builds[j]->name, build->name) == 0) {
                return rf_fail(reterr, RF_ERR_USAGE, build->path,
                               "is aggregate '%s', and so is %s: load one of them", build->name,
                               session->builds[j]->path);
            }
        }
    }
    return RF_OK;
}

/** All of them, before the first is played: a mistake in the last file does not wait for it. */
static rf_code
settle(struct session *session, struct rf_err *reterr)
{
    size_t count = session->scenarios.count;
    session->roles = rf_calloc(count, sizeof(*session->roles));
    session->outcomes = rf_calloc(count, sizeof(*session->outcomes));
    rf_own_members_make(&session->settings->envelope, &session->members);
    for (size_t i = 0; i < count; i++) {
        RF_TRY(rf_scenario_settle(&session->scenarios.items[i], session->casts,
                                  session->build_count, &session->members, &session->roles[i],
                                  reterr));
    }
    return RF_OK;
}

/* ---- playing --------------------------------------------------------------------------------- */

static rf_code
play_all(struct session *session, struct rf_err *reterr)
{
    for (size_t i = 0; i < session->scenarios.count; i++) {
        struct rf_scenario_outcome *outcome = &session->outcomes[i];
        rf_code code =
            rf_scenario_play(&session->scenarios.items[i], session->roles[i], &session->members,
                             session->settings->timeout_ms, outcome, reterr);
        if (atomic_load(&rf_interrupted)) {
            /* Its worker was killed: what became of it says nothing. */
            rf_scenario_outcome_done(outcome);
            return rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "ended by signal %d",
                           rf_interrupt_signal());
        }
        RF_TRY(code);
        session->outcome_count = i + 1;
        if (outcome->verdict != RF_SCENARIO_HOLDS) {
            session->status = EXIT_FAILS;
        }
    }
    for (size_t i = 0; i < session->build_count; i++) {
        RF_TRY(rf_build_check(session->builds[i], reterr));
    }
    return RF_OK;
}

static void
note_error(struct session *session, const struct rf_err *err)
{
    rf_say_error(err);
    if (session->error == NULL && err->code != RF_ERR_OUTPUT) {
        session->error =
            rf_format("%s%s%s", err->where, err->where[0] == '\0' ? "" : ": ", err->text);
    }
    if (session->status >= EXIT_INTERNAL) {
        return; /* a signal, or a failure of our own, stays what it ended with */
    }
    switch (err->code) {
    case RF_ERR_SOURCE:
        session->status = EXIT_SOURCE;
        break;
    case RF_ERR_OUTPUT:
        session->status = EXIT_OUTPUT;
        break;
    case RF_ERR_INTERRUPTED:
        session->status = 128 + rf_interrupt_signal();
        break;
    case RF_ERR_INTERNAL:
        session->status = EXIT_INTERNAL;
        break;
    default:
        session->status = EXIT_USAGE;
        break;
    }
}

/* ---- reports --------------------------------------------------------------------------------- */

static bool
write_output(struct session *session, const struct rf_output *output)
{
    const struct rf_settings *settings = session->settings;
    const struct rf_scenario_report report = {
        .outcomes = session->outcomes,
        .count = session->outcome_count,
        .total = session->scenarios.count,
        .builds = session->builds,
        .build_count = session->build_count,
        .error = session->error,
        .exit = session->status,
        .seconds = (double)(rf_clock_ms() - session->started_ms) / 1000,
        .version = REFOLD_VERSION,
        .color = output->file == NULL && settings->color,
        .verbosity = settings->verbosity,
    };
    struct rf_buf text = {0};
    struct rf_err err;
    output->format->write_scenarios(&report, &text);
    rf_code code = output->file != NULL
                       ? rf_say_file(output->file, &text, &err)
                       : rf_say_whole(STDOUT_FILENO, "standard output", "report", &text, &err);
    rf_buf_done(&text);
    if (code != RF_OK) {
        note_error(session, &err);
    }
    return code == RF_OK;
}

/** What ended before anything was played is told on standard output to programs only: people have
 * read it on standard error. */
static bool
is_silent(const struct session *session, const struct rf_output *output)
{
    return output->file == NULL && output->format->write_scenarios == rf_scenarios_text &&
           session->error != NULL && session->outcome_count == 0;
}

static void
warn_of_conduct(const struct session *session)
{
    for (size_t i = 0; i < session->build_count; i++) {
        struct rf_buf text = {0};
        rf_buf_string(&text, "warning: ");
        if (rf_conduct_put_warning("", session->builds[i], &text)) {
            rf_say(rf_buf_text(&text));
        }
        rf_buf_done(&text);
    }
}

static void
write_reports(struct session *session)
{
    const struct rf_settings *settings = session->settings;
    bool *written = rf_calloc(settings->output_count, sizeof(*written));
    int before = session->status;
    for (int turn = 0; turn < RF_OUTPUT_TURNS; turn++) {
        for (size_t i = 0; i < settings->output_count; i++) {
            const struct rf_output *output = &settings->outputs[i];
            if (rf_output_turn(output) == turn && !is_silent(session, output)) {
                written[i] = write_output(session, output);
            }
        }
    }
    /* Files that were written before another report failed tell of another exit status than this
     * process ends with: once more. */
    for (size_t i = 0; session->status != before && i < settings->output_count; i++) {
        if (written[i] && rf_output_turn(&settings->outputs[i]) == 0) {
            (void)write_output(session, &settings->outputs[i]);
        }
    }
    free(written);
}

static void
session_done(struct session *session)
{
    for (size_t i = 0; i < session->outcome_count; i++) {
        rf_scenario_outcome_done(&session->outcomes[i]);
    }
    free(session->outcomes);
    free(session->roles);
    rf_own_members_done(&session->members);
    for (size_t i = 0; i < session->build_count; i++) {
        rf_build_free(session->builds[i]);
    }
    free(session->builds);
    free(session->casts);
    rf_scenarios_done(&session->scenarios);
    free(session->error);
}

int
rf_scenario(struct rf_settings *settings)
{
    struct session session = {.settings = settings, .started_ms = rf_clock_ms()};
    struct rf_err err;
    rf_worker_set_memory(settings->aggregate_memory_bytes);
    rf_code code = read_files(&session, &err);
    if (code == RF_OK) {
        code = open_builds(&session, &err);
    }
    if (code == RF_OK) {
        code = settle(&session, &err);
    }
    if (code == RF_OK) {
        code = play_all(&session, &err);
    }
    if (code != RF_OK) {
        note_error(&session, &err);
    }
    warn_of_conduct(&session);
    write_reports(&session);
    int status = session.status;
    session_done(&session);
    return status;
}

int
rf_scenario_refuse(struct rf_settings *settings, const struct rf_err *err)
{
    struct session session = {.settings = settings, .started_ms = rf_clock_ms()};
    note_error(&session, err);
    write_reports(&session);
    int status = session.status;
    session_done(&session);
    return status;
}

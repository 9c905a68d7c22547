/* SPDX-License-Identifier: MIT */
/* refold doctor: is a history whole? */
#include "reports/doctor.h"

#include <string.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/outside.h"
#include "cli/replay.h"
#include "cli/say.h"
#include "cli/verbs.h"

/** One call of the verb. */
struct call {
    struct rf_replay replay;
    struct rf_outlook outlook;
    struct rf_leads leads;
    struct rf_checkup checkup;
    struct rf_certificate certificate;
    struct rf_certificate former; /**< of --certificate */
    struct rf_certificate_change change;
    bool looked; /**< all of these are made */
    bool instances_differ;
};

static const char *
former_of(const struct call *call)
{
    return rf_argument(call->replay.settings->arguments, RF_OPT_CERTIFICATE);
}

static const char *
output_of(const struct call *call)
{
    return rf_argument(call->replay.settings->arguments, RF_OPT_OUTPUT);
}

/* ---- looking --------------------------------------------------------------------------------- */

static rf_code
look_at_events(struct call *call, struct rf_err *reterr)
{
    struct rf_replay *replay = &call->replay;
    struct rf_checkup_request request = {
        .history = replay->history,
        .rules = &replay->rules,
        .facts = replay->facts,
        .calendar = &call->outlook.calendar,
        .leads = &call->leads,
        .jobs = replay->settings->jobs,
        .progress = &replay->progress.counts,
        .stop = &rf_interrupted,
    };
    rf_progress_events(&replay->progress, "looking at", replay->sums.events);
    rf_code code = rf_check_up(&request, &call->checkup, reterr);
    rf_progress_stop(&replay->progress);
    struct rf_fold_result result = {
        .sums = call->checkup.sums,
        .damages = call->checkup.damages,
        .counts = call->checkup.counts,
    };
    return rf_replay_looked(replay, &result, code, reterr);
}

static rf_code
look(struct call *call, struct rf_err *reterr)
{
    struct rf_replay *replay = &call->replay;
    if (output_of(call) != NULL) {
        RF_TRY(rf_check_outside(replay->settings, output_of(call), reterr));
    }
    if (former_of(call) != NULL) { /* for nothing, where it is none */
        RF_TRY(rf_certificate_read(former_of(call), &call->former, reterr));
    }
    RF_TRY(rf_replay_open(replay, reterr));
    rf_outlook_make(&replay->objects, &call->outlook);
    RF_TRY(rf_replay_ingest(replay, reterr));
    rf_leads_make(&replay->objects, replay->facts, &call->outlook.calendar, &call->leads);
    rf_certificate_make(&replay->objects, replay->facts, &call->certificate);
    RF_TRY(look_at_events(call, reterr));
    call->certificate.instances = call->checkup.instances;
    call->certificate.events = call->checkup.events;
    memcpy(call->certificate.instances_sha256, call->checkup.sha256, sizeof(call->checkup.sha256));
    call->looked = true;
    return RF_OK;
}

/** Objects below an error prefix that were passed over. */
static uint64_t
count_unread_errors(const struct rf_replay *replay)
{
    uint64_t count = 0;
    for (size_t i = 0; replay->facts != NULL && i < replay->objects.count; i++) {
        count += replay->objects.items[i].errors && replay->facts[i].fate == RF_FATE_FOREIGN;
    }
    return count;
}

/* ---- what comes of it ------------------------------------------------------------------------ */

static struct rf_certificate_twins
find_twins(const struct call *call)
{
    return rf_certificate_twins(&call->certificate, call->checkup.untold);
}

static void
compare_with_former(struct call *call)
{
    const struct rf_certificate *former = &call->former;
    if (former_of(call) == NULL) {
        return;
    }
    call->change = rf_certificate_compare(former, &call->certificate);
    bool same = strcmp(former->sha256, call->certificate.sha256) == 0;
    call->instances_differ =
        same && former->instances_sha256[0] != '\0' &&
        strcmp(former->instances_sha256, call->certificate.instances_sha256) != 0;
}

/** What is odd is no damage: nothing is known to be missing. */
static void
judge(struct call *call)
{
    struct rf_replay *replay = &call->replay;
    compare_with_former(call);
    replay->flags.nothing = replay->sums.events == 0;
    replay->flags.changed = call->outlook.calendar.unlike > 0 || call->checkup.arrivals.early > 0 ||
                            replay->ingested.hollow > 0 || replay->ingested.stray > 0 ||
                            call->checkup.cut > 0 || call->checkup.uneven.count > 0 ||
                            find_twins(call).untold > 0 || call->checkup.counts.half_named > 0 ||
                            call->change.changed + call->change.gone > 0 || call->instances_differ;
    rf_replay_judge_damage(replay);
}

/** Only of a history that was gone through to its end. */
static rf_code
write_certificate(struct call *call, struct rf_err *reterr)
{
    const char *file = output_of(call);
    struct rf_buf text = {0};
    if (file == NULL || !call->looked) {
        return RF_OK;
    }
    rf_certificate_write(&call->certificate, &text);
    rf_code code = rf_say_file(file, &text, reterr);
    rf_buf_done(&text);
    return code;
}

static void
write_report(struct call *call)
{
    struct rf_replay *replay = &call->replay;
    const struct rf_settings *settings = replay->settings;
    struct rf_report filled;
    struct rf_doctor_report report = {
        .run = &filled,
        .objects = &replay->objects,
        .outlook = &call->outlook,
        .checkup = call->looked ? &call->checkup : NULL,
        .leads = &call->leads,
        .unread_errors = count_unread_errors(replay),
        .certificate = &call->certificate,
        .twins = find_twins(call),
        .former = former_of(call),
        .change = call->looked && former_of(call) != NULL ? &call->change : NULL,
        .instances_differ = call->instances_differ,
    };
    struct rf_buf text = {0};
    struct rf_err err;
    rf_progress_stop(&replay->progress);
    rf_damages_sort(&replay->damages);
    rf_replay_describe(replay, NULL, &filled);
    filled.color = settings->color;
    if (rf_flag(settings->arguments, RF_OPT_JSON)) {
        rf_doctor_json(&report, &text);
    } else if (replay->opened) {
        rf_doctor_text(&report, &text);
    }
    if (rf_say_whole(STDOUT_FILENO, "standard output", "report", &text, &err) != RF_OK) {
        rf_replay_fail(replay, &err);
    }
    rf_buf_done(&text);
}

int
rf_doctor(struct rf_settings *settings)
{
    struct call call = {0};
    struct rf_err err;
    rf_replay_begin(&call.replay, settings);
    call.replay.wants_hours = true;
    call.replay.keeps_facts = true;
    if (look(&call, &err) == RF_OK) {
        judge(&call);
    } else {
        rf_replay_fail(&call.replay, &err);
    }
    if (write_certificate(&call, &err) != RF_OK) {
        rf_replay_fail(&call.replay, &err);
    }
    write_report(&call);
    int status = rf_verdict_exit(&call.replay.flags);
    rf_certificate_done(&call.former);
    rf_certificate_done(&call.certificate);
    rf_checkup_done(&call.checkup);
    rf_leads_done(&call.leads);
    rf_outlook_done(&call.outlook);
    rf_replay_done(&call.replay);
    return status;
}

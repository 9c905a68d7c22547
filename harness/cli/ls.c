/* SPDX-License-Identifier: MIT */
/* refold ls: what would be read. */
#include "reports/ls.h"

#include <unistd.h>

#include "cli/replay.h"
#include "cli/say.h"
#include "cli/verbs.h"

/** Whether a run would find that an object cannot be read: of an archive or an export, or by the
 * manifest that --verify looks at. What else lies below an error prefix it passes over. */
static bool
is_found_broken(const struct rf_object *object)
{
    return object->flaw != NULL && !object->errors;
}

/** What cannot be read is told as a run would. */
static void
judge(struct rf_replay *replay, const struct rf_outlook *outlook)
{
    const struct rf_object *first = NULL;
    for (size_t i = 0; i < replay->objects.count; i++) {
        const struct rf_object *object = &replay->objects.items[i];
        if (is_found_broken(object)) {
            bool is_absent = object->flaw_code == RF_ERR_SOURCE;
            replay->flags.incomplete = replay->flags.incomplete || is_absent;
            replay->flags.damaged = replay->flags.damaged || !is_absent;
            first = first == NULL ? object : first;
        }
    }
    if (first != NULL) {
        rf_replay_warn(replay, "%s: %s", first->name, first->flaw);
    }
    if (outlook->all.objects == 0) {
        replay->flags.nothing = true;
        rf_replay_warn(replay, "no object would be read");
    }
}

static void
write_listing(struct rf_replay *replay, const struct rf_outlook *outlook)
{
    const struct rf_settings *settings = replay->settings;
    struct rf_report filled;
    struct rf_ls_report report = {
        .run = &filled,
        .objects = replay->opened ? &replay->objects : NULL,
        .outlook = outlook,
        .prices = &settings->config.prices,
        .lists = rf_flag(settings->arguments, RF_OPT_OBJECTS),
        .payer_asks = settings->net.aws.request_payer,
    };
    struct rf_buf text = {0};
    struct rf_err err;
    rf_replay_describe(replay, NULL, &filled);
    filled.color = settings->color;
    if (rf_flag(settings->arguments, RF_OPT_JSON)) {
        rf_ls_json(&report, &text);
    } else {
        rf_ls_text(&report, &text);
    }
    if (settings->verb == RF_VERB_RUN && replay->opened && settings->verbosity >= 0) {
        rf_buf_string(&text, "a dry run: nothing of it was read, and nothing was compared\n");
    }
    if (rf_say_whole(STDOUT_FILENO, "standard output", "listing", &text, &err) != RF_OK) {
        rf_replay_fail(replay, &err);
    }
    rf_buf_done(&text);
}

int
rf_ls(struct rf_settings *settings)
{
    struct rf_replay replay;
    struct rf_outlook outlook = {0};
    struct rf_err err;
    rf_replay_begin(&replay, settings);
    replay.wants_hours = true;
    replay.only_lists = true;
    if (rf_replay_open(&replay, &err) == RF_OK) {
        rf_outlook_make(&replay.objects, &outlook);
        judge(&replay, &outlook);
    } else {
        rf_replay_fail(&replay, &err);
    }
    write_listing(&replay, &outlook);
    int status = rf_verdict_exit(&replay.flags);
    rf_outlook_done(&outlook);
    rf_replay_done(&replay);
    return status;
}

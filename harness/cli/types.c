/* SPDX-License-Identifier: MIT */
/* refold types: the event types that history holds. */
#include "reports/types.h"

#include <string.h>
#include <unistd.h>

#include "cli/replay.h"
#include "cli/say.h"
#include "cli/verbs.h"
#include "cli/wanted_types.h"
#include "fold/privacy.h"

/** One call of the verb. */
struct listing_run {
    struct rf_replay replay;
    struct rf_catalog *catalog;
    struct rf_wanted_types wanted; /**< of --type */
    bool listed;                   /**< `listing` is made */
    struct rf_listing listing;
};

/* ---- private data ---------------------------------------------------------------------------- */

/** Before anything is made of it. */
static void
hide_private(struct listing_run *run)
{
    const struct rf_replay *replay = &run->replay;
    for (size_t i = 0; i < rf_catalog_count(run->catalog); i++) {
        struct rf_event_type *entry = rf_catalog_at(run->catalog, i);
        bool claimed = entry->claim != RF_CLAIM_NONE;
        const char *name = claimed ? replay->claims[entry->claim].name : "";
        size_t bytes = strlen(name);
        if (entry->aggregate != RF_NAME_NONE) {
            name = rf_names_text(rf_history_names(replay->history), entry->aggregate, &bytes);
        }
        const struct rf_private *private = rf_privacy_find_data(replay->privacy, name, bytes);
        if (private != NULL) {
            rf_shape_hide(&entry->shape, rf_private_data_mask(private));
        }
    }
}

/* ---- the way of the data --------------------------------------------------------------------- */

static rf_code
check_forms(const struct rf_settings *settings, struct rf_err *reterr)
{
    if (rf_flag(settings->arguments, RF_OPT_JSON) && rf_flag(settings->arguments, RF_OPT_DOT)) {
        return rf_fail(reterr, RF_ERR_USAGE, "--dot",
                       "one listing has one form: give --json or --dot");
    }
    return RF_OK;
}

static rf_code
list_types(struct listing_run *run, struct rf_err *reterr)
{
    struct rf_replay *replay = &run->replay;
    bool selects = rf_flag(replay->settings->arguments, RF_OPT_TYPE);
    struct rf_catalog_wish wish = {.wants = selects ? rf_wanted_types_take : NULL,
                                   .context = &run->wanted};
    RF_TRY(check_forms(replay->settings, reterr));
    RF_TRY(rf_replay_open(replay, reterr));
    RF_TRY(rf_replay_ingest(replay, reterr));
    if (selects) {
        rf_wanted_types_begin(&run->wanted, replay);
    }
    RF_TRY(rf_replay_survey(replay, &wish, NULL, NULL, &run->catalog, reterr));
    hide_private(run);
    rf_listing_make(run->catalog, rf_history_names(replay->history), &replay->rules, replay->builds,
                    &run->listing);
    run->listed = true;
    return RF_OK;
}

static void
judge(struct listing_run *run)
{
    uint64_t wanted = 0;
    for (size_t i = 0; i < run->listing.count; i++) {
        wanted += run->listing.rows[i].entry->is_wanted;
    }
    run->replay.flags.nothing = wanted == 0;
    rf_wanted_types_warn(&run->wanted);
    rf_replay_warn_conduct(&run->replay);
    rf_replay_judge_damage(&run->replay);
}

/* ---- what comes of it ------------------------------------------------------------------------ */

/** The graph is for a program that does not tell of damage. */
static void
warn_of_damage(struct rf_replay *replay)
{
    if (replay->flags.damaged) {
        rf_say("warning: the history is damaged, and the graph does not cover all of it; without "
               "--dot the listing tells where");
    }
}

static void
write_listing(struct listing_run *run)
{
    struct rf_replay *replay = &run->replay;
    const struct rf_settings *settings = replay->settings;
    struct rf_report filled;
    struct rf_types_report report = {
        .run = &filled,
        .listing = run->listed ? &run->listing : NULL,
        .selects_types = rf_flag(settings->arguments, RF_OPT_TYPE),
    };
    struct rf_buf text = {0};
    struct rf_err err;
    rf_progress_stop(&replay->progress);
    rf_damages_sort(&replay->damages);
    rf_replay_describe(replay, NULL, &filled);
    filled.color = settings->color;
    if (rf_flag(settings->arguments, RF_OPT_JSON)) {
        rf_types_json(&report, &text);
    } else if (rf_flag(settings->arguments, RF_OPT_DOT) && run->listed) {
        warn_of_damage(replay);
        rf_types_dot(&report, &text);
    } else if (!rf_flag(settings->arguments, RF_OPT_DOT) && replay->opened) {
        rf_types_text(&report, &text);
    }
    if (rf_say_whole(STDOUT_FILENO, "standard output", "listing", &text, &err) != RF_OK) {
        rf_replay_fail(replay, &err);
    }
    rf_buf_done(&text);
}

int
rf_types(struct rf_settings *settings)
{
    struct listing_run run = {0};
    struct rf_err err;
    rf_replay_begin(&run.replay, settings);
    if (list_types(&run, &err) == RF_OK) {
        judge(&run);
    } else {
        rf_replay_fail(&run.replay, &err);
    }
    write_listing(&run);
    int status = rf_verdict_exit(&run.replay.flags);
    rf_listing_done(&run.listing);
    rf_catalog_free(run.catalog);
    rf_wanted_types_done(&run.wanted);
    rf_replay_done(&run.replay);
    return status;
}

/* SPDX-License-Identifier: MIT */
/* Rules that leave something out are looked at in every run. */
#include "cli/audit.h"

#include <string.h>

#include "base/buf.h"

/** "the ignore rule order:/updatedAt" */
static const char *
name_rule(struct rf_buf *out, const struct rf_ignore *ignore)
{
    rf_buf_clear(out);
    if (ignore->aggregate != NULL) {
        rf_buf_add_shown(out, ignore->aggregate, strlen(ignore->aggregate));
        rf_buf_byte(out, ':');
    }
    rf_buf_add_shown(out, ignore->pointer, strlen(ignore->pointer));
    return rf_buf_text(out);
}

void
rf_replay_warn_expired(struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    struct rf_buf name = {0};
    bool compares = settings->verb == RF_VERB_BLESS
                        ? settings->compares
                        : (settings->verb & RF_VERB_REPLAYS) != 0 && !settings->no_compare;
    for (size_t i = 0; compares && i < settings->ignore_count; i++) {
        const struct rf_ignore *ignore = &settings->ignores[i];
        if (ignore->expired) {
            rf_replay_warn(replay,
                           "the ignore rule %s held up to %s, and today is %s: it ignores "
                           "nothing any more",
                           name_rule(&name, ignore), ignore->until, settings->today);
        }
    }
    rf_buf_done(&name);
}

/** Whether states were compared to which the rule applies. */
static bool
had_a_chance(const struct rf_replay *replay, const struct rf_ignore *ignore)
{
    const struct rf_findings *findings = &replay->findings;
    for (size_t i = 0; i < findings->tally_count; i++) {
        const struct rf_tally *tally = &findings->tallies[i];
        if (tally->compared > 0 &&
            (ignore->aggregate == NULL || strcmp(ignore->aggregate, tally->name) == 0)) {
            return true;
        }
    }
    return false;
}

static void
warn_of_ignores(struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    const struct rf_findings *findings = &replay->findings;
    struct rf_buf name = {0};
    for (size_t i = 0; i < settings->ignore_count; i++) {
        const struct rf_ignore *ignore = &settings->ignores[i];
        bool used = findings->ignores != NULL && findings->ignores[i].changes > 0;
        if (!used && !ignore->expired && had_a_chance(replay, ignore)) {
            rf_replay_warn(replay, "the ignore rule %s swallowed nothing: no state differs there",
                           name_rule(&name, ignore));
        }
    }
    rf_buf_done(&name);
}

static void
warn_of_skips(struct rf_replay *replay)
{
    struct rf_buf type = {0};
    for (size_t i = 0; i < replay->skip_count; i++) {
        const struct rf_skip_audit *skip = &replay->skips[i];
        if (!skip->occurs) {
            rf_buf_clear(&type);
            rf_buf_add_shown(&type, skip->type, strlen(skip->type));
            rf_replay_warn(replay, "the config skips %s of %s, and no event has that type",
                           rf_buf_text(&type), skip->aggregate);
        }
    }
    rf_buf_done(&type);
}

void
rf_replay_warn_idle_rules(struct rf_replay *replay)
{
    if (replay->settings->narrowed || replay->settings->shard.n > 0) {
        return;
    }
    if (!replay->settings->no_compare) {
        warn_of_ignores(replay);
    }
    warn_of_skips(replay);
}

bool
rf_replay_has_last_day(const struct rf_replay *replay)
{
    const struct rf_settings *settings = replay->settings;
    bool has = replay->merged_last_day; /* rules of a run that compares nothing are in no report */
    for (size_t i = 0; i < settings->ignore_count; i++) {
        has = has || settings->ignores[i].until != NULL;
    }
    for (size_t i = 0; replay->known != NULL && i < replay->known->count; i++) {
        has = has || replay->known->items[i].until != NULL;
    }
    return has;
}

/* SPDX-License-Identifier: MIT */
/* What the aggregates did besides folding: said on standard error, whatever the report shows. */
#include "cli/replay.h"
#include "reports/conduct.h"
#include "worker/protocol.h"

static void
warn_of_build(struct rf_replay *replay, const char *whose, const struct rf_build *build)
{
    struct rf_buf text = {0};
    if (rf_conduct_put_warning(whose, build, &text)) {
        rf_replay_warn(replay, "%s", rf_buf_text(&text));
    }
    rf_buf_done(&text);
}

/** People whom it concerns ask with -v; CI runs what strangers send. What a sanitizer's build lacks
 * its builder knows. */
static void
warn_of_lacks(struct rf_replay *replay)
{
    uint32_t lacks;
    struct rf_buf words = {0};
    enum rf_sandboxed held =
        rf_conduct_held(replay->builds, replay->rivals, replay->build_count, &lacks);
    if (held == RF_HELD_PARTLY && rf_in_ci() && (lacks & RF_LACKS_RELEASE) == 0) {
        rf_conduct_put_held(held, lacks, &words);
        rf_replay_warn(replay, "%s (--sandbox=require makes that an error)", rf_buf_text(&words));
    }
    rf_buf_done(&words);
}

void
rf_replay_warn_conduct(struct rf_replay *replay)
{
    for (size_t i = 0; i < replay->build_count; i++) {
        warn_of_build(replay, replay->rivals == NULL ? "" : "BASE's ", replay->builds[i]);
        if (replay->rivals != NULL && replay->rivals[i] != NULL) {
            warn_of_build(replay, "HEAD's ", replay->rivals[i]);
        }
    }
    warn_of_lacks(replay);
}

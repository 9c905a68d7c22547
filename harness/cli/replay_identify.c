/* SPDX-License-Identifier: MIT */
/* Which builds are asked about payloads that are no JSON. */
#include <stdlib.h>

#include "cli/interrupt.h"
#include "cli/replay_internal.h"

/** Verbs that hold for any aggregate take builds for this alone: what they claim does not count. */
static void
put_aside(struct rf_replay *replay)
{
    replay->asked = replay->builds;
    replay->asked_count = replay->build_count;
    for (size_t i = 0; i < replay->build_count; i++) {
        free((void *)(uintptr_t)replay->claims[i].context);
    }
    replay->builds = NULL;
    replay->build_count = 0;
}

/** That one of -a does nothing there is a slip. */
static rf_code
check_use(const struct rf_replay *replay, struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    if (replay->asked_count == 0 || replay->identifiers != NULL) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE,
                   rf_option_origin(replay->settings->arguments, RF_OPT_AGGREGATE, origin),
                   "no aggregate that is given identifies payloads, and this verb has them for "
                   "nothing else");
}

rf_code
rf_replay_open_identifiers(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_identifiers_request request = {
        .builds = replay->builds,
        .rivals = replay->rivals,
        .count = replay->build_count,
        .unpaired = replay->unpaired,
        .unpaired_count = replay->unpaired_count,
        .timeout_ms = replay->settings->timeout_ms,
        .stop = &rf_interrupted,
    };
    replay->identifiers = rf_identifiers_new(&request);
    if ((replay->settings->verb & RF_VERB_LOADLESS) != 0) {
        put_aside(replay);
    }
    return check_use(replay, reterr);
}

void
rf_replay_close_identifiers(struct rf_replay *replay)
{
    rf_identifiers_free(replay->identifiers);
    for (size_t i = 0; i < replay->asked_count; i++) {
        rf_build_free(replay->asked[i]);
    }
    free(replay->asked);
}

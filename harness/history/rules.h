/* SPDX-License-Identifier: MIT */
/* Which events take part, and who folds them. */
#ifndef RF_HISTORY_RULES_H
#define RF_HISTORY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "history/start.h"
#include "history/sums.h"
#include "worker/protocol.h"

struct rf_known_damage; /* history/known.h */

/** What gather must know of a loaded aggregate. */
struct rf_claim {
    const char *name;       /**< of the aggregate */
    bool takes_all;         /**< declares "*" */
    int64_t first_version;  /**< the config's `first`, default 1 */
    bool may_begin_at_zero; /**< an instance that has a version 0 begins with it: no config tells */
    bool (*declares)(const void *context, const char *type, size_t type_bytes);
    bool (*skips)(const void *context, const char *type, size_t type_bytes);
    /** An event of this type was skipped: told once at least, by any thread. Or NULL. */
    void (*skipped)(const void *context, const char *type, size_t type_bytes);
    const void *context;
};

/** Which events take part, and who folds them. */
struct rf_gather_rules {
    const struct rf_claim *claims;
    size_t claim_count;
    /** Behind those stand so many claims of aggregates that are known and not folded: they claim as
     * all do, and what they claim is unclaimed. */
    size_t unfolded_count;
    bool has_as_of;
    struct rf_time as_of;
    bool until; /**< --until was given: an instance ends before its first gap, which is no damage */
    /** --since of who only looks: what came before is not read, so that a version that is missing
     * tells nothing. No gap is damage, and none ends an instance. */
    bool anywhere;
    /** --from: instances go on from here, events up to there are covered; or NULL. Instances that
     * have no event are gathered too. */
    struct rf_starts *starts;
    /** With `starts`: all objects of the history are read, so that what is covered must be what the
     * snapshot was made of. Without, only its end is read. */
    bool whole;
    /** refold types: every selected event is a step, whoever claims, declares or skips it. Where no
     * claim says what an instance's first version is, it is 0 or 1. */
    bool everything;
    /** --id/--ids: whether this id is selected; NULL: all are. */
    bool (*selects)(const void *context, const char *id, size_t id_bytes);
    const void *select_context;
    /** Told of each event that takes no part: withdrawn, unselected, unclaimed, a duplicate or a
     * conflict (these behind the one that is folded, version by version); or NULL. `aggregate` is
     * the name under which it stands, or RF_NAME_NONE. Threads: any; one id's calls come from one,
     * before the instance is folded. */
    void (*passed)(void *context, uint32_t aggregate, const struct rf_packed_event *event,
                   int64_t version, enum rf_term term);
    void *passed_context;
    /** "/streams/0 "x" matches none of these objects": rules of the config that say nothing, for
     * the sentence that asks for some; or NULL. */
    const char *idle_streams;
    /** Damage that was accepted, where each finding is looked up and counted; or NULL. */
    struct rf_known_damage *known;
};

/** Whether --id and --ids let this id take part. */
static inline bool
rf_rules_select(const struct rf_gather_rules *rules, const char *id, size_t id_bytes)
{
    return rules->selects == NULL || rules->selects(rules->select_context, id, id_bytes);
}

/** Whether --as-of ends an instance before this event. */
static inline bool
rf_rules_end(const struct rf_gather_rules *rules, const struct rf_packed_event *event)
{
    if (!rules->has_as_of || (event->flags & RF_EVENT_AT) == 0) {
        return false;
    }
    struct rf_time at = {.seconds = event->at_seconds, .nanos = event->at_nanos};
    return rf_time_compare(at, rules->as_of) > 0;
}

#endif

/* SPDX-License-Identifier: MIT */
/* Everything read is accounted for: contract.md, "The sums". */
#include "history/sums.h"

#include <inttypes.h>

const char *
rf_term_name(enum rf_term term)
{
    static const char *const names[RF_TERM_COUNT_] = {
        [RF_TERM_WITHDRAWN] = "withdrawn", [RF_TERM_UNSELECTED] = "unselected",
        [RF_TERM_UNCLAIMED] = "unclaimed", [RF_TERM_DUPLICATES] = "duplicates",
        [RF_TERM_CONFLICTS] = "conflicts", [RF_TERM_SKIPPED] = "skipped",
        [RF_TERM_UNHANDLED] = "unhandled", [RF_TERM_REJECTED] = "rejected",
        [RF_TERM_UNFOLDED] = "unfolded",   [RF_TERM_COVERED] = "covered",
        [RF_TERM_FOLDED] = "folded",
    };
    RF_VERIFY((unsigned)term < RF_TERM_COUNT_);
    return names[term];
}

uint64_t
rf_sums_item(const struct rf_packed_event *event)
{
    /* Numbers of names are left out, and where the id lies: they depend on threads. id and content
     * are hashes already; odd factors keep the parts apart, and rf_multiset_add mixes what comes of
     * it. */
    return event->id_hash * UINT64_C(0x9E3779B97F4A7C15) +
           event->content_hash * UINT64_C(0xC2B2AE3D27D4EB4F) +
           (uint64_t)event->version * UINT64_C(0x165667B19E3779F9) +
           (uint64_t)event->at_seconds * UINT64_C(0x27D4EB2F165667C5) +
           (uint64_t)(int64_t)event->at_nanos * UINT64_C(0x85EBCA77C2B2AE63) +
           (event->flags & (RF_EVENT_VERSION | RF_EVENT_AT | RF_EVENT_REPEATS));
}

void
rf_sums_see(struct rf_sums *sums, const struct rf_packed_event *event)
{
    sums->events++;
    rf_multiset_add(&sums->seen, rf_sums_item(event));
}

void
rf_sums_settle(struct rf_sums *sums, const struct rf_packed_event *event, enum rf_term term)
{
    rf_sums_settle_item(sums, rf_sums_item(event), term);
}

void
rf_sums_settle_item(struct rf_sums *sums, uint64_t item, enum rf_term term)
{
    sums->terms[term]++;
    rf_multiset_add(&sums->settled, item);
}

void
rf_sums_pass(struct rf_sums *sums, uint64_t count, enum rf_term term)
{
    sums->events += count;
    sums->terms[term] += count;
    sums->seen.count += count;
    sums->settled.count += count;
}

void
rf_sums_unsee(struct rf_sums *sums, const struct rf_packed_event *event)
{
    /* One part of a run may take back what another part saw: all of this wraps around, and the
     * joined sums are right again. */
    struct rf_multiset one = {0};
    rf_multiset_add(&one, rf_sums_item(event));
    sums->seen.sum -= one.sum;
    sums->seen.mixed -= one.mixed;
    sums->seen.count -= one.count;
    sums->events--;
    sums->malformed++;
}

void
rf_sums_join(struct rf_sums *sums, const struct rf_sums *other)
{
    sums->objects += other->objects;
    sums->read += other->read;
    sums->unreadable += other->unreadable;
    sums->foreign += other->foreign;
    sums->records += other->records;
    sums->expanded += other->expanded;
    sums->events += other->events;
    sums->malformed += other->malformed;
    sums->empty += other->empty;
    for (size_t i = 0; i < RF_TERM_COUNT_; i++) {
        sums->terms[i] += other->terms[i];
    }
    rf_multiset_join(&sums->seen, &other->seen);
    rf_multiset_join(&sums->settled, &other->settled);
}

static rf_code
check_side(const char *name, uint64_t left, uint64_t right, struct rf_err *reterr)
{
    if (left == right) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_INTERNAL, "sums",
                   "%s: %" PRIu64 " on the left, %" PRIu64 " on the right", name, left, right);
}

rf_code
rf_sums_check(const struct rf_sums *sums, struct rf_err *reterr)
{
    uint64_t terms = 0;
    for (size_t i = 0; i < RF_TERM_COUNT_; i++) {
        terms += sums->terms[i];
    }
    RF_TRY(check_side("objects = read + unreadable + foreign", sums->objects,
                      sums->read + sums->unreadable + sums->foreign, reterr));
    RF_TRY(check_side("records + expanded = events + malformed + empty",
                      sums->records + sums->expanded, sums->events + sums->malformed + sums->empty,
                      reterr));
    RF_TRY(check_side("events = withdrawn + … + folded", sums->events, terms, reterr));
    RF_TRY(check_side("events seen = events", sums->seen.count, sums->events, reterr));
    RF_TRY(check_side("events seen = events settled (count)", sums->seen.count, sums->settled.count,
                      reterr));
    RF_TRY(check_side("events seen = events settled (first sum)", sums->seen.sum, sums->settled.sum,
                      reterr));
    return check_side("events seen = events settled (second sum)", sums->seen.mixed,
                      sums->settled.mixed, reterr);
}

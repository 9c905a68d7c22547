/* SPDX-License-Identifier: MIT */
/* Everything read is accounted for: contract.md, "The sums". */
#include "history/sums.h"

#include <inttypes.h>

#include "base/bytes.h"

/** So that no other use of the hash gives the same items. */
#define ITEM_SEED 9

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
    /* Numbers of names are left out: they depend on threads. */
    unsigned char block[48];
    rf_put_le64(block, event->id_hash);
    rf_put_le64(block + 8, event->flags);
    rf_put_le64(block + 16, (uint64_t)event->version);
    rf_put_le64(block + 24, (uint64_t)event->at_seconds);
    rf_put_le64(block + 32, (uint64_t)(int64_t)event->at_nanos);
    rf_put_le64(block + 40, event->content_hash);
    return rf_hash(block, sizeof(block), ITEM_SEED);
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
    sums->terms[term]++;
    rf_multiset_add(&sums->settled, rf_sums_item(event));
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

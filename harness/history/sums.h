/* SPDX-License-Identifier: MIT */
/* Everything read is accounted for: contract.md, "The sums". */
#ifndef RF_HISTORY_SUMS_H
#define RF_HISTORY_SUMS_H

#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "worker/protocol.h"

/** What becomes of an event; it counts in the first that fits, in this order. */
enum rf_term {
    RF_TERM_WITHDRAWN,
    RF_TERM_UNSELECTED,
    RF_TERM_UNCLAIMED,
    RF_TERM_DUPLICATES,
    RF_TERM_CONFLICTS,
    RF_TERM_SKIPPED,
    RF_TERM_UNHANDLED,
    RF_TERM_REJECTED,
    RF_TERM_UNFOLDED,
    RF_TERM_COVERED,
    RF_TERM_FOLDED,
    RF_TERM_COUNT_,
};

/** The name in reports: "withdrawn", … */
const char *rf_term_name(enum rf_term term);

/**
 * The sums of a run, or of one thread's part of it.
 *
 *     objects = read + unreadable + foreign
 *     records + expanded = events + malformed + empty
 *     events = the terms
 *
 * `seen` holds each event as decode gave it, `settled` each event as its term was settled. They
 * must be equal at the end: no event is lost while another counts twice.
 */
struct rf_sums {
    uint64_t objects, read, unreadable, foreign;
    uint64_t records, expanded, events, malformed, empty;
    uint64_t terms[RF_TERM_COUNT_];
    struct rf_multiset seen;
    struct rf_multiset settled;
};

/** The item of an event in the multisets: its instance's id, version and content. */
uint64_t rf_sums_item(const struct rf_packed_event *event);

/** One event was decoded and packed. */
void rf_sums_see(struct rf_sums *sums, const struct rf_packed_event *event);
/** One event's term is known. */
void rf_sums_settle(struct rf_sums *sums, const struct rf_packed_event *event, enum rf_term term);
/** The same for an event whose item is at hand. */
void rf_sums_settle_item(struct rf_sums *sums, uint64_t item, enum rf_term term);
/** So many events were decoded, kept nowhere and settled at once: the multisets only count them. */
void rf_sums_pass(struct rf_sums *sums, uint64_t count, enum rf_term term);
/** An event that turned out malformed only among its siblings (no version among versions): it moves
 * from `events` to `malformed`, in `seen` too. */
void rf_sums_unsee(struct rf_sums *sums, const struct rf_packed_event *event);
void rf_sums_join(struct rf_sums *sums, const struct rf_sums *other);

/** RF_OK, or RF_ERR_INTERNAL with the sum that does not add up and both of its sides. */
RF_MUST_USE rf_code rf_sums_check(const struct rf_sums *sums, struct rf_err *reterr);

#endif

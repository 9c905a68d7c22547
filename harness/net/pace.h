/* SPDX-License-Identifier: MIT */
/* How fast servers are asked: what the user allows, and what they can take. Times are handed in. */
#ifndef RF_NET_PACE_H
#define RF_NET_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/settings.h"

/** One for all requests of an engine. Threads: one at a time. */
struct rf_pace {
    struct rf_net_options options; /**< with what is built in where nothing was said */
    double patience;               /**< the factor on pauses */
    double limit;                  /**< requests at a time, as far as servers bear it */
    int storms;                    /**< waves of overload since an answer was well */
    int64_t overloaded_ms;         /**< when the last wave was heard of */
    int64_t closed_until_ms;       /**< nothing begins before */
    double requests_free;          /**< requests that may begin now, by requests_per_second */
    double bytes_free;             /**< by bytes_per_second; below 0 they are owed */
    int64_t requests_ms, bytes_ms; /**< when these two were reckoned */
    uint64_t firsts, retries, bytes;
    uint64_t random;
};

/** @seed  of the jitter */
void rf_pace_init(struct rf_pace *pace, const struct rf_net_options *options, double patience,
                  uint64_t seed);

/** When the next request may begin, as far as time goes: `now` or later. */
int64_t rf_pace_begin_ms(struct rf_pace *pace, int64_t now);
/** How many at a time. */
size_t rf_pace_limit(const struct rf_pace *pace);
/** One begins. */
void rf_pace_begin(struct rf_pace *pace, bool first);
/** When bytes may be received: `now` or later. */
int64_t rf_pace_receive_ms(struct rf_pace *pace, int64_t now);
void rf_pace_receive(struct rf_pace *pace, uint64_t bytes);
#define RF_PACE_OPTION_BYTES 48
/** Whether the user does not allow so much more; then `text` is the option: "--max-bytes 4M". */
bool rf_pace_forbids(const struct rf_pace *pace, uint64_t requests, uint64_t bytes,
                     char text[RF_PACE_OPTION_BYTES]);

/** A server said that it is overloaded, to a request that began then. Those of one wave count
 * once: half as many at a time from now on; and from the second wave on, without an answer that
 * was well between them, a pause for all. */
void rf_pace_overloaded(struct rf_pace *pace, int64_t now, int64_t began);
/** An answer was well: a little more at a time again. */
void rf_pace_well(struct rf_pace *pace);

/** Whether one more request that is not the first of its object may be made: they are never more
 * than twice the first ones (or four, where there are so few). */
bool rf_pace_may_retry(const struct rf_pace *pace);
/** How long before a try: a random time up to a second, two, four, … (at most 20 s). */
int64_t rf_pace_pause_ms(struct rf_pace *pace, int tries);

#endif

/* SPDX-License-Identifier: MIT */
/* How fast servers are asked. */
#include "net/pace.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/size.h"

#define CONNECTIONS  32
#define AHEAD_BYTES  ((size_t)64 << 20)
#define PAUSE_MS     1000
#define PAUSE_MOST   20000
#define STORM_MOST   15000
#define FEW_RETRIES  4
#define RETRY_FACTOR 2
/* What is not used of a rate is kept for so long: a tenth of a second. */
#define KEPT_SHARE 0.1
/* One write of libcurl's is let through whole. */
#define LEAST_BYTES 16384.0

static double
larger(double a, double b)
{
    return a > b ? a : b;
}

void
rf_pace_init(struct rf_pace *pace, const struct rf_net_options *options, double patience,
             uint64_t seed)
{
    *pace = (struct rf_pace){.options = *options, .patience = patience, .random = seed};
    pace->options.connections = options->connections == 0 ? CONNECTIONS : options->connections;
    pace->options.ahead_bytes = options->ahead_bytes == 0 ? AHEAD_BYTES : options->ahead_bytes;
    pace->limit = (double)pace->options.connections;
    pace->requests_free = 1;
}

/** A random time from 0 to `most`. */
static int64_t
jitter(struct rf_pace *pace, double most)
{
    pace->random = rf_mix(pace->random);
    double share = (double)(pace->random >> 11) / (double)(UINT64_C(1) << 53);
    return (int64_t)(share * most * pace->patience);
}

/* ---- rates ------------------------------------------------------------------------------------
 */

/** When there is something free of a rate again. */
static int64_t
refill(double *free, int64_t *at, double rate, double least, int64_t now)
{
    double most = larger(rate * KEPT_SHARE, least);
    double grown = *free + (double)(now - *at) * rate / 1000;
    *free = grown < most ? grown : most;
    *at = now;
    double owed = least - *free;
    return owed <= 0 ? now : now + 1 + (int64_t)(owed * 1000 / rate);
}

int64_t
rf_pace_begin_ms(struct rf_pace *pace, int64_t now)
{
    int64_t at = now;
    if (pace->options.requests_per_second > 0) {
        at = refill(&pace->requests_free, &pace->requests_ms, pace->options.requests_per_second, 1,
                    now);
    }
    return at > pace->closed_until_ms ? at : pace->closed_until_ms;
}

size_t
rf_pace_limit(const struct rf_pace *pace)
{
    return (size_t)pace->limit;
}

void
rf_pace_begin(struct rf_pace *pace, bool first)
{
    pace->requests_free -= 1;
    pace->firsts += first;
    pace->retries += !first;
}

int64_t
rf_pace_receive_ms(struct rf_pace *pace, int64_t now)
{
    if (pace->options.bytes_per_second == 0) {
        return now;
    }
    return refill(&pace->bytes_free, &pace->bytes_ms, (double)pace->options.bytes_per_second,
                  LEAST_BYTES, now);
}

void
rf_pace_receive(struct rf_pace *pace, uint64_t bytes)
{
    pace->bytes += bytes;
    pace->bytes_free -= (double)bytes;
}

bool
rf_pace_forbids(const struct rf_pace *pace, uint64_t requests, uint64_t bytes,
                char text[RF_PACE_OPTION_BYTES])
{
    const struct rf_net_options *options = &pace->options;
    char size[RF_SIZE_TEXT_BYTES];
    if (options->max_requests > 0 &&
        pace->firsts + pace->retries + requests > options->max_requests) {
        (void)snprintf(text, RF_PACE_OPTION_BYTES, "--max-requests %" PRIu64,
                       options->max_requests);
        return true;
    }
    if (options->max_bytes > 0 && pace->bytes + bytes > options->max_bytes) {
        (void)snprintf(text, RF_PACE_OPTION_BYTES, "--max-bytes %s",
                       rf_size_text(options->max_bytes, size));
        return true;
    }
    return false;
}

/* ---- what servers can take --------------------------------------------------------------------
 */

static double
doubled(double first, int times, double most)
{
    while (times-- > 0 && first < most) {
        first *= 2;
    }
    return first < most ? first : most;
}

void
rf_pace_overloaded(struct rf_pace *pace, int64_t now, int64_t began)
{
    if (pace->overloaded_ms > 0 && began <= pace->overloaded_ms) {
        return;
    }
    pace->limit = larger(1, pace->limit / 2);
    pace->overloaded_ms = now;
    if (pace->storms++ > 0) {
        pace->closed_until_ms = now + jitter(pace, doubled(PAUSE_MS, pace->storms - 1, STORM_MOST));
    }
}

void
rf_pace_well(struct rf_pace *pace)
{
    double most = (double)pace->options.connections;
    pace->storms = 0;
    pace->limit += 1 / pace->limit;
    pace->limit = pace->limit < most ? pace->limit : most;
}

bool
rf_pace_may_retry(const struct rf_pace *pace)
{
    return pace->retries < FEW_RETRIES || pace->retries < RETRY_FACTOR * pace->firsts;
}

int64_t
rf_pace_pause_ms(struct rf_pace *pace, int tries)
{
    return jitter(pace, doubled(PAUSE_MS, tries - 1, PAUSE_MOST));
}

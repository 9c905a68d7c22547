/* SPDX-License-Identifier: MIT */
/* The grammar of object keys: the names that Firehose gives, and those of packers. */
#ifndef RF_WALK_KEY_H
#define RF_WALK_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How fine a folder tells the time. */
enum rf_grain { RF_GRAIN_NONE, RF_GRAIN_YEAR, RF_GRAIN_MONTH, RF_GRAIN_DAY, RF_GRAIN_HOUR };

/** The hour of a folder as a count of hours since 1970-01-01T00, in the folder's own time zone. */
struct rf_hour {
    int64_t hour;
    enum rf_grain grain; /**< RF_GRAIN_NONE: no hour could be told */
};

/** What a key's last segment says. */
struct rf_key_name {
    bool firehose; /**< stream-version-YYYY-MM-DD-HH-MM-SS-uuid[.ext], version optional */
    /** firehose, also with anything in front or behind, or ends as JSON (.json .jsonl .jsonlines
     * .ndjson) or as something packed (.gz .gzip .zip .snappy .hsnappy .zst .zstd .bz2 .xz .lz4),
     * in any case */
    bool packer;
    size_t stream_start; /**< where the stream's name lies in the key, if firehose */
    size_t stream_bytes;
};

struct rf_key_name rf_key_name(const char *key, size_t bytes);

/** A key as a copy of it in a folder is called: a bucket may have slashes in front, and doubled
 * ones, no folder has. Owned. */
char *rf_key_squeezed(const char *key);

/** What Hive, Spark and Athena pass over, files and folders: writers put notes of their own there.
 */
bool rf_key_is_hidden(const char *key);

/** What !{firehose:error-output-type} becomes. */
#define RF_KEY_ERROR_TYPES 7
extern const char *const rf_key_error_types[RF_KEY_ERROR_TYPES];

/** Whether a folder of the key is an error prefix: an error type as the whole segment, or behind
 * anything but a letter or digit, up to the segment's end or a glued year: `x-splunk-failed/`,
 * `splunk-failed2026/07/13/14/`. The last segment is not looked at. */
bool rf_key_errors(const char *key, size_t bytes);

/**
 * The hour that the key's folders tell, in the usual layouts: YYYY/MM/DD/HH anywhere (glued to a
 * prefix without a slash too: legacy2026/07/13/14), Hive style (year=2026/month=07/day=13/hour=14;
 * with other names of the date only where all three have one that says nothing:
 * jahr=2026/monat=07/tag=13, but year=2026/tenant=07/day=13 is none, nor is tenant=14 an hour),
 * dt=2026-07-13/hour=14, 2026-07-13-14, and the same without the hour. The rightmost finest reading
 * wins, but that a loose one (below) gives way, and is none where another date clashes; dates that
 * do not exist are none, and so are years outside 1900 to 2999 (an account or a port is no year).
 * Never finds less than a day, and never looks at the last segment.
 */
struct rf_hour rf_key_hour(const char *key, size_t bytes);

/** As rf_key_hour. *ret_loose: by a date in one step (2026-07-13/, snap=2026-07-13/,
 * a-2026-07-13-14/), which copies are called by too, or by a year in a column of another name
 * (shop=2026/07/13/): folders within it may well tell other days. Not so where the step is a column
 * that says what it is (dt=, date=, day=), or, behind a date in one step, a step with the hour. */
struct rf_hour rf_key_hour_told(const char *key, size_t bytes, bool *ret_loose);

/** Whether the key has a date of its own that cannot be read, for its columns contradict each other
 * or are not all of it (year=2026/tenant=07/day=13), and no other that is sure: then what stands
 * around it, or in front of the key, is not its date either. */
bool rf_key_hour_clashes(const char *key, size_t bytes);

#endif

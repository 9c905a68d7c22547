/* SPDX-License-Identifier: MIT */
/* The grammar of object keys: what a key's folders and its last segment say. */
#include "walk/key.h"

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/time.h"

/* Years that a guess believes in. Folders of four digits that are no year (accounts, ports, shards)
 * are common, and a wrong guess would leave events out; "layout" takes any year. */
#define YEAR_FIRST 1900
#define YEAR_LAST  2999

#define UUID_BYTES  36
#define STAMP_BYTES 19 /* YYYY-MM-DD-HH-MM-SS */

/* A run of bytes within the key, borrowed. */
struct span {
    const char *at;
    size_t bytes;
};

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool
is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool
is_hex(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

/** Whether `text` follows `shape`, in which 9 stands for a digit and x for a hex digit. */
static bool
shape_matches(const char *text, size_t bytes, const char *shape)
{
    size_t shape_bytes = strlen(shape);
    if (bytes < shape_bytes) {
        return false;
    }
    for (size_t i = 0; i < shape_bytes; i++) {
        bool fits = shape[i] == '9'   ? is_digit(text[i])
                    : shape[i] == 'x' ? is_hex(text[i])
                                      : text[i] == shape[i];
        if (!fits) {
            return false;
        }
    }
    return true;
}

/** Where the last segment begins: right behind the last slash. */
static size_t
folder_bytes(const char *key, size_t bytes)
{
    while (bytes > 0 && key[bytes - 1] != '/') {
        bytes--;
    }
    return bytes;
}

/* --- the last segment ------------------------------------------------------------------------ */

static bool
extension_valid(const char *text, size_t bytes)
{
    if (bytes == 0) {
        return true;
    }
    if (bytes < 2 || text[0] != '.') {
        return false;
    }
    for (size_t i = 1; i < bytes; i++) {
        bool fits = is_digit(text[i]) || (text[i] >= 'a' && text[i] <= 'z') ||
                    (text[i] != '\0' && strchr("!-_.*'()", text[i]) != NULL);
        if (!fits) {
            return false;
        }
    }
    return true;
}

static const char TAIL_SHAPE[] = "-9999-99-99-99-99-99-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

/** Whether `text` is "-time-uuid[.ext]" to its end. */
static bool
tail_matches(const char *text, size_t bytes)
{
    size_t fixed = 1 + STAMP_BYTES + 1 + UUID_BYTES;
    return shape_matches(text, bytes, TAIL_SHAPE) && extension_valid(text + fixed, bytes - fixed);
}

/** As tail_matches, with or without "-version" in front. */
static bool
suffix_matches(const char *text, size_t bytes)
{
    if (tail_matches(text, bytes)) {
        return true;
    }
    size_t version = 1;
    while (version < bytes && is_digit(text[version])) {
        version++;
    }
    return version > 1 && tail_matches(text + version, bytes - version);
}

static bool
stream_byte(char byte)
{
    return is_digit(byte) || is_letter(byte) || byte == '_' || byte == '.' || byte == '-';
}

/** Finds the stream's name in the last segment key[start..bytes). */
static void
find_stream(const char *key, size_t start, size_t bytes, struct rf_key_name *ret)
{
    for (size_t i = start + 1; i < bytes; i++) {
        if (key[i] != '-' || !stream_byte(key[i - 1]) || !suffix_matches(key + i, bytes - i)) {
            continue;
        }
        size_t stream = i;
        /* A prefix without a slash is glued to the stream; only bytes that no stream's name may
         * hold tell them apart. */
        while (stream > start && stream_byte(key[stream - 1])) {
            stream--;
        }
        ret->firehose = true;
        ret->stream_start = stream;
        ret->stream_bytes = i - stream;
        return;
    }
}

/** In any case of letters. */
static bool
ends_with(const char *name, size_t bytes, const char *word)
{
    size_t count = strlen(word);
    return bytes >= count && strncasecmp(name + bytes - count, word, count) == 0;
}

/** Case does not matter: a packer on another system may shout, and a name that is taken for a
 * packer's can only turn "foreign" into damage, never hide any. So those are in too whose form is
 * not read: what was to be history must not go by because of how it was packed. */
static bool
packer_suffix(const char *name, size_t bytes)
{
    static const char *const suffixes[] = {".json", ".jsonl", ".jsonlines", ".ndjson",  ".gz",
                                           ".gzip", ".zip",   ".snappy",    ".hsnappy", ".zst",
                                           ".zstd", ".bz2",   ".xz",        ".lz4"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        if (ends_with(name, bytes, suffixes[i])) {
            return true;
        }
    }
    return false;
}

/** One that Firehose gave, whatever was put in front or behind it: what a copy that was broken off
 * is called until it is whole (aws s3 cp: `NAME.9aF1bC2d`; rsync: `.NAME.Ab3dEf`). */
static bool
holds_firehose_name(const char *name, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (name[i] == '-' && shape_matches(name + i, bytes - i, TAIL_SHAPE)) {
            return true;
        }
    }
    return false;
}

struct rf_key_name
rf_key_name(const char *key, size_t bytes)
{
    struct rf_key_name name = {0};
    size_t start = folder_bytes(key, bytes);
    find_stream(key, start, bytes, &name);
    name.packer = name.firehose || packer_suffix(key + start, bytes - start) ||
                  holds_firehose_name(key + start, bytes - start);
    return name;
}

char *
rf_key_squeezed(const char *key)
{
    char *copy = rf_strdup(key);
    char *end = copy;
    for (; *key != '\0'; key++) {
        if (*key != '/' || (end > copy && end[-1] != '/')) {
            *end++ = *key;
        }
    }
    *end = '\0';
    return copy;
}

/* --- error prefixes -------------------------------------------------------------------------- */

const char *const rf_key_error_types[RF_KEY_ERROR_TYPES] = {
    "processing-failed",      "format-conversion-failed",
    "elasticsearch-failed",   "elasticsearch_failed",
    "splunk-failed",          "http-endpoint-failed",
    "activePartitionExceeded"};

/** Whether `word` stands in the segment as the header tells. */
static bool
segment_has_word(struct span segment, const char *word)
{
    size_t word_bytes = strlen(word);
    for (size_t i = 0; i + word_bytes <= segment.bytes; i++) {
        if (memcmp(segment.at + i, word, word_bytes) != 0) {
            continue;
        }
        size_t end = i + word_bytes;
        bool begins = i == 0 || !(is_digit(segment.at[i - 1]) || is_letter(segment.at[i - 1]));
        bool ends = end == segment.bytes || is_digit(segment.at[end]);
        if (begins && ends) {
            return true;
        }
    }
    return false;
}

/** The next segment of a folder part that ends in '/'; false at its end. */
static bool
segment_next(const char *key, size_t folder, size_t *at, struct span *ret)
{
    if (*at >= folder) {
        return false;
    }
    const char *slash = memchr(key + *at, '/', folder - *at);
    if (slash == NULL) {
        return false;
    }
    ret->at = key + *at;
    ret->bytes = (size_t)(slash - ret->at);
    *at += ret->bytes + 1;
    return true;
}

bool
rf_key_errors(const char *key, size_t bytes)
{
    size_t folder = folder_bytes(key, bytes);
    struct span segment;
    for (size_t at = 0; segment_next(key, folder, &at, &segment);) {
        for (size_t i = 0; i < RF_KEY_ERROR_TYPES; i++) {
            if (segment_has_word(segment, rf_key_error_types[i])) {
                return true;
            }
        }
    }
    return false;
}

/* --- the hour -------------------------------------------------------------------------------- */

static int
number_from(const char *digits, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        value = value * 10 + (digits[i] - '0');
    }
    return value;
}

/** A segment's number of two digits; behind a column's name (`hour=9`) one digit does too.
 * Returns -1 where it is anything else. */
static int
segment_number(struct span segment)
{
    size_t value = segment.bytes;
    while (value > 0 && segment.at[value - 1] != '=') {
        value--;
    }
    size_t digits = segment.bytes - value;
    bool fits = digits == 2 || (digits == 1 && value > 1);
    if (!fits || !shape_matches(segment.at + value, digits, digits == 2 ? "99" : "9")) {
        return -1;
    }
    return number_from(segment.at + value, digits);
}

/** What the name of a Hive column says that it holds. */
enum column {
    COLUMN_NONE, /**< no name: `07` */
    COLUMN_YEAR,
    COLUMN_MONTH,
    COLUMN_DAY,
    COLUMN_HOUR,
    COLUMN_OTHER, /**< a name that tells none of these; in another language it may be any */
};

/** `event_hour=9` is an hour, `tenant=9` is none. */
static enum column
column_of(struct span segment)
{
    static const struct {
        enum column column;
        const char *ends;     /**< a name that ends so */
        const char *names[5]; /**< … and ones that are no more than that */
    } columns[] = {
        {COLUMN_YEAR, "year", {"y", "yy", "yyyy", "yr"}},
        {COLUMN_MONTH, "month", {"m", "mm", "mon", "mo"}},
        {COLUMN_DAY, "day", {"d", "dd", "date", "dom"}},
        {COLUMN_HOUR, "hour", {"h", "hh", "hr", "hours", "stunde"}},
    };
    size_t name = segment.bytes;
    while (name > 0 && segment.at[name - 1] != '=') {
        name--;
    }
    if (name == 0) {
        return COLUMN_NONE;
    }
    name--;
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        bool is = ends_with(segment.at, name, columns[i].ends);
        for (size_t k = 0; k < 5 && columns[i].names[k] != NULL; k++) {
            const char *whole = columns[i].names[k];
            is = is || (name == strlen(whole) && ends_with(segment.at, name, whole));
        }
        if (is) {
            return columns[i].column;
        }
    }
    return COLUMN_OTHER;
}

/** Whether columns may be a date's: each has no name, or its own, or none has one that says what it
 * is (jahr=2026/monat=07/tag=13). What has any name may stand in front of a bare date, which may be
 * glued to it (a=b2026/07/13). */
static bool
may_be_date(enum column year, enum column month, enum column day)
{
    if (year == COLUMN_OTHER) {
        return month == day && (month == COLUMN_OTHER || month == COLUMN_NONE);
    }
    return (year == COLUMN_NONE || year == COLUMN_YEAR) &&
           (month == COLUMN_NONE || month == COLUMN_MONTH) &&
           (day == COLUMN_NONE || day == COLUMN_DAY);
}

static struct rf_hour
hour_from_date(int year, int month, int day, int hour, enum rf_grain grain)
{
    struct rf_hour none = {0, RF_GRAIN_NONE};
    if (year < YEAR_FIRST || year > YEAR_LAST || hour > 23 || !rf_date_valid(year, month, day)) {
        return none;
    }
    return (struct rf_hour){rf_days_from_date(year, month, day) * 24 + hour, grain};
}

/** A date, and the hour that the next segment tells, if it is a number at all. A number that is no
 * hour makes the reading none: 2026/07/13/42 is a shard, and then 2026/07/13/14 is none either. */
static struct rf_hour
hour_behind_date(const char *key, size_t folder, size_t at, int year, int month, int day)
{
    struct span segment;
    int hour = segment_next(key, folder, &at, &segment) ? segment_number(segment) : -1;
    enum column column = hour < 0 ? COLUMN_NONE : column_of(segment);
    /* Behind a date there may be any column: what is not called an hour is none. */
    if (hour < 0 || (column != COLUMN_NONE && column != COLUMN_HOUR)) {
        return hour_from_date(year, month, day, 0, RF_GRAIN_DAY);
    }
    return hour_from_date(year, month, day, hour, RF_GRAIN_HOUR);
}

/** Whether all that stands in front of a step's last bytes is the name of a date's column. */
static bool
in_date_column(struct span step, size_t date_bytes)
{
    static const char *const names[] = {"dt=", "date=", "day="};
    size_t bytes = step.bytes - date_bytes;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (bytes == strlen(names[i]) && memcmp(step.at, names[i], bytes) == 0) {
            return true;
        }
    }
    return false;
}

/** Whether a column behind `at` says that it is the day. */
static bool
has_day_behind(const char *key, size_t folder, size_t at)
{
    struct span segment;
    while (segment_next(key, folder, &at, &segment)) {
        if (column_of(segment) == COLUMN_DAY && segment_number(segment) >= 0) {
            return true;
        }
    }
    return false;
}

/** Whether what follows the day says that it is the day: 2026/06/07/day=03, where 07 is none. */
static bool
is_day_again(const char *key, size_t folder, size_t at)
{
    struct span segment;
    return segment_next(key, folder, &at, &segment) && segment_number(segment) >= 0 &&
           segment.bytes > 4 && memcmp(segment.at, "day=", 4) == 0;
}

/** Reads YYYY/MM/DD[/HH], the year at the end of `first`. *ret_clashes: it is read as no date, but
 * there is one: the names of its columns contradict, or are not all of it. */
static struct rf_hour
hour_from_slashed(const char *key, size_t folder, size_t at, struct span first, bool *ret_loose,
                  bool *ret_clashes)
{
    struct rf_hour none = {0, RF_GRAIN_NONE};
    struct span month;
    struct span day;
    *ret_loose = false;
    *ret_clashes = false;
    if (first.bytes < 4 || !shape_matches(first.at + first.bytes - 4, 4, "9999")) {
        return none;
    }
    bool whole = in_date_column(first, 4); /* dt=2026/07/13 */
    enum column year = whole ? COLUMN_OTHER : column_of(first);
    *ret_clashes = year == COLUMN_YEAR && has_day_behind(key, folder, at);
    if (!segment_next(key, folder, &at, &month) || segment_number(month) < 0 ||
        !segment_next(key, folder, &at, &day) || segment_number(day) < 0) {
        return none;
    }
    struct rf_hour found =
        hour_behind_date(key, folder, at, number_from(first.at + first.bytes - 4, 4),
                         segment_number(month), segment_number(day));
    if (!may_be_date(year, column_of(month), column_of(day)) ||
        (column_of(day) == COLUMN_NONE && is_day_again(key, folder, at))) {
        *ret_clashes = *ret_clashes || found.grain != RF_GRAIN_NONE;
        return none;
    }
    *ret_loose = year == COLUMN_OTHER && !whole;
    *ret_clashes = *ret_clashes && found.grain == RF_GRAIN_NONE;
    return found;
}

/** Reads YYYY-MM-DD-HH, or YYYY-MM-DD[/HH], at the end of `first`. */
static struct rf_hour
hour_from_dashed(const char *key, size_t folder, size_t at, struct span first, bool *ret_loose)
{
    const char *end = first.at + first.bytes;
    *ret_loose = false;
    if (first.bytes >= 13 && (shape_matches(end - 13, 13, "9999-99-99-99") ||
                              shape_matches(end - 13, 13, "9999-99-99T99"))) {
        *ret_loose = !in_date_column(first, 13);
        return hour_from_date(number_from(end - 13, 4), number_from(end - 8, 2),
                              number_from(end - 5, 2), number_from(end - 2, 2), RF_GRAIN_HOUR);
    }
    if (first.bytes >= 10 && shape_matches(end - 10, 10, "9999-99-99")) {
        struct rf_hour found = hour_behind_date(key, folder, at, number_from(end - 10, 4),
                                                number_from(end - 5, 2), number_from(end - 2, 2));
        *ret_loose = found.grain == RF_GRAIN_DAY && !in_date_column(first, 10);
        return found;
    }
    return (struct rf_hour){0, RF_GRAIN_NONE};
}

/** Whether a reading is better than the best so far: where it is as fine, for it stands to the
 * right of it. What may be a copy's date, an order's (`order_date=2025-01-01`), or none at all
 * (`shop=2040/till=07/shift=01`), can tell a folder's day more finely, not another day. */
static bool
takes_place(struct rf_hour found, bool loose, struct rf_hour best, bool best_is_loose)
{
    if (best.grain == RF_GRAIN_NONE || loose == best_is_loose) {
        return found.grain >= best.grain;
    }
    if (found.hour / 24 != best.hour / 24) {
        return !loose;
    }
    return found.grain > best.grain || (found.grain == best.grain && !loose);
}

/** *ret_clashes: a folder tells a date that cannot be read, and no other is sure to be meant. */
static struct rf_hour
scan(const char *key, size_t bytes, bool *ret_loose, bool *ret_clashes)
{
    struct rf_hour best = {0, RF_GRAIN_NONE};
    size_t folder = folder_bytes(key, bytes);
    struct span segment;
    bool clashes_somewhere = false;
    *ret_loose = false;
    for (size_t at = 0; segment_next(key, folder, &at, &segment);) {
        bool loose; /* no segment can be read in both ways */
        bool clashes = false;
        struct rf_hour found = hour_from_dashed(key, folder, at, segment, &loose);
        if (found.grain == RF_GRAIN_NONE) {
            found = hour_from_slashed(key, folder, at, segment, &loose, &clashes);
        }
        clashes_somewhere = clashes_somewhere || clashes;
        if (found.grain != RF_GRAIN_NONE && takes_place(found, loose, best, *ret_loose)) {
            best = found;
            *ret_loose = loose;
        }
    }
    *ret_clashes = clashes_somewhere && (best.grain == RF_GRAIN_NONE || *ret_loose);
    return best;
}

struct rf_hour
rf_key_hour_told(const char *key, size_t bytes, bool *ret_loose)
{
    bool clashes;
    struct rf_hour hour = scan(key, bytes, ret_loose, &clashes);
    *ret_loose = *ret_loose && !clashes;
    return clashes ? (struct rf_hour){0, RF_GRAIN_NONE} : hour;
}

bool
rf_key_hour_clashes(const char *key, size_t bytes)
{
    bool loose;
    bool clashes;
    (void)scan(key, bytes, &loose, &clashes);
    return clashes;
}

bool
rf_key_is_hidden(const char *key)
{
    return *key == '_' || *key == '.' || strstr(key, "/_") != NULL || strstr(key, "/.") != NULL;
}

struct rf_hour
rf_key_hour(const char *key, size_t bytes)
{
    bool loose;
    return rf_key_hour_told(key, bytes, &loose);
}

/* SPDX-License-Identifier: MIT */
/* Which folders --since and --until need listed. */
#include "walk/hours.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/path.h"
#include "walk/key.h"
#include "walk/layout_tokens.h"

/** What is known of the hours below a folder. */
struct span {
    enum rf_grain grain; /* of the time that is known of all of them; NONE: nothing is */
    int64_t first;       /* the first hour of it */
    bool open;           /* a folder right below may tell more */
    bool loose;          /* by a date that may be a copy's: within it may lie other days */
};

static const struct span unknown = {RF_GRAIN_NONE, 0, true, false};

/* ---- the usual layouts ----------------------------------------------------------------------- */

static struct rf_hour
hour_below(const char *folder, const char *made_up, bool *ret_loose)
{
    char *key = rf_format("%s%s/x", folder, made_up);
    struct rf_hour hour = rf_key_hour_told(key, strlen(key), ret_loose);
    free(key);
    return hour;
}

static bool
same_hour(struct rf_hour a, struct rf_hour b)
{
    return a.grain == b.grain && a.hour == b.hour;
}

/** Whether folders made up below change the hour: then the time goes on where the folder ends. */
static bool
goes_on(const char *folder, const char *one, const char *other, struct rf_hour *ret,
        bool *ret_loose)
{
    bool ignored;
    *ret = hour_below(folder, one, ret_loose);
    return !same_hour(*ret, hour_below(folder, other, &ignored));
}

static struct span
usual_span(const char *folder)
{
    bool loose;
    bool below_is_loose;
    struct rf_hour known = rf_key_hour_told(folder, strlen(folder), &loose);
    struct rf_hour below;
    if (known.grain == RF_GRAIN_HOUR) {
        return (struct span){RF_GRAIN_HOUR, known.hour, false, loose};
    }
    if (goes_on(folder, "01", "02", &below, &below_is_loose)) {
        bool is_day = below.grain == RF_GRAIN_HOUR;
        enum rf_grain grain = is_day ? RF_GRAIN_DAY : RF_GRAIN_MONTH;
        return (struct span){grain, rf_hour_floor(below.hour, grain), true,
                             is_day ? loose : below_is_loose};
    }
    if (goes_on(folder, "01/01", "02/01", &below, &below_is_loose)) {
        return (struct span){RF_GRAIN_YEAR, rf_hour_floor(below.hour, RF_GRAIN_YEAR), true, false};
    }
    return (struct span){known.grain, known.hour, false, loose};
}

/* ---- a layout of the config ------------------------------------------------------------------ */

/** How fine the time is that the first `count` tokens tell. */
static enum rf_grain
front_grain(const struct rf_layout *layout, size_t count)
{
    bool has[RF_LAYOUT_COUNT_] = {false};
    for (size_t i = 0; i < count; i++) {
        if (layout->tokens[i].kind == RF_TOKEN_FIELD) {
            has[layout->tokens[i].field] = true;
        }
    }
    bool year = has[RF_LAYOUT_YEAR] || has[RF_LAYOUT_YEAR_OF_CENTURY];
    bool day = has[RF_LAYOUT_DAY_OF_YEAR] || (has[RF_LAYOUT_MONTH] && has[RF_LAYOUT_DAY]);
    return !year                  ? RF_GRAIN_NONE
           : day                  ? (has[RF_LAYOUT_HOUR] ? RF_GRAIN_HOUR : RF_GRAIN_DAY)
           : has[RF_LAYOUT_MONTH] ? RF_GRAIN_MONTH
                                  : RF_GRAIN_YEAR;
}

/** What the tokens from `from` on may become: the first of January, midnight, of which fields that
 * came before are what they were there. */
static void
make_up(const struct rf_layout *layout, size_t from, struct rf_buf *out)
{
    for (size_t i = from; i < layout->count; i++) {
        const struct rf_layout_token *token = &layout->tokens[i];
        int value = token->field == RF_LAYOUT_YEAR              ? 2000
                    : token->field == RF_LAYOUT_YEAR_OF_CENTURY ? 0
                    : token->field == RF_LAYOUT_MONTH || token->field == RF_LAYOUT_DAY ||
                            token->field == RF_LAYOUT_DAY_OF_YEAR
                        ? 1
                        : 0;
        switch (token->kind) {
        case RF_TOKEN_LITERAL:
            rf_buf_byte(out, token->literal);
            break;
        case RF_TOKEN_FIELD:
            rf_buf_format(out, "%0*d", (int)token->max_digits, value);
            break;
        case RF_TOKEN_RANDOM:
            rf_buf_string(out, "046b6c7f-0b");
            break;
        case RF_TOKEN_PARTITION:
            rf_buf_byte(out, 'p');
            break;
        case RF_TOKEN_ERROR_TYPE:
            rf_buf_string(out, rf_key_error_types[0]);
            break;
        }
    }
}

/** What the layout's first `count` tokens, up to a folder's end, tell of it. */
static struct span
layout_span(const struct rf_layout *layout, size_t count, const char *folder)
{
    static const char name[] = "s-1-2000-01-01-00-00-00-00000000-0000-4000-8000-000000000000";
    enum rf_grain grain = front_grain(layout, count);
    if (grain == RF_GRAIN_NONE) {
        return unknown;
    }
    struct rf_buf key = {0};
    rf_buf_string(&key, folder);
    make_up(layout, count, &key);
    rf_buf_string(&key, name); /* glued, where the layout does not end in a slash */
    struct rf_hour hour = rf_layout_hour(layout, rf_buf_text(&key), key.used);
    rf_buf_done(&key);
    if (hour.grain == RF_GRAIN_NONE) {
        return unknown;
    }
    return (struct span){grain, rf_hour_floor(hour.hour, grain), count < layout->count, false};
}

/* ---- both ------------------------------------------------------------------------------------ */

/** What may lie below a folder: at most one reading of each number of tokens. */
struct readings {
    struct span spans[RF_LAYOUT_BYTES + 2];
    size_t count;
};

static void
add_span(struct readings *readings, struct span span)
{
    if (span.grain != RF_GRAIN_NONE) {
        readings->spans[readings->count++] = span;
    }
}

static void
read_folder(const struct rf_layout *layout, const char *folder, struct readings *ret)
{
    ret->count = 0;
    for (size_t i = 1; layout != NULL && i <= layout->count; i++) {
        const struct rf_layout_token *last = &layout->tokens[i - 1];
        if (last->kind == RF_TOKEN_LITERAL && last->literal == '/') {
            add_span(ret, layout_span(layout, i, folder));
        }
    }
    if (layout == NULL || rf_key_errors(folder, strlen(folder))) {
        add_span(ret, usual_span(folder));
    }
}

/** Whether a folder may go on with the time that the source's name begins: "07/" below
 * "s3://b/2026", "month=07/" below "s3://b/year=2026". A copy of a day (backup/2026-07-13) holds
 * other days, and "c=07/" in a copy of a year is a customer. */
static bool
may_go_on(const char *source, const char *folder)
{
    struct span above = usual_span(source);
    const char *end = source + strlen(source) - 1;
    const char *last = end;
    while (last > source && last[-1] != '/') {
        last--;
    }
    bool named = memchr(last, '=', (size_t)(end - last)) != NULL;
    bool folder_named = memchr(folder, '=', strcspn(folder, "/")) != NULL;
    return (above.grain == RF_GRAIN_YEAR || above.grain == RF_GRAIN_MONTH) && above.open &&
           named == folder_named;
}

/** As read_folder, with what stands in front of the source's keys. */
static void
read_with_source(const struct rf_hours *hours, const char *folder, struct readings *ret)
{
    char *source = rf_path_join(hours->source, "");
    ret->count = 0;
    if (may_go_on(source, folder)) {
        char *path = rf_path_join(hours->source, folder);
        read_folder(hours->layout, path, ret);
        free(path);
    }
    free(source);
}

static int64_t
span_end(struct span span)
{
    static const int64_t at_least[] = {[RF_GRAIN_NONE] = 0, /* hours that lead into the next one */
                                       [RF_GRAIN_HOUR] = 1,
                                       [RF_GRAIN_DAY] = 24,
                                       [RF_GRAIN_MONTH] = 24 * 31,
                                       [RF_GRAIN_YEAR] = 24 * 366};
    return rf_hour_floor(span.first + at_least[span.grain], span.grain);
}

static enum rf_below
judge(const struct rf_selection *selection, struct span span)
{
    bool before = span_end(span) <= selection->since;
    if (before || span.first >= selection->until) {
        enum rf_below out = before ? RF_BELOW_BEFORE : RF_BELOW_BEHIND;
        return (span.grain == RF_GRAIN_YEAR && span.open) || span.loose ? RF_BELOW_STEP : out;
    }
    bool within = span.first >= selection->since && span_end(span) <= selection->until;
    return within || !span.open ? RF_BELOW_LIST : RF_BELOW_STEP;
}

/** None of the source itself. */
static void
read_any(const struct rf_hours *hours, const char *folder, struct readings *ret)
{
    char *plain = rf_key_squeezed(folder);
    ret->count = 0;
    if (plain[0] != '\0') {
        read_folder(hours->layout, plain, ret);
    }
    if (plain[0] != '\0' && ret->count == 0) {
        read_with_source(hours, plain, ret);
    }
    free(plain);
}

enum rf_below
rf_hours_below(const struct rf_hours *hours, const char *folder)
{
    if (!rf_selection_given(&hours->selection)) {
        return RF_BELOW_LIST;
    }
    struct readings readings;
    read_any(hours, folder, &readings);
    enum rf_below below = RF_BELOW_STEP;
    for (size_t i = 0; i < readings.count; i++) {
        enum rf_below found = judge(&hours->selection, readings.spans[i]);
        if (i > 0 && found != below) {
            return RF_BELOW_STEP;
        }
        below = found;
    }
    return below;
}

size_t
rf_hours_front(const struct rf_hours *hours, const char *folder)
{
    struct readings readings;
    size_t front = 0;
    for (const char *slash = folder; (slash = strchr(slash, '/')) != NULL;) {
        size_t bytes = (size_t)(++slash - folder);
        char *above = rf_strndup(folder, bytes);
        read_any(hours, above, &readings);
        free(above);
        if (readings.count > 0) {
            return front;
        }
        front = bytes;
    }
    return front;
}

bool
rf_hours_behind_keys(const struct rf_hours *hours)
{
    const struct rf_layout *layout = hours->layout;
    for (size_t i = 0; layout != NULL && i < layout->count; i++) {
        if (layout->tokens[i].kind == RF_TOKEN_FIELD || layout->tokens[i].kind == RF_TOKEN_RANDOM) {
            return false;
        }
        if (layout->tokens[i].kind == RF_TOKEN_PARTITION) {
            return true;
        }
    }
    return false;
}

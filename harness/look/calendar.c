/* SPDX-License-Identifier: MIT */
/* Objects by the time of their folders, and the times between them that have none. */
#include "look/calendar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/order.h"
#include "base/time.h"

#define HOURS_PER_DAY  24
#define HOURS_PER_WEEK 168
#define DAYS_PER_WEEK  7
/** So many other times must be known, and of ten of them so many have objects. */
#define WITNESSES_LEAST 3
#define TENTHS_FULL     9

/* ---- the time of folders --------------------------------------------------------------------- */

static int64_t
day_of(int64_t hour)
{
    return hour / HOURS_PER_DAY - (hour % HOURS_PER_DAY < 0);
}

int64_t
rf_calendar_floor(enum rf_grain grain, int64_t hour)
{
    int64_t year;
    int month;
    int day;
    if (grain == RF_GRAIN_HOUR) {
        return hour;
    }
    if (grain == RF_GRAIN_DAY) {
        return day_of(hour) * HOURS_PER_DAY;
    }
    rf_date_from_days(day_of(hour), &year, &month, &day);
    return rf_days_from_date(year, grain == RF_GRAIN_MONTH ? month : 1, 1) * HOURS_PER_DAY;
}

int64_t
rf_calendar_next(enum rf_grain grain, int64_t hour)
{
    int64_t year;
    int month;
    int day;
    if (grain == RF_GRAIN_HOUR) {
        return hour + 1;
    }
    if (grain == RF_GRAIN_DAY) {
        return hour + HOURS_PER_DAY;
    }
    rf_date_from_days(day_of(hour), &year, &month, &day);
    bool ends_year = grain == RF_GRAIN_YEAR || month == 12;
    return rf_days_from_date(ends_year ? year + 1 : year, ends_year ? 1 : month + 1, 1) *
           HOURS_PER_DAY;
}

uint64_t
rf_calendar_count(enum rf_grain grain, int64_t from, int64_t to)
{
    uint64_t count = 0;
    if (grain == RF_GRAIN_HOUR || grain == RF_GRAIN_DAY) {
        int64_t hours = to - from;
        return (uint64_t)(grain == RF_GRAIN_HOUR ? hours : hours / HOURS_PER_DAY);
    }
    for (int64_t at = from; at < to; at = rf_calendar_next(grain, at)) {
        count++;
    }
    return count;
}

const char *
rf_calendar_text(enum rf_grain grain, int64_t hour, char text[RF_CALENDAR_TEXT_BYTES])
{
    int64_t year;
    int month;
    int day;
    rf_date_from_days(day_of(hour), &year, &month, &day);
    int bytes = snprintf(text, RF_CALENDAR_TEXT_BYTES, "%04" PRId64, year);
    if (grain == RF_GRAIN_YEAR) {
        return text;
    }
    bytes += snprintf(text + bytes, RF_CALENDAR_TEXT_BYTES - (size_t)bytes, "-%02d", month);
    if (grain == RF_GRAIN_MONTH) {
        return text;
    }
    bytes += snprintf(text + bytes, RF_CALENDAR_TEXT_BYTES - (size_t)bytes, "-%02d", day);
    if (grain != RF_GRAIN_DAY) {
        (void)snprintf(text + bytes, RF_CALENDAR_TEXT_BYTES - (size_t)bytes, "T%02d",
                       (int)(hour - day_of(hour) * HOURS_PER_DAY));
    }
    return text;
}

/* ---- slots ----------------------------------------------------------------------------------- */

static int
compare_slots(const void *left, const void *right)
{
    const struct rf_calendar_slot *a = left;
    const struct rf_calendar_slot *b = right;
    return RF_ORDER(a->hour, b->hour);
}

/** Whether an object is one that is read for its events. */
static bool
counts(const struct rf_object *object)
{
    return !object->errors && !object->special && !object->pending && object->flaw == NULL;
}

static void
find_grain(const struct rf_objects *objects, struct rf_calendar *calendar)
{
    for (size_t i = 0; i < objects->count; i++) {
        const struct rf_object *object = &objects->items[i];
        if (!counts(object)) {
            continue;
        }
        bool told = object->hour.grain != RF_GRAIN_NONE;
        bool coarser = calendar->grain == RF_GRAIN_NONE || object->hour.grain < calendar->grain;
        calendar->untimed += !told;
        calendar->grain = told && coarser ? object->hour.grain : calendar->grain;
    }
}

/** Objects come by key, so that those of one folder mostly come one behind the other. */
static void
add_object(struct rf_calendar *calendar, const struct rf_object *object)
{
    int64_t hour = rf_calendar_floor(calendar->grain, object->hour.hour);
    size_t count = calendar->slot_count;
    if (count == 0 || calendar->slots[count - 1].hour != hour) {
        RF_GROW(calendar->slots, calendar->slot_room, count + 1);
        calendar->slots[count] = (struct rf_calendar_slot){.hour = hour};
        calendar->slot_count = ++count;
    }
    bool sized = object->bytes != RF_BYTES_UNKNOWN;
    calendar->slots[count - 1].objects++;
    calendar->slots[count - 1].bytes += sized ? object->bytes : 0;
    calendar->unsized = calendar->unsized || !sized;
}

static void
join_slots(struct rf_calendar *calendar)
{
    size_t kept = 0;
    if (calendar->slot_count == 0) {
        return;
    }
    qsort(calendar->slots, calendar->slot_count, sizeof(*calendar->slots), compare_slots);
    for (size_t i = 1; i < calendar->slot_count; i++) {
        struct rf_calendar_slot *last = &calendar->slots[kept];
        const struct rf_calendar_slot *slot = &calendar->slots[i];
        if (slot->hour == last->hour) {
            last->objects += slot->objects;
            last->bytes += slot->bytes;
        } else {
            calendar->slots[++kept] = *slot;
        }
    }
    calendar->slot_count = kept + 1;
}

/* ---- gaps ------------------------------------------------------------------------------------ */

static void
find_gaps(struct rf_calendar *calendar)
{
    for (size_t i = 1; i < calendar->slot_count; i++) {
        int64_t from = rf_calendar_next(calendar->grain, calendar->slots[i - 1].hour);
        int64_t to = calendar->slots[i].hour;
        if (from < to) {
            RF_GROW(calendar->gaps, calendar->gap_room, calendar->gap_count + 1);
            struct rf_calendar_gap gap = {
                .from = from, .to = to, .slots = rf_calendar_count(calendar->grain, from, to)};
            calendar->gaps[calendar->gap_count++] = gap;
            calendar->empty += gap.slots;
        }
    }
}

/** Times that are alike: the same hour of a week, or of a day. */
struct alike {
    int64_t step;  /**< hours of a slot */
    size_t period; /**< slots until the same comes again */
    uint64_t all[HOURS_PER_WEEK];
    uint64_t full[HOURS_PER_WEEK];
};

static size_t
kind_of(const struct alike *alike, int64_t hour)
{
    int64_t slot = hour / alike->step;
    int64_t period = (int64_t)alike->period;
    return (size_t)((slot % period + period) % period);
}

static void
count_alike(const struct rf_calendar *calendar, struct alike *alike)
{
    int64_t from = calendar->slots[0].hour;
    int64_t last = calendar->slots[calendar->slot_count - 1].hour;
    for (int64_t at = from; at <= last; at += alike->step) {
        alike->all[kind_of(alike, at)]++;
    }
    for (size_t i = 0; i < calendar->slot_count; i++) {
        alike->full[kind_of(alike, calendar->slots[i].hour)]++;
    }
}

/** Slots of a stretch that are empty although those like them, outside of it, are not.
 *  @ret_judged  whether enough are known of all */
static uint64_t
count_unlike(const struct alike *alike, const struct rf_calendar_gap *gap, bool *ret_judged)
{
    uint64_t within[HOURS_PER_WEEK] = {0};
    uint64_t unlike = 0;
    *ret_judged = true;
    for (int64_t at = gap->from; at < gap->to; at += alike->step) {
        within[kind_of(alike, at)]++;
    }
    for (size_t kind = 0; kind < alike->period; kind++) {
        uint64_t witnesses = alike->all[kind] - within[kind];
        if (within[kind] == 0) {
            continue;
        }
        *ret_judged = *ret_judged && witnesses >= WITNESSES_LEAST;
        if (witnesses >= WITNESSES_LEAST && alike->full[kind] * 10 >= witnesses * TENTHS_FULL) {
            unlike += within[kind];
        }
    }
    return unlike;
}

static void
judge_gaps(struct rf_calendar *calendar)
{
    bool hourly = calendar->grain == RF_GRAIN_HOUR;
    struct alike *weeks = rf_calloc(2, sizeof(*weeks));
    struct alike *days = &weeks[1];
    if (calendar->gap_count > 0 && (hourly || calendar->grain == RF_GRAIN_DAY)) {
        *weeks = (struct alike){.step = hourly ? 1 : HOURS_PER_DAY,
                                .period = hourly ? HOURS_PER_WEEK : DAYS_PER_WEEK};
        *days = (struct alike){.step = weeks->step, .period = hourly ? HOURS_PER_DAY : 1};
        count_alike(calendar, weeks);
        count_alike(calendar, days);
    }
    for (size_t i = 0; weeks->period > 0 && i < calendar->gap_count; i++) {
        struct rf_calendar_gap *gap = &calendar->gaps[i];
        bool judged;
        gap->unlike = count_unlike(weeks, gap, &judged);
        if (!judged) {
            gap->unlike = count_unlike(days, gap, &judged);
        }
        calendar->unlike += gap->unlike;
    }
    free(weeks);
}

void
rf_calendar_make(const struct rf_objects *objects, struct rf_calendar *ret)
{
    memset(ret, 0, sizeof(*ret));
    find_grain(objects, ret);
    for (size_t i = 0; i < objects->count; i++) {
        const struct rf_object *object = &objects->items[i];
        if (counts(object) && object->hour.grain != RF_GRAIN_NONE) {
            add_object(ret, object);
        }
    }
    join_slots(ret);
    find_gaps(ret);
    judge_gaps(ret);
}

void
rf_calendar_done(struct rf_calendar *calendar)
{
    free(calendar->slots);
    free(calendar->gaps);
    memset(calendar, 0, sizeof(*calendar));
}

const struct rf_calendar_slot *
rf_calendar_find(const struct rf_calendar *calendar, int64_t hour)
{
    const struct rf_calendar_slot key = {.hour = hour};
    return bsearch(&key, calendar->slots, calendar->slot_count, sizeof(key), compare_slots);
}

/* SPDX-License-Identifier: MIT */
/* A calendar as a picture that fits on a screen: how much came when, and when nothing did. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/time.h"
#include "reports/ls.h"
#include "reports/text_paint.h"

#define HOURS_PER_DAY 24
#define CELLS_MOST    53
/* Days of a picture by day, and by month: more are shown by month, and by year. */
#define DAYS_BY_DAY   14
#define DAYS_BY_MONTH 732
/* Rows, of a history with one odd folder in another century. */
#define ROWS_MOST 48

/* How a picture is divided. */
enum division { BY_DAY, BY_MONTH, BY_YEAR };

struct cell {
    uint64_t amount;
    uint64_t objects;
    bool within; /* of the history's time */
};

struct row {
    int64_t name; /* its first hour */
    struct cell cells[CELLS_MOST];
    size_t cell_count;
    uint64_t objects, bytes;
};

struct picture {
    const struct rf_calendar *calendar;
    enum division division;
    struct row *rows;
    size_t count, room;
    uint64_t highest;
};

static int64_t
day_of(int64_t hour)
{
    return hour / HOURS_PER_DAY - (hour % HOURS_PER_DAY < 0);
}

static int64_t
row_of(enum division division, int64_t hour)
{
    int64_t year;
    int month;
    int day;
    if (division == BY_DAY) {
        return day_of(hour) * HOURS_PER_DAY;
    }
    rf_date_from_days(day_of(hour), &year, &month, &day);
    return rf_days_from_date(year, division == BY_MONTH ? month : 1, 1) * HOURS_PER_DAY;
}

/* A year has 53 weeks, the last of a day or two. */
static size_t
cell_of(enum division division, int64_t row, int64_t hour)
{
    int64_t hours = hour - row;
    if (division == BY_DAY) {
        return (size_t)hours;
    }
    return (size_t)(hours / HOURS_PER_DAY / (division == BY_MONTH ? 1 : 7));
}

static struct row *
find_row(struct picture *picture, int64_t hour)
{
    int64_t name = row_of(picture->division, hour);
    if (picture->count == 0 || picture->rows[picture->count - 1].name != name) {
        RF_GROW(picture->rows, picture->room, picture->count + 1);
        picture->rows[picture->count] = (struct row){.name = name};
        picture->count++;
    }
    return &picture->rows[picture->count - 1];
}

/* Slots come in order of time; those between them are within, and hold nothing. */
static void
add_slot(struct picture *picture, int64_t hour, const struct rf_calendar_slot *slot)
{
    struct row *row = find_row(picture, hour);
    size_t number = cell_of(picture->division, row->name, hour);
    struct cell *cell = &row->cells[number];
    cell->within = true;
    row->cell_count = number + 1 > row->cell_count ? number + 1 : row->cell_count;
    if (slot == NULL) {
        return;
    }
    cell->objects += slot->objects;
    cell->amount += picture->calendar->unsized ? slot->objects : slot->bytes;
    row->objects += slot->objects;
    row->bytes += slot->bytes;
    picture->highest = cell->amount > picture->highest ? cell->amount : picture->highest;
}

static void
fill(struct picture *picture)
{
    const struct rf_calendar *calendar = picture->calendar;
    size_t gap = 0;
    for (size_t i = 0; i < calendar->slot_count; i++) {
        add_slot(picture, calendar->slots[i].hour, &calendar->slots[i]);
        bool follows = gap < calendar->gap_count && i + 1 < calendar->slot_count &&
                       calendar->gaps[gap].to == calendar->slots[i + 1].hour;
        if (!follows) {
            continue;
        }
        for (int64_t at = calendar->gaps[gap].from;
             at < calendar->gaps[gap].to && picture->count <= ROWS_MOST;
             at = rf_calendar_next(calendar->grain, at)) {
            add_slot(picture, at, NULL);
        }
        gap++;
    }
}

/* Nothing: a point. Little: the lowest bar, be it ever so little. */
static void
put_cell(const struct rf_page *page, const struct picture *picture, const struct cell *cell)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (!cell->within) {
        rf_buf_byte(page->out, ' ');
    } else if (cell->objects == 0) {
        rf_buf_string(page->out, "·");
    } else {
        double share = picture->highest == 0 ? 0 : (double)cell->amount / (double)picture->highest;
        size_t bar = (size_t)(share * 7.999);
        rf_buf_string(page->out, bars[bar]);
    }
}

static size_t
width_of(enum division division)
{
    static const size_t widths[] = {[BY_DAY] = 24, [BY_MONTH] = 31, [BY_YEAR] = 53};
    return widths[division];
}

static void
put_row(const struct rf_page *page, const struct picture *picture, const struct row *row)
{
    static const enum rf_grain grains[] = {
        [BY_DAY] = RF_GRAIN_DAY, [BY_MONTH] = RF_GRAIN_MONTH, [BY_YEAR] = RF_GRAIN_YEAR};
    char text[RF_CALENDAR_TEXT_BYTES];
    rf_buf_format(page->out, "  %s  ",
                  rf_calendar_text(grains[picture->division], row->name, text));
    for (size_t i = 0; i < width_of(picture->division); i++) {
        put_cell(page, picture, &row->cells[i]);
    }
    rf_buf_string(page->out, "  ");
    rf_paint_counted(page, row->objects, "object", "objects");
    if (!picture->calendar->unsized) {
        rf_buf_string(page->out, ", ");
        rf_ls_bytes(page, row->bytes);
    }
    rf_buf_byte(page->out, '\n');
}

static void
put_legend(const struct rf_page *page, const struct picture *picture)
{
    static const char *const units[] = {[BY_DAY] = "hour", [BY_MONTH] = "day", [BY_YEAR] = "week"};
    rf_buf_format(page->out, "  (a mark for each %s, the highest ", units[picture->division]);
    if (picture->calendar->unsized) {
        rf_paint_counted(page, picture->highest, "object", "objects");
    } else {
        rf_ls_bytes(page, picture->highest);
    }
    rf_buf_string(page->out, "; · has no objects)\n");
}

static enum division
divide(const struct rf_calendar *calendar)
{
    int64_t first = calendar->slots[0].hour;
    int64_t last = calendar->slots[calendar->slot_count - 1].hour;
    int64_t days = day_of(last) - day_of(first) + 1;
    if (calendar->grain == RF_GRAIN_HOUR && days <= DAYS_BY_DAY) {
        return BY_DAY;
    }
    return days <= DAYS_BY_MONTH ? BY_MONTH : BY_YEAR;
}

void
rf_ls_picture(const struct rf_page *page, const struct rf_calendar *calendar)
{
    struct picture picture = {.calendar = calendar};
    bool fine = calendar->grain == RF_GRAIN_HOUR || calendar->grain == RF_GRAIN_DAY;
    if (!fine || calendar->slot_count < 2) {
        return; /* the headline has said it all */
    }
    picture.division = divide(calendar);
    fill(&picture);
    rf_paint_section(page);
    for (size_t i = 0; i < picture.count && i < ROWS_MOST; i++) {
        put_row(page, &picture, &picture.rows[i]);
    }
    if (picture.count > ROWS_MOST) {
        rf_buf_string(page->out, "  …\n");
    }
    put_legend(page, &picture);
    rf_paint_section(page);
    free(picture.rows);
}

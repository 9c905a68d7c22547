/* SPDX-License-Identifier: MIT */
/* What would be read, for people. */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "reports/ls.h"
#include "reports/text_paint.h"

/* Stretches without objects; -v shows all. */
#define GAPS_SHOWN 5

void
rf_ls_bytes(const struct rf_page *page, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes / 1024;
    size_t unit = 0;
    if (bytes < 1024) {
        rf_paint_counted(page, bytes, "byte", "bytes");
        return;
    }
    while (value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        value /= 1024;
        unit++;
    }
    rf_buf_format(page->out, "%.1f %s", value, units[unit]);
}

const char *
rf_ls_unit(enum rf_grain grain, uint64_t count)
{
    static const char *const one[] = {"", "year", "month", "day", "hour"};
    static const char *const many[] = {"", "years", "months", "days", "hours"};
    return count == 1 ? one[grain] : many[grain];
}

/* The last slot in front of `to`, which is the begin of one. */
static int64_t
slot_before(enum rf_grain grain, int64_t from, int64_t to)
{
    if (grain == RF_GRAIN_HOUR || grain == RF_GRAIN_DAY) {
        return to - (grain == RF_GRAIN_HOUR ? 1 : 24);
    }
    int64_t last = from;
    for (int64_t at = from; at < to; at = rf_calendar_next(grain, at)) {
        last = at;
    }
    return last;
}

void
rf_ls_stretch(const struct rf_page *page, enum rf_grain grain, int64_t from, int64_t to)
{
    char text[RF_CALENDAR_TEXT_BYTES];
    int64_t last = slot_before(grain, from, to);
    rf_buf_string(page->out, rf_calendar_text(grain, from, text));
    if (last != from) {
        rf_buf_format(page->out, " to %s", rf_calendar_text(grain, last, text));
    }
}

/* ---- objects --------------------------------------------------------------------------------- */

static void
put_object(const struct rf_page *page, const struct rf_ls_report *report,
           const struct rf_object *object)
{
    char text[RF_CALENDAR_TEXT_BYTES];
    bool told = object->hour.grain != RF_GRAIN_NONE;
    if (object->bytes == RF_BYTES_UNKNOWN) {
        rf_buf_format(page->out, "%12s", "?");
    } else {
        rf_buf_format(page->out, "%12" PRIu64, object->bytes);
    }
    rf_buf_format(page->out, "  %-13s  ",
                  told ? rf_calendar_text(object->hour.grain, object->hour.hour, text) : "-");
    if (report->outlook->storage_count > 0) {
        rf_buf_format(page->out, "%-19s  ", object->storage == NULL ? "-" : object->storage);
    }
    rf_escape_terminal(page->out, object->name, strlen(object->name));
    rf_buf_byte(page->out, '\n');
}

static void
put_objects(const struct rf_page *page, const struct rf_ls_report *report)
{
    for (size_t i = 0; i < report->objects->count; i++) {
        put_object(page, report, &report->objects->items[i]);
    }
    if (report->objects->count > 0 && page->report->verbosity >= 0) {
        rf_paint_section(page);
    }
}

/* ---- the headline ---------------------------------------------------------------------------- */

/* "26,262 objects (1.9 GiB)" */
static void
put_load(const struct rf_page *page, const struct rf_load *load)
{
    rf_paint_counted(page, load->objects, "object", "objects");
    if (load->objects == 0) {
        return;
    }
    if (load->unsized == load->objects) {
        rf_buf_string(page->out, " (of sizes that only reading tells)");
        return;
    }
    rf_buf_string(page->out, " (");
    rf_ls_bytes(page, load->bytes);
    rf_buf_string(page->out, load->unsized > 0 ? ", and what only reading tells)" : ")");
}

static void
put_headline(const struct rf_page *page, const struct rf_outlook *outlook)
{
    const struct rf_calendar *calendar = &outlook->calendar;
    rf_paint_color(page, RF_BOLD);
    put_load(page, &outlook->all);
    rf_paint_color(page, RF_PLAIN);
    if (calendar->slot_count > 0) {
        int64_t first = calendar->slots[0].hour;
        int64_t last = calendar->slots[calendar->slot_count - 1].hour;
        uint64_t all = calendar->slot_count + calendar->empty;
        rf_buf_string(page->out, ": ");
        rf_paint_number(page, calendar->slot_count);
        if (calendar->empty > 0) {
            rf_buf_string(page->out, " of ");
            rf_paint_number(page, all);
        }
        rf_buf_format(page->out, " %s, ", rf_ls_unit(calendar->grain, all));
        rf_ls_stretch(page, calendar->grain, first, rf_calendar_next(calendar->grain, last));
    }
    rf_buf_byte(page->out, '\n');
}

/* ---- what is missing, and what is odd -------------------------------------------------------- */

static void
put_gap(const struct rf_page *page, enum rf_grain grain, const struct rf_calendar_gap *gap)
{
    rf_buf_string(page->out, "  ");
    rf_ls_stretch(page, grain, gap->from, gap->to);
    if (gap->slots > 1) {
        rf_buf_string(page->out, ", ");
        rf_paint_number(page, gap->slots);
        rf_buf_format(page->out, " %s", rf_ls_unit(grain, gap->slots));
    }
    if (gap->unlike > 0) {
        rf_buf_string(page->out, ": ");
        if (gap->unlike < gap->slots) {
            rf_paint_number(page, gap->unlike);
            rf_buf_byte(page->out, ' ');
        }
        rf_buf_string(page->out, "unlike the rest");
    }
    rf_buf_byte(page->out, '\n');
}

void
rf_ls_gaps(const struct rf_page *page, const struct rf_calendar *calendar, size_t most)
{
    size_t shown = 0;
    if (calendar->empty == 0) {
        return;
    }
    rf_paint_number(page, calendar->empty);
    rf_buf_format(page->out, " %s without objects", rf_ls_unit(calendar->grain, calendar->empty));
    if (calendar->unlike > 0) {
        rf_buf_string(page->out, ", ");
        rf_paint_number(page, calendar->unlike);
        rf_buf_string(page->out, " of them unlike the rest: at the same time of other weeks, "
                                 "or days, there are objects");
    }
    rf_buf_byte(page->out, '\n');
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < calendar->gap_count && shown < most; i++) {
            if ((calendar->gaps[i].unlike > 0) == (pass == 0)) {
                put_gap(page, calendar->grain, &calendar->gaps[i]);
                shown++;
            }
        }
    }
    if (calendar->gap_count > shown) {
        rf_buf_string(page->out, "  … ");
        rf_paint_counted(page, calendar->gap_count - shown, "more stretch", "more stretches");
        rf_buf_string(page->out, page->verbose ? "\n" : " (-v shows them)\n");
    }
}

/* A line for some of the objects: how many, what they are, and the first one's name. */
static void
put_some(const struct rf_page *page, const struct rf_load *load, const char *what)
{
    if (load->objects == 0) {
        return;
    }
    put_load(page, load);
    rf_buf_format(page->out, " %s%s", what, load->objects == 1 ? ": " : "; the first is ");
    rf_paint_word(page, load->first);
    rf_buf_byte(page->out, '\n');
}

struct rf_load
rf_ls_outside(const struct rf_objects *objects)
{
    uint64_t folders = objects->listed.before + objects->listed.behind;
    return (struct rf_load){.objects = objects->outside - folders, .bytes = objects->outside_bytes};
}

static void
put_odd(const struct rf_page *page, const struct rf_ls_report *report)
{
    const struct rf_outlook *outlook = report->outlook;
    struct rf_load outside = rf_ls_outside(report->objects);
    uint64_t folders = report->objects->outside - outside.objects;
    if (outside.objects > 0) {
        put_load(page, &outside);
        rf_buf_string(page->out, " left out by --since and --until\n");
    }
    if (folders > 0) {
        rf_paint_counted(page, folders, "folder", "folders");
        rf_buf_string(page->out, " of hours that --since and --until leave out, not even listed\n");
    }
    if (report->objects->known > 0) {
        rf_paint_counted(page, report->objects->known, "object", "objects");
        rf_buf_string(page->out, " left out by --without\n");
    }
    if (outlook->calendar.untimed > 0 && outlook->calendar.slot_count > 0) {
        rf_paint_counted(page, outlook->calendar.untimed, "object", "objects");
        rf_buf_string(page->out, " in no folder that tells a time\n");
    }
    put_some(page, &outlook->errors, "below an error prefix: not read, and damage");
    put_some(page, &outlook->others,
             "not named as Firehose or a packer names: foreign where they hold no events");
    put_some(page, &outlook->odd, "with odd names: read, but not named as Firehose names");
    put_some(page, &outlook->hollow, "with nothing in it, as where a copy broke off");
    put_some(page, &outlook->special, "that are fifos, sockets or devices: not read");
    put_some(page, &outlook->flawed, "that cannot be read");
    put_some(page, &outlook->packed, "whose events come from a pack");
}

/* ---- what it costs --------------------------------------------------------------------------- */

static void
put_storages(const struct rf_page *page, const struct rf_outlook *outlook)
{
    static const char *const how[] = {
        [RF_WARMTH_FEE] = "read for a fee a GB",
        [RF_WARMTH_PERHAPS] = "some may lie in an archive tier, which a listing does not tell, and "
                              "cannot be read then",
        [RF_WARMTH_COLD] = "cannot be read before they are restored ('aws s3api restore-object')",
    };
    for (size_t i = 0; i < outlook->storage_count; i++) {
        const struct rf_storage_load *storage = &outlook->storages[i];
        rf_buf_string(page->out, "storage class ");
        rf_paint_word(page, storage->storage);
        rf_buf_string(page->out, ": ");
        put_load(page, &storage->load);
        if (storage->warmth != RF_WARMTH_WARM) {
            rf_buf_format(page->out, "; %s, the first is ", how[storage->warmth]);
            rf_paint_word(page, storage->load.first);
        }
        rf_buf_byte(page->out, '\n');
    }
}

static void
put_cost(const struct rf_page *page, const struct rf_ls_report *report)
{
    const struct rf_requests *requests = &report->outlook->requests;
    if (requests->list + requests->get == 0) {
        return;
    }
    rf_buf_string(page->out, "requests: ");
    if (requests->list > 0) {
        rf_paint_number(page, requests->list);
        rf_buf_string(page->out, " LIST, ");
    }
    rf_paint_number(page, requests->get);
    rf_buf_string(page->out, " GET");
    if (requests->get > requests->unsized) {
        rf_buf_string(page->out, ", ");
        rf_ls_bytes(page, requests->bytes);
        rf_buf_string(page->out, " to transfer");
    }
    if (report->payer_asks) {
        rf_buf_string(page->out, ", for which the requester pays");
    }
    rf_buf_byte(page->out, '\n');
    if (report->prices->told) {
        rf_buf_format(page->out, "estimate: %.4f",
                      rf_outlook_cost(report->outlook, report->prices));
        if (report->prices->currency != NULL) {
            rf_buf_byte(page->out, ' ');
            rf_paint_word(page, report->prices->currency);
        }
        rf_buf_format(page->out, " by the prices of the config%s\n",
                      requests->unsized > 0 ? ", without what is transferred of unknown size" : "");
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void
put_summary(const struct rf_page *page, const struct rf_ls_report *report)
{
    const struct rf_outlook *outlook = report->outlook;
    put_headline(page, outlook);
    rf_ls_picture(page, &outlook->calendar);
    rf_ls_gaps(page, &outlook->calendar,
               page->verbose ? outlook->calendar.gap_count : (size_t)GAPS_SHOWN);
    put_odd(page, report);
    put_storages(page, outlook);
    put_cost(page, report);
}

void
rf_ls_text(const struct rf_ls_report *report, struct rf_buf *out)
{
    const struct rf_report filled = rf_report_filled(report->run);
    struct rf_page page = rf_page_open(&filled, out);
    if (report->objects == NULL) {
        return; /* standard error has said why */
    }
    if (report->lists) {
        put_objects(&page, report);
    }
    if (filled.verbosity < 0) {
        if (!report->lists) {
            put_headline(&page, report->outlook);
        }
    } else {
        put_summary(&page, report);
    }
}

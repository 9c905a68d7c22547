/* SPDX-License-Identifier: MIT */
/* What would be read, for programs: schema/ls.schema.json. What does not apply is left out. */
#include <string.h>

#include "base/json.h"
#include "reports/json_list.h"
#include "reports/ls.h"

static void
put_hour(struct list *list, const char *name, enum rf_grain grain, int64_t hour)
{
    char text[RF_CALENDAR_TEXT_BYTES];
    put_text(list, name, rf_calendar_text(grain, hour, text));
}

static void
put_load(struct list *top, const char *name, const struct rf_load *load)
{
    name_item(top, name);
    struct list item = list_begin(top->out, '{', LEAD_NONE);
    put_count(&item, "objects", load->objects);
    put_count(&item, "bytes", load->bytes);
    if (load->unsized > 0) {
        put_count(&item, "unsized", load->unsized);
    }
    put_text(&item, "first", load->first);
    list_end(&item, '}', LEAD_NONE);
}

void
rf_json_calendar(struct list *top, const struct rf_calendar *calendar)
{
    static const char *const grains[] = {"none", "year", "month", "day", "hour"};
    name_item(top, "calendar");
    struct list item = list_begin(top->out, '{', LEAD_INNER);
    put_text(&item, "grain", grains[calendar->grain]);
    put_count(&item, "slots", calendar->slot_count);
    put_count(&item, "empty", calendar->empty);
    put_count(&item, "unlike", calendar->unlike);
    put_count(&item, "untimed", calendar->untimed);
    if (calendar->slot_count > 0) {
        put_hour(&item, "first", calendar->grain, calendar->slots[0].hour);
        put_hour(&item, "last", calendar->grain, calendar->slots[calendar->slot_count - 1].hour);
    }
    name_item(&item, "gaps");
    struct list gaps = list_begin(top->out, '[', "\n      ");
    for (size_t i = 0; i < calendar->gap_count; i++) {
        const struct rf_calendar_gap *gap = &calendar->gaps[i];
        next_item(&gaps);
        struct list row = list_begin(top->out, '{', LEAD_NONE);
        put_hour(&row, "from", calendar->grain, gap->from);
        put_hour(&row, "to", calendar->grain, gap->to);
        put_count(&row, "slots", gap->slots);
        put_count(&row, "unlike", gap->unlike);
        list_end(&row, '}', LEAD_NONE);
    }
    list_end(&gaps, ']', LEAD_INNER);
    list_end(&item, '}', LEAD_TOP);
}

static void
put_storages(struct list *top, const struct rf_outlook *outlook)
{
    static const char *const warmths[] = {"warm", "fee", "perhaps", "cold"};
    name_item(top, "storage");
    struct list items = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < outlook->storage_count; i++) {
        const struct rf_storage_load *storage = &outlook->storages[i];
        next_item(&items);
        struct list item = list_begin(top->out, '{', LEAD_NONE);
        put_text(&item, "class", storage->storage);
        put_text(&item, "reads", warmths[storage->warmth]);
        put_load(&item, "load", &storage->load);
        list_end(&item, '}', LEAD_NONE);
    }
    list_end(&items, ']', LEAD_TOP);
}

static void
put_requests(struct list *top, const struct rf_ls_report *report)
{
    const struct rf_requests *requests = &report->outlook->requests;
    name_item(top, "requests");
    struct list item = list_begin(top->out, '{', LEAD_NONE);
    put_count(&item, "list", requests->list);
    put_count(&item, "get", requests->get);
    put_count(&item, "bytes", requests->bytes);
    put_count(&item, "unsized", requests->unsized);
    put_flag(&item, "requester_pays", report->payer_asks);
    list_end(&item, '}', LEAD_NONE);
    if (report->prices->told) {
        name_item(top, "estimate");
        struct list cost = list_begin(top->out, '{', LEAD_NONE);
        name_item(&cost, "amount");
        rf_buf_format(cost.out, "%.6f", rf_outlook_cost(report->outlook, report->prices));
        put_text(&cost, "currency", report->prices->currency);
        list_end(&cost, '}', LEAD_NONE);
    }
}

static void
put_object(struct list *objects, const struct rf_object *object)
{
    next_item(objects);
    struct list item = list_begin(objects->out, '{', LEAD_NONE);
    put_text(&item, "name", object->name);
    put_text(&item, "key", object->key);
    if (object->bytes != RF_BYTES_UNKNOWN) {
        put_count(&item, "bytes", object->bytes);
    }
    if (object->hour.grain != RF_GRAIN_NONE) {
        put_hour(&item, "hour", object->hour.grain, object->hour.hour);
    }
    put_text(&item, "stream", object->stream);
    put_text(&item, "storage", object->storage);
    const char *kind = object->errors         ? "errors"
                       : object->special      ? "special"
                       : object->flaw != NULL ? "broken"
                                              : NULL;
    put_text(&item, "not_read", kind);
    if (object->pack != NULL) {
        put_flag(&item, "packed", true);
    }
    list_end(&item, '}', LEAD_NONE);
}

static void
put_listing(struct list *top, const struct rf_ls_report *report)
{
    const struct rf_outlook *outlook = report->outlook;
    struct rf_load outside = rf_ls_outside(report->objects);
    struct rf_load known = {.objects = report->objects->known};
    put_load(top, "all", &outlook->all);
    put_load(top, "errors", &outlook->errors);
    put_load(top, "special", &outlook->special);
    put_load(top, "broken", &outlook->flawed);
    put_load(top, "other_names", &outlook->others);
    put_load(top, "odd_names", &outlook->odd);
    put_load(top, "hollow", &outlook->hollow);
    put_load(top, "packed", &outlook->packed);
    put_load(top, "outside", &outside);
    put_count(top, "folders_outside", report->objects->outside - outside.objects);
    put_load(top, "without", &known);
    rf_json_calendar(top, &outlook->calendar);
    put_storages(top, outlook);
    put_requests(top, report);
    if (report->lists) {
        name_item(top, "objects");
        struct list objects = list_begin(top->out, '[', LEAD_INNER);
        for (size_t i = 0; i < report->objects->count; i++) {
            put_object(&objects, &report->objects->items[i]);
        }
        list_end(&objects, ']', LEAD_TOP);
    }
}

void
rf_ls_json(const struct rf_ls_report *report, struct rf_buf *out)
{
    const struct rf_report *run = report->run;
    struct list top = list_begin(out, '{', LEAD_TOP);
    put_count(&top, "format", 1);
    put_text(&top, "verb", run->verb);
    put_text(&top, "refold", run->version);
    put_integer(&top, "exit", rf_verdict_exit(&run->flags));
    put_text(&top, "error", run->error);
    if (report->objects != NULL) {
        put_listing(&top, report);
    }
    rf_json_warnings(&top, run);
    list_end(&top, '}', "\n");
    rf_buf_byte(out, '\n');
}

/* SPDX-License-Identifier: MIT */
/* Whether a history is whole, for programs: schema/doctor.schema.json. */
#include "reports/doctor.h"

#include "reports/json_list.h"

#define LEAD_ROW "\n      "

static void
put_hour(struct list *list, const char *name, const struct rf_object *object)
{
    char text[RF_CALENDAR_TEXT_BYTES];
    if (object != NULL && object->hour.grain != RF_GRAIN_NONE) {
        put_text(list, name, rf_calendar_text(object->hour.grain, object->hour.hour, text));
    }
}

static void
put_missing(struct list *gaps, const struct rf_missing *missing)
{
    next_item(gaps);
    struct list item = list_begin(gaps->out, '{', LEAD_NONE);
    put_text(&item, "aggregate", missing->aggregate);
    put_bytes(&item, "id", missing->id, missing->id_bytes);
    put_integer(&item, "first", missing->first);
    put_integer(&item, "last", missing->last);
    put_hour(&item, "from", missing->before);
    put_hour(&item, "to", missing->after);
    put_text(&item, "before", missing->before == NULL ? NULL : missing->before->name);
    put_text(&item, "after", missing->after->name);
    list_end(&item, '}', LEAD_NONE);
}

static void
put_lead(struct list *leads, const struct rf_lead *lead, enum rf_grain grain)
{
    char text[RF_CALENDAR_TEXT_BYTES];
    next_item(leads);
    struct list item = list_begin(leads->out, '{', LEAD_NONE);
    put_count(&item, "fits", lead->fits);
    if (lead->object != NULL) {
        put_text(&item, "object", lead->object->name);
    } else {
        put_flag(&item, "unlike", lead->unlike);
    }
    if (lead->from != INT64_MAX) {
        put_text(&item, "from", rf_calendar_text(grain, lead->from, text));
        put_text(&item, "to", rf_calendar_text(grain, lead->to, text));
    }
    list_end(&item, '}', LEAD_NONE);
}

static void
put_versions(struct list *top, const struct rf_doctor_report *report)
{
    const struct rf_checkup *checkup = report->checkup;
    name_item(top, "versions");
    struct list item = list_begin(top->out, '{', LEAD_INNER);
    put_count(&item, "instances", checkup->instances);
    put_count(&item, "versionless", checkup->versionless);
    put_count(&item, "events", checkup->events);
    put_flag(&item, "searched", checkup->searched);
    put_count(&item, "cut", checkup->cut);
    put_count(&item, "uneven", checkup->uneven.count);
    put_count(&item, "half_named", checkup->counts.half_named);
    put_count(&item, "missing", checkup->missing_versions);
    put_count(&item, "gaps_total", checkup->gap_count);
    name_item(&item, "gaps");
    struct list gaps = list_begin(top->out, '[', LEAD_ROW);
    for (size_t i = 0; i < checkup->missing_count; i++) {
        put_missing(&gaps, &checkup->missing[i]);
    }
    list_end(&gaps, ']', LEAD_INNER);
    name_item(&item, "leads");
    struct list leads = list_begin(top->out, '[', LEAD_ROW);
    for (size_t i = 0; i < report->leads->count; i++) {
        if (report->leads->items[i].fits > 0) {
            put_lead(&leads, &report->leads->items[i], report->outlook->calendar.grain);
        }
    }
    list_end(&leads, ']', LEAD_INNER);
    list_end(&item, '}', LEAD_TOP);
}

static void
put_arrivals(struct list *top, const struct rf_doctor_report *report)
{
    const struct rf_arrivals *arrivals = &report->checkup->arrivals;
    const struct rf_object *items = report->objects->items;
    name_item(top, "arrivals");
    struct list item = list_begin(top->out, '{', LEAD_INNER);
    put_count(&item, "timed", arrivals->timed);
    put_count(&item, "late", arrivals->late);
    put_count(&item, "very_late", arrivals->very_late);
    put_count(&item, "early", arrivals->early);
    put_integer(&item, "latest_seconds", arrivals->latest);
    if (arrivals->latest > 0) {
        put_text(&item, "latest_object", items[arrivals->latest_object].name);
    }
    if (arrivals->early > 0) {
        put_text(&item, "early_object", items[arrivals->early_object].name);
    }
    put_integer(&item, "zone", rf_arrivals_zone(arrivals));
    list_end(&item, '}', LEAD_TOP);
}

static void
put_streams(struct list *top, const struct rf_checkup *checkup)
{
    name_item(top, "streams");
    struct list streams = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < checkup->stream_count; i++) {
        const struct rf_stream_tally *stream = &checkup->streams[i];
        next_item(&streams);
        struct list item = list_begin(top->out, '{', LEAD_NONE);
        put_text(&item, "name", stream->name);
        put_count(&item, "objects", stream->objects);
        put_count(&item, "events", stream->events);
        list_end(&item, '}', LEAD_NONE);
    }
    list_end(&streams, ']', LEAD_TOP);
    put_count(top, "crossing", checkup->crossing);
}

static void
put_twins(struct list *top, const struct rf_certificate_twins *twins)
{
    name_item(top, "twins");
    struct list item = list_begin(top->out, '{', LEAD_NONE);
    put_count(&item, "count", twins->count);
    put_text(&item, "first", twins->first);
    put_text(&item, "second", twins->second);
    list_end(&item, '}', LEAD_NONE);
}

static void
put_change(struct list *top, const struct rf_doctor_report *report)
{
    const struct rf_certificate_change *change = report->change;
    if (change == NULL) {
        return;
    }
    name_item(top, "change");
    struct list item = list_begin(top->out, '{', LEAD_INNER);
    put_text(&item, "since", report->former);
    put_count(&item, "added", change->added);
    put_count(&item, "changed", change->changed);
    put_count(&item, "gone", change->gone);
    put_text(&item, "first_added", change->first_added);
    put_text(&item, "first_changed", change->first_changed);
    put_text(&item, "first_gone", change->first_gone);
    put_flag(&item, "instances_differ", report->instances_differ);
    list_end(&item, '}', LEAD_TOP);
}

static void
put_certificate(struct list *top, const struct rf_certificate *certificate)
{
    name_item(top, "certificate");
    struct list item = list_begin(top->out, '{', LEAD_INNER);
    put_count(&item, "objects", certificate->count);
    put_count(&item, "bytes", certificate->bytes);
    put_text(&item, "objects_sha256", certificate->sha256);
    put_text(&item, "instances_sha256", certificate->instances_sha256);
    list_end(&item, '}', LEAD_TOP);
}

static void
put_outcome(struct list *top, const struct rf_report *run, bool whole)
{
    const struct rf_flags *flags = &run->flags;
    put_count(top, "format", 1);
    put_text(top, "verb", run->verb);
    put_text(top, "refold", run->version);
    put_integer(top, "exit", rf_verdict_exit(flags));
    put_flag(top, "whole", whole);
    put_flag(top, "odd", flags->changed);
    put_flag(top, "damaged", flags->damaged);
    put_flag(top, "incomplete", flags->incomplete);
    put_flag(top, "nothing", flags->nothing);
    put_flag(top, "internal", flags->internal);
    put_text(top, "error", run->error);
}

void
rf_doctor_json(const struct rf_doctor_report *report, struct rf_buf *out)
{
    const struct rf_report run = rf_report_filled(report->run);
    struct list top = list_begin(out, '{', LEAD_TOP);
    put_outcome(&top, &run, rf_doctor_wholeness(report) == RF_WHOLE);
    rf_json_listed(&top, &run);
    if (report->checkup != NULL) {
        rf_json_calendar(&top, &report->outlook->calendar);
        put_versions(&top, report);
        put_arrivals(&top, report);
        put_streams(&top, report->checkup);
        put_count(&top, "stray", run.ingested->stray);
        put_twins(&top, &report->twins);
        put_certificate(&top, report->certificate);
        put_change(&top, report);
    }
    rf_json_damages(&top, &run);
    rf_json_warnings(&top, &run);
    rf_json_timing(&top, &run);
    list_end(&top, '}', "\n");
    rf_buf_byte(out, '\n');
}

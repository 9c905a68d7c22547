/* SPDX-License-Identifier: MIT */
/* Whether a history is whole, for people: a line for each question, and below it what is amiss. */
#include "reports/doctor.h"

#include <inttypes.h>
#include <string.h>

#include "reports/ls.h"
#include "reports/text_internal.h"

/* More only with -v. */
#define GAPS_SHOWN    5
#define LEADS_SHOWN   5
#define STREAMS_SHOWN 5

static size_t
most_of(const struct rf_page *page, size_t shown)
{
    return page->verbose ? SIZE_MAX : shown;
}

/* "versions   " in a colour that says how it is; then comes the answer. */
static void
put_question(const struct rf_page *page, const char *name, const char *color)
{
    rf_paint_color(page, color);
    rf_buf_format(page->out, "%-9s", name);
    rf_paint_color(page, RF_PLAIN);
    rf_buf_string(page->out, "  ");
}

static void
put_more(const struct rf_page *page, uint64_t more, const char *one, const char *many)
{
    if (more > 0) {
        rf_buf_string(page->out, "  … ");
        rf_paint_counted(page, more, one, many);
        rf_buf_string(page->out, page->verbose ? "\n" : " (-v shows them)\n");
    }
}

/* ---- objects and hours ----------------------------------------------------------------------- */

static void
put_objects(const struct rf_page *page, const struct rf_doctor_report *report)
{
    const struct rf_sums *sums = page->report->sums;
    bool bad = sums->unreadable + report->unread_errors > 0;
    put_question(page, "objects", bad ? RF_RED : RF_GREEN);
    rf_paint_number(page, sums->read);
    rf_buf_string(page->out, " read");
    rf_paint_part(page, sums->unreadable, "unreadable", "unreadable");
    rf_paint_part(page, report->unread_errors, "below an error prefix", "below an error prefix");
    rf_paint_part(page, sums->foreign - report->unread_errors, "foreign", "foreign");
    rf_buf_string(page->out, ": ");
    rf_ls_bytes(page, report->certificate->bytes);
    rf_buf_byte(page->out, '\n');
    rf_text_foreign(page, "  ");
    if (page->report->ingested->hollow > 0) {
        rf_buf_string(page->out, "  ");
        rf_paint_counted(page, page->report->ingested->hollow, "holds nothing", "hold nothing");
        rf_buf_string(page->out, ": ");
        rf_paint_word(page, report->objects->items[page->report->ingested->hollow_first].name);
        rf_buf_string(page->out, page->report->ingested->hollow == 1
                                     ? "; a copy that broke off?\n"
                                     : " and others; copies that broke off?\n");
    }
    if (report->twins.count > 0) {
        rf_buf_string(page->out, "  ");
        rf_paint_counted(page, report->twins.count, "object holds", "objects hold");
        rf_buf_string(page->out, " what another one holds: ");
        rf_paint_word(page, report->twins.first);
        rf_buf_string(page->out, " and ");
        rf_paint_word(page, report->twins.second);
        rf_buf_byte(page->out, '\n');
    }
}

static void
put_hours(const struct rf_page *page, const struct rf_calendar *calendar)
{
    bool told = calendar->slot_count > 0;
    put_question(page, told ? rf_ls_unit(calendar->grain, 2) : "hours",
                 !told                  ? ""
                 : calendar->unlike > 0 ? RF_YELLOW
                                        : RF_GREEN);
    if (!told) {
        rf_buf_string(page->out, "no folder tells a time: nothing tells whether one is missing\n");
        return;
    }
    rf_paint_number(page, calendar->slot_count);
    rf_buf_string(page->out, " with objects, ");
    rf_ls_stretch(
        page, calendar->grain, calendar->slots[0].hour,
        rf_calendar_next(calendar->grain, calendar->slots[calendar->slot_count - 1].hour));
    if (calendar->empty == 0) {
        rf_buf_string(page->out, "; none without\n");
        return;
    }
    rf_buf_string(page->out, "; ");
    rf_ls_gaps(page, calendar, page->verbose ? calendar->gap_count : (size_t)GAPS_SHOWN);
}

/* ---- versions -------------------------------------------------------------------------------- */

static void
put_hour_of(const struct rf_page *page, const struct rf_object *object)
{
    char text[RF_CALENDAR_TEXT_BYTES];
    if (object != NULL && object->hour.grain != RF_GRAIN_NONE) {
        rf_buf_string(page->out, rf_calendar_text(object->hour.grain, object->hour.hour, text));
    } else if (object != NULL) {
        rf_paint_word(page, object->name);
    }
}

/* "  order a: versions 3 to 5, between 2026-07-01T00 and 2026-07-01T03" */
static void
put_missing(const struct rf_page *page, const struct rf_missing *missing)
{
    rf_buf_string(page->out, "  ");
    if (missing->aggregate != NULL) {
        rf_paint_word(page, missing->aggregate);
        rf_buf_byte(page->out, ' ');
    }
    rf_paint_name(page, missing->id, missing->id_bytes);
    if (missing->first == missing->last) {
        rf_buf_format(page->out, ": version %" PRId64, missing->first);
    } else {
        rf_buf_format(page->out, ": versions %" PRId64 " to %" PRId64, missing->first,
                      missing->last);
    }
    rf_buf_string(page->out, missing->before == NULL ? ", in front of " : ", between ");
    if (missing->before != NULL) {
        put_hour_of(page, missing->before);
        rf_buf_string(page->out, " and ");
    }
    put_hour_of(page, missing->after);
    rf_buf_byte(page->out, '\n');
}

static void
put_lead(const struct rf_page *page, const struct rf_doctor_report *report,
         const struct rf_lead *lead)
{
    rf_buf_string(page->out, "    ");
    if (lead->object != NULL) {
        rf_paint_word(page, lead->object->name);
        rf_buf_string(page->out, lead->broken ? ", which is broken" : ", below an error prefix");
    } else {
        rf_ls_stretch(page, report->outlook->calendar.grain, lead->from, lead->to);
        rf_buf_string(page->out,
                      lead->unlike ? ", without objects, unlike the rest" : ", without objects");
    }
    rf_buf_string(page->out, ": ");
    rf_paint_number(page, lead->fits);
    rf_buf_string(page->out, " of ");
    rf_paint_counted(page, report->checkup->gap_count, "gap\n", "gaps\n");
}

/* Broken objects first, then times that should have objects, then others; of each those first that
 * most gaps fit. */
static int
rank_of(const struct rf_lead *lead)
{
    return lead->object != NULL ? 0 : lead->unlike ? 1 : 2;
}

static bool
comes_before(const struct rf_lead *a, const struct rf_lead *b)
{
    if (rank_of(a) != rank_of(b)) {
        return rank_of(a) < rank_of(b);
    }
    return a->fits != b->fits ? a->fits > b->fits : a < b;
}

/* The best one that comes behind `last`, or NULL. */
static const struct rf_lead *
next_lead(const struct rf_leads *leads, const struct rf_lead *last)
{
    const struct rf_lead *best = NULL;
    for (size_t i = 0; i < leads->count; i++) {
        const struct rf_lead *lead = &leads->items[i];
        if (lead->fits > 0 && (last == NULL || comes_before(last, lead)) &&
            (best == NULL || comes_before(lead, best))) {
            best = lead;
        }
    }
    return best;
}

/** Whether a gap is at an instance's begin, in front of which there is nothing to look between. */
static bool
begins_behind_gap(const struct rf_checkup *checkup)
{
    for (size_t i = 0; i < checkup->missing_count; i++) {
        if (checkup->missing[i].before == NULL) {
            return true;
        }
    }
    return false;
}

static void
put_leads(const struct rf_page *page, const struct rf_doctor_report *report)
{
    uint64_t fitting = 0;
    for (size_t i = 0; i < report->leads->count; i++) {
        fitting += report->leads->items[i].fits > 0;
    }
    if (fitting == 0) {
        rf_buf_string(page->out, "  nothing tells where they may lie: between the objects around "
                                 "them all is there and whole\n");
        if (begins_behind_gap(report->checkup)) {
            rf_buf_string(page->out, "  or in front of the history's first object, for instances "
                                     "begin behind a gap: archived, or expired?\n");
        }
        return;
    }
    rf_buf_string(page->out, "  where they may lie, by the times around them:\n");
    const struct rf_lead *lead = NULL;
    size_t shown = 0;
    size_t most = page->verbose ? 50 : LEADS_SHOWN;
    while (shown < most && (lead = next_lead(report->leads, lead)) != NULL) {
        put_lead(page, report, lead);
        shown++;
    }
    put_more(page, fitting - shown, "more place", "more places");
}

static const char *
versions_color(const struct rf_checkup *checkup)
{
    if (checkup->gap_count > 0) {
        return RF_RED;
    }
    if (checkup->cut > 0 || checkup->uneven.count > 0) {
        return RF_YELLOW;
    }
    return checkup->searched ? RF_GREEN : "";
}

/** What fills such a gap may lie at or behind --until. */
static void
put_cut(const struct rf_page *page, const struct rf_checkup *checkup)
{
    rf_buf_string(page->out, "  ");
    rf_paint_counted(page, checkup->cut, "instance ends at a gap", "instances end at gaps");
    rf_buf_string(page->out, ", with ");
    rf_paint_counted(page, checkup->sums.terms[RF_TERM_UNSELECTED], "event", "events");
    rf_buf_string(page->out,
                  " behind: without --until it is told whether what is missing came later\n");
}

/** Nothing tells which of the two is right. */
static void
put_uneven(const struct rf_page *page, const struct rf_camp *uneven)
{
    rf_buf_string(page->out, "  ");
    rf_paint_counted(page, uneven->count, "instance begins", "instances begin");
    rf_buf_string(page->out, " with another version (0 or 1) than most of their aggregate: is a "
                             "version 0 missing? The first is ");
    rf_paint_name(page, uneven->first, uneven->first_bytes);
    rf_buf_byte(page->out, '\n');
}

static void
put_versions(const struct rf_page *page, const struct rf_doctor_report *report)
{
    const struct rf_checkup *checkup = report->checkup;
    put_question(page, "versions", versions_color(checkup));
    if (!checkup->searched) {
        rf_buf_string(page->out, "not looked for, as what came before --since is not read");
    } else if (checkup->gap_count == 0) {
        rf_buf_string(page->out, checkup->cut > 0 || checkup->uneven.count > 0
                                     ? "none is known to be missing"
                                     : "none is missing");
    } else {
        rf_paint_counted(page, checkup->missing_versions, "is missing", "are missing");
        rf_buf_string(page->out, " in ");
        rf_paint_counted(page, checkup->gap_count, "gap", "gaps");
    }
    rf_buf_string(page->out, "; ");
    rf_paint_counted(page, checkup->instances, "instance", "instances");
    rf_buf_string(page->out, " with ");
    rf_paint_counted(page, checkup->events, "event", "events");
    rf_paint_part(page, checkup->versionless, "without versions: nothing tells what it lacks",
                  "without versions: nothing tells what they lack");
    rf_paint_part(page, page->report->gathered->timeless,
                  "of them without times, in the order of keys and offsets",
                  "of them without times, in the order of keys and offsets");
    rf_paint_part(page, page->report->gathered->tied,
                  "of them with events of one time, these in the order of keys and offsets",
                  "of them with events of one time, these in the order of keys and offsets");
    rf_buf_byte(page->out, '\n');
    if (checkup->cut > 0) {
        put_cut(page, checkup);
    }
    if (checkup->uneven.count > 0) {
        put_uneven(page, &checkup->uneven);
    }
    if (checkup->gap_count == 0) {
        return;
    }
    size_t shown = 0;
    while (shown < checkup->missing_count && shown < most_of(page, GAPS_SHOWN)) {
        put_missing(page, &checkup->missing[shown++]);
    }
    put_more(page, checkup->gap_count - shown, "more gap", "more gaps");
    put_leads(page, report);
}

/* ---- copies, times, streams ------------------------------------------------------------------ */

static void
put_copies(const struct rf_page *page)
{
    const struct rf_sums *sums = page->report->sums;
    uint64_t conflicts = sums->terms[RF_TERM_CONFLICTS];
    put_question(page, "copies", conflicts > 0 ? RF_RED : RF_GREEN);
    rf_paint_counted(page, sums->terms[RF_TERM_DUPLICATES], "duplicate", "duplicates");
    rf_paint_part(page, conflicts, "conflict: another event of a version that is there",
                  "conflicts: other events of versions that are there");
    rf_buf_byte(page->out, '\n');
}

static void
put_duration(const struct rf_page *page, int64_t seconds)
{
    int64_t hours = (seconds + 3599) / 3600;
    if (hours <= 72) {
        rf_paint_counted(page, (uint64_t)hours, "hour", "hours");
    } else {
        rf_paint_counted(page, (uint64_t)(hours + 23) / 24, "day", "days");
    }
}

static const char *
name_of(const struct rf_doctor_report *report, uint32_t number)
{
    return report->objects->items[number].name;
}

static void
put_times(const struct rf_page *page, const struct rf_doctor_report *report)
{
    const struct rf_arrivals *arrivals = &report->checkup->arrivals;
    int zone = rf_arrivals_zone(arrivals);
    put_question(page, "times", arrivals->early > 0 || zone != 0 ? RF_YELLOW : RF_GREEN);
    rf_paint_number(page, arrivals->timed - arrivals->late - arrivals->very_late - arrivals->early);
    rf_buf_string(page->out, " of ");
    rf_paint_counted(page, arrivals->timed, "event", "events");
    rf_buf_string(page->out, " in the folders of their hours, or an hour off");
    rf_paint_part(page, arrivals->late, "up to a day late", "up to a day late");
    rf_paint_part(page, arrivals->very_late, "more than a day late", "more than a day late");
    rf_paint_part(page, arrivals->early, "in a folder before its time",
                  "in folders before their time");
    rf_buf_byte(page->out, '\n');
    if (arrivals->latest > 0) {
        rf_buf_string(page->out, "  the latest came ");
        put_duration(page, arrivals->latest);
        rf_buf_string(page->out, " behind its time, in ");
        rf_paint_word(page, name_of(report, arrivals->latest_object));
        rf_buf_byte(page->out, '\n');
    }
    if (arrivals->early > 0) {
        rf_buf_string(page->out, "  no event is delivered before it happens: a clock is wrong, or "
                                 "an object lies in another folder than its own; the first is in ");
        rf_paint_word(page, name_of(report, arrivals->early_object));
        rf_buf_byte(page->out, '\n');
    }
    if (zone != 0) {
        rf_buf_format(
            page->out,
            "  most events lie %d %s %s their folders' hours: folders seem to be named in "
            "another time zone than UTC\n",
            zone < 0 ? -zone : zone, zone == 1 || zone == -1 ? "hour" : "hours",
            zone < 0 ? "behind" : "in front of");
    }
}

static void
put_streams(const struct rf_page *page, const struct rf_checkup *checkup)
{
    put_question(page, "streams", RF_GREEN);
    for (size_t i = 0; i < checkup->stream_count && i < most_of(page, STREAMS_SHOWN); i++) {
        const struct rf_stream_tally *stream = &checkup->streams[i];
        rf_buf_string(page->out, i == 0 ? "" : "; ");
        if (stream->name == NULL) {
            rf_buf_string(page->out, "(names that tell none)");
        } else {
            rf_paint_word(page, stream->name);
        }
        rf_buf_string(page->out, ": ");
        rf_paint_counted(page, stream->objects, "object", "objects");
        rf_buf_string(page->out, ", ");
        rf_paint_counted(page, stream->events, "event", "events");
    }
    if (!page->verbose && checkup->stream_count > STREAMS_SHOWN) {
        rf_buf_format(page->out, "; … %zu more", checkup->stream_count - STREAMS_SHOWN);
    }
    rf_buf_byte(page->out, '\n');
    if (checkup->crossing > 0) {
        rf_buf_string(page->out, "  ");
        rf_paint_counted(page, checkup->crossing, "instance", "instances");
        rf_buf_string(page->out, " came by several streams\n");
    }
}

/* ---- certificate ----------------------------------------------------------------------------- */

static void
put_changed(const struct rf_page *page, uint64_t count, const char *what, const char *first)
{
    if (count > 0) {
        rf_buf_string(page->out, "  ");
        rf_paint_counted(page, count, "object ", "objects ");
        rf_buf_format(page->out, "%s%s", what, count == 1 ? ": " : "; the first is ");
        rf_paint_word(page, first);
        rf_buf_byte(page->out, '\n');
    }
}

static void
put_certificate(const struct rf_page *page, const struct rf_doctor_report *report)
{
    const struct rf_certificate_change *change = report->change;
    bool bad = change != NULL && change->changed + change->gone + report->instances_differ > 0;
    put_question(page, "sha256", bad ? RF_YELLOW : "");
    rf_buf_format(page->out, "objects %s\n           instances %s\n", report->certificate->sha256,
                  report->certificate->instances_sha256);
    if (change == NULL) {
        return;
    }
    rf_buf_string(page->out, "  since ");
    rf_paint_word(page, report->former);
    rf_buf_string(page->out, change->added + change->changed + change->gone > 0
                                 ? ":\n"
                                 : ": no object was added, changed or removed\n");
    put_changed(page, change->added, "added", change->first_added);
    put_changed(page, change->changed, "changed", change->first_changed);
    put_changed(page, change->gone, "gone", change->first_gone);
    if (report->instances_differ) {
        rf_buf_string(page->out, "  the same objects gave other instances: they are read by other "
                                 "rules (envelope, streams, selection, version)\n");
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void
put_odd(const struct rf_page *page, const struct rf_doctor_report *report)
{
    const struct rf_calendar *calendar = &report->outlook->calendar;
    const struct rf_certificate_change *change = report->change;
    rf_paint_part(page, calendar->unlike, "empty folder unlike the rest",
                  "empty folders unlike the rest");
    rf_paint_part(page, page->report->ingested->hollow, "object that holds nothing",
                  "objects that hold nothing");
    rf_paint_part(page, page->report->ingested->stray, "foreign object in a dated folder",
                  "foreign objects in dated folders");
    rf_paint_part(page, report->twins.untold, "object that holds what another one does",
                  "objects that hold what another one does");
    rf_paint_part(page, report->checkup->counts.half_named,
                  "id with and without an aggregate's name",
                  "ids with and without an aggregate's name");
    rf_paint_part(page, report->checkup->cut, "instance that ends at a gap",
                  "instances that end at gaps");
    rf_paint_part(page, report->checkup->uneven.count, "instance that begins unlike the rest",
                  "instances that begin unlike the rest");
    rf_paint_part(page, report->checkup->arrivals.early, "event before its time",
                  "events before their time");
    if (change != NULL) {
        rf_paint_part(page, change->changed, "changed object", "changed objects");
        rf_paint_part(page, change->gone, "object that is gone", "objects that are gone");
    }
    if (report->instances_differ) {
        rf_buf_string(page->out, ", other instances than certified");
    }
}

static void
put_whole(const struct rf_page *page, const struct rf_doctor_report *report)
{
    const struct rf_checkup *checkup = report->checkup;
    enum rf_wholeness wholeness = rf_doctor_wholeness(report);
    if (wholeness == RF_WHOLE_BUT_WAIVED) {
        rf_buf_string(page->out, "not whole, but all that is wrong is waived: ");
        (void)rf_text_damage_kinds(page, true);
    } else if (wholeness == RF_WHOLE_UNTOLD) {
        rf_buf_string(page->out, "nothing is known to be missing, but events have no versions that "
                                 "could tell");
    } else if (wholeness == RF_WHOLE_UNSEARCHED) {
        rf_buf_string(
            page->out,
            "nothing is known to be missing, but with --since versions are not looked for");
    } else {
        rf_buf_string(page->out, "whole: nothing is missing, and nothing contradicts itself");
    }
    if (wholeness != RF_WHOLE_UNTOLD && checkup->versionless > 0) {
        rf_buf_string(page->out, "; of ");
        rf_paint_counted(page, checkup->versionless, "instance", "instances");
        rf_buf_string(page->out, " without versions nobody can tell");
    }
}

static void
put_verdict(const struct rf_page *page, const struct rf_doctor_report *report)
{
    const struct rf_flags *flags = &page->report->flags;
    int status = rf_verdict_exit(flags);
    rf_paint_color(page, status == 0 ? RF_GREEN : status == 1 ? RF_YELLOW : RF_RED);
    if (flags->signal != 0) {
        rf_buf_format(page->out, "ended by signal %d", flags->signal);
    } else if (flags->internal) {
        rf_buf_string(page->out, "refold itself failed, nothing above can be relied on");
    } else if (flags->incomplete) {
        rf_buf_string(page->out, "a source could not be read, or changed while it was read");
    } else if (flags->damaged) {
        rf_buf_string(page->out, "not whole: ");
        (void)rf_text_damage_kinds(page, false);
    } else if (page->report->ended_early) {
        rf_buf_string(page->out, "the history could not be looked at");
    } else if (flags->nothing || report->checkup == NULL) {
        rf_buf_string(page->out, "no event was read: there is nothing to be whole");
    } else if (flags->changed) {
        const struct rf_checkup *checkup = report->checkup;
        bool untold = checkup->cut > 0 || checkup->uneven.count > 0 ||
                      checkup->versionless == checkup->instances;
        rf_buf_string(page->out, untold ? "nothing is known to be missing, but odd"
                                        : "whole as far as versions tell, but odd");
        put_odd(page, report);
    } else {
        put_whole(page, report);
    }
    if (status != 0) {
        rf_buf_format(page->out, " (exit %d)", status);
    }
    rf_paint_color(page, RF_PLAIN);
    rf_buf_byte(page->out, '\n');
}

void
rf_doctor_text(const struct rf_doctor_report *report, struct rf_buf *out)
{
    const struct rf_report filled = rf_report_filled(report->run);
    struct rf_page page = rf_page_open(&filled, out);
    if (report->checkup != NULL && filled.verbosity >= 0 && filled.sums->objects > 0) {
        put_objects(&page, report);
        put_hours(&page, &report->outlook->calendar);
        put_versions(&page, report);
        put_copies(&page);
        put_times(&page, report);
        put_streams(&page, report->checkup);
        put_certificate(&page, report);
        rf_text_damages(&page);
        rf_paint_section(&page);
    }
    put_verdict(&page, report);
    if (filled.verbosity >= 0) {
        rf_text_damage_help(&page);
    }
}

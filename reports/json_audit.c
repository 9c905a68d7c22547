/* SPDX-License-Identifier: MIT */
/* What a run leaves out, in the JSON report: known damage, ignore rules, skipped types. */
#include "golden/known_file.h"
#include "reports/json_list.h"

static void
put_entry(struct list *list, const struct rf_known_entry *entry)
{
    struct rf_buf text = {0};
    rf_known_entry_write(entry, &text);
    put_value(list, "entry", rf_buf_text(&text));
    rf_buf_done(&text);
}

static void
put_known(struct list *top, const struct rf_report *report)
{
    const struct rf_known_damage *known = report->known;
    if (known == NULL || known->text == NULL) {
        return; /* there is no file */
    }
    name_item(top, "known_damage");
    struct list list = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < known->count; i++) {
        const struct rf_known_entry *entry = &known->items[i];
        next_item(&list);
        struct list one = list_begin(list.out, '{', LEAD_NONE);
        put_text(&one, "state", rf_known_state_name(entry->state));
        put_count(&one, "found", entry->met);
        put_entry(&one, entry);
        list_end(&one, '}', LEAD_NONE);
    }
    list_end(&list, ']', LEAD_TOP);
}

static void
put_ignores(struct list *top, const struct rf_report *report)
{
    static const struct rf_ignore_tally nothing;
    const struct rf_ignore_tally *tallies = report->findings->ignores;
    if (report->ignore_count == 0 || report->flags.no_compare) {
        return;
    }
    name_item(top, "ignores");
    struct list list = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < report->ignore_count; i++) {
        const struct rf_ignore *ignore = &report->ignores[i];
        const struct rf_ignore_tally *tally = tallies == NULL ? &nothing : &tallies[i];
        next_item(&list);
        struct list one = list_begin(list.out, '{', LEAD_NONE);
        put_text(&one, "aggregate", ignore->aggregate);
        put_text(&one, "path", ignore->pointer);
        put_text(&one, "reason", ignore->reason);
        put_text(&one, "until", ignore->until);
        put_flag(&one, "expired", ignore->expired);
        put_count(&one, "changes", tally->changes);
        put_count(&one, "instances", tally->instances);
        put_count(&one, "only", tally->only);
        list_end(&one, '}', LEAD_NONE);
    }
    list_end(&list, ']', LEAD_TOP);
}

static void
put_skips(struct list *top, const struct rf_report *report)
{
    if (report->skip_count == 0) {
        return;
    }
    name_item(top, "skips");
    struct list list = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < report->skip_count; i++) {
        const struct rf_skip_audit *skip = &report->skips[i];
        next_item(&list);
        struct list one = list_begin(list.out, '{', LEAD_NONE);
        put_text(&one, "aggregate", skip->aggregate);
        put_text(&one, "type", skip->type);
        put_text(&one, "reason", skip->reason);
        put_flag(&one, "occurs", skip->occurs);
        list_end(&one, '}', LEAD_NONE);
    }
    list_end(&list, ']', LEAD_TOP);
}

void
rf_json_audit(struct list *top, const struct rf_report *report)
{
    put_known(top, report);
    put_ignores(top, report);
    put_skips(top, report);
    put_text(top, "today", report->today);
}

/* SPDX-License-Identifier: MIT */
/* What `refold worker-check` found, for programs: schema/worker-check.schema.json. */
#include "reports/json_list.h"
#include "reports/worker_check.h"

static void
put_hex(struct list *list, const struct rf_buf *bytes)
{
    if (bytes->used == 0) {
        return;
    }
    name_item(list, "bytes");
    rf_buf_byte(list->out, '"');
    for (size_t i = 0; i < bytes->used; i++) {
        rf_buf_format(list->out, "%02x", (unsigned char)bytes->bytes[i]);
    }
    rf_buf_byte(list->out, '"');
}

static void
put_check(struct list *checks, const struct rf_check *check, const struct rf_checked *checked)
{
    next_item(checks);
    struct list entry = list_begin(checks->out, '{', LEAD_NONE);
    put_text(&entry, "check", check->name);
    put_text(&entry, "result", rf_check_result_name(checked->result));
    put_text(&entry, "promise", check->promise);
    put_text(&entry, "chapter", check->chapter);
    if (checked->result == RF_CHECK_WRONG) {
        put_text(&entry, "during", checked->during);
        put_text(&entry, "expected", checked->expected);
        put_text(&entry, "seen", checked->seen);
        put_hex(&entry, &checked->bytes);
    } else if (checked->result == RF_CHECK_SKIPPED) {
        put_text(&entry, "reason", checked->seen);
    } else if (checked->result == RF_CHECK_STOPPED) {
        put_text(&entry, "stopped_by", rf_checks[checked->culprit].name);
    }
    list_end(&entry, '}', LEAD_NONE);
}

void
rf_worker_check_json(const struct rf_worker_check_report *report, struct rf_buf *out)
{
    const struct rf_kit_report *found = report->found;
    struct list top = list_begin(out, '{', LEAD_TOP);
    put_count(&top, "format", 1);
    put_text(&top, "verb", "worker-check");
    put_text(&top, "refold", REFOLD_VERSION);
    put_integer(&top, "exit", report->exit);
    put_text(&top, "program", report->file);
    put_text(&top, "speaker", found->speaker);
    put_count(&top, "aggregates", found->aggregates);
    put_count(&top, "ok", found->counts[RF_CHECK_OK]);
    put_count(&top, "not_ok", found->counts[RF_CHECK_WRONG]);
    put_count(&top, "stopped", found->counts[RF_CHECK_STOPPED]);
    put_count(&top, "skipped", found->counts[RF_CHECK_SKIPPED]);
    name_item(&top, "checks");
    struct list checks = list_begin(out, '[', LEAD_INNER);
    for (int i = 0; i < RF_CHECK_COUNT_; i++) {
        put_check(&checks, &rf_checks[i], &found->checks[i]);
    }
    list_end(&checks, ']', LEAD_TOP);
    list_end(&top, '}', "\n");
    rf_buf_byte(out, '\n');
}

/* SPDX-License-Identifier: MIT */
/* What came of a fetch, for programs: schema/fetch.schema.json. */
#include "reports/fetch.h"
#include "reports/json_list.h"

static void
put_sum(struct list *list, const char *name, struct rf_fetch_sum sum)
{
    name_item(list, name);
    struct list entry = list_begin(list->out, '{', LEAD_NONE);
    put_count(&entry, "objects", sum.objects);
    put_count(&entry, "bytes", sum.bytes);
    list_end(&entry, '}', LEAD_NONE);
}

/** Which exit status it alone would bring. */
static const char *
kind_of(rf_code code)
{
    return code == RF_ERR_OUTPUT   ? "unwritten"
           : code == RF_ERR_SOURCE ? "unread"
           : code == RF_ERR_USAGE  ? "refused"
                                   : "damage";
}

static void
put_failures(struct list *top, const struct rf_fetch_result *result)
{
    name_item(top, "failures");
    struct list failures = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < result->failure_count; i++) {
        const struct rf_fetch_failure *failure = &result->failures[i];
        next_item(&failures);
        struct list entry = list_begin(top->out, '{', LEAD_NONE);
        put_text(&entry, "key", failure->key);
        put_text(&entry, "kind", kind_of(failure->code));
        put_text(&entry, "message", failure->text);
        list_end(&entry, '}', LEAD_NONE);
    }
    list_end(&failures, ']', LEAD_TOP);
}

static void
put_gone(struct list *top, const struct rf_fetch_result *result)
{
    name_item(top, "gone_keys");
    struct list keys = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < result->gone_listed; i++) {
        next_item(&keys);
        rf_escape_json(top->out, result->gone_keys[i], strlen(result->gone_keys[i]));
    }
    list_end(&keys, ']', LEAD_TOP);
}

static void
put_timing(struct list *top, const struct rf_fetch_report *report)
{
    name_item(top, "timing");
    struct list timing = list_begin(top->out, '{', LEAD_NONE);
    name_item(&timing, "seconds");
    rf_canon_real(top->out, report->seconds);
    list_end(&timing, '}', LEAD_NONE);
}

void
rf_fetch_json(const struct rf_fetch_report *report, struct rf_buf *out)
{
    const struct rf_fetch_result *result = report->result;
    struct list top = list_begin(out, '{', LEAD_TOP);
    put_count(&top, "format", 1);
    put_text(&top, "verb", "fetch");
    put_text(&top, "refold", REFOLD_VERSION);
    put_integer(&top, "exit", report->exit);
    put_text(&top, "error", report->error);
    put_text(&top, "source", report->source);
    put_text(&top, "folder", report->folder);
    put_flag(&top, "dry_run", report->dry);
    put_sum(&top, "listed", result->listed);
    put_sum(&top, "fetched", result->fetched);
    put_sum(&top, "kept", result->kept);
    put_sum(&top, "resumed", result->resumed);
    put_sum(&top, "removed", result->removed);
    put_flag(&top, "bytes_unknown", result->bytes_unknown);
    put_count(&top, "refused", result->refused);
    put_count(&top, "failed", result->failed);
    put_count(&top, "untried", result->untried);
    put_count(&top, "markers", result->markers);
    put_count(&top, "own", result->ours);
    put_count(&top, "changed", result->changed);
    put_count(&top, "altered", result->altered);
    put_count(&top, "outside", result->outside);
    put_count(&top, "gone", result->gone);
    put_gone(&top, result);
    put_failures(&top, result);
    put_count(&top, "requests", result->requests);
    put_count(&top, "retries", result->retries);
    put_count(&top, "received", result->received);
    put_text(&top, "seal", result->seal[0] == '\0' ? NULL : result->seal);
    put_timing(&top, report);
    list_end(&top, '}', "\n");
    rf_buf_byte(out, '\n');
}

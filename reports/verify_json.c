/* SPDX-License-Identifier: MIT */
/* What `refold golden verify` found, for programs: schema/verify.schema.json. */
#include "reports/json_list.h"
#include "reports/verify.h"

static void
put_golden(struct list *goldens, const struct rf_verified *golden)
{
    next_item(goldens);
    struct list entry = list_begin(goldens->out, '{', LEAD_NONE);
    put_text(&entry, "aggregate", golden->aggregate);
    put_text(&entry, "form", rf_golden_form_name(golden->form));
    put_count(&entry, "lines", golden->lines);
    put_flag(&entry, "sealed", golden->sealed);
    if (golden->form == RF_FORM_DIGEST) {
        put_count(&entry, "shards", golden->shards);
        put_count(&entry, "shards_read", golden->shards_read);
    }
    put_text(&entry, "worst", rf_defect_name(golden->worst));
    list_end(&entry, '}', LEAD_NONE);
}

static void
put_defect(struct list *findings, const struct rf_defect *defect)
{
    next_item(findings);
    struct list entry = list_begin(findings->out, '{', LEAD_NONE);
    put_text(&entry, "weight", rf_defect_name(defect->weight));
    put_text(&entry, "file", defect->file);
    if (defect->line > 0) {
        put_count(&entry, "line", defect->line);
    }
    put_text(&entry, "aggregate", defect->aggregate);
    put_bytes(&entry, "id", defect->id, defect->id_bytes);
    put_text(&entry, "message", defect->message);
    put_text(&entry, "repair", defect->repair);
    list_end(&entry, '}', LEAD_NONE);
}

void
rf_verify_json(const struct rf_verify_report *report, struct rf_buf *out)
{
    const struct rf_verification *found = report->found;
    struct list top = list_begin(out, '{', LEAD_TOP);
    put_count(&top, "format", 1);
    put_text(&top, "verb", "golden verify");
    put_text(&top, "refold", REFOLD_VERSION);
    put_integer(&top, "exit", report->exit);
    put_text(&top, "golden", report->folder);
    put_text(&top, "error", report->error);
    name_item(&top, "goldens");
    struct list goldens = list_begin(out, '[', LEAD_INNER);
    for (size_t i = 0; i < found->golden_count; i++) {
        put_golden(&goldens, &found->goldens[i]);
    }
    list_end(&goldens, ']', LEAD_TOP);
    name_item(&top, "findings");
    struct list findings = list_begin(out, '[', LEAD_INNER);
    for (size_t i = 0; i < found->defect_count; i++) {
        put_defect(&findings, &found->defects[i]);
    }
    list_end(&findings, ']', LEAD_TOP);
    list_end(&top, '}', "\n");
    rf_buf_byte(out, '\n');
}

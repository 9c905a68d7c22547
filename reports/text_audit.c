/* SPDX-License-Identifier: MIT */
/* What the ignore rules swallowed, in words. */
#include "reports/text_internal.h"

/** ignored: order:/updatedAt in 1,204 instances, 12 the same only because of it */
static void
put_rule(const struct rf_page *page, const struct rf_ignore *ignore,
         const struct rf_ignore_tally *tally)
{
    rf_buf_string(page->out, "ignored: ");
    if (ignore->aggregate != NULL) {
        rf_paint_word(page, ignore->aggregate);
        rf_buf_byte(page->out, ':');
    }
    rf_paint_word(page, ignore->pointer);
    rf_buf_string(page->out, " in ");
    rf_paint_counted(page, tally->instances, "instance", "instances");
    rf_buf_string(page->out, ", ");
    if (tally->only > 0) {
        rf_paint_number(page, tally->only);
    } else {
        rf_buf_string(page->out, "none");
    }
    rf_buf_string(page->out, " the same only because of it");
    if (ignore->until != NULL) {
        rf_buf_string(page->out, ", up to ");
        rf_paint_word(page, ignore->until); /* of a merge it was not looked at */
    }
    rf_buf_byte(page->out, '\n');
}

void
rf_text_ignores(const struct rf_page *page)
{
    const struct rf_findings *findings = page->findings;
    bool any = false;
    for (size_t i = 0; i < findings->ignore_count; i++) {
        if (findings->ignores[i].changes > 0) {
            if (!any) {
                rf_paint_section(page);
            }
            any = true;
            put_rule(page, &page->report->ignores[i], &findings->ignores[i]);
        }
    }
}

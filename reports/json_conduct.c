/* SPDX-License-Identifier: MIT */
/* What aggregates did besides folding, as JSON: "sandbox" and "conduct". */
#include "reports/json_list.h"

#include "reports/conduct.h"

static void
put_build(struct list *all, const char *role, const struct rf_build *build)
{
    struct rf_conduct_view view = rf_conduct_look(build->conduct);
    if (view.tried_count == 0 && view.printed_bytes + view.dropped_bytes == 0 &&
        view.late == NULL) {
        return;
    }
    next_item(all);
    struct list entry = list_begin(all->out, '{', LEAD_NONE);
    put_text(&entry, "aggregate", build->name);
    put_text(&entry, "role", role);
    name_item(&entry, "tried");
    struct list tries = list_begin(entry.out, '[', LEAD_NONE);
    for (size_t i = 0; i < view.tried_count; i++) {
        next_item(&tries);
        struct list one = list_begin(tries.out, '{', LEAD_NONE);
        put_text(&one, "kind", rf_tried_name(view.tried[i].kind));
        put_text(&one, "what", view.tried[i].what);
        put_count(&one, "count", view.tried[i].count);
        list_end(&one, '}', LEAD_NONE);
    }
    list_end(&tries, ']', LEAD_NONE);
    put_count(&entry, "unlisted", view.unlisted);
    put_bytes(&entry, "printed", view.printed == NULL ? "" : view.printed, view.printed_bytes);
    put_count(&entry, "dropped_bytes", view.dropped_bytes);
    if (view.late != NULL) {
        put_text(&entry, "late", view.late);
    }
    list_end(&entry, '}', LEAD_NONE);
}

void
rf_json_conduct(struct list *top, struct rf_build *const *builds, struct rf_build *const *rivals,
                size_t count)
{
    name_item(top, "conduct");
    struct list all = list_begin(top->out, '[', LEAD_INNER);
    for (size_t i = 0; i < count; i++) {
        put_build(&all, rivals == NULL ? NULL : "base", builds[i]);
        if (rivals != NULL && rivals[i] != NULL) {
            put_build(&all, "head", rivals[i]);
        }
    }
    list_end(&all, ']', LEAD_TOP);
}

void
rf_json_held(struct list *list, struct rf_build *const *builds, struct rf_build *const *rivals,
             size_t count)
{
    uint32_t lacks;
    enum rf_sandboxed held = rf_conduct_held(builds, rivals, count, &lacks);
    struct rf_buf words = {0};
    put_text(list, "sandbox", rf_sandboxed_name(held));
    if (held == RF_HELD_PARTLY) {
        rf_conduct_put_held(held, lacks, &words);
        put_text(list, "sandbox_lacks", rf_buf_text(&words) + strlen("not sandboxed: "));
    }
    rf_buf_done(&words);
}

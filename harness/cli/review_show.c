/* SPDX-License-Identifier: MIT */
/* What a reviewer sees of the groups and instances. */
#include "cli/review_show.h"

#include <string.h>

#include "base/limits.h"
#include "golden/diff.h"
#include "golden/line.h"
#include "golden/notes.h"

/* Samples in the details of a group; whoever wants more goes through its instances. */
#define SAMPLES_SHOWN RF_CLUSTER_SAMPLES

/* ---- groups ---------------------------------------------------------------------------------- */

void
rf_review_show_start(const struct rf_review_view *view, struct rf_buf *out)
{
    const struct rf_review *review = view->review;
    const struct rf_findings *findings = review->findings;
    uint64_t instances = rf_review_count(review, RF_UNDECIDED);
    if (instances == 0) {
        rf_buf_string(out, "there is nothing to accept\n");
    } else {
        rf_text_part_number(instances, out);
        rf_buf_string(out, instances == 1 ? " instance differs, in " : " instances differ, in ");
        rf_text_part_number(review->group_count, out);
        rf_buf_string(out, review->group_count == 1 ? " group" : " groups");
        rf_buf_string(out, " of alike differences\n");
    }
    if (review->unfit == 0) {
        return;
    }
    rf_text_part_number(review->unfit, out);
    rf_buf_format(out, " cannot be accepted, and %s as before:\n",
                  review->unfit == 1 ? "is" : "are");
    for (size_t i = 0; i < findings->cluster_count; i++) {
        if (rf_difference_is_unfit(findings->clusters[i].kind)) {
            rf_buf_string(out, "    ");
            rf_text_part_headline(&view->look, &findings->clusters[i], out);
        }
    }
}

void
rf_review_show_group(const struct rf_review_view *view, size_t number, struct rf_buf *out)
{
    rf_buf_format(out, "\n%zu/%zu  ", number + 1, view->review->group_count);
    rf_text_part_cluster(&view->look, &view->review->groups[number].cluster, out);
}

void
rf_review_show_decided(const struct rf_review_group *group, struct rf_buf *out)
{
    static const struct {
        enum rf_decision decision;
        const char *name;
    } parts[] = {
        {RF_ACCEPTED, "accepted"},
        {RF_REJECTED, "rejected"},
        {RF_SKIPPED, "skipped"},
        {RF_UNDECIDED, "undecided"},
    };
    const char *before = "";
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t count = group->decided[parts[i].decision];
        if (count > 0) {
            rf_buf_string(out, before);
            rf_text_part_number(count, out);
            rf_buf_format(out, " %s", parts[i].name);
            before = ", ";
        }
    }
}

/* ---- instances ------------------------------------------------------------------------------- */

/** What turns the old line's state into the new one's; either may be absent. */
static void
add_changes(const struct rf_review_view *view, const struct rf_member *member,
            struct rf_difference *difference, size_t *ret_ignored)
{
    const struct rf_settings *settings = view->replay->settings;
    const struct rf_golden *golden = rf_goldens_find(&view->replay->goldens, member->aggregate);
    const struct rf_golden_line *old =
        golden == NULL ? NULL : rf_golden_find(golden, member->id, member->id_bytes);
    struct rf_line_texts texts = {0};
    struct rf_line_reader reader = {.texts = &texts};
    struct rf_golden_line fresh = {0};
    const char *text;
    size_t bytes;
    if (rf_blessing_line(view->blessing, member->aggregate, member->id, member->id_bytes, &text,
                         &bytes)) {
        rf_code code = rf_line_read(&reader, text, bytes, &fresh, NULL);
        RF_VERIFY(code == RF_OK); /* it was written a moment ago */
    }
    const char *old_state = old == NULL ? NULL : old->state;
    if (old_state != NULL || fresh.state != NULL) {
        rf_diff_some(old_state, old == NULL ? 0 : old->state_bytes, fresh.state, fresh.state_bytes,
                     settings->ignores, settings->ignore_count, member->aggregate,
                     rf_limits.changes, &difference->changes, &difference->changes_total,
                     ret_ignored, NULL, NULL);
    }
    rf_line_reader_done(&reader);
    rf_line_texts_done(&texts);
}

static void
show_member(const struct rf_review_view *view, const struct rf_member *member,
            const struct rf_text_look *look, struct rf_buf *out)
{
    struct rf_difference difference = rf_member_difference(member, view->replay->history);
    size_t ignored = 0;
    add_changes(view, member, &difference, &ignored);
    rf_text_part_difference(look, &difference, out);
    if (ignored > 0) {
        rf_buf_format(out, "    and %zu change%s at ignored paths\n", ignored,
                      ignored == 1 ? "" : "s");
    }
    rf_difference_done(&difference);
}

void
rf_review_show_details(const struct rf_review_view *view, const struct rf_review_group *group,
                       struct rf_buf *out)
{
    const struct rf_member *members = view->review->findings->members->items;
    size_t shown = group->count < SAMPLES_SHOWN ? group->count : SAMPLES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        rf_buf_byte(out, '\n');
        show_member(view, &members[group->members[i]], &view->look, out);
    }
    if (shown < group->count) {
        rf_buf_string(out, "\nand ");
        rf_text_part_number(group->count - shown, out);
        rf_buf_string(out, " more; i goes through them\n");
    }
    rf_buf_format(out, "\ncluster %s\n", group->cluster.key);
}

void
rf_review_show_instance(const struct rf_review_view *view, const struct rf_review_group *group,
                        size_t place, bool verbose, struct rf_buf *out)
{
    const struct rf_member *members = view->review->findings->members->items;
    struct rf_text_look look = view->look;
    look.verbose = verbose;
    rf_buf_format(out, "\n%zu/%zu  ", place + 1, group->count);
    show_member(view, &members[group->members[place]], &look, out);
}

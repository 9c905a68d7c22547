/* SPDX-License-Identifier: MIT */
/* One golden's new text: its old lines merged with the new ones. */
#include "golden/bless_internal.h"

#include <string.h>

#include "base/bytes.h"

bool
rf_bless_is_selection(const struct rf_bless_request *request)
{
    return request->selects != NULL || request->selected_by_time || request->accepts != NULL;
}

bool
rf_bless_closes(const struct rf_bless_request *request)
{
    return request->closed != NULL && request->selects == NULL && request->accepts == NULL;
}

static void
put_line(struct rf_draft *draft, const struct rf_fresh_line *line)
{
    rf_buf_add(&draft->text, line->text, line->text_bytes);
    rf_buf_byte(&draft->text, '\n');
    draft->lines++;
    draft->rejected += line->rejected ? 1 : 0;
    rf_notes_multiset(&draft->history, draft->aggregate, line->id, line->id_bytes, 0, line->digest);
}

/** An old line stays byte for byte. */
static void
put_old(struct rf_draft *draft, const struct rf_golden_line *old)
{
    struct rf_fresh_line line = {
        .id = old->id,
        .id_bytes = old->id_bytes,
        .text = old->text,
        .text_bytes = old->text_bytes,
        .digest = old->digest,
        .rejected = old->refusal != NULL,
    };
    put_line(draft, &line);
}

static bool
is_accepted(const struct rf_draft *draft, const struct rf_bless_request *request, const char *id,
            size_t id_bytes)
{
    return request->accepts == NULL ||
           request->accepts(request->accept_context, draft->aggregate, id, id_bytes);
}

/** A line without an instance. */
static void
keep_or_remove(struct rf_draft *draft, const struct rf_bless_request *request,
               const struct rf_golden_line *old, struct rf_bless_summary *summary)
{
    bool removed = request->accepts != NULL ? is_accepted(draft, request, old->id, old->id_bytes)
                                            : !rf_bless_is_selection(request);
    if (removed) {
        summary->removed++;
        return;
    }
    summary->kept++;
    summary->absent += request->selects != NULL && !request->selected_by_time &&
                       request->selects(request->select_context, old->id, old->id_bytes);
    put_old(draft, old);
}

/** One id: its old line, its new one, or both. */
static void
merge_one(struct rf_draft *draft, const struct rf_bless_request *request,
          const struct rf_golden_line *old, const struct rf_fresh_line *fresh,
          struct rf_bless_summary *summary)
{
    if (fresh == NULL) {
        keep_or_remove(draft, request, old, summary);
    } else if (fresh->text == NULL) {
        summary->unfit++;
        if (old != NULL && draft->exposed) {
            summary->exposed++;
            summary->removed++;
        } else if (old != NULL) {
            put_old(draft, old);
        }
    } else if (!is_accepted(draft, request, fresh->id, fresh->id_bytes)) {
        if (old != NULL) {
            summary->kept++;
            put_old(draft, old);
        }
    } else {
        bool equal = old != NULL && old->text_bytes == fresh->text_bytes &&
                     memcmp(old->text, fresh->text, fresh->text_bytes) == 0;
        summary->added += old == NULL ? 1 : 0;
        summary->unchanged += equal ? 1 : 0;
        summary->changed += old != NULL && !equal ? 1 : 0;
        summary->rejected += fresh->rejected ? 1 : 0;
        put_line(draft, fresh);
    }
}

void
rf_draft_merge(struct rf_draft *draft, const struct rf_bless_request *request,
               const struct rf_pile *pile, struct rf_bless_summary *summary)
{
    size_t old_count = draft->golden == NULL ? 0 : draft->golden->count;
    size_t a = 0;
    size_t b = 0;
    while (a < old_count || b < pile->count) {
        const struct rf_golden_line *old = a < old_count ? &draft->golden->lines[a] : NULL;
        const struct rf_fresh_line *line = b < pile->count ? &pile->lines[b] : NULL;
        int order = old == NULL ? 1
                    : line == NULL
                        ? -1
                        : rf_bytes_compare(old->id, old->id_bytes, line->id, line->id_bytes);
        merge_one(draft, request, order <= 0 ? old : NULL, order >= 0 ? line : NULL, summary);
        a += order <= 0 ? 1 : 0;
        b += order >= 0 ? 1 : 0;
    }
}

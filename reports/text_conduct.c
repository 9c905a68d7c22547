/* SPDX-License-Identifier: MIT */
/* What the aggregates did besides folding, in words: what they tried, and what they printed. */
#include "reports/text_internal.h"

#include <string.h>

#include "base/escape.h"
#include "reports/conduct.h"

/* More only with -v. */
#define SHOWN_OF_KIND 3
#define LINES_SHOWN   4

static void
put_whose(const struct rf_page *page, const char *role, const struct rf_build *build)
{
    rf_paint_section(page);
    if (role != NULL) {
        rf_buf_format(page->out, "%s's ", role);
    }
    rf_paint_word(page, build->name);
}

/** With -v: each, and how often. */
static void
put_each(const struct rf_page *page, const struct rf_conduct_view *view)
{
    for (size_t i = 0; i < view->tried_count; i++) {
        rf_buf_string(page->out, "  to ");
        rf_conduct_put_tried(&view->tried[i], RF_MESSAGE_WIDTH, page->out);
        if (view->tried[i].count > 1) {
            rf_buf_string(page->out, ", ");
            rf_paint_counted(page, view->tried[i].count, "time", "times");
        }
        rf_buf_byte(page->out, '\n');
    }
}

/** A line for each kind. @return  the first of the next kind */
static size_t
put_kind(const struct rf_page *page, const struct rf_conduct_view *view, size_t first)
{
    size_t end = first + 1;
    rf_buf_string(page->out, "  to ");
    rf_conduct_put_tried(&view->tried[first], RF_NAME_WIDTH, page->out);
    for (; end < view->tried_count && view->tried[end].kind == view->tried[first].kind; end++) {
        if (end < first + SHOWN_OF_KIND) {
            rf_buf_string(page->out, ", ");
            rf_escape_shown(page->out, view->tried[end].what, strlen(view->tried[end].what),
                            RF_NAME_WIDTH);
        }
    }
    if (end > first + SHOWN_OF_KIND) {
        rf_buf_string(page->out, " and ");
        rf_paint_number(page, end - first - SHOWN_OF_KIND);
        rf_buf_string(page->out, " more");
    }
    rf_buf_byte(page->out, '\n');
    return end;
}

static void
put_tried(const struct rf_page *page, const char *role, const struct rf_build *build,
          const struct rf_conduct_view *view)
{
    if (view->tried_count == 0) {
        return;
    }
    put_whose(page, role, build);
    rf_buf_string(page->out, " tried what no aggregate may, and was not let:\n");
    if (page->verbose) {
        put_each(page, view);
    }
    for (size_t i = 0; !page->verbose && i < view->tried_count;) {
        i = put_kind(page, view, i);
    }
    if (view->unlisted > 0) {
        rf_buf_string(page->out, "  and ");
        rf_paint_counted(page, view->unlisted, "time", "times");
        rf_buf_string(page->out, " something else\n");
    }
}

/** Lines, each behind a mark: none of them can pass for one of ours. */
static void
put_printed(const struct rf_page *page, const char *role, const struct rf_build *build,
            const struct rf_conduct_view *view)
{
    size_t at = 0;
    size_t lines = 0;
    if (view->printed_bytes + view->dropped_bytes == 0) {
        return;
    }
    put_whose(page, role, build);
    rf_buf_string(page->out, " printed ");
    rf_paint_counted(page, view->printed_bytes + view->dropped_bytes, "byte", "bytes");
    rf_buf_string(page->out, view->printed_bytes > 0 ? ":\n" : ", which are not told\n");
    while (at < view->printed_bytes && (page->verbose || lines < LINES_SHOWN)) {
        const char *line = view->printed + at;
        const char *end = memchr(line, '\n', view->printed_bytes - at);
        size_t bytes = end == NULL ? view->printed_bytes - at : (size_t)(end - line);
        rf_buf_string(page->out, "  | ");
        rf_escape_shown(page->out, line, bytes, RF_MESSAGE_WIDTH);
        rf_buf_byte(page->out, '\n');
        at += bytes + (end != NULL);
        lines++;
    }
    uint64_t rest = view->printed_bytes - at + view->dropped_bytes;
    if (view->printed_bytes > 0 && rest > 0) {
        rf_buf_string(page->out, "  and ");
        rf_paint_counted(page, rest, "byte more", "bytes more");
        rf_buf_byte(page->out, '\n');
    }
}

static void
put_build(const struct rf_page *page, const char *role, const struct rf_build *build)
{
    struct rf_conduct_view view = rf_conduct_look(build->conduct);
    put_tried(page, role, build, &view);
    put_printed(page, role, build, &view);
}

void
rf_text_conduct(const struct rf_page *page)
{
    const struct rf_report *report = page->report;
    for (size_t i = 0; i < report->build_count; i++) {
        put_build(page, report->rivals == NULL ? NULL : "BASE", report->builds[i]);
        if (report->rivals != NULL && report->rivals[i] != NULL) {
            put_build(page, "HEAD", report->rivals[i]);
        }
    }
}

void
rf_text_held(const struct rf_page *page)
{
    const struct rf_report *report = page->report;
    uint32_t lacks;
    enum rf_sandboxed held =
        rf_conduct_held(report->builds, report->rivals, report->build_count, &lacks);
    if (report->build_count > 0) {
        rf_conduct_put_held(held, lacks, page->out);
        rf_buf_byte(page->out, '\n');
    }
}

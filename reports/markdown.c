/* SPDX-License-Identifier: MIT */
/* The Markdown report: a comment on a pull request, or a step's summary. */
#include "reports/report.h"

#include "base/limits.h"
#include "reports/text_internal.h"

/* Whatever came from outside stands in a code span or a fenced block, where it is no HTML, link,
 * mention or emphasis. The verdict comes first, then the clusters; each part ends within its share
 * of what a comment may hold, so that none crowds out the next. */

#define CLUSTERS_SHOWN    50
#define TALLIES_SHOWN     20
#define DIFFERENCES_SHOWN 20
#define DAMAGES_EACH      5

/* Where the parts end, in bytes. */
#define CLUSTERS_END    (RF_LIMIT_MARKDOWN_BYTES / 10 * 4)
#define COUNTS_END      (RF_LIMIT_MARKDOWN_BYTES / 10 * 5)
#define DIFFERENCES_END (RF_LIMIT_MARKDOWN_BYTES / 10 * 7)
#define DAMAGES_END     (RF_LIMIT_MARKDOWN_BYTES / 10 * 9)

struct markdown {
    struct rf_page page;  /**< writes to the report, in code spans */
    struct rf_page block; /**< writes to `lines`, for a fenced block */
    struct rf_buf lines;
};

static size_t
length(const struct markdown *markdown)
{
    return markdown->page.out->used - markdown->page.start;
}

/* ---- blocks ---- */

/* The lines that were written as a block: its fence is longer than any row of backticks within. */
static void
put_block(struct markdown *markdown, const char *language)
{
    const struct rf_buf *lines = &markdown->lines;
    size_t longest = 2;
    size_t row = 0;
    for (size_t i = 0; i < lines->used; i++) {
        row = lines->bytes[i] == '`' ? row + 1 : 0;
        longest = row > longest ? row : longest;
    }
    rf_paint_repeated(&markdown->page, '`', longest + 1);
    rf_buf_format(markdown->page.out, "%s\n", language);
    rf_buf_add(markdown->page.out, lines->bytes, lines->used);
    rf_paint_repeated(&markdown->page, '`', longest + 1);
    rf_buf_byte(markdown->page.out, '\n');
    rf_buf_clear(&markdown->lines);
}

static void
begin_details(struct markdown *markdown, const char *summary)
{
    rf_buf_format(markdown->page.out, "\n<details>\n<summary>%s</summary>\n\n", summary);
}

static void
end_details(struct markdown *markdown)
{
    rf_buf_string(markdown->page.out, "\n</details>\n");
}

/* ---- parts ---- */

static void
put_verdict(struct markdown *markdown)
{
    const struct rf_report *report = markdown->page.report;
    struct rf_buf *out = markdown->page.out;
    rf_buf_format(out, "## refold %s: %s\n\n", report->verb, rf_text_outcome(&markdown->page));
    rf_buf_string(out, "**");
    rf_text_verdict(&markdown->page);
    rf_buf_string(out, "**\n");
    if (report->error != NULL) {
        rf_buf_string(out, "\nerror: ");
        rf_paint_message(&markdown->page, report->error, SIZE_MAX);
        rf_buf_byte(out, '\n');
    }
}

static void
put_clusters(struct markdown *markdown)
{
    const struct rf_page *page = &markdown->page;
    const struct rf_findings *findings = page->findings;
    size_t shown = 0;
    if (findings->cluster_count == 0) {
        return;
    }
    rf_buf_string(page->out, "\n### What differs\n\n");
    while (shown < findings->cluster_count && shown < CLUSTERS_SHOWN) {
        size_t before = page->out->used;
        rf_buf_string(page->out, "- ");
        rf_text_cluster(page, &findings->clusters[shown]);
        rf_buf_byte(page->out, '\n');
        rf_text_cluster_data(page, &findings->clusters[shown]);
        rf_text_cluster_samples(page, &findings->clusters[shown]);
        if (length(markdown) > CLUSTERS_END) {
            page->out->used = before;
            break;
        }
        shown++;
    }
    if (shown < findings->cluster_count) {
        rf_buf_string(page->out, "- and ");
        rf_text_more_clusters(page, shown);
        rf_buf_byte(page->out, '\n');
    }
}

/* In a table even a code span ends at a '|' that is not escaped. */
static void
put_cell(struct markdown *markdown, const char *name)
{
    struct rf_buf cell = {0};
    struct rf_page page = rf_page_into(&markdown->page, &cell);
    rf_paint_word(&page, name);
    for (size_t i = 0; i < cell.used; i++) {
        rf_buf_string(markdown->page.out, cell.bytes[i] == '|' ? "\\" : "");
        rf_buf_byte(markdown->page.out, cell.bytes[i]);
    }
    rf_buf_done(&cell);
}

static void
put_row(struct markdown *markdown, const struct rf_tally *tally,
        const struct rf_column *const *columns, size_t column_count)
{
    for (size_t i = 0; i < column_count; i++) {
        rf_buf_string(markdown->page.out, " | ");
        rf_paint_number(&markdown->page, rf_text_value(tally, columns[i]->offset));
    }
    rf_buf_string(markdown->page.out, " |\n");
}

static void
put_table_head(struct markdown *markdown, const struct rf_column *const *columns,
               size_t column_count)
{
    struct rf_buf *out = markdown->page.out;
    rf_buf_string(out, "\n| aggregate");
    for (size_t i = 0; i < column_count; i++) {
        rf_buf_format(out, " | %s", columns[i]->title);
    }
    rf_buf_string(out, " |\n| ---");
    for (size_t i = 0; i < column_count; i++) {
        rf_buf_string(out, " | ---:");
    }
    rf_buf_string(out, " |\n");
}

static void
put_counts(struct markdown *markdown)
{
    const struct rf_page *page = &markdown->page;
    const struct rf_findings *findings = page->findings;
    const struct rf_column *columns[RF_COLUMNS_MOST];
    size_t column_count = rf_text_columns(page, columns);
    size_t shown = 0;
    if (findings->tally_count == 0) {
        return;
    }
    put_table_head(markdown, columns, column_count);
    while (shown < findings->tally_count && shown < TALLIES_SHOWN &&
           length(markdown) < COUNTS_END) {
        rf_buf_string(page->out, "| ");
        put_cell(markdown, findings->tallies[shown].name);
        put_row(markdown, &findings->tallies[shown++], columns, column_count);
    }
    if (findings->tally_count > 1) {
        rf_buf_string(page->out, "| all ");
        rf_paint_number(page, findings->tally_count);
        put_row(markdown, &page->total, columns, column_count);
    }
}

/* One of each cluster, in full. */
static void
put_differences(struct markdown *markdown)
{
    const struct rf_page *page = &markdown->page;
    const struct rf_findings *findings = page->findings;
    size_t start = page->out->used;
    bool any = false;
    begin_details(markdown, findings->cluster_count <= DIFFERENCES_SHOWN
                                ? "One difference of each, in full"
                                : "One difference of each of the largest clusters, in full");
    for (size_t i = 0; i < findings->cluster_count && i < DIFFERENCES_SHOWN; i++) {
        const struct rf_difference *first = rf_text_sample_of(findings, &findings->clusters[i]);
        size_t before = page->out->used;
        if (first == NULL || rf_text_is_bare(first)) {
            continue;
        }
        rf_text_difference(&markdown->block, first);
        put_block(markdown, "diff");
        if (length(markdown) > DIFFERENCES_END) {
            page->out->used = before;
            break;
        }
        any = true;
    }
    end_details(markdown);
    page->out->used = any ? page->out->used : start;
}

static void
put_damage_list(struct markdown *markdown)
{
    const struct rf_damages *damages = markdown->page.report->damages;
    struct rf_buf *lines = &markdown->lines;
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        size_t shown = 0;
        for (size_t i = 0; i < damages->count && shown < DAMAGES_EACH; i++) {
            size_t before = lines->used;
            if ((int)damages->items[i].kind != kind) {
                continue;
            }
            rf_text_damage(&markdown->block, &damages->items[i]);
            if (length(markdown) + lines->used > DAMAGES_END) {
                lines->used = before;
                return;
            }
            shown++;
        }
    }
}

static void
put_damages(struct markdown *markdown)
{
    const struct rf_page *page = &markdown->page;
    size_t start = page->out->used;
    bool any = false;
    rf_buf_string(page->out, "\n### Damage\n\n");
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        for (int known = 0; known < 2; known++) {
            if (rf_text_damage_total(page, kind, known != 0) > 0) {
                rf_buf_string(page->out, known != 0                      ? "- known: "
                                         : rf_text_is_waived(page, kind) ? "- waived: "
                                                                         : "- ");
                rf_text_damage_count(page, kind, known != 0);
                rf_buf_byte(page->out, '\n');
                any = true;
            }
        }
    }
    if (rf_text_unclaimed(page) > 0) {
        rf_buf_string(page->out, "- ");
        rf_text_put_unclaimed(page);
        rf_buf_byte(page->out, '\n');
        any = true;
    }
    put_damage_list(markdown);
    if (markdown->lines.used > 0) {
        begin_details(markdown, "The first of each kind");
        put_block(markdown, "text");
        end_details(markdown);
    }
    page->out->used = any ? page->out->used : start;
}

/* A block of lines that are whole or not there: a command that is cut is none. */
static void
put_lines(struct markdown *markdown, void (*put)(const struct rf_page *page), const char *language)
{
    size_t before = markdown->page.out->used;
    markdown->block.start = markdown->lines.used;
    put(&markdown->block);
    if (markdown->lines.used > 0) {
        rf_buf_byte(markdown->page.out, '\n');
        put_block(markdown, language);
    }
    if (length(markdown) > RF_LIMIT_MARKDOWN_BYTES) {
        markdown->page.out->used = before;
    }
}

void
rf_report_markdown(const struct rf_report *report, struct rf_buf *out)
{
    struct rf_report filled;
    struct markdown markdown = {0};
    markdown.page = rf_page_begin_plain(report, &filled, out);
    markdown.block = rf_page_into(&markdown.page, &markdown.lines);
    markdown.block.indent = "";
    markdown.page.indent = "  - ";
    markdown.page.spans = true;
    put_verdict(&markdown);
    put_clusters(&markdown);
    put_counts(&markdown);
    put_differences(&markdown);
    put_damages(&markdown);
    put_lines(&markdown, rf_text_history, "text");
    put_lines(&markdown, rf_text_next, "text");
    rf_buf_done(&markdown.lines);
}

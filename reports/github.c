/* SPDX-License-Identifier: MIT */
/* Annotations of GitHub Actions: workflow commands for a step's log. */
#include "reports/report.h"

#include "base/limits.h"
#include "reports/text_internal.h"

/* A step shows ten annotations of each kind and drops the others without a word: so the last of ten
 * says how many there are more. The first is the verdict, then come the clusters, then damage.
 * Nothing but these commands is printed, each is a line that begins with refold's own word, and
 * shown text (base/escape.h) holds no line break. */

#define ANNOTATIONS   10
#define DAMAGES_SHOWN 3

struct annotations {
    struct rf_page title, text;
    struct rf_buf title_buf, text_buf;
    struct rf_buf *out;
    uint64_t room; /**< for further errors */
};

/* As the runner undoes it: actions/runner, ActionCommand.cs. */
static void
put_escaped(struct rf_buf *out, const struct rf_buf *shown, bool property)
{
    for (size_t i = 0; i < shown->used; i++) {
        char byte = shown->bytes[i];
        bool special = byte == '%' || byte == '\r' || byte == '\n' ||
                       (property && (byte == ':' || byte == ','));
        if (special) {
            rf_buf_format(out, "%%%02X", (unsigned)byte);
        } else {
            rf_buf_byte(out, byte);
        }
    }
}

/* The annotation whose title and text were written. */
static void
end_annotation(struct annotations *all, const char *command)
{
    rf_paint_cut(&all->text_buf, RF_LIMIT_ANNOTATION_BYTES);
    while (all->text_buf.used > 0 && all->text_buf.bytes[all->text_buf.used - 1] == '\n') {
        all->text_buf.used--;
    }
    rf_buf_format(all->out, "::%s title=", command);
    put_escaped(all->out, &all->title_buf, true);
    rf_buf_string(all->out, "::");
    put_escaped(all->out, &all->text_buf, false);
    rf_buf_byte(all->out, '\n');
    rf_buf_clear(&all->title_buf);
    rf_buf_clear(&all->text_buf);
}

static void
put_verdict(struct annotations *all)
{
    const struct rf_report *report = all->text.report;
    rf_buf_format(&all->title_buf, "refold %s: %s", report->verb, rf_text_outcome(&all->text));
    rf_text_verdict(&all->text);
    rf_buf_byte(&all->text_buf, '\n');
    if (report->error != NULL) {
        rf_paint_message(&all->text, report->error, SIZE_MAX);
        rf_buf_byte(&all->text_buf, '\n');
    }
    rf_text_next(&all->text);
    end_annotation(all, rf_verdict_exit(&report->flags) == 0 ? "notice" : "error");
}

static void
put_cluster(struct annotations *all, const struct rf_cluster *cluster)
{
    rf_paint_instances(&all->title, cluster->count, cluster->aggregate);
    rf_buf_format(&all->title_buf, " %s", rf_difference_name(cluster->kind));
    rf_text_cluster(&all->text, cluster);
    rf_buf_byte(&all->text_buf, '\n');
    rf_text_cluster_data(&all->text, cluster);
    rf_text_cluster_samples(&all->text, cluster);
    end_annotation(all, rf_text_is_proposed(&all->text, cluster->kind) ? "notice" : "error");
}

static void
put_damage_kind(struct annotations *all, int kind)
{
    const struct rf_damages *damages = all->text.report->damages;
    size_t shown = 0;
    rf_buf_string(&all->title_buf, "damage: ");
    rf_text_damage_count(&all->title, kind, false);
    for (size_t i = 0; i < damages->count && shown < DAMAGES_SHOWN; i++) {
        if ((int)damages->items[i].kind == kind && !damages->items[i].known) {
            rf_text_damage(&all->text, &damages->items[i]);
            shown++;
        }
    }
    uint64_t total = rf_text_damage_total(&all->text, kind, false);
    if (total > shown) {
        rf_buf_string(&all->text_buf, "and ");
        rf_paint_number(&all->text, total - shown);
        rf_buf_string(&all->text_buf, " more\n");
    }
    end_annotation(all, "error");
}

static bool
counts_as_damage(const struct annotations *all, int kind)
{
    return rf_text_damage_total(&all->text, kind, false) > 0 &&
           !rf_text_is_waived(&all->text, kind);
}

/* How many annotations there would be of what was found. */
static uint64_t
count_findings(const struct annotations *all)
{
    uint64_t count = all->text.findings->cluster_count;
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        count += counts_as_damage(all, kind);
    }
    return count + (rf_text_unclaimed(&all->text) > 0);
}

static void
put_damages(struct annotations *all)
{
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        if (counts_as_damage(all, kind) && all->room > 0) {
            put_damage_kind(all, kind);
            all->room--;
        }
    }
    if (rf_text_unclaimed(&all->text) > 0 && all->room > 0) {
        rf_buf_string(&all->title_buf, "damage");
        rf_text_put_unclaimed(&all->text);
        end_annotation(all, "error");
        all->room--;
    }
}

static void
put_more(struct annotations *all, const char *command, uint64_t count)
{
    rf_buf_string(&all->title_buf, "and ");
    rf_paint_number(&all->title, count);
    rf_buf_string(&all->title_buf, " more");
    rf_buf_string(&all->text_buf, "the other reports (-r text, -r json=FILE) tell all\n");
    end_annotation(all, command);
}

static void
put_findings(struct annotations *all)
{
    const struct rf_findings *findings = all->text.findings;
    uint64_t count = count_findings(all);
    bool fits = count <= ANNOTATIONS - 1; /* one is the verdict */
    all->room = fits ? count : ANNOTATIONS - 2;
    uint64_t shown = all->room;
    for (size_t i = 0; i < findings->cluster_count && all->room > 0; i++) {
        put_cluster(all, &findings->clusters[i]);
        all->room--;
    }
    put_damages(all);
    if (!fits) {
        bool green = rf_verdict_exit(&all->text.report->flags) == 0; /* of a dry run */
        put_more(all, green ? "notice" : "error", count - shown);
    }
}

static void
put_warnings(struct annotations *all)
{
    const struct rf_report *report = all->text.report;
    size_t shown = report->warning_count <= ANNOTATIONS ? report->warning_count : ANNOTATIONS - 1;
    for (size_t i = 0; i < shown; i++) {
        rf_buf_format(&all->title_buf, "refold %s", report->verb);
        rf_paint_message(&all->text, report->warnings[i], SIZE_MAX);
        end_annotation(all, "warning");
    }
    if (shown < report->warning_count) {
        put_more(all, "warning", report->warning_count - shown);
    }
}

void
rf_report_github(const struct rf_report *report, struct rf_buf *out)
{
    struct rf_report filled;
    struct annotations all = {.out = out};
    all.text = rf_page_begin_plain(report, &filled, &all.text_buf);
    all.text.indent = "";
    all.title = rf_page_into(&all.text, &all.title_buf);
    put_verdict(&all);
    put_findings(&all);
    put_warnings(&all);
    rf_buf_done(&all.title_buf);
    rf_buf_done(&all.text_buf);
}

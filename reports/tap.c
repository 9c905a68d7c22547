/* SPDX-License-Identifier: MIT */
/* The TAP report: what "prove" and other harnesses read. */
#include "reports/report.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/limits.h"
#include "reports/tap_lines.h"
#include "reports/text_internal.h"

/* The first point is the run itself: not ok where it is not whole. Then a point for each cluster,
 * the largest first, for each aggregate what is the same, and for each kind of damage. A harness
 * agrees with the exit status: all points are ok where that is 0, and only there.
 *
 * The form is that of TAP 14, which TAP 13 shares but for the number: harnesses before
 * Test::Harness 3.48 (Debian 12, Ubuntu 24.04) call a file with a newer number than 13 broken, and
 * later ones take 13.
 *
 * All text is shown text (base/escape.h). Strings of the YAML blocks stand in double quotes, one a
 * line, none in a list: so the small YAML that harnesses know reads them too. */

struct tap {
    struct rf_page page; /**< writes to `text` */
    struct rf_buf text;
    struct rf_buf points;
    size_t count; /**< of points, the first is not among `points` */
    size_t not_ok;
};

/* ---- lines ---- */

/* The point whose description was written to tap->text. @skip  why it counts neither way, or NULL
 */
static void
end_point(struct tap *tap, bool ok, const char *skip)
{
    tap->count++;
    tap->not_ok += !ok;
    rf_buf_format(&tap->points, "%sok %zu - ", ok ? "" : "not ", tap->count);
    rf_tap_description(&tap->points, &tap->text);
    if (skip != NULL) {
        rf_buf_format(&tap->points, " # SKIP %s", skip);
    }
    rf_buf_byte(&tap->points, '\n');
    rf_buf_clear(&tap->text);
}

/* The value was written to tap->text; where that is empty, there is none. */
static void
put_string(struct tap *tap, const char *key)
{
    if (tap->text.used > 0) {
        rf_tap_string(&tap->points, key, &tap->text);
    }
    rf_buf_clear(&tap->text);
}

static void
put_bytes(struct tap *tap, const char *key, const char *bytes, size_t count)
{
    if (bytes != NULL) {
        rf_escape_shown(&tap->text, bytes, count, RF_NAME_WIDTH);
        put_string(tap, key);
    }
}

static void
put_text(struct tap *tap, const char *key, const char *text)
{
    if (text != NULL) {
        rf_escape_shown(&tap->text, text, strlen(text), RF_MESSAGE_WIDTH);
        put_string(tap, key);
    }
}

static void
put_value(struct tap *tap, const char *key, const char *json)
{
    if (json != NULL) {
        rf_paint_value(&tap->page, json, 0);
        put_string(tap, key);
    }
}

static void
begin_block(struct tap *tap, const char *severity)
{
    rf_buf_format(&tap->points, "  ---\n  severity: %s\n", severity);
}

static void
end_block(struct tap *tap)
{
    rf_buf_string(&tap->points, "  ...\n");
}

/* ---- points ---- */

static void
put_at(struct tap *tap, const struct rf_difference *difference)
{
    const struct rf_suspect *suspect = &difference->suspect;
    rf_buf_string(&tap->points, "  at:\n");
    put_text(tap, "  aggregate", difference->aggregate);
    put_bytes(tap, "  id", difference->id, difference->id_bytes);
    rf_buf_format(&tap->points, "    version: %" PRId64 "\n",
                  suspect->basis != RF_BASIS_NONE ? suspect->version : difference->version);
    put_bytes(tap, "  event", suspect->type, suspect->type_bytes);
    put_text(tap, "  object", suspect->object);
    if (suspect->object != NULL) {
        rf_buf_format(&tap->points, "    offset: %" PRIu64 "\n", suspect->offset);
    }
}

/* The first listed difference of a cluster stands for all of it. */
static void
put_sample(struct tap *tap, const struct rf_difference *difference)
{
    put_at(tap, difference);
    put_text(tap, "reason", difference->message);
    if (difference->changes.count > 0) {
        const struct rf_change *change = &difference->changes.items[0];
        put_text(tap, "path", change->path);
        put_value(tap, "expect", change->old);
        put_value(tap, "got", change->value);
    }
}

static const char *
severity_of(enum rf_difference_kind kind)
{
    bool broken =
        kind == RF_DIFFERENCE_CRASHED || kind == RF_DIFFERENCE_HUNG || kind == RF_DIFFERENCE_IMPURE;
    return broken ? "error" : "fail";
}

static void
put_samples(struct tap *tap, const struct rf_cluster *cluster)
{
    for (size_t i = 0; i < cluster->sample_count; i++) {
        rf_buf_string(&tap->text, i == 0 ? "" : ", ");
        rf_paint_name(&tap->page, cluster->samples[i], cluster->sample_bytes[i]);
    }
    put_string(tap, "samples");
}

static void
put_cluster(struct tap *tap, const struct rf_cluster *cluster)
{
    bool proposed = rf_text_is_proposed(&tap->page, cluster->kind);
    rf_text_cluster(&tap->page, cluster);
    end_point(tap, proposed, proposed ? RF_GOLDEN_STAYS : NULL);
    begin_block(tap, proposed ? "comment" : severity_of(cluster->kind));
    rf_text_cluster(&tap->page, cluster);
    put_string(tap, "message");
    if (cluster->data_count > 0) {
        rf_buf_format(&tap->points, "  data: %" PRIu64 "\n", cluster->data_count);
    }
    const struct rf_difference *sample = rf_text_sample_of(tap->page.findings, cluster);
    if (sample != NULL) {
        put_sample(tap, sample);
    }
    put_samples(tap, cluster);
    end_block(tap);
}

static void
put_clusters(struct tap *tap)
{
    const struct rf_findings *findings = tap->page.findings;
    size_t shown = 0;
    while (shown < findings->cluster_count && shown < RF_LIMIT_TAP_POINTS) {
        put_cluster(tap, &findings->clusters[shown++]);
    }
    if (shown < findings->cluster_count) {
        bool green = rf_verdict_exit(&tap->page.report->flags) == 0; /* of a dry run */
        rf_text_more_clusters(&tap->page, shown);
        end_point(tap, green, green ? RF_GOLDEN_STAYS : NULL);
    }
}

static void
put_aggregates(struct tap *tap)
{
    const struct rf_findings *findings = tap->page.findings;
    size_t shown = 0;
    for (; shown < findings->tally_count && shown < RF_LIMIT_TAP_POINTS; shown++) {
        struct rf_quiet rows[RF_QUIET_MOST];
        size_t count = rf_text_quiet(&tap->page, &findings->tallies[shown], rows);
        for (size_t i = 0; i < count; i++) {
            rf_paint_word(&tap->page, findings->tallies[shown].name);
            rf_buf_string(&tap->text, ": ");
            rf_paint_counted(&tap->page, rows[i].count, rows[i].one, rows[i].many);
            end_point(tap, true, rows[i].skipped);
        }
    }
    if (shown < findings->tally_count) {
        rf_paint_counted(&tap->page, findings->tally_count - shown, "more aggregate",
                         "more aggregates");
        end_point(tap, true, "not listed here");
    }
}

/* Where the first of a kind is, and what. */
static void
put_damage_sample(struct tap *tap, int kind, bool known)
{
    const struct rf_damages *damages = tap->page.report->damages;
    for (size_t i = 0; i < damages->count; i++) {
        if ((int)damages->items[i].kind == kind && damages->items[i].known == known) {
            rf_text_damage_place(&tap->page, &damages->items[i]);
            put_string(tap, "at");
            put_text(tap, "reason", damages->items[i].message);
            return;
        }
    }
}

static void
put_damage_kind(struct tap *tap, int kind, bool known)
{
    bool waived = !known && rf_text_is_waived(&tap->page, kind);
    if (rf_text_damage_total(&tap->page, kind, known) == 0) {
        return;
    }
    rf_buf_string(&tap->text, "damage: ");
    rf_text_damage_count(&tap->page, kind, known);
    end_point(tap, known || waived,
              known    ? "known damage"
              : waived ? "waived by the policy of the config"
                       : NULL);
    begin_block(tap, known || waived ? "comment" : "error");
    rf_text_damage_count(&tap->page, kind, known);
    put_string(tap, "message");
    put_damage_sample(tap, kind, known);
    end_block(tap);
}

static void
put_damages(struct tap *tap)
{
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        put_damage_kind(tap, kind, false);
        put_damage_kind(tap, kind, true);
    }
    if (rf_text_unclaimed(&tap->page) > 0) {
        rf_buf_string(&tap->text, "damage: ");
        rf_text_put_unclaimed(&tap->page);
        end_point(tap, false, NULL);
    }
}

/* ---- the run itself ---- */

/* Whether what is told is no more than how far it came. */
static bool
ended_early(const struct rf_report *report)
{
    const struct rf_flags *flags = &report->flags;
    return report->ended_early || flags->signal != 0 || flags->internal || flags->incomplete ||
           (report->error != NULL && !flags->unwritten);
}

static void
put_run(struct tap *tap)
{
    const struct rf_report *report = tap->page.report;
    bool green = rf_verdict_exit(&report->flags) == 0;
    bool whole = rf_report_is_whole(report) && (tap->not_ok > 0 || green);
    tap->count = 0;
    rf_buf_format(&tap->text, "%s is whole", report->verb);
    end_point(tap, whole, NULL);
    if (!whole) {
        begin_block(tap, "error");
        rf_text_verdict(&tap->page);
        put_string(tap, "message");
        put_text(tap, "reason", report->error);
        end_block(tap);
    }
}

static void
put_bail_out(struct tap *tap, struct rf_buf *out)
{
    const struct rf_report *report = tap->page.report;
    rf_buf_string(out, "Bail out! ");
    if (report->error != NULL) {
        rf_paint_message(&tap->page, report->error, SIZE_MAX);
    } else {
        rf_text_verdict(&tap->page);
    }
    rf_tap_description(out, &tap->text);
    rf_buf_byte(out, '\n');
}

/* What was written to tap->text, as comments: blank lines are left out. */
static void
put_comments(struct tap *tap, struct rf_buf *out)
{
    struct rf_buf line = {0};
    for (size_t i = 0; i < tap->text.used; i++) {
        if (tap->text.bytes[i] != '\n') {
            rf_buf_byte(&line, tap->text.bytes[i]);
        } else if (line.used > 0) {
            rf_buf_string(out, "# ");
            rf_tap_description(out, &line);
            rf_buf_byte(out, '\n');
            rf_buf_clear(&line);
        }
    }
    rf_buf_done(&line);
    rf_buf_clear(&tap->text);
}

/* What no point tells, for whoever reads what is green: the verdict, what it rests on, warnings. */
static void
put_head(struct tap *tap, struct rf_buf *out)
{
    const struct rf_report *report = tap->page.report;
    rf_text_verdict(&tap->page);
    rf_buf_byte(&tap->text, '\n');
    rf_text_history(&tap->page);
    for (size_t i = 0; i < report->warning_count; i++) {
        rf_buf_string(&tap->text, "warning: ");
        rf_paint_message(&tap->page, report->warnings[i], SIZE_MAX);
        rf_buf_byte(&tap->text, '\n');
    }
    put_comments(tap, out);
}

void
rf_report_tap(const struct rf_report *report, struct rf_buf *out)
{
    struct rf_report filled;
    struct tap tap = {.count = 1};
    tap.page = rf_page_begin_plain(report, &filled, &tap.text);
    put_clusters(&tap);
    put_aggregates(&tap);
    put_damages(&tap);
    rf_buf_format(out, "TAP version 13\n1..%zu\n", tap.count);
    put_head(&tap, out);
    struct rf_buf others = tap.points;
    tap.points = (struct rf_buf){0};
    put_run(&tap);
    rf_buf_add(out, tap.points.bytes, tap.points.used);
    rf_buf_add(out, others.bytes, others.used);
    if (ended_early(&filled)) {
        put_bail_out(&tap, out);
    }
    rf_buf_done(&others);
    rf_buf_done(&tap.points);
    rf_buf_done(&tap.text);
}

/* SPDX-License-Identifier: MIT */
/* The JUnit report: schema/junit.xsd. */
#include "reports/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/limits.h"
#include "base/names.h"
#include "reports/members.h"
#include "reports/text_internal.h"
#include "reports/xml.h"

/* The first suite tells of the run itself: its case is an error where the run is not whole, so that
 * no file of a run that failed is green. Then a suite for each aggregate, those that differ first,
 * each with its largest cluster first; what is the same is one case. Damage is the last suite.
 *
 * Two cases never have one class and name: readers would keep the first of them. All text is shown
 * text (base/escape.h) before it becomes XML, which forbids control characters even as references.
 */

/* Of each kind; beside the cases of differences. */
#define DAMAGES_EACH (RF_LIMIT_JUNIT_CASES / 4 / RF_DAMAGE_COUNT_)

enum outcome { PASSED, FAILURE, ERROR, SKIPPED };

struct counts {
    size_t tests, failures, errors, skipped;
};

struct junit {
    /* The case in the making. Pages write to the buffer of their name. */
    struct rf_page name, message, text;
    struct rf_buf class_buf, name_buf, message_buf, text_buf;
    struct rf_buf body;   /**< XML: the cases of the suite in the making */
    struct rf_buf suites; /**< XML: the suites that are done */
    struct counts suite, all;
    struct rf_names *taken; /**< classes and names */
    uint32_t *times;        /**< how often, by number in `taken` */
    size_t times_room;
    uint64_t told; /**< differences that some case tells of */
};

/* ---- XML ---- */

static void
put_counts(struct rf_buf *out, const struct counts *counts)
{
    rf_buf_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"",
                  counts->tests, counts->failures, counts->errors, counts->skipped);
}

/* ---- cases ---- */

/* Appends " (2)" to a name that its class has already. */
static void
tell_apart(struct junit *junit)
{
    struct rf_buf key = {0};
    rf_buf_add(&key, junit->class_buf.bytes, junit->class_buf.used);
    rf_buf_byte(&key, '\n');
    rf_buf_add(&key, junit->name_buf.bytes, junit->name_buf.used);
    size_t plain = key.used;
    uint32_t number = rf_names_number(junit->taken, key.bytes, key.used);
    RF_VERIFY(number != UINT32_MAX);
    size_t known = junit->times_room;
    RF_GROW(junit->times, junit->times_room, number + 1);
    memset(junit->times + known, 0, (junit->times_room - known) * sizeof(*junit->times));
    uint32_t *times = &junit->times[number];
    while (++*times > 1) {
        key.used = plain;
        rf_buf_format(&key, " (%" PRIu32 ")", *times);
        if (rf_names_find(junit->taken, key.bytes, key.used) == UINT32_MAX) {
            rf_buf_add(&junit->name_buf, key.bytes + plain, key.used - plain);
            tell_apart(junit); /* the new name is taken now */
            break;
        }
    }
    rf_buf_done(&key);
}

static void
put_outcome(struct junit *junit, const char *element, const char *type)
{
    struct rf_buf *out = &junit->body;
    rf_buf_format(out, ">\n      <%s", element);
    if (type != NULL) {
        rf_buf_format(out, " type=\"%s\"", type);
    }
    rf_xml_attribute(out, "message", &junit->message_buf);
    if (junit->text_buf.used == 0) {
        rf_buf_string(out, "/>");
    } else {
        rf_buf_byte(out, '>');
        rf_paint_cut(&junit->text_buf, RF_LIMIT_JUNIT_TEXT_BYTES);
        rf_xml_text(out, &junit->text_buf);
        rf_buf_format(out, "</%s>", element);
    }
    rf_buf_string(out, "\n    </testcase>\n");
}

/* The case whose name, message and text were written. @type  of a failure or error */
static void
end_case(struct junit *junit, enum outcome outcome, const char *type)
{
    tell_apart(junit);
    rf_buf_string(&junit->body, "    <testcase");
    rf_xml_attribute(&junit->body, "classname", &junit->class_buf);
    rf_xml_attribute(&junit->body, "name", &junit->name_buf);
    junit->suite.tests++;
    switch (outcome) {
    case PASSED:
        rf_buf_string(&junit->body, "/>\n");
        break;
    case FAILURE:
        junit->suite.failures++;
        put_outcome(junit, "failure", type);
        break;
    case ERROR:
        junit->suite.errors++;
        put_outcome(junit, "error", type);
        break;
    case SKIPPED:
        junit->suite.skipped++;
        put_outcome(junit, "skipped", NULL);
        break;
    }
    rf_buf_clear(&junit->name_buf);
    rf_buf_clear(&junit->message_buf);
    rf_buf_clear(&junit->text_buf);
}

/* A suite's own name is the class of its cases. */
static void
begin_suite(struct junit *junit, const char *class_name)
{
    rf_buf_clear(&junit->class_buf);
    rf_buf_clear(&junit->body);
    rf_buf_string(&junit->class_buf, class_name);
    junit->suite = (struct counts){0};
}

static void
add_suite_counts(struct junit *junit)
{
    junit->all.tests += junit->suite.tests;
    junit->all.failures += junit->suite.failures;
    junit->all.errors += junit->suite.errors;
    junit->all.skipped += junit->suite.skipped;
}

static void
end_suite(struct junit *junit)
{
    if (junit->suite.tests == 0) {
        return;
    }
    rf_buf_string(&junit->suites, "  <testsuite");
    rf_xml_attribute(&junit->suites, "name", &junit->class_buf);
    put_counts(&junit->suites, &junit->suite);
    rf_buf_string(&junit->suites, ">\n");
    rf_buf_add(&junit->suites, junit->body.bytes, junit->body.used);
    rf_buf_string(&junit->suites, "  </testsuite>\n");
    add_suite_counts(junit);
}

static bool
has_room(const struct junit *junit)
{
    return junit->all.tests + junit->suite.tests < RF_LIMIT_JUNIT_CASES &&
           junit->suites.used + junit->body.used < RF_LIMIT_JUNIT_BYTES;
}

/* ---- aggregates ---- */

static enum outcome
outcome_of(const struct junit *junit, enum rf_difference_kind kind)
{
    if (rf_text_is_proposed(&junit->name, kind)) {
        return SKIPPED;
    }
    bool broken =
        kind == RF_DIFFERENCE_CRASHED || kind == RF_DIFFERENCE_HUNG || kind == RF_DIFFERENCE_IMPURE;
    return broken ? ERROR : FAILURE;
}

static void
put_difference(struct junit *junit, const struct rf_cluster *cluster,
               const struct rf_difference *difference)
{
    rf_xml_name(&junit->name_buf, difference->id, difference->id_bytes);
    rf_text_cluster(&junit->message, cluster);
    struct rf_page full = junit->text;
    full.verbose = true; /* all its changes */
    rf_text_difference(&full, difference);
    end_case(junit, outcome_of(junit, difference->kind), rf_difference_name(difference->kind));
    junit->told++;
}

/* Its members that are not listed, as one case. */
static void
put_more_of_cluster(struct junit *junit, const struct rf_cluster *cluster, uint64_t count)
{
    rf_paint_number(&junit->name, count);
    rf_buf_format(&junit->name_buf, " more of cluster %s", cluster->key);
    rf_text_cluster(&junit->message, cluster);
    rf_text_cluster_data(&junit->text, cluster);
    rf_text_cluster_samples(&junit->text, cluster);
    end_case(junit, outcome_of(junit, cluster->kind), rf_difference_name(cluster->kind));
    junit->told += count;
}

static void
put_members(struct junit *junit, const struct rf_members *members)
{
    size_t shown = 0;
    while (shown < members->count && has_room(junit)) {
        put_difference(junit, members->cluster, members->items[shown++]);
    }
    if (members->cluster->count > shown && has_room(junit)) {
        put_more_of_cluster(junit, members->cluster, members->cluster->count - shown);
    }
}

static void
put_quiet(struct junit *junit, const struct rf_tally *tally)
{
    struct rf_quiet rows[RF_QUIET_MOST];
    size_t count = rf_text_quiet(&junit->name, tally, rows);
    for (size_t i = 0; i < count; i++) {
        rf_paint_counted(&junit->name, rows[i].count, rows[i].one, rows[i].many);
        if (rows[i].skipped != NULL) {
            rf_paint_counted(&junit->message, rows[i].count, rows[i].one, rows[i].many);
        }
        end_case(junit, rows[i].skipped != NULL ? SKIPPED : PASSED, NULL);
    }
}

/* Aggregates that differ, or those that do not; returns how many found no room. */
static size_t
put_aggregates(struct junit *junit, const struct rf_member_index *index, bool differing)
{
    const struct rf_findings *findings = junit->name.findings;
    size_t left_out = 0;
    for (size_t i = 0; i < findings->tally_count; i++) {
        const struct rf_tally *tally = &findings->tallies[i];
        size_t count;
        const struct rf_members *first = rf_members_of(index, tally->name, &count);
        if ((count > 0) != differing) {
            continue;
        }
        if (!has_room(junit)) {
            left_out++;
            continue;
        }
        begin_suite(junit, "refold.");
        rf_xml_name(&junit->class_buf, tally->name, strlen(tally->name));
        for (size_t k = 0; k < count; k++) {
            put_members(junit, &first[k]);
        }
        put_quiet(junit, tally);
        end_suite(junit);
    }
    return left_out;
}

/* ---- damage ---- */

static void
put_damage(struct junit *junit, const struct rf_damage *damage)
{
    bool waived = rf_text_is_waived(&junit->name, (int)damage->kind);
    bool counts = !waived && !damage->known;
    rf_buf_string(&junit->name_buf, rf_damage_name(damage->kind));
    if (damage->object != NULL || damage->id != NULL) {
        rf_buf_string(&junit->name_buf, ": ");
        rf_text_damage_place(&junit->name, damage);
    }
    rf_buf_string(&junit->message_buf, damage->known ? "known damage: "
                                       : waived      ? "waived by the config's policy: "
                                                     : "");
    rf_paint_message(&junit->message, damage->message != NULL ? damage->message : "",
                     RF_MESSAGE_WIDTH);
    rf_text_damage(&junit->text, damage);
    end_case(junit, counts ? ERROR : SKIPPED, rf_damage_name(damage->kind));
}

static void
put_damage_kind(struct junit *junit, int kind, bool known)
{
    const struct rf_damages *damages = junit->name.report->damages;
    uint64_t total = rf_text_damage_total(&junit->name, kind, known);
    uint64_t shown = 0;
    for (size_t i = 0; i < damages->count; i++) {
        bool fits = junit->body.used < RF_LIMIT_JUNIT_DAMAGE_BYTES && shown < DAMAGES_EACH;
        if ((int)damages->items[i].kind == kind && damages->items[i].known == known && fits) {
            put_damage(junit, &damages->items[i]);
            shown++;
        }
    }
    if (total > shown) {
        rf_paint_number(&junit->name, total - shown);
        rf_buf_format(&junit->name_buf, " more: %s%s", rf_damage_name((enum rf_damage_kind)kind),
                      known ? ", known" : "");
        rf_text_damage_count(&junit->message, kind, known);
        rf_buf_string(&junit->message_buf, "; the JSON report (-r json=FILE) lists more");
        end_case(junit, known || rf_text_is_waived(&junit->name, kind) ? SKIPPED : ERROR,
                 rf_damage_name((enum rf_damage_kind)kind));
    }
}

/* No aggregate's suite has this name: theirs begin with "refold.". */
static void
put_damages(struct junit *junit)
{
    begin_suite(junit, "refold-damage");
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        put_damage_kind(junit, kind, false);
        put_damage_kind(junit, kind, true);
    }
    if (rf_text_unclaimed(&junit->name) > 0) {
        rf_text_put_unclaimed(&junit->name);
        rf_text_put_unclaimed(&junit->message);
        end_case(junit, ERROR, "unclaimed");
    }
    end_suite(junit);
}

/* ---- the run itself ---- */

static void
put_property(struct rf_buf *out, const char *name, const char *value)
{
    rf_buf_format(out, "      <property name=\"%s\" value=\"%s\"/>\n", name, value);
}

static void
put_count_property(struct rf_buf *out, const char *name, uint64_t value)
{
    char digits[24];
    (void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
    put_property(out, name, digits);
}

static void
put_properties(struct junit *junit, struct rf_buf *out)
{
    const struct rf_report *report = junit->name.report;
    uint64_t damages = 0;
    uint64_t known = 0;
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        damages += report->damages->totals[kind];
        known += report->damages->known[kind];
    }
    rf_buf_string(out, "    <properties>\n");
    put_property(out, "refold.version", report->version);
    put_property(out, "refold.verdict", rf_verdict_name(&report->flags));
    put_count_property(out, "refold.exit", (uint64_t)rf_verdict_exit(&report->flags));
    put_count_property(out, "refold.differences", report->findings->differences_total);
    put_count_property(out, "refold.clusters", report->findings->cluster_count);
    put_count_property(out, "refold.damage", damages);
    if (known > 0) {
        put_count_property(out, "refold.damage.known", known);
    }
    rf_buf_string(out, "    </properties>\n");
}

/* What a person reads first: the verdict, then the clusters. */
static void
put_summary(struct junit *junit, struct rf_buf *out)
{
    struct rf_page page = junit->text;
    page.indent = "    ";
    rf_text_verdict(&page);
    rf_buf_byte(page.out, '\n');
    rf_text_clusters(&page);
    rf_text_history(&page);
    rf_text_next(&page);
    rf_paint_cut(page.out, RF_LIMIT_JUNIT_TEXT_BYTES);
    rf_buf_string(out, "    <system-out>");
    rf_xml_text(out, page.out);
    rf_buf_string(out, "</system-out>\n");
    rf_buf_clear(page.out);
}

static void
put_run_case(struct junit *junit, uint64_t untold)
{
    const struct rf_report *report = junit->name.report;
    bool red = junit->all.failures + junit->all.errors + untold > 0;
    bool green = rf_verdict_exit(&report->flags) == 0;
    rf_buf_format(&junit->name_buf, "%s is whole", report->verb);
    if (rf_report_is_whole(report) && (red || green)) {
        end_case(junit, PASSED, NULL);
        return;
    }
    rf_text_verdict(&junit->message);
    if (report->error != NULL) {
        rf_paint_message(&junit->text, report->error, SIZE_MAX);
        rf_buf_byte(&junit->text_buf, '\n');
    }
    rf_text_next(&junit->text);
    end_case(junit, ERROR, rf_verdict_name(&report->flags));
}

/* @left_out  aggregates that found no room; differences that found none are those not told of */
static void
put_run_cases(struct junit *junit, size_t left_out)
{
    uint64_t total = junit->name.findings->differences_total;
    uint64_t untold = total > junit->told ? total - junit->told : 0;
    begin_suite(junit, "refold");
    put_run_case(junit, untold);
    if (untold > 0) {
        bool green = rf_verdict_exit(&junit->name.report->flags) == 0; /* of a dry run */
        rf_paint_counted(&junit->name, untold, "more difference", "more differences");
        rf_buf_string(&junit->message_buf,
                      "not listed here; the clusters of the JSON report (-r json=FILE) cover all");
        end_case(junit, green ? SKIPPED : FAILURE, "difference");
    }
    if (left_out > 0) {
        rf_paint_counted(&junit->name, left_out, "more aggregate", "more aggregates");
        rf_buf_string(&junit->message_buf, "not listed here; the JSON report (-r json=FILE) is");
        end_case(junit, SKIPPED, NULL);
    }
    add_suite_counts(junit);
}

/* The first suite is made last: it knows what the others told. */
static void
put_suites(struct junit *junit, struct rf_buf *out)
{
    const struct rf_report *report = junit->name.report;
    rf_buf_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    rf_buf_format(out, "<testsuites name=\"refold %s\"", report->verb);
    put_counts(out, &junit->all);
    rf_xml_seconds(out, report->seconds);
    rf_buf_string(out, ">\n  <testsuite name=\"refold\"");
    put_counts(out, &junit->suite);
    rf_xml_seconds(out, report->seconds);
    rf_buf_string(out, ">\n");
    put_properties(junit, out);
    rf_buf_add(out, junit->body.bytes, junit->body.used);
    put_summary(junit, out);
    rf_buf_string(out, "  </testsuite>\n");
    rf_buf_add(out, junit->suites.bytes, junit->suites.used);
    rf_buf_string(out, "</testsuites>\n");
}

void
rf_report_junit(const struct rf_report *report, struct rf_buf *out)
{
    struct rf_report filled;
    struct junit junit = {.taken = rf_names_new()};
    junit.text = rf_page_begin_plain(report, &filled, &junit.text_buf);
    junit.text.indent = "";
    junit.message = rf_page_into(&junit.text, &junit.message_buf);
    junit.name = rf_page_into(&junit.text, &junit.name_buf);
    junit.name.name_width = SIZE_MAX;
    struct rf_member_index index = rf_member_index_make(filled.findings);
    size_t left_out = put_aggregates(&junit, &index, true);
    left_out += put_aggregates(&junit, &index, false);
    put_damages(&junit);
    put_run_cases(&junit, left_out);
    put_suites(&junit, out);
    rf_member_index_done(&index);
    rf_names_free(junit.taken);
    free(junit.times);
    struct rf_buf *bufs[] = {&junit.class_buf, &junit.name_buf, &junit.message_buf,
                             &junit.text_buf,  &junit.body,     &junit.suites};
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++) {
        rf_buf_done(bufs[i]);
    }
}

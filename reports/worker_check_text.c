/* SPDX-License-Identifier: MIT */
/* What `refold worker-check` found, for people: a line for each check, and what is wrong below it.
 */
#include <string.h>

#include "base/escape.h"
#include "reports/text_paint.h"
#include "reports/worker_check.h"

#define NAME_WIDTH  16
#define VALUE_CHARS 400

static void
paint(const struct rf_worker_check_report *report, struct rf_buf *out, const char *code)
{
    if (report->color) {
        rf_buf_string(out, code);
    }
}

static const char *
color_of(enum rf_check_result result)
{
    return result == RF_CHECK_OK        ? RF_GREEN
           : result == RF_CHECK_WRONG   ? RF_RED
           : result == RF_CHECK_STOPPED ? RF_YELLOW
                                        : RF_DIM;
}

const char *
rf_check_result_name(enum rf_check_result result)
{
    static const char *const names[] = {"", "ok", "not ok", "skipped", "stopped"};
    return names[result];
}

/* ---- a check --------------------------------------------------------------------------------- */

static void
put_line(struct rf_buf *out, const char *name, const char *text)
{
    rf_buf_format(out, "            %-10s ", name);
    rf_escape_shown(out, text, strlen(text), VALUE_CHARS);
    rf_buf_byte(out, '\n');
}

static void
put_bytes(struct rf_buf *out, const struct rf_buf *bytes)
{
    if (bytes->used == 0) {
        return;
    }
    rf_buf_string(out, "            bytes     ");
    for (size_t i = 0; i < bytes->used; i++) {
        if (i > 0 && i % 16 == 0) {
            rf_buf_string(out, "\n                      ");
        }
        rf_buf_format(out, " %02x", (unsigned char)bytes->bytes[i]);
    }
    rf_buf_byte(out, '\n');
}

static void
put_wrong(const struct rf_check *check, const struct rf_checked *checked, struct rf_buf *out)
{
    rf_buf_format(out, "            %-10s harness/docs/worker-protocol.md, \"%s\"\n", "protocol",
                  check->chapter);
    if (strcmp(checked->during, check->promise) != 0) {
        put_line(out, "during", checked->during);
    }
    put_line(out, "expected", checked->expected);
    put_line(out, "seen", checked->seen);
    put_bytes(out, &checked->bytes);
}

static void
put_check(const struct rf_worker_check_report *report, const struct rf_check *check,
          const struct rf_checked *checked, struct rf_buf *out)
{
    if (report->verbosity < 0 && checked->result != RF_CHECK_WRONG) {
        return;
    }
    rf_buf_string(out, "  ");
    paint(report, out, color_of(checked->result));
    rf_buf_format(out, "%-8s", rf_check_result_name(checked->result));
    paint(report, out, RF_PLAIN);
    rf_buf_format(out, " %-*s %s", NAME_WIDTH, check->name, check->promise);
    if (checked->result == RF_CHECK_SKIPPED) {
        rf_buf_string(out, ": ");
        rf_escape_shown(out, checked->seen, strlen(checked->seen), VALUE_CHARS);
    } else if (checked->result == RF_CHECK_STOPPED) {
        rf_buf_format(out, ": %s stood in the way", rf_checks[checked->culprit].name);
    }
    rf_buf_byte(out, '\n');
    if (checked->result == RF_CHECK_WRONG) {
        put_wrong(check, checked, out);
    }
}

/* ---- the verdict ----------------------------------------------------------------------------- */

static void
put_verdict(const struct rf_worker_check_report *report, struct rf_buf *out)
{
    const size_t *counts = report->found->counts;
    if (report->verbosity >= 0 || report->exit != 0) {
        rf_buf_byte(out, '\n');
    }
    paint(report, out, report->exit == 0 ? RF_GREEN : RF_RED);
    rf_escape_shown(out, report->file, strlen(report->file), VALUE_CHARS);
    if (report->found->speaker != NULL) {
        rf_buf_string(out, " (");
        rf_escape_shown(out, report->found->speaker, strlen(report->found->speaker), 60);
        rf_buf_byte(out, ')');
    }
    rf_buf_format(out, ": %s: %zu checks ok",
                  report->exit == 0 ? "speaks the protocol" : "does not speak the protocol",
                  counts[RF_CHECK_OK]);
    if (counts[RF_CHECK_WRONG] > 0) {
        rf_buf_format(out, ", %zu not ok", counts[RF_CHECK_WRONG]);
    }
    if (counts[RF_CHECK_STOPPED] > 0) {
        rf_buf_format(out, ", %zu stopped by these", counts[RF_CHECK_STOPPED]);
    }
    if (counts[RF_CHECK_SKIPPED] > 0) {
        rf_buf_format(out, ", %zu skipped", counts[RF_CHECK_SKIPPED]);
    }
    if (report->exit != 0) {
        rf_buf_format(out, " (exit %d)", report->exit);
    }
    paint(report, out, RF_PLAIN);
    rf_buf_byte(out, '\n');
}

void
rf_worker_check_text(const struct rf_worker_check_report *report, struct rf_buf *out)
{
    for (int i = 0; i < RF_CHECK_COUNT_; i++) {
        put_check(report, &rf_checks[i], &report->found->checks[i], out);
    }
    put_verdict(report, out);
}

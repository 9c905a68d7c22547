/* SPDX-License-Identifier: MIT */
/* What `refold golden verify` found, for people: each finding with the command that repairs it. */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "reports/text_paint.h"
#include "reports/verify.h"

/** Findings that are listed; with -v all are. */
#define LISTED 20

static void
paint(const struct rf_verify_report *report, struct rf_buf *out, const char *code)
{
    if (report->color) {
        rf_buf_string(out, code);
    }
}

static const char *
color_of(enum rf_defect_weight weight)
{
    return weight == RF_DEFECT_NOTE ? RF_DIM : weight == RF_DEFECT_WARNING ? RF_YELLOW : RF_RED;
}

/** "golden/order.ndjson:12: damage: the line …", and below it the command. */
static void
put_defect(const struct rf_verify_report *report, const struct rf_defect *defect,
           struct rf_buf *out)
{
    rf_escape_terminal(out, defect->file, strlen(defect->file));
    if (defect->line > 0) {
        rf_buf_format(out, ":%" PRIu64, defect->line);
    }
    rf_buf_string(out, ": ");
    paint(report, out, color_of(defect->weight));
    rf_buf_string(out, rf_defect_name(defect->weight));
    paint(report, out, RF_PLAIN);
    if (defect->id != NULL) {
        rf_buf_string(out, ": ");
        rf_escape_quoted(out, defect->id, defect->id_bytes, RF_VALUE_WIDTH);
    }
    rf_buf_string(out, ": ");
    rf_escape_terminal(out, defect->message, strlen(defect->message));
    rf_buf_byte(out, '\n');
    if (defect->repair != NULL) {
        rf_buf_format(out, "    %s\n", defect->repair);
    }
}

/** The commands are the same as a rule: one of each file is enough where lines of it follow. */
static bool
repeats_repair(const struct rf_defect *defect, const struct rf_defect *next)
{
    return defect->repair != NULL && next->repair != NULL &&
           strcmp(defect->repair, next->repair) == 0 && strcmp(defect->file, next->file) == 0;
}

static void
put_defects(const struct rf_verify_report *report, struct rf_buf *out)
{
    const struct rf_verification *found = report->found;
    size_t shown =
        report->verbosity > 0 || found->defect_count < LISTED ? found->defect_count : LISTED;
    for (size_t i = 0; i < shown; i++) {
        struct rf_defect defect = found->defects[i];
        if (i + 1 < shown && repeats_repair(&defect, &found->defects[i + 1])) {
            defect.repair = NULL;
        }
        put_defect(report, &defect, out);
    }
    if (shown < found->defect_count) {
        rf_buf_format(out, "and %zu more; -v lists all\n", found->defect_count - shown);
    }
    if (shown > 0) {
        rf_buf_byte(out, '\n');
    }
}

static void
put_goldens(const struct rf_verify_report *report, struct rf_buf *out)
{
    const struct rf_verification *found = report->found;
    for (size_t i = 0; i < found->golden_count; i++) {
        const struct rf_verified *golden = &found->goldens[i];
        rf_buf_string(out, "  ");
        rf_escape_shown(out, golden->aggregate, strlen(golden->aggregate), RF_NAME_WIDTH);
        rf_buf_format(out, ": %" PRIu64 " line%s", golden->lines, golden->lines == 1 ? "" : "s");
        if (golden->form == RF_FORM_DIGEST) {
            rf_buf_format(out, ", %" PRIu64 " of %" PRIu64 " shards at hand", golden->shards_read,
                          golden->shards);
        } else if (golden->form == RF_FORM_GZIP) {
            rf_buf_string(out, ", gzip");
        }
        rf_buf_format(out, "%s\n",
                      golden->worst == RF_DEFECT_NOTE      ? ""
                      : golden->worst == RF_DEFECT_WARNING ? ", not as it was blessed"
                      : golden->worst == RF_DEFECT_DAMAGE  ? ", damaged"
                                                           : ", could not be read");
    }
}

static void
put_count(struct rf_buf *out, uint64_t count, const char *one, const char *many)
{
    if (count > 0) {
        rf_buf_format(out, "; %" PRIu64 " %s", count, count == 1 ? one : many);
    }
}

static void
put_verdict(const struct rf_verify_report *report, struct rf_buf *out)
{
    static const char *const verdicts[] = {"sound",   "not as blessed", "nothing to verify",
                                           "damaged", "incomplete",     "unwritten"};
    const struct rf_verification *found = report->found;
    uint64_t lines = 0;
    for (size_t i = 0; i < found->golden_count; i++) {
        lines += found->goldens[i].lines;
    }
    paint(report, out, report->exit == 0 ? RF_GREEN : RF_RED);
    rf_buf_format(out, "%s: ", report->exit < 6 ? verdicts[report->exit] : "failed");
    if (found->golden_count == 0) {
        rf_buf_string(out, "no golden in ");
        rf_escape_terminal(out, report->folder, strlen(report->folder));
    } else {
        rf_buf_format(out, "%zu golden%s, %" PRIu64 " line%s", found->golden_count,
                      found->golden_count == 1 ? "" : "s", lines, lines == 1 ? "" : "s");
    }
    put_count(out, found->totals[RF_DEFECT_DAMAGE], "damage", "damages");
    put_count(out, found->totals[RF_DEFECT_UNREAD], "file not read", "files not read");
    put_count(out, found->totals[RF_DEFECT_WARNING], "warning", "warnings");
    put_count(out, found->totals[RF_DEFECT_NOTE], "note", "notes");
    if (report->exit != 0) {
        rf_buf_format(out, " (exit %d)", report->exit);
    }
    paint(report, out, RF_PLAIN);
    rf_buf_byte(out, '\n');
}

void
rf_verify_text(const struct rf_verify_report *report, struct rf_buf *out)
{
    if (report->error != NULL) {
        return; /* it stands on standard error */
    }
    bool listed = report->verbosity >= 0 || report->exit != 0;
    if (listed) {
        put_defects(report, out);
    }
    if (report->verbosity >= 0) {
        put_goldens(report, out);
    }
    if (report->verbosity >= 0 || report->exit != 0) {
        put_verdict(report, out);
    }
}

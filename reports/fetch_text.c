/* SPDX-License-Identifier: MIT */
/* What came of a fetch, for people. */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "reports/fetch.h"
#include "reports/text.h"
#include "walk/fetched.h"

/** "4,120 objects" */
static void
put_objects(struct rf_buf *out, uint64_t count)
{
    rf_text_part_number(count, out);
    rf_buf_string(out, count == 1 ? " object" : " objects");
}

static void
put_bytes_of(struct rf_buf *out, struct rf_fetch_sum sum, bool unknown)
{
    if (unknown && sum.bytes == 0) {
        return;
    }
    rf_buf_string(out, unknown ? ", at least " : ", ");
    rf_text_part_number(sum.bytes, out);
    rf_buf_string(out, sum.bytes == 1 ? " byte" : " bytes");
}

static void
put_name(struct rf_buf *out, const char *name)
{
    rf_escape_shell(out, name, strlen(name));
}

/** ", 4,120 requests"; of 0 nothing */
static void
put_part(struct rf_buf *out, uint64_t count, const char *what)
{
    if (count > 0) {
        rf_buf_string(out, ", ");
        rf_text_part_number(count, out);
        rf_buf_format(out, " %s", what);
    }
}

/** "2 objects WHAT, the first is KEY" */
static void
put_sample(struct rf_buf *out, uint64_t count, const char *what, const char *sample)
{
    if (count > 0) {
        put_objects(out, count);
        rf_buf_format(out, " %s%s ", what, count == 1 ? ":" : ", the first is");
        put_name(out, sample);
        rf_buf_byte(out, '\n');
    }
}

static void
put_headline(const struct rf_fetch_report *report, struct rf_buf *out)
{
    const struct rf_fetch_result *result = report->result;
    uint64_t lacking = result->refused + result->failed;
    if (lacking > 0) {
        rf_buf_string(out, "incomplete: ");
        rf_text_part_number(lacking, out);
        rf_buf_string(out, " of ");
        put_objects(out, result->listed.objects);
        rf_buf_string(out, lacking == 1 ? " is not here" : " are not here");
        put_part(out, result->untried, "of them not tried");
        rf_buf_string(out, "; ");
    }
    put_objects(out, result->fetched.objects);
    rf_buf_string(out, report->dry ? " would be fetched into " : " fetched into ");
    put_name(out, report->folder);
    if (result->fetched.objects > 0) {
        put_bytes_of(out, result->fetched, result->bytes_unknown);
    }
    if (result->kept.objects > 0) {
        rf_buf_string(out, "; ");
        rf_text_part_number(result->kept.objects, out);
        rf_buf_string(out, result->kept.objects == 1 ? " was here already" : " were here already");
    }
    rf_buf_byte(out, '\n');
}

static void
put_cost(const struct rf_fetch_report *report, struct rf_buf *out)
{
    const struct rf_fetch_result *result = report->result;
    uint64_t planned = report->dry ? result->fetched.objects : 0;
    rf_text_part_number(result->requests, out);
    rf_buf_string(out, result->requests == 1 ? " request" : " requests");
    put_part(out, planned, "more would be made");
    put_part(out, result->retries, result->retries == 1 ? "retry" : "retries");
    put_part(out, result->resumed.bytes, "bytes gone on with");
    rf_buf_format(out, ", %.1f s", report->seconds);
    if (!report->dry && report->seconds > 0 && result->received > 0) {
        rf_buf_format(out, ", %.1f MB/s", (double)result->received / 1e6 / report->seconds);
    }
    rf_buf_byte(out, '\n');
}

static void
put_gone(const struct rf_fetch_report *report, struct rf_buf *out)
{
    const struct rf_fetch_result *result = report->result;
    if (result->gone == 0) {
        return;
    }
    put_objects(out, result->gone);
    rf_buf_string(out, " fetched before and no longer there");
    bool lacks = result->failed + result->refused > 0;
    if (result->removed.objects > 0) {
        bool is_part = result->removed.objects < result->gone;
        put_part(out, is_part ? result->removed.objects : 0, "of them");
        rf_buf_format(out, "%s%s", is_part ? " " : ", ",
                      report->dry ? "would be removed here" : "removed here");
        put_bytes_of(out, result->removed, false);
        rf_buf_string(out,
                      is_part && lacks ? "; no more is removed while others are not here" : "");
    } else if (!report->removes) {
        rf_buf_string(out, "; --delete removes what is no longer there");
    } else if (lacks) {
        rf_buf_string(out, "; nothing is removed while others are not here");
    }
    rf_buf_byte(out, '\n');
    bool lists = report->verbosity > 0 || (report->dry && report->removes);
    for (size_t i = 0; lists && i < result->gone_listed; i++) {
        rf_buf_string(out, "    ");
        put_name(out, result->gone_keys[i]);
        rf_buf_byte(out, '\n');
    }
}

void
rf_fetch_text(const struct rf_fetch_report *report, struct rf_buf *out)
{
    const struct rf_fetch_result *result = report->result;
    if (result->listed.objects == 0) {
        return; /* it ended early: the error says all there is */
    }
    put_headline(report, out);
    if (report->verbosity < 0) {
        return;
    }
    put_cost(report, out);
    put_sample(out, result->changed, "changed there since fetched before", result->changed_sample);
    put_sample(out, result->altered, "not here as fetched before", result->altered_sample);
    put_gone(report, out);
    put_sample(out, result->ours, "of another fetch's own left out", result->ours_sample);
    if (result->markers > 0) {
        rf_text_part_number(result->markers, out);
        rf_buf_string(out, result->markers == 1 ? " empty marker of a folder left out\n"
                                                : " empty markers of folders left out\n");
    }
    if (result->seal[0] != '\0') {
        rf_buf_string(out, "manifest: ");
        rf_buf_format(out, "%s, sealed %s\n", RF_MANIFEST_NAME, result->seal);
    }
}

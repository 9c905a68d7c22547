/* SPDX-License-Identifier: MIT */
/* What the verdict rests on, in words: the history and the proof. */
#include "reports/text_internal.h"

#include <inttypes.h>

#include "base/limits.h"

/** So many foreign objects are named without -v. */
#define FOREIGN_SHOWN 3
/** … and so many aggregates that are not loaded. */
#define NAMES_SHOWN 3

static void
put_terms(const struct rf_page *page)
{
    const struct rf_sums *sums = page->report->sums;
    rf_paint_part(page, sums->unreadable, "unreadable object", "unreadable objects");
    rf_paint_part(page, sums->foreign, "foreign object", "foreign objects");
    rf_paint_part(page, page->report->ingested->hollow, "object that holds nothing",
                  "objects that hold nothing");
    rf_paint_part(page, page->report->ingested->odd_names, "odd name", "odd names");
    rf_paint_part(page, sums->malformed, "malformed record", "malformed records");
    rf_paint_part(page, sums->empty, "empty record", "empty records");
    rf_paint_part(page, page->report->ingested->counts.repeated_keys,
                  "event with a key that occurs twice", "events with a key that occurs twice");
    rf_paint_part(page, sums->terms[RF_TERM_DUPLICATES], "duplicate", "duplicates");
    rf_paint_part(page, sums->terms[RF_TERM_CONFLICTS], "conflict", "conflicts");
    rf_paint_part(page, page->report->gathered->gaps, "gap", "gaps");
    for (int term = 0; term < RF_TERM_COUNT_; term++) {
        if (term != RF_TERM_DUPLICATES && term != RF_TERM_CONFLICTS && term != RF_TERM_FOLDED) {
            const char *name = rf_term_name((enum rf_term)term);
            rf_paint_part(page, sums->terms[term], name, name);
        }
    }
    rf_paint_part(page, page->findings->beyond, "beyond the golden", "beyond the golden");
}

void
rf_text_foreign(const struct rf_page *page, const char *lead)
{
    const struct rf_ingest_result *ingested = page->report->ingested;
    size_t count = ingested->foreign_count;
    size_t most = page->report->verbosity > 0 || count < FOREIGN_SHOWN ? count : FOREIGN_SHOWN;
    for (size_t i = 0; i < most; i++) {
        rf_buf_format(page->out, "%sforeign, not read as history: ", lead);
        rf_paint_word(page, ingested->foreign[i]);
        rf_buf_byte(page->out, '\n');
    }
    if (count > most) {
        rf_buf_format(page->out, "%sforeign: and %zu more%s\n", lead, count - most,
                      page->hints ? ", named with -v" : "");
    }
}

/** How many instances were folded in other worlds too: of all others nothing is known. */
static void
put_purity(const struct rf_page *page)
{
    if (page->report->purity == RF_PURITY_OFF || page->report->gathered->instances == 0) {
        return;
    }
    rf_buf_string(page->out, "purity: ");
    rf_paint_number(page, page->report->examined);
    rf_buf_string(page->out, " of ");
    rf_paint_counted(page, page->report->gathered->instances, "instance", "instances");
    rf_buf_string(page->out, " folded twice\n");
}

/** Of which aggregates the events are that no build takes: someone may know better. */
static void
put_unclaimed(const struct rf_page *page)
{
    const struct rf_unclaimed *unclaimed = page->report->unclaimed;
    size_t listed = unclaimed->count < rf_limits.listed ? unclaimed->count : rf_limits.listed;
    size_t most = page->report->verbosity > 0 || listed < NAMES_SHOWN ? listed : NAMES_SHOWN;
    uint64_t left = page->report->sums->terms[RF_TERM_UNCLAIMED];
    if (unclaimed->count == 0) {
        return;
    }
    rf_buf_string(page->out, "unclaimed: ");
    for (size_t i = 0; i < unclaimed->count; i++) {
        const struct rf_unclaimed_row *row = &unclaimed->rows[i];
        left -= row->events < left ? row->events : left;
        if (i < most) {
            rf_buf_string(page->out, i == 0 ? "" : ", ");
            rf_paint_counted(page, row->events, "event", "events");
            rf_buf_string(page->out, " of ");
            rf_paint_word(page, row->name);
        }
    }
    if (unclaimed->count > most) {
        rf_buf_format(page->out, ", and of %zu more aggregate%s%s", unclaimed->count - most,
                      unclaimed->count - most == 1 ? "" : "s",
                      page->hints && listed > most ? ", named with -v" : "");
    }
    rf_paint_part(page, left, "of no name", "of no name");
    rf_buf_byte(page->out, '\n');
}

/** Instances that nothing tells of what they lack. A bless has warned of them. */
static void
put_versionless(const struct rf_page *page)
{
    const struct rf_gather_counts *gathered = page->report->gathered;
    if (gathered->versionless == 0 || rf_text_is_bless(page)) {
        return;
    }
    rf_buf_string(page->out, "without versions: ");
    rf_paint_counted(page, gathered->versionless, "instance", "instances");
    rf_buf_string(page->out, ", of which an event that is missing cannot be seen");
    if (gathered->timeless > 0) {
        rf_buf_string(page->out, "; without times too: ");
        rf_paint_number(page, gathered->timeless);
        rf_buf_string(page->out, ", in the order of keys and offsets");
    }
    if (gathered->tied > 0) {
        rf_buf_string(page->out, "; with events of one time: ");
        rf_paint_number(page, gathered->tied);
        rf_buf_string(page->out, ", these in the order of keys and offsets");
    }
    rf_buf_byte(page->out, '\n');
}

void
rf_text_history(const struct rf_page *page)
{
    const struct rf_ingest_result *ingested = page->report->ingested;
    rf_paint_section(page);
    rf_buf_string(page->out, "history: ");
    rf_paint_counted(page, page->report->sums->objects, "object", "objects");
    rf_buf_string(page->out, ", ");
    rf_paint_counted(page, page->report->sums->events, "event", "events");
    put_terms(page);
    if (ingested->has_first && rf_time_valid(ingested->first) && rf_time_valid(ingested->last)) {
        char first[RF_TIME_TEXT_BYTES];
        char last[RF_TIME_TEXT_BYTES];
        (void)rf_time_print(ingested->first, first);
        (void)rf_time_print(ingested->last, last);
        rf_buf_format(page->out, "; %s to %s", first, last);
    }
    rf_buf_byte(page->out, '\n');
    put_purity(page);
    put_versionless(page);
    put_unclaimed(page);
    rf_text_foreign(page, "");
    for (size_t i = 0; i < page->findings->unloaded_count; i++) {
        rf_buf_string(page->out, "golden of an aggregate that is not loaded: ");
        rf_paint_message(page, page->findings->unloaded[i], RF_NAME_WIDTH);
        rf_buf_byte(page->out, '\n');
    }
}

static void
put_multiset(const struct rf_page *page, const char *name, const struct rf_multiset *set)
{
    rf_buf_format(page->out, ", %s %016" PRIx64 "%016" PRIx64, name, set->sum, set->mixed);
}

static void
put_build(const struct rf_page *page, const char *role, const struct rf_build *build)
{
    rf_buf_format(page->out, "%s: ", role);
    rf_paint_word(page, build->name);
    rf_buf_string(page->out, " from ");
    rf_paint_word(page, build->path);
    rf_buf_format(page->out, ", sha256 %s%s%s%s\n", build->sha256,
                  build->identifies ? ", identifies" : "", build->upcasts ? ", upcasts" : "",
                  build->checks ? ", checks" : "");
}

/** Of digest goldens: how much of their lines was needed. */
static void
put_golden_lines(const struct rf_page *page)
{
    const struct rf_lines_use *lines = &page->findings->lines;
    if (lines->shards == 0) {
        return;
    }
    rf_buf_string(page->out, "golden: of ");
    rf_paint_counted(page, lines->shards, "shard", "shards");
    rf_buf_string(page->out, " with ");
    rf_paint_counted(page, lines->lines, "line", "lines");
    rf_buf_string(page->out, ", ");
    rf_paint_counted(page, lines->shards_read, "was read", "were read");
    rf_buf_string(page->out, ": ");
    rf_paint_counted(page, lines->lines_read, "line", "lines");
    rf_buf_string(page->out, " in ");
    rf_paint_counted(page, lines->bytes_read, "byte", "bytes");
    rf_buf_byte(page->out, '\n');
}

void
rf_text_proof(const struct rf_page *page)
{
    const struct rf_report *report = page->report;
    for (size_t i = 0; i < report->build_count; i++) {
        put_build(page, report->rivals == NULL ? "build" : "BASE", report->builds[i]);
        if (report->rivals != NULL && report->rivals[i] != NULL) {
            put_build(page, "HEAD", report->rivals[i]);
        }
    }
    rf_text_held(page);
    rf_buf_format(page->out, "proof: refold %s", report->version);
    if (report->golden_digest[0] != '\0') {
        rf_buf_format(page->out, ", golden %s", report->golden_digest);
    }
    put_multiset(page, "history", &page->findings->history);
    if (report->golden_digest[0] != '\0' || report->rivals != NULL) {
        put_multiset(page, "compared", &page->findings->compared);
    }
    rf_buf_byte(page->out, '\n');
    put_golden_lines(page);
    uint64_t millis = report->seconds > 0 ? (uint64_t)(report->seconds * 1000 + 0.5) : 0;
    rf_buf_format(page->out, "time: %" PRIu64 ".%03" PRIu64 " s, peak memory ", millis / 1000,
                  millis % 1000);
    rf_paint_number(page, report->peak_bytes >> 20);
    rf_buf_string(page->out, " MiB\n");
}

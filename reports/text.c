/* SPDX-License-Identifier: MIT */
/* The report that people read, in a terminal or in a build's log. */
#include "reports/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/escape.h"

/* What changed most stands first; the verdict and what to do next stand last, where the eye is when
 * the command is done. Nothing out of an event, an id, a file's name or a message is printed
 * unescaped, nor at the front of a line. Colour only repeats what the words say. */

#define CLUSTERS_SHOWN      10
#define SAMPLES_SHOWN       3
#define VERBOSE_DIFFERENCES 20
#define CHANGES_SHOWN       10
#define DAMAGES_SHOWN       5
#define VERBOSE_DAMAGES     50
#define TALLIES_SHOWN       20
#define PATHS_SHOWN         3
/* Clusters that are searched for a listed difference; a million clusters must not take a minute. */
#define CLUSTERS_SEARCHED 1000
/* Shown characters of a value, a name, a message. */
#define VALUE_WIDTH   120
#define NAME_WIDTH    120
#define MESSAGE_WIDTH 240
/* What is shown of two long values in front of their first difference. */
#define CONTEXT_BYTES 30

#define RED    "\x1b[31m"
#define GREEN  "\x1b[32m"
#define YELLOW "\x1b[33m"
#define DIM    "\x1b[2m"
#define PLAIN  "\x1b[0m"

/* The report in the making. */
struct page {
    struct rf_buf *out;
    const struct rf_report *report;
    const struct rf_findings *findings;
    struct rf_tally total; /* over all aggregates */
    size_t start;          /* where the page begins in `out` */
    bool verbose;
};

/* ---- words ---- */

static void
color(const struct page *page, const char *code)
{
    if (page->report->color) {
        rf_buf_string(page->out, code);
    }
}

/* A blank line between what belongs together. */
static void
section(const struct page *page)
{
    if (page->out->used > page->start) {
        rf_buf_byte(page->out, '\n');
    }
}

/* 4,120 */
static void
put_number(const struct page *page, uint64_t value)
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, value);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            rf_buf_byte(page->out, ',');
        }
        rf_buf_byte(page->out, digits[i]);
    }
}

static void
put_counted(const struct page *page, uint64_t count, const char *one, const char *many)
{
    put_number(page, count);
    rf_buf_byte(page->out, ' ');
    rf_buf_string(page->out, count == 1 ? one : many);
}

static bool
is_letter(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

/* Whether a name reads as one word without quotes. */
static bool
is_word(const char *bytes, size_t count)
{
    if (count == 0 || count > NAME_WIDTH || bytes[0] == ':') {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_letter(bytes[i]) && !(bytes[i] >= '0' && bytes[i] <= '9') &&
            (bytes[i] == '\0' || strchr("._:/@+=-~*", bytes[i]) == NULL)) {
            return false;
        }
    }
    return true;
}

/* An id, type, path or file name: quoted where it would not read as one word. */
static void
put_name(const struct page *page, const char *bytes, size_t count)
{
    if (is_word(bytes, count)) {
        rf_buf_add(page->out, bytes, count);
    } else {
        rf_escape_quoted(page->out, bytes, count, NAME_WIDTH);
    }
}

static void
put_word(const struct page *page, const char *name)
{
    put_name(page, name, strlen(name));
}

static bool
ends_with(const char *name, const char *end)
{
    size_t length = strlen(name);
    size_t end_length = strlen(end);
    return length >= end_length && strcmp(name + length - end_length, end) == 0;
}

/* orders, categories, boxes, processes; "orders" stays. */
static void
put_plural(const struct page *page, const char *name)
{
    size_t length = strlen(name);
    bool vowel_y = length > 1 && strchr("aeiou", name[length - 2]) != NULL;
    if (ends_with(name, "y") && !vowel_y) {
        rf_buf_add(page->out, name, length - 1);
        rf_buf_string(page->out, "ies");
        return;
    }
    rf_buf_string(page->out, name);
    if (ends_with(name, "ss") || ends_with(name, "us") || ends_with(name, "x") ||
        ends_with(name, "ch") || ends_with(name, "sh")) {
        rf_buf_string(page->out, "es");
    } else if (!ends_with(name, "s")) {
        rf_buf_byte(page->out, 's');
    }
}

/* "4,120 orders", or "4,120 instances of 'some name'" */
static void
put_instances(const struct page *page, uint64_t count, const char *aggregate)
{
    size_t length = strlen(aggregate);
    if (!is_word(aggregate, length) || !is_letter(aggregate[length - 1])) {
        put_counted(page, count, "instance of ", "instances of ");
        put_word(page, aggregate);
        return;
    }
    put_number(page, count);
    rf_buf_byte(page->out, ' ');
    if (count == 1) {
        rf_buf_string(page->out, aggregate);
    } else {
        put_plural(page, aggregate);
    }
}

/* ---- columns of the counts ---- */

struct column {
    const char *title;
    size_t offset; /* in struct rf_tally */
    bool always;
};

/* "equal", not "same": that word is the verdict's alone. */
static const struct column COLUMNS[] = {
    {"instances", offsetof(struct rf_tally, instances), true},
    {"events", offsetof(struct rf_tally, events), true},
    {"compared", offsetof(struct rf_tally, compared), false},
    {"equal", offsetof(struct rf_tally, same), false},
    {"changed", offsetof(struct rf_tally, changed), false},
    {"unblessed", offsetof(struct rf_tally, unblessed), false},
    {"missing", offsetof(struct rf_tally, missing), false},
    {"uncompared", offsetof(struct rf_tally, uncompared), false},
    {"cut short", offsetof(struct rf_tally, cut_short), false},
    {"rejected", offsetof(struct rf_tally, rejected), false},
    {"crashed", offsetof(struct rf_tally, crashed), false},
    {"hung", offsetof(struct rf_tally, hung), false},
    {"impure", offsetof(struct rf_tally, impure), false},
    {"ignored only", offsetof(struct rf_tally, ignored_only), false},
};
#define COLUMN_COUNT (sizeof(COLUMNS) / sizeof(COLUMNS[0]))

static uint64_t
tally_value(const struct rf_tally *tally, size_t offset)
{
    uint64_t value;
    memcpy(&value, (const char *)tally + offset, sizeof(value));
    return value;
}

static void
add_up(struct page *page)
{
    for (size_t row = 0; row < page->findings->tally_count; row++) {
        for (size_t i = 0; i < COLUMN_COUNT; i++) {
            uint64_t sum = tally_value(&page->total, COLUMNS[i].offset) +
                           tally_value(&page->findings->tallies[row], COLUMNS[i].offset);
            memcpy((char *)&page->total + COLUMNS[i].offset, &sum, sizeof(sum));
        }
    }
}

/* A column's sum in words: "610 files", "610 files and 20 orders", "900 instances of 7 aggregates"
 */
static void
put_sum(const struct page *page, size_t offset)
{
    const struct rf_findings *findings = page->findings;
    const char *names[2];
    uint64_t values[2];
    size_t found = 0;
    for (size_t i = 0; i < findings->tally_count; i++) {
        uint64_t value = tally_value(&findings->tallies[i], offset);
        if (value > 0 && found < 2) {
            names[found] = findings->tallies[i].name;
            values[found] = value;
        }
        found += value > 0;
    }
    if (found == 0 || found > 2) {
        put_counted(page, tally_value(&page->total, offset), "instance", "instances");
        if (found > 2) {
            rf_buf_string(page->out, " of ");
            put_counted(page, found, "aggregate", "aggregates");
        }
        return;
    }
    put_instances(page, values[0], names[0]);
    if (found == 2) {
        rf_buf_string(page->out, " and ");
        put_instances(page, values[1], names[1]);
    }
}

/* ---- clusters ---- */

static void
put_path(const struct page *page, const char *path)
{
    if (*path == '\0') {
        rf_buf_string(page->out, "the whole state");
    } else {
        put_word(page, path);
    }
}

static void
put_value(const struct page *page, const char *json)
{
    rf_escape_json_shown(page->out, json, strlen(json), 0, VALUE_WIDTH);
}

/* /status "paid" -> "approved"; without a shared value on one side, that side is left out */
static void
put_paths(const struct page *page, const struct rf_cluster *cluster)
{
    size_t shown = cluster->path_count > PATHS_SHOWN + 1 ? PATHS_SHOWN : cluster->path_count;
    for (size_t i = 0; i < shown; i++) {
        bool last = i + 1 == cluster->path_count;
        rf_buf_string(page->out, i == 0 ? ": " : last ? " and " : ", ");
        put_path(page, cluster->paths[i]);
    }
    if (shown < cluster->path_count) {
        rf_buf_string(page->out, " and ");
        put_counted(page, cluster->path_count - shown, "more path", "more paths");
    }
    if (cluster->from != NULL) {
        rf_buf_string(page->out, cluster->to != NULL ? " " : " was ");
        put_value(page, cluster->from);
    }
    if (cluster->to != NULL) {
        rf_buf_string(page->out, cluster->from != NULL ? " -> " : " is now ");
        put_value(page, cluster->to);
    }
}

/* What stands behind "4,120 orders changed". */
static void
put_cluster_detail(const struct page *page, const struct rf_cluster *cluster)
{
    if (cluster->kind == RF_DIFFERENCE_MISSING) {
        rf_buf_string(page->out, ": in the golden, not in the history");
    } else if (cluster->kind == RF_DIFFERENCE_UNBLESSED) {
        rf_buf_string(page->out, ": in the history, not in the golden");
    } else {
        put_paths(page, cluster);
    }
    if (cluster->event != NULL) {
        bool changed = cluster->kind == RF_DIFFERENCE_CHANGED;
        rf_buf_string(page->out, changed ? ", last written by " : ", at ");
        put_word(page, cluster->event);
    }
}

static void
put_samples(const struct page *page, const struct rf_cluster *cluster)
{
    size_t shown = page->verbose || cluster->sample_count < SAMPLES_SHOWN ? cluster->sample_count
                                                                          : SAMPLES_SHOWN;
    rf_buf_string(page->out, "    ");
    color(page, DIM);
    rf_buf_string(page->out, "for example ");
    for (size_t i = 0; i < shown; i++) {
        rf_buf_string(page->out, i == 0 ? "" : ", ");
        put_name(page, cluster->samples[i], cluster->sample_bytes[i]);
    }
    color(page, PLAIN);
    rf_buf_byte(page->out, '\n');
}

static void
put_cluster(const struct page *page, const struct rf_cluster *cluster)
{
    color(page, RED);
    put_instances(page, cluster->count, cluster->aggregate);
    rf_buf_byte(page->out, ' ');
    rf_buf_string(page->out, rf_difference_name(cluster->kind));
    color(page, PLAIN);
    put_cluster_detail(page, cluster);
    rf_buf_byte(page->out, '\n');
    if (cluster->data_count > 0) {
        rf_buf_string(page->out, "    ");
        put_number(page, cluster->data_count);
        rf_buf_string(page->out, " of them because the history is another: not the events that "
                                 "were blessed (data, not code)\n");
    }
    if (cluster->sample_count > 0) {
        put_samples(page, cluster);
    }
}

static size_t
clusters_shown(const struct page *page)
{
    size_t count = page->findings->cluster_count;
    return page->verbose || count < CLUSTERS_SHOWN ? count : CLUSTERS_SHOWN;
}

static void
put_clusters(const struct page *page)
{
    const struct rf_findings *findings = page->findings;
    size_t shown = clusters_shown(page);
    if (findings->cluster_count == 0) {
        return;
    }
    section(page);
    for (size_t i = 0; i < shown; i++) {
        put_cluster(page, &findings->clusters[i]);
    }
    if (shown < findings->cluster_count) {
        uint64_t rest = 0;
        for (size_t i = shown; i < findings->cluster_count; i++) {
            rest += findings->clusters[i].count;
        }
        rf_buf_string(page->out, "and ");
        put_counted(page, findings->cluster_count - shown, "more cluster", "more clusters");
        rf_buf_string(page->out, " (");
        put_counted(page, rest, "instance", "instances");
        rf_buf_string(page->out, "); -v shows all\n");
    }
}

/* ---- differences in full ---- */

static const char *
suspect_words(const struct rf_difference *difference)
{
    if (difference->kind != RF_DIFFERENCE_CHANGED) {
        return "at";
    }
    switch (difference->suspect.basis) {
    case RF_BASIS_LAST_WRITER:
        return "last written by";
    case RF_BASIS_COMPARE:
        return "the builds part at";
    case RF_BASIS_TRACE:
    case RF_BASIS_NONE:
        break;
    }
    return "suspect is";
}

static void
put_suspect(const struct page *page, const struct rf_difference *difference)
{
    const struct rf_suspect *suspect = &difference->suspect;
    if (suspect->basis == RF_BASIS_NONE) {
        return;
    }
    rf_buf_format(page->out, "    %s ", suspect_words(difference));
    if (suspect->type != NULL) {
        put_word(page, suspect->type);
        rf_buf_byte(page->out, ' ');
    }
    rf_buf_format(page->out, "@%" PRId64, suspect->version);
    if (suspect->has_at && rf_time_valid(suspect->at)) {
        char text[RF_TIME_TEXT_BYTES];
        (void)rf_time_print(suspect->at, text);
        rf_buf_format(page->out, ", %s", text);
    }
    rf_buf_byte(page->out, '\n');
    if (suspect->object != NULL) {
        rf_buf_string(page->out, "    in ");
        put_word(page, suspect->object);
        rf_buf_format(page->out, ":%" PRIu64 "\n", suspect->offset);
    }
}

/* Where to begin two long values, so that what differs is within what is shown. */
static size_t
shown_from(const struct rf_change *change)
{
    if (change->old == NULL || change->value == NULL ||
        (strlen(change->old) <= VALUE_WIDTH && strlen(change->value) <= VALUE_WIDTH)) {
        return 0;
    }
    size_t shared = 0;
    while (change->old[shared] != '\0' && change->old[shared] == change->value[shared]) {
        shared++;
    }
    return shared > 2 * CONTEXT_BYTES ? shared - CONTEXT_BYTES : 0;
}

static void
put_side(const struct page *page, const struct rf_change *change, bool fresh, size_t from)
{
    const char *json = fresh ? change->value : change->old;
    if (json == NULL) {
        return;
    }
    rf_buf_string(page->out, "    ");
    color(page, fresh ? GREEN : RED);
    rf_buf_string(page->out, fresh ? "+ " : "- ");
    put_path(page, change->path);
    rf_buf_byte(page->out, ' ');
    rf_escape_json_shown(page->out, json, strlen(json), from, VALUE_WIDTH);
    color(page, PLAIN);
    rf_buf_byte(page->out, '\n');
}

static void
put_changes(const struct page *page, const struct rf_difference *difference)
{
    size_t count = difference->changes.count;
    size_t shown = page->verbose || count < CHANGES_SHOWN ? count : CHANGES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        const struct rf_change *change = &difference->changes.items[i];
        size_t from = shown_from(change);
        put_side(page, change, false, from);
        put_side(page, change, true, from);
    }
    size_t total = difference->changes_total > count ? difference->changes_total : count;
    if (total > shown) {
        rf_buf_string(page->out, "    and ");
        put_counted(page, total - shown, "more change", "more changes");
        rf_buf_byte(page->out, '\n');
    }
}

static void
put_difference(const struct page *page, const struct rf_difference *difference)
{
    section(page);
    rf_buf_format(page->out, "%s: ", rf_difference_name(difference->kind));
    put_word(page, difference->aggregate);
    rf_buf_byte(page->out, ' ');
    put_name(page, difference->id, difference->id_bytes);
    rf_buf_format(page->out, " @%" PRId64 "\n", difference->version);
    put_suspect(page, difference);
    if (difference->cause == RF_CAUSE_DATA) {
        rf_buf_string(page->out, "    its events are not those that were blessed (data)\n");
    }
    if (difference->message != NULL) {
        rf_buf_string(page->out, "    reason: ");
        rf_escape_shown(page->out, difference->message, strlen(difference->message), MESSAGE_WIDTH);
        rf_buf_byte(page->out, '\n');
    }
    put_changes(page, difference);
}

static const struct rf_difference *
first_of_cluster(const struct rf_findings *findings, const struct rf_cluster *cluster)
{
    for (size_t i = 0; i < findings->difference_count; i++) {
        if (strcmp(findings->differences[i].cluster, cluster->key) == 0) {
            return &findings->differences[i];
        }
    }
    return NULL;
}

/* One of each cluster first; the limit may then leave room for others. */
static void
put_differences(const struct page *page)
{
    const struct rf_findings *findings = page->findings;
    size_t limit = page->report->samples;
    if (page->verbose && limit < VERBOSE_DIFFERENCES) {
        limit = VERBOSE_DIFFERENCES;
    }
    size_t count = 0;
    for (size_t i = 0; i < clusters_shown(page) && i < CLUSTERS_SEARCHED && count < limit; i++) {
        const struct rf_difference *first = first_of_cluster(findings, &findings->clusters[i]);
        if (first != NULL) {
            put_difference(page, first);
            count++;
        }
    }
    if (!page->verbose) {
        return;
    }
    for (size_t i = 0; i < findings->difference_count && count < limit; i++) {
        const struct rf_difference *difference = &findings->differences[i];
        bool shown = false;
        for (size_t k = 0; k < clusters_shown(page) && !shown; k++) {
            shown = first_of_cluster(findings, &findings->clusters[k]) == difference;
        }
        if (!shown) {
            put_difference(page, difference);
            count++;
        }
    }
}

/* ---- damage ---- */

/* Each kind in words, and what may be done about it. */
static const struct damage_words {
    const char *one;
    const char *many;
    const char *help;
    bool has_policy; /* refold.json can waive it */
} DAMAGE_WORDS[RF_DAMAGE_COUNT_] = {
    [RF_DAMAGE_UNREADABLE] = {"unreadable object", "unreadable objects",
                              "copy the unreadable objects from their bucket again", false},
    [RF_DAMAGE_TRUNCATED] = {"truncated object", "truncated objects",
                             "copy the truncated objects from their bucket again", false},
    [RF_DAMAGE_MALFORMED] = {"malformed record", "malformed records",
                             "mend the malformed records, or choose their envelope with -e", true},
    [RF_DAMAGE_GAP] = {"gap in the versions", "gaps in the versions",
                       "add the objects that hold the missing versions", true},
    [RF_DAMAGE_CONFLICT] = {"version with two contents", "versions with two contents",
                            "find out which of the two events is true", true},
    [RF_DAMAGE_CUT_SHORT] = {"instance ends before its golden's version",
                             "instances end before their golden's version",
                             "add the objects that hold the end of the history", false},
    [RF_DAMAGE_ERRORS] = {"object under an error prefix", "objects under an error prefix",
                          "look at what Firehose could not process", true},
    [RF_DAMAGE_GOLDEN] = {"fault in the golden", "faults in the golden",
                          "restore the golden from version control", false},
};

static bool
is_waived(const struct page *page, int kind)
{
    return page->report->damage_policies[kind] != RF_POLICY_ERROR;
}

/* "3 gaps in the versions, 1 malformed record", of what is waived or of what is not; false: none */
static bool
put_damage_kinds(const struct page *page, bool waived)
{
    bool any = false;
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        uint64_t total = page->report->damages->totals[kind];
        if (total > 0 && is_waived(page, kind) == waived) {
            rf_buf_string(page->out, any ? ", " : "");
            put_counted(page, total, DAMAGE_WORDS[kind].one, DAMAGE_WORDS[kind].many);
            any = true;
        }
    }
    return any;
}

static void
put_damage_place(const struct page *page, const struct rf_damage *damage)
{
    if (damage->object != NULL) {
        put_word(page, damage->object);
        if (damage->has_offset) {
            rf_buf_format(page->out, ":%" PRIu64, damage->offset);
        }
        rf_buf_string(page->out, damage->id != NULL ? ", " : "");
    }
    if (damage->id != NULL) {
        put_word(page, damage->aggregate != NULL ? damage->aggregate : "instance");
        rf_buf_byte(page->out, ' ');
        put_name(page, damage->id, damage->id_bytes);
        if (damage->has_version) {
            rf_buf_format(page->out, " @%" PRId64, damage->version);
        }
    }
}

static void
put_damage(const struct page *page, const struct rf_damage *damage)
{
    rf_buf_string(page->out, "    ");
    put_damage_place(page, damage);
    if (damage->message != NULL) {
        bool placed = damage->object != NULL || damage->id != NULL;
        rf_buf_string(page->out, placed ? ": " : "reason: ");
        rf_escape_shown(page->out, damage->message, strlen(damage->message), MESSAGE_WIDTH);
    }
    rf_buf_byte(page->out, '\n');
}

static void
put_damage_kind(const struct page *page, int kind)
{
    const struct rf_damages *damages = page->report->damages;
    uint64_t limit = page->verbose ? VERBOSE_DAMAGES : DAMAGES_SHOWN;
    uint64_t shown = 0;
    color(page, is_waived(page, kind) ? YELLOW : RED);
    rf_buf_string(page->out, is_waived(page, kind) ? "waived damage: " : "damage: ");
    put_counted(page, damages->totals[kind], DAMAGE_WORDS[kind].one, DAMAGE_WORDS[kind].many);
    color(page, PLAIN);
    rf_buf_byte(page->out, '\n');
    for (size_t i = 0; i < damages->count && shown < limit; i++) {
        if ((int)damages->items[i].kind == kind) {
            put_damage(page, &damages->items[i]);
            shown++;
        }
    }
    if (shown < damages->totals[kind]) {
        rf_buf_string(page->out, "    and ");
        put_number(page, damages->totals[kind] - shown);
        rf_buf_string(page->out, " more\n");
    }
}

static void
put_damages(const struct page *page)
{
    bool any = false;
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        if (page->report->damages->totals[kind] > 0) {
            if (!any) {
                section(page);
            }
            any = true;
            put_damage_kind(page, kind);
        }
    }
}

/* ---- counts ---- */

/* Characters, as a terminal would count most of them. */
static size_t
text_width(const char *bytes, size_t count)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++) {
        width += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    }
    return width;
}

static void
put_blanks(const struct page *page, size_t count)
{
    while (count-- > 0) {
        rf_buf_byte(page->out, ' ');
    }
}

static size_t
number_width(uint64_t value)
{
    size_t digits = 1;
    while (value >= 10) {
        value /= 10;
        digits++;
    }
    return digits + (digits - 1) / 3;
}

static bool
is_shown_column(const struct page *page, size_t column)
{
    return COLUMNS[column].always || tally_value(&page->total, COLUMNS[column].offset) > 0;
}

/* No row is wider than the sum of all. */
static size_t
column_width(const struct page *page, size_t column)
{
    size_t width = number_width(tally_value(&page->total, COLUMNS[column].offset));
    size_t title = strlen(COLUMNS[column].title);
    return width > title ? width : title;
}

/* Appends the name and returns how wide it came out. */
static size_t
put_row_name(const struct page *page, const struct rf_tally *tally)
{
    size_t before = page->out->used;
    put_word(page, tally->name);
    return text_width(page->out->bytes + before, page->out->used - before);
}

static size_t
names_width(const struct page *page, size_t rows)
{
    size_t widest = strlen("aggregate");
    for (size_t i = 0; i < rows; i++) {
        size_t before = page->out->used;
        size_t width = put_row_name(page, &page->findings->tallies[i]);
        page->out->used = before;
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void
put_row_values(const struct page *page, const struct rf_tally *tally)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (is_shown_column(page, i)) {
            uint64_t value = tally_value(tally, COLUMNS[i].offset);
            put_blanks(page, 2 + column_width(page, i) - number_width(value));
            put_number(page, value);
        }
    }
    rf_buf_byte(page->out, '\n');
}

static void
put_titles(const struct page *page, size_t names)
{
    color(page, DIM);
    rf_buf_string(page->out, "  aggregate");
    put_blanks(page, names - strlen("aggregate"));
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (is_shown_column(page, i)) {
            put_blanks(page, 2 + column_width(page, i) - strlen(COLUMNS[i].title));
            rf_buf_string(page->out, COLUMNS[i].title);
        }
    }
    color(page, PLAIN);
    rf_buf_byte(page->out, '\n');
}

static void
put_counts(const struct page *page)
{
    const struct rf_findings *findings = page->findings;
    size_t count = findings->tally_count;
    size_t rows = page->verbose || count < TALLIES_SHOWN ? count : TALLIES_SHOWN;
    if (count == 0) {
        return;
    }
    section(page);
    size_t names = names_width(page, rows);
    put_titles(page, names);
    for (size_t i = 0; i < rows; i++) {
        rf_buf_string(page->out, "  ");
        put_blanks(page, names - put_row_name(page, &findings->tallies[i]));
        put_row_values(page, &findings->tallies[i]);
    }
    if (rows < count) {
        rf_buf_string(page->out, "  and ");
        put_counted(page, count - rows, "more aggregate", "more aggregates");
        rf_buf_string(page->out, "; -v shows all\n");
    }
    if (count > 1) {
        rf_buf_string(page->out, "  all");
        put_blanks(page, names - strlen("all"));
        put_row_values(page, &page->total);
    }
}

/* ---- the history ---- */

static void
put_part(const struct page *page, uint64_t count, const char *one, const char *many)
{
    if (count > 0) {
        rf_buf_string(page->out, ", ");
        put_counted(page, count, one, many);
    }
}

static void
put_terms(const struct page *page)
{
    const struct rf_sums *sums = page->report->sums;
    put_part(page, sums->unreadable, "unreadable object", "unreadable objects");
    put_part(page, sums->foreign, "foreign object", "foreign objects");
    put_part(page, page->report->ingested->odd_names, "odd name", "odd names");
    put_part(page, sums->malformed, "malformed record", "malformed records");
    put_part(page, sums->empty, "empty record", "empty records");
    put_part(page, sums->terms[RF_TERM_DUPLICATES], "duplicate", "duplicates");
    put_part(page, sums->terms[RF_TERM_CONFLICTS], "conflict", "conflicts");
    put_part(page, page->report->gathered->gaps, "gap", "gaps");
    for (int term = 0; term < RF_TERM_COUNT_; term++) {
        if (term != RF_TERM_DUPLICATES && term != RF_TERM_CONFLICTS && term != RF_TERM_FOLDED) {
            const char *name = rf_term_name((enum rf_term)term);
            put_part(page, sums->terms[term], name, name);
        }
    }
    put_part(page, page->findings->beyond, "beyond the golden", "beyond the golden");
}

static void
put_history(const struct page *page)
{
    const struct rf_ingest_result *ingested = page->report->ingested;
    section(page);
    rf_buf_string(page->out, "history: ");
    put_counted(page, page->report->sums->objects, "object", "objects");
    rf_buf_string(page->out, ", ");
    put_counted(page, page->report->sums->events, "event", "events");
    put_terms(page);
    if (ingested->has_first && rf_time_valid(ingested->first) && rf_time_valid(ingested->last)) {
        char first[RF_TIME_TEXT_BYTES];
        char last[RF_TIME_TEXT_BYTES];
        (void)rf_time_print(ingested->first, first);
        (void)rf_time_print(ingested->last, last);
        rf_buf_format(page->out, "; %s to %s", first, last);
    }
    rf_buf_byte(page->out, '\n');
    for (size_t i = 0; i < page->findings->unloaded_count; i++) {
        rf_buf_string(page->out, "golden of an aggregate that is not loaded: ");
        rf_escape_shown(page->out, page->findings->unloaded[i], strlen(page->findings->unloaded[i]),
                        NAME_WIDTH);
        rf_buf_byte(page->out, '\n');
    }
}

/* With -v: what the verdict rests on. */
static void
put_proof(const struct page *page)
{
    const struct rf_report *report = page->report;
    const struct rf_ingest_result *ingested = report->ingested;
    for (size_t i = 0; i < ingested->foreign_count; i++) {
        rf_buf_string(page->out, "foreign: ");
        put_word(page, ingested->foreign[i]);
        rf_buf_byte(page->out, '\n');
    }
    for (size_t i = 0; i < report->build_count; i++) {
        rf_buf_string(page->out, "build: ");
        put_word(page, report->builds[i]->name);
        rf_buf_string(page->out, " from ");
        put_word(page, report->builds[i]->path);
        rf_buf_format(page->out, ", sha256 %s\n", report->builds[i]->sha256);
    }
    rf_buf_format(page->out, "proof: refold %s", report->version);
    if (report->golden_digest[0] != '\0') {
        rf_buf_format(page->out, ", golden %s", report->golden_digest);
    }
    rf_buf_format(page->out,
                  ", history %016" PRIx64 "%016" PRIx64 ", compared %016" PRIx64 "%016" PRIx64 "\n",
                  page->findings->history.sum, page->findings->history.mixed,
                  page->findings->compared.sum, page->findings->compared.mixed);
    uint64_t millis = report->seconds > 0 ? (uint64_t)(report->seconds * 1000 + 0.5) : 0;
    rf_buf_format(page->out, "time: %" PRIu64 ".%03" PRIu64 " s, peak memory ", millis / 1000,
                  millis % 1000);
    put_number(page, report->peak_bytes >> 20);
    rf_buf_string(page->out, " MiB\n");
}

/* ---- the verdict ---- */

static bool
is_bless(const struct page *page)
{
    return strcmp(page->report->verb, "bless") == 0;
}

/* Begins one more reason of the verdict. */
static void
reason(const struct page *page, bool *any)
{
    rf_buf_string(page->out, *any ? "; " : "");
    *any = true;
}

static void
put_nothing(const struct page *page)
{
    if (page->report->sums->events == 0) {
        rf_buf_string(page->out, "no event was read");
    } else if (page->total.instances == 0) {
        rf_buf_string(page->out, "no event matched");
    } else {
        rf_buf_string(page->out, "no instance was compared");
    }
}

/* Why the run itself is not whole. */
static void
put_faults(const struct page *page, bool *any)
{
    const struct rf_flags *flags = &page->report->flags;
    if (flags->signal != 0) {
        reason(page, any);
        rf_buf_format(page->out, "ended by signal %d", flags->signal);
    }
    if (flags->internal) {
        reason(page, any);
        rf_buf_string(page->out, "refold itself failed, nothing above can be relied on");
    }
    if (flags->unwritten) {
        reason(page, any);
        rf_buf_string(page->out, "a report or golden could not be written");
    }
    if (flags->incomplete) {
        reason(page, any);
        rf_buf_string(page->out, "a source could not be read, or changed while it was read");
    }
    if (flags->damaged) {
        reason(page, any);
        if (!put_damage_kinds(page, false)) {
            put_counted(page, page->report->sums->terms[RF_TERM_UNCLAIMED], "event", "events");
            rf_buf_string(page->out, " of aggregates that are not loaded");
        }
        if (!is_bless(page)) {
            rf_buf_string(page->out, ": the verdict does not cover all of the history");
        }
    }
}

/* What was found, and what was left out of it. */
static void
put_results(const struct page *page, bool *any)
{
    const struct rf_flags *flags = &page->report->flags;
    if (flags->nothing) {
        reason(page, any);
        put_nothing(page);
    }
    if (flags->changed) {
        reason(page, any);
        put_counted(page, page->findings->differences_total, "difference", "differences");
    }
    if (flags->no_compare && page->total.instances > 0 && !is_bless(page)) {
        reason(page, any);
        rf_buf_string(page->out, "folded, not compared: ");
        put_sum(page, offsetof(struct rf_tally, instances));
    } else if (!flags->no_compare && (page->total.compared > 0 || !*any)) {
        reason(page, any);
        put_sum(page, offsetof(struct rf_tally, compared));
        rf_buf_string(page->out, " compared");
    }
    put_part(page, flags->no_compare ? 0 : page->total.unblessed, "unblessed", "unblessed");
    put_part(page, page->total.uncompared, "uncompared", "uncompared");
    size_t before = page->out->used;
    reason(page, any);
    rf_buf_string(page->out, "waived: ");
    if (!put_damage_kinds(page, true)) {
        page->out->used = before;
    }
}

/* Only what was written is called blessed. */
static bool
is_blessed(const struct rf_report *report)
{
    const struct rf_flags *flags = &report->flags;
    return report->blessed != NULL && flags->signal == 0 && !flags->internal && !flags->unwritten &&
           !flags->incomplete && !flags->damaged && !flags->nothing;
}

static void
put_blessed(const struct page *page)
{
    const struct rf_bless_summary *blessed = page->report->blessed;
    rf_buf_string(page->out, "blessed: ");
    put_sum(page, offsetof(struct rf_tally, instances));
    rf_buf_string(page->out, ": ");
    put_number(page, blessed->added);
    rf_buf_string(page->out, " added, ");
    put_number(page, blessed->changed);
    rf_buf_string(page->out, " changed, ");
    put_number(page, blessed->unchanged);
    rf_buf_string(page->out, " unchanged");
    put_part(page, blessed->removed, "removed", "removed");
    put_part(page, blessed->kept, "kept outside the selection", "kept outside the selection");
    rf_buf_string(page->out, "; ");
    put_counted(page, blessed->files, "file written", "files written");
    if (blessed->unfit > 0) {
        rf_buf_string(page->out, "; ");
        put_number(page, blessed->unfit);
        rf_buf_string(page->out, " crashed, hung or impure: left as they were in the golden");
    }
}

static void
put_verdict(const struct page *page)
{
    const struct rf_report *report = page->report;
    const char *name = rf_verdict_name(&report->flags);
    int exit_status = rf_verdict_exit(&report->flags);
    bool blessed = is_blessed(report);
    bool any = false;
    color(page, exit_status != 0 ? RED : blessed || strcmp(name, "same") == 0 ? GREEN : YELLOW);
    if (blessed) {
        put_blessed(page);
    } else {
        rf_buf_format(page->out, "%s: ", name);
        put_faults(page, &any);
        put_results(page, &any);
        if (is_bless(page) && !report->flags.unwritten) {
            reason(page, &any);
            rf_buf_string(page->out, "the golden is as it was");
        }
    }
    if (exit_status != 0) {
        rf_buf_format(page->out, " (exit %d)", exit_status);
    }
    color(page, PLAIN);
    rf_buf_byte(page->out, '\n');
}

/* ---- what to do next ---- */

/* The arguments of this run, which may be none, and the end of the line. */
static void
put_again(const struct page *page)
{
    const char *again = page->report->again;
    rf_buf_format(page->out, "%s%s\n", *again != '\0' ? " " : "", again);
}

static void
put_command(const struct page *page, const char *what, const char *verb)
{
    rf_buf_format(page->out, "%s:  refold %s", what, verb);
    put_again(page);
}

static void
put_help_for_damage(const struct page *page)
{
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        if (page->report->damages->totals[kind] > 0 && !is_waived(page, kind)) {
            rf_buf_format(page->out, "to mend it: %s", DAMAGE_WORDS[kind].help);
            if (DAMAGE_WORDS[kind].has_policy) {
                rf_buf_string(page->out, "; to live with it, in refold.json: ");
                rf_buf_format(page->out, "\"policy\": {\"%s\": \"warn\"}",
                              rf_damage_name((enum rf_damage_kind)kind));
            }
            rf_buf_byte(page->out, '\n');
        }
    }
}

/* The first difference whose id can stand in a command: no argument holds a NUL. */
static const struct rf_difference *
single_difference(const struct page *page)
{
    const struct rf_findings *findings = page->findings;
    for (size_t i = 0; i < findings->cluster_count && i < CLUSTERS_SHOWN; i++) {
        const struct rf_difference *first = first_of_cluster(findings, &findings->clusters[i]);
        if (first != NULL && memchr(first->id, '\0', first->id_bytes) == NULL) {
            return first;
        }
    }
    return NULL;
}

static void
put_help_for_changes(const struct page *page)
{
    const struct rf_difference *difference = single_difference(page);
    if (difference != NULL) {
        rf_buf_string(page->out, "to run one alone:  refold run --id ");
        rf_escape_shell(page->out, difference->id, difference->id_bytes);
        put_again(page);
    }
    const struct rf_tally *total = &page->total;
    bool acceptable = total->changed + total->missing + total->unblessed + total->rejected > 0;
    if (acceptable && !page->report->flags.no_compare) {
        put_command(page, "to accept the new states", "bless");
    }
}

static void
put_next(const struct page *page)
{
    const struct rf_report *report = page->report;
    const struct rf_flags *flags = &report->flags;
    if (flags->damaged) {
        put_help_for_damage(page);
    }
    if (report->again == NULL || flags->internal) {
        return;
    }
    if (flags->signal != 0 || flags->incomplete || flags->unwritten || flags->damaged) {
        put_command(page, flags->damaged ? "then" : "to try again", report->verb);
    } else if (flags->changed && is_bless(page)) {
        put_command(page, "when the aggregate is mended", "bless");
    } else if (flags->changed) {
        put_help_for_changes(page);
    } else if (flags->nothing && page->total.unblessed == 0) {
        rf_buf_string(page->out, "to find out why: is it the right source, the right aggregate, "
                                 "and does the selection let anything in?\n");
    } else if (page->total.unblessed > 0 && !flags->no_compare) {
        put_command(page, "to accept the new instances", "bless");
    }
}

void
rf_report_text(const struct rf_report *given, struct rf_buf *out)
{
    const struct rf_report filled = rf_report_filled(given);
    struct page page = {
        .out = out,
        .report = &filled,
        .findings = filled.findings,
        .start = out->used,
        .verbose = filled.verbosity > 0,
    };
    add_up(&page);
    if (filled.verbosity < 0) {
        put_verdict(&page);
        return;
    }
    put_clusters(&page);
    put_differences(&page);
    put_damages(&page);
    put_counts(&page);
    put_history(&page);
    if (page.verbose) {
        put_proof(&page);
    }
    section(&page);
    put_verdict(&page);
    put_next(&page);
}

/* SPDX-License-Identifier: MIT */
/* The listing of types in its three forms: what the histories of other tests do not hold. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "history/claim.h"
#include "reports/types.h"

TestSuite(report_types, .timeout = 30);

/* A CI command at the front of a line, a control sequence, a bidi override, C1, quotes. */
#define HOSTILE "::error::x\n::error::y\x1b[31m##[error]\xE2\x80\xAE\xC2\x9B</script>'\"]]>\\"

/* Two types, of which the second comes behind the first and is not asked for. */
struct types_model {
    struct rf_report run;
    struct rf_sums sums;
    size_t room;
    struct rf_event_type entries[2];
    struct rf_type_row rows[2];
    struct rf_neighbour behind, before;
    struct rf_listing listing;
    struct rf_types_report report;
};

static void
make(struct types_model *types, const char *name)
{
    memset(types, 0, sizeof(*types));
    types->sums = (struct rf_sums){.objects = 12, .read = 12, .records = 8240, .events = 8240};
    types->run = (struct rf_report){.verb = "types", .version = "0.0.0", .sums = &types->sums};
    types->room = 1 << 20;
    for (size_t i = 0; i < 2; i++) {
        struct rf_event_type *entry = &types->entries[i];
        *entry = (struct rf_event_type){
            .claim = RF_CLAIM_NONE,
            .events = 4120,
            .instances = 610,
            .is_wanted = i == 0,
            .starts = i == 0 ? 610 : 0,
            .ends = i == 0 ? 0 : 610,
            .shape = {.room = &types->room},
        };
        types->rows[i] = (struct rf_type_row){
            .entry = entry,
            .aggregate = name,
            .aggregate_bytes = strlen(name),
            .type = i == 0 ? name : "Other",
            .type_bytes = strlen(i == 0 ? name : "Other"),
            .handling = RF_HANDLING_UNCLAIMED,
        };
    }
    types->behind = (struct rf_neighbour){1, 610};
    types->before = (struct rf_neighbour){0, 610};
    types->rows[0].after = (struct rf_neighbours){&types->behind, 1, 1};
    types->rows[1].before = (struct rf_neighbours){&types->before, 1, 1};
    types->listing = (struct rf_listing){.rows = types->rows, .count = 2};
    types->report = (struct rf_types_report){.run = &types->run, .listing = &types->listing};
}

static char *
write(const struct types_model *types,
      void (*form)(const struct rf_types_report *report, struct rf_buf *out))
{
    struct rf_buf out = {0};
    form(&types->report, &out);
    cr_assert(out.used > 0 && out.bytes[out.used - 1] == '\n');
    for (size_t i = 0; i < out.used; i++) {
        unsigned char byte = (unsigned char)out.bytes[i];
        cr_expect(byte >= 0x20 || byte == '\n' || byte == 0x1B, "a byte %02x", byte);
    }
    char *text = rf_strdup(rf_buf_text(&out));
    rf_buf_done(&out);
    return text;
}

static void
expect_part(const struct types_model *types,
            void (*form)(const struct rf_types_report *report, struct rf_buf *out),
            const char *part, bool there)
{
    char *text = write(types, form);
    cr_expect((strstr(text, part) != NULL) == there, "%s\"%s\" in:\n%s", there ? "no " : "", part,
              text);
    free(text);
}

Test(report_types, says_which_bounds_were_hit)
{
    struct types_model types;
    make(&types, "Paid");
    expect_part(&types, rf_types_text, "not listed", false);
    expect_part(&types, rf_types_text, "and more", false);
    expect_part(&types, rf_types_dot, "not all of the history", false);
    expect_part(&types, rf_types_json, "\"unlisted_events\": 0,", true);
    types.listing.others = 1234;
    types.listing.other_transitions = 1;
    types.entries[0].shape.cut = true;
    types.entries[0].shape.crowded = true;
    types.entries[0].shape.deep = true;
    expect_part(&types, rf_types_text,
                "not listed: 1,234 events of types beyond the first 20000; the counts of those may "
                "be too low\n",
                true);
    expect_part(&types, rf_types_text,
                "not listed: 1 event behind another, beyond the first 262144 pairs of types\n",
                true);
    expect_part(&types, rf_types_text, "and more: memory is used up", true);
    expect_part(&types, rf_types_text, "and more: more than 4000 paths", true);
    expect_part(&types, rf_types_text, "and more: deeper than 16 steps", true);
    expect_part(&types, rf_types_json, "\"unlisted_events\": 1234,", true);
    expect_part(&types, rf_types_json, "\"unlisted_transitions\": 1,", true);
    expect_part(&types, rf_types_json, "\"limits\": [\"paths\", \"depth\", \"memory\"]", true);
    expect_part(&types, rf_types_dot, "not all of the history is here", true);
}

Test(report_types, shows_others_as_neighbours_only)
{
    struct types_model types;
    make(&types, "Paid");
    types.report.selects_types = true;
    expect_part(&types, rf_types_text, "after:  Other 610\n", true);
    expect_part(&types, rf_types_text, "Other of Paid", false);
    expect_part(&types, rf_types_text, "1 of 2 types listed, 4,120 events\n", true);
    expect_part(&types, rf_types_json, "\"type\": \"Other\",\n", false);
    expect_part(&types, rf_types_dot, "t1 [label=\"Other\\n4120\", style=dashed];", true);
    expect_part(&types, rf_types_dot, "t0 -> t1 [label=\"610\"];", true);
    expect_part(&types, rf_types_dot, "-> end", false);
}

Test(report_types, is_coloured_only_where_that_is_wanted)
{
    struct types_model types;
    make(&types, HOSTILE);
    expect_part(&types, rf_types_text, "\x1b", false);
    types.run.color = true;
    expect_part(&types, rf_types_text, "\x1b[1m", true);
    expect_part(&types, rf_types_json, "\x1b", false);
    expect_part(&types, rf_types_dot, "\x1b", false);
}

Test(report_types, hostile_names_stay_names)
{
    struct types_model types;
    make(&types, HOSTILE);
    char *json = write(&types, rf_types_json);
    struct rf_json doc = {0};
    cr_expect_eq(rf_json_read_whole(&doc, json, strlen(json), NULL), RF_OK, "%s", json);
    rf_json_done(&doc);
    free(json);
    expect_part(&types, rf_types_text, "\n::", false);
    expect_part(&types, rf_types_dot, "\n::", false);
    make(&types, "a\"b\\c&amp;\nd");
    expect_part(&types, rf_types_dot, "t0 [label=\"a\\\"b\\\\\\\\c&amp;amp;\\\\nd\\n4120\"];",
                true);
}

/* Of a survey that never came to an end. */
Test(report_types, without_a_listing_says_why)
{
    struct types_model types;
    make(&types, "Paid");
    types.report.listing = NULL;
    types.run.flags = (struct rf_flags){.incomplete = true};
    expect_part(&types, rf_types_text, "could not be read, or changed while it was read (exit 4)\n",
                true);
    expect_part(&types, rf_types_json, "\"exit\": 4,", true);
    types.run.flags = (struct rf_flags){.signal = 15};
    expect_part(&types, rf_types_text, "ended by signal 15 (exit 143)\n", true);
    types.run.flags = (struct rf_flags){.internal = true};
    expect_part(&types, rf_types_text, "nothing above can be relied on (exit 70)\n", true);
    types.run.flags = (struct rf_flags){.nothing = true};
    expect_part(&types, rf_types_text, "nothing could be listed (exit 2)\n", true);
}

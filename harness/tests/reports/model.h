/* SPDX-License-Identifier: MIT */
/* A report made by hand, with hostile text wherever text can come from outside. */
#ifndef RF_TESTS_REPORTS_MODEL_H
#define RF_TESTS_REPORTS_MODEL_H

#include <string.h>

#include "reports/report.h"

/* A control sequence, a CI command, a bidi override, C1, an end of script, quotes, no UTF-8. */
#define HOSTILE "::error::x\n::error::y\x1b[31m##[error]\xE2\x80\xAE\xC2\x9B</script>'\"]]>\x9B\\"
/* The same where only UTF-8 can be: the readers of events are strict. */
#define HOSTILE_UTF8 "::error::x\n::error::y\x1b[31m##[error]\xE2\x80\xAE\xC2\x9B</script>'\"]]>\\"
/* And as a canonical JSON string. */
#define HOSTILE_JSON                                                                               \
    "\"::error::x\\n::error::y\\u001b[31m##[error]\xE2\x80\xAE\xC2\x9B</script>'\\\"]]>\\\\\""

#define MODEL_CLUSTERS 14

/* The model owns nothing: its strings are constants. */
#define TEXT(constant) ((char *)(uintptr_t)(constant))

/** The model: `report` borrows from the rest. Strings are constants; nothing is freed. */
struct model {
    struct rf_sums sums;
    struct rf_decode_counts counts;
    struct rf_gather_counts gathered;
    struct rf_ingest_result ingested;
    struct rf_findings findings;
    struct rf_damages damages;
    struct rf_bless_summary blessed;
    struct rf_bless_part parts[1];
    struct rf_build build;
    struct rf_build *builds[1];
    struct rf_tally tallies[3];
    struct rf_cluster clusters[MODEL_CLUSTERS];
    struct rf_difference differences[4];
    struct rf_change changes[4];
    struct rf_damage damage[9];
    char *paths[6];
    char *foreign[1];
    char *unloaded[1];
    const char *warnings[2];
    struct rf_report report;
};

/* Everything was read and compared, and is the same: 610 files. */
static void
model_same(struct model *model)
{
    memset(model, 0, sizeof(*model));
    model->sums =
        (struct rf_sums){.objects = 12, .read = 12, .records = 4120, .events = 4120, .terms = {0}};
    model->sums.terms[RF_TERM_FOLDED] = 4120;
    model->counts.bytes = 1234567;
    model->counts.envelopes[RF_ENVELOPE_FLAT] = 4120;
    model->tallies[0] = (struct rf_tally){
        .name = TEXT("file"), .instances = 610, .events = 4120, .compared = 610, .same = 610};
    model->ingested.has_first = true;
    model->ingested.first = (struct rf_time){.seconds = 1430128800};
    model->ingested.last = (struct rf_time){.seconds = 1498126272, .nanos = 123000000};
    model->findings.tallies = model->tallies;
    model->findings.tally_count = 1;
    model->findings.history = (struct rf_multiset){.sum = 0x1234, .mixed = UINT64_MAX};
    model->findings.compared = (struct rf_multiset){.sum = 1, .mixed = 2};
    model->build = (struct rf_build){.path = TEXT("aggregates/file/file.c"),
                                     .file = TEXT("/somewhere/else/file.so"),
                                     .name = TEXT("file")};
    memset(model->build.sha256, 'a', 64);
    model->builds[0] = &model->build;
    model->report = (struct rf_report){
        .verb = "run",
        .version = "0.1.0",
        .builds = model->builds,
        .build_count = 1,
        .sums = &model->sums,
        .counts = &model->counts,
        .gathered = &model->gathered,
        .ingested = &model->ingested,
        .findings = &model->findings,
        .damages = &model->damages,
        .again = "-a aggregates/file/file.c --at-head --id x history/",
        .again_run = "-a aggregates/file/file.c --at-head history/",
        .again_bless = "-a aggregates/file/file.c --id x history/",
        .again_review = "-a aggregates/file/file.c --at-head --id x history/",
        .seconds = 1.25,
        .peak_bytes = 64 << 20,
        .samples = 3,
    };
    memset(model->report.golden_digest, 'b', 64);
}

/* Of 25 orders three differences were accepted, one of them that a line goes; two were not. */
static inline void
model_chosen(struct model *model)
{
    model_same(model);
    model->tallies[0] = (struct rf_tally){.name = TEXT("order"),
                                          .instances = 25,
                                          .compared = 22,
                                          .same = 20,
                                          .changed = 2,
                                          .unblessed = 1,
                                          .missing = 1,
                                          .uncompared = 1,
                                          .rejected = 1};
    model->blessed = (struct rf_bless_summary){
        .added = 1, .changed = 1, .removed = 1, .kept = 21, .files = 1, .declined = 2};
    model->parts[0] = (struct rf_bless_part){"order", model->blessed};
    model->report.verb = "bless";
    model->report.chosen = true;
    model->report.blessed = &model->blessed;
    model->report.parts = model->parts;
    model->report.part_count = 1;
}

static struct rf_suspect
model_suspect(char *type, size_t type_bytes, char *object)
{
    return (struct rf_suspect){.basis = RF_BASIS_LAST_WRITER,
                               .version = 3,
                               .type = type,
                               .type_bytes = type_bytes,
                               .has_at = true,
                               .at = {.seconds = 1498126272},
                               .object = object,
                               .offset = 812};
}

/* Orders changed in one way, and some more. */
static void
model_changed(struct model *model)
{
    model_same(model);
    model->tallies[1] = (struct rf_tally){.name = TEXT("order"),
                                          .instances = 5000,
                                          .events = 15000,
                                          .compared = 5000,
                                          .same = 880,
                                          .changed = 4120};
    model->findings.tally_count = 2;
    model->report.flags.changed = true;
    model->paths[0] = TEXT("/status");
    for (size_t i = 0; i < MODEL_CLUSTERS; i++) {
        model->clusters[i] = (struct rf_cluster){.aggregate = TEXT("order"),
                                                 .kind = RF_DIFFERENCE_CHANGED,
                                                 .event = TEXT("OrderApproved"),
                                                 .event_bytes = strlen("OrderApproved"),
                                                 .paths = model->paths,
                                                 .path_count = 1,
                                                 .count = 2,
                                                 .samples = {TEXT("id-1"), TEXT("id-2")},
                                                 .sample_bytes = {4, 4},
                                                 .sample_count = 2};
        memset(model->clusters[i].key, 'a' + (int)i % 6, 16);
        model->clusters[i].key[0] = "0123456789abcdef"[i];
    }
    model->clusters[0].count = 4120;
    model->clusters[0].from = TEXT("\"paid\"");
    model->clusters[0].to = TEXT("\"approved\"");
    model->findings.clusters = model->clusters;
    model->findings.cluster_count = 1;
    model->changes[0] = (struct rf_change){.op = RF_CHANGE_REPLACE,
                                           .path = TEXT("/status"),
                                           .old = TEXT("\"paid\""),
                                           .value = TEXT("\"approved\"")};
    model->changes[1] = (struct rf_change){.op = RF_CHANGE_ADD,
                                           .path = TEXT("/" HOSTILE_UTF8),
                                           .value = TEXT("{" HOSTILE_JSON ":1e+21}")};
    model->changes[2] =
        (struct rf_change){.op = RF_CHANGE_REMOVE, .path = TEXT("/old"), .old = TEXT(HOSTILE_JSON)};
    model->differences[0] = (struct rf_difference){
        .aggregate = TEXT("order"),
        .id = TEXT("id-1"),
        .id_bytes = 4,
        .version = 3,
        .kind = RF_DIFFERENCE_CHANGED,
        .cause = RF_CAUSE_CODE,
        .changes = {.items = model->changes, .count = 1},
        .changes_total = 1,
        .suspect = model_suspect(TEXT("OrderApproved"), strlen("OrderApproved"),
                                 TEXT("2017/06/22/10/orders-1.gz"))};
    memcpy(model->differences[0].cluster, model->clusters[0].key, 17);
    model->findings.differences = model->differences;
    model->findings.difference_count = 1;
    model->findings.differences_total = 4120;
}

static struct rf_damage
model_damage(enum rf_damage_kind kind)
{
    return (struct rf_damage){.kind = kind,
                              .object = TEXT(HOSTILE),
                              .has_offset = true,
                              .offset = 18341,
                              .aggregate = TEXT(HOSTILE_UTF8),
                              .id = TEXT(HOSTILE_UTF8 "\0z"),
                              .id_bytes = sizeof(HOSTILE_UTF8) + 1,
                              .has_version = true,
                              .version = 4,
                              .message = TEXT(HOSTILE)};
}

/* Whatever can hold hostile text holds it, and every part of a report is there. */
static void
model_hostile(struct model *model)
{
    model_changed(model);
    model->tallies[2] = (struct rf_tally){.name = TEXT(HOSTILE_UTF8), .instances = 1, .crashed = 1};
    model->findings.tally_count = 3;
    model->paths[1] = TEXT("/" HOSTILE_UTF8);
    for (size_t i = 1; i < MODEL_CLUSTERS; i++) {
        model->clusters[i].kind = (enum rf_difference_kind)(i % RF_DIFFERENCE_COUNT_);
        model->clusters[i].aggregate = TEXT(HOSTILE_UTF8);
        model->clusters[i].event = TEXT(HOSTILE_UTF8 "\0z");
        model->clusters[i].event_bytes = sizeof(HOSTILE_UTF8) + 1;
        model->clusters[i].paths = model->paths + 1;
        model->clusters[i].from = TEXT(HOSTILE_JSON);
        model->clusters[i].samples[0] = TEXT(HOSTILE_UTF8 "\0z");
        model->clusters[i].sample_bytes[0] = sizeof(HOSTILE_UTF8) + 1;
        model->clusters[i].data_count = i == 7 ? 2 : 0;
    }
    model->findings.cluster_count = MODEL_CLUSTERS;
    for (size_t i = 1; i < 4; i++) {
        model->differences[i] = (struct rf_difference){
            .aggregate = TEXT(HOSTILE_UTF8),
            .id = TEXT(HOSTILE_UTF8 "\0z"),
            .id_bytes = sizeof(HOSTILE_UTF8) + 1,
            .version = 3,
            .kind = (enum rf_difference_kind)(i % RF_DIFFERENCE_COUNT_),
            .cause = i == 1 ? RF_CAUSE_DATA : RF_CAUSE_NONE,
            .changes = {.items = model->changes, .count = 3},
            .changes_total = 300,
            .suspect =
                model_suspect(TEXT(HOSTILE_UTF8 "\0z"), sizeof(HOSTILE_UTF8) + 1, TEXT(HOSTILE)),
            .message = TEXT(HOSTILE)};
        memcpy(model->differences[i].cluster, model->clusters[i].key, 17);
    }
    model->findings.difference_count = 4;
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        model->damage[kind] = model_damage((enum rf_damage_kind)kind);
        model->damages.totals[kind] = kind == RF_DAMAGE_GAP ? 7 : 1;
    }
    model->damage[RF_DAMAGE_GOLDEN] =
        (struct rf_damage){.kind = RF_DAMAGE_GOLDEN, .message = TEXT(HOSTILE)};
    model->damages.items = model->damage;
    model->damages.count = RF_DAMAGE_COUNT_;
    model->report.damage_policies[RF_DAMAGE_CONFLICT] = RF_POLICY_WARN;
    model->report.flags.damaged = true;
    model->foreign[0] = TEXT(HOSTILE);
    model->ingested.foreign = model->foreign;
    model->ingested.foreign_count = 1;
    model->unloaded[0] = TEXT(HOSTILE);
    model->findings.unloaded = model->unloaded;
    model->findings.unloaded_count = 1;
    model->warnings[0] = HOSTILE;
    model->warnings[1] = "plain";
    model->report.warnings = model->warnings;
    model->report.warning_count = 2;
    model->build.name = TEXT(HOSTILE_UTF8);
    model->build.path = TEXT(HOSTILE);
    model->blessed = (struct rf_bless_summary){.added = 1, .changed = 2, .unchanged = 3};
    model->report.blessed = &model->blessed;
}

#endif

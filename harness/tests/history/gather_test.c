/* SPDX-License-Identifier: MIT */
/* Gathering, against a slow model of contract.md's rules, and in single cases. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "history/gather.h"
#include "tests/history/buckets.h"

TestSuite(gather, .timeout = 120);

/* ---- a small world: objects, types, aggregates ---- */

#define OBJECTS 5

static char object_names[OBJECTS][8] = {"a.gz", "b.gz", "c.gz", "d.gz", "e.gz"};
static struct rf_object object_items[OBJECTS];
static const struct rf_objects objects = {.items = object_items, .count = OBJECTS};

/** Data and its hash. The first two are equal; others only claim to be. */
static const struct {
    const char *text;
    uint64_t hash;
    int meaning;
} datas[] = {
    {"{\"a\":1,\"b\":2}", 100, 1},   {" { \"b\":2, \"\\u0061\":1}", 100, 1},
    {"{\"a\":2}", 200, 2},           {"{\"a\":3}", 100, 3},
    {"{\"a\":1.0,\"b\":2}", 100, 4}, {"{\"a\":9,\"b\":2}", 100, 5},
};

/** An event in a test; NULL or 0 is "has none". */
struct spec {
    const char *id;
    const char *aggregate;
    const char *type;
    int64_t version; /**< NO_VERSION */
    int at;          /**< NO_TIME */
    int data;
    const char *eid;
    unsigned object;
    unsigned offset;
};

#define NO_VERSION INT64_MIN
#define NO_TIME    0

static bool
holds(const char *letters, const char *type, size_t bytes)
{
    return bytes == 1 && strchr(letters, type[0]) != NULL;
}

static bool
declares(const void *context, const char *type, size_t bytes)
{
    return strcmp(context, "*") == 0 || holds(context, type, bytes);
}

static bool
skips(const void *context, const char *type, size_t bytes)
{
    (void)context;
    return holds("S", type, bytes);
}

static const struct rf_claim claim_order = {
    .name = "order", .first_version = 1, .declares = declares, .skips = skips, .context = "AB"};
static const struct rf_claim claim_stock = {
    .name = "stock", .first_version = 3, .declares = declares, .skips = skips, .context = "CB"};
static const struct rf_claim claim_case = {.name = "case",
                                           .takes_all = true,
                                           .first_version = 1,
                                           .declares = declares,
                                           .skips = skips,
                                           .context = "*"};

static bool
selects(const void *context, const char *id, size_t bytes)
{
    (void)context;
    return !(bytes == 2 && memcmp(id, "no", 2) == 0);
}

/* ---- what rf_gather says, as text ---- */

static struct rf_history *
write_history(const struct spec *specs, size_t count, const bool *withdrawn, size_t writers,
              size_t stride)
{
    struct rf_history *history;
    struct rf_err err;
    for (uint32_t i = 0; i < OBJECTS; i++) {
        object_items[i].number = i;
        object_items[i].name = object_names[i];
    }
    history = rf_history_new(&objects, writers);
    for (size_t i = 0; i < count; i++) {
        size_t which = i * stride % count; /* stride and count share no divisor */
        const struct spec *spec = &specs[which];
        struct rf_event event = {
            .id = spec->id,
            .id_bytes = strlen(spec->id),
            .type = spec->type,
            .type_bytes = strlen(spec->type),
            .data = datas[spec->data].text,
            .data_bytes = strlen(datas[spec->data].text),
            .content_hash = datas[spec->data].hash,
            .eid = spec->eid,
            .eid_bytes = spec->eid == NULL ? 0 : strlen(spec->eid),
            .has_version = spec->version != NO_VERSION,
            .version = spec->version,
            .has_at = spec->at != NO_TIME,
            .at = {.seconds = spec->at},
            .offset = spec->offset / 2,
            .part = spec->offset % 2,
        };
        struct rf_writer *writer = rf_history_writer(history, (i / 2 + which % 2) % writers);
        cr_assert_eq(rf_writer_add(writer, spec->object, &event, spec->aggregate,
                                   spec->aggregate == NULL ? 0 : strlen(spec->aggregate), &err),
                     RF_OK);
    }
    for (uint32_t i = 0; i < OBJECTS; i++) {
        rf_history_settle(history, i, withdrawn[i] ? RF_FATE_UNREADABLE : RF_FATE_READ,
                          withdrawn[i]);
    }
    static const char *const names[] = {"order", "stock", "case"};
    for (size_t i = 0; i < 3; i++) {
        (void)rf_names_number(rf_history_names(history), names[i], strlen(names[i]));
    }
    cr_assert_eq(rf_history_seal(history, &err), RF_OK);
    return history;
}

static void
print_step(struct rf_buf *out, const struct rf_packed_event *event, int64_t version)
{
    rf_buf_format(out, " %" PRId64 "=%c%u", version, 'a' + (int)event->object,
                  (unsigned)event->offset * 2 + event->part);
}

/** How often a version came again: "+2" equal, "!1" not. */
static void
print_copies(struct rf_buf *out, size_t duplicates, size_t conflicts)
{
    if (duplicates > 0) {
        rf_buf_format(out, "+%zu", duplicates);
    }
    if (conflicts > 0) {
        rf_buf_format(out, "!%zu", conflicts);
    }
}

static void
print_steps(struct rf_buf *out, const char *lead, const struct rf_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rf_buf_string(out, lead);
        print_step(out, steps[i].event, steps[i].version);
        print_copies(out, steps[i].duplicates, steps[i].conflicts);
    }
}

static void
print_instance(struct rf_buf *out, const struct rf_instance *instance)
{
    rf_buf_format(out, "%s/%.*s claim %zu:", instance->aggregate_name, (int)instance->id_bytes,
                  instance->id, instance->claim);
    print_steps(out, "", instance->steps, instance->step_count);
    if (instance->unhandled != NULL) {
        rf_buf_string(out, " unhandled");
        print_step(out, instance->unhandled, instance->unhandled_version);
    }
    print_steps(out, " behind", instance->behind, instance->behind_count);
    rf_buf_format(out, " last %" PRId64 "%s%s\n", instance->last_version,
                  instance->gapped ? " gapped" : "", instance->shortened ? " shortened" : "");
}

/** What a step holds ready of its event is what would be found in the event itself. */
static void
check_steps(struct rf_history *history, const struct rf_instance *instance)
{
    const struct rf_names *names = rf_history_names(history);
    uint64_t digest = instance->start == NULL ? 0 : instance->start->digest;
    for (size_t i = 0; i < instance->step_count; i++) {
        const struct rf_step *step = &instance->steps[i];
        cr_assert_eq(rf_instance_digest(instance, i), digest);
        digest = rf_digest_event(digest, step->event, step->version,
                                 rf_names_hash(names, step->event->type));
        cr_assert_eq(step->digest, digest);
        cr_assert_eq(step->item, rf_sums_item(step->event));
    }
    cr_assert_eq(rf_instance_digest(instance, instance->step_count), digest);
    for (size_t i = 0; i < instance->behind_count; i++) {
        cr_assert_eq(instance->behind[i].item, rf_sums_item(instance->behind[i].event));
    }
}

static int
compare_lines(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/** Lines, sorted: instances come from many buckets. */
static char *
sort_lines(struct rf_buf *text)
{
    char **lines = rf_calloc(text->used + 1, sizeof(*lines));
    size_t count = 0;
    (void)rf_buf_text(text);
    for (char *line = text->bytes; line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');
        lines[count++] = rf_strndup(line, (size_t)(end - line));
        line = end + 1;
    }
    qsort(lines, count, sizeof(*lines), compare_lines);
    rf_buf_clear(text);
    for (size_t i = 0; i < count; i++) {
        rf_buf_format(text, "%s\n", lines[i]);
        free(lines[i]);
    }
    free(lines);
    char *sorted = rf_strdup(rf_buf_text(text));
    rf_buf_done(text);
    return sorted;
}

static void
print_damages(struct rf_buf *out, const struct rf_damages *damages)
{
    for (size_t i = 0; i < damages->count; i++) {
        const struct rf_damage *damage = &damages->items[i];
        cr_assert(damage->message != NULL && damage->message[0] != '\0');
        rf_buf_format(out, "damage %s %s/%.*s", rf_damage_name(damage->kind),
                      damage->aggregate == NULL ? "" : damage->aggregate, (int)damage->id_bytes,
                      damage->id);
        if (damage->has_version) {
            rf_buf_format(out, " version %" PRId64, damage->version);
        }
        if (damage->object != NULL) {
            rf_buf_format(out, " at %c%" PRIu64, damage->object[0], damage->offset);
        }
        rf_buf_string(out, "\n");
    }
}

static void
print_sums(struct rf_buf *out, const uint64_t terms[RF_TERM_COUNT_], uint64_t malformed,
           const struct rf_gather_counts *counts)
{
    for (int i = 0; i < RF_TERM_COUNT_; i++) {
        if (terms[i] > 0) {
            rf_buf_format(out, "sum %s %" PRIu64 "\n", rf_term_name((enum rf_term)i), terms[i]);
        }
    }
    rf_buf_format(out,
                  "sum malformed %" PRIu64 "\ncount gaps %" PRIu64 "\ncount instances %" PRIu64
                  "\ncount untold %" PRIu64 "\ncount unclaimed %" PRIu64 "\n",
                  malformed, counts->gaps, counts->instances, counts->untold,
                  counts->unclaimed_names);
}

static bool
comes_before(const struct rf_instance *a, const struct rf_instance *b)
{
    int order = strcmp(a->aggregate_name, b->aggregate_name);
    if (order != 0) {
        return order < 0;
    }
    size_t least = a->id_bytes < b->id_bytes ? a->id_bytes : b->id_bytes;
    order = memcmp(a->id, b->id, least);
    return order != 0 ? order < 0 : a->id_bytes < b->id_bytes;
}

/** Settles what is left to the fold, so that the sums can be checked. */
static void
settle_rest(struct rf_sums *sums, const struct rf_instance *instance)
{
    for (size_t i = 0; i < instance->step_count; i++) {
        rf_sums_settle(sums, instance->steps[i].event, RF_TERM_FOLDED);
    }
    if (instance->unhandled != NULL) {
        rf_sums_settle(sums, instance->unhandled, RF_TERM_UNHANDLED);
    }
    for (size_t i = 0; i < instance->behind_count; i++) {
        rf_sums_settle(sums, instance->behind[i].event, RF_TERM_UNFOLDED);
    }
}

static void
count_passed(void *context, uint32_t aggregate, const struct rf_packed_event *event,
             int64_t version, enum rf_term term)
{
    uint64_t *passed = context;
    cr_assert(event != NULL && (aggregate == RF_NAME_NONE || aggregate < 100));
    cr_assert((event->flags & RF_EVENT_VERSION) == 0 || version == event->version);
    passed[term]++;
}

/** What the last history that was described counts of starts. */
static uint64_t told_started, told_idle;

/** Two gatherers share the buckets, as threads would. The text is owned by the caller. */
static char *
describe(struct rf_history *history, const struct rf_gather_rules *given, size_t writers)
{
    struct rf_buf out = {0};
    uint64_t passed[RF_TERM_COUNT_] = {0};
    struct rf_gather_rules telling = *given;
    const struct rf_gather_rules *rules = &telling;
    telling.passed = count_passed;
    telling.passed_context = passed;
    struct rf_gatherer *gatherers[2] = {rf_gatherer_new(history, rules),
                                        rf_gatherer_new(history, rules)};
    struct rf_sums sums = {0};
    struct rf_damages damages = {0};
    struct rf_gather_counts counts = {0};
    char *refused = NULL;
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT && refused == NULL; bucket++) {
        struct rf_gathering gathering;
        struct rf_err err;
        struct rf_gatherer *gatherer = gatherers[bucket % 2];
        rf_code code = gather_bucket(history, gatherer, bucket, &gathering, &err);
        if (code != RF_OK) {
            cr_assert_eq(code, RF_ERR_USAGE);
            cr_assert_neq(strstr(err.text, "\"streams\""), NULL);
            refused = rf_strdup("usage\n");
            break;
        }
        for (size_t i = 0; i < gathering.count; i++) {
            cr_assert(i == 0 || comes_before(&gathering.instances[i - 1], &gathering.instances[i]));
            print_instance(&out, &gathering.instances[i]);
            check_steps(history, &gathering.instances[i]);
            settle_rest(rf_gatherer_sums(gatherer), &gathering.instances[i]);
        }
    }
    for (int i = 0; i < 2; i++) {
        rf_gatherer_hand_over(gatherers[i], &sums, &damages, &counts);
        rf_gatherer_free(gatherers[i]);
    }
    told_started = counts.started;
    told_idle = counts.idle;
    print_damages(&out, &damages);
    rf_damages_done(&damages);
    print_sums(&out, sums.terms, sums.malformed, &counts);
    if (refused != NULL) {
        rf_buf_done(&out);
        return refused;
    }
    for (int term = RF_TERM_WITHDRAWN; term <= RF_TERM_CONFLICTS; term++) {
        cr_assert_eq(passed[term], sums.terms[term], "told of each: %s",
                     rf_term_name((enum rf_term)term));
    }
    for (size_t i = 0; i < writers; i++) {
        rf_sums_join(&sums, rf_writer_sums(rf_history_writer(history, i)));
    }
    sums.records = sums.events + sums.malformed;
    struct rf_err err;
    cr_assert_eq(rf_sums_check(&sums, &err), RF_OK, "%s", err.text);
    return sort_lines(&out);
}

/* ---- the model: the rules once more, slowly, over one instance after the other ---- */

struct model {
    struct rf_buf out;
    uint64_t terms[RF_TERM_COUNT_];
    uint64_t malformed;
    struct rf_gather_counts counts;
};

static bool
is_before(const struct spec *a, const struct spec *b)
{
    return a->object != b->object ? a->object < b->object : a->offset < b->offset;
}

static bool
is_equal(const struct spec *a, const struct spec *b)
{
    return strcmp(a->type, b->type) == 0 && a->at == b->at &&
           datas[a->data].meaning == datas[b->data].meaning;
}

static void
model_damage(struct model *model, const char *kind, const char *aggregate, const char *id,
             int64_t version, const struct spec *at)
{
    rf_buf_format(&model->out, "damage %s %s/%s", kind, aggregate, id);
    if (version != NO_VERSION) {
        rf_buf_format(&model->out, " version %" PRId64, version);
    }
    if (at != NULL) {
        rf_buf_format(&model->out, " at %c%u", 'a' + (int)at->object, at->offset / 2);
    }
    rf_buf_string(&model->out, "\n");
}

#define MODEL_MOST 64

/** A version: the spec that is folded, and its copies. */
struct slot {
    const struct spec *kept;
    const struct spec *copies[MODEL_MOST];
    size_t copy_count;
    int64_t version;
};

/** Whether `a` is of the same version as the slot (by version, or by event id). */
static bool
is_copy(const struct slot *slot, const struct spec *a, bool versionless)
{
    if (!versionless) {
        return slot->kept->version == a->version;
    }
    return slot->kept->eid != NULL && a->eid != NULL && strcmp(slot->kept->eid, a->eid) == 0;
}

static bool
slot_before(const struct slot *a, const struct slot *b, bool versionless)
{
    if (!versionless) {
        return a->kept->version < b->kept->version;
    }
    int a_at = a->kept->at == NO_TIME ? INT32_MIN : a->kept->at;
    int b_at = b->kept->at == NO_TIME ? INT32_MIN : b->kept->at;
    return a_at != b_at ? a_at < b_at : is_before(a->kept, b->kept);
}

static size_t
model_slots(const struct spec **specs, size_t count, bool versionless, struct slot *slots)
{
    size_t slot_count = 0;
    for (size_t i = 0; i < count; i++) { /* in order of origin */
        size_t at = 0;
        while (at < slot_count && !is_copy(&slots[at], specs[i], versionless)) {
            at++;
        }
        if (at < slot_count) {
            slots[at].copies[slots[at].copy_count++] = specs[i];
        } else {
            slots[slot_count++] = (struct slot){.kept = specs[i]};
        }
    }
    for (size_t i = 0; i < slot_count; i++) {
        for (size_t j = i + 1; j < slot_count; j++) {
            if (slot_before(&slots[j], &slots[i], versionless)) {
                struct slot swap = slots[i];
                slots[i] = slots[j];
                slots[j] = swap;
            }
        }
    }
    for (size_t i = 0; i < slot_count; i++) {
        slots[i].version = versionless ? (int64_t)i + 1 : slots[i].kept->version;
    }
    return slot_count;
}

static size_t
count_all(const struct slot *slots, size_t count)
{
    size_t all = 0;
    for (size_t i = 0; i < count; i++) {
        all += 1 + slots[i].copy_count;
    }
    return all;
}

/** @aggregate  "" of none */
static size_t
model_claim(const struct rf_gather_rules *rules, const char *aggregate)
{
    size_t taker = RF_CLAIM_NONE;
    for (size_t i = 0; i < rules->claim_count; i++) {
        if (strcmp(rules->claims[i].name, aggregate) == 0) {
            return i;
        }
        if (rules->claims[i].takes_all) {
            taker = i;
        }
    }
    return aggregate[0] == '\0' ? RF_CLAIM_NONE : taker;
}

/** How many copies of a version are equal to it. */
static size_t
count_equal(const struct slot *slot)
{
    size_t equal = 0;
    for (size_t i = 0; i < slot->copy_count; i++) {
        equal += is_equal(slot->kept, slot->copies[i]);
    }
    return equal;
}

/** @claim  NULL: every event is a step */
static void
model_take(struct model *model, const struct rf_claim *claim, const struct slot *slots,
           size_t count, struct rf_buf *line)
{
    bool ended = false;
    for (size_t i = 0; i < count; i++) {
        const struct spec *kept = slots[i].kept;
        if (claim != NULL && kept->type[0] == 'S') {
            model->terms[RF_TERM_SKIPPED]++;
            continue;
        }
        bool declared = claim == NULL || declares(claim->context, kept->type, 1);
        const char *word = ended ? " behind" : declared ? "" : " unhandled";
        rf_buf_format(line, "%s %" PRId64 "=%c%u", word, slots[i].version, 'a' + (int)kept->object,
                      kept->offset);
        if (ended || declared) {
            size_t equal = count_equal(&slots[i]);
            print_copies(line, equal, slots[i].copy_count - equal);
        }
        model->terms[ended ? RF_TERM_UNFOLDED : declared ? RF_TERM_FOLDED : RF_TERM_UNHANDLED]++;
        ended = ended || !declared;
    }
}

/** Drops what is malformed; specs are in order of origin. */
static size_t
model_drop(struct model *model, int64_t least, const char *aggregate, const struct spec **specs,
           size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (specs[i]->version != NO_VERSION && specs[i]->version >= least) {
            specs[kept++] = specs[i];
            continue;
        }
        model->malformed++;
        model_damage(model, "malformed", aggregate, specs[i]->id, specs[i]->version, specs[i]);
    }
    return kept;
}

static void
model_instance(struct model *model, const struct rf_gather_rules *rules, const char *aggregate,
               const struct spec **specs, size_t count)
{
    static struct slot slots[MODEL_MOST];
    const char *id = specs[0]->id;
    size_t claim_at = model_claim(rules, aggregate);
    bool versionless = true;
    bool untold = false;
    for (size_t i = 0; i < count; i++) {
        versionless = versionless && specs[i]->version == NO_VERSION;
        untold = untold || specs[i]->eid == NULL;
    }
    const struct rf_claim *claim = claim_at == RF_CLAIM_NONE ? NULL : &rules->claims[claim_at];
    bool counts = claim != NULL || rules->everything;
    if (counts && !versionless) {
        count =
            model_drop(model, claim == NULL ? 0 : claim->first_version, aggregate, specs, count);
    }
    size_t slot_count = model_slots(specs, count, versionless, slots);
    size_t taken = 0;
    bool gapped = false;
    int64_t expected = versionless || claim == NULL ? 1 : claim->first_version;
    if (claim == NULL && slot_count > 0 && slots[0].version == 0) {
        expected = 0;
    }
    for (; taken < slot_count; taken++) {
        const struct slot *slot = &slots[taken];
        if (rules->has_as_of && slot->kept->at != NO_TIME &&
            slot->kept->at > rules->as_of.seconds) {
            break;
        }
        if (counts && slot->version != expected) {
            model->counts.gaps++;
            if (rules->until) {
                break;
            }
            gapped = true;
            model_damage(model, "gap", aggregate, id, expected, NULL);
        }
        expected = slot->version + 1;
    }
    model->terms[RF_TERM_UNSELECTED] += count_all(slots + taken, slot_count - taken);
    if (!counts) {
        model->terms[RF_TERM_UNCLAIMED] += count_all(slots, taken);
        model->counts.unclaimed_names += taken > 0;
        return;
    }
    for (size_t i = 0; i < taken; i++) {
        for (size_t j = 0; j < slots[i].copy_count; j++) {
            const struct spec *copy = slots[i].copies[j];
            bool equal = is_equal(slots[i].kept, copy);
            model->terms[equal ? RF_TERM_DUPLICATES : RF_TERM_CONFLICTS]++;
            if (!equal) {
                model_damage(model, "conflict", aggregate, id, slots[i].version, copy);
            }
        }
    }
    if (taken == 0) {
        return;
    }
    model->counts.instances++;
    model->counts.untold += versionless && untold;
    struct rf_buf line = {0};
    rf_buf_format(&line, "%s/%s claim %zu:", aggregate, id, claim_at);
    model_take(model, rules->everything ? NULL : claim, slots, taken, &line);
    rf_buf_format(&line, " last %" PRId64 "%s%s\n", slots[taken - 1].version,
                  gapped ? " gapped" : "", taken < slot_count ? " shortened" : "");
    rf_buf_add(&model->out, line.bytes, line.used);
    rf_buf_done(&line);
}

/** The only name of a claim's under which any of the specs stand; "" if there are several.
 * @return NULL: none */
static const char *
model_sibling(const struct rf_gather_rules *rules, const struct spec **specs, size_t count)
{
    const char *found = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *name = specs[i]->aggregate;
        if (name != NULL && model_claim(rules, name) != RF_CLAIM_NONE) {
            found = found == NULL || strcmp(found, name) == 0 ? name : "";
        }
    }
    return found;
}

/** The name for an id's unnamed events. @return whether there is at most one */
static bool
model_resolve(const struct rf_gather_rules *rules, const struct spec **specs, size_t count,
              const char **ret)
{
    const char *taker = NULL;
    *ret = NULL;
    for (size_t i = 0; i < rules->claim_count; i++) {
        bool fits = false;
        for (size_t j = 0; j < count; j++) {
            fits = fits || (specs[j]->aggregate == NULL &&
                            holds(rules->claims[i].context, specs[j]->type, 1));
        }
        if (rules->claims[i].takes_all) {
            taker = rules->claims[i].name;
        } else if (fits && *ret != NULL) {
            return false;
        } else if (fits) {
            *ret = rules->claims[i].name;
        }
    }
    if (*ret == NULL) {
        const char *sibling = model_sibling(rules, specs, count);
        bool is_one = sibling != NULL && *sibling != '\0';
        *ret = taker != NULL ? taker : is_one ? sibling : NULL;
    }
    return true;
}

/** All events of one id, in order of origin. */
static bool
model_id(struct model *model, const struct rf_gather_rules *rules, const struct spec **specs,
         size_t count)
{
    static const char *const names[] = {"order", "stock", "case", "other", NULL};
    const char *unnamed;
    if (rules->selects != NULL && !selects(NULL, specs[0]->id, strlen(specs[0]->id))) {
        model->terms[RF_TERM_UNSELECTED] += count;
        return true;
    }
    if (!model_resolve(rules, specs, count, &unnamed)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct spec *siblings[MODEL_MOST];
        size_t sibling_count = 0;
        for (size_t j = 0; j < count; j++) {
            const char *name = specs[j]->aggregate == NULL ? unnamed : specs[j]->aggregate;
            bool same =
                name == NULL || names[i] == NULL ? name == names[i] : strcmp(name, names[i]) == 0;
            if (same) {
                siblings[sibling_count++] = specs[j];
            }
        }
        if (sibling_count > 0) {
            model_instance(model, rules, names[i] == NULL ? "" : names[i], siblings, sibling_count);
        }
    }
    return true;
}

static char *
model_describe(const struct spec *specs, size_t count, const bool *withdrawn,
               const struct rf_gather_rules *rules)
{
    static const char *const ids[] = {"x", "y", "xy", "no"};
    struct model model = {0};
    bool sound = true;
    for (size_t i = 0; i < 4; i++) {
        const struct spec *mine[MODEL_MOST];
        size_t mine_count = 0;
        for (size_t j = 0; j < count; j++) {
            if (strcmp(specs[j].id, ids[i]) != 0) {
                continue;
            }
            if (withdrawn[specs[j].object]) {
                model.terms[RF_TERM_WITHDRAWN]++;
                continue;
            }
            size_t place = mine_count++;
            while (place > 0 && is_before(&specs[j], mine[place - 1])) {
                mine[place] = mine[place - 1];
                place--;
            }
            mine[place] = &specs[j];
        }
        sound = sound && (mine_count == 0 || model_id(&model, rules, mine, mine_count));
    }
    print_sums(&model.out, model.terms, model.malformed, &model.counts);
    if (!sound) {
        rf_buf_done(&model.out);
        return rf_strdup("usage\n");
    }
    return sort_lines(&model.out);
}

/* ---- random histories ---- */

static uint64_t random_state;

static unsigned
pick(unsigned below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % below;
}

#define EVENTS_MOST 53

/** A history in which most things are right, so that rare ones are not drowned. */
static size_t
make_specs(struct spec *specs)
{
    static const char *const ids[] = {"x", "y", "xy", "no"};
    static const char *const aggregates[] = {"order", "stock", NULL, "other"};
    static const char *const types[] = {"A", "B", "C", "S", "Z"};
    static const char *const eids[] = {"e1", "e2", "e3", "e4", "e5", "e6"};
    static const size_t counts[] = {1, 2, 3, 5, 11, 29, 53};
    size_t count = counts[pick(7)];
    unsigned named = pick(3);
    unsigned odd = pick(12) + 1;
    unsigned versionless = pick(4);
    for (size_t i = 0; i < count; i++) {
        bool strange = pick(odd) == 0;
        specs[i] = (struct spec){
            .id = ids[pick(4)],
            .aggregate = named == 0 ? NULL : aggregates[strange ? pick(4) : named - 1],
            .type = types[strange ? pick(5) : pick(2) * named],
            .version = pick(14) + (strange ? 0 : 1),
            .at = pick(strange ? 9 : 4),
            .data = (int)(strange ? pick(6) : pick(2)),
            .eid = pick(8) == 0 ? NULL : eids[pick(6)],
            .object = pick(OBJECTS),
            .offset = (unsigned)i,
        };
        if (versionless == 0 || (strange && pick(3) == 0)) {
            specs[i].version = NO_VERSION;
        }
        if (i > 0 && pick(4) == 0) { /* delivered again */
            unsigned offset = specs[i].offset;
            unsigned object = specs[i].object;
            specs[i] = specs[pick((unsigned)i)];
            specs[i].offset = offset;
            specs[i].object = object;
        }
    }
    return count;
}

static void
make_rules(struct rf_gather_rules *rules, struct rf_claim claims[3])
{
    unsigned which = pick(6);
    size_t count = 0;
    if (which != 0) {
        claims[count++] = claim_order;
    }
    if (which >= 2) {
        claims[count++] = claim_stock;
    }
    if (which == 0 || which >= 4) {
        claims[count++] = claim_case;
    }
    *rules = (struct rf_gather_rules){
        .claims = claims,
        .claim_count = count,
        .has_as_of = pick(3) == 0,
        .as_of = {.seconds = pick(4)},
        .until = pick(3) == 0,
        .selects = pick(2) == 0 ? selects : NULL,
        .everything = pick(3) == 0,
    };
    rules->claim_count = rules->everything && pick(3) == 0 ? 0 : count;
}

Test(gather, agrees_with_a_slow_model_however_events_were_written)
{
    unsigned refused = 0;
    for (unsigned seed = 0; seed < 4000; seed++) {
        random_state = seed;
        struct spec specs[EVENTS_MOST];
        struct rf_claim claims[3];
        struct rf_gather_rules rules;
        bool withdrawn[OBJECTS] = {false};
        size_t count = make_specs(specs);
        make_rules(&rules, claims);
        withdrawn[pick(OBJECTS)] = pick(3) == 0;
        char *want = model_describe(specs, count, withdrawn, &rules);
        refused += strcmp(want, "usage\n") == 0;
        for (size_t round = 0; round < 3; round++) {
            static const size_t strides[] = {1, 7, 19};
            struct rf_history *history =
                write_history(specs, count, withdrawn, round + 1, strides[round]);
            char *got = describe(history, &rules, round + 1);
            cr_assert_str_eq(got, want, "seed %u, round %zu\n--- got\n%s--- want\n%s", seed, round,
                             got, want);
            free(got);
            rf_history_free(history);
        }
        free(want);
    }
    cr_assert_gt(refused, 20);
    cr_assert_lt(refused, 1500);
}

/* ---- single cases ---- */

static const bool nothing_withdrawn[OBJECTS] = {false};

static void
expect(const struct spec *specs, size_t count, const struct rf_gather_rules *rules,
       const char *want)
{
    struct rf_history *history = write_history(specs, count, nothing_withdrawn, 1, 1);
    char *got = describe(history, rules, 1);
    cr_assert_str_eq(got, want);
    free(got);
    rf_history_free(history);
}

static const struct rf_gather_rules order_only = {.claims = &claim_order, .claim_count = 1};

Test(gather, folds_in_order_of_versions_not_of_coming)
{
    static const struct spec specs[] = {{"x", "order", "B", 3, 1, 0, NULL, 0, 2},
                                        {"x", "order", "A", 1, 3, 0, NULL, 4, 4},
                                        {"x", "order", "A", 2, 2, 0, NULL, 2, 6}};
    expect(specs, 3, &order_only,
           "count gaps 0\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
           "order/x claim 0: 1=e4 2=c6 3=a2 last 3\nsum folded 3\nsum malformed 0\n");
}

Test(gather, equal_hashes_of_unequal_data_are_a_conflict)
{
    static const struct spec specs[] = {{"x", "order", "A", 1, 1, 0, NULL, 0, 2},
                                        {"x", "order", "A", 1, 1, 1, NULL, 1, 4},
                                        {"x", "order", "A", 1, 1, 3, NULL, 2, 6},
                                        {"x", "order", "A", 1, 1, 5, NULL, 3, 8}};
    expect(specs, 4, &order_only,
           "count gaps 0\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
           "damage conflict order/x version 1 at c3\n"
           "damage conflict order/x version 1 at d4\n"
           "order/x claim 0: 1=a2+1!2 last 1\nsum conflicts 2\nsum duplicates 1\nsum folded 1\n"
           "sum malformed 0\n");
}

/** The message of the only damage. */
static char *
only_message(const struct spec *specs, size_t count, const struct rf_gather_rules *rules)
{
    struct rf_history *history = write_history(specs, count, nothing_withdrawn, 1, 1);
    struct rf_gatherer *gatherer = rf_gatherer_new(history, rules);
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
        struct rf_gathering gathering;
        struct rf_err err;
        cr_assert_eq(gather_bucket(history, gatherer, bucket, &gathering, &err), RF_OK);
    }
    struct rf_damages *damages = rf_gatherer_damages(gatherer);
    cr_assert_eq(damages->count, 1);
    cr_assert_neq(damages->items[0].message, NULL);
    char *message = rf_strdup(damages->items[0].message);
    rf_gatherer_free(gatherer);
    rf_history_free(history);
    return message;
}

Test(gather, says_which_versions_are_missing)
{
    static const struct {
        int64_t first, second;
        const char *message;
    } rows[] = {
        {1, 3, "version 2 is missing (1 is followed by 3)"},
        {1, 5, "versions 2 to 4 are missing (1 is followed by 5)"},
        {2, 3, "version 1 is missing (the history begins with 2)"},
        {5, 6, "versions 1 to 4 are missing (the history begins with 5)"},
        {1, INT64_MAX,
         "versions 2 to 9223372036854775806 are missing (1 is followed by "
         "9223372036854775807)"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct spec specs[] = {{"x", "order", "A", rows[i].first, 1, 0, NULL, 0, 2},
                               {"x", "order", "A", rows[i].second, 1, 0, NULL, 1, 4}};
        char *message = only_message(specs, 2, &order_only);
        cr_assert_str_eq(message, rows[i].message);
        free(message);
    }
}

Test(gather, says_with_what_an_event_is_in_conflict)
{
    static const struct {
        const char *type;
        int at, data;
        const char *what;
    } rows[] = {
        {"A", 1, 0, "other data"}, {"B", 1, 2, "another type"}, {"A", 2, 2, "another time"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct spec specs[] = {
            {"x", "order", rows[i].type, 1, rows[i].at, rows[i].data, NULL, 3, 8},
            {"x", "order", "A", 1, 1, 2, NULL, 1, 4}};
        char want[80];
        (void)snprintf(want, sizeof(want), "version 1 has %s than b.gz:2, which is folded",
                       rows[i].what);
        char *message = only_message(specs, 2, &order_only);
        cr_assert_str_eq(message, want);
        free(message);
    }
}

Test(gather, says_why_an_event_is_malformed)
{
    static const struct {
        int64_t version;
        const char *message;
    } rows[] = {
        {NO_VERSION, "no version, but other events of the instance have one"},
        {0, "version 0 lies below 1, the first of order (the config's \"first\")"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct spec specs[] = {{"x", "order", "A", 1, 1, 0, NULL, 0, 2},
                               {"x", "order", "A", rows[i].version, 1, 0, NULL, 1, 4}};
        char *message = only_message(specs, 2, &order_only);
        cr_assert_str_eq(message, rows[i].message);
        free(message);
    }
}

Test(gather, takes_everything_where_that_is_the_rule)
{
    static const struct spec specs[] = {
        {"x", "order", "S", 1, 1, 0, NULL, 0, 2},  {"x", "order", "Z", 2, 1, 0, NULL, 0, 4},
        {"x", "order", "Z", 2, 1, 1, NULL, 1, 6},  {"x", "order", "Z", 2, 1, 2, NULL, 1, 8},
        {"x", "order", "A", 3, 1, 0, NULL, 0, 10}, {"y", "other", "A", 0, 1, 0, NULL, 0, 12},
        {"z", NULL, "A", 2, 1, 0, NULL, 0, 14}};
    struct rf_gather_rules rules = {.claims = &claim_stock, .claim_count = 1, .everything = true};
    struct rf_buf want = {0};
    rf_buf_format(&want,
                  "/z claim %zu: 2=a14 last 2 gapped\n"
                  "count gaps 1\ncount instances 3\ncount unclaimed 0\ncount untold 0\n"
                  "damage conflict order/x version 2 at b4\n"
                  "damage gap /z version 1\n"
                  "order/x claim %zu: 1=a2 2=a4+1!1 3=a10 last 3\n"
                  "other/y claim %zu: 0=a12 last 0\n"
                  "sum conflicts 1\nsum duplicates 1\nsum folded 5\nsum malformed 0\n",
                  RF_CLAIM_NONE, RF_CLAIM_NONE, RF_CLAIM_NONE);
    expect(specs, 7, &rules, rf_buf_text(&want));
    rf_buf_done(&want);
    struct spec conflict[2];
    memcpy(conflict, specs + 2, sizeof(conflict));
    conflict[0].version = conflict[1].version = 1;
    char *message = only_message(conflict, 2, &rules);
    cr_assert_str_eq(message, "version 1 has other data than b.gz:3, which is listed");
    free(message);
}

static const struct rf_claim order_and_stock[] = {
    {.name = "order", .first_version = 1, .declares = declares, .skips = skips, .context = "A"},
    {.name = "stock", .first_version = 1, .declares = declares, .skips = skips, .context = "C"},
    {.name = "case",
     .takes_all = true,
     .first_version = 1,
     .declares = declares,
     .skips = skips,
     .context = "*"},
};

/* Types never split an instance: what no type tells is whose the id's other events are. */
Test(gather, an_undeclared_event_is_whose_its_siblings_are)
{
    static const struct spec specs[] = {{"x", "stock", "C", 1, 1, 0, NULL, 0, 2},
                                        {"x", NULL, "U", 2, 1, 0, NULL, 1, 4},
                                        {"x", "stock", "C", 3, 1, 0, NULL, 2, 6}};
    struct rf_gather_rules rules = {.claims = order_and_stock, .claim_count = 2};
    expect(specs, 3, &rules,
           "count gaps 0\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
           "stock/x claim 1: 1=a2 unhandled 2=b4 behind 3=c6 last 3\n"
           "sum folded 1\nsum malformed 0\nsum unfolded 1\nsum unhandled 1\n");
}

/* What takes all has it: an event that names another aggregate may come at any time. */
Test(gather, an_undeclared_event_is_of_what_takes_all_whatever_its_siblings_are)
{
    static const struct spec specs[] = {{"x", "stock", "C", 1, 1, 0, NULL, 0, 2},
                                        {"x", NULL, "U", 1, 1, 0, NULL, 1, 4}};
    struct rf_gather_rules rules = {.claims = order_and_stock, .claim_count = 3};
    expect(specs, 2, &rules,
           "case/x claim 2: 1=b4 last 1\n"
           "count gaps 0\ncount instances 2\ncount unclaimed 0\ncount untold 0\n"
           "stock/x claim 1: 1=a2 last 1\n"
           "sum folded 2\nsum malformed 0\n");
}

Test(gather, a_name_that_no_claim_has_tells_nothing)
{
    static const struct spec specs[] = {{"x", "order", "A", 1, 1, 0, NULL, 0, 2},
                                        {"x", "other", "A", 1, 1, 0, NULL, 1, 4},
                                        {"x", NULL, "U", 2, 1, 0, NULL, 2, 6}};
    struct rf_gather_rules rules = {.claims = order_and_stock, .claim_count = 2};
    expect(specs, 3, &rules,
           "count gaps 0\ncount instances 1\ncount unclaimed 1\ncount untold 0\n"
           "order/x claim 0: 1=a2 unhandled 2=c6 last 2\n"
           "sum folded 1\nsum malformed 0\nsum unclaimed 1\nsum unhandled 1\n");
    expect(specs + 1, 2, &rules,
           "count gaps 0\ncount instances 0\ncount unclaimed 2\ncount untold 0\n"
           "sum malformed 0\nsum unclaimed 2\n");
}

Test(gather, nothing_tells_whose_it_is_among_two_siblings)
{
    static const struct spec specs[] = {{"x", "order", "A", 1, 1, 0, NULL, 0, 2},
                                        {"x", "stock", "C", 1, 1, 0, NULL, 1, 4},
                                        {"x", NULL, "U", 2, 1, 0, NULL, 2, 6}};
    struct rf_gather_rules rules = {.claims = order_and_stock, .claim_count = 2};
    expect(specs, 3, &rules,
           "count gaps 0\ncount instances 2\ncount unclaimed 1\ncount untold 0\n"
           "order/x claim 0: 1=a2 last 1\nstock/x claim 1: 1=b4 last 1\n"
           "sum folded 2\nsum malformed 0\nsum unclaimed 1\n");
}

/* ---- behind a snapshot ---- */

/** What an id's start covers, by the specs' own events: their digest. */
struct cover {
    const char *id;
    int64_t covered;
    uint64_t digest;
    bool refused;
    bool stateless;
};

static void
expect_behind(const struct spec *specs, size_t count, const struct cover *covers,
              size_t cover_count, bool whole, bool until, const char *want)
{
    struct rf_history *history = write_history(specs, count, nothing_withdrawn, 1, 1);
    struct rf_starts *starts = rf_starts_new();
    uint32_t order = rf_names_find(rf_history_names(history), "order", 5);
    for (size_t i = 0; i < cover_count; i++) {
        struct rf_start start = {
            .aggregate = order,
            .id = covers[i].id,
            .id_bytes = strlen(covers[i].id),
            .state = covers[i].stateless ? NULL : "{}",
            .state_bytes = 2,
            .version = covers[i].covered,
            .covered = covers[i].covered,
            .digest = covers[i].digest,
            .refused = covers[i].refused,
        };
        rf_starts_add(starts, &start);
    }
    rf_starts_sort(starts);
    struct rf_gather_rules rules = order_only;
    rules.starts = starts;
    rules.whole = whole;
    rules.until = until;
    for (int round = 0; round < 2; round++) { /* what was met is forgotten */
        char *got = describe(history, &rules, 1);
        cr_expect_str_eq(got, want);
        free(got);
    }
    rf_starts_free(starts);
    rf_history_free(history);
}

/** The digest of events of x, as write_history packs them. */
static uint64_t
digest_of(const struct spec *specs, size_t count)
{
    uint64_t digest = 0;
    for (size_t i = 0; i < count; i++) {
        struct rf_packed_event event = {
            .at_seconds = specs[i].at,
            .content_hash = datas[specs[i].data].hash,
        };
        digest = rf_digest_event(digest, &event, specs[i].version,
                                 rf_hash(specs[i].type, strlen(specs[i].type), 7));
    }
    return digest;
}

Test(gather, goes_on_behind_what_a_start_covers)
{
    static const struct spec specs[] = {{"x", "order", "A", 1, 1, 0, NULL, 0, 2},
                                        {"x", "order", "A", 2, 1, 2, NULL, 0, 4},
                                        {"x", "order", "A", 2, 1, 2, NULL, 1, 6},
                                        {"x", "order", "B", 3, 1, 0, NULL, 1, 8},
                                        {"x", "order", "S", 4, 1, 0, NULL, 1, 10}};
    const struct cover covers[] = {{"x", 2, digest_of(specs, 2), false, false},
                                   {"idle", 7, 9, false, false}};
    const char *want = "count gaps 0\ncount instances 2\ncount unclaimed 0\ncount untold 0\n"
                       "order/idle claim 0: last 7\norder/x claim 0: 3=b8 last 4\n"
                       "sum covered 2\nsum duplicates 1\nsum folded 1\nsum malformed 0\n"
                       "sum skipped 1\n";
    expect_behind(specs, 5, covers, 1, true, false,
                  "count gaps 0\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                  "order/x claim 0: 3=b8 last 4\nsum covered 2\nsum duplicates 1\nsum folded 1\n"
                  "sum malformed 0\nsum skipped 1\n");
    cr_assert_eq(told_started, 1);
    cr_assert_eq(told_idle, 0);
    expect_behind(specs, 5, covers, 2, false, false, want);
    cr_assert_eq(told_started, 2);
    cr_assert_eq(told_idle, 1);
}

Test(gather, a_past_that_is_not_the_starts_is_damage)
{
    static const struct spec specs[] = {{"x", "order", "A", 1, 1, 0, NULL, 0, 2},
                                        {"x", "order", "A", 2, 1, 2, NULL, 0, 4}};
    const struct cover covers[] = {{"x", 2, digest_of(specs, 2) + 1, false, false},
                                   {"idle", 7, 9, false, false}};
    /* All of it is there, and read or not read from the beginning that shows. */
    expect_behind(specs, 2, covers, 1, false, false,
                  "count gaps 0\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                  "damage conflict order/x version 2\norder/x claim 0: last 2\nsum covered 2\n"
                  "sum malformed 0\n");
    /* A part of it shows only where all of it is read. */
    expect_behind(specs + 1, 1, covers, 2, true, false,
                  "count gaps 1\ncount instances 2\ncount unclaimed 0\ncount untold 0\n"
                  "damage conflict order/x version 2\ndamage cut-short order/idle version 7\n"
                  "damage gap order/x version 1\n"
                  "order/idle claim 0: last 7\norder/x claim 0: last 2 gapped\nsum covered 1\n"
                  "sum malformed 0\n");
    expect_behind(specs + 1, 1, covers, 1, false, false,
                  "count gaps 0\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                  "order/x claim 0: last 2\nsum covered 1\nsum malformed 0\n");
}

Test(gather, what_a_start_was_made_without_is_a_gap_where_all_is_read)
{
    static const struct spec specs[] = {{"x", "order", "A", 2, 1, 0, NULL, 0, 2},
                                        {"x", "order", "S", 3, 1, 0, NULL, 0, 4},
                                        {"x", "order", "B", 6, 1, 0, NULL, 0, 6}};
    const struct spec folded[] = {specs[0], specs[2]};
    const struct cover covers[] = {{"x", 6, digest_of(folded, 2), false, false}};
    for (int until = 0; until < 2; until++) {
        expect_behind(specs, 3, covers, 1, true, until != 0,
                      "count gaps 2\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                      "damage gap order/x version 1\ndamage gap order/x version 4\n"
                      "order/x claim 0: last 6 gapped\nsum covered 2\nsum malformed 0\n"
                      "sum skipped 1\n");
    }
    expect_behind(specs, 3, covers, 1, false, false,
                  "count gaps 0\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                  "order/x claim 0: last 6\nsum covered 2\nsum malformed 0\nsum skipped 1\n");
}

Test(gather, a_version_that_is_missing_behind_a_start_is_a_gap)
{
    static const struct spec specs[] = {{"x", "order", "A", 5, 1, 0, NULL, 0, 2},
                                        {"x", "order", "B", 6, 1, 0, NULL, 0, 4}};
    static const struct cover covers[] = {{"x", 3, 1, false, false}};
    expect_behind(specs, 2, covers, 1, false, false,
                  "count gaps 1\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                  "damage gap order/x version 4\norder/x claim 0: 5=a2 6=a4 last 6 gapped\n"
                  "sum folded 2\nsum malformed 0\n");
    expect_behind(specs, 2, covers, 1, false, true,
                  "count gaps 1\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                  "order/x claim 0: last 3 shortened\nsum malformed 0\nsum unselected 2\n");
}

Test(gather, nothing_is_folded_behind_a_refused_start)
{
    static const struct spec specs[] = {{"x", "order", "A", 4, 1, 0, NULL, 0, 2},
                                        {"x", "order", "Z", 5, 1, 0, NULL, 0, 4},
                                        {"x", "order", "S", 6, 1, 0, NULL, 0, 6}};
    const char *want = "count gaps 0\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                       "order/x claim 0: behind 4=a2 behind 5=a4 last 6\nsum malformed 0\n"
                       "sum skipped 1\nsum unfolded 2\n";
    const struct cover refused = {"x", 3, 1, true, false};
    const struct cover stateless = {"x", 3, 1, false, true};
    expect_behind(specs, 3, &refused, 1, false, false, want);
    expect_behind(specs, 3, &stateless, 1, false, false, want);
}

/** Events of x that no type tells, with starts that cover three versions of x.
 *  @names  of the starts' aggregates */
static void
expect_started(const struct spec *specs, size_t count, const char *const names[2],
               size_t claim_count, const char *want)
{
    struct rf_gather_rules rules = {.claims = order_and_stock, .claim_count = claim_count};
    struct rf_history *history = write_history(specs, count, nothing_withdrawn, 1, 1);
    struct rf_starts *starts = rf_starts_new();
    for (size_t i = 0; i < 2 && names[i] != NULL; i++) {
        const struct rf_start start = {
            .aggregate = rf_names_number(rf_history_names(history), names[i], strlen(names[i])),
            .id = "x",
            .id_bytes = 1,
            .state = "{}",
            .state_bytes = 2,
            .version = 3,
            .covered = 3,
        };
        rf_starts_add(starts, &start);
    }
    rf_starts_sort(starts);
    rules.starts = starts;
    char *got = describe(history, &rules, 1);
    cr_expect_str_eq(got, want);
    free(got);
    rf_starts_free(starts);
    rf_history_free(history);
}

/* Whose it is no type tells, and no name: its snapshot does, be it not the first aggregate's, or of
 * a name that is folded by what takes all. */
Test(gather, an_undeclared_event_is_whose_the_start_is)
{
    static const struct spec specs[] = {{"x", NULL, "U", 4, 1, 0, NULL, 0, 2}};
    static const char *const order[2] = {"order"};
    static const char *const stock[2] = {"stock"};
    static const char *const loan[2] = {"loan"};
    static const char *const loan_too[2] = {"loan", "stock"};
    expect_started(specs, 1, order, 2,
                   "count gaps 0\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                   "order/x claim 0: unhandled 4=a2 last 4\nsum malformed 0\nsum unhandled 1\n");
    expect_started(specs, 1, stock, 2,
                   "count gaps 0\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                   "stock/x claim 1: unhandled 4=a2 last 4\nsum malformed 0\nsum unhandled 1\n");
    /* As where the named events in front of it are read: what takes all has it. */
    expect_started(specs, 1, loan, 3,
                   "case/x claim 2: 4=a2 last 4 gapped\n"
                   "count gaps 1\ncount instances 2\ncount unclaimed 0\ncount untold 0\n"
                   "damage gap case/x version 1\n"
                   "loan/x claim 2: last 3\nsum folded 1\nsum malformed 0\n");
    /* A golden of what is not loaded tells nothing. */
    expect_started(specs, 1, loan_too, 2,
                   "count gaps 0\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                   "stock/x claim 1: unhandled 4=a2 last 4\nsum malformed 0\nsum unhandled 1\n");
}

/* Two names are two, whether a snapshot has the one or its events are read. */
Test(gather, a_start_and_a_sibling_of_another_name_tell_nothing)
{
    static const struct spec specs[] = {{"x", "order", "A", 1, 1, 0, NULL, 0, 2},
                                        {"x", NULL, "U", 4, 1, 0, NULL, 0, 4}};
    static const char *const stock[2] = {"stock"};
    expect_started(specs, 2, stock, 2,
                   "count gaps 0\ncount instances 2\ncount unclaimed 1\ncount untold 0\n"
                   "order/x claim 0: 1=a2 last 1\nstock/x claim 1: last 3\n"
                   "sum folded 1\nsum malformed 0\nsum unclaimed 1\n");
}

Test(gather, the_last_version_there_is_has_none_behind_it)
{
    static const struct spec specs[] = {{"x", "order", "A", INT64_MAX, 1, 0, NULL, 0, 2}};
    static const struct cover covers[] = {{"x", INT64_MAX, 1, false, false}};
    expect_behind(specs, 1, covers, 1, false, false,
                  "count gaps 0\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                  "order/x claim 0: last 9223372036854775807\nsum covered 1\nsum malformed 0\n");
}

/** A late event without a version would shift all places behind it, which no snapshot can tell. */
Test(gather, nothing_goes_on_behind_a_start_without_versions)
{
    static const struct spec specs[] = {{"x", "order", "A", 4, 1, 0, NULL, 0, 2},
                                        {"y", "order", "A", NO_VERSION, 1, 0, "e", 0, 4}};
    struct rf_history *history = write_history(specs, 2, nothing_withdrawn, 1, 1);
    struct rf_starts *starts = rf_starts_new();
    rf_starts_sort(starts);
    struct rf_gather_rules rules = order_only;
    rules.starts = starts;
    struct rf_gatherer *gatherer = rf_gatherer_new(history, &rules);
    rf_code code = RF_OK;
    struct rf_err err;
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT && code == RF_OK; bucket++) {
        struct rf_gathering gathering;
        code = gather_bucket(history, gatherer, bucket, &gathering, &err);
    }
    cr_assert_eq(code, RF_ERR_USAGE);
    cr_assert_str_eq(err.where, "--from");
    rf_gatherer_free(gatherer);
    rf_starts_free(starts);
    rf_history_free(history);
}

Test(gather, withdrawn_events_tear_gaps)
{
    static const struct spec specs[] = {{"x", "order", "A", 1, 1, 0, NULL, 0, 2},
                                        {"x", "order", "A", 2, 1, 0, NULL, 1, 4},
                                        {"x", "order", "A", 3, 1, 0, NULL, 2, 6}};
    static const bool withdrawn[OBJECTS] = {false, true};
    struct rf_history *history = write_history(specs, 3, withdrawn, 1, 1);
    char *got = describe(history, &order_only, 1);
    cr_assert_str_eq(got, "count gaps 1\ncount instances 1\ncount unclaimed 0\ncount untold 0\n"
                          "damage gap order/x version 2\n"
                          "order/x claim 0: 1=a2 3=c6 last 3 gapped\n"
                          "sum folded 2\nsum malformed 0\nsum withdrawn 1\n");
    free(got);
    rf_history_free(history);
}

Test(gather, names_the_smallest_id_that_two_aggregates_fit)
{
    static const struct spec specs[] = {{"y", NULL, "B", 1, 1, 0, NULL, 0, 2},
                                        {"x", NULL, "A", 1, 1, 0, NULL, 1, 4}};
    struct rf_claim claims[3] = {claim_order, claim_order, claim_stock};
    claims[0].name = "other";
    claims[0].context = "Z"; /* fits none of them */
    struct rf_gather_rules rules = {.claims = claims, .claim_count = 3};
    struct rf_history *history = write_history(specs, 2, nothing_withdrawn, 1, 1);
    struct rf_gatherer *gatherer = rf_gatherer_new(history, &rules);
    rf_code code = RF_OK;
    struct rf_err err;
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT && code == RF_OK; bucket++) {
        struct rf_gathering gathering;
        code = gather_bucket(history, gatherer, bucket, &gathering, &err);
    }
    cr_assert_eq(code, RF_ERR_USAGE);
    cr_assert_neq(strstr(err.text, "'y'"), NULL, "%s", err.text);
    cr_assert_neq(strstr(err.text, "order and stock"), NULL, "%s", err.text);
    rf_gatherer_free(gatherer);
    rf_history_free(history);
}

/** Many ids, long instances, and one id with a great many events in the worst order. */
Test(gather, takes_many_ids_and_long_instances)
{
    enum { IDS = 30000, LONG = 100000 };
    struct rf_history *history;
    struct rf_err err;
    history = rf_history_new(&objects, 2);
    for (int64_t i = 0; i < IDS + LONG; i++) {
        char id[32];
        int bytes =
            i < IDS ? snprintf(id, sizeof(id), "id%" PRId64, i) : snprintf(id, sizeof(id), "long");
        struct rf_event event = {.id = id,
                                 .id_bytes = (size_t)bytes,
                                 .type = "A",
                                 .type_bytes = 1,
                                 .data = "{}",
                                 .data_bytes = 2,
                                 .has_version = true,
                                 .version = i < IDS ? 1 : IDS + LONG - i,
                                 .offset = (uint64_t)i};
        cr_assert_eq(
            rf_writer_add(rf_history_writer(history, (size_t)i % 2), 0, &event, "order", 5, &err),
            RF_OK);
    }
    cr_assert_eq(rf_history_seal(history, &err), RF_OK);
    struct rf_gatherer *gatherer = rf_gatherer_new(history, &order_only);
    size_t instances = 0;
    size_t steps = 0;
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
        struct rf_gathering gathering;
        cr_assert_eq(gather_bucket(history, gatherer, bucket, &gathering, &err), RF_OK);
        instances += gathering.count;
        for (size_t i = 0; i < gathering.count; i++) {
            steps += gathering.instances[i].step_count;
            cr_assert_eq(gathering.instances[i].last_version,
                         (int64_t)gathering.instances[i].step_count);
        }
    }
    cr_assert_eq(instances, IDS + 1);
    cr_assert_eq(steps, IDS + LONG);
    cr_assert_eq(rf_gatherer_damages(gatherer)->count, 0);
    rf_gatherer_free(gatherer);
    rf_history_free(history);
}

/* ---- the order of a bucket's instances ---- */

/** Finds an id that begins with `front` and lies in bucket 5; `salt` makes it another one. */
static size_t
find_id(char id[64], const char *front, size_t front_bytes, unsigned salt)
{
    memcpy(id, front, front_bytes);
    for (uint64_t i = 0;; i++) {
        int tail = snprintf(id + front_bytes, 64 - front_bytes, "%u.%" PRIu64, salt, i);
        if (rf_hash(id, front_bytes + (size_t)tail, 0) % RF_BUCKET_COUNT == 5) {
            return front_bytes + (size_t)tail;
        }
    }
}

/* Sorting looks at eight bytes at once: what is in these, and what is behind, must order as memcmp
 * does. Fronts that are equal up to any length, bytes from 0x80 on, NUL bytes, both aggregates. */
Test(gather, sorts_a_buckets_instances_by_aggregate_and_bytes_of_the_id)
{
    static const struct {
        const char *text;
        size_t bytes;
    } fronts[] = {
        {"", 0},
        {"a", 1},
        {"a\0", 2},
        {"a\0\0", 3},
        {"ab", 2},
        {"\x7f", 1},
        {"\x80", 1},
        {"\xff", 1},
        {"a\x80", 2},
        {"abcdefg", 7},
        {"abcdefg\x80", 8},
        {"abcdefgh", 8},
        {"abcdefgh\0", 9},
        {"abcdefghi", 9},
        {"abcdefgh\xff", 9},
        {"abcdefghijklmnopq", 17},
        {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 8},
        {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa8", 8},
    };
    enum { FRONTS = sizeof(fronts) / sizeof(fronts[0]), EACH = 6 };
    struct rf_claim claims[2] = {claim_stock, claim_order};
    struct rf_gather_rules rules = {.claims = claims, .claim_count = 2};
    claims[0].first_version = 1;
    struct rf_history *history;
    struct rf_err err;
    history = rf_history_new(&objects, 1);
    for (unsigned i = 0; i < FRONTS * EACH; i++) {
        unsigned which = i * 7 % (FRONTS * EACH); /* 7 and 108 share no divisor */
        char id[64];
        size_t bytes = find_id(id, fronts[which % FRONTS].text, fronts[which % FRONTS].bytes,
                               which / FRONTS % 3);
        struct rf_event event = {.id = id,
                                 .id_bytes = bytes,
                                 .type = "B",
                                 .type_bytes = 1,
                                 .data = "{}",
                                 .data_bytes = 2,
                                 .has_version = true,
                                 .version = 1,
                                 .offset = i};
        cr_assert_eq(rf_writer_add(rf_history_writer(history, 0), 0, &event,
                                   which / FRONTS < 3 ? "stock" : "order", 5, &err),
                     RF_OK);
    }
    rf_history_settle(history, 0, RF_FATE_READ, false);
    cr_assert_eq(rf_history_seal(history, &err), RF_OK);
    struct rf_gatherer *gatherer = rf_gatherer_new(history, &rules);
    struct rf_gathering gathering;
    cr_assert_eq(gather_bucket(history, gatherer, 5, &gathering, &err), RF_OK);
    cr_assert_eq(gathering.count, FRONTS * EACH);
    for (size_t i = 1; i < gathering.count; i++) {
        cr_assert(comes_before(&gathering.instances[i - 1], &gathering.instances[i]),
                  "%.*s stands before %.*s", (int)gathering.instances[i - 1].id_bytes,
                  gathering.instances[i - 1].id, (int)gathering.instances[i].id_bytes,
                  gathering.instances[i].id);
    }
    rf_gatherer_free(gatherer);
    rf_history_free(history);
}

/* Thousands of ids in one bucket, their events interleaved: each instance gets its own two. */
Test(gather, keeps_many_ids_of_one_bucket_apart)
{
    enum { IDS = 5000 };
    static char ids[IDS][64];
    static size_t id_bytes[IDS];
    struct rf_history *history;
    struct rf_err err;
    uint64_t tried = 0;
    for (size_t i = 0; i < IDS; tried++) {
        id_bytes[i] = (size_t)snprintf(ids[i], sizeof(ids[i]), "%" PRIu64, tried);
        i += rf_hash(ids[i], id_bytes[i], 0) % RF_BUCKET_COUNT == 5 ? 1 : 0;
    }
    history = rf_history_new(&objects, 1);
    for (size_t i = 0; i < 2 * IDS; i++) {
        struct rf_event event = {.id = ids[i % IDS],
                                 .id_bytes = id_bytes[i % IDS],
                                 .type = "A",
                                 .type_bytes = 1,
                                 .data = "{}",
                                 .data_bytes = 2,
                                 .has_version = true,
                                 .version = i < IDS ? 2 : 1,
                                 .offset = i % IDS};
        cr_assert_eq(rf_writer_add(rf_history_writer(history, 0), 0, &event, "order", 5, &err),
                     RF_OK);
    }
    rf_history_settle(history, 0, RF_FATE_READ, false);
    cr_assert_eq(rf_history_seal(history, &err), RF_OK);
    struct rf_gatherer *gatherer = rf_gatherer_new(history, &order_only);
    struct rf_gathering gathering;
    cr_assert_eq(gather_bucket(history, gatherer, 5, &gathering, &err), RF_OK);
    cr_assert_eq(gathering.count, IDS);
    for (size_t i = 0; i < IDS; i++) {
        const struct rf_instance *instance = &gathering.instances[i];
        cr_assert(i == 0 || comes_before(&gathering.instances[i - 1], instance));
        cr_assert_eq(instance->step_count, 2);
        uint64_t whose = instance->steps[0].event->offset;
        cr_assert_eq(instance->steps[1].event->offset, whose);
        cr_assert(instance->id_bytes == id_bytes[whose] &&
                  memcmp(instance->id, ids[whose], id_bytes[whose]) == 0);
    }
    cr_assert_eq(rf_gatherer_damages(gatherer)->count, 0);
    rf_gatherer_free(gatherer);
    rf_history_free(history);
}

/** Ids that two aggregates fit, and others, all in one bucket: the sentence is the same in any
 * order. */
Test(gather, names_the_smallest_of_many_ids_that_two_aggregates_fit)
{
    enum { IDS = 40 };
    static char ids[IDS][32];
    struct rf_claim claims[2] = {claim_order, claim_stock};
    struct rf_gather_rules rules = {.claims = claims, .claim_count = 2};
    size_t smallest = 1;
    for (size_t i = 0, tried = 0; i < IDS; tried++) {
        int bytes = snprintf(ids[i], sizeof(ids[i]), "%zu", tried);
        i += rf_hash(ids[i], (size_t)bytes, 0) % RF_BUCKET_COUNT == 5 ? 1 : 0;
    }
    for (size_t i = 1; i < IDS; i += 2) {
        smallest = strcmp(ids[i], ids[smallest]) < 0 ? i : smallest;
    }
    for (size_t turned = 0; turned < 2; turned++) {
        struct spec specs[IDS];
        for (size_t i = 0; i < IDS; i++) {
            size_t which = turned ? IDS - 1 - i : i;
            specs[i] = (struct spec){.id = ids[which],
                                     .type = which % 2 == 1 ? "B" : "A",
                                     .version = 1,
                                     .object = 0,
                                     .offset = (unsigned)i * 2};
        }
        struct rf_history *history = write_history(specs, IDS, nothing_withdrawn, 1, 1);
        struct rf_gatherer *gatherer = rf_gatherer_new(history, &rules);
        struct rf_gathering gathering;
        struct rf_err err;
        char *want = rf_format("events of '%s' name no aggregate", ids[smallest]);
        cr_assert_eq(gather_bucket(history, gatherer, 5, &gathering, &err), RF_ERR_USAGE);
        cr_assert_not_null(strstr(err.text, want), "%s, not: %s", want, err.text);
        free(want);
        rf_gatherer_free(gatherer);
        rf_history_free(history);
    }
}

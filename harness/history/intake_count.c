/* SPDX-License-Identifier: MIT */
/* What an object adds to the counts of its thread, and a thread to those of all. */
#include "history/intake_internal.h"

#include <string.h>

static void
add_decode_counts(struct rf_decode_counts *counts, const struct rf_decode_counts *more)
{
    counts->stored_bytes += more->stored_bytes;
    counts->bytes += more->bytes;
    counts->members += more->members;
    counts->checked += more->checked;
    counts->unchecked += more->unchecked;
    counts->records += more->records;
    counts->expanded += more->expanded;
    counts->events += more->events;
    counts->malformed += more->malformed;
    counts->alien += more->alien;
    counts->unended += more->unended;
    counts->empty += more->empty;
    counts->repeated_keys += more->repeated_keys;
    for (size_t i = 0; i < RF_ENVELOPE_COUNT_; i++) {
        counts->envelopes[i] += more->envelopes[i];
    }
}

/** Shards must have read the same objects: those with the same keys and bytes, of sources in the
 * same order, for that says which one of two events of a version is folded. */
static void
count_stored(struct rf_intake *intake)
{
    const struct rf_object *object = intake->object;
    if (intake->stored != NULL) {
        rf_multiset_add(&intake->found.objects,
                        rf_hash(object->key, strlen(object->key),
                                rf_hasher_end(intake->stored) + object->source));
    }
}

/** Counts, and keeps the number of the first object. */
static void
count_from(uint64_t *total, uint32_t *total_first, uint64_t count, uint32_t first)
{
    if (count > 0 && (*total == 0 || first < *total_first)) {
        *total_first = first;
    }
    *total += count;
}

/** A rule without an envelope of its own is read by the one that holds for all. */
static void
count_pointed(struct rf_intake *intake)
{
    const struct rf_decode_counts *counts = &intake->facts.counts;
    size_t rule = intake->rule;
    if (intake->object->pending) { /* that envelope is refold's own */
        return;
    }
    bool own = rule > 0 && intake->request->streams[rule - 1].has_envelope;
    struct rf_pointed *pointed = &intake->found.pointed[own ? rule : 0];
    pointed->events += counts->pointed;
    bool named = rule > 0 && intake->request->streams[rule - 1].aggregate != NULL;
    for (size_t i = 0; i < RF_PART_COUNT_; i++) {
        pointed->lacking[i] += counts->lacking[i];
    }
    pointed->nameless += named ? 0 : counts->lacking[RF_PART_AGGREGATE];
    count_from(&pointed->unversioned, &pointed->unversioned_first, counts->unversioned,
               intake->object->number);
    for (size_t i = 0; i < RF_ENVELOPE_COUNT_; i++) {
        pointed->laden[i] += counts->laden[i];
        count_from(&pointed->bare[i], &pointed->bare_first[i], counts->bare[i],
                   intake->object->number);
        count_from(&pointed->texts[i], &pointed->texts_first[i], counts->texts[i],
                   intake->object->number);
    }
}

/** Counts what the object held; it is not foreign. */
static void
count_object(struct rf_intake *intake, bool withdrawn)
{
    const struct rf_facts *facts = &intake->facts;
    struct rf_sums *sums = &intake->found.sums;
    sums->records += facts->counts.records;
    sums->expanded += facts->counts.expanded;
    sums->malformed += facts->counts.malformed;
    sums->empty += facts->counts.empty;
    rf_sums_pass(sums, intake->elsewhere, RF_TERM_ELSEWHERE);
    rf_sums_pass(sums, intake->unselected, withdrawn ? RF_TERM_WITHDRAWN : RF_TERM_UNSELECTED);
    count_stored(intake);
    add_decode_counts(&intake->found.counts, &facts->counts);
    count_pointed(intake);
    if (facts->events > 0 && intake->object->odd_name) {
        intake->found.odd_names++;
    }
    if (facts->has_first && !withdrawn) {
        rf_intake_widen(facts->first, facts->last, &intake->found.has_first, &intake->found.first,
                        &intake->found.last);
    }
}

static bool
is_hollow(const struct rf_intake *intake)
{
    const struct rf_object *object = intake->object;
    return intake->facts.fate == RF_FATE_READ && intake->facts.counts.bytes == 0 &&
           rf_object_is_promising(object) && !object->pending && !object->manifest &&
           !object->errors;
}

/** A manifest of an export, which a pack tells by nothing else: what has a packer's name, and was
 * read, is foreign only as that, or hidden. */
static bool
is_manifest(const struct rf_object *object)
{
    return object->manifest || (object->pack != NULL && object->packer_name && !object->special);
}

/** A folder of an hour is where history lies; but what its name hides is often a tool's mark. */
static bool
is_stray(const struct rf_object *object)
{
    return object->hour.grain != RF_GRAIN_NONE && !object->errors && !is_manifest(object) &&
           !rf_key_is_hidden(object->key);
}

void
rf_intake_settle(struct rf_intake *intake)
{
    struct rf_facts *facts = &intake->facts;
    const struct rf_object *object = intake->object;
    bool withdrawn = facts->fate == RF_FATE_UNREADABLE && !intake->request->keep_partial;
    rf_history_settle(intake->history, object->number, facts->fate, withdrawn);
    if (facts->fate == RF_FATE_FOREIGN) {
        rf_damages_done(&facts->damages);
        intake->found.sums.foreign++;
        intake->found.stray += is_stray(object);
    } else if (facts->fate == RF_FATE_UNREADABLE) {
        intake->found.sums.unreadable++;
        count_object(intake, withdrawn);
    } else {
        intake->found.sums.read++;
        intake->found.odd_md5 += facts->odd_md5;
        const struct rf_decode_counts *counts = &facts->counts;
        intake->found.unverified +=
            object->unchecked && counts->bytes > 0 && counts->checked + counts->unchecked == 0;
        intake->found.unchecked += counts->bytes > 0 && counts->unchecked > 0;
        count_from(&intake->found.hollow, &intake->found.hollow_first, is_hollow(intake),
                   object->number);
        count_object(intake, false);
    }
    if (intake->request->facts != NULL) {
        rf_facts_copy(facts, object->name, &intake->request->facts[object->number]);
    }
    rf_intake_judge_damages(intake);
    rf_damages_join(&intake->found.damages, &facts->damages);
}

static void
join_pointed(struct rf_pointed *pointed, const struct rf_pointed *more)
{
    pointed->events += more->events;
    pointed->nameless += more->nameless;
    count_from(&pointed->unversioned, &pointed->unversioned_first, more->unversioned,
               more->unversioned_first);
    for (size_t i = 0; i < RF_PART_COUNT_; i++) {
        pointed->lacking[i] += more->lacking[i];
    }
    for (size_t i = 0; i < RF_ENVELOPE_COUNT_; i++) {
        pointed->laden[i] += more->laden[i];
        count_from(&pointed->bare[i], &pointed->bare_first[i], more->bare[i], more->bare_first[i]);
        count_from(&pointed->texts[i], &pointed->texts_first[i], more->texts[i],
                   more->texts_first[i]);
    }
}

void
rf_intake_join(struct rf_intake *intake, struct rf_ingest_result *result)
{
    struct rf_ingest_result *found = &intake->found;
    rf_sums_join(&result->sums, &found->sums);
    rf_sums_join(&result->sums, rf_writer_sums(intake->writer));
    add_decode_counts(&result->counts, &found->counts);
    rf_damages_join(&result->damages, &found->damages);
    rf_multiset_join(&result->objects, &found->objects);
    result->odd_names += found->odd_names;
    result->unverified += found->unverified;
    result->odd_md5 += found->odd_md5;
    result->unchecked += found->unchecked;
    result->stray += found->stray;
    count_from(&result->hollow, &result->hollow_first, found->hollow, found->hollow_first);
    for (size_t i = 0; i < found->pointed_count; i++) {
        join_pointed(&result->pointed[i], &found->pointed[i]);
    }
    if (found->has_first) {
        rf_intake_widen(found->first, found->last, &result->has_first, &result->first,
                        &result->last);
    }
}

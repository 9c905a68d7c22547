/* SPDX-License-Identifier: MIT */
/* What one thread finds while instances are folded; joined into the findings at the end. */
#include "golden/notes.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/names.h"
#include "history/history.h"
#include "walk/walk.h"
#include "worker/protocol.h"

/* ---- life ------------------------------------------------------------------------------------ */

void
rf_notes_done(struct rf_notes *notes)
{
    for (size_t i = 0; i < notes->tally_count; i++) {
        free(notes->tallies[i]->name);
        free(notes->tallies[i]);
    }
    for (size_t i = 0; i < notes->difference_count; i++) {
        rf_difference_done(&notes->differences[i]);
    }
    free(notes->tallies);
    free(notes->differences);
    free(notes->ignores);
    if (notes->members != NULL) {
        rf_members_done(notes->members);
    }
    free(notes->members);
    rf_clusters_done(&notes->clusters);
    rf_damages_done(&notes->damages);
    memset(notes, 0, sizeof(*notes));
}

struct rf_tally *
rf_notes_tally(struct rf_notes *notes, const char *name)
{
    for (size_t i = 0; i < notes->tally_count; i++) {
        if (strcmp(notes->tallies[i]->name, name) == 0) {
            return notes->tallies[i];
        }
    }
    struct rf_tally *tally = rf_calloc(1, sizeof(*tally));
    tally->name = rf_strdup(name);
    RF_GROW(notes->tallies, notes->tally_room, notes->tally_count + 1);
    notes->tallies[notes->tally_count++] = tally;
    return tally;
}

/* ---- differences ----------------------------------------------------------------------------- */

void
rf_difference_done(struct rf_difference *difference)
{
    free(difference->aggregate);
    free(difference->id);
    free(difference->suspect.type);
    free(difference->suspect.object);
    free(difference->message);
    rf_changes_done(&difference->changes);
    memset(difference, 0, sizeof(*difference));
}

int
rf_difference_compare(const void *left, const void *right)
{
    const struct rf_difference *a = left;
    const struct rf_difference *b = right;
    int order = strcmp(a->aggregate, b->aggregate);
    return order != 0 ? order : rf_bytes_compare(a->id, a->id_bytes, b->id, b->id_bytes);
}

static int
compare_unfit_first(const void *left, const void *right)
{
    const struct rf_difference *a = left;
    const struct rf_difference *b = right;
    int order = (int)rf_difference_is_unfit(b->kind) - (int)rf_difference_is_unfit(a->kind);
    return order != 0 ? order : rf_difference_compare(left, right);
}

/** Keeps the rf_limits.listed smallest, sorted. */
static void
cut_differences(struct rf_notes *notes)
{
    if (notes->difference_count > 0) {
        qsort(notes->differences, notes->difference_count, sizeof(*notes->differences),
              notes->unfit_first ? compare_unfit_first : rf_difference_compare);
    }
    for (; notes->difference_count > rf_limits.listed; notes->difference_count--) {
        rf_difference_done(&notes->differences[notes->difference_count - 1]);
    }
}

void
rf_notes_add(struct rf_notes *notes, struct rf_difference *difference,
             const struct rf_paths *patterns)
{
    notes->differences_total++;
    rf_clusters_add(&notes->clusters, difference, patterns);
    if (notes->members != NULL) {
        rf_members_add(notes->members, difference);
    }
    if (notes->difference_count == 2 * rf_limits.listed) {
        cut_differences(notes);
    }
    RF_GROW(notes->differences, notes->difference_room, notes->difference_count + 1);
    notes->differences[notes->difference_count++] = *difference;
    memset(difference, 0, sizeof(*difference));
}

struct rf_suspect
rf_suspect_make(struct rf_history *history, enum rf_basis basis,
                const struct rf_packed_event *event, int64_t version)
{
    struct rf_suspect suspect = {.basis = RF_BASIS_NONE};
    if (event == NULL) {
        return suspect;
    }
    RF_VERIFY(history != NULL);
    const struct rf_objects *objects = rf_history_objects(history);
    const struct rf_names *names = rf_history_names(history);
    size_t type_bytes;
    const char *type = rf_names_text(names, event->type, &type_bytes);
    suspect.basis = basis;
    suspect.version = version;
    suspect.type = rf_strndup(type, type_bytes);
    suspect.type_bytes = type_bytes;
    suspect.type_number = event->type;
    suspect.has_at = (event->flags & RF_EVENT_AT) != 0;
    if (suspect.has_at) {
        suspect.at = (struct rf_time){event->at_seconds, event->at_nanos};
    }
    if (event->object < objects->count) {
        suspect.object = rf_strdup(objects->items[event->object].name);
    }
    suspect.object_number = event->object;
    suspect.offset = event->offset;
    return suspect;
}

struct rf_difference
rf_difference_of_end(struct rf_history *history, const struct rf_outcome *outcome,
                     enum rf_difference_kind kind)
{
    return (struct rf_difference){
        .aggregate = rf_strdup(outcome->instance->aggregate_name),
        .id = rf_strndup(outcome->instance->id, outcome->instance->id_bytes),
        .id_bytes = outcome->instance->id_bytes,
        .version = outcome->at == NULL ? 0 : outcome->at_version,
        .kind = kind,
        .cause = RF_CAUSE_CODE,
        .suspect = rf_suspect_make(history, RF_BASIS_TRACE, outcome->at, outcome->at_version),
        .message = outcome->message == NULL ? NULL : rf_strdup(outcome->message),
        .quotes = outcome->quotes,
    };
}

void
rf_nonfinite_message(struct rf_buf *out, const char *pointer)
{
    rf_buf_string(out, "the state holds NaN or infinity at ");
    rf_buf_string(out, pointer[0] == '\0' ? "its root" : pointer);
}

/* ---- multisets ------------------------------------------------------------------------------- */

uint64_t
rf_notes_name_hash(const char *aggregate)
{
    return rf_hash(aggregate, strlen(aggregate), 11);
}

void
rf_notes_multiset_of(struct rf_multiset *set, uint64_t name_hash, const char *id, size_t id_bytes,
                     uint64_t first, uint64_t second)
{
    unsigned char block[24];
    rf_put_le64(block, name_hash);
    rf_put_le64(block + 8, first);
    rf_put_le64(block + 16, second);
    rf_multiset_add(set, rf_hash(id, id_bytes, rf_hash(block, sizeof(block), 12)));
}

void
rf_notes_multiset(struct rf_multiset *set, const char *aggregate, const char *id, size_t id_bytes,
                  uint64_t first, uint64_t second)
{
    rf_notes_multiset_of(set, rf_notes_name_hash(aggregate), id, id_bytes, first, second);
}

static void
add_ignores(struct rf_notes *notes, const struct rf_ignore_tally *more, size_t count)
{
    if (notes->ignores == NULL) {
        notes->ignores = rf_calloc(count, sizeof(*notes->ignores));
        notes->ignore_count = count;
    }
    RF_VERIFY(notes->ignore_count == count);
    for (size_t i = 0; i < count; i++) {
        notes->ignores[i].changes += more[i].changes;
        notes->ignores[i].instances += more[i].instances;
        notes->ignores[i].only += more[i].only;
    }
}

void
rf_notes_swallowed(struct rf_notes *notes, const struct rf_ignore_use *uses, size_t count,
                   bool same)
{
    for (size_t i = 0; uses != NULL && i < count; i++) {
        if (uses[i].changes > 0) {
            notes->ignores =
                notes->ignores != NULL ? notes->ignores : rf_calloc(count, sizeof(*notes->ignores));
            notes->ignore_count = count;
            notes->ignores[i].changes += uses[i].changes;
            notes->ignores[i].instances++;
            notes->ignores[i].only += same && uses[i].alone > 0;
        }
    }
}

/* ---- joining --------------------------------------------------------------------------------- */

static void
add_tally(struct rf_tally *into, const struct rf_tally *from)
{
    into->instances += from->instances;
    into->events += from->events;
    into->compared += from->compared;
    into->same += from->same;
    into->changed += from->changed;
    into->unblessed += from->unblessed;
    into->missing += from->missing;
    into->uncompared += from->uncompared;
    into->cut_short += from->cut_short;
    into->rejected += from->rejected;
    into->crashed += from->crashed;
    into->hung += from->hung;
    into->impure += from->impure;
    into->ignored_only += from->ignored_only;
    into->refused += from->refused;
    into->as_snapshot += from->as_snapshot;
}

static int
compare_tallies(const void *left, const void *right)
{
    const struct rf_tally *a = left;
    const struct rf_tally *b = right;
    return strcmp(a->name, b->name);
}

void
rf_notes_take(struct rf_notes *into, struct rf_notes *from)
{
    for (size_t i = 0; i < from->tally_count; i++) {
        add_tally(rf_notes_tally(into, from->tallies[i]->name), from->tallies[i]);
    }
    rf_clusters_join(&into->clusters, &from->clusters);
    RF_GROW(into->differences, into->difference_room,
            into->difference_count + from->difference_count);
    for (size_t i = 0; i < from->difference_count; i++) {
        into->differences[into->difference_count++] = from->differences[i];
    }
    from->difference_count = 0;
    into->unfit_first = into->unfit_first || from->unfit_first;
    cut_differences(into);
    into->differences_total += from->differences_total;
    into->beyond += from->beyond;
    if (from->members != NULL) {
        into->members =
            into->members == NULL ? rf_calloc(1, sizeof(*into->members)) : into->members;
        rf_members_join(into->members, from->members);
    }
    rf_multiset_join(&into->compared, &from->compared);
    rf_multiset_join(&into->history, &from->history);
    if (from->ignores != NULL) {
        add_ignores(into, from->ignores, from->ignore_count);
    }
    rf_notes_done(from);
}

void
rf_notes_join(struct rf_notes *const *notes, size_t count, struct rf_findings *ret)
{
    struct rf_notes all = {0};
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < count; i++) {
        rf_notes_take(&all, notes[i]);
    }
    ret->tallies = rf_calloc(all.tally_count + 1, sizeof(*ret->tallies));
    ret->tally_count = all.tally_count;
    for (size_t i = 0; i < all.tally_count; i++) {
        ret->tallies[i] = *all.tallies[i];
        free(all.tallies[i]);
    }
    qsort(ret->tallies, ret->tally_count, sizeof(*ret->tallies), compare_tallies);
    free(all.tallies);
    rf_clusters_take(&all.clusters, &ret->clusters, &ret->cluster_count);
    ret->differences = all.differences;
    ret->difference_count = all.difference_count;
    ret->differences_total = all.differences_total;
    if (all.members != NULL) {
        rf_members_sort(all.members);
    }
    ret->members = all.members;
    ret->beyond = all.beyond;
    ret->compared = all.compared;
    ret->history = all.history;
    ret->ignores = all.ignores;
    ret->ignore_count = all.ignore_count;
}

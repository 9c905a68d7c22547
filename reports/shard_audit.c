/* SPDX-License-Identifier: MIT */
/* What shards say of known damage, ignore rules and skipped types, read back and put together. */
#include "reports/shard_audit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "golden/known_file.h"
#include "reports/shard_reading.h"

void
rf_shard_audit_done(struct rf_shard_audit *audit)
{
    rf_known_free(audit->known);
    for (size_t i = 0; i < audit->ignore_count; i++) {
        rf_ignore_done(&audit->ignores[i]);
    }
    free(audit->ignores);
    rf_skip_audits_free(audit->skips, audit->skip_count);
    free(audit->today);
    memset(audit, 0, sizeof(*audit));
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool
has_list(struct rf_reading *reading, const char *name)
{
    return rf_reading_member(reading, 0, name, RF_JSON_ARRAY, false) != RF_JSON_NONE;
}

static void
read_entry(struct rf_reading *reading, uint32_t node, struct rf_known_damage *known)
{
    static const char *const states[] = {
        [RF_KNOWN_FITS] = "fits",       [RF_KNOWN_FEWER] = "fewer",
        [RF_KNOWN_MORE] = "more",       [RF_KNOWN_GONE] = "gone",
        [RF_KNOWN_EXPIRED] = "expired", [RF_KNOWN_UNSEEN] = "unseen",
        [RF_KNOWN_STATE_COUNT_] = NULL,
    };
    uint32_t object = rf_reading_member(reading, node, "entry", RF_JSON_OBJECT, true);
    struct rf_known_entry *entry = &known->items[known->count];
    if (object == RF_JSON_NONE) {
        return;
    }
    known->count++;
    if (rf_known_entry_read(reading->doc, object, "", entry, NULL) != RF_OK) {
        rf_known_entry_done(entry);
        known->count--;
        reading->flaw = reading->flaw == NULL ? "entry" : reading->flaw;
        return;
    }
    entry->met = rf_reading_count(reading, node, "found");
    entry->state = (enum rf_known_state)rf_reading_word(reading, node, "state", states);
    entry->expired = entry->state == RF_KNOWN_EXPIRED;
}

static void
read_known(struct rf_reading *reading, struct rf_shard_audit *ret)
{
    size_t count;
    if (!has_list(reading, "known_damage")) {
        return;
    }
    uint32_t node = rf_reading_objects(reading, 0, "known_damage", &count);
    ret->known = rf_calloc(1, sizeof(*ret->known));
    ret->known->items = rf_calloc(count + 1, sizeof(*ret->known->items));
    ret->known->text = rf_strdup(""); /* there is a file */
    for (; count > 0; count--, node = rf_reading_next(reading, node)) {
        read_entry(reading, node, ret->known);
    }
    if (rf_known_seal(ret->known) != NULL && reading->flaw == NULL) {
        reading->flaw = "known_damage";
    }
}

static void
read_ignores(struct rf_reading *reading, struct rf_shard_audit *ret, struct rf_notes *notes)
{
    size_t count;
    if (!has_list(reading, "ignores")) {
        return;
    }
    uint32_t node = rf_reading_objects(reading, 0, "ignores", &count);
    ret->ignores = rf_calloc(count + 1, sizeof(*ret->ignores));
    notes->ignores = rf_calloc(count + 1, sizeof(*notes->ignores));
    notes->ignore_count = count;
    for (; count > 0; count--, node = rf_reading_next(reading, node)) {
        struct rf_ignore_tally *tally = &notes->ignores[ret->ignore_count];
        struct rf_ignore *ignore = &ret->ignores[ret->ignore_count++];
        ignore->aggregate = rf_reading_text(reading, node, "aggregate", false, NULL);
        ignore->pointer = rf_reading_text(reading, node, "path", true, NULL);
        ignore->reason = rf_reading_text(reading, node, "reason", false, NULL);
        ignore->until = rf_reading_text(reading, node, "until", false, NULL);
        ignore->expired = rf_reading_flag(reading, node, "expired");
        tally->changes = rf_reading_count(reading, node, "changes");
        tally->instances = rf_reading_count(reading, node, "instances");
        tally->only = rf_reading_count(reading, node, "only");
    }
}

static void
read_skips(struct rf_reading *reading, struct rf_shard_audit *ret)
{
    size_t count;
    if (!has_list(reading, "skips")) {
        return;
    }
    uint32_t node = rf_reading_objects(reading, 0, "skips", &count);
    ret->skips = rf_calloc(count + 1, sizeof(*ret->skips));
    for (; count > 0; count--, node = rf_reading_next(reading, node)) {
        struct rf_skip_audit *skip = &ret->skips[ret->skip_count++];
        skip->aggregate = rf_reading_text(reading, node, "aggregate", true, NULL);
        skip->type = rf_reading_text(reading, node, "type", true, NULL);
        skip->reason = rf_reading_text(reading, node, "reason", true, NULL);
        skip->occurs = rf_reading_flag(reading, node, "occurs");
    }
}

void
rf_reading_audit(struct rf_reading *reading, uint32_t shard, struct rf_shard_audit *ret,
                 struct rf_notes *notes)
{
    *ret = (struct rf_shard_audit){0};
    read_known(reading, ret);
    read_ignores(reading, ret, notes);
    read_skips(reading, ret);
    ret->today = rf_reading_text(reading, 0, "today", false, NULL);
    ret->narrowed = rf_reading_flag(reading, shard, "narrowed");
}

/* ---- putting together ------------------------------------------------------------------------ */

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_entries(const struct rf_known_damage *a, const struct rf_known_damage *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        same = strcmp(a->items[i].identity, b->items[i].identity) == 0 &&
               strcmp(a->items[i].reason, b->items[i].reason) == 0 &&
               same_text(a->items[i].until, b->items[i].until) &&
               a->items[i].count == b->items[i].count && a->items[i].expired == b->items[i].expired;
    }
    return same;
}

bool
rf_shard_audits_alike(const struct rf_shard_audit *a, const struct rf_shard_audit *b)
{
    return a->ignore_count == b->ignore_count && a->skip_count == b->skip_count &&
           same_entries(a->known, b->known);
}

void
rf_shard_audit_add(struct rf_shard_audit *audit, const struct rf_shard_audit *more)
{
    for (size_t i = 0; audit->known != NULL && i < audit->known->count; i++) {
        struct rf_known_entry *entry = &audit->known->items[i];
        const struct rf_known_entry *other = &more->known->items[i];
        bool seen = entry->state != RF_KNOWN_UNSEEN || other->state != RF_KNOWN_UNSEEN;
        entry->met += entry->object == NULL ? other->met : 0;
        entry->state = rf_known_judge_entry(entry, seen);
    }
    for (size_t i = 0; i < audit->skip_count; i++) {
        audit->skips[i].occurs = audit->skips[i].occurs || more->skips[i].occurs;
    }
}

/* SPDX-License-Identifier: MIT */
/* What ingest found in one object, besides its events. */
#include "history/facts.h"

#include <string.h>

#include "base/alloc.h"
#include "history/identity.h"

void
rf_facts_done(struct rf_facts *facts)
{
    rf_damages_done(&facts->damages);
    free(facts->sha256);
    memset(facts, 0, sizeof(*facts));
}

/** Of damages of objects: they have no aggregate, id or version. */
static struct rf_damage
copy_damage(const struct rf_damage *damage, const char *name)
{
    return (struct rf_damage){
        .kind = damage->kind,
        .object = rf_strdup(name),
        .has_offset = damage->has_offset,
        .offset = damage->offset,
        .part = damage->part,
        .place = damage->place == NULL ? NULL : rf_strdup(damage->place),
        .bytes = damage->bytes,
        .message = damage->message == NULL ? NULL : rf_strdup(damage->message),
    };
}

void
rf_facts_copy(const struct rf_facts *facts, const char *name, struct rf_facts *ret)
{
    *ret = *facts;
    ret->sha256 = facts->sha256 == NULL ? NULL : rf_strdup(facts->sha256);
    memset(&ret->damages, 0, sizeof(ret->damages));
    for (size_t i = 0; i < facts->damages.count; i++) {
        rf_damages_add(&ret->damages, copy_damage(&facts->damages.items[i], name));
    }
    /* There may have been more than are kept. */
    memcpy(ret->damages.totals, facts->damages.totals, sizeof(ret->damages.totals));
}

static void
put_counts(const struct rf_decode_counts *counts, struct rf_buf *out)
{
    rf_wire_put_number(out, counts->stored_bytes);
    rf_wire_put_number(out, counts->bytes);
    rf_wire_put_number(out, counts->members);
    rf_wire_put_number(out, counts->checked);
    rf_wire_put_number(out, counts->unchecked);
    rf_wire_put_number(out, counts->records);
    rf_wire_put_number(out, counts->expanded);
    rf_wire_put_number(out, counts->events);
    rf_wire_put_number(out, counts->malformed);
    rf_wire_put_number(out, counts->empty);
    rf_wire_put_number(out, counts->repeated_keys);
    for (size_t i = 0; i < RF_ENVELOPE_COUNT_; i++) {
        rf_wire_put_number(out, counts->envelopes[i]);
    }
    rf_wire_put_number(out, counts->pointed);
    for (size_t i = 0; i < RF_PART_COUNT_; i++) {
        rf_wire_put_number(out, counts->lacking[i]);
    }
    for (size_t i = 0; i < RF_ENVELOPE_COUNT_; i++) {
        rf_wire_put_number(out, counts->laden[i]);
        rf_wire_put_number(out, counts->bare[i]);
        rf_wire_put_number(out, counts->texts[i]);
    }
}

static void
take_counts(struct rf_wire *wire, struct rf_decode_counts *counts)
{
    counts->stored_bytes = rf_wire_number(wire);
    counts->bytes = rf_wire_number(wire);
    counts->members = rf_wire_number(wire);
    counts->checked = rf_wire_number(wire);
    counts->unchecked = rf_wire_number(wire);
    counts->records = rf_wire_number(wire);
    counts->expanded = rf_wire_number(wire);
    counts->events = rf_wire_number(wire);
    counts->malformed = rf_wire_number(wire);
    counts->empty = rf_wire_number(wire);
    counts->repeated_keys = rf_wire_number(wire);
    for (size_t i = 0; i < RF_ENVELOPE_COUNT_; i++) {
        counts->envelopes[i] = rf_wire_number(wire);
    }
    counts->pointed = rf_wire_number(wire);
    for (size_t i = 0; i < RF_PART_COUNT_; i++) {
        counts->lacking[i] = rf_wire_number(wire);
    }
    for (size_t i = 0; i < RF_ENVELOPE_COUNT_; i++) {
        counts->laden[i] = rf_wire_number(wire);
        counts->bare[i] = rf_wire_number(wire);
        counts->texts[i] = rf_wire_number(wire);
    }
}

static void
put_damages(const struct rf_damages *damages, struct rf_buf *out)
{
    for (size_t i = 0; i < RF_DAMAGE_COUNT_; i++) {
        rf_wire_put_number(out, damages->totals[i]);
    }
    rf_wire_put_number(out, damages->count);
    for (size_t i = 0; i < damages->count; i++) {
        const struct rf_damage *damage = &damages->items[i];
        rf_wire_put_number(out, damage->kind);
        rf_wire_put_number(out, damage->has_offset);
        rf_wire_put_number(out, damage->offset);
        rf_wire_put_number(out, damage->part);
        rf_wire_put_text(out, damage->place, damage->place == NULL ? 0 : strlen(damage->place));
        rf_wire_put_number(out, damage->bytes);
        rf_wire_put_text(out, damage->message,
                         damage->message == NULL ? 0 : strlen(damage->message));
    }
}

static void
take_damages(struct rf_wire *wire, struct rf_damages *damages)
{
    uint64_t totals[RF_DAMAGE_COUNT_];
    for (size_t i = 0; i < RF_DAMAGE_COUNT_; i++) {
        totals[i] = rf_wire_number(wire);
    }
    size_t count = rf_wire_count(wire, (size_t)7 * 8);
    for (size_t i = 0; i < count && !wire->broken; i++) {
        struct rf_damage damage = {0};
        damage.kind = (enum rf_damage_kind)rf_wire_number_below(wire, RF_DAMAGE_COUNT_);
        damage.has_offset = rf_wire_flag(wire);
        damage.offset = rf_wire_number(wire);
        damage.part = (uint32_t)rf_wire_number_below(wire, UINT64_C(1) << 32);
        damage.place = rf_wire_text(wire, NULL);
        damage.bytes = rf_wire_number(wire);
        damage.message = rf_wire_text(wire, NULL);
        wire->broken = wire->broken || (damage.place != NULL && !rf_identity_is_part(damage.place));
        rf_damages_add(damages, damage);
    }
    for (size_t i = 0; i < RF_DAMAGE_COUNT_; i++) {
        wire->broken = wire->broken || totals[i] < damages->totals[i];
    }
    memcpy(damages->totals, totals, sizeof(totals));
}

static void
put_time(struct rf_time time, struct rf_buf *out)
{
    rf_wire_put_number(out, (uint64_t)time.seconds);
    rf_wire_put_number(out, (uint64_t)time.nanos);
}

static struct rf_time
take_time(struct rf_wire *wire)
{
    struct rf_time time = {.seconds = (int64_t)rf_wire_number(wire)};
    time.nanos = (int32_t)rf_wire_number_below(wire, 1000000000);
    return time;
}

void
rf_facts_put(const struct rf_facts *facts, struct rf_buf *out)
{
    rf_wire_put_number(out, facts->fate);
    put_counts(&facts->counts, out);
    rf_wire_put_number(out, facts->events);
    rf_wire_put_number(out, facts->odd_md5);
    rf_wire_put_number(out, facts->has_first);
    put_time(facts->first, out);
    put_time(facts->last, out);
    rf_wire_put_number(out, facts->seen.sum);
    rf_wire_put_number(out, facts->seen.mixed);
    rf_wire_put_number(out, facts->seen.count);
    put_damages(&facts->damages, out);
}

void
rf_facts_take(struct rf_wire *wire, struct rf_facts *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->fate = (enum rf_object_fate)rf_wire_number_below(wire, RF_FATE_FOREIGN + 1);
    take_counts(wire, &ret->counts);
    ret->events = rf_wire_number(wire);
    ret->odd_md5 = rf_wire_flag(wire);
    ret->has_first = rf_wire_flag(wire);
    ret->first = take_time(wire);
    ret->last = take_time(wire);
    ret->seen.sum = rf_wire_number(wire);
    ret->seen.mixed = rf_wire_number(wire);
    ret->seen.count = rf_wire_number(wire);
    take_damages(wire, &ret->damages);
    if (ret->seen.count != ret->events || (ret->fate == RF_FATE_FOREIGN && ret->events > 0)) {
        wire->broken = true;
    }
}

/* SPDX-License-Identifier: MIT */
/* What contradicts itself in one instance, as damage: gaps, conflicts, malformed events. */
#include "history/flaw.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "history/identity.h"

static const char *
object_name(const struct rf_flaws *flaws, const struct rf_packed_event *event)
{
    return flaws->objects->items[event->object].name;
}

static struct rf_damage
instance_damage(const struct rf_instance *instance, enum rf_damage_kind kind, int64_t version)
{
    return (struct rf_damage){
        .kind = kind,
        .aggregate = instance->aggregate_name_bytes == 0
                         ? NULL /* it stands under none, and none is loaded */
                         : rf_strndup(instance->aggregate_name, instance->aggregate_name_bytes),
        .id = rf_strndup(instance->id, instance->id_bytes),
        .id_bytes = instance->id_bytes,
        .has_version = true,
        .version = version,
    };
}

/** What all identities of an instance's damage have. */
static struct rf_identity
instance_identity(const struct rf_damage *damage)
{
    return (struct rf_identity){
        .kind = damage->kind,
        .aggregate = damage->aggregate,
        .id = damage->id,
        .id_bytes = damage->id_bytes,
        .version = {damage->has_version, damage->version},
    };
}

/** Sees whether it is known, and takes it over. */
static void
add_damage(const struct rf_flaws *flaws, struct rf_damage damage,
           const struct rf_identity *identity)
{
    if (flaws->known != NULL && identity != NULL) {
        damage.identity = rf_identity_text(identity);
        rf_known_judge(flaws->known, &damage);
    }
    rf_damages_add(flaws->damages, damage);
}

static void
place_damage(const struct rf_flaws *flaws, struct rf_damage *damage,
             const struct rf_packed_event *event)
{
    damage->object = rf_strdup(object_name(flaws, event));
    damage->has_offset = true;
    damage->offset = event->offset;
}

void
rf_flaw_malformed(const struct rf_flaws *flaws, const struct rf_instance *instance,
                  const struct rf_entry *entry, char *message)
{
    struct rf_damage damage = instance_damage(instance, RF_DAMAGE_MALFORMED, entry->event->version);
    damage.has_version = (entry->flags & RF_EVENT_VERSION) != 0;
    damage.message = message;
    place_damage(flaws, &damage, entry->event);
    char event[RF_SHA256_HEX_BYTES];
    struct rf_identity identity = instance_identity(&damage);
    identity.event = event;
    bool told = flaws->known != NULL && rf_event_sha256(flaws->comparer, entry->event, event);
    add_damage(flaws, damage, told ? &identity : NULL);
}

void
rf_flaw_conflict(const struct rf_flaws *flaws, const struct rf_instance *instance,
                 const struct rf_entry *kept, const struct rf_entry *other, enum rf_unlike unlike)
{
    static const char *const what[] = {
        [RF_UNLIKE_NOTHING] = "nothing",
        [RF_UNLIKE_TYPE] = "another type",
        [RF_UNLIKE_TIME] = "another time",
        [RF_UNLIKE_DATA] = "other data",
    };
    struct rf_damage damage = instance_damage(instance, RF_DAMAGE_CONFLICT, kept->version);
    damage.message =
        rf_format("version %" PRId64 " has %s than %s:%" PRIu64 ", which is %s", kept->version,
                  what[unlike], object_name(flaws, kept->event), kept->event->offset, flaws->kept);
    place_damage(flaws, &damage, other->event);
    char folded[RF_SHA256_HEX_BYTES];
    char dropped[RF_SHA256_HEX_BYTES];
    struct rf_identity identity = instance_identity(&damage);
    identity.folded = folded;
    identity.dropped = dropped;
    bool told = flaws->known != NULL && rf_event_sha256(flaws->comparer, kept->event, folded) &&
                rf_event_sha256(flaws->comparer, other->event, dropped);
    add_damage(flaws, damage, told ? &identity : NULL);
}

void
rf_flaw_gap(const struct rf_flaws *flaws, const struct rf_instance *instance, bool front,
            int64_t missing, int64_t next)
{
    struct rf_damage damage = instance_damage(instance, RF_DAMAGE_GAP, missing);
    char *behind = front ? rf_format("the history begins with %" PRId64, next)
                         : rf_format("%" PRId64 " is followed by %" PRId64, missing - 1, next);
    damage.message = missing == next - 1
                         ? rf_format("version %" PRId64 " is missing (%s)", missing, behind)
                         : rf_format("versions %" PRId64 " to %" PRId64 " are missing (%s)",
                                     missing, next - 1, behind);
    free(behind);
    struct rf_identity identity = instance_identity(&damage);
    identity.to = (struct rf_identity_number){true, next - 1};
    add_damage(flaws, damage, &identity);
}

void
rf_flaw_covered(const struct rf_flaws *flaws, const struct rf_instance *instance, uint64_t found,
                bool none)
{
    int64_t covered = instance->start->covered;
    struct rf_damage damage =
        instance_damage(instance, none ? RF_DAMAGE_CUT_SHORT : RF_DAMAGE_CONFLICT, covered);
    damage.message =
        none ? rf_format("no event up to version %" PRId64
                         " is there, of which the snapshot was made; of a history that begins "
                         "later --since tells where",
                         covered)
             : rf_format("the events up to version %" PRId64
                         " are not those that the snapshot was made of",
                         covered);
    char snapshot_hex[RF_HASH_HEX_BYTES];
    char found_hex[RF_HASH_HEX_BYTES];
    struct rf_identity identity = instance_identity(&damage);
    identity.snapshot = rf_hash_hex(instance->start->digest, snapshot_hex);
    identity.found = none ? NULL : rf_hash_hex(found, found_hex);
    add_damage(flaws, damage, &identity);
}

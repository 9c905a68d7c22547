/* SPDX-License-Identifier: MIT */
/* What contradicts itself in one instance, as damage: gaps, conflicts, malformed events. */
#include "history/flaw.h"

#include <inttypes.h>

#include "base/alloc.h"

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
    rf_damages_add(flaws->damages, damage);
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
    rf_damages_add(flaws->damages, damage);
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
    rf_damages_add(flaws->damages, damage);
}

void
rf_flaw_covered(const struct rf_flaws *flaws, const struct rf_instance *instance, bool none)
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
    rf_damages_add(flaws->damages, damage);
}

/* SPDX-License-Identifier: MIT */
/* When events came: their times against those of the folders that they lie in. */
#include "look/arrivals.h"

#define SECONDS_PER_HOUR 3600
#define HOURS_PER_DAY    24

struct rf_folder_time
rf_folder_time(const struct rf_calendar *calendar, const struct rf_object *object)
{
    enum rf_grain grain = calendar->grain;
    bool fine = grain == RF_GRAIN_HOUR || grain == RF_GRAIN_DAY;
    if (!fine || object->hour.grain < grain) {
        return (struct rf_folder_time){0};
    }
    int64_t begin = rf_calendar_floor(grain, object->hour.hour);
    struct rf_folder_time folder = {
        .told = true, .begin = begin, .end = rf_calendar_next(grain, begin)};
    const struct rf_calendar_slot *slots = calendar->slots;
    const struct rf_calendar_slot *slot = rf_calendar_find(calendar, begin);
    size_t last = calendar->slot_count - 1;
    if (slot != NULL && slot < slots + last) {
        folder.end = slot[1].hour;
    } else if (slot != NULL && last > 0) { /* as long as the one before it, for all one knows */
        folder.end = slot->hour + (slot->hour - slot[-1].hour);
    }
    return folder;
}

void
rf_arrivals_add(struct rf_arrivals *arrivals, const struct rf_folder_time *folder, uint32_t object,
                const struct rf_packed_event *event)
{
    if (!folder->told || (event->flags & RF_EVENT_AT) == 0) {
        return;
    }
    int64_t at = event->at_seconds;
    int64_t hour = at / SECONDS_PER_HOUR - (at % SECONDS_PER_HOUR < 0);
    int64_t offset = hour >= folder->end    ? folder->end - 1 - hour
                     : hour < folder->begin ? folder->begin - hour
                                            : 0;
    offset = offset > RF_CHECKUP_HOURS ? RF_CHECKUP_HOURS : offset;
    offset = offset < -RF_CHECKUP_HOURS ? -RF_CHECKUP_HOURS : offset;
    int64_t behind = folder->begin * SECONDS_PER_HOUR - at;
    arrivals->timed++;
    arrivals->offsets[offset + RF_CHECKUP_HOURS]++;
    if (at >= (folder->end + 1) * SECONDS_PER_HOUR) {
        bool first = arrivals->early++ == 0;
        arrivals->early_object =
            first || object < arrivals->early_object ? object : arrivals->early_object;
    } else if (behind > SECONDS_PER_HOUR) {
        bool very = behind > HOURS_PER_DAY * SECONDS_PER_HOUR;
        arrivals->late += !very;
        arrivals->very_late += very;
        if (behind > arrivals->latest ||
            (behind == arrivals->latest && object < arrivals->latest_object)) {
            arrivals->latest = behind;
            arrivals->latest_object = object;
        }
    }
}

void
rf_arrivals_join(struct rf_arrivals *arrivals, const struct rf_arrivals *other)
{
    if (other->early > 0 &&
        (arrivals->early == 0 || other->early_object < arrivals->early_object)) {
        arrivals->early_object = other->early_object;
    }
    if (other->latest > arrivals->latest ||
        (other->latest == arrivals->latest && other->latest_object < arrivals->latest_object)) {
        arrivals->latest = other->latest;
        arrivals->latest_object = other->latest_object;
    }
    arrivals->timed += other->timed;
    arrivals->late += other->late;
    arrivals->very_late += other->very_late;
    arrivals->early += other->early;
    for (size_t i = 0; i < sizeof(arrivals->offsets) / sizeof(arrivals->offsets[0]); i++) {
        arrivals->offsets[i] += other->offsets[i];
    }
}

int
rf_arrivals_zone(const struct rf_arrivals *arrivals)
{
    for (int hours = -RF_CHECKUP_HOURS; hours <= RF_CHECKUP_HOURS; hours++) {
        uint64_t events = arrivals->offsets[hours + RF_CHECKUP_HOURS];
        bool shifted = hours < 0 || hours > 1;
        if (shifted && hours > -RF_CHECKUP_HOURS && hours < RF_CHECKUP_HOURS &&
            events > arrivals->timed / 2) {
            return hours;
        }
    }
    return 0;
}

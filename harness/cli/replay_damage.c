/* SPDX-License-Identifier: MIT */
/* Damage, told on standard error: of verbs that give no report. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "cli/replay.h"
#include "cli/say.h"

/** So many are told of; a run tells of all. */
#define DAMAGES_SHOWN 5

static void
say_damage(const struct rf_damage *damage)
{
    struct rf_buf text = {0};
    rf_buf_string(&text, rf_damage_name(damage->kind));
    if (damage->object != NULL) {
        rf_buf_format(&text, ": %s", damage->object);
    } else if (damage->id != NULL) {
        rf_buf_string(&text, ": ");
        rf_buf_add_name(&text, damage->id, damage->id_bytes);
    }
    if (damage->has_offset) {
        rf_buf_format(&text, ", %s %" PRIu64, damage->kind == RF_DAMAGE_GOLDEN ? "line" : "byte",
                      damage->offset);
    }
    rf_buf_format(&text, ": %s", damage->message);
    rf_say(rf_buf_text(&text));
    rf_buf_done(&text);
}

void
rf_replay_say_damages(struct rf_replay *replay)
{
    uint64_t total = 0;
    rf_damages_sort(&replay->damages);
    for (size_t i = 0; i < RF_DAMAGE_COUNT_; i++) {
        total += replay->damages.totals[i];
    }
    size_t shown = replay->damages.count < DAMAGES_SHOWN ? replay->damages.count : DAMAGES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        say_damage(&replay->damages.items[i]);
    }
    if (total > shown) {
        char *text = rf_format("… and %" PRIu64 " more", total - shown);
        rf_say(text);
        free(text);
    }
    if (replay->envelope_hint != NULL) {
        rf_say(replay->envelope_hint);
    }
}

/* SPDX-License-Identifier: MIT */
/* The member "shard" of the JSON report; shard_read.c reads it. */
#include <string.h>

#include "base/limits.h"
#include "base/sha256.h"
#include "reports/json_list.h"
#include "reports/policy.h"

/** By kind; what is 0 is left out. */
static void
put_damages(struct list *list, const char *name, const uint64_t *totals, const uint64_t *less)
{
    name_item(list, name);
    struct list kinds = list_begin(list->out, '{', LEAD_NONE);
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        uint64_t count = totals[kind] - (less == NULL ? 0 : less[kind]);
        if (count > 0) {
            put_count(&kinds, rf_damage_name((enum rf_damage_kind)kind), count);
        }
    }
    list_end(&kinds, '}', LEAD_NONE);
}

static void
put_policy(struct list *list, const struct rf_report *report)
{
    name_item(list, "policy");
    struct list policies = list_begin(list->out, '{', LEAD_NONE);
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        put_text(&policies, rf_damage_name((enum rf_damage_kind)kind),
                 rf_policy_name(report->damage_policies[kind]));
    }
    put_text(&policies, "unblessed", rf_policy_name(report->shard.unblessed));
    put_text(&policies, "unclaimed", rf_policy_name(report->shard.unclaimed));
    list_end(&policies, '}', LEAD_NONE);
}

/** What was loaded of each build. A source's own bytes do not tell what its headers and compiler
 * made of it. */
static void
put_loaded(struct list *list, const struct rf_report *report)
{
    name_item(list, "loaded");
    struct list digests = list_begin(list->out, '[', LEAD_NONE);
    for (size_t i = 0; i < report->build_count; i++) {
        const char *digest = report->builds[i]->file_sha256;
        next_item(&digests);
        rf_escape_json(digests.out, digest, strlen(digest));
    }
    list_end(&digests, ']', LEAD_NONE);
}

static void
put_absent(struct list *list, const struct rf_absent_ids *absent)
{
    name_item(list, "absent");
    struct list entry = list_begin(list->out, '{', LEAD_NONE);
    put_count(&entry, "count", absent->count);
    name_item(&entry, "ids");
    struct list ids = list_begin(entry.out, '[', LEAD_NONE);
    for (size_t i = 0; i < absent->count && i < RF_ABSENT_SHOWN; i++) {
        next_item(&ids);
        rf_escape_json(ids.out, absent->ids[i], absent->bytes[i]);
    }
    list_end(&ids, ']', LEAD_NONE);
    put_flag(&entry, "until", absent->until);
    list_end(&entry, '}', LEAD_NONE);
}

static void
put_commands(struct list *list, const struct rf_report *report)
{
    name_item(list, "commands");
    struct list commands = list_begin(list->out, '{', LEAD_NONE);
    put_text(&commands, "again", report->shard.again);
    put_text(&commands, "run", report->again_run);
    put_text(&commands, "bless", report->again_bless);
    put_text(&commands, "show", report->again_show);
    put_text(&commands, "review", report->again_review);
    put_text(&commands, "types", report->again_types);
    list_end(&commands, '}', LEAD_NONE);
}

/** Of all that was written so far: a report that is carried about must not lose a bit. */
static void
put_digest(struct list *list)
{
    char hex[RF_SHA256_HEX_BYTES];
    rf_sha256_make(list->out->bytes, list->out->used, hex);
    put_text(list, "digest", hex);
}

void
rf_json_shard(struct list *top, const struct rf_report *report)
{
    const struct rf_report_shard *shard = &report->shard;
    if (shard->place.n == 0) {
        return;
    }
    uint64_t refused = 0;
    for (size_t i = 0; i < report->findings->tally_count; i++) {
        refused += report->findings->tallies[i].refused;
    }
    name_item(top, "shard");
    struct list entry = list_begin(top->out, '{', LEAD_INNER);
    put_count(&entry, "k", shard->place.k);
    put_count(&entry, "n", shard->place.n);
    put_count(&entry, "decoded", shard->decoded);
    put_count(&entry, "listed", rf_limits.listed);
    rf_json_multiset(&entry, "objects", &shard->objects);
    put_loaded(&entry, report);
    put_text(&entry, "config", shard->config);
    rf_json_hex(&entry, "ids", shard->ids);
    put_text(&entry, "options", shard->options);
    put_flag(&entry, "no_compare", report->flags.no_compare);
    put_policy(&entry, report);
    put_damages(&entry, "damage_of_all", shard->damages, NULL);
    put_damages(&entry, "damage_of_own", report->damages->totals, shard->damages);
    put_damages(&entry, "known_of_all", shard->known, NULL);
    put_damages(&entry, "known_of_own", report->damages->known, shard->known);
    put_flag(&entry, "narrowed", report->narrowed);
    put_count(&entry, "golden_elsewhere", report->findings->elsewhere);
    put_count(&entry, "refused", refused);
    put_count(&entry, "untold", report->gathered->untold);
    put_absent(&entry, &shard->absent);
    put_count(&entry, "warnings_of_all", shard->warnings);
    if (report->envelope_hint != NULL) {
        put_text(&entry, "envelope_hint", report->envelope_hint);
    }
    put_commands(&entry, report);
    put_digest(&entry);
    list_end(&entry, '}', LEAD_TOP);
}
